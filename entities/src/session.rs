//! One browser signed in.

use crate::kinds::{PersonId, SessionId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One browser signed in.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: SessionId,
    /// Whose.
    pub person_id: PersonId,
    /// SHA-256 of the cookie's token, never the token.
    pub token_hash: String,
    /// User agent, shortened.
    pub device: String,
    /// Sign-in.
    pub created_at: DateTimeUtc,
    /// Last use, to the minute.
    pub seen_at: DateTimeUtc,
    /// End at the latest.
    pub expires_at: DateTimeUtc,
    /// Signed out or ended from the list.
    pub ended_at: Option<DateTimeUtc>,
    /// The password was right and the second factor is still asked for: signed in nowhere yet.
    pub halfway: bool,
    /// When this browser last proved the second factor.
    pub proved_at: Option<DateTimeUtc>,
    /// What this browser was asked to sign, or to register, and how it will be judged.
    pub challenge: Option<Json>,
    /// Which challenge that is: each is answered once.
    pub challenge_mark: i64,
    /// When it was asked.
    pub challenge_at: Option<DateTimeUtc>,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
