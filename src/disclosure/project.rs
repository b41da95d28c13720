//! One project: the stream from the need to the close, where its money is, what was reported and found.

use super::dossier::{self, Dossier, MOST, hundredths};
use super::stream;
use crate::commons::holds;
use crate::error::Result;
use crate::ledger::balances::{self, Flow};
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::page::{Answer, Page};
use crate::web::parts::{ActLink, Crumb, Fact, FlowBar, Step};
use entities::kinds::{AccountKind, AwardId, AwardStage, EvaluationStage, ReportStage, Role, Subject};
use entities::{account, indicator};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

/// A project as a page.
#[derive(Debug, Clone, Serialize)]
pub struct ProjectView {
    crumbs: Vec<Crumb>,
    title: String,
    stage: String,
    tone: &'static str,
    sentence: String,
    held: String,
    summary: String,
    bar: FlowBar,
    steps: Vec<Step>,
    outcomes: Vec<Outcome>,
    reports: Vec<Told>,
    findings: Vec<Told>,
    residue: String,
    case: Option<Case>,
    facts: Vec<Fact>,
    acts: Vec<ActLink>,
    entries_href: String,
}

/// An indicator: what was promised and what came of it, as a bar of the target.
#[derive(Debug, Clone, Serialize)]
struct Outcome {
    label: String,
    amount_text: String,
    width: i64,
}

/// A published text with its heading.
#[derive(Debug, Clone, Serialize)]
struct Told {
    title: String,
    text: String,
    facts: Vec<Fact>,
}

/// What a finished project tells.
#[derive(Debug, Clone, Serialize)]
struct Case {
    title: String,
    story: String,
    /// Address of the photo, or `""`.
    photo: String,
    caption: String,
    figures: Vec<Fact>,
}

/// The page of a project.
///
/// # Errors
/// [`Error::NotFound`] for an award that is not public.
pub async fn show(context: &Context, id: AwardId) -> Answer {
    let project = dossier::load(context, id).await?;
    let award = &project.award;
    let names =
        organisations::names(context, [award.organisation_id, project.application.organisation_id].into_iter()).await?;
    let who = names.get(&project.application.organisation_id).cloned().unwrap_or_default();
    let held = holds::standing(context.edges.db.read(), Subject::Award, id.0).await?;
    let insider = context.actor.is_staff()
        || context.actor.belongs_to(award.organisation_id)
        || context.actor.belongs_to(project.application.organisation_id);
    let view = ProjectView {
        crumbs: vec![Crumb { label: context.t("projects-title"), href: "/projects".into() }],
        title: award.title.clone(),
        stage: context.t(&format!("stage-award-{}", award.stage)),
        tone: tone(award.stage),
        sentence: format!("{who} · {}", context.money(award.amount_minor, award.currency)),
        held: if held.is_empty() { String::new() } else { context.t("project-held") },
        summary: project.application.summary.clone(),
        bar: bar(context, &project).await?,
        steps: stream::steps(context, &project).await?,
        outcomes: outcomes(context, &project).await?,
        reports: reports(context, &project),
        findings: findings(context, &project),
        residue: project.residue.as_ref().map(|row| row.decision.clone()).unwrap_or_default(),
        case: case(context, &project).await?,
        facts: facts(context, &project, &who),
        acts: acts(context, id, insider, held.is_empty()),
        entries_href: format!("/ledger?award={id}"),
    };
    Page::new(context, "disclosure/project.html", "projects", &view)?.answer()
}

fn acts(context: &Context, id: AwardId, insider: bool, free: bool) -> Vec<ActLink> {
    let mut acts = Vec::new();
    if insider {
        acts.push(ActLink { href: format!("/awards/{id}"), text: context.t("project-work"), tone: "" });
    }
    if free && (context.actor.has(Role::Supervisor) || context.actor.has(Role::ProgrammeOfficer)) {
        let href = format!("/holds/new?subject=award&id={id}");
        acts.push(ActLink { href, text: context.t("project-hold"), tone: "stop" });
    }
    acts
}

