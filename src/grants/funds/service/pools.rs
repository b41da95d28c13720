//! Matching pools (配捐) and the founder's capital: the foundation's own money, set aside by two people.

use super::load;
use crate::commons::events::{self, Note};
use crate::commons::lives::{advance, advance_with};
use crate::commons::{holds, proposals};
use crate::error::{Error, Result, Violation};
use crate::ledger::lines::Moved;
use crate::ledger::recipes::{self, Sum};
use crate::ledger::{Account, balances, lines};
use crate::people::permission::{Approver, As, Finance, RolePermission};
use crate::people::roles;
use chrono::NaiveDate;
use entities::kinds::{Currency, FundId, MatchPoolId, MatchPoolStage, ProposalKind, Role, Subject};
use entities::match_pool;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use serde::{Deserialize, Serialize};

/// A matching pool as proposed.
#[derive(Debug, Clone)]
pub struct Pool {
    /// Name in Chinese, or `""`.
    pub name_zh: String,
    /// Name in English, or `""`.
    pub name_en: String,
    /// Gifts to this fund are matched.
    pub fund: FundId,
    /// 10,000 is one to one.
    pub ratio_bps: i32,
    /// Most for one gift, in minor units.
    pub cap_per_gift_minor: Option<i64>,
    /// Most in all, in minor units: the money set aside.
    pub cap_total_minor: i64,
    /// First day of the window.
    pub opens_on: NaiveDate,
    /// Last day of the window.
    pub closes_on: NaiveDate,
}

impl Pool {
    fn check(&self) -> Result<()> {
        let mut wrong = Vec::new();
        if self.name_zh.trim().is_empty() && self.name_en.trim().is_empty() {
            wrong.push(Violation::at("name_zh", "refused-one-language"));
        }
        if !(1..=100_000).contains(&self.ratio_bps) {
            wrong.push(Violation::at("ratio_bps", "refused-out-of-range").with("least", 1).with("most", 100_000));
        }
        if self.cap_total_minor <= 0 {
            wrong.push(Violation::at("cap_total", "refused-zero"));
        }
        if self.cap_per_gift_minor.is_some_and(|cap| cap <= 0) {
            wrong.push(Violation::at("cap_per_gift", "refused-zero"));
        }
        if self.closes_on < self.opens_on {
            wrong.push(Violation::at("closes_on", "refused-pool-window"));
        }
        crate::commons::texts::all_well(wrong)
    }
}

/// Proposes a pool for a fund that takes gifts.
///
/// # Errors
/// [`Error::NotFound`]; names the field that is wrong; a refusal when the fund takes no gifts.
pub async fn propose_pool(by: &As<Finance>, pool: Pool) -> Result<MatchPoolId> {
    pool.check()?;
    let pool = &pool;
    by.decide(|tx| async move {
        let tx = &tx;
        let fund = load(tx, pool.fund).await?;
        if !super::rules::takes_gifts(fund.stage) {
            return Err(Error::refused("refused-gift-fund-stage"));
        }
        let row = match_pool::ActiveModel {
            name_zh: Set(pool.name_zh.clone()),
            name_en: Set(pool.name_en.clone()),
            fund_id: Set(pool.fund),
            currency: Set(fund.currency),
            ratio_bps: Set(pool.ratio_bps),
            cap_per_gift_minor: Set(pool.cap_per_gift_minor),
            cap_total_minor: Set(pool.cap_total_minor),
            opens_on: Set(pool.opens_on),
            closes_on: Set(pool.closes_on),
            stage: Set(MatchPoolStage::Proposed),
            proposed_by: Set(by.person()?),
            ..Default::default()
        };
        let row = match_pool::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::MatchPool, row.id.0, Note::act("propose")).await?;
        Ok(row.id)
    })
    .await
}

/// Confirms a pool: the whole of it is set aside from the reserve. Never by who proposed it.
///
/// # Errors
/// [`Error::NotFound`]; forbidden for the proposer; a refusal when the reserve is short or the fund is held.
pub async fn confirm_pool(by: &As<Approver>, id: MatchPoolId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load_pool(tx, id).await?;
        roles::apart(tx, by, &[Some(row.proposed_by)]).await?;
        holds::none(tx, by, &[(Subject::Fund, row.fund_id.0)]).await?;
        if !super::rules::takes_gifts(load(tx, row.fund_id).await?.stage) {
            return Err(Error::refused("refused-gift-fund-stage"));
        }
        let confirmed = [(match_pool::Column::ConfirmedBy, by.actor.person.into())];
        advance_with(tx, by, &row, ("confirm", &confirmed), Note::act("")).await?;
        let sum = Sum { amount_minor: row.cap_total_minor, currency: row.currency, on: by.day_of(tx.now()) };
        recipes::pool_funded(tx, by, id, row.fund_id, sum).await
    })
    .await
}

