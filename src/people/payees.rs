//! Payee accounts (收款账户): entered by the signatory, verified by finance, approved by somebody else, cooling, then usable.

use super::{numbers, roles, rules, stops};
use crate::commons::events::{self, Note};
use crate::commons::lives::advance;
use crate::commons::texts::{self, TITLE};
use crate::commons::{holds, letters, policies};
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::grants::tranches;
use crate::people::permission::{Approver, As, Context, Finance, Permission, Signatory, System};
use chrono::Duration;
use entities::kinds::{
    Currency, HoldKind, MemberRole, MembershipStage, OrganisationId, PayeeAccountId, PayeeStage, PersonId, Role,
    Subject,
};
use entities::{membership, payee_account, person};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::sync::Arc;

/// Cooling periods ended in one round; the next round takes the rest.
const BATCH: u64 = 100;
/// Accounts shown.
const SHOWN: u64 = 50;
/// Stages in which an account is on its way to being usable.
const UNDERWAY: [PayeeStage; 3] = [PayeeStage::Entered, PayeeStage::Verified, PayeeStage::Cooling];

/// An account as the signatory enters it.
#[derive(Clone)]
pub struct Entered {
    /// Name on the account.
    pub holder: String,
    /// Bank and branch.
    pub bank_name: String,
    /// Number.
    pub account_number: String,
    /// Currency.
    pub currency: Currency,
}

impl std::fmt::Debug for Entered {
    // No log shows the number.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entered").field("holder", &self.holder).finish_non_exhaustive()
    }
}

impl Entered {
    fn checked(mut self) -> Result<Self> {
        let mut wrong: Vec<Violation> = Vec::new();
        self.holder = texts::required(&mut wrong, "holder", &self.holder, TITLE);
        self.bank_name = texts::required(&mut wrong, "bank_name", &self.bank_name, TITLE);
        match rules::account_number(&self.account_number) {
            Some(number) => self.account_number = number,
            None => wrong.push(Violation::at("account_number", "refused-payee-number")),
        }
        texts::all_well(wrong).map(|()| self)
    }
}

/// The account money may be paid to now.
///
/// # Errors
/// When the database cannot be read.
pub async fn usable(db: &impl ConnectionTrait, organisation: OrganisationId) -> Result<Option<payee_account::Model>> {
    Ok(payee_account::Entity::find()
        .filter(payee_account::Column::OrganisationId.eq(organisation))
        .filter(payee_account::Column::Stage.eq(PayeeStage::Usable))
        .order_by_desc(payee_account::Column::Id)
        .one(db)
        .await?)
}

/// Enters an account. When another is usable this is a change: money to the organisation stops until the new one is usable,
/// and everybody who writes or signs for the organisation hears of it.
///
/// # Errors
/// By the field; a refusal while another change is underway.
pub async fn enter(by: &As<Signatory>, entered: Entered) -> Result<PayeeAccountId> {
    let entered = &entered.checked()?;
    let organisation = by.permission().organisation();
    let kept = &numbers::keep(&by.edges, organisation, &entered.account_number)?;
    by.decide(|tx| async move {
        let tx = &tx;
        if underway(tx, organisation).await? {
            return Err(Error::refused("refused-payee-underway"));
        }
        let row = payee_account::ActiveModel {
            organisation_id: Set(organisation),
            holder: Set(entered.holder.clone()),
            bank_name: Set(entered.bank_name.clone()),
            account_sealed: Set(kept.sealed.clone()),
            account_mark: Set(kept.mark.clone()),
            account_tail: Set(kept.tail.clone()),
            currency: Set(entered.currency),
            stage: Set(PayeeStage::Entered),
            entered_by: Set(by.permission().person()),
            entered_at: Set(tx.now()),
            evidence: Set(String::new()),
            version: Set(1),
            ..Default::default()
        };
        let row = payee_account::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::PayeeAccount, row.id.0, Note::act("enter")).await?;
        let before = usable(tx, organisation).await?;
        if before.is_some() {
            let (kind, subject) = (HoldKind::PayeeChange, Subject::Organisation);
            let reason = by.edges.words.text(by.locale, "payee-hold-reason", &[]);
            holds::put(tx, by, kind, subject, organisation.0, &reason, None).await?;
            tranches::service::payee_changed(tx, by, organisation).await?;
        }
        let args = [("number", numbers::masked(&row))];
        stops::offer(tx, by, &row, before.map(|before| before.entered_by), &args).await?;
        letters::to_role(tx, Role::FinanceOfficer, "payee-to-verify", &[], &path(&row)).await?;
        Ok(row.id)
    })
    .await
}

