//! What can be done with forms: begun, changed step by step, brought in as a file, published as a version.

use crate::commons::events::{self, Note};
use crate::commons::texts;
use crate::core::answers::{
    DefinitionError, Edit, FormDefinition, Kind, Problem, Unreadable, edited, validate_definition,
};
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::people::permission::{As, Context, Officer};
use entities::kinds::{FormId, FormPurpose, FormVersionId, Subject};
use entities::{form, form_draft, form_version};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

/// A fault of a definition in words, with its place.
fn violation(field: &str, fault: &DefinitionError) -> Violation {
    Violation::at(field, fault.code).with("path", &fault.path)
}

/// Why a file is no definition, by the field, every fault with its place.
///
/// # Errors
/// Always, when the file could not be read.
pub fn readable(
    by: &Context,
    field: &str,
    read: std::result::Result<FormDefinition, Unreadable>,
) -> Result<FormDefinition> {
    let wrong = match read {
        Ok(definition) => return Ok(definition),
        Err(Unreadable::TooLarge) => vec![Violation::at(field, "form-json-large")],
        Err(Unreadable::Syntax { line, column }) => {
            vec![Violation::at(field, "form-json-syntax").with("line", line).with("column", column)]
        }
        Err(Unreadable::Wrong(faults)) => {
            let located = |fault: &DefinitionError| {
                let place = if fault.path.is_empty() { "/" } else { fault.path.as_str() };
                let words = by.edges.words.text(by.locale, fault.code, &[]);
                Violation::at(field, "form-json-at").with("path", place).with("fault", words)
            };
            faults.iter().map(located).collect()
        }
    };
    Err(Error::Refused(wrong))
}

/// Begins a form: a name, what it is for, and nothing asked yet.
///
/// # Errors
/// By the field without a name, or with one that another form has.
pub async fn begin(by: &As<Officer>, name: &str, purpose: FormPurpose) -> Result<FormId> {
    let mut wrong = Vec::new();
    let name = &texts::required(&mut wrong, "name", name, texts::TITLE);
    texts::all_well(wrong)?;
    by.write(|tx| async move {
        let tx = &tx;
        if named(tx, name).await?.is_some() {
            return Err(Error::field("name", "refused-form-name"));
        }
        let form = insert(tx, by, name, purpose).await?;
        let nothing = FormDefinition { version: 1, sections: Vec::new() };
        insert_draft(tx, by, form, &nothing).await?;
        events::record(tx, by, Subject::Form, form.0, Note::act("draft")).await?;
        Ok(form)
    })
    .await
}

async fn named(db: &impl ConnectionTrait, name: &str) -> Result<Option<form::Model>> {
    Ok(form::Entity::find().filter(form::Column::Name.eq(name)).one(db).await?)
}

async fn insert(tx: &Tx, by: &As<Officer>, name: &str, purpose: FormPurpose) -> Result<FormId> {
    let row = form::ActiveModel {
        name: Set(name.to_owned()),
        purpose: Set(purpose),
        created_by: Set(by.actor.person),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    Ok(form::Entity::insert(row).exec_with_returning(tx).await?.id)
}

async fn insert_draft(
    tx: &Tx,
    by: &As<Officer>,
    form: FormId,
    definition: &FormDefinition,
) -> Result<form_draft::Model> {
    let row = form_draft::ActiveModel {
        form_id: Set(form),
        definition: Set(serde_json::to_value(definition)?),
        version: Set(1),
        changed_by: Set(by.person()?),
        changed_at: Set(tx.now()),
        ..Default::default()
    };
    Ok(form_draft::Entity::insert(row).exec_with_returning(tx).await?)
}

/// A form with what is being written, and the count of its saves: of a form without a draft, its last version.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: FormId) -> Result<(form::Model, FormDefinition, i32)> {
    let form = form::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    if let Some(draft) = form_draft::Entity::find().filter(form_draft::Column::FormId.eq(id)).one(db).await? {
        return Ok((form, serde_json::from_value(draft.definition)?, draft.version));
    }
    let last = last_version(db, id).await?.ok_or(Error::NotFound)?;
    Ok((form, serde_json::from_value(last.definition)?, 0))
}

/// The last published version of a form.
///
/// # Errors
/// When the database cannot be read.
pub async fn last_version(db: &impl ConnectionTrait, id: FormId) -> Result<Option<form_version::Model>> {
    Ok(form_version::Entity::find()
        .filter(form_version::Column::FormId.eq(id))
        .order_by_desc(form_version::Column::Version)
        .one(db)
        .await?)
}

/// One published version of a form.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn version(db: &impl ConnectionTrait, id: FormId, version: i32) -> Result<FormDefinition> {
    let row = form_version::Entity::find()
        .filter(form_version::Column::FormId.eq(id))
        .filter(form_version::Column::Version.eq(version))
        .one(db)
        .await?
        .ok_or(Error::NotFound)?;
    Ok(serde_json::from_value(row.definition)?)
}

/// Changes the draft by one step.
///
/// # Errors
/// [`Error::Stale`] when somebody saved before; the fault that the step would bring, with its place.
pub async fn change(by: &As<Officer>, id: FormId, saved: i32, edit: &Edit) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let (_, definition, _) = load(tx, id).await?;
        let next = edited(&definition, edit).map_err(|fault| Error::from(violation("", &fault)))?;
        keep(tx, by, id, saved, &next, "change").await
    })
    .await
}

/// Takes a whole definition as the draft, as it was read from a file.
///
/// # Errors
/// [`Error::Stale`] when somebody saved before.
pub async fn replace(by: &As<Officer>, id: FormId, saved: i32, definition: &FormDefinition) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        load(tx, id).await?;
        keep(tx, by, id, saved, definition, "import").await
    })
    .await
}

