//! Online orders over real HTTP: a house, a processor to play with, and everything that may go wrong between the two.

mod arrivals;
mod asking;
mod disputes;
mod ending;
mod fees;
mod known_failures;
mod pages;
mod refunds;
mod together;
mod webhooks;

use super::funds::Cast;
use crate::support::{World, tools};
use chrono::Duration;
use entities::kinds::{
    AccountKind, Anonymity, Currency, FundId, FundraisingMode, GiftId, GiftStage, OrderId, OrderStage,
};
use entities::{gift, online_order};
use sea_orm::EntityTrait;
use std::collections::BTreeMap;
use std::sync::Arc;
use tributary::desk::jobs;
use tributary::grants::funds::service::closing::{self, Residue};
use tributary::grants::gifts::service::online::Given;
use tributary::grants::gifts::service::pledges::{self, Promise};
use tributary::grants::orders::service::{self as service, giving, load};
use tributary::ledger::balances;
use tributary::sandbox::{Method, Outcome, Sandbox};

/// Fee of the sandbox for 100.00: 3.40 and 2.35.
pub const FEE: i64 = 575;
/// What every gift here is.
pub const GIVEN: i64 = 10_000;

/// A fund that takes payments, and a processor.
pub struct Shop {
    pub cast: Cast,
    pub fund: FundId,
    pub sandbox: Arc<Sandbox>,
}

/// How often each webhook is sent at once.
pub fn copies() -> usize {
    if tools::long() { 64 } else { 4 }
}

impl Shop {
    pub async fn open(world: World) -> Self {
        let sandbox = world.till.as_ref().unwrap().sandbox.clone();
        let cast = Cast::on(world).await;
        let fund = cast.signed(FundraisingMode::Targeted, 0).await;
        Self { cast, fund, sandbox }
    }

    pub fn given(&self, amount_minor: i64) -> Given {
        Given {
            fund: self.fund,
            amount_minor,
            currency: Currency::CNY,
            anonymity: Anonymity::Named,
            receipt_wanted: true,
            restriction: None,
        }
    }

    pub async fn order(&self) -> OrderId {
        giving::give_as_organisation(&self.cast.signatory().await, self.given(GIVEN)).await.unwrap()
    }

    /// A pledge that may be paid online.
    pub async fn promised(&self) -> GiftId {
        let promise = Promise {
            fund: self.fund,
            amount_minor: GIVEN,
            currency: Currency::CNY,
            due_on: crate::support::day(2026, 2, 1),
            anonymity: Anonymity::Named,
            receipt_wanted: false,
            restriction: None,
        };
        pledges::pledge(&self.cast.signatory().await, promise).await.unwrap()
    }

    pub async fn row(&self, order: OrderId) -> online_order::Model {
        load(self.cast.world.edges.db.read(), order).await.unwrap()
    }

    pub async fn gift(&self, order: OrderId) -> gift::Model {
        let id = self.row(order).await.gift_id;
        gift::Entity::find_by_id(id).one(self.cast.world.edges.db.read()).await.unwrap().unwrap()
    }

    pub async fn session(&self, order: OrderId) -> String {
        self.row(order).await.session_id.unwrap()
    }

    /// The payer's choice, by which no webhook is sent yet.
    pub async fn choose(&self, order: OrderId, outcome: Outcome) -> String {
        let session = self.session(order).await;
        assert!(self.sandbox.pay(&session, Method::Card, outcome));
        self.sandbox.sessions().into_iter().find(|(id, _)| *id == session).unwrap().1.unwrap_or_default()
    }

    /// Sends these webhooks, each in copies at once, and does what they promise.
    pub async fn send(&self, happenings: &[String], copies: usize) {
        for happening in happenings {
            let sent: Vec<_> = (0..copies)
                .map(|_| {
                    let (sandbox, happening) = (self.sandbox.clone(), happening.clone());
                    tokio::spawn(async move { sandbox.send(&happening).await })
                })
                .collect();
            for answer in sent {
                assert_eq!(answer.await.unwrap(), Some(204), "a webhook is taken at once");
            }
        }
        tributary::desk::jobs::drain(&self.cast.world.edges).await.unwrap();
    }

