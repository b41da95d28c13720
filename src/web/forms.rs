//! Posted forms: the same-origin check, the fields and files as they came, and readers that say by the field what is wrong.
//!
//! Every value is read from text by a reader with a limit and its own words, so that nothing is swallowed and what was typed
//! is shown again. Rows of a table come as `name.0.column`, `name.1.column`, ….

use super::refusals::{note, request_id};
use crate::commons::documents::{self, Kept};
use crate::commons::texts;
use crate::core::money::parse_minor;
use crate::edges::Edges;
use crate::edges::dice::fingerprint;
use crate::edges::store::MAX_BYTES;
use crate::error::{Error, Result, Violation};
use crate::people::codes::PROOF_CODE;
use crate::people::permission::{As, Context, Once, PROOF_PASSWORD, Permission, Shown};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone, Utc};
use entities::kinds::Currency;
use rocket::data::{Data, FromData, Outcome, ToByteUnit};
use rocket::form::{DataField, Form, FromForm, Options, ValueField};
use rocket::http::{RawStr, Status};
use rocket::request::Request;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Fields a form may have: the longest, an application with its budget, has about 120.
const MAX_FIELDS: usize = 600;
/// The hidden field in which a page says what it showed: a proposal's key, or the version of the row that is decided.
pub const SEEN: &str = "seen";
/// Fields by which a form proves its person begin so: they are shown, kept and compared nowhere.
const PROOF: &str = "proof_";
/// Longest text of one field, in bytes.
const MAX_TEXT: usize = 64 * 1024;

/// Largest body of a form from somebody who is not signed in. The longest that is for everybody, an objection, is a page of text;
/// what is more would only fill the memory of the house from outside.
const VISITOR_LIMIT_KIB: u64 = 256;

/// A file as it came.
#[derive(Debug, Clone, Default)]
pub struct Upload {
    /// Name given by the browser.
    pub name: String,
    /// Bytes, cut at one more than the limit so that an over-long file is noticed.
    pub bytes: Vec<u8>,
}

/// Fields and files of a form.
#[derive(Debug, Default)]
struct Bag {
    fields: BTreeMap<String, Vec<String>>,
    files: BTreeMap<String, Upload>,
    too_many: bool,
}

#[rocket::async_trait]
impl<'r> FromForm<'r> for Bag {
    type Context = Self;

    fn init(_: Options) -> Self {
        <Self as Default>::default()
    }

    fn push_value(bag: &mut Self, field: ValueField<'r>) {
        if bag.fields.len() >= MAX_FIELDS || field.value.len() > MAX_TEXT {
            bag.too_many = true;
            return;
        }
        bag.fields.entry(field.name.source().to_string()).or_default().push(field.value.to_owned());
    }

    async fn push_data(bag: &mut Self, field: DataField<'r, '_>) {
        let name = field.name.source().to_string();
        let file_name =
            field.file_name.map(|name| name.dangerous_unsafe_unsanitized_raw().as_str().to_owned()).unwrap_or_default();
        let limit = (MAX_BYTES + 1).bytes();
        match field.data.open(limit).into_bytes().await {
            Ok(bytes) if bag.files.len() < MAX_FIELDS => {
                let bytes = bytes.into_inner();
                // A browser sends an empty part for a file that was not chosen.
                if !(bytes.is_empty() && file_name.is_empty()) {
                    bag.files.insert(name, Upload { name: file_name, bytes });
                }
            }
            _ => bag.too_many = true,
        }
    }

    fn finalize(bag: Self) -> rocket::form::Result<'r, Self> {
        Ok(bag)
    }
}

/// A form posted from our own pages.
#[derive(Debug)]
pub struct Posted {
    fields: BTreeMap<String, Vec<String>>,
    files: BTreeMap<String, Upload>,
    once: Option<Once>,
    violations: Mutex<Vec<Violation>>,
}

#[rocket::async_trait]
impl<'r> FromData<'r> for Posted {
    type Error = ();

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        if !same_origin(request) {
            tracing::warn!(request = request_id(request), "a form from another site was refused");
            return refuse(request, Error::Forbidden("forbidden-other-site"));
        }
        let signed_in = matches!(request.guard::<Context>().await,
            rocket::outcome::Outcome::Success(context) if context.actor.person.is_some());
        let bag = if signed_in { read(request, data).await } else { read_of_visitor(request, data).await };
        match bag {
            Ok(bag) if bag.too_many => refuse(request, Error::refused("refused-form-too-large")),
            Ok(bag) => match request.rocket().state::<Arc<Edges>>() {
                Some(edges) => Outcome::Success(Self::from_bag(edges, bag, request.uri().path().as_str())),
                None => refuse(request, Error::Internal("no edges".into())),
            },
            Err(error) => refuse(request, error),
        }
    }
}

/// Reads a form with its files.
async fn read<'r>(request: &'r Request<'_>, data: Data<'r>) -> Result<Bag> {
    match Form::<Bag>::from_data(request, data).await {
        rocket::outcome::Outcome::Success(form) => Ok(form.into_inner()),
        rocket::outcome::Outcome::Error((Status::PayloadTooLarge, _)) => Err(Error::refused("refused-form-too-large")),
        _ => Err(Error::refused("refused-form-unreadable")),
    }
}

