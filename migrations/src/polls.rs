//! Residents' councils and their votes.

use super::{append_only, in_dialect};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

/// The tables of councils and polls.
#[derive(DeriveMigrationName)]
pub(super) struct Polls;

#[async_trait::async_trait]
impl MigrationTrait for Polls {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&in_dialect(include_str!("sql/polls.sql"), backend)).await?;
        for table in ["poll_ballot", "poll_result"] {
            connection.execute_unprepared(&append_only(table, backend)).await?;
        }
        Ok(())
    }
}
