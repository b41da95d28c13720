//! The pages around statements: an account, a file before it is imported, a line by hand.

use crate::bank::service::statements::{self, Fate};
use crate::bank::service::{accounts, open_to};
use crate::commons::events;
use crate::core::statement::Line;
use crate::error::{Error, Result};
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::{Choice, Fact};
use crate::web::sheet::{Act, Block, Cell, Sheet, act_links, history, stage_text};
use entities::kinds::{Role, StatementId, StatementStage, Subject};
use entities::{bank_statement, foundation};
use sea_orm::{EntityTrait, QueryOrder, QuerySelect};

/// Statements named beside the figures.
const LATEST: u64 = 10;
/// Lines of a file shown before it is imported; what is wrong with any of them is said above them.
const SHOWN: usize = 200;
/// Events on one page.
const EVENTS: u64 = 20;

fn finance(context: &Context) -> Result<()> {
    if context.actor.has(Role::FinanceOfficer) { Ok(()) } else { Err(Error::Forbidden("forbidden-finance")) }
}

async fn of_ours(context: &Context) -> Result<Vec<Choice>> {
    let rows = accounts::all(context.edges.db.read()).await?;
    let one = |row: &entities::bank_account::Model| {
        Choice::new(row.id, format!("{} •••• {} · {}", row.name, row.number_tail, row.currency))
    };
    Ok(rows.iter().map(one).collect())
}

fn page(context: &Context, name: &str, action: &str) -> Act {
    Act::new(context, name, action, "/bank").under(&[(context.t("bank-title"), "/bank")])
}

/// Asks for an account of the foundation.
///
/// # Errors
/// [`Error::Forbidden`] for other roles.
pub async fn account(context: &Context) -> Answer {
    finance(context)?;
    let ours = foundation::Entity::find_by_id(1).one(context.edges.db.read()).await?.ok_or(Error::NotFound)?;
    page(context, "bank-account", "/bank/accounts")
        .ask(context, "text", "account_name")
        .ask(context, "text", "account_number")
        .hint(context.t("bank-account-hint"))
        .ask(context, "text", "currency")
        .value(ours.currency.code())
        .answer(context, "desk")
}

/// Asks for a file.
///
/// # Errors
/// [`Error::Forbidden`] for other roles.
pub async fn upload(context: &Context) -> Answer {
    finance(context)?;
    page(context, "bank-import", "/bank/import")
        .ask_choice(context, "bank_account", of_ours(context).await?)
        .ask(context, "file", "file")
        .hint(context.t("bank-import-hint"))
        .answer(context, "desk")
}

/// Asks for a line by hand.
///
/// # Errors
/// [`Error::Forbidden`] for other roles.
pub async fn by_hand(context: &Context) -> Answer {
    finance(context)?;
    page(context, "bank-line", "/bank/lines")
        .ask_choice(context, "bank_account", of_ours(context).await?)
        .ask_choice(context, "direction", Choice::words(context, "bank-direction", ["in", "out"]))
        .ask(context, "money", "amount")
        .ask(context, "date", "received_on")
        .ask(context, "text", "bank_line")
        .ask(context, "text", "counterparty")
        .optional()
        .ask(context, "text", "note")
        .optional()
        .answer(context, "desk")
}

/// The statements that came last.
pub(super) async fn latest(context: &Context) -> Result<Block> {
    let rows = bank_statement::Entity::find()
        .order_by_desc(bank_statement::Column::Id)
        .limit(LATEST)
        .all(context.edges.db.read())
        .await?;
    let one = |row: &bank_statement::Model| {
        let days = format!("{} – {}", context.day(row.from_day), context.day(row.to_day));
        Fact::linked(days, stage_text(context, "statement", row.stage.as_str()), format!("/bank/statements/{}", row.id))
    };
    Ok(Block::Facts { title: context.t("bank-statements"), items: rows.iter().map(one).collect() })
}

