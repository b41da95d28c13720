//! Pages and forms of online orders, and the door of the processor's webhooks.

use super::service::events::{self, Hint};
use super::service::{ending, giving, refunds, truth};
use super::view;
use crate::commons::texts::PROSE;
use crate::edges::Edges;
use crate::error::{Error, Result};
use crate::grants::gifts::service::online::Given;
use crate::people::permission::{Approver, As, Context, Finance, SignedIn};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::kinds::{Anonymity, FundId, GiftId, NeedId, OrderId, OrganisationId, ProcessorEventId};
use rocket::data::{Data, FromData, Outcome, ToByteUnit};
use rocket::http::Status;
use rocket::request::Request;
use rocket::{Route, get, post, routes};
use std::sync::Arc;

/// Largest webhook read, in KiB: the processor's are a few; without a bound of our own the framework would stop at eight.
const WEBHOOK_KIB: u64 = 256;

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes![start, begin, odd, show, back, act, perform, event, settle, webhook]
}

#[get("/orders/new?<fund>&<gift>")]
async fn start(by: As<SignedIn>, fund: Option<i64>, gift: Option<i64>) -> Answer {
    view::acts::start(&by, fund.map(FundId), gift.map(GiftId)).await
}

#[post("/orders", data = "<posted>")]
async fn begin(by: As<SignedIn>, posted: Posted) -> Answer {
    let (fund, gift) = (posted.raw("fund").parse().ok().map(FundId), posted.raw("gift").parse().ok().map(GiftId));
    match given(&by, fund, gift, &posted).await {
        Ok(order) => Reply::see(format!("/orders/{order}"), "notice-order-begun"),
        Err(error) => again(&posted, error, view::acts::start(&by, fund, gift)).await,
    }
}

async fn given(by: &As<SignedIn>, fund: Option<FundId>, gift: Option<GiftId>, posted: &Posted) -> Result<OrderId> {
    if let Some(gift) = gift {
        let row = view::gift_of(by, gift).await?;
        let donor = row.donor_organisation_id.ok_or(Error::NotFound)?;
        return giving::pay_pledge(&posted.by(&by.signatory_of(donor)?), gift).await;
    }
    let fund = fund.ok_or(Error::NotFound)?;
    let currency = view::currency_of(by, fund).await?;
    let from = posted.optional_id::<OrganisationId>("organisation");
    let given = Given {
        fund,
        amount_minor: posted.money("amount", currency),
        currency,
        anonymity: posted.word("anonymity", Anonymity::parse, Anonymity::Withheld),
        receipt_wanted: posted.ticked("receipt_wanted"),
        restriction: posted.optional_id::<NeedId>("restriction"),
    };
    posted.well()?;
    match from {
        Some(organisation) => giving::give_as_organisation(&posted.by(&by.signatory_of(organisation)?), given).await,
        None => giving::give_as_person(&posted.by(by), given).await,
    }
}

#[get("/orders/odd")]
async fn odd(by: As<SignedIn>) -> Answer {
    view::odd(&by).await
}

#[get("/orders/<id>")]
async fn show(by: As<SignedIn>, id: Id<OrderId>) -> Answer {
    view::show(&by, id.0).await
}

/// The donor is back from the processor. That proves nothing: the order is looked up, and the page says what stands there.
#[get("/orders/<id>/return")]
async fn back(by: As<SignedIn>, id: Id<OrderId>) -> Answer {
    view::visible(&by, id.0).await?;
    if let Err(error) = truth::look(&by.edges, id.0).await {
        tracing::warn!(order = id.0.0, %error, "not looked up on the way back; the webhook will tell");
    }
    view::show(&by, id.0).await
}

#[get("/orders/<id>/<act>", rank = 5)]
async fn act(by: As<SignedIn>, id: Id<OrderId>, act: &str) -> Answer {
    view::acts::act(&by, id.0, act).await
}

