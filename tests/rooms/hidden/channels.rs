//! Pages, data files, exports; counts, averages, orderings.

use super::{IDENTITY, Scene, VERDICT, addresses, one_more};
use crate::support::both;
use crate::support::rows::{self, change, put};
use entities::kinds::{CallStage, LegalForm, Role};
use entities::{call, review, review_score};
use rocket::http::Status;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

/// What the path says about the kind of answer: the answers themselves are looked at too.
fn is_export(path: &str) -> bool {
    let last = path.split('?').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    last.contains('.') || ["paper", "pdf", "xlsx", "file", "export", "copy"].contains(&last)
}

/// Looks for the marks wherever these readers may look.
async fn nowhere(scene: &Scene, paths: &[String]) {
    let mut read = 0;
    for (name, who) in scene.outside() {
        for path in paths {
            let seen = scene.get(who, path).await;
            assert!(seen.status.code < 500, "{name} at {path}: {}", seen.status);
            read += usize::from(seen.status == Status::Ok);
            let identity = if name == "the applicant" { &[][..] } else { &IDENTITY };
            for mark in identity.iter().chain(&VERDICT) {
                assert!(!seen.body.contains(mark), "{name} reads {mark} at {path}");
            }
            // Who judges is nobody's to know but staff's.
            let staff = ["the officer who judges", "the officer of the rival"].contains(&name);
            assert!(staff || !seen.body.contains("reviewer-2"), "{name} reads who judges at {path}");
        }
    }
    assert!(read > 0, "nothing was read");
}

