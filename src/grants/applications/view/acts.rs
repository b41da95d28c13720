//! The pages of acts on an application, and the page of an appeal.

use super::super::rules::APPEAL;
use super::super::screening::OTHER_REASON;
use super::super::{appeals, budget, eligibility};
use super::visible;
use crate::core::eligibility::CODES;
use crate::error::{Error, Result};
use crate::grants::calls::{self, view::checked};
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::{Choice, Fact};
use crate::web::sheet::{Act, Block, Sheet};
use entities::application;
use entities::kinds::{AppealId, AppealStage, ApplicationId};

/// The page of an act on an application.
///
/// # Errors
/// [`Error::NotFound`] for an act there is none of.
pub async fn act(context: &Context, id: ApplicationId, act: &str) -> Answer {
    let row = visible(context, id).await?;
    let base = format!("/applications/{id}");
    let mut page = Act::new(context, &format!("application-{act}"), format!("{base}/{act}"), base.clone())
        .under(&[(context.t("applications-title"), "/applications"), (row.title.clone(), &base)])
        .fact(context.t("head-title"), row.title.clone());
    page = match act {
        "hand-over" | "take-back" => page,
        "submit" => signing(context, &row, page).await?,
        "withdraw" => page.ask(context, "area", "reason").stop(),
        "ask-information" => page
            .ask(context, "area", "question")
            .ask(context, "number", "days")
            .labelled(context.t("field-question-days"))
            .value("5"),
        "answer-information" => {
            page.fact(context.t("application-question"), row.question.clone()).ask(context, "area", "answer")
        }
        "appeal" => page.ask(context, "area", "ground"),
        "screen" => screening(context, &row, page).await?,
        part if super::parts::PART_ACTS.contains(&part) => super::parts::ask(context, &row, part, page).await?,
        _ => return Err(Error::NotFound),
    };
    page.answer(context, "")
}

/// What the signatory signs: for whom, to which call, how much, until when.
async fn signing(context: &Context, row: &application::Model, mut page: Act) -> Result<Act> {
    // Who signs can read it first.
    page.facts = vec![Fact::linked(context.t("head-title"), row.title.clone(), format!("/applications/{}", row.id))];
    let call = calls::service::load(context.edges.db.read(), row.call_id).await?;
    let names = organisations::names(context, [row.organisation_id].into_iter()).await?;
    let asked = context.money(row.ask_minor, row.currency);
    let capitals = context.capitals(row.ask_minor, row.currency);
    Ok(page
        .fact(context.t("head-organisation"), names.get(&row.organisation_id).cloned().unwrap_or_default())
        .fact(context.t("application-call"), context.pick(&call.title_zh, &call.title_en))
        .fact(context.t("application-ask"), format!("{asked} {capitals}").trim().to_owned())
        .fact(
            context.t("call-closes"),
            format!("{} · {}", context.moment(call.closes_at), calls::view::left(context, &call)),
        ))
}

/// What the rules say on today's facts, and the officer's word.
async fn screening(context: &Context, row: &application::Model, mut page: Act) -> Result<Act> {
    if !context.actor.is_staff() {
        return Err(Error::NotFound);
    }
    let db = context.edges.db.read();
    let call = calls::service::load(db, row.call_id).await?;
    let lines = budget::lines_of(db, row.id).await?;
    let today = context.edges.today();
    let found =
        eligibility::findings(db, &call, row.organisation_id, row.host_id, row.ask_minor, &lines, today).await?;
    for finding in &found {
        let told = checked(context, finding.code, &finding.evidence, finding.ok, finding.mend);
        page = page.fact(told.text, told.word);
    }
    let outcomes = Choice::words(context, "screening", ["eligible", "ineligible"]);
    let reasons: Vec<Choice> =
        CODES.iter().copied().chain([OTHER_REASON]).map(|code| Choice::new(code, context.t(code))).collect();
    let broken: Vec<&str> = found.iter().filter(|finding| !finding.ok).map(|finding| finding.code).collect();
    let reasons =
        reasons.into_iter().map(|choice| Choice { selected: broken.contains(&choice.value.as_str()), ..choice });
    page = page.ask(context, "radios", "screening");
    if let Some(field) = page.fields.last_mut() {
        field.options = outcomes;
    }
    page = page.ask(context, "checks", "reasons").labelled(context.t("field-screening-reasons"));
    if let Some(field) = page.fields.last_mut() {
        field.options = reasons.collect();
        field.required = false;
    }
    Ok(page.ask(context, "area", "note").optional())
}

/// An appeal: read by its organisation and staff, decided by who took no part.
///
/// # Errors
/// [`Error::NotFound`] for an appeal of another application.
pub async fn appeal(context: &Context, id: ApplicationId, appeal: AppealId) -> Answer {
    let row = visible(context, id).await?;
    let filed = appeals::load_appeal(context.edges.db.read(), appeal).await?;
    if filed.application_id != id {
        return Err(Error::NotFound);
    }
    let base = format!("/applications/{id}");
    let may = filed.stage == AppealStage::Filed && !APPEAL.offers(filed.stage, &context.actor.parts(None)).is_empty();
    if may {
        let answers = Choice::words(context, "stage-appeal", ["upheld", "dismissed"]);
        return Act::new(context, "appeal-decide", appeals::appeal_page(id, appeal), base)
            .fact(context.t("head-title"), row.title.clone())
            .fact(context.t("head-what"), context.t(&format!("appeal-against-{}", filed.against)))
            .fact(context.t("field-ground"), filed.ground.clone())
            .ask_choice(context, "uphold", answers)
            .ask(context, "area", "reason")
            .answer(context, "");
    }
    Sheet::new(context.t("application-appeals"))
        .under(&[(context.t("applications-title"), "/applications"), (row.title.clone(), &base)])
        .chip(context.t(&format!("stage-appeal-{}", filed.stage)), "wait")
        .with(Block::Prose { title: context.t("field-ground"), text: filed.ground })
        .with(Block::Prose { title: context.t("field-reason"), text: filed.reason })
        .answer(context, "")
}
