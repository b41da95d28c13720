//! What can be done with applications: written, signed, screened, appealed; moved by reviews and decisions.

pub use super::appeals::{appeal, decide_appeal};
pub use super::budget::{Line, Measured, Saved};
use super::eligibility;
use super::rules::system_act;
pub use super::screening::{ask_information, screen};
pub use super::writing::{answer_information, hand_over, save, start, submit, take_back, withdraw};
use crate::commons::events::Note;
use crate::commons::letters;
use crate::commons::lives::advance;
use crate::core::eligibility::Finding;
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::{As, Context, Permission, System};
use entities::application;
use entities::kinds::{ApplicationId, ApplicationStage, CallId, OrganisationId};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::sync::Arc;

/// Applications the clock moves in one go; the rest follows at the next tick.
const BATCH: u64 = 50;

/// Moves an application by an act of its lifecycle, in the transaction of another room (reviews, decisions). `act` is an act of the
/// table or the stage to reach; an application that stands there already stays.
///
/// # Errors
/// As `commons::lives::advance`.
pub async fn moved<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    application: ApplicationId,
    act: &'static str,
    reason: &str,
) -> Result<()> {
    let row = load(tx, application).await?;
    let word = act.replace('-', "_");
    let Some(act) = system_act(row.stage, act) else {
        return if row.stage.as_str() == word { Ok(()) } else { Err(Error::refused("refused-stage")) };
    };
    let to = advance(tx, &by.with(System), &row, act, Note::act("").because(reason)).await?;
    let letter = match to {
        // The offer of the award is the letter about an approval; a hosted group hears of it here, because its host gets the offer.
        ApplicationStage::Approved if row.host_id.is_none() => return Ok(()),
        ApplicationStage::Approved => "application-approved",
        ApplicationStage::Reserved => "application-reserved",
        ApplicationStage::Declined => "application-declined",
        _ => return Ok(()),
    };
    let args = [("title", row.title.clone()), ("reason", reason.to_owned())];
    letters::to_organisation(tx, row.organisation_id, letter, &args, &format!("/applications/{application}")).await
}

/// A bid whose organisation lost what the call asks for before its award was offered: it is not granted, and its page says what was
/// found; in the transaction of the decision that falls.
///
/// # Errors
/// A refusal where nothing was found, or the bid waits for no decision.
pub async fn fall_short<P: Permission>(tx: &Tx, by: &As<P>, row: &application::Model, found: &[Finding]) -> Result<()> {
    let (Some(first), Some(act)) = (found.first(), system_act(row.stage, "decline")) else {
        return Err(Error::refused("refused-stage"));
    };
    let codes: Vec<&str> = found.iter().map(|finding| finding.code).collect();
    advance(tx, &by.with(System), row, act, Note::act("").because(codes.join(", "))).await?;
    let as_before = eligibility::kept(row).into_iter().filter(|kept| !codes.contains(&kept.code.as_str()));
    let mut findings: Vec<serde_json::Value> =
        as_before.map(serde_json::to_value).collect::<std::result::Result<_, _>>()?;
    for finding in found {
        findings.push(serde_json::to_value(finding)?);
    }
    let change = application::ActiveModel {
        id: Set(row.id),
        findings: Set(serde_json::Value::Array(findings)),
        policy_on: Set(Some(by.day_of(tx.now()))),
        version: Set(row.version + 1),
        ..Default::default()
    };
    application::Entity::update(change).exec(tx).await?;
    let (args, link) =
        ([("title", row.title.clone()), ("rule.word", first.code.to_owned())], format!("/applications/{}", row.id));
    letters::to_organisation(tx, row.organisation_id, "application-fell-short", &args, &link).await
}

/// Drafts of a call that was closed or cancelled lapse, in the transaction of that.
///
/// # Errors
/// When the database refuses.
pub async fn lapse_unfinished<P: Permission>(tx: &Tx, by: &As<P>, call: CallId) -> Result<()> {
    let rows = application::Entity::find()
        .filter(application::Column::CallId.eq(call))
        .filter(application::Column::Stage.is_in([ApplicationStage::Draft, ApplicationStage::AwaitingSignOff]))
        .all(tx)
        .await?;
    for row in rows {
        advance(tx, &by.with(System), &row, "lapse", Note::act("")).await?;
    }
    Ok(())
}

/// What the clock brings: questions that nobody answered in time go back to the officers.
///
/// # Errors
/// When the database refuses.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    let by = &Context::system(edges.clone());
    let rows = application::Entity::find()
        .filter(application::Column::Stage.eq(ApplicationStage::InformationRequested))
        .filter(application::Column::QuestionDueAt.lte(edges.clock.now()))
        .order_by_asc(application::Column::Id)
        .limit(BATCH)
        .all(edges.db.read())
        .await?;
    for row in rows {
        let done = by
            .write(|tx| async move {
                let tx = &tx;
                let row = load(tx, row.id).await?;
                advance(tx, by, &row, "give-up-waiting", Note::act("")).await.map(|_| ())
            })
            .await;
        if let Err(error) = done {
            tracing::warn!(application = row.id.0, %error, "a question did not time out");
        }
    }
    Ok(())
}

/// The number under which an application is acknowledged.
pub fn number(id: ApplicationId) -> String {
    format!("A-{:06}", id.0)
}

/// An application by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: ApplicationId) -> Result<application::Model> {
    application::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// The organisation's own application.
///
/// # Errors
/// [`Error::NotFound`] when it is somebody else's.
pub(super) async fn own(
    db: &impl ConnectionTrait,
    id: ApplicationId,
    organisation: OrganisationId,
) -> Result<application::Model> {
    let row = load(db, id).await?;
    if row.organisation_id == organisation { Ok(row) } else { Err(Error::NotFound) }
}
