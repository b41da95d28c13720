//! What a page costs: requests a second of a page with many rows beside a static route of the same size, through the same
//! connections in one run; and of the program as a child process, its start and its memory.
//!
//! `cargo bench --bench pages` prints the figures; they count only beside each other, measured on one machine in one run.

#![allow(clippy::disallowed_methods, reason = "a measurement asks the machine what it has")]
#![allow(missing_docs, clippy::unwrap_used, clippy::float_arithmetic, clippy::print_stdout, reason = "a measurement")]

#[path = "../tests/support/mod.rs"]
#[allow(dead_code, unused_imports, unused_macros)]
mod support;

mod beside;

use beside::{compare, serve};
use entities::account;
use entities::kinds::Locale;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::sync::Arc;
use std::time::Duration;
use support::World;
use support::served::Served;
use tributary::config::Config;
use tributary::edges::clock::Clock;
use tributary::edges::dice::Dice;
use tributary::{app, demo};

/// What a page may cost at most, start and memory: a tenth of a static route's rate, half a second, 80 MB.
const LEAST_RATIO: f64 = 0.10;
const LONGEST_START: Duration = Duration::from_millis(500);
const MOST_MEMORY_KB: u64 = 80 * 1024;

#[tokio::main(flavor = "multi_thread")]
async fn main() {
    // `cargo test --benches` runs this too; it has nothing to prove there.
    if std::env::args().any(|argument| argument == "--test") || cfg!(debug_assertions) {
        println!("measured only by `cargo bench`");
        return;
    }
    let world = World::unfounded().await;
    play(world.edges.clone()).await;
    let base = serve(&world).await;
    let client = beside::client(None);
    let mut well = true;
    // The wall's fund with the last of its entries, its whole ledger, and its account with fifty entries.
    let account = account::Entity::find().filter(account::Column::Code.eq("fund_available:1"));
    let account = account.one(world.edges.db.read()).await.unwrap().unwrap().id;
    for path in ["/funds/1".to_owned(), "/ledger?fund=1".to_owned(), format!("/ledger/accounts/{account}")] {
        let fast = compare(&client, &base, &path).await >= LEAST_RATIO;
        // The fund's page is the one that has a limit; the others stand beside it.
        well &= fast || !path.starts_with("/funds/");
    }
    well &= child().await;
    println!("wanted: ratio of the fund's page at least {LEAST_RATIO:.2}");
    println!("{}", if well { "all within their limits" } else { "NOT within their limits" });
}

/// The whole worked example.
async fn play(edges: Arc<tributary::edges::Edges>) {
    let stage = demo::found(edges, Locale::ZhCn).await.unwrap();
    demo::play(stage).await.unwrap();
}

/// Start on a database that exists, and memory after every page a visitor is led to was asked for, many times.
async fn child() -> bool {
    let folder = tempfile::tempdir().unwrap();
    {
        let config = Config { data: folder.path().to_owned(), ..Config::default() };
        let edges = app::open(config, Clock::frozen_at(demo::curtain()), Dice::fair()).await.unwrap();
        play(edges).await;
    }
    // The second start: the first has the machine read the program from its disk.
    drop(Served::start(folder.path()).await);
    let served = Served::start(folder.path()).await;
    let client = reqwest::Client::new();
    let paths = reachable(&client, &served.url).await;
    let mut asked = 0_u64;
    for _ in 0..20 {
        for path in &paths {
            let answer = client.get(format!("{}{path}", served.url)).send().await.unwrap();
            assert!(answer.status().as_u16() < 500, "{path}");
            answer.bytes().await.unwrap();
            asked += 1;
        }
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", served.pid())).unwrap();
    let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default().trim().to_owned();
    let kilobytes: u64 = memory.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(u64::MAX);
    println!("start  {} ms from process to /ready on an existing database", served.took.as_millis());
    println!("memory {memory} after a crawl of {} pages, {asked} requests", paths.len());
    served.took <= LONGEST_START && kilobytes <= MOST_MEMORY_KB
}

/// Every address that a visitor's links lead to.
async fn reachable(client: &reqwest::Client, base: &str) -> Vec<String> {
    let mut paths = vec!["/".to_owned()];
    let mut next = 0;
    while let Some(path) = paths.get(next).cloned() {
        next += 1;
        let html = client.get(format!("{base}{path}")).send().await.unwrap().text().await.unwrap_or_default();
        for href in html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let href = href.replace("&amp;", "&");
            let own = href.starts_with('/') && !href.starts_with("//");
            if own && paths.len() < 400 && !paths.contains(&href) {
                paths.push(href);
            }
        }
    }
    paths
}
