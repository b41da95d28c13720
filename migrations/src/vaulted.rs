//! Account numbers sealed by the vault, and by what its key is known again.

use super::in_dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

/// Payee accounts that a stolen copy of the database does not tell.
#[derive(DeriveMigrationName)]
pub(super) struct Vaulted;

#[async_trait::async_trait]
impl MigrationTrait for Vaulted {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&in_dialect(include_str!("sql/vaulted.sql"), backend)).await?;
        Ok(())
    }
}
