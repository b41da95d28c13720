//! Questions about a call (答疑): asked by whoever is signed in, answered by an officer in public. Who asked is told to nobody.

use super::rules::MAX_WAITING;
use super::service::load;
use crate::commons::events::{self, Note};
use crate::commons::lives::advance;
use crate::commons::{letters, texts};
use crate::error::{Error, Result};
use crate::people::permission::{As, Officer, SignedIn};
use entities::kinds::{CallId, CallQuestionId, CallQuestionStage, CallStage, Subject};
use entities::{call, call_question};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

/// Questions of one call that are shown.
const SHOWN: u64 = 200;

/// Asks something about a call that is announced and not over.
///
/// # Errors
/// By the field without a question; refusals when the call is over, or too many of the asker's questions wait.
pub async fn ask(by: &As<SignedIn>, id: CallId, text: &str) -> Result<CallQuestionId> {
    let mut wrong = Vec::new();
    let text = &texts::required(&mut wrong, "text", text, texts::PROSE);
    texts::all_well(wrong)?;
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        if row.checked_by.is_none() {
            return Err(Error::NotFound);
        }
        if !takes(&row) || tx.now() >= row.closes_at {
            return Err(Error::refused("refused-call-not-open"));
        }
        let person = by.permission().person();
        let waiting = call_question::Entity::find()
            .filter(call_question::Column::AskedBy.eq(person))
            .filter(call_question::Column::CallId.eq(id))
            .filter(call_question::Column::Stage.eq(CallQuestionStage::Asked))
            .count(tx)
            .await?;
        if waiting >= MAX_WAITING {
            return Err(Error::refused("refused-call-questions-waiting"));
        }
        let asked = call_question::ActiveModel {
            call_id: Set(id),
            text: Set(text.clone()),
            asked_by: Set(person),
            asked_at: Set(tx.now()),
            stage: Set(CallQuestionStage::Asked),
            answer_zh: Set(String::new()),
            answer_en: Set(String::new()),
            ..Default::default()
        };
        let asked = call_question::Entity::insert(asked).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::CallQuestion, asked.id.0, Note::act("ask")).await?;
        Ok(asked.id)
    })
    .await
}

/// Whether questions are taken: from its announcement to its deadline.
pub fn takes(row: &call::Model) -> bool {
    matches!(row.stage, CallStage::Scheduled | CallStage::Open)
}

/// Answers a question in public, and tells who asked.
///
/// # Errors
/// By the field without an answer; [`Error::NotFound`] for a question of another call; a refusal when it is answered.
pub async fn answer(by: &As<Officer>, call: CallId, id: CallQuestionId, zh: &str, en: &str) -> Result<()> {
    let mut wrong = Vec::new();
    let zh = &texts::optional(&mut wrong, "text_zh", zh, texts::PROSE);
    let en = &texts::optional(&mut wrong, "text_en", en, texts::PROSE);
    texts::all_well(wrong)?;
    if zh.is_empty() && en.is_empty() {
        return Err(Error::field("text_zh", "refused-one-language"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        let (row, question) = of(tx, call, id).await?;
        settle(tx, by, &question, (zh.clone(), en.clone())).await?;
        advance(tx, by, &question, "answer", Note::act("")).await?;
        let args = [("call", by.pick(&row.title_zh, &row.title_en))];
        letters::to_person(tx, question.asked_by, "call-question-answered", &args, &format!("/calls/{call}/questions"))
            .await
    })
    .await
}

/// Puts a question aside: it is not about the call, or names somebody. It never becomes public.
///
/// # Errors
/// [`Error::NotFound`] for a question of another call; a refusal when it is answered.
pub async fn decline(by: &As<Officer>, call: CallId, id: CallQuestionId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let (_, question) = of(tx, call, id).await?;
        settle(tx, by, &question, (String::new(), String::new())).await?;
        advance(tx, by, &question, "decline", Note::act("")).await.map(|_| ())
    })
    .await
}

/// Writes who answers what; the database refuses an answered question without it.
async fn settle(
    tx: &crate::edges::db::Tx,
    by: &As<Officer>,
    question: &call_question::Model,
    (zh, en): (String, String),
) -> Result<()> {
    if question.stage != CallQuestionStage::Asked {
        return Err(Error::refused("refused-stage"));
    }
    let told = call_question::ActiveModel {
        id: Set(question.id),
        answer_zh: Set(zh),
        answer_en: Set(en),
        answered_by: Set(Some(by.person()?)),
        answered_at: Set(Some(tx.now())),
        ..Default::default()
    };
    call_question::Entity::update(told).exec(tx).await?;
    Ok(())
}

/// A question through its call.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn of(
    db: &impl ConnectionTrait,
    call: CallId,
    id: CallQuestionId,
) -> Result<(call::Model, call_question::Model)> {
    let question = call_question::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    if question.call_id != call {
        return Err(Error::NotFound);
    }
    Ok((load(db, call).await?, question))
}

/// Questions of a call in one stage, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    db: &impl ConnectionTrait,
    call: CallId,
    stage: CallQuestionStage,
) -> Result<Vec<call_question::Model>> {
    Ok(call_question::Entity::find()
        .filter(call_question::Column::CallId.eq(call))
        .filter(call_question::Column::Stage.eq(stage))
        .order_by_desc(call_question::Column::Id)
        .limit(SHOWN)
        .all(db)
        .await?)
}
