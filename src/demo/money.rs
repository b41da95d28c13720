//! January and February: the need, the nine consents, the fund, and every gift of the worked example.

use super::figures::Figures;
use super::stage::Stage;
use crate::error::{Error, Result};
use crate::grants::committees::service::seats::{self, Appointment};
use crate::grants::funds::service as funds;
use crate::grants::funds::service::budgets::{self, Budget};
use crate::grants::funds::service::pools::Pool;
use crate::grants::gifts::service::imports;
use crate::grants::gifts::service::in_kind::{self, Offer};
use crate::grants::gifts::service::pledges::{self, Promise};
use crate::grants::gifts::service::receipts::{self, Receipt};
use crate::grants::needs::service as needs;
use crate::ledger::balances;
use crate::people::permission::{Administrator, Approver, Finance, Officer};
use crate::people::roles;
use chrono::NaiveDate;
use entities::gift;
use entities::kinds::{
    Anonymity, BudgetHead, Currency, FundId, FundKind, FundraisingMode, GiftKind, GiftStage, NeedId, PartKind,
    SeatPart, SpendingType,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// The wall and the fund that mends it.
#[derive(Debug, Clone, Copy)]
pub struct Wall {
    /// The need.
    pub need: NeedId,
    /// The fund.
    pub fund: FundId,
}

/// The wall's outline on every page; the owners stay unnamed.
const WALL_ZH: &str = "航中街 83 米长的外墙年久失修：墙面不平、雨季积水、线缆散落。沿街九家业主单位多年未能达成一致。";
const WALL_EN: &str = "The 83-metre outer wall of Hangzhong Street is worn: uneven surface, standing water in the rainy season, loose cables. \
    Nine owner units along it could not agree for years.";

/// Tells of the wall, opens its fund and sets the match aside.
///
/// # Errors
/// When a service refuses.
pub async fn open(stage: &mut Stage) -> Result<Wall> {
    let need = tell_of_the_wall(stage).await?;
    capital(stage).await?;
    let fund = open_fund(stage).await?;
    set_aside_the_match(stage, fund).await?;
    Ok(Wall { need, fund })
}

/// Raises the money.
///
/// # Errors
/// When a service refuses.
pub async fn raise(stage: &Stage, wall: Wall, figures: &mut Figures) -> Result<()> {
    let fund = wall.fund;
    gifts_of_owners(stage, wall).await?;
    platform_file(stage, wall).await?;
    let db = stage.edges.db.read();
    figures.cash = balances::flow(db, fund).await?.received_minor;
    let given = |kind, at| {
        gift::Entity::find()
            .filter(gift::Column::FundId.eq(fund))
            .filter(gift::Column::Kind.eq(kind))
            .filter(gift::Column::Stage.eq(at))
    };
    figures.in_kind =
        given(GiftKind::InKind, GiftStage::Accepted).all(db).await?.iter().map(|row| row.amount_minor).sum();
    let pledged = gift::Entity::find()
        .filter(gift::Column::FundId.eq(fund))
        .filter(gift::Column::Stage.is_in([GiftStage::Pledged, GiftStage::Processing]));
    figures.pledged = pledged.all(db).await?.iter().map(|row| row.amount_minor).sum();
    Ok(())
}

async fn tell_of_the_wall(stage: &Stage) -> Result<NeedId> {
    stage.at(1, 7, 9).await?;
    let told = needs::Told {
        title_zh: "航中街外墙修缮".into(),
        title_en: "The wall of Hangzhong Street".into(),
        summary_zh: WALL_ZH.into(),
        summary_en: WALL_EN.into(),
        community: "锦官新城社区".into(),
        area: "武侯区 Wuhou".into(),
        since_year: Some(2020),
        consents_required: true,
    };
    let need = needs::propose(&stage.acting("resident").await?.signed_in()?, told).await?;
    let officer = stage.role::<Officer>("officer-a").await?;
    needs::list(&officer, need).await?;
    for (kind, label) in [
        (PartKind::Money, "修缮资金 · money for the works"),
        (PartKind::Material, "墙面涂料 · paint"),
        (PartKind::Labour, "周末共绘 · painting weekends"),
        (PartKind::Permission, "九家业主同意 · consent of nine owners"),
    ] {
        needs::add_part(&officer, need, kind, label, None).await?;
    }
    for place in 1..=9 {
        let owner = stage.organisation(&format!("owner{place}"))?;
        let consent = needs::ask_owner(&officer, need, &format!("业主单位 {place}"), Some(owner)).await?;
        needs::record_consent(&officer, need, consent, "give", "盖章同意书 · stamped letter of consent").await?;
    }
    Ok(need)
}

async fn capital(stage: &Stage) -> Result<()> {
    stage.at(1, 8, 9).await?;
    let finance = stage.role::<Finance>("finance").await?;
    funds::pools::record_capital(&finance, 200_000_000, Currency::CNY, day(1, 8), "B-2026-0001").await?;
    funds::pools::confirm_capital(&stage.role::<Approver>("approver-a").await?).await
}

/// The committee of the fund.
pub(super) const COMMITTEE: [&str; 5] = ["committee-1", "committee-2", "committee-3", "committee-4", "committee-5"];

async fn open_fund(stage: &mut Stage) -> Result<FundId> {
    stage.at(1, 9, 9).await?;
    let initiator = stage.signatory("founder-signatory", "founder").await?;
    let fund = funds::draft(&initiator, wall_fund()).await?;
    funds::submit(&initiator, fund).await?;
    stage.at(1, 12, 9).await?;
    let administrator = stage.role::<Administrator>("administrator-a").await?;
    funds::decide(&administrator, fund, true, "理事会纪要 2026-01 号", "").await?;
    funds::agreement::sign_as_initiator(&initiator, fund, &initiator.actor.name).await?;
    funds::agreement::sign_for_foundation(&administrator, fund).await?;
    seat_the_committee(stage, fund).await?;
    let planned = Budget {
        year: 2026,
        lines: vec![
            (BudgetHead::Gifts, 7_000_000),
            (BudgetHead::Matching, 3_000_000),
            (BudgetHead::Grants, 9_000_000),
            (BudgetHead::Fee, 90_000),
        ],
    };
    budgets::propose(&initiator, fund, planned).await?;
    budgets::confirm(&stage.role::<Officer>("officer-a").await?, fund).await?;
    Ok(fund)
}

/// Five members, the first in the chair; the foundation's supervisor watches.
async fn seat_the_committee(stage: &Stage, fund: FundId) -> Result<()> {
    let administrator = stage.role::<Administrator>("administrator-a").await?;
    let another = stage.role::<Administrator>("administrator-b").await?;
    for (place, member) in COMMITTEE.into_iter().enumerate() {
        let asked = Appointment {
            person: stage.person(member)?,
            part: if place == 0 { SeatPart::Chair } else { SeatPart::Member },
            organisation: None,
            ends_on: day(12, 31),
        };
        let grant = seats::appoint(&administrator, fund, asked).await?;
        roles::confirm(&another, grant).await?;
    }
    Ok(())
}

fn wall_fund() -> funds::Drafted {
    funds::Drafted {
        name_zh: "锦官新城社区微基金".into(),
        name_en: "Jinguan Xincheng community micro-fund".into(),
        purpose_zh: "背街小巷微更新：社区提出，管委会五人决定，监察人监督。".into(),
        purpose_en: "Back-street micro-renewal, proposed by the community, decided by a committee of five, watched by a supervisor.".into(),
        kind: FundKind::Micro,
        community: "锦官新城社区".into(),
        area: "武侯区 Wuhou".into(),
        currency: Currency::CNY,
        opening_minimum_minor: 4_500_000,
        fee_bps: 100,
        bears_processor_fee: false,
        mode: FundraisingMode::Targeted,
        qualification_number: String::new(),
        filing_number: String::new(),
        spending: SpendingType::Expendable,
        residue_rule: "用于本社区同类公益项目，并在三个月内公布。".into(),
        committee_size: 5,
        terms: funds::Terms { needs_resolution: true, ..funds::Terms::default() },
    }
}

async fn set_aside_the_match(stage: &Stage, fund: FundId) -> Result<()> {
    stage.at(1, 13, 9).await?;
    let pool = Pool {
        name_zh: "社区发展基金会一比一配捐".into(),
        name_en: "Match by the foundation, one to one".into(),
        fund,
        ratio_bps: 10_000,
        cap_per_gift_minor: None,
        cap_total_minor: 3_000_000,
        opens_on: day(1, 13),
        closes_on: day(6, 30),
    };
    let pool = funds::pools::propose_pool(&stage.role::<Finance>("finance").await?, pool).await?;
    funds::pools::confirm_pool(&stage.role::<Approver>("approver-a").await?, pool).await
}

/// Owners 1–6 and 9 by bank transfer, 7 in kind, 8 a pledge.
async fn gifts_of_owners(stage: &Stage, wall: Wall) -> Result<()> {
    for place in 1..=6 {
        stage.at(1, 13 + place, 10).await?;
        let line = format!("B-2026-01{place:02}");
        let name = format!("业主单位 {place}");
        bank_gift(
            stage,
            wall,
            &format!("owner{place}"),
            &name,
            1_000_000,
            Anonymity::Named,
            None,
            &line,
            day(1, 13 + place),
        )
        .await?;
    }
    stage.at(1, 21, 10).await?;
    paint(stage, wall).await?;
    let promise = Promise {
        fund: wall.fund,
        amount_minor: 1_000_000,
        currency: Currency::CNY,
        due_on: day(12, 15),
        anonymity: Anonymity::Named,
        receipt_wanted: true,
        restriction: None,
    };
    pledges::pledge(&stage.signatory("owner8-signatory", "owner8").await?, promise).await?;
    stage.at(1, 22, 10).await?;
    bank_gift(
        stage,
        wall,
        "owner9",
        "业主单位 9",
        500_000,
        Anonymity::Withheld,
        Some(wall.need),
        "B-2026-0109",
        day(1, 22),
    )
    .await
}

#[allow(clippy::too_many_arguments, reason = "a row of the worked example")]
async fn bank_gift(
    stage: &Stage,
    wall: Wall,
    donor: &str,
    name: &str,
    amount_minor: i64,
    anonymity: Anonymity,
    restriction: Option<NeedId>,
    line: &str,
    on: NaiveDate,
) -> Result<()> {
    let slip = stage.paper("finance", "slip.txt", &format!("银行回单 {line} ¥{}.00", amount_minor / 100)).await?;
    let receipt = Receipt {
        fund: wall.fund,
        donor_organisation: Some(stage.organisation(donor)?),
        donor_person: None,
        donor_name: name.into(),
        anonymity,
        receipt_wanted: anonymity == Anonymity::Named,
        amount_minor,
        currency: Currency::CNY,
        restriction,
        received_on: on,
        bank_line: line.into(),
        pledge: None,
        slip: Some(slip),
    };
    let gift = receipts::record_receipt(&stage.role::<Finance>("finance").await?, receipt).await?;
    receipts::confirm_receipt(&stage.role::<Approver>("approver-a").await?, gift).await
}

async fn paint(stage: &Stage, wall: Wall) -> Result<()> {
    let document = stage.paper("finance", "invoice.txt", "发票：外墙涂料 ¥8,000.00").await?;
    let offer = Offer {
        fund: wall.fund,
        donor_organisation: Some(stage.organisation("owner7")?),
        donor_person: None,
        donor_name: "业主单位 7".into(),
        anonymity: Anonymity::Named,
        receipt_wanted: true,
        description: "外墙涂料 · paint for the wall".into(),
        amount_minor: 800_000,
        currency: Currency::CNY,
        valuation_basis: "发票 · invoice".into(),
        document: Some(document),
        restriction: None,
    };
    let gift = in_kind::offer_in_kind(&stage.role::<Finance>("finance").await?, offer).await?;
    in_kind::accept_in_kind(&stage.role::<Approver>("approver-a").await?, gift).await
}

/// The platform's file: refused before the filing number is on record, then applied by two.
async fn platform_file(stage: &Stage, wall: Wall) -> Result<()> {
    stage.at(2, 2, 10).await?;
    let mut file = String::from("捐赠人,金额,日期,备注\n");
    for row in 1..=28 {
        file.push_str(&format!("居民 {row},120.00,2026-01-{:02},航中街外墙\n", 1 + row));
    }
    let finance = stage.role::<Finance>("finance").await?;
    let propose = || {
        imports::propose_import(
            &finance,
            wall.fund,
            "settlement-2026-01.csv",
            file.as_bytes(),
            "B-2026-0201",
            day(2, 2),
            Some(wall.need),
        )
    };
    match propose().await {
        Err(error) if error.code() == "refused-gift-no-filing" => {}
        other => return Err(Error::Internal(format!("the file without a filing number: {other:?}"))),
    }
    funds::amend_filing(
        &stage.role::<Administrator>("administrator-b").await?,
        wall.fund,
        "GM-2026-001",
        "BA-2026-0117",
    )
    .await?;
    let import = propose().await?;
    imports::apply_import(&stage.role::<Approver>("approver-b").await?, import).await
}

pub(super) fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap_or_default()
}
