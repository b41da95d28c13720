//! Platform files: checked whole, proposed by one, applied by another in one transaction; one bank line carries all rows.

use super::receipts::{unnamed, unused};
use super::restricted;
use crate::commons::events::{self, Note};
use crate::commons::holds;
use crate::commons::lives::{advance, permitted};
use crate::edges::db::Tx;
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result, Violation};
use crate::grants::funds;
use crate::grants::gifts::settlement::{self, Row};
use crate::ledger::lines::Moved;
use crate::ledger::recipes::{self, Sum};
use crate::ledger::suspense;
use crate::people::permission::{Approver, As, Finance, RolePermission};
use crate::people::roles;
use chrono::NaiveDate;
use entities::kinds::{
    Anonymity, Currency, FundId, FundraisingMode, GiftKind, GiftStage, ImportStage, NeedId, SettlementImportId, Subject,
};
use entities::{fund, gift, settlement_import};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// Reads a file and answers its rows. Unpacking a workbook takes a processor, so it is done beside the house's other work.
///
/// # Errors
/// Every place that is wrong, with line and column.
pub async fn read(bytes: Vec<u8>, currency: Currency) -> Result<Vec<Row>> {
    let read = tokio::task::spawn_blocking(move || settlement::dry_run(&bytes, currency)).await;
    let read = read.map_err(|broken| Error::Internal(broken.to_string()))?;
    read.map_err(|faults| {
        let at = |fault: settlement::Fault| {
            let place = fault.place().to_owned();
            Violation::at("file", fault.code).with("line", fault.line).with("column", place)
        };
        Error::Refused(faults.into_iter().map(at).collect())
    })
}

/// Proposes a platform's file: every row checked, nothing posted yet.
///
/// # Errors
/// Names line and column of what is wrong; a refusal when the fund has no qualification and filing numbers, or file or bank
/// line came before.
pub async fn propose_import(
    by: &As<Finance>,
    fund: FundId,
    file_name: &str,
    bytes: &[u8],
    bank_line: &str,
    received_on: NaiveDate,
    restriction: Option<NeedId>,
) -> Result<SettlementImportId> {
    if bank_line.trim().is_empty() {
        return Err(Error::field("bank_line", "refused-empty"));
    }
    if received_on > by.edges.today() {
        return Err(Error::field("received_on", "refused-gift-future"));
    }
    let known = open_to_files(by.edges.db.read(), fund).await?;
    let rows = &read(bytes.to_vec(), known.currency).await?;
    by.write(|tx| async move {
        let tx = &tx;
        let row = open_to_files(tx, fund).await?;
        let total = settlement::total(rows).ok_or_else(|| Error::field("file", "refused-gift-file-total"))?;
        let sha256 = fingerprint(bytes);
        let before =
            settlement_import::Entity::find().filter(settlement_import::Column::Sha256.eq(&sha256)).one(tx).await?;
        if before.is_some() {
            return Err(Error::field("file", "refused-gift-file-used"));
        }
        let whole = Moved { amount_minor: total, currency: row.currency };
        if in_suspense(tx, bank_line.trim(), whole).await? {
            unnamed(tx, bank_line.trim()).await?;
        } else {
            unused(tx, bank_line.trim(), whole).await?;
        }
        restricted(tx, restriction).await?;
        let import = settlement_import::ActiveModel {
            fund_id: Set(fund),
            sha256: Set(sha256),
            file_name: Set(file_name.to_owned()),
            bank_line: Set(bank_line.trim().to_owned()),
            received_on: Set(received_on),
            currency: Set(row.currency),
            row_count: Set(i32::try_from(rows.len()).unwrap_or(i32::MAX)),
            total_minor: Set(total),
            rows: Set(serde_json::to_value(rows)?),
            restriction_need_id: Set(restriction),
            stage: Set(ImportStage::Proposed),
            recorded_by: Set(by.person()?),
            recorded_at: Set(tx.now()),
            ..Default::default()
        };
        let import = settlement_import::Entity::insert(import).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::SettlementImport, import.id.0, Note::act("propose")).await?;
        Ok(import.id)
    })
    .await
}

/// Whether the line brought this money into suspense, where it still stands: nobody knew then whose it was. It is kept from others
/// until this transaction ends.
async fn in_suspense(tx: &Tx, line: &str, whole: Moved) -> Result<bool> {
    let standing = suspense::locked(tx, line).await?;
    Ok(standing.is_some_and(|row| row.amount_minor == whole.amount_minor && row.currency == whole.currency))
}

