//! The pages of acts on calls: check, amend, cancel; the ones that begin an application and a programme.

use super::visible;
use crate::error::Error;
use crate::people::organisations;
use crate::people::permission::{Context, Level};
use crate::web::page::Answer;
use crate::web::parts::Choice;
use crate::web::sheet::Act;
use entities::kinds::CallId;

/// The page of an act on a call.
///
/// # Errors
/// [`Error::NotFound`] for an act there is none of.
pub async fn act(context: &Context, id: CallId, act: &str) -> Answer {
    let row = visible(context, id).await?;
    let base = format!("/calls/{id}");
    let title = context.pick(&row.title_zh, &row.title_en);
    let page = Act::new(context, &format!("call-{act}"), format!("{base}/{act}"), base.clone())
        .under(&[(context.t("calls-title"), "/calls"), (title, &base)]);
    let page = match act {
        "check" => page
            .fact(context.t("call-cap"), context.money(row.cap_minor, row.currency))
            .fact(context.t("call-envelope"), context.money(row.envelope_minor, row.currency))
            .fact(context.t("call-opens"), context.moment(row.opens_at))
            .fact(context.t("call-closes"), context.moment(row.closes_at)),
        "start-review" | "archive" | "copy" => page,
        "ask-opening" | "open-bids" if row.sealed => {
            page.fact(context.t("call-closes"), context.moment(row.closes_at)).proving(context, Level::Decision)
        }
        "amend" => page
            .fact(context.t("call-closes"), context.moment(row.closes_at))
            .ask(context, "area", "text_zh")
            .ask(context, "area", "text_en")
            .optional()
            .ask(context, "moment", "closes_at")
            .value(local(context, row.closes_at)),
        "cancel" => page.ask(context, "area", "reason").stop(),
        _ => return Err(Error::NotFound),
    };
    page.answer(context, "calls")
}

/// A moment as a form's field wants it.
pub fn local(context: &Context, at: chrono::DateTime<chrono::Utc>) -> String {
    at.with_timezone(&context.edges.config.zone).format("%Y-%m-%dT%H:%M").to_string()
}

/// The page that begins an application.
///
/// # Errors
/// [`Error::NotFound`] for a call that is not the reader's to see.
pub async fn apply(context: &Context, id: CallId, organisation: Option<i64>) -> Answer {
    let row = visible(context, id).await?;
    let base = format!("/calls/{id}");
    let mine = organisations::names(context, context.actor.memberships.iter().map(|m| m.organisation_id)).await?;
    let mine = mine.into_iter().map(|(id, name)| Choice::new(id, name)).collect();
    let chosen = organisation.map(|id| id.to_string()).unwrap_or_default();
    Act::new(context, "call-apply", format!("{base}/apply"), base.clone())
        .under(&[(context.t("calls-title"), "/calls"), (context.pick(&row.title_zh, &row.title_en), &base)])
        .ask_choice(context, "organisation", Choice::chosen(mine, &chosen))
        .ask(context, "text", "title")
        .answer(context, "calls")
}

/// The page that drafts a programme.
///
/// # Errors
/// When the page cannot be written.
pub fn programme(context: &Context) -> Answer {
    Act::new(context, "call-programme", "/calls/programme", "/calls")
        .ask(context, "text", "name_zh")
        .ask(context, "text", "name_en")
        .optional()
        .answer(context, "calls")
}
