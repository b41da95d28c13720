//! Roles: those with money or decision power are proposed by one administrator and confirmed by another, and count from the
//! next day. Nobody gives a role to themselves.

use super::ends::{ended, fall, two_remain, word};
use super::rules;
pub use super::ties::{all_of, one_of, one_person};
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::commons::lives::{advance, advance_with};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::{Administrator, As, Context, in_force};
use chrono::{Days, NaiveDate};
use entities::kinds::{PersonId, Role, RoleGrantId, RoleGrantStage, Scope, Subject};
use entities::{call, fund, person, role_grant};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Page where administrators see roles.
const PAGE: &str = "/admin/roles";

/// Proposes a role; one that needs no second administrator counts at once.
///
/// # Errors
/// `forbidden-own-role`; by the field: a person or scope there is none of, an end in the past, a role held already.
pub async fn propose(
    by: &As<Administrator>,
    person: PersonId,
    role: Role,
    scope: Scope,
    scope_id: Option<i64>,
    ends_on: Option<NaiveDate>,
) -> Result<RoleGrantId> {
    give(by, (person, role, scope, scope_id), ends_on, None).await
}

/// Proposes a deputy for somebody who holds the role; from then on both count as one person.
///
/// # Errors
/// As [`propose`]; a refusal when the principal does not hold the role.
pub async fn deputise(
    by: &As<Administrator>,
    deputy: PersonId,
    principal: PersonId,
    role: Role,
    scope: Scope,
    scope_id: Option<i64>,
    ends_on: NaiveDate,
) -> Result<RoleGrantId> {
    give(by, (deputy, role, scope, scope_id), Some(ends_on), Some(principal)).await
}

async fn give(
    by: &As<Administrator>,
    what: (PersonId, Role, Scope, Option<i64>),
    ends_on: Option<NaiveDate>,
    principal: Option<PersonId>,
) -> Result<RoleGrantId> {
    by.decide(|tx| async move { given(&tx, by, what, ends_on, principal).await }).await
}

/// Proposes a role inside another act of an administrator: a seat in a committee is a role and what one sits there as.
///
/// # Errors
/// As [`propose`].
pub async fn propose_in(
    tx: &Tx,
    by: &As<Administrator>,
    what: (PersonId, Role, Scope, Option<i64>),
    ends_on: Option<NaiveDate>,
) -> Result<RoleGrantId> {
    given(tx, by, what, ends_on, None).await
}

async fn given(
    tx: &Tx,
    by: &As<Administrator>,
    (person, role, scope, scope_id): (PersonId, Role, Scope, Option<i64>),
    ends_on: Option<NaiveDate>,
    principal: Option<PersonId>,
) -> Result<RoleGrantId> {
    let me = by.person()?;
    if person == me {
        return Err(Error::Forbidden("forbidden-own-role"));
    }
    if !rules::role_fits(role, scope, scope_id) {
        return Err(Error::field("scope", "refused-role-scope"));
    }
    if ends_on.is_some_and(|day| day <= by.edges.today()) {
        return Err(Error::field("ends_on", "refused-not-future"));
    }
    check_parties(tx, by, person, role, principal).await?;
    exists(tx, scope, scope_id).await?;
    unheld(tx, by, (person, role, scope, scope_id)).await?;
    let at_once = !rules::takes_two(role);
    let row = role_grant::ActiveModel {
        person_id: Set(person),
        role: Set(role),
        scope: Set(scope),
        scope_id: Set(scope_id),
        stage: Set(if at_once { RoleGrantStage::Effective } else { RoleGrantStage::Proposed }),
        proposed_by: Set(Some(me)),
        proposed_at: Set(tx.now()),
        effective_on: Set(at_once.then(|| by.day_of(tx.now()))),
        ends_on: Set(ends_on),
        principal_id: Set(principal),
        ..Default::default()
    };
    let row = role_grant::Entity::insert(row).exec_with_returning(tx).await?;
    let act = if at_once { "give" } else { "propose" };
    events::record(tx, by, Subject::RoleGrant, row.id.0, Note::act(act).because(role.as_str())).await?;
    if at_once {
        letters::to_person(tx, person, "role-given", &[word(role)], "/desk").await?;
    } else {
        letters::to_role(tx, Role::Administrator, "role-proposed", &[word(role)], PAGE).await?;
    }
    Ok(row.id)
}

/// The person is there, and so is a deputy's principal with the role that is deputised.
async fn check_parties(
    tx: &Tx,
    by: &As<Administrator>,
    person: PersonId,
    role: Role,
    principal: Option<PersonId>,
) -> Result<()> {
    let known = person::Entity::find_by_id(person).one(tx).await?.filter(|row| row.ended_at.is_none());
    if known.is_none() {
        return Err(Error::field("person", "refused-unknown"));
    }
    let Some(principal) = principal else { return Ok(()) };
    if principal == person {
        return Err(Error::field("principal", "refused-role-own-deputy"));
    }
    let today = by.day_of(tx.now());
    let held = of_person(tx, principal).await?;
    let holds = held.iter().any(|grant| grant.role == role && in_force(grant, today));
    if holds { Ok(()) } else { Err(Error::field("principal", "refused-role-principal")) }
}

async fn exists(tx: &Tx, scope: Scope, id: Option<i64>) -> Result<()> {
    let found = match (scope, id) {
        (Scope::Fund, Some(id)) => fund::Entity::find_by_id(entities::kinds::FundId(id)).one(tx).await?.is_some(),
        (Scope::Call, Some(id)) => call::Entity::find_by_id(entities::kinds::CallId(id)).one(tx).await?.is_some(),
        (Scope::Foundation, None) => true,
        _ => false,
    };
    if found { Ok(()) } else { Err(Error::field("scope_id", "refused-unknown")) }
}

