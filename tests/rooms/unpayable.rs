//! What is not paid: before its gate, without its third approval, on a suspended award, to a listed organisation, after the end of the
//! agreement. Each is refused in words of its own, in both languages, and nothing changes.

use super::grant::Grant;
use crate::books::ground::{number, raw};
use crate::books::sums;
use crate::support::{both, day};
use entities::kinds::{Locale, PayProfile, RecordKind, TrancheId, TrancheStage};
use entities::{award, organisation_record};
use sea_orm::ActiveValue::Set;
use tributary::error::{Error, Result};
use tributary::grants::awards::service as awards;
use tributary::grants::batches::service as batches;
use tributary::grants::tranches::{approvals, bank};
use tributary::people::permission::{Approver, Finance};

/// The acts that bring a payment further, by whoever may do them.
const ACTS: [&str; 8] =
    ["request", "approve-programme", "prepare", "approve", "approve-third", "batch", "put together", "send"];

impl Grant {
    async fn does(&self, act: &str, id: TrancheId) -> Result<()> {
        let finance = self.role::<Finance>(self.finance).await;
        match act {
            "request" => approvals::request(&self.signs().await, id, None).await,
            "approve-programme" => approvals::approve_programme(&self.officer().await, id).await,
            "prepare" => approvals::prepare(&finance, id).await,
            "approve" => approvals::approve(&self.role::<Approver>(self.approver).await, id).await,
            "approve-third" => approvals::approve_third(&self.role::<Approver>(self.approver_b).await, id).await,
            "batch" => bank::batch(&finance, id).await,
            "put together" => {
                let account = batches::all_accounts(self.world.edges.db.read()).await.unwrap()[0].0.id;
                let day = self.world.edges.today();
                batches::put_together(&finance, account, day, &[id]).await.map(|_| ())
            }
            _ => bank::send(&self.role::<Finance>(self.finance_b).await, id).await,
        }
    }

    /// The acts that would be next for a payment that stands here.
    async fn next(&self) -> Vec<&'static str> {
        let row = self.tranche(1).await;
        let open =
            tributary::grants::tranches::service::open_payment(self.world.edges.db.read(), row.id).await.unwrap();
        let approved = open.is_some_and(|open| open.approved_by.is_some());
        match row.stage {
            TrancheStage::Due => vec!["request"],
            TrancheStage::Requested => vec!["approve-programme"],
            TrancheStage::ProgrammeApproved => vec!["prepare"],
            TrancheStage::FinancePrepared if approved => vec!["approve-third"],
            TrancheStage::FinancePrepared => vec!["approve"],
            TrancheStage::FinanceApproved => vec!["put together", "batch"],
            TrancheStage::Batched => vec!["send"],
            other => panic!("{other}"),
        }
    }

    /// Everything that an act could have changed.
    async fn picture(&self) -> Vec<String> {
        let mut told = sums::picture(&self.world).await;
        for table in ["event", "job", "payment", "transfer", "posting", "payment_batch", "payment_batch_line"] {
            told.push(format!("{table} {}", number(&self.world, &format!("select count(*) from {table}")).await));
        }
        told.push(format!("{:?}", self.tranche(1).await));
        told
    }

    async fn refuses(&self, what: &str, answer: Result<()>, code: &str) {
        let error = answer.expect_err(what);
        assert_eq!(error.code(), code, "{what}");
        let Error::Refused(violations) = error else { panic!("{what}: {error:?}") };
        let said = |locale| {
            self.world.edges.words.find(locale, violations[0].code, &[]).unwrap_or_else(|| panic!("{code} in {locale}"))
        };
        let (en, zh) = (said(Locale::En), said(Locale::ZhCn));
        assert!(en != zh && en.is_ascii() && !zh.is_ascii(), "{what}: {en} {zh}");
    }
}

