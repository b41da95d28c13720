//! Reviews: conflicts refused, scores hidden until one's own is in, the method fixed before scoring decides, recusal.

use crate::support::rows::{self, change, put};
use crate::support::{World, day, nine};
use entities::kinds::{
    ApplicationId, ApplicationStage, CallId, ConflictGround, ConsentStage, Currency, DecisionBatchId, FundId,
    FundraisingMode, LegalForm, MemberRole, NeedId, OrganisationId, PersonId, ReviewId, ReviewStage, Role,
    RoleGrantStage, Scope, Subject,
};
use entities::{application, call, decision_item, fund, gift, need_consent, person, role_grant};
use sea_orm::{ActiveValue::Set, EntityTrait};
use tributary::core::scoring::ScoringAnswer;
use tributary::grants::decisions::service as decisions;
use tributary::grants::reviews::{recusals, scores, service};
use tributary::ledger::recipes::{self, Sum};
use tributary::people::permission::{As, Chair, Context, Officer};

/// The wall of Hangzhong Street, two bids under review, five reviewers, ¥98,360.00 in the fund.
pub struct Panel {
    pub world: World,
    pub officer: PersonId,
    pub other_officer: PersonId,
    pub administrator: PersonId,
    pub approver: PersonId,
    pub chair: PersonId,
    pub reviewers: Vec<PersonId>,
    pub owner: OrganisationId,
    pub applicants: [OrganisationId; 2],
    pub signatory: PersonId,
    pub applications: [ApplicationId; 2],
    pub fund: FundId,
    pub call: CallId,
}

impl Panel {
    pub async fn new(applicants_under_review: ApplicationStage) -> Self {
        Self::in_world(World::bare().await, applicants_under_review).await
    }

    /// The same in a world that is there, on either database.
    pub async fn in_world(world: World, applicants_under_review: ApplicationStage) -> Self {
        let officer = world.person("officer-a", &[Role::ProgrammeOfficer]).await;
        let other_officer = world.person("officer-b", &[Role::ProgrammeOfficer]).await;
        let administrator = world.person("administrator", &[Role::Administrator]).await;
        let approver = world.person("approver", &[Role::Approver]).await;
        let chair = world.person("chair", &[]).await;
        let mut reviewers = Vec::new();
        for place in 1..=5 {
            reviewers.push(world.person(&format!("reviewer-{place}"), &[Role::Reviewer]).await);
        }
        let body = LegalForm::SocialServiceBody;
        let owner = world.organisation("owner 5", LegalForm::Company, None).await;
        let one = world.organisation("SO-1", body, Some("52999999TE00000459")).await;
        let two = world.organisation("SO-2", body, Some("52999999TE00000534")).await;
        let signatory = world.person("signatory", &[]).await;
        world.member(signatory, one, MemberRole::Signatory).await;
        let need = need_of(&world, owner, officer).await;
        let fund = rows::fund(owner, [officer, other_officer], world.edges.clock.now());
        let fund = put(&world, fund::ActiveModel { mode: Set(FundraisingMode::None), ..fund }).await.id;
        let call = call_of(&world, (need, fund), (officer, other_officer)).await;
        let first = bid(&world, call, one, signatory, 8_300_000, applicants_under_review).await;
        let second = bid(&world, call, two, signatory, 8_000_000, applicants_under_review).await;
        chair_of(&world, call, chair).await;
        money(&world, fund, 9_836_000, owner).await;
        Self {
            world,
            officer,
            other_officer,
            administrator,
            approver,
            chair,
            reviewers,
            owner,
            applicants: [one, two],
            signatory,
            applications: [first, second],
            fund,
            call,
        }
    }

    pub async fn chairing(&self) -> As<Chair> {
        self.world.acting(self.chair).await.role_for_call::<Chair>(self.call).unwrap()
    }

    /// Assigns, accepts and submits one review with this total.
    pub async fn reviewed(&self, application: ApplicationId, reviewer: PersonId, total: i64) -> ReviewId {
        let officer = self.world.role::<Officer>(self.officer).await;
        let review = service::assign(&officer, application, reviewer).await.unwrap();
        let context = self.world.acting(reviewer).await;
        let mine = service::load_mine(&context, review).await.unwrap();
        assert_eq!(service::accept(&mine, false).await.unwrap_err().code(), "refused-review-declaration");
        service::accept(&mine, true).await.unwrap();
        service::save(&mine, 1, scored(total), "clear").await.unwrap();
        assert_eq!(service::save(&mine, 1, scored(total), "").await.unwrap_err().code(), "refused-stale");
        service::submit(&mine, 2).await.unwrap();
        review
    }

