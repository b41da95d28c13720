//! The books: accounts, the table of postings, lots.

words! {
    /// Account kind.
    AccountKind {
        Bank = "bank",
        StripeClearing = "stripe_clearing",
        FundAvailable = "fund_available",
        AwardCommitted = "award_committed",
        AwardPayable = "award_payable",
        MatchPool = "match_pool",
        SuspenseReceipts = "suspense_receipts",
        OperatingReserve = "operating_reserve",
        ProcessorFees = "processor_fees",
        BankFees = "bank_fees",
        DisputeFees = "dispute_fees",
        DisputeLoss = "dispute_loss",
        FeeRecovery = "fee_recovery",
        FxPosition = "fx_position",
        PledgeReceivable = "pledge_receivable",
        PledgeControl = "pledge_control",
        InKindReceived = "in_kind_received",
        InKindControl = "in_kind_control",
    }
    /// Side.
    Side {
        Debit = "D",
        Credit = "C",
    }
    /// Phase.
    Phase {
        Single = "single",
        Pending = "pending",
        Post = "post",
        Void = "void",
    }
    /// Rows of the table of postings.
    Recipe {
        Capital = "capital",
        PoolFunded = "pool_funded",
        PoolReturned = "pool_returned",
        Pledge = "pledge",
        PledgeEnded = "pledge_ended",
        BankReceipt = "bank_receipt",
        SuspenseMatched = "suspense_matched",
        SuspenseReturned = "suspense_returned",
        GiftRefundHeld = "gift_refund_held",
        GiftRefundPosted = "gift_refund_posted",
        GiftRefundVoid = "gift_refund_void",
        CardPaid = "card_paid",
        ProcessorFee = "processor_fee",
        ProcessorPayout = "processor_payout",
        PayoutFailed = "payout_failed",
        CardRefundHeld = "card_refund_held",
        CardRefundPosted = "card_refund_posted",
        CardRefundVoid = "card_refund_void",
        CardRefundReturned = "card_refund_returned",
        DisputeWithdrawn = "dispute_withdrawn",
        DisputeReinstated = "dispute_reinstated",
        DisputeFee = "dispute_fee",
        Match = "match",
        MatchReversed = "match_reversed",
        Reserved = "reserved",
        Released = "released",
        TrancheDue = "tranche_due",
        TrancheReduced = "tranche_reduced",
        PaymentSent = "payment_sent",
        PaymentPosted = "payment_posted",
        PaymentVoid = "payment_void",
        PaymentReturned = "payment_returned",
        PaymentPartReturned = "payment_part_returned",
        ManagementFee = "management_fee",
        AwardClosed = "award_closed",
        GranteeReturned = "grantee_returned",
        FundMoved = "fund_moved",
        SeedFund = "seed_fund",
        InKind = "in_kind",
        InKindUsed = "in_kind_used",
        BankFee = "bank_fee",
        Correction = "correction",
    }
    /// How long a total counts.
    Span {
        Day = "day",
        Month = "month",
    }
    /// Lot move kind.
    LotMoveKind {
        Allocate = "allocate",
        Consume = "consume",
        Release = "release",
        Reopen = "reopen",
        Refund = "refund",
        RefundVoid = "refund_void",
        Fee = "fee",
    }
}
