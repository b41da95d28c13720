//! The doors and one's own page: sign in, invitation, account.

use super::choices;
use crate::error::Result;
use crate::people::invitations::{self, Peeked};
use crate::people::permission::{As, Context, SignedIn};
use crate::people::{accounts, organisations, sessions};
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Choice, Fact};
use crate::web::sheet::{Act, Block, Cell, Sheet};
use entities::kinds::{Locale, SessionId};

/// The page to sign in.
///
/// # Errors
/// When the page cannot be written.
pub fn sign_in(context: &Context, back: &str) -> Answer {
    Act::new(context, "sign-in", "/sign-in", "/")
        .ask(context, "email", "email")
        .ask(context, "password", "password")
        .hidden("back", back)
        .answer(context, "")
}

/// The second half of signing in.
///
/// # Errors
/// When the page cannot be written.
pub fn code(context: &Context, back: &str, passkey: bool) -> Answer {
    let page = Act::new(context, "sign-in-code", "/sign-in/code", "/sign-in")
        .ask(context, "code", "code")
        .hint(context.t("code-hint"));
    let page = if passkey { page.or_passkey(context) } else { page };
    page.hidden("back", back).answer(context, "")
}

/// The page behind an invitation's link.
///
/// # Errors
/// What [`invitations::peek`] refuses.
pub async fn invitation(context: &Context, token: &str) -> Answer {
    let peeked = invitations::peek(&context.edges, token).await?;
    let name = if peeked.known { "invitation-join" } else { "invitation" };
    let mut page =
        Act::new(context, name, invitations::path(token), "/").fact(context.t("field-email"), peeked.email.clone());
    for (label, value) in what_for(context, &peeked).await? {
        page = page.fact(label, value);
    }
    if !peeked.known {
        page = page.ask(context, "text", "name").labelled(context.t("people-field-own-name")).value(peeked.name);
    }
    page = if peeked.known {
        page.ask(context, "password", "password")
    } else {
        page.ask(context, "new-password", "password").hint(context.t("password-hint"))
    };
    page.answer(context, "")
}

async fn what_for(context: &Context, peeked: &Peeked) -> Result<Vec<(String, String)>> {
    let mut facts = Vec::new();
    if let Some(id) = peeked.organisation {
        let names = organisations::names(context, std::iter::once(id)).await?;
        facts.extend(names.into_values().map(|name| (context.t("field-organisation"), name)));
    }
    if let Some(role) = peeked.member_role {
        facts.push((context.t("people-field-member-role"), context.t(&format!("member-{role}"))));
    }
    if let Some(role) = peeked.role {
        facts.push((context.t("people-field-role"), context.t(&format!("role-{role}"))));
    }
    Ok(facts)
}

/// One's own page.
///
/// # Errors
/// When the database cannot be read.
pub async fn account(by: &As<SignedIn>) -> Answer {
    let context: &Context = by;
    let row = accounts::load(context.edges.db.read(), by.permission().person()).await?;
    let mine = context.actor.memberships.iter().map(|part| part.organisation_id);
    let names = organisations::names(context, mine.chain(row.employer_id)).await?;
    let employer = row.employer_id.and_then(|id| names.get(&id).cloned()).unwrap_or_else(|| context.t("employer-none"));
    let facts = vec![
        Fact::new(context.t("field-email"), row.email),
        Fact::new(context.t("people-field-locale"), context.t(&format!("locale-{}", row.locale))),
        Fact::new(context.t("people-field-employer"), employer),
    ];
    let parts = context
        .actor
        .memberships
        .iter()
        .map(|part| {
            let name = names.get(&part.organisation_id).cloned().unwrap_or_default();
            vec![
                Cell::lead(name, format!("/organisations/{}", part.organisation_id)),
                Cell::text(context.t(&format!("member-{}", part.role))),
            ]
        })
        .collect();
    let roles = context
        .actor
        .grants
        .iter()
        .map(|grant| {
            let until = grant.ends_on.map(|day| context.day(day)).unwrap_or_default();
            vec![Cell::lead(context.t(&format!("role-{}", grant.role)), ""), Cell::text(until)]
        })
        .collect();
    Sheet::new(row.name)
        .sentence(context.t("account-sentence"))
        .now(context.t("now-title"), "", doors(context))
        .with(open_sessions(by).await?)
        .with(Block::Table {
            title: context.t("account-parts"),
            heads: vec![context.t("head-organisation"), context.t("people-head-member-role")],
            rows: parts,
            empty: context.t("account-parts-empty"),
        })
        .with(Block::Table {
            title: context.t("account-roles"),
            heads: vec![context.t("people-head-role"), context.t("field-ends-on")],
            rows: roles,
            empty: context.t("account-roles-empty"),
        })
        .beside(Block::Facts { title: context.t("facts-title"), items: facts })
        .answer(context, "")
}

