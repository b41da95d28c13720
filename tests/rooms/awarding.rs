//! From the decision to the award: eligibility is asked once more, by the one examination that everybody is held against; the policy's
//! number is written down; and whoever may open sealed bids is told so.

use super::applications::{side, written};
use super::calls::{drafted, fund, open, questions};
use super::decisions::{approved, available, item, submitted};
use super::giving::Reader;
use super::grant::Grant;
use super::reviews::Panel;
use crate::support::rows::{change, put};
use crate::support::{both, day, nine};
use entities::kinds::{ApplicationStage, ItemStage, LegalForm, Locale, OrganisationId, Outcome, RecordKind, Role};
use entities::{application, award, ban, call, organisation, organisation_record};
use rocket::http::Status;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use tributary::commons::policies;
use tributary::core::eligibility::{BARRED, is_eligible};
use tributary::error::Error;
use tributary::grants::applications::eligibility;
use tributary::grants::calls::{opening, reach::reach, service as calls, view};
use tributary::grants::decisions::service;
use tributary::people::permission::{Administrator, Approver, Context, Officer};

/// What a registry said of an organisation, from a day on.
fn record(of: OrganisationId, kind: RecordKind, value: &str, panel: &Panel) -> organisation_record::ActiveModel {
    organisation_record::ActiveModel {
        organisation_id: Set(of),
        kind: Set(kind),
        value: Set(value.into()),
        valid_from: Set(day(2025, 1, 1)),
        evidence: Set("register".into()),
        recorded_at: Set(panel.world.edges.clock.now()),
        ..Default::default()
    }
}

fn codes(error: Error) -> Vec<&'static str> {
    match error {
        Error::Refused(wrong) => wrong.iter().map(|violation| violation.code).collect(),
        other => panic!("{other:?}"),
    }
}

async fn bid(panel: &Panel, place: usize) -> application::Model {
    let id = panel.applications[place];
    application::Entity::find_by_id(id).one(panel.world.edges.db.read()).await.unwrap().unwrap()
}

