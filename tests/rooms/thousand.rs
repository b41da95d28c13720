//! A thousand faults on the way of a payment: the database breaks before each single write of each step, every step is asked for again
//! when its answer was lost, the statement is imported twice and confirmed twice. One instruction for each payment; paid and posted
//! are the same.

use super::faults::{Broken, mined};
use super::grant::Grant;
use crate::books::ground::number;
use crate::support::{both, tools};
use entities::bank_statement_line;
use entities::kinds::{BankAccountId, PayProfile, TrancheId, TrancheStage};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tributary::bank::service::matches::{self, Papers};
use tributary::bank::service::statements as lines_of;
use tributary::commons::calendar;
use tributary::error::Result;
use tributary::grants::batches::service as batches;
use tributary::grants::tranches::statements::{self, Fate};
use tributary::grants::tranches::{approvals, service as tranches};
use tributary::people::permission::{Approver, Finance};

/// Faults of the long round.
const MANY: usize = 1_000;

/// How a round ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The bank did not pay.
    Failed,
    /// The statement shows it.
    Paid,
}

impl Broken<'_> {
    /// A step with its faults; then its answer was lost, and it is asked for twice more: nothing changes any more.
    async fn once<T>(&mut self, what: &str, step: impl AsyncFn() -> Result<T>) -> T {
        let answer = self.step(what, &step).await;
        let before = self.picture().await;
        for _ in 0..2 {
            assert!(step().await.is_err(), "{what} was done twice");
            self.faults += 1;
        }
        assert_eq!(before, self.picture().await, "{what}, asked for again");
        answer
    }

    async fn round(&mut self, account: BankAccountId, turn: usize, end: End) {
        let grant = self.grant;
        let db = grant.world.edges.db.read();
        let id = grant.tranche(1).await.id;
        let (finance, other) =
            (grant.role::<Finance>(grant.finance).await, grant.role::<Finance>(grant.finance_b).await);
        let (approver, third) =
            (grant.role::<Approver>(grant.approver).await, grant.role::<Approver>(grant.approver_b).await);
        let (signs, officer) = (grant.signs().await, grant.officer().await);
        self.once("request", async || approvals::request(&signs, id, None).await).await;
        self.once("approve the programme", async || approvals::approve_programme(&officer, id).await).await;
        self.once("prepare", async || approvals::prepare(&finance, id).await).await;
        self.once("approve", async || approvals::approve(&approver, id).await).await;
        self.once("approve as third", async || approvals::approve_third(&third, id).await).await;
        let on = calendar::after(db, grant.world.edges.today(), 1).await.unwrap();
        let chosen = [id];
        let batch =
            self.once("put together", async || batches::put_together(&finance, account, on, &chosen).await).await;
        self.once("freeze", async || batches::freeze(&finance, batch).await).await;
        let row = batches::load(db, batch).await.unwrap();
        self.once("send", async || batches::send(&other, batch).await).await;
        let bytes = batches::file(&finance, batch).await.unwrap().2;
        assert_eq!(row.sha256, Some(tributary::edges::dice::fingerprint(&bytes)));
        self.one_instruction(id, &String::from_utf8(bytes).unwrap()).await;
        match end {
            End::Failed => {
                let fate = Fate::Failed("no such account".into());
                let mark = format!("failed-{turn}");
                self.once("say that it failed", async || statements::say(&finance, id, &fate, &mark, None).await).await;
                self.once("confirm that it failed", async || statements::confirm(&approver, id).await).await;
                assert_eq!(grant.tranche(1).await.stage, TrancheStage::Due);
            }
            End::Paid => self.paid_by_the_statement(account, id).await,
        }
    }

    async fn paid_by_the_statement(&mut self, account: BankAccountId, id: TrancheId) {
        let grant = self.grant;
        let db = grant.world.edges.db.read();
        let finance = grant.role::<Finance>(grant.finance).await;
        let approver = grant.role::<Approver>(grant.approver).await;
        let reference = tranches::open_payment(db, id).await.unwrap().unwrap().instruction.unwrap();
        let on = grant.world.edges.today();
        let file =
            format!("date,amount,counterparty,description,reference\n{on},-41500.00,SO-1,{reference} wall,line-paid\n");
        let bytes = file.as_bytes();
        let statement =
            self.once("check the statement", async || lines_of::check(&finance, account, "s.csv", bytes).await).await;
        self.once("import the statement", async || lines_of::import(&finance, statement).await).await;
        let line = bank_statement_line::Entity::find().filter(bank_statement_line::Column::Mark.eq("line-paid"));
        let line = line.one(db).await.unwrap().unwrap().id;
        let papers = Papers { voucher: grant.kept("original").await, redacted: grant.kept("redacted").await };
        self.once("confirm by the line", async || matches::confirm(&approver, line, Some(&papers)).await).await;
        assert_eq!(grant.tranche(1).await.stage, TrancheStage::Paid);
    }

    /// The payment stands in one file that left the house, once, and in no file before.
    async fn one_instruction(&self, id: TrancheId, file: &str) {
        let grant = self.grant;
        let db = grant.world.edges.db.read();
        let reference = tranches::open_payment(db, id).await.unwrap().unwrap().instruction.unwrap();
        assert_eq!(file.matches(&format!("<EndToEndId>{reference}</EndToEndId>")).count(), 1);
        let mut files = 0;
        for batch in batches::list(db, None, 100).await.unwrap() {
            let finance = grant.role::<Finance>(grant.finance).await;
            if let Ok((_, _, bytes)) = batches::file(&finance, batch.id).await {
                files += String::from_utf8(bytes).unwrap().matches(&format!("<EndToEndId>{reference}<")).count();
            }
        }
        assert_eq!(files, 1, "{reference}");
    }
}

both! {
async fn a_thousand_faults_and_one_instruction_for_each_payment(world: World) {
    let grant = Grant::active_in(world).await;
    let account = grant.paying(PayProfile::PainLatin).await;
    let world = &grant.world;
    mined(world).await;
    let mut broken = Broken { grant: &grant, faults: 0 };
    let mut turn = 0;
    loop {
        turn += 1;
        // The rounds before the last end at the bank; a quick round is the last at once.
        if !tools::long() || broken.faults + 150 >= MANY {
            break;
        }
        broken.round(account, turn, End::Failed).await;
    }
    broken.round(account, turn, End::Paid).await;
    let faults = broken.faults;
    let count = async |sql: &str| number(world, sql).await;
    assert_eq!(count("select count(*) from payment where outcome = 'paid'").await, 1);
    assert_eq!(count("select count(*) from transfer where phase = 'post'").await, 1);
    assert_eq!(count("select count(*) from tranche where stage = 'paid'").await, 1);
    let turns = i64::try_from(turn).unwrap();
    assert_eq!(count("select count(*) from transfer where phase = 'pending'").await, turns);
    assert_eq!(count("select count(distinct instruction) from payment").await, turns);
    assert_eq!(count("select count(*) from payment_batch where stage = 'sent'").await, turns);
    let found = tributary::desk::check::books(&world.edges).await.unwrap();
    assert!(found.iter().all(|found| found.ok), "{found:?}");
    tools::say(&format!("payments: {faults} faults on the way of {turn} payments, one instruction each, paid and posted agree"));
    assert!(faults > 100 && (!tools::long() || faults >= MANY), "{faults}");
    world.settle().await;
}
}
