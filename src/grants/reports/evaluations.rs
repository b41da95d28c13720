//! Evaluations (评估): an outsider scores; from the pass mark on the next gate opens, below it the grantee mends and is seen again.

use super::service::asking;
use crate::commons::events::{self, Note};
use crate::commons::lives::advance;
use crate::commons::texts::all_well;
use crate::commons::{letters, policies};
use crate::core::answers::Answers;
use crate::core::lifecycle::Part;
use crate::core::personal::names_somebody;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::grants::awards::{self, rules as award_rules, separation};
use crate::grants::gifts;
use crate::grants::tranches::service as tranches;
use crate::people::permission::{As, Context, Officer, Permission, Signatory, in_force};
use crate::people::{members, roles};
use entities::kinds::{
    AwardId, DocumentId, EvaluationId, EvaluationKind, EvaluationStage, OrganisationId, PersonId, ReportStage, Role,
    RoleGrantStage, Subject,
};
use entities::{
    award, decision_batch, decision_item, evaluation, payment, report, report_photo, report_receipt, role_grant,
    tranche,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

/// Acts as the evaluator an evaluation was assigned to.
#[derive(Debug, Clone)]
pub struct AssignedEvaluator {
    evaluation: EvaluationId,
    person: PersonId,
}

impl Permission for AssignedEvaluator {
    const PART: Part = Part::Evaluator;
    async fn still_holds(&self, tx: &Tx, context: &Context) -> Result<()> {
        let (row, _) = load(tx, self.evaluation).await?;
        if row.evaluator_id == self.person && holds_role(tx, context, self.person).await? {
            Ok(())
        } else {
            Err(Error::Forbidden("forbidden-evaluator"))
        }
    }
}

/// The permission of the evaluator it was assigned to.
///
/// # Errors
/// [`Error::NotFound`] for outsiders; [`Error::Forbidden`] for staff.
pub async fn assigned(context: &Context, id: EvaluationId) -> Result<As<AssignedEvaluator>> {
    let by = context.signed_in()?;
    let (row, _) = load(context.edges.db.read(), id).await?;
    let person = context.person()?;
    if row.evaluator_id != person {
        return Err(if context.actor.is_staff() { Error::Forbidden("forbidden-evaluator") } else { Error::NotFound });
    }
    Ok(by.with(AssignedEvaluator { evaluation: id, person }))
}

async fn holds_role(db: &impl ConnectionTrait, context: &Context, person: PersonId) -> Result<bool> {
    let grants = role_grant::Entity::find()
        .filter(role_grant::Column::PersonId.eq(person))
        .filter(role_grant::Column::Role.eq(Role::Evaluator))
        .filter(role_grant::Column::Stage.eq(RoleGrantStage::Effective))
        .all(db)
        .await?;
    Ok(grants.iter().any(|grant| in_force(grant, context.edges.today())))
}

/// An evaluation with its award.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: EvaluationId) -> Result<(evaluation::Model, award::Model)> {
    let row = evaluation::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    let award = awards::service::load(db, row.award_id).await?;
    Ok((row, award))
}

/// Whether a document proves a report that the reader is evaluating: a receipt or a photo of what was handed in, for as long as the
/// evaluation is in their hands.
///
/// # Errors
/// When the database cannot be read.
pub async fn judges_by(context: &Context, id: DocumentId) -> Result<bool> {
    let Some(person) = context.actor.person.filter(|_| context.actor.has(Role::Evaluator)) else { return Ok(false) };
    let db = context.edges.db.read();
    let receipt = report_receipt::Entity::find().filter(report_receipt::Column::DocumentId.eq(id)).one(db).await?;
    let photo = report_photo::Entity::find().filter(report_photo::Column::DocumentId.eq(id)).one(db).await?;
    let Some(of) = receipt.map(|row| row.report_id).or(photo.map(|row| row.report_id)) else { return Ok(false) };
    let told = report::Entity::find_by_id(of)
        .filter(report::Column::Stage.is_in([ReportStage::Submitted, ReportStage::Accepted]))
        .one(db)
        .await?;
    let Some(told) = told else { return Ok(false) };
    let mine = evaluation::Entity::find()
        .filter(evaluation::Column::AwardId.eq(told.award_id))
        .filter(evaluation::Column::EvaluatorId.eq(person))
        .filter(evaluation::Column::Stage.is_in([EvaluationStage::Assigned, EvaluationStage::Submitted]))
        .limit(1)
        .one(db)
        .await?;
    Ok(mine.is_some())
}

/// The evaluations of an award, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_award(db: &impl ConnectionTrait, award: AwardId) -> Result<Vec<evaluation::Model>> {
    Ok(evaluation::Entity::find()
        .filter(evaluation::Column::AwardId.eq(award))
        .order_by_asc(evaluation::Column::Id)
        .all(db)
        .await?)
}

