//! The canary: names that must be nowhere but before their owner and the finance staff, looked for on every page, in every letter.

use crate::support::World;
use entities::document;
use entities::kinds::{Anonymity, Currency, FundId, LegalForm, Locale, MemberRole, PersonId, StatementLineId};
use rocket::http::{Cookie, Status};
use rocket::local::asynchronous::Client;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::{BTreeSet, VecDeque};
use tributary::app;
use tributary::bank::service::{accounts, matches, statements};
use tributary::demo::{self, Stage};
use tributary::grants::gifts::service::imports;
use tributary::grants::gifts::service::receipts::{self, Receipt};
use tributary::people::permission::{Approver, Finance};

/// A withheld organisation, a platform donor, somebody without a name, and whom the bank names on a line.
const CANARIES: [&str; 5] = ["CANARYDONOR", "CANARYPLATFORM", "CANARYPERSON", "CANARYBANK", HOUSE];
/// The organisation itself: staff know that it exists from the registry, though not that it gave.
const HOUSE: &str = "CANARYHOUSE";
/// Staff who do not confirm gifts.
const STAFF: [&str; 2] = ["supervisor", "officer-a"];
/// Pages that one reader opens in one language.
const PAGES: usize = 500;

/// Plays the worked example, then gives once more in the three ways whose names must not be seen. Answers the fund and the donors.
async fn played(world: &World) -> (Stage, Vec<PersonId>) {
    let founded = demo::found(world.edges.clone(), Locale::ZhCn).await.unwrap();
    let (stage, _) = Box::pin(demo::play(founded)).await.unwrap();
    let house = world.organisation(HOUSE, LegalForm::Company, None).await;
    let signatory = world.person("canary-signatory", &[]).await;
    world.member(signatory, house, MemberRole::Signatory).await;
    let person = world.person(CANARIES[2], &[]).await;
    let finance = stage.role::<Finance>("finance").await.unwrap();
    let approver = stage.role::<Approver>("approver-a").await.unwrap();
    let today = world.edges.today();
    let told = Receipt {
        fund: FundId(1),
        donor_organisation: Some(house),
        donor_person: None,
        donor_name: CANARIES[0].into(),
        anonymity: Anonymity::Withheld,
        receipt_wanted: true,
        amount_minor: 12_345,
        currency: Currency::CNY,
        restriction: None,
        received_on: today,
        bank_line: "canary-1".into(),
        pledge: None,
        slip: None,
    };
    let nameless = Receipt {
        donor_organisation: None,
        donor_person: Some(person),
        donor_name: CANARIES[2].into(),
        anonymity: Anonymity::Anonymous,
        bank_line: "canary-2".into(),
        ..told.clone()
    };
    for receipt in [told, nameless] {
        let id = receipts::record_receipt(&finance, receipt).await.unwrap();
        receipts::confirm_receipt(&approver, id).await.unwrap();
    }
    let file = format!("donor,amount,date,note\n{},10.00,{today},\n", CANARIES[1]);
    let import = imports::propose_import(&finance, FundId(1), "p.csv", file.as_bytes(), "canary-3", today, None).await;
    imports::apply_import(&approver, import.unwrap()).await.unwrap();
    // One line of the bank stands in suspense and is an entry of the public ledger; the other waits.
    let account = accounts::open(&finance, "account", "6222000011112222", Currency::CNY).await.unwrap();
    let name = CANARIES[3];
    let file = format!("date,amount,counterparty,reference\n{today},1.00,{name},c-4\n{today},2.00,{name},c-5\n");
    let statement = statements::check(&finance, account, "s.csv", file.as_bytes()).await.unwrap();
    statements::import(&finance, statement).await.unwrap();
    Box::pin(matches::confirm(&approver, StatementLineId(1), None)).await.unwrap();
    world.settle().await;
    (stage, vec![signatory, person])
}

/// Addresses on a page that lead within the house.
fn links(html: &str) -> Vec<String> {
    html.split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(|href| href.split('#').next().unwrap_or_default().replace("&amp;", "&").replace("&#x2F;", "/"))
        .filter(|href| href.starts_with('/') && !href.starts_with("//") && !href.starts_with("/static"))
        .collect()
}