/// Where one's own things are changed.
fn doors(context: &Context) -> Vec<ActLink> {
    [
        ("/account/change", "act-account-change-button", ""),
        ("/account/password", "act-account-password-button", "quiet"),
        ("/account/second-factor", "second-factor-title", "quiet"),
        ("/account/deputies", "deputies-title", "quiet"),
        ("/account/privacy", "privacy-own-title", "quiet"),
        ("/account/sessions/end-others", "act-session-end-others-button", "stop"),
    ]
    .map(|(href, key, tone)| ActLink { href: href.into(), text: context.t(key), tone })
    .into()
}

async fn open_sessions(by: &As<SignedIn>) -> Result<Block> {
    let rows = sessions::open(by).await?;
    let cells = |row: &entities::session::Model| {
        let own = by.actor.session == Some(row.id);
        let device = if row.device.is_empty() { by.t("device-unknown") } else { row.device.clone() };
        let end = if own {
            Cell::text(by.t("session-own"))
        } else {
            Cell { text: by.t("act-session-end-button"), href: format!("/account/sessions/{}/end", row.id), class: "" }
        };
        vec![Cell::lead(device, ""), Cell::text(by.moment(row.seen_at)), end]
    };
    Ok(Block::Table {
        title: by.t("sessions-title"),
        heads: vec![by.t("people-head-device"), by.t("people-head-seen"), by.t("people-head-end")],
        rows: rows.iter().map(cells).collect(),
        empty: by.t("sessions-empty"),
    })
}

/// The page that changes what a person says about themselves.
///
/// # Errors
/// When the database cannot be read.
pub async fn change(by: &As<SignedIn>) -> Answer {
    let row = accounts::load(by.edges.db.read(), by.permission().person()).await?;
    let employers = choices::organisations_and(by, row.employer_id).await?;
    let employer = row.employer_id.map(|id| id.to_string()).unwrap_or_default();
    Act::new(by, "account-change", "/account/change", "/account")
        .ask(by, "text", "name")
        .labelled(by.t("people-field-own-name"))
        .value(row.name)
        .ask_choice(by, "locale", Choice::chosen(locales(by), row.locale.as_str()))
        .labelled(by.t("people-field-locale"))
        .ask_choice(by, "employer", Choice::chosen(employers, &employer))
        .labelled(by.t("people-field-employer"))
        .hint(by.t("employer-hint"))
        .optional()
        .answer(by, "")
}

/// The page that changes the password.
///
/// # Errors
/// When the page cannot be written.
pub fn password(by: &As<SignedIn>) -> Answer {
    Act::new(by, "account-password", "/account/password", "/account")
        .ask(by, "password", "old_password")
        .labelled(by.t("people-field-old-password"))
        .ask(by, "new-password", "password")
        .labelled(by.t("people-field-new-password"))
        .hint(by.t("password-hint"))
        .answer(by, "")
}

/// The languages to choose from.
pub fn locales(context: &Context) -> Vec<Choice> {
    Choice::words(context, "locale", Locale::ALL.iter().map(|locale| locale.as_str()))
}

/// The page that ends one session.
///
/// # Errors
/// When the page cannot be written.
pub fn end_session(by: &As<SignedIn>, id: SessionId) -> Answer {
    Act::new(by, "session-end", format!("/account/sessions/{id}/end"), "/account").stop().answer(by, "")
}

/// The page that ends every other session.
///
/// # Errors
/// When the page cannot be written.
pub fn end_others(by: &As<SignedIn>) -> Answer {
    Act::new(by, "session-end-others", "/account/sessions/end-others", "/account").stop().answer(by, "")
}
