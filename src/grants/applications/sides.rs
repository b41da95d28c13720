//! Other organisations in a bid: the host that answers for a residents' group (承接单位), and partners with child projects.
//! Each gives its own word, and without it the bid is not signed.

use super::rules::is_writing;
use super::service::{load, own};
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::commons::lives::permitted;
use crate::commons::texts::{PROSE, TITLE, all_well, optional, required};
use crate::core::money::MAX_MINOR;
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::people::organisations;
use crate::people::permission::{As, Editor, Permission, Signatory};
use entities::kinds::{
    ApplicationId, ApplicationSideId, ApplicationStage, OrganisationId, PersonId, SideRole, SideStage, Subject,
};
use entities::{application, application_side};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Most other organisations in one bid.
pub const MAX_SIDES: u64 = 10;

/// A child project of a partner.
#[derive(Debug, Clone)]
pub struct Child {
    /// Who carries it.
    pub partner: OrganisationId,
    /// What it is called.
    pub title: String,
    /// What the partner does.
    pub summary: String,
    /// Its part of the grant.
    pub amount_minor: i64,
}

/// Asks the host, in the transaction that starts the bid.
pub(super) async fn ask_host<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    row: &application::Model,
    host: OrganisationId,
    person: PersonId,
) -> Result<()> {
    let told = Child { partner: host, title: String::new(), summary: String::new(), amount_minor: 0 };
    ask(tx, by, row, SideRole::Host, &told, person).await.map(|_| ())
}

async fn ask<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    row: &application::Model,
    role: SideRole,
    told: &Child,
    person: PersonId,
) -> Result<ApplicationSideId> {
    let side = application_side::ActiveModel {
        application_id: Set(row.id),
        organisation_id: Set(told.partner),
        role: Set(role),
        title: Set(told.title.clone()),
        summary: Set(told.summary.clone()),
        amount_minor: Set(told.amount_minor),
        stage: Set(SideStage::Asked),
        reason: Set(String::new()),
        asked_by: Set(person),
        asked_at: Set(tx.now()),
        ..Default::default()
    };
    let side = application_side::Entity::insert(side).exec_with_returning(tx).await?;
    events::record(tx, by, Subject::Application, row.id.0, Note::act("ask-side")).await?;
    let args = [("title", row.title.clone())];
    letters::to_organisation(tx, told.partner, "application-side-asked", &args, &side_page(row.id, side.id)).await?;
    Ok(side.id)
}

/// Asks a partner to carry a child project.
///
/// # Errors
/// By the field; a refusal when the bid is signed, the partner is asked already, or there are too many.
pub async fn ask_partner(by: &As<Editor>, id: ApplicationId, told: Child) -> Result<ApplicationSideId> {
    let mut wrong = Vec::new();
    let told = &Child {
        title: required(&mut wrong, "title", &told.title, TITLE),
        summary: required(&mut wrong, "summary", &told.summary, PROSE),
        ..told
    };
    if !(0..=MAX_MINOR).contains(&told.amount_minor) {
        wrong.push(Violation::at("amount", "money-too-large"));
    }
    all_well(wrong)?;
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, id, by.permission().organisation()).await?;
        if !is_writing(row.stage) {
            return Err(Error::refused("refused-application-signed"));
        }
        if told.partner == row.organisation_id || !organisations::may_choose(tx, by, told.partner).await? {
            return Err(Error::field("organisation", "refused-choose"));
        }
        let there = of(tx, id).await?;
        if there.iter().any(|side| side.organisation_id == told.partner) {
            return Err(Error::field("organisation", "refused-application-side-twice"));
        }
        if there.len() as u64 >= MAX_SIDES {
            return Err(Violation::whole("refused-application-sides").with("most", MAX_SIDES).into());
        }
        ask(tx, by, &row, SideRole::Partner, told, by.permission().person()).await
    })
    .await
}

/// A side gives its word, or refuses; it may take its word back until the bid is signed.
///
/// # Errors
/// [`Error::NotFound`] for another's side; by the field without a reason; a refusal once the bid is signed.
pub async fn answer(by: &As<Signatory>, id: ApplicationSideId, accept: bool, reason: &str) -> Result<()> {
    let mut wrong = Vec::new();
    let reason = &optional(&mut wrong, "reason", reason, PROSE);
    if !accept && reason.is_empty() {
        wrong.push(Violation::at("reason", "refused-empty"));
    }
    all_well(wrong)?;
    by.decide(|tx| async move {
        let tx = &tx;
        let side = load_side(tx, id).await?;
        if side.organisation_id != by.permission().organisation() {
            return Err(Error::NotFound);
        }
        let row = load(tx, side.application_id).await?;
        unsigned(&row)?;
        let act = if accept { "accept" } else { "refuse" };
        moved(tx, &side, permitted(&side, by, act)?, reason, Some(by.permission().person())).await?;
        // Move and event speak of the bid: a side has no story of its own.
        let note = Note::act(format!("{act}-side")).because(reason.as_str());
        events::record(tx, by, Subject::Application, row.id.0, note).await?;
        let letter = if accept { "application-side-accepted" } else { "application-side-refused" };
        let args = [("title", row.title.clone()), ("reason", reason.clone())];
        letters::to_organisation(tx, row.organisation_id, letter, &args, &format!("/applications/{}", row.id)).await
    })
    .await
}

