//! Invitations: a link in a mail that works once. The token is shown nowhere else; only its hash is kept.

use super::{accounts, rules};
use crate::commons::events::{self, Note};
use crate::commons::{letters, policies};
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result};
use crate::people::permission::{Administrator, As, Context, Officer, Permission, Signatory, System};
use chrono::Duration;
use entities::kinds::{
    InvitationId, Locale, MemberRole, MembershipStage, OrganisationId, PersonId, Role, RoleGrantStage, Scope, Subject,
};
use entities::{invitation, membership, organisation, role_grant};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::net::IpAddr;
use std::sync::Arc;

/// What an invitation is for.
#[derive(Debug, Clone)]
pub(super) struct Guest {
    pub email: String,
    pub name: String,
    pub locale: Locale,
    pub role: Option<Role>,
    pub membership: Option<(OrganisationId, MemberRole)>,
}

/// What whoever holds a link may know about it.
#[derive(Debug, Clone)]
pub struct Peeked {
    /// Address that was invited.
    pub email: String,
    /// How it greets.
    pub name: String,
    /// Language it was written in.
    pub locale: Locale,
    /// Organisation joined.
    pub organisation: Option<OrganisationId>,
    /// Part played there.
    pub member_role: Option<MemberRole>,
    /// Role at the foundation that comes with it.
    pub role: Option<Role>,
    /// Whether there is an account already, so that its password is asked for.
    pub known: bool,
}

/// Invites somebody to have an account.
///
/// # Errors
/// By the field: address, name.
pub async fn invite_person(by: &As<Administrator>, email: &str, name: &str, locale: Locale) -> Result<InvitationId> {
    let guest = &guest(email, name, locale, None)?;
    let token = &by.edges.dice.token();
    by.write(|tx| async move {
        let tx = &tx;
        let id = write(tx, by, guest, token).await?;
        letters::to_address(
            tx,
            &guest.email,
            locale,
            "invitation-person",
            &[("name", guest.name.clone())],
            &path(token),
        )
        .await?;
        events::record(tx, by, Subject::Foundation, 1, Note::act("invite")).await?;
        Ok(id)
    })
    .await
}

/// Invites somebody into one's own organisation.
///
/// # Errors
/// By the field: address, name; [`Error::NotFound`] for an organisation that is not one's own.
pub async fn invite_member(
    by: &As<Signatory>,
    organisation: OrganisationId,
    email: &str,
    name: &str,
    locale: Locale,
    role: MemberRole,
) -> Result<InvitationId> {
    if by.permission().organisation() != organisation {
        return Err(Error::NotFound);
    }
    let guest = &guest(email, name, locale, Some((organisation, role)))?;
    let token = &by.edges.dice.token();
    // Whoever is invited may come to sign for the organisation, and name the account that it is paid to.
    by.decide(|tx| async move { join(&tx, by, guest, organisation, token).await }).await
}

/// Invites the first signatory of an organisation that has none.
///
/// # Errors
/// By the field: address, name; a refusal when somebody signs for it already.
pub async fn invite_first_signatory(
    by: &As<Officer>,
    organisation: OrganisationId,
    email: &str,
    name: &str,
    locale: Locale,
) -> Result<InvitationId> {
    let guest = &guest(email, name, locale, Some((organisation, MemberRole::Signatory)))?;
    let token = &by.edges.dice.token();
    by.decide(|tx| async move {
        let tx = &tx;
        if !signatories(tx, organisation).await?.is_empty() {
            return Err(Error::refused("refused-signatory-exists"));
        }
        join(tx, by, guest, organisation, token).await
    })
    .await
}

async fn join<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    guest: &Guest,
    organisation: OrganisationId,
    token: &str,
) -> Result<InvitationId> {
    let row = organisation::Entity::find_by_id(organisation).one(tx).await?.ok_or(Error::NotFound)?;
    let id = write(tx, by, guest, token).await?;
    let called = crate::commons::texts::pick(guest.locale, &row.name_zh, &row.name_en);
    let args = [("name", guest.name.clone()), ("organisation", called)];
    letters::to_address(tx, &guest.email, guest.locale, "invitation-member", &args, &path(token)).await?;
    events::record(tx, by, Subject::Organisation, organisation.0, Note::act("invite")).await?;
    Ok(id)
}

