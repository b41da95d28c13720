//! What a reviewer types is kept and never counts; a stale save is refused with both versions; what a panel talked about stands in the
//! minutes.

use super::decisions::rendered;
use super::reviews::{Panel, scored};
use crate::support::{World, both, nine};
use entities::kinds::{ApplicationStage, MemberRole, PersonId, ReviewId, ReviewStage, Role};
use entities::{panel_note, review_score, review_scratch};
use rocket::http::{ContentType, Cookie, Header, Status};
use rocket::local::asynchronous::Client;
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait, Statement};
use std::collections::BTreeMap;
use tributary::app;
use tributary::grants::decisions::service as decisions;
use tributary::grants::reviews::service::{self, notes, typing};
use tributary::grants::reviews::view;
use tributary::people::permission::{Approver, Officer};

struct Desk {
    panel: Panel,
    client: Client,
    review: ReviewId,
}

impl Desk {
    async fn set(world: World) -> Self {
        let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
        let officer = panel.world.role::<Officer>(panel.officer).await;
        let review = service::assign(&officer, panel.applications[0], panel.reviewers[0]).await.unwrap();
        let mine = service::load_mine(&panel.world.acting(panel.reviewers[0]).await, review).await.unwrap();
        service::accept(&mine, true).await.unwrap();
        let client = Client::untracked(app::server(panel.world.edges.clone())).await.unwrap();
        Self { panel, client, review }
    }

    async fn post(&self, who: PersonId, path: &str, body: &str) -> (Status, String) {
        let token = self.panel.world.session(who).await;
        let request = self
            .client
            .post(path.to_owned())
            .header(ContentType::Form)
            .header(Header::new("sec-fetch-site", "same-origin"))
            .cookie(Cookie::new("tributary_session", token))
            .body(body);
        let answer = request.dispatch().await;
        (answer.status(), answer.into_string().await.unwrap_or_default())
    }

    async fn page(&self, who: PersonId, path: &str) -> (Status, String) {
        let token = self.panel.world.session(who).await;
        let answer = self.client.get(path.to_owned()).cookie(Cookie::new("tributary_session", token)).dispatch().await;
        (answer.status(), answer.into_string().await.unwrap_or_default())
    }

    fn path(&self, act: &str) -> String {
        format!("/reviews/{}{act}", self.review)
    }

    async fn mine(&self) -> tributary::people::permission::As<service::AssignedReviewer> {
        service::load_mine(&self.panel.world.acting(self.panel.reviewers[0]).await, self.review).await.unwrap()
    }
}

