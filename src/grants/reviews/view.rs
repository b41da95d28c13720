//! The pages of a reviewer: what was assigned here, an application beside its score in [`score`], tasks in [`tasks`].

pub mod matrix;
pub mod pitch;
pub mod plan;
pub mod score;
pub mod tasks;

use super::service::AssignedReviewer;
use crate::error::{Error, Result};
use crate::people::permission::{As, Context};
use crate::web::page::Answer;
use crate::web::sheet::{Act, Block, Cell, Sheet, stage_text};
use entities::kinds::{ApplicationId, CallId, ReviewId, ReviewStage};
use entities::{application, call, review};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

pub use score::{ScoreView, score};
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

type Titles = BTreeMap<ApplicationId, (application::Model, bool)>;

/// Applications of some reviews, each with whether its call is blind.
async fn titles(context: &Context, rows: &[review::Model]) -> Result<Titles> {
    let db = context.edges.db.read();
    let calls = call::Entity::find().filter(call::Column::Id.is_in(rows.iter().map(|row| row.call_id))).all(db).await?;
    let found = application::Entity::find()
        .filter(application::Column::Id.is_in(rows.iter().map(|row| row.application_id)))
        .all(db)
        .await?;
    let blind = |id: CallId| calls.iter().any(|call| call.id == id && call.blind);
    Ok(found.into_iter().map(|row| (row.id, (row.clone(), blind(row.call_id)))).collect())
}

fn told(context: &Context, titles: &Titles, row: &review::Model, place: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(place % 26).unwrap_or(0)).to_string();
    match titles.get(&row.application_id) {
        Some((application, false)) => application.title.clone(),
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
