//! A line of the imported statement pays a gift that waits, or takes a refund out: proposed by one, confirmed by another.

use super::pledges::reference;
use super::receipts::{confirmed, unused};
use super::{locked, refunds};
use crate::commons::events::{self, Note};
use crate::commons::lives::advance;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::pledges::service::parts;
use crate::ledger::lines::Moved;
use crate::ledger::recipes::{self, Sum};
use crate::people::members::belongs;
use crate::people::permission::{As, Context, RolePermission};
use entities::gift;
use entities::kinds::{GiftId, GiftKind, GiftStage, PersonId, Subject};
use sea_orm::{ActiveValue::Set, EntityTrait};

/// A line of the statement, as its two people see it.
#[derive(Debug, Clone)]
pub struct Line {
    /// The bank's mark.
    pub mark: String,
    /// What it moved, without a sign.
    pub sum: Sum,
    /// Who proposed what it is.
    pub proposed_by: PersonId,
}

/// Whether a gift waits for its money.
pub fn waits(row: &gift::Model) -> bool {
    let waiting = matches!(row.stage, GiftStage::Pledged | GiftStage::Processing);
    waiting && row.kind == GiftKind::Bank && row.recorded_by.is_none()
}

/// The money of a gift that waits has come: recorded in the name of whom proposed it and confirmed at once by another.
///
/// # Errors
/// A refusal when it waits no more, for another amount, when the line was recorded before, and as
/// [`super::receipts::confirm_receipt`]; forbidden when either of the two belongs to the donor.
pub async fn receive<R: RolePermission>(tx: &Tx, by: &As<R>, id: GiftId, line: &Line) -> Result<()> {
    let mut row = locked(tx, id).await?;
    if !waits(&row) {
        return Err(Error::refused("refused-stage"));
    }
    // An instalment may come in part: what is left of it waits anew.
    if line.sum.amount_minor < row.amount_minor && parts::of_gift(tx, id).await?.is_some() {
        parts::split(tx, by, &row, line.sum.amount_minor).await?;
        row = locked(tx, id).await?;
    }
    if row.amount_minor != line.sum.amount_minor || row.currency != line.sum.currency {
        return Err(Error::refused("refused-gift-pledge-amount"));
    }
    let donor: Vec<_> = row.donor_organisation_id.into_iter().collect();
    if row.donor_person_id == Some(line.proposed_by) || belongs(tx, line.proposed_by, &donor).await? {
        return Err(Error::Forbidden("forbidden-gift-own"));
    }
    unused(tx, &line.mark, Moved::came(line.sum)).await?;
    if row.stage == GiftStage::Pledged {
        advance(tx, &Context::system(by.edges.clone()), &row, "issue-reference", Note::act("")).await?;
    }
    let set = gift::ActiveModel {
        id: Set(id),
        reference: Set(Some(reference(id))),
        bank_line: Set(Some(line.mark.clone())),
        received_on: Set(Some(line.sum.on)),
        recorded_by: Set(Some(line.proposed_by)),
        ..Default::default()
    };
    gift::Entity::update(set).exec(tx).await?;
    recipes::bank_receipt(tx, by, (Subject::Gift, id.0), row.fund_id, line.sum, &line.mark, None).await?;
    events::record(tx, by, Subject::Gift, id.0, Note::act("record-receipt")).await?;
    confirmed(tx, by, id).await
}

/// A refund that was held has left the bank.
///
/// # Errors
/// [`Error::NotFound`] when none is held; a refusal for another amount, or when the line was recorded before.
pub async fn refund<R: RolePermission>(tx: &Tx, by: &As<R>, id: GiftId, line: &Line) -> Result<()> {
    let row = locked(tx, id).await?;
    if row.amount_minor != line.sum.amount_minor || row.currency != line.sum.currency {
        return Err(Error::refused("refused-bank-line-amount"));
    }
    refunds::settled(tx, by, id, &line.mark, line.sum.on).await
}
