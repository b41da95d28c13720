//! Transfers as rows to be sealed, read in bounded pages.

use crate::core::merkle::Hash;
use crate::core::sealed::{Row, commitment, salt};
use crate::edges::Edges;
use crate::error::{Error, Result};
use crate::ledger::books::number;
use chrono::{DateTime, SecondsFormat, Utc};
use entities::kinds::{AccountId, PostingId, TransferId};
use entities::{account, posting, seal_secret, transfer};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, BTreeSet};

/// The secret behind the salts; `None` before anything was sealed.
///
/// # Errors
/// When the database cannot be read.
pub async fn secret(db: &impl ConnectionTrait) -> Result<Option<Hash>> {
    let Some(row) = seal_secret::Entity::find_by_id(1).one(db).await? else { return Ok(None) };
    let mut secret = [0; 32];
    hex::decode_to_slice(row.secret, &mut secret)
        .map_err(|_| Error::Internal("the secret of the salts is no hash".into()))?;
    Ok(Some(secret))
}

/// The secret, drawn where there is none yet.
///
/// # Errors
/// When the database refuses.
pub async fn secret_or_draw(edges: &Edges) -> Result<Hash> {
    if let Some(secret) = secret(edges.db.read()).await? {
        return Ok(secret);
    }
    let drawn = &hex::encode(edges.dice.bytes::<32>());
    let written = edges.db.write(|tx| async move {
        if secret(&tx).await?.is_none() {
            let row = seal_secret::ActiveModel { id: Set(1), secret: Set(drawn.clone()) };
            seal_secret::Entity::insert(row).exec_without_returning(&tx).await?;
        }
        Ok(())
    });
    let written = written.await;
    // Another copy may have been first: then theirs is the secret.
    match secret(edges.db.read()).await? {
        Some(secret) => Ok(secret),
        None => Err(written.err().unwrap_or_else(|| Error::Internal("the secret of the salts was not kept".into()))),
    }
}

/// A moment in the one way in which rows and heads are written: UTC, as many digits as it has.
pub fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// At most `limit` transfers after one number up to another, in their order.
///
/// # Errors
/// When the database cannot be read.
pub async fn page(db: &impl ConnectionTrait, secret: &Hash, after: i64, upto: i64, limit: u64) -> Result<Vec<Row>> {
    let transfers = transfer::Entity::find()
        .filter(transfer::Column::Id.gt(after))
        .filter(transfer::Column::Id.lte(upto))
        .order_by_asc(transfer::Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    all_written(db, secret, &transfers).await
}

/// Some transfers, as they are.
///
/// # Errors
/// When the database cannot be read.
pub async fn all_written(db: &impl ConnectionTrait, secret: &Hash, transfers: &[transfer::Model]) -> Result<Vec<Row>> {
    let ids: BTreeSet<PostingId> = transfers.iter().map(|row| row.posting_id).collect();
    let postings: BTreeMap<PostingId, posting::Model> = posting::Entity::find()
        .filter(posting::Column::Id.is_in(ids))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let ids: BTreeSet<AccountId> = transfers.iter().flat_map(|row| [row.debit_id, row.credit_id]).collect();
    let codes: BTreeMap<AccountId, String> = account::Entity::find()
        .filter(account::Column::Id.is_in(ids))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.id, row.code))
        .collect();
    transfers.iter().map(|row| written(secret, row, &postings, &codes)).collect()
}

fn written(
    secret: &Hash,
    row: &transfer::Model,
    postings: &BTreeMap<PostingId, posting::Model>,
    codes: &BTreeMap<AccountId, String>,
) -> Result<Row> {
    let lost = |what: &str| Error::Internal(format!("transfer {} has no {what}", row.id));
    let entry = postings.get(&row.posting_id).ok_or_else(|| lost("posting"))?;
    let code = |id| codes.get(&id).cloned().ok_or_else(|| lost("account"));
    let id = row.id.0;
    let by = entry.created_by.map(|person| person.to_string()).unwrap_or_default();
    Ok(Row {
        id,
        phase: row.phase.to_string(),
        debit: code(row.debit_id)?,
        credit: code(row.credit_id)?,
        amount_minor: row.amount_minor,
        currency: row.currency.to_string(),
        resolves: row.resolves_id.map(|id| id.0),
        reverses: row.reverses_id.map(|id| id.0),
        relates: row.relates_id.map(|id| id.0),
        payment: row.payment_id.map(|id| id.0),
        at: moment(row.at),
        key: commitment(&salt(secret, "key", id), &row.idempotency_key),
        entry: number(entry.id),
        recipe: entry.recipe.to_string(),
        posted_at: moment(entry.at),
        occurred_on: entry.occurred_on.to_string(),
        fund: entry.fund_id.map(|id| id.0),
        award: entry.award_id.map(|id| id.0),
        subject: entry.subject.to_string(),
        subject_id: entry.subject_id,
        by: commitment(&salt(secret, "by", id), &by),
    })
}

/// The number of the newest transfer; 0 for none.
///
/// # Errors
/// When the database cannot be read.
pub async fn newest(db: &impl ConnectionTrait) -> Result<TransferId> {
    let newest = transfer::Entity::find().order_by_desc(transfer::Column::Id).one(db).await?;
    Ok(newest.map_or(TransferId(0), |row| row.id))
}
