//! What waits in this room, for the desk.

use crate::error::Result;
use crate::people::permission::Context;
use crate::web::parts::Task;
use chrono::Days;
use entities::kinds::{
    GiftId, GiftKind, GiftStage, ImportStage, MemberRole, ProposalKind, ProposalStage, Role, Subject,
};
use entities::{fund, gift, instalment_gift, proposal, settlement_import};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Days before its day when an instalment comes to the desk.
const NEAR_DAYS: u64 = 30;
/// Tasks of this room on the desk.
const MANY: u64 = 20;

/// What waits for the reader in this room.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(context: &Context) -> Result<Vec<Task>> {
    let Some(person) = context.actor.person else { return Ok(Vec::new()) };
    let mut tasks = of_gifts(context, person).await?;
    if context.actor.has(Role::Approver) {
        tasks.extend(proposed(context, person).await?);
        tasks.extend(files(context, person).await?);
    }
    tasks.truncate(MANY as usize);
    Ok(tasks)
}

async fn of_gifts(context: &Context, person: entities::kinds::PersonId) -> Result<Vec<Task>> {
    let (finance, approver) = (context.actor.has(Role::FinanceOfficer), context.actor.has(Role::Approver));
    let signs = context.actor.memberships.iter().filter(|m| m.role == MemberRole::Signatory);
    let mine: Vec<_> = signs.map(|m| m.organisation_id).collect();
    let mut which = Condition::any().add(
        Condition::all()
            .add(gift::Column::DonorOrganisationId.is_in(mine.iter().copied()))
            .add(gift::Column::Stage.is_in([GiftStage::Pledged, GiftStage::Processing]))
            .add(gift::Column::RecordedBy.is_null())
            .add(soon(context)),
    );
    let of_others = Condition::all().add(gift::Column::RecordedBy.ne(person));
    if finance || approver {
        which = which.add(of_others.clone().add(gift::Column::Stage.eq(GiftStage::Processing)));
    }
    if approver {
        which = which.add(of_others.add(gift::Column::Stage.eq(GiftStage::Offered)));
    }
    let rows = gift::Entity::find()
        .filter(which)
        .filter(gift::Column::Kind.ne(GiftKind::Match))
        .order_by_asc(gift::Column::Id)
        .limit(MANY)
        .all(context.edges.db.read())
        .await?;
    let today = context.edges.today();
    let funds = fund::Entity::find()
        .filter(fund::Column::Id.is_in(rows.iter().map(|row| row.fund_id)))
        .all(context.edges.db.read())
        .await?;
    let one = |row: gift::Model| {
        let amount = context.money(row.amount_minor, row.currency);
        let fund = funds.iter().find(|fund| fund.id == row.fund_id);
        let fund = fund.map(|fund| context.pick(&fund.name_zh, &fund.name_en)).unwrap_or_default();
        let own = row.donor_organisation_id.is_some_and(|id| mine.contains(&id));
        let act = match row.stage {
            _ if own => "task-gift-pay",
            GiftStage::Offered => "task-gift-accept",
            _ => "task-gift-receive",
        };
        let late = own && row.pledge_due_on.is_some_and(|due| due < today);
        let due = row.pledge_due_on.filter(|_| own).map(|due| context.day(due)).unwrap_or_default();
        Task {
            href: format!("/gifts/{}", row.id),
            title: context.t_with(act, &[("amount", &amount)]),
            detail: fund,
            chip: if late { context.t("late") } else { due },
            tone: if late { "stop" } else { "wait" },
        }
    };
    Ok(rows.into_iter().map(one).collect())
}

/// A single pledge waits from its first day; an instalment when its day is near, or a desk would show five years of them.
fn soon(context: &Context) -> Condition {
    let mut instalments = Query::select();
    instalments.column(instalment_gift::Column::GiftId).from(instalment_gift::Entity);
    let near = context.edges.today().checked_add_days(Days::new(NEAR_DAYS)).unwrap_or(chrono::NaiveDate::MAX);
    Condition::any().add(gift::Column::Id.not_in_subquery(instalments)).add(gift::Column::PledgeDueOn.lte(near))
}

/// Refunds and returns that another proposed.
async fn proposed(context: &Context, person: entities::kinds::PersonId) -> Result<Vec<Task>> {
    let rows = proposal::Entity::find()
        .filter(proposal::Column::Stage.eq(ProposalStage::Open))
        .filter(proposal::Column::Kind.is_in([ProposalKind::Refund, ProposalKind::GiftReceipt]))
        .filter(proposal::Column::Subject.eq(Subject::Gift))
        .filter(proposal::Column::ProposedBy.ne(person))
        .order_by_asc(proposal::Column::Id)
        .limit(MANY)
        .all(context.edges.db.read())
        .await?;
    let one = |row: proposal::Model| {
        let act = if row.kind == ProposalKind::Refund { "confirm-refund" } else { "confirm-return" };
        Task {
            href: format!("/gifts/{}", GiftId(row.subject_id)),
            title: context.t(&format!("act-gift-{act}-button")),
            detail: format!("G{:06}", row.subject_id),
            chip: String::new(),
            tone: "wait",
        }
    };
    Ok(rows.into_iter().map(one).collect())
}

async fn files(context: &Context, person: entities::kinds::PersonId) -> Result<Vec<Task>> {
    let rows = settlement_import::Entity::find()
        .filter(settlement_import::Column::Stage.eq(ImportStage::Proposed))
        .filter(settlement_import::Column::RecordedBy.ne(person))
        .order_by_asc(settlement_import::Column::Id)
        .limit(MANY)
        .all(context.edges.db.read())
        .await?;
    let one = |row: settlement_import::Model| {
        let amount = context.money(row.total_minor, row.currency);
        Task {
            href: format!("/imports/{}", row.id),
            title: context.t_with("act-import-apply-title", &[("amount", &amount)]),
            detail: row.file_name,
            chip: String::new(),
            tone: "wait",
        }
    };
    Ok(rows.into_iter().map(one).collect())
}
