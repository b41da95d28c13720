//! The foundation's accounts at its banks. Of a number only its mark, made with the vault's key, and the last
//! figures are kept: enough to know it again, too little to find it out by trying.

use crate::commons::events::{self, Note};
use crate::core::statement::{plain_number, tail};
use crate::error::{Error, Result, Violation};
use crate::grants::batches::service::renewal as batches;
use crate::people::permission::{As, Finance, System};
use entities::bank_account;
use entities::kinds::{BankAccountId, Currency, Subject};
use sea_orm::sea_query::Expr;
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
    let (hash, tail, name) = (&by.edges.vault.own_account(&plain), &tail(&plain), name.trim());
    // Also one that was entered before the key was changed.
    let marks = &by.edges.vault.own_accounts(&plain);
    by.write(|tx| async move {
        let tx = &tx;
        let known = bank_account::Entity::find()
            .filter(bank_account::Column::NumberHash.is_in(marks.iter().map(String::as_str)))
            .one(tx)
            .await?;
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
            mark_key: Set(by.edges.vault.key_name()),
            ..Default::default()
        };
        let row = bank_account::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::BankAccount, row.id.0, Note::act("open")).await?;
        Ok(row.id)
    })
    .await
}

/// Marks with the key that seals now every account whose number is known, because it pays by files. Answers the names of those that keep
/// an older key's mark: only who has their number can make it anew.
///
/// # Errors
/// When the database refuses.
pub async fn mark_anew(by: &As<System>) -> Result<Vec<String>> {
    let key = &by.edges.vault.key_name();
    let known = &batches::known(&by.edges).await?;
    let marks: &Vec<(BankAccountId, String)> =
        &known.iter().map(|(id, number)| (*id, by.edges.vault.own_account(number))).collect();
    by.write(|tx| async move {
        for (id, mark) in marks {
            let row = bank_account::Entity::update_many()
                .col_expr(bank_account::Column::NumberHash, Expr::value(mark.as_str()))
                .col_expr(bank_account::Column::MarkKey, Expr::value(key.as_str()))
                .filter(bank_account::Column::Id.eq(*id))
                .filter(bank_account::Column::MarkKey.ne(key.as_str()));
            row.exec(&tx).await?;
        }
        Ok(())
    })
    .await?;
    let left = bank_account::Entity::find().filter(bank_account::Column::MarkKey.ne(key.as_str())).limit(MANY);
    Ok(left.all(by.edges.db.read()).await?.into_iter().map(|row| row.name).collect())
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
