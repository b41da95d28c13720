//! What can be done with awards: offered, accepted, signed by both, suspended, terminated, mentored.

use super::{agreement, separation};
use crate::commons::events::{self, Note};
use crate::commons::lives::advance;
use crate::commons::{letters, policies, proposals};
use crate::core::plan::{self, PlannedTranche};
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::decisions;
use crate::grants::reports;
use crate::grants::tranches::service::{self as tranches, figures};
use crate::ledger::{balances, recipes};
use crate::people::permission::{Administrator, Approver, As, Context, Finance, Officer, Permission, Signatory};
use crate::people::roles;
use chrono::Duration;
use entities::kinds::{
    AwardId, AwardStage, CallId, FundId, FundStage, MentoringNoteId, OrganisationId, PersonId, ProposalKind, Recipe,
    Role, Subject, TrancheStage,
};
use entities::{application, award, call, decision_item, evaluation, fund, mentoring_note, posting, tranche, transfer};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Offers looked at in one tick.
const TICK: u64 = 200;

/// An award by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: AwardId) -> Result<award::Model> {
    award::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// An award of the signatory's own organisation; another's is not found.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn own(db: &impl ConnectionTrait, id: AwardId, organisation: OrganisationId) -> Result<award::Model> {
    let row = load(db, id).await?;
    if row.organisation_id == organisation { Ok(row) } else { Err(Error::NotFound) }
}

/// Today in the foundation's zone, inside a transaction.
pub(super) fn today(by: &Context, tx: &Tx) -> chrono::NaiveDate {
    tx.now().with_timezone(&by.edges.config.zone).date_naive()
}

/// Writes to the grantee about an award.
pub(super) async fn tell(tx: &Tx, row: &award::Model, name: &str, reason: &str) -> Result<()> {
    let args = [
        ("title", row.title.clone()),
        ("amount", figures(row.amount_minor, row)),
        ("until", row.offer_expires_on.to_string()),
        ("reason", reason.to_owned()),
    ];
    letters::to_organisation(tx, row.organisation_id, name, &args, &format!("/awards/{}", row.id)).await
}

/// Offers an award for an item that became final, in its transaction.
///
/// # Errors
/// When the database refuses.
pub async fn offer<P: Permission>(tx: &Tx, by: &As<P>, item: &decision_item::Model) -> Result<AwardId> {
    let bid = application::Entity::find_by_id(item.application_id).one(tx).await?.ok_or(Error::NotFound)?;
    let call = call::Entity::find_by_id(bid.call_id).one(tx).await?.ok_or(Error::NotFound)?;
    let fund = fund::Entity::find_by_id(call.fund_id).one(tx).await?.ok_or(Error::NotFound)?;
    let today = today(by, tx);
    let days = policies::on(tx, today).await?.offer_days;
    let row = award::ActiveModel {
        item_id: Set(item.id),
        application_id: Set(bid.id),
        call_id: Set(call.id),
        fund_id: Set(fund.id),
        organisation_id: Set(bid.host_id.unwrap_or(bid.organisation_id)),
        kind: Set(item.award_kind),
        title: Set(bid.title.clone()),
        amount_minor: Set(item.amount_minor),
        fee_bps: Set(fund.fee_bps),
        currency: Set(item.currency),
        stage: Set(AwardStage::Offered),
        offered_at: Set(tx.now()),
        offer_expires_on: Set(today + Duration::days(days)),
        agreement_hash: Set(String::new()),
        clawback_settled: Set(false),
        version: Set(1),
        ..Default::default()
    };
    let row = award::Entity::insert(row).exec_with_returning(tx).await?;
    plan_tranches(tx, &row, &call).await?;
    events::record(tx, by, Subject::Award, row.id.0, Note::act("offer")).await?;
    tell(tx, &row, "award-offered", "").await?;
    Ok(row.id)
}

