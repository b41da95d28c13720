//! What a round costs: the list of a thousand bids and one bid with its five reviews, as requests a second beside a static route of
//! the same size, and how many reviews are submitted a second.
//!
//! `cargo bench --bench rounds` prints the figures; they count only beside each other, measured on one machine in one run.

#![allow(clippy::disallowed_methods, reason = "a measurement asks the machine what it has")]
#![allow(missing_docs, clippy::unwrap_used, clippy::float_arithmetic, clippy::print_stdout, reason = "a measurement")]

#[path = "../tests/support/mod.rs"]
#[allow(dead_code, unused_imports, unused_macros)]
mod support;

mod beside;

use beside::{CONNECTIONS, client, compare, rate, serve};
use chrono::{DateTime, Utc};
use entities::kinds::{ApplicationStage, CallId, LegalForm, MemberRole, PersonId, ReviewId, ReviewStage, Role};
use entities::{application, call, organisation, review, review_score};
use sea_orm::{ActiveModelBehavior, ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use support::{World, rows};

/// Bids of the call, and who judges each of them.
const BIDS: usize = 1_000;
const REVIEWERS: usize = 5;
/// Criteria of the rubric with their maxima.
const RUBRIC: [(&str, i32); 4] = [("need", 30), ("design", 30), ("team", 20), ("budget", 20)];

#[tokio::main(flavor = "multi_thread")]
async fn main() {
    // `cargo test --benches` runs this too; it has nothing to prove there.
    if std::env::args().any(|argument| argument == "--test") || cfg!(debug_assertions) {
        println!("measured only by `cargo bench`");
        return;
    }
    let world = World::bare().await;
    let officer = world.person("officer-a", &[Role::ProgrammeOfficer]).await;
    let (call, reviewers) = round(&world, officer).await;
    let base = serve(&world).await;
    let staff = client(Some(&world.session(officer).await));
    let own = client(Some(&world.session(reviewers[0]).await));
    let bids = application::Entity::find().filter(application::Column::CallId.eq(call));
    let bid = bids.one(world.edges.db.read()).await.unwrap().unwrap().id;
    compare(&staff, &base, &format!("/applications?call={call}")).await;
    compare(&staff, &base, &format!("/applications/{bid}")).await;
    let mine = reviews_of(&world, reviewers[0]).await;
    compare(&own, &base, &format!("/reviews/{}", mine[0])).await;
    let submitted = submitted(&world, &base, &own, mine).await;
    let asset = rate(&own, &format!("{base}/same/8192")).await;
    println!("submit {submitted:.0} reviews a second, {CONNECTIONS} at once; static 8192 bytes {asset:.0} requests/s");
    println!("ratio  {:.3}", submitted / asset);
}

/// Writes many rows of a kind.
async fn put_all<A>(world: &World, rows: Vec<A>)
where
    A: ActiveModelTrait + ActiveModelBehavior + Clone + Send + Sync,
{
    let rows = &rows;
    let written = world.edges.db.write(|tx| async move {
        for some in rows.chunks(200) {
            A::Entity::insert_many(some.iter().cloned()).exec_without_returning(&tx).await?;
        }
        Ok(())
    });
    written.await.unwrap();
}

/// A call with its bids under review: reviewers 2 to 5 have handed in, what the first one scored is still to be submitted.
async fn round(world: &World, officer: PersonId) -> (CallId, Vec<PersonId>) {
    let now = world.edges.clock.now();
    let other = world.person("officer-b", &[Role::ProgrammeOfficer]).await;
    let owner = world.organisation("owner", LegalForm::Company, None).await;
    let fund = rows::put(world, rows::fund(owner, [officer, other], now)).await.id;
    let form = world.edges.db.write(|tx| async move { Ok(rows::form(&tx).await) }).await.unwrap();
    let rubric = RUBRIC.map(|(id, max)| {
        serde_json::json!({"id": id, "label_zh": id, "label_en": id, "weight": max * 100, "max": max, "comment_required": false})
    });
    let row = rows::call(fund, form, [officer, other], now);
    let row = call::ActiveModel { rubric: Set(serde_json::json!(rubric)), reviews_required: Set(5), ..row };
    let call = rows::put(world, row).await.id;
    let mut reviewers = Vec::new();
    for place in 1..=REVIEWERS {
        reviewers.push(world.person(&format!("reviewer-{place}"), &[Role::Reviewer]).await);
    }
    let signatory = world.person("signatory", &[]).await;
    world.member(signatory, owner, MemberRole::Signatory).await;
    let firm = |n: usize| organisation::ActiveModel {
        legal_form: Set(LegalForm::Association),
        name_zh: Set(format!("第{n}号社区社会组织服务中心")),
        name_en: Set(String::new()),
        area: Set("wuhou".into()),
        community: Set("round".into()),
        profile: Set(serde_json::json!({})),
        created_at: Set(now),
        ..Default::default()
    };
    put_all(world, (0..BIDS).map(firm).collect()).await;
    let firms = organisation::Entity::find().filter(organisation::Column::Community.eq("round"));
    let firms = firms.all(world.edges.db.read()).await.unwrap();
    let bid = |firm: &organisation::Model| application::ActiveModel {
        stage: Set(ApplicationStage::UnderReview),
        submitted_by: Set(Some(signatory)),
        submitted_at: Set(Some(now)),
        ..rows::bid(call, firm.id, signatory, 100_000 + firm.id.0, now)
    };
    put_all(world, firms.iter().map(bid).collect()).await;
    judged(world, call, officer, &reviewers, now).await;
    (call, reviewers)
}

async fn judged(world: &World, call: CallId, officer: PersonId, reviewers: &[PersonId], now: DateTime<Utc>) {
    let db = world.edges.db.read();
    let bids = application::Entity::find().filter(application::Column::CallId.eq(call)).all(db).await.unwrap();
    let judged = |(bid, reviewer): (&application::Model, PersonId)| review::ActiveModel {
        application_id: Set(bid.id),
        call_id: Set(call),
        reviewer_id: Set(reviewer),
        stage: Set(if reviewer == reviewers[0] { ReviewStage::InProgress } else { ReviewStage::Submitted }),
        assigned_by: Set(officer),
        assigned_at: Set(now),
        comment: Set("clear".into()),
        total: Set((reviewer != reviewers[0]).then_some(8_000)),
        submitted_at: Set((reviewer != reviewers[0]).then_some(now)),
        reason: Set(String::new()),
        version: Set(1),
        ..Default::default()
    };
    let pairs = bids.iter().flat_map(|bid| reviewers.iter().map(move |reviewer| (bid, *reviewer)));
    put_all(world, pairs.map(judged).collect()).await;
    let reviews = review::Entity::find().filter(review::Column::CallId.eq(call)).all(db).await.unwrap();
    let score = |(review, (criterion, max)): (&review::Model, (&str, i32))| review_score::ActiveModel {
        review_id: Set(review.id),
        criterion: Set(criterion.to_owned()),
        value: Set(Some(max * 4 / 5)),
        comment: Set(String::new()),
        ..Default::default()
    };
    let scores = reviews.iter().flat_map(|review| RUBRIC.into_iter().map(move |part| (review, part)));
    put_all(world, scores.map(score).collect()).await;
}

async fn reviews_of(world: &World, reviewer: PersonId) -> Vec<ReviewId> {
    let rows = review::Entity::find().filter(review::Column::ReviewerId.eq(reviewer));
    rows.all(world.edges.db.read()).await.unwrap().into_iter().map(|row| row.id).collect()
}

/// Posts the page of every review of one reviewer; answers how many a second were submitted.
async fn submitted(world: &World, base: &str, client: &reqwest::Client, reviews: Vec<ReviewId>) -> f64 {
    let (count, next, reviews) = (reviews.len(), Arc::new(AtomicUsize::new(0)), Arc::new(reviews));
    let begun = Instant::now();
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (client, base, reviews, next) = (client.clone(), base.to_owned(), reviews.clone(), next.clone());
            tokio::spawn(async move {
                while let Some(id) = reviews.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let scores = RUBRIC.map(|(id, max)| format!("&score.{id}={}", max * 4 / 5)).concat();
                    let body = format!("form_key=submit-review-{id:012}&version=1&comment=clear&do=submit{scores}");
                    let posted = client
                        .post(format!("{base}/reviews/{id}/scores"))
                        .header("content-type", "application/x-www-form-urlencoded")
                        .header("sec-fetch-site", "same-origin")
                        .body(body);
                    let answer = posted.send().await.unwrap();
                    assert_eq!(answer.status().as_u16(), 303, "{}", answer.text().await.unwrap());
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let took = begun.elapsed();
    let rows = review::Entity::find().filter(review::Column::Stage.eq(ReviewStage::Submitted));
    let all = rows.all(world.edges.db.read()).await.unwrap().len();
    assert_eq!(all, count * REVIEWERS, "each was submitted");
    #[allow(clippy::cast_precision_loss, reason = "a count of reviews")]
    let count = count as f64;
    count / took.as_secs_f64()
}
