//! The pages of applications: one application with its progress, its budget and what the rules say. Its acts stand in [`acts`].

mod acts;
pub mod answers;
pub mod papers;
pub mod parts;
pub mod similar;

pub use acts::{act, appeal};

use super::appeals::{self, appeals_of};
use super::budget::{self, Line, Measured};
use super::eligibility::kept;
pub use super::list::{Wanted, list, waiting};
use super::rules::{APPLICATION, JUDGED};
use super::service::{load, number};
use super::writing;
use crate::commons::events;
use crate::core::eligibility::CODES;
use crate::error::{Error, Result};
use crate::grants::calls::{self, view::checked, words};
use crate::grants::reviews::panel;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::page::{Answer, Page};
use crate::web::papers::offered;
use crate::web::parts::{ActLink, Checked, Chip, Crumb, Fact, Happened, Step};
use crate::web::sheet::{Block, Cell, act_links, history, stage_text};
use entities::kinds::{ApplicationId, ApplicationStage, CallKind, CallStage, Currency, Role, Scope, Subject};
use entities::{application, award, call};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;

/// Events shown.
const HISTORY: u64 = 30;
/// Acts with a page of their own.
const PAGES: [&str; 7] =
    ["hand-over", "take-back", "submit", "withdraw", "ask-information", "answer-information", "appeal"];

/// An application.
#[derive(Debug, Clone, Serialize)]
pub struct ApplicationPage {
    crumbs: Vec<Crumb>,
    title: String,
    chip: Chip,
    sentence: String,
    now_text: String,
    now_acts: Vec<ActLink>,
    figures: Vec<Fact>,
    question: String,
    question_due: String,
    texts: Vec<Fact>,
    answers: Vec<Fact>,
    heads: Vec<String>,
    budget: Vec<Vec<Cell>>,
    outcome_heads: Vec<String>,
    outcomes: Vec<Vec<Cell>>,
    parts: Vec<Block>,
    missing: Vec<String>,
    findings: Vec<Checked>,
    track: Vec<ActLink>,
    progress: Vec<Step>,
    facts: Vec<Fact>,
    appeals: Vec<Fact>,
    history: Vec<Happened>,
}

/// An application the reader may see: its organisation and its host always, staff once it was submitted, whoever chairs its
/// panel once it is judged. Who judges in a blind call reads the bids where no applicant is named.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn visible(context: &Context, id: ApplicationId) -> Result<application::Model> {
    let row = load(context.edges.db.read(), id).await?;
    let staff = context.actor.is_staff() && row.submitted_at.is_some();
    let chairs = context.actor.grant(Role::PanelChair, Scope::Call, Some(row.call_id.0)).is_some();
    if is_own(context, &row) {
        return Ok(row);
    }
    let works = staff || (chairs && JUDGED.contains(&row.stage));
    if works && !panel::blind(context).await?.contains(&row.call_id) { Ok(row) } else { Err(Error::NotFound) }
}

/// Whether a file may be read as far as a bid is concerned: the files of a bid are shown to whom the bid is shown, so that nobody reads
/// those of a draft or of a sealed bid by their number. A file that belongs to no bid is none of this room's.
///
/// # Errors
/// [`Error::NotFound`] for the file of a bid that is not the reader's to see.
pub async fn file_visible(context: &Context, file: entities::kinds::DocumentId) -> Result<()> {
    use entities::{application_document, co_funding};
    let db = context.edges.db.read();
    let attached = application_document::Entity::find().filter(application_document::Column::DocumentId.eq(file));
    let of_bid = attached.one(db).await?.map(|row| row.application_id);
    let shows = sea_orm::Condition::any()
        .add(co_funding::Column::PromiseDocumentId.eq(file))
        .add(co_funding::Column::ReceivedDocumentId.eq(file));
    let of_money = co_funding::Entity::find().filter(shows).one(db).await?.map(|row| row.application_id);
    match of_bid.or(of_money) {
        Some(application) => visible(context, application).await.map(|_| ()),
        None => Ok(()),
    }
}

/// Whether the reader belongs to the applicant or its host.
pub fn is_own(context: &Context, row: &application::Model) -> bool {
    context.actor.belongs_to(row.organisation_id) || row.host_id.is_some_and(|host| context.actor.belongs_to(host))
}

