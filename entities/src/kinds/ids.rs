//! Typed keys: a fund is never mistaken for a call.

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

macro_rules! typed_ids {
    ($($name:ident: $what:literal),* $(,)?) => {$(
        #[doc = concat!("Key of ", $what, ".")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl From<i64> for $name {
            fn from(id: i64) -> Self {
                Self(id)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

typed_ids! {
    AccountId: "an account",
    AgreementCopyId: "a signed text",
    AgreementTermsId: "terms of agreements",
    AppealId: "an appeal",
    ApplicationDocumentId: "a file of an application",
    ApplicationId: "an application",
    AssignmentPlanId: "an assignment that was carried out",
    ApplicationNeedId: "a need that an application answers",
    ApplicationScratchId: "what an editor typed and has not saved",
    ApplicationSideId: "another organisation in an application",
    AwardId: "an award",
    BanId: "a ban",
    BudgetLineId: "a budget line",
    CasePageId: "a case page",
    CallAmendmentId: "a call amendment",
    CallId: "a call",
    AllocationId: "what a formula gives a community",
    CallInvitationId: "an invitation to write a proposal",
    CallQuestionId: "a question about a call",
    CardRefundId: "a refund through the processor",
    ChangeConsentId: "a donor's consent to a change",
    ChangeRequestId: "a change request",
    CoFundingId: "money beside the grant",
    CommitteeSeatId: "a seat in a committee",
    ConflictId: "a conflict",
    CorrectionNoteId: "a correction note",
    CouncilSeatId: "a seat in a residents' council",
    DecisionBatchId: "a decision batch",
    DecisionItemId: "a decision item",
    DisputeId: "a dispute",
    DocumentId: "a document",
    EvaluationId: "an evaluation",
    EventId: "an event",
    ExpertId: "an expert of the pool",
    FormId: "a form",
    FormDraftId: "the draft of a form",
    FormVersionId: "a form version",
    FundBudgetLineId: "a line of a fund's budget",
    FundId: "a fund",
    GiftId: "a gift",
    GiftBillId: "a recorded number of a fiscal bill",
    InstalmentId: "an instalment of a pledge",
    PledgePlanId: "a pledge for a time",
    ProfitDeclarationId: "a declared profit",
    HoldId: "a hold",
    IndicatorId: "an indicator",
    InvitationId: "an invitation",
    JobId: "a job",
    JointInitiatorId: "an initiator of a joint fund",
    LotId: "a lot",
    LotMoveId: "a lot move",
    BankAccountId: "an account at the bank",
    BankLineId: "a line of the bank",
    LineMatchId: "a match of a line",
    StatementId: "a statement of the bank",
    StatementLineId: "a line of a statement",
    MatchPoolId: "a match pool",
    MembershipId: "a membership",
    MentoringNoteId: "a mentoring note",
    MotionId: "a motion",
    MotionMinutesId: "minutes of a motion",
    MotionVoteId: "a seat on the roll of a motion",
    NeedConsentId: "a need consent",
    NeedId: "a need",
    NeedPartId: "a need part",
    NeedClaimId: "a claim of a need part",
    ObjectionId: "an objection",
    OrganisationId: "an organisation",
    OrganisationRecordId: "an organisation record",
    OrganisationRelationId: "an organisation relation",
    PayeeAccountId: "a payee account",
    OrderId: "an online order",
    PayingAccountId: "how an account pays",
    PayeeStopId: "a link that stops a payee account",
    PaymentBatchId: "a batch of payments",
    PaymentBatchLineId: "a payment in a batch",
    PaymentId: "a payment",
    PersonId: "a person",
    PitchId: "a pitch session",
    PanelNoteId: "a note of a panel's discussion",
    PitchSlotId: "a turn in a pitch session",
    ReviewScratchId: "what a reviewer typed and has not saved",
    PolicyVersionId: "a policy version",
    PollBallotId: "a ballot",
    PollId: "a poll",
    PollPaperId: "a ballot on paper",
    PollProjectId: "a project on the ballot paper",
    PollResultId: "the result of a poll",
    PollVoterId: "a voter on a roll",
    PostingDocumentId: "a posting document",
    PostingId: "a posting",
    BookPeriodId: "a closed period of the books",
    ProcessorEventId: "what the processor told us",
    ProgrammeId: "a programme",
    ProposalId: "a proposal",
    ReportId: "a report",
    ReportPhotoId: "a photo of a report",
    ReportReceiptId: "a receipt of a report",
    ResidueDecisionId: "a residue decision",
    ReviewId: "a review",
    ReviewScoreId: "a review score",
    RoleGrantId: "a role grant",
    SealHeadId: "a head of sealed transfers",
    PasskeyId: "a passkey",
    PrivacyRequestId: "a request about data kept",
    RollImportId: "a file of organisations or experts",
    SessionId: "a session",
    SettlementImportId: "a settlement import",
    TrancheId: "a tranche",
    TransferId: "a transfer",
    TurnoverId: "a sum of transfers",
}
