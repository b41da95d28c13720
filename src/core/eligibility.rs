//! Eligibility (资格审查): may this applicant apply, and if not, why, and what would mend it?
//!
//! A call's rules are data, fixed before it opens. Each rule is answered on its own from the facts, with its
//! evidence, so the answer never depends on the order of the rules, and the same code answers the applicant
//! who is writing, the officer who checks, and the preview "would leave 19 of 560 organisations eligible".
//! The look-backs are policy, usually 12 months for the abnormal list, 24 for the serious, 36 for others.
//!
//! To add a rule: a variant of [`Rule`], its key in [`Rule::code`] and [`CODES`], and an arm in
//! `Examination::answer` that returns what was seen. Whatever it needs to know is a field of [`Facts`].

use crate::core::money::WHOLE_BPS;
use chrono::{Months, NaiveDate};
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
pub const CODES: [&str; 16] = [
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
    "eligibility-budget-head",
    "eligibility-negative-heads",
];

/// Locale keys of all mends.
pub const MENDS: [&str; 9] = [
    MEND_TRACK,
    MEND_HOST,
    "eligibility-mend-code",
    "eligibility-mend-wait",
    "eligibility-mend-removal",
    "eligibility-mend-grade",
    "eligibility-mend-ask",
    "eligibility-mend-budget",
    "eligibility-mend-withdraw-other",
];
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

struct Seen {
    ok: bool,
    evidence: Vec<(String, String)>,
    mend: Option<&'static str>,
}

fn seen<const N: usize>(ok: bool, evidence: [(&str, String); N], mend: Option<&'static str>) -> Seen {
    let evidence = evidence.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Seen { ok, evidence, mend }
}

/// The facts, and who answers the rules about organisations.
struct Examination<'a> {
    facts: &'a Facts,
    party: &'a Party,
    needs_host: bool,
}

impl<'a> Examination<'a> {
    fn of(facts: &'a Facts, through_host: bool) -> Self {
        let needs_host = facts.applicant.legal_form == LegalForm::ResidentGroup;
        let stands_in = facts.host.as_ref().filter(|_| through_host && needs_host && facts.host_accepted);
        Self { facts, party: stands_in.unwrap_or(&facts.applicant), needs_host }
    }

    fn answer(&self, rule: &Rule) -> Seen {
        match rule {
            Rule::LegalForm { any_of } => self.legal_form(any_of),
            Rule::UsccPrefix { any_of } => self.uscc_prefix(any_of),
            Rule::ThroughHost {} => self.through_host(),
            Rule::NotOnList { list, look_back_months } => self.not_on_list(*list, *look_back_months),
            Rule::Area { any_of } => self.area(any_of),
            Rule::GradeAtLeast { grade } => self.grade(*grade),
            Rule::StageAny { any_of } => self.stage(any_of),
            Rule::AskAtMost { minor } => self.ask(*minor),
            Rule::SelfRaisedAtLeast { bps } => self.self_raised(*bps),
            Rule::GrantShareAtMost { bps } => self.grant_share(*bps),
            Rule::OneApplicationPerCategory {} => repeats(self.facts.others_in_category, 1),
            Rule::RepeatLimit { at_most } => repeats(self.facts.others_in_call, *at_most),
            Rule::BudgetHeadLimit { head, bps } => self.budget_head(head, *bps),
            Rule::NegativeHeads { heads } => self.negative_heads(heads),
        }
    }

    fn legal_form(&self, any_of: &[LegalForm]) -> Seen {
        let ok = any_of.contains(&self.party.legal_form);
        seen(ok, [("form", self.party.legal_form.name().to_owned())], self.mend_of_form())
    }

