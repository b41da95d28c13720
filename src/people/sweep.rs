//! What need not be kept: old forms' keys, sessions that are over, invitations used or expired, jobs that are done with the letters
//! they wrote into the folder. A bounded number a round.

use crate::commons::policies;
use crate::edges::Edges;
use crate::error::Result;
use crate::people::permission::Context;
use chrono::Duration;
use entities::kinds::{InvitationId, JobId, SessionId};
use entities::{invitation, job, posted_form, session};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};
use std::sync::Arc;

/// Rows of a table removed in one round; the next round takes the rest.
const BATCH: u64 = 500;

/// Removes what is past its time.
///
/// # Errors
/// When the database refuses.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    let db = edges.db.read();
    let now = edges.clock.now();
    // How long each is kept is policy (`retain_…_days`).
    let policy = policies::on(db, edges.today()).await?;
    let before = |days: i64| now - Duration::days(days);
    let old = before(policy.retain_sessions_days);
    let forms = &posted_form::Entity::find()
        .select_only()
        .column(posted_form::Column::FormKey)
        .filter(posted_form::Column::At.lt(before(policy.retain_forms_days)))
        .limit(BATCH)
        .into_tuple::<String>()
        .all(db)
        .await?;
    let over = Condition::any().add(session::Column::ExpiresAt.lt(now)).add(session::Column::EndedAt.lt(old));
    let sessions = &session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(over)
        .limit(BATCH)
        .into_tuple::<SessionId>()
        .all(db)
        .await?;
    let old = before(policy.retain_invitations_days);
    let done = Condition::any().add(invitation::Column::ExpiresAt.lt(old)).add(invitation::Column::AcceptedAt.lt(old));
    let invitations = &invitation::Entity::find()
        .select_only()
        .column(invitation::Column::Id)
        .filter(done)
        .limit(BATCH)
        .into_tuple::<InvitationId>()
        .all(db)
        .await?;
    // What was given up stays until a person looked at it.
    let jobs = &job::Entity::find()
        .select_only()
        .column(job::Column::Id)
        .filter(job::Column::DoneAt.lt(before(policy.retain_mail_days)))
        .limit(BATCH)
        .into_tuple::<JobId>()
        .all(db)
        .await?;
    // The files before their jobs: a crash between the two leaves a job whose letter is gone, and the next round takes it.
    let letters: Vec<i64> = jobs.iter().map(|id| id.0).collect();
    edges.mail.forget(&letters).await?;
    if forms.is_empty() && sessions.is_empty() && invitations.is_empty() && jobs.is_empty() {
        return Ok(());
    }
    Context::system(edges.clone())
        .write(|tx| async move {
            let tx = &tx;
            let forms = posted_form::Column::FormKey.is_in(forms.iter().map(String::as_str));
            posted_form::Entity::delete_many().filter(forms).exec(tx).await?;
            let sessions = session::Column::Id.is_in(sessions.iter().copied());
            session::Entity::delete_many().filter(sessions).exec(tx).await?;
            let invitations = invitation::Column::Id.is_in(invitations.iter().copied());
            invitation::Entity::delete_many().filter(invitations).exec(tx).await?;
            let jobs = job::Column::Id.is_in(jobs.iter().copied());
            job::Entity::delete_many().filter(jobs).exec(tx).await?;
            Ok(())
        })
        .await
}
