//! How many organisations a call's rules would leave, before it opens: three queries, then the same examination as for one.

use super::rules::eligibility_of;
use crate::core::eligibility::{Facts, Party, Rule, examine, is_eligible};
use crate::error::Result;
use crate::grants::applications::eligibility::{awards, party};
use crate::people::permission::Context;
use chrono::NaiveDate;
use entities::kinds::{OrganisationId, RecordKind};
use entities::{call, organisation, organisation_record};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

/// Organisations that are examined; a register larger than that says so with its figure.
pub const MOST: u64 = 20_000;
/// Records read for them.
const RECORDS: u64 = 400_000;

/// What the rules would leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Organisations on record.
    pub all: usize,
    /// Those who meet every rule about organisations.
    pub eligible: usize,
    /// How many each rule leaves out by itself, in the order of the rules.
    pub left_out: Vec<(Rule, usize)>,
}

/// Whether a rule speaks of the organisation, not of what it will write.
const fn of_organisation(rule: &Rule) -> bool {
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

/// Holds every organisation against the rules of a call, as on a day.
///
/// # Errors
/// When the database cannot be read.
pub async fn reach(by: &Context, row: &call::Model, today: NaiveDate) -> Result<Reach> {
    let rules: Vec<Rule> = eligibility_of(row).into_iter().filter(of_organisation).collect();
    let parties = parties(by, today).await?;
    let mut left_out: Vec<(Rule, usize)> = rules.iter().map(|rule| (rule.clone(), 0)).collect();
    let mut eligible = 0;
    for one in parties.values() {
        let host = one.host.and_then(|host| parties.get(&host));
        let facts = Facts {
            today,
            applicant: one.party.clone(),
            host: host.map(|host| host.party.clone()),
            host_accepted: one.host_accepted,
            ask_minor: 0,
            budget: Vec::new(),
            others_in_category: 0,
            others_in_call: 0,
            awarded: one.awarded.clone(),
        };
        let found = examine(&rules, &facts);
        eligible += usize::from(is_eligible(&found));
        for (finding, (_, count)) in found.iter().zip(&mut left_out) {
            *count += usize::from(!finding.ok);
        }
    }
    Ok(Reach { all: parties.len(), eligible, left_out })
}

struct Known {
    party: Party,
    host: Option<OrganisationId>,
    host_accepted: bool,
    awarded: Vec<NaiveDate>,
}

async fn parties(by: &Context, today: NaiveDate) -> Result<BTreeMap<OrganisationId, Known>> {
    let db = by.edges.db.read();
    let rows = organisation::Entity::find().order_by_asc(organisation::Column::Id).limit(MOST).all(db).await?;
    let kinds = [RecordKind::Credit, RecordKind::Grade, RecordKind::EnterpriseStage];
    let records = organisation_record::Entity::find()
        .filter(organisation_record::Column::Kind.is_in(kinds))
        .filter(organisation_record::Column::ValidFrom.lte(today))
        .order_by_asc(organisation_record::Column::ValidFrom)
        .order_by_asc(organisation_record::Column::Id)
        .limit(RECORDS)
        .all(db)
        .await?;
    let mut of: BTreeMap<OrganisationId, Vec<organisation_record::Model>> = BTreeMap::new();
    for record in records {
        of.entry(record.organisation_id).or_default().push(record);
    }
    let mut awarded: BTreeMap<OrganisationId, Vec<NaiveDate>> = BTreeMap::new();
    for (organisation, at) in awards(db, None).await? {
        awarded.entry(organisation).or_default().push(at.date_naive());
    }
    let known = |row: &organisation::Model| {
        let own = of.get(&row.id).map_or(&[][..], Vec::as_slice);
        let known = Known {
            party: party(row, own, today),
            host: row.fiscal_host_id,
            host_accepted: row.fiscal_host_id.is_some() && row.host_accepted_by.is_some(),
            awarded: awarded.get(&row.id).cloned().unwrap_or_default(),
        };
        (row.id, known)
    };
    Ok(rows.iter().map(known).collect())
}
