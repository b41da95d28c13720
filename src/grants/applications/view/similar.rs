//! Bids of a call that look alike, for officers who may read them.

use super::super::service::number;
use super::super::similar::{self, Ground};
use crate::error::Error;
use crate::grants::calls;
use crate::grants::reviews::panel;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::sheet::{Block, Cell, Sheet};
use entities::application;
use entities::kinds::{CallId, Role};

/// The page.
///
/// # Errors
/// [`Error::NotFound`] for whoever is no officer, or judges the call blind.
pub async fn page(context: &Context, call: CallId) -> Answer {
    if !context.actor.has(Role::ProgrammeOfficer) || panel::blind(context).await?.contains(&call) {
        return Err(Error::NotFound);
    }
    let db = context.edges.db.read();
    let row = calls::service::load(db, call).await?;
    let pairs = similar::of_call(db, call).await?;
    let both = pairs.iter().flat_map(|pair| [pair.one.organisation_id, pair.other.organisation_id]);
    let names = organisations::names(context, both).await?;
    let bid = |row: &application::Model| {
        let name = names.get(&row.organisation_id).cloned().unwrap_or_default();
        Cell::lead(format!("{} · {} · {name}", number(row.id), row.title), format!("/applications/{}", row.id))
    };
    let cells = |pair: &similar::Pair| {
        let grounds: Vec<String> = pair.grounds.iter().map(|ground| said(context, *ground)).collect();
        vec![bid(&pair.one), bid(&pair.other), Cell::text(grounds.join(" · "))]
    };
    let title = context.pick(&row.title_zh, &row.title_en);
    Sheet::new(context.t("application-similar-title"))
        .under(&[(context.t("applications-title"), "/applications"), (title, &format!("/applications?call={call}"))])
        .sentence(context.t("application-similar-sentence"))
        .with(Block::Table {
            title: String::new(),
            heads: ["head-application-one", "head-application-other", "head-application-alike"]
                .map(|key| context.t(key))
                .into(),
            rows: pairs.iter().map(cells).collect(),
            empty: context.t("application-similar-none"),
        })
        .answer(context, "")
}

fn said(context: &Context, ground: Ground) -> String {
    match ground {
        Ground::Account => context.t("similar-account"),
        Ground::Contact => context.t("similar-contact"),
        Ground::Person => context.t("similar-person"),
        Ground::Text(hundredths) => context.t_with("similar-text", &[("n", &hundredths.to_string())]),
    }
}
