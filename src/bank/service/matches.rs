//! What a line is: proposed by the rules or chosen by hand, confirmed by another person, and then done through the room whose it is.
//!
//! The first of the two is whoever imported the line, or whoever chose otherwise. What the rules say is asked again inside the
//! transaction of the confirmation: what changed meanwhile is not confirmed.

use super::candidates::{UNSEEN, Waiting, waiting};
use super::{OVERTAKEN, load, locked};
use crate::bank::rules::{DOUBT_IMPORT, Meant, Seen, Verdict, Why, judge, or_a_payout};
use crate::commons::documents::Kept;
use crate::commons::events::{self, Note};
use crate::commons::proposals;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::gifts::service::lines as gifts;
use crate::grants::tranches::statements::{self, Fate};
use crate::grants::tranches::{bank, service as tranches};
use crate::ledger::lines::{self, Moved};
use crate::ledger::recipes::{self, Sum};
use crate::ledger::{balances, movements};
use crate::people::permission::{Approver, As, Context, Finance, RolePermission};
use crate::people::roles;
use entities::kinds::{
    AccountKind, ImportStage, PersonId, ProposalKind, ProposalStage, Role, StatementLineId, Subject, TransferId,
};
use entities::{account, bank_line, bank_statement_line, line_match, proposal, settlement_import};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::{BTreeMap, BTreeSet};

/// The voucher of a payment, as whoever confirms it brings it.
#[derive(Debug, Clone)]
pub struct Papers {
    /// The bank's slip.
    pub voucher: Kept,
    /// The same for the public.
    pub redacted: Kept,
}

/// Where a line stands.
#[derive(Debug, Clone)]
pub enum Standing {
    /// The books have it: what it proved.
    Explained(bank_line::Model),
    /// A hand wrote it, and the file of its day does not show it: it stands for nothing.
    Overtaken,
    /// Somebody chose what it is, and it waits to be confirmed.
    Chosen(Meant, Box<proposal::Model>),
    /// What the rules say of it.
    Judged(Verdict),
}

impl Standing {
    /// What would be confirmed, and who proposes it.
    pub fn proposed(&self, line: &bank_statement_line::Model) -> Option<(Meant, Why, PersonId)> {
        match self {
            Self::Explained(_) | Self::Overtaken => None,
            Self::Chosen(meant, open) => Some((*meant, Why::Chosen, open.proposed_by)),
            Self::Judged(Verdict::One(meant, why)) => Some((*meant, *why, line.recorded_by)),
            Self::Judged(_) => None,
        }
    }

    /// What the page of the second person says it showed.
    pub fn shown(&self) -> String {
        match self {
            Self::Chosen(_, open) => open.id.to_string(),
            Self::Judged(Verdict::One(meant, why)) => format!("{} {}", meant.code(), why.as_str()),
            _ => String::new(),
        }
    }
}

/// Where some lines stand, in their order.
///
/// # Errors
/// When the database cannot be read.
pub async fn standings(
    context: &Context,
    db: &impl ConnectionTrait,
    rows: &[bank_statement_line::Model],
) -> Result<Vec<Standing>> {
    let marks = || rows.iter().map(|row| row.mark.as_str());
    let used: BTreeMap<String, bank_line::Model> = bank_line::Entity::find()
        .filter(bank_line::Column::Line.is_in(marks()))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.line.clone(), row))
        .collect();
    let chosen = proposal::Entity::find()
        .filter(proposal::Column::Kind.eq(ProposalKind::LineMatch))
        .filter(proposal::Column::Stage.eq(ProposalStage::Open))
        .filter(proposal::Column::Subject.eq(Subject::StatementLine))
        .filter(proposal::Column::SubjectId.is_in(rows.iter().map(|row| row.id.0)))
        .all(db)
        .await?;
    let open: Vec<&bank_statement_line::Model> = rows.iter().filter(|row| !used.contains_key(&row.mark)).collect();
    let overtaken = overtaken(db, &open).await?;
    let promised: BTreeSet<String> = settlement_import::Entity::find()
        .filter(settlement_import::Column::Stage.eq(ImportStage::Proposed))
        .filter(settlement_import::Column::BankLine.is_in(marks()))
        .all(db)
        .await?
        .into_iter()
        .map(|row| row.bank_line)
        .collect();
    let waiting = waiting(context, db, &open).await?;
    let clearing = clearing(context, db, &open).await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let by_hand = chosen.iter().find(|open| open.subject_id == row.id.0);
        all.push(match (used.get(&row.mark), by_hand) {
            (Some(used), _) => Standing::Explained(used.clone()),
            (None, _) if overtaken.contains(&row.id) => Standing::Overtaken,
            // The file that names it says whose its money is, once it is applied.
            (None, _) if promised.contains(&row.mark) => Standing::Judged(Verdict::Doubt(DOUBT_IMPORT, Vec::new())),
            (None, Some(open)) => {
                Standing::Chosen(serde_json::from_value(open.payload.clone())?, Box::new(open.clone()))
            }
            (None, None) => Standing::Judged(judged(row, &waiting, clearing.get(row.currency.code()).copied())),
        });
    }
    Ok(all)
}

