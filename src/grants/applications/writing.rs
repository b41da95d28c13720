//! Writing an application: started, saved, handed over, taken back, signed off, withdrawn.

use super::budget::{self, Saved};
use super::eligibility;
use super::rules::is_writing;
use super::service::{number, own};
use super::{answering, attachments, funding, reuse, scratch, sides};
use crate::commons::events::{self, Note};
use crate::commons::lives::{advance, permitted};
use crate::commons::texts::{PROSE, TITLE, all_well, optional, required};
use crate::commons::{letters, policies};
use crate::core::answers::{MAX_LONG_TEXT, check_answers};
use crate::core::eligibility::{Finding, is_eligible};
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::grants::{calls, decisions, forms};
use crate::people::permission::{As, Editor, Signatory};
use chrono::NaiveDate;
use entities::kinds::{
    ApplicationId, ApplicationStage, BudgetSource, CallId, CallStage, LegalForm, OrganisationId, Subject,
};
use entities::{application, call, organisation};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// Starts an application for an open call: one for each organisation and call.
///
/// # Errors
/// A refusal when the call is not open, there is one already, or a residents' group has no host.
pub async fn start(by: &As<Editor>, call: CallId, title: &str) -> Result<ApplicationId> {
    let mut violations = Vec::new();
    let title = &required(&mut violations, "title", title, TITLE);
    all_well(violations)?;
    by.write(|tx| async move {
        let tx = &tx;
        let row = calls::service::load(tx, call).await?;
        if row.stage != CallStage::Open || tx.now() >= row.closes_at {
            return Err(Error::refused("refused-call-not-open"));
        }
        let organisation = by.permission().organisation();
        calls::stages::invited(tx, &row, organisation).await?;
        let host = host(tx, &row, organisation).await?;
        let found = eligibility::findings(tx, &row, organisation, host, 0, &[], by.day_of(tx.now())).await?;
        let known = reuse::known(tx, organisation, row.form_version_id, by.day_of(tx.now())).await?;
        let took_over = !known.answers.0.is_empty();
        let application = application::ActiveModel {
            call_id: Set(call),
            organisation_id: Set(organisation),
            host_id: Set(host),
            title: Set(title.clone()),
            summary: Set(String::new()),
            site: Set(String::new()),
            team: Set(known.team),
            answers: Set(serde_json::to_value(&known.answers)?),
            child_name: Set(String::new()),
            child_summary: Set(String::new()),
            ask_minor: Set(0),
            currency: Set(row.currency),
            stage: Set(ApplicationStage::Draft),
            findings: Set(serde_json::to_value(found)?),
            policy_on: Set(Some(by.day_of(tx.now()))),
            content_hash: Set(String::new()),
            drafted_by: Set(by.permission().person()),
            created_at: Set(tx.now()),
            reasons: Set(serde_json::json!([])),
            question: Set(String::new()),
            version: Set(1),
            ..Default::default()
        };
        let application = application::Entity::insert(application).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Application, application.id.0, Note::act("start")).await?;
        if took_over {
            events::record(tx, by, Subject::Application, application.id.0, Note::act("take-over")).await?;
        }
        if let Some(host) = host {
            sides::ask_host(tx, by, &application, host, by.permission().person()).await?;
        }
        Ok(application.id)
    })
    .await
}

/// A residents' group bids through a host that has accepted; everybody else for itself.
async fn host(tx: &Tx, call: &call::Model, organisation: OrganisationId) -> Result<Option<OrganisationId>> {
    let row = organisation::Entity::find_by_id(organisation).one(tx).await?.ok_or(Error::NotFound)?;
    if row.legal_form != LegalForm::ResidentGroup {
        return Ok(None);
    }
    if !call.host_allowed {
        return Err(Error::refused("refused-application-host-not-allowed"));
    }
    match (row.fiscal_host_id, row.host_accepted_by) {
        (Some(host), Some(_)) => Ok(Some(host)),
        _ => Err(Error::refused("refused-application-host-missing")),
    }
}