/// One application.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn show(context: &Context, id: ApplicationId) -> Answer {
    let row = visible(context, id).await?;
    let db = context.edges.db.read();
    let call = calls::service::load(db, row.call_id).await?;
    let names = organisations::names(context, [Some(row.organisation_id), row.host_id].into_iter().flatten()).await?;
    let lines = budget::lines_of(db, id).await?;
    let form = budget::questions(db, call.form_version_id).await?;
    let events = events::history(db, Subject::Application, id.0, HISTORY).await?;
    let history = match history(context, "application", &events) {
        Block::History { items, .. } => items,
        _ => Vec::new(),
    };
    let found = kept(&row);
    let writing = matches!(row.stage, ApplicationStage::Draft | ApplicationStage::AwaitingSignOff);
    let missing = if writing { missing(context, &row, &call).await? } else { Vec::new() };
    let total = budget::sum(&lines, None)?;
    let view = ApplicationPage {
        crumbs: vec![
            Crumb { label: context.t("applications-title"), href: "/applications".into() },
            Crumb { label: context.pick(&call.title_zh, &call.title_en), href: format!("/calls/{}", call.id) },
        ],
        title: row.title.clone(),
        chip: Chip { text: stage_text(context, "application", row.stage.as_str()), tone: tone(row.stage) },
        sentence: names.get(&row.organisation_id).cloned().unwrap_or_default(),
        now_text: now_text(context, &row).await?,
        now_acts: acts(context, &row, missing.is_empty()),
        figures: vec![
            Fact::new(context.t("application-ask"), context.money(row.ask_minor, row.currency)),
            Fact::new(context.t("application-total"), context.money(total, row.currency)),
        ],
        question: if row.question_due_at.is_some() { row.question.clone() } else { String::new() },
        question_due: row
            .question_due_at
            .map(|due| context.t_with("application-question-due", &[("when", &context.moment(due))]))
            .unwrap_or_default(),
        texts: texts(context, &row),
        answers: answers::told(context, &form, &row, writing).await?,
        heads: budget_heads(context),
        budget: lines.iter().map(|line| cells(context, line, row.currency)).collect(),
        outcome_heads: ["head-application-indicator", "head-application-baseline", "head-application-target"]
            .map(|key| context.t(key))
            .into(),
        outcomes: budget::indicators_of(db, id).await?.iter().map(outcome).collect(),
        parts: beside(context, &row).await?,
        missing,
        findings: found
            .iter()
            .filter(|finding| CODES.contains(&finding.code.as_str()))
            .map(|finding| checked(context, &finding.code, &finding.evidence, finding.ok, finding.mend.as_deref()))
            .collect(),
        track: track(context, &found).await?,
        progress: progress(context, &row),
        facts: facts(
            context,
            &row,
            &call,
            row.host_id.and_then(|host| names.get(&host)),
            offered_under(context, id).await?,
        ),
        appeals: appeal_facts(context, &row).await?,
        history,
    };
    Page::new(context, "applications/show.html", "", &view)?.answer()
}

/// What stands beside the text, and the bid as a document.
async fn beside(context: &Context, row: &application::Model) -> Result<Vec<Block>> {
    let mut blocks = parts::blocks(context, row).await?;
    blocks.push(offered(context, &format!("/applications/{}/paper", row.id)).await?);
    Ok(blocks)
}

async fn missing(context: &Context, row: &application::Model, call: &call::Model) -> Result<Vec<String>> {
    let wrong = writing::missing(context.edges.db.read(), row, call, context.edges.today()).await?;
    let form = budget::questions(context.edges.db.read(), call.form_version_id).await?;
    Ok(wrong.iter().map(|violation| super::edit::lacking(context, &form, violation)).collect())
}

fn acts(context: &Context, row: &application::Model, complete: bool) -> Vec<ActLink> {
    let base = format!("/applications/{}", row.id);
    let parts = context.actor.parts(Some(row.organisation_id));
    let offered = APPLICATION.offers(row.stage, &parts);
    let own = context.actor.belongs_to(row.organisation_id);
    let link = |act: &str, tone| ActLink {
        href: format!("{base}/{act}"),
        text: context.t(&format!("act-application-{act}-button")),
        tone,
    };
    let mut links = Vec::new();
    if own && row.stage == ApplicationStage::Draft {
        links.push(link("edit", ""));
    }
    if offered.contains(&"accept") {
        links.push(link("screen", ""));
    }
    // What is not complete is neither handed over nor signed; what is missing stands beside it.
    let ready = |act: &&'static str| complete || !matches!(*act, "hand-over" | "submit");
    let paged: Vec<&'static str> = offered.into_iter().filter(|act| PAGES.contains(act)).filter(ready).collect();
    let rest = act_links(context, "application", &base, &paged, &[]);
    // Withdrawing is possible, never what the page asks for; its own page warns.
    let calm = |link: ActLink| if link.href.ends_with("/withdraw") { ActLink { tone: "quiet", ..link } } else { link };
    links.extend(rest.into_iter().map(calm));
    let settled = [ApplicationStage::Approved, ApplicationStage::Reserved, ApplicationStage::Declined];
    if own && settled.contains(&row.stage) {
        let text = context.t("feedback-title");
        links.push(ActLink { href: format!("{base}/feedback"), text, tone: "quiet" });
    }
    if own && appeals::against(row.stage).is_some() && parts.contains(&crate::core::lifecycle::Part::Signatory) {
        links.push(link("appeal", ""));
    }
    for (place, link) in links.iter_mut().enumerate() {
        if place > 0 && link.tone.is_empty() {
            link.tone = "quiet";
        }
    }
    links
}

