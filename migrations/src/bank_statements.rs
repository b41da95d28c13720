//! What the bank says: its accounts, its statements, their lines and what each turned out to be.

use super::{append_only, in_dialect};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

/// The tables of the bank.
#[derive(DeriveMigrationName)]
pub(super) struct BankStatements;

#[async_trait::async_trait]
impl MigrationTrait for BankStatements {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&in_dialect(include_str!("sql/bank.sql"), backend)).await?;
        connection.execute_unprepared(&append_only("line_match", backend)).await.map(|_| ())
    }
}
