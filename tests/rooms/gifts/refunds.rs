//! Gifts that go back: a receipt nobody knows, a refund by two, one that the bank rejects, one after a merger.

use super::{give, matching, receipt};
use crate::rooms::funds::Cast;
use entities::gift;
use entities::kinds::{Currency, FundraisingMode, GiftStage};
use sea_orm::EntityTrait;
use tributary::grants::gifts::service::{receipts, refunds, traces};
use tributary::ledger::{Account, balances};

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_goes_back_by_two_and_a_gift_is_refunded_whole() {
    let cast = Cast::new().await;
    cast.capital().await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let told = receipt(fund, Some(cast.initiator), 700, "line-1");
    let id = receipts::record_receipt(&cast.finance().await, told).await.unwrap();
    receipts::reject_receipt(&cast.finance().await, id, "unknown sender").await.unwrap();
    let meanwhile = receipts::confirm_receipt(&cast.approver().await, id).await;
    assert_eq!(meanwhile.unwrap_err().code(), "refused-gift-going-back");
    receipts::confirm_return(&cast.approver().await, id, "back-1").await.unwrap();
    let db = cast.world.edges.db.read();
    assert_eq!(balances::available(db, Account::Suspense, Currency::CNY).await.unwrap(), 0);

    let pool = matching(&cast, fund, 5_000, 10_000).await;
    let id = give(&cast, fund, 1_000, "line-2").await;
    assert_eq!(balances::flow(db, fund).await.unwrap().available_minor, 1_500);
    refunds::propose_refund(&cast.finance().await, id, "asked for it").await.unwrap();
    refunds::confirm_refund(&cast.approver().await, id).await.unwrap();
    refunds::settle_refund(&cast.finance().await, id, "back-2").await.unwrap();
    assert_eq!(balances::flow(db, fund).await.unwrap().available_minor, 0);
    assert_eq!(balances::available(db, Account::MatchPool(pool), Currency::CNY).await.unwrap(), 10_000);
    let row = gift::Entity::find_by_id(id).one(db).await.unwrap().unwrap();
    assert_eq!(row.stage, GiftStage::Refunded);
    assert_eq!(traces::follow(db, &row).await.unwrap().0.refunded_minor, 1_000);
    let twice = refunds::settle_refund(&cast.finance().await, id, "back-3").await;
    assert_eq!(twice.unwrap_err().code(), "not-found");
    cast.world.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_the_bank_rejects_leaves_the_gift_whole_and_may_be_tried_again() {
    let cast = Cast::new().await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let id = give(&cast, fund, 1_000, "line-1").await;
    let db = cast.world.edges.db.read();
    let none = refunds::refund_failed(&cast.finance().await, id, "bank").await.unwrap_err();
    assert_eq!(none.code(), "not-found");
    for turn in 0..2 {
        refunds::propose_refund(&cast.finance().await, id, "asked for it").await.unwrap();
        refunds::confirm_refund(&cast.approver().await, id).await.unwrap();
        assert_eq!(balances::available(db, Account::FundAvailable(fund), Currency::CNY).await.unwrap(), 0);
        crate::books::sums::hold(&cast.world).await;
        let on_its_way = refunds::propose_refund(&cast.finance().await, id, "again").await.unwrap_err();
        assert_eq!(on_its_way.code(), "refused-gift-refund-held", "turn {turn}");
        refunds::refund_failed(&cast.finance().await, id, "account closed").await.unwrap();
        assert_eq!(balances::available(db, Account::FundAvailable(fund), Currency::CNY).await.unwrap(), 1_000);
        crate::books::sums::hold(&cast.world).await;
    }
    let row = gift::Entity::find_by_id(id).one(db).await.unwrap().unwrap();
    assert_eq!(row.stage, GiftStage::Received);
    let (sums, _) = traces::follow(db, &row).await.unwrap();
    assert_eq!((sums.free_minor, sums.refunded_minor), (1_000, 0));
    refunds::propose_refund(&cast.finance().await, id, "asked for it").await.unwrap();
    refunds::confirm_refund(&cast.approver().await, id).await.unwrap();
    refunds::settle_refund(&cast.finance().await, id, "out-1").await.unwrap();
    crate::books::sums::hold(&cast.world).await;
    let late = refunds::refund_failed(&cast.finance().await, id, "late").await.unwrap_err();
    assert_eq!(late.code(), "not-found");
    cast.world.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gift_is_refunded_from_the_fund_that_holds_it_after_a_merger() {
    use tributary::grants::funds::service::closing;
    let cast = Cast::new().await;
    let old = cast.signed(FundraisingMode::Targeted, 0).await;
    let new = cast.signed(FundraisingMode::Targeted, 0).await;
    let id = give(&cast, old, 1_000, "line-1").await;
    give(&cast, new, 50, "line-2").await;
    closing::propose_merge(&cast.admin(0).await, old, new, cast.papers().await).await.unwrap();
    closing::confirm_merge(&cast.admin(1).await, old).await.unwrap();
    refunds::propose_refund(&cast.finance().await, id, "asked for it").await.unwrap();
    refunds::confirm_refund(&cast.approver().await, id).await.unwrap();
    refunds::settle_refund(&cast.finance().await, id, "out-1").await.unwrap();
    let db = cast.world.edges.db.read();
    assert_eq!(balances::available(db, Account::FundAvailable(new), Currency::CNY).await.unwrap(), 50);
    let row = gift::Entity::find_by_id(id).one(db).await.unwrap().unwrap();
    let (sums, _) = traces::follow(db, &row).await.unwrap();
    assert_eq!((sums.free_minor, sums.refunded_minor), (0, 1_000));
    crate::books::sums::hold(&cast.world).await;
}
