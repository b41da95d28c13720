//! What a gift became: its lots, what was paid from them, and a private link for those who gave.

use super::{is_donor, load};
use crate::commons::events::{self, Note};
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result};
use crate::ledger::lots;
use crate::people::permission::{As, Permission, SignedIn};
use chrono::{DateTime, Utc};
use entities::kinds::{AccountKind, AwardId, GiftId, LotMoveKind, PostingId, Subject, TrancheId};
use entities::{account, gift, lot_move, posting, transfer};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

/// Lines of a trace that are shown.
const LINES: u64 = 500;

/// Where a gift is, to the fen: amount = paid + fee + committed + free + refunded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Paid to grantees, in minor units.
    pub paid_minor: i64,
    /// Management fee, and the processor's where the fund bears it.
    pub fee_minor: i64,
    /// Promised to awards.
    pub committed_minor: i64,
    /// Not used yet.
    pub free_minor: i64,
    /// Given back.
    pub refunded_minor: i64,
}

/// One thing that a gift paid, or that came back to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: DateTime<Utc>,
    /// Positive when spent, negative when it came back, in minor units.
    pub amount_minor: i64,
    /// Whether it is a fee.
    pub is_fee: bool,
    /// The entry in the books.
    pub posting: PostingId,
    /// The award.
    pub award: Option<AwardId>,
    /// The tranche.
    pub tranche: Option<TrancheId>,
}

/// Follows a gift through its lots, wherever they went.
///
/// # Errors
/// When the database cannot be read.
pub async fn follow(db: &impl ConnectionTrait, row: &gift::Model) -> Result<(Sums, Vec<Line>)> {
    let lots = lots::of_gift(db, row.id).await?;
    let mut sums = Sums::default();
    let mut consumed = 0;
    for (lot, used) in &lots {
        consumed += used.consumed_minor + used.kept_minor;
        sums.committed_minor += used.allocated_minor;
        sums.refunded_minor += used.refunded_minor;
        sums.free_minor += used.free_of(lot);
        // What moved to another fund left one lot and is another: it was not given back.
        if lot.fund_id != row.fund_id {
            sums.refunded_minor -= lot.amount_minor;
        }
    }
    let lines = lines(db, lots.iter().map(|(lot, _)| lot.id).collect()).await?;
    sums.fee_minor = lines.iter().filter(|line| line.is_fee).map(|line| line.amount_minor).sum();
    sums.paid_minor = consumed - sums.fee_minor;
    Ok((sums, lines))
}

async fn lines(db: &impl ConnectionTrait, lots: Vec<entities::kinds::LotId>) -> Result<Vec<Line>> {
    let moves = lot_move::Entity::find()
        .filter(lot_move::Column::LotId.is_in(lots))
        .filter(lot_move::Column::Kind.is_in([LotMoveKind::Consume, LotMoveKind::Reopen, LotMoveKind::Fee]))
        .order_by_asc(lot_move::Column::Id)
        .limit(LINES)
        .all(db)
        .await?;
    let transfers: BTreeMap<_, _> = transfer::Entity::find()
        .filter(transfer::Column::Id.is_in(moves.iter().map(|row| row.transfer_id)))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let postings: BTreeMap<_, _> = posting::Entity::find()
        .filter(posting::Column::Id.is_in(transfers.values().map(|row| row.posting_id)))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let fees: Vec<entities::kinds::AccountId> = account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(account::Column::Kind.eq(AccountKind::FeeRecovery))
        .into_tuple()
        .all(db)
        .await?;
    let line = |row: lot_move::Model| {
        let transfer = transfers.get(&row.transfer_id)?;
        let posting = postings.get(&transfer.posting_id)?;
        let spent = row.kind != LotMoveKind::Reopen;
        Some(Line {
            at: row.at,
            amount_minor: if spent { row.amount_minor } else { -row.amount_minor },
            is_fee: fees.contains(&transfer.credit_id) || fees.contains(&transfer.debit_id),
            posting: posting.id,
            award: posting.award_id,
            tranche: (posting.subject == Subject::Tranche).then_some(TrancheId(posting.subject_id)),
        })
    };
    Ok(moves.into_iter().filter_map(line).collect())
}

/// Makes the private link of a gift; an older one ends. The token is answered once and kept nowhere.
///
/// # Errors
/// [`Error::NotFound`] for who did not give it; a refusal when the same form was sent before.
pub async fn issue_trace(by: &As<SignedIn>, id: GiftId) -> Result<String> {
    let token = by.edges.dice.token();
    let hash = &fingerprint(&token);
    let kept = by
        .write(|tx| async move {
            let tx = &tx;
            set_token(tx, by, id, Some(hash.clone()), "issue-trace").await?;
            Ok(hash.clone())
        })
        .await?;
    // The same form twice answers the first hash, whose token is gone.
    if kept == *hash { Ok(token) } else { Err(Error::refused("refused-form-used")) }
}

/// Ends the private link.
///
/// # Errors
/// [`Error::NotFound`] for who did not give it.
pub async fn revoke_trace(by: &As<SignedIn>, id: GiftId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        set_token(tx, by, id, None, "revoke-trace").await
    })
    .await
}

async fn set_token<P: Permission>(
    tx: &crate::edges::db::Tx,
    by: &As<P>,
    id: GiftId,
    hash: Option<String>,
    act: &'static str,
) -> Result<()> {
    let row = load(tx, id).await?;
    if !is_donor(by, &row) {
        return Err(Error::NotFound);
    }
    let set = gift::ActiveModel { id: Set(id), trace_token_hash: Set(hash), ..Default::default() };
    gift::Entity::update(set).exec(tx).await?;
    events::record(tx, by, Subject::Gift, id.0, Note::act(act)).await
}

/// The gift of a private link.
///
/// # Errors
/// [`Error::NotFound`] for a token that was never made or has ended.
pub async fn by_token(db: &impl ConnectionTrait, token: &str) -> Result<gift::Model> {
    gift::Entity::find()
        .filter(gift::Column::TraceTokenHash.eq(fingerprint(token)))
        .one(db)
        .await?
        .ok_or(Error::NotFound)
}
