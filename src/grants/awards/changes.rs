//! Change requests (变更申请): asked for by the signatory, decided by an officer, with a donor's consent where the purpose changes.

use super::service::{load, own, tell};
use super::{agreement, consents, separation};
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::commons::lives::advance;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::{As, Officer, Signatory};
use crate::people::roles;
use chrono::NaiveDate;
use entities::kinds::{AwardId, AwardStage, ChangeKind, ChangeRequestId, ChangeStage, Role, Subject};
use entities::{award, change_request};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

pub use super::consents::find;

/// What a change request wants, beside its kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Detail {
    /// Head that gives.
    pub from_head: String,
    /// Head that takes.
    pub to_head: String,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// The new last day.
    pub ends_on: Option<NaiveDate>,
    /// What else changes, in words.
    pub words: String,
}

/// The change requests of an award, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_award(db: &impl ConnectionTrait, award: AwardId) -> Result<Vec<change_request::Model>> {
    Ok(change_request::Entity::find()
        .filter(change_request::Column::AwardId.eq(award))
        .order_by_desc(change_request::Column::Id)
        .limit(50)
        .all(db)
        .await?)
}

/// The budget as it stands: the grant's lines by head, with the shifts that were applied.
///
/// # Errors
/// When the database cannot be read.
pub async fn effective_budget(db: &impl ConnectionTrait, award: &award::Model) -> Result<Vec<(String, i64)>> {
    let lines = agreement::granted_lines(db, award).await?;
    let mut heads: Vec<(String, i64)> = Vec::new();
    for line in lines {
        add(&mut heads, &line.head, i64::from(line.quantity) * line.unit_minor);
    }
    let shifts = change_request::Entity::find()
        .filter(change_request::Column::AwardId.eq(award.id))
        .filter(change_request::Column::Kind.eq(ChangeKind::BudgetShift))
        .filter(change_request::Column::Stage.eq(ChangeStage::Applied))
        .order_by_asc(change_request::Column::Id)
        .all(db)
        .await?;
    for shift in shifts {
        let detail: Detail = serde_json::from_value(shift.detail)?;
        add(&mut heads, &detail.from_head, -detail.amount_minor);
        add(&mut heads, &detail.to_head, detail.amount_minor);
    }
    Ok(heads)
}

fn add(heads: &mut Vec<(String, i64)>, head: &str, amount_minor: i64) {
    match heads.iter_mut().find(|(known, _)| known == head) {
        Some((_, sum)) => *sum += amount_minor,
        None => heads.push((head.to_owned(), amount_minor)),
    }
}

/// The grantee asks for a change.
///
/// # Errors
/// [`Error::NotFound`] for another organisation's award; by the field what does not fit.
pub async fn request_change(
    by: &As<Signatory>,
    id: AwardId,
    kind: ChangeKind,
    detail: &Detail,
    explanation: &str,
) -> Result<ChangeRequestId> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, id, by.permission().organisation()).await?;
        if row.stage != AwardStage::Active {
            return Err(Error::refused("refused-award-not-active"));
        }
        fits(tx, by, &row, kind, detail).await?;
        let change = change_request::ActiveModel {
            award_id: Set(id),
            kind: Set(kind),
            detail: Set(serde_json::to_value(detail)?),
            explanation: Set(explanation.to_owned()),
            donor_consent_required: Set(kind == ChangeKind::Purpose),
            stage: Set(ChangeStage::Requested),
            requested_by: Set(by.person()?),
            requested_at: Set(tx.now()),
            reason: Set(String::new()),
            ..Default::default()
        };
        let change = change_request::Entity::insert(change).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::ChangeRequest, change.id.0, Note::act("request")).await?;
        let link = format!("/awards/{id}/changes/{}", change.id);
        letters::to_role(tx, Role::ProgrammeOfficer, "change-requested", &[("title", row.title.clone())], &link)
            .await?;
        Ok(change.id)
    })
    .await
}

async fn fits(tx: &Tx, by: &As<Signatory>, row: &award::Model, kind: ChangeKind, detail: &Detail) -> Result<()> {
    match kind {
        ChangeKind::BudgetShift => shift_fits(tx, row, detail).await,
        ChangeKind::Extension => {
            let later =
                detail.ends_on.is_some_and(|day| day > by.day_of(tx.now()) && row.ends_on.is_none_or(|e| day > e));
            if later { Ok(()) } else { Err(Error::field("ends_on", "refused-not-future")) }
        }
        ChangeKind::Scope | ChangeKind::Purpose => {
            if detail.words.is_empty() {
                Err(Error::field("change_words", "refused-empty"))
            } else {
                Ok(())
            }
        }
    }
}

