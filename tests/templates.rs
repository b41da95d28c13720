//! Every page is rendered from samples in both languages: an undefined variable or an unknown function is found here.

use crate::support::World;
use crate::words::known;
use entities::kinds::Locale;
use std::collections::BTreeSet;
use std::sync::Arc;
use tributary::demo::{CastView, MailView};
use tributary::desk::view::DeskView;
use tributary::disclosure::entry::EntryView;
use tributary::disclosure::home::HomeView;
use tributary::disclosure::ledger::LedgerView;
use tributary::disclosure::project::ProjectView;
use tributary::grants::applications::edit::EditPage;
use tributary::grants::applications::view::ApplicationPage;
use tributary::grants::calls::view::CallPage;
use tributary::grants::decisions::notices::NoticeView;
use tributary::grants::forms::view::asking::AskingPage;
use tributary::grants::forms::view::preview::PreviewPage;
use tributary::grants::forms::view::show::FormPage;
use tributary::grants::funds::view::page::FundPage;
use tributary::grants::reviews::view::ScoreView;
use tributary::people::permission::{Actor, Context};
use tributary::people::view::factors::Waiting;
use tributary::web::page::Page;
use tributary::web::sheet::{Act, Sheet};

/// Views with their templates. To add a template of your own, add its line.
fn pages(context: &Context) -> Vec<(&'static str, serde_json::Value)> {
    let mut pages = Vec::new();
    let mut add = |template: &'static str, views: Vec<serde_json::Value>| {
        pages.extend(views.into_iter().map(|view| (template, view)));
    };
    add("sheet.html", values(Sheet::samples(context).unwrap()));
    add("act.html", values(Act::samples(context)));
    add("error.html", values(tributary::web::errors::View::samples()));
    add("disclosure/home.html", values(HomeView::samples(context)));
    add("disclosure/ledger.html", values(LedgerView::samples(context)));
    add("disclosure/entry.html", values(EntryView::samples()));
    add("disclosure/project.html", values(ProjectView::samples(context)));
    add("desk/desk.html", values(DeskView::samples()));
    add("demo/cast.html", values(CastView::samples()));
    add("demo/mail.html", values(MailView::samples()));
    add("people/second_factor.html", values(Waiting::samples()));
    add("people/passkey.html", values(tributary::people::view::passkeys::Making::samples()));
    add("funds/show.html", values(FundPage::samples(context)));
    add("forms/show.html", values(FormPage::samples(context)));
    add("forms/ask.html", values(AskingPage::samples(context)));
    add("forms/preview.html", values(PreviewPage::samples(context)));
    add("calls/show.html", values(CallPage::samples(context)));
    add("applications/edit.html", values(EditPage::samples(context)));
    add("applications/show.html", values(ApplicationPage::samples()));
    add("reviews/score.html", values(ScoreView::samples()));
    add("decisions/notice.html", values(NoticeView::samples()));
    pages
}

fn values<T: serde::Serialize>(views: Vec<T>) -> Vec<serde_json::Value> {
    views.iter().map(|view| serde_json::to_value(view).unwrap()).collect()
}

