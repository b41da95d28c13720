//! Votes of residents' councils: secret, once each, by two where paper is read, counted again by anybody.

use super::reviews::Panel;
use crate::support::{World, both};
use chrono::{DateTime, Duration, Utc};
use entities::kinds::{
    ApplicationId, ApplicationStage, MemberRole, PaperStage, PersonId, PollId, PollKind, PollStage, Role, Subject,
    VoteWay,
};
use entities::{event, poll_ballot};
use rocket::http::{Cookie, Status};
use rocket::local::asynchronous::Client;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tributary::app;
use tributary::core::voting::{self, Completion, Outcome, Rule};
use tributary::desk::jobs;
use tributary::grants::polls::rules::Choices;
use tributary::grants::polls::service::drafting::{self, Drafted};
use tributary::grants::polls::service::{self, ballots, councils, counting, papers};
use tributary::people::permission::{As, Officer, SignedIn};

/// Two bids before the council of a community with five seats.
struct Council {
    panel: Panel,
    members: Vec<PersonId>,
    closes_at: DateTime<Utc>,
}

impl Council {
    async fn new(world: World) -> Self {
        let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
        let closes_at = panel.world.edges.clock.now() + Duration::days(7);
        let mut members = Vec::new();
        for place in 1..=5 {
            members.push(panel.world.person(&format!("council-{place}"), &[Role::CouncilMember]).await);
        }
        // The fifth works with the first applicant.
        panel.world.member(members[4], panel.applicants[0], MemberRole::Editor).await;
        let officer = panel.world.role::<Officer>(panel.officer).await;
        for member in &members {
            councils::seat(&officer, *member, "锦官新城社区").await.unwrap();
        }
        Self { panel, members, closes_at }
    }

    fn world(&self) -> &World {
        &self.panel.world
    }

    async fn officer(&self) -> As<Officer> {
        self.world().role(self.panel.officer).await
    }

    async fn other(&self) -> As<Officer> {
        self.world().role(self.panel.other_officer).await
    }

    async fn member(&self, place: usize) -> As<SignedIn> {
        self.world().acting(self.members[place]).await.signed_in().unwrap()
    }

    fn drafted(&self) -> Drafted {
        Drafted {
            title: "第三届公益微创投议事会表决".into(),
            community: "锦官新城社区".into(),
            kind: PollKind::Approval,
            most: 2,
            points: 1,
            budget_minor: 10_000_000,
            quorum_bps: 5_000,
            closes_at: self.closes_at,
            projects: self.panel.applications.to_vec(),
        }
    }

    async fn opened(&self) -> PollId {
        let id = drafting::draft(&self.officer().await, self.panel.call, self.drafted()).await.unwrap();
        drafting::open(&self.other().await, id).await.unwrap();
        id
    }

    fn choice(&self, places: &[usize]) -> Choices {
        places.iter().map(|place| (self.panel.applications[*place], 1)).collect()
    }

    /// Votes, and keeps the receipt.
    async fn votes(&self, id: PollId, member: usize, places: &[usize]) -> String {
        let receipt = ballots::receipt(&self.world().edges.dice);
        ballots::cast(&self.member(member).await, id, &self.choice(places), &receipt).await.unwrap();
        receipt
    }

    async fn close(&self) {
        self.world().at(self.closes_at).await;
        jobs::tick(&self.world().edges).await.unwrap();
    }

    async fn page(&self, person: Option<PersonId>, path: &str) -> (Status, String) {
        let client = Client::untracked(app::server(self.world().edges.clone())).await.unwrap();
        let mut request = client.get(path.to_owned());
        if let Some(person) = person {
            request = request.cookie(Cookie::new("tributary_session", self.world().session(person).await));
        }
        let answer = request.dispatch().await;
        (answer.status(), answer.into_string().await.unwrap_or_default())
    }
}

fn code<T: std::fmt::Debug>(done: tributary::error::Result<T>) -> String {
    done.unwrap_err().code().to_owned()
}

