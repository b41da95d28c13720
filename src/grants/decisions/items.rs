//! Items after approval: money reserved and given back, the window over, the reserve list moving up.

use super::{grantees, reading};
use crate::commons::events::{self, Note};
use crate::commons::lives::advance;
use crate::commons::{calendar, holds, letters};
use crate::core::eligibility::Finding;
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::applications::eligibility;
use crate::grants::committees::service::coverage;
use crate::grants::{applications, awards, calls, funds};
use crate::ledger::accounts::Account;
use crate::ledger::recipes::{self, Sum};
use crate::ledger::{balances, lots};
use crate::people::permission::{As, Context, Permission, System};
use chrono::NaiveDate;
use entities::kinds::{
    ApplicationId, ApplicationStage, AwardStage, BatchStage, CallStage, DecisionBatchId, DecisionItemId, FundId,
    HoldKind, ItemStage, NeedId, Outcome, Role, Subject,
};
use entities::{application, award, call, decision_batch, decision_item, event, fund};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use std::sync::Arc;

/// Windows looked at in one tick.
const ONCE: u64 = 50;

/// Reserves an item's money, fee included.
pub(super) async fn reserve<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    call: &call::Model,
    row: &decision_item::Model,
) -> Result<()> {
    let sum = Sum { amount_minor: row.amount_minor + row.fee_minor, currency: row.currency, on: by.day_of(tx.now()) };
    funds::service::endowment::leaves(tx, by, call.fund_id, sum.amount_minor).await?;
    recipes::reserved(tx, by, row.id, call.fund_id, call.need_id, sum, &turn(tx, row.id).await?).await
}

/// Gives part of an item's money back to its fund.
pub(super) async fn release<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    call: &call::Model,
    row: &decision_item::Model,
    amount_minor: i64,
) -> Result<()> {
    if amount_minor == 0 {
        return Ok(());
    }
    let sum = Sum { amount_minor, currency: row.currency, on: by.day_of(tx.now()) };
    recipes::released(tx, by, row.id, call.fund_id, None, sum, &turn(tx, row.id).await?).await
}

/// Tells one time from the next: how much has happened to the item so far. Every act writes an event, so it grows.
async fn turn(tx: &Tx, id: DecisionItemId) -> Result<String> {
    let happened = event::Entity::find()
        .filter(event::Column::Subject.eq(Subject::DecisionItem))
        .filter(event::Column::SubjectId.eq(id.0))
        .count(tx)
        .await?;
    Ok(happened.to_string())
}

/// What of a call's envelope is not promised by its other batches.
pub(super) async fn envelope_left(tx: &Tx, call: &call::Model, but: Option<DecisionBatchId>) -> Result<i64> {
    let batches = decision_batch::Entity::find()
        .filter(decision_batch::Column::CallId.eq(call.id))
        .filter(decision_batch::Column::Stage.is_in([BatchStage::Approved, BatchStage::Decided]))
        .all(tx)
        .await?;
    let others = batches.iter().map(|batch| batch.id).filter(|id| Some(*id) != but);
    let promised: Vec<i64> = decision_item::Entity::find()
        .select_only()
        .column(decision_item::Column::AmountMinor)
        .filter(decision_item::Column::BatchId.is_in(others))
        .filter(decision_item::Column::Outcome.eq(Outcome::Approved))
        .filter(decision_item::Column::Committed.eq(true))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(call.envelope_minor - promised.iter().sum::<i64>())
}

/// Tells an applicant what was decided, why, and until when one may object.
pub(super) async fn tell(
    tx: &Tx,
    row: &decision_item::Model,
    application: &application::Model,
    letter: &str,
    until: NaiveDate,
) -> Result<()> {
    let feedback = if row.reason.is_empty() { "—".to_owned() } else { row.reason.clone() };
    let args = [("title", application.title.clone()), ("feedback", feedback), ("until.day", until.to_string())];
    letters::to_organisation(tx, application.organisation_id, letter, &args, &format!("/notices/{}", row.batch_id))
        .await
}

