//! The second factor: without it nobody with power acts, a payment asks for both, a code counts once, and no way around it.

use super::grant::Grant;
use crate::books::ground::rows;
use crate::support::{PASSWORD, World, both};
use chrono::Duration;
use entities::kinds::{PersonId, Role, TrancheStage};
use entities::second_factor;
use rocket::http::{ContentType, Header, Status};
use rocket::local::asynchronous::Client;
use sea_orm::{ActiveValue::Set, EntityTrait};
use tributary::app;
use tributary::edges::Edges;
use tributary::grants::tranches::approvals;
use tributary::people::permission::Administrator;
use tributary::people::{codes, factors, gate};

/// A browser that keeps its cookies.
struct Browser(Client);

impl Browser {
    async fn at(world: &World) -> Self {
        Self(Client::tracked(app::server(world.edges.clone())).await.unwrap())
    }

    /// Signed in by the password alone.
    async fn of(world: &World, email: &str) -> Self {
        let browser = Self::at(world).await;
        let door = browser.post("/sign-in", &[("email", email), ("password", PASSWORD), ("back", "/desk")]).await;
        assert_eq!(door.0, Status::SeeOther);
        browser
    }

    async fn get(&self, path: &str) -> (Status, String) {
        let answer = self.0.get(path.to_owned()).dispatch().await;
        (answer.status(), answer.into_string().await.unwrap_or_default())
    }

    /// Posts; answers the status and where it leads, or the page.
    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> (Status, String) {
        let coded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", coded(value))).collect();
        let request = self.0.post(path.to_owned()).header(ContentType::Form).body(body.join("&"));
        let answer = request.header(Header::new("sec-fetch-site", "same-origin")).dispatch().await;
        let place = answer.headers().get_one("location").map(str::to_owned);
        (answer.status(), place.unwrap_or(answer.into_string().await.unwrap_or_default()))
    }

    /// Sets up a second factor; answers the recovery codes.
    async fn sets_up(&self, world: &World, person: PersonId) -> Vec<String> {
        let begun = self.post("/account/second-factor/begin", &[("proof_password", PASSWORD)]).await;
        assert_eq!(begun, (Status::SeeOther, "/account/second-factor/confirm".into()));
        let page = self.get("/account/second-factor/confirm").await.1;
        assert!(page.contains("otpauth://totp/") && page.contains("<svg"), "{page}");
        let code = factors::first_code(&world.edges, person).await.unwrap();
        let done = self.post("/account/second-factor/confirm", &[("code", &code)]).await;
        assert_eq!(done, (Status::SeeOther, "/account/second-factor/codes".into()));
        let page = self.get("/account/second-factor/codes").await.1;
        let words = page.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        let code = |word: &&str| word.len() == 11 && word.find('-') == Some(5) && *word != "theme-color";
        words.filter(code).map(str::to_owned).collect()
    }
}

/// What the authenticator shows at the next half minute.
async fn next_code(world: &World, person: PersonId) -> String {
    let now = world.edges.clock.now() + Duration::seconds(30);
    world.edges.clock.set(now);
    shown(&world.edges, person).await
}

async fn shown(edges: &Edges, person: PersonId) -> String {
    codes::shown_now(edges, person).await.unwrap()
}

