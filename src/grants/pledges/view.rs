//! The pages of pledges for a time: lists, one of them, and what waits. Acts stand in [`acts`].

pub mod acts;

use super::rules::PLAN;
use super::service::{self, Progress, profits};
use crate::commons::events;
use crate::core::lifecycle::Part;
use crate::core::money::format_bps;
use crate::error::{Error, Result};
use crate::grants::funds;
use crate::grants::gifts::service::pledges::reference;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Fact, Task};
use crate::web::sheet::{Block, Cell, Sheet, act_links, history, stage_text};
use entities::kinds::{
    Anonymity, FundId, InstalmentId, InstalmentStage, MemberRole, OrganisationId, PlanKind, PlanStage, PledgePlanId,
    Role, Subject,
};
use entities::{fund, pledge_instalment, pledge_plan, profit_declaration};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

/// Plans on one page of a list.
const PAGE: u64 = 30;
/// Events shown.
const HISTORY: u64 = 20;
/// Plans looked through for the desk.
const MANY: u64 = 50;

/// Pledges for a time: the reader's organisations', or everybody's for finance and approvers.
///
/// # Errors
/// When the database cannot be read.
pub async fn mine(context: &Context, before: Option<i64>) -> Answer {
    context.person()?;
    let (title, which) = if service::works(context) {
        ("promises-all", Condition::all())
    } else {
        let own = context.actor.memberships.iter().map(|row| row.organisation_id);
        ("promises-title", Condition::all().add(pledge_plan::Column::DonorOrganisationId.is_in(own)))
    };
    let sheet = Sheet::new(context.t(title))
        .under(&[(context.t("gifts-title"), "/gifts")])
        .sentence(context.t("promises-sentence"));
    listed(context, sheet, which, before, "/promises").await
}

/// The pledges to a fund that everybody may read.
///
/// # Errors
/// [`Error::NotFound`] for a fund that is not the reader's to see.
pub async fn of_fund(context: &Context, id: FundId, before: Option<i64>) -> Answer {
    let row = funds::view::visible(context, id).await?;
    let base = format!("/funds/{id}");
    let sheet = Sheet::new(context.t("promises-of-fund"))
        .under(&[(context.t("funds-title"), "/funds"), (context.pick(&row.name_zh, &row.name_en), &base)])
        .sentence(context.t("promises-of-fund-sentence"));
    let which = Condition::all()
        .add(pledge_plan::Column::FundId.eq(id))
        .add(pledge_plan::Column::Kind.eq(PlanKind::Profit))
        .add(pledge_plan::Column::FiguresPublic.eq(true))
        .add(pledge_plan::Column::Anonymity.eq(Anonymity::Named));
    listed(context, sheet, which, before, &format!("{base}/promises")).await
}

async fn listed(context: &Context, sheet: Sheet, which: Condition, before: Option<i64>, path: &str) -> Answer {
    let db = context.edges.db.read();
    let mut query = pledge_plan::Entity::find().filter(which).order_by_desc(pledge_plan::Column::Id).limit(PAGE + 1);
    if let Some(before) = before {
        query = query.filter(pledge_plan::Column::Id.lt(before));
    }
    let mut rows = query.all(db).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(PAGE as usize);
    let older_href = rows.last().filter(|_| more).map(|row| format!("{path}?before={}", row.id)).unwrap_or_default();
    let names = organisations::names(context, rows.iter().map(|row| row.donor_organisation_id)).await?;
    let funds = fund::Entity::find().filter(fund::Column::Id.is_in(rows.iter().map(|row| row.fund_id))).all(db).await?;
    let cells = |row: &pledge_plan::Model| {
        let fund = funds.iter().find(|fund| fund.id == row.fund_id);
        vec![
            Cell::lead(terms(context, row), format!("/promises/{}", row.id)),
            Cell::text(fund.map(|fund| context.pick(&fund.name_zh, &fund.name_en)).unwrap_or_default()),
            Cell::text(donor(context, row, &names)),
            Cell::text(stage_text(context, "plan", row.stage.as_str())),
        ]
    };
    sheet
        .with(Block::Table {
            title: String::new(),
            heads: ["head-promise", "head-fund", "head-gift-donor", "head-stage"].map(|head| context.t(head)).into(),
            rows: rows.iter().map(cells).collect(),
            empty: context.t("promises-empty"),
        })
        .with(Block::Pager { older_href, newer_href: String::new() })
        .answer(context, "funds")
}

