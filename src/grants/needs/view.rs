//! The pages of needs, described as sheets and acts.

pub mod parts;

use super::rules::{CONSENT, NEED};
use super::service;
use crate::commons::events;
use crate::error::{Error, Result};
use crate::people::permission::{As, Context, Signatory};
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Choice, Fact, Step, Task};
use crate::web::sheet::{Act, Block, Cell, Sheet, act_links, history, stage_text};
use entities::kinds::{
    AwardStage, ConsentStage, MemberRole, NeedConsentId, NeedId, NeedStage, PartKind, Role, Subject,
};
use entities::{award, call, event, fund, need, need_consent};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Needs on one page of the list: two screens of a phone.
const PAGE: u64 = 30;
/// Events shown.
const HISTORY: u64 = 20;
/// Projects shown of one need.
const PROJECTS: u64 = 10;
/// Tasks shown on a desk.
const WAITING: u64 = 20;

/// The list, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(context: &Context, before: Option<i64>) -> Answer {
    let mut query = need::Entity::find().order_by_desc(need::Column::Id).limit(PAGE + 1);
    if let Some(before) = before {
        query = query.filter(need::Column::Id.lt(before));
    }
    if !context.actor.has(Role::ProgrammeOfficer) {
        query =
            query.filter(need::Column::Stage.is_not_in(UNLISTED)).filter(need::Column::Id.in_subquery(once_listed()));
    }
    let mut rows = query.all(context.edges.db.read()).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(PAGE as usize);
    let older_href = rows.last().filter(|_| more).map(|row| format!("/needs?before={}", row.id)).unwrap_or_default();
    let cells = |row: &need::Model| {
        vec![
            Cell::lead(context.pick(&row.title_zh, &row.title_en), format!("/needs/{}", row.id)),
            Cell::text(row.community.clone()),
            Cell::text(stage_text(context, "need", row.stage.as_str())),
        ]
    };
    let propose = ActLink { href: "/needs/new".into(), text: context.t("act-need-propose-button"), tone: "" };
    let acts = if context.actor.person.is_some() { vec![propose] } else { Vec::new() };
    Sheet::new(context.t("needs-title"))
        .sentence(context.t("needs-sentence"))
        .now(context.t("now-title"), "", acts)
        .with(Block::Table {
            title: String::new(),
            heads: vec![context.t("head-need"), context.t("head-community"), context.t("head-stage")],
            rows: rows.iter().map(cells).collect(),
            empty: context.t("needs-empty"),
        })
        .with(Block::Pager { older_href, newer_href: String::new() })
        .answer(context, "")
}

/// One need. A need that is not listed is seen by who proposed it and who decides on it.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn show(context: &Context, id: NeedId) -> Answer {
    let db = context.edges.db.read();
    let row = visible(context, id).await?;
    let officer = context.actor.has(Role::ProgrammeOfficer);
    let base = format!("/needs/{id}");
    let mut acts = act_links(context, "need", &base, &NEED.offers(row.stage, &context.actor.parts(None)), &["decline"]);
    acts.retain(|act| !act.href.ends_with("/adopt") && !act.href.ends_with("/meet"));
    let mut sheet = Sheet::new(context.pick(&row.title_zh, &row.title_en))
        .under(&[(context.t("needs-title"), "/needs")])
        .chip(stage_text(context, "need", row.stage.as_str()), tone(row.stage))
        .sentence(row.community.clone())
        .now(context.t("now-title"), "", acts)
        .with(Block::Prose { title: context.t("need-summary"), text: context.pick(&row.summary_zh, &row.summary_en) })
        .beside(facts(context, &row).await?);
    for block in parts::blocks(context, &row).await? {
        sheet = sheet.with(block);
    }
    if officer {
        sheet = sheet.with(consents(context, id).await?).with(Block::Acts {
            title: context.t("need-work"),
            items: ["add-part", "ask-owner"]
                .map(|act| ActLink {
                    href: format!("{base}/{act}"),
                    text: context.t(&format!("act-need-{act}-button")),
                    tone: "quiet",
                })
                .into(),
        });
    }
    let mut told = events::history(db, Subject::Need, id.0, HISTORY).await?;
    sheet = sheet.with(steps(context, &row, &told).await?);
    if !officer {
        // How many owners consented stands above; each asking is for who does the asking.
        told.retain(|event| event.act != "ask-owner" && !event.act.starts_with("consent-"));
    }
    sheet.beside(history(context, "need", &told)).answer(context, "")
}

