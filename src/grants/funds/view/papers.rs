//! The fund agreement (基金设立协议) as a document: the signed text, what it says at a glance, both signatures, the hash.

use super::visible;
use crate::error::Result;
use crate::grants::funds::service::agreement;
use crate::people::permission::Context;
use crate::people::{accounts, organisations};
use crate::web::page::Answer;
use crate::web::papers::{self, Head, Paper, Side, Signed};
use entities::fund;
use entities::kinds::FundId;
use serde::Serialize;

/// What the template `fund-agreement.typ` reads.
#[derive(Debug, Clone, Serialize)]
pub struct FundAgreement {
    head: Head,
    /// The opening amount in figures.
    figures: String,
    /// The same in capitals, or `""`.
    capitals: String,
    /// Labels with values, from the register.
    facts: Vec<(String, String)>,
    signed: Signed,
    sides: Vec<Side>,
}

impl Paper for FundAgreement {
    const FORM: crate::edges::press::Form = crate::edges::press::Form::FundAgreement;

    fn head(&self) -> &Head {
        &self.head
    }
}

/// The agreement as PDF, for whoever may read its page.
///
/// # Errors
/// [`crate::error::Error::NotFound`] for what is not the reader's to see.
pub async fn agreement_pdf(context: &Context, id: FundId, locale: Option<&str>) -> Answer {
    let context = &papers::reading_in(context, locale);
    let row = visible(context, id).await?;
    papers::answer(context, &drawn_up(context, &row).await?, "fund-agreement", format!("/funds/{id}/agreement")).await
}

async fn drawn_up(context: &Context, row: &fund::Model) -> Result<FundAgreement> {
    let text = agreement::agreement_text(context.edges.db.read(), row).await?;
    let days = [row.initiator_signed_at, row.foundation_signed_at].map(|at| at.map(|at| context.day_of(at)));
    // It is of the day on which the second signed.
    let day = days[0].zip(days[1]).map(|(one, other)| one.max(other));
    let head = Head::new(context, context.t("fund-agreement"), format!("F{:06}", row.id.0), day);
    let page = format!("/funds/{}/agreement", row.id);
    Ok(FundAgreement {
        head: head.binding(context, "fund-agreement", day.is_some()),
        figures: context.money(row.opening_minimum_minor, row.currency),
        capitals: papers::capitals(context, row.opening_minimum_minor, row.currency),
        facts: facts(context, row).await?,
        signed: Signed::new(context, text, &row.agreement_hash, &["Fund agreement"], &page),
        sides: sides(context, row).await?,
    })
}

async fn facts(context: &Context, row: &fund::Model) -> Result<Vec<(String, String)>> {
    let names = organisations::names(context, [row.initiator_id].into_iter()).await?;
    let committee = match row.committee_size {
        0 => context.t("paper-committee-none"),
        size => context.t_count("paper-committee-size", i64::from(size)),
    };
    let fee = crate::core::money::format_bps(i64::from(row.fee_bps));
    let place = [row.community.as_str(), row.area.as_str()].into_iter().filter(|part| !part.is_empty());
    let mut rows = vec![
        ("head-fund", context.pick(&row.name_zh, &row.name_en)),
        ("fund-kind", context.t(&format!("fund-kind-{}", row.kind))),
        ("fund-initiator", names.get(&row.initiator_id).cloned().unwrap_or_default()),
        ("paper-place", place.collect::<Vec<_>>().join(" · ")),
        ("paper-fee", context.t_with("paper-fee-text", &[("fee", &fee)])),
        ("field-processor-fee", super::acts::bearer(context, row)),
        ("fund-mode", context.t(&format!("fund-mode-{}", row.mode))),
        ("field-qualification-number", row.qualification_number.clone()),
        ("field-filing-number", row.filing_number.clone()),
        ("paper-capital", context.t(&format!("fund-spending-{}", row.spending))),
        ("paper-committee", committee),
        ("field-board-minute", row.board_minute.clone()),
    ];
    rows.retain(|(_, value)| !value.is_empty());
    Ok(rows.into_iter().map(|(key, value)| (context.t(key), value)).collect())
}

/// Who signed is told to staff and to the initiator's people; everybody reads that it was signed, and when.
async fn sides(context: &Context, row: &fund::Model) -> Result<Vec<Side>> {
    let names = organisations::names(context, [row.initiator_id].into_iter()).await?;
    let told = context.actor.is_staff() || context.actor.belongs_to(row.initiator_id);
    let signed = [row.foundation_signed_by, row.initiator_signed_by];
    let people = accounts::names(context.edges.db.read(), signed.into_iter().flatten().filter(|_| told)).await?;
    let name = |place: usize| signed[place].and_then(|person| people.get(&person).cloned()).unwrap_or_default();
    let at = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| context.moment(at)).unwrap_or_default();
    let house = crate::commons::foundation::known_foundation(&context.edges);
    let house = house.map(|house| context.pick(&house.name_zh, &house.name_en)).unwrap_or_default();
    Ok(vec![
        Side { role: context.t("paper-foundation"), party: house, name: name(0), at: at(row.foundation_signed_at) },
        Side {
            role: context.t("fund-initiator"),
            party: names.get(&row.initiator_id).cloned().unwrap_or_default(),
            name: name(1),
            at: at(row.initiator_signed_at),
        },
    ])
}
