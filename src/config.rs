//! Settings: defaults < `tributary.toml` < environment (`TRIBUTARY_…`). Secrets come from files, never from arguments.
//!
//! The only place that reads the environment. To add a setting, add a field here with its default and its line in
//! `docs/operations.md`.

use crate::error::{Error, Result};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Settings of one installation.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder of the embedded database, the files and the mail folder.
    pub data: PathBuf,
    /// Address of a PostgreSQL database; the embedded one when empty.
    pub database: String,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// How people reach it, for links in mail and for the same-origin check; no slash at the end.
    pub base_url: String,
    /// Header in which a reverse proxy says who asks; nobody's word is taken when there is none.
    pub client_ip_header: Option<String>,
    /// SMTP address (`smtp://user:pass@host:port`), read from a file when given as `file:…`; a folder of mails when empty.
    pub smtp: String,
    /// Secret key of the payment processor; nobody gives online without one.
    pub stripe_key: Secret,
    /// Secret that its webhooks are signed with; several, split by commas, while they change.
    pub stripe_webhook_secret: Secret,
    /// Where the processor's interface is; Stripe itself when empty.
    pub stripe_url: String,
    /// Sender of every mail.
    pub mail_from: String,
    /// File of the key that seals the books; `seal.key` in the data folder when none is named.
    pub seal_key: Option<PathBuf>,
    /// Zone in which days are reckoned.
    pub zone: chrono_tz::Tz,
    /// Whether the server also runs the jobs.
    pub work: bool,
    /// File with the key of the vault (64 hexadecimal digits); made in the data folder when none is named.
    pub vault_key_file: Option<PathBuf>,
    /// File of the font that documents are set in; one of the machine's fonts when none is named.
    pub pdf_font: Option<PathBuf>,
    /// File of passwords that thieves know, as sorted hashes; none is looked up when none is named.
    pub breached_passwords: Option<PathBuf>,
    /// Address (`host:port`) of the virus scanner clamd; files are not looked at when empty.
    pub clamd: String,
    /// Play mode: one-click sign-in and the mail page. Set only by the `demo` command, never from a file.
    pub demo: bool,
}

/// A text that no log and no debugging shows.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one who must have it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_empty() { "Secret(none)" } else { "Secret(…)" })
    }
}

/// The file, every key optional; unknown keys are refused so that a misspelt one is noticed.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    data: Option<PathBuf>,
    database: Option<String>,
    listen: Option<String>,
    base_url: Option<String>,
    client_ip_header: Option<String>,
    smtp: Option<String>,
    stripe_key: Option<String>,
    stripe_webhook_secret: Option<String>,
    stripe_url: Option<String>,
    mail_from: Option<String>,
    seal_key: Option<PathBuf>,
    time_zone: Option<String>,
    work: Option<bool>,
    vault_key_file: Option<PathBuf>,
    pdf_font: Option<PathBuf>,
    breached_passwords: Option<PathBuf>,
    clamd: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("data"),
            database: String::new(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8000)),
            base_url: "http://127.0.0.1:8000".into(),
            client_ip_header: None,
            smtp: String::new(),
            stripe_key: Secret::default(),
            stripe_webhook_secret: Secret::default(),
            stripe_url: String::new(),
            mail_from: "Tributary <tributary@localhost>".into(),
            seal_key: None,
            zone: chrono_tz::Asia::Shanghai,
            work: true,
            vault_key_file: None,
            pdf_font: None,
            breached_passwords: None,
            clamd: String::new(),
            demo: false,
        }
    }
}

