//! The entities say of every column what both databases say.

use super::ground::rows;
use crate::support::{World, both};
use sea_orm::{ColumnTrait, ColumnType, ConnectionTrait, DbBackend, EntityTrait, Iterable, Statement};
use std::collections::BTreeMap;

/// Type and whether it may be null, by column.
type Columns = BTreeMap<String, (String, bool)>;

async fn in_database(world: &World, table: &str) -> Columns {
    let db = world.edges.db.read();
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => format!(
            "select column_name::text, data_type::text, case is_nullable when 'YES' then 1::bigint else 0::bigint end from information_schema.columns where table_name = '{table}' and table_schema = 'public'"
        ),
        _ => format!("select name, lower(type), 1 - max(\"notnull\", pk > 0) from pragma_table_info('{table}')"),
    };
    db.query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
        .unwrap()
        .iter()
        .map(|row| {
            let text = |place| row.try_get_by_index::<String>(place).unwrap();
            (text(0), (text(1), row.try_get_by_index::<i64>(2).unwrap() == 1))
        })
        .collect()
}

fn wanted(kind: &ColumnType, backend: DbBackend) -> &'static str {
    let postgres = backend == DbBackend::Postgres;
    match kind {
        ColumnType::BigInteger if postgres => "bigint",
        ColumnType::Boolean if postgres => "boolean",
        ColumnType::Date if postgres => "date",
        ColumnType::TimestampWithTimeZone if postgres => "timestamp with time zone",
        ColumnType::Json | ColumnType::JsonBinary if postgres => "jsonb",
        ColumnType::Integer | ColumnType::BigInteger | ColumnType::Boolean => "integer",
        ColumnType::String(_)
        | ColumnType::Text
        | ColumnType::Date
        | ColumnType::TimestampWithTimeZone
        | ColumnType::Json
        | ColumnType::JsonBinary => "text",
        other => panic!("a column of an unknown kind: {other:?}"),
    }
}

async fn agree<E: EntityTrait>(world: &World, entity: E) -> Vec<String> {
    let table = entity.table_name();
    let mut there = in_database(world, table).await;
    let mut wrong = Vec::new();
    for column in E::Column::iter() {
        let name = sea_orm::sea_query::Iden::unquoted(&column).to_string();
        let definition = column.def();
        let Some((kind, nullable)) = there.remove(&name) else {
            wrong.push(format!("{table}.{name} is not in the database"));
            continue;
        };
        let said = wanted(definition.get_column_type(), world.edges.db.backend());
        if kind != said || nullable != definition.is_null() {
            wrong.push(format!(
                "{table}.{name}: the entity says {said}, null {}; the database {kind}, null {nullable}",
                definition.is_null()
            ));
        }
    }
    wrong.extend(there.keys().map(|name| format!("{table}.{name} is not in the entity")));
    E::find().one(world.edges.db.read()).await.unwrap();
    wrong
}

macro_rules! all_agree {
    ($world:ident, $($name:ident),* $(,)?) => {{
        let mut wrong = Vec::new();
        $(wrong.extend(agree(&$world, entities::$name::Entity).await);)*
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        [$(stringify!($name)),*]
    }};
}

both! {
async fn every_entity_is_its_table(world: World) {
    let seen = all_agree!(
        world, account, appeal, application, assignment_plan, award, bank_account, bank_statement, bank_statement_line, book_period, budget_line, calendar_day, calendar_year, call, call_amendment,
        card_refund, committee_seat, fund_budget_line, joint_initiator, motion, motion_minutes, motion_vote, council_seat, pitch, pitch_slot, poll, poll_ballot, poll_paper, poll_project, poll_result, poll_voter, change_consent, change_request, conflict, correction_note, decision_batch, decision_item, dispute, document, evaluation, event, form,
        form_version, foundation, fund, gift, hold, indicator, invitation, job, bank_line, line_match, lot, lot_move, match_pool, membership,
        mentoring_note, need, need_claim, need_consent, need_part, objection, online_order, organisation, organisation_record,
        organisation_relation, payee_account, payment, person, policy_version, posted_form, posting, posting_document,
        processor_event, programme, proposal, report, residue_decision, review, review_score, role_grant, seal_head, seal_secret,
        second_factor, session, settlement_import,
        paying_account, payee_stop, payment_batch, payment_batch_line,
        tranche, transfer, turnover, allocation, call_invitation, call_question, form_draft,
        gift_bill, instalment_gift, pledge_instalment, pledge_plan, pledge_reminder, profit_declaration,
        application_side, co_funding, application_document, application_need, application_scratch, expert, roll_import,
        panel_note, review_scratch, agreement_copy, agreement_terms, ban, case_page, report_photo, report_receipt, vault_key, passkey, privacy_request,
    );
    let sql = match world.edges.db.backend() {
        DbBackend::Postgres => "select table_name::text from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
        _ => "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'",
    };
    for row in rows(&world, sql).await {
        let table = row.try_get_by_index::<String>(0).unwrap();
        assert!(seen.contains(&table.as_str()) || table == "seaql_migrations", "no entity for table {table}");
    }
}
}
