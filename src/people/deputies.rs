//! Deputies (代理人): who holds a role asks for somebody to stand in until a day; from its first day both count as one person.
//!
//! A role with money or decision power takes two: the principal asks, an administrator who is neither of the two confirms, and it counts
//! from the next day ([`super::roles::confirm`]). What a deputy does carries the principal's name ([`events::done_for`]). Either of the two ends it
//! at any time; what was done meanwhile stays one person's ([`super::ties`]).

use super::{accounts, ends, roles, rules};
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::commons::lives::advance;
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::people::permission::{As, SignedIn, in_force};
use chrono::{Days, NaiveDate};
use entities::kinds::{PersonId, Role, RoleGrantId, RoleGrantStage, Subject};
use entities::role_grant;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

/// Deputyships shown to those who have a part in them.
const SHOWN: u64 = 50;
/// Page of one's own deputies.
pub const PAGE: &str = "/account/deputies";

/// Asks for a deputy in a role of one's own, until a day.
///
/// # Errors
/// By the field: a role that is not one's own or is held for oneself alone, a person there is none of or who holds it already, a day
/// that is past, beyond one's own term or beyond [`rules::DEPUTYSHIP_DAYS`]; what a decision asks for.
pub async fn ask(by: &As<SignedIn>, own: RoleGrantId, email: &str, ends_on: NaiveDate) -> Result<RoleGrantId> {
    let email = &rules::email(email).ok_or_else(|| Error::field("email", "refused-email"))?;
    by.decide(|tx| async move {
        let tx = &tx;
        let grant = own_grant(tx, by, own).await?;
        let deputy = accounts::by_email(tx, email).await?.filter(|row| row.ended_at.is_none());
        let deputy = deputy.ok_or_else(|| Error::field("email", "refused-unknown"))?;
        check(tx, by, &grant, deputy.id, ends_on).await?;
        let at_once = !rules::takes_two(grant.role);
        let row = role_grant::ActiveModel {
            person_id: Set(deputy.id),
            role: Set(grant.role),
            scope: Set(grant.scope),
            scope_id: Set(grant.scope_id),
            stage: Set(if at_once { RoleGrantStage::Effective } else { RoleGrantStage::Proposed }),
            proposed_by: Set(by.actor.person),
            proposed_at: Set(tx.now()),
            effective_on: Set(at_once.then(|| by.day_of(tx.now()))),
            ends_on: Set(Some(ends_on)),
            principal_id: Set(by.actor.person),
            ..Default::default()
        };
        let row = role_grant::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::RoleGrant, row.id.0, Note::act("ask-deputy").because(grant.role.as_str()))
            .await?;
        let word = ends::word(grant.role);
        let page = format!("/admin/roles/{}", row.id);
        letters::to_role(tx, Role::Administrator, "deputy-asked", std::slice::from_ref(&word), &page).await?;
        letters::to_person(tx, deputy.id, "deputy-named", &[word, ("day.day", ends_on.to_string())], PAGE).await?;
        Ok(row.id)
    })
    .await
}

/// A role of the asker's own that counts today: a deputy names no deputy.
async fn own_grant(tx: &Tx, by: &As<SignedIn>, id: RoleGrantId) -> Result<role_grant::Model> {
    let today = by.day_of(tx.now());
    let own = roles::load(tx, id).await.ok();
    let own = own.filter(|row| row.person_id == by.permission().person() && in_force(row, today));
    let own = own.filter(|row| row.principal_id.is_none()).ok_or_else(|| Error::field("grant", "refused-choose"))?;
    if rules::may_be_deputised(own.role) { Ok(own) } else { Err(Error::field("grant", "refused-deputy-personal")) }
}

async fn check(
    tx: &Tx,
    by: &As<SignedIn>,
    own: &role_grant::Model,
    deputy: PersonId,
    ends_on: NaiveDate,
) -> Result<()> {
    if deputy == own.person_id {
        return Err(Error::field("email", "refused-role-own-deputy"));
    }
    let today = by.day_of(tx.now());
    let latest = today.checked_add_days(Days::new(rules::DEPUTYSHIP_DAYS.unsigned_abs())).unwrap_or(today);
    let latest = own.ends_on.map_or(latest, |end| end.min(latest));
    if ends_on <= today {
        return Err(Error::field("ends_on", "refused-not-future"));
    }
    if ends_on > latest {
        return Err(Violation::at("ends_on", "refused-deputy-long").into());
    }
    roles::unheld(tx, by, (deputy, own.role, own.scope, own.scope_id)).await.map_err(|error| match error.code() {
        "refused-role-held" => Error::field("email", "refused-role-held"),
        _ => error,
    })
}

/// Ends a deputyship at once, or takes back what was asked for: the principal, or the deputy who does not want it.
///
/// # Errors
/// [`Error::NotFound`] for anybody else; a refusal when it is over or two administrators would not remain.
pub async fn end(by: &As<SignedIn>, id: RoleGrantId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let me = by.permission().person();
        let row = roles::load(tx, id).await?;
        let principal = row.principal_id.filter(|who| *who == me || row.person_id == me).ok_or(Error::NotFound)?;
        let act = if row.stage == RoleGrantStage::Proposed { "withdraw" } else { "end-deputyship" };
        if act == "end-deputyship" {
            ends::two_remain(tx, by, &row).await?;
        }
        advance(tx, by, &row, act, Note::act("").because(row.role.as_str())).await?;
        ends::ended(tx, by, &row).await?;
        for who in [principal, row.person_id] {
            letters::to_person(tx, who, "deputy-ended", &[ends::word(row.role)], PAGE).await?;
        }
        letters::to_role(tx, Role::Administrator, "deputy-over", &[ends::word(row.role)], "/admin/roles").await
    })
    .await
}

/// Deputyships in which a person has a part, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<role_grant::Model>> {
    let mine = Condition::any().add(role_grant::Column::PrincipalId.eq(person)).add(
        Condition::all()
            .add(role_grant::Column::PersonId.eq(person))
            .add(role_grant::Column::PrincipalId.is_not_null()),
    );
    Ok(role_grant::Entity::find().filter(mine).order_by_desc(role_grant::Column::Id).limit(SHOWN).all(db).await?)
}
