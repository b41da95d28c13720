//! Webhooks: believed or not, kept once, and one final state whatever the order in which they come.

use super::{GIVEN, Shop, copies};
use crate::support::{both, tools};
use chrono::Duration;
use entities::kinds::{AccountKind, GiftStage, OrderId, OrderStage, ProcessorEventStage};
use entities::processor_event;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use std::collections::BTreeMap;
use tributary::edges::stripe::signature;
use tributary::grants::orders::service::{events, truth};
use tributary::sandbox::{DisputeEnd, Outcome};

/// What the processor does, one after the other.
#[derive(Debug, Clone, Copy)]
enum Step {
    Pay,
    PayLater,
    Arrives,
    Fails,
    Refund,
    Dispute,
    Win,
    Lose,
}

use Step::{Arrives, Dispute, Fails, Lose, Pay, PayLater, Refund, Win};

/// Lives of a payment; of what happens in each, the first five are told.
const LIVES: [&[Step]; 9] = [
    &[Pay],
    &[PayLater, Arrives],
    &[PayLater, Fails],
    &[Pay, Refund],
    &[Pay, Dispute],
    &[Pay, Dispute, Win],
    &[Pay, Dispute, Lose],
    &[Pay, Refund, Dispute, Win],
    &[Pay, Refund, Dispute, Lose],
];

async fn step(shop: &Shop, order: OrderId, step: Step) {
    let session = shop.session(order).await;
    let intent = || shop.sandbox.sessions().into_iter().find(|(id, _)| *id == session).unwrap().1.unwrap();
    let dispute = || shop.sandbox.disputes().last().unwrap().clone();
    match step {
        Pay => drop(shop.choose(order, Outcome::Paid).await),
        PayLater => drop(shop.choose(order, Outcome::Later).await),
        Arrives => shop.sandbox.later(&session, true),
        Fails => shop.sandbox.later(&session, false),
        Refund => {
            truth::look(&shop.cast.world.edges, order).await.unwrap();
            shop.refund(order, 4_000).await;
        }
        Dispute => drop(shop.sandbox.dispute(&intent(), GIVEN, false)),
        Win => shop.sandbox.dispute_ends(&dispute(), DisputeEnd::Won),
        Lose => shop.sandbox.dispute_ends(&dispute(), DisputeEnd::Lost),
    }
}

/// Every order of the first `n` numbers.
fn orders(n: usize) -> Vec<Vec<usize>> {
    if n == 0 {
        return vec![vec![]];
    }
    let mut all = Vec::new();
    for rest in orders(n - 1) {
        for place in 0..n {
            let mut row = rest.clone();
            row.insert(place, n - 1);
            all.push(row);
        }
    }
    all
}

/// What one payment did to the books and where it stands.
type End = (BTreeMap<AccountKind, i64>, (OrderStage, GiftStage, String));

async fn difference(shop: &Shop, before: &BTreeMap<AccountKind, i64>, order: OrderId) -> End {
    let mut moved = shop.figures().await;
    for (kind, minor) in before {
        *moved.entry(*kind).or_insert(0) -= minor;
    }
    moved.retain(|_, minor| *minor != 0);
    (moved, shop.stands(order).await)
}

/// A dispute that a life leaves open would hold the fund against the next.
async fn tidy(shop: &Shop, life: &[Step], order: OrderId) {
    if matches!(life.last(), Some(Dispute)) {
        step(shop, order, Win).await;
        truth::look(&shop.cast.world.edges, order).await.unwrap();
    }
}

/// A life whose events are told after it, in one order.
async fn told_after(shop: &Shop, life: &[Step], places: &[usize], copies: usize) -> End {
    let before = shop.figures().await;
    let order = shop.order().await;
    let seen = shop.sandbox.happenings(0).len();
    for one in life {
        step(shop, order, *one).await;
    }
    let happened = shop.sandbox.happenings(seen);
    let told: Vec<String> = places.iter().map(|place| happened[*place].clone()).collect();
    shop.send(&told, copies).await;
    let end = difference(shop, &before, order).await;
    tidy(shop, life, order).await;
    end
}