/// What is promised, in words.
fn terms(context: &Context, row: &pledge_plan::Model) -> String {
    match (row.amount_minor, row.share_bps) {
        (Some(minor), _) => context.money(minor, row.currency),
        (None, Some(share)) => context.t_with("promise-share", &[("share", &format_bps(i64::from(share)))]),
        (None, None) => String::new(),
    }
}

/// The donor as this reader may know them; see the donor of a gift.
fn donor(context: &Context, row: &pledge_plan::Model, names: &BTreeMap<OrganisationId, String>) -> String {
    let own = context.actor.belongs_to(row.donor_organisation_id);
    let knows = match row.anonymity {
        Anonymity::Named => true,
        Anonymity::Withheld => own || service::works(context),
        Anonymity::Anonymous => own,
    };
    let name = names.get(&row.donor_organisation_id).filter(|_| knows);
    name.cloned().unwrap_or_else(|| context.t("donor-anonymous"))
}

/// A plan the reader may see.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn visible(context: &Context, id: PledgePlanId) -> Result<pledge_plan::Model> {
    let row = service::load(context.edges.db.read(), id).await?;
    if service::sees(context, &row) { Ok(row) } else { Err(Error::NotFound) }
}

/// One plan: its instalments and what came of them for its donor and finance, its declared years for everybody whom the
/// agreement lets read them.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn show(context: &Context, id: PledgePlanId) -> Answer {
    let row = visible(context, id).await?;
    let db = context.edges.db.read();
    let fund = funds::service::load(db, row.fund_id).await?;
    let names = organisations::names(context, std::iter::once(row.donor_organisation_id)).await?;
    let inside = service::works(context) || context.actor.belongs_to(row.donor_organisation_id);
    let instalments = service::instalments(db, id).await?;
    let known = service::progress(db, instalments.iter().map(|part| part.id)).await?;
    let said = profits::history(db, id).await?;
    let base = format!("/promises/{id}");
    let parts = context.actor.parts(Some(row.donor_organisation_id));
    let mut acts = PLAN.offers(row.stage, &parts);
    let open = profits::waits(db, id, context.edges.today()).await?;
    let signs = parts.contains(&Part::Signatory);
    if row.kind == PlanKind::Profit && row.stage == PlanStage::Active && signs {
        acts.insert(0, "declare");
    }
    let now = match open.first().filter(|_| row.stage == PlanStage::Active && inside) {
        Some((year, day)) => {
            context.t_with("promise-now-declare", &[("year", &year.to_string()), ("day", &context.day(*day))])
        }
        None => String::new(),
    };
    let mut sheet = Sheet::new(context.t_with("promise-heading", &[("terms", &terms(context, &row))]))
        .under(&[(context.t("promises-title"), "/promises")])
        .chip(stage_text(context, "plan", row.stage.as_str()), tone(row.stage))
        .sentence(context.t_with("gift-to", &[("fund", &context.pick(&fund.name_zh, &fund.name_en))]))
        .now(context.t("now-title"), now, act_links(context, "plan", &base, &acts, &["cancel"]));
    if inside {
        sheet =
            sheet.with(sums(context, &row, &instalments, &known)).with(schedule(context, &row, &instalments, &known));
    }
    if row.kind == PlanKind::Profit {
        sheet = sheet.with(declared(context, &row, &said, &known));
    }
    sheet = sheet.beside(facts(context, &row, &fund, &names));
    if inside {
        let events = events::history(db, Subject::PledgePlan, id.0, HISTORY).await?;
        sheet = sheet.beside(history(context, "plan", &events));
    }
    sheet.answer(context, "funds")
}

fn tone(stage: PlanStage) -> &'static str {
    if stage == PlanStage::Active { "ok" } else { "quiet" }
}

