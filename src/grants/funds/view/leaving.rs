//! The documents of a merger or another name: on the page where it is confirmed, and afterwards beside the fund.

use crate::commons::proposals;
use crate::error::Result;
use crate::grants::funds::service::papers::Filed;
use crate::people::permission::Context;
use crate::web::parts::Fact;
use crate::web::sheet::Block;
use entities::kinds::{FundId, ProposalKind, Subject};
use entities::proposal;

/// The documents that a proposal carries; none for a proposal that needs none.
///
/// # Errors
/// When the proposal does not read as one of its kind.
pub fn of_proposal(context: &Context, proposed: &proposal::Model) -> Result<Vec<Fact>> {
    if !matches!(proposed.kind, ProposalKind::Merge | ProposalKind::Rename) {
        return Ok(Vec::new());
    }
    let filed: Filed = serde_json::from_value(proposed.payload["papers"].clone())?;
    let labelled = |field: &str| context.t(&format!("field-{}", field.replace('_', "-")));
    let see = context.t("fund-see");
    let fact = |(field, id)| Fact::linked(labelled(field), &see, format!("/documents/{id}"));
    Ok(filed.each().into_iter().map(fact).collect())
}

/// What the confirmed mergers and names of a fund were decided on, for whoever may open documents of the fund.
///
/// # Errors
/// When the database cannot be read.
pub async fn decided(context: &Context, id: FundId) -> Result<Vec<Block>> {
    let db = context.edges.db.read();
    let mut blocks = Vec::new();
    for done in proposals::confirmed(db, &[ProposalKind::Merge, ProposalKind::Rename], (Subject::Fund, id.0)).await? {
        let day = done.decided_at.map(|at| context.day(context.day_of(at))).unwrap_or_default();
        let title = context.t_with(&format!("fund-papers-of-{}", done.kind), &[("day", &day)]);
        blocks.push(Block::Facts { title, items: of_proposal(context, &done)? });
    }
    Ok(blocks)
}
