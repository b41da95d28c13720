//! Funds: signed, budgeted, renamed, merged, closed, held.

use super::super::pairs::{CONFIRMED, FORGED, LAST, Pair};
use super::{holds_role, left, signs};
use crate::rooms::gifts::receipt;
use crate::rooms::grant::Grant;
use crate::support::rows;
use entities::fund;
use entities::kinds::{BudgetHead, FundId, FundStage, HoldId, PersonId};
use sea_orm::ActiveValue::{NotSet, Set};
use tributary::desk::holds;
use tributary::grants::funds::service::closing::{self, Residue};
use tributary::grants::funds::service::papers::Papers;
use tributary::grants::funds::service::{self, agreement, budgets, holding};
use tributary::grants::gifts::service::receipts;
use tributary::people::permission::{Administrator, Approver, Finance, Officer, Supervisor};

/// Another fund of the same initiator, as somebody wrote it straight into the tables.
async fn another(grant: &Grant, stage: FundStage, by: PersonId) -> FundId {
    let now = grant.world.edges.clock.now();
    let row = rows::fund(grant.donor, [grant.donor_signatory, grant.administrator], now);
    let row = match stage {
        FundStage::Active | FundStage::Closing => row,
        _ => fund::ActiveModel {
            initiator_signed_by: NotSet,
            initiator_signed_at: NotSet,
            foundation_signed_by: NotSet,
            foundation_signed_at: NotSet,
            ..row
        },
    };
    let row = fund::ActiveModel { stage: Set(stage), created_by: Set(by), ..row };
    rows::put(&grant.world, row).await.id
}

async fn papers(grant: &Grant, what: &str) -> Papers {
    let kept = async |text: &str| Some(grant.kept(&format!("{what}: {text}")).await);
    Papers {
        termination: kept("termination").await,
        work_report: kept("work").await,
        finance_report: kept("finance").await,
        payment_request: kept("payment").await,
    }
}

