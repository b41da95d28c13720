//! Every form of the house, posted by whoever it is not for: refused, and nothing written.
//!
//! A new route needs its line in [`WHO`], one for each act of an address with `<act>`; the test names what is missing.

mod input;
mod scenario;
mod who;

use crate::books::ground::rows;
use crate::sources::under;
use crate::support::{Database, World, tools};
use entities::kinds::{LegalForm, Locale, MemberRole, PersonId, Role, RoleGrantStage, Scope};
use entities::{organisation, role_grant};
use rocket::http::{Cookie, Header, Method, Status};
use rocket::local::asynchronous::Client;
use sea_orm::{ActiveValue::Set, DbBackend, EntityTrait};
use std::collections::{BTreeMap, BTreeSet};
use tributary::edges::dice::fingerprint;
use tributary::{app, demo};
use who::{For, WHO};

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
const REFUSALS: [u16; 5] = [403, 404, 409, 422, 429];

/// Fields of every form at once, well filled, so that a refusal is not owed to a slip of the pen.
pub const BODY: [(&str, &str); 58] = [
    ("act", "confirm"),
    ("amount", "1.00"),
    ("anonymity", "named"),
    ("answer", "confirm"),
    ("area", "wuhou"),
    ("award_kind", "project"),
    ("bank_line", "line-x"),
    ("board_minute", "1"),
    ("clawback", "0"),
    ("closes_on", "2026-12-31"),
    ("closing_decision", "x"),
    ("community", "x"),
    ("contact", "x"),
    ("currency", "CNY"),
    ("days", "3"),
    ("donor_name", "x"),
    ("due_on", "2026-12-31"),
    ("evidence", "x"),
    ("explanation", "x"),
    ("filing_number", "x"),
    ("finding", "dismiss"),
    ("findings", "x"),
    ("fund", "1"),
    ("goods", "x"),
    ("ground", "x"),
    ("hold", "1"),
    ("id", "1"),
    ("into", "2"),
    ("kind", "micro"),
    ("label", "x"),
    ("locale", "en"),
    ("mode", "targeted"),
    ("name", "x"),
    ("note", "x"),
    ("opens_on", "2026-11-02"),
    ("organisation", "1"),
    ("outcome", "declined"),
    ("owner", "x"),
    ("paid_on", "2026-10-29"),
    ("qualification_number", "x"),
    ("question", "x"),
    ("reason", "x"),
    ("received_on", "2026-10-29"),
    ("rectification", "x"),
    ("residue", "x"),
    ("residue_rule", "x"),
    ("reviewer", "1"),
    ("score", "80"),
    ("screening", "eligible"),
    ("spending", "expendable"),
    ("subject", "fund"),
    ("title", "x"),
    ("title_en", "x"),
    ("typed_name", "x"),
    ("uphold", "dismissed"),
    ("valid_from", "2026-01-01"),
    ("value", "1"),
    ("version", "1"),
];

