//! What comes in and goes back: receipts, matches, refunds, pledges and goods.

use super::{Gift, Play};
use crate::books::ground::{one_of, sum, system};
use entities::kinds::{FundId, GiftId, MatchPoolId, NeedId, Subject, TransferId};
use tributary::error::{Error, Result};
use tributary::ledger::recipes;

impl Play<'_> {
    pub(super) async fn receipt(&mut self) -> Result<()> {
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

    pub(super) async fn matched_to_gift(&mut self) -> Result<()> {
        let Some(gift) = self.suspense.pop() else { return Err(Error::NotFound) };
        let gift = Gift { fund: self.fund(), ..gift };
        let by = &system(self.world);
        let restriction = (self.throws.between(0, 3) == 0).then_some(NeedId(1));
        by.write(|tx| async move {
            recipes::suspense_matched(&tx, by, GiftId(gift.id), FundId(gift.fund), restriction, sum(gift.amount)).await
        })
        .await?;
        if let Some(need) = restriction {
            self.facts.restrictions.insert(gift.id, need.0);
        }
        self.leg("suspense_receipts:CNY", &format!("fund_available:{}", gift.fund), gift.amount);
        self.gifts.push(gift);
        Ok(())
    }

    pub(super) async fn sent_back(&mut self) -> Result<()> {
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

    pub(super) async fn pool(&mut self) -> Result<()> {
        let by = &system(self.world);
        if self.pools.len() > 4 {
            let (pool, left) = self.pools.remove(0);
            if left == 0 {
                return Err(Error::NotFound);
            }
            by.write(
                |tx| async move { recipes::pool_returned(&tx, by, MatchPoolId(pool), FundId(1), sum(left), "").await },
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

    pub(super) async fn pool_matches(&mut self) -> Result<()> {
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

    pub(super) async fn refund(&mut self) -> Result<()> {
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

    pub(super) async fn refund_settled(&mut self) -> Result<()> {
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
    pub(super) async fn memo(&mut self) -> Result<()> {
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
