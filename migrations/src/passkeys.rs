//! Passkeys, and the challenge that a browser is asked.

use super::in_dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

/// Passkeys beside the authenticator.
#[derive(DeriveMigrationName)]
pub(super) struct Passkeys;

#[async_trait::async_trait]
impl MigrationTrait for Passkeys {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&in_dialect(include_str!("sql/passkeys.sql"), backend)).await?;
        Ok(())
    }
}
