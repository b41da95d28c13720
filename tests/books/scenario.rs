//! The postings of the worked example, one after the other, and what every account holds after each.

use super::ground::{Ground, VOUCHER, place, sum, system};
use super::sums;
use crate::support::{World, both};
use entities::kinds::{Currency, DecisionItemId, FundId, GiftId, MatchPoolId, NeedId, PaymentId, Subject, TrancheId};
use tributary::ledger::accounts::Account;
use tributary::ledger::recipes::{self, TranchePlace};
use tributary::ledger::{balances, lots};
use tributary::people::permission::{As, System};

const FUND: FundId = FundId(1);
const POOL: MatchPoolId = MatchPoolId(1);
const ITEM: DecisionItemId = DecisionItemId(1);
const WALL: NeedId = NeedId(1);

both! {
async fn the_worked_example_posts_to_the_last_yuan(world: World) {
    let ground = Ground::lay(&world).await;
    let first = ground.award(&world).await;
    let by = &system(&world);
    by.write(|tx| async move {
        recipes::capital(&tx, by, sum(2_000_000_00), "capital").await?;
        recipes::pool_funded(&tx, by, POOL, FUND, sum(30_000_00)).await
    })
    .await
    .unwrap();
    stands(&world, first, [2_000_000, 30_000, 0, 0, 0, 0]).await;
    for gift in 1..=3 {
        receive(by, gift, 10_000_00, None).await;
        by.write(|tx| async move { recipes::matched(&tx, by, POOL, FUND, GiftId(100 + gift), sum(10_000_00)).await })
            .await
            .unwrap();
    }
    stands(&world, first, [2_030_000, 0, 60_000, 0, 0, 0]).await;
    for gift in 4..=6 {
        receive(by, gift, 10_000_00, None).await;
    }
    stands(&world, first, [2_060_000, 0, 90_000, 0, 0, 0]).await;
    receive(by, 9, 5_000_00, Some(WALL)).await;
    for resident in 0..28 {
        receive(by, 200 + resident, 120_00, Some(WALL)).await;
    }
    stands(&world, first, [2_068_360, 0, 98_360, 0, 0, 0]).await;
    by.write(|tx| async move { recipes::reserved(&tx, by, ITEM, FUND, Some(WALL), sum(83_830_00), "1").await })
        .await
        .unwrap();
    stands(&world, first, [2_068_360, 0, 14_530, 83_830, 0, 0]).await;
    let above = by
        .write(|tx| async move {
            recipes::reserved(&tx, by, DecisionItemId(2), FUND, Some(WALL), sum(14_531_00), "1").await
        })
        .await;
    assert_eq!(above.unwrap_err().code(), "refused-insufficient");
    due(by, place(1, 1, first), 41_500_00).await;
    stands(&world, first, [2_068_360, 0, 14_530, 42_330, 41_500, 0]).await;
    pay(&world, &ground, place(1, 1, first), 41_500_00, 415_00).await;
    stands(&world, first, [2_026_860, 0, 14_530, 41_915, 0, 415]).await;
    due(by, place(1, 1, first + 1), 33_200_00).await;
    pay(&world, &ground, place(1, 1, first + 1), 33_200_00, 332_00).await;
    stands(&world, first, [1_993_660, 0, 14_530, 8_383, 0, 747]).await;
    due(by, place(1, 1, first + 2), 5_800_00).await;
    pay(&world, &ground, place(1, 1, first + 2), 5_800_00, 58_00).await;
    stands(&world, first, [1_987_860, 0, 14_530, 2_525, 0, 805]).await;
    by.write(|tx| async move {
        recipes::released(&tx, by, ITEM, FUND, Some(place(1, 1, first).award), sum(2_525_00), "close").await
    })
    .await
    .unwrap();
    stands(&world, first, [1_987_860, 0, 17_055, 0, 0, 805]).await;
    let reserve = balances::posted(world.edges.db.read(), Account::OperatingReserve, Currency::CNY).await.unwrap();
    assert_eq!(reserve + 17_055_00 + 805_00, 1_987_860_00);
    assert_eq!((unspent(&world, 5).await, unspent(&world, 6).await), (7_055_00, 10_000_00));
    for spent in [1, 2, 3, 4, 9, 101, 102, 103, 200, 227] {
        assert_eq!(unspent(&world, spent).await, 0, "gift {spent}");
    }
    sums::hledger_agrees(&world).await;
}
}

async fn receive(by: &As<System>, gift: i64, amount: i64, restriction: Option<NeedId>) {
    by.write(|tx| async move {
        let line = format!("line {gift}");
        recipes::bank_receipt(&tx, by, (Subject::Gift, gift), FUND, sum(amount), &line, None).await?;
        recipes::suspense_matched(&tx, by, GiftId(gift), FUND, restriction, sum(amount)).await
    })
    .await
    .unwrap();
}

async fn due(by: &As<System>, at: TranchePlace, amount: i64) {
    by.write(|tx| async move { recipes::tranche_due(&tx, by, at, sum(amount), "1").await }).await.unwrap();
}

/// Held, seen at the bank, and called paid.
async fn pay(world: &World, ground: &Ground, at: TranchePlace, amount: i64, fee: i64) {
    let by = &system(world);
    let payment: PaymentId = ground.approved(world, at.tranche.0, amount).await;
    let held =
        by.write(|tx| async move { recipes::payment_sent(&tx, by, at, payment, sum(amount)).await }).await.unwrap();
    super::ground::raw(world, &format!("update payment set pending_transfer_id = {held} where id = {payment}"))
        .await
        .unwrap();
    by.write(|tx| async move { recipes::payment_posted(&tx, by, at, payment, held, sum(amount), fee, VOUCHER).await })
        .await
        .unwrap();
    ground.end(world, payment, "paid").await;
}

/// Bank, pool, fund, committed, payable and fee, in yuan.
async fn stands(world: &World, first: i64, yuan: [i64; 6]) {
    let db = world.edges.db.read();
    let mut payable = 0;
    for tranche in first..first + 3 {
        payable += balances::posted(db, Account::AwardPayable(TrancheId(tranche)), Currency::CNY).await.unwrap();
    }
    let all = balances::all(db).await.unwrap();
    let fee = all.iter().find(|row| row.account.code == "fee_recovery:CNY").map_or(0, |row| row.balance_minor);
    let mut found = Vec::new();
    for account in
        [Account::Bank, Account::MatchPool(POOL), Account::FundAvailable(FUND), Account::AwardCommitted(ITEM)]
    {
        found.push(balances::posted(db, account, Currency::CNY).await.unwrap() / 100);
    }
    found.extend([payable / 100, fee / 100]);
    assert_eq!(found, yuan);
    sums::hold(world).await;
}

async fn unspent(world: &World, gift: i64) -> i64 {
    let lots = lots::of_gift(world.edges.db.read(), GiftId(gift)).await.unwrap();
    lots.iter()
        .map(|(lot, used)| lot.amount_minor - used.consumed_minor - used.allocated_minor - used.refunded_minor)
        .sum()
}