/// Lines that a hand wrote and the file of their day does not show.
async fn overtaken(
    db: &impl ConnectionTrait,
    rows: &[&bank_statement_line::Model],
) -> Result<BTreeSet<StatementLineId>> {
    let found: Vec<StatementLineId> = bank_statement_line::Entity::find()
        .select_only()
        .column(bank_statement_line::Column::Id)
        .filter(bank_statement_line::Column::Id.is_in(rows.iter().map(|row| row.id)))
        .filter(Expr::cust(OVERTAKEN))
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().collect())
}

/// What the processor holds of ours, by currency; nothing where there is none.
async fn clearing(
    context: &Context,
    db: &impl ConnectionTrait,
    rows: &[&bank_statement_line::Model],
) -> Result<BTreeMap<String, i64>> {
    if context.edges.stripe.is_none() || rows.iter().all(|row| row.amount_minor < 0) {
        return Ok(BTreeMap::new());
    }
    let accounts =
        account::Entity::find().filter(account::Column::Kind.eq(AccountKind::StripeClearing)).all(db).await?;
    let held = balances::of(db, accounts).await?;
    Ok(held.into_iter().map(|row| (row.account.currency.code().to_owned(), row.balance_minor)).collect())
}

/// What the rules say of a line, as far as everything that waits could be looked at.
fn judged(row: &bank_statement_line::Model, waiting: &Waiting, clearing_minor: Option<i64>) -> Verdict {
    let verdict = judge(&seen(row), &waiting.of(row.currency));
    let sure = match verdict {
        Verdict::One(_, Why::FeeWords) => true,
        Verdict::One(Meant::Gift(_) | Meant::Returned(_), Why::Reference) => !waiting.entries_crowded,
        Verdict::One(_, Why::Reference) => true,
        _ => !(waiting.crowded || waiting.entries_crowded),
    };
    if !sure {
        return Verdict::Doubt("bank-doubt-several", Vec::new());
    }
    match clearing_minor {
        Some(minor) => or_a_payout(verdict, &seen(row), minor),
        None => verdict,
    }
}

/// Where one line stands.
///
/// # Errors
/// When the database cannot be read.
pub async fn standing(
    context: &Context,
    db: &impl ConnectionTrait,
    row: &bank_statement_line::Model,
) -> Result<Standing> {
    let mut all = standings(context, db, std::slice::from_ref(row)).await?;
    all.pop().ok_or(Error::NotFound)
}

fn seen(row: &bank_statement_line::Model) -> Seen<'_> {
    Seen { day: row.day, amount_minor: row.amount_minor, name: &row.name, text: &row.text }
}

