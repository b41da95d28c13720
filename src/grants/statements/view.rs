//! The pages of statements: whose there are, and one to read or to print; as a workbook in [`workbook`], as PDF in [`papers`].

pub mod papers;
pub mod workbook;

use super::rules::Sums;
use super::service::{self, Gift, Goods, Part, Spent, Statement, Who};
use crate::error::{Error, Result};
use crate::grants::gifts::service::outcomes::{self, Outcome};
use crate::grants::gifts::service::pledges::reference;
use crate::ledger::books;
use crate::people::permission::Context;
use crate::people::{accounts, organisations};
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Fact};
use crate::web::sheet::{Block, Cell, Sheet};
use entities::kinds::{AwardId, FundId, OrganisationId, Role, TrancheId};
use entities::{award, fund, gift, tranche};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, BTreeSet};

/// Donors on one page of the list for finance.
const PAGE: u64 = 50;
/// Years of one donor that are offered: what is older is asked for by its address.
const YEARS: usize = 12;
/// Rows of a table on the page: the workbook has them all.
const ROWS: usize = 300;

/// Names that the rows of a statement mention.
pub(super) struct Names {
    funds: BTreeMap<FundId, String>,
    awards: BTreeMap<AwardId, (award::Model, Outcome)>,
    grantees: BTreeMap<OrganisationId, String>,
    turns: BTreeMap<TrancheId, i32>,
}

impl Names {
    /// Loads them, whatever the number of rows, in four queries.
    pub(super) async fn load(context: &Context, statement: &Statement) -> Result<Self> {
        let db = context.edges.db.read();
        let parts = &statement.parts;
        let funds: BTreeSet<FundId> = parts
            .iter()
            .flat_map(|part| part.gifts.iter().map(|row| row.fund).chain(part.goods.iter().map(|row| row.fund)))
            .collect();
        let spent = || parts.iter().flat_map(|part| part.spent.iter());
        let awards: BTreeSet<AwardId> = spent().filter_map(|row| row.award).collect();
        let turns: BTreeSet<TrancheId> = spent().filter_map(|row| row.tranche).collect();
        let awards = outcomes::of(db, awards.into_iter()).await?;
        let funds = fund::Entity::find().filter(fund::Column::Id.is_in(funds)).all(db).await?;
        let turns = tranche::Entity::find().filter(tranche::Column::Id.is_in(turns)).all(db).await?;
        Ok(Self {
            funds: funds.iter().map(|row| (row.id, context.pick(&row.name_zh, &row.name_en))).collect(),
            grantees: organisations::names(context, awards.values().map(|(row, _)| row.organisation_id)).await?,
            awards,
            turns: turns.iter().map(|row| (row.id, row.ordinal)).collect(),
        })
    }

    pub(super) fn fund(&self, id: FundId) -> String {
        self.funds.get(&id).cloned().unwrap_or_default()
    }

    /// What a line paid, in words.
    pub(super) fn what(&self, context: &Context, line: &Spent) -> String {
        let to =
            line.award.and_then(|id| self.awards.get(&id)).and_then(|(row, _)| self.grantees.get(&row.organisation_id));
        let to = to.cloned().unwrap_or_default();
        let turn = line.tranche.and_then(|id| self.turns.get(&id)).map(ToString::to_string).unwrap_or_default();
        let key = match (line.is_fee, line.amount_minor < 0) {
            (true, _) => "gift-line-fee",
            (false, true) => "gift-line-back",
            (false, false) => "gift-line-paid",
        };
        context.t_with(key, &[("organisation", &to), ("n", &turn)])
    }

    pub(super) fn project(&self, line: &Spent) -> String {
        line.award.and_then(|id| self.awards.get(&id)).map(|(row, _)| row.title.clone()).unwrap_or_default()
    }

    pub(super) fn outcome(&self, context: &Context, line: &Spent) -> String {
        let outcome = line.award.and_then(|id| self.awards.get(&id)).map(|(_, outcome)| outcome.as_str());
        outcome.map(|word| context.t(&format!("outcome-{word}"))).unwrap_or_default()
    }
}

