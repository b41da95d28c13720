//! Passkeys: an answer counts once, here, now, for its person and for this house; nothing of it stands in for the authenticator.

use crate::support::{PASSWORD, World, both};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chrono::Duration;
use entities::kinds::{PersonId, Role};
use entities::{passkey, session};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use rocket::http::{ContentType, Status};
use rocket::local::asynchronous::Client;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tributary::app;
use tributary::config::Config;
use tributary::edges::Edges;
use tributary::edges::clock::Clock;
use tributary::edges::dice::Dice;
use tributary::people::{codes, factors};

const HOUSE: &str = "https://grants.example.org";

/// An authenticator of the tests' own: one key, a counter, and whatever it is told to lie about.
struct Authenticator {
    key: EcdsaKeyPair,
    id: [u8; 16],
    counter: u32,
    origin: &'static str,
    verified: bool,
}

impl Authenticator {
    fn new(seed: u8) -> Self {
        let random = SystemRandom::new();
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, made.as_ref(), &random).unwrap();
        Self { key, id: [seed; 16], counter: 1, origin: HOUSE, verified: true }
    }

    fn said(&self, kind: &str, challenge: &str) -> String {
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false }).to_string()
    }

    fn data(&self, more: u8) -> Vec<u8> {
        let mut data = Sha256::digest(b"grants.example.org").to_vec();
        data.push(0x01 | if self.verified { 0x04 } else { 0 } | more);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn makes(&self, told: &Value) -> String {
        let said = self.said("webauthn.create", told["publicKey"]["challenge"].as_str().unwrap());
        let mut data = self.data(0x40);
        data.extend([0; 16]);
        data.extend(16_u16.to_be_bytes());
        data.extend(self.id);
        // COSE: EC2, ES256, P-256, x, y.
        let point = &self.key.public_key().as_ref()[1..];
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(&point[..32]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point[32..]);
        let mut attestation = vec![0xa3, 0x63];
        attestation.extend(b"fmt");
        attestation.push(0x64);
        attestation.extend(b"none");
        attestation.push(0x67);
        attestation.extend(b"attStmt");
        attestation.extend([0xa0, 0x68]);
        attestation.extend(b"authData");
        attestation.extend([0x58, u8::try_from(data.len()).unwrap()]);
        attestation.extend(data);
        let response =
            json!({ "attestationObject": BASE64.encode(attestation), "clientDataJSON": BASE64.encode(said) });
        self.told(&response)
    }

    /// Answers a challenge; counts on by one.
    fn proves(&mut self, told: &Value) -> String {
        self.counter += 1;
        let said = self.said("webauthn.get", told["publicKey"]["challenge"].as_str().unwrap());
        let data = self.data(0);
        let mut signed = data.clone();
        signed.extend(Sha256::digest(said.as_bytes()));
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        let response = json!({
            "authenticatorData": BASE64.encode(data),
            "clientDataJSON": BASE64.encode(said),
            "signature": BASE64.encode(signature.as_ref()),
            "userHandle": null,
        });
        self.told(&response)
    }

    fn told(&self, response: &Value) -> String {
        let id = BASE64.encode(self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "extensions": {}, "response": response }).to_string()
    }
}

/// The house behind a name, as passkeys want it.
async fn named(world: &World) -> Arc<Edges> {
    let own = &world.edges.config;
    let config = Config { base_url: HOUSE.into(), ..own.clone() };
    let clock = Clock::frozen_at(world.edges.clock.now());
    app::open(config, clock, Dice::seeded(77)).await.unwrap()
}

/// A browser of one person.
struct Browser {
    client: Client,
    edges: Arc<Edges>,
}

impl Browser {
    async fn at(edges: &Arc<Edges>) -> Self {
        Self { client: Client::tracked(app::server(edges.clone())).await.unwrap(), edges: edges.clone() }
    }

