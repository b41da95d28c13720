//! Pages and forms of batches: guard, form, service, redirect.

use super::service::{self, Paying};
use super::view;
use crate::commons::texts::TITLE;
use crate::error::{Error, Result};
use crate::people::permission::{As, Finance, SignedIn};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::kinds::{BankAccountId, PayProfile, PaymentBatchId, TrancheId};
use rocket::{Route, get, post, routes};

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes![list, new, make, account, set_account, show, file, act, acted]
}

#[get("/payments/batches?<before>")]
async fn list(by: As<SignedIn>, before: Option<i64>) -> Answer {
    view::list(&by, before).await
}

#[get("/payments/batches/new")]
async fn new(by: As<SignedIn>) -> Answer {
    view::acts::new(&by).await
}

#[post("/payments/batches", data = "<posted>")]
async fn make(by: As<Finance>, posted: Posted) -> Answer {
    match made(&by, &posted).await {
        Ok(id) => Reply::see(format!("/payments/batches/{id}"), "notice-saved"),
        Err(error) => again(&posted, error, view::acts::new(&by)).await,
    }
}

async fn made(by: &As<Finance>, posted: &Posted) -> Result<PaymentBatchId> {
    let (account, on) = (posted.id::<BankAccountId>("bank_account"), posted.date("execute_on"));
    posted.well()?;
    let chosen: Option<Vec<TrancheId>> =
        posted.all("tranches").iter().map(|text| text.parse::<i64>().ok().map(TrancheId)).collect();
    let mut chosen = chosen.ok_or_else(|| Error::field("tranches", "refused-choose"))?;
    chosen.sort_unstable();
    chosen.dedup();
    service::put_together(&posted.by(by), account, on, &chosen).await
}

#[get("/payments/accounts/<id>")]
async fn account(by: As<SignedIn>, id: Id<BankAccountId>) -> Answer {
    view::acts::account(&by, id.0).await
}

#[post("/payments/accounts/<id>", data = "<posted>")]
async fn set_account(by: As<Finance>, id: Id<BankAccountId>, posted: Posted) -> Answer {
    let set = async {
        let told = Paying {
            number: posted.text("account_number", TITLE),
            holder: posted.text("account_holder", TITLE),
            bic: posted.optional("bic", TITLE),
            profile: posted.word("profile", PayProfile::parse, PayProfile::PainLatin),
        };
        posted.well()?;
        service::set_paying(&posted.by(&by), id.0, &told).await
    };
    match set.await {
        Ok(()) => Reply::see("/payments/batches", "notice-saved"),
        Err(error) => again(&posted, error, view::acts::account(&by, id.0)).await,
    }
}

#[get("/payments/batches/<id>", rank = 5)]
async fn show(by: As<SignedIn>, id: Id<PaymentBatchId>) -> Answer {
    view::show(&by, id.0).await
}

#[get("/payments/batches/<id>/file")]
async fn file(by: As<Finance>, id: Id<PaymentBatchId>) -> Answer {
    let (name, media_type, bytes) = service::file(&by, id.0).await?;
    Ok(Reply::File { bytes, media_type: media_type.into(), name, public: false })
}

#[get("/payments/batches/<id>/<act>", rank = 5)]
async fn act(by: As<SignedIn>, id: Id<PaymentBatchId>, act: &str) -> Answer {
    view::acts::act(&by, id.0, act).await
}

#[post("/payments/batches/<id>/<act>", data = "<posted>")]
async fn acted(by: As<Finance>, id: Id<PaymentBatchId>, act: &str, posted: Posted) -> Answer {
    let finance = posted.by(&by);
    let done = match act {
        "freeze" => service::freeze(&finance, id.0).await,
        "thaw" => service::thaw(&finance, id.0).await,
        "dissolve" => service::dissolve(&finance, id.0).await,
        "send" => service::send(&finance, id.0).await,
        _ => Err(Error::NotFound),
    };
    match done {
        Ok(()) => Reply::see(format!("/payments/batches/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, view::acts::act(&by, id.0, act)).await,
    }
}
