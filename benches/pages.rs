//! What a page costs: requests a second of a page with many rows beside a static file of the same size, through the same
//! connections in one run; and of the program as a child process, its start and its memory.
//!
//! `cargo bench --bench pages` prints the figures; they count only beside each other, measured on one machine in one run.

#![allow(missing_docs, clippy::unwrap_used, clippy::float_arithmetic, clippy::print_stdout, reason = "a measurement")]

#[path = "../tests/support/mod.rs"]
#[allow(dead_code, unused_imports, unused_macros)]
mod support;

use sea_orm::ConnectionTrait;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use support::World;
use support::served::{Served, free_port};
use tributary::app;

/// Connections that ask at once, each kept open.
const CONNECTIONS: usize = 32;
/// How long each kind is asked for.
const SECONDS: u64 = 5;
/// Rows on the page.
const ROWS: i64 = 50;

#[tokio::main(flavor = "multi_thread")]
async fn main() {
    // `cargo test --benches` runs this too; it has nothing to prove there.
    if std::env::args().any(|argument| argument == "--test") || cfg!(debug_assertions) {
        println!("measured only by `cargo bench`");
        return;
    }
    let world = World::bare().await;
    furnish(&world).await;
    let base = serve(&world).await;
    let client = reqwest::Client::builder().pool_max_idle_per_host(CONNECTIONS).build().unwrap();
    let page_url = format!("{base}/needs");
    let page = client.get(&page_url).send().await.unwrap();
    assert!(page.status().is_success(), "{page_url} answers {}", page.status());
    let bytes = page.bytes().await.unwrap().len();
    let (asset_url, asset_bytes) = nearest_asset(&client, &base, bytes).await;
    // Each twice, by turns: a machine that slows down slows both.
    let mut page_rate = 0.0_f64;
    let mut asset_rate = 0.0_f64;
    for _ in 0..2 {
        page_rate = page_rate.max(rate(&client, &page_url).await);
        asset_rate = asset_rate.max(rate(&client, &asset_url).await);
    }
    println!("page   {page_url}: {bytes} bytes, {page_rate:.0} requests/s");
    println!("static {asset_url}: {asset_bytes} bytes, {asset_rate:.0} requests/s");
    println!("ratio  a page costs {:.1} static files ({CONNECTIONS} connections)", asset_rate / page_rate);
    child().await;
}

async fn furnish(world: &World) {
    let owner = world.person("resident", &[]).await;
    let rows: Vec<String> = (1..=ROWS)
        .map(|n| {
            format!("('', 'Wall {n}', '', 'The surface of wall {n} is uneven and cables hang loose.', 'Community {n}', 'wuhou', 'listed', false, {owner}, '2026-01-05T01:00:00+00:00')")
        })
        .collect();
    let sql = format!(
        "insert into need (title_zh, title_en, summary_zh, summary_en, community, area, stage, consents_required, proposed_by, proposed_at) values {}",
        rows.join(",")
    );
    world.edges.db.read().execute_unprepared(&sql).await.unwrap();
}

async fn serve(world: &World) -> String {
    let port = free_port();
    let rocket = app::server(world.edges.clone());
    let figment = rocket.figment().clone().merge(("port", port)).merge(("address", "127.0.0.1"));
    let rocket = rocket.configure(figment);
    tokio::spawn(async move { rocket.launch().await.map(|_| ()).map_err(|error| error.to_string()) });
    let base = format!("http://127.0.0.1:{port}");
    while reqwest::get(format!("{base}/up")).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    base
}

/// The static file whose size is nearest to the page's.
async fn nearest_asset(client: &reqwest::Client, base: &str, bytes: usize) -> (String, usize) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/static/css");
    let mut assets: Vec<(String, usize)> = std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|file| {
            let size = usize::try_from(file.metadata().unwrap().len()).unwrap();
            (format!("{base}/static/css/{}", file.file_name().to_string_lossy()), size)
        })
        .collect();
    assets.sort_by_key(|(_, size)| size.abs_diff(bytes));
    let (url, size) = assets.remove(0);
    assert!(client.get(&url).send().await.unwrap().status().is_success());
    (url, size)
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

/// Start on a database that exists, and memory after pages were asked for.
async fn child() {
    let folder = tempfile::tempdir().unwrap();
    {
        let world = World::open_in(folder.path()).await;
        world.found().await;
        furnish(&world).await;
    }
    let served = Served::start(folder.path()).await;
    let client = reqwest::Client::new();
    for round in 0..200 {
        for path in ["/needs", "/needs/1", "/needs/2", "/up", "/static/css/site.css", "/nowhere"] {
            let answer = client.get(format!("{}{path}", served.url)).send().await.unwrap();
            assert!(answer.status().as_u16() < 500, "{path} in round {round}");
            answer.bytes().await.unwrap();
        }
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", served.pid())).unwrap();
    let memory = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default().to_owned();
    println!("start  {} ms from process to /ready on an existing database", served.took.as_millis());
    println!("memory {} after 1,200 requests", memory.trim_start_matches("VmRSS:").trim());
}
