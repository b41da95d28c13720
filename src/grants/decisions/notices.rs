//! The public notice: what was decided, how it was ranked, until when one may object, and what was answered.

use super::{approvals, objections, service};
use crate::error::{Error, Result};
use crate::grants::reviews::view::points;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::page::{Answer, Page};
use crate::web::parts::{ActLink, Crumb, Fact};
use crate::web::sheet::{Act, Block, Cell, Sheet, stage_text};
use entities::kinds::{
    BatchStage, CallStage, DecisionBatchId, DecisionItemId, ItemStage, ObjectionStage, OrganisationId, Outcome,
};
use entities::{application, call, decision_batch, decision_item, objection};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use std::collections::BTreeMap;

/// Notices on one page of the list.
const PAGE: u64 = 30;

/// What the public reads of a batch.
#[derive(Debug, Clone, Serialize)]
pub struct NoticeView {
    crumbs: Vec<Crumb>,
    title: String,
    state: String,
    tone: &'static str,
    sentence: String,
    how: String,
    acts: Vec<ActLink>,
    items: Vec<ItemView>,
    facts: Vec<Fact>,
}

/// One decision on the notice.
#[derive(Debug, Clone, Serialize)]
pub struct ItemView {
    id: i64,
    name: String,
    project: String,
    outcome: String,
    outcome_tone: &'static str,
    state: String,
    tone: &'static str,
    figures: Vec<Fact>,
    capitals: String,
    window: String,
    objections: Vec<ObjectionView>,
    object_href: String,
}

/// One objection on the notice; never who objects.
#[derive(Debug, Clone, Serialize)]
pub struct ObjectionView {
    ground: String,
    state: String,
    tone: &'static str,
    when: String,
    answer: String,
    href: String,
}

impl NoticeView {
    /// Samples for the test that renders every view: full and empty.
    pub fn samples() -> Vec<Self> {
        let objection = ObjectionView {
            ground: "g".into(),
            state: "s".into(),
            tone: "wait",
            when: "w".into(),
            answer: "a".into(),
            href: "/objections/1".into(),
        };
        let item = ItemView {
            id: 1,
            name: "n".into(),
            project: "p".into(),
            outcome: "o".into(),
            outcome_tone: "ok",
            state: "s".into(),
            tone: "wait",
            figures: vec![Fact::new("a", "b")],
            capitals: "壹元整".into(),
            window: "w".into(),
            objections: vec![objection],
            object_href: "/x".into(),
        };
        let full = Self {
            crumbs: vec![Crumb { label: "c".into(), href: "/c".into() }],
            title: "t".into(),
            state: "s".into(),
            tone: "ok",
            sentence: "s".into(),
            how: "h".into(),
            acts: vec![ActLink { href: "/x".into(), text: "x".into(), tone: "quiet" }],
            items: vec![item],
            facts: vec![Fact::new("a", "b")],
        };
        let empty = Self { items: Vec::new(), acts: Vec::new(), ..full.clone() };
        vec![full, empty]
    }
}

/// All notices, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(context: &Context, before: Option<i64>) -> Answer {
    let db = context.edges.db.read();
    let mut query = decision_batch::Entity::find()
        .filter(decision_batch::Column::Stage.is_in([BatchStage::Approved, BatchStage::Decided]))
        .order_by_desc(decision_batch::Column::Id)
        .limit(PAGE + 1);
    if let Some(before) = before {
        query = query.filter(decision_batch::Column::Id.lt(before));
    }
    let mut rows = query.all(db).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(PAGE as usize);
    let calls = call::Entity::find().filter(call::Column::Id.is_in(rows.iter().map(|row| row.call_id))).all(db).await?;
    let older_href = rows.last().filter(|_| more).map(|row| format!("/notices?before={}", row.id)).unwrap_or_default();
    let cells = |row: &decision_batch::Model| {
        let call = calls.iter().find(|call| call.id == row.call_id);
        let title = call.map(|call| context.pick(&call.title_zh, &call.title_en)).unwrap_or_default();
        vec![
            Cell::lead(title, format!("/notices/{}", row.id)),
            Cell::text(row.approved_at.map(|at| context.day(context.day_of(at))).unwrap_or_default()),
            Cell::text(stage_text(context, "batch", row.stage.as_str())),
        ]
    };
    Sheet::new(context.t("notices-title"))
        .sentence(context.t("notices-sentence"))
        .with(Block::Table {
            title: String::new(),
            heads: ["head-decision-call", "head-date", "head-stage"].map(|key| context.t(key)).into(),
            rows: rows.iter().map(cells).collect(),
            empty: context.t("notices-empty"),
        })
        .with(Block::Pager { older_href, newer_href: String::new() })
        .answer(context, "projects")
}

