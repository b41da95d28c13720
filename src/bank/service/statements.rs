//! Statements: checked whole without doing anything, then imported in one transaction. A line is kept once, however often it comes.

use super::overlaps::{Beside, beside};
use super::{accounts, chain};
use crate::bank::rules::STATEMENT;
use crate::commons::events::{self, Note};
use crate::commons::lives::{advance, permitted};
use crate::core::lifecycle::Part;
use crate::core::statement::overlap::Came;
use crate::core::statement::{self, Fault, Line, Statement};
use crate::edges::db::Tx;
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result, Violation};
use crate::people::permission::{As, Finance};
use entities::kinds::{BankAccountId, KnownBy, StatementFormat, StatementId, StatementStage, Subject};
use entities::{bank_account, bank_line, bank_statement, bank_statement_line};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::BTreeSet;

pub use super::overlaps::{Fate, fates};

/// Rows written and keys asked for at once: SQLite takes 32,766 values a statement, a line has fourteen.
const CHUNK: usize = 500;

fn violation(fault: &Fault) -> Violation {
    Violation::at("file", fault.code).with("line", fault.line).with("column", fault.column)
}

/// Reads a file of an account and keeps what it says, importing nothing.
///
/// # Errors
/// Every place that is wrong, with line and column; by the field a file that came before or belongs to another account.
pub async fn check(by: &As<Finance>, account: BankAccountId, file_name: &str, bytes: &[u8]) -> Result<StatementId> {
    let db = by.edges.db.read();
    let account = &accounts::load(db, account).await.map_err(|_| Error::field("bank_account", "refused-choose"))?;
    let read = statement::read(bytes, account.currency)
        .map_err(|faults| Error::Refused(faults.iter().map(violation).collect()))?;
    if read.account.as_deref().is_some_and(|number| !by.edges.vault.own_accounts(number).contains(&account.number_hash))
    {
        return Err(Error::field("file", "refused-statement-other-account"));
    }
    if read.to > by.edges.today() {
        return Err(Error::field("file", "refused-statement-future"));
    }
    let (read, sha256, named) = (&read, &fingerprint(bytes), read.account.is_some());
    by.write(|tx| async move {
        let tx = &tx;
        let before = bank_statement::Entity::find().filter(bank_statement::Column::Sha256.eq(sha256)).one(tx).await?;
        if before.is_some() {
            return Err(Error::field("file", "refused-statement-used"));
        }
        let known_by = if named { KnownBy::Number } else { chain::known_by(tx, account.id, None, said(read)).await? };
        let row = of(account, read, sha256, file_name, StatementStage::Checked)?;
        let row = bank_statement::ActiveModel {
            known_by: Set(known_by),
            recorded_by: Set(by.person()?),
            recorded_at: Set(tx.now()),
            ..row
        };
        let row = bank_statement::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Statement, row.id.0, Note::act("check")).await?;
        Ok(row.id)
    })
    .await
}

fn said(read: &Statement) -> chain::Said {
    let Statement { opening_minor, closing_minor, from, to, .. } = *read;
    chain::Said { opening_minor, closing_minor, from, to }
}

fn of(
    account: &bank_account::Model,
    read: &Statement,
    sha256: &str,
    file_name: &str,
    stage: StatementStage,
) -> Result<bank_statement::ActiveModel> {
    Ok(bank_statement::ActiveModel {
        account_id: Set(account.id),
        sha256: Set(sha256.to_owned()),
        file_name: Set(file_name.to_owned()),
        format: Set(read.format),
        currency: Set(account.currency),
        from_day: Set(read.from),
        to_day: Set(read.to),
        opening_minor: Set(read.opening_minor),
        closing_minor: Set(read.closing_minor),
        line_count: Set(i32::try_from(read.lines.len()).unwrap_or(i32::MAX)),
        new_count: Set(0),
        rows: Set(serde_json::to_value(&read.lines)?),
        stage: Set(stage),
        known_by: Set(KnownBy::Choice),
        ..Default::default()
    })
}

/// Imports a checked statement: all its lines that are new, or none.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it was imported or discarded, when its balances contradict the account's,
/// when a line came before with another day or amount, or one of its days is known otherwise.
pub async fn import(by: &As<Finance>, id: StatementId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        permitted(&row, by, "import")?;
        let lines: Vec<Line> = serde_json::from_value(row.rows.clone())?;
        advance(tx, by, &row, "import", Note::act("")).await?;
        take_in(tx, by, &row, &lines).await
    })
    .await
}

