//! Instalments and the gifts that pay them: one waits at a time; what comes in part leaves the rest waiting anew.

use super::{load, progress, promise_of};
use crate::commons::events::{self, Note};
use crate::commons::lives::advance;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::gifts::service::pledges;
use crate::grants::pledges::rules::Due;
use crate::people::permission::{As, Permission};
use entities::kinds::{GiftId, GiftStage, InstalmentId, InstalmentStage, Subject};
use entities::{gift, instalment_gift, pledge_instalment, pledge_plan};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

/// Adds an instalment with the gift that waits for it.
pub(super) async fn add<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    plan: &pledge_plan::Model,
    part: Due,
) -> Result<InstalmentId> {
    let before =
        pledge_instalment::Entity::find().filter(pledge_instalment::Column::PlanId.eq(plan.id)).count(tx).await?;
    let row = pledge_instalment::ActiveModel {
        plan_id: Set(plan.id),
        ordinal: Set(i32::try_from(before + 1).unwrap_or(i32::MAX)),
        due_on: Set(part.due_on),
        amount_minor: Set(part.amount_minor),
        stage: Set(InstalmentStage::Promised),
        ..Default::default()
    };
    let row = pledge_instalment::Entity::insert(row).exec_with_returning(tx).await?;
    wait(tx, by, plan, &row, part.amount_minor).await?;
    Ok(row.id)
}

/// A gift waits for an amount of an instalment.
async fn wait<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    plan: &pledge_plan::Model,
    row: &pledge_instalment::Model,
    amount_minor: i64,
) -> Result<GiftId> {
    let promise = promise_of(plan, Due { due_on: row.due_on, amount_minor });
    let gift = pledges::promised(tx, by, &promise, plan.donor_organisation_id).await?;
    let link = instalment_gift::ActiveModel { gift_id: Set(gift), instalment_id: Set(row.id) };
    instalment_gift::Entity::insert(link).exec_without_returning(tx).await?;
    Ok(gift)
}

/// The instalment that a gift pays, if it pays one.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_gift(db: &impl ConnectionTrait, gift: GiftId) -> Result<Option<pledge_instalment::Model>> {
    let Some(link) = instalment_gift::Entity::find_by_id(gift).one(db).await? else { return Ok(None) };
    Ok(pledge_instalment::Entity::find_by_id(link.instalment_id).one(db).await?)
}

/// Less came than an instalment asks for: the gift that waited becomes what came, and another waits for the rest. Called before
/// the receipt is recorded, in its transaction; the gift keeps its reference, which the donor wrote on the transfer.
///
/// # Errors
/// A refusal when the gift pays no instalment.
pub async fn split<P: Permission>(tx: &Tx, by: &As<P>, row: &gift::Model, came_minor: i64) -> Result<()> {
    let refused = || Error::field("amount", "refused-gift-pledge-amount");
    let instalment = of_gift(tx, row.id).await?.ok_or_else(refused)?;
    let rest_minor = row.amount_minor - came_minor;
    if came_minor <= 0 || rest_minor <= 0 || instalment.stage != InstalmentStage::Promised {
        return Err(refused());
    }
    // The note beside the books is undone whole; what came is at the bank, and the rest is noted anew.
    pledges::end_note(tx, by, row).await?;
    let set = gift::ActiveModel { id: Set(row.id), amount_minor: Set(came_minor), ..Default::default() };
    gift::Entity::update(set).exec(tx).await?;
    let plan = load(tx, instalment.plan_id).await?;
    let rest = wait(tx, by, &plan, &instalment, rest_minor).await?;
    super::clock::remembered(tx, row.id, rest).await?;
    let data = serde_json::json!({ "came_minor": came_minor, "rest_minor": rest_minor });
    events::record(tx, by, Subject::Gift, row.id.0, Note::act("came-in-part").with(data)).await
}

/// A gift of an instalment ended without its money: while the instalment is promised, another waits for what is open.
///
/// # Errors
/// When the database refuses.
pub async fn ended<P: Permission>(tx: &Tx, by: &As<P>, gift: GiftId) -> Result<()> {
    let Some(row) = of_gift(tx, gift).await? else { return Ok(()) };
    let known = progress(tx, std::iter::once(row.id)).await?.remove(&row.id).unwrap_or_default();
    let waiting_minor = known.waiting.as_ref().map_or(0, |gift| gift.amount_minor);
    let open_minor = known.open_minor(&row) - waiting_minor;
    if open_minor <= 0 {
        return Ok(());
    }
    let plan = load(tx, row.plan_id).await?;
    let anew = wait(tx, by, &plan, &row, open_minor).await?;
    super::clock::remembered(tx, gift, anew).await
}

/// The donor took back the gift that waits: its instalment is cancelled with it.
///
/// # Errors
/// When the database refuses.
pub async fn taken_back<P: Permission>(tx: &Tx, by: &As<P>, gift: GiftId) -> Result<()> {
    match of_gift(tx, gift).await? {
        Some(row) if row.stage == InstalmentStage::Promised => {
            advance(tx, by, &row, "cancel", Note::act("")).await.map(|_| ())
        }
        _ => Ok(()),
    }
}

/// Ends the gift that waits for an instalment by an act of the gift's lifecycle. Answers whether one waited.
pub(super) async fn end<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    row: &pledge_instalment::Model,
    act: &'static str,
) -> Result<bool> {
    let known = progress(tx, std::iter::once(row.id)).await?.remove(&row.id).unwrap_or_default();
    let Some(gift) = known.waiting else { return Ok(false) };
    match (act, gift.stage) {
        ("cancel", GiftStage::Pledged) => advance(tx, by, &gift, "cancel", Note::act("")).await?,
        ("lapse", GiftStage::Pledged) => advance(tx, by, &gift, "lapse", Note::act("")).await?,
        // A reference is out already: nobody waits for its money any longer.
        _ => {
            let system = crate::people::permission::Context::system(by.edges.clone());
            advance(tx, &system, &gift, "expire", Note::act("")).await?
        }
    };
    pledges::end_note(tx, by, &gift).await?;
    Ok(true)
}
