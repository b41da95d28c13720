//! What is on record about an applicant, as the rules of a call look at it.

use super::budget::Line;
use super::rules::GONE;
use crate::core::eligibility::{
    BARRED, BudgetLine, CreditList, Facts, Finding, Grade, LegalForm, ListEntry, MEND_BARRED, Party, Source, Stage,
    examine,
};
use crate::error::{Error, Result};
use crate::grants::awards::service::bans;
use crate::grants::calls::rules::eligibility_of;
use chrono::{DateTime, NaiveDate, Utc};
use entities::kinds::{self, AwardStage, BudgetSource, OrganisationId, RecordKind};
use entities::{application, award, call, organisation, organisation_record};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Records read of one organisation: decades of yearly checks.
const RECORDS: u64 = 500;
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
    let facts = facts(db, call, organisation, host, ask_minor, lines, today).await?;
    let rules = eligibility_of(call);
    let mut found = examine(&rules, &facts);
    // A rule of the house, whatever the call says; who is not barred reads nothing of it.
    let parties: Vec<OrganisationId> = std::iter::once(organisation).chain(host).collect();
    if let Some(ban) = bans::standing(db, &parties, today).await? {
        found.push(Finding {
            rule: rules.len(),
            code: BARRED,
            ok: false,
            evidence: vec![("until".to_owned(), ban.until_on.to_string())],
            mend: Some(MEND_BARRED),
        });
    }
    Ok(found)
}

/// Everything the rules may look at.
///
/// # Errors
/// [`Error::NotFound`] for an unknown organisation.
pub async fn facts(
    db: &impl ConnectionTrait,
    call: &call::Model,
    organisation: OrganisationId,
    host: Option<OrganisationId>,
    ask_minor: i64,
    lines: &[Line],
    today: NaiveDate,
) -> Result<Facts> {
    let ids: Vec<OrganisationId> = std::iter::once(organisation).chain(host).collect();
    let rows = organisation::Entity::find().filter(organisation::Column::Id.is_in(ids.clone())).all(db).await?;
    let records = organisation_record::Entity::find()
        .filter(organisation_record::Column::OrganisationId.is_in(ids))
        .filter(organisation_record::Column::ValidFrom.lte(today))
        .order_by_asc(organisation_record::Column::ValidFrom)
        .order_by_asc(organisation_record::Column::Id)
        .limit(RECORDS)
        .all(db)
        .await?;
    let applicant = rows.iter().find(|row| row.id == organisation).ok_or(Error::NotFound)?;
    let host_row = host.and_then(|host| rows.iter().find(|row| row.id == host));
    let others = others(db, call, organisation).await?;
    let in_category = others.iter().filter(|category| **category == call.category).count();
    Ok(Facts {
        today,
        applicant: party(applicant, &records, today),
        host: host_row.map(|row| party(row, &records, today)),
        host_accepted: host.is_some() && applicant.fiscal_host_id == host && applicant.host_accepted_by.is_some(),
        ask_minor,
        budget: lines.iter().map(budget_line).collect(),
        others_in_category: u32::try_from(in_category).unwrap_or(u32::MAX),
        others_in_call: u32::try_from(others.len()).unwrap_or(u32::MAX),
        // To the day in the world's clock: a look-back of months does not turn on the zone.
        awarded: awards(db, Some(organisation)).await?.into_iter().map(|(_, at)| at.date_naive()).collect(),
    })
}

/// When awards that were not declined were offered, to one organisation or to all.
///
/// # Errors
/// When the database cannot be read.
pub async fn awards(
    db: &impl ConnectionTrait,
    to: Option<OrganisationId>,
) -> Result<Vec<(OrganisationId, DateTime<Utc>)>> {
    let gone = [AwardStage::DeclinedByGrantee, AwardStage::OfferExpired];
    let mut query = award::Entity::find().filter(award::Column::Stage.is_not_in(gone));
    if let Some(to) = to {
        query = query.filter(award::Column::OrganisationId.eq(to));
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
pub fn party(row: &organisation::Model, records: &[organisation_record::Model], today: NaiveDate) -> Party {
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
