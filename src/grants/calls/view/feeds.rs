//! Calls in calendars and feed readers: what everybody may read of those that are announced and not over. No person stands in them.

use crate::error::Result;
use crate::people::permission::Context;
use crate::web::page::{Answer, Reply};
use chrono::{DateTime, Utc};
use entities::kinds::{CallId, CallStage};
use entities::{call, call_amendment};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

/// Calls in a feed: readers keep what they have seen.
const MOST: u64 = 100;
/// Longest line of a calendar, in bytes without its end (RFC 5545, 3.1).
const LINE: usize = 75;

async fn coming(context: &Context) -> Result<Vec<call::Model>> {
    Ok(call::Entity::find()
        .filter(call::Column::Stage.is_in([CallStage::Scheduled, CallStage::Open]))
        .order_by_asc(call::Column::ClosesAt)
        .order_by_asc(call::Column::Id)
        .limit(MOST)
        .all(context.edges.db.read())
        .await?)
}

fn feed(text: String, media_type: &str) -> Answer {
    Ok(Reply::File { bytes: text.into_bytes(), media_type: media_type.into(), name: String::new(), public: true })
}

/// Open and announced calls as an Atom feed (RFC 4287).
///
/// # Errors
/// When the database cannot be read.
pub async fn atom(context: &Context) -> Answer {
    let rows = coming(context).await?;
    let (amended, now) = (amendments(context, &rows).await?, context.edges.clock.now());
    let base = &context.edges.config.base_url;
    let newest = rows.iter().map(|row| changed(row, &amended, now)).max().unwrap_or_default();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n<id>{1}/calls</id>\n<title>{2}</title>\n<link rel=\"self\" href=\"{1}/calls.atom\"/>\n<link href=\"{1}/calls\"/>\n<updated>{3}</updated>\n",
        context.locale,
        escaped(base),
        escaped(&context.t("calls-title")),
        newest.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
    );
    let author = crate::web::page::known_foundation(&context.edges);
    let author = author.as_deref().map(|own| context.pick(&own.name_zh, &own.name_en)).unwrap_or_default();
    text.push_str(&format!("<author><name>{}</name></author>\n", escaped(&author)));
    for row in &rows {
        let title = context.pick(&row.title_zh, &row.title_en);
        let (opens, closes) = (context.moment(row.opens_at), context.moment(row.closes_at));
        let when = context.t_with("call-sentence-scheduled", &[("opens", &opens), ("closes", &closes)]);
        let summary = format!("{when}\n{}", context.pick(&row.summary_zh, &row.summary_en));
        text.push_str(&format!(
            "<entry>\n<id>{0}/calls/{1}</id>\n<title>{2}</title>\n<link href=\"{0}/calls/{1}\"/>\n<updated>{3}</updated>\n<summary>{4}</summary>\n</entry>\n",
            escaped(base),
            row.id,
            escaped(&title),
            changed(row, &amended, now).to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            escaped(&summary),
        ));
    }
    text.push_str("</feed>\n");
    feed(text, "application/atom+xml; charset=utf-8")
}

/// When a call last changed for its readers: its last amendment, else the hour at which it opened or will.
fn changed(row: &call::Model, amended: &BTreeMap<CallId, DateTime<Utc>>, now: DateTime<Utc>) -> DateTime<Utc> {
    amended.get(&row.id).copied().unwrap_or_else(|| row.opens_at.min(now))
}

/// The last amendment of each of these calls.
async fn amendments(context: &Context, rows: &[call::Model]) -> Result<BTreeMap<CallId, DateTime<Utc>>> {
    let found: Vec<(CallId, Option<DateTime<Utc>>)> = call_amendment::Entity::find()
        .select_only()
        .column(call_amendment::Column::CallId)
        .column_as(call_amendment::Column::PublishedAt.max(), "last")
        .filter(call_amendment::Column::CallId.is_in(rows.iter().map(|row| row.id)))
        .group_by(call_amendment::Column::CallId)
        .into_tuple()
        .all(context.edges.db.read())
        .await?;
    Ok(found.into_iter().filter_map(|(id, last)| Some((id, last?))).collect())
}

/// Text in XML; signs that XML forbids are left out.
fn escaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => plain.push_str("&amp;"),
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '"' => plain.push_str("&quot;"),
            '\n' | '\t' => plain.push(sign),
            _ if sign.is_control() || matches!(sign, '\u{fffe}' | '\u{ffff}') => {}
            _ => plain.push(sign),
        }
    }
    plain
}

/// The deadlines of open and announced calls as a calendar (RFC 5545).
///
/// # Errors
/// When the database cannot be read.
pub async fn calendar(context: &Context) -> Answer {
    let rows = coming(context).await?;
    let (amended, now) = (amendments(context, &rows).await?, context.edges.clock.now());
    let base = &context.edges.config.base_url;
    let host = base.split("://").nth(1).unwrap_or("tributary");
    let mut text = String::new();
    let mut line = |told: &str| folded(&mut text, told);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//Tributary//Calls//EN");
    line(&format!("X-WR-CALNAME:{}", plain(&context.t("calls-title"))));
    for row in &rows {
        let title = context.pick(&row.title_zh, &row.title_en);
        line("BEGIN:VEVENT");
        line(&format!("UID:call-{}@{host}", row.id));
        line(&format!("SEQUENCE:{}", row.version));
        line(&format!("DTSTAMP:{}", stamp(changed(row, &amended, now))));
        line(&format!("DTSTART:{}", stamp(row.closes_at)));
        line(&format!("SUMMARY:{}", plain(&context.t_with("call-feed-closes", &[("call", &title)]))));
        line(&format!("URL:{base}/calls/{}", row.id));
        line("END:VEVENT");
    }
    line("END:VCALENDAR");
    feed(text, "text/calendar; charset=utf-8")
}

fn stamp(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// Text in a calendar.
fn plain(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,");
    text.replace("\r\n", "\\n").replace(['\n', '\r'], "\\n")
}

/// Writes a line, folded where it is too long, never inside a sign.
fn folded(text: &mut String, line: &str) {
    let mut length = 0;
    for sign in line.chars() {
        if length + sign.len_utf8() > LINE {
            text.push_str("\r\n ");
            length = 1;
        }
        text.push(sign);
        length += sign.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_between_signs_and_marks_are_escaped() {
        let mut text = String::new();
        folded(&mut text, &"街".repeat(60));
        for line in text.split("\r\n") {
            assert!(line.len() <= LINE, "{line}");
        }
        assert_eq!(text.replace("\r\n ", "").trim_end(), "街".repeat(60));
        assert_eq!(plain("a,b;c\\d\ne"), "a\\,b\\;c\\\\d\\ne");
        assert_eq!(escaped("<a & \"b\">\u{1}"), "&lt;a &amp; &quot;b&quot;&gt;");
    }
}
