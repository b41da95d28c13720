//! Idle funds: money that is free, and neither promised nor paid for as long as policy says. Told once a period.

use super::{load, page};
use crate::commons::events::{self, Note};
use crate::commons::{letters, policies};
use crate::edges::Edges;
use crate::error::{Error, Result};
use crate::grants::funds::rules::idle_periods;
use crate::ledger::{Account, balances};
use crate::people::permission::{Context, System};
use chrono::{DateTime, Days, NaiveDate, Utc};
use entities::kinds::{FundId, FundStage, Recipe, Role, Subject};
use entities::{event, fund, posting};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Statement, Value,
};
use std::sync::Arc;

/// Funds told of in one tick.
const AT_ONCE: i64 = 100;
/// What use is: a promise to an award, a payment, a new fund.
const USE: [Recipe; 3] = [Recipe::Reserved, Recipe::PaymentPosted, Recipe::SeedFund];

#[derive(Debug, FromQueryResult)]
struct Found {
    id: FundId,
}

/// Active funds with free money and without use since a day, or told of since a moment; by key.
async fn quiet(
    db: &impl ConnectionTrait,
    since: (NaiveDate, DateTime<Utc>),
    but_told: bool,
    limit: i64,
) -> Result<Vec<FundId>> {
    let told = if but_told { "('activate','idle')" } else { "('activate')" };
    let sql = format!(
        "select f.id from fund f where f.stage = 'active'
           and exists (select 1 from account a where a.kind = 'fund_available' and a.subject_id = f.id and a.posted_credit_minor - a.posted_debit_minor - a.held_debit_minor > 0)
           and not exists (select 1 from posting p where p.fund_id = f.id and p.recipe in ('reserved','payment_posted','seed_fund') and p.occurred_on > $1)
           and not exists (select 1 from event e where e.subject = 'fund' and e.subject_id = f.id and e.act in {told} and e.at > $2)
         order by f.id limit $3"
    );
    let values = [Value::from(since.0), Value::from(since.1), Value::from(limit)];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(Found::find_by_statement(statement).all(db).await?.into_iter().map(|found| found.id).collect())
}

/// The days before today on which the last use of an idle fund must lie.
async fn since(edges: &Edges) -> Result<Option<(NaiveDate, DateTime<Utc>)>> {
    let days = policies::on(edges.db.read(), edges.today()).await?.idle_days;
    let Some(days) = u64::try_from(days).ok().filter(|days| *days > 0) else { return Ok(None) };
    let day = edges.today().checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN);
    let moment = edges.clock.now().checked_sub_days(Days::new(days)).unwrap_or(DateTime::<Utc>::MIN_UTC);
    Ok(Some((day, moment)))
}

/// Funds that are idle today, at most `limit`.
///
/// # Errors
/// When the database cannot be read.
pub async fn now(edges: &Edges, limit: i64) -> Result<Vec<fund::Model>> {
    let Some(since) = since(edges).await? else { return Ok(Vec::new()) };
    let db = edges.db.read();
    let ids = quiet(db, since, false, limit).await?;
    Ok(fund::Entity::find().filter(fund::Column::Id.is_in(ids)).order_by_asc(fund::Column::Id).all(db).await?)
}

/// The day a fund was last used; of a new one the day it became active.
///
/// # Errors
/// When the database cannot be read.
pub async fn last_moved(db: &impl ConnectionTrait, zone: chrono_tz::Tz, id: FundId) -> Result<Option<NaiveDate>> {
    let used: Option<Option<NaiveDate>> = posting::Entity::find()
        .select_only()
        .column_as(posting::Column::OccurredOn.max(), "last")
        .filter(posting::Column::FundId.eq(id))
        .filter(posting::Column::Recipe.is_in(USE))
        .into_tuple()
        .one(db)
        .await?;
    if let Some(day) = used.flatten() {
        return Ok(Some(day));
    }
    let active = event::Entity::find()
        .filter(event::Column::Subject.eq(Subject::Fund))
        .filter(event::Column::SubjectId.eq(id.0))
        .filter(event::Column::Act.eq("activate"))
        .order_by_desc(event::Column::Id)
        .one(db)
        .await?;
    Ok(active.map(|row| row.at.with_timezone(&zone).date_naive()))
}

/// What the clock brings: the initiator and the officers hear of an idle fund, once a period.
///
/// # Errors
/// When the database refuses.
pub(super) async fn tick(edges: &Arc<Edges>) -> Result<()> {
    let Some(since) = since(edges).await? else { return Ok(()) };
    let system = &Context::system(edges.clone());
    for id in quiet(edges.db.read(), since, true, AT_ONCE).await? {
        if let Err(error) = tell(system, id, since.1).await {
            tracing::warn!(fund = id.0, %error, "nobody was told of an idle fund");
        }
    }
    Ok(())
}

async fn tell(by: &crate::people::permission::As<System>, id: FundId, since: DateTime<Utc>) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        // Held, so that of two workers at once the second finds it told.
        fund::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx).await?.ok_or(Error::NotFound)?;
        let row = load(tx, id).await?;
        let told = event::Entity::find()
            .filter(event::Column::Subject.eq(Subject::Fund))
            .filter(event::Column::SubjectId.eq(id.0))
            .filter(event::Column::Act.eq("idle"))
            .filter(event::Column::At.gt(since))
            .one(tx)
            .await?;
        let today = by.day_of(tx.now());
        let available = balances::available(tx, Account::FundAvailable(id), row.currency).await?;
        let days = policies::on(tx, today).await?.idle_days;
        let last = last_moved(tx, by.edges.config.zone, id).await?.unwrap_or_else(|| by.day_of(row.created_at));
        let idle = idle_periods(last, today, days, available);
        if told.is_some() || row.stage != FundStage::Active || idle.is_none() {
            return Ok(());
        }
        events::record(tx, by, Subject::Fund, id.0, Note::act("idle")).await?;
        let mut args = letters::of_fund(&row).to_vec();
        args.push(("since.day", last.to_string()));
        letters::to_organisation(tx, row.initiator_id, "fund-idle", &args, &page(id)).await?;
        letters::to_role(tx, Role::ProgrammeOfficer, "fund-idle", &args, &page(id)).await
    })
    .await
}
