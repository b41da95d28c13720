//! What waits in this room, for the desk.

use super::joint::signs_as_partner;
use crate::error::Result;
use crate::grants::funds::service::idle;
use crate::people::permission::Context;
use crate::web::parts::Task;
use entities::kinds::{FundStage, HoldKind, MatchPoolStage, MemberRole, ProposalKind, ProposalStage, Role, Subject};
use entities::{fund, hold, joint_initiator, match_pool, proposal};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Tasks of this room on the desk.
const MANY: u64 = 20;

/// What waits for the reader in this room.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(context: &Context) -> Result<Vec<Task>> {
    let Some(person) = context.actor.person else { return Ok(Vec::new()) };
    let mut tasks = of_stages(context).await?;
    tasks.extend(proposed(context, person).await?);
    if context.actor.has(Role::Administrator) {
        tasks.extend(to_answer(context).await?);
    }
    tasks.extend(pools(context, person).await?);
    tasks.extend(partners(context).await?);
    if context.actor.has(Role::ProgrammeOfficer) {
        tasks.extend(idle(context).await?);
    }
    tasks.truncate(MANY as usize);
    Ok(tasks)
}

fn task(context: &Context, key: &str, detail: String, href: String) -> Task {
    Task { href, title: context.t(key), detail, chip: String::new(), tone: "wait" }
}

/// Funds that wait at their stage: for the initiator, the board, the signatures.
async fn of_stages(context: &Context) -> Result<Vec<Task>> {
    let admin = context.actor.has(Role::Administrator);
    let signs = context.actor.memberships.iter().filter(|m| m.role == MemberRole::Signatory);
    let mine: Vec<_> = signs.map(|m| m.organisation_id).collect();
    let mut which = Condition::any().add(
        Condition::all()
            .add(fund::Column::InitiatorId.is_in(mine.iter().copied()))
            .add(fund::Column::Stage.is_in([FundStage::Draft, FundStage::Approved])),
    );
    if admin {
        which = which.add(fund::Column::Stage.is_in([FundStage::Submitted, FundStage::Approved]));
    }
    if context.actor.has(Role::FinanceOfficer) {
        which = which.add(fund::Column::Stage.eq(FundStage::Closing));
    }
    let rows = fund::Entity::find()
        .filter(which)
        .order_by_desc(fund::Column::Id)
        .limit(MANY)
        .all(context.edges.db.read())
        .await?;
    let mut tasks = Vec::new();
    for row in rows {
        let own = mine.contains(&row.initiator_id);
        let act = match row.stage {
            FundStage::Draft => "submit",
            FundStage::Submitted => "approve",
            FundStage::Approved if own && row.initiator_signed_by.is_none() => "sign-initiator",
            FundStage::Approved if admin && !own && row.foundation_signed_by.is_none() => "sign-foundation",
            FundStage::Closing => "close",
            _ => continue,
        };
        let name = context.pick(&row.name_zh, &row.name_en);
        tasks.push(task(context, &format!("act-fund-{act}-title"), name, format!("/funds/{}", row.id)));
    }
    Ok(tasks)
}

/// What another person proposed and a second has to confirm.
async fn proposed(context: &Context, person: entities::kinds::PersonId) -> Result<Vec<Task>> {
    let mut kinds = Vec::new();
    if context.actor.has(Role::Administrator) {
        kinds.extend([ProposalKind::Merge, ProposalKind::Rename]);
    }
    if context.actor.has(Role::Approver) {
        kinds.extend([ProposalKind::Closing, ProposalKind::GiftReceipt]);
    }
    if context.actor.has(Role::ProgrammeOfficer) {
        kinds.push(ProposalKind::FundBudget);
    }
    let rows = proposal::Entity::find()
        .filter(proposal::Column::Stage.eq(ProposalStage::Open))
        .filter(proposal::Column::Kind.is_in(kinds))
        .filter(proposal::Column::Subject.is_in([Subject::Fund, Subject::Foundation]))
        .filter(proposal::Column::ProposedBy.ne(person))
        .order_by_asc(proposal::Column::Id)
        .limit(MANY)
        .all(context.edges.db.read())
        .await?;
    let one = |row: proposal::Model| {
        let (act, href) = match (row.kind, row.subject) {
            (ProposalKind::Merge, Subject::Fund) => ("fund-confirm-merge", format!("/funds/{}", row.subject_id)),
            (ProposalKind::Rename, Subject::Fund) => ("fund-confirm-rename", format!("/funds/{}", row.subject_id)),
            (ProposalKind::Closing, Subject::Fund) => ("fund-confirm-close", format!("/funds/{}", row.subject_id)),
            (ProposalKind::FundBudget, Subject::Fund) => {
                ("fund-confirm-budget", format!("/funds/{}/confirm-budget", row.subject_id))
            }
            (ProposalKind::GiftReceipt, Subject::Foundation) => {
                ("capital-waiting", "/funds/capital/confirm".to_owned())
            }
            _ => return None,
        };
        Some(task(context, &format!("act-{act}-title"), String::new(), href))
    };
    Ok(rows.into_iter().filter_map(one).collect())
}

