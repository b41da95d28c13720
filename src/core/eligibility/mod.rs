//! Eligibility (资格审查): may this applicant apply, and if not, why, and what would mend it?
//!
//! A call's rules are data, fixed before it opens. Each rule is answered on its own from the facts, with its
//! evidence, so the answer never depends on the order of the rules, and the same code answers the applicant
//! who is writing, the officer who checks, and the preview "would leave 19 of 560 organisations eligible".
//! The look-backs are policy, usually 12 months for the abnormal list, 24 for the serious, 36 for others.
//!
//! To add a rule: a variant of [`Rule`], its key in [`Rule::code`] and [`CODES`], and an arm in
//! `Examination::answer` that returns what was seen. Whatever it needs to know is a field of [`Facts`].

mod examination;

#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use examination::Examination;
use serde::{Deserialize, Serialize};

/// Most rules of one call: the page that lists them stays readable.
pub const MAX_RULES: usize = 50;

/// What an organisation is. A residents' group has no legal form of its own and needs a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LegalForm {
    /// 社会团体.
    Association,
    /// 基金会.
    Foundation,
    /// 社会服务机构.
    SocialServiceBody,
    /// 社会企业.
    SocialEnterprise,
    /// 企业.
    Company,
    /// An unregistered group of residents, 居民自组织.
    ResidentGroup,
}

impl LegalForm {
    /// The name used in evidence and files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Association => "association",
            Self::Foundation => "foundation",
            Self::SocialServiceBody => "social-service-body",
            Self::SocialEnterprise => "social-enterprise",
            Self::Company => "company",
            Self::ResidentGroup => "resident-group",
        }
    }
}

/// A list an organisation may be on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CreditList {
    /// 活动异常名录.
    Abnormal,
    /// 严重违法失信名单.
    Serious,
    /// Any other sanction.
    Other,
}

/// Stage of a social enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// 观察.
    Observed,
    /// 初创.
    StartUp,
    /// 种子.
    Seed,
    /// 认证.
    Certified,
    /// Left the register, 退出.
    Exited,
}

impl Stage {
    /// The name used in evidence and files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::StartUp => "start-up",
            Self::Seed => "seed",
            Self::Certified => "certified",
            Self::Exited => "exited",
        }
    }
}

/// One rule of a call, in JSON as `{"rule":"not-on-list","list":"abnormal","look_back_months":12}`.
///
/// Money is minor units of the call's currency, shares are basis points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Rule {
    /// The organisation has one of these forms.
    LegalForm {
        /// Admitted forms.
        any_of: Vec<LegalForm>,
    },
    /// Its Unified Social Credit Code begins with one of these.
    UsccPrefix {
        /// For instance `51`, `52`, `53`.
        any_of: Vec<String>,
    },
    /// A residents' group may apply through a fiscal host that has accepted; the host then answers the rules
    /// about organisations in its place.
    ThroughHost {},
    /// On this list neither today nor within the look-back.
    NotOnList {
        /// Which list.
        list: CreditList,
        /// Months before today in which an entry still counts.
        look_back_months: u32,
    },
    /// Works in one of these areas: an area code admits every code it begins.
    Area {
        /// Area codes, such as `510107`.
        any_of: Vec<String>,
    },
    /// An assessment grade of at least so many A, not expired.
    GradeAtLeast {
        /// 1..=5.
        grade: u8,
    },
    /// A social enterprise at one of these stages.
    StageAny {
        /// Admitted stages.
        any_of: Vec<Stage>,
    },
    /// Asks for no more than this.
    AskAtMost {
        /// Minor units.
        minor: i64,
    },
    /// Self-raised money is at least this share of the whole budget.
    SelfRaisedAtLeast {
        /// Basis points.
        bps: i64,
    },
    /// Grant money is at most this share of the whole budget.
    GrantShareAtMost {
        /// Basis points.
        bps: i64,
    },
    /// No other application in the same category of the call.
    OneApplicationPerCategory {},
    /// No more than so many applications in the call, this one included.
    RepeatLimit {
        /// At least 1.
        at_most: u32,
    },
    /// Not awarded more than so many times within the look-back: a limit for repeat grantees.
    GranteeLimit {
        /// Awards that may stand; 0 for newcomers only.
        at_most: u32,
        /// Months before today in which an award counts.
        look_back_months: u32,
    },
    /// One budget head takes at most this share of the whole budget.
    BudgetHeadLimit {
        /// Head.
        head: String,
        /// Basis points.
        bps: i64,
    },
    /// Nothing is asked for these heads (负面清单), from any source.
    NegativeHeads {
        /// Heads.
        heads: Vec<String>,
    },
}

/// Locale keys of all rules, for the test that every key has its words.
pub const CODES: [&str; 18] = [
    "eligibility-legal-form",
    "eligibility-uscc-prefix",
    "eligibility-through-host",
    "eligibility-not-on-abnormal-list",
    "eligibility-not-on-serious-list",
    "eligibility-not-on-other-list",
    "eligibility-area",
    "eligibility-grade",
    "eligibility-stage",
    "eligibility-ask",
    "eligibility-self-raised",
    "eligibility-grant-share",
    "eligibility-one-per-category",
    "eligibility-repeat",
    "eligibility-grantee",
    "eligibility-budget-head",
    "eligibility-negative-heads",
    BARRED,
];

