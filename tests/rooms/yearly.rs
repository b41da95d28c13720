//! A fund's years, shares and rates: joint funds, budgets, endowments, idle money, and the documents of another name.

use super::committees::{Board, moved};
use super::decisions::submitted;
use super::funds::{Cast, drafted};
use crate::books::ground::rows as sql;
use crate::support::rows::change;
use crate::support::{World, both, day, nine};
use chrono::Duration;
use entities::fund;
use entities::kinds::{
    Ballot, BudgetHead, FundKind, FundStage, FundraisingMode, LegalForm, MemberRole, MotionStage, OrganisationId,
    PersonId, Role, SeatPart, SpendingType,
};
use rocket::local::asynchronous::Client;
use sea_orm::ActiveValue::Set;
use tributary::app;
use tributary::grants::committees::service::motions::{self, About};
use tributary::grants::committees::service::seats::{self, Appointment};
use tributary::grants::committees::service::votes;
use tributary::grants::decisions::service as decisions;
use tributary::grants::funds::service::budgets::{self, Budget};
use tributary::grants::funds::service::closing;
use tributary::grants::funds::service::papers::Papers;
use tributary::grants::funds::service::{self, Drafted, agreement, initiators};
use tributary::ledger::years;
use tributary::people::permission::{Administrator, Approver, Committee, Officer};
use tributary::people::roles;

/// A visitor who reads English.
fn english() -> rocket::http::Header<'static> {
    rocket::http::Header::new("accept-language", "en")
}

/// Letters that tell of an idle fund.
async fn told(world: &World) -> usize {
    let letters = world.edges.mail.newest(200).await.unwrap();
    letters.iter().filter(|(_, letter)| letter.subject.starts_with("Idle: ")).count()
}

