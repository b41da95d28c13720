//! A ban after a breach: two people say what was broken, where it is written and until when; until then the organisation applies for
//! nothing here.

use super::load;
use crate::commons::events::{self, Note};
use crate::commons::texts::{PROSE, all_well, required};
use crate::commons::{letters, proposals};
use crate::error::{Error, Result};
use crate::grants::awards::rules::breached;
use crate::grants::awards::separation;
use crate::people::permission::{Approver, As, Officer};
use chrono::{Months, NaiveDate};
use entities::ban;
use entities::kinds::{AwardId, OrganisationId, ProposalKind, Role, Subject};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Bans that stand at one time: more than there are organisations in any register of ours.
const STANDING: u64 = 20_000;
/// Longest ban: no rule knows a longer one, and nobody remembers longer.
const MAX_MONTHS: u32 = 120;

/// What two people say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// Who: the payee, or the group behind a host.
    pub organisation: OrganisationId,
    /// What was broken, and where it is written.
    pub evidence: String,
    /// Last day.
    pub until_on: NaiveDate,
}

/// An officer proposes to bar a grantee after a breach.
///
/// # Errors
/// By the field: no grantee, no evidence, a day that is past or too far; a refusal where nothing was broken.
pub async fn propose_ban(by: &As<Officer>, id: AwardId, told: &Ban) -> Result<()> {
    let mut wrong = Vec::new();
    let evidence = required(&mut wrong, "evidence", &told.evidence, PROSE);
    all_well(wrong)?;
    let told = &Ban { evidence, ..told.clone() };
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        separation::outsider(tx, by.person()?, &row).await?;
        if !breached(row.stage, row.grade.as_deref()) {
            return Err(Error::refused("refused-ban-no-breach"));
        }
        if !separation::grantees(tx, &row).await?.contains(&told.organisation) {
            return Err(Error::field("organisation", "refused-unknown"));
        }
        let today = by.day_of(tx.now());
        if told.until_on <= today {
            return Err(Error::field("until_on", "refused-not-future"));
        }
        if today.checked_add_months(Months::new(MAX_MONTHS)).is_none_or(|last| told.until_on > last) {
            return Err(Error::field("until_on", "refused-ban-long"));
        }
        if of_award(tx, id).await?.iter().any(|ban| ban.organisation_id == told.organisation) {
            return Err(Error::refused("refused-ban-there"));
        }
        proposals::propose(tx, by, ProposalKind::Ban, Subject::Award, id.0, told).await?;
        let args = [("title", row.title.clone())];
        letters::to_role(tx, Role::Approver, "award-ban", &args, &format!("/awards/{id}")).await
    })
    .await
}

/// A different person confirms; from today on the organisation may not apply.
///
/// # Errors
/// [`Error::NotFound`] when none is proposed; [`Error::Forbidden`] for the proposer, reviewers and the grantee's people.
pub async fn confirm_ban(by: &As<Approver>, id: AwardId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        separation::untouched(tx, by, &row).await?;
        let first = proposals::open(tx, ProposalKind::Ban, Subject::Award, id.0).await?.ok_or(Error::NotFound)?;
        let told: Ban = proposals::confirm(tx, by, ProposalKind::Ban, Subject::Award, id.0).await?;
        let today = by.day_of(tx.now());
        if told.until_on <= today {
            return Err(Error::field("until_on", "refused-not-future"));
        }
        let ban = ban::ActiveModel {
            organisation_id: Set(told.organisation),
            award_id: Set(id),
            evidence: Set(told.evidence.clone()),
            from_on: Set(today),
            until_on: Set(told.until_on),
            proposed_by: Set(first.proposed_by),
            confirmed_by: Set(by.person()?),
            confirmed_at: Set(tx.now()),
            ..Default::default()
        };
        ban::Entity::insert(ban).exec_without_returning(tx).await?;
        events::record(tx, by, Subject::Award, id.0, Note::act("ban").because(&told.evidence)).await?;
        let args =
            [("title", row.title.clone()), ("until.day", told.until_on.to_string()), ("reason", told.evidence.clone())];
        letters::to_organisation(tx, told.organisation, "organisation-barred", &args, &format!("/awards/{id}")).await
    })
    .await
}

/// Bans that followed an award.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_award(db: &impl ConnectionTrait, id: AwardId) -> Result<Vec<ban::Model>> {
    Ok(ban::Entity::find().filter(ban::Column::AwardId.eq(id)).order_by_asc(ban::Column::Id).limit(10).all(db).await?)
}

/// The last day of the ban that bars each of these organisations on a day, or each of all: of several the longest.
///
/// # Errors
/// When the database cannot be read.
pub async fn barred(
    db: &impl ConnectionTrait,
    organisations: Option<&[OrganisationId]>,
    today: NaiveDate,
) -> Result<BTreeMap<OrganisationId, NaiveDate>> {
    let mut query = ban::Entity::find().filter(ban::Column::FromOn.lte(today)).filter(ban::Column::UntilOn.gte(today));
    if let Some(of) = organisations {
        query = query.filter(ban::Column::OrganisationId.is_in(of.iter().copied()));
    }
    let rows = query.order_by_asc(ban::Column::UntilOn).limit(STANDING).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.organisation_id, row.until_on)).collect())
}
