//! Acts: a page that says exactly what will happen and to whom, asks for what is needed, and has one button. Drawn by `act.html`.

pub use super::asked::Asked;
use super::asked::proof_fields;
use super::page::{Answer, Page};
use super::parts::{Choice, Crumb, Fact};
use crate::core::answers::Limits;
use crate::people::codes::PROOF_CODE;
use crate::people::permission::{self, Context, Level, PROOF_PASSWORD};
use entities::kinds::Currency;
use serde::Serialize;

/// A page that does one thing.
#[derive(Debug, Clone, Serialize)]
pub struct Act {
    /// Way back.
    pub crumbs: Vec<Crumb>,
    /// Title: the verb with its object.
    pub title: String,
    /// Exactly what will happen.
    pub text: String,
    /// Where it posts to.
    pub action: String,
    /// What it is about.
    pub facts: Vec<Fact>,
    /// What it asks for.
    pub fields: Vec<Asked>,
    /// Button: the verb with its amount.
    pub submit: String,
    /// `""`, or `stop` for what takes away.
    pub tone: &'static str,
    /// Where "back" leads.
    pub back: String,
    /// Whether files are asked for.
    pub files: bool,
}

impl Act {
    /// An act `name` with the keys `act-<name>-title`, `act-<name>-text` and `act-<name>-button`, posting to `action`.
    pub fn new(context: &Context, name: &str, action: impl Into<String>, back: impl Into<String>) -> Self {
        Self::worded(
            context.t(&format!("act-{name}-title")),
            context.t(&format!("act-{name}-text")),
            context.t(&format!("act-{name}-button")),
            action,
            back,
        )
    }

    /// An act with words of its own, where the button carries an amount.
    pub fn worded(
        title: String,
        text: String,
        submit: String,
        action: impl Into<String>,
        back: impl Into<String>,
    ) -> Self {
        Self {
            crumbs: Vec::new(),
            title,
            text,
            action: action.into(),
            facts: Vec::new(),
            fields: Vec::new(),
            submit,
            tone: "",
            back: back.into(),
            files: false,
        }
    }

    /// What it is about.
    pub fn fact(mut self, label: impl Into<String>, value: impl Into<String>) -> Self {
        self.facts.push(Fact::new(label, value));
        self
    }

    /// It takes something away.
    pub fn stop(mut self) -> Self {
        self.tone = "stop";
        self
    }

    /// Asks for a field, labelled `field-<name>`.
    pub fn ask(self, context: &Context, kind: &'static str, name: &str) -> Self {
        let key = format!("field-{}", name.replace(['_', '.'], "-"));
        // Many are labelled otherwise right afterwards; the key of one that is not is found by the walk through all pages.
        let label = context.edges.words.find(context.locale, &key, &[]).unwrap_or(key);
        self.ask_for(kind, name, label)
    }

    /// Asks for a field that bears somebody's words as its label: a project on a ballot paper.
    pub fn ask_for(mut self, kind: &'static str, name: &str, label: String) -> Self {
        self.files |= kind == "file";
        self.fields.push(Asked {
            kind,
            name: name.to_owned(),
            label,
            hint: String::new(),
            value: String::new(),
            required: true,
            currency: String::new(),
            options: Vec::new(),
            checked: false,
            limits: Limits::default(),
        });
        self
    }

    /// Asks for an amount.
    pub fn ask_money(self, context: &Context, name: &str, currency: Currency) -> Self {
        self.ask(context, "money", name).last(|field| field.currency = currency.code().to_owned())
    }

    /// Asks for one of several.
    pub fn ask_choice(self, context: &Context, name: &str, options: Vec<Choice>) -> Self {
        self.ask(context, "select", name).last(|field| field.options = options)
    }

    /// The last field has a hint.
    pub fn hint(self, text: impl Into<String>) -> Self {
        let text = text.into();
        self.last(|field| field.hint = text)
    }

    /// The last field starts with a value.
    pub fn value(self, text: impl Into<String>) -> Self {
        let text = text.into();
        self.last(|field| field.value = text)
    }

