//! The pages of awards, described as sheets and acts.

mod acts;
mod change;
pub mod papers;
mod tasks;
pub mod terms;

pub use acts::acts;
pub use change::{change, to_consent, visible_change};
pub use tasks::waiting;

use super::rules::grade;
use super::service::{self, evaluates};
use super::{agreement, changes, closing, separation};
use crate::commons::{events, policies, proposals};
use crate::core::policy::Policy;
use crate::error::{Error, Result};
use crate::grants::calls::words;
use crate::grants::reports::{evaluations, rules as report_rules, service as reports};
use crate::grants::tranches::service as tranches;
use crate::ledger::accounts::Account;
use crate::ledger::balances::{self, Flow};
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::papers::offered;
use crate::web::parts::{Checked, Fact, FlowBar, Step};
use crate::web::sheet::{Block, Cell, Sheet, history, stage_text};
use entities::kinds::{AwardId, AwardStage, EvaluationKind, ProposalKind, Subject, TrancheStage};
use entities::{award, fund, mentoring_note, proposal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Awards on one page of the list.
const PAGE: u64 = 30;
/// Events shown.
const HISTORY: u64 = 30;

/// The reader's awards; staff see all. Newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(context: &Context, before: Option<i64>) -> Answer {
    let mut query = award::Entity::find().order_by_desc(award::Column::Id).limit(PAGE + 1);
    if let Some(before) = before {
        query = query.filter(award::Column::Id.lt(before));
    }
    if !context.actor.is_staff() {
        let mine = context.actor.memberships.iter().map(|row| row.organisation_id);
        query = query.filter(award::Column::OrganisationId.is_in(mine));
    }
    let mut rows = query.all(context.edges.db.read()).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(PAGE as usize);
    let older_href = rows.last().filter(|_| more).map(|row| format!("/awards?before={}", row.id)).unwrap_or_default();
    let names = organisations::names(context, rows.iter().map(|row| row.organisation_id)).await?;
    let cells = |row: &award::Model| {
        vec![
            Cell::lead(row.title.clone(), format!("/awards/{}", row.id)),
            Cell::text(names.get(&row.organisation_id).cloned().unwrap_or_default()),
            Cell::number(context.money(row.amount_minor, row.currency)),
            Cell::text(stage_text(context, "award", row.stage.as_str())),
        ]
    };
    Sheet::new(context.t("awards-title"))
        .sentence(context.t("awards-sentence"))
        .with(Block::Table {
            title: String::new(),
            heads: ["head-title", "head-organisation", "head-amount", "head-stage"].map(|key| context.t(key)).into(),
            rows: rows.iter().map(cells).collect(),
            empty: context.t("awards-empty"),
        })
        .with(Block::Pager { older_href, newer_href: String::new() })
        .answer(context, "desk")
}

/// An award the reader may see: the grantee's people, staff, and its evaluator.
///
/// # Errors
/// [`Error::NotFound`] for everybody else.
pub async fn visible(context: &Context, id: AwardId) -> Result<award::Model> {
    let db = context.edges.db.read();
    let row = service::load(db, id).await?;
    if context.actor.is_staff() {
        return Ok(row);
    }
    let person = context.actor.person.ok_or(Error::NotFound)?;
    let grantees = separation::grantees(db, &row).await?;
    let own = grantees.iter().any(|organisation| context.actor.belongs_to(*organisation));
    if own || evaluates(db, person, id).await? { Ok(row) } else { Err(Error::NotFound) }
}