/// Tells an applicant that the feedback is there.
async fn tell_feedback(tx: &Tx, of: ApplicationId) -> Result<()> {
    let asked = application::Entity::find_by_id(of).one(tx).await?.ok_or(Error::NotFound)?;
    let (args, link) = ([("title", asked.title)], format!("/applications/{of}/feedback"));
    letters::to_organisation(tx, asked.organisation_id, "decision-feedback", &args, &link).await
}

/// Ends the windows that are over.
pub(super) async fn tick(edges: &Arc<Edges>) -> Result<()> {
    let over: Vec<DecisionItemId> = decision_item::Entity::find()
        .select_only()
        .column(decision_item::Column::Id)
        .filter(decision_item::Column::Stage.eq(ItemStage::Noticed))
        .filter(decision_item::Column::NoticeEndsOn.lt(edges.today()))
        .order_by_asc(decision_item::Column::Id)
        .limit(ONCE)
        .into_tuple()
        .all(edges.db.read())
        .await?;
    let system = Context::system(edges.clone());
    for id in over {
        if let Err(error) = finish(&system, id).await {
            tracing::warn!(item = id.0, %error, "an item did not become final");
        }
    }
    Ok(())
}

/// A window is over: the item is final, an approval is offered.
async fn finish(by: &As<System>, id: DecisionItemId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let (row, batch, call) = reading::take_item(tx, id).await?;
        let over = row.notice_ends_on.is_some_and(|day| day < by.day_of(tx.now()));
        if row.stage != ItemStage::Noticed || !over {
            return Ok(());
        }
        holds::none(tx, by, &[(Subject::DecisionItem, id.0), (Subject::Application, row.application_id.0)]).await?;
        if row.outcome == Outcome::Approved {
            let asked = application::Entity::find_by_id(row.application_id).one(tx).await?.ok_or(Error::NotFound)?;
            let mut lost = eligibility::lost(tx, &call, &[&asked], by.day_of(tx.now())).await?;
            if let Some(found) = lost.remove(&asked.id) {
                return withhold(tx, by, (&row, &batch, &call), &asked, &found).await;
            }
        }
        advance(tx, by, &row, "finish", Note::act("finish")).await?;
        let change = decision_item::ActiveModel { id: Set(id), final_at: Set(Some(tx.now())), ..Default::default() };
        decision_item::Entity::update(change).exec(tx).await?;
        let row = decision_item::Entity::find_by_id(id).one(tx).await?.ok_or(Error::NotFound)?;
        let act = match row.outcome {
            Outcome::Approved => "approve",
            Outcome::Reserved => "reserved",
            Outcome::Declined => "decline",
        };
        settle(tx, by, &row, act).await?;
        tell_feedback(tx, row.application_id).await?;
        if row.outcome == Outcome::Approved {
            awards::service::offer(tx, by, &row).await?;
        }
        decided(tx, by, &batch).await
    })
    .await
}

/// Who was chosen lost during the notice what the call asks for: nothing is offered, the money is the fund's again, the bid is not
/// granted with what was found, and the reserve list moves up.
async fn withhold(
    tx: &Tx,
    by: &As<System>,
    (item, batch, call): (&decision_item::Model, &decision_batch::Model, &call::Model),
    asked: &application::Model,
    found: &[Finding],
) -> Result<()> {
    fall(tx, by, (item, call), "bar").await?;
    applications::service::fall_short(tx, by, asked, found).await?;
    let args = [("title", asked.title.clone())];
    letters::to_role(tx, Role::ProgrammeOfficer, "award-withheld", &args, &format!("/applications/{}", asked.id))
        .await?;
    move_up(tx, by, batch, call).await?;
    decided(tx, by, batch).await
}

/// Moves the application with its final decision, unless it left the round meanwhile.
pub(super) async fn settle(tx: &Tx, by: &As<System>, row: &decision_item::Model, act: &'static str) -> Result<()> {
    let stage = application::Entity::find_by_id(row.application_id).one(tx).await?.ok_or(Error::NotFound)?.stage;
    let waits = matches!(
        stage,
        ApplicationStage::Recommended
            | ApplicationStage::Reserve
            | ApplicationStage::NotRecommended
            | ApplicationStage::Reserved
    );
    if waits { applications::service::moved(tx, by, row.application_id, act, &row.reason).await } else { Ok(()) }
}

