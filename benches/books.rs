//! What the books cost: a gift posted through its service by sixteen at once, beside the bare rows of the same gift; and pages and
//! postings with a million transfers in the books beside those with ten thousand.
//!
//! `cargo bench --bench books` prints ratios taken in one run. The bare rows are written by programs of others: Python's own SQLite in a loop of
//! prepared statements, and pgbench. They write the same tables with the same triggers; the bench counts that it is the same rows.

#![allow(clippy::disallowed_methods, reason = "a measurement asks the machine what it has")]
#![allow(missing_docs, clippy::unwrap_used, clippy::float_arithmetic, clippy::print_stdout, reason = "a measurement")]

#[path = "../tests/support/mod.rs"]
#[allow(dead_code, unused_imports, unused_macros)]
mod support;

use entities::kinds::{Anonymity, Currency, FundId, FundStage, GiftId, LegalForm, MemberRole, PersonId, Role};
use rocket::local::asynchronous::Client;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use support::{Database, World, day, rows};
use tributary::app;
use tributary::grants::gifts::service::receipts::{self, Receipt};
use tributary::ledger::{Account, accounts, seal};
use tributary::people::permission::{Approver, Finance};

/// Who posts at once.
const CLIENTS: usize = 16;
/// Gifts posted in a measurement.
const GIFTS: usize = 2_000;
/// What a gift through its service must reach of the bare rows, on either database.
const LEAST_SQLITE: f64 = 0.30;
const LEAST_POSTGRES: f64 = 0.65;
/// Transfers in small books and in full ones, and over how many funds.
const SMALL: usize = 10_000;
const FULL: usize = 1_000_000;
const FUNDS: usize = 20;
/// What a page of full books may cost of one of small books, and what the rate of posting must keep.
const MOST_PAGE: f64 = 1.2;
const LEAST_RATE: f64 = 0.9;
/// Each page is asked for so often, by turns; the middle one counts.
const ASKED: usize = 61;

#[tokio::main(flavor = "multi_thread")]
async fn main() {
    // `cargo test --benches` runs this too; it has nothing to prove there.
    if std::env::args().any(|argument| argument == "--test") || cfg!(debug_assertions) {
        println!("measured only by `cargo bench`");
        return;
    }
    let mut well = true;
    for (database, least) in [(Database::Sqlite, LEAST_SQLITE), (Database::Postgres, LEAST_POSTGRES)] {
        well &= beside_bare_rows(database, least).await;
    }
    well &= full_beside_small().await;
    println!("{}", if well { "all within their limits" } else { "NOT within their limits" });
}

/// A house with a fund that gives, who records and who confirms.
struct House {
    world: World,
    finance: PersonId,
    approver: PersonId,
    donor: entities::kinds::OrganisationId,
    recorded: AtomicUsize,
}

impl House {
    async fn on(database: Database) -> Option<Self> {
        let world = World::bare_on(database, "the bench of the books").await?;
        if world.edges.db.backend() == DbBackend::Postgres {
            // The tests' server forgets what it does not need; here it keeps what it acknowledges, as a real one does.
            world.edges.db.read().execute_unprepared("alter system set fsync = on").await.unwrap();
            world.edges.db.read().execute_unprepared("select pg_reload_conf()").await.unwrap();
        }
        let finance = world.person("finance", &[Role::FinanceOfficer]).await;
        let approver = world.person("approver", &[Role::Approver]).await;
        let donor = world.organisation("donor", LegalForm::Company, None).await;
        let signatory = world.person("signatory", &[]).await;
        world.member(signatory, donor, MemberRole::Signatory).await;
        for _ in 0..FUNDS {
            let row = rows::fund(donor, [finance, approver], world.edges.clock.now());
            rows::put(&world, entities::fund::ActiveModel { stage: sea_orm::Set(FundStage::Active), ..row }).await;
        }
        Some(Self { world, finance, approver, donor, recorded: AtomicUsize::new(0) })
    }

    /// Receipts that wait for their second person.
    async fn recorded(&self, count: usize) -> Vec<GiftId> {
        let by = self.world.role::<Finance>(self.finance).await;
        let mut ids = Vec::with_capacity(count);
        for _ in 0..count {
            let n = self.recorded.fetch_add(1, Ordering::Relaxed);
            let receipt = Receipt {
                fund: FundId(1),
                donor_organisation: Some(self.donor),
                donor_person: None,
                donor_name: "donor".into(),
                anonymity: Anonymity::Named,
                receipt_wanted: true,
                amount_minor: 10_000 + i64::try_from(n).unwrap(),
                currency: Currency::CNY,
                restriction: None,
                received_on: day(2026, 1, 5),
                bank_line: format!("line-{n}"),
                pledge: None,
                slip: None,
            };
            ids.push(receipts::record_receipt(&by, receipt).await.unwrap());
        }
        ids
    }

