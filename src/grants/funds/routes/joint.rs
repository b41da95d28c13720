//! Forms of joint funds and budgets, read row by row.

use super::initiator;
use crate::commons::texts::TITLE;
use crate::core::money::percent_bps;
use crate::error::{Result, Violation};
use crate::grants::funds::service::budgets::{self, Budget};
use crate::grants::funds::service::{self, agreement, initiators};
use crate::grants::funds::view;
use crate::people::permission::{As, SignedIn};
use crate::web::forms::Posted;
use entities::kinds::{BudgetHead, FundId, OrganisationId};

/// Signs for another initiator: the first of the reader's organisations that opens the fund with others and has not signed.
pub(super) async fn sign_partner(by: &As<SignedIn>, id: FundId, posted: &Posted) -> Result<()> {
    let name = posted.text("typed_name", TITLE);
    let own = view::joint::partner(by, id).await?;
    posted.well()?;
    agreement::sign_as_partner(&posted.by(&by.signatory_of(own)?), id, &name).await
}

/// A year's budget as posted, head by head.
pub(super) async fn budget(by: &As<SignedIn>, id: FundId, posted: &Posted) -> Result<()> {
    let signs = initiator(by, id).await?;
    let currency = service::load(by.edges.db.read(), id).await?.currency;
    let line = |head: &BudgetHead| (*head, posted.money_or_zero(&format!("budget_{head}"), currency));
    let year = i32::try_from(posted.number("year", 2000, 2200)).unwrap_or_default();
    let planned = Budget { year, lines: BudgetHead::ALL.iter().map(line).collect() };
    posted.well()?;
    budgets::propose(&posted.by(&signs), id, planned).await
}

/// The shares of a joint fund as posted, row by row.
pub(super) async fn shares(by: &As<SignedIn>, id: FundId, posted: &Posted) -> Result<()> {
    let signs = initiator(by, id).await?;
    let mut rows = Vec::new();
    for place in 0..view::joint::SHARES {
        let field = format!("share_{place}");
        let Some(organisation) = posted.optional_id::<OrganisationId>(&format!("initiator_{place}")) else { continue };
        let share = percent_bps(posted.raw(&field)).ok().and_then(|bps| i32::try_from(bps).ok());
        match share {
            Some(share) => rows.push((organisation, share)),
            None => posted.wrong(Violation::at(field, "refused-not-a-number")),
        }
    }
    posted.well()?;
    initiators::set_shares(&posted.by(&signs), id, &rows).await
}
