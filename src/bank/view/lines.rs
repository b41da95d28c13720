//! Lists of lines, and the page of one: what the bank says, what it is taken for and why, what can be done.

use super::{PAGE, aged};
use crate::bank::rules::{DOUBT_IMPORT, Meant, Verdict};
use crate::bank::service::figures::{self, Which};
use crate::bank::service::matches::{self, Standing};
use crate::bank::service::suspense::{self, Became};
use crate::bank::service::{accounts, load, open_to};
use crate::commons::{events, proposals};
use crate::error::Result;
use crate::grants::gifts::service::pledges::reference;
use crate::people::accounts as people;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Fact};
use crate::web::sheet::{Block, Cell, Sheet, act_links, history};
use entities::kinds::{Anonymity, GiftId, ProposalKind, Role, StatementLineId, Subject};
use entities::{bank_line, bank_statement_line, gift};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use std::collections::BTreeSet;

/// Events on one page.
const EVENTS: u64 = 30;

/// A list of lines, paged by key.
///
/// # Errors
/// [`crate::error::Error::Forbidden`] for other roles.
pub async fn list(context: &Context, which: Which, beyond: Option<i64>) -> Answer {
    open_to(context)?;
    let (title, path) = match which {
        Which::Unplaced => ("bank-lines-unplaced", "/bank/lines"),
        Which::Suspense => ("bank-lines-suspense", "/bank/suspense"),
        Which::All => ("bank-lines-all", "/bank/lines/all"),
    };
    let mut rows = figures::lines(context.edges.db.read(), which, beyond, PAGE + 1).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(PAGE as usize);
    let older_href = rows.last().filter(|_| more).map(|row| format!("{path}?before={}", row.id)).unwrap_or_default();
    let newer_href = if beyond.is_some() { path.to_owned() } else { String::new() };
    Sheet::new(context.t(title))
        .under(&[(context.t("bank-title"), "/bank")])
        .with(table(context, title, &rows).await?)
        .with(Block::Pager { older_href, newer_href })
        .answer(context, "desk")
}

/// Lines as a table, each with what it is taken for.
pub(super) async fn table(
    context: &Context,
    title: &'static str,
    rows: &[bank_statement_line::Model],
) -> Result<Block> {
    let standings = matches::standings(context, context.edges.db.read(), rows).await?;
    let hidden = anonymous(context, rows.iter().map(|row| row.mark.clone())).await?;
    let cells = |(row, standing): (&bank_statement_line::Model, &Standing)| {
        let name = if hidden.contains(&row.mark) { context.t("donor-anonymous") } else { row.name.clone() };
        vec![
            Cell::lead(row.mark.clone(), format!("/bank/lines/{}", row.id)),
            Cell::text(context.day(row.day)),
            Cell::text(aged(context, row.day)),
            Cell::text(name),
            Cell::text(taken_for(context, standing)),
            Cell::number(context.money(row.amount_minor, row.currency)),
        ]
    };
    let heads = ["field-bank-line", "head-date", "bank-head-age", "bank-head-name", "bank-head-meant", "head-amount"];
    Ok(Block::Table {
        title: context.t(title),
        heads: heads.map(|head| context.t(head)).into(),
        rows: rows.iter().zip(&standings).map(cells).collect(),
        empty: context.t("bank-lines-empty"),
    })
}

/// What a line is taken for, in words.
pub(super) fn taken_for(context: &Context, standing: &Standing) -> String {
    match standing {
        Standing::Explained(used) if used.subject == Subject::Gift => reference(GiftId(used.subject_id)),
        Standing::Explained(used) => context.t(&format!("subject-{}", used.subject)),
        Standing::Chosen(meant, _) | Standing::Judged(Verdict::One(meant, _)) => named(context, *meant),
        Standing::Judged(Verdict::Doubt(key, _)) => context.t(key),
        Standing::Overtaken => context.t("bank-overtaken"),
        Standing::Judged(Verdict::Unexplained) => context.t("bank-unexplained-line"),
    }
}

