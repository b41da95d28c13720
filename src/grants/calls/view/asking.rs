//! Questions about a call: those that are answered for everybody, those that wait for officers.

use super::visible;
use crate::error::Result;
use crate::grants::calls::questions::{self, takes};
use crate::people::permission::{As, Context, Officer};
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Task};
use crate::web::sheet::{Act, Block, Sheet};
use entities::call;
use entities::kinds::{CallId, CallQuestionId, CallQuestionStage, Role};

/// Answered questions, newest first. Signed in, one asks on the same page.
///
/// # Errors
/// [`crate::error::Error::NotFound`] for a call that is not the reader's to see.
pub async fn list(context: &Context, id: CallId) -> Answer {
    let row = visible(context, id).await?;
    let db = context.edges.db.read();
    let base = format!("/calls/{id}");
    let mut acts = Vec::new();
    let open = takes(&row) && row.closes_at > context.edges.clock.now();
    if open && context.actor.person.is_none() {
        let href = format!("/sign-in?back={base}/questions");
        acts.push(ActLink { href, text: context.t("call-sign-in"), tone: "" });
    } else if open {
        acts.push(ActLink { href: format!("{base}/ask"), text: context.t("act-call-ask-button"), tone: "" });
    }
    let text = if open { context.t("call-questions-open") } else { context.t("call-questions-over") };
    let title = context.pick(&row.title_zh, &row.title_en);
    let mut sheet = Sheet::new(context.t("call-questions"))
        .under(&[(context.t("calls-title"), "/calls"), (title, &base)])
        .sentence(context.t("call-questions-sentence"))
        .now(context.t("now-title"), text, acts);
    if context.actor.has(Role::ProgrammeOfficer) {
        sheet = sheet.with(waiting(context, &row).await?);
    }
    let answered = questions::list(db, id, CallQuestionStage::Answered).await?;
    if answered.is_empty() {
        sheet = sheet.with(Block::Prose { title: String::new(), text: context.t("call-questions-empty") });
    }
    for one in &answered {
        let answer = context.pick(&one.answer_zh, &one.answer_en);
        sheet = sheet.with(Block::Prose { title: one.text.clone(), text: answer });
    }
    sheet.answer(context, "calls")
}

/// What waits for an answer; who asked is not told here either.
async fn waiting(context: &Context, row: &call::Model) -> Result<Block> {
    let rows = questions::list(context.edges.db.read(), row.id, CallQuestionStage::Asked).await?;
    let task = |one: &entities::call_question::Model| Task {
        href: format!("/calls/{}/questions/{}", row.id, one.id),
        title: one.text.clone(),
        detail: context.moment(one.asked_at),
        chip: context.t("stage-call-question-asked"),
        tone: "wait",
    };
    Ok(Block::Tasks {
        title: context.t("call-questions-waiting"),
        items: rows.iter().map(task).collect(),
        empty: context.t("call-questions-none"),
    })
}

/// The page that asks.
///
/// # Errors
/// [`crate::error::Error::NotFound`] for a call that is not the reader's to see.
pub async fn ask(context: &Context, id: CallId) -> Answer {
    let row = visible(context, id).await?;
    let base = format!("/calls/{id}");
    let back = format!("{base}/questions");
    Act::new(context, "call-ask", back.clone(), back)
        .under(&[(context.t("calls-title"), "/calls"), (context.pick(&row.title_zh, &row.title_en), &base)])
        .ask(context, "area", "text")
        .labelled(context.t("call-question"))
        .answer(context, "calls")
}

/// The page that answers a question, or puts it aside.
///
/// # Errors
/// [`crate::error::Error::NotFound`] for a question of another call.
pub async fn answer(by: &As<Officer>, id: CallId, question: CallQuestionId) -> Answer {
    let (row, one) = questions::of(by.edges.db.read(), id, question).await?;
    let base = format!("/calls/{id}");
    let back = format!("{base}/questions");
    Act::new(by, "call-answer", format!("{back}/{question}"), back.clone())
        .under(&[(by.t("calls-title"), "/calls"), (by.pick(&row.title_zh, &row.title_en), &base)])
        .fact(by.t("call-question"), one.text)
        .ask(by, "area", "text_zh")
        .optional()
        .ask(by, "area", "text_en")
        .optional()
        .ask(by, "check", "aside")
        .labelled(by.t("call-question-aside"))
        .answer(by, "calls")
}
