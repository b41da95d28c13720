//! More than one decision about a call: nobody is awarded twice, the withdrawn give back, a cancelled call decides nothing, an
//! upheld appeal leads to a new decision.

use super::decisions::{approved, available, item, submitted};
use crate::rooms::reviews::Panel;
use crate::support::rows::{change, put};
use crate::support::{both, nine};
use entities::kinds::{
    AppealAgainst, AppealStage, ApplicationId, ApplicationStage, AwardKind, BatchStage, CallStage, ConflictGround,
    ItemStage, Outcome,
};
use entities::{appeal, application, award, call};
use sea_orm::{ActiveValue::NotSet, ActiveValue::Set, EntityTrait, IntoActiveModel};
use tributary::grants::applications::service as applications;
use tributary::grants::calls::service as calls;
use tributary::grants::decisions::service::{self, Setting};
use tributary::grants::reviews::recusals;
use tributary::people::permission::{Administrator, Approver, Context, Officer};

async fn stage_of(panel: &Panel, id: ApplicationId) -> ApplicationStage {
    application::Entity::find_by_id(id).one(panel.world.edges.db.read()).await.unwrap().unwrap().stage
}

async fn call_of(panel: &Panel) -> CallStage {
    call::Entity::find_by_id(panel.call).one(panel.world.edges.db.read()).await.unwrap().unwrap().stage
}

async fn approve(panel: &Panel, batch: entities::kinds::DecisionBatchId) -> tributary::error::Result<()> {
    service::approve_batch(&panel.world.role::<Approver>(panel.approver).await, batch).await
}

async fn withdraw(panel: &Panel) -> tributary::error::Result<()> {
    let signatory = panel.world.acting(panel.signatory).await.signatory_of(panel.applicants[0]).unwrap();
    applications::withdraw(&signatory, panel.applications[0], "no capacity").await
}

fn declined() -> Setting {
    Setting { outcome: Outcome::Declined, amount_minor: 0, award_kind: AwardKind::Project, reason: "weak".into() }
}

/// An appeal as a recusal after the decision opens it, about the first bid.
async fn recusal_appeal(panel: &Panel) -> entities::kinds::AppealId {
    let filed = appeal::ActiveModel {
        application_id: Set(panel.applications[0]),
        against: Set(AppealAgainst::Decision),
        ground: Set("recusal: tied".into()),
        stage: Set(AppealStage::Filed),
        filed_by: Set(panel.officer),
        filed_at: Set(panel.world.edges.clock.now()),
        reason: Set(String::new()),
        ..Default::default()
    };
    put(&panel.world, filed).await.id
}