/// A thing that a line may be, by its word and number.
pub(super) fn named(context: &Context, meant: Meant) -> String {
    let word = context.t(&format!("bank-meant-{}", meant.kind()));
    match meant {
        Meant::Gift(id) | Meant::Refund(id) => format!("{word} {}", reference(id)),
        Meant::Payment(id) | Meant::Returned(id) => format!("{word} {id}"),
        Meant::Recorded(id) => format!("{word} {id}"),
        Meant::Suspense | Meant::Fee => word,
    }
}

/// Where the thing is that a line may be.
fn place_of(meant: Meant) -> String {
    match meant {
        Meant::Gift(id) | Meant::Refund(id) => format!("/gifts/{id}"),
        Meant::Payment(id) | Meant::Returned(id) => format!("/tranches/{id}"),
        Meant::Suspense | Meant::Fee | Meant::Recorded(_) => String::new(),
    }
}

/// The marks of gifts that were given anonymously, and of what went back of them: once it is known whose such a line is, it names
/// nobody any more.
async fn anonymous(context: &Context, marks: impl Iterator<Item = String>) -> Result<BTreeSet<String>> {
    let db = context.edges.db.read();
    let marks: Vec<String> = marks.collect();
    let used = bank_line::Entity::find()
        .filter(bank_line::Column::Line.is_in(marks.iter().cloned()))
        .filter(bank_line::Column::Subject.eq(Subject::Gift))
        .all(db)
        .await?;
    // What stood in suspense first was used for the line itself, and the gift names it.
    let of = Condition::any()
        .add(gift::Column::Id.is_in(used.iter().map(|row| row.subject_id)))
        .add(gift::Column::BankLine.is_in(marks));
    let gifts =
        gift::Entity::find().filter(of).filter(gift::Column::Anonymity.eq(Anonymity::Anonymous)).all(db).await?;
    let ids: BTreeSet<i64> = gifts.iter().map(|row| row.id.0).collect();
    let taken = used.into_iter().filter(|row| ids.contains(&row.subject_id)).map(|row| row.line);
    Ok(taken.chain(gifts.iter().filter_map(|row| row.bank_line.clone())).collect())
}

/// What the bank says on a line.
pub(super) async fn facts(context: &Context, row: &bank_statement_line::Model) -> Result<Vec<Fact>> {
    let db = context.edges.db.read();
    let account = accounts::load(db, row.account_id).await?;
    let money = context.money(row.amount_minor, row.currency);
    let capitals = context.capitals(row.amount_minor.abs(), row.currency);
    let hidden = !anonymous(context, std::iter::once(row.mark.clone())).await?.is_empty();
    let said = |text: &str| if hidden { String::new() } else { text.to_owned() };
    let mut facts = vec![
        Fact::new(context.t("head-amount"), format!("{money} {capitals}").trim().to_owned()),
        Fact::new(context.t("head-date"), context.day(row.day)),
        Fact::new(context.t("bank-head-name"), if hidden { context.t("donor-anonymous") } else { row.name.clone() }),
        Fact::new(context.t("bank-head-text"), said(&row.text)),
        Fact::new(context.t("field-bank-line"), row.mark.clone()),
        Fact::new(context.t("field-bank-account"), format!("{} •••• {}", account.name, account.number_tail)),
    ];
    if !row.tail.is_empty() && !hidden {
        facts.insert(3, Fact::new(context.t("bank-head-tail"), format!("•••• {}", row.tail)));
    }
    facts.retain(|fact| !fact.value.is_empty());
    Ok(facts)
}

/// What it is taken for, why, and who said so.
pub(super) async fn reasons(
    context: &Context,
    row: &bank_statement_line::Model,
    standing: &Standing,
) -> Result<Vec<Fact>> {
    let meant = Fact::new(context.t("bank-head-meant"), taken_for(context, standing));
    let Some((what, why, first)) = standing.proposed(row) else { return Ok(vec![meant]) };
    let names = people::names(context.edges.db.read(), [first].into_iter()).await?;
    let who = names.get(&first).cloned().unwrap_or_default();
    Ok(vec![
        Fact { href: place_of(what), ..meant },
        Fact::new(context.t("bank-why"), context.t(&format!("bank-why-{}", why.as_str()))),
        Fact::new(context.t("bank-first"), who),
    ])
}

