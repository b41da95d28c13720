//! Pledges (认捐): promised, never money; noted beside the books until paid, cancelled or lapsed.

use super::{accepting, load, locked, restricted, tell};
use crate::commons::events::{self, Note};
use crate::commons::lives::advance;
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::gifts::rules::GRACE_DAYS;
use crate::grants::pledges::service::parts;
use crate::ledger::books;
use crate::ledger::recipes::{self, Sum};
use crate::people::permission::{As, Context, Finance, Permission, Signatory};
use chrono::{Days, NaiveDate};
use entities::kinds::{Anonymity, Currency, FundId, GiftId, GiftKind, GiftStage, NeedId, OrganisationId, Subject};
use entities::{gift, instalment_gift};
use sea_orm::sea_query::Query;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::sync::Arc;

/// Pledges looked at in one tick.
const AT_ONCE: u64 = 200;

/// What an organisation promises.
#[derive(Debug, Clone, Copy)]
pub struct Promise {
    /// To which fund.
    pub fund: FundId,
    /// Minor units.
    pub amount_minor: i64,
    /// Currency.
    pub currency: Currency,
    /// Day it falls due.
    pub due_on: NaiveDate,
    /// What the public may see.
    pub anonymity: Anonymity,
    /// Or waived.
    pub receipt_wanted: bool,
    /// Only for this need.
    pub restriction: Option<NeedId>,
}

/// Pledges in the name of the signatory's organisation.
///
/// # Errors
/// Names the field; a refusal when the fund takes no gifts or has another currency.
pub async fn pledge(by: &As<Signatory>, promise: Promise) -> Result<GiftId> {
    if promise.amount_minor <= 0 {
        return Err(Error::field("amount", "refused-zero"));
    }
    if promise.due_on < by.edges.today() {
        return Err(Error::field("due_on", "refused-not-future"));
    }
    let promise = &promise;
    by.write(|tx| async move {
        let tx = &tx;
        accepting(tx, promise.fund, promise.currency, true).await?;
        restricted(tx, promise.restriction).await?;
        promised(tx, by, promise, by.permission().organisation()).await
    })
    .await
}

/// The promise itself, noted beside the books, in the transaction of whoever makes it.
pub(in crate::grants) async fn promised<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    promise: &Promise,
    organisation: OrganisationId,
) -> Result<GiftId> {
    let donor = entities::organisation::Entity::find_by_id(organisation).one(tx).await?.ok_or(Error::NotFound)?;
    let row = gift::ActiveModel {
        fund_id: Set(promise.fund),
        kind: Set(GiftKind::Bank),
        stage: Set(GiftStage::Pledged),
        donor_organisation_id: Set(Some(organisation)),
        donor_name: Set(if donor.name_zh.is_empty() { donor.name_en } else { donor.name_zh }),
        anonymity: Set(promise.anonymity),
        receipt_wanted: Set(promise.receipt_wanted),
        amount_minor: Set(promise.amount_minor),
        currency: Set(promise.currency),
        restriction_need_id: Set(promise.restriction),
        pledge_due_on: Set(Some(promise.due_on)),
        description: Set(String::new()),
        valuation_basis: Set(String::new()),
        created_by: Set(by.actor.person),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    let row = gift::Entity::insert(row).exec_with_returning(tx).await?;
    let sum = Sum { amount_minor: promise.amount_minor, currency: promise.currency, on: by.day_of(tx.now()) };
    recipes::pledge(tx, by, row.id, promise.fund, sum).await?;
    events::record(tx, by, Subject::Gift, row.id.0, Note::act("pledge")).await?;
    Ok(row.id)
}

/// Issues the reference that the donor writes on the transfer.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it is no pledge any more.
pub async fn issue_reference(by: &As<Finance>, id: GiftId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        advance(tx, by, &row, "issue-reference", Note::act("")).await?;
        let set = gift::ActiveModel { id: Set(id), reference: Set(Some(reference(id))), ..Default::default() };
        gift::Entity::update(set).exec(tx).await?;
        tell(tx, &row, "gift-reference").await
    })
    .await
}

/// The reference of a gift, short enough for any transfer form.
pub fn reference(id: GiftId) -> String {
    format!("G{:06}", id.0)
}

/// The donor takes the pledge back.
///
/// # Errors
/// [`Error::NotFound`] for another organisation's; a refusal once a reference was issued.
pub async fn cancel_pledge(by: &As<Signatory>, id: GiftId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        if row.donor_organisation_id != Some(by.permission().organisation()) {
            return Err(Error::NotFound);
        }
        advance(tx, by, &row, "cancel", Note::act("")).await?;
        end_note(tx, by, &row).await?;
        parts::taken_back(tx, by, id).await
    })
    .await
}

/// Undoes the note beside the books, if there is one that stands.
///
/// # Errors
/// When the database refuses.
pub(in crate::grants) async fn end_note<P: Permission>(tx: &Tx, by: &As<P>, row: &gift::Model) -> Result<()> {
    // Whatever was promised has its day; of what came unpromised there is no note, and nothing to ask the books.
    if row.pledge_due_on.is_none() || books::made(tx, &format!("pledge:{}", row.id)).await?.is_none() {
        return Ok(());
    }
    if books::made(tx, &format!("pledge:{}:ended", row.id)).await?.is_some() {
        return Ok(());
    }
    let sum = Sum { amount_minor: row.amount_minor, currency: row.currency, on: by.day_of(tx.now()) };
    recipes::pledge_ended(tx, by, row.id, row.fund_id, sum).await
}

/// Pledges lapse, and references without a bank line expire, thirty days after they were due.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn tick(edges: &Arc<Edges>) -> Result<()> {
    let Some(before) = edges.today().checked_sub_days(Days::new(GRACE_DAYS.unsigned_abs())) else { return Ok(()) };
    // Instalments have a patience of their own.
    let mut instalments = Query::select();
    instalments.column(instalment_gift::Column::GiftId).from(instalment_gift::Entity);
    let late = gift::Entity::find()
        .filter(gift::Column::Id.not_in_subquery(instalments))
        .filter(gift::Column::Stage.is_in([GiftStage::Pledged, GiftStage::Processing]))
        .filter(gift::Column::PledgeDueOn.lt(before))
        .filter(gift::Column::RecordedBy.is_null())
        .order_by_asc(gift::Column::Id)
        .limit(AT_ONCE)
        .all(edges.db.read())
        .await?;
    let system = &Context::system(edges.clone());
    for row in late {
        let id = row.id;
        let done = system.write(|tx| async move { lapse(&tx, system, id).await }).await;
        if let Err(error) = done {
            tracing::warn!(gift = id.0, %error, "the pledge did not lapse");
        }
    }
    Ok(())
}

async fn lapse<P: Permission>(tx: &Tx, by: &As<P>, id: GiftId) -> Result<()> {
    let row = locked(tx, id).await?;
    if row.recorded_by.is_some() {
        return Ok(());
    }
    let act = if row.stage == GiftStage::Pledged { "lapse" } else { "expire" };
    advance(tx, by, &row, act, Note::act("")).await?;
    end_note(tx, by, &row).await?;
    tell(tx, &row, "gift-lapsed").await
}
