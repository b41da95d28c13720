//! Until when who applies is hidden from the reviewers of a blind call.

use super::in_dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

/// The phase in which a blind call stops being blind.
#[derive(DeriveMigrationName)]
pub(super) struct Blindness;

#[async_trait::async_trait]
impl MigrationTrait for Blindness {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&in_dialect(include_str!("sql/blindness.sql"), backend)).await.map(|_| ())
    }
}