async fn plan_tranches(tx: &Tx, row: &award::Model, call: &call::Model) -> Result<()> {
    let plan: Vec<PlannedTranche> = serde_json::from_value(call.tranche_plan.clone())?;
    let parts = plan::tranches(row.amount_minor, &plan).map_err(|error| Error::Internal(format!("plan: {error}")))?;
    // A share of a tiny award may be nothing; nothing is not paid.
    let parts = plan.iter().zip(parts).filter(|(_, part)| *part > 0);
    let mut rows = Vec::new();
    for (ordinal, (planned, amount)) in (1_i32..).zip(parts) {
        rows.push(tranche::ActiveModel {
            award_id: Set(row.id),
            ordinal: Set(ordinal),
            planned_minor: Set(amount),
            amount_minor: Set(amount),
            currency: Set(row.currency),
            gates: Set(serde_json::to_value(&planned.gates)?),
            stage: Set(TrancheStage::Planned),
            version: Set(1),
            ..Default::default()
        });
    }
    if rows.is_empty() {
        return Err(Error::Internal(format!("call {} plans no tranche", call.id)));
    }
    tranche::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// The grantee accepts the offer.
///
/// # Errors
/// [`Error::NotFound`] for another organisation's; a refusal after its last day.
pub async fn accept(by: &As<Signatory>, id: AwardId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, id, by.permission().organisation()).await?;
        in_time(by, tx, &row)?;
        advance(tx, by, &row, "accept", Note::act("")).await?;
        count(tx, &row).await?;
        let args = [("title", row.title.clone())];
        letters::to_role(tx, Role::Administrator, "award-accepted", &args, &format!("/awards/{id}")).await
    })
    .await
}

fn in_time(by: &Context, tx: &Tx, row: &award::Model) -> Result<()> {
    if row.offer_expires_on < today(by, tx) { Err(Error::refused("refused-offer-expired")) } else { Ok(()) }
}

/// The grantee declines the offer: the money is released and the reserve list moves up.
///
/// # Errors
/// As [`accept`].
pub async fn decline(by: &As<Signatory>, id: AwardId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, id, by.permission().organisation()).await?;
        advance(tx, by, &row, "decline", Note::act("").because(reason)).await?;
        count(tx, &row).await?;
        decisions::service::give_back(tx, by, row.item_id, true).await
    })
    .await
}

/// Counts a save.
pub(super) async fn count(tx: &Tx, row: &award::Model) -> Result<()> {
    let change = award::ActiveModel { id: Set(row.id), version: Set(row.version + 1), ..Default::default() };
    award::Entity::update(change).exec(tx).await?;
    Ok(())
}

/// The grantee's signatory signs the agreement by typing their name.
///
/// # Errors
/// Refusals: another name, signed before, another text than the foundation signed.
pub async fn sign_as_grantee(by: &As<Signatory>, id: AwardId, typed_name: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, id, by.permission().organisation()).await?;
        if typed_name.trim() != by.actor.name.trim() {
            return Err(Error::field("typed_name", "refused-award-signature"));
        }
        roles::apart(tx, by, &[row.foundation_signed_by]).await?;
        let signed = award::ActiveModel {
            grantee_signed_by: Set(Some(by.person()?)),
            grantee_signed_at: Set(Some(tx.now())),
            ..Default::default()
        };
        sign(tx, by, row, signed, "sign-grantee").await
    })
    .await
}

/// An administrator signs the agreement for the foundation.
///
/// # Errors
/// [`Error::Forbidden`] for the grantee's people and reviewers; refusals as [`sign_as_grantee`].
pub async fn sign_for_foundation(by: &As<Administrator>, id: AwardId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        separation::untouched(tx, by.person()?, &row).await?;
        roles::apart(tx, by, &[row.grantee_signed_by]).await?;
        let signed = award::ActiveModel {
            foundation_signed_by: Set(Some(by.person()?)),
            foundation_signed_at: Set(Some(tx.now())),
            ..Default::default()
        };
        sign(tx, by, row, signed, "sign-foundation").await
    })
    .await
}

