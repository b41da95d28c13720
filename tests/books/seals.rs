//! Rule 11: any edit of the journal, and a cut tail, is detected by `verify`, and the row is named.

use super::events::played;
use super::ground::{Ground, number, raw, sum, system};
use super::rebuild::journal;
use crate::support::{World, both};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use std::io::Cursor;
use std::os::unix::fs::PermissionsExt;
use tributary::core::merkle;
use tributary::core::sealed::Row;
use tributary::core::sealed::verify::{Report, examine};
use tributary::edges::clock::Clock;
use tributary::edges::dice::Dice;
use tributary::ledger::recipes;
use tributary::ledger::seal::{self, export, key, proof, sealer};

/// Both files, as anybody can save them.
async fn exported(world: &World) -> (String, String) {
    let ledger = export::ledger(&world.edges, None).await.unwrap().whole().await.unwrap();
    (ledger, export::all_heads(&world.edges, None).await.unwrap().whole().await.unwrap())
}

fn verified(ledger: &str, heads: &str) -> Report {
    examine(heads, &mut Cursor::new(ledger), &[]).unwrap()
}

fn told(ledger: &str, heads: &str) -> Vec<String> {
    verified(ledger, heads).findings.iter().map(ToString::to_string).collect()
}

async fn capital(world: &World, amount: i64, key: &str) {
    let by = &system(world);
    by.write(|tx| async move { recipes::capital(&tx, by, sum(amount), key).await }).await.unwrap();
}

/// Lets the books be rewritten, as somebody could who owns the machine.
async fn unguarded(world: &World) {
    let sql = match world.edges.db.backend() {
        DbBackend::Postgres => {
            "alter table transfer disable trigger all; alter table posting disable trigger all; alter table account disable trigger all"
        }
        _ => {
            "drop trigger transfer_unchanged; drop trigger transfer_undeleted; drop trigger posting_unchanged; drop trigger account_kept"
        }
    };
    raw(world, sql).await.unwrap();
}

/// What each kind of change of a column does to a row of the export.
fn edited(value: &serde_json::Value, field: &str) -> serde_json::Value {
    match value {
        serde_json::Value::Null => 7.into(),
        serde_json::Value::Number(number) => (number.as_i64().unwrap() + 1_000_003).into(),
        // A text of the same kind where there is one, so that not only nonsense is found.
        serde_json::Value::String(text) => match field {
            "at" | "posted_at" | "occurred_on" => text.replace("2026", "2025").into(),
            "currency" => "EUR".into(),
            "phase" => "void".into(),
            _ => format!("{text}1").into(),
        },
        other => other.clone(),
    }
}

