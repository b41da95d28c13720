//! Committees of funds: seats, motions and ballots; and the heads of a fund's budget.

words! {
    /// Part in a committee.
    SeatPart {
        Chair = "chair",
        Member = "member",
        Supervisor = "supervisor",
    }
    /// Stages of a motion.
    MotionStage {
        Open = "open",
        Passed = "passed",
        Rejected = "rejected",
        Lapsed = "lapsed",
        Withdrawn = "withdrawn",
    }
    /// How a seat voted.
    Ballot {
        Waiting = "waiting",
        For = "for",
        Against = "against",
        Abstain = "abstain",
        Recused = "recused",
    }
    /// Heads of a fund's budget: what comes in, then what goes out.
    BudgetHead {
        Gifts = "gifts",
        Matching = "matching",
        Grants = "grants",
        SeedFunds = "seed_funds",
        Fee = "fee",
    }
}
