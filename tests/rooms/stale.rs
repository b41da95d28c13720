//! A second person decides what their page showed: what was taken back and put again with other figures needs another look.

use super::grant::Grant;
use super::reviews::Panel;
use crate::support::{World, both};
use entities::kinds::{ApplicationStage, AwardStage, BatchStage, ProposalKind, ReportKind, Subject, TrancheStage};
use entities::{decision_batch, proposal};
use sea_orm::{EntityTrait, QueryOrder};
use tributary::commons::proposals;
use tributary::error::Result;
use tributary::grants::awards::service::{self as awards, Termination};
use tributary::grants::awards::{acts, closing, rules};
use tributary::grants::decisions::{service as decisions, view as decision_pages};
use tributary::grants::reports::service::{self as reports, Saved};
use tributary::grants::tranches::statements::{self, Fate};
use tributary::grants::tranches::{approvals, service as tranches, view};
use tributary::people::permission::{Administrator, Approver, As, Finance, Permission};
use tributary::web::page::Reply;

/// The key of the newest proposal.
async fn newest(world: &World) -> String {
    let row = proposal::Entity::find().order_by_desc(proposal::Column::Id).one(world.edges.db.read()).await;
    row.unwrap().unwrap().id.to_string()
}

async fn confirmed<P: Permission>(by: &As<P>, kind: ProposalKind) -> Result<i64> {
    by.write(|tx| async move { proposals::confirm::<P, i64>(&tx, by, kind, Subject::Fund, 1).await }).await
}

async fn declined<P: Permission>(by: &As<P>, kind: ProposalKind) -> Result<()> {
    by.write(|tx| async move { proposals::decline(&tx, by, kind, Subject::Fund, 1, "no").await }).await
}

async fn proposed<P: Permission>(by: &As<P>, kind: ProposalKind, what: i64) {
    by.write(|tx| async move { proposals::propose(&tx, by, kind, Subject::Fund, 1, &what).await }).await.unwrap();
}

/// A page as it is drawn.
fn html(answer: tributary::web::page::Answer) -> String {
    let Ok(Reply::Page(page)) = answer else { panic!("no page") };
    page.render("/", String::new()).unwrap()
}

fn shows(html: &str, seen: &str) {
    assert!(html.contains(&format!("name=\"seen\" value=\"{seen}\"")), "the page does not say that it showed {seen}");
}

both! {
async fn every_kind_of_two_person_act_is_confirmed_as_it_was_shown(world: World) {
    let one = world.person("one", &[entities::kinds::Role::Administrator]).await;
    let two = world.person("two", &[entities::kinds::Role::Administrator]).await;
    let (first, second) = (world.role::<Administrator>(one).await, world.role::<Administrator>(two).await);
    for kind in ProposalKind::ALL.iter().copied() {
        proposed(&first, kind, 1).await;
        let old = newest(&world).await;
        declined(&first, kind).await.unwrap();
        proposed(&first, kind, 2).await;
        let now = newest(&world).await;
        for seen in [old.as_str(), ""] {
            let tab = second.having_seen(seen);
            assert_eq!(confirmed(&tab, kind).await.unwrap_err().code(), "refused-stale", "{kind}");
            assert_eq!(declined(&tab, kind).await.unwrap_err().code(), "refused-stale", "{kind}");
        }
        let open = proposals::open(world.edges.db.read(), kind, Subject::Fund, 1).await.unwrap().unwrap();
        assert_eq!(open.id.to_string(), now, "{kind}");
        assert_eq!(confirmed(&second.having_seen(&now), kind).await.unwrap(), 2, "{kind}");
    }
}

async fn an_award_is_not_ended_by_the_page_of_an_older_proposal(world: World) {
    let grant = Grant::active_in(world).await;
    grant.pay(1).await;
    let officer = grant.officer().await;
    let approver = grant.role::<Approver>(grant.approver).await;
    let told = |clawback_minor| Termination { reason: "stopped".into(), clawback_minor };
    awards::propose_termination(&officer, grant.award, &told(1)).await.unwrap();
    let old = newest(&grant.world).await;
    shows(&html(acts::act(&approver, grant.award, "confirm-termination").await), &old);
    shows(&html(acts::act(&officer, grant.award, "decline-termination").await), &old);
    let pair = rules::pair_of("decline-termination").unwrap();
    closing::decline_proposal(&officer, grant.award, pair, "mistyped").await.unwrap();
    awards::propose_termination(&officer, grant.award, &told(4_000_000)).await.unwrap();
    let tab = approver.having_seen(&old);
    assert_eq!(awards::confirm_termination(&tab, grant.award).await.unwrap_err().code(), "refused-stale");
    assert_eq!(grant.row().await.stage, AwardStage::Active);
    let tab = approver.having_seen(&newest(&grant.world).await);
    awards::confirm_termination(&tab, grant.award).await.unwrap();
}

async fn a_payment_is_approved_as_it_was_shown(world: World) {
    let grant = Grant::active_in(world).await;
    let id = grant.tranche(1).await.id;
    let prepared = async || {
        approvals::request(&grant.signs().await, id, None).await.unwrap();
        approvals::approve_programme(&grant.officer().await, id).await.unwrap();
        approvals::prepare(&grant.role::<Finance>(grant.finance).await, id).await.unwrap();
        grant.tranche(1).await.version.to_string()
    };
    let old = prepared().await;
    let approver = grant.role::<Approver>(grant.approver).await;
    shows(&html(view::act(&approver, id, "approve").await), &old);
    approvals::reject(&grant.officer().await, id, "another amount").await.unwrap();
    grant.allows(3_000_000).await;
    assert_eq!(grant.tranche(1).await.amount_minor, 3_000_000);
    let now = prepared().await;
    let stale = approvals::approve(&approver.having_seen(&old), id).await.unwrap_err();
    assert_eq!(stale.code(), "refused-stale");
    let open = tranches::open_payment(grant.world.edges.db.read(), id).await.unwrap().unwrap();
    assert_eq!((open.approved_by, grant.tranche(1).await.stage), (None, TrancheStage::FinancePrepared));
    approvals::approve(&approver.having_seen(&now), id).await.unwrap();
    let finance = grant.role::<Finance>(grant.finance).await;
    let stale = tributary::grants::tranches::bank::batch(&finance.having_seen(&now), id).await.unwrap_err();
    assert_eq!(stale.code(), "refused-stale");
}

async fn what_the_bank_says_is_confirmed_as_it_was_shown(world: World) {
    let grant = Grant::active_in(world).await;
    let id = grant.pay(1).await;
    let finance = grant.role::<Finance>(grant.finance).await;
    let approver = grant.role::<Approver>(grant.approver).await;
    statements::say(&finance, id, &Fate::ReturnedInPart(1_000), "back-1", None).await.unwrap();
    let old = newest(&grant.world).await;
    shows(&html(view::act(&approver, id, "confirm-said").await), &old);
    statements::decline(&finance, id, "mistyped").await.unwrap();
    statements::say(&finance, id, &Fate::Returned, "back-1", None).await.unwrap();
    assert_eq!(statements::confirm(&approver.having_seen(&old), id).await.unwrap_err().code(), "refused-stale");
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Paid);
}

