//! Plans of who judges what and the best set under the envelope: what was asked and answered stays, and anybody reckons it again.

use super::reviews::Panel;
use crate::support::rows::change;
use crate::support::{World, both};
use entities::kinds::{ApplicationStage, MemberRole, Outcome};
use entities::{assignment_plan, decision_item, expert, person, review};
use sea_orm::{ActiveValue::Set, EntityTrait};
use std::collections::BTreeSet;
use tributary::error::{Error, Result};
use tributary::grants::decisions::service::portfolio::{self as best, Objective, Wish};
use tributary::grants::decisions::service::{self as decisions};
use tributary::grants::reviews::service::{invitations, load_mine, plans};
use tributary::people::permission::Officer;

async fn fresh(world: World) -> Panel {
    Panel::in_world(world, ApplicationStage::Eligible).await
}

async fn expert_of(panel: &Panel, place: usize, fields: &str, load_limit: i32) {
    let db = panel.world.edges.db.read();
    let row = person::Entity::find_by_id(panel.reviewers[place]).one(db).await.unwrap().unwrap();
    let known = expert::ActiveModel {
        email: Set(row.email),
        name: Set(row.name),
        employer_id: Set(None),
        fields: Set(fields.into()),
        areas: Set(String::new()),
        languages: Set("zh".into()),
        load_limit: Set(load_limit),
        recorded_by: Set(panel.officer),
        recorded_at: Set(panel.world.edges.clock.now()),
        ..Default::default()
    };
    crate::support::rows::put(&panel.world, known).await;
}

fn code<T: std::fmt::Debug>(done: Result<T>) -> String {
    done.unwrap_err().code().to_owned()
}

fn wish(budget_minor: i64) -> Wish {
    Wish {
        objective: Objective::MeritMoney,
        budget_minor,
        least_bps: 10_000,
        funded: BTreeSet::new(),
        rejected: BTreeSet::new(),
    }
}

