//! Pages and forms of funds: guard, form, service, redirect.

mod joint;

use super::rules::Terms;
use super::service::budgets;
use super::service::closing::{self, Residue};
use super::service::papers::Papers;
use super::service::pools::{self as purses, Pool};
use super::service::{self, Drafted, agreement as paper, holding};
use super::view;
use crate::commons::texts::{PROSE, TITLE};
use crate::core::money::percent_bps;
use crate::error::{Error, Result, Violation};
use crate::people::permission::{
    Administrator, Approver, As, Context, Finance, Officer, Signatory, SignedIn, Supervisor,
};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::kinds::{
    Currency, FundId, FundKind, FundraisingMode, HoldId, MatchPoolId, OrganisationId, ProposalKind, SpendingType,
};
use rocket::{Route, get, post, routes};

/// Longest number of a minute, a filing, a bank line.
const NUMBER: usize = 60;

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes![
        list,
        show,
        new,
        draft,
        agreement,
        agreement_pdf,
        act,
        perform,
        pools,
        new_pool,
        propose_pool,
        pool_act,
        perform_pool,
        capital,
        record_capital,
        capital_confirm,
        confirm_capital
    ]
}

#[get("/funds?<before>")]
async fn list(context: Context, before: Option<i64>) -> Answer {
    view::list(&context, before).await
}

#[get("/funds/<id>", rank = 5)]
async fn show(context: Context, id: Id<FundId>) -> Answer {
    view::page::show(&context, id.0).await
}

#[get("/funds/new")]
async fn new(by: As<SignedIn>) -> Answer {
    view::acts::draft(&by).await
}

#[post("/funds", data = "<posted>")]
async fn draft(by: As<SignedIn>, posted: Posted) -> Answer {
    let done = async {
        let organisation = posted.optional_id::<OrganisationId>("organisation");
        let signs = organisation.map(|organisation| by.signatory_of(organisation)).transpose()?;
        let drafted = drafted(&posted)?;
        let signs = signs.ok_or_else(|| Error::field("organisation", "refused-choose"))?;
        service::draft(&posted.by(&signs), drafted).await
    };
    match done.await {
        Ok(fund) => Reply::see(format!("/funds/{fund}"), "notice-fund-drafted"),
        Err(error) => again(&posted, error, view::acts::draft(&by)).await,
    }
}

fn currency_of(posted: &Posted) -> Currency {
    posted.raw("currency").parse().unwrap_or_else(|_| {
        posted.wrong(Violation::at("currency", "refused-unknown"));
        Currency::CNY
    })
}

fn drafted(posted: &Posted) -> Result<Drafted> {
    let currency = currency_of(posted);
    let small = |field, most| i32::try_from(posted.number(field, 0, most)).unwrap_or_default();
    let percent = |field| {
        let read = percent_bps(posted.raw(field)).ok().and_then(|bps| i32::try_from(bps).ok());
        read.unwrap_or_else(|| {
            posted.wrong(Violation::at(field, "refused-not-a-number"));
            0
        })
    };
    let drafted = Drafted {
        name_zh: posted.optional("name_zh", TITLE),
        name_en: posted.optional("name_en", TITLE),
        purpose_zh: posted.optional("purpose_zh", PROSE),
        purpose_en: posted.optional("purpose_en", PROSE),
        kind: posted.word("kind", FundKind::parse, FundKind::Micro),
        community: posted.optional("community", TITLE),
        area: posted.text("area", TITLE),
        currency,
        opening_minimum_minor: posted.money_or_zero("opening_minimum", currency),
        fee_bps: small("fee_bps", 2_000),
        bears_processor_fee: posted.raw("processor_fee") == "fund",
        mode: posted.word("mode", FundraisingMode::parse, FundraisingMode::None),
        qualification_number: posted.optional("qualification_number", NUMBER),
        filing_number: posted.optional("filing_number", NUMBER),
        spending: posted.word("spending", SpendingType::parse, SpendingType::Expendable),
        residue_rule: posted.text("residue_rule", PROSE),
        committee_size: small("committee_size", 99),
        terms: Terms {
            quorum_bps: percent("quorum_bps"),
            majority_bps: percent("majority_bps"),
            needs_resolution: posted.raw("needs_resolution") == "needed",
            spend_cap_bps: percent("spend_cap_bps"),
        },
    };
    posted.well()?;
    Ok(drafted)
}

#[get("/funds/<id>/agreement")]
async fn agreement(context: Context, id: Id<FundId>) -> Answer {
    view::acts::agreement(&context, id.0).await
}

#[get("/funds/<id>/agreement.pdf?<locale>")]
async fn agreement_pdf(context: Context, id: Id<FundId>, locale: Option<&str>) -> Answer {
    view::papers::agreement_pdf(&context, id.0, locale).await
}

#[get("/funds/<id>/<act>", rank = 9)]
async fn act(by: As<SignedIn>, id: Id<FundId>, act: &str) -> Answer {
    view::acts::act(&by, id.0, act).await
}

