//! A passkey in a browser: made with a name, opens the second door, and proves a decision; the authenticator is Chromium's own.

use super::driver::{Browser, NARROW, is_here, launch};
use crate::support::served::free_port;
use crate::support::{PASSWORD, World};
use entities::kinds::Role;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;
use std::time::{Duration, Instant};
use tributary::app;
use tributary::config::Config;
use tributary::edges::clock::Clock;
use tributary::edges::dice::Dice;
use tributary::people::{codes, factors};

/// Waits until a script answers yes.
async fn comes(browser: &Browser, script: &str) {
    let until = Instant::now() + Duration::from_secs(20);
    while browser.ask(script).await.as_bool() != Some(true) {
        assert!(Instant::now() < until, "never: {script}; {:?}", browser.complaints().await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_made_opens_the_second_door_and_proves_a_decision() {
    if !is_here() {
        return;
    }
    let world = World::bare().await;
    let admin = world.person("admin", &[Role::Administrator]).await;
    let other = world.person("other", &[]).await;
    let port = free_port();
    let base = format!("http://localhost:{port}");
    let config = Config { base_url: base.clone(), ..world.edges.config.clone() };
    let edges = app::open(config, Clock::frozen_at(world.edges.clock.now()), Dice::seeded(41)).await.unwrap();
    launch(&edges, port).await;

    let browser = Browser::at(NARROW).await.unwrap();
    browser.devtools("WebAuthn.enable", json!({})).await;
    let kind = json!({ "options": { "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
        "hasUserVerification": true, "isUserVerified": true, "automaticPresenceSimulation": true } });
    browser.devtools("WebAuthn.addVirtualAuthenticator", kind).await;

    let sign_in = async |browser: &Browser| {
        browser.open_page(&base, "/sign-in").await;
        browser.fill("email", "admin@example.org").await;
        browser.fill("password", PASSWORD).await;
        browser.press("main button[type=submit]").await;
    };
    sign_in(&browser).await;
    browser.arrives(|path| path == "/desk").await;
    browser.open_page(&base, "/account/second-factor/begin").await;
    browser.fill("proof_password", PASSWORD).await;
    browser.press("main button[type=submit]").await;
    browser.arrives(|path| path == "/account/second-factor/confirm").await;
    browser.fill("code", &factors::first_code(&edges, admin).await.unwrap()).await;
    browser.press("main button[type=submit]").await;
    browser.arrives(|path| path == "/account/second-factor/codes").await;

    let later = |seconds: i64| edges.clock.set(edges.clock.now() + chrono::Duration::seconds(seconds));
    later(31);
    browser.open_page(&base, "/account/passkeys/begin").await;
    browser.fill("proof_code", &codes::shown_now(&edges, admin).await.unwrap()).await;
    browser.fill("proof_password", PASSWORD).await;
    browser.press("main button[type=submit]").await;
    browser.arrives(|path| path == "/account/passkeys/make").await;
    browser.fill("name", "Telephone").await;
    browser.press("main button[type=submit]").await;
    browser.arrives(|path| path == "/account/second-factor").await;
    assert_eq!(entities::passkey::Entity::find().count(edges.db.read()).await.unwrap(), 1);

    browser.driver.delete_all_cookies().await.unwrap();
    sign_in(&browser).await;
    browser.arrives(|path| path == "/sign-in/code").await;
    comes(&browser, "return document.querySelector('[data-passkey-for]').hidden === false").await;
    browser.press("[data-passkey-for] button").await;
    browser.arrives(|path| path == "/desk").await;

    later(1_000);
    browser.open_page(&base, "/admin/roles/new").await;
    let choose = format!(
        "document.querySelector('[name=person]').value = '{other}'; document.querySelector('[name=role]').value = 'reviewer'; document.querySelector('[name=scope]').value = 'foundation'; return true"
    );
    browser.ask(&choose).await;
    if !browser.is_there("[data-passkey-for]").await {
        browser.press("main button[type=submit]").await;
        browser.sees("[data-passkey-for]").await;
    }
    browser.press("[data-passkey-for] button").await;
    browser.arrives(|path| path.starts_with("/admin/roles/") && path != "/admin/roles/new").await;
    let refused: Vec<String> =
        browser.complaints().await.into_iter().filter(|told| told.contains("Content Security")).collect();
    assert_eq!(refused, Vec::<String>::new(), "the policy lets the script run, and nothing else is asked of it");
}
