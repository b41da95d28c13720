//! What one person alone may not write, whoever writes it: a two-person step without its second person, a name put in the place
//! of another, and a judge among those who decided. Data, so that one more is one row.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// The refusals below as triggers.
#[derive(DeriveMigrationName)]
pub(super) struct SecondHands;

/// A write that is refused: on `table`, `when` (`insert` or `update`), if the condition over `new` and `old` holds.
struct Refused {
    table: &'static str,
    when: &'static str,
    condition: &'static str,
    why: &'static str,
}

const fn refused(table: &'static str, when: &'static str, condition: &'static str, why: &'static str) -> Refused {
    Refused { table, when, condition, why }
}

/// The conditions are SQL that both databases read alike.
const REFUSED: [Refused; 32] = [
    // What is proposed stands as it was proposed, and is decided once.
    // Where nobody or one and the same decided, the row's own check says so.
    refused(
        "proposal",
        "insert",
        "new.stage <> 'open' and new.decided_by is not null and new.decided_by <> new.proposed_by",
        "is born open",
    ),
    refused(
        "proposal",
        "update",
        "new.kind <> old.kind or new.subject <> old.subject or new.subject_id <> old.subject_id or new.proposed_by <> old.proposed_by or new.payload is distinct from old.payload",
        "what was proposed stays",
    ),
    refused(
        "proposal",
        "update",
        "old.stage <> 'open' and (new.stage <> old.stage or new.decided_by is distinct from old.decided_by)",
        "is decided once",
    ),
    // Two people lift what a person held, one of them the supervisor who put it; nobody answers their own.
    refused(
        "hold",
        "update",
        "new.entered_by is distinct from old.entered_by or (old.lift_proposed_by is not null and new.lift_proposed_by is distinct from old.lift_proposed_by)",
        "a name stays",
    ),
    refused(
        "hold",
        "update",
        "new.lifted_at is not null and old.lifted_at is null and new.entered_by is not null and (new.lift_proposed_by is null or new.lifted_by is null or new.lift_proposed_by = new.lifted_by)",
        "two people lift it",
    ),
    refused(
        "hold",
        "update",
        "new.lifted_by is not null and old.lifted_by is null and new.kind = 'supervisor' and new.entered_by <> new.lift_proposed_by and new.entered_by <> new.lifted_by",
        "its supervisor is one of the two",
    ),
    refused(
        "hold",
        "update",
        "new.answered_by is not null and new.answered_by = new.entered_by",
        "nobody answers their own",
    ),
    // A receipt has its recorder before it has a confirmer; money goes back because two people said so.
    refused(
        "gift",
        "update",
        "old.recorded_by is not null and new.recorded_by is distinct from old.recorded_by",
        "a name stays",
    ),
    refused(
        "gift",
        "update",
        "new.stage in ('received','accepted') and old.stage in ('processing','offered') and new.kind in ('bank','in_kind') and (new.recorded_by is null or new.confirmed_by is null)",
        "two people receive it",
    ),
    refused(
        "gift",
        "update",
        "new.stage = 'refunded' and old.stage <> 'refunded' and new.kind in ('bank','platform') and not exists (select 1 from proposal p where p.kind = 'refund' and p.subject = 'gift' and p.subject_id = new.id and p.stage = 'confirmed')",
        "two people refund it",
    ),
    refused("settlement_import", "update", "new.recorded_by <> old.recorded_by", "a name stays"),
    refused("settlement_import", "update", "new.stage = 'applied' and new.confirmed_by is null", "two people apply it"),
    refused("match_pool", "update", "new.proposed_by <> old.proposed_by", "a name stays"),
    refused(
        "match_pool",
        "update",
        "new.stage = 'open' and old.stage = 'proposed' and new.confirmed_by is null",
        "two people open it",
    ),
    // Funds: nobody signs for two sides, nobody who drafted it signs for the foundation, and two end it.
    refused(
        "fund",
        "update",
        "new.foundation_signed_by is not null and new.foundation_signed_by is distinct from old.foundation_signed_by and (new.foundation_signed_by = new.created_by or exists (select 1 from joint_initiator j where j.fund_id = new.id and j.signed_by = new.foundation_signed_by))",
        "nobody signs for both sides",
    ),
    refused(
        "joint_initiator",
        "update",
        "new.signed_by is not null and exists (select 1 from fund f where f.id = new.fund_id and f.foundation_signed_by = new.signed_by)",
        "nobody signs for both sides",
    ),
    refused(
        "fund",
        "update",
        "new.stage = 'closed' and old.stage <> 'closed' and not exists (select 1 from proposal p where p.kind = 'closing' and p.subject = 'fund' and p.subject_id = new.id and p.stage = 'confirmed')",
        "two people close it",
    ),
    refused(
        "fund",
        "update",
        "new.stage = 'merged' and old.stage <> 'merged' and not exists (select 1 from proposal p where p.kind = 'merge' and p.subject = 'fund' and p.subject_id = new.id and p.stage = 'confirmed')",
        "two people merge it",
    ),
    // Roles, policy, terms: the second administrator, and not by changing who was the first.
    refused(
        "role_grant",
        "update",
        "new.person_id <> old.person_id or new.proposed_by is distinct from old.proposed_by",
        "a name stays",
    ),
    refused(
        "role_grant",
        "update",
        "new.stage = 'effective' and old.stage = 'proposed' and (new.confirmed_by is null or new.proposed_by is null)",
        "two people give it",
    ),
    refused("policy_version", "update", "new.proposed_by is distinct from old.proposed_by", "a name stays"),
    refused(
        "policy_version",
        "update",
        "new.stage = 'confirmed' and old.stage = 'proposed' and (new.confirmed_by is null or new.proposed_by is null)",
        "two people set it",
    ),
    refused("agreement_terms", "update", "new.proposed_by <> old.proposed_by", "a name stays"),
    refused(
        "agreement_terms",
        "update",
        "new.stage = 'confirmed' and old.stage = 'proposed' and new.confirmed_by is null",
        "two people set them",
    ),
    // Decisions and awards.
    refused(
        "decision_batch",
        "update",
        "new.stage = 'approved' and old.stage = 'submitted' and new.approved_by is null",
        "two people decide it",
    ),
    refused(
        "award",
        "update",
        "new.stage = 'closed' and old.stage <> 'closed' and (new.closed_by is null or new.closed_finance_by is null)",
        "two people close it",
    ),
    refused(
        "award",
        "update",
        "new.stage = 'terminated' and old.stage <> 'terminated' and not exists (select 1 from proposal p where p.kind = 'clawback' and p.subject = 'award' and p.subject_id = new.id and p.stage = 'confirmed')",
        "two people terminate it",
    ),
    refused(
        "award",
        "update",
        "new.allowable_cost_minor is not null and new.allowable_cost_minor is distinct from old.allowable_cost_minor and not exists (select 1 from proposal p where p.kind = 'allowable_cost' and p.subject = 'award' and p.subject_id = new.id and p.stage = 'confirmed')",
        "two people find the cost",
    ),
    refused(
        "residue_decision",
        "update",
        "new.decided_by is not null and new.proposed_by is null",
        "two people decide it",
    ),
    // Who wrote a report does not accept it; who spoke for a donor does not approve the change.
    refused(
        "report",
        "update",
        "new.decided_by is not null and new.decided_by is distinct from old.decided_by and new.decided_by = new.drafted_by",
        "its writer does not judge it",
    ),
    refused(
        "change_request",
        "update",
        "new.decided_by is not null and exists (select 1 from change_consent c where c.change_id = new.id and c.given_by = new.decided_by)",
        "who consented does not decide",
    ),
    refused(
        "change_consent",
        "insert",
        "exists (select 1 from change_request r where r.id = new.change_id and (r.requested_by = new.given_by or r.decided_by = new.given_by))",
        "who asked or decided does not consent",
    ),
];