fn guest(email: &str, name: &str, locale: Locale, membership: Option<(OrganisationId, MemberRole)>) -> Result<Guest> {
    let email = rules::email(email).ok_or_else(|| Error::field("email", "refused-email"))?;
    Ok(Guest { email, name: accounts::person_name(name)?, locale, role: None, membership })
}

/// Path of the page behind a link.
pub fn path(token: &str) -> String {
    format!("/invitations/{token}")
}

/// Writes an invitation.
pub(super) async fn write<P: Permission>(tx: &Tx, by: &As<P>, guest: &Guest, token: &str) -> Result<InvitationId> {
    let days = policies::on(tx, by.edges.today()).await?.invitation_days;
    let row = invitation::ActiveModel {
        token_hash: Set(fingerprint(token)),
        email: Set(guest.email.clone()),
        name: Set(guest.name.clone()),
        locale: Set(guest.locale),
        role: Set(guest.role),
        organisation_id: Set(guest.membership.map(|(organisation, _)| organisation)),
        member_role: Set(guest.membership.map(|(_, role)| role)),
        invited_by: Set(by.actor.person),
        created_at: Set(tx.now()),
        expires_at: Set(tx.now() + Duration::days(days)),
        ..Default::default()
    };
    Ok(invitation::Entity::insert(row).exec_with_returning(tx).await?.id)
}

/// What a link is for.
///
/// # Errors
/// [`Error::NotFound`] for a link of nobody's; a refusal when it was used or is too old.
pub async fn peek(edges: &Edges, token: &str) -> Result<Peeked> {
    let row = valid(edges, token).await?;
    let known = accounts::by_email(edges.db.read(), &row.email).await?.is_some();
    Ok(Peeked {
        email: row.email,
        name: row.name,
        locale: row.locale,
        organisation: row.organisation_id,
        member_role: row.member_role,
        role: row.role,
        known,
    })
}

async fn valid(edges: &Edges, token: &str) -> Result<invitation::Model> {
    let row = invitation::Entity::find()
        .filter(invitation::Column::TokenHash.eq(fingerprint(token)))
        .one(edges.db.read())
        .await?
        .ok_or(Error::NotFound)?;
    if row.accepted_at.is_some() {
        return Err(Error::refused("refused-invitation-used"));
    }
    if row.expires_at <= edges.clock.now() {
        return Err(Error::refused("refused-invitation-expired"));
    }
    stands(edges.db.read(), &row).await?;
    Ok(row)
}

/// Whether an invitation into an organisation still has somebody behind it: a signatory of today, or an officer where nobody
/// signs yet. A link in a drawer is no way back in for those who were shown out.
async fn stands(db: &impl ConnectionTrait, row: &invitation::Model) -> Result<()> {
    let (Some(organisation), Some(role)) = (row.organisation_id, row.member_role) else { return Ok(()) };
    let signing = signatories(db, organisation).await?;
    let by_signatory = row.invited_by.is_some_and(|who| signing.contains(&who));
    let first = role == MemberRole::Signatory && signing.is_empty();
    if by_signatory || first { Ok(()) } else { Err(Error::refused("refused-invitation-void")) }
}

/// Who signs for an organisation today.
pub(super) async fn signatories(db: &impl ConnectionTrait, organisation: OrganisationId) -> Result<Vec<PersonId>> {
    Ok(membership::Entity::find()
        .select_only()
        .column(membership::Column::PersonId)
        .filter(membership::Column::OrganisationId.eq(organisation))
        .filter(membership::Column::Role.eq(MemberRole::Signatory))
        .filter(membership::Column::Stage.eq(MembershipStage::Active))
        .into_tuple()
        .all(db)
        .await?)
}

/// Voids the open invitations that a person received or wrote, of one organisation or of all.
pub(super) async fn void(tx: &Tx, person: PersonId, organisation: Option<OrganisationId>) -> Result<()> {
    let email = accounts::load(tx, person).await?.email;
    let theirs =
        Condition::any().add(invitation::Column::Email.eq(email)).add(invitation::Column::InvitedBy.eq(person));
    let mut open = invitation::Entity::update_many()
        .col_expr(invitation::Column::ExpiresAt, Expr::value(tx.now()))
        .filter(theirs)
        .filter(invitation::Column::AcceptedAt.is_null())
        .filter(invitation::Column::ExpiresAt.gt(tx.now()));
    if let Some(organisation) = organisation {
        open = open.filter(invitation::Column::OrganisationId.eq(organisation));
    }
    open.exec(tx).await?;
    Ok(())
}

