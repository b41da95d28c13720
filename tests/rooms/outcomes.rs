//! What comes of an award: receipts that prove it once, people who are counted and never named, reminders, the grade and what follows a
//! breach, the case that everybody reads.

use super::grant::Grant;
use super::uploads::{photo, whereabouts};
use crate::support::{World, both, day, nine};
use entities::kinds::*;
use entities::{evaluation, event, residue_decision};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use std::collections::BTreeMap;
use tributary::commons::documents::{self, Kept};
use tributary::core::plan::SpendingLine;
use tributary::disclosure::project;
use tributary::error::Violation;
use tributary::grants::applications::eligibility;
use tributary::grants::awards::agreement;
use tributary::grants::awards::service::bans::{self, Ban};
use tributary::grants::awards::service::cases::{self, Story};
use tributary::grants::awards::service::{self as awards, Termination};
use tributary::grants::awards::terms::{self, Terms};
use tributary::grants::reports::evaluations;
use tributary::grants::reports::service::receipts::{self, Claim};
use tributary::grants::reports::service::{self as reports, Saved};
use tributary::grants::reports::view;
use tributary::grants::{calls, funds};
use tributary::people::permission::{Actor, Administrator, Approver, Context};
use tributary::web::page::{Answer, Reply, words_of};

/// A page in a language.
fn drawn(answer: Answer) -> String {
    let Ok(Reply::Page(page)) = answer else { panic!("no page") };
    page.render("/", String::new()).unwrap()
}

fn words(world: &World, code: &'static str) -> [String; 2] {
    let violation = Violation::whole(code).with("most", 100);
    [Locale::En, Locale::ZhCn].map(|locale| words_of(&world.edges, locale, &violation))
}

fn claim(number: &str) -> Claim {
    Claim { head: "labour".into(), number: number.into(), issued_on: day(2026, 1, 5), amount_minor: 120_00 }
}

/// The photo of a receipt as the editor's telephone sends it.
async fn snapped(grant: &Grant, turn: u32) -> Kept {
    let by = grant.edits().await;
    documents::keep(&by, "file", "IMG_0001.JPG", &photo(4_000, 3_000, turn, &[whereabouts()])).await.unwrap()
}

/// The mid-term report, open.
async fn opened(grant: &Grant) -> ReportId {
    let row = grant.report(ReportKind::MidTerm).await;
    reports::open(&grant.officer().await, row.id).await.unwrap();
    row.id
}

async fn letters(world: &World, part: &str) -> usize {
    let all = world.edges.mail.newest(500).await.unwrap();
    all.iter().filter(|(_, letter)| letter.subject.contains(part)).count()
}

