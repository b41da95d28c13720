//! What bids consist of beside their text, and the rolls of organisations and experts.

use super::in_dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

/// Sides, co-funding, files, needs and unsaved words of applications; the expert pool and imports of rolls.
#[derive(DeriveMigrationName)]
pub(super) struct Bids;

#[async_trait::async_trait]
impl MigrationTrait for Bids {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&in_dialect(include_str!("sql/bids.sql"), backend)).await?;
        Ok(())
    }
}
