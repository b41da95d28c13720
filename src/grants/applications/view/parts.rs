//! What stands beside the text of a bid: its files, its co-funding, its sides, the needs it answers; and the pages that change them.

use super::super::rules::{SIDE, is_writing};
use super::super::{answering, attachments, budget, funding, sides};
use super::{is_own, visible};
use crate::error::{Error, Result};
use crate::grants::applications::service::load;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::people::view::choices;
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Choice, Fact};
use crate::web::sheet::{Act, Block, Cell, Sheet};
use entities::kinds::{
    ApplicationId, ApplicationSideId, ApplicationStage, BudgetSource, CoFundingId, NeedId, SideRole, SideStage,
};
use entities::{application, application_side, need};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Needs offered to choose from.
const NEEDS: u64 = 100;
/// Acts with a page of their own that change what stands beside the text.
pub const PART_ACTS: [&str; 4] = ["attach", "promise", "ask-partner", "needs"];

/// Whether the reader writes this bid now.
fn writes(context: &Context, row: &application::Model) -> bool {
    is_writing(row.stage) && context.editor_of(row.organisation_id).is_ok()
}

/// The blocks of the page of a bid.
///
/// # Errors
/// When the database cannot be read.
pub async fn blocks(context: &Context, row: &application::Model) -> Result<Vec<Block>> {
    let mut blocks: Vec<Block> = [needs(context, row).await?, files(context, row).await?, money(context, row).await?]
        .into_iter()
        .flatten()
        .collect();
    blocks.extend(others(context, row).await?);
    let asked = row.stage == ApplicationStage::InformationRequested && context.editor_of(row.organisation_id).is_ok();
    let offered: &[&str] = if writes(context, row) {
        &PART_ACTS
    } else if asked {
        &PART_ACTS[..1]
    } else {
        &[]
    };
    let link = |act: &&str| ActLink {
        href: format!("/applications/{}/{act}", row.id),
        text: context.t(&format!("act-application-{act}-button")),
        tone: "quiet",
    };
    if !offered.is_empty() {
        blocks.push(Block::Acts { title: context.t("application-beside"), items: offered.iter().map(link).collect() });
    }
    Ok(blocks)
}

async fn needs(context: &Context, row: &application::Model) -> Result<Option<Block>> {
    let answered = answering::of(context.edges.db.read(), row.id).await?;
    if answered.is_empty() {
        return Ok(None);
    }
    let rows = need::Entity::find().filter(need::Column::Id.is_in(answered)).all(context.edges.db.read()).await?;
    let fact = |need: &need::Model| {
        Fact::linked(
            need.community.clone(),
            context.pick(&need.title_zh, &need.title_en),
            format!("/needs/{}", need.id),
        )
    };
    Ok(Some(Block::Facts { title: context.t("application-needs"), items: rows.iter().map(fact).collect() }))
}

async fn files(context: &Context, row: &application::Model) -> Result<Option<Block>> {
    let rows = attachments::of(context.edges.db.read(), row.id).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let writes = writes(context, row);
    let cells = |(file, document): &(entities::application_document::Model, entities::document::Model)| {
        let mut cells = vec![
            Cell::lead(file.label.clone(), format!("/documents/{}", document.id)),
            Cell::text(document.name.clone()),
            Cell::text(
                context.t_with("application-kib", &[("n", &document.bytes.div_euclid(1024).max(1).to_string())]),
            ),
            Cell::text(context.moment(file.attached_at)),
        ];
        if writes {
            let href = format!("/applications/{}/files/{}/detach", row.id, file.id);
            cells.push(Cell { text: context.t("act-application-detach-button"), href, class: "" });
        }
        cells
    };
    let heads =
        ["head-application-file", "head-application-file-name", "head-application-size", "head-date", "head-act"];
    Ok(Some(Block::Table {
        title: context.t("application-files"),
        heads: heads.map(|key| context.t(key)).into(),
        rows: rows.iter().map(cells).collect(),
        empty: String::new(),
    }))
}