/// A batch that is public.
///
/// # Errors
/// [`Error::NotFound`] before it was approved.
pub async fn public(context: &Context, id: DecisionBatchId) -> Result<decision_batch::Model> {
    let batch = service::load(context.edges.db.read(), id).await?;
    let open = matches!(batch.stage, BatchStage::Approved | BatchStage::Decided);
    if open { Ok(batch) } else { Err(Error::NotFound) }
}

/// One notice. Who was declined is named only to staff and to that organisation.
///
/// # Errors
/// [`Error::NotFound`] before it was approved.
pub async fn show(context: &Context, id: DecisionBatchId) -> Answer {
    let db = context.edges.db.read();
    let batch = public(context, id).await?;
    let call = call::Entity::find_by_id(batch.call_id).one(db).await?.ok_or(Error::NotFound)?;
    let mut rows = service::items_of(db, id).await?;
    let applications = approvals::applications_of(db, &rows).await?;
    rows.retain(|row| {
        let own = applications.get(&row.application_id).is_some_and(|a| context.actor.belongs_to(a.organisation_id));
        row.outcome != Outcome::Declined || own || context.actor.is_staff()
    });
    let names = organisations::names(context, applications.values().map(|row| row.organisation_id)).await?;
    let ids: Vec<DecisionItemId> = rows.iter().map(|row| row.id).collect();
    let objections = objections::of_items(db, &ids).await?;
    let items = rows
        .iter()
        .filter_map(|row| Some(item(context, row, applications.get(&row.application_id)?, &names, &objections)))
        .collect();
    let title = context.pick(&call.title_zh, &call.title_en);
    let mut acts = Vec::new();
    if context.actor.is_staff() {
        acts.push(ActLink {
            href: format!("/notices/{id}/minutes"),
            text: context.t("decision-minutes"),
            tone: "quiet",
        });
    }
    if matches!(call.stage, CallStage::Decided | CallStage::Archived) {
        acts.push(ActLink {
            href: format!("/calls/{}/statistics", call.id),
            text: context.t("statistics-title"),
            tone: "quiet",
        });
    }
    let view = NoticeView {
        crumbs: vec![Crumb { label: context.t("notices-title"), href: "/notices".into() }],
        title: context.t_with("notice-title", &[("call", &title)]),
        state: stage_text(context, "batch", batch.stage.as_str()),
        tone: if batch.stage == BatchStage::Decided { "ok" } else { "wait" },
        sentence: context.t_count("notice-days", i64::from(call.notice_days)),
        how: context.t("notice-how-text"),
        acts,
        items,
        facts: facts(context, &call, &batch),
    };
    Page::new(context, "decisions/notice.html", "projects", &view)?.answer()
}

fn facts(context: &Context, call: &call::Model, batch: &decision_batch::Model) -> Vec<Fact> {
    let title = context.pick(&call.title_zh, &call.title_en);
    let mut facts = vec![
        Fact::linked(context.t("head-decision-call"), title, format!("/calls/{}", call.id)),
        Fact::new(context.t("decision-method"), context.t(&format!("decision-method-{}", call.method))),
    ];
    if let Some(at) = batch.approved_at {
        facts.push(Fact::new(context.t("decision-approved-at"), context.moment(at)));
    }
    facts
}

