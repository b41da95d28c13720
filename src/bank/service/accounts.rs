//! The foundation's accounts at its banks. Of a number only its mark, made with the vault's key, and the last
//! figures are kept: enough to know it again, too little to find it out by trying.

use crate::commons::events::{self, Note};
use crate::core::statement::{plain_number, tail};
use crate::edges::Edges;
use crate::error::{Error, Result, Violation};
use crate::people::permission::{As, Finance};
use entities::bank_account;
use entities::kinds::{BankAccountId, Currency, Subject};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Accounts of one foundation: beyond this a list to choose from would be no help.
const MANY: u64 = 50;
/// Figures of a number: no bank has fewer or more.
const FIGURES: std::ops::RangeInclusive<usize> = 6..=34;

/// Enters an account of the foundation.
///
/// # Errors
/// By the field: no name, no number, or a number that is known.
pub async fn open(by: &As<Finance>, name: &str, number: &str, currency: Currency) -> Result<BankAccountId> {
    let plain = plain_number(number);
    let mut wrong = Vec::new();
    if name.trim().is_empty() {
        wrong.push(Violation::at("account_name", "refused-empty"));
    }
    if !FIGURES.contains(&plain.len()) || !plain.is_ascii() {
        wrong.push(Violation::at("account_number", "refused-account-number"));
    }
    crate::commons::texts::all_well(wrong)?;
    let (hash, tail, name) = (&hash_of(&by.edges, &plain), &tail(&plain), name.trim());
    by.write(|tx| async move {
        let tx = &tx;
        let known = bank_account::Entity::find().filter(bank_account::Column::NumberHash.eq(hash)).one(tx).await?;
        if known.is_some() {
            return Err(Error::field("account_number", "refused-bank-account-known"));
        }
        let row = bank_account::ActiveModel {
            name: Set(name.to_owned()),
            number_hash: Set(hash.clone()),
            number_tail: Set(tail.clone()),
            currency: Set(currency),
            opened_by: Set(by.person()?),
            opened_at: Set(tx.now()),
            ..Default::default()
        };
        let row = bank_account::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::BankAccount, row.id.0, Note::act("open")).await?;
        Ok(row.id)
    })
    .await
}

/// What is kept of a number to know it again.
pub(super) fn hash_of(edges: &Edges, plain: &str) -> String {
    edges.vault.own_account(plain)
}

/// Every account, by name.
///
/// # Errors
/// When the database cannot be read.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<bank_account::Model>> {
    let rows = bank_account::Entity::find().order_by_asc(bank_account::Column::Name).limit(MANY);
    Ok(rows.order_by_asc(bank_account::Column::Id).all(db).await?)
}

/// An account by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: BankAccountId) -> Result<bank_account::Model> {
    bank_account::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}
