//! What the bank says against a payment counts only once two people found it there; and nothing leaves through a shut gate.

use super::grant::Grant;
use crate::books::sums;
use crate::support::both;
use entities::kinds::{
    AwardStage, Currency, FundStage, NeedId, PaymentOutcome, ReportKind, Role, TrancheId, TrancheStage,
};
use entities::{award, call, fund, tranche};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use tributary::desk::check;
use tributary::error::Result;
use tributary::grants::awards::closing;
use tributary::grants::awards::service::{self as awards, Termination};
use tributary::grants::funds::service::closing as funds;
use tributary::grants::needs::service as needs;
use tributary::grants::tranches::statements::{self, Fate};
use tributary::grants::tranches::{approvals, bank, service as tranches, view};
use tributary::ledger::{Account, balances};
use tributary::people::permission::{Administrator, Approver, Context, Finance};

impl Grant {
    /// Finance says what the bank tells, an approver finds it there too.
    pub async fn bank_says(&self, id: TrancheId, fate: Fate, line: &str) -> Result<()> {
        statements::say(&self.role::<Finance>(self.finance).await, id, &fate, line, None).await?;
        statements::confirm(&self.role::<Approver>(self.approver).await, id).await
    }

    /// Ends the award with this much to be returned.
    pub async fn terminated(&self, clawback_minor: i64) {
        let told = Termination { reason: "work stopped".into(), clawback_minor };
        awards::propose_termination(&self.officer().await, self.award, &told).await.unwrap();
        awards::confirm_termination(&self.role::<Approver>(self.approver).await, self.award).await.unwrap();
    }

    pub async fn row(&self) -> award::Model {
        awards::load(self.world.edges.db.read(), self.award).await.unwrap()
    }

    /// Closes the award by two people.
    pub async fn close(&self) {
        closing::propose_close(&self.officer().await, self.award).await.unwrap();
        closing::confirm_close(&self.role::<Finance>(self.finance).await, self.award).await.unwrap();
    }

    /// Two people fix the allowable cost.
    pub async fn allows(&self, minor: i64) {
        closing::propose_allowable(&self.role::<Finance>(self.finance).await, self.award, minor).await.unwrap();
        closing::confirm_allowable(&self.role::<Approver>(self.approver).await, self.award).await.unwrap();
    }

    /// Another active fund of the same kind.
    async fn another_fund(&self) -> entities::kinds::FundId {
        let row = fund::Entity::find_by_id(self.fund).one(self.world.edges.db.read()).await.unwrap().unwrap();
        let row = &row;
        Context::system(self.world.edges.clone())
            .write(|tx| async move {
                let mut row = row.clone().into_active_model().reset_all();
                row.id = sea_orm::ActiveValue::NotSet;
                Ok(fund::Entity::insert(row).exec_with_returning(&tx).await?.id)
            })
            .await
            .unwrap()
    }

    async fn books_hold(&self) {
        self.world.settle().await;
        let found = check::books(&self.world.edges).await.unwrap();
        let wrong: Vec<_> = found.into_iter().filter(|found| !found.ok).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        sums::hold(&self.world).await;
    }

    async fn free(&self, fund: entities::kinds::FundId) -> i64 {
        let of = Account::FundAvailable(fund);
        balances::available(self.world.edges.db.read(), of, Currency::CNY).await.unwrap()
    }
}

both! {
async fn one_alone_does_not_undo_a_payment(world: World) {
    let grant = Grant::active_in(world).await;
    let id = grant.to_batched(1).await;
    let maker = grant.world.person("maker", &[Role::FinanceOfficer, Role::Approver]).await;
    let sender = grant.role::<Finance>(maker).await;
    bank::send(&sender, id).await.unwrap();
    let sent = grant.balances().await;
    let failed = Fate::Failed("account closed".into());
    let finance = grant.role::<Finance>(grant.finance).await;
    statements::say(&finance, id, &failed, "failed-1", None).await.unwrap();
    // Said is not done: nothing is free to be paid again.
    assert_eq!((grant.tranche(1).await.stage, grant.balances().await), (TrancheStage::Sent, sent));
    let twice = statements::say(&sender, id, &failed, "failed-2", None).await.unwrap_err();
    assert_eq!(twice.code(), "refused-already-proposed");
    // Who sent it is not who finds that it failed.
    let own = statements::confirm(&grant.role::<Approver>(maker).await, id).await.unwrap_err();
    assert_eq!(own.code(), "forbidden-second-person");
    // Nor is it paid while one says that it failed.
    let seen = grant.seen("line-1").await;
    let against = bank::confirm_paid(&grant.role::<Finance>(grant.finance_b).await, id, &seen).await.unwrap_err();
    assert_eq!(against.code(), "refused-bank-said-otherwise");
    let approver = grant.role::<Approver>(grant.approver).await;
    statements::decline(&approver, id, "it left on Monday").await.unwrap();
    assert_eq!((grant.tranche(1).await.stage, grant.balances().await), (TrancheStage::Sent, sent));
    bank::confirm_paid(&grant.role::<Finance>(grant.finance_b).await, id, &seen).await.unwrap();

    for fate in [Fate::Returned, Fate::ReturnedInPart(50_000)] {
        statements::say(&finance, id, &fate, "back-1", None).await.unwrap();
        assert_eq!(grant.tranche(1).await.stage, TrancheStage::Paid);
        let own = statements::confirm(&grant.role::<Approver>(maker).await, id).await.unwrap_err();
        assert_eq!(own.code(), "forbidden-second-person");
        // Taken back by who said it.
        statements::decline(&finance, id, "the wrong line").await.unwrap();
        assert_eq!(statements::confirm(&approver, id).await.unwrap_err().code(), "not-found");
    }
    grant.bank_says(id, Fate::Returned, "back-1").await.unwrap();
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Due);
    grant.books_hold().await;
}

