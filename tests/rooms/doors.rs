//! The doors seen from outside: what a stranger may learn, how often one may guess, what a link is worth, what the log keeps.

use crate::support::{World, log, nine};
use entities::kinds::{
    DocumentPurpose, LegalForm, Locale, MemberRole, MembershipStage, OrganisationId, PersonId, Role,
};
use entities::{membership, organisation, person, role_grant};
use rocket::http::{ContentType, Cookie, Header, Status};
use rocket::local::asynchronous::{Client, LocalResponse};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use std::net::SocketAddr;
use std::sync::Arc;
use tributary::app;
use tributary::commons::{documents, letters};
use tributary::config::Config;
use tributary::edges::Edges;
use tributary::people::gate::{self, Gate};
use tributary::people::permission::{Administrator, Officer};
use tributary::people::{accounts, invitations, leaving, members, sessions};
use tributary::web::headers::KEYS;

const PASSWORD: &str = "a stream joins another";
const TYPED: &str = "a+stream+joins+another";
const SESSION: &str = "tributary_session";
/// A request on behalf of many: it comes from the proxy beside the house.
const PROXY: &str = "127.0.0.1:4000";

/// Somebody's browser at the house.
struct Browser {
    client: Client,
    token: Option<String>,
}

impl Browser {
    async fn at(world: &World) -> Self {
        Self { client: Client::untracked(app::server(world.edges.clone())).await.unwrap(), token: None }
    }

    async fn of(world: &World, person: PersonId) -> Self {
        Self { token: Some(world.session(person).await), ..Self::at(world).await }
    }

    async fn get(&self, path: &str) -> (Status, String) {
        let mut request = self.client.get(path.to_owned());
        if let Some(token) = &self.token {
            request = request.cookie(Cookie::new(SESSION, token.clone()));
        }
        let answer = request.dispatch().await;
        (answer.status(), answer.into_string().await.unwrap_or_default())
    }

    async fn post(&self, path: &str, body: String) -> (Status, String) {
        let answer = self.send(path, body, ContentType::Form, None, None).await;
        (answer.status(), answer.into_string().await.unwrap_or_default())
    }

    async fn send(
        &self,
        path: &str,
        body: String,
        kind: ContentType,
        remote: Option<&str>,
        header: Option<&'static str>,
    ) -> LocalResponse<'_> {
        let mut request = self.client.post(path.to_owned()).header(kind).body(body);
        request = request.header(Header::new("sec-fetch-site", "same-origin"));
        if let Some(token) = &self.token {
            request = request.cookie(Cookie::new(SESSION, token.clone()));
        }
        if let Some(remote) = remote {
            request = request.remote(remote.parse::<SocketAddr>().unwrap());
        }
        if let Some(address) = header {
            request = request.header(Header::new("X-Real-IP", address));
        }
        request.dispatch().await
    }

    /// Signs in over a connection from `remote`; with what the proxy says.
    async fn sign_in(&self, email: &str, password: &str, remote: &str, header: Option<&'static str>) -> Status {
        let form = format!("email={email}&password={password}&back=/desk");
        self.send("/sign-in", form, ContentType::Form, Some(remote), header).await.status()
    }
}

async fn member(world: &World, email: &str) -> PersonId {
    accounts::create(&world.edges, email, "somebody", Locale::En, PASSWORD).await.unwrap()
}