both! {
    async fn nobody_with_power_acts_by_a_password_alone(world: World) {
        let admin = world.person("admin", &[Role::Administrator]).await;
        let browser = Browser::of(&world, "admin@example.org").await;
        assert!(browser.get("/desk").await.1.contains("/account/second-factor"), "the desk says what is missing");
        let invite = [("email", "new@example.org"), ("name", "new"), ("locale", "en")];
        assert_eq!(browser.post("/admin/people/invite", &invite).await.0, Status::Forbidden);
        assert!(rows(&world, "select 1 from invitation where email = 'new@example.org'").await.is_empty());
        let wrong = browser.post("/account/second-factor/begin", &[("proof_password", "wrong")]).await;
        assert_eq!(wrong.0, Status::UnprocessableEntity);
        let nothing = browser.post("/account/second-factor/begin", &[]).await;
        assert!(nothing.0 == Status::UnprocessableEntity && nothing.1.contains("proof_password"));
        let codes = browser.sets_up(&world, admin).await;
        assert_eq!(codes.len(), 10, "{codes:?}");
        assert_eq!(browser.post("/admin/people/invite", &invite).await.0, Status::SeeOther);
        assert!(!browser.get("/desk").await.1.contains("/account/second-factor\""));
        world.settle().await;
    }

    async fn a_password_opens_half_the_door(world: World) {
        let me = world.person("me", &[]).await;
        Browser::of(&world, "me@example.org").await.sets_up(&world, me).await;
        let browser = Browser::at(&world).await;
        let sign_in = [("email", "me@example.org"), ("password", PASSWORD), ("back", "/account")];
        assert_eq!(browser.post("/sign-in", &sign_in).await.1, "/sign-in/code?back=/account");
        assert_eq!(browser.get("/account").await.0, Status::SeeOther, "halfway is nobody");
        assert_eq!(browser.post("/account/change", &[("name", "x"), ("locale", "en")]).await.1, "/sign-in?back=/account/change");
        let used = shown(&world.edges, me).await;
        assert_eq!(browser.post("/sign-in/code", &[("code", &used)]).await.0, Status::UnprocessableEntity, "it set it up");
        let halfway = browser.0.cookies().get("tributary_session").unwrap().value().to_owned();
        let code = next_code(&world, me).await;
        let done = browser.post("/sign-in/code", &[("code", &code), ("back", "/account")]).await;
        assert_eq!(done, (Status::SeeOther, "/account".into()));
        assert_eq!(browser.get("/account").await.0, Status::Ok);
        let whole = browser.0.cookies().get("tributary_session").unwrap().value().to_owned();
        assert_ne!(halfway, whole, "who held the half holds nothing");
        // The same code opens no second browser, and a browser that stood too long begins again.
        let other = Browser::of(&world, "me@example.org").await;
        assert_eq!(other.post("/sign-in/code", &[("code", &code)]).await.0, Status::UnprocessableEntity);
        world.edges.clock.set(world.edges.clock.now() + tributary::people::sessions::HALFWAY);
        let late = shown(&world.edges, me).await;
        assert!(other.post("/sign-in/code", &[("code", &late)]).await.0 == Status::UnprocessableEntity);
        assert_eq!(other.get("/account").await.0, Status::SeeOther);
        world.settle().await;
    }

    async fn codes_are_not_guessed(world: World) {
        let me = world.person("me", &[]).await;
        Browser::of(&world, "me@example.org").await.sets_up(&world, me).await;
        let browser = Browser::of(&world, "me@example.org").await;
        for n in 0..gate::FAILURES_PER_EMAIL {
            let guess = format!("{n:06}");
            assert_eq!(browser.post("/sign-in/code", &[("code", &guess)]).await.0, Status::UnprocessableEntity);
        }
        let code = next_code(&world, me).await;
        assert_eq!(browser.post("/sign-in/code", &[("code", &code)]).await.0, Status::UnprocessableEntity);
        assert_eq!(browser.get("/account").await.0, Status::SeeOther);
        world.settle().await;
    }

    async fn a_recovery_code_opens_once(world: World) {
        let me = world.person("me", &[]).await;
        let codes = Browser::of(&world, "me@example.org").await.sets_up(&world, me).await;
        let typed = codes[3].to_uppercase().replace('-', " ");
        let browser = Browser::of(&world, "me@example.org").await;
        assert_eq!(browser.post("/sign-in/code", &[("code", &typed)]).await.0, Status::SeeOther);
        let other = Browser::of(&world, "me@example.org").await;
        assert_eq!(other.post("/sign-in/code", &[("code", &typed)]).await.0, Status::UnprocessableEntity);
        world.settle().await;
        let letters = world.edges.mail.newest(10).await.unwrap();
        assert!(letters.iter().any(|(_, letter)| letter.subject.contains("recovery code")), "{letters:?}");
        // A new set voids the old one, and after a while nobody reads either.
        assert_eq!(browser.post("/account/second-factor/new-codes", &[]).await.0, Status::SeeOther);
        assert_eq!(browser.get("/account/second-factor/codes").await.0, Status::Ok);
        assert_eq!(other.post("/sign-in/code", &[("code", &codes[4])]).await.0, Status::UnprocessableEntity);
        world.edges.clock.set(world.edges.clock.now() + factors::SHOWN);
        assert_eq!(browser.get("/account/second-factor/codes").await.0, Status::NotFound);
    }

    async fn a_payment_asks_each_person_for_both(world: World) {
        let grant = Grant::active_in(world).await;
        let world = &grant.world;
        let (finance, id) = (grant.finance, grant.tranche(1).await.id);
        let browser = Browser::of(world, "finance-a@example.org").await;
        browser.sets_up(world, finance).await;
        approvals::request(&grant.signs().await, id, None).await.unwrap();
        approvals::approve_programme(&grant.officer().await, id).await.unwrap();
        world.edges.clock.set(world.edges.clock.now() + Duration::minutes(11));
        let path = format!("/tranches/{id}/prepare");
        let seen = grant.tranche(1).await.version.to_string();
        let prepare = |proof: Vec<(&'static str, String)>| {
            let (browser, path, seen) = (&browser, path.clone(), seen.clone());
            async move {
                let mut fields = vec![("seen", seen.as_str())];
                fields.extend(proof.iter().map(|(name, value)| (*name, value.as_str())));
                browser.post(&path, &fields).await
            }
        };
        let page = browser.get(&path).await.1;
        assert!(page.contains("proof_code") && page.contains("proof_password"), "the page asks at once");
        let code = next_code(world, finance).await;
        let password = || ("proof_password", PASSWORD.to_owned());
        for proof in [
            vec![],
            vec![password()],
            vec![("proof_code", code.clone())],
            vec![("proof_code", code.clone()), ("proof_password", "wrong".to_owned())],
            vec![("proof_code", "000000".to_owned()), password()],
        ] {
            let (status, page) = prepare(proof.clone()).await;
            assert_eq!(status, Status::UnprocessableEntity, "{proof:?}");
            assert!(page.contains("proof_password") && !page.contains(PASSWORD) && !page.contains(&code));
            assert_eq!(grant.tranche(1).await.stage, TrancheStage::ProgrammeApproved);
        }
        let both = vec![("proof_code", code.clone()), password()];
        assert_eq!(prepare(both).await.0, Status::SeeOther);
        assert_eq!(grant.tranche(1).await.stage, TrancheStage::FinancePrepared);
        let kept = rows(world, "select 1 from posted_form where cast(answer as text) like '%river%'").await;
        assert!(kept.is_empty());
    }

    async fn two_administrators_take_a_lost_one_away(world: World) {
        let me = world.person("me", &[]).await;
        let (one, other) = (world.person("one", &[Role::Administrator]).await, world.person("other", &[Role::Administrator]).await);
        let browser = Browser::of(&world, "me@example.org").await;
        browser.sets_up(&world, me).await;
        let (one, other) = (world.role::<Administrator>(one).await, world.role::<Administrator>(other).await);
        factors::propose_reset(&one, me, "lost in the river").await.unwrap();
        factors::confirm_reset(&one, me).await.unwrap_err();
        assert!(codes::is_set(world.edges.db.read(), me).await.unwrap());
        factors::confirm_reset(&other, me).await.unwrap();
        assert!(!codes::is_set(world.edges.db.read(), me).await.unwrap());
        assert_eq!(browser.get("/account").await.0, Status::SeeOther, "every session ended");
        let own = factors::propose_reset(&one, one.person().unwrap(), "mine").await.unwrap_err();
        assert_eq!(own.code(), "forbidden-own-account");
        world.settle().await;
    }

    async fn the_database_tells_no_code(world: World) {
        let me = world.person("me", &[]).await;
        let browser = Browser::of(&world, "me@example.org").await;
        browser.sets_up(&world, me).await;
        let code = next_code(&world, me).await;
        let begun = browser.post("/account/second-factor/begin", &[("proof_password", PASSWORD), ("proof_code", &code)]).await;
        assert_eq!(begun.0, Status::SeeOther, "{}", begun.1);
        let row = second_factor::Entity::find_by_id(me).one(world.edges.db.read()).await.unwrap().unwrap();
        let page = browser.get("/account/second-factor/confirm").await.1;
        let secret = page.split("secret=").nth(1).unwrap().split(['&', '"']).next().unwrap().to_owned();
        let open = totp_rs::Secret::try_from_base32(&secret).unwrap();
        let plain = open.as_bytes();
        assert!(plain.len() >= 20, "{secret}");
        let kept = base64_of(&row.pending);
        assert!(!kept.is_empty() && !kept.windows(plain.len()).any(|part| part == plain), "the secret lies open");
        assert!(!row.pending.contains(&secret) && !row.pending.contains(&hex::encode(plain)));
        // A secret moved to another person's row opens nothing.
        let thief = world.person("thief", &[]).await;
        let moved = second_factor::ActiveModel { person_id: Set(thief), ..row.clone().into() };
        let insert = |tx| { let moved = moved.clone(); async move { Ok(second_factor::Entity::insert(moved).exec(&tx).await.map(|_| ())?) } };
        world.edges.db.write(insert).await.unwrap();
        codes::shown_now(&world.edges, thief).await.unwrap_err();
        world.settle().await;
    }

    async fn only_the_browser_that_drew_a_secret_puts_it_in_use(world: World) {
        let me = world.person("me", &[]).await;
        let browser = Browser::of(&world, "me@example.org").await;
        let codes = browser.sets_up(&world, me).await;
        // Another browser of the same person stands open on a desk.
        let desk = Browser::of(&world, "me@example.org").await;
        let code = next_code(&world, me).await;
        assert_eq!(desk.post("/sign-in/code", &[("code", &code)]).await.0, Status::SeeOther);
        assert_eq!(desk.get("/account/second-factor/codes").await.0, Status::NotFound, "the codes are the other browser's");
        let code = next_code(&world, me).await;
        let begun = [("proof_password", PASSWORD), ("proof_code", code.as_str())];
        assert_eq!(browser.post("/account/second-factor/begin", &begun).await.0, Status::SeeOther);
        let first = factors::first_code(&world.edges, me).await.unwrap();
        assert_eq!(desk.get("/account/second-factor/confirm").await.0, Status::NotFound);
        assert_eq!(desk.post("/account/second-factor/confirm", &[("code", &first)]).await.0, Status::NotFound);
        world.edges.clock.set(world.edges.clock.now() + factors::WAITS);
        let late = factors::first_code(&world.edges, me).await.unwrap();
        assert_eq!(browser.post("/account/second-factor/confirm", &[("code", &late)]).await.0, Status::NotFound);
        assert_eq!(codes.len(), 10);
        world.settle().await;
    }

    async fn strangers_at_the_door_stop_nobody_inside(world: World) {
        let grant = Grant::active_in(world).await;
        let world = &grant.world;
        let (finance, id) = (grant.finance, grant.tranche(1).await.id);
        let browser = Browser::of(world, "finance-a@example.org").await;
        browser.sets_up(world, finance).await;
        approvals::request(&grant.signs().await, id, None).await.unwrap();
        approvals::approve_programme(&grant.officer().await, id).await.unwrap();
        let stranger = Browser::at(world).await;
        for _ in 0..gate::FAILURES_PER_EMAIL {
            stranger.post("/sign-in", &[("email", "finance-a@example.org"), ("password", "a guess"), ("back", "/")]).await;
        }
        let seen = grant.tranche(1).await.version.to_string();
        let fields = [("seen", seen.as_str()), ("proof_password", PASSWORD)];
        let done = browser.post(&format!("/tranches/{id}/prepare"), &fields).await;
        assert_eq!(done.0, Status::SeeOther, "{}", done.1);
        world.settle().await;
    }

    async fn a_double_click_with_one_code_is_one_act_and_one_answer(world: World) {
        let admin = world.person("admin", &[Role::Administrator]).await;
        let browser = Browser::of(&world, "admin@example.org").await;
        browser.sets_up(&world, admin).await;
        world.edges.clock.set(world.edges.clock.now() + Duration::minutes(11));
        let code = next_code(&world, admin).await;
        let invite = [("email", "new@example.org"), ("name", "new"), ("locale", "en"), ("form_key", "one-form-one-key-one-act"), ("proof_code", code.as_str())];
        let (one, other) = tokio::join!(browser.post("/admin/people/invite", &invite), browser.post("/admin/people/invite", &invite));
        assert_eq!((one.0, other.0), (Status::SeeOther, Status::SeeOther), "{} {}", one.1, other.1);
        let late = browser.post("/admin/people/invite", &invite).await;
        assert_eq!(late.0, Status::SeeOther, "and once more, later");
        assert_eq!(rows(&world, "select 1 from invitation where email = 'new@example.org'").await.len(), 1);
        world.settle().await;
    }

    async fn whoever_is_invited_to_sign_was_invited_with_a_code(world: World) {
        let grant = Grant::active_in(world).await;
        let world = &grant.world;
        let browser = Browser::of(world, "signatory-so-1@example.org").await;
        let invite = [("email", "new@example.org"), ("name", "new"), ("locale", "en"), ("member_role", "signatory")];
        let path = format!("/organisations/{}/invite", grant.organisation);
        let bare = browser.post(&path, &invite).await;
        assert_eq!(bare.0, Status::Forbidden, "a password alone invites nobody: {}", bare.1);
        assert!(rows(world, "select 1 from invitation where email = 'new@example.org'").await.is_empty());
        world.settle().await;
    }
}

fn base64_of(text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD_NO_PAD.decode(text).unwrap()
}