    /// Gifts a second, confirmed by sixteen at once.
    async fn confirmed(&self, gifts: Vec<GiftId>) -> f64 {
        let count = gifts.len();
        let gifts = Arc::new(gifts);
        let next = Arc::new(AtomicUsize::new(0));
        let by = self.world.role::<Approver>(self.approver).await;
        let begun = Instant::now();
        let tasks: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let (gifts, next, by) = (gifts.clone(), next.clone(), by.clone());
                tokio::spawn(async move {
                    while let Some(id) = gifts.get(next.fetch_add(1, Ordering::Relaxed)) {
                        receipts::confirm_receipt(&by, *id).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        per_second(count, begun.elapsed())
    }

    async fn number(&self, sql: &str) -> i64 {
        let statement = Statement::from_string(self.world.edges.db.backend(), sql);
        let row = self.world.edges.db.read().query_one_raw(statement).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }

    async fn run(&self, sql: &str) {
        self.world.edges.db.write(|tx| async move { Ok(tx.execute_unprepared(sql).await.map(|_| ())?) }).await.unwrap();
    }

    /// Rows of every table that a gift may touch.
    async fn counts(&self) -> BTreeMap<&'static str, i64> {
        let mut counts = BTreeMap::new();
        for table in ["account", "event", "gift", "job", "lot", "posting", "transfer", "posting_document", "bank_line"]
        {
            counts.insert(table, self.number(&format!("select count(*) from {table}")).await);
        }
        counts
    }
}

fn per_second(count: usize, time: Duration) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a count of gifts")]
    let count = count as f64;
    count / time.as_secs_f64()
}

/// Gifts through their service beside their bare rows.
async fn beside_bare_rows(database: Database, least: f64) -> bool {
    let Some(house) = House::on(database).await else { return false };
    // One gift opens the accounts and shows which rows a gift is.
    house.confirmed(house.recorded(1).await).await;
    let before = house.counts().await;
    let waiting = house.recorded(GIFTS).await;
    let between = house.counts().await;
    let jobs = house.number("select max(id) from job").await;
    let served = house.confirmed(waiting).await;
    let after = house.counts().await;
    let bare_gifts = house.recorded(GIFTS).await;
    templates(&house, jobs + 1).await;
    let start = house.counts().await;
    let bare = match database {
        Database::Sqlite => python(&house, bare_gifts[0]),
        Database::Postgres => pgbench(&house, bare_gifts[0]).await,
    };
    let end = house.counts().await;
    for (table, count) in &end {
        assert_eq!(count - start[table], after[table] - between[table], "other rows in {table}");
    }
    assert_eq!(after["transfer"] - before["transfer"], 2 * i64::try_from(GIFTS).unwrap());
    let ratio = served / bare;
    let other = if house.world.edges.db.backend() == DbBackend::Postgres { "pgbench" } else { "a bare loop" };
    println!(
        "gift   {:?}: {served:.0} a second by {CLIENTS} at once, {other} {bare:.0}",
        house.world.edges.db.backend()
    );
    println!("ratio  {ratio:.2} (at least {least:.2})");
    ratio >= least
}

/// The rows of a gift that was posted, kept to be written again with another number; `job` is the letter to its donor.
async fn templates(house: &House, job: i64) {
    for (table, which) in [
        ("event", "where subject = 'gift' and act = 'receive'".to_owned()),
        ("posting", "where recipe = 'suspense_matched'".to_owned()),
        ("transfer", "where debit_id = (select id from account where code = 'suspense_receipts:CNY')".to_owned()),
        // The lot of that very transfer: of sixteen at once the newest of each table need not be one gift.
        ("lot", "where transfer_id = (select id from like_transfer)".to_owned()),
        ("job", format!("where id = {job}")),
    ] {
        house
            .run(&format!("create table like_{table} as select * from {table} {which} order by id desc limit 1"))
            .await;
    }
}

/// What a gift writes, one statement a row. `g` is the gift's number, `posting` and `transfer` the ones just written.
fn statements(g: &str, posting: &str, transfer: &str) -> Vec<String> {
    vec![
        format!("insert into event (at, actor_id, actor_part, subject, subject_id, act, from_stage, to_stage, reason, data) select at, actor_id, actor_part, subject, {g}, act, from_stage, to_stage, reason, data from like_event"),
        format!("update gift set stage = 'received', confirmed_by = (select max(confirmed_by) from gift where id <= 2) where id = {g} and stage = 'processing'"),
        format!("insert into posting (recipe, at, occurred_on, fund_id, award_id, subject, subject_id, created_by) select recipe, at, occurred_on, fund_id, award_id, subject, {g}, created_by from like_posting"),
        format!("insert into transfer (idempotency_key, phase, debit_id, credit_id, amount_minor, currency, posting_id, at) select 'bare:' || {g}, phase, debit_id, credit_id, amount_minor, currency, {posting}, at from like_transfer"),
        format!("insert into lot (fund_id, gift_id, amount_minor, received_at, transfer_id) select fund_id, {g}, amount_minor, received_at, {transfer} from like_lot"),
        "insert into job (kind, payload, run_at, attempts, last_error, created_at) select kind, payload, run_at, attempts, last_error, created_at from like_job".to_owned(),
    ]
}

const LOOP: &str = "
import sqlite3, sys, time
path, first, count, statements = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4].split('\\n')
db = sqlite3.connect(path, isolation_level=None, cached_statements=256)
db.execute('pragma journal_mode = wal'); db.execute('pragma synchronous = full'); db.execute('pragma foreign_keys = on'); db.execute('pragma recursive_triggers = on')
begun = time.perf_counter()
for g in range(first, first + count):
    db.execute('begin immediate')
    for n, sql in enumerate(statements):
        given = {'g': g}
        if ':posting' in sql: given['posting'] = posting
        if ':transfer' in sql: given['transfer'] = transfer
        if ':g' not in sql: del given['g']
        done = db.execute(sql, given)
        if n == 2: posting = done.lastrowid
        if n == 3: transfer = done.lastrowid
    db.execute('commit')
