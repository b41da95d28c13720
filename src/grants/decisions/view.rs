//! The pages of decisions: the batch with its ranking, its items, answers to objections; the best set in [`best`].

mod best;
pub mod feedback;
pub mod minutes;
pub mod statistics;

use super::rules::{BATCH, OBJECTION};
use super::{approvals, objections, service};
use crate::core::lifecycle::Part;
use crate::error::{Error, Result};
use crate::grants::reviews::panel;
use crate::grants::reviews::view::points;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Choice, Fact, Task};
use crate::web::sheet::{Act, Block, Cell, Sheet, act_links, history, stage_text};
use entities::kinds::{
    AwardKind, BatchStage, CallId, DecisionBatchId, DecisionItemId, ObjectionId, ObjectionStage, Outcome, Role, Scope,
    Subject,
};
use entities::{application, call, decision_batch, decision_item, objection};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Tasks on the desk.
const TASKS: u64 = 20;
/// Events shown.
const HISTORY: u64 = 20;

/// The newest batch of a call, for who works on it.
///
/// # Errors
/// [`Error::NotFound`] for others.
pub async fn batch(context: &Context, id: CallId) -> Answer {
    panel::visible(context, id).await?;
    let db = context.edges.db.read();
    let call = call::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    let title = context.pick(&call.title_zh, &call.title_en);
    let sheet = Sheet::new(context.t("decision-title")).under(&[
        (title.clone(), &format!("/calls/{id}")),
        (context.t("review-panel"), &format!("/calls/{id}/reviews")),
    ]);
    let draft =
        ActLink { href: format!("/calls/{id}/decision/draft"), text: context.t("act-batch-draft-button"), tone: "" };
    let drafts = parts(context, id).iter().any(|part| matches!(part, Part::Chair | Part::Officer));
    let Some(batch) = service::newest(db, id).await? else {
        let acts = if drafts { vec![draft] } else { Vec::new() };
        return sheet
            .sentence(context.t("decision-none"))
            .now(context.t("now-title"), "", acts)
            .answer(context, "calls");
    };
    let rows = service::items_of(db, batch.id).await?;
    let base = format!("/decisions/{}", batch.id);
    let mut acts = act_links(context, "batch", &base, &BATCH.offers(batch.stage, &parts(context, id)), &["return"]);
    if batch.stage == BatchStage::Draft && drafts {
        acts.extend(
            act_links(context, "batch", &base, &["refresh", "portfolio", "minutes"], &[]).into_iter().map(quiet),
        );
    }
    if matches!(batch.stage, BatchStage::Approved | BatchStage::Decided) {
        let notice =
            ActLink { href: format!("/notices/{}", batch.id), text: context.t("decision-to-notice"), tone: "quiet" };
        acts.push(notice);
    }
    let mut sheet = sheet
        .chip(stage_text(context, "batch", batch.stage.as_str()), "wait")
        .sentence(title)
        .now(context.t("now-title"), returned_for(&batch), acts)
        .with(ranking(context, &batch, &rows, batch.stage == BatchStage::Draft && drafts).await?);
    if let Some(block) = best::table(context, &batch, &rows).await? {
        sheet = sheet.with(block);
    }
    if !batch.note.is_empty() {
        sheet = sheet.with(Block::Prose { title: context.t("decision-minutes"), text: batch.note.clone() });
    }
    sheet
        .beside(totals(context, &call, &rows))
        .beside(history(
            context,
            "batch",
            &crate::commons::events::history(db, Subject::DecisionBatch, batch.id.0, HISTORY).await?,
        ))
        .answer(context, "calls")
}

fn quiet(act: ActLink) -> ActLink {
    ActLink { tone: "quiet", ..act }
}

/// The parts a reader plays for one call: a chair of another panel is none here.
fn parts(context: &Context, call: CallId) -> Vec<Part> {
    let mut parts = context.actor.parts(None);
    if context.actor.grant(Role::PanelChair, Scope::Call, Some(call.0)).is_none() {
        parts.retain(|part| *part != Part::Chair);
    }
    parts
}

