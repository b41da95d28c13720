//! When an order was looked up, and how often: by that no answer overtakes a newer one, and no order waits behind others for ever.

use super::in_dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

/// Columns and indexes of the second path beside the webhooks, and of the jobs that are done.
#[derive(DeriveMigrationName)]
pub(super) struct OrderLooks;

#[async_trait::async_trait]
impl MigrationTrait for OrderLooks {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&in_dialect(include_str!("sql/order_looks.sql"), backend)).await.map(|_| ())
    }
}
