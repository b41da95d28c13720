//! Which needs a bid answers.

use super::rules::is_writing;
use super::service::own;
use crate::commons::events::{self, Note};
use crate::error::{Error, Result};
use crate::people::permission::{As, Editor};
use entities::kinds::{ApplicationId, NeedId, NeedStage, Subject};
use entities::{application_need, need};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use std::collections::BTreeSet;

/// Most needs that one bid answers.
pub const MAX_NEEDS: usize = 10;

/// Says which listed needs a draft answers.
///
/// # Errors
/// By the field: too many, or one that is not listed; a refusal when the bid is signed.
pub async fn answer_needs(by: &As<Editor>, id: ApplicationId, needs: &BTreeSet<NeedId>) -> Result<()> {
    if needs.len() > MAX_NEEDS {
        return Err(Error::field("needs", "refused-application-needs"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, id, by.permission().organisation()).await?;
        if !is_writing(row.stage) {
            return Err(Error::refused("refused-application-signed"));
        }
        let open = need::Entity::find()
            .filter(need::Column::Id.is_in(needs.iter().copied()))
            .filter(need::Column::Stage.is_in(OPEN))
            .count(tx)
            .await?;
        if open != needs.len() as u64 {
            return Err(Error::field("needs", "refused-need-not-listed"));
        }
        application_need::Entity::delete_many().filter(application_need::Column::ApplicationId.eq(id)).exec(tx).await?;
        let rows = needs.iter().map(|need| application_need::ActiveModel {
            application_id: Set(id),
            need_id: Set(*need),
            ..Default::default()
        });
        if !needs.is_empty() {
            application_need::Entity::insert_many(rows).exec_without_returning(tx).await?;
        }
        events::record(tx, by, Subject::Application, id.0, Note::act("answer-needs")).await
    })
    .await
}

/// Needs that a bid may answer.
pub const OPEN: [NeedStage; 2] = [NeedStage::Listed, NeedStage::Adopted];

/// The needs that a bid answers.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(db: &impl ConnectionTrait, id: ApplicationId) -> Result<Vec<NeedId>> {
    let rows = application_need::Entity::find()
        .filter(application_need::Column::ApplicationId.eq(id))
        .order_by_asc(application_need::Column::NeedId)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.need_id).collect())
}