both! {
async fn what_is_typed_is_there_again_and_never_counts(world: World) {
    let desk = Desk::set(world).await;
    let (db, reviewer) = (desk.panel.world.edges.db.read(), desk.panel.reviewers[0]);
    let typed = "version=1&score.need=17&comment.need=half+a+sentence&comment=TYPEDWORDS&score.design=nonsense";
    let kept = desk.post(reviewer, &desk.path("/keep"), typed).await;
    assert_eq!((kept.0, kept.1.as_str()), (Status::Ok, "{}"));
    // Typed on: the last word counts, and there is one row.
    desk.post(reviewer, &desk.path("/keep"), &typed.replace("17", "18")).await;
    assert_eq!(review_scratch::Entity::find().count(db).await.unwrap(), 1);
    let row = service::load(db, desk.review).await.unwrap();
    assert_eq!((row.stage, row.version, row.comment.as_str()), (ReviewStage::Accepted, 1, ""));
    assert_eq!(review_score::Entity::find().count(db).await.unwrap(), 0);
    let (_, page) = desk.page(reviewer, &desk.path("")).await;
    assert!(page.contains("TYPEDWORDS") && page.contains("value=\"18\"") && page.contains("nonsense"), "{page}");
    assert!(page.contains("did not save is here again"), "{page}");
    // Nobody else keeps anything there, and nobody else reads it.
    for other in [desk.panel.reviewers[1], desk.panel.officer, desk.panel.chair] {
        assert_eq!(desk.post(other, &desk.path("/keep"), typed).await.0, Status::NotFound);
        let (_, page) = desk.page(other, &format!("/calls/{}/reviews", desk.panel.call)).await;
        assert!(!page.contains("TYPEDWORDS"));
    }
    let long = format!("version=1&comment={}", "x".repeat(300 * 1024));
    assert_eq!(desk.post(reviewer, &desk.path("/keep"), &long).await.0, Status::UnprocessableEntity);
    // Saved: what was typed is gone.
    service::save(&desk.mine().await, 1, scored(80), "as it is").await.unwrap();
    assert_eq!(review_scratch::Entity::find().count(db).await.unwrap(), 0);
    // Handed in, nothing is kept any more.
    service::submit(&desk.mine().await, 2).await.unwrap();
    assert_eq!(typing::keep(&desk.mine().await, 3, &BTreeMap::new()).await.unwrap_err().code(), "refused-stage");
}

async fn what_is_never_saved_is_forgotten_in_time(world: World) {
    let desk = Desk::set(world).await;
    let db = desk.panel.world.edges.db.read();
    desk.post(desk.panel.reviewers[0], &desk.path("/keep"), "version=1&comment=x").await;
    desk.panel.world.at(nine(2026, 1, 6)).await;
    assert_eq!(review_scratch::Entity::find().count(db).await.unwrap(), 1);
    desk.panel.world.edges.clock.set(nine(2027, 6, 1));
    service::tick(&desk.panel.world.edges).await.unwrap();
    assert_eq!(review_scratch::Entity::find().count(db).await.unwrap(), 0);
}

async fn a_stale_save_is_refused_with_both_versions(world: World) {
    let desk = Desk::set(world).await;
    let (db, reviewer) = (desk.panel.world.edges.db.read(), desk.panel.reviewers[0]);
    // Two windows show version 1; one saves.
    service::save(&desk.mine().await, 1, scored(80), "SAVEDWORDS").await.unwrap();
    let body = "form_key=0123456789abcdefgh&version=1&do=save&score.need=3&comment.need=because&comment=TYPEDWORDS";
    let (status, page) = desk.post(reviewer, &desk.path("/scores"), body).await;
    assert_eq!(status, Status::Conflict);
    assert!(page.contains("SAVEDWORDS") && page.contains("TYPEDWORDS"), "both stand there: {page}");
    let row = service::load(db, desk.review).await.unwrap();
    assert_eq!((row.version, row.comment.as_str()), (2, "SAVEDWORDS"), "and nothing was overwritten");
    // What the other window had typed before it was told is shown beside what was saved, too.
    desk.post(reviewer, &desk.path("/keep"), "version=1&comment=KEPTWORDS").await;
    let (_, page) = desk.page(reviewer, &desk.path("")).await;
    assert!(page.contains("SAVEDWORDS") && page.contains("KEPTWORDS"), "{page}");
}

async fn what_a_panel_talked_about_stands_in_the_minutes_and_is_not_changed(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    panel.scored().await;
    let edges = panel.world.edges.clone();
    let (world, db) = (&panel.world, edges.db.read());
    let (chair, officer) = (panel.chairing().await, world.role::<Officer>(panel.officer).await);
    let first = Some(panel.applications[0]);
    notes::write(&chair, panel.call, first, "The spread of 32 points was talked over.").await.unwrap();
    notes::write(&officer, panel.call, None, "Twelve minutes, nobody absent.").await.unwrap();
    assert_eq!(notes::write(&chair, panel.call, None, "  ").await.unwrap_err().code(), "refused-empty");
    // A bid of another call is none of this panel's.
    let foreign = entities::kinds::ApplicationId(999);
    assert_eq!(notes::write(&chair, panel.call, Some(foreign), "x").await.unwrap_err().code(), "not-found");
    let client = Client::untracked(app::server(edges.clone())).await.unwrap();
    let desk = Desk { client, review: ReviewId(1), panel };
    let panel = &desk.panel;
    let path = format!("/calls/{}/discussion", panel.call);
    let (status, page) = desk.page(panel.chair, &path).await;
    assert_eq!(status, Status::Ok);
    assert!(page.contains("32 points") && page.contains(">chair<") && page.contains("the whole round"), "{page}");
    // Reviewers, applicants and strangers find nothing; a supervisor reads and does not write.
    let supervisor = panel.world.person("supervisor", &[Role::Supervisor]).await;
    let rival = panel.world.person("rival", &[]).await;
    panel.world.member(rival, panel.applicants[1], MemberRole::Signatory).await;
    for other in [panel.reviewers[0], panel.signatory, rival] {
        assert_eq!(desk.page(other, &path).await.0, Status::NotFound);
        assert_eq!(desk.post(other, &format!("{path}/note"), "note=x").await.0, Status::NotFound);
    }
    assert_eq!(desk.page(supervisor, &path).await.0, Status::Ok);
    assert_eq!(desk.post(supervisor, &format!("{path}/note"), "note=x").await.0, Status::NotFound);
    // A second click writes one note.
    let body = "form_key=0123456789abcdefgh&note=once";
    for _ in 0..2 {
        assert_eq!(desk.post(panel.chair, &format!("{path}/note"), body).await.0, Status::SeeOther);
    }
    assert_eq!(panel_note::Entity::find().count(db).await.unwrap(), 3);
    // The public page of the call says nothing of it.
    let (_, public) = desk.page(rival, &format!("/calls/{}", panel.call)).await;
    assert!(!public.contains("32 points") && !public.contains("discussion"), "{public}");
    // Handed in, it is closed: the approver reads what was talked about, in the minutes.
    let batch = decisions::draft(&chair, panel.call, "minutes").await.unwrap();
    decisions::submit_batch(&chair, batch, 1).await.unwrap();
    assert_eq!(notes::write(&chair, panel.call, None, "late").await.unwrap_err().code(), "refused-note-decided");
    let approver = panel.world.role::<Approver>(panel.approver).await;
    let minutes = rendered(tributary::grants::decisions::view::minutes::show(&approver, batch).await);
    assert!(minutes.contains("32 points") && minutes.contains("Twelve minutes") && minutes.contains("once"), "{minutes}");
    rendered(view::notes::show(&approver, panel.call).await);
    // The database keeps it as it was written.
    for sql in ["update panel_note set text = 'x'", "delete from panel_note"] {
        assert!(db.execute_raw(Statement::from_string(db.get_database_backend(), sql)).await.is_err(), "{sql}");
    }
}
}
