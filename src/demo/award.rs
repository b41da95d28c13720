//! May to October: the agreement, three tranches by many hands, an evaluation below the mark and its mending, a change, the
//! final report, the close and the residue.

use super::bids::Round;
use super::figures::Figures;
use super::money::{Wall, day};
use super::stage::Stage;
use crate::core::plan::SpendingLine;
use crate::error::{Error, Result};
use crate::grants::awards::changes::{self, Detail};
use crate::grants::awards::{closing, service as awards};
use crate::grants::reports::evaluations;
use crate::grants::reports::service as reports;
use crate::grants::tranches::bank::{self, Seen};
use crate::grants::tranches::{approvals, service as tranches};
use crate::ledger::{Account, balances};
use crate::people::permission::{Administrator, Approver, Finance, Officer};
use entities::kinds::{
    AwardId, ChangeKind, Currency, EvaluationId, EvaluationKind, Recipe, ReportId, ReportKind, TrancheId,
};
use entities::{posting, transfer};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::BTreeMap;

/// Lives the award to its close.
///
/// # Errors
/// When a service refuses what it should do, or does what it should refuse.
pub async fn live(stage: &Stage, wall: Wall, round: Round, figures: &mut Figures) -> Result<()> {
    let award = sign(stage, round).await?;
    let db = stage.edges.db.read();
    let parts = tranches::of_award(db, award).await?;
    figures.tranches_planned = parts.iter().map(|part| part.planned_minor).collect();
    let [first, second, third] = [0, 1, 2].map(|place| parts.get(place).map_or(TrancheId(0), |part| part.id));
    pay(stage, first, 5, 18, true).await?;
    change_payee_account(stage).await?;
    mid_term(stage, award).await?;
    pay(stage, second, 8, 10, false).await?;
    shift_budget(stage, award).await?;
    finish(stage, award).await?;
    pay(stage, third, 9, 14, false).await?;
    close(stage, award).await?;
    read_back(stage, wall, award, third, figures).await
}

async fn sign(stage: &Stage, round: Round) -> Result<AwardId> {
    let db = stage.edges.db.read();
    let award = awards::of_call(db, round.call).await?.first().map(|row| row.id).ok_or(Error::NotFound)?;
    let signatory = stage.signatory("so1-signatory", "so1").await?;
    awards::accept(&signatory, award).await?;
    awards::sign_as_grantee(&signatory, award, &signatory.actor.name).await?;
    awards::sign_for_foundation(&stage.role::<Administrator>("administrator-a").await?, award).await?;
    stage.settle().await?;
    Ok(award)
}

/// Requested, approved by the programme, prepared, checked, above the threshold checked again, sent, confirmed with its voucher.
async fn pay(stage: &Stage, tranche: TrancheId, month: u32, on: u32, third: bool) -> Result<()> {
    stage.at(month, on, 9).await?;
    let paper = stage.paper("so1-signatory", "request.txt", "请款函：按资助协议申请拨付。").await?;
    approvals::request(&stage.signatory("so1-signatory", "so1").await?, tranche, Some(&paper)).await?;
    approvals::approve_programme(&stage.role::<Officer>("officer-a").await?, tranche).await?;
    let finance = stage.role::<Finance>("finance").await?;
    approvals::prepare(&finance, tranche).await?;
    approvals::approve(&stage.role::<Approver>("approver-a").await?, tranche).await?;
    if third {
        approvals::approve_third(&stage.role::<Approver>("approver-b").await?, tranche).await?;
    }
    bank::batch(&finance, tranche).await?;
    bank::send(&finance, tranche).await?;
    stage.at(month, on + 1, 9).await?;
    let line = format!("B-2026-P{:03}", tranche.0);
    let seen = Seen {
        bank_line: line.clone(),
        paid_on: day(month, on + 1),
        voucher: stage
            .paper("finance", "voucher.txt", &format!("付款回单 {line}：收款账号 6200 0000 0000 0451"))
            .await?,
        redacted: stage
            .paper("finance", "voucher-public.txt", &format!("付款回单 {line}：收款账号 ████ ████ ████ ████"))
            .await?,
    };
    bank::confirm_paid(&stage.role::<Approver>("approver-b").await?, tranche, &seen).await
}

/// Between the first and the second tranche SO-1 changes its account: verified by two, cooling, old contacts told.
async fn change_payee_account(stage: &Stage) -> Result<()> {
    stage.at(6, 15, 9).await?;
    stage.open_payee_account("so1", "6200 0000 0000 0459").await?;
    stage.at(6, 19, 9).await
}

/// The mid-term report is accepted; 58 blocks the second tranche; mended, 74 opens it.
async fn mid_term(stage: &Stage, award: AwardId) -> Result<()> {
    stage.at(7, 10, 9).await?;
    let report = report_of(stage, award, ReportKind::MidTerm).await?;
    write_report(stage, report, "墙体加固完成四十米，排水沟已贯通。", 4_100_000).await?;
    let officer = stage.role::<Officer>("officer-a").await?;
    reports::accept(&officer, report).await?;
    let evaluation = evaluations::assign(&officer, award, EvaluationKind::MidTerm, stage.person("evaluator")?).await?;
    evaluate(stage, evaluation, 5_800, "居民参与不足，进度落后。").await?;
    stage.at(7, 20, 9).await?;
    let signatory = stage.signatory("so1-signatory", "so1").await?;
    if approvals::request(&signatory, second_of(stage, award).await?, None).await.is_ok() {
        return Err(Error::Internal("a tranche before its evaluation was taken".into()));
    }
    let again = evaluations::rectify(&signatory, evaluation, "增加两次居民工作坊，补齐进度。").await?;
    stage.at(8, 3, 9).await?;
    evaluate(stage, again, 7_400, "整改到位，居民参与明显增加。").await
}

