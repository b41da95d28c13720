//! What calls have beside their rules: sealed bids, two stages, questions, formulas, copies, feeds, and whom the rules would leave.

mod amended;
mod asked;
mod copies;
mod feeds;
mod formulas;
mod reached;
mod sealed;
mod stages;

use crate::rooms::calls::{drafted, fund, questions};
use crate::support::{World, nine};
use entities::kinds::{CallId, Role};
use tributary::grants::calls::service::{self, Drafted};
use tributary::people::permission::{As, Officer};

/// Two officers with a fund and a form between them.
struct Desk {
    a: As<Officer>,
    b: As<Officer>,
    plain: Drafted,
}

impl Desk {
    async fn new(world: &World) -> Self {
        let a = world.person("officer-a", &[Role::ProgrammeOfficer]).await;
        let b = world.person("officer-b", &[Role::ProgrammeOfficer]).await;
        let (a, b) = (world.role::<Officer>(a).await, world.role::<Officer>(b).await);
        let form = service::form_version(&a, "plain", questions()).await.unwrap();
        Self { plain: drafted(fund(world).await, form), a, b }
    }

    /// Drafted by one, checked by the other.
    async fn announced(&self, call: Drafted) -> CallId {
        let id = service::draft(&self.a, call).await.unwrap();
        service::check(&self.b, id).await.unwrap();
        id
    }

    /// The same, and its hour has come.
    async fn open(&self, world: &World, call: Drafted) -> CallId {
        let id = self.announced(call).await;
        world.at(nine(2026, 1, 7)).await;
        id
    }
}