/// Awarded with its fee = paid + fee + still committed; what was released is the fund's again.
async fn bar(context: &Context, project: &Dossier) -> Result<FlowBar> {
    let db = context.edges.db.read();
    let award = &project.award;
    let of = |kind: AccountKind| Condition::all().add(account::Column::Kind.eq(kind));
    let tranches = project.tranches.iter().map(|row| row.id.0);
    let accounts = account::Entity::find()
        .filter(
            Condition::any()
                .add(of(AccountKind::AwardCommitted).add(account::Column::SubjectId.eq(award.item_id.0)))
                .add(of(AccountKind::AwardPayable).add(account::Column::SubjectId.is_in(tranches))),
        )
        .all(db)
        .await?;
    let committed: i64 = accounts.iter().map(|row| row.posted_credit_minor - row.posted_debit_minor).sum();
    let (paid, fee) =
        balances::paid_on_awards(db, &[award.id]).await?.first().map_or((0, 0), |(_, paid, fee)| (*paid, *fee));
    let flow = Flow {
        received_minor: paid + fee + committed,
        paid_minor: paid,
        fee_minor: fee,
        committed_minor: committed,
        available_minor: 0,
    };
    let mut bar = FlowBar::new(context, flow, award.currency);
    let over = matches!(award.stage, AwardStage::Closed | AwardStage::Terminated);
    bar.total_label = context.t(if over { "project-used-with-fee" } else { "project-with-fee" });
    bar.segments.retain(|part| part.kind != "free");
    Ok(bar)
}

/// The case page at the head of the project's: its words, its photo, what was paid and whom it reached.
async fn case(context: &Context, project: &Dossier) -> Result<Option<Case>> {
    let Some(row) = &project.case else { return Ok(None) };
    let award = &project.award;
    let paid = balances::paid_on_awards(context.edges.db.read(), &[award.id]).await?;
    let paid = paid.first().map_or(0, |(_, paid, _)| *paid);
    let mut figures = vec![Fact::new(context.t("case-paid"), context.money(paid, award.currency))];
    if let Some(last) = project.reports.iter().rfind(|row| row.stage == ReportStage::Accepted) {
        figures.push(Fact::new(context.t("project-beneficiaries"), last.beneficiaries.to_string()));
        figures.push(Fact::new(context.t("project-hours"), last.volunteer_hours.to_string()));
    }
    if let Some(grade) = &award.grade {
        figures.push(Fact::new(context.t("award-grade"), grade.clone()));
    }
    Ok(Some(Case {
        title: row.title.clone(),
        story: row.story.clone(),
        photo: row.photo_id.map(|photo| format!("/documents/{photo}")).unwrap_or_default(),
        caption: row.photo_caption.clone(),
        figures,
    }))
}

/// Targets against what the last accepted report says.
async fn outcomes(context: &Context, project: &Dossier) -> Result<Vec<Outcome>> {
    let rows = indicator::Entity::find()
        .filter(indicator::Column::ApplicationId.eq(project.application.id))
        .order_by_asc(indicator::Column::Position)
        .limit(MOST)
        .all(context.edges.db.read())
        .await?;
    let last = project.reports.iter().rfind(|row| row.stage == ReportStage::Accepted);
    let outcome = |row: &indicator::Model| {
        let actual = last.and_then(|report| report.actuals.get(row.id.to_string())).and_then(serde_json::Value::as_i64);
        let (target, whole) = (i64::from(row.target), i64::from(row.target.max(1)));
        let said = actual.map_or_else(|| context.t("project-not-yet"), |actual| actual.to_string());
        Outcome {
            label: row.name.clone(),
            amount_text: format!("{said} / {target} {}", row.unit),
            width: actual.map_or(0, |actual| (actual.max(0).saturating_mul(1000) / whole).min(1000)),
        }
    };
    Ok(rows.iter().map(outcome).collect())
}

