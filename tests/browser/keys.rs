//! The same award walked by passkeys: everybody makes one in the browser they use and enters by it, the grantee at a telephone, the
//! foundation at a desk; and the payee account is changed while a payment is under way.

use super::closing::{Room, ends};
use super::driver::{Browser, NARROW, WIDE, is_here, launch};
use crate::books::ground::number;
use crate::rooms::grant::Grant;
use crate::support::served::free_port;
use crate::support::{PASSWORD, World};
use entities::kinds::{PayeeStage, PersonId, TrancheStage};
use entities::{passkey, person};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tributary::app;
use tributary::config::Config;
use tributary::edges::clock::Clock;
use tributary::edges::dice::Dice;
use tributary::grants::tranches::service as tranches;
use tributary::people::{codes, factors, payees};

impl Room {
    /// The same room, entered by passkeys. Answers the house too, whose folder the room needs.
    async fn keyed() -> (Self, World) {
        let house = World::bare().await;
        let port = free_port();
        let base = format!("http://localhost:{port}");
        let config = Config { base_url: base.clone(), ..house.edges.config.clone() };
        let clock = Clock::frozen_at(house.edges.clock.now());
        let edges = app::open(config, clock, Dice::seeded(43)).await.unwrap();
        tributary::web::page::remember_foundation(&edges).await.unwrap();
        let grant = Grant::offered_in(World::around(edges.clone())).await;
        launch(&edges, port).await;
        let (phone, desk) = (Browser::at(NARROW).await.unwrap(), Browser::at(WIDE).await.unwrap());
        for browser in [&phone, &desk] {
            browser.devtools("WebAuthn.enable", json!({})).await;
            let kind = json!({ "options": { "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
                "hasUserVerification": true, "isUserVerified": true, "automaticPresenceSimulation": true } });
            browser.devtools("WebAuthn.addVirtualAuthenticator", kind).await;
        }
        let files = tempfile::tempdir().unwrap();
        let mut room = Self { grant, base, phone, desk, sessions: BTreeMap::new(), files, pace: 0 };
        let grant = &room.grant;
        let there = [grant.signatory, grant.editor];
        let here =
            [grant.administrator, grant.officer, grant.finance, grant.finance_b, grant.approver, grant.approver_b];
        let everybody: Vec<(PersonId, bool)> = there
            .map(|who| (who, true))
            .into_iter()
            .chain(here.into_iter().chain([grant.evaluator]).map(|who| (who, false)))
            .collect();
        for (who, narrow) in everybody {
            let browser = if narrow { &room.phone } else { &room.desk };
            let token = enters(&room, browser, who).await;
            room.sessions.insert(who, token);
        }
        (room, house)
    }
}

/// Days later nobody is signed in any more: everybody comes in again.
async fn come_in_again(room: &mut Room) {
    let grant = &room.grant;
    for who in room.sessions.keys().copied().collect::<Vec<_>>() {
        let row = person::Entity::find_by_id(who).one(grant.world.edges.db.read()).await.unwrap().unwrap();
        let browser = if [grant.signatory, grant.editor].contains(&who) { &room.phone } else { &room.desk };
        let token = comes_in(room, browser, &row.email).await;
        room.sessions.insert(who, token);
    }
}

/// Signs in by the password, as far as it leads.
async fn signs_in(room: &Room, browser: &Browser, email: &str) {
    browser.open_page(&room.base, "/up").await;
    browser.driver.delete_all_cookies().await.unwrap();
    browser.open_page(&room.base, "/sign-in").await;
    browser.fill("email", email).await;
    browser.fill("password", PASSWORD).await;
    browser.press("main button[type=submit]").await;
}

/// Makes an authenticator and a passkey, leaves, and enters by password and passkey. Answers the token of the session.
async fn enters(room: &Room, browser: &Browser, who: PersonId) -> String {
    let edges = &room.grant.world.edges;
    let row = person::Entity::find_by_id(who).one(edges.db.read()).await.unwrap().unwrap();
    signs_in(room, browser, &row.email).await;
    browser.arrives(|path| path == "/desk").await;
    browser.open_page(&room.base, "/account/second-factor/begin").await;
    browser.fill("proof_password", PASSWORD).await;
    browser.press("main button[type=submit]").await;
    browser.arrives(|path| path == "/account/second-factor/confirm").await;
    browser.fill("code", &factors::first_code(edges, who).await.unwrap()).await;
    browser.press("main button[type=submit]").await;
    browser.arrives(|path| path == "/account/second-factor/codes").await;
    // A code counts once.
    room.later(31);
    browser.open_page(&room.base, "/account/passkeys/begin").await;
    browser.fill("proof_code", &codes::shown_now(edges, who).await.unwrap()).await;
    browser.fill("proof_password", PASSWORD).await;
    browser.press("main button[type=submit]").await;
    browser.arrives(|path| path == "/account/passkeys/make").await;
    browser.fill("name", &format!("key of {}", row.name)).await;
    browser.press("main button[type=submit]").await;
    browser.arrives(|path| path == "/account/second-factor").await;
    comes_in(room, browser, &row.email).await
}

/// Enters by password and passkey. Answers the token of the session.
async fn comes_in(room: &Room, browser: &Browser, email: &str) -> String {
    signs_in(room, browser, email).await;
    browser.arrives(|path| path == "/sign-in/code").await;
    comes(browser, "const p = document.querySelector('[data-passkey-for]'); return p !== null && p.hidden === false")
        .await;
    browser.press("[data-passkey-for] button").await;
    browser.arrives(|path| path == "/desk").await;
    let cookies = browser.driver.get_all_cookies().await.unwrap();
    cookies.into_iter().find(|cookie| cookie.name == "tributary_session").unwrap().value
}

