//! Every kind of page once, as somebody sees it: it answers, fits, speaks, and can be used by everybody.

use super::driver::{Browser, NARROW};
use serde_json::Value;
use std::collections::{BTreeSet, VecDeque};

/// Pages looked at for one reader at most.
const PAGES: usize = 250;

/// Who reads.
#[derive(Debug, Clone)]
pub struct Reader {
    /// For messages.
    pub name: String,
    /// Cookie of their session, none for a visitor.
    pub token: Option<String>,
}

/// A browser and the language it is used in: `en` or `zh-CN`.
pub type Eye<'a> = (&'a Browser, &'static str);

/// What a crawl found.
#[derive(Debug, Default)]
pub struct Found {
    /// Addresses looked at.
    pub pages: Vec<String>,
    /// What is wrong, each with its address.
    pub wrong: Vec<String>,
}

/// Follows the links of the house from `starts`, each pattern of address once, by turns in each of the browsers, and says what
/// is wrong.
pub async fn crawl(eyes: &[Eye<'_>], base: &str, reader: &Reader, starts: &[&str], axe: Option<&str>) -> Found {
    for (browser, locale) in eyes {
        browser.be(base, reader.token.as_deref(), locale).await;
        browser.complaints().await;
    }
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let mut found = Found::default();
    let mut known: BTreeSet<String> = starts.iter().map(|start| pattern(start)).collect();
    let mut waiting: VecDeque<(String, String)> =
        starts.iter().map(|start| ((*start).to_owned(), "the start".to_owned())).collect();
    while let Some((path, from)) = waiting.pop_front() {
        let (browser, locale) = eyes[found.pages.len() % eyes.len()];
        found.pages.push(path.clone());
        let wrong = |what: String| format!("{} {locale} at {}: {path}: {what}", reader.name, browser.width);
        if found.pages.len() > PAGES {
            found.wrong.push(wrong("there is no end of pages".to_owned()));
            break;
        }
        let (status, html) = answer(&client, base, &path, reader.token.as_deref(), locale).await;
        if status >= 400 {
            found.wrong.push(wrong(format!("answers {status}, linked from {from}")));
            continue;
        }
        if !html {
            continue;
        }
        browser.driver.goto(format!("{base}{path}")).await.unwrap();
        found.wrong.extend(look(browser, base, axe).await.into_iter().map(wrong));
        browser.looked_at(&format!("{}{}-{locale}", reader.name, path.replace(['/', '?', '&', '='], "_"))).await;
        for link in links(browser, base).await {
            if known.insert(pattern(&link)) {
                waiting.push_back((link, path.clone()));
            }
        }
    }
    found
}

/// An address with every number replaced and of its query the names alone: one kind of page.
fn pattern(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let parts = path.split('/').map(|part| {
        let numbered = part.chars().any(|c| c.is_ascii_digit());
        if numbered { "#" } else { part }
    });
    let names = query.split('&').map(|pair| pair.split('=').next().unwrap_or(pair));
    let names: BTreeSet<&str> = names.filter(|name| !name.is_empty()).collect();
    let mut pattern = parts.collect::<Vec<_>>().join("/");
    for name in names {
        pattern.push_str(&format!("?{name}"));
    }
    pattern
}

async fn answer(client: &reqwest::Client, base: &str, path: &str, token: Option<&str>, locale: &str) -> (u16, bool) {
    let mut cookies = format!("tributary_locale={locale}");
    if let Some(token) = token {
        cookies.push_str(&format!("; tributary_session={token}"));
    }
    let answer = client.get(format!("{base}{path}")).header("cookie", cookies).send().await.unwrap();
    let html = answer
        .headers()
        .get("content-type")
        .is_some_and(|kind| kind.to_str().is_ok_and(|kind| kind.starts_with("text/html")));
    (answer.status().as_u16(), html)
}

async fn links(browser: &Browser, base: &str) -> Vec<String> {
    let hrefs = browser.ask("return Array.from(document.querySelectorAll('a[href]')).map(a => a.href)").await;
    hrefs
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|href| {
            href.as_str()?.strip_prefix(base).map(|path| path.split('#').next().unwrap_or("").to_owned())
        })
        .filter(|path| path.starts_with('/') && !path.starts_with("/static/"))
        .collect()
}

/// What is wrong with the page that is open.
async fn look(browser: &Browser, base: &str, axe: Option<&str>) -> Vec<String> {
    let mut wrong: Vec<String> =
        browser.complaints().await.into_iter().map(|text| format!("the browser complains: {text}")).collect();
    let text = browser.ask("return document.title + '\\n' + document.body.innerText").await;
    wrong.extend(raw_keys(text.as_str().unwrap_or_default()).into_iter().map(|key| format!("shows the key {key}")));
    if browser.width == NARROW {
        let over = browser
            .ask("const e = document.documentElement; return e.scrollWidth - e.clientWidth")
            .await
            .as_i64()
            .unwrap_or(0);
        if over > 0 {
            wrong.push(format!("scrolls sideways by {over}: {}", widest(browser).await));
        }
    }
    let abroad = browser.ask("return performance.getEntriesByType('resource').map(r => r.name)").await;
    for name in abroad.as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !name.starts_with(base) && !name.starts_with("data:") {
            wrong.push(format!("asks another house for {name}"));
        }
    }
    if let Some(axe) = axe {
        wrong.extend(inaccessible(browser, axe).await);
    }
    wrong
}

/// The element that reaches furthest to the right.
async fn widest(browser: &Browser) -> String {
    let script = "let w = null, m = 0; for (const e of document.querySelectorAll('body *')) { const r = e.getBoundingClientRect().right; \
        if (r > m) { m = r; w = e; } } return w ? w.outerHTML.slice(0, 160) : ''";
    browser.ask(script).await.as_str().unwrap_or_default().to_owned()
}

async fn inaccessible(browser: &Browser, axe: &str) -> Vec<String> {
    browser.driver.execute(axe, Vec::new()).await.unwrap();
    let script = "const done = arguments[arguments.length - 1]; axe.run(document, {resultTypes: ['violations']}).then(r => \
        done(r.violations.filter(v => v.impact === 'serious' || v.impact === 'critical').map(v => v.id + ': ' + v.nodes[0].html.slice(0, 200))), \
        e => done(['axe: ' + e]))";
    let told = browser.driver.execute_async(script, Vec::new()).await.unwrap();
    told.json().as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Keys of texts that nobody wrote: the page shows the key itself.
pub fn raw_keys(text: &str) -> Vec<String> {
    const FAMILIES: [&str; 13] = [
        "act-",
        "field-",
        "head-",
        "stage-",
        "staff-",
        "did-",
        "refused-",
        "forbidden-",
        "notice-",
        "mail-",
        "error-",
        "pager-",
        "subject-",
    ];
    let words = text.split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
    words
        .filter(|word| FAMILIES.iter().any(|family| word.len() > family.len() + 1 && word.starts_with(family)))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_key_in_a_page_is_found_and_plain_words_are_not() {
    assert_eq!(raw_keys("Saved. notice-need-proposed (did-need-list)"), ["notice-need-proposed", "did-need-list"]);
    assert!(raw_keys("A well-known stage, co-building; headline act").is_empty());
    assert_eq!(pattern("/needs/12/parts/3/claim?x=1"), "/needs/#/parts/#/claim?x");
}
