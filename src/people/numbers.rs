//! Account numbers of payees: sealed by the vault, known again by a mark, shown by their last figures.
//!
//! The database, its dump and a backup without its keys tell no number. [`whole`] is for whoever compares it with its evidence and for
//! the file that the bank is told by; nothing else opens one.

use super::rules;
use crate::edges::Edges;
use crate::error::{Error, Result};
use crate::people::permission::Context;
use entities::kinds::{OrganisationId, PayeeStage};
use entities::payee_account;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Figures that people see.
const TAIL: usize = 4;
/// Numbers sealed in one transaction, where an older house kept them open.
const BATCH: u64 = 500;
/// Other organisations with the same account that a page names.
const SHARED: u64 = 20;

/// A number as it is kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Sealed by the vault.
    pub sealed: String,
    /// To know it again.
    pub mark: String,
    /// Its last figures.
    pub tail: String,
}

/// Whose a sealed number is: put into another organisation's row it opens no more.
fn owner(organisation: OrganisationId) -> String {
    format!("payee account of organisation {organisation}")
}

/// Seals a number of an organisation.
///
/// # Errors
/// When the vault cannot.
pub fn keep(edges: &Edges, organisation: OrganisationId, number: &str) -> Result<Kept> {
    let from = number.char_indices().rev().nth(TAIL - 1).map_or(0, |(place, _)| place);
    Ok(Kept {
        sealed: edges.vault.seal(&edges.dice, &owner(organisation), number.as_bytes())?,
        mark: edges.vault.mark("payee account", &number.to_ascii_uppercase()),
        tail: number.get(from..).unwrap_or_default().to_owned(),
    })
}

/// The whole number: for who compares it with its evidence, and for the bank's own file.
///
/// # Errors
/// When it was sealed with another key, or for another organisation.
pub fn whole(edges: &Edges, row: &payee_account::Model) -> Result<String> {
    let bytes = edges.vault.reveal(&owner(row.organisation_id), &row.account_sealed)?;
    String::from_utf8(bytes).map_err(|_| Error::Internal("a payee account holds no text".into()))
}

/// A number under the key that seals now, with its mark; nothing when it is sealed with it.
///
/// # Errors
/// As [`whole`].
pub(super) fn renewed(edges: &Edges, row: &payee_account::Model) -> Result<Option<Kept>> {
    let old = edges.vault.renewed(&edges.dice, &owner(row.organisation_id), &row.account_sealed)?;
    let Some((number, _)) = old else { return Ok(None) };
    let number = String::from_utf8(number).map_err(|_| Error::Internal("a payee account holds no text".into()))?;
    keep(edges, row.organisation_id, &number).map(Some)
}

/// A number as people see it.
pub fn masked(row: &payee_account::Model) -> String {
    rules::masked(&row.account_tail)
}

/// Other organisations that gave the same account.
///
/// # Errors
/// When the database cannot be read.
pub async fn shared(db: &impl ConnectionTrait, row: &payee_account::Model) -> Result<BTreeSet<OrganisationId>> {
    let rows = payee_account::Entity::find()
        .filter(payee_account::Column::AccountMark.eq(row.account_mark.as_str()))
        .filter(payee_account::Column::OrganisationId.ne(row.organisation_id))
        .filter(payee_account::Column::Stage.ne(PayeeStage::Revoked))
        .order_by_asc(payee_account::Column::Id)
        .limit(SHARED)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.organisation_id).collect())
}

/// Seals the numbers that a house of before this kept open; asked at every start, and nothing to do after the first.
///
/// # Errors
/// When the database refuses.
pub async fn seal_plain(edges: &Arc<Edges>) -> Result<()> {
    loop {
        let plain = &payee_account::Entity::find()
            .filter(payee_account::Column::AccountMark.eq(""))
            .order_by_asc(payee_account::Column::Id)
            .limit(BATCH)
            .all(edges.db.read())
            .await?;
        if plain.is_empty() {
            return Ok(());
        }
        let kept = &plain
            .iter()
            .map(|row| keep(edges, row.organisation_id, &row.account_sealed).map(|kept| (row.id, kept)))
            .collect::<Result<Vec<_>>>()?;
        Context::system(edges.clone())
            .write(|tx| async move {
                for (id, kept) in kept {
                    let row = payee_account::ActiveModel {
                        id: Set(*id),
                        account_sealed: Set(kept.sealed.clone()),
                        account_mark: Set(kept.mark.clone()),
                        account_tail: Set(kept.tail.clone()),
                        ..Default::default()
                    };
                    payee_account::Entity::update(row).exec(&tx).await?;
                }
                Ok(())
            })
            .await?;
    }
}
