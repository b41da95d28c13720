//! What grants are given from: needs, funds and gifts.

words! {
    /// Stages of a need.
    NeedStage {
        Proposed = "proposed",
        Listed = "listed",
        Merged = "merged",
        Declined = "declined",
        Adopted = "adopted",
        Met = "met",
        Archived = "archived",
    }
    /// Stages of a consent.
    ConsentStage {
        Asked = "asked",
        Given = "given",
        Refused = "refused",
        Withdrawn = "withdrawn",
    }
    /// Part kind.
    PartKind {
        Money = "money",
        Material = "material",
        Labour = "labour",
        Permission = "permission",
    }
    /// Fund kind.
    FundKind {
        Micro = "micro",
        Special = "special",
        Programme = "programme",
        Joint = "joint",
    }
    /// Stages of a fund.
    FundStage {
        Draft = "draft",
        Submitted = "submitted",
        Approved = "approved",
        Declined = "declined",
        Active = "active",
        Closing = "closing",
        Closed = "closed",
        Merged = "merged",
    }
    /// Fundraising mode.
    FundraisingMode {
        Targeted = "targeted",
        Public = "public",
        None = "none",
    }
    /// Spending type.
    SpendingType {
        Expendable = "expendable",
        Endowed = "endowed",
    }
    /// Stages of a match pool.
    MatchPoolStage {
        Proposed = "proposed",
        Open = "open",
        Closed = "closed",
    }
    /// Gift kind.
    GiftKind {
        Bank = "bank",
        Online = "online",
        InKind = "in_kind",
        Platform = "platform",
        Match = "match",
    }
    /// Stages of a gift.
    GiftStage {
        Pledged = "pledged",
        Processing = "processing",
        Received = "received",
        Refunded = "refunded",
        Failed = "failed",
        Expired = "expired",
        Cancelled = "cancelled",
        Lapsed = "lapsed",
        Disputed = "disputed",
        Lost = "lost",
        Offered = "offered",
        Accepted = "accepted",
        Used = "used",
    }
    /// Anonymity.
    Anonymity {
        Named = "named",
        Withheld = "withheld",
        Anonymous = "anonymous",
    }
    /// Stages of an import.
    ImportStage {
        Proposed = "proposed",
        Applied = "applied",
        Declined = "declined",
    }
    /// What a pledge for a time promises.
    PlanKind {
        Instalments = "instalments",
        Profit = "profit",
    }
    /// Stages of a pledge for a time.
    PlanStage {
        Active = "active",
        Cancelled = "cancelled",
    }
    /// Stages of an instalment.
    InstalmentStage {
        Promised = "promised",
        Cancelled = "cancelled",
        Lapsed = "lapsed",
    }
}