/// Judges in the other order: who decided or paid becomes no judge of it afterwards.
const JUDGES: [Refused; 4] = [
    refused(
        "evaluation",
        "insert",
        "exists (select 1 from tranche t join payment p on p.tranche_id = t.id where t.award_id = new.award_id and (p.programme_by = new.evaluator_id or p.prepared_by = new.evaluator_id or p.approved_by = new.evaluator_id or p.third_by = new.evaluator_id))",
        "who paid does not judge",
    ),
    refused(
        "evaluation",
        "insert",
        "exists (select 1 from award a join decision_item i on i.id = a.item_id join decision_batch b on b.id = i.batch_id where a.id = new.award_id and (b.approved_by = new.evaluator_id or a.foundation_signed_by = new.evaluator_id))",
        "who granted does not judge",
    ),
    refused(
        "evaluation",
        "update",
        "new.evaluator_id <> old.evaluator_id or (new.rectified_by is not null and new.rectified_by = new.evaluator_id)",
        "its evaluator mends nothing",
    ),
    refused(
        "review",
        "insert",
        "exists (select 1 from decision_batch b where b.call_id = new.call_id and b.approved_by = new.reviewer_id)",
        "who decided does not review",
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for SecondHands {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        for (number, refused) in REFUSED.iter().chain(&JUDGES).enumerate() {
            connection.execute_unprepared(&trigger(number, refused, backend)).await?;
        }
        Ok(())
    }
}

/// The trigger that refuses. On PostgreSQL it is asked whatever the replication role is.
fn trigger(number: usize, refused: &Refused, backend: DbBackend) -> String {
    let Refused { table, when, condition, why } = refused;
    let name = format!("{table}_second_hand_{number}");
    match backend {
        DbBackend::Postgres => format!(
            "create function {name}() returns trigger language plpgsql as $$ begin
               if {condition} then raise exception '{table}: {why}' using errcode = '23514'; end if;
               return new;
             end $$;
             create trigger {name} before {when} on {table} for each row execute function {name}();
             alter table {table} enable always trigger {name};"
        ),
        _ => format!(
            "create trigger {name} before {when} on {table} when {condition} begin
               select raise(abort, '{table}: {why}');
             end;"
        ),
    }
}
