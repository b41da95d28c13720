//! All reviews of a call side by side: applications down, reviewers across; how the totals spread; who is lenient and who strict.
//! For whoever runs the panel, once no review is being written: what others wrote would colour it.

use super::points;
use crate::core::scoring::{CountedTotal, ScoringAnswer};
use crate::error::{Error, Result};
use crate::grants::reviews::{panel, scores, service};
use crate::people::accounts;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::sheet::{Block, Cell, Sheet};
use entities::kinds::{ApplicationId, CallId, PersonId, ReviewStage};
use entities::{application, call};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::BTreeMap;

/// Bands of the histogram: ten points each.
const BANDS: i64 = 10;
/// Applications on the page: what one screen of a panel holds. The ranking of the decision has them all.
const ROWS: usize = 300;
/// Reviewers across: more columns nobody reads.
const COLUMNS: usize = 40;

/// The matrix.
///
/// # Errors
/// [`Error::NotFound`] for who does not run the panel, or judges in it.
pub async fn show(context: &Context, id: CallId) -> Answer {
    panel::visible(context, id).await?;
    let db = context.edges.db.read();
    let call = call::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    let reviews = service::of_call(db, id).await?;
    let writing =
        |stage: ReviewStage| matches!(stage, ReviewStage::Accepted | ReviewStage::InProgress | ReviewStage::Reopened);
    let open = reviews.values().flatten().any(|row| writing(row.stage));
    let title = context.pick(&call.title_zh, &call.title_en);
    let sheet = Sheet::new(context.t("review-matrix"))
        .under(&[(title, &format!("/calls/{id}")), (context.t("review-panel"), &format!("/calls/{id}/reviews"))]);
    if open {
        return sheet.sentence(context.t("review-matrix-waits")).answer(context, "calls");
    }
    let answer = scores::aggregate(db, id).await?;
    let (applications, people) = names(context, &answer).await?;
    sheet
        .sentence(context.t("review-matrix-sentence"))
        .with(matrix(context, &answer, &applications, &people))
        .with(histogram(context, &answer.totals))
        .with(leniency(context, &answer, &people))
        .answer(context, "calls")
}

type Names = BTreeMap<String, String>;

/// What the applications and the reviewers of an answer are called, by their keys in it.
async fn names(context: &Context, answer: &ScoringAnswer) -> Result<(Names, Names)> {
    let db = context.edges.db.read();
    let ids = answer.applications.iter().filter_map(|row| row.application.parse().ok()).map(ApplicationId);
    let rows = application::Entity::find().filter(application::Column::Id.is_in(ids)).all(db).await?;
    let who = organisations::names(context, rows.iter().map(|row| row.organisation_id)).await?;
    let called = |row: &application::Model| who.get(&row.organisation_id).cloned().unwrap_or_default();
    let people = answer.reviewers.iter().filter_map(|row| row.reviewer.parse().ok()).map(PersonId);
    let people = accounts::names(db, people).await?;
    Ok((
        rows.iter().map(|row| (row.id.to_string(), called(row))).collect(),
        people.into_iter().map(|(person, name)| (person.to_string(), name)).collect(),
    ))
}

fn matrix(context: &Context, answer: &ScoringAnswer, applications: &Names, people: &Names) -> Block {
    let across: Vec<&str> = answer.reviewers.iter().take(COLUMNS).map(|row| row.reviewer.as_str()).collect();
    let totals: BTreeMap<(&str, &str), i64> =
        answer.totals.iter().map(|row| ((row.application.as_str(), row.reviewer.as_str()), row.total)).collect();
    let figure = |value: Option<i64>| Cell::number(value.map(points).unwrap_or_default());
    let cells = |row: &crate::core::scoring::ApplicationScore| {
        let mut cells = vec![Cell::lead(applications.get(&row.application).cloned().unwrap_or_default(), "")];
        cells.extend(across.iter().map(|reviewer| figure(totals.get(&(row.application.as_str(), *reviewer)).copied())));
        let interval = match (row.rank, row.rank_best, row.rank_worst) {
            (Some(rank), Some(best), Some(worst)) if best != worst => format!("{rank} ({best}–{worst})"),
            (Some(rank), ..) => rank.to_string(),
            _ => String::new(),
        };
        cells.extend([figure(row.mean), figure(row.score), Cell::number(interval), figure(row.spread)]);
        cells
    };
    let mut heads = vec![context.t("head-organisation")];
    heads.extend(across.iter().map(|reviewer| people.get(*reviewer).cloned().unwrap_or_default()));
    heads
        .extend(["head-review-mean", "head-score", "head-review-rank", "head-review-spread"].map(|key| context.t(key)));
    Block::Table {
        title: context.t("review-totals"),
        heads,
        rows: answer.applications.iter().take(ROWS).map(cells).collect(),
        empty: context.t("review-matrix-none"),
    }
}

