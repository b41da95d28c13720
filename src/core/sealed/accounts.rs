//! The accounts, reckoned anew from the transfers alone: posted, held, and whether one that may not stands below zero.

use super::row::Brief;
use entities::kinds::{AccountKind, Side};
use std::collections::{BTreeMap, HashMap};

/// What an account of this kind is: its normal side, and whether it may never go below zero.
pub const fn nature(kind: AccountKind) -> (Side, bool) {
    match kind {
        AccountKind::Bank => (Side::Debit, true),
        AccountKind::StripeClearing
        | AccountKind::ProcessorFees
        | AccountKind::BankFees
        | AccountKind::DisputeFees
        | AccountKind::DisputeLoss
        | AccountKind::PledgeReceivable
        | AccountKind::InKindReceived => (Side::Debit, false),
        AccountKind::FundAvailable
        | AccountKind::AwardCommitted
        | AccountKind::AwardPayable
        | AccountKind::MatchPool
        | AccountKind::SuspenseReceipts
        | AccountKind::OperatingReserve => (Side::Credit, true),
        AccountKind::FeeRecovery
        | AccountKind::FxPosition
        | AccountKind::PledgeControl
        | AccountKind::InKindControl => (Side::Credit, false),
    }
}

/// The kind of an account by its code: what stands before the colon.
pub fn kind(code: &str) -> Option<AccountKind> {
    AccountKind::parse(code.split_once(':')?.0)
}

/// An account as its transfers leave it, in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// Its code.
    pub code: String,
    /// Its currency, by its first transfer.
    pub currency: String,
    /// Its normal side.
    pub side: Side,
    /// Whether it may never go below zero.
    pub floored: bool,
    /// Debits posted.
    pub debit_minor: i64,
    /// Credits posted.
    pub credit_minor: i64,
    /// Debits held.
    pub held_debit_minor: i64,
    /// Credits held.
    pub held_credit_minor: i64,
    /// The transfer that moved it last.
    pub last: i64,
}

impl Figures {
    /// Posted, positive on the normal side.
    pub const fn balance_minor(&self) -> i64 {
        match self.side {
            Side::Debit => self.debit_minor - self.credit_minor,
            Side::Credit => self.credit_minor - self.debit_minor,
        }
    }

    /// What is left when everything held has left too.
    pub const fn available_minor(&self) -> i64 {
        match self.side {
            Side::Debit => self.balance_minor() - self.held_credit_minor,
            Side::Credit => self.balance_minor() - self.held_debit_minor,
        }
    }
}

/// What a transfer cannot be in books that hold together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// No account has such a code.
    #[error("names an account of no known kind")]
    Account,
    /// Both its accounts are one, or the amount is not above zero.
    #[error("moves nothing, or from an account to itself")]
    Nothing,
    /// An account has one currency.
    #[error("has another currency than its accounts")]
    Currency,
    /// No such phase, or one that contradicts what it resolves.
    #[error("has a phase that does not go with what it resolves")]
    Phase,
    /// It posts or voids what is not held between the same accounts, or more than that.
    #[error("resolves what is not held")]
    Held,
    /// A sum beyond what a number holds.
    #[error("makes a sum that no number holds")]
    Overflow,
}

#[derive(Debug, Clone, Copy)]
struct Hold {
    debit: usize,
    credit: usize,
    amount_minor: i64,
}

/// All accounts and what is held between them.
#[derive(Debug, Default)]
pub struct Accounts {
    places: HashMap<Vec<u8>, usize>,
    figures: Vec<Figures>,
    holds: HashMap<i64, Hold>,
}

impl Accounts {
    /// Counts one more transfer.
    ///
    /// # Errors
    /// When it cannot be one of books that hold together; nothing is counted then.
    pub fn apply(&mut self, row: &Brief<'_>) -> Result<(), Wrong> {
        let (debit, credit) = (self.place(row.debit, row.currency)?, self.place(row.credit, row.currency)?);
        if debit == credit || row.amount_minor <= 0 {
            return Err(Wrong::Nothing);
        }
        let amount_minor = row.amount_minor;
        match (row.phase, row.resolves) {
            (b"single", None) => self.post(debit, credit, amount_minor)?,
            (b"pending", None) => {
                self.hold(debit, credit, amount_minor)?;
                self.holds.insert(row.id, Hold { debit, credit, amount_minor });
            }
            (b"post" | b"void", Some(pending)) => {
                let held = self.holds.get(&pending).copied();
                let held = held
                    .filter(|held| (held.debit, held.credit) == (debit, credit) && amount_minor <= held.amount_minor);
                let held = held.ok_or(Wrong::Held)?;
                if row.phase == b"post" {
                    self.post(debit, credit, amount_minor)?;
                }
                self.hold(debit, credit, -held.amount_minor)?;
                self.holds.remove(&pending);
            }
            _ => return Err(Wrong::Phase),
        }
        self.figures[debit].last = row.id;
        self.figures[credit].last = row.id;
        Ok(())
    }

    /// Every account, by code.
    pub fn all(&self) -> Vec<Figures> {
        let mut all = self.figures.clone();
        all.sort_by(|a, b| a.code.cmp(&b.code));
        all
    }

