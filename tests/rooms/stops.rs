//! The payee account changed at each step of a payment: the payment stops, approvals fall, old contacts are told and may stop it by
//! a link, and the page says when it may go on.

use super::grant::Grant;
use crate::books::ground::{number, raw};
use crate::support::{World, both};
use chrono::Duration;
use entities::kinds::{
    BankAccountId, Currency, MemberRole, PayProfile, PayeeAccountId, PayeeStage, PaymentOutcome, TrancheId,
    TrancheStage,
};
use rocket::http::{ContentType, Header, Status};
use rocket::local::asynchronous::Client;
use tributary::app;
use tributary::error::Result;
use tributary::grants::batches::service as batches;
use tributary::grants::tranches::{approvals, bank, service as tranches, view};
use tributary::people::payees::{self, Entered};
use tributary::people::permission::{Approver, Finance};

/// How far a payment is when its account is changed.
const STEPS: [&str; 9] = [
    "due",
    "requested",
    "programme",
    "prepared",
    "approved",
    "third",
    "referenced",
    "in a drafted batch",
    "in a frozen batch",
];

impl Grant {
    /// Brings a tranche that is due as far as this step.
    async fn up_to(&self, step: usize, account: BankAccountId) -> TrancheId {
        let id = self.tranche(1).await.id;
        let finance = self.role::<Finance>(self.finance).await;
        if step >= 1 {
            approvals::request(&self.signs().await, id, None).await.unwrap();
        }
        if step >= 2 {
            approvals::approve_programme(&self.officer().await, id).await.unwrap();
        }
        if step >= 3 {
            approvals::prepare(&finance, id).await.unwrap();
        }
        if step >= 4 {
            approvals::approve(&self.role::<Approver>(self.approver).await, id).await.unwrap();
        }
        if step >= 5 {
            approvals::approve_third(&self.role::<Approver>(self.approver_b).await, id).await.unwrap();
        }
        match step {
            6 => bank::batch(&finance, id).await.unwrap(),
            7 => drop(self.to_drafted(account, id).await),
            8 => drop(self.to_frozen(account, id).await),
            _ => {}
        }
        id
    }

    async fn enters(&self, number: &str) -> PayeeAccountId {
        let entered = Entered {
            holder: "SO-1".into(),
            bank_name: "other bank".into(),
            account_number: number.into(),
            currency: Currency::CNY,
        };
        payees::enter(&self.signs().await, entered).await.unwrap()
    }

    async fn payee(&self, id: PayeeAccountId) -> entities::payee_account::Model {
        payees::of(self.world.edges.db.read(), self.organisation, id).await.unwrap()
    }

    /// Every act that could bring the payment further, by who may do it: none of them does.
    async fn goes_nowhere(&self, id: TrancheId) {
        let finance = self.role::<Finance>(self.finance_b).await;
        let all: [(&str, Result<()>); 6] = [
            ("request", approvals::request(&self.signs().await, id, None).await),
            ("approve-programme", approvals::approve_programme(&self.officer().await, id).await),
            ("prepare", approvals::prepare(&finance, id).await),
            ("approve", approvals::approve(&self.role::<Approver>(self.approver).await, id).await),
            ("batch", bank::batch(&finance, id).await),
            ("send", bank::send(&finance, id).await),
        ];
        for (act, answer) in all {
            let code = answer.expect_err(act).code();
            assert!(
                matches!(code, "refused-on-hold" | "refused-held" | "refused-stage" | "refused-no-payee-account"),
                "{act}: {code}"
            );
        }
    }

    /// The page of the tranche as the grantee's signatory reads it.
    async fn page(&self, id: TrancheId) -> String {
        match view::show(&self.world.acting(self.signatory).await, id).await {
            Ok(tributary::web::page::Reply::Page(page)) => page.render("/x", String::new()).unwrap(),
            other => panic!("no page: {other:?}"),
        }
    }
}

