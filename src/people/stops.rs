//! The link by which an old contact stops a new payee account, without signing in: in every letter that says one was entered.
//!
//! Whoever took over a signatory's account and enters another account for the money meets the mailboxes of everybody else. The
//! token is shown nowhere but in the letter; only its hash is kept, and it works once.

use crate::commons::letters;
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result};
use crate::people::permission::{As, Permission};
use chrono::Duration;
use entities::kinds::{MembershipStage, PayeeAccountId, PersonId};
use entities::{membership, payee_account, payee_stop};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

/// Days that a link works: longer than anybody is away, and than the account cools.
const DAYS: i64 = 60;

/// What whoever holds a link sees.
#[derive(Debug, Clone)]
pub struct Peeked {
    /// The account.
    pub account: payee_account::Model,
    /// Whether the link still works.
    pub works: bool,
}

/// The page of a link.
pub fn path(token: &str) -> String {
    format!("/payee-stops/{token}")
}

/// Writes to everybody of the organisation, and to who entered the account before this one, each with a link of their own.
///
/// # Errors
/// When the database refuses.
pub(super) async fn offer<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    row: &payee_account::Model,
    before: Option<PersonId>,
    args: &[(&str, String)],
) -> Result<()> {
    let members = membership::Entity::find()
        .filter(membership::Column::OrganisationId.eq(row.organisation_id))
        .filter(membership::Column::Stage.eq(MembershipStage::Active))
        .all(tx)
        .await?;
    let mut people: Vec<PersonId> = members.into_iter().map(|row| row.person_id).chain(before).collect();
    people.sort_unstable();
    people.dedup();
    // An organisation has a handful of people.
    for person in people {
        let token = by.edges.dice.token();
        let link = payee_stop::ActiveModel {
            token_hash: Set(fingerprint(&token)),
            payee_account_id: Set(row.id),
            person_id: Set(person),
            made_at: Set(tx.now()),
            expires_at: Set(tx.now() + Duration::days(DAYS)),
            ..Default::default()
        };
        payee_stop::Entity::insert(link).exec_without_returning(tx).await?;
        letters::to_person(tx, person, "payee-entered", args, &path(&token)).await?;
    }
    Ok(())
}

/// What a link would stop.
///
/// # Errors
/// [`Error::NotFound`] for a link there is none of.
pub async fn peek(edges: &Edges, token: &str) -> Result<Peeked> {
    let db = edges.db.read();
    let link = payee_stop::Entity::find().filter(payee_stop::Column::TokenHash.eq(fingerprint(token)));
    let link = link.one(db).await?.ok_or(Error::NotFound)?;
    let account = payee_account::Entity::find_by_id(link.payee_account_id).one(db).await?.ok_or(Error::NotFound)?;
    let works = link.used_at.is_none() && link.expires_at > edges.clock.now();
    Ok(Peeked { account, works })
}

/// Uses a link up. Answers the account that it stops.
///
/// # Errors
/// A refusal when it was used, is too old, or there is none.
pub(super) async fn use_up(tx: &Tx, token: &str) -> Result<PayeeAccountId> {
    let hash = fingerprint(token);
    let used = payee_stop::Entity::update_many()
        .col_expr(payee_stop::Column::UsedAt, Expr::value(tx.now()))
        .filter(payee_stop::Column::TokenHash.eq(&hash))
        .filter(payee_stop::Column::UsedAt.is_null())
        .filter(payee_stop::Column::ExpiresAt.gt(tx.now()))
        .exec(tx)
        .await?;
    if used.rows_affected != 1 {
        return Err(Error::refused("refused-stop-used"));
    }
    let link = payee_stop::Entity::find().filter(payee_stop::Column::TokenHash.eq(hash)).one(tx).await?;
    Ok(link.ok_or(Error::NotFound)?.payee_account_id)
}