/// Joint funds that the reader signs for another initiator.
async fn partners(context: &Context) -> Result<Vec<Task>> {
    let signs = context.actor.memberships.iter().filter(|m| m.role == MemberRole::Signatory);
    let mine: Vec<_> = signs.map(|m| m.organisation_id).collect();
    if mine.is_empty() {
        return Ok(Vec::new());
    }
    let db = context.edges.db.read();
    let open = joint_initiator::Entity::find()
        .filter(joint_initiator::Column::OrganisationId.is_in(mine))
        .filter(joint_initiator::Column::SignedBy.is_null())
        .order_by_desc(joint_initiator::Column::Id)
        .limit(MANY)
        .all(db)
        .await?;
    let rows = fund::Entity::find()
        .filter(fund::Column::Id.is_in(open.iter().map(|one| one.fund_id)))
        .filter(fund::Column::Stage.eq(FundStage::Approved))
        .order_by_desc(fund::Column::Id)
        .all(db)
        .await?;
    let waits = rows.iter().filter(|row| open.iter().any(|one| signs_as_partner(context, row, one)));
    let one = |row: &fund::Model| {
        let name = context.pick(&row.name_zh, &row.name_en);
        task(context, "act-fund-sign-partner-title", name, format!("/funds/{}/sign-partner", row.id))
    };
    Ok(waits.map(one).collect())
}

/// Funds with money that nobody uses.
async fn idle(context: &Context) -> Result<Vec<Task>> {
    let rows = idle::now(&context.edges, MANY as i64).await?;
    let one = |row: fund::Model| {
        let name = context.pick(&row.name_zh, &row.name_en);
        task(context, "task-fund-idle", name, format!("/funds/{}", row.id))
    };
    Ok(rows.into_iter().map(one).collect())
}

/// Supervisors' holds without an answer, with the day they are due.
async fn to_answer(context: &Context) -> Result<Vec<Task>> {
    let rows = hold::Entity::find()
        .filter(hold::Column::Subject.eq(Subject::Fund))
        .filter(hold::Column::Kind.eq(HoldKind::Supervisor))
        .filter(hold::Column::LiftedAt.is_null())
        .filter(hold::Column::Answer.eq(""))
        .order_by_asc(hold::Column::Id)
        .limit(MANY)
        .all(context.edges.db.read())
        .await?;
    let today = context.edges.today();
    let one = |row: hold::Model| {
        let late = row.answer_due_on.is_some_and(|due| due < today);
        Task {
            href: format!("/funds/{}/answer-hold", row.subject_id),
            title: context.t("act-fund-answer-hold-title"),
            detail: row.reason,
            chip: if late {
                context.t("late")
            } else {
                row.answer_due_on.map(|due| context.day(due)).unwrap_or_default()
            },
            tone: if late { "stop" } else { "wait" },
        }
    };
    Ok(rows.into_iter().map(one).collect())
}

/// Pools to confirm, and open ones whose window is over.
async fn pools(context: &Context, person: entities::kinds::PersonId) -> Result<Vec<Task>> {
    let mut which = Condition::any();
    if context.actor.has(Role::Approver) {
        which = which.add(
            Condition::all()
                .add(match_pool::Column::Stage.eq(MatchPoolStage::Proposed))
                .add(match_pool::Column::ProposedBy.ne(person)),
        );
    }
    if context.actor.has(Role::FinanceOfficer) {
        which = which.add(
            Condition::all()
                .add(match_pool::Column::Stage.eq(MatchPoolStage::Open))
                .add(match_pool::Column::ClosesOn.lt(context.edges.today())),
        );
    }
    if which.is_empty() {
        return Ok(Vec::new());
    }
    let rows = match_pool::Entity::find()
        .filter(which)
        .order_by_asc(match_pool::Column::Id)
        .limit(MANY)
        .all(context.edges.db.read())
        .await?;
    let one = |row: match_pool::Model| {
        let act = if row.stage == MatchPoolStage::Open { "close" } else { "confirm" };
        let amount = context.money(row.cap_total_minor, row.currency);
        Task {
            href: format!("/funds/{}/pools/{}/{act}", row.fund_id, row.id),
            title: context.t_with(&format!("act-pool-{act}-title"), &[("amount", &amount)]),
            detail: context.pick(&row.name_zh, &row.name_en),
            chip: String::new(),
            tone: "wait",
        }
    };
    Ok(rows.into_iter().map(one).collect())
}
