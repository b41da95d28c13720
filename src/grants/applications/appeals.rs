//! Appeals: filed by the signatory within the window, decided by a person who took no part.

use super::screening::is_partial;
use super::service::{load, number};
use super::writing::page;
use crate::commons::events::{self, Note};
use crate::commons::lives::advance;
use crate::commons::texts::{PROSE, all_well, required};
use crate::commons::{calendar, letters};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::{calls, decisions};
use crate::people::permission::{As, Context, Permission, RolePermission, Signatory};
use crate::people::roles;
use chrono::NaiveDate;
use entities::kinds::{
    AppealAgainst, AppealId, AppealStage, ApplicationId, ApplicationStage, PersonId, ReviewStage, Role, Subject,
};
use entities::{appeal, application, event, review};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeSet;

/// The act that brings an application back.
const REINSTATE: &str = "reinstate";

/// What an appeal may be against at a stage.
pub const fn against(stage: ApplicationStage) -> Option<AppealAgainst> {
    match stage {
        ApplicationStage::Ineligible => Some(AppealAgainst::Screening),
        ApplicationStage::Declined => Some(AppealAgainst::Decision),
        _ => None,
    }
}

/// The last day on which the refusal of an application may be appealed.
///
/// # Errors
/// When the calendar of the year is missing.
pub async fn last_day(
    db: &impl ConnectionTrait,
    context: &Context,
    row: &application::Model,
) -> Result<Option<NaiveDate>> {
    if against(row.stage).is_none() {
        return Ok(None);
    }
    let refused = event::Entity::find()
        .filter(event::Column::Subject.eq(Subject::Application))
        .filter(event::Column::SubjectId.eq(row.id.0))
        .filter(event::Column::ToStage.eq(row.stage.as_str()))
        .order_by_desc(event::Column::Id)
        .one(db)
        .await?;
    let Some(refused) = refused else { return Ok(None) };
    let call = calls::service::load(db, row.call_id).await?;
    calendar::after(db, context.day_of(refused.at), i64::from(call.appeal_days)).await.map(Some)
}

/// Appeals a refusal.
///
/// # Errors
/// A refusal when nothing was refused, the window is over, or an appeal waits already.
pub async fn appeal(by: &As<Signatory>, id: ApplicationId, what: AppealAgainst, ground: &str) -> Result<AppealId> {
    let mut violations = Vec::new();
    let ground = &required(&mut violations, "ground", ground, PROSE);
    all_well(violations)?;
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        if row.organisation_id != by.permission().organisation() {
            return Err(Error::NotFound);
        }
        if against(row.stage) != Some(what) {
            return Err(Error::refused("refused-appeal-nothing"));
        }
        if last_day(tx, by, &row).await?.is_none_or(|last| by.day_of(tx.now()) > last) {
            return Err(Error::refused("refused-appeal-late"));
        }
        let before = appeal::Entity::find()
            .filter(appeal::Column::ApplicationId.eq(id))
            .filter(appeal::Column::Against.eq(what))
            .one(tx)
            .await?;
        if before.is_some() {
            return Err(Error::refused("refused-appeal-twice"));
        }
        let filed = appeal::ActiveModel {
            application_id: Set(id),
            against: Set(what),
            ground: Set(ground.clone()),
            stage: Set(AppealStage::Filed),
            filed_by: Set(by.permission().person()),
            filed_at: Set(tx.now()),
            reason: Set(String::new()),
            ..Default::default()
        };
        let filed = appeal::Entity::insert(filed).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Appeal, filed.id.0, Note::act("file")).await?;
        events::record(tx, by, Subject::Application, id.0, Note::act("appeal")).await?;
        // By its number: among those who read this may be somebody who judges the call blind.
        let args = [("number", number(id))];
        letters::to_role(tx, Role::ProgrammeOfficer, "appeal-filed", &args, &appeal_page(id, filed.id)).await?;
        Ok(filed.id)
    })
    .await
}

