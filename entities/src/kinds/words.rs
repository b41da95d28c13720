//! Column types with a fixed set of words: stages of lifecycles, kinds, roles.
//!
//! Each word is the text in the database (a CHECK there holds the same list; a test compares them), in JSON and in
//! locale keys. To add a word, add it here, in a migration and in both locales; the compiler shows where it matters.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
        #[sea_orm(rs_type = "String", db_type = "Text")]
        pub enum $name {
            $(
                #[doc = concat!("`", $text, "`")]
                #[sea_orm(string_value = $text)]
                #[serde(rename = $text)]
                $variant,
            )*
        }

        impl $name {
            /// Every word, in the order of the trade.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in the database, in JSON and in locale keys.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// The word with this text, if there is one.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}

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
    /// Anonymity.
    Anonymity {
        Named = "named",
        Withheld = "withheld",
        Anonymous = "anonymous",
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
    /// Stages of a batch.
    BatchStage {
        Draft = "draft",
        Submitted = "submitted",
        Approved = "approved",
        Decided = "decided",
    }
    /// Budget source.
    BudgetSource {
        Grant = "grant",
        SelfRaised = "self_raised",
        Partner = "partner",
        Fiscal = "fiscal",
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
    /// Stages of a consent.
    ConsentStage {
        Asked = "asked",
        Given = "given",
        Refused = "refused",
        Withdrawn = "withdrawn",
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
    /// Gift kind.
    GiftKind {
        Bank = "bank",
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
    /// Hold kind.
    HoldKind {
        Officer = "officer",
        Supervisor = "supervisor",
        Objection = "objection",
        PayeeChange = "payee_change",
        Frozen = "frozen",
    }
    /// Stages of an import.
    ImportStage {
        Proposed = "proposed",
        Applied = "applied",
        Declined = "declined",
    }
    /// Stages of an item.
    ItemStage {
        Drafted = "drafted",
        Noticed = "noticed",
        Held = "held",
        Released = "released",
        Final = "final",
    }
    /// Legal form of an organisation.
    LegalForm {
        Association = "association",
        Foundation = "foundation",
        SocialServiceBody = "social_service_body",
        SocialEnterprise = "social_enterprise",
        Company = "company",
        ResidentGroup = "resident_group",
    }
    /// Languages of the pages.
    Locale {
        En = "en",
        ZhCn = "zh-CN",
    }
    /// Lot move kind.
    LotMoveKind {
        Allocate = "allocate",
        Consume = "consume",
        Release = "release",
        Reopen = "reopen",
        Refund = "refund",
        RefundVoid = "refund_void",
    }
    /// Stages of a match pool.
    MatchPoolStage {
        Proposed = "proposed",
        Open = "open",
        Closed = "closed",
    }
    /// Member role.
    MemberRole {
        Signatory = "signatory",
        Editor = "editor",
    }
    /// Stages of a membership.
    MembershipStage {
        Active = "active",
        Ended = "ended",
    }
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
    /// Stages of an objection.
    ObjectionStage {
        Filed = "filed",
        Escalated = "escalated",
        Upheld = "upheld",
        UpheldInPart = "upheld_in_part",
        Dismissed = "dismissed",
    }
    /// Outcome.
    Outcome {
        Approved = "approved",
        Reserved = "reserved",
        Declined = "declined",
    }
    /// Part kind.
    PartKind {
        Money = "money",
        Material = "material",
        Labour = "labour",
        Permission = "permission",
    }
    /// Stages of a payee.
    PayeeStage {
        Entered = "entered",
        Verified = "verified",
        Cooling = "cooling",
        Usable = "usable",
        Replaced = "replaced",
        Revoked = "revoked",
    }
    /// Payment outcome.
    PaymentOutcome {
        Paid = "paid",
        Failed = "failed",
        Returned = "returned",
        Rejected = "rejected",
    }
    /// Phase.
    Phase {
        Single = "single",
        Pending = "pending",
        Post = "post",
        Void = "void",
    }
    /// Stages of a policy.
    PolicyStage {
        Proposed = "proposed",
        Confirmed = "confirmed",
        Declined = "declined",
    }
    /// Stages of a programme.
    ProgrammeStage {
        Draft = "draft",
        Running = "running",
        Ended = "ended",
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
    }
    /// Stages of a proposal.
    ProposalStage {
        Open = "open",
        Confirmed = "confirmed",
        Declined = "declined",
        Withdrawn = "withdrawn",
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
    /// Record kind.
    RecordKind {
        Grade = "grade",
        Credit = "credit",
        EnterpriseStage = "enterprise_stage",
        AnnualCheck = "annual_check",
    }
    /// Relation kind.
    RelationKind {
        Owns = "owns",
        Related = "related",
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
    /// Role.
    Role {
        Administrator = "administrator",
        ProgrammeOfficer = "programme_officer",
        FinanceOfficer = "finance_officer",
        Approver = "approver",
        Supervisor = "supervisor",
        PanelChair = "panel_chair",
        Reviewer = "reviewer",
        Evaluator = "evaluator",
        CouncilMember = "council_member",
        CommitteeMember = "committee_member",
    }
    /// Stages of a role grant.
    RoleGrantStage {
        Proposed = "proposed",
        Effective = "effective",
        Declined = "declined",
        Revoked = "revoked",
    }
    /// Scope.
    Scope {
        Foundation = "foundation",
        Fund = "fund",
        Call = "call",
    }
    /// Scoring method.
    ScoringMethod {
        Mean = "mean",
        TrimmedMean = "trimmed-mean",
        Median = "median",
        ReviewerAdjusted = "reviewer-adjusted",
    }
    /// Side.
    Side {
        Debit = "D",
        Credit = "C",
    }
    /// Spending type.
    SpendingType {
        Expendable = "expendable",
        Endowed = "endowed",
    }
    /// Kinds of things that change, are held or proposed.
    Subject {
        Foundation = "foundation",
        Organisation = "organisation",
        Person = "person",
        RoleGrant = "role_grant",
        Membership = "membership",
        PayeeAccount = "payee_account",
        Policy = "policy",
        Need = "need",
        Fund = "fund",
        MatchPool = "match_pool",
        Gift = "gift",
        SettlementImport = "settlement_import",
        Programme = "programme",
        Call = "call",
        Application = "application",
        Appeal = "appeal",
        Review = "review",
        DecisionBatch = "decision_batch",
        DecisionItem = "decision_item",
        Objection = "objection",
        Award = "award",
        Tranche = "tranche",
        Payment = "payment",
        ChangeRequest = "change_request",
        Report = "report",
        Evaluation = "evaluation",
        ResidueDecision = "residue_decision",
        Hold = "hold",
        Document = "document",
        Posting = "posting",
        Form = "form",
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
}
