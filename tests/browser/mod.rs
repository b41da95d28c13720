//! The pages in a browser: both languages, both widths, with and without script.

pub mod crawl;
pub mod driver;

use crate::support::served::free_port;
use crate::support::{World, tools};
use crawl::{Reader, crawl};
use driver::{Browser, NARROW, WIDE, axe, serve};
use entities::kinds::Role;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use thirtyfour::By;
use thirtyfour::extensions::query::ElementQueryable;
use tributary::grants::needs::service::{self, Told};
use tributary::people::permission::Officer;

/// Pages that the frame links to and that have no room yet.
const COMING: [&str; 9] =
    ["/", "/funds", "/calls", "/projects", "/ledger", "/desk", "/organisations", "/data/ledger.journal", "/sign-in"];

/// A world with two needs: one listed with a consent asked, one just proposed.
async fn furnished() -> (World, Vec<(String, Option<String>)>) {
    let world = World::bare().await;
    let resident = world.person("resident", &[]).await;
    let officer = world.person("officer", &[Role::ProgrammeOfficer]).await;
    let by = world.acting(resident).await.signed_in().unwrap();
    let told = |zh: &str, en: &str| Told {
        title_zh: zh.into(),
        title_en: en.into(),
        summary_zh: "墙面凹凸不平，线缆松散。".into(),
        summary_en: "The surface is uneven and cables hang loose.".into(),
        community: "锦官新城社区".into(),
        area: "wuhou".into(),
        consents_required: true,
        ..Told::default()
    };
    let wall = service::propose(&by, told("航中街外墙", "The outer wall of Hangzhong Street")).await.unwrap();
    service::propose(&by, told("楼道照明", "Light in the stairways")).await.unwrap();
    let staff = world.role::<Officer>(officer).await;
    service::list(&staff, wall).await.unwrap();
    service::ask_owner(&staff, wall, "owner 1", None).await.unwrap();
    let mut readers = vec![("a visitor".to_owned(), None)];
    for (name, person) in [("a resident", resident), ("an officer", officer)] {
        readers.push((name.to_owned(), Some(world.session(person).await)));
    }
    (world, readers)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_page_fits_speaks_and_can_be_used() {
    let (world, readers) = furnished().await;
    let Some(narrow) = Browser::at(NARROW).await else { return };
    let wide = Browser::at(WIDE).await.unwrap();
    let (base, axe) = (serve(&world).await, axe());
    let (mut wrong, mut pages) = (Vec::new(), 0);
    for (name, token) in &readers {
        // Languages and widths by turns: each reader sees both of each.
        for (browser, locale) in [(&narrow, "zh-CN"), (&wide, "en")] {
            let reader = Reader { name, token: token.as_deref(), locale };
            let found = crawl(browser, &base, &reader, &["/needs"], axe.as_deref()).await;
            pages += found.pages.len();
            wrong.extend(found.wrong);
        }
    }
    tools::say(&format!("browser: {pages} pages looked at, axe {}", if axe.is_some() { "on" } else { "off" }));
    wrong.retain(|line| {
        !(line.contains("answers 404") && COMING.iter().any(|path| line.contains(&format!(" {path}: "))))
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(pages >= 12, "only {pages} pages were found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_need_is_proposed_and_listed_without_javascript() {
    let (world, readers) = furnished().await;
    let Some(browser) = Browser::without_javascript().await else { return };
    let base = serve(&world).await;
    browser.be(&base, readers[1].1.as_deref(), "en").await;
    let page = &browser.driver;
    page.goto(format!("{base}/needs/new")).await.unwrap();
    for (field, text) in [("title_en", "A bench"), ("community", "C"), ("area", "wuhou")] {
        page.query(By::Name(field)).first().await.unwrap().send_keys(text).await.unwrap();
    }
    page.query(By::Css("main form button")).first().await.unwrap().click().await.unwrap();
    let place = browser.arrives(|path| path.starts_with("/needs/") && path != "/needs/new").await;
    browser.be(&base, readers[2].1.as_deref(), "en").await;
    page.goto(format!("{base}{place}/list")).await.unwrap();
    browser.arrives(|path| path.ends_with("/list")).await;
    page.query(By::Css("main form button")).first().await.unwrap().click().await.unwrap();
    browser.arrives(|path| path == place).await;
}

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
