//! The payment processor: Stripe's interface, or the sandbox that speaks the same one. Only the address and the keys differ.
//!
//! Every answer is read into a narrow struct of our own ([`told`]): what we do not use cannot break us. A call that changes
//! something carries a key that was stored before; where its outcome stays unknown ([`Trouble::Unknown`]) the caller looks it
//! up before it asks again. Called by jobs and by what a donor waits for, never inside a transaction.

pub mod signature;
pub mod told;

use crate::config::Config;
use crate::error::{Error, Result, Violation};
use serde::Serialize;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::time::Duration;
use stripe::{Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError};
use stripe_client_core::{CustomizableStripeRequest, RequestBuilder, StripeMethod};
use told::{Dispute, Event, List, Payout, Refund, Session};

/// The longest one call may take: a job's lease is five times as long.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Rows asked for at once: the most the interface gives.
const PAGE: u8 = 100;
/// Pages followed: two thousand sessions or events between two looks.
const PAGES: usize = 20;
/// Ways to pay that a donor may choose from.
const METHODS: [&str; 3] = ["card", "alipay", "wechat_pay"];

/// Why a call brought nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The processor said no; nothing was done.
    Refused(String),
    /// Nobody knows: no answer, a broken one, or a fault of theirs. It may have been done.
    Unknown(String),
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            // A refusal stays one, however often it is asked again: whoever called decides what becomes of it.
            Trouble::Refused(text) => Violation::whole("refused-processor").with("why", text).into(),
            Trouble::Unknown(text) => Self::Internal(format!("the processor's answer is unknown: {text}")),
        }
    }
}

/// A call that is waited for.
type Waited<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What the processor answers a call with.
pub type Heard<T> = std::result::Result<T, Trouble>;

/// The way to the processor.
#[derive(Clone)]
pub struct Processor {
    client: Client,
}

impl std::fmt::Debug for Processor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Processor { .. }")
    }
}

/// What a checkout session is opened with.
#[derive(Debug, Clone)]
pub struct Opening {
    /// By which it is found again.
    pub reference: String,
    /// In the processor's units.
    pub amount: i64,
    /// Three small letters.
    pub currency: String,
    /// What the donor reads there.
    pub name: String,
    /// Where the donor comes back to, whatever happened.
    pub back: String,
    /// Unix time at which it ends unpaid.
    pub expires_at: i64,
}

#[derive(Debug, Serialize)]
struct OpenForm {
    mode: &'static str,
    submit_type: &'static str,
    client_reference_id: String,
    success_url: String,
    cancel_url: String,
    expires_at: i64,
    payment_method_types: Vec<&'static str>,
    payment_method_options: BTreeMap<&'static str, BTreeMap<&'static str, &'static str>>,
    line_items: Vec<LineForm>,
    metadata: BTreeMap<&'static str, String>,
    payment_intent_data: IntentForm,
    expand: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
struct LineForm {
    quantity: u8,
    price_data: PriceForm,
}

#[derive(Debug, Serialize)]
struct PriceForm {
    currency: String,
    unit_amount: i64,
    product_data: BTreeMap<&'static str, String>,
}

#[derive(Debug, Serialize)]
struct IntentForm {
    metadata: BTreeMap<&'static str, String>,
}

#[derive(Debug, Serialize)]
struct RefundForm {
    payment_intent: String,
    amount: i64,
    metadata: BTreeMap<&'static str, String>,
}

/// What of a session is wanted whole.
const OF_SESSION: &str = "payment_intent.latest_charge.balance_transaction";
/// The same in a list.
const OF_SESSIONS: &str = "data.payment_intent.latest_charge.balance_transaction";
/// Name of our mark in the processor's metadata.
pub const MARK: &str = "tributary";

impl Processor {
    /// The processor that the settings name; none without a key.
    ///
    /// # Errors
    /// When address or key cannot be used.
    pub fn open(config: &Config) -> Result<Option<Self>> {
        if config.stripe_key.is_empty() {
            return Ok(None);
        }
        let mut builder = ClientBuilder::new(config.stripe_key.reveal()).timeout(TIMEOUT);
        if !config.stripe_url.is_empty() {
            builder = builder.url(config.stripe_url.clone());
        }
        let client = builder.build().map_err(|_| Error::Internal("stripe_key or stripe_url cannot be used".into()))?;
        Ok(Some(Self { client }))
    }