async fn a_report_is_signed_as_it_was_read(world: World) {
    let grant = Grant::active_in(world).await;
    let id = grant.report(ReportKind::MidTerm).await.id;
    reports::open(&grant.officer().await, id).await.unwrap();
    let written = async |words: &str| {
        let version = grant.report(ReportKind::MidTerm).await.version;
        let told = Saved { narrative: words.into(), ..Saved::default() };
        reports::save(&grant.edits().await, id, version, &told).await.unwrap();
        reports::hand_over(&grant.edits().await, id).await.unwrap();
        grant.report(ReportKind::MidTerm).await.version.to_string()
    };
    let old = written("the wall stands").await;
    let signs = grant.signs().await;
    shows(&html(tributary::grants::reports::view::act(&signs, id, "submit").await), &old);
    reports::take_back(&grant.edits().await, id).await.unwrap();
    let now = written("the wall fell").await;
    assert_eq!(reports::submit(&signs.having_seen(&old), id).await.unwrap_err().code(), "refused-stale");
    assert!(grant.report(ReportKind::MidTerm).await.submitted_by.is_none());
    reports::submit(&signs.having_seen(&now), id).await.unwrap();
}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_approved_as_it_was_shown() {
    let panel = Panel::new(ApplicationStage::UnderReview).await;
    let reviews = panel.scored().await;
    panel.fifth_recused(reviews[4]).await;
    let chair = panel.chairing().await;
    let batch = decisions::draft(&chair, panel.call, "minutes").await.unwrap();
    decisions::submit_batch(&chair, batch, 1).await.unwrap();
    let db = panel.world.edges.db.read();
    let row = async || decision_batch::Entity::find_by_id(batch).one(db).await.unwrap().unwrap();
    let old = row().await.version.to_string();
    let approver = panel.world.role::<Approver>(panel.approver).await;
    for act in ["approve", "return"] {
        shows(&html(decision_pages::act(&approver, batch, act).await), &old);
    }
    decisions::return_batch(&approver, batch, "say why").await.unwrap();
    let officer = panel.chairing().await;
    decisions::write_minutes(&officer, batch, row().await.version, "others").await.unwrap();
    decisions::submit_batch(&chair, batch, row().await.version).await.unwrap();
    let tab = approver.having_seen(&old);
    assert_eq!(decisions::approve_batch(&tab, batch).await.unwrap_err().code(), "refused-stale");
    assert_eq!(decisions::return_batch(&tab, batch, "no").await.unwrap_err().code(), "refused-stale");
    assert_eq!(row().await.stage, BatchStage::Submitted);
    let tab = approver.having_seen(&row().await.version.to_string());
    decisions::approve_batch(&tab, batch).await.unwrap();
}
