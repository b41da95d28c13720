//! Pages and forms of gifts: guard, form, service, redirect.

use super::service::in_kind::{self, Offer};
use super::service::pledges::{self, Promise};
use super::service::receipts::{self, Receipt};
use super::service::{bills, imports, naming, refunds, traces};
use super::view;
use crate::commons::texts::{PROSE, TITLE};
use crate::error::{Error, Result, Violation};
use crate::people::gate::Gate;
use crate::people::permission::{Approver, As, Context, Finance, Officer, SignedIn, Supervisor};
use crate::web::forms::Posted;
use crate::web::guards::{Id, Peer};
use crate::web::page::{Answer, Reply, again};
use entities::gift;
use entities::kinds::{Anonymity, Currency, FundId, GiftId, NeedId, OrganisationId, SettlementImportId};
use rocket::{Route, get, post, routes};

/// Longest mark of a bank line.
const LINE: usize = 60;

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes![
        mine,
        show,
        acknowledgement,
        acknowledgement_pdf,
        act,
        perform,
        issue_trace,
        reveal,
        trace,
        of_fund,
        start,
        begin,
        import,
        import_act,
        perform_import
    ]
}

#[get("/gifts?<before>")]
async fn mine(by: As<SignedIn>, before: Option<i64>) -> Answer {
    view::mine(&by, before).await
}

#[get("/gifts/<id>")]
async fn show(by: As<SignedIn>, id: Id<GiftId>) -> Answer {
    view::show(&by, id.0).await
}

#[get("/gifts/<id>/acknowledgement")]
async fn acknowledgement(by: As<SignedIn>, id: Id<GiftId>) -> Answer {
    view::acts::acknowledgement(&by, id.0).await
}

#[get("/gifts/<id>/acknowledgement.pdf?<locale>")]
async fn acknowledgement_pdf(by: As<SignedIn>, id: Id<GiftId>, locale: Option<&str>) -> Answer {
    view::papers::acknowledgement_pdf(&by, id.0, locale).await
}

#[get("/trace/<token>")]
async fn trace(context: Context, token: &str, from: Peer) -> Answer {
    // Whoever tries links counts like whoever tries passwords; one that leads somewhere is forgiven.
    let gate = from.0.map(|from| Gate::knock(&context.edges, from)).transpose()?;
    let page = view::trace(&context, token).await;
    if !matches!(page, Err(Error::NotFound)) {
        gate.into_iter().for_each(Gate::opened);
    }
    page
}

#[get("/funds/<id>/gifts?<before>")]
async fn of_fund(by: As<SignedIn>, id: Id<FundId>, before: Option<i64>) -> Answer {
    view::of_fund(&by, id.0, before).await
}

#[get("/funds/<id>/gifts/<act>?<pledge>")]
async fn start(by: As<SignedIn>, id: Id<FundId>, act: &str, pledge: Option<i64>) -> Answer {
    view::acts::start(&by, id.0, act, pledge.map(GiftId)).await
}

#[post("/funds/<id>/gifts/<act>", data = "<posted>")]
async fn begin(by: As<SignedIn>, id: Id<FundId>, act: &str, posted: Posted) -> Answer {
    let begun = async {
        match act {
            "pledge" => pledge(&by, id.0, &posted).await.map(|gift| format!("/gifts/{gift}")),
            "offer" => offer(&by, id.0, &posted).await.map(|gift| format!("/gifts/{gift}")),
            "record" => record(&by, id.0, &posted).await.map(|gift| format!("/gifts/{gift}")),
            "import" => propose_import(&by, id.0, &posted).await.map(|import| format!("/imports/{import}")),
            _ => Err(Error::NotFound),
        }
    };
    let pledge = posted.raw("pledge").parse().ok().map(GiftId);
    match begun.await {
        Ok(path) => Reply::see(path, "notice-saved"),
        Err(error) => again(&posted, error, view::acts::start(&by, id.0, act, pledge)).await,
    }
}

