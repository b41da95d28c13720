//! Refunds through the processor: by two, held first, net, once.

use super::{FEE, GIVEN, Shop, pairs};
use crate::rooms::gifts::matching;
use crate::support::{both, tools};
use chrono::Duration;
use entities::kinds::{
    AccountKind::{AwardCommitted, FundAvailable, MatchPool, OperatingReserve, ProcessorFees, StripeClearing},
    CardRefundStage, Currency, DecisionItemId, GiftStage, OrderId, OrderStage,
};
use tributary::grants::orders::service::refunds;
use tributary::ledger::recipes::{self, Sum};
use tributary::people::permission::Context;
use tributary::sandbox::Fault;

pub async fn stages(shop: &Shop, order: OrderId) -> Vec<CardRefundStage> {
    let rows = refunds::of_order(shop.cast.world.edges.db.read(), order).await.unwrap();
    rows.iter().map(|row| row.stage).collect()
}

/// Promises some of a fund's money, as a decision does.
pub async fn spend(shop: &Shop, amount_minor: i64) {
    let system = &Context::system(shop.cast.world.edges.clone());
    let (fund, on) = (shop.fund, shop.cast.world.edges.today());
    system
        .write(|tx| async move {
            let sum = Sum { amount_minor, currency: Currency::CNY, on };
            recipes::reserved(&tx, system, DecisionItemId(1), fund, None, sum, "1").await
        })
        .await
        .unwrap();
}

