//! Money a grantee sends back: said by finance, found by an approver, once; and what was paid above the allowable cost.

use super::grant::Grant;
use crate::support::both;
use entities::kinds::{AwardStage, ProposalKind, ReportKind, Role, Subject};
use tributary::commons::proposals;
use tributary::error::Result;
use tributary::grants::awards::{closing, repayments, view};
use tributary::ledger::balances;
use tributary::people::permission::{Approver, Finance};

impl Grant {
    /// Finance says that money came back, an approver finds it at the bank too.
    pub async fn repaid(&self, amount_minor: i64, line: &str) -> Result<()> {
        let finance = self.role::<Finance>(self.finance).await;
        repayments::propose_repayment(&finance, self.award, amount_minor, line, None).await?;
        repayments::confirm_repayment(&self.role::<Approver>(self.approver).await, self.award).await
    }

    async fn owed(&self) -> i64 {
        repayments::owed(self.world.edges.db.read(), &self.row().await).await.unwrap()
    }
}

both! {
async fn one_alone_does_not_settle_what_is_owed(world: World) {
    let grant = Grant::active_in(world).await;
    grant.pay(1).await;
    grant.terminated(1_000_000).await;
    let finance = grant.role::<Finance>(grant.finance).await;
    let before = grant.balances().await;
    repayments::propose_repayment(&finance, grant.award, 1_000_000, "back-1", None).await.unwrap();
    assert_eq!((grant.balances().await, grant.owed().await), (before, 1_000_000));
    // Neither who said it nor who had a hand in the payments.
    let both = grant.world.person("both", &[Role::FinanceOfficer, Role::Approver]).await;
    let maker = grant.role::<Approver>(grant.approver).await;
    repayments::confirm_repayment(&maker, grant.award).await.unwrap();
    assert_eq!((grant.owed().await, grant.row().await.clawback_settled), (0, true));
    let much = repayments::propose_repayment(&grant.role::<Finance>(both).await, grant.award, 1, "back-2", None).await;
    assert_eq!(much.unwrap_err().code(), "refused-stage");
    grant.close().await;
    grant.world.settle().await;
}

async fn who_paid_does_not_confirm_what_came_back(world: World) {
    let grant = Grant::active_in(world).await;
    let both = grant.world.person("both", &[Role::FinanceOfficer, Role::Approver]).await;
    let id = grant.to_batched(1).await;
    tributary::grants::tranches::bank::send(&grant.role::<Finance>(both).await, id).await.unwrap();
    let seen = grant.seen("line-1").await;
    let other = grant.role::<Finance>(grant.finance_b).await;
    tributary::grants::tranches::bank::confirm_paid(&other, id, &seen).await.unwrap();
    grant.terminated(1_000_000).await;
    repayments::propose_repayment(&other, grant.award, 1_000, "back-1", None).await.unwrap();
    let sender = repayments::confirm_repayment(&grant.role::<Approver>(both).await, grant.award).await.unwrap_err();
    assert_eq!(sender.code(), "forbidden-second-person");
    let acts = view::acts(&grant.world.acting(grant.approver).await, &grant.row().await).await.unwrap();
    assert!(acts.contains(&"confirm-repayment") && acts.contains(&"decline-repayment"), "{acts:?}");
}

async fn two_who_confirm_at_once_count_it_once(world: World) {
    let grant = Grant::active_in(world).await;
    grant.pay(1).await;
    grant.terminated(1_000_000).await;
    let finance = grant.role::<Finance>(grant.finance).await;
    repayments::propose_repayment(&finance, grant.award, 600_000, "back-1", None).await.unwrap();
    let (one, other) =
        (grant.role::<Approver>(grant.approver).await, grant.role::<Approver>(grant.approver_b).await);
    let (one, other) = tokio::join!(
        repayments::confirm_repayment(&one, grant.award),
        repayments::confirm_repayment(&other, grant.award)
    );
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    assert_eq!(grant.owed().await, 400_000);
}

async fn yes_and_no_at_once_are_one_of_them(world: World) {
    let grant = Grant::active_in(world).await;
    grant.pay(1).await;
    grant.terminated(1_000_000).await;
    let finance = grant.role::<Finance>(grant.finance).await;
    for turn in 0..4 {
        repayments::propose_repayment(&finance, grant.award, 100_000, &format!("back-{turn}"), None).await.unwrap();
        let owed = grant.owed().await;
        let (yes, no) =
            (grant.role::<Approver>(grant.approver).await, grant.role::<Approver>(grant.approver_b).await);
        let pair = tributary::grants::awards::rules::pair_of("decline-repayment").unwrap();
        let (yes, no) = tokio::join!(
            repayments::confirm_repayment(&yes, grant.award),
            closing::decline_proposal(&no, grant.award, pair, "not there")
        );
        assert!(yes.is_ok() != no.is_ok(), "{yes:?} {no:?}");
        assert_eq!(grant.owed().await, if yes.is_ok() { owed - 100_000 } else { owed });
        let db = grant.world.edges.db.read();
        assert!(proposals::open(db, ProposalKind::Repayment, Subject::Award, grant.award.0).await.unwrap().is_none());
    }
}

async fn what_was_paid_above_the_allowable_cost_is_sent_back_before_the_award_closes(world: World) {
    let grant = Grant::active_in(world).await;
    grant.pay(1).await;
    grant.report_accepted(ReportKind::MidTerm).await;
    grant.report_accepted(ReportKind::Final).await;
    assert_eq!(grant.row().await.stage, AwardStage::Closing);
    let before = grant.balances().await;
    grant.allows(4_000_000).await;
    assert_eq!(grant.owed().await, 150_000);
    let db = grant.world.edges.db.read();
    let points = closing::checklist(db, &grant.row().await).await.unwrap();
    assert!(points.contains(&("repaid", false)), "{points:?}");
    let early = closing::propose_close(&grant.officer().await, grant.award).await.unwrap_err();
    assert_eq!(early.code(), "refused-award-checklist");
    let much = grant.repaid(150_001, "back-0").await.unwrap_err();
    assert_eq!(much.code(), "refused-clawback-more");
    grant.repaid(50_000, "back-1").await.unwrap();
    grant.repaid(100_000, "back-2").await.unwrap();
    assert_eq!(grant.owed().await, 0);
    grant.close().await;
    let (committed, payable, available) = grant.balances().await;
    assert_eq!((committed, payable), (0, 0));
    assert_eq!(available, before.0 + before.1 + before.2 + 150_000);
    assert_eq!(balances::paid_on_awards(db, &[grant.award]).await.unwrap()[0].1, 4_000_000);
    let wrong: Vec<_> = tributary::desk::check::books(&grant.world.edges).await.unwrap();
    assert!(wrong.iter().all(|found| found.ok), "{wrong:?}");
}
}
