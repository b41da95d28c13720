//! The pages of people, and what waits for the reader here.

pub mod account;
pub mod admin;
pub mod choices;
pub mod deputies;
pub mod factors;
pub mod organisations;
pub mod passkeys;
pub mod payees;
pub mod people;
pub mod registry;
pub mod roles;
pub mod rolls;
pub mod stops;

use super::permission::Context;
use super::{members, payees as accounts_of, roles as grants};
use crate::commons::policies;
use crate::error::Result;
use crate::web::parts::Task;
use entities::kinds::{MemberRole, PayeeStage, PersonId, Role};

/// Tasks shown at most for each kind.
const MOST: u64 = 20;

/// What waits for the reader in this room.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(context: &Context) -> Result<Vec<Task>> {
    let Some(me) = context.actor.person else { return Ok(Vec::new()) };
    let mut tasks = Vec::new();
    let binds = |part: &entities::membership::Model| part.role == MemberRole::Signatory;
    let powerful = context.actor.grants.iter().any(|grant| super::rules::takes_two(grant.role));
    if (powerful || context.actor.memberships.iter().any(binds))
        && !super::codes::is_set(context.edges.db.read(), me).await?
    {
        let text = context.t("second-factor-title");
        tasks.push(task(context, "task-second-factor", text, "/account/second-factor".into()));
    }
    if context.actor.has(Role::Administrator) {
        administrator(context, me, &mut tasks).await?;
    }
    if context.actor.has(Role::FinanceOfficer) {
        payees(context, PayeeStage::Entered, "verify", &mut tasks).await?;
    }
    if context.actor.has(Role::Approver) {
        payees(context, PayeeStage::Verified, "approve", &mut tasks).await?;
    }
    let signing: Vec<_> = context
        .actor
        .memberships
        .iter()
        .filter(|part| part.role == MemberRole::Signatory)
        .map(|part| part.organisation_id)
        .collect();
    if !signing.is_empty() {
        for group in members::asked_hosts(context.edges.db.read(), signing.into_iter(), MOST).await? {
            let name = context.pick(&group.name_zh, &group.name_en);
            tasks.push(task(context, "task-host", name, format!("/organisations/{}/answer-host", group.id)));
        }
    }
    tasks.truncate(MOST as usize);
    Ok(tasks)
}

async fn administrator(context: &Context, me: PersonId, tasks: &mut Vec<Task>) -> Result<()> {
    let db = context.edges.db.read();
    for grant in grants::list(db, true, None, MOST).await? {
        if grant.proposed_by != Some(me) && grant.person_id != me {
            let role = context.t(&format!("role-{}", grant.role));
            tasks.push(task(context, "task-role", role, format!("/admin/roles/{}/confirm", grant.id)));
        }
    }
    for version in policies_open(context).await? {
        if version.proposed_by != Some(me) {
            let what = context.t(&format!("policy-{}", version.key.replace('_', "-")));
            tasks.push(task(context, "task-policy", what, format!("/admin/policy/{}", version.id)));
        }
    }
    Ok(())
}

async fn policies_open(context: &Context) -> Result<Vec<entities::policy_version::Model>> {
    policies::proposed(context.edges.db.read(), MOST).await
}

async fn payees(context: &Context, stage: PayeeStage, act: &str, tasks: &mut Vec<Task>) -> Result<()> {
    let rows = accounts_of::standing(context.edges.db.read(), stage, MOST).await?;
    let names = super::organisations::names(context, rows.iter().map(|row| row.organisation_id)).await?;
    for row in rows {
        if context.actor.belongs_to(row.organisation_id) || Some(row.entered_by) == context.actor.person {
            continue;
        }
        if row.verified_by.is_some() && row.verified_by == context.actor.person {
            continue;
        }
        let name = names.get(&row.organisation_id).cloned().unwrap_or_default();
        let href = format!("/organisations/{}/payees/{}/{act}", row.organisation_id, row.id);
        tasks.push(task(context, &format!("task-payee-{act}"), name, href));
    }
    Ok(())
}

fn task(context: &Context, key: &str, detail: String, href: String) -> Task {
    Task { href, title: context.t(key), detail, chip: String::new(), tone: "wait" }
}

/// Splits one row too many off a page, and tells the link to the older ones.
fn older<T>(rows: &mut Vec<T>, page: u64, href: impl Fn(&T) -> String) -> String {
    let more = rows.len() as u64 > page;
    rows.truncate(page as usize);
    rows.last().filter(|_| more).map(href).unwrap_or_default()
}
