//! Rule 1: whatever happens, debits are credits, and every account stands where its events put it.

use super::ground::{Ground, TRANCHES, VOUCHER, one_of, place, sum, system};
use super::sums;
use crate::support::tools::{self, Throws};
use crate::support::{World, both};
use entities::kinds::{
    AwardId, DecisionItemId, FundId, GiftId, MatchPoolId, NeedId, PaymentId, Side, Subject, TransferId,
};
use std::collections::BTreeMap;
use tributary::error::{Error, Result};
use tributary::ledger::{balances, recipes};

/// Events between two sets of funds, and between two looks at all sums at first.
const ROUND: usize = 250;
/// A look at all sums goes through all the books: once they are long it is taken at every so many events only.
const CLOSE: usize = 2_000;
const LATER: usize = 5_000;

both! {
async fn random_events_keep_debits_equal_to_credits(world: World) {
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
            sums::hold(&world).await;
            play.stands_as_reckoned().await;
        }
    }
    sums::hold(&world).await;
    play.stands_as_reckoned().await;
    assert!(done > events / 3 && refused > events / 50, "{done} done, {refused} refused: not a fair mixture");
    sums::hledger_agrees(&world).await;
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

    async fn receipt(&mut self) -> Result<()> {
        let (by, gift, fund) = (&system(self.world), self.next(), self.fund());
        let amount = self.throws.between(1, 500_000);
        by.write(|tx| async move {
            recipes::bank_receipt(
                &tx,
                by,
                (Subject::Gift, gift),
                FundId(fund),
                sum(amount),
                &format!("line {gift}"),
                None,
            )
            .await
        })
        .await?;
        self.leg("bank:CNY", "suspense_receipts:CNY", amount);
        self.suspense.push(Gift { id: gift, fund, amount });
        Ok(())
    }

    async fn matched_to_gift(&mut self) -> Result<()> {
        let Some(gift) = self.suspense.pop() else { return Err(Error::NotFound) };
        let gift = Gift { fund: self.fund(), ..gift };
        let by = &system(self.world);
        let restriction = (self.throws.between(0, 3) == 0).then_some(NeedId(1));
        by.write(|tx| async move {
            recipes::suspense_matched(&tx, by, GiftId(gift.id), FundId(gift.fund), restriction, sum(gift.amount)).await
        })
        .await?;
        self.leg("suspense_receipts:CNY", &format!("fund_available:{}", gift.fund), gift.amount);
        self.gifts.push(gift);
        Ok(())
    }

    async fn sent_back(&mut self) -> Result<()> {
        let Some(gift) = self.suspense.pop() else { return Err(Error::NotFound) };
        let by = &system(self.world);
        by.write(|tx| async move {
            let line = format!("back {}", gift.id);
            recipes::suspense_returned(&tx, by, GiftId(gift.id), FundId(gift.fund), sum(gift.amount), &line).await
        })
        .await?;
        self.leg("suspense_receipts:CNY", "bank:CNY", gift.amount);
        Ok(())
    }

    async fn pool(&mut self) -> Result<()> {
        let by = &system(self.world);
        if self.pools.len() > 4 {
            let (pool, left) = self.pools.remove(0);
            if left == 0 {
                return Err(Error::NotFound);
            }
            by.write(
                |tx| async move { recipes::pool_returned(&tx, by, MatchPoolId(pool), FundId(1), sum(left)).await },
            )
            .await?;
            self.leg(&format!("match_pool:{pool}"), "operating_reserve:CNY", left);
            return Ok(());
        }
        let (pool, amount) = (self.next(), self.throws.between(1, 200_000));
        by.write(|tx| async move { recipes::pool_funded(&tx, by, MatchPoolId(pool), FundId(1), sum(amount)).await })
            .await?;
        self.leg("operating_reserve:CNY", &format!("match_pool:{pool}"), amount);
        self.pools.push((pool, amount));
        Ok(())
    }

    async fn pool_matches(&mut self) -> Result<()> {
        let by = &system(self.world);
        if self.throws.between(0, 2) == 0 {
            let Some((gift, pool)) = self.matches.pop() else { return Err(Error::NotFound) };
            let back = self.throws.between(1, gift.amount);
            by.write(|tx| async move {
                let (pool, fund, id) = (MatchPoolId(pool), FundId(gift.fund), GiftId(gift.id));
                recipes::match_reversed(&tx, by, pool, fund, id, sum(back), "back").await
            })
            .await?;
            self.leg(&format!("fund_available:{}", gift.fund), &format!("match_pool:{pool}"), back);
            if let Some(row) = self.pools.iter_mut().find(|row| row.0 == pool) {
                row.1 += back;
            }
            return Ok(());
        }
        let Some((pool, _)) = one_of(&mut self.throws, &self.pools) else { return Err(Error::NotFound) };
        let gift = Gift { id: self.next(), fund: self.fund(), amount: self.throws.between(1, 100_000) };
        by.write(|tx| async move {
            let (pool, fund, id) = (MatchPoolId(pool), FundId(gift.fund), GiftId(gift.id));
            recipes::matched(&tx, by, pool, fund, id, sum(gift.amount)).await
        })
        .await?;
        self.leg(&format!("match_pool:{pool}"), &format!("fund_available:{}", gift.fund), gift.amount);
        if let Some(row) = self.pools.iter_mut().find(|row| row.0 == pool) {
            row.1 -= gift.amount;
        }
        self.matches.push((gift, pool));
        Ok(())
    }

    async fn reserve(&mut self) -> Result<()> {
        let (by, item, fund) = (&system(self.world), self.next(), self.fund());
        let amount = self.throws.between(1, 900_000);
        let purpose = (self.throws.between(0, 1) == 0).then_some(NeedId(1));
        by.write(|tx| async move {
            recipes::reserved(&tx, by, DecisionItemId(item), FundId(fund), purpose, sum(amount), "1").await
        })
        .await?;
        self.leg(&format!("fund_available:{fund}"), &format!("award_committed:{item}"), amount);
        self.items.push((item, fund));
        Ok(())
    }

    async fn release(&mut self) -> Result<()> {
        let Some((item, fund)) = one_of(&mut self.throws, &self.items) else { return Err(Error::NotFound) };
        let (by, amount, turn) = (&system(self.world), self.throws.between(1, 300_000), self.next());
        let award = (turn % 2 == 0).then_some(AwardId(1));
        by.write(|tx| async move {
            let turn = turn.to_string();
            recipes::released(&tx, by, DecisionItemId(item), FundId(fund), award, sum(amount), &turn).await
        })
        .await?;
        self.leg(&format!("award_committed:{item}"), &format!("fund_available:{fund}"), amount);
        Ok(())
    }

    async fn fall_due(&mut self) -> Result<()> {
        let Some((item, fund)) = one_of(&mut self.throws, &self.items) else { return Err(Error::NotFound) };
        let tranche = self.tranche + self.throws.between(0, TRANCHES - 1);
        // A tranche belongs to one decision.
        if self.due.iter().any(|due| due.2 == tranche) || self.sent.iter().any(|sent| sent.tranche == tranche) {
            return Err(Error::NotFound);
        }
        let (by, amount, turn) = (&system(self.world), self.throws.between(1, 200_000), self.next());
        by.write(|tx| async move {
            recipes::tranche_due(&tx, by, place(fund, item, tranche), sum(amount), &turn.to_string()).await
        })
        .await?;
        self.leg(&format!("award_committed:{item}"), &format!("award_payable:{tranche}"), amount);
        self.due.push((fund, item, tranche, amount));
        Ok(())
    }

    async fn reduce(&mut self) -> Result<()> {
        let Some(due) = one_of(&mut self.throws, &self.due) else { return Err(Error::NotFound) };
        let (fund, item, tranche, left) = due;
        let (by, amount, turn) = (&system(self.world), self.throws.between(1, left), self.next());
        by.write(|tx| async move {
            recipes::tranche_reduced(&tx, by, place(fund, item, tranche), sum(amount), &turn.to_string()).await
        })
        .await?;
        self.leg(&format!("award_payable:{tranche}"), &format!("award_committed:{item}"), amount);
        self.due.retain(|row| row.2 != tranche);
        if left > amount {
            self.due.push((fund, item, tranche, left - amount));
        }
        Ok(())
    }

    async fn send(&mut self) -> Result<()> {
        let Some((fund, item, tranche, amount)) = self.due.pop() else { return Err(Error::NotFound) };
        let payment = self.ground.approved(self.world, tranche, amount).await;
        let by = &system(self.world);
        let held = by
            .write(|tx| async move {
                let held = recipes::payment_sent(&tx, by, place(fund, item, tranche), payment, sum(amount)).await?;
                Ok(held.0)
            })
            .await?;
        let fee = self.throws.between(0, 1_000);
        let held = TransferId(held);
        self.sent.push(Sent { payment, tranche, item, fund, held, amount, fee, state: State::Sent });
        Ok(())
    }

    async fn settle(&mut self) -> Result<()> {
        let Some(n) = self.sent.iter().position(|sent| sent.state == State::Sent) else { return Err(Error::NotFound) };
        let sent = self.sent[n];
        let (by, at) = (&system(self.world), place(sent.fund, sent.item, sent.tranche));
        if self.throws.between(0, 3) == 0 {
            by.write(|tx| async move {
                recipes::payment_void(&tx, by, at, sent.payment, sent.held, sum(sent.amount)).await
            })
            .await?;
            self.sent[n].state = State::Over;
            self.ground.end(self.world, sent.payment, "failed").await;
            self.due.push((sent.fund, sent.item, sent.tranche, sent.amount));
            return Ok(());
        }
        by.write(|tx| async move {
            recipes::payment_posted(&tx, by, at, sent.payment, sent.held, sum(sent.amount), sent.fee, VOUCHER).await
        })
        .await?;
        self.leg(&format!("award_payable:{}", sent.tranche), "bank:CNY", sent.amount);
        if sent.fee > 0 {
            self.leg(&format!("award_committed:{}", sent.item), "fee_recovery:CNY", sent.fee);
        }
        self.sent[n].state = State::Paid;
        super::ground::raw(
            self.world,
            &format!("update payment set pending_transfer_id = {} where id = {}", sent.held, sent.payment),
        )
        .await
        .unwrap();
        self.ground.end(self.world, sent.payment, "paid").await;
        Ok(())
    }

    async fn come_back(&mut self) -> Result<()> {
        let paid: Vec<usize> = (0..self.sent.len()).filter(|n| self.sent[*n].state == State::Paid).collect();
        let Some(n) = one_of(&mut self.throws, &paid) else { return Err(Error::NotFound) };
        let sent = self.sent[n];
        let (by, at, line) = (&system(self.world), place(sent.fund, sent.item, sent.tranche), self.next());
        let part = self.throws.between(1, sent.amount);
        match self.throws.between(0, 2) {
            turn @ 0..=1 => {
                let amount = if turn == 0 { sent.amount } else { part };
                by.write(|tx| async move {
                    recipes::payment_returned(&tx, by, at, sent.payment, sum(amount), &format!("returned {line}")).await
                })
                .await?;
                self.leg("bank:CNY", &format!("award_payable:{}", sent.tranche), amount);
                // The fee comes back with the whole only.
                if sent.fee > 0 && amount == sent.amount {
                    self.leg("fee_recovery:CNY", &format!("award_committed:{}", sent.item), sent.fee);
                }
            }
            _ => {
                by.write(|tx| async move {
                    let (fund, item, line) = (FundId(sent.fund), DecisionItemId(sent.item), format!("sent {line}"));
                    recipes::grantee_returned(&tx, by, fund, at.award, item, sum(part), &line).await
                })
                .await?;
                self.leg("bank:CNY", &format!("fund_available:{}", sent.fund), part);
            }
        }
        self.sent[n].state = State::Over;
        Ok(())
    }

    async fn refund(&mut self) -> Result<()> {
        let Some(gift) = self.gifts.pop() else { return Err(Error::NotFound) };
        let (by, amount) = (&system(self.world), self.throws.between(1, gift.amount));
        let held = by
            .write(|tx| async move {
                let key = gift.id.to_string();
                recipes::refund_held(&tx, by, GiftId(gift.id), FundId(gift.fund), sum(amount), &key)
                    .await
                    .map(|id| id.0)
            })
            .await?;
        self.refunds.push((gift, amount, TransferId(held)));
        Ok(())
    }

    async fn refund_settled(&mut self) -> Result<()> {
        let Some((gift, amount, held)) = self.refunds.pop() else { return Err(Error::NotFound) };
        let by = &system(self.world);
        if self.throws.between(0, 2) == 0 {
            // The bank rejected it: the fund has it again.
            return by
                .write(|tx| async move {
                    let (id, fund, key) = (GiftId(gift.id), FundId(gift.fund), gift.id.to_string());
                    recipes::refund_void(&tx, by, id, fund, sum(amount), held, &key).await
                })
                .await;
        }
        by.write(|tx| async move {
            let (id, fund, key) = (GiftId(gift.id), FundId(gift.fund), gift.id.to_string());
            recipes::refund_posted(&tx, by, id, fund, sum(amount), held, &key).await
        })
        .await?;
        self.leg(&format!("fund_available:{}", gift.fund), "bank:CNY", amount);
        Ok(())
    }

    /// Pledges and goods: beside the books, there and back.
    async fn memo(&mut self) -> Result<()> {
        let (by, id, amount) = (&system(self.world), self.next(), self.throws.between(1, 100_000));
        match self.throws.between(0, 3) {
            0 => {
                by.write(|tx| async move { recipes::pledge(&tx, by, GiftId(id), FundId(1), sum(amount)).await })
                    .await?;
                self.leg("pledge_receivable:CNY", "pledge_control:CNY", amount);
                self.pledges.push((id, amount));
            }
            1 => {
                let Some((id, amount)) = self.pledges.pop() else { return Err(Error::NotFound) };
                by.write(|tx| async move { recipes::pledge_ended(&tx, by, GiftId(id), FundId(1), sum(amount)).await })
                    .await?;
                self.leg("pledge_control:CNY", "pledge_receivable:CNY", amount);
            }
            2 => {
                by.write(|tx| async move { recipes::in_kind(&tx, by, GiftId(id), FundId(1), sum(amount), None).await })
                    .await?;
                self.leg("in_kind_received:CNY", "in_kind_control:CNY", amount);
                self.goods.push((id, amount));
            }
            _ => {
                let Some((id, amount)) = self.goods.pop() else { return Err(Error::NotFound) };
                by.write(|tx| async move { recipes::in_kind_used(&tx, by, GiftId(id), FundId(1), sum(amount)).await })
                    .await?;
                self.leg("in_kind_control:CNY", "in_kind_received:CNY", amount);
            }
        }
        Ok(())
    }
}
