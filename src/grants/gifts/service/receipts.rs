//! Receipts through the bank: a line recorded by one and confirmed by another; matched, or sent back.

use super::pledges::{end_note, reference};
use super::{accepting, load, locked, not_own, restricted, tell, tell_of};
use crate::commons::documents::{self, Kept};
use crate::commons::events::{self, Note};
use crate::commons::lives::{advance, advance_with, permitted};
use crate::commons::{holds, letters, proposals};
use crate::core::matching::match_for;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::funds;
use crate::grants::pledges::service::parts;
use crate::ledger::lines::Moved;
use crate::ledger::recipes::{self, Sum};
use crate::ledger::{Account, balances, lines};
use crate::people::permission::{Approver, As, Finance, Permission, RolePermission};
use crate::people::roles;
use chrono::NaiveDate;
use entities::kinds::{
    Anonymity, Currency, DocumentPurpose, FundId, GiftId, GiftKind, GiftStage, MatchPoolStage, NeedId, OrganisationId,
    PersonId, ProposalKind, Role, Subject,
};
use entities::{gift, match_pool};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// A bank line as finance recorded it.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// To which fund.
    pub fund: FundId,
    /// The donor, where an organisation registered here.
    pub donor_organisation: Option<OrganisationId>,
    /// The donor, where a person with an account.
    pub donor_person: Option<PersonId>,
    /// As the bank line names them.
    pub donor_name: String,
    /// What the public may see.
    pub anonymity: Anonymity,
    /// Or waived.
    pub receipt_wanted: bool,
    /// Minor units.
    pub amount_minor: i64,
    /// Currency.
    pub currency: Currency,
    /// Only for this need.
    pub restriction: Option<NeedId>,
    /// Day of the line.
    pub received_on: NaiveDate,
    /// The bank's mark for it.
    pub bank_line: String,
    /// The pledge it pays.
    pub pledge: Option<GiftId>,
    /// Bank slip.
    pub slip: Option<Kept>,
}

/// Records a bank line: the money stands in suspense until another person confirms whose it is.
///
/// # Errors
/// Names the field; a refusal when the fund does not take this gift, or the line was recorded before.
pub async fn record_receipt(by: &As<Finance>, receipt: Receipt) -> Result<GiftId> {
    check(by, &receipt)?;
    let receipt = &receipt;
    by.write(|tx| async move {
        let tx = &tx;
        let moved = Moved { amount_minor: receipt.amount_minor, currency: receipt.currency };
        unused(tx, receipt.bank_line.trim(), moved).await?;
        let row = written(tx, by, receipt).await?;
        let id = row.id;
        let voucher = match &receipt.slip {
            Some(kept) => Some(documents::file(tx, by, kept, DocumentPurpose::Receipt, None).await?),
            None => None,
        };
        let sum = Sum { amount_minor: row.amount_minor, currency: row.currency, on: receipt.received_on };
        recipes::bank_receipt(tx, by, (Subject::Gift, id.0), row.fund_id, sum, receipt.bank_line.trim(), voucher)
            .await?;
        events::record(tx, by, Subject::Gift, id.0, Note::act("record-receipt")).await?;
        letters::to_role(tx, Role::Approver, "gift-to-confirm", &[], &format!("/gifts/{id}")).await?;
        Ok(id)
    })
    .await
}

/// Records whose the money is that a line of the statement brought into suspense before: there it stays until another person
/// confirms it.
///
/// # Errors
/// As [`record_receipt`].
pub async fn record_suspended(tx: &Tx, by: &As<Finance>, receipt: &Receipt) -> Result<GiftId> {
    check(by, receipt)?;
    let id = written(tx, by, receipt).await?.id;
    events::record(tx, by, Subject::Gift, id.0, Note::act("record-receipt")).await?;
    letters::to_role(tx, Role::Approver, "gift-to-confirm", &[], &format!("/gifts/{id}")).await?;
    Ok(id)
}

/// The gift that a line brings: a pledge that goes on, or a new one; never of who records it.
async fn written(tx: &Tx, by: &As<Finance>, receipt: &Receipt) -> Result<gift::Model> {
    let id = match receipt.pledge {
        Some(pledge) => on_pledge(tx, by, pledge, receipt).await?,
        None => fresh(tx, by, receipt).await?,
    };
    let row = load(tx, id).await?;
    not_own(by, &row)?;
    Ok(row)
}

fn check(by: &As<Finance>, receipt: &Receipt) -> Result<()> {
    use crate::error::Violation;
    let mut wrong = Vec::new();
    if receipt.amount_minor <= 0 {
        wrong.push(Violation::at("amount", "refused-zero"));
    }
    if receipt.bank_line.trim().is_empty() {
        wrong.push(Violation::at("bank_line", "refused-empty"));
    }
    if receipt.received_on > by.edges.today() {
        wrong.push(Violation::at("received_on", "refused-gift-future"));
    }
    crate::commons::texts::all_well(wrong)
}

