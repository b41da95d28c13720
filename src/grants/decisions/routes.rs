//! Pages and forms of decisions: guard, form, service, redirect.

use super::objections::Finding;
use super::service::portfolio::{self as best, Objective, Wish};
use super::service::{self, Setting};
use super::{notices, view};
use crate::commons::texts::{PROSE, TITLE};
use crate::error::{Error, Result, Violation};
use crate::grants::reviews::panel;
use crate::people::permission::{Administrator, Approver, As, Chair, Context, Officer, SignedIn};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::kinds::{
    ApplicationId, AwardKind, CallId, DecisionBatchId, DecisionItemId, ObjectionId, ObjectionStage, Outcome,
};
use rocket::{Route, get, post, routes};

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes![
        batch,
        draft_page,
        draft,
        act,
        submit,
        refresh,
        portfolio,
        minutes,
        approve,
        return_batch,
        item,
        set_item,
        notice_list,
        notice,
        notice_minutes,
        minutes_pdf,
        feedback,
        feedback_pdf,
        statistics,
        object_page,
        object,
        answer_page,
        answer
    ]
}

/// Does a drafter's verb as officer, or as chair of the call's panel.
macro_rules! drafting {
    ($by:expr, $posted:expr, $call:expr, $verb:path $(, $arg:expr)*) => {
        match $by.role::<Officer>() {
            Ok(officer) => $verb(&$posted.by(&officer) $(, $arg)*).await,
            Err(_) => $verb(&$posted.by(&$by.role_for_call::<Chair>($call)?) $(, $arg)*).await,
        }
    };
}

/// Refuses whoever does not work on the call as its page does: what is not theirs to see is not there, and no form says otherwise.
async fn works(by: &Context, call: CallId) -> Result<CallId> {
    panel::visible(by, call).await?;
    Ok(call)
}

#[get("/calls/<id>/decision")]
async fn batch(by: As<SignedIn>, id: Id<CallId>) -> Answer {
    view::batch(&by, id.0).await
}

#[get("/calls/<id>/decision/draft")]
async fn draft_page(by: As<SignedIn>, id: Id<CallId>) -> Answer {
    view::draft(&by, id.0).await
}