both! {
async fn a_bid_with_too_few_reviews_is_decided_once_too(world: World) {
    // Five reviews are asked for, one is there: the bid never came under review.
    let panel = Panel::in_world(world, ApplicationStage::Eligible).await;
    panel.reviewed(panel.applications[0], panel.reviewers[0], 90).await;
    let chair = panel.chairing().await;
    let batch = service::draft(&chair, panel.call, "").await.unwrap();
    service::submit_batch(&chair, batch, 1).await.unwrap();
    approve(&panel, batch).await.unwrap();
    assert_eq!(stage_of(&panel, panel.applications[0]).await, ApplicationStage::Recommended);
    let again = service::draft(&chair, panel.call, "").await.unwrap_err();
    assert_eq!(again.code(), "refused-batch-nothing");
    panel.world.at(nine(2026, 1, 19)).await;
    assert_eq!(stage_of(&panel, panel.applications[0]).await, ApplicationStage::Approved);
}

async fn the_database_keeps_one_living_award_a_bid(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let (_, [_, second]) = approved(&panel).await;
    world.at(nine(2026, 1, 19)).await;
    let offered = award::Entity::find().one(world.edges.db.read()).await.unwrap().unwrap();
    let mut twin = offered.into_active_model();
    twin.id = NotSet;
    twin.item_id = Set(second);
    let twin = &twin;
    let refused = world.edges.db.write(|tx| async move {
        award::Entity::insert(twin.clone()).exec_without_returning(&tx).await.map(|_| ()).map_err(Into::into)
    });
    assert!(refused.await.is_err());
}

async fn what_was_withdrawn_is_not_approved(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let (batch, _) = submitted(&panel).await;
    withdraw(&panel).await.unwrap();
    assert_eq!(approve(&panel, batch).await.unwrap_err().code(), "refused-decision-left");
    assert_eq!(available(&panel).await, 9_836_000);
}

async fn withdrawing_during_the_notice_gives_the_money_back_and_the_reserve_moves_up(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let (_, [first, second]) = approved(&panel).await;
    withdraw(&panel).await.unwrap();
    let row = item(&panel, first).await;
    assert_eq!((row.stage, row.committed), (ItemStage::Released, false));
    let up = item(&panel, second).await;
    assert_eq!((up.outcome, up.committed), (Outcome::Approved, true));
    assert_eq!(available(&panel).await, 9_836_000 - 8_080_000);
    world.at(nine(2026, 1, 19)).await;
    let awards = award::Entity::find().all(world.edges.db.read()).await.unwrap();
    assert_eq!(awards.iter().map(|row| row.application_id).collect::<Vec<_>>(), [panel.applications[1]]);
    assert_eq!(call_of(&panel).await, CallStage::Decided);
}

async fn a_call_is_not_cancelled_over_its_decision_nor_decided_when_cancelled(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let (batch, _) = submitted(&panel).await;
    let officer = world.role::<Officer>(panel.officer).await;
    let cancel = async || calls::cancel(&officer, panel.call, "no money").await;
    assert_eq!(cancel().await.unwrap_err().code(), "refused-call-decision-open");
    let closed = call::ActiveModel { id: Set(panel.call), stage: Set(CallStage::Closed), ..Default::default() };
    change(world, closed).await;
    assert_eq!(approve(&panel, batch).await.unwrap_err().code(), "refused-decision-call");
    let review = call::ActiveModel { id: Set(panel.call), stage: Set(CallStage::InReview), ..Default::default() };
    change(world, review).await;
    approve(&panel, batch).await.unwrap();
    assert_eq!(cancel().await.unwrap_err().code(), "refused-call-decision-open");
    let cancelled = call::ActiveModel { id: Set(panel.call), stage: Set(CallStage::Cancelled), ..Default::default() };
    change(world, cancelled).await;
    let (system, id) = (&Context::system(world.edges.clone()), panel.call);
    system.write(|tx| async move { calls::decided(&tx, system, id).await }).await.unwrap();
    assert_eq!(call_of(&panel).await, CallStage::Cancelled);
}

async fn a_bid_reinstated_after_the_decision_is_decided_anew(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let (chair, batch, items) = panel.drafted().await;
    // Ranked first by the trimmed mean, and declined by hand.
    let place = items.iter().position(|row| row.application_id == panel.applications[0]).unwrap();
    service::set_item(&chair, items[place].id, 1, &declined()).await.unwrap();
    service::submit_batch(&chair, batch, 2).await.unwrap();
    approve(&panel, batch).await.unwrap();
    world.at(nine(2026, 1, 13)).await;
    assert_eq!(call_of(&panel).await, CallStage::Decided);
    assert_eq!(service::draft(&chair, panel.call, "").await.unwrap_err().code(), "refused-batch-nothing");
    let signatory = world.acting(panel.signatory).await.signatory_of(panel.applicants[0]).unwrap();
    let filed =
        applications::appeal(&signatory, panel.applications[0], AppealAgainst::Decision, "it was first").await.unwrap();
    let administrator = world.role::<Administrator>(panel.administrator).await;
    applications::decide_appeal(&administrator, filed, true, "yes").await.unwrap();
    assert_eq!(stage_of(&panel, panel.applications[0]).await, ApplicationStage::Eligible);
    assert_eq!(item(&panel, items[place].id).await.stage, ItemStage::Released);
    let chair = panel.chairing().await;
    let again = service::draft(&chair, panel.call, "").await.unwrap();
    let anew = service::items_of(world.edges.db.read(), again).await.unwrap();
    assert_eq!(anew.iter().map(|row| row.application_id).collect::<Vec<_>>(), [panel.applications[0]]);
    service::submit_batch(&chair, again, 1).await.unwrap();
    approve(&panel, again).await.unwrap();
    world.at(nine(2026, 1, 26)).await;
    let row = service::load(world.edges.db.read(), again).await.unwrap();
    assert_eq!((row.stage, call_of(&panel).await), (BatchStage::Decided, CallStage::Decided));
}

async fn an_upheld_recusal_releases_the_item_and_the_bid_is_decided_anew(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let reviews = panel.scored().await;
    panel.fifth_recused(reviews[4]).await;
    let chair = panel.chairing().await;
    let batch = service::draft(&chair, panel.call, "").await.unwrap();
    service::submit_batch(&chair, batch, 1).await.unwrap();
    approve(&panel, batch).await.unwrap();
    assert_eq!(available(&panel).await, 1_453_000);
    let items = service::items_of(world.edges.db.read(), batch).await.unwrap();
    let first = items.iter().find(|row| row.application_id == panel.applications[0]).unwrap().id;
    let officer = world.role::<Officer>(panel.officer).await;
    recusals::recuse_found(&officer, reviews[0], ConflictGround::Declared, "told us").await.unwrap();
    let opened = appeal::Entity::find().all(world.edges.db.read()).await.unwrap();
    assert_eq!((opened.len(), opened[0].stage), (1, AppealStage::Filed));
    let administrator = world.role::<Administrator>(panel.administrator).await;
    applications::decide_appeal(&administrator, opened[0].id, true, "look again").await.unwrap();
    assert_eq!(item(&panel, first).await.stage, ItemStage::Released);
    assert_eq!(stage_of(&panel, panel.applications[0]).await, ApplicationStage::Eligible);
    assert_eq!(available(&panel).await, 9_836_000);
    let again = service::draft(&chair, panel.call, "").await.unwrap();
    service::submit_batch(&chair, again, 1).await.unwrap();
    approve(&panel, again).await.unwrap();
    world.at(nine(2026, 1, 19)).await;
    assert_eq!(stage_of(&panel, panel.applications[0]).await, ApplicationStage::Approved);
    assert_eq!(call_of(&panel).await, CallStage::Decided);
}

async fn what_a_new_decision_leaves_goes_to_the_earlier_reserve_list(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let (_, [_, second]) = approved(&panel).await;
    world.edges.clock.set(nine(2026, 1, 6));
    let filed = recusal_appeal(&panel).await;
    let administrator = world.role::<Administrator>(panel.administrator).await;
    applications::decide_appeal(&administrator, filed, true, "look again").await.unwrap();
    world.at(nine(2026, 1, 13)).await;
    assert_eq!((item(&panel, second).await.outcome, call_of(&panel).await), (Outcome::Reserved, CallStage::Decided));
    let chair = panel.chairing().await;
    let again = service::draft(&chair, panel.call, "").await.unwrap();
    let anew = service::items_of(world.edges.db.read(), again).await.unwrap();
    service::set_item(&chair, anew[0].id, 1, &declined()).await.unwrap();
    service::submit_batch(&chair, again, 2).await.unwrap();
    approve(&panel, again).await.unwrap();
    world.at(nine(2026, 1, 26)).await;
    let up = item(&panel, second).await;
    assert_eq!((up.stage, up.outcome, up.committed), (ItemStage::Noticed, Outcome::Approved, true));
}

async fn a_bid_with_a_living_award_is_not_reinstated(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    approved(&panel).await;
    world.at(nine(2026, 1, 19)).await;
    let filed = recusal_appeal(&panel).await;
    let administrator = world.role::<Administrator>(panel.administrator).await;
    let refused = applications::decide_appeal(&administrator, filed, true, "yes").await.unwrap_err();
    assert_eq!(refused.code(), "refused-appeal-award");
}
}