/// Decides an appeal; upheld, what was decided falls and the application is eligible again.
///
/// # Errors
/// [`Error::Forbidden`] for whoever took part; by the field without a reason; refusals when it is decided, or an award stands.
pub async fn decide_appeal<R: RolePermission>(by: &As<R>, id: AppealId, uphold: bool, reason: &str) -> Result<()> {
    let mut violations = Vec::new();
    let reason = &required(&mut violations, "reason", reason, PROSE);
    all_well(violations)?;
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load_appeal(tx, id).await?;
        let application = load(tx, row.application_id).await?;
        let (person, today) = (by.person()?, by.day_of(tx.now()));
        if took_part(tx, person, &application, today).await?
            || roles::one_of(tx, person, &[Some(row.filed_by)], today).await?
        {
            return Err(Error::Forbidden("forbidden-appeal-took-part"));
        }
        let act = if uphold { "uphold" } else { "dismiss" };
        advance(tx, by, &row, act, Note::act("").because(reason.as_str())).await?;
        let decided = appeal::ActiveModel {
            id: Set(id),
            decided_by: Set(by.actor.person),
            decided_at: Set(Some(tx.now())),
            reason: Set(reason.clone()),
            ..Default::default()
        };
        appeal::Entity::update(decided).exec(tx).await?;
        if uphold {
            // What stands of the decision falls first; its money stays in the fund for the decision that follows.
            decisions::service::take_back(tx, by, application.id, false).await?;
            reinstate(tx, by, application.id, reason).await?;
        } else {
            events::record(
                tx,
                by,
                Subject::Application,
                application.id.0,
                Note::act("dismiss-appeal").because(reason.as_str()),
            )
            .await?;
        }
        let letter = if uphold { "appeal-upheld" } else { "appeal-dismissed" };
        let args = [("title", application.title.clone()), ("reason", reason.clone())];
        letters::to_organisation(tx, application.organisation_id, letter, &args, &page(application.id)).await
    })
    .await
}

/// Brings an application back after a refusal: it is eligible again and waits for another decision.
///
/// # Errors
/// As `commons::lives::advance`.
pub async fn reinstate<P: Permission>(tx: &Tx, by: &As<P>, id: ApplicationId, reason: &str) -> Result<()> {
    advance(tx, by, &load(tx, id).await?, REINSTATE, Note::act("").because(reason)).await.map(|_| ())
}

/// Which of some applications were brought back.
///
/// # Errors
/// When the database cannot be read.
pub async fn reinstated(db: &impl ConnectionTrait, of: &[ApplicationId]) -> Result<BTreeSet<ApplicationId>> {
    let found: Vec<i64> = event::Entity::find()
        .select_only()
        .column(event::Column::SubjectId)
        .distinct()
        .filter(event::Column::Subject.eq(Subject::Application))
        .filter(event::Column::SubjectId.is_in(of.iter().map(|id| id.0)))
        .filter(event::Column::Act.eq(REINSTATE))
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().map(ApplicationId).collect())
}

/// Whether a person had a part in what is appealed, or counts as one with who had: screened it, acted on it as staff, assigned or
/// reviewed it, had a hand in its batch or approved it; or belongs to the applicant.
///
/// # Errors
/// When the database cannot be read.
pub async fn took_part(tx: &Tx, person: PersonId, row: &application::Model, today: NaiveDate) -> Result<bool> {
    if is_partial(tx, person, row).await? {
        return Ok(true);
    }
    let mut people: Vec<Option<PersonId>> = event::Entity::find()
        .select_only()
        .column(event::Column::ActorId)
        .distinct()
        .filter(event::Column::Subject.eq(Subject::Application))
        .filter(event::Column::SubjectId.eq(row.id.0))
        .into_tuple()
        .all(tx)
        .await?;
    people.push(row.screened_by);
    let reviews = review::Entity::find().filter(review::Column::ApplicationId.eq(row.id)).all(tx).await?;
    for review in reviews {
        people.push(Some(review.assigned_by));
        people.push(Some(review.reviewer_id).filter(|_| review.stage != ReviewStage::Declined));
    }
    people.extend(decisions::service::deciders(tx, row.id).await?);
    roles::one_of(tx, person, &people, today).await
}

/// An appeal by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load_appeal(db: &impl ConnectionTrait, id: AppealId) -> Result<appeal::Model> {
    appeal::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// The appeals of an application, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn appeals_of(db: &impl ConnectionTrait, id: ApplicationId) -> Result<Vec<appeal::Model>> {
    Ok(appeal::Entity::find()
        .filter(appeal::Column::ApplicationId.eq(id))
        .order_by_asc(appeal::Column::Id)
        .limit(10)
        .all(db)
        .await?)
}

/// Where an appeal is decided.
pub fn appeal_page(application: ApplicationId, id: AppealId) -> String {
    format!("/applications/{application}/appeals/{id}")
}
