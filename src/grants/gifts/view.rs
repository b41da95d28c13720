//! The pages of gifts: lists and one gift here, acts in [`acts`], platform files in [`imports`], the acknowledgement as PDF in [`papers`], tasks in [`tasks`].

pub mod acts;
pub mod imports;
pub mod papers;
pub mod tasks;

use super::rules::GIFT;
use super::service::{self, bills, outcomes, refunds, traces};
use crate::commons::{events, proposals};
use crate::error::{Error, Result};
use crate::grants::{funds, orders, pledges};
use crate::ledger::balances::Flow;
use crate::ledger::books;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Fact, FlowBar};
use crate::web::sheet::{Block, Cell, Sheet, act_links, history, stage_text};
use entities::kinds::{Anonymity, FundId, GiftId, GiftKind, GiftStage, ProposalKind, Role, Subject};
use entities::{fund, gift, tranche};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

pub use tasks::waiting;

/// Gifts on one page of a list.
const PAGE: u64 = 30;
/// Events shown.
const HISTORY: u64 = 20;

/// The gifts of the reader and of the reader's organisations, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn mine(context: &Context, before: Option<i64>) -> Answer {
    let organisations = context.actor.memberships.iter().map(|membership| membership.organisation_id);
    let own = Condition::any()
        .add(gift::Column::DonorOrganisationId.is_in(organisations))
        .add(gift::Column::DonorPersonId.eq(context.person()?));
    // Finance and approvers work on everybody's gifts; theirs are among them.
    if context.actor.has(Role::FinanceOfficer) || context.actor.has(Role::Approver) {
        let sheet = Sheet::new(context.t("gifts-all")).sentence(context.t("gifts-all-sentence"));
        return listed(context, sheet, Condition::all(), before, "/gifts").await;
    }
    let sheet = Sheet::new(context.t("gifts-title")).sentence(context.t("gifts-sentence"));
    listed(context, sheet, own, before, "/gifts").await
}

/// The gifts of a fund, for staff.
///
/// # Errors
/// [`Error::NotFound`] for everybody else.
pub async fn of_fund(context: &Context, id: FundId, before: Option<i64>) -> Answer {
    if !context.actor.is_staff() {
        return Err(Error::NotFound);
    }
    let row = funds::view::visible(context, id).await?;
    let base = format!("/funds/{id}");
    let sheet = Sheet::new(context.t("gifts-of-fund"))
        .under(&[(context.t("funds-title"), "/funds"), (context.pick(&row.name_zh, &row.name_en), &base)]);
    let of = Condition::all().add(gift::Column::FundId.eq(id));
    listed(context, sheet, of, before, &format!("{base}/gifts")).await
}

async fn listed(context: &Context, sheet: Sheet, which: Condition, before: Option<i64>, path: &str) -> Answer {
    let db = context.edges.db.read();
    let mut query = gift::Entity::find().filter(which).order_by_desc(gift::Column::Id).limit(PAGE + 1);
    if let Some(before) = before {
        query = query.filter(gift::Column::Id.lt(before));
    }
    let mut rows = query.all(db).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(PAGE as usize);
    let older_href = rows.last().filter(|_| more).map(|row| format!("{path}?before={}", row.id)).unwrap_or_default();
    let funds: BTreeMap<FundId, fund::Model> = fund::Entity::find()
        .filter(fund::Column::Id.is_in(rows.iter().map(|row| row.fund_id)))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let cells = |row: &gift::Model| {
        let fund = funds.get(&row.fund_id).map(|fund| context.pick(&fund.name_zh, &fund.name_en));
        vec![
            Cell::lead(format!("G{:06}", row.id.0), format!("/gifts/{}", row.id)),
            Cell::text(fund.unwrap_or_default()),
            Cell::text(donor(context, row)),
            Cell::text(context.t(&format!("gift-kind-{}", row.kind))),
            Cell::text(stage_text(context, "gift", row.stage.as_str())),
            Cell::number(context.money(row.amount_minor, row.currency)),
        ]
    };
    let heads = ["head-number", "head-fund", "head-gift-donor", "head-kind", "head-stage", "head-amount"];
    sheet
        .with(Block::Table {
            title: String::new(),
            heads: heads.map(|head| context.t(head)).into(),
            rows: rows.iter().map(cells).collect(),
            empty: context.t("gifts-empty"),
        })
        .with(Block::Pager { older_href, newer_href: String::new() })
        .beside(pledges::view::links(context))
        .answer(context, "funds")
}

