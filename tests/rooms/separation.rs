//! Who stands too near: hands in a batch, deputies, reviewers with a second role, secrets that a page or a refusal could give away.

use super::decisions::{approved, give_role, object, rendered};
use crate::rooms::reviews::Panel;
use crate::support::rows::{change, put};
use crate::support::{World, both, day};
use entities::kinds::{
    AppealAgainst, AppealStage, ApplicationStage, AwardKind, CallStage, ConflictGround, Outcome, PersonId, Role,
    RoleGrantStage, Scope,
};
use entities::{appeal, application, call, gift, person, role_grant};
use sea_orm::{ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use tributary::grants::applications;
use tributary::grants::decisions::objections::{self, Finding};
use tributary::grants::decisions::service::{self, Setting};
use tributary::grants::decisions::view;
use tributary::grants::reviews::{self, sheets};
use tributary::people::permission::{Administrator, Approver, Officer};

fn declined() -> Setting {
    Setting { outcome: Outcome::Declined, amount_minor: 0, award_kind: AwardKind::Project, reason: "weak".into() }
}

/// From today this one stands in for that one.
async fn deputy(world: &World, person: PersonId, principal: PersonId, role: Role) {
    let grant = role_grant::ActiveModel {
        person_id: Set(person),
        role: Set(role),
        scope: Set(Scope::Foundation),
        stage: Set(RoleGrantStage::Effective),
        proposed_at: Set(world.edges.clock.now()),
        effective_on: Set(Some(world.edges.today())),
        ends_on: Set(Some(day(2026, 12, 31))),
        principal_id: Set(Some(principal)),
        ..Default::default()
    };
    put(world, grant).await;
}

async fn employed(world: &World, person: PersonId, employer: entities::kinds::OrganisationId) {
    change(world, person::ActiveModel { id: Set(person), employer_id: Set(Some(employer)), ..Default::default() })
        .await;
}

both! {
async fn whoever_had_a_hand_in_a_batch_neither_approves_it_nor_answers_for_it(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let (_, batch, items) = panel.drafted().await;
    let minutes = world.person("minutes", &[Role::ProgrammeOfficer, Role::Approver]).await;
    let setter = world.person("setter", &[Role::ProgrammeOfficer, Role::Approver]).await;
    let submitter = world.person("submitter", &[Role::ProgrammeOfficer, Role::Approver]).await;
    let stand_in = world.person("stand-in", &[]).await;
    deputy(world, stand_in, setter, Role::Approver).await;
    service::write_minutes(&world.role::<Officer>(minutes).await, batch, 1, "m").await.unwrap();
    service::set_item(&world.role::<Officer>(setter).await, items[1].id, 2, &declined()).await.unwrap();
    service::submit_batch(&world.role::<Officer>(submitter).await, batch, 3).await.unwrap();
    for person in [minutes, setter, submitter, stand_in] {
        let approver = world.role::<Approver>(person).await;
        assert_eq!(service::approve_batch(&approver, batch).await.unwrap_err().code(), "forbidden-batch-drafter");
    }
    service::approve_batch(&world.role::<Approver>(panel.approver).await, batch).await.unwrap();
    let filed = object(&panel, items[0].id, "ground").await.unwrap();
    for person in [minutes, setter, submitter] {
        let officer = world.role::<Officer>(person).await;
        let refused = objections::answer(&officer, filed, Finding::Dismissed, "no").await.unwrap_err();
        assert_eq!(refused.code(), "forbidden-objection-drafter");
    }
}

async fn nobody_sets_or_submits_about_an_applicant_they_are_tied_to(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let (_, batch, items) = panel.drafted().await;
    employed(world, panel.other_officer, panel.applicants[0]).await;
    let tied = world.role::<Officer>(panel.other_officer).await;
    let code = "forbidden-decision-conflict";
    assert_eq!(service::set_item(&tied, items[1].id, 1, &declined()).await.unwrap_err().code(), code);
    assert_eq!(service::write_minutes(&tied, batch, 1, "m").await.unwrap_err().code(), code);
    assert_eq!(service::submit_batch(&tied, batch, 1).await.unwrap_err().code(), code);
}

async fn a_deputy_counts_as_the_one_who_took_part(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let (batch, [first, _]) = approved(&panel).await;
    let filed = object(&panel, first, "ground").await.unwrap();
    let person = async |name: &str, principal: PersonId| {
        let person = world.person(name, &[Role::ProgrammeOfficer]).await;
        deputy(world, person, principal, Role::Reviewer).await;
        world.role::<Officer>(person).await
    };
    for (name, principal, code) in [
        ("for-chair", panel.chair, "forbidden-objection-drafter"),
        ("for-approver", panel.approver, "forbidden-objection-approver"),
        ("for-reviewer", panel.reviewers[2], "forbidden-objection-panel"),
        ("for-objector", panel.signatory, "forbidden-objection-own"),
    ] {
        let officer = person(name, principal).await;
        let refused = objections::answer(&officer, filed, Finding::Dismissed, "no").await.unwrap_err();
        assert_eq!(refused.code(), code, "{name}");
    }
    let row = appeal::ActiveModel {
        application_id: Set(panel.applications[0]),
        against: Set(AppealAgainst::Decision),
        ground: Set("g".into()),
        stage: Set(AppealStage::Filed),
        filed_by: Set(panel.signatory),
        filed_at: Set(world.edges.clock.now()),
        reason: Set(String::new()),
        ..Default::default()
    };
    let row = put(world, row).await;
    for (name, principal) in [
        ("appeal-chair", panel.chair),
        ("appeal-approver", panel.approver),
        ("appeal-reviewer", panel.reviewers[2]),
        ("appeal-assigner", panel.officer),
        ("appeal-filer", panel.signatory),
    ] {
        let officer = person(name, principal).await;
        let refused = applications::service::decide_appeal(&officer, row.id, false, "no").await.unwrap_err();
        assert_eq!(refused.code(), "forbidden-appeal-took-part", "{name}");
    }
    let free = world.role::<Administrator>(panel.administrator).await;
    applications::service::decide_appeal(&free, row.id, false, "no").await.unwrap();
    let stand_in = world.person("approver-for-reviewer", &[Role::Approver]).await;
    deputy(world, stand_in, panel.reviewers[1], Role::Reviewer).await;
    // A batch that still waits, of the same call.
    let waiting = entities::decision_batch::ActiveModel {
        id: Set(batch),
        stage: Set(entities::kinds::BatchStage::Submitted),
        ..Default::default()
    };
    change(world, waiting).await;
    let stand_in = world.role::<Approver>(stand_in).await;
    assert_eq!(service::approve_batch(&stand_in, batch).await.unwrap_err().code(), "forbidden-batch-reviewed");
}

async fn a_reviewer_with_a_second_role_sees_no_peers_before_their_own_is_in(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let [bid, _] = panel.applications;
    let sent = application::ActiveModel {
        id: Set(bid),
        submitted_at: Set(Some(world.edges.clock.now())),
        ..Default::default()
    };
    change(world, sent).await;
    // A call that stays blind until its decision shows them nothing at all before it: `rooms::hidden`.
    change(world, call::ActiveModel { id: Set(panel.call), named_after_review: Set(true), ..Default::default() }).await;
    panel.reviewed(bid, panel.reviewers[0], 90).await;
    give_role(world, panel.reviewers[1], Role::ProgrammeOfficer).await;
    let officer = world.role::<Officer>(panel.officer).await;
    let review = reviews::service::assign(&officer, bid, panel.reviewers[1]).await.unwrap();
    let context = world.acting(panel.reviewers[1]).await;
    assert_eq!(sheets::of_call(&context, panel.call).await.unwrap_err().code(), "not-found");
    assert_eq!(view::batch(&context, panel.call).await.unwrap_err().code(), "not-found");
    assert_eq!(applications::view::visible(&context, bid).await.unwrap_err().code(), "not-found");
    let wanted = applications::view::Wanted::read(Some(panel.call), None, None, None);
    let listed = rendered(applications::view::list(&context, &wanted).await);
    assert!(!listed.contains("SO-1"), "{listed}");
    let mine = reviews::service::load_mine(&context, review).await.unwrap();
    reviews::service::accept(&mine, true).await.unwrap();
    reviews::service::save_and_submit(&mine, 1, crate::rooms::reviews::scored(80), "clear").await.unwrap();
    rendered(sheets::of_call(&context, panel.call).await);
    applications::view::visible(&context, bid).await.unwrap();
}

async fn the_chair_of_a_panel_is_no_reviewer_in_it(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    give_role(&panel.world, panel.chair, Role::Reviewer).await;
    let officer = panel.world.role::<Officer>(panel.officer).await;
    let refused = reviews::service::assign(&officer, panel.applications[0], panel.chair).await.unwrap_err();
    assert_eq!(refused.code(), "refused-review-chair");
}

async fn the_minutes_of_a_draft_are_the_panels(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    panel.scored().await;
    let chair = panel.chairing().await;
    let batch = service::draft(&chair, panel.call, "").await.unwrap();
    let finance = world.person("finance", &[Role::FinanceOfficer]).await;
    let finance = world.acting(finance).await;
    assert_eq!(view::minutes::show(&finance, batch).await.unwrap_err().code(), "not-found");
    rendered(view::minutes::show(&chair, batch).await);
    service::submit_batch(&chair, batch, 1).await.unwrap();
    service::approve_batch(&world.role::<Approver>(panel.approver).await, batch).await.unwrap();
    rendered(view::minutes::show(&finance, batch).await);
}

async fn a_donor_and_an_owner_are_told_in_the_same_words_and_without_a_name(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let donor = world.organisation("quiet donor", entities::kinds::LegalForm::Company, None).await;
    let given = gift::Entity::find().one(world.edges.db.read()).await.unwrap().unwrap();
    let mut given = given.into_active_model();
    given.id = NotSet;
    given.donor_organisation_id = Set(Some(donor));
    put(world, given).await;
    employed(world, panel.reviewers[0], donor).await;
    employed(world, panel.reviewers[1], panel.owner).await;
    let officer = world.role::<Officer>(panel.officer).await;
    let [bid, _] = panel.applications;
    for place in [0, 1] {
        let refused = reviews::service::assign(&officer, bid, panel.reviewers[place]).await.unwrap_err();
        assert_eq!(refused.code(), "refused-review-conflict-tied");
    }
    let kept = entities::conflict::Entity::find().all(world.edges.db.read()).await.unwrap();
    let told = |row: &&entities::conflict::Model| row.ground == ConflictGround::Donor;
    assert!(kept.iter().any(|row| told(&row)) && kept.iter().filter(told).all(|row| row.evidence.is_empty()));
    let page = rendered(sheets::assign(&officer, panel.call, bid).await);
    assert!(!page.contains("quiet donor") && !page.contains("owner 5") && !page.contains("gave to"), "{page}");
    // Once for each of the two, also for whoever is tied twice.
    assert_eq!(page.matches("tie to the fund or to those concerned").count(), 2, "{page}");
}

async fn a_reviewer_whose_role_was_taken_reads_no_bid(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let officer = world.role::<Officer>(panel.officer).await;
    let review = reviews::service::assign(&officer, panel.applications[0], panel.reviewers[0]).await.unwrap();
    let grant = role_grant::Entity::find()
        .filter(role_grant::Column::PersonId.eq(panel.reviewers[0]))
        .one(world.edges.db.read())
        .await
        .unwrap()
        .unwrap();
    let taken =
        role_grant::ActiveModel { id: Set(grant.id), stage: Set(RoleGrantStage::Revoked), ..Default::default() };
    change(world, taken).await;
    let context = world.acting(panel.reviewers[0]).await;
    assert_eq!(reviews::service::load_mine(&context, review).await.unwrap_err().code(), "not-found");
}

async fn a_call_that_was_never_announced_is_listed_to_officers_alone(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let dropped = call::ActiveModel {
        id: Set(panel.call),
        stage: Set(CallStage::Cancelled),
        checked_by: Set(None),
        ..Default::default()
    };
    change(world, dropped).await;
    let title = "Back-street micro-renewal";
    let visitor = world.acting(panel.signatory).await;
    let list = rendered(tributary::grants::calls::view::list(&visitor, None).await);
    assert!(!list.contains(title), "{list}");
    let officer = world.acting(panel.officer).await;
    assert!(rendered(tributary::grants::calls::view::list(&officer, None).await).contains(title));
}
}
