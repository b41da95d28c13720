//! What is granted: reserved, due, sent, settled, and what comes back from the bank or the grantee.

use super::{Play, Sent, State};
use crate::books::ground::{TRANCHES, VOUCHER, one_of, place, raw, sum, system};
use entities::kinds::{AwardId, DecisionItemId, FundId, NeedId, TransferId};
use tributary::error::{Error, Result};
use tributary::ledger::recipes;

impl Play<'_> {
    pub(super) async fn reserve(&mut self) -> Result<()> {
        let (by, item, fund) = (&system(self.world), self.next(), self.fund());
        let amount = self.throws.between(1, 900_000);
        let purpose = (self.throws.between(0, 1) == 0).then_some(NeedId(1));
        by.write(|tx| async move {
            recipes::reserved(&tx, by, DecisionItemId(item), FundId(fund), purpose, sum(amount), "1").await
        })
        .await?;
        if let Some(need) = purpose {
            self.facts.purposes.insert(item, need.0);
        }
        self.leg(&format!("fund_available:{fund}"), &format!("award_committed:{item}"), amount);
        self.items.push((item, fund));
        Ok(())
    }

    pub(super) async fn release(&mut self) -> Result<()> {
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

    pub(super) async fn fall_due(&mut self) -> Result<()> {
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

    pub(super) async fn reduce(&mut self) -> Result<()> {
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

    pub(super) async fn send(&mut self) -> Result<()> {
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

    pub(super) async fn settle(&mut self) -> Result<()> {
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
        raw(self.world, &format!("update payment set pending_transfer_id = {} where id = {}", sent.held, sent.payment))
            .await
            .unwrap();
        self.ground.end(self.world, sent.payment, "paid").await;
        Ok(())
    }

    pub(super) async fn come_back(&mut self) -> Result<()> {
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
                self.facts.sent_back.push(sent.item);
                self.leg("bank:CNY", &format!("fund_available:{}", sent.fund), part);
            }
        }
        self.sent[n].state = State::Over;
        Ok(())
    }
}
