//! What waits for the reader among awards.

use super::super::rules::PAIRS;
use crate::error::Result;
use crate::people::permission::Context;
use crate::web::parts::Task;
use entities::kinds::{AwardKind, AwardStage, MemberRole, OrganisationId, ProposalStage, Role, Subject};
use entities::{award, proposal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Tasks shown.
const TASKS: u64 = 20;

/// What waits for the reader in this room.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(context: &Context) -> Result<Vec<Task>> {
    let db = context.edges.db.read();
    let today = context.edges.today();
    let mut tasks = Vec::new();
    let signs = context.actor.memberships.iter().filter(|row| row.role == MemberRole::Signatory);
    let mine: Vec<_> = signs.map(|row| row.organisation_id).collect();
    let mut query =
        award::Entity::find().filter(award::Column::Stage.is_in([AwardStage::Offered, AwardStage::Accepted]));
    let administrator = context.actor.has(Role::Administrator);
    if !administrator {
        query = query.filter(award::Column::OrganisationId.is_in(mine.iter().copied()));
    }
    for row in query.order_by_asc(award::Column::OfferExpiresOn).limit(TASKS).all(db).await? {
        let own = mine.contains(&row.organisation_id);
        let act = match row.stage {
            AwardStage::Offered if own => "accept",
            AwardStage::Accepted if own && row.grantee_signed_by.is_none() => "sign",
            AwardStage::Accepted if administrator && row.foundation_signed_by.is_none() => "countersign",
            _ => continue,
        };
        let days = (row.offer_expires_on - today).num_days();
        tasks.push(task(
            context,
            &row,
            act,
            context.day(row.offer_expires_on),
            if days <= 3 { "stop" } else { "wait" },
        ));
    }
    for row in fundless(context, &mine).await? {
        tasks.push(task(context, &row, "open-seed-fund", context.day(context.day_of(row.offered_at)), "wait"));
    }
    let parts = context.actor.parts(None);
    let confirms: Vec<_> = PAIRS.iter().filter(|pair| parts.contains(&pair.second)).collect();
    let open = proposal::Entity::find()
        .filter(proposal::Column::Subject.eq(Subject::Award))
        .filter(proposal::Column::Stage.eq(ProposalStage::Open))
        .filter(proposal::Column::Kind.is_in(confirms.iter().map(|pair| pair.kind)))
        .filter(proposal::Column::ProposedBy.ne(context.actor.person.map_or(0, |person| person.0)))
        .order_by_asc(proposal::Column::Id)
        .limit(TASKS)
        .all(db)
        .await?;
    let ids = open.iter().map(|row| row.subject_id);
    let rows = award::Entity::find().filter(award::Column::Id.is_in(ids)).all(db).await?;
    for row in &open {
        let act = confirms.iter().find(|pair| pair.kind == row.kind).map_or("", |pair| pair.confirm);
        if let Some(of) = rows.iter().find(|award| award.id.0 == row.subject_id) {
            tasks.push(task(context, of, act, context.day(context.day_of(row.proposed_at)), "wait"));
        }
    }
    tasks.truncate(TASKS as usize);
    Ok(tasks)
}

fn task(context: &Context, row: &award::Model, act: &str, chip: String, tone: &'static str) -> Task {
    Task {
        href: format!("/awards/{}/{act}", row.id),
        title: context.t(&format!("act-award-{act}-title")),
        detail: format!("{} · {}", row.title, context.money(row.amount_minor, row.currency)),
        chip,
        tone,
    }
}

/// Agreed awards of the reader's own that become a fund which nobody drafted yet.
async fn fundless(context: &Context, mine: &[OrganisationId]) -> Result<Vec<award::Model>> {
    if mine.is_empty() {
        return Ok(Vec::new());
    }
    Ok(award::Entity::find()
        .filter(award::Column::OrganisationId.is_in(mine.iter().copied()))
        .filter(award::Column::Kind.eq(AwardKind::SeedFund))
        .filter(award::Column::Stage.is_in([AwardStage::Accepted, AwardStage::Active]))
        .filter(award::Column::SeedFundId.is_null())
        .order_by_asc(award::Column::Id)
        .limit(TASKS)
        .all(context.edges.db.read())
        .await?)
}
