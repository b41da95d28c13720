//! The canary: a donor who gives anonymously in every way there is, and whose name, address and code are nowhere that a visitor can
//! look, in no proof and no feed, and in no line of the log.

use super::Reader;
use super::promises::{come, known, terms};
use super::sheets;
use crate::rooms::orders::Shop;
use crate::support::{World, both, day, log};
use entities::kinds::{
    Anonymity, Currency, FundId, FundraisingMode, GiftId, LegalForm, MemberRole, OrganisationId, PersonId,
};
use entities::{gift, posting};
use rocket::http::{Method, Status};
use sea_orm::{EntityTrait, PaginatorTrait};
use std::collections::{BTreeSet, VecDeque};
use tributary::bank::service::{accounts, matches, statements};
use tributary::grants::funds::service as funds;
use tributary::grants::gifts::service::in_kind::{self, Offer};
use tributary::grants::gifts::service::pledges::{self, Promise};
use tributary::grants::gifts::service::receipts::{self, Receipt};
use tributary::grants::gifts::service::{bills, imports, naming};
use tributary::grants::orders::service::giving;
use tributary::grants::pledges::rules::Due;
use tributary::grants::pledges::service::profits::{self, Declared};
use tributary::grants::pledges::service::{self as plans, Share, Terms};
use tributary::ledger::{books, seal};
use tributary::people::permission::{As, Signatory};
use tributary::sandbox::Outcome;

/// Name, e-mail and code of the donor, the person's name, and whom a platform and the bank name.
const MARKS: &[&str] =
    &["CANARYHOUSE", "canarymail", "91CANARYUSCC000017", "CANARYPERSON", "CANARYPLATFORM", "CANARYBANK"];
/// Pages that the visitor opens in one language.
const PAGES: usize = 800;

struct Donor {
    house: OrganisationId,
    signatory: PersonId,
}

async fn donor(world: &World) -> Donor {
    let house = world.organisation(MARKS[0], LegalForm::Company, Some(MARKS[2])).await;
    let signatory = world.person(MARKS[1], &[]).await;
    world.member(signatory, house, MemberRole::Signatory).await;
    Donor { house, signatory }
}

fn receipt(fund: FundId, donor: &Donor, line: &str) -> Receipt {
    Receipt {
        donor_name: MARKS[0].into(),
        anonymity: Anonymity::Anonymous,
        ..crate::rooms::gifts::receipt(fund, Some(donor.house), 12_300, line)
    }
}

/// Through the bank: recorded by hand, found on a statement, as a single pledge, as an instalment, as a share of profit.
async fn through_the_bank(shop: &Shop, donor: &Donor, by: &As<Signatory>) {
    let (cast, fund) = (&shop.cast, shop.fund);
    let (finance, approver) = (cast.finance().await, cast.approver().await);
    let id = receipts::record_receipt(&finance, receipt(fund, donor, "line-1")).await.unwrap();
    receipts::confirm_receipt(&approver, id).await.unwrap();
    bills::record(&finance, id, "0100099999", "").await.unwrap();
    let own = Receipt {
        donor_organisation: None,
        donor_person: Some(donor.signatory),
        donor_name: MARKS[3].into(),
        ..receipt(fund, donor, "line-2")
    };
    let own = receipts::record_receipt(&finance, own).await.unwrap();
    receipts::confirm_receipt(&approver, own).await.unwrap();
    let promise = Promise {
        fund,
        amount_minor: 5_500,
        currency: Currency::CNY,
        due_on: day(2026, 6, 30),
        anonymity: Anonymity::Anonymous,
        receipt_wanted: true,
        restriction: None,
    };
    let pledge = pledges::pledge(by, promise).await.unwrap();
    pledges::issue_reference(&finance, pledge).await.unwrap();
    let account = accounts::open(&finance, "account", "6222000011112222", Currency::CNY).await.unwrap();
    let (today, reference, name) = (cast.world.edges.today(), pledges::reference(pledge), MARKS[5]);
    let file = format!(
        "date,amount,counterparty,description,reference\n{today},55.00,{name},{reference},c-1\n{today},1.00,{name},nothing,c-2\n"
    );
    let statement = statements::check(&finance, account, "s.csv", file.as_bytes()).await.unwrap();
    statements::import(&finance, statement).await.unwrap();
    for line in [1, 2] {
        Box::pin(matches::confirm(&approver, entities::kinds::StatementLineId(line), None)).await.unwrap();
    }
    let hidden = Terms { anonymity: Anonymity::Anonymous, ..terms(fund) };
    let schedule = [3, 9].map(|month| Due { due_on: day(2026, month, 1), amount_minor: 700 }).into();
    let plan = plans::promise_sum(by, hidden.clone(), 1_400, schedule).await.unwrap();
    let waits = known(cast, plan).await[0].1.waiting.as_ref().unwrap().id;
    come(cast, fund, waits, 300, "line-3").await;
    let share =
        Share { share_bps: 100, due_month: 6, due_day: 30, first_year: 2025, last_year: 2026, figures_public: true };
    let plan = plans::promise_share(by, hidden, share).await.unwrap();
    profits::declare(by, plan, Declared { year: 2025, profit_minor: 90_000, note: String::new() }).await.unwrap();
    let waits = known(cast, plan).await[0].1.waiting.as_ref().unwrap().id;
    come(cast, fund, waits, 900, "line-4").await;
    naming::reveal(&finance, id, "asked by the auditor").await.unwrap();
}