/// Declines a proposed pool, or withdraws one's own.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it is open.
pub async fn decline_pool<R: RolePermission>(by: &As<R>, id: MatchPoolId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        advance(tx, by, &load_pool(tx, id).await?, "decline", Note::act("").because(reason)).await.map(|_| ())
    })
    .await
}

/// Closes an open pool: what was not used goes back to the reserve.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it is not open.
pub async fn close_pool<R: RolePermission>(by: &As<R>, id: MatchPoolId) -> Result<()> {
    if !matches!(R::ROLE, Role::FinanceOfficer | Role::Approver) {
        return Err(Error::Forbidden("forbidden-finance"));
    }
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load_pool(tx, id).await?;
        advance(tx, by, &row, "close", Note::act("")).await?;
        let left = balances::available(tx, Account::MatchPool(id), row.currency).await?;
        if left == 0 {
            return Ok(());
        }
        let sum = Sum { amount_minor: left, currency: row.currency, on: by.day_of(tx.now()) };
        recipes::pool_returned(tx, by, id, row.fund_id, sum, "").await
    })
    .await
}

/// Declines recorded capital, or takes one's own record back: nothing of it was posted yet.
///
/// # Errors
/// [`Error::NotFound`] when none is recorded.
pub async fn decline_capital<R: RolePermission>(by: &As<R>, reason: &str) -> Result<()> {
    if !matches!(R::ROLE, Role::FinanceOfficer | Role::Approver) {
        return Err(Error::Forbidden("forbidden-approver"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        proposals::decline(tx, by, ProposalKind::GiftReceipt, Subject::Foundation, 1, reason).await
    })
    .await
}

/// A pool by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load_pool(db: &impl ConnectionTrait, id: MatchPoolId) -> Result<match_pool::Model> {
    match_pool::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// The founder's capital as recorded.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Capital {
    /// Minor units.
    pub amount_minor: i64,
    /// Currency.
    pub currency: Currency,
    /// Day of the bank line.
    pub received_on: NaiveDate,
    /// The bank's mark for it.
    pub bank_line: String,
}

/// Records capital that arrived at the bank; another confirms it.
///
/// # Errors
/// Names the field: nothing, a day to come, a line recorded before.
pub async fn record_capital(
    by: &As<Finance>,
    amount_minor: i64,
    currency: Currency,
    received_on: NaiveDate,
    bank_line: &str,
) -> Result<()> {
    if amount_minor <= 0 {
        return Err(Error::field("amount", "refused-zero"));
    }
    if received_on > by.edges.today() {
        return Err(Error::field("received_on", "refused-gift-future"));
    }
    if bank_line.trim().is_empty() {
        return Err(Error::field("bank_line", "refused-empty"));
    }
    let capital = &Capital { amount_minor, currency, received_on, bank_line: bank_line.trim().to_owned() };
    by.decide(|tx| async move {
        let tx = &tx;
        lines::is_free(tx, &capital.bank_line, Moved { amount_minor, currency }).await?;
        proposals::propose(tx, by, ProposalKind::GiftReceipt, Subject::Foundation, 1, capital).await.map(|_| ())
    })
    .await
}

/// Confirms the capital that another recorded: bank to reserve.
///
/// # Errors
/// [`Error::NotFound`] when none is recorded; forbidden for who recorded it.
pub async fn confirm_capital(by: &As<Approver>) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let capital: Capital = proposals::confirm(tx, by, ProposalKind::GiftReceipt, Subject::Foundation, 1).await?;
        let sum = Sum { amount_minor: capital.amount_minor, currency: capital.currency, on: capital.received_on };
        lines::is_free(tx, &capital.bank_line, Moved::came(sum)).await?;
        recipes::capital(tx, by, sum, &capital.bank_line).await.map(|_| ())
    })
    .await
}
