//! What can be done with calls: drafted by one officer, checked by another, opened and closed by the clock, amended, cancelled.

pub use super::drafting::{Drafted, draft, draft_programme, end_programme, revise, start_programme};
use super::rules;
use crate::commons::events::{self, Note};
use crate::commons::lives::{advance, permitted};
use crate::commons::{holds, letters};
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
pub use crate::grants::forms::service::form_version;
use crate::grants::{decisions, needs};
use crate::people::permission::{As, Context, Officer, Permission, System};
use crate::people::roles;
use chrono::{DateTime, Utc};
use entities::kinds::{ApplicationStage, CallAmendmentId, CallId, CallStage, FundStage, OrganisationId, Subject};
use entities::{application, call, call_amendment, fund};
use sea_orm::sea_query::{ExprTrait, LockType};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use std::sync::Arc;

/// Calls the clock moves in one go; the rest follows at the next tick.
const BATCH: u64 = 50;
/// Amendments of one call that are shown.
const AMENDMENTS: u64 = 50;

/// Checks a draft and schedules it: by a different officer than the drafter.
///
/// # Errors
/// [`Error::Forbidden`] for the drafter; a refusal when the fund is not active or held, or the deadline has passed.
pub async fn check(by: &As<Officer>, id: CallId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        let person = by.person()?;
        roles::apart(tx, by, &[Some(row.drafted_by)]).await?;
        let fund = fund::Entity::find_by_id(row.fund_id).one(tx).await?.ok_or(Error::NotFound)?;
        if fund.stage != FundStage::Active {
            return Err(Error::refused("refused-call-fund-not-active"));
        }
        if fund.currency != row.currency {
            return Err(Error::refused("refused-currency"));
        }
        holds::none(tx, by, &[(Subject::Fund, row.fund_id.0)]).await?;
        if row.closes_at <= tx.now() {
            return Err(Error::refused("refused-call-deadline-passed"));
        }
        // The checker is set first: the database refuses a scheduled call without one.
        let checked = call::ActiveModel {
            id: Set(id),
            checked_by: Set(Some(person)),
            version: Set(row.version + 1),
            ..Default::default()
        };
        call::Entity::update(checked).exec(tx).await?;
        advance(tx, by, &row, "check", Note::act("")).await?;
        if let Some(need) = row.need_id {
            needs::service::adopt(tx, by, need, Some(id), Some(row.fund_id)).await?;
        }
        Ok(())
    })
    .await
}

/// Begins the review of a closed call.
///
/// # Errors
/// A refusal while something submitted is not screened or waits for information.
pub async fn start_review(by: &As<Officer>, id: CallId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        // Before anything that would say whether there are bids at all.
        if rules::is_sealed(&row) {
            return Err(Error::refused("refused-call-sealed"));
        }
        let waiting = application::Entity::find()
            .filter(application::Column::CallId.eq(id))
            .filter(
                application::Column::Stage.is_in([ApplicationStage::Submitted, ApplicationStage::InformationRequested]),
            )
            .count(tx)
            .await?;
        if row.stage == CallStage::Closed && waiting > 0 {
            return Err(Error::refused("refused-call-not-screened"));
        }
        advance(tx, by, &row, "start-review", Note::act("")).await.map(|_| ())
    })
    .await
}

/// Marks a call as decided, in the transaction of the last decision item; when it is not in review, nothing happens.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn decided<P: Permission>(tx: &Tx, by: &As<P>, id: CallId) -> Result<()> {
    let row = load(tx, id).await?;
    if row.stage != CallStage::InReview {
        return Ok(());
    }
    advance(tx, &by.with(System), &row, "decide", Note::act("")).await.map(|_| ())
}

/// Archives a decided call.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it is not decided.
pub async fn archive(by: &As<Officer>, id: CallId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        advance(tx, by, &load(tx, id).await?, "archive", Note::act("")).await.map(|_| ())
    })
    .await
}

