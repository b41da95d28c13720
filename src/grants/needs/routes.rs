//! Pages and forms of needs: guard, form, service, redirect.

use super::rules::{CONSENT, NEED};
use super::service::{self, Told};
use super::view::{Choice, ConsentRow, List, New, PartRow, Row, Show};
use crate::commons::texts::{PROSE, TITLE, pick};
use crate::error::{Error, Result, Violation};
use crate::people::permission::{As, Context, Officer, SignedIn};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Page, Reply, again};
use entities::kinds::{NeedConsentId, NeedId, NeedPartId, NeedStage, OrganisationId, PartKind, Role};
use entities::{need, need_part, organisation};
use rocket::{Route, get, post, routes};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

/// Needs on one page of the list.
const PAGE: u64 = 50;

/// The routes of this room.
pub fn routes() -> Vec<Route> {
    routes![index, new, create, show, list_need, decline, merge, add_part, claim_part, ask_owner, record_consent]
}

#[get("/needs?<before>")]
async fn index(context: Context, before: Option<i64>) -> Answer {
    let mut query = need::Entity::find().order_by_desc(need::Column::Id).limit(PAGE + 1);
    if let Some(before) = before {
        query = query.filter(need::Column::Id.lt(before));
    }
    if !context.actor.has(Role::ProgrammeOfficer) {
        query = query.filter(need::Column::Stage.is_not_in([NeedStage::Proposed, NeedStage::Declined]));
    }
    let mut rows = query.all(context.edges.db.read()).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(PAGE as usize);
    let older_href = rows.last().filter(|_| more).map(|row| format!("/needs?before={}", row.id)).unwrap_or_default();
    let rows = rows.iter().map(|row| Row::of(row, context.locale)).collect();
    let view = List { rows, older_href, may_propose: context.actor.person.is_some() };
    Page::new(&context, "needs/list.html", "", &view)?.answer()
}

#[get("/needs/new")]
async fn new(by: As<SignedIn>) -> Answer {
    Page::new(&by, "needs/new.html", "", &New {})?.answer()
}

#[post("/needs", data = "<posted>")]
async fn create(by: As<SignedIn>, posted: Posted) -> Answer {
    let done = async { service::propose(&posted.by(&by), told(&posted)?).await };
    match done.await {
        Ok(need) => Reply::see(format!("/needs/{need}"), "notice-need-proposed"),
        Err(error) => again(&posted, error, async { Page::new(&by, "needs/new.html", "", &New {})?.answer() }).await,
    }
}

fn told(posted: &Posted) -> Result<Told> {
    let told = Told {
        title_zh: posted.optional("title_zh", TITLE),
        title_en: posted.optional("title_en", TITLE),
        summary_zh: posted.optional("summary_zh", PROSE),
        summary_en: posted.optional("summary_en", PROSE),
        community: posted.text("community", TITLE),
        area: posted.text("area", TITLE),
        since_year: None,
        consents_required: posted.ticked("consents_required"),
    };
    if told.title_zh.is_empty() && told.title_en.is_empty() {
        posted.wrong(Violation::at("title_zh", "refused-one-language"));
    }
    posted.well()?;
    Ok(told)
}

#[get("/needs/<id>")]
async fn show(context: Context, id: Id<NeedId>) -> Answer {
    page(&context, id.0).await
}

async fn page(context: &Context, id: NeedId) -> Answer {
    let db = context.edges.db.read();
    let row = service::load(db, id).await?;
    let officer = context.actor.has(Role::ProgrammeOfficer);
    let proposer = row.proposed_by.is_some() && row.proposed_by == context.actor.person;
    // A need that is not listed is seen by who proposed it and who decides on it.
    if matches!(row.stage, NeedStage::Proposed | NeedStage::Declined) && !officer && !proposer {
        return Err(Error::NotFound);
    }
    let (consents_given, consents_asked) = service::consent_count(db, id).await?;
    let parts = context.actor.parts(None);
    let view = Show {
        id: id.0,
        title: pick(context.locale, &row.title_zh, &row.title_en),
        summary: pick(context.locale, &row.summary_zh, &row.summary_en),
        community: row.community.clone(),
        since_year: row.since_year,
        stage: row.stage,
        proposed_on: row.proposed_at.with_timezone(&context.edges.config.zone).date_naive(),
        consents_given,
        consents_asked,
        parts: part_rows(context, id).await?,
        call_href: row.call_id.map(|call| format!("/calls/{call}")).unwrap_or_default(),
        fund_href: row.fund_id.map(|fund| format!("/funds/{fund}")).unwrap_or_default(),
        acts: NEED.offers(row.stage, &parts),
        consents: if officer { consent_rows(context, id).await? } else { Vec::new() },
        officer,
        claimants: claimants(context).await?,
    };
    Page::new(context, "needs/show.html", "", &view)?.answer()
}

async fn part_rows(context: &Context, id: NeedId) -> Result<Vec<PartRow>> {
    let db = context.edges.db.read();
    let rows = need_part::Entity::find()
        .filter(need_part::Column::NeedId.eq(id))
        .order_by_asc(need_part::Column::Id)
        .all(db)
        .await?;
    let names = names(context, rows.iter().filter_map(|row| row.claimed_by_id)).await?;
    let claimed = |row: &need_part::Model| row.claimed_by_id.and_then(|id| names.get(&id).cloned()).unwrap_or_default();
    Ok(rows
        .iter()
        .map(|row| PartRow { id: row.id.0, kind: row.kind, label: row.label.clone(), claimed_by: claimed(row) })
        .collect())
}

