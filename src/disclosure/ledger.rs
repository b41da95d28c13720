//! The list of entries, filtered and paged in the address.

use super::entries::{self, Filter};
use crate::commons::texts::pick;
use crate::error::Result;
use crate::ledger::books::from_number;
use crate::people::permission::Context;
use crate::web::page::{Answer, Page};
use crate::web::parts::{Choice, EntryHeads, EntryRow};
use entities::fund;
use entities::kinds::FundStage;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

/// Entries on a page.
const PAGE: u64 = 30;
/// Funds offered in the filter.
const FUNDS: u64 = 200;

/// The list as a page.
#[derive(Debug, Clone, Serialize)]
pub struct LedgerView {
    rows: Vec<EntryRow>,
    heads: EntryHeads,
    funds: Vec<Choice>,
    filtered: bool,
    older_href: String,
    newest_href: String,
}

/// The page of the list.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(context: &Context, filter: Filter, before: Option<i64>) -> Answer {
    let mut rows = entries::rows(context, filter, before, PAGE + 1).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(PAGE as usize);
    let asked = asked(filter);
    let older = rows.last().filter(|_| more).and_then(|row| from_number(&row.voucher));
    let older_href = older.map(|id| format!("/ledger?{asked}before={id}")).unwrap_or_default();
    let newest_href = if before.is_some() { format!("/ledger?{}", asked.trim_end_matches('&')) } else { String::new() };
    let view = LedgerView {
        rows,
        heads: EntryHeads::new(context),
        funds: funds(context, filter).await?,
        filtered: filter.fund.is_some() || filter.award.is_some(),
        older_href,
        newest_href,
    };
    Page::new(context, "disclosure/ledger.html", "ledger", &view)?.answer()
}

/// The filter as the address carries it.
fn asked(filter: Filter) -> String {
    let fund = filter.fund.map(|id| format!("fund={id}&")).unwrap_or_default();
    let award = filter.award.map(|id| format!("award={id}&")).unwrap_or_default();
    format!("{fund}{award}")
}

async fn funds(context: &Context, filter: Filter) -> Result<Vec<Choice>> {
    let rows = fund::Entity::find()
        .filter(fund::Column::Stage.is_not_in([FundStage::Draft, FundStage::Submitted, FundStage::Declined]))
        .order_by_desc(fund::Column::Id)
        .limit(FUNDS)
        .all(context.edges.db.read())
        .await?;
    let mut choices = vec![Choice::new("", context.t("ledger-all-funds"))];
    choices.extend(rows.iter().map(|row| Choice::new(row.id, pick(context.locale, &row.name_zh, &row.name_en))));
    Ok(Choice::chosen(choices, &filter.fund.map(|id| id.to_string()).unwrap_or_default()))
}

impl LedgerView {
    /// Samples for the test that renders every view.
    pub fn samples(context: &Context) -> Vec<Self> {
        let row = EntryRow {
            date: "d".into(),
            what: "w".into(),
            voucher: "V-000001".into(),
            href: "/ledger/V-000001".into(),
            amount_text: "+¥1.00".into(),
            incoming: true,
        };
        let full = Self {
            rows: vec![row],
            heads: EntryHeads::new(context),
            funds: vec![Choice::new("", "a"), Choice::new(1, "f")],
            filtered: true,
            older_href: "/ledger?before=1".into(),
            newest_href: "/ledger?".into(),
        };
        let bare = Self { rows: Vec::new(), filtered: false, older_href: String::new(), ..full.clone() };
        vec![full, bare]
    }
}
