//! What cannot be read is said by the field, in the reader's language; nothing is written and nothing breaks.

use super::{BODY, House, whole};
use crate::books::ground::number;
use crate::support::World;
use rocket::http::{Cookie, Header, Method, Status};

/// Longer than any field.
const LONG: &str = "too long";

/// A form, a field of it, and what is written there.
const SLIPS: [(&str, &str, &str); 32] = [
    ("/needs", "community", LONG),
    ("/needs", "area", ""),
    ("/needs/1/add-part", "kind", "nonsense"),
    ("/needs/1/merge", "into", "abc"),
    ("/funds", "currency", "shells"),
    ("/funds", "opening_minimum", "-1"),
    ("/funds", "fee_bps", "99999"),
    ("/funds", "kind", "nonsense"),
    ("/funds", "organisation", "99999999999999999999999"),
    ("/funds/1/pools/new", "cap_total", "0"),
    ("/funds/1/pools/new", "ratio_bps", "many"),
    ("/funds/1/pools/new", "opens_on", "2026-13-40"),
    ("/funds/capital", "amount", "99999999999999999999"),
    ("/funds/capital", "amount", "1.234"),
    ("/funds/capital", "amount", "a thousand"),
    ("/funds/capital", "amount", "1,00,0"),
    ("/funds/capital", "received_on", ""),
    ("/funds/1/gifts/record", "amount", "-5"),
    ("/funds/1/gifts/record", "anonymity", "loud"),
    ("/funds/1/gifts/record", "bank_line", LONG),
    ("/funds/1/gifts/pledge", "due_on", "tomorrow"),
    ("/organisations", "legal_form", "nonsense"),
    ("/organisations/2/payees", "currency", "shells"),
    ("/organisations/2/record", "value", "x:y"),
    ("/organisations/2/relate", "related", "abc"),
    ("/admin/roles", "person", "-1"),
    ("/admin/policy", "value", "-1"),
    ("/admin/people/invite", "email", ""),
    ("/admin/people/1/end", "reason", LONG),
    ("/account/password", "old_password", ""),
    ("/calls", "closes_at", "soon"),
    ("/account/change", "employer", "abc"),
];

/// The texts by the field on a page.
fn by_the_field(page: &str, field: &str) -> Vec<String> {
    let mark = format!("<a href=\"#{field}\">");
    page.match_indices(&mark)
        .filter_map(|(at, _)| page[at + mark.len()..].split_once("</a>"))
        .map(|(text, _)| text.to_owned())
        .collect()
}

fn chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

async fn post(house: &House, path: &str, locale: &str, kind: &str, body: String) -> (Status, String) {
    let answer = house
        .client
        .req(Method::Post, path.to_owned())
        .header(Header::new("content-type", kind.to_owned()))
        .header(Header::new("sec-fetch-site", "same-origin"))
        .cookie(Cookie::new("tributary_session", house.sessions["all"].clone()))
        .cookie(Cookie::new("tributary_locale", locale.to_owned()))
        .body(body)
        .dispatch()
        .await;
    (answer.status(), answer.into_string().await.unwrap_or_default())
}

fn written(field: &str, value: &str) -> String {
    let value = if value == LONG { "x".repeat(30_000) } else { value.to_owned() };
    let others = BODY.iter().filter(|(name, _)| *name != field).map(|(name, value)| format!("{name}={value}"));
    others.chain([format!("{field}={value}")]).collect::<Vec<_>>().join("&")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_said_by_the_field_and_nothing_is_written() {
    let house = House::played(World::unfounded().await).await;
    let before = whole(&house.world).await;
    let mut wrong = Vec::new();
    let form = "application/x-www-form-urlencoded";
    for (path, field, value) in SLIPS {
        for locale in ["en", "zh-CN"] {
            let (status, page) = post(&house, path, locale, form, written(field, value)).await;
            let texts = by_the_field(&page, field);
            let readable = |text: &String| text.contains(' ') && !chinese(text);
            let spoken = if locale == "en" { texts.iter().any(readable) } else { texts.iter().any(|t| chinese(t)) };
            if status != Status::UnprocessableEntity || !spoken {
                wrong.push(format!("{path} with {field}={value:?} answered {status} {texts:?} in {locale}"));
            }
        }
    }
    // A file that is none of ours, and a save on top of somebody else's.
    let part =
        |name: &str, value: &str| format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let file = format!(
        "{}{}{}--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\ncontent-type: text/csv\r\n\r\n\u{0}\u{1}nonsense;;\r\n--x--\r\n",
        part("currency", "CNY"),
        part("received_on", "2026-10-29"),
        part("bank_line", "line-x"),
    );
    let draft = number(&house.world, "select min(id) from application where stage = 'draft'").await;
    for locale in ["en", "zh-CN"] {
        let (status, _) =
            post(&house, "/funds/1/gifts/import", locale, "multipart/form-data; boundary=x", file.clone()).await;
        if status != Status::UnprocessableEntity {
            wrong.push(format!("a malformed file answered {status} in {locale}"));
        }
        let path = format!("/applications/{draft}/edit");
        let (status, _) = post(&house, &path, locale, form, written("version", "99")).await;
        if !matches!(status.code, 409 | 422) {
            wrong.push(format!("a stale save of {path} answered {status} in {locale}"));
        }
    }
    if whole(&house.world).await != before {
        wrong.push("something was written".into());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
