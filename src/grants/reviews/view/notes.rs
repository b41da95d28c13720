//! What a panel talked about, for whoever runs it; the same stands in the minutes.

use super::pitch::hosts;
use crate::error::{Error, Result};
use crate::grants::applications::rules::JUDGED;
use crate::grants::reviews::panel;
use crate::grants::reviews::service::notes;
use crate::people::accounts;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Choice};
use crate::web::sheet::{Act, Block, Cell, Sheet};
use entities::kinds::CallId;
use entities::{application, call};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::BTreeMap;

/// The notes of a call's panel.
///
/// # Errors
/// [`Error::NotFound`] for who does not work on the call.
pub async fn show(context: &Context, id: CallId) -> Answer {
    panel::visible(context, id).await?;
    let call = call::Entity::find_by_id(id).one(context.edges.db.read()).await?.ok_or(Error::NotFound)?;
    let write =
        ActLink { href: format!("/calls/{id}/discussion/note"), text: context.t("act-panel-note-button"), tone: "" };
    let acts = if hosts(context, id) { vec![write] } else { Vec::new() };
    let title = context.pick(&call.title_zh, &call.title_en);
    Sheet::new(context.t("discussion-title"))
        .under(&[(title, &format!("/calls/{id}")), (context.t("review-panel"), &format!("/calls/{id}/reviews"))])
        .sentence(context.t("discussion-sentence"))
        .now(context.t("now-title"), "", acts)
        .with(table(context, &call).await?)
        .answer(context, "calls")
}

/// When, about what, what was said, and who wrote it down.
///
/// # Errors
/// When the database cannot be read.
pub async fn table(context: &Context, call: &call::Model) -> Result<Block> {
    let db = context.edges.db.read();
    let rows = notes::of_call(db, call.id).await?;
    let about = application::Entity::find()
        .filter(application::Column::Id.is_in(rows.iter().filter_map(|row| row.application_id)))
        .all(db)
        .await?;
    let titles: BTreeMap<_, _> = about.into_iter().map(|row| (row.id, row.title)).collect();
    let people = accounts::names(db, rows.iter().map(|row| row.written_by)).await?;
    let cells = |row: &entities::panel_note::Model| {
        let title = row.application_id.and_then(|of| titles.get(&of).cloned());
        vec![
            Cell::lead(title.unwrap_or_else(|| context.t("discussion-round")), ""),
            Cell { text: row.text.clone(), href: String::new(), class: "wide" },
            Cell::text(people.get(&row.written_by).cloned().unwrap_or_default()),
            Cell::text(context.moment(row.written_at)),
        ]
    };
    let heads = ["discussion-about", "discussion-said", "discussion-written", "head-date"];
    Ok(Block::Table {
        title: context.t("discussion-title"),
        heads: heads.map(|key| context.t(key)).into(),
        rows: rows.iter().map(cells).collect(),
        empty: context.t("discussion-none"),
    })
}

/// The page that writes a note.
///
/// # Errors
/// [`Error::NotFound`] for who does not run the panel.
pub async fn write(context: &Context, id: CallId) -> Answer {
    panel::visible(context, id).await?;
    if !hosts(context, id) {
        return Err(Error::NotFound);
    }
    let rows = application::Entity::find()
        .filter(application::Column::CallId.eq(id))
        .filter(application::Column::Stage.is_in(JUDGED))
        .order_by_asc(application::Column::Id)
        .all(context.edges.db.read())
        .await?;
    let mut about = vec![Choice::new("", context.t("discussion-round"))];
    about.extend(rows.iter().map(|row| Choice::new(row.id, row.title.clone())));
    let back = format!("/calls/{id}/discussion");
    Act::new(context, "panel-note", format!("{back}/note"), back.clone())
        .under(&[(context.t("discussion-title"), &back)])
        .ask_for("select", "application", context.t("discussion-about"))
        .options(about)
        .optional()
        .ask_for("area", "note", context.t("discussion-said"))
        .answer(context, "calls")
}