/// The donor's name, as the donor's own people and finance know it.
pub(super) async fn name(context: &Context, who: Who) -> Result<String> {
    let name = match who {
        Who::Organisation(id) => organisations::names(context, std::iter::once(id)).await?.remove(&id),
        Who::Person(id) => accounts::names(context.edges.db.read(), std::iter::once(id)).await?.remove(&id),
    };
    name.ok_or(Error::NotFound)
}

/// Whose statements the reader may open: the reader's own, those of the reader's organisations; for finance every donor's.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(context: &Context, before: Option<i64>) -> Answer {
    let person = context.person()?;
    let own: Vec<_> = context.actor.memberships.iter().map(|row| row.organisation_id).collect();
    let firsts = service::first_years(context, &own).await?;
    let names = organisations::names(context, own.iter().copied()).await?;
    let last = chrono::Datelike::year(&context.edges.today());
    let mut items = Vec::new();
    for (who, first) in &firsts {
        let name = match who {
            Who::Organisation(id) => names.get(id).cloned().unwrap_or_default(),
            Who::Person(_) => context.actor.name.clone(),
        };
        items.extend((*first..=last).rev().take(YEARS).map(|year| {
            let text = format!("{name} · {}", context.t_with("statement-year", &[("year", &year.to_string())]));
            ActLink { href: format!("{}/{year}", who.path()), text, tone: "quiet" }
        }));
    }
    if items.is_empty() {
        let text = context.t("statements-none");
        let href = format!("{}/{last}", Who::Person(person).path());
        items.push(ActLink { href, text, tone: "quiet" });
    }
    let mut sheet = Sheet::new(context.t("statements-title"))
        .under(&[(context.t("gifts-title"), "/gifts")])
        .sentence(context.t("statements-sentence"))
        .with(Block::Acts { title: context.t("statements-own"), items });
    if context.actor.has(Role::FinanceOfficer) {
        sheet = of_donors(context, sheet, before).await?;
    }
    sheet.answer(context, "funds")
}

/// Every organisation that gave and may be known to have: for finance.
async fn of_donors(context: &Context, sheet: Sheet, before: Option<i64>) -> Result<Sheet> {
    let mut query = gift::Entity::find()
        .select_only()
        .column(gift::Column::DonorOrganisationId)
        .distinct()
        .filter(gift::Column::DonorOrganisationId.is_not_null())
        .filter(gift::Column::ReceivedOn.is_not_null())
        .filter(gift::Column::Anonymity.ne(entities::kinds::Anonymity::Anonymous))
        .order_by_desc(gift::Column::DonorOrganisationId)
        .limit(PAGE + 1);
    if let Some(before) = before {
        query = query.filter(gift::Column::DonorOrganisationId.lt(before));
    }
    let mut ids: Vec<OrganisationId> = query.into_tuple().all(context.edges.db.read()).await?;
    let more = ids.len() as u64 > PAGE;
    ids.truncate(PAGE as usize);
    let older_href = ids.last().filter(|_| more).map(|id| format!("/statements?before={id}")).unwrap_or_default();
    let names = organisations::names(context, ids.iter().copied()).await?;
    let year = chrono::Datelike::year(&context.edges.today());
    let cells = |id: &OrganisationId| {
        let path = Who::Organisation(*id).path();
        let link = |year: i32| Cell { text: year.to_string(), href: format!("{path}/{year}"), class: "" };
        let name = names.get(id).cloned().unwrap_or_default();
        vec![Cell::lead(name, format!("/organisations/{id}")), link(year), link(year - 1)]
    };
    Ok(sheet
        .with(Block::Table {
            title: context.t("statements-donors"),
            heads: ["head-gift-donor", "head-this-year", "head-last-year"].map(|head| context.t(head)).into(),
            rows: ids.iter().map(cells).collect(),
            empty: context.t("gifts-empty"),
        })
        .with(Block::Pager { older_href, newer_href: String::new() }))
}

