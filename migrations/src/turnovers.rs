//! What sealed transfers moved in all, so that a sum over the books reads a few rows and not every transfer.

use super::in_dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// The totals, and the views that add what is not sealed yet.
#[derive(DeriveMigrationName)]
pub(super) struct Turnovers;

#[async_trait::async_trait]
impl MigrationTrait for Turnovers {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&in_dialect(include_str!("sql/turnovers.sql"), backend)).await?;
        let sealed = "t.id <= (select coalesce(max(h.last_transfer_id), 0) from seal_head h)";
        for sql in totals(backend, sealed) {
            connection.execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

/// The statements that add some sealed transfers (`t`) to the totals, by the day and by the month.
pub fn totals(backend: DbBackend, which: &str) -> [String; 2] {
    let month = match backend {
        DbBackend::Postgres => "cast(date_trunc('month', p.occurred_on) as date)",
        _ => "date(p.occurred_on, 'start of month')",
    };
    [("day", "p.occurred_on"), ("month", month)].map(|(span, starts_on)| {
        format!(
            "insert into turnover (span, starts_on, debit_id, credit_id, recipe, fund_id, award_id, amount_minor, transfers)
             select '{span}', {starts_on}, t.debit_id, t.credit_id, p.recipe, coalesce(p.fund_id, 0), coalesce(p.award_id, 0), cast(sum(t.amount_minor) as bigint), count(*)
             from transfer t join posting p on p.id = t.posting_id
             where {which} and t.phase in ('single','post')
             group by {starts_on}, t.debit_id, t.credit_id, p.recipe, coalesce(p.fund_id, 0), coalesce(p.award_id, 0)
             on conflict (span, starts_on, debit_id, credit_id, recipe, fund_id, award_id) do update
             set amount_minor = turnover.amount_minor + excluded.amount_minor, transfers = turnover.transfers + excluded.transfers"
        )
    })
}
