//! Pages and forms of the bank: guard, form, service, redirect.

use super::service::figures::Which;
use super::service::matches::{self, Papers};
use super::service::{accounts, statements, suspense};
use super::view;
use crate::commons::texts::{PROSE, TITLE};
use crate::core::statement::{Line, MAX_REFERENCE};
use crate::error::{Error, Result, Violation};
use crate::grants::gifts::service::receipts::Receipt;
use crate::people::permission::{Approver, As, Finance, SignedIn};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use chrono::NaiveDate;
use entities::kinds::{
    Anonymity, BankAccountId, Currency, FundId, GiftId, OrganisationId, StatementId, StatementLineId,
};
use rocket::{Route, get, post, routes};

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes![
        overview,
        new_account,
        open_account,
        upload,
        check,
        statement,
        statement_act,
        perform_statement,
        unplaced,
        suspended,
        all,
        new_line,
        write_line,
        line,
        line_act,
        perform
    ]
}

#[get("/bank")]
async fn overview(by: As<SignedIn>) -> Answer {
    view::overview(&by).await
}

#[get("/bank/accounts/new")]
async fn new_account(by: As<SignedIn>) -> Answer {
    view::papers::account(&by).await
}

#[post("/bank/accounts", data = "<posted>")]
async fn open_account(by: As<Finance>, posted: Posted) -> Answer {
    let opened = async {
        let (name, number) = (posted.text("account_name", TITLE), posted.text("account_number", TITLE));
        let currency = posted.raw("currency").trim().parse::<Currency>().unwrap_or_else(|_| {
            posted.wrong(Violation::at("currency", "refused-unknown"));
            Currency::CNY
        });
        posted.well()?;
        accounts::open(&posted.by(&by), &name, &number, currency).await
    };
    match opened.await {
        Ok(_) => Reply::see("/bank", "notice-saved"),
        Err(error) => again(&posted, error, view::papers::account(&by)).await,
    }
}

#[get("/bank/import")]
async fn upload(by: As<SignedIn>) -> Answer {
    view::papers::upload(&by).await
}

#[post("/bank/import", data = "<posted>")]
async fn check(by: As<Finance>, posted: Posted) -> Answer {
    let checked = async {
        let account = posted.id::<BankAccountId>("bank_account");
        posted.well()?;
        let file = posted.file("file").ok_or_else(|| Error::field("file", "refused-file-missing"))?;
        let name: String = file.name.chars().filter(|c| !c.is_control()).take(TITLE).collect();
        statements::check(&posted.by(&by), account, &name, &file.bytes).await
    };
    match checked.await {
        Ok(id) => Reply::see(format!("/bank/statements/{id}"), "notice-saved"),
        Err(error) => again(&posted, error, view::papers::upload(&by)).await,
    }
}

#[get("/bank/statements/<id>")]
async fn statement(by: As<SignedIn>, id: Id<StatementId>) -> Answer {
    view::papers::show(&by, id.0).await
}

#[get("/bank/statements/<id>/<act>")]
async fn statement_act(by: As<SignedIn>, id: Id<StatementId>, act: &str) -> Answer {
    view::papers::act(&by, id.0, act).await
}