/// What somebody may say by hand that a line is: whatever waits for its amount or is named on it, or what needs nothing to wait.
///
/// # Errors
/// When the database cannot be read.
pub async fn options(
    context: &Context,
    db: &impl ConnectionTrait,
    row: &bank_statement_line::Model,
) -> Result<Vec<Meant>> {
    let mut all: Vec<Meant> = waiting(context, db, &[row])
        .await?
        .of(row.currency)
        .iter()
        .filter(|one| {
            let part = one.in_part && row.amount_minor > 0 && row.amount_minor < one.amount_minor;
            one.amount_minor == row.amount_minor || part
        })
        .map(|one| one.meant)
        .collect();
    all.sort_unstable();
    all.dedup();
    all.push(if row.amount_minor > 0 { Meant::Suspense } else { Meant::Fee });
    Ok(all)
}

/// Says by hand what a line is; another person confirms it.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it is in the books, something is proposed, or it cannot be that.
pub async fn choose(by: &As<Finance>, id: StatementLineId, code: &str) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = locked(tx, id).await?;
        lines::is_new(tx, &row.mark).await?;
        match standing(by, tx, &row).await? {
            Standing::Overtaken => return Err(Error::refused("refused-bank-overtaken")),
            Standing::Judged(Verdict::Doubt(DOUBT_IMPORT, _)) => {
                return Err(Error::refused("refused-bank-line-import"));
            }
            _ => {}
        }
        let meant = options(by, tx, &row).await?.into_iter().find(|meant| meant.code() == code);
        let meant = meant.ok_or_else(|| Error::field("meant", "refused-choose"))?;
        proposals::propose(tx, by, ProposalKind::LineMatch, Subject::StatementLine, id.0, &meant).await.map(|_| ())
    })
    .await
}

/// Declines what somebody chose, or takes back what one chose: the rules speak again.
///
/// # Errors
/// [`Error::NotFound`] when nothing was chosen; forbidden for other roles.
pub async fn decline<R: RolePermission>(by: &As<R>, id: StatementLineId, reason: &str) -> Result<()> {
    of_finance::<R>()?;
    by.write(|tx| async move {
        let tx = &tx;
        load(tx, id).await?;
        proposals::decline(tx, by, ProposalKind::LineMatch, Subject::StatementLine, id.0, reason).await
    })
    .await
}

fn of_finance<R: RolePermission>() -> Result<()> {
    let theirs = matches!(R::ROLE, Role::FinanceOfficer | Role::Approver);
    if theirs { Ok(()) } else { Err(Error::Forbidden("forbidden-finance")) }
}

/// Confirms what a line is, by another person than who imported it or chose: the books take it, once.
///
/// # Errors
/// [`Error::NotFound`]; forbidden for the first person; [`Error::Stale`] when something else is proposed by now; a refusal when
/// nothing is proposed, the line was recorded before, and whatever the room of the thing refuses.
pub async fn confirm<R: RolePermission>(by: &As<R>, id: StatementLineId, papers: Option<&Papers>) -> Result<()> {
    of_finance::<R>()?;
    by.decide(|tx| async move {
        let tx = &tx;
        let row = locked(tx, id).await?;
        lines::is_new(tx, &row.mark).await?;
        let standing = standing(by, tx, &row).await?;
        by.saw(standing.shown())?;
        let (meant, why, first) = standing.proposed(&row).ok_or_else(|| Error::refused("refused-bank-undecided"))?;
        roles::apart(tx, by, &[Some(first)]).await?;
        if let Standing::Chosen(..) = standing {
            let _: Meant = proposals::confirm(tx, by, ProposalKind::LineMatch, Subject::StatementLine, id.0).await?;
        }
        let (subject, transfer) = done(tx, by, &row, (meant, first), papers).await?;
        let made = line_match::ActiveModel {
            line_id: Set(id),
            kind: Set(meant.kind()),
            subject: Set(subject.0),
            subject_id: Set(subject.1),
            transfer_id: Set(transfer),
            why: Set(why.as_str().to_owned()),
            proposed_by: Set(first),
            confirmed_by: Set(by.person()?),
            at: Set(tx.now()),
            ..Default::default()
        };
        line_match::Entity::insert(made).exec_without_returning(tx).await?;
        let note = Note::act("place").with(serde_json::json!({ "meant": meant.code(), "why": why.as_str() }));
        events::record(tx, by, Subject::StatementLine, id.0, note).await
    })
    .await
}