fn currency_of(posted: &Posted) -> Currency {
    posted.raw("currency").parse().unwrap_or_else(|_| {
        posted.wrong(Violation::at("currency", "refused-unknown"));
        Currency::CNY
    })
}

async fn pledge(by: &As<SignedIn>, fund: FundId, posted: &Posted) -> Result<GiftId> {
    let currency = currency_of(posted);
    let organisation = posted.id::<OrganisationId>("organisation");
    let promise = Promise {
        fund,
        amount_minor: posted.money("amount", currency),
        currency,
        due_on: posted.date("due_on"),
        anonymity: posted.word("anonymity", Anonymity::parse, Anonymity::Withheld),
        receipt_wanted: posted.ticked("receipt_wanted"),
        restriction: posted.optional_id::<NeedId>("restriction"),
    };
    posted.well()?;
    pledges::pledge(&posted.by(&by.signatory_of(organisation)?), promise).await
}

async fn offer(by: &As<SignedIn>, fund: FundId, posted: &Posted) -> Result<GiftId> {
    let currency = currency_of(posted);
    let organisation = posted.optional_id::<OrganisationId>("organisation");
    let mut offer = Offer {
        fund,
        donor_organisation: organisation,
        donor_person: None,
        donor_name: posted.optional("donor_name", TITLE),
        anonymity: posted.word("anonymity", Anonymity::parse, Anonymity::Withheld),
        receipt_wanted: posted.ticked("receipt_wanted"),
        description: posted.text("goods", PROSE),
        amount_minor: posted.money("amount", currency),
        currency,
        valuation_basis: posted.optional("valuation_basis", TITLE),
        document: None,
        restriction: posted.optional_id::<NeedId>("restriction"),
    };
    posted.well()?;
    if let Ok(finance) = by.role::<Finance>() {
        offer.document = posted.keep(by, "valuation_document").await?;
        return in_kind::offer_in_kind(&posted.by(&finance), offer).await;
    }
    let organisation = organisation.ok_or_else(|| Error::field("organisation", "refused-choose"))?;
    let signatory = by.signatory_of(organisation)?;
    offer.document = posted.keep(by, "valuation_document").await?;
    let names = crate::people::organisations::names(by, [organisation].into_iter()).await?;
    offer.donor_name = names.get(&organisation).cloned().unwrap_or_default();
    in_kind::offer_in_kind(&posted.by(&signatory), offer).await
}

async fn record(by: &As<SignedIn>, fund: FundId, posted: &Posted) -> Result<GiftId> {
    let finance = by.role::<Finance>()?;
    let currency = currency_of(posted);
    let pledge = posted.optional_id::<GiftId>("pledge");
    let (received_on, bank_line) = (posted.date("received_on"), posted.text("bank_line", LINE));
    // A pledge brings its own donor, amount and wishes; nothing of them is typed again.
    let mut receipt = Receipt {
        fund,
        donor_organisation: None,
        donor_person: None,
        donor_name: String::new(),
        anonymity: Anonymity::Withheld,
        receipt_wanted: false,
        amount_minor: 0,
        currency,
        restriction: None,
        received_on,
        bank_line,
        pledge,
        slip: None,
    };
    match pledge {
        // An instalment may come in part, and its form says how much came.
        Some(_) if !posted.raw("amount").is_empty() => receipt.amount_minor = posted.money("amount", currency),
        Some(id) => receipt.amount_minor = super::service::load(by.edges.db.read(), id).await?.amount_minor,
        None => {
            receipt.donor_organisation = posted.optional_id::<OrganisationId>("organisation");
            receipt.donor_name = posted.text("donor_name", TITLE);
            receipt.anonymity = posted.word("anonymity", Anonymity::parse, Anonymity::Withheld);
            receipt.receipt_wanted = posted.ticked("receipt_wanted");
            receipt.amount_minor = posted.money("amount", currency);
            receipt.restriction = posted.optional_id::<NeedId>("restriction");
        }
    }
    posted.well()?;
    receipt.slip = posted.keep(by, "slip").await?;
    receipts::record_receipt(&posted.by(&finance), receipt).await
}

