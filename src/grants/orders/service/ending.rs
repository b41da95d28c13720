//! The end of an order that paid what was not ordered: the money is sent back in the processor's own pages, and two people end
//! the order here. Until then its gift waits, and its fund cannot close.

use super::{house, load, locked, truth};
use crate::commons::lives::advance;
use crate::commons::{events::Note, proposals};
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::gifts::service::{self as gifts, online};
use crate::people::permission::{Approver, As, Finance, RolePermission};
use entities::kinds::{OrderId, OrderStage, ProposalKind, Role, Subject};
use entities::online_order;

/// Whether finance may end an order: one that a person must look at, and of which nothing is booked.
pub fn can_end(row: &online_order::Model) -> bool {
    !row.odd.is_empty() && matches!(row.stage, OrderStage::Open | OrderStage::Processing)
}

/// Proposes to end an order whose payment cannot be booked.
///
/// # Errors
/// [`Error::NotFound`]; a refusal without a reason, for an order that needs no such end, or while the processor has the money.
pub async fn propose(by: &As<Finance>, id: OrderId, reason: &str) -> Result<()> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::field("reason", "refused-empty"));
    }
    sent_back(&by.edges, id).await?;
    by.decide(|tx| async move {
        let tx = &tx;
        endable(tx, id).await?;
        proposals::propose(tx, by, ProposalKind::Closing, Subject::Order, id.0, &reason).await.map(|_| ())
    })
    .await
}

/// Ends it: the order failed, and so did a gift that was nothing but this order. A pledge may be paid another way.
///
/// # Errors
/// [`Error::NotFound`] when nothing is proposed; forbidden for the proposer and the donor's people; a refusal as for the proposal.
pub async fn confirm(by: &As<Approver>, id: OrderId) -> Result<()> {
    sent_back(&by.edges, id).await?;
    let system = &house(&by.edges);
    by.decide(|tx| async move {
        let tx = &tx;
        let row = endable(tx, id).await?;
        let given = gifts::load(tx, row.gift_id).await?;
        if gifts::is_donor(by, &given) {
            return Err(Error::Forbidden("forbidden-gift-own"));
        }
        let reason: String = proposals::confirm(tx, by, ProposalKind::Closing, Subject::Order, id.0).await?;
        advance(tx, by, &row, "end", Note::act("").because(reason)).await?;
        online::end(tx, system, given.id, "fail").await?;
        super::clear_odd(tx, by, &row).await
    })
    .await
}

/// Declines to end it, or withdraws one's own proposal.
///
/// # Errors
/// [`Error::NotFound`] when nothing is proposed.
pub async fn decline<R: RolePermission>(by: &As<R>, id: OrderId, reason: &str) -> Result<()> {
    if !matches!(R::ROLE, Role::FinanceOfficer | Role::Approver) {
        return Err(Error::Forbidden("forbidden-approver"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        proposals::decline(tx, by, ProposalKind::Closing, Subject::Order, id.0, reason).await
    })
    .await
}

async fn endable(tx: &Tx, id: OrderId) -> Result<online_order::Model> {
    let row = locked(tx, id).await?;
    if can_end(&row) { Ok(row) } else { Err(Error::refused("refused-stage")) }
}

/// The processor itself says that it has nothing of this order any more.
async fn sent_back(edges: &Edges, id: OrderId) -> Result<()> {
    let row = load(edges.db.read(), id).await?;
    if truth::nothing_is_there(edges, &row).await? {
        Ok(())
    } else {
        Err(Error::refused("refused-order-not-sent-back"))
    }
}
