//! The vault's key changed while the house runs: nothing opens no more, nothing stays under the old key, and a stop at any place is
//! gone on from.

use super::grant::Grant;
use crate::books::ground::{number, raw, rows};
use crate::support::{World, both};
use chrono::Duration;
use entities::kinds::{Currency, PayProfile, PersonId};
use std::sync::Arc;
use tributary::app;
use tributary::bank::service::accounts;
use tributary::config::Config;
use tributary::desk::rotation;
use tributary::edges::Edges;
use tributary::edges::clock::Clock;
use tributary::edges::dice::Dice;
use tributary::grants::batches::service as batches;
use tributary::people::permission::Finance;
use tributary::people::{codes, numbers, payees};

/// Somebody with an authenticator, as if they had set it up.
async fn authenticated(world: &World, who: PersonId) {
    let edges = &world.edges;
    let secret = edges.vault.seal(&edges.dice, &format!("second-factor {who}"), &[who.0 as u8; 20]).unwrap();
    raw(world, &format!("insert into second_factor (person_id, secret, pending, confirmed_at, last_step, codes_generation, codes_used) values ({who}, '{secret}', '', '2026-01-05T01:00:00+00:00', 0, 1, 0)")).await.unwrap();
}

/// Another process of the same house.
async fn copy(world: &World, seed: u64) -> Arc<Edges> {
    let clock = Clock::frozen_at(world.edges.clock.now());
    app::open(world.edges.config.clone(), clock, Dice::seeded(seed)).await.unwrap()
}

/// Every sealed text of the database.
async fn sealed(world: &World) -> Vec<String> {
    let mut all = Vec::new();
    for sql in [
        "select secret from second_factor order by person_id",
        "select account_sealed from payee_account order by id",
        "select number_sealed from paying_account order by id",
        "select file_sealed from payment_batch where file_sealed is not null order by id",
    ] {
        all.extend(rows(world, sql).await.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()));
    }
    all
}

async fn told(world: &World, who: &str) -> usize {
    world.settle().await;
    let all = world.edges.mail.newest(1_000).await.unwrap();
    all.iter().filter(|(_, letter)| letter.to.starts_with(who) && letter.subject.contains("recovery codes")).count()
}