/// A statement, to read or to print.
///
/// # Errors
/// As [`service::of`].
pub async fn show(context: &Context, who: Who, year: i32) -> Answer {
    let statement = service::of(context, who, year).await?;
    let names = Names::load(context, &statement).await?;
    let donor = name(context, who).await?;
    let mut sheet = Sheet::new(context.t_with("statement-title", &[("year", &year.to_string())]))
        .under(&[(context.t("gifts-title"), "/gifts"), (context.t("statements-title"), "/statements")])
        .sentence(context.t_with("statement-sentence", &[("donor", &donor)]));
    if statement.parts.is_empty() {
        sheet = sheet.with(Block::Prose { title: String::new(), text: context.t("statement-empty") });
    }
    for part in &statement.parts {
        sheet = told(context, sheet, part, &names);
    }
    let text = context.t("statement-download");
    let download = ActLink { href: format!("{}/{year}/xlsx", who.path()), text, tone: "" };
    let mut facts = vec![
        Fact::new(context.t("head-gift-donor"), donor),
        Fact::new(context.t("statement-period"), context.t_with("statement-year", &[("year", &year.to_string())])),
        Fact::new(context.t("statement-made"), context.day(context.edges.today())),
    ];
    facts.extend(left_out(context, &statement));
    // All of it in one column: a side column would leave the table of the gifts too little room.
    sheet
        .with(Block::Facts { title: context.t("facts-title"), items: facts })
        .with(Block::Prose { title: context.t("statement-how"), text: context.t("statement-how-text") })
        .with(Block::Acts { title: context.t("work-title"), items: vec![download] })
        .with(crate::web::papers::offered(context, &format!("{}/{year}/pdf", who.path())).await?)
        .answer(context, "funds")
}

/// What a statement leaves out, where it does.
fn left_out(context: &Context, statement: &Statement) -> Option<Fact> {
    let fact = || Fact::new(context.t("statement-left-out"), context.t("statement-without-anonymous"));
    statement.without_anonymous.then(fact)
}

/// The figures of a donor's year in one currency, in the order in which they add up.
fn figures(context: &Context, part: &Part) -> Vec<Fact> {
    let money = |minor: i64| context.money(minor, part.currency);
    let sums = &part.sums;
    let mut figures = vec![
        Fact::new(context.t("statement-opening"), money(sums.opening_minor)),
        Fact::new(context.t("statement-received"), money(sums.received_minor)),
        Fact::new(context.t("statement-refunded"), money(sums.refunded_minor)),
        Fact::new(context.t("statement-paid"), money(sums.paid_minor)),
        Fact::new(context.t("statement-fee"), money(sums.fee_minor)),
        Fact::new(context.t("statement-closing"), money(sums.closing_minor())),
    ];
    if part.committed_minor != 0 {
        figures.push(Fact::new(context.t("statement-committed"), money(part.committed_minor)));
    }
    if part.matched_minor != 0 {
        figures.push(Fact::new(context.t("statement-matched"), money(part.matched_minor)));
    }
    figures
}

/// A donor's year in one currency.
fn told(context: &Context, sheet: Sheet, part: &Part, names: &Names) -> Sheet {
    let items = figures(context, part);
    let sheet = sheet
        .with(Block::Figures { title: part.currency.code().to_owned(), items })
        .with(gifts(context, part, names))
        .with(spent(context, part, names));
    if part.goods.is_empty() { sheet } else { sheet.with(goods(context, part, names)) }
}

/// The heads of the gifts' table in the workbook.
pub(super) const GIFTS: [&str; 10] = [
    "head-acknowledgement",
    "head-fund",
    "field-received-on",
    "statement-opening",
    "statement-received",
    "statement-refunded",
    "statement-paid",
    "statement-fee",
    "statement-closing",
    "head-bill",
];
/// The heads of what was paid.
pub(super) const SPENT: [&str; 7] =
    ["head-date", "head-what", "head-project", "head-outcome", "head-acknowledgement", "head-voucher", "head-amount"];
/// The heads of the goods.
pub(super) const GOODS: [&str; 6] =
    ["head-acknowledgement", "head-fund", "head-date", "field-goods", "head-bill", "gift-value"];

/// The fiscal e-bill of a gift in words.
pub(super) fn bill(context: &Context, row: &Gift) -> String {
    match (row.bill.is_empty(), row.waived) {
        (false, _) => row.bill.clone(),
        (true, true) => context.t("bill-waived"),
        (true, false) => context.t("bill-none"),
    }
}

