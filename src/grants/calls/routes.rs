//! Pages and forms of calls: guard, form, service, redirect.

use super::view::programmes as pages;
use super::{allocations as formulas, copying, form, opening, questions as asked, service, stages, view};
use crate::commons::texts::{PROSE, TITLE};
use crate::error::Result;
use crate::grants::applications;
use crate::people::permission::{As, Context, Officer, SignedIn};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::kinds::{ApplicationId, CallId, CallQuestionId, OrganisationId, ProgrammeId, Setting};
use rocket::{Route, get, post, routes};

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes![
        list,
        show,
        new,
        draft,
        programme,
        draft_programme,
        programmes,
        ending,
        end_programme,
        revising,
        revise,
        apply,
        begin,
        act,
        check,
        start_review,
        archive,
        amend,
        cancel,
        copy,
        ask_opening,
        open_bids,
        questions,
        asking,
        ask,
        answering,
        answer,
        notes,
        invite,
        allocations,
        allocating,
        allocate,
        atom,
        calendar,
        one_programme
    ]
}

#[get("/calls?<before>")]
async fn list(context: Context, before: Option<i64>) -> Answer {
    view::list(&context, before).await
}

#[get("/calls/<id>", rank = 3)]
async fn show(context: Context, id: Id<CallId>) -> Answer {
    view::show(&context, id.0).await
}

#[get("/calls/new")]
async fn new(by: As<Officer>) -> Answer {
    form::page(&by, None).await
}

#[post("/calls", data = "<posted>")]
async fn draft(by: As<Officer>, posted: Posted) -> Answer {
    let done = async { service::draft(&posted.by(&by), form::read(&by, &posted, None).await?).await };
    match done.await {
        Ok(call) => Reply::see(format!("/calls/{call}"), "notice-call-drafted"),
        Err(error) => again(&posted, error, form::page(&by, None)).await,
    }
}

#[get("/calls/programme")]
async fn programme(by: As<Officer>) -> Answer {
    view::programme(&by)
}

#[post("/calls/programme", data = "<posted>")]
async fn draft_programme(by: As<Officer>, posted: Posted) -> Answer {
    let done = async {
        let (name_zh, name_en) = (posted.optional("name_zh", TITLE), posted.optional("name_en", TITLE));
        posted.well()?;
        let programme = service::draft_programme(&posted.by(&by), &name_zh, &name_en).await?;
        service::start_programme(&by, programme).await
    };
    match done.await {
        Ok(()) => Reply::see("/calls/programmes", "notice-saved"),
        Err(error) => again(&posted, error, async { view::programme(&by) }).await,
    }
}

#[get("/calls/programmes")]
async fn programmes(by: As<Officer>) -> Answer {
    pages::list(&by).await
}

#[get("/calls/programmes/<id>/end")]
async fn ending(by: As<Officer>, id: Id<ProgrammeId>) -> Answer {
    pages::end(&by, id.0).await
}

#[post("/calls/programmes/<id>/end", data = "<posted>")]
async fn end_programme(by: As<Officer>, id: Id<ProgrammeId>, posted: Posted) -> Answer {
    match service::end_programme(&posted.by(&by), id.0).await {
        Ok(()) => Reply::see("/calls/programmes", "notice-saved"),
        Err(error) => again(&posted, error, pages::end(&by, id.0)).await,
    }
}

#[get("/calls/<id>/revise")]
async fn revising(by: As<Officer>, id: Id<CallId>) -> Answer {
    form::page(&by, Some(id.0)).await
}

#[post("/calls/<id>/revise", data = "<posted>")]
async fn revise(by: As<Officer>, id: Id<CallId>, posted: Posted) -> Answer {
    let done = async {
        let version = i32::try_from(posted.number("version", 1, i64::from(i32::MAX))).unwrap_or(0);
        let drafted = form::read(&by, &posted, Some(id.0)).await?;
        service::revise(&posted.by(&by), id.0, version, drafted).await
    };
    match done.await {
        Ok(_) => Reply::see(format!("/calls/{}", id.0), "notice-call-drafted"),
        Err(error) => again(&posted, error, form::page(&by, Some(id.0))).await,
    }
}

