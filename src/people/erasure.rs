//! A person taken out of an account that has ended: what is left is a number.

use super::permission::{Administrator, As};
use super::{accounts, passkeys};
use crate::commons::events::{self, Note};
use crate::edges::db::Tx;
use crate::error::Result;
use entities::kinds::{PersonId, Subject};
use entities::{expert, invitation, person, second_factor, session};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter};

/// What stands in the place of a name.
pub const NOBODY: &str = "—";

/// Takes the person out: the ended account keeps its number, which the books refer to, and nothing that tells who it was.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn erase(tx: &Tx, by: &As<Administrator>, id: PersonId) -> Result<()> {
    let email = accounts::load(tx, id).await?.email;
    session::Entity::delete_many().filter(session::Column::PersonId.eq(id)).exec(tx).await?;
    second_factor::Entity::delete_by_id(id).exec(tx).await?;
    passkeys::remove_all(tx, id).await?;
    // Addresses are unique: the number keeps them so, and `.invalid` is nobody's (RFC 2606).
    let gone = format!("erased-{id}@erased.invalid");
    let mine =
        Condition::any().add(invitation::Column::PersonId.eq(id)).add(invitation::Column::Email.eq(email.as_str()));
    invitation::Entity::update_many()
        .col_expr(invitation::Column::Email, Expr::value(gone.as_str()))
        .col_expr(invitation::Column::Name, Expr::value(NOBODY))
        .filter(mine)
        .exec(tx)
        .await?;
    expert::Entity::delete_many().filter(expert::Column::Email.eq(email)).exec(tx).await?;
    let row = person::ActiveModel {
        id: Set(id),
        email: Set(gone),
        name: Set(NOBODY.to_owned()),
        password_hash: Set(String::new()),
        employer_id: Set(None),
        ..Default::default()
    };
    person::Entity::update(row).exec(tx).await?;
    events::record(tx, by, Subject::Person, id.0, Note::act("erase")).await
}