    /// Opens a checkout session under a stored key.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn open_session(&self, key: &str, opening: &Opening) -> Heard<Session> {
        let mark = || BTreeMap::from([(MARK, opening.reference.clone())]);
        let form = OpenForm {
            mode: "payment",
            submit_type: "donate",
            client_reference_id: opening.reference.clone(),
            success_url: opening.back.clone(),
            cancel_url: opening.back.clone(),
            expires_at: opening.expires_at,
            payment_method_types: METHODS.into(),
            payment_method_options: BTreeMap::from([("wechat_pay", BTreeMap::from([("client", "web")]))]),
            line_items: vec![LineForm {
                quantity: 1,
                price_data: PriceForm {
                    currency: opening.currency.clone(),
                    unit_amount: opening.amount,
                    product_data: BTreeMap::from([("name", opening.name.clone())]),
                },
            }],
            metadata: mark(),
            payment_intent_data: IntentForm { metadata: mark() },
            expand: vec![OF_SESSION],
        };
        self.post("/checkout/sessions", &form, key).await
    }

    /// A checkout session as it stands now, with its payment and the actual fee.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn session(&self, id: &str) -> Heard<Session> {
        self.get(format!("/checkout/sessions/{id}"), &[("expand[]", OF_SESSION.to_owned())]).await
    }

    /// The session of a payment.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn session_of(&self, payment_intent: &str) -> Heard<Option<Session>> {
        let asked = [("payment_intent", payment_intent.to_owned()), ("expand[]", OF_SESSIONS.to_owned())];
        let list: List<Session> = self.get("/checkout/sessions".into(), &asked).await?;
        Ok(list.data.into_iter().next())
    }

    /// Looks for a session by our reference among those made since a moment.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn find_session(&self, reference: &str, since: i64) -> Heard<Option<Session>> {
        let asked = vec![("created[gte]", since.to_string()), ("expand[]", OF_SESSIONS.to_owned())];
        let ours = |row: &Session| row.client_reference_id.as_deref() == Some(reference);
        self.find("/checkout/sessions", asked, ours).await
    }

    /// Refunds under a stored key.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn refund(&self, key: &str, payment_intent: &str, amount: i64, mark: &str) -> Heard<Refund> {
        let metadata = BTreeMap::from([(MARK, mark.to_owned())]);
        self.post("/refunds", &RefundForm { payment_intent: payment_intent.to_owned(), amount, metadata }, key).await
    }

    /// Every refund of a payment.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn refunds(&self, payment_intent: &str) -> Heard<Vec<Refund>> {
        self.all("/refunds", vec![("payment_intent", payment_intent.to_owned())]).await
    }

    /// Every dispute of a payment, with what it moved.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn disputes(&self, payment_intent: &str) -> Heard<Vec<Dispute>> {
        self.all("/disputes", vec![("payment_intent", payment_intent.to_owned())]).await
    }

    /// A payout as it stands now.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn payout(&self, id: &str) -> Heard<Payout> {
        self.get(format!("/payouts/{id}"), &[]).await
    }

    /// What happened since a moment, newest first: the second path beside the webhooks. Answers also whether more happened in
    /// that time, before the last of these: it is asked for with `until`.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn events(&self, since: i64, until: Option<i64>) -> Heard<(Vec<Event>, bool)> {
        let mut asked = vec![("created[gte]", since.to_string())];
        asked.extend(until.map(|until| ("created[lte]", until.to_string())));
        self.pages("/events", asked).await
    }

    async fn find<T>(&self, path: &str, asked: Vec<(&str, String)>, ours: impl Fn(&T) -> bool) -> Heard<Option<T>>
    where
        T: miniserde::Deserialize + told::Marked + Send + 'static,
    {
        Ok(self.all(path, asked).await?.into_iter().find(ours))
    }

    async fn all<T>(&self, path: &str, asked: Vec<(&str, String)>) -> Heard<Vec<T>>
    where
        T: miniserde::Deserialize + told::Marked + Send + 'static,
    {
        let (rows, more) = self.pages(path, asked).await?;
        // Half a list is no list: what was sought may stand in the other half.
        if more { Err(Trouble::Unknown(format!("{path}: more than {PAGES} pages"))) } else { Ok(rows) }
    }

    /// The first pages of a list, and whether there are more.
    async fn pages<T>(&self, path: &str, mut asked: Vec<(&str, String)>) -> Heard<(Vec<T>, bool)>
    where
        T: miniserde::Deserialize + told::Marked + Send + 'static,
    {
        asked.push(("limit", PAGE.to_string()));
        let mut rows: Vec<T> = Vec::new();
        for _ in 0..PAGES {
            let mut page = asked.clone();
            if let Some(last) = rows.last() {
                page.push(("starting_after", last.mark().to_owned()));
            }
            let list: List<T> = self.get(path.to_owned(), &page).await?;
            let more = list.has_more && !list.data.is_empty();
            rows.extend(list.data);
            if !more {
                return Ok((rows, false));
            }
        }
        Ok((rows, true))
    }

    async fn get<T: miniserde::Deserialize + Send + 'static>(
        &self,
        path: String,
        asked: &[(&str, String)],
    ) -> Heard<T> {
        let mut request = RequestBuilder::new(StripeMethod::Get, path);
        if !asked.is_empty() {
            request.query = Some(query(asked));
        }
        self.sent(request.customize::<T>()).await
    }

    async fn post<T: miniserde::Deserialize + Send + 'static>(
        &self,
        path: &str,
        form: &impl Serialize,
        key: &str,
    ) -> Heard<T> {
        let key = IdempotencyKey::new(key).map_err(|error| Trouble::Refused(error.to_string()))?;
        let request = RequestBuilder::new(StripeMethod::Post, path).form(form);
        let request = request.customize::<T>().request_strategy(RequestStrategy::Idempotent(key));
        self.sent(request).await
    }

    /// Boxed, because the library's types are too deep for the compiler to look through wherever this is waited for.
    fn sent<T>(&self, request: CustomizableStripeRequest<T>) -> Waited<'_, Heard<T>>
    where
        T: miniserde::Deserialize + Send + 'static,
    {
        Box::pin(async move { request.send(&self.client).await.map_err(trouble) })
    }
}

