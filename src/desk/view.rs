//! The desk as a page: late first, then today, then what the reader waits for and on whom.

use super::hold_pages;
use super::mine::{self, Own, Things};
use crate::bank;
use crate::error::Result;
use crate::grants::{
    applications, awards, batches, calls, committees, decisions, funds, gifts, needs, orders, pledges, polls, reports,
    reviews, tranches,
};
use crate::people::permission::Context;
use crate::web::page::{Answer, Page};
use crate::web::parts::{ActLink, Happened, Task};
use entities::kinds::Role;
use serde::Serialize;

/// Tasks on one desk: beyond this the first come first.
const SHOWN: usize = 60;

/// The desk.
#[derive(Debug, Clone, Serialize)]
pub struct DeskView {
    title: String,
    sentence: String,
    parts: String,
    late: Vec<Task>,
    tasks: Vec<Task>,
    waiting: Vec<Task>,
    holds: Vec<Task>,
    places: Vec<ActLink>,
    own: Vec<Own>,
    did: Vec<Happened>,
}

/// The page.
///
/// # Errors
/// When the database cannot be read.
pub async fn show(context: &Context) -> Answer {
    let mut tasks = waiting(context).await?;
    tasks.truncate(SHOWN);
    let (late, tasks): (Vec<Task>, Vec<Task>) = tasks.into_iter().partition(|task| task.tone == "stop");
    let things = Things::load(context).await?;
    let count = |rows: &[Task]| i64::try_from(rows.len()).unwrap_or(0);
    let (overdue, all) = (count(&late), count(&late) + count(&tasks));
    let view = DeskView {
        title: if all == 0 { context.t("desk-nothing") } else { context.t_count("desk-count", all) },
        sentence: if overdue == 0 { context.t("desk-none-late") } else { context.t_count("desk-late-count", overdue) },
        parts: parts(context),
        late,
        tasks,
        waiting: mine::waits_for(context, &things).await?,
        holds: hold_pages::standing(context).await?,
        places: places(context),
        own: things.by_organisation(context).await?,
        did: mine::did(context).await?,
    };
    Page::new(context, "desk/desk.html", "desk", &view)?.answer()
}

/// What waits for the reader in every room. To add a room, add its line.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(context: &Context) -> Result<Vec<Task>> {
    Ok([
        crate::people::view::waiting(context).await?,
        crate::books::view::waiting(context).await?,
        needs::view::waiting(context).await?,
        funds::view::waiting(context).await?,
        committees::view::waiting(context).await?,
        gifts::view::waiting(context).await?,
        pledges::view::waiting(context).await?,
        orders::view::waiting(context).await?,
        calls::view::waiting(context).await?,
        applications::view::waiting(context).await?,
        reviews::view::waiting(context).await?,
        polls::view::waiting(context).await?,
        decisions::view::waiting(context).await?,
        awards::view::waiting(context).await?,
        tranches::view::waiting(context).await?,
        batches::view::waiting(context).await?,
        reports::view::waiting(context).await?,
        bank::view::waiting(context).await?,
        super::privacy::view::waiting(context).await?,
    ]
    .concat())
}

/// The reader's parts in a line.
fn parts(context: &Context) -> String {
    let mut words: Vec<String> = context
        .actor
        .grants
        .iter()
        .map(|grant| context.t(&format!("part-{}", crate::people::permission::part_of(grant.role).as_str())))
        .collect();
    words.extend(context.actor.memberships.iter().map(|row| context.t(&format!("part-{}", row.role))));
    words.sort();
    words.dedup();
    words.join(" · ")
}