async fn a_failure_keeps_its_line_and_what_was_said_is_a_task(world: World) {
    let grant = Grant::active_in(world).await;
    let id = grant.to_batched(1).await;
    let finance = grant.role::<Finance>(grant.finance).await;
    bank::send(&finance, id).await.unwrap();
    let slip = grant.kept("refused").await;
    statements::say(&finance, id, &Fate::Failed("no such account".into()), "failed-1", Some(&slip)).await.unwrap();
    let approver = grant.world.acting(grant.approver).await;
    let href = format!("/tranches/{id}/confirm-said");
    assert!(view::waiting(&approver).await.unwrap().iter().any(|task| task.href == href));
    assert!(!view::waiting(&grant.world.acting(grant.finance).await).await.unwrap().iter().any(|task| task.href == href));
    let part = tranches::load(grant.world.edges.db.read(), id).await.unwrap();
    assert_eq!(view::acts(&approver, &part).await.unwrap(), ["confirm-said", "decline-said"]);
    assert_eq!(view::acts(&grant.world.acting(grant.finance).await, &part).await.unwrap(), ["decline-said"]);
    statements::confirm(&grant.role::<Approver>(grant.approver).await, id).await.unwrap();
    let last = tranches::payments_of(grant.world.edges.db.read(), id).await.unwrap().remove(0);
    assert_eq!((last.outcome, last.bank_line.as_deref()), (Some(PaymentOutcome::Failed), Some("failed-1")));
    grant.to_batched(1).await;
    bank::send(&finance, id).await.unwrap();
    let again = statements::say(&finance, id, &Fate::Failed("again".into()), "failed-1", None).await.unwrap_err();
    assert_eq!(again.code(), "refused-bank-line-used");
}

async fn what_the_bank_returns_of_a_terminated_award_is_the_funds_and_owed_by_nobody(world: World) {
    let grant = Grant::active_in(world).await;
    let before = grant.free(grant.fund).await;
    let id = grant.pay(1).await;
    grant.terminated(1_000_000).await;
    grant.bank_says(id, Fate::ReturnedInPart(50_000), "part-1").await.unwrap();
    assert_eq!(grant.tranche(1).await.amount_minor, 4_100_000);
    assert!(!grant.row().await.clawback_settled);
    grant.bank_says(id, Fate::Returned, "back-1").await.unwrap();
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Cancelled);
    // The fee stays with a payment of which a part had come back before.
    assert_eq!(grant.free(grant.fund).await, before + 8_383_000 - 41_500);
    assert!(grant.row().await.clawback_settled);
    grant.close().await;
    grant.books_hold().await;
}

async fn what_the_bank_returns_of_a_closed_award_lets_its_fund_close(world: World) {
    let grant = Grant::active_in(world).await;
    let before = grant.free(grant.fund).await;
    let id = grant.pay(1).await;
    grant.terminated(0).await;
    grant.close().await;
    grant.bank_says(id, Fate::Returned, "back-1").await.unwrap();
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Cancelled);
    assert_eq!(grant.free(grant.fund).await, before + 8_383_000);
    grant.books_hold().await;

    let into = grant.another_fund().await;
    let administrator = grant.role::<Administrator>(grant.administrator).await;
    funds::start_closing(&administrator, grant.fund, "done").await.unwrap();
    let residue = funds::Residue { decision: "goes on".into(), into: Some(into) };
    funds::propose_close(&grant.role::<Finance>(grant.finance).await, grant.fund, residue).await.unwrap();
    funds::confirm_close(&grant.role::<Approver>(grant.approver).await, grant.fund).await.unwrap();
    let row = fund::Entity::find_by_id(grant.fund).one(grant.world.edges.db.read()).await.unwrap().unwrap();
    assert_eq!((row.stage, grant.free(into).await), (FundStage::Closed, before + 8_383_000));
    grant.books_hold().await;
}

