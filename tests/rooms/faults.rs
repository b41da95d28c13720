//! Rule 8: never paid twice, whatever step breaks. The database itself breaks before each single write of each step of a payment, one
//! after the other; what is tried again afterwards happens once.

use super::grant::Grant;
use crate::books::ground::{number, raw, rows};
use crate::books::sums;
use crate::support::{World, both, tools};
use entities::kinds::{EvaluationKind, PaymentOutcome, ReportKind, TrancheStage};
use entities::payment;
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter};
use tributary::error::{Error, Result};
use tributary::grants::reports::evaluations;
use tributary::grants::tranches::{approvals, bank};
use tributary::people::permission::{Approver, Finance};

/// More writes than any step has.
const NEVER: i64 = 1_000_000;

/// Puts a charge before every insert and update of every table: it goes off once so many writes were made.
pub(super) async fn mined(world: &World) {
    let postgres = world.edges.db.backend() == DbBackend::Postgres;
    let tables = if postgres {
        "select table_name::text from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'"
    } else {
        "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
    };
    let tables: Vec<String> = rows(world, tables).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    raw(world, &format!("create table fault (left_over bigint not null); insert into fault values ({NEVER})"))
        .await
        .unwrap();
    if postgres {
        raw(
            world,
            "create function goes_off() returns trigger language plpgsql as $$ declare n bigint; begin
              update fault set left_over = left_over - 1 returning left_over into n;
              if n < 0 then raise exception 'injected fault'; end if; return new; end $$",
        )
        .await
        .unwrap();
    }
    for table in tables {
        for act in ["insert", "update"] {
            let sql = if postgres {
                format!("create trigger a_fault_{act} before {act} on {table} for each row execute function goes_off()")
            } else {
                format!(
                    "create trigger a_fault_{table}_{act} before {act} on {table} begin
                    update fault set left_over = left_over - 1;
                    select raise(abort, 'injected fault') where (select left_over from fault) < 0; end"
                )
            };
            raw(world, &sql).await.unwrap();
        }
    }
}

/// A payment whose every step breaks wherever it can.
pub(super) struct Broken<'a> {
    pub(super) grant: &'a Grant,
    pub(super) faults: usize,
}

impl Broken<'_> {
    /// Breaks a step before its first write, then before its second, and so on until it is through.
    pub(super) async fn step<T>(&mut self, what: &str, step: impl AsyncFn() -> Result<T>) -> T {
        let world = &self.grant.world;
        for left in 0..200 {
            let before = self.picture().await;
            raw(world, &format!("update fault set left_over = {left}")).await.unwrap();
            let answer = step().await;
            raw(world, &format!("update fault set left_over = {NEVER}")).await.unwrap();
            match answer {
                Ok(value) => {
                    assert!(left > 0, "{what} writes nothing");
                    sums::hold(world).await;
                    return value;
                }
                Err(Error::Internal(text)) if text.contains("injected fault") => {
                    self.faults += 1;
                    assert_eq!(before, self.picture().await, "{what} was half done before write {left}");
                }
                Err(error) => panic!("{what}, broken before write {left}: {error}"),
            }
        }
        panic!("{what} never ends");
    }

    /// Every account, and how many events, letters, payments and moves of lots there are.
    pub(super) async fn picture(&self) -> Vec<String> {
        let world = &self.grant.world;
        let mut told = sums::picture(world).await;
        for table in [
            "event",
            "job",
            "payment",
            "lot_move",
            "transfer",
            "posting",
            "document",
            "bank_line",
            "payment_batch",
            "payment_batch_line",
            "line_match",
            "proposal",
        ] {
            told.push(format!("{table} {}", number(world, &format!("select count(*) from {table}")).await));
        }
        told
    }

    async fn paid(&mut self, ordinal: i32) {
        let grant = self.grant;
        let id = grant.tranche(ordinal).await.id;
        let signs = grant.signs().await;
        let (finance, other) =
            (grant.role::<Finance>(grant.finance).await, grant.role::<Finance>(grant.finance_b).await);
        let (approver, third) =
            (grant.role::<Approver>(grant.approver).await, grant.role::<Approver>(grant.approver_b).await);
        let officer = grant.officer().await;
        self.step("request", async || approvals::request(&signs, id, None).await).await;
        self.step("approve the programme", async || approvals::approve_programme(&officer, id).await).await;
        self.step("prepare", async || approvals::prepare(&finance, id).await).await;
        self.step("approve", async || approvals::approve(&approver, id).await).await;
        if grant.tranche(ordinal).await.stage == TrancheStage::FinancePrepared {
            self.step("approve as third", async || approvals::approve_third(&third, id).await).await;
        }
        self.step("batch", async || bank::batch(&finance, id).await).await;
        self.step("send", async || bank::send(&finance, id).await).await;
        let seen = grant.seen(&format!("line-{ordinal}")).await;
        self.step("confirm", async || bank::confirm_paid(&other, id, &seen).await).await;
        assert_eq!(grant.tranche(ordinal).await.stage, TrancheStage::Paid);
    }
}

both! {
    async fn rule_8_never_paid_twice_whatever_write_breaks(world: World) {
        let grant = Grant::active_in(world).await;
        let world = &grant.world;
        mined(world).await;
        let mut broken = Broken { grant: &grant, faults: 0 };
        broken.paid(1).await;
        grant.report_accepted(ReportKind::MidTerm).await;
        let mid = evaluations::assign(&grant.officer().await, grant.award, EvaluationKind::MidTerm, grant.evaluator).await.unwrap();
        let evaluator = world.acting(grant.evaluator).await;
        evaluations::submit(&evaluations::assigned(&evaluator, mid).await.unwrap(), 8_000, "well done").await.unwrap();
        evaluations::publish(&grant.officer().await, mid).await.unwrap();
        broken.paid(2).await;
        let faults = broken.faults;
        let paid = payment::Entity::find().filter(payment::Column::Outcome.eq(PaymentOutcome::Paid));
        assert_eq!(paid.count(world.edges.db.read()).await.unwrap(), 2);
        assert_eq!(payment::Entity::find().count(world.edges.db.read()).await.unwrap(), 2, "one instruction for each");
        let left = number(world, "select cast(coalesce(sum(amount_minor), 0) as bigint) from transfer where phase = 'post'").await;
        assert_eq!(number(world, "select count(*) from transfer where phase = 'post'").await, 2);
        tools::say(&format!("rule 8: {faults} faults, one before each write of 2 payments, {left} minor units paid once"));
        assert!(faults > 100, "{faults}");
        world.settle().await;
    }
}
