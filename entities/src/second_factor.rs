//! What a person has besides the password: an authenticator, and codes on paper for the day it is lost.

use crate::kinds::{PersonId, SessionId};
use sea_orm::entity::prelude::*;

/// What a person has besides the password: an authenticator, and codes on paper for the day it is lost.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "second_factor")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: PersonId,
    /// Shared secret of the authenticator, sealed by the vault; '' before the first is confirmed.
    pub secret: String,
    /// Secret that waits for its first code, sealed by the vault.
    pub pending: String,
    /// The browser that asked for it; no other puts it in use.
    pub pending_session: Option<SessionId>,
    /// When it was drawn; it waits for a short while only.
    pub pending_at: Option<DateTimeUtc>,
    /// When the secret in use proved itself.
    pub confirmed_at: Option<DateTimeUtc>,
    /// Time step of the last code taken; each counts once.
    pub last_step: i64,
    /// Which set of recovery codes counts.
    pub codes_generation: i32,
    /// Bit n: code n of the set was used.
    pub codes_used: i32,
    /// When the set was made; it is shown for a short while only.
    pub codes_made_at: Option<DateTimeUtc>,
    /// The browser that made it; no other is shown it.
    pub codes_session: Option<SessionId>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
