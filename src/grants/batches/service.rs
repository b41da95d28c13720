//! What can be done with batches: say how an account pays, put a batch together, freeze it, send it, take its file.

mod accounts;
mod making;
pub mod renewal;

pub use accounts::{Paying, all_accounts, paying, set_paying};
pub use making::{Line, file, freeze, lines, put_together, shown};

use super::rules::day_is_near;
use crate::commons::calendar;
use crate::commons::events::Note;
use crate::commons::lives::{advance, permitted};
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::grants::tranches::bank;
use crate::people::permission::{As, Context, Finance};
use crate::people::roles;
use chrono::NaiveDate;
use entities::kinds::{AwardKind, PaymentBatchId, Role, TrancheStage};
use entities::{award, payment, payment_batch, payment_batch_line, tranche};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Payments offered for a batch.
const OFFERED: u64 = 200;

/// Whoever reads batches: finance and its checkers. To whom money goes is nobody else's to read here.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn open_to(context: &Context) -> Result<()> {
    let theirs = context.actor.has(Role::FinanceOfficer) || context.actor.has(Role::Approver);
    if theirs { Ok(()) } else { Err(Error::Forbidden("forbidden-finance")) }
}

/// A batch by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: PaymentBatchId) -> Result<payment_batch::Model> {
    payment_batch::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// Batches newest first, older than `before`.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, before: Option<i64>, limit: u64) -> Result<Vec<payment_batch::Model>> {
    let mut rows = payment_batch::Entity::find().order_by_desc(payment_batch::Column::Id).limit(limit);
    if let Some(before) = before {
        rows = rows.filter(payment_batch::Column::Id.lt(before));
    }
    Ok(rows.all(db).await?)
}

/// Payments that may be put into a batch: approved, not sent, in no other batch; never a seed fund.
///
/// # Errors
/// When the database cannot be read.
pub async fn ready(db: &impl ConnectionTrait) -> Result<Vec<(tranche::Model, award::Model)>> {
    let free = "not exists (select 1 from payment p join payment_batch_line l on l.payment_id = p.id
        where p.tranche_id = tranche.id and p.outcome is null and l.left_at is null)";
    let rows = tranche::Entity::find()
        .filter(tranche::Column::Stage.is_in([TrancheStage::FinanceApproved, TrancheStage::Batched]))
        .filter(Expr::cust(free))
        .order_by_asc(tranche::Column::Id)
        .limit(OFFERED)
        .all(db)
        .await?;
    let awards = award::Entity::find()
        .filter(award::Column::Id.is_in(rows.iter().map(|row| row.award_id)))
        .filter(award::Column::Kind.eq(AwardKind::Project))
        .all(db)
        .await?;
    let of = |row: tranche::Model| {
        let award = awards.iter().find(|award| award.id == row.award_id)?.clone();
        Some((row, award))
    };
    Ok(rows.into_iter().filter_map(of).collect())
}

/// The day on which the bank is to pay: today or near, and a day on which banks pay.
async fn payable_on(tx: &Tx, by: &Context, day: NaiveDate) -> Result<()> {
    if !day_is_near(by.day_of(tx.now()), day) {
        return Err(Error::field("execute_on", "refused-batch-day"));
    }
    let works = calendar::load(tx).await?.is_working_day(day);
    let works = works.map_err(|missing| Violation::whole("refused-calendar-missing").with("year", missing.0))?;
    if works { Ok(()) } else { Err(Error::field("execute_on", "refused-batch-day-off")) }
}

/// Nothing left the house yet: the file is thrown away, what stopped meanwhile is taken out, and the batch is open again.
///
/// # Errors
/// Refusals by stage; [`Error::Stale`] when it changed since it was shown.
pub async fn thaw(by: &As<Finance>, id: PaymentBatchId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = locked(tx, id).await?;
        by.saw(row.version)?;
        advance(tx, by, &row, "thaw", Note::act("")).await?;
        let open = payment_batch::ActiveModel {
            id: Set(id),
            profile: Set(None),
            frozen_by: Set(None),
            frozen_at: Set(None),
            sha256: Set(None),
            file_sealed: Set(None),
            total_minor: Set(None),
            line_count: Set(None),
            version: Set(row.version + 1),
            ..Default::default()
        };
        payment_batch::Entity::update(open).exec(tx).await?;
        making::take_out_the_stopped(tx, id).await
    })
    .await
}

/// Takes a batch apart: its payments keep their approvals and references, and may be sent alone or in another batch.
///
/// # Errors
/// Refusals by stage; [`Error::Stale`] when it changed since it was shown.
pub async fn dissolve(by: &As<Finance>, id: PaymentBatchId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = locked(tx, id).await?;
        by.saw(row.version)?;
        advance(tx, by, &row, "dissolve", Note::act("")).await?;
        payment_batch_line::Entity::update_many()
            .col_expr(payment_batch_line::Column::LeftAt, Expr::value(tx.now()))
            .filter(payment_batch_line::Column::BatchId.eq(id))
            .filter(payment_batch_line::Column::LeftAt.is_null())
            .exec(tx)
            .await?;
        Ok(())
    })
    .await
}

/// Another person than who made and froze it sends the batch: every payment passes every check once more and is held in the books;
/// from then on the file can be taken. One that does not pass stops the whole, because the file is fixed.
///
/// # Errors
/// [`Error::Forbidden`] for who made or froze it; refusals as every step of a payment, and when a payment of it was stopped.
pub async fn send(by: &As<Finance>, id: PaymentBatchId) -> Result<()> {
    by.pay(|tx| async move {
        let tx = &tx;
        let row = locked(tx, id).await?;
        by.saw(row.version)?;
        permitted(&row, by, "send")?;
        roles::apart(tx, by, &[Some(row.made_by), row.frozen_by]).await?;
        payable_on(tx, by, row.execute_on).await?;
        let all = making::rows(tx, id).await?;
        if all.iter().any(|(_, payment)| making::stopped(payment)) {
            return Err(Error::refused("refused-batch-stopped"));
        }
        // At most fifty, and each is looked at as if it went alone.
        for (_, payment) in &all {
            bank::left(tx, by, payment.tranche_id).await?;
        }
        let sent = payment_batch::ActiveModel {
            id: Set(id),
            sent_by: Set(Some(by.person()?)),
            sent_at: Set(Some(tx.now())),
            version: Set(row.version + 1),
            ..Default::default()
        };
        payment_batch::Entity::update(sent).exec(tx).await?;
        // The database wants the sender's name before the stage.
        advance(tx, by, &row, "send", Note::act("")).await.map(|_| ())
    })
    .await
}

/// A batch that nobody else changes until this transaction ends.
async fn locked(tx: &Tx, id: PaymentBatchId) -> Result<payment_batch::Model> {
    payment_batch::Entity::find_by_id(id).lock_exclusive().one(tx).await?.ok_or(Error::NotFound)
}

/// The payments of a batch that are in it, with where each stands.
///
/// # Errors
/// When the database cannot be read.
pub async fn payments(db: &impl ConnectionTrait, id: PaymentBatchId) -> Result<Vec<payment::Model>> {
    let rows = making::rows(db, id).await?;
    Ok(rows.into_iter().filter(|(line, _)| line.left_at.is_none()).map(|(_, payment)| payment).collect())
}
