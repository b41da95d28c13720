//! The grant agreement as text: the same award gives the same text, so that its hash says what was signed.

use super::terms;
use crate::core::money::Money;
use crate::core::plan::{Gate, PlannedReport, PlannedTranche};
use crate::edges::db::Tx;
use crate::edges::dice;
use crate::error::{Error, Result};
use entities::kinds::{BudgetSource, OrganisationId};
use entities::{agreement_copy, application, award, budget_line, call, foundation, fund, organisation, tranche};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

/// How many days after the second signature the agreement ends: with its last report; never, where the call plans none.
///
/// # Errors
/// When the call's plan cannot be read.
pub fn term_days(call: &call::Model) -> Result<Option<i64>> {
    let reports: Vec<PlannedReport> = serde_json::from_value(call.reporting_plan.clone())?;
    Ok(reports.iter().map(|report| report.due_after_days).max())
}

/// SHA-256 of a text, as stored with the signatures.
pub fn fingerprint(text: &str) -> String {
    dice::fingerprint(text)
}

/// The text that both sides sign, in Chinese and English. It holds only what was fixed with the offer, nothing of the day.
///
/// # Errors
/// When the database cannot be read.
pub async fn text(db: &impl ConnectionTrait, award: &award::Model) -> Result<String> {
    let kept = agreement_copy::Entity::find().filter(agreement_copy::Column::AwardId.eq(award.id)).one(db).await?;
    match kept {
        // Once one side has signed, the text is what was signed, whatever its parts say today.
        Some(kept) => Ok(kept.text),
        None => drawn_up(db, award).await,
    }
}

/// Keeps the text that is signed first, in the transaction of the signature.
///
/// # Errors
/// When the database refuses.
pub async fn keep(tx: &Tx, award: &award::Model, text: &str) -> Result<()> {
    let kept = agreement_copy::Entity::find().filter(agreement_copy::Column::AwardId.eq(award.id)).one(tx).await?;
    if kept.is_some() {
        return Ok(());
    }
    let copy = agreement_copy::ActiveModel {
        award_id: Set(award.id),
        text: Set(text.to_owned()),
        sha256: Set(fingerprint(text)),
        kept_at: Set(tx.now()),
        ..Default::default()
    };
    agreement_copy::Entity::insert(copy).exec_without_returning(tx).await?;
    Ok(())
}

/// The text from what was fixed with the offer.
async fn drawn_up(db: &impl ConnectionTrait, award: &award::Model) -> Result<String> {
    let foundation = foundation::Entity::find_by_id(1).one(db).await?.ok_or(Error::NotFound)?;
    let bid = application::Entity::find_by_id(award.application_id).one(db).await?.ok_or(Error::NotFound)?;
    let call = call::Entity::find_by_id(award.call_id).one(db).await?.ok_or(Error::NotFound)?;
    let fund = fund::Entity::find_by_id(award.fund_id).one(db).await?.ok_or(Error::NotFound)?;
    let grantee = organisation(db, award.organisation_id).await?;
    let mut lines = vec![
        format!("资助协议 · Grant agreement · {}", award.id),
        format!("资助方 · Grantor: {} · {} · {}", foundation.name_zh, foundation.name_en, foundation.uscc),
        format!("基金 · Fund: {} · {}", fund.name_zh, fund.name_en),
        format!("受资助方 · Grantee: {}", called(&grantee)),
    ];
    if bid.organisation_id != award.organisation_id {
        let group = organisation(db, bid.organisation_id).await?;
        lines.push(format!("承接单位为以下申报方承接 · Host for: {}", called(&group)));
    }
    let money = Money::new(award.amount_minor, award.currency.0);
    let capitals = money.capitals().map(|text| format!(" · 人民币{text}")).unwrap_or_default();
    lines.push(format!("征集公告 · Call: {} · {}", call.title_zh, call.title_en));
    lines.push(format!("项目 · Project: {}", award.title));
    lines.push(format!("资助金额 · Amount: {}{capitals}", money.format("en")));
    lines.push(String::new());
    plan_lines(db, award, &call, &mut lines).await?;
    budget_lines(db, award, &mut lines).await?;
    negative_lines(&call, &mut lines)?;
    let values = [
        ("grantor", [foundation.name_zh.clone(), foundation.name_en.clone()]),
        ("grantee", [grantee.name_zh.clone(), grantee.name_en.clone()]),
        ("fund", [fund.name_zh.clone(), fund.name_en.clone()]),
        ("call", [call.title_zh.clone(), call.title_en.clone()]),
        ("project", [award.title.clone(), award.title.clone()]),
        ("amount", [money.format("zh-CN"), money.format("en")]),
    ];
    terms::append(db, award, &values, &mut lines).await?;
    lines.push("实付金额以资助金额与核定支出中较低者为准。".into());
    lines.push("The foundation pays the lesser of the award and the allowable cost.".into());
    Ok(lines.join("\n"))
}

