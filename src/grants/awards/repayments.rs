//! Money that a grantee sends back: what a termination claws back, and what was paid above the allowable cost.
//!
//! Finance says that it came, with the bank's line; an approver who had no hand in the payments confirms it, and it is the
//! fund's again. What is owed is never kept as a figure: it follows from what is paid, so that a payment the bank returns
//! lessens it too.

use super::rules::takes_back;
use super::separation;
use super::service::{home, load, locked, paid};
use crate::commons::documents::{self, Kept};
use crate::commons::{letters, proposals};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::tranches::service as tranches;
use crate::ledger::lines::{self, Moved};
use crate::ledger::recipes;
use crate::people::permission::{Approver, As, Finance};
use crate::people::roles;
use entities::kinds::{
    AwardId, AwardStage, DocumentId, DocumentPurpose, PersonId, ProposalKind, Recipe, Role, Subject,
};
use entities::{award, payment, posting, transfer};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};

/// What is fixed when finance says that money came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Repayment {
    /// How much, in minor units.
    pub amount_minor: i64,
    /// The bank's mark of the line.
    pub bank_line: String,
    /// The bank's slip, where there is one.
    pub slip: Option<DocumentId>,
}

/// What the grantee owes now: never more than it still has.
///
/// # Errors
/// When the database cannot be read.
pub async fn owed(db: &impl ConnectionTrait, row: &award::Model) -> Result<i64> {
    let has = paid(db, row.id).await?;
    let asked = match row.stage {
        AwardStage::Terminated => row.clawback_minor.unwrap_or(0) - sent_back(db, row.id).await?,
        _ => row.allowable_cost_minor.map_or(0, |cost| has - cost),
    };
    Ok(asked.min(has).max(0))
}

/// What the grantee sent back so far. An award takes money back only once it closes or is terminated, and never leaves the one
/// for the other, so all of it counts against the same claim.
async fn sent_back(db: &impl ConnectionTrait, id: AwardId) -> Result<i64> {
    let amounts: Vec<i64> = transfer::Entity::find()
        .select_only()
        .column(transfer::Column::AmountMinor)
        .join(
            sea_orm::JoinType::InnerJoin,
            transfer::Entity::belongs_to(posting::Entity)
                .from(transfer::Column::PostingId)
                .to(posting::Column::Id)
                .into(),
        )
        .filter(posting::Column::AwardId.eq(id))
        .filter(posting::Column::Recipe.eq(Recipe::GranteeReturned))
        .into_tuple()
        .all(db)
        .await?;
    Ok(amounts.iter().sum())
}

/// Finance says that money of the grantee came back.
///
/// # Errors
/// Refusals: nothing is owed, more than is owed, the bank line used before.
pub async fn propose_repayment(
    by: &As<Finance>,
    id: AwardId,
    amount_minor: i64,
    bank_line: &str,
    slip: Option<&Kept>,
) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        separation::outsider(tx, by.person()?, &row).await?;
        fits(tx, &row, amount_minor, bank_line).await?;
        let slip = match slip {
            Some(kept) => {
                Some(documents::file(tx, by, kept, DocumentPurpose::Receipt, Some(row.organisation_id)).await?)
            }
            None => None,
        };
        let told = Repayment { amount_minor, bank_line: bank_line.to_owned(), slip };
        proposals::propose(tx, by, ProposalKind::Repayment, Subject::Award, id.0, &told).await?;
        let args = [("title", row.title.clone()), ("amount", tranches::figures(amount_minor, &row))];
        letters::to_role(tx, Role::Approver, "award-repayment", &args, &format!("/awards/{id}")).await
    })
    .await
}

async fn fits(tx: &Tx, row: &award::Model, amount_minor: i64, bank_line: &str) -> Result<()> {
    let owed = if takes_back(row.stage) { owed(tx, row).await? } else { 0 };
    if owed == 0 {
        return Err(Error::refused("refused-stage"));
    }
    if amount_minor <= 0 || amount_minor > owed {
        return Err(Error::field("amount", "refused-clawback-more"));
    }
    lines::is_free(tx, bank_line, Moved { amount_minor, currency: row.currency }).await
}

/// An approver finds the money on the statement too: it is the fund's again.
///
/// # Errors
/// [`Error::NotFound`] when none is proposed; [`Error::Forbidden`] for who proposed it, prepared or sent a payment of the award,
/// and for the grantee's people; refusals as for the proposal.
pub async fn confirm_repayment(by: &As<Approver>, id: AwardId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = locked(tx, id).await?;
        separation::untouched(tx, by, &row).await?;
        roles::apart(tx, by, &hands(tx, id).await?).await?;
        let told: Repayment = proposals::confirm(tx, by, ProposalKind::Repayment, Subject::Award, id.0).await?;
        fits(tx, &row, told.amount_minor, &told.bank_line).await?;
        let sum = recipes::Sum { amount_minor: told.amount_minor, currency: row.currency, on: by.day_of(tx.now()) };
        recipes::grantee_returned(tx, by, home(tx, row.fund_id).await?, id, row.item_id, sum, &told.bank_line).await?;
        settled(tx, &row).await
    })
    .await
}

/// Who prepared or sent a payment of the award.
async fn hands(tx: &Tx, id: AwardId) -> Result<Vec<Option<PersonId>>> {
    let parts = tranches::of_award(tx, id).await?;
    let rows = payment::Entity::find()
        .filter(payment::Column::TrancheId.is_in(parts.iter().map(|part| part.id)))
        .all(tx)
        .await?;
    Ok(rows.iter().flat_map(|row| [row.prepared_by, row.sent_by]).collect())
}

/// Notes on the award whether anything is still owed of a clawback.
///
/// # Errors
/// When the database refuses.
pub async fn settled(tx: &Tx, row: &award::Model) -> Result<()> {
    let settled = row.stage == AwardStage::Terminated && owed(tx, row).await? == 0;
    let change = award::ActiveModel {
        id: Set(row.id),
        clawback_settled: Set(settled || row.clawback_settled),
        version: Set(row.version + 1),
        ..Default::default()
    };
    award::Entity::update(change).exec(tx).await?;
    Ok(())
}
