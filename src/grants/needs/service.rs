//! What can be done with needs: propose, list, merge, decline, adopt, record consents; its parts are claimed in [`parts`].

pub mod parts;

pub use parts::{add_part, claim_part, withdraw_claim};

use super::rules;
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::commons::lives::advance;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::tranches;
use crate::people::permission::{As, Officer, Permission, Signatory, SignedIn};
use entities::kinds::{
    AwardStage, CallId, ConsentStage, FundId, NeedConsentId, NeedId, NeedStage, OrganisationId, Subject,
};
use entities::{award, call, need, need_consent};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// A need as told.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Title in Chinese, or `""`.
    pub title_zh: String,
    /// Title in English, or `""`.
    pub title_en: String,
    /// What is wrong and for whom, in Chinese.
    pub summary_zh: String,
    /// The same in English.
    pub summary_en: String,
    /// Community.
    pub community: String,
    /// Area code.
    pub area: String,
    /// Year it was first recorded.
    pub since_year: Option<i32>,
    /// Work waits for every owner's consent.
    pub consents_required: bool,
}

/// Proposes a need. Anybody signed in may.
///
/// # Errors
/// When the database refuses.
pub async fn propose(by: &As<SignedIn>, told: Told) -> Result<NeedId> {
    let told = &told;
    by.write(|tx| async move {
        let tx = &tx;
        let told = told.clone();
        let row = need::ActiveModel {
            title_zh: Set(told.title_zh),
            title_en: Set(told.title_en),
            summary_zh: Set(told.summary_zh),
            summary_en: Set(told.summary_en),
            community: Set(told.community),
            area: Set(told.area),
            since_year: Set(told.since_year),
            stage: Set(NeedStage::Proposed),
            consents_required: Set(told.consents_required),
            proposed_by: Set(Some(by.permission().person())),
            proposed_at: Set(tx.now()),
            ..Default::default()
        };
        let row = need::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Need, row.id.0, Note::act("propose")).await?;
        Ok(row.id)
    })
    .await
}

/// Lists a proposed need.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it is not proposed.
pub async fn list(by: &As<Officer>, id: NeedId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        advance(tx, by, &row, "list", Note::act("")).await?;
        tell(tx, &row, "need-listed", "").await
    })
    .await
}

/// Declines a proposed need with its reason.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it is not proposed.
pub async fn decline(by: &As<Officer>, id: NeedId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        advance(tx, by, &row, "decline", Note::act("").because(reason)).await?;
        tell(tx, &row, "need-declined", reason).await
    })
    .await
}

/// Archives a need that was met or declined.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it is neither.
pub async fn archive(by: &As<Officer>, id: NeedId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        advance(tx, by, &load(tx, id).await?, "archive", Note::act("")).await.map(|_| ())
    })
    .await
}

/// Merges a need into another listed one.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when the other is not listed or is the same.
pub async fn merge(by: &As<Officer>, id: NeedId, into: NeedId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        let other = need::Entity::find_by_id(into)
            .one(tx)
            .await?
            .filter(|other| other.id != id && other.stage == NeedStage::Listed);
        let other = other.ok_or_else(|| Error::field("into", "refused-need-not-listed"))?;
        advance(tx, by, &row, "merge", Note::act("").because(format!("need {}", other.id))).await?;
        let row = need::ActiveModel { id: Set(id), merged_into_id: Set(Some(into)), ..Default::default() };
        let row = need::Entity::update(row).exec(tx).await?;
        tell(tx, &row, "need-merged", "").await
    })
    .await
}

/// Adopts a listed need by a call or fund that answers it, in the transaction of that room.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it is not listed.
pub async fn adopt<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    id: NeedId,
    call: Option<CallId>,
    fund: Option<FundId>,
) -> Result<()> {
    let row = load(tx, id).await?;
    if row.stage == NeedStage::Adopted {
        return Ok(());
    }
    advance(tx, by, &row, "adopt", Note::act("")).await?;
    let row = need::ActiveModel { id: Set(id), call_id: Set(call), fund_id: Set(fund), ..Default::default() };
    let row = need::Entity::update(row).exec(tx).await?;
    tell(tx, &row, "need-adopted", "").await
}

/// Marks an adopted need as met, in the transaction of the final report's acceptance.
///
/// # Errors
/// When the database refuses.
pub async fn meet<P: Permission>(tx: &Tx, by: &As<P>, id: NeedId) -> Result<()> {
    let row = load(tx, id).await?;
    if row.stage == NeedStage::Adopted {
        advance(tx, by, &row, "meet", Note::act("")).await?;
        tell(tx, &row, "need-met", "").await?;
    }
    Ok(())
}

/// Whoever proposed a need hears of every step of it.
async fn tell(tx: &Tx, row: &need::Model, letter: &str, reason: &str) -> Result<()> {
    let Some(proposer) = row.proposed_by else { return Ok(()) };
    let args = [("need.zh", row.title_zh.clone()), ("need.en", row.title_en.clone()), ("reason", reason.to_owned())];
    letters::to_person(tx, proposer, letter, &args, &format!("/needs/{}", row.id)).await
}