async fn now_text(context: &Context, row: &application::Model) -> Result<String> {
    if let Some(last) = appeals::last_day(context.edges.db.read(), context, row).await? {
        return Ok(context.t_with("application-appeal-until", &[("day", &context.day(last))]));
    }
    let own = context.actor.belongs_to(row.organisation_id);
    Ok(match row.stage {
        ApplicationStage::AwaitingSignOff if own => context.t("application-waits-signatory"),
        ApplicationStage::Submitted | ApplicationStage::Eligible | ApplicationStage::UnderReview if own => {
            context.t("application-waits-foundation")
        }
        _ => String::new(),
    })
}

fn texts(context: &Context, row: &application::Model) -> Vec<Fact> {
    let child =
        if row.child_name.is_empty() { String::new() } else { format!("{}\n{}", row.child_name, row.child_summary) };
    [
        ("application-project", row.summary.clone()),
        ("application-site", row.site.clone()),
        ("application-team", row.team.clone()),
        ("application-child", child),
    ]
    .into_iter()
    .filter(|(_, text)| !text.is_empty())
    .map(|(key, text)| Fact::new(context.t(key), text))
    .collect()
}

fn budget_heads(context: &Context) -> Vec<String> {
    ["what", "head", "quantity", "unit", "source"]
        .map(|key| context.t(&format!("head-application-{key}")))
        .into_iter()
        .chain([context.t("head-amount")])
        .collect()
}

fn cells(context: &Context, line: &Line, currency: Currency) -> Vec<Cell> {
    vec![
        Cell::lead(line.label.clone(), ""),
        Cell::text(words::head(context, &line.head)),
        Cell::number(line.quantity.to_string()),
        Cell::number(context.money(line.unit_minor, currency)),
        Cell::text(context.t(&format!("application-source-{}", line.source))),
        Cell::number(context.money(line.amount_minor().unwrap_or(0), currency)),
    ]
}

fn outcome(told: &Measured) -> Vec<Cell> {
    let with = |n: i32| format!("{n} {}", told.unit);
    vec![Cell::lead(told.name.clone(), ""), Cell::number(with(told.baseline)), Cell::number(with(told.target))]
}

/// An open call of the enterprise track, for whom this one refuses by its form.
async fn track(context: &Context, found: &[super::eligibility::Kept]) -> Result<Vec<ActLink>> {
    if !found.iter().any(|finding| finding.mend.as_deref() == Some("eligibility-mend-enterprise-track")) {
        return Ok(Vec::new());
    }
    let open = call::Entity::find()
        .filter(call::Column::Kind.eq(CallKind::Enterprise))
        .filter(call::Column::Stage.eq(CallStage::Open))
        .one(context.edges.db.read())
        .await?;
    let text = context.t("application-enterprise-call");
    Ok(open.map(|row| ActLink { href: format!("/calls/{}", row.id), text, tone: "quiet" }).into_iter().collect())
}

/// The stream from draft to decision, with public labels.
fn progress(context: &Context, row: &application::Model) -> Vec<Step> {
    use ApplicationStage as S;
    let road = [S::Draft, S::AwaitingSignOff, S::Submitted, S::Eligible, S::UnderReview, S::Approved];
    let (place, end) = match row.stage {
        S::Draft => (0, None),
        S::AwaitingSignOff => (1, None),
        S::Submitted | S::InformationRequested => (2, None),
        S::Eligible => (3, None),
        S::UnderReview | S::Recommended | S::Reserve | S::NotRecommended => (4, None),
        S::Approved => (5, None),
        S::Ineligible => (3, Some(row.stage)),
        S::Reserved | S::Declined => (5, Some(row.stage)),
        S::Lapsed => (1, Some(row.stage)),
        S::Withdrawn => (2, Some(row.stage)),
    };
    let step = |(n, stage): (usize, &S)| {
        let ended = end.filter(|_| n == place);
        let stage = ended.unwrap_or(*stage);
        let state = match n.cmp(&place) {
            std::cmp::Ordering::Less => "done",
            std::cmp::Ordering::Equal if ended.is_some_and(|end| end != S::Reserved) => "stopped",
            std::cmp::Ordering::Equal if stage == S::Approved => "done",
            std::cmp::Ordering::Equal => "now",
            std::cmp::Ordering::Greater => "later",
        };
        let date = if stage == S::Submitted { row.submitted_at.map(|at| context.moment(at)) } else { None };
        let title = if n == place && row.stage == S::InformationRequested { row.stage } else { stage };
        Step {
            state,
            title: context.t(&format!("stage-application-{title}")),
            detail: String::new(),
            href: String::new(),
            date: date.unwrap_or_default(),
        }
    };
    let shown = if end.is_some() { place + 1 } else { road.len() };
    road.iter().enumerate().take(shown).map(step).collect()
}