/// The played house with somebody at every door.
pub struct House {
    pub world: World,
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

/// A hash of every row but those of sessions, whose last use is written by reading.
pub async fn whole(world: &World) -> String {
    let sqlite = world.edges.db.backend() == DbBackend::Sqlite;
    let names = if sqlite {
        "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name"
    } else {
        "select tablename from pg_tables where schemaname = 'public' order by tablename"
    };
    let mut parts = Vec::new();
    for table in rows(world, names).await {
        let table: String = table.try_get_by_index(0).unwrap();
        if table == "session" {
            continue;
        }
        let line = if sqlite {
            let columns = rows(world, &format!("select name from pragma_table_info('{table}')")).await;
            let quoted: Vec<String> = columns
                .iter()
                .map(|row| format!("quote(\"{}\")", row.try_get_by_index::<String>(0).unwrap()))
                .collect();
            quoted.join(" || '|' || ")
        } else {
            "t::text".to_owned()
        };
        let all = if sqlite { "group_concat(line)" } else { "string_agg(line, '' order by line)" };
        parts.push(format!(
            "select coalesce({all}, '') as whole from (select {line} as line from \"{table}\" t order by 1) s"
        ));
    }
    // A database may answer the tables in any order.
    let tables = rows(world, &parts.join(" union all ")).await;
    let mut texts: Vec<String> = tables.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    texts.sort();
    fingerprint(texts.join("\n"))
}

impl House {
    /// The worked example, played to its end.
    pub async fn played(world: World) -> Self {
        let stage = demo::found(world.edges.clone(), Locale::En).await.unwrap();
        demo::play(stage).await.unwrap();
        let mut sessions = BTreeMap::new();
        for role in ROLES {
            let person = world.person(&format!("only-{role}"), &[role]).await;
            sessions.insert(role.to_string(), world.session(person).await);
        }
        let nobody = world.person("no-role", &[]).await;
        sessions.insert("no role".into(), world.session(nobody).await);
        // Whoever signs elsewhere, chairs another panel or sits on another fund's committee is a stranger here.
        let elsewhere = world.organisation("SO-9", LegalForm::Association, None).await;
        let signs = world.person("signs-elsewhere", &[]).await;
        world.member(signs, elsewhere, MemberRole::Signatory).await;
        sessions.insert("signs elsewhere".into(), world.session(signs).await);
        let scoped = world.person("scoped-elsewhere", &[]).await;
        give(&world, scoped, Role::PanelChair, Scope::Call).await;
        give(&world, scoped, Role::CommitteeMember, Scope::Fund).await;
        sessions.insert("scoped elsewhere".into(), world.session(scoped).await);
        // Somebody who may do everything: what refuses them is the other site alone.
        let all = world.person("all-roles", &ROLES).await;
        for theirs in organisation::Entity::find().all(world.edges.db.read()).await.unwrap() {
            world.member(all, theirs.id, MemberRole::Signatory).await;
        }
        sessions.insert("all".into(), world.session(all).await);
        let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
        Self { world, client, sessions }
    }

