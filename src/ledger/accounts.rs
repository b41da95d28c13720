//! The chart of accounts. One account, one currency; those marked floored may never go below zero.

use crate::edges::db::Tx;
use crate::error::Result;
use entities::account;
use entities::kinds::{AccountId, AccountKind, Currency, DecisionItemId, FundId, MatchPoolId, Side, TrancheId};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};

/// An account, by what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Account {
    /// Money at the bank.
    Bank,
    /// Payments by card, Alipay or WeChat that the processor has not paid out yet. It may go below zero: refunds follow payouts.
    StripeClearing,
    /// What a fund may still commit.
    FundAvailable(FundId),
    /// What a decision promised and has not paid.
    AwardCommitted(DecisionItemId),
    /// A tranche that is due.
    AwardPayable(TrancheId),
    /// Money set aside to match gifts.
    MatchPool(MatchPoolId),
    /// Receipts not yet matched to a gift.
    Suspense,
    /// The foundation's own money.
    OperatingReserve,
    /// Bank fees paid.
    BankFees,
    /// Fees of the payment processor.
    ProcessorFees,
    /// Its fees for disputes.
    DisputeFees,
    /// What a dispute took back after it was spent.
    DisputeLoss,
    /// Management fees earned.
    FeeRecovery,
    /// Memo: pledges promised.
    PledgeReceivable,
    /// Memo: their other side.
    PledgeControl,
    /// Memo: goods in kind received.
    InKindReceived,
    /// Memo: their other side.
    InKindControl,
}

impl Account {
    /// Kind in the database.
    pub const fn kind(self) -> AccountKind {
        match self {
            Self::Bank => AccountKind::Bank,
            Self::StripeClearing => AccountKind::StripeClearing,
            Self::FundAvailable(_) => AccountKind::FundAvailable,
            Self::AwardCommitted(_) => AccountKind::AwardCommitted,
            Self::AwardPayable(_) => AccountKind::AwardPayable,
            Self::MatchPool(_) => AccountKind::MatchPool,
            Self::Suspense => AccountKind::SuspenseReceipts,
            Self::OperatingReserve => AccountKind::OperatingReserve,
            Self::BankFees => AccountKind::BankFees,
            Self::ProcessorFees => AccountKind::ProcessorFees,
            Self::DisputeFees => AccountKind::DisputeFees,
            Self::DisputeLoss => AccountKind::DisputeLoss,
            Self::FeeRecovery => AccountKind::FeeRecovery,
            Self::PledgeReceivable => AccountKind::PledgeReceivable,
            Self::PledgeControl => AccountKind::PledgeControl,
            Self::InKindReceived => AccountKind::InKindReceived,
            Self::InKindControl => AccountKind::InKindControl,
        }
    }

    /// Fund, item, tranche or pool it belongs to.
    pub const fn subject(self) -> Option<i64> {
        match self {
            Self::FundAvailable(id) => Some(id.0),
            Self::AwardCommitted(id) => Some(id.0),
            Self::AwardPayable(id) => Some(id.0),
            Self::MatchPool(id) => Some(id.0),
            _ => None,
        }
    }

    /// Normal side: assets and expenses are debit accounts.
    pub const fn side(self) -> Side {
        match self {
            Self::Bank
            | Self::StripeClearing
            | Self::BankFees
            | Self::ProcessorFees
            | Self::DisputeFees
            | Self::DisputeLoss
            | Self::PledgeReceivable
            | Self::InKindReceived => Side::Debit,
            _ => Side::Credit,
        }
    }

    /// Whether it may never go below zero. These carry their balance; the others are summed.
    pub const fn floored(self) -> bool {
        matches!(
            self,
            Self::Bank
                | Self::FundAvailable(_)
                | Self::AwardCommitted(_)
                | Self::AwardPayable(_)
                | Self::MatchPool(_)
                | Self::Suspense
                | Self::OperatingReserve
        )
    }

