//! The packet of a bid that a reviewer reads: its text, its answers, its money, its aims, its files; each part only as far as a
//! [`Sight`] goes. Nothing else shows a bid to a reviewer.

use crate::error::{Error, Result};
use crate::grants::applications::view::answers;
use crate::grants::applications::{attachments, budget as lines};
use crate::grants::calls::words::head;
use crate::grants::reviews::sight::{self, Sight};
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::parts::Fact;
use crate::web::sheet::Cell;
use entities::kinds::{DocumentId, ReviewId};
use entities::{application, budget_line, call, document, indicator, review};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// What stands beside the score.
#[derive(Debug, Clone, Default)]
pub struct Packet {
    /// Texts and answers with their labels.
    pub passages: Vec<Fact>,
    /// Rows of the budget.
    pub budget: Vec<Vec<Cell>>,
    /// Indicators.
    pub outcomes: Vec<Fact>,
    /// Files with the address where this reviewer reads them.
    pub files: Vec<Fact>,
}

/// The packet, as far as the reviewer sees.
///
/// # Errors
/// When the database cannot be read.
pub async fn packet(
    context: &Context,
    call: &call::Model,
    asked: &application::Model,
    (id, sight): (ReviewId, Sight),
) -> Result<Packet> {
    let mut packet = Packet { passages: passages(context, call, asked, sight).await?, ..Packet::default() };
    if sight.text() {
        packet.budget = budget(context, asked).await?;
        packet.outcomes = outcomes(context, asked).await?;
    }
    if sight.text() && sight.identity() {
        let files = attachments::of(context.edges.db.read(), asked.id).await?;
        let told = |(file, document): &(entities::application_document::Model, document::Model)| {
            Fact::linked(file.label.clone(), document.name.clone(), format!("/reviews/{id}/files/{}", document.id))
        };
        packet.files = files.iter().map(told).collect();
    }
    Ok(packet)
}

async fn passages(
    context: &Context,
    call: &call::Model,
    asked: &application::Model,
    sight: Sight,
) -> Result<Vec<Fact>> {
    let mut passages = Vec::new();
    if sight.identity() {
        let names = organisations::names(context, std::iter::once(asked.organisation_id)).await?;
        let name = names.get(&asked.organisation_id).cloned().unwrap_or_default();
        passages.push(Fact::new(context.t("head-organisation"), name));
    }
    passages.push(Fact::new(context.t("review-proposal"), asked.summary.clone()));
    if sight.text() {
        passages.push(Fact::new(context.t("review-site"), asked.site.clone()));
        if sight.identity() {
            passages.push(Fact::new(context.t("review-team"), asked.team.clone()));
            if !asked.child_name.is_empty() {
                passages.push(Fact::new(context.t("review-child"), asked.child_summary.clone()));
            }
        }
        let form = lines::questions(context.edges.db.read(), call.form_version_id).await?;
        let told = sight.questions(&form);
        passages.extend(answers::some(context, &form, asked, |question| told.contains(question.id.as_str())));
    }
    passages.retain(|fact| !fact.value.is_empty());
    Ok(passages)
}

async fn budget(context: &Context, asked: &application::Model) -> Result<Vec<Vec<Cell>>> {
    let lines = budget_line::Entity::find()
        .filter(budget_line::Column::ApplicationId.eq(asked.id))
        .order_by_asc(budget_line::Column::Position)
        .all(context.edges.db.read())
        .await?;
    let cells = |line: &budget_line::Model| {
        vec![
            Cell::lead(line.label.clone(), ""),
            Cell::text(head(context, &line.head)),
            Cell::text(context.t(&format!("application-source-{}", line.source))),
            Cell::number(context.money(i64::from(line.quantity) * line.unit_minor, asked.currency)),
        ]
    };
    Ok(lines.iter().map(cells).collect())
}

async fn outcomes(context: &Context, asked: &application::Model) -> Result<Vec<Fact>> {
    let rows = indicator::Entity::find()
        .filter(indicator::Column::ApplicationId.eq(asked.id))
        .order_by_asc(indicator::Column::Position)
        .all(context.edges.db.read())
        .await?;
    let told =
        |row: &indicator::Model| Fact::new(row.name.clone(), format!("{} → {} {}", row.baseline, row.target, row.unit));
    Ok(rows.iter().map(told).collect())
}

/// A file of the bid that a review is about, if the reviewer may read it now.
///
/// # Errors
/// [`Error::NotFound`] for a file of another bid, or one that would tell who applies.
pub async fn file(context: &Context, row: &review::Model, id: DocumentId) -> Result<document::Model> {
    let db = context.edges.db.read();
    let call = call::Entity::find_by_id(row.call_id).one(db).await?.ok_or(Error::NotFound)?;
    let sight = sight::of_review(context, &call, row).await?;
    if !(sight.text() && sight.identity()) {
        return Err(Error::NotFound);
    }
    let files = attachments::of(db, row.application_id).await?;
    files.into_iter().map(|(_, document)| document).find(|document| document.id == id).ok_or(Error::NotFound)
}