fn reader(world: &World, locale: Locale) -> Context {
    let actor = Arc::new(Actor::visitor());
    Context { edges: world.edges.clone(), actor, locale, request: "r".into(), once: None, seen: None, shown: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_view_renders_in_both_languages() {
    let world = World::bare().await;
    let known = known();
    let mut wrong = BTreeSet::new();
    for locale in [Locale::En, Locale::ZhCn] {
        let context = reader(&world, locale);
        for (template, view) in pages(&context) {
            let html = Page::new(&context, template, "", &view).unwrap().render("/", String::new());
            let html = html.unwrap_or_else(|error| panic!("{template} in {locale}: {error}"));
            assert!(html.contains("</html>"), "{template} stops early");
            wrong.extend(wrong_in(&html, &known).into_iter().map(|what| format!("{template} in {locale}: {what}")));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}

/// What no page may have: a key where its words should stand, a style or a script that the policy refuses, a heading too
/// many, a form without its key, a label of nothing, an id that stands twice.
fn wrong_in(html: &str, known: &BTreeSet<String>) -> Vec<String> {
    let tags = Tag::all(html);
    let mut wrong = Vec::new();
    let named = |name: &'static str| tags.iter().filter(move |tag| tag.name == name);
    // The two scripts there are, on the pages whose policy takes them: what is typed into an application is kept, a passkey answers.
    let ours = |tag: &&Tag| match tag.get("src") {
        Some("/static/js/keep.js") => html.contains("id=\"keeping\""),
        Some("/static/js/passkey.js") => html.contains("data-passkey-"),
        _ => false,
    };
    for refused in ["script", "style"] {
        if named(refused).any(|tag| !ours(&tag))
            || tags.iter().any(|tag| refused == "style" && tag.get("style").is_some())
        {
            wrong.push(format!("has a {refused}"));
        }
    }
    if named("h1").count() != 1 {
        wrong.push(format!("has {} headings of the first order", named("h1").count()));
    }
    let mut ids = BTreeSet::new();
    wrong.extend(
        tags.iter()
            .filter_map(|tag| tag.get("id"))
            .filter(|id| !ids.insert((*id).to_owned()))
            .map(|id| format!("the id `{id}` twice")),
    );
    for tag in &tags {
        for to in ["for", "aria-labelledby", "aria-describedby"].iter().filter_map(|to| tag.get(to)) {
            wrong.extend(
                to.split_whitespace().filter(|id| !ids.contains(*id)).map(|id| format!("`{id}` is named, not there")),
            );
        }
    }
    for (inside, shown) in pieces(html) {
        if inside.starts_with("<form ") && inside.contains("method=\"post\"") && !shown.contains("name=\"form_key\"") {
            wrong.push(format!("a form without its key: {inside}"));
        }
        let control = ["<input", "<select", "<textarea"].iter().any(|control| shown.contains(control));
        if inside.starts_with("<label") && !inside.contains("for=\"") && !control {
            wrong.push("a label of nothing".to_owned());
        }
    }
    wrong.extend(texts(html).into_iter().filter(|text| known.contains(text)).map(|text| format!("the key `{text}`")));
    wrong
}

/// A tag as it opens.
struct Tag<'a> {
    name: &'a str,
    inside: &'a str,
}

impl<'a> Tag<'a> {
    fn all(html: &'a str) -> Vec<Self> {
        let opens = |piece: &'a str| {
            let inside = piece.split_once('>')?.0;
            let name = inside.split(|c: char| !c.is_ascii_alphanumeric()).next()?;
            (!name.is_empty()).then_some(Self { name, inside })
        };
        html.split('<').skip(1).filter_map(opens).collect()
    }

    fn get(&self, attribute: &str) -> Option<&'a str> {
        let rest = self.inside.split_once(&format!(" {attribute}=\""))?.1;
        rest.split_once('"').map(|(value, _)| value)
    }
}

/// Forms and labels: how each opens, and what stands in it.
fn pieces(html: &str) -> Vec<(&str, &str)> {
    let of = |name: &str| {
        let (open, close) = (format!("<{name} "), format!("</{name}>"));
        let starts: Vec<usize> = html.match_indices(&open).map(|(at, _)| at).collect();
        let piece = |at: usize| {
            let whole = html[at..].split_once(&close)?.0;
            whole.split_once('>')
        };
        starts.into_iter().filter_map(piece).collect::<Vec<_>>()
    };
    [of("form"), of("label")].concat()
}

/// What is read on a page or heard from it: the words between tags, and in labels of parts.
fn texts(html: &str) -> Vec<String> {
    let between = html.split('>').filter_map(|piece| piece.split_once('<')).map(|(text, _)| text.trim().to_owned());
    let labels = Tag::all(html).into_iter().filter_map(|tag| tag.get("aria-label")).map(str::to_owned);
    between.chain(labels).filter(|text| text.contains('-')).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_template_has_its_samples() {
    let world = World::bare().await;
    let shown: BTreeSet<&str> = pages(&reader(&world, Locale::En)).into_iter().map(|(template, _)| template).collect();
    let names = world.edges.templates.names();
    let frames = |name: &str| name == "base.html" || name.starts_with("parts/") || name.starts_with("mail/");
    let without: Vec<&String> = names.iter().filter(|name| !frames(name) && !shown.contains(name.as_str())).collect();
    assert!(without.is_empty(), "no samples in tests/templates.rs for {without:?}");
}
