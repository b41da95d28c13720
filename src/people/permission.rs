//! Who is acting, and what they may do: a permission is a type that carries its row.
//!
//! A route's guard or a loader makes an [`As<P>`]; a service demands one. [`As::write`] is how a service changes anything: it
//! opens the one write door, asks the database again whether the permission still holds, and answers a form's key twice
//! with the same answer. To add a permission, write a type with its row and implement [`Permission`].

use crate::core::lifecycle::Part;
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result};
use chrono::NaiveDate;
use entities::kinds::{
    CallId, FundId, Locale, MemberRole, MembershipStage, OrganisationId, PersonId, Role, RoleGrantStage, Scope,
    SessionId,
};
use entities::{membership, posted_form, role_grant};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Whoever is at the other end of a request.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The person, when signed in.
    pub person: Option<PersonId>,
    /// How they want to be called.
    pub name: String,
    /// Their session, for the list of sessions.
    pub session: Option<SessionId>,
    /// Roles in force today.
    pub grants: Vec<role_grant::Model>,
    /// Parts in organisations.
    pub memberships: Vec<membership::Model>,
}

impl Actor {
    /// Nobody we know.
    pub fn visitor() -> Self {
        Self { person: None, name: String::new(), session: None, grants: Vec::new(), memberships: Vec::new() }
    }

    /// Loads a person's roles and memberships as of today.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn load(
        db: &impl ConnectionTrait,
        person: PersonId,
        name: String,
        session: Option<SessionId>,
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
        Ok(Self { person: Some(person), name, session, grants, memberships })
    }

    /// A grant of this role that covers the scope: the foundation's covers everything.
    pub fn grant(&self, role: Role, scope: Scope, id: Option<i64>) -> Option<&role_grant::Model> {
        self.grants.iter().find(|grant| {
            grant.role == role && (grant.scope == Scope::Foundation || (grant.scope == scope && grant.scope_id == id))
        })
    }

    /// Whether the person holds the role anywhere.
    pub fn has(&self, role: Role) -> bool {
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
        for grant in &self.grants {
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

/// What an act is done with: the house, who acts, which request, which form.
#[derive(Debug, Clone)]
pub struct Context {
    /// The house.
    pub edges: Arc<Edges>,
    /// Who.
    pub actor: Arc<Actor>,
    /// Language of answers.
    pub locale: Locale,
    /// Reference of the request, in logs and on error pages.
    pub request: String,
    /// The form that was posted.
    pub once: Option<Once>,
}

/// A form's key and what was posted with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Random, made with the page.
    pub key: String,
    /// SHA-256 of path and body.
    pub fingerprint: String,
}

impl Context {
    /// The house acting by itself: jobs and timers.
    pub fn system(edges: Arc<Edges>) -> As<System> {
        let context =
            Self { edges, actor: Arc::new(Actor::visitor()), locale: Locale::En, request: "system".into(), once: None };
        As { context, permission: System }
    }

    /// A person acting outside a request: the demo, `init`, tests.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn of_person(edges: &Arc<Edges>, person: PersonId) -> Result<Self> {
        let row = entities::person::Entity::find_by_id(person).one(edges.db.read()).await?.ok_or(Error::NotFound)?;
        let actor = Actor::load(edges.db.read(), person, row.name, None, edges.today()).await?;
        Ok(Self {
            edges: edges.clone(),
            actor: Arc::new(actor),
            locale: row.locale,
            request: "play".into(),
            once: None,
        })
    }

    /// The signed-in person.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a visitor.
    pub fn person(&self) -> Result<PersonId> {
        self.actor.person.ok_or(Error::Forbidden("forbidden-sign-in"))
    }

    /// Acts as anyone.
    pub fn anyone(&self) -> As<Anyone> {
        As { context: self.clone(), permission: Anyone }
    }

    /// Acts as a person signed in.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a visitor.
    pub fn signed_in(&self) -> Result<As<SignedIn>> {
        Ok(As { permission: SignedIn { person: self.person()? }, context: self.clone() })
    }

    /// Acts in a role of the foundation.
    ///
    /// # Errors
    /// [`Error::Forbidden`] with the role's rule.
    pub fn role<R: RolePermission>(&self) -> Result<As<R>> {
        self.role_in(Scope::Foundation, None)
    }

    /// Acts in a role for a fund.
    ///
    /// # Errors
    /// [`Error::Forbidden`] with the role's rule.
    pub fn role_for_fund<R: RolePermission>(&self, fund: FundId) -> Result<As<R>> {
        self.role_in(Scope::Fund, Some(fund.0))
    }

    /// Acts in a role for a call.
    ///
    /// # Errors
    /// [`Error::Forbidden`] with the role's rule.
    pub fn role_for_call<R: RolePermission>(&self, call: CallId) -> Result<As<R>> {
        self.role_in(Scope::Call, Some(call.0))
    }

    fn role_in<R: RolePermission>(&self, scope: Scope, id: Option<i64>) -> Result<As<R>> {
        let grant = self.actor.grant(R::ROLE, scope, id).ok_or(Error::Forbidden(R::FORBIDDEN))?;
        Ok(As { permission: R::carrying(grant.clone()), context: self.clone() })
    }

    /// Acts as signatory of an organisation.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for its editors, [`Error::NotFound`] for strangers.
    pub fn signatory_of(&self, organisation: OrganisationId) -> Result<As<Signatory>> {
        let mut mine = self.actor.memberships.iter().filter(|m| m.organisation_id == organisation).peekable();
        if mine.peek().is_none() {
            return Err(if self.actor.is_staff() { Error::Forbidden("forbidden-signatory") } else { Error::NotFound });
        }
        let membership =
            mine.find(|m| m.role == MemberRole::Signatory).ok_or(Error::Forbidden("forbidden-signatory"))?;
        Ok(As { permission: Signatory { membership: membership.clone() }, context: self.clone() })
    }

    /// Acts as editor of an organisation; a signatory may edit too.
    ///
    /// # Errors
    /// [`Error::NotFound`] for strangers, [`Error::Forbidden`] for staff.
    pub fn editor_of(&self, organisation: OrganisationId) -> Result<As<Editor>> {
        let membership = self.actor.memberships.iter().find(|m| m.organisation_id == organisation);
        let refused = || if self.actor.is_staff() { Error::Forbidden("forbidden-editor") } else { Error::NotFound };
        let membership = membership.ok_or_else(refused)?;
        Ok(As { permission: Editor { membership: membership.clone() }, context: self.clone() })
    }
}

