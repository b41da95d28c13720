//! Gifts through the payment processor (线上捐赠): what happens to the gift itself. Their orders, refunds and disputes are the
//! room of [`crate::grants::orders`], which calls these inside its own transactions.

use super::receipts::match_gift;
use super::{accepting, load, locked, restricted, tell};
use crate::commons::events::{self, Note};
use crate::commons::holds;
use crate::commons::lives::advance;
use crate::core::matching::reversal_for;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::funds;
use crate::grants::funds::service::pools;
use crate::ledger::lots;
use crate::ledger::recipes::{self, Sum};
use crate::people::permission::{As, Context, Permission, System};
use entities::kinds::{
    Anonymity, Currency, FundId, FundraisingMode, GiftId, GiftKind, GiftStage, MatchPoolStage, NeedId, OrganisationId,
    PersonId, Subject,
};
use entities::{foundation, gift};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

/// Who gives: an organisation by its signatory, or a person.
#[derive(Debug, Clone)]
pub struct Donor {
    /// The organisation.
    pub organisation: Option<OrganisationId>,
    /// Or the person.
    pub person: Option<PersonId>,
    /// As the books name them.
    pub name: String,
}

/// What is given.
#[derive(Debug, Clone, Copy)]
pub struct Given {
    /// To which fund.
    pub fund: FundId,
    /// Minor units.
    pub amount_minor: i64,
    /// Currency.
    pub currency: Currency,
    /// What the public may see.
    pub anonymity: Anonymity,
    /// Or waived.
    pub receipt_wanted: bool,
    /// Only for this need.
    pub restriction: Option<NeedId>,
}

/// Where a fund may be given to online: in mode `targeted`, by donors who are known here. Public money comes by the designated
/// platform alone; only the `generic` profile, which knows no such law, takes it here.
pub(in crate::grants) async fn open_to_payments(tx: &Tx, by: &Context, fund: FundId, currency: Currency) -> Result<()> {
    let row = accepting(tx, fund, currency, true).await?;
    if row.mode == FundraisingMode::Public {
        let house = foundation::Entity::find_by_id(1).one(tx).await?.ok_or(Error::NotFound)?;
        if house.policy_profile != "generic" {
            return Err(Error::refused("refused-order-public"));
        }
    }
    holds::none(tx, by, &[(Subject::Fund, fund.0)]).await
}

