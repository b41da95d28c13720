//! The one foundation this installation serves.

use crate::kinds::{Currency, Locale};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// The one foundation this installation serves.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "foundation")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Registered name.
    pub name_zh: String,
    /// Name in English.
    pub name_en: String,
    /// Unified Social Credit Code, or '' where the register is another.
    pub uscc: String,
    /// IANA zone in which days, deadlines and working hours are reckoned.
    pub time_zone: String,
    /// Language of a visitor who has chosen none.
    pub default_locale: Locale,
    /// Seed of the policy: `cn` or `generic`.
    pub policy_profile: String,
    /// Currency of the operating account.
    pub currency: Currency,
    /// Public contact of the foundation and its supervisor.
    pub contact: String,
    /// Day of inauguration.
    pub founded_on: Option<Date>,
    /// When this installation was set up.
    pub created_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