both! {
async fn shares_are_the_whole_and_every_initiator_signs(world: World) {
    let cast = Cast::on(world).await;
    let world = &cast.world;
    let other = world.organisation("other initiator", LegalForm::Company, None).await;
    let partner = world.person("partner", &[]).await;
    world.member(partner, other, MemberRole::Signatory).await;
    let by = cast.signatory().await;
    let joint = Drafted { kind: FundKind::Joint, ..drafted(FundraisingMode::Targeted, 0) };
    let id = service::draft(&by, joint).await.unwrap();
    assert_eq!(service::submit(&by, id).await.unwrap_err().code(), "refused-joint-shares");
    let set = async |shares: &[(OrganisationId, i32)]| initiators::set_shares(&by, id, shares).await;
    let lead = cast.initiator;
    assert_eq!(set(&[(lead, 10_000)]).await.unwrap_err().code(), "refused-joint-two");
    assert_eq!(set(&[(lead, 6_000), (other, 3_999)]).await.unwrap_err().code(), "refused-joint-whole");
    assert_eq!(set(&[(lead, 5_000), (lead, 5_000)]).await.unwrap_err().code(), "refused-joint-twice");
    let third = world.organisation("third", LegalForm::Company, None).await;
    assert_eq!(set(&[(third, 5_000), (other, 5_000)]).await.unwrap_err().code(), "refused-joint-lead");
    assert_eq!(set(&[(lead, 5_000), (OrganisationId(999_999), 5_000)]).await.unwrap_err().code(), "refused-unknown");
    set(&[(lead, 6_667), (other, 3_333)]).await.unwrap();
    let version = cast.fund(id).await.version;
    service::revise(&by, id, version, drafted(FundraisingMode::Targeted, 0)).await.unwrap();
    let kept = initiators::of_fund(world.edges.db.read(), id).await.unwrap();
    assert!(kept.is_empty(), "a fund that is not joint any more has no shares");
    let joint = Drafted { kind: FundKind::Joint, ..drafted(FundraisingMode::Targeted, 0) };
    service::revise(&by, id, version + 1, joint).await.unwrap();
    set(&[(lead, 6_667), (other, 3_333)]).await.unwrap();
    let micro = service::draft(&by, drafted(FundraisingMode::Targeted, 0)).await.unwrap();
    let refused = initiators::set_shares(&by, micro, &[(lead, 6_000), (other, 4_000)]).await;
    assert_eq!(refused.unwrap_err().code(), "refused-joint-kind");
    // The partner's own people do not set the shares of what another drafts.
    let theirs = world.acting(partner).await.signatory_of(other).unwrap();
    let refused = initiators::set_shares(&theirs, id, &[(lead, 1_000), (other, 9_000)]).await;
    assert_eq!(refused.unwrap_err().code(), "not-found");
    service::submit(&by, id).await.unwrap();
    assert_eq!(set(&[(lead, 5_000), (other, 5_000)]).await.unwrap_err().code(), "refused-stage");
    service::decide(&cast.admin(0).await, id, true, "2026-1", "").await.unwrap();
    agreement::sign_as_initiator(&by, id, "signatory").await.unwrap();
    agreement::sign_for_foundation(&cast.admin(0).await, id).await.unwrap();
    assert_eq!(cast.fund(id).await.stage, FundStage::Approved, "one initiator has not signed");
    assert_eq!(agreement::sign_as_partner(&by, id, "signatory").await.unwrap_err().code(), "not-found");
    agreement::sign_as_partner(&theirs, id, "partner").await.unwrap();
    assert_eq!(cast.fund(id).await.stage, FundStage::Active);
    assert_eq!(agreement::sign_as_partner(&theirs, id, "partner").await.unwrap_err().code(), "refused-stage");
    let text = agreement::agreement_text(world.edges.db.read(), &cast.fund(id).await).await.unwrap();
    assert!(text.contains("66.67%") && text.contains("33.33%"));
    let together = initiators::of_fund(world.edges.db.read(), id).await.unwrap();
    let parts = initiators::parts(&together, 10_001);
    assert_eq!((parts.iter().sum::<i64>(), parts), (10_001, vec![6_668, 3_333]));
}

async fn the_shares_are_the_votes_of_a_joint_funds_committee(world: World) {
    let board = Board::seated(world).await;
    let panel = &board.panel;
    let world = &panel.world;
    // The fund turns out to be a joint one: two sit for the owner with two thirds, three for the other.
    let other = world.organisation("other initiator", LegalForm::Company, None).await;
    for (organisation, share) in [(panel.owner, 6_667), (other, 3_333)] {
        let row = entities::joint_initiator::ActiveModel {
            fund_id: Set(panel.fund),
            organisation_id: Set(organisation),
            share_bps: Set(share),
            ..Default::default()
        };
        crate::support::rows::put(world, row).await;
    }
    let admin = world.role::<Administrator>(board.admins[0]).await;
    let seated = seats::all(world.edges.db.read(), panel.fund).await.unwrap();
    let mut people = Vec::new();
    for (place, seat) in seated.iter().filter(|seat| seat.part != SeatPart::Supervisor).enumerate() {
        roles::revoke(&admin, seat.grant.id, "anew").await.unwrap();
        let person = world.person(&format!("joint-{place}"), &[]).await;
        let organisation = Some(if place < 2 { panel.owner } else { other });
        let asked = Appointment { person, part: SeatPart::Member, organisation, ends_on: day(2028, 12, 31) };
        let nobodys = Appointment { organisation: None, ..asked };
        let refused = seats::appoint(&admin, panel.fund, nobodys).await;
        assert_eq!(refused.unwrap_err().code(), "refused-seat-initiator");
        let grant = seats::appoint(&admin, panel.fund, asked).await.unwrap();
        roles::confirm(&world.role::<Administrator>(board.admins[1]).await, grant).await.unwrap();
        people.push(person);
    }
    world.at(nine(2026, 1, 7)).await;
    let officer = world.role::<Officer>(panel.officer).await;
    let closes = world.edges.clock.now() + Duration::days(3);
    let id = motions::open(&officer, panel.fund, moved(About::Fund, closes)).await.unwrap();
    let roll = motions::of_motion(world.edges.db.read(), id).await.unwrap();
    assert_eq!(roll.iter().map(|vote| vote.weight).collect::<Vec<_>>(), [3_334, 3_333, 1_111, 1_111, 1_111]);
    // Three of five people are against it, and the two with two thirds of the votes are for it.
    for (place, person) in people.iter().enumerate() {
        let by = world.acting(*person).await.role_for_fund::<Committee>(panel.fund).unwrap();
        votes::vote(&by, id, if place < 2 { Ballot::For } else { Ballot::Against }).await.unwrap();
    }
    world.at(closes).await;
    assert_eq!(motions::load(world.edges.db.read(), id).await.unwrap().stage, MotionStage::Passed);
}

async fn a_budget_is_set_by_two_and_stands_beside_what_happened(world: World) {
    let cast = Cast::on(world).await;
    let world = &cast.world;
    let id = cast.signed(FundraisingMode::Targeted, 0).await;
    crate::rooms::gifts::give(&cast, id, 300_000, "line-1").await;
    let by = cast.signatory().await;
    let officer = world.person("officer", &[Role::ProgrammeOfficer]).await;
    let officer = world.role::<Officer>(officer).await;
    let of = |year, grants| Budget { year, lines: vec![(BudgetHead::Gifts, 500_000), (BudgetHead::Grants, grants)] };
    assert_eq!(budgets::propose(&by, id, of(2029, 1)).await.unwrap_err().code(), "refused-out-of-range");
    assert_eq!(budgets::propose(&by, id, of(2026, -1)).await.unwrap_err().code(), "refused-negative");
    let none = Budget { year: 2026, lines: vec![(BudgetHead::Grants, 0)] };
    assert_eq!(budgets::propose(&by, id, none).await.unwrap_err().code(), "refused-budget-empty");
    // Another organisation's signatory proposes nothing here.
    let stranger = world.person("stranger", &[]).await;
    let elsewhere = world.organisation("elsewhere", LegalForm::Company, None).await;
    world.member(stranger, elsewhere, MemberRole::Signatory).await;
    let stranger = world.acting(stranger).await.signatory_of(elsewhere).unwrap();
    assert_eq!(budgets::propose(&stranger, id, of(2026, 1)).await.unwrap_err().code(), "not-found");
    budgets::propose(&by, id, of(2026, 400_000)).await.unwrap();
    assert_eq!(budgets::propose(&by, id, of(2026, 1)).await.unwrap_err().code(), "refused-already-proposed");
    let shown = budgets::of_fund(world.edges.db.read(), id).await.unwrap();
    assert!(shown.is_empty(), "what is proposed does not count yet");
    budgets::confirm(&officer, id).await.unwrap();
    assert_eq!(budgets::confirm(&officer, id).await.unwrap_err().code(), "not-found");
    // The next revision replaces the year; what it replaced stays in the books of the house.
    budgets::propose(&by, id, of(2026, 450_000)).await.unwrap();
    budgets::confirm(&officer, id).await.unwrap();
    budgets::propose(&by, id, of(2026, 1)).await.unwrap();
    budgets::decline(&officer, id, "too little").await.unwrap();
    let shown = budgets::of_fund(world.edges.db.read(), id).await.unwrap();
    assert_eq!(shown[&2026][&BudgetHead::Grants], 450_000);
    assert_eq!(sql(world, "select 1 from fund_budget_line").await.len(), 4);
    let actual = years::of_fund(world.edges.db.read(), id).await.unwrap();
    assert_eq!((actual.len(), actual[0].year, actual[0].gifts_minor, actual[0].grants_minor), (1, 2026, 300_000, 0));
    let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
    let page = client.get(format!("/funds/{id}")).header(english()).dispatch().await.into_string().await.unwrap();
    for text in ["Budget 2026", "4,500.00", "3,000.00", "2,000.00"] {
        assert!(page.contains(text), "{text}");
    }
    world.settle().await;
}

async fn an_endowment_promises_no_more_than_its_share_of_a_year(world: World) {
    let board = crate::rooms::reviews::Panel::in_world(world, entities::kinds::ApplicationStage::UnderReview).await;
    let world = &board.world;
    let (batch, _) = submitted(&board).await;
    let capped = |cap| fund::ActiveModel {
        id: Set(board.fund),
        spending: Set(SpendingType::Endowed),
        spend_cap_bps: Set(cap),
        ..Default::default()
    };
    // ¥83,830 of ¥98,360 with the fee: 85.22 % and a little more.
    change(world, capped(8_522)).await;
    let approver = world.role::<Approver>(board.approver).await;
    let refused = decisions::approve_batch(&approver, batch).await;
    assert_eq!(refused.unwrap_err().code(), "refused-fund-endowment");
    assert_eq!(crate::rooms::decisions::available(&board).await, 9_836_000);
    change(world, capped(8_523)).await;
    decisions::approve_batch(&approver, batch).await.unwrap();
    let years = years::of_fund(world.edges.db.read(), board.fund).await.unwrap();
    assert_eq!(years.last().map(|year| year.committed_minor), Some(8_383_000));
}

async fn of_an_idle_fund_those_concerned_hear_once_a_period(world: World) {
    let cast = Cast::on(world).await;
    let world = &cast.world;
    let officer = world.person("officer", &[Role::ProgrammeOfficer]).await;
    let id = cast.signed(FundraisingMode::Targeted, 0).await;
    world.at(nine(2026, 7, 10)).await;
    assert_eq!(told(world).await, 0, "a fund without money is not idle");
    crate::rooms::gifts::give(&cast, id, 300_000, "line-1").await;
    world.at(nine(2026, 7, 11)).await;
    assert_eq!(told(world).await, 2, "its initiator and the officer");
    for day in 12..15 {
        world.at(nine(2026, 7, day)).await;
    }
    assert_eq!(told(world).await, 2);
    let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
    let cookie = rocket::http::Cookie::new("tributary_session", world.session(officer).await);
    let desk = client.get("/desk").cookie(cookie).dispatch().await.into_string().await.unwrap();
    assert!(desk.contains("An idle fund"));
    let page = client.get(format!("/funds/{id}")).header(english()).dispatch().await.into_string().await.unwrap();
    assert!(page.contains("not used since"));
    // The first two leave the folder after their thirty days.
    world.at(nine(2026, 8, 14)).await;
    assert_eq!(told(world).await, 0);
    world.at(nine(2027, 1, 8)).await;
    assert_eq!(told(world).await, 2, "and once more in the next period");
}

async fn another_name_needs_the_same_documents_as_a_merger(world: World) {
    let cast = Cast::on(world).await;
    let id = cast.signed(FundraisingMode::Targeted, 0).await;
    let admin = cast.admin(0).await;
    let bare = closing::propose_rename(&admin, id, "新名", "", Papers::default()).await;
    assert_eq!(bare.unwrap_err().code(), "refused-fund-paper");
    let papers = cast.papers().await;
    let missing = Papers { finance_report: None, ..papers.clone() };
    assert!(closing::propose_rename(&admin, id, "新名", "", missing).await.is_err());
    closing::propose_rename(&admin, id, "新名", "", papers).await.unwrap();
    // The second reads what the first filed, and afterwards staff and the initiator do; nobody else.
    let world = &cast.world;
    let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
    let read = async |who: Option<PersonId>, path: String| {
        let mut request = client.get(path).header(english());
        if let Some(who) = who {
            request = request.cookie(rocket::http::Cookie::new("tributary_session", world.session(who).await));
        }
        let answer = request.dispatch().await;
        (answer.status().code, answer.into_string().await.unwrap_or_default())
    };
    let filed = sql(world, "select id from document where purpose = 'fund_paper' order by id").await;
    let filed: Vec<i64> = filed.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    assert_eq!(filed.len(), 4);
    let asked = read(Some(cast.admins[1]), format!("/funds/{id}/confirm-rename")).await.1;
    assert!(filed.iter().all(|paper| asked.contains(&format!("/documents/{paper}\""))));
    closing::confirm_rename(&cast.admin(1).await, id).await.unwrap();
    assert_eq!(cast.fund(id).await.name_zh, "新名");
    for (who, sees) in [(Some(cast.admins[0]), true), (Some(cast.signatory), true), (None, false)] {
        let page = read(who, format!("/funds/{id}")).await.1;
        let code = read(who, format!("/documents/{}", filed[0])).await.0;
        assert_eq!(page.contains(&format!("/documents/{}\"", filed[0])), sees, "{who:?}");
        assert_eq!(code, if sees { 200 } else { 404 }, "{who:?}");
    }
}
}
