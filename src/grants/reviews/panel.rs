//! Who reaches a call's panel: its chair, and every programme officer. To let another role in, implement [`Reaches`].

use super::reading::still_judging;
use crate::error::{Error, Result};
use crate::grants::calls;
use crate::people::permission::{As, Chair, Context, Officer, Permission, RolePermission, in_force};
use chrono::NaiveDate;
use entities::kinds::{CallId, PersonId, Role, RoleGrantStage, Scope};
use entities::{call, role_grant};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// Who may find that a reviewer has to stand back, and draft decisions.
pub trait Reaches: Permission {
    /// Whether this permission reaches the call.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for the chair of another panel.
    fn reaches(by: &As<Self>, call: CallId) -> Result<()>
    where
        Self: Sized;
}

impl Reaches for Officer {
    fn reaches(_: &As<Self>, _: CallId) -> Result<()> {
        Ok(())
    }
}

impl Reaches for Chair {
    fn reaches(by: &As<Self>, call: CallId) -> Result<()> {
        chairs(by, call)
    }
}

/// Who chairs a call's panel on a day.
///
/// # Errors
/// When the database cannot be read.
pub async fn chairs_of(db: &impl ConnectionTrait, call: CallId, today: NaiveDate) -> Result<Vec<Option<PersonId>>> {
    let grants = role_grant::Entity::find()
        .filter(role_grant::Column::Role.eq(Role::PanelChair))
        .filter(role_grant::Column::Scope.eq(Scope::Call))
        .filter(role_grant::Column::ScopeId.eq(call.0))
        .filter(role_grant::Column::Stage.eq(RoleGrantStage::Effective))
        .all(db)
        .await?;
    Ok(grants.iter().filter(|grant| in_force(grant, today)).map(|grant| Some(grant.person_id)).collect())
}

/// Whether the chair chairs this call's panel.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn chairs(by: &As<Chair>, call: CallId) -> Result<()> {
    let grant = by.permission().grant();
    let here = grant.scope == Scope::Foundation || (grant.scope == Scope::Call && grant.scope_id == Some(call.0));
    if here { Ok(()) } else { Err(Error::Forbidden("forbidden-chair")) }
}

/// Whether the reader runs or chairs this call's panel, and judges nothing in it any more; others find nothing here.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn visible(context: &Context, call: CallId) -> Result<()> {
    let actor = &context.actor;
    let sees = actor.has(Role::ProgrammeOfficer)
        || actor.has(Role::Approver)
        || actor.has(Role::Supervisor)
        || actor.grant(Role::PanelChair, Scope::Call, Some(call.0)).is_some();
    if sees { judged_first(context, call).await } else { Err(Error::NotFound) }
}

/// Refuses whoever has a review in a call that is not in yet: what others wrote is not theirs to see before.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn judged_first(context: &Context, call: CallId) -> Result<()> {
    let Some(person) = context.actor.person else { return Ok(()) };
    let judging = still_judging(context.edges.db.read(), person).await?;
    if judging.contains(&call) { Err(Error::NotFound) } else { Ok(()) }
}

/// The calls whose bids the reader may not see: those that are sealed, and the blind ones in which the reader still judges.
///
/// # Errors
/// When the database cannot be read.
pub async fn blind(context: &Context) -> Result<Vec<CallId>> {
    let Some(person) = context.actor.person else { return Ok(Vec::new()) };
    let db = context.edges.db.read();
    let mut hidden = calls::opening::sealed(db).await?;
    let judging = still_judging(db, person).await?;
    if judging.is_empty() {
        return Ok(hidden);
    }
    let blind = call::Entity::find().filter(call::Column::Id.is_in(judging)).filter(call::Column::Blind.eq(true));
    hidden.extend(blind.all(db).await?.into_iter().map(|row| row.id));
    Ok(hidden)
}
