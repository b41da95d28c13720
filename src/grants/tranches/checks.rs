//! What a person checks before a step of a payment: the account, who did what before them, the evidence, what was looked at today.

use super::bank;
use super::service::{self, Part};
use crate::commons::holds;
use crate::error::Result;
use crate::people::permission::Context;
use crate::people::records;
use crate::people::{accounts, payees};
use crate::web::parts::Fact;
use entities::kinds::{PersonId, Subject, TrancheStage};
use entities::{payee_account, payment, tranche};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::BTreeMap;

/// Holder, bank and the last four digits: enough to compare, not enough to copy.
fn masked(account: &payee_account::Model) -> String {
    format!("{} · {} · …{}", account.holder, account.bank_name, account.account_tail)
}

/// The account that money would go to, for the page on which it is asked for.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn account_of(context: &Context, part: &Part) -> Result<String> {
    let account = payees::usable(context.edges.db.read(), part.award.organisation_id).await?;
    Ok(account.map_or_else(|| context.t("refused-no-payee-account"), |account| masked(&account)))
}

/// Everything that stands between a request and its payment, a line each.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn facts(context: &Context, part: &Part, open: &payment::Model) -> Result<Vec<Fact>> {
    let db = context.edges.db.read();
    let account = payee_account::Entity::find_by_id(open.payee_account_id).one(db).await?;
    let mut people = vec![
        Some(open.requested_by),
        open.programme_by,
        open.prepared_by,
        open.approved_by,
        Some(open.payee_entered_by),
    ];
    people.extend(account.iter().flat_map(|account| [account.verified_by, account.approved_by]));
    let names = accounts::names(db, people.into_iter().flatten()).await?;
    let mut facts = Vec::new();
    if let Some(account) = &account {
        facts.push(Fact::new(context.t("tranche-account"), masked(account)));
        facts.push(Fact::new(context.t("tranche-account-checked"), checked_by(context, account, &names)));
    }
    facts.push(Fact::new(context.t("head-number"), bank::instruction(part, open)));
    if let Some(document) = open.request_document_id {
        facts.push(Fact::linked(
            context.t("tranche-evidence"),
            context.t("tranche-request-paper"),
            format!("/documents/{document}"),
        ));
    }
    facts.extend(steps(context, open, &names));
    facts.push(Fact::new(context.t("tranche-left"), left(context, part).await?));
    facts.push(Fact::new(context.t("tranche-looked-at"), looked_at(context, part).await?));
    Ok(facts)
}

fn checked_by(context: &Context, account: &payee_account::Model, names: &BTreeMap<PersonId, String>) -> String {
    let name =
        |id: Option<PersonId>| id.and_then(|id| names.get(&id).cloned()).unwrap_or_else(|| context.t("tranche-nobody"));
    let since = account.usable_from.map(|at| context.day(context.day_of(at))).unwrap_or_default();
    let args = [
        ("entered", name(Some(account.entered_by))),
        ("verified", name(account.verified_by)),
        ("approved", name(account.approved_by)),
        ("day", since),
    ];
    let args: Vec<(&str, &str)> = args.iter().map(|(key, text)| (*key, text.as_str())).collect();
    context.t_with("tranche-account-by", &args)
}

/// Who took which step when.
fn steps(context: &Context, open: &payment::Model, names: &BTreeMap<PersonId, String>) -> Vec<Fact> {
    let steps = [
        ("requested", Some(open.requested_by), Some(open.requested_at)),
        ("programme", open.programme_by, None),
        ("prepared", open.prepared_by, open.prepared_at),
        ("approved", open.approved_by, open.approved_at),
    ];
    let told = |(step, who, at): (&str, Option<PersonId>, Option<chrono::DateTime<chrono::Utc>>)| {
        let name = names.get(&who?)?.clone();
        let when = at.map(|at| format!(" · {}", context.moment(at))).unwrap_or_default();
        Some(Fact::new(context.t(&format!("tranche-step-{step}")), format!("{name}{when}")))
    };
    steps.into_iter().filter_map(told).collect()
}

/// What the award still has to pay after this tranche.
async fn left(context: &Context, part: &Part) -> Result<String> {
    let others = tranche::Entity::find()
        .filter(tranche::Column::AwardId.eq(part.award.id))
        .filter(tranche::Column::Id.ne(part.tranche.id))
        .filter(tranche::Column::Stage.is_not_in([TrancheStage::Paid, TrancheStage::Cancelled]))
        .all(context.edges.db.read())
        .await?;
    let minor = others.iter().map(|row| row.amount_minor).sum();
    Ok(context.money(minor, part.award.currency))
}

/// What the step itself looks at once more: gates, holds, credit lists.
async fn looked_at(context: &Context, part: &Part) -> Result<String> {
    let db = context.edges.db.read();
    let known = service::facts(db, &part.award).await?;
    let gates = service::gates(&part.tranche)?.into_iter().all(|gate| known.met(gate));
    let mut held = false;
    for (subject, id) in [
        (Subject::Tranche, part.tranche.id.0),
        (Subject::Award, part.award.id.0),
        (Subject::Fund, part.award.fund_id.0),
        (Subject::Organisation, part.award.organisation_id.0),
    ] {
        held |= !holds::standing(db, subject, id).await?.is_empty();
    }
    let listed = !records::listed(db, &[part.award.organisation_id], context.edges.today()).await?.is_empty();
    let word = |ok: bool, yes: &str, no: &str| context.t(if ok { yes } else { no });
    let all = [
        word(gates, "tranche-check-gates", "tranche-check-gates-not"),
        word(!held, "tranche-check-free", "tranche-check-held"),
        word(!listed, "tranche-check-unlisted", "tranche-check-listed"),
    ];
    Ok(all.join(" · "))
}
