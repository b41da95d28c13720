//! The pages of the second factor: set up by its person, taken away by two administrators.

use crate::commons::proposals;
use crate::error::{Error, Result};
use crate::people::permission::{Administrator, As, Context, Level, SignedIn};
use crate::people::{accounts, codes, factors};
use crate::web::page::{Answer, Page};
use crate::web::parts::{ActLink, Choice, Crumb, Fact};
use crate::web::sheet::{Act, Block, Sheet};
use entities::kinds::{PersonId, ProposalKind, Subject};
use qrcode::{Color, EcLevel, QrCode};
use serde::Serialize;

/// What `people/second_factor.html` receives.
#[derive(Debug, Clone, Serialize)]
pub struct Waiting {
    /// Way back.
    pub crumbs: Vec<Crumb>,
    /// Modules of the QR code on a side.
    pub side: usize,
    /// Its dark modules as an SVG path.
    pub path: String,
    /// The secret in groups of four, to type.
    pub secret: String,
    /// The same as an address that opens an authenticator on this device.
    pub address: String,
}

impl Waiting {
    /// Samples for the test that renders every view.
    pub fn samples() -> Vec<Self> {
        vec![Self {
            crumbs: vec![Crumb { label: "c".into(), href: "/account".into() }],
            side: 21,
            path: "M0 0h1v1h-1z".into(),
            secret: "abcd efgh".into(),
            address: "otpauth://totp/x".into(),
        }]
    }
}

/// What the reader has, and what they may do about it.
///
/// # Errors
/// When the database cannot be read.
pub async fn show(by: &As<SignedIn>) -> Answer {
    let row = codes::of(by.edges.db.read(), by.permission().person()).await?;
    let set = row.as_ref().and_then(|row| row.confirmed_at);
    let link = |act: &str, tone| ActLink {
        href: format!("/account/second-factor/{act}"),
        text: by.t(&format!("act-second-factor-{act}-button")),
        tone,
    };
    let (acts, text) = match set {
        Some(_) => {
            let mut acts = vec![link("new-codes", "quiet"), link("replace", "quiet")];
            acts.extend(super::passkeys::link(by));
            (acts, by.t("second-factor-set-text"))
        }
        None => (vec![link("begin", "")], by.t("second-factor-none-text")),
    };
    let mut facts = vec![Fact::new(by.t("second-factor-title"), by.t("second-factor-none"))];
    if let (Some(at), Some(row)) = (set, &row) {
        let left = codes::CODES - row.codes_used.count_ones().cast_signed();
        facts = vec![
            Fact::new(by.t("second-factor-since"), by.moment(at)),
            Fact::new(by.t("second-factor-codes-left"), left.to_string()),
        ];
    }
    Sheet::new(by.t("second-factor-title"))
        .under(&[(by.t("account-own-title"), "/account")])
        .sentence(by.t("second-factor-sentence"))
        .now(by.t("now-title"), text, acts)
        .with(Block::Facts { title: by.t("facts-title"), items: facts })
        .with(super::passkeys::list(by).await?)
        .answer(by, "")
}

/// The page that draws a secret, the first or another in its place.
///
/// # Errors
/// When the database cannot be read.
pub async fn begin(by: &As<SignedIn>) -> Answer {
    let set = codes::is_set(by.edges.db.read(), by.permission().person()).await?;
    let act = if set { "replace" } else { "begin" };
    let page = Act::new(
        by,
        &format!("second-factor-{act}"),
        format!("/account/second-factor/{act}"),
        "/account/second-factor",
    );
    let page =
        page.under(&[(by.t("account-own-title"), "/account"), (by.t("second-factor-title"), "/account/second-factor")]);
    page.proving_factor(by, set).answer(by, "")
}

/// The page with the secret that waits for its first code.
///
/// # Errors
/// [`Error::NotFound`] when none waits.
pub async fn waiting(by: &As<SignedIn>) -> Answer {
    let totp = factors::pending(by).await?;
    let address = totp.to_url().map_err(|error| Error::Internal(format!("authenticator: {error}")))?;
    let code = QrCode::with_error_correction_level(address.as_bytes(), EcLevel::M)
        .map_err(|error| Error::Internal(format!("QR code: {error}")))?;
    let secret: Vec<char> = totp.secret().to_base32().to_lowercase().chars().collect();
    let groups: Vec<String> = secret.chunks(4).map(|group| group.iter().collect()).collect();
    let view = Waiting {
        crumbs: [("account-own-title", "/account"), ("second-factor-title", "/account/second-factor")]
            .map(|(key, href)| Crumb { label: by.t(key), href: href.into() })
            .into(),
        side: code.width(),
        path: path(&code),
        secret: groups.join(" "),
        address,
    };
    Page::new(by, "people/second_factor.html", "", &view)?.answer()
}

