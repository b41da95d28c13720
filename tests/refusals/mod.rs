//! Every form of the house, posted by whoever it is not for: refused, and nothing written.
//!
//! A new route needs its line in [`WHO`]; the test names the one that is missing.

use crate::books::ground::{raw, rows};
use crate::support::World;
use entities::kinds::{LegalForm, MemberRole, PersonId, Role};
use rocket::http::{Cookie, Header, Method, Status};
use rocket::local::asynchronous::Client;
use std::collections::BTreeMap;
use tributary::app;
use tributary::edges::dice::fingerprint;

/// Whom a form is for.
#[derive(Debug, Clone, Copy)]
enum For {
    /// Everybody, and why.
    #[allow(dead_code, reason = "for the rooms to come")]
    Open(&'static str),
    /// Whoever is signed in; the service decides the rest by the thing.
    SignedIn,
    /// Members of the organisation that the thing belongs to.
    Members,
    /// Who holds one of these roles.
    Roles(&'static [Role]),
}

/// Every form and whom it is for.
const WHO: &[(&str, For)] = &[
    ("/needs", For::SignedIn),
    ("/needs/<id>/list", For::Roles(&[Role::ProgrammeOfficer])),
    ("/needs/<id>/decline", For::Roles(&[Role::ProgrammeOfficer])),
    ("/needs/<id>/merge", For::Roles(&[Role::ProgrammeOfficer])),
    ("/needs/<id>/archive", For::Roles(&[Role::ProgrammeOfficer])),
    ("/needs/<id>/add-part", For::Roles(&[Role::ProgrammeOfficer])),
    ("/needs/<id>/ask-owner", For::Roles(&[Role::ProgrammeOfficer])),
    ("/needs/<id>/parts/<part>/claim", For::Members),
    ("/needs/<id>/owners/<consent>", For::Roles(&[Role::ProgrammeOfficer])),
];

/// Roles at the foundation that somebody may hold.
const ROLES: [Role; 10] = [
    Role::Administrator,
    Role::ProgrammeOfficer,
    Role::FinanceOfficer,
    Role::Approver,
    Role::Supervisor,
    Role::PanelChair,
    Role::Reviewer,
    Role::Evaluator,
    Role::CouncilMember,
    Role::CommitteeMember,
];

/// What a form that is not for you may answer.
const REFUSALS: [u16; 6] = [403, 404, 405, 409, 422, 429];

struct House {
    world: World,
    client: Client,
    sessions: BTreeMap<String, String>,
}

/// One who posts: their cookie, and whether the form comes from another site.
#[derive(Debug, Clone)]
struct Poster {
    name: String,
    token: Option<String>,
    cross_site: bool,
}

impl House {
    async fn build() -> Self {
        let world = World::bare().await;
        let mut sessions = BTreeMap::new();
        for role in ROLES {
            let person = world.person(&format!("only-{role}"), &[role]).await;
            sessions.insert(role.to_string(), world.session(person).await);
        }
        let person = world.person("no-role", &[]).await;
        sessions.insert("no role".into(), world.session(person).await);
        // Somebody who may do everything: what refuses them is the other site alone.
        let all = world.person("all-roles", &ROLES).await;
        let theirs = world.organisation("SO-1", LegalForm::Association, None).await;
        world.member(all, theirs, MemberRole::Signatory).await;
        sessions.insert("all".into(), world.session(all).await);
        let owner = world.person("owner", &[]).await;
        furnish(&world, owner).await;
        let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
        Self { world, client, sessions }
    }

    async fn post(&self, path: &str, poster: &Poster) -> (Status, String) {
        let mut request = self
            .client
            .req(Method::Post, path.to_owned())
            .header(Header::new("content-type", "application/x-www-form-urlencoded"))
            .header(Header::new("sec-fetch-site", if poster.cross_site { "cross-site" } else { "same-origin" }))
            .body("form_key=0123456789abcdefgh&act=give&evidence=x&reason=x&into=2&kind=money&label=x&owner=x&organisation=1&title_en=x&community=x&area=x");
        if let Some(token) = &poster.token {
            request = request.cookie(Cookie::new("tributary_session", token.clone()));
        }
        let answer = request.dispatch().await;
        (answer.status(), answer.headers().get_one("location").unwrap_or_default().to_owned())
    }

    /// A hash of every row but those of sessions, whose last use is written by reading.
    async fn fingerprint(&self) -> String {
        let mut all = String::new();
        let names = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name <> 'session' order by name";
        for table in rows(&self.world, names).await {
            let table: String = table.try_get_by_index(0).unwrap();
            let columns: Vec<String> = rows(&self.world, &format!("select name from pragma_table_info('{table}')"))
                .await
                .iter()
                .map(|row| format!("quote(\"{}\")", row.try_get_by_index::<String>(0).unwrap()))
                .collect();
            let whole = format!(
                "select coalesce(group_concat(line), '') from (select {} as line from {table} order by 1)",
                columns.join(" || '|' || ")
            );
            let text: String = rows(&self.world, &whole).await[0].try_get_by_index(0).unwrap();
            all.push_str(&format!("{table}\n{text}\n"));
        }
        fingerprint(all)
    }

    fn poster(&self, name: &str) -> Poster {
        Poster { name: name.into(), token: Some(self.sessions[name].clone()), cross_site: false }
    }

    /// Everybody whom a form is not for.
    fn strangers(&self, to: For) -> Vec<Poster> {
        let mut posters = Vec::new();
        if !matches!(to, For::Open(_)) {
            posters.push(Poster { name: "a visitor".into(), token: None, cross_site: false });
        }
        if matches!(to, For::Members | For::Roles(_)) {
            posters.push(self.poster("no role"));
            let allowed = if let For::Roles(roles) = to { roles } else { &[] };
            posters.extend(ROLES.iter().filter(|role| !allowed.contains(role)).map(|role| self.poster(role.as_str())));
        }
        posters.push(Poster { cross_site: true, ..self.poster("all") });
        posters
    }
}

/// Things with the key 1 that belong to somebody else.
async fn furnish(world: &World, owner: PersonId) {
    let t = "'2026-01-05T01:00:00+00:00'";
    for need in 1..=2 {
        raw(world, &format!("insert into need (id, title_zh, title_en, summary_zh, summary_en, community, area, stage, consents_required, proposed_by, proposed_at) values ({need}, '', 'Wall', '', '', '', 'wuhou', 'proposed', false, {owner}, {t})")).await.unwrap();
    }
    raw(world, "insert into need_part (id, need_id, kind, label) values (1, 1, 'money', 'paint')").await.unwrap();
    raw(world, &format!("insert into need_consent (id, need_id, owner_label, stage, evidence, recorded_by, recorded_at) values (1, 1, 'owner 1', 'asked', '', {owner}, {t})")).await.unwrap();
}

/// Paths of all forms, as written in the routes.
fn forms() -> Vec<String> {
    let mut forms: Vec<String> = app::routes()
        .iter()
        .filter(|route| !matches!(route.method, Method::Get | Method::Head | Method::Options))
        .map(|route| route.uri.path().to_owned())
        .collect();
    forms.sort();
    forms.dedup();
    forms
}

/// The path with a key in every place for one.
fn filled(path: &str, key: &str) -> String {
    path.split('/').map(|part| if part.starts_with('<') { key } else { part }).collect::<Vec<_>>().join("/")
}

#[test]
fn every_form_says_whom_it_is_for() {
    let forms = forms();
    let missing: Vec<_> = forms.iter().filter(|path| !WHO.iter().any(|(known, _)| known == path)).collect();
    assert!(missing.is_empty(), "tests/refusals says of these routes not whom they are for: {missing:#?}");
    let gone: Vec<_> = WHO.iter().filter(|(known, _)| !forms.iter().any(|path| path == known)).collect();
    assert!(gone.is_empty(), "tests/refusals knows routes that are no more: {gone:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_a_form_is_not_for_is_refused_and_nothing_is_written() {
    let house = House::build().await;
    let before = house.fingerprint().await;
    let mut wrong = Vec::new();
    for (path, to) in WHO {
        for poster in house.strangers(*to) {
            for key in ["1", "999999"] {
                let (status, place) = house.post(&filled(path, key), &poster).await;
                let sent_to_sign_in = status.code == 303 && place.starts_with("/sign-in");
                if !sent_to_sign_in && !REFUSALS.contains(&status.code) {
                    wrong.push(format!("{path} with {key} answered {status} {place} to {}", poster.name));
                }
                if poster.cross_site && status.code != 403 && status.code != 404 {
                    wrong.push(format!("{path} with {key} answered {status} to another site"));
                }
            }
        }
        if house.fingerprint().await != before {
            wrong.push(format!("{path} wrote something for somebody it is not for"));
            break;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // The harness can tell: the same form from our own page by somebody it is for changes the rows.
    let done = house.post("/needs", &house.poster("no role")).await;
    assert_eq!(done.0.code, 303);
    assert_ne!(house.fingerprint().await, before);
}
