//! Pitch sessions (路演): the order is drawn by lot, each has the same minutes, reviewers score while they listen. Not for a blind call:
//! whoever speaks is seen.

use super::panel_people;
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::commons::lives::advance;
use crate::edges::db::Tx;
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result, Violation};
use crate::grants::applications::rules::WAITING;
use crate::grants::reviews::panel::Reaches;
use crate::grants::reviews::service::plans::is_seed;
use crate::people::permission::As;
use chrono::{DateTime, Duration, Utc};
use entities::kinds::{ApplicationId, CallId, CallStage, PitchId, PitchStage, Subject};
use entities::{application, call, pitch, pitch_slot};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

/// Most who speak in one session: more than a long day holds.
const MOST: usize = 100;

/// A session as it is planned.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Where.
    pub place: String,
    /// When the first speaks.
    pub starts_at: DateTime<Utc>,
    /// For each.
    pub minutes: i32,
    /// By which the order is drawn.
    pub seed: String,
}

/// The order that a seed draws: by SHA-256 of seed and application, smallest first.
pub fn drawn(seed: &str, mut applications: Vec<ApplicationId>) -> Vec<ApplicationId> {
    applications.sort_by_key(|id| fingerprint(format!("{seed}\n{id}")));
    applications
}

/// Plans a session for whatever is judged in a call, and tells every applicant its turn.
///
/// # Errors
/// [`Error::NotFound`]; forbidden for another panel's chair; by the field; a refusal for a blind call, while another session is open, or
/// when nothing is judged.
pub async fn plan<P: Reaches>(by: &As<P>, id: CallId, planned: Planned) -> Result<PitchId> {
    let planned = &planned;
    by.write(|tx| async move {
        let tx = &tx;
        P::reaches(by, id)?;
        check(planned, tx.now())?;
        let call = crate::grants::calls::service::take(tx, id).await?;
        if call.blind {
            return Err(Error::refused("refused-pitch-blind"));
        }
        if !matches!(call.stage, CallStage::Closed | CallStage::InReview) {
            return Err(Error::refused("refused-review-not-open"));
        }
        let open = [PitchStage::Planned, PitchStage::Running];
        let other = pitch::Entity::find().filter(pitch::Column::CallId.eq(id)).filter(pitch::Column::Stage.is_in(open));
        if other.count(tx).await? > 0 {
            return Err(Error::refused("refused-pitch-open"));
        }
        let rows = application::Entity::find()
            .filter(application::Column::CallId.eq(id))
            .filter(application::Column::Stage.is_in(WAITING))
            .order_by_asc(application::Column::Id)
            .all(tx)
            .await?;
        if rows.is_empty() || rows.len() > MOST {
            return Err(Violation::whole("refused-pitch-count").with("most", MOST).into());
        }
        write(tx, by, &call, planned, &rows).await
    })
    .await
}

fn check(planned: &Planned, now: DateTime<Utc>) -> Result<()> {
    let mut wrong = Vec::new();
    if planned.place.trim().is_empty() {
        wrong.push(Violation::at("place", "refused-empty"));
    }
    if planned.starts_at <= now {
        wrong.push(Violation::at("starts_at", "refused-past"));
    }
    if !(1..=120).contains(&planned.minutes) {
        wrong.push(Violation::at("minutes", "refused-out-of-range").with("least", 1).with("most", 120));
    }
    if !is_seed(&planned.seed) {
        wrong.push(Violation::at("seed", "refused-plan-seed"));
    }
    crate::commons::texts::all_well(wrong)
}

async fn write<P: Reaches>(
    tx: &Tx,
    by: &As<P>,
    call: &call::Model,
    planned: &Planned,
    rows: &[application::Model],
) -> Result<PitchId> {
    let row = pitch::ActiveModel {
        call_id: Set(call.id),
        place: Set(planned.place.trim().to_owned()),
        seed: Set(planned.seed.clone()),
        starts_at: Set(planned.starts_at),
        minutes: Set(planned.minutes),
        stage: Set(PitchStage::Planned),
        planned_by: Set(by.person()?),
        planned_at: Set(tx.now()),
        version: Set(1),
        ..Default::default()
    };
    let id = pitch::Entity::insert(row).exec_with_returning(tx).await?.id;
    let order = drawn(&planned.seed, rows.iter().map(|row| row.id).collect());
    let slots = order.iter().zip(1..).map(|(application, ordinal)| pitch_slot::ActiveModel {
        pitch_id: Set(id),
        ordinal: Set(ordinal),
        application_id: Set(*application),
        ..Default::default()
    });
    pitch_slot::Entity::insert_many(slots).exec_without_returning(tx).await?;
    events::record(tx, by, Subject::Pitch, id.0, Note::act("plan").because(planned.seed.clone())).await?;
    for (application, place) in order.iter().zip(0..) {
        let Some(row) = rows.iter().find(|row| row.id == *application) else { continue };
        let at = planned.starts_at + Duration::minutes(i64::from(planned.minutes) * place);
        let args = [("title", row.title.clone()), ("place", planned.place.clone()), ("at.moment", at.to_rfc3339())];
        let link = format!("/calls/{}/pitch", call.id);
        letters::to_organisation(tx, row.organisation_id, "pitch-planned", &args, &link).await?;
    }
    let judges = panel_people(tx, call.id).await?;
    let args = [("place", planned.place.clone()), ("at.moment", planned.starts_at.to_rfc3339())];
    letters::to_people(tx, judges, "pitch-judged", &args, &format!("/calls/{}/pitch", call.id)).await?;
    Ok(id)
}