#[get("/calls/<id>/apply?<organisation>")]
async fn apply(by: As<SignedIn>, id: Id<CallId>, organisation: Option<i64>) -> Answer {
    view::apply(&by, id.0, organisation).await
}

#[post("/calls/<id>/apply", data = "<posted>")]
async fn begin(by: As<SignedIn>, id: Id<CallId>, posted: Posted) -> Answer {
    let done = async {
        let organisation = posted.id::<OrganisationId>("organisation");
        let title = posted.text("title", TITLE);
        posted.well()?;
        applications::service::start(&posted.by(&by.editor_of(organisation)?), id.0, &title).await
    };
    match done.await {
        Ok(application) => Reply::see(format!("/applications/{application}/edit"), "notice-application-saved"),
        Err(error) => again(&posted, error, view::apply(&by, id.0, None)).await,
    }
}

#[get("/calls/<id>/<act>", rank = 5)]
async fn act(by: As<Officer>, id: Id<CallId>, act: &str) -> Answer {
    view::act(&by, id.0, act).await
}

/// Done: back to the call; refused: the act's page again.
async fn after(by: &Context, id: CallId, act: &str, posted: &Posted, done: Result<()>) -> Answer {
    match done {
        Ok(()) => Reply::see(format!("/calls/{id}"), "notice-saved"),
        Err(error) => again(posted, error, view::act(by, id, act)).await,
    }
}

#[post("/calls/<id>/check", data = "<posted>")]
async fn check(by: As<Officer>, id: Id<CallId>, posted: Posted) -> Answer {
    let done = service::check(&posted.by(&by), id.0).await;
    after(&by, id.0, "check", &posted, done).await
}

#[post("/calls/<id>/start-review", data = "<posted>")]
async fn start_review(by: As<Officer>, id: Id<CallId>, posted: Posted) -> Answer {
    let done = service::start_review(&posted.by(&by), id.0).await;
    after(&by, id.0, "start-review", &posted, done).await
}

#[post("/calls/<id>/archive", data = "<posted>")]
async fn archive(by: As<Officer>, id: Id<CallId>, posted: Posted) -> Answer {
    let done = service::archive(&posted.by(&by), id.0).await;
    after(&by, id.0, "archive", &posted, done).await
}

#[post("/calls/<id>/amend", data = "<posted>")]
async fn amend(by: As<Officer>, id: Id<CallId>, posted: Posted) -> Answer {
    let done = async {
        let (text_zh, text_en) = (posted.optional("text_zh", PROSE), posted.optional("text_en", PROSE));
        let closes_at = posted.moment("closes_at", by.edges.config.zone);
        posted.well()?;
        // The field knows minutes only: an untouched deadline stays as it is to the second.
        let row = service::load(by.edges.db.read(), id.0).await?;
        let untouched = view::local(&by, row.closes_at) == posted.raw("closes_at").trim();
        let closes_at = if untouched { None } else { Some(closes_at) };
        service::amend(&posted.by(&by), id.0, &text_zh, &text_en, closes_at).await.map(|_| ())
    };
    after(&by, id.0, "amend", &posted, done.await).await
}

#[post("/calls/<id>/cancel", data = "<posted>")]
async fn cancel(by: As<Officer>, id: Id<CallId>, posted: Posted) -> Answer {
    let done = async {
        let reason = posted.text("reason", PROSE);
        posted.well()?;
        service::cancel(&posted.by(&by), id.0, &reason).await
    };
    after(&by, id.0, "cancel", &posted, done.await).await
}

#[post("/calls/<id>/copy", data = "<posted>")]
async fn copy(by: As<Officer>, id: Id<CallId>, posted: Posted) -> Answer {
    match copying::copy(&posted.by(&by), id.0).await {
        Ok(call) => Reply::see(format!("/calls/{call}/revise"), "notice-call-drafted"),
        Err(error) => again(&posted, error, view::act(&by, id.0, "copy")).await,
    }
}

#[post("/calls/<id>/ask-opening", data = "<posted>")]
async fn ask_opening(by: As<Officer>, id: Id<CallId>, posted: Posted) -> Answer {
    let done = opening::ask_opening(&posted.by(&by), id.0).await;
    after(&by, id.0, "ask-opening", &posted, done).await
}

