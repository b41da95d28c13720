//! From the call to the decision: calls, applications, reviews, decisions.

words! {
    /// Stages of a programme.
    ProgrammeStage {
        Draft = "draft",
        Running = "running",
        Ended = "ended",
    }
    /// Call kind.
    CallKind {
        Venture = "venture",
        Micro = "micro",
        Open = "open",
        Enterprise = "enterprise",
        Formula = "formula",
    }
    /// Stages of a call.
    CallStage {
        Draft = "draft",
        Scheduled = "scheduled",
        Open = "open",
        Closed = "closed",
        InReview = "in_review",
        Decided = "decided",
        Archived = "archived",
        Cancelled = "cancelled",
    }
    /// Scoring method.
    ScoringMethod {
        Mean = "mean",
        TrimmedMean = "trimmed-mean",
        Median = "median",
        ReviewerAdjusted = "reviewer-adjusted",
    }
    /// Stages of an application.
    ApplicationStage {
        Draft = "draft",
        AwaitingSignOff = "awaiting_sign_off",
        Submitted = "submitted",
        InformationRequested = "information_requested",
        Eligible = "eligible",
        Ineligible = "ineligible",
        UnderReview = "under_review",
        Recommended = "recommended",
        Reserve = "reserve",
        NotRecommended = "not_recommended",
        Approved = "approved",
        Reserved = "reserved",
        Declined = "declined",
        Withdrawn = "withdrawn",
        Lapsed = "lapsed",
    }
    /// Budget source.
    BudgetSource {
        Grant = "grant",
        SelfRaised = "self_raised",
        Partner = "partner",
        Fiscal = "fiscal",
    }
    /// Appeal against.
    AppealAgainst {
        Screening = "screening",
        Decision = "decision",
    }
    /// Stages of an appeal.
    AppealStage {
        Filed = "filed",
        Upheld = "upheld",
        Dismissed = "dismissed",
    }
    /// Stages of a review.
    ReviewStage {
        Invited = "invited",
        Accepted = "accepted",
        Declined = "declined",
        Recused = "recused",
        InProgress = "in_progress",
        Submitted = "submitted",
        Reopened = "reopened",
    }
    /// Conflict ground.
    ConflictGround {
        Declared = "declared",
        Employer = "employer",
        Owner = "owner",
        Donor = "donor",
        Host = "host",
        CoApplicant = "co_applicant",
        Related = "related",
        Member = "member",
    }
    /// Stages of a batch.
    BatchStage {
        Draft = "draft",
        Submitted = "submitted",
        Approved = "approved",
        Decided = "decided",
    }
    /// Stages of an item.
    ItemStage {
        Drafted = "drafted",
        Noticed = "noticed",
        Held = "held",
        Released = "released",
        Final = "final",
    }
    /// Outcome.
    Outcome {
        Approved = "approved",
        Reserved = "reserved",
        Declined = "declined",
    }
    /// Stages of an objection.
    ObjectionStage {
        Filed = "filed",
        Escalated = "escalated",
        Upheld = "upheld",
        UpheldInPart = "upheld_in_part",
        Dismissed = "dismissed",
    }
}