/// An amount of a gift's year, with the head of its column.
type Amount = (&'static str, fn(&Sums) -> i64);

/// The amounts of a gift's year, in the order in which they add up.
const AMOUNTS: [Amount; 6] = [
    ("statement-opening", |sums| sums.opening_minor),
    ("statement-received", |sums| sums.received_minor),
    ("statement-refunded", |sums| sums.refunded_minor),
    ("statement-paid", |sums| sums.paid_minor),
    ("statement-fee", |sums| sums.fee_minor),
    ("statement-closing", Sums::closing_minor),
];

/// The gifts. A column in which nothing happened is left out, for paper is narrow; the workbook has them all.
fn gifts(context: &Context, part: &Part, names: &Names) -> Block {
    let happened = |(_, of): &Amount| part.gifts.iter().any(|row| of(&row.sums) != 0);
    let columns: Vec<Amount> = AMOUNTS.into_iter().filter(happened).collect();
    let mut heads = vec![context.t("head-acknowledgement"), context.t("head-fund"), context.t("field-received-on")];
    heads.extend(columns.iter().map(|(head, _)| context.t(head)));
    heads.push(context.t("head-bill"));
    let cells = |row: &Gift| {
        let mut cells = vec![
            Cell::lead(reference(row.id), format!("/gifts/{}", row.id)),
            Cell::text(names.fund(row.fund)),
            Cell::text(row.received_on.map(|day| context.day(day)).unwrap_or_default()),
        ];
        let amounts = columns.iter().map(|(_, of)| Cell::number(context.money(of(&row.sums), part.currency)));
        cells.extend(amounts);
        cells.push(Cell::text(bill(context, row)));
        cells
    };
    Block::Table {
        title: titled(context, "statement-gifts", part.gifts.len()),
        heads,
        rows: part.gifts.iter().take(ROWS).map(cells).collect(),
        empty: context.t("gifts-empty"),
    }
}

fn spent(context: &Context, part: &Part, names: &Names) -> Block {
    let cells = |row: &Spent| {
        let number = books::number(row.posting);
        let project = row.award.map(|id| format!("/projects/{id}")).unwrap_or_default();
        vec![
            Cell::text(context.day(row.on)),
            Cell::lead(names.what(context, row), ""),
            Cell { text: names.project(row), href: project, class: "wide" },
            Cell::text(names.outcome(context, row)),
            Cell { text: reference(row.gift), href: format!("/gifts/{}", row.gift), class: "" },
            Cell { href: format!("/ledger/{number}"), text: number, class: "" },
            Cell::number(context.money(row.amount_minor, part.currency)),
        ]
    };
    Block::Table {
        title: titled(context, "statement-spent", part.spent.len()),
        heads: SPENT.map(|head| context.t(head)).into(),
        rows: part.spent.iter().take(ROWS).map(cells).collect(),
        empty: context.t("gift-paid-nothing"),
    }
}

fn goods(context: &Context, part: &Part, names: &Names) -> Block {
    let cells = |row: &Goods| {
        vec![
            Cell::lead(reference(row.id), format!("/gifts/{}", row.id)),
            Cell::text(names.fund(row.fund)),
            Cell::text(context.day(row.on)),
            Cell { text: row.what.clone(), href: String::new(), class: "wide" },
            Cell::text(row.bill.clone()),
            Cell::number(context.money(row.amount_minor, part.currency)),
        ]
    };
    Block::Table {
        title: titled(context, "statement-goods", part.goods.len()),
        heads: GOODS.map(|head| context.t(head)).into(),
        rows: part.goods.iter().take(ROWS).map(cells).collect(),
        empty: String::new(),
    }
}

/// The title of a table, which says when the page does not show all of it.
fn titled(context: &Context, key: &str, rows: usize) -> String {
    let title = context.t(key);
    if rows <= ROWS {
        return title;
    }
    let (shown, all) = (ROWS.to_string(), rows.to_string());
    format!("{title} · {}", context.t_with("statement-cut", &[("shown", &shown), ("all", &all)]))
}