/// Writes the lines that are new. Two files of one account are taken one after the other.
async fn take_in(tx: &Tx, by: &As<Finance>, row: &bank_statement::Model, lines: &[Line]) -> Result<()> {
    let account = locked(tx, row.account_id).await?;
    if row.known_by != KnownBy::Number {
        // Another file may have come since this one was checked.
        let (opening_minor, closing_minor) = (row.opening_minor, row.closing_minor);
        let said = chain::Said { opening_minor, closing_minor, from: row.from_day, to: row.to_day };
        chain::known_by(tx, account.id, Some(row.id), said).await?;
    }
    let beside = beside(tx, account.id, (row.format, row.from_day, row.to_day), lines).await?;
    let changed = lines.iter().zip(beside.came()).find(|(_, came)| matches!(came, Came::Changed(_)));
    if let Some((line, _)) = changed {
        let wrong = Violation::at("file", "refused-statement-changed").with("line", line.at).with("column", 1);
        return Err(wrong.into());
    }
    if let Some(day) = beside.missing() {
        return Err(Violation::at("file", "refused-statement-days").with("day", day).into());
    }
    taken_over(tx, by, row, lines, &beside).await?;
    let fresh = lines.iter().zip(beside.came()).filter_map(|(line, came)| match came {
        Came::New(reference) => Some((line, reference.as_str())),
        _ => None,
    });
    let fresh: Vec<(&Line, &str)> = fresh.collect();
    written(tx, by, &account, row, &fresh).await?;
    let set = bank_statement::ActiveModel {
        id: Set(row.id),
        new_count: Set(i32::try_from(fresh.len()).unwrap_or(i32::MAX)),
        rows: Set(serde_json::json!([])),
        ..Default::default()
    };
    bank_statement::Entity::update(set).exec(tx).await?;
    Ok(())
}

async fn locked(tx: &Tx, id: BankAccountId) -> Result<bank_account::Model> {
    bank_account::Entity::find_by_id(id).lock_exclusive().one(tx).await?.ok_or(Error::NotFound)
}

/// What a hand wrote and the file shows is the file's from now on: its day, its amount, its words. The mark stays, by which the
/// books may have taken it.
async fn taken_over(
    tx: &Tx,
    by: &As<Finance>,
    row: &bank_statement::Model,
    lines: &[Line],
    beside: &Beside,
) -> Result<()> {
    // A hand writes a line or two before the file is there, not a file's worth.
    for (line, came) in lines.iter().zip(beside.came()) {
        let Some(before) = beside.written(came) else { continue };
        let set = bank_statement_line::ActiveModel {
            id: Set(before.id),
            statement_id: Set(row.id),
            day: Set(line.day),
            amount_minor: Set(line.amount_minor),
            name: Set(line.name.clone()),
            tail: Set(line.tail.clone()),
            text: Set(line.text.clone()),
            row_number: Set(i32::try_from(line.at).unwrap_or(i32::MAX)),
            recorded_by: Set(by.person()?),
            ..Default::default()
        };
        bank_statement_line::Entity::update(set).exec(tx).await?;
    }
    Ok(())
}

/// Writes lines, each with the mark that it has within the account.
async fn written(
    tx: &Tx,
    by: &As<Finance>,
    account: &bank_account::Model,
    row: &bank_statement::Model,
    fresh: &[(&Line, &str)],
) -> Result<()> {
    let elsewhere = marks(tx, fresh).await?;
    for part in fresh.chunks(CHUNK) {
        let rows = part.iter().map(|(line, reference)| bank_statement_line::ActiveModel {
            account_id: Set(account.id),
            statement_id: Set(row.id),
            reference: Set((*reference).to_owned()),
            // Two banks may give the same mark; in the books each proves one thing.
            mark: Set(if elsewhere.contains(*reference) {
                format!("{reference}@{}", account.id)
            } else {
                (*reference).to_owned()
            }),
            day: Set(line.day),
            amount_minor: Set(line.amount_minor),
            currency: Set(account.currency),
            name: Set(line.name.clone()),
            tail: Set(line.tail.clone()),
            text: Set(line.text.clone()),
            row_number: Set(i32::try_from(line.at).unwrap_or(i32::MAX)),
            recorded_by: Set(by.actor.person.unwrap_or(row.recorded_by)),
            recorded_at: Set(tx.now()),
            ..Default::default()
        });
        bank_statement_line::Entity::insert_many(rows.collect::<Vec<_>>()).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Marks that lines of other accounts have already.
async fn marks(db: &impl ConnectionTrait, lines: &[(&Line, &str)]) -> Result<BTreeSet<String>> {
    let mut known = BTreeSet::new();
    for part in lines.chunks(CHUNK) {
        let rows: Vec<String> = bank_statement_line::Entity::find()
            .select_only()
            .column(bank_statement_line::Column::Mark)
            .filter(bank_statement_line::Column::Mark.is_in(part.iter().map(|(_, reference)| *reference)))
            .into_tuple()
            .all(db)
            .await?;
        known.extend(rows);
    }
    Ok(known)
}

/// Discards a checked file; a mended one, or the same, may come again.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it was imported.
pub async fn discard(by: &As<Finance>, id: StatementId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        advance(tx, by, &row, "discard", Note::act("")).await?;
        let set = bank_statement::ActiveModel {
            id: Set(id),
            sha256: Set(format!("{}:discarded:{id}", row.sha256)),
            rows: Set(serde_json::json!([])),
            ..Default::default()
        };
        bank_statement::Entity::update(set).exec(tx).await?;
        Ok(())
    })
    .await
}

