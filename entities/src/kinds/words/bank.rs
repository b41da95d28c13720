//! Statements of the bank and what their lines turned out to be.

words! {
    /// How a statement came.
    StatementFormat {
        Camt = "camt",
        Comma = "comma",
        CommaGb18030 = "comma_gb18030",
        Semicolon = "semicolon",
        ByHand = "by_hand",
    }
    /// Stages of a statement.
    StatementStage {
        Checked = "checked",
        Imported = "imported",
        Discarded = "discarded",
    }
    /// By what a statement is known to be of the account that it was uploaded for.
    KnownBy {
        Number = "number",
        Balance = "balance",
        Choice = "choice",
    }
    /// What a line of a statement turned out to be.
    MatchKind {
        Gift = "gift",
        Suspense = "suspense",
        Payment = "payment",
        Returned = "returned",
        Refund = "refund",
        BankFee = "bank_fee",
        Recorded = "recorded",
    }
}
