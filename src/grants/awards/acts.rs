//! The pages of acts on awards and on change requests: each says what will happen, to whom, and with how much.

use super::rules::pair_of;
use super::service::bans::Ban;
use super::service::cases;
use super::{changes, repayments, separation, view};
use crate::commons::policies;
use crate::error::{Error, Result};
use crate::grants::awards::repayments::Repayment;
use crate::grants::awards::service::Termination;
use crate::ledger::accounts::Account;
use crate::ledger::balances;
use crate::people::organisations;
use crate::people::permission::{Context, Level};
use crate::web::page::Answer;
use crate::web::parts::{Choice, Fact};
use crate::web::sheet::Act;
use chrono::Months;
use entities::kinds::{
    AwardId, ChangeKind, ChangeRequestId, EvaluationKind, FundStage, ProposalKind, Role, RoleGrantStage,
};
use entities::{award, fund, person, role_grant};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Choices offered at most.
const CHOICES: u64 = 200;

/// An act whose words carry values.
pub(crate) fn worded(context: &Context, name: &str, args: &[(&str, &str)], action: String, back: &str) -> Act {
    let say = |part: &str| context.t_with(&format!("act-{name}-{part}"), args);
    Act::worded(say("title"), say("text"), say("button"), action, back)
}

/// The page of an act on an award; only what the reader is offered has one.
///
/// # Errors
/// [`Error::NotFound`] for an act that is not the reader's now.
pub async fn act(context: &Context, id: AwardId, act: &str) -> Answer {
    let row = view::visible(context, id).await?;
    if !view::acts(context, &row).await?.contains(&act) {
        return Err(Error::NotFound);
    }
    let names = organisations::names(context, [row.organisation_id].into_iter()).await?;
    let payee = names.get(&row.organisation_id).cloned().unwrap_or_default();
    let amount = context.money(row.amount_minor, row.currency);
    let base = format!("/awards/{id}");
    let args = [("amount", amount.as_str()), ("payee", payee.as_str()), ("title", row.title.as_str())];
    let page = worded(context, &format!("award-{act}"), &args, format!("{base}/{act}"), &base)
        .under(&[(context.t("awards-title"), "/awards"), (row.title.clone(), &base)])
        .fact(context.t("head-title"), row.title.clone())
        .fact(context.t("head-organisation"), payee.clone())
        .fact(context.t("head-amount"), amount.clone());
    let capitals = context.capitals(row.amount_minor, row.currency);
    let page = if capitals.is_empty() { page } else { page.fact(context.t("award-capitals"), capitals) };
    fields(context, &row, act, page).await?.answer(context, "desk")
}

async fn fields(context: &Context, row: &award::Model, act: &str, page: Act) -> Result<Act> {
    Ok(match act {
        "decline"
        | "suspend"
        | "decline-termination"
        | "decline-allowable"
        | "decline-close"
        | "decline-residue"
        | "decline-repayment"
        | "decline-ban" => {
            let page = proposal_facts(context, row, act, page).await?;
            page.ask(context, "area", "reason").stop()
        }
        "resume" => page.ask(context, "area", "reason"),
        "sign" => page.ask(context, "text", "typed_name"),
        "terminate" => {
            page.ask(context, "area", "reason").ask_money(context, "clawback", row.currency).optional().stop()
        }
        "propose-repayment" => {
            let owed = repayments::owed(context.edges.db.read(), row).await?;
            page.fact(context.t("award-owed"), context.money(owed, row.currency))
                .ask_money(context, "amount", row.currency)
                .ask(context, "text", "bank_line")
                .ask(context, "file", "slip")
                .optional()
        }
        "propose-allowable" => page.ask_money(context, "amount", row.currency),
        "publish-case" => case_fields(context, row, page).await?,
        "propose-ban" => ban_fields(context, row, page).await?,
        "propose-residue" => page.ask(context, "area", "residue"),
        "mentor" => page.ask(context, "area", "note"),
        "ask-report" => page.ask(context, "date", "due_on").ask(context, "area", "reason"),
        "assign-evaluation" => page
            .ask_choice(
                context,
                "kind",
                Choice::words(context, "evaluation-kind", EvaluationKind::ALL.iter().map(|kind| kind.as_str())),
            )
            .ask_choice(context, "evaluator", evaluators(context).await?),
        "open-seed-fund" => page
            .ask(context, "text", "name_zh")
            .ask(context, "text", "name_en")
            .optional()
            .ask(context, "area", "purpose_zh")
            .ask(context, "area", "purpose_en")
            .optional()
            .ask(context, "area", "residue_rule"),
        "name-seed-fund" => page.ask_choice(context, "fund", funds(context, row).await?),
        "request-change" => change_fields(context, row, page).await?,
        "confirm-close" | "propose-close" => {
            let left = balances::available(context.edges.db.read(), Account::AwardCommitted(row.item_id), row.currency);
            let page = page.fact(context.t("award-released"), context.money(left.await?, row.currency));
            proposal_facts(context, row, act, page).await?
        }
        _ => proposal_facts(context, row, act, page).await?,
    })
}

