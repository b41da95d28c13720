//! Pages and forms of reports and evaluations: guard, form, service, redirect.

use super::service::{self, Saved};
use super::{evaluations, view};
use crate::commons::texts::{PROSE, TITLE};
use crate::core::answers::FormDefinition;
use crate::core::plan::SpendingLine;
use crate::error::{Error, Result, Violation};
use crate::grants::awards;
use crate::grants::forms::view::reading::answers;
use crate::people::permission::{As, Context, SignedIn};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::award;
use entities::kinds::{EvaluationId, OrganisationId, ReportId, ReportReceiptId};
use rocket::{Route, get, post, routes};

/// Largest count a report may give: more people than any city has.
const MOST: i64 = 100_000_000;

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes![show, act, acted, taking_out, take_out, evaluation, evaluation_act, evaluation_acted]
}

#[get("/reports/<id>")]
async fn show(by: As<SignedIn>, id: Id<ReportId>) -> Answer {
    view::show(&by, id.0).await
}

#[get("/reports/<id>/<act>")]
async fn act(by: As<SignedIn>, id: Id<ReportId>, act: &str) -> Answer {
    view::act(&by, id.0, act).await
}

/// One address an act; the service asks for the permission that the act's name stands for.
#[post("/reports/<id>/<act>", data = "<posted>")]
async fn acted(by: As<SignedIn>, id: Id<ReportId>, act: &str, posted: Posted) -> Answer {
    match done(&by, id.0, act, &posted).await {
        Ok(()) => Reply::see(format!("/reports/{}", id.0), "notice-saved"),
        // What was typed is never lost, and what the other saved is shown beside it.
        Err(Error::Stale) if act == "write" => {
            again(&posted, Error::Stale, view::both(&by, id.0, &posted.typed())).await
        }
        Err(error) => again(&posted, error, view::act(&by, id.0, act)).await,
    }
}

#[get("/reports/<id>/receipts/<receipt>/take-out")]
async fn taking_out(by: As<SignedIn>, id: Id<ReportId>, receipt: Id<ReportReceiptId>) -> Answer {
    view::proofs::take_out(&by, id.0, receipt.0).await
}

