//! The pages of a reviewer: what was assigned here, an application beside its score in [`score`], tasks in [`tasks`].

pub mod matrix;
pub mod notes;
pub mod packet;
pub mod pitch;
pub mod plan;
pub mod score;
pub mod tasks;

use super::service::AssignedReviewer;
use super::sight::{self, Sight};
use crate::error::{Error, Result};
use crate::people::permission::{As, Context};
use crate::web::page::Answer;
use crate::web::sheet::{Act, Block, Cell, Sheet, stage_text};
use entities::kinds::{ApplicationId, ReviewId, ReviewStage};
use entities::{application, call, review};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

pub use score::{ScoreView, both, score};
pub use tasks::waiting;

/// Assignments shown to one reviewer.
const QUEUE: u64 = 200;
/// Hundredths as people read them.
pub fn points(hundredths: i64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// One's own assignments, those that wait first.
///
/// # Errors
/// [`Error::Forbidden`] for a visitor.
pub async fn mine(context: &Context) -> Answer {
    let rows = queue(context).await?;
    let titles = titles(context, &rows).await?;
    let cells = |(place, row): (usize, &review::Model)| {
        vec![
            Cell::lead(told(context, &titles, row, place), format!("/reviews/{}", row.id)),
            Cell::text(stage_text(context, "review", row.stage.as_str())),
            Cell::number(row.total.map(|total| points(total.into())).unwrap_or_default()),
        ]
    };
    Sheet::new(context.t("reviews-title"))
        .sentence(context.t("reviews-sentence"))
        .with(Block::Table {
            title: String::new(),
            heads: vec![context.t("head-review"), context.t("head-stage"), context.t("head-score")],
            rows: rows.iter().enumerate().map(cells).collect(),
            empty: context.t("reviews-empty"),
        })
        .answer(context, "desk")
}

async fn queue(context: &Context) -> Result<Vec<review::Model>> {
    let mut rows = review::Entity::find()
        .filter(review::Column::ReviewerId.eq(context.person()?))
        .order_by_desc(review::Column::Id)
        .limit(QUEUE)
        .all(context.edges.db.read())
        .await?;
    rows.reverse();
    Ok(rows)
}

/// The queue with one of the reviewer's own in it: those too old for it stand at its head.
async fn queue_with(context: &Context, row: &review::Model) -> Result<Vec<review::Model>> {
    let mut rows = queue(context).await?;
    if rows.iter().all(|other| other.id != row.id) {
        rows.insert(0, row.clone());
    }
    Ok(rows)
}

/// The reviewer's next application that is still to be scored.
///
/// # Errors
/// When the database cannot be read.
pub async fn next_to_score(by: &As<AssignedReviewer>) -> Result<Option<ReviewId>> {
    let of_call = by.permission().review().call_id;
    let open = |row: &review::Model| {
        row.call_id == of_call
            && matches!(row.stage, ReviewStage::Accepted | ReviewStage::InProgress | ReviewStage::Reopened)
    };
    Ok(queue(by).await?.iter().find(|row| open(row)).map(|row| row.id))
}

type Titles = BTreeMap<ApplicationId, (application::Model, Sight)>;

/// Applications of some reviews, each with what its reviewer may see of it.
async fn titles(context: &Context, rows: &[review::Model]) -> Result<Titles> {
    let db = context.edges.db.read();
    let calls = call::Entity::find().filter(call::Column::Id.is_in(rows.iter().map(|row| row.call_id))).all(db).await?;
    let found = application::Entity::find()
        .filter(application::Column::Id.is_in(rows.iter().map(|row| row.application_id)))
        .all(db)
        .await?;
    let writing = sight::writing_in(context).await?;
    let seen = |asked: application::Model| {
        let row = rows.iter().find(|row| row.application_id == asked.id)?;
        let call = calls.iter().find(|call| call.id == row.call_id)?;
        Some((asked.id, (asked, Sight::of(call.into(), row.stage, writing.contains(&call.id)))))
    };
    Ok(found.into_iter().filter_map(seen).collect())
}

/// What an application is called for its reviewer: a letter as long as its title would tell who applies.
fn told(context: &Context, titles: &Titles, row: &review::Model, place: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(place % 26).unwrap_or(0)).to_string();
    match titles.get(&row.application_id) {
        Some((application, sight)) if sight.identity() => application.title.clone(),
        _ => context.t_with("review-application", &[("letter", &letter)]),
    }
}

/// The page of a reviewer's own act.
///
/// # Errors
/// [`Error::NotFound`] for an act there is none of.
pub fn act(by: &As<AssignedReviewer>, act: &str) -> Answer {
    let base = format!("/reviews/{}", by.permission().review().id);
    let page = Act::new(by, &format!("review-{act}"), format!("{base}/{act}"), base.clone())
        .under(&[(by.t("reviews-title"), "/reviews")]);
    match act {
        "accept" => page.ask(by, "check", "no_interest"),
        "decline" => page.ask(by, "area", "reason").stop(),
        "recuse" => page.ask(by, "area", "evidence").stop(),
        _ => return Err(Error::NotFound),
    }
    .answer(by, "desk")
}
