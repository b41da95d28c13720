//! What the clock reminded of once.

use super::in_dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

/// The mark of a reminder on an award.
#[derive(DeriveMigrationName)]
pub(super) struct Reminders;

#[async_trait::async_trait]
impl MigrationTrait for Reminders {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&in_dialect(include_str!("sql/reminders.sql"), backend)).await?;
        Ok(())
    }
}
