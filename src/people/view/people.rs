//! The pages of people, for administrators: who has an account, what it opens, and its end.

use super::account::locales;
use super::older;
use super::roles::{link, scope_text, scopes};
use crate::commons::events;
use crate::error::{Error, Result};
use crate::people::permission::{Administrator, As, Context};
use crate::people::{accounts, codes, organisations, roles};
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Fact};
use crate::web::sheet::{Act, Block, Cell, Sheet, history};
use entities::kinds::{MembershipStage, PersonId, Subject};
use entities::{membership, person};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// Rows on one page of a list.
const PAGE: u64 = 30;
/// Events shown.
const HISTORY: u64 = 20;

/// Everybody who has or had an account, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(by: &As<Administrator>, before: Option<i64>) -> Answer {
    let context: &Context = by;
    let mut rows = accounts::list(context.edges.db.read(), before, PAGE + 1).await?;
    let older_href = older(&mut rows, PAGE, |row| format!("/admin/people?before={}", row.id));
    let cells = |row: &person::Model| {
        vec![
            Cell::lead(row.name.clone(), format!("/admin/people/{}", row.id)),
            Cell::text(row.email.clone()),
            Cell::text(context.moment(row.created_at)),
            Cell::text(state(context, row)),
        ]
    };
    Sheet::new(context.t("people-title"))
        .under(&[(context.t("admin-title"), "/admin")])
        .sentence(context.t("people-sentence"))
        .now(context.t("now-title"), "", vec![link(context, "/admin/people/invite", "act-person-invite-button")])
        .with(Block::Table {
            title: String::new(),
            heads: ["head-name", "field-email", "people-head-since", "head-stage"].map(|key| context.t(key)).into(),
            rows: rows.iter().map(cells).collect(),
            empty: context.t("people-empty"),
        })
        .with(Block::Pager { older_href, newer_href: String::new() })
        .answer(context, "desk")
}

/// Whether the account is open.
fn state(context: &Context, row: &person::Model) -> String {
    context.t(if row.ended_at.is_none() { "account-open" } else { "account-ended" })
}

/// One person: what the account opens, and what happened to it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn show(by: &As<Administrator>, id: PersonId) -> Answer {
    let context: &Context = by;
    let db = context.edges.db.read();
    let row = accounts::load(db, id).await?;
    let ended = row.ended_at.is_some();
    let end =
        ActLink { href: format!("/admin/people/{id}/end"), text: context.t("act-person-end-button"), tone: "stop" };
    let mut acts = if ended || context.actor.person == Some(id) { Vec::new() } else { vec![end] };
    let factor = codes::is_set(db, id).await?;
    if factor && !acts.is_empty() {
        acts.push(super::factors::reset_link(context, id).await?);
    }
    let facts = vec![
        Fact::new(context.t("field-email"), row.email.clone()),
        Fact::new(context.t("people-head-since"), context.moment(row.created_at)),
        Fact::new(
            context.t("second-factor-title"),
            context.t(if factor { "second-factor-is-set" } else { "second-factor-none" }),
        ),
    ];
    Sheet::new(row.name.clone())
        .under(&[(context.t("admin-title"), "/admin"), (context.t("people-title"), "/admin/people")])
        .chip(state(context, &row), if ended { "quiet" } else { "ok" })
        .now(context.t("now-title"), "", acts)
        .with(Block::Facts { title: context.t("facts-title"), items: facts })
        .with(held(context, id).await?)
        .with(parts(context, id).await?)
        .beside(history(context, "person", &events::history(db, Subject::Person, id.0, HISTORY).await?))
        .answer(context, "desk")
}

/// The roles given to a person, those that are over too.
async fn held(context: &Context, id: PersonId) -> Result<Block> {
    let rows = roles::of_person(context.edges.db.read(), id).await?;
    let scopes = scopes(context, &rows).await?;
    let cells = |row: &entities::role_grant::Model| {
        vec![
            Cell::lead(context.t(&format!("role-{}", row.role)), format!("/admin/roles/{}", row.id)),
            Cell::text(scope_text(context, row, &scopes)),
            Cell::text(context.t(&format!("stage-role-grant-{}", row.stage))),
        ]
    };
    Ok(Block::Table {
        title: context.t("roles-title"),
        heads: ["people-head-role", "people-head-scope", "head-stage"].map(|key| context.t(key)).into(),
        rows: rows.iter().map(cells).collect(),
        empty: context.t("roles-empty"),
    })
}

/// The organisations a person acts for.
async fn parts(context: &Context, id: PersonId) -> Result<Block> {
    let rows = membership::Entity::find()
        .filter(membership::Column::PersonId.eq(id))
        .filter(membership::Column::Stage.eq(MembershipStage::Active))
        .order_by_asc(membership::Column::Id)
        .all(context.edges.db.read())
        .await?;
    let names = organisations::names(context, rows.iter().map(|row| row.organisation_id)).await?;
    let cells = |row: &membership::Model| {
        let name = names.get(&row.organisation_id).cloned().unwrap_or_default();
        vec![
            Cell::lead(name, format!("/organisations/{}", row.organisation_id)),
            Cell::text(context.t(&format!("member-{}", row.role))),
        ]
    };
    Ok(Block::Table {
        title: context.t("organisations-title"),
        heads: ["head-organisation", "people-head-member-role"].map(|key| context.t(key)).into(),
        rows: rows.iter().map(cells).collect(),
        empty: context.t("person-parts-empty"),
    })
}

/// The page that ends an account.
///
/// # Errors
/// [`Error::NotFound`], also for an account that has ended.
pub async fn end(by: &As<Administrator>, id: PersonId) -> Answer {
    let row = accounts::load(by.edges.db.read(), id).await?;
    if row.ended_at.is_some() {
        return Err(Error::NotFound);
    }
    let base = format!("/admin/people/{id}");
    Act::new(by, "person-end", format!("{base}/end"), base)
        .under(&[(by.t("people-title"), "/admin/people")])
        .fact(by.t("head-name"), row.name)
        .fact(by.t("field-email"), row.email)
        .ask(by, "area", "reason")
        .hint(by.t("account-end-hint"))
        .stop()
        .answer(by, "desk")
}

/// The page that invites a person.
///
/// # Errors
/// When the page cannot be written.
pub fn invite(by: &As<Administrator>) -> Answer {
    Act::new(by, "person-invite", "/admin/people/invite", "/admin/people")
        .ask(by, "email", "email")
        .ask(by, "text", "name")
        .ask_choice(by, "locale", locales(by))
        .labelled(by.t("people-field-locale"))
        .answer(by, "desk")
}
