//! Lifecycles on rows: a move is saved by compare-and-set on the stage, with its event, in the same transaction.

use super::events::{self, Note};
use crate::core::lifecycle::{Lifecycle, Unmoved};
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::{As, Permission};
use entities::kinds::Subject;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::fmt::Display;

/// A row that lives: it has a stage, and a table says how it moves. Implemented in each room's `rules.rs` by [`crate::living`].
pub trait Living {
    /// Its table.
    type Entity: EntityTrait;
    /// Its stages.
    type Stage: Copy + PartialEq + Display + Into<sea_orm::Value> + 'static;
    /// What it is called in events.
    const SUBJECT: Subject;
    /// Its table of moves.
    const LIFECYCLE: &'static Lifecycle<Self::Stage>;
    /// Its key.
    fn key(&self) -> i64;
    /// Where it stands.
    fn stage(&self) -> Self::Stage;
    /// Column of the key.
    fn key_column() -> <Self::Entity as EntityTrait>::Column;
    /// Column of the stage.
    fn stage_column() -> <Self::Entity as EntityTrait>::Column;
}

/// Makes a row's model live by a lifecycle table.
#[macro_export]
macro_rules! living {
    ($module:ident, $stage:ty, $subject:ident, $table:expr) => {
        impl $crate::commons::lives::Living for entities::$module::Model {
            type Entity = entities::$module::Entity;
            type Stage = $stage;
            const SUBJECT: entities::kinds::Subject = entities::kinds::Subject::$subject;
            const LIFECYCLE: &'static $crate::core::lifecycle::Lifecycle<$stage> = &$table;
            fn key(&self) -> i64 {
                self.id.0
            }
            fn stage(&self) -> $stage {
                self.stage
            }
            fn key_column() -> entities::$module::Column {
                entities::$module::Column::Id
            }
            fn stage_column() -> entities::$module::Column {
                entities::$module::Column::Stage
            }
        }
    };
}

/// Columns with their new values.
pub type Set<'a, M> = &'a [(<<M as Living>::Entity as EntityTrait>::Column, sea_orm::Value)];

/// Moves a row by `act` and records it. Answers the new stage.
///
/// # Errors
/// [`Error::Forbidden`] when the part may not, a refusal naming both stages when the act does not start from here,
/// [`Error::Stale`] when somebody else moved it first.
pub async fn advance<M: Living, P: Permission>(
    tx: &Tx,
    by: &As<P>,
    row: &M,
    act: &'static str,
    note: Note,
) -> Result<M::Stage> {
    advance_with(tx, by, row, (act, &[]), note).await
}

/// The same with columns that the act sets besides.
///
/// # Errors
/// As [`advance`].
pub async fn advance_with<M: Living, P: Permission>(
    tx: &Tx,
    by: &As<P>,
    row: &M,
    (act, set): (&'static str, Set<'_, M>),
    note: Note,
) -> Result<M::Stage> {
    let from = row.stage();
    let to = permitted(row, by, act)?;
    let stage = M::Entity::update_many().col_expr(M::stage_column(), Expr::value(to));
    let done = set
        .iter()
        .fold(stage, |update, (column, value)| update.col_expr(*column, Expr::value(value.clone())))
        .filter(M::key_column().eq(row.key()))
        .filter(Expr::col(M::stage_column()).eq(from))
        .exec(tx)
        .await?;
    if done.rows_affected != 1 {
        return Err(Error::Stale);
    }
    events::record_move(
        tx,
        by,
        (M::SUBJECT, row.key()),
        (&from.to_string(), &to.to_string()),
        Note { act: act.to_owned(), ..note },
    )
    .await?;
    Ok(to)
}

/// The stage after `act`, without moving.
///
/// # Errors
/// As [`advance`].
pub fn permitted<M: Living, P: Permission>(row: &M, _by: &As<P>, act: &'static str) -> Result<M::Stage> {
    M::LIFECYCLE.step(row.stage(), act, P::PART).map_err(|why| match why {
        Unmoved::NotYours => Error::Forbidden("forbidden-part"),
        Unmoved::NotFromHere => Error::refused("refused-stage"),
    })
}
