//! Committees of funds: who sits there, who votes on what, when it counts, and what may be granted without it.

use super::decisions::submitted;
use crate::rooms::reviews::Panel;
use crate::support::rows::change;
use crate::support::{World, both, day, nine};
use chrono::{DateTime, Duration, Utc};
use entities::kinds::{
    ApplicationStage, Ballot, FundId, LegalForm, MemberRole, MotionId, MotionStage, PersonId, Role, SeatPart,
};
use entities::{fund, motion, person};
use rocket::http::{Cookie, Header, Status};
use rocket::local::asynchronous::Client;
use sea_orm::{ActiveValue::Set, ConnectionTrait, Statement};
use tributary::app;
use tributary::error::Result;
use tributary::grants::committees::service::motions::{self, About, Moved};
use tributary::grants::committees::service::seats::{self, Appointment};
use tributary::grants::committees::service::votes;
use tributary::grants::decisions::service as decisions;
use tributary::people::permission::{Administrator, Approver, As, Committee, Officer};
use tributary::people::roles;

/// A fund with a committee of five, its panel and its bids.
pub struct Board {
    pub panel: Panel,
    pub admins: [PersonId; 2],
    pub members: Vec<PersonId>,
}

pub fn moved(about: About, closes_at: DateTime<Utc>) -> Moved {
    Moved { title: "资助背街小巷".into(), text: "外墙加固".into(), amount_minor: None, about, closes_at }
}

impl Board {
    /// Seated on 5 January, so that they vote from the 6th on.
    pub async fn seated(world: World) -> Self {
        let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
        let row = fund::ActiveModel {
            id: Set(panel.fund),
            committee_size: Set(5),
            needs_resolution: Set(true),
            ..Default::default()
        };
        change(&panel.world, row).await;
        let admins = [panel.administrator, panel.world.person("administrator-b", &[Role::Administrator]).await];
        panel.world.person("supervisor", &[Role::Supervisor]).await;
        let mut board = Self { panel, admins, members: Vec::new() };
        for place in 0..5 {
            let member = board.panel.world.person(&format!("member-{place}"), &[]).await;
            board.members.push(member);
            let part = if place == 0 { SeatPart::Chair } else { SeatPart::Member };
            board.seat(board.members[place], part).await.unwrap();
        }
        board.panel.world.at(nine(2026, 1, 6)).await;
        board
    }

    pub async fn seat(&self, person: PersonId, part: SeatPart) -> Result<()> {
        let world = &self.panel.world;
        let asked = Appointment { person, part, organisation: None, ends_on: day(2028, 12, 31) };
        let first = world.role::<Administrator>(self.admins[0]).await;
        let grant = seats::appoint(&first, self.panel.fund, asked).await?;
        assert_eq!(roles::confirm(&first, grant).await.unwrap_err().code(), "forbidden-second-person");
        roles::confirm(&world.role::<Administrator>(self.admins[1]).await, grant).await
    }

    pub async fn member(&self, place: usize) -> As<Committee> {
        let acting = self.panel.world.acting(self.members[place]).await;
        acting.role_for_fund::<Committee>(self.panel.fund).unwrap()
    }

    pub async fn opens(&self, about: About) -> MotionId {
        let closes = self.panel.world.edges.clock.now() + Duration::days(7);
        motions::open(&self.member(1).await, self.panel.fund, moved(about, closes)).await.unwrap()
    }

    pub async fn vote(&self, place: usize, id: MotionId, ballot: Ballot) -> Result<()> {
        votes::vote(&self.member(place).await, id, ballot).await
    }

    pub async fn motion(&self, id: MotionId) -> motion::Model {
        motions::load(self.panel.world.edges.db.read(), id).await.unwrap()
    }

    /// Voted for by four and closed by the chair.
    pub async fn resolves(&self, about: About) -> MotionId {
        let id = self.opens(about).await;
        for place in 0..5 {
            self.vote(place, id, Ballot::For).await.unwrap();
        }
        votes::close(&self.member(0).await, id).await.unwrap();
        assert_eq!(self.motion(id).await.stage, MotionStage::Passed);
        id
    }
}

