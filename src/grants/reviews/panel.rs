//! Who reaches a call's panel: its chair, and every programme officer. To let another role in, implement [`Reaches`].

use crate::error::{Error, Result};
use crate::people::permission::{As, Chair, Context, Officer, Permission, RolePermission};
use entities::kinds::{CallId, Role, Scope};

/// Who may find that a reviewer has to stand back, and draft decisions.
pub trait Reaches: Permission {
    /// Whether this permission reaches the call.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for the chair of another panel.
    fn reaches(by: &As<Self>, call: CallId) -> Result<()>
    where
        Self: Sized;
}

impl Reaches for Officer {
    fn reaches(_: &As<Self>, _: CallId) -> Result<()> {
        Ok(())
    }
}

impl Reaches for Chair {
    fn reaches(by: &As<Self>, call: CallId) -> Result<()> {
        chairs(by, call)
    }
}

/// Whether the chair chairs this call's panel.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn chairs(by: &As<Chair>, call: CallId) -> Result<()> {
    let grant = by.permission().grant();
    let here = grant.scope == Scope::Foundation || (grant.scope == Scope::Call && grant.scope_id == Some(call.0));
    if here { Ok(()) } else { Err(Error::Forbidden("forbidden-chair")) }
}

/// Whether the reader runs or chairs this call's panel; others find nothing here.
///
/// # Errors
/// [`Error::NotFound`].
pub fn visible(context: &Context, call: CallId) -> Result<()> {
    let actor = &context.actor;
    let sees = actor.has(Role::ProgrammeOfficer)
        || actor.has(Role::Approver)
        || actor.has(Role::Supervisor)
        || actor.grant(Role::PanelChair, Scope::Call, Some(call.0)).is_some();
    if sees { Ok(()) } else { Err(Error::NotFound) }
}