fn sums(rows: &[decision_item::Model]) -> (i64, i64) {
    let approved = rows.iter().filter(|row| row.outcome == Outcome::Approved);
    approved.fold((0, 0), |(amount, fee), row| (amount + row.amount_minor, fee + row.fee_minor))
}

fn totals(context: &Context, call: &call::Model, rows: &[decision_item::Model]) -> Block {
    let (amount, fee) = sums(rows);
    let money = |minor| context.money(minor, call.currency);
    Block::Facts {
        title: context.t("facts-title"),
        items: vec![
            Fact::new(context.t("decision-envelope"), money(call.envelope_minor)),
            Fact::new(context.t("decision-sum"), money(amount)),
            Fact::new(context.t("flow-fee"), money(fee)),
            Fact::new(context.t("decision-reserved-sum"), money(amount + fee)),
            Fact::new(context.t("decision-method"), context.t(&format!("decision-method-{}", call.method))),
        ],
    }
}

/// Why it came back, while it is being mended.
fn returned_for(batch: &decision_batch::Model) -> String {
    if batch.stage == BatchStage::Draft { batch.returned_reason.clone() } else { String::new() }
}

/// The ranking: raw mean beside the score that ranks, what is proposed and why.
pub(super) async fn ranking(
    context: &Context,
    batch: &decision_batch::Model,
    rows: &[decision_item::Model],
    editable: bool,
) -> Result<Block> {
    let applications = approvals::applications_of(context.edges.db.read(), rows).await?;
    let names = organisations::names(context, applications.values().map(|row| row.organisation_id)).await?;
    let fixed = service::fixed_scores(batch);
    let cells = |row: &decision_item::Model| {
        let name = applications.get(&row.application_id).and_then(|row| names.get(&row.organisation_id).cloned());
        let score = fixed.get(&row.application_id.to_string()).cloned().unwrap_or_default();
        let href = if editable { format!("/decisions/{}/items/{}", batch.id, row.id) } else { String::new() };
        let interval = match (score.rank_best, score.rank_worst) {
            (Some(best), Some(worst)) if best != worst => format!(" ({best}–{worst})"),
            _ => String::new(),
        };
        vec![
            Cell::lead(name.unwrap_or_default(), href),
            Cell::number(row.rank.map(|rank| format!("{rank}{interval}")).unwrap_or_default()),
            Cell::number(row.score.map(|score| points(score.into())).unwrap_or_default()),
            Cell::number(score.mean.map(points).unwrap_or_default()),
            Cell::text(context.t(&format!("outcome-{}", row.outcome))),
            Cell::number(context.money(row.amount_minor, row.currency)),
            Cell { text: row.reason.clone(), href: String::new(), class: "wide" },
        ]
    };
    let heads = [
        "head-organisation",
        "head-review-rank",
        "head-score",
        "head-review-mean",
        "head-decision-outcome",
        "head-amount",
        "head-reason",
    ];
    Ok(Block::Table {
        title: context.t("decision-ranking"),
        heads: heads.map(|key| context.t(key)).into(),
        rows: rows.iter().map(cells).collect(),
        empty: context.t("decision-none"),
    })
}

/// The page that drafts a batch.
///
/// # Errors
/// [`Error::NotFound`] for who does not work on the call.
pub async fn draft(context: &Context, id: CallId) -> Answer {
    panel::visible(context, id).await?;
    Act::new(context, "batch-draft", format!("/calls/{id}/decision/draft"), format!("/calls/{id}/decision"))
        .ask(context, "area", "minutes")
        .optional()
        .answer(context, "calls")
}