/// Reports once they are accepted.
fn reports(context: &Context, project: &Dossier) -> Vec<Told> {
    let accepted = project.reports.iter().filter(|row| row.stage == ReportStage::Accepted);
    accepted
        .map(|row| Told {
            title: context.t(&format!("project-report-{}", row.kind)),
            text: row.narrative.clone(),
            facts: vec![
                Fact::new(context.t("project-beneficiaries"), row.beneficiaries.to_string()),
                Fact::new(context.t("project-hours"), row.volunteer_hours.to_string()),
            ],
        })
        .collect()
}

/// Findings once they are published; a failed one stays beside the one that repeated it.
fn findings(context: &Context, project: &Dossier) -> Vec<Told> {
    let published = project.evaluations.iter().filter(|row| row.published_at.is_some());
    published
        .filter(|row| row.stage != EvaluationStage::Assigned)
        .map(|row| Told {
            title: context.t(&format!("project-evaluation-{}", row.kind)),
            text: row.findings.clone(),
            facts: row
                .score
                .map(|score| {
                    let text = format!("{} / {}", hundredths(score), hundredths(row.pass_mark));
                    Fact::new(context.t("project-score"), text)
                })
                .into_iter()
                .collect(),
        })
        .collect()
}

fn facts(context: &Context, project: &Dossier, who: &str) -> Vec<Fact> {
    let award = &project.award;
    let mut facts = vec![
        Fact::linked(
            context.t("head-organisation"),
            who,
            format!("/organisations/{}", project.application.organisation_id),
        ),
        Fact::new(context.t("project-amount"), context.money(award.amount_minor, award.currency)),
    ];
    let capitals = context.capitals(award.amount_minor, award.currency);
    if !capitals.is_empty() {
        facts.push(Fact::new(context.t("project-capitals"), capitals));
    }
    if !project.application.child_name.is_empty() {
        facts.push(Fact::new(context.t("project-child"), project.application.child_name.clone()));
    }
    if let Some(day) = award.ends_on {
        facts.push(Fact::new(context.t("project-ends"), context.day(day)));
    }
    facts
}

const fn tone(stage: AwardStage) -> &'static str {
    match stage {
        AwardStage::Active | AwardStage::Closed => "ok",
        AwardStage::Closing => "wait",
        _ => "stop",
    }
}

impl ProjectView {
    /// Samples for the test that renders every view.
    pub fn samples(context: &Context) -> Vec<Self> {
        let step = |state| Step { state, title: "t".into(), detail: "d".into(), href: "/x".into(), date: "d".into() };
        let told = || Told { title: "t".into(), text: "a\nb".into(), facts: vec![Fact::new("a", "b")] };
        let flow =
            Flow { received_minor: 300, paid_minor: 100, fee_minor: 1, committed_minor: 199, available_minor: 0 };
        let full = Self {
            crumbs: vec![Crumb { label: "p".into(), href: "/projects".into() }],
            title: "t".into(),
            stage: "s".into(),
            tone: "ok",
            sentence: "s".into(),
            held: "h".into(),
            summary: "s".into(),
            bar: FlowBar::new(context, flow, entities::kinds::Currency::CNY),
            steps: vec![step("done"), step("now"), step("later"), step("stopped")],
            outcomes: vec![Outcome { label: "l".into(), amount_text: "1 / 2 m".into(), width: 500 }],
            reports: vec![told()],
            findings: vec![told()],
            residue: "r".into(),
            case: Some(Case {
                title: "t".into(),
                story: "a\nb".into(),
                photo: "/documents/1".into(),
                caption: "c".into(),
                figures: vec![Fact::new("a", "b")],
            }),
            facts: vec![Fact::new("a", "b")],
            acts: vec![ActLink { href: "/awards/1".into(), text: "t".into(), tone: "" }],
            entries_href: "/ledger?award=1".into(),
        };
        let bare = Self {
            held: String::new(),
            outcomes: Vec::new(),
            reports: Vec::new(),
            findings: Vec::new(),
            residue: String::new(),
            case: None,
            acts: Vec::new(),
            ..full.clone()
        };
        vec![full, bare]
    }
}
