//! Rule 2: what the database itself refuses, whoever writes to it. After each, every account stands as before.

use super::ground::{Ground, number, place, raw, sum, system};
use super::sums::{self, picture};
use crate::support::{World, both, tools};
use entities::kinds::{DecisionItemId, FundId, GiftId, Subject};
use sea_orm::DbBackend;
use std::sync::atomic::{AtomicUsize, Ordering};
use tributary::ledger::recipes;

/// A transfer as somebody with a database prompt would write it.
struct Row<'a> {
    key: &'a str,
    phase: &'a str,
    debit: &'a str,
    credit: &'a str,
    amount: i64,
    currency: &'a str,
    resolves: &'a str,
    reverses: &'a str,
    payment: &'a str,
}

impl Default for Row<'_> {
    fn default() -> Self {
        Self {
            key: "raw",
            phase: "single",
            debit: "fund_available:7",
            credit: "award_committed:7",
            amount: 1,
            currency: "CNY",
            resolves: "null",
            reverses: "null",
            payment: "null",
        }
    }
}

impl Row<'_> {
    fn values(&self) -> String {
        let link = |key: &str| {
            if key == "null" {
                key.to_owned()
            } else {
                format!("(select id from transfer where idempotency_key = '{key}')")
            }
        };
        format!(
            "(idempotency_key, phase, debit_id, credit_id, amount_minor, currency, resolves_id, reverses_id, payment_id, posting_id, at)
             values ('{}', '{}', (select id from account where code = '{}'), (select id from account where code = '{}'), {}, '{}', {}, {}, {}, 1, '2026-01-05T01:00:00+00:00')",
            self.key, self.phase, self.debit, self.credit, self.amount, self.currency, link(self.resolves), link(self.reverses), self.payment
        )
    }

    fn insert(&self) -> String {
        format!("insert into transfer {}", self.values())
    }
}

/// How many statements were refused, of all tests of this file.
static REFUSED: AtomicUsize = AtomicUsize::new(0);

/// Asserts that a statement is refused, or passes over its row, and that nothing moved.
async fn refused(world: &World, what: &str, sql: &str) {
    let before = picture(world).await;
    let rows = count(world).await;
    match raw(world, sql).await {
        Err(_) | Ok(0) => {}
        Ok(rows) => panic!("{what}: {rows} rows were written by {sql}"),
    }
    assert_eq!(before, picture(world).await, "{what} moved a balance");
    assert_eq!(rows, count(world).await, "{what} added or took a row");
    REFUSED.fetch_add(1, Ordering::Relaxed);
}

async fn count(world: &World) -> i64 {
    number(world, "select (select count(*) from transfer) * 1000000 + (select count(*) from lot_move) * 1000 + (select count(*) from lot) + (select count(*) from account) + (select count(*) from payment)").await
}

/// ¥1,000.00 given to fund 7, ¥400.00 of it committed, ¥150.00 due, one payment held, one voided, one gift refunded in part.
async fn furnish(world: &World) -> Ground {
    let ground = Ground::lay(world).await;
    let first = ground.award(world).await;
    let by = &system(world);
    let (held, voided) = (ground.approved(world, first, 100_00).await, ground.approved(world, first + 1, 50_00).await);
    by.write(|tx| async move {
        let tx = &tx;
        recipes::capital(tx, by, sum(500_00), "capital").await?;
        recipes::bank_receipt(tx, by, (Subject::Gift, 1), FundId(7), sum(1_000_00), "gift", None).await?;
        recipes::suspense_matched(tx, by, GiftId(1), FundId(7), None, sum(1_000_00)).await?;
        recipes::reserved(tx, by, DecisionItemId(7), FundId(7), None, sum(400_00), "1").await?;
        recipes::tranche_due(tx, by, place(7, 7, first), sum(100_00), "1").await?;
        recipes::tranche_due(tx, by, place(7, 7, first + 1), sum(50_00), "1").await?;
        recipes::payment_sent(tx, by, place(7, 7, first), held, sum(100_00)).await?;
        let hold = recipes::payment_sent(tx, by, place(7, 7, first + 1), voided, sum(50_00)).await?;
        recipes::payment_void(tx, by, place(7, 7, first + 1), voided, hold, sum(50_00)).await?;
        recipes::pledge(tx, by, GiftId(2), FundId(7), sum(10_00)).await?;
        recipes::pledge_ended(tx, by, GiftId(2), FundId(7), sum(10_00)).await
    })
    .await
    .unwrap();
    // Three more accounts: of another currency, closed, and empty.
    raw(world, "insert into account (code, kind, subject_id, currency, side, floored) values ('fund_available:8', 'fund_available', 8, 'JPY', 'C', true)").await.unwrap();
    raw(world, "insert into account (code, kind, subject_id, currency, side, floored) values ('fund_available:9', 'fund_available', 9, 'CNY', 'C', true)").await.unwrap();
    raw(world, "insert into account (code, kind, currency, side, floored) values ('bank_fees:CNY', 'bank_fees', 'CNY', 'D', false)").await.unwrap();
    raw(world, "update account set closed = true where code = 'fund_available:9'").await.unwrap();
    sums::hold(world).await;
    ground
}

