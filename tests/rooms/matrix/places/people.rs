//! Roles, deputies, seats, policy, terms.

use super::super::pairs::{LAST, Pair};
use crate::books::ground::number;
use crate::rooms::grant::Grant;
use crate::support::day;
use entities::kinds::{AgreementTermsId, PolicyVersionId, Role, RoleGrantId, Scope, SeatPart};
use tributary::commons::policies;
use tributary::grants::awards::terms;
use tributary::grants::committees::service::seats::{self, Appointment};
use tributary::people::permission::Administrator;
use tributary::people::{deputies, roles};

pub const PEOPLE: &[Pair<Grant>] = &[
    Pair {
        what: "a role proposed, then confirmed",
        first: |grant, me| {
            Box::pin(async move {
                let by = grant.role::<Administrator>(me).await;
                roles::propose(&by, grant.editor, Role::Approver, Scope::Foundation, None, None).await.unwrap().0
            })
        },
        second: |_, context, id| {
            Box::pin(async move { roles::confirm(as_role!(context, Administrator), RoleGrantId(id)).await })
        },
        form: ("/admin/roles/{id}/confirm", ""),
        shown: LAST,
        sql: &[
            "update role_grant set stage = 'effective', confirmed_by = {me}, effective_on = '2026-01-05' where id = {id}",
            "update role_grant set stage = 'effective', effective_on = '2026-01-05' where id = {id}",
            "update role_grant set proposed_by = null, stage = 'effective', confirmed_by = {me}, effective_on = '2026-01-05' where id = {id}",
            "update role_grant set person_id = {me} where id = {id}",
        ],
        other: |grant| grant.administrator,
    },
    Pair {
        what: "a role proposed for oneself by another, then confirmed",
        first: |grant, me| {
            Box::pin(async move {
                let by = grant.role::<Administrator>(grant.administrator).await;
                roles::propose(&by, me, Role::PanelChair, Scope::Foundation, None, None).await.unwrap().0
            })
        },
        second: |_, context, id| {
            Box::pin(async move { roles::confirm(as_role!(context, Administrator), RoleGrantId(id)).await })
        },
        form: ("/admin/roles/{id}/confirm", ""),
        shown: LAST,
        sql: &[
            "update role_grant set stage = 'effective', confirmed_by = {me}, effective_on = '2026-01-05' where id = {id}",
        ],
        other: |grant| grant.editor,
    },
    Pair {
        what: "a deputy asked for, then confirmed by the principal",
        first: |grant, me| {
            Box::pin(async move {
                let sql = format!(
                    "select max(id) from role_grant where person_id = {me} and role = 'approver' and stage = 'effective'"
                );
                let own = RoleGrantId(number(&grant.world, &sql).await);
                let by = grant.world.acting(me).await.signed_in().unwrap();
                deputies::ask(&by, own, "signatory-owner-1@example.org", day(2026, 2, 1)).await.unwrap().0
            })
        },
        second: |_, context, id| {
            Box::pin(async move { roles::confirm(as_role!(context, Administrator), RoleGrantId(id)).await })
        },
        form: ("/admin/roles/{id}/confirm", ""),
        shown: LAST,
        sql: &[
            "update role_grant set stage = 'effective', confirmed_by = {me}, effective_on = '2026-01-05' where id = {id}",
        ],
        other: |grant| grant.administrator,
    },
    Pair {
        what: "a figure of policy proposed, then confirmed",
        first: |grant, me| {
            Box::pin(async move {
                let by = grant.role::<Administrator>(me).await;
                policies::propose(&by, "pass_mark", 1, "board", day(2026, 2, 1)).await.unwrap().0
            })
        },
        second: |_, context, id| {
            Box::pin(async move { policies::decide(as_role!(context, Administrator), PolicyVersionId(id), true).await })
        },
        form: ("/admin/policy/{id}", "answer=confirm"),
        shown: LAST,
        sql: &[
            "update policy_version set stage = 'confirmed', confirmed_by = {me} where id = {id}",
            "update policy_version set stage = 'confirmed' where id = {id}",
            "update policy_version set proposed_by = null, stage = 'confirmed', confirmed_by = {me} where id = {id}",
        ],
        other: |grant| grant.administrator,
    },
    Pair {
        what: "terms of agreements proposed, then confirmed",
        first: |grant, me| {
            Box::pin(async move {
                let told = terms::Terms {
                    text_zh: "条款".into(),
                    text_en: "terms".into(),
                    source: "board".into(),
                    effective_on: day(2026, 2, 1),
                };
                terms::propose(&grant.role::<Administrator>(me).await, &told).await.unwrap().0
            })
        },
        second: |_, context, id| {
            Box::pin(async move { terms::decide(as_role!(context, Administrator), AgreementTermsId(id), true).await })
        },
        form: ("/admin/agreement-terms/{id}", "answer=confirm"),
        shown: LAST,
        sql: &[
            "update agreement_terms set stage = 'confirmed', confirmed_by = {me} where id = {id}",
            "update agreement_terms set stage = 'confirmed' where id = {id}",
        ],
        other: |grant| grant.administrator,
    },
    Pair {
        what: "a seat of a committee proposed, then confirmed",
        first: |grant, me| {
            Box::pin(async move {
                let asked = Appointment {
                    person: grant.editor,
                    part: SeatPart::Member,
                    organisation: None,
                    ends_on: day(2026, 6, 1),
                };
                seats::appoint(&grant.role::<Administrator>(me).await, grant.fund, asked).await.unwrap().0
            })
        },
        second: |_, context, id| {
            Box::pin(async move { roles::confirm(as_role!(context, Administrator), RoleGrantId(id)).await })
        },
        form: ("/admin/roles/{id}/confirm", ""),
        shown: LAST,
        sql: &[
            "update role_grant set stage = 'effective', confirmed_by = {me}, effective_on = '2026-01-05' where id = {id}",
        ],
        other: |grant| grant.administrator,
    },
];
