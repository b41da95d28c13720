//! Deputies: asked for by the principal, confirmed by an administrator, one person with them, over on their day.

use super::grant::Grant;
use crate::support::{World, both, day, nine};
use entities::event;
use entities::kinds::{PersonId, Role, RoleGrantId};
use rocket::http::{Cookie, Status};
use rocket::local::asynchronous::Client;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tributary::app;
use tributary::grants::tranches::approvals;
use tributary::people::permission::{Administrator, Approver, Finance};
use tributary::people::{deputies, roles};

/// The grant of somebody's role.
async fn grant_of(world: &World, person: PersonId, role: Role) -> RoleGrantId {
    let rows = roles::of_person(world.edges.db.read(), person).await.unwrap();
    rows.into_iter().find(|row| row.role == role).unwrap().id
}

async fn two_administrators(world: &World) -> [PersonId; 2] {
    [world.person("admin-one", &[Role::Administrator]).await, world.person("admin-two", &[Role::Administrator]).await]
}

async fn page(world: &World, who: PersonId, path: &str) -> (Status, String) {
    let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
    let token = world.session(who).await;
    let answer = client.get(path.to_owned()).cookie(Cookie::new("tributary_session", token)).dispatch().await;
    (answer.status(), answer.into_string().await.unwrap_or_default())
}

both! {
async fn a_deputy_acts_for_the_principal_and_is_one_person_with_them(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    let [admin, _] = two_administrators(world).await;
    let deputy = world.person("deputy", &[]).await;
    let mine = grant_of(world, grant.approver, Role::Approver).await;
    let principal = world.acting(grant.approver).await.signed_in().unwrap();
    let until = world.edges.today() + chrono::Days::new(20);
    let asked = deputies::ask(&principal, mine, "deputy@example.org", until).await.unwrap();
    let twice = deputies::ask(&principal, mine, "deputy@example.org", until).await.unwrap_err();
    assert_eq!(twice.code(), "refused-role-held");
    assert!(world.acting(deputy).await.role::<Approver>().is_err(), "asked for is not given");
    roles::confirm(&world.role::<Administrator>(admin).await, asked).await.unwrap();
    assert!(world.acting(deputy).await.role::<Approver>().is_err(), "it counts from the next day");
    world.at(world.edges.clock.now() + chrono::Duration::days(1)).await;

    // What the principal may not do twice, the deputy may not do once: see `hands.rs`. What they may do carries both names.
    let id = grant.tranche(1).await.id;
    approvals::request(&grant.signs().await, id, None).await.unwrap();
    approvals::approve_programme(&grant.officer().await, id).await.unwrap();
    approvals::prepare(&grant.role::<Finance>(grant.finance).await, id).await.unwrap();
    let by = world.role::<Approver>(deputy).await;
    approvals::approve(&by, id).await.unwrap();
    let row = event::Entity::find().filter(event::Column::ForId.eq(grant.approver)).one(world.edges.db.read()).await.unwrap().unwrap();
    assert_eq!((row.actor_id, row.act.as_str()), (Some(deputy), "approve"));
    for (who, path) in [(deputy, format!("/account/deputies/{asked}")), (grant.approver, format!("/account/deputies/{asked}")), (admin, format!("/admin/roles/{asked}"))] {
        let (status, text) = page(world, who, &path).await;
        assert_eq!(status, Status::Ok);
        assert!(text.contains("deputy") && text.contains("approve"), "who acted for whom stands on {path}");
    }
    assert_eq!(page(world, grant.finance, &format!("/account/deputies/{asked}")).await.0, Status::NotFound);

    // Over on its day: it opens nothing, and what was done in it stays one person's.
    world.at(world.edges.clock.now() + chrono::Duration::days(25)).await;
    assert!(world.acting(deputy).await.role::<Approver>().is_err());
    let today = world.edges.today();
    assert!(roles::one_person(world.edges.db.read(), deputy, grant.approver, today).await.unwrap());
}

async fn neither_of_the_two_confirms_and_a_taken_role_takes_its_deputy_along(world: World) {
    let [one, two] = two_administrators(&world).await;
    world.person("admin-three", &[Role::Administrator]).await;
    let deputy = world.person("deputy", &[]).await;
    let principal = world.person("principal", &[Role::FinanceOfficer, Role::Administrator]).await;
    let mine = grant_of(&world, principal, Role::FinanceOfficer).await;
    let by = world.acting(principal).await.signed_in().unwrap();
    let asked = deputies::ask(&by, mine, "deputy@example.org", day(2026, 2, 1)).await.unwrap();
    let own = roles::confirm(&world.role::<Administrator>(principal).await, asked).await.unwrap_err();
    assert_eq!(own.code(), "forbidden-second-person");
    roles::confirm(&world.role::<Administrator>(one).await, asked).await.unwrap();
    world.at(nine(2026, 1, 6)).await;
    assert!(world.acting(deputy).await.role::<Finance>().is_ok());
    // A deputy names no deputy.
    let held = grant_of(&world, deputy, Role::FinanceOfficer).await;
    let by_deputy = world.acting(deputy).await.signed_in().unwrap();
    let chain = deputies::ask(&by_deputy, held, "admin-three@example.org", day(2026, 2, 1)).await.unwrap_err();
    assert_eq!(chain.code(), "refused-choose");
    roles::revoke(&world.role::<Administrator>(two).await, mine, "left").await.unwrap();
    assert!(world.acting(deputy).await.role::<Finance>().is_err());
    world.settle().await;
}

async fn who_names_whom_for_how_long(world: World) {
    let officer = world.person("officer", &[Role::ProgrammeOfficer, Role::Reviewer]).await;
    let other = world.person("other", &[Role::ProgrammeOfficer]).await;
    let stranger = world.person("stranger", &[]).await;
    let [admin, _] = two_administrators(&world).await;
    let (mine, scores) = (grant_of(&world, officer, Role::ProgrammeOfficer).await, grant_of(&world, officer, Role::Reviewer).await);
    let by = world.acting(officer).await.signed_in().unwrap();
    let until = day(2026, 2, 1);
    for (own, email, until, code) in [
        (grant_of(&world, other, Role::ProgrammeOfficer).await, "stranger@example.org", until, "refused-choose"),
        (scores, "stranger@example.org", until, "refused-deputy-personal"),
        (mine, "nobody@example.org", until, "refused-unknown"),
        (mine, "officer@example.org", until, "refused-role-own-deputy"),
        (mine, "other@example.org", until, "refused-role-held"),
        (mine, "stranger@example.org", day(2026, 1, 5), "refused-not-future"),
        (mine, "stranger@example.org", day(2026, 4, 8), "refused-deputy-long"),
    ] {
        let refused = deputies::ask(&by, own, email, until).await.unwrap_err();
        assert_eq!(refused.code(), code, "{email} {until}");
    }
    let asked = deputies::ask(&by, mine, "stranger@example.org", until).await.unwrap();
    let by_other = world.acting(other).await.signed_in().unwrap();
    assert_eq!(deputies::end(&by_other, asked).await.unwrap_err().code(), "not-found");
    let by_deputy = world.acting(stranger).await.signed_in().unwrap();
    deputies::end(&by_deputy, asked).await.unwrap();
    assert_eq!(deputies::end(&by_deputy, asked).await.unwrap_err().code(), "refused-stage");
    let late = roles::confirm(&world.role::<Administrator>(admin).await, asked).await;
    assert_eq!(late.unwrap_err().code(), "refused-stage");
    world.settle().await;
}
}