both! {
async fn rule_2_transfers_that_break_the_books_are_refused(world: World) {
    furnish(&world).await;
    let world = &world;
    let row = Row::default;
    let held = "award_payable:1";
    for (what, bad) in [
        ("an overdraw", Row { amount: 600_01, ..row() }),
        ("an overdraw of what is held", Row { key: "x", debit: held, credit: "award_committed:7", amount: 1, ..row() }),
        ("an overdraw of the bank", Row { phase: "single", debit: "suspense_receipts:CNY", credit: "bank:CNY", amount: 1, ..row() }),
        ("a pending overdraw", Row { phase: "pending", credit: "bank:CNY", amount: 600_01, ..row() }),
        ("a wrong currency", Row { currency: "USD", ..row() }),
        ("an account of another currency", Row { credit: "fund_available:8", ..row() }),
        ("another currency's account", Row { credit: "fund_available:8", currency: "JPY", ..row() }),
        ("zero", Row { amount: 0, ..row() }),
        ("a negative amount", Row { amount: -5, ..row() }),
        ("the same account twice", Row { credit: "fund_available:7", ..row() }),
        ("an account that is not", Row { credit: "fund_available:404", ..row() }),
        ("an unknown phase", Row { phase: "done", ..row() }),
        ("a repeated key", Row { key: "item:7:reserved:1", ..row() }),
        ("a post without pending", Row { phase: "post", debit: held, credit: "bank:CNY", ..row() }),
        ("a void without pending", Row { phase: "void", debit: held, credit: "bank:CNY", ..row() }),
        ("a post of what was never held", Row { phase: "post", resolves: "item:7:reserved:1", ..row() }),
        ("a single that resolves", Row { resolves: "payment:1", debit: held, credit: "bank:CNY", ..row() }),
        ("a post above the hold", Row { phase: "post", debit: held, credit: "bank:CNY", amount: 100_01, resolves: "payment:1", ..row() }),
        ("a post to another account", Row { phase: "post", debit: held, credit: "operating_reserve:CNY", amount: 100_00, resolves: "payment:1", ..row() }),
        ("resolving twice", Row { phase: "post", debit: "award_payable:2", credit: "bank:CNY", amount: 50_00, resolves: "payment:2", ..row() }),
        ("reversing twice", Row { debit: "pledge_control:CNY", credit: "pledge_receivable:CNY", amount: 10_00, reverses: "pledge:2", ..row() }),
        ("reversing a reversal", Row { debit: "pledge_receivable:CNY", credit: "pledge_control:CNY", amount: 10_00, reverses: "pledge:2:ended", ..row() }),
        ("reversing a pending row", Row { debit: "bank:CNY", credit: held, amount: 100_00, reverses: "payment:1", ..row() }),
        ("reversing a void row", Row { debit: "bank:CNY", credit: "award_payable:2", amount: 50_00, reverses: "payment:2:void", ..row() }),
        ("reversing in part", Row { debit: "award_committed:7", credit: "fund_available:7", amount: 1, reverses: "item:7:reserved:1", ..row() }),
        ("reversing in the same direction", Row { amount: 400_00, reverses: "item:7:reserved:1", ..row() }),
        ("a pending reversal", Row { phase: "pending", debit: "award_committed:7", credit: "fund_available:7", amount: 400_00, reverses: "item:7:reserved:1", ..row() }),
        ("writing to a closed account", Row { credit: "fund_available:9", ..row() }),
        ("writing from a closed account", Row { debit: "fund_available:9", ..row() }),
        ("a payment without an approval", Row { phase: "pending", debit: "award_payable:2", credit: "bank:CNY", amount: 50_00, ..row() }),
        ("a payment not held first", Row { debit: "award_payable:2", credit: "bank:CNY", amount: 50_00, payment: "2", ..row() }),
        ("a second hold for a payment", Row { phase: "pending", credit: "bank:CNY", payment: "1", ..row() }),
        ("a commitment paid without a payment", Row { debit: "award_committed:7", credit: "bank:CNY", ..row() }),
        ("a commitment held for the bank", Row { phase: "pending", debit: "award_committed:7", credit: "bank:CNY", ..row() }),
        ("the reserve sent to the bank", Row { debit: "operating_reserve:CNY", credit: "bank:CNY", ..row() }),
        ("capital sent to the bank as its reversal", Row { debit: "operating_reserve:CNY", credit: "bank:CNY", amount: 500_00, reverses: "bank:capital", ..row() }),
        ("a refund that was not held", Row { debit: "fund_available:7", credit: "bank:CNY", ..row() }),
    ] {
        refused(world, what, &bad.insert()).await;
        refused(world, &format!("{what}, or nothing"), &format!("{} on conflict do nothing", bad.insert())).await;
        if world.edges.db.backend() == DbBackend::Sqlite {
            for way in ["replace", "ignore", "abort", "fail", "rollback"] {
                let sql = format!("insert or {way} into transfer {}", bad.values());
                refused(world, &format!("{what} with OR {way}"), &sql).await;
            }
        }
    }
    // The same row without a fault is taken: what was refused was refused for its fault.
    raw(world, &row().insert()).await.unwrap();
    raw(world, &Row { key: "post", phase: "post", debit: held, credit: "bank:CNY", amount: 100_00, resolves: "payment:1", ..row() }.insert()).await.unwrap();
    tools::say(&format!("rule 2: {} statements refused so far, by {:?} too", REFUSED.load(Ordering::Relaxed), world.edges.db.backend()));
}

async fn rule_2_rows_of_the_books_are_never_changed(world: World) {
    furnish(&world).await;
    let world = &world;
    for (what, sql) in [
        ("an update", "update transfer set amount_minor = 1"),
        ("an update of the key", "update transfer set idempotency_key = 'x' where idempotency_key = 'gift:1'"),
        ("a delete", "delete from transfer"),
        ("an update of a posting", "update posting set recipe = 'capital'"),
        ("a delete of postings", "delete from posting"),
        ("an update of a lot", "update lot set amount_minor = amount_minor + 1"),
        ("a delete of lots", "delete from lot"),
        ("an update of a lot's move", "update lot_move set amount_minor = 1"),
        ("a delete of moves", "delete from lot_move"),
        ("an update of an event", "update event set act = 'x'"),
        ("an upsert", "insert into transfer (idempotency_key, phase, debit_id, credit_id, amount_minor, currency, posting_id, at) select idempotency_key, phase, debit_id, credit_id, 1, currency, posting_id, at from transfer where idempotency_key = 'gift:1' on conflict (idempotency_key) do update set amount_minor = 1"),
        ("a delete of payments", "delete from payment"),
    ] {
        refused(world, what, sql).await;
    }
    if world.edges.db.backend() == DbBackend::Postgres {
        for table in ["transfer", "posting", "lot", "lot_move", "event", "account", "payment"] {
            refused(world, "a truncate", &format!("truncate {table} cascade")).await;
        }
        refused(world, "a delete without triggers", "set session_replication_role = replica; delete from transfer; set session_replication_role = origin").await;
        raw(world, "set session_replication_role = origin").await.ok();
    } else {
        for way in ["replace", "ignore"] {
            refused(world, way, &format!("insert or {way} into transfer select id, 'other', phase, debit_id, credit_id, 1, currency, resolves_id, reverses_id, relates_id, payment_id, posting_id, at from transfer where idempotency_key = 'gift:1'")).await;
            refused(world, way, &format!("update or {way} transfer set amount_minor = 1")).await;
            refused(world, way, &format!("insert or {way} into lot (fund_id, gift_id, amount_minor, received_at, transfer_id) select fund_id, gift_id, 1, received_at, transfer_id from lot")).await;
            refused(world, way, &format!("insert or {way} into account select * from account where code = 'fund_available:7'")).await;
            refused(world, way, &format!("insert or {way} into payment select * from payment where id = 2")).await;
        }
    }
    sums::hold(world).await;
    tools::say(&format!("rule 2: {} statements refused so far, by {:?} too", REFUSED.load(Ordering::Relaxed), world.edges.db.backend()));
}

async fn rule_2_accounts_are_born_empty_and_never_rewritten(world: World) {
    furnish(&world).await;
    let world = &world;
    let of = "where code = 'fund_available:7'";
    for (what, sql) in [
        ("a changed balance", format!("update account set posted_credit_minor = posted_credit_minor + 1 {of}")),
        ("a changed debit", format!("update account set posted_debit_minor = 0 {of}")),
        ("a freed hold", "update account set held_debit_minor = 0 where code = 'award_payable:1'".into()),
        ("a balance in the last transfer's name", format!("update account set posted_credit_minor = posted_credit_minor + 1000, last_transfer_id = (select max(id) from transfer) {of}")),
        ("a balance of an account without a floor", "update account set posted_debit_minor = 1000, last_transfer_id = (select max(id) from transfer) where code = 'pledge_control:CNY'".into()),
        ("the last transfer's mark alone", format!("update account set last_transfer_id = (select max(id) from transfer) {of}")),
        ("a lifted floor", format!("update account set floored = false {of}")),
        ("another side", format!("update account set side = 'D' {of}")),
        ("another currency", format!("update account set currency = 'USD' {of}")),
        ("another code", format!("update account set code = 'mine' {of}")),
        ("another kind", format!("update account set kind = 'bank' {of}")),
        ("another subject", format!("update account set subject_id = 8 {of}")),
        ("another key", format!("update account set id = 999 {of}")),
        ("closing with money", format!("update account set closed = true {of}")),
        ("opening again", "update account set closed = false where code = 'fund_available:9'".into()),
        ("deleting one", format!("delete from account {of}")),
        ("deleting an empty one", "delete from account where code = 'fund_available:8'".into()),
        ("one born with a balance", "insert into account (code, kind, currency, side, floored, posted_credit_minor) values ('mine', 'fund_available', 'CNY', 'C', true, 1000)".into()),
        ("one born with a hold", "insert into account (code, kind, currency, side, floored, held_credit_minor) values ('mine', 'bank', 'CNY', 'D', true, 1000)".into()),
        ("one born closed", "insert into account (code, kind, currency, side, floored, closed) values ('mine', 'bank', 'CNY', 'D', true, true)".into()),
        ("one born twice", "insert into account (code, kind, currency, side, floored) values ('bank:CNY', 'bank', 'CNY', 'D', false) on conflict (code) do update set floored = false".into()),
    ] {
        refused(world, what, &sql).await;
        if world.edges.db.backend() == DbBackend::Sqlite {
            for way in ["replace", "ignore"] {
                let sql = sql.replacen("update account", &format!("update or {way} account"), 1);
                let sql = sql.replacen("insert into", &format!("insert or {way} into"), 1);
                refused(world, &format!("{what} with OR {way}"), &sql).await;
            }
        }
    }
    sums::hold(world).await;
    tools::say(&format!("rule 2: {} statements refused so far, by {:?} too", REFUSED.load(Ordering::Relaxed), world.edges.db.backend()));
}

async fn rule_2_lots_are_neither_invented_nor_used_twice(world: World) {
    furnish(&world).await;
    let world = &world;
    let last = "(select max(id) from transfer)";
    let t = "'2026-01-05T01:00:00+00:00'";
    let mv = |kind: &str, item: &str, amount: i64| {
        format!("insert into lot_move (lot_id, kind, item_id, amount_minor, transfer_id, at) values (1, '{kind}', {item}, {amount}, {last}, {t})")
    };
    for (what, sql) in [
        ("allocating more than is free", mv("allocate", "8", 600_01)),
        ("refunding more than is free", mv("refund", "null", 600_01)),
        ("consuming more than is allocated", mv("consume", "7", 400_01)),
        ("consuming for another decision", mv("consume", "8", 1)),
        ("releasing more than is allocated", mv("release", "7", 400_01)),
        ("reopening what was not spent", mv("reopen", "7", 1)),
        ("a move of nothing", mv("allocate", "8", 0)),
        ("a negative move", mv("release", "7", -1)),
        ("a refund for a decision", mv("refund", "7", 1)),
        ("giving back a refund that was never held", mv("refund_void", "null", 1)),
        ("giving back a refund for a decision", mv("refund_void", "7", 1)),
        ("a lot without a receipt", format!("insert into lot (fund_id, gift_id, amount_minor, received_at, transfer_id) values (7, 5, 100, {t}, {last})")),
        ("a second lot of a receipt", format!("insert into lot (fund_id, gift_id, amount_minor, received_at, transfer_id) select 7, 5, 100000, {t}, id from transfer where idempotency_key = 'gift:1'")),
    ] {
        refused(world, what, &sql).await;
        if world.edges.db.backend() == DbBackend::Sqlite {
            refused(world, what, &sql.replacen("insert into", "insert or replace into", 1)).await;
            refused(world, what, &sql.replacen("insert into", "insert or ignore into", 1)).await;
        }
    }
    sums::hold(world).await;
    tools::say(&format!("rule 2: {} statements refused so far, by {:?} too", REFUSED.load(Ordering::Relaxed), world.edges.db.backend()));
}
}