#[post("/funds/<id>/<act>", data = "<posted>", rank = 9)]
async fn perform(by: As<SignedIn>, id: Id<FundId>, act: &str, posted: Posted) -> Answer {
    // What is not the reader's to see answers as if it were not there.
    view::visible(&by, id.0).await?;
    match done(&by, id.0, act, &posted).await {
        Ok(()) => Reply::see(format!("/funds/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::acts::act(&by, id.0, act)).await,
    }
}

/// The initiator's signatory.
async fn initiator(by: &Context, id: FundId) -> Result<As<Signatory>> {
    by.signatory_of(service::load(by.edges.db.read(), id).await?.initiator_id)
}

async fn done(by: &As<SignedIn>, id: FundId, act: &str, posted: &Posted) -> Result<()> {
    match act {
        "submit" => service::submit(&posted.by(&initiator(by, id).await?), id).await,
        "revise" => {
            let signs = initiator(by, id).await?;
            let version = i32::try_from(posted.number("version", 1, i64::from(i32::MAX))).unwrap_or_default();
            let drafted = drafted(posted)?;
            service::revise(&posted.by(&signs), id, version, drafted).await
        }
        "sign-partner" => joint::sign_partner(by, id, posted).await,
        "shares" => joint::shares(by, id, posted).await,
        "budget" => joint::budget(by, id, posted).await,
        "confirm-budget" => {
            let by = posted.by(&by.role::<Officer>()?);
            match posted.verdict()? {
                None => budgets::confirm(&by, id).await,
                Some(reason) => budgets::decline(&by, id, &reason).await,
            }
        }
        "sign-initiator" => {
            let name = posted.text("typed_name", TITLE);
            posted.well()?;
            paper::sign_as_initiator(&posted.by(&initiator(by, id).await?), id, &name).await
        }
        "close" => {
            let residue = Residue {
                decision: posted.text("closing_decision", PROSE),
                into: posted.optional_id::<FundId>("into"),
            };
            posted.well()?;
            closing::propose_close(&posted.by(&by.role::<Finance>()?), id, residue).await
        }
        "confirm-close" => {
            let by = posted.by(&by.role::<Approver>()?);
            match posted.verdict()? {
                None => closing::confirm_close(&by, id).await,
                Some(reason) => closing::decline(&by, id, ProposalKind::Closing, &reason).await,
            }
        }
        "supervise" => {
            let reason = posted.text("reason", PROSE);
            posted.well()?;
            holding::supervise(&posted.by(&by.role_for_fund::<Supervisor>(id)?), id, &reason).await.map(|_| ())
        }
        "lift-hold" => {
            let hold = posted.id::<HoldId>("hold");
            posted.well()?;
            let lifted = match by.role::<Administrator>() {
                Ok(by) => holding::unfreeze(&posted.by(&by), id, hold).await,
                Err(_) => holding::unfreeze(&posted.by(&by.role_for_fund::<Supervisor>(id)?), id, hold).await,
            };
            lifted.map(|_| ())
        }
        _ => administered(&posted.by(&by.role::<Administrator>()?), id, act, posted).await,
    }
}

/// The documents of a merger or another name.
async fn papers(by: &Context, posted: &Posted) -> Result<Papers> {
    Ok(Papers {
        termination: posted.keep(by, "paper_termination").await?,
        work_report: posted.keep(by, "paper_work").await?,
        finance_report: posted.keep(by, "paper_finance").await?,
        payment_request: posted.keep(by, "paper_payment").await?,
    })
}

/// What administrators do.
async fn administered(by: &As<Administrator>, id: FundId, act: &str, posted: &Posted) -> Result<()> {
    match act {
        "approve" | "decline" => {
            let minute = posted.text("board_minute", NUMBER);
            let reason = posted.optional("reason", PROSE);
            posted.well()?;
            service::decide(by, id, act == "approve", &minute, &reason).await
        }
        "sign-foundation" => paper::sign_for_foundation(by, id).await,
        "amend-filing" => {
            let (qualification, filing) =
                (posted.text("qualification_number", NUMBER), posted.text("filing_number", NUMBER));
            posted.well()?;
            service::amend_filing(by, id, &qualification, &filing).await
        }
        "start-closing" => closing::start_closing(by, id, &posted.optional("reason", PROSE)).await,
        "freeze" => {
            let reason = posted.text("reason", PROSE);
            posted.well()?;
            holding::freeze(by, id, &reason).await.map(|_| ())
        }
        "answer-hold" => {
            let (hold, words) = (posted.id::<HoldId>("hold"), posted.text("answer", PROSE));
            posted.well()?;
            holding::answer(by, id, hold, &words).await
        }
        "merge" => {
            let into = posted.id::<FundId>("into");
            let papers = papers(by, posted).await?;
            posted.well()?;
            closing::propose_merge(by, id, into, papers).await
        }
        "rename" => {
            let (zh, en) = (posted.optional("name_zh", TITLE), posted.optional("name_en", TITLE));
            let papers = papers(by, posted).await?;
            posted.well()?;
            closing::propose_rename(by, id, &zh, &en, papers).await
        }
        "confirm-merge" => match posted.verdict()? {
            None => closing::confirm_merge(by, id).await,
            Some(reason) => closing::decline(by, id, ProposalKind::Merge, &reason).await,
        },
        "confirm-rename" => match posted.verdict()? {
            None => closing::confirm_rename(by, id).await,
            Some(reason) => closing::decline(by, id, ProposalKind::Rename, &reason).await,
        },
        _ => Err(Error::NotFound),
    }
}

#[get("/funds/<id>/pools")]
async fn pools(context: Context, id: Id<FundId>) -> Answer {
    view::pools::list(&context, id.0).await
}

#[get("/funds/<id>/pools/new")]
async fn new_pool(by: As<Finance>, id: Id<FundId>) -> Answer {
    view::pools::propose(&by, id.0).await
}

#[post("/funds/<id>/pools/new", data = "<posted>")]
async fn propose_pool(by: As<Finance>, id: Id<FundId>, posted: Posted) -> Answer {
    let done = async {
        let currency = service::load(by.edges.db.read(), id.0).await?.currency;
        let cap_per_gift = posted.money_or_zero("cap_per_gift", currency);
        let pool = Pool {
            name_zh: posted.optional("name_zh", TITLE),
            name_en: posted.optional("name_en", TITLE),
            fund: id.0,
            ratio_bps: i32::try_from(posted.number("ratio_bps", 1, 100_000)).unwrap_or_default(),
            cap_per_gift_minor: Some(cap_per_gift).filter(|cap| *cap > 0),
            cap_total_minor: posted.money("cap_total", currency),
            opens_on: posted.date("opens_on"),
            closes_on: posted.date("closes_on"),
        };
        posted.well()?;
        purses::propose_pool(&posted.by(&by), pool).await
    };
    match done.await {
        Ok(_) => Reply::see(format!("/funds/{}/pools", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::pools::propose(&by, id.0)).await,
    }
}

#[get("/funds/<id>/pools/<pool>/<act>")]
async fn pool_act(by: As<SignedIn>, id: Id<FundId>, pool: Id<MatchPoolId>, act: &str) -> Answer {
    view::pools::act(&by, id.0, pool.0, act).await
}

#[post("/funds/<id>/pools/<pool>/<act>", data = "<posted>")]
async fn perform_pool(by: As<SignedIn>, id: Id<FundId>, pool: Id<MatchPoolId>, act: &str, posted: Posted) -> Answer {
    let done = async {
        let row = view::pools::of_fund(&by, id.0, pool.0).await?;
        match act {
            "confirm" => purses::confirm_pool(&posted.by(&by.role::<Approver>()?), row.id).await,
            "close" => match by.role::<Finance>() {
                Ok(by) => purses::close_pool(&posted.by(&by), row.id).await,
                Err(_) => purses::close_pool(&posted.by(&by.role::<Approver>()?), row.id).await,
            },
            "decline" => {
                let reason = posted.text("reason", PROSE);
                posted.well()?;
                match by.role::<Finance>() {
                    Ok(by) => purses::decline_pool(&posted.by(&by), row.id, &reason).await,
                    Err(_) => purses::decline_pool(&posted.by(&by.role::<Approver>()?), row.id, &reason).await,
                }
            }
            _ => Err(Error::NotFound),
        }
    };
    match done.await {
        Ok(()) => Reply::see(format!("/funds/{}/pools", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::pools::act(&by, id.0, pool.0, act)).await,
    }
}

#[get("/funds/capital")]
async fn capital(by: As<Finance>) -> Answer {
    view::pools::capital(&by)
}

#[post("/funds/capital", data = "<posted>")]
async fn record_capital(by: As<Finance>, posted: Posted) -> Answer {
    let done = async {
        let currency = currency_of(&posted);
        let amount = posted.money("amount", currency);
        let (on, line) = (posted.date("received_on"), posted.text("bank_line", NUMBER));
        posted.well()?;
        purses::record_capital(&posted.by(&by), amount, currency, on, &line).await
    };
    match done.await {
        Ok(()) => Reply::see("/desk", "notice-saved"),
        Err(error) => again(&posted, error, async { view::pools::capital(&by) }).await,
    }
}

#[get("/funds/capital/confirm")]
async fn capital_confirm(by: As<Approver>) -> Answer {
    view::pools::confirm_capital(&by).await
}

#[post("/funds/capital/confirm", data = "<posted>")]
async fn confirm_capital(by: As<Approver>, posted: Posted) -> Answer {
    let done = async {
        match posted.verdict()? {
            None => purses::confirm_capital(&posted.by(&by)).await,
            Some(reason) => purses::decline_capital(&posted.by(&by), &reason).await,
        }
    };
    match done.await {
        Ok(()) => Reply::see("/desk", "notice-saved"),
        Err(error) => again(&posted, error, view::pools::confirm_capital(&by)).await,
    }
}
