//! The end of an account: an administrator ends it with a reason, and everything it opened closes with it.

use super::rules::MEMBERSHIP;
use super::{accounts, invitations, roles, sessions};
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::core::lifecycle::Part;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::{Administrator, As};
use entities::kinds::{MemberRole, MembershipStage, OrganisationId, PersonId, Role, Subject};
use entities::{membership, person};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// Ends an account: sessions, roles, memberships and open invitations end with it, in one transaction. What the person did stays,
/// under their name. An organisation that loses its last signatory so gets a first one again from an officer.
///
/// # Errors
/// [`Error::NotFound`]; `forbidden-own-account`; a refusal for an account that has ended or when fewer than two administrators would be left.
pub async fn end(by: &As<Administrator>, person: PersonId, reason: &str) -> Result<()> {
    if by.person()? == person {
        return Err(Error::Forbidden("forbidden-own-account"));
    }
    by.decide(|tx| async move { end_in(&tx, by, person, reason).await }).await
}

/// The same inside another act of an administrator: an account that is erased ends first.
///
/// # Errors
/// As [`end`].
pub(crate) async fn end_in(tx: &Tx, by: &As<Administrator>, person: PersonId, reason: &str) -> Result<()> {
    if accounts::load(tx, person).await?.ended_at.is_some() {
        return Err(Error::refused("refused-account-ended"));
    }
    sessions::end_all(tx, person, None).await?;
    invitations::void(tx, person, None).await?;
    roles::take_all(tx, by, person, reason).await?;
    leave_organisations(tx, by, person).await?;
    // The letter first: nobody writes to an account that has ended.
    letters::to_person(tx, person, "account-ended", &[("reason", reason.to_owned())], "/").await?;
    let row = person::ActiveModel { id: Set(person), ended_at: Set(Some(tx.now())), ..Default::default() };
    person::Entity::update(row).exec(tx).await?;
    events::record(tx, by, Subject::Person, person.0, Note::act("end-account").because(reason)).await?;
    let page = format!("/admin/people/{person}");
    letters::to_role(tx, Role::Administrator, "account-ended-administrators", &[], &page).await
}

async fn leave_organisations(tx: &Tx, by: &As<Administrator>, person: PersonId) -> Result<()> {
    let parts = membership::Entity::find()
        .filter(membership::Column::PersonId.eq(person))
        .filter(membership::Column::Stage.eq(MembershipStage::Active))
        .order_by_asc(membership::Column::Id)
        .all(tx)
        .await?;
    for part in parts {
        let ended = MEMBERSHIP.step(part.stage, "end-account", Part::Administrator).map_err(|_| Error::NotFound)?;
        let row = membership::ActiveModel {
            id: Set(part.id),
            stage: Set(ended),
            ended_at: Set(Some(tx.now())),
            ..Default::default()
        };
        membership::Entity::update(row).exec(tx).await?;
        let organisation = part.organisation_id;
        events::record(tx, by, Subject::Organisation, organisation.0, Note::act("end-account")).await?;
        if part.role == MemberRole::Signatory {
            ask_for_a_signatory(tx, organisation).await?;
        }
    }
    Ok(())
}

/// Tells the officers of an organisation that nobody signs for any more.
async fn ask_for_a_signatory(tx: &Tx, organisation: OrganisationId) -> Result<()> {
    if !invitations::signatories(tx, organisation).await?.is_empty() {
        return Ok(());
    }
    let page = format!("/organisations/{organisation}/invite-first");
    letters::to_role(tx, Role::ProgrammeOfficer, "signatory-missing", &[], &page).await
}
