//! A headless Chromium of this machine, driven over WebDriver.

use crate::support::World;
use crate::support::served::free_port;
use crate::support::tools;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use thirtyfour::extensions::query::ElementQueryable;
use thirtyfour::{
    By, CapabilitiesHelper, ChromiumLikeCapabilities, Cookie, DesiredCapabilities, WebDriver, WebElement,
};
use tributary::app;
use tributary::edges::Edges;

/// Width of a telephone, at which nothing may scroll sideways.
pub const NARROW: u32 = 390;
/// Width of a desk.
pub const WIDE: u32 = 1280;

/// A browser of its own: a fresh profile, one window.
pub struct Browser {
    pub driver: WebDriver,
    pub width: u32,
    port: u16,
    session: String,
    chromedriver: Child,
    _profile: TempDir,
}

/// Whether there is a browser on this machine; where there is none, a line says so.
pub fn is_here() -> bool {
    let here = tools::program("chromium").is_some() && tools::program("chromedriver").is_some();
    if !here {
        tools::left_out("the pages in a browser", "chromium and chromedriver are not installed");
    }
    here
}

impl Browser {
    /// A browser at a width; `None`, with a line that says so, where there is none.
    pub async fn at(width: u32) -> Option<Self> {
        Self::open(width, true).await
    }

    /// A browser that runs no script, as some people's does. At a desk's width: a telephone's taps hang without script.
    pub async fn without_javascript() -> Option<Self> {
        Self::open(WIDE, false).await
    }