/// Publishes an amendment of an open call. The deadline may only move later; whoever writes or has applied is told.
///
/// # Errors
/// By the field: no text, an earlier deadline; a refusal when the call is not open.
pub async fn amend(
    by: &As<Officer>,
    id: CallId,
    text_zh: &str,
    text_en: &str,
    new_closes_at: Option<DateTime<Utc>>,
) -> Result<CallAmendmentId> {
    if text_zh.trim().is_empty() && text_en.trim().is_empty() {
        return Err(Error::field("text_zh", "refused-one-language"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        if row.stage != CallStage::Open || tx.now() >= row.closes_at {
            return Err(Error::refused("refused-call-not-open"));
        }
        let closes_after = new_closes_at.unwrap_or(row.closes_at);
        if closes_after < row.closes_at {
            return Err(Error::field("closes_at", "refused-call-only-later"));
        }
        let amendment = call_amendment::ActiveModel {
            call_id: Set(id),
            text_zh: Set(text_zh.trim().to_owned()),
            text_en: Set(text_en.trim().to_owned()),
            closes_before: Set(row.closes_at),
            closes_after: Set(closes_after),
            published_by: Set(by.person()?),
            published_at: Set(tx.now()),
            ..Default::default()
        };
        let amendment = call_amendment::Entity::insert(amendment).exec_with_returning(tx).await?;
        let changed = call::ActiveModel {
            id: Set(id),
            closes_at: Set(closes_after),
            version: Set(row.version + 1),
            ..Default::default()
        };
        call::Entity::update(changed).exec(tx).await?;
        events::record(tx, by, Subject::Call, id.0, Note::act("amend")).await?;
        tell(tx, by, &row, "call-amended", &[]).await?;
        Ok(amendment.id)
    })
    .await
}

/// Cancels a call before it is decided; the reason is public and everybody who applies is told.
///
/// # Errors
/// By the field without a reason; refusals when it is decided, or a decision is submitted or on public notice.
pub async fn cancel(by: &As<Officer>, id: CallId, reason: &str) -> Result<()> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::field("reason", "refused-empty"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        let row = take(tx, id).await?;
        permitted(&row, by, "cancel")?;
        if decisions::service::under_way(tx, id).await? {
            return Err(Error::refused("refused-call-decision-open"));
        }
        advance(tx, by, &row, "cancel", Note::act("").because(reason)).await?;
        let changed = call::ActiveModel { id: Set(id), cancel_reason: Set(reason.to_owned()), ..Default::default() };
        call::Entity::update(changed).exec(tx).await?;
        tell(tx, by, &row, "call-cancelled", &[("reason", reason.to_owned())]).await?;
        crate::grants::applications::service::lapse_unfinished(tx, by, id).await
    })
    .await
}

/// A letter to every organisation that writes or has applied.
async fn tell<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    row: &call::Model,
    letter: &str,
    args: &[(&str, String)],
) -> Result<()> {
    let gone = [ApplicationStage::Withdrawn, ApplicationStage::Lapsed, ApplicationStage::Ineligible];
    let applicants: Vec<OrganisationId> = application::Entity::find()
        .filter(application::Column::CallId.eq(row.id))
        .filter(application::Column::Stage.is_not_in(gone))
        .select_only()
        .column(application::Column::OrganisationId)
        .into_tuple()
        .all(tx)
        .await?;
    let mut args = args.to_vec();
    args.push(("call", by.pick(&row.title_zh, &row.title_en)));
    for organisation in applicants {
        letters::to_organisation(tx, organisation, letter, &args, &format!("/calls/{}", row.id)).await?;
    }
    Ok(())
}

/// What the clock brings: calls open and close at their hour.
///
/// # Errors
/// When the database refuses.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    let by = &Context::system(edges.clone());
    let now = edges.clock.now();
    let due = Condition::any()
        .add(call::Column::Stage.eq(CallStage::Scheduled).and(call::Column::OpensAt.lte(now)))
        .add(call::Column::Stage.eq(CallStage::Open).and(call::Column::ClosesAt.lte(now)));
    let rows =
        call::Entity::find().filter(due).order_by_asc(call::Column::Id).limit(BATCH).all(edges.db.read()).await?;
    for row in rows {
        if let Err(error) = turn(by, row.id).await {
            tracing::warn!(call = row.id.0, %error, "a call did not turn");
        }
    }
    Ok(())
}

/// Opens or closes one call when its hour has come; both when it slept through both.
async fn turn(by: &As<System>, id: CallId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let mut row = load(tx, id).await?;
        if row.stage == CallStage::Scheduled && row.opens_at <= tx.now() {
            row.stage = advance(tx, by, &row, "open", Note::act("")).await?;
        }
        if row.stage == CallStage::Open && row.closes_at <= tx.now() {
            advance(tx, by, &row, "close", Note::act("")).await?;
            crate::grants::applications::service::lapse_unfinished(tx, by, id).await?;
        }
        Ok(())
    })
    .await
}

/// The amendments of a call, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn amendments(db: &impl ConnectionTrait, id: CallId) -> Result<Vec<call_amendment::Model>> {
    Ok(call_amendment::Entity::find()
        .filter(call_amendment::Column::CallId.eq(id))
        .order_by_desc(call_amendment::Column::Id)
        .limit(AMENDMENTS)
        .all(db)
        .await?)
}

/// A call whose row is taken until the end of the transaction: it is not cancelled while it is decided.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn take(tx: &Tx, id: CallId) -> Result<call::Model> {
    // SQLite has one writer at a time and ignores the lock.
    call::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx).await?.ok_or(Error::NotFound)
}

/// A call by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: CallId) -> Result<call::Model> {
    call::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}