async fn propose_import(by: &As<SignedIn>, fund: FundId, posted: &Posted) -> Result<SettlementImportId> {
    let finance = by.role::<Finance>()?;
    let (on, line) = (posted.date("received_on"), posted.text("bank_line", LINE));
    let restriction = posted.optional_id::<NeedId>("restriction");
    posted.well()?;
    let file = posted.file("file").ok_or_else(|| Error::field("file", "refused-file-missing"))?;
    let name: String = file.name.chars().filter(|c| !c.is_control()).take(TITLE).collect();
    imports::propose_import(&posted.by(&finance), fund, &name, &file.bytes, &line, on, restriction).await
}

#[get("/gifts/<id>/<act>", rank = 5)]
async fn act(by: As<SignedIn>, id: Id<GiftId>, act: &str) -> Answer {
    view::acts::act(&by, id.0, act).await
}

#[post("/gifts/<id>/trace", data = "<posted>")]
async fn issue_trace(by: As<SignedIn>, id: Id<GiftId>, posted: Posted) -> Answer {
    let token = traces::issue_trace(&posted.by(&by), id.0).await?;
    view::acts::traced(&by, id.0, &token)
}

#[post("/gifts/<id>/<act>", data = "<posted>", rank = 5)]
async fn perform(by: As<SignedIn>, id: Id<GiftId>, act: &str, posted: Posted) -> Answer {
    match done(&by, id.0, act, &posted).await {
        Ok(()) => Reply::see(format!("/gifts/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::acts::act(&by, id.0, act)).await,
    }
}

async fn done(by: &As<SignedIn>, id: GiftId, act: &str, posted: &Posted) -> Result<()> {
    let row = view::visible(by, id).await?;
    match act {
        "issue-reference" => pledges::issue_reference(&posted.by(&by.role::<Finance>()?), id).await,
        "cancel" => {
            let organisation = row.donor_organisation_id.ok_or(Error::NotFound)?;
            pledges::cancel_pledge(&posted.by(&by.signatory_of(organisation)?), id).await
        }
        "receive" => match by.role::<Approver>() {
            Ok(by) => receipts::confirm_receipt(&posted.by(&by), id).await,
            Err(_) => receipts::confirm_receipt(&posted.by(&by.role::<Finance>()?), id).await,
        },
        "return" | "refund" | "refund-failed" => {
            let reason = posted.text("reason", PROSE);
            posted.well()?;
            let by = posted.by(&by.role::<Finance>()?);
            match act {
                "return" => receipts::reject_receipt(&by, id, &reason).await,
                "refund-failed" => refunds::refund_failed(&by, id, &reason).await,
                _ => refunds::propose_refund(&by, id, &reason).await,
            }
        }
        "confirm-return" => {
            let by = posted.by(&by.role::<Approver>()?);
            match posted.verdict()? {
                None => receipts::confirm_return(&by, id, &posted.optional("bank_line", LINE)).await,
                Some(reason) => receipts::decline_return(&by, id, &reason).await,
            }
        }
        "confirm-refund" => {
            let by = posted.by(&by.role::<Approver>()?);
            match posted.verdict()? {
                None => refunds::confirm_refund(&by, id).await,
                Some(reason) => refunds::decline_refund(&by, id, &reason).await,
            }
        }
        "settle-refund" => {
            let line = posted.text("bank_line", LINE);
            posted.well()?;
            refunds::settle_refund(&posted.by(&by.role::<Finance>()?), id, &line).await
        }
        "accept" => in_kind::accept_in_kind(&posted.by(&by.role::<Approver>()?), id).await,
        "use" => {
            let note = posted.optional("note", PROSE);
            posted.well()?;
            in_kind::use_in_kind(&posted.by(&by.role::<Officer>()?), id, &note).await
        }
        "name" => {
            let anonymity = posted.word("anonymity", Anonymity::parse, Anonymity::Withheld);
            posted.well()?;
            named(by, &row, anonymity, posted).await
        }
        "bill" => {
            let (number, reason) = (posted.optional("bill_number", bills::NUMBER), posted.optional("reason", PROSE));
            posted.well()?;
            bills::record(&posted.by(&by.role::<Finance>()?), id, &number, &reason).await
        }
        "want-receipt" | "waive-receipt" => wished(by, &row, act == "want-receipt", posted).await,
        "revoke-trace" => traces::revoke_trace(&posted.by(by), id).await,
        _ => Err(Error::NotFound),
    }
}

/// The donor chooses; finance puts right what the donor may not have to.
async fn named(by: &As<SignedIn>, row: &gift::Model, anonymity: Anonymity, posted: &Posted) -> Result<()> {
    if row.donor_person_id == by.actor.person {
        return naming::choose_own_name(&posted.by(by), row.id, anonymity).await;
    }
    if let Some(Ok(donor)) = row.donor_organisation_id.map(|donor| by.signatory_of(donor)) {
        return naming::choose_name(&posted.by(&donor), row.id, anonymity).await;
    }
    naming::name_donor(&posted.by(&by.role::<Finance>()?), row.id, anonymity).await
}

/// The donor wants a receipt or waives it, as an organisation or in person.
async fn wished(by: &As<SignedIn>, row: &gift::Model, wanted: bool, posted: &Posted) -> Result<()> {
    match row.donor_organisation_id {
        Some(donor) => bills::wish(&posted.by(&by.signatory_of(donor)?), row.id, wanted).await,
        None => bills::wish_own(&posted.by(by), row.id, wanted).await,
    }
}

/// Answers with a page: what it shows is nowhere to come back to.
#[post("/gifts/<id>/reveal", data = "<posted>")]
async fn reveal(by: As<SignedIn>, id: Id<GiftId>, posted: Posted) -> Answer {
    let shown = async {
        view::visible(&by, id.0).await?;
        let reason = posted.text("reason", PROSE);
        posted.well()?;
        match (by.role::<Finance>(), by.role::<Approver>()) {
            (Ok(by), _) => naming::reveal(&posted.by(&by), id.0, &reason).await,
            (_, Ok(by)) => naming::reveal(&posted.by(&by), id.0, &reason).await,
            _ => naming::reveal(&posted.by(&by.role::<Supervisor>()?), id.0, &reason).await,
        }
    };
    match shown.await {
        Ok(()) => view::acts::revealed(&by, id.0, &naming::name_of(&by, id.0).await?),
        Err(error) => again(&posted, error, view::acts::act(&by, id.0, "reveal")).await,
    }
}

#[get("/imports/<id>")]
async fn import(by: As<SignedIn>, id: Id<SettlementImportId>) -> Answer {
    view::imports::show(&by, id.0).await
}

#[get("/imports/<id>/<act>")]
async fn import_act(by: As<SignedIn>, id: Id<SettlementImportId>, act: &str) -> Answer {
    view::imports::act(&by, id.0, act).await
}

#[post("/imports/<id>/<act>", data = "<posted>")]
async fn perform_import(by: As<SignedIn>, id: Id<SettlementImportId>, act: &str, posted: Posted) -> Answer {
    let done = async {
        match act {
            "apply" => imports::apply_import(&posted.by(&by.role::<Approver>()?), id.0).await,
            "decline" => {
                let reason = posted.text("reason", PROSE);
                posted.well()?;
                match by.role::<Finance>() {
                    Ok(by) => imports::decline_import(&posted.by(&by), id.0, &reason).await,
                    Err(_) => imports::decline_import(&posted.by(&by.role::<Approver>()?), id.0, &reason).await,
                }
            }
            _ => Err(Error::NotFound),
        }
    };
    match done.await {
        Ok(()) => Reply::see(format!("/imports/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::imports::act(&by, id.0, act)).await,
    }
}
