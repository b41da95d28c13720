//! Whose hands may not touch an award's money: those an employer ties to a party, and two hands of one person.

use super::grant::Grant;
use crate::books::ground::raw;
use crate::support::{World, both, nine};
use entities::kinds::{EvaluationKind, OrganisationId, PersonId, ReportKind, Role, Scope};
use entities::person;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};
use tributary::grants::applications::screening;
use tributary::grants::reports::service::{self as reports, Saved};
use tributary::grants::reports::{evaluations, view as report_pages};
use tributary::grants::tranches::approvals;
use tributary::people::permission::{Administrator, Approver, Context, Finance, Officer};
use tributary::people::roles;
use tributary::web::page::Reply;

/// A person employed by an organisation of which they are no member.
async fn employed(world: &World, name: &str, roles: &[Role], by: OrganisationId) -> PersonId {
    let id = world.person(name, roles).await;
    Context::system(world.edges.clone())
        .write(|tx| async move {
            let row = person::ActiveModel { id: Set(id), employer_id: Set(Some(by)), ..Default::default() };
            row.update(&tx).await.map(|_| ()).map_err(Into::into)
        })
        .await
        .unwrap();
    id
}

both! {
async fn whom_a_party_employs_neither_approves_nor_judges(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    let id = grant.tranche(1).await.id;
    approvals::request(&grant.signs().await, id, None).await.unwrap();
    let of_grantee = employed(world, "a", &[Role::ProgrammeOfficer, Role::Evaluator], grant.organisation).await;
    let of_donor = employed(world, "b", &[Role::ProgrammeOfficer, Role::Evaluator], grant.donor).await;
    for (person, code) in [(of_grantee, "forbidden-award-own"), (of_donor, "forbidden-award-conflict")] {
        let refused = approvals::approve_programme(&grant.role::<Officer>(person).await, id).await.unwrap_err();
        assert_eq!(refused.code(), code);
        let judged = evaluations::assign(&grant.officer().await, grant.award, EvaluationKind::MidTerm, person).await;
        assert_eq!(judged.unwrap_err().code(), "refused-evaluator-conflict");
    }
    let approver = employed(world, "c", &[Role::Approver, Role::FinanceOfficer], grant.organisation).await;
    approvals::approve_programme(&grant.officer().await, id).await.unwrap();
    let own = approvals::prepare(&grant.role::<Finance>(approver).await, id).await.unwrap_err();
    assert_eq!(own.code(), "forbidden-award-own");
    approvals::prepare(&grant.role::<Finance>(grant.finance).await, id).await.unwrap();
    let own = approvals::approve(&grant.role::<Approver>(approver).await, id).await.unwrap_err();
    assert_eq!(own.code(), "forbidden-award-own");
    let db = world.edges.db.read();
    let bid = entities::application::Entity::find_by_id(grant.application).one(db).await.unwrap().unwrap();
    assert!(screening::is_partial(db, of_grantee, &bid).await.unwrap());
    assert!(!screening::is_partial(db, grant.officer, &bid).await.unwrap());
}

async fn what_a_deputy_prepared_is_never_the_principals_to_approve(world: World) {
    let grant = Grant::active_in(world).await;
    let administrator_b = grant.world.person("administrator-b", &[Role::Administrator]).await;
    let by = grant.role::<Administrator>(grant.administrator).await;
    let other = grant.role::<Administrator>(administrator_b).await;
    // The approver's deputy, who is of finance as well, prepares while the deputyship lasts.
    let deputy = grant.world.person("deputy", &[Role::FinanceOfficer]).await;
    let until = crate::support::day(2026, 2, 1);
    let link = roles::deputise(&by, deputy, grant.approver, Role::Approver, Scope::Foundation, None, until).await.unwrap();
    roles::confirm(&other, link).await.unwrap();
    grant.world.at(nine(2026, 1, 6)).await;
    let id = grant.tranche(1).await.id;
    approvals::request(&grant.signs().await, id, None).await.unwrap();
    approvals::approve_programme(&grant.officer().await, id).await.unwrap();
    approvals::prepare(&grant.role::<Finance>(deputy).await, id).await.unwrap();
    roles::revoke(&by, link, "over").await.unwrap();
    let principal = grant.role::<Approver>(grant.approver).await;
    assert_eq!(approvals::approve(&principal, id).await.unwrap_err().code(), "forbidden-second-person");
    // One that ran out binds as well, one that never began does not.
    let sql = format!("update role_grant set stage = 'effective', ends_on = '2026-01-06' where id = {}", link.0);
    raw(&grant.world, &sql).await.unwrap();
    grant.world.at(nine(2026, 1, 8)).await;
    let principal = grant.role::<Approver>(grant.approver).await;
    assert_eq!(approvals::approve(&principal, id).await.unwrap_err().code(), "forbidden-second-person");
    let helper = grant.world.person("helper", &[]).await;
    let link = roles::deputise(&by, helper, grant.approver_b, Role::Approver, Scope::Foundation, None, until).await.unwrap();
    roles::confirm(&other, link).await.unwrap();
    roles::revoke(&by, link, "a mistake").await.unwrap();
    grant.world.at(nine(2026, 1, 9)).await;
    let (db, today) = (grant.world.edges.db.read(), grant.world.edges.today());
    assert!(!roles::one_person(db, helper, grant.approver_b, today).await.unwrap());
}

async fn two_administrators_remain(world: World) {
    let people = [world.person("a", &[Role::Administrator]).await, world.person("b", &[Role::Administrator]).await];
    let third = world.person("c", &[Role::Administrator]).await;
    let [a, b] = [world.role::<Administrator>(people[0]).await, world.role::<Administrator>(people[1]).await];
    let grants = roles::list(world.edges.db.read(), false, None, 10).await.unwrap();
    let of = |person: PersonId| grants.iter().find(|row| row.person_id == person).unwrap().id;
    // Two who take each other's role away at once, among three: one of them is left with a second.
    let (one, other) =
        tokio::join!(roles::revoke(&a, of(people[1]), "left"), roles::revoke(&b, of(people[0]), "left"));
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    let left = if one.is_ok() { &a } else { &b };
    let last = roles::revoke(left, of(third), "left").await.unwrap_err();
    assert_eq!(last.code(), "refused-role-last-administrator");
}

async fn a_draft_report_tells_staff_and_evaluator_no_figures(world: World) {
    let grant = Grant::active_in(world).await;
    let id = grant.report(ReportKind::MidTerm).await.id;
    let judged = evaluations::assign(&grant.officer().await, grant.award, EvaluationKind::MidTerm, grant.evaluator).await;
    judged.unwrap();
    reports::open(&grant.officer().await, id).await.unwrap();
    let told = Saved { narrative: "n".into(), volunteer_hours: 7_531, beneficiaries: 8_642, ..Saved::default() };
    reports::save(&grant.edits().await, id, grant.report(ReportKind::MidTerm).await.version, &told).await.unwrap();
    let shown = async |person: PersonId| {
        let answer = report_pages::show(&grant.world.acting(person).await, id).await;
        let Ok(Reply::Page(page)) = answer else { panic!("no page") };
        let html = page.render("/", String::new()).unwrap();
        html.contains("7531") || html.contains("8642") || html.contains("7,531") || html.contains("8,642")
    };
    assert!(shown(grant.editor).await);
    assert!(!shown(grant.officer).await && !shown(grant.evaluator).await);
    reports::hand_over(&grant.edits().await, id).await.unwrap();
    assert!(!shown(grant.officer).await && !shown(grant.evaluator).await);
    reports::submit(&grant.signs().await, id).await.unwrap();
    assert!(shown(grant.officer).await && shown(grant.evaluator).await && shown(grant.editor).await);
}
}
