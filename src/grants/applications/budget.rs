//! What an application consists of: its texts, its budget, its indicators; how they are kept, added up and signed.

use crate::core::answers::{Answers, FormDefinition};
use crate::core::money::MAX_MINOR;
use crate::edges::db::Tx;
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result, Violation};
use crate::grants::calls::rules::words;
use entities::kinds::{ApplicationId, BudgetSource, FormVersionId};
use entities::{application, budget_line, call, form_version, indicator};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

/// Most lines of a budget.
pub const MAX_LINES: usize = 60;
/// Most indicators.
pub const MAX_INDICATORS: usize = 20;

/// A line of a budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Budget head.
    pub head: String,
    /// What for.
    pub label: String,
    /// How many.
    pub quantity: i32,
    /// Each, in minor units.
    pub unit_minor: i64,
    /// Who pays.
    pub source: BudgetSource,
}

impl Line {
    /// What the line comes to, `None` when it is beyond all money.
    pub fn amount_minor(&self) -> Option<i64> {
        self.unit_minor.checked_mul(i64::from(self.quantity)).filter(|minor| (0..=MAX_MINOR).contains(minor))
    }
}

/// An outcome with baseline and target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// What is measured.
    pub name: String,
    /// In what.
    pub unit: String,
    /// Before.
    pub baseline: i32,
    /// Promised.
    pub target: i32,
}

/// An application as written.
#[derive(Debug, Clone, Default)]
pub struct Saved {
    /// Title of the project.
    pub title: String,
    /// What will be done.
    pub summary: String,
    /// Where.
    pub site: String,
    /// By whom.
    pub team: String,
    /// A child project without scores of its own, or `""`.
    pub child_name: String,
    /// What the child does.
    pub child_summary: String,
    /// Answers to the call's form.
    pub answers: Answers,
    /// Budget.
    pub lines: Vec<Line>,
    /// Outcomes.
    pub indicators: Vec<Measured>,
}

/// The sum of the lines of a source, or of all.
///
/// # Errors
/// A refusal when it is beyond all money.
pub fn sum(lines: &[Line], source: Option<BudgetSource>) -> Result<i64> {
    lines
        .iter()
        .filter(|line| source.is_none_or(|source| line.source == source))
        .try_fold(0_i64, |total, line| total.checked_add(line.amount_minor()?).filter(|total| *total <= MAX_MINOR))
        .ok_or_else(|| Error::field("lines.0.unit", "money-too-large"))
}

/// What is wrong with a budget: only heads of the call, nothing that is never paid for.
pub fn check_lines(row: &call::Model, lines: &[Line]) -> Vec<Violation> {
    let (heads, negative) = (words(&row.budget_heads), words(&row.negative_list));
    let mut wrong = Vec::new();
    if lines.len() > MAX_LINES {
        wrong.push(Violation::at("lines.0.head", "refused-application-lines").with("most", MAX_LINES));
    }
    for (place, line) in lines.iter().enumerate() {
        if negative.contains(&line.head) {
            wrong.push(Violation::at(format!("lines.{place}.head"), "refused-application-negative-head"));
        } else if !heads.contains(&line.head) {
            wrong.push(Violation::at(format!("lines.{place}.head"), "refused-application-head"));
        }
        if line.label.trim().is_empty() {
            wrong.push(Violation::at(format!("lines.{place}.label"), "refused-empty"));
        }
        if line.quantity <= 0 {
            wrong.push(Violation::at(format!("lines.{place}.quantity"), "refused-zero"));
        }
        if line.unit_minor <= 0 {
            wrong.push(Violation::at(format!("lines.{place}.unit"), "refused-zero"));
        } else if line.amount_minor().is_none() {
            wrong.push(Violation::at(format!("lines.{place}.unit"), "money-too-large"));
        }
    }
    wrong
}