both! {
async fn page_shows_nobody_what_is_hidden(world: World) {
    let scene = Scene::set(world).await;
    nowhere(&scene, &addresses(|path| !is_export(path))).await;
    // The marks sing where they should: before an officer who neither judges nor bids, and before the applicant.
    let officer = Some(scene.panel.officer);
    let panel = scene.get(officer, &format!("/calls/{}/reviews", scene.panel.call)).await.body;
    assert!(panel.contains("CANARYORG") && panel.contains("93.00") && panel.contains("reviewer-2"), "{panel}");
    let bid = format!("/applications/{}", scene.panel.applications[0]);
    for reader in [scene.panel.officer, scene.panel.signatory] {
        let page = scene.get(Some(reader), &bid).await.body;
        assert!(IDENTITY.iter().all(|mark| page.contains(mark)), "{page}");
    }
    // The judge reads the bid all the same, without who it is of.
    let mine = review::Entity::find().filter(review::Column::ReviewerId.eq(scene.judge));
    let mine = mine.one(scene.panel.world.edges.db.read()).await.unwrap().unwrap();
    let page = scene.get(Some(scene.judge), &format!("/reviews/{}", mine.id)).await.body;
    assert!(page.contains("83 m of wall") && page.contains("PLAINANSWER"), "{page}");
}

async fn api_and_data_files_say_nothing_of_what_is_hidden(world: World) {
    let scene = Scene::set(world).await;
    let paths = addresses(|path| path.starts_with("/data") || path.contains("json") || path.ends_with("/copy"));
    nowhere(&scene, &paths).await;
    for (name, who) in scene.outside() {
        let told = scene.get(who, "/account/privacy/copy").await;
        assert!(who.is_none() || told.kind.contains("json"), "{name}: {} {}", told.status, told.kind);
    }
}

async fn export_of_any_kind_carries_nothing_that_is_hidden(world: World) {
    let scene = Scene::set(world).await;
    nowhere(&scene, &addresses(is_export)).await;
    // What is set as PDF is packed, so that no mark would be found in it: there is none for them at all.
    let (call, bid) = (scene.panel.call, scene.panel.applications[0]);
    for (name, who) in scene.blind() {
        for path in [format!("/applications/{bid}/paper"), format!("/notices/{call}/minutes.pdf"), "/documents/1".into()] {
            let seen = scene.get(who, &path).await;
            // A visitor is sent to the door.
            assert!(seen.status == Status::NotFound || (who.is_none() && seen.status == Status::SeeOther), "{name}: {path}");
        }
    }
    let paper = scene.get(Some(scene.panel.officer), &format!("/applications/{bid}/paper")).await;
    assert_ne!(paper.status, Status::NotFound);
}

async fn count_of_bids_in_a_blind_call_is_not_noticed(world: World) {
    let scene = Scene::set(world).await;
    let more = scene.panel.world.organisation("SO-4", LegalForm::Association, None).await;
    scene.unnoticed(&scene.outside(), one_more(&scene, more, scene.panel.call)).await;
}

async fn count_of_bids_in_a_sealed_call_is_not_noticed_by_staff_either(world: World) {
    let scene = Scene::set(world).await;
    let world = &scene.panel.world;
    let first = call::Entity::find_by_id(scene.panel.call).one(world.edges.db.read()).await.unwrap().unwrap();
    let people = [scene.panel.officer, scene.panel.other_officer];
    let row = rows::call(scene.panel.fund, first.form_version_id, people, world.edges.clock.now());
    let sealed = call::ActiveModel { sealed: Set(true), stage: Set(CallStage::Closed), ..row };
    let sealed = put(world, sealed).await.id;
    let more = world.organisation("SO-4", LegalForm::Association, None).await;
    let readers = [("an officer", Some(scene.panel.officer)), ("a visitor", None), ("the rival", Some(scene.rival))];
    scene.unnoticed(&readers, one_more(&scene, more, sealed)).await;
}

async fn average_of_the_others_is_not_noticed(world: World) {
    let scene = Scene::set(world).await;
    let changing = async {
        let world = &scene.panel.world;
        let lower = review::ActiveModel { id: Set(scene.submitted), total: Set(Some(1_100)), ..Default::default() };
        change(world, lower).await;
        let scores = review_score::Entity::find().filter(review_score::Column::ReviewId.eq(scene.submitted));
        for row in scores.all(world.edges.db.read()).await.unwrap() {
            change(world, review_score::ActiveModel { id: Set(row.id), value: Set(Some(1)), ..Default::default() }).await;
        }
        scene.says("quite another word").await;
    };
    scene.unnoticed(&scene.outside(), changing).await;
    // It is there to be noticed: the officer does.
    let page = scene.get(Some(scene.panel.officer), &format!("/calls/{}/reviews", scene.panel.call)).await.body;
    assert!(page.contains("11.00"), "{page}");
}

async fn average_is_shown_to_a_judge_who_is_done_without_a_name(world: World) {
    let scene = Scene::set(world).await;
    let db = scene.panel.world.edges.db.read();
    let own = review::Entity::find().filter(review::Column::ReviewerId.eq(scene.judge)).all(db).await.unwrap();
    let path = format!("/reviews/{}", own[0].id);
    assert!(!scene.get(Some(scene.judge), &path).await.body.contains("93.00"));
    scene.judges(own[0].id, scene.judge, 80).await;
    let page = scene.get(Some(scene.judge), &path).await.body;
    assert!(page.contains("93.00") && !page.contains("reviewer-2") && !page.contains("CANARYCOMMENT"), "{page}");
    assert!(!page.contains("CANARYORG") && !page.contains("CANARYTITLE"), "{page}");
}

async fn ordering_by_score_is_not_noticed(world: World) {
    let scene = Scene::set(world).await;
    let world = &scene.panel.world;
    // The other bid has a review too; behind everybody's back the two change places.
    let reviewer = scene.panel.reviewers[2];
    let other = scene.asked(1, reviewer).await;
    scene.judges(other, reviewer, 70).await;
    let changing = async {
        for (id, total) in [(scene.submitted, 7_000), (other, 9_300)] {
            change(world, review::ActiveModel { id: Set(id), total: Set(Some(total)), ..Default::default() }).await;
        }
    };
    scene.unnoticed(&scene.outside(), changing).await;
}

async fn ordering_of_a_draft_decision_is_not_noticed(world: World) {
    let scene = Scene::set(world).await;
    let world = &scene.panel.world;
    let db = world.edges.db.read();
    // Everybody is done; a draft ranks the bids. Judges stay blind until the decision.
    let open = review::Entity::find().filter(review::Column::SubmittedAt.is_null()).all(db).await.unwrap();
    for row in open {
        scene.judges(row.id, row.reviewer_id, 80).await;
    }
    let draft = async {
        let chair = scene.panel.chairing().await;
        let batch = tributary::grants::decisions::service::draft(&chair, scene.panel.call, "CANARYCOMMENT").await.unwrap();
        tributary::grants::decisions::service::submit_batch(&chair, batch, 1).await.unwrap();
    };
    scene.unnoticed(&scene.outside(), draft).await;
    let chair = world.acting(scene.panel.chair).await;
    assert!(chair.actor.grant(Role::PanelChair, entities::kinds::Scope::Call, Some(scene.panel.call.0)).is_some());
    let page = scene.get(Some(scene.panel.chair), &format!("/calls/{}/decision", scene.panel.call)).await.body;
    assert!(page.contains("CANARYORG"), "{page}");
}
}