    /// A social enterprise has its own track; a residents' group finds a host.
    fn mend_of_form(&self) -> Option<&'static str> {
        let applicant = &self.facts.applicant;
        if applicant.legal_form == LegalForm::SocialEnterprise || applicant.stage.is_some() {
            return Some(MEND_TRACK);
        }
        self.needs_host.then_some(MEND_HOST)
    }

    fn uscc_prefix(&self, any_of: &[String]) -> Seen {
        let code = self.party.uscc.as_deref().unwrap_or_default();
        let ok = any_of.iter().any(|prefix| !prefix.is_empty() && code.starts_with(prefix.as_str()));
        let mend = self.mend_of_form().or(code.is_empty().then_some("eligibility-mend-code"));
        let prefix: String = code.chars().take(2).collect();
        seen(ok, [("prefix", prefix)], mend)
    }

    fn through_host(&self) -> Seen {
        let named = self.facts.host.is_some();
        let ok = !self.needs_host || (named && self.facts.host_accepted);
        let state = match (self.needs_host, named, self.facts.host_accepted) {
            (false, _, _) => "not-needed",
            (true, false, _) => "none",
            (true, true, false) => "asked",
            (true, true, true) => "accepted",
        };
        seen(ok, [("host", state.to_owned())], Some(MEND_HOST))
    }

    /// The entry that weighs longest is the evidence, so the order of entries does not show.
    fn not_on_list(&self, list: CreditList, look_back_months: u32) -> Seen {
        let today = self.facts.today;
        let since = today.checked_sub_months(Months::new(look_back_months)).unwrap_or(NaiveDate::MIN);
        let counts = |entry: &&ListEntry| {
            let ended = entry.until.is_some_and(|until| until <= since);
            entry.list == list && entry.from <= today && !ended
        };
        let hit = self
            .party
            .lists
            .iter()
            .filter(counts)
            .max_by_key(|entry| (entry.until.unwrap_or(NaiveDate::MAX), entry.from));
        let Some(entry) = hit else {
            return seen(true, [("since", since.to_string())], None);
        };
        let still_on = entry.until.is_none_or(|until| until > today);
        let mend = if still_on { "eligibility-mend-removal" } else { "eligibility-mend-wait" };
        let until = entry.until.map(|until| until.to_string()).unwrap_or_default();
        let evidence = [("since", since.to_string()), ("from", entry.from.to_string()), ("until", until)];
        seen(false, evidence, Some(mend))
    }

    fn area(&self, any_of: &[String]) -> Seen {
        let admitted = |area: &&String| any_of.iter().any(|code| !code.is_empty() && area.starts_with(code.as_str()));
        let found = self.party.areas.iter().filter(admitted).min();
        let mut all = self.party.areas.clone();
        all.sort_unstable();
        let area = found.cloned().unwrap_or_else(|| all.join(", "));
        seen(found.is_some(), [("area", area)], None)
    }

    fn grade(&self, least: u8) -> Seen {
        let Some(grade) = self.party.grade else {
            return seen(
                false,
                [("grade", "0".to_owned()), ("expires", String::new())],
                Some("eligibility-mend-grade"),
            );
        };
        let holds = grade.expires.is_none_or(|expires| self.facts.today <= expires);
        let expires = grade.expires.map(|expires| expires.to_string()).unwrap_or_default();
        let evidence = [("grade", grade.level.to_string()), ("expires", expires)];
        seen(holds && grade.level >= least, evidence, Some("eligibility-mend-grade"))
    }

    fn stage(&self, any_of: &[Stage]) -> Seen {
        let stage = self.party.stage;
        let ok = stage.is_some_and(|stage| any_of.contains(&stage));
        seen(ok, [("stage", stage.map_or("none", Stage::name).to_owned())], None)
    }

    fn ask(&self, most_minor: i64) -> Seen {
        let ask_minor = self.facts.ask_minor;
        let over_minor = ask_minor.saturating_sub(most_minor).max(0);
        let evidence = [("ask_minor", ask_minor.to_string()), ("over_minor", over_minor.to_string())];
        seen(ask_minor <= most_minor, evidence, Some("eligibility-mend-ask"))
    }

    fn self_raised(&self, bps: i64) -> Seen {
        let part = self.sum_of(|line| line.source == Source::SelfRaised);
        let total = self.sum_of(|_| true);
        share(part, total, part * i128::from(WHOLE_BPS) >= total * i128::from(bps))
    }

    fn grant_share(&self, bps: i64) -> Seen {
        let part = self.sum_of(|line| line.source == Source::Grant);
        let total = self.sum_of(|_| true);
        share(part, total, part * i128::from(WHOLE_BPS) <= total * i128::from(bps))
    }

    fn budget_head(&self, head: &str, bps: i64) -> Seen {
        let part = self.sum_of(|line| line.head == head);
        let total = self.sum_of(|_| true);
        let mut seen = share(part, total, part * i128::from(WHOLE_BPS) <= total * i128::from(bps));
        seen.evidence.push(("head".to_owned(), head.to_owned()));
        seen
    }

    fn negative_heads(&self, heads: &[String]) -> Seen {
        let listed = |line: &&BudgetLine| line.amount_minor != 0 && heads.contains(&line.head);
        let mut found: Vec<&str> = self.facts.budget.iter().filter(listed).map(|line| line.head.as_str()).collect();
        found.sort_unstable();
        found.dedup();
        seen(found.is_empty(), [("heads", found.join(", "))], Some("eligibility-mend-budget"))
    }

    /// Sums of `i64` in an `i128` cannot overflow in any memory there is; a share of one still fits.
    fn sum_of(&self, counts: impl Fn(&BudgetLine) -> bool) -> i128 {
        let lines = self.facts.budget.iter().filter(|line| counts(line));
        lines.map(|line| i128::from(line.amount_minor)).sum()
    }
}

