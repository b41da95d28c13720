//! Forms: built by officers on pages, kept by calls in the version they began with, brought in with every fault at its place; and
//! the browser is told exactly what the server judges by.

use crate::rooms::calls::{drafted, fund};
use crate::rooms::giving::Reader as Browser;
use crate::support::{World, both, nine};
use entities::kinds::{FormId, FormVersionId, Locale, Role};
use entities::{form, form_version, person};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rocket::http::Status;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use std::collections::BTreeMap;
use tributary::core::answers::{FormDefinition, export};
use tributary::grants::calls::service as calls;
use tributary::grants::forms::service;
use tributary::people::permission::{As, Officer};

/// An officer's browser, and the officer.
async fn officer(world: &World, name: &str) -> (Browser, As<Officer>) {
    let person = world.person(name, &[Role::ProgrammeOfficer]).await;
    (Browser::of(world, person).await, world.role::<Officer>(person).await)
}

async fn the_form(world: &World) -> FormId {
    let row = form::Entity::find().order_by_desc(form::Column::Id).one(world.edges.db.read()).await.unwrap();
    row.unwrap().id
}

async fn definition(world: &World, id: FormId) -> (FormDefinition, i32) {
    let (_, definition, version) = service::load(world.edges.db.read(), id).await.unwrap();
    (definition, version)
}

async fn versions(world: &World, id: FormId) -> Vec<FormVersionId> {
    let rows = form_version::Entity::find().filter(form_version::Column::FormId.eq(id));
    let rows = rows.order_by_asc(form_version::Column::Version).all(world.edges.db.read()).await.unwrap();
    rows.into_iter().map(|row| row.id).collect()
}