/// A need the reader may see.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn visible(context: &Context, id: NeedId) -> Result<need::Model> {
    let row = service::load(context.edges.db.read(), id).await?;
    let mine = row.proposed_by.is_some() && row.proposed_by == context.actor.person;
    if mine || context.actor.has(Role::ProgrammeOfficer) {
        return Ok(row);
    }
    let query = need::Entity::find_by_id(id).filter(need::Column::Stage.is_not_in(UNLISTED));
    let open = query.filter(need::Column::Id.in_subquery(once_listed())).one(context.edges.db.read()).await?;
    open.ok_or(Error::NotFound)
}

/// Stages that only the proposer and officers see.
const UNLISTED: [NeedStage; 2] = [NeedStage::Proposed, NeedStage::Declined];

/// Needs that were public once: one that was merged or archived without being listed stays between its proposer and the officers.
fn once_listed() -> SelectStatement {
    Query::select()
        .column(event::Column::SubjectId)
        .from(event::Entity)
        .and_where(Expr::col(event::Column::Subject).eq(Subject::Need))
        .and_where(Expr::col(event::Column::ToStage).eq(NeedStage::Listed.as_str()))
        .to_owned()
}

async fn facts(context: &Context, row: &need::Model) -> Result<Block> {
    let (given, asked) = service::consent_count(context.edges.db.read(), row.id).await?;
    let mut items = vec![Fact::new(context.t("head-community"), row.community.clone())];
    if let Some(year) = row.since_year {
        items.push(Fact::new(context.t("need-since"), year.to_string()));
    }
    if asked > 0 {
        // How many, never who.
        items.push(Fact::new(context.t("need-consents"), format!("{given}/{asked}")));
    }
    let db = context.edges.db.read();
    if let Some(id) = row.call_id
        && let Some(call) = call::Entity::find_by_id(id).one(db).await?
    {
        let name = context.pick(&call.title_zh, &call.title_en);
        items.push(Fact::linked(context.t("need-call"), name, format!("/calls/{id}")));
    }
    if let Some(id) = row.fund_id
        && let Some(fund) = fund::Entity::find_by_id(id).one(db).await?
    {
        let name = context.pick(&fund.name_zh, &fund.name_en);
        items.push(Fact::linked(context.t("need-fund"), name, format!("/funds/{id}")));
    }
    Ok(Block::Facts { title: context.t("need-facts"), items })
}

async fn consents(context: &Context, id: NeedId) -> Result<Block> {
    let rows = service::consents_of(context.edges.db.read(), id).await?;
    let cells = rows
        .iter()
        .map(|row| {
            let href = format!("/needs/{id}/owners/{}", row.id);
            vec![
                Cell::lead(row.owner_label.clone(), href),
                Cell::text(context.t(&format!("stage-consent-{}", row.stage))),
                Cell::text(row.evidence.clone()),
            ]
        })
        .collect();
    Ok(Block::Table {
        title: context.t("need-owners"),
        heads: vec![context.t("head-owner"), context.t("head-stage"), context.t("head-evidence")],
        rows: cells,
        empty: context.t("need-owners-empty"),
    })
}

/// The page that proposes a need.
///
/// # Errors
/// When the page cannot be written.
pub fn propose(context: &Context) -> Answer {
    Act::new(context, "need-propose", "/needs", "/needs")
        .ask(context, "text", "title_zh")
        .ask(context, "text", "title_en")
        .optional()
        .ask(context, "area", "summary_zh")
        .ask(context, "area", "summary_en")
        .optional()
        .ask(context, "text", "community")
        .ask(context, "text", "area")
        .ask(context, "check", "consents_required")
        .answer(context, "")
}

