//! The grant agreement (资助协议) as a document: the text both signed, what it says at a glance, both signatures, the hash.

use super::visible;
use crate::error::{Error, Result};
use crate::grants::awards::agreement;
use crate::people::permission::Context;
use crate::people::{accounts, organisations};
use crate::web::page::Answer;
use crate::web::papers::{self, Head, Paper, Side, Signed};
use entities::kinds::AwardId;
use entities::{application, award, call, fund};
use sea_orm::EntityTrait;
use serde::Serialize;

/// What the template `grant-agreement.typ` reads.
#[derive(Debug, Clone, Serialize)]
pub struct GrantAgreement {
    head: Head,
    /// The grant in figures.
    figures: String,
    /// The same in capitals, or `""`.
    capitals: String,
    /// Labels with values.
    facts: Vec<(String, String)>,
    signed: Signed,
    sides: Vec<Side>,
}

impl Paper for GrantAgreement {
    const FORM: crate::edges::press::Form = crate::edges::press::Form::GrantAgreement;

    fn head(&self) -> &Head {
        &self.head
    }
}

/// The agreement as PDF, for whoever may read its page.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn agreement_pdf(context: &Context, id: AwardId, locale: Option<&str>) -> Answer {
    let context = &papers::reading_in(context, locale);
    let row = visible(context, id).await?;
    papers::answer(context, &drawn_up(context, &row).await?, "grant-agreement", format!("/awards/{id}/agreement")).await
}

async fn drawn_up(context: &Context, row: &award::Model) -> Result<GrantAgreement> {
    let text = agreement::text(context.edges.db.read(), row).await?;
    let days = [row.grantee_signed_at, row.foundation_signed_at].map(|at| at.map(|at| context.day_of(at)));
    // It is of the day on which the second signed.
    let day = days[0].zip(days[1]).map(|(one, other)| one.max(other));
    let head = Head::new(context, context.t("award-agreement"), format!("A{:06}", row.id.0), day);
    let page = format!("/awards/{}/agreement", row.id);
    Ok(GrantAgreement {
        head: head.binding(context, "award-agreement", day.is_some()),
        figures: context.money(row.amount_minor, row.currency),
        capitals: papers::capitals(context, row.amount_minor, row.currency),
        facts: facts(context, row).await?,
        signed: Signed::new(context, text, &row.agreement_hash, &[], &page),
        sides: sides(context, row).await?,
    })
}

async fn facts(context: &Context, row: &award::Model) -> Result<Vec<(String, String)>> {
    let db = context.edges.db.read();
    let bid = application::Entity::find_by_id(row.application_id).one(db).await?.ok_or(Error::NotFound)?;
    let call = call::Entity::find_by_id(row.call_id).one(db).await?.ok_or(Error::NotFound)?;
    let fund = fund::Entity::find_by_id(row.fund_id).one(db).await?.ok_or(Error::NotFound)?;
    let names = organisations::names(context, [row.organisation_id, bid.organisation_id].into_iter()).await?;
    let called = |id| names.get(&id).cloned().unwrap_or_default();
    let mut rows = vec![
        ("paper-project", row.title.clone()),
        ("paper-grantee", called(row.organisation_id)),
        ("head-fund", context.pick(&fund.name_zh, &fund.name_en)),
        ("paper-call", context.pick(&call.title_zh, &call.title_en)),
        ("head-kind", context.t(&format!("award-kind-{}", row.kind))),
    ];
    if bid.organisation_id != row.organisation_id {
        rows.insert(2, ("paper-hosted", called(bid.organisation_id)));
    }
    Ok(rows.into_iter().map(|(key, value)| (context.t(key), value)).collect())
}

/// Who signed is told to staff and to the grantee's people, not to who evaluates.
async fn sides(context: &Context, row: &award::Model) -> Result<Vec<Side>> {
    let names = organisations::names(context, [row.organisation_id].into_iter()).await?;
    let told = context.actor.is_staff() || context.actor.belongs_to(row.organisation_id);
    let signed = [row.foundation_signed_by, row.grantee_signed_by];
    let people = accounts::names(context.edges.db.read(), signed.into_iter().flatten().filter(|_| told)).await?;
    let name = |place: usize| signed[place].and_then(|person| people.get(&person).cloned()).unwrap_or_default();
    let at = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| context.moment(at)).unwrap_or_default();
    let house = crate::commons::foundation::known_foundation(&context.edges);
    let house = house.map(|house| context.pick(&house.name_zh, &house.name_en)).unwrap_or_default();
    Ok(vec![
        Side { role: context.t("paper-foundation"), party: house, name: name(0), at: at(row.foundation_signed_at) },
        Side {
            role: context.t("paper-grantee"),
            party: names.get(&row.organisation_id).cloned().unwrap_or_default(),
            name: name(1),
            at: at(row.grantee_signed_at),
        },
    ])
}
