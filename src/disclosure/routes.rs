//! Addresses of what the public sees.

use super::entries::Filter;
use super::{accounts, entry, home, ledger, project, projects, seals};
use crate::commons::documents;
use crate::error::Result;
use crate::grants::applications;
use crate::grants::reports::evaluations;
use crate::ledger::journal;
use crate::people::permission::Context;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply};
use crate::web::pieces::Pieces;
use entities::kinds::{AccountId, AwardId, DocumentId, FundId};
use rocket::{Route, get, routes};

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes![
        front,
        list,
        one,
        account_list,
        account,
        books,
        project_list,
        one_project,
        file,
        lines,
        heads,
        seal_list,
        proof
    ]
}

#[get("/")]
async fn front(context: Context) -> Answer {
    home::show(&context).await
}

/// A filter left on "all" arrives as an empty text, so both are read as texts.
#[get("/ledger?<fund>&<award>&<before>")]
async fn list(context: Context, fund: Option<&str>, award: Option<&str>, before: Option<i64>) -> Answer {
    let key = |text: Option<&str>| text.and_then(|text| text.parse::<i64>().ok()).filter(|id| *id > 0);
    let filter = Filter { fund: key(fund).map(FundId), award: key(award).map(AwardId) };
    ledger::list(&context, filter, before).await
}

#[get("/ledger/<number>", rank = 5)]
async fn one(context: Context, number: &str) -> Answer {
    entry::show(&context, number).await
}

#[get("/ledger/accounts?<after>")]
async fn account_list(context: Context, after: Option<&str>) -> Answer {
    accounts::list(&context, after).await
}

#[get("/ledger/accounts/<id>")]
async fn account(context: Context, id: Id<AccountId>) -> Answer {
    accounts::show(&context, id.0).await
}

#[get("/data/ledger.journal")]
async fn books(context: Context) -> Answer {
    let text = journal::write(context.edges.db.read()).await?;
    let media_type = "text/plain; charset=utf-8".to_owned();
    Ok(Reply::File { bytes: text.into_bytes(), media_type, name: String::new(), public: true })
}

#[get("/data/ledger.jsonl?<batch>")]
async fn lines(context: Context, batch: Option<i64>) -> Result<Pieces> {
    seals::ledger(&context, batch).await
}

#[get("/data/heads.json?<batch>")]
async fn heads(context: Context, batch: Option<i64>) -> Result<Pieces> {
    seals::heads(&context, batch).await
}

#[get("/ledger/seals?<before>")]
async fn seal_list(context: Context, before: Option<i64>) -> Answer {
    seals::list(&context, before).await
}

#[get("/ledger/<number>/proof.json", rank = 5)]
async fn proof(context: Context, number: &str) -> Answer {
    seals::proof_file(&context, number).await
}

#[get("/projects?<before>")]
async fn project_list(context: Context, before: Option<i64>) -> Answer {
    projects::list(&context, before).await
}

#[get("/projects/<id>")]
async fn one_project(context: Context, id: Id<AwardId>) -> Answer {
    project::show(&context, id.0).await
}

/// A picture or a PDF whose bytes still are what they were taken for is shown; every other file is saved, under a name that says
/// what it is.
#[get("/documents/<id>")]
async fn file(context: Context, id: Id<DocumentId>) -> Answer {
    applications::view::file_visible(&context, id.0).await?;
    let judges = evaluations::judges_by(&context, id.0).await?;
    let (row, bytes) = documents::read_for(&context, id.0, judges).await?;
    let public = row.public;
    Ok(Reply::document(row, bytes, public))
}