async fn sign<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    row: award::Model,
    signed: award::ActiveModel,
    act: &'static str,
) -> Result<()> {
    if row.stage != AwardStage::Accepted {
        return Err(Error::refused("refused-stage"));
    }
    in_time(by, tx, &row)?;
    let before = if act == "sign-grantee" { row.grantee_signed_by } else { row.foundation_signed_by };
    if before.is_some() {
        return Err(Error::refused("refused-award-signed"));
    }
    let hash = agreement::fingerprint(&agreement::text(tx, &row).await?);
    if !row.agreement_hash.is_empty() && row.agreement_hash != hash {
        return Err(Error::refused("refused-agreement-changed"));
    }
    let change = award::ActiveModel {
        id: Set(row.id),
        agreement_hash: Set(hash.clone()),
        version: Set(row.version + 1),
        ..signed
    };
    let row = award::Entity::update(change).exec(tx).await?;
    let data = serde_json::json!({ "agreement": hash });
    events::record(tx, by, Subject::Award, row.id.0, Note::act(act).with(data)).await?;
    if row.grantee_signed_by.is_none() || row.foundation_signed_by.is_none() {
        return Ok(());
    }
    activate(tx, by, &row).await
}

async fn activate<P: Permission>(tx: &Tx, by: &As<P>, row: &award::Model) -> Result<()> {
    advance(tx, &Context::system(by.edges.clone()), row, "activate", Note::act("")).await?;
    reports::service::schedule(tx, by, row).await?;
    tell(tx, row, "award-active", "").await?;
    tranches::gates_changed(tx, by, row.id).await
}

/// Stops payments on an award for a reason the grantee reads.
///
/// # Errors
/// [`Error::Forbidden`] for the grantee's people; a refusal by stage.
pub async fn suspend(by: &As<Officer>, id: AwardId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        separation::outsider(tx, by.person()?, &row).await?;
        advance(tx, by, &row, "suspend", Note::act("").because(reason)).await?;
        count(tx, &row).await?;
        tell(tx, &row, "award-suspended", reason).await
    })
    .await
}

/// Lets a suspended award go on.
///
/// # Errors
/// As [`suspend`].
pub async fn resume(by: &As<Officer>, id: AwardId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        separation::outsider(tx, by.person()?, &row).await?;
        advance(tx, by, &row, "resume", Note::act("").because(reason)).await?;
        count(tx, &row).await?;
        tell(tx, &row, "award-resumed", reason).await?;
        // A report or signature may have come in while it stood still.
        let final_report = tranches::facts(tx, &row).await?.final_report;
        if final_report {
            begin_closing(tx, by, id).await?;
        }
        tranches::gates_changed(tx, by, id).await
    })
    .await
}

/// The final report is accepted: the award begins to close. Harmless on an award that is not active.
///
/// # Errors
/// When the database refuses.
pub async fn begin_closing<P: Permission>(tx: &Tx, by: &As<P>, id: AwardId) -> Result<()> {
    let row = load(tx, id).await?;
    if row.stage == AwardStage::Active {
        advance(tx, &Context::system(by.edges.clone()), &row, "begin-closing", Note::act("")).await?;
        count(tx, &row).await?;
    }
    Ok(())
}

/// What a termination fixes when it is proposed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Termination {
    /// Read by the grantee and the public.
    pub reason: String,
    /// To be returned, in minor units.
    pub clawback_minor: i64,
}

/// An officer proposes to end an award, with what has to be returned.
///
/// # Errors
/// Refusals: more than was paid, a payment under way, the stage.
pub async fn propose_termination(by: &As<Officer>, id: AwardId, told: &Termination) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        separation::outsider(tx, by.person()?, &row).await?;
        crate::commons::lives::permitted(&row, by, "terminate")?;
        clawback_fits(tx, &row, told.clawback_minor).await?;
        proposals::propose(tx, by, ProposalKind::Clawback, Subject::Award, id.0, told).await?;
        let args = [("title", row.title.clone())];
        letters::to_role(tx, Role::Approver, "award-termination", &args, &format!("/awards/{id}")).await
    })
    .await
}