/// The link in the newest letter to somebody that has one.
async fn link(world: &World, who: &str) -> String {
    world.settle().await;
    let letters = world.edges.mail.newest(1_000).await.unwrap();
    let mine = letters.iter().filter(|(_, letter)| letter.to.starts_with(who));
    let found = mine.filter(|(_, letter)| letter.text.contains("/payee-stops/")).max_by_key(|(mark, _)| *mark);
    let (_, letter) = found.unwrap_or_else(|| panic!("no letter with a link to {who}"));
    let from = letter.text.find("/payee-stops/").unwrap();
    letter.text[from..].split_whitespace().next().unwrap().to_owned()
}

async fn posted(client: &Client, path: &str) -> (Status, String) {
    let request =
        client.post(path.to_owned()).header(ContentType::Form).header(Header::new("sec-fetch-site", "same-origin"));
    let answer = request.body("").dispatch().await;
    (answer.status(), answer.into_string().await.unwrap_or_default())
}

async fn read(client: &Client, path: &str) -> (Status, String) {
    let answer = client.get(path.to_owned()).dispatch().await;
    (answer.status(), answer.into_string().await.unwrap_or_default())
}

both! {
async fn an_account_changed_at_any_step_stops_the_payment_until_the_new_one_has_cooled(world: World) {
    let grant = Grant::active_in(world).await;
    let account = grant.paying(PayProfile::CsvUtf8).await;
    let world = &grant.world;
    let db = world.edges.db.read();
    for (step, named) in STEPS.iter().enumerate() {
        let id = grant.up_to(step, account).await;
        let old = tranches::open_payment(db, id).await.unwrap();
        let new = grant.enters(&format!("62220000000099{step:02}")).await;
        assert_eq!(grant.tranche(1).await.stage, TrancheStage::Due, "{named}");
        if let Some(old) = old {
            let rows = tranches::payments_of(db, id).await.unwrap();
            let row = rows.iter().find(|row| row.id == old.id).unwrap();
            assert_eq!((row.outcome, row.reason.as_str()), (Some(PaymentOutcome::Rejected), "payee-changed"), "{named}");
        }
        // Everybody of the organisation is told, each with a link of their own.
        let one = link(world, "signatory-so-1").await;
        let other = link(world, "editor-so-1").await;
        assert_ne!(one, other, "{named}");
        let letters = world.edges.mail.newest(1_000).await.unwrap();
        assert!(letters.iter().any(|(_, letter)| letter.to.starts_with("editor-so-1") && letter.text.contains(&format!("99{step:02}"))), "{named}");
        grant.goes_nowhere(id).await;
        assert!(grant.page(id).await.contains("verified, approved and then cools for 3 days"), "{named}");
        let row = grant.payee(new).await;
        payees::verify(&grant.role::<Finance>(grant.finance_b).await, grant.organisation, new, "call back", row.version).await.unwrap();
        payees::approve(&grant.role::<Approver>(grant.approver).await, grant.organisation, new, row.version + 1).await.unwrap();
        let from = grant.payee(new).await.usable_from.unwrap();
        assert_eq!(from, world.edges.clock.now() + Duration::days(3), "{named}");
        let moment = world.acting(grant.signatory).await.moment(from);
        assert!(grant.page(id).await.contains(&moment), "{named}: {moment}");
        // Until a second before, nothing; then it goes on, to the new account and with approvals of its own.
        world.at(from - Duration::seconds(1)).await;
        grant.goes_nowhere(id).await;
        world.at(from).await;
        assert_eq!(grant.payee(new).await.stage, PayeeStage::Usable, "{named}");
        approvals::request(&grant.signs().await, id, None).await.unwrap();
        let open = tranches::open_payment(db, id).await.unwrap().unwrap();
        assert_eq!((open.payee_account_id, open.programme_by, open.prepared_by, open.approved_by), (new, None, None, None), "{named}");
        approvals::reject(&grant.officer().await, id, "the next step").await.unwrap();
    }
    assert_eq!(number(world, "select count(*) from transfer where phase = 'pending'").await, 0);
    let waiting = batches::list(db, None, 30).await.unwrap();
    for batch in waiting {
        let sent = batches::send(&grant.role::<Finance>(grant.finance_b).await, batch.id).await.unwrap_err();
        assert!(matches!(sent.code(), "refused-stage" | "refused-batch-stopped" | "refused-batch-day"), "{}", sent.code());
    }
}

async fn a_link_in_the_letter_stops_the_account_once_and_without_signing_in(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    let id = grant.to_batched(1).await;
    let before = payees::usable(world.edges.db.read(), grant.organisation).await.unwrap().unwrap();
    let new = grant.enters("6222000000009900").await;
    let path = link(world, "editor-so-1").await;
    let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
    // Opening it changes nothing: programs that read mail open links by themselves.
    for _ in 0..2 {
        let (status, page) = read(&client, &path).await;
        assert_eq!(status, Status::Ok);
        assert!(page.contains("9900") && !page.contains("6222000000009900"), "{page}");
    }
    assert_eq!(grant.payee(new).await.stage, PayeeStage::Entered);
    let (foreign, _) = read(&client, "/payee-stops/0000000000000000").await;
    assert_eq!(foreign, Status::NotFound);
    let elsewhere = client.post(path.clone()).header(ContentType::Form).header(Header::new("sec-fetch-site", "cross-site"));
    assert_ne!(elsewhere.body("").dispatch().await.status(), Status::SeeOther);
    assert_eq!(grant.payee(new).await.stage, PayeeStage::Entered);
    assert_eq!(posted(&client, &path).await.0, Status::SeeOther);
    assert_eq!(grant.payee(new).await.stage, PayeeStage::Revoked);
    let (status, page) = read(&client, &path).await;
    assert!(status == Status::Ok && page.contains("该链接已失效"), "{page}");
    assert_eq!(posted(&client, &path).await.0, Status::UnprocessableEntity);
    // Another's link of the same change stops nothing twice.
    let theirs = link(world, "signatory-so-1").await;
    assert_eq!(posted(&client, &theirs).await.0, Status::SeeOther);
    world.settle().await;
    let letters = world.edges.mail.newest(1_000).await.unwrap();
    let told = letters.iter().filter(|(_, letter)| letter.to.starts_with("finance-a") && letter.subject.contains("stopped by a contact"));
    assert_eq!(told.count(), 1);
    // The account before it was never in doubt: it is asked for again, and approved anew.
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Due);
    assert_eq!(payees::usable(world.edges.db.read(), grant.organisation).await.unwrap().map(|row| row.id), Some(before.id));
    assert_eq!(grant.to_batched(1).await, id);
    assert!(raw(world, "insert into payee_stop (token_hash, payee_account_id, person_id, made_at, expires_at) select token_hash, payee_account_id, person_id, made_at, expires_at from payee_stop").await.is_err());
}

