//! The agreement signed by both; the second signature makes the award active and begins its term.

use super::offers::in_time;
use super::{load, own, tell};
use crate::commons::events::{self, Note};
use crate::commons::lives::advance_with;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::awards::{agreement, separation};
use crate::grants::reports;
use crate::grants::tranches::service as tranches;
use crate::people::permission::{Administrator, As, Context, Permission, Signatory};
use crate::people::roles;
use chrono::Duration;
use entities::kinds::{AwardId, AwardStage, Subject};
use entities::{award, call};
use sea_orm::{ActiveValue::Set, EntityTrait};

/// The grantee's signatory signs the agreement by typing their name.
///
/// # Errors
/// Refusals: another name, signed before, another text than the foundation signed.
pub async fn sign_as_grantee(by: &As<Signatory>, id: AwardId, typed_name: &str) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = own(tx, id, by.permission().organisation()).await?;
        if typed_name.trim() != by.actor.name.trim() {
            return Err(Error::field("typed_name", "refused-award-signature"));
        }
        roles::apart(tx, by, &[row.foundation_signed_by]).await?;
        let signed = award::ActiveModel {
            grantee_signed_by: Set(Some(by.person()?)),
            grantee_signed_at: Set(Some(tx.now())),
            ..Default::default()
        };
        sign(tx, by, row, signed, "sign-grantee").await
    })
    .await
}

/// An administrator signs the agreement for the foundation.
///
/// # Errors
/// [`Error::Forbidden`] for the grantee's people and reviewers; refusals as [`sign_as_grantee`].
pub async fn sign_for_foundation(by: &As<Administrator>, id: AwardId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        separation::untouched(tx, by, &row).await?;
        roles::apart(tx, by, &[row.grantee_signed_by]).await?;
        let signed = award::ActiveModel {
            foundation_signed_by: Set(Some(by.person()?)),
            foundation_signed_at: Set(Some(tx.now())),
            ..Default::default()
        };
        sign(tx, by, row, signed, "sign-foundation").await
    })
    .await
}

async fn sign<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    row: award::Model,
    signed: award::ActiveModel,
    act: &'static str,
) -> Result<()> {
    if row.stage != AwardStage::Accepted {
        return Err(Error::refused("refused-stage"));
    }
    in_time(by, tx, &row)?;
    let before = if act == "sign-grantee" { row.grantee_signed_by } else { row.foundation_signed_by };
    if before.is_some() {
        return Err(Error::refused("refused-award-signed"));
    }
    let text = agreement::text(tx, &row).await?;
    let hash = agreement::fingerprint(&text);
    if !row.agreement_hash.is_empty() && row.agreement_hash != hash {
        return Err(Error::refused("refused-agreement-changed"));
    }
    agreement::keep(tx, &row, &text).await?;
    let change = award::ActiveModel {
        id: Set(row.id),
        agreement_hash: Set(hash.clone()),
        version: Set(row.version + 1),
        ..signed
    };
    let row = award::Entity::update(change).exec(tx).await?;
    let data = serde_json::json!({ "agreement": hash });
    events::record(tx, by, Subject::Award, row.id.0, Note::act(act).with(data)).await?;
    if row.grantee_signed_by.is_none() || row.foundation_signed_by.is_none() {
        return Ok(());
    }
    activate(tx, by, &row).await
}

async fn activate<P: Permission>(tx: &Tx, by: &As<P>, row: &award::Model) -> Result<()> {
    let call = call::Entity::find_by_id(row.call_id).one(tx).await?.ok_or(Error::NotFound)?;
    let ends_on =
        agreement::term_days(&call)?.and_then(|days| by.day_of(tx.now()).checked_add_signed(Duration::days(days)));
    let agreed = [(award::Column::EndsOn, ends_on.into())];
    advance_with(tx, &Context::system(by.edges.clone()), row, ("activate", &agreed), Note::act("")).await?;
    reports::service::schedule(tx, by, row).await?;
    tell(tx, row, "award-active", "").await?;
    tranches::gates_changed(tx, by, row.id).await
}
