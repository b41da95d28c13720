//! The front page: where the money is, which calls are open for whom, what was last entered in the books.

use super::entries::{self, Filter};
use crate::commons::texts::pick;
use crate::error::Result;
use crate::grants::calls::words;
use crate::ledger::balances::{self, Flow};
use crate::people::permission::Context;
use crate::web::page::{Answer, Page};
use crate::web::parts::{EntryHeads, EntryRow, FlowBar};
use crate::web::sheet::stage_text;
use entities::kinds::{CallStage, Currency, FundId, FundStage, NeedStage};
use entities::{call, fund, need};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use std::collections::BTreeMap;

/// Calls, funds and needs shown.
const SHOWN: u64 = 6;
/// Entries shown.
const ENTRIES: u64 = 6;
/// Funds summed: far above what a community foundation keeps.
const FUNDS: u64 = 2_000;
/// From so many days on a deadline is near.
const NEAR_DAYS: i64 = 7;

/// The front page.
#[derive(Debug, Clone, Serialize)]
pub struct HomeView {
    flows: Vec<FlowBar>,
    calls: Vec<CallTeaser>,
    rows: Vec<EntryRow>,
    heads: EntryHeads,
    funds: Vec<FundTeaser>,
    needs: Vec<NeedTeaser>,
}

/// An open call: what it is worth, by when, for whom.
#[derive(Debug, Clone, Serialize)]
struct CallTeaser {
    href: String,
    title: String,
    summary: String,
    cap: String,
    deadline: String,
    left: String,
    tone: &'static str,
    who: String,
    fund: String,
}

/// A fund with its bar.
#[derive(Debug, Clone, Serialize)]
struct FundTeaser {
    href: String,
    name: String,
    community: String,
    bar: FlowBar,
}

/// A need, and what became of it.
#[derive(Debug, Clone, Serialize)]
struct NeedTeaser {
    href: String,
    title: String,
    community: String,
    stage: String,
    tone: &'static str,
}

/// The page.
///
/// # Errors
/// When the database cannot be read.
pub async fn show(context: &Context) -> Answer {
    let db = context.edges.db.read();
    let funds = fund::Entity::find()
        .filter(fund::Column::Stage.is_in([
            FundStage::Approved,
            FundStage::Active,
            FundStage::Closing,
            FundStage::Closed,
        ]))
        .order_by_desc(fund::Column::Id)
        .limit(FUNDS)
        .all(db)
        .await?;
    let flows = balances::flows(db, &funds.iter().map(|row| row.id).collect::<Vec<_>>()).await?;
    let flows: BTreeMap<FundId, Flow> = flows.into_iter().collect();
    let view = HomeView {
        flows: summed(context, &funds, &flows),
        calls: calls(context, &funds).await?,
        rows: entries::rows(context, Filter::default(), None, ENTRIES).await?,
        heads: EntryHeads::new(context),
        funds: funds
            .iter()
            .filter(|row| row.stage != FundStage::Closed)
            .take(SHOWN as usize)
            .map(|row| teaser(context, row, &flows))
            .collect(),
        needs: needs(context).await?,
    };
    Page::new(context, "disclosure/home.html", "home", &view)?.answer()
}

/// One bar a currency: different moneys are never added up.
fn summed(context: &Context, funds: &[fund::Model], flows: &BTreeMap<FundId, Flow>) -> Vec<FlowBar> {
    let mut sums: BTreeMap<&'static str, (Currency, Flow)> = BTreeMap::new();
    for row in funds {
        let Some(flow) = flows.get(&row.id) else { continue };
        let (_, sum) = sums.entry(row.currency.code()).or_insert((row.currency, Flow::default()));
        sum.received_minor += flow.received_minor;
        sum.paid_minor += flow.paid_minor;
        sum.fee_minor += flow.fee_minor;
        sum.committed_minor += flow.committed_minor;
        sum.available_minor += flow.available_minor;
    }
    sums.into_values().map(|(currency, sum)| FlowBar::new(context, sum, currency)).collect()
}

