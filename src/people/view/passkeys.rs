//! The pages of passkeys.

use crate::error::Result;
use crate::people::permission::{As, Context, SignedIn};
use crate::people::{assertions, passkeys};
use crate::web::page::{Answer, Page};
use crate::web::parts::{ActLink, Crumb};
use crate::web::sheet::{Act, Block, Cell};
use entities::kinds::PasskeyId;
use entities::passkey;
use serde::Serialize;

/// Where they are listed.
const HOME: &str = "/account/second-factor";

/// What `people/passkey.html` receives.
#[derive(Debug, Clone, Serialize)]
pub struct Making {
    /// Way back.
    pub crumbs: Vec<Crumb>,
    /// What the browser is told, as JSON.
    pub told: String,
}

impl Making {
    /// Samples for the test that renders every view.
    pub fn samples() -> Vec<Self> {
        vec![Self {
            crumbs: vec![Crumb { label: "c".into(), href: "/account".into() }],
            told: "{\"publicKey\":{}}".into(),
        }]
    }
}

fn crumbs(context: &Context) -> [(String, &'static str); 2] {
    [(context.t("account-own-title"), "/account"), (context.t("second-factor-title"), HOME)]
}

/// The link that adds one, where the house is reached by a name and there is an authenticator.
pub(super) fn link(context: &Context) -> Option<ActLink> {
    let text = context.t("act-passkey-begin-button");
    assertions::offered(&context.edges).then(|| ActLink { href: "/account/passkeys/begin".into(), text, tone: "quiet" })
}

/// The passkeys of the reader.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn list(by: &As<SignedIn>) -> Result<Block> {
    let rows = passkeys::of(by.edges.db.read(), by.permission().person()).await?;
    let cells = |row: &passkey::Model| {
        vec![
            Cell::lead(row.name.clone(), format!("/account/passkeys/{}/rename", row.id)),
            Cell::text(by.moment(row.created_at)),
            Cell::text(row.used_at.map(|at| by.moment(at)).unwrap_or_default()),
            Cell::lead(by.t("act-passkey-remove-button"), format!("/account/passkeys/{}/remove", row.id)),
        ]
    };
    let mut rows: Vec<Vec<Cell>> = rows.iter().map(cells).collect();
    // One cell names the row.
    rows.iter_mut().filter_map(|row| row.last_mut()).for_each(|cell| cell.class = "");
    Ok(Block::Table {
        title: by.t("passkeys-title"),
        heads: ["passkey-field-name", "passkey-head-made", "passkey-head-used", "passkey-head-act"]
            .map(|key| by.t(key))
            .into(),
        rows,
        empty: by.t("passkeys-empty"),
    })
}

/// The page that begins one.
///
/// # Errors
/// When the page cannot be written.
pub fn begin(by: &As<SignedIn>) -> Answer {
    Act::new(by, "passkey-begin", "/account/passkeys/begin", HOME)
        .under(&crumbs(by))
        .proving_factor(by, true)
        .answer(by, "")
}

/// The page on which the browser makes it.
///
/// # Errors
/// [`crate::error::Error::NotFound`] when none waits in this browser.
pub async fn making(by: &As<SignedIn>) -> Answer {
    let told = passkeys::making(by).await?;
    let crumbs = crumbs(by).map(|(label, href)| Crumb { label, href: href.to_owned() }).into();
    Page::new(by, "people/passkey.html", "", &Making { crumbs, told })?.answer()
}

/// The page that gives one another name.
///
/// # Errors
/// [`crate::error::Error::NotFound`] for somebody else's.
pub async fn rename(by: &As<SignedIn>, id: PasskeyId) -> Answer {
    let row = passkeys::own(by, id).await?;
    Act::new(by, "passkey-rename", format!("/account/passkeys/{id}/rename"), HOME)
        .under(&crumbs(by))
        .ask(by, "text", "name")
        .labelled(by.t("passkey-field-name"))
        .value(row.name)
        .answer(by, "")
}

/// The page that removes one.
///
/// # Errors
/// [`crate::error::Error::NotFound`] for somebody else's.
pub async fn remove(by: &As<SignedIn>, id: PasskeyId) -> Answer {
    let row = passkeys::own(by, id).await?;
    Act::new(by, "passkey-remove", format!("/account/passkeys/{id}/remove"), HOME)
        .under(&crumbs(by))
        .fact(by.t("passkey-field-name"), row.name)
        .stop()
        .proving_factor(by, true)
        .answer(by, "")
}
