//! Corrections: an entry is never edited. One of finance writes what was wrong, an approver publishes it; where the entry can be
//! undone by itself, the same act posts its reversal.
//!
//! What other rows stand on (a gift, a tranche) is undone by the act of its own room, a refund or a return, so that the books and
//! the rooms never tell two stories.

use super::accounts::Account;
use super::books::{self, Entry};
use crate::commons::events::{self, Note};
use crate::commons::{letters, proposals};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::{Approver, As, Finance};
use crate::people::roles;
use entities::kinds::{Phase, PostingId, ProposalKind, Recipe, Role, Subject};
use entities::{account, correction_note, posting, transfer};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};

/// Entries on which no row of a room stands, so that their reversal leaves nothing behind.
const BY_ITSELF: [Recipe; 1] = [Recipe::BankFee];

/// A correction as it was proposed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Proposed {
    /// What was wrong, in words; published.
    pub reason: String,
    /// Whether the entry is undone.
    pub reverse: bool,
}

/// Whether an entry can be undone here: nothing else stands on it, and it was not undone before.
///
/// # Errors
/// When the database cannot be read.
pub async fn reversible(db: &impl ConnectionTrait, row: &posting::Model) -> Result<bool> {
    if !BY_ITSELF.contains(&row.recipe) {
        return Ok(false);
    }
    let own: Vec<_> = transfers(db, row.id).await?.into_iter().map(|row| row.id).collect();
    let undone = transfer::Entity::find().filter(transfer::Column::ReversesId.is_in(own)).one(db).await?;
    Ok(undone.is_none())
}

/// Proposes a correction.
///
/// # Errors
/// [`Error::NotFound`] for an entry there is none of; `refused-not-reversible`; when one waits already.
pub async fn propose(by: &As<Finance>, id: PostingId, proposed: &Proposed) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = posting::Entity::find_by_id(id).one(tx).await?.ok_or(Error::NotFound)?;
        if transfers(tx, id).await?.is_empty() {
            return Err(Error::NotFound);
        }
        if proposed.reverse && !reversible(tx, &row).await? {
            return Err(Error::field("reverse", "refused-not-reversible"));
        }
        proposals::propose(tx, by, ProposalKind::Correction, Subject::Posting, id.0, proposed).await?;
        events::record(tx, by, Subject::Posting, id.0, Note::act("propose-correction").because(&proposed.reason))
            .await?;
        let args = [("number", books::number(id))];
        letters::to_role(tx, Role::Approver, "correction-proposed", &args, &page(id)).await
    })
    .await
}

/// An approver publishes a correction, and with it the reversal where one was asked for.
///
/// # Errors
/// [`Error::NotFound`] when none waits; `forbidden-second-person` for who proposed it or entered what it corrects.
pub async fn confirm(by: &As<Approver>, id: PostingId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = posting::Entity::find_by_id(id).one(tx).await?.ok_or(Error::NotFound)?;
        let open =
            proposals::open(tx, ProposalKind::Correction, Subject::Posting, id.0).await?.ok_or(Error::NotFound)?;
        // Who made the entry does not judge what was wrong with it.
        roles::apart(tx, by, &[row.created_by]).await?;
        let said: Proposed = proposals::confirm(tx, by, ProposalKind::Correction, Subject::Posting, id.0).await?;
        let reversal = if said.reverse { Some(reverse(tx, by, &row).await?) } else { None };
        let note = correction_note::ActiveModel {
            posting_id: Set(id),
            reversal_id: Set(reversal),
            reason: Set(said.reason.clone()),
            written_by: Set(open.proposed_by),
            at: Set(tx.now()),
            ..Default::default()
        };
        correction_note::Entity::insert(note).exec_without_returning(tx).await?;
        events::record(tx, by, Subject::Posting, id.0, Note::act("publish-correction").because(said.reason)).await
    })
    .await
}

/// An approver declines, or who proposed takes it back.
///
/// # Errors
/// What [`proposals::decline`] refuses.
pub async fn decline(by: &As<Approver>, id: PostingId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        proposals::decline(tx, by, ProposalKind::Correction, Subject::Posting, id.0, reason).await?;
        events::record(tx, by, Subject::Posting, id.0, Note::act("decline-correction").because(reason)).await
    })
    .await
}

/// Posts the reversal of an entry: every transfer with its sides changed, in one entry of today.
async fn reverse(tx: &Tx, by: &As<Approver>, row: &posting::Model) -> Result<PostingId> {
    if !reversible(tx, row).await? {
        return Err(Error::refused("refused-not-reversible"));
    }
    let moved = transfers(tx, row.id).await?;
    let first = moved.first().ok_or(Error::NotFound)?;
    let entry = Entry {
        recipe: Recipe::Correction,
        subject: (Subject::Posting, row.id.0),
        occurred_on: by.day_of(tx.now()),
        fund: row.fund_id,
        award: row.award_id,
        currency: first.currency,
    };
    let open = books::open(tx, by, entry).await?;
    for transfer in &moved {
        let (debit, credit) = (of(tx, transfer.credit_id).await?, of(tx, transfer.debit_id).await?);
        let key = format!("correction:{}", transfer.id);
        open.reverse(transfer.id, debit, credit, transfer.amount_minor, &key).await?;
    }
    Ok(open.id)
}

/// The account of a row, as recipes name it.
async fn of(tx: &Tx, id: entities::kinds::AccountId) -> Result<Account> {
    let row = account::Entity::find_by_id(id).one(tx).await?.ok_or(Error::NotFound)?;
    Account::of(&row).ok_or_else(|| Error::Internal(format!("no recipe names account {}", row.code)))
}

async fn transfers(db: &impl ConnectionTrait, id: PostingId) -> Result<Vec<transfer::Model>> {
    Ok(transfer::Entity::find()
        .filter(transfer::Column::PostingId.eq(id))
        .filter(transfer::Column::Phase.is_in([Phase::Single, Phase::Post]))
        .order_by_asc(transfer::Column::Id)
        .all(db)
        .await?)
}

fn page(id: PostingId) -> String {
    format!("/ledger/{}", books::number(id))
}