fn teaser(context: &Context, row: &fund::Model, flows: &BTreeMap<FundId, Flow>) -> FundTeaser {
    FundTeaser {
        href: format!("/funds/{}", row.id),
        name: pick(context.locale, &row.name_zh, &row.name_en),
        community: row.community.clone(),
        bar: FlowBar::new(context, flows.get(&row.id).copied().unwrap_or_default(), row.currency),
    }
}

async fn calls(context: &Context, funds: &[fund::Model]) -> Result<Vec<CallTeaser>> {
    let rows = call::Entity::find()
        .filter(call::Column::Stage.eq(CallStage::Open))
        .order_by_asc(call::Column::ClosesAt)
        .limit(SHOWN)
        .all(context.edges.db.read())
        .await?;
    let today = context.edges.today();
    let teaser = |row: &call::Model| {
        let days = (context.day_of(row.closes_at) - today).num_days();
        CallTeaser {
            href: format!("/calls/{}", row.id),
            title: pick(context.locale, &row.title_zh, &row.title_en),
            summary: shortened(&pick(context.locale, &row.summary_zh, &row.summary_en)),
            cap: context.money(row.cap_minor, row.currency),
            deadline: context.moment(row.closes_at),
            left: context.t_count("home-days-left", days.max(0)),
            tone: if days <= NEAR_DAYS { "wait" } else { "quiet" },
            who: words::who(context, row),
            fund: funds
                .iter()
                .find(|fund| fund.id == row.fund_id)
                .map(|fund| pick(context.locale, &fund.name_zh, &fund.name_en))
                .unwrap_or_default(),
        }
    };
    Ok(rows.iter().map(teaser).collect())
}

/// The first lines of a text: two lines of a card.
fn shortened(text: &str) -> String {
    const LENGTH: usize = 110;
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= LENGTH {
        return line.to_owned();
    }
    let mut short: String = line.chars().take(LENGTH).collect();
    short.push('…');
    short
}

async fn needs(context: &Context) -> Result<Vec<NeedTeaser>> {
    let rows = need::Entity::find()
        .filter(need::Column::Stage.is_in([NeedStage::Listed, NeedStage::Adopted, NeedStage::Met]))
        .order_by_desc(need::Column::Id)
        .limit(SHOWN)
        .all(context.edges.db.read())
        .await?;
    let teaser = |row: &need::Model| NeedTeaser {
        href: format!("/needs/{}", row.id),
        title: pick(context.locale, &row.title_zh, &row.title_en),
        community: row.community.clone(),
        stage: stage_text(context, "need", row.stage.as_str()),
        tone: if row.stage == NeedStage::Listed { "wait" } else { "ok" },
    };
    Ok(rows.iter().map(teaser).collect())
}

impl HomeView {
    /// Samples for the test that renders every view: a full house and an empty one.
    pub fn samples(context: &Context) -> Vec<Self> {
        let bar = || {
            FlowBar::new(context, Flow { received_minor: 100, available_minor: 100, ..Flow::default() }, Currency::CNY)
        };
        let bare = Self {
            flows: Vec::new(),
            calls: Vec::new(),
            rows: Vec::new(),
            heads: EntryHeads::new(context),
            funds: Vec::new(),
            needs: Vec::new(),
        };
        let row = EntryRow {
            date: "d".into(),
            what: "w".into(),
            voucher: "V-000001".into(),
            href: "/ledger/V-000001".into(),
            amount_text: "¥1.00".into(),
            incoming: false,
        };
        let call = CallTeaser {
            href: "/calls/1".into(),
            title: "t".into(),
            summary: "s".into(),
            cap: "¥1.00".into(),
            deadline: "d".into(),
            left: "l".into(),
            tone: "wait",
            who: "w".into(),
            fund: "f".into(),
        };
        let fund = FundTeaser { href: "/funds/1".into(), name: "n".into(), community: String::new(), bar: bar() };
        let need = NeedTeaser {
            href: "/needs/1".into(),
            title: "t".into(),
            community: "c".into(),
            stage: "s".into(),
            tone: "ok",
        };
        let full = Self {
            flows: vec![bar()],
            calls: vec![call],
            rows: vec![row],
            funds: vec![fund],
            needs: vec![need],
            heads: EntryHeads::new(context),
        };
        vec![full, bare]
    }
}
