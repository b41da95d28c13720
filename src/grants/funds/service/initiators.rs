//! Joint funds (合作基金): several initiators with shares in basis points, which are the whole. The cash is held here; the shares govern the
//! votes of the committee and what is shown of the residue.

use super::own;
use crate::commons::events::{self, Note};
use crate::commons::texts::Name;
use crate::core::money::split_by_largest_remainder;
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::grants::funds::rules;
use crate::people::organisations;
use crate::people::permission::{As, Signatory};
use entities::kinds::{FundId, FundKind, FundStage, OrganisationId, Subject};
use entities::{fund, joint_initiator, organisation};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

/// Initiators of one fund: more are a public collection.
const MOST: usize = 20;

/// One initiator with its name.
#[derive(Debug, Clone)]
pub struct Initiator {
    /// Its row.
    pub row: joint_initiator::Model,
    /// Its name.
    pub name: Name,
}

/// Sets who opens a joint fund and with which shares, in place of what was set before; while it is a draft.
///
/// # Errors
/// [`Error::NotFound`] for another organisation's; a refusal for another kind of fund, once it was submitted, and for shares that are
/// not the whole.
pub async fn set_shares(by: &As<Signatory>, id: FundId, shares: &[(OrganisationId, i32)]) -> Result<()> {
    if let Some(code) = rules::shares_wrong(shares) {
        return Err(Error::refused(code));
    }
    if shares.len() > MOST {
        return Err(Violation::whole("refused-joint-many").with("most", MOST).into());
    }
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, by, id).await?;
        if row.kind != FundKind::Joint {
            return Err(Error::refused("refused-joint-kind"));
        }
        if row.stage != FundStage::Draft {
            return Err(Error::refused("refused-stage"));
        }
        if !shares.iter().any(|(initiator, _)| *initiator == row.initiator_id) {
            return Err(Error::refused("refused-joint-lead"));
        }
        let known = organisation::Entity::find()
            .filter(organisation::Column::Id.is_in(shares.iter().map(|(initiator, _)| *initiator)))
            .count(tx)
            .await?;
        if known != shares.len() as u64 {
            return Err(Error::field("initiator_0", "refused-unknown"));
        }
        joint_initiator::Entity::delete_many().filter(joint_initiator::Column::FundId.eq(id)).exec(tx).await?;
        let rows = shares.iter().map(|(initiator, share)| joint_initiator::ActiveModel {
            fund_id: Set(id),
            organisation_id: Set(*initiator),
            share_bps: Set(*share),
            ..Default::default()
        });
        joint_initiator::Entity::insert_many(rows).exec_without_returning(tx).await?;
        let set = fund::ActiveModel { id: Set(id), version: Set(row.version + 1), ..Default::default() };
        fund::Entity::update(set).exec(tx).await?;
        events::record(tx, by, Subject::Fund, id.0, Note::act("set-shares")).await
    })
    .await
}

/// The initiators of a joint fund, by key; none for a fund of one.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_fund(db: &impl ConnectionTrait, id: FundId) -> Result<Vec<Initiator>> {
    let rows = joint_initiator::Entity::find()
        .filter(joint_initiator::Column::FundId.eq(id))
        .order_by_asc(joint_initiator::Column::OrganisationId)
        .all(db)
        .await?;
    let mut names = organisations::both_names(db, rows.iter().map(|row| row.organisation_id)).await?;
    let named =
        |row: joint_initiator::Model| Initiator { name: names.remove(&row.organisation_id).unwrap_or_default(), row };
    Ok(rows.into_iter().map(named).collect())
}

/// What falls to each initiator of an amount, in order: by largest remainder, ties to the smaller key, so that it sums to the whole.
pub fn parts(initiators: &[Initiator], amount_minor: i64) -> Vec<i64> {
    let shares: Vec<_> = initiators.iter().map(|one| (one.row.organisation_id, i64::from(one.row.share_bps))).collect();
    let split = split_by_largest_remainder(amount_minor.max(0), &shares).unwrap_or_default();
    split.into_iter().map(|(_, part)| part).collect()
}

/// A draft that is no joint fund any more has no shares.
pub(super) async fn keep_if_joint(tx: &Tx, id: FundId, kind: FundKind) -> Result<()> {
    if kind != FundKind::Joint {
        joint_initiator::Entity::delete_many().filter(joint_initiator::Column::FundId.eq(id)).exec(tx).await?;
    }
    Ok(())
}

/// Whether a joint fund has its shares before it goes to the board.
pub(super) async fn complete(tx: &Tx, row: &fund::Model) -> Result<()> {
    let none = joint_initiator::Entity::find().filter(joint_initiator::Column::FundId.eq(row.id)).count(tx).await? == 0;
    if row.kind == FundKind::Joint && none { Err(Error::refused("refused-joint-shares")) } else { Ok(()) }
}

/// Whether everybody who opens it with the first initiator has signed.
pub(super) async fn all_signed(tx: &Tx, row: &fund::Model) -> Result<bool> {
    let missing = joint_initiator::Entity::find()
        .filter(joint_initiator::Column::FundId.eq(row.id))
        .filter(joint_initiator::Column::OrganisationId.ne(row.initiator_id))
        .filter(joint_initiator::Column::SignedBy.is_null())
        .count(tx)
        .await?;
    Ok(missing == 0)
}
