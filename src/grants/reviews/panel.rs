//! Who reaches a call's panel: its chair, and every programme officer. To let another role in, implement [`Reaches`].

use super::reading::still_judging;
use crate::error::{Error, Result};
use crate::grants::calls;
use crate::people::permission::{As, Chair, Context, Officer, Permission, RolePermission, in_force};
use chrono::NaiveDate;
use entities::kinds::{CallId, CallStage, OrganisationId, PersonId, ReviewStage, Role, RoleGrantStage, Scope};
use entities::{application, call, review, role_grant};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

/// Stages in which there is nothing left to hide: it is decided, or never will be.
const OVER: [CallStage; 3] = [CallStage::Decided, CallStage::Archived, CallStage::Cancelled];

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
    if !sees {
        return Err(Error::NotFound);
    }
    judged_first(context, call).await?;
    // Whoever judged blind stays blind for as long as the call says.
    if blinded(context).await?.contains(&call) { Err(Error::NotFound) } else { Ok(()) }
}

/// Refuses whoever has a review in a call that is not in yet: what others wrote is not theirs to see before. And whoever belongs to an
/// organisation that bids there, whatever else they are: an applicant reads the notice.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn judged_first(context: &Context, call: CallId) -> Result<()> {
    let Some(person) = context.actor.person else { return Ok(()) };
    let judging = still_judging(context.edges.db.read(), person).await?;
    if judging.contains(&call) || own_bids(context, Some(call)).await?.contains(&call) {
        return Err(Error::NotFound);
    }
    Ok(())
}

/// The calls, or whether it is this one, for which an organisation of the reader handed in a bid, as applicant or as its host.
async fn own_bids(context: &Context, call: Option<CallId>) -> Result<Vec<CallId>> {
    let mine: Vec<OrganisationId> = context.actor.memberships.iter().map(|member| member.organisation_id).collect();
    if mine.is_empty() {
        return Ok(Vec::new());
    }
    let bids = Condition::any()
        .add(application::Column::OrganisationId.is_in(mine.iter().copied()))
        .add(application::Column::HostId.is_in(mine.iter().copied()));
    let mut query = application::Entity::find()
        .select_only()
        .column(application::Column::CallId)
        .distinct()
        .filter(bids)
        .filter(application::Column::SubmittedAt.is_not_null());
    if let Some(call) = call {
        query = query.filter(application::Column::CallId.eq(call));
    }
    Ok(query.into_tuple().all(context.edges.db.read()).await?)
}

/// The blind calls in which who applies is hidden from the reader as a reviewer: as long as own reviews are not in, and where the call
/// names nobody before its decision, until then.
async fn blinded(context: &Context) -> Result<Vec<CallId>> {
    let Some(person) = context.actor.person else { return Ok(Vec::new()) };
    let db = context.edges.db.read();
    let judging = still_judging(db, person).await?;
    let judged: Vec<CallId> = review::Entity::find()
        .select_only()
        .column(review::Column::CallId)
        .distinct()
        .filter(review::Column::ReviewerId.eq(person))
        .filter(review::Column::Stage.eq(ReviewStage::Submitted))
        .into_tuple()
        .all(db)
        .await?;
    if judging.is_empty() && judged.is_empty() {
        return Ok(Vec::new());
    }
    let until_decided = Condition::all()
        .add(call::Column::Id.is_in(judged))
        .add(call::Column::NamedAfterReview.eq(false))
        .add(call::Column::Stage.is_not_in(OVER));
    let rows = call::Entity::find()
        .select_only()
        .column(call::Column::Id)
        .filter(call::Column::Blind.eq(true))
        .filter(Condition::any().add(call::Column::Id.is_in(judging)).add(until_decided));
    Ok(rows.into_tuple().all(db).await?)
}

/// The calls whose bids of others the reader may not see: those that are sealed, those that are blind for the reader, and those not
/// decided yet in which an organisation of the reader bids too.
///
/// # Errors
/// When the database cannot be read.
pub async fn blind(context: &Context) -> Result<Vec<CallId>> {
    if context.actor.person.is_none() {
        return Ok(Vec::new());
    }
    let db = context.edges.db.read();
    let mut hidden = calls::opening::sealed(db).await?;
    hidden.extend(blinded(context).await?);
    let bidding = own_bids(context, None).await?;
    if !bidding.is_empty() {
        let rivals = call::Entity::find()
            .select_only()
            .column(call::Column::Id)
            .filter(call::Column::Id.is_in(bidding))
            .filter(call::Column::Stage.is_not_in(OVER));
        hidden.extend(rivals.into_tuple::<CallId>().all(db).await?);
    }
    Ok(hidden)
}
