//! Letters, and the hour of a notice.

use super::{IDENTITY, Scene, VERDICT};
use crate::support::both;
use entities::kinds::{AppealAgainst, ApplicationStage, ConflictGround, PersonId};
use entities::{application, job, review};
use sea_orm::{ActiveValue::Set, EntityTrait};
use std::collections::BTreeSet;
use tributary::commons::letters::{JOB, Promised};
use tributary::edges::mail::Letter;
use tributary::grants::applications::service as applications;
use tributary::grants::decisions::service as decisions;
use tributary::grants::reviews::{recusals, service};
use tributary::people::permission::{Approver, Officer};

/// More letters than a scene writes.
const ALL: usize = 500;

async fn letters(scene: &Scene) -> Vec<Letter> {
    scene.panel.world.settle().await;
    let letters = scene.panel.world.edges.mail.newest(ALL).await.unwrap();
    letters.into_iter().map(|(_, letter)| letter).collect()
}

/// Hands in every review that is open.
async fn finished(scene: &Scene) {
    for row in review::Entity::find().all(scene.panel.world.edges.db.read()).await.unwrap() {
        if row.submitted_at.is_none() && row.stage != entities::kinds::ReviewStage::Recused {
            scene.judges(row.id, row.reviewer_id, 80).await;
        }
    }
}

/// To whom letters were promised, with the hour.
async fn promised_to(scene: &Scene, people: &[&str]) -> Vec<(String, String, chrono::DateTime<chrono::Utc>)> {
    let jobs = job::Entity::find().all(scene.panel.world.edges.db.read()).await.unwrap();
    let mut found = Vec::new();
    for row in jobs.into_iter().filter(|row| row.kind == JOB) {
        let told: Promised = serde_json::from_value(row.payload).unwrap();
        if people.contains(&told.to.as_str()) && told.name.starts_with("decision-") {
            assert_eq!(row.run_at, row.created_at, "no letter waits longer than another");
            found.push((told.to, told.name, row.run_at));
        }
    }
    found
}

both! {
async fn email_to_a_judge_names_no_applicant_and_none_to_an_applicant_a_judge(world: World) {
    let scene = Scene::set(world).await;
    let world = &scene.panel.world;
    // Everything that writes letters while a call is judged: opened again, taken out, an appeal against the screening.
    let chair = scene.panel.chairing().await;
    service::reopen(&chair, scene.submitted, "look at the budget again").await.unwrap();
    let officer = world.role::<Officer>(scene.panel.officer).await;
    recusals::recuse_found(&officer, scene.submitted, ConflictGround::Donor, "register of gifts").await.unwrap();
    let again = application::ActiveModel {
        id: Set(scene.panel.applications[0]),
        stage: Set(ApplicationStage::Submitted),
        ..Default::default()
    };
    crate::support::rows::change(world, again).await;
    let screener = world.role::<Officer>(scene.panel.other_officer).await;
    applications::screen(&screener, scene.panel.applications[0], false, vec!["eligibility-area".into()], "").await.unwrap();
    let signatory = world.acting(scene.panel.signatory).await.signatory_of(scene.panel.applicants[0]).unwrap();
    let against = AppealAgainst::Screening;
    applications::appeal(&signatory, scene.panel.applications[0], against, "we are eligible").await.unwrap();
    let letters = letters(&scene).await;
    let judges = ["reviewer-1@example.org", "reviewer-2@example.org", "officer-judge@example.org"];
    let applicants = ["signatory@example.org", "rival@example.org", "donor@example.org"];
    for judge in judges {
        assert!(letters.iter().any(|letter| letter.to == judge), "{judge} had no letter");
    }
    for letter in &letters {
        let text = format!("{} {} {}", letter.subject, letter.text, letter.html);
        let hidden: Vec<&str> = match letter.to.as_str() {
            to if judges.contains(&to) => IDENTITY.iter().chain(&VERDICT).copied().collect(),
            to if applicants.contains(&to) => VERDICT.iter().copied().chain(["reviewer-"]).collect(),
            _ => Vec::new(),
        };
        for mark in hidden {
            assert!(!text.contains(mark), "{mark} in a letter to {}: {text}", letter.to);
        }
    }
}

async fn email_about_the_decision_names_nobody_who_judged(world: World) {
    let scene = Scene::set(world).await;
    finished(&scene).await;
    let chair = scene.panel.chairing().await;
    let batch = decisions::draft(&chair, scene.panel.call, "CANARYCOMMENT").await.unwrap();
    decisions::submit_batch(&chair, batch, 1).await.unwrap();
    decisions::approve_batch(&scene.panel.world.role::<Approver>(scene.panel.approver).await, batch).await.unwrap();
    let told: Vec<Letter> = letters(&scene).await.into_iter().filter(|letter| letter.to == "signatory@example.org").collect();
    assert!(!told.is_empty());
    for letter in told {
        let text = format!("{} {}", letter.subject, letter.text);
        assert!(!text.contains("reviewer-") && VERDICT.iter().all(|mark| !text.contains(mark)), "{text}");
    }
}

async fn timing_of_a_notice_tells_nobody_earlier_or_later_how_it_ends(world: World) {
    let scene = Scene::set(world).await;
    finished(&scene).await;
    let applicants = ["signatory@example.org", "rival@example.org"];
    let readers: Vec<(&'static str, Option<PersonId>)> = scene.outside();
    let batch = std::cell::Cell::new(None);
    // Drafted, submitted, returned, submitted again: nobody outside notices, and nobody is written to.
    let panel = &scene.panel;
    let deciding = async {
        let chair = panel.chairing().await;
        let id = decisions::draft(&chair, panel.call, "minutes").await.unwrap();
        decisions::submit_batch(&chair, id, 1).await.unwrap();
        let approver = panel.world.role::<Approver>(panel.approver).await;
        decisions::return_batch(&approver, id, "say why").await.unwrap();
        let version = decisions::load(panel.world.edges.db.read(), id).await.unwrap().version;
        decisions::submit_batch(&chair, id, version).await.unwrap();
        batch.set(Some(id));
    };
    scene.unnoticed(&readers, deciding).await;
    assert!(promised_to(&scene, &applicants).await.is_empty());
    // Approved: the awarded and the reserved learn it in the same instant, and the notice is there in that instant.
    let id = batch.get().unwrap();
    decisions::approve_batch(&panel.world.role::<Approver>(panel.approver).await, id).await.unwrap();
    let told = promised_to(&scene, &applicants).await;
    let names: BTreeSet<&str> = told.iter().map(|(_, name, _)| name.as_str()).collect();
    let hours: BTreeSet<_> = told.iter().map(|(_, _, at)| *at).collect();
    assert_eq!(names, ["decision-approved", "decision-reserved"].into(), "{told:?}");
    assert_eq!(hours.len(), 1, "{told:?}");
    let notice = scene.get(None, &format!("/notices/{id}")).await;
    assert!(notice.body.contains("CANARYORG"), "the notice is public now");
}
}
