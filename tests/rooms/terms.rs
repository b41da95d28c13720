//! What comes with time: an agreement ends with its last report, a case that nobody told is asked for, letters leave their folder, and a
//! link that leads nowhere is slowed. And who evaluates a report opens what proves it.

use super::grant::Grant;
use crate::books::ground::{number, raw};
use crate::support::{World, both, day, nine};
use chrono::{DateTime, Utc};
use entities::kinds::{AwardStage, ChangeKind, EvaluationKind, PersonId, ReportKind, Role};
use rocket::http::{Cookie, Status};
use rocket::local::asynchronous::Client;
use tributary::app;
use tributary::commons::policies;
use tributary::grants::awards::{agreement, changes, service as awards};
use tributary::grants::gifts::service::traces;
use tributary::grants::reports::evaluations;
use tributary::grants::reports::service::{self as reports, Saved};
use tributary::grants::tranches::approvals;

async fn letters(world: &World, to: &str, words: &str) -> usize {
    let all = world.edges.mail.newest(1_000).await.unwrap();
    all.iter().filter(|(_, letter)| letter.to.starts_with(to) && letter.subject.contains(words)).count()
}

async fn status(client: &Client, path: &str, session: Option<&str>, from: &str) -> Status {
    let mut request = client.get(path.to_owned()).remote(from.parse().unwrap());
    if let Some(session) = session {
        request = request.cookie(Cookie::new("tributary_session", session.to_owned()));
    }
    request.dispatch().await.status()
}

/// A receipt of a report, as if its editor had added it.
async fn proven(grant: &Grant, report: i64) -> i64 {
    let kept = grant.kept("a receipt").await;
    let world = &grant.world;
    let at = "'2026-01-05T01:00:00+00:00'";
    raw(world, &format!("insert into document (sha256, name, media_type, bytes, purpose, organisation_id, public, uploaded_at) values ('{}', 'receipt.txt', 'text/plain', {}, 'evidence', {}, false, {at})", kept.sha256, kept.bytes, grant.organisation)).await.unwrap();
    let document = number(world, "select max(id) from document").await;
    raw(world, &format!("insert into report_receipt (report_id, organisation_id, document_id, sha256, head, number, issued_on, amount_minor, currency, attached_by, attached_at) values ({report}, {}, {document}, '{}', 'labour', '1', '2026-01-05', 1, 'CNY', {}, {at})", grant.organisation, kept.sha256, grant.editor)).await.unwrap();
    document
}

