//! The co-building list (共建清单): parts that one partner takes on whole, and parts with an amount that several carry together.

use super::load;
use crate::commons::events::{self, Note};
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::people::permission::{As, Officer, Signatory};
use entities::kinds::{Currency, NeedClaimId, NeedId, NeedPartId, NeedStage, OrganisationId, PartKind, Subject};
use entities::{foundation, need_claim, need_part};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Claims of one part that are looked at: more partners than any street has.
const CLAIMS: u64 = 500;

/// Adds a part to the co-building list; money may name how much is wanted.
///
/// # Errors
/// [`Error::NotFound`]; by the field an amount that is none, or of something that is no money.
pub async fn add_part(
    by: &As<Officer>,
    id: NeedId,
    kind: PartKind,
    label: &str,
    wanted_minor: Option<i64>,
) -> Result<NeedPartId> {
    if wanted_minor.is_some_and(|minor| minor <= 0) {
        return Err(Error::field("wanted", "refused-zero"));
    }
    if wanted_minor.is_some() && kind != PartKind::Money {
        return Err(Error::field("wanted", "refused-part-no-money"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        load(tx, id).await?;
        let own = match wanted_minor {
            Some(_) => Some(currency(tx).await?),
            None => None,
        };
        let row = need_part::ActiveModel {
            need_id: Set(id),
            kind: Set(kind),
            label: Set(label.to_owned()),
            wanted_minor: Set(wanted_minor),
            currency: Set(own),
            ..Default::default()
        };
        let row = need_part::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Need, id.0, Note::act("add-part")).await?;
        Ok(row.id)
    })
    .await
}

/// The currency in which the foundation asks for money.
///
/// # Errors
/// [`Error::NotFound`] before it is founded.
pub async fn currency(db: &impl ConnectionTrait) -> Result<Currency> {
    Ok(foundation::Entity::find_by_id(1).one(db).await?.ok_or(Error::NotFound)?.currency)
}

/// A part of a need.
///
/// # Errors
/// [`Error::NotFound`] for a part of another need.
pub async fn load_part(db: &impl ConnectionTrait, need: NeedId, part: NeedPartId) -> Result<need_part::Model> {
    let row = need_part::Entity::find_by_id(part).one(db).await?;
    row.filter(|row| row.need_id == need).ok_or(Error::NotFound)
}

/// Claims a free part for one's organisation, or so much of what is still open of one that has an amount.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it is claimed, or the need is not open; by the field more than is open.
pub async fn claim_part(by: &As<Signatory>, need: NeedId, part: NeedPartId, amount_minor: Option<i64>) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        if !matches!(load(tx, need).await?.stage, NeedStage::Listed | NeedStage::Adopted) {
            return Err(Error::refused("refused-need-not-listed"));
        }
        // Of two partners at once the second waits here, and then sees what the first took. SQLite has one writer anyway.
        let row = need_part::Entity::find_by_id(part).lock(LockType::NoKeyUpdate).one(tx).await?;
        let row = row.filter(|row| row.need_id == need).ok_or(Error::NotFound)?;
        match row.wanted_minor {
            None => whole(tx, by, &row).await?,
            Some(wanted) => share(tx, by, &row, wanted, amount_minor.unwrap_or(0)).await?,
        }
        events::record(tx, by, Subject::Need, need.0, Note::act("claim-part")).await
    })
    .await
}

async fn whole(tx: &Tx, by: &As<Signatory>, row: &need_part::Model) -> Result<()> {
    if row.claimed_by_id.is_some() {
        return Err(Error::refused("refused-part-claimed"));
    }
    let change = need_part::ActiveModel {
        id: Set(row.id),
        claimed_by_id: Set(Some(by.permission().organisation())),
        claimed_by_person: Set(Some(by.permission().person())),
        claimed_at: Set(Some(tx.now())),
        ..Default::default()
    };
    need_part::Entity::update(change).exec(tx).await?;
    Ok(())
}

async fn share(tx: &Tx, by: &As<Signatory>, row: &need_part::Model, wanted: i64, amount_minor: i64) -> Result<()> {
    if amount_minor <= 0 {
        return Err(Error::field("amount", "refused-zero"));
    }
    let there = claims_of(tx, &[row.id]).await?;
    let own = by.permission().organisation();
    if there.iter().any(|claim| claim.organisation_id == own) {
        return Err(Error::refused("refused-part-claimed-own"));
    }
    // As many claims as are looked at: what lies beyond is not known, so nothing more is taken.
    if there.len() as u64 >= CLAIMS || amount_minor > left_of(wanted, &there) {
        return Err(Violation::at("amount", "refused-part-above").into());
    }
    let claim = need_claim::ActiveModel {
        part_id: Set(row.id),
        organisation_id: Set(own),
        amount_minor: Set(amount_minor),
        claimed_by: Set(by.permission().person()),
        claimed_at: Set(tx.now()),
        ..Default::default()
    };
    need_claim::Entity::insert(claim).exec_without_returning(tx).await?;
    Ok(())
}

/// What is still open of an amount.
pub fn left_of(wanted_minor: i64, claims: &[need_claim::Model]) -> i64 {
    let claimed: i64 = claims.iter().map(|claim| claim.amount_minor).sum();
    (wanted_minor - claimed).max(0)
}

/// Takes a claim back: it is open to others again.
///
/// # Errors
/// [`Error::NotFound`] for another organisation's, and for one that was taken back.
pub async fn withdraw_claim(by: &As<Signatory>, need: NeedId, claim: NeedClaimId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        own_claim(tx, need, claim, by.permission().organisation()).await?;
        let done = need_claim::Entity::update_many()
            .col_expr(need_claim::Column::WithdrawnAt, Expr::value(tx.now()))
            .filter(need_claim::Column::Id.eq(claim))
            .filter(need_claim::Column::WithdrawnAt.is_null())
            .exec(tx)
            .await?;
        if done.rows_affected != 1 {
            return Err(Error::NotFound);
        }
        events::record(tx, by, Subject::Need, need.0, Note::act("withdraw-claim")).await
    })
    .await
}

/// A claim by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load_claim(db: &impl ConnectionTrait, claim: NeedClaimId) -> Result<need_claim::Model> {
    need_claim::Entity::find_by_id(claim).one(db).await?.ok_or(Error::NotFound)
}

/// A claim of an organisation that stands, with its part.
///
/// # Errors
/// [`Error::NotFound`] for every other.
pub async fn own_claim(
    db: &impl ConnectionTrait,
    need: NeedId,
    claim: NeedClaimId,
    of: OrganisationId,
) -> Result<(need_claim::Model, need_part::Model)> {
    let row = load_claim(db, claim).await?;
    if row.organisation_id != of || row.withdrawn_at.is_some() {
        return Err(Error::NotFound);
    }
    let part = load_part(db, need, row.part_id).await?;
    Ok((row, part))
}

/// The claims of some parts that stand, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn claims_of(db: &impl ConnectionTrait, parts: &[NeedPartId]) -> Result<Vec<need_claim::Model>> {
    Ok(need_claim::Entity::find()
        .filter(need_claim::Column::PartId.is_in(parts.iter().copied()))
        .filter(need_claim::Column::WithdrawnAt.is_null())
        .order_by_asc(need_claim::Column::Id)
        .limit(CLAIMS)
        .all(db)
        .await?)
}
