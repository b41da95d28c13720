//! Feedback to every applicant once the decision is final, in both languages, without a reviewer's name or mark; and the statistics of the
//! round, which name nobody by elimination.

use super::decisions::{item, submitted};
use super::reviews::{Panel, bid};
use crate::support::rows::{change, put};
use crate::support::{both, nine};
use entities::kinds::{
    ApplicationStage, CallStage, ItemStage, LegalForm, Locale, MemberRole, PersonId, ProgrammeStage, ReviewStage,
};
use entities::{application, call, person, programme, review};
use rocket::http::{Cookie, Status};
use rocket::local::asynchronous::Client;
use sea_orm::{ActiveValue::Set, EntityTrait};
use std::sync::Arc;
use tributary::app;
use tributary::edges::Edges;
use tributary::grants::decisions::service::{self as decisions, feedback, statistics};
use tributary::people::permission::Approver;

async fn get(edges: &Arc<Edges>, token: Option<&str>, locale: &str, path: &str) -> (Status, Vec<u8>) {
    let client = Client::untracked(app::server(edges.clone())).await.unwrap();
    let mut request = client.get(path.to_owned()).cookie(Cookie::new("tributary_locale", locale.to_owned()));
    if let Some(token) = token {
        request = request.cookie(Cookie::new("tributary_session", token.to_owned()));
    }
    let answer = request.dispatch().await;
    (answer.status(), answer.into_bytes().await.unwrap_or_default())
}