async fn clawback_fits(tx: &Tx, row: &award::Model, clawback_minor: i64) -> Result<()> {
    if clawback_minor < 0 || clawback_minor > paid(tx, row.id).await? {
        return Err(Error::field("clawback", "refused-more-than-paid"));
    }
    Ok(())
}

/// What was paid on an award, returns taken off.
///
/// # Errors
/// When the database cannot be read.
pub async fn paid(db: &impl ConnectionTrait, id: AwardId) -> Result<i64> {
    Ok(balances::paid_on_awards(db, &[id]).await?.first().map_or(0, |(_, paid, _)| *paid))
}

/// A different person confirms the termination: unsent tranches are cancelled and what is committed is the fund's again.
///
/// # Errors
/// [`Error::NotFound`] when none is proposed; [`Error::Forbidden`] for the proposer, reviewers and the grantee's people.
pub async fn confirm_termination(by: &As<Approver>, id: AwardId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        separation::untouched(tx, by.person()?, &row).await?;
        let told: Termination = proposals::confirm(tx, by, ProposalKind::Clawback, Subject::Award, id.0).await?;
        clawback_fits(tx, &row, told.clawback_minor).await?;
        tranches::cancel_unsent(tx, by, &row).await?;
        super::closing::release_rest(tx, by, &row, "terminated").await?;
        advance(tx, by, &row, "terminate", Note::act("").because(&told.reason)).await?;
        let change = award::ActiveModel {
            id: Set(id),
            clawback_minor: Set(Some(told.clawback_minor)),
            clawback_settled: Set(told.clawback_minor == 0),
            version: Set(row.version + 1),
            ..Default::default()
        };
        award::Entity::update(change).exec(tx).await?;
        tell(tx, &row, "award-terminated", &told.reason).await
    })
    .await
}

/// Finance records money that the grantee sent back; the clawback is settled once all of it came.
///
/// # Errors
/// Refusals: nothing to claw back, more than is owed, the bank line used before.
pub async fn settle_clawback(by: &As<Finance>, id: AwardId, amount_minor: i64, bank_line: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        separation::outsider(tx, by.person()?, &row).await?;
        let owed = row.clawback_minor.filter(|_| row.stage == AwardStage::Terminated && !row.clawback_settled);
        let owed = owed.ok_or(Error::refused("refused-stage"))? - sent_back(tx, id).await?;
        if amount_minor <= 0 || amount_minor > owed {
            return Err(Error::field("amount", "refused-clawback-more"));
        }
        let sum = recipes::Sum { amount_minor, currency: row.currency, on: today(by, tx) };
        recipes::grantee_returned(tx, by, home(tx, row.fund_id).await?, id, row.item_id, sum, bank_line).await?;
        let change = award::ActiveModel {
            id: Set(id),
            clawback_settled: Set(amount_minor == owed),
            version: Set(row.version + 1),
            ..Default::default()
        };
        award::Entity::update(change).exec(tx).await?;
        events::record(tx, by, Subject::Award, id.0, Note::act("settle-clawback")).await
    })
    .await
}

/// What the grantee sent back so far.
async fn sent_back(tx: &Tx, id: AwardId) -> Result<i64> {
    let amounts: Vec<i64> = transfer::Entity::find()
        .select_only()
        .column(transfer::Column::AmountMinor)
        .join(
            sea_orm::JoinType::InnerJoin,
            transfer::Entity::belongs_to(posting::Entity)
                .from(transfer::Column::PostingId)
                .to(posting::Column::Id)
                .into(),
        )
        .filter(posting::Column::AwardId.eq(id))
        .filter(posting::Column::Recipe.eq(Recipe::GranteeReturned))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(amounts.iter().sum())
}

