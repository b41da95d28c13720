//! Members of organisations, and the fiscal host (承接单位) that a resident group names and that accepts.

use super::rules::MEMBERSHIP;
use super::{invitations, organisations};
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::core::lifecycle::Part;
use crate::error::{Error, Result};
use crate::people::permission::{As, Signatory};
use entities::kinds::{LegalForm, MemberRole, MembershipId, MembershipStage, OrganisationId, PersonId, Subject};
use entities::{membership, organisation, person};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Members shown.
const SHOWN: u64 = 100;

/// The members of an organisation, those who left last.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, organisation: OrganisationId) -> Result<Vec<membership::Model>> {
    Ok(membership::Entity::find()
        .filter(membership::Column::OrganisationId.eq(organisation))
        .order_by_asc(membership::Column::Stage)
        .order_by_asc(membership::Column::Id)
        .limit(SHOWN)
        .all(db)
        .await?)
}

/// Whether a person is of any of these organisations: signs or writes for it, or is employed there.
///
/// # Errors
/// When the database cannot be read.
pub async fn belongs(db: &impl ConnectionTrait, person: PersonId, to: &[OrganisationId]) -> Result<bool> {
    let row = person::Entity::find_by_id(person).one(db).await?;
    if row.and_then(|row| row.employer_id).is_some_and(|employer| to.contains(&employer)) {
        return Ok(true);
    }
    let row = membership::Entity::find()
        .filter(membership::Column::PersonId.eq(person))
        .filter(membership::Column::Stage.eq(MembershipStage::Active))
        .filter(membership::Column::OrganisationId.is_in(to.iter().copied()))
        .limit(1)
        .one(db)
        .await?;
    Ok(row.is_some())
}

/// Ends a membership. Somebody keeps signing for the organisation; the ways back in that were prepared before are closed.
///
/// # Errors
/// [`Error::NotFound`]; a refusal for the last signatory.
pub async fn end(by: &As<Signatory>, id: MembershipId) -> Result<()> {
    let organisation = by.permission().organisation();
    by.decide(|tx| async move {
        let tx = &tx;
        let row = membership::Entity::find_by_id(id).one(tx).await?;
        let row = row.filter(|row| row.organisation_id == organisation).ok_or(Error::NotFound)?;
        let person = row.person_id;
        let ended = MEMBERSHIP.step(row.stage, "end-member", Part::Signatory).map_err(|_| Error::NotFound)?;
        let signs = membership::Entity::find()
            .filter(membership::Column::OrganisationId.eq(organisation))
            .filter(membership::Column::Role.eq(MemberRole::Signatory))
            .filter(membership::Column::Stage.eq(MembershipStage::Active))
            .filter(membership::Column::Id.ne(id));
        if row.role == MemberRole::Signatory && signs.one(tx).await?.is_none() {
            return Err(Error::refused("refused-last-signatory"));
        }
        let row = membership::ActiveModel {
            id: Set(id),
            stage: Set(ended),
            ended_at: Set(Some(tx.now())),
            ..Default::default()
        };
        membership::Entity::update(row).exec(tx).await?;
        invitations::void(tx, person, Some(organisation)).await?;
        events::record(tx, by, Subject::Organisation, organisation.0, Note::act("end-member")).await
    })
    .await
}

/// Names the fiscal host of a resident group; the host is asked.
///
/// # Errors
/// A refusal for other legal forms; by the field: a host that is no registered organisation.
pub async fn name_host(by: &As<Signatory>, host: OrganisationId) -> Result<()> {
    let group = by.permission().organisation();
    by.write(|tx| async move {
        let tx = &tx;
        let row = organisations::load(tx, group).await?;
        if row.legal_form != LegalForm::ResidentGroup {
            return Err(Error::refused("refused-host-not-needed"));
        }
        let other = organisation::Entity::find_by_id(host).one(tx).await?;
        let seen = row.fiscal_host_id == Some(host) || organisations::may_choose(tx, by, host).await?;
        if other.is_none_or(|other| !seen || other.legal_form == LegalForm::ResidentGroup) {
            return Err(Error::field("host", "refused-host-form"));
        }
        set_host(tx, group, Some(host), None).await?;
        events::record(tx, by, Subject::Organisation, group.0, Note::act("name-host")).await?;
        letters::to_organisation(tx, host, "host-asked", &[], &format!("/organisations/{group}")).await
    })
    .await
}

/// Accepts or declines to be the fiscal host of a group; never by somebody of the group.
///
/// # Errors
/// [`Error::NotFound`] when it was not asked; `forbidden-second-person` for the group's own people.
pub async fn answer_host(by: &As<Signatory>, group: OrganisationId, accept: bool) -> Result<()> {
    let host = by.permission().organisation();
    by.write(|tx| async move {
        let tx = &tx;
        let row = organisations::load(tx, group).await?;
        if row.fiscal_host_id != Some(host) || row.host_accepted_by.is_some() {
            return Err(Error::NotFound);
        }
        let me = by.permission().person();
        let own = membership::Entity::find()
            .filter(membership::Column::OrganisationId.eq(group))
            .filter(membership::Column::PersonId.eq(me))
            .filter(membership::Column::Stage.eq(MembershipStage::Active));
        if own.one(tx).await?.is_some() {
            return Err(Error::Forbidden("forbidden-second-person"));
        }
        set_host(tx, group, accept.then_some(host), accept.then_some(me)).await?;
        let act = if accept { "accept-host" } else { "decline-host" };
        events::record(tx, by, Subject::Organisation, group.0, Note::act(act)).await?;
        let letter = if accept { "host-accepted" } else { "host-declined" };
        letters::to_organisation(tx, group, letter, &[], &format!("/organisations/{group}")).await
    })
    .await
}

async fn set_host(
    tx: &crate::edges::db::Tx,
    group: OrganisationId,
    host: Option<OrganisationId>,
    accepted_by: Option<entities::kinds::PersonId>,
) -> Result<()> {
    let row = organisation::ActiveModel {
        id: Set(group),
        fiscal_host_id: Set(host),
        host_accepted_by: Set(accepted_by),
        ..Default::default()
    };
    organisation::Entity::update(row).exec(tx).await?;
    Ok(())
}

/// Groups that asked one of these organisations to be their host and wait for an answer.
///
/// # Errors
/// When the database cannot be read.
pub async fn asked_hosts(
    db: &impl ConnectionTrait,
    hosts: impl Iterator<Item = OrganisationId>,
    limit: u64,
) -> Result<Vec<organisation::Model>> {
    Ok(organisation::Entity::find()
        .filter(organisation::Column::FiscalHostId.is_in(hosts))
        .filter(Expr::col(organisation::Column::HostAcceptedBy).is_null())
        .order_by_asc(organisation::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}
