//! Rules 6 and 7: paid is posted, and a payment needs two people, neither of them the payee's. The database refuses it too.

use super::ground::{Ground, VOUCHER, number, place, raw, sum, system};
use super::sums;
use crate::support::{World, both, tools};
use entities::kinds::{DecisionItemId, FundId, GiftId, PaymentId, Subject};
use tributary::ledger::recipes;

async fn furnish(world: &World) -> (Ground, i64) {
    let ground = Ground::lay(world).await;
    let first = ground.award(world).await;
    let by = &system(world);
    by.write(|tx| async move {
        let tx = &tx;
        recipes::bank_receipt(tx, by, (Subject::Gift, 1), FundId(1), sum(1_000_00), "gift", None).await?;
        recipes::suspense_matched(tx, by, GiftId(1), FundId(1), None, sum(1_000_00)).await?;
        recipes::reserved(tx, by, DecisionItemId(1), FundId(1), None, sum(900_00), "1").await?;
        recipes::tranche_due(tx, by, place(1, 1, first), sum(300_00), "1").await?;
        recipes::tranche_due(tx, by, place(1, 1, first + 1), sum(300_00), "1").await
    })
    .await
    .unwrap();
    (ground, first)
}

async fn send(world: &World, tranche: i64, payment: PaymentId, amount: i64) -> tributary::error::Result<i64> {
    let by = &system(world);
    by.write(|tx| async move {
        recipes::payment_sent(&tx, by, place(1, 1, tranche), payment, sum(amount)).await.map(|held| held.0)
    })
    .await
}

/// A statement about payments that the database must refuse.
async fn refused(world: &World, what: &str, sql: &str) {
    let told = raw(world, sql).await;
    assert!(told.is_err(), "{what} was written: {sql}");
}