both! {
async fn everything_is_sealed_anew_while_the_house_runs(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    let edges = &world.edges;
    let account = grant.paying(PayProfile::PainChinese).await;
    let id = grant.to_approved(1).await;
    let batch = grant.to_frozen(account, id).await;
    batches::send(&grant.role::<Finance>(grant.finance_b).await, batch).await.unwrap();
    authenticated(world, grant.officer).await;
    let (before, code) = (sealed(world).await, codes::shown_now(edges, grant.officer).await.unwrap());
    let file = batches::file(&grant.role::<Finance>(grant.finance).await, batch).await.unwrap();
    let payee = payees::usable(edges.db.read(), grant.organisation).await.unwrap().unwrap();
    let whole = numbers::whole(edges, &payee).unwrap();
    let second = copy(world, 71).await;
    let old_key = std::fs::read_to_string(edges.config.data.join("vault.key")).unwrap();

    // A sent file is sealed anew only while the key is changed, and says the same.
    assert!(raw(world, &format!("update payment_batch set file_sealed = 'x' where id = {batch}")).await.is_err());

    // Stopped right after the file got the new key: both processes open everything, and seal with the new one.
    assert!(edges.vault.begin_change(&edges.dice).unwrap());
    assert_eq!(numbers::whole(&second, &payee).unwrap(), whole);
    assert_eq!(codes::shown_now(&second, grant.officer).await.unwrap(), code);
    copy(world, 72).await;
    let first = rotation::run(edges).await.unwrap();
    assert!(!first.begun && !first.ended && first.left.is_empty(), "{first:?}");
    assert_eq!(first.renewed, before.len() as u64);
    let after = sealed(world).await;
    assert!(before.iter().zip(&after).all(|(before, after)| before != after));
    assert_eq!(told(world, "officer@").await, 1);
    // Nothing but the file's cover may be changed even now.
    for set in ["sha256 = 'x'", "file_sealed = null", "total_minor = 1, file_sealed = 'y'", "sent_by = made_by, file_sealed = 'y'"] {
        assert!(raw(world, &format!("update payment_batch set {set} where id = {batch}")).await.is_err(), "{set}");
    }
    // Everything reads as before, in both processes, and a copy that starts now starts.
    for house in [edges, &second, &copy(world, 73).await] {
        let payee = payees::usable(house.db.read(), grant.organisation).await.unwrap().unwrap();
        assert_eq!(numbers::whole(house, &payee).unwrap(), whole);
        assert_eq!(codes::shown_now(house, grant.officer).await.unwrap(), code);
    }
    assert_eq!(batches::file(&grant.role::<Finance>(grant.finance).await, batch).await.unwrap().2, file.2);
    // Too early: the old key stays. What was sealed before the change and written after it is found then.
    let late = format!("update payee_account set account_sealed = '{}' where id = (select min(id) from payee_account)", before[1]);
    raw(world, &late).await.unwrap();
    let again = rotation::run(edges).await.unwrap();
    assert!(!again.begun && !again.ended && again.renewed == 1, "{again:?}");
    world.at(again.from).await;
    let last = rotation::run(edges).await.unwrap();
    assert!(last.ended && last.renewed == 0, "{last:?}");
    assert!(!edges.vault.is_changing() && !second.vault.is_changing());
    assert_eq!(codes::shown_now(&second, grant.officer).await.unwrap().len(), 6);
    assert_eq!(told(world, "officer@").await, 1, "told once");
    assert_eq!(number(world, "select count(*) from vault_key where changing_since is not null").await, 0);
    assert!(raw(world, &format!("update payment_batch set file_sealed = 'x' where id = {batch}")).await.is_err());
    // The old key opens nothing any more: a house that has only that does not start.
    let folder = tempfile::tempdir().unwrap();
    let stolen = folder.path().join("stolen.key");
    std::fs::write(&stolen, old_key).unwrap();
    let config = Config { vault_key_file: Some(stolen), ..edges.config.clone() };
    let lost = app::open(config, Clock::frozen_at(edges.clock.now()), Dice::seeded(74)).await.unwrap_err();
    assert!(lost.to_string().contains("vault.key"), "{lost}");
    // Statements of the account are still known to be its own, and it is not entered twice.
    let by = grant.role::<Finance>(grant.finance).await;
    let twice = accounts::open(&by, "again", "6222 0000 1111 2222 0001", Currency::CNY).await.unwrap_err();
    assert_eq!(twice.code(), "refused-bank-account-known");
    let next = rotation::run(edges).await.unwrap();
    assert!(next.begun, "asked again after the end it begins anew");
}

async fn the_old_key_stays_while_an_account_is_known_by_it_alone(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    let by = grant.role::<Finance>(grant.finance).await;
    accounts::open(&by, "一般户", "6222 0000 1111 2222 0009", Currency::CNY).await.unwrap();
    let first = rotation::run(&world.edges).await.unwrap();
    assert!(first.begun && first.left == ["一般户"], "{first:?}");
    world.edges.clock.set(world.edges.clock.now() + Duration::hours(2));
    let again = rotation::run(&world.edges).await.unwrap();
    assert!(!again.ended && world.edges.vault.is_changing(), "{again:?}");
    let twice = accounts::open(&by, "again", "6222 0000 1111 2222 0009", Currency::CNY).await.unwrap_err();
    assert_eq!(twice.code(), "refused-bank-account-known");
    // Once somebody entered how it pays, its number is known and its mark made anew.
    let account = entities::kinds::BankAccountId(number(world, "select max(id) from bank_account").await);
    let told = batches::Paying { number: "6222000011112222 0009".into(), holder: "基金会".into(), bic: "BKCHCNBJ".into(), profile: PayProfile::CsvUtf8 };
    batches::set_paying(&by, account, &told).await.unwrap();
    let last = rotation::run(&world.edges).await.unwrap();
    assert!(last.ended && last.left.is_empty(), "{last:?}");
}
}
