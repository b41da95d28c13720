//! Panels: assignments that were carried out.

use super::{append_only, in_dialect};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

/// The tables of panels.
#[derive(DeriveMigrationName)]
pub(super) struct Panels;

#[async_trait::async_trait]
impl MigrationTrait for Panels {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&in_dialect(include_str!("sql/panels.sql"), backend)).await?;
        for table in ["assignment_plan"] {
            connection.execute_unprepared(&append_only(table, backend)).await?;
        }
        Ok(())
    }
}