/// Pairs as a query; everything but letters, digits and a few marks is escaped.
fn query(pairs: &[(&str, String)]) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~[]".contains(&byte);
    let escaped = |text: &str| -> String {
        text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
    };
    pairs.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect::<Vec<_>>().join("&")
}

/// What went wrong, without anything a key or a donor could be read from.
fn trouble(error: StripeError) -> Trouble {
    match error {
        StripeError::Stripe(told, status) => {
            let code = told.code.map_or_else(|| format!("{:?}", told.type_), |code| code.to_string());
            let text = format!("{status} {code}");
            // The key was used with another body: what it was used for may well have been done.
            let key_used = told.type_ == stripe::ApiErrorsType::IdempotencyError;
            // 409: the same key is being answered now. 401, 403 and 429 were not looked at: asked again they may be well.
            if matches!(status, 400..=499) && !matches!(status, 401 | 403 | 409 | 429) && !key_used {
                Trouble::Refused(text)
            } else {
                Trouble::Unknown(text)
            }
        }
        StripeError::JSONDeserialize(_) => Trouble::Unknown("an answer that cannot be read".into()),
        StripeError::ClientError(_) => Trouble::Unknown("no connection".into()),
        StripeError::ConfigError(_) => Trouble::Unknown("settings".into()),
        StripeError::Timeout => Trouble::Unknown("no answer in time".into()),
    }
}
