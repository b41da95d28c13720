//! A seed-fund award opens its fund without the bank: the payable becomes the new fund's money, after the same approvals.

use super::approvals::step;
use super::service::{gates_changed, tell, touch};
use crate::commons::events::Note;
use crate::commons::lives::advance;
use crate::error::{Error, Result};
use crate::grants::{funds, gifts};
use crate::ledger::recipes;
use crate::people::permission::{As, Finance};
use crate::people::roles;
use entities::kinds::{AwardKind, PaymentOutcome, Subject, TrancheId};
use entities::payment;
use sea_orm::{ActiveValue::Set, EntityTrait};

/// Opens the new fund with the tranche's amount, as a lot given by the foundation and without a fee.
///
/// # Errors
/// As every step of a payment; a refusal for a project award, or before an administrator named the fund.
pub async fn open_fund(by: &As<Finance>, id: TrancheId) -> Result<()> {
    by.pay(|tx| async move {
        let tx = &tx;
        let (part, open) = step(tx, by, id, "open-fund").await?;
        roles::apart(tx, by, &[open.prepared_by]).await?;
        let new = part.award.seed_fund_id.filter(|_| part.award.kind == AwardKind::SeedFund);
        let new = new.ok_or(Error::refused("refused-seed-fund-unnamed"))?;
        crate::commons::holds::none(tx, by, &[(Subject::Fund, new.0)]).await?;
        // A draft, or one that the board declined, is no fund yet.
        if !funds::rules::takes_gifts(funds::service::load(tx, new).await?.stage) {
            return Err(Error::refused("refused-seed-fund-undecided"));
        }
        let sum = part.sum(by.day_of(tx.now()));
        let gift = gifts::service::given_as_seed(tx, new, sum, (open.prepared_by, open.approved_by)).await?;
        recipes::seed_fund(tx, by, part.place(), open.id, new, gift, sum).await?;
        let change = payment::ActiveModel {
            id: Set(open.id),
            outcome: Set(Some(PaymentOutcome::Paid)),
            ended_at: Set(Some(tx.now())),
            confirmed_by: Set(Some(by.person()?)),
            ..Default::default()
        };
        payment::Entity::update(change).exec(tx).await?;
        advance(tx, by, &part.tranche, "open-fund", Note::act("")).await?;
        touch(tx, &part.tranche, None).await?;
        tell(tx, &part, "tranche-paid").await?;
        funds::service::activate_if_ready(tx, by, new).await?;
        gates_changed(tx, by, part.award.id).await
    })
    .await
}
