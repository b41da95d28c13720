//! Words of bids beside their text, and of the rolls of organisations and experts.

words! {
    /// As what another organisation stands in a bid.
    SideRole {
        Host = "host",
        Partner = "partner",
    }
    /// Stages of another organisation's part in a bid.
    SideStage {
        Asked = "asked",
        Accepted = "accepted",
        Refused = "refused",
        Dropped = "dropped",
    }
    /// What a roll lists.
    RollKind {
        Organisations = "organisations",
        Experts = "experts",
    }
}
