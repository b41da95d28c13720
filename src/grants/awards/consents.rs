//! The donors' consent to another purpose of an award: theirs whose money it is, each given by one signatory.
//!
//! Whose gift was bound to the old purpose must agree, all of them; where no gift was bound, one of those whose money was
//! promised to the award speaks for it. Owns `change_consent`.

use super::rules::donors_agree;
use super::service::load;
use crate::commons::events::{self, Note};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::ledger::lots;
use crate::people::permission::{As, Context, Signatory};
use crate::people::roles;
use entities::kinds::{AwardId, ChangeRequestId, ChangeStage, GiftId, OrganisationId, PersonId, Subject};
use entities::{award, change_consent, change_request, gift};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::BTreeMap;

/// Donors as a change of purpose sees them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Donors {
    /// Who is asked.
    pub asked: Vec<OrganisationId>,
    /// Those of them who must all agree; nobody when no gift was bound.
    pub bound: Vec<OrganisationId>,
}

/// The donors whose lots are promised to an award or spent for it. The grantee is never one of them: its own consent to its own
/// wish is none. Gifts without an organisation behind them cannot be asked for.
///
/// # Errors
/// When the database cannot be read.
pub async fn donors(db: &impl ConnectionTrait, row: &award::Model) -> Result<Donors> {
    let lots = lots::of_decision(db, row.item_id).await?;
    let gifts: BTreeMap<GiftId, OrganisationId> = gift::Entity::find()
        .filter(gift::Column::Id.is_in(lots.iter().map(|lot| lot.gift_id)))
        .all(db)
        .await?
        .into_iter()
        .filter_map(|gift| Some((gift.id, gift.donor_organisation_id?)))
        .collect();
    let mut all = Donors::default();
    for lot in &lots {
        let Some(donor) = gifts.get(&lot.gift_id).copied().filter(|donor| *donor != row.organisation_id) else {
            continue;
        };
        if !all.asked.contains(&donor) {
            all.asked.push(donor);
        }
        if lot.restriction_need_id.is_some() && !all.bound.contains(&donor) {
            all.bound.push(donor);
        }
    }
    if !all.bound.is_empty() {
        all.asked.clone_from(&all.bound);
    }
    Ok(all)
}

/// A change request of an award.
///
/// # Errors
/// [`Error::NotFound`], also for another award's.
pub async fn find(db: &impl ConnectionTrait, award: AwardId, id: ChangeRequestId) -> Result<change_request::Model> {
    change_request::Entity::find_by_id(id).one(db).await?.filter(|row| row.award_id == award).ok_or(Error::NotFound)
}

/// The consents given to a change.
///
/// # Errors
/// When the database cannot be read.
pub async fn given(db: &impl ConnectionTrait, change: ChangeRequestId) -> Result<Vec<change_consent::Model>> {
    Ok(change_consent::Entity::find()
        .filter(change_consent::Column::ChangeId.eq(change))
        .order_by_asc(change_consent::Column::Id)
        .all(db)
        .await?)
}

/// A donor whose money it is consents to a change of purpose, once.
///
/// # Errors
/// [`Error::NotFound`] for organisations that are not asked; a refusal by stage, or when it consented before.
pub async fn give(by: &As<Signatory>, award: AwardId, id: ChangeRequestId, evidence: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, award).await?;
        let change = find(tx, award, id).await?;
        let donor = by.permission().organisation();
        if !donors(tx, &row).await?.asked.contains(&donor) {
            return Err(Error::NotFound);
        }
        let open = matches!(change.stage, ChangeStage::Requested | ChangeStage::InReview);
        if !change.donor_consent_required || !open {
            return Err(Error::refused("refused-stage"));
        }
        roles::apart(tx, by, &[Some(change.requested_by)]).await?;
        if given(tx, id).await?.iter().any(|row| row.organisation_id == donor) {
            return Err(Error::refused("refused-change-consented"));
        }
        let consent = change_consent::ActiveModel {
            change_id: Set(id),
            organisation_id: Set(donor),
            evidence: Set(evidence.to_owned()),
            given_by: Set(by.person()?),
            given_at: Set(tx.now()),
            ..Default::default()
        };
        change_consent::Entity::insert(consent).exec_without_returning(tx).await?;
        // Who of the donors it was stays out of the event: the event's part says that a signatory did.
        events::record(tx, by, Subject::ChangeRequest, id.0, Note::act("consent")).await
    })
    .await
}

/// Refuses an approval without the donors, or by who spoke for one of them.
///
/// # Errors
/// `refused-change-no-consent`; [`Error::Forbidden`] for who consented.
pub(super) async fn complete(tx: &Tx, by: &Context, row: &award::Model, id: ChangeRequestId) -> Result<()> {
    let given = given(tx, id).await?;
    let people: Vec<Option<PersonId>> = given.iter().map(|row| Some(row.given_by)).collect();
    roles::apart(tx, by, &people).await?;
    let donors = donors(tx, row).await?;
    let agreed: Vec<OrganisationId> =
        given.iter().map(|row| row.organisation_id).filter(|donor| donors.asked.contains(donor)).collect();
    if donors_agree(&donors.bound, &agreed) { Ok(()) } else { Err(Error::refused("refused-change-no-consent")) }
}
