//! Pages and forms of councils and polls: guard, form, service, redirect.

use super::rules::Choices;
use super::service::drafting::{self, Drafted};
use super::service::{self, ballots, councils, counting, papers};
use super::view::{self, acts, results};
use crate::commons::texts::{PROSE, TITLE};
use crate::core::money::percent_bps;
use crate::error::{Error, Result, Violation};
use crate::grants::funds;
use crate::people::permission::{As, Context, Officer, SignedIn};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::call;
use entities::kinds::{CallId, CouncilSeatId, PersonId, PollId, PollKind};
use rocket::{Route, get, post, routes};
use sea_orm::EntityTrait;

/// Most bytes of a file that is counted for somebody: a hundred thousand ballots fit twice.
const FILE_MOST: usize = 8 * 1024 * 1024;

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes![
        of_call,
        draft_page,
        draft,
        show,
        file,
        act,
        perform,
        check,
        try_page,
        try_file,
        all_councils,
        seat_page,
        seat,
        leave_page,
        leave
    ]
}

#[get("/calls/<id>/polls")]
async fn of_call(context: Context, id: Id<CallId>) -> Answer {
    view::of_call(&context, id.0).await
}

#[get("/calls/<id>/polls/draft")]
async fn draft_page(by: As<Officer>, id: Id<CallId>) -> Answer {
    acts::draft(&by, id.0).await
}

#[post("/calls/<id>/polls/draft", data = "<posted>")]
async fn draft(by: As<Officer>, id: Id<CallId>, posted: Posted) -> Answer {
    let done = async {
        let drafted = drafted(&by, id.0, &posted).await?;
        drafting::draft(&posted.by(&by), id.0, drafted).await
    };
    match done.await {
        Ok(poll) => Reply::see(format!("/polls/{poll}"), "notice-saved"),
        Err(error) => again(&posted, error, acts::draft(&by, id.0)).await,
    }
}

async fn drafted(by: &As<Officer>, id: CallId, posted: &Posted) -> Result<Drafted> {
    let db = by.edges.db.read();
    let call = call::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    let currency = funds::service::load(db, call.fund_id).await?.currency;
    let small = |field, most| i32::try_from(posted.number(field, 1, most)).unwrap_or(1);
    let offered = drafting::offered(db, id).await?;
    let chosen = offered.iter().map(|row| row.id).filter(|project| posted.ticked(&acts::field(*project))).collect();
    let quorum = percent_bps(posted.raw("quorum_bps")).ok().and_then(|bps| i32::try_from(bps).ok());
    let drafted = Drafted {
        title: posted.text("title", TITLE),
        community: posted.text("community", TITLE),
        kind: posted.word("kind", PollKind::parse, PollKind::Approval),
        most: small("most", 100),
        points: small("points", 100),
        budget_minor: posted.money("budget", currency),
        quorum_bps: quorum.unwrap_or_else(|| {
            posted.wrong(Violation::at("quorum_bps", "refused-not-a-number"));
            0
        }),
        closes_at: posted.moment("closes_at", by.edges.config.zone),
        projects: chosen,
    };
    posted.well()?;
    Ok(drafted)
}

#[get("/polls/<id>")]
async fn show(context: Context, id: Id<PollId>) -> Answer {
    view::show(&context, id.0).await
}

#[get("/polls/<id>/ballots.pb")]
async fn file(context: Context, id: Id<PollId>) -> Answer {
    view::visible(&context, id.0).await?;
    let text = counting::file(context.edges.db.read(), id.0).await?;
    let name = format!("poll-{}.pb", id.0);
    Ok(Reply::File { bytes: text.into_bytes(), media_type: "text/plain; charset=utf-8".into(), name, public: true })
}

#[get("/polls/<id>/<act>", rank = 5)]
async fn act(context: Context, id: Id<PollId>, act: &str) -> Answer {
    acts::act(&context, id.0, act).await
}

#[post("/polls/<id>/check", data = "<posted>")]
async fn check(context: Context, id: Id<PollId>, posted: Posted) -> Answer {
    match acts::checked(&context, id.0, posted.raw("receipt")).await {
        Ok(answer) => Ok(answer),
        Err(error) => again(&posted, error, acts::act(&context, id.0, "check")).await,
    }
}

#[post("/polls/<id>/<act>", data = "<posted>", rank = 5)]
async fn perform(by: As<SignedIn>, id: Id<PollId>, act: &str, posted: Posted) -> Answer {
    // What is not the reader's to see answers as if it were not there.
    view::visible(&by, id.0).await?;
    match done(&by, id.0, act, &posted).await {
        Ok(notice) => Reply::see(format!("/polls/{}", id.0), notice),
        Err(error) => again(&posted, error, acts::act(&by, id.0, act)).await,
    }
}

