//! A page beside a static route of its size, through the same server and the same connections in one run.

use super::support::World;
use super::support::served::free_port;
use rocket::http::ContentType;
use rocket::{get, routes};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tributary::app;

/// Connections that ask at once, each kept open.
pub const CONNECTIONS: usize = 32;
/// How long each kind is asked for.
const SECONDS: u64 = 5;

/// A client that keeps its connections; with the cookie of a session, or without.
pub fn client(token: Option<&str>) -> reqwest::Client {
    let mut headers = reqwest::header::HeaderMap::new();
    if let Some(token) = token {
        headers.insert("cookie", format!("tributary_session={token}").parse().unwrap());
    }
    reqwest::Client::builder()
        .default_headers(headers)
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(CONNECTIONS)
        .build()
        .unwrap()
}

/// The rate of a page divided by that of a static route of its size.
pub async fn compare(client: &reqwest::Client, base: &str, path: &str) -> f64 {
    let page_url = format!("{base}{path}");
    let page = client.get(&page_url).send().await.unwrap();
    assert!(page.status().is_success(), "{page_url} answers {}", page.status());
    let html = page.text().await.unwrap();
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
    println!("page   {path}: {bytes} bytes, {page_rate:.0} requests/s");
    println!("static {}: {bytes} bytes, {asset_rate:.0} requests/s", asset_url.trim_start_matches(base));
    println!("ratio  {ratio:.3} ({CONNECTIONS} connections)");
    ratio
}

/// Serves a world on a free port, with the static route beside it.
pub async fn serve(world: &World) -> String {
    // A page that fails says why.
    tracing_subscriber::fmt().with_max_level(tracing::Level::ERROR).with_writer(std::io::stderr).try_init().ok();
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
pub async fn rate(client: &reqwest::Client, url: &str) -> f64 {
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
