//! Rolls of organisations and experts taken over: a dry run says what would happen, row by row; then all of it happens in one
//! transaction, or nothing. What is known already is known by its code and comes no second time.

use super::rolls::{self, Dated, Expert, Organisation};
use crate::commons::events::{self, Note};
use crate::core::rolls::Fault;
use crate::core::uploads;
use crate::edges::db::Tx;
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result, Violation};
use crate::people::organisations::Profile;
use crate::people::permission::{Administrator, As};
use chrono::NaiveDate;
use entities::kinds::{ImportStage, OrganisationId, RecordKind, RollImportId, RollKind, Subject};
use entities::{expert, organisation, organisation_record, roll_import};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, BTreeSet};

/// Rows written in one statement: below what SQLite binds at once.
const TOGETHER: usize = 500;
/// Rolls shown.
const SHOWN: u64 = 30;

/// What a roll would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outlook {
    /// Keys of what is known already.
    pub known: BTreeSet<String>,
    /// Entries of the history that are new.
    pub entries: usize,
    /// Lines that name an employer who is not in the registry.
    pub strangers: Vec<u64>,
}

/// Proposes a file: read whole, kept as rows, nothing taken over yet.
///
/// # Errors
/// Names line and column of everything that is wrong; a refusal when the same file came before.
pub async fn propose(by: &As<Administrator>, kind: RollKind, file_name: &str, bytes: &[u8]) -> Result<RollImportId> {
    let (rows, count) = read(kind, bytes.to_vec(), by.edges.today()).await?;
    let (rows, sha256) = (&rows, &fingerprint(bytes));
    let name = &uploads::plain_name(file_name);
    by.write(|tx| async move {
        let tx = &tx;
        let before = roll_import::Entity::find().filter(roll_import::Column::Sha256.eq(sha256)).one(tx).await?;
        if before.is_some() {
            return Err(Error::field("file", "refused-roll-used"));
        }
        let row = roll_import::ActiveModel {
            kind: Set(kind),
            sha256: Set(sha256.clone()),
            file_name: Set(name.clone()),
            rows: Set(rows.clone()),
            row_count: Set(count),
            stage: Set(ImportStage::Proposed),
            recorded_by: Set(by.person()?),
            recorded_at: Set(tx.now()),
            ..Default::default()
        };
        Ok(roll_import::Entity::insert(row).exec_with_returning(tx).await?.id)
    })
    .await
}

/// Unpacking a workbook takes a processor, so it is done beside the house's other work.
async fn read(kind: RollKind, bytes: Vec<u8>, today: NaiveDate) -> Result<(serde_json::Value, i32)> {
    let read = tokio::task::spawn_blocking(move || -> std::result::Result<_, Vec<Fault>> {
        Ok(match kind {
            RollKind::Organisations => {
                let rows = rolls::organisations(&bytes, today)?;
                (serde_json::to_value(&rows), rows.len())
            }
            RollKind::Experts => {
                let rows = rolls::experts(&bytes)?;
                (serde_json::to_value(&rows), rows.len())
            }
        })
    });
    let read = read.await.map_err(|broken| Error::Internal(broken.to_string()))?;
    let (rows, count) = read.map_err(|faults| {
        let told = |fault: Fault| {
            let wrong = Violation::at("file", "refused-roll-place").with("line", fault.line);
            wrong.with("column", fault.column).with("why.word", fault.code)
        };
        Error::Refused(faults.into_iter().map(told).collect())
    })?;
    Ok((rows?, i32::try_from(count).unwrap_or(i32::MAX)))
}

/// The organisations of a kept roll.
///
/// # Errors
/// When it is of another kind.
pub fn organisations_of(row: &roll_import::Model) -> Result<Vec<Organisation>> {
    Ok(serde_json::from_value(row.rows.clone())?)
}

/// The experts of a kept roll.
///
/// # Errors
/// When it is of another kind.
pub fn experts_of(row: &roll_import::Model) -> Result<Vec<Expert>> {
    Ok(serde_json::from_value(row.rows.clone())?)
}

