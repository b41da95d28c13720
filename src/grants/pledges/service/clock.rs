//! What the clock brings: reminders, each once, before a day and after it; instalments lapse long past theirs.

use super::{parts, profits, tell};
use crate::commons::events::Note;
use crate::commons::lives::advance;
use crate::commons::{letters, policies};
use crate::core::policy::Policy;
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::Result;
use crate::grants::funds;
use crate::grants::pledges::rules::Reminder;
use crate::people::permission::{As, Context, System};
use chrono::{Datelike, Days, NaiveDate};
use entities::kinds::{GiftId, GiftKind, GiftStage, InstalmentStage, PlanKind, PlanStage, PledgePlanId};
use entities::{gift, instalment_gift, pledge_instalment, pledge_plan, pledge_reminder, profit_declaration};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Gifts, or plans, looked at in one tick.
const AT_ONCE: u64 = 200;

/// Reminds, and lets lapse.
///
/// # Errors
/// When the database cannot be read.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    let today = edges.today();
    let policy = policies::on(edges.db.read(), today).await?;
    let system = &Context::system(edges.clone());
    gifts(system, &policy, today, Reminder::Before).await?;
    gifts(system, &policy, today, Reminder::After).await?;
    declarations(system, &policy, today).await?;
    lapses(system, &policy, today).await
}

/// Gifts that wait for their donor: promised, or with a reference, and nothing at the bank yet.
fn waiting() -> Select<gift::Entity> {
    gift::Entity::find()
        .filter(gift::Column::Kind.eq(GiftKind::Bank))
        .filter(gift::Column::Stage.is_in([GiftStage::Pledged, GiftStage::Processing]))
        .filter(gift::Column::RecordedBy.is_null())
        .filter(gift::Column::PledgeDueOn.is_not_null())
        .order_by_asc(gift::Column::Id)
        .limit(AT_ONCE)
}

fn mark_of(gift: GiftId, reminder: Reminder) -> String {
    format!("gift:{gift}:{}", reminder.as_str())
}

/// Reminds of gifts, those of instalments and single ones.
async fn gifts(by: &As<System>, policy: &Policy, today: NaiveDate, which: Reminder) -> Result<()> {
    let far = Days::new(policy.pledge_remind_before_days.unsigned_abs());
    let late = Days::new(policy.pledge_remind_after_days.unsigned_abs());
    let due = gift::Column::PledgeDueOn;
    let days = match (which, today.checked_add_days(far), today.checked_sub_days(late)) {
        (Reminder::Before, Some(last), _) => due.between(today, last),
        (Reminder::After, _, Some(last)) => due.lte(last).and(due.lt(today)),
        _ => return Ok(()),
    };
    let unmarked = Expr::cust(format!(
        "not exists (select 1 from pledge_reminder r where r.mark = 'gift:' || gift.id || ':{}')",
        which.as_str()
    ));
    let rows = waiting().filter(days).filter(unmarked).all(by.edges.db.read()).await?;
    for row in rows {
        let row = &row;
        let done = by.write(|tx| async move { remind(&tx, by, row.id, which, far).await }).await;
        if let Err(error) = done {
            tracing::warn!(gift = row.id.0, %error, "the reminder was not sent");
        }
    }
    Ok(())
}

/// One reminder of one gift, if it still waits and nobody reminded of it meanwhile.
async fn remind(tx: &Tx, by: &As<System>, id: GiftId, which: Reminder, far: Days) -> Result<()> {
    let row = gift::Entity::find_by_id(id).lock_exclusive().one(tx).await?;
    let still = |row: &gift::Model| {
        matches!(row.stage, GiftStage::Pledged | GiftStage::Processing) && row.recorded_by.is_none()
    };
    let Some(row) = row.filter(still) else { return Ok(()) };
    if !remember(tx, &mark_of(id, which)).await? {
        return Ok(());
    }
    let Some(due) = row.pledge_due_on else { return Ok(()) };
    // Whoever promised within the days before needs no reminder of it.
    let made = by.day_of(row.created_at);
    if which == Reminder::Before && due.checked_sub_days(far).is_none_or(|from| from <= made) {
        return Ok(());
    }
    let fund = funds::service::load(tx, row.fund_id).await?;
    let mut told: Vec<(&str, String)> = letters::of_fund(&fund).into();
    told.push(("due.day", due.to_string()));
    let link = format!("/gifts/{id}");
    match (which, row.donor_organisation_id) {
        (Reminder::Before, Some(donor)) => letters::to_organisation(tx, donor, "pledge-before", &told, &link).await,
        (Reminder::After, Some(donor)) => letters::to_organisation(tx, donor, "pledge-after", &told, &link).await,
        (_, None) => Ok(()),
    }
}

/// Writes down that a reminder went out. `false` when it did before.
async fn remember(tx: &Tx, mark: &str) -> Result<bool> {
    if pledge_reminder::Entity::find_by_id(mark.to_owned()).one(tx).await?.is_some() {
        return Ok(false);
    }
    let row = pledge_reminder::ActiveModel { mark: Set(mark.to_owned()), at: Set(tx.now()) };
    pledge_reminder::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(true)
}