print(count / (time.perf_counter() - begun))
";

/// A bare loop of prepared statements, a gift a second.
fn python(house: &House, first: GiftId) -> f64 {
    let path = house.world.edges.config.data.join("tributary.db");
    assert!(path.is_file(), "{}", path.display());
    let text = statements(":g", ":posting", ":transfer").join("\n");
    let mut command = Command::new("python3");
    command.args(["-c", LOOP]).arg(path).args([first.to_string(), GIFTS.to_string(), text]);
    let answer = asked_of(&mut command);
    answer.trim().parse().unwrap()
}

fn asked_of(command: &mut Command) -> String {
    let done = command.output().unwrap();
    assert!(
        done.status.success(),
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8(done.stdout).unwrap()
}

/// The same by pgbench, sixteen at once with prepared statements.
async fn pgbench(house: &House, first: GiftId) -> f64 {
    house.run(&format!("create sequence bare_gift start {first}")).await;
    let url = house.world.edges.config.database_url();
    let mut script = String::from("select nextval('bare_gift') as g \\gset\nbegin;\n");
    let last = |table: &str| format!("currval(pg_get_serial_sequence('{table}', 'id'))");
    for statement in statements(":g", &last("posting"), &last("transfer")) {
        writeln!(script, "{statement};").unwrap();
    }
    script.push_str("end;\n");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gift.sql");
    std::fs::write(&path, script).unwrap();
    let each = (GIFTS / CLIENTS).to_string();
    let clients = CLIENTS.to_string();
    let mut command = Command::new("pgbench");
    command.args(["-n", "-M", "prepared", "-c", &clients, "-j", "2", "-t", &each, "-f"]).arg(&path).arg(url);
    let told = tokio::task::spawn_blocking(move || asked_of(&mut command)).await.unwrap();
    let line = told.lines().find(|line| line.starts_with("tps")).unwrap_or_else(|| panic!("{told}"));
    line.split_whitespace().nth(2).unwrap().parse().unwrap()
}

/// Books with so many transfers, all sealed: gifts by bank over two years.
async fn filled(transfers: usize) -> House {
    let house = House::on(Database::Sqlite).await.unwrap();
    house.confirmed(house.recorded(1).await).await;
    let opened = |tx| async move {
        for fund in 1..=FUNDS {
            let fund = FundId(i64::try_from(fund).unwrap());
            accounts::key(&tx, Account::FundAvailable(fund), Currency::CNY).await?;
        }
        Ok(())
    };
    house.world.edges.db.write(opened).await.unwrap();
    let gifts = transfers / 2;
    let (first_gift, first_posting) =
        (house.number("select max(id) from gift").await, house.number("select max(id) from posting").await);
    let numbers = format!("with recursive n(i) as (select 1 union all select i + 1 from n where i < {gifts})");
    let on = "date('2024-01-01', '+' || (i % 700) || ' days')";
    let at = "date('2024-01-01', '+' || (i % 700) || ' days') || 'T01:00:00+00:00'";
    let fund = format!("i % {FUNDS} + 1");
    let columns = "recipe, at, occurred_on, fund_id, subject, subject_id, created_by";
    for sql in [
        format!("insert into gift (fund_id, kind, stage, donor_organisation_id, donor_name, anonymity, receipt_wanted, amount_minor, currency, bank_line, received_on, description, valuation_basis, recorded_by, confirmed_by, created_by, created_at)
            {numbers} select {fund}, 'bank', 'received', {}, 'donor', 'named', 1, 100 + i % 977, 'CNY', 'full-' || i, {on}, '', '', {f}, {a}, {f}, {at} from n", house.donor, f = house.finance, a = house.approver),
        format!("insert into posting ({columns}) {numbers} select 'bank_receipt', {at}, {on}, {fund}, 'gift', {first_gift} + i, {} from n", house.finance),
        format!("insert into posting ({columns}) {numbers} select 'suspense_matched', {at}, {on}, {fund}, 'gift', {first_gift} + i, {} from n", house.approver),
        format!("insert into transfer (idempotency_key, phase, debit_id, credit_id, amount_minor, currency, posting_id, at)
            {numbers} select 'bank:full-' || i, 'single', (select id from account where code = 'bank:CNY'), (select id from account where code = 'suspense_receipts:CNY'), 100 + i % 977, 'CNY', {first_posting} + i, {at} from n"),
        format!("insert into transfer (idempotency_key, phase, debit_id, credit_id, amount_minor, currency, posting_id, at)
            {numbers} select 'full:' || i, 'single', (select id from account where code = 'suspense_receipts:CNY'), (select id from account where code = 'fund_available:' || ({fund})), 100 + i % 977, 'CNY', {first_posting} + {gifts} + i, {at} from n"),
        "insert into lot (fund_id, gift_id, amount_minor, received_at, transfer_id)
            select p.fund_id, p.subject_id, t.amount_minor, t.at, t.id from transfer t join posting p on p.id = t.posting_id where t.idempotency_key like 'full:%'".to_owned(),
    ] {
        house.run(&sql).await;
    }
    house.run("analyze").await;
    seal::seal(&house.world.edges, false).await.unwrap();
    house
}

/// Pages and postings of full books beside those of small ones.
async fn full_beside_small() -> bool {
    let begun = Instant::now();
    let (small, full) = (filled(SMALL).await, filled(FULL).await);
    println!("books  {SMALL} and {FULL} transfers, all sealed, {:.0} s to make", begun.elapsed().as_secs_f64());
    let mut well = true;
    let clients = [
        Client::untracked(app::server(small.world.edges.clone())).await.unwrap(),
        Client::untracked(app::server(full.world.edges.clone())).await.unwrap(),
    ];
    let houses = [&small, &full];
    let mut entries = Vec::new();
    for house in houses {
        entries.push(format!("/ledger/V-{:06}", house.number("select max(id) / 2 from posting").await));
    }
    let paths = [
        ("fund", ["/funds/1".to_owned(), "/funds/1".to_owned()]),
        ("entry", [entries[0].clone(), entries[1].clone()]),
        ("trial", ["/ledger/trial-balance".to_owned(), "/ledger/trial-balance".to_owned()]),
        ("ledger", ["/ledger".to_owned(), "/ledger".to_owned()]),
        ("account", ["/ledger/accounts/1".to_owned(), "/ledger/accounts/1".to_owned()]),
    ];
    for (name, paths) in paths {
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..ASKED {
            for (place, house) in houses.into_iter().enumerate() {
                // Something is committed before each: no page answers from what it kept.
                house.run("insert into event (at, actor_part, subject, subject_id, act, reason, data) values ('2026-01-05T01:00:00+00:00', 'system', 'fund', 99, 'bench', '', '{}')").await;
                let begun = Instant::now();
                let answer = clients[place].get(paths[place].clone()).dispatch().await;
                assert_eq!(answer.status().code, 200, "{}", paths[place]);
                let text = answer.into_string().await.unwrap();
                times[place].push(begun.elapsed());
                assert!(text.len() > 1000);
            }
        }
        let [small, full] = times.map(middle);
        let ratio = full.as_secs_f64() / small.as_secs_f64();
        println!(
            "{name:<7}{:.2} ms with {SMALL} transfers, {:.2} ms with {FULL}",
            small.as_secs_f64() * 1e3,
            full.as_secs_f64() * 1e3
        );
        println!("ratio  {ratio:.2} (at most {MOST_PAGE:.1})");
        well &= ratio <= MOST_PAGE || !["fund", "entry", "trial"].contains(&name);
    }
    let mut rates = [0.0_f64; 2];
    for _ in 0..3 {
        for (place, house) in houses.into_iter().enumerate() {
            rates[place] = rates[place].max(house.confirmed(house.recorded(GIFTS / 2).await).await);
        }
    }
    let ratio = rates[1] / rates[0];
    println!("gift   {:.0} a second with {SMALL} transfers, {:.0} with {FULL}", rates[0], rates[1]);
    println!("ratio  {ratio:.2} (at least {LEAST_RATE:.1})");
    well && ratio >= LEAST_RATE
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
