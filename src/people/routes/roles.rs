//! Roles and people, for administrators.

use crate::commons::texts::{PROSE, TITLE};
use crate::error::{Error, Violation};
use crate::people::permission::{Administrator, As};
use crate::people::view::{people as people_pages, roles as pages};
use crate::people::{invitations, leaving, roles};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::kinds::{Locale, PersonId, Role, RoleGrantId, Scope};
use rocket::{Route, get, post, routes};

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    routes![list, new, propose, show, act, do_act, people, invite_page, invite, person, end_page, end]
}

#[get("/admin/roles?<before>")]
async fn list(by: As<Administrator>, before: Option<i64>) -> Answer {
    pages::list(&by, before).await
}

#[get("/admin/roles/new")]
async fn new(by: As<Administrator>) -> Answer {
    pages::propose(&by).await
}

#[post("/admin/roles", data = "<posted>")]
async fn propose(by: As<Administrator>, posted: Posted) -> Answer {
    let done = async {
        let person = posted.id::<PersonId>("person");
        let role = posted.word("role", Role::parse, Role::Reviewer);
        let scope = posted.word("scope", Scope::parse, Scope::Foundation);
        let scope_id = posted.optional_id::<i64>("scope_id");
        let ends_on = posted.optional_date("ends_on");
        let principal = posted.optional_id::<PersonId>("principal");
        if principal.is_some() && ends_on.is_none() {
            posted.wrong(Violation::at("ends_on", "refused-empty"));
        }
        posted.well()?;
        match (principal, ends_on) {
            (Some(principal), Some(day)) => {
                roles::deputise(&posted.by(&by), person, principal, role, scope, scope_id, day).await
            }
            _ => roles::propose(&posted.by(&by), person, role, scope, scope_id, ends_on).await,
        }
    };
    match done.await {
        Ok(id) => Reply::see(format!("/admin/roles/{id}"), "notice-saved"),
        Err(error) => again(&posted, error, pages::propose(&by)).await,
    }
}

#[get("/admin/roles/<id>")]
async fn show(by: As<Administrator>, id: Id<RoleGrantId>) -> Answer {
    pages::show(&by, id.0).await
}

#[get("/admin/roles/<id>/<act>")]
async fn act(by: As<Administrator>, id: Id<RoleGrantId>, act: &str) -> Answer {
    pages::act(&by, id.0, act).await
}

#[post("/admin/roles/<id>/<act>", data = "<posted>")]
async fn do_act(by: As<Administrator>, id: Id<RoleGrantId>, act: &str, posted: Posted) -> Answer {
    let done = async {
        let by = &posted.by(&by);
        if act == "confirm" {
            return roles::confirm(by, id.0).await;
        }
        let reason = posted.text("reason", PROSE);
        posted.well()?;
        match act {
            "decline" => roles::decline(by, id.0, &reason).await,
            "revoke" => roles::revoke(by, id.0, &reason).await,
            _ => Err(Error::NotFound),
        }
    };
    match done.await {
        Ok(()) => Reply::see(format!("/admin/roles/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, pages::act(&by, id.0, act)).await,
    }
}

#[get("/admin/people?<before>")]
async fn people(by: As<Administrator>, before: Option<i64>) -> Answer {
    people_pages::list(&by, before).await
}

#[get("/admin/people/invite")]
async fn invite_page(by: As<Administrator>) -> Answer {
    people_pages::invite(&by)
}

#[post("/admin/people/invite", data = "<posted>")]
async fn invite(by: As<Administrator>, posted: Posted) -> Answer {
    let done = async {
        let (email, name) = (posted.text("email", TITLE), posted.text("name", TITLE));
        let locale = posted.word("locale", Locale::parse, Locale::ZhCn);
        posted.well()?;
        invitations::invite_person(&posted.by(&by), &email, &name, locale).await
    };
    match done.await {
        Ok(_) => Reply::see("/admin/people", "notice-invited"),
        Err(error) => again(&posted, error, async { people_pages::invite(&by) }).await,
    }
}

#[get("/admin/people/<id>")]
async fn person(by: As<Administrator>, id: Id<PersonId>) -> Answer {
    people_pages::show(&by, id.0).await
}

#[get("/admin/people/<id>/end")]
async fn end_page(by: As<Administrator>, id: Id<PersonId>) -> Answer {
    people_pages::end(&by, id.0).await
}

#[post("/admin/people/<id>/end", data = "<posted>")]
async fn end(by: As<Administrator>, id: Id<PersonId>, posted: Posted) -> Answer {
    let done = async {
        let reason = posted.text("reason", PROSE);
        posted.well()?;
        leaving::end(&posted.by(&by), id.0, &reason).await
    };
    match done.await {
        Ok(()) => Reply::see(format!("/admin/people/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, people_pages::end(&by, id.0)).await,
    }
}
