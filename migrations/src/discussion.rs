//! What reviewers typed and have not saved, and what their panel talked about.

use super::{append_only, in_dialect};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

/// The tables of a discussion.
#[derive(DeriveMigrationName)]
pub(super) struct Discussion;

#[async_trait::async_trait]
impl MigrationTrait for Discussion {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&in_dialect(include_str!("sql/discussion.sql"), backend)).await?;
        connection.execute_unprepared(&append_only("panel_note", backend)).await.map(|_| ())
    }
}
