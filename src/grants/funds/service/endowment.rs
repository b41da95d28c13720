//! An endowment (留本基金): its capital is kept, and a year promises no more than the agreement's share of what was received.

use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::grants::funds::rules::endowment_leaves;
use crate::ledger::{balances, years};
use crate::people::permission::{As, Permission};
use chrono::Datelike;
use entities::fund;
use entities::kinds::{FundId, SpendingType};
use sea_orm::sea_query::LockType;
use sea_orm::{EntityTrait, QuerySelect};

/// Refuses to promise more in this year than an endowed fund may; every other fund is free to.
///
/// # Errors
/// A refusal that says what is left of the year.
pub async fn leaves<P: Permission>(tx: &Tx, by: &As<P>, id: FundId, amount_minor: i64) -> Result<()> {
    let row = fund::Entity::find_by_id(id).one(tx).await?.ok_or(Error::NotFound)?;
    if row.spending != SpendingType::Endowed {
        return Ok(());
    }
    // Held until the end of this transaction: of two decisions at once the second counts what the first promised.
    fund::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx).await?;
    let year = by.day_of(tx.now()).year();
    let promised = years::of_fund(tx, id)
        .await?
        .iter()
        .find(|figures| figures.year == year)
        .map_or(0, |figures| figures.committed_minor);
    let left = endowment_leaves(balances::flow(tx, id).await?.received_minor, row.spend_cap_bps, promised);
    if amount_minor <= left {
        return Ok(());
    }
    let left = crate::core::money::Money::new(left.max(0), row.currency.0).format(by.locale.as_str());
    Err(Violation::whole("refused-fund-endowment").with("left", left).into())
}
