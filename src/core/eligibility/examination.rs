//! Each rule held against the facts: what was seen, and what would mend it.

use super::*;
use crate::core::money::WHOLE_BPS;
use chrono::Months;

pub(super) struct Seen {
    pub(super) ok: bool,
    pub(super) evidence: Vec<(String, String)>,
    pub(super) mend: Option<&'static str>,
}

fn seen<const N: usize>(ok: bool, evidence: [(&str, String); N], mend: Option<&'static str>) -> Seen {
    let evidence = evidence.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Seen { ok, evidence, mend }
}

/// The facts, and who answers the rules about organisations.
pub(super) struct Examination<'a> {
    facts: &'a Facts,
    party: &'a Party,
    needs_host: bool,
}

impl<'a> Examination<'a> {
    pub(super) fn of(facts: &'a Facts, through_host: bool) -> Self {
        let needs_host = facts.applicant.legal_form == LegalForm::ResidentGroup;
        let stands_in = facts.host.as_ref().filter(|_| through_host && needs_host && facts.host_accepted);
        Self { facts, party: stands_in.unwrap_or(&facts.applicant), needs_host }
    }

    pub(super) fn answer(&self, rule: &Rule) -> Seen {
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
            Rule::GranteeLimit { at_most, look_back_months } => self.awarded(*at_most, *look_back_months),
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

    fn awarded(&self, at_most: u32, look_back_months: u32) -> Seen {
        let today = self.facts.today;
        let since = today.checked_sub_months(Months::new(look_back_months)).unwrap_or(NaiveDate::MIN);
        let count = self.facts.awarded.iter().filter(|day| **day > since && **day <= today).count();
        let ok = u32::try_from(count).is_ok_and(|count| count <= at_most);
        let evidence = [("awards", count.to_string()), ("since", since.to_string())];
        seen(ok, evidence, Some("eligibility-mend-wait"))
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
