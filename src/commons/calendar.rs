//! Working days: a year is imported with its holidays and make-up days; a missing year refuses to compute a deadline.

use super::events::{self, Note};
use crate::core::time::{WorkCalendar, end_of_day};
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::people::permission::{Administrator, As};
use chrono::{DateTime, NaiveDate, Utc};
use entities::kinds::{PersonId, Subject};
use entities::{calendar_day, calendar_year};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryOrder};

/// The calendar as imported.
///
/// # Errors
/// When the database cannot be read.
pub async fn load(db: &impl ConnectionTrait) -> Result<WorkCalendar> {
    let years = calendar_year::Entity::find().order_by_asc(calendar_year::Column::Year).all(db).await?;
    let days = calendar_day::Entity::find().order_by_asc(calendar_day::Column::Day).all(db).await?;
    let mut calendar = WorkCalendar::default();
    for year in years {
        let mut text = format!("year {}\n", year.year);
        for day in days.iter().filter(|day| day.year == year.year) {
            text.push_str(&format!("{} {} {}\n", day.day, if day.working { "on" } else { "off" }, day.note));
        }
        calendar.import_year(&text).map_err(|error| Error::Internal(format!("calendar {}: {error}", year.year)))?;
    }
    Ok(calendar)
}

/// The last day of a deadline of so many working days after `from`.
///
/// # Errors
/// A refusal naming the year whose calendar is missing.
pub async fn after(db: &impl ConnectionTrait, from: NaiveDate, working_days: i64) -> Result<NaiveDate> {
    let count = u32::try_from(working_days).unwrap_or(0);
    load(db)
        .await?
        .add_working_days(from, count)
        .map_err(|missing| Violation::whole("refused-calendar-missing").with("year", missing.0).into())
}

/// Working days from one day to another, the first not counted.
///
/// # Errors
/// A refusal naming the year whose calendar is missing.
pub async fn between(db: &impl ConnectionTrait, from: NaiveDate, to: NaiveDate) -> Result<i32> {
    let days = load(db)
        .await?
        .working_days_between(from, to)
        .map_err(|missing| Violation::whole("refused-calendar-missing").with("year", missing.0))?;
    Ok(i32::try_from(days).unwrap_or(i32::MAX))
}

/// The moment a day ends in the foundation's zone.
pub fn end(day: NaiveDate, zone: chrono_tz::Tz) -> DateTime<Utc> {
    end_of_day(day, zone)
}

/// Imports or replaces one year.
///
/// # Errors
/// Names the line that cannot be read.
pub async fn import(by: &As<Administrator>, text: &str, source: &str) -> Result<i32> {
    by.write(|tx| async move {
        let tx = &tx;
        let year = write_year(tx, text, source, by.actor.person).await?;
        events::record(tx, by, Subject::Foundation, 1, Note::act("import-calendar").because(year.to_string())).await?;
        Ok(year)
    })
    .await
}

/// Writes one year's days; used by [`import`] and when the foundation is set up.
///
/// # Errors
/// Names the line that cannot be read.
pub async fn write_year(tx: &Tx, text: &str, source: &str, by: Option<PersonId>) -> Result<i32> {
    use sea_orm::{ColumnTrait, QueryFilter};
    let mut calendar = WorkCalendar::default();
    let year = calendar
        .import_year(text)
        .map_err(|error| Violation::at("calendar", error.problem.code()).with("line", error.line))?;
    calendar_day::Entity::delete_many().filter(calendar_day::Column::Year.eq(year)).exec(tx).await?;
    calendar_year::Entity::delete_many().filter(calendar_year::Column::Year.eq(year)).exec(tx).await?;
    let head = calendar_year::ActiveModel {
        year: Set(year),
        source: Set(source.to_owned()),
        imported_by: Set(by),
        imported_at: Set(tx.now()),
    };
    calendar_year::Entity::insert(head).exec_without_returning(tx).await?;
    let rows: Vec<_> = calendar
        .special_days(year)
        .into_iter()
        .flatten()
        .map(|(day, special)| calendar_day::ActiveModel {
            day: Set(*day),
            year: Set(year),
            working: Set(special.works),
            note: Set(special.name.clone()),
        })
        .collect();
    if !rows.is_empty() {
        calendar_day::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(year)
}
