//! Pages and forms of awards: guard, form, service, redirect.

mod terms;

use super::changes::{self, Detail};
use super::rules::pair_of;
use super::service::{self, Termination};
use super::{acts, closing, consents, repayments, view};
use crate::commons::texts::{PROSE, TITLE};
use crate::core::lifecycle::Part;
use crate::error::{Error, Result};
use crate::grants::reports::{evaluations, service as reports};
use crate::people::permission::{Approver, As, Context, Finance, Officer, SignedIn};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::award;
use entities::kinds::{AwardId, ChangeKind, ChangeRequestId, EvaluationKind, FundId, PersonId};
use rocket::{Route, get, post, routes};

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    let mut all = routes![list, show, agreement, agreement_pdf, act, acted, change, change_act, change_acted];
    all.extend(terms::routes());
    all
}

#[get("/awards?<before>")]
async fn list(by: As<SignedIn>, before: Option<i64>) -> Answer {
    view::list(&by, before).await
}

#[get("/awards/<id>")]
async fn show(by: As<SignedIn>, id: Id<AwardId>) -> Answer {
    view::show(&by, id.0).await
}

#[get("/awards/<id>/agreement")]
async fn agreement(by: As<SignedIn>, id: Id<AwardId>) -> Answer {
    view::agreement_page(&by, id.0).await
}

#[get("/awards/<id>/agreement.pdf?<locale>")]
async fn agreement_pdf(by: As<SignedIn>, id: Id<AwardId>, locale: Option<&str>) -> Answer {
    view::papers::agreement_pdf(&by, id.0, locale).await
}

#[get("/awards/<id>/<act>", rank = 5)]
async fn act(by: As<SignedIn>, id: Id<AwardId>, act: &str) -> Answer {
    acts::act(&by, id.0, act).await
}

/// One address an act; the service asks for the permission that the act's name stands for.
#[post("/awards/<id>/<act>", data = "<posted>", rank = 5)]
async fn acted(by: As<SignedIn>, id: Id<AwardId>, act: &str, posted: Posted) -> Answer {
    match done(&by, id.0, act, &posted).await {
        Ok(path) => Reply::see(path, "notice-saved"),
        Err(error) => again(&posted, error, acts::act(&by, id.0, act)).await,
    }
}

async fn done(by: &Context, id: AwardId, act: &str, posted: &Posted) -> Result<String> {
    // What the reader may not see is not there, whatever is posted to it.
    let row = view::visible(by, id).await?;
    match act {
        "accept" | "decline" | "sign" | "request-change" | "open-seed-fund" => {
            return as_signatory(by, &row, act, posted).await;
        }
        "suspend" | "resume" | "terminate" | "propose-ban" | "publish-case" | "propose-close" | "propose-residue"
        | "ask-report" | "assign-evaluation" => return as_officer(by, id, act, posted).await,
        "mentor" => {
            let text = posted.text("note", PROSE);
            posted.well()?;
            service::mentor(&posted.by(&by.signed_in()?), id, &text).await?;
        }
        "countersign" => service::sign_for_foundation(&posted.by(&by.role()?), id).await?,
        "name-seed-fund" => {
            let fund = posted.id::<FundId>("fund");
            posted.well()?;
            service::name_seed_fund(&posted.by(&by.role()?), id, fund).await?;
        }
        "confirm-termination" => service::confirm_termination(&posted.by(&by.role()?), id).await?,
        "confirm-allowable" => closing::confirm_allowable(&posted.by(&by.role()?), id).await?,
        "confirm-residue" => closing::confirm_residue(&posted.by(&by.role()?), id).await?,
        "confirm-ban" => service::bans::confirm_ban(&posted.by(&by.role()?), id).await?,
        "confirm-close" => closing::confirm_close(&posted.by(&by.role()?), id).await?,
        "confirm-repayment" => repayments::confirm_repayment(&posted.by(&by.role()?), id).await?,
        "decline-termination"
        | "decline-allowable"
        | "decline-close"
        | "decline-residue"
        | "decline-repayment"
        | "decline-ban" => {
            return declined(by, id, act, posted).await;
        }
        "propose-allowable" => {
            let amount = posted.money_or_zero("amount", row.currency);
            posted.well()?;
            closing::propose_allowable(&posted.by(&by.role()?), id, amount).await?;
        }
        "propose-repayment" => {
            let amount = posted.money("amount", row.currency);
            let line = posted.text("bank_line", TITLE);
            posted.well()?;
            let finance = posted.by(&by.role()?);
            let slip = posted.keep(by, "slip").await?;
            repayments::propose_repayment(&finance, id, amount, &line, slip.as_ref()).await?;
        }
        _ => return Err(Error::NotFound),
    }
    Ok(format!("/awards/{id}"))
}

