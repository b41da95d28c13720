//! What an editor has typed and not saved: kept as it was typed, whatever it is worth, shown again when they come back, and gone
//! once they save. It never touches the draft, so that nobody overwrites anybody by typing.

use super::rules::is_writing;
use super::service::own;
use crate::commons::policies;
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::{As, Context, Editor};
use chrono::Duration;
use entities::application_scratch;
use entities::kinds::{ApplicationId, ApplicationScratchId, PersonId};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most that is kept of one form, in bytes: the longest application has a quarter of it.
const MAX_BYTES: usize = 512 * 1024;
/// Rows forgotten in one round.
const BATCH: u64 = 500;

/// Keeps what was typed into the form that showed a version of the draft.
///
/// # Errors
/// [`Error::NotFound`] for another's draft; a refusal when it is signed or too much.
pub async fn keep(by: &As<Editor>, id: ApplicationId, version: i32, typed: &BTreeMap<String, String>) -> Result<()> {
    let fields = serde_json::to_value(typed)?;
    if fields.to_string().len() > MAX_BYTES {
        return Err(Error::refused("refused-form-too-large"));
    }
    let fields = &fields;
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, id, by.permission().organisation()).await?;
        if !is_writing(row.stage) {
            return Err(Error::refused("refused-application-signed"));
        }
        clear(tx, id, by.permission().person()).await?;
        let kept = application_scratch::ActiveModel {
            application_id: Set(id),
            person_id: Set(by.permission().person()),
            version: Set(version),
            fields: Set(fields.clone()),
            at: Set(tx.now()),
            ..Default::default()
        };
        application_scratch::Entity::insert(kept).exec_without_returning(tx).await?;
        Ok(())
    })
    .await
}

/// What was typed and never saved is forgotten in time, by the policy. A bounded number a round; the next takes the rest.
///
/// # Errors
/// When the database refuses.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    let db = edges.db.read();
    let days = policies::on(db, edges.today()).await?.retain_typed_days;
    let old = &application_scratch::Entity::find()
        .select_only()
        .column(application_scratch::Column::Id)
        .filter(application_scratch::Column::At.lt(edges.clock.now() - Duration::days(days)))
        .limit(BATCH)
        .into_tuple::<ApplicationScratchId>()
        .all(db)
        .await?;
    if old.is_empty() {
        return Ok(());
    }
    Context::system(edges.clone())
        .write(|tx| async move {
            let old = application_scratch::Column::Id.is_in(old.iter().copied());
            application_scratch::Entity::delete_many().filter(old).exec(&tx).await?;
            Ok(())
        })
        .await
}

/// Forgets what was typed, because the editor wants what is saved.
///
/// # Errors
/// [`Error::NotFound`] for another's draft.
pub async fn discard(by: &As<Editor>, id: ApplicationId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        own(tx, id, by.permission().organisation()).await?;
        clear(tx, id, by.permission().person()).await
    })
    .await
}

/// Forgets what a person typed, in the transaction that saves it.
pub(super) async fn clear(tx: &Tx, id: ApplicationId, person: PersonId) -> Result<()> {
    application_scratch::Entity::delete_many()
        .filter(application_scratch::Column::ApplicationId.eq(id))
        .filter(application_scratch::Column::PersonId.eq(person))
        .exec(tx)
        .await?;
    Ok(())
}

/// Forgets what everybody typed: the draft is signed.
pub(super) async fn clear_all(tx: &Tx, id: ApplicationId) -> Result<()> {
    application_scratch::Entity::delete_many()
        .filter(application_scratch::Column::ApplicationId.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// What a person typed, if anything.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(
    db: &impl ConnectionTrait,
    id: ApplicationId,
    person: PersonId,
) -> Result<Option<application_scratch::Model>> {
    Ok(application_scratch::Entity::find()
        .filter(application_scratch::Column::ApplicationId.eq(id))
        .filter(application_scratch::Column::PersonId.eq(person))
        .one(db)
        .await?)
}
