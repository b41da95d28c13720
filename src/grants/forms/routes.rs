//! Pages and forms of forms: guard, form, service, redirect.

use super::service;
use super::view::{self, asking, preview, reading, show};
use crate::commons::texts::TITLE;
use crate::core::answers::{Edit, MAX_FILE, MAX_ID, export as exported, import as imported};
use crate::error::{Error, Result, Violation};
use crate::people::permission::{As, Officer};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::kinds::{Currency, FormId, FormPurpose};
use rocket::{Route, get, post, routes};

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes![
        list,
        new,
        begin,
        form,
        move_part,
        section,
        set_section,
        question,
        set_question,
        removing,
        remove,
        publishing,
        publish,
        importing,
        import,
        export,
        previewing,
        attempt
    ]
}

/// How often the draft was saved when the page was drawn.
fn saved(posted: &Posted) -> i32 {
    i32::try_from(posted.number("version", 0, i64::from(i32::MAX))).unwrap_or(0)
}

#[get("/forms?<before>")]
async fn list(by: As<Officer>, before: Option<i64>) -> Answer {
    view::list(&by, before).await
}

#[get("/forms/new")]
async fn new(by: As<Officer>) -> Answer {
    view::new(&by)
}

#[post("/forms", data = "<posted>")]
async fn begin(by: As<Officer>, posted: Posted) -> Answer {
    let done = async {
        let name = posted.text("name", TITLE);
        let purpose = posted.word("purpose", FormPurpose::parse, FormPurpose::Application);
        posted.well()?;
        service::begin(&posted.by(&by), &name, purpose).await
    };
    match done.await {
        Ok(form) => Reply::see(format!("/forms/{form}"), "notice-saved"),
        Err(error) => again(&posted, error, async { view::new(&by) }).await,
    }
}

#[get("/forms/<id>", rank = 3)]
async fn form(by: As<Officer>, id: Id<FormId>) -> Answer {
    show::page(&by, id.0).await
}

