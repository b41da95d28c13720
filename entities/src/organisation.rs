//! An enterprise, social organisation, foundation or resident group known to the foundation.

use crate::kinds::{LegalForm, OrganisationId, PersonId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// An enterprise, social organisation, foundation or resident group known to the foundation.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "organisation")]
pub struct Model {
    /// Key.
    #[sea_orm(primary_key)]
    pub id: OrganisationId,
    /// Legal form.
    pub legal_form: LegalForm,
    /// Name in Chinese, may be '' when there is an English one.
    pub name_zh: String,
    /// Name in English, may be '' when there is a Chinese one.
    pub name_en: String,
    /// Checked Unified Social Credit Code.
    pub uscc: Option<String>,
    /// org-id.guide list code of another register.
    pub register_code: Option<String>,
    /// Number in that register.
    pub register_number: Option<String>,
    /// Day of registration.
    pub registered_on: Option<Date>,
    /// Area code in which it works, e.g. `wuhou`.
    pub area: String,
    /// Community, where it belongs to one.
    pub community: String,
    /// What it once told us and is never asked again.
    pub profile: Json,
    /// Host of a resident group.
    pub fiscal_host_id: Option<OrganisationId>,
    /// Signatory of the host who accepted.
    pub host_accepted_by: Option<PersonId>,
    /// Who entered it.
    pub created_by: Option<PersonId>,
    /// When.
    pub created_at: DateTimeUtc,
}

/// Rows are joined by their typed keys, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
