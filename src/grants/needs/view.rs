//! What the templates of needs receive.

use crate::commons::texts::pick;
use chrono::NaiveDate;
use entities::kinds::{ConsentStage, Locale, NeedStage, PartKind};
use entities::need;
use serde::Serialize;

/// One row of the list.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Page of the need.
    pub href: String,
    /// Title in the reader's language.
    pub title: String,
    /// Community.
    pub community: String,
    /// Stage.
    pub stage: NeedStage,
}

/// The list of needs.
#[derive(Debug, Clone, Serialize)]
pub struct List {
    /// Newest first.
    pub rows: Vec<Row>,
    /// Link to the older ones, `""` when there are none.
    pub older_href: String,
    /// Whether the reader may propose.
    pub may_propose: bool,
}

/// A part of the co-building list.
#[derive(Debug, Clone, Serialize)]
pub struct PartRow {
    /// Key.
    pub id: i64,
    /// Kind.
    pub kind: PartKind,
    /// In words.
    pub label: String,
    /// Partner who claimed it, `""` when free.
    pub claimed_by: String,
}

/// An owner's consent, for staff.
#[derive(Debug, Clone, Serialize)]
pub struct ConsentRow {
    /// Key.
    pub id: i64,
    /// Who.
    pub owner: String,
    /// Where it stands.
    pub stage: ConsentStage,
    /// Acts offered.
    pub acts: Vec<&'static str>,
}

/// A choice in a select.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    /// Value sent.
    pub value: String,
    /// Text shown.
    pub label: String,
    /// Chosen now.
    pub selected: bool,
}

/// One need.
#[derive(Debug, Clone, Serialize)]
pub struct Show {
    /// Key.
    pub id: i64,
    /// Title.
    pub title: String,
    /// Summary.
    pub summary: String,
    /// Community.
    pub community: String,
    /// Year first recorded.
    pub since_year: Option<i32>,
    /// Stage.
    pub stage: NeedStage,
    /// Day proposed.
    pub proposed_on: NaiveDate,
    /// Owners who consented; the page shows how many, never who.
    pub consents_given: usize,
    /// Owners asked.
    pub consents_asked: usize,
    /// Parts of the co-building list.
    pub parts: Vec<PartRow>,
    /// Call that answers it, `""` when none.
    pub call_href: String,
    /// Fund that answers it, `""` when none.
    pub fund_href: String,
    /// Acts this reader is offered.
    pub acts: Vec<&'static str>,
    /// Consents by owner; empty unless the reader is an officer.
    pub consents: Vec<ConsentRow>,
    /// Whether the reader is an officer.
    pub officer: bool,
    /// Organisations the reader may claim a part for.
    pub claimants: Vec<Choice>,
}

/// The form that proposes a need.
#[derive(Debug, Clone, Serialize)]
pub struct New {}

impl Row {
    /// A row in the reader's language.
    pub fn of(row: &need::Model, locale: Locale) -> Self {
        Self {
            href: format!("/needs/{}", row.id),
            title: pick(locale, &row.title_zh, &row.title_en),
            community: row.community.clone(),
            stage: row.stage,
        }
    }
}

impl List {
    /// Samples for the test that renders every view.
    pub fn samples() -> Vec<Self> {
        let row = |stage| Row {
            href: "/needs/1".into(),
            title: "航中街外墙".into(),
            community: "锦官新城社区".into(),
            stage,
        };
        vec![
            Self { rows: vec![], older_href: String::new(), may_propose: false },
            Self {
                rows: NeedStage::ALL.iter().map(|stage| row(*stage)).collect(),
                older_href: "/needs?before=1".into(),
                may_propose: true,
            },
        ]
    }
}

impl Show {
    /// Samples for the test that renders every view.
    pub fn samples() -> Vec<Self> {
        let bare = Self {
            id: 1,
            title: "航中街外墙".into(),
            summary: "83 米".into(),
            community: "锦官新城社区".into(),
            since_year: Some(2020),
            stage: NeedStage::Adopted,
            proposed_on: NaiveDate::default(),
            consents_given: 9,
            consents_asked: 9,
            parts: vec![],
            call_href: "/calls/1".into(),
            fund_href: String::new(),
            acts: vec![],
            consents: vec![],
            officer: false,
            claimants: vec![],
        };
        let staff = Self {
            stage: NeedStage::Proposed,
            since_year: None,
            consents_given: 0,
            consents_asked: 0,
            parts: vec![
                PartRow { id: 1, kind: PartKind::Material, label: "涂料".into(), claimed_by: String::new() },
                PartRow { id: 2, kind: PartKind::Money, label: "—".into(), claimed_by: "SO-1".into() },
            ],
            acts: vec!["list", "merge", "decline"],
            consents: vec![ConsentRow {
                id: 1,
                owner: "业主 1".into(),
                stage: ConsentStage::Asked,
                acts: vec!["give", "refuse"],
            }],
            officer: true,
            claimants: vec![Choice { value: "1".into(), label: "SO-1".into(), selected: false }],
            ..bare.clone()
        };
        vec![bare, staff]
    }
}

impl New {
    /// Samples for the test that renders every view.
    pub fn samples() -> Vec<Self> {
        vec![Self {}]
    }
}