/// Reads the form of somebody who is not signed in: no door of theirs asks for a file.
async fn read_of_visitor<'r>(request: &'r Request<'_>, data: Data<'r>) -> Result<Bag> {
    if !request.content_type().is_some_and(|kind| kind.is_form()) {
        return Err(Error::refused("refused-form-unreadable"));
    }
    let body = data.open(VISITOR_LIMIT_KIB.kibibytes()).into_string().await;
    let body = body.map_err(|_| Error::refused("refused-form-unreadable"))?;
    if !body.is_complete() {
        return Err(Error::refused("refused-form-too-large"));
    }
    let bag = Form::<Bag>::parse_encoded(RawStr::new(body.as_str()));
    bag.map_err(|_| Error::refused("refused-form-unreadable"))
}

fn refuse<'r>(request: &'r Request<'_>, error: Error) -> Outcome<'r, Posted> {
    Outcome::Error((note(request, error), ()))
}

/// Whether the browser says that the form comes from our own pages. A client that says nothing is no browser and
/// carries nobody's cookies by accident.
fn same_origin(request: &Request<'_>) -> bool {
    if let Some(site) = request.headers().get_one("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = request.headers().get_one("origin") else { return true };
    let host = request.headers().get_one("host").unwrap_or_default();
    origin.split_once("://").is_some_and(|(_, origin_host)| !host.is_empty() && origin_host == host)
}

impl Posted {
    fn from_bag(edges: &Edges, bag: Bag, path: &str) -> Self {
        let mut body = String::new();
        for (name, values) in bag.fields.iter().filter(|(name, _)| *name != "form_key" && !name.starts_with(PROOF)) {
            body.push_str(&format!("{name}={values:?}\n"));
        }
        for (name, upload) in &bag.files {
            body.push_str(&format!("{name}:{}\n", fingerprint(&upload.bytes)));
        }
        let key =
            bag.fields.get("form_key").and_then(|values| values.first()).filter(|key| (16..=64).contains(&key.len()));
        let once = key.map(|key| Once::new(edges, key, path, &body));
        Self { fields: bag.fields, files: bag.files, once, violations: Mutex::default() }
    }

    /// The actor with this form's key, so that a second posting of the same form answers the same, and with what its page showed.
    pub fn by<P: Permission>(&self, by: &As<P>) -> As<P> {
        let shown =
            Shown { code: self.raw(PROOF_CODE).trim().to_owned(), password: self.raw(PROOF_PASSWORD).to_owned() };
        by.posting(self.once.clone()).having_seen(self.raw(SEEN).trim()).showing(shown)
    }

    /// What was typed, for showing the form again. Passwords are never shown again.
    pub fn typed(&self) -> BTreeMap<String, String> {
        self.fields
            .iter()
            .filter(|(name, _)| !name.contains("password") && !name.starts_with(PROOF) && *name != "form_key")
            .map(|(name, values)| (name.clone(), values.join(",")))
            .collect()
    }

    /// A field as it came, `""` when absent.
    pub fn raw(&self, field: &str) -> &str {
        self.fields.get(field).and_then(|values| values.first()).map_or("", String::as_str)
    }

    /// All values of a field that may come several times.
    pub fn all(&self, field: &str) -> Vec<String> {
        self.fields
            .get(field)
            .into_iter()
            .flatten()
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
            .collect()
    }

    /// Whether a box is ticked.
    pub fn ticked(&self, field: &str) -> bool {
        matches!(self.raw(field), "true" | "on" | "yes" | "1")
    }

    /// A text that must be there.
    pub fn text(&self, field: &str, limit: usize) -> String {
        texts::required(&mut self.noted(), field, self.raw(field), limit)
    }

    /// A text that may be missing.
    pub fn optional(&self, field: &str, limit: usize) -> String {
        texts::optional(&mut self.noted(), field, self.raw(field), limit)
    }

    /// An amount above zero, in minor units.
    pub fn money(&self, field: &str, currency: Currency) -> i64 {
        let minor = self.money_or_zero(field, currency);
        if minor == 0 && !self.refused(field) {
            self.wrong(Violation::at(field, "refused-zero"));
        }
        minor
    }

    /// An amount of zero or more, in minor units; an empty field is zero.
    pub fn money_or_zero(&self, field: &str, currency: Currency) -> i64 {
        let text = self.raw(field).trim();
        if text.is_empty() {
            return 0;
        }
        parse_minor(text, currency.0).unwrap_or_else(|error| {
            self.wrong(Violation::at(field, error.code()));
            0
        })
    }

    /// A whole number within bounds.
    pub fn number(&self, field: &str, least: i64, most: i64) -> i64 {
        match self.raw(field).trim().parse::<i64>() {
            Ok(number) if (least..=most).contains(&number) => number,
            Ok(_) => {
                self.wrong(Violation::at(field, "refused-out-of-range").with("least", least).with("most", most));
                least
            }
            Err(_) => {
                let code = if self.raw(field).trim().is_empty() { "refused-empty" } else { "refused-not-a-number" };
                self.wrong(Violation::at(field, code));
                least
            }
        }
    }

    /// A day, `YYYY-MM-DD` as date fields send it.
    pub fn date(&self, field: &str) -> NaiveDate {
        self.optional_date(field).unwrap_or_else(|| {
            if !self.refused(field) {
                self.wrong(Violation::at(field, "refused-empty"));
            }
            NaiveDate::default()
        })
    }

    /// A day that may be missing.
    pub fn optional_date(&self, field: &str) -> Option<NaiveDate> {
        let text = self.raw(field).trim();
        if text.is_empty() {
            return None;
        }
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .filter(|day| (1900..=2200).contains(&chrono::Datelike::year(day)));
        if day.is_none() {
            self.wrong(Violation::at(field, "refused-not-a-date"));
        }
        day
    }

    /// A local moment, `YYYY-MM-DDTHH:MM`, in a zone.
    pub fn moment(&self, field: &str, zone: chrono_tz::Tz) -> DateTime<Utc> {
        let text = self.raw(field).trim();
        let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M")
            .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S"));
        let moment = local.ok().and_then(|local| zone.from_local_datetime(&local).earliest());
        moment.map(|at| at.with_timezone(&Utc)).unwrap_or_else(|| {
            let code = if text.is_empty() { "refused-empty" } else { "refused-not-a-date" };
            self.wrong(Violation::at(field, code));
            DateTime::<Utc>::default()
        })
    }

    /// A typed key chosen from a list; the service checks that it exists.
    pub fn id<T: From<i64>>(&self, field: &str) -> T {
        self.optional_id(field).unwrap_or_else(|| {
            if !self.refused(field) {
                self.wrong(Violation::at(field, "refused-choose"));
            }
            T::from(0)
        })
    }

    /// A typed key that may be missing.
    pub fn optional_id<T: From<i64>>(&self, field: &str) -> Option<T> {
        let text = self.raw(field).trim();
        if text.is_empty() {
            return None;
        }
        let id = text.parse::<i64>().ok().filter(|id| *id > 0);
        if id.is_none() {
            self.wrong(Violation::at(field, "refused-unknown"));
        }
        id.map(T::from)
    }

    /// A word of a fixed list: `posted.word("kind", FundKind::parse, FundKind::Micro)`.
    pub fn word<T>(&self, field: &str, parse: fn(&str) -> Option<T>, otherwise: T) -> T {
        parse(self.raw(field).trim()).unwrap_or_else(|| {
            self.wrong(Violation::at(field, "refused-choose"));
            otherwise
        })
    }

    /// Numbers of the rows `name.N.…` that have any text, in order.
    pub fn rows(&self, name: &str) -> Vec<usize> {
        let mut rows: Vec<usize> = self
            .fields
            .iter()
            .filter(|(_, values)| values.iter().any(|value| !value.trim().is_empty()))
            .filter_map(|(field, _)| field.strip_prefix(name)?.strip_prefix('.')?.split_once('.')?.0.parse().ok())
            .collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    /// A file, if one was chosen.
    pub fn file(&self, field: &str) -> Option<&Upload> {
        self.files.get(field)
    }

    /// Keeps a chosen file.
    ///
    /// # Errors
    /// By the field: empty, too large, or of a type that is not taken.
    pub async fn keep(&self, context: &Context, field: &str) -> Result<Option<Kept>> {
        match self.files.get(field) {
            Some(upload) => documents::keep(context, field, &upload.name, &upload.bytes).await.map(Some),
            None => Ok(None),
        }
    }

    /// Keeps a file that must be there.
    ///
    /// # Errors
    /// As [`Self::keep`], and when none was chosen.
    pub async fn keep_required(&self, context: &Context, field: &str) -> Result<Kept> {
        self.keep(context, field).await?.ok_or_else(|| Error::field(field, "refused-file-missing"))
    }

    /// Notes something wrong.
    pub fn wrong(&self, violation: Violation) {
        self.noted().push(violation);
    }

    /// What the second person says to a proposal: `None` for yes; the reason for no.
    ///
    /// # Errors
    /// By the field: neither chosen, or no without a reason.
    pub fn verdict(&self) -> Result<Option<String>> {
        let verdict = match self.raw("act") {
            "confirm" => None,
            "decline" => Some(self.text("reason", texts::PROSE)),
            _ => return Err(Error::field("act", "refused-choose")),
        };
        self.well()?;
        Ok(verdict)
    }

    /// Answers everything that was wrong, if anything was. Call it after the last reader, before the service.
    ///
    /// # Errors
    /// All violations at once.
    pub fn well(&self) -> Result<()> {
        texts::all_well(self.noted().clone())
    }

    fn refused(&self, field: &str) -> bool {
        self.noted().iter().any(|violation| violation.field == field)
    }

    fn noted(&self) -> MutexGuard<'_, Vec<Violation>> {
        self.violations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
