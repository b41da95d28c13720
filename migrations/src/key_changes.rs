//! The key of the vault while it is changed.

use super::in_dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// Since when it is changed, and what may be sealed anew meanwhile.
#[derive(DeriveMigrationName)]
pub(super) struct KeyChanges;

#[async_trait::async_trait]
impl MigrationTrait for KeyChanges {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&in_dialect(include_str!("sql/key_changes.sql"), backend)).await?;
        let triggers = match backend {
            DbBackend::Postgres => include_str!("sql/key_changes_postgres.sql"),
            _ => include_str!("sql/key_changes_sqlite.sql"),
        };
        connection.execute_unprepared(triggers).await.map(|_| ())
    }
}
