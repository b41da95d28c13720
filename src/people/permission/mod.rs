//! Who is acting, and what they may do: a permission is a type that carries its row.
//!
//! A route's guard or a loader makes an [`As<P>`]; a service demands one. [`As::write`] is how a service changes anything: it
//! opens the one write door, asks the database again whether the permission still holds, and answers a form's key twice
//! with the same answer. To add a permission, write a type with its row and implement [`Permission`]:
//! a role is one row in `roles.rs`, a part of a room (the assigned reviewer) stands in that room.

mod acting;
mod actor;
mod context;
mod members;
mod proof;
mod roles;

pub use acting::{As, Once};
pub use actor::{Actor, in_force, part_of};
pub use context::{Context, Shown};
pub use members::{Editor, Signatory};
pub use proof::{Level, PROOF_PASSWORD, Proof, WINDOW, asked, prove};
pub use roles::{
    Administrator, Approver, Chair, Committee, Evaluator, Finance, Officer, Reviewer, RolePermission, Supervisor,
};

use crate::core::lifecycle::Part;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use entities::kinds::PersonId;
use sea_orm::EntityTrait;

/// A permission: the part it plays, and how to ask again whether it still holds.
pub trait Permission: Clone + Send + Sync {
    /// The part played in lifecycles and events.
    const PART: Part;
    /// Whether it moves money or decides: then a password alone does not do.
    const POWER: bool = false;

    /// For whom the actor stands in, where the permission is a deputy's.
    fn stands_in_for(&self) -> Option<PersonId> {
        None
    }

    /// Asks the database again, inside the transaction of the change.
    fn still_holds(&self, tx: &Tx, context: &Context) -> impl Future<Output = Result<()>> + Send;
}

macro_rules! open_permissions {
    ($($(#[$doc:meta])* $name:ident => $part:ident),*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;
        impl Permission for $name {
            const PART: Part = Part::$part;
            async fn still_holds(&self, _: &Tx, _: &Context) -> Result<()> {
                Ok(())
            }
        }
    )*};
}

open_permissions! {
    /// Anyone, signed in or not.
    Anyone => Anyone,
    /// The house itself: jobs and timers.
    System => System
}

/// A person signed in.
#[derive(Debug, Clone, Copy)]
pub struct SignedIn {
    person: PersonId,
}

impl SignedIn {
    /// Who.
    pub fn person(&self) -> PersonId {
        self.person
    }
}

impl Permission for SignedIn {
    const PART: Part = Part::Person;
    async fn still_holds(&self, tx: &Tx, _: &Context) -> Result<()> {
        let person = entities::person::Entity::find_by_id(self.person).one(tx).await?;
        person.filter(|p| p.ended_at.is_none()).map(|_| ()).ok_or(Error::Forbidden("forbidden-sign-in"))
    }
}
