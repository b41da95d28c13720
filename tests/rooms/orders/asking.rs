//! The second path: what no webhook told is found by asking, in turn, whatever else is wrong.

use super::{GIVEN, Shop};
use crate::support::both;
use chrono::Duration;
use entities::kinds::{DisputeStage, GiftStage, OrderStage, ProcessorEventStage};
use entities::{job, processor_event};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use tributary::desk::jobs;
use tributary::edges::outbox;
use tributary::grants::orders::service::{EVENT_JOB, asking, disputes};
use tributary::grants::orders::view;
use tributary::sandbox::Outcome;

/// More than the pages of one stretch hold.
const MANY: usize = 1_100;

both! { paying:
async fn a_lost_webhook_is_asked_for_though_a_newer_one_came(world: World) {
    let shop = Shop::open(world).await;
    let (order, intent) = shop.paid().await;
    shop.cast.world.settle().await;
    shop.sandbox.dispute(&intent, GIVEN, false);
    shop.wait(Duration::hours(2));
    // Something else is told: it says nothing about what was not.
    shop.paid().await;
    let db = shop.cast.world.edges.db.read();
    assert!(disputes::of_order(db, order).await.unwrap().is_empty());
    shop.cast.world.settle().await;
    assert_eq!(disputes::of_order(db, order).await.unwrap()[0].stage, DisputeStage::Open);
    assert_eq!(shop.stands(order).await.1, GiftStage::Disputed);
}

async fn a_hundred_orders_that_never_end_do_not_starve_the_one_that_did(world: World) {
    let shop = Shop::open(world).await;
    for _ in 0..101 {
        let order = shop.order().await;
        let intent = shop.choose(order, Outcome::Paid).await;
        shop.sandbox.falsify(&intent, GIVEN - 1, "cny");
        tributary::grants::orders::service::truth::look(&shop.cast.world.edges, order).await.unwrap();
    }
    let order = shop.order().await;
    shop.choose(order, Outcome::Paid).await;
    // Nor does it need the list of what happened, which nobody answers with now.
    shop.sandbox.silent(true);
    shop.wait(Duration::minutes(61));
    shop.round().await;
    assert_eq!(shop.stands(order).await, (OrderStage::Paid, GiftStage::Received, String::new()));
    // The odd ones rest for an hour: five minutes later nobody asks about them again.
    let looks = || async {
        let of = job::Entity::find().filter(job::Column::Kind.eq("order-look"));
        of.count(shop.cast.world.edges.db.read()).await.unwrap()
    };
    let (before, odd) = (looks().await, shop.row(entities::kinds::OrderId(1)).await.odd);
    shop.wait(Duration::minutes(6));
    shop.round().await;
    assert_eq!((looks().await - before, odd.as_str()), (1, "refused-order-amount"), "but for the one that had no turn");
}

async fn more_than_one_stretch_of_what_happened_is_read_to_its_beginning(world: World) {
    let shop = Shop::open(world).await;
    let order = shop.order().await;
    shop.choose(order, Outcome::Paid).await;
    for _ in 0..2 {
        shop.wait(Duration::seconds(30));
        (0..MANY).for_each(|_| shop.sandbox.invent("customer.updated"));
    }
    asking::poll(&shop.cast.world.edges).await.unwrap();
    let kept = processor_event::Entity::find().count(shop.cast.world.edges.db.read()).await.unwrap();
    assert_eq!(kept, 2 * MANY as u64 + 2);
}

async fn an_event_that_was_given_up_is_followed_when_it_is_told_again(world: World) {
    let shop = Shop::open(world).await;
    let order = shop.order().await;
    shop.choose(order, Outcome::Paid).await;
    let happening = shop.sandbox.happenings(0).remove(0);
    assert_eq!(shop.sandbox.send(&happening).await, Some(204));
    let edges = &shop.cast.world.edges;
    job::Entity::update_many()
        .col_expr(job::Column::FailedAt, Expr::value(edges.clock.now()))
        .col_expr(job::Column::Attempts, Expr::value(outbox::MAX_ATTEMPTS))
        .filter(job::Column::Kind.eq(EVENT_JOB))
        .exec(edges.db.read())
        .await
        .unwrap();
    jobs::drain(edges).await.unwrap();
    assert_eq!(shop.stands(order).await.0, OrderStage::Open);
    assert_eq!(shop.sandbox.send(&happening).await, Some(204));
    jobs::drain(edges).await.unwrap();
    assert_eq!(shop.stands(order).await.0, OrderStage::Paid);
    let kept = processor_event::Entity::find().all(edges.db.read()).await.unwrap();
    assert_eq!((kept.len(), kept[0].stage), (1, ProcessorEventStage::Applied));
    shop.cast.world.settle().await;
}

async fn what_the_processor_refuses_to_say_is_parked_at_once(world: World) {
    let shop = Shop::open(world).await;
    // A session that the processor does not know, of somebody else's account.
    shop.sandbox.invent("checkout.session.completed");
    shop.tell(0).await;
    let row = processor_event::Entity::find().one(shop.cast.world.edges.db.read()).await.unwrap().unwrap();
    assert_eq!((row.stage, row.note.as_str()), (ProcessorEventStage::Parked, "refused-processor"));
    let finance = shop.cast.finance().await;
    assert_eq!(view::waiting(&finance).await.unwrap().len(), 1, "on finance's desk");
    shop.cast.world.settle().await;
}

async fn two_who_promise_the_same_at_once_promise_it_once(world: World) {
    let shop = Shop::open(world).await;
    let edges = &shop.cast.world.edges;
    let promised: Vec<_> = (0..16)
        .map(|_| {
            let edges = edges.clone();
            tokio::spawn(async move {
                let once = || Some("once".to_owned());
                edges.db.write(|tx| async move { outbox::enqueue(&tx, "order-look", json!(1), tx.now(), once()).await }).await
            })
        })
        .collect();
    for answer in promised {
        answer.await.unwrap().unwrap();
    }
    let rows = job::Entity::find().filter(job::Column::Dedupe.eq("once")).count(edges.db.read()).await.unwrap();
    assert_eq!(rows, 1);
}

async fn jobs_that_were_done_long_ago_are_swept_and_those_given_up_stay(world: World) {
    let shop = Shop::open(world).await;
    shop.paid().await;
    shop.cast.world.settle().await;
    let edges = &shop.cast.world.edges;
    let first = job::Entity::find().one(edges.db.read()).await.unwrap().unwrap();
    job::Entity::update_many()
        .col_expr(job::Column::FailedAt, Expr::value(edges.clock.now()))
        .col_expr(job::Column::DoneAt, Expr::value(None::<chrono::DateTime<chrono::Utc>>))
        .filter(job::Column::Id.eq(first.id))
        .exec(edges.db.read())
        .await
        .unwrap();
    let long_ago = edges.clock.now();
    let old = || async {
        let of = job::Entity::find().filter(job::Column::CreatedAt.lte(long_ago));
        of.count(edges.db.read()).await.unwrap()
    };
    assert!(old().await > 3);
    shop.wait(Duration::days(31));
    shop.round().await;
    assert_eq!(old().await, 1);
}
}