    /// Sends what happened after `seen`. Answers how much happened by now.
    pub async fn tell(&self, seen: usize) -> usize {
        self.send(&self.sandbox.happenings(seen), 1).await;
        self.sandbox.happenings(0).len()
    }

    /// A gift that was paid and confirmed.
    pub async fn paid(&self) -> (OrderId, String) {
        let order = self.order().await;
        let seen = self.sandbox.happenings(0).len();
        let intent = self.choose(order, Outcome::Paid).await;
        self.tell(seen).await;
        assert_eq!(self.row(order).await.stage, OrderStage::Paid);
        (order, intent)
    }

    /// A refund by two people; the processor is asked at once.
    pub async fn refund(&self, order: OrderId, amount_minor: i64) {
        service::refunds::propose(&self.cast.finance().await, order, amount_minor, "asked for it").await.unwrap();
        service::refunds::confirm(&self.cast.approver().await, order).await.unwrap();
    }

    /// So much later.
    pub fn wait(&self, time: Duration) {
        let clock = &self.cast.world.edges.clock;
        clock.set(clock.now() + time);
    }

    /// The clock is looked at and everything done that is ready; jobs that fail are left for later.
    pub async fn round(&self) {
        jobs::tick(&self.cast.world.edges).await.unwrap();
        jobs::drain(&self.cast.world.edges).await.unwrap();
    }

    /// Somebody makes a refund at the processor, past the house.
    pub async fn refund_there(&self, intent: &str, amount: i64, more: &str) {
        let url = format!("{}/sandbox/v1/refunds", self.cast.world.till.as_ref().unwrap().url);
        let made = reqwest::Client::new()
            .post(url)
            .header("authorization", format!("Bearer {}", crate::support::paying::KEY))
            .body(format!("payment_intent={intent}&amount={amount}{more}"))
            .send()
            .await
            .unwrap();
        assert_eq!(made.status().as_u16(), 200);
    }

    /// The fund is merged into another one, which is the shop's from now on.
    pub async fn merged(&mut self) {
        let into = self.cast.signed(FundraisingMode::Targeted, 0).await;
        let papers = self.cast.papers().await;
        closing::propose_merge(&self.cast.admin(0).await, self.fund, into, papers).await.unwrap();
        closing::confirm_merge(&self.cast.admin(1).await, self.fund).await.unwrap();
        self.fund = into;
    }

    /// The fund is closed; its rest, if there is one, goes to that fund.
    pub async fn closed(&self, into: Option<FundId>) -> tributary::error::Result<()> {
        let residue = Residue { decision: "as agreed".into(), into };
        closing::propose_close(&self.cast.finance().await, self.fund, residue).await?;
        closing::confirm_close(&self.cast.approver().await, self.fund).await
    }

    /// What stands in the books, by kind of account, nothing left out but what is nothing.
    pub async fn books(&self) -> BTreeMap<AccountKind, i64> {
        crate::books::sums::hold(&self.cast.world).await;
        self.figures().await
    }

    /// The same, without reckoning everything again.
    pub async fn figures(&self) -> BTreeMap<AccountKind, i64> {
        let mut by_kind = BTreeMap::new();
        for row in balances::all(self.cast.world.edges.db.read()).await.unwrap() {
            *by_kind.entry(row.account.kind).or_insert(0) += row.balance_minor;
        }
        by_kind.retain(|_, minor| *minor != 0);
        by_kind
    }

    /// Where order and gift stand, and whether a person must look.
    pub async fn stands(&self, order: OrderId) -> (OrderStage, GiftStage, String) {
        let row = self.row(order).await;
        (row.stage, self.gift(order).await.stage, row.odd)
    }
}

/// The books as pairs.
pub fn pairs(books: &[(AccountKind, i64)]) -> BTreeMap<AccountKind, i64> {
    books.iter().copied().collect()
}