/// Applies a proposed file: one bank receipt, unless its line stands in suspense already, then a gift and a lot per row; all or
/// nothing. Never by who proposed it.
///
/// # Errors
/// [`Error::NotFound`]; forbidden for the proposer; a refusal when the fund is held or takes no files any more.
pub async fn apply_import(by: &As<Approver>, id: SettlementImportId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let import = load_import(tx, id).await?;
        permitted(&import, by, "apply")?;
        roles::apart(tx, by, &[Some(import.recorded_by)]).await?;
        holds::none(tx, by, &[(Subject::Fund, import.fund_id.0)]).await?;
        open_to_files(tx, import.fund_id).await?;
        let rows: Vec<Row> = serde_json::from_value(import.rows.clone())?;
        if settlement::total(&rows) != Some(import.total_minor) {
            return Err(Error::Internal(format!("import {id}: its rows do not add up")));
        }
        let set =
            settlement_import::ActiveModel { id: Set(id), confirmed_by: Set(by.actor.person), ..Default::default() };
        settlement_import::Entity::update(set).exec(tx).await?;
        let whole = Sum { amount_minor: import.total_minor, currency: import.currency, on: import.received_on };
        // Asked before it is applied: an applied file is what takes the money out of there.
        let there = in_suspense(tx, &import.bank_line, Moved::came(whole)).await?;
        advance(tx, by, &import, "apply", Note::act("")).await?;
        if !there {
            let subject = (Subject::SettlementImport, id.0);
            recipes::bank_receipt(tx, by, subject, import.fund_id, whole, &import.bank_line, None).await?;
        }
        for (number, row) in rows.into_iter().enumerate() {
            receive(tx, by, &import, number, row).await?;
        }
        funds::service::activate_if_ready(tx, by, import.fund_id).await
    })
    .await
}

/// One row becomes a gift; who gave stays with the platform and with staff.
async fn receive(tx: &Tx, by: &As<Approver>, import: &settlement_import::Model, number: usize, row: Row) -> Result<()> {
    let amount_minor = row.amount_minor;
    let given = gift::ActiveModel {
        fund_id: Set(import.fund_id),
        kind: Set(GiftKind::Platform),
        stage: Set(GiftStage::Received),
        donor_name: Set(row.donor),
        anonymity: Set(Anonymity::Withheld),
        receipt_wanted: Set(false),
        amount_minor: Set(amount_minor),
        currency: Set(import.currency),
        restriction_need_id: Set(import.restriction_need_id),
        received_on: Set(Some(import.received_on)),
        description: Set(String::new()),
        valuation_basis: Set(String::new()),
        import_id: Set(Some(import.id)),
        import_row: Set(Some(i32::try_from(number + 1).unwrap_or(i32::MAX))),
        recorded_by: Set(Some(import.recorded_by)),
        confirmed_by: Set(by.actor.person),
        created_by: Set(Some(import.recorded_by)),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    let given = gift::Entity::insert(given).exec_with_returning(tx).await?;
    let sum = Sum { amount_minor, currency: import.currency, on: import.received_on };
    recipes::suspense_matched(tx, by, given.id, import.fund_id, import.restriction_need_id, sum).await.map(|_| ())
}

/// Declines a proposed file, or withdraws one's own; a mended one may come with the same bank line.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it was applied.
pub async fn decline_import<R: RolePermission>(by: &As<R>, id: SettlementImportId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let import = load_import(tx, id).await?;
        advance(tx, by, &import, "decline", Note::act("").because(reason)).await?;
        let set = settlement_import::ActiveModel {
            id: Set(id),
            sha256: Set(format!("{}:declined:{id}", import.sha256)),
            bank_line: Set(format!("{}:declined:{id}", import.bank_line)),
            ..Default::default()
        };
        settlement_import::Entity::update(set).exec(tx).await?;
        Ok(())
    })
    .await
}

/// A platform's file by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load_import(db: &impl ConnectionTrait, id: SettlementImportId) -> Result<settlement_import::Model> {
    settlement_import::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// A fund may take a platform's file: it takes gifts, is in mode public, and its plan is filed.
async fn open_to_files(db: &impl ConnectionTrait, id: FundId) -> Result<fund::Model> {
    let row = funds::service::load(db, id).await?;
    if !funds::rules::takes_gifts(row.stage) {
        return Err(Error::refused("refused-gift-fund-stage"));
    }
    if row.mode != FundraisingMode::Public || !funds::service::is_filed(&row) {
        return Err(Error::refused("refused-gift-no-filing"));
    }
    Ok(row)
}