/// The page of an act on a need.
///
/// # Errors
/// [`Error::NotFound`] for an act there is none of.
pub async fn act(context: &Context, id: NeedId, act: &str) -> Answer {
    let row = visible(context, id).await?;
    let base = format!("/needs/{id}");
    let page = Act::new(context, &format!("need-{act}"), format!("{base}/{act}"), base.clone())
        .under(&[(context.t("needs-title"), "/needs"), (context.pick(&row.title_zh, &row.title_en), &base)]);
    let page = match act {
        "list" | "archive" => page,
        "decline" => page.ask(context, "area", "reason").stop(),
        "merge" => page.ask_choice(context, "into", listed(context, id).await?),
        "add-part" => page
            .ask_choice(context, "kind", Choice::words(context, "part-kind", PartKind::ALL.iter().map(|k| k.as_str())))
            .ask(context, "text", "label")
            .ask_money(context, "wanted", service::parts::currency(context.edges.db.read()).await?)
            .optional()
            .hint(context.t("need-part-wanted-hint")),
        "ask-owner" => page
            .ask(context, "text", "owner")
            .ask_choice(context, "organisation", crate::people::view::choices::organisations(context).await?)
            .optional(),
        _ => return Err(Error::NotFound),
    };
    page.answer(context, "")
}

/// The page that records an owner's answer: for officers, and for whoever signs for that owner.
///
/// # Errors
/// [`Error::NotFound`] for everybody else.
pub async fn owner(context: &Context, id: NeedId, consent: NeedConsentId) -> Answer {
    let db = context.edges.db.read();
    let rows = service::consents_of(db, id).await?;
    let row = rows.iter().find(|row| row.id == consent).ok_or(Error::NotFound)?;
    let officer = context.actor.has(Role::ProgrammeOfficer);
    let of = if officer { None } else { Some(speaks_for(context, id, consent).await?.permission().organisation()) };
    let need = service::load(db, id).await?;
    let base = format!("/needs/{id}");
    let acts = CONSENT.offers(row.stage, &context.actor.parts(of));
    Act::new(context, "need-consent", format!("{base}/owners/{consent}"), if officer { base } else { "/desk".into() })
        .fact(context.t("head-need"), context.pick(&need.title_zh, &need.title_en))
        .fact(context.t("head-owner"), row.owner_label.clone())
        .ask_choice(context, "act", Choice::words(context, "consent", acts))
        .ask(context, "text", "evidence")
        .optional()
        .answer(context, "")
}

/// The reader as the signatory of the owner who was asked.
///
/// # Errors
/// [`Error::NotFound`] for whoever signs for nobody who was asked.
pub async fn speaks_for(context: &Context, id: NeedId, consent: NeedConsentId) -> Result<As<Signatory>> {
    let rows = service::consents_of(context.edges.db.read(), id).await?;
    let owner = rows.iter().find(|row| row.id == consent).and_then(|row| row.organisation_id).ok_or(Error::NotFound)?;
    context.signatory_of(owner).map_err(|_| Error::NotFound)
}

/// The way of a need, from its proposal to its end, with the projects that answer it.
async fn steps(context: &Context, row: &need::Model, told: &[event::Model]) -> Result<Block> {
    use NeedStage as S;
    let road: &[S] = match row.stage {
        S::Declined => &[S::Proposed, S::Declined],
        S::Merged => &[S::Proposed, S::Merged],
        S::Archived => &[S::Proposed, S::Archived],
        _ => &[S::Proposed, S::Listed, S::Adopted, S::Met],
    };
    let place = road.iter().position(|stage| *stage == row.stage).unwrap_or(0);
    let mut steps = Vec::new();
    for (n, stage) in road.iter().enumerate() {
        let at = match stage {
            S::Proposed => Some(row.proposed_at),
            stage => told.iter().find(|event| event.to_stage.as_deref() == Some(stage.as_str())).map(|event| event.at),
        };
        steps.push(Step {
            state: match n.cmp(&place) {
                std::cmp::Ordering::Less => "done",
                std::cmp::Ordering::Equal => "now",
                std::cmp::Ordering::Greater => "later",
            },
            title: context.t(&format!("stage-need-{stage}")),
            detail: String::new(),
            href: String::new(),
            date: at.filter(|_| n <= place).map(|at| context.moment(at)).unwrap_or_default(),
        });
        if *stage == S::Adopted {
            steps.extend(projects(context, row).await?);
        }
    }
    Ok(Block::Stream { title: context.t("need-steps"), steps })
}