/// The donor as this reader may know them: the donor knows, finance knows who is withheld from the public, and who gave
/// anonymously stands on no page of staff: [`acts::revealed`] shows it once, to who wrote down why.
pub fn donor(context: &Context, row: &gift::Model) -> String {
    if row.kind == GiftKind::Match {
        return context.t("gift-donor-foundation");
    }
    let works = context.actor.has(Role::FinanceOfficer) || context.actor.has(Role::Approver);
    let knows = match row.anonymity {
        Anonymity::Named => true,
        Anonymity::Withheld => works || service::is_donor(context, row),
        Anonymity::Anonymous => service::is_donor(context, row),
    };
    if knows && !row.donor_name.is_empty() { row.donor_name.clone() } else { context.t("donor-anonymous") }
}

/// A gift the reader may see: the donor's and staff's.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn visible(context: &Context, id: GiftId) -> Result<gift::Model> {
    let row = service::load(context.edges.db.read(), id).await?;
    if context.actor.is_staff() || service::is_donor(context, &row) { Ok(row) } else { Err(Error::NotFound) }
}

/// One gift, for its donor and staff.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn show(context: &Context, id: GiftId) -> Answer {
    let row = visible(context, id).await?;
    let base = format!("/gifts/{id}");
    let acts = offered(context, &row).await?;
    let acts =
        act_links(context, "gift", &base, &acts, &["cancel", "return", "refund", "refund-failed", "revoke-trace"]);
    let db = context.edges.db.read();
    let mut sheet = story(context, &row)
        .await?
        .under(&[(context.t("gifts-title"), "/gifts")])
        .now(context.t("now-title"), now(context, &row).await?, acts)
        .beside(facts(context, &row).await?);
    if let Some(links) = online(context, &row).await? {
        sheet = sheet.with(links);
    }
    if row.stage == GiftStage::Received {
        let link =
            ActLink { href: format!("{base}/acknowledgement"), text: context.t("gift-acknowledgement"), tone: "quiet" };
        sheet = sheet.with(Block::Acts { title: context.t("work-title"), items: vec![link] });
    }
    sheet
        .beside(history(context, "gift", &events::history(db, Subject::Gift, id.0, HISTORY).await?))
        .answer(context, "funds")
}

/// The way to the online payment of a gift, and for a pledge the way to begin one.
async fn online(context: &Context, row: &gift::Model) -> Result<Option<Block>> {
    let mut items = Vec::new();
    if let Some(order) = orders::service::newest(context.edges.db.read(), row.id).await? {
        let text = stage_text(context, "order", order.stage.as_str());
        let text = format!("{}: {text}", context.t("gift-kind-online"));
        items.push(ActLink { href: format!("/orders/{}", order.id), text, tone: "quiet" });
    }
    let signs = context.actor.parts(row.donor_organisation_id).contains(&crate::core::lifecycle::Part::Signatory);
    let waits = matches!(row.stage, GiftStage::Pledged | GiftStage::Processing) && row.recorded_by.is_none();
    if signs && waits && row.kind == GiftKind::Bank && context.edges.stripe.is_some() {
        let text = context.t("act-gift-pay-online-button");
        items.push(ActLink { href: format!("/orders/new?gift={}", row.id), text, tone: "quiet" });
    }
    Ok((!items.is_empty()).then(|| Block::Acts { title: context.t("gift-kind-online"), items }))
}

/// What a gift became, by its private link: nobody is named.
///
/// # Errors
/// [`Error::NotFound`] for a link that was never made or has ended.
pub async fn trace(context: &Context, token: &str) -> Answer {
    let row = traces::by_token(context.edges.db.read(), token).await?;
    story(context, &row).await?.answer(context, "funds")
}

/// The amount, where it is, and what it paid; to the fen.
async fn story(context: &Context, row: &gift::Model) -> Result<Sheet> {
    let db = context.edges.db.read();
    let fund = funds::service::load(db, row.fund_id).await?;
    let name = context.pick(&fund.name_zh, &fund.name_en);
    let amount = context.money(row.amount_minor, row.currency);
    let sheet = Sheet::new(context.t_with("gift-heading", &[("amount", &amount)]))
        .chip(stage_text(context, "gift", row.stage.as_str()), tone(row.stage))
        .sentence(context.t_with("gift-to", &[("fund", &name)]));
    if row.kind == GiftKind::InKind {
        return Ok(sheet.with(Block::Prose { title: context.t("gift-goods"), text: row.description.clone() }));
    }
    let (sums, lines) = traces::follow(db, row).await?;
    let flow = Flow {
        received_minor: sums.paid_minor + sums.fee_minor + sums.committed_minor + sums.free_minor,
        paid_minor: sums.paid_minor,
        fee_minor: sums.fee_minor,
        committed_minor: sums.committed_minor,
        available_minor: sums.free_minor,
    };
    let mut sheet = sheet
        .with(Block::Flow { title: context.t("gift-where"), bar: FlowBar::new(context, flow, row.currency) })
        .with(Block::Table {
            title: context.t("gift-paid-for"),
            heads: ["head-what", "head-date", "head-voucher", "head-outcome", "head-amount"]
                .map(|head| context.t(head))
                .into(),
            rows: lines_of(context, row, &lines).await?,
            empty: context.t("gift-paid-nothing"),
        });
    if sums.refunded_minor > 0 {
        let refunded = Fact::new(context.t("gift-refunded"), context.money(sums.refunded_minor, row.currency));
        sheet = sheet.with(Block::Facts { title: String::new(), items: vec![refunded] });
    }
    Ok(sheet)
}