both! {
async fn a_receipt_is_claimed_once_and_its_photo_does_not_say_where_it_was_taken(world: World) {
    let grant = Grant::active_in(world).await;
    let id = opened(&grant).await;
    let kept = snapped(&grant, 1).await;
    let stored = grant.world.edges.store.read(&kept.sha256).await.unwrap();
    assert!(memchr::memmem::find(&stored, b"GPS").is_none(), "the photo still says where it was taken");
    let by = grant.edits().await;
    let first = receipts::claim(&by, id, &claim("001"), &kept).await.unwrap();
    // The same picture with other notes is the same receipt.
    let again = documents::keep(&by, "file", "copy.jpg", &photo(4_000, 3_000, 1, &[])).await.unwrap();
    let refused = |claim: Claim, kept: Kept| {
        let by = by.clone();
        async move { receipts::claim(&by, id, &claim, &kept).await.unwrap_err().code() }
    };
    assert_eq!(refused(claim("002"), again).await, "refused-receipt-claimed");
    let other = snapped(&grant, 2).await;
    assert_eq!(refused(Claim { head: "cash".into(), ..claim("") }, other.clone()).await, "refused-report-head");
    assert_eq!(refused(Claim { issued_on: day(2026, 1, 6), ..claim("") }, other.clone()).await, "refused-receipt-day");
    let text = grant.kept("a receipt in words").await;
    assert_eq!(refused(claim(""), text).await, "refused-receipt-kind");
    // A stranger finds no report, neither to prove nor to write: nothing of it changes.
    let stranger = grant.world.acting(grant.donor_signatory).await.editor_of(grant.donor).unwrap();
    let before = grant.report(ReportKind::MidTerm).await;
    assert_eq!(receipts::claim(&stranger, id, &claim(""), &other).await.unwrap_err().code(), "not-found");
    assert_eq!(receipts::take_out(&stranger, id, first).await.unwrap_err().code(), "not-found");
    assert_eq!(reports::save(&stranger, id, 1, &Saved::default()).await.unwrap_err().code(), "not-found");
    assert_eq!(view::show(&stranger, id).await.unwrap_err().code(), "not-found");
    assert_eq!(grant.report(ReportKind::MidTerm).await, before);
    // The same number on another file is taken and shown to the officer, who judges.
    let second = receipts::claim(&by, id, &claim("001"), &other).await.unwrap();
    let rows = receipts::of(grant.world.edges.db.read(), id).await.unwrap();
    let twins = receipts::seen_elsewhere(grant.world.edges.db.read(), &rows).await.unwrap();
    assert_eq!(twins, [first, second].into());
    let told = Saved { narrative: "the wall stands".into(), ..Saved::default() };
    reports::save(&by, id, before.version, &told).await.unwrap();
    reports::hand_over(&by, id).await.unwrap();
    assert_eq!(receipts::take_out(&by, id, first).await.unwrap_err().code(), "refused-report-signed");
    reports::submit(&grant.signs().await, id).await.unwrap();
    for locale in [Locale::En, Locale::ZhCn] {
        let officer = Context { locale, ..(*grant.officer().await).clone() };
        let page = drawn(view::show(&officer, id).await);
        let seen = officer.t("receipt-seen-elsewhere");
        assert!(page.matches(&seen).count() == 2 && page.contains("240.00"), "{locale}");
    }
    grant.world.settle().await;
}

async fn people_are_counted_and_never_named_by_a_number(world: World) {
    let grant = Grant::active_in(world).await;
    let id = opened(&grant).await;
    let by = grant.edits().await;
    for narrative in ["Aunt Li, 138-0013-8000", "身份证 11010519491231002X"] {
        let told = Saved { narrative: narrative.into(), ..Saved::default() };
        let refused = reports::save(&by, id, 1, &told).await.unwrap_err();
        let tributary::error::Error::Refused(violations) = refused else { panic!() };
        assert_eq!((violations[0].field.as_str(), violations[0].code), ("narrative", "refused-personal-number"));
    }
    let row = grant.report(ReportKind::MidTerm).await;
    assert!(row.version == 1 && row.narrative.is_empty() && row.stage == ReportStage::Open);
    let [en, zh] = words(&grant.world, "refused-personal-number");
    assert!(en.contains("identity card") && zh.contains("身份证"));
    let kept = snapped(&grant, 3).await;
    let named = receipts::show(&by, id, "Aunt Li 13800138000", &kept).await.unwrap_err();
    assert_eq!(named.code(), "refused-personal-number");
    let told = Saved { narrative: "83 people, 12 000 yuan, 028-85551234".into(), beneficiaries: 83, ..Saved::default() };
    reports::save(&by, id, 1, &told).await.unwrap();
    grant.world.settle().await;
}

async fn two_editors_of_a_report_lose_nothing(world: World) {
    let grant = Grant::active_in(world).await;
    let id = opened(&grant).await;
    let told = |narrative: &str| Saved { narrative: narrative.into(), ..Saved::default() };
    reports::save(&grant.edits().await, id, 1, &told("eighty-three metres")).await.unwrap();
    let stale = reports::save(&grant.edits().await, id, 1, &told("a mural")).await.unwrap_err();
    assert_eq!(stale.code(), "refused-stale");
    let typed: BTreeMap<String, String> = [("narrative".to_owned(), "a mural".to_owned())].into();
    let editor = grant.edits().await;
    let page = drawn(view::both(&editor, id, &typed).await);
    assert!(page.contains("eighty-three metres") && page.contains("Saved meanwhile by somebody else: What happened"));
    assert!(page.contains("name=\"version\" value=\"2\""), "saving again is a choice");
}

async fn a_report_is_reminded_of_once_before_its_day_and_once_after(world: World) {
    let grant = Grant::active_in(world).await;
    let due = grant.report(ReportKind::MidTerm).await.due_on;
    let at = |days: i64| nine(2026, 1, 5) + chrono::Duration::days((due - day(2026, 1, 5)).num_days() + days);
    for (days, before, after, late) in [
        (-20, 0, 0, 0), (-14, 2, 0, 0), (-10, 2, 0, 0), (3, 2, 0, 0), (7, 2, 2, 1), (15, 2, 2, 1),
        // The first two left the folder after their thirty days, and no new ones came.
        (30, 0, 2, 1)] {
        grant.world.at(at(days)).await;
        let world = &grant.world;
        let seen = (letters(world, "A report is due soon").await + letters(world, "报告即将到期").await,
            letters(world, "A report is late").await + letters(world, "报告已逾期").await,
            letters(world, "A grantee's report is late").await + letters(world, "受资助方报告逾期").await);
        assert_eq!(seen, (before, after, late), "{days} days from the day");
    }
    // What is handed in is reminded of no more.
    let row = grant.report(ReportKind::MidTerm).await;
    assert!(row.before_at.is_some() && row.after_at.is_some());
}

async fn after_a_breach_two_people_bar_the_grantee_until_a_day(world: World) {
    let grant = Grant::active_in(world).await;
    let officer = grant.officer().await;
    let approver = grant.role::<Approver>(grant.approver).await;
    let told = Ban { organisation: grant.organisation, evidence: "report of 5 March, page 2".into(), until_on: day(2027, 1, 4) };
    let early = bans::propose_ban(&officer, grant.award, &told).await.unwrap_err();
    assert_eq!(early.code(), "refused-ban-no-breach");
    let end = Termination { reason: "work stopped".into(), clawback_minor: 0 };
    awards::propose_termination(&officer, grant.award, &end).await.unwrap();
    awards::confirm_termination(&approver, grant.award).await.unwrap();
    let wrong = Ban { organisation: grant.donor, ..told.clone() };
    assert_eq!(bans::propose_ban(&officer, grant.award, &wrong).await.unwrap_err().code(), "refused-unknown");
    let past = Ban { until_on: day(2026, 1, 5), ..told.clone() };
    assert_eq!(bans::propose_ban(&officer, grant.award, &past).await.unwrap_err().code(), "refused-not-future");
    let long = Ban { until_on: day(2046, 1, 5), ..told.clone() };
    assert_eq!(bans::propose_ban(&officer, grant.award, &long).await.unwrap_err().code(), "refused-ban-long");
    bans::propose_ban(&officer, grant.award, &told).await.unwrap();
    assert!(bans::of_award(grant.world.edges.db.read(), grant.award).await.unwrap().is_empty(), "one person bars nobody");
    bans::confirm_ban(&approver, grant.award).await.unwrap();
    assert_eq!(bans::confirm_ban(&approver, grant.award).await.unwrap_err().code(), "not-found");
    assert_eq!(bans::propose_ban(&officer, grant.award, &told).await.unwrap_err().code(), "refused-ban-there");
    let db = grant.world.edges.db.read();
    let award = awards::load(db, grant.award).await.unwrap();
    let call = calls::service::load(db, award.call_id).await.unwrap();
    let barred = |who: OrganisationId, today| {
        let call = call.clone();
        async move {
            let found = eligibility::findings(db, &call, who, None, 0, &[], today).await.unwrap();
            found.iter().any(|finding| finding.code == "eligibility-not-barred" && !finding.ok)
        }
    };
    assert!(barred(grant.organisation, day(2026, 1, 6)).await && barred(grant.organisation, day(2027, 1, 4)).await);
    assert!(!barred(grant.organisation, day(2027, 1, 5)).await, "the ban ends by itself");
    assert!(!barred(grant.donor, day(2026, 1, 6)).await);
    grant.world.settle().await;
    assert!(letters(&grant.world, "申请资格已暂停").await + letters(&grant.world, "may not apply").await >= 2);
}

async fn the_grade_is_kept_with_the_award_and_who_is_tied_to_it_evaluates_nothing(world: World) {
    let grant = Grant::active_in(world).await;
    let officer = grant.officer().await;
    // Whoever works for a donor to the fund does not evaluate what the fund pays for.
    let tied = grant.world.person("tied", &[Role::Evaluator]).await;
    grant.world.member(tied, grant.donor, MemberRole::Editor).await;
    let refused = evaluations::assign(&officer, grant.award, EvaluationKind::Final, tied).await.unwrap_err();
    assert_eq!(refused.code(), "refused-evaluator-conflict");
    let [en, zh] = words(&grant.world, "refused-evaluator-conflict");
    assert!(!en.is_empty() && !zh.is_empty() && en != zh);
    assert_eq!(evaluation::Entity::find().count(grant.world.edges.db.read()).await.unwrap(), 0);
    let id = evaluations::assign(&officer, grant.award, EvaluationKind::Final, grant.evaluator).await.unwrap();
    let by = evaluations::assigned(&grant.world.acting(grant.evaluator).await, id).await.unwrap();
    let named = evaluations::submit(&by, 5_800, "called 13800138000").await.unwrap_err();
    assert_eq!(named.code(), "refused-personal-number");
    evaluations::submit(&by, 5_800, "loose plaster").await.unwrap();
    let grade = || async { awards::load(grant.world.edges.db.read(), grant.award).await.unwrap().grade };
    assert_eq!(grade().await, None, "no grade before it is published");
    evaluations::publish(&officer, id).await.unwrap();
    assert_eq!(grade().await.as_deref(), Some("C"));
    let again = evaluations::rectify(&grant.signs().await, id, "mended").await.unwrap();
    let by = evaluations::assigned(&grant.world.acting(grant.evaluator).await, again).await.unwrap();
    evaluations::submit(&by, 8_600, "well mended").await.unwrap();
    evaluations::publish(&officer, again).await.unwrap();
    assert_eq!(grade().await.as_deref(), Some("A"));
    grant.world.settle().await;
}

async fn the_case_is_told_once_from_the_final_report_with_its_photo(world: World) {
    let grant = Grant::active_in(world).await;
    let officer = grant.officer().await;
    let told = Story { title: "A wall for everybody".into(), story: "It was grey.\nNow it is painted.".into(), photo: None };
    assert_eq!(cases::publish_case(&officer, grant.award, &told).await.unwrap_err().code(), "refused-case-early");
    let row = grant.report(ReportKind::Final).await;
    reports::open(&officer, row.id).await.unwrap();
    let kept = snapped(&grant, 9).await;
    let shot = receipts::show(&grant.edits().await, row.id, "The painted wall", &kept).await.unwrap();
    let saved = Saved {
        narrative: "painted".into(),
        spending: vec![SpendingLine { head: "labour".into(), amount_minor: 1 }],
        volunteer_hours: 120,
        beneficiaries: 830,
        ..Saved::default()
    };
    reports::save(&grant.edits().await, row.id, row.version, &saved).await.unwrap();
    reports::hand_over(&grant.edits().await, row.id).await.unwrap();
    reports::submit(&grant.signs().await, row.id).await.unwrap();
    reports::accept(&officer, row.id).await.unwrap();
    let foreign = Story { photo: Some(ReportPhotoId(999)), ..told.clone() };
    assert_eq!(cases::publish_case(&officer, grant.award, &foreign).await.unwrap_err().code(), "refused-unknown");
    let named = Story { story: "Aunt Li 13800138000".into(), ..told.clone() };
    assert_eq!(cases::publish_case(&officer, grant.award, &named).await.unwrap_err().code(), "refused-personal-number");
    let told = Story { photo: Some(shot), ..told };
    cases::publish_case(&officer, grant.award, &told).await.unwrap();
    assert_eq!(cases::publish_case(&officer, grant.award, &told).await.unwrap_err().code(), "refused-case-there");
    // Everybody reads the case and sees the copy of its photo; the report's own photo stays inside.
    let visitor = Context { actor: std::sync::Arc::new(Actor::visitor()), ..(*officer).clone() };
    let case = cases::of(grant.world.edges.db.read(), grant.award).await.unwrap().unwrap();
    let copy = case.photo_id.unwrap();
    for locale in [Locale::En, Locale::ZhCn] {
        let reader = Context { locale, ..visitor.clone() };
        let page = drawn(project::show(&reader, grant.award).await);
        for words in ["A wall for everybody", "Now it is painted.", "The painted wall", &format!("/documents/{copy}"), "830"] {
            assert!(page.contains(words), "{locale}: the page lacks {words}");
        }
        let fund = drawn(funds::view::page::show(&reader, grant.fund).await);
        assert!(fund.contains(&reader.t("fund-outcomes-people")) && fund.contains("830") && fund.contains("120"));
    }
    assert!(documents::read(&visitor, copy).await.is_ok());
    let (original, _) = documents::read(&officer, copy).await.unwrap();
    let refused = documents::read(&visitor, original.redacts_id.unwrap()).await.unwrap_err();
    assert_eq!(refused.code(), "not-found");
    let told = event::Entity::find().filter(event::Column::Act.eq("publish-case"));
    assert_eq!(told.count(grant.world.edges.db.read()).await.unwrap(), 1);
    grant.world.settle().await;
}

async fn the_three_months_are_reminded_of_before_and_after_their_end(world: World) {
    let grant = Grant::active_in(world).await;
    let row = residue_decision::ActiveModel {
        award_id: Set(Some(grant.award)),
        amount_minor: Set(252_500),
        currency: Set(Currency::CNY),
        decision: Set(String::new()),
        due_on: Set(day(2026, 4, 5)),
        ..Default::default()
    };
    let row = &row;
    let put = |tx| async move {
        residue_decision::Entity::insert(row.clone()).exec_without_returning(&{ tx }).await.map(|_| ()).map_err(Into::into)
    };
    grant.world.edges.db.write(put).await.unwrap();
    let soon = ["A residue decision is due soon", "剩余资金处理即将到期"];
    let late = ["A residue decision is late", "剩余资金处理已逾期"];
    for (date, before, after) in [((3, 1), 0, 0), ((3, 22), 1, 0), ((4, 5), 1, 0), ((4, 6), 1, 2), ((4, 20), 1, 2)] {
        grant.world.at(nine(2026, date.0, date.1)).await;
        let mut seen = (0, 0);
        for (soon, late) in soon.into_iter().zip(late) {
            seen.0 += letters(&grant.world, soon).await;
            seen.1 += letters(&grant.world, late).await;
        }
        assert_eq!(seen, (before, after), "{date:?}");
    }
    let row = residue_decision::Entity::find().order_by_asc(residue_decision::Column::Id);
    let row = row.one(grant.world.edges.db.read()).await.unwrap().unwrap();
    assert!(row.before_at.is_some() && row.after_at.is_some());
}
}

