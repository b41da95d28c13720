//! Forms for what stands beside the text of a bid, for what is kept while it is typed, and the bid as a document.

use crate::commons::texts::{PROSE, TITLE};
use crate::error::{Error, Result};
use crate::grants::applications::sides::Child;
use crate::grants::applications::view::{self, papers, parts};
use crate::grants::applications::{answering, attachments, funding, scratch, sides};
use crate::people::permission::{As, Context, Officer, SignedIn};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::kinds::{
    ApplicationDocumentId, ApplicationId, ApplicationSideId, BudgetSource, CallId, CoFundingId, NeedId, OrganisationId,
};
use rocket::{Route, get, post, routes};
use std::collections::BTreeSet;

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    routes![
        keep,
        discard,
        attach,
        promise,
        ask_partner,
        needs,
        detaching,
        detach,
        funded,
        fund,
        side,
        side_act,
        answering_file,
        answer_file,
        do_side_act,
        alike,
        paper
    ]
}

/// What is typed comes without the form's key: that is for the save alone.
#[post("/applications/<id>/scratch", data = "<posted>")]
async fn keep(by: As<SignedIn>, id: Id<ApplicationId>, posted: Posted) -> Answer {
    let row = view::visible(&by, id.0).await?;
    let editor = by.editor_of(row.organisation_id)?;
    let version = i32::try_from(posted.number("version", 1, i64::from(i32::MAX))).unwrap_or(0);
    scratch::keep(&editor, id.0, version, &posted.typed()).await?;
    Ok(Reply::File { bytes: b"{}".to_vec(), media_type: "application/json".into(), name: String::new(), public: false })
}

#[post("/applications/<id>/scratch/discard", data = "<posted>")]
async fn discard(by: As<SignedIn>, id: Id<ApplicationId>, posted: Posted) -> Answer {
    let row = view::visible(&by, id.0).await?;
    scratch::discard(&posted.by(&by.editor_of(row.organisation_id)?), id.0).await?;
    Reply::see(format!("/applications/{}/edit", id.0), "notice-application-discarded")
}

/// Done: back to the bid; refused: the act's page again.
async fn after(by: &Context, id: ApplicationId, act: &str, posted: &Posted, done: Result<()>) -> Answer {
    match done {
        Ok(()) => Reply::see(format!("/applications/{id}"), "notice-saved"),
        Err(error) => again(posted, error, view::act(by, id, act)).await,
    }
}

#[post("/applications/<id>/attach", data = "<posted>")]
async fn attach(by: As<SignedIn>, id: Id<ApplicationId>, posted: Posted) -> Answer {
    let done = async {
        let row = view::visible(&by, id.0).await?;
        let editor = by.editor_of(row.organisation_id)?;
        let label = posted.text("label", TITLE);
        posted.well()?;
        let kept = posted.keep_required(&by, "file").await?;
        attachments::attach(&posted.by(&editor), id.0, &label, &kept).await.map(|_| ())
    };
    after(&by, id.0, "attach", &posted, done.await).await
}

#[get("/applications/<id>/answers/<question>")]
async fn answering_file(by: As<SignedIn>, id: Id<ApplicationId>, question: &str) -> Answer {
    parts::answer_file(&by, id.0, question).await
}

#[post("/applications/<id>/answers/<question>", data = "<posted>")]
async fn answer_file(by: As<SignedIn>, id: Id<ApplicationId>, question: &str, posted: Posted) -> Answer {
    let done = async {
        let row = view::visible(&by, id.0).await?;
        let editor = by.editor_of(row.organisation_id)?;
        let kept = posted.keep_required(&by, "file").await?;
        attachments::answer(&posted.by(&editor), id.0, question, &kept).await
    };
    match done.await {
        Ok(()) => Reply::see(format!("/applications/{}/edit", id.0), "notice-application-saved"),
        Err(error) => again(&posted, error, parts::answer_file(&by, id.0, question)).await,
    }
}

#[post("/applications/<id>/promise", data = "<posted>")]
async fn promise(by: As<SignedIn>, id: Id<ApplicationId>, posted: Posted) -> Answer {
    let done = async {
        let row = view::visible(&by, id.0).await?;
        let editor = by.editor_of(row.organisation_id)?;
        let told = funding::Promise {
            source: posted.word("source", BudgetSource::parse, BudgetSource::Partner),
            giver: posted.text("giver", TITLE),
            promised_minor: posted.money("amount", row.currency),
        };
        posted.well()?;
        let kept = posted.keep(&by, "file").await?;
        funding::promise(&posted.by(&editor), id.0, told, kept.as_ref()).await.map(|_| ())
    };
    after(&by, id.0, "promise", &posted, done.await).await
}

#[post("/applications/<id>/ask-partner", data = "<posted>")]
async fn ask_partner(by: As<SignedIn>, id: Id<ApplicationId>, posted: Posted) -> Answer {
    let done = async {
        let row = view::visible(&by, id.0).await?;
        let editor = by.editor_of(row.organisation_id)?;
        let told = Child {
            partner: posted.id::<OrganisationId>("organisation"),
            title: posted.text("title", TITLE),
            summary: posted.text("summary", PROSE),
            amount_minor: posted.money_or_zero("amount", row.currency),
        };
        posted.well()?;
        sides::ask_partner(&posted.by(&editor), id.0, told).await.map(|_| ())
    };
    after(&by, id.0, "ask-partner", &posted, done.await).await
}