type Done = ((Subject, i64), Option<TransferId>);

/// Does what the line says, through the room whose it is.
async fn done<R: RolePermission>(
    tx: &Tx,
    by: &As<R>,
    row: &bank_statement_line::Model,
    (meant, first): (Meant, PersonId),
    papers: Option<&Papers>,
) -> Result<Done> {
    let sum = Sum { amount_minor: row.amount_minor.abs(), currency: row.currency, on: row.day };
    let line = gifts::Line { mark: row.mark.clone(), sum, proposed_by: first };
    let own = (Subject::StatementLine, row.id.0);
    match (meant, row.amount_minor > 0) {
        (Meant::Gift(id), true) => {
            gifts::receive(tx, by, id, &line).await?;
            Ok(((Subject::Gift, id.0), None))
        }
        (Meant::Suspense, true) => {
            recipes::suspense_received(tx, by, row.id, sum, &row.mark).await?;
            Ok((own, None))
        }
        (Meant::Returned(id), true) => {
            let part = tranches::load(tx, id).await?;
            if part.tranche.currency != row.currency || row.amount_minor > part.tranche.amount_minor {
                return Err(Error::refused("refused-bank-line-amount"));
            }
            let whole = row.amount_minor == part.tranche.amount_minor;
            let fate = if whole { Fate::Returned } else { Fate::ReturnedInPart(row.amount_minor) };
            statements::by_line(tx, &by.role::<Approver>()?, id, &fate, &row.mark).await?;
            Ok(((Subject::Tranche, id.0), None))
        }
        (Meant::Payment(id), false) => {
            let part = tranches::load(tx, id).await?;
            if part.tranche.currency != row.currency || part.tranche.amount_minor != sum.amount_minor {
                return Err(Error::refused("refused-bank-line-amount"));
            }
            let papers = papers.ok_or_else(|| Error::field("voucher", "refused-file-missing"))?;
            let seen = bank::Seen {
                bank_line: row.mark.clone(),
                paid_on: row.day,
                voucher: papers.voucher.clone(),
                redacted: papers.redacted.clone(),
            };
            bank::paid(tx, by, id, &seen).await?;
            Ok(((Subject::Tranche, id.0), None))
        }
        (Meant::Refund(id), false) => {
            gifts::refund(tx, by, id, &line).await?;
            Ok(((Subject::Gift, id.0), None))
        }
        (Meant::Fee, false) => {
            recipes::bank_fee(tx, by, row.id, sum, &row.mark).await?;
            Ok((own, None))
        }
        (Meant::Recorded(id), _) => recorded(tx, row, id).await,
        _ => Err(Error::refused("refused-bank-line-amount")),
    }
}

/// The line is one that somebody recorded under another mark: nothing is posted, and its own mark proves the same thing.
async fn recorded(tx: &Tx, row: &bank_statement_line::Model, id: TransferId) -> Result<Done> {
    let condition = format!("m.id = $2 and {UNSEEN}");
    let found = movements::such(tx, row.currency, &condition, vec![id.0.into()], 1).await?;
    let moved = found.first().ok_or_else(|| Error::refused("refused-bank-line-used"))?;
    if moved.amount_minor != row.amount_minor {
        return Err(Error::refused("refused-bank-line-amount"));
    }
    let shown = Moved { amount_minor: row.amount_minor, currency: row.currency };
    lines::take(tx, &row.mark, shown, moved.subject, moved.subject_id).await?;
    Ok(((moved.subject, moved.subject_id), Some(id)))
}

/// How a line was placed, once it was placed here.
///
/// # Errors
/// When the database cannot be read.
pub async fn placed(db: &impl ConnectionTrait, id: StatementLineId) -> Result<Option<line_match::Model>> {
    Ok(line_match::Entity::find().filter(line_match::Column::LineId.eq(id)).one(db).await?)
}
