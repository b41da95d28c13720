//! The page of a change request, and who may see it.

use super::super::rules::CHANGE_REQUEST;
use super::super::{changes, consents, service};
use super::{HISTORY, visible};
use crate::commons::events;
use crate::error::{Error, Result};
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Fact};
use crate::web::sheet::{Block, Sheet, history, stage_text};
use entities::kinds::{AwardId, ChangeKind, ChangeRequestId, ChangeStage, OrganisationId, Subject};
use entities::{award, change_request};

/// A change request the reader may see; a donor to the fund sees one that asks for consent.
///
/// # Errors
/// [`Error::NotFound`] for everybody else.
pub async fn visible_change(
    context: &Context,
    id: AwardId,
    change: ChangeRequestId,
) -> Result<(award::Model, change_request::Model)> {
    let db = context.edges.db.read();
    let wish = changes::find(db, id, change).await?;
    match visible(context, id).await {
        Ok(row) => Ok((row, wish)),
        Err(Error::NotFound) if wish.donor_consent_required => {
            let row = service::load(db, id).await?;
            let donors = consents::donors(db, &row).await?.asked;
            if donors.iter().any(|donor| context.actor.belongs_to(*donor)) {
                Ok((row, wish))
            } else {
                Err(Error::NotFound)
            }
        }
        Err(error) => Err(error),
    }
}

/// One change request.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn change(context: &Context, id: AwardId, change: ChangeRequestId) -> Answer {
    let db = context.edges.db.read();
    let (row, wish) = visible_change(context, id, change).await?;
    let base = format!("/awards/{id}/changes/{change}");
    let parts = context.actor.parts(Some(row.organisation_id));
    let mut acts: Vec<&str> = CHANGE_REQUEST.offers(wish.stage, &parts);
    let open = matches!(wish.stage, ChangeStage::Requested | ChangeStage::InReview);
    if open && wish.donor_consent_required && to_consent(context, &row, &wish).await?.is_some() {
        acts.push("consent");
    }
    let links = acts
        .iter()
        .map(|act| ActLink {
            href: format!("{base}/{act}"),
            text: context.t(&format!("act-change-{act}-button")),
            tone: if *act == "decline" { "stop" } else { "" },
        })
        .collect();
    let up = format!("/awards/{id}");
    Sheet::new(context.t(&format!("change-kind-{}", wish.kind)))
        .under(&[(row.title.clone(), &up)])
        .chip(stage_text(context, "change", wish.stage.as_str()), "wait")
        .now(context.t("now-title"), "", links)
        .with(Block::Facts { title: context.t("facts-title"), items: wanted(context, &row, &wish).await? })
        .with(Block::Prose { title: context.t("field-explanation"), text: wish.explanation.clone() })
        .beside(history(context, "change", &events::history(db, Subject::ChangeRequest, change.0, HISTORY).await?))
        .answer(context, "desk")
}

/// The donor for whom the reader signs and which has not consented yet.
///
/// # Errors
/// When the database cannot be read.
pub async fn to_consent(
    context: &Context,
    row: &award::Model,
    wish: &change_request::Model,
) -> Result<Option<OrganisationId>> {
    let db = context.edges.db.read();
    let given = consents::given(db, wish.id).await?;
    let mut asked = consents::donors(db, row).await?.asked.into_iter();
    Ok(asked.find(|donor| {
        context.signatory_of(*donor).is_ok() && given.iter().all(|consent| consent.organisation_id != *donor)
    }))
}

async fn wanted(context: &Context, row: &award::Model, wish: &change_request::Model) -> Result<Vec<Fact>> {
    let detail: changes::Detail = serde_json::from_value(wish.detail.clone())?;
    let mut items = match wish.kind {
        ChangeKind::BudgetShift => vec![
            Fact::new(context.t("field-from-head"), detail.from_head),
            Fact::new(context.t("field-to-head"), detail.to_head),
            Fact::new(context.t("head-amount"), context.money(detail.amount_minor, row.currency)),
        ],
        ChangeKind::Extension => {
            vec![Fact::new(context.t("field-ends-on"), detail.ends_on.map(|day| context.day(day)).unwrap_or_default())]
        }
        ChangeKind::Scope | ChangeKind::Purpose => vec![Fact::new(context.t("field-change-words"), detail.words)],
    };
    if wish.donor_consent_required {
        let db = context.edges.db.read();
        let donors = consents::donors(db, row).await?;
        // Where no gift was bound to the old purpose, one donor's word is enough.
        let needed = donors.bound.len().max(1).to_string();
        let given = consents::given(db, wish.id).await?.len().to_string();
        let text = context.t_with("change-consent-given", &[("given", &given), ("needed", &needed)]);
        items.push(Fact::new(context.t("change-consent"), text));
    }
    if !wish.reason.is_empty() {
        items.push(Fact::new(context.t("head-reason"), wish.reason.clone()));
    }
    Ok(items)
}