/// The page of a line.
///
/// # Errors
/// [`crate::error::Error::Forbidden`] for other roles, [`crate::error::Error::NotFound`].
pub async fn show(context: &Context, id: StatementLineId) -> Answer {
    open_to(context)?;
    let db = context.edges.db.read();
    let row = load(db, id).await?;
    let standing = matches::standing(context, db, &row).await?;
    let became = suspense::became(db, &row).await?;
    let offered = offered(context, &row, &standing, became.as_ref()).await?;
    let word = match (&standing, &became) {
        (_, Some(Became::Open)) => "bank-in-suspense",
        (Standing::Explained(_), _) => "bank-placed",
        (Standing::Overtaken, _) => "bank-overtaken",
        _ => "bank-waits",
    };
    let tone = if word == "bank-placed" { "ok" } else { "wait" };
    let mut items = reasons(context, &row, &standing).await?;
    if let Some(made) = matches::placed(db, id).await? {
        let people = [made.proposed_by, made.confirmed_by];
        let names = people::names(db, people.into_iter()).await?;
        let both: Vec<String> = people.iter().filter_map(|id| names.get(id).cloned()).collect();
        items.push(Fact::new(context.t("bank-why"), context.t(&format!("bank-why-{}", made.why))));
        items.push(Fact::new(context.t("bank-both"), both.join(" · ")));
    }
    match &became {
        Some(Became::Gift(gift)) => {
            items.push(Fact::linked(context.t("bank-became"), reference(*gift), format!("/gifts/{gift}")));
        }
        Some(Became::Import(file)) => {
            let word = context.t("subject-settlement_import");
            items.push(Fact::linked(context.t("bank-became"), word, format!("/imports/{file}")));
        }
        Some(Became::Payout) => items.push(Fact::new(context.t("bank-became"), context.t("bank-became-payout"))),
        Some(Became::Returned(line)) => items.push(Fact::new(context.t("bank-returned-with"), line.clone())),
        _ => {}
    }
    let told = events::history(db, Subject::StatementLine, id.0, EVENTS).await?;
    Sheet::new(context.t_with("bank-line-title", &[("amount", &context.money(row.amount_minor, row.currency))]))
        .under(&[(context.t("bank-title"), "/bank"), (context.t("bank-lines-all"), "/bank/lines/all")])
        .chip(context.t(word), tone)
        .now(context.t("bank-now"), "", offered)
        .with(Block::Facts { title: context.t("bank-says"), items: facts(context, &row).await? })
        .with(Block::Facts { title: context.t("bank-head-meant"), items })
        .beside(history(context, "statement_line", &told))
        .answer(context, "desk")
}

/// What the reader may do with a line now: the first and the second person are not the same.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn offered(
    context: &Context,
    row: &bank_statement_line::Model,
    standing: &Standing,
    became: Option<&Became>,
) -> Result<Vec<ActLink>> {
    let db = context.edges.db.read();
    let (finance, approver) = (context.actor.has(Role::FinanceOfficer), context.actor.has(Role::Approver));
    let me = context.actor.person;
    let mut acts = Vec::new();
    if let Some((_, _, first)) = standing.proposed(row)
        && Some(first) != me
    {
        acts.push("place");
    }
    match standing {
        Standing::Chosen(_, open) if approver || Some(open.proposed_by) == me => acts.push("decline-choice"),
        Standing::Judged(Verdict::Doubt(DOUBT_IMPORT, _)) => {}
        Standing::Judged(_) if finance => acts.push("choose"),
        _ => {}
    }
    if became == Some(&Became::Open) {
        match proposals::open(db, ProposalKind::SuspenseReturn, Subject::StatementLine, row.id.0).await? {
            None if finance => acts.extend(["assign", "send-back"]),
            Some(open) if approver && Some(open.proposed_by) != me => acts.push("confirm-send-back"),
            Some(open) if Some(open.proposed_by) == me => acts.push("decline-send-back"),
            _ => {}
        }
    }
    let base = format!("/bank/lines/{}", row.id);
    Ok(act_links(context, "bank-line", &base, &acts, &["decline-choice", "send-back", "decline-send-back"]))
}