#[post("/applications/<id>/needs", data = "<posted>")]
async fn needs(by: As<SignedIn>, id: Id<ApplicationId>, posted: Posted) -> Answer {
    let done = async {
        let row = view::visible(&by, id.0).await?;
        let editor = by.editor_of(row.organisation_id)?;
        let chosen: Option<BTreeSet<NeedId>> =
            posted.all("needs").iter().map(|text| text.parse::<i64>().ok().map(NeedId)).collect();
        let chosen = chosen.ok_or_else(|| Error::field("needs", "refused-unknown"))?;
        answering::answer_needs(&posted.by(&editor), id.0, &chosen).await
    };
    after(&by, id.0, "needs", &posted, done.await).await
}

#[get("/applications/<id>/files/<file>/detach")]
async fn detaching(by: As<SignedIn>, id: Id<ApplicationId>, file: Id<ApplicationDocumentId>) -> Answer {
    parts::detach(&by, id.0, file.0).await
}

#[post("/applications/<id>/files/<file>/detach", data = "<posted>")]
async fn detach(by: As<SignedIn>, id: Id<ApplicationId>, file: Id<ApplicationDocumentId>, posted: Posted) -> Answer {
    let done = async {
        let row = view::visible(&by, id.0).await?;
        attachments::detach(&posted.by(&by.editor_of(row.organisation_id)?), id.0, file.0).await
    };
    match done.await {
        Ok(()) => Reply::see(format!("/applications/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, parts::detach(&by, id.0, file.0)).await,
    }
}

#[get("/applications/<id>/funding/<line>/<act>")]
async fn funded(by: As<SignedIn>, id: Id<ApplicationId>, line: Id<CoFundingId>, act: &str) -> Answer {
    parts::receive(&by, id.0, line.0, act).await
}

#[post("/applications/<id>/funding/<line>/<act>", data = "<posted>")]
async fn fund(by: As<SignedIn>, id: Id<ApplicationId>, line: Id<CoFundingId>, act: &str, posted: Posted) -> Answer {
    let done = async {
        let row = view::visible(&by, id.0).await?;
        let editor = posted.by(&by.editor_of(row.organisation_id)?);
        match act {
            "receive" => {
                let received = posted.money("amount", row.currency);
                posted.well()?;
                let kept = posted.keep_required(&by, "file").await?;
                funding::receive(&editor, id.0, line.0, received, &kept).await
            }
            "drop-promise" => funding::drop_line(&editor, id.0, line.0).await,
            _ => Err(Error::NotFound),
        }
    };
    match done.await {
        Ok(()) => Reply::see(format!("/applications/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, parts::receive(&by, id.0, line.0, act)).await,
    }
}

#[get("/applications/<id>/sides/<side>")]
async fn side(by: As<SignedIn>, id: Id<ApplicationId>, side: Id<ApplicationSideId>) -> Answer {
    parts::side(&by, id.0, side.0).await
}

#[get("/applications/<id>/sides/<side>/<act>")]
async fn side_act(by: As<SignedIn>, id: Id<ApplicationId>, side: Id<ApplicationSideId>, act: &str) -> Answer {
    parts::side_act(&by, id.0, side.0, act).await
}

#[post("/applications/<id>/sides/<side>/<act>", data = "<posted>")]
async fn do_side_act(
    by: As<SignedIn>,
    id: Id<ApplicationId>,
    side: Id<ApplicationSideId>,
    act: &str,
    posted: Posted,
) -> Answer {
    let done = async {
        let found = sides::load_side(by.edges.db.read(), side.0).await?;
        if found.application_id != id.0 {
            return Err(Error::NotFound);
        }
        let row = super::service::load(by.edges.db.read(), id.0).await?;
        match act {
            "accept" | "refuse" => {
                let signatory = by.signatory_of(found.organisation_id)?;
                let reason = posted.optional("reason", PROSE);
                posted.well()?;
                sides::answer(&posted.by(&signatory), side.0, act == "accept", &reason).await
            }
            "ask" => sides::ask_again(&posted.by(&by.editor_of(row.organisation_id)?), side.0).await,
            "drop" => sides::drop_side(&posted.by(&by.editor_of(row.organisation_id)?), side.0).await,
            _ => Err(Error::NotFound),
        }
    };
    match done.await {
        Ok(()) => Reply::see(sides::side_page(id.0, side.0), "notice-saved"),
        Err(error) => again(&posted, error, parts::side_act(&by, id.0, side.0, act)).await,
    }
}

#[get("/applications/similar?<call>")]
async fn alike(by: As<Officer>, call: i64) -> Answer {
    view::similar::page(&by, CallId(call)).await
}

#[get("/applications/<id>/paper?<locale>")]
async fn paper(by: As<SignedIn>, id: Id<ApplicationId>, locale: Option<&str>) -> Answer {
    papers::pdf(&by, id.0, locale).await
}