/// Where a role's work begins: role, address, key of the link. To add a place, add its row.
const PLACES: [(Role, &str, &str); 53] = [
    (Role::FinanceOfficer, "/gifts", "place-gifts"),
    (Role::FinanceOfficer, "/orders/odd", "place-orders-odd"),
    (Role::FinanceOfficer, "/awards", "place-awards"),
    (Role::FinanceOfficer, "/funds", "place-funds"),
    (Role::FinanceOfficer, "/organisations", "place-organisations"),
    (Role::FinanceOfficer, "/funds/capital", "place-capital"),
    (Role::FinanceOfficer, "/ledger/accounts", "place-accounts"),
    (Role::FinanceOfficer, "/ledger/trial-balance", "place-trial"),
    (Role::FinanceOfficer, "/ledger/periods", "place-periods"),
    (Role::FinanceOfficer, "/bank", "place-bank"),
    (Role::FinanceOfficer, "/payments/batches", "place-payment-batches"),
    (Role::Approver, "/bank", "place-bank"),
    (Role::Approver, "/payments/batches", "place-payment-batches"),
    (Role::Approver, "/awards", "place-awards"),
    (Role::Approver, "/gifts", "place-gifts"),
    (Role::Approver, "/notices", "place-notices"),
    (Role::Approver, "/funds", "place-funds"),
    (Role::Approver, "/organisations", "place-organisations"),
    (Role::Approver, "/ledger/accounts", "place-accounts"),
    (Role::Approver, "/ledger/periods", "place-periods"),
    (Role::ProgrammeOfficer, "/calls/new", "place-new-call"),
    (Role::ProgrammeOfficer, "/calls", "place-calls"),
    (Role::ProgrammeOfficer, "/needs", "place-needs"),
    (Role::ProgrammeOfficer, "/funds", "place-funds"),
    (Role::ProgrammeOfficer, "/applications", "place-applications"),
    (Role::ProgrammeOfficer, "/awards", "place-awards"),
    (Role::ProgrammeOfficer, "/notices", "place-notices"),
    (Role::ProgrammeOfficer, "/organisations", "place-organisations"),
    (Role::PanelChair, "/calls", "place-calls"),
    (Role::PanelChair, "/notices", "place-notices"),
    (Role::Reviewer, "/reviews", "place-reviews"),
    (Role::Administrator, "/admin/privacy", "place-privacy"),
    (Role::Administrator, "/funds", "place-funds"),
    (Role::Administrator, "/awards", "place-awards"),
    (Role::Administrator, "/notices", "place-notices"),
    (Role::Administrator, "/admin/people", "place-people"),
    (Role::Administrator, "/admin/roles", "place-roles"),
    (Role::Administrator, "/admin/policy", "place-policy"),
    (Role::Administrator, "/admin/agreement-terms", "place-agreement-terms"),
    (Role::Administrator, "/admin/calendar", "place-calendar"),
    (Role::Administrator, "/admin/jobs", "place-jobs"),
    (Role::Administrator, "/organisations", "place-organisations"),
    (Role::Supervisor, "/ledger", "place-ledger"),
    (Role::Supervisor, "/ledger/accounts", "place-accounts"),
    (Role::Supervisor, "/ledger/trial-balance", "place-trial"),
    (Role::Supervisor, "/awards", "place-awards"),
    (Role::Supervisor, "/funds", "place-funds"),
    (Role::Supervisor, "/notices", "place-notices"),
    (Role::Evaluator, "/projects", "place-projects"),
    (Role::Supervisor, "/holds", "place-holds"),
    (Role::ProgrammeOfficer, "/holds", "place-holds"),
    (Role::ProgrammeOfficer, "/councils", "place-councils"),
    (Role::Administrator, "/holds", "place-holds"),
];

fn places(context: &Context) -> Vec<ActLink> {
    let mut links: Vec<ActLink> = Vec::new();
    let link = |href: &str, key: &str| ActLink { href: href.to_owned(), text: context.t(key), tone: "quiet" };
    for (role, href, key) in PLACES {
        if context.actor.has(role) && links.iter().all(|known| known.href != href) {
            links.push(link(href, key));
        }
    }
    if !context.actor.memberships.is_empty() {
        links.push(link("/funds/new", "place-new-fund"));
        links.push(link("/calls", "place-apply"));
    }
    links.push(link("/needs/new", "act-need-propose-button"));
    links.push(link("/account", "place-account"));
    links
}

impl DeskView {
    /// Samples for the test that renders every view: a full desk and an empty one.
    pub fn samples() -> Vec<Self> {
        let task = |tone| Task { href: "/t".into(), title: "t".into(), detail: "d".into(), chip: "c".into(), tone };
        let bare = Self {
            title: "t".into(),
            sentence: "s".into(),
            parts: String::new(),
            late: Vec::new(),
            tasks: Vec::new(),
            waiting: Vec::new(),
            holds: Vec::new(),
            places: vec![ActLink { href: "/p".into(), text: "p".into(), tone: "quiet" }],
            own: Vec::new(),
            did: Vec::new(),
        };
        let full = Self {
            parts: "p".into(),
            late: vec![task("stop")],
            tasks: vec![task("wait")],
            waiting: vec![task("quiet")],
            holds: vec![task("stop")],
            own: vec![Own { name: "n".into(), href: "/o".into(), things: vec![task("quiet")] }],
            did: vec![Happened { when: "w".into(), who: "w".into(), what: "w".into(), note: String::new() }],
            ..bare.clone()
        };
        vec![full, bare]
    }
}
