//! Separation of duties between tables, whoever writes to them: judges, payees, drafters.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// The triggers between payments, reviews, evaluations, batches, objections and appeals.
#[derive(DeriveMigrationName)]
pub(super) struct Separation;

#[async_trait::async_trait]
impl MigrationTrait for Separation {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let triggers = match connection.get_database_backend() {
            DbBackend::Postgres => include_str!("sql/separation_postgres.sql"),
            _ => include_str!("sql/separation_sqlite.sql"),
        };
        connection.execute_unprepared(triggers).await.map(|_| ())
    }
}
