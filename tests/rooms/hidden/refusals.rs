//! What is hidden and what is not there are refused alike, so that no refusal tells which it is.

use super::{Scene, plain};
use crate::support::rows::put;
use crate::support::{World, both};
use entities::kinds::{PersonId, PitchStage};
use entities::{pitch, review};
use rocket::http::Method;
use sea_orm::{ActiveValue::Set, EntityTrait};
use tributary::grants::decisions::service as decisions;

/// The key of nothing; it stands in no other number of a page.
const MISSING: &str = "987654";

async fn alike(scene: &Scene, readers: &[(&'static str, Option<PersonId>)], method: Method, paths: &[&str]) {
    for (name, who) in readers {
        for path in paths {
            // The first key is the thing; what belongs to it keeps its own.
            let (there, missing) = (path.replace('#', "1"), path.replacen('#', MISSING, 1).replace('#', "1"));
            let one = scene.ask(*who, method, &there).await;
            let other = scene.ask(*who, method, &missing).await;
            assert_eq!(one.status, other.status, "{name} {method} {path}");
            assert!(one.status.code >= 300, "{name} {method} {path}: {}", one.status);
            assert_eq!(plain(&one.body), plain(&other.body.replace(MISSING, "1")), "{name} {method} {path}");
        }
    }
}

/// With a draft decision, and a session that is planned.
async fn set(world: World) -> Scene {
    let scene = Scene::set(world).await;
    let world = &scene.panel.world;
    for row in review::Entity::find().all(world.edges.db.read()).await.unwrap() {
        if row.submitted_at.is_none() {
            scene.judges(row.id, row.reviewer_id, 80).await;
        }
    }
    let chair = scene.panel.chairing().await;
    decisions::draft(&chair, scene.panel.call, "minutes").await.unwrap();
    let session = pitch::ActiveModel {
        call_id: Set(scene.panel.call),
        place: Set("hall".into()),
        seed: Set("a".into()),
        starts_at: Set(world.edges.clock.now()),
        minutes: Set(8),
        stage: Set(PitchStage::Planned),
        planned_by: Set(scene.panel.officer),
        planned_at: Set(world.edges.clock.now()),
        version: Set(1),
        ..Default::default()
    };
    put(world, session).await;
    scene
}

both! {
async fn page_of_what_is_hidden_is_refused_like_one_that_is_not_there(world: World) {
    let scene = set(world).await;
    let outside = [("a visitor", None), ("the rival", Some(scene.rival)), ("the donor", Some(scene.donor))];
    let pages = [
        "/applications/#",
        "/applications/#/paper",
        "/applications/#/edit",
        "/reviews/#",
        "/reviews/#/reopen",
        "/reviews/#/files/#",
        "/calls/#/reviews",
        "/calls/#/reviews/matrix",
        "/calls/#/reviews/plan?seed=a",
        "/calls/#/decision",
        "/calls/#/decision/draft",
        "/calls/#/pitch",
        "/calls/#/pitch/plan",
        "/pitches/#/next",
        "/decisions/#/submit",
        "/decisions/#/items/#",
        "/notices/#",
        "/notices/#/minutes",
        "/notices/#/minutes.pdf",
        "/documents/#",
    ];
    alike(&scene, &outside, Method::Get, &pages).await;
    // A judge and an applicant's officer: the same, but for what is their own.
    let staff = [("the officer who judges", Some(scene.officer_judge)), ("the officer of the rival", Some(scene.insider))];
    alike(&scene, &staff, Method::Get, &["/applications/#", "/calls/#/reviews", "/calls/#/reviews/matrix", "/calls/#/decision"]).await;
}

async fn form_about_what_is_hidden_is_refused_like_one_that_is_not_there(world: World) {
    let scene = set(world).await;
    let outside =
        [("a visitor", None), ("the rival", Some(scene.rival)), ("the donor", Some(scene.donor)), ("the judge", Some(scene.judge))];
    let forms = [
        "/applications/#/withdraw",
        "/reviews/#/scores",
        "/reviews/#/accept",
        "/reviews/#/recuse",
        "/reviews/#/reopen",
        "/reviews/#/remove",
        "/calls/#/decision/draft",
        "/decisions/#/submit",
        "/decisions/#/refresh",
        "/decisions/#/minutes",
        "/decisions/#/portfolio",
        "/decisions/#/items/#",
        "/calls/#/pitch/plan",
        "/pitches/#/next",
        "/pitches/#/cancel",
    ];
    alike(&scene, &outside, Method::Post, &forms).await;
}
}