/// How many totals fall into each band of ten points; the last holds the full hundred too.
fn histogram(context: &Context, totals: &[CountedTotal]) -> Block {
    let counts = bands(totals.iter().map(|row| row.total));
    let row = |(band, count): (usize, &usize)| {
        let from = band * 10;
        vec![
            Cell::lead(format!("{from}–{}", from + 10), ""),
            Cell::number(count.to_string()),
            // For the eye alone: the number beside it says the same.
            Cell { text: "▇".repeat((*count).min(60)), href: String::new(), class: "wide" },
        ]
    };
    Block::Table {
        title: context.t("review-histogram"),
        heads: ["head-band", "head-reviews", "head-bar"].map(|key| context.t(key)).into(),
        rows: counts.iter().enumerate().filter(|_| !totals.is_empty()).map(row).collect(),
        empty: context.t("review-matrix-none"),
    }
}

fn bands(totals: impl Iterator<Item = i64>) -> [usize; BANDS as usize] {
    let mut counts = [0; BANDS as usize];
    for total in totals {
        let band = (total / 1_000).clamp(0, BANDS - 1);
        counts[usize::try_from(band).unwrap_or(0)] += 1;
    }
    counts
}

/// How far each reviewer's totals lie from the means of the applications that the reviewer judged, and, where the call adjusts for it,
/// by how much.
fn leniency(context: &Context, answer: &ScoringAnswer, people: &Names) -> Block {
    let means: BTreeMap<&str, i64> =
        answer.applications.iter().filter_map(|row| Some((row.application.as_str(), row.mean?))).collect();
    let cells = |row: &crate::core::scoring::ReviewerBias| {
        let own = answer.totals.iter().filter(|total| total.reviewer == row.reviewer);
        let apart: Vec<i64> =
            own.filter_map(|total| Some(total.total - means.get(total.application.as_str())?)).collect();
        vec![
            Cell::lead(people.get(&row.reviewer).cloned().unwrap_or_default(), ""),
            Cell::number(row.reviews.to_string()),
            Cell::number(signed(mean(&apart))),
            Cell::number(row.hundredths().map(signed).unwrap_or_default()),
        ]
    };
    Block::Table {
        title: context.t("review-leniency"),
        heads: ["head-review-person", "head-reviews", "head-apart", "head-bias"].map(|key| context.t(key)).into(),
        rows: answer.reviewers.iter().take(ROWS).map(cells).collect(),
        empty: context.t("review-matrix-none"),
    }
}

/// The mean in hundredths, half up; 0 of nothing.
fn mean(values: &[i64]) -> i64 {
    let count = i64::try_from(values.len()).unwrap_or(1).max(1);
    (2 * values.iter().sum::<i64>() + count).div_euclid(2 * count)
}

/// Hundredths with their sign: lenient is more, strict is less.
pub fn signed(hundredths: i64) -> String {
    let sign = match hundredths.signum() {
        1 => "+",
        -1 => "−",
        _ => "",
    };
    format!("{sign}{}", points(hundredths.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_fall_into_bands_of_ten() {
        assert_eq!(bands([0, 999, 1_000, 9_999, 10_000].into_iter()), [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]);
    }

    #[test]
    fn leniency_is_told_with_its_sign() {
        assert_eq!([signed(mean(&[150, 100])), signed(mean(&[-33])), signed(mean(&[]))], ["+1.25", "−0.33", "0.00"]);
        assert_eq!(mean(&[1, 0]), 1, "half up");
        assert_eq!(mean(&[-1, 0]), 0);
    }
}