    async fn post(&self, path: &str, poster: &Poster) -> (Status, String) {
        let mut body = "form_key=0123456789abcdefgh".to_owned();
        for (field, value) in BODY {
            body.push_str(&format!("&{field}={value}"));
        }
        let mut request = self
            .client
            .req(Method::Post, path.to_owned())
            .header(Header::new("content-type", "application/x-www-form-urlencoded"))
            .header(Header::new("sec-fetch-site", if poster.cross_site { "cross-site" } else { "same-origin" }))
            .body(body);
        if let Some(token) = &poster.token {
            request = request.cookie(Cookie::new("tributary_session", token.clone()));
        }
        let answer = request.dispatch().await;
        (answer.status(), answer.headers().get_one("location").unwrap_or_default().to_owned())
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
        if matches!(to, For::Theirs | For::Roles(_)) {
            posters.extend(["no role", "signs elsewhere", "scoped elsewhere"].map(|name| self.poster(name)));
            let allowed = if let For::Roles(roles) = to { roles } else { &[] };
            posters.extend(ROLES.iter().filter(|role| !allowed.contains(role)).map(|role| self.poster(role.as_str())));
        }
        posters.push(Poster { cross_site: true, ..self.poster("all") });
        posters
    }
}

/// A role for a thing with the key 999,999.
async fn give(world: &World, person: PersonId, role: Role, scope: Scope) {
    let grant = role_grant::ActiveModel {
        person_id: Set(person),
        role: Set(role),
        scope: Set(scope),
        scope_id: Set(Some(999_999)),
        stage: Set(RoleGrantStage::Effective),
        proposed_at: Set(world.edges.clock.now()),
        effective_on: Set(Some(world.edges.today())),
        ..Default::default()
    };
    let grant = &grant;
    let insert =
        async |tx| Ok(role_grant::Entity::insert(grant.clone()).exec_without_returning(&tx).await.map(|_| ())?);
    world.edges.db.write(insert).await.unwrap();
}

/// Paths of all forms, as written in the routes.
fn forms() -> BTreeSet<String> {
    app::routes()
        .iter()
        .filter(|route| !matches!(route.method, Method::Get | Method::Head | Method::Options))
        .map(|route| route.uri.path().to_owned())
        .collect()
}

/// Whether a line of [`WHO`] speaks of a route: the same, or one act of it.
fn speaks_of(line: &str, route: &str) -> bool {
    let (line, route): (Vec<&str>, Vec<&str>) = (line.split('/').collect(), route.split('/').collect());
    line.len() == route.len() && line.iter().zip(&route).all(|(own, its)| own == its || *its == "<act>")
}

/// The path with keys in the places for them: the first for the thing, the second for what belongs to it.
fn filled(path: &str, (first, second): (&str, &str)) -> String {
    let mut keys = [first, second].into_iter();
    path.split('/')
        .map(|part| if part.starts_with('<') { keys.next().unwrap_or("1") } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

#[test]
fn every_form_says_whom_it_is_for() {
    let forms = forms();
    let missing: Vec<_> = forms.iter().filter(|route| !WHO.iter().any(|(line, _)| speaks_of(line, route))).collect();
    assert!(missing.is_empty(), "tests/refusals says of these routes not whom they are for: {missing:#?}");
    let gone: Vec<_> = WHO.iter().filter(|(line, _)| !forms.iter().any(|route| speaks_of(line, route))).collect();
    assert!(gone.is_empty(), "tests/refusals knows routes that are no more: {gone:#?}");
}

#[test]
fn every_act_of_an_address_says_whom_it_is_for() {
    let mut missing = Vec::new();
    for file in
        under("src", &["routes.rs", "organisations.rs", "roles.rs"]).iter().filter(|f| f.path.contains("routes"))
    {
        for (number, line) in file.code() {
            let Some((words, _)) = line.split_once("=>") else { continue };
            if !words.trim_start().starts_with(['"', '|']) {
                continue;
            }
            for word in words.split('"').skip(1).step_by(2) {
                let known = WHO.iter().any(|(path, _)| path.ends_with(&format!("/{word}")));
                if !known && !who::ANSWERS.contains(&word) {
                    missing.push(format!("{}:{number}: {word}", file.path));
                }
            }
        }
    }
    assert!(missing.is_empty(), "tests/refusals says of these acts not whom they are for: {missing:#?}");
}

/// Posts every form as everybody it is not for, with keys of others' things and of nothing.
async fn nobody_else_gets_in(world: World) {
    let house = House::played(world).await;
    let before = whole(&house.world).await;
    let (mut wrong, mut late, mut asked) = (Vec::new(), BTreeSet::new(), 0);
    for (path, to) in WHO {
        let places = path.matches('<').count();
        let keys: &[(&str, &str)] = match places {
            0 => &[("", "")],
            1 => &[("1", ""), ("2", ""), ("3", ""), ("999999", "")],
            _ => &[("1", "1"), ("2", "1"), ("1", "2"), ("2", "2"), ("1", "999999"), ("999999", "1")],
        };
        for poster in house.strangers(*to) {
            for key in keys {
                let (status, place) = house.post(&filled(path, *key), &poster).await;
                asked += 1;
                let sent_to_sign_in = status.code == 303 && place.starts_with("/sign-in");
                if !sent_to_sign_in && !REFUSALS.contains(&status.code) {
                    wrong.push(format!("{path} with {key:?} answered {status} {place} to {}", poster.name));
                }
                if poster.cross_site && status.code != 403 && status.code != 404 {
                    wrong.push(format!("{path} with {key:?} answered {status} to another site"));
                }
                if matches!(status.code, 409 | 422) {
                    late.insert(format!("{path} {} to {}", status.code, poster.name));
                }
            }
        }
        if whole(&house.world).await != before {
            wrong.push(format!("{path} wrote something for somebody it is not for"));
            break;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(late.is_empty(), "refused for what was written, not for who wrote it: {late:#?}");
    tools::say(&format!("refusals: {asked} forms refused"));
    // The harness can tell: the same form from our own page by somebody it is for changes the rows.
    let done = house.post("/needs", &house.poster("no role")).await;
    assert_eq!(done.0.code, 303);
    assert_ne!(whole(&house.world).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_a_form_is_not_for_is_refused_and_nothing_is_written() {
    nobody_else_gets_in(World::unfounded().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_a_form_is_not_for_is_refused_on_postgres_too() {
    if tools::long()
        && let Some(world) = World::unfounded_on(Database::Postgres, "refusals on PostgreSQL").await
    {
        nobody_else_gets_in(world).await;
    }
}