/// An officer assigns an evaluation to an outsider who holds the role.
///
/// # Errors
/// By the field `evaluator`: no evaluator, of the grantee, of a donor, or somebody who approved its payments.
pub async fn assign(
    by: &As<Officer>,
    award: AwardId,
    kind: EvaluationKind,
    evaluator: PersonId,
) -> Result<EvaluationId> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = awards::service::load(tx, award).await?;
        separation::outsider(tx, by.person()?, &row).await?;
        if !award_rules::payable(row.stage) {
            return Err(Error::refused("refused-award-not-active"));
        }
        roles::apart(tx, by, &[Some(evaluator)]).await?;
        fit(tx, by, &row, evaluator).await?;
        let mut before = of_award(tx, award).await?.into_iter().filter(|row| row.kind == kind);
        if before.any(|row| row.stage != EvaluationStage::ReEvaluation) {
            return Err(Error::refused("refused-evaluation-assigned"));
        }
        let id = insert(tx, by, (award, kind), (evaluator, by.person()?), None).await?;
        ask(tx, &row, evaluator, id).await?;
        Ok(id)
    })
    .await
}

async fn fit(tx: &Tx, by: &Context, award: &award::Model, evaluator: PersonId) -> Result<()> {
    if !holds_role(tx, by, evaluator).await? {
        return Err(Error::field("evaluator", "refused-evaluator-role"));
    }
    let mut parties = separation::grantees(tx, award).await?;
    parties.extend(gifts::service::donors_of(tx, award.fund_id).await?);
    let one = roles::all_of(tx, evaluator, by.day_of(tx.now())).await?;
    let conflicted = members::belongs(tx, evaluator, &parties).await?
        || separation::conflicted(tx, &one, award.application_id).await?
        || separation::tied(tx, by, evaluator, award).await?;
    if conflicted {
        return Err(Error::field("evaluator", "refused-evaluator-conflict"));
    }
    if paid_out(tx, award.id, &one).await? {
        return Err(Error::field("evaluator", "refused-evaluator-paid"));
    }
    if granted(tx, award, &one).await? {
        return Err(Error::field("evaluator", "refused-evaluator-granted"));
    }
    Ok(())
}

/// Whether one of these approved the decision that made the award, or signed it for the foundation: who granted does not judge.
async fn granted(tx: &Tx, award: &award::Model, one: &[PersonId]) -> Result<bool> {
    let item = decision_item::Entity::find_by_id(award.item_id).one(tx).await?.ok_or(Error::NotFound)?;
    let batch = decision_batch::Entity::find_by_id(item.batch_id).one(tx).await?.ok_or(Error::NotFound)?;
    Ok([batch.approved_by, award.foundation_signed_by].into_iter().flatten().any(|person| one.contains(&person)))
}

/// Whether one of these worked on a payment of the award: who paid does not judge.
async fn paid_out(tx: &Tx, award: AwardId, one: &[PersonId]) -> Result<bool> {
    let tranches: Vec<entities::kinds::TrancheId> = tranche::Entity::find()
        .select_only()
        .column(tranche::Column::Id)
        .filter(tranche::Column::AwardId.eq(award))
        .into_tuple()
        .all(tx)
        .await?;
    let did = Condition::any()
        .add(payment::Column::ProgrammeBy.is_in(one.iter().copied()))
        .add(payment::Column::PreparedBy.is_in(one.iter().copied()))
        .add(payment::Column::ApprovedBy.is_in(one.iter().copied()))
        .add(payment::Column::ThirdBy.is_in(one.iter().copied()));
    let row =
        payment::Entity::find().filter(payment::Column::TrancheId.is_in(tranches)).filter(did).limit(1).one(tx).await?;
    Ok(row.is_some())
}

async fn insert<P: Permission>(
    tx: &Tx,
    by: &As<P>,
    of: (AwardId, EvaluationKind),
    who: (PersonId, PersonId),
    previous: Option<EvaluationId>,
) -> Result<EvaluationId> {
    let today = by.day_of(tx.now());
    let mark = policies::on(tx, today).await?.pass_mark;
    let row = evaluation::ActiveModel {
        award_id: Set(of.0),
        kind: Set(of.1),
        evaluator_id: Set(who.0),
        assigned_by: Set(who.1),
        stage: Set(EvaluationStage::Assigned),
        pass_mark: Set(i32::try_from(mark).unwrap_or(10_000)),
        findings: Set(String::new()),
        rectification: Set(String::new()),
        previous_id: Set(previous),
        ..Default::default()
    };
    let id = evaluation::Entity::insert(row).exec_with_returning(tx).await?.id;
    events::record(tx, by, Subject::Evaluation, id.0, Note::act("assign")).await?;
    Ok(id)
}

async fn ask(tx: &Tx, award: &award::Model, evaluator: PersonId, id: EvaluationId) -> Result<()> {
    let args = [("title", award.title.clone())];
    letters::to_person(tx, evaluator, "evaluation-assigned", &args, &format!("/evaluations/{id}")).await
}

/// The evaluator hands in score and findings, where nothing else is asked.
///
/// # Errors
/// As [`submit_answering`].
pub async fn submit(by: &As<AssignedEvaluator>, score: i32, findings: &str) -> Result<()> {
    submit_answering(by, score, findings, &Answers::default()).await
}

