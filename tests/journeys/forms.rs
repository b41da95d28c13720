//! The whole example through the forms that the pages show, by everybody who has a part in it, to the same figures.
//!
//! The acts stand in their order: [`raising`], [`judging`], [`carrying`].

mod carrying;
mod judging;
mod raising;

use super::house::House;
use crate::support::{World, both};
use carrying::{close, finish, half_way, pay, sign};
use entities::kinds::{AwardId, Currency, FundId, Locale, NeedId};
use judging::{bid, decide, invite, object, score};
use raising::give;
use tributary::demo::{self, Wall};
use tributary::desk::check;
use tributary::ledger::{Account, balances};

pub use raising::one_more_gift;

/// Everything from the first act to the public notice of the award, and the house it was done in.
pub async fn up_to_the_notice(world: World) -> (House, String) {
    let mut stage = demo::found(world.edges.clone(), Locale::ZhCn).await.unwrap();
    let wall = demo::open(&mut stage).await.unwrap();
    let house = House::of(world, stage).await;
    give(&house, wall).await;
    stands(&house, wall, [2_068_360, 98_360]).await;
    let call = invite(&house, wall).await;
    let bids = bid(&house, &call).await;
    score(&house, &call, &bids).await;
    let notice = decide(&house, wall, &call).await;
    stands(&house, wall, [2_068_360, 14_530]).await;
    (house, notice)
}

both! { unfounded:
async fn everybody_does_their_part_through_the_forms(world: World) {
    let (house, notice) = up_to_the_notice(world).await;
    let wall = Wall { need: NeedId(1), fund: FundId(1) };
    object(&house, &notice).await;
    let (award, parts) = sign(&house).await;
    pay(&house, &parts[0], 5, 18, true).await;
    stands(&house, wall, [2_026_860, 14_530]).await;
    half_way(&house, &award).await;
    pay(&house, &parts[1], 8, 10, false).await;
    stands(&house, wall, [1_993_660, 14_530]).await;
    finish(&house, &award).await;
    pay(&house, &parts[2], 9, 14, false).await;
    stands(&house, wall, [1_987_860, 14_530]).await;
    close(&house, &award).await;
    stands(&house, wall, [1_987_860, 17_055]).await;
    let db = house.world().edges.db.read();
    let paid = balances::paid_on_awards(db, &[AwardId(1)]).await.unwrap();
    assert_eq!(paid, [(AwardId(1), 80_500_00, 805_00)]);
    house.world().settle().await;
    let wrong: Vec<_> = check::books(&house.world().edges).await.unwrap().into_iter().filter(|one| !one.ok).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
}

/// What the bank and the fund have, in yuan: in the books, and on the fund's public page.
async fn stands(house: &House, wall: Wall, [bank, fund]: [i64; 2]) {
    let db = house.world().edges.db.read();
    assert_eq!(balances::posted(db, Account::Bank, Currency::CNY).await.unwrap(), bank * 100);
    assert_eq!(balances::flow(db, wall.fund).await.unwrap().available_minor, fund * 100);
    let written = format!("{},{:03}.00", fund / 1_000, fund % 1_000);
    let page = house.sees("visitor", &format!("/funds/{}", wall.fund)).await;
    assert!(page.shows(&written), "the fund's page does not say {written}");
}