/// Asks an owner for consent.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when that owner was asked before.
pub async fn ask_owner(
    by: &As<Officer>,
    id: NeedId,
    owner_label: &str,
    organisation: Option<OrganisationId>,
) -> Result<NeedConsentId> {
    by.write(|tx| async move {
        let tx = &tx;
        load(tx, id).await?;
        let asked = consents_of(tx, id).await?.iter().any(|row| row.owner_label == owner_label);
        if asked {
            return Err(Error::field("owner", "refused-owner-asked"));
        }
        let row = need_consent::ActiveModel {
            need_id: Set(id),
            owner_label: Set(owner_label.to_owned()),
            organisation_id: Set(organisation),
            stage: Set(ConsentStage::Asked),
            evidence: Set(String::new()),
            recorded_by: Set(by.person()?),
            recorded_at: Set(tx.now()),
            ..Default::default()
        };
        let row = need_consent::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Need, id.0, Note::act("ask-owner")).await?;
        if let Some(owner) = organisation {
            let need = load(tx, id).await?;
            let args = [("need.zh", need.title_zh), ("need.en", need.title_en)];
            let page = format!("/needs/{id}/owners/{}", row.id);
            letters::to_organisation(tx, owner, "need-owner-asked", &args, &page).await?;
        }
        Ok(row.id)
    })
    .await
}

/// Records what an owner answered: `give`, `refuse` or `withdraw`, with its evidence.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when the act does not start from where the consent stands.
pub async fn record_consent(
    by: &As<Officer>,
    need: NeedId,
    id: NeedConsentId,
    act: &'static str,
    evidence: &str,
) -> Result<()> {
    by.write(|tx| async move { consent(&tx, by, need, &load_consent(&tx, need, id).await?, act, evidence).await }).await
}

/// An owner answers for itself.
///
/// # Errors
/// [`Error::NotFound`] for another's consent; a refusal when the act does not start from where the consent stands.
pub async fn answer_as_owner(
    by: &As<Signatory>,
    need: NeedId,
    id: NeedConsentId,
    act: &'static str,
    evidence: &str,
) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load_consent(tx, need, id).await?;
        if row.organisation_id != Some(by.permission().organisation()) {
            return Err(Error::NotFound);
        }
        consent(tx, by, need, &row, act, evidence).await
    })
    .await
}

async fn load_consent(db: &impl ConnectionTrait, need: NeedId, id: NeedConsentId) -> Result<need_consent::Model> {
    let row = need_consent::Entity::find_by_id(id).one(db).await?;
    row.filter(|row| row.need_id == need).ok_or(Error::NotFound)
}

async fn consent<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    need: NeedId,
    row: &need_consent::Model,
    act: &'static str,
    evidence: &str,
) -> Result<()> {
    // Move and event speak of the need: who the owner is stays with staff.
    let to = crate::commons::lives::permitted(row, by, act)?;
    let from = row.stage;
    let changed = need_consent::ActiveModel {
        stage: Set(to),
        evidence: Set(evidence.to_owned()),
        recorded_by: Set(by.person()?),
        recorded_at: Set(tx.now()),
        ..Default::default()
    };
    // Compared as it is written: the owner and an officer may answer at once.
    let done = need_consent::Entity::update_many()
        .set(changed)
        .filter(need_consent::Column::Id.eq(row.id))
        .filter(Expr::col(need_consent::Column::Stage).eq(from))
        .exec(tx)
        .await?;
    if done.rows_affected != 1 {
        return Err(Error::Stale);
    }
    events::record(tx, by, Subject::Need, need.0, Note::act(format!("consent-{act}"))).await?;
    gates_of(tx, by, need).await
}

/// Awards whose call answers this need look at their gates again: a tranche may have waited for this consent.
async fn gates_of<P: Permission>(tx: &Tx, by: &As<P>, need: NeedId) -> Result<()> {
    let calls: Vec<CallId> = call::Entity::find()
        .select_only()
        .column(call::Column::Id)
        .filter(call::Column::NeedId.eq(need))
        .into_tuple()
        .all(tx)
        .await?;
    let awards = award::Entity::find()
        .filter(award::Column::CallId.is_in(calls))
        .filter(award::Column::Stage.is_in([AwardStage::Active, AwardStage::Closing]))
        .order_by_asc(award::Column::Id)
        .all(tx)
        .await?;
    // A call that answers a need has a handful of awards.
    for award in awards {
        tranches::service::gates_changed(tx, by, award.id).await?;
    }
    Ok(())
}

/// Owners who consented, and owners asked.
///
/// # Errors
/// When the database cannot be read.
pub async fn consent_count(db: &impl ConnectionTrait, id: NeedId) -> Result<(usize, usize)> {
    let stages: Vec<ConsentStage> = consents_of(db, id).await?.into_iter().map(|row| row.stage).collect();
    Ok(rules::consents(&stages))
}

/// The consents of a need, for staff.
///
/// # Errors
/// When the database cannot be read.
pub async fn consents_of(db: &impl ConnectionTrait, id: NeedId) -> Result<Vec<need_consent::Model>> {
    Ok(need_consent::Entity::find()
        .filter(need_consent::Column::NeedId.eq(id))
        .order_by_asc(need_consent::Column::Id)
        .all(db)
        .await?)
}

/// A need by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: NeedId) -> Result<need::Model> {
    need::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}
