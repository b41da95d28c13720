//! Every page is rendered from samples in both languages: an undefined variable or an unknown function is found here.

use crate::support::World;
use entities::kinds::Locale;
use std::collections::BTreeSet;
use std::sync::Arc;
use tributary::desk::view::DeskView;
use tributary::disclosure::entry::EntryView;
use tributary::disclosure::home::HomeView;
use tributary::disclosure::ledger::LedgerView;
use tributary::disclosure::project::ProjectView;
use tributary::people::permission::{Actor, Context};
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
    pages
}

fn values<T: serde::Serialize>(views: Vec<T>) -> Vec<serde_json::Value> {
    views.iter().map(|view| serde_json::to_value(view).unwrap()).collect()
}

fn reader(world: &World, locale: Locale) -> Context {
    let actor = Arc::new(Actor::visitor());
    Context { edges: world.edges.clone(), actor, locale, request: "r".into(), once: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_view_renders_in_both_languages() {
    let world = World::bare().await;
    for locale in [Locale::En, Locale::ZhCn] {
        let context = reader(&world, locale);
        for (template, view) in pages(&context) {
            let html = Page::new(&context, template, "", &view).unwrap().render("/", String::new());
            let html = html.unwrap_or_else(|error| panic!("{template} in {locale}: {error}"));
            assert!(html.contains("</html>"), "{template} stops early");
            assert!(!html.contains("style=\""), "{template} has a style that the policy refuses");
        }
    }
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
