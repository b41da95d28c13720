//! What can be done with gifts: pledge, receive through the bank by two, match, refund, offer in kind, import, trace.

pub mod bills;
pub mod imports;
pub mod in_kind;
pub mod lines;
pub mod naming;
pub mod online;
pub mod outcomes;
pub mod pledges;
pub mod receipts;
pub mod refunds;
pub mod traces;

use super::rules::GIVEN;
use crate::commons::letters;
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::funds;
use crate::ledger::recipes::Sum;
use crate::people::permission::Context;
use entities::kinds::{
    Anonymity, Currency, FundId, FundraisingMode, GiftId, GiftKind, GiftStage, NeedId, NeedStage, OrganisationId,
    PersonId,
};
use entities::{foundation, fund, gift, need};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::sync::Arc;

/// Organisations that gave to a fund, pledges and matches not counted.
///
/// # Errors
/// When the database cannot be read.
pub async fn donors_of(db: &impl ConnectionTrait, fund: FundId) -> Result<Vec<OrganisationId>> {
    Ok(gift::Entity::find()
        .select_only()
        .column(gift::Column::DonorOrganisationId)
        .distinct()
        .filter(gift::Column::FundId.eq(fund))
        .filter(gift::Column::Kind.ne(GiftKind::Match))
        .filter(gift::Column::Stage.is_in(GIVEN.iter().copied()))
        .filter(gift::Column::DonorOrganisationId.is_not_null())
        .into_tuple()
        .all(db)
        .await?)
}

/// The lot of a new fund needs a gift to belong to: a seed-fund award is given by the foundation itself, never by a person.
/// `hands` prepared and approved its payment.
///
/// # Errors
/// [`Error::NotFound`] for a fund there is none of.
pub async fn given_as_seed(
    tx: &Tx,
    to: FundId,
    sum: Sum,
    hands: (Option<PersonId>, Option<PersonId>),
) -> Result<GiftId> {
    let giver = foundation::Entity::find_by_id(1).one(tx).await?.ok_or(Error::NotFound)?;
    funds::service::load(tx, to).await?;
    let row = gift::ActiveModel {
        fund_id: Set(to),
        kind: Set(GiftKind::Bank),
        stage: Set(GiftStage::Received),
        donor_name: Set(giver.name_zh),
        anonymity: Set(Anonymity::Named),
        receipt_wanted: Set(false),
        amount_minor: Set(sum.amount_minor),
        currency: Set(sum.currency),
        received_on: Set(Some(sum.on)),
        recorded_by: Set(hands.0),
        confirmed_by: Set(hands.1),
        description: Set(String::new()),
        valuation_basis: Set(String::new()),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    Ok(gift::Entity::insert(row).exec_with_returning(tx).await?.id)
}

/// What the clock brings: pledges lapse and references expire.
///
/// # Errors
/// When the database refuses.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    pledges::tick(edges).await
}

/// A gift by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: GiftId) -> Result<gift::Model> {
    gift::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// A gift that nobody else changes until this transaction ends.
pub(super) async fn locked(tx: &Tx, id: GiftId) -> Result<gift::Model> {
    gift::Entity::find_by_id(id).lock_exclusive().one(tx).await?.ok_or(Error::NotFound)
}

/// The fund, if it takes a gift of this currency from a donor who is known here, or is not.
pub(in crate::grants) async fn accepting(tx: &Tx, id: FundId, currency: Currency, known: bool) -> Result<fund::Model> {
    let row = funds::service::load(tx, id).await?;
    if !funds::rules::takes_gifts(row.stage) {
        return Err(Error::refused("refused-gift-fund-stage"));
    }
    match row.mode {
        FundraisingMode::None => return Err(Error::refused("refused-gift-mode-none")),
        FundraisingMode::Targeted if !known => return Err(Error::refused("refused-gift-targeted")),
        FundraisingMode::Targeted | FundraisingMode::Public => {}
    }
    if row.currency != currency {
        return Err(Error::field("currency", "refused-currency"));
    }
    Ok(row)
}

/// A gift is restricted to a need that stands on the list or is being answered.
pub(in crate::grants) async fn restricted(tx: &Tx, restriction: Option<NeedId>) -> Result<()> {
    let Some(id) = restriction else { return Ok(()) };
    let row = need::Entity::find_by_id(id).one(tx).await?;
    row.filter(|row| matches!(row.stage, NeedStage::Listed | NeedStage::Adopted))
        .map(|_| ())
        .ok_or_else(|| Error::field("restriction", "refused-need-not-listed"))
}

/// Whether the person gives: the donor in person, or somebody of the donor organisation.
pub fn is_donor(context: &Context, row: &gift::Model) -> bool {
    let person = row.donor_person_id.is_some() && row.donor_person_id == context.actor.person;
    person || row.donor_organisation_id.is_some_and(|organisation| context.actor.belongs_to(organisation))
}

/// Nobody records or confirms a gift of one's own.
fn not_own(context: &Context, row: &gift::Model) -> Result<()> {
    if is_donor(context, row) { Err(Error::Forbidden("forbidden-gift-own")) } else { Ok(()) }
}

/// A letter to the donor, where we know how to reach them.
async fn tell(tx: &Tx, row: &gift::Model, letter: &str) -> Result<()> {
    tell_of(tx, row, &funds::service::load(tx, row.fund_id).await?, letter).await
}

/// The same with the fund that was read in this transaction.
async fn tell_of(tx: &Tx, row: &gift::Model, fund: &fund::Model, letter: &str) -> Result<()> {
    let args = letters::of_fund(fund);
    let link = format!("/gifts/{}", row.id);
    match (row.donor_organisation_id, row.donor_person_id) {
        (Some(organisation), _) => letters::to_organisation(tx, organisation, letter, &args, &link).await,
        (None, Some(person)) => letters::to_person(tx, person, letter, &args, &link).await,
        (None, None) => Ok(()),
    }
}
