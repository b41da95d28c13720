//! March and April: the call, four applications, five reviewers, and a method that was fixed before anybody scored.

use super::money::Wall;
use super::stage::Stage;
use crate::core::answers::{Answers, FormDefinition};
use crate::core::eligibility::{CreditList, Rule};
use crate::core::plan::{Criterion, Gate, PlannedReport, PlannedTranche};
use crate::error::{Error, Result};
use crate::grants::applications::budget::{Line, Measured, Saved};
use crate::grants::applications::{screening, writing};
use crate::grants::calls::drafting::{self, Drafted};
use crate::grants::calls::service as calls;
use crate::people::permission::Officer;
use entities::kinds::{ApplicationId, AwardKind, BudgetSource, CallId, CallKind, FormVersionId, FundId, ScoringMethod};
use std::collections::BTreeMap;

/// The wall's call with its two eligible bids.
#[derive(Debug, Clone, Copy)]
pub struct Round {
    /// The call.
    pub call: CallId,
    /// SO-1's bid.
    pub first: ApplicationId,
    /// SO-2's bid.
    pub second: ApplicationId,
}

/// The rubric: id, Chinese and English label, weight in points; a value counts one point each.
pub(super) const RUBRIC: [(&str, &str, &str, i64); 6] = [
    ("need", "需求", "Need", 20),
    ("design", "设计与可行性", "Design and feasibility", 25),
    ("participation", "居民参与", "Participation", 15),
    ("team", "团队", "Team", 15),
    ("budget", "预算", "Budget", 15),
    ("sustainability", "可持续性", "Sustainability", 10),
];

/// Opens the call, takes the bids and closes it.
///
/// # Errors
/// When a service refuses what it should do, or does what it should refuse.
pub async fn invite(stage: &Stage, wall: Wall) -> Result<Round> {
    stage.at(2, 23, 9).await?;
    let officer = stage.role::<Officer>("officer-a").await?;
    let form = drafting::form_version(&officer, "背街小巷微更新申报书", questions()?).await?;
    let call = drafting::draft(&officer, wall_call(wall, form)).await?;
    calls::check(&stage.role::<Officer>("officer-b").await?, call).await?;
    stage.at(3, 2, 10).await?;
    let first = bid(stage, call, "so1", "so1-editor", &wall_bid("加固并彩绘航中街外墙", 83, 100_000, "")).await?;
    let second =
        bid(stage, call, "so2", "so2-editor", &wall_bid("航中街外墙排水与绿化", 80, 100_000, "航中街居民互助小组"))
            .await?;
    writing::submit(&stage.signatory("so1-signatory", "so1").await?, first).await?;
    stage.at(3, 10, 10).await?;
    writing::submit(&stage.signatory("so2-signatory", "so2").await?, second).await?;
    for (of, who, code) in [
        ("so3", "so3-signatory", "eligibility-not-on-abnormal-list"),
        ("social-enterprise", "enterprise-signatory", "eligibility-uscc-prefix"),
    ] {
        let refused = bid(stage, call, of, who, &wall_bid("航中街外墙", 50, 100_000, "")).await?;
        match writing::submit(&stage.signatory(who, of).await?, refused).await {
            Err(Error::Refused(why)) if why.iter().any(|violation| violation.code == code) => {}
            other => return Err(Error::Internal(format!("{of} was not refused by {code}: {other:?}"))),
        }
    }
    stage.at(4, 1, 9).await?;
    for application in [first, second] {
        screening::screen(&officer, application, true, Vec::new(), "").await?;
    }
    calls::start_review(&officer, call).await?;
    Ok(Round { call, first, second })
}

/// Starts, fills in and hands over a bid.
///
/// # Errors
/// When a service refuses.
pub(super) async fn bid(stage: &Stage, call: CallId, of: &str, who: &str, saved: &Saved) -> Result<ApplicationId> {
    let editor = stage.editor(who, of).await?;
    let application = writing::start(&editor, call, &saved.title).await?;
    writing::save(&editor, application, 1, saved.clone()).await?;
    writing::hand_over(&editor, application).await?;
    Ok(application)
}

fn wall_call(wall: Wall, form: FormVersionId) -> Drafted {
    Drafted {
        need: Some(wall.need),
        title_zh: "航中街背街小巷微更新".into(),
        title_en: "Back-street micro-renewal of Hangzhong Street".into(),
        summary_zh: "修缮 83 米外墙：加固墙体、疏通排水、整理线缆，并与居民一起让它成为街区的一道风景。".into(),
        summary_en: "Mend 83 metres of outer wall: reinforce it, drain its foot, tidy the cables, and make it a place people like, together with residents.".into(),
        kind: CallKind::Open,
        ..open_call(wall.fund, form)
    }
}