async fn fresh(tx: &Tx, by: &As<Finance>, receipt: &Receipt) -> Result<GiftId> {
    let known = receipt.donor_organisation.is_some() || receipt.donor_person.is_some();
    accepting(tx, receipt.fund, receipt.currency, known).await?;
    restricted(tx, receipt.restriction).await?;
    let row = gift::ActiveModel {
        fund_id: Set(receipt.fund),
        kind: Set(GiftKind::Bank),
        stage: Set(GiftStage::Processing),
        donor_organisation_id: Set(receipt.donor_organisation),
        donor_person_id: Set(receipt.donor_person),
        donor_name: Set(receipt.donor_name.trim().to_owned()),
        anonymity: Set(receipt.anonymity),
        receipt_wanted: Set(receipt.receipt_wanted),
        amount_minor: Set(receipt.amount_minor),
        currency: Set(receipt.currency),
        restriction_need_id: Set(receipt.restriction),
        bank_line: Set(Some(receipt.bank_line.trim().to_owned())),
        received_on: Set(Some(receipt.received_on)),
        description: Set(String::new()),
        valuation_basis: Set(String::new()),
        recorded_by: Set(by.actor.person),
        created_by: Set(by.actor.person),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    Ok(gift::Entity::insert(row).exec_with_returning(tx).await?.id)
}

/// A pledge is paid: its own row goes on, with the donor, name and restriction it was promised with.
async fn on_pledge(tx: &Tx, by: &As<Finance>, id: GiftId, receipt: &Receipt) -> Result<GiftId> {
    // Another may record the same pledge, or the clock end it, at this moment.
    let mut row = locked(tx, id).await?;
    if row.fund_id != receipt.fund || row.recorded_by.is_some() || row.kind != GiftKind::Bank {
        return Err(Error::field("pledge", "refused-unknown"));
    }
    if row.currency != receipt.currency {
        return Err(Error::field("amount", "refused-gift-pledge-amount"));
    }
    if row.amount_minor != receipt.amount_minor {
        parts::split(tx, by, &row, receipt.amount_minor).await?;
        row = load(tx, id).await?;
    }
    accepting(tx, row.fund_id, row.currency, true).await?;
    if row.stage == GiftStage::Pledged {
        advance(tx, by, &row, "issue-reference", Note::act("")).await?;
    } else if row.stage != GiftStage::Processing {
        return Err(Error::refused("refused-stage"));
    }
    let set = gift::ActiveModel {
        id: Set(id),
        reference: Set(Some(reference(id))),
        bank_line: Set(Some(receipt.bank_line.trim().to_owned())),
        received_on: Set(Some(receipt.received_on)),
        recorded_by: Set(by.actor.person),
        ..Default::default()
    };
    gift::Entity::update(set).exec(tx).await?;
    Ok(id)
}

/// A bank line carries one receipt, whatever it was recorded for, and moved just this.
pub(super) async fn unused(tx: &Tx, line: &str, moved: Moved) -> Result<()> {
    lines::is_free(tx, line, moved).await?;
    unnamed(tx, line).await
}

/// No platform's file names the line.
pub(super) async fn unnamed(tx: &Tx, line: &str) -> Result<()> {
    let files = entities::settlement_import::Entity::find()
        .filter(entities::settlement_import::Column::BankLine.eq(line))
        .one(tx)
        .await?;
    if files.is_some() {
        return Err(Error::field("bank_line", "refused-bank-line-used"));
    }
    Ok(())
}

/// Confirms a recorded receipt: the money is the fund's, as a lot of its own, and open pools match it. By an approver or
/// another finance officer, never by who recorded it.
///
/// # Errors
/// [`Error::NotFound`]; forbidden for the recorder and the donor's people; a refusal when the fund is held or takes nothing.
pub async fn confirm_receipt<R: RolePermission>(by: &As<R>, id: GiftId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        confirmed(tx, by, id).await
    })
    .await
}

/// The confirmation itself, in the transaction of whoever confirms.
pub(super) async fn confirmed<R: RolePermission>(tx: &Tx, by: &As<R>, id: GiftId) -> Result<()> {
    let row = load(tx, id).await?;
    permitted(&row, by, "receive")?;
    let (Some(recorder), Some(on)) = (row.recorded_by, row.received_on) else {
        return Err(Error::refused("refused-gift-not-recorded"));
    };
    roles::apart(tx, by, &[Some(recorder)]).await?;
    not_own(by, &row)?;
    if proposals::open(tx, ProposalKind::GiftReceipt, Subject::Gift, id.0).await?.is_some() {
        return Err(Error::refused("refused-gift-going-back"));
    }
    holds::none(tx, by, &[(Subject::Fund, row.fund_id.0), (Subject::Gift, id.0)]).await?;
    let known = row.donor_organisation_id.is_some() || row.donor_person_id.is_some();
    let fund = accepting(tx, row.fund_id, row.currency, known).await?;
    let confirmed = [(gift::Column::ConfirmedBy, by.actor.person.into())];
    advance_with(tx, by, &row, ("receive", &confirmed), Note::act("")).await?;
    let sum = Sum { amount_minor: row.amount_minor, currency: row.currency, on };
    recipes::suspense_matched(tx, by, id, row.fund_id, row.restriction_need_id, sum).await?;
    end_note(tx, by, &row).await?;
    match_gift(tx, by, &row, sum).await?;
    tell_of(tx, &row, &fund, "gift-received").await?;
    funds::service::ready(tx, by, fund).await
}

