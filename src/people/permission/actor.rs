//! Whoever is at the other end of a request: the person, their roles of today, their parts in organisations.

use crate::core::lifecycle::Part;
use crate::error::Result;
use chrono::{DateTime, NaiveDate, Utc};
use entities::kinds::{MemberRole, MembershipStage, OrganisationId, PersonId, Role, RoleGrantStage, Scope, SessionId};
use entities::{membership, role_grant};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// Whoever is at the other end of a request.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The person, when signed in.
    pub person: Option<PersonId>,
    /// How they want to be called.
    pub name: String,
    /// Their session, for the list of sessions.
    pub session: Option<SessionId>,
    /// When that session last proved the second factor.
    pub proved_at: Option<DateTime<Utc>>,
    /// Whether the person may answer by a passkey where a code is asked for.
    pub passkey: bool,
    /// Roles in force today.
    pub grants: Vec<role_grant::Model>,
    /// Parts in organisations.
    pub memberships: Vec<membership::Model>,
}

impl Actor {
    /// Nobody we know.
    pub fn visitor() -> Self {
        Self {
            person: None,
            name: String::new(),
            session: None,
            proved_at: None,
            passkey: false,
            grants: Vec::new(),
            memberships: Vec::new(),
        }
    }

    /// Loads a person's roles and memberships as of today.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn load(
        db: &impl ConnectionTrait,
        person: PersonId,
        name: String,
        session: Option<(SessionId, Option<DateTime<Utc>>)>,
        today: NaiveDate,
    ) -> Result<Self> {
        let grants = role_grant::Entity::find()
            .filter(role_grant::Column::PersonId.eq(person))
            .filter(role_grant::Column::Stage.eq(RoleGrantStage::Effective))
            .all(db)
            .await?;
        let memberships = membership::Entity::find()
            .filter(membership::Column::PersonId.eq(person))
            .filter(membership::Column::Stage.eq(MembershipStage::Active))
            .all(db)
            .await?;
        let grants = grants.into_iter().filter(|grant| in_force(grant, today)).collect();
        let (session, proved_at) = session.unzip();
        Ok(Self {
            person: Some(person),
            name,
            session,
            proved_at: proved_at.flatten(),
            passkey: false,
            grants,
            memberships,
        })
    }

    /// A grant of this role that covers the scope: the foundation's covers everything.
    pub fn grant(&self, role: Role, scope: Scope, id: Option<i64>) -> Option<&role_grant::Model> {
        self.grants.iter().find(|grant| {
            grant.role == role && (grant.scope == Scope::Foundation || (grant.scope == scope && grant.scope_id == id))
        })
    }

    /// Whether the person holds the role at the foundation itself: a role for one fund or call opens nothing else.
    pub fn has(&self, role: Role) -> bool {
        self.grants.iter().any(|grant| grant.role == role && grant.scope == Scope::Foundation)
    }

    /// Whether the person holds the role at the foundation or for any one fund or call.
    pub fn has_somewhere(&self, role: Role) -> bool {
        self.grants.iter().any(|grant| grant.role == role)
    }

    /// Whether the person belongs to staff: holds any role at the foundation itself.
    pub fn is_staff(&self) -> bool {
        self.grants.iter().any(|grant| {
            grant.scope == Scope::Foundation
                && matches!(
                    grant.role,
                    Role::Administrator
                        | Role::ProgrammeOfficer
                        | Role::FinanceOfficer
                        | Role::Approver
                        | Role::Supervisor
                )
        })
    }

    /// Whether the person writes or signs for the organisation.
    pub fn belongs_to(&self, organisation: OrganisationId) -> bool {
        self.memberships.iter().any(|membership| membership.organisation_id == organisation)
    }

    /// The parts the person may play towards an organisation's things: staff roles, and signatory or editor of `organisation`.
    pub fn parts(&self, organisation: Option<OrganisationId>) -> Vec<Part> {
        let mut parts = vec![Part::Anyone];
        if self.person.is_some() {
            parts.push(Part::Person);
        }
        // Pages of one call or fund ask for its chair or committee before they ask for parts.
        let anywhere = |role| matches!(role, Role::PanelChair | Role::Reviewer | Role::CommitteeMember);
        let count = |grant: &&role_grant::Model| grant.scope == Scope::Foundation || anywhere(grant.role);
        for grant in self.grants.iter().filter(count) {
            parts.push(part_of(grant.role));
        }
        for membership in self.memberships.iter().filter(|m| Some(m.organisation_id) == organisation) {
            parts.push(match membership.role {
                MemberRole::Signatory => Part::Signatory,
                MemberRole::Editor => Part::Editor,
            });
        }
        parts.sort_unstable();
        parts.dedup();
        parts
    }
}

/// The part a role plays in lifecycles.
pub const fn part_of(role: Role) -> Part {
    match role {
        Role::Administrator => Part::Administrator,
        Role::ProgrammeOfficer => Part::Officer,
        Role::FinanceOfficer => Part::Finance,
        Role::Approver => Part::Approver,
        Role::Supervisor => Part::Supervisor,
        Role::PanelChair => Part::Chair,
        Role::Reviewer => Part::Reviewer,
        Role::Evaluator => Part::Evaluator,
        Role::CouncilMember => Part::Person,
        Role::CommitteeMember => Part::Committee,
    }
}

/// Whether a grant counts on a day.
pub fn in_force(grant: &role_grant::Model, today: NaiveDate) -> bool {
    grant.stage == RoleGrantStage::Effective
        && grant.effective_on.is_some_and(|day| day <= today)
        && grant.ends_on.is_none_or(|day| day >= today)
}
