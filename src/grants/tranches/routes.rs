//! Pages and forms of tranches: guard, form, service, redirect.

use super::statements::{self, Fate};
use super::{approvals, bank, seed, service, view};
use crate::commons::texts::{PROSE, TITLE};
use crate::error::{Error, Result};
use crate::grants::awards;
use crate::people::permission::{Approver, As, Context, Finance, Officer, SignedIn};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::kinds::TrancheId;
use rocket::{Route, get, post, routes};

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes![show, act, acted]
}

#[get("/tranches/<id>")]
async fn show(by: As<SignedIn>, id: Id<TrancheId>) -> Answer {
    view::show(&by, id.0).await
}

#[get("/tranches/<id>/<act>")]
async fn act(by: As<SignedIn>, id: Id<TrancheId>, act: &str) -> Answer {
    view::act(&by, id.0, act).await
}

/// One address an act; the service asks for the permission that the act's name stands for.
#[post("/tranches/<id>/<act>", data = "<posted>")]
async fn acted(by: As<SignedIn>, id: Id<TrancheId>, act: &str, posted: Posted) -> Answer {
    match done(&by, id.0, act, &posted).await {
        Ok(()) => Reply::see(format!("/tranches/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::act(&by, id.0, act)).await,
    }
}

async fn done(by: &Context, id: TrancheId, act: &str, posted: &Posted) -> Result<()> {
    let part = service::load(by.edges.db.read(), id).await?;
    awards::view::visible(by, part.award.id).await?;
    match act {
        "request" => {
            let signs = by.signatory_of(part.award.organisation_id)?;
            let paper = posted.keep(by, "payment_request").await?;
            approvals::request(&posted.by(&signs), id, paper.as_ref()).await
        }
        "approve-programme" => approvals::approve_programme(&posted.by(&by.role()?), id).await,
        "prepare" => approvals::prepare(&posted.by(&by.role()?), id).await,
        "approve" => approvals::approve(&posted.by(&by.role()?), id).await,
        "approve-third" => approvals::approve_third(&posted.by(&by.role()?), id).await,
        "batch" => bank::batch(&posted.by(&by.role()?), id).await,
        "send" => bank::send(&posted.by(&by.role()?), id).await,
        "open-fund" => seed::open_fund(&posted.by(&by.role()?), id).await,
        "reject" => reject(by, id, posted).await,
        "confirm" => confirm(by, id, posted).await,
        "fail" | "return" | "return-part" => said(by, &part, act, posted).await,
        "confirm-said" => statements::confirm(&posted.by(&by.role()?), id).await,
        "decline-said" => {
            let reason = posted.text("reason", PROSE);
            posted.well()?;
            match by.role::<Approver>() {
                Ok(approver) => statements::decline(&posted.by(&approver), id, &reason).await,
                Err(_) => statements::decline(&posted.by(&by.role::<Finance>()?), id, &reason).await,
            }
        }
        _ => Err(Error::NotFound),
    }
}

/// Finance says what the bank's line tells against the payment.
async fn said(by: &Context, part: &service::Part, act: &str, posted: &Posted) -> Result<()> {
    let fate = match act {
        "fail" => Fate::Failed(posted.text("reason", PROSE)),
        "return" => Fate::Returned,
        _ => Fate::ReturnedInPart(posted.money("amount", part.tranche.currency)),
    };
    let line = posted.text("bank_line", TITLE);
    posted.well()?;
    let finance = posted.by(&by.role()?);
    let slip = posted.keep(by, "slip").await?;
    statements::say(&finance, part.tranche.id, &fate, &line, slip.as_ref()).await
}

async fn reject(by: &Context, id: TrancheId, posted: &Posted) -> Result<()> {
    let reason = posted.text("reason", PROSE);
    posted.well()?;
    if let Ok(finance) = by.role::<Finance>() {
        return approvals::reject(&posted.by(&finance), id, &reason).await;
    }
    if let Ok(approver) = by.role::<Approver>() {
        return approvals::reject(&posted.by(&approver), id, &reason).await;
    }
    approvals::reject(&posted.by(&by.role::<Officer>()?), id, &reason).await
}

async fn confirm(by: &Context, id: TrancheId, posted: &Posted) -> Result<()> {
    let (bank_line, paid_on) = (posted.text("bank_line", TITLE), posted.date("paid_on"));
    posted.well()?;
    let voucher = posted.keep_required(by, "voucher").await?;
    let redacted = posted.keep_required(by, "redacted").await?;
    let seen = bank::Seen { bank_line, paid_on, voucher, redacted };
    if let Ok(finance) = by.role::<Finance>() {
        return bank::confirm_paid(&posted.by(&finance), id, &seen).await;
    }
    bank::confirm_paid(&posted.by(&by.role::<Approver>()?), id, &seen).await
}
