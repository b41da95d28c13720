//! Statements: checked whole without doing anything, then imported in one transaction. A line is kept once, however often it comes.

use super::accounts;
use crate::bank::rules::STATEMENT;
use crate::commons::events::{self, Note};
use crate::commons::lives::{advance, permitted};
use crate::core::lifecycle::Part;
use crate::core::statement::{self, Fault, Line, Statement};
use crate::edges::db::Tx;
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result, Violation};
use crate::people::permission::{As, Finance};
use entities::kinds::{BankAccountId, StatementFormat, StatementId, StatementStage, Subject};
use entities::{bank_account, bank_line, bank_statement, bank_statement_line};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::{BTreeMap, BTreeSet};

/// Rows written and keys asked for at once: SQLite takes 32,766 values a statement, a line has fourteen.
const CHUNK: usize = 500;

/// What importing a line would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is new and waits to be placed.
    New,
    /// An import brought it before: nothing happens.
    Known,
    /// It is new, and somebody recorded it by hand before: nothing is left to do.
    Recorded,
    /// An import brought it before with another day or amount: the file is not taken.
    Changed,
}

impl Fate {
    /// The word in locale keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Known => "known",
            Self::Recorded => "recorded",
            Self::Changed => "changed",
        }
    }
}

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
    if read.account.as_deref().is_some_and(|number| accounts::hash_of(number) != account.number_hash) {
        return Err(Error::field("file", "refused-statement-other-account"));
    }
    if read.to > by.edges.today() {
        return Err(Error::field("file", "refused-statement-future"));
    }
    let (read, sha256) = (&read, &fingerprint(bytes));
    by.write(|tx| async move {
        let tx = &tx;
        let before = bank_statement::Entity::find().filter(bank_statement::Column::Sha256.eq(sha256)).one(tx).await?;
        if before.is_some() {
            return Err(Error::field("file", "refused-statement-used"));
        }
        let row = of(account, read, sha256, file_name, StatementStage::Checked)?;
        let row = bank_statement::ActiveModel { recorded_by: Set(by.person()?), recorded_at: Set(tx.now()), ..row };
        let row = bank_statement::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Statement, row.id.0, Note::act("check")).await?;
        Ok(row.id)
    })
    .await
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
        ..Default::default()
    })
}

/// Imports a checked statement: all its lines that are new, or none.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it was imported or discarded, or a line came before with another day or amount.
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
    let account = bank_account::Entity::find_by_id(row.account_id).lock_exclusive().one(tx).await?;
    let account = account.ok_or(Error::NotFound)?;
    let fates = fates(tx, account.id, lines).await?;
    let changed = lines.iter().zip(&fates).find(|(_, fate)| **fate == Fate::Changed);
    if let Some((line, _)) = changed {
        let wrong = Violation::at("file", "refused-statement-changed").with("line", line.at).with("column", 1);
        return Err(wrong.into());
    }
    let fresh: Vec<&Line> =
        lines.iter().zip(&fates).filter(|(_, fate)| **fate != Fate::Known).map(|(line, _)| line).collect();
    let elsewhere = marks(tx, &fresh).await?;
    for part in fresh.chunks(CHUNK) {
        let rows = part.iter().map(|line| bank_statement_line::ActiveModel {
            account_id: Set(account.id),
            statement_id: Set(row.id),
            reference: Set(line.reference.clone()),
            // Two banks may give the same mark; in the books each proves one thing.
            mark: Set(if elsewhere.contains(&line.reference) {
                format!("{}@{}", line.reference, account.id)
            } else {
                line.reference.clone()
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
    let set = bank_statement::ActiveModel {
        id: Set(row.id),
        new_count: Set(i32::try_from(fresh.len()).unwrap_or(i32::MAX)),
        rows: Set(serde_json::json!([])),
        ..Default::default()
    };
    bank_statement::Entity::update(set).exec(tx).await?;
    Ok(())
}

/// Marks that lines of other accounts have already.
async fn marks(db: &impl ConnectionTrait, lines: &[&Line]) -> Result<BTreeSet<String>> {
    let mut known = BTreeSet::new();
    for part in lines.chunks(CHUNK) {
        let rows: Vec<String> = bank_statement_line::Entity::find()
            .select_only()
            .column(bank_statement_line::Column::Mark)
            .filter(bank_statement_line::Column::Mark.is_in(part.iter().map(|line| line.reference.as_str())))
            .into_tuple()
            .all(db)
            .await?;
        known.extend(rows);
    }
    Ok(known)
}

/// What importing would do, line by line.
///
/// # Errors
/// When the database cannot be read.
pub async fn fates(db: &impl ConnectionTrait, account: BankAccountId, lines: &[Line]) -> Result<Vec<Fate>> {
    let (mut known, mut recorded) = (BTreeMap::new(), BTreeSet::new());
    for part in lines.chunks(CHUNK) {
        let references = || part.iter().map(|line| line.reference.as_str());
        let rows = bank_statement_line::Entity::find()
            .filter(bank_statement_line::Column::AccountId.eq(account))
            .filter(bank_statement_line::Column::Reference.is_in(references()))
            .all(db)
            .await?;
        known.extend(rows.into_iter().map(|row| (row.reference, (row.day, row.amount_minor))));
        let used = bank_line::Entity::find().filter(bank_line::Column::Line.is_in(references())).all(db).await?;
        recorded.extend(used.into_iter().map(|row| row.line));
    }
    let fate = |line: &Line| match known.get(&line.reference) {
        Some(before) if *before == (line.day, line.amount_minor) => Fate::Known,
        Some(_) => Fate::Changed,
        None if recorded.contains(&line.reference) => Fate::Recorded,
        None => Fate::New,
    };
    Ok(lines.iter().map(fate).collect())
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
/// By the field: nothing, the future, no mark; a refusal when the mark is known.
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
        let account = &accounts::load(tx, account).await.map_err(|_| Error::field("bank_account", "refused-choose"))?;
        let lines = vec![Line { reference: line.reference.trim().to_owned(), ..line.clone() }];
        if fates(tx, account.id, &lines).await? != [Fate::New] {
            return Err(Error::field("bank_line", "refused-bank-line-used"));
        }
        let sha256 = fingerprint(format!("by hand {} {}", account.id, line.reference));
        let read = Statement {
            format: StatementFormat::ByHand,
            account: None,
            currency: account.currency,
            opening_minor: None,
            closing_minor: None,
            from: line.day,
            to: line.day,
            lines,
        };
        let row = of(account, &read, &sha256, "", StatementStage::Imported)?;
        let row = bank_statement::ActiveModel { recorded_by: Set(by.person()?), recorded_at: Set(tx.now()), ..row };
        let row = bank_statement::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Statement, row.id.0, Note::act("by-hand")).await?;
        take_in(tx, by, &row, &read.lines).await?;
        Ok(row.id)
    })
    .await
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