pub(super) async fn unheld(
    tx: &Tx,
    by: &Context,
    (person, role, scope, scope_id): (PersonId, Role, Scope, Option<i64>),
) -> Result<()> {
    let today = by.day_of(tx.now());
    let held = of_person(tx, person).await?.into_iter().any(|grant| {
        let lives = grant.stage == RoleGrantStage::Proposed
            || (grant.stage == RoleGrantStage::Effective && grant.ends_on.is_none_or(|day| day >= today));
        lives && grant.role == role && grant.scope == scope && grant.scope_id == scope_id
    });
    if held { Err(Error::field("role", "refused-role-held")) } else { Ok(()) }
}

/// Confirms a proposed role as the second administrator. It counts from the next day; finance hears of it.
///
/// # Errors
/// [`Error::NotFound`]; `forbidden-second-person` for the proposer or who counts as one with them, `forbidden-own-role` for
/// the person; a refusal when it is not proposed.
pub async fn confirm(by: &As<Administrator>, id: RoleGrantId) -> Result<()> {
    let me = by.person()?;
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        let today = by.day_of(tx.now());
        if one_person(tx, row.person_id, me, today).await? {
            return Err(Error::Forbidden("forbidden-own-role"));
        }
        if let Some(proposer) = row.proposed_by
            && one_person(tx, proposer, me, today).await?
        {
            return Err(Error::Forbidden("forbidden-second-person"));
        }
        // Who asked for a deputy may have lost the role meanwhile.
        check_parties(tx, by, row.person_id, row.role, row.principal_id).await?;
        let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
        if row.ends_on.is_some_and(|day| day < tomorrow) {
            return Err(Error::refused("refused-not-future"));
        }
        let confirmed = [
            (role_grant::Column::ConfirmedBy, me.into()),
            (role_grant::Column::ConfirmedAt, tx.now().into()),
            (role_grant::Column::EffectiveOn, tomorrow.into()),
        ];
        advance_with(tx, by, &row, ("confirm", &confirmed), Note::act("").because(row.role.as_str())).await?;
        let args = [word(row.role), ("day.day", tomorrow.to_string())];
        letters::to_role(tx, Role::FinanceOfficer, "role-confirmed", &args, "/desk").await?;
        letters::to_person(tx, row.person_id, "role-given", &[word(row.role)], "/desk").await
    })
    .await
}

/// Declines a proposed role, or takes one's own proposal back.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it is not proposed.
pub async fn decline(by: &As<Administrator>, id: RoleGrantId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        advance(tx, by, &load(tx, id).await?, "decline", Note::act("").because(reason)).await.map(|_| ())
    })
    .await
}

/// Takes a role away at once. Two administrators remain: with one, no role of two people could ever be confirmed again.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it is not in force or fewer than two would be left to run the house.
pub async fn revoke(by: &As<Administrator>, id: RoleGrantId, reason: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        two_remain(tx, by, &row).await?;
        advance(tx, by, &row, "revoke", Note::act("").because(reason)).await?;
        ended(tx, by, &row).await?;
        fall(tx, by, &row, reason).await?;
        letters::to_role(tx, Role::Administrator, "role-revoked", &[], PAGE).await?;
        letters::to_person(tx, row.person_id, "role-taken", &[("reason", reason.to_owned())], "/account").await
    })
    .await
}

/// Takes every role of a person away, and every proposal to give them one. Two administrators remain.
pub(super) async fn take_all(tx: &Tx, by: &As<Administrator>, person: PersonId, reason: &str) -> Result<()> {
    for row in of_person(tx, person).await? {
        let act = match row.stage {
            RoleGrantStage::Effective => "revoke",
            RoleGrantStage::Proposed => "decline",
            RoleGrantStage::Declined | RoleGrantStage::Revoked => continue,
        };
        if act == "revoke" {
            two_remain(tx, by, &row).await?;
        }
        advance(tx, by, &row, act, Note::act("").because(reason)).await?;
        ended(tx, by, &row).await?;
        fall(tx, by, &row, reason).await?;
    }
    Ok(())
}

/// Refuses the actor a step that must be somebody else's than the earlier ones; a deputy and the principal are one.
///
/// # Errors
/// `forbidden-second-person`; `forbidden-sign-in` for a visitor.
pub async fn apart(db: &impl ConnectionTrait, by: &Context, others: &[Option<PersonId>]) -> Result<()> {
    if one_of(db, by.person()?, others, by.edges.today()).await? {
        return Err(Error::Forbidden("forbidden-second-person"));
    }
    Ok(())
}

/// Every grant to a person, in the order they were given.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_person(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<role_grant::Model>> {
    let of = role_grant::Entity::find().filter(role_grant::Column::PersonId.eq(person));
    Ok(of.order_by_asc(role_grant::Column::Id).all(db).await?)
}

/// A grant by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: RoleGrantId) -> Result<role_grant::Model> {
    role_grant::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// Grants newest first, older than `before`, at most `limit`; only proposed ones when `open`.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    db: &impl ConnectionTrait,
    open: bool,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<role_grant::Model>> {
    let mut query = role_grant::Entity::find().order_by_desc(role_grant::Column::Id).limit(limit);
    if open {
        query = query.filter(role_grant::Column::Stage.eq(RoleGrantStage::Proposed));
    }
    if let Some(before) = before {
        query = query.filter(role_grant::Column::Id.lt(before));
    }
    Ok(query.all(db).await?)
}
