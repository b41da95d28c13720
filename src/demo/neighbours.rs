//! October beside the wall: a small round of Wangping, decided and noticed, whose two grants stand half-way. One first tranche is
//! prepared and waits for its checker, its grantee writes a report and its evaluator is asked; the other offer waits to be signed.

use super::bids::{bid, open_call, questions, values, wall_bid};
use super::stage::Stage;
use crate::core::plan::{Gate, PlannedReport, PlannedTranche};
use crate::error::{Error, Result};
use crate::grants::applications::{screening, writing};
use crate::grants::awards::service as awards;
use crate::grants::calls::drafting::{self, Drafted};
use crate::grants::calls::service as calls;
use crate::grants::decisions::{approvals as batches, service as decisions};
use crate::grants::reports::{evaluations, service as reports};
use crate::grants::reviews::service as reviews;
use crate::grants::tranches::{approvals, service as tranches};
use crate::people::permission::{Administrator, Approver, Chair, Finance, Officer};
use entities::award;
use entities::kinds::{
    ApplicationId, CallId, EvaluationKind, FundId, ReportKind, ReportStage, ScoringMethod, TrancheStage,
};

/// The calendar's days of this story, in October.
const OPENS: u32 = 12;
const REVIEWED: u32 = 14;
const DECIDED: u32 = 15;
/// Five working days after the decision, with the weekend between.
const FINAL: u32 = 23;
const PAID: u32 = 26;

/// Opens the small round, while the fund's first call is being drafted.
///
/// # Errors
/// When a service refuses.
pub async fn invite(stage: &Stage, fund: FundId) -> Result<CallId> {
    let officer = stage.role::<Officer>("officer-a").await?;
    let form = drafting::form_version(&officer, "邻里小额项目简表", questions()?).await?;
    let call = Drafted {
        title_zh: "望平邻里小额资助".into(),
        title_en: "Small neighbourhood grants of Wangping".into(),
        summary_zh: "两周内定下来的小项目：每项不超过六千元。".into(),
        summary_en: "Small projects decided within two weeks, at most ¥6,000 each.".into(),
        cap_minor: 600_000,
        envelope_minor: 1_200_000,
        reviews_required: 2,
        method: ScoringMethod::Mean,
        tranche_plan: vec![
            PlannedTranche { share_bps: 5_000, gates: vec![Gate::Signature] },
            PlannedTranche { share_bps: 5_000, gates: vec![Gate::FinalReport] },
        ],
        reporting_plan: vec![
            PlannedReport { kind: "mid_term".into(), due_after_days: 20 },
            PlannedReport { kind: "final".into(), due_after_days: 60 },
        ],
        opens_at: super::moment(10, OPENS, 15),
        closes_at: super::moment(10, REVIEWED - 1, 18),
        ..open_call(fund, form)
    };
    let call = drafting::draft(&officer, call).await?;
    calls::check(&stage.role::<Officer>("officer-b").await?, call).await?;
    Ok(call)
}

/// Two bids are signed off.
///
/// # Errors
/// When a service refuses.
pub async fn answer(stage: &Stage, call: CallId) -> Result<[ApplicationId; 2]> {
    let bids = [
        bid(stage, call, "so1", "so1-editor", &wall_bid("楼道扶手与照明", 5, 100_000, "")).await?,
        bid(stage, call, "so2", "so2-editor", &wall_bid("共享工具屋", 6, 100_000, "")).await?,
    ];
    writing::submit(&stage.signatory("so1-signatory", "so1").await?, bids[0]).await?;
    writing::submit(&stage.signatory("so2-signatory", "so2").await?, bids[1]).await?;
    Ok(bids)
}

/// Two reviewers score, the chair drafts, an approver approves; the notice runs until the 23rd.
///
/// # Errors
/// When a service refuses.
pub async fn decide(stage: &Stage, call: CallId, bids: [ApplicationId; 2]) -> Result<()> {
    stage.at(10, REVIEWED, 11).await?;
    let officer = stage.role::<Officer>("officer-b").await?;
    for application in bids {
        screening::screen(&officer, application, true, Vec::new(), "").await?;
    }
    calls::start_review(&officer, call).await?;
    for (reviewer, points) in [("reviewer-3", 88), ("reviewer-4", 84)] {
        for application in bids {
            let review = reviews::assign(&officer, application, stage.person(reviewer)?).await?;
            let context = stage.acting(reviewer).await?;
            reviews::accept(&reviews::load_mine(&context, review).await?, true).await?;
            let mine = reviews::load_mine(&context, review).await?;
            let version = mine.permission().review().version;
            reviews::save_and_submit(&mine, version, values(points), "需求清楚，花费合理。").await?;
        }
    }
    stage.at(10, DECIDED, 9).await?;
    let chair = stage.role::<Chair>("chair").await?;
    let batch = decisions::draft(&chair, call, "评审组会议纪要：两项均予资助。").await?;
    let version = decisions::load(stage.edges.db.read(), batch).await?.version;
    decisions::submit_batch(&chair, batch, version).await?;
    batches::approve_batch(&stage.role::<Approver>("approver-a").await?, batch).await
}

/// The first award is signed and its first tranche prepared; the second stays an offer.
///
/// # Errors
/// When a service refuses.
pub async fn begin(stage: &Stage, call: CallId) -> Result<()> {
    stage.at(10, FINAL, 10).await?;
    let rows = awards::of_call(stage.edges.db.read(), call).await?;
    let so1 = stage.organisation("so1")?;
    let award = rows.iter().find(|row| row.organisation_id == so1).ok_or(Error::NotFound)?;
    let signatory = stage.signatory("so1-signatory", "so1").await?;
    awards::accept(&signatory, award.id).await?;
    awards::sign_as_grantee(&signatory, award.id, &signatory.actor.name).await?;
    awards::sign_for_foundation(&stage.role::<Administrator>("administrator-a").await?, award.id).await?;
    stage.at(10, PAID, 9).await?;
    prepare_first(stage, award).await?;
    let officer = stage.role::<Officer>("officer-a").await?;
    evaluations::assign(&officer, award.id, EvaluationKind::MidTerm, stage.person("evaluator")?).await?;
    let due = reports::of_award(stage.edges.db.read(), award.id).await?;
    match due.iter().find(|row| row.kind == ReportKind::MidTerm && row.stage == ReportStage::Scheduled) {
        Some(report) => reports::open(&officer, report.id).await,
        None => Ok(()),
    }
}

async fn prepare_first(stage: &Stage, award: &award::Model) -> Result<()> {
    let parts = tranches::of_award(stage.edges.db.read(), award.id).await?;
    let first = parts.iter().find(|row| row.stage == TrancheStage::Due).ok_or(Error::NotFound)?;
    let paper = stage.paper("so1-signatory", "request.txt", "请款函：按资助协议申请首笔拨付。").await?;
    approvals::request(&stage.signatory("so1-signatory", "so1").await?, first.id, Some(&paper)).await?;
    approvals::approve_programme(&stage.role::<Officer>("officer-a").await?, first.id).await?;
    approvals::prepare(&stage.role::<Finance>("finance").await?, first.id).await
}
