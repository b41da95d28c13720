//! Totals instead of sums: whatever is sealed, cut and added, a figure is the sum of its transfers.

use super::ground::{raw, rows};
use crate::support::{World, both, day, tools};
use chrono::{Days, NaiveDate};
use entities::kinds::{Currency, FundId, Recipe, Subject};
use std::collections::BTreeMap;
use tributary::desk::check;
use tributary::ledger::books::{self, Entry};
use tributary::ledger::{Account, balances, seal, trial};
use tributary::people::permission::Context;

/// Opening, debits, credits and closing of every account, transfer by transfer.
async fn counted(world: &World, from: NaiveDate, until: NaiveDate) -> BTreeMap<i64, [i64; 4]> {
    let sql = format!(
        "select a.id, case a.side when 'D' then 1 else -1 end, leg.sign, cast(sum(leg.amount_minor) as bigint), case when leg.occurred_on < '{from}' then 1 else 0 end
         from account a join (
           select t.debit_id as account_id, 1 as sign, t.amount_minor, p.occurred_on from transfer t join posting p on p.id = t.posting_id where t.phase in ('single','post')
           union all
           select t.credit_id, -1, t.amount_minor, p.occurred_on from transfer t join posting p on p.id = t.posting_id where t.phase in ('single','post')
         ) leg on leg.account_id = a.id where leg.occurred_on <= '{until}' group by 1, 2, 3, 5"
    );
    let mut found: BTreeMap<i64, [i64; 4]> = BTreeMap::new();
    for row in rows(world, &sql).await {
        let int = |place: usize| {
            row.try_get_by_index::<i64>(place).or_else(|_| row.try_get_by_index::<i32>(place).map(i64::from)).unwrap()
        };
        let (side, sign, sum, before) = (int(1), int(2), int(3), int(4) == 1);
        let line = found.entry(int(0)).or_default();
        match (before, sign) {
            (true, _) => line[0] += side * sign * sum,
            (false, 1) => line[1] += sum,
            (false, _) => line[2] += sum,
        }
        line[3] += side * sign * sum;
    }
    found
}

async fn agrees(world: &World, from: NaiveDate, until: NaiveDate) {
    let lines = trial::of_period(world.edges.db.read(), from, until).await.unwrap();
    let told: BTreeMap<i64, [i64; 4]> = lines
        .iter()
        .map(|line| (line.account.id.0, [line.opening_minor, line.debit_minor, line.credit_minor, line.closing_minor]))
        .collect();
    assert_eq!(told, counted(world, from, until).await, "{from} to {until}");
}

/// One entry of each kind of account, on a day.
async fn posts(world: &World, n: i64, on: NaiveDate) {
    let by = &Context::system(world.edges.clone());
    let (debit, credit, recipe) = match n % 4 {
        0 => (Account::Bank, Account::OperatingReserve, Recipe::Capital),
        1 => (Account::BankFees, Account::Bank, Recipe::BankFee),
        2 => (Account::StripeClearing, Account::OperatingReserve, Recipe::CardPaid),
        _ => (Account::ProcessorFees, Account::StripeClearing, Recipe::ProcessorFee),
    };
    let entry = Entry {
        recipe,
        subject: (Subject::Foundation, 1),
        occurred_on: on,
        fund: (n % 3 == 0).then_some(FundId(n % 5 + 1)),
        award: None,
        currency: Currency::CNY,
    };
    let change = |tx| async move {
        let tx = &tx;
        let posting = books::open(tx, by, entry).await?;
        let amount = if n == 0 { 100_000_000 } else { n * 37 % 9_973 + 1 };
        posting.transfer(debit, credit, amount, &format!("entry {n}")).await.map(|_| ())
    };
    by.write(change).await.unwrap();
}

both! {
    async fn a_trial_balance_is_the_sum_of_its_transfers_however_it_is_cut(world: World) {
        let first = day(2025, 1, 5);
        // Days come as banks tell them: not in their order.
        for n in 0..120 {
            posts(&world, n, first + Days::new(u64::try_from(n * 53 % 330).unwrap())).await;
            if n == 70 {
                seal::seal(&world.edges, false).await.unwrap();
            }
        }
        let edges = [day(2025, 1, 1), first, day(2025, 1, 31), day(2025, 2, 1), day(2025, 2, 14), day(2025, 2, 15), day(2025, 6, 30), day(2025, 11, 29), day(2025, 12, 31), day(2027, 1, 1)];
        let mut cuts = 0;
        for sealed in [false, true] {
            if sealed {
                seal::seal(&world.edges, false).await.unwrap();
                assert!(rows(&world, "select 1 from unsealed").await.is_empty());
            }
            for from in edges {
                for until in edges.into_iter().filter(|until| *until >= from) {
                    agrees(&world, from, until).await;
                    cuts += 1;
                }
            }
            let kept = balances::all(world.edges.db.read()).await.unwrap();
            let all = counted(&world, day(2000, 1, 1), day(2100, 1, 1)).await;
            assert!(kept.iter().all(|one| all.get(&one.account.id.0).map_or(0, |line| line[3]) == one.balance_minor));
        }
        tools::say(&format!("totals: {cuts} periods agree with their transfers"));
        assert!(check::books(&world.edges).await.unwrap().iter().filter(|finding| finding.code.starts_with("totals")).all(|finding| finding.ok));
        raw(&world, "update turnover set amount_minor = amount_minor + 1 where id = (select min(id) from turnover)").await.unwrap();
        let wrong = check::books(&world.edges).await.unwrap().into_iter().filter(|finding| !finding.ok).map(|finding| finding.code);
        let wrong: Vec<_> = wrong.collect();
        assert!(wrong.contains(&"totals") && wrong.contains(&"totals-by-month"), "{wrong:?}");
    }
}