both! {
async fn a_committee_is_seated_by_two_and_votes_once_it_is_complete(world: World) {
    let board = Board::seated(world).await;
    let world = &board.panel.world;
    let admin = world.role::<Administrator>(board.admins[0]).await;
    let another = world.person("another", &[]).await;
    let asked = |person, part| Appointment { person, part, organisation: None, ends_on: day(2028, 12, 31) };
    let appoint = async |person, part| seats::appoint(&admin, board.panel.fund, asked(person, part)).await;
    assert_eq!(appoint(another, SeatPart::Chair).await.unwrap_err().code(), "refused-seat-chair");
    assert_eq!(appoint(another, SeatPart::Member).await.unwrap_err().code(), "refused-committee-full");
    assert_eq!(appoint(board.members[2], SeatPart::Supervisor).await.unwrap_err().code(), "refused-seat-held");
    let odd = Appointment { organisation: Some(board.panel.owner), ..asked(another, SeatPart::Supervisor) };
    assert_eq!(seats::appoint(&admin, board.panel.fund, odd).await.unwrap_err().code(), "refused-seat-initiator");
    // A member leaves: four decide nothing until the seat is taken again, and the new one counts from the next day.
    let seated = seats::all(world.edges.db.read(), board.panel.fund).await.unwrap();
    roles::revoke(&admin, seated[4].grant.id, "moved away").await.unwrap();
    let closes = world.edges.clock.now() + Duration::days(7);
    let open = async || {
        let officer = world.role::<Officer>(board.panel.officer).await;
        motions::open(&officer, board.panel.fund, moved(About::Fund, closes)).await
    };
    assert_eq!(open().await.unwrap_err().code(), "refused-committee-incomplete");
    board.seat(another, SeatPart::Member).await.unwrap();
    assert_eq!(open().await.unwrap_err().code(), "refused-committee-incomplete");
    world.at(nine(2026, 1, 7)).await;
    open().await.unwrap();
}

async fn a_vote_counts_once_is_changed_and_is_nobody_elses(world: World) {
    let board = Board::seated(world).await;
    let world = &board.panel.world;
    let id = board.opens(About::Fund).await;
    board.vote(0, id, Ballot::Against).await.unwrap();
    board.vote(0, id, Ballot::For).await.unwrap();
    assert_eq!(board.vote(1, id, Ballot::Recused).await.unwrap_err().code(), "refused-choose");
    // Somebody of another fund's committee, and somebody who holds the role at the foundation itself.
    let stranger = world.person("stranger", &[Role::CommitteeMember]).await;
    let acting = world.acting(stranger).await.role_for_fund::<Committee>(board.panel.fund).unwrap();
    assert_eq!(votes::vote(&acting, id, Ballot::For).await.unwrap_err().code(), "forbidden-committee");
    let closes = world.edges.clock.now() + Duration::days(1);
    let opens = motions::open(&acting, board.panel.fund, moved(About::Fund, closes)).await;
    assert_eq!(opens.unwrap_err().code(), "forbidden-committee");
    // Who left has no vote; who came later has none on what was open before.
    let last = board.member(4).await;
    let admin = world.role::<Administrator>(board.admins[0]).await;
    let seated = seats::all(world.edges.db.read(), board.panel.fund).await.unwrap();
    roles::revoke(&admin, seated[4].grant.id, "moved away").await.unwrap();
    assert_eq!(votes::vote(&last, id, Ballot::For).await.unwrap_err().code(), "forbidden-committee");
    let late = world.person("late", &[]).await;
    board.seat(late, SeatPart::Member).await.unwrap();
    world.at(nine(2026, 1, 7)).await;
    let late = world.acting(late).await.role_for_fund::<Committee>(board.panel.fund).unwrap();
    assert_eq!(votes::vote(&late, id, Ballot::For).await.unwrap_err().code(), "forbidden-motion-roll");
    // The chair waits for everybody on the roll; the clock does not.
    for place in 1..4 {
        board.vote(place, id, Ballot::For).await.unwrap();
    }
    let chair = board.member(0).await;
    assert_eq!(votes::close(&chair, id).await.unwrap_err().code(), "refused-motion-waiting");
    assert_eq!(votes::close(&board.member(1).await, id).await.unwrap_err().code(), "forbidden-motion-chair");
    world.edges.clock.set(board.motion(id).await.closes_at);
    assert_eq!(board.vote(1, id, Ballot::Against).await.unwrap_err().code(), "refused-motion-closed");
    world.settle().await;
    world.settle().await;
    let row = board.motion(id).await;
    assert_eq!((row.stage, row.closed_by), (MotionStage::Passed, None));
    let minutes = votes::minutes_of(world.edges.db.read(), id).await.unwrap().unwrap();
    assert_eq!((minutes.facts["yes"].as_i64(), minutes.facts["votes"].as_i64()), (Some(4), Some(5)));
    let text = minutes.facts.to_string();
    assert!(!text.contains("member-") && text.contains("\"ballot\":\"waiting\""), "seats and no names: {text}");
    assert_eq!(board.vote(1, id, Ballot::Against).await.unwrap_err().code(), "refused-motion-closed");
    // The database keeps the minutes as they were written.
    let db = world.edges.db.read();
    let sql = "update motion_minutes set facts = '{}'";
    assert!(db.execute_raw(Statement::from_string(db.get_database_backend(), sql)).await.is_err());
}

async fn whoever_the_party_employs_has_no_vote_on_it(world: World) {
    let board = Board::seated(world).await;
    let world = &board.panel.world;
    let employed = person::ActiveModel {
        id: Set(board.members[2]),
        employer_id: Set(Some(board.panel.applicants[0])),
        ..Default::default()
    };
    change(world, employed).await;
    let id = board.opens(About::Application(board.panel.applications[0])).await;
    assert_eq!(board.vote(2, id, Ballot::For).await.unwrap_err().code(), "forbidden-motion-recused");
    // Another joins the applicant while it is open; an owner's and donor's man on the committee is no such tie.
    world.member(board.members[3], board.panel.applicants[0], MemberRole::Editor).await;
    assert_eq!(board.vote(3, id, Ballot::For).await.unwrap_err().code(), "forbidden-motion-tied");
    world.member(board.members[1], board.panel.owner, MemberRole::Editor).await;
    board.vote(1, id, Ballot::For).await.unwrap();
    votes::recuse(&board.member(4).await, id, "my sister works there").await.unwrap();
    assert_eq!(board.vote(4, id, Ballot::For).await.unwrap_err().code(), "forbidden-motion-recused");
    board.vote(0, id, Ballot::For).await.unwrap();
    // Two of five are no quorum, however many stand back.
    world.at(board.motion(id).await.closes_at).await;
    assert_eq!(board.motion(id).await.stage, MotionStage::Lapsed);
}

async fn two_tabs_at_once_are_one_vote(world: World) {
    let board = Board::seated(world).await;
    let id = board.opens(About::Fund).await;
    let (one, other) = (board.member(0).await, board.member(0).await);
    let both = tokio::join!(votes::vote(&one, id, Ballot::For), votes::vote(&other, id, Ballot::Against));
    assert!(both.0.is_ok() && both.1.is_ok());
    let roll = motions::of_motion(board.panel.world.edges.db.read(), id).await.unwrap();
    assert_eq!((roll.len(), roll.iter().filter(|vote| vote.ballot != Ballot::Waiting).count()), (5, 1));
    // The last vote and the close at the same moment: it is closed once, with minutes once.
    for place in 1..5 {
        board.vote(place, id, Ballot::For).await.unwrap();
    }
    let (chair, again) = (board.member(0).await, board.member(0).await);
    let last = board.member(1).await;
    let done = tokio::join!(votes::close(&chair, id), votes::close(&again, id), votes::vote(&last, id, Ballot::Against));
    assert_eq!([done.0.is_ok(), done.1.is_ok()].iter().filter(|ok| **ok).count(), 1);
    let minutes = votes::minutes_of(board.panel.world.edges.db.read(), id).await.unwrap().unwrap();
    let roll = motions::of_motion(board.panel.world.edges.db.read(), id).await.unwrap();
    let counted = i64::try_from(roll.iter().filter(|vote| vote.ballot == Ballot::For).count()).unwrap();
    assert_eq!(minutes.facts["yes"].as_i64(), Some(counted), "what is counted is what stands on the roll");
}

async fn nothing_is_granted_without_the_resolution_that_the_agreement_asks_for(world: World) {
    let board = Board::seated(world).await;
    let world = &board.panel.world;
    let (batch, [first, _]) = submitted(&board.panel).await;
    let approver = world.role::<Approver>(board.panel.approver).await;
    let approve = async || decisions::approve_batch(&approver, batch).await.unwrap_err().code();
    assert_eq!(approve().await, "refused-decision-resolution");
    let application = board.panel.applications[0];
    // A resolution that did not pass, one about something else, and one that allows a fen too little cover nothing.
    board.opens(About::Application(application)).await;
    world.at(world.edges.clock.now() + Duration::days(7)).await;
    board.resolves(About::Fund).await;
    board.resolves(About::Application(board.panel.applications[1])).await;
    assert_eq!(approve().await, "refused-decision-resolution");
    let small = board.resolves(About::Call(board.panel.call)).await;
    let limit = |most| motion::ActiveModel { id: Set(small), amount_minor: Set(Some(most)), ..Default::default() };
    change(world, limit(8_299_999)).await;
    assert_eq!(approve().await, "refused-decision-resolution");
    assert_eq!(crate::rooms::decisions::available(&board.panel).await, 9_836_000, "and nothing was reserved");
    // The same resolution, but of another fund.
    let other = crate::support::rows::fund(
        board.panel.owner,
        [board.panel.officer, board.panel.other_officer],
        world.edges.clock.now(),
    );
    let other: FundId = crate::support::rows::put(world, other).await.id;
    change(world, motion::ActiveModel { id: Set(small), fund_id: Set(other), amount_minor: Set(None), ..Default::default() }).await;
    assert_eq!(approve().await, "refused-decision-resolution");
    let own = motion::ActiveModel { fund_id: Set(board.panel.fund), ..limit(8_300_000) };
    change(world, own).await;
    decisions::approve_batch(&world.role::<Approver>(board.panel.approver).await, batch).await.unwrap();
    assert!(crate::rooms::decisions::item(&board.panel, first).await.committed);
}

async fn what_is_another_funds_is_not_moved_here_and_the_public_reads_counts_alone(world: World) {
    let board = Board::seated(world).await;
    let world = &board.panel.world;
    let closes = world.edges.clock.now() + Duration::days(7);
    let member = board.member(1).await;
    let open = async |moved| motions::open(&member, board.panel.fund, moved).await;
    let nowhere = About::Application(entities::kinds::ApplicationId(999_999));
    assert_eq!(open(moved(nowhere, closes)).await.unwrap_err().code(), "refused-motion-other-fund");
    let ninth = world.organisation("SO-9", LegalForm::Association, None).await;
    let (call, by) = (board.panel.call, board.panel.signatory);
    let draft = crate::rooms::reviews::bid(world, call, ninth, by, 100, ApplicationStage::Draft);
    let draft = About::Application(draft.await);
    assert_eq!(open(moved(draft, closes)).await.unwrap_err().code(), "refused-motion-other-fund", "a draft is private");
    assert_eq!(open(moved(About::Fund, world.edges.clock.now())).await.unwrap_err().code(), "refused-not-future");
    let long = moved(About::Fund, closes + Duration::days(60));
    assert_eq!(open(long).await.unwrap_err().code(), "refused-motion-long");
    let id = board.opens(About::Application(board.panel.applications[0])).await;
    let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
    let get = async |path: String, person: Option<PersonId>| {
        let mut request = client.get(path).header(Header::new("accept-language", "en"));
        if let Some(person) = person {
            request = request.cookie(Cookie::new("tributary_session", world.session(person).await));
        }
        let answer = request.dispatch().await;
        (answer.status(), answer.into_string().await.unwrap_or_default())
    };
    let path = format!("/funds/{}/committee/motions/{id}", board.panel.fund);
    assert_eq!(get(path.clone(), None).await.0, Status::NotFound, "what is open is not public");
    let outsider = world.organisation("elsewhere", LegalForm::Company, None).await;
    let signs = world.person("signs", &[]).await;
    world.member(signs, outsider, MemberRole::Signatory).await;
    assert_eq!(get(path.clone(), Some(signs)).await.0, Status::NotFound);
    let (status, page) = get(path.clone(), Some(board.members[1])).await;
    assert!(status == Status::Ok && page.contains("外墙加固") && page.contains("/vote"));
    let other = format!("/funds/{}/committee/motions/{id}", board.panel.fund.0 + 1);
    assert_eq!(get(other, Some(board.panel.officer)).await.0, Status::NotFound, "not under another fund");
    board.vote(1, id, Ballot::For).await.unwrap();
    let (_, page) = get(path.clone(), Some(board.members[2])).await;
    assert!(page.contains("has voted") && !page.contains("<td>For</td>"), "how others vote is not told while it is open");
    world.at(closes).await;
    let (status, page) = get(path, None).await;
    assert!(status == Status::Ok && page.contains("No quorum"));
    assert!(!page.contains("member-") && !page.contains("外墙加固"), "neither names nor what was said");
    assert!(get(format!("/funds/{}/committee", board.panel.fund), None).await.1.contains("资助背街小巷"));
    let desk = get("/desk".into(), Some(board.members[3])).await.1;
    assert!(!desk.contains(&format!("motions/{id}")), "what is closed waits for nobody");
}
}
