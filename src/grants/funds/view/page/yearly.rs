//! A fund's years on its page: budget against what happened, how much is spent and reached people, and the shares of a joint fund.

use super::snapshot::Snapshot;
use crate::core::money::format_bps;
use crate::grants::funds::rules::{idle_periods, reached_bps, spend_rate_bps};
use crate::grants::funds::service::{budgets, initiators};
use crate::ledger::years::Year;
use crate::people::permission::Context;
use crate::web::parts::Fact;
use crate::web::sheet::{Block, Cell};
use entities::kinds::{BudgetHead, FundStage};

/// Years shown: this one and the one before it.
const SHOWN: usize = 2;
/// Heads that a table shows even when there is nothing of them.
const ALWAYS: [BudgetHead; 3] = [BudgetHead::Gifts, BudgetHead::Grants, BudgetHead::Fee];

/// The rates of a fund, and since when it is idle.
pub(super) fn rates(context: &Context, fund: &Snapshot) -> Option<Block> {
    let flow = fund.flow;
    let mut items = Vec::new();
    if let Some(rate) = spend_rate_bps(flow.received_minor, flow.paid_minor, flow.fee_minor) {
        items.push(Fact::new(context.t("fund-spend-rate"), format_bps(rate)));
    }
    if let Some(share) = reached_bps(flow.paid_minor, flow.fee_minor) {
        items.push(Fact::new(context.t("fund-reached"), format_bps(share)));
    }
    if let Some(since) = fund.last_moved.filter(|_| fund.row.stage == FundStage::Active)
        && idle_periods(since, context.edges.today(), fund.idle_days, flow.available_minor).is_some()
    {
        items.push(Fact::new(
            context.t("fund-idle"),
            context.t_with("fund-idle-since", &[("day", &context.day(since))]),
        ));
    }
    (!items.is_empty()).then(|| Block::Facts { title: context.t("fund-rates"), items })
}

/// The tables of the last years, newest first.
pub(super) fn tables(context: &Context, fund: &Snapshot) -> Vec<Block> {
    let mut years: Vec<i32> = fund.years.iter().map(|year| year.year).chain(fund.budgets.keys().copied()).collect();
    years.sort_unstable_by(|one, other| other.cmp(one));
    years.dedup();
    years.truncate(SHOWN);
    years.into_iter().map(|year| table(context, fund, year)).collect()
}

fn table(context: &Context, fund: &Snapshot, year: i32) -> Block {
    let currency = fund.row.currency;
    let figures = fund.years.iter().find(|figures| figures.year == year).copied();
    let figures = figures.unwrap_or(Year { year, ..Year::default() });
    let budget = fund.budgets.get(&year);
    let money = |minor: Option<i64>| minor.map_or_else(|| "—".to_owned(), |minor| context.money(minor, currency));
    let line = |head: &BudgetHead| {
        let planned = budget.map(|lines| lines.get(head).copied().unwrap_or_default());
        let actual = budgets::actual(&figures, *head);
        if !ALWAYS.contains(head) && planned.unwrap_or_default() == 0 && actual == 0 {
            return None;
        }
        Some((context.t(&format!("budget-head-{head}")), planned, actual))
    };
    let mut lines: Vec<(String, Option<i64>, i64)> = BudgetHead::ALL.iter().filter_map(line).collect();
    lines.push((context.t("budget-committed"), None, figures.committed_minor));
    // A year that nobody planned has one column: what happened.
    let cells = |(head, planned, actual): &(String, Option<i64>, i64)| {
        let actual_cell = Cell::number(context.money(*actual, currency));
        if budget.is_none() {
            return vec![Cell::lead(head, ""), actual_cell];
        }
        let left = planned.map(|planned| planned - actual);
        vec![Cell::lead(head, ""), Cell::number(money(*planned)), actual_cell, Cell::number(money(left))]
    };
    let (title, heads): (&str, &[&str]) = match budget {
        Some(_) => ("budget-of-year", &["budget-head", "budget-planned", "budget-actual", "budget-left"]),
        None => ("budget-none-of-year", &["budget-head", "budget-actual"]),
    };
    Block::Table {
        title: context.t_with(title, &[("year", &year.to_string())]),
        heads: heads.iter().map(|head| context.t(head)).collect(),
        rows: lines.iter().map(cells).collect(),
        empty: String::new(),
    }
}

/// The initiators of a joint fund with their shares; where it closes, also what of the rest falls to each.
pub(super) fn shares(context: &Context, fund: &Snapshot) -> Option<Block> {
    if fund.initiators.is_empty() {
        return None;
    }
    let parts = initiators::parts(&fund.initiators, fund.flow.available_minor);
    let closing = fund.row.stage == FundStage::Closing;
    let cells = |(one, part): (&initiators::Initiator, &i64)| {
        let href = format!("/organisations/{}", one.row.organisation_id);
        let mut cells = vec![
            Cell::lead(one.name.pick(context.locale), href),
            Cell::number(format_bps(i64::from(one.row.share_bps))),
        ];
        if closing {
            cells.push(Cell::number(context.money(*part, fund.row.currency)));
        }
        cells
    };
    let mut heads = vec![context.t("fund-initiator"), context.t("joint-share")];
    if closing {
        heads.push(context.t("joint-residue"));
    }
    Some(Block::Table {
        title: context.t("joint-title"),
        heads,
        rows: fund.initiators.iter().zip(&parts).map(cells).collect(),
        empty: String::new(),
    })
}
