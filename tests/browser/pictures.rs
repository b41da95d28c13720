//! The pictures of the README, made by the project's own browser from the played demo.

use super::driver::{Browser, WIDE};
use crate::support::served::free_port;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use thirtyfour::By;
use thirtyfour::extensions::query::ElementQueryable;

/// The demo as a process of its own, gone with this.
struct Played {
    child: Child,
    _folder: TempDir,
}

impl Drop for Played {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The pictures of the README, from the played demo. Only on demand: a test run leaves the tree as it was.
#[tokio::test(flavor = "multi_thread")]
async fn pictures_for_the_readme() {
    if std::env::var_os("TRIBUTARY_PICTURES").is_none() {
        return;
    }
    let Some(browser) = Browser::at(WIDE).await else { return };
    let (folder, listen) = (tempfile::tempdir().unwrap(), format!("127.0.0.1:{}", free_port()));
    let mut demo = Command::new(env!("CARGO_BIN_EXE_tributary"));
    demo.args(["demo", "--listen", &listen, "--data"]).arg(folder.path());
    let child = demo.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let (_played, base) = (Played { child, _folder: folder }, format!("http://{listen}"));
    let until = Instant::now() + Duration::from_secs(120);
    while reqwest::get(format!("{base}/up")).await.is_err() {
        assert!(Instant::now() < until, "the demo was not played");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    browser.be(&base, None, "en").await;
    browser.driver.goto(format!("{base}/funds/1")).await.unwrap();
    browser.picture("fund").await;
    browser.driver.goto(format!("{base}/demo")).await.unwrap();
    let officer = By::XPath("//form[input[@name='role' and @value='officer-a']]/button");
    browser.driver.query(officer).first().await.unwrap().click().await.unwrap();
    browser.arrives(|path| path == "/desk").await;
    browser.picture("desk").await;
}