#[post("/orders/<id>/<act>", data = "<posted>")]
async fn perform(by: As<SignedIn>, id: Id<OrderId>, act: &str, posted: Posted) -> Answer {
    match done(&by, id.0, act, &posted).await {
        Ok(()) => Reply::see(format!("/orders/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::acts::act(&by, id.0, act)).await,
    }
}

async fn done(by: &Context, id: OrderId, act: &str, posted: &Posted) -> Result<()> {
    let row = view::visible(by, id).await?;
    match act {
        "look-again" => events::look_again(&posted.by(&by.role::<Finance>()?), id).await,
        "refund" => {
            let by = by.role::<Finance>()?;
            let (amount_minor, reason) = (posted.money("amount", row.currency), posted.text("reason", PROSE));
            posted.well()?;
            refunds::propose(&posted.by(&by), id, amount_minor, &reason).await
        }
        "confirm-refund" => {
            let by = posted.by(&by.role::<Approver>()?);
            match posted.verdict()? {
                None => refunds::confirm(&by, id).await,
                Some(reason) => refunds::decline(&by, id, &reason).await,
            }
        }
        "withdraw-refund" => {
            let by = by.role::<Finance>()?;
            let reason = posted.text("reason", PROSE);
            posted.well()?;
            refunds::decline(&posted.by(&by), id, &reason).await
        }
        "free-refund" => {
            let by = by.role::<Finance>()?;
            let reason = posted.text("reason", PROSE);
            posted.well()?;
            refunds::free_lost(&posted.by(&by), id, &reason).await
        }
        "end" | "withdraw-end" => {
            let by = by.role::<Finance>()?;
            let reason = posted.text("reason", PROSE);
            posted.well()?;
            let by = posted.by(&by);
            if act == "end" { ending::propose(&by, id, &reason).await } else { ending::decline(&by, id, &reason).await }
        }
        "confirm-end" => {
            let by = posted.by(&by.role::<Approver>()?);
            match posted.verdict()? {
                None => ending::confirm(&by, id).await,
                Some(reason) => ending::decline(&by, id, &reason).await,
            }
        }
        _ => Err(Error::NotFound),
    }
}

#[get("/processor-events/<id>/settle")]
async fn event(by: As<Finance>, id: Id<ProcessorEventId>) -> Answer {
    view::acts::settle(&by, id.0).await
}

#[post("/processor-events/<id>/settle", data = "<posted>")]
async fn settle(by: As<Finance>, id: Id<ProcessorEventId>, posted: Posted) -> Answer {
    let settled = async {
        let note = posted.text("note", PROSE);
        posted.well()?;
        events::settle(&posted.by(&by), id.0, &note).await
    };
    match settled.await {
        Ok(()) => Reply::see("/orders/odd", "notice-saved"),
        Err(error) => again(&posted, error, view::acts::settle(&by, id.0)).await,
    }
}

/// A webhook that is believed: its raw body was judged before anything of it was read. It comes from no browser, so it is asked
/// for its mark and not for the origin of a form.
#[derive(Debug)]
struct Webhook(Hint);

#[rocket::async_trait]
impl<'r> FromData<'r> for Webhook {
    type Error = Status;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        let Some(edges) = request.rocket().state::<Arc<Edges>>() else {
            return refused(Status::InternalServerError);
        };
        if edges.stripe.is_none() {
            return refused(Status::NotFound);
        }
        let header = request.headers().get_one("stripe-signature").unwrap_or_default();
        let body = match data.open(WEBHOOK_KIB.kibibytes()).into_bytes().await {
            Ok(body) if body.is_complete() => body.into_inner(),
            _ => return refused(Status::PayloadTooLarge),
        };
        match events::believe(edges, header, &body) {
            Ok(hint) => Outcome::Success(Self(hint)),
            Err(error) => {
                tracing::warn!(code = error.code(), "a webhook was not believed");
                refused(Status::BadRequest)
            }
        }
    }
}

fn refused<'r>(status: Status) -> Outcome<'r, Webhook> {
    Outcome::Error((status, status))
}

/// Kept and answered at once; a job follows it. The processor reads the status alone, so no page is drawn for it.
#[post("/stripe/events", data = "<told>")]
async fn webhook(
    edges: &rocket::State<Arc<Edges>>,
    told: std::result::Result<Webhook, Status>,
) -> Result<(Status, &'static str)> {
    match told {
        Ok(told) => events::keep(edges.inner(), &told.0, false).await.map(|_| (Status::NoContent, "")),
        Err(status) => Ok((status, "not believed\n")),
    }
}