/// By card, as an organisation and in person; one of them is refunded in part.
async fn by_card(shop: &Shop, by: &As<Signatory>, donor: &Donor) {
    let given =
        tributary::grants::gifts::service::online::Given { anonymity: Anonymity::Anonymous, ..shop.given(10_000) };
    let in_person = shop.cast.world.acting(donor.signatory).await.signed_in().unwrap();
    for order in [
        giving::give_as_organisation(by, given).await.unwrap(),
        giving::give_as_person(&in_person, given).await.unwrap(),
    ] {
        tributary::desk::jobs::drain(&shop.cast.world.edges).await.unwrap();
        let seen = shop.sandbox.happenings(0).len();
        shop.choose(order, Outcome::Paid).await;
        shop.tell(seen).await;
        shop.refund(order, 100).await;
    }
}

/// Goods, and what a platform collected, as a text and as a workbook.
async fn otherwise(shop: &Shop, by: &As<Signatory>, donor: &Donor) {
    let cast = &shop.cast;
    let (finance, approver) = (cast.finance().await, cast.approver().await);
    let goods = Offer {
        fund: shop.fund,
        donor_organisation: Some(donor.house),
        donor_person: None,
        donor_name: MARKS[0].into(),
        anonymity: Anonymity::Anonymous,
        receipt_wanted: false,
        description: "paint".into(),
        amount_minor: 800,
        currency: Currency::CNY,
        valuation_basis: "invoice".into(),
        document: None,
        restriction: None,
    };
    let goods = in_kind::offer_in_kind(by, goods).await.unwrap();
    in_kind::accept_in_kind(&approver, goods).await.unwrap();
    let public = cast.signed(FundraisingMode::Targeted, 0).await;
    funds::amend_filing(&cast.admin(0).await, public, "Q-1", "F-1").await.unwrap();
    let on = cast.world.edges.today();
    let text = format!("donor,amount\n{},10.00\n", MARKS[4]);
    for (bytes, line) in [(text.into_bytes(), "line-5"), (sheets::of_one_donor(MARKS[4]), "line-6")] {
        let file = imports::propose_import(&finance, public, "p", &bytes, line, on, None).await.unwrap();
        imports::apply_import(&approver, file).await.unwrap();
    }
    // A file that is refused, and a form that is, are what a log likes to quote.
    let wrong = format!("donor,amount\n{},ten\n", MARKS[4]);
    imports::propose_import(&finance, public, "p", wrong.as_bytes(), "line-7", on, None).await.unwrap_err();
    let odd = Receipt { amount_minor: 0, ..receipt(shop.fund, donor, "line-8") };
    receipts::record_receipt(&finance, odd).await.unwrap_err();
}