async fn organisation(db: &impl ConnectionTrait, id: OrganisationId) -> Result<organisation::Model> {
    organisation::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

fn called(row: &organisation::Model) -> String {
    let parts = [row.name_zh.as_str(), row.name_en.as_str(), row.uscc.as_deref().unwrap_or_default()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

async fn plan_lines(
    db: &impl ConnectionTrait,
    award: &award::Model,
    call: &call::Model,
    lines: &mut Vec<String>,
) -> Result<()> {
    let plan: Vec<PlannedTranche> = serde_json::from_value(call.tranche_plan.clone())?;
    let rows = tranche::Entity::find()
        .filter(tranche::Column::AwardId.eq(award.id))
        .order_by_asc(tranche::Column::Ordinal)
        .all(db)
        .await?;
    lines.push(format!("拨款批次 · Tranches ({})", plan.len()));
    for row in rows {
        let gates: Vec<Gate> = serde_json::from_value(row.gates)?;
        let gates: Vec<&str> = gates.iter().copied().map(gate_words).collect();
        let amount = Money::new(row.planned_minor, award.currency.0).format("en");
        lines.push(format!("{}. {amount} · {}", row.ordinal, gates.join("；")));
    }
    let reports: Vec<PlannedReport> = serde_json::from_value(call.reporting_plan.clone())?;
    lines.push(String::new());
    lines.push("报告 · Reports".into());
    for report in reports {
        let name = report_words(&report.kind);
        lines.push(format!("- {name} · 签署后 {0} 日内 · within {0} days", report.due_after_days));
    }
    if let Some(days) = term_days(call)? {
        lines.push(format!("协议期限：自双方签署之日起 {days} 日，可申请变更延长 · Term: {days} days from the second signature; a change request may extend it"));
    }
    lines.push(String::new());
    Ok(())
}

async fn budget_lines(db: &impl ConnectionTrait, award: &award::Model, lines: &mut Vec<String>) -> Result<()> {
    let rows = granted_lines(db, award).await?;
    lines.push("预算 · Budget".into());
    for row in rows {
        let unit = Money::new(row.unit_minor, award.currency.0).format("en");
        lines.push(format!("- {} · {} · {} × {unit}", head_words(&row.head), row.label, row.quantity));
    }
    lines.push(String::new());
    Ok(())
}

fn negative_lines(call: &call::Model, lines: &mut Vec<String>) -> Result<()> {
    let negative: Vec<String> = serde_json::from_value(call.negative_list.clone())?;
    if !negative.is_empty() {
        let named: Vec<String> = negative.iter().map(|code| head_words(code)).collect();
        lines.push(format!("负面清单（不予资助） · Never paid for: {}", named.join("；")));
        lines.push(String::new());
    }
    Ok(())
}

/// The lines of the budget that the grant pays, as the application was decided.
pub(super) async fn granted_lines(db: &impl ConnectionTrait, award: &award::Model) -> Result<Vec<budget_line::Model>> {
    Ok(budget_line::Entity::find()
        .filter(budget_line::Column::ApplicationId.eq(award.application_id))
        .filter(budget_line::Column::Source.eq(BudgetSource::Grant))
        .order_by_asc(budget_line::Column::Position)
        .order_by_asc(budget_line::Column::Id)
        .all(db)
        .await?)
}

/// What a tranche waits for, as both sides read it in what they sign.
const fn gate_words(gate: Gate) -> &'static str {
    match gate {
        Gate::Signature => "双方签署 both sides signed",
        Gate::Consents => "产权单位全部同意 every owner consented",
        Gate::MidTermReport => "中期报告通过 mid-term report accepted",
        Gate::MidTermEvaluation => "中期评估合格 mid-term evaluation passed",
        Gate::FinalReport => "结项报告通过 final report accepted",
    }
}

fn report_words(kind: &str) -> &str {
    match kind {
        "mid_term" => "中期报告 Mid-term report",
        "final" => "结项报告 Final report",
        "progress" => "进展报告 Progress report",
        other => other,
    }
}

/// A head of the budget; calls may name heads of their own.
fn head_words(code: &str) -> String {
    let known = match code {
        "material" => "材料费 material",
        "labour" => "人工费 labour",
        "activity" => "活动费 activities",
        "training" => "培训费 training",
        "publicity" => "宣传费 publicity",
        "transport" => "交通费 transport",
        "management" => "管理费用 running costs",
        "cash" => "向受益人发放现金 cash to beneficiaries",
        "fixed_assets" => "购置固定资产 fixed assets",
        "building" => "土建 building",
        other => return other.replace('_', " "),
    };
    known.to_owned()
}