pub const FUNDS: &[Pair<Grant>] = &[
    Pair {
        what: "a fund drafted, then granted by the board's administrator",
        first: |grant, me| {
            Box::pin(async move {
                let id = another(grant, FundStage::Submitted, me).await;
                id.0
            })
        },
        second: |_, context, id| {
            Box::pin(
                async move { service::decide(as_role!(context, Administrator), FundId(id), true, "2026-2", "").await },
            )
        },
        form: ("/funds/{id}/approve", "board_minute=2026-2"),
        shown: LAST,
        sql: &[],
        other: |grant| grant.administrator,
    },
    Pair {
        what: "a fund drafted, then signed for the foundation",
        first: |grant, me| Box::pin(async move { another(grant, FundStage::Approved, me).await.0 }),
        second: |_, context, id| {
            Box::pin(async move { agreement::sign_for_foundation(as_role!(context, Administrator), FundId(id)).await })
        },
        form: ("/funds/{id}/sign-foundation", ""),
        shown: LAST,
        sql: &["update fund set foundation_signed_by = {me} where id = {id}"],
        other: |grant| grant.administrator,
    },
    Pair {
        what: "a fund signed for the initiator, then for the foundation",
        first: |grant, me| {
            Box::pin(async move {
                let id = another(grant, FundStage::Approved, grant.donor_signatory).await;
                let by = signs(&grant.world, me, grant.donor).await;
                agreement::sign_as_initiator(&by, id, &by.actor.name).await.unwrap();
                left(&grant.world, me).await;
                id.0
            })
        },
        second: |_, context, id| {
            Box::pin(async move { agreement::sign_for_foundation(as_role!(context, Administrator), FundId(id)).await })
        },
        form: ("/funds/{id}/sign-foundation", ""),
        shown: LAST,
        sql: &["update fund set foundation_signed_by = {me} where id = {id}"],
        other: |grant| grant.administrator,
    },
    Pair {
        what: "a fund signed for the foundation, then for the initiator",
        first: |grant, me| {
            Box::pin(async move {
                let id = another(grant, FundStage::Approved, grant.donor_signatory).await;
                let by = grant.role::<Administrator>(me).await;
                agreement::sign_for_foundation(&by, id).await.unwrap();
                signs(&grant.world, me, grant.donor).await;
                id.0
            })
        },
        second: |grant, context, id| {
            Box::pin(async move {
                let by = context.signatory_of(grant.donor)?;
                agreement::sign_as_initiator(&by, FundId(id), &by.actor.name.clone()).await
            })
        },
        form: ("/funds/{id}/sign-initiator", "typed_name={name}"),
        shown: LAST,
        sql: &["update fund set initiator_signed_by = {me} where id = {id}"],
        other: |grant| grant.donor_signatory,
    },
    Pair {
        what: "a budget proposed, then confirmed",
        first: |grant, me| {
            Box::pin(async move {
                let told = budgets::Budget { year: 2026, lines: vec![(BudgetHead::Grants, 100)] };
                budgets::propose(&signs(&grant.world, me, grant.donor).await, grant.fund, told).await.unwrap();
                left(&grant.world, me).await;
                grant.fund.0
            })
        },
        second: |_, context, id| {
            Box::pin(async move { budgets::confirm(as_role!(context, Officer), FundId(id)).await })
        },
        form: ("/funds/{fund}/confirm-budget", "act=confirm&seen={seen}"),
        shown: LAST,
        sql: &[
            CONFIRMED,
            FORGED,
            "insert into fund_budget_line (fund_id, year, revision, head, amount_minor, proposed_by, confirmed_by, at) values ({fund}, 2026, 9, 'grants', 1, {me}, {me}, '2026-01-05T02:00:00+00:00')",
        ],
        other: |grant| grant.officer,
    },
    Pair {
        what: "another name proposed, then given",
        first: |grant, me| {
            Box::pin(async move {
                let by = grant.role::<Administrator>(me).await;
                closing::propose_rename(&by, grant.fund, "新名称", "", papers(grant, "rename").await).await.unwrap();
                grant.fund.0
            })
        },
        second: |_, context, id| {
            Box::pin(async move { closing::confirm_rename(as_role!(context, Administrator), FundId(id)).await })
        },
        form: ("/funds/{fund}/confirm-rename", "act=confirm&seen={seen}"),
        shown: LAST,
        sql: &[CONFIRMED, FORGED],
        other: |grant| grant.administrator,
    },
    Pair {
        what: "a merger proposed, then confirmed",
        first: |grant, me| {
            Box::pin(async move {
                let id = another(grant, FundStage::Active, grant.donor_signatory).await;
                let told = receipt(id, Some(grant.donor), 10_000, "merged");
                let given = receipts::record_receipt(&grant.role::<Finance>(grant.finance).await, told).await.unwrap();
                receipts::confirm_receipt(&grant.role::<Approver>(grant.approver).await, given).await.unwrap();
                let by = grant.role::<Administrator>(me).await;
                closing::propose_merge(&by, id, grant.fund, papers(grant, "merger").await).await.unwrap();
                id.0
            })
        },
        second: |_, context, id| {
            Box::pin(async move { closing::confirm_merge(as_role!(context, Administrator), FundId(id)).await })
        },
        form: ("/funds/{id}/confirm-merge", "act=confirm&seen={seen}"),
        shown: LAST,
        sql: &[CONFIRMED, FORGED, "update fund set stage = 'merged', merged_into_id = {fund} where id = {id}"],
        other: |grant| grant.administrator,
    },
    Pair {
        what: "closing a fund proposed, then confirmed",
        first: |grant, me| {
            Box::pin(async move {
                let id = another(grant, FundStage::Active, grant.donor_signatory).await;
                let told = receipt(id, Some(grant.donor), 10_000, "closed");
                let given = receipts::record_receipt(&grant.role::<Finance>(grant.finance).await, told).await.unwrap();
                receipts::confirm_receipt(&grant.role::<Approver>(grant.approver).await, given).await.unwrap();
                let administrator = grant.role::<Administrator>(grant.administrator).await;
                closing::start_closing(&administrator, id, "over").await.unwrap();
                let residue = Residue { decision: "for the street".into(), into: Some(grant.fund) };
                closing::propose_close(&grant.role::<Finance>(me).await, id, residue).await.unwrap();
                id.0
            })
        },
        second: |_, context, id| {
            Box::pin(async move { closing::confirm_close(as_role!(context, Approver), FundId(id)).await })
        },
        form: ("/funds/{id}/confirm-close", "act=confirm&seen={seen}"),
        shown: LAST,
        sql: &[CONFIRMED, FORGED, "update fund set stage = 'closed' where id = {id}"],
        other: |grant| grant.approver,
    },
    Pair {
        what: "the first step of lifting a freeze, then the second",
        first: |grant, me| {
            Box::pin(async move {
                let other = grant.role::<Administrator>(grant.administrator).await;
                let hold = holding::freeze(&other, grant.fund, "asked for").await.unwrap();
                assert!(!holding::unfreeze(&grant.role::<Administrator>(me).await, grant.fund, hold).await.unwrap());
                hold.0
            })
        },
        second: |grant, context, id| {
            Box::pin(async move {
                holding::unfreeze(as_role!(context, Administrator), grant.fund, HoldId(id)).await.map(|_| ())
            })
        },
        form: ("/funds/{fund}/lift-hold", "hold={id}"),
        shown: LAST,
        sql: &[
            "update hold set lifted_by = {me}, lifted_at = '2026-01-05T02:00:00+00:00' where id = {id}",
            "update hold set lift_proposed_by = (select min(id) from person), lifted_by = {me}, lifted_at = '2026-01-05T02:00:00+00:00' where id = {id}",
            "update hold set lifted_at = '2026-01-05T02:00:00+00:00' where id = {id}",
        ],
        other: |grant| grant.administrator,
    },
    Pair {
        what: "the first step of lifting, then the second on the page of holds",
        first: |grant, me| {
            Box::pin(async move {
                let other = grant.role::<Administrator>(grant.administrator).await;
                let hold = holding::freeze(&other, grant.fund, "asked for again").await.unwrap();
                let by = grant.role::<Administrator>(me).await;
                assert!(!holds::lift(&by, hold).await.unwrap());
                hold.0
            })
        },
        second: |_, context, id| {
            Box::pin(async move { holds::lift(as_role!(context, Administrator), HoldId(id)).await.map(|_| ()) })
        },
        form: ("/holds/{id}/lift", ""),
        shown: LAST,
        sql: &[],
        other: |grant| grant.administrator,
    },
    Pair {
        what: "a supervisor's hold put, then answered",
        first: |grant, me| {
            Box::pin(async move {
                holds_role(&grant.world, me, "supervisor").await;
                let by = grant.role::<Supervisor>(me).await;
                holding::supervise(&by, grant.fund, "an entry is not clear").await.unwrap().0
            })
        },
        second: |grant, context, id| {
            Box::pin(
                async move { holding::answer(as_role!(context, Administrator), grant.fund, HoldId(id), "clear").await },
            )
        },
        form: ("/funds/{fund}/answer-hold", "hold={id}&answer=clear"),
        shown: LAST,
        sql: &[
            "update hold set answered_by = {me}, answer = 'clear' where id = {id}",
            "update hold set lifted_by = {me}, lifted_at = '2026-01-05T02:00:00+00:00' where id = {id}",
        ],
        other: |grant| grant.administrator,
    },
];
