//! Orders: paid, failed, late, twice, lost, and what a person must look at.

use super::{FEE, GIVEN, Shop, pairs};
use crate::support::both;
use chrono::Duration;
use entities::kinds::{
    AccountKind::{Bank, FundAvailable, ProcessorFees, StripeClearing},
    CardRefundStage, Currency, DisputeStage, FundraisingMode, GiftStage, OrderStage, Role, Subject,
};
use entities::{gift, online_order};
use sea_orm::{EntityTrait, PaginatorTrait};
use tributary::commons::holds;
use tributary::grants::gifts::service::online::Given;
use tributary::grants::gifts::service::receipts;
use tributary::grants::orders::service::{disputes, events, giving, opening, refunds, truth};
use tributary::people::permission::Once;
use tributary::sandbox::{DisputeEnd, Fault, Outcome};

both! { paying:
async fn a_card_payment_is_the_funds_once_the_processor_says_so(world: World) {
    let shop = Shop::open(world).await;
    let order = shop.order().await;
    assert_eq!(shop.stands(order).await, (OrderStage::Open, GiftStage::Processing, String::new()));
    assert!(shop.row(order).await.checkout_url.unwrap().contains("/sandbox/pay/cs_"));
    shop.choose(order, Outcome::Paid).await;
    assert!(shop.books().await.is_empty(), "nothing is booked before the processor is asked");
    shop.tell(0).await;
    assert_eq!(shop.stands(order).await, (OrderStage::Paid, GiftStage::Received, String::new()));
    // Gross to the fund, the actual fee as an entry of its own.
    let books = pairs(&[(StripeClearing, GIVEN - FEE), (FundAvailable, GIVEN), (ProcessorFees, FEE)]);
    assert_eq!(shop.books().await, books);
    assert_eq!(shop.sandbox.holds("cny"), GIVEN - FEE);
    let seen = shop.sandbox.happenings(0).len();
    shop.sandbox.pay_out("cny").unwrap();
    shop.tell(seen).await;
    let books = pairs(&[(Bank, GIVEN - FEE), (FundAvailable, GIVEN), (ProcessorFees, FEE)]);
    assert_eq!(shop.books().await, books);
    shop.tell(0).await;
    assert_eq!(shop.books().await, books, "told again, nothing is booked again");
}
}

