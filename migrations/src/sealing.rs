//! Heads of sealed transfers.

use super::{append_only, in_dialect};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// The heads, and the secret behind the salts of sealed rows.
#[derive(DeriveMigrationName)]
pub(super) struct Sealing;

#[async_trait::async_trait]
impl MigrationTrait for Sealing {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&in_dialect(include_str!("sql/sealing.sql"), backend)).await?;
        let triggers = match backend {
            DbBackend::Postgres => include_str!("sql/sealing_postgres.sql"),
            _ => include_str!("sql/sealing_sqlite.sql"),
        };
        connection.execute_unprepared(triggers).await?;
        for table in ["seal_head", "seal_secret"] {
            connection.execute_unprepared(&append_only(table, backend)).await?;
        }
        Ok(())
    }
}