async fn change<A>(world: &World, row: A)
where
    A: sea_orm::ActiveModelTrait + Clone + Send + Sync + 'static,
    A::Entity: EntityTrait<ActiveModel = A>,
    <A::Entity as EntityTrait>::Model: sea_orm::IntoActiveModel<A> + Send + Sync,
{
    let row = &row;
    let update = |tx| async move { Ok(A::Entity::update(row.clone()).exec(&tx).await.map(|_| ())?) };
    world.edges.db.write(update).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_who_hides_behind_a_number_by_declaring_an_employer() {
    let world = World::bare().await;
    let hidden = world.organisation("Hidden donor", LegalForm::Company, None).await;
    let known = world.organisation("Known", LegalForm::Association, None).await;
    let me = world.person("me", &[]).await;
    let browser = Browser::of(&world, me).await;
    let (status, page) = browser.post("/account/change", format!("name=me&locale=en&employer={hidden}")).await;
    assert_eq!(status, Status::UnprocessableEntity);
    let (_, nothing) = browser.post("/account/change", "name=me&locale=en&employer=99999".into()).await;
    assert_eq!(nothing.matches("is-wrong").count(), page.matches("is-wrong").count(), "as if there were none");
    assert!(!browser.get("/account").await.1.contains("Hidden donor"));
    let chosen = browser.post("/account/change", format!("name=me&locale=en&employer={known}")).await;
    assert_eq!(chosen.0, Status::SeeOther);
    // Whoever works for it, or declared it before, may go on saying so.
    change(&world, person::ActiveModel { id: Set(me), employer_id: Set(Some(hidden)), ..Default::default() }).await;
    assert!(browser.get("/account/change").await.1.contains("Hidden donor"));
    let kept = browser.post("/account/change", format!("name=you&locale=en&employer={hidden}")).await;
    assert_eq!(kept.0, Status::SeeOther);
    let inside = world.person("inside", &[]).await;
    world.member(inside, hidden, MemberRole::Editor).await;
    let own = Browser::of(&world, inside).await;
    let own = own.post("/account/change", format!("name=me&locale=en&employer={hidden}")).await;
    assert_eq!(own.0, Status::SeeOther);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_names_no_hidden_host_and_none_in_public_before_it_accepts() {
    let world = World::bare().await;
    let hidden = world.organisation("Hidden donor", LegalForm::Company, None).await;
    let host = world.organisation("Willing host", LegalForm::Association, None).await;
    let group = world.organisation("Group", LegalForm::ResidentGroup, None).await;
    let [of_group, of_host, stranger] = ["of-group", "of-host", "stranger"];
    let of_group = world.person(of_group, &[]).await;
    world.member(of_group, group, MemberRole::Signatory).await;
    let of_host = world.person(of_host, &[]).await;
    world.member(of_host, host, MemberRole::Signatory).await;
    let stranger = world.person(stranger, &[]).await;
    let officer = world.person("officer", &[Role::ProgrammeOfficer]).await;

    let asking = Browser::of(&world, of_group).await;
    let name = format!("/organisations/{group}/name-host");
    assert_eq!(asking.post(&name, format!("host={hidden}")).await.0, Status::UnprocessableEntity);
    assert_eq!(asking.post(&name, format!("host={host}")).await.0, Status::SeeOther);
    let page = format!("/organisations/{group}");
    for (who, sees) in
        [(None, false), (Some(stranger), false), (Some(of_group), true), (Some(of_host), true), (Some(officer), true)]
    {
        let reader = match who {
            Some(person) => Browser::of(&world, person).await,
            None => Browser::at(&world).await,
        };
        assert_eq!(reader.get(&page).await.1.contains("Willing host"), sees, "{who:?}");
    }
    let by_host = world.acting(of_host).await.signatory_of(host).unwrap();
    members::answer_host(&by_host, group, true).await.unwrap();
    assert!(Browser::at(&world).await.get(&page).await.1.contains("Willing host"));
    // Once set it may be named again, whoever may read of it.
    let row = organisation::ActiveModel { id: Set(group), fiscal_host_id: Set(Some(hidden)), ..Default::default() };
    change(&world, row).await;
    assert_eq!(asking.post(&name, format!("host={hidden}")).await.0, Status::SeeOther);
    world.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_wrong_passwords_through_the_proxy_lock_nobody_else_out() {
    let world = World::bare().await;
    member(&world, "me@example.org").await;
    let browser = Browser::at(&world).await;
    for number in 0..101 {
        let wrong = browser.sign_in(&format!("n{number}@example.org"), "wrong", PROXY, Some("203.0.113.7")).await;
        assert_eq!(wrong, Status::UnprocessableEntity);
    }
    assert_eq!(browser.sign_in("me@example.org", TYPED, PROXY, Some("203.0.113.7")).await, Status::SeeOther);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_of_an_account_is_guessed_no_oftener_at_an_invitation() {
    let world = World::bare().await;
    let admin = world.person("admin", &[Role::Administrator]).await;
    member(&world, "me@example.org").await;
    let by = world.role::<Administrator>(admin).await;
    invitations::invite_person(&by, "me@example.org", "me", Locale::En).await.unwrap();
    let path = newest_link(&world, "me@example.org").await;
    let browser = Browser::at(&world).await;
    for _ in 0..10 {
        assert_eq!(browser.post(&path, "password=wrong".into()).await.0, Status::UnprocessableEntity);
    }
    let (status, page) = browser.post(&path, format!("password={TYPED}")).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(page.contains("Too many attempts") || page.contains("尝试次数过多"));
    let door = sessions::sign_in(&world.edges, "me@example.org", PASSWORD, None, "").await;
    assert_eq!(door.unwrap_err().code(), "refused-sign-in-often");
    world.at(nine(2026, 1, 6)).await;
    assert_eq!(browser.post(&path, format!("password={TYPED}")).await.0, Status::SeeOther);
}

/// The path in the newest letter to somebody.
async fn newest_link(world: &World, to: &str) -> String {
    links(world, to).await.remove(0)
}

async fn links(world: &World, to: &str) -> Vec<String> {
    world.settle().await;
    let letters = world.edges.mail.newest(50).await.unwrap();
    let base = &world.edges.config.base_url;
    let of = letters.into_iter().filter(|(_, letter)| letter.to == to);
    of.map(|(_, letter)| letter.text.lines().find_map(|line| line.strip_prefix(base.as_str())).unwrap().to_owned())
        .collect()
}

async fn parts(world: &World, organisation: OrganisationId, email: &str) -> Vec<(MemberRole, MembershipStage)> {
    let db = world.edges.db.read();
    let Some(person) = accounts::by_email(db, email).await.unwrap() else { return Vec::new() };
    let rows = members::list(db, organisation).await.unwrap();
    rows.into_iter().filter(|row| row.person_id == person.id).map(|row| (row.role, row.stage)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_shown_out_comes_back_by_no_old_link() {
    let world = World::bare().await;
    let so = world.organisation("SO-1", LegalForm::SocialServiceBody, None).await;
    let first = world.person("first", &[]).await;
    world.member(first, so, MemberRole::Signatory).await;
    let by = world.acting(first).await.signatory_of(so).unwrap();
    let signs = MemberRole::Signatory;
    for _ in 0..2 {
        invitations::invite_member(&by, so, "bad@example.org", "bad", Locale::En, signs).await.unwrap();
    }
    let two = links(&world, "bad@example.org").await;
    let browser = Browser::at(&world).await;
    let join = format!("name=bad&password={TYPED}");
    assert_eq!(browser.post(&two[0], join.clone()).await.0, Status::SeeOther);
    let bad = accounts::by_email(world.edges.db.read(), "bad@example.org").await.unwrap().unwrap().id;

    // About to be shown out, they ask another mailbox of theirs in.
    let theirs = world.acting(bad).await.signatory_of(so).unwrap();
    invitations::invite_member(&theirs, so, "other@example.org", "other", Locale::En, signs).await.unwrap();
    let other = newest_link(&world, "other@example.org").await;
    let part = membership::Entity::find().filter(membership::Column::PersonId.eq(bad)).one(world.edges.db.read()).await;
    members::end(&by, part.unwrap().unwrap().id).await.unwrap();

    for link in [&two[1], &other] {
        assert_eq!(browser.get(link).await.0, Status::UnprocessableEntity, "{link}");
        assert_eq!(browser.post(link, join.clone()).await.0, Status::UnprocessableEntity, "{link}");
    }
    assert_eq!(parts(&world, so, "bad@example.org").await, [(signs, MembershipStage::Ended)]);
    assert_eq!(parts(&world, so, "other@example.org").await, []);
    // Asked in anew by who signs today, they come in again.
    invitations::invite_member(&by, so, "bad@example.org", "bad", Locale::En, signs).await.unwrap();
    let anew = newest_link(&world, "bad@example.org").await;
    assert_eq!(browser.post(&anew, join).await.0, Status::SeeOther);
    assert_eq!(parts(&world, so, "bad@example.org").await, [(signs, MembershipStage::Active)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_signatory_is_one() {
    let world = World::bare().await;
    let so = world.organisation("SO-1", LegalForm::SocialServiceBody, None).await;
    let officer = world.person("officer", &[Role::ProgrammeOfficer]).await;
    let by = world.role::<Officer>(officer).await;
    for name in ["one", "two"] {
        let email = format!("{name}@example.org");
        invitations::invite_first_signatory(&by, so, &email, name, Locale::En).await.unwrap();
    }
    let (one, two) = (newest_link(&world, "one@example.org").await, newest_link(&world, "two@example.org").await);
    let browser = Browser::at(&world).await;
    let join = format!("name=x&password={TYPED}");
    assert_eq!(browser.post(&one, join.clone()).await.0, Status::SeeOther);
    assert_eq!(browser.post(&two, join).await.0, Status::UnprocessableEntity);
    assert_eq!(parts(&world, so, "two@example.org").await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_key_stands_in_the_log() {
    let world = World::bare().await;
    let browser = Browser::at(&world).await;
    let heard = log::listen(&["secret-key", "/organisations/70707", "/…"]);
    for path in ["/invitations/secret-key", "/trace/secret-key", "/%69nvitations/secret-key", "/trace/secret-key/odd"] {
        assert_eq!(browser.get(path).await.0, Status::NotFound, "{path}");
    }
    browser.post("/invitations/secret-key", "password=x".into()).await;
    browser.post("/trace/secret-key", "x=y".into()).await;
    browser.get("/organisations/70707").await;
    let log = heard.text();
    assert!(
        log.contains("/organisations/70707") && log.contains("/invitations/…") && log.contains("/trace/…"),
        "{log}"
    );
    assert!(!log.contains("secret-key"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_sends_no_file_and_no_large_form() {
    let world = World::bare().await;
    member(&world, "me@example.org").await;
    let part =
        |name: &str, value: &str| format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let parts = [part("email", "me@example.org"), part("password", PASSWORD), part("locale", "en")].concat();
    let body = format!("{parts}--x--\r\n");
    let kind = ContentType::new("multipart", "form-data").with_params(("boundary", "x"));
    let browser = Browser::at(&world).await;
    for path in ["/sign-in", "/language", "/session/end", "/invitations/x", "/notices/1/items/1/object"] {
        let status = browser.send(path, body.clone(), kind.clone(), None, None).await.status();
        assert_eq!(status, Status::UnprocessableEntity, "{path}");
        let large = format!("locale=en&x={}", "x&y=".repeat(80_000));
        let (status, page) = browser.post(path, large).await;
        assert_eq!(status, Status::UnprocessableEntity, "{path}");
        assert!(page.contains("too large") || page.contains("过大"), "{path}");
    }
    let form = format!("email=me%40example.org&password={TYPED}&back=%2Fdesk");
    assert_eq!(browser.post("/sign-in", form).await.0, Status::SeeOther);
    let inside = Browser::of(&world, world.person("inside", &[]).await).await;
    let status = inside.send("/language", body, kind, None, None).await.status();
    assert_eq!(status, Status::SeeOther);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_to_a_role_goes_to_those_who_hold_it_today() {
    let world = World::bare().await;
    let today = world.edges.today();
    for (name, from, until) in [("now", 0, 0), ("over", -9, -1), ("soon", 1, 9)] {
        let person = world.person(name, &[Role::Supervisor]).await;
        let held = role_grant::Entity::find().filter(role_grant::Column::PersonId.eq(person));
        let held = held.one(world.edges.db.read()).await.unwrap().unwrap();
        let row = role_grant::ActiveModel {
            id: Set(held.id),
            effective_on: Set(Some(today + chrono::Duration::days(from))),
            ends_on: Set(Some(today + chrono::Duration::days(until))),
            ..Default::default()
        };
        change(&world, row).await;
    }
    let promise = |tx| async move { letters::to_role(&tx, Role::Supervisor, "role-revoked", &[], "/").await };
    world.edges.db.write(promise).await.unwrap();
    world.settle().await;
    let to: Vec<String> = world.edges.mail.newest(9).await.unwrap().into_iter().map(|(_, letter)| letter.to).collect();
    assert_eq!(to, ["now@example.org"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_document_is_kept_by_no_browser() {
    let world = World::bare().await;
    let officer = world.person("officer", &[Role::ProgrammeOfficer]).await;
    let by = world.role::<Officer>(officer).await;
    let private = &documents::keep(&by, "file", "a.pdf", b"%PDF-1.4 private %%EOF").await.unwrap();
    let redacted = &documents::keep(&by, "file", "b.pdf", b"%PDF-1.4 redacted %%EOF").await.unwrap();
    let ids = by.write(|tx| {
        let by = &by;
        async move {
            let original = documents::file(&tx, by, private, DocumentPurpose::Agreement, None).await?;
            Ok((original.0, documents::publish(&tx, by, redacted, original).await?.0))
        }
    });
    let (original, public) = ids.await.unwrap();
    let browser = Browser::of(&world, officer).await;
    for (id, wanted) in [(original, Some("private, no-store")), (public, None)] {
        let request = browser.client.get(format!("/documents/{id}"));
        let answer = request.cookie(Cookie::new(SESSION, browser.token.clone().unwrap())).dispatch().await;
        assert_eq!(answer.status(), Status::Ok);
        assert_eq!(answer.headers().get_one("cache-control"), wanted);
    }
}

/// A house with settings of its own, in the folder of a world.
async fn house_of(world: &World, settings: impl FnOnce(&mut Config)) -> Arc<Edges> {
    let mut config = world.edges.config.clone();
    settings(&mut config);
    app::open(
        config,
        tributary::edges::clock::Clock::frozen_at(nine(2026, 1, 5)),
        tributary::edges::dice::Dice::seeded(8),
    )
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_the_session_belongs_to_this_host_alone() {
    let world = World::bare().await;
    member(&world, "me@example.org").await;
    let plain = Browser::at(&world).await.client;
    assert_eq!(plain.get("/sign-in").dispatch().await.headers().get_one("strict-transport-security"), None);
    let edges = house_of(&world, |config| config.base_url = "https://grants.example.org".into()).await;
    let client = Client::tracked(app::server(edges)).await.unwrap();
    let form = format!("email=me%40example.org&password={TYPED}&back=%2Faccount");
    let post = |path: &'static str, body: String| {
        let request = client.post(path).header(ContentType::Form).header(Header::new("sec-fetch-site", "same-origin"));
        request.body(body).dispatch()
    };
    let answer = post("/sign-in", form).await;
    assert_eq!(answer.status(), Status::SeeOther);
    let strict = answer.headers().get_one("strict-transport-security");
    assert_eq!(strict, Some("max-age=31536000"));
    let set = answer.headers().get("set-cookie").find(|line| line.contains("tributary_session")).unwrap().to_owned();
    assert!(set.starts_with("__Host-tributary_session="), "{set}");
    assert!(set.contains("Secure") && set.contains("Path=/") && !set.contains("Domain"), "{set}");
    assert_eq!(client.get("/account").dispatch().await.status(), Status::Ok);
    let left = post("/session/end", String::new()).await;
    let set = left.headers().get("set-cookie").find(|line| line.contains("tributary_session")).unwrap().to_owned();
    assert!(set.starts_with("__Host-tributary_session=;") && set.contains("Secure"), "{set}");
    assert_eq!(client.get("/account").dispatch().await.status(), Status::SeeOther);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_header_that_the_operator_names_says_who_asks() {
    let world = World::bare().await;
    member(&world, "me@example.org").await;
    let edges = house_of(&world, |config| config.client_ip_header = Some("X-Real-IP".into())).await;
    let browser = Browser { client: Client::untracked(app::server(edges.clone())).await.unwrap(), token: None };
    for number in 0..gate::FAILURES_PER_ADDRESS {
        let from = Some("203.0.113.7".parse().unwrap());
        Gate::enter(&edges, &format!("n{number}@example.org"), from).unwrap();
    }
    let full = browser.sign_in("me@example.org", TYPED, PROXY, Some("203.0.113.7")).await;
    assert_eq!(full, Status::UnprocessableEntity);
    assert_eq!(browser.sign_in("me@example.org", TYPED, PROXY, Some("203.0.113.8")).await, Status::SeeOther);
    assert_eq!(browser.sign_in("me@example.org", TYPED, PROXY, None).await, Status::SeeOther);
    // Without a proxy, whoever comes from the open net is counted by where they come from.
    let direct = Browser::at(&world).await;
    let full = direct.sign_in("me@example.org", TYPED, "203.0.113.7:5000", None).await;
    assert_eq!(full, Status::UnprocessableEntity);
    assert_eq!(direct.sign_in("me@example.org", TYPED, "203.0.113.9:5000", None).await, Status::SeeOther);
}

#[test]
fn every_address_that_is_a_key_is_kept_out_of_the_log() {
    for route in app::routes().iter().map(|route| route.uri.path().to_owned()).filter(|path| path.contains("<token>")) {
        assert!(
            KEYS.iter().any(|key| route.starts_with(&format!("/{key}/"))),
            "web/headers.rs logs the key of {route}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_shows_everybody_else_out() {
    let world = World::bare().await;
    let me = member(&world, "me@example.org").await;
    let [own, other] = [Browser::of(&world, me).await, Browser::of(&world, me).await];
    assert_eq!(own.get("/account/password").await.0, Status::Ok);
    let new = "the+river+runs+low";
    for (old, new, field) in [("wrong", new, "old_password"), (TYPED, "short", "password"), (TYPED, "", "password")] {
        let (status, page) = own.post("/account/password", format!("old_password={old}&password={new}")).await;
        assert_eq!(status, Status::UnprocessableEntity);
        assert!(page.contains(&format!("href=\"#{field}\"")), "{old} {new}");
    }
    assert_eq!(other.get("/account").await.0, Status::Ok);
    let form = format!("old_password={TYPED}&password={new}");
    assert_eq!(own.post("/account/password", form).await.0, Status::SeeOther);
    assert_eq!(own.get("/account").await.0, Status::Ok);
    assert_eq!(other.get("/account").await.0, Status::SeeOther);
    assert!(sessions::sign_in(&world.edges, "me@example.org", PASSWORD, None, "").await.is_err());
    sessions::sign_in(&world.edges, "me@example.org", "the river runs low", None, "").await.unwrap();
    assert_eq!(links(&world, "me@example.org").await, ["/account"]);
    // A browser left open is no place to guess.
    for _ in 0..gate::FAILURES_PER_EMAIL {
        own.post("/account/password", "old_password=wrong&password=another+password".into()).await;
    }
    let (status, page) = own.post("/account/password", format!("old_password={new}&password={TYPED}")).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(page.contains("Too many attempts"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_ends_with_everything_it_opened() {
    let world = World::bare().await;
    let admin = world.person("admin", &[Role::Administrator]).await;
    // Two administrators remain when one leaves.
    world.person("third", &[Role::Administrator]).await;
    let officer = world.person("officer", &[Role::ProgrammeOfficer]).await;
    let leaver = world.person("leaver", &[Role::Administrator, Role::FinanceOfficer]).await;
    let so = world.organisation("SO-1", LegalForm::SocialServiceBody, None).await;
    world.member(leaver, so, MemberRole::Signatory).await;
    let theirs = world.acting(leaver).await.signatory_of(so).unwrap();
    let editor = MemberRole::Editor;
    invitations::invite_member(&theirs, so, "late@example.org", "late", Locale::En, editor).await.unwrap();
    let late = newest_link(&world, "late@example.org").await;

    let by = Browser::of(&world, admin).await;
    let gone = Browser::of(&world, leaver).await;
    let page = format!("/admin/people/{leaver}");
    assert!(by.get(&page).await.1.contains(&format!("{page}/end")));
    assert_eq!(by.get(&format!("{page}/end")).await.0, Status::Ok);
    assert!(!by.get(&format!("/admin/people/{admin}")).await.1.contains(&format!("/admin/people/{admin}/end")));
    let own = by.post(&format!("/admin/people/{admin}/end"), "reason=x".into()).await;
    assert_eq!(own.0, Status::Forbidden);
    assert_eq!(by.post(&format!("{page}/end"), "reason=".into()).await.0, Status::UnprocessableEntity);
    assert_eq!(by.post(&format!("{page}/end"), "reason=left+the+foundation".into()).await.0, Status::SeeOther);

    assert_eq!(gone.get("/account").await.0, Status::SeeOther);
    let acting = world.acting(leaver).await;
    assert!(acting.actor.grants.is_empty() && acting.actor.memberships.is_empty());
    assert_eq!(parts(&world, so, "leaver@example.org").await, [(MemberRole::Signatory, MembershipStage::Ended)]);
    assert_eq!(Browser::at(&world).await.get(&late).await.0, Status::UnprocessableEntity);
    assert!(by.get("/admin/people").await.1.contains(">ended<"));
    let shown = by.get(&page).await.1;
    assert!(shown.contains("left the foundation") && !shown.contains(&format!("{page}/end")));
    assert_eq!(leaving::end(&world.role(admin).await, leaver, "x").await.unwrap_err().code(), "refused-account-ended");
    world.settle().await;
    let letters = world.edges.mail.newest(9).await.unwrap();
    let told = |to: &str| letters.iter().filter(|(_, letter)| letter.to == format!("{to}@example.org")).count();
    assert_eq!((told("leaver"), told("admin"), told("officer")), (1, 1, 1));
    assert!(letters.iter().any(|(_, letter)| letter.text.contains("left the foundation")));
    // The organisation gets a first signatory again.
    let by_officer = world.role::<Officer>(officer).await;
    invitations::invite_first_signatory(&by_officer, so, "new@example.org", "new", Locale::En).await.unwrap();
    let first = newest_link(&world, "new@example.org").await;
    let join = format!("name=new&password={TYPED}");
    assert_eq!(Browser::at(&world).await.post(&first, join).await.0, Status::SeeOther);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_account_opens_no_door() {
    let world = World::bare().await;
    let admin = world.person("admin", &[Role::Administrator]).await;
    let me = member(&world, "me@example.org").await;
    leaving::end(&world.role(admin).await, me, "asked for it").await.unwrap();
    let door = sessions::sign_in(&world.edges, "me@example.org", PASSWORD, None, "").await;
    assert_eq!(door.unwrap_err().code(), "refused-sign-in");
    let by = world.role::<Administrator>(admin).await;
    invitations::invite_person(&by, "me@example.org", "me", Locale::En).await.unwrap();
    let link = newest_link(&world, "me@example.org").await;
    let browser = Browser::at(&world).await;
    assert_eq!(browser.post(&link, format!("password={TYPED}")).await.0, Status::UnprocessableEntity);
}