/// The fund that takes money back: the successor of one that was merged.
pub(super) async fn home(tx: &Tx, id: FundId) -> Result<FundId> {
    let row = fund::Entity::find_by_id(id).one(tx).await?.ok_or(Error::NotFound)?;
    Ok(row.merged_into_id.filter(|_| row.stage == FundStage::Merged).unwrap_or(id))
}

/// An officer, or the award's evaluator, keeps a note of a visit or of advice.
///
/// # Errors
/// [`Error::Forbidden`] for anybody else.
pub async fn mentor<P: Permission>(by: &As<P>, id: AwardId, text: &str) -> Result<MentoringNoteId> {
    by.write(|tx| async move {
        let tx = &tx;
        load(tx, id).await?;
        let person = by.person()?;
        if !(by.actor.has(Role::ProgrammeOfficer) || evaluates(tx, person, id).await?) {
            return Err(Error::Forbidden("forbidden-officer"));
        }
        let row = mentoring_note::ActiveModel {
            award_id: Set(id),
            text: Set(text.to_owned()),
            written_by: Set(person),
            at: Set(tx.now()),
            ..Default::default()
        };
        let row = mentoring_note::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Award, id.0, Note::act("mentor")).await?;
        Ok(row.id)
    })
    .await
}

/// Whether a person was asked to evaluate this award.
///
/// # Errors
/// When the database cannot be read.
pub async fn evaluates(db: &impl ConnectionTrait, person: PersonId, id: AwardId) -> Result<bool> {
    let row = evaluation::Entity::find()
        .filter(evaluation::Column::AwardId.eq(id))
        .filter(evaluation::Column::EvaluatorId.eq(person))
        .limit(1)
        .one(db)
        .await?;
    Ok(row.is_some())
}

/// An administrator names the fund a seed-fund award opens: approved, and initiated by the grantee.
///
/// # Errors
/// By the field when the fund does not fit.
pub async fn name_seed_fund(by: &As<Administrator>, id: AwardId, fund: FundId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        separation::outsider(tx, by.person()?, &row).await?;
        let new = fund::Entity::find_by_id(fund).one(tx).await?.ok_or(Error::field("fund", "refused-unknown"))?;
        let fits = row.kind == entities::kinds::AwardKind::SeedFund
            && new.initiator_id == row.organisation_id
            && new.currency == row.currency
            && new.id != row.fund_id
            && matches!(new.stage, FundStage::Approved | FundStage::Active);
        if !fits || row.seed_fund_id.is_some() {
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

/// Awards of a call, for other rooms.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_call(db: &impl ConnectionTrait, call: CallId) -> Result<Vec<award::Model>> {
    Ok(award::Entity::find().filter(award::Column::CallId.eq(call)).order_by_asc(award::Column::Id).all(db).await?)
}

/// What the clock brings: offers that were not accepted or not signed in time expire.
///
/// # Errors
/// When the database cannot be read; an offer that refuses does not stop the others.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    let system = Context::system(edges.clone());
    let rows = award::Entity::find()
        .filter(award::Column::Stage.is_in([AwardStage::Offered, AwardStage::Accepted]))
        .filter(award::Column::OfferExpiresOn.lt(edges.today()))
        .order_by_asc(award::Column::Id)
        .limit(TICK)
        .all(edges.db.read())
        .await?;
    for row in rows {
        if let Err(error) = expire(&system, row.id).await {
            tracing::warn!(award = row.id.0, %error, "an offer did not expire");
        }
    }
    Ok(())
}

async fn expire(by: &As<crate::people::permission::System>, id: AwardId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        if row.offer_expires_on >= today(by, tx) {
            return Ok(());
        }
        advance(tx, by, &row, "expire", Note::act("")).await?;
        count(tx, &row).await?;
        tell(tx, &row, "award-expired", "").await?;
        decisions::service::give_back(tx, by, row.item_id, true).await
    })
    .await
}
