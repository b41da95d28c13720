//! Hangzhong Street: every figure of the play, the table of postings, the books, nothing left to do behind anybody's back.

use crate::support::{World, both};
use sea_orm::{ConnectionTrait, Statement};
use tributary::demo::{self, Figures};
use tributary::desk::check;

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
}
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
