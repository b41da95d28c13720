//! Deputies: who acted for whom.

use super::in_dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

/// The principal on what a deputy did.
#[derive(DeriveMigrationName)]
pub(super) struct Deputies;

#[async_trait::async_trait]
impl MigrationTrait for Deputies {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&in_dialect(include_str!("sql/deputies.sql"), backend)).await?;
        Ok(())
    }
}
