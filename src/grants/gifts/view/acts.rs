//! The pages of acts on gifts: each says how much, from whom as far as the reader may know, and to which fund.

use super::{donor, papers, visible};
use crate::commons::proposals;
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result};
use crate::grants::funds;
use crate::grants::gifts::service::bills;
use crate::grants::pledges::service::parts;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::papers::offered;
use crate::web::parts::{Choice, Fact};
use crate::web::sheet::{Act, Block, Sheet};
use entities::kinds::{Anonymity, FundId, GiftId, GiftKind, MemberRole, NeedStage, ProposalKind, Role, Subject};
use entities::{gift, need};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// The page that starts a gift to a fund: `pledge`, `offer`, `record` or `import`; `pledge` is the pledge that is paid.
///
/// # Errors
/// [`Error::NotFound`] for an act there is none of; forbidden for who may not do it.
pub async fn start(context: &Context, id: FundId, act: &str, pledge: Option<GiftId>) -> Answer {
    context.person()?;
    let fund = funds::view::visible(context, id).await?;
    let base = format!("/funds/{id}");
    let name = context.pick(&fund.name_zh, &fund.name_en);
    let finance = context.actor.has(Role::FinanceOfficer);
    if matches!(act, "record" | "import") && !finance {
        return Err(Error::Forbidden("forbidden-finance"));
    }
    let page = Act::new(context, &format!("gift-{act}"), format!("{base}/gifts/{act}"), base.clone())
        .under(&[(context.t("funds-title"), "/funds"), (name.clone(), &base)])
        .fact(context.t("head-fund"), name)
        .hidden("currency", fund.currency.code());
    let page = match act {
        "pledge" => {
            let page = page
                .ask_choice(context, "organisation", signed_for(context).await?)
                .ask_money(context, "amount", fund.currency)
                .ask(context, "date", "due_on");
            wishes(context, page).await?
        }
        "offer" => {
            let from = if finance {
                crate::people::view::choices::organisations(context).await?
            } else {
                signed_for(context).await?
            };
            let page = page.ask_choice(context, "organisation", from);
            let page = if finance { page.optional().ask(context, "text", "donor_name") } else { page };
            let page = page
                .ask(context, "area", "goods")
                .ask_money(context, "amount", fund.currency)
                .labelled(context.t("gift-value"))
                .ask(context, "text", "valuation_basis")
                .optional()
                .hint(context.t("gift-valuation-hint"))
                .ask(context, "file", "valuation_document")
                .optional();
            wishes(context, page).await?
        }
        "record" => record(context, page, id, pledge).await?,
        "import" => page
            .ask(context, "file", "file")
            .hint(context.t("import-hint"))
            .ask(context, "text", "bank_line")
            .ask(context, "date", "received_on")
            .ask_choice(context, "restriction", needs(context).await?)
            .optional(),
        _ => return Err(Error::NotFound),
    };
    page.answer(context, "funds")
}

async fn record(context: &Context, page: Act, fund: FundId, pledge: Option<GiftId>) -> Result<Act> {
    let bank = |page: Act| {
        page.ask(context, "date", "received_on")
            .ask(context, "text", "bank_line")
            .ask(context, "file", "slip")
            .optional()
    };
    if let Some(id) = pledge {
        let row = visible(context, id).await?;
        if row.fund_id != fund {
            return Err(Error::NotFound);
        }
        let amount = context.money(row.amount_minor, row.currency);
        let page = page
            .hidden("pledge", id.to_string())
            .fact(context.t("head-gift-donor"), donor(context, &row))
            .fact(context.t("head-amount"), amount);
        let page = if parts::of_gift(context.edges.db.read(), id).await?.is_some() {
            let exact = crate::core::money::Money::new(row.amount_minor, row.currency.0).format("en");
            page.ask_money(context, "amount", row.currency).value(exact).hint(context.t("gift-part-hint"))
        } else {
            page
        };
        return Ok(bank(page));
    }
    let currency = funds::service::load(context.edges.db.read(), fund).await?.currency;
    let page = page
        .ask_choice(context, "organisation", crate::people::view::choices::organisations(context).await?)
        .optional()
        .hint(context.t("gift-organisation-hint"))
        .ask(context, "text", "donor_name")
        .ask_money(context, "amount", currency);
    wishes(context, bank(page)).await
}

/// What a donor may wish: not to be named, a receipt, one need only.
async fn wishes(context: &Context, page: Act) -> Result<Act> {
    let names = Choice::words(context, "anonymity", Anonymity::ALL.iter().map(|word| word.as_str()));
    Ok(page
        .ask_choice(context, "anonymity", names)
        .ask(context, "check", "receipt_wanted")
        .ask_choice(context, "restriction", needs(context).await?)
        .optional())
}