/// A gift takes another's place: what was reminded of is not reminded of again.
pub(super) async fn remembered(tx: &Tx, from: GiftId, to: GiftId) -> Result<()> {
    for which in [Reminder::Before, Reminder::After] {
        if pledge_reminder::Entity::find_by_id(mark_of(from, which)).one(tx).await?.is_some() {
            remember(tx, &mark_of(to, which)).await?;
        }
    }
    Ok(())
}

/// Reminds of profits that nobody declared yet, plan by plan through all of them.
async fn declarations(by: &As<System>, policy: &Policy, today: NaiveDate) -> Result<()> {
    let db = by.edges.db.read();
    let mut after = PledgePlanId(0);
    loop {
        let plans = pledge_plan::Entity::find()
            .filter(pledge_plan::Column::Kind.eq(PlanKind::Profit))
            .filter(pledge_plan::Column::Stage.eq(PlanStage::Active))
            .filter(pledge_plan::Column::Id.gt(after))
            .order_by_asc(pledge_plan::Column::Id)
            .limit(AT_ONCE)
            .all(db)
            .await?;
        let Some(last) = plans.last() else { return Ok(()) };
        after = last.id;
        let said: BTreeSet<(PledgePlanId, i32)> = profit_declaration::Entity::find()
            .select_only()
            .column(profit_declaration::Column::PlanId)
            .column(profit_declaration::Column::Year)
            .filter(profit_declaration::Column::PlanId.is_in(plans.iter().map(|plan| plan.id)))
            .into_tuple::<(PledgePlanId, i32)>()
            .all(db)
            .await?
            .into_iter()
            .collect();
        let due = |plan: &pledge_plan::Model| {
            let open = profits::years(plan).into_iter().filter(|(year, _)| *year < today.year());
            let open = open.filter(|(year, _)| !said.contains(&(plan.id, *year)));
            open.filter_map(|(year, day)| {
                let which =
                    Reminder::due(day, today, policy.pledge_remind_before_days, policy.pledge_remind_after_days)?;
                // Years that were over long before the promise are not asked for by letter.
                (by.day_of(plan.created_at) < day).then_some((year, day, which))
            })
            .collect::<Vec<_>>()
        };
        let asked: Vec<_> = plans.iter().flat_map(|plan| due(plan).into_iter().map(move |open| (plan, open))).collect();
        let mark = |plan: &pledge_plan::Model, year: i32, which: Reminder| {
            format!("plan:{}:{year}:{}", plan.id, which.as_str())
        };
        let marks = asked.iter().map(|(plan, (year, _, which))| mark(plan, *year, *which));
        let sent = pledge_reminder::Entity::find().filter(pledge_reminder::Column::Mark.is_in(marks)).all(db).await?;
        let sent: BTreeSet<String> = sent.into_iter().map(|row| row.mark).collect();
        for (plan, (year, day, which)) in asked {
            let mark = &mark(plan, year, which);
            if sent.contains(mark) {
                continue;
            }
            let done = by
                .write(|tx| async move {
                    let tx = &tx;
                    if !remember(tx, mark).await? {
                        return Ok(());
                    }
                    let args = [("year", year.to_string()), ("due.day", day.to_string())];
                    match which {
                        Reminder::Before => tell(tx, by, plan, "profit-before", &args).await,
                        Reminder::After => tell(tx, by, plan, "profit-after", &args).await,
                    }
                })
                .await;
            if let Err(error) = done {
                tracing::warn!(plan = plan.id.0, %error, "the reminder was not sent");
            }
        }
    }
}

/// Instalments lapse so many days after theirs, while nothing of what is open has come.
async fn lapses(by: &As<System>, policy: &Policy, today: NaiveDate) -> Result<()> {
    let Some(before) = today.checked_sub_days(Days::new(policy.pledge_lapse_days.unsigned_abs())) else {
        return Ok(());
    };
    let mut instalments = Query::select();
    instalments.column(instalment_gift::Column::GiftId).from(instalment_gift::Entity);
    let rows = waiting()
        .filter(gift::Column::PledgeDueOn.lt(before))
        .filter(gift::Column::Id.in_subquery(instalments))
        .all(by.edges.db.read())
        .await?;
    for row in rows {
        let id = row.id;
        let done = by.write(|tx| async move { lapse(&tx, by, id).await }).await;
        if let Err(error) = done {
            tracing::warn!(gift = id.0, %error, "the instalment did not lapse");
        }
    }
    Ok(())
}

async fn lapse(tx: &Tx, by: &As<System>, gift: GiftId) -> Result<()> {
    let Some(found) = parts::of_gift(tx, gift).await? else { return Ok(()) };
    let row = pledge_instalment::Entity::find_by_id(found.id).lock_exclusive().one(tx).await?;
    let Some(row) = row.filter(|row| row.stage == InstalmentStage::Promised) else { return Ok(()) };
    if parts::end(tx, by, &row, "lapse").await? {
        advance(tx, by, &row, "lapse", Note::act("")).await?;
        let plan = super::load(tx, row.plan_id).await?;
        tell(tx, by, &plan, "instalment-lapsed", &[("due.day", row.due_on.to_string())]).await?;
    }
    Ok(())
}
