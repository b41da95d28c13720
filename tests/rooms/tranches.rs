//! Tranches: nobody takes two steps, nothing is sent unapproved, what fails or returns restores the balances.

use super::grant::Grant;
use crate::support::day;
use entities::kinds::{HoldKind, RecordKind, Role, Subject, TrancheStage};
use entities::organisation_record;
use sea_orm::{ActiveValue::Set, EntityTrait};
use tributary::commons::holds;
use tributary::grants::tranches::statements::Fate;
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
    grant.bank_says(id, Fate::Failed("account closed".into()), "failed-1").await.unwrap();
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Due);
    assert_eq!(grant.balances().await, before);
    grant.pay(1).await;
    assert_ne!(grant.balances().await, before);
    grant.bank_says(id, Fate::Returned, "back-1").await.unwrap();
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

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_gave_a_payment_back_is_verified_anew_and_paid_again() {
    use entities::kinds::PayeeStage;
    use tributary::people::payees;
    let grant = Grant::active().await;
    let finance = grant.role::<Finance>(grant.finance).await;
    let id = grant.pay(1).await;
    grant.bank_says(id, Fate::Returned, "back-1").await.unwrap();
    let again = grant.bank_says(id, Fate::Returned, "back-1").await.unwrap_err();
    assert_eq!(again.code(), "refused-stage");
    let db = grant.world.edges.db.read();
    let account = payees::list(db, grant.organisation).await.unwrap().remove(0);
    assert_eq!((account.stage, account.verified_by, account.approved_by), (PayeeStage::Entered, None, None));
    let held = holds::standing(db, Subject::PayeeAccount, account.id.0).await.unwrap();
    assert_eq!(held.len(), 1);
    let early = approvals::request(&grant.signs().await, id, None).await.unwrap_err();
    assert_eq!(early.code(), "refused-no-payee-account");
    payees::verify(&finance, grant.organisation, account.id, "letter", account.version).await.unwrap();
    let approver = grant.role::<Approver>(grant.approver).await;
    payees::approve(&approver, grant.organisation, account.id, account.version + 1).await.unwrap();
    let cooling = approvals::request(&grant.signs().await, id, None).await.unwrap_err();
    assert_eq!(cooling.code(), "refused-no-payee-account");
    grant.world.at(crate::support::nine(2026, 1, 20)).await;
    let held = holds::standing(db, Subject::PayeeAccount, account.id.0).await.unwrap();
    assert!(held.is_empty(), "{held:?}");
    assert_eq!(grant.to_batched(1).await, id);
    bank::send(&finance, id).await.unwrap();
    let seen = grant.seen("line-again").await;
    bank::confirm_paid(&grant.role::<Finance>(grant.finance_b).await, id, &seen).await.unwrap();
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Paid);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_in_part_is_due_again_and_bears_no_second_fee() {
    use tributary::desk::check;
    use tributary::ledger::balances;
    let grant = Grant::active().await;
    let id = grant.pay(1).await;
    let db = grant.world.edges.db.read();
    let whole = grant.bank_says(id, Fate::ReturnedInPart(4_150_000), "part-0").await.unwrap_err();
    assert_eq!(whole.code(), "refused-returned-part");
    grant.bank_says(id, Fate::ReturnedInPart(50_000), "part-1").await.unwrap();
    let twice = grant.bank_says(id, Fate::ReturnedInPart(50_000), "part-1").await.unwrap_err();
    assert_eq!(twice.code(), "refused-bank-line-used");
    let (first, last) = (grant.tranche(1).await, grant.tranche(4).await);
    assert_eq!((first.stage, first.amount_minor), (TrancheStage::Paid, 4_100_000));
    assert_eq!((last.stage, last.amount_minor), (TrancheStage::Due, 50_000));
    assert_eq!(balances::paid_on_awards(db, &[grant.award]).await.unwrap()[0].1, 4_100_000);
    grant.pay(4).await;
    let (_, paid, fee) = balances::paid_on_awards(db, &[grant.award]).await.unwrap()[0];
    assert_eq!((paid, fee), (4_150_000, 41_500));
    // What the payee kept comes back too: the rest of the same payment, though it can no longer be reversed whole.
    grant.bank_says(id, Fate::Returned, "part-2").await.unwrap();
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Due);
    let wrong: Vec<_> = check::books(&grant.world.edges).await.unwrap().into_iter().filter(|found| !found.ok).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    crate::books::sums::hold(&grant.world).await;
    grant.world.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_given_late_makes_the_tranche_due() {
    use entities::kinds::{AwardStage, NeedId};
    use entities::{award, call, tranche};
    use sea_orm::ActiveModelTrait;
    use tributary::grants::awards::service as awards;
    use tributary::grants::needs::service as needs;
    use tributary::people::permission::Administrator;
    let grant = Grant::offered().await;
    let told =
        needs::Told { title_en: "Wall".into(), area: "wuhou".into(), consents_required: true, ..Default::default() };
    let resident = grant.world.acting(grant.editor).await.signed_in().unwrap();
    let need: NeedId = needs::propose(&resident, told).await.unwrap();
    let consent = needs::ask_owner(&grant.officer().await, need, "owner 1", None).await.unwrap();
    let award_row = awards::load(grant.world.edges.db.read(), grant.award).await.unwrap();
    let first = grant.tranche(1).await;
    let (call_id, tranche_id) = (award_row.call_id, first.id);
    Context::system(grant.world.edges.clone())
        .write(|tx| async move {
            let tx = &tx;
            let row = call::ActiveModel { id: Set(call_id), need_id: Set(Some(need)), ..Default::default() };
            row.update(tx).await?;
            let gates = serde_json::json!(["signature", "consents"]);
            tranche::ActiveModel { id: Set(tranche_id), gates: Set(gates), ..Default::default() }.update(tx).await?;
            Ok(())
        })
        .await
        .unwrap();
    awards::accept(&grant.signs().await, grant.award).await.unwrap();
    awards::sign_as_grantee(&grant.signs().await, grant.award, "signatory-so-1").await.unwrap();
    let administrator = grant.role::<Administrator>(grant.administrator).await;
    awards::sign_for_foundation(&administrator, grant.award).await.unwrap();
    let row: award::Model = awards::load(grant.world.edges.db.read(), grant.award).await.unwrap();
    assert_eq!(row.stage, AwardStage::Active);
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Planned);
    needs::record_consent(&grant.officer().await, need, consent, "give", "letter").await.unwrap();
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Due);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_fund_award_opens_its_fund_without_the_bank() {
    use entities::kinds::{AwardKind, Currency, FundStage, FundraisingMode};
    use entities::{award, fund};
    use sea_orm::ActiveModelTrait;
    use tributary::grants::awards::service as awards;
    use tributary::grants::funds::service::{self as funds, agreement};
    use tributary::grants::tranches::seed;
    use tributary::ledger::{Account, balances, lots};
    use tributary::people::permission::Administrator;
    let grant = Grant::offered().await;
    let id = grant.award;
    Context::system(grant.world.edges.clone())
        .write(|tx| async move {
            let row = award::ActiveModel { id: Set(id), kind: Set(AwardKind::SeedFund), ..Default::default() };
            row.update(&tx).await.map(|_| ()).map_err(Into::into)
        })
        .await
        .unwrap();
    let administrator = grant.role::<Administrator>(grant.administrator).await;
    let signs = grant.signs().await;
    let drafted = super::funds::drafted(FundraisingMode::Targeted, 4_000_000);
    let new = funds::draft(&signs, drafted).await.unwrap();
    funds::submit(&signs, new).await.unwrap();
    funds::decide(&administrator, new, true, "2026-2", "").await.unwrap();
    agreement::sign_as_initiator(&signs, new, "signatory-so-1").await.unwrap();
    agreement::sign_for_foundation(&administrator, new).await.unwrap();
    awards::accept(&signs, id).await.unwrap();
    awards::name_seed_fund(&administrator, id, new).await.unwrap();
    awards::sign_as_grantee(&signs, id, "signatory-so-1").await.unwrap();
    awards::sign_for_foundation(&administrator, id).await.unwrap();
    let tranche = grant.to_batched(1).await;
    let maker = grant.role::<Finance>(grant.finance).await;
    assert_eq!(bank::send(&maker, tranche).await.unwrap_err().code(), "refused-seed-fund-not-sent");
    assert_eq!(seed::open_fund(&maker, tranche).await.unwrap_err().code(), "forbidden-second-person");
    let other = grant.role::<Finance>(grant.finance_b).await;
    seed::open_fund(&other, tranche).await.unwrap();
    assert_eq!(seed::open_fund(&other, tranche).await.unwrap_err().code(), "refused-stage");
    let db = grant.world.edges.db.read();
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Paid);
    let row = fund::Entity::find_by_id(new).one(db).await.unwrap().unwrap();
    assert_eq!(row.stage, FundStage::Active);
    let free = lots::free_of_fund(db, new).await.unwrap();
    assert_eq!(free.iter().map(|(_, free)| *free).collect::<Vec<_>>(), [4_150_000]);
    assert_eq!(balances::available(db, Account::FundAvailable(new), Currency::CNY).await.unwrap(), 4_150_000);
    crate::books::sums::hold(&grant.world).await;
    grant.world.settle().await;
}
