//! Parts of the co-building list with amounts, and what partners claim of them.

use super::in_dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

/// Amounts of parts, and claims.
#[derive(DeriveMigrationName)]
pub(super) struct Claims;

#[async_trait::async_trait]
impl MigrationTrait for Claims {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&in_dialect(include_str!("sql/claims.sql"), backend)).await?;
        Ok(())
    }
}