/// The dark modules of a QR code, row by row, as one SVG path.
fn path(code: &QrCode) -> String {
    let width = code.width();
    let dark = code.to_colors().into_iter().enumerate().filter(|(_, colour)| *colour == Color::Dark);
    dark.map(|(at, _)| format!("M{} {}h1v1h-1z", at % width, at / width)).collect()
}

/// The page that makes a new set of recovery codes.
///
/// # Errors
/// When the page cannot be written.
pub fn new_codes(by: &As<SignedIn>) -> Answer {
    Act::new(by, "second-factor-new-codes", "/account/second-factor/new-codes", "/account/second-factor")
        .under(&[(by.t("account-own-title"), "/account"), (by.t("second-factor-title"), "/account/second-factor")])
        .proving(by, Level::Decision)
        .answer(by, "")
}

/// The recovery codes, to be written down or printed now.
///
/// # Errors
/// [`Error::NotFound`] once they can be read no more.
pub async fn codes(by: &As<SignedIn>) -> Answer {
    let codes = factors::codes(by).await?;
    Sheet::new(by.t("recovery-codes-title"))
        .under(&[(by.t("account-own-title"), "/account"), (by.t("second-factor-title"), "/account/second-factor")])
        .sentence(by.t("recovery-codes-sentence"))
        .with(Block::Prose { title: by.t("recovery-codes-list"), text: codes.join("\n") })
        .now(
            by.t("now-title"),
            by.t("recovery-codes-now"),
            vec![ActLink { href: "/desk".into(), text: by.t("recovery-codes-done"), tone: "" }],
        )
        .answer(by, "")
}

/// To take a lost second factor away, or to confirm that another administrator does.
pub(super) async fn reset_link(context: &Context, id: PersonId) -> Result<ActLink> {
    let open = proposals::open(context.edges.db.read(), ProposalKind::FactorReset, Subject::Person, id.0).await?;
    let act = if open.is_some() { "confirm-factor-reset" } else { "factor-reset" };
    let text = context.t(&format!("act-{act}-button"));
    Ok(ActLink { href: format!("/admin/people/{id}/{act}"), text, tone: "stop" })
}

/// The page that proposes to take a lost second factor away.
///
/// # Errors
/// [`Error::NotFound`] for somebody who has none.
pub async fn factor_reset(by: &As<Administrator>, id: PersonId) -> Answer {
    let row = accounts::load(by.edges.db.read(), id).await?;
    if !codes::is_set(by.edges.db.read(), id).await? {
        return Err(Error::NotFound);
    }
    let base = format!("/admin/people/{id}");
    Act::new(by, "factor-reset", format!("{base}/factor-reset"), base)
        .under(&[(by.t("people-title"), "/admin/people")])
        .fact(by.t("head-name"), row.name)
        .fact(by.t("field-email"), row.email)
        .ask(by, "area", "reason")
        .stop()
        .proving(by, Level::Decision)
        .answer(by, "desk")
}

/// The page on which the other administrator confirms or declines it.
///
/// # Errors
/// [`Error::NotFound`] when nothing waits.
pub async fn confirm_factor_reset(by: &As<Administrator>, id: PersonId) -> Answer {
    let db = by.edges.db.read();
    let row = accounts::load(db, id).await?;
    let open = proposals::open(db, ProposalKind::FactorReset, Subject::Person, id.0).await?.ok_or(Error::NotFound)?;
    let base = format!("/admin/people/{id}");
    Act::new(by, "confirm-factor-reset", format!("{base}/confirm-factor-reset"), base)
        .under(&[(by.t("people-title"), "/admin/people")])
        .fact(by.t("head-name"), row.name)
        .fact(by.t("field-email"), row.email)
        .fact(by.t("field-reason"), open.payload.as_str().unwrap_or_default())
        .shows(open.id)
        .ask_choice(by, "act", Choice::words(by, "fund-answer", ["confirm", "decline"]))
        .ask(by, "area", "reason")
        .optional()
        .stop()
        .proving(by, Level::Decision)
        .answer(by, "desk")
}
