//! The end of a fund: closed at zero, merged into another, or renamed; each by two people.

use super::papers::{self, Filed, Papers};
use super::{is_over, load, page};
use crate::commons::events::{self, Note};
use crate::commons::lives::advance;
use crate::commons::{holds, letters, proposals};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::ledger::recipes::{self, Sum};
use crate::ledger::{Account, accounts, balances};
use crate::people::permission::{Administrator, Approver, As, Context, Finance, Permission};
use entities::kinds::{AwardStage, FundId, FundStage, GiftStage, ImportStage, MatchPoolStage, ProposalKind, Subject};
use entities::{award, fund, gift, match_pool, settlement_import};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::{Deserialize, Serialize};

/// Starts closing: from now on the fund takes no gifts and makes no awards.
///
/// # Errors
/// [`Error::NotFound`]; a refusal while an award is open.
pub async fn start_closing(by: &As<Administrator>, id: FundId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        no_open_award(tx, id).await?;
        advance(tx, by, &row, "start-closing", Note::act("").because(reason)).await?;
        letters::to_organisation(tx, row.initiator_id, "fund-closing", &letters::of_fund(&row), &page(id)).await
    })
    .await
}

/// What happens with the rest when a fund closes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Residue {
    /// The decision in words, public.
    pub decision: String,
    /// The fund that takes the rest; none when nothing is left.
    pub into: Option<FundId>,
}

/// Proposes to close a fund, with what happens to the rest.
///
/// # Errors
/// [`Error::NotFound`]; a refusal while something is open, or when there is a rest and no active fund that takes it.
pub async fn propose_close(by: &As<Finance>, id: FundId, residue: Residue) -> Result<()> {
    if residue.decision.trim().is_empty() {
        return Err(Error::field("closing_decision", "refused-empty"));
    }
    let residue = &residue;
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        if row.stage != FundStage::Closing {
            return Err(Error::refused("refused-stage"));
        }
        can_close(tx, &row, residue).await?;
        proposals::propose(tx, by, ProposalKind::Closing, Subject::Fund, id.0, residue).await.map(|_| ())
    })
    .await
}

/// Closes a fund: the rest moves, the balance is zero, the account takes nothing more.
///
/// # Errors
/// [`Error::NotFound`] when nothing is proposed; forbidden for the proposer; a refusal while something is open or held.
pub async fn confirm_close(by: &As<Approver>, id: FundId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        holds::none(tx, by, &[(Subject::Fund, id.0)]).await?;
        let residue: Residue = proposals::confirm(tx, by, ProposalKind::Closing, Subject::Fund, id.0).await?;
        can_close(tx, &row, &residue).await?;
        if let Some(into) = residue.into {
            move_all(tx, by, &row, into).await?;
        }
        if balances::posted(tx, Account::FundAvailable(id), row.currency).await? != 0 {
            return Err(Error::refused("refused-fund-not-empty"));
        }
        advance(tx, by, &row, "close", Note::act("").because(residue.decision)).await?;
        // What comes back later goes where the rest went.
        let set = fund::ActiveModel { id: Set(id), merged_into_id: Set(residue.into), ..Default::default() };
        fund::Entity::update(set).exec(tx).await?;
        accounts::close(tx, Account::FundAvailable(id), row.currency).await?;
        letters::to_organisation(tx, row.initiator_id, "fund-closed", &letters::of_fund(&row), &page(id)).await
    })
    .await
}

#[derive(Debug, Serialize, Deserialize)]
struct Merger {
    into: FundId,
    papers: Filed,
}

/// Proposes to merge a fund into another one.
///
/// # Errors
/// [`Error::NotFound`]; a refusal until the receiving fund is active, while anything is open, or a document is missing.
pub async fn propose_merge(by: &As<Administrator>, id: FundId, into: FundId, papers: Papers) -> Result<()> {
    papers::check(&papers)?;
    let papers = &papers;
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        can_merge(tx, by, &row, into).await?;
        let merger = Merger { into, papers: papers::file(tx, by, &row, papers).await? };
        proposals::propose(tx, by, ProposalKind::Merge, Subject::Fund, id.0, &merger).await.map(|_| ())
    })
    .await
}