/// One award: its flow, its tranches, reports and evaluations, and what can be done now.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn show(context: &Context, id: AwardId) -> Answer {
    let db = context.edges.db.read();
    let row = visible(context, id).await?;
    let acts = acts::acts(context, &row).await?;
    let links = acts::links(context, &row, &acts);
    let mut sheet = Sheet::new(row.title.clone())
        .under(&[(context.t("awards-title"), "/awards")])
        .chip(stage_text(context, "award", row.stage.as_str()), tone(row.stage))
        .sentence(context.t_with("award-sentence", &[("amount", &context.money(row.amount_minor, row.currency))]))
        .now(context.t("now-title"), context.t(&format!("award-now-{}", row.stage)), links)
        .with(Block::Flow { title: context.t("award-flow"), bar: flow(context, &row).await? })
        .with(stream(context, &row).await?)
        .with(report_table(context, &row).await?)
        .with(evaluation_table(context, &row).await?)
        .with(change_table(context, &row).await?)
        .with(budget(context, &row).await?)
        .beside(facts(context, &row).await?);
    if matches!(row.stage, AwardStage::Closing | AwardStage::Terminated) {
        sheet = sheet.beside(checklist(context, &row).await?);
    }
    if let Some(residue) = closing::residue(db, id).await? {
        let due = context.day(residue.due_on);
        let text = if residue.published_at.is_some() {
            residue.decision
        } else {
            context.t_with(
                "award-residue-due",
                &[("day", &due), ("amount", &context.money(residue.amount_minor, row.currency))],
            )
        };
        sheet = sheet.with(Block::Prose { title: context.t("award-residue"), text });
    }
    if context.actor.is_staff() || acts.contains(&"mentor") {
        sheet = sheet.with(notes(context, id).await?);
    }
    sheet
        .beside(history(context, "award", &events::history(db, Subject::Award, id.0, HISTORY).await?))
        .answer(context, "desk")
}

/// Received is what was promised, fee included, for as long as the award lives; after that, what became of it.
async fn flow(context: &Context, row: &award::Model) -> Result<FlowBar> {
    let db = context.edges.db.read();
    let spent = balances::paid_on_awards(db, &[row.id]).await?;
    let (paid_minor, fee_minor) = spent.first().map_or((0, 0), |(_, paid, fee)| (*paid, *fee));
    let mut committed_minor = balances::posted(db, Account::AwardCommitted(row.item_id), row.currency).await?;
    for tranche in tranches::of_award(db, row.id).await? {
        committed_minor += balances::posted(db, Account::AwardPayable(tranche.id), row.currency).await?;
    }
    let received_minor = paid_minor + fee_minor + committed_minor;
    let flow = Flow { received_minor, paid_minor, fee_minor, committed_minor, available_minor: 0 };
    Ok(FlowBar::new(context, flow, row.currency))
}

async fn stream(context: &Context, row: &award::Model) -> Result<Block> {
    let mut steps = Vec::new();
    for tranche in tranches::of_award(context.edges.db.read(), row.id).await? {
        let gates: Vec<String> =
            tranches::gates(&tranche)?.iter().map(|gate| context.t(&format!("gate-{}", gate.as_str()))).collect();
        let amount = context.money(tranche.amount_minor, tranche.currency);
        let state = match tranche.stage {
            TrancheStage::Paid => "done",
            TrancheStage::Planned => "later",
            TrancheStage::Cancelled => "stopped",
            _ => "now",
        };
        let stage = stage_text(context, "tranche", tranche.stage.as_str());
        steps.push(Step {
            state,
            title: context.t_with("tranche-step", &[("ordinal", &tranche.ordinal.to_string()), ("amount", &amount)]),
            detail: format!("{stage} · {}", gates.join(", ")),
            href: format!("/tranches/{}", tranche.id),
            date: tranche.due_on.map(|day| context.day(day)).unwrap_or_default(),
        });
    }
    Ok(Block::Stream { title: context.t("award-tranches"), steps })
}

async fn report_table(context: &Context, row: &award::Model) -> Result<Block> {
    let today = context.edges.today();
    let rows = reports::of_award(context.edges.db.read(), row.id).await?;
    let cells = rows.iter().map(|report| {
        let late = report_rules::late(report.stage, report.due_on, today);
        let stage = stage_text(context, "report", report.stage.as_str());
        vec![
            Cell::lead(context.t(&format!("report-kind-{}", report.kind)), format!("/reports/{}", report.id)),
            Cell::text(context.day(report.due_on)),
            Cell::text(if late { format!("{stage} · {}", context.t("late")) } else { stage }),
        ]
    });
    Ok(Block::Table {
        title: context.t("award-reports"),
        heads: ["head-kind", "head-due", "head-stage"].map(|key| context.t(key)).into(),
        rows: cells.collect(),
        empty: context.t("award-reports-empty"),
    })
}

