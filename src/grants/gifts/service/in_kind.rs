//! Gifts in kind (非货币性捐赠): goods, space, services with the basis of their value; beside the cash, never in it.

use super::{accepting, load, not_own, restricted, tell};
use crate::commons::documents::{self, Kept};
use crate::commons::events::{self, Note};
use crate::commons::holds;
use crate::commons::lives::{advance, permitted};
use crate::error::{Error, Result, Violation};
use crate::ledger::recipes::{self, Sum};
use crate::people::permission::{Approver, As, Officer, Permission};
use crate::people::roles;
use entities::gift;
use entities::kinds::{
    Anonymity, Currency, DocumentPurpose, FundId, GiftId, GiftKind, GiftStage, NeedId, OrganisationId, PersonId,
    Subject,
};
use sea_orm::{ActiveValue::Set, EntityTrait};

/// What is offered.
#[derive(Debug, Clone)]
pub struct Offer {
    /// To which fund.
    pub fund: FundId,
    /// The donor, where an organisation registered here.
    pub donor_organisation: Option<OrganisationId>,
    /// The donor, where a person with an account.
    pub donor_person: Option<PersonId>,
    /// As told.
    pub donor_name: String,
    /// What the public may see.
    pub anonymity: Anonymity,
    /// Or waived.
    pub receipt_wanted: bool,
    /// What it is.
    pub description: String,
    /// Its value, in minor units.
    pub amount_minor: i64,
    /// Currency of the value.
    pub currency: Currency,
    /// Invoice, appraisal…, or `""` until it is known.
    pub valuation_basis: String,
    /// Proof of the value.
    pub document: Option<Kept>,
    /// Only for this need.
    pub restriction: Option<NeedId>,
}

/// Offers goods in kind: a signatory for the own organisation, or finance for a donor who brought them.
///
/// # Errors
/// Names the field; forbidden for others; a refusal when the fund does not take this gift.
pub async fn offer_in_kind<P: Permission>(by: &As<P>, offer: Offer) -> Result<GiftId> {
    use crate::core::lifecycle::Part;
    let own = offer.donor_organisation.is_some_and(|organisation| by.actor.belongs_to(organisation));
    if P::PART != Part::Finance && !(P::PART == Part::Signatory && own) {
        return Err(Error::Forbidden("forbidden-finance"));
    }
    let mut wrong = Vec::new();
    if offer.amount_minor <= 0 {
        wrong.push(Violation::at("amount", "refused-zero"));
    }
    if offer.description.trim().is_empty() {
        wrong.push(Violation::at("goods", "refused-empty"));
    }
    crate::commons::texts::all_well(wrong)?;
    let offer = &offer;
    by.write(|tx| async move {
        let tx = &tx;
        let known = offer.donor_organisation.is_some() || offer.donor_person.is_some();
        accepting(tx, offer.fund, offer.currency, known).await?;
        restricted(tx, offer.restriction).await?;
        let document = match &offer.document {
            Some(kept) => {
                let whose = offer.donor_organisation;
                Some(documents::file(tx, by, kept, DocumentPurpose::Valuation, whose).await?)
            }
            None => None,
        };
        let row = gift::ActiveModel {
            fund_id: Set(offer.fund),
            kind: Set(GiftKind::InKind),
            stage: Set(GiftStage::Offered),
            donor_organisation_id: Set(offer.donor_organisation),
            donor_person_id: Set(offer.donor_person),
            donor_name: Set(offer.donor_name.trim().to_owned()),
            anonymity: Set(offer.anonymity),
            receipt_wanted: Set(offer.receipt_wanted),
            amount_minor: Set(offer.amount_minor),
            currency: Set(offer.currency),
            restriction_need_id: Set(offer.restriction),
            description: Set(offer.description.trim().to_owned()),
            valuation_basis: Set(offer.valuation_basis.trim().to_owned()),
            valuation_document_id: Set(document),
            recorded_by: Set(by.actor.person),
            created_by: Set(by.actor.person),
            created_at: Set(tx.now()),
            ..Default::default()
        };
        let row = gift::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Gift, row.id.0, Note::act("offer")).await?;
        Ok(row.id)
    })
    .await
}

/// Accepts goods in kind: noted beside the books at their value.
///
/// # Errors
/// [`Error::NotFound`]; forbidden for who recorded the offer and the donor's people; a refusal without a valuation basis.
pub async fn accept_in_kind(by: &As<Approver>, id: GiftId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        permitted(&row, by, "accept")?;
        roles::apart(tx, by, &[row.recorded_by]).await?;
        not_own(by, &row)?;
        if row.valuation_basis.is_empty() {
            return Err(Error::refused("refused-gift-valuation"));
        }
        let known = row.donor_organisation_id.is_some() || row.donor_person_id.is_some();
        accepting(tx, row.fund_id, row.currency, known).await?;
        holds::none(tx, by, &[(Subject::Fund, row.fund_id.0), (Subject::Gift, id.0)]).await?;
        let today = by.day_of(tx.now());
        let set = gift::ActiveModel {
            id: Set(id),
            confirmed_by: Set(by.actor.person),
            received_on: Set(Some(today)),
            ..Default::default()
        };
        gift::Entity::update(set).exec(tx).await?;
        advance(tx, by, &row, "accept", Note::act("")).await?;
        let sum = Sum { amount_minor: row.amount_minor, currency: row.currency, on: today };
        recipes::in_kind(tx, by, id, row.fund_id, sum, row.valuation_document_id).await?;
        tell(tx, &row, "gift-accepted").await
    })
    .await
}

/// The goods were used for the fund's purpose: their note is undone.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when they were not accepted.
pub async fn use_in_kind(by: &As<Officer>, id: GiftId, words: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        advance(tx, by, &row, "use", Note::act("").because(words)).await?;
        let sum = Sum { amount_minor: row.amount_minor, currency: row.currency, on: by.day_of(tx.now()) };
        recipes::in_kind_used(tx, by, id, row.fund_id, sum).await
    })
    .await
}