/// Merges: the money moves with its lots and their restrictions, and the fund points to its successor.
///
/// # Errors
/// [`Error::NotFound`] when nothing is proposed; forbidden for the proposer; a refusal as for the proposal.
pub async fn confirm_merge(by: &As<Administrator>, id: FundId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        let merger: Merger = proposals::confirm(tx, by, ProposalKind::Merge, Subject::Fund, id.0).await?;
        can_merge(tx, by, &row, merger.into).await?;
        move_all(tx, by, &row, merger.into).await?;
        // A receipt confirmed at this moment is refused rather than left where nothing moves it.
        accounts::close(tx, Account::FundAvailable(id), row.currency).await?;
        advance(tx, by, &row, "merge", Note::act("")).await?;
        let set = fund::ActiveModel { id: Set(id), merged_into_id: Set(Some(merger.into)), ..Default::default() };
        fund::Entity::update(set).exec(tx).await?;
        letters::to_organisation(tx, row.initiator_id, "fund-merged", &letters::of_fund(&row), &page(merger.into)).await
    })
    .await
}

#[derive(Debug, Serialize, Deserialize)]
struct Name {
    zh: String,
    en: String,
    papers: Filed,
}

/// Proposes another name.
///
/// # Errors
/// [`Error::NotFound`]; a refusal without a name, when a document is missing, or once the fund is over.
pub async fn propose_rename(
    by: &As<Administrator>,
    id: FundId,
    name_zh: &str,
    name_en: &str,
    papers: Papers,
) -> Result<()> {
    let (zh, en) = (name_zh.trim(), name_en.trim());
    if zh.is_empty() && en.is_empty() {
        return Err(Error::field("name_zh", "refused-one-language"));
    }
    papers::check(&papers)?;
    let papers = &papers;
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        if is_over(row.stage) {
            return Err(Error::refused("refused-stage"));
        }
        let papers = papers::file(tx, by, &row, papers).await?;
        let name = Name { zh: zh.to_owned(), en: en.to_owned(), papers };
        proposals::propose(tx, by, ProposalKind::Rename, Subject::Fund, id.0, &name).await.map(|_| ())
    })
    .await
}

/// Renames the fund.
///
/// # Errors
/// [`Error::NotFound`] when nothing is proposed; forbidden for the proposer.
pub async fn confirm_rename(by: &As<Administrator>, id: FundId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        let name: Name = proposals::confirm(tx, by, ProposalKind::Rename, Subject::Fund, id.0).await?;
        let set = fund::ActiveModel {
            id: Set(id),
            name_zh: Set(name.zh),
            name_en: Set(name.en),
            version: Set(row.version + 1),
            ..Default::default()
        };
        fund::Entity::update(set).exec(tx).await?;
        events::record(tx, by, Subject::Fund, id.0, Note::act("rename")).await
    })
    .await
}

