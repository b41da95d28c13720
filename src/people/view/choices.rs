//! Who may be chosen on a form: people, and organisations in the reader's language.

use crate::error::Result;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::parts::Choice;
use entities::kinds::OrganisationId;
use entities::{organisation, person};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// People offered in a select: beyond this one searches.
const PEOPLE: u64 = 500;
/// Organisations offered in a select: beyond this one searches.
const ORGANISATIONS: u64 = 300;

/// People to choose from, for administrators.
///
/// # Errors
/// When the database cannot be read.
pub async fn people(context: &Context) -> Result<Vec<Choice>> {
    let rows = person::Entity::find()
        .filter(person::Column::EndedAt.is_null())
        .order_by_desc(person::Column::Id)
        .limit(PEOPLE)
        .all(context.edges.db.read())
        .await?;
    let mut choices = vec![Choice::new("", "")];
    choices.extend(rows.iter().map(|row| Choice::new(row.id, format!("{} · {}", row.name, row.email))));
    Ok(choices)
}

/// Organisations to choose from.
///
/// # Errors
/// When the database cannot be read.
pub async fn organisations(context: &Context) -> Result<Vec<Choice>> {
    organisations_and(context, None).await
}

/// Organisations to choose from, with the one that is chosen already: saving a form unchanged must change nothing.
///
/// # Errors
/// When the database cannot be read.
pub async fn organisations_and(context: &Context, chosen: Option<OrganisationId>) -> Result<Vec<Choice>> {
    let seen = Condition::any().add(organisations::choosable(context)).add(organisation::Column::Id.is_in(chosen));
    let rows = organisation::Entity::find()
        .filter(seen)
        .order_by_desc(organisation::Column::Id)
        .limit(ORGANISATIONS)
        .all(context.edges.db.read())
        .await?;
    let mut choices = vec![Choice::new("", "")];
    choices.extend(rows.iter().map(|row| Choice::new(row.id, context.pick(&row.name_zh, &row.name_en))));
    Ok(choices)
}
