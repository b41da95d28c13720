//! Terms that every grant agreement carries: edited in both languages with named places, confirmed by a second administrator, in force
//! for offers from a day on. What was signed keeps the text that was signed (`agreement_copy`).

use crate::commons::events::{self, Note};
use crate::commons::texts::{PROSE, TITLE, all_well, required};
use crate::core::lifecycle::Part;
use crate::core::placeholders::{filled, stands_for_nothing};
use crate::core::policy::POLICY;
use crate::error::{Error, Result, Violation};
use crate::people::permission::{Administrator, As};
use crate::people::roles;
use chrono::NaiveDate;
use entities::kinds::{AgreementTermsId, PolicyStage, Subject};
use entities::{agreement_terms, award};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Names of the places that the agreement fills in.
pub const PLACES: [&str; 6] = ["grantor", "grantee", "fund", "call", "project", "amount"];
/// Versions shown.
const SHOWN: u64 = 30;

/// What somebody proposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// In Chinese.
    pub text_zh: String,
    /// In English.
    pub text_en: String,
    /// Who resolved it, and where it is written.
    pub source: String,
    /// Offers from this day on carry them.
    pub effective_on: NaiveDate,
}

/// An administrator proposes terms.
///
/// # Errors
/// By the field: empty, too long, a place that stands for nothing, a day that is not to come.
pub async fn propose(by: &As<Administrator>, told: &Terms) -> Result<AgreementTermsId> {
    let mut wrong = Vec::new();
    let zh = &required(&mut wrong, "terms_zh", &told.text_zh, PROSE);
    let en = &required(&mut wrong, "terms_en", &told.text_en, PROSE);
    let source = &required(&mut wrong, "terms_source", &told.source, TITLE);
    for (field, text) in [("terms_zh", zh), ("terms_en", en)] {
        if let Some(place) = stands_for_nothing(text, &PLACES) {
            wrong.push(Violation::at(field, "refused-terms-place").with("place", place));
        }
    }
    if told.effective_on <= by.edges.today() {
        wrong.push(Violation::at("effective_on", "refused-not-future"));
    }
    all_well(wrong)?;
    by.write(|tx| async move {
        let tx = &tx;
        let row = agreement_terms::ActiveModel {
            text_zh: Set(zh.clone()),
            text_en: Set(en.clone()),
            source: Set(source.clone()),
            effective_on: Set(told.effective_on),
            stage: Set(PolicyStage::Proposed),
            proposed_by: Set(by.person()?),
            proposed_at: Set(tx.now()),
            ..Default::default()
        };
        let row = agreement_terms::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::AgreementTerms, row.id.0, Note::act("propose")).await?;
        Ok(row.id)
    })
    .await
}

/// Confirms or declines proposed terms; never by their proposer.
///
/// # Errors
/// [`Error::NotFound`] when they are not open; a refusal for the proposer, or when their day has begun.
pub async fn decide(by: &As<Administrator>, id: AgreementTermsId, confirm: bool) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = open(tx, id).await?;
        let act = if confirm { "confirm" } else { "decline" };
        let stage = POLICY.step(row.stage, act, Part::Administrator).map_err(|_| Error::NotFound)?;
        roles::apart(tx, by, &[Some(row.proposed_by)]).await?;
        if confirm && row.effective_on <= by.day_of(tx.now()) {
            return Err(Error::refused("refused-not-future"));
        }
        let change = agreement_terms::ActiveModel {
            stage: Set(stage),
            confirmed_by: Set(by.actor.person),
            confirmed_at: Set(Some(tx.now())),
            ..Default::default()
        };
        let moved = agreement_terms::Entity::update_many()
            .set(change)
            .filter(agreement_terms::Column::Id.eq(id))
            .filter(agreement_terms::Column::Stage.eq(PolicyStage::Proposed))
            .exec(tx)
            .await?;
        if moved.rows_affected == 0 {
            return Err(Error::NotFound);
        }
        events::record(tx, by, Subject::AgreementTerms, id.0, Note::act(act)).await
    })
    .await
}

/// Terms that wait for a second administrator.
///
/// # Errors
/// [`Error::NotFound`] when they are decided, or not there.
pub async fn open(db: &impl ConnectionTrait, id: AgreementTermsId) -> Result<agreement_terms::Model> {
    let row = agreement_terms::Entity::find_by_id(id).one(db).await?;
    row.filter(|row| row.stage == PolicyStage::Proposed).ok_or(Error::NotFound)
}

/// Every version, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn versions(db: &impl ConnectionTrait) -> Result<Vec<agreement_terms::Model>> {
    Ok(agreement_terms::Entity::find().order_by_desc(agreement_terms::Column::Id).limit(SHOWN).all(db).await?)
}

/// Terms in force on a day.
///
/// # Errors
/// When the database cannot be read.
pub async fn on(db: &impl ConnectionTrait, day: NaiveDate) -> Result<Option<agreement_terms::Model>> {
    Ok(agreement_terms::Entity::find()
        .filter(agreement_terms::Column::Stage.eq(PolicyStage::Confirmed))
        .filter(agreement_terms::Column::EffectiveOn.lte(day))
        .order_by_desc(agreement_terms::Column::EffectiveOn)
        .order_by_desc(agreement_terms::Column::Id)
        .limit(1)
        .one(db)
        .await?)
}

/// Adds the terms that were in force on the day of the offer, filled in; nothing where there are none.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn append(
    db: &impl ConnectionTrait,
    award: &award::Model,
    values: &[(&str, [String; 2])],
    lines: &mut Vec<String>,
) -> Result<()> {
    // To the day in the world's clock: a text that is signed does not turn on the zone.
    let Some(terms) = on(db, award.offered_at.date_naive()).await? else { return Ok(()) };
    let of = |place: usize| -> Vec<(&str, String)> {
        values.iter().map(|(name, both)| (*name, both[place].clone())).collect()
    };
    lines.push("约定条款 · Terms".into());
    lines.push(filled(&terms.text_zh, &of(0)));
    lines.push(filled(&terms.text_en, &of(1)));
    lines.push(String::new());
    Ok(())
}