both! { paying:
async fn two_clicks_and_two_tabs_are_one_payment(world: World) {
    let shop = Shop::open(world).await;
    let pledge = shop.promised().await;
    let by = shop.cast.signatory().await;
    let both = tokio::join!(giving::pay_pledge(&by, pledge), giving::pay_pledge(&by, pledge));
    let (one, other) = (both.0.unwrap(), both.1.unwrap());
    assert_eq!(one, other, "two who pay at once have one order");
    let clicked = by.posting(Some(Once::new(&by.edges, "0123456789abcdef", "/orders", "amount=100.00")));
    let first = giving::give_as_organisation(&clicked, shop.given(GIVEN)).await.unwrap();
    let second = giving::give_as_organisation(&clicked, shop.given(GIVEN)).await.unwrap();
    assert_eq!(first, second, "a double click is one order");
    shop.cast.world.settle().await;
    assert_eq!(shop.sandbox.sessions().len(), 2);
    let session = shop.session(one).await;
    assert!(shop.sandbox.pay(&session, tributary::sandbox::Method::Alipay, Outcome::Paid));
    assert!(!shop.sandbox.pay(&session, tributary::sandbox::Method::Card, Outcome::Paid), "paid once");
    shop.tell(0).await;
    assert_eq!(shop.stands(one).await, (OrderStage::Paid, GiftStage::Received, String::new()));
    assert_eq!(shop.gift(one).await.kind, entities::kinds::GiftKind::Online);
    // The pledge is no promise any more: its note is undone, and it is not paid a second time.
    assert_eq!(shop.books().await[&FundAvailable], GIVEN);
    assert_eq!(giving::pay_pledge(&by, pledge).await.unwrap_err().code(), "refused-stage");
}

async fn a_payment_of_which_no_webhook_tells_is_found_by_asking(world: World) {
    let shop = Shop::open(world).await;
    let order = shop.order().await;
    shop.choose(order, Outcome::Paid).await;
    // No webhook arrives at all: the tick asks.
    shop.cast.world.settle().await;
    assert_eq!(shop.stands(order).await, (OrderStage::Paid, GiftStage::Received, String::new()));
    let found = tributary::desk::check::books(&shop.cast.world.edges).await.unwrap();
    assert!(found.iter().all(|one| one.ok), "{found:?}");
    // And late ones change nothing.
    let books = shop.books().await;
    shop.tell(0).await;
    assert_eq!(shop.books().await, books);
}

async fn what_fails_or_expires_leaves_nothing_and_a_delayed_payment_waits(world: World) {
    let shop = Shop::open(world).await;
    let declined = shop.order().await;
    shop.choose(declined, Outcome::Fails).await;
    let seen = shop.tell(0).await;
    assert_eq!(shop.stands(declined).await, (OrderStage::Open, GiftStage::Processing, String::new()), "another card may do");
    shop.choose(declined, Outcome::Expires).await;
    let seen = shop.tell(seen).await;
    assert_eq!(shop.stands(declined).await, (OrderStage::Expired, GiftStage::Expired, String::new()));
    let late = shop.order().await;
    shop.choose(late, Outcome::Later).await;
    let seen = shop.tell(seen).await;
    assert_eq!(shop.stands(late).await, (OrderStage::Processing, GiftStage::Processing, String::new()));
    assert!(shop.books().await.is_empty(), "completed is not paid");
    shop.sandbox.later(&shop.session(late).await, true);
    let seen = shop.tell(seen).await;
    assert_eq!(shop.stands(late).await.0, OrderStage::Paid);
    let failed = shop.order().await;
    shop.choose(failed, Outcome::LaterFails).await;
    let seen = shop.tell(seen).await;
    shop.sandbox.later(&shop.session(failed).await, false);
    shop.tell(seen).await;
    assert_eq!(shop.stands(failed).await, (OrderStage::Failed, GiftStage::Failed, String::new()));
    assert_eq!(shop.books().await[&FundAvailable], GIVEN);
}

async fn the_actual_fee_is_booked_when_it_is_known_and_never_an_estimate(world: World) {
    let shop = Shop::open(world).await;
    shop.sandbox.slow(false, true);
    let (order, intent) = shop.paid().await;
    assert_eq!(shop.books().await, pairs(&[(StripeClearing, GIVEN), (FundAvailable, GIVEN)]));
    assert_eq!(shop.row(order).await.fee_minor, None);
    let seen = shop.sandbox.happenings(0).len();
    shop.sandbox.settle(&intent);
    shop.tell(seen).await;
    assert_eq!(shop.books().await[&ProcessorFees], FEE);
    assert_eq!(shop.row(order).await.fee_minor, Some(FEE));
}

async fn another_amount_or_currency_is_never_booked(world: World) {
    let shop = Shop::open(world).await;
    for (received, currency, code) in [
        (GIVEN - 1, "cny", "refused-order-amount"),
        (GIVEN * 100, "cny", "refused-order-amount"),
        (GIVEN, "usd", "refused-order-currency"),
    ] {
        let order = shop.order().await;
        let seen = shop.sandbox.happenings(0).len();
        let intent = shop.choose(order, Outcome::Paid).await;
        shop.sandbox.falsify(&intent, received, currency);
        shop.tell(seen).await;
        assert_eq!(shop.stands(order).await, (OrderStage::Open, GiftStage::Processing, code.to_owned()));
        assert!(shop.books().await.is_empty());
    }
    let letters = shop.cast.world.edges.mail.newest(20).await.unwrap();
    let odd = letters.iter().filter(|(_, letter)| letter.subject.contains("must be looked at"));
    assert_eq!(odd.count(), 3, "finance is told of each once");
}

async fn a_state_nobody_heard_of_is_parked_and_followed_once_it_is_clear(world: World) {
    let shop = Shop::open(world).await;
    let order = shop.order().await;
    let intent = shop.choose(order, Outcome::Paid).await;
    shop.sandbox.put(&intent, "requires_capture");
    shop.tell(0).await;
    let unknown = "refused-order-unknown-state".to_owned();
    assert_eq!(shop.stands(order).await, (OrderStage::Open, GiftStage::Processing, unknown));
    let finance = shop.cast.world.acting(shop.cast.finance).await;
    assert_eq!(tributary::grants::orders::view::waiting(&finance).await.unwrap().len(), 1, "on finance's desk");
    shop.sandbox.put(&intent, "succeeded");
    events::look_again(&shop.cast.finance().await, order).await.unwrap();
    assert_eq!(shop.stands(order).await, (OrderStage::Paid, GiftStage::Received, String::new()));
    assert!(tributary::grants::orders::view::waiting(&finance).await.unwrap().is_empty());
}

async fn a_pledge_that_the_bank_paid_meanwhile_is_not_received_twice(world: World) {
    let shop = Shop::open(world).await;
    let pledge = shop.promised().await;
    let order = giving::pay_pledge(&shop.cast.signatory().await, pledge).await.unwrap();
    let mut paid = crate::rooms::gifts::receipt(shop.fund, None, GIVEN, "line-1");
    paid.pledge = Some(pledge);
    receipts::record_receipt(&shop.cast.finance().await, paid).await.unwrap();
    receipts::confirm_receipt(&shop.cast.approver().await, pledge).await.unwrap();
    shop.choose(order, Outcome::Paid).await;
    shop.tell(0).await;
    let (stage, gift, odd) = shop.stands(order).await;
    assert_eq!((stage, gift, odd.as_str()), (OrderStage::Open, GiftStage::Received, "refused-order-gift-stage"));
    assert_eq!(shop.books().await, pairs(&[(Bank, GIVEN), (FundAvailable, GIVEN)]));
}

async fn one_payment_is_never_booked_for_two_orders(world: World) {
    let shop = Shop::open(world).await;
    let (_, intent) = shop.paid().await;
    let other = shop.order().await;
    let sql = format!("update online_order set payment_intent = '{intent}' where id = {other}");
    let why = crate::books::ground::raw(&shop.cast.world, &sql).await.unwrap_err().to_string();
    assert!(why.to_lowercase().contains("unique"), "{why}");
    let sql = format!("update online_order set stage = 'paid', payment_intent = 'pi_x', paid_at = created_at, gift_id = {} where id = {other}", shop.row(other).await.gift_id);
    crate::books::ground::raw(&shop.cast.world, &sql).await.unwrap();
    let found = tributary::desk::check::books(&shop.cast.world.edges).await.unwrap();
    let wrong: Vec<_> = found.iter().filter(|one| !one.ok).map(|one| one.code).collect();
    assert_eq!(wrong, ["orders-paid"], "called paid without its money, the doctor says so");
}

async fn yen_are_yen_and_currencies_are_never_added_up(world: World) {
    let shop = Shop::open(world).await;
    shop.paid().await;
    let yen: Currency = "JPY".parse().unwrap();
    let by = shop.cast.signatory().await;
    let draft = tributary::grants::funds::service::Drafted {
        currency: yen,
        ..crate::rooms::funds::drafted(FundraisingMode::Targeted, 0)
    };
    let fund = tributary::grants::funds::service::draft(&by, draft).await.unwrap();
    let admin = shop.cast.admin(0).await;
    tributary::grants::funds::service::submit(&by, fund).await.unwrap();
    tributary::grants::funds::service::decide(&admin, fund, true, "2026-2", "").await.unwrap();
    tributary::grants::funds::service::agreement::sign_as_initiator(&by, fund, "signatory").await.unwrap();
    tributary::grants::funds::service::agreement::sign_for_foundation(&admin, fund).await.unwrap();
    let given = Given { fund, amount_minor: 5_000, currency: yen, ..shop.given(1) };
    let order = giving::give_as_organisation(&by, given).await.unwrap();
    let seen = shop.sandbox.happenings(0).len();
    let intent = shop.choose(order, Outcome::Paid).await;
    shop.tell(seen).await;
    assert_eq!(shop.stands(order).await, (OrderStage::Paid, GiftStage::Received, String::new()));
    let all = tributary::ledger::balances::all(shop.cast.world.edges.db.read()).await.unwrap();
    let of = |code: &str| all.iter().find(|row| row.account.code == code).map(|row| row.balance_minor);
    assert_eq!(of(&format!("fund_available:{fund}")), Some(5_000), "not a hundred times as many");
    assert_eq!((of("stripe_clearing:JPY"), of("stripe_clearing:CNY")), (Some(5_000 - 405), Some(GIVEN - FEE)));
    assert_eq!(shop.sandbox.holds("jpy"), 5_000 - 405);
    // Settled in another currency, the fee is not ours to convert: a person looks.
    let order = giving::give_as_organisation(&by, given).await.unwrap();
    let other = shop.choose(order, Outcome::Paid).await;
    assert_ne!(intent, other);
    shop.sandbox.settled_in(&other, "usd");
    truth::look(&shop.cast.world.edges, order).await.unwrap();
    let (stage, _, odd) = shop.stands(order).await;
    assert_eq!((stage, odd.as_str()), (OrderStage::Paid, "refused-order-settled-otherwise"));
    assert_eq!(shop.row(order).await.fee_minor, None);
    // What happens to the payment afterwards is booked all the same: its refund, and a dispute with its hold.
    shop.refund(order, 1_000).await;
    let db = shop.cast.world.edges.db.read();
    assert_eq!(refunds::of_order(db, order).await.unwrap()[0].stage, CardRefundStage::Posted);
    shop.sandbox.dispute(&other, 4_000, false);
    truth::look(&shop.cast.world.edges, order).await.unwrap();
    let dispute = disputes::of_order(db, order).await.unwrap().remove(0);
    assert_eq!((dispute.stage, dispute.taken_minor, dispute.lost_minor), (DisputeStage::Open, 4_000, 0));
    assert_eq!(holds::standing(db, Subject::Fund, fund.0).await.unwrap().len(), 1, "the fund rests meanwhile");
    let all = tributary::ledger::balances::all(db).await.unwrap();
    let left = all.iter().find(|row| row.account.code == format!("fund_available:{fund}")).unwrap();
    assert_eq!(left.balance_minor, 5_000);
    shop.sandbox.dispute_ends(&dispute.dispute_id, DisputeEnd::Won);
    truth::look(&shop.cast.world.edges, order).await.unwrap();
    assert!(holds::standing(db, Subject::Fund, fund.0).await.unwrap().is_empty());
    assert_eq!(shop.stands(order).await.2, "refused-order-settled-otherwise", "and finance still looks");
}

async fn an_opening_whose_outcome_is_unknown_is_looked_up_and_never_doubled(world: World) {
    let shop = Shop::open(world).await;
    for fault in [Fault::LostAnswer, Fault::NeverArrives] {
        let before = shop.sandbox.sessions().len();
        shop.sandbox.fail_next(&[fault]);
        let order = shop.order().await;
        assert_eq!(shop.stands(order).await.0, OrderStage::Opening, "{fault:?}");
        opening::open(&shop.cast.world.edges, order).await.unwrap();
        assert_eq!(shop.stands(order).await.0, OrderStage::Open, "{fault:?}");
        assert_eq!(shop.sandbox.sessions().len(), before + 1, "{fault:?}");
        shop.cast.world.settle().await;
        assert_eq!(shop.sandbox.sessions().len(), before + 1, "{fault:?}");
    }
    // A kept fault is answered to the same key for a day; then nothing is sent any more, and the donor may begin again.
    shop.sandbox.fail_next(&[Fault::KeptFault]);
    let order = shop.order().await;
    let before = shop.sandbox.sessions().len();
    opening::open(&shop.cast.world.edges, order).await.unwrap_err();
    shop.cast.world.edges.clock.set(shop.cast.world.edges.clock.now() + Duration::hours(25));
    shop.sandbox.forget_keys();
    opening::open(&shop.cast.world.edges, order).await.unwrap();
    assert_eq!(shop.stands(order).await, (OrderStage::Failed, GiftStage::Failed, String::new()));
    assert_eq!(shop.sandbox.sessions().len(), before);
    let rows = online_order::Entity::find().count(shop.cast.world.edges.db.read()).await.unwrap();
    assert_eq!(rows, 3);
}

async fn only_who_is_known_gives_and_only_where_payments_are_taken(world: World) {
    let shop = Shop::open(world).await;
    let public = shop.cast.signed(FundraisingMode::None, 0).await;
    let by = shop.cast.signatory().await;
    let refused = giving::give_as_organisation(&by, Given { fund: public, ..shop.given(GIVEN) }).await.unwrap_err();
    assert_eq!(refused.code(), "refused-gift-mode-none");
    let sql = format!("update fund set mode = 'public' where id = {public}");
    crate::books::ground::raw(&shop.cast.world, &sql).await.unwrap();
    let refused = giving::give_as_organisation(&by, Given { fund: public, ..shop.given(GIVEN) }).await.unwrap_err();
    assert_eq!(refused.code(), "refused-order-public");
    assert_eq!(giving::give_as_organisation(&by, shop.given(0)).await.unwrap_err().code(), "refused-zero");
    let huge = giving::give_as_organisation(&by, shop.given(100_000_000)).await.unwrap_err();
    assert_eq!(huge.code(), "refused-order-too-large");
    let person = shop.cast.world.person("neighbour", &[]).await;
    let neighbour = shop.cast.world.acting(person).await.signed_in().unwrap();
    let order = giving::give_as_person(&neighbour, shop.given(GIVEN)).await.unwrap();
    let given = shop.gift(order).await;
    assert_eq!((given.donor_person_id, given.donor_organisation_id), (Some(person), None));
    let admin = shop.cast.world.acting(shop.cast.admins[0]).await;
    assert!(admin.actor.has(Role::Administrator));
    tributary::grants::funds::service::holding::freeze(&admin.role().unwrap(), shop.fund, "looked at").await.unwrap();
    let held = giving::give_as_person(&neighbour, shop.given(GIVEN)).await.unwrap_err();
    assert_eq!(held.code(), "refused-on-hold", "why is for staff");
    assert_eq!(gift::Entity::find().count(shop.cast.world.edges.db.read()).await.unwrap(), 1);
    // A payment begun before the freeze still arrives: money in is no money out.
    shop.choose(order, Outcome::Paid).await;
    shop.tell(0).await;
    assert_eq!(shop.stands(order).await.0, OrderStage::Paid);
}
}
