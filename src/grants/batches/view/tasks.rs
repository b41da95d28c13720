//! What waits among batches: to freeze, to send, to freeze anew.

use super::{name, offered};
use crate::error::Result;
use crate::people::permission::Context;
use crate::web::parts::Task;
use entities::kinds::{PaymentBatchStage, Role};
use entities::payment_batch;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Tasks shown.
const TASKS: u64 = 20;

/// What waits for the reader in this room.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(context: &Context) -> Result<Vec<Task>> {
    if !context.actor.has(Role::FinanceOfficer) {
        return Ok(Vec::new());
    }
    let rows = payment_batch::Entity::find()
        .filter(payment_batch::Column::Stage.is_in([PaymentBatchStage::Drafted, PaymentBatchStage::Frozen]))
        .order_by_asc(payment_batch::Column::Id)
        .limit(TASKS)
        .all(context.edges.db.read())
        .await?;
    let today = context.edges.today();
    let task = |row: payment_batch::Model| {
        let acts = offered(context, &row);
        let act = ["freeze", "send"].into_iter().find(|act| acts.contains(act))?;
        Some(Task {
            href: format!("/payments/batches/{}/{act}", row.id),
            title: context.t(&format!("act-payment-batch-{act}-title")),
            detail: name(&row),
            chip: context.day(row.execute_on),
            tone: if row.execute_on < today { "stop" } else { "wait" },
        })
    };
    Ok(rows.into_iter().filter_map(task).collect())
}
