//! Rule 12: every balance, lot and projection rebuilds from the journal, identically.
//!
//! The journal is the exported ledger, read line by line. Of the world only the terms of gifts and decisions are asked, which
//! no transfer says.

use super::events::{Facts, played};
use super::ground::{Ground, rows};
use crate::support::{World, both};
use std::collections::BTreeMap;
use tributary::core::lots::{self, Allocation, Draw};
use tributary::core::sealed::Row;
use tributary::core::sealed::accounts::{Accounts, Figures};
use tributary::core::sealed::row::Brief;
use tributary::ledger::balances;
use tributary::ledger::seal::{self, export};

/// The journal, as anybody can save it.
pub async fn journal(world: &World) -> Vec<Row> {
    seal::seal(&world.edges, false).await.unwrap();
    let text = export::ledger(&world.edges, None).await.unwrap().whole().await.unwrap();
    text.lines().map(|line| Row::parse(line.as_bytes()).unwrap()).collect()
}

/// A lot, by the transfer that brought it: fund, gift, restriction, amount.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lot {
    transfer: i64,
    fund: i64,
    gift: i64,
    restriction: Option<i64>,
    amount: i64,
}

/// What became of a lot, in the order in which it did.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Move {
    lot: i64,
    kind: &'static str,
    item: Option<i64>,
    amount: i64,
    transfer: i64,
}

/// The lots as the journal makes them.
#[derive(Default)]
struct Rebuilt {
    lots: Vec<Lot>,
    moves: Vec<Move>,
    items: BTreeMap<String, i64>,
    returns: usize,
}

fn subject(code: &str) -> i64 {
    code.split_once(':').unwrap().1.parse().unwrap()
}

impl Rebuilt {
    fn receive(&mut self, row: &Row, gift: i64, restriction: Option<i64>) {
        self.lots.push(Lot {
            transfer: row.id,
            fund: subject(&row.credit),
            gift,
            restriction,
            amount: row.amount_minor,
        });
    }

    fn free(&self, lot: &Lot) -> i64 {
        let moved = self.moves.iter().filter(|one| one.lot == lot.transfer).map(|one| match one.kind {
            "allocate" | "refund" | "fee" => one.amount,
            "release" | "reopen" | "refund_void" => -one.amount,
            _ => 0,
        });
        lot.amount - moved.sum::<i64>()
    }

    fn held(&self, item: i64) -> Vec<Allocation> {
        let mut held: Vec<Allocation> = Vec::new();
        for one in self.moves.iter().filter(|one| one.item == Some(item)) {
            let place = held.iter().position(|a| a.lot == one.lot).unwrap_or_else(|| {
                held.push(Allocation { lot: one.lot, remaining_minor: 0, consumed_minor: 0 });
                held.len() - 1
            });
            match one.kind {
                "allocate" => held[place].remaining_minor += one.amount,
                "release" => held[place].remaining_minor -= one.amount,
                "consume" => {
                    held[place].remaining_minor -= one.amount;
                    held[place].consumed_minor += one.amount;
                }
                "reopen" => held[place].consumed_minor -= one.amount,
                _ => {}
            }
        }
        held
    }

    fn note(&mut self, kind: &'static str, item: Option<i64>, draws: &[Draw], transfer: i64) {
        let noted = draws.iter().map(|draw| Move { lot: draw.lot, kind, item, amount: draw.amount_minor, transfer });
        self.moves.extend(noted);
    }

    fn refund(&mut self, row: &Row) {
        let (gift, fund) = (row.subject_id, subject(&row.debit));
        let mut left = row.amount_minor;
        let mut draws = Vec::new();
        for lot in self.lots.iter().filter(|lot| lot.gift == gift && lot.fund == fund) {
            let taken = self.free(lot).min(left);
            if taken > 0 {
                draws.push(Draw { place: 0, lot: lot.transfer, amount_minor: taken });
                left -= taken;
            }
        }
        assert_eq!(left, 0);
        self.note("refund", None, &draws, row.id);
    }

    fn take_back(&mut self, row: &Row, item: i64) {
        let draws = lots::reopen(&self.held(item), row.amount_minor).unwrap();
        self.note("reopen", Some(item), &draws, row.id);
        self.note("allocate", Some(item), &draws, row.id);
    }