/// What taking a roll over would do today.
///
/// # Errors
/// When the database cannot be read.
pub async fn outlook(db: &impl ConnectionTrait, row: &roll_import::Model) -> Result<Outlook> {
    match row.kind {
        RollKind::Organisations => {
            let rows = organisations_of(row)?;
            let known = known(db, &rows).await?;
            let there = history_of(db, known.values().copied()).await?;
            let new = |told: &Organisation| {
                told.history.iter().filter(|entry| !is_there(&there, known.get(&told.key()).copied(), entry)).count()
            };
            let entries = rows.iter().map(new).sum();
            Ok(Outlook { known: known.into_keys().collect(), entries, strangers: Vec::new() })
        }
        RollKind::Experts => {
            let rows = experts_of(row)?;
            let emails = rows.iter().map(|told| told.email.clone());
            let there = expert::Entity::find().filter(expert::Column::Email.is_in(emails)).all(db).await?;
            let employers = employers(db, &rows).await?;
            let strange = |told: &&Expert| !told.employer.is_empty() && !employers.contains_key(&told.employer);
            Ok(Outlook {
                known: there.into_iter().map(|row| row.email).collect(),
                entries: 0,
                strangers: rows.iter().filter(strange).map(|told| told.line).collect(),
            })
        }
    }
}

/// Takes a roll over: all of it, in one transaction. What is known by then is left as it is; its new history is added.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it was taken over or declined; experts whose employer is not in the registry.
pub async fn apply(by: &As<Administrator>, id: RollImportId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        settle(tx, by, &row, ImportStage::Applied).await?;
        match row.kind {
            RollKind::Organisations => take_organisations(tx, by, &organisations_of(&row)?).await,
            RollKind::Experts => take_experts(tx, by, &experts_of(&row)?).await,
        }
    })
    .await
}

/// Declines a roll; a mended file may come instead.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when it was taken over.
pub async fn decline(by: &As<Administrator>, id: RollImportId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        settle(tx, by, &load(tx, id).await?, ImportStage::Declined).await
    })
    .await
}

/// Compared as it is written: of two who take it over at once one is told.
async fn settle(tx: &Tx, by: &As<Administrator>, row: &roll_import::Model, to: ImportStage) -> Result<()> {
    if row.stage != ImportStage::Proposed {
        return Err(Error::refused("refused-stage"));
    }
    let mut changed = roll_import::ActiveModel {
        stage: Set(to),
        applied_by: Set(by.actor.person),
        applied_at: Set(Some(tx.now())),
        ..Default::default()
    };
    if to == ImportStage::Declined {
        // The same bytes may come again: declining is no judgement of the file.
        changed.sha256 = Set(format!("{}:declined:{}", row.sha256, row.id));
    }
    let done = roll_import::Entity::update_many()
        .set(changed)
        .filter(roll_import::Column::Id.eq(row.id))
        .filter(Expr::col(roll_import::Column::Stage).eq(ImportStage::Proposed))
        .exec(tx)
        .await?;
    if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
}