fn typed(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

/// Posts a step of the builder with the version it was drawn with; it must be taken.
async fn step(world: &World, browser: &Browser, id: FormId, path: &str, fields: &[(&str, &str)]) {
    let version = definition(world, id).await.1;
    let mut body = format!("version={version}");
    for (name, value) in fields {
        body.push_str(&format!("&{name}={}", typed(value)));
    }
    let (status, page) = browser.post(&format!("/forms/{id}/{path}"), &body).await;
    assert_eq!(status, Status::SeeOther, "{path} {fields:?}: {page}");
}

both! {
async fn a_form_is_built_on_pages_and_a_call_keeps_its_version(world: World) {
    let (browser, by) = officer(&world, "officer-a").await;
    let (_, second) = officer(&world, "officer-b").await;
    let (status, _) = browser.post("/forms", "name=Micro&purpose=application").await;
    assert_eq!(status, Status::SeeOther);
    let id = the_form(&world).await;
    let words = |zh: &'static str, en: &'static str| [("label_zh", zh), ("label_en", en)];

    step(&world, &browser, id, "sections/new", &[("title_zh", "项目"), ("title_en", "Project")]).await;
    step(&world, &browser, id, "sections/new", &[("title_zh", "预算"), ("title_en", "Money")]).await;
    let mut asked = vec![("section", "project"), ("kind", "choice"), ("options.0.zh", "是"), ("options.0.en", "Yes"),
        ("options.1.zh", "否"), ("options.1.en", "No"), ("required", "true")];
    asked.extend(words("有承接单位吗？", "Is there a host?"));
    step(&world, &browser, id, "questions/new", &asked).await;
    let mut asked = vec![("section", "project"), ("kind", "text"), ("max", "20"), ("required", "true"),
        ("show_if", "is-there-a-host=yes")];
    asked.extend(words("承接单位", "Which host?"));
    step(&world, &browser, id, "questions/new", &asked).await;
    let mut asked = vec![("section", "money"), ("kind", "table"), ("max_rows", "3"), ("columns.0.zh", "用途"),
        ("columns.0.en", "What"), ("columns.0.type", "text"), ("columns.0.required", "true"), ("columns.1.zh", "金额"),
        ("columns.1.en", "How much"), ("columns.1.type", "money")];
    asked.extend(words("支出", "Spending"));
    step(&world, &browser, id, "questions/new", &asked).await;
    step(&world, &browser, id, "move", &[("what", "section"), ("item", "money"), ("way", "up")]).await;

    // The condition's choice neither goes away nor behind what depends on it, and the page says so.
    let version = definition(&world, id).await.1;
    let body = format!("version={version}&what=question&item=is-there-a-host");
    let (status, page) = browser.post(&format!("/forms/{id}/remove"), &body).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(page.contains("A condition points to no earlier choice."), "{page}");
    // A page that was drawn before the last save changes nothing.
    let (status, _) = browser.post(&format!("/forms/{id}/move"), "version=1&what=section&item=money&way=down").await;
    assert_eq!(status, Status::Conflict);

    let (form, _) = definition(&world, id).await;
    assert_eq!(form.sections.iter().map(|section| section.id.as_str()).collect::<Vec<_>>(), ["money", "project"]);
    let (_, preview) = browser.get(&format!("/forms/{id}/preview")).await;
    assert!(preview.contains("Only if “Is there a host” is answered with “Yes”."), "{preview}");
    let path = format!("/forms/{id}/preview");
    assert_eq!(browser.post(&path, "answers.is-there-a-host=no").await.0, Status::Ok);
    assert_eq!(browser.post(&path, "answers.is-there-a-host=yes").await.0, Status::UnprocessableEntity);
    assert_eq!(browser.post(&path, "answers.is-there-a-host=yes&answers.which-host=SO").await.0, Status::Ok);

    step(&world, &browser, id, "publish", &[]).await;
    let first = versions(&world, id).await[0];
    let (status, _) = browser.post(&format!("/forms/{id}/publish"), &format!("version={}", definition(&world, id).await.1)).await;
    assert_eq!(status, Status::UnprocessableEntity, "nothing changed since");

    let call = calls::draft(&by, drafted(fund(&world).await, first)).await.unwrap();
    calls::check(&second, call).await.unwrap();
    world.at(nine(2026, 1, 7)).await;
    step(&world, &browser, id, "remove", &[("what", "question"), ("item", "which-host")]).await;
    step(&world, &browser, id, "publish", &[]).await;
    assert_eq!(versions(&world, id).await.len(), 2);
    let row = calls::load(world.edges.db.read(), call).await.unwrap();
    assert_eq!(row.form_version_id, first, "an open call keeps the version it was drafted with");
    let kept = service::version(world.edges.db.read(), id, 1).await.unwrap();
    assert_eq!(kept.sections[1].questions.len(), 2);
    let (_, page) = browser.get("/calls/new").await;
    assert!(page.contains("Micro 2"), "the next call is offered the new version");
    let (status, page) = browser.get(&format!("/forms/{id}")).await;
    assert_eq!(status, Status::Ok);
    assert!(page.contains("kept by one call"));
}

async fn a_file_comes_back_the_same_and_its_faults_have_places(world: World) {
    let (browser, by) = officer(&world, "officer-a").await;
    browser.post("/forms", "name=Micro&purpose=application").await;
    let id = the_form(&world).await;
    let wanted = crate::rooms::calls::questions();
    step(&world, &browser, id, "import", &[("definition", &export(&wanted))]).await;
    let (_, bytes) = browser.bytes(&format!("/forms/{id}/export")).await;
    assert_eq!(String::from_utf8(bytes).unwrap(), export(&wanted));

    let mut wrong = serde_json::to_value(&wanted).unwrap();
    wrong["sections"][0]["questions"][0]["kind"]["max"] = json!("many");
    wrong["sections"][0]["title"]["zh"] = json!(7);
    let version = definition(&world, id).await.1;
    let post = |text: String| format!("version={version}&definition={}", typed(&text));
    let path = format!("/forms/{id}/import");
    let (status, page) = browser.post(&path, &post(wrong.to_string())).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(page.contains("At /sections/0/questions/0/kind/max: A whole number belongs here."), "{page}");
    assert!(page.contains("At /sections/0/title/zh: A text belongs here."), "{page}");
    let (_, page) = browser.post(&path, &post("{\"version\": ".into())).await;
    assert!(page.contains("line 1, character 11"), "{page}");
    assert_eq!(definition(&world, id).await, (wanted, version), "nothing of a wrong file is kept");

    let reader = person::ActiveModel { id: Set(by.person().unwrap()), locale: Set(Locale::ZhCn), ..Default::default() };
    let reader = &reader;
    let done = world.edges.db.write(|tx| async move { Ok(person::Entity::update(reader.clone()).exec(&tx).await?) });
    done.await.unwrap();
    let (_, page) = browser.post(&path, &post(wrong.to_string())).await;
    assert!(page.contains("/sections/0/title/zh：此处应为文字。"), "{page}");
}

/// The page is asked as a browser is: whatever its controls accept the server accepts, and what they refuse it refuses.
async fn the_browser_is_told_what_the_server_judges_by(world: World) {
    let (browser, by) = officer(&world, "officer-a").await;
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let (mut accepted, mut refused) = (0, 0);
    for round in 0..12 {
        let fields = prop::collection::vec((0..5_u8, any::<bool>(), 1..12_i64), 4..7).new_tree(&mut runner).unwrap().current();
        let form = asking(&fields);
        service::form_version(&by, &format!("round {round}"), form).await.unwrap();
        let id = the_form(&world).await;
        let (_, page) = browser.get(&format!("/forms/{id}/preview")).await;
        let controls = controls(&page);
        assert_eq!(controls.len(), fields.len(), "{page}");
        for _ in 0..25 {
            let picks = prop::collection::vec(any::<prop::sample::Index>(), fields.len()).new_tree(&mut runner).unwrap().current();
            let mut body = String::new();
            let mut ok = true;
            for (control, pick) in controls.values().zip(picks) {
                let value = candidates(control)[pick.index(candidates(control).len())].clone();
                ok &= takes(control, &value);
                body.push_str(&format!("&{}={}", control["name"], typed(&value.replace('\n', "\r\n"))));
            }
            let (status, page) = browser.post(&format!("/forms/{id}/preview"), &body).await;
            assert_eq!(status, if ok { Status::Ok } else { Status::UnprocessableEntity }, "{controls:?} {body} {page}");
            if ok { accepted += 1 } else { refused += 1 }
        }
    }
    assert!(accepted > 20 && refused > 20, "{accepted} accepted, {refused} refused");
}
}

/// A form of questions that a control can say everything about.
fn asking(fields: &[(u8, bool, i64)]) -> FormDefinition {
    let words = json!({"en": "Words", "zh": "文字"});
    let question = |(n, (kind, required, limit)): (usize, &(u8, bool, i64))| {
        let kind = match kind {
            0 => json!({"type": "text", "max": limit}),
            1 => json!({"type": "long-text", "max": limit}),
            2 => json!({"type": "number", "min": -limit, "max": limit}),
            3 => json!({"type": "money"}),
            _ => json!({"type": "date", "from_today": limit % 2 == 0}),
        };
        json!({"id": format!("q{n}"), "label": words, "kind": kind, "required": required})
    };
    let questions: Vec<_> = fields.iter().enumerate().map(question).collect();
    let section = json!({"id": "s", "title": words, "questions": questions});
    serde_json::from_value(json!({"version": 1, "sections": [section]})).unwrap()
}

/// Attributes of the controls named `answers.…`, in their order on the page.
fn controls(page: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for (at, tag) in page.match_indices("<input").chain(page.match_indices("<textarea")) {
        let rest = &page[at + tag.len()..];
        let mut control = BTreeMap::from([("tag".to_owned(), tag.trim_start_matches('<').to_owned())]);
        let mut text = rest[..rest.find('>').unwrap()].trim();
        while !text.is_empty() {
            let end = text.find(['=', ' ']).unwrap_or(text.len());
            let (name, after) = text.split_at(end);
            let (value, after) = match after.strip_prefix("=\"") {
                Some(quoted) => quoted.split_once('"').unwrap(),
                None => ("", after),
            };
            let plain = value.replace("&#x2F;", "/").replace("&amp;", "&");
            control.insert(name.to_owned(), plain);
            text = after.trim_start();
        }
        if let Some(name) = control.get("name").filter(|name| name.starts_with("answers.")) {
            found.insert(name.clone(), control);
        }
    }
    found
}

/// What somebody may type into a control: around its limits, and beside the point.
fn candidates(control: &BTreeMap<String, String>) -> Vec<String> {
    let number = |name: &str| control[name].parse::<i64>().unwrap();
    match control.get("type").map(String::as_str) {
        Some("number") => {
            let mut texts: Vec<String> = [number("min") - 1, number("min"), 0, number("max"), number("max") + 1]
                .iter()
                .map(ToString::to_string)
                .collect();
            texts.extend(["", "1.0", "1e0", "0.5", "-0"].map(str::to_owned));
            texts
        }
        Some("date") => {
            ["", "2026-01-05", "2026-01-04", "2027-12-31", "0001-01-01", "9999-12-31"].map(str::to_owned).to_vec()
        }
        _ if control.get("inputmode").is_some_and(|mode| mode == "decimal") => [
            "",
            "0",
            "12",
            "12.5",
            "12.55",
            "12.555",
            "1,200",
            "12,00",
            "9999999999999.99",
            "10000000000000",
            "10000000000000.01",
            "1e3",
            "-1",
            "007",
        ]
        .map(str::to_owned)
        .to_vec(),
        _ => {
            let most = usize::try_from(number("maxlength")).unwrap();
            let mut texts = vec![
                String::new(),
                "字".repeat(most),
                "字".repeat(most + 1),
                "🪨".repeat(most / 2),
                "🪨".repeat(most / 2 + 1),
            ];
            if control["tag"] == "textarea" {
                // A browser counts an end of a line as one and sends it as two.
                texts.push(format!("a{}b", "\n".repeat(most.saturating_sub(2))));
            } else {
                texts.push("  ".to_owned());
            }
            texts
        }
    }
}

/// Whether a browser would send this value, by the rules of HTML for its attributes.
fn takes(control: &BTreeMap<String, String>, value: &str) -> bool {
    if value.is_empty() {
        return !control.contains_key("required");
    }
    let within = |length: usize| control.get("maxlength").is_none_or(|most| length <= most.parse::<usize>().unwrap());
    match control.get("type").map(String::as_str) {
        Some("number") => {
            let number: f64 = value.parse().unwrap();
            let bound = |name: &str| control[name].parse::<f64>().unwrap();
            number >= bound("min") && number <= bound("max") && number.fract() == 0.0
        }
        // Days of four digits compare as texts.
        Some("date") => value >= control["min"].as_str() && value <= control["max"].as_str(),
        _ => {
            within(value.encode_utf16().count()) && control.get("pattern").is_none_or(|pattern| matches(pattern, value))
        }
    }
}

/// The two patterns that the house writes, by an engine.
fn matches(pattern: &str, value: &str) -> bool {
    regex::Regex::new(&format!("^(?:{pattern})$")).unwrap().is_match(value)
}