/// Replaces budget and indicators by what is written now.
pub(super) async fn replace(tx: &Tx, id: ApplicationId, saved: &Saved) -> Result<()> {
    budget_line::Entity::delete_many().filter(budget_line::Column::ApplicationId.eq(id)).exec(tx).await?;
    indicator::Entity::delete_many().filter(indicator::Column::ApplicationId.eq(id)).exec(tx).await?;
    let lines: Vec<_> = (0..)
        .zip(&saved.lines)
        .map(|(position, line)| budget_line::ActiveModel {
            application_id: Set(id),
            head: Set(line.head.clone()),
            label: Set(line.label.trim().to_owned()),
            quantity: Set(line.quantity),
            unit_minor: Set(line.unit_minor),
            source: Set(line.source),
            position: Set(position),
            ..Default::default()
        })
        .collect();
    if !lines.is_empty() {
        budget_line::Entity::insert_many(lines).exec_without_returning(tx).await?;
    }
    let indicators: Vec<_> = (0..)
        .zip(&saved.indicators)
        .map(|(position, told)| indicator::ActiveModel {
            application_id: Set(id),
            name: Set(told.name.trim().to_owned()),
            unit: Set(told.unit.trim().to_owned()),
            baseline: Set(told.baseline),
            target: Set(told.target),
            position: Set(position),
            ..Default::default()
        })
        .collect();
    if !indicators.is_empty() {
        indicator::Entity::insert_many(indicators).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The budget of an application.
///
/// # Errors
/// When the database cannot be read.
pub async fn lines_of(db: &impl ConnectionTrait, id: ApplicationId) -> Result<Vec<Line>> {
    let rows = budget_line::Entity::find()
        .filter(budget_line::Column::ApplicationId.eq(id))
        .order_by_asc(budget_line::Column::Position)
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| Line {
            head: row.head,
            label: row.label,
            quantity: row.quantity,
            unit_minor: row.unit_minor,
            source: row.source,
        })
        .collect())
}

/// The indicators of an application.
///
/// # Errors
/// When the database cannot be read.
pub async fn indicators_of(db: &impl ConnectionTrait, id: ApplicationId) -> Result<Vec<Measured>> {
    let rows = indicator::Entity::find()
        .filter(indicator::Column::ApplicationId.eq(id))
        .order_by_asc(indicator::Column::Position)
        .all(db)
        .await?;
    let told =
        |row: indicator::Model| Measured { name: row.name, unit: row.unit, baseline: row.baseline, target: row.target };
    Ok(rows.into_iter().map(told).collect())
}

/// The questions of a call.
///
/// # Errors
/// When they cannot be read.
pub async fn questions(db: &impl ConnectionTrait, id: FormVersionId) -> Result<FormDefinition> {
    let row = form_version::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    Ok(serde_json::from_value(row.definition)?)
}

/// The answers of an application.
pub fn answers_of(row: &application::Model) -> Answers {
    serde_json::from_value(row.answers.clone()).unwrap_or_default()
}

/// SHA-256 of everything that is signed, as JSON with its keys in order.
/// `beside` is what stands beside the text, null when there is nothing.
pub fn content_hash(row: &application::Model, lines: &[Line], indicators: &[Measured], beside: Value) -> String {
    let lines: Vec<Value> = lines
        .iter()
        .map(|line| json!([line.head, line.label, line.quantity, line.unit_minor, line.source.as_str()]))
        .collect();
    let indicators: Vec<Value> =
        indicators.iter().map(|told| json!([told.name, told.unit, told.baseline, told.target])).collect();
    let mut signed = json!({
        "answers": row.answers, "application": row.id.0, "ask_minor": row.ask_minor, "budget": lines,
        "call": row.call_id.0, "child_name": row.child_name, "child_summary": row.child_summary,
        "currency": row.currency.code(), "host": row.host_id.map(|id| id.0), "indicators": indicators,
        "organisation": row.organisation_id.0, "site": row.site, "summary": row.summary, "team": row.team,
        "title": row.title,
    });
    if let Some(fields) = signed.as_object_mut().filter(|_| !beside.is_null()) {
        fields.insert("beside".into(), beside);
    }
    fingerprint(canonical(&signed))
}

/// JSON with the keys of every object in order.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            let fields: Vec<String> =
                fields.into_iter().map(|(name, value)| format!("{}:{}", json!(name), canonical(value))).collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_keys_does_not_show_in_the_hash() {
        assert_eq!(canonical(&json!({"b": [1, {"d": 1, "c": 2}], "a": "x"})), r#"{"a":"x","b":[1,{"c":2,"d":1}]}"#);
    }

    #[test]
    fn a_budget_beyond_all_money_is_refused() {
        let line = |unit_minor| Line {
            head: "material".into(),
            label: "paint".into(),
            quantity: 83,
            unit_minor,
            source: BudgetSource::Grant,
        };
        assert_eq!(sum(&[line(100_000)], None).unwrap(), 8_300_000);
        assert_eq!(sum(&[line(i64::MAX)], None).unwrap_err().code(), "money-too-large");
    }
}
