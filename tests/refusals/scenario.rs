//! "Must be refused, each with its own words": the list of the worked example, line by line.

use super::whole;
use crate::books::ground::raw;
use crate::rooms::funds::Cast;
use crate::rooms::gifts::receipt;
use crate::rooms::grant::Grant;
use crate::rooms::reviews::Panel;
use crate::rooms::{applications, calls};
use crate::support::rows::{change, put};
use crate::support::{World, day, nine};
use chrono::Duration;
use entities::kinds::{
    Anonymity, ApplicationStage, AwardKind, ChangeKind, DecisionBatchId, FundraisingMode, LegalForm, Locale, Outcome,
    RelationKind, ReportKind, Role,
};
use entities::{organisation_relation, person, review};
use sea_orm::{ActiveValue::Set, EntityTrait, PaginatorTrait};
use tributary::error::{Error, Result};
use tributary::grants::applications::service as bids;
use tributary::grants::awards::changes::{self, Detail};
use tributary::grants::decisions::service::{self as decisions, Setting};
use tributary::grants::gifts::service::receipts::{self, Receipt};
use tributary::grants::gifts::service::{imports, naming};
use tributary::grants::reports::service as reports;
use tributary::grants::reviews::service as reviews;
use tributary::grants::tranches::{approvals, bank};
use tributary::people::permission::{Approver, Finance, Officer};

/// Refused with this code, in words of both languages, and nothing changed since `before`.
async fn refused<T: std::fmt::Debug>(world: &World, before: &str, answer: Result<T>, code: &str) {
    assert_eq!(answer.unwrap_err().code(), code);
    has_words(world, code);
    assert_eq!(whole(world).await, before, "{code} left something behind");
}

