//! The page behind the link of a letter: first it says what would stop, then one button stops it.

use crate::error::Result;
use crate::people::permission::Context;
use crate::people::{numbers, organisations, stops};
use crate::web::page::Answer;
use crate::web::parts::Fact;
use crate::web::sheet::{Act, Block, Sheet};

/// The page. Opening it changes nothing: mail programs open links by themselves.
///
/// # Errors
/// [`crate::error::Error::NotFound`] for a link there is none of.
pub async fn show(context: &Context, token: &str) -> Answer {
    let peeked = stops::peek(&context.edges, token).await?;
    let facts = facts(context, &peeked).await?;
    if !peeked.works {
        return Sheet::new(context.t("payee-stop-over"))
            .sentence(context.t("payee-stop-over-text"))
            .with(Block::Facts { title: context.t("facts-title"), items: facts })
            .answer(context, "");
    }
    let mut page = Act::new(context, "payee-stop", stops::path(token), "/").stop();
    page.facts = facts;
    page.answer(context, "")
}

async fn facts(context: &Context, peeked: &stops::Peeked) -> Result<Vec<Fact>> {
    let row = organisations::load(context.edges.db.read(), peeked.account.organisation_id).await?;
    Ok(vec![
        Fact::new(context.t("field-organisation"), context.pick(&row.name_zh, &row.name_en)),
        Fact::new(context.t("people-field-account-number"), numbers::masked(&peeked.account)),
        Fact::new(context.t("payee-entered-at"), context.moment(peeked.account.entered_at)),
        Fact::new(context.t("head-stage"), context.t(&format!("stage-payee-{}", peeked.account.stage))),
    ])
}
