//! The fields that an act asks for, and those by which a form proves its person.

use super::parts::Choice;
use crate::core::answers::Limits;
use crate::people::codes::PROOF_CODE;
use crate::people::permission::{Context, PROOF_PASSWORD};
use serde::Serialize;

/// What an act asks for.
#[derive(Debug, Clone, Serialize)]
pub struct Asked {
    /// `text`, `area`, `money`, `date`, `moment`, `number`, `select`, `radios`, `checks`, `check`, `file`, `password`, `new-password`,
    /// `email`, `hidden`, `code` (of a second factor), `passkey` (in its place),
    /// `upload` (what is kept, and the button that leads to the upload).
    pub kind: &'static str,
    /// Field name.
    pub name: String,
    /// Label.
    pub label: String,
    /// Hint, or `""`.
    pub hint: String,
    /// Value before anything was typed.
    pub value: String,
    /// Whether it must be filled.
    pub required: bool,
    /// Currency sign of a money field.
    pub currency: String,
    /// Choices.
    pub options: Vec<Choice>,
    /// Whether a box is ticked.
    pub checked: bool,
    /// What a browser is told to accept.
    pub limits: Limits,
}

/// The fields by which a form proves its person, those that are asked for.
pub(super) fn proof_fields(context: &Context, asked: impl Fn(&str) -> bool) -> Vec<Asked> {
    let fields = [(PROOF_CODE, "code", "proof-code-hint"), (PROOF_PASSWORD, "password", "proof-password-hint")];
    let field = |(name, kind, hint): (&'static str, &'static str, &str)| Asked {
        kind,
        name: name.to_owned(),
        label: context.t(if kind == "code" { "field-proof-code" } else { "field-proof-password" }),
        hint: context.t(hint),
        value: String::new(),
        required: true,
        currency: String::new(),
        options: Vec::new(),
        checked: false,
        limits: Limits::default(),
    };
    let mut fields: Vec<Asked> = fields.into_iter().filter(|(name, ..)| asked(name)).map(field).collect();
    if context.actor.passkey && fields.iter().any(|field| field.kind == "code") {
        fields.push(passkey_field(context, PROOF_CODE));
    }
    fields
}

/// The button that answers for a code by a passkey; it shows itself where a script runs.
pub(super) fn passkey_field(context: &Context, name: &str) -> Asked {
    Asked {
        kind: "passkey",
        name: name.to_owned(),
        label: context.t("passkey-use"),
        hint: context.t("passkey-failed"),
        value: String::new(),
        required: false,
        currency: String::new(),
        options: Vec::new(),
        checked: false,
        limits: Limits::default(),
    }
}
