//! The end of a role: two administrators remain, what never began binds nobody, and deputies go with their principal.

use super::ties::one_of;
use crate::commons::events::Note;
use crate::commons::letters;
use crate::commons::lives::advance;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::{Administrator, As, Permission, in_force};
use chrono::NaiveDate;
use entities::kinds::{PersonId, Role, RoleGrantStage};
use entities::{person, role_grant};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Deputies of one grant that go with it: nobody has more on the way.
const DEPUTIES: u64 = 50;

/// The role, for a letter in the reader's language.
pub(super) fn word(role: Role) -> (&'static str, String) {
    ("role.word", format!("role-{role}"))
}

/// A grant taken away before its first day never counted, and binds no deputy to the principal.
pub(super) async fn ended<P: Permission>(tx: &Tx, by: &As<P>, row: &role_grant::Model) -> Result<()> {
    if row.effective_on.is_some_and(|day| day > by.day_of(tx.now())) {
        let never = role_grant::ActiveModel { id: Set(row.id), effective_on: Set(None), ..Default::default() };
        role_grant::Entity::update(never).exec(tx).await?;
    }
    Ok(())
}

/// Refuses to go below two administrators. Their grants are held meanwhile, so that two who go at once do not both find enough.
pub(super) async fn two_remain<P: Permission>(tx: &Tx, by: &As<P>, gone: &role_grant::Model) -> Result<()> {
    if gone.role != Role::Administrator {
        return Ok(());
    }
    let today = by.day_of(tx.now());
    let mut rows = role_grant::Entity::find()
        .filter(role_grant::Column::Role.eq(Role::Administrator))
        .filter(role_grant::Column::Stage.eq(RoleGrantStage::Effective))
        .order_by_asc(role_grant::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(tx)
        .await?;
    rows.retain(|row| in_force(row, today));
    let before = hands(tx, &rows, today).await?;
    rows.retain(|row| row.id != gone.id);
    let after = hands(tx, &rows, today).await?;
    if after < 2 && after < before { Err(Error::refused("refused-role-last-administrator")) } else { Ok(()) }
}

/// How many of these can act as different people: who left counts no more, a deputy and the principal once.
async fn hands(tx: &Tx, rows: &[role_grant::Model], today: NaiveDate) -> Result<usize> {
    let here = person::Entity::find()
        .filter(person::Column::Id.is_in(rows.iter().map(|row| row.person_id)))
        .filter(person::Column::EndedAt.is_null())
        .order_by_asc(person::Column::Id)
        .all(tx)
        .await?;
    let mut hands: Vec<Option<PersonId>> = Vec::new();
    for row in here {
        if !one_of(tx, row.id, &hands, today).await? {
            hands.push(Some(row.id));
        }
    }
    Ok(hands.len())
}

/// Whose role is taken away has no deputy in it any more, nor one on the way.
pub(super) async fn fall(tx: &Tx, by: &As<Administrator>, gone: &role_grant::Model, reason: &str) -> Result<()> {
    let rows = role_grant::Entity::find()
        .filter(role_grant::Column::PrincipalId.eq(gone.person_id))
        .filter(role_grant::Column::Role.eq(gone.role))
        .filter(role_grant::Column::Scope.eq(gone.scope))
        .filter(role_grant::Column::Stage.is_in([RoleGrantStage::Proposed, RoleGrantStage::Effective]))
        .order_by_asc(role_grant::Column::Id)
        .limit(DEPUTIES)
        .all(tx)
        .await?;
    for row in rows.iter().filter(|row| row.scope_id == gone.scope_id) {
        let act = if row.stage == RoleGrantStage::Proposed { "decline" } else { "revoke" };
        advance(tx, by, row, act, Note::act("").because(reason)).await?;
        ended(tx, by, row).await?;
        letters::to_person(tx, row.person_id, "deputy-ended", &[word(row.role)], "/account/deputies").await?;
    }
    Ok(())
}
