//! What phase and blindness hide stays hidden on every channel there is: pages, data files, exports, counts, averages, orderings,
//! letters, the hour of a notice, and what a refusal tells.
//!
//! Two ways of asking. Marks stand in what is hidden, and are looked for wherever somebody may look. And what is hidden is changed
//! behind everybody's back: whoever may not know it sees the same house before and after, to the letter.

mod channels;
mod letters;
mod phases;
mod refusals;

use super::reviews::{Panel, bid, scored};
use crate::support::World;
use crate::support::rows::{change, put};
use entities::kinds::{ApplicationStage, DocumentPurpose, FormVersionId, MemberRole, PersonId, ReviewId, Role};
use entities::{application, application_document, call, form, form_version, organisation};
use rocket::http::{Cookie, Header, Method, Status};
use rocket::local::asynchronous::Client;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;
use std::collections::BTreeMap;
use tributary::app;
use tributary::commons::documents;
use tributary::grants::reviews::service;
use tributary::people::permission::Officer;

/// What tells who applies.
const IDENTITY: [&str; 6] = ["CANARYORG", "CANARYTITLE", "CANARYTEAM", "CANARYANSWER", "CANARYFOLLOWS", "CANARYFILE"];
/// What a reviewer wrote, and the total.
const VERDICT: [&str; 2] = ["CANARYCOMMENT", "93.00"];
/// Rooms that have to do with a bid and its panel. The registry of organisations is public and tells nobody who bids.
const ROOMS: [&str; 22] = [
    "",
    "applications",
    "awards",
    "calls",
    "calls.atom",
    "calls.ics",
    "councils",
    "data",
    "decisions",
    "desk",
    "documents",
    "experts",
    "funds",
    "holds",
    "ledger",
    "needs",
    "notices",
    "objections",
    "pitches",
    "polls",
    "projects",
    "reviews",
];
/// Acts that have a page in the rooms of a bid and its panel.
const ACTS: [(&str, &[&str]); 6] = [
    ("applications", &["edit", "screen", "submit", "withdraw", "appeal", "ask-information"]),
    ("calls", &["reach", "amend", "cancel", "open-bids"]),
    ("decisions", &["submit", "approve", "return", "refresh", "portfolio", "minutes"]),
    ("pitches", &["next", "cancel"]),
    ("polls", &["vote", "open", "count"]),
    ("reviews", &["accept", "decline", "recuse", "reopen", "remove", "unassign"]),
];

/// A call judged blind, with everybody who might learn something of it.
struct Scene {
    panel: Panel,
    client: Client,
    sessions: BTreeMap<PersonId, String>,
    /// Judges, and nothing else.
    judge: PersonId,
    /// Judges, and is an officer.
    officer_judge: PersonId,
    /// Signs for the other applicant.
    rival: PersonId,
    /// Belongs to the other applicant, and is an officer.
    insider: PersonId,
    /// Belongs to who gave to the fund.
    donor: PersonId,
    /// The one review that is in.
    submitted: ReviewId,
}

impl Scene {
    async fn set(world: World) -> Self {
        let panel = Panel::in_world(world, ApplicationStage::Eligible).await;
        let world = &panel.world;
        // The addresses name them by these keys.
        assert_eq!((panel.call.0, panel.applications.map(|id| id.0)), (1, [1, 2]));
        let officer_judge = world.person("officer-judge", &[Role::ProgrammeOfficer, Role::Reviewer]).await;
        let insider = world.person("insider", &[Role::ProgrammeOfficer]).await;
        let [rival, donor] = [world.person("rival", &[]).await, world.person("donor", &[]).await];
        world.member(rival, panel.applicants[1], MemberRole::Signatory).await;
        world.member(insider, panel.applicants[1], MemberRole::Editor).await;
        world.member(donor, panel.owner, MemberRole::Signatory).await;
        marked(&panel).await;
        let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
        let mut sessions = BTreeMap::new();
        let all =
            [officer_judge, insider, rival, donor, panel.reviewers[0], panel.signatory, panel.officer, panel.chair];
        for person in all {
            sessions.insert(person, world.session(person).await);
        }
        let judge = panel.reviewers[0];
        let submitted = panel.reviewed(panel.applications[0], panel.reviewers[1], 93).await;
        let scene = Self { panel, client, sessions, judge, officer_judge, rival, insider, donor, submitted };
        scene.says("CANARYCOMMENT").await;
        for (application, reviewer) in [(0, judge), (1, judge), (1, officer_judge)] {
            scene.asked(application, reviewer).await;
        }
        scene
    }

    /// Asked and accepted, not written yet.
    async fn asked(&self, application: usize, reviewer: PersonId) -> ReviewId {
        let officer = self.panel.world.role::<Officer>(self.panel.officer).await;
        let review = service::assign(&officer, self.panel.applications[application], reviewer).await.unwrap();
        let mine = service::load_mine(&self.panel.world.acting(reviewer).await, review).await.unwrap();
        service::accept(&mine, true).await.unwrap();
        review
    }

