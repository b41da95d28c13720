//! What went wrong on other platforms, one test a failure, each named after it. The rooms' own tests go further; here stands only
//! that the failure is not ours.
//!
//! Elsewhere by nature: payer and payee on one account is refused by the books themselves (`books::refusals`, "the same account
//! twice"), and a line that two files bring is one (`rooms::bank`, `a_line_is_imported_once_whatever_file_brings_it`).

use super::refunds::{spend, stages};
use super::{FEE, GIVEN, Shop, pairs};
use crate::books::ground::raw;
use crate::support::{both, day};
use entities::kinds::{
    AccountKind::{Bank, DisputeFees, FundAvailable, ProcessorFees, StripeClearing},
    CardRefundStage, Currency, FundId, FundraisingMode, GiftStage, OrderId, OrderStage,
};
use entities::{gift, online_order, processor_event};
use sea_orm::{EntityTrait, PaginatorTrait};
use tributary::desk::check;
use tributary::edges::stripe::signature;
use tributary::grants::funds::service::{self as funds, Drafted};
use tributary::grants::gifts::service::imports;
use tributary::grants::gifts::service::online::Given;
use tributary::grants::orders::service::{giving, opening, refunds, truth};
use tributary::people::permission::Once;
use tributary::sandbox::{Fault, Outcome};

async fn orders(shop: &Shop) -> u64 {
    online_order::Entity::find().count(shop.cast.world.edges.db.read()).await.unwrap()
}

/// A fund of yen.
async fn of_yen(shop: &Shop) -> (FundId, Currency) {
    let yen: Currency = "JPY".parse().unwrap();
    let (by, admin) = (shop.cast.signatory().await, shop.cast.admin(0).await);
    let draft = Drafted { currency: yen, ..crate::rooms::funds::drafted(FundraisingMode::Targeted, 0) };
    let fund = funds::draft(&by, draft).await.unwrap();
    funds::submit(&by, fund).await.unwrap();
    funds::decide(&admin, fund, true, "2026-2", "").await.unwrap();
    funds::agreement::sign_as_initiator(&by, fund, "signatory").await.unwrap();
    funds::agreement::sign_for_foundation(&admin, fund).await.unwrap();
    (fund, yen)
}

async fn yen_paid(shop: &Shop) -> (FundId, OrderId) {
    let (fund, currency) = of_yen(shop).await;
    let given = Given { fund, amount_minor: 5_000, currency, ..shop.given(1) };
    let order = giving::give_as_organisation(&shop.cast.signatory().await, given).await.unwrap();
    shop.choose(order, Outcome::Paid).await;
    truth::look(&shop.cast.world.edges, order).await.unwrap();
    (fund, order)
}

async fn standing(shop: &Shop, code: &str) -> Option<i64> {
    let all = tributary::ledger::balances::all(shop.cast.world.edges.db.read()).await.unwrap();
    all.iter().find(|row| row.account.code == code).map(|row| row.balance_minor)
}