/// Verifies an account against its evidence.
///
/// # Errors
/// [`Error::NotFound`]; who entered it and the organisation's own people are refused; a refusal when it is not entered.
pub async fn verify(
    by: &As<Finance>,
    organisation: OrganisationId,
    id: PayeeAccountId,
    evidence: &str,
    version: i32,
) -> Result<()> {
    let evidence = &one_text("evidence", evidence)?;
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, organisation, id, version).await?;
        apart(tx, by, &row, &[row.entered_by]).await?;
        let change = payee_account::ActiveModel {
            id: Set(id),
            evidence: Set(evidence.clone()),
            verified_by: Set(Some(by.person()?)),
            verified_at: Set(Some(tx.now())),
            version: Set(version + 1),
            ..Default::default()
        };
        // The stage decides first, so that a second click changes nothing.
        advance(tx, by, &row, "verify", Note::act("")).await?;
        payee_account::Entity::update(change).exec(tx).await?;
        letters::to_role(tx, Role::Approver, "payee-to-approve", &[], &path(&row)).await
    })
    .await
}

/// Approves a verified account; the cooling period begins.
///
/// # Errors
/// [`Error::NotFound`]; who entered or verified it and the organisation's own people are refused; a refusal when it is not verified.
pub async fn approve(by: &As<Approver>, organisation: OrganisationId, id: PayeeAccountId, version: i32) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, organisation, id, version).await?;
        let before: Vec<PersonId> = [Some(row.entered_by), row.verified_by].into_iter().flatten().collect();
        apart(tx, by, &row, &before).await?;
        crate::commons::lives::permitted(&row, by, "approve")?;
        let days = policies::on(tx, by.edges.today()).await?.cooling_days;
        let change = payee_account::ActiveModel {
            id: Set(id),
            approved_by: Set(Some(by.person()?)),
            approved_at: Set(Some(tx.now())),
            usable_from: Set(Some(tx.now() + Duration::days(days))),
            version: Set(version + 1),
            ..Default::default()
        };
        // The database wants the approver's name before the stage.
        payee_account::Entity::update(change).exec(tx).await?;
        advance(tx, by, &row, "approve", Note::act("")).await?;
        tell(tx, &row, "payee-approved").await
    })
    .await
}

/// Revokes an account; payments under way lose their approvals.
///
/// # Errors
/// [`Error::NotFound`] for strangers; a refusal when it is replaced or revoked already.
pub async fn revoke<P: Permission>(
    by: &As<P>,
    organisation: OrganisationId,
    id: PayeeAccountId,
    reason: &str,
    version: i32,
) -> Result<()> {
    let reason = &one_text("reason", reason)?;
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, organisation, id, version).await?;
        let signs = |m: &membership::Model| m.organisation_id == organisation && m.role == MemberRole::Signatory;
        if by.part() == crate::core::lifecycle::Part::Signatory && !by.actor.memberships.iter().any(signs) {
            return Err(Error::NotFound);
        }
        advance(tx, by, &row, "revoke", Note::act("").because(reason.as_str())).await?;
        bump(tx, &row).await?;
        // A change that is called off no longer stops the account before it.
        if UNDERWAY.contains(&row.stage) {
            holds::lift_own(tx, by, HoldKind::PayeeChange, Subject::Organisation, organisation.0).await?;
        }
        tranches::service::payee_changed(tx, by, organisation).await?;
        tell(tx, &row, "payee-revoked").await
    })
    .await
}

