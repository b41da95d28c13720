//! Drafts of forms, and what calls have beside their rules: rounds, seals, questions, invitations, formulas.

use super::in_dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

/// The tables of forms and calls.
#[derive(DeriveMigrationName)]
pub(super) struct Calls;

#[async_trait::async_trait]
impl MigrationTrait for Calls {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&in_dialect(include_str!("sql/calls.sql"), backend)).await?;
        Ok(())
    }
}