/// Open pools match the gift: each match is a gift and a lot of its own.
pub(super) async fn match_gift<P: Permission>(tx: &Tx, by: &As<P>, row: &gift::Model, sum: Sum) -> Result<()> {
    let pools = match_pool::Entity::find()
        .filter(match_pool::Column::FundId.eq(row.fund_id))
        .filter(match_pool::Column::Stage.eq(MatchPoolStage::Open))
        .filter(match_pool::Column::OpensOn.lte(sum.on))
        .filter(match_pool::Column::ClosesOn.gte(sum.on))
        .filter(match_pool::Column::Currency.eq(row.currency))
        .order_by_asc(match_pool::Column::Id)
        // Two receipts at once would both be promised the last of a pool, and the books refuse the second.
        .lock_exclusive()
        .all(tx)
        .await?;
    for pool in pools {
        // The cap in all is the money that was set aside; what a refund brought back of a match, in part too, may be promised anew.
        let available = balances::available(tx, Account::MatchPool(pool.id), pool.currency).await?;
        let amount_minor = match_for(
            row.amount_minor,
            i64::from(pool.ratio_bps),
            pool.cap_per_gift_minor,
            pool.cap_total_minor.min(available),
            available,
        );
        if amount_minor == 0 {
            continue;
        }
        let matching = gift::ActiveModel {
            fund_id: Set(row.fund_id),
            kind: Set(GiftKind::Match),
            stage: Set(GiftStage::Received),
            donor_name: Set(String::new()),
            anonymity: Set(Anonymity::Named),
            receipt_wanted: Set(false),
            amount_minor: Set(amount_minor),
            currency: Set(row.currency),
            received_on: Set(Some(sum.on)),
            description: Set(String::new()),
            valuation_basis: Set(String::new()),
            pool_id: Set(Some(pool.id)),
            matched_gift_id: Set(Some(row.id)),
            created_at: Set(tx.now()),
            ..Default::default()
        };
        let matching = gift::Entity::insert(matching).exec_with_returning(tx).await?;
        recipes::matched(tx, by, pool.id, row.fund_id, matching.id, Sum { amount_minor, ..sum }).await?;
        events::record(tx, by, Subject::Gift, matching.id.0, Note::act("match")).await?;
    }
    Ok(())
}

/// Proposes to send a recorded receipt back: nobody can place it, or the fund may not take it.
///
/// # Errors
/// [`Error::NotFound`]; a refusal without a reason, or when it was not recorded or is confirmed.
pub async fn reject_receipt(by: &As<Finance>, id: GiftId, reason: &str) -> Result<()> {
    if reason.trim().is_empty() {
        return Err(Error::field("reason", "refused-empty"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        permitted(&row, by, "return")?;
        if row.recorded_by.is_none() {
            return Err(Error::refused("refused-gift-not-recorded"));
        }
        proposals::propose(tx, by, ProposalKind::GiftReceipt, Subject::Gift, id.0, &reason).await.map(|_| ())
    })
    .await
}

/// Sends a receipt back to its sender: suspense to bank. `bank_line` is the line of the return.
///
/// # Errors
/// [`Error::NotFound`] when nothing is proposed; forbidden for the proposer; a refusal when the line was recorded before.
pub async fn confirm_return(by: &As<Approver>, id: GiftId, bank_line: &str) -> Result<()> {
    if bank_line.trim().is_empty() {
        return Err(Error::field("bank_line", "refused-empty"));
    }
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        let sum = Sum { amount_minor: row.amount_minor, currency: row.currency, on: by.day_of(tx.now()) };
        unused(tx, bank_line.trim(), Moved::went(sum)).await?;
        let reason: String = proposals::confirm(tx, by, ProposalKind::GiftReceipt, Subject::Gift, id.0).await?;
        advance(tx, by, &row, "return", Note::act("").because(reason)).await?;
        recipes::suspense_returned(tx, by, id, row.fund_id, sum, bank_line.trim()).await?;
        end_note(tx, by, &row).await?;
        parts::ended(tx, by, id).await?;
        tell(tx, &row, "gift-returned").await
    })
    .await
}

/// Declines to send a receipt back, or withdraws one's own proposal.
///
/// # Errors
/// [`Error::NotFound`] when nothing is proposed.
pub async fn decline_return<R: RolePermission>(by: &As<R>, id: GiftId, reason: &str) -> Result<()> {
    if !matches!(R::ROLE, Role::FinanceOfficer | Role::Approver) {
        return Err(Error::Forbidden("forbidden-approver"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        proposals::decline(tx, by, ProposalKind::GiftReceipt, Subject::Gift, id.0, reason).await
    })
    .await
}
