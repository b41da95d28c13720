//! The pages of acts on a line: each shows what the bank says beside what would be done.

use super::lines::{facts, named, offered, reasons};
use crate::bank::rules::Meant;
use crate::bank::service::matches::{self, Standing};
use crate::bank::service::suspense;
use crate::bank::service::{load, open_to};
use crate::commons::proposals;
use crate::error::{Error, Result};
use crate::grants::funds::rules::takes_gifts;
use crate::grants::gifts::service::pledges::reference;
use crate::grants::gifts::view::donor;
use crate::people::permission::{Context, Level};
use crate::web::page::Answer;
use crate::web::parts::Choice;
use crate::web::sheet::Act;
use entities::kinds::{Anonymity, GiftKind, GiftStage, ProposalKind, StatementLineId, Subject};
use entities::{bank_statement_line, fund, gift};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Funds and pledges offered in a select.
const CHOICES: u64 = 300;

/// The page of an act on a line.
///
/// # Errors
/// [`Error::Forbidden`] for other roles; [`Error::NotFound`] for an act that is not the reader's now.
pub async fn act(context: &Context, id: StatementLineId, act: &str) -> Answer {
    open_to(context)?;
    let db = context.edges.db.read();
    let row = load(db, id).await?;
    let standing = matches::standing(context, db, &row).await?;
    let became = suspense::became(db, &row).await?;
    let links = offered(context, &row, &standing, became.as_ref()).await?;
    let base = format!("/bank/lines/{id}");
    if !links.iter().any(|link| link.href == format!("{base}/{act}")) {
        return Err(Error::NotFound);
    }
    let amount = context.money(row.amount_minor, row.currency);
    let said = |part: &str| context.t_with(&format!("act-bank-line-{act}-{part}"), &[("amount", &amount)]);
    let mut page = Act::worded(said("title"), said("text"), said("button"), format!("{base}/{act}"), base.clone())
        .under(&[(context.t("bank-title"), "/bank"), (row.mark.clone(), &base)]);
    page.facts = facts(context, &row).await?;
    page.facts.extend(reasons(context, &row, &standing).await?);
    let page = match act {
        "place" => place(context, page, &row, &standing),
        "choose" => {
            let options = matches::options(context, db, &row).await?;
            let options = options.into_iter().map(|meant| Choice::new(meant.code(), named(context, meant)));
            page.ask_choice(context, "meant", options.collect())
        }
        "decline-choice" => page.shows(standing.shown()).ask(context, "area", "reason").stop(),
        "assign" => assign(context, page, &row).await?,
        "send-back" => page.ask(context, "area", "reason").stop(),
        "confirm-send-back" => {
            let open = proposals::open(db, ProposalKind::SuspenseReturn, Subject::StatementLine, id.0).await?;
            let open = open.ok_or(Error::NotFound)?;
            page.shows(open.id)
                .fact(context.t("head-reason"), open.payload.as_str().unwrap_or_default())
                .ask_choice(context, "act", Choice::words(context, "fund-answer", ["confirm", "decline"]))
                .ask(context, "text", "bank_line")
                .labelled(context.t("bank-line-of-return"))
                .optional()
                .ask(context, "area", "reason")
                .optional()
        }
        _ => page.ask(context, "area", "reason").stop(),
    };
    let page = match act {
        "place" | "choose" | "send-back" | "confirm-send-back" => page.proving(context, Level::Decision),
        _ => page,
    };
    page.answer(context, "desk")
}

/// The second person reads what will happen, and brings the voucher where a payment is confirmed.
fn place(context: &Context, page: Act, row: &bank_statement_line::Model, standing: &Standing) -> Act {
    let Some((meant, ..)) = standing.proposed(row) else { return page };
    let amount = context.money(row.amount_minor, row.currency);
    let mut page = page.shows(standing.shown());
    page.text = context.t_with(&format!("bank-will-{}", meant.kind()), &[("amount", &amount)]);
    match meant {
        Meant::Payment(_) => page.ask(context, "file", "voucher").ask(context, "file", "redacted"),
        _ => page,
    }
}

/// Whose the money is: a gift that waits, or a new one for a fund.
async fn assign(context: &Context, page: Act, row: &bank_statement_line::Model) -> Result<Act> {
    let db = context.edges.db.read();
    let funds = fund::Entity::find()
        .filter(fund::Column::Currency.eq(row.currency))
        .order_by_asc(fund::Column::Id)
        .limit(CHOICES)
        .all(db)
        .await?;
    let name = |row: &fund::Model| Choice::new(row.id, context.pick(&row.name_zh, &row.name_en));
    let funds: Vec<Choice> = funds.iter().filter(|row| takes_gifts(row.stage)).map(name).collect();
    let waiting = gift::Entity::find()
        .filter(gift::Column::Kind.eq(GiftKind::Bank))
        .filter(gift::Column::Stage.is_in([GiftStage::Pledged, GiftStage::Processing]))
        .filter(gift::Column::RecordedBy.is_null())
        .filter(gift::Column::AmountMinor.eq(row.amount_minor))
        .filter(gift::Column::Currency.eq(row.currency))
        .order_by_asc(gift::Column::Id)
        .limit(CHOICES)
        .all(db)
        .await?;
    let mut pledges = vec![Choice::new("", "")];
    pledges.extend(
        waiting.iter().map(|row| Choice::new(row.id, format!("{} · {}", reference(row.id), donor(context, row)))),
    );
    let names = Choice::words(context, "anonymity", Anonymity::ALL.iter().map(|word| word.as_str()));
    Ok(page
        .ask_choice(context, "pledge", pledges)
        .optional()
        .hint(context.t("bank-assign-hint"))
        .ask_choice(context, "fund", funds)
        .optional()
        .ask_choice(context, "organisation", crate::people::view::choices::organisations(context).await?)
        .optional()
        .ask(context, "text", "donor_name")
        .value(row.name.clone())
        .optional()
        .ask_choice(context, "anonymity", Choice::chosen(names, Anonymity::Withheld.as_str()))
        .ask(context, "check", "receipt_wanted"))
}