/// Somebody who was written to stops an account by the link in the letter, once: nothing is paid to it, payments lose their
/// approvals, the organisation hears of it, and finance asks who entered it.
///
/// # Errors
/// [`Error::NotFound`] for a link there is none of; a refusal when it was used or is too old.
pub async fn stop(edges: &Arc<Edges>, token: &str) -> Result<()> {
    stops::peek(edges, token).await?;
    let by = &Context::system(edges.clone());
    by.write(|tx| async move {
        let tx = &tx;
        let id = stops::use_up(tx, token).await?;
        stopped(tx, by, id).await
    })
    .await
}

async fn stopped(tx: &Tx, by: &As<System>, id: PayeeAccountId) -> Result<()> {
    let row = payee_account::Entity::find_by_id(id).one(tx).await?.ok_or(Error::NotFound)?;
    if matches!(row.stage, PayeeStage::Replaced | PayeeStage::Revoked) {
        return Ok(());
    }
    let underway = UNDERWAY.contains(&row.stage);
    advance(tx, by, &row, "stop", Note::act("")).await?;
    bump(tx, &row).await?;
    if underway {
        holds::lift_own(tx, by, HoldKind::PayeeChange, Subject::Organisation, row.organisation_id.0).await?;
    }
    tranches::service::payee_changed(tx, by, row.organisation_id).await?;
    tell(tx, &row, "payee-revoked").await?;
    letters::to_role(tx, Role::FinanceOfficer, "payee-stopped", &[], &path(&row)).await
}

/// Ends cooling periods that are over.
///
/// # Errors
/// When the database refuses.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    let rows = payee_account::Entity::find()
        .filter(payee_account::Column::Stage.eq(PayeeStage::Cooling))
        .filter(payee_account::Column::UsableFrom.lte(edges.clock.now()))
        .order_by_asc(payee_account::Column::UsableFrom)
        .limit(BATCH)
        .all(edges.db.read())
        .await?;
    let by = &Context::system(edges.clone());
    for row in rows {
        if let Err(error) = mature(by, row.organisation_id, row.id).await {
            tracing::warn!(payee = row.id.0, %error, "a cooled account is not usable");
        }
    }
    Ok(())
}

async fn mature(by: &As<System>, organisation: OrganisationId, id: PayeeAccountId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = of(tx, organisation, id).await?;
        let before = usable(tx, organisation).await?;
        advance(tx, by, &row, "mature", Note::act("")).await?;
        bump(tx, &row).await?;
        if let Some(before) = before {
            advance(tx, by, &before, "replace", Note::act("")).await?;
            bump(tx, &before).await?;
            tranches::service::payee_changed(tx, by, organisation).await?;
        }
        holds::lift_own(tx, by, HoldKind::PayeeChange, Subject::Organisation, organisation.0).await?;
        holds::lift_own(tx, by, HoldKind::PayeeChange, Subject::PayeeAccount, id.0).await?;
        tell(tx, &row, "payee-usable").await
    })
    .await
}

/// A payment came back from this account: it is held and waits to be verified by finance, approved and cooled anew. Other unsent
/// payments to the organisation lose their approvals. An account that is not usable any more stays as it is.
///
/// # Errors
/// When the database refuses.
pub async fn doubt<P: Permission>(tx: &Tx, by: &As<P>, id: PayeeAccountId) -> Result<()> {
    let row = payee_account::Entity::find_by_id(id).one(tx).await?.ok_or(Error::NotFound)?;
    if row.stage != PayeeStage::Usable {
        return Ok(());
    }
    let system = &Context::system(by.edges.clone());
    holds::put(tx, system, HoldKind::PayeeChange, Subject::PayeeAccount, id.0, "payment-returned", None).await?;
    advance(tx, system, &row, "doubt", Note::act("").because("payment-returned")).await?;
    let change = payee_account::ActiveModel {
        id: Set(id),
        evidence: Set(String::new()),
        verified_by: Set(None),
        verified_at: Set(None),
        approved_by: Set(None),
        approved_at: Set(None),
        usable_from: Set(None),
        version: Set(row.version + 1),
        ..Default::default()
    };
    payee_account::Entity::update(change).exec(tx).await?;
    tranches::service::payee_changed(tx, by, row.organisation_id).await?;
    letters::to_role(tx, Role::FinanceOfficer, "payee-to-verify", &[], &path(&row)).await
}