    /// The account of a row, as recipes name it; `None` for a kind that none names yet.
    pub fn of(row: &account::Model) -> Option<Self> {
        let subject = row.subject_id;
        Some(match row.kind {
            AccountKind::Bank => Self::Bank,
            AccountKind::FundAvailable => Self::FundAvailable(FundId(subject?)),
            AccountKind::AwardCommitted => Self::AwardCommitted(DecisionItemId(subject?)),
            AccountKind::AwardPayable => Self::AwardPayable(TrancheId(subject?)),
            AccountKind::MatchPool => Self::MatchPool(MatchPoolId(subject?)),
            AccountKind::SuspenseReceipts => Self::Suspense,
            AccountKind::OperatingReserve => Self::OperatingReserve,
            AccountKind::BankFees => Self::BankFees,
            AccountKind::FeeRecovery => Self::FeeRecovery,
            AccountKind::PledgeReceivable => Self::PledgeReceivable,
            AccountKind::PledgeControl => Self::PledgeControl,
            AccountKind::InKindReceived => Self::InKindReceived,
            AccountKind::InKindControl => Self::InKindControl,
            _ => return None,
        })
    }

    /// Code in the database, e.g. `fund_available:7` or `bank:CNY`.
    pub fn code(self, currency: Currency) -> String {
        match self.subject() {
            Some(id) => format!("{}:{id}", self.kind()),
            None => format!("{}:{currency}", self.kind()),
        }
    }
}

/// The account's key, opening it empty if need be.
///
/// # Errors
/// When the database refuses.
pub async fn key(tx: &Tx, account: Account, currency: Currency) -> Result<AccountId> {
    match by_code(tx, &account.code(currency)).await? {
        Some(row) => Ok(row.id),
        None => open(tx, account, currency).await,
    }
}

/// The keys of the two accounts of a transfer, found at once.
///
/// # Errors
/// When the database refuses.
pub async fn keys(tx: &Tx, pair: [Account; 2], currency: Currency) -> Result<[AccountId; 2]> {
    let codes = pair.map(|account| account.code(currency));
    let rows = account::Entity::find().filter(account::Column::Code.is_in(codes.clone())).all(tx).await?;
    let found = |code: &str| rows.iter().find(|row| row.code == code).map(|row| row.id);
    let mut keys = [AccountId(0); 2];
    for ((key, account), code) in keys.iter_mut().zip(pair).zip(&codes) {
        *key = match found(code) {
            Some(id) => id,
            None => open(tx, account, currency).await?,
        };
    }
    Ok(keys)
}

async fn open(tx: &Tx, account: Account, currency: Currency) -> Result<AccountId> {
    let code = account.code(currency);
    let row = account::ActiveModel {
        code: Set(code.clone()),
        kind: Set(account.kind()),
        subject_id: Set(account.subject()),
        currency: Set(currency),
        side: Set(account.side()),
        floored: Set(account.floored()),
        closed: Set(false),
        ..Default::default()
    };
    // Two transactions may open the same account at once on PostgreSQL: the second finds the first's row.
    if tx_backend_is_postgres(tx) {
        account::Entity::insert(row)
            .on_conflict(OnConflict::column(account::Column::Code).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    } else {
        account::Entity::insert(row).exec_without_returning(tx).await?;
    }
    by_code(tx, &code)
        .await?
        .map(|row| row.id)
        .ok_or(crate::error::Error::Internal(format!("account {code} did not open")))
}

fn tx_backend_is_postgres(tx: &Tx) -> bool {
    use sea_orm::ConnectionTrait;
    tx.get_database_backend() == sea_orm::DbBackend::Postgres
}

async fn by_code(tx: &Tx, code: &str) -> Result<Option<account::Model>> {
    Ok(account::Entity::find().filter(account::Column::Code.eq(code)).one(tx).await?)
}

/// Closes an account for good; the database refuses unless it stands at zero with nothing held.
///
/// # Errors
/// When it is not at zero.
pub async fn close(tx: &Tx, account: Account, currency: Currency) -> Result<()> {
    let id = key(tx, account, currency).await?;
    let row = account::ActiveModel { id: Set(id), closed: Set(true), ..Default::default() };
    account::Entity::update(row).exec(tx).await?;
    Ok(())
}
