//! Rule 10: what was acknowledged survives `kill -9`, and what was not is done once when it is asked again.

use crate::books::sums;
use crate::support::World;
use crate::support::served::Served;
use crate::support::tools::{self, Throws};
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Clients that post at the same time.
const CLIENTS: u64 = 4;

/// A form as a browser posts it. Another kind of act is another path and body.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Act {
    path: String,
    body: String,
    /// What only this act writes, to be found again in the database.
    mark: String,
}

impl Act {
    fn need(client: u64, n: u64) -> Self {
        let mark = format!("wall-{client}-{n}");
        let key = format!("form-key-{client:06}-{n:09}");
        Self {
            path: "/needs".into(),
            body: format!("form_key={key}&title_en={mark}&community=C&area=wuhou&summary_en=S"),
            mark,
        }
    }
}

/// What the server said: the place it sent the browser to.
type Acknowledged = Arc<Mutex<BTreeMap<Act, String>>>;

async fn post(client: &reqwest::Client, url: &str, token: &str, act: &Act) -> Option<String> {
    let answer = client
        .post(format!("{url}{}", act.path))
        .header(COOKIE, format!("tributary_session={token}"))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(act.body.clone())
        .send()
        .await
        .ok()?;
    let status = answer.status().as_u16();
    assert!(status == 303 || status == 503, "{} answered {status}", act.path);
    let place = answer.headers().get(LOCATION)?.to_str().ok()?;
    Some(place.split('?').next().unwrap_or(place).to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_kill() {
    let rounds = if tools::long() { 50 } else { 5 };
    let folder = tempfile::tempdir().unwrap();
    let token = {
        let world = World::open_in(folder.path()).await;
        world.found().await;
        let person = world.person("resident", &[]).await;
        world.session(person).await
    };
    let acknowledged = Acknowledged::default();
    let asked: Arc<Mutex<Vec<Act>>> = Arc::default();
    let mut throws = Throws::seeded(9);
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    for round in 0..rounds {
        let mut served = Served::start(folder.path()).await;
        let tasks: Vec<_> = (0..CLIENTS)
            .map(|n| {
                let (client, url, token) = (client.clone(), served.url.clone(), token.clone());
                let (acknowledged, asked) = (acknowledged.clone(), asked.clone());
                tokio::spawn(async move {
                    for k in 0.. {
                        let act = Act::need(n, round * 100_000 + k);
                        asked.lock().unwrap().push(act.clone());
                        match post(&client, &url, &token, &act).await {
                            Some(place) => {
                                acknowledged.lock().unwrap().insert(act, place);
                            }
                            None => return,
                        }
                    }
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(u64::try_from(throws.between(50, 700)).unwrap())).await;
        served.kill();
        for task in tasks {
            task.await.unwrap();
        }
    }
    // Once more, whole: everything asked is asked again with its own key; the acknowledged answer as they did.
    let served = Served::start(folder.path()).await;
    let asked = asked.lock().unwrap().clone();
    let told = acknowledged.lock().unwrap().clone();
    assert!(told.len() > usize::try_from(rounds).unwrap(), "hardly anything was acknowledged");
    let unanswered: Vec<_> = asked.iter().filter(|act| !told.contains_key(*act)).collect();
    for act in unanswered.iter().copied().chain(told.keys().take(200)) {
        let place = post(&client, &served.url, &token, act).await.unwrap();
        if let Some(first) = told.get(act) {
            assert_eq!(first, &place, "{} is now elsewhere", act.mark);
        }
    }
    drop(served);
    let world = World::open_in(folder.path()).await;
    let rows = crate::books::ground::rows(&world, "select title_en, id from need").await;
    let mut found: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for row in rows {
        let mark: String = row.try_get_by_index(0).unwrap();
        found.entry(mark).or_default().push(row.try_get_by_index(1).unwrap());
    }
    for act in &asked {
        assert_eq!(found.get(&act.mark).map(Vec::len), Some(1), "{} is not there exactly once", act.mark);
    }
    for (act, place) in &told {
        assert_eq!(place, &format!("/needs/{}", found[&act.mark][0]), "{} moved", act.mark);
    }
    sums::hold(&world).await;
    tools::say(&format!(
        "kill -9: {rounds} times, {} acknowledged and kept, {} unanswered and done once when asked again",
        told.len(),
        unanswered.len()
    ));
}
