//! Reports, changes, agreements.

use super::super::pairs::{LAST, Pair};
use super::{left, signs};
use crate::books::ground::number;
use crate::rooms::grant::Grant;
use crate::support::day;
use entities::kinds::{AwardId, ChangeKind, ChangeRequestId, MemberRole, PersonId, ReportId};
use tributary::grants::awards::{changes, consents, service as awards};
use tributary::grants::reports::service::{self as reports, Saved};
use tributary::people::permission::{Administrator, Officer};

/// A report that was written and signed, by whom it says.
async fn submitted(grant: &Grant, writer: Option<PersonId>, signer: Option<PersonId>) -> i64 {
    let world = &grant.world;
    let id = reports::ad_hoc(&grant.officer().await, grant.award, day(2026, 3, 1), "a question").await.unwrap();
    let member = async |me: PersonId, role: MemberRole| world.member(me, grant.organisation, role).await;
    let edits = match writer {
        Some(me) => {
            member(me, MemberRole::Editor).await;
            world.acting(me).await.editor_of(grant.organisation).unwrap()
        }
        None => grant.edits().await,
    };
    let spent = tributary::core::plan::SpendingLine { head: "labour".into(), amount_minor: 1 };
    let told = Saved { narrative: "done".into(), spending: vec![spent], ..Saved::default() };
    let version = number(world, &format!("select cast(version as bigint) from report where id = {id}")).await;
    reports::save(&edits, id, i32::try_from(version).unwrap(), &told).await.unwrap();
    reports::hand_over(&edits, id).await.unwrap();
    let signs = match signer {
        Some(me) => signs(world, me, grant.organisation).await,
        None => grant.signs().await,
    };
    reports::submit(&signs, id).await.unwrap();
    for me in writer.into_iter().chain(signer) {
        left(world, me).await;
    }
    id.0
}

pub const AWARDS: &[Pair<Grant>] = &[
    Pair {
        what: "a report signed, then accepted",
        first: |grant, me| Box::pin(async move { submitted(grant, None, Some(me)).await }),
        second: |_, context, id| {
            Box::pin(async move { reports::accept(as_role!(context, Officer), ReportId(id)).await })
        },
        form: ("/reports/{id}/accept", "seen={seen}"),
        shown: "select cast(version as bigint) from report where id = {id}",
        sql: &["update report set stage = 'accepted', decided_by = {me} where id = {id}"],
        other: |grant| grant.officer,
    },
    Pair {
        what: "a report written, then accepted",
        first: |grant, me| Box::pin(async move { submitted(grant, Some(me), None).await }),
        second: |_, context, id| {
            Box::pin(async move { reports::accept(as_role!(context, Officer), ReportId(id)).await })
        },
        form: ("/reports/{id}/accept", "seen={seen}"),
        shown: "select cast(version as bigint) from report where id = {id}",
        sql: &["update report set stage = 'accepted', decided_by = {me} where id = {id}"],
        other: |grant| grant.officer,
    },
    Pair {
        what: "a change asked for, then approved",
        first: |grant, me| {
            Box::pin(async move {
                let detail = changes::Detail { words: "more wall".into(), ..changes::Detail::default() };
                let by = signs(&grant.world, me, grant.organisation).await;
                let id = changes::request_change(&by, grant.award, ChangeKind::Scope, &detail, "x").await.unwrap();
                left(&grant.world, me).await;
                changes::review_change(&grant.officer().await, grant.award, id).await.unwrap();
                id.0
            })
        },
        second: |grant, context, id| {
            Box::pin(async move {
                changes::approve_change(as_role!(context, Officer), grant.award, ChangeRequestId(id)).await
            })
        },
        form: ("/awards/{award}/changes/{id}/approve", ""),
        shown: LAST,
        sql: &["update change_request set stage = 'approved', decided_by = {me} where id = {id}"],
        other: |grant| grant.officer,
    },
    Pair {
        what: "a donor's consent given, then the change approved",
        first: |grant, me| {
            Box::pin(async move {
                let world = &grant.world;
                let detail = changes::Detail { words: "another street".into(), ..changes::Detail::default() };
                let id = changes::request_change(&grant.signs().await, grant.award, ChangeKind::Purpose, &detail, "x")
                    .await
                    .unwrap();
                changes::review_change(&grant.officer().await, grant.award, id).await.unwrap();
                let by = signs(world, me, grant.donor).await;
                consents::give(&by, grant.award, id, "letter").await.unwrap();
                left(world, me).await;
                id.0
            })
        },
        second: |grant, context, id| {
            Box::pin(async move {
                changes::approve_change(as_role!(context, Officer), grant.award, ChangeRequestId(id)).await
            })
        },
        form: ("/awards/{award}/changes/{id}/approve", ""),
        shown: LAST,
        sql: &[
            "update change_request set stage = 'approved', decided_by = {me} where id = {id}",
            "insert into change_consent (change_id, organisation_id, evidence, given_by, given_at) select id, 1, '', requested_by, '2026-01-05T02:00:00+00:00' from change_request where id = {id}",
        ],
        other: |grant| grant.officer,
    },
];

pub const AGREEMENTS: &[Pair<Grant>] = &[Pair {
    what: "the agreement signed for the foundation, then for the grantee",
    first: |grant, me| {
        Box::pin(async move {
            awards::sign_for_foundation(&grant.role::<Administrator>(me).await, grant.award).await.unwrap();
            signs(&grant.world, me, grant.organisation).await;
            grant.award.0
        })
    },
    second: |grant, context, id| {
        Box::pin(async move {
            let by = context.signatory_of(grant.organisation)?;
            awards::sign_as_grantee(&by, AwardId(id), &by.actor.name.clone()).await
        })
    },
    form: ("/awards/{id}/sign", "typed_name={name}"),
    shown: LAST,
    sql: &["update award set grantee_signed_by = {me} where id = {id}"],
    other: |grant| grant.signatory,
}];

pub const OFFERS: &[Pair<Grant>] = &[Pair {
    what: "the agreement signed for the grantee, then for the foundation",
    first: |grant, me| {
        Box::pin(async move {
            let by = signs(&grant.world, me, grant.organisation).await;
            awards::sign_as_grantee(&by, grant.award, &by.actor.name.clone()).await.unwrap();
            left(&grant.world, me).await;
            grant.award.0
        })
    },
    second: |_, context, id| {
        Box::pin(async move { awards::sign_for_foundation(as_role!(context, Administrator), AwardId(id)).await })
    },
    form: ("/awards/{id}/countersign", ""),
    shown: LAST,
    sql: &["update award set foundation_signed_by = {me} where id = {id}"],
    other: |grant| grant.administrator,
}];
