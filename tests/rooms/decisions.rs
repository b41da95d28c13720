//! Decisions: two people, money reserved, public notice, objections that hold, the reserve list.

use super::reviews::{Panel, bid};
use crate::support::rows::{change, put};
use crate::support::{World, day, nine};
use entities::kinds::{
    ApplicationStage, AwardKind, BatchStage, Currency, DecisionBatchId, DecisionItemId, ItemStage, LegalForm,
    ObjectionStage, Outcome, RelationKind, Role,
};
use entities::{decision_item, objection, organisation_relation};
use sea_orm::{ActiveValue::Set, EntityTrait};
use tributary::grants::decisions::objections::{self, Finding};
use tributary::grants::decisions::service::{self, Setting};
use tributary::ledger::accounts::Account;
use tributary::ledger::balances;
use tributary::people::permission::{Administrator, Approver, Officer};

pub async fn available(panel: &Panel) -> i64 {
    let of = Account::FundAvailable(panel.fund);
    balances::available(panel.world.edges.db.read(), of, Currency::CNY).await.unwrap()
}

pub async fn item(panel: &Panel, id: DecisionItemId) -> decision_item::Model {
    decision_item::Entity::find_by_id(id).one(panel.world.edges.db.read()).await.unwrap().unwrap()
}

/// Scored, recused, drafted by the chair and submitted: SO-1 approved, SO-2 in reserve.
pub async fn submitted(panel: &Panel) -> (DecisionBatchId, [DecisionItemId; 2]) {
    let reviews = panel.scored().await;
    panel.fifth_recused(reviews[4]).await;
    let chair = panel.chairing().await;
    let batch = service::draft(&chair, panel.call, "minutes").await.unwrap();
    service::submit_batch(&chair, batch, 1).await.unwrap();
    let items = service::items_of(panel.world.edges.db.read(), batch).await.unwrap();
    assert_eq!((items[0].outcome, items[0].score, items[0].amount_minor), (Outcome::Approved, Some(8_725), 8_300_000));
    assert_eq!((items[1].outcome, items[1].score, items[1].fee_minor), (Outcome::Reserved, Some(8_525), 80_000));
    (batch, [items[0].id, items[1].id])
}

pub async fn approved(panel: &Panel) -> (DecisionBatchId, [DecisionItemId; 2]) {
    let (batch, items) = submitted(panel).await;
    let approver = panel.world.role::<Approver>(panel.approver).await;
    service::approve_batch(&approver, batch).await.unwrap();
    (batch, items)
}