async fn done(by: &As<SignedIn>, id: PollId, act: &str, posted: &Posted) -> Result<&'static str> {
    match act {
        "vote" => {
            let choices = choices(by, id, posted).await?;
            let receipt = posted.raw("receipt");
            ballots::cast(&posted.by(by), id, &choices, receipt).await?;
            return Ok("notice-poll-voted");
        }
        "open" => drafting::open(&posted.by(&by.role::<Officer>()?), id).await?,
        "cancel" => {
            let reason = posted.text("reason", PROSE);
            posted.well()?;
            drafting::cancel(&posted.by(&by.role::<Officer>()?), id, &reason).await?;
        }
        "hand-out" => {
            let person = posted.id::<PersonId>("person");
            posted.well()?;
            papers::hand_out(&posted.by(&by.role::<Officer>()?), id, person).await?;
        }
        "read-paper" => {
            let officer = by.role::<Officer>()?;
            let number = i32::try_from(posted.number("number", 1, 100_000)).unwrap_or(0);
            let choices = choices(by, id, posted).await?;
            posted.well()?;
            papers::enter(&posted.by(&officer), id, number, &choices).await?;
        }
        "count" => counting::count(&posted.by(&by.role::<Officer>()?), id).await.map(|_| ())?,
        _ => return Err(Error::NotFound),
    }
    Ok("notice-saved")
}

/// What a paper says: a tick is one point, an empty field none.
async fn choices(by: &Context, id: PollId, posted: &Posted) -> Result<Choices> {
    let db = by.edges.db.read();
    let row = service::load(db, id).await?;
    let mut choices = Choices::new();
    for (of, _) in service::projects(db, id).await? {
        let name = acts::field(of.application_id);
        let given = match row.kind {
            PollKind::Approval => i64::from(posted.ticked(&name)),
            PollKind::Scoring if posted.raw(&name).trim().is_empty() => 0,
            PollKind::Scoring => posted.number(&name, 0, row.points.into()),
        };
        if given > 0 {
            choices.insert(of.application_id, given);
        }
    }
    posted.well()?;
    Ok(choices)
}

#[get("/polls/try")]
async fn try_page(context: Context) -> Answer {
    acts::trial(&context).await
}

#[post("/polls/try", data = "<posted>")]
async fn try_file(by: As<SignedIn>, posted: Posted) -> Answer {
    let done = async {
        let upload = posted.file("file").ok_or_else(|| Error::field("file", "refused-file-empty"))?;
        if upload.bytes.len() > FILE_MOST {
            return Err(Error::field("file", "refused-file-too-large"));
        }
        let text = std::str::from_utf8(&upload.bytes).map_err(|_| Error::field("file", "refused-file-type"))?;
        results::tried(&by, text)
    };
    match done.await {
        Ok(answer) => Ok(answer),
        Err(error) => again(&posted, error, acts::trial(&by)).await,
    }
}

#[get("/councils")]
async fn all_councils(by: As<Officer>) -> Answer {
    view::councils(&by).await
}

#[get("/councils/seat")]
async fn seat_page(by: As<Officer>) -> Answer {
    acts::seat(&by).await
}

#[post("/councils/seat", data = "<posted>")]
async fn seat(by: As<Officer>, posted: Posted) -> Answer {
    let done = async {
        let (person, community) = (posted.id::<PersonId>("person"), posted.text("community", TITLE));
        posted.well()?;
        councils::seat(&posted.by(&by), person, &community).await
    };
    match done.await {
        Ok(_) => Reply::see("/councils", "notice-saved"),
        Err(error) => again(&posted, error, acts::seat(&by)).await,
    }
}

#[get("/councils/seats/<id>/leave")]
async fn leave_page(by: As<Officer>, id: Id<CouncilSeatId>) -> Answer {
    acts::leave(&by, id.0).await
}

#[post("/councils/seats/<id>/leave", data = "<posted>")]
async fn leave(by: As<Officer>, id: Id<CouncilSeatId>, posted: Posted) -> Answer {
    let done = async {
        let reason = posted.text("reason", PROSE);
        posted.well()?;
        councils::leave(&posted.by(&by), id.0, &reason).await
    };
    match done.await {
        Ok(()) => Reply::see("/councils", "notice-saved"),
        Err(error) => again(&posted, error, acts::leave(&by, id.0)).await,
    }
}