both! {
async fn a_council_votes_online_and_on_paper_and_anybody_counts_again(world: World) {
    let council = Council::new(world).await;
    let id = drafting::draft(&council.officer().await, council.panel.call, council.drafted()).await.unwrap();
    assert_eq!(code(drafting::open(&council.officer().await, id).await), "forbidden-second-person");
    drafting::open(&council.other().await, id).await.unwrap();
    let receipts = [council.votes(id, 0, &[0]).await, council.votes(id, 1, &[0, 1]).await];
    // The fifth is tied to the first project: it is not theirs to choose, the other is.
    let tied = ballots::cast(&council.member(4).await, id, &council.choice(&[0, 1]), &ballots::receipt(&council.world().edges.dice)).await;
    assert_eq!(code(tied), "refused-poll-tied");
    council.votes(id, 4, &[1]).await;
    // The third took a paper, which two people read each alone.
    let (one, two) = (council.officer().await, council.other().await);
    papers::hand_out(&one, id, council.members[2]).await.unwrap();
    let again = ballots::cast(&council.member(2).await, id, &council.choice(&[0]), &ballots::receipt(&council.world().edges.dice)).await;
    assert_eq!(code(again), "refused-poll-voted");
    for _ in 0..2 {
        assert_eq!(papers::enter(&one, id, 7, &council.choice(&[0])).await.unwrap(), PaperStage::Entered, "one alone");
    }
    assert_eq!(papers::enter(&two, id, 7, &council.choice(&[1])).await.unwrap(), PaperStage::Apart);
    council.close().await;
    assert_eq!(code(counting::count(&one, id).await), "refused-poll-paper-open");
    assert_eq!(papers::enter(&two, id, 7, &council.choice(&[0])).await.unwrap(), PaperStage::Agreed);
    assert_eq!(code(papers::enter(&one, id, 7, &council.choice(&[1])).await), "refused-poll-paper-agreed");
    let late = ballots::cast(&council.member(3).await, id, &council.choice(&[0]), &ballots::receipt(&council.world().edges.dice)).await;
    assert_eq!(code(late), "refused-poll-closed");
    assert_eq!(counting::count(&one, id).await.unwrap(), PollStage::Counted);
    let db = council.world().edges.db.read();
    let kept = counting::result_of(db, id).await.unwrap().unwrap();
    for (rule, told) in [(Rule::EqualShares, &kept.shares), (Rule::Greedy, &kept.greedy)] {
        let outcome = voting::outcome(&kept.pabulib, rule, Completion::Add1u).unwrap();
        assert_eq!(serde_json::to_value(&outcome).unwrap(), *told, "the file counted again is the result that was kept");
        let winners: Vec<String> = outcome.winners.iter().map(|winner| winner.project.clone()).collect();
        assert_eq!((outcome.voters, winners), (4, vec![council.panel.applications[0].to_string()]));
        assert_eq!(serde_json::from_value::<Outcome>(told.clone()).unwrap(), outcome);
    }
    for (receipt, places) in receipts.iter().zip([&[0][..], &[0, 1]]) {
        let found = ballots::of_receipt(db, id, &receipt.to_lowercase()).await.unwrap().unwrap();
        assert_eq!(found, council.choice(places));
        let seal = ballots::seal(id, receipt).unwrap();
        assert!(kept.pabulib.contains(&seal), "everybody reads the ballot beside its seal");
        assert!(!kept.pabulib.contains(receipt.as_str()), "and nobody the receipt");
    }
    assert!(kept.pabulib.contains(&papers::seal(id, 7)));
    let (status, page) = council.page(None, &format!("/polls/{id}")).await;
    assert_eq!(status, Status::Ok);
    assert!(page.contains("入选，第 1 位") && page.contains("尚缺"), "{page}");
}

async fn a_ballot_is_cast_once_and_is_nobodys(world: World) {
    let council = Council::new(world).await;
    let id = council.opened().await;
    let mut sent = Vec::new();
    for _ in 0..16 {
        let (by, choices) = (council.member(0).await, council.choice(&[0]));
        let receipt = ballots::receipt(&council.world().edges.dice);
        sent.push(tokio::spawn(async move { ballots::cast(&by, id, &choices, &receipt).await }));
    }
    let mut cast = 0;
    for done in sent {
        match done.await.unwrap() {
            Ok(()) => cast += 1,
            Err(error) => assert_eq!(error.code(), "refused-poll-voted"),
        }
    }
    assert_eq!(cast, 1);
    let db = council.world().edges.db.read();
    let ballot = poll_ballot::Entity::find().all(db).await.unwrap();
    assert_eq!(ballot.len(), 1);
    let roll = service::roll(db, id).await.unwrap();
    assert_eq!(roll.iter().filter(|voter| voter.way == VoteWay::Online).count(), 1);
    // What is written down of the vote tells nothing of what was voted.
    let told = event::Entity::find().filter(event::Column::Subject.eq(Subject::Poll)).all(db).await.unwrap();
    let cast: Vec<String> = told.iter().filter(|row| row.act == "cast").map(|row| format!("{row:?}")).collect();
    assert_eq!(cast.len(), 1);
    assert!(!cast[0].contains(&ballot[0].seal) && !cast[0].contains(&ballot[0].id.to_string()), "{cast:?}");
    let stranger = council.world().person("stranger", &[]).await;
    let by = council.world().acting(stranger).await.signed_in().unwrap();
    let receipt = ballots::receipt(&council.world().edges.dice);
    assert_eq!(code(ballots::cast(&by, id, &council.choice(&[0]), &receipt).await), "forbidden-poll-roll");
    let mut unknown = council.choice(&[0]);
    unknown.insert(ApplicationId(99_999), 1);
    assert_eq!(code(ballots::cast(&council.member(1).await, id, &unknown, &receipt).await), "refused-unknown");
    assert_eq!(code(ballots::cast(&council.member(1).await, id, &council.choice(&[0]), "short").await), "refused-poll-receipt");
}

async fn before_the_count_nobody_learns_what_the_ballots_say(world: World) {
    let council = Council::new(world).await;
    let id = council.opened().await;
    let before = council.page(Some(council.panel.officer), &format!("/polls/{id}")).await.1;
    council.votes(id, 0, &[0]).await;
    let page = format!("/polls/{id}");
    let after = council.page(Some(council.panel.officer), &page).await.1;
    // Of the page, the turnout alone moves: no support, no order.
    let words = |text: &str| text.split('<').filter(|part| !part.contains("form_key")).count();
    assert!(before.contains(">0<") && after.contains(">1<"));
    assert!(words(&after) >= words(&before));
    for hidden in ["head-support", "Support</th>", "Won, place"] {
        assert!(!after.contains(hidden), "{hidden}");
    }
    for reader in [None, Some(council.world().person("stranger", &[]).await)] {
        assert_eq!(council.page(reader, &page).await.0, Status::NotFound);
    }
    for reader in [council.panel.officer, council.members[0]] {
        assert_eq!(council.page(Some(reader), &format!("{page}/ballots.pb")).await.0, Status::NotFound);
        assert_eq!(council.page(Some(reader), &page).await.0, Status::Ok);
    }
    // A member's paper leaves out what the member is tied to, and says so.
    let own = council.page(Some(council.members[4]), &format!("{page}/vote")).await.1;
    let (first, second) = (council.panel.applications[0], council.panel.applications[1]);
    assert!(!own.contains(&format!("project.{first}")) && own.contains(&format!("project.{second}")), "{own}");
}

async fn too_few_voters_decide_nothing_and_too_many_papers_stop_the_count(world: World) {
    let council = Council::new(world).await;
    let id = council.opened().await;
    let (one, two) = (council.officer().await, council.other().await);
    papers::hand_out(&one, id, council.members[0]).await.unwrap();
    for number in [1, 2] {
        papers::enter(&one, id, number, &council.choice(&[1])).await.unwrap();
        papers::enter(&two, id, number, &council.choice(&[1])).await.unwrap();
    }
    council.close().await;
    assert_eq!(code(counting::count(&one, id).await), "refused-poll-papers");
    let other = Council { closes_at: council.world().edges.clock.now() + Duration::days(7), ..council };
    let id = other.opened().await;
    other.votes(id, 0, &[1]).await;
    other.votes(id, 1, &[1]).await;
    other.close().await;
    assert_eq!(counting::count(&other.officer().await, id).await.unwrap(), PollStage::Failed, "two of five are under the half");
    assert!(counting::result_of(other.world().edges.db.read(), id).await.unwrap().is_none());
}
}