both! { paying:
async fn rule_13_paid_and_refunded_is_back_at_the_start_but_for_the_fee(world: World) {
    let shop = Shop::open(world).await;
    let (order, _) = shop.paid().await;
    let seen = shop.sandbox.happenings(0).len();
    shop.refund(order, GIVEN).await;
    shop.send(&shop.sandbox.happenings(seen), 4).await;
    assert_eq!(shop.stands(order).await, (OrderStage::Paid, GiftStage::Refunded, String::new()));
    // The processor keeps its fee, and it is booked once: nobody credits it a second time with the refund.
    assert_eq!(shop.books().await, pairs(&[(StripeClearing, -FEE), (ProcessorFees, FEE)]));
    assert_eq!(shop.sandbox.holds("cny"), -FEE);
}

async fn refunds_in_parts_are_net_and_the_second_is_no_replay_of_the_first(world: World) {
    let shop = Shop::open(world).await;
    shop.cast.capital().await;
    matching(&shop.cast, shop.fund, 5_000, 100_000).await;
    let (order, _) = shop.paid().await;
    assert_eq!(shop.books().await[&FundAvailable], GIVEN + GIVEN / 2);
    shop.refund(order, 3_000).await;
    shop.refund(order, 3_000).await;
    assert_eq!(stages(&shop, order).await, [CardRefundStage::Posted; 2]);
    assert_eq!(shop.sandbox.refunds().len(), 2, "two of the same amount are two");
    assert_eq!(shop.stands(order).await.1, GiftStage::Received);
    assert_eq!(shop.books().await[&FundAvailable], 4_000 + 2_000, "the match goes back pro rata");
    // Gross there would be enough; net there is not.
    let above = refunds::propose(&shop.cast.finance().await, order, 5_000, "more").await.unwrap_err();
    assert_eq!(above.code(), "refused-order-refund-above");
    shop.refund(order, 4_000).await;
    assert_eq!(shop.stands(order).await.1, GiftStage::Refunded);
    let books = shop.books().await;
    assert_eq!((books.get(&FundAvailable), books[&MatchPool] + books[&OperatingReserve]), (None, 200_000_000));
    shop.tell(0).await;
    assert_eq!(shop.books().await, books);
}

async fn two_people_decide_and_none_of_the_donors(world: World) {
    let shop = Shop::open(world).await;
    let (order, _) = shop.paid().await;
    let both = shop.cast.world.person("both", &[entities::kinds::Role::FinanceOfficer, entities::kinds::Role::Approver]).await;
    refunds::propose(&shop.cast.world.role(both).await, order, GIVEN, "x").await.unwrap();
    let alone = refunds::confirm(&shop.cast.world.role(both).await, order).await.unwrap_err();
    assert_eq!(alone.code(), "forbidden-second-person");
    let donor = shop.cast.world.person("donor-approver", &[entities::kinds::Role::Approver]).await;
    shop.cast.world.member(donor, shop.cast.initiator, entities::kinds::MemberRole::Editor).await;
    let own = refunds::confirm(&shop.cast.world.role(donor).await, order).await.unwrap_err();
    assert_eq!(own.code(), "forbidden-gift-own");
    refunds::decline(&shop.cast.approver().await, order, "no").await.unwrap();
    assert_eq!(refunds::confirm(&shop.cast.approver().await, order).await.unwrap_err().code(), "not-found");
    assert!(shop.sandbox.refunds().is_empty());
}

async fn rule_9_a_refund_whose_outcome_is_unknown_is_looked_up_and_made_once(world: World) {
    let shop = Shop::open(world).await;
    let (order, _) = shop.paid().await;
    shop.sandbox.fail_next(&[Fault::LostAnswer]);
    shop.refund(order, GIVEN).await;
    assert_eq!(stages(&shop, order).await, [CardRefundStage::Held], "it stays held until somebody knows");
    assert_eq!(shop.books().await[&FundAvailable], GIVEN);
    // The processor forgot the key meanwhile: sent again it would be a second refund.
    shop.sandbox.forget_keys();
    shop.cast.world.settle().await;
    let made = shop.sandbox.refunds().len();
    assert_eq!((stages(&shop, order).await, made), (vec![CardRefundStage::Posted], 1));
    assert_eq!(shop.books().await, pairs(&[(StripeClearing, -FEE), (ProcessorFees, FEE)]));
    tools::say(&format!("rule 9: an answer lost and its key forgotten, {made} refund at the processor"));
}

async fn long_after_the_first_call_nothing_is_sent_and_finance_frees_what_was_never_made(world: World) {
    let shop = Shop::open(world).await;
    let (order, _) = shop.paid().await;
    shop.sandbox.fail_next(&[Fault::NeverArrives]);
    shop.refund(order, GIVEN).await;
    let early = refunds::free_lost(&shop.cast.finance().await, order, "never made").await.unwrap_err();
    assert_eq!(early.code(), "refused-order-refund-under-way");
    shop.cast.world.edges.clock.set(shop.cast.world.edges.clock.now() + Duration::hours(25));
    shop.sandbox.forget_keys();
    shop.cast.world.settle().await;
    assert_eq!(shop.stands(order).await.2, "refused-order-refund-lost");
    assert!(shop.sandbox.refunds().is_empty(), "not sent a day later");
    refunds::free_lost(&shop.cast.finance().await, order, "never made").await.unwrap();
    assert_eq!(stages(&shop, order).await, [CardRefundStage::Void]);
    assert_eq!(shop.stands(order).await, (OrderStage::Paid, GiftStage::Received, String::new()));
    shop.refund(order, GIVEN).await;
    assert_eq!(stages(&shop, order).await, [CardRefundStage::Void, CardRefundStage::Posted]);
}

async fn a_refund_that_fails_even_after_it_was_made_is_the_funds_again(world: World) {
    let shop = Shop::open(world).await;
    let (order, _) = shop.paid().await;
    let start = shop.books().await;
    shop.sandbox.slow(true, false);
    shop.refund(order, GIVEN).await;
    assert_eq!(stages(&shop, order).await, [CardRefundStage::Sent]);
    let seen = shop.sandbox.happenings(0).len();
    shop.sandbox.refund_ends(&shop.sandbox.refunds()[0], false);
    let seen = shop.tell(seen).await;
    assert_eq!((stages(&shop, order).await, shop.books().await), (vec![CardRefundStage::Void], start.clone()));
    shop.sandbox.slow(false, false);
    shop.refund(order, GIVEN).await;
    let seen = shop.tell(seen).await;
    assert_eq!(shop.stands(order).await.1, GiftStage::Refunded);
    shop.sandbox.refund_ends(&shop.sandbox.refunds()[1], false);
    shop.tell(seen).await;
    assert_eq!(stages(&shop, order).await, [CardRefundStage::Void, CardRefundStage::Returned]);
    assert_eq!((shop.stands(order).await.1, shop.books().await), (GiftStage::Received, start));
    shop.refund(order, GIVEN).await;
    assert_eq!(shop.books().await, pairs(&[(StripeClearing, -FEE), (ProcessorFees, FEE)]));
}

async fn what_was_spent_cannot_be_refunded(world: World) {
    let shop = Shop::open(world).await;
    let (order, _) = shop.paid().await;
    spend(&shop, 4_000).await;
    refunds::propose(&shop.cast.finance().await, order, GIVEN, "all of it").await.unwrap();
    let refused = refunds::confirm(&shop.cast.approver().await, order).await.unwrap_err();
    assert_eq!(refused.code(), "refused-insufficient");
    assert!(shop.sandbox.refunds().is_empty(), "the processor never hears of it");
    refunds::decline(&shop.cast.finance().await, order, "less").await.unwrap();
    shop.refund(order, GIVEN - 4_000).await;
    let books = pairs(&[(StripeClearing, 4_000 - FEE), (AwardCommitted, 4_000), (ProcessorFees, FEE)]);
    assert_eq!(shop.books().await, books);
}

async fn a_refund_made_past_the_two_people_is_parked(world: World) {
    let shop = Shop::open(world).await;
    let (order, intent) = shop.paid().await;
    let books = shop.books().await;
    let seen = shop.sandbox.happenings(0).len();
    shop.refund_there(&intent, 100, "").await;
    shop.tell(seen).await;
    assert_eq!(shop.stands(order).await.2, "refused-order-foreign-refund");
    assert_eq!(shop.books().await, books);
}
}