/// Declines what another proposed (to close, merge or rename), or withdraws one's own.
///
/// # Errors
/// [`Error::NotFound`] when nothing of the kind is proposed, or it is another role's to decide.
pub async fn decline<P: Permission>(by: &As<P>, id: FundId, kind: ProposalKind, reason: &str) -> Result<()> {
    use crate::core::lifecycle::Part;
    let fits = match kind {
        ProposalKind::Merge | ProposalKind::Rename => P::PART == Part::Administrator,
        ProposalKind::Closing => matches!(P::PART, Part::Approver | Part::Finance),
        _ => false,
    };
    if !fits {
        return Err(Error::Forbidden("forbidden-part"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        proposals::decline(tx, by, kind, Subject::Fund, id.0, reason).await
    })
    .await
}

/// The fund that takes what comes back: this one, the successor of one that was merged, or of one that left its rest to
/// another. `None` when the last of them is closed and named none.
///
/// # Errors
/// [`Error::NotFound`] for a fund there is none of.
pub(in crate::grants) async fn successor(tx: &Tx, id: FundId) -> Result<Option<FundId>> {
    let mut row = load(tx, id).await?;
    while let Some(next) = row.merged_into_id.filter(|_| matches!(row.stage, FundStage::Merged | FundStage::Closed)) {
        row = load(tx, next).await?;
    }
    Ok((row.stage != FundStage::Closed).then_some(row.id))
}

async fn can_close(tx: &Tx, row: &fund::Model, residue: &Residue) -> Result<()> {
    nothing_open(tx, row).await?;
    let left = balances::posted(tx, Account::FundAvailable(row.id), row.currency).await?;
    match residue.into {
        Some(into) => receiving(tx, row, into).await.map(|_| ()),
        None if left > 0 => Err(Error::field("into", "refused-fund-residue")),
        None => Ok(()),
    }
}

async fn can_merge(tx: &Tx, by: &Context, row: &fund::Model, into: FundId) -> Result<()> {
    if !matches!(row.stage, FundStage::Active | FundStage::Closing) {
        return Err(Error::refused("refused-stage"));
    }
    receiving(tx, row, into).await?;
    holds::none(tx, by, &[(Subject::Fund, row.id.0), (Subject::Fund, into.0)]).await?;
    nothing_open(tx, row).await
}

/// The fund that takes the money: another, active, of the same currency.
async fn receiving(tx: &Tx, row: &fund::Model, into: FundId) -> Result<fund::Model> {
    let other = fund::Entity::find_by_id(into)
        .one(tx)
        .await?
        .filter(|other| other.id != row.id && other.stage == FundStage::Active)
        .ok_or_else(|| Error::field("into", "refused-fund-not-active"))?;
    if other.currency != row.currency {
        return Err(Error::field("into", "refused-currency"));
    }
    Ok(other)
}

async fn no_open_award(tx: &Tx, id: FundId) -> Result<()> {
    let over = [AwardStage::Closed, AwardStage::DeclinedByGrantee, AwardStage::OfferExpired];
    let open = award::Entity::find()
        .filter(award::Column::FundId.eq(id))
        .filter(award::Column::Stage.is_not_in(over))
        .count(tx)
        .await?;
    if open > 0 || balances::flow(tx, id).await?.committed_minor != 0 {
        return Err(Error::refused("refused-fund-open-award"));
    }
    Ok(())
}

/// No open award, no receipt that waits, no refund on its way, no open pool.
async fn nothing_open(tx: &Tx, row: &fund::Model) -> Result<()> {
    no_open_award(tx, row.id).await?;
    let waiting = gift::Entity::find()
        .filter(gift::Column::FundId.eq(row.id))
        .filter(gift::Column::Stage.is_in([GiftStage::Pledged, GiftStage::Processing, GiftStage::Disputed]))
        .count(tx)
        .await?;
    let files = settlement_import::Entity::find()
        .filter(settlement_import::Column::FundId.eq(row.id))
        .filter(settlement_import::Column::Stage.eq(ImportStage::Proposed))
        .count(tx)
        .await?;
    let account = Account::FundAvailable(row.id);
    let held =
        balances::posted(tx, account, row.currency).await? - balances::available(tx, account, row.currency).await?;
    if waiting + files > 0 || held != 0 {
        return Err(Error::refused("refused-fund-open-gift"));
    }
    let pools = match_pool::Entity::find()
        .filter(match_pool::Column::FundId.eq(row.id))
        .filter(match_pool::Column::Stage.ne(MatchPoolStage::Closed))
        .count(tx)
        .await?;
    if pools > 0 { Err(Error::refused("refused-fund-open-pool")) } else { Ok(()) }
}

async fn move_all<P: Permission>(tx: &Tx, by: &As<P>, row: &fund::Model, into: FundId) -> Result<()> {
    let left = balances::posted(tx, Account::FundAvailable(row.id), row.currency).await?;
    if left == 0 {
        return Ok(());
    }
    let sum = Sum { amount_minor: left, currency: row.currency, on: by.day_of(tx.now()) };
    recipes::fund_moved(tx, by, row.id, into, sum).await
}
