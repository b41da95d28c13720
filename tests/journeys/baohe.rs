//! The venture round of Baohe (包河): one programme, six categories with their envelopes, bids in three of them, a decision that its
//! envelope limits, and an award of the sixth category that becomes a fund. Through the forms that the pages show, from the fund that
//! gives to the gift whose trace goes on in the new fund.

mod judging;
pub(super) mod raising;
mod seeding;

use super::house::House;
use crate::books::sums;
use crate::support::both;
use entities::kinds::{Currency, FundId, FundStage, GiftId, ItemStage, Locale, Outcome};
use entities::{call, decision_batch, decision_item, fund, gift};
use judging::{announce, bid, decide, screen_and_score};
use raising::{fund_with_money, second_finance_officer};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use seeding::{agree, become_a_fund};
use tributary::demo;
use tributary::desk::check;
use tributary::grants::gifts::service::traces;
use tributary::ledger::{Account, balances};

/// The six categories of the round (六个类别).
const CATEGORIES: [&str; 6] =
    ["平台建设类", "能力建设类", "社区治理类", "专业服务类", "为老服务类", "社区协同治理基金类"];
/// Envelope of each, and the most that one bid may ask, in yuan.
const ENVELOPE: i64 = 100_000;
const CAP: &str = "60,000";
/// What the fund was given, in yuan.
const GIVEN: i64 = 300_000;
/// What is granted to the project and to the new fund, and the fee that the first bears, in yuan.
const PROJECT: i64 = 60_000;
const FEE: i64 = 600;
const SEED: i64 = 50_000;
/// The first half of it, with which the new fund opens.
const FIRST: i64 = 25_000;

both! { unfounded:
async fn a_round_of_six_categories_and_an_award_that_becomes_a_fund(world: World) {
    let mut stage = demo::found(world.edges.clone(), Locale::ZhCn).await.unwrap();
    demo::open(&mut stage).await.unwrap();
    let house = House::of(world, stage).await;
    second_finance_officer(&house).await;
    let (giver, given) = fund_with_money(&house).await;
    let calls = announce(&house, &giver).await;
    let bids = bid(&house, &calls).await;
    screen_and_score(&house, &calls, &bids).await;
    decide(&house, &calls).await;
    assert_eq!(available(&house, of(&giver)).await, GIVEN - PROJECT - FEE - SEED);
    no_envelope_is_overdrawn(&house).await;

    let (award, tranche) = agree(&house).await;
    let opened = become_a_fund(&house, &award, &tranche).await;
    the_new_fund_stands(&house, &opened).await;
    the_gift_is_traced_into_it(&house, &given, &opened).await;
    house.world().settle().await;
    sums::hold(house.world()).await;
    let wrong: Vec<_> = check::books(&house.world().edges).await.unwrap().into_iter().filter(|one| !one.ok).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
}

/// The key of a fund's page.
fn of(page: &str) -> FundId {
    FundId(number(page))
}

/// The number at the end of an address.
fn number(page: &str) -> i64 {
    page.rsplit('/').next().and_then(|last| last.split('?').next()?.parse().ok()).unwrap()
}

async fn available(house: &House, fund: FundId) -> i64 {
    let of = Account::FundAvailable(fund);
    balances::available(house.world().edges.db.read(), of, Currency::CNY).await.unwrap() / 100
}

/// What stands approved of each call is never more than its envelope, whatever was tried.
async fn no_envelope_is_overdrawn(house: &House) {
    let db = house.world().edges.db.read();
    for row in call::Entity::find().filter(call::Column::Category.is_in(CATEGORIES)).all(db).await.unwrap() {
        let batches = decision_batch::Entity::find().filter(decision_batch::Column::CallId.eq(row.id)).all(db).await;
        let items = decision_item::Entity::find()
            .filter(decision_item::Column::BatchId.is_in(batches.unwrap().iter().map(|batch| batch.id)))
            .filter(decision_item::Column::Outcome.eq(Outcome::Approved))
            .filter(decision_item::Column::Stage.ne(ItemStage::Released))
            .all(db)
            .await
            .unwrap();
        let promised: i64 = items.iter().map(|item| item.amount_minor).sum();
        assert!(promised <= row.envelope_minor, "{}: {promised}", row.category);
    }
}

/// The new fund is active, holds the first half of the award without a fee, and says so in both languages.
async fn the_new_fund_stands(house: &House, opened: &str) {
    let db = house.world().edges.db.read();
    let row = fund::Entity::find_by_id(of(opened)).one(db).await.unwrap().unwrap();
    assert_eq!(row.stage, FundStage::Active);
    assert_eq!(row.initiator_id, house.stage.organisation("so1").unwrap());
    assert_eq!(available(house, row.id).await, FIRST);
    for (locale, name) in [(Locale::ZhCn, "望江社区协同治理基金"), (Locale::En, "Wangjiang co-governance fund")]
    {
        let page = house.reads("visitor", locale, opened).await;
        assert!(page.shows(name) && page.shows("25,000.00"), "the fund's page in {locale}");
    }
}

/// The gift went three ways and adds up to the fen; the one that became a fund is followed there from the donor's own page.
async fn the_gift_is_traced_into_it(house: &House, given: &str, opened: &str) {
    let db = house.world().edges.db.read();
    let row = gift::Entity::find_by_id(GiftId(number(given))).one(db).await.unwrap().unwrap();
    let (sums, lines) = traces::follow(db, &row).await.unwrap();
    let yuan = [sums.paid_minor, sums.fee_minor, sums.committed_minor, sums.free_minor].map(|minor| minor / 100);
    assert_eq!(yuan, [FIRST, 0, PROJECT + FEE + SEED - FIRST, GIVEN - PROJECT - FEE - SEED]);
    assert_eq!(lines.len(), 1);
    let page = house.sees("donor-signatory", given).await;
    assert!(page.shows("设立为新基金") && page.link(opened).is_some(), "the trace ends before the new fund");
    // What the new fund holds is a gift of the foundation to it, and nobody's whose name was told to nobody.
    let lots = gift::Entity::find().filter(gift::Column::FundId.eq(of(opened))).all(db).await.unwrap();
    assert_eq!(lots.iter().map(|seed| seed.amount_minor / 100).collect::<Vec<_>>(), [FIRST]);
    assert!(lots[0].donor_organisation_id.is_none() && lots[0].donor_person_id.is_none());
}