    /// The accounts that stand below zero, holds included, and may not.
    pub fn below_zero(&self) -> impl Iterator<Item = &Figures> {
        self.figures.iter().filter(|figures| figures.floored && figures.available_minor() < 0)
    }

    /// Debits and credits by currency.
    pub fn turnover(&self) -> BTreeMap<String, (i128, i128)> {
        let mut sums: BTreeMap<String, (i128, i128)> = BTreeMap::new();
        for figures in &self.figures {
            let sum = sums.entry(figures.currency.clone()).or_default();
            sum.0 += i128::from(figures.debit_minor);
            sum.1 += i128::from(figures.credit_minor);
        }
        sums
    }

    fn place(&mut self, code: &[u8], currency: &[u8]) -> Result<usize, Wrong> {
        if let Some(place) = self.places.get(code) {
            let known = self.figures[*place].currency.as_bytes() == currency;
            return if known { Ok(*place) } else { Err(Wrong::Currency) };
        }
        let text = std::str::from_utf8(code).map_err(|_| Wrong::Account)?;
        let (side, floored) = kind(text).map(nature).ok_or(Wrong::Account)?;
        self.figures.push(Figures {
            code: text.to_owned(),
            currency: String::from_utf8_lossy(currency).into_owned(),
            side,
            floored,
            debit_minor: 0,
            credit_minor: 0,
            held_debit_minor: 0,
            held_credit_minor: 0,
            last: 0,
        });
        self.places.insert(code.to_vec(), self.figures.len() - 1);
        Ok(self.figures.len() - 1)
    }

    fn post(&mut self, debit: usize, credit: usize, amount_minor: i64) -> Result<(), Wrong> {
        let debits = self.figures[debit].debit_minor.checked_add(amount_minor).ok_or(Wrong::Overflow)?;
        let credits = self.figures[credit].credit_minor.checked_add(amount_minor).ok_or(Wrong::Overflow)?;
        self.figures[debit].debit_minor = debits;
        self.figures[credit].credit_minor = credits;
        Ok(())
    }

    fn hold(&mut self, debit: usize, credit: usize, amount_minor: i64) -> Result<(), Wrong> {
        let debits = self.figures[debit].held_debit_minor.checked_add(amount_minor).ok_or(Wrong::Overflow)?;
        let credits = self.figures[credit].held_credit_minor.checked_add(amount_minor).ok_or(Wrong::Overflow)?;
        self.figures[debit].held_debit_minor = debits;
        self.figures[credit].held_credit_minor = credits;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(
        id: i64,
        phase: &'static str,
        accounts: (&'static str, &'static str),
        amount: i64,
        resolves: Option<i64>,
    ) -> Brief<'static> {
        Brief {
            id,
            phase: phase.as_bytes(),
            debit: accounts.0.as_bytes(),
            credit: accounts.1.as_bytes(),
            amount_minor: amount,
            currency: b"CNY",
            resolves,
        }
    }

    const IN: (&str, &str) = ("bank:CNY", "fund_available:1");
    const OUT: (&str, &str) = ("fund_available:1", "bank:CNY");

    #[test]
    fn what_is_held_is_no_longer_available_and_what_is_voided_is_again() {
        let mut books = Accounts::default();
        books.apply(&row(1, "single", IN, 100, None)).unwrap();
        books.apply(&row(2, "pending", OUT, 70, None)).unwrap();
        let fund = |books: &Accounts| books.all().into_iter().find(|one| one.code == "fund_available:1").unwrap();
        assert_eq!((fund(&books).balance_minor(), fund(&books).available_minor()), (100, 30));
        assert_eq!(books.apply(&row(3, "post", OUT, 71, Some(2))), Err(Wrong::Held), "more than is held");
        assert_eq!(books.apply(&row(3, "post", IN, 70, Some(2))), Err(Wrong::Held), "other accounts");
        books.apply(&row(3, "void", OUT, 70, Some(2))).unwrap();
        assert_eq!(books.apply(&row(4, "void", OUT, 70, Some(2))), Err(Wrong::Held), "twice");
        assert_eq!((fund(&books).available_minor(), fund(&books).last), (100, 3));
        assert_eq!(books.below_zero().count(), 0);
        books.apply(&row(5, "pending", OUT, 101, None)).unwrap();
        // The fund, and the bank out of which it would go.
        assert_eq!(books.below_zero().count(), 2);
        let sums = books.turnover();
        assert_eq!(sums["CNY"], (100, 100));
    }

    #[test]
    fn what_no_books_hold_is_refused() {
        let mut books = Accounts::default();
        assert_eq!(books.apply(&row(1, "single", ("bank:CNY", "bank:CNY"), 1, None)), Err(Wrong::Nothing));
        assert_eq!(books.apply(&row(1, "single", IN, 0, None)), Err(Wrong::Nothing));
        assert_eq!(books.apply(&row(1, "single", ("bank:CNY", "purse:1"), 1, None)), Err(Wrong::Account));
        assert_eq!(books.apply(&row(1, "post", IN, 1, None)), Err(Wrong::Phase));
        assert_eq!(books.apply(&row(1, "single", IN, 1, Some(1))), Err(Wrong::Phase));
        assert_eq!(books.apply(&Brief { currency: b"EUR", ..row(1, "single", IN, 1, None) }), Err(Wrong::Currency));
    }
}
