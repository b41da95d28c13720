//! What happened: one row with each change, written in its transaction.

use crate::edges::db::Tx;
use crate::error::Result;
use crate::people::permission::{As, Permission};
use entities::event;
use entities::kinds::{PersonId, Subject};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;

/// An event about to be written.
#[derive(Debug, Clone)]
pub struct Note {
    /// The verb.
    pub act: String,
    /// Reason code or words, `""` when none.
    pub reason: String,
    /// What else a reader needs; no personal data.
    pub data: Value,
}

impl Note {
    /// A plain act.
    pub fn act(act: impl Into<String>) -> Self {
        Self { act: act.into(), reason: String::new(), data: Value::Null }
    }

    /// With its reason.
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = reason.into();
        self
    }

    /// With more to know.
    pub fn with(mut self, data: Value) -> Self {
        self.data = data;
        self
    }
}

/// Records an act that moves no stage.
///
/// # Errors
/// When the row cannot be written.
pub async fn record<P: Permission>(tx: &Tx, by: &As<P>, subject: Subject, id: i64, note: Note) -> Result<()> {
    insert(tx, by, (subject, id), (None, None), note).await
}

/// Events written in one statement: below what SQLite binds at once.
const TOGETHER: usize = 500;

/// Records the same act on many things of a kind, in a few statements.
///
/// # Errors
/// When the rows cannot be written.
pub async fn record_many<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    subject: Subject,
    ids: impl IntoIterator<Item = i64>,
    note: &Note,
) -> Result<()> {
    let row = |id| event::ActiveModel {
        at: Set(tx.now()),
        actor_id: Set(by.actor.person),
        actor_part: Set(P::PART.as_str().to_owned()),
        subject: Set(subject),
        subject_id: Set(id),
        act: Set(note.act.clone()),
        from_stage: Set(None),
        to_stage: Set(None),
        reason: Set(note.reason.clone()),
        data: Set(note.data.clone()),
        for_id: Set(by.permission().stands_in_for()),
        ..Default::default()
    };
    let rows: Vec<_> = ids.into_iter().map(row).collect();
    for some in rows.chunks(TOGETHER) {
        event::Entity::insert_many(some.iter().cloned()).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Records a move of a stage. Called by [`super::lives::advance`].
///
/// # Errors
/// When the row cannot be written.
pub(super) async fn record_move<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    of: (Subject, i64),
    stages: (&str, &str),
    note: Note,
) -> Result<()> {
    insert(tx, by, of, (Some(stages.0.to_owned()), Some(stages.1.to_owned())), note).await
}

async fn insert<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    of: (Subject, i64),
    stages: (Option<String>, Option<String>),
    note: Note,
) -> Result<()> {
    let row = event::ActiveModel {
        at: Set(tx.now()),
        actor_id: Set(by.actor.person),
        actor_part: Set(P::PART.as_str().to_owned()),
        subject: Set(of.0),
        subject_id: Set(of.1),
        act: Set(note.act),
        from_stage: Set(stages.0),
        to_stage: Set(stages.1),
        reason: Set(note.reason),
        data: Set(note.data),
        for_id: Set(by.permission().stands_in_for()),
        ..Default::default()
    };
    event::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The history of a thing, newest first, at most `limit` rows.
///
/// # Errors
/// When the database cannot be read.
pub async fn history(db: &impl ConnectionTrait, subject: Subject, id: i64, limit: u64) -> Result<Vec<event::Model>> {
    Ok(event::Entity::find()
        .filter(event::Column::Subject.eq(subject))
        .filter(event::Column::SubjectId.eq(id))
        .order_by_desc(event::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// What a deputy did in the place of the principal, newest first, at most `limit` rows.
///
/// # Errors
/// When the database cannot be read.
pub async fn done_for(
    db: &impl ConnectionTrait,
    deputy: PersonId,
    principal: PersonId,
    limit: u64,
) -> Result<Vec<event::Model>> {
    Ok(event::Entity::find()
        .filter(event::Column::ForId.eq(principal))
        .filter(event::Column::ActorId.eq(deputy))
        .order_by_desc(event::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Whether this person did this act to this thing: the memory behind the separation of duties.
///
/// # Errors
/// When the database cannot be read.
pub async fn did(
    db: &impl ConnectionTrait,
    person: Option<PersonId>,
    subject: Subject,
    id: i64,
    act: &str,
) -> Result<bool> {
    let found = event::Entity::find()
        .filter(event::Column::Subject.eq(subject))
        .filter(event::Column::SubjectId.eq(id))
        .filter(event::Column::Act.eq(act))
        .filter(event::Column::ActorId.eq(person))
        .one(db)
        .await?;
    Ok(found.is_some())
}