/// Somebody acting with a permission.
#[derive(Debug, Clone)]
pub struct As<P> {
    context: Context,
    permission: P,
}

impl<P> std::ops::Deref for As<P> {
    type Target = Context;
    fn deref(&self) -> &Context {
        &self.context
    }
}

impl<P: Permission> As<P> {
    /// The permission with its row.
    pub fn permission(&self) -> &P {
        &self.permission
    }

    /// The part played.
    pub fn part(&self) -> Part {
        P::PART
    }

    /// The same actor with a posted form's key.
    pub fn posting(&self, once: Option<Once>) -> Self {
        Self { context: Context { once, ..self.context.clone() }, permission: self.permission.clone() }
    }

    /// Another permission for the same act, made by a loader of a room.
    pub fn with<Q: Permission>(&self, permission: Q) -> As<Q> {
        As { context: self.context.clone(), permission }
    }

    /// Changes something: the one write door, the permission asked again inside it, the form's key answered once.
    ///
    /// # Errors
    /// Whatever the change answers; [`Error::Forbidden`] when the permission is gone meanwhile; a refusal when the same
    /// form key comes with another body.
    pub async fn write<T, F, W>(&self, change: F) -> Result<T>
    where
        T: Serialize + DeserializeOwned + Send + Sync,
        F: Fn(Tx) -> W + Send + Sync,
        W: Future<Output = Result<T>> + Send,
    {
        let change = &change;
        self.edges
            .db
            .write(|tx| async move {
                if let Some(answer) = self.answered_before(&tx).await? {
                    return Ok(answer);
                }
                self.permission.still_holds(&tx, &self.context).await?;
                let answer = change(tx.clone()).await?;
                self.remember(&tx, &answer).await?;
                Ok(answer)
            })
            .await
    }

    async fn answered_before<T: DeserializeOwned>(&self, tx: &Tx) -> Result<Option<T>> {
        let Some(once) = &self.once else { return Ok(None) };
        let Some(first) = posted_form::Entity::find_by_id(once.key.clone()).one(tx).await? else { return Ok(None) };
        if first.person_id != self.actor.person || first.fingerprint != once.fingerprint {
            return Err(Error::refused("refused-form-used"));
        }
        Ok(Some(serde_json::from_value(first.answer)?))
    }

    async fn remember<T: Serialize + Sync>(&self, tx: &Tx, answer: &T) -> Result<()> {
        let Some(once) = &self.once else { return Ok(()) };
        let row = posted_form::ActiveModel {
            form_key: Set(once.key.clone()),
            person_id: Set(self.actor.person),
            fingerprint: Set(once.fingerprint.clone()),
            answer: Set(serde_json::to_value(answer)?),
            at: Set(tx.now()),
        };
        posted_form::Entity::insert(row).exec_without_returning(tx).await?;
        Ok(())
    }
}

impl Once {
    /// A form's key with the hash of where and what was posted.
    pub fn new(key: &str, path: &str, body: &str) -> Self {
        Self { key: key.to_owned(), fingerprint: fingerprint(format!("{path}\n{body}")) }
    }
}