/// The second person says no, or the first takes the proposal back: whichever of the two roles the reader has.
async fn declined(by: &Context, id: AwardId, act: &str, posted: &Posted) -> Result<String> {
    let pair = pair_of(act).ok_or(Error::NotFound)?;
    let reason = posted.text("reason", PROSE);
    posted.well()?;
    let own = view::proposed(by, id, pair.kind).await?.is_some_and(|open| Some(open.proposed_by) == by.actor.person);
    match if own { pair.first } else { pair.second } {
        Part::Finance => {
            closing::decline_proposal(&posted.by(&by.role::<Finance>()?), id, pair, &reason).await?;
        }
        Part::Approver => {
            closing::decline_proposal(&posted.by(&by.role::<Approver>()?), id, pair, &reason).await?;
        }
        _ => closing::decline_proposal(&posted.by(&by.role::<Officer>()?), id, pair, &reason).await?,
    }
    Ok(format!("/awards/{id}"))
}

async fn as_signatory(by: &Context, row: &award::Model, act: &str, posted: &Posted) -> Result<String> {
    let signs = posted.by(&by.signatory_of(row.organisation_id)?);
    match act {
        "accept" => service::accept(&signs, row.id).await?,
        "decline" => {
            let reason = posted.text("reason", PROSE);
            posted.well()?;
            service::decline(&signs, row.id, &reason).await?;
        }
        "sign" => {
            let name = posted.text("typed_name", TITLE);
            posted.well()?;
            service::sign_as_grantee(&signs, row.id, &name).await?;
        }
        "open-seed-fund" => {
            let wanted = service::seeds::Wanted {
                name_zh: posted.text("name_zh", TITLE),
                name_en: posted.optional("name_en", TITLE),
                purpose_zh: posted.text("purpose_zh", PROSE),
                purpose_en: posted.optional("purpose_en", PROSE),
                residue_rule: posted.text("residue_rule", PROSE),
            };
            posted.well()?;
            let fund = service::seeds::open_seed_fund(&signs, row.id, &wanted).await?;
            return Ok(format!("/funds/{fund}"));
        }
        _ => {
            let kind = posted.word("kind", ChangeKind::parse, ChangeKind::Scope);
            let detail = Detail {
                from_head: posted.optional("from_head", TITLE),
                to_head: posted.optional("to_head", TITLE),
                amount_minor: posted.money_or_zero("amount", row.currency),
                ends_on: posted.optional_date("ends_on"),
                words: posted.optional("change_words", PROSE),
            };
            let explanation = posted.text("explanation", PROSE);
            posted.well()?;
            let change = changes::request_change(&signs, row.id, kind, &detail, &explanation).await?;
            return Ok(format!("/awards/{}/changes/{change}", row.id));
        }
    }
    Ok(format!("/awards/{}", row.id))
}

