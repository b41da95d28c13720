//! An order is looked up at the processor, and the books follow what stands there.
//!
//! Everything here may run at any time, twice, and at once with itself: an answer is applied only when no other was applied
//! since it was asked for; otherwise it may be the older one, and the processor is asked again. Terminal stages stay; each of
//! the processor's entries is booked once by its mark.

use super::{disputes, house, load, locked, mark_odd, opening, ours, processor, refunds};
use crate::commons::events::Note;
use crate::commons::lives::advance;
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::edges::stripe::told::{Dispute, Entry, Intent, Refund, Session};
use crate::error::{Error, Result};
use crate::grants::funds::service as funds;
use crate::grants::gifts::service::online;
use crate::grants::orders::rules::{Said, read};
use crate::ledger::lots;
use crate::ledger::recipes::{self, Sum};
use crate::people::permission::{As, System};
use entities::kinds::{FundId, GiftId, OrderId, OrderStage};
use entities::online_order;
use sea_orm::{ActiveValue::Set, EntityTrait};
use std::sync::Arc;

/// How often the processor is asked again because another look was quicker. Each time one of them came through.
const TRIES: usize = 8;

/// What the processor holds of one order.
#[derive(Debug, Clone)]
struct Truth {
    session: Session,
    refunds: Vec<Refund>,
    disputes: Vec<Dispute>,
}

/// Looks an order up and takes over what it finds.
///
/// # Errors
/// When the processor or the database does not answer; what they answer and we cannot use marks the order odd instead.
pub async fn look(edges: &Arc<Edges>, id: OrderId) -> Result<()> {
    processor(edges)?;
    let order = load(edges.db.read(), id).await?;
    if order.stage == OrderStage::Opening {
        // Boxed, because what it opens is looked up in turn.
        return Box::pin(opening::open(edges, id)).await;
    }
    let Some(session) = &order.session_id else { return Ok(()) };
    let system = &house(edges);
    for _ in 0..TRIES {
        let looks = load(edges.db.read(), id).await?.looks;
        let applied = match ask(edges, session).await {
            Ok(truth) => follow(system, id, looks, &truth).await,
            Err(error) => Err(error),
        };
        let code = match applied {
            Ok(true) => return Ok(()),
            Ok(false) => continue,
            Err(Error::Refused(violations)) => violations.first().map_or("refused-stage", |violation| violation.code),
            Err(Error::Forbidden(code)) => code,
            Err(Error::NotFound) => "refused-order-lost",
            Err(other) => return Err(other),
        };
        // The processor refuses to answer, or the books refuse what it says: nothing of it was kept, so a person must look.
        let marked = system
            .write(|tx| async move {
                let tx = &tx;
                if !mine(tx, id, looks).await? {
                    return Ok(false);
                }
                let row = locked(tx, id).await?;
                mark_odd(tx, system, &row, code).await.map(|()| true)
            })
            .await?;
        if marked {
            return Ok(());
        }
    }
    Err(Error::Busy)
}

/// Follows an answer, unless another was applied since it was asked for.
async fn follow(by: &As<System>, id: OrderId, looks: i64, truth: &Truth) -> Result<bool> {
    by.write(|tx| async move {
        let tx = &tx;
        if !mine(tx, id, looks).await? {
            return Ok(false);
        }
        apply(tx, by, id, truth).await.map(|()| true)
    })
    .await
}

/// Takes the turn of an answer that was asked for when so many had been applied; not once another was.
async fn mine(tx: &Tx, id: OrderId, looks: i64) -> Result<bool> {
    let row = locked(tx, id).await?;
    if row.looks != looks {
        return Ok(false);
    }
    let set = online_order::ActiveModel {
        id: Set(id),
        looks: Set(looks + 1),
        looked_at: Set(Some(tx.now())),
        ..Default::default()
    };
    online_order::Entity::update(set).exec(tx).await?;
    Ok(true)
}

/// Whether the payment went back whole at the processor, or never came: then nothing of it is to be booked here.
///
/// # Errors
/// When the processor does not answer.
pub(super) async fn nothing_is_there(edges: &Edges, order: &online_order::Model) -> Result<bool> {
    let Some(session) = &order.session_id else { return Ok(false) };
    let truth = ask(edges, session).await?;
    let intent = truth.session.payment_intent.as_ref();
    Ok(match intent.map(|intent| intent.status.as_str()) {
        Some("succeeded") => truth.gone(),
        Some("canceled") => true,
        // While the session is open, or something is on its way, it may still be paid.
        Some("requires_payment_method") | None => truth.session.status.as_deref() == Some("expired"),
        Some(_) => false,
    })
}

impl Truth {
    /// What was paid was refunded whole, past us: then it is nothing to us.
    fn gone(&self) -> bool {
        let Some(intent) = &self.session.payment_intent else { return false };
        let made = self.refunds.iter().filter(|refund| refund.status.as_deref() == Some("succeeded"));
        let same = made.filter(|refund| refund.currency.eq_ignore_ascii_case(&intent.currency));
        same.map(|refund| refund.amount).sum::<i64>() == intent.amount_received
    }
}

async fn ask(edges: &Edges, session: &str) -> Result<Truth> {
    let processor = processor(edges)?;
    let session = processor.session(session).await?;
    let (mut refunds, mut disputes) = (Vec::new(), Vec::new());
    if let Some(intent) = session.payment_intent.as_ref().filter(|intent| intent.status == "succeeded") {
        refunds = processor.refunds(&intent.id).await?;
        disputes = processor.disputes(&intent.id).await?;
    }
    Ok(Truth { session, refunds, disputes })
}

