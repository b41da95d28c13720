//! What became of a decision: awards, tranches, reports and their evaluations.

words! {
    /// Award kind.
    AwardKind {
        Project = "project",
        SeedFund = "seed_fund",
    }
    /// Stages of an award.
    AwardStage {
        Offered = "offered",
        Accepted = "accepted",
        Active = "active",
        Suspended = "suspended",
        Closing = "closing",
        Closed = "closed",
        DeclinedByGrantee = "declined_by_grantee",
        OfferExpired = "offer_expired",
        Terminated = "terminated",
    }
    /// Change kind.
    ChangeKind {
        BudgetShift = "budget_shift",
        Extension = "extension",
        Scope = "scope",
        Purpose = "purpose",
    }
    /// Stages of a change.
    ChangeStage {
        Requested = "requested",
        InReview = "in_review",
        Approved = "approved",
        Declined = "declined",
        Applied = "applied",
    }
    /// Stages of a tranche.
    TrancheStage {
        Planned = "planned",
        Due = "due",
        Requested = "requested",
        ProgrammeApproved = "programme_approved",
        FinancePrepared = "finance_prepared",
        FinanceApproved = "finance_approved",
        Batched = "batched",
        Sent = "sent",
        Failed = "failed",
        Paid = "paid",
        Returned = "returned",
        Cancelled = "cancelled",
    }
    /// Payment outcome.
    PaymentOutcome {
        Paid = "paid",
        Failed = "failed",
        Returned = "returned",
        Rejected = "rejected",
    }
    /// Report kind.
    ReportKind {
        MidTerm = "mid_term",
        Final = "final",
        AdHoc = "ad_hoc",
    }
    /// Stages of a report.
    ReportStage {
        Scheduled = "scheduled",
        Open = "open",
        InProgress = "in_progress",
        AwaitingSignOff = "awaiting_sign_off",
        Submitted = "submitted",
        Accepted = "accepted",
        ChangesRequested = "changes_requested",
        Waived = "waived",
    }
    /// Evaluation kind.
    EvaluationKind {
        MidTerm = "mid_term",
        Final = "final",
    }
    /// Stages of an evaluation.
    EvaluationStage {
        Assigned = "assigned",
        Submitted = "submitted",
        Published = "published",
        Rectification = "rectification",
        ReEvaluation = "re_evaluation",
    }
}
