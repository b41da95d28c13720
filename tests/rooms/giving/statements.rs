//! A donor's year: it adds up to the last fen, one year's end is the next one's beginning, and only the donor and finance read it.

use super::Reader;
use crate::rooms::grant::Grant;
use crate::support::{World, both, day, nine, rows};
use entities::kinds::{Anonymity, GiftId, GiftKind, LotMoveKind, MemberRole, OrganisationId, ReportKind};
use entities::{gift, lot_move};
use rocket::http::Status;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::{BTreeMap, BTreeSet};
use tributary::core::spreadsheet;
use tributary::demo;
use tributary::grants::statements::service::{self, Part, Who};
use tributary::grants::tranches::statements::{self, Fate};
use tributary::ledger::{balances, lots};
use tributary::people::permission::Context;

/// The gift of the worked grant belongs to its donor.
async fn owned(grant: &Grant) -> GiftId {
    let row =
        gift::Entity::find().order_by_asc(gift::Column::Id).one(grant.world.edges.db.read()).await.unwrap().unwrap();
    let set = gift::ActiveModel {
        id: Set(row.id),
        donor_organisation_id: Set(Some(grant.donor)),
        received_on: Set(Some(day(2026, 1, 5))),
        receipt_wanted: Set(true),
        ..Default::default()
    };
    rows::change(&grant.world, set).await;
    row.id
}

async fn donors(grant: &Grant) -> Context {
    grant.world.acting(grant.donor_signatory).await
}

async fn part(context: &Context, donor: OrganisationId, year: i32) -> Part {
    let told = service::of(context, Who::Organisation(donor), year).await.unwrap();
    assert_eq!(told.parts.len(), 1);
    told.parts.into_iter().next().unwrap()
}

both! {
async fn a_year_adds_up_with_the_books_and_the_next_one_begins_where_it_ended(world: World) {
    let grant = Grant::active_in(world).await;
    let id = owned(&grant).await;
    grant.pay(1).await;
    let flow = balances::flow(grant.world.edges.db.read(), grant.fund).await.unwrap();
    let year = part(&donors(&grant).await, grant.donor, 2026).await;
    let sums = year.sums;
    assert_eq!((sums.opening_minor, sums.received_minor, sums.refunded_minor), (0, 9_836_000, 0));
    assert_eq!((sums.paid_minor, sums.fee_minor), (4_150_000, 41_500));
    assert_eq!((sums.paid_minor, sums.fee_minor), (flow.paid_minor, flow.fee_minor));
    assert_eq!(sums.closing_minor(), flow.available_minor + flow.committed_minor);
    assert_eq!(year.committed_minor, flow.committed_minor);
    // Every line of what was spent has its entry in the books; together they are the sums.
    let told: i64 = year.spent.iter().filter(|line| !line.is_fee).map(|line| line.amount_minor).sum();
    let fees: i64 = year.spent.iter().filter(|line| line.is_fee).map(|line| line.amount_minor).sum();
    assert_eq!((told, fees), (sums.paid_minor, sums.fee_minor));
    assert!(year.spent.iter().all(|line| line.gift == id && line.award == Some(grant.award)));
    // The next year begins where this one ended; a year before had nothing.
    grant.world.edges.clock.set(nine(2027, 1, 4));
    let next = part(&donors(&grant).await, grant.donor, 2027).await;
    assert_eq!(next.sums.opening_minor, sums.closing_minor());
    assert_eq!((next.sums.received_minor, next.sums.paid_minor, next.sums.closing_minor()), (0, 0, sums.closing_minor()));
    let before = service::of(&donors(&grant).await, Who::Organisation(grant.donor), 2025).await.unwrap();
    assert!(before.parts.is_empty());
}

async fn a_payment_that_comes_back_is_taken_back(world: World) {
    let grant = Grant::active_in(world).await;
    owned(&grant).await;
    let tranche = grant.pay(1).await;
    let finance = grant.role::<tributary::people::permission::Finance>(grant.finance).await;
    let approver = grant.role::<tributary::people::permission::Approver>(grant.approver_b).await;
    statements::say(&finance, tranche, &Fate::Returned, "back-1", None).await.unwrap();
    statements::confirm(&approver, tranche).await.unwrap();
    let year = part(&donors(&grant).await, grant.donor, 2026).await;
    assert_eq!((year.sums.paid_minor, year.sums.fee_minor, year.sums.closing_minor()), (0, 0, 9_836_000));
    assert_eq!(year.spent.iter().map(|line| line.amount_minor).sum::<i64>(), 0);
}

async fn only_the_donor_and_finance_read_it(world: World) {
    let grant = Grant::active_in(world).await;
    let id = owned(&grant).await;
    let editor = grant.world.person("donor-editor", &[]).await;
    grant.world.member(editor, grant.donor, MemberRole::Editor).await;
    let page = format!("/statements/organisations/{}/2026", grant.donor);
    for path in [page.clone(), format!("{page}/xlsx")] {
        for person in [grant.donor_signatory, editor, grant.finance] {
            assert_eq!(Reader::of(&grant.world, person).await.get(&path).await.0, Status::Ok, "{path}");
        }
        for person in [grant.signatory, grant.officer, grant.administrator, grant.evaluator] {
            assert_eq!(Reader::of(&grant.world, person).await.get(&path).await.0, Status::NotFound, "{path}");
        }
        assert_ne!(Reader::visitor(&grant.world).await.get(&path).await.0, Status::Ok);
    }
    let person = format!("/statements/people/{}/2026", grant.donor_signatory);
    assert_eq!(Reader::of(&grant.world, grant.donor_signatory).await.get(&person).await.0, Status::Ok);
    assert_eq!(Reader::of(&grant.world, editor).await.get(&person).await.0, Status::NotFound);
    for odd in ["1999", "2027", "-1", "99999999999", "x"] {
        let path = format!("/statements/organisations/{}/{odd}", grant.donor);
        assert_eq!(Reader::of(&grant.world, grant.donor_signatory).await.get(&path).await.0, Status::NotFound, "{odd}");
    }
    // What was given anonymously stands on the donor's copy alone, whatever finance asks.
    rows::change(&grant.world, gift::ActiveModel { id: Set(id), anonymity: Set(Anonymity::Anonymous), ..Default::default() }).await;
    let (_, own) = Reader::of(&grant.world, grant.donor_signatory).await.get(&page).await;
    assert!(own.contains("98,360.00"));
    // Who gave nothing else is no donor to finance.
    assert_eq!(Reader::of(&grant.world, grant.finance).await.get(&page).await.0, Status::NotFound);
    let (_, list) = Reader::of(&grant.world, grant.finance).await.get("/statements").await;
    assert!(!list.contains(&page), "the list for finance names who gave anonymously");
}

async fn the_workbook_says_the_same_and_no_text_is_a_formula(world: World) {
    let grant = Grant::active_in(world).await;
    owned(&grant).await;
    grant.pay(1).await;
    let evil = entities::organisation::ActiveModel {
        id: Set(grant.organisation),
        name_zh: Set("=HYPERLINK(\"https://x\")".into()),
        name_en: Set("=HYPERLINK(\"https://x\")".into()),
        ..Default::default()
    };
    rows::change(&grant.world, evil).await;
    let reader = Reader::of(&grant.world, grant.donor_signatory).await;
    let (status, bytes) = reader.bytes(&format!("/statements/organisations/{}/2026/xlsx", grant.donor)).await;
    assert_eq!(status, Status::Ok);
    let sheet = spreadsheet::rows(&bytes).unwrap();
    let values: Vec<&str> = sheet.iter().filter_map(|line| line.cells.get(1)).map(String::as_str).collect();
    for figure in ["98360", "41500", "415", "56445"] {
        assert!(values.contains(&figure), "{figure} is missing: {values:?}");
    }
    let mut packed = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    for place in 0..packed.len() {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut packed.by_index(place).unwrap(), &mut text).unwrap();
        assert!(!text.contains("<f>"), "a formula in part {place}");
    }
}

