//! Reports and evaluations by a versioned form: fixed with the call, kept by the award, asked on the form, judged before a signature.

use super::calls::{drafted, fund, questions};
use super::giving::Reader;
use super::grant::Grant;
use crate::support::rows::{change, put};
use crate::support::{World, both, nine};
use entities::kinds::{EvaluationKind, FormPurpose, FormVersionId, ReportKind, Role};
use entities::{award, evaluation, form, form_version, report};
use rocket::http::Status;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};
use tributary::grants::calls::copying;
use tributary::grants::calls::service::{self as calls, Drafted};
use tributary::grants::reports::evaluations;
use tributary::grants::reports::service::{self as reports, Saved};
use tributary::people::permission::Officer;

/// A question that asks for a number.
fn asks(id: &str, en: &str) -> Value {
    json!({ "id": id, "label": { "en": en, "zh": "走访几次？" }, "kind": { "type": "number", "min": 1, "max": 99 }, "required": true })
}

/// A published version of a form for a purpose; answers the version and its form.
async fn published(world: &World, purpose: FormPurpose, asked: Value, version: i32) -> FormVersionId {
    let now = world.edges.clock.now();
    let row = form::ActiveModel {
        name: Set(format!("{purpose} {}", asked["id"])),
        purpose: Set(purpose),
        created_at: Set(now),
        ..Default::default()
    };
    let form = put(world, row).await.id;
    of_form(world, form, asked, version).await
}

async fn of_form(world: &World, form: entities::kinds::FormId, asked: Value, version: i32) -> FormVersionId {
    let section = json!({ "id": "more", "title": { "en": "More", "zh": "其他" }, "questions": [asked] });
    let row = form_version::ActiveModel {
        form_id: Set(form),
        version: Set(version),
        definition: Set(json!({ "version": 1, "sections": [section] })),
        created_at: Set(world.edges.clock.now()),
        ..Default::default()
    };
    put(world, row).await.id
}

async fn form_of(world: &World, version: FormVersionId) -> entities::kinds::FormId {
    let row = form_version::Entity::find_by_id(version).one(world.edges.db.read()).await;
    row.unwrap().unwrap().form_id
}

