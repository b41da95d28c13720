//! Everything that is kept about one person, as one file of theirs: what is about them whole, and of what they did for others the numbers
//! of the records, for those are about others too.

use crate::edges::Edges;
use crate::error::{Error, Result};
use crate::people::permission::{As, SignedIn};
use sea_orm::{DbBackend, FromQueryResult, JsonValue, Statement};
use serde_json::{Map, Value, json};

/// Rows of one kind in a copy: nobody has more, and a file is not to fill the memory of the house.
pub const MOST: usize = 20_000;

/// What is about a person: what it is called, its table, the columns that are told, which column names them. Secrets, hashes and sealed
/// texts are no columns of these.
pub const ABOUT: [(&str, &str, &str, &str); 12] = [
    ("account", "person", "id, email, name, locale, employer_id, passkeys, created_at, ended_at", "id"),
    ("sessions", "session", "device, created_at, seen_at, expires_at, ended_at", "person_id"),
    ("second_factor", "second_factor", "confirmed_at, codes_made_at", "person_id"),
    ("passkeys", "passkey", "name, created_at, used_at", "person_id"),
    ("roles", "role_grant", "id, role, scope, scope_id, stage, effective_on, ends_on", "person_id"),
    ("memberships", "membership", "organisation_id, role, stage, created_at, ended_at", "person_id"),
    (
        "gifts",
        "gift",
        "id, fund_id, kind, stage, donor_name, anonymity, amount_minor, currency, received_on, created_at",
        "donor_person_id",
    ),
    ("typed_and_not_saved", "application_scratch", "application_id, at, fields", "person_id"),
    ("typed_in_reviews", "review_scratch", "review_id, at, fields", "person_id"),
    ("acts", "event", "id, at, actor_part, subject, subject_id, act, reason", "actor_id"),
    ("requests", "privacy_request", "id, kind, told, stage, asked_at, answered_at, answer", "person_id"),
    ("forms_posted", "posted_form", "at", "person_id"),
];

