//! Pitch sessions: drawn by lot, one turn after the other, a second click is not the next speaker, and everybody sees what is theirs.

use super::reviews::{Panel, scored};
use crate::support::rows::change;
use crate::support::{World, both};
use chrono::Duration;
use entities::kinds::{ApplicationStage, PersonId, PitchId, PitchStage, ReviewStage, Role};
use entities::{call, pitch};
use rocket::http::{Cookie, Status};
use rocket::local::asynchronous::Client;
use sea_orm::{ActiveValue::Set, EntityTrait};
use tributary::app;
use tributary::error::{Error, Result};
use tributary::grants::reviews::service::pitches::{self, Planned};
use tributary::grants::reviews::service::{self};
use tributary::people::permission::Officer;

async fn open(world: World) -> Panel {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    change(&panel.world, call::ActiveModel { id: Set(panel.call), blind: Set(false), ..Default::default() }).await;
    panel
}

fn planned(panel: &Panel) -> Planned {
    Planned {
        place: "锦官新城社区活动中心".into(),
        starts_at: panel.world.edges.clock.now() + Duration::days(1),
        minutes: 8,
        seed: "2026-01-06".into(),
    }
}

async fn page(panel: &Panel, person: PersonId, path: &str) -> (Status, String) {
    let client = Client::untracked(app::server(panel.world.edges.clone())).await.unwrap();
    let cookie = Cookie::new("tributary_session", panel.world.session(person).await);
    let answer = client.get(path.to_owned()).cookie(cookie).dispatch().await;
    (answer.status(), answer.into_string().await.unwrap_or_default())
}

async fn row(panel: &Panel, id: PitchId) -> pitch::Model {
    pitch::Entity::find_by_id(id).one(panel.world.edges.db.read()).await.unwrap().unwrap()
}

fn code<T: std::fmt::Debug>(done: Result<T>) -> String {
    done.unwrap_err().code().to_owned()
}

both! {
async fn a_session_goes_from_turn_to_turn_and_is_scored_while_it_runs(world: World) {
    let panel = open(world).await;
    let officer = panel.world.role::<Officer>(panel.officer).await;
    // Somebody judges the first application already.
    let review = service::assign(&officer, panel.applications[0], panel.reviewers[0]).await.unwrap();
    let mine = service::load_mine(&panel.world.acting(panel.reviewers[0]).await, review).await.unwrap();
    service::accept(&mine, true).await.unwrap();
    let chair = panel.chairing().await;
    let id = pitches::plan(&chair, panel.call, planned(&panel)).await.unwrap();
    assert_eq!(code(pitches::plan(&officer, panel.call, planned(&panel)).await), "refused-pitch-open");
    let db = panel.world.edges.db.read();
    let order: Vec<_> = pitches::slots(db, id).await.unwrap().into_iter().map(|slot| slot.application_id).collect();
    assert_eq!(order, pitches::drawn("2026-01-06", panel.applications.to_vec()));
    panel.world.settle().await;
    let letters = panel.world.edges.mail.newest(20).await.unwrap();
    let told: Vec<&str> = letters.iter().map(|(_, letter)| letter.subject.as_str()).collect();
    assert!(told.contains(&"Pitch session at 6 January 2026, 09:00") && told.contains(&"Your pitch: the wall"), "{told:?}");
    // Two who click at once let one speak, not two.
    let (one, other) = (chair.having_seen("1"), officer.having_seen("1"));
    let both = tokio::join!(pitches::next(&one, id), pitches::next(&other, id));
    let outcomes = [both.0, both.1];
    assert_eq!(outcomes.iter().filter(|done| matches!(done, Ok(true))).count(), 1);
    assert!(outcomes.iter().any(|done| matches!(done, Err(Error::Stale))), "{outcomes:?}");
    assert_eq!(row(&panel, id).await.stage, PitchStage::Running);
    let path = format!("/calls/{}/pitch", panel.call);
    let seen = page(&panel, panel.reviewers[0], &path).await.1;
    assert!(seen.contains(&format!("/reviews/{review}\"")), "{seen}");
    if order[0] == panel.applications[0] {
        assert!(seen.contains("Score who speaks now"));
    }
    service::save(&mine, 1, scored(80), "while listening").await.unwrap();
    assert!(pitches::next(&chair, id).await.unwrap(), "the second speaks");
    assert!(!pitches::next(&chair, id).await.unwrap(), "and nobody after the last");
    assert_eq!(row(&panel, id).await.stage, PitchStage::Over);
    assert_eq!(code(pitches::next(&chair, id).await), "refused-stage");
    let turns = pitches::slots(db, id).await.unwrap();
    assert!(turns.iter().all(|slot| slot.begun_at.is_some() && slot.ended_at.is_some()));
    let kept = service::load(db, review).await.unwrap();
    assert_eq!(kept.stage, ReviewStage::InProgress);
}

async fn a_session_is_shown_to_whom_it_concerns_and_not_held_blindly(world: World) {
    let panel = open(world).await;
    let officer = panel.world.role::<Officer>(panel.officer).await;
    change(&panel.world, call::ActiveModel { id: Set(panel.call), blind: Set(true), ..Default::default() }).await;
    assert_eq!(code(pitches::plan(&officer, panel.call, planned(&panel)).await), "refused-pitch-blind");
    change(&panel.world, call::ActiveModel { id: Set(panel.call), blind: Set(false), ..Default::default() }).await;
    let late = Planned { starts_at: panel.world.edges.clock.now(), ..planned(&panel) };
    assert_eq!(code(pitches::plan(&officer, panel.call, late).await), "refused-past");
    let id = pitches::plan(&officer, panel.call, planned(&panel)).await.unwrap();
    let path = format!("/calls/{}/pitch", panel.call);
    let stranger = panel.world.person("stranger", &[]).await;
    let idle = panel.world.person("reviewer-6", &[Role::Reviewer]).await;
    for reader in [stranger, idle] {
        assert_eq!(page(&panel, reader, &path).await.0, Status::NotFound);
        assert_eq!(page(&panel, reader, &format!("/pitches/{id}/next")).await.0, Status::NotFound);
    }
    // An applicant reads the own turn and nobody else's.
    let own = page(&panel, panel.signatory, &path).await.1;
    assert!(own.contains("SO-1") && !own.contains("SO-2"), "{own}");
    assert_eq!(code(pitches::cancel(&officer, id, " ").await), "refused-empty");
    pitches::cancel(&officer, id, "the hall is closed").await.unwrap();
    pitches::plan(&officer, panel.call, planned(&panel)).await.unwrap();
}

async fn an_applicant_is_not_told_who_else_speaks(world: World) {
    let panel = open(world).await;
    let officer = panel.world.role::<Officer>(panel.officer).await;
    let id = pitches::plan(&officer, panel.call, planned(&panel)).await.unwrap();
    let path = format!("/calls/{}/pitch", panel.call);
    let mut spoke = 0;
    for _ in 0..2 {
        assert!(pitches::next(&officer, id).await.unwrap());
        let own = page(&panel, panel.signatory, &path).await.1;
        assert!(own.contains("SO-1") && !own.contains("SO-2"), "{own}");
        spoke += usize::from(own.contains("8:00"));
    }
    assert_eq!(spoke, 1, "the clock of the own turn, and of no other");
}
}