/// A call with the worked example's rules; others change what differs.
pub(super) fn open_call(fund: FundId, form_version: FormVersionId) -> Drafted {
    let tranche = |share_bps, gates: &[Gate]| PlannedTranche { share_bps, gates: gates.to_vec() };
    Drafted {
        programme: None,
        fund,
        need: None,
        kind: CallKind::Micro,
        category: String::new(),
        award_kind: AwardKind::Project,
        round: String::new(),
        concept: None,
        sealed: false,
        title_zh: String::new(),
        title_en: String::new(),
        summary_zh: String::new(),
        summary_en: String::new(),
        cap_minor: 9_000_000,
        envelope_minor: 10_000_000,
        area: "武侯区 Wuhou".into(),
        eligibility: vec![
            Rule::UsccPrefix { any_of: vec!["51".into(), "52".into(), "53".into()] },
            Rule::ThroughHost {},
            Rule::NotOnList { list: CreditList::Abnormal, look_back_months: 12 },
            Rule::NotOnList { list: CreditList::Serious, look_back_months: 24 },
            Rule::Area { any_of: vec!["武侯区 Wuhou".into()] },
            Rule::NegativeHeads { heads: vec!["cash".into()] },
        ],
        rubric: rubric(),
        method: ScoringMethod::TrimmedMean,
        blind: true,
        named_after_review: false,
        reviews_required: 5,
        budget_heads: ["material", "labour", "activity"].map(String::from).into(),
        negative_list: vec!["cash".into()],
        tranche_plan: vec![
            tranche(5_000, &[Gate::Signature, Gate::Consents]),
            tranche(4_000, &[Gate::MidTermReport, Gate::MidTermEvaluation]),
            tranche(1_000, &[Gate::FinalReport]),
        ],
        reporting_plan: vec![
            PlannedReport { kind: "mid_term".into(), due_after_days: 60 },
            PlannedReport { kind: "final".into(), due_after_days: 150 },
        ],
        form_version,
        report_form: None,
        evaluation_form: None,
        notice_days: 5,
        appeal_days: 5,
        host_allowed: true,
        opens_at: super::moment(3, 2, 9),
        closes_at: super::moment(3, 31, 18),
    }
}

fn rubric() -> Vec<Criterion> {
    RUBRIC
        .iter()
        .map(|(id, zh, en, points)| Criterion {
            id: (*id).into(),
            label_zh: (*zh).into(),
            label_en: (*en).into(),
            weight: points * 100,
            max: *points,
            comment_required: false,
        })
        .collect()
}

/// The questions of the form: why, how, and since when the group works there.
pub(super) fn questions() -> Result<FormDefinition> {
    Ok(serde_json::from_value(serde_json::json!({
        "version": 1,
        "sections": [{
            "id": "project",
            "title": { "en": "The project", "zh": "项目" },
            "questions": [
                { "id": "why", "label": { "en": "Why is it needed?", "zh": "为什么需要？" }, "kind": { "type": "long-text", "max": 2000 }, "required": true },
                { "id": "residents", "label": { "en": "How do residents take part?", "zh": "居民如何参与？" }, "kind": { "type": "long-text", "max": 2000 }, "required": true },
                { "id": "weeks", "label": { "en": "How many weeks will it take?", "zh": "需要多少周？" }, "kind": { "type": "number", "min": 1, "max": 52 }, "required": true }
            ]
        }]
    }))?)
}

/// A bid for so many metres at a price each; with a child project where named.
pub(super) fn wall_bid(title: &str, metres: i32, unit_minor: i64, child: &str) -> Saved {
    let answers: BTreeMap<String, serde_json::Value> = [
        ("why", serde_json::json!("墙面不平、雨季积水、线缆散落，行人和住户都不安全。")),
        ("residents", serde_json::json!("四个周末，居民与业主一起设计、粉刷和彩绘。")),
        ("weeks", serde_json::json!(20)),
    ]
    .map(|(question, answer)| (question.to_owned(), answer))
    .into();
    let line = |head: &str, label: &str, quantity| Line {
        head: head.into(),
        label: label.into(),
        quantity,
        unit_minor,
        source: BudgetSource::Grant,
    };
    let material = metres * 2 / 5;
    Saved {
        title: title.into(),
        summary: "加固外墙、沿墙脚做排水、归整线缆，并请居民一起彩绘。".into(),
        site: "锦官新城社区航中街".into(),
        team: "项目负责人、工程顾问、社区协调员各一名".into(),
        child_name: child.into(),
        child_summary: if child.is_empty() {
            String::new()
        } else {
            "组织住户参与施工监督与周末彩绘。".into()
        },
        answers: Answers(answers),
        lines: vec![line("material", "墙体与排水材料", material), line("labour", "施工与电工", metres - material)],
        indicators: vec![
            Measured { name: "修缮外墙长度".into(), unit: "米".into(), baseline: 0, target: metres },
            Measured { name: "参与居民".into(), unit: "人".into(), baseline: 0, target: 60 },
        ],
    }
}

/// The values of a review that add up to so many points: what is missing is taken from the criteria by turns.
pub(super) fn values(points: i64) -> Vec<(String, Option<i64>, String)> {
    let mut left: Vec<i64> = RUBRIC.iter().map(|(_, _, _, most)| *most).collect();
    let mut missing = 100 - points;
    while missing > 0 {
        for value in &mut left {
            if missing > 0 && *value > 0 {
                *value -= 1;
                missing -= 1;
            }
        }
    }
    RUBRIC.iter().zip(left).map(|((id, ..), value)| ((*id).to_owned(), Some(value), String::new())).collect()
}