async fn lines_of(context: &Context, row: &gift::Model, lines: &[traces::Line]) -> Result<Vec<Vec<Cell>>> {
    let db = context.edges.db.read();
    let awards = outcomes::of(db, lines.iter().filter_map(|line| line.award)).await?;
    let reached = outcomes::reached(db, awards.keys().copied()).await?;
    let tranches: BTreeMap<_, i32> = tranche::Entity::find()
        .filter(tranche::Column::Id.is_in(lines.iter().filter_map(|line| line.tranche)))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.id, row.ordinal))
        .collect();
    let names = organisations::names(context, awards.values().map(|(award, _)| award.organisation_id)).await?;
    let cells = |line: &traces::Line| {
        let of = line.award.and_then(|id| awards.get(&id));
        let to = of.and_then(|(award, _)| names.get(&award.organisation_id));
        let outcome = of.map(|(award, outcome)| match award.seed_fund_id {
            // What was given became a fund: its page goes on where this trace ends.
            Some(fund) => Cell { text: context.t("gift-became-fund"), href: format!("/funds/{fund}"), class: "" },
            None => Cell {
                text: came_of(context, *outcome, reached.get(&award.id).copied()),
                href: format!("/projects/{}", award.id),
                class: "",
            },
        });
        let turn = line.tranche.and_then(|id| tranches.get(&id)).map(ToString::to_string).unwrap_or_default();
        let key = match (line.is_fee, line.amount_minor < 0) {
            (true, _) => "gift-line-fee",
            (false, true) => "gift-line-back",
            (false, false) => "gift-line-paid",
        };
        let to = to.cloned().unwrap_or_default();
        let number = books::number(line.posting);
        vec![
            Cell::lead(context.t_with(key, &[("organisation", &to), ("n", &turn)]), ""),
            Cell::text(context.day(context.day_of(line.at))),
            Cell { href: format!("/ledger/{number}"), text: number, class: "" },
            outcome.unwrap_or_else(|| Cell::text("")),
            Cell::number(context.money(line.amount_minor, row.currency)),
        ]
    };
    Ok(lines.iter().map(cells).collect())
}

/// How far a project has come and, once its final report is accepted, how many people it counts.
fn came_of(context: &Context, outcome: outcomes::Outcome, people: Option<i32>) -> String {
    let word = context.t(&format!("outcome-{}", outcome.as_str()));
    match people.filter(|people| *people > 0) {
        Some(people) => format!("{word} · {}", context.t_with("outcome-people", &[("n", &people.to_string())])),
        None => word,
    }
}

async fn facts(context: &Context, row: &gift::Model) -> Result<Block> {
    let fund = fund::Entity::find_by_id(row.fund_id).one(context.edges.db.read()).await?;
    let fund = fund.map(|fund| context.pick(&fund.name_zh, &fund.name_en));
    let mut items = vec![
        Fact::new(context.t("head-gift-donor"), donor(context, row)),
        Fact::new(context.t("head-kind"), context.t(&format!("gift-kind-{}", row.kind))),
        Fact::new(context.t("field-anonymity"), context.t(&format!("anonymity-{}", row.anonymity))),
        Fact::linked(context.t("head-fund"), fund.unwrap_or_default(), format!("/funds/{}", row.fund_id)),
    ];
    let days = [("field-due-on", row.pledge_due_on), ("field-received-on", row.received_on)];
    for (key, day) in days {
        if let Some(day) = day {
            items.push(Fact::new(context.t(key), context.day(day)));
        }
    }
    if let Some(reference) = &row.reference {
        items.push(Fact::new(context.t("field-gift-reference"), reference.clone()));
    }
    if let Some(line) = row.bank_line.as_ref().filter(|_| context.actor.is_staff()) {
        items.push(Fact::new(context.t("field-bank-line"), line.clone()));
    }
    if !row.valuation_basis.is_empty() {
        items.push(Fact::new(context.t("field-valuation-basis"), row.valuation_basis.clone()));
    }
    if row.kind != GiftKind::Match
        && row.received_on.is_some()
        && row.recorded_by.is_none_or(|_| row.confirmed_by.is_some())
    {
        let number = bills::of(context.edges.db.read(), std::iter::once(row.id)).await?.remove(&row.id);
        let bill = match (number.unwrap_or_default(), row.receipt_wanted) {
            (number, _) if !number.is_empty() => number,
            (_, true) => context.t("bill-none"),
            (_, false) => context.t("bill-waived"),
        };
        items.push(Fact::new(context.t("head-bill"), bill));
    }
    if let Some(need) = row.restriction_need_id {
        items.push(Fact::linked(context.t("field-restriction"), context.t("fund-see"), format!("/needs/{need}")));
    }
    if let Some(part) = pledges::service::parts::of_gift(context.edges.db.read(), row.id).await? {
        let text = context.t_with("promise-part", &[("n", &part.ordinal.to_string())]);
        items.push(Fact::linked(context.t("head-promise"), text, format!("/promises/{}", part.plan_id)));
    }
    if let Some(matched) = row.matched_gift_id {
        let number = format!("G{:06}", matched.0);
        items.push(Fact::linked(context.t("gift-matches"), number, format!("/gifts/{matched}")));
    }
    Ok(Block::Facts { title: context.t("facts-title"), items })
}