both! {
async fn a_plan_is_carried_out_as_it_was_shown_and_drawn_again_by_anybody(world: World) {
    let panel = fresh(world).await;
    let officer = panel.world.role::<Officer>(panel.officer).await;
    let db = panel.world.edges.db.read();
    let plan = plans::plan(db, &officer, panel.call, "2026-01-05").await.unwrap();
    assert_eq!((plan.told.status.as_str(), plan.new_pairs().len()), ("optimal", 10));
    assert_eq!(code(plans::plan(db, &officer, panel.call, "no seed").await.map(|_| ())), "refused-plan-seed");
    // A reviewer turns out to be tied between the look and the act: nobody is asked by a plan that nobody saw.
    let seen = officer.having_seen(&plan.mark());
    panel.world.member(panel.reviewers[0], panel.applicants[0], MemberRole::Editor).await;
    let stale = plans::carry_out(&seen, panel.call, "2026-01-05").await.unwrap_err();
    assert!(matches!(stale, Error::Stale), "{stale:?}");
    let tied = plans::plan(db, &officer, panel.call, "2026-01-05").await.unwrap();
    assert_eq!((tied.told.status.as_str(), tied.told.missing), ("infeasible", 2), "a member of one applicant is a co-applicant to the other");
    let lacking = &tied.told.applications[0];
    assert_eq!((lacking.application.as_str(), lacking.conflicts), (panel.applications[0].to_string().as_str(), 1));
    assert_eq!(code(plans::carry_out(&officer.having_seen(&tied.mark()), panel.call, "2026-01-05").await), "refused-plan-infeasible");
    assert_eq!(review::Entity::find().all(db).await.unwrap().len(), 0);
    // A sixth closes the gap; everybody is asked once, with one letter each.
    panel.world.person("reviewer-6", &[entities::kinds::Role::Reviewer]).await;
    let plan = plans::plan(db, &officer, panel.call, "2026-01-05").await.unwrap();
    plans::carry_out(&officer.having_seen(&plan.mark()), panel.call, "2026-01-05").await.unwrap();
    let asked = review::Entity::find().all(db).await.unwrap();
    assert_eq!(asked.len(), 10);
    assert!(!asked.iter().any(|row| row.reviewer_id == panel.reviewers[0]));
    let kept = assignment_plan::Entity::find().one(db).await.unwrap().unwrap();
    assert_eq!(plans::answered(&kept.question).unwrap(), kept.answer, "the same bytes");
    assert_eq!(code(plans::carry_out(&officer, panel.call, "2026-01-05").await), "refused-plan-nothing");
}

async fn experts_come_first_within_their_load_and_who_declined_is_not_asked_again(world: World) {
    let panel = fresh(world).await;
    let officer = panel.world.role::<Officer>(panel.officer).await;
    let db = panel.world.edges.db.read();
    let set = entities::call::ActiveModel {
        id: Set(panel.call),
        category: Set("养老".into()),
        reviews_required: Set(2),
        ..Default::default()
    };
    change(&panel.world, set).await;
    expert_of(&panel, 1, "养老, 教育", 1).await;
    expert_of(&panel, 2, "养老", 2).await;
    expert_of(&panel, 3, "环境", 5).await;
    let plan = plans::plan(db, &officer, panel.call, "a").await.unwrap();
    let load = |place: usize| {
        let key = panel.reviewers[place].to_string();
        plan.told.loads.iter().find(|row| row.reviewer == key).map(|row| (row.load, row.max)).unwrap()
    };
    assert_eq!((load(1), load(2)), ((1, 1), (2, 2)), "the specialists as far as they can");
    plans::carry_out(&officer.having_seen(&plan.mark()), panel.call, "a").await.unwrap();
    let theirs = review::Entity::find().all(db).await.unwrap();
    let own = theirs.iter().find(|row| row.reviewer_id == panel.reviewers[1]).unwrap();
    let mine = load_mine(&panel.world.acting(panel.reviewers[1]).await, own.id).await.unwrap();
    invitations::decline(&mine, "no time").await.unwrap();
    let again = plans::plan(db, &officer, panel.call, "a").await.unwrap();
    assert_eq!(again.new_pairs().len(), 1);
    assert!(again.new_pairs().iter().all(|(_, reviewer)| *reviewer != panel.reviewers[1].to_string()));
}

async fn the_best_set_is_proposed_with_its_reasons_and_reckoned_again(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let (chair, batch, items) = panel.drafted().await;
    let db = panel.world.edges.db.read();
    let version = decisions::load(db, batch).await.unwrap().version;
    assert_eq!(code(best::propose(&chair, batch, version, &wish(0)).await), "refused-portfolio-budget");
    assert!(matches!(best::propose(&chair, batch, version + 1, &wish(8_300_000)).await, Err(Error::Stale)));
    let mut both = wish(8_300_000);
    both.funded = panel.applications.into_iter().collect();
    let refused = best::propose(&chair, batch, version, &both).await.unwrap_err();
    assert_eq!(refused.code(), "refused-portfolio-infeasible");
    assert_eq!(decisions::items_of(db, batch).await.unwrap(), items, "and nothing of the draft was changed");
    // Under 83,000 there is room for one: the one with more merit for its money, though it ranks as it ranks.
    best::propose(&chair, batch, version, &wish(8_300_000)).await.unwrap();
    let kept = decisions::load(db, batch).await.unwrap();
    let told = best::fixed(&kept);
    let now: Vec<decision_item::Model> = decisions::items_of(db, batch).await.unwrap();
    let approved: Vec<_> = now.iter().filter(|item| item.outcome == Outcome::Approved).collect();
    assert_eq!(approved.len(), 1);
    for item in &now {
        let told = &told[&item.application_id.to_string()];
        let score = i64::from(item.score.unwrap());
        let threshold = told.threshold_score.unwrap();
        assert_eq!(item.outcome == Outcome::Approved, told.amount > 0);
        if told.amount > 0 {
            assert!(score >= threshold);
        } else {
            assert!(score <= threshold && told.blocked_by == ["budget"] && told.extra_money.unwrap() > 0);
        }
    }
    let input = kept.scores.pointer("/portfolio/input").unwrap();
    let answer = best::solve(input).unwrap();
    assert_eq!(Some(&answer), kept.scores.pointer("/portfolio/answer"));
    // In part both fit; a project left out by hand is told so.
    let partial = Wish { least_bps: 5_000, ..wish(9_000_000) };
    best::propose(&chair, batch, kept.version, &partial).await.unwrap();
    let now = decisions::items_of(db, batch).await.unwrap();
    assert_eq!(now.iter().map(|item| item.amount_minor).sum::<i64>(), 9_000_000);
    assert!(now.iter().all(|item| item.outcome == Outcome::Approved));
    let version = decisions::load(db, batch).await.unwrap().version;
    let without = Wish { rejected: [panel.applications[0]].into(), ..wish(9_000_000) };
    best::propose(&chair, batch, version, &without).await.unwrap();
    let kept = decisions::load(db, batch).await.unwrap();
    assert_eq!(best::fixed(&kept)[&panel.applications[0].to_string()].blocked_by[0], "decision");
    decisions::submit_batch(&chair, batch, kept.version).await.unwrap();
    // The doctor reckons again what was submitted, and names what somebody changed since.
    let (asked, other) = decisions::replay::all(db).await.unwrap();
    assert_eq!((asked, other.len()), (1, 0));
    let mut scores = kept.scores.clone();
    scores["portfolio"]["answer"]["objective"] = serde_json::json!(1);
    let forged = entities::decision_batch::ActiveModel { id: Set(batch), scores: Set(scores), ..Default::default() };
    change(&panel.world, forged).await;
    assert_eq!(decisions::replay::all(db).await.unwrap().1, [format!("batch {batch}")]);
    assert_eq!(code(best::propose(&chair, batch, kept.version + 1, &wish(1)).await), "refused-stage");
}
}