async fn a_link_works_in_the_cooling_and_after_it_and_no_longer_than_its_time(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    for (place, days) in [(0, 0), (1, 3), (2, 61)] {
        let new = grant.enters(&format!("622200000000980{place}")).await;
        let path = link(world, "editor-so-1").await;
        let token = path.strip_prefix("/payee-stops/").unwrap();
        let row = grant.payee(new).await;
        payees::verify(&grant.role::<Finance>(grant.finance_b).await, grant.organisation, new, "call back", row.version).await.unwrap();
        payees::approve(&grant.role::<Approver>(grant.approver).await, grant.organisation, new, row.version + 1).await.unwrap();
        world.at(world.edges.clock.now() + Duration::days(days)).await;
        let answer = payees::stop(&world.edges, token).await;
        let stage = grant.payee(new).await.stage;
        if place == 2 {
            assert_eq!((answer.unwrap_err().code(), stage), ("refused-stop-used", PayeeStage::Usable));
        } else {
            assert_eq!((answer.is_ok(), stage), (true, PayeeStage::Revoked));
        }
    }
}

async fn who_left_the_organisation_and_entered_the_account_before_is_told_too(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    let successor = world.person("successor", &[]).await;
    world.member(successor, grant.organisation, MemberRole::Signatory).await;
    raw(world, &format!("update membership set stage = 'ended' where person_id = {}", grant.signatory)).await.unwrap();
    let entered = Entered {
        holder: "SO-1".into(),
        bank_name: "other bank".into(),
        account_number: "6222000000009700".into(),
        currency: Currency::CNY,
    };
    let signs = world.acting(successor).await.signatory_of(grant.organisation).unwrap();
    payees::enter(&signs, entered).await.unwrap();
    link(world, "signatory-so-1").await;
    link(world, "successor").await;
}
}