/// The next speaks; after the last the session is over. Answers whether somebody speaks now.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Stale`] for a step that another took already; a refusal once it is over.
pub async fn next<P: Reaches>(by: &As<P>, id: PitchId) -> Result<bool> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = take(tx, by, id).await?;
        by.saw(row.version)?;
        let slots = slots(tx, id).await?;
        let now = tx.now();
        if let Some(current) = slots.iter().find(|slot| slot.begun_at.is_some() && slot.ended_at.is_none()) {
            set(tx, pitch_slot::ActiveModel { id: Set(current.id), ended_at: Set(Some(now)), ..Default::default() })
                .await?;
        }
        let waiting = slots.iter().find(|slot| slot.begun_at.is_none());
        if let Some(next) = waiting {
            set(tx, pitch_slot::ActiveModel { id: Set(next.id), begun_at: Set(Some(now)), ..Default::default() })
                .await?;
        }
        let change = pitch::ActiveModel { id: Set(id), version: Set(row.version + 1), ..Default::default() };
        pitch::Entity::update(change).exec(tx).await?;
        match (row.stage, waiting) {
            (PitchStage::Planned, Some(_)) => advance(tx, by, &row, "begin", Note::act("")).await.map(|_| true),
            (PitchStage::Running, Some(_)) => {
                events::record(tx, by, Subject::Pitch, id.0, Note::act("next")).await.map(|()| true)
            }
            _ => advance(tx, by, &row, "end", Note::act("")).await.map(|_| false),
        }
    })
    .await
}

/// Calls a session off; another may be planned.
///
/// # Errors
/// [`Error::NotFound`]; a refusal without a reason, or once it has begun.
pub async fn cancel<P: Reaches>(by: &As<P>, id: PitchId, reason: &str) -> Result<()> {
    if reason.trim().is_empty() {
        return Err(Error::field("reason", "refused-empty"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        let row = take(tx, by, id).await?;
        advance(tx, by, &row, "cancel", Note::act("").because(reason.trim())).await?;
        let ids = slots(tx, id).await?.into_iter().map(|slot| slot.application_id);
        let rows = application::Entity::find().filter(application::Column::Id.is_in(ids)).all(tx).await?;
        for application in rows {
            let args = [("title", application.title.clone())];
            let link = format!("/calls/{}/pitch", row.call_id);
            letters::to_organisation(tx, application.organisation_id, "pitch-cancelled", &args, &link).await?;
        }
        Ok(())
    })
    .await
}

async fn set(tx: &Tx, slot: pitch_slot::ActiveModel) -> Result<()> {
    pitch_slot::Entity::update(slot).exec(tx).await?;
    Ok(())
}

async fn take<P: Reaches>(tx: &Tx, by: &As<P>, id: PitchId) -> Result<pitch::Model> {
    let row = pitch::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx).await?.ok_or(Error::NotFound)?;
    P::reaches(by, row.call_id)?;
    Ok(row)
}

/// A session's turns in their order.
///
/// # Errors
/// When the database cannot be read.
pub async fn slots(db: &impl ConnectionTrait, id: PitchId) -> Result<Vec<pitch_slot::Model>> {
    let rows = pitch_slot::Entity::find().filter(pitch_slot::Column::PitchId.eq(id));
    Ok(rows.order_by_asc(pitch_slot::Column::Ordinal).all(db).await?)
}

/// The newest session of a call that was not called off.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_call(db: &impl ConnectionTrait, id: CallId) -> Result<Option<pitch::Model>> {
    let rows = pitch::Entity::find()
        .filter(pitch::Column::CallId.eq(id))
        .filter(pitch::Column::Stage.ne(PitchStage::Cancelled));
    Ok(rows.order_by_desc(pitch::Column::Id).one(db).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_the_seeds_and_nobodys() {
        let all: Vec<ApplicationId> = (1..=20).map(ApplicationId).collect();
        let backwards: Vec<ApplicationId> = all.iter().rev().copied().collect();
        let one = drawn("2026-03-05", all.clone());
        assert_eq!(one, drawn("2026-03-05", backwards), "whatever order they came in");
        assert_ne!(one, drawn("2026-03-06", all.clone()));
        let mut sorted = one;
        sorted.sort_unstable();
        assert_eq!(sorted, all);
    }
}