async fn money(context: &Context, row: &application::Model) -> Result<Option<Block>> {
    let rows = funding::of(context.edges.db.read(), row.id).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let editor = context.editor_of(row.organisation_id).is_ok();
    let cells = |line: &entities::co_funding::Model| {
        let proof = line.received_document_id.or(line.promise_document_id);
        let proof = proof.map_or_else(
            || Cell::text("—"),
            |id| Cell { text: context.t("application-evidence"), href: format!("/documents/{id}"), class: "" },
        );
        let mut cells = vec![
            Cell::lead(line.giver.clone(), ""),
            Cell::text(context.t(&format!("application-source-{}", line.source))),
            Cell::number(context.money(line.promised_minor, line.currency)),
            Cell::number(context.money(line.received_minor, line.currency)),
            proof,
        ];
        if editor {
            let href = format!("/applications/{}/funding/{}/receive", row.id, line.id);
            cells.push(Cell { text: context.t("act-application-receive-button"), href, class: "" });
        }
        cells
    };
    let heads = [
        "head-application-giver",
        "head-application-source",
        "head-application-promised",
        "head-application-received",
        "head-evidence",
        "head-act",
    ];
    Ok(Some(Block::Table {
        title: context.t("application-funding"),
        heads: heads.map(|key| context.t(key)).into(),
        rows: rows.iter().map(cells).collect(),
        empty: String::new(),
    }))
}

async fn others(context: &Context, row: &application::Model) -> Result<Option<Block>> {
    let rows = sides::of(context.edges.db.read(), row.id).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let names = organisations::names(context, rows.iter().map(|side| side.organisation_id)).await?;
    let inside = is_own(context, row);
    let cells = |side: &application_side::Model| {
        let name = names.get(&side.organisation_id).cloned().unwrap_or_default();
        let href = if inside { sides::side_page(row.id, side.id) } else { String::new() };
        vec![
            Cell::lead(name, href),
            Cell::text(context.t(&format!("side-role-{}", side.role))),
            Cell::text(side.title.clone()),
            Cell::text(context.t(&format!("stage-side-{}", side.stage))),
            Cell::number(context.money(side.amount_minor, row.currency)),
        ]
    };
    let heads = ["head-organisation", "head-application-as", "head-application-child", "head-stage", "head-amount"];
    Ok(Some(Block::Table {
        title: context.t("application-sides"),
        heads: heads.map(|key| context.t(key)).into(),
        rows: rows.iter().map(cells).collect(),
        empty: String::new(),
    }))
}

/// The fields of an act that changes what stands beside the text.
pub(super) async fn ask(context: &Context, row: &application::Model, act: &str, page: Act) -> Result<Act> {
    context.editor_of(row.organisation_id)?;
    Ok(match act {
        "attach" => page
            .ask(context, "text", "label")
            .labelled(context.t("head-application-file"))
            .ask(context, "file", "file")
            .hint(context.t("application-file-hint")),
        "promise" => {
            let sources = BudgetSource::ALL.iter().filter(|source| **source != BudgetSource::Grant);
            page.ask_choice(
                context,
                "source",
                Choice::words(context, "application-source", sources.map(|s| s.as_str())),
            )
            .labelled(context.t("head-application-source"))
            .ask(context, "text", "giver")
            .labelled(context.t("head-application-giver"))
            .ask_money(context, "amount", row.currency)
            .labelled(context.t("head-application-promised"))
            .ask(context, "file", "file")
            .labelled(context.t("application-evidence"))
            .optional()
        }
        "ask-partner" => page
            .ask_choice(context, "organisation", choices::organisations(context).await?)
            .ask(context, "text", "title")
            .labelled(context.t("head-application-child"))
            .ask(context, "area", "summary")
            .labelled(context.t("application-side-summary"))
            .ask_money(context, "amount", row.currency)
            .labelled(context.t("application-side-amount"))
            .optional(),
        _ => choosing_needs(context, row, page).await?,
    })
}

async fn choosing_needs(context: &Context, row: &application::Model, page: Act) -> Result<Act> {
    let db = context.edges.db.read();
    let chosen = answering::of(db, row.id).await?;
    let open = need::Entity::find()
        .filter(need::Column::Stage.is_in(answering::OPEN))
        .order_by_desc(need::Column::Id)
        .limit(NEEDS)
        .all(db)
        .await?;
    let choice = |need: &need::Model| Choice {
        value: need.id.to_string(),
        label: format!("{} · {}", context.pick(&need.title_zh, &need.title_en), need.community),
        selected: chosen.contains(&NeedId(need.id.0)),
    };
    let mut page = page.ask(context, "checks", "needs").labelled(context.t("application-needs")).optional();
    if let Some(field) = page.fields.last_mut() {
        field.options = open.iter().map(choice).collect();
    }
    Ok(page)
}