async fn the_trace_reaches_the_outcome(world: World) {
    let grant = Grant::active_in(world).await;
    let id = owned(&grant).await;
    grant.pay(1).await;
    let reader = Reader::of(&grant.world, grant.donor_signatory).await;
    let (_, page) = reader.get(&format!("/gifts/{id}")).await;
    assert!(page.contains(&format!("/projects/{}", grant.award)) && page.contains("Underway"), "{page}");
    grant.report_accepted(ReportKind::MidTerm).await;
    let (_, page) = reader.get(&format!("/gifts/{id}")).await;
    assert!(page.contains("Report accepted"), "{page}");
}
}

/// In the whole worked example: every donor's statement together with what others gave is what the books hold, fund by fund.
#[tokio::test(flavor = "multi_thread")]
async fn all_statements_together_are_the_books() {
    let world = World::unfounded().await;
    let founded = demo::found(world.edges.clone(), entities::kinds::Locale::ZhCn).await.unwrap();
    let (stage, _) = Box::pin(demo::play(founded)).await.unwrap();
    let finance = world.acting(stage.person("finance").unwrap()).await;
    let db = world.edges.db.read();
    let gifts = gift::Entity::find().all(db).await.unwrap();
    let mut closing: BTreeMap<_, i64> = BTreeMap::new();
    let donors: BTreeSet<OrganisationId> = gifts.iter().filter_map(|row| row.donor_organisation_id).collect();
    assert!(donors.len() >= 8, "{} donors only", donors.len());
    for donor in &donors {
        for part in service::of(&finance, Who::Organisation(*donor), 2026).await.unwrap().parts {
            assert_eq!(part.sums.opening_minor, 0);
            let of_gifts: i64 = part.gifts.iter().map(|row| row.sums.closing_minor()).sum();
            assert_eq!(of_gifts, part.sums.closing_minor());
            for row in &part.gifts {
                *closing.entry(row.fund).or_default() += row.sums.closing_minor();
            }
        }
    }
    for row in gifts.iter().filter(|row| row.donor_organisation_id.is_none() || row.kind == GiftKind::Match) {
        for (lot, used) in lots::of_gift(db, row.id).await.unwrap() {
            *closing.entry(lot.fund_id).or_default() += used.free_of(&lot) + used.allocated_minor;
        }
    }
    assert!(closing.len() >= 2, "{closing:?}");
    for (fund, minor) in closing {
        let flow = balances::flow(db, fund).await.unwrap();
        assert_eq!(minor, flow.available_minor + flow.committed_minor, "fund {fund}");
    }
    let moves = lot_move::Entity::find().filter(lot_move::Column::Kind.eq(LotMoveKind::Consume));
    assert!(!moves.all(db).await.unwrap().is_empty());
}
