//! The fund that a seed-fund award becomes: drafted by the grantee from the award, or one of theirs that an administrator names. Its board
//! decision, its agreement and its money go the ways of every fund and every tranche.

use super::{load, own};
use crate::commons::events::{self, Note};
use crate::commons::policies;
use crate::commons::texts::{PROSE, TITLE, all_well, optional, required};
use crate::error::{Error, Result};
use crate::grants::awards::separation;
use crate::grants::funds::service::{self as funds, Drafted, Terms};
use crate::people::permission::{Administrator, As, Signatory};
use entities::kinds::{
    AwardId, AwardKind, AwardStage, FundId, FundKind, FundStage, FundraisingMode, SpendingType, Subject, TrancheStage,
};
use entities::{award, fund, tranche};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

/// What the grantee says of the fund; everything else follows from the award.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Name in Chinese.
    pub name_zh: String,
    /// Name in English, or `""`.
    pub name_en: String,
    /// What it is for, in Chinese.
    pub purpose_zh: String,
    /// The same in English, or `""`.
    pub purpose_en: String,
    /// What happens with the rest when it ends.
    pub residue_rule: String,
}

/// Whether the grantee may draft the fund now: the award is agreed to, and none is there, or the board declined the last.
///
/// # Errors
/// When the database cannot be read.
pub async fn may_open(db: &impl ConnectionTrait, row: &award::Model) -> Result<bool> {
    let agreed = matches!(row.stage, AwardStage::Accepted | AwardStage::Active);
    Ok(row.kind == AwardKind::SeedFund && agreed && chosen(db, row).await?.is_none())
}

/// The fund that the award becomes, unless the board declined it.
async fn chosen(db: &impl ConnectionTrait, row: &award::Model) -> Result<Option<fund::Model>> {
    let Some(id) = row.seed_fund_id else { return Ok(None) };
    let found = fund::Entity::find_by_id(id).one(db).await?;
    Ok(found.filter(|found| found.stage != FundStage::Declined))
}

/// The grantee's signatory drafts the fund that the award becomes: theirs, in the currency of the award, with the fee of the fund that
/// gives; it opens with what the first tranche brings. From there it is a fund like others: submitted, decided by the board, signed by both.
///
/// # Errors
/// [`Error::NotFound`] for another organisation's award; by the field without a name or a purpose; a refusal for a project, before the
/// offer is accepted, or when the fund is there.
pub async fn open_seed_fund(by: &As<Signatory>, id: AwardId, wanted: &Wanted) -> Result<FundId> {
    let mut wrong = Vec::new();
    let wanted = &Wanted {
        name_zh: required(&mut wrong, "name_zh", &wanted.name_zh, TITLE),
        name_en: optional(&mut wrong, "name_en", &wanted.name_en, TITLE),
        purpose_zh: required(&mut wrong, "purpose_zh", &wanted.purpose_zh, PROSE),
        purpose_en: optional(&mut wrong, "purpose_en", &wanted.purpose_en, PROSE),
        residue_rule: required(&mut wrong, "residue_rule", &wanted.residue_rule, PROSE),
    };
    all_well(wrong)?;
    by.write(|tx| async move {
        let tx = &tx;
        let row = super::locked(tx, own(tx, id, by.permission().organisation()).await?.id).await?;
        if !may_open(tx, &row).await? {
            return Err(Error::refused("refused-seed-fund-open"));
        }
        let giver = funds::load(tx, row.fund_id).await?;
        let first = tranche::Entity::find()
            .filter(tranche::Column::AwardId.eq(id))
            .filter(tranche::Column::Stage.ne(TrancheStage::Cancelled))
            .order_by_asc(tranche::Column::Ordinal)
            .one(tx)
            .await?
            .ok_or(Error::NotFound)?;
        let least = policies::on(tx, by.day_of(tx.now())).await?.committee_least;
        let told = wanted.clone();
        let drafted = Drafted {
            name_zh: told.name_zh,
            name_en: told.name_en,
            purpose_zh: told.purpose_zh,
            purpose_en: told.purpose_en,
            kind: FundKind::Micro,
            community: giver.community,
            area: giver.area,
            currency: row.currency,
            opening_minimum_minor: first.amount_minor,
            fee_bps: giver.fee_bps,
            bears_processor_fee: false,
            mode: FundraisingMode::Targeted,
            qualification_number: String::new(),
            filing_number: String::new(),
            spending: SpendingType::Expendable,
            residue_rule: told.residue_rule,
            committee_size: i32::try_from(least).unwrap_or_default(),
            terms: Terms::default(),
        };
        let fund = funds::draft_in(tx, by, &drafted).await?;
        let change = award::ActiveModel {
            id: Set(id),
            seed_fund_id: Set(Some(fund)),
            version: Set(row.version + 1),
            ..Default::default()
        };
        award::Entity::update(change).exec(tx).await?;
        events::record(tx, by, Subject::Award, id.0, Note::act("open-seed-fund")).await?;
        Ok(fund)
    })
    .await
}

/// An administrator names the fund a seed-fund award opens: approved, and initiated by the grantee.
///
/// # Errors
/// By the field when the fund does not fit.
pub async fn name_seed_fund(by: &As<Administrator>, id: AwardId, fund: FundId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        separation::outsider(tx, by.person()?, &row).await?;
        let new = fund::Entity::find_by_id(fund).one(tx).await?.ok_or(Error::field("fund", "refused-unknown"))?;
        let fits = row.kind == AwardKind::SeedFund
            && new.initiator_id == row.organisation_id
            && new.currency == row.currency
            && new.id != row.fund_id
            && matches!(new.stage, FundStage::Approved | FundStage::Active);
        if !fits || chosen(tx, &row).await?.is_some() {
            return Err(Error::field("fund", "refused-seed-fund"));
        }
        let change = award::ActiveModel {
            id: Set(id),
            seed_fund_id: Set(Some(fund)),
            version: Set(row.version + 1),
            ..Default::default()
        };
        award::Entity::update(change).exec(tx).await?;
        events::record(tx, by, Subject::Award, id.0, Note::act("name-seed-fund")).await
    })
    .await
}
