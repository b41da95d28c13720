//! Organisations.

use crate::error::Result;
use crate::people::permission::Context;
use crate::web::parts::Choice;
use entities::kinds::OrganisationId;
use entities::organisation;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

/// Organisations offered in a select: beyond this one searches.
const CHOICES: u64 = 300;

/// Names of some organisations in the reader's language.
///
/// # Errors
/// When the database cannot be read.
pub async fn names(
    context: &Context,
    ids: impl Iterator<Item = OrganisationId>,
) -> Result<BTreeMap<OrganisationId, String>> {
    let rows =
        organisation::Entity::find().filter(organisation::Column::Id.is_in(ids)).all(context.edges.db.read()).await?;
    Ok(rows.into_iter().map(|row| (row.id, context.pick(&row.name_zh, &row.name_en))).collect())
}

/// Organisations to choose from.
///
/// # Errors
/// When the database cannot be read.
pub async fn choices(context: &Context) -> Result<Vec<Choice>> {
    let rows = organisation::Entity::find()
        .order_by_desc(organisation::Column::Id)
        .limit(CHOICES)
        .all(context.edges.db.read())
        .await?;
    let mut choices = vec![Choice::new("", "")];
    choices.extend(rows.iter().map(|row| Choice::new(row.id, context.pick(&row.name_zh, &row.name_en))));
    Ok(choices)
}
