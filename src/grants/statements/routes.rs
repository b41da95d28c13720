//! Addresses of statements: reading only.

use super::service::{self, Who};
use super::view::{self, papers, workbook};
use crate::error::{Error, Result};
use crate::people::permission::{As, SignedIn};
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply};
use entities::kinds::{OrganisationId, PersonId};
use rocket::{Route, get, routes};

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes![list, of_organisation, of_person, organisation_file, person_file, organisation_pdf, person_pdf]
}

#[get("/statements?<before>")]
async fn list(by: As<SignedIn>, before: Option<i64>) -> Answer {
    view::list(&by, before).await
}

#[get("/statements/organisations/<id>/<year>")]
async fn of_organisation(by: As<SignedIn>, id: Id<OrganisationId>, year: &str) -> Answer {
    view::show(&by, Who::Organisation(id.0), year_of(year)?).await
}

#[get("/statements/people/<id>/<year>")]
async fn of_person(by: As<SignedIn>, id: Id<PersonId>, year: &str) -> Answer {
    view::show(&by, Who::Person(id.0), year_of(year)?).await
}

#[get("/statements/organisations/<id>/<year>/xlsx")]
async fn organisation_file(by: As<SignedIn>, id: Id<OrganisationId>, year: &str) -> Answer {
    file(&by, Who::Organisation(id.0), year_of(year)?).await
}

#[get("/statements/people/<id>/<year>/xlsx")]
async fn person_file(by: As<SignedIn>, id: Id<PersonId>, year: &str) -> Answer {
    file(&by, Who::Person(id.0), year_of(year)?).await
}

#[get("/statements/organisations/<id>/<year>/pdf?<locale>")]
async fn organisation_pdf(by: As<SignedIn>, id: Id<OrganisationId>, year: &str, locale: Option<&str>) -> Answer {
    papers::statement_pdf(&by, Who::Organisation(id.0), year_of(year)?, locale).await
}

#[get("/statements/people/<id>/<year>/pdf?<locale>")]
async fn person_pdf(by: As<SignedIn>, id: Id<PersonId>, year: &str, locale: Option<&str>) -> Answer {
    papers::statement_pdf(&by, Who::Person(id.0), year_of(year)?, locale).await
}

/// A year that a calendar knows; any other address is nobody's.
fn year_of(year: &str) -> Result<i32> {
    year.parse().map_err(|_| Error::NotFound)
}

async fn file(by: &As<SignedIn>, who: Who, year: i32) -> Answer {
    let statement = service::of(by, who, year).await?;
    let bytes = workbook::of(by, &statement).await?;
    let number = match who {
        Who::Organisation(id) => id.0,
        Who::Person(id) => id.0,
    };
    Ok(Reply::File {
        bytes,
        media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".into(),
        name: format!("statement-{number}-{year}.xlsx"),
        public: false,
    })
}
