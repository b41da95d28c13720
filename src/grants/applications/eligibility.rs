//! What is on record about an applicant, as the rules of a call look at it.

use super::budget::Line;
use super::rules::GONE;
use crate::core::eligibility::{
    BARRED, BudgetLine, CreditList, Facts, Finding, Grade, LegalForm, ListEntry, MEND_BARRED, Party, Rule, Source,
    Stage, examine,
};
use crate::error::{Error, Result};
use crate::grants::awards::service::bans;
use crate::grants::calls::rules::eligibility_of;
use chrono::{DateTime, NaiveDate, Utc};
use entities::kinds::{self, ApplicationId, AwardStage, BudgetSource, OrganisationId, RecordKind};
use entities::{application, award, call, organisation, organisation_record};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

/// Organisations that are examined at once; a register larger than that says so with its figure.
const MOST: u64 = 20_000;
/// Records read for them: decades of yearly checks of each.
const RECORDS: u64 = 400_000;
/// Awards looked back on: more than a foundation makes in a generation.
const AWARDS: u64 = 100_000;
/// Calls of one programme.
const ROUND: u64 = 500;

/// A finding as it was kept with an application.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Kept {
    /// Place of the rule.
    pub rule: usize,
    /// Key of the rule's words.
    pub code: String,
    /// Whether it is met.
    pub ok: bool,
    /// What was seen.
    pub evidence: Vec<(String, String)>,
    /// Key of what would mend it.
    pub mend: Option<String>,
}

/// The findings of an application as last computed.
pub fn kept(row: &application::Model) -> Vec<Kept> {
    serde_json::from_value(row.findings.clone()).unwrap_or_default()
}

/// Examines an applicant against a call today.
///
/// # Errors
/// [`Error::NotFound`] for an unknown organisation.
pub async fn findings(
    db: &impl ConnectionTrait,
    call: &call::Model,
    organisation: OrganisationId,
    host: Option<OrganisationId>,
    ask_minor: i64,
    lines: &[Line],
    today: NaiveDate,
) -> Result<Vec<Finding>> {
    let ids: Vec<OrganisationId> = std::iter::once(organisation).chain(host).collect();
    let register = register(db, Some(&ids), today).await?;
    let others = others(db, call, organisation).await?;
    let in_category = others.iter().filter(|category| **category == call.category).count();
    let facts = Facts {
        ask_minor,
        budget: lines.iter().map(budget_line).collect(),
        others_in_category: u32::try_from(in_category).unwrap_or(u32::MAX),
        others_in_call: u32::try_from(others.len()).unwrap_or(u32::MAX),
        ..register.facts(organisation, host).ok_or(Error::NotFound)?
    };
    Ok(register.examined(&eligibility_of(call), &facts, organisation, host))
}

/// Whether a rule speaks of the organisation, not of what it writes.
pub const fn of_organisation(rule: &Rule) -> bool {
    matches!(
        rule,
        Rule::LegalForm { .. }
            | Rule::UsccPrefix { .. }
            | Rule::ThroughHost {}
            | Rule::NotOnList { .. }
            | Rule::Area { .. }
            | Rule::GradeAtLeast { .. }
            | Rule::StageAny { .. }
            | Rule::GranteeLimit { .. }
    )
}

/// What applicants of a call lost since they were last examined: the rules about organisations that are broken only now. What was broken
/// then already was looked at by people, who may have upheld an appeal against it. By application; nothing for who is as before.
///
/// # Errors
/// When the database cannot be read.
pub async fn lost(
    db: &impl ConnectionTrait,
    call: &call::Model,
    rows: &[&application::Model],
    today: NaiveDate,
) -> Result<BTreeMap<ApplicationId, Vec<Finding>>> {
    let ids: Vec<OrganisationId> =
        rows.iter().flat_map(|row| [Some(row.organisation_id), row.host_id]).flatten().collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let register = register(db, Some(&ids), today).await?;
    let mut rules: Vec<Rule> = eligibility_of(call).into_iter().filter(of_organisation).collect();
    // Who stands on a list today is granted to by no call, whether its rules name that list or not.
    for list in [CreditList::Abnormal, CreditList::Serious, CreditList::Other] {
        if !rules.iter().any(|rule| matches!(rule, Rule::NotOnList { list: named, .. } if *named == list)) {
            rules.push(Rule::NotOnList { list, look_back_months: 0 });
        }
    }
    let mut all = BTreeMap::new();
    for row in rows {
        let facts = register.facts(row.organisation_id, row.host_id).ok_or(Error::NotFound)?;
        let before = kept(row);
        let known = |code: &str| before.iter().any(|finding| finding.code == code && !finding.ok);
        let mut found = register.examined(&rules, &facts, row.organisation_id, row.host_id);
        found.retain(|finding| !finding.ok && !known(finding.code));
        if !found.is_empty() {
            all.insert(row.id, found);
        }
    }
    Ok(all)
}

