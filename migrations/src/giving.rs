//! What donors promise for a time, and the numbers of their fiscal bills.

use super::{append_only, in_dialect};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

/// Plans with their instalments, declared profits, reminders, fiscal bills.
#[derive(DeriveMigrationName)]
pub(super) struct Giving;

#[async_trait::async_trait]
impl MigrationTrait for Giving {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&in_dialect(include_str!("sql/giving.sql"), backend)).await?;
        for table in ["gift_bill", "profit_declaration"] {
            connection.execute_unprepared(&append_only(table, backend)).await?;
        }
        Ok(())
    }
}
