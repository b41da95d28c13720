//! What a page costs: requests a second of a page with many rows beside a static route of the same size, through the same
//! connections in one run; and of the program as a child process, its start and its memory.
//!
//! `cargo bench --bench pages` prints the figures; they count only beside each other, measured on one machine in one run.

#![allow(clippy::disallowed_methods, reason = "a measurement asks the machine what it has")]
#![allow(missing_docs, clippy::unwrap_used, clippy::float_arithmetic, clippy::print_stdout, reason = "a measurement")]

#[path = "../tests/support/mod.rs"]
#[allow(dead_code, unused_imports, unused_macros)]
mod support;

use entities::account;
use entities::kinds::Locale;
use rocket::http::ContentType;
use rocket::{get, routes};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use support::World;
use support::served::{Served, free_port};
use tributary::config::Config;
use tributary::edges::clock::Clock;
use tributary::edges::dice::Dice;
use tributary::{app, demo};

/// Connections that ask at once, each kept open.
const CONNECTIONS: usize = 32;
/// How long each kind is asked for.
const SECONDS: u64 = 5;
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
    let client = reqwest::Client::builder().pool_max_idle_per_host(CONNECTIONS).build().unwrap();
    let mut well = true;
    // The wall's fund with the last of its entries, its whole ledger, and its account with fifty entries.
    let account = account::Entity::find().filter(account::Column::Code.eq("fund_available:1"));
    let account = account.one(world.edges.db.read()).await.unwrap().unwrap().id;
    for path in ["/funds/1".to_owned(), "/ledger?fund=1".to_owned(), format!("/ledger/accounts/{account}")] {
        let fast = compare(&client, &base, &path).await;
        // The fund's page is the one that has a limit; the others stand beside it.
        well &= fast || !path.starts_with("/funds/");
    }
    well &= child().await;
    println!("{}", if well { "all within their limits" } else { "NOT within their limits" });
}

/// The whole worked example.
async fn play(edges: Arc<tributary::edges::Edges>) {
    let stage = demo::found(edges, Locale::ZhCn).await.unwrap();
    demo::play(stage).await.unwrap();
}

/// A page beside a static route of its size; answers whether it is fast enough.
async fn compare(client: &reqwest::Client, base: &str, path: &str) -> bool {
    let page_url = format!("{base}{path}");
    let page = client.get(&page_url).send().await.unwrap();
    assert!(page.status().is_success(), "{page_url} answers {}", page.status());
    let html = page.text().await.unwrap();
    let entries = html.matches("href=\"/ledger/V-").count();
    let bytes = html.len();
    let asset_url = format!("{base}/same/{bytes}");
    // Each twice, by turns: a machine that slows down slows both.
    let mut page_rate = 0.0_f64;
    let mut asset_rate = 0.0_f64;
    for _ in 0..2 {
        page_rate = page_rate.max(rate(client, &page_url).await);
        asset_rate = asset_rate.max(rate(client, &asset_url).await);
    }
    let ratio = page_rate / asset_rate;
    println!("page   {path}: {entries} entries, {bytes} bytes, {page_rate:.0} requests/s");
    println!("static {}: {bytes} bytes, {asset_rate:.0} requests/s", asset_url.trim_start_matches(base));
    println!("ratio  {ratio:.3} (at least {LEAST_RATIO:.2}; {CONNECTIONS} connections)");
    ratio >= LEAST_RATIO
}

async fn serve(world: &World) -> String {
    let port = free_port();
    let rocket = app::server(world.edges.clone()).mount("/", routes![same]);
    let figment = rocket.figment().clone().merge(("port", port)).merge(("address", "127.0.0.1"));
    let rocket = rocket.configure(figment);
    tokio::spawn(async move { rocket.launch().await.map(|_| ()).map_err(|error| error.to_string()) });
    let base = format!("http://127.0.0.1:{port}");
    while reqwest::get(format!("{base}/up")).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    base
}

/// The static route: this many bytes from memory, through the same server with the same headers.
#[get("/same/<bytes>")]
fn same(bytes: usize) -> (ContentType, &'static [u8]) {
    static BODY: [u8; 64 * 1024] = [b'x'; 64 * 1024];
    (ContentType::CSS, &BODY[..bytes.min(BODY.len())])
}

/// Answers a second, over all connections.
async fn rate(client: &reqwest::Client, url: &str) -> f64 {
    let (done, begun) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let until = begun + Duration::from_secs(SECONDS);
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (client, url, done) = (client.clone(), url.to_owned(), done.clone());
            tokio::spawn(async move {
                while Instant::now() < until {
                    let answer = client.get(&url).send().await.unwrap();
                    assert!(answer.status().is_success());
                    answer.bytes().await.unwrap();
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    #[allow(clippy::cast_precision_loss, reason = "a count of requests")]
    let count = done.load(Ordering::Relaxed) as f64;
    count / begun.elapsed().as_secs_f64()
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