/// No rule of a call but one of the house: nobody applies while barred after a breach.
pub const BARRED: &str = "eligibility-not-barred";

/// Locale keys of all mends.
pub const MENDS: [&str; 10] = [
    MEND_TRACK,
    MEND_HOST,
    "eligibility-mend-code",
    "eligibility-mend-wait",
    "eligibility-mend-removal",
    "eligibility-mend-grade",
    "eligibility-mend-ask",
    "eligibility-mend-budget",
    "eligibility-mend-withdraw-other",
    MEND_BARRED,
];
/// What ends a ban: its last day.
pub const MEND_BARRED: &str = "eligibility-mend-barred";
const MEND_TRACK: &str = "eligibility-mend-enterprise-track";
const MEND_HOST: &str = "eligibility-mend-name-a-host";

impl Rule {
    /// The locale key of the rule.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::LegalForm { .. } => "eligibility-legal-form",
            Self::UsccPrefix { .. } => "eligibility-uscc-prefix",
            Self::ThroughHost {} => "eligibility-through-host",
            Self::NotOnList { list: CreditList::Abnormal, .. } => "eligibility-not-on-abnormal-list",
            Self::NotOnList { list: CreditList::Serious, .. } => "eligibility-not-on-serious-list",
            Self::NotOnList { list: CreditList::Other, .. } => "eligibility-not-on-other-list",
            Self::Area { .. } => "eligibility-area",
            Self::GradeAtLeast { .. } => "eligibility-grade",
            Self::StageAny { .. } => "eligibility-stage",
            Self::AskAtMost { .. } => "eligibility-ask",
            Self::SelfRaisedAtLeast { .. } => "eligibility-self-raised",
            Self::GrantShareAtMost { .. } => "eligibility-grant-share",
            Self::OneApplicationPerCategory {} => "eligibility-one-per-category",
            Self::RepeatLimit { .. } => "eligibility-repeat",
            Self::GranteeLimit { .. } => "eligibility-grantee",
            Self::BudgetHeadLimit { .. } => "eligibility-budget-head",
            Self::NegativeHeads { .. } => "eligibility-negative-heads",
        }
    }
}

/// What is on record about an organisation, host or applicant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Legal form.
    pub legal_form: LegalForm,
    /// Unified Social Credit Code, if it has one.
    pub uscc: Option<String>,
    /// Area codes it works in.
    pub areas: Vec<String>,
    /// Entries on lists, in any order.
    pub lists: Vec<ListEntry>,
    /// The assessment grade on record.
    pub grade: Option<Grade>,
    /// The stage today, of a social enterprise.
    pub stage: Option<Stage>,
}

/// An entry on a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListEntry {
    /// Which list.
    pub list: CreditList,
    /// First day on it.
    pub from: NaiveDate,
    /// Day of removal, the first day off it; `None` while on it.
    pub until: Option<NaiveDate>,
}

/// An assessment grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grade {
    /// 1A to 5A.
    pub level: u8,
    /// Last day it holds; `None` without an end.
    pub expires: Option<NaiveDate>,
}

/// Who pays a budget line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// What this call is asked for.
    Grant,
    /// 自筹资金.
    SelfRaised,
    /// A partner's money.
    Partner,
    /// Public money, 财政资金.
    Fiscal,
}

/// One line of the budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetLine {
    /// Head, such as `material`.
    pub head: String,
    /// Who pays it.
    pub source: Source,
    /// Minor units.
    pub amount_minor: i64,
}

/// Everything the rules may look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Today in the foundation's zone.
    pub today: NaiveDate,
    /// Who applies.
    pub applicant: Party,
    /// The fiscal host, if one is named.
    pub host: Option<Party>,
    /// Whether the host has accepted.
    pub host_accepted: bool,
    /// What is asked for, in minor units.
    pub ask_minor: i64,
    /// The budget, all sources.
    pub budget: Vec<BudgetLine>,
    /// The applicant's other live applications in the same category.
    pub others_in_category: u32,
    /// Its other live applications in the whole call.
    pub others_in_call: u32,
    /// Days on which it was offered an award that was not declined, in any order.
    pub awarded: Vec<NaiveDate>,
}

/// One rule's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Place of the rule in the call.
    pub rule: usize,
    /// Locale key of the rule.
    pub code: &'static str,
    /// Whether it is met.
    pub ok: bool,
    /// What was seen, as locale arguments in a fixed order. Names that end in `_minor` are minor units.
    pub evidence: Vec<(String, String)>,
    /// Locale key of what would mend it, where something would.
    pub mend: Option<&'static str>,
}

/// Answers every rule, in the order of `rules`.
#[must_use]
pub fn examine(rules: &[Rule], facts: &Facts) -> Vec<Finding> {
    let through_host = rules.contains(&Rule::ThroughHost {});
    let examination = Examination::of(facts, through_host);
    let finding = |(place, rule): (usize, &Rule)| {
        let seen = examination.answer(rule);
        Finding {
            rule: place,
            code: rule.code(),
            ok: seen.ok,
            evidence: seen.evidence,
            mend: if seen.ok { None } else { seen.mend },
        }
    };
    rules.iter().enumerate().map(finding).collect()
}

/// Whether every rule is met.
#[must_use]
pub fn is_eligible(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.ok)
}
