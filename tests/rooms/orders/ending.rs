//! Funds that end while a payment is on its way, and orders whose payment cannot be booked.

use super::{GIVEN, Shop, pairs};
use crate::support::both;
use entities::kinds::{
    AccountKind::{Bank, FundAvailable},
    FundStage, FundraisingMode, GiftStage, OrderStage,
};
use tributary::grants::funds::service::closing;
use tributary::grants::gifts::service::receipts;
use tributary::grants::orders::service::{ending, events, giving};
use tributary::grants::orders::view;
use tributary::sandbox::Outcome;

both! { paying:
async fn a_payment_begun_before_its_fund_began_to_close_arrives_and_the_fund_closes_after(world: World) {
    let shop = Shop::open(world).await;
    let heir = shop.cast.signed(FundraisingMode::Targeted, 0).await;
    let order = shop.order().await;
    closing::start_closing(&shop.cast.admin(0).await, shop.fund, "done").await.unwrap();
    assert_eq!(shop.closed(Some(heir)).await.unwrap_err().code(), "refused-fund-open-gift");
    let begun = giving::give_as_organisation(&shop.cast.signatory().await, shop.given(GIVEN)).await.unwrap_err();
    assert_eq!(begun.code(), "refused-gift-fund-stage", "nobody begins to give now");
    shop.choose(order, Outcome::Paid).await;
    shop.tell(0).await;
    assert_eq!(shop.stands(order).await, (OrderStage::Paid, GiftStage::Received, String::new()));
    shop.closed(Some(heir)).await.unwrap();
    assert_eq!(shop.cast.fund(shop.fund).await.stage, FundStage::Closed);
    assert_eq!(shop.books().await[&FundAvailable], GIVEN);
}

async fn an_order_that_cannot_be_booked_is_ended_by_two_once_its_money_went_back(world: World) {
    let shop = Shop::open(world).await;
    let order = shop.order().await;
    let intent = shop.choose(order, Outcome::Paid).await;
    shop.sandbox.falsify(&intent, GIVEN - 1, "cny");
    let seen = shop.tell(0).await;
    assert_eq!(shop.stands(order).await.2, "refused-order-amount");
    closing::start_closing(&shop.cast.admin(0).await, shop.fund, "done").await.unwrap();
    assert_eq!(shop.closed(None).await.unwrap_err().code(), "refused-fund-open-gift");
    let (finance, approver) = (shop.cast.finance().await, shop.cast.approver().await);
    let early = ending::propose(&finance, order, "wrong amount").await.unwrap_err();
    assert_eq!(early.code(), "refused-order-not-sent-back");
    shop.refund_there(&intent, GIVEN - 2, "").await;
    let early = ending::propose(&finance, order, "wrong amount").await.unwrap_err();
    assert_eq!(early.code(), "refused-order-not-sent-back", "to the last cent");
    shop.refund_there(&intent, 1, "").await;
    let seen = shop.tell(seen).await;
    assert_eq!(ending::propose(&finance, order, " ").await.unwrap_err().code(), "refused-empty");
    assert_eq!(ending::confirm(&approver, order).await.unwrap_err().code(), "not-found");
    ending::propose(&finance, order, "wrong amount").await.unwrap();
    assert_eq!(view::waiting(&approver).await.unwrap().len(), 1, "on the approver's desk");
    let both = shop.cast.world.person("both", &[entities::kinds::Role::FinanceOfficer, entities::kinds::Role::Approver]).await;
    ending::decline(&approver, order, "not yet").await.unwrap();
    ending::propose(&shop.cast.world.role(both).await, order, "wrong amount").await.unwrap();
    let alone = ending::confirm(&shop.cast.world.role(both).await, order).await.unwrap_err();
    assert_eq!(alone.code(), "forbidden-second-person");
    ending::confirm(&approver, order).await.unwrap();
    assert_eq!(shop.stands(order).await, (OrderStage::Failed, GiftStage::Failed, String::new()));
    // Told again, it is nothing to us any more.
    events::look_again(&finance, order).await.unwrap();
    shop.tell(0).await;
    assert_eq!(shop.stands(order).await, (OrderStage::Failed, GiftStage::Failed, String::new()));
    assert!(shop.books().await.is_empty());
    assert_eq!(ending::propose(&finance, order, "again").await.unwrap_err().code(), "refused-stage");
    shop.closed(None).await.unwrap();
    shop.tell(seen).await;
}

async fn a_pledge_whose_second_payment_went_back_stays_as_the_bank_paid_it(world: World) {
    let shop = Shop::open(world).await;
    let pledge = shop.promised().await;
    let order = giving::pay_pledge(&shop.cast.signatory().await, pledge).await.unwrap();
    let mut paid = crate::rooms::gifts::receipt(shop.fund, None, GIVEN, "line-1");
    paid.pledge = Some(pledge);
    receipts::record_receipt(&shop.cast.finance().await, paid).await.unwrap();
    receipts::confirm_receipt(&shop.cast.approver().await, pledge).await.unwrap();
    let intent = shop.choose(order, Outcome::Paid).await;
    shop.tell(0).await;
    assert_eq!(shop.stands(order).await.2, "refused-order-gift-stage");
    shop.refund_there(&intent, GIVEN, "").await;
    ending::propose(&shop.cast.finance().await, order, "paid twice").await.unwrap();
    ending::confirm(&shop.cast.approver().await, order).await.unwrap();
    events::look_again(&shop.cast.finance().await, order).await.unwrap();
    assert_eq!(shop.stands(order).await, (OrderStage::Failed, GiftStage::Received, String::new()));
    assert_eq!(shop.books().await, pairs(&[(Bank, GIVEN), (FundAvailable, GIVEN)]));
}
}