both! {
async fn the_terms_of_agreements_are_edited_by_two_and_what_was_signed_stays(world: World) {
    let (a, b) = (
        world.person("administrator-a", &[Role::Administrator]).await,
        world.person("administrator-b", &[Role::Administrator]).await,
    );
    let (a, b) = (world.role::<Administrator>(a).await, world.role::<Administrator>(b).await);
    let told = Terms {
        text_zh: "{grantee}应保存凭证十年。".into(),
        text_en: "{grantee} keeps every receipt of {amount} for ten years.".into(),
        source: "board minute 12".into(),
        effective_on: day(2026, 1, 6),
    };
    let unknown = Terms { text_en: "{grantee} owes {everything}.".into(), ..told.clone() };
    let refused = terms::propose(&a, &unknown).await.unwrap_err();
    let tributary::error::Error::Refused(violations) = refused else { panic!() };
    assert_eq!((violations[0].field.as_str(), violations[0].code), ("terms_en", "refused-terms-place"));
    assert!(words_of(&world.edges, Locale::En, &violations[0]).contains("everything"));
    let id = terms::propose(&a, &told).await.unwrap();
    assert!(terms::decide(&a, id, true).await.is_err(), "one administrator changes no agreement");
    terms::decide(&b, id, true).await.unwrap();
    assert_eq!(terms::decide(&b, id, true).await.unwrap_err().code(), "not-found");
    let later = Terms { text_en: "{grantee} keeps nothing.".into(), effective_on: day(2026, 1, 7), ..told };
    let later = terms::propose(&a, &later).await.unwrap();
    terms::decide(&b, later, true).await.unwrap();
    world.at(nine(2026, 1, 6)).await;
    let grant = Grant::active_in(world).await;
    let db = grant.world.edges.db.read();
    let text = |award| async move { agreement::text(db, &awards::load(db, award).await.unwrap()).await.unwrap() };
    let signed = text(grant.award).await;
    assert!(signed.contains("SO-1 keeps every receipt of CNY 83,000.00 for ten years.") || signed.contains("SO-1 keeps every receipt of ¥83,000.00"), "{signed}");
    assert!(signed.contains("SO-1应保存凭证十年。"));
    let row = awards::load(db, grant.award).await.unwrap();
    assert_eq!(agreement::fingerprint(&signed), row.agreement_hash);
    // The name of the fund changes, other terms are in force: the paper stays the paper that was signed.
    grant.world.at(nine(2026, 1, 8)).await;
    let change = entities::fund::ActiveModel { id: Set(grant.fund), name_en: Set("Renamed".into()), ..Default::default() };
    let change = &change;
    let rename = |tx| async move { entities::fund::Entity::update(change.clone()).exec(&{ tx }).await.map(|_| ()).map_err(Into::into) };
    grant.world.edges.db.write(rename).await.unwrap();
    assert_eq!(text(grant.award).await, signed);
}
}