    /// Scored, and drafted by the chair: the chair, the batch and its items.
    pub async fn drafted(&self) -> (As<Chair>, DecisionBatchId, Vec<decision_item::Model>) {
        self.scored().await;
        let chair = self.chairing().await;
        let batch = decisions::draft(&chair, self.call, "").await.unwrap();
        let items = decisions::items_of(self.world.edges.db.read(), batch).await.unwrap();
        (chair, batch, items)
    }

    /// The ten reviews of the worked example; the last of each application is reviewer 5's.
    pub async fn scored(&self) -> Vec<ReviewId> {
        let mut reviews = Vec::new();
        for (application, totals) in [[92, 88, 85, 84, 60], [86, 86, 85, 84, 84]].iter().enumerate() {
            for (reviewer, total) in self.reviewers.iter().zip(totals) {
                reviews.push(self.reviewed(self.applications[application], *reviewer, *total).await);
            }
        }
        reviews
    }

    /// Reviewer 5 turns out to work for an owner that gave to the fund.
    pub async fn fifth_recused(&self, review: ReviewId) {
        change(
            &self.world,
            person::ActiveModel {
                id: Set(self.reviewers[4]),
                employer_id: Set(Some(self.owner)),
                ..Default::default()
            },
        )
        .await;
        let officer = self.world.role::<Officer>(self.officer).await;
        recusals::recuse_found(&officer, review, ConflictGround::Donor, "register of gifts").await.unwrap();
    }

    pub async fn answer(&self) -> ScoringAnswer {
        scores::aggregate(self.world.edges.db.read(), self.call).await.unwrap()
    }
}

/// Values that sum to a total: the maxima are the weights.
pub fn scored(total: i64) -> Vec<service::Scored> {
    let mut left = total;
    [("need", 20), ("design", 25), ("participation", 15), ("team", 15), ("budget", 15), ("sustainability", 10)]
        .map(|(id, max)| {
            let value = left.min(max);
            left -= value;
            (id.to_owned(), Some(value), "because".to_owned())
        })
        .into()
}

async fn need_of(world: &World, owner: OrganisationId, officer: PersonId) -> NeedId {
    let now = world.edges.clock.now();
    let need = put(world, rows::need(now)).await.id;
    let consent = need_consent::ActiveModel {
        need_id: Set(need),
        owner_label: Set("owner 5".into()),
        organisation_id: Set(Some(owner)),
        stage: Set(ConsentStage::Given),
        evidence: Set("letter".into()),
        recorded_by: Set(officer),
        recorded_at: Set(now),
        ..Default::default()
    };
    put(world, consent).await;
    need
}

async fn call_of(world: &World, (need, fund): (NeedId, FundId), (by, other): (PersonId, PersonId)) -> CallId {
    let form = world.edges.db.write(|tx| async move { Ok(rows::form(&tx).await) }).await.unwrap();
    let rubric =
        [("need", 20), ("design", 25), ("participation", 15), ("team", 15), ("budget", 15), ("sustainability", 10)]
            .map(|(id, max)| {
                serde_json::json!({"id": id, "label_zh": id, "label_en": id, "weight": max * 100, "max": max,
                "comment_required": id == "need"})
            });
    let row = call::ActiveModel {
        need_id: Set(Some(need)),
        rubric: Set(serde_json::json!(rubric)),
        blind: Set(true),
        reviews_required: Set(5),
        ..rows::call(fund, form, [by, other], world.edges.clock.now())
    };
    put(world, row).await.id
}

pub async fn bid(
    world: &World,
    call: CallId,
    of: OrganisationId,
    by: PersonId,
    ask_minor: i64,
    stage: ApplicationStage,
) -> ApplicationId {
    let row = rows::bid(call, of, by, ask_minor, world.edges.clock.now());
    put(world, application::ActiveModel { stage: Set(stage), ..row }).await.id
}

async fn chair_of(world: &World, call: CallId, chair: PersonId) {
    let grant = role_grant::ActiveModel {
        person_id: Set(chair),
        role: Set(Role::PanelChair),
        scope: Set(Scope::Call),
        scope_id: Set(Some(call.0)),
        stage: Set(RoleGrantStage::Effective),
        proposed_at: Set(world.edges.clock.now()),
        effective_on: Set(Some(day(2026, 1, 5))),
        ..Default::default()
    };
    put(world, grant).await;
}

/// Money in the fund, through the books.
pub async fn money(world: &World, fund: FundId, amount_minor: i64, donor: OrganisationId) {
    let confirmer = world.person("finance-b", &[]).await;
    let row = rows::gift(fund, "owner 5", amount_minor, confirmer, world.edges.clock.now());
    let gift = put(world, gift::ActiveModel { donor_organisation_id: Set(Some(donor)), ..row }).await.id;
    let system = Context::system(world.edges.clone());
    let sum = Sum { amount_minor, currency: Currency::CNY, on: day(2026, 1, 5) };
    let system = &system;
    system
        .write(|tx| async move {
            let tx = &tx;
            recipes::bank_receipt(tx, system, (Subject::Gift, gift.0), fund, sum, "L-1", None).await?;
            recipes::suspense_matched(tx, system, gift, fund, None, sum).await.map(|_| ())
        })
        .await
        .unwrap();
}

