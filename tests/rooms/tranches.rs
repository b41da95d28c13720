//! Tranches: nobody takes two steps, nothing is sent unapproved, what fails or returns restores the balances.

use super::grant::Grant;
use crate::support::day;
use entities::kinds::{HoldKind, RecordKind, Role, Subject, TrancheStage};
use entities::organisation_record;
use sea_orm::{ActiveValue::Set, EntityTrait};
use tributary::commons::holds;
use tributary::grants::tranches::{approvals, bank, service as tranches};
use tributary::people::permission::{Approver, Context, Finance, Officer};

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_two_steps_of_one_payment() {
    let grant = Grant::active().await;
    let id = grant.tranche(1).await.id;
    let alone = grant.world.person("alone", &[Role::ProgrammeOfficer, Role::FinanceOfficer, Role::Approver]).await;
    let stranger = grant.world.acting(grant.donor_signatory).await.signatory_of(grant.donor).unwrap();
    assert_eq!(approvals::request(&stranger, id, None).await.unwrap_err().code(), "not-found");
    let early = approvals::approve_programme(&grant.officer().await, id).await.unwrap_err();
    assert_eq!(early.code(), "refused-stage");
    approvals::request(&grant.signs().await, id, None).await.unwrap();
    assert_eq!(approvals::request(&grant.signs().await, id, None).await.unwrap_err().code(), "refused-stage");

    approvals::approve_programme(&grant.role::<Officer>(alone).await, id).await.unwrap();
    let same = approvals::prepare(&grant.role::<Finance>(alone).await, id).await.unwrap_err();
    assert_eq!(same.code(), "forbidden-second-person");
    approvals::prepare(&grant.role::<Finance>(grant.finance).await, id).await.unwrap();
    let same = approvals::approve(&grant.role::<Approver>(alone).await, id).await.unwrap_err();
    assert_eq!(same.code(), "forbidden-second-person");
    let approver = grant.role::<Approver>(grant.approver).await;
    let third = grant.role::<Approver>(grant.approver_b).await;
    assert_eq!(approvals::approve_third(&third, id).await.unwrap_err().code(), "refused-stage");
    approvals::approve(&approver, id).await.unwrap();
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::FinancePrepared);
    assert_eq!(approvals::approve(&third, id).await.unwrap_err().code(), "refused-stale");
    assert_eq!(approvals::approve_third(&approver, id).await.unwrap_err().code(), "forbidden-second-person");
    approvals::approve_third(&third, id).await.unwrap();

    let finance = grant.role::<Finance>(grant.finance).await;
    assert_eq!(bank::send(&finance, id).await.unwrap_err().code(), "refused-stage");
    bank::batch(&finance, id).await.unwrap();
    bank::send(&finance, id).await.unwrap();
    assert_eq!(bank::send(&finance, id).await.unwrap_err().code(), "refused-stage");
    let rejected = approvals::reject(&grant.officer().await, id, "late").await.unwrap_err();
    assert_eq!(rejected.code(), "refused-stage");
    let seen = grant.seen("line-1").await;
    let maker = bank::confirm_paid(&finance, id, &seen).await.unwrap_err();
    assert_eq!(maker.code(), "forbidden-second-person");
    bank::confirm_paid(&grant.role::<Finance>(grant.finance_b).await, id, &seen).await.unwrap();
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Paid);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_the_payee_pays_nothing() {
    let grant = Grant::active().await;
    let id = grant.tranche(1).await.id;
    approvals::request(&grant.signs().await, id, None).await.unwrap();
    let both = grant.world.person("both", &[Role::ProgrammeOfficer]).await;
    grant.world.member(both, grant.organisation, entities::kinds::MemberRole::Editor).await;
    let own = approvals::approve_programme(&grant.role::<Officer>(both).await, id).await.unwrap_err();
    assert_eq!(own.code(), "forbidden-award-own");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_or_returns_restores_the_balances() {
    let grant = Grant::active().await;
    let before = grant.balances().await;
    let finance = grant.role::<Finance>(grant.finance).await;
    let id = grant.to_batched(1).await;
    bank::send(&finance, id).await.unwrap();
    bank::fail(&finance, id, "account closed").await.unwrap();
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Due);
    assert_eq!(grant.balances().await, before);
    grant.pay(1).await;
    assert_ne!(grant.balances().await, before);
    bank::returned(&finance, id, "back-1").await.unwrap();
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Due);
    assert_eq!(grant.balances().await, before);
    // The account has to be verified anew.
    let held = approvals::request(&grant.signs().await, id, None).await.unwrap_err();
    assert_eq!(held.code(), "refused-no-payee-account");
    grant.world.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_account_or_a_rejection_voids_every_approval() {
    let grant = Grant::active().await;
    let id = grant.to_batched(1).await;
    let system = Context::system(grant.world.edges.clone());
    let (by, organisation) = (&system, grant.organisation);
    system.write(|tx| async move { tranches::payee_changed(&tx, by, organisation).await }).await.unwrap();
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Due);
    grant.to_batched(1).await;
    approvals::reject(&grant.officer().await, id, "wrong paper").await.unwrap();
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Due);
    grant.pay(1).await;
    let payments = tranches::payments_of(grant.world.edges.db.read(), id).await.unwrap();
    assert_eq!(payments.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn holds_and_credit_lists_stop_every_step() {
    let grant = Grant::active().await;
    let id = grant.to_batched(1).await;
    let system = Context::system(grant.world.edges.clone());
    let (by, fund, organisation) = (&system, grant.fund, grant.organisation);
    let record = organisation_record::ActiveModel {
        organisation_id: Set(organisation),
        kind: Set(RecordKind::Credit),
        value: Set("abnormal".into()),
        valid_from: Set(day(2026, 1, 1)),
        evidence: Set(String::new()),
        recorded_at: Set(grant.world.edges.clock.now()),
        ..Default::default()
    };
    let record = &record;
    system
        .write(|tx| async move {
            organisation_record::Entity::insert(record.clone()).exec_without_returning(&tx).await?;
            Ok(())
        })
        .await
        .unwrap();
    let finance = grant.role::<Finance>(grant.finance).await;
    assert_eq!(bank::send(&finance, id).await.unwrap_err().code(), "refused-payment-credit-list");
    system
        .write(|tx| async move {
            holds::put(&tx, by, HoldKind::Objection, Subject::Fund, fund.0, "objection", None).await.map(|_| ())
        })
        .await
        .unwrap();
    assert_eq!(bank::send(&finance, id).await.unwrap_err().code(), "refused-held");
}