both! {
async fn who_is_listed_during_the_notice_is_offered_nothing_and_the_reserve_moves_up(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let (_, [first, second]) = approved(&panel).await;
    let listed = record(panel.applicants[0], RecordKind::Credit, "abnormal", &panel);
    put(world, organisation_record::ActiveModel { valid_from: Set(day(2026, 1, 8)), ..listed }).await;
    world.at(nine(2026, 1, 13)).await;
    let row = item(&panel, first).await;
    assert_eq!((row.stage, row.committed), (ItemStage::Released, false));
    let up = item(&panel, second).await;
    assert_eq!((up.stage, up.outcome, up.committed), (ItemStage::Noticed, Outcome::Approved, true));
    assert_eq!(available(&panel).await, 9_836_000 - 8_080_000);
    assert!(award::Entity::find().one(world.edges.db.read()).await.unwrap().is_none());
    assert_eq!(bid(&panel, 0).await.stage, ApplicationStage::Declined);
    // The same hour once more changes nothing; then the second is offered, under a policy with a number.
    world.settle().await;
    assert_eq!(available(&panel).await, 9_836_000 - 8_080_000);
    world.at(nine(2026, 1, 26)).await;
    let awards = award::Entity::find().all(world.edges.db.read()).await.unwrap();
    let offered: Vec<_> = awards.iter().map(|row| (row.application_id, row.policy_version)).collect();
    assert_eq!(offered, [(panel.applications[1], Some(1))]);

    let letters = world.edges.mail.newest(100).await.unwrap();
    let told = letters.iter().filter(|(_, letter)| letter.subject.starts_with("No grant is offered")).count();
    assert_eq!(told, 1, "the applicant is told once");
    assert!(letters.iter().any(|(_, letter)| letter.subject.starts_with("Not offered")), "and so are the officers");
    // The bid keeps what was seen, and its page says so in both languages.
    let found = eligibility::kept(&bid(&panel, 0).await);
    let broken = found.iter().find(|finding| !finding.ok).unwrap();
    assert_eq!(broken.code, "eligibility-not-on-abnormal-list");
    for (locale, words) in [(Locale::En, "on it since 8 January 2026"), (Locale::ZhCn, "2026年1月8日 起列入")] {
        let reader = Context { locale, ..world.acting(panel.signatory).await };
        let told = view::checked(&reader, &broken.code, &broken.evidence, broken.ok, broken.mend.as_deref());
        assert!(told.text.contains(words), "{}", told.text);
    }
}

async fn a_grade_that_is_lost_stops_the_approval_in_words_and_changes_nothing(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let asks = call::ActiveModel {
        id: Set(panel.call),
        eligibility: Set(json!([{ "rule": "grade-at-least", "grade": 3 }])),
        ..Default::default()
    };
    change(world, asks).await;
    let expired = record(panel.applicants[0], RecordKind::Grade, "3A", &panel);
    put(world, organisation_record::ActiveModel { valid_until: Set(Some(day(2026, 1, 4))), ..expired }).await;
    put(world, record(panel.applicants[1], RecordKind::Grade, "4A", &panel)).await;
    let (batch, [first, _]) = submitted(&panel).await;
    let approver = world.role::<Approver>(panel.approver).await;
    let wrong = codes(service::approve_batch(&approver, batch).await.unwrap_err());
    assert_eq!(
        wrong,
        ["refused-decision-not-eligible", "eligibility-grade", "seen-grade", "seen-expires", "eligibility-mend-grade"]
    );
    assert_eq!((available(&panel).await, item(&panel, first).await.stage), (9_836_000, ItemStage::Drafted));
    // Where the grade was wanting when it was screened, and an appeal put that aside, nobody asks again.
    let known = json!([{ "rule": 0, "code": "eligibility-grade", "ok": false, "evidence": [], "mend": null }]);
    let row =
        application::ActiveModel { id: Set(panel.applications[0]), findings: Set(known), ..Default::default() };
    change(world, row).await;
    service::approve_batch(&approver, batch).await.unwrap();
    world.at(nine(2026, 1, 13)).await;
    assert_eq!(bid(&panel, 0).await.stage, ApplicationStage::Approved);
}

async fn one_examination_says_the_same_of_one_and_of_all_and_knows_who_is_barred(world: World) {
    let grant = Grant::offered_in(world).await;
    let world = &grant.world;
    world.organisation("SO-2", LegalForm::SocialServiceBody, Some("52999999TE00000534")).await;
    let group = world.organisation("group", LegalForm::ResidentGroup, None).await;
    let hosted = organisation::ActiveModel {
        id: Set(group),
        fiscal_host_id: Set(Some(grant.organisation)),
        host_accepted_by: Set(Some(grant.signatory)),
        ..Default::default()
    };
    change(world, hosted).await;
    let db = world.edges.db.read();
    let row = call::Entity::find().one(db).await.unwrap().unwrap();
    let officer = grant.officer().await;
    let today = world.edges.today();
    let before = reach(&officer, &row, today).await.unwrap();
    assert_eq!((before.all, before.eligible, before.barred), (4, 4, 0));
    let bar = ban::ActiveModel {
        organisation_id: Set(grant.organisation),
        award_id: Set(grant.award),
        evidence: Set("minutes".into()),
        from_on: Set(today),
        until_on: Set(day(2028, 1, 5)),
        proposed_by: Set(grant.officer),
        confirmed_by: Set(grant.approver),
        confirmed_at: Set(world.edges.clock.now()),
        ..Default::default()
    };
    put(world, bar).await;
    // The barred one, and the group that bids through it.
    let after = reach(&officer, &row, today).await.unwrap();
    assert_eq!((after.all, after.eligible, after.barred), (4, 2, 2));
    let mut eligible = 0;
    for one in organisation::Entity::find().all(db).await.unwrap() {
        let found = eligibility::findings(db, &row, one.id, one.fiscal_host_id, 0, &[], today).await.unwrap();
        eligible += usize::from(is_eligible(&found));
        let barred = found.iter().any(|finding| finding.code == BARRED);
        assert_eq!(barred, one.id == grant.organisation || one.id == group, "{}", one.name_en);
    }
    assert_eq!(eligible, after.eligible);
    // The last day of the ban still counts, the next does not.
    assert_eq!(reach(&officer, &row, day(2028, 1, 5)).await.unwrap().barred, 2);
    assert_eq!(reach(&officer, &row, day(2028, 1, 6)).await.unwrap().barred, 0);
}

async fn the_number_of_the_policy_grows_with_its_changes_and_is_written_down(world: World) {
    let one = world.person("one", &[Role::Administrator]).await;
    let other = world.person("other", &[Role::Administrator]).await;
    let (one, other) = (world.role::<Administrator>(one).await, world.role::<Administrator>(other).await);
    let db = world.edges.db.read();
    assert_eq!(policies::number_on(db, day(2026, 1, 5)).await.unwrap(), 1);
    let change = policies::propose(&one, "offer_days", 20, "board minute", day(2026, 1, 8)).await.unwrap();
    assert_eq!(policies::number_on(db, day(2026, 1, 9)).await.unwrap(), 1, "what is only proposed counts for nothing");
    policies::decide(&other, change, true).await.unwrap();
    let numbers = [day(2026, 1, 7), day(2026, 1, 8), day(2026, 2, 1)];
    let mut found = Vec::new();
    for on in numbers {
        found.push(policies::number_on(db, on).await.unwrap());
    }
    assert_eq!(found, [1, 2, 2]);

    let (call, ..) = open(&world).await;
    let so1 = side(&world, "SO-1", LegalForm::SocialServiceBody, "52999999TE00000459").await;
    let id = written(&so1, call).await;
    let row = async || application::Entity::find_by_id(id).one(world.edges.db.read()).await.unwrap().unwrap();
    assert_eq!(row().await.policy_version, None, "a draft was signed under none");
    world.at(nine(2026, 1, 9)).await;
    tributary::grants::applications::service::submit(&so1.signatory, id).await.unwrap();
    assert_eq!(row().await.policy_version, Some(2));
    let officer = world.person("reads", &[Role::ProgrammeOfficer]).await;
    for person in [officer, so1.signatory.actor.person.unwrap()] {
        let (_, page) = Reader::of(&world, person).await.get(&format!("/applications/{id}")).await;
        assert!(page.contains("Policy when it was signed") && page.contains("version 2"));
    }
    world.settle().await;
}

async fn whoever_may_open_sealed_bids_is_told_and_who_asked_is_not_told_twice(world: World) {
    let a = world.person("officer-a", &[Role::ProgrammeOfficer]).await;
    let b = world.person("officer-b", &[Role::ProgrammeOfficer]).await;
    let (a, b) = (world.role::<Officer>(a).await, world.role::<Officer>(b).await);
    let form = calls::form_version(&a, "plain", questions()).await.unwrap();
    let plain = drafted(fund(&world).await, form);
    let call = calls::draft(&a, calls::Drafted { sealed: true, ..plain }).await.unwrap();
    calls::check(&b, call).await.unwrap();
    world.at(nine(2026, 1, 7)).await;
    assert!(view::waiting(&a).await.unwrap().is_empty());
    world.at(nine(2026, 1, 20)).await;
    let told = async |of: &Context| {
        let tasks = view::waiting(of).await.unwrap();
        tasks.iter().map(|task| task.href.rsplit('/').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((told(&a).await, told(&b).await), (vec!["ask-opening".to_owned()], vec!["ask-opening".to_owned()]));
    opening::ask_opening(&a, call).await.unwrap();
    assert_eq!((told(&a).await, told(&b).await), (Vec::<String>::new(), vec!["open-bids".to_owned()]));
    // The link leads to the form, which the second officer posts.
    let page = Reader::of(&world, b.actor.person.unwrap()).await.get(&format!("/calls/{call}/open-bids")).await;
    assert_eq!(page.0, Status::Ok);
    opening::open_bids(&b, call).await.unwrap();
    assert_eq!(told(&a).await, ["start-review"]);
    let sealed = call::Entity::find().filter(call::Column::OpenedAt.is_null());
    assert!(sealed.one(world.edges.db.read()).await.unwrap().is_none());
    world.settle().await;
}
}
