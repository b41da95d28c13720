//! The pages of deputies: who stands in for whom, and what was done in whose place.

use super::roles::{scope_text, scopes};
use crate::error::Result;
use crate::people::permission::{As, Context, Level, SignedIn};
use crate::people::{accounts, deputies, roles, rules};
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Choice};
use crate::web::sheet::{Act, Block, Cell, Sheet};
use entities::kinds::{PersonId, RoleGrantId, RoleGrantStage};
use entities::role_grant;

fn crumbs(by: &Context) -> [(String, &'static str); 1] {
    [(by.t("account-own-title"), "/account")]
}

/// Whether somebody can still end it.
fn lives(context: &Context, row: &role_grant::Model) -> bool {
    let over = row.ends_on.is_some_and(|day| day < context.edges.today());
    matches!(row.stage, RoleGrantStage::Proposed | RoleGrantStage::Effective) && !over
}

/// Where a deputyship stands, its end by the calendar included.
fn standing(context: &Context, row: &role_grant::Model) -> String {
    let expired = row.stage == RoleGrantStage::Effective && !lives(context, row);
    if expired { context.t("deputy-expired") } else { context.t(&format!("stage-role-grant-{}", row.stage)) }
}

/// One's deputies, and for whom one stands in.
///
/// # Errors
/// When the database cannot be read.
pub async fn show(by: &As<SignedIn>) -> Answer {
    let context: &Context = by;
    let db = context.edges.db.read();
    let rows = deputies::of(db, by.permission().person()).await?;
    let mut people: Vec<PersonId> = rows.iter().map(|row| row.person_id).collect();
    people.extend(rows.iter().filter_map(|row| row.principal_id));
    let names = accounts::names(db, people.into_iter()).await?;
    let scopes = scopes(context, &rows).await?;
    let name = |id: PersonId| names.get(&id).cloned().unwrap_or_default();
    let cells = |row: &role_grant::Model| {
        vec![
            Cell::lead(name(row.person_id), format!("{}/{}", deputies::PAGE, row.id)),
            Cell::text(row.principal_id.map(name).unwrap_or_default()),
            Cell::text(format!("{} · {}", context.t(&format!("role-{}", row.role)), scope_text(context, row, &scopes))),
            Cell::text(row.ends_on.map(|day| context.day(day)).unwrap_or_default()),
            Cell::text(standing(context, row)),
        ]
    };
    let new = ActLink { href: "/account/deputies/new".into(), text: context.t("act-deputy-ask-button"), tone: "" };
    let holds = context.actor.grants.iter().any(may_name_one);
    Sheet::new(context.t("deputies-title"))
        .under(&crumbs(context))
        .sentence(context.t("deputies-sentence"))
        .now(context.t("now-title"), "", if holds { vec![new] } else { Vec::new() })
        .with(Block::Table {
            title: String::new(),
            heads: ["deputy-head", "people-field-principal", "people-head-role", "field-ends-on", "head-stage"]
                .map(|key| context.t(key))
                .into(),
            rows: rows.iter().map(cells).collect(),
            empty: context.t("deputies-empty"),
        })
        .answer(context, "")
}

fn may_name_one(grant: &role_grant::Model) -> bool {
    grant.principal_id.is_none() && rules::may_be_deputised(grant.role)
}

/// One deputyship and what was done in it.
///
/// # Errors
/// [`crate::error::Error::NotFound`] for anybody who has no part in it.
pub async fn one(by: &As<SignedIn>, id: RoleGrantId) -> Answer {
    let context: &Context = by;
    let row = mine(by, id).await?;
    let facts = super::roles::facts(context, &row).await?;
    let end = ActLink {
        href: format!("{}/{id}/end", deputies::PAGE),
        text: context.t("act-deputy-end-button"),
        tone: "stop",
    };
    Sheet::new(context.t(&format!("role-{}", row.role)))
        .under(&[crumbs(context)[0].clone(), (context.t("deputies-title"), deputies::PAGE)])
        .chip(standing(context, &row), "wait")
        .now(context.t("now-title"), "", if lives(context, &row) { vec![end] } else { Vec::new() })
        .with(Block::Facts { title: context.t("facts-title"), items: facts })
        .with(super::roles::done(context, &row).await?)
        .answer(context, "")
}

async fn mine(by: &As<SignedIn>, id: RoleGrantId) -> Result<role_grant::Model> {
    let me = by.permission().person();
    let row = roles::load(by.edges.db.read(), id).await?;
    let part = row.principal_id.is_some_and(|who| who == me || row.person_id == me);
    if part { Ok(row) } else { Err(crate::error::Error::NotFound) }
}

/// The page that asks for a deputy.
///
/// # Errors
/// When the database cannot be read.
pub async fn ask(by: &As<SignedIn>) -> Answer {
    let context: &Context = by;
    let own: Vec<role_grant::Model> = by.actor.grants.iter().filter(|grant| may_name_one(grant)).cloned().collect();
    let scopes = scopes(context, &own).await?;
    let choice = |row: &role_grant::Model| {
        let text = format!("{} · {}", context.t(&format!("role-{}", row.role)), scope_text(context, row, &scopes));
        Choice::new(row.id, text)
    };
    Act::new(context, "deputy-ask", deputies::PAGE, deputies::PAGE)
        .under(&crumbs(context))
        .ask_choice(context, "grant", own.iter().map(choice).collect())
        .labelled(context.t("people-field-role"))
        .ask(context, "email", "email")
        .labelled(context.t("deputy-field-email"))
        .ask(context, "date", "ends_on")
        .hint(context.t("deputy-until-hint"))
        .proving(context, Level::Decision)
        .answer(context, "")
}

/// The page that ends one.
///
/// # Errors
/// [`crate::error::Error::NotFound`] for anybody who has no part in it.
pub async fn end(by: &As<SignedIn>, id: RoleGrantId) -> Answer {
    let row = mine(by, id).await?;
    let base = format!("{}/{id}", deputies::PAGE);
    let mut page = Act::new(by, "deputy-end", format!("{base}/end"), base).under(&crumbs(by)).stop();
    for fact in super::roles::facts(by, &row).await? {
        page = page.fact(fact.label, fact.value);
    }
    page.answer(by, "")
}
