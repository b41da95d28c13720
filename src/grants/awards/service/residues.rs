//! The three months within which it is decided and published what becomes of the rest: the foundation is reminded once before their end
//! and once after it.

use crate::commons::{letters, policies};
use crate::edges::Edges;
use crate::error::{Error, Result};
use crate::people::permission::{As, Context, System};
use chrono::Days;
use entities::kinds::{ResidueDecisionId, Role};
use entities::{award, residue_decision};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::sync::Arc;

/// Decisions looked at in one tick.
const TICK: u64 = 100;

/// Reminds of residues that are not decided yet.
///
/// # Errors
/// When the database cannot be read; a reminder that fails does not stop the others.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    let today = edges.today();
    let policy = policies::on(edges.db.read(), today).await?;
    let far = today.checked_add_days(Days::new(policy.report_remind_before_days.unsigned_abs())).unwrap_or(today);
    let system = &Context::system(edges.clone());
    let due = residue_decision::Column::DueOn;
    for (days, mark, late) in [
        (due.between(today, far), residue_decision::Column::BeforeAt, false),
        (due.lt(today), residue_decision::Column::AfterAt, true),
    ] {
        let rows = residue_decision::Entity::find()
            .filter(residue_decision::Column::AwardId.is_not_null())
            .filter(residue_decision::Column::PublishedAt.is_null())
            .filter(days)
            .filter(mark.is_null())
            .order_by_asc(residue_decision::Column::Id)
            .limit(TICK)
            .all(edges.db.read())
            .await?;
        for row in rows {
            if let Err(error) = remind(system, row.id, late).await {
                tracing::warn!(residue = row.id.0, %error, "the reminder was not sent");
            }
        }
    }
    Ok(())
}

/// One reminder, if it is still undecided and nobody reminded of it meanwhile: the mark is a compare-and-set.
async fn remind(by: &As<System>, id: ResidueDecisionId, late: bool) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = residue_decision::Entity::find_by_id(id).one(tx).await?.ok_or(Error::NotFound)?;
        let at = Set(Some(tx.now()));
        let (mark, column) = if late {
            let mark = residue_decision::ActiveModel { after_at: at, ..Default::default() };
            (mark, residue_decision::Column::AfterAt)
        } else {
            let mark = residue_decision::ActiveModel { before_at: at, ..Default::default() };
            (mark, residue_decision::Column::BeforeAt)
        };
        let marked = residue_decision::Entity::update_many()
            .set(mark)
            .filter(residue_decision::Column::Id.eq(id))
            .filter(residue_decision::Column::PublishedAt.is_null())
            .filter(column.is_null())
            .exec(tx)
            .await?;
        let Some(of) = row.award_id.filter(|_| marked.rows_affected == 1) else { return Ok(()) };
        let award = award::Entity::find_by_id(of).one(tx).await?.ok_or(Error::NotFound)?;
        let args = [("title", award.title), ("due.day", row.due_on.to_string())];
        let link = format!("/awards/{of}");
        match late {
            true => {
                letters::to_role(tx, Role::Administrator, "residue-late", &args, &link).await?;
                letters::to_role(tx, Role::ProgrammeOfficer, "residue-late", &args, &link).await
            }
            false => letters::to_role(tx, Role::ProgrammeOfficer, "residue-before", &args, &link).await,
        }
    })
    .await
}
