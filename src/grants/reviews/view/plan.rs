//! The plan of who judges what: shown whole before anybody is asked, with why; drawn again under another seed; carried out.

use crate::grants::reviews::panel;
use crate::grants::reviews::service::plans::{self, Plan};
use crate::people::organisations;
use crate::people::permission::{As, Context, Officer};
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Fact};
use crate::web::sheet::{Act, Block, Cell, Sheet};
use entities::kinds::{CallId, OrganisationId};
use std::collections::BTreeMap;

type Names = BTreeMap<OrganisationId, String>;

/// The seed under which a call is planned that was given none: the same for everybody who plans it.
fn seed_of(id: CallId, seed: &str) -> String {
    if seed.trim().is_empty() { format!("call-{id}") } else { seed.trim().to_owned() }
}

/// Where a plan under a seed is read, or its page of that name.
pub fn href(id: CallId, page: &str, seed: &str) -> String {
    format!("/calls/{id}/reviews/plan{page}?seed={seed}")
}

/// The plan, or why there is none.
///
/// # Errors
/// As [`plans::plan`]; not found for an officer who judges in the call or bids there.
pub async fn show(by: &As<Officer>, id: CallId, seed: &str) -> Answer {
    let context: &Context = by;
    panel::visible(context, id).await?;
    let seed = seed_of(id, seed);
    let plan = plans::plan(context.edges.db.read(), context, id, &seed).await?;
    let names = organisations::names(context, plan.applications.values().map(|row| row.organisation_id)).await?;
    let link = |href: String, key: &str, tone| ActLink { href, text: context.t(key), tone };
    let mut acts = Vec::new();
    let fresh = plan.new_pairs();
    if plan.told.status == "optimal" && !fresh.is_empty() {
        acts.push(link(href(id, "/confirm", &seed), "act-review-plan-button", ""));
    }
    acts.push(link(format!("/calls/{id}/reviews/plan/seed"), "act-review-seed-button", "quiet"));
    let (count, people) =
        (fresh.len().to_string(), plan.told.loads.iter().filter(|row| row.load > 0).count().to_string());
    let text = match (plan.told.status.as_str(), fresh.is_empty()) {
        ("optimal", true) => context.t("plan-nothing"),
        ("optimal", false) => context.t_with("plan-found", &[("count", &count), ("people", &people)]),
        _ => context.t_with("plan-infeasible", &[("missing", &plan.told.missing.to_string())]),
    };
    let sheet = Sheet::new(context.t("review-plan"))
        .under(&[(context.t("review-panel"), &format!("/calls/{id}/reviews"))])
        .sentence(context.t("plan-sentence"))
        .now(context.t("now-title"), text, acts);
    let sheet = if plan.told.status == "optimal" {
        sheet.with(pairs(context, &plan, &names)).with(loads(context, &plan))
    } else {
        sheet.with(lacking(context, &plan, &names)).with(full(context, &plan))
    };
    sheet.beside(facts(context, &plan, &seed)).answer(context, "calls")
}

fn named(plan: &Plan, names: &Names, application: &str) -> (String, String) {
    let row = plan.applications.get(application);
    let title = row.map(|row| row.title.clone()).unwrap_or_default();
    (title, row.and_then(|row| names.get(&row.organisation_id).cloned()).unwrap_or_default())
}

/// Every application with its reviewers, and why each of them.
fn pairs(context: &Context, plan: &Plan, names: &Names) -> Block {
    let mut rows = Vec::new();
    for assigned in &plan.told.assignments {
        let (title, name) = named(plan, names, &assigned.application);
        for reviewer in &assigned.reviewers {
            let pair = (assigned.application.clone(), reviewer.clone());
            let level = plan.expertise.get(&pair).copied().unwrap_or(0);
            let key = if plan.standing.contains(&pair) { "plan-stands" } else { "plan-new" };
            rows.push(vec![
                Cell::lead(title.clone(), ""),
                Cell::text(name.clone()),
                Cell::text(plan.reviewers.get(reviewer).cloned().unwrap_or_default()),
                Cell::text(context.t(&format!("plan-expertise-{level}"))),
                Cell::text(context.t(key)),
            ]);
        }
    }
    let heads = ["head-title", "head-organisation", "head-review-person", "head-expertise", "head-stage"];
    Block::Table {
        title: context.t("plan-pairs"),
        heads: heads.map(|key| context.t(key)).into(),
        rows,
        empty: context.t("plan-nothing"),
    }
}