    /// The last field may stay empty.
    pub fn optional(self) -> Self {
        self.last(|field| field.required = false)
    }

    /// The last field offers these.
    pub fn options(self, options: Vec<Choice>) -> Self {
        self.last(|field| field.options = options)
    }

    /// The last field has another label.
    pub fn labelled(self, text: impl Into<String>) -> Self {
        let text = text.into();
        self.last(|field| field.label = text)
    }

    /// The act binds or pays: it asks here for what its service will ask for, so that nothing has to be sent twice.
    pub fn proving(mut self, context: &Context, level: Level) -> Self {
        let asked = permission::asked(context, level);
        self.fields.extend(proof_fields(context, |field| {
            (field == PROOF_CODE && asked.code) || (field == PROOF_PASSWORD && asked.password)
        }));
        self
    }

    /// It draws another second factor: the password, and a code of the one there is.
    pub fn proving_factor(mut self, context: &Context, there_is_one: bool) -> Self {
        let asked = permission::asked(context, Level::Factor);
        self.fields.extend(proof_fields(context, |field| asked.password && (field == PROOF_PASSWORD || there_is_one)));
        self
    }

    /// A passkey may answer in the place of the last field.
    pub fn or_passkey(mut self, context: &Context) -> Self {
        let name = self.fields.last().map(|field| field.name.clone()).unwrap_or_default();
        self.fields.push(super::asked::passkey_field(context, &name));
        self
    }

    /// A hidden field.
    pub fn hidden(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.push(Asked {
            kind: "hidden",
            name: name.to_owned(),
            label: String::new(),
            hint: String::new(),
            value: value.into(),
            required: false,
            currency: String::new(),
            options: Vec::new(),
            checked: false,
            limits: Limits::default(),
        });
        self
    }

    /// What is decided on this page as it stands now: the service refuses the form once it stands otherwise.
    pub fn shows(self, now: impl std::fmt::Display) -> Self {
        self.hidden(super::forms::SEEN, now.to_string())
    }

    /// With the way back.
    pub fn under(mut self, crumbs: &[(String, &str)]) -> Self {
        self.crumbs =
            crumbs.iter().map(|(label, href)| Crumb { label: label.clone(), href: (*href).to_owned() }).collect();
        self
    }

    /// As a page at one of the five places.
    ///
    /// # Errors
    /// When the view cannot be written.
    pub fn answer(self, context: &Context, here: &'static str) -> Answer {
        Page::new(context, "act.html", here, &self)?.answer()
    }

    /// The last field tells the browser what it takes.
    pub fn limited(self, limits: Limits) -> Self {
        self.last(|field| field.limits = limits)
    }

    /// The last field, a box, is ticked.
    pub fn ticked(self, on: bool) -> Self {
        self.last(|field| field.checked = on)
    }

    /// The last field offers these.
    pub fn offering(self, options: Vec<Choice>) -> Self {
        self.last(|field| field.options = options)
    }

    fn last(mut self, change: impl FnOnce(&mut Asked)) -> Self {
        if let Some(field) = self.fields.last_mut() {
            change(field);
        }
        self
    }
}

impl Act {
    /// Samples for the test that renders every view: every kind of field.
    pub fn samples(context: &Context) -> Vec<Self> {
        let kinds = [
            "text",
            "area",
            "date",
            "moment",
            "number",
            "check",
            "file",
            "password",
            "new-password",
            "email",
            "code",
            "passkey",
        ];
        let act = Self::worded("t".into(), "t".into(), "s".into(), "/x", "/b").fact("a", "b").stop();
        let act = kinds.iter().fold(act, |act, kind| act.ask(context, kind, kind).labelled(*kind));
        let act = ["radios", "checks"].iter().fold(act, |act, kind| {
            act.ask(context, kind, kind).labelled(*kind).last(|field| field.options = vec![Choice::new("v", "l")])
        });
        vec![
            act.ask_money(context, "amount", Currency::CNY)
                .hint("h")
                .value("1")
                .ask_choice(context, "kind", vec![Choice::new(1, "l")])
                .optional()
                .hidden("h", "v"),
        ]
    }
}