async fn evaluation_table(context: &Context, row: &award::Model) -> Result<Block> {
    let policy = policies::on(context.edges.db.read(), context.edges.today()).await?;
    let rows = evaluations::of_award(context.edges.db.read(), row.id).await?;
    let cells = rows.iter().map(|evaluation| {
        let published = evaluation.published_at.is_some();
        let score = evaluation.score.filter(|_| published || context.actor.is_staff());
        vec![
            Cell::lead(
                context.t(&format!("evaluation-kind-{}", evaluation.kind)),
                format!("/evaluations/{}", evaluation.id),
            ),
            Cell::number(
                score.map(|score| graded(evaluation.kind, score, evaluation.pass_mark, &policy)).unwrap_or_default(),
            ),
            Cell::text(stage_text(context, "evaluation", evaluation.stage.as_str())),
        ]
    });
    Ok(Block::Table {
        title: context.t("award-evaluations"),
        heads: ["head-kind", "head-score", "head-stage"].map(|key| context.t(key)).into(),
        rows: cells.collect(),
        empty: context.t("award-evaluations-empty"),
    })
}

/// A score as people read it, with its grade when it is final.
pub fn graded(kind: EvaluationKind, score: i32, pass_mark: i32, policy: &Policy) -> String {
    let figures = format!("{}.{:02}", score / 100, score % 100);
    if kind == EvaluationKind::Final {
        format!("{figures} · {}", grade(score, pass_mark, policy.grade_a_mark))
    } else {
        figures
    }
}

async fn change_table(context: &Context, row: &award::Model) -> Result<Block> {
    let rows = changes::of_award(context.edges.db.read(), row.id).await?;
    let cells = rows.iter().map(|change| {
        let href = format!("/awards/{}/changes/{}", row.id, change.id);
        vec![
            Cell::lead(context.t(&format!("change-kind-{}", change.kind)), href),
            Cell::text(context.day(context.day_of(change.requested_at))),
            Cell::text(stage_text(context, "change", change.stage.as_str())),
        ]
    });
    Ok(Block::Table {
        title: context.t("award-changes"),
        heads: ["head-kind", "head-date", "head-stage"].map(|key| context.t(key)).into(),
        rows: cells.collect(),
        empty: context.t("award-changes-empty"),
    })
}

async fn budget(context: &Context, row: &award::Model) -> Result<Block> {
    let heads = changes::effective_budget(context.edges.db.read(), row).await?;
    let cells = heads.into_iter().map(|(head, sum)| {
        vec![Cell::lead(words::head(context, &head), ""), Cell::number(context.money(sum, row.currency))]
    });
    Ok(Block::Table {
        title: context.t("award-budget"),
        heads: ["head-kind", "head-amount"].map(|key| context.t(key)).into(),
        rows: cells.collect(),
        empty: context.t("award-budget-empty"),
    })
}

async fn facts(context: &Context, row: &award::Model) -> Result<Block> {
    let db = context.edges.db.read();
    let names = organisations::names(context, [row.organisation_id].into_iter()).await?;
    let fund = fund::Entity::find_by_id(row.fund_id).one(db).await?.ok_or(Error::NotFound)?;
    let mut items = vec![
        Fact::new(context.t("head-organisation"), names.get(&row.organisation_id).cloned().unwrap_or_default()),
        Fact::linked(context.t("head-fund"), context.pick(&fund.name_zh, &fund.name_en), format!("/funds/{}", fund.id)),
        Fact::new(context.t("head-kind"), context.t(&format!("award-kind-{}", row.kind))),
    ];
    if matches!(row.stage, AwardStage::Offered | AwardStage::Accepted) {
        items.push(Fact::new(context.t("award-until"), context.day(row.offer_expires_on)));
    }
    if let Some(cost) = row.allowable_cost_minor {
        items.push(Fact::new(context.t("award-allowable"), context.money(cost, row.currency)));
    }
    if let Some(clawback) = row.clawback_minor {
        items.push(Fact::new(context.t("award-clawback"), context.money(clawback, row.currency)));
    }
    if let Some(grade) = &row.grade {
        items.push(Fact::new(context.t("award-grade"), grade.clone()));
    }
    for ban in service::bans::of_award(db, row.id).await? {
        items.push(Fact::new(context.t("award-barred-until"), context.day(ban.until_on)));
    }
    if let Some(day) = row.ends_on {
        items.push(Fact::new(context.t("field-ends-on"), context.day(day)));
    }
    if let Some(number) = row.policy_version {
        items.push(Fact::new(context.t("policy-at-award"), words::policy(context, number)));
    }
    if let Some(seed) = row.seed_fund_id {
        items.push(Fact::linked(context.t("award-seed-fund"), context.t("award-see"), format!("/funds/{seed}")));
    }
    Ok(Block::Facts { title: context.t("facts-title"), items })
}

