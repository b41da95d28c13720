//! The front page: where the money is, which calls are open for whom, what was last entered in the books.

use super::entries::{self, Filter};
use crate::commons::texts::pick;
use crate::core::eligibility::Rule;
use crate::error::Result;
use crate::ledger::balances::{self, Flow};
use crate::people::permission::Context;
use crate::web::page::{Answer, Page};
use crate::web::parts::{EntryHeads, EntryRow, FlowBar};
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

/// A need that waits for an answer.
#[derive(Debug, Clone, Serialize)]
struct NeedTeaser {
    href: String,
    title: String,
    community: String,
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
            who: who_may(context, row),
            fund: funds
                .iter()
                .find(|fund| fund.id == row.fund_id)
                .map(|fund| pick(context.locale, &fund.name_zh, &fund.name_en))
                .unwrap_or_default(),
        }
    };
    Ok(rows.iter().map(teaser).collect())
}

/// Who may apply, in a line: legal forms, and residents' groups where a host may stand for them.
fn who_may(context: &Context, row: &call::Model) -> String {
    let rules: Vec<Rule> = serde_json::from_value(row.eligibility.clone()).unwrap_or_default();
    let mut words: Vec<String> = Vec::new();
    for rule in &rules {
        match rule {
            Rule::LegalForm { any_of } => {
                let forms = any_of.iter().filter_map(|form| serde_json::to_value(form).ok());
                let forms = forms.filter_map(|form| form.as_str().map(|form| form.replace('-', "_")));
                words.extend(forms.map(|form| context.t(&format!("home-form-{form}"))));
            }
            Rule::UsccPrefix { any_of } => {
                words.push(context.t_with("home-who-codes", &[("codes", &any_of.join(", "))]));
            }
            _ => {}
        }
    }
    if row.host_allowed {
        words.push(context.t("home-who-host"));
    }
    if words.is_empty() { context.t("home-who-see") } else { words.join(" · ") }
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
        .filter(need::Column::Stage.is_in([NeedStage::Listed, NeedStage::Adopted]))
        .order_by_desc(need::Column::Id)
        .limit(SHOWN)
        .all(context.edges.db.read())
        .await?;
    let teaser = |row: &need::Model| NeedTeaser {
        href: format!("/needs/{}", row.id),
        title: pick(context.locale, &row.title_zh, &row.title_en),
        community: row.community.clone(),
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
        let need = NeedTeaser { href: "/needs/1".into(), title: "t".into(), community: "c".into() };
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
