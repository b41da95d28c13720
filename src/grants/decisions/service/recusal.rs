//! What becomes of a batch when a reviewer turns out to have had an interest.

use super::drafting::propose_again;
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::commons::lives::advance;
use crate::edges::db::Tx;
use crate::error::Result;
use crate::grants::decisions::reading::{newest, standing, take};
use crate::grants::reviews::rules::told;
use crate::people::permission::{As, Context, Permission};
use entities::appeal;
use entities::kinds::{AppealAgainst, AppealStage, ApplicationId, BatchStage, CallId, ConflictGround, Subject};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

/// Reviews were removed after scoring. A draft is proposed anew, a submitted batch goes back to draft and is proposed anew;
/// what was approved already, in this batch or an earlier one, is looked at in an appeal.
///
/// # Errors
/// When the database refuses.
pub async fn recused<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    call: CallId,
    of: &[ApplicationId],
    ground: ConflictGround,
) -> Result<()> {
    let decided: Vec<ApplicationId> = standing(tx, of).await?.into_iter().map(|row| row.application_id).collect();
    appeal_opened(tx, by, &decided, ground).await?;
    let Some(batch) = newest(tx, call).await? else { return Ok(()) };
    let batch = take(tx, batch.id).await?;
    match batch.stage {
        BatchStage::Draft => propose_again(tx, by, &batch).await,
        BatchStage::Submitted => {
            let system = Context::system(by.edges.clone());
            let note = Note::act("return").because(told(ground));
            advance(tx, &system, &batch, "return", note).await?;
            let link = format!("/calls/{call}/decision");
            letters::to_person(tx, batch.drafted_by, "batch-recusal", &[], &link).await?;
            propose_again(tx, by, &batch).await
        }
        BatchStage::Approved | BatchStage::Decided => Ok(()),
    }
}

async fn appeal_opened<P: Permission>(tx: &Tx, by: &As<P>, of: &[ApplicationId], ground: ConflictGround) -> Result<()> {
    let open: Vec<ApplicationId> = appeal::Entity::find()
        .filter(appeal::Column::ApplicationId.is_in(of.iter().copied()))
        .filter(appeal::Column::Against.eq(AppealAgainst::Decision))
        .filter(appeal::Column::Stage.eq(AppealStage::Filed))
        .all(tx)
        .await?
        .into_iter()
        .map(|row| row.application_id)
        .collect();
    for application in of.iter().filter(|id| !open.contains(id)) {
        let row = appeal::ActiveModel {
            application_id: Set(*application),
            against: Set(AppealAgainst::Decision),
            // The applicant reads it: who gives to the fund is not told.
            ground: Set(format!("recusal: {}", told(ground))),
            stage: Set(AppealStage::Filed),
            filed_by: Set(by.person()?),
            filed_at: Set(tx.now()),
            reason: Set(String::new()),
            ..Default::default()
        };
        let row = appeal::Entity::insert(row).exec_with_returning(tx).await?;
        let note = Note::act("recusal").because(told(ground));
        events::record(tx, by, Subject::Appeal, row.id.0, note).await?;
    }
    Ok(())
}
