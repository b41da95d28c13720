//! The pages in a browser: both languages, both widths, with and without script.

mod closing;
pub mod crawl;
pub mod driver;
mod keys;
mod passkeys;
mod pictures;
mod pitching;
mod writing;

use crate::books::ground::number;
use crate::journeys::forms;
use crate::journeys::house::House;
use crate::support::{World, tools};
use crawl::{Eye, Found, Reader, crawl};
use driver::{Browser, NARROW, WIDE, axe, serve};
use entities::kinds::Locale;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Instant;
use tributary::demo;
use tributary::people::codes;

/// Where everybody begins; whoever is signed in begins at the desk and the account too.
const STARTS: [&str; 4] = ["/", "/desk", "/account", "/admin"];

/// Of several who play one part, the ones who are left out: they see what the others see.
const ALIKE: [&str; 14] = [
    "administrator-b",
    "officer-b",
    "approver-b",
    "reviewer-2",
    "reviewer-3",
    "reviewer-4",
    "committee-2",
    "so2-editor",
    "so3-signatory",
    "enterprise-signatory",
    "owner8-signatory",
    "owner5-signatory",
    "owner9-signatory",
    "founder-signatory",
];

/// The world at the end of the play, and a session of everybody in it by the name of their part.
async fn played() -> (World, Vec<(String, String)>) {
    let world = World::unfounded().await;
    let stage = demo::found(world.edges.clone(), Locale::ZhCn).await.unwrap();
    let (stage, _) = demo::play(stage).await.unwrap();
    let mut cast = Vec::new();
    for member in stage.cast() {
        cast.push((member.role, world.session(member.person).await));
    }
    (world, cast)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_page_fits_speaks_and_can_be_used() {
    let begun = Instant::now();
    if !driver::is_here() {
        return;
    }
    let (world, cast) = played().await;
    let (base, axe) = (serve(&world).await, axe());
    let mut readers = vec![Reader { name: "a visitor".to_owned(), token: None }];
    let parts = cast.into_iter().filter(|(part, _)| !ALIKE.contains(&part.as_str()));
    readers.extend(parts.map(|(name, token)| Reader { name, token: Some(token) }));
    // Two walk at once: a browser draws on one core while the house answers on another.
    let left = Mutex::new(readers.into_iter().enumerate().collect());
    let (one, other) = tokio::join!(walk(&base, axe.as_deref(), &left), walk(&base, axe.as_deref(), &left));
    let wrong: Vec<String> = one.wrong.into_iter().chain(other.wrong).collect();
    let pages = one.pages.len() + other.pages.len();
    tools::say(&format!(
        "browser: {pages} pages looked at in {} s, axe {}",
        begun.elapsed().as_secs(),
        if axe.is_some() { "on" } else { "off" }
    ));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(pages >= 300, "only {pages} pages were found");
}

/// Takes readers as long as there are any. A telephone and a desk by turns; who reads Chinese at the telephone changes from
/// reader to reader, so that every part is seen at both widths and in both languages.
async fn walk(base: &str, axe: Option<&str>, left: &Mutex<VecDeque<(usize, Reader)>>) -> Found {
    let (narrow, wide) = (Browser::at(NARROW).await.unwrap(), Browser::at(WIDE).await.unwrap());
    let mut all = Found::default();
    loop {
        let next = left.lock().unwrap().pop_front();
        let Some((number, reader)) = next else { return all };
        let locales = if number % 2 == 0 { ["zh-CN", "en"] } else { ["en", "zh-CN"] };
        let eyes: [Eye<'_>; 2] = [(&narrow, locales[0]), (&wide, locales[1])];
        let starts = match (reader.token.is_some(), reader.name.starts_with("administrator")) {
            (false, _) => &STARTS[..1],
            (true, false) => &STARTS[..3],
            (true, true) => &STARTS[..],
        };
        let found = crawl(&eyes, base, &reader, starts, axe).await;
        all.pages.extend(found.pages);
        all.wrong.extend(found.wrong);
    }
}

/// Signs in by the door's two forms: the password, then what the authenticator shows.
async fn signs_in(browser: &Browser, base: &str, house: &House, part: &str) {
    browser.open_page(base, "/sign-in").await;
    browser.fill("email", &format!("{part}@tributary.example")).await;
    browser.fill("password", demo::PASSWORD).await;
    browser.press("main form button").await;
    browser.arrives(|path| path == "/sign-in/code").await;
    let code = codes::shown_now(&house.world().edges, house.stage.person(part).unwrap()).await.unwrap();
    browser.fill("code", &code).await;
    browser.press("main form button").await;
    browser.arrives(|path| path == "/desk").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_and_the_doors_work_without_javascript() {
    if !driver::is_here() {
        return;
    }
    let (house, notice) = forms::up_to_the_notice(World::unfounded().await).await;
    house.at(4, 23, 10).await;
    let gift = forms::one_more_gift(&house).await;
    let Some(browser) = Browser::without_javascript().await else { return };
    let base = serve(house.world()).await;
    browser.be(&base, None, "en").await;
    signs_in(&browser, &base, &house, "approver-a").await;
    // From the desk to the receipt that waits, and its approval.
    browser.press(&format!("main a[href='{gift}']")).await;
    browser.arrives(|path| path == gift).await;
    browser.press(&format!("main a[href='{gift}/receive']")).await;
    browser.arrives(|path| path.ends_with("/receive")).await;
    browser.press("main form button").await;
    browser.arrives(|path| path == gift).await;
    browser.sees(".notice").await;
    // The other language, and out.
    let other = if browser.is_there("html[lang='en']").await { "zh-CN" } else { "en" };
    browser.press("form[action='/language'] button").await;
    browser.sees(&format!("html[lang='{other}']")).await;
    browser.press("form[action='/session/end'] button").await;
    browser.arrives(|path| path == "/").await;
    browser.sees("a[href^='/sign-in']").await;
    // Somebody who is not signed in objects to a notice.
    browser.open_page(&base, &notice).await;
    browser.press("main a[href$='/object']").await;
    browser.arrives(|path| path.ends_with("/object")).await;
    browser.fill("ground", "A way past the scaffold for walkers is missing.").await;
    browser.fill("contact", "resident@tributary.example").await;
    browser.press("main form button").await;
    browser.arrives(|path| path == notice).await;
    browser.sees(".notice").await;
    let objections = number(house.world(), "select count(*) from objection").await;
    assert_eq!(objections, 1);
}