/// Saves the draft if nobody did so since it was read.
async fn keep(
    tx: &Tx,
    by: &As<Officer>,
    id: FormId,
    saved: i32,
    definition: &FormDefinition,
    act: &'static str,
) -> Result<()> {
    let there = form_draft::Entity::find().filter(form_draft::Column::FormId.eq(id)).one(tx).await?;
    match there {
        // A form that came without a draft gets its first one from its last version.
        None if saved == 0 => drop(insert_draft(tx, by, id, definition).await?),
        None => return Err(Error::Stale),
        Some(draft) => {
            let row = form_draft::ActiveModel {
                definition: Set(serde_json::to_value(definition)?),
                version: Set(saved + 1),
                changed_by: Set(by.person()?),
                changed_at: Set(tx.now()),
                ..Default::default()
            };
            let done = form_draft::Entity::update_many()
                .set(row)
                .filter(form_draft::Column::Id.eq(draft.id))
                .filter(form_draft::Column::Version.eq(saved))
                .exec(tx)
                .await?;
            if done.rows_affected != 1 {
                return Err(Error::Stale);
            }
        }
    }
    events::record(tx, by, Subject::Form, id.0, Note::act(act)).await
}

/// Fixes the draft as the next version. Calls that were drafted with an earlier one keep it.
///
/// # Errors
/// [`Error::Stale`] when somebody saved before; everything that is still wrong with its place; a refusal when nothing changed
/// since the last version.
pub async fn publish(by: &As<Officer>, id: FormId, saved: i32) -> Result<FormVersionId> {
    by.write(|tx| async move {
        let tx = &tx;
        let (_, mut definition, at) = load(tx, id).await?;
        if at != saved {
            return Err(Error::Stale);
        }
        let last = last_version(tx, id).await?;
        if let Some(last) = &last {
            let kept: FormDefinition = serde_json::from_value(last.definition.clone())?;
            if kept.sections == definition.sections {
                return Err(Error::refused("refused-form-unchanged"));
            }
        }
        let number = last.map_or(1, |last| last.version + 1);
        definition.version = u32::try_from(number).unwrap_or(1);
        let wrong: Vec<Violation> = validate_definition(&definition).iter().map(|fault| violation("", fault)).collect();
        texts::all_well(wrong)?;
        let published = insert_version(tx, by, id, number, &definition).await?;
        keep(tx, by, id, saved, &definition, "publish").await?;
        Ok(published)
    })
    .await
}

async fn insert_version(
    tx: &Tx,
    by: &As<Officer>,
    form: FormId,
    number: i32,
    definition: &FormDefinition,
) -> Result<FormVersionId> {
    let row = form_version::ActiveModel {
        form_id: Set(form),
        version: Set(number),
        definition: Set(serde_json::to_value(definition)?),
        created_by: Set(by.actor.person),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    Ok(form_version::Entity::insert(row).exec_with_returning(tx).await?.id)
}

/// Keeps the questions under a name; the same name again becomes its next version, and what was being written gives way.
///
/// # Errors
/// A refusal naming the place in the definition that breaks a limit.
pub async fn form_version(by: &As<Officer>, name: &str, definition: FormDefinition) -> Result<FormVersionId> {
    let wrong: Vec<Violation> =
        validate_definition(&definition).iter().map(|fault| violation("definition", fault)).collect();
    texts::all_well(wrong)?;
    let mut violations = Vec::new();
    let name = &texts::required(&mut violations, "name", name, texts::TITLE);
    texts::all_well(violations)?;
    let definition = &definition;
    by.write(|tx| async move {
        let tx = &tx;
        let form = match named(tx, name).await? {
            Some(form) => form.id,
            None => insert(tx, by, name, FormPurpose::Application).await?,
        };
        let last = last_version(tx, form).await?;
        form_draft::Entity::delete_many().filter(form_draft::Column::FormId.eq(form)).exec(tx).await?;
        insert_version(tx, by, form, last.map_or(1, |last| last.version + 1), definition).await
    })
    .await
}

/// Whether a version is of a form for this purpose and asks for nothing that is kept elsewhere: a report has receipts and photos of its
/// own, so that a file is never asked for a second time.
///
/// # Errors
/// When the database cannot be read.
pub async fn asks_only(db: &impl ConnectionTrait, version: FormVersionId, purpose: FormPurpose) -> Result<bool> {
    let Some(row) = form_version::Entity::find_by_id(version).one(db).await? else { return Ok(false) };
    let form = form::Entity::find_by_id(row.form_id).one(db).await?;
    let definition: FormDefinition = serde_json::from_value(row.definition)?;
    let mut asked = definition.sections.iter().flat_map(|section| &section.questions);
    Ok(form.is_some_and(|form| form.purpose == purpose) && !asked.any(|question| question.kind == Kind::File {}))
}

/// A version of a form as people name it: its name and its number.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn title(db: &impl ConnectionTrait, version: FormVersionId) -> Result<String> {
    let row = form_version::Entity::find_by_id(version).one(db).await?.ok_or(Error::NotFound)?;
    let form = form::Entity::find_by_id(row.form_id).one(db).await?.ok_or(Error::NotFound)?;
    Ok(format!("{} {}", form.name, row.version))
}

/// What is wrong with answers, by the field of each.
pub fn violations(problems: Vec<Problem>) -> Vec<Violation> {
    let told = |problem: Problem| {
        let mut violation = Violation::at(format!("answers.{}", problem.question), problem.code);
        for (name, value) in problem.args {
            let known = ["max", "min", "today", "row", "column"].into_iter().find(|known| **known == *name);
            if let Some(name) = known {
                violation = violation.with(name, value);
            }
        }
        violation
    };
    problems.into_iter().map(told).collect()
}
