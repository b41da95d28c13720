//! Fiscal e-bills (公益事业捐赠电子票据): printed elsewhere; here their numbers are kept, each change beside the one before.

use super::{load, not_own, tell};
use crate::commons::events::{self, Note};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::gifts::rules::GIVEN;
use crate::people::permission::{As, Finance, Permission, Signatory, SignedIn};
use entities::kinds::{GiftId, GiftKind, Subject};
use entities::{gift, gift_bill};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

/// Longest number: that of a bill in force has ten digits beside a code of eight.
pub const NUMBER: usize = 40;
/// Numbers of one gift that are shown.
const MANY: u64 = 20;

/// The numbers in force of some gifts.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(db: &impl ConnectionTrait, gifts: impl Iterator<Item = GiftId>) -> Result<BTreeMap<GiftId, String>> {
    let rows = gift_bill::Entity::find()
        .filter(gift_bill::Column::GiftId.is_in(gifts))
        .order_by_asc(gift_bill::Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.gift_id, row.number)).collect())
}

/// Every number of a gift, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn history(db: &impl ConnectionTrait, gift: GiftId) -> Result<Vec<gift_bill::Model>> {
    Ok(gift_bill::Entity::find()
        .filter(gift_bill::Column::GiftId.eq(gift))
        .order_by_desc(gift_bill::Column::Id)
        .limit(MANY)
        .all(db)
        .await?)
}

/// Records the number of a gift's bill, another one in its place, or that it was cancelled (an empty number).
///
/// # Errors
/// [`Error::NotFound`]; forbidden for the donor's people; names the field: a number that is another gift's, no reason for a
/// change; a refusal when the gift was not received or the donor waived the receipt.
pub async fn record(by: &As<Finance>, id: GiftId, number: &str, reason: &str) -> Result<()> {
    let (number, reason) = (number.trim(), reason.trim());
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        not_own(by, &row)?;
        let old = history(tx, id).await?.into_iter().next().map(|bill| bill.number).unwrap_or_default();
        if row.kind == GiftKind::Match || !GIVEN.contains(&row.stage) {
            return Err(Error::refused("refused-bill-not-received"));
        }
        if !row.receipt_wanted && !number.is_empty() {
            return Err(Error::refused("refused-bill-waived"));
        }
        if number == old {
            return Err(Error::field("bill_number", "refused-bill-same"));
        }
        if !old.is_empty() && reason.is_empty() {
            return Err(Error::field("reason", "refused-bill-reason"));
        }
        free(tx, number, id).await?;
        let bill = gift_bill::ActiveModel {
            gift_id: Set(id),
            number: Set(number.to_owned()),
            reason: Set(reason.to_owned()),
            recorded_by: Set(by.person()?),
            recorded_at: Set(tx.now()),
            ..Default::default()
        };
        gift_bill::Entity::insert(bill).exec_without_returning(tx).await?;
        let act = if number.is_empty() { "cancel-bill" } else { "record-bill" };
        events::record(tx, by, Subject::Gift, id.0, Note::act(act).because(reason)).await?;
        if number.is_empty() { Ok(()) } else { tell(tx, &row, "gift-bill").await }
    })
    .await
}

/// A bill stands for one gift.
async fn free(tx: &Tx, number: &str, id: GiftId) -> Result<()> {
    if number.is_empty() {
        return Ok(());
    }
    let named = gift_bill::Entity::find()
        .filter(gift_bill::Column::Number.eq(number))
        .filter(gift_bill::Column::GiftId.ne(id))
        .limit(MANY)
        .all(tx)
        .await?;
    let now = of(tx, named.iter().map(|row| row.gift_id)).await?;
    if now.values().any(|other| other == number) {
        Err(Error::field("bill_number", "refused-bill-used"))
    } else {
        Ok(())
    }
}

/// The donor organisation wants a receipt after all, or waives it.
///
/// # Errors
/// [`Error::NotFound`] for another donor's gift; a refusal while a bill is out.
pub async fn wish(by: &As<Signatory>, id: GiftId, wanted: bool) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        if row.donor_organisation_id != Some(by.permission().organisation()) {
            return Err(Error::NotFound);
        }
        wished(tx, by, &row, wanted).await
    })
    .await
}

/// The same for a donor who gave in person.
///
/// # Errors
/// As [`wish`].
pub async fn wish_own(by: &As<SignedIn>, id: GiftId, wanted: bool) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        if row.donor_person_id != Some(by.permission().person()) {
            return Err(Error::NotFound);
        }
        wished(tx, by, &row, wanted).await
    })
    .await
}

async fn wished<P: Permission>(tx: &Tx, by: &As<P>, row: &gift::Model, wanted: bool) -> Result<()> {
    let out = of(tx, std::iter::once(row.id)).await?;
    if !wanted && out.get(&row.id).is_some_and(|number| !number.is_empty()) {
        return Err(Error::refused("refused-bill-out"));
    }
    let set = gift::ActiveModel { id: Set(row.id), receipt_wanted: Set(wanted), ..Default::default() };
    gift::Entity::update(set).exec(tx).await?;
    let act = if wanted { "want-receipt" } else { "waive-receipt" };
    events::record(tx, by, Subject::Gift, row.id.0, Note::act(act)).await
}