both! {
async fn an_agreement_ends_with_its_last_report_and_a_change_extends_it(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    let db = world.edges.db.read();
    // The final report is due 120 days after the second signature.
    let row = awards::load(db, grant.award).await.unwrap();
    assert_eq!(row.ends_on, Some(day(2026, 5, 5)));
    assert!(agreement::text(db, &row).await.unwrap().contains("Term: 120 days from the second signature"));
    let id = grant.tranche(1).await.id;
    world.at(nine(2026, 5, 5)).await;
    approvals::request(&grant.signs().await, id, None).await.unwrap();
    // The day after, nobody takes the next step.
    world.at(nine(2026, 5, 6)).await;
    let refused = approvals::approve_programme(&grant.officer().await, id).await.unwrap_err();
    assert_eq!(refused.code(), "refused-payment-agreement-over");
    let detail = changes::Detail { ends_on: Some(day(2026, 6, 30)), ..changes::Detail::default() };
    let signs = grant.signs().await;
    let change = changes::request_change(&signs, grant.award, ChangeKind::Extension, &detail, "rain").await.unwrap();
    let officer = grant.officer().await;
    changes::review_change(&officer, grant.award, change).await.unwrap();
    changes::approve_change(&officer, grant.award, change).await.unwrap();
    changes::apply_change(&officer, grant.award, change).await.unwrap();
    assert_eq!(awards::load(db, grant.award).await.unwrap().ends_on, Some(day(2026, 6, 30)));
    approvals::approve_programme(&officer, id).await.unwrap();
}

async fn a_case_that_nobody_told_is_asked_for_once(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    raw(world, &format!("update report set stage = 'accepted' where kind = 'final' and award_id = {}", grant.award)).await.unwrap();
    let closed = format!(
        "update award set stage = 'closed', closed_by = {}, closed_finance_by = {}, closed_at = '2026-01-05T01:00:00+00:00' where id = {}",
        grant.officer, grant.finance, grant.award
    );
    raw(world, &closed).await.unwrap();
    assert_eq!(awards::load(world.edges.db.read(), grant.award).await.unwrap().stage, AwardStage::Closed);
    world.at(nine(2026, 1, 18)).await;
    assert_eq!(letters(world, "officer@", "The case is not told yet").await, 0);
    for again in [nine(2026, 1, 19), nine(2026, 1, 20), nine(2026, 2, 10)] {
        world.at(again).await;
        assert_eq!(letters(world, "officer@", "The case is not told yet").await, 1);
    }
    // Where it is told, nobody is asked.
    raw(world, &format!("update award set case_asked_at = null where id = {}", grant.award)).await.unwrap();
    raw(world, &format!("insert into case_page (award_id, title, story, photo_caption, published_by, published_at) values ({}, 't', 's', '', {}, '2026-02-11T01:00:00+00:00')", grant.award, grant.officer)).await.unwrap();
    world.at(nine(2026, 2, 12)).await;
    assert_eq!(letters(world, "officer@", "The case is not told yet").await, 1);
}

async fn who_evaluates_a_report_opens_what_proves_it(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
    let report = grant.report(ReportKind::MidTerm).await;
    let path = format!("/documents/{}", proven(&grant, report.id.0).await);
    let other = world.person("other-evaluator", &[Role::Evaluator]).await;
    let (mine, theirs) = (world.session(grant.evaluator).await, world.session(other).await);
    let by = grant.officer().await;
    let opens = async |session: &str| status(&client, &path, Some(session), "203.0.113.1:80").await;
    assert_eq!(opens(&mine).await, Status::NotFound, "nothing is assigned");
    let evaluation = evaluations::assign(&by, grant.award, EvaluationKind::MidTerm, grant.evaluator).await.unwrap();
    assert_eq!(opens(&mine).await, Status::NotFound, "it is still being written");
    reports::open(&by, report.id).await.unwrap();
    let spent = tributary::core::plan::SpendingLine { head: "labour".into(), amount_minor: 1 };
    let told = Saved { narrative: "done".into(), spending: vec![spent], ..Saved::default() };
    reports::save(&grant.edits().await, report.id, grant.report(ReportKind::MidTerm).await.version, &told).await.unwrap();
    reports::hand_over(&grant.edits().await, report.id).await.unwrap();
    reports::submit(&grant.signs().await, report.id).await.unwrap();
    assert_eq!(opens(&mine).await, Status::Ok);
    assert_eq!(opens(&theirs).await, Status::NotFound, "another evaluator");
    assert_eq!(status(&client, &path, None, "203.0.113.1:80").await, Status::NotFound, "a visitor");
    // Other files of the grantee are not theirs, and neither is this one once the word is out.
    let foreign = proven_elsewhere(&grant).await;
    assert_eq!(status(&client, &format!("/documents/{foreign}"), Some(&mine), "203.0.113.1:80").await, Status::NotFound);
    let judge = evaluations::assigned(&world.acting(grant.evaluator).await, evaluation).await.unwrap();
    evaluations::submit(&judge, 7_000, "well done").await.unwrap();
    assert_eq!(opens(&mine).await, Status::Ok);
    evaluations::publish(&by, evaluation).await.unwrap();
    assert_eq!(opens(&mine).await, Status::NotFound, "it is published");
}

async fn letters_leave_their_folder_with_their_jobs(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    world.settle().await;
    let before = world.edges.mail.newest(1_000).await.unwrap();
    assert!(!before.is_empty());
    let kept = policies::on(world.edges.db.read(), world.edges.today()).await.unwrap().retain_mail_days;
    let late: DateTime<Utc> = world.edges.clock.now() + chrono::Duration::days(kept - 1);
    world.at(late).await;
    assert!(world.edges.mail.newest(1_000).await.unwrap().len() >= before.len());
    world.at(late + chrono::Duration::days(2)).await;
    let left = world.edges.mail.newest(1_000).await.unwrap();
    assert!(before.iter().all(|(mark, _)| left.iter().all(|(still, _)| still != mark)), "the old ones are gone");
    // A letter that somebody took away by hand stops no sweep.
    world.edges.mail.forget(&[1, 2, 999_999]).await.unwrap();
}

async fn wrong_trace_links_are_slowed_and_right_ones_are_not(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    let gift = entities::kinds::GiftId(number(world, "select min(id) from gift").await);
    let by = world.acting(grant.donor_signatory).await.signed_in().unwrap();
    let token = traces::issue_trace(&by, gift).await.unwrap();
    let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
    let right = format!("/trace/{token}");
    let (guesser, neighbour) = ("203.0.113.9:80", "203.0.113.10:80");
    for _ in 0..30 {
        assert_eq!(status(&client, &right, None, neighbour).await, Status::Ok);
    }
    for turn in 0..10 {
        assert_eq!(status(&client, &format!("/trace/guess-{turn}"), None, guesser).await, Status::NotFound);
    }
    assert_eq!(status(&client, "/trace/guess-10", None, guesser).await, Status::UnprocessableEntity);
    assert_eq!(status(&client, &right, None, guesser).await, Status::UnprocessableEntity, "nor is a hit told from a miss");
    assert_eq!(status(&client, &right, None, neighbour).await, Status::Ok);
    for turn in 0..10 {
        assert_eq!(status(&client, &format!("/payee-stops/guess-{turn}"), None, "203.0.113.11:80").await, Status::NotFound);
    }
    assert_eq!(status(&client, "/payee-stops/guess", None, "203.0.113.11:80").await, Status::UnprocessableEntity);
}
}

/// A file of the grantee that proves no report.
async fn proven_elsewhere(grant: &Grant) -> i64 {
    let kept = grant.kept("something else").await;
    let who: PersonId = grant.editor;
    raw(&grant.world, &format!("insert into document (sha256, name, media_type, bytes, purpose, organisation_id, public, uploaded_by, uploaded_at) values ('{}', 'other.txt', 'text/plain', {}, 'evidence', {}, false, {who}, '2026-01-05T01:00:00+00:00')", kept.sha256, kept.bytes, grant.organisation)).await.unwrap();
    number(&grant.world, "select max(id) from document").await
}
