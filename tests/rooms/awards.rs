//! Awards: the worked example from the offer to the residue decision, to the fen; changes; termination.

use super::grant::Grant;
use crate::support::nine;
use entities::kinds::{AwardStage, ChangeKind, EvaluationKind, ReportKind, TrancheStage};
use tributary::grants::awards::changes::{self, Detail};
use tributary::grants::awards::service::{self as awards, Termination};
use tributary::grants::awards::{acts, agreement, closing, consents, view};
use tributary::grants::reports::evaluations;
use tributary::grants::reports::view as report_pages;
use tributary::grants::tranches::view as tranche_pages;
use tributary::ledger::balances;
use tributary::people::permission::{Administrator, Approver, Finance};

#[tokio::test(flavor = "multi_thread")]
async fn the_worked_example_is_paid_in_three_and_closed() {
    let grant = Grant::active().await;
    assert_eq!(grant.balances().await, (4_233_000, 4_150_000, 1_453_000));
    grant.pay(1).await;
    assert_eq!(grant.balances().await, (4_191_500, 0, 1_453_000));
    assert_eq!(grant.tranche(2).await.stage, TrancheStage::Planned);

    grant.report_accepted(ReportKind::MidTerm).await;
    assert_eq!(grant.tranche(2).await.stage, TrancheStage::Planned);
    let mid = evaluations::assign(&grant.officer().await, grant.award, EvaluationKind::MidTerm, grant.evaluator).await;
    let mid = mid.unwrap();
    let evaluator = grant.world.acting(grant.evaluator).await;
    evaluations::submit(&evaluations::assigned(&evaluator, mid).await.unwrap(), 5_800, "loose cables").await.unwrap();
    evaluations::publish(&grant.officer().await, mid).await.unwrap();
    assert_eq!(grant.tranche(2).await.stage, TrancheStage::Planned);
    let again = evaluations::rectify(&grant.signs().await, mid, "cables fixed").await.unwrap();
    evaluations::submit(&evaluations::assigned(&evaluator, again).await.unwrap(), 7_400, "mended").await.unwrap();
    evaluations::publish(&grant.officer().await, again).await.unwrap();
    assert_eq!(grant.tranche(2).await.stage, TrancheStage::Due);

    let detail =
        Detail { from_head: "material".into(), to_head: "labour".into(), amount_minor: 400_000, ..Detail::default() };
    let signs = grant.signs().await;
    let change = changes::request_change(&signs, grant.award, ChangeKind::BudgetShift, &detail, "rain").await.unwrap();
    changes::review_change(&grant.officer().await, grant.award, change).await.unwrap();
    changes::approve_change(&grant.officer().await, grant.award, change).await.unwrap();
    changes::apply_change(&grant.officer().await, grant.award, change).await.unwrap();
    let db = grant.world.edges.db.read();
    let row = awards::load(db, grant.award).await.unwrap();
    let budget = changes::effective_budget(db, &row).await.unwrap();
    assert_eq!(budget, vec![("material".to_owned(), 4_600_000), ("labour".to_owned(), 3_700_000)]);

    grant.pay(2).await;
    assert_eq!(grant.balances().await, (838_300, 0, 1_453_000));
    grant.report_accepted(ReportKind::Final).await;
    assert_eq!(awards::load(db, grant.award).await.unwrap().stage, AwardStage::Closing);
    // The last one waits for the allowable cost.
    assert_eq!(grant.tranche(3).await.stage, TrancheStage::Planned);
    closes(&grant).await;
    grant.world.settle().await;
}