async fn take_organisations(tx: &Tx, by: &As<Administrator>, rows: &[Organisation]) -> Result<()> {
    let before = known(tx, rows).await?;
    let new: Vec<&Organisation> = rows.iter().filter(|told| !before.contains_key(&told.key())).collect();
    let profile = serde_json::to_value(Profile::default())?;
    for some in new.chunks(TOGETHER) {
        let rows = some.iter().map(|told| organisation::ActiveModel {
            legal_form: Set(told.legal_form),
            name_zh: Set(told.name_zh.clone()),
            name_en: Set(told.name_en.clone()),
            uscc: Set((!told.uscc.is_empty()).then(|| told.uscc.clone())),
            registered_on: Set(told.registered_on),
            area: Set(told.area.clone()),
            community: Set(told.community.clone()),
            profile: Set(profile.clone()),
            created_by: Set(by.actor.person),
            created_at: Set(tx.now()),
            ..Default::default()
        });
        organisation::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    let after = known(tx, rows).await?;
    let made = after.iter().filter(|(key, _)| !before.contains_key(*key)).map(|(_, id)| id.0);
    events::record_many(tx, by, Subject::Organisation, made, &Note::act("register")).await?;
    take_history(tx, by, rows, &after).await
}

async fn take_history(
    tx: &Tx,
    by: &As<Administrator>,
    rows: &[Organisation],
    known: &BTreeMap<String, OrganisationId>,
) -> Result<()> {
    let there = history_of(tx, known.values().copied()).await?;
    let mut new = Vec::new();
    for told in rows {
        let of = known.get(&told.key()).copied();
        new.extend(
            told.history.iter().filter(|entry| !is_there(&there, of, entry)).filter_map(|entry| Some((of?, entry))),
        );
    }
    for some in new.chunks(TOGETHER) {
        let rows = some.iter().map(|(of, entry)| organisation_record::ActiveModel {
            organisation_id: Set(*of),
            kind: Set(entry.kind),
            value: Set(entry.value.clone()),
            certificate_number: Set((!entry.certificate.is_empty()).then(|| entry.certificate.clone())),
            valid_from: Set(entry.from),
            valid_until: Set(entry.until),
            evidence: Set(entry.evidence.clone()),
            recorded_by: Set(by.actor.person),
            recorded_at: Set(tx.now()),
            ..Default::default()
        });
        organisation_record::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    let of: BTreeSet<i64> = new.iter().map(|(of, _)| of.0).collect();
    events::record_many(tx, by, Subject::Organisation, of, &Note::act("record")).await
}

async fn take_experts(tx: &Tx, by: &As<Administrator>, rows: &[Expert]) -> Result<()> {
    let employers = employers(tx, rows).await?;
    if rows.iter().any(|told| !told.employer.is_empty() && !employers.contains_key(&told.employer)) {
        return Err(Error::refused("refused-roll-employer"));
    }
    let emails = rows.iter().map(|told| told.email.clone());
    let there = expert::Entity::find().filter(expert::Column::Email.is_in(emails)).all(tx).await?;
    let there: BTreeSet<&str> = there.iter().map(|row| row.email.as_str()).collect();
    let new: Vec<&Expert> = rows.iter().filter(|told| !there.contains(told.email.as_str())).collect();
    let person = by.person()?;
    for some in new.chunks(TOGETHER) {
        let rows = some.iter().map(|told| expert::ActiveModel {
            email: Set(told.email.clone()),
            name: Set(told.name.clone()),
            employer_id: Set(employers.get(&told.employer).copied()),
            fields: Set(told.fields.clone()),
            areas: Set(told.areas.clone()),
            languages: Set(told.languages.clone()),
            load_limit: Set(told.load_limit),
            recorded_by: Set(person),
            recorded_at: Set(tx.now()),
            ..Default::default()
        });
        expert::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The organisations of a roll that are in the registry, by what they are the same by.
async fn known(db: &impl ConnectionTrait, rows: &[Organisation]) -> Result<BTreeMap<String, OrganisationId>> {
    let mut found = by_code(db, rows.iter().map(|told| told.uscc.clone()).filter(|code| !code.is_empty())).await?;
    let names: Vec<&Organisation> = rows.iter().filter(|told| told.uscc.is_empty()).collect();
    if !names.is_empty() {
        let there = organisation::Entity::find()
            .filter(organisation::Column::Uscc.is_null())
            .filter(organisation::Column::NameZh.is_in(names.iter().map(|told| told.name_zh.clone())))
            .all(db)
            .await?;
        found.extend(there.into_iter().map(|row| (format!("{}|{}|{}", row.name_zh, row.name_en, row.area), row.id)));
    }
    let wanted: BTreeSet<String> = rows.iter().map(Organisation::key).collect();
    found.retain(|key, _| wanted.contains(key));
    Ok(found)
}

async fn by_code(
    db: &impl ConnectionTrait,
    codes: impl Iterator<Item = String>,
) -> Result<BTreeMap<String, OrganisationId>> {
    let rows = organisation::Entity::find().filter(organisation::Column::Uscc.is_in(codes)).all(db).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.uscc?, row.id))).collect())
}

async fn employers(db: &impl ConnectionTrait, rows: &[Expert]) -> Result<BTreeMap<String, OrganisationId>> {
    by_code(db, rows.iter().map(|told| told.employer.clone()).filter(|code| !code.is_empty())).await
}

/// An entry by what makes it the same as another.
type Entry = (OrganisationId, RecordKind, String, NaiveDate);

async fn history_of(db: &impl ConnectionTrait, of: impl Iterator<Item = OrganisationId>) -> Result<BTreeSet<Entry>> {
    let rows = organisation_record::Entity::find()
        .filter(organisation_record::Column::OrganisationId.is_in(of))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.organisation_id, row.kind, row.value, row.valid_from)).collect())
}

fn is_there(there: &BTreeSet<Entry>, of: Option<OrganisationId>, entry: &Dated) -> bool {
    of.is_some_and(|of| there.contains(&(of, entry.kind, entry.value.clone(), entry.from)))
}

/// A roll by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: RollImportId) -> Result<roll_import::Model> {
    roll_import::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// The newest rolls.
///
/// # Errors
/// When the database cannot be read.
pub async fn newest(db: &impl ConnectionTrait) -> Result<Vec<roll_import::Model>> {
    Ok(roll_import::Entity::find().order_by_desc(roll_import::Column::Id).limit(SHOWN).all(db).await?)
}

/// The expert pool by name, from a name on.
///
/// # Errors
/// When the database cannot be read.
pub async fn experts(db: &impl ConnectionTrait, after: Option<i64>, limit: u64) -> Result<Vec<expert::Model>> {
    let query = expert::Entity::find().order_by_desc(expert::Column::Id).limit(limit);
    let query = match after {
        Some(id) => query.filter(expert::Column::Id.lt(id)),
        None => query,
    };
    Ok(query.all(db).await?)
}