/// Writes down one line of the statement by hand, before its file is there: the file finds it by its mark.
///
/// # Errors
/// By the field: nothing, the future, no mark, a day of which a file speaks; a refusal when the mark is known.
pub async fn by_hand(by: &As<Finance>, account: BankAccountId, line: &Line) -> Result<StatementId> {
    let mut wrong = Vec::new();
    if line.amount_minor == 0 {
        wrong.push(Violation::at("amount", "refused-zero"));
    }
    if line.reference.trim().is_empty() {
        wrong.push(Violation::at("bank_line", "refused-empty"));
    }
    if line.day > by.edges.today() {
        wrong.push(Violation::at("received_on", "refused-gift-future"));
    }
    crate::commons::texts::all_well(wrong)?;
    by.write(|tx| async move {
        let tx = &tx;
        let account = locked(tx, account).await.map_err(|_| Error::field("bank_account", "refused-choose"))?;
        let line = Line { reference: line.reference.trim().to_owned(), ..line.clone() };
        unknown(tx, &account, &line).await?;
        let sha256 = fingerprint(format!("by hand {} {}", account.id, line.reference));
        let read = Statement {
            format: StatementFormat::ByHand,
            account: None,
            currency: account.currency,
            opening_minor: None,
            closing_minor: None,
            from: line.day,
            to: line.day,
            lines: vec![line],
        };
        let row = of(&account, &read, &sha256, "", StatementStage::Imported)?;
        let row = bank_statement::ActiveModel {
            new_count: Set(1),
            rows: Set(serde_json::json!([])),
            recorded_by: Set(by.person()?),
            recorded_at: Set(tx.now()),
            ..row
        };
        let row = bank_statement::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Statement, row.id.0, Note::act("by-hand")).await?;
        let fresh: Vec<(&Line, &str)> = read.lines.iter().map(|line| (line, line.reference.as_str())).collect();
        written(tx, by, &account, &row, &fresh).await?;
        Ok(row.id)
    })
    .await
}

/// A hand writes what no file has said: neither the mark nor the day is known.
async fn unknown(tx: &Tx, account: &bank_account::Model, line: &Line) -> Result<()> {
    let file = bank_statement::Entity::find()
        .filter(bank_statement::Column::AccountId.eq(account.id))
        .filter(bank_statement::Column::Stage.eq(StatementStage::Imported))
        .filter(bank_statement::Column::Format.ne(StatementFormat::ByHand))
        .filter(bank_statement::Column::FromDay.lte(line.day))
        .filter(bank_statement::Column::ToDay.gte(line.day));
    if file.one(tx).await?.is_some() {
        return Err(Error::field("received_on", "refused-bank-day-known"));
    }
    let known = bank_statement_line::Entity::find()
        .filter(bank_statement_line::Column::AccountId.eq(account.id))
        .filter(bank_statement_line::Column::Reference.eq(&line.reference));
    let used = bank_line::Entity::find().filter(bank_line::Column::Line.eq(&line.reference));
    if known.one(tx).await?.is_some() || used.one(tx).await?.is_some() {
        return Err(Error::field("bank_line", "refused-bank-line-used"));
    }
    Ok(())
}

/// A statement by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: StatementId) -> Result<bank_statement::Model> {
    bank_statement::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// What finance may do with it now.
pub fn offers(row: &bank_statement::Model) -> Vec<&'static str> {
    STATEMENT.offers(row.stage, &[Part::Finance])
}
