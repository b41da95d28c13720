//! The pages of roles, for administrators.

use super::older;
use crate::commons::events;
use crate::error::{Error, Result};
use crate::people::permission::{Administrator, As, Context};
use crate::people::rules::ROLE_GRANT;
use crate::people::{accounts, roles};
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Choice, Fact};
use crate::web::sheet::{Act, Block, Cell, Sheet, act_links, history};
use entities::kinds::{Role, RoleGrantId, RoleGrantStage, Scope, Subject};
use entities::{call, fund, role_grant};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::BTreeMap;

/// Rows on one page of a list.
const PAGE: u64 = 30;
/// Acts of a deputy that are shown.
const DONE: u64 = 30;
/// Events shown.
const HISTORY: u64 = 20;

/// Every grant, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(by: &As<Administrator>, before: Option<i64>) -> Answer {
    let context: &Context = by;
    let db = context.edges.db.read();
    let mut rows = roles::list(db, false, before, PAGE + 1).await?;
    let older_href = older(&mut rows, PAGE, |row| format!("/admin/roles?before={}", row.id));
    let names = accounts::names(db, rows.iter().map(|row| row.person_id)).await?;
    let scopes = scopes(context, &rows).await?;
    let cells = |row: &role_grant::Model| {
        vec![
            Cell::lead(names.get(&row.person_id).cloned().unwrap_or_default(), format!("/admin/roles/{}", row.id)),
            Cell::text(context.t(&format!("role-{}", row.role))),
            Cell::text(scope_text(context, row, &scopes)),
            Cell::text(context.t(&format!("stage-role-grant-{}", row.stage))),
        ]
    };
    let propose = link(context, "/admin/roles/new", "act-role-propose-button");
    Sheet::new(context.t("roles-title"))
        .under(&[(context.t("admin-title"), "/admin")])
        .sentence(context.t("roles-sentence"))
        .now(context.t("now-title"), "", vec![propose])
        .with(Block::Table {
            title: String::new(),
            heads: ["head-person", "people-head-role", "people-head-scope", "head-stage"]
                .map(|key| context.t(key))
                .into(),
            rows: rows.iter().map(cells).collect(),
            empty: context.t("roles-empty"),
        })
        .with(Block::Pager { older_href, newer_href: String::new() })
        .answer(context, "desk")
}

pub(super) fn link(context: &Context, href: &str, key: &str) -> ActLink {
    ActLink { href: href.into(), text: context.t(key), tone: "" }
}

/// Where a role counts: the foundation, or the fund or call by its name.
pub(super) fn scope_text(context: &Context, row: &role_grant::Model, names: &BTreeMap<(Scope, i64), String>) -> String {
    let named = row.scope_id.and_then(|id| names.get(&(row.scope, id)).cloned());
    named.unwrap_or_else(|| context.t(&format!("scope-{}", row.scope)))
}

/// Names of the funds and calls that some grants are for.
pub(super) async fn scopes(context: &Context, rows: &[role_grant::Model]) -> Result<BTreeMap<(Scope, i64), String>> {
    let db = context.edges.db.read();
    let of = |scope| rows.iter().filter(move |row| row.scope == scope).filter_map(|row| row.scope_id);
    let funds = fund::Entity::find().filter(fund::Column::Id.is_in(of(Scope::Fund))).all(db).await?;
    let calls = call::Entity::find().filter(call::Column::Id.is_in(of(Scope::Call))).all(db).await?;
    let funds = funds.iter().map(|row| ((Scope::Fund, row.id.0), context.pick(&row.name_zh, &row.name_en)));
    let calls = calls.iter().map(|row| ((Scope::Call, row.id.0), context.pick(&row.title_zh, &row.title_en)));
    Ok(funds.chain(calls).collect())
}

pub(super) async fn facts(context: &Context, row: &role_grant::Model) -> Result<Vec<Fact>> {
    let db = context.edges.db.read();
    let people = [Some(row.person_id), row.proposed_by, row.confirmed_by, row.principal_id];
    let names = accounts::names(db, people.into_iter().flatten()).await?;
    let scopes = scopes(context, std::slice::from_ref(row)).await?;
    let name = |id: Option<entities::kinds::PersonId>| id.and_then(|id| names.get(&id).cloned());
    let mut facts = vec![
        Fact::new(context.t("head-person"), name(Some(row.person_id)).unwrap_or_default()),
        Fact::new(context.t("people-head-role"), context.t(&format!("role-{}", row.role))),
        Fact::new(context.t("people-head-scope"), scope_text(context, row, &scopes)),
    ];
    for (key, person) in [
        ("role-proposed-by", row.proposed_by),
        ("role-confirmed-by", row.confirmed_by),
        ("people-field-principal", row.principal_id),
    ] {
        facts.extend(name(person).map(|name| Fact::new(context.t(key), name)));
    }
    for (key, day) in [("role-from", row.effective_on), ("field-ends-on", row.ends_on)] {
        facts.extend(day.map(|day| Fact::new(context.t(key), context.day(day))));
    }
    Ok(facts)
}