#[post("/calls/<id>/open-bids", data = "<posted>")]
async fn open_bids(by: As<Officer>, id: Id<CallId>, posted: Posted) -> Answer {
    let done = opening::open_bids(&posted.by(&by), id.0).await;
    after(&by, id.0, "open-bids", &posted, done).await
}

#[get("/calls/<id>/questions")]
async fn questions(context: Context, id: Id<CallId>) -> Answer {
    view::asking::list(&context, id.0).await
}

#[get("/calls/<id>/ask")]
async fn asking(by: As<SignedIn>, id: Id<CallId>) -> Answer {
    view::asking::ask(&by, id.0).await
}

#[post("/calls/<id>/questions", data = "<posted>")]
async fn ask(by: As<SignedIn>, id: Id<CallId>, posted: Posted) -> Answer {
    let done = async {
        let text = posted.text("text", PROSE);
        posted.well()?;
        asked::ask(&posted.by(&by), id.0, &text).await
    };
    match done.await {
        Ok(_) => Reply::see(format!("/calls/{}/questions", id.0), "notice-call-asked"),
        Err(error) => again(&posted, error, view::asking::ask(&by, id.0)).await,
    }
}

#[get("/calls/<id>/questions/<question>", rank = 6)]
async fn answering(by: As<Officer>, id: Id<CallId>, question: Id<CallQuestionId>) -> Answer {
    view::asking::answer(&by, id.0, question.0).await
}

#[post("/calls/<id>/questions/<question>", data = "<posted>", rank = 6)]
async fn answer(by: As<Officer>, id: Id<CallId>, question: Id<CallQuestionId>, posted: Posted) -> Answer {
    let done = async {
        if posted.ticked("aside") {
            return asked::decline(&posted.by(&by), id.0, question.0).await;
        }
        let (zh, en) = (posted.optional("text_zh", PROSE), posted.optional("text_en", PROSE));
        posted.well()?;
        asked::answer(&posted.by(&by), id.0, question.0, &zh, &en).await
    };
    match done.await {
        Ok(()) => Reply::see(format!("/calls/{}/questions", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::asking::answer(&by, id.0, question.0)).await,
    }
}

#[get("/calls/<id>/notes")]
async fn notes(by: As<Officer>, id: Id<CallId>) -> Answer {
    view::notes::page(&by, id.0).await
}

#[post("/calls/<id>/notes", data = "<posted>")]
async fn invite(by: As<Officer>, id: Id<CallId>, posted: Posted) -> Answer {
    let done = async {
        let note = posted.id::<ApplicationId>("note");
        posted.well()?;
        stages::invite(&posted.by(&by), id.0, note).await
    };
    match done.await {
        Ok(()) => Reply::see(format!("/calls/{}/notes", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::notes::page(&by, id.0)).await,
    }
}

#[get("/calls/<id>/allocations")]
async fn allocations(context: Context, id: Id<CallId>) -> Answer {
    view::allocations::list(&context, id.0).await
}

#[get("/calls/<id>/allocations/new")]
async fn allocating(by: As<Officer>, id: Id<CallId>) -> Answer {
    view::allocations::new(&by, id.0).await
}

#[post("/calls/<id>/allocations", data = "<posted>")]
async fn allocate(by: As<Officer>, id: Id<CallId>, posted: Posted) -> Answer {
    let done = async {
        let counted = formulas::Counted {
            community: posted.text("community", TITLE),
            setting: posted.word("setting", Setting::parse, Setting::Urban),
            people: posted.number("people", 1, crate::core::formula::MAX_PEOPLE),
            counted_on: posted.date("counted_on"),
        };
        posted.well()?;
        formulas::allocate(&posted.by(&by), id.0, counted).await
    };
    match done.await {
        Ok(_) => Reply::see(format!("/calls/{}/allocations", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::allocations::new(&by, id.0)).await,
    }
}

#[get("/calls.atom")]
async fn atom(context: Context) -> Answer {
    view::feeds::atom(&context).await
}

#[get("/calls.ics")]
async fn calendar(context: Context) -> Answer {
    view::feeds::calendar(&context).await
}

#[get("/calls/programmes/<id>", rank = 4)]
async fn one_programme(context: Context, id: Id<ProgrammeId>) -> Answer {
    pages::show(&context, id.0).await
}
