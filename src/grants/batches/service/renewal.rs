//! What batches keep sealed, under the key of the vault that seals now: numbers of the foundation's accounts, and files.

use super::{accounts, making};
use crate::edges::Edges;
use crate::error::Result;
use crate::people::permission::{As, System};
use entities::kinds::{BankAccountId, PaymentBatchId};
use entities::{paying_account, payment_batch};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Files sealed anew in one transaction: each may hold a thousand payments.
const ROUND: u64 = 20;
/// Accounts of the foundation: a handful.
const ACCOUNTS: u64 = 1_000;

/// Seals anew what an older key sealed; asked again it goes on. Answers how many there were.
///
/// # Errors
/// When the database refuses, or a text opens with no key of the file.
pub async fn renew(by: &As<System>) -> Result<u64> {
    Ok(numbers(by).await? + files(by).await?)
}

async fn numbers(by: &As<System>) -> Result<u64> {
    let rows = paying_account::Entity::find().limit(ACCOUNTS).all(by.edges.db.read()).await?;
    let mut old = Vec::new();
    for row in rows {
        let renewed = by.edges.vault.renewed(&by.edges.dice, &accounts::owner(row.account_id), &row.number_sealed)?;
        if let Some((_, sealed)) = renewed {
            old.push((row, sealed));
        }
    }
    let old = &old;
    by.write(|tx| async move {
        let mut changed = 0;
        for (before, sealed) in old {
            let one = paying_account::Entity::update_many()
                .col_expr(paying_account::Column::NumberSealed, Expr::value(sealed.as_str()))
                .filter(paying_account::Column::Id.eq(before.id))
                .filter(paying_account::Column::NumberSealed.eq(before.number_sealed.as_str()));
            changed += one.exec(&tx).await?.rows_affected;
        }
        Ok(changed)
    })
    .await
}

async fn files(by: &As<System>) -> Result<u64> {
    let (mut after, mut done) = (PaymentBatchId(0), 0);
    loop {
        let rows = payment_batch::Entity::find()
            .filter(payment_batch::Column::Id.gt(after))
            .filter(payment_batch::Column::FileSealed.is_not_null())
            .order_by_asc(payment_batch::Column::Id)
            .limit(ROUND)
            .all(by.edges.db.read())
            .await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(done) };
        after = last;
        let mut old = Vec::new();
        for (id, sealed) in rows.into_iter().filter_map(|row| Some((row.id, row.file_sealed?))) {
            if let Some((_, anew)) = by.edges.vault.renewed(&by.edges.dice, &making::owner(id), &sealed)? {
                old.push((id, sealed, anew));
            }
        }
        let old = &old;
        done += by
            .write(|tx| async move {
                let mut changed = 0;
                for (id, before, sealed) in old {
                    let one = payment_batch::Entity::update_many()
                        .col_expr(payment_batch::Column::FileSealed, Expr::value(sealed.as_str()))
                        .filter(payment_batch::Column::Id.eq(*id))
                        .filter(payment_batch::Column::FileSealed.eq(before.as_str()));
                    changed += one.exec(&tx).await?.rows_affected;
                }
                Ok(changed)
            })
            .await?;
    }
}

/// The numbers of the foundation's accounts that are known whole, because they pay by files.
///
/// # Errors
/// When the database cannot be read, or a number opens with no key of the file.
pub async fn known(edges: &Edges) -> Result<Vec<(BankAccountId, String)>> {
    let rows = paying_account::Entity::find().limit(ACCOUNTS).all(edges.db.read()).await?;
    rows.iter().map(|row| accounts::number(edges, row).map(|number| (row.account_id, number))).collect()
}
