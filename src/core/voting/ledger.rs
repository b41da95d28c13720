//! Everybody's money under equal shares, exactly.
//!
//! A voter who has not been emptied holds x − Σ s·r over the projects they helped to buy, where r = ρ·c is what a project asked
//! per point. So no voter's fraction is ever kept: a sum over many voters is one [`Line`], whole numbers beside x and the r's,
//! and only the r's are long. Each r is kept over its own denominator, which is the one before it times a small factor.
//!
//! Everything is kept twice, at the round that is run and as the change with each further round: while nobody's part in the
//! run changes, money and prices are straight lines in the number of rounds.

use num_bigint::{BigInt, BigUint};
use num_integer::Integer;

/// `voters` times the share, less each price times its weight.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    pub voters: i128,
    pub weights: Vec<i128>,
}

/// A number of the ledger that changes with the rounds: `at` + `change`·rounds.
#[derive(Debug, Clone)]
pub(super) struct Moving {
    pub at: BigInt,
    pub change: BigInt,
}

/// What a project asks per point: `over` ÷ (the ledger's denominator · `points`).
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub over: Moving,
    pub points: i128,
}

/// The share, and the price per point of each purchase.
#[derive(Debug)]
pub(super) struct Ledger {
    share: Moving,
    prices: Vec<Moving>,
    /// What multiplies the denominator with each purchase, its first value ahead of them.
    factors: Vec<BigUint>,
    /// Their products up to each purchase.
    denominators: Vec<BigUint>,
}

impl Ledger {
    /// x = `budget` ÷ `voters` + `rounds`·`unit`. There is a voter.
    pub fn opened(budget: i128, voters: u64, rounds: u128, unit: i128) -> Self {
        let voters = BigUint::from(voters);
        let change = BigInt::from(unit) * BigInt::from(voters.clone());
        let at = BigInt::from(budget) + &change * BigInt::from(rounds);
        let shared = at.magnitude().gcd(&voters);
        let first = &voters / &shared;
        let shared = BigInt::from(shared);
        let share = Moving { at: at / &shared, change: change / shared };
        Self { share, prices: Vec::new(), factors: vec![first.clone()], denominators: vec![first] }
    }

    /// How many projects were bought.
    pub fn purchases(&self) -> usize {
        self.prices.len()
    }

    /// Under all amounts after so many purchases.
    pub fn denominator_after(&self, purchases: usize) -> &BigUint {
        &self.denominators[purchases]
    }

    pub fn denominator(&self) -> &BigUint {
        self.denominator_after(self.purchases())
    }

    /// What the line is worth, over the denominator after `purchases`; it has no weight behind them.
    pub fn worth_after(&self, line: &Line, purchases: usize) -> BigInt {
        self.summed(line, purchases, |moving| &moving.at)
    }

    /// What the line is worth now and how that changes, over the denominator.
    pub fn worth(&self, line: &Line) -> Moving {
        let last = self.purchases();
        Moving {
            at: self.summed(line, last, |moving| &moving.at),
            change: self.summed(line, last, |moving| &moving.change),
        }
    }

    fn summed(&self, line: &Line, purchases: usize, part: impl Fn(&Moving) -> &BigInt) -> BigInt {
        let mut sum = part(&self.share) * line.voters;
        for (place, price) in self.prices.iter().take(purchases).enumerate() {
            sum *= BigInt::from(self.factors[place + 1].clone());
            match line.weights.get(place) {
                None | Some(0) => {}
                Some(weight) => sum -= part(price) * *weight,
            }
        }
        sum
    }

    /// What is still missing of a cost when the line has paid all it is worth.
    pub fn missing(&self, cost: i128, line: &Line) -> Moving {
        let worth = self.worth(line);
        Moving { at: BigInt::from(self.denominator().clone()) * cost - worth.at, change: -worth.change }
    }

