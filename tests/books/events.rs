//! Rule 1: whatever happens, debits are credits, and every account stands where its events put it.
//!
//! The play and what it has reckoned stand here; an event is a function in [`giving`] or in [`granting`] and an arm of
//! [`Play::event`].

mod giving;
mod granting;

use super::ground::{Ground, sum, system};
use super::sums;
use crate::support::tools::{self, Throws};
use crate::support::{World, both};
use entities::kinds::{PaymentId, Side, TransferId};
use std::collections::BTreeMap;
use tributary::error::{Error, Result};
use tributary::ledger::{balances, recipes, seal};

/// Events between two sets of funds, and between two looks at all sums at first.
const ROUND: usize = 250;
/// A look at all sums goes through all the books: once they are long it is taken at every so many events only.
const CLOSE: usize = 2_000;
const LATER: usize = 5_000;

both! {
async fn rule_1_random_events_keep_debits_equal_to_credits(world: World) {
    let events = if tools::long() { 100_000 } else { 2_000 };
    let ground = Ground::lay(&world).await;
    let mut play = Play::new(&world, &ground).await;
    let (mut done, mut refused) = (0, 0);
    for n in 0..events {
        if n % ROUND == 0 {
            play.new_round().await;
        }
        match play.event().await {
            Ok(()) => done += 1,
            Err(Error::Refused(_) | Error::NotFound) => refused += 1,
            Err(error) => panic!("event {n}: {error}"),
        }
        let every = if n < CLOSE { ROUND } else { LATER };
        if (n + 1) % every == 0 {
            // Some of the books stand in totals by now, some one by one.
            seal::seal(&world.edges, false).await.unwrap();
            sums::hold(&world).await;
            play.stands_as_reckoned().await;
        }
    }
    sums::hold(&world).await;
    play.stands_as_reckoned().await;
    assert!(done > events / 3 && refused > events / 50, "{done} done, {refused} refused: not a fair mixture");
    sums::hledger_agrees(&world).await;
    tools::say(&format!("rule 1: {events} events, {done} posted, {refused} refused; debits are credits, by hledger too"));
}
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Sent,
    Paid,
    Over,
}

#[derive(Debug, Clone, Copy)]
struct Sent {
    payment: PaymentId,
    tranche: i64,
    item: i64,
    fund: i64,
    held: TransferId,
    amount: i64,
    fee: i64,
    state: State,
}

/// A gift with its fund and what of it may be refunded at most.
#[derive(Debug, Clone, Copy)]
struct Gift {
    id: i64,
    fund: i64,
    amount: i64,
}

struct Play<'a> {
    world: &'a World,
    ground: &'a Ground,
    throws: Throws,
    count: i64,
    round: i64,
    tranche: i64,
    reckoned: BTreeMap<String, i64>,
    suspense: Vec<Gift>,
    gifts: Vec<Gift>,
    matches: Vec<(Gift, i64)>,
    pools: Vec<(i64, i64)>,
    items: Vec<(i64, i64)>,
    /// Fund, item and tranche that is due.
    due: Vec<(i64, i64, i64, i64)>,
    sent: Vec<Sent>,
    refunds: Vec<(Gift, i64, TransferId)>,
    pledges: Vec<(i64, i64)>,
    goods: Vec<(i64, i64)>,
    facts: Facts,
}

/// What the books are told from outside and no transfer says: the terms of gifts and decisions.
#[derive(Debug, Default)]
pub struct Facts {
    /// Restriction of a gift.
    pub restrictions: BTreeMap<i64, i64>,
    /// Purpose of a decision.
    pub purposes: BTreeMap<i64, i64>,
    /// The decision to which a grantee sent money back, by the line of the bank.
    pub sent_back: Vec<i64>,
}

/// So many random events; answers what only their terms tell.
pub async fn played(world: &World, ground: &Ground, events: usize) -> Facts {
    let mut play = Play::new(world, ground).await;
    for n in 0..events {
        if n % ROUND == 0 {
            play.new_round().await;
        }
        match play.event().await {
            Ok(()) | Err(Error::Refused(_) | Error::NotFound) => {}
            Err(error) => panic!("event {n}: {error}"),
        }
    }
    play.facts
}

impl<'a> Play<'a> {
    async fn new(world: &'a World, ground: &'a Ground) -> Self {
        let mut play = Self {
            world,
            ground,
            throws: Throws::seeded(20_260_105),
            count: 0,
            round: 0,
            tranche: 0,
            reckoned: BTreeMap::new(),
            suspense: Vec::new(),
            gifts: Vec::new(),
            matches: Vec::new(),
            pools: Vec::new(),
            items: Vec::new(),
            due: Vec::new(),
            sent: Vec::new(),
            refunds: Vec::new(),
            pledges: Vec::new(),
            goods: Vec::new(),
            facts: Facts::default(),
        };
        let by = system(world);
        let by = &by;
        let paid_in = sum(1_000_000_000);
        by.write(|tx| async move { recipes::capital(&tx, by, paid_in, "opening").await }).await.unwrap();
        play.leg("bank:CNY", "operating_reserve:CNY", 1_000_000_000);
        play
    }

    /// Other funds, decisions and tranches, so that a long play asks no more of each than a real fund would.
    async fn new_round(&mut self) {
        self.round += 1;
        self.tranche = self.ground.award(self.world).await;
        self.gifts.clear();
        self.matches.clear();
        self.items.clear();
        self.due.clear();
        self.sent.retain(|sent| sent.state == State::Sent && self.round < 3);
        self.refunds.clear();
    }

    fn leg(&mut self, debit: &str, credit: &str, amount: i64) {
        *self.reckoned.entry(debit.to_owned()).or_default() += amount;
        *self.reckoned.entry(credit.to_owned()).or_default() -= amount;
    }

    fn next(&mut self) -> i64 {
        self.count += 1;
        self.count
    }

    fn fund(&mut self) -> i64 {
        self.round * 10 + self.throws.between(1, 3)
    }

    async fn stands_as_reckoned(&self) {
        for row in balances::all(self.world.edges.db.read()).await.unwrap() {
            let sign = if row.account.side == Side::Debit { 1 } else { -1 };
            let reckoned = self.reckoned.get(&row.account.code).copied().unwrap_or(0);
            assert_eq!(row.balance_minor * sign, reckoned, "{}", row.account.code);
        }
    }

    async fn event(&mut self) -> Result<()> {
        match self.throws.between(0, 19) {
            0..=2 => self.receipt().await,
            3..=5 => self.matched_to_gift().await,
            6 => self.sent_back().await,
            7 => self.pool().await,
            8 => self.pool_matches().await,
            9..=10 => self.reserve().await,
            11 => self.release().await,
            12 => self.fall_due().await,
            13 => self.reduce().await,
            14 => self.send().await,
            15 => self.settle().await,
            16 => self.come_back().await,
            17 => self.refund().await,
            18 => self.refund_settled().await,
            _ => self.memo().await,
        }
    }
}