/// The page of an act on a batch. An approval says what is reserved, and for whom.
///
/// # Errors
/// [`Error::NotFound`] for who does not work on the call, or an act there is none of.
pub async fn act(context: &Context, id: DecisionBatchId, act: &str) -> Answer {
    let db = context.edges.db.read();
    let batch = service::load(db, id).await?;
    panel::visible(context, batch.call_id).await?;
    let call = call::Entity::find_by_id(batch.call_id).one(db).await?.ok_or(Error::NotFound)?;
    let back = format!("/calls/{}/decision", call.id);
    let action = format!("/decisions/{id}/{act}");
    let page = match act {
        "approve" => approve(context, &batch, &call, action, &back).await?,
        "return" => Act::new(context, "batch-return", action, back.clone())
            .shows(batch.version)
            .ask(context, "area", "reason")
            .stop(),
        "submit" => {
            Act::new(context, "batch-submit", action, back.clone()).hidden("version", batch.version.to_string())
        }
        "refresh" => Act::new(context, "batch-refresh", action, back.clone()),
        "portfolio" => {
            best::asked(context, &batch, &call, Act::new(context, "batch-portfolio", action, back.clone())).await?
        }
        "minutes" => Act::new(context, "batch-minutes", action, back.clone())
            .hidden("version", batch.version.to_string())
            .ask(context, "area", "minutes")
            .value(batch.note.clone())
            .optional(),
        _ => return Err(Error::NotFound),
    };
    page.under(&[(context.t("decision-title"), &back)]).answer(context, "calls")
}

async fn approve(
    context: &Context,
    batch: &decision_batch::Model,
    call: &call::Model,
    action: String,
    back: &str,
) -> Result<Act> {
    let rows = service::items_of(context.edges.db.read(), batch.id).await?;
    let applications = approvals::applications_of(context.edges.db.read(), &rows).await?;
    let names = organisations::names(context, applications.values().map(|row| row.organisation_id)).await?;
    let (amount, fee) = sums(&rows);
    let total = context.money(amount + fee, call.currency);
    let mut page = Act::worded(
        context.t("act-batch-approve-title"),
        context.t_with("act-batch-approve-text", &[("total", &total)]),
        context.t_with("act-batch-approve-button", &[("total", &total)]),
        action,
        back,
    );
    for row in rows.iter().filter(|row| row.outcome != Outcome::Declined) {
        let name = applications.get(&row.application_id).and_then(|a| names.get(&a.organisation_id).cloned());
        let what = context.t(&format!("outcome-{}", row.outcome));
        page =
            page.fact(name.unwrap_or_default(), format!("{what} · {}", context.money(row.amount_minor, row.currency)));
    }
    page = page.shows(batch.version).fact(context.t("flow-fee"), context.money(fee, call.currency));
    Ok(page.fact(context.t("decision-capitals"), context.capitals(amount + fee, call.currency)))
}

/// The page that sets an item by hand.
///
/// # Errors
/// [`Error::NotFound`] for an item of another batch.
pub async fn item(context: &Context, id: DecisionBatchId, item: DecisionItemId) -> Answer {
    let db = context.edges.db.read();
    let (row, batch, call) = service::load_item(db, item).await?;
    panel::visible(context, call.id).await?;
    if batch.id != id {
        return Err(Error::NotFound);
    }
    let asked = application::Entity::find_by_id(row.application_id).one(db).await?.ok_or(Error::NotFound)?;
    let back = format!("/calls/{}/decision", call.id);
    let outcomes = Choice::words(context, "outcome", Outcome::ALL.iter().map(|word| word.as_str()));
    let kinds = Choice::words(context, "award-becomes", AwardKind::ALL.iter().map(|word| word.as_str()));
    Act::new(context, "item-set", format!("/decisions/{id}/items/{item}"), back.clone())
        .under(&[(context.t("decision-title"), &back)])
        .fact(context.t("head-title"), asked.title.clone())
        .fact(context.t("decision-asked"), context.money(asked.ask_minor, asked.currency))
        .hidden("version", batch.version.to_string())
        .ask_choice(context, "outcome", Choice::chosen(outcomes, row.outcome.as_str()))
        .ask_money(context, "amount", row.currency)
        .value(crate::core::money::Money::new(row.amount_minor, row.currency.0).format("en"))
        .ask_choice(context, "award_kind", Choice::chosen(kinds, row.award_kind.as_str()))
        .ask(context, "area", "reason")
        .value(row.reason.clone())
        .answer(context, "calls")
}