async fn page(panel: &Panel, who: Option<PersonId>, locale: &str, path: &str) -> (Status, String) {
    let token = match who {
        Some(person) => Some(panel.world.session(person).await),
        None => None,
    };
    let (status, bytes) = get(&panel.world.edges, token.as_deref(), locale, path).await;
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

/// Each reviewer's word to the applicant of the first bid.
async fn said(panel: &Panel) {
    let rows = review::Entity::find().all(panel.world.edges.db.read()).await.unwrap();
    for row in rows.into_iter().filter(|row| row.application_id == panel.applications[0]) {
        let place = panel.reviewers.iter().position(|person| *person == row.reviewer_id).unwrap();
        let words = review::ActiveModel {
            id: Set(row.id),
            comment: Set(format!("word {} of five", place + 1)),
            ..Default::default()
        };
        change(&panel.world, words).await;
    }
}

both! {
async fn every_applicant_reads_why_once_it_is_final_and_nobody_who_judged_is_named(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let other = world.person("signatory-2", &[]).await;
    world.member(other, panel.applicants[1], MemberRole::Signatory).await;
    change(world, person::ActiveModel { id: Set(other), locale: Set(Locale::ZhCn), ..Default::default() }).await;
    let (batch, items) = submitted(&panel).await;
    said(&panel).await;
    let path = format!("/applications/{}/feedback", panel.applications[0]);
    let read = async |who: Option<PersonId>, locale: &str| page(&panel, who, locale, &path).await;
    // Neither before the decision nor while one may object to it.
    assert_eq!(read(Some(panel.signatory), "en").await.0, Status::NotFound);
    decisions::approve_batch(&world.role::<Approver>(panel.approver).await, batch).await.unwrap();
    assert_eq!(read(Some(panel.signatory), "en").await.0, Status::NotFound);
    world.at(nine(2026, 1, 13)).await;
    assert_eq!(item(&panel, items[0]).await.stage, ItemStage::Final);
    for (locale, words) in [("en", "What a reviewer wrote (1)"), ("zh-CN", "评审专家意见（1）")] {
        let (status, text) = read(Some(panel.signatory), locale).await;
        assert_eq!(status, Status::Ok);
        assert!(text.contains(words), "{text}");
        // The recused fifth neither counts nor speaks: 20 of 20 four times, then the mean of 25 25 25 24 in design.
        assert!(text.contains("87.25") && text.contains("20.00"), "{text}");
        for n in 1..=4 {
            assert!(text.contains(&format!("word {n} of five")), "{text}");
        }
        assert!(!text.contains("word 5 of five") && !text.contains("reviewer-"), "{text}");
        // Nor one reviewer's own total.
        assert!(!text.contains("92.00") && !text.contains("84.00"), "{text}");
    }
    // It is theirs: not the other applicant's, not a visitor's, not a reviewer's.
    for stranger in [Some(other), Some(panel.reviewers[0])] {
        assert_eq!(read(stranger, "en").await.0, Status::NotFound);
    }
    assert_eq!(read(None, "en").await.0, Status::SeeOther);
    assert_eq!(read(Some(panel.other_officer), "en").await.0, Status::Ok);
    // The bid's page leads there, and the letter came in each reader's language, to the reserved as to the awarded.
    let (_, own) = page(&panel, Some(panel.signatory), "en", &format!("/applications/{}", panel.applications[0])).await;
    assert!(own.contains(&format!("href=\"{path}\"")), "{own}");
    let letters = world.edges.mail.newest(500).await.unwrap();
    let told = |to: &str, start: &str| {
        letters.iter().filter(|(_, letter)| letter.to == format!("{to}@example.org") && letter.subject.starts_with(start)).count()
    };
    assert_eq!((told("signatory", "Feedback on your application"), told("signatory-2", "评审意见反馈")), (1, 1));
    // The clock that ticks again writes no second letter.
    world.at(nine(2026, 1, 14)).await;
    let again = world.edges.mail.newest(500).await.unwrap();
    assert_eq!(again.len(), letters.len());
}

async fn feedback_is_a_document_in_both_languages(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    if !world.edges.press.ready().await {
        crate::support::tools::left_out("feedback as PDF", "no font with Chinese characters");
        return;
    }
    let (batch, _) = submitted(&panel).await;
    said(&panel).await;
    decisions::approve_batch(&world.role::<Approver>(panel.approver).await, batch).await.unwrap();
    world.at(nine(2026, 1, 13)).await;
    let token = world.session(panel.signatory).await;
    for locale in ["en", "zh-CN"] {
        let path = format!("/applications/{}/feedback.pdf?locale={locale}", panel.applications[0]);
        let (status, bytes) = get(&world.edges, Some(&token), "en", &path).await;
        assert_eq!(status, Status::Ok);
        assert!(bytes.starts_with(b"%PDF-"), "{locale}");
        let strangers = get(&world.edges, Some(&world.session(panel.reviewers[1]).await), "en", &path).await;
        assert_eq!(strangers.0, Status::NotFound);
    }
}

async fn comments_stand_in_nobodys_order(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    panel.scored().await;
    said(&panel).await;
    let db = world.edges.db.read();
    let asked = application::Entity::find_by_id(panel.applications[0]).one(db).await.unwrap().unwrap();
    assert_eq!(feedback::of(db, &asked).await.unwrap_err().code(), "not-found");
    let chair = panel.chairing().await;
    let batch = decisions::draft(&chair, panel.call, "").await.unwrap();
    decisions::submit_batch(&chair, batch, 1).await.unwrap();
    decisions::approve_batch(&world.role::<Approver>(panel.approver).await, batch).await.unwrap();
    world.at(nine(2026, 1, 13)).await;
    let asked = application::Entity::find_by_id(panel.applications[0]).one(db).await.unwrap().unwrap();
    let found = feedback::of(db, &asked).await.unwrap();
    assert_eq!((found.reviews, found.comments.len(), found.criteria.len()), (5, 5, 6));
    assert!(found.criteria.iter().all(|row| row.count == 5 && row.hundredths.is_some()));
    let asked_in: Vec<String> = (1..=5).map(|n| format!("word {n} of five")).collect();
    let mut sorted = found.comments.clone();
    sorted.sort();
    assert_eq!(sorted, asked_in);
    assert_ne!(found.comments, asked_in, "not in the order in which reviewers were asked");
    assert_eq!(feedback::of(db, &asked).await.unwrap().comments, found.comments, "and always the same");
}

async fn statistics_of_a_round_hide_whom_few_could_be(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let path = format!("/calls/{}/statistics", panel.call);
    assert_eq!(page(&panel, None, "en", &path).await.0, Status::NotFound, "not before it is decided");
    let (batch, _) = submitted(&panel).await;
    // They were handed in, as every bid that is judged.
    for id in panel.applications {
        let row = application::ActiveModel { id: Set(id), submitted_at: Set(Some(world.edges.clock.now())), ..Default::default() };
        change(world, row).await;
    }
    decisions::approve_batch(&world.role::<Approver>(panel.approver).await, batch).await.unwrap();
    world.at(nine(2026, 1, 13)).await;
    let db = world.edges.db.read();
    let row = call::Entity::find_by_id(panel.call).one(db).await.unwrap().unwrap();
    assert_eq!(row.stage, CallStage::Decided);
    // Two bids, one awarded: who the other is would be told by a count.
    let found = statistics::of_round(db, &row).await.unwrap();
    let own = found[0].1;
    assert_eq!((own.received, own.eligible, own.reviewed, own.awarded), (2, 2, 2, 1));
    assert_eq!((own.asked_minor, own.awarded_minor), (16_300_000, 8_300_000));
    for (locale, hidden) in [("en", "not told"), ("zh-CN", "不公布")] {
        let (status, text) = page(&panel, None, locale, &path).await;
        assert_eq!(status, Status::Ok);
        assert!(text.contains("83,000.00") && text.contains(hidden) && !text.contains("163,000.00"), "{text}");
    }
    // Six more that were not let through, in another category of the same round: that call's figures may be told, the total may not.
    let programme = programme::ActiveModel {
        name_zh: Set("微更新".into()),
        name_en: Set("Micro-renewal".into()),
        stage: Set(ProgrammeStage::Running),
        created_by: Set(panel.officer),
        ..Default::default()
    };
    let programme = put(world, programme).await.id;
    let one = call::ActiveModel {
        id: Set(panel.call),
        programme_id: Set(Some(programme)),
        category: Set("街巷".into()),
        round: Set("2026".into()),
        ..Default::default()
    };
    change(world, one).await;
    let people = [panel.officer, panel.other_officer];
    let second = call::ActiveModel {
        programme_id: Set(Some(programme)),
        category: Set("养老".into()),
        round: Set("2026".into()),
        stage: Set(CallStage::Decided),
        ..crate::support::rows::call(panel.fund, row.form_version_id, people, world.edges.clock.now())
    };
    let second = put(world, second).await.id;
    for n in 0..6 {
        let of = world.organisation(&format!("other {n}"), LegalForm::Association, None).await;
        let id = bid(world, second, of, panel.signatory, 1_000_000, ApplicationStage::Ineligible).await;
        let row = application::ActiveModel { id: Set(id), submitted_at: Set(Some(world.edges.clock.now())), ..Default::default() };
        change(world, row).await;
    }
    let (_, text) = page(&panel, None, "en", &path).await;
    assert!(text.contains("60,000.00") && text.contains("养老") && text.contains("街巷") && text.contains("Together"), "{text}");
    assert!(!text.contains("223,000.00"), "the total would tell what is hidden: {text}");
    assert_eq!(review::Entity::find().all(db).await.unwrap().iter().filter(|row| row.stage == ReviewStage::Submitted).count(), 8);
}
}
