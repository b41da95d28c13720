//! The last minute of a call: two thousand signatories submit at once over real HTTP, and the hour strikes among them. Whoever was
//! told that it was received is there once; nobody is who came after the hour, by the server's clock.

use super::bids::encoded;
use super::calls::open;
use crate::support::{PASSWORD, World, both, nine, tools};
use chrono::{Duration, Utc};
use entities::kinds::*;
use entities::{application, budget_line, event, membership, organisation, person, session};
use sea_orm::{ActiveModelBehavior, ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use tokio::sync::Semaphore;
use tributary::edges::dice::fingerprint;

/// Submissions of an ordinary run, and of a long one.
const SOME: usize = 240;
const ALL: usize = 2_000;
/// How often somebody comes back who is told that the house is busy.
const TRIES: usize = 5;
/// Connections that are open at once.
const AT_ONCE: usize = 128;

/// Writes many rows of a kind.
async fn put_all<A>(world: &World, rows: Vec<A>)
where
    A: ActiveModelTrait + ActiveModelBehavior + Clone + Send + Sync,
{
    let rows = &rows;
    world
        .edges
        .db
        .write(|tx| async move {
            for some in rows.chunks(100) {
                A::Entity::insert_many(some.iter().cloned()).exec_without_returning(&tx).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
}

/// Signatories with complete bids that wait for their signature; each with the cookie of a session.
async fn crowd(world: &World, call: CallId, count: usize) -> Vec<(ApplicationId, String)> {
    let (db, now) = (world.edges.db.read(), world.edges.clock.now());
    let firm = |n: usize| organisation::ActiveModel {
        legal_form: Set(LegalForm::Association),
        name_zh: Set(format!("第{n}社")),
        name_en: Set(String::new()),
        area: Set("wuhou".into()),
        community: Set("storm".into()),
        profile: Set(serde_json::json!({})),
        created_at: Set(now),
        ..Default::default()
    };
    let signatory = |n: usize| person::ActiveModel {
        email: Set(format!("storm-{n:05}@example.org")),
        name: Set(format!("storm {n}")),
        locale: Set(Locale::En),
        password_hash: Set(PASSWORD.into()),
        created_at: Set(now),
        ..Default::default()
    };
    put_all(world, (0..count).map(firm).collect()).await;
    put_all(world, (0..count).map(signatory).collect()).await;
    let firms = organisation::Entity::find().filter(organisation::Column::Community.eq("storm")).all(db).await.unwrap();
    let people = person::Entity::find().filter(person::Column::Email.starts_with("storm-")).all(db).await.unwrap();
    assert_eq!((firms.len(), people.len()), (count, count));
    let pairs: Vec<(OrganisationId, PersonId)> = firms.iter().zip(&people).map(|(f, p)| (f.id, p.id)).collect();
    let member = |(firm, person): &(OrganisationId, PersonId)| membership::ActiveModel {
        organisation_id: Set(*firm),
        person_id: Set(*person),
        role: Set(MemberRole::Signatory),
        stage: Set(MembershipStage::Active),
        created_at: Set(now),
        ..Default::default()
    };
    let token = |person: PersonId| format!("storm-token-of-the-person-{}", person.0);
    let at_the_door = |(_, person): &(OrganisationId, PersonId)| session::ActiveModel {
        person_id: Set(*person),
        token_hash: Set(fingerprint(token(*person))),
        device: Set("test".into()),
        created_at: Set(now),
        seen_at: Set(now),
        expires_at: Set(now + Duration::days(30)),
        halfway: Set(false),
        proved_at: Set(Some(now + Duration::days(3650))),
        ..Default::default()
    };
    let bid = |(firm, person): &(OrganisationId, PersonId)| application::ActiveModel {
        stage: Set(ApplicationStage::AwaitingSignOff),
        answers: Set(serde_json::json!({"upkeep": "yearly"})),
        ..crate::support::rows::bid(call, *firm, *person, 8_300_000, now)
    };
    put_all(world, pairs.iter().map(member).collect()).await;
    put_all(world, pairs.iter().map(at_the_door).collect()).await;
    put_all(world, pairs.iter().map(bid).collect()).await;
    let bids = application::Entity::find().filter(application::Column::CallId.eq(call)).all(db).await.unwrap();
    let line = |bid: &application::Model| budget_line::ActiveModel {
        application_id: Set(bid.id),
        head: Set("material".into()),
        label: Set("wall".into()),
        quantity: Set(83),
        unit_minor: Set(100_000),
        source: Set(BudgetSource::Grant),
        position: Set(0),
        ..Default::default()
    };
    put_all(world, bids.iter().map(line).collect()).await;
    bids.iter().map(|bid| (bid.id, token(bid.drafted_by))).collect()
}

both! { paying:
async fn every_acknowledged_bid_is_there_once_and_none_after_the_hour(world: World) {
    let count = if tools::long() { ALL } else { SOME };
    let (call, ..) = open(&world).await;
    let closes = nine(2026, 1, 20);
    world.edges.clock.set(closes - Duration::seconds(30));
    let crowd = crowd(&world, call, count).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let (turns, told) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(AtomicUsize::new(0)));
    let busy = Arc::new(AtomicUsize::new(0));
    let url = world.till.as_ref().unwrap().url.clone();
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for (id, token) in crowd {
        let (client, turns, told, edges, url) = (client.clone(), turns.clone(), told.clone(), world.edges.clone(), url.clone());
        let busy = busy.clone();
        tasks.spawn(async move {
            let _turn = turns.acquire_owned().await.unwrap();
            let key = format!("storm-form-key-{id}");
            let asked = Instant::now();
            let mut status = 503;
            // Whoever is told to come back a moment later comes with the same form: its key lets it count once.
            for _ in 0..TRIES {
                let request = client
                    .post(format!("{url}/applications/{id}/submit"))
                    .header("cookie", format!("tributary_session={token}"))
                    .header("sec-fetch-site", "same-origin")
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(encoded(&[("form_key", &key)]));
                status = request.send().await.map_or(0, |answer| answer.status().as_u16());
                if status != 503 {
                    break;
                }
                busy.fetch_add(1, Ordering::SeqCst);
            }
            let took = asked.elapsed();
            // The hour strikes while the last fifth is on its way.
            if told.fetch_add(1, Ordering::SeqCst) == count * 4 / 5 {
                edges.clock.set(closes);
            }
            (id, status, took)
        });
    }
    let (mut answers, mut times) = (BTreeMap::new(), Vec::new());
    while let Some(one) = tasks.join_next().await {
        let (id, status, took) = one.unwrap();
        answers.insert(id, status);
        times.push(took);
    }
    let whole = begun.elapsed();
    times.sort_unstable();
    let at = |hundredth: usize| times[(times.len() * hundredth / 100).min(times.len() - 1)].as_millis();
    let received = answers.values().filter(|status| **status == 303).count();
    tools::say(&format!(
        "deadline on {:?}: {count} submissions in {} ms, {received} before the hour; p50 {} ms, p99 {} ms, longest {} ms; {} were told to come back",
        world.edges.db.backend(), whole.as_millis(), at(50), at(99), at(100), busy.load(Ordering::SeqCst)
    ));
    assert!(answers.values().all(|status| matches!(status, 303 | 422)), "{:?}", tally(&answers));
    assert!(received >= count * 4 / 5 && received < count, "the hour struck among them: {received}");
    let db = world.edges.db.read();
    let rows = application::Entity::find().filter(application::Column::CallId.eq(call)).all(db).await.unwrap();
    for row in &rows {
        let there = row.stage == ApplicationStage::Submitted;
        assert_eq!(there, answers[&row.id] == 303, "{}", row.id);
        assert_eq!(row.submitted_at.is_some_and(|at: chrono::DateTime<Utc>| at < closes), there, "{}", row.id);
        assert_eq!(row.content_hash.len() == 64, there);
    }
    let moves = event::Entity::find()
        .filter(event::Column::Subject.eq(Subject::Application))
        .filter(event::Column::Act.eq("submit"))
        .all(db)
        .await
        .unwrap();
    let mut of: Vec<i64> = moves.iter().map(|event| event.subject_id).collect();
    of.sort_unstable();
    of.dedup();
    assert_eq!((moves.len(), of.len()), (received, received), "each is submitted once");
}
}

fn tally(answers: &BTreeMap<ApplicationId, u16>) -> BTreeMap<u16, usize> {
    let mut tally = BTreeMap::new();
    for status in answers.values() {
        *tally.entry(*status).or_default() += 1;
    }
    tally
}