/// Addresses on a page that lead within the house.
fn links(text: &str) -> Vec<String> {
    text.split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(|href| href.split('#').next().unwrap_or_default().replace("&amp;", "&").replace("&#x2F;", "/"))
        .filter(|href| href.starts_with('/') && !href.starts_with("//") && !href.starts_with("/static"))
        .collect()
}

/// Every address that takes no argument, and whatever the rooms show of gifts, postings and promises.
async fn addresses(world: &World) -> Vec<String> {
    let mut all: Vec<String> = tributary::app::routes()
        .into_iter()
        .filter(|route| route.method == Method::Get && !route.uri.path().contains('<'))
        .map(|route| route.uri.path().to_owned())
        .collect();
    let db = world.edges.db.read();
    for row in posting::Entity::find().all(db).await.unwrap() {
        let number = books::number(row.id);
        all.extend(["", "/proof.json"].map(|end| format!("/ledger/{number}{end}")));
    }
    let gifts = i64::try_from(gift::Entity::find().count(db).await.unwrap()).unwrap();
    for id in 1..=gifts {
        all.extend(["", "/acknowledgement", "/reveal"].map(|end| format!("/gifts/{}{end}", GiftId(id))));
    }
    for id in 1..=6 {
        all.extend(
            ["funds", "promises", "organisations", "imports", "orders", "bank/lines", "documents"]
                .map(|room| format!("/{room}/{id}")),
        );
        all.extend([
            format!("/funds/{id}/promises"),
            format!("/funds/{id}/gifts"),
            format!("/statements/organisations/{id}/2026"),
        ]);
    }
    all
}

both! { paying:
async fn an_anonymous_donor_is_nowhere_to_be_found(world: World) {
    let heard = log::listen(MARKS);
    let own = log::listen(&["/funds/80808"]);
    let shop = Shop::open(world).await;
    let world = &shop.cast.world;
    let donor = donor(world).await;
    let by = world.acting(donor.signatory).await.signatory_of(donor.house).unwrap();
    through_the_bank(&shop, &donor, &by).await;
    by_card(&shop, &by, &donor).await;
    otherwise(&shop, &by, &donor).await;
    world.settle().await;
    seal::seal(&world.edges, false).await.unwrap();
    let visitor = Reader::visitor(world).await;
    let mut waiting: VecDeque<String> = addresses(world).await.into();
    let (mut seen, mut read) = (BTreeSet::new(), 0);
    while let Some(path) = waiting.pop_front() {
        if seen.len() >= PAGES || !seen.insert(path.clone()) {
            continue;
        }
        let (status, text) = visitor.get(&path).await;
        assert!(status.code < 500, "{path}: {status}");
        for mark in MARKS {
            assert!(!text.contains(mark), "a visitor reads {mark} at {path}");
        }
        if status == Status::Ok {
            read += 1;
            waiting.extend(links(&text));
        }
    }
    assert!(read > 60, "{read} pages only");
    assert!(seen.iter().any(|path| path.ends_with("proof.json")) && seen.contains("/data/ledger.jsonl"));
    // Staff too: an anonymous donor stands on no page of theirs.
    for staff in [shop.cast.finance, shop.cast.approver, shop.cast.supervisor, shop.cast.admins[0]] {
        let reader = Reader::of(world, staff).await;
        for path in seen.iter().filter(|path| ["/gifts", "/funds", "/promises", "/statements", "/desk"].iter().any(|room| path.starts_with(room))) {
            let (_, text) = reader.get(path).await;
            // Who a platform names is withheld from the public, and known to finance.
            for mark in MARKS.iter().filter(|mark| **mark != "CANARYPLATFORM" && **mark != "CANARYBANK") {
                assert!(!text.contains(mark), "staff read {mark} at {path}");
            }
        }
    }
    // The log was listened to: it has this request, and none of the marks.
    visitor.get("/funds/80808").await;
    assert!(own.text().contains("/funds/80808"), "the log was not heard");
    assert_eq!(heard.text(), "", "the log names the donor");
}
}
