//! Permissions that are roles at the foundation: to add one, a row of `role_permissions!`.

use super::{Context, Permission, in_force};
use crate::core::lifecycle::Part;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::rules::takes_two;
use entities::kinds::{PersonId, Role};
use entities::role_grant;
use sea_orm::EntityTrait;

/// A permission that is a role.
pub trait RolePermission: Permission {
    /// The role.
    const ROLE: Role;
    /// The rule named when somebody else tries.
    const FORBIDDEN: &'static str;
    /// The permission with its row.
    fn carrying(grant: role_grant::Model) -> Self;
    /// Its row.
    fn grant(&self) -> &role_grant::Model;
}

macro_rules! role_permissions {
    ($($(#[$doc:meta])* $name:ident = $role:ident plays $part:ident, $forbidden:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name {
            grant: role_grant::Model,
        }
        impl RolePermission for $name {
            const ROLE: Role = Role::$role;
            const FORBIDDEN: &'static str = $forbidden;
            fn carrying(grant: role_grant::Model) -> Self {
                Self { grant }
            }
            fn grant(&self) -> &role_grant::Model {
                &self.grant
            }
        }
        impl Permission for $name {
            const PART: Part = Part::$part;
            const POWER: bool = takes_two(Role::$role);
            fn stands_in_for(&self) -> Option<PersonId> {
                self.grant.principal_id
            }
            async fn still_holds(&self, tx: &Tx, context: &Context) -> Result<()> {
                let today = context.day_of(tx.now());
                let grant = role_grant::Entity::find_by_id(self.grant.id).one(tx).await?;
                grant.filter(|grant| in_force(grant, today)).map(|_| ()).ok_or(Error::Forbidden($forbidden))
            }
        }
    )*};
}

role_permissions! {
    /// Runs people, roles, policy; no money power by that alone.
    Administrator = Administrator plays Administrator, "forbidden-administrator";
    /// Calls, screening, assignment, milestones, reports.
    Officer = ProgrammeOfficer plays Officer, "forbidden-officer";
    /// Finance officer: the maker.
    Finance = FinanceOfficer plays Finance, "forbidden-finance";
    /// The checker: approves what a different person prepared.
    Approver = Approver plays Approver, "forbidden-approver";
    /// Reads everything, queries, holds; never approves, never pays.
    Supervisor = Supervisor plays Supervisor, "forbidden-supervisor";
    /// Chairs a call's panel.
    Chair = PanelChair plays Chair, "forbidden-chair";
    /// Scores what was assigned.
    Reviewer = Reviewer plays Reviewer, "forbidden-reviewer";
    /// Evaluates awards.
    Evaluator = Evaluator plays Evaluator, "forbidden-evaluator";
    /// Decides on the use of a fund.
    Committee = CommitteeMember plays Committee, "forbidden-committee";
}
