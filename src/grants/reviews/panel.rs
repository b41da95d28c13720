//! Who reaches a call's panel: its chair, and every programme officer. To let another role in, implement [`Reaches`].

use crate::error::{Error, Result};
use crate::people::permission::{As, Chair, Officer, Permission, RolePermission};
use entities::kinds::{CallId, Scope};

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