async fn checklist(context: &Context, row: &award::Model) -> Result<Block> {
    let points = closing::checklist(context.edges.db.read(), row).await?;
    let items = points.into_iter().map(|(code, ok)| Checked {
        text: context.t(&format!("award-check-{code}")),
        ok,
        word: context.t(if ok { "award-check-yes" } else { "award-check-no" }),
    });
    Ok(Block::Checklist { title: context.t("award-checklist"), items: items.collect() })
}

async fn notes(context: &Context, id: AwardId) -> Result<Block> {
    let rows = mentoring_note::Entity::find()
        .filter(mentoring_note::Column::AwardId.eq(id))
        .order_by_desc(mentoring_note::Column::Id)
        .limit(PAGE)
        .all(context.edges.db.read())
        .await?;
    let cells = rows.iter().map(|row| {
        vec![
            Cell::lead(context.moment(row.at), ""),
            Cell { text: row.text.clone(), href: String::new(), class: "wide" },
        ]
    });
    Ok(Block::Table {
        title: context.t("award-notes"),
        heads: ["head-date", "head-what"].map(|key| context.t(key)).into(),
        rows: cells.collect(),
        empty: context.t("award-notes-empty"),
    })
}

/// The agreement to read and print: its text, capitals, both signatures and the hash of what was signed.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn agreement_page(context: &Context, id: AwardId) -> Answer {
    let row = visible(context, id).await?;
    let text = agreement::text(context.edges.db.read(), &row).await?;
    let signed = |at: Option<chrono::DateTime<chrono::Utc>>| {
        at.map_or_else(|| context.t("award-not-signed"), |at| context.moment(at))
    };
    let hash = agreement::fingerprint(&text);
    let mut items = vec![
        Fact::new(context.t("head-amount"), context.money(row.amount_minor, row.currency)),
        Fact::new(context.t("award-capitals"), context.capitals(row.amount_minor, row.currency)),
        Fact::new(context.t("award-signed-grantee"), signed(row.grantee_signed_at)),
        Fact::new(context.t("award-signed-foundation"), signed(row.foundation_signed_at)),
        Fact::new(context.t("award-hash-now"), hash),
    ];
    if !row.agreement_hash.is_empty() {
        items.push(Fact::new(context.t("award-hash-signed"), row.agreement_hash.clone()));
    }
    let base = format!("/awards/{id}");
    Sheet::new(context.t("award-agreement"))
        .under(&[(context.t("awards-title"), "/awards"), (row.title.clone(), &base)])
        .with(Block::Prose { title: String::new(), text })
        .with(Block::Facts { title: context.t("award-signatures"), items })
        .with(offered(context, &format!("{base}/agreement.pdf")).await?)
        .answer(context, "desk")
}

pub(super) fn tone(stage: AwardStage) -> &'static str {
    match stage {
        AwardStage::Offered | AwardStage::Accepted | AwardStage::Closing => "wait",
        AwardStage::Active | AwardStage::Closed => "ok",
        AwardStage::Suspended | AwardStage::Terminated => "stop",
        _ => "quiet",
    }
}

/// What was proposed for an award, for the page that confirms it.
///
/// # Errors
/// When the database cannot be read.
pub async fn proposed(context: &Context, id: AwardId, kind: ProposalKind) -> Result<Option<proposal::Model>> {
    proposals::open(context.edges.db.read(), kind, Subject::Award, id.0).await
}
