//! Hangzhong Street: every figure of the play, the table of postings, the books, nothing left to do behind anybody's back.

use crate::books::ground::number;
use crate::books::sums;
use crate::support::{World, both};
use entities::kinds::{GiftKind, GiftStage};
use entities::{gift, organisation};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement};
use tributary::demo::{self, Figures};
use tributary::desk::check;
use tributary::grants::gifts::service::traces;

/// Bank, pool, fund available, committed, payable and fee after each step of the table, in yuan.
const POSTINGS: [[i64; 6]; 10] = [
    [2_000_000, 30_000, 0, 0, 0, 0],
    [2_030_000, 0, 60_000, 0, 0, 0],
    [2_060_000, 0, 90_000, 0, 0, 0],
    [2_068_360, 0, 98_360, 0, 0, 0],
    [2_068_360, 0, 14_530, 83_830, 0, 0],
    [2_068_360, 0, 14_530, 42_330, 41_500, 0],
    [2_026_860, 0, 14_530, 41_915, 0, 415],
    [1_993_660, 0, 14_530, 8_383, 0, 747],
    [1_987_860, 0, 14_530, 2_525, 0, 805],
    [1_987_860, 0, 17_055, 0, 0, 805],
];

both! { unfounded:
async fn the_wall_of_hangzhong_street_is_given_built_paid_and_closed(world: World) {
    let stage = demo::found(world.edges.clone(), entities::kinds::Locale::ZhCn).await.unwrap();
    let (_, figures) = demo::play(stage).await.unwrap();
    assert_eq!(figures, Figures::expected());
    world.settle().await;
    let wrong: Vec<_> = check::books(&world.edges).await.unwrap().into_iter().filter(|finding| !finding.ok).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    the_table_of_postings_is_walked(&world).await;
    sums::hold(&world).await;
    sums::hledger_agrees(&world).await;
    every_gift_is_traced_to_the_fen(&world).await;
    one_letter_an_event(&world).await;
}
}

/// An approval is told by its offer alone.
async fn one_letter_an_event(world: &World) {
    // A job that is done keeps neither address nor link: the letters themselves are asked.
    let letters = world.edges.mail.newest(10_000).await.unwrap();
    let words = &world.edges.words;
    let start = |key: &str| {
        let text = words.find(entities::kinds::Locale::ZhCn, key, &[]).unwrap();
        text[..text.find('{').unwrap_or(text.len())].to_owned()
    };
    let named = |key: &str| letters.iter().filter(|(_, letter)| letter.subject.starts_with(&start(key))).count();
    assert!(named("mail-award-offered-subject") > 0);
    assert_eq!(named("mail-application-approved-subject"), 0);
}

/// What a gift paid, bore, promised, has left and gave back is the gift; owner 5 keeps 7,055.00 and owner 6 all of it.
async fn every_gift_is_traced_to_the_fen(world: &World) {
    let db = world.edges.db.read();
    let cash = [GiftKind::Bank, GiftKind::Platform, GiftKind::Match];
    let gifts = gift::Entity::find()
        .filter(gift::Column::Kind.is_in(cash))
        .filter(gift::Column::Stage.eq(GiftStage::Received))
        .all(db)
        .await
        .unwrap();
    let (mut paid, mut fee) = (0, 0);
    for row in gifts.iter().filter(|row| row.fund_id.0 == 1) {
        let (sums, _) = traces::follow(db, row).await.unwrap();
        let whole = sums.paid_minor + sums.fee_minor + sums.committed_minor + sums.free_minor + sums.refunded_minor;
        assert_eq!(whole, row.amount_minor, "gift {}: {sums:?}", row.id);
        paid += sums.paid_minor;
        fee += sums.fee_minor;
    }
    assert_eq!((paid, fee), (8_050_000, 80_500));
    for (name, kept) in [("Owner unit 5", 705_500), ("Owner unit 6", 1_000_000)] {
        let owner = organisation::Entity::find().filter(organisation::Column::NameEn.eq(name)).one(db).await.unwrap();
        let owner = owner.unwrap().id;
        let own = |row: &&gift::Model| {
            row.donor_organisation_id == Some(owner) && row.kind == GiftKind::Bank && row.fund_id.0 == 1
        };
        let row = gifts.iter().find(own).unwrap();
        assert_eq!(traces::follow(db, row).await.unwrap().0.free_minor, kept, "{name}");
    }
    let lots = "select cast(coalesce(sum(amount_minor), 0) as bigint) from lot where fund_id = 1";
    assert_eq!(number(world, lots).await, 9_836_000);
}

/// The balances pass through every row of the table, in its order.
async fn the_table_of_postings_is_walked(world: &World) {
    let sql = "select t.amount_minor as amount, d.kind as debit, d.subject_id as debit_of, c.kind as credit, c.subject_id as credit_of, coalesce(p.fund_id, 0) as fund
        from transfer t join account d on d.id = t.debit_id join account c on c.id = t.credit_id join posting p on p.id = t.posting_id
        where t.phase in ('single','post') order by t.id";
    let db = world.edges.db.read();
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    let mut now = [0_i64; 6];
    let mut walked = 0;
    for row in rows {
        let amount: i64 = row.try_get("", "amount").unwrap();
        let fund: i64 = row.try_get("", "fund").unwrap();
        // The wall's fund is the first; the foundation's own capital concerns no fund.
        if fund > 1 {
            continue;
        }
        for (side, sign) in [("debit", -1), ("credit", 1)] {
            let kind: String = row.try_get("", side).unwrap();
            let place = match kind.as_str() {
                "bank" => 0,
                "match_pool" => 1,
                "fund_available" => 2,
                "award_committed" => 3,
                "award_payable" => 4,
                "fee_recovery" => 5,
                _ => continue,
            };
            now[place] += if place == 0 { -sign * amount } else { sign * amount };
        }
        if walked < POSTINGS.len() && now == POSTINGS[walked].map(|yuan| yuan * 100) {
            walked += 1;
        }
    }
    assert_eq!(walked, POSTINGS.len(), "stopped at {now:?}");
}
