//! Pages and forms of reviews: guard, form, service, redirect.

use super::service::pitches::{self, Planned};
use super::service::{self, AssignedReviewer, Scored, notes, plans, typing};
use super::{panel, recusals, sheets, view};
use crate::commons::texts::{PROSE, TITLE};
use crate::error::{Error, Result};
use crate::people::permission::{As, Chair, Context, Officer, SignedIn};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::kinds::{ApplicationId, CallId, ConflictGround, DocumentId, PersonId, PitchId, ReviewId};
use rocket::{Route, get, post, routes};
use sea_orm::EntityTrait;

/// Does a host's verb as officer, or as chair of the call's panel.
macro_rules! hosting {
    ($by:expr, $posted:expr, $call:expr, $verb:path $(, $arg:expr)*) => {
        match $by.role::<Officer>() {
            Ok(officer) => $verb(&$posted.by(&officer) $(, $arg)*).await,
            Err(_) => $verb(&$posted.by(&$by.role_for_call::<Chair>($call)?) $(, $arg)*).await,
        }
    };
}

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes![
        mine,
        show,
        file,
        keep,
        discussion,
        note_page,
        note,
        act,
        write,
        accept,
        decline,
        recuse,
        of_call,
        assign,
        assign_reviewer,
        plan,
        confirm_plan,
        carry_out,
        matrix,
        pitch,
        plan_pitch_page,
        plan_pitch,
        pitch_act,
        pitch_next,
        pitch_cancel,
        seed_page,
        new_seed,
        unassign,
        reopen,
        remove
    ]
}

#[get("/reviews")]
async fn mine(by: As<SignedIn>) -> Answer {
    view::mine(&by).await
}

#[get("/reviews/<id>")]
async fn show(by: As<SignedIn>, id: Id<ReviewId>) -> Answer {
    view::score(&service::load_mine(&by, id.0).await?).await
}

/// A file of the bid that one judges. It has an address of its own: what a reviewer may read of it changes with the phase.
#[get("/reviews/<id>/files/<file>")]
async fn file(by: As<SignedIn>, id: Id<ReviewId>, file: Id<DocumentId>) -> Answer {
    let mine = service::load_mine(&by, id.0).await?;
    let row = view::packet::file(&by, mine.permission().review(), file.0).await?;
    let bytes = by.edges.store.read(&row.sha256).await?;
    Ok(Reply::document(row, bytes, false))
}

#[get("/reviews/<id>/<act>", rank = 5)]
async fn act(by: As<SignedIn>, id: Id<ReviewId>, act: &str) -> Answer {
    match act {
        "unassign" | "reopen" | "remove" => sheets::act(&by, id.0, act).await,
        _ => view::act(&service::load_mine(&by, id.0).await?, act),
    }
}

/// Keeps what is typed, a moment after the last key.
#[post("/reviews/<id>/keep", data = "<posted>")]
async fn keep(by: As<SignedIn>, id: Id<ReviewId>, posted: Posted) -> Answer {
    let mine = service::load_mine(&by, id.0).await?;
    let version = i32::try_from(posted.number("version", 1, i64::from(i32::MAX))).unwrap_or(0);
    typing::keep(&mine, version, &posted.typed()).await?;
    Ok(Reply::File { bytes: b"{}".to_vec(), media_type: "application/json".into(), name: String::new(), public: false })
}

#[get("/calls/<id>/discussion")]
async fn discussion(by: As<SignedIn>, id: Id<CallId>) -> Answer {
    view::notes::show(&by, id.0).await
}

#[get("/calls/<id>/discussion/note")]
async fn note_page(by: As<SignedIn>, id: Id<CallId>) -> Answer {
    view::notes::write(&by, id.0).await
}