/// Accepts an invitation: makes the account, or joins the one there is when its password is given.
///
/// # Errors
/// As [`peek`]; by the field: name, password; `refused-sign-in-often`, for the password of an account is asked as at the door.
pub async fn accept(
    edges: &Arc<Edges>,
    token: &str,
    name: &str,
    password: &str,
    from: Option<IpAddr>,
) -> Result<PersonId> {
    let row = &valid(edges, token).await?;
    let known = accounts::by_email(edges.db.read(), &row.email).await?;
    let (name, hash) = match &known {
        Some(person) => {
            if !accounts::proves(edges, &row.email, Some(person), password, from).await? {
                return Err(Error::field("password", "refused-invitation-password"));
            }
            (String::new(), String::new())
        }
        None => {
            let name = accounts::person_name(name)?;
            accounts::well_chosen(edges, &row.email, password).await?;
            (name, accounts::hash(password).await?)
        }
    };
    let (name, hash, known) = (&name, &hash, known.map(|person| person.id));
    let by = &Context::system(edges.clone());
    by.write(|tx| async move {
        let tx = &tx;
        let person = match known {
            Some(person) => person,
            None if accounts::by_email(tx, &row.email).await?.is_some() => return Err(Error::Stale),
            None => accounts::insert(tx, &row.email, name, row.locale, hash).await?,
        };
        use_up(tx, row.id, person).await?;
        stands(tx, row).await?;
        take_part(tx, by, row, person).await?;
        if let Some(role) = row.role {
            take_role(tx, by, row, role, person).await?;
        }
        events::record(tx, by, Subject::Person, person.0, Note::act("join")).await?;
        Ok(person)
    })
    .await
}

/// Marks it used, unless somebody was faster.
async fn use_up(tx: &Tx, id: InvitationId, person: PersonId) -> Result<()> {
    let done = invitation::Entity::update_many()
        .col_expr(invitation::Column::AcceptedAt, Expr::value(Some(tx.now())))
        .col_expr(invitation::Column::PersonId, Expr::value(Some(person)))
        .filter(invitation::Column::Id.eq(id))
        .filter(invitation::Column::AcceptedAt.is_null())
        .filter(invitation::Column::ExpiresAt.gt(tx.now()))
        .exec(tx)
        .await?;
    if done.rows_affected == 1 { Ok(()) } else { Err(Error::refused("refused-invitation-used")) }
}

/// Joins the organisation; who left and is asked in again takes the old row up.
async fn take_part(tx: &Tx, by: &As<System>, row: &invitation::Model, person: PersonId) -> Result<()> {
    let (Some(organisation), Some(role)) = (row.organisation_id, row.member_role) else { return Ok(()) };
    let before = membership::Entity::find()
        .filter(membership::Column::OrganisationId.eq(organisation))
        .filter(membership::Column::PersonId.eq(person))
        .filter(membership::Column::Role.eq(role))
        .one(tx)
        .await?;
    let mut part = membership::ActiveModel {
        organisation_id: Set(organisation),
        person_id: Set(person),
        role: Set(role),
        stage: Set(MembershipStage::Active),
        invited_by: Set(row.invited_by),
        created_at: Set(tx.now()),
        ended_at: Set(None),
        ..Default::default()
    };
    match before {
        Some(before) => {
            part.id = Set(before.id);
            membership::Entity::update(part).exec(tx).await?;
        }
        None => {
            membership::Entity::insert(part).exec_without_returning(tx).await?;
        }
    }
    events::record(tx, by, Subject::Organisation, organisation.0, Note::act("join")).await
}

/// Takes the role up: the first administrators', or one that a single administrator may give.
async fn take_role(tx: &Tx, by: &As<System>, row: &invitation::Model, role: Role, person: PersonId) -> Result<()> {
    if row.invited_by.is_some() && rules::takes_two(role) {
        return Err(Error::refused("refused-role-takes-two"));
    }
    let grant = role_grant::ActiveModel {
        person_id: Set(person),
        role: Set(role),
        scope: Set(Scope::Foundation),
        stage: Set(RoleGrantStage::Effective),
        proposed_by: Set(row.invited_by),
        proposed_at: Set(tx.now()),
        effective_on: Set(Some(by.day_of(tx.now()))),
        ..Default::default()
    };
    let grant = role_grant::Entity::insert(grant).exec_with_returning(tx).await?;
    events::record(tx, by, Subject::RoleGrant, grant.id.0, Note::act("give")).await
}