async fn closes(grant: &Grant) {
    let db = grant.world.edges.db.read();
    let finance = grant.role::<Finance>(grant.finance).await;
    let approver = grant.role::<Approver>(grant.approver).await;
    closing::propose_allowable(&finance, grant.award, 8_050_000).await.unwrap();
    closing::confirm_allowable(&approver, grant.award).await.unwrap();
    let last = grant.tranche(3).await;
    assert_eq!((last.amount_minor, last.planned_minor, last.stage), (580_000, 830_000, TrancheStage::Due));
    let early = closing::propose_close(&grant.officer().await, grant.award).await.unwrap_err();
    assert_eq!(early.code(), "refused-award-checklist");
    grant.pay(3).await;
    let paid = balances::paid_on_awards(db, &[grant.award]).await.unwrap();
    assert_eq!(paid, vec![(grant.award, 8_050_000, 80_500)]);
    assert_eq!(grant.balances().await, (252_500, 0, 1_453_000));

    closing::propose_close(&grant.officer().await, grant.award).await.unwrap();
    closing::confirm_close(&finance, grant.award).await.unwrap();
    assert_eq!(grant.balances().await, (0, 0, 1_705_500));
    let flow = balances::flow(db, grant.fund).await.unwrap();
    assert_eq!((flow.paid_minor, flow.fee_minor, flow.available_minor), (8_050_000, 80_500, 1_705_500));
    let residue = closing::residue(db, grant.award).await.unwrap().unwrap();
    assert_eq!(residue.amount_minor, 252_500);
    closing::propose_residue(&grant.officer().await, grant.award, "stays in the fund").await.unwrap();
    closing::confirm_residue(&approver, grant.award).await.unwrap();
    assert!(closing::residue(db, grant.award).await.unwrap().unwrap().published_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_signed_by_two_people_on_the_same_text() {
    let grant = Grant::offered().await;
    let db = grant.world.edges.db.read();
    let signs = grant.signs().await;
    let stranger = grant.world.acting(grant.donor_signatory).await.signatory_of(grant.donor).unwrap();
    assert_eq!(awards::accept(&stranger, grant.award).await.unwrap_err().code(), "not-found");
    assert_eq!(
        awards::sign_as_grantee(&signs, grant.award, "signatory-so-1").await.unwrap_err().code(),
        "refused-stage"
    );
    awards::accept(&signs, grant.award).await.unwrap();
    let wrong = awards::sign_as_grantee(&signs, grant.award, "another").await.unwrap_err();
    assert_eq!(wrong.code(), "refused-award-signature");
    let row = awards::load(db, grant.award).await.unwrap();
    let text = agreement::text(db, &row).await.unwrap();
    assert!(text.contains("捌万叁仟元整") && text.contains("¥41,500.00"), "{text}");
    awards::sign_as_grantee(&signs, grant.award, "signatory-so-1").await.unwrap();
    assert_eq!(
        awards::sign_as_grantee(&signs, grant.award, "signatory-so-1").await.unwrap_err().code(),
        "refused-award-signed"
    );
    awards::sign_for_foundation(&grant.role::<Administrator>(grant.administrator).await, grant.award).await.unwrap();
    let row = awards::load(db, grant.award).await.unwrap();
    assert_eq!((row.stage, row.agreement_hash), (AwardStage::Active, agreement::fingerprint(&text)));
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Due);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_nobody_answers_expires() {
    let grant = Grant::offered().await;
    grant.world.at(nine(2026, 1, 20)).await;
    let db = grant.world.edges.db.read();
    assert_eq!(awards::load(db, grant.award).await.unwrap().stage, AwardStage::Offered);
    grant.world.at(nine(2026, 1, 21)).await;
    assert_eq!(awards::load(db, grant.award).await.unwrap().stage, AwardStage::OfferExpired);
    assert_eq!(awards::accept(&grant.signs().await, grant.award).await.unwrap_err().code(), "refused-offer-expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_renders_for_whom_it_is_and_is_not_there_for_others() {
    let grant = Grant::active().await;
    let (award, tranche) = (grant.award, grant.tranche(1).await.id);
    let report = grant.report(ReportKind::MidTerm).await.id;
    for person in [grant.signatory, grant.officer, grant.finance, grant.approver, grant.administrator] {
        let context = grant.world.acting(person).await;
        page(view::list(&context, None).await);
        page(view::show(&context, award).await);
        page(view::agreement_page(&context, award).await);
        page(tranche_pages::show(&context, tranche).await);
        page(report_pages::show(&context, report).await);
        let row = awards::load(grant.world.edges.db.read(), award).await.unwrap();
        for act in view::acts(&context, &row).await.unwrap() {
            page(acts::act(&context, award, act).await);
        }
        for tasks in [view::waiting(&context).await, tranche_pages::waiting(&context).await] {
            tasks.unwrap();
        }
        report_pages::waiting(&context).await.unwrap();
    }
    let text = page(tranche_pages::act(&grant.world.acting(grant.signatory).await, tranche, "request").await);
    assert!(text.contains("¥41,500.00") && text.contains("肆万壹仟伍佰元整"), "{text}");
    let stranger = grant.world.acting(grant.donor_signatory).await;
    assert_eq!(view::show(&stranger, award).await.unwrap_err().code(), "not-found");
    assert_eq!(tranche_pages::show(&stranger, tranche).await.unwrap_err().code(), "not-found");
}

/// Renders a page; a key without words would be seen as itself.
fn page(answer: tributary::web::page::Answer) -> String {
    let Ok(tributary::web::page::Reply::Page(page)) = answer else { panic!("no page") };
    let text = page.render("/", String::new()).unwrap();
    for family in [">act-", ">award-", ">tranche-", ">stage-", ">head-", ">field-", ">report-", ">gate-", ">did-"] {
        assert!(!text.contains(family), "{family} in {text}");
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_purpose_needs_a_donors_consent() {
    let grant = Grant::active().await;
    let detail = Detail { words: "a playground".into(), ..Detail::default() };
    let change = changes::request_change(&grant.signs().await, grant.award, ChangeKind::Purpose, &detail, "why").await;
    let change = change.unwrap();
    let officer = grant.officer().await;
    changes::review_change(&officer, grant.award, change).await.unwrap();
    let refused = changes::approve_change(&officer, grant.award, change).await.unwrap_err();
    assert_eq!(refused.code(), "refused-change-no-consent");
    // The grantee is no donor.
    let own = consents::give(&grant.signs().await, grant.award, change, "letter").await.unwrap_err();
    assert_eq!(own.code(), "not-found");
    changes::decline_change(&officer, grant.award, change, "no consent").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminated_award_gives_back_what_was_not_paid_and_claws_back_the_rest() {
    let grant = Grant::active().await;
    grant.pay(1).await;
    let told = Termination { reason: "work stopped".into(), clawback_minor: 1_000_000 };
    let officer = grant.officer().await;
    let much = Termination { clawback_minor: 5_000_000, ..told.clone() };
    let refused = awards::propose_termination(&officer, grant.award, &much).await.unwrap_err();
    assert_eq!(refused.code(), "refused-more-than-paid");
    awards::suspend(&officer, grant.award, "site closed").await.unwrap();
    awards::propose_termination(&officer, grant.award, &told).await.unwrap();
    awards::confirm_termination(&grant.role::<Approver>(grant.approver).await, grant.award).await.unwrap();
    assert_eq!(grant.balances().await, (0, 0, 1_453_000 + 4_191_500));
    assert_eq!(grant.tranche(2).await.stage, TrancheStage::Cancelled);
    let finance = grant.role::<Finance>(grant.finance).await;
    grant.repaid(400_000, "back-1").await.unwrap();
    let more = grant.repaid(700_000, "back-2").await.unwrap_err();
    assert_eq!(more.code(), "refused-clawback-more");
    let early = closing::propose_close(&officer, grant.award).await.unwrap_err();
    assert_eq!(early.code(), "refused-award-checklist");
    grant.repaid(600_000, "back-2").await.unwrap();
    closing::propose_close(&officer, grant.award).await.unwrap();
    closing::confirm_close(&finance, grant.award).await.unwrap();
    assert_eq!(grant.balances().await, (0, 0, 9_836_000 - 3_150_000 - 41_500));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_two_addresses_collide() {
    let world = crate::support::World::bare().await;
    assert!(tributary::app::server(world.edges.clone()).ignite().await.is_ok());
}