    async fn open(width: u32, javascript: bool) -> Option<Self> {
        let (Some(chromium), Some(chromedriver)) = (tools::program("chromium"), tools::program("chromedriver")) else {
            tools::left_out("the pages in a browser", "chromium and chromedriver are not installed");
            return None;
        };
        let (port, profile) = (free_port(), tempfile::tempdir().unwrap());
        let child = Command::new(chromedriver)
            .arg(format!("--port={port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        answers(port).await;
        let capabilities = capabilities(&chromium, profile.path(), width, javascript);
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await.unwrap();
        let session = driver.session_id().to_string();
        Some(Self { driver, width, port, session, chromedriver: child, _profile: profile })
    }

    /// Signs in by the cookie of a session, in a language.
    pub async fn be(&self, base: &str, token: Option<&str>, locale: &str) {
        self.driver.goto(format!("{base}/up")).await.unwrap();
        self.driver.delete_all_cookies().await.unwrap();
        let mut cookies = vec![("tributary_locale", locale)];
        cookies.extend(token.map(|token| ("tributary_session", token)));
        for (name, value) in cookies {
            let mut cookie = Cookie::new(name, value);
            cookie.set_path("/");
            self.driver.add_cookie(cookie).await.unwrap();
        }
    }

    /// What a script answers. Scripts of the driver run whatever the page's policy says.
    pub async fn ask(&self, script: &str) -> Value {
        self.driver.execute(script, Vec::new()).await.unwrap().json().clone()
    }

    /// Waits until the address fits; answers its path. For a browser without script, which tells of no finished page.
    pub async fn arrives(&self, fits: impl Fn(&str) -> bool) -> String {
        let until = Instant::now() + Duration::from_secs(15);
        loop {
            let path = self.driver.current_url().await.unwrap().path().to_owned();
            if fits(&path) {
                return path;
            }
            assert!(Instant::now() < until, "stayed at {path}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Opens a page and waits until it is there.
    pub async fn open_page(&self, base: &str, path: &str) {
        self.driver.goto(format!("{base}{path}")).await.unwrap();
        self.arrives(|here| here == path.split('?').next().unwrap_or(path)).await;
    }

    /// The first element that fits, once it is there.
    async fn element(&self, css: &str) -> WebElement {
        let wait = self.driver.query(By::Css(css)).wait(Duration::from_secs(15), Duration::from_millis(50));
        wait.first().await.unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    /// Types into a field.
    pub async fn fill(&self, field: &str, text: &str) {
        self.element(&format!("[name='{field}']")).await.send_keys(text).await.unwrap();
    }

    /// Presses a button or follows a link.
    pub async fn press(&self, css: &str) {
        self.element(css).await.click().await.unwrap();
    }

    /// Whether an element is there now.
    pub async fn is_there(&self, css: &str) -> bool {
        self.driver.query(By::Css(css)).nowait().exists().await.unwrap()
    }

    /// Waits until an element is there.
    pub async fn sees(&self, css: &str) {
        self.element(css).await;
    }

    /// Gives the browser an order of its developer tools.
    pub async fn devtools(&self, order: &str, with: Value) {
        let url = format!("http://127.0.0.1:{}/session/{}/goog/cdp/execute", self.port, self.session);
        let body = json!({ "cmd": order, "params": with }).to_string();
        let asked = reqwest::Client::new().post(url).header("content-type", "application/json").body(body);
        assert!(asked.send().await.unwrap().status().is_success(), "{order}");
    }

    /// What the browser complained of since the last time.
    pub async fn complaints(&self) -> Vec<String> {
        let url = format!("http://127.0.0.1:{}/session/{}/se/log", self.port, self.session);
        let answer = reqwest::Client::new()
            .post(url)
            .header("content-type", "application/json")
            .body(json!({"type": "browser"}).to_string())
            .send()
            .await
            .unwrap();
        let told: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        let entries = told["value"].as_array().cloned().unwrap_or_default();
        entries
            .iter()
            .filter(|entry| entry["level"] == "SEVERE")
            .map(|entry| entry["message"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Kills the browser with its driver: nothing is said goodbye to.
    pub fn kill(&mut self) {
        let group = format!("-{}", self.chromedriver.id());
        Command::new("kill").args(["-9", "--", &group]).status().ok();
        self.chromedriver.wait().ok();
    }

    /// Presses keys wherever the keyboard is.
    pub async fn keys(&self, keys: impl Into<thirtyfour::TypingData>) {
        self.driver.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Goes on with the tabulator until the keyboard stands on an element that fits, as somebody does who has no mouse.
    pub async fn tab_to(&self, css: &str) {
        let there = format!("return document.activeElement !== null && document.activeElement.matches({css:?})");
        for _ in 0..200 {
            if self.ask(&there).await.as_bool() == Some(true) {
                return;
            }
            self.keys(thirtyfour::Key::Tab).await;
        }
        panic!("no keyboard reaches {css}");
    }

    /// A picture for the documentation, as much of the page as a reader looks at, under `docs/images`.
    pub async fn picture(&self, name: &str) {
        self.kept(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/images"), name, 1_400).await;
    }

    /// A picture for whoever wants to see with their own eyes what the tests see: with `TRIBUTARY_LOOK`, in that folder.
    pub async fn looked_at(&self, name: &str) {
        let Some(folder) = std::env::var_os("TRIBUTARY_LOOK").map(PathBuf::from) else { return };
        self.kept(&folder, &format!("{name}-{}", self.width), 3_000).await;
    }

    async fn kept(&self, folder: &Path, name: &str, tallest: u64) {
        let height = self.ask("return document.documentElement.scrollHeight").await.as_u64().unwrap_or(800);
        self.driver.set_window_rect(0, 0, self.width, u32::try_from(height.clamp(400, tallest)).unwrap()).await.ok();
        std::fs::create_dir_all(folder).unwrap();
        self.driver.screenshot(&folder.join(format!("{name}.png"))).await.unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser is asked to end before its driver is; a panic must not leave one behind.
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
            stream.set_read_timeout(Some(Duration::from_secs(5))).ok();
            let ask =
                format!("DELETE /session/{} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", self.session);
            stream.write_all(ask.as_bytes()).ok();
            stream.read_exact(&mut [0; 12]).ok();
        }
        self.chromedriver.kill().ok();
        self.chromedriver.wait().ok();
    }
}

fn capabilities(chromium: &Path, profile: &Path, width: u32, javascript: bool) -> thirtyfour::ChromeCapabilities {
    let mut capabilities = DesiredCapabilities::chrome();
    capabilities.set_binary(&chromium.display().to_string()).unwrap();
    for argument in [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--force-color-profile=srgb",
    ] {
        capabilities.add_arg(argument).unwrap();
    }
    capabilities.add_arg(&format!("--user-data-dir={}", profile.display())).unwrap();
    capabilities.add_arg(&format!("--window-size={},900", width.max(500))).unwrap();
    if width < 500 {
        // A window cannot be narrower than 500; a telephone can.
        let telephone = json!({"deviceMetrics": {"width": width, "height": 844, "pixelRatio": 1.0}});
        capabilities.add_experimental_option("mobileEmulation", telephone).unwrap();
    }
    if !javascript {
        let off = json!({"profile.managed_default_content_settings.javascript": 2});
        capabilities.add_experimental_option("prefs", off).unwrap();
        // The driver is not to wait for a finished page, of which it would learn by script.
        capabilities.set("pageLoadStrategy", "none").unwrap();
    }
    capabilities.set("goog:loggingPrefs", json!({"browser": "ALL"})).unwrap();
    capabilities
}

async fn answers(port: u16) {
    let until = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < until, "nobody answers at port {port}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Serves a world's pages on a port of its own; answers the address.
pub async fn serve(world: &World) -> String {
    let port = free_port();
    launch(&world.edges, port).await;
    format!("http://127.0.0.1:{port}")
}

/// Serves a house at a port that was chosen before it was opened: its own address names it.
pub async fn launch(edges: &Arc<Edges>, port: u16) {
    let rocket = app::server(edges.clone());
    let figment = rocket.figment().clone().merge(("port", port)).merge(("address", "127.0.0.1"));
    let rocket = rocket.configure(figment);
    tokio::spawn(async move { rocket.launch().await.map(|_| ()).map_err(|error| error.to_string()) });
    answers(port).await;
}

/// The rules of accessibility, if they are here: `TRIBUTARY_AXE`, or npm's copy under `target`.
pub fn axe() -> Option<String> {
    let named = std::env::var_os("TRIBUTARY_AXE").map(PathBuf::from);
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/npm/node_modules/axe-core/axe.min.js");
    let script = std::fs::read_to_string(named.unwrap_or(own)).ok();
    if script.is_none() {
        tools::left_out("the rules of accessibility", "axe-core is not installed");
    }
    script
}
