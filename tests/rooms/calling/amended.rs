//! An amendment moves a deadline only later, and whoever writes or has applied is told.

use super::Desk;
use crate::rooms::applications::{side, written};
use crate::support::{both, nine};
use chrono::Duration;
use entities::job;
use entities::kinds::LegalForm;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tributary::grants::calls::service;

both! {
async fn a_deadline_moves_later_only_and_applicants_are_told(world: World) {
    let desk = Desk::new(&world).await;
    let call = desk.open(&world, desk.plain.clone()).await;
    let bidder = side(&world, "SO-1", LegalForm::SocialServiceBody, "52999999TE00000459").await;
    let stranger = side(&world, "SO-2", LegalForm::SocialServiceBody, "52999999TE00000534").await;
    written(&bidder, call).await;
    world.settle().await;
    let deadline = nine(2026, 1, 20);
    let earlier = service::amend(&desk.a, call, "改", "", Some(deadline - Duration::seconds(1))).await;
    assert_eq!(earlier.unwrap_err().code(), "refused-call-only-later");
    service::amend(&desk.a, call, "延期", "A day later", Some(deadline + Duration::days(1))).await.unwrap();
    let waiting = job::Entity::find().filter(job::Column::DoneAt.is_null()).all(world.edges.db.read()).await.unwrap();
    let told = |name: &str| waiting.iter().any(|job| {
        let text = job.payload.to_string();
        text.contains("call-amended") && text.contains(name)
    });
    assert!(told("SO-1-editor@example.org") && told("SO-1-signatory@example.org"), "{waiting:?}");
    assert!(!told("SO-2-editor@example.org"), "{}", stranger.organisation);
    world.at(deadline).await;
    assert_eq!(service::load(world.edges.db.read(), call).await.unwrap().stage.as_str(), "open");
    let again = service::amend(&desk.a, call, "改", "", Some(deadline + Duration::hours(23))).await;
    assert_eq!(again.unwrap_err().code(), "refused-call-only-later", "not back either");
}
}