/// Batch and call are decided once every item is final or released.
pub(super) async fn decided(tx: &Tx, by: &As<System>, batch: &decision_batch::Model) -> Result<()> {
    let open = decision_item::Entity::find()
        .filter(decision_item::Column::BatchId.eq(batch.id))
        .filter(decision_item::Column::Stage.is_not_in([ItemStage::Final, ItemStage::Released]))
        .count(tx)
        .await?;
    if open > 0 || batch.stage != BatchStage::Approved {
        return Ok(());
    }
    advance(tx, by, batch, "decide", Note::act("decide")).await?;
    let call = calls::service::load(tx, batch.call_id).await?;
    if call.stage == CallStage::Decided {
        return earlier(tx, by, batch, &call).await;
    }
    calls::service::decided(tx, by, batch.call_id).await
}

/// What was decided anew is final: the money that waited for it and was not needed is the earlier reserve list's.
async fn earlier(tx: &Tx, by: &As<System>, batch: &decision_batch::Model, call: &call::Model) -> Result<()> {
    let before = decision_batch::Entity::find()
        .filter(decision_batch::Column::CallId.eq(call.id))
        .filter(decision_batch::Column::Id.lt(batch.id))
        .order_by_desc(decision_batch::Column::Id)
        .one(tx)
        .await?;
    match before {
        Some(before) => move_up(tx, by, &reading::take(tx, before.id).await?, call).await,
        None => Ok(()),
    }
}

/// A decision falls: its money is the fund's again, its hold is lifted. Who moves up instead is the caller's to say.
pub(super) async fn fall<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    (item, call): (&decision_item::Model, &call::Model),
    act: &'static str,
) -> Result<()> {
    if item.committed {
        release(tx, by, call, item, item.amount_minor + item.fee_minor).await?;
    }
    advance(tx, by, item, act, Note::act(act)).await?;
    let change = decision_item::ActiveModel {
        id: Set(item.id),
        committed: Set(false),
        days_left: Set(None),
        ..Default::default()
    };
    decision_item::Entity::update(change).exec(tx).await?;
    if item.stage == ItemStage::Held {
        holds::lift_own(tx, by, HoldKind::Objection, Subject::DecisionItem, item.id.0).await?;
    }
    Ok(())
}

/// Takes back what was decided about an application, in the transaction of its withdrawal or of the appeal that is upheld. The
/// reserve list moves up for who left; for who is decided anew, the money waits.
///
/// # Errors
/// A refusal while an award is there: that is ended first.
pub async fn take_back<P: Permission>(tx: &Tx, by: &As<P>, of: ApplicationId, move_reserve_up: bool) -> Result<()> {
    let ended = [AwardStage::DeclinedByGrantee, AwardStage::OfferExpired, AwardStage::Terminated];
    let awarded = award::Entity::find()
        .filter(award::Column::ApplicationId.eq(of))
        .filter(award::Column::Stage.is_not_in(ended))
        .count(tx)
        .await?;
    if awarded > 0 {
        return Err(Error::refused("refused-appeal-award"));
    }
    let system = Context::system(by.edges.clone());
    for row in reading::standing(tx, &[of]).await? {
        let (item, batch, call) = reading::take_item(tx, row.id).await?;
        fall(tx, &system, (&item, &call), "fall").await?;
        if move_reserve_up && item.outcome == Outcome::Approved {
            move_up(tx, &system, &batch, &call).await?;
        }
        decided(tx, &system, &batch).await?;
    }
    Ok(())
}

/// Gives back what is still committed for an item (offer declined or expired, award closed or terminated) and, for a declined or
/// expired offer, moves the reserve list up.
///
/// # Errors
/// When the database refuses.
pub async fn give_back<P: Permission>(tx: &Tx, by: &As<P>, item: DecisionItemId, move_reserve_up: bool) -> Result<()> {
    let (row, batch, call) = reading::take_item(tx, item).await?;
    let left = balances::available(tx, Account::AwardCommitted(item), row.currency).await?;
    if left > 0 {
        // A closed award is another entry in the books than an offer that came to nothing.
        let award = award::Entity::find().filter(award::Column::ItemId.eq(item)).one(tx).await?;
        let award = award.map(|award| award.id).filter(|_| !move_reserve_up);
        let sum = Sum { amount_minor: left, currency: row.currency, on: by.day_of(tx.now()) };
        recipes::released(tx, by, item, call.fund_id, award, sum, &turn(tx, item).await?).await?;
    }
    let change = decision_item::ActiveModel { id: Set(item), committed: Set(false), ..Default::default() };
    decision_item::Entity::update(change).exec(tx).await?;
    events::record(tx, by, Subject::DecisionItem, item.0, Note::act("give-back")).await?;
    if move_reserve_up { move_up(tx, &Context::system(by.edges.clone()), &batch, &call).await } else { Ok(()) }
}

