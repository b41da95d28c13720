//! Blind in writing, open in the discussion: what a reviewer sees in each phase of each kind of call.

use super::{IDENTITY, Scene};
use crate::support::both;
use crate::support::rows::change;
use entities::kinds::{CallStage, DocumentId, PersonId, ReviewId};
use entities::{application_document, call, review};
use rocket::http::Status;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

async fn own(scene: &Scene) -> Vec<ReviewId> {
    let rows = review::Entity::find().filter(review::Column::ReviewerId.eq(scene.judge));
    let rows = rows.all(scene.panel.world.edges.db.read()).await.unwrap();
    rows.into_iter().map(|row| row.id).collect()
}

async fn file(scene: &Scene) -> DocumentId {
    let rows = application_document::Entity::find().all(scene.panel.world.edges.db.read()).await.unwrap();
    rows[0].document_id
}

/// Which of the marks a reader finds on a page.
async fn found(scene: &Scene, who: PersonId, path: &str) -> usize {
    let seen = scene.get(Some(who), path).await;
    assert_eq!(seen.status, Status::Ok, "{path}");
    IDENTITY.iter().filter(|mark| seen.body.contains(**mark)).count()
}

async fn set(scene: &Scene, row: call::ActiveModel) {
    change(&scene.panel.world, call::ActiveModel { id: Set(scene.panel.call), ..row }).await;
}

both! {
async fn a_blind_call_that_opens_for_the_discussion_names_applicants_once_all_own_reviews_are_in(world: World) {
    let scene = Scene::set(world).await;
    set(&scene, call::ActiveModel { named_after_review: Set(true), ..Default::default() }).await;
    let (own, file) = (own(&scene).await, file(&scene).await);
    let (page, attached) = (format!("/reviews/{}", own[0]), format!("/reviews/{}/files/{file}", own[0]));
    let read = async || scene.get(Some(scene.judge), &attached).await.status;
    assert_eq!((found(&scene, scene.judge, &page).await, read().await), (0, Status::NotFound));
    // One of two is in: the other is still to be judged blind.
    scene.judges(own[0], scene.judge, 80).await;
    assert_eq!((found(&scene, scene.judge, &page).await, found(&scene, scene.judge, "/reviews").await), (0, 0));
    assert_eq!(read().await, Status::NotFound);
    scene.judges(own[1], scene.judge, 70).await;
    assert_eq!((found(&scene, scene.judge, &page).await, read().await), (IDENTITY.len(), Status::Ok));
    assert!(found(&scene, scene.judge, "/reviews").await > 0);
    // Whoever else judges is as blind as before; and nobody reads a file through a review of another bid.
    let stranger = scene.get(Some(scene.officer_judge), &attached).await;
    assert_eq!(stranger.status, Status::NotFound);
    let other = format!("/reviews/{}/files/{file}", own[1]);
    assert_eq!(scene.get(Some(scene.judge), &other).await.status, Status::NotFound);
    // Opened again, it is written blind again.
    let chair = scene.panel.chairing().await;
    tributary::grants::reviews::service::reopen(&chair, own[1], "the budget").await.unwrap();
    assert_eq!(found(&scene, scene.judge, &page).await, 0);
}

async fn a_blind_call_names_nobody_before_its_decision(world: World) {
    let scene = Scene::set(world).await;
    let own = own(&scene).await;
    for (review, total) in own.iter().zip([80, 70]) {
        scene.judges(*review, scene.judge, total).await;
    }
    let page = format!("/reviews/{}", own[0]);
    assert_eq!(found(&scene, scene.judge, &page).await, 0);
    // An officer who judged reads no panel, though the own review is in.
    let theirs = review::Entity::find().filter(review::Column::ReviewerId.eq(scene.officer_judge));
    let theirs = theirs.one(scene.panel.world.edges.db.read()).await.unwrap().unwrap();
    scene.judges(theirs.id, scene.officer_judge, 75).await;
    let panel = format!("/calls/{}/reviews", scene.panel.call);
    assert_eq!(scene.get(Some(scene.officer_judge), &panel).await.status, Status::NotFound);
    set(&scene, call::ActiveModel { stage: Set(CallStage::Decided), ..Default::default() }).await;
    assert_eq!(found(&scene, scene.judge, &page).await, IDENTITY.len());
    assert_eq!(scene.get(Some(scene.officer_judge), &panel).await.status, Status::Ok);
}

async fn an_open_call_shows_the_whole_bid_once_it_is_accepted(world: World) {
    let scene = Scene::set(world).await;
    set(&scene, call::ActiveModel { blind: Set(false), ..Default::default() }).await;
    let own = own(&scene).await;
    assert_eq!(found(&scene, scene.judge, &format!("/reviews/{}", own[0])).await, IDENTITY.len());
    let officer = scene.panel.world.role(scene.panel.officer).await;
    let asked = scene.panel.reviewers[3];
    let invited = tributary::grants::reviews::service::assign(&officer, scene.panel.applications[0], asked).await.unwrap();
    let token = scene.panel.world.session(asked).await;
    let request = scene.client.get(format!("/reviews/{invited}")).cookie(rocket::http::Cookie::new("tributary_session", token));
    let page = request.dispatch().await.into_string().await.unwrap();
    // Before one accepts: enough to find a conflict by, and no more.
    assert!(page.contains("CANARYORG") && !page.contains("CANARYTEAM") && !page.contains("CANARYFILE"), "{page}");
    assert!(!page.contains("PLAINANSWER"));
}
}