both! {
async fn each_is_refused_in_its_own_words_at_every_step_and_nothing_changes(world: World) {
    let grant = Grant::active_in(world).await;
    grant.paying(PayProfile::CsvUtf8).await;
    let world = &grant.world;
    let id = grant.tranche(1).await.id;
    let mut cases = 0;
    // Every step of the payment in turn: first each reason stops it there, then it is done.
    for act in ACTS.iter().filter(|act| **act != "batch") {
        let shut = format!("update tranche set gates = '[\"final_report\"]' where id = {id}");
        let open = format!("update tranche set gates = '[\"signature\"]' where id = {id}");
        let ended = |on: &str| format!("update award set ends_on = {on} where id = {}", grant.award);
        let suspended = |stage: &str| format!("update award set stage = '{stage}' where id = {}", grant.award);
        let reasons = [
            ("refused-tranche-gates", shut, open),
            ("refused-payment-suspended", suspended("suspended"), suspended("active")),
            ("refused-payment-agreement-over", ended("'2026-01-04'"), ended("null")),
        ];
        for (code, on, off) in reasons {
            raw(world, &on).await.unwrap();
            for next in grant.next().await {
                let before = grant.picture().await;
                let answer = grant.does(next, id).await;
                grant.refuses(&format!("{next}: {code}"), answer, code).await;
                assert_eq!(before, grant.picture().await, "{next}: {code}");
                cases += 1;
            }
            raw(world, &off).await.unwrap();
        }
        if *act == "put together" {
            // Alone, so that it can be sent alone.
            grant.does("batch", id).await.unwrap();
        } else {
            grant.does(act, id).await.unwrap_or_else(|error| panic!("{act}: {error}"));
        }
    }
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Sent);
    assert!(cases >= 21, "{cases}");
    crate::support::tools::say(&format!("unpayable: {cases} refusals, each in its own words, nothing changed"));
}

async fn a_listed_organisation_is_paid_nothing_at_any_step(world: World) {
    let grant = Grant::active_in(world).await;
    grant.paying(PayProfile::CsvUtf8).await;
    let world = &grant.world;
    let id = grant.tranche(1).await.id;
    let record = |value: &str| organisation_record::ActiveModel {
        organisation_id: Set(grant.organisation),
        kind: Set(RecordKind::Credit),
        value: Set(value.into()),
        valid_from: Set(world.edges.today()),
        evidence: Set(String::new()),
        recorded_at: Set(world.edges.clock.now()),
        ..Default::default()
    };
    for act in ["request", "approve-programme", "prepare", "approve", "approve-third", "batch", "send"] {
        crate::support::rows::put(world, record("abnormal")).await;
        for next in grant.next().await {
            let before = grant.picture().await;
            let answer = grant.does(next, id).await;
            grant.refuses(next, answer, "refused-payment-credit-list").await;
            assert_eq!(before, grant.picture().await, "{next}");
        }
        crate::support::rows::put(world, record("none")).await;
        grant.does(act, id).await.unwrap_or_else(|error| panic!("{act}: {error}"));
    }
}

async fn above_the_threshold_two_approvals_are_not_enough(world: World) {
    let grant = Grant::active_in(world).await;
    grant.paying(PayProfile::CsvUtf8).await;
    let id = grant.tranche(1).await.id;
    for act in ["request", "approve-programme", "prepare", "approve"] {
        grant.does(act, id).await.unwrap();
    }
    for act in ["batch", "put together", "send"] {
        let before = grant.picture().await;
        let answer = grant.does(act, id).await;
        grant.refuses(act, answer, "refused-payment-third").await;
        assert_eq!(before, grant.picture().await, "{act}");
    }
    // Nor does the database take it without.
    let held = raw(&grant.world, "update payment set instruction = 'x', pending_transfer_id = 1").await;
    assert!(held.is_err());
    let suspended = awards::suspend(&grant.officer().await, grant.award, "questions").await;
    suspended.unwrap();
    let answer = grant.does("approve-third", id).await;
    grant.refuses("approve-third", answer, "refused-payment-suspended").await;
    awards::resume(&grant.officer().await, grant.award, "answered").await.unwrap();
    grant.does("approve-third", id).await.unwrap();
    let row = awards::load(grant.world.edges.db.read(), grant.award).await.unwrap();
    let over = award::ActiveModel { id: Set(row.id), ends_on: Set(Some(day(2026, 1, 4))), ..Default::default() };
    crate::support::rows::change(&grant.world, over).await;
    let answer = grant.does("batch", id).await;
    grant.refuses("batch", answer, "refused-payment-agreement-over").await;
}
}
