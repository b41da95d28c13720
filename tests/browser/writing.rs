//! From the page of a call to a submitted application, on a telephone, in Chinese, by the keyboard alone; and a browser that dies
//! half-way loses nothing.

use super::driver::{Browser, NARROW, is_here, serve};
use crate::rooms::calls::{drafted, fund, questions};
use crate::support::{World, nine};
use entities::kinds::{ApplicationStage, CallKind, LegalForm, MemberRole, Role};
use std::time::{Duration, Instant};
use thirtyfour::Key;
use tributary::grants::applications::service as applications;
use tributary::grants::calls::service as calls;
use tributary::people::organisations::{Profile, save_profile};
use tributary::people::permission::Officer;

/// Fields that a micro-round may ask beyond what an organisation told once.
const FIELDS: u64 = 12;

/// Waits until a script answers yes.
async fn comes(browser: &Browser, script: &str) {
    let until = Instant::now() + Duration::from_secs(15);
    while browser.ask(script).await.as_bool() != Some(true) {
        assert!(Instant::now() < until, "never: {script}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Types into the field that the tabulator reaches.
async fn types(browser: &Browser, field: &str, text: &str) {
    browser.tab_to(&format!("[name='{field}']")).await;
    browser.keys(text).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_micro_round_is_answered_by_keyboard_on_a_telephone_and_a_dead_browser_loses_nothing() {
    if !is_here() {
        return;
    }
    let world = World::bare().await;
    let a = world.person("officer-a", &[Role::ProgrammeOfficer]).await;
    let b = world.person("officer-b", &[Role::ProgrammeOfficer]).await;
    let (a, b) = (world.role::<Officer>(a).await, world.role::<Officer>(b).await);
    let form = calls::form_version(&a, "micro", questions()).await.unwrap();
    let micro = calls::Drafted { kind: CallKind::Micro, ..drafted(fund(&world).await, form) };
    let call = calls::draft(&a, micro).await.unwrap();
    calls::check(&b, call).await.unwrap();
    world.at(nine(2026, 1, 7)).await;
    let organisation =
        world.organisation("社区服务中心", LegalForm::SocialServiceBody, Some("52999999TE00000459")).await;
    let person = world.person("signatory", &[]).await;
    world.member(person, organisation, MemberRole::Signatory).await;
    let editor = world.acting(person).await.editor_of(organisation).unwrap();
    save_profile(&editor, Profile { team: "三位瓦工".into(), ..Profile::default() }).await.unwrap();
    let (base, token) = (serve(&world).await, world.session(person).await);

    let mut browser = Browser::at(NARROW).await.unwrap();
    browser.be(&base, Some(&token), "zh-CN").await;
    browser.open_page(&base, &format!("/calls/{call}")).await;
    browser.tab_to(&format!("a[href^='/calls/{call}/apply']")).await;
    browser.keys(Key::Enter).await;
    comes(&browser, "return document.querySelector('[name=title]') !== null").await;
    types(&browser, "title", "航中街外墙").await;
    browser.tab_to("main button[type=submit]").await;
    browser.keys(Key::Enter).await;
    comes(&browser, "return document.getElementById('writing') !== null").await;

    // What few need is folded; what stands open and is empty is what is asked.
    let asked = "return [...document.querySelectorAll('#writing input:not([type=hidden]), #writing textarea, #writing select')]\
        .filter(f => f.closest('details') === null && f.value === '' || f.tagName === 'SELECT' && f.closest('details') === null).length";
    let asked = browser.ask(asked).await.as_u64().unwrap();
    assert!(asked > 0 && asked <= FIELDS, "{asked} fields");
    assert_eq!(browser.ask("return document.querySelector('[name=team]').value.trim()").await, "三位瓦工");
    types(&browser, "summary", "八十三米外墙，先修墙面，再由居民作画。").await;
    comes(&browser, "return document.getElementById('keeping').textContent !== ''").await;
    browser.kill();
    drop(browser);

    let browser = Browser::at(NARROW).await.unwrap();
    browser.be(&base, Some(&token), "zh-CN").await;
    browser.open_page(&base, "/applications/1/edit").await;
    let kept = browser.ask("return document.querySelector('[name=summary]').value.trim()").await;
    assert_eq!(kept, "八十三米外墙，先修墙面，再由居民作画。", "what was typed is there again");
    types(&browser, "site", "航中街").await;
    types(&browser, "answers.upkeep", "每月巡查").await;
    types(&browser, "lines.0.label", "墙面，每米").await;
    types(&browser, "lines.0.quantity", "83").await;
    types(&browser, "lines.0.unit", "1000").await;
    browser.tab_to("button[value='hand-over']").await;
    browser.keys(Key::Enter).await;
    browser.arrives(|path| path == "/applications/1").await;
    browser.tab_to("a[href='/applications/1/submit']").await;
    browser.keys(Key::Enter).await;
    browser.arrives(|path| path == "/applications/1/submit").await;
    browser.tab_to("main button[type=submit]").await;
    browser.keys(Key::Enter).await;
    browser.arrives(|path| path == "/applications/1").await;
    let row = applications::load(world.edges.db.read(), 1.into()).await.unwrap();
    assert_eq!((row.stage, row.ask_minor), (ApplicationStage::Submitted, 8_300_000));
    assert_eq!((row.summary.as_str(), row.team.as_str()), ("八十三米外墙，先修墙面，再由居民作画。", "三位瓦工"));
    let wide = browser.ask("return document.documentElement.scrollWidth").await.as_u64().unwrap();
    assert!(wide <= u64::from(NARROW), "{wide} wide");
}