both! {
async fn a_report_asks_what_its_call_fixed_and_is_not_signed_without_an_answer(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    let kept = published(world, FormPurpose::Report, asks("visits", "How many visits?"), 1).await;
    let row = award::ActiveModel { id: Set(grant.award), report_form_version_id: Set(Some(kept)), ..Default::default() };
    change(world, row).await;
    // The form goes on without this award.
    of_form(world, form_of(world, kept).await, asks("other", "Something else?"), 2).await;
    let told = grant.report(ReportKind::MidTerm).await;
    reports::open(&grant.officer().await, told.id).await.unwrap();
    let editor = Reader::of(world, grant.editor).await;
    let write = format!("/reports/{}/write", told.id);
    let (status, page) = editor.get(&write).await;
    assert!(status == Status::Ok && page.contains("How many visits?") && page.contains("name=\"answers.visits\""));
    assert!(!page.contains("Something else?"));
    let version = grant.report(ReportKind::MidTerm).await.version;
    let body = |key: &str, version: i32, visits: &str| {
        format!("form_key=key-0000-0000-{key}&version={version}&narrative=done&volunteer_hours=1&beneficiaries=2&answers.visits={visits}")
    };
    assert_eq!(editor.post(&write, &body("0001", version, "")).await.0, Status::SeeOther, "a draft may be incomplete");
    let missing = reports::hand_over(&grant.edits().await, told.id).await.unwrap_err();
    assert_eq!(missing.code(), "answer-required");
    let version = grant.report(ReportKind::MidTerm).await.version;
    assert_eq!(editor.post(&write, &body("0002", version, "twelve")).await.0, Status::UnprocessableEntity);
    assert_eq!(editor.post(&write, &body("0003", version, "12")).await.0, Status::SeeOther);
    // The same form once more, and an old one: counted once, never over what is newer.
    editor.post(&write, &body("0003", version, "12")).await;
    assert_eq!(editor.post(&write, &body("0004", version, "13")).await.0, Status::Conflict);
    let foreign = Saved {
        narrative: "done".into(),
        answers: serde_json::from_value(json!({ "nobody": "asked" })).unwrap(),
        ..Saved::default()
    };
    let now = grant.report(ReportKind::MidTerm).await.version;
    let unknown = reports::save(&grant.edits().await, told.id, now, &foreign).await.unwrap_err();
    assert_eq!(unknown.code(), "answer-unknown");

    reports::hand_over(&grant.edits().await, told.id).await.unwrap();
    reports::submit(&grant.signs().await, told.id).await.unwrap();
    let row = report::Entity::find_by_id(told.id).one(world.edges.db.read()).await.unwrap().unwrap();
    assert_eq!(row.answers, json!({ "visits": 12 }));
    let officer = Reader::of(world, grant.officer).await;
    let (_, page) = officer.get(&format!("/reports/{}", told.id)).await;
    assert!(page.contains("How many visits?") && page.contains("12"), "{page}");
    world.settle().await;
}

async fn an_evaluation_asks_by_its_own_form(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    let kept = published(world, FormPurpose::Evaluation, asks("seen", "How many did you see?"), 1).await;
    let row =
        award::ActiveModel { id: Set(grant.award), evaluation_form_version_id: Set(Some(kept)), ..Default::default() };
    change(world, row).await;
    let officer = grant.officer().await;
    let id = evaluations::assign(&officer, grant.award, EvaluationKind::MidTerm, grant.evaluator).await.unwrap();
    let evaluator = Reader::of(world, grant.evaluator).await;
    let submit = format!("/evaluations/{id}/submit");
    assert!(evaluator.get(&submit).await.1.contains("How many did you see?"));
    let by = evaluations::assigned(&world.acting(grant.evaluator).await, id).await.unwrap();
    assert_eq!(evaluations::submit(&by, 7_000, "well done").await.unwrap_err().code(), "answer-required");
    let body = "form_key=key-0000-0000-0001&score=70&findings=well+done&answers.seen=";
    assert_eq!(evaluator.post(&submit, &format!("{body}0")).await.0, Status::UnprocessableEntity);
    assert_eq!(evaluator.post(&submit, &format!("{body}7")).await.0, Status::SeeOther);
    let row = evaluation::Entity::find_by_id(id).one(world.edges.db.read()).await.unwrap().unwrap();
    assert_eq!((row.score, row.answers), (Some(7_000), json!({ "seen": 7 })));
    world.settle().await;
}

async fn a_call_names_forms_for_their_purpose_and_its_copy_takes_the_newest(world: World) {
    let a = world.person("officer-a", &[Role::ProgrammeOfficer]).await;
    let b = world.person("officer-b", &[Role::ProgrammeOfficer]).await;
    let (a, b) = (world.role::<Officer>(a).await, world.role::<Officer>(b).await);
    let bids = calls::form_version(&a, "plain", questions()).await.unwrap();
    let plain = drafted(fund(&world).await, bids);
    let right = published(&world, FormPurpose::Report, asks("visits", "How many visits?"), 1).await;
    let file = json!({ "id": "paper", "label": { "en": "Paper", "zh": "文件" }, "kind": { "type": "file" } });
    let filed = published(&world, FormPurpose::Report, file, 1).await;
    for (report, evaluation) in [(Some(bids), None), (Some(filed), None), (None, Some(right))] {
        let wrong = Drafted { report_form: report, evaluation_form: evaluation, ..plain.clone() };
        assert_eq!(calls::draft(&a, wrong).await.unwrap_err().code(), "refused-call-later-form");
    }
    let call = calls::draft(&a, Drafted { report_form: Some(right), ..plain }).await.unwrap();
    let row = async |id| calls::load(world.edges.db.read(), id).await.unwrap();
    assert_eq!(row(call).await.report_form_version_id, Some(right));
    calls::check(&b, call).await.unwrap();
    world.at(nine(2026, 1, 7)).await;
    let newer = of_form(&world, form_of(&world, right).await, asks("visits", "How often?"), 2).await;
    let copy = copying::copy(&a, call).await.unwrap();
    assert_eq!(row(copy).await.report_form_version_id, Some(newer));
    assert_eq!(row(call).await.report_form_version_id, Some(right), "an announced call keeps its own");
    // The form of a draft offers them apart from the forms of bids.
    let (_, page) = Reader::of(&world, a.actor.person.unwrap()).await.get("/calls/new").await;
    assert!(page.contains("name=\"report_form\"") && page.contains("name=\"evaluation_form\""));
    world.settle().await;
}
}
