//! A passkey of a person, beside the authenticator.

use crate::kinds::{PasskeyId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A passkey of a person, beside the authenticator.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "passkey")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: PasskeyId,
    /// Whose.
    pub person_id: PersonId,
    /// SHA-256 of the credential's own name: one belongs to one person.
    pub credential_mark: String,
    /// What its person calls it.
    pub name: String,
    /// The public half, as the browser registered it.
    pub credential: Json,
    /// What it last counted; one that counts backwards was copied.
    pub counter: i64,
    /// When.
    pub created_at: DateTimeUtc,
    /// When it last proved its person.
    pub used_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