async fn consent_rows(context: &Context, id: NeedId) -> Result<Vec<ConsentRow>> {
    let parts = context.actor.parts(None);
    let rows = service::consents_of(context.edges.db.read(), id).await?;
    Ok(rows
        .into_iter()
        .map(|row| ConsentRow {
            id: row.id.0,
            acts: CONSENT.offers(row.stage, &parts),
            stage: row.stage,
            owner: row.owner_label,
        })
        .collect())
}

async fn claimants(context: &Context) -> Result<Vec<Choice>> {
    let mine = context.actor.memberships.iter().map(|membership| membership.organisation_id);
    Ok(names(context, mine)
        .await?
        .into_iter()
        .map(|(id, label)| Choice { value: id.to_string(), label, selected: false })
        .collect())
}

async fn names(
    context: &Context,
    ids: impl Iterator<Item = OrganisationId>,
) -> Result<BTreeMap<OrganisationId, String>> {
    let rows =
        organisation::Entity::find().filter(organisation::Column::Id.is_in(ids)).all(context.edges.db.read()).await?;
    Ok(rows.into_iter().map(|row| (row.id, pick(context.locale, &row.name_zh, &row.name_en))).collect())
}

#[post("/needs/<id>/listing", data = "<posted>")]
async fn list_need(by: As<Officer>, id: Id<NeedId>, posted: Posted) -> Answer {
    match service::list(&posted.by(&by), id.0).await {
        Ok(()) => Reply::see(format!("/needs/{}", id.0), "notice-need-listed"),
        Err(error) => again(&posted, error, page(&by, id.0)).await,
    }
}

#[post("/needs/<id>/refusal", data = "<posted>")]
async fn decline(by: As<Officer>, id: Id<NeedId>, posted: Posted) -> Answer {
    let done = async {
        let reason = posted.text("reason", PROSE);
        posted.well()?;
        service::decline(&posted.by(&by), id.0, &reason).await
    };
    match done.await {
        Ok(()) => Reply::see(format!("/needs/{}", id.0), "notice-need-declined"),
        Err(error) => again(&posted, error, page(&by, id.0)).await,
    }
}

#[post("/needs/<id>/merger", data = "<posted>")]
async fn merge(by: As<Officer>, id: Id<NeedId>, posted: Posted) -> Answer {
    let done = async {
        let into = posted.id::<NeedId>("into");
        posted.well()?;
        service::merge(&posted.by(&by), id.0, into).await
    };
    match done.await {
        Ok(()) => Reply::see(format!("/needs/{}", id.0), "notice-need-merged"),
        Err(error) => again(&posted, error, page(&by, id.0)).await,
    }
}

#[post("/needs/<id>/parts", data = "<posted>")]
async fn add_part(by: As<Officer>, id: Id<NeedId>, posted: Posted) -> Answer {
    let done = async {
        let kind = posted.word("kind", PartKind::parse, PartKind::Money);
        let label = posted.text("label", TITLE);
        posted.well()?;
        service::add_part(&posted.by(&by), id.0, kind, &label).await
    };
    match done.await {
        Ok(_) => Reply::see(format!("/needs/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, page(&by, id.0)).await,
    }
}

#[post("/needs/<id>/parts/<part>/claim", data = "<posted>")]
async fn claim_part(by: As<SignedIn>, id: Id<NeedId>, part: Id<NeedPartId>, posted: Posted) -> Answer {
    let done = async {
        let organisation = posted.id::<OrganisationId>("organisation");
        posted.well()?;
        service::claim_part(&posted.by(&by.signatory_of(organisation)?), part.0).await
    };
    match done.await {
        Ok(()) => Reply::see(format!("/needs/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, page(&by, id.0)).await,
    }
}

#[post("/needs/<id>/owners", data = "<posted>")]
async fn ask_owner(by: As<Officer>, id: Id<NeedId>, posted: Posted) -> Answer {
    let done = async {
        let owner = posted.text("owner", TITLE);
        let organisation = posted.optional_id::<OrganisationId>("organisation");
        posted.well()?;
        service::ask_owner(&posted.by(&by), id.0, &owner, organisation).await
    };
    match done.await {
        Ok(_) => Reply::see(format!("/needs/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, page(&by, id.0)).await,
    }
}

#[post("/needs/<id>/owners/<consent>", data = "<posted>")]
async fn record_consent(by: As<Officer>, id: Id<NeedId>, consent: Id<NeedConsentId>, posted: Posted) -> Answer {
    let done = async {
        let act = match posted.raw("act") {
            "give" => "give",
            "refuse" => "refuse",
            "withdraw" => "withdraw",
            _ => return Err(Error::field("act", "refused-choose")),
        };
        let evidence = if act == "give" { posted.text("evidence", TITLE) } else { posted.optional("evidence", TITLE) };
        posted.well()?;
        service::record_consent(&posted.by(&by), consent.0, act, &evidence).await
    };
    match done.await {
        Ok(()) => Reply::see(format!("/needs/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, page(&by, id.0)).await,
    }
}
