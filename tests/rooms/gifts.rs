//! Gifts: the scenario's fourth point to the fen, and what must be refused.

mod refunds;

use super::funds::Cast;
use crate::support::{day, rows};
use entities::gift;
use entities::kinds::{
    Anonymity, Currency, FundId, FundStage, FundraisingMode, GiftId, GiftKind, GiftStage, LegalForm, MatchPoolId,
    MemberRole, NeedId, OrganisationId, Role,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use tributary::grants::funds::service as funds;
use tributary::grants::funds::service::pools::{self, Pool};
use tributary::grants::gifts::service::in_kind::{self, Offer};
use tributary::grants::gifts::service::pledges::{self, Promise};
use tributary::grants::gifts::service::receipts::{self, Receipt};
use tributary::grants::gifts::service::{donors_of, imports, traces};
use tributary::ledger::{Account, balances};
use tributary::people::permission::{Approver, Officer};

pub fn receipt(fund: FundId, donor: Option<OrganisationId>, amount_minor: i64, line: &str) -> Receipt {
    Receipt {
        fund,
        donor_organisation: donor,
        donor_person: None,
        donor_name: "donor".into(),
        anonymity: Anonymity::Named,
        receipt_wanted: true,
        amount_minor,
        currency: Currency::CNY,
        restriction: None,
        received_on: day(2026, 1, 5),
        bank_line: line.into(),
        pledge: None,
        slip: None,
    }
}

/// A gift recorded by one and confirmed by another.
pub async fn give(cast: &Cast, fund: FundId, amount_minor: i64, line: &str) -> GiftId {
    let receipt = receipt(fund, Some(cast.initiator), amount_minor, line);
    let id = receipts::record_receipt(&cast.finance().await, receipt).await.unwrap();
    receipts::confirm_receipt(&cast.approver().await, id).await.unwrap();
    id
}

fn paint(fund: FundId, owner: OrganisationId) -> Offer {
    Offer {
        fund,
        donor_organisation: Some(owner),
        donor_person: None,
        donor_name: "owner 7".into(),
        anonymity: Anonymity::Named,
        receipt_wanted: true,
        description: "paint".into(),
        amount_minor: 800_000,
        currency: Currency::CNY,
        valuation_basis: String::new(),
        document: None,
        restriction: None,
    }
}

/// A pool that matches the gifts of a fund, proposed by one and confirmed by another.
pub async fn matching(cast: &Cast, fund: FundId, ratio_bps: i32, cap_total_minor: i64) -> MatchPoolId {
    let pool = Pool {
        name_zh: "配捐".into(),
        name_en: String::new(),
        fund,
        ratio_bps,
        cap_per_gift_minor: None,
        cap_total_minor,
        opens_on: day(2026, 1, 1),
        closes_on: day(2026, 12, 31),
    };
    let pool = pools::propose_pool(&cast.finance().await, pool).await.unwrap();
    pools::confirm_pool(&cast.approver().await, pool).await.unwrap();
    pool
}

/// The nine owners, of whom six give 10,000 each: the third activates the fund, with its match.
async fn six_owners_give(cast: &Cast, fund: FundId) -> Vec<OrganisationId> {
    let mut owners = Vec::new();
    for number in 1..=9 {
        owners.push(cast.world.organisation(&format!("owner {number}"), LegalForm::Company, None).await);
    }
    for (place, owner) in owners.iter().take(6).enumerate() {
        assert_eq!(cast.fund(fund).await.stage == FundStage::Active, place >= 3);
        let told = receipt(fund, Some(*owner), 1_000_000, &format!("owner-{place}"));
        let id = receipts::record_receipt(&cast.finance().await, told).await.unwrap();
        receipts::confirm_receipt(&cast.approver().await, id).await.unwrap();
    }
    owners
}

/// Owner 7: paint by invoice. Owner 8: a pledge. Owner 9: withheld, receipt waived, restricted to the wall.
async fn three_owners_give_otherwise(
    cast: &Cast,
    fund: FundId,
    need: NeedId,
    owners: &[OrganisationId],
) -> (GiftId, GiftId, GiftId) {
    let valued = Offer { valuation_basis: "invoice".into(), ..paint(fund, owners[0]) };
    let goods = in_kind::offer_in_kind(&cast.finance().await, valued).await.unwrap();
    in_kind::accept_in_kind(&cast.approver().await, goods).await.unwrap();
    let eighth = cast.world.person("owner-8", &[]).await;
    cast.world.member(eighth, owners[1], MemberRole::Signatory).await;
    let eighth = cast.world.acting(eighth).await.signatory_of(owners[1]).unwrap();
    let promise = Promise {
        fund,
        amount_minor: 1_000_000,
        currency: Currency::CNY,
        due_on: day(2026, 3, 1),
        anonymity: Anonymity::Named,
        receipt_wanted: true,
        restriction: None,
    };
    let pledge = pledges::pledge(&eighth, promise).await.unwrap();
    let ninth = Receipt {
        anonymity: Anonymity::Withheld,
        receipt_wanted: false,
        restriction: Some(need),
        ..receipt(fund, Some(owners[2]), 500_000, "owner-9")
    };
    let ninth = receipts::record_receipt(&cast.finance().await, ninth).await.unwrap();
    receipts::confirm_receipt(&cast.approver().await, ninth).await.unwrap();
    (goods, pledge, ninth)
}

/// The platform's file: refused before the plan is filed, then applied once.
async fn the_platforms_file_counts_once(cast: &Cast, fund: FundId, need: NeedId) {
    let file = format!("donor,amount,date,note\n{}", "resident,120.00,2026-01-04,wall\n".repeat(28));
    let import = |bytes: String, line: &'static str| async move {
        let by = cast.finance().await;
        imports::propose_import(&by, fund, "platform.csv", bytes.as_bytes(), line, day(2026, 1, 5), Some(need)).await
    };
    assert_eq!(import(file.clone(), "platform").await.unwrap_err().code(), "refused-gift-no-filing");
    funds::amend_filing(&cast.admin(0).await, fund, "Q-1", "F-1").await.unwrap();
    assert_eq!(import(file.clone(), "owner-9").await.unwrap_err().code(), "refused-bank-line-used");
    let proposed = import(file.clone(), "platform").await.unwrap();
    imports::apply_import(&cast.approver().await, proposed).await.unwrap();
    let twice = imports::apply_import(&cast.approver().await, proposed).await;
    assert_eq!(twice.unwrap_err().code(), "refused-stage");
    assert_eq!(import(file.clone(), "platform-2").await.unwrap_err().code(), "refused-gift-file-used");
    assert_eq!(import(file + "resident,1.00,,\n", "platform").await.unwrap_err().code(), "refused-bank-line-used");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gifts_of_hangzhong_street_to_the_fen() {
    let cast = Cast::new().await;
    let world = &cast.world;
    cast.capital().await;
    let need = rows::put(world, rows::need(world.edges.clock.now())).await.id;
    let fund = cast.signed(FundraisingMode::Targeted, 4_500_000).await;
    let pool = matching(&cast, fund, 10_000, 3_000_000).await;
    let owners = six_owners_give(&cast, fund).await;
    let db = world.edges.db.read();
    assert_eq!(balances::available(db, Account::MatchPool(pool), Currency::CNY).await.unwrap(), 0);
    let matches = gift::Entity::find().filter(gift::Column::Kind.eq(GiftKind::Match)).count(db).await.unwrap();
    assert_eq!(matches, 3);
    assert_eq!(balances::flow(db, fund).await.unwrap().received_minor, 9_000_000);
    let (goods, pledge, ninth) = three_owners_give_otherwise(&cast, fund, need, &owners[6..]).await;
    the_platforms_file_counts_once(&cast, fund, need).await;

    let flow = balances::flow(db, fund).await.unwrap();
    assert_eq!((flow.received_minor, flow.available_minor), (9_836_000, 9_836_000));
    let all = balances::all(db).await.unwrap();
    let of = |code: &str| all.iter().find(|b| b.account.code == code).map_or(0, |b| b.balance_minor);
    assert_eq!(of("in_kind_received:CNY"), 800_000);
    assert_eq!(of("pledge_receivable:CNY"), 1_000_000);
    assert_eq!(of("bank:CNY"), 206_836_000);
    assert_eq!(of("suspense_receipts:CNY"), 0);
    assert_eq!(donors_of(db, fund).await.unwrap().len(), 8);
    // The pledge is paid: its note ends, and it counts.
    let paid = Receipt { pledge: Some(pledge), ..receipt(fund, None, 1_000_000, "owner-8") };
    let short = Receipt { amount_minor: 999_999, ..paid.clone() };
    let refused = receipts::record_receipt(&cast.finance().await, short).await;
    assert_eq!(refused.unwrap_err().code(), "refused-gift-pledge-amount");
    receipts::record_receipt(&cast.finance().await, paid).await.unwrap();
    receipts::confirm_receipt(&cast.approver().await, pledge).await.unwrap();
    assert_eq!(balances::flow(db, fund).await.unwrap().received_minor, 10_836_000);
    let officer = world.person("officer", &[Role::ProgrammeOfficer]).await;
    in_kind::use_in_kind(&world.role::<Officer>(officer).await, goods, "painted").await.unwrap();
    let row = gift::Entity::find_by_id(ninth).one(db).await.unwrap().unwrap();
    let (sums, lines) = traces::follow(db, &row).await.unwrap();
    assert_eq!((sums.free_minor, lines.len()), (500_000, 0));
    world.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_needs_a_second_person_and_a_known_donor() {
    let cast = Cast::new().await;
    let both = cast.world.person("both", &[Role::FinanceOfficer, Role::Approver]).await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let maker = cast.world.role(both).await;
    let unknown = receipts::record_receipt(&maker, receipt(fund, None, 100, "line-1")).await;
    assert_eq!(unknown.unwrap_err().code(), "refused-gift-targeted");
    let foreign = Receipt {
        currency: Currency("USD".parse::<Currency>().unwrap().0),
        ..receipt(fund, Some(cast.initiator), 100, "x")
    };
    assert_eq!(receipts::record_receipt(&maker, foreign).await.unwrap_err().code(), "refused-currency");
    let id = receipts::record_receipt(&maker, receipt(fund, Some(cast.initiator), 100, "line-1")).await.unwrap();
    let again = receipts::record_receipt(&maker, receipt(fund, Some(cast.initiator), 100, "line-1")).await;
    assert_eq!(again.unwrap_err().code(), "refused-bank-line-used");
    let same = receipts::confirm_receipt(&cast.world.role::<Approver>(both).await, id).await;
    assert_eq!(same.unwrap_err().code(), "forbidden-second-person");
    receipts::confirm_receipt(&cast.finance().await, id).await.unwrap();
    let twice = receipts::confirm_receipt(&cast.approver().await, id).await;
    assert_eq!(twice.unwrap_err().code(), "refused-stage");
    let none = cast.signed(FundraisingMode::None, 0).await;
    let refused = receipts::record_receipt(&maker, receipt(none, Some(cast.initiator), 100, "line-2")).await;
    assert_eq!(refused.unwrap_err().code(), "refused-gift-mode-none");
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_need_their_value_and_a_pledge_lapses() {
    let cast = Cast::new().await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let goods = in_kind::offer_in_kind(&cast.signatory().await, paint(fund, cast.initiator)).await.unwrap();
    let refused = in_kind::accept_in_kind(&cast.approver().await, goods).await;
    assert_eq!(refused.unwrap_err().code(), "refused-gift-valuation");
    let promise = Promise {
        fund,
        amount_minor: 500,
        currency: Currency::CNY,
        due_on: day(2026, 1, 10),
        anonymity: Anonymity::Anonymous,
        receipt_wanted: false,
        restriction: None,
    };
    let first = pledges::pledge(&cast.signatory().await, promise).await.unwrap();
    let second = pledges::pledge(&cast.signatory().await, promise).await.unwrap();
    pledges::cancel_pledge(&cast.signatory().await, first).await.unwrap();
    cast.world.at(crate::support::nine(2026, 2, 10)).await;
    let db = cast.world.edges.db.read();
    let row = gift::Entity::find_by_id(second).one(db).await.unwrap().unwrap();
    assert_eq!(row.stage, GiftStage::Lapsed);
    let all = balances::all(db).await.unwrap();
    assert!(all.iter().all(|balance| balance.balance_minor == 0), "{all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_link_is_the_donors_and_can_be_ended() {
    let cast = Cast::new().await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let id = give(&cast, fund, 1_000, "line-1").await;
    let db = cast.world.edges.db.read();
    let stranger = cast.world.acting(cast.finance).await.signed_in().unwrap();
    assert_eq!(traces::issue_trace(&stranger, id).await.unwrap_err().code(), "not-found");
    let donor = cast.world.acting(cast.signatory).await.signed_in().unwrap();
    let token = traces::issue_trace(&donor, id).await.unwrap();
    assert_eq!(traces::by_token(db, &token).await.unwrap().id, id);
    traces::revoke_trace(&donor, id).await.unwrap();
    assert_eq!(traces::by_token(db, &token).await.unwrap_err().code(), "not-found");
}

/// The page as text; a template or key that is missing fails here.
fn drawn(answer: tributary::web::page::Answer) -> String {
    let Ok(tributary::web::page::Reply::Page(page)) = answer else { panic!("no page: {answer:?}") };
    page.render("/", String::new()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_drawn_and_no_withheld_name_is_on_a_public_one() {
    use tributary::grants::{funds::view as fund_pages, gifts::view as gift_pages};
    use tributary::people::permission::Context;
    let cast = Cast::new().await;
    cast.capital().await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    funds::amend_filing(&cast.admin(0).await, fund, "Q-1", "F-1").await.unwrap();
    let secret = cast.world.organisation("WITHHELD", LegalForm::Company, None).await;
    let told = Receipt {
        anonymity: Anonymity::Withheld,
        donor_name: "WITHHELD".into(),
        ..receipt(fund, Some(secret), 12_345, "line-1")
    };
    let hidden = receipts::record_receipt(&cast.finance().await, told).await.unwrap();
    receipts::confirm_receipt(&cast.approver().await, hidden).await.unwrap();
    let gift = give(&cast, fund, 700, "line-2").await;
    let file = b"donor,amount\nSECRET,1.00\n";
    let finance = cast.finance().await;
    let import =
        imports::propose_import(&finance, fund, "file.csv", file, "line-3", day(2026, 1, 5), None).await.unwrap();
    let visitor = Context::system(cast.world.edges.clone()).anyone();
    let public = [
        drawn(fund_pages::list(&visitor, None).await),
        drawn(fund_pages::page::show(&visitor, fund).await),
        drawn(fund_pages::acts::agreement(&visitor, fund).await),
        drawn(fund_pages::pools::list(&visitor, fund).await),
    ];
    assert!(public.iter().all(|page| !page.contains("WITHHELD") && !page.contains("SECRET")));
    assert!(public[1].contains("Anonymous") && public[1].contains("130.45"), "{}", public[1]);
    assert!(gift_pages::show(&visitor, gift).await.is_err());
    let (admin, approver, signatory) = (cast.admin(1).await, cast.approver().await, cast.signatory().await);
    for by in [&*admin, &*approver, &*finance, &*signatory] {
        drawn(fund_pages::page::show(by, fund).await);
        drawn(fund_pages::list(by, None).await);
        drawn(gift_pages::mine(by, None).await);
        fund_pages::waiting(by).await.unwrap();
        gift_pages::waiting(by).await.unwrap();
    }
    for act in ["amend-filing", "start-closing", "freeze", "merge", "rename"] {
        drawn(fund_pages::acts::act(&admin, fund, act).await);
        assert!(fund_pages::acts::act(&finance, fund, act).await.is_err(), "{act} is not finance's");
    }
    drawn(fund_pages::acts::act(&finance, fund, "close").await);
    drawn(fund_pages::acts::act(&signatory, fund, "revise").await);
    drawn(fund_pages::acts::act(&cast.world.acting(cast.supervisor).await, fund, "supervise").await);
    for act in ["pledge", "offer", "record", "import"] {
        drawn(gift_pages::acts::start(&finance, fund, act, None).await);
    }
    for act in ["receive", "return", "refund", "confirm-refund", "settle-refund", "use", "accept", "trace"] {
        drawn(gift_pages::acts::act(&finance, gift, act).await);
    }
    drawn(gift_pages::show(&signatory, gift).await);
    drawn(gift_pages::acts::acknowledgement(&signatory, gift).await);
    drawn(gift_pages::of_fund(&finance, fund, None).await);
    assert!(drawn(gift_pages::imports::show(&approver, import).await).contains("SECRET"));
    drawn(gift_pages::imports::act(&approver, import, "apply").await);
    drawn(fund_pages::acts::draft(&signatory).await);
    drawn(fund_pages::pools::propose(&finance, fund).await);
    drawn(fund_pages::pools::capital(&finance));
    for page in fund_pages::page::FundPage::samples(&visitor) {
        let page = tributary::web::page::Page::new(&visitor, "funds/show.html", "funds", &page).unwrap();
        page.render("/", String::new()).unwrap();
    }
    let signed = cast.world.acting(cast.signatory).await.signed_in().unwrap();
    let token = traces::issue_trace(&signed, gift).await.unwrap();
    let traced = drawn(gift_pages::trace(&visitor, &token).await);
    assert!(traced.contains("7.00") && !traced.contains("initiator"));
    tributary::app::server(cast.world.edges.clone()).ignite().await.unwrap();
}
