//! Rule 10, where no power can be cut: what keeps acknowledged rows is set on every connection, and a database without it is refused.

use crate::support::{both, tools};
use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use std::sync::Arc;
use tributary::edges::clock::Clock;
use tributary::edges::db::Db;

/// Connections that are open at once; the pool holds no fewer.
const CONNECTIONS: usize = 4;

async fn told(on: &impl ConnectionTrait, backend: DbBackend, sql: &str) -> String {
    let row = on.query_one_raw(Statement::from_string(backend, sql)).await.unwrap().unwrap();
    row.try_get_by_index::<String>(0).or_else(|_| row.try_get_by_index::<i64>(0).map(|n| n.to_string())).unwrap()
}

both! {
async fn rule_10_every_connection_keeps_what_it_acknowledges(world: World) {
    let db = &world.edges.db;
    let mut held = Vec::new();
    for _ in 0..CONNECTIONS {
        held.push(db.connections().begin().await.unwrap());
    }
    let wanted: &[(&str, &str)] = match db.backend() {
        DbBackend::Sqlite => &[("pragma journal_mode", "wal"), ("pragma synchronous", "2")],
        _ => &[("show synchronous_commit", "on")],
    };
    for connection in &held {
        for (sql, value) in wanted {
            assert_eq!(told(connection, db.backend(), sql).await, *value, "{sql}");
        }
    }
    // Changes go over a connection of their own on SQLite.
    let backend = db.backend();
    for (sql, value) in wanted {
        let found = db.write(|tx| async move { Ok(told(&tx, backend, sql).await) }).await.unwrap();
        assert_eq!(found, *value, "{sql} where changes are made");
    }
    tools::say(&format!("rule 10: {} connections of {:?}, each syncs before it answers", held.len(), db.backend()));
    drop(held);
    if db.backend() == DbBackend::Postgres {
        let name = told(db.read(), DbBackend::Postgres, "select current_database()::text").await;
        db.read().execute_unprepared(&format!("alter database {name} set synchronous_commit = off")).await.unwrap();
        let refused = Db::open(&world.edges.config.database, Arc::new(Clock::system())).await.unwrap_err();
        assert!(format!("{refused:?}").contains("synchronous_commit"), "{refused:?}");
    }
}
}
