//! Periods: one of finance asks to close the books up to a day, an approver closes them; after that the database itself
//! takes nothing into them. What turns up later is posted on a day that is open, and a correction note says so.

use crate::commons::events::{self, Note};
use crate::commons::{letters, proposals};
use crate::error::{Error, Result};
use crate::people::permission::{Approver, As, Finance};
use chrono::NaiveDate;
use entities::kinds::{Phase, ProposalKind, Role, Subject};
use entities::{book_period, posting, transfer};
use sea_orm::sea_query::Query;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};

/// A closing as it was proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposed {
    /// Last day of the period.
    pub until: NaiveDate,
    /// Entries up to that day when it was proposed: whoever confirms closes these and no others.
    pub entries: i64,
}

/// The closed periods, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn closed(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<book_period::Model>> {
    Ok(book_period::Entity::find().order_by_desc(book_period::Column::Until).limit(limit).all(db).await?)
}

/// The first day into which something may be posted; `None` while no period is closed.
///
/// # Errors
/// When the database cannot be read.
pub async fn first_open(db: &impl ConnectionTrait) -> Result<Option<NaiveDate>> {
    Ok(closed(db, 1).await?.first().and_then(|last| last.until.succ_opt()))
}

/// Entries up to a day, in the books since the beginning.
///
/// # Errors
/// When the database cannot be read.
pub async fn entries_until(db: &impl ConnectionTrait, until: NaiveDate) -> Result<i64> {
    let count = posting::Entity::find().filter(posting::Column::OccurredOn.lte(until)).count(db).await?;
    i64::try_from(count).map_err(|_| Error::Internal("too many entries".into()))
}

/// Money that is on its way and began in the period: held, neither posted nor void.
///
/// # Errors
/// When the database cannot be read.
pub async fn under_way(db: &impl ConnectionTrait, until: NaiveDate) -> Result<u64> {
    let resolved = Query::select()
        .column(transfer::Column::ResolvesId)
        .from(transfer::Entity)
        .and_where(transfer::Column::ResolvesId.is_not_null())
        .to_owned();
    let begun = Query::select()
        .column(posting::Column::Id)
        .from(posting::Entity)
        .and_where(posting::Column::OccurredOn.lte(until))
        .to_owned();
    Ok(transfer::Entity::find()
        .filter(transfer::Column::Phase.eq(Phase::Pending))
        .filter(transfer::Column::Id.not_in_subquery(resolved))
        .filter(transfer::Column::PostingId.in_subquery(begun))
        .count(db)
        .await?)
}

/// Proposes to close the books up to a day.
///
/// # Errors
/// By the field: a day that is not over, or lies in a closed period; money that is still on its way.
pub async fn propose(by: &As<Finance>, until: NaiveDate) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        may_close(tx, until, by.day_of(tx.now())).await?;
        let proposed = Proposed { until, entries: entries_until(tx, until).await? };
        proposals::propose(tx, by, ProposalKind::PeriodClose, Subject::Foundation, 1, &proposed).await?;
        events::record(tx, by, Subject::Foundation, 1, Note::act("propose-period-close").because(until.to_string()))
            .await?;
        letters::to_role(tx, Role::Approver, "period-proposed", &[("until.day", until.to_string())], "/ledger/periods")
            .await
    })
    .await
}

/// A day that can end a period.
async fn may_close(db: &impl ConnectionTrait, until: NaiveDate, today: NaiveDate) -> Result<()> {
    if until >= today {
        return Err(Error::field("until", "refused-period-not-over"));
    }
    if closed(db, 1).await?.first().is_some_and(|last| last.until >= until) {
        return Err(Error::field("until", "refused-period-order"));
    }
    if under_way(db, until).await? > 0 {
        return Err(Error::field("until", "refused-period-under-way"));
    }
    Ok(())
}

/// An approver closes what was proposed.
///
/// # Errors
/// [`Error::NotFound`] when nothing waits; [`Error::Stale`] when something was posted into the period meanwhile.
pub async fn confirm(by: &As<Approver>) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let kind = ProposalKind::PeriodClose;
        let open = proposals::open(tx, kind, Subject::Foundation, 1).await?.ok_or(Error::NotFound)?;
        let said: Proposed = proposals::confirm(tx, by, kind, Subject::Foundation, 1).await?;
        may_close(tx, said.until, by.day_of(tx.now())).await?;
        let row = book_period::ActiveModel {
            until: Set(said.until),
            entries: Set(said.entries),
            proposed_by: Set(open.proposed_by),
            closed_by: Set(by.person()?),
            closed_at: Set(tx.now()),
            ..Default::default()
        };
        // The row first: from here on nothing more comes in, so what is counted now is what is closed.
        book_period::Entity::insert(row).exec_without_returning(tx).await?;
        if entries_until(tx, said.until).await? != said.entries {
            return Err(Error::Stale);
        }
        events::record(tx, by, Subject::Foundation, 1, Note::act("close-period").because(said.until.to_string())).await
    })
    .await
}

/// An approver declines.
///
/// # Errors
/// What [`proposals::decline`] refuses.
pub async fn decline(by: &As<Approver>, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        proposals::decline(tx, by, ProposalKind::PeriodClose, Subject::Foundation, 1, reason).await?;
        events::record(tx, by, Subject::Foundation, 1, Note::act("decline-period-close").because(reason)).await
    })
    .await
}
