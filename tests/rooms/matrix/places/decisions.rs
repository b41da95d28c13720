//! Batches of decisions, calls, sealed bids.

use super::super::pairs::{LAST, Pair};
use crate::books::ground::raw;
use crate::rooms::calls::{drafted, questions};
use crate::rooms::reviews::Panel;
use entities::kinds::{CallId, DecisionBatchId};
use tributary::grants::calls::{opening, service as calls};
use tributary::grants::decisions::service as decisions;
use tributary::people::permission::{Approver, Officer};

pub const DECISIONS: &[Pair<Panel>] = &[
    Pair {
        what: "a batch drafted, then approved",
        first: |panel, me| {
            Box::pin(async move {
                panel.scored().await;
                let by = panel.world.role::<Officer>(me).await;
                let batch = decisions::draft(&by, panel.call, "").await.unwrap();
                decisions::submit_batch(&panel.chairing().await, batch, 1).await.unwrap();
                batch.0
            })
        },
        second: |_, context, id| {
            Box::pin(async move { decisions::approve_batch(as_role!(context, Approver), DecisionBatchId(id)).await })
        },
        form: ("/decisions/{id}/approve", "seen={seen}"),
        shown: "select cast(version as bigint) from decision_batch where id = {id}",
        sql: &[
            "update decision_batch set stage = 'approved', approved_by = {me} where id = {id}",
            "update decision_batch set stage = 'approved' where id = {id}",
        ],
        other: |panel| panel.approver,
    },
    Pair {
        what: "a call drafted, then checked",
        first: |panel, me| {
            Box::pin(async move {
                let by = panel.world.role::<Officer>(me).await;
                let form = calls::form_version(&by, "plain", questions()).await.unwrap();
                calls::draft(&by, drafted(panel.fund, form)).await.unwrap().0
            })
        },
        second: |_, context, id| Box::pin(async move { calls::check(as_role!(context, Officer), CallId(id)).await }),
        form: ("/calls/{id}/check", ""),
        shown: LAST,
        sql: &[
            "update call set stage = 'scheduled', checked_by = {me} where id = {id}",
            "update call set stage = 'scheduled' where id = {id}",
        ],
        other: |panel| panel.other_officer,
    },
    Pair {
        what: "the opening of sealed bids asked for, then done",
        first: |panel, me| {
            Box::pin(async move {
                raw(
                    &panel.world,
                    &format!("update call set sealed = true, stage = 'closed' where id = {}", panel.call),
                )
                .await
                .unwrap();
                opening::ask_opening(&panel.world.role::<Officer>(me).await, panel.call).await.unwrap();
                panel.call.0
            })
        },
        second: |_, context, id| {
            Box::pin(async move { opening::open_bids(as_role!(context, Officer), CallId(id)).await })
        },
        form: ("/calls/{id}/open-bids", ""),
        shown: LAST,
        sql: &["update call set opened_by = {me}, opened_at = '2026-01-05T02:00:00+00:00' where id = {id}"],
        other: |panel| panel.other_officer,
    },
];