async fn apply(tx: &Tx, by: &As<System>, id: OrderId, truth: &Truth) -> Result<()> {
    let row = locked(tx, id).await?;
    let intent = truth.session.payment_intent.as_ref();
    let said = read(truth.session.status.as_deref(), intent.map(|intent| intent.status.as_str()));
    let odd = match (said, intent) {
        (Said::Unknown, _) => Some("refused-order-unknown-state"),
        (Said::Paid, Some(_)) if is_over(row.stage) && truth.gone() => None,
        (Said::Paid, Some(intent)) => paid(tx, by, &row, intent).await?,
        (Said::Paid, None) | (Said::Open, _) => None,
        (Said::Processing, _) => wait(tx, by, &row).await?,
        (Said::Failed, _) => end(tx, by, &row, "fail").await?,
        (Said::Expired, _) => end(tx, by, &row, "expire").await?,
    };
    let row = locked(tx, id).await?;
    let mut odd = odd;
    // What is odd about the payment itself (settled in another currency) must not keep its refunds and disputes from the books.
    if row.stage == OrderStage::Paid {
        let of_refunds = refunds::take_over(tx, by, &row, &truth.refunds).await?;
        let of_disputes = disputes::take_over(tx, by, &row, &truth.disputes).await?;
        odd = odd.or(of_refunds).or(of_disputes);
    }
    match odd {
        Some(code) => mark_odd(tx, by, &row, code).await,
        None => super::clear_odd(tx, by, &row).await,
    }
}

/// An order that ended without its money.
fn is_over(stage: OrderStage) -> bool {
    matches!(stage, OrderStage::Failed | OrderStage::Expired)
}

/// The donor completed it; the money is on its way.
async fn wait(tx: &Tx, by: &As<System>, row: &online_order::Model) -> Result<Option<&'static str>> {
    if row.stage == OrderStage::Open {
        advance(tx, by, row, "wait", Note::act("")).await?;
    }
    Ok(None)
}

/// No money will come of it. An order that was paid stays so: what is told later than that is older.
async fn end(tx: &Tx, by: &As<System>, row: &online_order::Model, act: &'static str) -> Result<Option<&'static str>> {
    if matches!((row.stage, act), (OrderStage::Open, _) | (OrderStage::Processing, "fail")) {
        advance(tx, by, row, act, Note::act("")).await?;
        online::end(tx, by, row.gift_id, act).await?;
    }
    Ok(None)
}

/// The money is there. It is booked when it is what was ordered, for an order that still waits; and then its fee.
async fn paid(tx: &Tx, by: &As<System>, row: &online_order::Model, intent: &Intent) -> Result<Option<&'static str>> {
    if row.stage != OrderStage::Paid {
        if !matches!(row.stage, OrderStage::Open | OrderStage::Processing) {
            return Ok(Some("refused-order-gift-stage"));
        }
        match ours(intent.amount_received, &intent.currency, row.currency) {
            None => return Ok(Some("refused-order-currency")),
            Some(received) if received != row.amount_minor => return Ok(Some("refused-order-amount")),
            Some(_) => {}
        }
        let charge = intent.latest_charge.as_ref().map(|charge| charge.id.clone());
        let set = online_order::ActiveModel {
            id: Set(row.id),
            payment_intent: Set(Some(intent.id.clone())),
            charge_id: Set(charge),
            paid_at: Set(Some(tx.now())),
            ..Default::default()
        };
        online_order::Entity::update(set).exec(tx).await?;
        advance(tx, by, row, "pay", Note::act("")).await?;
        online::receive(tx, by, row.gift_id, &intent.id).await?;
    } else if row.payment_intent.as_deref() != Some(intent.id.as_str()) {
        return Ok(Some("refused-order-second-payment"));
    }
    let entry = intent.latest_charge.as_ref().and_then(|charge| charge.balance_transaction.as_ref());
    match entry {
        Some(entry) => fee(tx, by, row, entry).await,
        None => Ok(None),
    }
}

/// The actual fee of the processor's entry, once; never an estimate. An entry in another currency is not ours to convert.
async fn fee(tx: &Tx, by: &As<System>, row: &online_order::Model, entry: &Entry) -> Result<Option<&'static str>> {
    if row.balance_transaction.is_some() {
        return Ok(None);
    }
    let Some(fee_minor) = ours(entry.fee, &entry.currency, row.currency) else {
        return Ok(Some("refused-order-settled-otherwise"));
    };
    let set = online_order::ActiveModel {
        id: Set(row.id),
        balance_transaction: Set(Some(entry.id.clone())),
        fee_minor: Set(Some(fee_minor)),
        ..Default::default()
    };
    online_order::Entity::update(set).exec(tx).await?;
    if fee_minor > 0 {
        let sum = Sum { amount_minor: fee_minor, currency: row.currency, on: by.day_of(tx.now()) };
        recipes::processor_fee(tx, by, row.id, sum, &entry.id, bearer(tx, row).await?).await?;
    }
    Ok(None)
}

/// The fund that bears the processor's fee of an order, by its agreement: the one that has the gift now.
async fn bearer(tx: &Tx, row: &online_order::Model) -> Result<Option<(GiftId, FundId)>> {
    let Some(fund) = lots::home(tx, row.gift_id).await? else { return Ok(None) };
    let bears = funds::load(tx, fund).await?.bears_processor_fee;
    Ok(bears.then_some((row.gift_id, fund)))
}