    fn apply(&mut self, row: &Row, facts: &Facts) {
        match row.recipe.as_str() {
            "suspense_matched" => self.receive(row, row.subject_id, facts.restrictions.get(&row.subject_id).copied()),
            "match" => self.receive(row, row.subject_id, None),
            "match_reversed" | "gift_refund_held" => self.refund(row),
            "gift_refund_void" => {
                let taken = self.moves.iter().filter(|one| Some(one.transfer) == row.resolves && one.kind == "refund");
                let draws: Vec<Draw> =
                    taken.map(|one| Draw { place: 0, lot: one.lot, amount_minor: one.amount }).collect();
                self.note("refund_void", None, &draws, row.id);
            }
            "reserved" => {
                let fund = subject(&row.debit);
                let offered: Vec<lots::Lot> = self
                    .lots
                    .iter()
                    .filter(|lot| lot.fund == fund)
                    .map(|lot| lots::Lot {
                        id: lot.transfer,
                        restriction: lot.restriction,
                        received_on: lot.transfer,
                        amount_minor: lot.amount,
                        free_minor: self.free(lot),
                    })
                    .collect();
                let item = row.subject_id;
                let draws = lots::allocate(&offered, facts.purposes.get(&item).copied(), row.amount_minor).unwrap();
                self.note("allocate", Some(item), &draws, row.id);
            }
            "released" | "award_closed" => {
                let item = row.subject_id;
                let draws = lots::release(&self.held(item), row.amount_minor).unwrap();
                self.note("release", Some(item), &draws, row.id);
            }
            // The first transfer to a tranche says whose decision it belongs to.
            "tranche_due" => {
                self.items.insert(row.credit.clone(), subject(&row.debit));
            }
            "payment_posted" => self.consume(row, self.items[&row.debit]),
            "management_fee" => self.consume(row, subject(&row.debit)),
            "payment_returned" | "payment_part_returned" => {
                let fee = row.credit.starts_with("award_committed:");
                let item = if fee { subject(&row.credit) } else { self.items[&row.credit] };
                self.take_back(row, item);
            }
            "grantee_returned" => {
                let item = facts.sent_back[self.returns];
                self.returns += 1;
                let draws = lots::reopen(&self.held(item), row.amount_minor).unwrap();
                self.note("reopen", Some(item), &draws, row.id);
            }
            _ => {}
        }
    }

    fn consume(&mut self, row: &Row, item: i64) {
        let draws = lots::consume(&self.held(item), row.amount_minor).unwrap();
        self.note("consume", Some(item), &draws, row.id);
    }
}

async fn lots_kept(world: &World) -> (Vec<Lot>, Vec<(i64, String, Option<i64>, i64, i64)>) {
    let lots =
        rows(world, "select transfer_id, fund_id, gift_id, restriction_need_id, amount_minor from lot order by id")
            .await;
    let lots = lots.iter().map(|row| Lot {
        transfer: row.try_get_by_index(0).unwrap(),
        fund: row.try_get_by_index(1).unwrap(),
        gift: row.try_get_by_index(2).unwrap(),
        restriction: row.try_get_by_index(3).unwrap(),
        amount: row.try_get_by_index(4).unwrap(),
    });
    let sql = "select l.transfer_id, m.kind, m.item_id, m.amount_minor, m.transfer_id from lot_move m join lot l on l.id = m.lot_id order by m.id";
    let moves = rows(world, sql).await;
    let moves = moves.iter().map(|row| {
        (
            row.try_get_by_index(0).unwrap(),
            row.try_get_by_index(1).unwrap(),
            row.try_get_by_index(2).unwrap(),
            row.try_get_by_index(3).unwrap(),
            row.try_get_by_index(4).unwrap(),
        )
    });
    (lots.collect(), moves.collect())
}

/// Every account of the house is what the journal makes of it.
pub async fn accounts_rebuild(world: &World, journal: &[Row]) {
    let mut books = Accounts::default();
    for row in journal {
        books.apply(&Brief::of_row(row)).unwrap_or_else(|wrong| panic!("transfer {}: {wrong}", row.id));
    }
    assert_eq!(books.below_zero().count(), 0);
    let rebuilt: BTreeMap<String, Figures> = books.all().into_iter().map(|one| (one.code.clone(), one)).collect();
    let kept = balances::all(world.edges.db.read()).await.unwrap();
    assert_eq!(kept.iter().filter(|one| rebuilt.contains_key(&one.account.code)).count(), rebuilt.len());
    for one in &kept {
        let account = &one.account;
        let Some(figures) = rebuilt.get(&account.code) else {
            assert_eq!((one.balance_minor, account.last_transfer_id), (0, None), "{}", account.code);
            continue;
        };
        assert_eq!(
            (figures.side, figures.floored),
            (account.side, account.floored),
            "{}: another nature",
            account.code
        );
        assert_eq!(figures.currency, account.currency.to_string(), "{}", account.code);
        assert_eq!(figures.balance_minor(), one.balance_minor, "{}", account.code);
        if account.floored {
            let columns = (
                account.posted_debit_minor,
                account.posted_credit_minor,
                account.held_debit_minor,
                account.held_credit_minor,
                account.last_transfer_id.map(|id| id.0),
            );
            let own = (
                figures.debit_minor,
                figures.credit_minor,
                figures.held_debit_minor,
                figures.held_credit_minor,
                Some(figures.last),
            );
            assert_eq!(own, columns, "{}", account.code);
        }
    }
}

both! {
async fn rule_12_every_balance_lot_and_projection_rebuilds_from_the_journal(world: World) {
    let ground = Ground::lay(&world).await;
    let facts = played(&world, &ground, 600).await;
    let journal = journal(&world).await;
    accounts_rebuild(&world, &journal).await;
    let mut rebuilt = Rebuilt::default();
    for row in &journal {
        rebuilt.apply(row, &facts);
    }
    let (lots, moves) = lots_kept(&world).await;
    assert!(lots.len() > 20 && moves.len() > 50, "{} lots, {} moves: hardly a play", lots.len(), moves.len());
    assert_eq!(rebuilt.lots, lots);
    let own: Vec<_> =
        rebuilt.moves.iter().map(|one| (one.lot, one.kind.to_owned(), one.item, one.amount, one.transfer)).collect();
    assert_eq!(own, moves);
}
}