/// What the first person fixed, shown to the second.
async fn proposal_facts(context: &Context, row: &award::Model, act: &str, page: Act) -> Result<Act> {
    let Some(pair) = pair_of(act) else { return Ok(page) };
    let open = view::proposed(context, row.id, pair.kind).await?.ok_or(Error::NotFound)?;
    let page = page.shows(open.id);
    Ok(match pair.kind {
        ProposalKind::Clawback => {
            let told: Termination = serde_json::from_value(open.payload)?;
            page.fact(context.t("award-clawback"), context.money(told.clawback_minor, row.currency))
                .fact(context.t("head-reason"), told.reason)
                .stop()
        }
        ProposalKind::AllowableCost => {
            let minor = open.payload["allowable_minor"].as_i64().unwrap_or(0);
            page.fact(context.t("award-allowable"), context.money(minor, row.currency))
        }
        ProposalKind::Repayment => {
            let told: Repayment = serde_json::from_value(open.payload)?;
            let mut page = page
                .fact(context.t("award-repayment"), context.money(told.amount_minor, row.currency))
                .fact(context.t("field-bank-line"), told.bank_line);
            if let Some(slip) = told.slip {
                let link = format!("/documents/{slip}");
                page.facts.push(Fact::linked(context.t("field-slip"), context.t("award-see"), link));
            }
            page
        }
        ProposalKind::Ban => {
            let told: Ban = serde_json::from_value(open.payload)?;
            let names = organisations::names(context, [told.organisation].into_iter()).await?;
            page.fact(context.t("field-barred"), names.get(&told.organisation).cloned().unwrap_or_default())
                .fact(context.t("field-evidence"), told.evidence)
                .fact(context.t("field-until-on"), context.day(told.until_on))
                .stop()
        }
        ProposalKind::Residue => page.fact(context.t("award-residue"), open.payload["decision"].as_str().unwrap_or("")),
        _ => page,
    })
}

/// The case as the final report tells it, to be shortened; and the photo that goes with it.
async fn case_fields(context: &Context, row: &award::Model, page: Act) -> Result<Act> {
    let db = context.edges.db.read();
    let story = cases::final_report(db, row.id).await?.map(|report| report.narrative).unwrap_or_default();
    let mut photos = vec![Choice::new("", context.t("case-no-photo"))];
    photos.extend(cases::photos(db, row.id).await?.into_iter().map(|photo| Choice::new(photo.id, photo.caption)));
    Ok(page
        .ask(context, "text", "title")
        .labelled(context.t("case-title"))
        .value(row.title.clone())
        .ask(context, "area", "story")
        .labelled(context.t("case-story"))
        .value(story)
        .hint(context.t("case-story-hint"))
        .ask_choice(context, "photo", photos)
        .optional()
        .proving(context, Level::Decision))
}