/// Records that name a person for what they did: table and column.
pub const NAMED: &[(&str, &str)] = &[
    ("agreement_terms", "confirmed_by"),
    ("agreement_terms", "proposed_by"),
    ("allocation", "recorded_by"),
    ("appeal", "decided_by"),
    ("appeal", "filed_by"),
    ("application", "drafted_by"),
    ("application", "screened_by"),
    ("application", "submitted_by"),
    ("application_document", "attached_by"),
    ("application_side", "answered_by"),
    ("application_side", "asked_by"),
    ("assignment_plan", "made_by"),
    ("award", "allowable_by"),
    ("award", "closed_by"),
    ("award", "closed_finance_by"),
    ("award", "foundation_signed_by"),
    ("award", "grantee_signed_by"),
    ("ban", "confirmed_by"),
    ("ban", "proposed_by"),
    ("bank_account", "opened_by"),
    ("bank_statement", "recorded_by"),
    ("bank_statement_line", "recorded_by"),
    ("book_period", "closed_by"),
    ("book_period", "proposed_by"),
    ("calendar_year", "imported_by"),
    ("call", "checked_by"),
    ("call", "drafted_by"),
    ("call", "opened_by"),
    ("call", "opening_by"),
    ("call_amendment", "published_by"),
    ("call_invitation", "invited_by"),
    ("call_question", "answered_by"),
    ("call_question", "asked_by"),
    ("card_refund", "confirmed_by"),
    ("card_refund", "proposed_by"),
    ("case_page", "published_by"),
    ("change_consent", "given_by"),
    ("change_request", "decided_by"),
    ("change_request", "requested_by"),
    ("co_funding", "recorded_by"),
    ("conflict", "person_id"),
    ("conflict", "recorded_by"),
    ("correction_note", "written_by"),
    ("council_seat", "person_id"),
    ("council_seat", "seated_by"),
    ("decision_batch", "approved_by"),
    ("decision_batch", "drafted_by"),
    ("document", "uploaded_by"),
    ("evaluation", "assigned_by"),
    ("evaluation", "evaluator_id"),
    ("evaluation", "rectified_by"),
    ("event", "for_id"),
    ("expert", "recorded_by"),
    ("form", "created_by"),
    ("form_draft", "changed_by"),
    ("form_version", "created_by"),
    ("fund", "created_by"),
    ("fund", "foundation_signed_by"),
    ("fund", "initiator_signed_by"),
    ("fund_budget_line", "confirmed_by"),
    ("fund_budget_line", "proposed_by"),
    ("gift", "confirmed_by"),
    ("gift", "created_by"),
    ("gift", "recorded_by"),
    ("gift_bill", "recorded_by"),
    ("hold", "answered_by"),
    ("hold", "entered_by"),
    ("hold", "lift_proposed_by"),
    ("hold", "lifted_by"),
    ("invitation", "invited_by"),
    ("invitation", "person_id"),
    ("joint_initiator", "signed_by"),
    ("line_match", "confirmed_by"),
    ("line_match", "proposed_by"),
    ("match_pool", "confirmed_by"),
    ("match_pool", "proposed_by"),
    ("membership", "invited_by"),
    ("mentoring_note", "written_by"),
    ("motion", "closed_by"),
    ("motion", "opened_by"),
    ("motion_vote", "person_id"),
    ("need", "proposed_by"),
    ("need_claim", "claimed_by"),
    ("need_consent", "recorded_by"),
    ("need_part", "claimed_by_person"),
    ("objection", "answered_by"),
    ("objection", "filed_by"),
    ("online_order", "created_by"),
    ("organisation_record", "recorded_by"),
    ("organisation_relation", "recorded_by"),
    ("panel_note", "written_by"),
    ("payee_account", "approved_by"),
    ("payee_account", "entered_by"),
    ("payee_account", "verified_by"),
    ("payee_stop", "person_id"),
    ("paying_account", "set_by"),
    ("payment", "approved_by"),
    ("payment", "confirmed_by"),
    ("payment", "payee_entered_by"),
    ("payment", "prepared_by"),
    ("payment", "programme_by"),
    ("payment", "requested_by"),
    ("payment", "sent_by"),
    ("payment", "third_by"),
    ("payment_batch", "frozen_by"),
    ("payment_batch", "made_by"),
    ("payment_batch", "sent_by"),
    ("pitch", "planned_by"),
    ("pledge_plan", "created_by"),
    ("policy_version", "confirmed_by"),
    ("policy_version", "proposed_by"),
    ("poll", "drafted_by"),
    ("poll", "opened_by"),
    ("poll_paper", "first_by"),
    ("poll_paper", "second_by"),
    ("poll_voter", "person_id"),
    ("posting", "created_by"),
    ("privacy_request", "answered_by"),
    ("profit_declaration", "declared_by"),
    ("programme", "created_by"),
    ("proposal", "decided_by"),
    ("proposal", "proposed_by"),
    ("report", "decided_by"),
    ("report", "drafted_by"),
    ("report", "submitted_by"),
    ("report_photo", "attached_by"),
    ("report_receipt", "attached_by"),
    ("residue_decision", "decided_by"),
    ("residue_decision", "proposed_by"),
    ("review", "assigned_by"),
    ("review", "reviewer_id"),
    ("role_grant", "confirmed_by"),
    ("role_grant", "principal_id"),
    ("role_grant", "proposed_by"),
    ("roll_import", "applied_by"),
    ("roll_import", "recorded_by"),
    ("settlement_import", "confirmed_by"),
    ("settlement_import", "recorded_by"),
];

/// The whole copy as JSON.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(by: &As<SignedIn>) -> Result<Vec<u8>> {
    let person = by.permission().person().0;
    let mut all = Map::new();
    all.insert("made_at".into(), json!(by.edges.clock.now()));
    for (name, table, columns, whose) in ABOUT {
        let sql = format!("select {columns} from {table} where {whose} = $1 limit {MOST}");
        all.insert(name.into(), Value::Array(rows(&by.edges, sql, person).await?));
    }
    let experts = "select e.name, e.email, e.fields, e.areas, e.languages, e.load_limit, e.recorded_at from expert e join person p on p.email = e.email where p.id = $1";
    all.insert("expert_pool".into(), Value::Array(rows(&by.edges, experts.to_owned(), person).await?));
    all.insert("named_in".into(), Value::Array(rows(&by.edges, named_in(), person).await?));
    serde_json::to_vec_pretty(&Value::Object(all)).map_err(Error::from)
}

/// One statement over every table: which records name the person, as what.
fn named_in() -> String {
    let arm = |(table, column): &(&str, &str)| {
        let key = if *table == "calendar_year" { "year" } else { "id" };
        format!("select '{table}' as record, '{column}' as named_as, {key} as number from {table} where {column} = $1")
    };
    let arms: Vec<String> = NAMED.iter().map(arm).collect();
    format!("{} limit {MOST}", arms.join(" union all "))
}

async fn rows(edges: &Edges, sql: String, person: i64) -> Result<Vec<Value>> {
    let backend: DbBackend = edges.db.backend();
    let statement = Statement::from_sql_and_values(backend, sql, [person.into()]);
    Ok(JsonValue::find_by_statement(statement).all(edges.db.read()).await?)
}
