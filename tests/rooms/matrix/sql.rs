//! Past every service: two hands of one person by raw SQL, on both databases.

use crate::books::ground::{number, raw};
use crate::rooms::grant::Grant;
use crate::support::{World, both, tools};

both! {
async fn nor_does_raw_sql_join_two_hands(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    grant.pay(1).await;
    let tranche = grant.tranche(2).await.id;
    let person = async |name: &str| world.person(name, &[]).await.0;
    let me = person("one").await;
    let all = [person("a").await, person("b").await, person("c").await, person("d").await, person("e").await, person("f").await, person("g").await];
    const COLUMNS: [&str; 7] =
        ["requested_by", "payee_entered_by", "programme_by", "prepared_by", "approved_by", "third_by", "confirmed_by"];
    let account = number(world, "select max(id) from payee_account").await;
    let mut tried = 0;
    for (one, first) in COLUMNS.iter().enumerate() {
        for (other, second) in COLUMNS.iter().enumerate() {
            let may = matches!((*first, *second), ("requested_by", "payee_entered_by") | ("payee_entered_by", "requested_by"))
                || (*first == "confirmed_by" && matches!(*second, "programme_by" | "approved_by" | "third_by"))
                || (*second == "confirmed_by" && matches!(*first, "programme_by" | "approved_by" | "third_by"));
            if one == other || may {
                continue;
            }
            // Everybody is somebody else, but for the one under trial, who took the first step; then the second.
            let people: Vec<String> = (0..7).map(|place| if place == one { me } else { all[place] }).map(|id| id.to_string()).collect();
            let insert = format!(
                "insert into payment (tranche_id, amount_minor, currency, payee_account_id, requested_at, third_required, {}) values ({tranche}, 1, 'CNY', {account}, '2026-01-05T01:00:00+00:00', true, {})",
                COLUMNS.join(", "), people.join(", ")
            );
            raw(world, &insert).await.unwrap();
            let id = number(world, "select max(id) from payment").await;
            let told = raw(world, &format!("update payment set {second} = {me} where id = {id}")).await;
            assert!(told.is_err(), "{first}, then {second}: {told:?}");
            raw(world, &format!("update payment set outcome = 'rejected' where id = {id}")).await.unwrap();
            tried += 1;
        }
    }
    tried += joined(world, me).await;
    // Somebody who took no step yet: who paid becomes no judge at all.
    tried += judges(&grant, person("judge").await).await;
    tools::say(&format!("separation: {tried} pairs by raw SQL, none passes"));
}
}

/// Two columns of one row that name two people, wherever there is one: joined in either direction, the database refuses.
async fn joined(world: &World, me: i64) -> usize {
    const PAIRS: [(&str, &str, &str); 14] = [
        ("payee_account", "entered_by", "verified_by"),
        ("payee_account", "entered_by", "approved_by"),
        ("payee_account", "verified_by", "approved_by"),
        ("payment_batch", "made_by", "sent_by"),
        ("payment_batch", "frozen_by", "sent_by"),
        ("proposal", "proposed_by", "decided_by"),
        ("decision_batch", "drafted_by", "approved_by"),
        ("award", "grantee_signed_by", "foundation_signed_by"),
        ("award", "closed_by", "closed_finance_by"),
        ("fund", "initiator_signed_by", "foundation_signed_by"),
        ("gift", "recorded_by", "confirmed_by"),
        ("role_grant", "proposed_by", "confirmed_by"),
        ("policy_version", "proposed_by", "confirmed_by"),
        ("call", "drafted_by", "checked_by"),
    ];
    let mut tried = 0;
    for (table, first, second) in PAIRS {
        let id = number(world, &format!("select coalesce(min(id), 0) from {table}")).await;
        if id == 0 {
            continue;
        }
        let told = raw(world, &format!("update {table} set {first} = {me}, {second} = {me} where id = {id}")).await;
        assert!(told.is_err(), "{table}: {first} and {second} are one");
        tried += 1;
    }
    tried
}

/// Whoever judged, or belongs to the payee, in every place of a payment that is theirs to leave alone.
async fn judges(grant: &Grant, me: i64) -> usize {
    let world = &grant.world;
    let (application, award) = (grant.application, grant.award);
    let tranche = grant.tranche(2).await.id;
    let account = number(world, "select max(id) from payee_account").await;
    let insert = format!(
        "insert into payment (tranche_id, amount_minor, currency, payee_account_id, payee_entered_by, requested_by, requested_at, third_required) values ({tranche}, 1, 'CNY', {account}, {0}, {0}, '2026-01-05T01:00:00+00:00', true)",
        grant.signatory
    );
    raw(world, &insert).await.unwrap();
    let payment = number(world, "select max(id) from payment").await;
    let at = "'2026-01-05T01:00:00+00:00'";
    let judged = [
        (
            format!(
                "insert into review (application_id, call_id, reviewer_id, stage, assigned_by, assigned_at, version) select {application}, call_id, {me}, 'submitted', {}, {at}, 1 from application where id = {application}",
                grant.officer
            ),
            "delete from review",
            &["programme_by", "approved_by", "third_by"][..],
        ),
        (
            format!(
                "insert into evaluation (award_id, kind, evaluator_id, assigned_by, stage, pass_mark) values ({award}, 'mid_term', {me}, {}, 'assigned', 6000)",
                grant.officer
            ),
            "delete from evaluation",
            &["programme_by", "approved_by", "third_by"],
        ),
        (
            format!(
                "insert into membership (organisation_id, person_id, role, stage, created_at) values ({}, {me}, 'editor', 'active', {at})",
                grant.organisation
            ),
            "update membership set stage = 'ended'",
            &["programme_by", "prepared_by", "approved_by", "third_by"],
        ),
    ];
    let mut tried = 0;
    for (tie, untie, columns) in judged {
        raw(world, &tie).await.unwrap();
        for column in columns {
            let prepared = if matches!(*column, "approved_by" | "third_by") {
                format!("prepared_by = {}, ", grant.finance)
            } else {
                String::new()
            };
            let approved =
                if *column == "third_by" { format!("approved_by = {}, ", grant.approver) } else { String::new() };
            let told =
                raw(world, &format!("update payment set {prepared}{approved}{column} = {me} where id = {payment}"))
                    .await;
            let why = told.expect_err(column).to_string();
            assert!(why.contains("judge") || why.contains("payee takes"), "{column}: {why}");
            tried += 1;
        }
        raw(world, untie).await.unwrap();
    }
    tried
}
