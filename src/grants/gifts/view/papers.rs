//! The acknowledgement of a gift (捐赠确认函) as a document. It thanks; the fiscal bill is another paper.

use super::{donor, visible};
use crate::core::money::Money;
use crate::error::{Error, Result};
use crate::grants::funds;
use crate::grants::gifts::service::traces;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::papers::{self, Head, Paper, Signed};
use entities::gift;
use entities::kinds::{GiftId, GiftKind, GiftStage};
use serde::Serialize;

/// What the template `acknowledgement.typ` reads.
#[derive(Debug, Clone, Serialize)]
pub struct Acknowledgement {
    head: Head,
    /// To whom.
    to: String,
    /// The sentence of thanks.
    thanks: String,
    /// The amount in figures.
    figures: String,
    /// The same in capitals, or `""`.
    capitals: String,
    /// Labels with values.
    facts: Vec<(String, String)>,
    signed: Signed,
}

impl Paper for Acknowledgement {
    const FORM: crate::edges::press::Form = crate::edges::press::Form::Acknowledgement;

    fn head(&self) -> &Head {
        &self.head
    }
}

/// Whether a gift has come, so that it can be acknowledged.
pub(super) const fn came(stage: GiftStage) -> bool {
    matches!(stage, GiftStage::Received | GiftStage::Accepted | GiftStage::Used)
}

/// The acknowledgement as PDF, for whoever may read its page.
///
/// # Errors
/// [`Error::NotFound`] for a gift that is not the reader's to see or has not come.
pub async fn acknowledgement_pdf(context: &Context, id: GiftId, locale: Option<&str>) -> Answer {
    let context = &papers::reading_in(context, locale);
    let row = visible(context, id).await?;
    if !came(row.stage) {
        return Err(Error::NotFound);
    }
    let letter = drawn_up(context, &row).await?;
    papers::answer(context, &letter, "acknowledgement", format!("/gifts/{id}/acknowledgement")).await
}

async fn drawn_up(context: &Context, row: &gift::Model) -> Result<Acknowledgement> {
    let fund = funds::service::load(context.edges.db.read(), row.fund_id).await?;
    let name = context.pick(&fund.name_zh, &fund.name_en);
    let day = row.received_on.or_else(|| Some(context.day_of(row.created_at)));
    let on = day.map(|day| context.day(day)).unwrap_or_default();
    let key = if row.kind == GiftKind::InKind { "paper-thanks-goods" } else { "paper-thanks" };
    Ok(Acknowledgement {
        head: Head::new(context, context.t("gift-acknowledgement"), number(row), day),
        to: context.t_with("paper-to", &[("donor", &donor(context, row))]),
        thanks: context.t_with(key, &[("fund", &name), ("day", &on)]),
        figures: context.money(row.amount_minor, row.currency),
        capitals: papers::capitals(context, row.amount_minor, row.currency),
        facts: facts(context, row, &name).await?,
        signed: Signed::told(context, figures(row), &format!("/gifts/{}/acknowledgement", row.id)),
    })
}

async fn facts(context: &Context, row: &gift::Model, fund: &str) -> Result<Vec<(String, String)>> {
    let mut rows = vec![
        ("head-gift-donor", donor(context, row)),
        ("head-fund", fund.to_owned()),
        ("head-kind", context.t(&format!("gift-kind-{}", row.kind))),
        ("field-received-on", row.received_on.map(|day| context.day(day)).unwrap_or_default()),
        ("field-goods", row.description.clone()),
        ("field-valuation-basis", row.valuation_basis.clone()),
    ];
    // A letter that thanks for what has gone back since would say too much.
    if row.kind != GiftKind::InKind {
        let (sums, _) = traces::follow(context.edges.db.read(), row).await?;
        if sums.refunded_minor > 0 {
            rows.push(("gift-refunded", context.money(sums.refunded_minor, row.currency)));
        }
    }
    rows.retain(|(_, value)| !value.is_empty());
    Ok(rows.into_iter().map(|(key, value)| (context.t(key), value)).collect())
}

fn number(row: &gift::Model) -> String {
    format!("G{:06}", row.id.0)
}

/// What the hash is of: the figures of the gift, the same for every reader, so nobody is named.
pub(super) fn figures(row: &gift::Model) -> String {
    let money = Money::new(row.amount_minor, row.currency.0);
    let capitals = money.capitals().map(|text| format!(" · 人民币{text}")).unwrap_or_default();
    let day = row.received_on.map(|day| day.to_string()).unwrap_or_else(|| "—".into());
    [
        format!("捐赠确认函 · Acknowledgement of a gift · {}", number(row)),
        format!("基金 · Fund: F{:06}", row.fund_id.0),
        format!("类型 · Kind: {}", row.kind),
        format!("金额 · Amount: {} {}{capitals}", row.currency.code(), money.format("en")),
        format!("到账日期 · Received on: {day}"),
    ]
    .join("\n")
}