#[post("/reports/<id>/receipts/<receipt>/take-out", data = "<posted>")]
async fn take_out(by: As<SignedIn>, id: Id<ReportId>, receipt: Id<ReportReceiptId>, posted: Posted) -> Answer {
    let done = async {
        let (_, award) = service::load(by.edges.db.read(), id.0).await?;
        awards::view::visible(&by, award.id).await?;
        let mine = view::writes_for(&by, &award).await?.unwrap_or(award.organisation_id);
        service::receipts::take_out(&posted.by(&by.editor_of(mine)?), id.0, receipt.0).await
    };
    match done.await {
        Ok(()) => Reply::see(format!("/reports/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::proofs::take_out(&by, id.0, receipt.0)).await,
    }
}

async fn done(by: &Context, id: ReportId, act: &str, posted: &Posted) -> Result<()> {
    let (_, award) = service::load(by.edges.db.read(), id).await?;
    awards::view::visible(by, award.id).await?;
    let mine = view::writes_for(by, &award).await?.unwrap_or(award.organisation_id);
    match act {
        "write" => {
            let version = i32::try_from(posted.number("version", 1, i64::from(i32::MAX))).unwrap_or(1);
            let form = service::asking::of_report(by.edges.db.read(), &award).await?;
            let told = told(posted, &award, form.as_ref())?;
            service::save(&posted.by(&by.editor_of(mine)?), id, version, &told).await
        }
        "add-receipt" | "add-photo" => add(by, (id, mine), act, posted, &award).await,
        "hand-over" => service::hand_over(&posted.by(&by.editor_of(mine)?), id).await,
        "take-back" => service::take_back(&posted.by(&by.editor_of(mine)?), id).await,
        "submit" => service::submit(&posted.by(&by.signatory_of(mine)?), id).await,
        "open" => service::open(&posted.by(&by.role()?), id).await,
        "accept" => service::accept(&posted.by(&by.role()?), id).await,
        "request-changes" | "waive" => {
            let reason = posted.text("reason", PROSE);
            posted.well()?;
            let officer = posted.by(&by.role()?);
            if act == "waive" {
                service::waive(&officer, id, &reason).await
            } else {
                service::request_changes(&officer, id, &reason).await
            }
        }
        _ => Err(Error::NotFound),
    }
}

/// A receipt or a photo: the file is kept only once everything else is well.
async fn add(
    by: &Context,
    (id, mine): (ReportId, OrganisationId),
    act: &str,
    posted: &Posted,
    award: &award::Model,
) -> Result<()> {
    let editor = posted.by(&by.editor_of(mine)?);
    if act == "add-photo" {
        let caption = posted.text("caption", TITLE);
        posted.well()?;
        let kept = posted.keep_required(by, "file").await?;
        return service::receipts::show(&editor, id, &caption, &kept).await.map(|_| ());
    }
    let told = service::receipts::Claim {
        head: posted.text("head", TITLE),
        number: posted.optional("number", TITLE),
        issued_on: posted.date("issued_on"),
        amount_minor: posted.money("amount", award.currency),
    };
    posted.well()?;
    let kept = posted.keep_required(by, "file").await?;
    service::receipts::claim(&editor, id, &told, &kept).await.map(|_| ())
}

fn told(posted: &Posted, award: &award::Model, form: Option<&FormDefinition>) -> Result<Saved> {
    let count = |field: &str| i32::try_from(posted.number(field, 0, MOST)).unwrap_or(0);
    let mut told = Saved {
        narrative: posted.optional("narrative", PROSE),
        volunteer_hours: count("volunteer_hours"),
        beneficiaries: count("beneficiaries"),
        answers: form.map(|form| answers(posted, form, award.currency)).unwrap_or_default(),
        ..Saved::default()
    };
    for row in posted.rows("actual") {
        let actual = posted.number(&format!("actual.{row}.value"), 0, MOST);
        told.actuals.insert(i64::try_from(row).unwrap_or(0), actual);
    }
    for row in posted.rows("spending") {
        let head = posted.text(&format!("spending.{row}.head"), TITLE);
        let amount_minor = posted.money(&format!("spending.{row}.amount"), award.currency);
        told.spending.push(SpendingLine { head, amount_minor });
    }
    posted.well()?;
    Ok(told)
}

#[get("/evaluations/<id>")]
async fn evaluation(by: As<SignedIn>, id: Id<EvaluationId>) -> Answer {
    view::evaluation(&by, id.0).await
}

#[get("/evaluations/<id>/<act>")]
async fn evaluation_act(by: As<SignedIn>, id: Id<EvaluationId>, act: &str) -> Answer {
    view::evaluation_act(&by, id.0, act).await
}

#[post("/evaluations/<id>/<act>", data = "<posted>")]
async fn evaluation_acted(by: As<SignedIn>, id: Id<EvaluationId>, act: &str, posted: Posted) -> Answer {
    match judged(&by, id.0, act, &posted).await {
        Ok(()) => Reply::see(format!("/evaluations/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::evaluation_act(&by, id.0, act)).await,
    }
}

async fn judged(by: &Context, id: EvaluationId, act: &str, posted: &Posted) -> Result<()> {
    let (_, award) = evaluations::load(by.edges.db.read(), id).await?;
    awards::view::visible(by, award.id).await?;
    match act {
        "submit" => {
            let score = hundredths(posted);
            let findings = posted.text("findings", PROSE);
            let form = service::asking::of_evaluation(by.edges.db.read(), &award).await?;
            let told = form.map(|form| answers(posted, &form, award.currency)).unwrap_or_default();
            posted.well()?;
            let evaluator = posted.by(&evaluations::assigned(by, id).await?);
            evaluations::submit_answering(&evaluator, score, &findings, &told).await
        }
        "publish" => evaluations::publish(&posted.by(&by.role()?), id).await,
        "rectify" => {
            let text = posted.text("rectification", PROSE);
            posted.well()?;
            let mine = view::writes_for(by, &award).await?.unwrap_or(award.organisation_id);
            evaluations::rectify(&posted.by(&by.signatory_of(mine)?), id, &text).await.map(|_| ())
        }
        _ => Err(Error::NotFound),
    }
}

/// A score from 0 to 100 with at most two decimals, in hundredths.
fn hundredths(posted: &Posted) -> i32 {
    let text = posted.raw("score").trim();
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let read = || {
        if !digits(whole) || !digits(part) || part.len() > 2 {
            return None;
        }
        let part = format!("{part:0<2}").parse::<i32>().ok()?;
        whole.parse::<i32>().ok()?.checked_mul(100)?.checked_add(part)
    };
    read().filter(|score| (0..=10_000).contains(score)).unwrap_or_else(|| {
        posted.wrong(Violation::at("score", "refused-evaluation-score"));
        0
    })
}