type Known = BTreeMap<InstalmentId, Progress>;

/// Promised, received, on its way, open, late: what of the promise is which.
fn sums(context: &Context, row: &pledge_plan::Model, rows: &[pledge_instalment::Model], known: &Known) -> Block {
    let today = context.edges.today();
    let none = Progress::default();
    let of = |part: &pledge_instalment::Model| known.get(&part.id).unwrap_or(&none);
    let open = |part: &pledge_instalment::Model| of(part).open_minor(part);
    let fact = |key: &str, minor: i64| Fact::new(context.t(key), context.money(minor, row.currency));
    let mut items = vec![
        fact("promise-promised", rows.iter().map(|part| part.amount_minor).sum()),
        fact("promise-received", rows.iter().map(|part| of(part).received_minor).sum()),
        fact("promise-open", rows.iter().map(open).sum()),
    ];
    let on_its_way: i64 = rows.iter().map(|part| of(part).on_its_way_minor).sum();
    if on_its_way > 0 {
        items.push(fact("promise-on-its-way", on_its_way));
    }
    let late: i64 = rows.iter().filter(|part| part.due_on < today).map(open).sum();
    if late > 0 {
        items.push(fact("promise-late", late));
    }
    Block::Figures { title: context.t("promise-not-money"), items }
}

fn schedule(context: &Context, row: &pledge_plan::Model, rows: &[pledge_instalment::Model], known: &Known) -> Block {
    let none = Progress::default();
    let cells = |part: &pledge_instalment::Model| {
        let progress = known.get(&part.id).unwrap_or(&none);
        let waiting = progress.waiting.as_ref().map(|gift| (reference(gift.id), format!("/gifts/{}", gift.id)));
        let (text, href) = waiting.unwrap_or_default();
        vec![
            Cell::lead(part.ordinal.to_string(), ""),
            Cell::text(context.day(part.due_on)),
            Cell::text(standing(context, part, progress)),
            Cell { text, href, class: "" },
            Cell::number(context.money(part.amount_minor, row.currency)),
            Cell::number(context.money(progress.received_minor, row.currency)),
            Cell::number(context.money(progress.open_minor(part), row.currency)),
        ]
    };
    let heads = [
        "head-number",
        "field-due-on",
        "head-stage",
        "head-promise-gift",
        "head-amount",
        "promise-received",
        "promise-open",
    ];
    Block::Table {
        title: context.t("promise-schedule"),
        heads: heads.map(|head| context.t(head)).into(),
        rows: rows.iter().map(cells).collect(),
        empty: context.t("promise-schedule-empty"),
    }
}

/// Where an instalment stands. Late is told by the day, not kept.
fn standing(context: &Context, part: &pledge_instalment::Model, progress: &Progress) -> String {
    let key = match part.stage {
        InstalmentStage::Cancelled | InstalmentStage::Lapsed => format!("stage-instalment-{}", part.stage),
        InstalmentStage::Promised if progress.received_minor >= part.amount_minor => "stage-gift-received".into(),
        InstalmentStage::Promised if part.due_on < context.edges.today() && progress.open_minor(part) > 0 => {
            "late".into()
        }
        InstalmentStage::Promised if progress.received_minor > 0 => "promise-in-part".into(),
        InstalmentStage::Promised => format!("stage-instalment-{}", part.stage),
    };
    context.t(&key)
}

/// What was declared, newest first; what was declared anew stays beside what it took the place of.
fn declared(context: &Context, row: &pledge_plan::Model, said: &[profit_declaration::Model], known: &Known) -> Block {
    let money = |minor: i64| Cell::number(context.money(minor, row.currency));
    let mut seen = std::collections::BTreeSet::new();
    let rows = said.iter().map(|one| {
        let newest = seen.insert(one.year);
        let note = if newest { one.note.clone() } else { context.t("promise-replaced") };
        let progress = one.instalment_id.and_then(|id| known.get(&id));
        vec![
            Cell::lead(context.t_with("statement-year", &[("year", &one.year.to_string())]), ""),
            Cell::text(context.day(context.day_of(one.declared_at))),
            money(one.profit_minor),
            money(one.due_minor),
            money(progress.map_or(0, |progress| progress.received_minor)),
            Cell::text(note),
        ]
    });
    Block::Table {
        title: context.t("promise-declared"),
        heads: ["head-business-year", "head-date", "head-profit", "head-share", "promise-received", "head-reason"]
            .map(|head| context.t(head))
            .into(),
        rows: rows.collect(),
        empty: context.t("promise-declared-empty"),
    }
}

