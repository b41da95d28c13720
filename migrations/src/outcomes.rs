//! What reports prove their spending by, what a finished project tells, and what follows a breach.

use super::{append_only, in_dialect};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

/// Receipts and photos of reports, case pages, bans; the grade of an award and what was reminded of.
#[derive(DeriveMigrationName)]
pub(super) struct Outcomes;

#[async_trait::async_trait]
impl MigrationTrait for Outcomes {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&in_dialect(include_str!("sql/outcomes.sql"), backend)).await?;
        connection.execute_unprepared(&append_only("agreement_copy", backend)).await?;
        Ok(())
    }
}
