//! Pages and forms of needs: guard, form, service, redirect.

use super::service::{self, Told};
use super::view;
use crate::commons::texts::{PROSE, TITLE};
use crate::error::{Error, Result, Violation};
use crate::people::permission::{As, Context, Officer, SignedIn};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::kinds::{NeedClaimId, NeedConsentId, NeedId, NeedPartId, OrganisationId, PartKind};
use rocket::{Route, get, post, routes};

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes![
        list,
        show,
        new,
        propose,
        act,
        list_need,
        decline,
        merge,
        archive,
        add_part,
        ask_owner,
        claim,
        claim_part,
        withdrawing,
        withdraw,
        owner,
        record_consent
    ]
}

#[get("/needs?<before>")]
async fn list(context: Context, before: Option<i64>) -> Answer {
    view::list(&context, before).await
}

#[get("/needs/<id>")]
async fn show(context: Context, id: Id<NeedId>) -> Answer {
    view::show(&context, id.0).await
}

#[get("/needs/new")]
async fn new(by: As<SignedIn>) -> Answer {
    view::propose(&by)
}

#[post("/needs", data = "<posted>")]
async fn propose(by: As<SignedIn>, posted: Posted) -> Answer {
    let done = async { service::propose(&posted.by(&by), told(&posted)?).await };
    match done.await {
        Ok(need) => Reply::see(format!("/needs/{need}"), "notice-need-proposed"),
        Err(error) => again(&posted, error, async { view::propose(&by) }).await,
    }
}

fn told(posted: &Posted) -> Result<Told> {
    let told = Told {
        title_zh: posted.optional("title_zh", TITLE),
        title_en: posted.optional("title_en", TITLE),
        summary_zh: posted.optional("summary_zh", PROSE),
        summary_en: posted.optional("summary_en", PROSE),
        community: posted.text("community", TITLE),
        area: posted.text("area", TITLE),
        since_year: None,
        consents_required: posted.ticked("consents_required"),
    };
    if told.title_zh.is_empty() && told.title_en.is_empty() {
        posted.wrong(Violation::at("title_zh", "refused-one-language"));
    }
    posted.well()?;
    Ok(told)
}

#[get("/needs/<id>/<act>", rank = 5)]
async fn act(by: As<Officer>, id: Id<NeedId>, act: &str) -> Answer {
    view::act(&by, id.0, act).await
}

/// Done: back to the need; refused: the act's page again.
async fn after(by: &Context, id: NeedId, act: &str, posted: &Posted, done: Result<()>) -> Answer {
    match done {
        Ok(()) => Reply::see(format!("/needs/{id}"), "notice-saved"),
        Err(error) => again(posted, error, view::act(by, id, act)).await,
    }
}

#[post("/needs/<id>/list", data = "<posted>")]
async fn list_need(by: As<Officer>, id: Id<NeedId>, posted: Posted) -> Answer {
    let done = service::list(&posted.by(&by), id.0).await;
    after(&by, id.0, "list", &posted, done).await
}

#[post("/needs/<id>/archive", data = "<posted>")]
async fn archive(by: As<Officer>, id: Id<NeedId>, posted: Posted) -> Answer {
    let done = service::archive(&posted.by(&by), id.0).await;
    after(&by, id.0, "archive", &posted, done).await
}

#[post("/needs/<id>/decline", data = "<posted>")]
async fn decline(by: As<Officer>, id: Id<NeedId>, posted: Posted) -> Answer {
    let done = async {
        let reason = posted.text("reason", PROSE);
        posted.well()?;
        service::decline(&posted.by(&by), id.0, &reason).await
    };
    after(&by, id.0, "decline", &posted, done.await).await
}

#[post("/needs/<id>/merge", data = "<posted>")]
async fn merge(by: As<Officer>, id: Id<NeedId>, posted: Posted) -> Answer {
    let done = async {
        let into = posted.id::<NeedId>("into");
        posted.well()?;
        service::merge(&posted.by(&by), id.0, into).await
    };
    after(&by, id.0, "merge", &posted, done.await).await
}