fn facts(
    context: &Context,
    row: &pledge_plan::Model,
    fund: &fund::Model,
    names: &BTreeMap<OrganisationId, String>,
) -> Block {
    let name = context.pick(&fund.name_zh, &fund.name_en);
    let mut items = vec![
        Fact::new(context.t("head-gift-donor"), donor(context, row, names)),
        Fact::linked(context.t("head-fund"), name, format!("/funds/{}", row.fund_id)),
        Fact::new(context.t("head-kind"), context.t(&format!("plan-kind-{}", row.kind))),
        Fact::new(context.t("field-anonymity"), context.t(&format!("anonymity-{}", row.anonymity))),
    ];
    if let (Some(first), Some(last)) = (row.first_year, row.last_year) {
        items.push(Fact::new(context.t("promise-years"), format!("{first}–{last}")));
        items.push(Fact::new(context.t("promise-rounding"), context.t("promise-rounding-text")));
        let open = if service::is_public(row) { "promise-figures-public" } else { "promise-figures-private" };
        items.push(Fact::new(context.t("promise-figures"), context.t(open)));
    }
    if !row.agreement.is_empty() {
        items.push(Fact::new(context.t("field-agreement-number"), row.agreement.clone()));
    }
    if let Some(need) = row.restriction_need_id {
        items.push(Fact::linked(context.t("field-restriction"), context.t("fund-see"), format!("/needs/{need}")));
    }
    Block::Facts { title: context.t("facts-title"), items }
}

/// Profits to be declared by the reader's organisations.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(context: &Context) -> Result<Vec<Task>> {
    let signs = context.actor.memberships.iter().filter(|row| row.role == MemberRole::Signatory);
    let own: Vec<OrganisationId> = signs.map(|row| row.organisation_id).collect();
    if own.is_empty() {
        return Ok(Vec::new());
    }
    let db = context.edges.db.read();
    let plans = pledge_plan::Entity::find()
        .filter(pledge_plan::Column::DonorOrganisationId.is_in(own))
        .filter(pledge_plan::Column::Kind.eq(PlanKind::Profit))
        .filter(pledge_plan::Column::Stage.eq(PlanStage::Active))
        .order_by_asc(pledge_plan::Column::Id)
        .limit(MANY)
        .all(db)
        .await?;
    let said = profit_declaration::Entity::find()
        .filter(profit_declaration::Column::PlanId.is_in(plans.iter().map(|plan| plan.id)))
        .all(db)
        .await?;
    let today = context.edges.today();
    let runs = chrono::Datelike::year(&today);
    let tasks = plans.iter().filter_map(|plan| {
        let open = profits::years(plan).into_iter().filter(|(year, _)| *year < runs);
        let (year, day) =
            open.filter(|(year, _)| !said.iter().any(|row| row.plan_id == plan.id && row.year == *year)).min()?;
        let late = day < today;
        Some(Task {
            href: format!("/promises/{}/declare", plan.id),
            title: context.t_with("task-declare", &[("year", &year.to_string())]),
            detail: terms(context, plan),
            chip: if late { context.t("late") } else { context.day(day) },
            tone: if late { "stop" } else { "wait" },
        })
    });
    Ok(tasks.collect())
}

/// Links from a list of gifts to what is promised and told by the year.
pub fn links(context: &Context) -> Block {
    let link = |href: &str, key: &str| ActLink { href: href.into(), text: context.t(key), tone: "quiet" };
    let mut items = vec![link("/statements", "statements-title"), link("/promises", "promises-link")];
    if context.actor.has(Role::FinanceOfficer) {
        items[1].text = context.t("promises-all");
    }
    Block::Acts { title: String::new(), items }
}
