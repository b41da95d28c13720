//! Payouts: what the processor held goes to the foundation's bank account, booked once by the payout's own mark.

use super::{house, processor};
use crate::commons::events::{self, Note};
use crate::core::cards::from_processor;
use crate::edges::Edges;
use crate::error::{Error, Result};
use crate::ledger::recipes::{self, Sum};
use entities::kinds::{Currency, Subject};
use std::sync::Arc;

/// Looks a payout up and books what stands there. Answers why a person must look, if one must.
///
/// # Errors
/// When the processor or the database does not answer.
pub async fn look(edges: &Arc<Edges>, id: &str) -> Result<Option<&'static str>> {
    let payout = processor(edges)?.payout(id).await?;
    let currency: Option<Currency> = payout.currency.to_ascii_uppercase().parse().ok();
    let Some(currency) = currency else { return Ok(Some("refused-order-currency")) };
    let amount_minor = from_processor(payout.amount, currency.0).unwrap_or(0);
    if amount_minor <= 0 {
        // The processor takes money from the bank: nobody here decided that.
        return Ok(Some("refused-order-amount"));
    }
    let system = &house(edges);
    let (mark, status) = (payout.id.as_str(), payout.status.as_str());
    let known = matches!(status, "paid" | "failed" | "canceled" | "pending" | "in_transit");
    system
        .write(|tx| async move {
            let tx = &tx;
            let sum = Sum { amount_minor, currency, on: system.day_of(tx.now()) };
            let act = match status {
                "paid" => recipes::processor_payout(tx, system, sum, mark).await?.then_some("pay-out"),
                "failed" | "canceled" => {
                    recipes::payout_failed(tx, system, sum, mark).await?.then_some("pay-out-failed")
                }
                _ => None,
            };
            match act {
                Some(act) => events::record(tx, system, Subject::Payout, 0, Note::act(act).because(mark)).await,
                None => Ok(()),
            }
        })
        .await
        .map_err(|error| match error {
            Error::Refused(why) => Error::Internal(format!("payout {mark}: {why:?}")),
            other => other,
        })?;
    Ok((!known).then_some("refused-order-unknown-state"))
}
