//! The stage: the house, its cast by the names of their parts, and the clock.

use super::pages::Member;
use crate::commons::documents::{self, Kept};
use crate::desk::jobs;
use crate::edges::Edges;
use crate::error::{Error, Result};
use crate::people::permission::{As, Context, Editor, RolePermission, Signatory};
use entities::kinds::{Locale, OrganisationId, PersonId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The house with its cast.
#[derive(Debug)]
pub struct Stage {
    /// The house.
    pub edges: Arc<Edges>,
    /// Language of the cast.
    pub locale: Locale,
    pub(super) people: BTreeMap<&'static str, PersonId>,
    pub(super) organisations: BTreeMap<&'static str, OrganisationId>,
    pub(super) members: Vec<Member>,
}

impl Stage {
    /// An empty stage in an installation that is not founded yet.
    pub(super) fn empty(edges: Arc<Edges>, locale: Locale) -> Self {
        Self { edges, locale, people: BTreeMap::new(), organisations: BTreeMap::new(), members: Vec::new() }
    }

    /// Everybody, in the order in which they came.
    pub fn cast(&self) -> Vec<Member> {
        self.members.clone()
    }

    /// Sets the clock to an hour of 2026, then does what the clock brings and what waits.
    ///
    /// # Errors
    /// When a job fails.
    pub async fn at(&self, month: u32, day: u32, hour: u32) -> Result<()> {
        self.edges.clock.set(super::moment(month, day, hour));
        self.settle().await
    }

    /// Does what the clock brings and what waits, until nothing waits.
    ///
    /// # Errors
    /// When a job fails.
    pub async fn settle(&self) -> Result<()> {
        jobs::tick(&self.edges).await?;
        jobs::drain(&self.edges).await
    }

    /// One of the cast.
    ///
    /// # Errors
    /// When there is no such part.
    pub fn person(&self, who: &str) -> Result<PersonId> {
        self.people.get(who).copied().ok_or_else(|| Error::Internal(format!("the cast has no {who}")))
    }

    /// One of the organisations.
    ///
    /// # Errors
    /// When there is no such organisation.
    pub fn organisation(&self, which: &str) -> Result<OrganisationId> {
        self.organisations.get(which).copied().ok_or_else(|| Error::Internal(format!("the cast has no {which}")))
    }

    /// One of the cast about to act.
    ///
    /// # Errors
    /// When there is no such part.
    pub async fn acting(&self, who: &str) -> Result<Context> {
        Context::of_person(&self.edges, self.person(who)?).await
    }

    /// One of the cast acting in a role of the foundation.
    ///
    /// # Errors
    /// When they do not hold it.
    pub async fn role<R: RolePermission>(&self, who: &str) -> Result<As<R>> {
        self.acting(who).await?.role()
    }

    /// One of the cast signing for an organisation.
    ///
    /// # Errors
    /// When they may not.
    pub async fn signatory(&self, who: &str, of: &str) -> Result<As<Signatory>> {
        self.acting(who).await?.signatory_of(self.organisation(of)?)
    }

    /// One of the cast writing for an organisation.
    ///
    /// # Errors
    /// When they may not.
    pub async fn editor(&self, who: &str, of: &str) -> Result<As<Editor>> {
        self.acting(who).await?.editor_of(self.organisation(of)?)
    }

    /// A paper: plain text kept as a file.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub async fn paper(&self, who: &str, name: &str, text: &str) -> Result<Kept> {
        documents::keep(&self.acting(who).await?, "file", name, text.as_bytes()).await
    }
}
