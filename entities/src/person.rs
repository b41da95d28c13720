//! Somebody who can sign in.

use crate::kinds::{Locale, OrganisationId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// Somebody who can sign in.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "person")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PersonId,
    /// Lower case; also the name at sign-in.
    pub email: String,
    /// As the person wants to be called.
    pub name: String,
    /// Language of pages and mail.
    pub locale: Locale,
    /// Argon2id in PHC form.
    pub password_hash: String,
    /// Declared employer, from which conflicts follow.
    pub employer_id: Option<OrganisationId>,
    /// When the account was made.
    pub created_at: DateTimeUtc,
    /// When it was ended; ended people cannot sign in.
    pub ended_at: Option<DateTimeUtc>,
    /// How many passkeys the person has.
    pub passkeys: i32,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
