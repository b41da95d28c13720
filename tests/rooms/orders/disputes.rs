//! Disputes through their life.

use super::refunds::spend;
use super::{FEE, GIVEN, Shop, pairs};
use crate::rooms::gifts::matching;
use crate::support::both;
use entities::kinds::{
    AccountKind::{AwardCommitted, Bank, DisputeFees, DisputeLoss, FundAvailable, ProcessorFees, StripeClearing},
    DisputeStage, GiftStage, OrderId, OrderStage, Subject,
};
use tributary::commons::holds;
use tributary::grants::orders::service::{disputes, refunds};
use tributary::sandbox::DisputeEnd;

/// Fee of the sandbox for a dispute.
const DISPUTE_FEE: i64 = 8_500;

async fn stage(shop: &Shop, order: OrderId) -> DisputeStage {
    disputes::of_order(shop.cast.world.edges.db.read(), order).await.unwrap()[0].stage
}

async fn held(shop: &Shop) -> bool {
    !holds::standing(shop.cast.world.edges.db.read(), Subject::Fund, shop.fund.0).await.unwrap().is_empty()
}

both! { paying:
async fn rule_13_a_dispute_that_is_won_is_back_at_the_start_but_for_its_fee(world: World) {
    let shop = Shop::open(world).await;
    let (order, intent) = shop.paid().await;
    let start = shop.books().await;
    let seen = shop.sandbox.happenings(0).len();
    let dispute = shop.sandbox.dispute(&intent, GIVEN, true);
    let seen = shop.tell(seen).await;
    assert_eq!((stage(&shop, order).await, shop.books().await), (DisputeStage::Inquiry, start.clone()), "a question moves nothing");
    assert!(!held(&shop).await);
    shop.sandbox.escalate(&dispute);
    let seen = shop.tell(seen).await;
    assert_eq!(shop.stands(order).await.1, GiftStage::Disputed);
    let taken = [(StripeClearing, -FEE - DISPUTE_FEE), (ProcessorFees, FEE), (DisputeFees, DISPUTE_FEE)];
    assert_eq!(shop.books().await, pairs(&taken));
    assert!(held(&shop).await, "the fund rests meanwhile");
    let refused = refunds::propose(&shop.cast.finance().await, order, 100, "x").await.unwrap_err();
    assert_eq!(refused.code(), "refused-order-refund-above", "what is disputed is not refunded as well");
    shop.sandbox.dispute_ends(&dispute, DisputeEnd::Won);
    shop.send(&shop.sandbox.happenings(seen), 4).await;
    assert_eq!((stage(&shop, order).await, shop.stands(order).await.1), (DisputeStage::Won, GiftStage::Received));
    let mut end = start;
    end.insert(DisputeFees, DISPUTE_FEE);
    end.insert(StripeClearing, GIVEN - FEE - DISPUTE_FEE);
    assert_eq!(shop.books().await, end);
    assert_eq!(shop.sandbox.holds("cny"), GIVEN - FEE - DISPUTE_FEE);
    assert!(!held(&shop).await);
    // The lot is whole again: it can be spent.
    spend(&shop, GIVEN).await;
}

async fn a_lost_dispute_takes_what_the_fund_has_and_the_rest_is_the_foundations_loss(world: World) {
    let shop = Shop::open(world).await;
    shop.cast.capital().await;
    matching(&shop.cast, shop.fund, 5_000, 100_000).await;
    let (order, intent) = shop.paid().await;
    let before = shop.books().await;
    // 10,000 and its match of 5,000; 8,000 are promised, of the gift first.
    spend(&shop, 8_000).await;
    let seen = shop.sandbox.happenings(0).len();
    let dispute = shop.sandbox.dispute(&intent, GIVEN, false);
    shop.sandbox.dispute_ends(&dispute, DisputeEnd::Lost);
    shop.send(&shop.sandbox.happenings(seen), 4).await;
    assert_eq!((stage(&shop, order).await, shop.stands(order).await.1), (DisputeStage::Lost, GiftStage::Lost));
    let books = shop.books().await;
    assert_eq!((books[&DisputeLoss], books[&AwardCommitted]), (8_000, 8_000), "what is promised stays promised");
    assert_eq!(books.get(&FundAvailable), None, "and the match goes back as far as it is free");
    assert_eq!(before[&StripeClearing] - books[&StripeClearing], GIVEN + DISPUTE_FEE);
    assert!(!held(&shop).await);
}

async fn disputed_after_it_was_paid_out_the_processor_is_owed(world: World) {
    let shop = Shop::open(world).await;
    let (order, intent) = shop.paid().await;
    let seen = shop.sandbox.happenings(0).len();
    let payout = shop.sandbox.pay_out("cny").unwrap();
    let seen = shop.tell(seen).await;
    let dispute = shop.sandbox.dispute(&intent, GIVEN, false);
    let seen = shop.tell(seen).await;
    let books = [
        (Bank, GIVEN - FEE),
        (StripeClearing, -GIVEN - DISPUTE_FEE),
        (ProcessorFees, FEE),
        (DisputeFees, DISPUTE_FEE),
    ];
    assert_eq!(shop.books().await, pairs(&books));
    assert_eq!(shop.sandbox.holds("cny"), -GIVEN - DISPUTE_FEE);
    // The bank sends the payout back besides: it is reversed once.
    shop.sandbox.payout_fails(&payout);
    let seen = shop.tell(seen).await;
    shop.sandbox.dispute_ends(&dispute, DisputeEnd::Won);
    shop.tell(seen).await;
    shop.tell(0).await;
    let books = [
        (StripeClearing, GIVEN - FEE - DISPUTE_FEE),
        (FundAvailable, GIVEN),
        (ProcessorFees, FEE),
        (DisputeFees, DISPUTE_FEE),
    ];
    assert_eq!(shop.books().await, pairs(&books));
    assert_eq!(shop.stands(order).await, (OrderStage::Paid, GiftStage::Received, String::new()));
}

async fn after_a_merger_the_end_of_one_dispute_does_not_lift_the_hold_of_another(world: World) {
    let mut shop = Shop::open(world).await;
    let (one, first) = shop.paid().await;
    shop.merged().await;
    // The first gift was given to a fund that is over; its money is where the second was given to.
    let (_, second) = shop.paid().await;
    let seen = shop.sandbox.happenings(0).len();
    let a = shop.sandbox.dispute(&first, GIVEN, false);
    let b = shop.sandbox.dispute(&second, GIVEN, false);
    let seen = shop.tell(seen).await;
    shop.sandbox.dispute_ends(&b, DisputeEnd::Won);
    let seen = shop.tell(seen).await;
    assert!(held(&shop).await, "the first is still open");
    shop.sandbox.dispute_ends(&a, DisputeEnd::Won);
    shop.tell(seen).await;
    assert!(!held(&shop).await);
    assert_eq!((shop.stands(one).await.1, shop.books().await[&FundAvailable]), (GiftStage::Received, 2 * GIVEN));
}

async fn of_two_disputes_of_a_fund_the_end_of_one_does_not_free_it(world: World) {
    let shop = Shop::open(world).await;
    let (one, first) = shop.paid().await;
    let (_, second) = shop.paid().await;
    let seen = shop.sandbox.happenings(0).len();
    let a = shop.sandbox.dispute(&first, 4_000, false);
    let b = shop.sandbox.dispute(&second, GIVEN, false);
    let seen = shop.tell(seen).await;
    shop.sandbox.dispute_ends(&a, DisputeEnd::Lost);
    let seen = shop.tell(seen).await;
    assert!(held(&shop).await);
    assert_eq!(shop.stands(one).await.1, GiftStage::Received, "a gift of which something is left stays received");
    shop.sandbox.dispute_ends(&b, DisputeEnd::Won);
    shop.tell(seen).await;
    assert!(!held(&shop).await);
    assert_eq!(shop.books().await[&FundAvailable], 2 * GIVEN - 4_000);
}
}
