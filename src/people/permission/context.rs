//! What an act is done with, and the questions that turn it into a permission.

use super::{Actor, Anyone, As, Editor, Once, RolePermission, Signatory, SignedIn, System};
use crate::commons::texts::pick;
use crate::edges::Edges;
use crate::error::{Error, Result};
use chrono::{DateTime, NaiveDate, Utc};
use entities::kinds::{CallId, FundId, Locale, MemberRole, OrganisationId, PersonId, Scope};
use sea_orm::EntityTrait;
use std::sync::Arc;

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
    /// What the posted page says it showed, `""` when it says nothing; `None` outside a form.
    pub seen: Option<String>,
    /// What the posted form proves its person by; `None` outside a form.
    pub shown: Option<Shown>,
}

/// What somebody shows with a form to prove once more who they are.
#[derive(Clone, Default)]
pub struct Shown {
    /// Code of the second factor, `""` when none was given.
    pub code: String,
    /// Password, `""` when none was given.
    pub password: String,
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shown")
    }
}

impl Context {
    /// The house acting by itself: jobs and timers.
    pub fn system(edges: Arc<Edges>) -> As<System> {
        let context = Self {
            edges,
            actor: Arc::new(Actor::visitor()),
            locale: Locale::En,
            request: "system".into(),
            once: None,
            seen: None,
            shown: None,
        };
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
            seen: None,
            shown: None,
        })
    }

    /// The day of a moment in the foundation's zone: inside a transaction, `day_of(tx.now())` is today.
    pub fn day_of(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.edges.config.zone).date_naive()
    }

    /// A text written in one language or both, in the reader's.
    pub fn pick(&self, zh: &str, en: &str) -> String {
        pick(self.locale, zh, en)
    }

    /// Refuses a form whose page showed something else than what is decided now: between the two it may have been taken back
    /// and put again with other figures. Outside a form nobody was shown anything.
    ///
    /// # Errors
    /// [`Error::Stale`], also when the page said nothing.
    pub fn saw(&self, now: impl std::fmt::Display) -> Result<()> {
        match &self.seen {
            Some(seen) if *seen != now.to_string() => Err(Error::Stale),
            _ => Ok(()),
        }
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

    /// Acts in a role for a call.
    ///
    /// # Errors
    /// [`Error::Forbidden`] with the role's rule.
    pub fn role_for_call<R: RolePermission>(&self, call: CallId) -> Result<As<R>> {
        self.role_in(Scope::Call, Some(call.0))
    }

    /// Acts in a role for a fund.
    ///
    /// # Errors
    /// [`Error::Forbidden`] with the role's rule.
    pub fn role_for_fund<R: RolePermission>(&self, fund: FundId) -> Result<As<R>> {
        self.role_in(Scope::Fund, Some(fund.0))
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
