//! The dated history of an organisation: grade, credit, stage, annual check, ownership. Only ever added to, each with its evidence.

use super::{organisations, rules};
use crate::commons::events::{self, Note};
use crate::commons::texts::{self, TITLE};
use crate::error::{Error, Result, Violation};
use crate::people::permission::{As, Officer};
use chrono::NaiveDate;
use entities::kinds::{
    OrganisationId, OrganisationRecordId, OrganisationRelationId, RecordKind, RelationKind, Subject,
};
use entities::{organisation_record, organisation_relation};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use std::collections::BTreeSet;

/// Lines of a history shown.
const SHOWN: u64 = 60;

/// What was seen, where, and for how long it holds.
#[derive(Debug, Clone)]
pub struct Record {
    /// What is recorded.
    pub kind: RecordKind,
    /// One of the kind's values.
    pub value: String,
    /// Number of a certificate, or `""`.
    pub certificate_number: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; open when none.
    pub valid_until: Option<NaiveDate>,
    /// Where it was seen.
    pub evidence: String,
}

/// Adds to an organisation's history.
///
/// # Errors
/// [`Error::NotFound`]; by the field: a value that is none of the kind, an end before its start, no evidence.
pub async fn record(by: &As<Officer>, organisation: OrganisationId, record: Record) -> Result<OrganisationRecordId> {
    let wrong = &mut Vec::new();
    if !rules::record_values(record.kind).contains(&record.value.as_str()) {
        wrong.push(Violation::at("value", "refused-choose"));
    }
    let certificate = texts::optional(wrong, "certificate_number", &record.certificate_number, TITLE);
    let evidence = texts::required(wrong, "evidence", &record.evidence, TITLE);
    span(wrong, record.valid_from, record.valid_until);
    texts::all_well(std::mem::take(wrong))?;
    let (record, certificate, evidence) = (&record, &certificate, &evidence);
    by.write(|tx| async move {
        let tx = &tx;
        organisations::load(tx, organisation).await?;
        let row = organisation_record::ActiveModel {
            organisation_id: Set(organisation),
            kind: Set(record.kind),
            value: Set(record.value.clone()),
            certificate_number: Set((!certificate.is_empty()).then(|| certificate.clone())),
            valid_from: Set(record.valid_from),
            valid_until: Set(record.valid_until),
            evidence: Set(evidence.clone()),
            recorded_by: Set(by.actor.person),
            recorded_at: Set(tx.now()),
            ..Default::default()
        };
        let row = organisation_record::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Organisation, organisation.0, Note::act("record")).await?;
        Ok(row.id)
    })
    .await
}

/// Adds an ownership or relation, from which conflicts follow.
///
/// # Errors
/// [`Error::NotFound`]; by the field: the same organisation, an end before its start, no evidence.
pub async fn relate(
    by: &As<Officer>,
    organisation: OrganisationId,
    related: OrganisationId,
    kind: RelationKind,
    valid_from: NaiveDate,
    valid_until: Option<NaiveDate>,
    evidence: &str,
) -> Result<OrganisationRelationId> {
    let wrong = &mut Vec::new();
    let evidence = &texts::required(wrong, "evidence", evidence, TITLE);
    span(wrong, valid_from, valid_until);
    if organisation == related {
        wrong.push(Violation::at("related", "refused-related-same"));
    }
    texts::all_well(std::mem::take(wrong))?;
    by.write(|tx| async move {
        let tx = &tx;
        organisations::load(tx, organisation).await?;
        organisations::load(tx, related).await.map_err(|_| Error::field("related", "refused-unknown"))?;
        let row = organisation_relation::ActiveModel {
            organisation_id: Set(organisation),
            related_id: Set(related),
            kind: Set(kind),
            valid_from: Set(valid_from),
            valid_until: Set(valid_until),
            evidence: Set(evidence.clone()),
            recorded_by: Set(by.actor.person),
            recorded_at: Set(tx.now()),
            ..Default::default()
        };
        let row = organisation_relation::Entity::insert(row).exec_with_returning(tx).await?;
        for id in [organisation, related] {
            events::record(tx, by, Subject::Organisation, id.0, Note::act("relate")).await?;
        }
        Ok(row.id)
    })
    .await
}

fn span(wrong: &mut Vec<Violation>, from: NaiveDate, until: Option<NaiveDate>) {
    if until.is_some_and(|until| until < from) {
        wrong.push(Violation::at("valid_until", "refused-record-ends-before"));
    }
}

/// The history of an organisation, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn history(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
) -> Result<Vec<organisation_record::Model>> {
    Ok(organisation_record::Entity::find()
        .filter(organisation_record::Column::OrganisationId.eq(organisation))
        .order_by_desc(organisation_record::Column::ValidFrom)
        .order_by_desc(organisation_record::Column::Id)
        .limit(SHOWN)
        .all(db)
        .await?)
}

/// Relations from and to an organisation, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn relations(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
) -> Result<Vec<organisation_relation::Model>> {
    let either = Condition::any()
        .add(organisation_relation::Column::OrganisationId.eq(organisation))
        .add(organisation_relation::Column::RelatedId.eq(organisation));
    Ok(organisation_relation::Entity::find()
        .filter(either)
        .order_by_desc(organisation_relation::Column::Id)
        .limit(SHOWN)
        .all(db)
        .await?)
}

/// Which of these organisations stand on a credit list on a day: an entry in force that no later `none` has ended.
///
/// # Errors
/// When the database cannot be read.
pub async fn listed(
    db: &impl ConnectionTrait,
    of: &[OrganisationId],
    on: NaiveDate,
) -> Result<BTreeSet<OrganisationId>> {
    let rows = organisation_record::Entity::find()
        .filter(organisation_record::Column::OrganisationId.is_in(of.iter().copied()))
        .filter(organisation_record::Column::Kind.eq(RecordKind::Credit))
        .filter(organisation_record::Column::ValidFrom.lte(on))
        .order_by_desc(organisation_record::Column::ValidFrom)
        .order_by_desc(organisation_record::Column::Id)
        .all(db)
        .await?;
    let in_force = |row: &&organisation_record::Model| row.valid_until.is_none_or(|last| last >= on);
    let stands = |organisation: &&OrganisationId| {
        let own = rows.iter().filter(|row| row.organisation_id == **organisation);
        own.take_while(|row| row.value != "none").any(|row| in_force(&row))
    };
    Ok(of.iter().filter(stands).copied().collect())
}
