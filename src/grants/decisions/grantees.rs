//! Who may be granted to: an active fund's money, to nobody of the donors' circle and nobody on a credit list.

use super::reading;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::gifts;
use crate::grants::reviews::conflicts;
use crate::people::records;
use chrono::NaiveDate;
use entities::kinds::{ApplicationId, FundStage, OrganisationId, Outcome};
use entities::{application, decision_item, fund};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::{BTreeMap, BTreeSet};

/// Refuses what may not be granted to: the donor's own circle, and who stands on a credit list.
pub(super) async fn fit(
    tx: &Tx,
    fund: &fund::Model,
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
    for row in approved {
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
    Ok(())
}

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
