//! How a donor is named in public: the donor chooses; staff may hide a name and never bring one out.

use super::load;
use crate::commons::events::{self, Note};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::{As, Context, Finance, Permission, RolePermission, Signatory, SignedIn};
use entities::gift;
use entities::kinds::{Anonymity, GiftId, GiftKind, Role, Subject};
use sea_orm::{ActiveValue::Set, EntityTrait};

/// The donor organisation's signatory chooses how it is named.
///
/// # Errors
/// [`Error::NotFound`] for another donor's gift.
pub async fn choose_name(by: &As<Signatory>, id: GiftId, anonymity: Anonymity) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        if row.donor_organisation_id != Some(by.permission().organisation()) {
            return Err(Error::NotFound);
        }
        set(tx, by, &row, anonymity).await
    })
    .await
}

/// A donor who gave in person chooses how they are named.
///
/// # Errors
/// [`Error::NotFound`] for another donor's gift.
pub async fn choose_own_name(by: &As<SignedIn>, id: GiftId, anonymity: Anonymity) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        if row.donor_person_id != Some(by.permission().person()) {
            return Err(Error::NotFound);
        }
        set(tx, by, &row, anonymity).await
    })
    .await
}

/// Finance puts right how a donor is named, at the donor's word on paper: towards less, never towards more.
///
/// # Errors
/// [`Error::NotFound`]; `refused-gift-name-withheld` for a name that the donor withheld.
pub async fn name_donor(by: &As<Finance>, id: GiftId, anonymity: Anonymity) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        if openness(anonymity) > openness(row.anonymity) {
            return Err(Error::field("anonymity", "refused-gift-name-withheld"));
        }
        set(tx, by, &row, anonymity).await
    })
    .await
}

/// How much a donor is known by: in public, to finance, to nobody.
const fn openness(anonymity: Anonymity) -> u8 {
    match anonymity {
        Anonymity::Named => 2,
        Anonymity::Withheld => 1,
        Anonymity::Anonymous => 0,
    }
}

/// Writes down who asked whose anonymous gift it is, and why, before it is shown.
///
/// # Errors
/// [`Error::NotFound`] for a gift that was not given anonymously; names the field when no reason is given; forbidden for other
/// roles than finance, approvers and supervisors.
pub async fn reveal<R: RolePermission>(by: &As<R>, id: GiftId, reason: &str) -> Result<()> {
    if !matches!(R::ROLE, Role::FinanceOfficer | Role::Approver | Role::Supervisor) {
        return Err(Error::Forbidden("forbidden-finance"));
    }
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::field("reason", "refused-empty"));
    }
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        if row.anonymity != Anonymity::Anonymous || row.kind == GiftKind::Match {
            return Err(Error::NotFound);
        }
        events::record(tx, by, Subject::Gift, id.0, Note::act("reveal").because(reason)).await
    })
    .await
}

/// The donor of a gift whose revealing stands in its history, by this person.
///
/// # Errors
/// [`Error::NotFound`] when it does not.
pub async fn name_of(context: &Context, id: GiftId) -> Result<String> {
    let db = context.edges.db.read();
    if !events::did(db, context.actor.person, Subject::Gift, id.0, "reveal").await? {
        return Err(Error::NotFound);
    }
    Ok(load(db, id).await?.donor_name)
}

async fn set<P: Permission>(tx: &Tx, by: &As<P>, row: &gift::Model, anonymity: Anonymity) -> Result<()> {
    // A match is the foundation's own; it has no other donor to name.
    if row.kind == GiftKind::Match {
        return Err(Error::NotFound);
    }
    let change = gift::ActiveModel { id: Set(row.id), anonymity: Set(anonymity), ..Default::default() };
    gift::Entity::update(change).exec(tx).await?;
    let data = serde_json::json!({ "from": row.anonymity.as_str(), "to": anonymity.as_str() });
    events::record(tx, by, Subject::Gift, row.id.0, Note::act("name").with(data)).await
}