/// A donor begins to give online: the gift waits for the processor.
pub(in crate::grants) async fn begin<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    donor: &Donor,
    given: &Given,
) -> Result<GiftId> {
    open_to_payments(tx, by, given.fund, given.currency).await?;
    restricted(tx, given.restriction).await?;
    let row = gift::ActiveModel {
        fund_id: Set(given.fund),
        kind: Set(GiftKind::Online),
        stage: Set(GiftStage::Processing),
        donor_organisation_id: Set(donor.organisation),
        donor_person_id: Set(donor.person),
        donor_name: Set(donor.name.clone()),
        anonymity: Set(given.anonymity),
        receipt_wanted: Set(given.receipt_wanted),
        amount_minor: Set(given.amount_minor),
        currency: Set(given.currency),
        restriction_need_id: Set(given.restriction),
        description: Set(String::new()),
        valuation_basis: Set(String::new()),
        created_by: Set(by.actor.person),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    let row = gift::Entity::insert(row).exec_with_returning(tx).await?;
    events::record(tx, by, Subject::Gift, row.id.0, Note::act("give-online")).await?;
    Ok(row.id)
}

/// A pledge is to be paid online: it goes on as it was promised, and waits for the processor.
pub(in crate::grants) async fn begin_on_pledge<P: Permission>(tx: &Tx, by: &As<P>, id: GiftId) -> Result<gift::Model> {
    let row = locked(tx, id).await?;
    if row.kind != GiftKind::Bank || row.recorded_by.is_some() || row.pledge_due_on.is_none() {
        return Err(Error::refused("refused-stage"));
    }
    open_to_payments(tx, by, row.fund_id, row.currency).await?;
    match row.stage {
        GiftStage::Pledged => advance(tx, by, &row, "pay-online", Note::act("")).await.map(|_| ())?,
        GiftStage::Processing => {}
        _ => return Err(Error::refused("refused-stage")),
    }
    Ok(row)
}

/// A payment arrived, with the amount and currency that were ordered: the gift is the fund's, and open pools match it.
pub(in crate::grants) async fn receive(tx: &Tx, by: &As<System>, id: GiftId, payment: &str) -> Result<()> {
    let row = locked(tx, id).await?;
    if row.recorded_by.is_some() {
        return Err(Error::refused("refused-order-gift-stage"));
    }
    let fund = funds::service::load(tx, row.fund_id).await?;
    if !funds::rules::takes_payments(fund.stage) {
        return Err(Error::refused("refused-gift-fund-stage"));
    }
    let on = by.day_of(tx.now());
    let set = gift::ActiveModel {
        id: Set(id),
        kind: Set(GiftKind::Online),
        received_on: Set(Some(on)),
        ..Default::default()
    };
    gift::Entity::update(set).exec(tx).await?;
    advance(tx, by, &row, "pay", Note::act("")).await?;
    let sum = Sum { amount_minor: row.amount_minor, currency: row.currency, on };
    recipes::card_paid(tx, by, id, row.fund_id, row.restriction_need_id, sum, payment).await?;
    super::pledges::end_note(tx, by, &row).await?;
    match_gift(tx, by, &row, sum).await?;
    funds::service::activate_if_ready(tx, by, row.fund_id).await?;
    tell(tx, &row, "gift-received").await
}

/// The payment failed or was never made. A pledge stays what it was: it may be paid another way.
pub(in crate::grants) async fn end(tx: &Tx, by: &As<System>, id: GiftId, act: &'static str) -> Result<()> {
    let row = locked(tx, id).await?;
    if row.kind == GiftKind::Online && row.stage == GiftStage::Processing {
        advance(tx, by, &row, act, Note::act("")).await?;
    }
    Ok(())
}

/// Moves a gift by the processor's word, where it stands so that it can; elsewhere it stays.
pub(in crate::grants) async fn moved(
    tx: &Tx,
    by: &As<System>,
    id: GiftId,
    from: GiftStage,
    act: &'static str,
    letter: &str,
) -> Result<()> {
    let row = locked(tx, id).await?;
    if row.stage != from {
        return Ok(());
    }
    advance(tx, by, &row, act, Note::act("")).await?;
    if letter.is_empty() { Ok(()) } else { tell(tx, &row, letter).await }
}

/// A letter to the donor about the gift.
pub(in crate::grants) async fn told(tx: &Tx, id: GiftId, letter: &str) -> Result<()> {
    tell(tx, &load(tx, id).await?, letter).await
}

/// A part of a gift goes back: so does that part of its matches, pro rata. `before_minor` is what went back of it earlier and
/// stayed away. What a refund that failed took of a match was not given again: it counts for the next.
pub(in crate::grants) async fn give_matches_back<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    id: GiftId,
    before_minor: i64,
    sum: Sum,
    key: &str,
    at_most_free: bool,
) -> Result<()> {
    let row = load(tx, id).await?;
    let matches = gift::Entity::find()
        .filter(gift::Column::MatchedGiftId.eq(id))
        .filter(gift::Column::Stage.eq(GiftStage::Received))
        .lock_exclusive()
        .all(tx)
        .await?;
    let part_minor = sum.amount_minor.min(row.amount_minor - before_minor);
    for matching in matches.into_iter().filter(|_| part_minor > 0) {
        let Some(pool) = matching.pool_id else { continue };
        let reversal = |before, part| {
            reversal_for(row.amount_minor, matching.amount_minor, before, part)
                .map_err(|error| Error::Internal(format!("match of gift {id}: {error:?}")))
        };
        let due_minor = reversal(0, before_minor + part_minor)?;
        let back_minor = recipes::match_reversed_so_far(tx, matching.id).await?;
        // No more than this part's share either: what an earlier dispute could not take because it was spent stays spent.
        let mut amount_minor = reversal(before_minor, part_minor)?.min((due_minor - back_minor).max(0));
        let fund = lots::home(tx, matching.id).await?.ok_or(Error::NotFound)?;
        if at_most_free {
            amount_minor = amount_minor.min(lots::free_of_gift(tx, matching.id, fund).await?);
        }
        if amount_minor > 0 {
            let back = Sum { amount_minor, ..sum };
            recipes::match_reversed(tx, by, pool, fund, matching.id, back, key).await?;
            let pool = pools::load_pool(tx, pool).await?;
            if pool.stage == MatchPoolStage::Closed {
                let turn = format!(":{}:{key}", matching.id);
                recipes::pool_returned(tx, by, pool.id, pool.fund_id, back, &turn).await?;
            }
        }
        if before_minor + part_minor == row.amount_minor {
            let set = gift::ActiveModel { id: Set(matching.id), stage: Set(GiftStage::Refunded), ..Default::default() };
            gift::Entity::update(set).exec(tx).await?;
        }
        events::record(tx, by, Subject::Gift, matching.id.0, Note::act("match-reversed")).await?;
    }
    Ok(())
}
