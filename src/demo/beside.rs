//! Beside the wall: other funds and calls that stand half-way in October, so that every desk has something to do.

use super::bids::{bid, open_call, questions, wall_bid};
use super::money::day;
use super::neighbours;
use super::stage::Stage;
use crate::desk::holds::{self, Held};
use crate::error::{Error, Result};
use crate::grants::applications::{screening, writing};
use crate::grants::calls::drafting::{self, Drafted};
use crate::grants::calls::service as calls;
use crate::grants::funds::service as funds;
use crate::grants::gifts::service::receipts::{self, Receipt};
use crate::grants::needs::service as needs;
use crate::grants::pledges::rules::evenly;
use crate::grants::pledges::service::profits::Declared;
use crate::grants::pledges::service::{self as pledges, Share, Terms};
use crate::grants::reviews::service as reviews;
use crate::people::permission::{Administrator, Approver, Finance, Officer, Supervisor};
use crate::people::roles;
use entities::kinds::{
    Anonymity, ApplicationId, CallId, CallKind, Currency, FundId, FundKind, FundraisingMode, Role, Scope, SpendingType,
};

/// Sets the other scenes.
///
/// # Errors
/// When a service refuses what it should do, or does what it should refuse.
pub async fn stand(stage: &mut Stage) -> Result<()> {
    let fund = wangping(stage).await?;
    let (micro, round) = two_calls(stage, fund).await?;
    let small = neighbours::invite(stage, fund).await?;
    stage.at(10, 13, 10).await?;
    let asked = neighbours::answer(stage, small).await?;
    neighbours::decide(stage, small, asked).await?;
    bid(stage, micro, "so2", "so2-editor", &wall_bid("万年埠邻里食堂", 10, 100_000, "")).await?;
    writing::start(&stage.editor("so1-editor", "so1").await?, micro, "万年埠河岸清洁日").await?;
    let bids = [
        bid(stage, round, "so1", "so1-editor", &wall_bid("社区治理学堂", 60, 100_000, "")).await?,
        bid(stage, round, "so2", "so2-editor", &wall_bid("楼栋议事会", 45, 100_000, "")).await?,
    ];
    writing::submit(&stage.signatory("so1-signatory", "so1").await?, bids[0]).await?;
    writing::submit(&stage.signatory("so2-signatory", "so2").await?, bids[1]).await?;
    review_half_way(stage, round, bids).await?;
    neighbours::begin(stage, small).await?;
    what_waits(stage, fund).await
}

/// A targeted fund of Wangping, opened by a resident enterprise; a gift from nobody we know is refused.
async fn wangping(stage: &Stage) -> Result<FundId> {
    stage.at(10, 12, 14).await?;
    let initiator = stage.signatory("donor-signatory", "owner1").await?;
    let fund = funds::draft(&initiator, targeted("望平社区公益微基金", "Wangping community micro-fund")).await?;
    funds::submit(&initiator, fund).await?;
    let administrator = stage.role::<Administrator>("administrator-b").await?;
    funds::decide(&administrator, fund, true, "理事会纪要 2026-07 号", "").await?;
    funds::agreement::sign_as_initiator(&initiator, fund, &initiator.actor.name).await?;
    funds::agreement::sign_for_foundation(&administrator, fund).await?;
    let finance = stage.role::<Finance>("finance").await?;
    let unknown = Receipt { donor_organisation: None, ..receipt(stage, fund, "B-2026-1001", 50_000)? };
    match receipts::record_receipt(&finance, unknown).await {
        Err(error) if error.code() == "refused-gift-targeted" => {}
        other => return Err(Error::Internal(format!("a gift from a public link to a targeted fund: {other:?}"))),
    }
    let gift = receipts::record_receipt(&finance, receipt(stage, fund, "B-2026-1002", 20_000_000)?).await?;
    receipts::confirm_receipt(&stage.role::<Approver>("approver-a").await?, gift).await?;
    promises(stage, fund).await?;
    Ok(fund)
}

/// The enterprise promises more than it gives today: sixty thousand by the quarter, and three per cent of each year's profit,
/// of which everybody may read what it declared.
async fn promises(stage: &Stage, fund: FundId) -> Result<()> {
    let by = stage.signatory("donor-signatory", "owner1").await?;
    let terms = |agreement: &str| Terms {
        fund,
        currency: Currency::CNY,
        anonymity: Anonymity::Named,
        receipt_wanted: true,
        restriction: None,
        agreement: agreement.into(),
    };
    let parts = evenly(6_000_000, 4, day(11, 30), 3).unwrap_or_default();
    pledges::promise_sum(&by, terms("认捐协议 2026-03"), 6_000_000, parts).await?;
    let share =
        Share { share_bps: 300, due_month: 11, due_day: 30, first_year: 2025, last_year: 2027, figures_public: true };
    let plan = pledges::promise_share(&by, terms("利润回馈协议 2026-01"), share).await?;
    let declared = Declared { year: 2025, profit_minor: 120_000_000, note: String::new() };
    pledges::profits::declare(&by, plan, declared).await
}