async fn shift_fits(tx: &Tx, row: &award::Model, detail: &Detail) -> Result<()> {
    let heads = effective_budget(tx, row).await?;
    let of = |head: &str| heads.iter().find(|(known, _)| known == head).map(|(_, sum)| *sum);
    let from = of(&detail.from_head).ok_or(Error::field("from_head", "refused-choose"))?;
    if of(&detail.to_head).is_none() || detail.from_head == detail.to_head {
        return Err(Error::field("to_head", "refused-choose"));
    }
    if detail.amount_minor <= 0 || detail.amount_minor > from {
        return Err(Error::field("amount", "refused-change-more-than-head"));
    }
    Ok(())
}

/// An officer takes a change request up.
///
/// # Errors
/// [`Error::Forbidden`] for the grantee's people.
pub async fn review_change(by: &As<Officer>, award: AwardId, id: ChangeRequestId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let (row, change) = decidable(tx, by, award, id).await?;
        advance(tx, by, &change, "review", Note::act("")).await?;
        if change.donor_consent_required {
            let link = format!("/awards/{award}/changes/{id}/consent");
            for donor in consents::donors(tx, &row).await?.asked {
                letters::to_organisation(tx, donor, "change-consent", &[("title", row.title.clone())], &link).await?;
            }
        }
        Ok(())
    })
    .await
}

async fn decidable(
    tx: &Tx,
    by: &As<Officer>,
    award: AwardId,
    id: ChangeRequestId,
) -> Result<(award::Model, change_request::Model)> {
    let row = load(tx, award).await?;
    let change = find(tx, award, id).await?;
    separation::outsider(tx, by.person()?, &row).await?;
    roles::apart(tx, by, &[Some(change.requested_by)]).await?;
    Ok((row, change))
}

/// An officer approves a change; a change of purpose only with the consent of the donors whose money it is.
///
/// # Errors
/// `refused-change-no-consent`; [`Error::Forbidden`] for who asked, and for who consented for a donor.
pub async fn approve_change(by: &As<Officer>, award: AwardId, id: ChangeRequestId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let (row, change) = decidable(tx, by, award, id).await?;
        if change.donor_consent_required {
            consents::complete(tx, by, &row, id).await?;
        }
        advance(tx, by, &change, "approve", Note::act("")).await?;
        decided(tx, by, id, "").await?;
        tell(tx, &row, "change-approved", "").await
    })
    .await
}

/// An officer declines a change with a reason.
///
/// # Errors
/// As [`approve_change`].
pub async fn decline_change(by: &As<Officer>, award: AwardId, id: ChangeRequestId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let (row, change) = decidable(tx, by, award, id).await?;
        advance(tx, by, &change, "decline", Note::act("").because(reason)).await?;
        decided(tx, by, id, reason).await?;
        tell(tx, &row, "change-declined", reason).await
    })
    .await
}

async fn decided(tx: &Tx, by: &As<Officer>, id: ChangeRequestId, reason: &str) -> Result<()> {
    let change = change_request::ActiveModel {
        id: Set(id),
        decided_by: Set(Some(by.person()?)),
        reason: Set(reason.to_owned()),
        ..Default::default()
    };
    change_request::Entity::update(change).exec(tx).await?;
    Ok(())
}

/// An approved change takes effect: the budget is shifted, the award ends later.
///
/// # Errors
/// A refusal when the head holds less by now.
pub async fn apply_change(by: &As<Officer>, award: AwardId, id: ChangeRequestId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let (row, change) = decidable(tx, by, award, id).await?;
        let detail: Detail = serde_json::from_value(change.detail.clone())?;
        if change.kind == ChangeKind::BudgetShift {
            shift_fits(tx, &row, &detail).await?;
        }
        advance(tx, by, &change, "apply", Note::act("")).await?;
        let change = award::ActiveModel {
            id: Set(award),
            ends_on: Set(detail.ends_on.or(row.ends_on)),
            version: Set(row.version + 1),
            ..Default::default()
        };
        award::Entity::update(change).exec(tx).await?;
        Ok(())
    })
    .await
}
