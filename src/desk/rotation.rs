//! Another key for the vault, while the house runs: everything that is sealed is sealed anew.
//!
//! First the file gets the new key before the old one, in one step; from then on every process that reads it seals with the new one and
//! opens with both, so that a crash at any place leaves nothing that opens no more. Then each row is sealed anew, a bounded number in a
//! transaction, each only as it was read. Asked again it goes on where it stopped. The old key leaves the file when that is asked a
//! [`GRACE`] later and finds nothing left: what was sealed before the change may have been written after it.

use crate::bank::service::accounts;
use crate::edges::Edges;
use crate::error::{Error, Result};
use crate::grants::batches::service::renewal as batches;
use crate::people::permission::{As, Context, System};
use crate::people::renewal as people;
use chrono::{DateTime, Duration, Utc};
use entities::vault_key;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::sync::Arc;

/// How long the old key stays at least: far longer than any act of the house takes.
pub const GRACE: Duration = Duration::hours(1);
/// Passes at most, should people keep sealing with the old key.
const PASSES: usize = 10;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// A new key was made; otherwise a change that was begun went on.
    pub begun: bool,
    /// Secrets sealed anew.
    pub renewed: u64,
    /// Accounts of the foundation that are known by an older key's mark, by name.
    pub left: Vec<String>,
    /// From when on the old key may leave; it did when this is in the past and nothing was left.
    pub from: DateTime<Utc>,
    /// The old key is gone.
    pub ended: bool,
}

/// Begins a change of the vault's key, or goes on with it.
///
/// # Errors
/// When the file cannot be written, the database refuses, or a secret opens with no key of the file.
pub async fn run(edges: &Arc<Edges>) -> Result<Told> {
    let by = &Context::system(edges.clone());
    let begun = edges.vault.begin_change(&edges.dice)?;
    let since = mark(by).await?;
    let mut renewed = 0;
    for _ in 0..PASSES {
        let found = people::renew(by).await? + batches::renew(by).await?;
        renewed += found;
        if found == 0 {
            break;
        }
    }
    let left = accounts::mark_anew(by).await?;
    let from = since + GRACE;
    let ended = renewed == 0 && left.is_empty() && edges.clock.now() >= from;
    if ended {
        unmark(by).await?;
        edges.vault.end_change()?;
    }
    Ok(Told { begun, renewed, left, from, ended })
}

/// Notes since when the key is changed, and by what the database knows the new one. Answers since when.
async fn mark(by: &As<System>) -> Result<DateTime<Utc>> {
    let house = &by.edges.vault.house();
    by.write(|tx| async move {
        let tx = &tx;
        vault_key::Entity::update_many()
            .col_expr(vault_key::Column::ChangingSince, Expr::value(tx.now()))
            .filter(vault_key::Column::ChangingSince.is_null())
            .exec(tx)
            .await?;
        vault_key::Entity::update_many()
            .col_expr(vault_key::Column::Mark, Expr::value(house.as_str()))
            .exec(tx)
            .await?;
        let row = vault_key::Entity::find_by_id(1).one(tx).await?;
        row.and_then(|row| row.changing_since).ok_or_else(|| Error::Internal("the vault has no mark".into()))
    })
    .await
}

async fn unmark(by: &As<System>) -> Result<()> {
    by.write(|tx| async move {
        let none: Option<DateTime<Utc>> = None;
        vault_key::Entity::update_many()
            .col_expr(vault_key::Column::ChangingSince, Expr::value(none))
            .exec(&tx)
            .await?;
        Ok(())
    })
    .await
}