/// Organisations that the reader signs for.
///
/// # Errors
/// When the database cannot be read.
pub async fn signed_for(context: &Context) -> Result<Vec<Choice>> {
    let mine = context.actor.memberships.iter().filter(|m| m.role == MemberRole::Signatory);
    let names = organisations::names(context, mine.map(|m| m.organisation_id)).await?;
    Ok(names.into_iter().map(|(id, name)| Choice::new(id, name)).collect())
}

/// Needs that a gift may be restricted to.
///
/// # Errors
/// When the database cannot be read.
pub async fn needs(context: &Context) -> Result<Vec<Choice>> {
    let rows = need::Entity::find()
        .filter(need::Column::Stage.is_in([NeedStage::Listed, NeedStage::Adopted]))
        .order_by_desc(need::Column::Id)
        .limit(200)
        .all(context.edges.db.read())
        .await?;
    let mut choices = vec![Choice::new("", "")];
    choices.extend(rows.iter().map(|row| Choice::new(row.id, context.pick(&row.title_zh, &row.title_en))));
    Ok(choices)
}

/// The page of an act on a gift.
///
/// # Errors
/// [`Error::NotFound`] for an act there is none of, or a gift that is not the reader's to see.
pub async fn act(context: &Context, id: GiftId, act: &str) -> Answer {
    let row = visible(context, id).await?;
    if act == "record-pledge" {
        return start(context, row.fund_id, "record", Some(id)).await;
    }
    let page = worded(context, &row, act).await?;
    let page = if act == "receive" { evidence(context, &row, page).await? } else { page };
    let page = match act {
        "issue-reference" | "receive" | "accept" | "trace" => page,
        "cancel" | "revoke-trace" => page.stop(),
        "return" | "refund" | "refund-failed" => page.ask(context, "area", "reason").stop(),
        "confirm-return" => {
            answers(context, &row, ProposalKind::GiftReceipt, page).await?.ask(context, "text", "bank_line").optional()
        }
        "confirm-refund" => answers(context, &row, ProposalKind::Refund, page).await?,
        "settle-refund" => page.ask(context, "text", "bank_line"),
        "bill" => bill(context, &row, page).await?,
        "reveal" if may_reveal(context) => page.ask(context, "area", "reason"),
        "want-receipt" | "waive-receipt" => page,
        "name" => {
            let names = Choice::words(context, "anonymity", Anonymity::ALL.iter().map(|word| word.as_str()));
            page.ask_choice(context, "anonymity", names)
        }
        "use" => page.ask(context, "area", "note").optional(),
        _ => return Err(Error::NotFound),
    };
    page.answer(context, "funds")
}

/// Who may ask, with a reason, whose anonymous gift it is: who confirms receipts, and who watches over them.
pub fn may_reveal(context: &Context) -> bool {
    [Role::FinanceOfficer, Role::Approver, Role::Supervisor].into_iter().any(|role| context.actor.has(role))
}

/// The donor of an anonymous gift, shown once: that it was, by whom and why stands in the gift's history.
///
/// # Errors
/// When the page cannot be written.
pub fn revealed(context: &Context, id: GiftId, name: &str) -> Answer {
    Sheet::new(context.t("gift-revealed"))
        .under(&[(context.t("gifts-title"), "/gifts"), (format!("G{:06}", id.0), &format!("/gifts/{id}"))])
        .sentence(context.t("gift-revealed-sentence"))
        .with(Block::Facts {
            title: String::new(),
            items: vec![Fact::new(context.t("head-gift-donor"), name.to_owned())],
        })
        .answer(context, "funds")
}

/// The number of the fiscal e-bill, with those before it.
async fn bill(context: &Context, row: &gift::Model, mut page: Act) -> Result<Act> {
    for old in bills::history(context.edges.db.read(), row.id).await? {
        let number = if old.number.is_empty() { context.t("bill-cancelled") } else { old.number };
        let note = if old.reason.is_empty() { String::new() } else { format!(" · {}", old.reason) };
        page = page.fact(context.moment(old.recorded_at), format!("{number}{note}"));
    }
    Ok(page
        .ask(context, "text", "bill_number")
        .optional()
        .hint(context.t("bill-number-hint"))
        .ask(context, "area", "reason")
        .optional()
        .hint(context.t("bill-reason-hint")))
}

