//! One error for the whole house. An error is logged once, where it becomes an answer ([`crate::web::errors`]).

use sea_orm::DbErr;
use serde::Serialize;

/// What services answer with.
pub type Result<T> = std::result::Result<T, Error>;

/// Why something was not done. Whatever the variant, nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or it is not the asker's to see (404).
    #[error("not found")]
    NotFound,
    /// The asker may see it but not do this; the code names the rule (403).
    #[error("forbidden: {0}")]
    Forbidden(&'static str),
    /// A rule refused what was asked; each violation has its own words (422).
    #[error("refused: {0:?}")]
    Refused(Vec<Violation>),
    /// Somebody else saved first; the form shows both versions (409).
    #[error("stale")]
    Stale,
    /// Who acts must prove once more who they are: the form comes again and asks for what is missing (422).
    #[error("prove: {0:?}")]
    Prove(Vec<Violation>),
    /// A limit on load was reached; asking again later may work (503).
    #[error("busy")]
    Busy,
    /// Our own fault: logged with the request's reference, which the page shows (500).
    #[error("{0}")]
    Internal(String),
}

/// One broken rule: the code is the key of its words in both locales.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Form field it belongs to, `""` for the whole form.
    pub field: String,
    /// Locale key, e.g. `refused-after-deadline`.
    pub code: &'static str,
    /// Values that the words mention.
    pub args: Vec<(&'static str, String)>,
}

impl Violation {
    /// A broken rule that belongs to a field.
    pub fn at(field: impl Into<String>, code: &'static str) -> Self {
        Self { field: field.into(), code, args: Vec::new() }
    }

    /// A broken rule of the whole act.
    pub fn whole(code: &'static str) -> Self {
        Self::at("", code)
    }

    /// Adds a value that the words mention.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
}

impl Error {
    /// A refusal of the whole act.
    pub fn refused(code: &'static str) -> Self {
        Self::Refused(vec![Violation::whole(code)])
    }

    /// A refusal that belongs to a field.
    pub fn field(field: &str, code: &'static str) -> Self {
        Self::Refused(vec![Violation::at(field, code)])
    }

    /// The first code, for tests and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Forbidden(code) => code,
            Self::Refused(violations) | Self::Prove(violations) => violations.first().map_or("refused", |v| v.code),
            Self::Stale => "refused-stale",
            Self::Busy => "busy",
            Self::Internal(_) => "internal",
        }
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Refused(vec![violation])
    }
}

/// What the database itself refuses, and the words for it.
const DATABASE_REFUSALS: [(&str, &str); 15] = [
    ("ledger: period closed", "refused-period-closed"),
    ("ledger: periods close in order", "refused-period-order"),
    ("ledger: insufficient", "refused-insufficient"),
    ("account_floor", "refused-insufficient"),
    ("is append-only", "refused-append-only"),
    ("ledger: currency", "refused-currency"),
    ("ledger: closed account", "refused-account-closed"),
    ("ledger: payment not approved", "refused-payment-not-approved"),
    ("lots: not free", "refused-insufficient"),
    ("application_one_a_call", "refused-second-application"),
    ("application.call_id, application.organisation_id", "refused-second-application"),
    ("proposal_one_open", "refused-already-proposed"),
    ("payment_batch_line_once", "refused-payment-in-batch"),
    ("payment_batch_line.payment_id", "refused-payment-in-batch"),
    ("payment: leaves with its batch", "refused-payment-in-batch"),
];

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let text = error.to_string();
        DATABASE_REFUSALS
            .iter()
            .find(|(mark, _)| text.contains(mark))
            .map_or(Self::Internal(text.clone()), |(_, code)| Self::refused(code))
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(format!("json: {error}"))
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Internal(format!("file: {error}"))
    }
}