fn item(
    context: &Context,
    row: &decision_item::Model,
    asked: &application::Model,
    names: &BTreeMap<OrganisationId, String>,
    objections: &[objection::Model],
) -> ItemView {
    let mut figures = Vec::new();
    if row.amount_minor > 0 {
        figures.push(Fact::new(context.t("head-amount"), context.money(row.amount_minor, row.currency)));
    }
    if let Some(score) = row.score {
        figures.push(Fact::new(context.t("head-score"), points(score.into())));
    }
    if let Some(rank) = row.rank {
        figures.push(Fact::new(context.t("head-review-rank"), rank.to_string()));
    }
    let open = objections::open(row, context.edges.today());
    let window = match (row.stage, row.noticed_on, row.notice_ends_on) {
        (ItemStage::Noticed, Some(from), Some(until)) => {
            context.t_with("notice-window", &[("from", &context.day(from)), ("until", &context.day(until))])
        }
        (ItemStage::Held, _, _) => context.t("notice-held"),
        _ => String::new(),
    };
    ItemView {
        id: row.id.0,
        name: names.get(&asked.organisation_id).cloned().unwrap_or_default(),
        project: asked.title.clone(),
        outcome: context.t(&format!("outcome-{}", row.outcome)),
        outcome_tone: outcome_tone(row.outcome),
        state: stage_text(context, "item", row.stage.as_str()),
        tone: tone(row.stage),
        figures,
        capitals: if row.outcome == Outcome::Approved {
            context.capitals(row.amount_minor, row.currency)
        } else {
            String::new()
        },
        window,
        objections: objections.iter().filter(|o| o.item_id == row.id).map(|o| told(context, o)).collect(),
        object_href: if open { format!("/notices/{}/items/{}/object", row.batch_id, row.id) } else { String::new() },
    }
}

fn told(context: &Context, row: &objection::Model) -> ObjectionView {
    let open = matches!(row.stage, ObjectionStage::Filed | ObjectionStage::Escalated);
    // What a stranger wrote may name somebody who asked not to be: it is public once somebody has read and answered it.
    let ground = if open {
        let (on, by) = (context.day(context.day_of(row.filed_at)), context.day(row.due_on));
        context.t_with("notice-objection-open", &[("on", &on), ("by", &by)])
    } else {
        row.ground.clone()
    };
    let answers = !super::rules::OBJECTION.offers(row.stage, &context.actor.parts(None)).is_empty();
    ObjectionView {
        ground,
        state: stage_text(context, "objection", row.stage.as_str()),
        tone: if open { "wait" } else { "quiet" },
        when: context.day(context.day_of(row.filed_at)),
        answer: row.answer.clone(),
        href: if answers { format!("/objections/{}", row.id) } else { String::new() },
    }
}

/// Tone of an outcome's chip.
pub fn outcome_tone(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Approved => "ok",
        Outcome::Reserved => "wait",
        Outcome::Declined => "quiet",
    }
}

/// Tone of an item's chip.
pub fn tone(stage: ItemStage) -> &'static str {
    match stage {
        ItemStage::Drafted | ItemStage::Released => "quiet",
        ItemStage::Noticed => "wait",
        ItemStage::Held => "stop",
        ItemStage::Final => "ok",
    }
}

/// The page on which anybody objects.
///
/// # Errors
/// [`Error::NotFound`] for an item of another notice, or one that is not the reader's to see.
pub async fn object(context: &Context, id: DecisionBatchId, item: DecisionItemId) -> Answer {
    let db = context.edges.db.read();
    public(context, id).await?;
    let (row, _, _) = service::load_item(db, item).await?;
    let asked = application::Entity::find_by_id(row.application_id).one(db).await?.ok_or(Error::NotFound)?;
    let hidden = row.outcome == Outcome::Declined
        && !context.actor.is_staff()
        && !context.actor.belongs_to(asked.organisation_id);
    if row.batch_id != id || hidden {
        return Err(Error::NotFound);
    }
    let base = format!("/notices/{id}");
    Act::new(context, "item-object", format!("{base}/items/{item}/object"), base.clone())
        .under(&[(context.t("notices-title"), "/notices")])
        .fact(context.t("head-title"), asked.title)
        .ask(context, "area", "ground")
        .ask(context, "text", "contact")
        .hint(context.t("objection-contact-hint"))
        .answer(context, "projects")
}
