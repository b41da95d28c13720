//! Secrets of people under the key of the vault that seals now: authenticators and account numbers of payees.
//!
//! Recovery codes on paper derive from the key and end with it: each of their people hears of it and makes new ones.

use super::{codes, numbers};
use crate::commons::letters;
use crate::edges::db::Tx;
use crate::error::Result;
use crate::people::permission::{As, System};
use entities::kinds::{PayeeAccountId, PersonId};
use entities::{payee_account, second_factor};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Rows of a table looked at in one transaction.
const ROUND: u64 = 200;

/// Seals anew what an older key sealed. Whatever is changed meanwhile stays changed; asked again it goes on. Answers how many there were.
///
/// # Errors
/// When the database refuses, or a text opens with no key of the file.
pub async fn renew(by: &As<System>) -> Result<u64> {
    Ok(authenticators(by).await? + payees(by).await?)
}

/// An authenticator under the key that seals now, beside what it was.
struct Renewed {
    before: second_factor::Model,
    secret: Option<String>,
    pending: Option<String>,
}

async fn authenticators(by: &As<System>) -> Result<u64> {
    let (mut after, mut done) = (PersonId(0), 0);
    loop {
        let rows = second_factor::Entity::find()
            .filter(second_factor::Column::PersonId.gt(after))
            .order_by_asc(second_factor::Column::PersonId)
            .limit(ROUND)
            .all(by.edges.db.read())
            .await?;
        let Some(last) = rows.last().map(|row| row.person_id) else { return Ok(done) };
        after = last;
        let mut old = Vec::new();
        for before in rows {
            let (secret, pending) = (anew(by, &before, &before.secret)?, anew(by, &before, &before.pending)?);
            if secret.is_some() || pending.is_some() {
                old.push(Renewed { before, secret, pending });
            }
        }
        let old = &old;
        done += by
            .write(|tx| async move {
                let mut changed = 0;
                for one in old {
                    changed += authenticator(&tx, one).await?;
                }
                Ok(changed)
            })
            .await?;
    }
}

/// A secret under the key that seals now; nothing when it is sealed with it, or when there is none.
fn anew(by: &As<System>, row: &second_factor::Model, sealed: &str) -> Result<Option<String>> {
    if sealed.is_empty() {
        return Ok(None);
    }
    let renewed = by.edges.vault.renewed(&by.edges.dice, &codes::owner(row.person_id), sealed)?;
    Ok(renewed.map(|(_, sealed)| sealed))
}

async fn authenticator(tx: &Tx, one: &Renewed) -> Result<u64> {
    let Renewed { before, secret, pending } = one;
    let secret = secret.as_ref().unwrap_or(&before.secret);
    let pending = pending.as_ref().unwrap_or(&before.pending);
    let done = second_factor::Entity::update_many()
        .col_expr(second_factor::Column::Secret, Expr::value(secret.as_str()))
        .col_expr(second_factor::Column::Pending, Expr::value(pending.as_str()))
        .col_expr(second_factor::Column::CodesUsed, Expr::value(codes::ALL_USED))
        .filter(second_factor::Column::PersonId.eq(before.person_id))
        // Somebody may set up another one at this moment: theirs is sealed with the new key already.
        .filter(second_factor::Column::Secret.eq(before.secret.as_str()))
        .filter(second_factor::Column::Pending.eq(before.pending.as_str()))
        .filter(second_factor::Column::CodesGeneration.eq(before.codes_generation))
        .exec(tx)
        .await?
        .rows_affected;
    if done == 1 && before.confirmed_at.is_some() {
        letters::to_person(tx, before.person_id, "codes-ended", &[], "/account/second-factor").await?;
    }
    Ok(done)
}

async fn payees(by: &As<System>) -> Result<u64> {
    let (mut after, mut done) = (PayeeAccountId(0), 0);
    loop {
        let rows = payee_account::Entity::find()
            .filter(payee_account::Column::Id.gt(after))
            .order_by_asc(payee_account::Column::Id)
            .limit(ROUND)
            .all(by.edges.db.read())
            .await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(done) };
        after = last;
        let mut old = Vec::new();
        for before in rows {
            if let Some(kept) = numbers::renewed(&by.edges, &before)? {
                old.push((before, kept));
            }
        }
        let old = &old;
        done += by
            .write(|tx| async move {
                let mut changed = 0;
                for (before, kept) in old {
                    let one = payee_account::Entity::update_many()
                        .col_expr(payee_account::Column::AccountSealed, Expr::value(kept.sealed.as_str()))
                        .col_expr(payee_account::Column::AccountMark, Expr::value(kept.mark.as_str()))
                        .filter(payee_account::Column::Id.eq(before.id))
                        .filter(payee_account::Column::AccountSealed.eq(before.account_sealed.as_str()));
                    changed += one.exec(&tx).await?.rows_affected;
                }
                Ok(changed)
            })
            .await?;
    }
}
