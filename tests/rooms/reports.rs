//! Reports and evaluations: only the grantee writes, only outsiders judge, late is derived.

use super::grant::Grant;
use crate::support::nine;
use entities::kinds::{EvaluationKind, EvaluationStage, MemberRole, ReportKind, ReportStage, Role};
use tributary::grants::reports::service::{self as reports, Saved};
use tributary::grants::reports::{evaluations, rules};
use tributary::people::permission::Officer;

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_written_by_the_grantee_and_accepted_by_an_outsider() {
    let grant = Grant::active().await;
    let row = grant.report(ReportKind::MidTerm).await;
    assert_eq!(row.stage, ReportStage::Scheduled);
    grant.world.at(nine(2026, 2, 20)).await;
    let row = grant.report(ReportKind::MidTerm).await;
    assert_eq!(row.stage, ReportStage::Open);

    let told = Saved { narrative: "the wall".into(), beneficiaries: 83, ..Saved::default() };
    let stranger = grant.world.acting(grant.donor_signatory).await.editor_of(grant.donor).unwrap();
    assert_eq!(reports::save(&stranger, row.id, 1, &told).await.unwrap_err().code(), "not-found");
    reports::save(&grant.edits().await, row.id, row.version, &told).await.unwrap();
    let stale = reports::save(&grant.edits().await, row.id, row.version, &told).await.unwrap_err();
    assert_eq!(stale.code(), "refused-stale");
    assert_eq!(reports::submit(&grant.signs().await, row.id).await.unwrap_err().code(), "refused-stage");
    reports::hand_over(&grant.edits().await, row.id).await.unwrap();
    reports::submit(&grant.signs().await, row.id).await.unwrap();

    let insider = grant.world.person("insider", &[Role::ProgrammeOfficer]).await;
    grant.world.member(insider, grant.organisation, MemberRole::Editor).await;
    let own = reports::accept(&grant.role::<Officer>(insider).await, row.id).await.unwrap_err();
    assert_eq!(own.code(), "forbidden-award-own");
    reports::request_changes(&grant.officer().await, row.id, "numbers").await.unwrap();
    let row = grant.report(ReportKind::MidTerm).await;
    assert!(rules::late(row.stage, row.due_on, crate::support::day(2026, 6, 1)));
    grant.report_accepted(ReportKind::MidTerm).await;
    let again = reports::accept(&grant.officer().await, row.id).await.unwrap_err();
    assert_eq!(again.code(), "refused-stage");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_evaluator_is_nobody_of_the_grantee_and_holds_the_role() {
    let grant = Grant::active().await;
    let officer = grant.officer().await;
    let none = evaluations::assign(&officer, grant.award, EvaluationKind::MidTerm, grant.approver).await.unwrap_err();
    assert_eq!(none.code(), "refused-evaluator-role");
    let insider = grant.world.person("insider", &[Role::Evaluator]).await;
    grant.world.member(insider, grant.organisation, MemberRole::Editor).await;
    let own = evaluations::assign(&officer, grant.award, EvaluationKind::MidTerm, insider).await.unwrap_err();
    assert_eq!(own.code(), "refused-evaluator-conflict");
    let id = evaluations::assign(&officer, grant.award, EvaluationKind::MidTerm, grant.evaluator).await.unwrap();
    let twice = evaluations::assign(&officer, grant.award, EvaluationKind::MidTerm, grant.evaluator).await.unwrap_err();
    assert_eq!(twice.code(), "refused-evaluation-assigned");
    let other = grant.world.acting(grant.donor_signatory).await;
    assert_eq!(evaluations::assigned(&other, id).await.unwrap_err().code(), "not-found");
    let by = evaluations::assigned(&grant.world.acting(grant.evaluator).await, id).await.unwrap();
    assert_eq!(evaluations::submit(&by, 10_001, "x").await.unwrap_err().code(), "refused-evaluation-score");
    evaluations::submit(&by, 6_000, "passes").await.unwrap();
    evaluations::publish(&officer, id).await.unwrap();
    let (row, _) = evaluations::load(grant.world.edges.db.read(), id).await.unwrap();
    assert_eq!(row.stage, EvaluationStage::Published);
    // Whoever evaluated an award approves nothing on it.
    grant.world.settle().await;
}
