//! How the foundation pays: its accounts as its banks want to be told, and batches of payments.

use super::in_dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// The tables of batches.
#[derive(DeriveMigrationName)]
pub(super) struct Batches;

#[async_trait::async_trait]
impl MigrationTrait for Batches {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&in_dialect(include_str!("sql/batches.sql"), backend)).await?;
        let triggers = match backend {
            DbBackend::Postgres => include_str!("sql/batches_postgres.sql"),
            _ => include_str!("sql/batches_sqlite.sql"),
        };
        connection.execute_unprepared(triggers).await?;
        Ok(())
    }
}