    /// Writes one's review and hands it in.
    async fn judges(&self, review: ReviewId, reviewer: PersonId, total: i64) {
        let mine = service::load_mine(&self.panel.world.acting(reviewer).await, review).await.unwrap();
        let version = mine.permission().review().version;
        service::save_and_submit(&mine, version, scored(total), "").await.unwrap();
    }

    /// The comment of the review that is in.
    async fn says(&self, comment: &str) {
        let row = entities::review::ActiveModel {
            id: Set(self.submitted),
            comment: Set(comment.into()),
            ..Default::default()
        };
        change(&self.panel.world, row).await;
    }

    /// Everybody from whom who applies is hidden; nobody is the visitor.
    fn blind(&self) -> [(&'static str, Option<PersonId>); 6] {
        [
            ("a visitor", None),
            ("the judge", Some(self.judge)),
            ("the officer who judges", Some(self.officer_judge)),
            ("the rival", Some(self.rival)),
            ("the officer of the rival", Some(self.insider)),
            ("the donor", Some(self.donor)),
        ]
    }

    /// Those, and the applicant: from all of them what reviewers wrote is hidden.
    fn outside(&self) -> Vec<(&'static str, Option<PersonId>)> {
        let own = ("the applicant", Some(self.panel.signatory));
        self.blind().into_iter().chain([own]).collect()
    }

    async fn ask(&self, who: Option<PersonId>, method: Method, path: &str) -> Seen {
        let mut request = self.client.req(method, path.to_owned());
        if let Some(person) = who {
            request = request.cookie(Cookie::new("tributary_session", self.sessions[&person].clone()));
        }
        if method == Method::Post {
            let form =
                "form_key=0123456789abcdefgh&version=1&reason=x&minutes=x&outcome=declined&amount=0&do=save&saw=1";
            let form = format!("{form}&evidence=x&ground=declared&no_interest=true&place=x&seed=a&minutes=8");
            request = request
                .header(Header::new("content-type", "application/x-www-form-urlencoded"))
                .header(Header::new("sec-fetch-site", "same-origin"))
                .body(form);
        }
        let answer = request.dispatch().await;
        let (status, kind) = (answer.status(), answer.content_type().map(|kind| kind.media_type().to_string()));
        let bytes = answer.into_bytes().await.unwrap_or_default();
        Seen { status, kind: kind.unwrap_or_default(), body: String::from_utf8_lossy(&bytes).into_owned() }
    }

    async fn get(&self, who: Option<PersonId>, path: &str) -> Seen {
        self.ask(who, Method::Get, path).await
    }

    /// All of these pages, as one reader sees them.
    async fn all(&self, who: Option<PersonId>, paths: &[String]) -> BTreeMap<String, (u16, String)> {
        let mut seen = BTreeMap::new();
        for path in paths {
            let answer = self.get(who, path).await;
            assert!(answer.status.code < 500, "{path}: {}", answer.status);
            seen.insert(path.clone(), (answer.status.code, plain(&answer.body)));
        }
        seen
    }

    /// What is changed behind everybody's back changes nothing for these readers.
    async fn unnoticed<F>(&self, readers: &[(&'static str, Option<PersonId>)], changing: F)
    where
        F: Future<Output = ()>,
    {
        let paths = addresses(|_| true);
        let mut before = Vec::new();
        for (_, who) in readers {
            before.push(self.all(*who, &paths).await);
        }
        changing.await;
        for ((name, who), before) in readers.iter().zip(before) {
            let after = self.all(*who, &paths).await;
            for (path, seen) in before {
                assert_eq!(after[&path], seen, "{name} notices at {path}");
            }
        }
    }
}

/// What a request was answered with.
struct Seen {
    status: Status,
    kind: String,
    body: String,
}

/// A page without what is drawn anew each time: keys of forms, marks, references to quote.
fn plain(body: &str) -> String {
    let mut plain = String::new();
    let mut run = String::new();
    for sign in body.chars().chain(['\n']) {
        if sign.is_ascii_alphanumeric() || sign == '-' || sign == '_' {
            run.push(sign);
            continue;
        }
        // A request's reference to quote is twelve hexadecimal digits.
        let drawn = run.len() >= 20 || (run.len() == 12 && run.bytes().all(|sign| sign.is_ascii_hexdigit()));
        plain.push_str(if drawn { "…" } else { &run });
        run.clear();
        plain.push(sign);
    }
    plain
}

/// Every address of these rooms, with the keys of both bids where a bid may be told, else with the first.
fn addresses(wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for route in app::routes().iter().filter(|route| route.method == Method::Get) {
        let path = route.uri.path().to_owned();
        let room = path.split('/').nth(1).unwrap_or_default();
        if !ROOMS.contains(&room) || path.contains("<path") || path.contains("<token") {
            continue;
        }
        let acts = ACTS.iter().find(|(of, _)| *of == room).map_or(&["x"][..], |(_, acts)| *acts);
        let telling = ACTS.iter().any(|(of, _)| *of == room);
        let mut filled = vec![String::new()];
        for (place, part) in path.split('/').skip(1).enumerate() {
            let keys: &[&str] = match part {
                "<act>" => acts,
                part if part.starts_with('<') && telling && place == 1 => &["1", "2"],
                part if part.starts_with('<') => &["1"],
                _ => &[part],
            };
            filled = filled.iter().flat_map(|before| keys.iter().map(move |key| format!("{before}/{key}"))).collect();
        }
        found.extend(filled);
    }
    found.extend(
        [
            "/applications?call=1&stage=submitted",
            "/applications?call=1&sort=asked",
            "/applications/similar?call=1",
            "/calls/1/reviews/plan?seed=a",
            "/calls/1/reviews/plan/confirm?seed=a",
            "/holds/new?subject=application&id=1",
            "/account/privacy/copy",
        ]
        .map(str::to_owned),
    );
    found.retain(|path| wanted(path));
    assert!(!found.is_empty());
    found
}

/// Puts the marks into the first bid: its organisation, title, team, the answers that tell who applies, a file.
async fn marked(panel: &Panel) {
    let world = &panel.world;
    let form = form_of(world).await;
    change(world, call::ActiveModel { id: Set(panel.call), form_version_id: Set(form), ..Default::default() }).await;
    let named = organisation::ActiveModel {
        id: Set(panel.applicants[0]),
        name_zh: Set(IDENTITY[0].into()),
        name_en: Set(IDENTITY[0].into()),
        ..Default::default()
    };
    change(world, named).await;
    let answers = json!({ "why": "PLAINANSWER", "brand": ["yes"], "since": "CANARYFOLLOWS", "story": "CANARYANSWER" });
    for (place, id) in panel.applications.into_iter().enumerate() {
        let first = place == 0;
        let row = application::ActiveModel {
            id: Set(id),
            title: Set(if first { IDENTITY[1].into() } else { "another wall".into() }),
            team: Set(if first { IDENTITY[2].into() } else { "others".into() }),
            answers: Set(if first { answers.clone() } else { json!({}) }),
            submitted_at: Set(Some(world.edges.clock.now())),
            ..Default::default()
        };
        change(world, row).await;
    }
    let officer = world.role::<Officer>(panel.officer).await;
    let kept = &documents::keep(&officer, "file", "CANARYFILE.pdf", b"%PDF-1.4 CANARYFILE %%EOF").await.unwrap();
    let (officer, of) = (&officer, panel.applicants[0]);
    let filed = officer
        .write(|tx| async move { documents::file(&tx, officer, kept, DocumentPurpose::Evidence, Some(of)).await });
    let file = application_document::ActiveModel {
        application_id: Set(panel.applications[0]),
        document_id: Set(filed.await.unwrap()),
        label: Set("CANARYFILE".into()),
        attached_by: Set(panel.signatory),
        attached_at: Set(world.edges.clock.now()),
        ..Default::default()
    };
    put(world, file).await;
}

/// A form of which two questions tell who applies: one is marked, one is asked because of a marked one.
async fn form_of(world: &World) -> FormVersionId {
    let words = |text: &str| json!({ "en": text, "zh": text });
    let choice = json!({ "type": "choice", "options": [{ "id": "yes", "label": words("yes") }], "many": true });
    let text = || json!({ "type": "text", "max": 200 });
    let definition = json!({ "version": 1, "sections": [{ "id": "s", "title": words("s"), "questions": [
        { "id": "why", "label": words("why"), "kind": text() },
        { "id": "brand", "label": words("brand"), "kind": choice, "identifying": true },
        { "id": "since", "label": words("since"), "kind": text(), "show_if": { "question": "brand", "equals": "yes" } },
        { "id": "story", "label": words("story"), "kind": text(), "identifying": true },
    ] }] });
    let now = world.edges.clock.now();
    let form = form::ActiveModel { name: Set("telling".into()), created_at: Set(now), ..Default::default() };
    let version = form_version::ActiveModel {
        form_id: Set(put(world, form).await.id),
        version: Set(1),
        definition: Set(definition),
        created_at: Set(now),
        ..Default::default()
    };
    put(world, version).await.id
}

/// One more bid that is handed in, by an organisation that was there before.
async fn one_more(scene: &Scene, of: entities::kinds::OrganisationId, call: entities::kinds::CallId) {
    // Drafted by somebody who looks at nothing here: it stands in the copy of their own data.
    let (world, by) = (&scene.panel.world, scene.panel.administrator);
    let id = bid(world, call, of, by, 1_000_000, ApplicationStage::Submitted).await;
    let row = application::ActiveModel {
        id: Set(id),
        submitted_at: Set(Some(world.edges.clock.now())),
        ..Default::default()
    };
    change(world, row).await;
    assert!(application::Entity::find_by_id(id).one(world.edges.db.read()).await.unwrap().is_some());
}
