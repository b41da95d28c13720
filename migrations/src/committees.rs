//! Committees of funds with their motions, initiators of joint funds, budgets, and what the fund agreement says of them.

use super::{append_only, in_dialect};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

/// The tables of committees and budgets.
#[derive(DeriveMigrationName)]
pub(super) struct Committees;

#[async_trait::async_trait]
impl MigrationTrait for Committees {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&in_dialect(include_str!("sql/committees.sql"), backend)).await?;
        for table in ["motion_minutes", "fund_budget_line"] {
            connection.execute_unprepared(&append_only(table, backend)).await?;
        }
        Ok(())
    }
}