fn share(part: i128, total: i128, ok: bool) -> Seen {
    let evidence = [("part_minor", part.to_string()), ("total_minor", total.to_string())];
    seen(ok, evidence, Some("eligibility-mend-budget"))
}

fn repeats(others: u32, at_most: u32) -> Seen {
    let ok = others.saturating_add(1) <= at_most;
    seen(ok, [("others", others.to_string())], Some("eligibility-mend-withdraw-other"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn party(legal_form: LegalForm, uscc: &str) -> Party {
        Party {
            legal_form,
            uscc: (!uscc.is_empty()).then(|| uscc.to_owned()),
            areas: vec!["510107".into()],
            lists: Vec::new(),
            grade: Some(Grade { level: 3, expires: Some(day("2026-12-31")) }),
            stage: None,
        }
    }

    fn facts(applicant: Party) -> Facts {
        let line = |head: &str, source, amount_minor| BudgetLine { head: head.into(), source, amount_minor };
        Facts {
            today: day("2026-03-01"),
            applicant,
            host: None,
            host_accepted: false,
            ask_minor: 8_300_000,
            budget: vec![line("material", Source::Grant, 6_000_000), line("labour", Source::Grant, 2_300_000)],
            others_in_category: 0,
            others_in_call: 0,
        }
    }

    fn wall_rules() -> Vec<Rule> {
        serde_json::from_value(json!([
            {"rule": "legal-form", "any_of": ["association", "foundation", "social-service-body"]},
            {"rule": "uscc-prefix", "any_of": ["51", "52", "53"]},
            {"rule": "through-host"},
            {"rule": "not-on-list", "list": "abnormal", "look_back_months": 12},
            {"rule": "not-on-list", "list": "serious", "look_back_months": 24},
            {"rule": "area", "any_of": ["510107"]},
            {"rule": "ask-at-most", "minor": 9_000_000},
            {"rule": "negative-heads", "heads": ["cash-to-beneficiaries"]},
            {"rule": "one-application-per-category"},
        ]))
        .unwrap()
    }

    fn refusals(facts: &Facts) -> Vec<(&'static str, Option<&'static str>)> {
        let findings = examine(&wall_rules(), facts);
        findings.into_iter().filter(|finding| !finding.ok).map(|finding| (finding.code, finding.mend)).collect()
    }

    #[test]
    fn a_social_service_body_may_apply() {
        assert_eq!(refusals(&facts(party(LegalForm::SocialServiceBody, "52999999TE00000459"))), []);
    }

    #[test]
    fn the_abnormal_list_within_the_year_refuses() {
        let mut applicant = party(LegalForm::SocialServiceBody, "52999999TE0000061Y");
        let entry = |from: &str, until: &str| ListEntry {
            list: CreditList::Abnormal,
            from: day(from),
            until: until.parse().ok(),
        };
        applicant.lists = vec![entry("2024-01-01", "2025-03-02")];
        let expected = ("eligibility-not-on-abnormal-list", Some("eligibility-mend-wait"));
        assert_eq!(refusals(&facts(applicant.clone())), [expected]);
        let finding = &examine(&wall_rules(), &facts(applicant.clone()))[3];
        assert_eq!(finding.evidence[2], ("until".to_owned(), "2025-03-02".to_owned()));

        applicant.lists = vec![entry("2025-01-01", "")];
        let expected = ("eligibility-not-on-abnormal-list", Some("eligibility-mend-removal"));
        assert_eq!(refusals(&facts(applicant.clone())), [expected]);

        applicant.lists = vec![entry("2024-01-01", "2025-03-01"), entry("2026-03-02", "")];
        assert_eq!(refusals(&facts(applicant)), []);
    }

    #[test]
    fn a_social_enterprise_is_told_of_its_own_track() {
        let mut applicant = party(LegalForm::SocialEnterprise, "91999999TE0000088M");
        applicant.stage = Some(Stage::Seed);
        let track = Some("eligibility-mend-enterprise-track");
        assert_eq!(
            refusals(&facts(applicant)),
            [("eligibility-legal-form", track), ("eligibility-uscc-prefix", track)]
        );
    }

    #[test]
    fn a_residents_group_applies_through_a_host_that_qualifies() {
        let mut facts = facts(party(LegalForm::ResidentGroup, ""));
        let host = Some("eligibility-mend-name-a-host");
        let all =
            [("eligibility-legal-form", host), ("eligibility-uscc-prefix", host), ("eligibility-through-host", host)];
        assert_eq!(refusals(&facts), all);
        facts.host = Some(party(LegalForm::SocialServiceBody, "52999999TE00000534"));
        assert_eq!(refusals(&facts), all);
        facts.host_accepted = true;
        assert_eq!(refusals(&facts), []);
        facts.host = Some(party(LegalForm::Company, "91999999TE0000037D"));
        assert_eq!(refusals(&facts).len(), 2);
    }

    #[test]
    fn shares_are_compared_exactly() {
        let rules: Vec<Rule> = serde_json::from_value(json!([
            {"rule": "self-raised-at-least", "bps": 1000}, {"rule": "grant-share-at-most", "bps": 6000},
            {"rule": "budget-head-limit", "head": "travel", "bps": 1000}, {"rule": "repeat-limit", "at_most": 2},
            {"rule": "grade-at-least", "grade": 3}, {"rule": "stage-any", "any_of": ["seed"]},
        ]))
        .unwrap();
        let mut facts = facts(party(LegalForm::Association, "51"));
        let line = |head: &str, source, amount_minor| BudgetLine { head: head.into(), source, amount_minor };
        facts.budget = vec![
            line("x", Source::Grant, 600),
            line("travel", Source::SelfRaised, 100),
            line("x", Source::Partner, 300),
        ];
        facts.others_in_call = 1;
        let oks = |facts: &Facts| examine(&rules, facts).iter().map(|finding| finding.ok).collect::<Vec<_>>();
        assert_eq!(oks(&facts), [true, true, true, true, true, false]);
        facts.budget[0].amount_minor = 602;
        facts.others_in_call = 2;
        facts.today = day("2027-01-01");
        facts.applicant.stage = Some(Stage::Seed);
        assert_eq!(oks(&facts), [false, false, true, false, false, true]);
        facts.budget = vec![line("x", Source::Grant, i64::MAX); 3];
        assert_eq!(oks(&facts)[..2], [false, false]);
    }

    #[test]
    fn every_code_and_mend_is_listed() {
        let mut facts = facts(party(LegalForm::SocialEnterprise, ""));
        facts.budget[0].head = "cash-to-beneficiaries".into();
        facts.ask_minor = i64::MAX;
        for finding in examine(&wall_rules(), &facts) {
            assert!(CODES.contains(&finding.code));
            assert!(finding.mend.is_none_or(|mend| MENDS.contains(&mend)));
        }
        let wrong = json!({"rule": "ask-at-most", "minor": 5, "colour": "red"});
        assert!(serde_json::from_value::<Rule>(wrong).is_err());
    }

    proptest! {
        #[test]
        fn the_answer_does_not_depend_on_the_order(
            order in Just((0..9_usize).collect::<Vec<_>>()).prop_shuffle(),
            form in prop::sample::select(vec![LegalForm::Association, LegalForm::ResidentGroup, LegalForm::SocialEnterprise]),
            hosted in any::<bool>(),
            ask in 0..20_000_000_i64,
            removed in 0..800_u64,
        ) {
            let mut applicant = party(form, "52999999TE00000459");
            let until = Some(day("2024-06-01") + chrono::Days::new(removed));
            applicant.lists = vec![ListEntry { list: CreditList::Abnormal, from: day("2024-01-01"), until }];
            let mut facts = facts(applicant);
            facts.host = hosted.then(|| party(LegalForm::Association, "51"));
            facts.host_accepted = hosted;
            facts.ask_minor = ask;
            let rules = wall_rules();
            let straight = examine(&rules, &facts);
            let shuffled: Vec<Rule> = order.iter().map(|place| rules[*place].clone()).collect();
            for (finding, place) in examine(&shuffled, &facts).into_iter().zip(order) {
                prop_assert_eq!(Finding { rule: place, ..finding }, straight[place].clone());
            }
        }
    }
}