/// One grant.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn show(by: &As<Administrator>, id: RoleGrantId) -> Answer {
    let context: &Context = by;
    let db = context.edges.db.read();
    let row = roles::load(db, id).await?;
    let base = format!("/admin/roles/{id}");
    let mut offers = ROLE_GRANT.offers(row.stage, &[crate::core::lifecycle::Part::Administrator]);
    let own = row.proposed_by == context.actor.person || Some(row.person_id) == context.actor.person;
    offers.retain(|act| *act != "confirm" || !own);
    let acts = act_links(context, "role-grant", &base, &offers, &["decline", "revoke"]);
    let text = if own && row.stage == RoleGrantStage::Proposed { context.t("role-waits") } else { String::new() };
    let tone = match row.stage {
        RoleGrantStage::Proposed => "wait",
        RoleGrantStage::Effective => "ok",
        _ => "quiet",
    };
    let mut sheet = Sheet::new(context.t(&format!("role-{}", row.role)))
        .under(&[(context.t("admin-title"), "/admin"), (context.t("roles-title"), "/admin/roles")])
        .chip(context.t(&format!("stage-role-grant-{}", row.stage)), tone)
        .now(context.t("now-title"), text, acts)
        .with(Block::Facts { title: context.t("facts-title"), items: facts(context, &row).await? })
        .beside(history(context, "role-grant", &events::history(db, Subject::RoleGrant, id.0, HISTORY).await?));
    if row.principal_id.is_some() {
        sheet = sheet.with(done(context, &row).await?);
    }
    sheet.answer(context, "desk")
}

/// What the deputy of a grant did in the principal's place.
pub(super) async fn done(context: &Context, row: &role_grant::Model) -> Result<Block> {
    let db = context.edges.db.read();
    let events = match row.principal_id {
        Some(principal) => events::done_for(db, row.person_id, principal, DONE).await?,
        None => Vec::new(),
    };
    let cells = |event: &entities::event::Model| {
        vec![
            Cell::text(context.moment(event.at)),
            Cell::text(context.t(&format!("part-{}", event.actor_part))),
            Cell::text(format!("{} {} · {}", event.subject.as_str(), event.subject_id, event.act)),
        ]
    };
    Ok(Block::Table {
        title: context.t("deputy-done"),
        heads: ["deputy-head-when", "deputy-head-part", "deputy-head-act"].map(|key| context.t(key)).into(),
        rows: events.iter().map(cells).collect(),
        empty: context.t("deputy-done-empty"),
    })
}

/// The page of an act on a grant.
///
/// # Errors
/// [`Error::NotFound`] for an act there is none of.
pub async fn act(by: &As<Administrator>, id: RoleGrantId, act: &str) -> Answer {
    let row = roles::load(by.edges.db.read(), id).await?;
    if !matches!(act, "confirm" | "decline" | "revoke") {
        return Err(Error::NotFound);
    }
    let base = format!("/admin/roles/{id}");
    let mut page = Act::new(by, &format!("role-grant-{act}"), format!("{base}/{act}"), base.clone())
        .under(&[(by.t("roles-title"), "/admin/roles")]);
    for fact in facts(by, &row).await? {
        page = page.fact(fact.label, fact.value);
    }
    if act != "confirm" {
        page = page.ask(by, "area", "reason").stop();
    }
    page.answer(by, "desk")
}

/// The page that proposes a role.
///
/// # Errors
/// When the database cannot be read.
pub async fn propose(by: &As<Administrator>) -> Answer {
    let people = crate::people::view::choices::people(by).await?;
    Act::new(by, "role-propose", "/admin/roles", "/admin/roles")
        .ask_choice(by, "person", people.clone())
        .ask_choice(by, "role", Choice::words(by, "role", Role::ALL.iter().map(|role| role.as_str())))
        .labelled(by.t("people-field-role"))
        .ask_choice(by, "scope", Choice::words(by, "scope", Scope::ALL.iter().map(|scope| scope.as_str())))
        .labelled(by.t("people-field-scope"))
        .ask(by, "number", "scope_id")
        .labelled(by.t("people-field-scope-id"))
        .hint(by.t("scope-hint"))
        .optional()
        .ask(by, "date", "ends_on")
        .optional()
        .ask_choice(by, "principal", people)
        .labelled(by.t("people-field-principal"))
        .hint(by.t("principal-hint"))
        .optional()
        .answer(by, "desk")
}
