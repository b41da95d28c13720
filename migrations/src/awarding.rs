//! What a call's awards become, the number of the policy they were decided under, and files that answer a question.

use super::in_dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

/// Columns of calls, bids, their files and awards.
#[derive(DeriveMigrationName)]
pub(super) struct Awarding;

#[async_trait::async_trait]
impl MigrationTrait for Awarding {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&in_dialect(include_str!("sql/awarding.sql"), backend)).await?;
        Ok(())
    }
}