/// Follows every link from the first page. Answers how many pages were read; a canary on one of them fails.
async fn crawl(client: &Client, who: &str, token: Option<&str>, locale: &str, also: &[String]) -> usize {
    let mut seen = BTreeSet::new();
    let mut waiting: VecDeque<String> = [
        "/",
        "/ledger",
        "/needs",
        "/calls",
        "/funds",
        "/projects",
        "/data/ledger.journal",
        "/data/ledger.jsonl",
        "/data/heads.json",
        "/ledger/seals",
        "/desk",
        "/gifts",
        "/organisations",
    ]
    .map(str::to_owned)
    .into();
    waiting.extend(also.iter().cloned());
    let mut read = 0;
    while let Some(path) = waiting.pop_front() {
        if seen.len() >= PAGES || !seen.insert(path.clone()) {
            continue;
        }
        let mut request = client.get(path.clone()).cookie(Cookie::new("tributary_locale", locale.to_owned()));
        if let Some(token) = token {
            request = request.cookie(Cookie::new("tributary_session", token.to_owned()));
        }
        let answer = request.dispatch().await;
        let status = answer.status();
        assert!(status.code < 500, "{who} at {path}: {status}");
        let bytes = answer.into_bytes().await.unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        for canary in CANARIES.iter().filter(|canary| **canary != HOUSE || !STAFF.contains(&who)) {
            assert!(!text.contains(canary), "{who} reads {canary} at {path} ({locale})");
        }
        if status == Status::Ok {
            read += 1;
            waiting.extend(links(&text));
        }
    }
    read
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_withheld_are_nowhere() {
    let world = World::unfounded().await;
    let (stage, donors) = Box::pin(played(&world)).await;
    let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
    let db = world.edges.db.read();
    let public = document::Entity::find().filter(document::Column::Public.eq(true)).all(db).await.unwrap();
    let mut also: Vec<String> = public.iter().map(|row| format!("/documents/{}", row.id)).collect();
    let gifts = entities::gift::Entity::find().all(db).await.unwrap();
    also.extend(gifts.iter().map(|row| format!("/gifts/{}", row.id)));
    also.extend(gifts.iter().map(|row| format!("/gifts/{}/acknowledgement", row.id)));
    also.extend(["/bank", "/bank/lines", "/bank/lines/all", "/bank/suspense", "/bank/lines/1"].map(str::to_owned));
    also.extend(["/bank/lines/2", "/bank/lines/2/place", "/bank/statements/1"].map(str::to_owned));
    // The proof of every entry of a gift is a page too; everything is sealed before anybody looks.
    tributary::ledger::seal::seal(&world.edges, false).await.unwrap();
    let of_gifts = entities::posting::Column::Subject.eq(entities::kinds::Subject::Gift);
    let postings = entities::posting::Entity::find().filter(of_gifts).all(db).await.unwrap();
    let numbers = postings.iter().map(|row| tributary::ledger::books::number(row.id));
    also.extend(numbers.map(|number| format!("/ledger/{number}/proof.json")));
    also.push("/imports/1".into());
    also.push("/imports/2".into());
    also.push("/funds/1/gifts".into());
    for locale in ["en", "zh-CN"] {
        let read = crawl(&client, "a visitor", None, locale, &also).await;
        assert!(read > 20, "a visitor read {read} pages only");
        for who in [
            "donor-signatory",
            "so1-signatory",
            "so2-editor",
            "reviewer-1",
            "chair",
            "evaluator",
            "supervisor",
            "committee-1",
            "resident",
            "officer-a",
        ] {
            let token = world.session(stage.person(who).unwrap()).await;
            crawl(&client, who, Some(&token), locale, &also).await;
        }
    }
    // Finance does see who is withheld from the public: the canaries sing where they should. Who gave anonymously stands on no page
    // of staff either; a logged reason shows it once.
    let token = world.session(stage.person("finance").unwrap()).await;
    let answer = client.get("/funds/1/gifts").cookie(Cookie::new("tributary_session", token)).dispatch().await;
    let text = answer.into_string().await.unwrap();
    assert!(text.contains(CANARIES[0]), "finance does not see the donors it confirms");
    assert!(!text.contains(CANARIES[2]), "finance reads without a reason who gave anonymously");
    letters_name_nobody(&world, &donors).await;
}

/// No letter to anybody but the donor carries a canary.
async fn letters_name_nobody(world: &World, donors: &[PersonId]) {
    let own = entities::person::Entity::find().filter(entities::person::Column::Id.is_in(donors.iter().copied()));
    let own: Vec<String> = own.all(world.edges.db.read()).await.unwrap().into_iter().map(|row| row.email).collect();
    let mut read = 0;
    for file in std::fs::read_dir(world.edges.config.data.join("mail")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|kind| kind != "json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let letter: serde_json::Value = serde_json::from_str(&text).unwrap();
        read += 1;
        if letter["to"].as_str().is_some_and(|to| own.iter().any(|address| address == to)) {
            continue;
        }
        for canary in CANARIES {
            assert!(!text.contains(canary), "{canary} in the letter {}", path.display());
        }
    }
    assert!(read > 50, "{read} letters only");
}
