//! Last year's call again: its rules and nothing that happened to it.

use super::Desk;
use crate::rooms::applications::{side, written};
use crate::rooms::calls::questions as form;
use crate::support::{both, nine};
use entities::kinds::{CallStage, LegalForm};
use entities::{allocation, application, call_amendment, call_invitation, call_question};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use tributary::grants::calls::copying::copy;
use tributary::grants::calls::service::{self, Drafted};
use tributary::grants::calls::{opening, questions};

both! {
async fn a_copy_keeps_the_rules_and_nothing_that_happened(world: World) {
    let desk = Desk::new(&world).await;
    let last = desk.open(&world, Drafted { sealed: true, round: "2026".into(), ..desk.plain.clone() }).await;
    service::amend(&desk.a, last, "延期", "A day later", Some(nine(2026, 1, 21))).await.unwrap();
    let person = world.person("asks", &[]).await;
    questions::ask(&world.acting(person).await.signed_in().unwrap(), last, "Why?").await.unwrap();
    let bidder = side(&world, "SO-1", LegalForm::SocialServiceBody, "52999999TE00000459").await;
    written(&bidder, last).await;
    let mut asked = form();
    asked.sections[0].questions[0].required = false;
    let newest = service::form_version(&desk.a, "plain", asked).await.unwrap();
    world.at(nine(2026, 1, 21)).await;
    opening::ask_opening(&desk.a, last).await.unwrap();
    opening::open_bids(&desk.b, last).await.unwrap();
    service::cancel(&desk.a, last, "no bids").await.unwrap();

    let next = copy(&desk.b, last).await.unwrap();
    let db = world.edges.db.read();
    let (old, new) = (service::load(db, last).await.unwrap(), service::load(db, next).await.unwrap());
    assert_eq!((&new.eligibility, &new.rubric, &new.tranche_plan), (&old.eligibility, &old.rubric, &old.tranche_plan));
    assert_eq!((new.stage, new.version, new.checked_by, new.cancel_reason.as_str()), (CallStage::Draft, 1, None, ""));
    assert_eq!(new.drafted_by, desk.b.actor.person.unwrap(), "who copies it drafts it");
    assert_eq!((new.opening_by, new.opened_by, new.opened_at, new.sealed), (None, None, None, true));
    assert_eq!((new.round.as_str(), new.need_id, new.copied_from_id), ("", None, Some(last)));
    assert_eq!(new.form_version_id, newest, "the next call asks the newest version");
    assert_eq!((new.opens_at, new.closes_at), (nine(2027, 1, 7), nine(2027, 1, 21)));
    let none = [
        call_amendment::Entity::find().filter(call_amendment::Column::CallId.eq(next)).count(db).await.unwrap(),
        call_question::Entity::find().filter(call_question::Column::CallId.eq(next)).count(db).await.unwrap(),
        call_invitation::Entity::find().filter(call_invitation::Column::CallId.eq(next)).count(db).await.unwrap(),
        allocation::Entity::find().filter(allocation::Column::CallId.eq(next)).count(db).await.unwrap(),
        application::Entity::find().filter(application::Column::CallId.eq(next)).count(db).await.unwrap(),
    ];
    assert_eq!(none, [0; 5]);
    assert_eq!(service::check(&desk.b, next).await.unwrap_err().code(), "forbidden-second-person");
    service::check(&desk.a, next).await.unwrap();
}
}