/// Saves a draft as it is; what is missing is said when it is handed over. Answers its new version.
///
/// # Errors
/// [`Error::Stale`] when somebody saved before; by the field: too long, a head the call does not have or never pays for;
/// a refusal when it is signed already or the call is over.
pub async fn save(by: &As<Editor>, id: ApplicationId, version: i32, saved: Saved) -> Result<i32> {
    let saved = &tidy(saved)?;
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, id, by.permission().organisation()).await?;
        if !is_writing(row.stage) {
            return Err(Error::refused("refused-application-signed"));
        }
        if row.version != version {
            return Err(Error::Stale);
        }
        let call = calls::service::load(tx, row.call_id).await?;
        let form = budget::questions(tx, call.form_version_id).await?;
        let answers = attachments::with_files(tx, id, &form, saved.answers.clone()).await?;
        let saved = &Saved { answers, ..saved.clone() };
        let mut wrong = budget::check_lines(&call, &saved.lines);
        let problems = check_answers(&form, &saved.answers, by.day_of(tx.now()));
        let unknown = problems.iter().filter(|problem| problem.code == "answer-unknown");
        wrong.extend(unknown.map(|problem| Violation::at(format!("answers.{}", problem.question), problem.code)));
        all_well(wrong)?;
        let ask_minor = budget::sum(&saved.lines, Some(BudgetSource::Grant))?;
        budget::sum(&saved.lines, None)?;
        let found = eligibility::findings(
            tx,
            &call,
            row.organisation_id,
            row.host_id,
            ask_minor,
            &saved.lines,
            by.day_of(tx.now()),
        )
        .await?;
        let told = saved.clone();
        let changed = application::ActiveModel {
            title: Set(told.title),
            summary: Set(told.summary),
            site: Set(told.site),
            team: Set(told.team),
            answers: Set(serde_json::to_value(&saved.answers)?),
            child_name: Set(told.child_name),
            child_summary: Set(told.child_summary),
            ask_minor: Set(ask_minor),
            findings: Set(serde_json::to_value(found)?),
            policy_on: Set(Some(by.day_of(tx.now()))),
            version: Set(version + 1),
            ..Default::default()
        };
        // The version is compared as it is written: of two savers at once one is told.
        let done = application::Entity::update_many()
            .set(changed)
            .filter(application::Column::Id.eq(id))
            .filter(application::Column::Version.eq(version))
            .exec(tx)
            .await?;
        if done.rows_affected != 1 {
            return Err(Error::Stale);
        }
        budget::replace(tx, id, saved).await?;
        scratch::clear(tx, id, by.permission().person()).await?;
        events::record(tx, by, Subject::Application, id.0, Note::act("save")).await?;
        Ok(version + 1)
    })
    .await
}

/// Trims what was written and refuses what cannot be kept.
fn tidy(mut saved: Saved) -> Result<Saved> {
    let mut wrong = Vec::new();
    saved.title = required(&mut wrong, "title", &saved.title, TITLE);
    for (field, text, limit) in [
        ("summary", &mut saved.summary, PROSE),
        ("site", &mut saved.site, PROSE),
        ("team", &mut saved.team, PROSE),
        ("child_name", &mut saved.child_name, TITLE),
        ("child_summary", &mut saved.child_summary, PROSE),
    ] {
        *text = optional(&mut wrong, field, text, limit);
    }
    for (place, line) in saved.lines.iter_mut().enumerate() {
        line.label = optional(&mut wrong, &format!("lines.{place}.label"), &line.label, TITLE);
    }
    if saved.indicators.len() > budget::MAX_INDICATORS {
        wrong.push(
            Violation::at("indicators.0.name", "refused-application-indicators").with("most", budget::MAX_INDICATORS),
        );
    }
    for (place, told) in saved.indicators.iter_mut().enumerate() {
        told.name = required(&mut wrong, &format!("indicators.{place}.name"), &told.name, TITLE);
        told.unit = optional(&mut wrong, &format!("indicators.{place}.unit"), &told.unit, TITLE);
    }
    let limit = usize::try_from(MAX_LONG_TEXT).unwrap_or(usize::MAX) * 4;
    if serde_json::to_string(&saved.answers)?.len() > limit * 8 {
        wrong.push(Violation::whole("refused-form-too-large"));
    }
    all_well(wrong)?;
    Ok(saved)
}