fn has_words(world: &World, code: &str) {
    let key = if code == "not-found" { "error-not-found-text" } else { code };
    let words = |locale| world.edges.words.find(locale, key, &[]).unwrap_or_default();
    let (en, zh) = (words(Locale::En), words(Locale::ZhCn));
    assert!(!en.is_empty() && !zh.is_empty(), "{code} has no words");
    assert!(en != key && zh != key && en != zh, "{code}: {en} / {zh}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_by_one_person() {
    let grant = Grant::active().await;
    let id = grant.tranche(1).await.id;
    let alone = grant.world.person("alone", &[Role::ProgrammeOfficer, Role::FinanceOfficer, Role::Approver]).await;
    approvals::request(&grant.signs().await, id, None).await.unwrap();
    approvals::approve_programme(&grant.officer().await, id).await.unwrap();
    approvals::prepare(&grant.role::<Finance>(alone).await, id).await.unwrap();
    let before = whole(&grant.world).await;
    let own = approvals::approve(&grant.role::<Approver>(alone).await, id).await;
    refused(&grant.world, &before, own, "forbidden-second-person").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_by_one_person_and_their_deputy() {
    let grant = Grant::active().await;
    let id = grant.tranche(1).await.id;
    let deputy = grant.world.person("deputy", &[Role::Approver]).await;
    let sql = format!("update role_grant set principal_id = {} where person_id = {deputy}", grant.finance);
    raw(&grant.world, &sql).await.unwrap();
    approvals::request(&grant.signs().await, id, None).await.unwrap();
    approvals::approve_programme(&grant.officer().await, id).await.unwrap();
    approvals::prepare(&grant.role::<Finance>(grant.finance).await, id).await.unwrap();
    let before = whole(&grant.world).await;
    let deputised = approvals::approve(&grant.role::<Approver>(deputy).await, id).await;
    refused(&grant.world, &before, deputised, "forbidden-second-person").await;
}

/// SO-1's bid drafted for approval; SO-2's as set.
async fn submitted(panel: &Panel, second: Option<i64>) -> DecisionBatchId {
    let reviews = panel.scored().await;
    panel.fifth_recused(reviews[4]).await;
    let raised =
        entities::call::ActiveModel { id: Set(panel.call), envelope_minor: Set(20_000_000), ..Default::default() };
    change(&panel.world, raised).await;
    let chair = panel.chairing().await;
    let batch = decisions::draft(&chair, panel.call, "minutes").await.unwrap();
    let mut version = 1;
    if let Some(amount_minor) = second {
        let items = decisions::items_of(panel.world.edges.db.read(), batch).await.unwrap();
        let award_kind = AwardKind::Project;
        let set = Setting { outcome: Outcome::Approved, amount_minor, award_kind, reason: "too".into() };
        decisions::set_item(&chair, items[1].id, version, &set).await.unwrap();
        version += 1;
    }
    decisions::submit_batch(&chair, batch, version).await.unwrap();
    batch
}

#[tokio::test(flavor = "multi_thread")]
async fn the_donors_subsidiary_as_grantee() {
    let panel = Panel::new(ApplicationStage::UnderReview).await;
    let batch = submitted(&panel, None).await;
    let subsidiary = organisation_relation::ActiveModel {
        organisation_id: Set(panel.owner),
        related_id: Set(panel.applicants[0]),
        kind: Set(RelationKind::Owns),
        valid_from: Set(day(2020, 1, 1)),
        evidence: Set("register".into()),
        recorded_at: Set(panel.world.edges.clock.now()),
        ..Default::default()
    };
    put(&panel.world, subsidiary).await;
    let before = whole(&panel.world).await;
    let approver = panel.world.role::<Approver>(panel.approver).await;
    let answer = decisions::approve_batch(&approver, batch).await;
    refused(&panel.world, &before, answer, "refused-decision-related-donor").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_award_above_what_is_available() {
    let panel = Panel::new(ApplicationStage::UnderReview).await;
    let batch = submitted(&panel, Some(1_453_100)).await;
    let before = whole(&panel.world).await;
    let approver = panel.world.role::<Approver>(panel.approver).await;
    let answer = decisions::approve_batch(&approver, batch).await;
    refused(&panel.world, &before, answer, "refused-insufficient").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gift_from_a_public_link_to_a_targeted_fund() {
    let cast = Cast::new().await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let before = whole(&cast.world).await;
    let answer = receipts::record_receipt(&cast.finance().await, receipt(fund, None, 100, "line-1")).await;
    refused(&cast.world, &before, answer, "refused-gift-targeted").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_purpose_without_consent() {
    let grant = Grant::active().await;
    let detail = Detail { words: "a playground".into(), ..Detail::default() };
    let wish = changes::request_change(&grant.signs().await, grant.award, ChangeKind::Purpose, &detail, "why").await;
    let wish = wish.unwrap();
    let officer = grant.officer().await;
    changes::review_change(&officer, grant.award, wish).await.unwrap();
    let before = whole(&grant.world).await;
    let answer = changes::approve_change(&officer, grant.award, wish).await;
    refused(&grant.world, &before, answer, "refused-change-no-consent").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_a_withheld_name() {
    let cast = Cast::new().await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let withheld = Receipt { anonymity: Anonymity::Withheld, ..receipt(fund, Some(cast.initiator), 100, "line-1") };
    let gift = receipts::record_receipt(&cast.finance().await, withheld).await.unwrap();
    receipts::confirm_receipt(&cast.approver().await, gift).await.unwrap();
    let before = whole(&cast.world).await;
    let staff = naming::name_donor(&cast.finance().await, gift, Anonymity::Named).await;
    refused(&cast.world, &before, staff, "refused-gift-name-withheld").await;
    // Hiding more is no harm; bringing it out is the donor's own.
    naming::name_donor(&cast.finance().await, gift, Anonymity::Anonymous).await.unwrap();
    naming::choose_name(&cast.signatory().await, gift, Anonymity::Named).await.unwrap();
    naming::name_donor(&cast.finance().await, gift, Anonymity::Withheld).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_a_voucher_with_nothing_blacked_out() {
    let grant = Grant::active().await;
    let id = grant.to_batched(1).await;
    bank::send(&grant.role::<Finance>(grant.finance).await, id).await.unwrap();
    let voucher = grant.kept("voucher with an account number").await;
    let seen = bank::Seen { redacted: voucher.clone(), voucher, ..grant.seen("line-1").await };
    let before = whole(&grant.world).await;
    let answer = bank::confirm_paid(&grant.role::<Finance>(grant.finance_b).await, id, &seen).await;
    refused(&grant.world, &before, answer, "refused-redacted-same").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn editing_a_posted_entry() {
    let cast = Cast::new().await;
    cast.capital().await;
    let before = whole(&cast.world).await;
    for sql in ["update transfer set amount_minor = 1", "delete from transfer", "update posting set recipe = 'capital'"]
    {
        let answer = raw(&cast.world, sql).await.map_err(Error::from);
        refused(&cast.world, &before, answer, "refused-append-only").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_by_somebody_not_of_the_organisation() {
    let grant = Grant::active().await;
    let id = grant.report(ReportKind::MidTerm).await.id;
    let before = whole(&grant.world).await;
    let stranger = grant.world.acting(grant.donor_signatory).await.signatory_of(grant.donor).unwrap();
    refused(&grant.world, &before, reports::submit(&stranger, id).await, "not-found").await;
    // The foundation's own people may not sign for the grantee either.
    let officer = grant.world.acting(grant.officer).await;
    refused(&grant.world, &before, officer.signatory_of(grant.organisation), "forbidden-signatory").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_a_second_late() {
    let world = World::bare().await;
    let (call, _, _) = calls::open(&world).await;
    let so = applications::side(&world, "SO-2", LegalForm::SocialServiceBody, "52999999TE00000534").await;
    let late = applications::written(&so, call).await;
    world.edges.clock.set(nine(2026, 1, 20) + Duration::seconds(1));
    let before = whole(&world).await;
    refused(&world, &before, bids::submit(&so.signatory, late).await, "refused-after-deadline").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reviewer_of_an_own_employers_bid() {
    let panel = Panel::new(ApplicationStage::Eligible).await;
    let world = &panel.world;
    let employed = person::ActiveModel {
        id: Set(panel.reviewers[0]),
        employer_id: Set(Some(panel.applicants[0])),
        ..Default::default()
    };
    change(world, employed).await;
    let officer = world.role::<Officer>(panel.officer).await;
    let answer = reviews::assign(&officer, panel.applications[0], panel.reviewers[0]).await;
    assert_eq!(answer.unwrap_err().code(), "refused-review-conflict-employer");
    has_words(world, "refused-review-conflict-employer");
    // The conflict itself goes on record; no review does.
    assert_eq!(review::Entity::find().count(world.edges.db.read()).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tranche_before_its_evaluation() {
    let grant = Grant::active().await;
    grant.pay(1).await;
    grant.report_accepted(ReportKind::MidTerm).await;
    let second = grant.tranche(2).await.id;
    let before = whole(&grant.world).await;
    let answer = approvals::request(&grant.signs().await, second, None).await;
    refused(&grant.world, &before, answer, "refused-tranche-gates").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platforms_file_without_a_filing_number() {
    let cast = Cast::new().await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let file = b"donor,amount,date,note\nresident,120.00,2026-01-04,wall\n";
    let before = whole(&cast.world).await;
    let by = cast.finance().await;
    let answer = imports::propose_import(&by, fund, "platform.csv", file, "platform", day(2026, 1, 5), None).await;
    refused(&cast.world, &before, answer, "refused-gift-no-filing").await;
}
