//! People and organisations: their forms, parts, roles, records and accounts for payment.

words! {
    /// Legal form of an organisation.
    LegalForm {
        Association = "association",
        Foundation = "foundation",
        SocialServiceBody = "social_service_body",
        SocialEnterprise = "social_enterprise",
        Company = "company",
        ResidentGroup = "resident_group",
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
    /// What a person asks about the data kept about them.
    PrivacyKind {
        Correction = "correction",
        Erasure = "erasure",
    }
    /// Stages of such a request.
    PrivacyStage {
        Asked = "asked",
        Granted = "granted",
        Refused = "refused",
        Withdrawn = "withdrawn",
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
}