/// What is on record about some organisations, or about all of them, on one day: four queries, however many are examined.
#[derive(Debug)]
pub struct Register {
    today: NaiveDate,
    known: BTreeMap<OrganisationId, Known>,
    barred: BTreeMap<OrganisationId, NaiveDate>,
}

#[derive(Debug)]
struct Known {
    party: Party,
    host: Option<OrganisationId>,
    host_accepted: bool,
    awarded: Vec<NaiveDate>,
}

/// Reads the register: of these organisations, or of all.
///
/// # Errors
/// When the database cannot be read.
pub async fn register(db: &impl ConnectionTrait, of: Option<&[OrganisationId]>, today: NaiveDate) -> Result<Register> {
    let mut query = organisation::Entity::find().order_by_asc(organisation::Column::Id).limit(MOST);
    let kinds = [RecordKind::Credit, RecordKind::Grade, RecordKind::EnterpriseStage];
    let mut noted = organisation_record::Entity::find()
        .filter(organisation_record::Column::Kind.is_in(kinds))
        .filter(organisation_record::Column::ValidFrom.lte(today))
        .order_by_asc(organisation_record::Column::ValidFrom)
        .order_by_asc(organisation_record::Column::Id)
        .limit(RECORDS);
    if let Some(of) = of {
        query = query.filter(organisation::Column::Id.is_in(of.iter().copied()));
        noted = noted.filter(organisation_record::Column::OrganisationId.is_in(of.iter().copied()));
    }
    let mut records: BTreeMap<OrganisationId, Vec<organisation_record::Model>> = BTreeMap::new();
    for record in noted.all(db).await? {
        records.entry(record.organisation_id).or_default().push(record);
    }
    let mut awarded: BTreeMap<OrganisationId, Vec<NaiveDate>> = BTreeMap::new();
    for (organisation, at) in awards(db, of).await? {
        // To the day in the world's clock: a look-back of months does not turn on the zone.
        awarded.entry(organisation).or_default().push(at.date_naive());
    }
    let known = |row: &organisation::Model| {
        let known = Known {
            party: party(row, records.get(&row.id).map_or(&[][..], Vec::as_slice), today),
            host: row.fiscal_host_id,
            host_accepted: row.fiscal_host_id.is_some() && row.host_accepted_by.is_some(),
            awarded: awarded.get(&row.id).cloned().unwrap_or_default(),
        };
        (row.id, known)
    };
    let known = query.all(db).await?.iter().map(known).collect();
    Ok(Register { today, known, barred: bans::barred(db, of, today).await? })
}

impl Register {
    /// Everybody in it.
    pub fn organisations(&self) -> impl Iterator<Item = OrganisationId> + '_ {
        self.known.keys().copied()
    }

    /// The host that somebody named.
    pub fn host_of(&self, organisation: OrganisationId) -> Option<OrganisationId> {
        self.known.get(&organisation).and_then(|known| known.host)
    }

    /// What the rules about organisations may look at: nothing is asked for, nothing else is applied for. `None` for who is not there.
    pub fn facts(&self, organisation: OrganisationId, host: Option<OrganisationId>) -> Option<Facts> {
        let applicant = self.known.get(&organisation)?;
        Some(Facts {
            today: self.today,
            applicant: applicant.party.clone(),
            host: host.and_then(|host| self.known.get(&host)).map(|host| host.party.clone()),
            host_accepted: host.is_some() && applicant.host == host && applicant.host_accepted,
            ask_minor: 0,
            budget: Vec::new(),
            others_in_category: 0,
            others_in_call: 0,
            awarded: applicant.awarded.clone(),
        })
    }

    /// The one examination: the rules of a call, and behind them the rule of the house that nobody is granted to who is barred, nor
    /// through a host who is. Who is not barred reads nothing of that.
    pub fn examined(
        &self,
        rules: &[Rule],
        facts: &Facts,
        organisation: OrganisationId,
        host: Option<OrganisationId>,
    ) -> Vec<Finding> {
        let mut found = examine(rules, facts);
        let until = std::iter::once(organisation).chain(host).filter_map(|one| self.barred.get(&one)).max();
        if let Some(until) = until {
            found.push(Finding {
                rule: rules.len(),
                code: BARRED,
                ok: false,
                evidence: vec![("until".to_owned(), until.to_string())],
                mend: Some(MEND_BARRED),
            });
        }
        found
    }
}

