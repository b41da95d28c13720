//! Who paid or granted becomes no judge of it afterwards, and what a principal judged their deputy does not approve.

use crate::books::ground::raw;
use crate::rooms::grant::Grant;
use crate::support::{World, both, tools};
use entities::kinds::{EvaluationKind, PersonId, Role};
use tributary::grants::awards::service as awards;
use tributary::grants::reports::evaluations;
use tributary::grants::tranches::approvals;
use tributary::people::permission::{Administrator, Approver, Finance, Officer};

/// From today the first stands in for the second.
async fn deputy(world: &World, person: PersonId, principal: PersonId) {
    raw(world, &format!("insert into role_grant (person_id, role, scope, stage, proposed_at, effective_on, ends_on, principal_id) values ({person}, 'reviewer', 'foundation', 'effective', '2026-01-05T01:00:00+00:00', '2026-01-05', '2026-12-31', {principal})")).await.unwrap();
}

async fn evaluator(world: &World, person: PersonId) {
    raw(world, &format!("insert into role_grant (person_id, role, scope, stage, proposed_at, effective_on) values ({person}, 'evaluator', 'foundation', 'effective', '2026-01-05T01:00:00+00:00', '2026-01-05')")).await.unwrap();
}

async fn assigned(grant: &Grant, who: PersonId) -> String {
    let by = grant.officer().await;
    let done = evaluations::assign(&by, grant.award, EvaluationKind::MidTerm, who).await;
    done.map_or_else(|error| error.code().to_owned(), |_| "assigned".into())
}

async fn written(world: &World, grant: &Grant, who: PersonId) -> bool {
    let sql = format!(
        "insert into evaluation (award_id, kind, evaluator_id, assigned_by, stage, pass_mark) values ({}, 'mid_term', {who}, {}, 'assigned', 6000)",
        grant.award, grant.signatory
    );
    raw(world, &sql).await.is_ok()
}

both! {
async fn who_paid_or_granted_does_not_judge(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    let id = grant.tranche(1).await.id;
    approvals::request(&grant.signs().await, id, None).await.unwrap();
    let second = world.person("officer-b", &[Role::ProgrammeOfficer]).await;
    approvals::approve_programme(&grant.role::<Officer>(second).await, id).await.unwrap();
    approvals::prepare(&grant.role::<Finance>(grant.finance).await, id).await.unwrap();
    approvals::approve(&grant.role::<Approver>(grant.approver_b).await, id).await.unwrap();
    let third = world.person("third", &[Role::Approver]).await;
    approvals::approve_third(&grant.role::<Approver>(third).await, id).await.unwrap();
    let mut tried = 0;
    // The last two approved the batch and signed the agreement.
    for (who, code) in [
        (second, "refused-evaluator-paid"),
        (grant.finance, "refused-evaluator-paid"),
        (grant.approver_b, "refused-evaluator-paid"),
        (third, "refused-evaluator-paid"),
        (grant.approver, "refused-evaluator-granted"),
        (grant.administrator, "refused-evaluator-granted"),
    ] {
        evaluator(world, who).await;
        assert_eq!(assigned(&grant, who).await, code);
        let stand_in = world.person(&format!("stand-in-{who}"), &[Role::Evaluator]).await;
        deputy(world, stand_in, who).await;
        assert_eq!(assigned(&grant, stand_in).await, code, "their deputy");
        assert!(!written(world, &grant, who).await, "{who} by raw SQL");
        tried += 3;
    }
    assert_eq!(assigned(&grant, grant.evaluator).await, "assigned");
    tools::say(&format!("separation: {tried} judges who paid or granted before, none passes"));
}

async fn what_a_principal_judged_the_deputy_does_not_approve(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    let id = grant.tranche(1).await.id;
    approvals::request(&grant.signs().await, id, None).await.unwrap();
    assert_eq!(assigned(&grant, grant.evaluator).await, "assigned");
    let stand_in = world.person("stand-in", &[Role::ProgrammeOfficer, Role::Administrator]).await;
    approvals::approve_programme(&grant.role::<Officer>(stand_in).await, grant.tranche(2).await.id).await.unwrap_err();
    deputy(world, stand_in, grant.evaluator).await;
    let refused = approvals::approve_programme(&grant.role::<Officer>(stand_in).await, id).await.unwrap_err();
    assert_eq!(refused.code(), "forbidden-award-reviewer");
    // And the other way round: the evaluator stands in for the officer.
    let principal = world.person("principal", &[Role::ProgrammeOfficer]).await;
    deputy(world, grant.evaluator, principal).await;
    let refused = approvals::approve_programme(&grant.role::<Officer>(principal).await, id).await.unwrap_err();
    assert_eq!(refused.code(), "forbidden-award-reviewer");
    let signed = awards::sign_for_foundation(&grant.role::<Administrator>(stand_in).await, grant.award).await;
    assert_eq!(signed.unwrap_err().code(), "forbidden-award-reviewer");
    approvals::approve_programme(&grant.officer().await, id).await.unwrap();
}

async fn whoever_joined_the_grantee_since_judges_it_no_more(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    let by = grant.officer().await;
    let id = evaluations::assign(&by, grant.award, EvaluationKind::MidTerm, grant.evaluator).await.unwrap();
    world.member(grant.evaluator, grant.organisation, entities::kinds::MemberRole::Signatory).await;
    let context = world.acting(grant.evaluator).await;
    let mine = evaluations::assigned(&context, id).await.unwrap();
    assert_eq!(evaluations::submit(&mine, 9_000, "fine").await.unwrap_err().code(), "forbidden-award-own");
    // Nor mends the grantee by the hand of the one who judged.
    let signs = context.signatory_of(grant.organisation).unwrap();
    assert!(evaluations::rectify(&signs, id, "mended").await.is_err());
    assert!(raw(world, &format!("update evaluation set rectified_by = evaluator_id where id = {id}")).await.is_err());
}
}
