//! What is kept for a page is what is committed: the next reader after a change sees it, whoever wrote it.

use super::grant::Grant;
use crate::support::{World, both};
use entities::event;
use entities::kinds::{PersonId, Subject};
use rocket::local::asynchronous::Client;
use sea_orm::{ActiveValue::Set, DbBackend, EntityTrait, PaginatorTrait};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tributary::app;
use tributary::commons::holds;
use tributary::edges::clock::Clock;
use tributary::edges::db::Db;
use tributary::error::{Error, Result};
use tributary::grants::funds::service::holding;
use tributary::people::permission::Administrator;

/// Counts events, and how often the database was really asked.
async fn counted(world: &World, asked: &AtomicU64) -> u64 {
    let db = &world.edges.db;
    let load = async {
        asked.fetch_add(1, Ordering::SeqCst);
        Ok(event::Entity::find().count(db.read()).await?)
    };
    *world.edges.kept.read(db, "events".into(), load).await.unwrap()
}

/// Writes one event; keeps it or takes it back.
async fn happens(db: &Db, keep: bool) -> Result<()> {
    db.write(|tx| async move {
        let row = event::ActiveModel {
            at: Set(tx.now()),
            actor_part: Set("system".into()),
            subject: Set(Subject::Fund),
            subject_id: Set(1),
            act: Set("look".into()),
            reason: Set(String::new()),
            data: Set(serde_json::json!({})),
            ..Default::default()
        };
        event::Entity::insert(row).exec(&tx).await?;
        if keep { Ok(()) } else { Err(Error::NotFound) }
    })
    .await
}

both! {
    async fn a_change_is_seen_by_the_next_reader(world: World) {
        let asked = AtomicU64::new(0);
        let before = counted(&world, &asked).await;
        // The snapshots of PostgreSQL are those of the whole server, on which other worlds write: sooner or later it is quiet.
        let mut quiet = false;
        for _ in 0..200 {
            let times = asked.load(Ordering::SeqCst);
            assert_eq!(counted(&world, &asked).await, before);
            quiet |= asked.load(Ordering::SeqCst) == times;
        }
        assert!(quiet, "what has not changed is asked again and again");
        let exact = world.edges.db.backend() == DbBackend::Sqlite;
        assert!(!exact || asked.load(Ordering::SeqCst) == 1);
        happens(&world.edges.db, true).await.unwrap();
        assert_eq!(counted(&world, &asked).await, before + 1);
        // Another copy of the house on the same database.
        let other = Db::open(&world.edges.config.database_url(), Arc::new(Clock::system())).await.unwrap();
        happens(&other, true).await.unwrap();
        assert_eq!(counted(&world, &asked).await, before + 2);
        assert!(!exact || asked.load(Ordering::SeqCst) == 3);
        happens(&other, false).await.unwrap_err();
        assert_eq!(counted(&world, &asked).await, before + 2);
    }

    async fn what_was_read_beside_a_change_is_not_kept_for_old(world: World) {
        let db = &world.edges.db;
        let before = event::Entity::find().count(db.read()).await.unwrap();
        // The rows are read, then somebody commits, then they are put on the shelf.
        let load = async {
            let found = event::Entity::find().count(db.read()).await?;
            happens(db, true).await?;
            Ok(found)
        };
        assert_eq!(*world.edges.kept.read(db, "events".into(), load).await.unwrap(), before);
        assert_eq!(counted(&world, &AtomicU64::new(0)).await, before + 1);
    }

    async fn what_failed_is_not_kept(world: World) {
        let db = &world.edges.db;
        let refused = world.edges.kept.read::<u64, _>(db, "events".into(), async { Err(Error::NotFound) }).await;
        assert!(matches!(refused, Err(Error::NotFound)));
        let there = event::Entity::find().count(db.read()).await.unwrap();
        assert_eq!(counted(&world, &AtomicU64::new(0)).await, there);
    }
}

/// The reason of a hold is for those concerned; a page that keeps its rows keeps nobody's sight of them.
#[tokio::test(flavor = "multi_thread")]
async fn the_reason_of_a_hold_is_kept_from_visitors() {
    let grant = Grant::offered().await;
    let world = &grant.world;
    let by = world.role::<Administrator>(grant.administrator).await;
    holding::freeze(&by, grant.fund, "the treasurer is under suspicion").await.unwrap();
    let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
    let page = async |who: Option<PersonId>| {
        let mut request = client.get(format!("/funds/{}", grant.fund));
        if let Some(who) = who {
            request = request.cookie(("tributary_session", world.session(who).await));
        }
        request.dispatch().await.into_string().await.unwrap()
    };
    assert!(page(Some(grant.administrator)).await.contains("under suspicion"));
    assert!(!page(None).await.contains("under suspicion"));
    assert!(!page(Some(grant.signatory)).await.contains("under suspicion"));
    // Nor does a refusal tell them: whoever would give, and whoever waits for the money.
    let context = world.acting(grant.signatory).await;
    let told = holds::none(world.edges.db.read(), &context, &[(Subject::Fund, grant.fund.0)]).await.unwrap_err();
    assert_eq!(told.code(), "refused-on-hold");
    let told = holds::none(world.edges.db.read(), &by, &[(Subject::Fund, grant.fund.0)]).await.unwrap_err();
    assert_eq!(told.code(), "refused-held");
}