pub async fn object(
    panel: &Panel,
    id: DecisionItemId,
    ground: &str,
) -> tributary::error::Result<entities::kinds::ObjectionId> {
    let visitor = panel.world.acting(panel.signatory).await.anyone();
    objections::object(&visitor, id, ground, "a@example.org").await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_drafts_another_approves_and_the_money_is_reserved() {
    let panel = Panel::new(ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let (batch, [first, _]) = submitted(&panel).await;
    // Neither who judged nor who drafted may approve.
    for (person, code) in [(panel.reviewers[0], "forbidden-batch-reviewed"), (panel.chair, "forbidden-batch-drafter")] {
        give_role(world, person, Role::Approver).await;
        let acting = world.role::<Approver>(person).await;
        assert_eq!(service::approve_batch(&acting, batch).await.unwrap_err().code(), code);
    }
    let approver = world.role::<Approver>(panel.approver).await;
    service::return_batch(&approver, batch, "say why").await.unwrap();
    let chair = panel.chairing().await;
    assert_eq!(service::submit_batch(&chair, batch, 1).await.unwrap_err().code(), "refused-stale");
    service::submit_batch(&chair, batch, 3).await.unwrap();
    assert_eq!(available(&panel).await, 9_836_000);
    service::approve_batch(&approver, batch).await.unwrap();
    assert_eq!(service::approve_batch(&approver, batch).await.unwrap_err().code(), "refused-stage");
    assert_eq!(available(&panel).await, 1_453_000);
    let row = item(&panel, first).await;
    assert_eq!(
        (row.stage, row.noticed_on, row.notice_ends_on),
        (ItemStage::Noticed, Some(day(2026, 1, 5)), Some(day(2026, 1, 12)))
    );
    world.settle().await;
}

pub async fn give_role(world: &World, person: entities::kinds::PersonId, role: Role) {
    let grant = entities::role_grant::ActiveModel {
        person_id: Set(person),
        role: Set(role),
        scope: Set(entities::kinds::Scope::Foundation),
        stage: Set(entities::kinds::RoleGrantStage::Effective),
        proposed_at: Set(world.edges.clock.now()),
        effective_on: Set(Some(world.edges.today())),
        ..Default::default()
    };
    put(world, grant).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_is_available_and_a_donors_subsidiary_are_refused() {
    let panel = Panel::new(ApplicationStage::UnderReview).await;
    let world = &panel.world;
    approved(&panel).await;
    // A further item of ¥14,387.12 + fee is ¥14,531.00 and some: one yuan more than there is.
    let third = world.organisation("SO-4", LegalForm::Association, None).await;
    let further = bid(world, panel.call, third, panel.signatory, 1_438_713, ApplicationStage::UnderReview).await;
    panel_of_one(&panel, further).await;
    let chair = panel.chairing().await;
    let raised =
        entities::call::ActiveModel { id: Set(panel.call), envelope_minor: Set(20_000_000), ..Default::default() };
    change(world, raised).await;
    let batch = service::draft(&chair, panel.call, "").await.unwrap();
    let rows = service::items_of(world.edges.db.read(), batch).await.unwrap();
    let own = rows.iter().find(|row| row.application_id == further).unwrap();
    assert_eq!(own.amount_minor + own.fee_minor, 1_453_100);
    let others: Vec<DecisionItemId> = rows.iter().filter(|row| row.id != own.id).map(|row| row.id).collect();
    let mut version = 1;
    let none = Setting {
        outcome: Outcome::Declined,
        amount_minor: 0,
        award_kind: AwardKind::Project,
        reason: "decided before".into(),
    };
    for id in others {
        service::set_item(&chair, id, version, &none).await.unwrap();
        version += 1;
    }
    service::submit_batch(&chair, batch, version).await.unwrap();
    let approver = world.role::<Approver>(panel.approver).await;
    assert_eq!(service::approve_batch(&approver, batch).await.unwrap_err().code(), "refused-insufficient");
    assert_eq!(available(&panel).await, 1_453_000);
    let subsidiary = organisation_relation::ActiveModel {
        organisation_id: Set(panel.owner),
        related_id: Set(third),
        kind: Set(RelationKind::Owns),
        valid_from: Set(day(2020, 1, 1)),
        evidence: Set("register".into()),
        recorded_at: Set(world.edges.clock.now()),
        ..Default::default()
    };
    put(world, subsidiary).await;
    assert_eq!(service::approve_batch(&approver, batch).await.unwrap_err().code(), "refused-decision-related-donor");
}

/// One more application with one review, written as a submitted row: the panel's work is over.
async fn panel_of_one(panel: &Panel, application: entities::kinds::ApplicationId) {
    let review = entities::review::ActiveModel {
        application_id: Set(application),
        call_id: Set(panel.call),
        reviewer_id: Set(panel.reviewers[0]),
        stage: Set(entities::kinds::ReviewStage::Submitted),
        assigned_by: Set(panel.officer),
        assigned_at: Set(panel.world.edges.clock.now()),
        comment: Set(String::new()),
        total: Set(Some(9_900)),
        submitted_at: Set(Some(panel.world.edges.clock.now())),
        reason: Set(String::new()),
        version: Set(1),
        ..Default::default()
    };
    let review = put(&panel.world, review).await;
    let score = entities::review_score::ActiveModel {
        review_id: Set(review.id),
        criterion: Set("need".into()),
        value: Set(Some(20)),
        comment: Set("c".into()),
        ..Default::default()
    };
    put(&panel.world, score).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_on_day_three_holds_is_upheld_in_part_and_noticed_again() {
    let panel = Panel::new(ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let (_, [first, second]) = approved(&panel).await;
    world.at(nine(2026, 1, 8)).await;
    let filed = object(&panel, first, "The wall is private.").await.unwrap();
    assert_eq!(object(&panel, first, " the WALL is private ").await.unwrap_err().code(), "refused-objection-same");
    assert_eq!((item(&panel, first).await.stage, item(&panel, first).await.days_left), (ItemStage::Held, Some(2)));
    assert_eq!(item(&panel, second).await.stage, ItemStage::Noticed);
    give_role(world, panel.reviewers[1], Role::ProgrammeOfficer).await;
    let judge = world.role::<Officer>(panel.reviewers[1]).await;
    let part = Finding::UpheldInPart { amount_minor: 8_200_000 };
    assert_eq!(objections::answer(&judge, filed, part, "x").await.unwrap_err().code(), "forbidden-objection-panel");
    let stranger = world.role::<Officer>(panel.other_officer).await;
    let more = Finding::UpheldInPart { amount_minor: 8_300_001 };
    assert_eq!(objections::answer(&stranger, filed, more, "x").await.unwrap_err().code(), "refused-objection-amount");
    world.at(nine(2026, 1, 9)).await;
    let stranger = world.role::<Officer>(panel.other_officer).await;
    objections::answer(&stranger, filed, part, "less, and with the owners' consent").await.unwrap();
    assert_eq!(available(&panel).await, 1_453_000 + 101_000);
    let row = item(&panel, first).await;
    assert_eq!(
        (row.stage, row.noticed_on, row.notice_ends_on),
        (ItemStage::Noticed, Some(day(2026, 1, 9)), Some(day(2026, 1, 16)))
    );
    world.at(nine(2026, 1, 13)).await;
    assert_eq!(item(&panel, second).await.stage, ItemStage::Final);
    assert_eq!(object(&panel, second, "late").await.unwrap_err().code(), "refused-objection-window");
    world.at(nine(2026, 1, 19)).await;
    let row = item(&panel, first).await;
    assert_eq!((row.stage, row.amount_minor, row.fee_minor), (ItemStage::Final, 8_200_000, 82_000));
    let batch = service::load(world.edges.db.read(), row.batch_id).await.unwrap();
    assert_eq!(batch.stage, BatchStage::Decided);
}

#[tokio::test(flavor = "multi_thread")]
async fn dismissed_keeps_the_remaining_days_upheld_moves_the_reserve_up() {
    let panel = Panel::new(ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let (_, [first, second]) = approved(&panel).await;
    world.at(nine(2026, 1, 8)).await;
    let one = object(&panel, first, "one").await.unwrap();
    let two = object(&panel, first, "two").await.unwrap();
    world.at(nine(2026, 1, 14)).await;
    let officer = world.role::<Officer>(panel.other_officer).await;
    objections::answer(&officer, one, Finding::Dismissed, "no").await.unwrap();
    assert_eq!(item(&panel, first).await.stage, ItemStage::Held);
    objections::answer(&officer, two, Finding::Dismissed, "no").await.unwrap();
    let row = item(&panel, first).await;
    assert_eq!((row.stage, row.notice_ends_on), (ItemStage::Noticed, Some(day(2026, 1, 16))));
    let three = object(&panel, first, "three").await.unwrap();
    objections::answer(&officer, three, Finding::Upheld, "yes").await.unwrap();
    assert_eq!(item(&panel, first).await.stage, ItemStage::Released);
    let up = item(&panel, second).await;
    assert_eq!((up.stage, up.outcome, up.committed), (ItemStage::Noticed, Outcome::Approved, true));
    assert_eq!(available(&panel).await, 9_836_000 - 8_080_000);
    world.at(nine(2026, 1, 26)).await;
    assert_eq!(item(&panel, second).await.stage, ItemStage::Final);
}

pub fn rendered(answer: tributary::web::page::Answer) -> String {
    match answer.unwrap() {
        tributary::web::page::Reply::Page(page) => page.render("/x", String::new()).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_drawn_and_a_blind_review_names_nobody() {
    use tributary::grants::decisions::{notices, view};
    use tributary::grants::reviews::{self, sheets};
    let panel = Panel::new(ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let officer = world.role::<Officer>(panel.other_officer).await;
    let review = reviews::service::assign(&officer, panel.applications[0], panel.reviewers[0]).await.unwrap();
    let context = world.acting(panel.reviewers[0]).await;
    let mine = reviews::service::load_mine(&context, review).await.unwrap();
    rendered(reviews::view::act(&mine, "accept"));
    reviews::service::accept(&mine, true).await.unwrap();
    let mine = reviews::service::load_mine(&context, review).await.unwrap();
    let page = rendered(reviews::view::score(&mine).await);
    assert!(page.contains("score.need") && !page.contains("SO-1"), "{page}");
    rendered(reviews::view::mine(&context).await);
    rendered(sheets::assign(&officer, panel.call, panel.applications[0]).await);
    rendered(sheets::act(&officer, review, "remove").await);
    tributary::grants::reviews::recusals::recuse_found(
        &officer,
        review,
        entities::kinds::ConflictGround::Declared,
        "x",
    )
    .await
    .unwrap();
    let (first, second) = (panel.applications[0], panel.applications[1]);
    panel.reviewed(first, panel.reviewers[1], 90).await;
    let done = panel.reviewed(second, panel.reviewers[1], 80).await;
    let context = world.acting(panel.reviewers[1]).await;
    rendered(reviews::view::score(&reviews::service::load_mine(&context, done).await.unwrap()).await);
    let chair = panel.chairing().await;
    rendered(view::draft(&chair, panel.call).await);
    rendered(sheets::of_call(&chair, panel.call).await);
    let batch = service::draft(&chair, panel.call, "minutes").await.unwrap();
    rendered(view::batch(&chair, panel.call).await);
    let items = service::items_of(world.edges.db.read(), batch).await.unwrap();
    rendered(view::item(&chair, batch, items[0].id).await);
    let none =
        Setting { outcome: Outcome::Declined, amount_minor: 0, award_kind: AwardKind::Project, reason: "weak".into() };
    service::set_item(&chair, items[1].id, 1, &none).await.unwrap();
    service::submit_batch(&chair, batch, 2).await.unwrap();
    let approver = world.role::<Approver>(panel.approver).await;
    let page = rendered(view::act(&approver, batch, "approve").await);
    assert!(page.contains("83,830.00"), "{page}");
    assert_eq!(view::batch(&context, panel.call).await.unwrap_err().code(), "not-found");
    service::approve_batch(&approver, batch).await.unwrap();
    let filed = object(&panel, items[0].id, "ground").await.unwrap();
    rendered(view::answer(&officer, filed).await);
    rendered(notices::list(&context, None).await);
    rendered(view::minutes::show(&officer, batch).await);
    rendered(notices::object(&context, batch, items[0].id).await);
    assert_eq!(notices::object(&context, batch, items[1].id).await.unwrap_err().code(), "not-found");
    let public = rendered(notices::show(&context, batch).await);
    assert!(public.contains("SO-1") && !public.contains("SO-2") && !public.contains("a@example.org"), "{public}");
    assert!(rendered(notices::show(&officer, batch).await).contains("SO-2"));
    view::waiting(&officer).await.unwrap();
    reviews::view::waiting(&officer).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_answers_is_escalated_and_the_administrator_answers() {
    let panel = Panel::new(ApplicationStage::UnderReview).await;
    let world = &panel.world;
    let (_, [first, _]) = approved(&panel).await;
    let filed = object(&panel, first, "ground").await.unwrap();
    world.at(nine(2026, 1, 13)).await;
    let row = objection::Entity::find_by_id(filed).one(world.edges.db.read()).await.unwrap().unwrap();
    assert_eq!(row.stage, ObjectionStage::Escalated);
    let officer = world.role::<Officer>(panel.other_officer).await;
    assert_eq!(
        objections::answer(&officer, filed, Finding::Dismissed, "no").await.unwrap_err().code(),
        "forbidden-part"
    );
    let administrator = world.role::<Administrator>(panel.administrator).await;
    objections::answer(&administrator, filed, Finding::Dismissed, "no").await.unwrap();
    assert_eq!(item(&panel, first).await.stage, ItemStage::Noticed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recusal_returns_a_submitted_batch_and_appeals_an_approved_one() {
    let panel = Panel::new(ApplicationStage::UnderReview).await;
    let reviews = panel.scored().await;
    let chair = panel.chairing().await;
    let batch = service::draft(&chair, panel.call, "").await.unwrap();
    service::submit_batch(&chair, batch, 1).await.unwrap();
    panel.fifth_recused(reviews[4]).await;
    let row = service::load(panel.world.edges.db.read(), batch).await.unwrap();
    assert_eq!(row.stage, BatchStage::Draft);
    service::submit_batch(&chair, batch, row.version).await.unwrap();
    let approver = panel.world.role::<Approver>(panel.approver).await;
    service::approve_batch(&approver, batch).await.unwrap();
    let officer = panel.world.role::<Officer>(panel.officer).await;
    let ground = entities::kinds::ConflictGround::Declared;
    tributary::grants::reviews::recusals::recuse_found(&officer, reviews[3], ground, "told us").await.unwrap();
    let appeals = entities::appeal::Entity::find().all(panel.world.edges.db.read()).await.unwrap();
    assert_eq!(appeals.len(), 1);
}