fn figures(answer: &ScoringAnswer) -> Vec<(i64, i64)> {
    answer.applications.iter().map(|row| (row.mean.unwrap(), row.score.unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_method_fixed_before_scoring_decides_and_a_recusal_removes_scores_everywhere() {
    let panel = Panel::new(ApplicationStage::UnderReview).await;
    let reviews = panel.scored().await;
    assert_eq!(figures(&panel.answer().await), [(8_180, 8_567), (8_500, 8_500)]);
    panel.fifth_recused(reviews[4]).await;
    assert_eq!(figures(&panel.answer().await), [(8_725, 8_725), (8_525, 8_525)]);
    let other = service::load(panel.world.edges.db.read(), reviews[9]).await.unwrap();
    assert_eq!(other.stage, ReviewStage::Recused);
    panel.world.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conflicts_are_refused_with_their_ground_and_strangers_find_nothing() {
    let panel = Panel::new(ApplicationStage::Eligible).await;
    let world = &panel.world;
    let officer = world.role::<Officer>(panel.officer).await;
    let [bid, _] = panel.applications;
    let employed = |person: PersonId, employer: OrganisationId| person::ActiveModel {
        id: Set(person),
        employer_id: Set(Some(employer)),
        ..Default::default()
    };
    change(world, employed(panel.reviewers[0], panel.applicants[0])).await;
    change(world, employed(panel.reviewers[1], panel.owner)).await;
    change(world, employed(panel.reviewers[2], panel.applicants[1])).await;
    for (place, code) in
        ["refused-review-conflict-employer", "refused-review-conflict-tied", "refused-review-conflict-co-applicant"]
            .iter()
            .enumerate()
    {
        assert_eq!(service::assign(&officer, bid, panel.reviewers[place]).await.unwrap_err().code(), *code);
    }
    let written = entities::conflict::Entity::find().all(world.edges.db.read()).await.unwrap();
    assert!(written.iter().any(|row| row.ground == ConflictGround::Employer && row.recorded_by.is_none()));
    assert_eq!(
        service::assign(&officer, bid, panel.officer).await.unwrap_err().code(),
        "refused-review-own-assignment"
    );
    assert_eq!(
        service::assign(&officer, bid, panel.signatory).await.unwrap_err().code(),
        "refused-review-not-reviewer"
    );

    let review = service::assign(&officer, bid, panel.reviewers[3]).await.unwrap();
    assert_eq!(service::assign(&officer, bid, panel.reviewers[3]).await.unwrap_err().code(), "refused-review-assigned");
    let stranger = world.acting(panel.reviewers[4]).await;
    assert_eq!(service::load_mine(&stranger, review).await.unwrap_err().code(), "not-found");
    service::unassign(&officer, review).await.unwrap();
    assert_eq!(service::assign(&officer, bid, panel.reviewers[3]).await.unwrap(), review);
    world.at(nine(2026, 1, 6)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_is_complete_and_peers_are_hidden_until_it_is_in() {
    let panel = Panel::new(ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let db = world.edges.db.read();
    let [bid, _] = panel.applications;
    let first = panel.reviewed(bid, panel.reviewers[0], 92).await;
    let officer = world.role::<Officer>(panel.officer).await;
    let second = service::assign(&officer, bid, panel.reviewers[1]).await.unwrap();
    let mine = service::load_mine(&world.acting(panel.reviewers[1]).await, second).await.unwrap();
    service::accept(&mine, true).await.unwrap();
    let mut part = scored(88);
    part.truncate(5);
    part[0].2.clear();
    service::save(&mine, 1, part, "").await.unwrap();
    assert_eq!(service::submit(&mine, 2).await.unwrap_err().code(), "refused-review-comment");
    let above = vec![("need".to_owned(), Some(21), "x".to_owned())];
    assert_eq!(service::save(&mine, 2, above, "").await.unwrap_err().code(), "refused-out-of-range");
    let own = service::load(db, second).await.unwrap();
    assert!(service::peers(db, &own).await.unwrap().is_empty());
    service::save_and_submit(&mine, 2, scored(88), "").await.unwrap();
    let own = service::load(db, second).await.unwrap();
    assert_eq!((own.total, service::peers(db, &own).await.unwrap()), (Some(8_800), vec![9_200]));
    let chair = panel.chairing().await;
    service::reopen(&chair, first, "look at the budget again").await.unwrap();
    assert_eq!(service::load(db, first).await.unwrap().stage, ReviewStage::Reopened);
    world.settle().await;
}