/// What is missing before an application can be signed, by the field.
///
/// # Errors
/// When the database cannot be read.
pub async fn missing(
    db: &impl ConnectionTrait,
    row: &application::Model,
    call: &call::Model,
    today: NaiveDate,
) -> Result<Vec<Violation>> {
    let mut wrong = Vec::new();
    for (field, text) in [("title", &row.title), ("summary", &row.summary), ("site", &row.site), ("team", &row.team)] {
        if text.trim().is_empty() {
            wrong.push(Violation::at(field, "refused-empty"));
        }
    }
    let lines = budget::lines_of(db, row.id).await?;
    let asks_money = !calls::stages::is_concept(db, call).await?;
    if asks_money && !lines.iter().any(|line| line.source == BudgetSource::Grant) {
        wrong.push(Violation::at("lines.0.head", "refused-application-no-grant-line"));
    }
    let form = budget::questions(db, call.form_version_id).await?;
    wrong.extend(forms::service::violations(check_answers(&form, &budget::answers_of(row), today)));
    Ok(wrong)
}

/// Hands a complete draft to the signatory.
///
/// # Errors
/// By the field, everything that is missing.
pub async fn hand_over(by: &As<Editor>, id: ApplicationId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, id, by.permission().organisation()).await?;
        let call = calls::service::load(tx, row.call_id).await?;
        if row.stage == ApplicationStage::Draft {
            all_well(missing(tx, &row, &call, by.day_of(tx.now())).await?)?;
        }
        advance(tx, by, &row, "hand-over", Note::act("")).await?;
        let args = [("title", row.title.clone())];
        letters::to_organisation(tx, row.organisation_id, "application-to-sign", &args, &page(id)).await
    })
    .await
}

/// Takes an application back from the signatory to mend it.
///
/// # Errors
/// A refusal when it is signed already.
pub async fn take_back(by: &As<Editor>, id: ApplicationId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, id, by.permission().organisation()).await?;
        advance(tx, by, &row, "take-back", Note::act("")).await.map(|_| ())
    })
    .await
}

/// Signs and submits: before the deadline by the server's clock, eligible on today's facts.
///
/// # Errors
/// `refused-after-deadline`; the codes of the rules that are broken with what would mend them; what is missing.
pub async fn submit(by: &As<Signatory>, id: ApplicationId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, id, by.permission().organisation()).await?;
        let call = calls::service::load(tx, row.call_id).await?;
        if row.stage == ApplicationStage::AwaitingSignOff || row.stage == ApplicationStage::Lapsed {
            if tx.now() >= call.closes_at {
                return Err(Error::refused("refused-after-deadline"));
            }
            if call.stage != CallStage::Open {
                return Err(Error::refused("refused-call-not-open"));
            }
            calls::stages::invited(tx, &call, row.organisation_id).await?;
            all_well(missing(tx, &row, &call, by.day_of(tx.now())).await?)?;
            sides::all_agreed(tx, &row).await?;
        }
        let lines = budget::lines_of(tx, id).await?;
        let today = by.day_of(tx.now());
        let host = still_hosted(tx, &row).await?;
        let found = eligibility::findings(tx, &call, row.organisation_id, host, row.ask_minor, &lines, today).await?;
        if !is_eligible(&found) {
            return Err(Error::Refused(broken(&found)));
        }
        advance(tx, by, &row, "submit", Note::act("")).await?;
        let indicators = budget::indicators_of(tx, id).await?;
        let hash = budget::content_hash(&row, &lines, &indicators, beside(tx, id).await?);
        scratch::clear_all(tx, id).await?;
        let changed = application::ActiveModel {
            id: Set(id),
            findings: Set(serde_json::to_value(found)?),
            policy_on: Set(Some(today)),
            policy_version: Set(Some(policies::number_on(tx, today).await?)),
            content_hash: Set(hash.clone()),
            submitted_by: Set(Some(by.permission().person())),
            submitted_at: Set(Some(tx.now())),
            version: Set(row.version + 1),
            ..Default::default()
        };
        application::Entity::update(changed).exec(tx).await?;
        let at = tx.now().with_timezone(&by.edges.config.zone).format("%Y-%m-%d %H:%M:%S").to_string();
        let args = [("title", row.title.clone()), ("number", number(id)), ("hash", hash), ("at", at)];
        letters::to_organisation(tx, row.organisation_id, "application-received", &args, &page(id)).await
    })
    .await
}