#[post("/bank/statements/<id>/<act>", data = "<posted>")]
async fn perform_statement(by: As<Finance>, id: Id<StatementId>, act: &str, posted: Posted) -> Answer {
    let done = match act {
        "import" => statements::import(&posted.by(&by), id.0).await,
        "discard" => statements::discard(&posted.by(&by), id.0).await,
        _ => Err(Error::NotFound),
    };
    match done {
        Ok(()) => Reply::see(format!("/bank/statements/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::papers::act(&by, id.0, act)).await,
    }
}

#[get("/bank/lines?<before>")]
async fn unplaced(by: As<SignedIn>, before: Option<i64>) -> Answer {
    view::lines::list(&by, Which::Unplaced, before).await
}

#[get("/bank/suspense?<before>")]
async fn suspended(by: As<SignedIn>, before: Option<i64>) -> Answer {
    view::lines::list(&by, Which::Suspense, before).await
}

#[get("/bank/lines/all?<before>")]
async fn all(by: As<SignedIn>, before: Option<i64>) -> Answer {
    view::lines::list(&by, Which::All, before).await
}

#[get("/bank/lines/new")]
async fn new_line(by: As<SignedIn>) -> Answer {
    view::papers::by_hand(&by).await
}

#[post("/bank/lines", data = "<posted>")]
async fn write_line(by: As<Finance>, posted: Posted) -> Answer {
    match written(&by, &posted).await {
        Ok(id) => Reply::see(format!("/bank/statements/{id}"), "notice-saved"),
        Err(error) => again(&posted, error, view::papers::by_hand(&by)).await,
    }
}

async fn written(by: &As<Finance>, posted: &Posted) -> Result<StatementId> {
    let account = posted.id::<BankAccountId>("bank_account");
    let incoming = posted.word("direction", incoming, true);
    posted.well()?;
    let currency = accounts::load(by.edges.db.read(), account).await.map(|row| row.currency);
    let currency = currency.map_err(|_| Error::field("bank_account", "refused-choose"))?;
    let minor = posted.money("amount", currency);
    let line = Line {
        at: 1,
        day: posted.date("received_on"),
        amount_minor: if incoming { minor } else { -minor },
        reference: posted.text("bank_line", MAX_REFERENCE),
        name: posted.optional("counterparty", TITLE),
        tail: String::new(),
        text: posted.optional("note", TITLE),
        balance_minor: None,
    };
    posted.well()?;
    statements::by_hand(&posted.by(by), account, &line).await
}

fn incoming(word: &str) -> Option<bool> {
    match word {
        "in" => Some(true),
        "out" => Some(false),
        _ => None,
    }
}

#[get("/bank/lines/<id>", rank = 5)]
async fn line(by: As<SignedIn>, id: Id<StatementLineId>) -> Answer {
    view::lines::show(&by, id.0).await
}

#[get("/bank/lines/<id>/<act>")]
async fn line_act(by: As<SignedIn>, id: Id<StatementLineId>, act: &str) -> Answer {
    view::acts::act(&by, id.0, act).await
}

#[post("/bank/lines/<id>/<act>", data = "<posted>")]
async fn perform(by: As<SignedIn>, id: Id<StatementLineId>, act: &str, posted: Posted) -> Answer {
    match done(&by, id.0, act, &posted).await {
        Ok(path) => Reply::see(path, "notice-saved"),
        Err(error) => again(&posted, error, view::acts::act(&by, id.0, act)).await,
    }
}

async fn done(by: &As<SignedIn>, id: StatementLineId, act: &str, posted: &Posted) -> Result<String> {
    let reason = || {
        let reason = posted.text("reason", PROSE);
        posted.well().map(|()| reason)
    };
    match act {
        "place" => place(by, id, posted).await?,
        "choose" => matches::choose(&posted.by(&by.role::<Finance>()?), id, posted.raw("meant")).await?,
        "decline-choice" => match by.role::<Approver>() {
            Ok(approver) => matches::decline(&posted.by(&approver), id, &reason()?).await?,
            Err(_) => matches::decline(&posted.by(&by.role::<Finance>()?), id, &reason()?).await?,
        },
        "assign" => {
            let finance = by.role::<Finance>()?;
            let gift = assign(&finance, id, posted).await?;
            return Ok(format!("/gifts/{gift}"));
        }
        "send-back" => suspense::propose_return(&posted.by(&by.role::<Finance>()?), id, &reason()?).await?,
        "confirm-send-back" => {
            let approver = posted.by(&by.role::<Approver>()?);
            match posted.verdict()? {
                None => {
                    let line = posted.text("bank_line", MAX_REFERENCE);
                    posted.well()?;
                    suspense::confirm_return(&approver, id, &line).await?;
                }
                Some(reason) => suspense::decline_return(&approver, id, &reason).await?,
            }
        }
        "decline-send-back" => match by.role::<Approver>() {
            Ok(approver) => suspense::decline_return(&posted.by(&approver), id, &reason()?).await?,
            Err(_) => suspense::decline_return(&posted.by(&by.role::<Finance>()?), id, &reason()?).await?,
        },
        _ => return Err(Error::NotFound),
    }
    Ok(format!("/bank/lines/{id}"))
}

async fn place(by: &As<SignedIn>, id: StatementLineId, posted: &Posted) -> Result<()> {
    let (approver, finance) = (by.role::<Approver>(), by.role::<Finance>());
    if approver.is_err() {
        finance.as_ref().map_err(|_| Error::Forbidden("forbidden-finance"))?;
    }
    let papers = match (posted.keep(by, "voucher").await?, posted.keep(by, "redacted").await?) {
        (Some(voucher), Some(redacted)) => Some(Papers { voucher, redacted }),
        (Some(_), None) => return Err(Error::field("redacted", "refused-file-missing")),
        _ => None,
    };
    match approver {
        Ok(approver) => matches::confirm(&posted.by(&approver), id, papers.as_ref()).await,
        Err(_) => matches::confirm(&posted.by(&finance?), id, papers.as_ref()).await,
    }
}

/// Whose the money is. Amount, day and mark are the line's own.
async fn assign(by: &As<Finance>, id: StatementLineId, posted: &Posted) -> Result<GiftId> {
    let pledge = posted.optional_id::<GiftId>("pledge");
    let mut receipt = Receipt {
        fund: FundId(0),
        donor_organisation: None,
        donor_person: None,
        donor_name: String::new(),
        anonymity: Anonymity::Withheld,
        receipt_wanted: false,
        amount_minor: 0,
        currency: Currency::CNY,
        restriction: None,
        received_on: NaiveDate::default(),
        bank_line: String::new(),
        pledge,
        slip: None,
    };
    match pledge {
        Some(pledge) => {
            let row = crate::grants::gifts::service::load(by.edges.db.read(), pledge).await;
            receipt.fund = row.map_err(|_| Error::field("pledge", "refused-unknown"))?.fund_id;
        }
        None => {
            receipt.fund = posted.id::<FundId>("fund");
            receipt.donor_organisation = posted.optional_id::<OrganisationId>("organisation");
            receipt.donor_name = posted.text("donor_name", TITLE);
            receipt.anonymity = posted.word("anonymity", Anonymity::parse, Anonymity::Withheld);
            receipt.receipt_wanted = posted.ticked("receipt_wanted");
        }
    }
    posted.well()?;
    suspense::assign(&posted.by(by), id, &receipt).await
}
