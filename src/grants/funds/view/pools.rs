//! The pages of matching pools and of the founder's capital.

use super::visible;
use crate::commons::proposals;
use crate::error::{Error, Result};
use crate::grants::funds::rules::{POOL, takes_gifts};
use crate::grants::funds::service::pools::{self, Capital};
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Choice};
use crate::web::sheet::{Act, Block, Cell, Sheet, stage_text};
use entities::kinds::{Currency, FundId, MatchPoolId, MatchPoolStage, ProposalKind, Role, Subject};
use entities::match_pool;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Pools shown.
const MANY: u64 = 50;

/// The pools of a fund.
///
/// # Errors
/// [`Error::NotFound`] for a fund that is not the reader's to see.
pub async fn list(context: &Context, id: FundId) -> Answer {
    let row = visible(context, id).await?;
    let staff = context.actor.is_staff();
    let mut query = match_pool::Entity::find().filter(match_pool::Column::FundId.eq(id));
    if !staff {
        query = query.filter(match_pool::Column::Stage.ne(MatchPoolStage::Proposed));
    }
    let rows = query.order_by_desc(match_pool::Column::Id).limit(MANY).all(context.edges.db.read()).await?;
    let base = format!("/funds/{id}");
    let parts = context.actor.parts(None);
    let cells = |pool: &match_pool::Model| {
        let name = context.pick(&pool.name_zh, &pool.name_en);
        // Who proposed it does not confirm it.
        let own = Some(pool.proposed_by) == context.actor.person;
        let act = POOL.offers(pool.stage, &parts).into_iter().find(|act| !(own && *act == "confirm"));
        let act = act.filter(|act| *act != "confirm" || context.actor.has(Role::Approver));
        let href = act.map(|act| format!("{base}/pools/{}/{act}", pool.id)).unwrap_or_default();
        let text = act.map(|act| context.t(&format!("act-pool-{act}-button"))).unwrap_or_default();
        vec![
            Cell::lead(name, ""),
            Cell::text(stage_text(context, "pool", pool.stage.as_str())),
            Cell::text(crate::core::money::format_bps(i64::from(pool.ratio_bps))),
            Cell::number(context.money(pool.cap_total_minor, pool.currency)),
            Cell::text(format!("{} – {}", context.day(pool.opens_on), context.day(pool.closes_on))),
            Cell { text, href, class: "" },
        ]
    };
    let heads = ["head-name", "head-stage", "head-pool-ratio", "head-pool-total", "head-pool-window", "head-what"];
    let finance = context.actor.has(Role::FinanceOfficer) && takes_gifts(row.stage);
    let propose = ActLink { href: format!("{base}/pools/new"), text: context.t("act-pool-propose-button"), tone: "" };
    Sheet::new(context.t("fund-pools"))
        .under(&[(context.t("funds-title"), "/funds"), (context.pick(&row.name_zh, &row.name_en), &base)])
        .sentence(context.t("pools-sentence"))
        .now(context.t("now-title"), "", if finance { vec![propose] } else { Vec::new() })
        .with(Block::Table {
            title: String::new(),
            heads: heads.map(|head| context.t(head)).into(),
            rows: rows.iter().map(cells).collect(),
            empty: context.t("pools-empty"),
        })
        .answer(context, "funds")
}

/// The page that proposes a pool.
///
/// # Errors
/// [`Error::NotFound`] for a fund that is not the reader's to see.
pub async fn propose(context: &Context, id: FundId) -> Answer {
    let row = visible(context, id).await?;
    Act::new(context, "pool-propose", format!("/funds/{id}/pools/new"), format!("/funds/{id}/pools"))
        .fact(context.t("head-fund"), context.pick(&row.name_zh, &row.name_en))
        .ask(context, "text", "name_zh")
        .optional()
        .ask(context, "text", "name_en")
        .optional()
        .ask(context, "number", "ratio_bps")
        .value("10000")
        .hint(context.t("pool-ratio-hint"))
        .ask_money(context, "cap_per_gift", row.currency)
        .optional()
        .ask_money(context, "cap_total", row.currency)
        .ask(context, "date", "opens_on")
        .ask(context, "date", "closes_on")
        .answer(context, "funds")
}

/// The page of an act on a pool: it says how much moves and where.
///
/// # Errors
/// [`Error::NotFound`] for a pool of another fund, or an act there is none of.
pub async fn act(context: &Context, id: FundId, pool: MatchPoolId, act: &str) -> Answer {
    let fund = visible(context, id).await?;
    let row = of_fund(context, id, pool).await?;
    if !matches!(act, "confirm" | "decline" | "close") {
        return Err(Error::NotFound);
    }
    let amount = context.money(row.cap_total_minor, row.currency);
    let said = |part: &str| context.t_with(&format!("act-pool-{act}-{part}"), &[("amount", &amount)]);
    let page = Act::worded(
        said("title"),
        said("text"),
        // The button says the whole act, with its amount.
        said("title"),
        format!("/funds/{id}/pools/{pool}/{act}"),
        format!("/funds/{id}/pools"),
    )
    .fact(context.t("head-fund"), context.pick(&fund.name_zh, &fund.name_en))
    .fact(context.t("head-name"), context.pick(&row.name_zh, &row.name_en))
    .fact(context.t("head-pool-total"), format!("{amount} {}", context.capitals(row.cap_total_minor, row.currency)));
    let page = if act == "decline" { page.ask(context, "area", "reason").stop() } else { page };
    page.answer(context, "funds")
}

/// A pool of this fund.
///
/// # Errors
/// [`Error::NotFound`] for a pool of another fund.
pub async fn of_fund(context: &Context, id: FundId, pool: MatchPoolId) -> Result<match_pool::Model> {
    let row = pools::load_pool(context.edges.db.read(), pool).await?;
    if row.fund_id == id { Ok(row) } else { Err(Error::NotFound) }
}

/// The page that records the founder's capital.
///
/// # Errors
/// When the page cannot be written.
pub fn capital(context: &Context) -> Answer {
    Act::new(context, "capital-record", "/funds/capital", "/desk")
        .hidden("currency", Currency::CNY.code())
        .ask_money(context, "amount", Currency::CNY)
        .ask(context, "date", "received_on")
        .ask(context, "text", "bank_line")
        .answer(context, "desk")
}

/// The page that confirms the capital another recorded.
///
/// # Errors
/// [`Error::NotFound`] when none is recorded.
pub async fn confirm_capital(context: &Context) -> Answer {
    let db = context.edges.db.read();
    let open = proposals::open(db, ProposalKind::GiftReceipt, Subject::Foundation, 1).await?.ok_or(Error::NotFound)?;
    let capital: Capital = serde_json::from_value(open.payload)?;
    let amount = context.money(capital.amount_minor, capital.currency);
    let said = |part: &str| context.t_with(&format!("act-capital-confirm-{part}"), &[("amount", &amount)]);
    Act::worded(said("title"), said("text"), said("button"), "/funds/capital/confirm", "/desk")
        .shows(open.id)
        .fact(
            context.t("head-amount"),
            format!("{amount} {}", context.capitals(capital.amount_minor, capital.currency)),
        )
        .fact(context.t("field-received-on"), context.day(capital.received_on))
        .fact(context.t("field-bank-line"), capital.bank_line)
        .ask_choice(context, "act", Choice::words(context, "fund-answer", ["confirm", "decline"]))
        .ask(context, "area", "reason")
        .optional()
        .answer(context, "desk")
}