/// Who acts is neither one of those who acted before, nor one of the organisation's own people.
async fn apart<P: Permission>(tx: &Tx, by: &As<P>, row: &payee_account::Model, before: &[PersonId]) -> Result<()> {
    let me = by.person()?;
    let today = by.day_of(tx.now());
    for person in before {
        if roles::one_person(tx, *person, me, today).await? {
            return Err(Error::Forbidden("forbidden-payee-same-person"));
        }
    }
    let member = membership::Entity::find()
        .filter(membership::Column::OrganisationId.eq(row.organisation_id))
        .filter(membership::Column::PersonId.eq(me))
        .filter(membership::Column::Stage.eq(MembershipStage::Active))
        .one(tx)
        .await?;
    let employed = person::Entity::find_by_id(me).one(tx).await?.and_then(|person| person.employer_id);
    if member.is_some() || employed == Some(row.organisation_id) {
        return Err(Error::Forbidden("forbidden-payee-own-organisation"));
    }
    Ok(())
}

fn one_text(field: &str, text: &str) -> Result<String> {
    let mut wrong = Vec::new();
    let text = texts::required(&mut wrong, field, text, TITLE);
    texts::all_well(wrong).map(|()| text)
}

async fn bump(tx: &Tx, row: &payee_account::Model) -> Result<()> {
    let change = payee_account::ActiveModel { id: Set(row.id), version: Set(row.version + 1), ..Default::default() };
    payee_account::Entity::update(change).exec(tx).await?;
    Ok(())
}

/// Tells everybody of the organisation: an old contact notices what a stranger does in its name.
async fn tell(tx: &Tx, row: &payee_account::Model, letter: &str) -> Result<()> {
    let args = [("number", numbers::masked(row))];
    letters::to_organisation(tx, row.organisation_id, letter, &args, &path(row)).await
}

fn path(row: &payee_account::Model) -> String {
    format!("/organisations/{}/payees/{}", row.organisation_id, row.id)
}

/// Whether an account is on its way.
///
/// # Errors
/// When the database cannot be read.
pub async fn underway(db: &impl ConnectionTrait, organisation: OrganisationId) -> Result<bool> {
    Ok(on_its_way(db, organisation).await?.is_some())
}

async fn load(tx: &Tx, organisation: OrganisationId, id: PayeeAccountId, version: i32) -> Result<payee_account::Model> {
    let row = of(tx, organisation, id).await?;
    if row.version == version { Ok(row) } else { Err(Error::Stale) }
}

/// The account on its way, which money waits for.
///
/// # Errors
/// When the database cannot be read.
pub async fn on_its_way(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
) -> Result<Option<payee_account::Model>> {
    Ok(payee_account::Entity::find()
        .filter(payee_account::Column::OrganisationId.eq(organisation))
        .filter(payee_account::Column::Stage.is_in(UNDERWAY))
        .order_by_desc(payee_account::Column::Id)
        .one(db)
        .await?)
}

/// An account of an organisation.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn of(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
    id: PayeeAccountId,
) -> Result<payee_account::Model> {
    let row = payee_account::Entity::find_by_id(id).one(db).await?;
    row.filter(|row| row.organisation_id == organisation).ok_or(Error::NotFound)
}

/// The accounts of an organisation, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, organisation: OrganisationId) -> Result<Vec<payee_account::Model>> {
    Ok(payee_account::Entity::find()
        .filter(payee_account::Column::OrganisationId.eq(organisation))
        .order_by_desc(payee_account::Column::Id)
        .limit(SHOWN)
        .all(db)
        .await?)
}

/// Accounts that wait in a stage, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn standing(db: &impl ConnectionTrait, stage: PayeeStage, limit: u64) -> Result<Vec<payee_account::Model>> {
    Ok(payee_account::Entity::find()
        .filter(payee_account::Column::Stage.eq(stage))
        .order_by_asc(payee_account::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}
