//! The fields of acts on a joint fund's shares and on a fund's budget.

use super::visible;
use crate::commons::proposals;
use crate::core::money::{decimal, exponent_of, format_bps};
use crate::error::{Error, Result};
use crate::grants::funds::service::{self, budgets, initiators};
use crate::ledger::balances;
use crate::people::permission::Context;
use crate::web::parts::Choice;
use crate::web::sheet::Act;
use chrono::Datelike;
use entities::kinds::{BudgetHead, FundId, MemberRole, OrganisationId, ProposalKind, Subject};
use entities::{fund, joint_initiator, organisation};
use sea_orm::{EntityTrait, QueryOrder, QuerySelect};

/// Rows of the form of shares.
pub const SHARES: usize = 6;

/// A share as its field takes it.
pub(super) fn percent(bps: i32) -> String {
    format_bps(i64::from(bps))
}

/// Whether the reader signs for this other initiator of a joint fund, who has not signed yet.
pub(super) fn signs_as_partner(context: &Context, row: &fund::Model, one: &joint_initiator::Model) -> bool {
    one.organisation_id != row.initiator_id
        && one.signed_by.is_none()
        && context.actor.memberships.iter().any(|membership| {
            membership.organisation_id == one.organisation_id && membership.role == MemberRole::Signatory
        })
}

/// For which other initiator the reader signs.
///
/// # Errors
/// [`Error::NotFound`] when for none.
pub async fn partner(context: &Context, id: FundId) -> Result<OrganisationId> {
    let row = visible(context, id).await?;
    let together = initiators::of_fund(context.edges.db.read(), id).await?;
    let own = together.into_iter().find(|one| signs_as_partner(context, &row, &one.row));
    own.map(|one| one.row.organisation_id).ok_or(Error::NotFound)
}

/// The shares of a joint fund, a row for each initiator.
pub(super) async fn shares(context: &Context, row: &fund::Model, page: Act) -> Result<Act> {
    let db = context.edges.db.read();
    let set = initiators::of_fund(db, row.id).await?;
    let known = organisation::Entity::find().order_by_asc(organisation::Column::NameZh).limit(500).all(db).await?;
    let mut choices = vec![Choice::new("", "")];
    choices.extend(known.iter().map(|one| Choice::new(one.id, context.pick(&one.name_zh, &one.name_en))));
    let mut page = page;
    for place in 0..SHARES {
        let (chosen, share) = match set.get(place) {
            Some(one) => (one.row.organisation_id.to_string(), percent(one.row.share_bps)),
            None if place == 0 && set.is_empty() => (row.initiator_id.to_string(), String::new()),
            None => (String::new(), String::new()),
        };
        let n = (place + 1).to_string();
        page = page
            .ask_choice(context, &format!("initiator_{place}"), Choice::chosen(choices.clone(), &chosen))
            .labelled(context.t_with("joint-initiator-n", &[("n", &n)]))
            .optional()
            .ask(context, "text", &format!("share_{place}"))
            .labelled(context.t_with("joint-share-n", &[("n", &n)]))
            .hint(context.t("joint-share-hint"))
            .value(share)
            .optional();
    }
    Ok(page)
}

/// A year's budget, head by head, as it stands.
pub(super) async fn budget(context: &Context, row: &fund::Model, page: Act) -> Result<Act> {
    let year = context.edges.today().year();
    let exponent = u32::from(exponent_of(row.currency.0));
    let set = budgets::of_fund(context.edges.db.read(), row.id).await?;
    let mut page = page.ask(context, "number", "year").value(year.to_string()).hint(context.t("budget-year-hint"));
    for head in BudgetHead::ALL {
        let planned = set.get(&year).and_then(|lines| lines.get(head)).copied();
        page = page
            .ask_money(context, &format!("budget_{head}"), row.currency)
            .labelled(context.t(&format!("budget-head-{head}")))
            .value(planned.map(|minor| decimal(minor, exponent)).unwrap_or_default())
            .optional();
    }
    Ok(page)
}

/// The budget that the initiator proposed, to be confirmed or declined.
pub(super) async fn planned(context: &Context, row: &fund::Model, page: Act) -> Result<Act> {
    let db = context.edges.db.read();
    let open = proposals::open(db, ProposalKind::FundBudget, Subject::Fund, row.id.0).await?.ok_or(Error::NotFound)?;
    let answers = Choice::words(context, "fund-answer", ["confirm", "decline"]);
    let budget: budgets::Budget = serde_json::from_value(open.payload.clone())?;
    let mut page = page.shows(open.id).fact(context.t("field-year"), budget.year.to_string());
    for (head, amount) in &budget.lines {
        page = page.fact(context.t(&format!("budget-head-{head}")), context.money(*amount, row.currency));
    }
    Ok(page.ask_choice(context, "act", answers).ask(context, "area", "reason").optional())
}

/// What of the rest falls to each initiator of a joint fund.
pub(super) async fn residue(context: &Context, id: FundId) -> Result<Vec<(String, String)>> {
    let db = context.edges.db.read();
    let row = service::load(db, id).await?;
    let together = initiators::of_fund(db, id).await?;
    let parts = initiators::parts(&together, balances::flow(db, id).await?.available_minor);
    let said = |(one, part): (&initiators::Initiator, &i64)| {
        let name = one.name.pick(context.locale);
        (context.t_with("joint-residue-of", &[("name", &name)]), context.money(*part, row.currency))
    };
    Ok(together.iter().zip(&parts).map(said).collect())
}
