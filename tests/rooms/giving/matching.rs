//! Matching pools at their edges: the window's first and last day, a pool that ends within a gift, caps, several pools, refunds in
//! any parts.

use crate::rooms::funds::Cast;
use crate::rooms::gifts::receipt;
use crate::rooms::orders::Shop;
use crate::support::{both, day, nine};
use entities::gift;
use entities::kinds::{AccountKind, Currency, FundId, FundraisingMode, GiftId, GiftKind, MatchPoolId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use tributary::grants::funds::service::pools::{self, Pool};
use tributary::grants::gifts::service::receipts::{self, Receipt};
use tributary::ledger::{Account, balances};

fn pool(fund: FundId) -> Pool {
    Pool {
        name_zh: "配捐".into(),
        name_en: String::new(),
        fund,
        ratio_bps: 10_000,
        cap_per_gift_minor: None,
        cap_total_minor: 1_000_000,
        opens_on: day(2026, 2, 1),
        closes_on: day(2026, 2, 28),
    }
}

async fn opened(cast: &Cast, pool: Pool) -> MatchPoolId {
    let id = pools::propose_pool(&cast.finance().await, pool).await.unwrap();
    pools::confirm_pool(&cast.approver().await, id).await.unwrap();
    id
}

async fn give(cast: &Cast, fund: FundId, amount_minor: i64, on: chrono::NaiveDate, line: &str) -> GiftId {
    let told = Receipt { received_on: on, ..receipt(fund, Some(cast.initiator), amount_minor, line) };
    let id = receipts::record_receipt(&cast.finance().await, told).await.unwrap();
    receipts::confirm_receipt(&cast.approver().await, id).await.unwrap();
    id
}

/// What pools added to a gift, pool by pool.
async fn added(cast: &Cast, id: GiftId) -> Vec<i64> {
    let rows = gift::Entity::find()
        .filter(gift::Column::MatchedGiftId.eq(id))
        .filter(gift::Column::Kind.eq(GiftKind::Match))
        .order_by_asc(gift::Column::Id)
        .all(cast.world.edges.db.read())
        .await
        .unwrap();
    rows.iter().map(|row| row.amount_minor).collect()
}

async fn left(cast: &Cast, pool: MatchPoolId) -> i64 {
    balances::available(cast.world.edges.db.read(), Account::MatchPool(pool), Currency::CNY).await.unwrap()
}

both! {
async fn the_day_of_the_bank_decides_on_both_edges_of_the_window(world: World) {
    let cast = Cast::on(world).await;
    cast.capital().await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    opened(&cast, pool(fund)).await;
    cast.world.edges.clock.set(nine(2026, 3, 10));
    for (place, (on, matched)) in [
        (day(2026, 1, 31), Vec::new()),
        (day(2026, 2, 1), vec![100]),
        (day(2026, 2, 28), vec![100]),
        (day(2026, 3, 1), Vec::new()),
    ]
    .into_iter()
    .enumerate()
    {
        let id = give(&cast, fund, 100, on, &format!("line-{place}")).await;
        assert_eq!(added(&cast, id).await, matched, "{on}");
    }
}

async fn a_pool_ends_within_a_gift_and_caps_hold(world: World) {
    let cast = Cast::on(world).await;
    cast.capital().await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let small = opened(&cast, Pool { ratio_bps: 3_333, cap_per_gift_minor: Some(50_000), cap_total_minor: 70_001, ..pool(fund) }).await;
    let wide = opened(&cast, Pool { cap_total_minor: 150_000, ..pool(fund) }).await;
    cast.world.edges.clock.set(nine(2026, 2, 10));
    let on = day(2026, 2, 10);
    // 33.33 % rounded down; the other pool one to one.
    let first = give(&cast, fund, 10_001, on, "line-1").await;
    assert_eq!(added(&cast, first).await, [3_333, 10_001]);
    let second = give(&cast, fund, 999_999, on, "line-2").await;
    assert_eq!(added(&cast, second).await, [50_000, 139_999], "the cap of a gift, and the end of the pool within it");
    let third = give(&cast, fund, 999_999, on, "line-3").await;
    assert_eq!(added(&cast, third).await, [16_668]);
    let fourth = give(&cast, fund, 999_999, on, "line-4").await;
    assert_eq!(added(&cast, fourth).await, Vec::<i64>::new());
    assert_eq!((left(&cast, small).await, left(&cast, wide).await), (0, 0));
    crate::books::sums::hold(&cast.world).await;
}

async fn receipts_at_once_share_the_last_of_a_pool(world: World) {
    let cast = Cast::on(world).await;
    cast.capital().await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let pool = opened(&cast, Pool { cap_total_minor: 2_500, ..pool(fund) }).await;
    cast.world.edges.clock.set(nine(2026, 2, 10));
    let mut ids = Vec::new();
    for place in 0..6 {
        let told = Receipt { received_on: day(2026, 2, 10), ..receipt(fund, Some(cast.initiator), 1_000, &format!("line-{place}")) };
        ids.push(receipts::record_receipt(&cast.finance().await, told).await.unwrap());
    }
    let approver = cast.approver().await;
    let at_once = ids.iter().map(|id| {
        let (approver, id) = (approver.clone(), *id);
        tokio::spawn(async move { receipts::confirm_receipt(&approver, id).await })
    });
    for done in at_once.collect::<Vec<_>>() {
        done.await.unwrap().unwrap();
    }
    let mut matched = Vec::new();
    for id in &ids {
        matched.extend(added(&cast, *id).await);
    }
    matched.sort_unstable();
    assert_eq!(matched, [500, 1_000, 1_000]);
    assert_eq!(left(&cast, pool).await, 0);
}
}

both! { paying:
async fn refunds_in_any_parts_bring_the_match_back_to_the_fen_and_it_may_be_promised_anew(world: World) {
    let shop = Shop::open(world).await;
    let cast = &shop.cast;
    cast.capital().await;
    let year = Pool { opens_on: day(2026, 1, 1), closes_on: day(2026, 12, 31), ratio_bps: 3_333, cap_total_minor: 4_000, ..pool(shop.fund) };
    let pool = opened(cast, year).await;
    let (order, _) = shop.paid().await;
    assert_eq!(added(cast, shop.gift(order).await.id).await, [3_333]);
    let mut back = 0;
    for part in [1, 1, 3_333, 2_999, 1] {
        shop.refund(order, part).await;
        back += part;
        // Half up on the running total: 3,333 × back / 10,000.
        let returned = (3_333 * back * 2 + 10_000) / 20_000;
        assert_eq!(left(cast, pool).await, 4_000 - 3_333 + returned, "after {back}");
    }
    // What came back is there for the next gift.
    let free = left(cast, pool).await;
    let next = give(cast, shop.fund, 1_000_000, cast.world.edges.today(), "line-next").await;
    assert_eq!(added(cast, next).await, [free]);
    assert_eq!(left(cast, pool).await, 0);
    let rest = 10_000 - back;
    shop.refund(order, rest).await;
    let returned: i64 = 3_333 - (free - (4_000 - 3_333));
    assert_eq!(left(cast, pool).await, returned, "all of the match is back, and not a fen more");
    let books = shop.books().await;
    assert_eq!(books[&AccountKind::FundAvailable], 1_000_000 + free);
}
}