both! { paying:
async fn two_pay_at_once_and_both_are_charged(world: World) {
    let shop = Shop::open(world).await;
    let order = shop.order().await;
    let session = shop.session(order).await;
    let pay = || shop.sandbox.pay(&session, tributary::sandbox::Method::Card, Outcome::Paid);
    assert_eq!((pay(), pay()), (true, false), "one session takes one payment");
    let edges = &shop.cast.world.edges;
    let looks = tokio::join!(truth::look(edges, order), truth::look(edges, order), truth::look(edges, order));
    assert!(looks.0.is_ok() && looks.1.is_ok() && looks.2.is_ok(), "{looks:?}");
    assert_eq!(shop.books().await[&FundAvailable], GIVEN);
}

async fn a_double_click_makes_two_orders(world: World) {
    let shop = Shop::open(world).await;
    let by = shop.cast.signatory().await;
    let by = by.posting(Some(Once::new(&by.edges, "0123456789abcdef", "/orders", "amount=100.00")));
    let given = shop.given(GIVEN);
    let clicks = tokio::join!(giving::give_as_organisation(&by, given), giving::give_as_organisation(&by, given));
    assert_eq!((clicks.0.unwrap(), orders(&shop).await), (clicks.1.unwrap(), 1));
}

async fn an_order_is_called_paid_without_a_row_in_the_books(world: World) {
    let shop = Shop::open(world).await;
    let order = shop.order().await;
    let sql = format!("update online_order set stage = 'paid', payment_intent = 'pi_x', paid_at = created_at where id = {order}");
    raw(&shop.cast.world, &sql).await.unwrap();
    let found = check::books(&shop.cast.world.edges).await.unwrap();
    let wrong: Vec<_> = found.iter().filter(|one| !one.ok).map(|one| one.code).collect();
    assert_eq!(wrong, ["orders-paid"], "the doctor says so");
}

async fn an_import_that_is_run_again_doubles_its_rows(world: World) {
    let shop = Shop::open(world).await;
    let (finance, approver) = (shop.cast.finance().await, shop.cast.approver().await);
    funds::amend_filing(&shop.cast.admin(0).await, shop.fund, "Q-1", "F-1").await.unwrap();
    let file = b"donor,amount\nneighbour,1.00\n";
    let propose = || imports::propose_import(&finance, shop.fund, "file.csv", file, "line-1", day(2026, 1, 5), None);
    let import = propose().await.unwrap();
    imports::apply_import(&approver, import).await.unwrap();
    let count = || async { gift::Entity::find().count(shop.cast.world.edges.db.read()).await.unwrap() };
    let before = count().await;
    let again = match propose().await {
        Ok(import) => imports::apply_import(&approver, import).await.unwrap_err(),
        Err(error) => error,
    };
    assert_ne!(again.code(), "internal", "{again}");
    assert_eq!((count().await, shop.books().await[&FundAvailable]), (before, 100));
}

async fn a_refund_gives_the_fee_back_a_second_time(world: World) {
    let shop = Shop::open(world).await;
    let (order, _) = shop.paid().await;
    shop.refund(order, GIVEN).await;
    assert_eq!(shop.books().await, pairs(&[(StripeClearing, -FEE), (ProcessorFees, FEE)]));
    assert_eq!(shop.sandbox.holds("cny"), -FEE);
}

async fn a_refund_is_held_against_the_gross_and_not_against_what_is_left(world: World) {
    let shop = Shop::open(world).await;
    let (order, _) = shop.paid().await;
    shop.refund(order, 6_000).await;
    let above = refunds::propose(&shop.cast.finance().await, order, 6_000, "again").await.unwrap_err();
    assert_eq!(above.code(), "refused-order-refund-above");
    assert_eq!(shop.books().await[&FundAvailable], 4_000);
}

async fn the_fee_is_an_estimate(world: World) {
    let shop = Shop::open(world).await;
    shop.sandbox.slow(false, true);
    let (order, intent) = shop.paid().await;
    assert_eq!((shop.row(order).await.fee_minor, shop.books().await.get(&ProcessorFees)), (None, None));
    shop.sandbox.settle(&intent);
    truth::look(&shop.cast.world.edges, order).await.unwrap();
    assert_eq!((shop.row(order).await.fee_minor, shop.books().await[&ProcessorFees]), (Some(FEE), FEE));
}

async fn the_webhook_comes_before_the_donor_is_back_or_after(world: World) {
    let shop = Shop::open(world).await;
    let mut ends = Vec::new();
    for webhook_first in [true, false] {
        let (before, order) = (shop.figures().await, shop.order().await);
        let seen = shop.sandbox.happenings(0).len();
        shop.choose(order, Outcome::Paid).await;
        if webhook_first {
            shop.tell(seen).await;
        }
        // What the way back does.
        truth::look(&shop.cast.world.edges, order).await.unwrap();
        shop.tell(seen).await;
        let moved = shop.figures().await[&FundAvailable] - before.get(&FundAvailable).copied().unwrap_or(0);
        ends.push((moved, shop.stands(order).await));
    }
    assert_eq!(ends[0], ends[1]);
    assert_eq!(ends[0], (GIVEN, (OrderStage::Paid, GiftStage::Received, String::new())));
}

async fn an_order_in_a_state_nobody_expected_is_booked_or_forgotten(world: World) {
    let shop = Shop::open(world).await;
    let order = shop.order().await;
    let intent = shop.choose(order, Outcome::Paid).await;
    shop.sandbox.put(&intent, "requires_capture");
    shop.tell(0).await;
    assert!(shop.books().await.is_empty(), "not booked");
    assert_eq!(shop.stands(order).await.2, "refused-order-unknown-state", "and not forgotten");
}

async fn one_payment_pays_two_orders(world: World) {
    let shop = Shop::open(world).await;
    let (_, intent) = shop.paid().await;
    let other = shop.order().await;
    let sql = format!("update online_order set payment_intent = '{intent}' where id = {other}");
    let why = raw(&shop.cast.world, &sql).await.unwrap_err().to_string().to_lowercase();
    assert!(why.contains("unique"), "{why}");
}

async fn yen_are_taken_times_a_hundred(world: World) {
    let shop = Shop::open(world).await;
    let (fund, order) = yen_paid(&shop).await;
    assert_eq!(standing(&shop, &format!("fund_available:{fund}")).await, Some(5_000));
    shop.refund(order, 5_000).await;
    assert_eq!(standing(&shop, &format!("fund_available:{fund}")).await, Some(0));
}

async fn currencies_are_added_up(world: World) {
    let shop = Shop::open(world).await;
    shop.paid().await;
    yen_paid(&shop).await;
    let of = async |code: &str| standing(&shop, code).await;
    assert_eq!((of("stripe_clearing:CNY").await, of("stripe_clearing:JPY").await), (Some(GIVEN - FEE), Some(5_000 - 405)));
    crate::books::sums::hold(&shop.cast.world).await;
}

async fn given_spent_and_refunded(world: World) {
    let shop = Shop::open(world).await;
    let (order, _) = shop.paid().await;
    spend(&shop, GIVEN).await;
    refunds::propose(&shop.cast.finance().await, order, GIVEN, "asked for it").await.unwrap();
    let refused = refunds::confirm(&shop.cast.approver().await, order).await.unwrap_err();
    assert_eq!((refused.code(), shop.sandbox.refunds().len()), ("refused-insufficient", 0));
}

async fn the_second_refund_of_a_part_is_taken_for_a_replay_of_the_first(world: World) {
    let shop = Shop::open(world).await;
    let (order, _) = shop.paid().await;
    shop.refund(order, 3_000).await;
    shop.refund(order, 3_000).await;
    assert_eq!(stages(&shop, order).await, [CardRefundStage::Posted; 2]);
    assert_eq!((shop.sandbox.refunds().len(), shop.books().await[&FundAvailable]), (2, 4_000));
}

async fn two_endpoints_to_one_address_book_twice(world: World) {
    let shop = Shop::open(world).await;
    let order = shop.order().await;
    shop.choose(order, Outcome::Paid).await;
    for happening in shop.sandbox.happenings(0) {
        let (body, header) = shop.sandbox.signed(&happening).unwrap();
        let now = shop.cast.world.edges.clock.now().timestamp();
        let other = signature::header("whsec_old", now, body.as_bytes());
        assert_eq!(shop.sandbox.post(&body, &header).await, Some(204));
        assert_eq!(shop.sandbox.post(&body, &other).await, Some(204));
    }
    shop.cast.world.settle().await;
    let events = processor_event::Entity::find().count(shop.cast.world.edges.db.read()).await.unwrap();
    assert_eq!((events, shop.books().await[&FundAvailable]), (2, GIVEN));
}

async fn a_call_with_an_unknown_outcome_is_sent_again(world: World) {
    let shop = Shop::open(world).await;
    shop.sandbox.fail_next(&[Fault::LostAnswer]);
    let order = shop.order().await;
    shop.sandbox.forget_keys();
    opening::open(&shop.cast.world.edges, order).await.unwrap();
    assert_eq!(shop.sandbox.sessions().len(), 1);
    shop.choose(order, Outcome::Paid).await;
    shop.tell(0).await;
    shop.sandbox.fail_next(&[Fault::LostAnswer]);
    shop.refund(order, 4_000).await;
    shop.sandbox.forget_keys();
    shop.cast.world.settle().await;
    assert_eq!((shop.sandbox.refunds().len(), shop.books().await[&FundAvailable]), (1, 6_000));
}

async fn what_is_disputed_after_it_was_paid_out_is_nobodys(world: World) {
    let shop = Shop::open(world).await;
    let (_, intent) = shop.paid().await;
    let seen = shop.sandbox.happenings(0).len();
    shop.sandbox.pay_out("cny").unwrap();
    shop.sandbox.dispute(&intent, GIVEN, false);
    shop.tell(seen).await;
    let owed = -GIVEN - 8_500;
    let books = [(Bank, GIVEN - FEE), (StripeClearing, owed), (ProcessorFees, FEE), (DisputeFees, 8_500)];
    assert_eq!((shop.books().await, shop.sandbox.holds("cny")), (pairs(&books), owed));
}
}