#[post("/calls/<id>/discussion/note", data = "<posted>")]
async fn note(by: As<SignedIn>, id: Id<CallId>, posted: Posted) -> Answer {
    panel::visible(&by, id.0).await?;
    may_host(&by, id.0).await?;
    let done = async {
        let about =
            if posted.raw("application").is_empty() { None } else { Some(posted.id::<ApplicationId>("application")) };
        let text = posted.text("note", PROSE);
        posted.well()?;
        hosting!(by, posted, id.0, notes::write, id.0, about, &text)
    };
    match done.await {
        Ok(_) => Reply::see(format!("/calls/{}/discussion", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::notes::write(&by, id.0)).await,
    }
}

#[post("/reviews/<id>/scores", data = "<posted>")]
async fn write(by: As<SignedIn>, id: Id<ReviewId>, posted: Posted) -> Answer {
    let mine = service::load_mine(&by, id.0).await?;
    let submit = posted.raw("do") == "submit";
    let done = async {
        let (version, scored, comment) = scored(&mine, &posted).await?;
        let by = posted.by(&mine);
        if submit {
            service::save_and_submit(&by, version, scored, &comment).await
        } else {
            service::save(&by, version, scored, &comment).await
        }
    };
    match done.await {
        Ok(()) if submit => {
            let next = view::next_to_score(&mine).await?.unwrap_or(id.0);
            Reply::see(format!("/reviews/{next}"), "notice-review-submitted")
        }
        Ok(()) => Reply::see(format!("/reviews/{}", id.0), "notice-saved"),
        Err(error) if matches!(error, Error::Stale) => again(&posted, error, view::both(&mine, &posted.typed())).await,
        Err(error) => again(&posted, error, view::score(&mine)).await,
    }
}

/// What was typed: an empty field is not answered yet, `na` is N/A.
async fn scored(by: &As<AssignedReviewer>, posted: &Posted) -> Result<(i32, Vec<Scored>, String)> {
    let call = service::call_of(by.edges.db.read(), by.permission().review().call_id).await?;
    let mut scored = Vec::new();
    for criterion in super::scores::rubric(&call)? {
        let field = format!("score.{}", criterion.id);
        let comment = posted.optional(&format!("comment.{}", criterion.id), PROSE);
        let value = match posted.raw(&field).trim().to_lowercase().as_str() {
            "" => continue,
            "na" | "n/a" | "-" | "–" | "—" => None,
            _ => Some(posted.number(&field, 0, criterion.max)),
        };
        scored.push((criterion.id, value, comment));
    }
    let comment = posted.optional("comment", PROSE);
    let version = i32::try_from(posted.number("version", 0, i64::from(i32::MAX))).unwrap_or(0);
    posted.well()?;
    Ok((version, scored, comment))
}

async fn after(mine: &As<AssignedReviewer>, act: &str, posted: &Posted, done: Result<()>) -> Answer {
    match done {
        Ok(()) => Reply::see(format!("/reviews/{}", mine.permission().review().id), "notice-saved"),
        Err(error) => again(posted, error, async { view::act(mine, act) }).await,
    }
}

#[post("/reviews/<id>/accept", data = "<posted>")]
async fn accept(by: As<SignedIn>, id: Id<ReviewId>, posted: Posted) -> Answer {
    let mine = service::load_mine(&by, id.0).await?;
    let done = service::accept(&posted.by(&mine), posted.ticked("no_interest")).await;
    after(&mine, "accept", &posted, done).await
}

#[post("/reviews/<id>/decline", data = "<posted>")]
async fn decline(by: As<SignedIn>, id: Id<ReviewId>, posted: Posted) -> Answer {
    let mine = service::load_mine(&by, id.0).await?;
    let done = async {
        let reason = posted.text("reason", PROSE);
        posted.well()?;
        service::decline(&posted.by(&mine), &reason).await
    };
    let done = done.await;
    after(&mine, "decline", &posted, done).await
}

#[post("/reviews/<id>/recuse", data = "<posted>")]
async fn recuse(by: As<SignedIn>, id: Id<ReviewId>, posted: Posted) -> Answer {
    let mine = service::load_mine(&by, id.0).await?;
    let done = async {
        let evidence = posted.text("evidence", PROSE);
        posted.well()?;
        service::recuse(&posted.by(&mine), &evidence).await
    };
    let done = done.await;
    after(&mine, "recuse", &posted, done).await
}

#[get("/calls/<id>/reviews")]
async fn of_call(by: As<SignedIn>, id: Id<CallId>) -> Answer {
    sheets::of_call(&by, id.0).await
}

#[get("/calls/<id>/reviews/<application>/assign")]
async fn assign(by: As<Officer>, id: Id<CallId>, application: Id<ApplicationId>) -> Answer {
    sheets::assign(&by, id.0, application.0).await
}

#[post("/calls/<id>/reviews/<application>/assign", data = "<posted>")]
async fn assign_reviewer(by: As<Officer>, id: Id<CallId>, application: Id<ApplicationId>, posted: Posted) -> Answer {
    panel::visible(&by, id.0).await?;
    let done = async {
        let reviewer = posted.id::<PersonId>("reviewer");
        posted.well()?;
        service::assign(&posted.by(&by), application.0, reviewer).await
    };
    match done.await {
        Ok(_) => Reply::see(format!("/calls/{}/reviews", id.0), "notice-saved"),
        Err(error) => again(&posted, error, sheets::assign(&by, id.0, application.0)).await,
    }
}

#[get("/calls/<id>/pitch")]
async fn pitch(by: As<SignedIn>, id: Id<CallId>) -> Answer {
    view::pitch::show(&by, id.0).await
}

#[get("/calls/<id>/pitch/plan")]
async fn plan_pitch_page(by: As<SignedIn>, id: Id<CallId>) -> Answer {
    view::pitch::plan(&by, id.0)
}

/// Refuses who neither is an officer nor chairs the call's panel, before anything that was typed is read: as the page does, so that
/// nobody learns from a form whether there is a session.
async fn may_host(by: &Context, call: CallId) -> Result<()> {
    service::call_of(by.edges.db.read(), call).await?;
    if view::pitch::hosts(by, call) { Ok(()) } else { Err(Error::NotFound) }
}

#[post("/calls/<id>/pitch/plan", data = "<posted>")]
async fn plan_pitch(by: As<SignedIn>, id: Id<CallId>, posted: Posted) -> Answer {
    may_host(&by, id.0).await?;
    let done = async {
        let planned = Planned {
            place: posted.text("place", TITLE),
            starts_at: posted.moment("starts_at", by.edges.config.zone),
            minutes: i32::try_from(posted.number("minutes", 1, 120)).unwrap_or(1),
            seed: posted.text("seed", TITLE),
        };
        posted.well()?;
        hosting!(by, posted, id.0, pitches::plan, id.0, planned)
    };
    match done.await {
        Ok(_) => Reply::see(format!("/calls/{}/pitch", id.0), "notice-saved"),
        Err(error) => again(&posted, error, async { view::pitch::plan(&by, id.0) }).await,
    }
}

#[get("/pitches/<id>/<act>")]
async fn pitch_act(by: As<SignedIn>, id: Id<PitchId>, act: &str) -> Answer {
    view::pitch::act(&by, id.0, act).await
}

async fn call_of_pitch(by: &Context, id: PitchId) -> Result<CallId> {
    let row = entities::pitch::Entity::find_by_id(id).one(by.edges.db.read()).await?.ok_or(Error::NotFound)?;
    Ok(row.call_id)
}

#[post("/pitches/<id>/next", data = "<posted>")]
async fn pitch_next(by: As<SignedIn>, id: Id<PitchId>, posted: Posted) -> Answer {
    let call = call_of_pitch(&by, id.0).await?;
    may_host(&by, call).await?;
    let done = async { hosting!(by, posted, call, pitches::next, id.0) };
    match done.await {
        Ok(_) => Reply::see(format!("/calls/{call}/pitch"), "notice-saved"),
        Err(error) => again(&posted, error, view::pitch::act(&by, id.0, "next")).await,
    }
}

#[post("/pitches/<id>/cancel", data = "<posted>")]
async fn pitch_cancel(by: As<SignedIn>, id: Id<PitchId>, posted: Posted) -> Answer {
    let call = call_of_pitch(&by, id.0).await?;
    may_host(&by, call).await?;
    let done = async {
        let reason = posted.text("reason", PROSE);
        posted.well()?;
        hosting!(by, posted, call, pitches::cancel, id.0, &reason)
    };
    match done.await {
        Ok(()) => Reply::see(format!("/calls/{call}/pitch"), "notice-saved"),
        Err(error) => again(&posted, error, view::pitch::act(&by, id.0, "cancel")).await,
    }
}

#[get("/calls/<id>/reviews/matrix")]
async fn matrix(by: As<SignedIn>, id: Id<CallId>) -> Answer {
    view::matrix::show(&by, id.0).await
}

#[get("/calls/<id>/reviews/plan?<seed>")]
async fn plan(by: As<Officer>, id: Id<CallId>, seed: Option<&str>) -> Answer {
    view::plan::show(&by, id.0, seed.unwrap_or_default()).await
}

#[get("/calls/<id>/reviews/plan/confirm?<seed>")]
async fn confirm_plan(by: As<Officer>, id: Id<CallId>, seed: Option<&str>) -> Answer {
    view::plan::confirm(&by, id.0, seed.unwrap_or_default()).await
}

#[post("/calls/<id>/reviews/plan/confirm", data = "<posted>")]
async fn carry_out(by: As<Officer>, id: Id<CallId>, posted: Posted) -> Answer {
    panel::visible(&by, id.0).await?;
    let seed = posted.raw("seed");
    match plans::carry_out(&posted.by(&by), id.0, seed).await {
        Ok(()) => Reply::see(format!("/calls/{}/reviews", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::plan::confirm(&by, id.0, seed)).await,
    }
}

#[get("/calls/<id>/reviews/plan/seed")]
async fn seed_page(by: As<Officer>, id: Id<CallId>) -> Answer {
    view::plan::seed(&by, id.0)
}

#[post("/calls/<id>/reviews/plan/seed", data = "<posted>")]
async fn new_seed(by: As<Officer>, id: Id<CallId>, posted: Posted) -> Answer {
    let seed = posted.raw("seed").trim();
    if plans::is_seed(seed) {
        return Reply::see(view::plan::href(id.0, "", seed), "");
    }
    again(&posted, Error::field("seed", "refused-plan-seed"), async { view::plan::seed(&by, id.0) }).await
}

async fn staff_after(by: &Context, id: ReviewId, act: &str, posted: &Posted, done: Result<()>) -> Answer {
    match done {
        Ok(()) => {
            let row = service::load(by.edges.db.read(), id).await?;
            Reply::see(sheets::panel_href(&row), "notice-saved")
        }
        Err(error) => again(posted, error, sheets::act(by, id, act)).await,
    }
}

#[post("/reviews/<id>/unassign", data = "<posted>")]
async fn unassign(by: As<Officer>, id: Id<ReviewId>, posted: Posted) -> Answer {
    let done = service::unassign(&posted.by(&by), id.0).await;
    staff_after(&by, id.0, "unassign", &posted, done).await
}

#[post("/reviews/<id>/reopen", data = "<posted>")]
async fn reopen(by: As<SignedIn>, id: Id<ReviewId>, posted: Posted) -> Answer {
    let row = service::load(by.edges.db.read(), id.0).await?;
    panel::visible(&by, row.call_id).await?;
    let chair = by.role_for_call::<Chair>(row.call_id)?;
    let done = async {
        let reason = posted.text("reason", PROSE);
        posted.well()?;
        service::reopen(&posted.by(&chair), id.0, &reason).await
    };
    let done = done.await;
    staff_after(&by, id.0, "reopen", &posted, done).await
}

#[post("/reviews/<id>/remove", data = "<posted>")]
async fn remove(by: As<SignedIn>, id: Id<ReviewId>, posted: Posted) -> Answer {
    let row = service::load(by.edges.db.read(), id.0).await?;
    panel::visible(&by, row.call_id).await?;
    let done = async {
        let officer = by.role::<Officer>();
        let chair = by.role_for_call::<Chair>(row.call_id);
        if officer.is_err() && chair.is_err() {
            return chair.map(|_| ());
        }
        let ground = posted.word("ground", ConflictGround::parse, ConflictGround::Declared);
        let evidence = posted.text("evidence", PROSE);
        posted.well()?;
        match officer {
            Ok(officer) => recusals::recuse_found(&posted.by(&officer), id.0, ground, &evidence).await,
            Err(_) => {
                let chair = chair?;
                recusals::recuse_found(&posted.by(&chair), id.0, ground, &evidence).await
            }
        }
    };
    let done = done.await;
    staff_after(&by, id.0, "remove", &posted, done).await
}