/// A permission: the part it plays, and how to ask again whether it still holds.
pub trait Permission: Clone + Send + Sync {
    /// The part played in lifecycles and events.
    const PART: Part;

    /// Asks the database again, inside the transaction of the change.
    fn still_holds(&self, tx: &Tx, context: &Context) -> impl Future<Output = Result<()>> + Send;
}

macro_rules! open_permissions {
    ($($(#[$doc:meta])* $name:ident => $part:ident),*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;
        impl Permission for $name {
            const PART: Part = Part::$part;
            async fn still_holds(&self, _: &Tx, _: &Context) -> Result<()> {
                Ok(())
            }
        }
    )*};
}

open_permissions! {
    /// Anyone, signed in or not.
    Anyone => Anyone,
    /// The house itself: jobs and timers.
    System => System
}

/// A person signed in.
#[derive(Debug, Clone, Copy)]
pub struct SignedIn {
    person: PersonId,
}

impl SignedIn {
    /// Who.
    pub fn person(&self) -> PersonId {
        self.person
    }
}

impl Permission for SignedIn {
    const PART: Part = Part::Person;
    async fn still_holds(&self, tx: &Tx, _: &Context) -> Result<()> {
        let person = entities::person::Entity::find_by_id(self.person).one(tx).await?;
        person.filter(|p| p.ended_at.is_none()).map(|_| ()).ok_or(Error::Forbidden("forbidden-sign-in"))
    }
}

/// A permission that is a role.
pub trait RolePermission: Permission {
    /// The role.
    const ROLE: Role;
    /// The rule named when somebody else tries.
    const FORBIDDEN: &'static str;
    /// The permission with its row.
    fn carrying(grant: role_grant::Model) -> Self;
    /// Its row.
    fn grant(&self) -> &role_grant::Model;
}

macro_rules! role_permissions {
    ($($(#[$doc:meta])* $name:ident = $role:ident plays $part:ident, $forbidden:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name {
            grant: role_grant::Model,
        }
        impl RolePermission for $name {
            const ROLE: Role = Role::$role;
            const FORBIDDEN: &'static str = $forbidden;
            fn carrying(grant: role_grant::Model) -> Self {
                Self { grant }
            }
            fn grant(&self) -> &role_grant::Model {
                &self.grant
            }
        }
        impl Permission for $name {
            const PART: Part = Part::$part;
            async fn still_holds(&self, tx: &Tx, context: &Context) -> Result<()> {
                let today = tx.now().with_timezone(&context.edges.config.zone).date_naive();
                let grant = role_grant::Entity::find_by_id(self.grant.id).one(tx).await?;
                grant.filter(|grant| in_force(grant, today)).map(|_| ()).ok_or(Error::Forbidden($forbidden))
            }
        }
    )*};
}

role_permissions! {
    /// Runs people, roles, policy; no money power by that alone.
    Administrator = Administrator plays Administrator, "forbidden-administrator";
    /// Calls, screening, assignment, milestones, reports.
    Officer = ProgrammeOfficer plays Officer, "forbidden-officer";
    /// Finance officer: the maker.
    Finance = FinanceOfficer plays Finance, "forbidden-finance";
    /// The checker: approves what a different person prepared.
    Approver = Approver plays Approver, "forbidden-approver";
    /// Reads everything, queries, holds; never approves, never pays.
    Supervisor = Supervisor plays Supervisor, "forbidden-supervisor";
    /// Chairs a call's panel.
    Chair = PanelChair plays Chair, "forbidden-chair";
    /// Scores what was assigned.
    Reviewer = Reviewer plays Reviewer, "forbidden-reviewer";
    /// Evaluates awards.
    Evaluator = Evaluator plays Evaluator, "forbidden-evaluator";
    /// Decides on the use of a fund.
    Committee = CommitteeMember plays Committee, "forbidden-committee";
}

macro_rules! member_permissions {
    ($($(#[$doc:meta])* $name:ident plays $part:ident, $forbidden:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name {
            membership: membership::Model,
        }
        impl $name {
            /// Of which organisation.
            pub fn organisation(&self) -> OrganisationId {
                self.membership.organisation_id
            }
            /// Who.
            pub fn person(&self) -> PersonId {
                self.membership.person_id
            }
        }
        impl Permission for $name {
            const PART: Part = Part::$part;
            async fn still_holds(&self, tx: &Tx, _: &Context) -> Result<()> {
                let row = membership::Entity::find_by_id(self.membership.id).one(tx).await?;
                row.filter(|row| row.stage == MembershipStage::Active).map(|_| ()).ok_or(Error::Forbidden($forbidden))
            }
        }
    )*};
}

member_permissions! {
    /// Signs what leaves the organisation.
    Signatory plays Signatory, "forbidden-signatory";
    /// Writes for the organisation.
    Editor plays Editor, "forbidden-editor";
}