#[post("/calls/<id>/decision/draft", data = "<posted>")]
async fn draft(by: As<SignedIn>, id: Id<CallId>, posted: Posted) -> Answer {
    works(&by, id.0).await?;
    let done = async {
        let minutes = posted.optional("minutes", PROSE);
        posted.well()?;
        drafting!(by, posted, id.0, service::draft, id.0, &minutes)
    };
    match done.await {
        Ok(_) => Reply::see(format!("/calls/{}/decision", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::draft(&by, id.0)).await,
    }
}

#[get("/decisions/<id>/<act>", rank = 5)]
async fn act(by: As<SignedIn>, id: Id<DecisionBatchId>, act: &str) -> Answer {
    view::act(&by, id.0, act).await
}

async fn call_of(by: &Context, id: DecisionBatchId) -> Result<CallId> {
    Ok(service::load(by.edges.db.read(), id).await?.call_id)
}

async fn after(by: &Context, id: DecisionBatchId, act: &str, posted: &Posted, done: Result<()>) -> Answer {
    match done {
        Ok(()) => Reply::see(format!("/calls/{}/decision", call_of(by, id).await?), "notice-saved"),
        Err(error) => again(posted, error, view::act(by, id, act)).await,
    }
}

fn version(posted: &Posted) -> i32 {
    i32::try_from(posted.number("version", 0, i64::from(i32::MAX))).unwrap_or(0)
}

#[post("/decisions/<id>/submit", data = "<posted>")]
async fn submit(by: As<SignedIn>, id: Id<DecisionBatchId>, posted: Posted) -> Answer {
    let call = works(&by, call_of(&by, id.0).await?).await?;
    let done = async {
        let version = version(&posted);
        posted.well()?;
        drafting!(by, posted, call, service::submit_batch, id.0, version)
    };
    let done = done.await;
    after(&by, id.0, "submit", &posted, done).await
}

#[post("/decisions/<id>/refresh", data = "<posted>")]
async fn refresh(by: As<SignedIn>, id: Id<DecisionBatchId>, posted: Posted) -> Answer {
    let call = works(&by, call_of(&by, id.0).await?).await?;
    let done = async { drafting!(by, posted, call, service::refresh, id.0) };
    let done = done.await;
    after(&by, id.0, "refresh", &posted, done).await
}

#[post("/decisions/<id>/portfolio", data = "<posted>")]
async fn portfolio(by: As<SignedIn>, id: Id<DecisionBatchId>, posted: Posted) -> Answer {
    let call = works(&by, call_of(&by, id.0).await?).await?;
    by.role::<Officer>().map(|_| ()).or_else(|_| by.role_for_call::<Chair>(call).map(|_| ()))?;
    let done = async {
        let version = version(&posted);
        let wish = wished(&by, id.0, &posted).await?;
        posted.well()?;
        drafting!(by, posted, call, best::propose, id.0, version, &wish)
    };
    let done = done.await;
    after(&by, id.0, "portfolio", &posted, done).await
}

/// What the best set is asked for: each project may be decided beforehand.
async fn wished(by: &Context, id: DecisionBatchId, posted: &Posted) -> Result<Wish> {
    let db = by.edges.db.read();
    let rows = service::items_of(db, id).await?;
    let decided = |word: &str| {
        let is = |row: &&entities::decision_item::Model| posted.raw(&format!("project.{}", row.application_id)) == word;
        rows.iter().filter(is).map(|row| row.application_id).collect()
    };
    let least =
        crate::core::money::percent_bps(posted.raw("least_share")).ok().filter(|bps| (1..=10_000).contains(bps));
    let Some(currency) = rows.first().map(|row| row.currency) else { return Err(Error::NotFound) };
    Ok(Wish {
        objective: posted.word("objective", Objective::parse, Objective::MeritMoney),
        budget_minor: posted.money("budget", currency),
        least_bps: least.unwrap_or_else(|| {
            posted.wrong(Violation::at("least_share", "refused-not-a-number"));
            10_000
        }),
        funded: decided("fund"),
        rejected: decided("reject"),
    })
}

#[post("/decisions/<id>/minutes", data = "<posted>")]
async fn minutes(by: As<SignedIn>, id: Id<DecisionBatchId>, posted: Posted) -> Answer {
    let call = works(&by, call_of(&by, id.0).await?).await?;
    let done = async {
        let version = version(&posted);
        let text = posted.optional("minutes", PROSE);
        posted.well()?;
        drafting!(by, posted, call, service::write_minutes, id.0, version, &text)
    };
    let done = done.await;
    after(&by, id.0, "minutes", &posted, done).await
}

#[post("/decisions/<id>/approve", data = "<posted>")]
async fn approve(by: As<Approver>, id: Id<DecisionBatchId>, posted: Posted) -> Answer {
    let done = service::approve_batch(&posted.by(&by), id.0).await;
    after(&by, id.0, "approve", &posted, done).await
}

#[post("/decisions/<id>/return", data = "<posted>")]
async fn return_batch(by: As<Approver>, id: Id<DecisionBatchId>, posted: Posted) -> Answer {
    let done = async {
        let reason = posted.text("reason", PROSE);
        posted.well()?;
        service::return_batch(&posted.by(&by), id.0, &reason).await
    };
    let done = done.await;
    after(&by, id.0, "return", &posted, done).await
}

#[get("/decisions/<id>/items/<item>")]
async fn item(by: As<SignedIn>, id: Id<DecisionBatchId>, item: Id<DecisionItemId>) -> Answer {
    view::item(&by, id.0, item.0).await
}

#[post("/decisions/<id>/items/<item>", data = "<posted>")]
async fn set_item(by: As<SignedIn>, id: Id<DecisionBatchId>, item: Id<DecisionItemId>, posted: Posted) -> Answer {
    let (row, batch, call) = service::load_item(by.edges.db.read(), item.0).await?;
    if batch.id != id.0 {
        return Err(Error::NotFound);
    }
    works(&by, call.id).await?;
    let done = async {
        let version = version(&posted);
        let set = Setting {
            outcome: posted.word("outcome", Outcome::parse, Outcome::Declined),
            amount_minor: posted.money_or_zero("amount", row.currency),
            award_kind: posted.word("award_kind", AwardKind::parse, AwardKind::Project),
            reason: posted.text("reason", PROSE),
        };
        posted.well()?;
        drafting!(by, posted, call.id, service::set_item, item.0, version, &set)
    };
    match done.await {
        Ok(()) => Reply::see(format!("/calls/{}/decision", call.id), "notice-saved"),
        Err(error) => again(&posted, error, view::item(&by, id.0, item.0)).await,
    }
}

#[get("/notices?<before>")]
async fn notice_list(context: Context, before: Option<i64>) -> Answer {
    notices::list(&context, before).await
}

#[get("/notices/<id>")]
async fn notice(context: Context, id: Id<DecisionBatchId>) -> Answer {
    notices::show(&context, id.0).await
}

#[get("/notices/<id>/minutes")]
async fn notice_minutes(by: As<SignedIn>, id: Id<DecisionBatchId>) -> Answer {
    view::minutes::show(&by, id.0).await
}

#[get("/notices/<id>/minutes.pdf?<locale>")]
async fn minutes_pdf(by: As<SignedIn>, id: Id<DecisionBatchId>, locale: Option<&str>) -> Answer {
    view::minutes::paper(&by, id.0, locale).await
}

#[get("/applications/<id>/feedback")]
async fn feedback(by: As<SignedIn>, id: Id<ApplicationId>) -> Answer {
    view::feedback::show(&by, id.0).await
}

#[get("/applications/<id>/feedback.pdf?<locale>")]
async fn feedback_pdf(by: As<SignedIn>, id: Id<ApplicationId>, locale: Option<&str>) -> Answer {
    view::feedback::paper(&by, id.0, locale).await
}

#[get("/calls/<id>/statistics")]
async fn statistics(context: Context, id: Id<CallId>) -> Answer {
    view::statistics::show(&context, id.0).await
}

#[get("/notices/<id>/items/<item>/object")]
async fn object_page(context: Context, id: Id<DecisionBatchId>, item: Id<DecisionItemId>) -> Answer {
    notices::object(&context, id.0, item.0).await
}

#[post("/notices/<id>/items/<item>/object", data = "<posted>")]
async fn object(context: Context, id: Id<DecisionBatchId>, item: Id<DecisionItemId>, posted: Posted) -> Answer {
    // The page answers 404 for what the reader may not see; so does the form.
    notices::object(&context, id.0, item.0).await?;
    let done = async {
        let ground = posted.text("ground", PROSE);
        let contact = posted.text("contact", TITLE);
        posted.well()?;
        service::object(&posted.by(&context.anyone()), item.0, &ground, &contact).await
    };
    match done.await {
        Ok(_) => Reply::see(format!("/notices/{}", id.0), "notice-objection-filed"),
        Err(error) => again(&posted, error, notices::object(&context, id.0, item.0)).await,
    }
}

#[get("/objections/<id>")]
async fn answer_page(by: As<SignedIn>, id: Id<ObjectionId>) -> Answer {
    view::answer(&by, id.0).await
}

#[post("/objections/<id>", data = "<posted>")]
async fn answer(by: As<SignedIn>, id: Id<ObjectionId>, posted: Posted) -> Answer {
    let db = by.edges.db.read();
    let row = super::objections::load(db, id.0).await?;
    let (item, batch, _) = service::load_item(db, row.item_id).await?;
    let done = async {
        let finding = match posted.raw("finding") {
            "uphold" => Finding::Upheld,
            "dismiss" => Finding::Dismissed,
            "uphold-in-part" => Finding::UpheldInPart { amount_minor: posted.money_or_zero("amount", item.currency) },
            _ => return Err(Error::field("finding", "refused-choose")),
        };
        let words = posted.text("answer", PROSE);
        posted.well()?;
        if row.stage == ObjectionStage::Escalated {
            service::answer(&posted.by(&by.role::<Administrator>()?), id.0, finding, &words).await
        } else {
            service::answer(&posted.by(&by.role::<Officer>()?), id.0, finding, &words).await
        }
    };
    match done.await {
        Ok(()) => Reply::see(format!("/notices/{}", batch.id), "notice-saved"),
        Err(error) => again(&posted, error, view::answer(&by, id.0)).await,
    }
}