async fn what_comes_back_after_a_fund_is_over_goes_to_its_successor_with_its_lots(world: World) {
    let grant = Grant::active_in(world).await;
    let before = grant.free(grant.fund).await;
    let id = grant.pay(1).await;
    grant.terminated(0).await;
    grant.close().await;
    let (into, last) = (grant.another_fund().await, grant.another_fund().await);
    let administrator = grant.role::<Administrator>(grant.administrator).await;
    let (finance, approver) = (grant.role::<Finance>(grant.finance).await, grant.role::<Approver>(grant.approver).await);
    for (from, into) in [(grant.fund, into), (into, last)] {
        funds::start_closing(&administrator, from, "done").await.unwrap();
        let residue = funds::Residue { decision: "goes on".into(), into: Some(into) };
        funds::propose_close(&finance, from, residue).await.unwrap();
        funds::confirm_close(&approver, from).await.unwrap();
    }
    grant.bank_says(id, Fate::Returned, "back-1").await.unwrap();
    assert_eq!(grant.free(last).await, before + 8_383_000);
    grant.books_hold().await;
}

async fn a_consent_withdrawn_shuts_the_gate_again(world: World) {
    let grant = Grant::active_in(world).await;
    let told = needs::Told { title_en: "Wall".into(), area: "wuhou".into(), consents_required: true, ..Default::default() };
    let resident = grant.world.acting(grant.editor).await.signed_in().unwrap();
    let need: NeedId = needs::propose(&resident, told).await.unwrap();
    let consent = needs::ask_owner(&grant.officer().await, need, "owner 8", None).await.unwrap();
    needs::record_consent(&grant.officer().await, need, consent, "give", "letter").await.unwrap();
    let (call_id, id) = (grant.row().await.call_id, grant.tranche(1).await.id);
    Context::system(grant.world.edges.clone())
        .write(|tx| async move {
            let tx = &tx;
            call::ActiveModel { id: Set(call_id), need_id: Set(Some(need)), ..Default::default() }.update(tx).await?;
            let gates = serde_json::json!(["signature", "consents"]);
            tranche::ActiveModel { id: Set(id), gates: Set(gates), ..Default::default() }.update(tx).await?;
            Ok(())
        })
        .await
        .unwrap();
    let withdraw = async |act: &'static str| {
        needs::record_consent(&grant.officer().await, need, consent, act, "letter").await.unwrap();
    };
    let shut = |answer: Result<()>| assert_eq!(answer.unwrap_err().code(), "refused-tranche-gates");
    withdraw("withdraw").await;
    shut(approvals::request(&grant.signs().await, id, None).await);
    withdraw("give").await;
    approvals::request(&grant.signs().await, id, None).await.unwrap();
    withdraw("withdraw").await;
    shut(approvals::approve_programme(&grant.officer().await, id).await);
    withdraw("give").await;
    approvals::approve_programme(&grant.officer().await, id).await.unwrap();
    let finance = grant.role::<Finance>(grant.finance).await;
    approvals::prepare(&finance, id).await.unwrap();
    withdraw("withdraw").await;
    shut(approvals::approve(&grant.role::<Approver>(grant.approver).await, id).await);
    withdraw("give").await;
    approvals::approve(&grant.role::<Approver>(grant.approver).await, id).await.unwrap();
    approvals::approve_third(&grant.role::<Approver>(grant.approver_b).await, id).await.unwrap();
    withdraw("withdraw").await;
    shut(bank::batch(&finance, id).await);
    withdraw("give").await;
    bank::batch(&finance, id).await.unwrap();
    withdraw("withdraw").await;
    shut(bank::send(&finance, id).await);
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Batched);
}

async fn a_gate_met_by_two_at_once_opens(world: World) {
    use entities::kinds::EvaluationKind;
    use tributary::grants::reports::{evaluations, service as reports};
    let grant = Grant::active_in(world).await;
    grant.pay(1).await;
    let id = grant.tranche(2).await.id;
    Context::system(grant.world.edges.clone())
        .write(|tx| async move {
            let gates = serde_json::json!(["mid_term_report", "mid_term_evaluation"]);
            tranche::ActiveModel { id: Set(id), gates: Set(gates), ..Default::default() }.update(&tx).await?;
            Ok(())
        })
        .await
        .unwrap();
    let officer = grant.officer().await;
    let judged = evaluations::assign(&officer, grant.award, EvaluationKind::MidTerm, grant.evaluator).await.unwrap();
    let by = evaluations::assigned(&grant.world.acting(grant.evaluator).await, judged).await.unwrap();
    evaluations::submit(&by, 8_000, "passes").await.unwrap();
    let report = grant.report(ReportKind::MidTerm).await;
    reports::open(&officer, report.id).await.unwrap();
    let told = reports::Saved { narrative: "done".into(), ..Default::default() };
    reports::save(&grant.edits().await, report.id, grant.report(ReportKind::MidTerm).await.version, &told).await.unwrap();
    reports::hand_over(&grant.edits().await, report.id).await.unwrap();
    reports::submit(&grant.signs().await, report.id).await.unwrap();
    let other = grant.officer().await;
    let (accepted, published) =
        tokio::join!(reports::accept(&officer, report.id), evaluations::publish(&other, judged));
    accepted.unwrap();
    published.unwrap();
    assert_eq!(grant.tranche(2).await.stage, TrancheStage::Due);
    assert_eq!(grant.row().await.stage, AwardStage::Active);
}
}
