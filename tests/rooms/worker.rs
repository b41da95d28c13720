//! The worker: a job is not begun when its lease is about to end, and whoever lost the lease settles nothing.

use crate::support::both;
use chrono::Duration;
use entities::job;
use sea_orm::EntityTrait;
use tributary::edges::outbox;

both! {
async fn a_job_belongs_to_whoever_leased_it_last(world: World) {
    let edges = &world.edges;
    let now = edges.clock.now();
    let promised = edges.db.write(|tx| async move {
        outbox::enqueue(&tx, "unknown", serde_json::Value::Null, tx.now(), None).await
    });
    promised.await.unwrap();
    let first = outbox::lease(edges).await.unwrap().remove(0);
    assert!(outbox::in_hand(edges, &first));
    assert!(outbox::lease(edges).await.unwrap().is_empty(), "leased twice at once");
    edges.clock.set(now + Duration::minutes(4) + Duration::seconds(30));
    assert!(!outbox::in_hand(edges, &first), "begun although it would outlast its lease");
    edges.clock.set(now + Duration::minutes(6));
    let second = outbox::lease(edges).await.unwrap().remove(0);
    outbox::settle(edges, &first, Ok(())).await.unwrap();
    let row = job::Entity::find_by_id(first.id).one(edges.db.read()).await.unwrap().unwrap();
    assert!(row.done_at.is_none(), "settled by a worker that had lost it");
    outbox::settle(edges, &second, Ok(())).await.unwrap();
    let row = job::Entity::find_by_id(first.id).one(edges.db.read()).await.unwrap().unwrap();
    assert!(row.done_at.is_some());
    world.settle().await;
}
}
