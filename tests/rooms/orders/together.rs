//! Refunds and disputes of one payment, funds that end meanwhile, and refunds of which nobody hears any more.

use super::refunds::stages;
use super::{FEE, GIVEN, Shop, pairs};
use crate::rooms::gifts::matching;
use crate::support::both;
use chrono::Duration;
use entities::job;
use entities::kinds::{
    AccountKind::{DisputeFees, DisputeLoss, FundAvailable, ProcessorFees, StripeClearing, SuspenseReceipts},
    CardRefundStage, Currency, GiftStage, OrderStage,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use tributary::grants::funds::service::closing;
use tributary::grants::orders::service::{events, refunds, truth};
use tributary::ledger::{Account, balances};
use tributary::sandbox::{DisputeEnd, Fault};

/// Fee of the sandbox for a dispute.
const DISPUTE_FEE: i64 = 8_500;
/// The pauses of a job between its tries, in seconds.
const PAUSES: [i64; 7] = [5, 20, 80, 320, 1_280, 5_120, 20_480];

async fn given_up(shop: &Shop) -> u64 {
    let failed = job::Entity::find().filter(job::Column::FailedAt.is_not_null());
    failed.count(shop.cast.world.edges.db.read()).await.unwrap()
}

both! { paying:
async fn a_refund_that_failed_and_is_asked_again_takes_its_match_back_once(world: World) {
    let shop = Shop::open(world).await;
    shop.cast.capital().await;
    matching(&shop.cast, shop.fund, 5_000, 100_000).await;
    let (order, intent) = shop.paid().await;
    shop.sandbox.slow(true, false);
    shop.refund(order, 4_000).await;
    let seen = shop.sandbox.happenings(0).len();
    shop.sandbox.refund_ends(&shop.sandbox.refunds()[0], false);
    shop.tell(seen).await;
    // The pool may have promised its part since: it is not given again.
    assert_eq!(shop.books().await[&FundAvailable], GIVEN + 3_000);
    shop.refund(order, 4_000).await;
    let seen = shop.sandbox.happenings(0).len();
    shop.sandbox.refund_ends(&shop.sandbox.refunds()[1], true);
    let seen = shop.tell(seen).await;
    assert_eq!(stages(&shop, order).await, [CardRefundStage::Void, CardRefundStage::Posted]);
    assert_eq!(shop.books().await[&FundAvailable], 6_000 + 3_000);
    // Nor does a refund that was not made count as gone: of this gift a part is kept.
    let dispute = shop.sandbox.dispute(&intent, 2_000, false);
    shop.sandbox.dispute_ends(&dispute, DisputeEnd::Lost);
    shop.tell(seen).await;
    assert_eq!(shop.stands(order).await.1, GiftStage::Received);
    assert_eq!(shop.books().await[&FundAvailable], 4_000 + 2_000);
}

async fn what_a_refund_frees_during_a_dispute_covers_the_foundations_loss(world: World) {
    let shop = Shop::open(world).await;
    shop.sandbox.slow(true, false);
    // The refund ends before the dispute is lost, before it is won, and after it was lost.
    for (number, end, refund_first) in [(0, DisputeEnd::Lost, true), (1, DisputeEnd::Won, true), (2, DisputeEnd::Lost, false)] {
        let before = shop.figures().await;
        let (order, intent) = shop.paid().await;
        shop.refund(order, 4_000).await;
        let seen = shop.sandbox.happenings(0).len();
        let dispute = shop.sandbox.dispute(&intent, GIVEN, false);
        let mut seen = shop.tell(seen).await;
        assert_eq!(shop.books().await[&DisputeLoss], 4_000, "what was held is not the fund's to give");
        let refund = shop.sandbox.refunds()[number].clone();
        if refund_first {
            shop.sandbox.refund_ends(&refund, false);
            seen = shop.tell(seen).await;
            assert_eq!(shop.books().await.get(&DisputeLoss), None, "and what is free again covers it");
        }
        shop.sandbox.dispute_ends(&dispute, end);
        seen = shop.tell(seen).await;
        if !refund_first {
            assert_eq!(shop.books().await[&DisputeLoss], 4_000);
            shop.sandbox.refund_ends(&refund, false);
            shop.tell(seen).await;
        }
        let (books, won) = (shop.books().await, end == DisputeEnd::Won);
        let had = before.get(&FundAvailable).copied().unwrap_or(0);
        let has = books.get(&FundAvailable).copied().unwrap_or(0);
        assert_eq!((books.get(&DisputeLoss), has - had), (None, if won { GIVEN } else { 0 }), "{end:?} {refund_first}");
        assert_eq!(shop.stands(order).await.1, if won { GiftStage::Received } else { GiftStage::Lost });
        assert_eq!(shop.stands(order).await.2, "");
    }
}

async fn a_refund_that_comes_back_after_its_fund_ended_goes_to_the_successor_or_to_suspense(world: World) {
    let mut shop = Shop::open(world).await;
    let (order, _) = shop.paid().await;
    shop.refund(order, GIVEN).await;
    assert_eq!(shop.stands(order).await.1, GiftStage::Refunded);
    shop.merged().await;
    let seen = shop.sandbox.happenings(0).len();
    shop.sandbox.refund_ends(&shop.sandbox.refunds()[0], false);
    shop.tell(seen).await;
    assert_eq!(shop.stands(order).await, (OrderStage::Paid, GiftStage::Received, String::new()));
    let db = shop.cast.world.edges.db.read();
    let has = balances::available(db, Account::FundAvailable(shop.fund), Currency::CNY).await.unwrap();
    assert_eq!((has, shop.books().await[&FundAvailable]), (GIVEN, GIVEN));
    // It can be refunded from there, and comes back once more when that fund is closed at nothing, for nobody.
    shop.refund(order, GIVEN).await;
    assert_eq!(shop.stands(order).await, (OrderStage::Paid, GiftStage::Refunded, String::new()));
    closing::start_closing(&shop.cast.admin(0).await, shop.fund, "done").await.unwrap();
    shop.closed(None).await.unwrap();
    let seen = shop.sandbox.happenings(0).len();
    shop.sandbox.refund_ends(&shop.sandbox.refunds()[1], false);
    shop.tell(seen).await;
    assert_eq!(stages(&shop, order).await, [CardRefundStage::Returned; 2]);
    assert_eq!(shop.stands(order).await.2, "");
    let books = pairs(&[(StripeClearing, GIVEN - FEE), (SuspenseReceipts, GIVEN), (ProcessorFees, FEE)]);
    assert_eq!(shop.books().await, books);
    let letters = shop.cast.world.edges.mail.newest(20).await.unwrap();
    assert!(letters.iter().any(|(_, letter)| letter.subject.contains("no fund takes it")));
}

async fn a_gift_that_went_back_whole_while_it_was_disputed_is_refunded_once_that_is_won(world: World) {
    let shop = Shop::open(world).await;
    let (order, intent) = shop.paid().await;
    shop.sandbox.slow(true, false);
    shop.refund(order, GIVEN).await;
    let seen = shop.sandbox.happenings(0).len();
    let dispute = shop.sandbox.dispute(&intent, GIVEN, false);
    let seen = shop.tell(seen).await;
    shop.sandbox.refund_ends(&shop.sandbox.refunds()[0], true);
    let seen = shop.tell(seen).await;
    assert_eq!(shop.stands(order).await.1, GiftStage::Disputed);
    shop.sandbox.dispute_ends(&dispute, DisputeEnd::Won);
    shop.tell(seen).await;
    assert_eq!(shop.stands(order).await, (OrderStage::Paid, GiftStage::Refunded, String::new()));
    let books = [(StripeClearing, -FEE - DISPUTE_FEE), (ProcessorFees, FEE), (DisputeFees, DISPUTE_FEE)];
    assert_eq!(shop.books().await, pairs(&books));
}

async fn a_refund_of_which_nobody_hears_stays_on_finances_desk_until_it_is_freed(world: World) {
    let shop = Shop::open(world).await;
    let (order, intent) = shop.paid().await;
    shop.sandbox.fail_next(&[Fault::NeverArrives; 200]);
    shop.refund(order, GIVEN).await;
    for pause in PAUSES {
        shop.round().await;
        shop.wait(Duration::seconds(pause));
    }
    shop.round().await;
    assert_eq!((given_up(&shop).await, stages(&shop, order).await), (1, vec![CardRefundStage::Held]));
    shop.wait(Duration::hours(24));
    shop.round().await;
    let lost = "refused-order-refund-lost";
    assert_eq!(shop.stands(order).await.2, lost);
    events::look_again(&shop.cast.finance().await, order).await.unwrap();
    assert_eq!(shop.stands(order).await.2, lost, "looking does not make it known");
    let row = refunds::of_order(shop.cast.world.edges.db.read(), order).await.unwrap().remove(0);
    assert!(refunds::is_lost(&row, shop.cast.world.edges.clock.now()));
    shop.sandbox.fail_next(&[]);
    refunds::free_lost(&shop.cast.finance().await, order, "never made").await.unwrap();
    assert_eq!((stages(&shop, order).await, shop.stands(order).await.2), (vec![CardRefundStage::Void], String::new()));
    // The processor makes it all the same: our books cannot follow that, and a person must look.
    shop.refund_there(&intent, GIVEN, &format!("&metadata[tributary]={}", row.idempotency_key)).await;
    truth::look(&shop.cast.world.edges, order).await.unwrap();
    assert_eq!(shop.stands(order).await.2, "refused-order-freed-refund");
    truth::look(&shop.cast.world.edges, order).await.unwrap();
    assert_eq!(shop.stands(order).await.2, "refused-order-freed-refund");
}

async fn a_refund_whose_job_was_given_up_is_sent_again_while_its_key_is_good(world: World) {
    let shop = Shop::open(world).await;
    let (order, _) = shop.paid().await;
    shop.sandbox.fail_next(&[Fault::NeverArrives; 9]);
    shop.refund(order, GIVEN).await;
    for pause in PAUSES {
        tributary::desk::jobs::drain(&shop.cast.world.edges).await.unwrap();
        shop.wait(Duration::seconds(pause));
    }
    tributary::desk::jobs::drain(&shop.cast.world.edges).await.unwrap();
    assert_eq!((given_up(&shop).await, shop.sandbox.refunds().len()), (1, 0));
    shop.wait(Duration::hours(1));
    shop.round().await;
    assert_eq!((stages(&shop, order).await, shop.sandbox.refunds().len()), (vec![CardRefundStage::Posted], 1));
}
}