fn facts(
    context: &Context,
    row: &application::Model,
    call: &call::Model,
    host: Option<&String>,
    offered: Option<i32>,
) -> Vec<Fact> {
    let title = context.pick(&call.title_zh, &call.title_en);
    let mut items = vec![
        Fact::linked(context.t("application-call"), title, format!("/calls/{}", call.id)),
        Fact::new(
            context.t("call-closes"),
            format!("{} · {}", context.moment(call.closes_at), calls::view::left(context, call)),
        ),
        Fact::new(context.t("application-number"), number(row.id)),
    ];
    if let Some(host) = host {
        items.push(Fact::new(context.t("application-host"), host.clone()));
    }
    if let Some(at) = row.submitted_at {
        items.push(Fact::new(context.t("application-submitted"), context.moment(at)));
        items.push(Fact::new(context.t("application-hash"), row.content_hash.clone()));
    }
    if let Some(number) = row.policy_version {
        items.push(Fact::new(context.t("policy-at-submission"), words::policy(context, number)));
    }
    if let Some(number) = offered {
        items.push(Fact::new(context.t("policy-at-award"), words::policy(context, number)));
    }
    items
}

/// The number of the policy under which an award was offered for a bid: of the newest, where there were several.
async fn offered_under(context: &Context, id: ApplicationId) -> Result<Option<i32>> {
    let newest = award::Entity::find()
        .filter(award::Column::ApplicationId.eq(id))
        .order_by_desc(award::Column::Id)
        .one(context.edges.db.read())
        .await?;
    Ok(newest.and_then(|award| award.policy_version))
}

async fn appeal_facts(context: &Context, row: &application::Model) -> Result<Vec<Fact>> {
    let rows = appeals_of(context.edges.db.read(), row.id).await?;
    let fact = |appeal: &entities::appeal::Model| {
        let label = context.t(&format!("appeal-against-{}", appeal.against));
        let stage = context.t(&format!("stage-appeal-{}", appeal.stage));
        Fact::linked(label, stage, appeals::appeal_page(row.id, appeal.id))
    };
    Ok(rows.iter().map(fact).collect())
}

/// The tone of a stage's chip.
pub(super) fn tone(stage: ApplicationStage) -> &'static str {
    match stage {
        ApplicationStage::Approved | ApplicationStage::Eligible => "ok",
        ApplicationStage::Ineligible | ApplicationStage::Declined => "stop",
        ApplicationStage::Withdrawn | ApplicationStage::Lapsed => "quiet",
        _ => "wait",
    }
}

impl ApplicationPage {
    /// Samples for the test that renders every view.
    pub fn samples() -> Vec<Self> {
        let empty = Self {
            crumbs: vec![Crumb { label: "c".into(), href: "/c".into() }],
            title: "t".into(),
            chip: Chip { text: "s".into(), tone: "wait" },
            sentence: "s".into(),
            now_text: String::new(),
            now_acts: Vec::new(),
            figures: vec![Fact::new("a", "b")],
            question: String::new(),
            question_due: String::new(),
            texts: Vec::new(),
            answers: Vec::new(),
            heads: vec!["h".into()],
            budget: Vec::new(),
            outcome_heads: vec!["h".into()],
            outcomes: Vec::new(),
            parts: Vec::new(),
            missing: Vec::new(),
            findings: Vec::new(),
            track: Vec::new(),
            progress: Vec::new(),
            facts: vec![Fact::linked("a", "b", "/c")],
            appeals: Vec::new(),
            history: Vec::new(),
        };
        let full = Self {
            now_text: "t".into(),
            question: "q".into(),
            question_due: "d".into(),
            texts: vec![Fact::new("a", "b\nc")],
            answers: vec![Fact::new("a", "b")],
            budget: vec![vec![Cell::lead("l", "")]],
            outcomes: vec![vec![Cell::lead("l", "")]],
            parts: vec![Block::Prose { title: "t".into(), text: "p".into() }],
            missing: vec!["m".into()],
            findings: vec![Checked { text: "t".into(), ok: false, word: "w".into() }],
            track: vec![ActLink { href: "/x".into(), text: "x".into(), tone: "quiet" }],
            appeals: vec![Fact::linked("a", "b", "/c")],
            ..empty.clone()
        };
        vec![empty, full]
    }
}