/// One sentence on what is waited for.
async fn now(context: &Context, row: &gift::Model) -> Result<String> {
    let db = context.edges.db.read();
    Ok(match row.stage {
        GiftStage::Processing if row.recorded_by.is_some() => context.t("gift-now-confirm"),
        GiftStage::Processing if row.kind == GiftKind::Online => context.t("gift-now-online"),
        GiftStage::Processing => {
            context.t_with("gift-now-transfer", &[("reference", &row.reference.clone().unwrap_or_default())])
        }
        GiftStage::Pledged => context.t("gift-now-pledged"),
        GiftStage::Received if refunds::held(db, row.id).await?.is_some() => context.t("gift-now-refund"),
        _ => String::new(),
    })
}

/// The acts this reader can do with the gift now.
async fn offered(context: &Context, row: &gift::Model) -> Result<Vec<&'static str>> {
    let db = context.edges.db.read();
    let actor = &context.actor;
    let (finance, approver) = (actor.has(Role::FinanceOfficer), actor.has(Role::Approver));
    let mut acts = GIFT.offers(row.stage, &actor.parts(row.donor_organisation_id));
    let recorded = row.recorded_by.is_some();
    let other = recorded && row.recorded_by != actor.person && !service::is_donor(context, row);
    let held = refunds::held(db, row.id).await?.is_some();
    let signs = context.actor.parts(row.donor_organisation_id).contains(&crate::core::lifecycle::Part::Signatory);
    acts.retain(|act| match *act {
        "receive" | "accept" => other,
        "return" => recorded && finance,
        "refund" => finance && row.kind == GiftKind::Bank && !held,
        "cancel" => signs,
        // It has a page of its own.
        "pay-online" => false,
        _ => true,
    });
    for (kind, act, confirm) in
        [(ProposalKind::GiftReceipt, "return", "confirm-return"), (ProposalKind::Refund, "refund", "confirm-refund")]
    {
        let Some(open) = proposals::open(db, kind, Subject::Gift, row.id.0).await? else { continue };
        acts.retain(|name| *name != act && *name != "receive");
        if approver && Some(open.proposed_by) != actor.person {
            acts.push(confirm);
        }
    }
    if held && finance {
        acts.push("settle-refund");
        acts.push("refund-failed");
    }
    if finance && !recorded && matches!(row.stage, GiftStage::Pledged | GiftStage::Processing) {
        acts.push("record-pledge");
    }
    let own = service::is_donor(context, row);
    if (finance || signs) && row.kind != GiftKind::Match && (!finance || row.anonymity != Anonymity::Anonymous || own) {
        acts.push("name");
    }
    if row.anonymity == Anonymity::Anonymous && !own && acts::may_reveal(context) {
        acts.push("reveal");
    }
    if finance && !own && row.kind != GiftKind::Match && super::rules::GIVEN.contains(&row.stage) {
        acts.push("bill");
    }
    if (signs || row.donor_person_id == actor.person) && row.kind != GiftKind::Match {
        acts.push(if row.receipt_wanted { "waive-receipt" } else { "want-receipt" });
    }
    if service::is_donor(context, row) {
        acts.push("trace");
        if row.trace_token_hash.is_some() {
            acts.push("revoke-trace");
        }
    }
    Ok(acts)
}

fn tone(stage: GiftStage) -> &'static str {
    match stage {
        GiftStage::Received | GiftStage::Accepted | GiftStage::Used => "ok",
        GiftStage::Pledged | GiftStage::Processing | GiftStage::Offered | GiftStage::Disputed => "wait",
        GiftStage::Failed | GiftStage::Lost => "stop",
        _ => "quiet",
    }
}