both! {
async fn rule_11_every_column_of_every_exported_row_is_guarded(world: World) {
    let ground = Ground::lay(&world).await;
    played(&world, &ground, 60).await;
    // Two batches and a third, so that rows stand at the beginning, in the middle and at the end of one.
    seal::seal(&world.edges, false).await.unwrap();
    capital(&world, 5, "later").await;
    journal(&world).await;
    let (ledger, heads) = exported(&world).await;
    assert_eq!(told(&ledger, &heads), [""; 0]);
    let lines: Vec<&str> = ledger.lines().collect();
    assert!(lines.len() > 25, "{} rows only", lines.len());
    for (place, line) in lines.iter().enumerate() {
        let row: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
        assert_eq!(row.len(), 21);
        for (field, value) in &row {
            let mut other = row.clone();
            other.insert(field.clone(), edited(value, field));
            let mut copy = lines.clone();
            let other = serde_json::to_string(&other).unwrap();
            copy[place] = &other;
            let found = told(&copy.join("\n"), &heads);
            let wanted = format!("(line {})", place + 1);
            assert!(found.iter().any(|text| text.contains(&wanted)), "{field} of {line}: {found:?}");
            if field != "id" {
                assert_eq!(found, [format!("transfer {} {wanted}: was edited after it was sealed", row["id"])]);
            }
        }
    }
}

async fn rule_11_an_edit_of_the_books_is_named_by_an_export_after_it(world: World) {
    let ground = Ground::lay(&world).await;
    played(&world, &ground, 40).await;
    seal::seal(&world.edges, false).await.unwrap();
    let (before, heads) = exported(&world).await;
    let row = Row::parse(before.lines().nth(3).unwrap().as_bytes()).unwrap();
    let id = row.id;
    unguarded(&world).await;
    // Every column of the transfer and of its posting, and the name of its account.
    let posting = row.entry.trim_start_matches("V-").parse::<i64>().unwrap();
    let edits = [
        ("transfer", id, "idempotency_key", "'another'"),
        ("transfer", id, "phase", "'pending'"),
        ("transfer", id, "debit_id", "(select max(id) from account)"),
        ("transfer", id, "credit_id", "(select max(id) from account)"),
        ("transfer", id, "amount_minor", "amount_minor + 1"),
        ("transfer", id, "currency", "'EUR'"),
        ("transfer", id, "relates_id", "1"),
        ("transfer", id, "payment_id", "99"),
        ("transfer", id, "posting_id", "(select max(id) from posting)"),
        ("transfer", id, "at", "'2026-01-04T01:00:00.001+00:00'"),
        ("posting", posting, "recipe", "'bank_fee'"),
        ("posting", posting, "at", "'2026-01-04T01:00:00+00:00'"),
        ("posting", posting, "occurred_on", "'2026-01-04'"),
        ("posting", posting, "fund_id", "77"),
        ("posting", posting, "award_id", "77"),
        ("posting", posting, "subject", "'award'"),
        ("posting", posting, "subject_id", "subject_id + 1"),
        ("posting", posting, "created_by", "1"),
    ];
    for (table, key, column, value) in edits {
        let cast = if world.edges.db.backend() != DbBackend::Postgres {
            String::new()
        } else if column == "at" {
            "::timestamptz".into()
        } else if column == "occurred_on" {
            "::date".into()
        } else {
            String::new()
        };
        raw(&world, &format!("create table kept as select * from {table} where id = {key}")).await.unwrap();
        raw(&world, &format!("update {table} set {column} = {value}{cast} where id = {key}")).await.unwrap();
        let (after, _) = exported(&world).await;
        let found = told(&after, &heads);
        assert!(found.iter().any(|text| text.contains(&format!("transfer {id} ("))), "{table}.{column}: {found:?}");
        let doctor = seal::inspect::wrong_batches(&world.edges).await.unwrap();
        assert_eq!(doctor, [format!("head 1: transfer {id} is not what was sealed")], "{table}.{column}");
        raw(&world, &format!("update {table} set {column} = (select {column} from kept) where id = {key}")).await.unwrap();
        raw(&world, "drop table kept").await.unwrap();
        assert_eq!(exported(&world).await.0, before, "{table}.{column} was not put back");
    }
    assert_eq!(seal::inspect::wrong_batches(&world.edges).await.unwrap(), [""; 0]);
    raw(&world, &format!("update account set code = 'bank:XXX' where code = '{}'", row.debit)).await.unwrap();
    assert!(told(&exported(&world).await.0, &heads).iter().any(|text| text.contains(&format!("transfer {id} ("))));
}

async fn heads_only_grow_and_nothing_comes_before_a_seal(world: World) {
    capital(&world, 100, "a").await;
    capital(&world, 200, "b").await;
    assert_eq!(seal::seal(&world.edges, false).await.unwrap(), 1);
    assert_eq!(seal::seal(&world.edges, false).await.unwrap(), 0, "nothing was new");
    for sql in [
        "update seal_head set total = 9",
        "delete from seal_head",
        "update seal_secret set secret = root from seal_head",
        "delete from seal_secret",
        // A head that skips a row, one that is not the next, one that counts otherwise.
        "insert into seal_head select 2, 2, 2, 1, 3, root, previous, at, public_key, signature, root, '' from seal_head",
        "insert into seal_head select 3, first_transfer_id, last_transfer_id, transfers, total, root, previous, at, public_key, signature, leaves, '' from seal_head",
        "insert into transfer select 1, 'x', phase, credit_id, debit_id, 1, currency, null, null, null, null, posting_id, at from transfer where id = 2",
    ] {
        assert!(raw(&world, sql).await.is_err(), "{sql}");
    }
    // Between two accounts without a floor nothing but the number can be wrong.
    raw(&world, "insert into account (code, kind, currency, side, floored) values ('bank_fees:CNY', 'bank_fees', 'CNY', 'D', false), ('fee_recovery:CNY', 'fee_recovery', 'CNY', 'C', false)").await.unwrap();
    for id in [0, -1, -5] {
        let sql = format!("insert into transfer (id, idempotency_key, phase, debit_id, credit_id, amount_minor, currency, posting_id, at)
            select {id}, 'x', 'single', d.id, c.id, 1, 'CNY', t.posting_id, t.at from transfer t, account d, account c where t.id = 2 and d.code = 'bank_fees:CNY' and c.code = 'fee_recovery:CNY'");
        assert!(raw(&world, &sql).await.is_err(), "number {id}");
    }
    capital(&world, 300, "c").await;
    assert_eq!(number(&world, "select max(id) from transfer").await, 3);
    assert_eq!(seal::seal(&world.edges, false).await.unwrap(), 1, "and it is sealed");
    assert_eq!(number(&world, "select count(*) from seal_head").await, 2);
}

async fn many_sealers_at_once_make_one_chain(world: World) {
    for turn in 0..5 {
        for n in 0..4 {
            capital(&world, 100, &format!("{turn}-{n}")).await;
        }
        let sealers: Vec<_> = (0..6)
            .map(|_| {
                let edges = world.edges.clone();
                tokio::spawn(async move { seal::seal(&edges, false).await.unwrap() })
            })
            .collect();
        let mut made = 0;
        for sealer in sealers {
            made += sealer.await.unwrap();
        }
        assert!(made <= 1, "{made} heads of one turn");
    }
    seal::seal(&world.edges, false).await.unwrap();
    let (ledger, heads) = exported(&world).await;
    let report = verified(&ledger, &heads);
    assert!(report.well(), "{:?}", report.findings);
    assert_eq!(report.transfers, 20);
}

async fn a_number_that_is_committed_late_is_sealed_in_its_place(world: World) {
    capital(&world, 100, "first").await;
    if world.edges.db.backend() == DbBackend::Postgres {
        raw(&world, "insert into account (code, kind, currency, side, floored) values ('bank_fees:CNY', 'bank_fees', 'CNY', 'D', false), ('fee_recovery:CNY', 'fee_recovery', 'CNY', 'C', false)").await.unwrap();
        // A transaction draws the next number and is slow; the one after it is committed before.
        let mut one = sea_orm::ConnectOptions::new(world.edges.config.database.clone());
        one.max_connections(1).min_connections(1);
        let slow = sea_orm::Database::connect(one).await.unwrap();
        let run = async |sql: &str| slow.execute_unprepared(sql).await.unwrap();
        // One connection only, so that the statements are one transaction.
        run("begin; insert into posting (recipe, at, occurred_on, subject, subject_id) values ('capital', now(), '2026-01-05', 'foundation', 1);
             insert into transfer (idempotency_key, phase, debit_id, credit_id, amount_minor, currency, posting_id, at)
               select 'slow', 'single', d.id, c.id, 5, 'CNY', currval(pg_get_serial_sequence('posting', 'id')), now() from account d, account c where d.code = 'bank_fees:CNY' and c.code = 'fee_recovery:CNY'").await;
        let drawn = "select last_value from transfer_id_seq";
        let drawn: i64 = slow.query_one_raw(Statement::from_string(DbBackend::Postgres, drawn)).await.unwrap().unwrap().try_get_by_index(0).unwrap();
        capital(&world, 200, "second").await;
        assert!(number(&world, "select max(id) from transfer").await > drawn, "the slow one drew its number first");
        assert_eq!(seal::seal(&world.edges, false).await.unwrap(), 0, "sealed although a smaller number was under way");
        run("commit").await;
        assert_eq!(number(&world, "select count(*) from transfer").await, 3);
    } else {
        capital(&world, 200, "second").await;
        capital(&world, 300, "third").await;
    }
    assert_eq!(seal::seal(&world.edges, false).await.unwrap(), 1);
    let (ledger, heads) = exported(&world).await;
    let report = verified(&ledger, &heads);
    assert!(report.well(), "{:?}", report.findings);
    assert_eq!(report.transfers, 3);
}

async fn the_job_seals_what_waited_a_minute_and_what_is_many(world: World) {
    let heads = async || number(&world, "select count(*) from seal_head").await;
    capital(&world, 100, "first").await;
    world.settle().await;
    assert_eq!(heads().await, 0, "a young one waits for others");
    world.at(world.edges.clock.now() + sealer::PERIOD).await;
    assert_eq!(heads().await, 1);
    for n in 0..sealer::ENOUGH {
        capital(&world, 100, &format!("n{n}")).await;
    }
    world.settle().await;
    assert_eq!(heads().await, 2, "many are not kept waiting");
}

async fn every_entry_has_a_proof_that_needs_no_database(world: World) {
    let ground = Ground::lay(&world).await;
    played(&world, &ground, 40).await;
    let all = journal(&world).await;
    let public = key::public(&key::load(&key::path(&world.edges)).unwrap().unwrap());
    for row in &all {
        let entry = tributary::ledger::books::from_number(&row.entry).unwrap();
        let proofs = proof::of_entry(&world.edges, entry).await.unwrap();
        let own = proofs.iter().find(|proof| proof.transfer == row.id).unwrap();
        let hash = |text: &str| -> merkle::Hash { hex::decode(text).unwrap().try_into().unwrap() };
        let path: Vec<_> = own.path.iter().map(|text| hash(text)).collect();
        let leaf = merkle::leaf(own.line.as_bytes());
        let size = u64::try_from(own.transfers).unwrap();
        assert_eq!(own.line, row.line().unwrap());
        assert!(merkle::proves(&leaf, own.place, size, &path, &hash(&own.root)));
        assert!(own.head.contains(&format!("root {}\n", own.root)) && own.public_key == public);
    }
}

async fn a_key_that_did_not_seal_so_far_seals_nothing(world: World) {
    capital(&world, 100, "first").await;
    seal::seal(&world.edges, false).await.unwrap();
    let place = key::path(&world.edges);
    assert_eq!(std::fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o600);
    let own = std::fs::read_to_string(&place).unwrap();
    capital(&world, 200, "second").await;
    std::fs::remove_file(&place).unwrap();
    let refused = seal::seal(&world.edges, false).await.unwrap_err().to_string();
    assert!(refused.contains("does not hold the sealing key") && !place.exists(), "{refused}");
    std::fs::write(&place, "11".repeat(32)).unwrap();
    std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(seal::seal(&world.edges, false).await.unwrap_err().to_string().contains("others may read"));
    std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(seal::seal(&world.edges, false).await.unwrap_err().to_string().contains("is not the sealing key"));
    // Said aloud, another key takes over, and both are told.
    assert_eq!(seal::seal(&world.edges, true).await.unwrap(), 1);
    let (ledger, heads) = exported(&world).await;
    let report = verified(&ledger, &heads);
    assert!(report.well(), "{:?}", report.findings);
    assert_eq!(report.keys.len(), 2);
    std::fs::write(&place, own).unwrap();
    capital(&world, 300, "third").await;
    assert!(seal::seal(&world.edges, false).await.is_err(), "the old key is over");
}

async fn the_doctor_knows_the_key_of_the_house_and_misses_the_secret(world: World) {
    let doctor = async || seal::inspect::wrong_batches(&world.edges).await.unwrap().join("; ");
    assert_eq!(doctor().await, "", "nothing is sealed, and no key is needed");
    capital(&world, 100, "first").await;
    seal::seal(&world.edges, false).await.unwrap();
    assert_eq!(doctor().await, "");
    let (place, own) = (key::path(&world.edges), std::fs::read_to_string(key::path(&world.edges)).unwrap());
    // Heads that hold by themselves, but not by the key of this house.
    std::fs::write(&place, "11".repeat(32)).unwrap();
    assert!(doctor().await.starts_with("head 1: is signed by the key "), "{}", doctor().await);
    assert!(doctor().await.ends_with("holds another"));
    std::fs::remove_file(&place).unwrap();
    assert!(doctor().await.ends_with("holds none"));
    tributary::desk::check::books(&world.edges).await.unwrap().iter().find(|found| found.code == "seals" && !found.ok).unwrap();
    std::fs::write(&place, own).unwrap();
    std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(doctor().await, "");
    raw(&world, match world.edges.db.backend() {
        DbBackend::Postgres => "alter table seal_secret disable trigger all",
        _ => "drop trigger seal_secret_undeleted",
    }).await.unwrap();
    raw(&world, "delete from seal_secret").await.unwrap();
    assert!(doctor().await.contains("the secret of the salts is gone"), "{}", doctor().await);
}

async fn a_seal_that_fails_is_missed_and_keeps_nobody_else_waiting(world: World) {
    let late = async || {
        let found = tributary::desk::check::house(&world.edges).await.unwrap();
        found.into_iter().find(|found| found.code == "sealed-in-time").map(|found| !found.ok).unwrap()
    };
    capital(&world, 100, "first").await;
    seal::seal(&world.edges, false).await.unwrap();
    let somebody = world.person("somebody", &[]).await;
    world.session(somebody).await;
    let place = key::path(&world.edges);
    let own = std::fs::read_to_string(&place).unwrap();
    std::fs::remove_file(&place).unwrap();
    capital(&world, 200, "second").await;
    let posted = world.edges.clock.now();
    world.edges.clock.set(posted + seal::inspect::LATE);
    assert!(!late().await);
    // The session is over: what is swept after the seal is swept although the seal failed.
    world.edges.clock.set(posted + chrono::Duration::days(31));
    assert!(late().await);
    let failed = tributary::desk::jobs::tick(&world.edges).await.unwrap_err().to_string();
    assert!(failed.contains("does not hold the sealing key"), "{failed}");
    assert_eq!(number(&world, "select count(*) from session").await, 0);
    std::fs::write(&place, own).unwrap();
    std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o600)).unwrap();
    tributary::desk::jobs::tick(&world.edges).await.unwrap();
    assert!(!late().await);
    assert_eq!(number(&world, "select count(*) from seal_head").await, 2);
}

async fn heads_that_were_kept_are_looked_for_in_the_books(world: World) {
    for n in 0..40 {
        capital(&world, 100, &format!("n{n}")).await;
        seal::seal(&world.edges, false).await.unwrap();
    }
    let (_, all) = exported(&world).await;
    let told = async |kept: &str| -> Vec<String> {
        let found = seal::inspect::not_as_kept(&world.edges, kept).await.unwrap();
        found.iter().map(ToString::to_string).collect()
    };
    assert_eq!(told(&all).await, [""; 0]);
    // Another moment in the twentieth head, a number beyond the newest, a file that is none.
    let twentieth: Vec<String> = all.lines().map(|line| if line.contains("\"batch\":20,") { line.replacen("2026-", "2025-", 1) } else { line.to_owned() }).collect();
    assert_eq!(told(&twentieth.join("\n")).await, ["head 20: is not the one that was kept"]);
    let beyond: Vec<String> = all.lines().map(|line| line.replacen("\"batch\":40,", "\"batch\":41,", 1)).collect();
    assert_eq!(told(&beyond.join("\n")).await, ["head 41: was kept, and is not here"]);
    assert!(told("{}").await[0].starts_with("the heads cannot be read"));
}

async fn two_copies_that_start_at_once_have_one_key(world: World) {
    let made: Vec<_> = (0..16)
        .map(|_| {
            let edges = world.edges.clone();
            tokio::task::spawn_blocking(move || key::public(&key::load_or_make(&edges).unwrap()))
        })
        .collect();
    let mut keys = std::collections::BTreeSet::new();
    for key in made {
        keys.insert(key.await.unwrap());
    }
    assert_eq!(keys.len(), 1);
    let left = std::fs::read_dir(&world.edges.config.data).unwrap().flatten();
    assert_eq!(left.filter(|file| file.file_name().to_string_lossy().contains(".part")).count(), 0);
}

async fn a_backup_is_put_back_whole_or_not_at_all(world: World) {
    use tributary::desk::{backup, restore};
    if world.edges.db.backend() == DbBackend::Postgres && crate::support::tools::program("pg_dump").is_none() {
        crate::support::tools::left_out("a backup of PostgreSQL", "pg_dump is not installed");
        return;
    }
    let ground = Ground::lay(&world).await;
    played(&world, &ground, 60).await;
    let file = world.edges.store.keep(b"a voucher").await.unwrap();
    seal::seal(&world.edges, false).await.unwrap();
    let (before, heads) = exported(&world).await;
    let folder = tempfile::tempdir().unwrap();
    let (taken, packed) = (folder.path().join("taken"), folder.path().join("taken.tar"));
    let manifest = backup::run(&world.edges, &taken).await.unwrap();
    assert_eq!(manifest.keys, ["seal.key", "vault.key"]);
    assert!(manifest.head.as_ref().is_some_and(|head| head.contains("\nroot ")));
    assert!(backup::run(&world.edges, &taken).await.is_err(), "over another backup");
    assert_eq!(backup::run(&world.edges, &packed).await.unwrap().head, manifest.head);
    assert!(backup::run(&world.edges, &packed).await.is_err(), "over another backup");
    for (n, source) in [&taken, &packed].into_iter().enumerate() {
        let database = match world.edges.db.backend() {
            DbBackend::Postgres => crate::support::postgres::empty().await.unwrap(),
            _ => String::new(),
        };
        let data = folder.path().join(format!("data-{n}"));
        let config = tributary::config::Config { data: data.clone(), database, ..Default::default() };
        assert_eq!(restore::run(config.clone(), source).await.unwrap().head, manifest.head);
        let refused = restore::run(config.clone(), source).await.unwrap_err().to_string();
        assert!(refused.contains("not empty"), "{refused}");
        let elsewhere = tributary::config::Config { data: folder.path().join(format!("other-{n}")), ..config.clone() };
        if world.edges.db.backend() == DbBackend::Postgres {
            let refused = restore::run(elsewhere, source).await.unwrap_err().to_string();
            assert!(refused.contains("the database is not empty"), "{refused}");
        }
        let edges = tributary::app::open(config, Clock::frozen_at(world.edges.clock.now()), Dice::fair()).await.unwrap();
        let again = World::around(edges);
        assert_eq!(again.edges.vault.derive("x"), world.edges.vault.derive("x"), "another vault");
        assert_eq!(exported(&again).await, (before.clone(), heads.clone()));
        assert_eq!(again.edges.store.read(&file).await.unwrap(), b"a voucher");
        crate::books::sums::hold(&again).await;
        // It goes on where it was: the same key, the next head, the books still guarded.
        capital(&again, 1, "after").await;
        assert_eq!(seal::seal(&again.edges, false).await.unwrap(), 1);
        assert!(raw(&again, "delete from transfer").await.is_err());
    }
    // One byte of the copy, one of a file, no note at all.
    let hurt = |name: &str| {
        let path = taken.join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(path, bytes).unwrap();
    };
    let empty = tributary::config::Config { data: folder.path().join("never"), ..Default::default() };
    if world.edges.db.backend() == DbBackend::Sqlite {
        for name in [format!("files/{file}"), manifest.database.clone()] {
            hurt(&name);
            let refused = restore::run(empty.clone(), &taken).await.unwrap_err().to_string();
            assert!(refused.contains("is not what was backed up"), "{refused}");
            assert!(!empty.data.join("tributary.db").exists());
            hurt(&name);
        }
        std::fs::remove_file(taken.join("backup.json")).unwrap();
        assert!(restore::run(empty, &taken).await.unwrap_err().to_string().contains("not finished"));
    }
}
}