fn targeted(name_zh: &str, name_en: &str) -> funds::Drafted {
    funds::Drafted {
        name_zh: name_zh.into(),
        name_en: name_en.into(),
        purpose_zh: "由驻区企业发起，资助望平社区的邻里项目。".into(),
        purpose_en: "Opened by a resident enterprise for neighbourhood projects of Wangping.".into(),
        kind: FundKind::Micro,
        community: "望平社区".into(),
        area: "武侯区 Wuhou".into(),
        currency: Currency::CNY,
        opening_minimum_minor: 5_000_000,
        fee_bps: 100,
        bears_processor_fee: false,
        mode: FundraisingMode::Targeted,
        qualification_number: String::new(),
        filing_number: String::new(),
        spending: SpendingType::Expendable,
        residue_rule: "用于望平社区同类公益项目。".into(),
        committee_size: 5,
        terms: funds::Terms::default(),
    }
}

fn receipt(stage: &Stage, fund: FundId, line: &str, amount_minor: i64) -> Result<Receipt> {
    Ok(Receipt {
        fund,
        donor_organisation: Some(stage.organisation("owner1")?),
        donor_person: None,
        donor_name: "业主单位 1".into(),
        anonymity: Anonymity::Named,
        receipt_wanted: true,
        amount_minor,
        currency: Currency::CNY,
        restriction: None,
        received_on: day(10, 12),
        bank_line: line.into(),
        pledge: None,
        slip: None,
    })
}

/// The micro-round of Wannianbu, open until the end of November, and a category of the Baohe round, soon closed.
async fn two_calls(stage: &Stage, fund: FundId) -> Result<(CallId, CallId)> {
    let officer = stage.role::<Officer>("officer-b").await?;
    let form = drafting::form_version(&officer, "微创投简表", questions()?).await?;
    let micro = Drafted {
        title_zh: "万年埠街道公益微创投".into(),
        title_en: "Micro-round of Wannianbu sub-district".into(),
        summary_zh: "小而快的邻里项目，每项不超过一万五千元。".into(),
        summary_en: "Small, quick neighbourhood projects, at most ¥15,000 each.".into(),
        cap_minor: 1_500_000,
        envelope_minor: 6_000_000,
        reviews_required: 2,
        opens_at: super::moment(10, 13, 9),
        closes_at: super::moment(11, 30, 18),
        ..open_call(fund, form)
    };
    let round = Drafted {
        kind: CallKind::Venture,
        category: "社区治理类".into(),
        title_zh: "包河公益创投·社区治理类".into(),
        title_en: "Baohe venture philanthropy: community governance".into(),
        summary_zh: "支持社会组织参与社区治理，六个类别之一。".into(),
        summary_en: "Social organisations in community governance, one of six categories.".into(),
        reviews_required: 2,
        opens_at: super::moment(10, 13, 9),
        closes_at: super::moment(10, 20, 18),
        ..open_call(fund, form)
    };
    let micro = drafting::draft(&officer, micro).await?;
    let round = drafting::draft(&officer, round).await?;
    let checker = stage.role::<Officer>("officer-a").await?;
    calls::check(&checker, micro).await?;
    calls::check(&checker, round).await?;
    Ok((micro, round))
}

/// Screened, assigned to three reviewers; one has scored.
async fn review_half_way(stage: &Stage, round: CallId, bids: [ApplicationId; 2]) -> Result<()> {
    stage.at(10, 21, 9).await?;
    let officer = stage.role::<Officer>("officer-a").await?;
    for application in bids {
        screening::screen(&officer, application, true, Vec::new(), "").await?;
    }
    calls::start_review(&officer, round).await?;
    for reviewer in ["reviewer-1", "reviewer-2", "reviewer-3"] {
        for application in bids {
            let review = reviews::assign(&officer, application, stage.person(reviewer)?).await?;
            if reviewer != "reviewer-3" {
                reviews::accept(&reviews::load_mine(&stage.acting(reviewer).await?, review).await?, true).await?;
            }
        }
    }
    Ok(())
}

/// A receipt to confirm, a role to confirm, a fund to decide, a need to list.
async fn what_waits(stage: &Stage, fund: FundId) -> Result<()> {
    stage.at(10, 28, 9).await?;
    receipts::record_receipt(&stage.role::<Finance>("finance").await?, receipt(stage, fund, "B-2026-1003", 2_000_000)?)
        .await?;
    let administrator = stage.role::<Administrator>("administrator-a").await?;
    roles::propose(&administrator, stage.person("resident")?, Role::CommitteeMember, Scope::Fund, Some(fund.0), None)
        .await?;
    let initiator = stage.signatory("founder-signatory", "founder").await?;
    let drafted = funds::draft(&initiator, targeted("黉门宜邻微基金", "Hongmen good-neighbour micro-fund")).await?;
    funds::submit(&initiator, drafted).await?;
    let supervisor = stage.role::<Supervisor>("supervisor").await?;
    holds::put_as_supervisor(&supervisor, Held::Fund(drafted), "请说明发起单位与其他基金受助方有无关联。").await?;
    let told = needs::Told {
        title_zh: "老旧楼道夜间照明".into(),
        title_en: "Light in old stairwells".into(),
        summary_zh: "楼道灯多年失修，老人夜间出行不便。".into(),
        summary_en: "The stairwell lights have failed for years; the elderly cannot go out at night.".into(),
        community: "望平社区".into(),
        area: "武侯区 Wuhou".into(),
        ..needs::Told::default()
    };
    needs::propose(&stage.acting("council-member").await?.signed_in()?, told).await.map(|_| ())
}