async fn as_officer(by: &Context, id: AwardId, act: &str, posted: &Posted) -> Result<String> {
    let officer = posted.by(&by.role()?);
    match act {
        "propose-close" => closing::propose_close(&officer, id).await?,
        "propose-residue" => {
            let decision = posted.text("residue", PROSE);
            posted.well()?;
            closing::propose_residue(&officer, id, &decision).await?;
        }
        "publish-case" => {
            let told = service::cases::Story {
                title: posted.text("title", TITLE),
                story: posted.text("story", PROSE),
                photo: posted.optional_id("photo"),
            };
            posted.well()?;
            service::cases::publish_case(&officer, id, &told).await?;
        }
        "propose-ban" => {
            let told = service::bans::Ban {
                organisation: posted.id("organisation"),
                evidence: posted.text("evidence", PROSE),
                until_on: posted.date("until_on"),
            };
            posted.well()?;
            service::bans::propose_ban(&officer, id, &told).await?;
        }
        "ask-report" => {
            let (due_on, reason) = (posted.date("due_on"), posted.text("reason", PROSE));
            posted.well()?;
            return Ok(format!("/reports/{}", reports::ad_hoc(&officer, id, due_on, &reason).await?));
        }
        "assign-evaluation" => {
            let kind = posted.word("kind", EvaluationKind::parse, EvaluationKind::MidTerm);
            let evaluator = posted.id::<PersonId>("evaluator");
            posted.well()?;
            return Ok(format!("/evaluations/{}", evaluations::assign(&officer, id, kind, evaluator).await?));
        }
        "terminate" => {
            let currency = service::load(by.edges.db.read(), id).await?.currency;
            let told = Termination {
                reason: posted.text("reason", PROSE),
                clawback_minor: posted.money_or_zero("clawback", currency),
            };
            posted.well()?;
            service::propose_termination(&officer, id, &told).await?;
        }
        _ => {
            let reason = posted.text("reason", PROSE);
            posted.well()?;
            if act == "suspend" {
                service::suspend(&officer, id, &reason).await?;
            } else {
                service::resume(&officer, id, &reason).await?;
            }
        }
    }
    Ok(format!("/awards/{id}"))
}

#[get("/awards/<id>/changes/<change>")]
async fn change(by: As<SignedIn>, id: Id<AwardId>, change: Id<ChangeRequestId>) -> Answer {
    view::change(&by, id.0, change.0).await
}

#[get("/awards/<id>/changes/<change>/<act>")]
async fn change_act(by: As<SignedIn>, id: Id<AwardId>, change: Id<ChangeRequestId>, act: &str) -> Answer {
    acts::change_act(&by, id.0, change.0, act).await
}

#[post("/awards/<id>/changes/<change>/<act>", data = "<posted>")]
async fn change_acted(
    by: As<SignedIn>,
    id: Id<AwardId>,
    change: Id<ChangeRequestId>,
    act: &str,
    posted: Posted,
) -> Answer {
    match change_done(&by, id.0, change.0, act, &posted).await {
        Ok(()) => Reply::see(format!("/awards/{}/changes/{}", id.0, change.0), "notice-saved"),
        Err(error) => again(&posted, error, acts::change_act(&by, id.0, change.0, act)).await,
    }
}

async fn change_done(by: &Context, id: AwardId, change: ChangeRequestId, act: &str, posted: &Posted) -> Result<()> {
    let (row, wish) = view::visible_change(by, id, change).await?;
    if act == "consent" {
        let evidence = posted.text("evidence", PROSE);
        posted.well()?;
        let donor = view::to_consent(by, &row, &wish).await?.ok_or(Error::NotFound)?;
        return consents::give(&posted.by(&by.signatory_of(donor)?), id, change, &evidence).await;
    }
    let officer = posted.by(&by.role()?);
    match act {
        "review" => changes::review_change(&officer, id, change).await,
        "approve" => changes::approve_change(&officer, id, change).await,
        "apply" => changes::apply_change(&officer, id, change).await,
        "decline" => {
            let reason = posted.text("reason", PROSE);
            posted.well()?;
            changes::decline_change(&officer, id, change, &reason).await
        }
        _ => Err(Error::NotFound),
    }
}