/// Waits until a script answers yes.
async fn comes(browser: &Browser, script: &str) {
    let until = Instant::now() + Duration::from_secs(20);
    while browser.ask(script).await.as_bool() != Some(true) {
        assert!(Instant::now() < until, "never: {script}; {:?}", browser.complaints().await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What the page of a tranche says at the telephone.
async fn told(room: &Room, id: entities::kinds::TrancheId) -> String {
    room.phone.be(&room.base, Some(&room.sessions[&room.grant.signatory]), "zh-CN").await;
    room.phone.open_page(&room.base, &format!("/tranches/{id}")).await;
    super::closing::looks(&room.phone, "payee-change").await;
    let text = room.phone.ask("return document.querySelector('main').innerText").await;
    text.as_str().unwrap_or_default().to_owned()
}

/// The first tranche goes as far as its last approval when the signatory enters another account.
async fn changes_the_account(room: &mut Room) {
    let grant = &room.grant;
    let world = &grant.world;
    let db = world.edges.db.read();
    let (organisation, id) = (grant.organisation, grant.tranche(1).await.id);
    let at = |act: &str| format!("/tranches/{id}/{act}");
    room.there(grant.signatory, &at("request"), &[], &[]).await;
    room.here(grant.officer, &at("approve-programme"), &[]).await;
    room.here(grant.finance, &at("prepare"), &[]).await;
    room.here(grant.approver, &at("approve"), &[]).await;
    assert_eq!(
        number(db_of(room), "select count(*) from payment where outcome is null and approved_by is not null").await,
        1
    );
    let fields =
        [("holder", "SO-1"), ("bank_name", "另一家银行"), ("account_number", "6222000000009907"), ("currency", "CNY")];
    room.there(grant.signatory, &format!("/organisations/{organisation}/payee"), &fields, &[]).await;
    // The payment stopped and its approvals fell; everybody of the organisation was written to.
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Due);
    assert!(tranches::open_payment(db, id).await.unwrap().is_none());
    world.settle().await;
    let letters = world.edges.mail.newest(1_000).await.unwrap();
    for contact in ["signatory-so-1", "editor-so-1"] {
        let mine = letters.iter().filter(|(_, letter)| letter.to.starts_with(contact));
        assert!(mine.clone().any(|(_, letter)| letter.text.contains("/payee-stops/")), "{contact} was told");
        assert!(mine.clone().any(|(_, letter)| letter.text.contains("9907")), "{contact} reads which");
    }
    assert!(told(room, id).await.contains('3'), "the page says for how many days it cools");
    let account = payees::list(db, organisation).await.unwrap()[0].id;
    let step = |act: &str| format!("/organisations/{organisation}/payees/{account}/{act}");
    room.here(grant.finance_b, &step("verify"), &[("evidence", "called back")]).await;
    room.here(grant.approver_b, &step("approve"), &[]).await;
    let from = payees::of(db, organisation, account).await.unwrap().usable_from.unwrap();
    let (page, local) = (told(room, id).await, from.with_timezone(&chrono_tz::Asia::Shanghai));
    for part in [local.format("%H:%M").to_string(), local.format("%-d").to_string()] {
        assert!(page.contains(&part), "when it goes on: {part} in {page}");
    }
    // The clock shows when it goes on: not a minute before.
    world.at(from - chrono::Duration::minutes(1)).await;
    come_in_again(room).await;
    let grant = &room.grant;
    let (world, db) = (&grant.world, grant.world.edges.db.read());
    room.phone.be(&room.base, Some(&room.sessions[&grant.signatory]), "zh-CN").await;
    room.phone.open_page(&room.base, &at("request")).await;
    let asks =
        "return document.querySelector('main form button') !== null && document.querySelector('.notice') === null";
    if room.phone.ask(asks).await.as_bool() == Some(true) {
        room.phone.press("main form button[type=submit], main form button:not([type])").await;
        room.phone.sees("main").await;
    }
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Due, "still cooling");
    world.at(from).await;
    assert_eq!(payees::of(db, organisation, account).await.unwrap().stage, PayeeStage::Usable);
}

fn db_of(room: &Room) -> &World {
    &room.grant.world
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_by_passkeys_with_the_payee_account_changed_under_way() {
    if !is_here() {
        return;
    }
    let (mut room, house) = Room::keyed().await;
    // What was proved at the door or at the act before counts no more: each act asks for its own.
    room.pace = 700;
    let grant = &room.grant;
    assert_eq!(passkey::Entity::find().count(house.edges.db.read()).await.unwrap(), 9);
    let award = grant.award;
    let at = move |act: &str| format!("/awards/{award}/{act}");
    room.there(grant.signatory, &at("accept"), &[], &[]).await;
    room.there(grant.signatory, &at("sign"), &[("typed_name", "signatory-so-1")], &[]).await;
    room.here(grant.administrator, &at("countersign"), &[]).await;
    changes_the_account(&mut room).await;
    room.pays(1).await;
    ends(&room, at).await;
    // Every proof since the door was a passkey: no code of an authenticator was ever typed again.
    let used = number(&house, "select count(*) from passkey where used_at is not null").await;
    assert!(used >= 8, "{used}");
    for browser in [&room.phone, &room.desk] {
        let told: Vec<String> =
            browser.complaints().await.into_iter().filter(|told| told.contains("Content Security")).collect();
        assert_eq!(told, Vec::<String>::new());
    }
}