/// When awards that were not declined were offered, to some organisations or to all.
async fn awards(
    db: &impl ConnectionTrait,
    to: Option<&[OrganisationId]>,
) -> Result<Vec<(OrganisationId, DateTime<Utc>)>> {
    let gone = [AwardStage::DeclinedByGrantee, AwardStage::OfferExpired];
    let mut query = award::Entity::find().filter(award::Column::Stage.is_not_in(gone));
    if let Some(to) = to {
        query = query.filter(award::Column::OrganisationId.is_in(to.iter().copied()));
    }
    Ok(query
        .order_by_desc(award::Column::Id)
        .limit(AWARDS)
        .select_only()
        .column(award::Column::OrganisationId)
        .column(award::Column::OfferedAt)
        .into_tuple()
        .all(db)
        .await?)
}

/// Categories of the applicant's other live applications in the same round: the calls of one programme.
async fn others(db: &impl ConnectionTrait, call: &call::Model, organisation: OrganisationId) -> Result<Vec<String>> {
    let Some(programme) = call.programme_id else { return Ok(Vec::new()) };
    let round = call::Entity::find()
        .filter(call::Column::ProgrammeId.eq(programme))
        .filter(call::Column::Id.ne(call.id))
        .limit(ROUND)
        .all(db)
        .await?;
    let rows = application::Entity::find()
        .filter(application::Column::CallId.is_in(round.iter().map(|row| row.id)))
        .filter(application::Column::OrganisationId.eq(organisation))
        .filter(application::Column::Stage.is_not_in(GONE))
        .limit(ROUND)
        .all(db)
        .await?;
    let category =
        |row: &application::Model| round.iter().find(|call| call.id == row.call_id).map(|call| call.category.clone());
    Ok(rows.iter().filter_map(category).collect())
}

/// What is on record about one organisation, of the records in the order of their days.
fn party(row: &organisation::Model, records: &[organisation_record::Model], today: NaiveDate) -> Party {
    let own = || records.iter().filter(|record| record.organisation_id == row.id);
    let of = |kind: RecordKind| own().filter(move |record| record.kind == kind);
    let credit: Vec<&organisation_record::Model> = of(RecordKind::Credit).collect();
    Party {
        legal_form: legal_form(row.legal_form),
        uscc: row.uscc.clone(),
        areas: vec![row.area.clone()],
        lists: credit.iter().filter_map(|record| entry(record, &credit)).collect(),
        grade: of(RecordKind::Grade).next_back().and_then(|record| {
            let level = record.value.trim_end_matches('A').parse().ok()?;
            Some(Grade { level, expires: record.valid_until })
        }),
        stage: of(RecordKind::EnterpriseStage)
            .rfind(|record| record.valid_until.is_none_or(|until| until >= today))
            .and_then(|record| stage(&record.value)),
    }
}

/// An entry on a list; a later record that names no list ends the open ones before it.
fn entry(record: &organisation_record::Model, all: &[&organisation_record::Model]) -> Option<ListEntry> {
    let list = match record.value.as_str() {
        "abnormal" => CreditList::Abnormal,
        "serious" => CreditList::Serious,
        "other" => CreditList::Other,
        _ => return None,
    };
    let cleared =
        all.iter().find(|later| later.value == "none" && later.valid_from > record.valid_from).map(|r| r.valid_from);
    // The record's last day is still on the list; the rules want the first day off it.
    let until = record.valid_until.and_then(|last| last.succ_opt()).or(cleared);
    Some(ListEntry { list, from: record.valid_from, until })
}

fn budget_line(line: &Line) -> BudgetLine {
    let source = match line.source {
        BudgetSource::Grant => Source::Grant,
        BudgetSource::SelfRaised => Source::SelfRaised,
        BudgetSource::Partner => Source::Partner,
        BudgetSource::Fiscal => Source::Fiscal,
    };
    BudgetLine { head: line.head.clone(), source, amount_minor: line.amount_minor().unwrap_or(i64::MAX) }
}

/// The rules' word for a legal form.
pub const fn legal_form(form: kinds::LegalForm) -> LegalForm {
    match form {
        kinds::LegalForm::Association => LegalForm::Association,
        kinds::LegalForm::Foundation => LegalForm::Foundation,
        kinds::LegalForm::SocialServiceBody => LegalForm::SocialServiceBody,
        kinds::LegalForm::SocialEnterprise => LegalForm::SocialEnterprise,
        kinds::LegalForm::Company => LegalForm::Company,
        kinds::LegalForm::ResidentGroup => LegalForm::ResidentGroup,
    }
}

fn stage(word: &str) -> Option<Stage> {
    match word {
        "observed" => Some(Stage::Observed),
        "start_up" => Some(Stage::StartUp),
        "seed" => Some(Stage::Seed),
        "certified" => Some(Stage::Certified),
        "exited" => Some(Stage::Exited),
        _ => None,
    }
}
