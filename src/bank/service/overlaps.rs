//! What is known of the days of a file, and what importing its lines would do. The judging is pure: `core::statement::overlap`.

use crate::core::statement::overlap::{Came, Known, Overlap, marks, overlap};
use crate::core::statement::{Line, MAX_LINES};
use crate::error::Result;
use chrono::NaiveDate;
use entities::kinds::{BankAccountId, StatementFormat, StatementId};
use entities::{bank_line, bank_statement, bank_statement_line};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, BTreeSet};

/// Keys asked for at once: SQLite takes 32,766 values a statement.
const CHUNK: usize = 500;
/// Lines of the same days that are looked at: four full files. Whoever has more of one account imports fewer days at once.
const MOST: u64 = 4 * MAX_LINES as u64;

/// What importing a line would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is new and waits to be placed.
    New,
    /// An import brought it before: nothing happens.
    Known,
    /// An import brought it before under another mark: nothing happens.
    Otherwise,
    /// A hand wrote it before, and the file shows it now.
    Written,
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
            Self::Otherwise => "otherwise",
            Self::Written => "written",
            Self::Recorded => "recorded",
            Self::Changed => "changed",
        }
    }
}

/// A file beside the lines that are known of its account.
#[derive(Debug)]
pub(super) struct Beside {
    rows: Vec<bank_statement_line::Model>,
    known: Vec<Known>,
    told: Overlap,
}

impl Beside {
    /// Line by line what it is.
    pub(super) fn came(&self) -> &[Came] {
        &self.told.came
    }

    /// The first day of which a line is known that the file does not show though it should.
    pub(super) fn missing(&self) -> Option<NaiveDate> {
        self.told.missing
    }

    /// The line that a hand wrote before, which the file shows now.
    pub(super) fn written(&self, came: &Came) -> Option<&bank_statement_line::Model> {
        let place = came.known()?;
        let by_hand = self.known.get(place)?.format == StatementFormat::ByHand;
        self.rows.get(place).filter(|_| by_hand)
    }
}

/// Looks at everything that is known of the days of a file, and of its marks.
pub(super) async fn beside(
    db: &impl ConnectionTrait,
    account: BankAccountId,
    (format, from, to): (StatementFormat, NaiveDate, NaiveDate),
    lines: &[Line],
) -> Result<Beside> {
    let of_account = || bank_statement_line::Entity::find().filter(bank_statement_line::Column::AccountId.eq(account));
    let day = bank_statement_line::Column::Day;
    let in_order = of_account().filter(day.between(from, to)).order_by_asc(bank_statement_line::Column::Id);
    let mut rows = in_order.limit(MOST + 1).all(db).await?;
    let crowded = rows.len() as u64 > MOST;
    let asked: Vec<String> = lines.iter().flat_map(marks).collect::<BTreeSet<_>>().into_iter().collect();
    for part in asked.chunks(CHUNK) {
        let named = of_account().filter(bank_statement_line::Column::Reference.is_in(part.iter().map(String::as_str)));
        let elsewhere = Condition::any().add(day.lt(from)).add(day.gt(to));
        rows.extend(named.filter(elsewhere).all(db).await?);
    }
    let known = known(db, &rows).await?;
    let mut told = overlap(lines, format, (from, to), &known);
    if crowded {
        told.missing = Some(from);
    }
    Ok(Beside { rows, known, told })
}

async fn known(db: &impl ConnectionTrait, rows: &[bank_statement_line::Model]) -> Result<Vec<Known>> {
    let files: BTreeSet<_> = rows.iter().map(|row| row.statement_id).collect();
    let mut formats = BTreeMap::new();
    for part in files.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
        let found: Vec<(StatementId, StatementFormat)> = bank_statement::Entity::find()
            .select_only()
            .columns([bank_statement::Column::Id, bank_statement::Column::Format])
            .filter(bank_statement::Column::Id.is_in(part.iter().copied()))
            .into_tuple()
            .all(db)
            .await?;
        formats.extend(found);
    }
    let format =
        |row: &bank_statement_line::Model| formats.get(&row.statement_id).copied().unwrap_or(StatementFormat::ByHand);
    let by_hand = rows.iter().filter(|row| format(row) == StatementFormat::ByHand);
    let marks: Vec<&str> = by_hand.map(|row| row.mark.as_str()).collect();
    let taken = recorded(db, &marks).await?;
    let one = |row: &bank_statement_line::Model| Known {
        day: row.day,
        amount_minor: row.amount_minor,
        reference: row.reference.clone(),
        name: row.name.clone(),
        text: row.text.clone(),
        format: format(row),
        in_books: format(row) != StatementFormat::ByHand || taken.contains(&row.mark),
    };
    Ok(rows.iter().map(one).collect())
}

/// Marks that the books took.
async fn recorded(db: &impl ConnectionTrait, marks: &[&str]) -> Result<BTreeSet<String>> {
    let mut taken = BTreeSet::new();
    for part in marks.chunks(CHUNK) {
        let rows = bank_line::Entity::find().filter(bank_line::Column::Line.is_in(part.iter().copied()));
        taken.extend(rows.all(db).await?.into_iter().map(|row| row.line));
    }
    Ok(taken)
}

/// What importing would do, line by line.
///
/// # Errors
/// When the database cannot be read.
pub async fn fates(db: &impl ConnectionTrait, account: BankAccountId, lines: &[Line]) -> Result<Vec<Fate>> {
    let days = || lines.iter().map(|line| line.day);
    let (Some(from), Some(to)) = (days().min(), days().max()) else { return Ok(Vec::new()) };
    // How it was written matters only for what it does not show.
    let beside = beside(db, account, (StatementFormat::Camt, from, to), lines).await?;
    let fresh = beside.came().iter().filter_map(|came| match came {
        Came::New(mark) => Some(mark.as_str()),
        _ => None,
    });
    let recorded = recorded(db, &fresh.collect::<Vec<_>>()).await?;
    let fate = |came: &Came| match came {
        Came::New(mark) if recorded.contains(mark) => Fate::Recorded,
        Came::New(_) => Fate::New,
        Came::Changed(_) => Fate::Changed,
        came if beside.written(came).is_some() => Fate::Written,
        Came::Before(_) => Fate::Known,
        Came::Otherwise(_) => Fate::Otherwise,
    };
    Ok(beside.came().iter().map(fate).collect())
}
