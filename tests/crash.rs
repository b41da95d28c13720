//! Rule 10: what was acknowledged survives `kill -9`, and what was not is done once when it is asked again.

mod backups;
mod payments;

use crate::books::sums;
use crate::rooms::funds::Cast;
use crate::support::World;
use crate::support::served::Served;
use crate::support::tools::{self, Throws};
use chrono::NaiveDate;
use entities::kinds::{FundId, FundraisingMode, OrganisationId};
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tributary::desk::check;

/// Clients that post at the same time.
const CLIENTS: u64 = 4;

/// A form as a browser posts it. Another kind of act is another path and body.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Act {
    /// Cookie of who acts.
    token: String,
    path: String,
    body: String,
    /// What only this act writes, to be found again in the database.
    mark: String,
}

impl Act {
    fn need(token: &str, client: u64, n: u64) -> Self {
        let mark = format!("wall-{client}-{n}");
        let key = format!("form-key-{client:06}-{n:09}");
        Self {
            token: token.to_owned(),
            path: "/needs".into(),
            body: format!("form_key={key}&title_en={mark}&community=C&area=wuhou&summary_en=S"),
            mark,
        }
    }

    /// Finance records money with its line of the bank statement.
    fn receipt(token: &str, donor: OrganisationId, day: NaiveDate, client: u64, n: u64) -> Self {
        let mark = format!("line-{client}-{n}");
        let key = format!("receipt-{client:06}-{n:09}");
        Self {
            token: token.to_owned(),
            path: "/funds/1/gifts/record".into(),
            body: format!(
                "form_key={key}&currency=CNY&organisation={donor}&donor_name=D&amount=12.34&received_on={day}&bank_line={mark}&anonymity=named"
            ),
            mark,
        }
    }

    /// Somebody else confirms it.
    fn confirmation(token: &str, gift: &str) -> Self {
        Self {
            token: token.to_owned(),
            path: format!("{gift}/receive"),
            body: format!("form_key=confirm-{:0>20}", gift.rsplit('/').next().unwrap_or_default()),
            mark: gift.to_owned(),
        }
    }
}

/// What all clients asked, and what the server said to it: the place it sent the browser to.
#[derive(Clone, Default)]
struct Book {
    asked: Arc<Mutex<Vec<Act>>>,
    told: Arc<Mutex<BTreeMap<Act, String>>>,
}

impl Book {
    /// Asks, and writes down what was asked before and what was said after; nothing when nobody answers any more.
    async fn ask(&self, client: &reqwest::Client, url: &str, act: &Act) -> Option<String> {
        self.asked.lock().unwrap().push(act.clone());
        let place = post(client, url, act).await?;
        self.told.lock().unwrap().insert(act.clone(), place.clone());
        Some(place)
    }

    /// Asks everything once more with its own key: what was acknowledged answers as it did. Answers how much was not.
    async fn ask_again(&self, client: &reqwest::Client, url: &str) -> usize {
        let (asked, told) = (self.asked.lock().unwrap().clone(), self.told.lock().unwrap().clone());
        let unanswered: Vec<_> = asked.iter().filter(|act| !told.contains_key(*act)).collect();
        for act in unanswered.iter().copied().chain(told.keys().take(200)) {
            let place = post(client, url, act).await.unwrap();
            if let Some(first) = told.get(act) {
                assert_eq!(first, &place, "{} is now elsewhere", act.mark);
            }
        }
        unanswered.len()
    }
}

