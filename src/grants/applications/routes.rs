//! Pages and forms of applications: guard, form, service, redirect. What stands beside the text of a bid is in [`parts`].

mod parts;

use super::{edit, service, view};
use crate::commons::texts::PROSE;
use crate::error::{Error, Result};
use crate::grants::forms::view::fields;
use crate::people::permission::{Administrator, As, Context, Officer, SignedIn};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::kinds::{AppealId, ApplicationId, CallId};
use rocket::{Route, get, post, routes};

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    let mut all = routes![
        list,
        show,
        editing,
        save,
        act,
        hand_over,
        take_back,
        submit,
        withdraw,
        ask_information,
        answer_information,
        screen,
        appeal,
        appealed,
        decide_appeal
    ];
    all.extend(parts::routes());
    all
}

#[get("/applications?<call>&<stage>&<sort>&<before>")]
async fn list(
    by: As<SignedIn>,
    call: Option<i64>,
    stage: Option<&str>,
    sort: Option<&str>,
    before: Option<&str>,
) -> Answer {
    let asked = view::Wanted::read(call.map(CallId), stage, sort, before);
    view::list(&by, &asked).await
}

#[get("/applications/<id>")]
async fn show(by: As<SignedIn>, id: Id<ApplicationId>) -> Answer {
    view::show(&by, id.0).await
}

#[get("/applications/<id>/edit")]
async fn editing(by: As<SignedIn>, id: Id<ApplicationId>) -> Answer {
    edit::page(&by, id.0).await
}

#[post("/applications/<id>/edit", data = "<posted>")]
async fn save(by: As<SignedIn>, id: Id<ApplicationId>, posted: Posted) -> Answer {
    let hand_over = posted.raw("then") == "hand-over";
    let file = posted.raw("then").strip_prefix(fields::UPLOAD);
    let done = async {
        let row = view::visible(&by, id.0).await?;
        let editor = by.editor_of(row.organisation_id)?;
        let (version, saved) = edit::read(&by, id.0, &posted).await?;
        service::save(&posted.by(&editor), id.0, version, saved).await?;
        if !hand_over {
            return Ok(());
        }
        match service::hand_over(&editor, id.0).await {
            // The same form came twice: it was handed over the first time.
            Err(error) if error.code() == "refused-stage" => Ok(()),
            done => done,
        }
    };
    match done.await {
        Ok(()) if hand_over => Reply::see(format!("/applications/{}", id.0), "notice-application-saved"),
        Ok(()) if file.is_some() => {
            let question = file.unwrap_or_default();
            Reply::see(format!("/applications/{}/answers/{question}", id.0), "notice-application-saved")
        }
        Ok(()) => Reply::see(format!("/applications/{}/edit", id.0), "notice-application-saved"),
        // Somebody saved meanwhile, or an old form came again from the browser's history: both versions are shown, nothing is lost.
        Err(error) if matches!(error.code(), "refused-stale" | "refused-form-used") => {
            again(&posted, Error::Stale, edit::both(&by, id.0, &posted.typed())).await
        }
        Err(error) => again(&posted, error, edit::page(&by, id.0)).await,
    }
}

#[get("/applications/<id>/<act>", rank = 5)]
async fn act(by: As<SignedIn>, id: Id<ApplicationId>, act: &str) -> Answer {
    view::act(&by, id.0, act).await
}

/// Done: back to the application; refused: the act's page again.
async fn after(by: &Context, id: ApplicationId, act: &str, posted: &Posted, done: Result<()>) -> Answer {
    match done {
        Ok(()) if act == "submit" => Reply::see(format!("/applications/{id}"), "notice-application-submitted"),
        Ok(()) => Reply::see(format!("/applications/{id}"), "notice-saved"),
        Err(error) => again(posted, error, view::act(by, id, act)).await,
    }
}

#[post("/applications/<id>/hand-over", data = "<posted>")]
async fn hand_over(by: As<SignedIn>, id: Id<ApplicationId>, posted: Posted) -> Answer {
    let done = async {
        let row = view::visible(&by, id.0).await?;
        service::hand_over(&posted.by(&by.editor_of(row.organisation_id)?), id.0).await
    };
    after(&by, id.0, "hand-over", &posted, done.await).await
}

#[post("/applications/<id>/take-back", data = "<posted>")]
async fn take_back(by: As<SignedIn>, id: Id<ApplicationId>, posted: Posted) -> Answer {
    let done = async {
        let row = view::visible(&by, id.0).await?;
        service::take_back(&posted.by(&by.editor_of(row.organisation_id)?), id.0).await
    };
    after(&by, id.0, "take-back", &posted, done.await).await
}

