//! Addresses of the desk and of holds.

use super::holds::{self, Held};
use super::{hold_pages, view};
use crate::commons::texts::PROSE;
use crate::error::{Error, Result};
use crate::people::permission::{Administrator, As, Context, Officer, SignedIn, Supervisor};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::kinds::{HoldId, HoldKind, Role};
use rocket::{Route, get, post, routes};

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes![desk, list_holds, new_hold, put_hold, show_hold, answer_page, answer_hold, lift_page, lift_hold]
}

#[get("/desk")]
async fn desk(by: As<SignedIn>) -> Answer {
    view::show(&by).await
}

#[get("/holds")]
async fn list_holds(by: As<SignedIn>) -> Answer {
    hold_pages::list(&by).await
}

#[get("/holds/new?<subject>&<id>")]
async fn new_hold(by: As<SignedIn>, subject: &str, id: i64) -> Answer {
    hold_pages::new(&by, Held::named(subject, id)?).await
}

#[post("/holds", data = "<posted>")]
async fn put_hold(by: As<SignedIn>, posted: Posted) -> Answer {
    let on = Held::named(posted.raw("subject"), posted.raw("id").parse().unwrap_or(0))?;
    match put(&by, on, &posted).await {
        Ok(hold) => Reply::see(format!("/holds/{hold}"), "notice-hold-put"),
        Err(error) => again(&posted, error, hold_pages::new(&by, on)).await,
    }
}

/// A supervisor's hold weighs more, so whoever is both puts that one.
async fn put(by: &Context, on: Held, posted: &Posted) -> Result<HoldId> {
    let reason = posted.text("reason", PROSE);
    posted.well()?;
    if by.actor.has(Role::Supervisor) {
        holds::put_as_supervisor(&posted.by(&by.role::<Supervisor>()?), on, &reason).await
    } else {
        holds::put_as_officer(&posted.by(&by.role::<Officer>()?), on, &reason).await
    }
}

#[get("/holds/<id>")]
async fn show_hold(by: As<SignedIn>, id: Id<HoldId>) -> Answer {
    hold_pages::show(&by, id.0).await
}

#[get("/holds/<id>/answer")]
async fn answer_page(by: As<SignedIn>, id: Id<HoldId>) -> Answer {
    hold_pages::answer(&by, id.0).await
}

#[post("/holds/<id>/answer", data = "<posted>")]
async fn answer_hold(by: As<SignedIn>, id: Id<HoldId>, posted: Posted) -> Answer {
    let done = async {
        let words = posted.text("answer", PROSE);
        posted.well()?;
        if by.actor.has(Role::Administrator) {
            holds::answer(&posted.by(&by.role::<Administrator>()?), id.0, &words).await
        } else {
            holds::answer(&posted.by(&by.role::<Officer>()?), id.0, &words).await
        }
    };
    match done.await {
        Ok(()) => Reply::see(format!("/holds/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, hold_pages::answer(&by, id.0)).await,
    }
}

#[get("/holds/<id>/lift")]
async fn lift_page(by: As<SignedIn>, id: Id<HoldId>) -> Answer {
    hold_pages::lift(&by, id.0).await
}

#[post("/holds/<id>/lift", data = "<posted>")]
async fn lift_hold(by: As<SignedIn>, id: Id<HoldId>, posted: Posted) -> Answer {
    match lift(&by, id.0, &posted).await {
        Ok(true) => Reply::see(format!("/holds/{}", id.0), "notice-hold-lifted"),
        Ok(false) => Reply::see(format!("/holds/{}", id.0), "notice-hold-lift-proposed"),
        Err(error) => again(&posted, error, hold_pages::lift(&by, id.0)).await,
    }
}

/// In the part that the hold asks for: the supervisor who put it, an administrator, or an officer.
async fn lift(by: &Context, id: HoldId, posted: &Posted) -> Result<bool> {
    let row = hold_pages::load(by, id).await?;
    if row.kind == HoldKind::Supervisor && by.actor.has(Role::Supervisor) && row.entered_by == by.actor.person {
        return holds::lift(&posted.by(&by.role::<Supervisor>()?), id).await;
    }
    if by.actor.has(Role::Administrator) {
        return holds::lift(&posted.by(&by.role::<Administrator>()?), id).await;
    }
    if row.kind == HoldKind::Supervisor && by.actor.has(Role::Supervisor) {
        return Err(Error::Forbidden("forbidden-supervisor-lifts"));
    }
    holds::lift(&posted.by(&by.role::<Officer>()?), id).await
}
