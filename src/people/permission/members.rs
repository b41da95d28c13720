//! Permissions that are parts in an organisation: its signatories and editors.

use super::{Context, Permission};
use crate::core::lifecycle::Part;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use entities::kinds::{MembershipStage, OrganisationId, PersonId};
use entities::membership;
use sea_orm::EntityTrait;

macro_rules! member_permissions {
    ($($(#[$doc:meta])* $name:ident plays $part:ident, $forbidden:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name {
            pub(super) membership: membership::Model,
        }
        impl $name {
            /// Of which organisation.
            pub fn organisation(&self) -> OrganisationId {
                self.membership.organisation_id
            }
            /// Who.
            pub fn person(&self) -> PersonId {
                self.membership.person_id
            }
        }
        impl Permission for $name {
            const PART: Part = Part::$part;
            async fn still_holds(&self, tx: &Tx, _: &Context) -> Result<()> {
                let row = membership::Entity::find_by_id(self.membership.id).one(tx).await?;
                row.filter(|row| row.stage == MembershipStage::Active).map(|_| ()).ok_or(Error::Forbidden($forbidden))
            }
        }
    )*};
}

member_permissions! {
    /// Signs what leaves the organisation.
    Signatory plays Signatory, "forbidden-signatory";
    /// Writes for the organisation.
    Editor plays Editor, "forbidden-editor";
}
