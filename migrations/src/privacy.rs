//! What people ask about the data kept about them.

use super::in_dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

/// Requests for correction and erasure.
#[derive(DeriveMigrationName)]
pub(super) struct Privacy;

#[async_trait::async_trait]
impl MigrationTrait for Privacy {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&in_dialect(include_str!("sql/privacy.sql"), backend)).await?;
        Ok(())
    }
}