    /// Signed in by the password; halfway where there is a second factor.
    async fn of(edges: &Arc<Edges>, name: &str) -> Self {
        let browser = Self::at(edges).await;
        let email = format!("{name}@example.org");
        let door = browser.post("/sign-in", &[("email", &email), ("password", PASSWORD), ("back", "/desk")]).await;
        assert_eq!(door.0, Status::SeeOther);
        browser
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> (Status, String) {
        let coded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", coded(value))).collect();
        let answer = self.client.post(path.to_owned()).header(ContentType::Form).body(body.join("&")).dispatch().await;
        let place = answer.headers().get_one("location").map(str::to_owned);
        (answer.status(), place.unwrap_or(answer.into_string().await.unwrap_or_default()))
    }

    async fn get(&self, path: &str) -> (Status, String, String) {
        let answer = self.client.get(path.to_owned()).dispatch().await;
        let policy = answer.headers().get_one("content-security-policy").unwrap_or_default().to_owned();
        (answer.status(), policy, answer.into_string().await.unwrap_or_default())
    }

    async fn asked(&self) -> Value {
        let (status, told) = self.post("/account/passkeys/challenge", &[("for", "proof")]).await;
        assert_eq!(status, Status::Ok, "{told}");
        serde_json::from_str(&told).unwrap()
    }

    /// An authenticator and then a passkey.
    async fn registers(&self, person: PersonId, key: &Authenticator) -> (Status, String) {
        if !codes::is_set(self.edges.db.read(), person).await.unwrap() {
            self.post("/account/second-factor/begin", &[("proof_password", PASSWORD)]).await;
            let code = factors::first_code(&self.edges, person).await.unwrap();
            self.post("/account/second-factor/confirm", &[("code", &code)]).await;
        }
        self.later(31);
        let code = codes::shown_now(&self.edges, person).await.unwrap();
        let begun = self.post("/account/passkeys/begin", &[("proof_password", PASSWORD), ("proof_code", &code)]).await;
        assert_eq!(begun, (Status::SeeOther, "/account/passkeys/make".into()));
        let (_, policy, page) = self.get("/account/passkeys/make").await;
        assert!(policy.contains("script-src 'self'") && page.contains("passkey.js"));
        let told = page.split("data-passkey-make=\"").nth(1).unwrap().split('"').next().unwrap();
        let told = told.replace("&quot;", "\"").replace("&#x2F;", "/").replace("&#x27;", "'").replace("&amp;", "&");
        let answer = key.makes(&serde_json::from_str(&told).unwrap_or_else(|_| panic!("{told}")));
        self.post("/account/passkeys/make", &[("name", "Telephone"), ("credential", &answer)]).await
    }

    fn later(&self, seconds: i64) {
        self.edges.clock.set(self.edges.clock.now() + Duration::seconds(seconds));
    }
}

const MADE: &str = "/account/second-factor";

both! {
async fn a_passkey_opens_the_second_door_and_proves_a_decision(world: World) {
    let edges = &named(&world).await;
    let admin = world.person("admin", &[Role::Administrator]).await;
    let other = world.person("other", &[]).await;
    let mut key = Authenticator::new(1);
    let first = Browser::of(edges, "admin").await;
    assert_eq!(first.registers(admin, &key).await, (Status::SeeOther, MADE.into()));

    let browser = Browser::of(edges, "admin").await;
    let (_, policy, page) = browser.get("/sign-in/code").await;
    assert!(page.contains("data-passkey-for=\"code\"") && policy.contains("script-src 'self'"));
    assert_ne!(browser.get("/desk").await.0, Status::Ok, "halfway is not in");
    let answer = key.proves(&browser.asked().await);
    let done = browser.post("/sign-in/code", &[("code", &answer), ("back", "/desk")]).await;
    assert_eq!(done, (Status::SeeOther, "/desk".into()));
    assert_eq!(browser.get("/desk").await.0, Status::Ok);

    // After the window a decision asks again, and the page offers the passkey beside the code.
    browser.later(1_000);
    let page = browser.get("/admin/roles/new").await.2;
    let fields = [("person", other.0.to_string()), ("role", "reviewer".into()), ("scope", "foundation".into())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let (status, shown) = browser.post("/admin/roles", &fields).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(shown.contains("data-passkey-for=\"proof_code\"") || page.contains("data-passkey-for=\"proof_code\""));
    let answer = key.proves(&browser.asked().await);
    let proved: Vec<(&str, &str)> = fields.iter().copied().chain([("proof_code", answer.as_str())]).collect();
    assert_eq!(browser.post("/admin/roles", &proved).await.0, Status::SeeOther);
    let row = passkey::Entity::find().one(edges.db.read()).await.unwrap().unwrap();
    assert_eq!((row.counter, row.used_at.is_some()), (3, true));
}

async fn an_answer_counts_once_here_and_now(world: World) {
    let edges = &named(&world).await;
    let person = world.person("person", &[]).await;
    let stranger = world.person("stranger", &[]).await;
    let (mut key, mut theirs) = (Authenticator::new(1), Authenticator::new(2));
    Browser::of(edges, "person").await.registers(person, &key).await;
    Browser::of(edges, "stranger").await.registers(stranger, &theirs).await;
    let tried = async |browser: &Browser, answer: &str| {
        browser.post("/sign-in/code", &[("code", answer), ("back", "/desk")]).await.0
    };
    let refused = Status::UnprocessableEntity;
    let browser = Browser::of(edges, "person").await;
    // Nothing asked, another's key, another's challenge, another house, nobody looked, an hour late, a copy that counts back.
    let asked = browser.asked().await;
    assert_eq!(tried(&browser, &theirs.proves(&asked)).await, refused, "another person's passkey");
    let elsewhere = Browser::of(edges, "person").await;
    assert_eq!(tried(&elsewhere, &key.proves(&asked)).await, refused, "another browser's challenge");
    key.origin = "https://grants.example.org.evil.example";
    assert_eq!(tried(&browser, &key.proves(&browser.asked().await)).await, refused, "another origin");
    (key.origin, key.verified) = (HOUSE, false);
    assert_eq!(tried(&browser, &key.proves(&browser.asked().await)).await, refused, "nobody was verified");
    key.verified = true;
    let late = browser.asked().await;
    browser.later(301);
    assert_eq!(tried(&browser, &key.proves(&late)).await, refused, "late");
    for junk in ["{}", "{", "{\"id\":1}", &format!("{{{}", "x".repeat(5_000))] {
        browser.asked().await;
        assert_eq!(tried(&browser, junk).await, refused, "{junk:.20}");
    }
    let browser = Browser::of(edges, "person").await;
    let answer = key.proves(&browser.asked().await);
    assert_eq!(tried(&browser, &answer).await, Status::SeeOther);
    // Replayed at another door: it answers nothing that was asked there.
    let again = Browser::of(edges, "person").await;
    again.asked().await;
    assert_eq!(tried(&again, &answer).await, refused, "replayed");
    key.counter -= 3;
    assert_eq!(tried(&again, &key.proves(&again.asked().await)).await, refused, "counts back: a copy");
    key.counter += 9;
    assert_eq!(tried(&again, &key.proves(&again.asked().await)).await, Status::SeeOther);
    assert_eq!(Browser::at(edges).await.post("/account/passkeys/challenge", &[("for", "x")]).await.0, Status::NotFound);
}

async fn two_who_bring_one_answer_are_one(world: World) {
    let edges = &named(&world).await;
    let person = world.person("person", &[]).await;
    let mut key = Authenticator::new(1);
    Browser::of(edges, "person").await.registers(person, &key).await;
    let browser = Browser::of(edges, "person").await;
    let answer = key.proves(&browser.asked().await);
    let token = browser.client.cookies().get("__Host-tributary_session").or(browser.client.cookies().get("tributary_session")).unwrap().value().to_owned();
    let by = world.acting(person).await;
    let by = tributary::people::permission::Context { edges: edges.clone(), ..by };
    let anyone = by.anyone();
    let (one, two) = tokio::join!(factors::finish(&anyone, &token, &answer, None), factors::finish(&anyone, &token, &answer, None));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
}

async fn it_is_made_named_and_removed_by_its_person_alone(world: World) {
    let edges = &named(&world).await;
    let person = world.person("person", &[]).await;
    world.person("stranger", &[]).await;
    let browser = Browser::of(edges, "person").await;
    let bare = browser.post("/account/passkeys/begin", &[("proof_password", PASSWORD)]).await;
    assert_eq!(bare.0, Status::UnprocessableEntity, "the authenticator comes first");
    let key = Authenticator::new(1);
    assert_eq!(browser.registers(person, &key).await, (Status::SeeOther, MADE.into()));
    assert_eq!(browser.registers(person, &key).await.0, Status::UnprocessableEntity, "the same twice");
    let mut foreign = Authenticator::new(3);
    foreign.origin = "https://evil.example";
    assert_eq!(browser.registers(person, &foreign).await.0, Status::UnprocessableEntity);
    let id = passkey::Entity::find().one(edges.db.read()).await.unwrap().unwrap().id;
    let base = format!("/account/passkeys/{id}");
    let thief = Browser::of(edges, "stranger").await;
    assert_eq!(thief.post(&format!("{base}/rename"), &[("name", "mine")]).await.0, Status::NotFound);
    assert_eq!(thief.post(&format!("{base}/remove"), &[("proof_password", PASSWORD)]).await.0, Status::NotFound);
    assert_eq!(browser.post(&format!("{base}/rename"), &[("name", "Key")]).await.0, Status::SeeOther);
    assert!(browser.get(MADE).await.2.contains("Key"));
    assert_eq!(browser.post(&format!("{base}/remove"), &[("proof_password", PASSWORD)]).await.0, Status::UnprocessableEntity);
    browser.later(31);
    let code = codes::shown_now(edges, person).await.unwrap();
    let gone = browser.post(&format!("{base}/remove"), &[("proof_password", PASSWORD), ("proof_code", &code)]).await;
    assert_eq!(gone.0, Status::SeeOther);
    assert_eq!(tributary::people::accounts::load(edges.db.read(), person).await.unwrap().passkeys, 0);
    // Neither the answer nor the challenge stays in the session.
    let row = session::Entity::find().filter(session::Column::PersonId.eq(person)).all(edges.db.read()).await.unwrap();
    assert!(row.iter().all(|row| row.challenge_mark == 0 || row.ended_at.is_none()));
}

async fn where_the_house_has_no_name_there_is_none(world: World) {
    world.person("person", &[]).await;
    let browser = Browser { client: Client::tracked(app::server(world.edges.clone())).await.unwrap(), edges: world.edges.clone() };
    let email = "person@example.org";
    browser.post("/sign-in", &[("email", email), ("password", PASSWORD), ("back", "/desk")]).await;
    assert!(!browser.get(MADE).await.2.contains("/account/passkeys/begin"));
    assert_eq!(browser.post("/account/passkeys/begin", &[("proof_password", PASSWORD)]).await.0, Status::NotFound);
}
}
