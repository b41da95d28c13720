//! Objections of strangers: read before they are public, within the window, not without end; and answers that meet.

use super::decisions::{approved, item, object, rendered};
use crate::rooms::reviews::Panel;
use crate::support::{World, both, nine};
use entities::job;
use entities::kinds::{ApplicationStage, AwardKind, BatchStage, ItemStage, Outcome};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait};
use tributary::grants::decisions::notices;
use tributary::grants::decisions::objections::{self, Finding};
use tributary::grants::decisions::service::{self, Setting};
use tributary::people::permission::{Approver, Officer};

/// On PostgreSQL a letter takes a while to promise. It is promised after everything else, so two answers at once have both looked
/// around before either is kept.
async fn slow_letters(world: &World) {
    if world.edges.db.backend() != DbBackend::Postgres {
        return;
    }
    let db = world.edges.db.read();
    db.execute_unprepared(
        "create function slowly() returns trigger language plpgsql as
            $$ begin perform pg_sleep(0.4); return new; end $$",
    )
    .await
    .unwrap();
    db.execute_unprepared("create trigger slowly before insert on job for each row execute function slowly()")
        .await
        .unwrap();
}

async fn letters(world: &World, name: &str) -> usize {
    let rows = job::Entity::find().all(world.edges.db.read()).await.unwrap();
    rows.iter().filter(|row| row.payload.get("name").and_then(|word| word.as_str()) == Some(name)).count()
}

both! {
async fn a_ground_is_published_with_its_answer(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let (batch, [first, _]) = approved(&panel).await;
    let filed = object(&panel, first, "The anonymous donor is Old Wang.").await.unwrap();
    let visitor = world.acting(panel.signatory).await;
    let page = rendered(notices::show(&visitor, batch).await);
    assert!(!page.contains("Old Wang") && page.contains("objection was filed"), "{page}");
    let officer = world.role::<Officer>(panel.other_officer).await;
    objections::answer(&officer, filed, Finding::Dismissed, "No.").await.unwrap();
    let page = rendered(notices::show(&visitor, batch).await);
    assert!(page.contains("Old Wang") && page.contains("No."), "{page}");
}

async fn a_held_item_hears_objections_within_its_window_alone(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let (batch, [first, _]) = approved(&panel).await;
    object(&panel, first, "one").await.unwrap();
    world.at(nine(2026, 1, 12)).await;
    object(&panel, first, "on its last day").await.unwrap();
    let visitor = world.acting(panel.signatory).await;
    let form = format!("/notices/{batch}/items/{first}/object");
    assert!(rendered(notices::show(&visitor, batch).await).contains(&form));
    world.at(nine(2026, 1, 13)).await;
    assert_eq!(object(&panel, first, "late").await.unwrap_err().code(), "refused-objection-window");
    let visitor = world.acting(panel.signatory).await;
    assert!(!rendered(notices::show(&visitor, batch).await).contains(&form));
}

async fn many_objections_are_one_letter_a_day_and_not_without_end(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let (_, [first, _]) = approved(&panel).await;
    for n in 0..20 {
        object(&panel, first, &format!("ground {n}")).await.unwrap();
    }
    assert_eq!(object(&panel, first, "one more").await.unwrap_err().code(), "refused-objection-many");
    // To each of the two officers, and to the applicant's signatory.
    assert_eq!((letters(world, "objection-filed").await, letters(world, "objection-held").await), (2, 1));
}

async fn two_answers_at_once_leave_nothing_held(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let (_, [first, _]) = approved(&panel).await;
    let filed = [object(&panel, first, "one").await.unwrap(), object(&panel, first, "two").await.unwrap()];
    let third = world.person("officer-c", &[entities::kinds::Role::ProgrammeOfficer]).await;
    let (one, two) = (world.role::<Officer>(panel.other_officer).await, world.role::<Officer>(third).await);
    slow_letters(world).await;
    let (a, b) = tokio::join!(
        objections::answer(&one, filed[0], Finding::Dismissed, "no"),
        objections::answer(&two, filed[1], Finding::Dismissed, "no"),
    );
    a.unwrap();
    b.unwrap();
    assert_eq!(item(&panel, first).await.stage, ItemStage::Noticed);
}

async fn two_last_items_at_once_decide_their_batch(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let (chair, batch, items) = panel.drafted().await;
    let none =
        Setting { outcome: Outcome::Declined, amount_minor: 0, award_kind: AwardKind::Project, reason: "weak".into() };
    service::set_item(&chair, items[0].id, 1, &none).await.unwrap();
    service::set_item(&chair, items[1].id, 2, &none).await.unwrap();
    service::submit_batch(&chair, batch, 3).await.unwrap();
    service::approve_batch(&world.role::<Approver>(panel.approver).await, batch).await.unwrap();
    let filed = [object(&panel, items[0].id, "one").await.unwrap(), object(&panel, items[1].id, "two").await.unwrap()];
    let third = world.person("officer-c", &[entities::kinds::Role::ProgrammeOfficer]).await;
    let (one, two) = (world.role::<Officer>(panel.other_officer).await, world.role::<Officer>(third).await);
    // Both decisions fall, and each is the last but for the other.
    slow_letters(world).await;
    let (a, b) = tokio::join!(
        objections::answer(&one, filed[0], Finding::Upheld, "yes"),
        objections::answer(&two, filed[1], Finding::Upheld, "yes"),
    );
    a.unwrap();
    b.unwrap();
    let row = service::load(world.edges.db.read(), batch).await.unwrap();
    assert_eq!(row.stage, BatchStage::Decided);
}
}
