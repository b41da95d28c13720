//! What every room writes down: what changes, is held, proposed, documented or agreed on.

words! {
    /// Kinds of things that change, are held or proposed.
    Subject {
        Foundation = "foundation",
        Organisation = "organisation",
        Person = "person",
        RoleGrant = "role_grant",
        Membership = "membership",
        PayeeAccount = "payee_account",
        PrivacyRequest = "privacy_request",
        Policy = "policy",
        Need = "need",
        Fund = "fund",
        MatchPool = "match_pool",
        Motion = "motion",
        CouncilSeat = "council_seat",
        Poll = "poll",
        Gift = "gift",
        PledgePlan = "pledge_plan",
        Instalment = "instalment",
        Order = "order",
        CardRefund = "card_refund",
        Dispute = "dispute",
        ProcessorEvent = "processor_event",
        Payout = "payout",
        SettlementImport = "settlement_import",
        BankAccount = "bank_account",
        Statement = "statement",
        StatementLine = "statement_line",
        Programme = "programme",
        Call = "call",
        CallQuestion = "call_question",
        Application = "application",
        Appeal = "appeal",
        Review = "review",
        Pitch = "pitch",
        DecisionBatch = "decision_batch",
        DecisionItem = "decision_item",
        Objection = "objection",
        Award = "award",
        AgreementTerms = "agreement_terms",
        Tranche = "tranche",
        Payment = "payment",
        PaymentBatch = "payment_batch",
        ChangeRequest = "change_request",
        Report = "report",
        Evaluation = "evaluation",
        ResidueDecision = "residue_decision",
        Hold = "hold",
        Document = "document",
        Posting = "posting",
        Form = "form",
    }
    /// Two-person acts.
    ProposalKind {
        GiftReceipt = "gift_receipt",
        Settlement = "settlement",
        Agreement = "agreement",
        Closing = "closing",
        Merge = "merge",
        Rename = "rename",
        HoldLift = "hold_lift",
        Residue = "residue",
        Clawback = "clawback",
        AllowableCost = "allowable_cost",
        Refund = "refund",
        PurposeChange = "purpose_change",
        GrantRole = "grant_role",
        Pool = "pool",
        BankStatement = "bank_statement",
        LineMatch = "line_match",
        SuspenseReturn = "suspense_return",
        Repayment = "repayment",
        FactorReset = "factor_reset",
        Correction = "correction",
        PeriodClose = "period_close",
        FundBudget = "fund_budget",
        Ban = "ban",
    }
    /// Stages of a proposal.
    ProposalStage {
        Open = "open",
        Confirmed = "confirmed",
        Declined = "declined",
        Withdrawn = "withdrawn",
    }
    /// Hold kind.
    HoldKind {
        Officer = "officer",
        Supervisor = "supervisor",
        Objection = "objection",
        PayeeChange = "payee_change",
        Dispute = "dispute",
        Frozen = "frozen",
    }
    /// Stages of a policy.
    PolicyStage {
        Proposed = "proposed",
        Confirmed = "confirmed",
        Declined = "declined",
    }
    /// What a document proves.
    DocumentPurpose {
        Voucher = "voucher",
        Valuation = "valuation",
        PaymentRequest = "payment_request",
        Evidence = "evidence",
        Agreement = "agreement",
        Receipt = "receipt",
        Photo = "photo",
        FundPaper = "fund_paper",
    }
    /// Languages of the pages.
    Locale {
        En = "en",
        ZhCn = "zh-CN",
    }
}
