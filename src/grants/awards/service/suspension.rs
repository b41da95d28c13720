//! An award that stands still for a reason the grantee reads, and goes on.

use super::{begin_closing, count, load, tell};
use crate::commons::events::Note;
use crate::commons::lives::advance;
use crate::error::Result;
use crate::grants::awards::separation;
use crate::grants::tranches::service as tranches;
use crate::people::permission::{As, Officer};
use entities::kinds::AwardId;

/// Stops payments on an award for a reason the grantee reads.
///
/// # Errors
/// [`Error::Forbidden`] for the grantee's people; a refusal by stage.
pub async fn suspend(by: &As<Officer>, id: AwardId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        separation::outsider(tx, by.person()?, &row).await?;
        advance(tx, by, &row, "suspend", Note::act("").because(reason)).await?;
        count(tx, &row).await?;
        tell(tx, &row, "award-suspended", reason).await
    })
    .await
}

/// Lets a suspended award go on.
///
/// # Errors
/// As [`suspend`].
pub async fn resume(by: &As<Officer>, id: AwardId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        separation::outsider(tx, by.person()?, &row).await?;
        advance(tx, by, &row, "resume", Note::act("").because(reason)).await?;
        count(tx, &row).await?;
        tell(tx, &row, "award-resumed", reason).await?;
        // A report or signature may have come in while it stood still.
        let final_report = tranches::facts(tx, &row).await?.final_report;
        if final_report {
            begin_closing(tx, by, id).await?;
        }
        tranches::gates_changed(tx, by, id).await
    })
    .await
}
