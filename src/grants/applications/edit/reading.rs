//! What was written on the form, read by the field: everything that cannot be read is said at once.

use crate::commons::texts::{PROSE, TITLE};
use crate::error::Result;
use crate::grants::applications::budget::{self, Line, Measured, Saved};
use crate::grants::applications::view::visible;
use crate::grants::calls;
use crate::grants::forms::view::reading as questions;
use crate::people::permission::Context;
use crate::web::forms::Posted;
use entities::kinds::{ApplicationId, BudgetSource, Currency};

/// Reads what was written.
///
/// # Errors
/// By the field, everything that cannot be read.
pub async fn read(context: &Context, id: ApplicationId, posted: &Posted) -> Result<(i32, Saved)> {
    let row = visible(context, id).await?;
    let db = context.edges.db.read();
    let call = calls::service::load(db, row.call_id).await?;
    let form = budget::questions(db, call.form_version_id).await?;
    let version = i32::try_from(posted.number("version", 1, i64::from(i32::MAX))).unwrap_or(0);
    let answers = questions::answers(posted, &form, row.currency);
    let saved = Saved {
        title: posted.text("title", TITLE),
        summary: posted.optional("summary", PROSE),
        site: posted.optional("site", PROSE),
        team: posted.optional("team", PROSE),
        child_name: posted.optional("child_name", TITLE),
        child_summary: posted.optional("child_summary", PROSE),
        answers,
        lines: read_lines(posted, row.currency),
        indicators: read_indicators(posted),
    };
    posted.well()?;
    Ok((version, saved))
}

/// Rows of a table in which one of these columns is filled: a select always has some value.
fn filled(posted: &Posted, name: &str, columns: &[&str]) -> Vec<usize> {
    let mut rows = posted.rows(name);
    rows.retain(|n| columns.iter().any(|column| !posted.raw(&format!("{name}.{n}.{column}")).trim().is_empty()));
    rows
}

fn read_lines(posted: &Posted, currency: Currency) -> Vec<Line> {
    let line = |n: usize| Line {
        head: posted.text(&format!("lines.{n}.head"), TITLE),
        label: posted.text(&format!("lines.{n}.label"), TITLE),
        quantity: whole(posted, &format!("lines.{n}.quantity"), 1),
        unit_minor: posted.money(&format!("lines.{n}.unit"), currency),
        source: posted.word(&format!("lines.{n}.source"), BudgetSource::parse, BudgetSource::Grant),
    };
    filled(posted, "lines", &["label", "quantity", "unit"]).into_iter().map(line).collect()
}

fn read_indicators(posted: &Posted) -> Vec<Measured> {
    let told = |n: usize| Measured {
        name: posted.text(&format!("indicators.{n}.name"), TITLE),
        unit: posted.optional(&format!("indicators.{n}.unit"), TITLE),
        baseline: whole(posted, &format!("indicators.{n}.baseline"), i64::from(i32::MIN)),
        target: whole(posted, &format!("indicators.{n}.target"), i64::from(i32::MIN)),
    };
    posted.rows("indicators").into_iter().map(told).collect()
}

fn whole(posted: &Posted, field: &str, least: i64) -> i32 {
    i32::try_from(posted.number(field, least, i64::from(i32::MAX))).unwrap_or(0)
}