#[post("/forms/<id>/move", data = "<posted>")]
async fn move_part(by: As<Officer>, id: Id<FormId>, posted: Posted) -> Answer {
    let done = async {
        let (item, up) = (posted.text("item", MAX_ID), posted.raw("way") == "up");
        let of_section = posted.raw("what") == "section";
        let edit = if of_section { Edit::MoveSection { id: item, up } } else { Edit::MoveQuestion { id: item, up } };
        let saved = saved(&posted);
        posted.well()?;
        service::change(&posted.by(&by), id.0, saved, &edit).await
    };
    match done.await {
        Ok(()) => Reply::see(format!("/forms/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, show::page(&by, id.0)).await,
    }
}

#[get("/forms/<id>/sections/<section>")]
async fn section(by: As<Officer>, id: Id<FormId>, section: &str) -> Answer {
    asking::section(&by, id.0, section).await
}

#[post("/forms/<id>/sections/<section>", data = "<posted>")]
async fn set_section(by: As<Officer>, id: Id<FormId>, section: &str, posted: Posted) -> Answer {
    let done = async {
        let (_, definition, _) = service::load(by.edges.db.read(), id.0).await?;
        let saved = saved(&posted);
        let told = asking::section_of(&posted, &definition, section)?;
        let edit = if section == "new" { Edit::AddSection(told) } else { Edit::SetSection(told) };
        service::change(&posted.by(&by), id.0, saved, &edit).await
    };
    match done.await {
        Ok(()) => Reply::see(format!("/forms/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, asking::section(&by, id.0, section)).await,
    }
}

#[get("/forms/<id>/questions/<question>?<section>&<kind>")]
async fn question(
    by: As<Officer>,
    id: Id<FormId>,
    question: &str,
    section: Option<&str>,
    kind: Option<&str>,
) -> Answer {
    asking::question(&by, id.0, question, section, kind).await
}

#[post("/forms/<id>/questions/<question>", data = "<posted>")]
async fn set_question(by: As<Officer>, id: Id<FormId>, question: &str, posted: Posted) -> Answer {
    let done = async {
        let (_, definition, _) = service::load(by.edges.db.read(), id.0).await?;
        let saved = saved(&posted);
        let (section, told) = asking::question_of(&posted, &definition, question)?;
        let edit =
            if question == "new" { Edit::AddQuestion { section, question: told } } else { Edit::SetQuestion(told) };
        service::change(&posted.by(&by), id.0, saved, &edit).await
    };
    match done.await {
        Ok(()) => Reply::see(format!("/forms/{}", id.0), "notice-saved"),
        Err(error) => {
            let (section, kind) = (posted.raw("section"), posted.raw("kind"));
            again(&posted, error, asking::question(&by, id.0, question, Some(section), Some(kind))).await
        }
    }
}

#[get("/forms/<id>/remove?<what>&<item>")]
async fn removing(by: As<Officer>, id: Id<FormId>, what: &str, item: &str) -> Answer {
    show::remove(&by, id.0, what, item).await
}

#[post("/forms/<id>/remove", data = "<posted>")]
async fn remove(by: As<Officer>, id: Id<FormId>, posted: Posted) -> Answer {
    let done = async {
        let (item, saved) = (posted.text("item", MAX_ID), saved(&posted));
        posted.well()?;
        let edit = if posted.raw("what") == "section" { Edit::RemoveSection(item) } else { Edit::RemoveQuestion(item) };
        service::change(&posted.by(&by), id.0, saved, &edit).await
    };
    match done.await {
        Ok(()) => Reply::see(format!("/forms/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, show::page(&by, id.0)).await,
    }
}

#[get("/forms/<id>/publish")]
async fn publishing(by: As<Officer>, id: Id<FormId>) -> Answer {
    show::publish(&by, id.0).await
}

#[post("/forms/<id>/publish", data = "<posted>")]
async fn publish(by: As<Officer>, id: Id<FormId>, posted: Posted) -> Answer {
    let done = async {
        let saved = saved(&posted);
        posted.well()?;
        service::publish(&posted.by(&by), id.0, saved).await
    };
    match done.await {
        Ok(_) => Reply::see(format!("/forms/{}", id.0), "notice-form-published"),
        Err(error) => again(&posted, error, show::publish(&by, id.0)).await,
    }
}

#[get("/forms/<id>/import")]
async fn importing(by: As<Officer>, id: Id<FormId>) -> Answer {
    show::import(&by, id.0).await
}

#[post("/forms/<id>/import", data = "<posted>")]
async fn import(by: As<Officer>, id: Id<FormId>, posted: Posted) -> Answer {
    let done = async {
        let saved = saved(&posted);
        posted.well()?;
        let (field, text) = brought(&posted)?;
        let definition = service::readable(&by, field, imported(&text))?;
        service::replace(&posted.by(&by), id.0, saved, &definition).await
    };
    match done.await {
        Ok(()) => Reply::see(format!("/forms/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, show::import(&by, id.0)).await,
    }
}

/// The text that was brought, as a file or typed, with the field to blame.
fn brought(posted: &Posted) -> Result<(&'static str, String)> {
    let Some(file) = posted.file("definition_file") else {
        let text = posted.raw("definition").trim().to_owned();
        return if text.is_empty() {
            Err(Error::field("definition_file", "refused-file-missing"))
        } else {
            Ok(("definition", text))
        };
    };
    if file.bytes.len() > MAX_FILE {
        return Err(Error::field("definition_file", "form-json-large"));
    }
    match String::from_utf8(file.bytes.clone()) {
        Ok(text) => Ok(("definition_file", text)),
        Err(_) => Err(Violation::at("definition_file", "form-json-utf8").into()),
    }
}

#[get("/forms/<id>/export?<version>")]
async fn export(by: As<Officer>, id: Id<FormId>, version: Option<i32>) -> Answer {
    let definition = preview::definition(&by, id.0, version).await?;
    Ok(Reply::File {
        bytes: exported(&definition).into_bytes(),
        media_type: "application/json".into(),
        name: format!("form-{}-{}.json", id.0, definition.version),
        public: false,
    })
}

#[get("/forms/<id>/preview?<version>")]
async fn previewing(by: As<Officer>, id: Id<FormId>, version: Option<i32>) -> Answer {
    preview::page(&by, id.0, version, None).await
}

#[post("/forms/<id>/preview?<version>", data = "<posted>")]
async fn attempt(by: As<Officer>, id: Id<FormId>, version: Option<i32>, posted: Posted) -> Answer {
    let definition = preview::definition(&by, id.0, version).await?;
    let answers = reading::answers(&posted, &definition, Currency::CNY);
    let judged = posted.well().and_then(|()| preview::judged(&by, &definition, &answers));
    match judged {
        Ok(()) => preview::page(&by, id.0, version, Some(&answers)).await,
        Err(error) => again(&posted, error, preview::page(&by, id.0, version, Some(&answers))).await,
    }
}