#[post("/applications/<id>/submit", data = "<posted>")]
async fn submit(by: As<SignedIn>, id: Id<ApplicationId>, posted: Posted) -> Answer {
    let done = async {
        let row = view::visible(&by, id.0).await?;
        service::submit(&posted.by(&by.signatory_of(row.organisation_id)?), id.0).await
    };
    after(&by, id.0, "submit", &posted, done.await).await
}

#[post("/applications/<id>/withdraw", data = "<posted>")]
async fn withdraw(by: As<SignedIn>, id: Id<ApplicationId>, posted: Posted) -> Answer {
    let done = async {
        let row = view::visible(&by, id.0).await?;
        let reason = posted.text("reason", PROSE);
        posted.well()?;
        service::withdraw(&posted.by(&by.signatory_of(row.organisation_id)?), id.0, &reason).await
    };
    after(&by, id.0, "withdraw", &posted, done.await).await
}

#[post("/applications/<id>/answer-information", data = "<posted>")]
async fn answer_information(by: As<SignedIn>, id: Id<ApplicationId>, posted: Posted) -> Answer {
    let done = async {
        let row = view::visible(&by, id.0).await?;
        let answer = posted.text("answer", PROSE);
        posted.well()?;
        service::answer_information(&posted.by(&by.signatory_of(row.organisation_id)?), id.0, &answer).await
    };
    after(&by, id.0, "answer-information", &posted, done.await).await
}

#[post("/applications/<id>/ask-information", data = "<posted>")]
async fn ask_information(by: As<Officer>, id: Id<ApplicationId>, posted: Posted) -> Answer {
    let done = async {
        view::visible(&by, id.0).await?;
        let question = posted.text("question", PROSE);
        let days = i32::try_from(posted.number("days", 1, 60)).unwrap_or(0);
        posted.well()?;
        service::ask_information(&posted.by(&by), id.0, &question, days).await
    };
    after(&by, id.0, "ask-information", &posted, done.await).await
}

#[post("/applications/<id>/screen", data = "<posted>")]
async fn screen(by: As<Officer>, id: Id<ApplicationId>, posted: Posted) -> Answer {
    let done = async {
        view::visible(&by, id.0).await?;
        let eligible = match posted.raw("screening") {
            "eligible" => true,
            "ineligible" => false,
            _ => return Err(Error::field("screening", "refused-choose")),
        };
        let note = posted.optional("note", PROSE);
        posted.well()?;
        service::screen(&posted.by(&by), id.0, eligible, posted.all("reasons"), &note).await
    };
    after(&by, id.0, "screen", &posted, done.await).await
}

#[post("/applications/<id>/appeal", data = "<posted>")]
async fn appeal(by: As<SignedIn>, id: Id<ApplicationId>, posted: Posted) -> Answer {
    let done = async {
        let row = view::visible(&by, id.0).await?;
        let signatory = by.signatory_of(row.organisation_id)?;
        let ground = posted.text("ground", PROSE);
        posted.well()?;
        let against = super::appeals::against(row.stage).ok_or(Error::refused("refused-appeal-nothing"))?;
        service::appeal(&posted.by(&signatory), id.0, against, &ground).await.map(|_| ())
    };
    after(&by, id.0, "appeal", &posted, done.await).await
}

#[get("/applications/<id>/appeals/<appeal>")]
async fn appealed(by: As<SignedIn>, id: Id<ApplicationId>, appeal: Id<AppealId>) -> Answer {
    view::appeal(&by, id.0, appeal.0).await
}

#[post("/applications/<id>/appeals/<appeal>", data = "<posted>")]
async fn decide_appeal(by: As<SignedIn>, id: Id<ApplicationId>, appeal: Id<AppealId>, posted: Posted) -> Answer {
    let done = async {
        view::visible(&by, id.0).await?;
        let row = super::appeals::load_appeal(by.edges.db.read(), appeal.0).await?;
        if row.application_id != id.0 {
            return Err(Error::NotFound);
        }
        let uphold = match posted.raw("uphold") {
            "upheld" => true,
            "dismissed" => false,
            _ => return Err(Error::field("uphold", "refused-choose")),
        };
        let reason = posted.text("reason", PROSE);
        posted.well()?;
        match by.role::<Officer>() {
            Ok(officer) => service::decide_appeal(&posted.by(&officer), appeal.0, uphold, &reason).await,
            Err(_) => {
                let administrator = by.role::<Administrator>()?;
                service::decide_appeal(&posted.by(&administrator), appeal.0, uphold, &reason).await
            }
        }
    };
    match done.await {
        Ok(()) => Reply::see(format!("/applications/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::appeal(&by, id.0, appeal.0)).await,
    }
}