fn loads(context: &Context, plan: &Plan) -> Block {
    let cells = |row: &plans::Load| {
        let name = plan.reviewers.get(&row.reviewer).cloned().unwrap_or_default();
        vec![Cell::lead(name, ""), Cell::number(row.load.to_string()), Cell::number(row.max.to_string())]
    };
    Block::Table {
        title: context.t("plan-loads"),
        heads: ["head-review-person", "head-load", "head-load-most"].map(|key| context.t(key)).into(),
        rows: plan.told.loads.iter().map(cells).collect(),
        empty: context.t("plan-nobody"),
    }
}

/// The applications for which there are too few, and what stands in the way.
fn lacking(context: &Context, plan: &Plan, names: &Names) -> Block {
    let cells = |row: &plans::Lacking| {
        let (title, name) = named(plan, names, &row.application);
        vec![
            Cell::lead(title, ""),
            Cell::text(name),
            Cell::number(row.needs.to_string()),
            Cell::number(row.usable.to_string()),
            Cell::number(row.conflicts.to_string()),
        ]
    };
    let heads = ["head-title", "head-organisation", "head-needs", "head-usable", "head-tied"];
    Block::Table {
        title: context.t("plan-lacking"),
        heads: heads.map(|key| context.t(key)).into(),
        rows: plan.told.applications.iter().map(cells).collect(),
        empty: String::new(),
    }
}

fn full(context: &Context, plan: &Plan) -> Block {
    let name = |key: &String| vec![Cell::lead(plan.reviewers.get(key).cloned().unwrap_or_default(), "")];
    Block::Table {
        title: context.t("plan-full"),
        heads: vec![context.t("head-review-person")],
        rows: plan.told.full_reviewers.iter().map(name).collect(),
        empty: context.t("plan-nobody"),
    }
}

fn facts(context: &Context, plan: &Plan, seed: &str) -> Block {
    let items = vec![
        Fact::new(context.t("plan-seed"), seed),
        Fact::new(context.t("plan-lot"), context.t("plan-lot-text")),
        Fact::new(context.t("plan-mark"), plan.mark()),
    ];
    Block::Facts { title: context.t("facts-title"), items }
}

/// The page that carries a plan out: what it showed is what is done.
///
/// # Errors
/// As [`plans::plan`]; not found for an officer who judges in the call or bids there.
pub async fn confirm(by: &As<Officer>, id: CallId, seed: &str) -> Answer {
    let context: &Context = by;
    panel::visible(context, id).await?;
    let seed = seed_of(id, seed);
    let plan = plans::plan(context.edges.db.read(), context, id, &seed).await?;
    let mut page = Act::new(context, "review-plan", format!("/calls/{id}/reviews/plan/confirm"), href(id, "", &seed))
        .under(&[(context.t("review-panel"), &format!("/calls/{id}/reviews"))])
        .hidden("seed", &seed)
        .shows(plan.mark())
        .fact(context.t("plan-seed"), seed.clone());
    let mut by_application: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (application, reviewer) in plan.new_pairs() {
        let name = plan.reviewers.get(&reviewer).cloned().unwrap_or_default();
        by_application.entry(application).or_default().push(name);
    }
    for (application, reviewers) in by_application {
        let title = plan.applications.get(&application).map(|row| row.title.clone()).unwrap_or_default();
        page = page.fact(title, reviewers.join(" · "));
    }
    page.answer(context, "calls")
}

/// The page that draws under another seed.
///
/// # Errors
/// Never.
pub fn seed(by: &As<Officer>, id: CallId) -> Answer {
    let context: &Context = by;
    Act::new(context, "review-seed", format!("/calls/{id}/reviews/plan/seed"), format!("/calls/{id}/reviews/plan"))
        .under(&[(context.t("review-panel"), &format!("/calls/{id}/reviews"))])
        .ask(context, "text", "seed")
        .hint(context.t("plan-seed-hint"))
        .answer(context, "calls")
}
