//! What must hold after whatever happened, reckoned again from the transfers alone.

use super::ground::{number, rows};
use crate::support::{World, tools};
use std::collections::BTreeMap;
use std::io::Write;
use tributary::ledger::{balances, journal};

/// Floored accounts whose figures are not the sum of their transfers.
const WRONG_FIGURES: &str = "
    select cast(count(*) as bigint) from account a where a.floored and (
      a.posted_debit_minor <> (select cast(coalesce(sum(t.amount_minor), 0) as bigint) from transfer t where t.debit_id = a.id and t.phase in ('single','post'))
      or a.posted_credit_minor <> (select cast(coalesce(sum(t.amount_minor), 0) as bigint) from transfer t where t.credit_id = a.id and t.phase in ('single','post'))
      or a.held_debit_minor <> (select cast(coalesce(sum(t.amount_minor), 0) as bigint) from transfer t where t.debit_id = a.id and t.phase = 'pending' and not exists (select 1 from transfer r where r.resolves_id = t.id))
      or a.held_credit_minor <> (select cast(coalesce(sum(t.amount_minor), 0) as bigint) from transfer t where t.credit_id = a.id and t.phase = 'pending' and not exists (select 1 from transfer r where r.resolves_id = t.id)))";

/// Floored accounts below zero, holds included.
const BELOW_ZERO: &str = "
    select cast(count(*) as bigint) from account a where a.floored and (case when a.side = 'C'
      then a.posted_credit_minor - a.posted_debit_minor - a.held_debit_minor
      else a.posted_debit_minor - a.posted_credit_minor - a.held_credit_minor end) < 0";

/// What is left of all lots, and what funds, commitments and payables hold.
const LEFT_OF_LOTS: &str = "
    select cast(coalesce((select sum(amount_minor) from lot), 0)
      - coalesce((select sum(case kind when 'consume' then amount_minor when 'reopen' then -amount_minor when 'refund' then amount_minor when 'fee' then amount_minor when 'refund_void' then -amount_minor else 0 end) from lot_move), 0) as bigint)";
const AVAILABLE_AND_COMMITTED: &str = "
    select cast(coalesce(sum(posted_credit_minor - posted_debit_minor - case when kind = 'fund_available' then held_debit_minor else 0 end), 0) as bigint)
    from account where kind in ('fund_available','award_committed','award_payable')";

/// Funds whose lots have another free part than the fund has.
const FREE_APART: &str = "
    select cast(count(*) as bigint) from account a where a.kind = 'fund_available' and
      a.posted_credit_minor - a.posted_debit_minor - a.held_debit_minor <>
      coalesce((select sum(l.amount_minor) from lot l where l.fund_id = a.subject_id), 0)
      - coalesce((select sum(case m.kind when 'allocate' then m.amount_minor when 'refund' then m.amount_minor when 'fee' then m.amount_minor when 'release' then -m.amount_minor when 'reopen' then -m.amount_minor when 'refund_void' then -m.amount_minor else 0 end)
          from lot_move m join lot l on l.id = m.lot_id where l.fund_id = a.subject_id), 0)";

/// Payments called paid without a posted transfer, and posted ones called otherwise.
const PAID_APART: &str = "
    select cast(count(*) as bigint) from (
      select p.outcome as outcome, (select count(*) from transfer h join transfer t on t.resolves_id = h.id and t.phase = 'post' where h.payment_id = p.id)
        + (select count(*) from transfer s where s.payment_id = p.id and s.phase = 'single') as posted from payment p) told
    where (outcome = 'paid' and posted <> 1) or (posted > 0 and coalesce(outcome, '') not in ('paid','returned'))";

/// Everything that must always hold of the books.
pub async fn hold(world: &World) {
    assert_eq!(number(world, WRONG_FIGURES).await, 0, "an account's figures are not the sum of its transfers");
    assert_eq!(number(world, BELOW_ZERO).await, 0, "an account stands below zero");
    let all = balances::all(world.edges.db.read()).await.unwrap();
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for row in &all {
        let debit =
            if row.account.side == entities::kinds::Side::Debit { row.balance_minor } else { -row.balance_minor };
        *sums.entry(row.account.currency.to_string()).or_default() += debit;
    }
    assert!(sums.values().all(|sum| *sum == 0), "debits are not credits: {sums:?}");
    assert_eq!(number(world, LEFT_OF_LOTS).await, number(world, AVAILABLE_AND_COMMITTED).await, "lots and accounts");
    assert_eq!(number(world, FREE_APART).await, 0, "a fund's free lots are not what it has available");
    assert_eq!(number(world, PAID_APART).await, 0, "paid is not posted");
}

/// Every account as rows, to compare before and after.
pub async fn picture(world: &World) -> Vec<String> {
    rows(world, "select code, currency, side, posted_debit_minor, posted_credit_minor, held_debit_minor, held_credit_minor from account order by code")
        .await
        .iter()
        .map(|row| {
            let figures: Vec<i64> = (3..7).map(|place| row.try_get_by_index::<i64>(place).unwrap()).collect();
            let words: Vec<String> = (0..3).map(|place| row.try_get_by_index::<String>(place).unwrap()).collect();
            format!("{} {figures:?}", words.join(" "))
        })
        .collect()
}

/// Has hledger read the journal: it must accept it and reckon every balance as we do.
pub async fn hledger_agrees(world: &World) {
    let Some(hledger) = tools::program("hledger") else {
        tools::left_out("the journal read by hledger", "hledger is not installed");
        return;
    };
    let db = world.edges.db.read();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("books.journal");
    std::fs::File::create(&file).unwrap().write_all(journal::write(db).await.unwrap().as_bytes()).unwrap();
    let run = |arguments: &[&str]| {
        let out = std::process::Command::new(&hledger)
            .env("LC_ALL", "C.UTF-8")
            .arg("-f")
            .arg(&file)
            .args(arguments)
            .output()
            .unwrap();
        assert!(out.status.success(), "hledger {arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    };
    run(&["check", "-s", "accounts", "commodities", "ordereddates"]);
    let told = run(&["balance", "--flat", "--no-total", "--empty", "-O", "csv"]);
    let mut theirs: BTreeMap<String, i64> = BTreeMap::new();
    let mut reader = csv::Reader::from_reader(told.as_bytes());
    for record in reader.records() {
        let record = record.unwrap();
        let amount = record[1].trim_start_matches("CNY").trim().replace([',', '.'], "");
        let minor: i64 = amount.parse().unwrap();
        theirs.insert(record[0].to_owned(), minor);
    }
    for (name, minor, _) in journal::balances(db).await.unwrap() {
        assert_eq!(theirs.get(&name).copied().unwrap_or(0), minor, "hledger reckons {name} otherwise");
    }
}