/// The page that answers an objection.
///
/// # Errors
/// [`Error::NotFound`] for who does not answer objections.
pub async fn answer(context: &Context, id: ObjectionId) -> Answer {
    let db = context.edges.db.read();
    let row = objections::load(db, id).await?;
    let answers = OBJECTION.offers(row.stage, &context.actor.parts(None));
    if !context.actor.is_staff() {
        return Err(Error::NotFound);
    }
    if answers.is_empty() {
        return Err(Error::refused("refused-stage"));
    }
    let (item, batch, _) = service::load_item(db, row.item_id).await?;
    let asked = application::Entity::find_by_id(item.application_id).one(db).await?.ok_or(Error::NotFound)?;
    let back = format!("/notices/{}", batch.id);
    Act::new(context, "objection-answer", format!("/objections/{id}"), back.clone())
        .under(&[(context.t("notices-title"), &back)])
        .fact(context.t("head-title"), asked.title)
        .fact(context.t("head-amount"), context.money(item.amount_minor, item.currency))
        .fact(context.t("field-ground"), row.ground.clone())
        .fact(context.t("field-contact"), row.contact.clone())
        .fact(context.t("head-due"), context.day(row.due_on))
        .ask_choice(context, "finding", Choice::words(context, "finding", answers))
        .ask_money(context, "amount", item.currency)
        .hint(context.t("objection-amount-hint"))
        .value(crate::core::money::Money::new(item.amount_minor, item.currency.0).format("en"))
        .optional()
        .ask(context, "area", "answer")
        .hint(context.t("objection-answer-hint"))
        .answer(context, "desk")
}

/// What waits for the reader: batches to approve or mend, objections to answer.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(context: &Context) -> Result<Vec<Task>> {
    let mut tasks = Vec::new();
    let actor = &context.actor;
    let stage = match () {
        () if actor.has(Role::Approver) => Some(BatchStage::Submitted),
        () if actor.has(Role::ProgrammeOfficer) || actor.has_somewhere(Role::PanelChair) => Some(BatchStage::Draft),
        () => None,
    };
    if let Some(stage) = stage {
        tasks.extend(batches(context, stage).await?);
    }
    let stage = match () {
        () if actor.has(Role::ProgrammeOfficer) => Some(ObjectionStage::Filed),
        () if actor.has(Role::Administrator) => Some(ObjectionStage::Escalated),
        () => None,
    };
    if let Some(stage) = stage {
        tasks.extend(open_objections(context, stage).await?);
    }
    tasks.truncate(TASKS as usize);
    Ok(tasks)
}

async fn batches(context: &Context, stage: BatchStage) -> Result<Vec<Task>> {
    let rows = decision_batch::Entity::find()
        .filter(decision_batch::Column::Stage.eq(stage))
        .order_by_asc(decision_batch::Column::Id)
        .limit(TASKS)
        .all(context.edges.db.read())
        .await?;
    let mut mine = Vec::new();
    for row in rows {
        let own = stage == BatchStage::Submitted && Some(row.drafted_by) == context.actor.person;
        if !own && panel::visible(context, row.call_id).await.is_ok() {
            mine.push(row);
        }
    }
    let title = if stage == BatchStage::Submitted { "task-batch-approve" } else { "task-batch-submit" };
    let task = |row: &decision_batch::Model| Task {
        href: format!("/calls/{}/decision", row.call_id),
        title: context.t(title),
        detail: row.returned_reason.clone(),
        chip: stage_text(context, "batch", row.stage.as_str()),
        tone: "wait",
    };
    Ok(mine.iter().map(task).collect())
}

async fn open_objections(context: &Context, stage: ObjectionStage) -> Result<Vec<Task>> {
    let rows = objection::Entity::find()
        .filter(objection::Column::Stage.eq(stage))
        .order_by_asc(objection::Column::DueOn)
        .limit(TASKS)
        .all(context.edges.db.read())
        .await?;
    let today = context.edges.today();
    let task = |row: &objection::Model| Task {
        href: format!("/objections/{}", row.id),
        title: context.t("task-objection-answer"),
        detail: String::new(),
        chip: if row.due_on < today { context.t("late") } else { context.day(row.due_on) },
        tone: if row.due_on < today { "stop" } else { "wait" },
    };
    Ok(rows.iter().map(task).collect())
}