/// The page on which a question of the form is answered with a file.
///
/// # Errors
/// [`Error::NotFound`] for strangers and questions that ask for no file; a refusal when the bid is signed.
pub async fn answer_file(context: &Context, id: ApplicationId, question: &str) -> Answer {
    let row = visible(context, id).await?;
    context.editor_of(row.organisation_id)?;
    if !is_writing(row.stage) {
        return Err(Error::refused("refused-application-signed"));
    }
    let db = context.edges.db.read();
    let call = crate::grants::calls::service::load(db, row.call_id).await?;
    let form = budget::questions(db, call.form_version_id).await?;
    let asked = attachments::asked_for(&form, question).ok_or(Error::NotFound)?;
    let label = asked.label.in_locale(context.locale.as_str()).to_owned();
    let files = attachments::of(db, id).await?;
    let base = format!("/applications/{id}");
    let mut page =
        Act::new(context, "application-answer-file", format!("{base}/answers/{question}"), format!("{base}/edit"))
            .under(&[(row.title.clone(), &base)])
            .fact(context.t("head-title"), row.title.clone());
    if let Some((_, document)) = files.iter().find(|(file, _)| file.question == question) {
        page = page.fact(context.t("head-application-file-name"), document.name.clone());
    }
    page.ask(context, "file", "file").labelled(label).hint(context.t("application-file-hint")).answer(context, "")
}

/// The page that takes a file out of a draft.
///
/// # Errors
/// [`Error::NotFound`] for strangers and files of another bid.
pub async fn detach(context: &Context, id: ApplicationId, file: entities::kinds::ApplicationDocumentId) -> Answer {
    let row = visible(context, id).await?;
    context.editor_of(row.organisation_id)?;
    let rows = attachments::of(context.edges.db.read(), id).await?;
    let (found, document) = rows.iter().find(|(found, _)| found.id == file).ok_or(Error::NotFound)?;
    let base = format!("/applications/{id}");
    Act::new(context, "application-detach", format!("{base}/files/{file}/detach"), base.clone())
        .under(&[(row.title.clone(), &base)])
        .fact(context.t("head-application-file"), found.label.clone())
        .fact(context.t("head-application-file-name"), document.name.clone())
        .stop()
        .answer(context, "")
}

/// The page that records what came of a promise, or takes the promise out.
///
/// # Errors
/// [`Error::NotFound`] for strangers and lines of another bid.
pub async fn receive(context: &Context, id: ApplicationId, line: CoFundingId, act: &str) -> Answer {
    let row = visible(context, id).await?;
    context.editor_of(row.organisation_id)?;
    let found = funding::load_line(context.edges.db.read(), id, line).await?;
    let base = format!("/applications/{id}");
    let page = Act::new(context, &format!("application-{act}"), format!("{base}/funding/{line}/{act}"), base.clone())
        .under(&[(row.title.clone(), &base)])
        .fact(context.t("head-application-giver"), found.giver.clone())
        .fact(context.t("head-application-promised"), context.money(found.promised_minor, found.currency))
        .fact(context.t("head-application-received"), context.money(found.received_minor, found.currency));
    match act {
        "receive" => page
            .ask_money(context, "amount", found.currency)
            .labelled(context.t("application-received-in-all"))
            .ask(context, "file", "file")
            .labelled(context.t("application-evidence"))
            .answer(context, ""),
        "drop-promise" => page.stop().answer(context, ""),
        _ => Err(Error::NotFound),
    }
}