    /// Writes a purchase down.
    pub fn bought(&mut self, ask: &Ask) {
        let points = BigUint::from(ask.points.unsigned_abs());
        let shared = ask.over.at.magnitude().gcd(&points).gcd(ask.over.change.magnitude());
        let factor = points / &shared;
        let denominator = self.denominator() * &factor;
        let shared = BigInt::from(shared);
        self.prices.push(Moving { at: &ask.over.at / &shared, change: &ask.over.change / shared });
        self.factors.push(factor);
        self.denominators.push(denominator);
    }

    /// The price per point of a purchase, over the denominator after it.
    pub fn price(&self, purchase: usize) -> &BigInt {
        &self.prices[purchase].at
    }

    /// The share as `over`; its denominator is the first.
    pub fn share(&self) -> &BigInt {
        &self.share.at
    }

    /// What shortens numbers over the denominator after `purchases`.
    pub fn divisors(&self, purchases: usize) -> Divisors {
        let mut divisors =
            Divisors { short: Vec::new(), long: Vec::new(), product: self.denominators[purchases].clone() };
        for factor in &self.factors[..=purchases] {
            match (u64::try_from(factor), divisors.short.last_mut()) {
                (Ok(factor), Some(last)) if last.checked_mul(factor).is_some() => *last *= factor,
                (Ok(factor), _) => divisors.short.push(factor),
                (Err(_), _) => divisors.long.push(factor.clone()),
            }
        }
        divisors
    }
}

/// A denominator as a product of small numbers.
///
/// An answer holds a fraction for each voter who paid their last, and its denominator may have a thousand digits. A common divisor
/// of two numbers that long takes a hundred times what it takes to shorten by these one after the other.
pub(super) struct Divisors {
    short: Vec<u64>,
    long: Vec<BigUint>,
    product: BigUint,
}

impl Divisors {
    /// `over` ÷ the denominator in lowest terms.
    pub fn reduced(&self, over: BigInt) -> (BigInt, BigUint) {
        let (sign, mut over) = over.into_parts();
        let mut taken = BigUint::from(1_u8);
        for factor in &self.short {
            let rest = (&over % *factor).iter_u64_digits().next().unwrap_or(0);
            let shared = rest.gcd(factor);
            if shared > 1 {
                over /= shared;
                taken *= shared;
            }
        }
        for factor in &self.long {
            let shared = (&over % factor).gcd(factor);
            over /= &shared;
            taken *= shared;
        }
        let under = if taken == BigUint::from(1_u8) { self.product.clone() } else { &self.product / taken };
        (BigInt::from_biguint(sign, over), under)
    }
}

#[cfg(test)]
mod tests {
    use super::super::decimals::written;
    use super::*;

    #[test]
    fn a_line_is_worth_its_share_less_its_prices() {
        // 1000/7 + 58: the fourth round of the page's example.
        let mut ledger = Ledger::opened(1000, 7, 58, 1);
        let told = |ledger: &Ledger, line: &Line| {
            let purchases = ledger.purchases();
            let (over, under) = ledger.divisors(purchases).reduced(ledger.worth_after(line, purchases));
            written(&over, &under)
        };
        let one = Line { voters: 1, weights: vec![] };
        assert_eq!(told(&ledger, &one), "1406/7");
        let over = ledger.missing(400, &Line::default());
        ledger.bought(&Ask { over, points: 5 });
        assert_eq!(told(&ledger, &Line { voters: 1, weights: vec![1] }), "846/7");
        assert_eq!(ledger.worth(&Line { voters: 2, weights: vec![2] }).change, BigInt::from(2 * 7));
        assert_eq!(told(&ledger, &Line { voters: 5, weights: vec![5] }), "4230/7");
    }

    #[test]
    fn nothing_reduces_to_nothing() {
        let ledger = Ledger::opened(0, 6, 0, 1);
        let (over, under) = ledger.divisors(0).reduced(BigInt::from(0));
        assert_eq!(written(&over, &under), "0");
    }
}