#[post("/needs/<id>/add-part", data = "<posted>")]
async fn add_part(by: As<Officer>, id: Id<NeedId>, posted: Posted) -> Answer {
    let done = async {
        let kind = posted.word("kind", PartKind::parse, PartKind::Money);
        let label = posted.text("label", TITLE);
        let currency = service::parts::currency(by.edges.db.read()).await?;
        let wanted = posted.money_or_zero("wanted", currency);
        posted.well()?;
        service::add_part(&posted.by(&by), id.0, kind, &label, (wanted > 0).then_some(wanted)).await.map(|_| ())
    };
    after(&by, id.0, "add-part", &posted, done.await).await
}

#[post("/needs/<id>/ask-owner", data = "<posted>")]
async fn ask_owner(by: As<Officer>, id: Id<NeedId>, posted: Posted) -> Answer {
    let done = async {
        let owner = posted.text("owner", TITLE);
        let organisation = posted.optional_id::<OrganisationId>("organisation");
        posted.well()?;
        service::ask_owner(&posted.by(&by), id.0, &owner, organisation).await.map(|_| ())
    };
    after(&by, id.0, "ask-owner", &posted, done.await).await
}

#[get("/needs/<id>/parts/<part>/claim")]
async fn claim(by: As<SignedIn>, id: Id<NeedId>, part: Id<NeedPartId>) -> Answer {
    view::parts::claim(&by, id.0, part.0).await
}

#[post("/needs/<id>/parts/<part>/claim", data = "<posted>")]
async fn claim_part(by: As<SignedIn>, id: Id<NeedId>, part: Id<NeedPartId>, posted: Posted) -> Answer {
    let done = async {
        // What the reader may not see is not there.
        view::visible(&by, id.0).await?;
        let row = service::parts::load_part(by.edges.db.read(), id.0, part.0).await?;
        let organisation = posted.id::<OrganisationId>("organisation");
        let amount = row.currency.map(|currency| posted.money("amount", currency));
        posted.well()?;
        service::claim_part(&posted.by(&by.signatory_of(organisation)?), id.0, part.0, amount).await
    };
    match done.await {
        Ok(()) => Reply::see(format!("/needs/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::parts::claim(&by, id.0, part.0)).await,
    }
}

#[get("/needs/<id>/claims/<claim>/withdraw")]
async fn withdrawing(by: As<SignedIn>, id: Id<NeedId>, claim: Id<NeedClaimId>) -> Answer {
    view::parts::withdraw(&by, id.0, claim.0).await
}

#[post("/needs/<id>/claims/<claim>/withdraw", data = "<posted>")]
async fn withdraw(by: As<SignedIn>, id: Id<NeedId>, claim: Id<NeedClaimId>, posted: Posted) -> Answer {
    let done = async {
        view::visible(&by, id.0).await?;
        let row = service::parts::load_claim(by.edges.db.read(), claim.0).await?;
        let signs = by.signatory_of(row.organisation_id).map_err(|_| Error::NotFound)?;
        service::withdraw_claim(&posted.by(&signs), id.0, claim.0).await
    };
    match done.await {
        Ok(()) => Reply::see(format!("/needs/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::parts::withdraw(&by, id.0, claim.0)).await,
    }
}

#[get("/needs/<id>/owners/<consent>")]
async fn owner(by: As<SignedIn>, id: Id<NeedId>, consent: Id<NeedConsentId>) -> Answer {
    view::owner(&by, id.0, consent.0).await
}

#[post("/needs/<id>/owners/<consent>", data = "<posted>")]
async fn record_consent(by: As<SignedIn>, id: Id<NeedId>, consent: Id<NeedConsentId>, posted: Posted) -> Answer {
    let done = async {
        let act = match posted.raw("act") {
            "give" => "give",
            "refuse" => "refuse",
            "withdraw" => "withdraw",
            _ => return Err(Error::field("act", "refused-choose")),
        };
        let evidence = if act == "give" { posted.text("evidence", TITLE) } else { posted.optional("evidence", TITLE) };
        posted.well()?;
        match by.role::<Officer>() {
            Ok(officer) => service::record_consent(&posted.by(&officer), id.0, consent.0, act, &evidence).await,
            Err(_) => {
                let signatory = view::speaks_for(&by, id.0, consent.0).await?;
                service::answer_as_owner(&posted.by(&signatory), id.0, consent.0, act, &evidence).await
            }
        }
    };
    match done.await {
        Ok(()) if by.role::<Officer>().is_err() => Reply::see("/desk", "notice-saved"),
        Ok(()) => Reply::see(format!("/needs/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::owner(&by, id.0, consent.0)).await,
    }
}