/// A side's page: what is asked of it, and its answer. Its people, the bid's people and staff read it.
///
/// # Errors
/// [`Error::NotFound`] for everybody else.
pub async fn side(context: &Context, id: ApplicationId, side: ApplicationSideId) -> Answer {
    let db = context.edges.db.read();
    let found = sides::load_side(db, side).await?;
    let row = load(db, id).await?;
    let theirs = context.actor.belongs_to(found.organisation_id);
    if found.application_id != id || !(theirs || context.actor.belongs_to(row.organisation_id)) {
        return Err(Error::NotFound);
    }
    let names = organisations::names(context, [row.organisation_id, found.organisation_id].into_iter()).await?;
    let name = |id| names.get(&id).cloned().unwrap_or_default();
    let facts = vec![
        Fact::new(context.t("head-title"), row.title.clone()),
        Fact::new(context.t("application-lead"), name(row.organisation_id)),
        Fact::new(context.t(&format!("side-role-{}", found.role)), name(found.organisation_id)),
        Fact::new(context.t("application-ask"), context.money(row.ask_minor, row.currency)),
        Fact::new(context.t("application-side-amount"), context.money(found.amount_minor, row.currency)),
    ];
    let mut sheet = Sheet::new(context.t(&format!("side-title-{}", found.role)))
        .chip(context.t(&format!("stage-side-{}", found.stage)), tone(found.stage))
        .now(context.t("now-title"), "", side_acts(context, &row, &found))
        .with(Block::Facts { title: context.t("facts-title"), items: facts });
    for (key, text) in [
        ("head-application-child", &found.title),
        ("application-side-summary", &found.summary),
        ("field-reason", &found.reason),
    ] {
        if !text.is_empty() {
            sheet = sheet.with(Block::Prose { title: context.t(key), text: text.clone() });
        }
    }
    sheet.answer(context, "")
}

fn side_acts(context: &Context, row: &application::Model, side: &application_side::Model) -> Vec<ActLink> {
    let unsigned = matches!(row.stage, ApplicationStage::Draft | ApplicationStage::AwaitingSignOff);
    let mut offered = Vec::new();
    if unsigned && context.signatory_of(side.organisation_id).is_ok() {
        let parts = context.actor.parts(Some(side.organisation_id));
        offered.extend(SIDE.offers(side.stage, &parts).into_iter().filter(|act| matches!(*act, "accept" | "refuse")));
    }
    if writes(context, row) {
        let parts = context.actor.parts(Some(row.organisation_id));
        let lead = |act: &&str| *act == "ask" || (*act == "drop" && side.role == SideRole::Partner);
        offered.extend(SIDE.offers(side.stage, &parts).into_iter().filter(lead));
    }
    let base = sides::side_page(row.id, side.id);
    let link = |act: &str| ActLink {
        href: format!("{base}/{act}"),
        text: context.t(&format!("act-side-{act}-button")),
        tone: if matches!(act, "refuse" | "drop") { "stop" } else { "" },
    };
    offered.into_iter().map(link).collect()
}

/// The page of an act on a side.
///
/// # Errors
/// As [`side`].
pub async fn side_act(context: &Context, id: ApplicationId, side: ApplicationSideId, act: &str) -> Answer {
    let db = context.edges.db.read();
    let found = sides::load_side(db, side).await?;
    let row = load(db, id).await?;
    if found.application_id != id {
        return Err(Error::NotFound);
    }
    let of = if matches!(act, "accept" | "refuse") { found.organisation_id } else { row.organisation_id };
    if !context.actor.belongs_to(of) {
        return Err(Error::NotFound);
    }
    let base = sides::side_page(id, side);
    let page = Act::new(context, &format!("side-{act}"), format!("{base}/{act}"), base)
        .fact(context.t("head-title"), row.title.clone())
        .fact(context.t("application-side-amount"), context.money(found.amount_minor, row.currency));
    match act {
        "accept" => page.proving(context, crate::people::permission::Level::Decision).answer(context, ""),
        "refuse" => page
            .ask(context, "area", "reason")
            .proving(context, crate::people::permission::Level::Decision)
            .stop()
            .answer(context, ""),
        "ask" => page.answer(context, ""),
        "drop" => page.stop().answer(context, ""),
        _ => Err(Error::NotFound),
    }
}

const fn tone(stage: SideStage) -> &'static str {
    match stage {
        SideStage::Asked => "wait",
        SideStage::Accepted => "ok",
        SideStage::Refused => "stop",
        SideStage::Dropped => "quiet",
    }
}
