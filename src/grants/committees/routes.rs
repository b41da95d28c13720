//! Pages and forms of committees: guard, form, service, redirect.

use super::service::motions::{self, About, Moved};
use super::service::seats::{self, Appointment};
use super::service::votes;
use super::view;
use crate::commons::texts::{PROSE, TITLE};
use crate::error::{Error, Result, Violation};
use crate::grants::funds;
use crate::people::permission::{Administrator, As, Committee, Context, Officer, SignedIn};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::kinds::{Ballot, FundId, MotionId, OrganisationId, PersonId, SeatPart};
use rocket::{Route, get, post, routes};

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes![show, open_page, open, appoint_page, appoint, motion, act, perform]
}

#[get("/funds/<id>/committee?<before>")]
async fn show(context: Context, id: Id<FundId>, before: Option<i64>) -> Answer {
    view::show(&context, id.0, before).await
}

#[get("/funds/<id>/committee/open")]
async fn open_page(by: As<SignedIn>, id: Id<FundId>) -> Answer {
    view::acts::open(&by, id.0).await
}

#[post("/funds/<id>/committee/open", data = "<posted>")]
async fn open(by: As<SignedIn>, id: Id<FundId>, posted: Posted) -> Answer {
    let done = async {
        funds::view::visible(&by, id.0).await?;
        let currency = funds::service::load(by.edges.db.read(), id.0).await?.currency;
        let amount = posted.money_or_zero("amount", currency);
        let moved = Moved {
            title: posted.text("title", TITLE),
            text: posted.text("text", PROSE),
            amount_minor: Some(amount).filter(|amount| *amount > 0),
            about: about(&posted),
            closes_at: posted.moment("closes_at", by.edges.config.zone),
        };
        match by.role::<Officer>() {
            Ok(officer) => {
                posted.well()?;
                motions::open(&posted.by(&officer), id.0, moved).await
            }
            Err(_) => {
                let member = by.role_for_fund::<Committee>(id.0)?;
                posted.well()?;
                motions::open(&posted.by(&member), id.0, moved).await
            }
        }
    };
    match done.await {
        Ok(motion) => Reply::see(format!("/funds/{}/committee/motions/{motion}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::acts::open(&by, id.0)).await,
    }
}

/// What a motion concerns, as its field says it: `call:3`, `application:7`, `award:2`, or nothing for the fund as such.
fn about(posted: &Posted) -> About {
    let text = posted.raw("about").trim();
    let read = match text.split_once(':').map(|(kind, id)| (kind, id.parse::<i64>().unwrap_or_default())) {
        None if text.is_empty() => Some(About::Fund),
        Some(("call", id)) if id > 0 => Some(About::Call(id.into())),
        Some(("application", id)) if id > 0 => Some(About::Application(id.into())),
        Some(("award", id)) if id > 0 => Some(About::Award(id.into())),
        _ => None,
    };
    read.unwrap_or_else(|| {
        posted.wrong(Violation::at("about", "refused-unknown"));
        About::Fund
    })
}

#[get("/funds/<id>/committee/appoint")]
async fn appoint_page(by: As<Administrator>, id: Id<FundId>) -> Answer {
    view::acts::appoint(&by, id.0).await
}

#[post("/funds/<id>/committee/appoint", data = "<posted>")]
async fn appoint(by: As<Administrator>, id: Id<FundId>, posted: Posted) -> Answer {
    let done = async {
        let asked = Appointment {
            person: posted.id::<PersonId>("person"),
            part: posted.word("part", SeatPart::parse, SeatPart::Member),
            organisation: posted.optional_id::<OrganisationId>("organisation"),
            ends_on: posted.date("ends_on"),
        };
        posted.well()?;
        seats::appoint(&posted.by(&by), id.0, asked).await
    };
    match done.await {
        Ok(_) => Reply::see(format!("/funds/{}/committee", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::acts::appoint(&by, id.0)).await,
    }
}

#[get("/funds/<id>/committee/motions/<motion>")]
async fn motion(context: Context, id: Id<FundId>, motion: Id<MotionId>) -> Answer {
    view::motion::show(&context, id.0, motion.0).await
}

#[get("/funds/<id>/committee/motions/<motion>/<act>")]
async fn act(by: As<SignedIn>, id: Id<FundId>, motion: Id<MotionId>, act: &str) -> Answer {
    view::acts::act(&by, id.0, motion.0, act).await
}

#[post("/funds/<id>/committee/motions/<motion>/<act>", data = "<posted>")]
async fn perform(by: As<SignedIn>, id: Id<FundId>, motion: Id<MotionId>, act: &str, posted: Posted) -> Answer {
    // What is not the reader's to see, or another fund's, answers as if it were not there.
    view::motion::visible(&by, id.0, motion.0).await?;
    match done(&by, id.0, motion.0, act, &posted).await {
        Ok(()) => Reply::see(format!("/funds/{}/committee/motions/{}", id.0, motion.0), "notice-saved"),
        Err(error) => again(&posted, error, view::acts::act(&by, id.0, motion.0, act)).await,
    }
}

async fn done(by: &As<SignedIn>, fund: FundId, id: MotionId, act: &str, posted: &Posted) -> Result<()> {
    match act {
        "vote" => {
            let member = by.role_for_fund::<Committee>(fund)?;
            let ballot = posted.word("ballot", Ballot::parse, Ballot::Waiting);
            posted.well()?;
            votes::vote(&posted.by(&member), id, ballot).await
        }
        "recuse" => {
            let member = by.role_for_fund::<Committee>(fund)?;
            let reason = posted.text("reason", PROSE);
            posted.well()?;
            votes::recuse(&posted.by(&member), id, &reason).await
        }
        "close" => votes::close(&posted.by(&by.role_for_fund::<Committee>(fund)?), id).await,
        "withdraw" => {
            let reason = posted.optional("reason", PROSE);
            match by.role::<Officer>() {
                Ok(officer) => motions::withdraw(&posted.by(&officer), id, &reason).await,
                Err(_) => {
                    let member = by.role_for_fund::<Committee>(fund)?;
                    motions::withdraw(&posted.by(&member), id, &reason).await
                }
            }
        }
        _ => Err(Error::NotFound),
    }
}