/// The evaluator hands in score, findings and the answers to the questions that the award keeps.
///
/// # Errors
/// By the field; a refusal by stage.
pub async fn submit_answering(by: &As<AssignedEvaluator>, score: i32, findings: &str, answers: &Answers) -> Result<()> {
    if !(0..=10_000).contains(&score) {
        return Err(Error::field("score", "refused-evaluation-score"));
    }
    if findings.trim().is_empty() {
        return Err(Error::field("findings", "refused-empty"));
    }
    if names_somebody(findings) {
        return Err(Error::field("findings", "refused-personal-number"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        let (row, award) = load(tx, by.permission().evaluation).await?;
        // Whoever joined the grantee since it was assigned judges it no more.
        separation::outsider(tx, by.permission().person, &award).await?;
        let (form, today) = (asking::of_evaluation(tx, &award).await?, by.day_of(tx.now()));
        all_well(asking::unknown(form.as_ref(), answers, today))?;
        all_well(asking::lacking(form.as_ref(), answers, today))?;
        advance(tx, by, &row, "submit", Note::act("")).await?;
        let change = evaluation::ActiveModel {
            id: Set(row.id),
            score: Set(Some(score)),
            findings: Set(findings.to_owned()),
            answers: Set(serde_json::to_value(answers)?),
            submitted_at: Set(Some(tx.now())),
            ..Default::default()
        };
        evaluation::Entity::update(change).exec(tx).await?;
        let args = [("title", award.title.clone())];
        let link = format!("/evaluations/{}", row.id);
        letters::to_role(tx, Role::ProgrammeOfficer, "evaluation-submitted", &args, &link).await
    })
    .await
}

/// An officer publishes an evaluation: from the pass mark on gates open, below it the grantee is asked to mend.
///
/// # Errors
/// [`Error::Forbidden`] for the grantee's people and the evaluator; a refusal by stage.
pub async fn publish(by: &As<Officer>, id: EvaluationId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let (row, award) = load(tx, id).await?;
        separation::outsider(tx, by.person()?, &award).await?;
        roles::apart(tx, by, &[Some(row.evaluator_id)]).await?;
        advance(tx, by, &row, "publish", Note::act("")).await?;
        let change = evaluation::ActiveModel { id: Set(id), published_at: Set(Some(tx.now())), ..Default::default() };
        let row = evaluation::Entity::update(change).exec(tx).await?;
        keep_grade(tx, by, &row).await?;
        if row.score.is_some_and(|score| score >= row.pass_mark) {
            tell(tx, &award, id, "evaluation-passed").await?;
            return tranches::gates_changed(tx, by, award.id).await;
        }
        let system = Context::system(by.edges.clone());
        advance(tx, &system, &row, "ask-rectification", Note::act("")).await?;
        tell(tx, &award, id, "evaluation-rectify").await
    })
    .await
}

/// The grade of the award is that of its last final evaluation, by the marks of the day on which it was published.
async fn keep_grade(tx: &Tx, by: &Context, row: &evaluation::Model) -> Result<()> {
    let Some(score) = row.score.filter(|_| row.kind == EvaluationKind::Final) else { return Ok(()) };
    let policy = policies::on(tx, by.day_of(tx.now())).await?;
    let grade = award_rules::grade(score, row.pass_mark, policy.grade_a_mark);
    let change = award::ActiveModel { id: Set(row.award_id), grade: Set(Some(grade.to_owned())), ..Default::default() };
    award::Entity::update(change).exec(tx).await?;
    Ok(())
}

async fn tell(tx: &Tx, award: &award::Model, id: EvaluationId, name: &str) -> Result<()> {
    let args = [("title", award.title.clone())];
    letters::to_organisation(tx, award.organisation_id, name, &args, &format!("/evaluations/{id}")).await
}

/// The grantee says what was mended; the same evaluator looks again.
///
/// # Errors
/// [`Error::NotFound`] for another organisation's; a refusal by stage.
pub async fn rectify(by: &As<Signatory>, id: EvaluationId, text: &str) -> Result<EvaluationId> {
    if names_somebody(text) {
        return Err(Error::field("rectification", "refused-personal-number"));
    }
    by.write(|tx| async move {
        let tx = &tx;
        let (row, award) = load(tx, id).await?;
        mine(tx, &award, by.permission().organisation()).await?;
        roles::apart(tx, by, &[Some(row.evaluator_id)]).await?;
        advance(tx, by, &row, "rectify", Note::act("")).await?;
        let change = evaluation::ActiveModel {
            id: Set(id),
            rectification: Set(text.to_owned()),
            rectified_by: Set(Some(by.person()?)),
            ..Default::default()
        };
        evaluation::Entity::update(change).exec(tx).await?;
        let system = Context::system(by.edges.clone());
        let again = insert(tx, &system, (award.id, row.kind), (row.evaluator_id, row.assigned_by), Some(id)).await?;
        ask(tx, &award, row.evaluator_id, again).await?;
        Ok(again)
    })
    .await
}

async fn mine(tx: &Tx, award: &award::Model, organisation: OrganisationId) -> Result<()> {
    if separation::grantees(tx, award).await?.contains(&organisation) { Ok(()) } else { Err(Error::NotFound) }
}
