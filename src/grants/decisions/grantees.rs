//! Who may be granted to: an active fund's money, to nobody of the donors' circle, nobody on a credit list, and nobody who lost
//! meanwhile what the call asks of an organisation.

use super::reading;
use crate::core::eligibility::Finding;
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::grants::applications::eligibility;
use crate::grants::gifts;
use crate::grants::reviews::conflicts;
use crate::people::records;
use chrono::NaiveDate;
use entities::kinds::{ApplicationId, FundStage, OrganisationId, Outcome};
use entities::{application, call, decision_item, fund};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::{BTreeMap, BTreeSet};

/// Refuses what may not be granted to: the donor's own circle, who stands on a credit list, and who is not eligible any more.
pub(super) async fn fit(
    tx: &Tx,
    (fund, call): (&fund::Model, &call::Model),
    rows: &[decision_item::Model],
    applications: &BTreeMap<ApplicationId, application::Model>,
    today: NaiveDate,
) -> Result<()> {
    let approved: Vec<&application::Model> = rows
        .iter()
        .filter(|row| row.outcome == Outcome::Approved)
        .filter_map(|row| applications.get(&row.application_id))
        .collect();
    if !approved.is_empty() && fund.stage != FundStage::Active {
        return Err(Error::refused("refused-decision-fund"));
    }
    let grantees: Vec<OrganisationId> =
        approved.iter().flat_map(|row| [Some(row.organisation_id), row.host_id]).flatten().collect();
    let donors: BTreeSet<OrganisationId> = gifts::service::donors_of(tx, fund.id).await?.into_iter().collect();
    let relations = conflicts::relations(tx, &grantees, today).await?;
    let listed = records::listed(tx, &grantees, today).await?;
    for row in &approved {
        for grantee in [Some(row.organisation_id), row.host_id].into_iter().flatten() {
            let of_donor = |pair: &(OrganisationId, OrganisationId)| {
                (pair.0 == grantee && donors.contains(&pair.1)) || (pair.1 == grantee && donors.contains(&pair.0))
            };
            if donors.contains(&grantee) || relations.iter().any(of_donor) {
                return Err(reading::about("refused-decision-related-donor", row));
            }
            if listed.contains(&grantee) {
                return Err(reading::about("refused-decision-credit-list", row));
            }
        }
    }
    let lost = eligibility::lost(tx, call, &approved, today).await?;
    match approved.iter().find_map(|row| lost.get(&row.id).map(|found| (row, found))) {
        Some((row, found)) => Err(not_any_more(row, found)),
        None => Ok(()),
    }
}

/// The refusal in words: of whom it speaks, each rule that is broken now, what was seen, and what would mend it.
fn not_any_more(row: &application::Model, found: &[Finding]) -> Error {
    let mut wrong = vec![Violation::whole("refused-decision-not-eligible").with("title", &row.title)];
    for finding in found {
        wrong.push(Violation::whole(finding.code));
        let seen = |name: &str| finding.evidence.iter().find(|(own, value)| own == name && !value.is_empty());
        for (name, code) in SEEN {
            wrong.extend(seen(name).map(|(_, value)| Violation::whole(code).with("value", value)));
        }
        wrong.extend(finding.mend.map(Violation::whole));
    }
    Error::Refused(wrong)
}

/// What was seen of a grantee, and the words that say so.
const SEEN: [(&str, &str); 4] =
    [("from", "seen-from"), ("until", "seen-until"), ("grade", "seen-grade"), ("expires", "seen-expires")];

/// The applications of some items.
pub(super) async fn applications_of(
    db: &impl ConnectionTrait,
    rows: &[decision_item::Model],
) -> Result<BTreeMap<ApplicationId, application::Model>> {
    let found = application::Entity::find()
        .filter(application::Column::Id.is_in(rows.iter().map(|row| row.application_id)))
        .all(db)
        .await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}