/// A statement: before it is imported, line by line what would happen.
///
/// # Errors
/// [`Error::Forbidden`] for other roles, [`Error::NotFound`].
pub async fn show(context: &Context, id: StatementId) -> Answer {
    open_to(context)?;
    let db = context.edges.db.read();
    let row = statements::load(db, id).await?;
    let lines: Vec<Line> = serde_json::from_value(row.rows.clone())?;
    let fates = statements::fates(db, row.account_id, &lines).await?;
    let account = accounts::load(db, row.account_id).await?;
    let balance = |minor: Option<i64>| minor.map_or_else(|| "–".to_owned(), |minor| context.money(minor, row.currency));
    let fresh = fates.iter().filter(|fate| matches!(fate, Fate::New | Fate::Recorded)).count();
    let fresh = if row.stage == StatementStage::Checked { fresh.to_string() } else { row.new_count.to_string() };
    let items = vec![
        Fact::new(context.t("field-bank-account"), format!("{} •••• {}", account.name, account.number_tail)),
        Fact::new(context.t("bank-known-by"), context.t(&format!("bank-known-by-{}", row.known_by))),
        Fact::new(context.t("bank-days-of"), format!("{} – {}", context.day(row.from_day), context.day(row.to_day))),
        Fact::new(context.t("bank-format"), context.t(&format!("bank-format-{}", row.format))),
        Fact::new(context.t("bank-opening"), balance(row.opening_minor)),
        Fact::new(context.t("bank-closing"), balance(row.closing_minor)),
        Fact::new(context.t("bank-head-lines"), row.line_count.to_string()),
        Fact::new(context.t("bank-new-lines"), fresh),
        Fact::new(context.t("field-file"), row.file_name.clone()),
    ];
    let cells = |(line, fate): (&Line, &Fate)| {
        vec![
            Cell::lead(line.reference.clone(), ""),
            Cell::text(context.day(line.day)),
            Cell::text(line.name.clone()),
            Cell::text(context.t(&format!("bank-fate-{}", fate.as_str()))),
            Cell::number(context.money(line.amount_minor, row.currency)),
        ]
    };
    let acts = if context.actor.has(Role::FinanceOfficer) { statements::offers(&row) } else { Vec::new() };
    let heads = ["field-bank-line", "head-date", "bank-head-name", "bank-head-fate", "head-amount"];
    let told = events::history(db, Subject::Statement, id.0, EVENTS).await?;
    let tone = if row.stage == StatementStage::Imported { "ok" } else { "wait" };
    let mut sheet = Sheet::new(context.t("bank-statement"))
        .under(&[(context.t("bank-title"), "/bank")])
        .chip(stage_text(context, "statement", row.stage.as_str()), tone)
        .now(
            context.t("bank-now"),
            "",
            act_links(context, "statement", &format!("/bank/statements/{id}"), &acts, &["discard"]),
        )
        .with(Block::Facts { title: context.t("bank-says"), items })
        .beside(history(context, "statement", &told));
    if row.stage == StatementStage::Checked {
        sheet = sheet.with(Block::Table {
            title: context.t("bank-would"),
            heads: heads.map(|head| context.t(head)).into(),
            rows: lines.iter().zip(&fates).take(SHOWN).map(cells).collect(),
            empty: context.t("bank-lines-empty"),
        });
    }
    sheet.answer(context, "desk")
}

/// The page of an act on a statement.
///
/// # Errors
/// [`Error::Forbidden`] for other roles, [`Error::NotFound`] for an act that is not to be done now.
pub async fn act(context: &Context, id: StatementId, act: &str) -> Answer {
    finance(context)?;
    let row = statements::load(context.edges.db.read(), id).await?;
    if !statements::offers(&row).contains(&act) {
        return Err(Error::NotFound);
    }
    let base = format!("/bank/statements/{id}");
    let said = |part: &str| context.t(&format!("act-statement-{act}-{part}"));
    let page = Act::worded(said("title"), said("text"), said("button"), format!("{base}/{act}"), base.clone())
        .under(&[(context.t("bank-title"), "/bank"), (context.t("bank-statement"), &base)])
        .fact(context.t("bank-known-by"), context.t(&format!("bank-known-by-{}", row.known_by)))
        .fact(context.t("field-file"), row.file_name)
        .fact(context.t("bank-head-lines"), row.line_count.to_string());
    let page = if act == "discard" { page.stop() } else { page };
    page.answer(context, "desk")
}