/// What the second person compares with the statement, and who wrote it down.
async fn evidence(context: &Context, row: &gift::Model, mut page: Act) -> Result<Act> {
    if !context.actor.is_staff() {
        return Ok(page);
    }
    if let Some(day) = row.received_on {
        page = page.fact(context.t("field-received-on"), context.day(day));
    }
    if let Some(line) = &row.bank_line {
        page = page.fact(context.t("field-bank-line"), line.clone());
    }
    let names = crate::people::accounts::names(context.edges.db.read(), row.recorded_by.into_iter()).await?;
    if let Some(name) = row.recorded_by.and_then(|id| names.get(&id).cloned()) {
        page = page.fact(context.t("gift-recorded-by"), name);
    }
    Ok(page)
}

/// What the other person proposed and why, to be confirmed or declined.
async fn answers(context: &Context, row: &gift::Model, kind: ProposalKind, mut page: Act) -> Result<Act> {
    if let Some(open) = proposals::open(context.edges.db.read(), kind, Subject::Gift, row.id.0).await? {
        page = page.shows(open.id).fact(context.t("head-reason"), open.payload.as_str().unwrap_or_default());
    }
    Ok(page
        .ask_choice(context, "act", Choice::words(context, "fund-answer", ["confirm", "decline"]))
        .ask(context, "area", "reason")
        .optional())
}

async fn worded(context: &Context, row: &gift::Model, act: &str) -> Result<Act> {
    let fund = funds::service::load(context.edges.db.read(), row.fund_id).await?;
    let name = context.pick(&fund.name_zh, &fund.name_en);
    let amount = context.money(row.amount_minor, row.currency);
    let base = format!("/gifts/{}", row.id);
    let said = |part: &str| context.t_with(&format!("act-gift-{act}-{part}"), &[("amount", &amount), ("fund", &name)]);
    // The button says the whole act, with its amount.
    Ok(Act::worded(said("title"), said("text"), said("title"), format!("{base}/{act}"), base.clone())
        .under(&[(context.t("gifts-title"), "/gifts"), (format!("G{:06}", row.id.0), &base)])
        .fact(context.t("head-fund"), name.clone())
        .fact(context.t("head-gift-donor"), donor(context, row))
        .fact(context.t("head-amount"), format!("{amount} {}", context.capitals(row.amount_minor, row.currency))))
}

/// The foundation's acknowledgement of a gift, to print; the fiscal bill is another paper.
///
/// # Errors
/// [`Error::NotFound`] for a gift that is not the reader's to see or was not received.
pub async fn acknowledgement(context: &Context, id: GiftId) -> Answer {
    let row = visible(context, id).await?;
    if !papers::came(row.stage) {
        return Err(Error::NotFound);
    }
    let fund = funds::service::load(context.edges.db.read(), row.fund_id).await?;
    let amount = context.money(row.amount_minor, row.currency);
    let day = row.received_on.map(|day| context.day(day)).unwrap_or_default();
    let mut items = vec![
        Fact::new(context.t("head-number"), format!("G{:06}", row.id.0)),
        Fact::new(context.t("head-gift-donor"), donor(context, &row)),
        Fact::new(context.t("head-fund"), context.pick(&fund.name_zh, &fund.name_en)),
        Fact::new(context.t("head-kind"), context.t(&format!("gift-kind-{}", row.kind))),
        Fact::new(context.t("head-amount"), amount),
        Fact::new(context.t("fund-capitals"), context.capitals(row.amount_minor, row.currency)),
        Fact::new(context.t("field-received-on"), day),
    ];
    if row.kind == GiftKind::InKind {
        items.push(Fact::new(context.t("field-goods"), row.description.clone()));
    }
    items.push(Fact::new(context.t("paper-check"), fingerprint(papers::figures(&row))));
    let base = format!("/gifts/{id}");
    Sheet::new(context.t("gift-acknowledgement"))
        .under(&[(context.t("gifts-title"), "/gifts"), (format!("G{:06}", row.id.0), &base)])
        .sentence(context.t("gift-acknowledgement-text"))
        .with(Block::Facts { title: context.t("facts-title"), items })
        .with(offered(context, &format!("{base}/acknowledgement.pdf")).await?)
        .answer(context, "funds")
}

/// The private link, shown once.
///
/// # Errors
/// When the page cannot be written.
pub fn traced(context: &Context, id: GiftId, token: &str) -> Answer {
    let link = format!("{}/trace/{token}", context.edges.config.base_url);
    Sheet::new(context.t("gift-trace-title"))
        .under(&[(context.t("gifts-title"), "/gifts"), (format!("G{:06}", id.0), &format!("/gifts/{id}"))])
        .sentence(context.t("gift-trace-once"))
        .with(Block::Facts {
            title: String::new(),
            items: vec![Fact::linked(context.t("gift-trace-link"), link, format!("/trace/{token}"))],
        })
        .answer(context, "funds")
}
