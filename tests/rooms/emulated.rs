//! A checkout at an emulator of the processor that others made: its session is read by our client before and after it was paid,
//! and the mark on its webhook is believed. It knows prices that exist and no payment intents, so it cannot stand in for the
//! sandbox; what it can say, we understand.

use crate::support::{served, tools};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tributary::config::{Config, Secret};
use tributary::edges::stripe::{Processor, signature};

const SECRET: &str = "whsec_another";

struct Emulator {
    child: Child,
    url: String,
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The emulator, if it is here: `TRIBUTARY_EMULATE` names its program, or it lies under `target`.
fn program() -> Option<PathBuf> {
    let named = std::env::var_os("TRIBUTARY_EMULATE").map(PathBuf::from);
    let under = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/npm/node_modules/emulate/dist/index.js");
    named.or(Some(under)).filter(|program| program.is_file())
}

async fn start(program: &PathBuf, hook: u16) -> Emulator {
    let folder = tempfile::tempdir().unwrap();
    let seed = folder.path().join("seed.json");
    let config = serde_json::json!({"stripe": {"webhooks": [
        {"url": format!("http://127.0.0.1:{hook}/hook"), "events": ["checkout.session.completed"], "secret": SECRET}]}});
    std::fs::write(&seed, config.to_string()).unwrap();
    let port = served::free_port();
    let child = Command::new("node")
        .arg(program)
        .args(["--service", "stripe", "--port", &port.to_string(), "--seed"])
        .arg(&seed)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let emulator = Emulator { child, url: format!("http://127.0.0.1:{port}") };
    let begun = std::time::Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        assert!(begun.elapsed() < Duration::from_secs(30), "the emulator does not start");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    emulator
}

/// One post to a door: its head, and its body as it came.
async fn posted(door: TcpListener) -> (String, Vec<u8>) {
    let (mut stream, _) = door.accept().await.unwrap();
    let mut all = Vec::new();
    loop {
        let mut part = [0; 4_096];
        let read = stream.read(&mut part).await.unwrap();
        all.extend_from_slice(&part[..read]);
        let Some(end) = all.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&all[..end]).to_ascii_lowercase();
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse::<usize>().unwrap();
        if all.len() >= end + 4 + length {
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
            return (head, all[end + 4..].to_vec());
        }
    }
}

/// Posts a form, answers the `id` of what was made.
async fn made(url: &str, what: &str, form: &str) -> String {
    let answer = reqwest::Client::new()
        .post(format!("{url}/v1/{what}"))
        .header("authorization", "Bearer sk_test_another")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.to_owned())
        .send()
        .await
        .unwrap();
    let answer: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    answer["id"].as_str().unwrap_or_else(|| panic!("{what}: {answer}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_at_anothers_emulator_is_understood() {
    let (Some(program), Some(_)) = (program(), tools::program("node")) else {
        tools::left_out("a checkout at another's emulator", "npm's emulate is not installed");
        return;
    };
    let door = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let emulator = start(&program, door.local_addr().unwrap().port()).await;
    let url = &emulator.url;
    let config =
        Config { stripe_key: Secret::new("sk_test_another"), stripe_url: format!("{url}/"), ..Config::default() };
    let processor = Processor::open(&config).unwrap().unwrap();
    let product = made(url, "products", "name=Gift").await;
    let price = made(url, "prices", &format!("product={product}&currency=cny&unit_amount=10000")).await;
    let form = format!(
        "mode=payment&success_url=http://127.0.0.1/back&line_items[0][price]={price}&line_items[0][quantity]=1"
    );
    let id = made(url, "checkout/sessions", &form).await;
    let open = processor.session(&id).await.unwrap();
    assert_eq!((open.status.as_deref(), open.payment_status.as_str()), (Some("open"), "unpaid"));
    assert!(open.url.unwrap().contains(&id), "the donor is sent to its page");
    let told = tokio::spawn(posted(door));
    let paid = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    paid.post(format!("{url}/checkout/{id}/complete")).send().await.unwrap();
    let done = processor.session(&id).await.unwrap();
    assert_eq!((done.status.as_deref(), done.payment_status.as_str()), (Some("complete"), "paid"));
    let (head, body) = tokio::time::timeout(Duration::from_secs(20), told).await.unwrap().unwrap();
    let mark = head.lines().find_map(|line| line.strip_prefix("stripe-signature: ")).unwrap();
    let now = chrono::Utc::now().timestamp();
    signature::verify(&[SECRET], mark, &body, now).unwrap();
    assert!(signature::verify(&["whsec_sandbox"], mark, &body, now).is_err());
    assert!(String::from_utf8(body).unwrap().contains(&id));
    tools::say("emulate: a session read open and paid, its webhook's mark believed");
}