/// Leaves a partner out. A host cannot be left out: the bid is withdrawn instead.
///
/// # Errors
/// [`Error::NotFound`] for another's; a refusal once the bid is signed.
pub async fn drop_side(by: &As<Editor>, id: ApplicationSideId) -> Result<()> {
    lead(by, id, "drop").await
}

/// Asks a side that refused once more.
///
/// # Errors
/// As [`drop_side`]; a refusal when it did not refuse.
pub async fn ask_again(by: &As<Editor>, id: ApplicationSideId) -> Result<()> {
    lead(by, id, "ask").await
}

async fn lead(by: &As<Editor>, id: ApplicationSideId, act: &'static str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let side = load_side(tx, id).await?;
        let row = own(tx, side.application_id, by.permission().organisation()).await?;
        if !is_writing(row.stage) {
            return Err(Error::refused("refused-application-signed"));
        }
        if act == "drop" && side.role == SideRole::Host {
            return Err(Error::refused("refused-application-host-stays"));
        }
        moved(tx, &side, permitted(&side, by, act)?, "", None).await?;
        events::record(tx, by, Subject::Application, row.id.0, Note::act(format!("{act}-side"))).await?;
        let letter = if act == "drop" { "application-side-dropped" } else { "application-side-asked" };
        let args = [("title", row.title.clone())];
        letters::to_organisation(tx, side.organisation_id, letter, &args, &side_page(row.id, id)).await
    })
    .await
}

/// Writes where a side stands, compared with where it stood: of two answers at once one is told.
async fn moved(
    tx: &Tx,
    side: &application_side::Model,
    to: SideStage,
    reason: &str,
    answered_by: Option<PersonId>,
) -> Result<()> {
    let changed = application_side::ActiveModel {
        stage: Set(to),
        reason: Set(reason.to_owned()),
        answered_by: Set(answered_by),
        answered_at: Set(answered_by.map(|_| tx.now())),
        ..Default::default()
    };
    let done = application_side::Entity::update_many()
        .set(changed)
        .filter(application_side::Column::Id.eq(side.id))
        .filter(Expr::col(application_side::Column::Stage).eq(side.stage))
        .exec(tx)
        .await?;
    if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
}

fn unsigned(row: &application::Model) -> Result<()> {
    match row.stage {
        ApplicationStage::Draft | ApplicationStage::AwaitingSignOff => Ok(()),
        _ => Err(Error::refused("refused-application-signed")),
    }
}

/// Whether every side has given its word, and the children ask for no more than the whole.
///
/// # Errors
/// A refusal that says which.
pub(super) async fn all_agreed(tx: &Tx, row: &application::Model) -> Result<()> {
    let sides = of(tx, row.id).await?;
    if sides.iter().any(|side| side.stage != SideStage::Accepted) {
        return Err(Error::refused("refused-application-side-open"));
    }
    // A bid from before its group changed the host: nobody has given a word for it.
    let hosted = |host| sides.iter().any(|side| side.role == SideRole::Host && side.organisation_id == host);
    if row.host_id.is_some_and(|host| !hosted(host)) {
        return Err(Error::refused("refused-application-host-missing"));
    }
    let parts = sides.iter().try_fold(0_i64, |sum, side| sum.checked_add(side.amount_minor));
    if parts.is_none_or(|parts| parts > row.ask_minor) {
        return Err(Error::refused("refused-application-sides-sum"));
    }
    Ok(())
}

/// The sides of a bid that count, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(db: &impl ConnectionTrait, id: ApplicationId) -> Result<Vec<application_side::Model>> {
    Ok(application_side::Entity::find()
        .filter(application_side::Column::ApplicationId.eq(id))
        .filter(application_side::Column::Stage.ne(SideStage::Dropped))
        .order_by_asc(application_side::Column::Id)
        .limit(MAX_SIDES + 1)
        .all(db)
        .await?)
}

/// A side by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load_side(db: &impl ConnectionTrait, id: ApplicationSideId) -> Result<application_side::Model> {
    application_side::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// Where a side reads what is asked of it.
pub fn side_page(application: ApplicationId, id: ApplicationSideId) -> String {
    format!("/applications/{application}/sides/{id}")
}