async fn post(client: &reqwest::Client, url: &str, act: &Act) -> Option<String> {
    let answer = client
        .post(format!("{url}{}", act.path))
        .header(COOKIE, format!("tributary_session={}", act.token))
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

fn browser() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// How often the server is killed: a person at their own machine waits for a few only.
fn rounds() -> u64 {
    if tools::everything_is_needed() { 50 } else { 5 }
}

/// Serves a folder, lets the clients work (`work` is given the address, the client and the number of its first act) and kills
/// the server in the middle of it; again and again.
async fn kill_again_and_again<W>(folder: &std::path::Path, seed: u64, work: impl Fn(String, u64, u64) -> W)
where
    W: Future<Output = ()> + Send + 'static,
{
    let mut throws = Throws::seeded(seed);
    for round in 0..rounds() {
        let mut served = Served::start(folder).await;
        let tasks: Vec<_> = (0..CLIENTS).map(|n| tokio::spawn(work(served.url.clone(), n, round * 100_000))).collect();
        tokio::time::sleep(Duration::from_millis(u64::try_from(throws.between(50, 700)).unwrap())).await;
        served.kill();
        for task in tasks {
            task.await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_10_what_was_acknowledged_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let token = {
        let world = World::open_in(folder.path()).await;
        world.found().await;
        let person = world.person("resident", &[]).await;
        world.session(person).await
    };
    let (book, client) = (Book::default(), browser());
    kill_again_and_again(folder.path(), 9, |url, n, first| {
        let (book, client, token) = (book.clone(), client.clone(), token.clone());
        async move {
            for k in first.. {
                if book.ask(&client, &url, &Act::need(&token, n, k)).await.is_none() {
                    return;
                }
            }
        }
    })
    .await;
    let served = Served::start(folder.path()).await;
    let unanswered = book.ask_again(&client, &served.url).await;
    drop(served);
    let world = World::open_in(folder.path()).await;
    let (asked, told) = (book.asked.lock().unwrap().clone(), book.told.lock().unwrap().clone());
    assert!(told.len() > usize::try_from(rounds()).unwrap(), "hardly anything was acknowledged");
    let found = found(&world, "select title_en, id from need").await;
    for act in &asked {
        assert_eq!(found.get(&act.mark).map(Vec::len), Some(1), "{} is not there exactly once", act.mark);
    }
    for (act, place) in &told {
        assert_eq!(place, &format!("/needs/{}", found[&act.mark][0]), "{} moved", act.mark);
    }
    sums::hold(&world).await;
    tools::say(&format!(
        "kill -9: {} times, {} acknowledged and kept, {unanswered} unanswered and done once when asked again",
        rounds(),
        told.len(),
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_10_money_that_was_acknowledged_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let (finance, approver, donor, today) = {
        let cast = {
            let world = World::open_in(folder.path()).await;
            world.found().await;
            Cast::on(world).await
        };
        assert_eq!(cast.signed(FundraisingMode::Targeted, 0).await, FundId(1));
        let world = &cast.world;
        (world.session(cast.finance).await, world.session(cast.approver).await, cast.initiator, world.edges.today())
    };
    let (book, client) = (Book::default(), browser());
    kill_again_and_again(folder.path(), 10, |url, n, first| {
        let (book, client, finance, approver) = (book.clone(), client.clone(), finance.clone(), approver.clone());
        async move {
            for k in first.. {
                let receipt = Act::receipt(&finance, donor, today, n, k);
                let Some(gift) = book.ask(&client, &url, &receipt).await else { return };
                if book.ask(&client, &url, &Act::confirmation(&approver, &gift)).await.is_none() {
                    return;
                }
            }
        }
    })
    .await;
    let served = Served::start(folder.path()).await;
    let unanswered = book.ask_again(&client, &served.url).await;
    drop(served);
    let world = World::open_in(folder.path()).await;
    let (asked, told) = (book.asked.lock().unwrap().clone(), book.told.lock().unwrap().clone());
    assert!(told.len() > usize::try_from(rounds()).unwrap(), "hardly anything was acknowledged");
    let lines = found(&world, "select bank_line, id from gift").await;
    let received = found(&world, "select '/gifts/' || id, id from gift where stage = 'received'").await;
    for act in &asked {
        let rows = if act.path.ends_with("/receive") { received.get(&act.mark) } else { lines.get(&act.mark) };
        assert_eq!(rows.map(Vec::len), Some(1), "{} at {} is not there exactly once", act.mark, act.path);
    }
    for (act, place) in told.iter().filter(|(act, _)| act.path.ends_with("/record")) {
        assert_eq!(place, &format!("/gifts/{}", lines[&act.mark][0]), "{} moved", act.mark);
    }
    // Every line of the bank is one transfer, and every confirmed one has reached the fund.
    let count = async |sql: &str| crate::books::ground::number(&world, sql).await;
    let gifts = i64::try_from(lines.len()).unwrap();
    assert_eq!(count("select count(*) from posting where recipe = 'bank_receipt'").await, gifts);
    let confirmed = i64::try_from(received.len()).unwrap();
    assert_eq!(count("select count(*) from lot").await, confirmed);
    assert_eq!(count("select coalesce(sum(amount_minor), 0) from lot").await, confirmed * 1_234);
    sums::hold(&world).await;
    let wrong: Vec<_> = check::books(&world.edges).await.unwrap().into_iter().filter(|one| !one.ok).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    tools::say(&format!(
        "kill -9: {} times, {} acts with money acknowledged and kept, {unanswered} unanswered and done once when asked again",
        rounds(),
        told.len(),
    ));
}

/// Keys by their mark.
async fn found(world: &World, sql: &str) -> BTreeMap<String, Vec<i64>> {
    let mut found: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for row in crate::books::ground::rows(world, sql).await {
        let mark: String = row.try_get_by_index(0).unwrap();
        found.entry(mark).or_default().push(row.try_get_by_index(1).unwrap());
    }
    found
}