/// The first on the reserve list whose amount fits is noticed as an approval; nobody, when none fits.
pub(super) async fn move_up(tx: &Tx, by: &As<System>, batch: &decision_batch::Model, call: &call::Model) -> Result<()> {
    let today = by.day_of(tx.now());
    let fund = fund::Entity::find_by_id(call.fund_id).one(tx).await?.ok_or(Error::NotFound)?;
    let reserve = decision_item::Entity::find()
        .filter(decision_item::Column::BatchId.eq(batch.id))
        .filter(decision_item::Column::Outcome.eq(Outcome::Reserved))
        .filter(decision_item::Column::Stage.is_in([ItemStage::Noticed, ItemStage::Final]))
        .order_by_asc(decision_item::Column::ReserveOrder)
        .order_by_asc(decision_item::Column::Id)
        .limit(ONCE)
        .all(tx)
        .await?;
    let applications = grantees::applications_of(tx, &reserve).await?;
    let money = free(tx, call.fund_id, call.need_id, call.currency).await?;
    let envelope = envelope_left(tx, call, None).await?;
    for row in reserve {
        let Some(asked) = applications.get(&row.application_id) else { continue };
        let gone = asked.stage == ApplicationStage::Withdrawn;
        if gone || row.amount_minor > envelope || row.amount_minor + row.fee_minor > money {
            continue;
        }
        let row = decision_item::Model { outcome: Outcome::Approved, ..row };
        let things = [(Subject::Fund, fund.id.0), (Subject::Application, row.application_id.0)];
        let sound = holds::none(tx, by, &things).await.is_ok()
            && grantees::fit(tx, (&fund, call), std::slice::from_ref(&row), &applications, today).await.is_ok()
            && coverage::uncovered(tx, &fund, call, std::slice::from_ref(&row)).await?.is_none()
            && funds::service::endowment::leaves(tx, by, fund.id, row.amount_minor + row.fee_minor).await.is_ok();
        if sound {
            return notice_again(tx, by, call, row, asked, today).await;
        }
    }
    Ok(())
}

async fn notice_again(
    tx: &Tx,
    by: &As<System>,
    call: &call::Model,
    row: decision_item::Model,
    asked: &application::Model,
    today: NaiveDate,
) -> Result<()> {
    reserve(tx, by, call, &row).await?;
    if row.stage == ItemStage::Final {
        advance(tx, by, &row, "move-up", Note::act("move-up")).await?;
    } else {
        events::record(tx, by, Subject::DecisionItem, row.id.0, Note::act("move-up")).await?;
    }
    let until = calendar::after(tx, today, i64::from(call.notice_days)).await?;
    let change = decision_item::ActiveModel {
        id: Set(row.id),
        outcome: Set(Outcome::Approved),
        reserve_order: Set(None),
        committed: Set(true),
        noticed_on: Set(Some(today)),
        notice_ends_on: Set(Some(until)),
        final_at: Set(None),
        ..Default::default()
    };
    decision_item::Entity::update(change).exec(tx).await?;
    tell(tx, &row, asked, "decision-moved-up", until).await
}

/// What a fund may still commit for a purpose: never more than its free lots allow.
async fn free(tx: &Tx, of: FundId, purpose: Option<NeedId>, currency: entities::kinds::Currency) -> Result<i64> {
    let available = balances::available(tx, Account::FundAvailable(of), currency).await?;
    let usable: i64 = lots::of_fund(tx, of)
        .await?
        .iter()
        .filter(|(lot, _)| lot.restriction_need_id.is_none() || lot.restriction_need_id == purpose)
        .map(|(lot, used)| used.free_of(lot))
        .sum();
    Ok(available.min(usable))
}