async fn second_of(stage: &Stage, award: AwardId) -> Result<TrancheId> {
    tranches::of_award(stage.edges.db.read(), award).await?.get(1).map(|part| part.id).ok_or(Error::NotFound)
}

async fn evaluate(stage: &Stage, evaluation: EvaluationId, score: i32, findings: &str) -> Result<()> {
    let evaluator = evaluations::assigned(&stage.acting("evaluator").await?, evaluation).await?;
    evaluations::submit(&evaluator, score, findings).await?;
    evaluations::publish(&stage.role::<Officer>("officer-a").await?, evaluation).await
}

async fn shift_budget(stage: &Stage, award: AwardId) -> Result<()> {
    stage.at(8, 17, 9).await?;
    let detail = Detail {
        from_head: "material".into(),
        to_head: "labour".into(),
        amount_minor: 400_000,
        ends_on: None,
        words: String::new(),
    };
    let signatory = stage.signatory("so1-signatory", "so1").await?;
    let change =
        changes::request_change(&signatory, award, ChangeKind::BudgetShift, &detail, "人工用量高于预期。").await?;
    let officer = stage.role::<Officer>("officer-b").await?;
    changes::review_change(&officer, award, change).await?;
    changes::approve_change(&officer, award, change).await?;
    changes::apply_change(&officer, award, change).await
}

/// The final report; finance confirms an allowable cost of ¥80,500 while the third tranche is planned.
async fn finish(stage: &Stage, award: AwardId) -> Result<()> {
    stage.at(9, 7, 9).await?;
    closing::propose_allowable(&stage.role::<Finance>("finance").await?, award, 8_050_000).await?;
    closing::confirm_allowable(&stage.role::<Approver>("approver-a").await?, award).await?;
    let report = report_of(stage, award, ReportKind::Final).await?;
    write_report(stage, report, "八十三米外墙完成加固与彩绘，成了街坊拍照的地方。", 8_050_000).await?;
    reports::accept(&stage.role::<Officer>("officer-a").await?, report).await
}

async fn write_report(stage: &Stage, report: ReportId, narrative: &str, spent: i64) -> Result<()> {
    let editor = stage.editor("so1-editor", "so1").await?;
    let (row, award) = reports::load(stage.edges.db.read(), report).await?;
    let indicators = reports::indicators(stage.edges.db.read(), &award).await?;
    let told = reports::Saved {
        narrative: narrative.into(),
        actuals: indicators.iter().map(|row| (row.id.0, i64::from(row.target))).collect::<BTreeMap<_, _>>(),
        spending: vec![
            SpendingLine { head: "material".into(), amount_minor: spent * 2 / 5 },
            SpendingLine { head: "labour".into(), amount_minor: spent - spent * 2 / 5 },
        ],
        volunteer_hours: 320,
        beneficiaries: 1_200,
        ..reports::Saved::default()
    };
    reports::save(&editor, report, row.version, &told).await?;
    reports::hand_over(&editor, report).await?;
    reports::submit(&stage.signatory("so1-signatory", "so1").await?, report).await
}

async fn report_of(stage: &Stage, award: AwardId, kind: ReportKind) -> Result<ReportId> {
    let rows = reports::of_award(stage.edges.db.read(), award).await?;
    let id = rows.iter().find(|row| row.kind == kind).map(|row| row.id).ok_or(Error::NotFound)?;
    let open = rows.iter().any(|row| row.id == id && row.stage == entities::kinds::ReportStage::Scheduled);
    if open {
        reports::open(&stage.role::<Officer>("officer-a").await?, id).await?;
    }
    Ok(id)
}

async fn close(stage: &Stage, award: AwardId) -> Result<()> {
    stage.at(9, 21, 9).await?;
    closing::propose_close(&stage.role::<Officer>("officer-a").await?, award).await?;
    closing::confirm_close(&stage.role::<Finance>("finance").await?, award).await?;
    stage.at(10, 12, 9).await?;
    let decision = "结余转入本基金，用于本社区同类公益项目。";
    closing::propose_residue(&stage.role::<Officer>("officer-a").await?, award, decision).await?;
    closing::confirm_residue(&stage.role::<Approver>("approver-b").await?, award).await
}

async fn read_back(stage: &Stage, wall: Wall, award: AwardId, third: TrancheId, figures: &mut Figures) -> Result<()> {
    let db = stage.edges.db.read();
    figures.last_tranche_paid =
        tranches::of_award(db, award).await?.iter().find(|part| part.id == third).map_or(0, |part| part.amount_minor);
    if let Some((_, paid, fee)) = balances::paid_on_awards(db, &[award]).await?.first() {
        figures.total_paid = *paid;
        figures.fee = *fee;
    }
    let released = posting::Entity::find()
        .filter(posting::Column::AwardId.eq(award))
        .filter(posting::Column::Recipe.eq(Recipe::AwardClosed))
        .order_by_desc(posting::Column::Id)
        .one(db)
        .await?;
    if let Some(row) = released {
        let moved = transfer::Entity::find().filter(transfer::Column::PostingId.eq(row.id)).all(db).await?;
        figures.released = moved.iter().map(|row| row.amount_minor).sum();
    }
    figures.final_balance = balances::flow(db, wall.fund).await?.available_minor;
    figures.bank = balances::posted(db, Account::Bank, Currency::CNY).await?;
    Ok(())
}
