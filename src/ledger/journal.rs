//! The books as an hledger journal: `hledger check -s accounts commodities ordereddates` accepts it.

use super::balances;
use super::books::number;
use crate::core::money::exponent_of;
use crate::error::Result;
use entities::kinds::{AccountKind, Currency, Phase, Side};
use entities::{account, posting, transfer};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The whole journal. Held money is not yet booked and stands as a comment.
///
/// # Errors
/// When the database cannot be read.
pub async fn write(db: &impl ConnectionTrait) -> Result<String> {
    let accounts: BTreeMap<_, _> =
        account::Entity::find().all(db).await?.into_iter().map(|row| (row.id, row)).collect();
    let postings = posting::Entity::find().order_by_asc(posting::Column::Id).all(db).await?;
    let transfers = transfer::Entity::find()
        .filter(transfer::Column::Phase.is_in([Phase::Single, Phase::Post]))
        .order_by_asc(transfer::Column::Id)
        .all(db)
        .await?;
    let mut by_posting: BTreeMap<_, Vec<transfer::Model>> = BTreeMap::new();
    for row in transfers {
        by_posting.entry(row.posting_id).or_default().push(row);
    }
    let mut text = header(accounts.values());
    for posting in postings {
        let Some(rows) = by_posting.get(&posting.id) else { continue };
        let _ = writeln!(text, "\n{} * ({}) {}", posting.at.format("%Y-%m-%d"), number(posting.id), posting.recipe);
        let _ = writeln!(text, "    ; occurred: {}", posting.occurred_on);
        for row in rows {
            let (debit, credit) = (&accounts[&row.debit_id], &accounts[&row.credit_id]);
            let _ = writeln!(text, "    {}  {}", name(debit), amount(row.amount_minor, row.currency));
            let _ = writeln!(text, "    {}  {}", name(credit), amount(-row.amount_minor, row.currency));
        }
    }
    Ok(text)
}

/// Every account with its balance as hledger reckons it: debits positive, in minor units.
///
/// # Errors
/// When the database cannot be read.
pub async fn balances(db: &impl ConnectionTrait) -> Result<Vec<(String, i64, Currency)>> {
    let rows = balances::all(db).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            (
                name(&row.account),
                if row.account.side == Side::Debit { row.balance_minor } else { -row.balance_minor },
                row.account.currency,
            )
        })
        .collect())
}

fn header<'a>(accounts: impl Iterator<Item = &'a account::Model>) -> String {
    let mut names = BTreeSet::new();
    let mut commodities = BTreeSet::new();
    for row in accounts {
        names.insert(format!("account {}", name(row)));
        let zeros = "0".repeat(usize::from(exponent_of(row.currency.0)));
        commodities.insert(format!("commodity {} 1000.{zeros}", row.currency));
    }
    let mut text = String::from("; Every entry of the books. Debits are positive.\n");
    for line in commodities.iter().chain(&names) {
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// The account in hledger's hierarchy.
pub fn name(row: &account::Model) -> String {
    let group = match row.kind {
        AccountKind::Bank | AccountKind::StripeClearing => "assets",
        AccountKind::FundAvailable
        | AccountKind::AwardCommitted
        | AccountKind::AwardPayable
        | AccountKind::MatchPool
        | AccountKind::SuspenseReceipts => "liabilities",
        AccountKind::OperatingReserve => "equity",
        AccountKind::FeeRecovery => "income",
        AccountKind::ProcessorFees | AccountKind::BankFees | AccountKind::DisputeFees | AccountKind::DisputeLoss => {
            "expenses"
        }
        AccountKind::FxPosition => "equity",
        AccountKind::PledgeReceivable
        | AccountKind::PledgeControl
        | AccountKind::InKindReceived
        | AccountKind::InKindControl => "memo",
    };
    format!("{group}:{}", row.code)
}

fn amount(minor: i64, currency: Currency) -> String {
    let exponent = usize::from(exponent_of(currency.0));
    let sign = if minor < 0 { "-" } else { "" };
    let digits = format!("{:0width$}", minor.unsigned_abs(), width = exponent + 1);
    let (whole, part) = digits.split_at(digits.len() - exponent);
    if exponent == 0 { format!("{currency} {sign}{whole}") } else { format!("{currency} {sign}{whole}.{part}") }
}
