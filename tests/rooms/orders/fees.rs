//! Who bears what the processor keeps: the foundation, or the fund by its agreement; always the actual amount, and the donor sees it.

use super::refunds::spend;
use super::{FEE, GIVEN, Shop, pairs};
use crate::rooms::funds::drafted;
use crate::support::{World, both};
use entities::kinds::AccountKind::{AwardCommitted, FeeRecovery, FundAvailable, ProcessorFees, StripeClearing};
use entities::kinds::{FundraisingMode, OrderId};
use tributary::grants::funds::service::{Drafted, agreement};
use tributary::grants::gifts::service::traces;
use tributary::grants::orders::service::refunds;
use tributary::ledger::balances;

/// A shop whose fund bears the fee by its agreement.
async fn bearing(world: World) -> Shop {
    let mut shop = Shop::open(world).await;
    shop.fund = shop.cast.agreed(Drafted { bears_processor_fee: true, ..drafted(FundraisingMode::Targeted, 0) }).await;
    let db = shop.cast.world.edges.db.read();
    let text = agreement::agreement_text(db, &shop.cast.fund(shop.fund).await).await.unwrap();
    assert!(text.contains("手续费") && text.contains("payment processor"), "both sign it: {text}");
    shop
}

/// Where the gift of an order is, and whether it adds up to the last fen.
async fn trace(shop: &Shop, order: OrderId) -> traces::Sums {
    let db = shop.cast.world.edges.db.read();
    let (sums, lines) = traces::follow(db, &shop.gift(order).await).await.unwrap();
    let whole = sums.paid_minor + sums.fee_minor + sums.committed_minor + sums.free_minor + sums.refunded_minor;
    assert_eq!(whole, GIVEN);
    assert_eq!(lines.iter().filter(|line| line.is_fee).map(|line| line.amount_minor).sum::<i64>(), sums.fee_minor);
    sums
}

both! { paying:
async fn a_fund_bears_the_processors_fee_by_its_agreement(world: World) {
    let shop = bearing(world).await;
    let (order, _) = shop.paid().await;
    let kept = pairs(&[(StripeClearing, GIVEN - FEE), (ProcessorFees, FEE), (FeeRecovery, FEE), (FundAvailable, GIVEN - FEE)]);
    assert_eq!(shop.books().await, kept);
    let sums = trace(&shop, order).await;
    assert_eq!((sums.fee_minor, sums.free_minor), (FEE, GIVEN - FEE));
    let flow = balances::flow(shop.cast.world.edges.db.read(), shop.fund).await.unwrap();
    assert_eq!((flow.received_minor, flow.fee_minor, flow.available_minor), (GIVEN, FEE, GIVEN - FEE));
    // Looked up once more, it is not kept twice.
    shop.tell(0).await;
    assert_eq!(shop.books().await, kept);
}

async fn a_refund_is_net_of_the_fee_that_the_fund_bore(world: World) {
    let shop = bearing(world).await;
    let (order, _) = shop.paid().await;
    let gross = refunds::propose(&shop.cast.finance().await, order, GIVEN, "all of it").await.unwrap_err();
    assert_eq!(gross.code(), "refused-order-refund-above");
    let seen = shop.sandbox.happenings(0).len();
    shop.refund(order, GIVEN - FEE).await;
    shop.send(&shop.sandbox.happenings(seen), 4).await;
    assert_eq!(shop.books().await, pairs(&[(ProcessorFees, FEE), (FeeRecovery, FEE)]));
    assert_eq!(trace(&shop, order).await.refunded_minor, GIVEN - FEE);
}

async fn a_fund_bears_no_more_than_is_free_of_the_gift(world: World) {
    let shop = bearing(world).await;
    // The processor tells its fee later; a decision is quicker and promises nearly all of the gift.
    shop.sandbox.slow(false, true);
    let (order, intent) = shop.paid().await;
    spend(&shop, GIVEN - 100).await;
    let seen = shop.sandbox.happenings(0).len();
    shop.sandbox.settle(&intent);
    shop.tell(seen).await;
    assert_eq!(shop.row(order).await.fee_minor, Some(FEE));
    let books = shop.books().await;
    assert_eq!((books[&FeeRecovery], books[&AwardCommitted], books.get(&FundAvailable)), (100, GIVEN - 100, None));
    assert_eq!(trace(&shop, order).await.fee_minor, 100);
}
}