/// Whom a ban bars, why, and until when: for as long as policy says, unless somebody says otherwise.
async fn ban_fields(context: &Context, row: &award::Model, page: Act) -> Result<Act> {
    let db = context.edges.db.read();
    let grantees = separation::grantees(db, row).await?;
    let names = organisations::names(context, grantees.iter().copied()).await?;
    let choices = grantees.iter().map(|one| Choice::new(one, names.get(one).cloned().unwrap_or_default())).collect();
    let today = context.edges.today();
    let months = u32::try_from(policies::on(db, today).await?.ban_months).unwrap_or(0);
    let until = today.checked_add_months(Months::new(months)).unwrap_or(today);
    Ok(page
        .ask_choice(context, "organisation", choices)
        .labelled(context.t("field-barred"))
        .ask(context, "area", "evidence")
        .ask(context, "date", "until_on")
        .value(until.to_string())
        .stop())
}

async fn change_fields(context: &Context, row: &award::Model, page: Act) -> Result<Act> {
    let heads = changes::effective_budget(context.edges.db.read(), row).await?;
    let mut options = vec![Choice::new("", "")];
    options.extend(
        heads.iter().map(|(head, sum)| Choice::new(head, format!("{head} · {}", context.money(*sum, row.currency)))),
    );
    Ok(page
        .ask_choice(
            context,
            "kind",
            Choice::words(context, "change-kind", ChangeKind::ALL.iter().map(|kind| kind.as_str())),
        )
        .ask_choice(context, "from_head", options.clone())
        .optional()
        .ask_choice(context, "to_head", options)
        .optional()
        .ask_money(context, "amount", row.currency)
        .optional()
        .ask(context, "date", "ends_on")
        .optional()
        .ask(context, "area", "change_words")
        .optional()
        .ask(context, "area", "explanation"))
}

async fn evaluators(context: &Context) -> Result<Vec<Choice>> {
    let db = context.edges.db.read();
    let grants = role_grant::Entity::find()
        .filter(role_grant::Column::Role.eq(Role::Evaluator))
        .filter(role_grant::Column::Stage.eq(RoleGrantStage::Effective))
        .limit(CHOICES)
        .all(db)
        .await?;
    let people = person::Entity::find()
        .filter(person::Column::Id.is_in(grants.iter().map(|grant| grant.person_id)))
        .order_by_asc(person::Column::Id)
        .all(db)
        .await?;
    Ok(people.into_iter().map(|row| Choice::new(row.id, row.name)).collect())
}

async fn funds(context: &Context, row: &award::Model) -> Result<Vec<Choice>> {
    let rows = fund::Entity::find()
        .filter(fund::Column::InitiatorId.eq(row.organisation_id))
        .filter(fund::Column::Stage.is_in([FundStage::Approved, FundStage::Active]))
        .limit(CHOICES)
        .all(context.edges.db.read())
        .await?;
    Ok(rows.iter().map(|row| Choice::new(row.id, context.pick(&row.name_zh, &row.name_en))).collect())
}

/// The page of an act on a change request.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn change_act(context: &Context, id: AwardId, change: ChangeRequestId, act: &str) -> Answer {
    let (row, wish) = view::visible_change(context, id, change).await?;
    let base = format!("/awards/{id}/changes/{change}");
    let kind = context.t(&format!("change-kind-{}", wish.kind));
    let page = Act::new(context, &format!("change-{act}"), format!("{base}/{act}"), base.clone())
        .fact(context.t("head-title"), row.title.clone())
        .fact(context.t("head-kind"), kind);
    let page = match act {
        "review" | "approve" | "apply" => page,
        "decline" => page.ask(context, "area", "reason").stop(),
        "consent" => page.ask(context, "area", "evidence"),
        _ => return Err(Error::NotFound),
    };
    page.answer(context, "desk")
}
