//! The pages on which a batch is put together, frozen and sent.

use super::{facts, name, offered};
use crate::core::instructions::MOST;
use crate::error::{Error, Result};
use crate::grants::batches::service::{self, open_to};
use crate::people::organisations;
use crate::people::permission::{Context, Level};
use crate::web::page::Answer;
use crate::web::parts::Choice;
use crate::web::sheet::Act;
use entities::kinds::{BankAccountId, PayProfile, PaymentBatchId, Role};

fn finance(context: &Context) -> Result<()> {
    open_to(context)?;
    if context.actor.has(Role::FinanceOfficer) { Ok(()) } else { Err(Error::Forbidden("forbidden-finance")) }
}

fn under(context: &Context, page: Act) -> Act {
    page.under(&[(context.t("payment-batches-title"), "/payments/batches")])
}

/// Which payments, from which account, on which day.
///
/// # Errors
/// Forbidden for other roles.
pub async fn new(context: &Context) -> Answer {
    finance(context)?;
    let db = context.edges.db.read();
    let ready = service::ready(db).await?;
    let payees = organisations::names(context, ready.iter().map(|(_, award)| award.organisation_id)).await?;
    let tranches = ready.iter().map(|(row, award)| {
        let amount = context.money(row.amount_minor, row.currency);
        let payee = payees.get(&award.organisation_id).map(String::as_str).unwrap_or_default();
        Choice::new(row.id, format!("{amount} · {payee} · {}", award.title))
    });
    let accounts = service::all_accounts(db).await?;
    let paying = accounts.iter().filter(|(_, how)| how.is_some());
    let paying = paying.map(|(row, _)| Choice::new(row.id, format!("{} · {}", row.name, row.currency)));
    let page = Act::new(context, "payment-batch-make", "/payments/batches", "/payments/batches")
        .ask_choice(context, "bank_account", paying.collect())
        .ask(context, "date", "execute_on")
        .value(context.edges.today().to_string())
        .ask(context, "checks", "tranches")
        .options(tranches.collect())
        .hint(context.t_with("payment-batch-most", &[("most", &MOST.to_string())]))
        .proving(context, Level::Decision);
    under(context, page).answer(context, "desk")
}

/// How an account pays.
///
/// # Errors
/// [`Error::NotFound`]; forbidden for other roles.
pub async fn account(context: &Context, id: BankAccountId) -> Answer {
    finance(context)?;
    let rows = service::all_accounts(context.edges.db.read()).await?;
    let (account, how) = rows.into_iter().find(|(row, _)| row.id == id).ok_or(Error::NotFound)?;
    let files = Choice::words(context, "pay-profile", PayProfile::ALL.iter().map(|word| word.as_str()));
    let chosen = how.as_ref().map_or(PayProfile::PainLatin, |how| how.profile);
    let mut page = Act::new(context, "paying-account", format!("/payments/accounts/{id}"), "/payments/batches")
        .fact(context.t("field-bank-account"), format!("{} •••• {}", account.name, account.number_tail))
        .ask(context, "text", "account_number")
        .hint(context.t("paying-account-number-hint"))
        .ask(context, "text", "account_holder")
        .value(how.as_ref().map(|how| how.holder.clone()).unwrap_or_default())
        .ask(context, "text", "bic")
        .value(how.as_ref().map(|how| how.bic.clone()).unwrap_or_default())
        .optional()
        .ask_choice(context, "profile", Choice::chosen(files, chosen.as_str()));
    if let Some(how) = how {
        page = page.shows(how.version);
    }
    under(context, page.proving(context, Level::Decision)).answer(context, "desk")
}

/// The page of an act on a batch.
///
/// # Errors
/// [`Error::NotFound`] for an act that is not the reader's now; forbidden for other roles.
pub async fn act(context: &Context, id: PaymentBatchId, act: &str) -> Answer {
    open_to(context)?;
    let row = service::load(context.edges.db.read(), id).await?;
    if !offered(context, &row).contains(&act) {
        return Err(Error::NotFound);
    }
    let lines = service::lines(context, &row).await?;
    let base = format!("/payments/batches/{id}");
    let mut page = Act::new(context, &format!("payment-batch-{act}"), format!("{base}/{act}"), base.clone());
    page.facts = facts(context, &row, &lines).await?;
    for line in lines.iter().filter(|_| act == "freeze") {
        let sent = [&line.holder_sent, &line.bank_sent, &line.text_sent];
        let written = [&line.holder, &line.bank, &line.text];
        let told = written.into_iter().zip(sent).filter(|(_, sent)| sent.changed);
        let told: Vec<String> = told.map(|(from, sent)| format!("{from} → {}", sent.text)).collect();
        let amount = context.money(line.payment.amount_minor, row.currency);
        let state = if line.stopped { context.t("payment-batch-stopped") } else { told.join(" · ") };
        page = page
            .fact(format!("{} · {amount}", line.reference), format!("{} {} {state}", line.holder_sent.text, line.tail));
    }
    page = match act {
        "freeze" => page.shows(service::shown(&row, lines.iter())),
        "thaw" | "dissolve" => page.shows(row.version).stop(),
        _ => page.shows(row.version),
    };
    let level = if act == "send" { Level::Payment } else { Level::Decision };
    page.under(&[(context.t("payment-batches-title"), "/payments/batches"), (name(&row), &base)])
        .proving(context, level)
        .answer(context, "desk")
}