impl Config {
    /// Reads the file, if there is one, then the environment.
    ///
    /// # Errors
    /// Names the key that is unknown or has a wrong value.
    pub fn read(file: &Path) -> Result<Self> {
        let stored: Stored = match std::fs::read_to_string(file) {
            Ok(text) => {
                toml::from_str(&text).map_err(|error| Error::Internal(format!("{}: {error}", file.display())))?
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Stored::default(),
            Err(error) => return Err(Error::Internal(format!("{}: {error}", file.display()))),
        };
        let mut config = Self::default();
        let text = |key: &str, stored: Option<String>| variable(key).or(stored);
        if let Some(data) = variable("DATA").map(PathBuf::from).or(stored.data) {
            config.data = data;
        }
        config.database = secret(text("DATABASE", stored.database).unwrap_or_default())?;
        config.smtp = secret(text("SMTP", stored.smtp).unwrap_or_default())?;
        config.stripe_key = Secret(secret(text("STRIPE_KEY", stored.stripe_key).unwrap_or_default())?);
        config.stripe_webhook_secret =
            Secret(secret(text("STRIPE_WEBHOOK_SECRET", stored.stripe_webhook_secret).unwrap_or_default())?);
        config.stripe_url = text("STRIPE_URL", stored.stripe_url).unwrap_or_default();
        if !config.stripe_key.is_empty() && config.stripe_webhook_secret.is_empty() {
            return Err(Error::Internal("stripe_webhook_secret: needed beside stripe_key".into()));
        }
        if let Some(from) = text("MAIL_FROM", stored.mail_from) {
            config.mail_from = from;
        }
        config.seal_key = variable("SEAL_KEY").map(PathBuf::from).or(stored.seal_key);
        if let Some(listen) = text("LISTEN", stored.listen) {
            config.listen = listen
                .parse()
                .map_err(|_| Error::Internal(format!("listen: `{listen}` is not an address with a port")))?;
            config.base_url = format!("http://{}", config.listen);
        }
        if let Some(url) = text("BASE_URL", stored.base_url) {
            config.base_url = url.trim_end_matches('/').to_owned();
        }
        config.client_ip_header =
            text("CLIENT_IP_HEADER", stored.client_ip_header).map(header_name).transpose()?.flatten();
        if let Some(zone) = text("TIME_ZONE", stored.time_zone) {
            config.zone =
                zone.parse().map_err(|_| Error::Internal(format!("time_zone: `{zone}` is not an IANA zone")))?;
        }
        if let Some(work) = variable("WORK").map(|text| text != "false").or(stored.work) {
            config.work = work;
        }
        config.vault_key_file = variable("VAULT_KEY_FILE").map(PathBuf::from).or(stored.vault_key_file);
        config.pdf_font = variable("PDF_FONT").map(PathBuf::from).or(stored.pdf_font);
        config.breached_passwords = variable("BREACHED_PASSWORDS").map(PathBuf::from).or(stored.breached_passwords);
        config.clamd = variable("CLAMD").or(stored.clamd).unwrap_or_default();
        Ok(config)
    }

    /// Whether people reach it by TLS, so that browsers may be told never to come without.
    pub fn secure(&self) -> bool {
        self.base_url.starts_with("https://")
    }

    /// Where the database is.
    pub fn database_url(&self) -> String {
        if self.database.is_empty() {
            format!("sqlite:{}", self.data.join("tributary.db").display())
        } else {
            self.database.clone()
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn variable(key: &str) -> Option<String> {
    std::env::var(format!("TRIBUTARY_{key}")).ok()
}

/// The name of a header; a slip is refused at the start, for the gate would silently count nobody.
fn header_name(text: String) -> Result<Option<String>> {
    let name = text.trim();
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err(Error::Internal(format!("client_ip_header: `{text}` is not the name of a header")));
    }
    Ok((!name.is_empty()).then(|| name.to_owned()))
}

/// `file:/path` stands for the content of that file.
fn secret(text: String) -> Result<String> {
    match text.strip_prefix("file:") {
        Some(path) if !path.starts_with("//") => std::fs::read_to_string(path)
            .map(|content| content.trim().to_owned())
            .map_err(|error| Error::Internal(format!("{path}: {error}"))),
        _ => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        let config = Config { stripe_key: Secret::new("sk_live_1"), ..Config::default() };
        assert!(!format!("{config:?}").contains("sk_live_1"));
        assert_eq!(config.stripe_key.reveal(), "sk_live_1");
    }

    #[test]
    fn a_header_has_a_name_or_there_is_none() {
        assert_eq!(header_name(" X-Real-IP ".into()).unwrap().as_deref(), Some("X-Real-IP"));
        assert_eq!(header_name(String::new()).unwrap(), None);
        assert!(header_name("X-Real-IP: 1".into()).is_err());
    }
}
