//! One's own deputies.

use crate::commons::texts::TITLE;
use crate::people::deputies;
use crate::people::permission::{As, SignedIn};
use crate::people::view::deputies as pages;
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::kinds::RoleGrantId;
use rocket::{Route, get, post, routes};

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    routes![list, new, ask, show, end_page, end]
}

#[get("/account/deputies")]
async fn list(by: As<SignedIn>) -> Answer {
    pages::show(&by).await
}

#[get("/account/deputies/new")]
async fn new(by: As<SignedIn>) -> Answer {
    pages::ask(&by).await
}

#[post("/account/deputies", data = "<posted>")]
async fn ask(by: As<SignedIn>, posted: Posted) -> Answer {
    let done = async {
        let own = posted.id::<RoleGrantId>("grant");
        let (email, until) = (posted.text("email", TITLE), posted.date("ends_on"));
        posted.well()?;
        deputies::ask(&posted.by(&by), own, &email, until).await
    };
    match done.await {
        Ok(id) => Reply::see(format!("{}/{id}", deputies::PAGE), "notice-saved"),
        Err(error) => again(&posted, error, pages::ask(&by)).await,
    }
}

#[get("/account/deputies/<id>")]
async fn show(by: As<SignedIn>, id: Id<RoleGrantId>) -> Answer {
    pages::one(&by, id.0).await
}

#[get("/account/deputies/<id>/end")]
async fn end_page(by: As<SignedIn>, id: Id<RoleGrantId>) -> Answer {
    pages::end(&by, id.0).await
}

#[post("/account/deputies/<id>/end", data = "<posted>")]
async fn end(by: As<SignedIn>, id: Id<RoleGrantId>, posted: Posted) -> Answer {
    match deputies::end(&posted.by(&by), id.0).await {
        Ok(()) => Reply::see(format!("{}/{}", deputies::PAGE, id.0), "notice-saved"),
        Err(error) => again(&posted, error, pages::end(&by, id.0)).await,
    }
}