/// The projects that both signed, of the call that answers a need.
async fn projects(context: &Context, row: &need::Model) -> Result<Vec<Step>> {
    let signed = [AwardStage::Active, AwardStage::Suspended, AwardStage::Closing, AwardStage::Closed];
    let awards = award::Entity::find()
        .filter(award::Column::CallId.is_in(row.call_id))
        .filter(award::Column::Stage.is_in(signed))
        .order_by_asc(award::Column::Id)
        .limit(PROJECTS)
        .all(context.edges.db.read())
        .await?;
    let step = |award: &award::Model| Step {
        state: "done",
        title: context.t("need-project"),
        detail: context.money(award.amount_minor, award.currency),
        href: format!("/projects/{}", award.id),
        date: String::new(),
    };
    Ok(awards.iter().map(step).collect())
}

/// What waits for the reader in this room: proposed needs, for officers.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(context: &Context) -> Result<Vec<Task>> {
    if !context.actor.has(Role::ProgrammeOfficer) {
        return asked_owners(context).await;
    }
    let rows = need::Entity::find()
        .filter(need::Column::Stage.eq(NeedStage::Proposed))
        .order_by_asc(need::Column::Id)
        .limit(WAITING)
        .all(context.edges.db.read())
        .await?;
    let task = |row: &need::Model| Task {
        href: format!("/needs/{}", row.id),
        title: context.t_with("need-task-decide", &[("title", &context.pick(&row.title_zh, &row.title_en))]),
        detail: row.community.clone(),
        chip: context.moment(row.proposed_at),
        tone: "wait",
    };
    Ok(rows.iter().map(task).collect())
}

/// Consents that are asked of organisations for which the reader signs.
async fn asked_owners(context: &Context) -> Result<Vec<Task>> {
    let signs = context.actor.memberships.iter().filter(|member| member.role == MemberRole::Signatory);
    let signs: Vec<_> = signs.map(|member| member.organisation_id).collect();
    if signs.is_empty() {
        return Ok(Vec::new());
    }
    let db = context.edges.db.read();
    let rows = need_consent::Entity::find()
        .filter(need_consent::Column::OrganisationId.is_in(signs))
        .filter(need_consent::Column::Stage.eq(ConsentStage::Asked))
        .order_by_asc(need_consent::Column::Id)
        .limit(WAITING)
        .all(db)
        .await?;
    let needs = need::Entity::find().filter(need::Column::Id.is_in(rows.iter().map(|row| row.need_id))).all(db).await?;
    let task = |row: &need_consent::Model| {
        let need = needs.iter().find(|need| need.id == row.need_id)?;
        Some(Task {
            href: format!("/needs/{}/owners/{}", row.need_id, row.id),
            title: context.t_with("need-task-consent", &[("title", &context.pick(&need.title_zh, &need.title_en))]),
            detail: need.community.clone(),
            chip: context.moment(row.recorded_at),
            tone: "wait",
        })
    };
    Ok(rows.iter().filter_map(task).collect())
}

async fn listed(context: &Context, but: NeedId) -> Result<Vec<Choice>> {
    let rows = need::Entity::find()
        .filter(need::Column::Stage.eq(NeedStage::Listed))
        .filter(need::Column::Id.ne(but))
        .order_by_desc(need::Column::Id)
        .limit(200);
    let rows = rows.all(context.edges.db.read()).await?;
    Ok(rows.iter().map(|row| Choice::new(row.id, context.pick(&row.title_zh, &row.title_en))).collect())
}

fn tone(stage: NeedStage) -> &'static str {
    match stage {
        NeedStage::Proposed | NeedStage::Listed => "wait",
        NeedStage::Adopted | NeedStage::Met => "ok",
        _ => "quiet",
    }
}