/// What stands beside the text and is signed with it; null when there is nothing.
async fn beside(tx: &Tx, id: ApplicationId) -> Result<serde_json::Value> {
    let files = attachments::of(tx, id).await?;
    let funding = funding::of(tx, id).await?;
    let sides = sides::of(tx, id).await?;
    let needs = answering::of(tx, id).await?;
    if files.is_empty() && funding.is_empty() && sides.is_empty() && needs.is_empty() {
        return Ok(serde_json::Value::Null);
    }
    let files: Vec<_> = files.iter().map(|(file, document)| serde_json::json!([file.label, document.sha256])).collect();
    // What came of a promise is told later and changes nothing that was signed.
    let funding: Vec<_> =
        funding.iter().map(|line| serde_json::json!([line.source.as_str(), line.giver, line.promised_minor])).collect();
    let sides: Vec<_> = sides
        .iter()
        .map(|side| {
            serde_json::json!([side.role.as_str(), side.organisation_id.0, side.title, side.summary, side.amount_minor])
        })
        .collect();
    let needs: Vec<_> = needs.iter().map(|need| need.0).collect();
    Ok(serde_json::json!({ "files": files, "funding": funding, "needs": needs, "sides": sides }))
}

/// The host as it is today: one that was replaced meanwhile does not stand in.
async fn still_hosted(tx: &Tx, row: &application::Model) -> Result<Option<OrganisationId>> {
    if row.host_id.is_none() {
        return Ok(None);
    }
    let organisation = organisation::Entity::find_by_id(row.organisation_id).one(tx).await?.ok_or(Error::NotFound)?;
    Ok(row.host_id.filter(|host| organisation.fiscal_host_id == Some(*host)))
}

/// The broken rules, each followed by what would mend it.
pub(super) fn broken(found: &[Finding]) -> Vec<Violation> {
    let mut wrong = Vec::new();
    for finding in found.iter().filter(|finding| !finding.ok) {
        let mut violation = Violation::whole(finding.code);
        for (name, value) in &finding.evidence {
            let known = ["form", "stage", "host", "grade", "area", "from", "until", "since", "prefix", "heads", "head"]
                .into_iter()
                .find(|known| *known == name);
            if let Some(name) = known {
                violation = violation.with(name, value);
            }
        }
        wrong.push(violation);
        wrong.extend(finding.mend.map(Violation::whole));
    }
    wrong
}

/// Withdraws an application before it is approved. During the notice its money is given back and the reserve list moves up.
///
/// # Errors
/// By the field without a reason; a refusal when it is decided.
pub async fn withdraw(by: &As<Signatory>, id: ApplicationId, reason: &str) -> Result<()> {
    let mut violations = Vec::new();
    let reason = &required(&mut violations, "reason", reason, PROSE);
    all_well(violations)?;
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, id, by.permission().organisation()).await?;
        permitted(&row, by, "withdraw")?;
        decisions::service::take_back(tx, by, id, true).await?;
        advance(tx, by, &row, "withdraw", Note::act("").because(reason.as_str())).await.map(|_| ())
    })
    .await
}

/// Answers a question of the foundation before its deadline, also after the call has closed.
///
/// # Errors
/// `refused-after-deadline`; by the field without an answer.
pub async fn answer_information(by: &As<Signatory>, id: ApplicationId, answer: &str) -> Result<()> {
    let mut violations = Vec::new();
    let answer = &required(&mut violations, "answer", answer, PROSE);
    all_well(violations)?;
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, id, by.permission().organisation()).await?;
        if row.stage == ApplicationStage::InformationRequested && row.question_due_at.is_none_or(|due| tx.now() >= due)
        {
            return Err(Error::refused("refused-after-deadline"));
        }
        // Officers and the organisation read the answer in the history; the public never does.
        advance(tx, by, &row, "answer-information", Note::act("").because(answer.as_str())).await?;
        let changed = application::ActiveModel {
            id: Set(id),
            question_due_at: Set(None),
            version: Set(row.version + 1),
            ..Default::default()
        };
        application::Entity::update(changed).exec(tx).await?;
        Ok(())
    })
    .await
}

/// Where an application is shown.
pub(super) fn page(id: ApplicationId) -> String {
    format!("/applications/{id}")
}
