//! An award ended by two people before its time.

use super::{load, locked, paid, tell};
use crate::commons::events::Note;
use crate::commons::lives::advance;
use crate::commons::{letters, proposals};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::awards::{closing, separation};
use crate::grants::tranches::service as tranches;
use crate::people::permission::{Approver, As, Officer};
use entities::award;
use entities::kinds::{AwardId, ProposalKind, Role, Subject};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde::{Deserialize, Serialize};

/// What a termination fixes when it is proposed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Termination {
    /// Read by the grantee and the public.
    pub reason: String,
    /// To be returned, in minor units.
    pub clawback_minor: i64,
}

/// An officer proposes to end an award, with what has to be returned.
///
/// # Errors
/// Refusals: more than was paid, a payment under way, the stage.
pub async fn propose_termination(by: &As<Officer>, id: AwardId, told: &Termination) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        separation::outsider(tx, by.person()?, &row).await?;
        crate::commons::lives::permitted(&row, by, "terminate")?;
        clawback_fits(tx, &row, told.clawback_minor).await?;
        proposals::propose(tx, by, ProposalKind::Clawback, Subject::Award, id.0, told).await?;
        let args = [("title", row.title.clone())];
        letters::to_role(tx, Role::Approver, "award-termination", &args, &format!("/awards/{id}")).await
    })
    .await
}

async fn clawback_fits(tx: &Tx, row: &award::Model, clawback_minor: i64) -> Result<()> {
    if clawback_minor < 0 || clawback_minor > paid(tx, row.id).await? {
        return Err(Error::field("clawback", "refused-more-than-paid"));
    }
    Ok(())
}

/// A different person confirms the termination: unsent tranches are cancelled and what is committed is the fund's again.
///
/// # Errors
/// [`Error::NotFound`] when none is proposed; [`Error::Forbidden`] for the proposer, reviewers and the grantee's people.
pub async fn confirm_termination(by: &As<Approver>, id: AwardId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = locked(tx, id).await?;
        separation::untouched(tx, by, &row).await?;
        let told: Termination = proposals::confirm(tx, by, ProposalKind::Clawback, Subject::Award, id.0).await?;
        clawback_fits(tx, &row, told.clawback_minor).await?;
        tranches::cancel_unsent(tx, by, &row).await?;
        closing::release_rest(tx, by, &row, "terminated").await?;
        advance(tx, by, &row, "terminate", Note::act("").because(&told.reason)).await?;
        let change = award::ActiveModel {
            id: Set(id),
            clawback_minor: Set(Some(told.clawback_minor)),
            clawback_settled: Set(told.clawback_minor == 0),
            version: Set(row.version + 1),
            ..Default::default()
        };
        award::Entity::update(change).exec(tx).await?;
        tell(tx, &row, "award-terminated", &told.reason).await
    })
    .await
}