both! {
async fn rule_7_a_payment_is_held_only_with_its_approvals(world: World) {
    let (ground, first) = furnish(&world).await;
    let payment = ground.requested(&world, first, 300_00).await;
    let code = |told: tributary::error::Result<i64>| told.unwrap_err().code();
    assert_eq!(code(send(&world, first, payment, 300_00).await), "refused-payment-not-approved");
    raw(&world, &format!("update payment set prepared_by = {} where id = {payment}", ground.maker)).await.unwrap();
    assert_eq!(code(send(&world, first, payment, 300_00).await), "refused-payment-not-approved");
    raw(&world, &format!("update payment set approved_by = {}, third_required = true where id = {payment}", ground.checker)).await.unwrap();
    assert_eq!(code(send(&world, first, payment, 300_00).await), "refused-payment-not-approved");
    raw(&world, &format!("update payment set instruction = 'P-1' where id = {payment}")).await.unwrap();
    assert_eq!(code(send(&world, first, payment, 300_00).await), "refused-payment-not-approved");
    raw(&world, &format!("update payment set third_by = {} where id = {payment}", ground.third)).await.unwrap();
    assert_eq!(code(send(&world, first, payment, 299_99).await), "refused-payment-not-approved");
    assert_eq!(code(send(&world, first + 1, payment, 300_00).await), "refused-payment-not-approved");
    send(&world, first, payment, 300_00).await.unwrap();
    assert!(send(&world, first, payment, 300_00).await.is_err(), "held twice");
    assert_eq!(number(&world, "select count(*) from transfer where phase = 'pending'").await, 1);
    sums::hold(&world).await;
}

async fn rule_7_nobody_plays_two_parts_in_a_payment(world: World) {
    let (ground, first) = furnish(&world).await;
    let world = &world;
    let payment = ground.requested(world, first, 300_00).await;
    let (requester, enterer, maker) = (ground.requester, ground.enterer, ground.maker);
    let set = |what: String| format!("update payment set {what} where id = {payment}");
    for (what, sql) in [
        ("an approval before the preparation", set(format!("approved_by = {maker}"))),
        ("the requester as maker", set(format!("prepared_by = {requester}"))),
        ("whoever entered the account as maker", set(format!("prepared_by = {enterer}"))),
        ("the requester as officer", set(format!("programme_by = {requester}"))),
        ("one person as maker and checker", set(format!("prepared_by = {maker}, approved_by = {maker}"))),
        ("the requester as checker", set(format!("prepared_by = {maker}, approved_by = {requester}"))),
        ("whoever entered the account as checker", set(format!("prepared_by = {maker}, approved_by = {enterer}"))),
        ("a third before the second", set(format!("prepared_by = {maker}, third_by = {}", ground.third))),
        ("the checker as third", set(format!("prepared_by = {maker}, approved_by = {0}, third_by = {0}", ground.checker))),
        ("the maker as third", set(format!("prepared_by = {maker}, approved_by = {}, third_by = {maker}", ground.checker))),
        ("the requester as third", set(format!("prepared_by = {maker}, approved_by = {}, third_by = {requester}", ground.checker))),
        ("the officer as checker", set(format!("programme_by = {0}, prepared_by = {maker}, approved_by = {0}", ground.checker))),
    ] {
        refused(world, what, &sql).await;
    }
    let (checker, third) = (ground.checker, ground.third);
    let done = format!("prepared_by = {maker}, approved_by = {checker}");
    for (what, sql) in [
        ("the officer as maker", set(format!("programme_by = {maker}, prepared_by = {maker}"))),
        ("whoever entered the account as officer", set(format!("programme_by = {enterer}"))),
        ("whoever entered the account as third", set(format!("{done}, third_by = {enterer}"))),
        ("the officer as third", set(format!("programme_by = {third}, {done}, third_by = {third}"))),
        ("a confirmation before the preparation", set(format!("confirmed_by = {third}"))),
        ("the maker confirming", set(format!("{done}, confirmed_by = {maker}"))),
        ("the requester confirming", set(format!("{done}, confirmed_by = {requester}"))),
        ("whoever entered the account confirming", set(format!("{done}, confirmed_by = {enterer}"))),
    ] {
        refused(world, what, &sql).await;
    }
    let (t, p) = ("'2026-01-05T01:00:00+00:00'", maker);
    let gift = |set: &str, by: &str| format!("insert into gift (fund_id, kind, stage, donor_name, anonymity, receipt_wanted, amount_minor, currency, description, valuation_basis, created_at{set}) values (1, 'bank', 'received', '', 'withheld', false, 1, 'CNY', '', '', {t}{by})");
    for (what, sql) in [
        ("the drafter approving a batch", "update decision_batch set approved_by = drafted_by where id = 1".to_owned()),
        ("a gift received by nobody's confirmation", gift("", "")),
        ("one person recording and confirming a gift", gift(", recorded_by, confirmed_by", &format!(", {p}, {p}"))),
        ("one person on both sides of a proposal", format!("insert into proposal (kind, subject, subject_id, payload, proposed_by, proposed_at, stage, decided_by, reason) values ('refund', 'gift', 1, '{{}}', {p}, {t}, 'confirmed', {p}, '')")),
        ("a proposal confirmed by nobody", format!("insert into proposal (kind, subject, subject_id, payload, proposed_by, proposed_at, stage, reason) values ('refund', 'gift', 1, '{{}}', {p}, {t}, 'confirmed', '')")),
        ("a role confirmed by its proposer", format!("insert into role_grant (person_id, role, scope, stage, proposed_by, proposed_at, confirmed_by) values ({checker}, 'approver', 'foundation', 'effective', {p}, {t}, {p})")),
        ("a role confirmed by its holder", format!("insert into role_grant (person_id, role, scope, stage, proposed_by, proposed_at, confirmed_by) values ({checker}, 'approver', 'foundation', 'effective', {p}, {t}, {checker})")),
        ("one person signing a fund for both", format!("update fund set initiator_signed_by = {p}, foundation_signed_by = {p}")),
        ("a fund active without signatures", "update fund set stage = 'active'".into()),
        ("one person signing an award for both", format!("update award set grantee_signed_by = {p}, foundation_signed_by = {p}")),
        ("an award active without signatures", "update award set stage = 'active'".into()),
        ("one person closing an award for both", format!("update award set closed_by = {p}, closed_finance_by = {p}")),
        ("a payee account verified by who entered it", format!("update payee_account set verified_by = {enterer}")),
        ("a payee account approved by who verified it", format!("update payee_account set verified_by = {p}, approved_by = {p}")),
        ("a payee account usable without approval", "update payee_account set stage = 'usable'".into()),
        ("one person lifting a hold alone", format!("insert into hold (subject, subject_id, kind, reason, entered_by, entered_at, answer, lift_proposed_by, lifted_by) values ('fund', 1, 'officer', '', {p}, {t}, '', {checker}, {checker})")),
        ("a policy confirmed by its proposer", format!("insert into policy_version (key, value, source, effective_on, stage, proposed_by, proposed_at, confirmed_by) values ('x', '1', '', '2026-01-05', 'confirmed', {p}, {t}, {p})")),
    ] {
        let tried = raw(world, &sql).await;
        assert!(tried.is_err(), "{what}: {tried:?} by {sql}");
        let why = tried.unwrap_err().to_string();
        assert!(why.to_lowercase().contains("check"), "{what} was refused for another reason: {why}");
    }
    assert_eq!(number(world, "select count(*) from payment where approved_by is not null or confirmed_by is not null").await, 0);
}

async fn rule_7_nothing_of_an_approved_payment_is_edited(world: World) {
    let (ground, first) = furnish(&world).await;
    let world = &world;
    let payment = ground.approved(world, first, 300_00).await;
    let set = |what: String| format!("update payment set {what} where id = {payment}");
    let edits = [
        ("the amount", set("amount_minor = 30001".into())),
        ("a lower amount", set("amount_minor = 1".into())),
        ("the currency", set("currency = 'USD'".into())),
        ("the tranche", set(format!("tranche_id = {}", first + 1))),
        ("the requester", set(format!("requested_by = {}", ground.third))),
        ("who entered the account", set(format!("payee_entered_by = {}", ground.third))),
        ("the maker", set(format!("prepared_by = {}", ground.third))),
        ("the checker", set(format!("approved_by = {}", ground.third))),
        ("the approval taken back", set("approved_by = null".into())),
        ("the instruction", set("instruction = 'P-other'".into())),
        ("called paid without a post", set(format!("outcome = 'paid', confirmed_by = {}", ground.maker))),
        ("a hold that is another's", set("pending_transfer_id = 1".into())),
        ("a delete", format!("delete from payment where id = {payment}")),
        ("a tranche called paid", format!("update tranche set stage = 'paid' where id = {first}")),
        ("a tranche born paid", format!("insert into tranche (award_id, ordinal, planned_minor, amount_minor, currency, gates, stage, version) select award_id, 25, 1, 1, 'CNY', '[]', 'paid', 1 from tranche where id = {first}")),
    ];
    for (what, sql) in &edits {
        refused(world, what, sql).await;
    }
    for outcome in ["'paid'", "'failed'"] {
        refused(world, "a payment born ended", &format!("insert into payment (tranche_id, amount_minor, currency, payee_account_id, payee_entered_by, requested_by, requested_at, third_required, outcome, confirmed_by)
            values ({}, 1, 'CNY', 1, {}, {}, '2026-01-05T01:00:00+00:00', false, {outcome}, {})", first + 1, ground.enterer, ground.requester, ground.maker)).await;
    }
    refused(world, "a second open payment", &format!("insert into payment (tranche_id, amount_minor, currency, payee_account_id, payee_entered_by, requested_by, requested_at, third_required)
        values ({first}, 1, 'CNY', 1, {}, {}, '2026-01-05T01:00:00+00:00', false)", ground.enterer, ground.requester)).await;
    let held = send(world, first, payment, 300_00).await.unwrap();
    raw(world, &set(format!("pending_transfer_id = {held}"))).await.unwrap();
    for (what, sql) in &edits {
        refused(world, what, sql).await;
    }
    refused(world, "the hold taken away", &set("pending_transfer_id = null".into())).await;
    sums::hold(world).await;
}

async fn rules_6_and_13_paid_is_posted_once_and_what_is_returned_stands_where_it_was(world: World) {
    let (ground, first) = furnish(&world).await;
    let world = &world;
    let payment = ground.approved(world, first, 300_00).await;
    let held = send(world, first, payment, 300_00).await.unwrap();
    raw(world, &format!("update payment set pending_transfer_id = {held} where id = {payment}")).await.unwrap();
    let before = sums::picture(world).await;
    refused(world, "paid without a posted transfer", &format!("update tranche set stage = 'paid' where id = {first}")).await;
    let (by, at, held) = (&system(world), place(1, 1, first), entities::kinds::TransferId(held));
    by.write(|tx| async move {
        recipes::payment_posted(&tx, by, at, payment, held, sum(300_00), 3_00, VOUCHER).await
    })
    .await
    .unwrap();
    ground.end(world, payment, "paid").await;
    raw(world, &format!("update tranche set stage = 'paid' where id = {first}")).await.unwrap();
    for outcome in ["failed", "rejected"] {
        refused(world, "paid called otherwise", &format!("update payment set outcome = '{outcome}' where id = {payment}")).await;
    }
    sums::hold(world).await;
    by.write(|tx| async move { recipes::payment_returned(&tx, by, at, payment, sum(300_00), "back").await }).await.unwrap();
    ground.end(world, payment, "returned").await;
    sums::hold(world).await;
    let again = by
        .write(|tx| async move { recipes::payment_returned(&tx, by, at, payment, sum(300_00), "back").await })
        .await;
    assert!(again.is_err(), "returned twice");
    let after = sums::picture(world).await;
    assert_eq!(balance_of(&before, "award_committed:1"), balance_of(&after, "award_committed:1"));
    assert_eq!(balance_of(&before, "bank:CNY"), balance_of(&after, "bank:CNY"));
    tools::say("rule 6: paid refused without its transfer; rule 13: sent and returned, 0 minor units apart");
}

async fn a_seed_fund_is_paid_without_the_bank(world: World) {
    let (ground, first) = furnish(&world).await;
    let world = &world;
    let payment = ground.approved(world, first, 300_00).await;
    let (by, at) = (&system(world), place(1, 1, first));
    by.write(|tx| async move {
        recipes::seed_fund(&tx, by, at, payment, FundId(2), GiftId(50), sum(300_00)).await
    })
    .await
    .unwrap();
    ground.end(world, payment, "paid").await;
    raw(world, &format!("update tranche set stage = 'paid' where id = {first}")).await.unwrap();
    sums::hold(world).await;
}
}

/// Credits less debits of an account in a picture.
fn balance_of(picture: &[String], code: &str) -> i64 {
    let line = picture.iter().find(|line| line.starts_with(&format!("{code} "))).unwrap();
    let figures: Vec<i64> = line[line.find('[').unwrap() + 1..line.len() - 1]
        .split(',')
        .map(|figure| figure.trim().parse().unwrap())
        .collect();
    figures[1] - figures[0]
}