/// A life during which each event is told as late as `late` says: by how many steps.
async fn told_meanwhile(shop: &Shop, life: &[Step], late: usize, backwards: bool) -> End {
    let before = shop.figures().await;
    let order = shop.order().await;
    let mut waiting: Vec<Vec<String>> = Vec::new();
    for one in life {
        let seen = shop.sandbox.happenings(0).len();
        step(shop, order, *one).await;
        waiting.push(shop.sandbox.happenings(seen));
        if waiting.len() > late {
            let mut told = waiting.remove(0);
            if backwards {
                told.reverse();
            }
            shop.send(&told, 2).await;
        }
    }
    for told in waiting.into_iter().rev() {
        shop.send(&told, 2).await;
    }
    let end = difference(shop, &before, order).await;
    tidy(shop, life, order).await;
    end
}

both! { paying:
async fn rule_4_every_order_of_up_to_five_events_ends_in_one_state(world: World) {
    let shop = Shop::open(world).await;
    let mut tried = 0;
    for life in LIVES {
        let first = told_meanwhile(&shop, life, 0, false).await;
        for (late, backwards) in [(0, true), (1, false), (1, true), (2, true)] {
            let end = told_meanwhile(&shop, life, late, backwards).await;
            assert_eq!(end, first, "{life:?} told {late} steps late, backwards {backwards}");
        }
        let count = match life {
            [Pay] => 2,
            [Pay, Dispute, ..] if life.len() == 3 => 5,
            _ => 4,
        };
        let all = orders(count);
        // Of many orders a few do each day; the long round takes them all.
        let every = match count {
            _ if tools::long() => 1,
            5 => 12,
            4 => 3,
            _ => 1,
        };
        for places in all.iter().step_by(every) {
            let copies = if tried % 8 == 0 { copies() } else { 2 };
            let end = told_after(&shop, life, places, copies).await;
            assert_eq!(end, first, "{life:?} told in the order {places:?}");
            tried += 1;
        }
    }
    assert!(tried > 50);
    crate::books::sums::hold(&shop.cast.world).await;
    let parked = processor_event::Entity::find().filter(processor_event::Column::Stage.ne(ProcessorEventStage::Applied));
    assert_eq!(parked.count(shop.cast.world.edges.db.read()).await.unwrap(), 0);
    tools::say(&format!("rule 4: {tried} orders of events of {} lives, one final state each", LIVES.len()));
}

async fn rule_4_many_copies_at_once_are_one(world: World) {
    let shop = Shop::open(world).await;
    let order = shop.order().await;
    shop.choose(order, Outcome::Paid).await;
    let happened = shop.sandbox.happenings(0);
    // All copies of all events at the same moment, and the events followed by two workers at once.
    let sent: Vec<_> = (0..64)
        .flat_map(|_| happened.clone())
        .map(|happening| {
            let sandbox = shop.sandbox.clone();
            tokio::spawn(async move { sandbox.send(&happening).await })
        })
        .collect();
    for answer in sent {
        assert_eq!(answer.await.unwrap(), Some(204));
    }
    let edges = &shop.cast.world.edges;
    let all = tokio::join!(truth::look(edges, order), truth::look(edges, order), events::follow(edges, &happened[0]));
    assert!(all.0.is_ok() && all.1.is_ok() && all.2.is_ok(), "{all:?}");
    shop.cast.world.settle().await;
    assert_eq!(shop.stands(order).await, (OrderStage::Paid, GiftStage::Received, String::new()));
    assert_eq!(shop.books().await[&AccountKind::FundAvailable], GIVEN);
    let kept = processor_event::Entity::find().count(edges.db.read()).await.unwrap();
    assert_eq!(kept, happened.len() as u64);
}

async fn what_the_processor_did_not_sign_now_is_not_believed(world: World) {
    let shop = Shop::open(world).await;
    let order = shop.order().await;
    shop.choose(order, Outcome::Paid).await;
    let happening = &shop.sandbox.happenings(0)[0];
    let (body, header) = shop.sandbox.signed(happening).unwrap();
    let now = shop.cast.world.edges.clock.now();
    let forged = signature::header("whsec_other", now.timestamp(), body.as_bytes());
    for (body, header, status) in [
        (body.as_str(), "", 400),
        (body.as_str(), forged.as_str(), 400),
        (body.replace("evt_", "evt-").as_str(), header.as_str(), 400),
        ("{}", header.as_str(), 400),
        ("x".repeat(300 * 1024).as_str(), header.as_str(), 413),
    ] {
        assert_eq!(shop.sandbox.post(body, header).await, Some(status));
    }
    // Signed well, and nonsense.
    let nonsense = "not json";
    let header_of = signature::header(crate::support::paying::WEBHOOK_SECRET, now.timestamp(), nonsense.as_bytes());
    assert_eq!(shop.sandbox.post(nonsense, &header_of).await, Some(400));
    // Kept by somebody and sent again later: too old. The processor signs anew what it sends late.
    shop.cast.world.edges.clock.set(now + Duration::minutes(6));
    assert_eq!(shop.sandbox.post(&body, &header).await, Some(400));
    assert_eq!(processor_event::Entity::find().count(shop.cast.world.edges.db.read()).await.unwrap(), 0);
    assert_eq!(shop.sandbox.send(happening).await, Some(204));
    shop.cast.world.settle().await;
    assert_eq!(shop.stands(order).await.0, OrderStage::Paid);
}

async fn two_endpoints_to_one_address_are_one_event(world: World) {
    let shop = Shop::open(world).await;
    let order = shop.order().await;
    shop.choose(order, Outcome::Paid).await;
    for happening in shop.sandbox.happenings(0) {
        let (body, header) = shop.sandbox.signed(&happening).unwrap();
        let now = shop.cast.world.edges.clock.now().timestamp();
        // The other endpoint has a secret of its own, which the settings name as well.
        let other = signature::header("whsec_old", now, body.as_bytes());
        assert_eq!(shop.sandbox.post(&body, &other).await, Some(204));
        assert_eq!(shop.sandbox.post(&body, &header).await, Some(204));
    }
    shop.cast.world.settle().await;
    assert_eq!(shop.books().await[&AccountKind::FundAvailable], GIVEN);
    assert_eq!(processor_event::Entity::find().count(shop.cast.world.edges.db.read()).await.unwrap(), 2);
}

async fn what_nobody_understands_is_parked_with_an_alarm(world: World) {
    let shop = Shop::open(world).await;
    for kind in ["radar.early_fraud_warning.created", "customer.updated", "payment_intent.succeeded"] {
        shop.sandbox.invent(kind);
    }
    // The last speaks of a payment that nobody asked for: the processor has no session of it.
    shop.tell(0).await;
    let rows = processor_event::Entity::find().all(shop.cast.world.edges.db.read()).await.unwrap();
    let mut told: Vec<_> = rows.iter().map(|row| (row.kind.as_str(), row.stage, row.note.as_str())).collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("customer.updated", ProcessorEventStage::Ignored, ""),
            ("payment_intent.succeeded", ProcessorEventStage::Parked, "refused-event-no-order"),
            ("radar.early_fraud_warning.created", ProcessorEventStage::Parked, "refused-event-unknown"),
        ]
    );
    let parked = rows.iter().find(|row| row.stage == ProcessorEventStage::Parked).unwrap();
    let finance = shop.cast.finance().await;
    assert_eq!(tributary::grants::orders::view::waiting(&finance).await.unwrap().len(), 2);
    assert_eq!(events::settle(&finance, parked.id, " ").await.unwrap_err().code(), "refused-empty");
    events::settle(&finance, parked.id, "looked at").await.unwrap();
    assert_eq!(events::settle(&finance, parked.id, "again").await.unwrap_err().code(), "refused-stage");
    assert_eq!(tributary::grants::orders::view::waiting(&finance).await.unwrap().len(), 1);
}
}
