//! A grant ready to be offered, for the tests of awards, tranches and reports: the worked example's fund, call and decision,
//! written straight into the tables and the books.

use crate::support::{World, day, rows};
use chrono::Duration;
use entities::kinds::*;
use entities::{
    application, budget_line, call, decision_batch, decision_item, fund, gift, payee_account, report, tranche,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use tributary::commons::documents::{Kept, keep};
use tributary::grants::awards::service as awards;
use tributary::grants::reports::service::{self as reports, Saved};
use tributary::grants::tranches::{approvals, bank};
use tributary::ledger::accounts::Account;
use tributary::ledger::balances;
use tributary::ledger::recipes::{self, Sum};
use tributary::people::numbers;
use tributary::people::permission::{
    Administrator, Approver, As, Context, Editor, Finance, Officer, RolePermission, Signatory,
};

/// The people and keys of the worked example.
pub struct Grant {
    pub world: World,
    pub fund: FundId,
    pub item: DecisionItemId,
    pub application: ApplicationId,
    pub award: AwardId,
    pub organisation: OrganisationId,
    pub donor: OrganisationId,
    pub signatory: PersonId,
    pub editor: PersonId,
    pub donor_signatory: PersonId,
    pub administrator: PersonId,
    pub officer: PersonId,
    pub finance: PersonId,
    pub finance_b: PersonId,
    pub approver: PersonId,
    pub approver_b: PersonId,
    pub evaluator: PersonId,
    /// Tranches of the call.
    plan: serde_json::Value,
}

fn sum(amount_minor: i64) -> Sum {
    Sum { amount_minor, currency: Currency::CNY, on: day(2026, 1, 5) }
}

impl Grant {
    /// An offer of 83,000 from a fund of 98,360, reserved with its fee.
    pub async fn offered() -> Self {
        Self::offered_in(World::bare().await).await
    }

    /// The same in a world that is there.
    pub async fn offered_in(world: World) -> Self {
        let plan = json!([
            { "share_bps": 5000, "gates": ["signature"] },
            { "share_bps": 4000, "gates": ["mid_term_report", "mid_term_evaluation"] },
            { "share_bps": 1000, "gates": ["final_report"] },
        ]);
        Self::planned_in(world, plan).await
    }

    /// The same with other tranches.
    pub async fn planned_in(world: World, plan: serde_json::Value) -> Self {
        let organisation = world.organisation("SO-1", LegalForm::SocialServiceBody, Some("52999999TE00000459")).await;
        let donor = world.organisation("owner 1", LegalForm::Company, Some("91999999TE0000096G")).await;
        let signatory = world.person("signatory-so-1", &[]).await;
        let editor = world.person("editor-so-1", &[]).await;
        let donor_signatory = world.person("signatory-owner-1", &[]).await;
        world.member(signatory, organisation, MemberRole::Signatory).await;
        world.member(editor, organisation, MemberRole::Editor).await;
        world.member(donor_signatory, donor, MemberRole::Signatory).await;
        let administrator = world.person("administrator", &[Role::Administrator]).await;
        let officer = world.person("officer", &[Role::ProgrammeOfficer]).await;
        let finance = world.person("finance-a", &[Role::FinanceOfficer]).await;
        let finance_b = world.person("finance-b", &[Role::FinanceOfficer]).await;
        let approver = world.person("approver-a", &[Role::Approver]).await;
        let approver_b = world.person("approver-b", &[Role::Approver]).await;
        let evaluator = world.person("evaluator", &[Role::Evaluator]).await;
        let ids = (FundId(0), DecisionItemId(0), ApplicationId(0), AwardId(0));
        let mut grant = Self {
            world,
            fund: ids.0,
            item: ids.1,
            application: ids.2,
            award: ids.3,
            organisation,
            donor,
            signatory,
            editor,
            donor_signatory,
            administrator,
            officer,
            finance,
            finance_b,
            approver,
            approver_b,
            evaluator,
            plan,
        };
        grant.write().await;
        grant
    }

    async fn write(&mut self) {
        let by = Context::system(self.world.edges.clone());
        let me = &*self;
        let by_ = &by;
        let made: (FundId, DecisionItemId, ApplicationId, AwardId) = by
            .write(|tx| async move {
                let tx = &tx;
                let fund = me.fund_row(tx).await;
                let call = me.call_row(tx, fund).await;
                let (bid, item) = me.item_row(tx, call).await;
                recipes::capital(tx, by_, sum(200_000_000), "founder").await?;
                recipes::bank_receipt(tx, by_, (Subject::Gift, 1), fund, sum(9_836_000), "gift-1", None).await?;
                let gift = me.gift_row(tx, fund).await;
                recipes::suspense_matched(tx, by_, gift, fund, None, sum(9_836_000)).await?;
                recipes::reserved(tx, by_, item.id, fund, None, sum(8_383_000), "1").await?;
                me.payee_row(tx).await;
                let award = awards::offer(tx, by_, &item).await?;
                Ok((fund, item.id, bid, award))
            })
            .await
            .unwrap();
        (self.fund, self.item, self.application, self.award) = made;
    }

    async fn fund_row(&self, tx: &tributary::edges::db::Tx) -> FundId {
        let row = fund::ActiveModel {
            name_en: Set("Jinguan micro-fund".into()),
            committee_size: Set(5),
            ..rows::fund(self.donor, [self.donor_signatory, self.administrator], tx.now())
        };
        fund::Entity::insert(row).exec_with_returning(tx).await.unwrap().id
    }

    async fn call_row(&self, tx: &tributary::edges::db::Tx, fund: FundId) -> CallId {
        let row = call::ActiveModel {
            budget_heads: Set(json!(["material", "labour"])),
            negative_list: Set(json!(["cash"])),
            tranche_plan: Set(self.plan.clone()),
            reporting_plan: Set(json!([
                { "kind": "mid_term", "due_after_days": 60 },
                { "kind": "final", "due_after_days": 120 },
            ])),
            closes_at: Set(tx.now() - Duration::days(10)),
            stage: Set(CallStage::Decided),
            ..rows::call(fund, rows::form(tx).await, [self.officer, self.approver], tx.now())
        };
        call::Entity::insert(row).exec_with_returning(tx).await.unwrap().id
    }

    async fn item_row(&self, tx: &tributary::edges::db::Tx, call: CallId) -> (ApplicationId, decision_item::Model) {
        let bid = application::ActiveModel {
            title: Set("航中街外墙".into()),
            stage: Set(ApplicationStage::Approved),
            ..rows::bid(call, self.organisation, self.editor, 8_300_000, tx.now())
        };
        let bid = application::Entity::insert(bid).exec_with_returning(tx).await.unwrap().id;
        for (position, (head, unit)) in [("material", 5_000_000), ("labour", 3_300_000)].into_iter().enumerate() {
            let line = budget_line::ActiveModel {
                application_id: Set(bid),
                head: Set(head.into()),
                label: Set(head.into()),
                quantity: Set(1),
                unit_minor: Set(unit),
                source: Set(BudgetSource::Grant),
                position: Set(position as i32),
                ..Default::default()
            };
            budget_line::Entity::insert(line).exec_without_returning(tx).await.unwrap();
        }
        let batch = decision_batch::ActiveModel {
            call_id: Set(call),
            stage: Set(BatchStage::Decided),
            scores: Set(json!([])),
            note: Set(String::new()),
            drafted_by: Set(self.officer),
            drafted_at: Set(tx.now()),
            approved_by: Set(Some(self.approver)),
            approved_at: Set(Some(tx.now())),
            returned_reason: Set(String::new()),
            version: Set(1),
            ..Default::default()
        };
        let batch = decision_batch::Entity::insert(batch).exec_with_returning(tx).await.unwrap().id;
        let item = decision_item::ActiveModel {
            batch_id: Set(batch),
            application_id: Set(bid),
            outcome: Set(Outcome::Approved),
            award_kind: Set(AwardKind::Project),
            amount_minor: Set(8_300_000),
            fee_minor: Set(83_000),
            currency: Set(Currency::CNY),
            stage: Set(ItemStage::Final),
            reason: Set(String::new()),
            committed: Set(true),
            final_at: Set(Some(tx.now())),
            ..Default::default()
        };
        (bid, decision_item::Entity::insert(item).exec_with_returning(tx).await.unwrap())
    }

    async fn gift_row(&self, tx: &tributary::edges::db::Tx, fund: FundId) -> GiftId {
        let row = gift::ActiveModel {
            donor_organisation_id: Set(Some(self.donor)),
            receipt_wanted: Set(true),
            recorded_by: Set(Some(self.finance)),
            ..rows::gift(fund, "owner 1", 9_836_000, self.approver, tx.now())
        };
        gift::Entity::insert(row).exec_with_returning(tx).await.unwrap().id
    }

    async fn payee_row(&self, tx: &tributary::edges::db::Tx) {
        let past = tx.now() - Duration::days(10);
        let kept = numbers::keep(&self.world.edges, self.organisation, "6222000000001234").unwrap();
        let row = payee_account::ActiveModel {
            organisation_id: Set(self.organisation),
            holder: Set("SO-1".into()),
            bank_name: Set("bank".into()),
            account_sealed: Set(kept.sealed),
            account_mark: Set(kept.mark),
            account_tail: Set(kept.tail),
            currency: Set(Currency::CNY),
            stage: Set(PayeeStage::Usable),
            entered_by: Set(self.signatory),
            entered_at: Set(past),
            evidence: Set("letter".into()),
            verified_by: Set(Some(self.finance)),
            verified_at: Set(Some(past)),
            approved_by: Set(Some(self.approver)),
            approved_at: Set(Some(past)),
            usable_from: Set(Some(past + Duration::days(3))),
            version: Set(1),
            ..Default::default()
        };
        payee_account::Entity::insert(row).exec_without_returning(tx).await.unwrap();
    }

    /// The same, accepted and signed by both.
    pub async fn active() -> Self {
        Self::active_in(World::bare().await).await
    }

    /// The same in a world that is there.
    pub async fn active_in(world: World) -> Self {
        Self::offered_in(world).await.signed().await
    }

    /// The offer accepted and the agreement signed by both.
    pub async fn signed(self) -> Self {
        let grant = self;
        awards::accept(&grant.signs().await, grant.award).await.unwrap();
        awards::sign_as_grantee(&grant.signs().await, grant.award, "signatory-so-1").await.unwrap();
        awards::sign_for_foundation(&grant.role::<Administrator>(grant.administrator).await, grant.award)
            .await
            .unwrap();
        grant
    }

    pub async fn role<R: RolePermission>(&self, person: PersonId) -> As<R> {
        self.world.role::<R>(person).await
    }

    pub async fn signs(&self) -> As<Signatory> {
        self.world.acting(self.signatory).await.signatory_of(self.organisation).unwrap()
    }

    pub async fn edits(&self) -> As<Editor> {
        self.world.acting(self.editor).await.editor_of(self.organisation).unwrap()
    }

    pub async fn officer(&self) -> As<Officer> {
        self.role(self.officer).await
    }

    /// The tranche with this ordinal.
    pub async fn tranche(&self, ordinal: i32) -> tranche::Model {
        tranche::Entity::find()
            .filter(tranche::Column::AwardId.eq(self.award))
            .filter(tranche::Column::Ordinal.eq(ordinal))
            .one(self.world.edges.db.read())
            .await
            .unwrap()
            .unwrap()
    }

    /// The report of a kind.
    pub async fn report(&self, kind: ReportKind) -> report::Model {
        report::Entity::find()
            .filter(report::Column::AwardId.eq(self.award))
            .filter(report::Column::Kind.eq(kind))
            .order_by_desc(report::Column::Id)
            .one(self.world.edges.db.read())
            .await
            .unwrap()
            .unwrap()
    }

    /// A file with these bytes.
    pub async fn kept(&self, text: &str) -> Kept {
        let context = self.world.acting(self.finance).await;
        keep(&context, "voucher", "voucher.txt", text.as_bytes()).await.unwrap()
    }

    /// Asks for a tranche and takes every step up to the last approval.
    pub async fn to_approved(&self, ordinal: i32) -> TrancheId {
        let id = self.tranche(ordinal).await.id;
        approvals::request(&self.signs().await, id, None).await.unwrap();
        approvals::approve_programme(&self.officer().await, id).await.unwrap();
        approvals::prepare(&self.role::<Finance>(self.finance).await, id).await.unwrap();
        approvals::approve(&self.role::<Approver>(self.approver).await, id).await.unwrap();
        if self.tranche(ordinal).await.amount_minor >= 4_000_000 {
            approvals::approve_third(&self.role::<Approver>(self.approver_b).await, id).await.unwrap();
        }
        id
    }

    /// Asks for a tranche and takes every step up to the batch.
    pub async fn to_batched(&self, ordinal: i32) -> TrancheId {
        let id = self.to_approved(ordinal).await;
        bank::batch(&self.role::<Finance>(self.finance).await, id).await.unwrap();
        id
    }

    /// What the bank says about a tranche.
    pub async fn seen(&self, line: &str) -> bank::Seen {
        bank::Seen {
            bank_line: line.into(),
            paid_on: self.world.edges.today(),
            voucher: self.kept(&format!("{line} original")).await,
            redacted: self.kept(&format!("{line} redacted")).await,
        }
    }

    /// Pays a tranche that is due.
    pub async fn pay(&self, ordinal: i32) -> TrancheId {
        let id = self.to_batched(ordinal).await;
        bank::send(&self.role::<Finance>(self.finance).await, id).await.unwrap();
        let seen = self.seen(&format!("line-{ordinal}-{id}")).await;
        bank::confirm_paid(&self.role::<Finance>(self.finance_b).await, id, &seen).await.unwrap();
        id
    }

    /// Writes, signs and has a report accepted.
    pub async fn report_accepted(&self, kind: ReportKind) {
        let row = self.report(kind).await;
        if row.stage == ReportStage::Scheduled {
            reports::open(&self.officer().await, row.id).await.unwrap();
        }
        let told = Saved {
            narrative: "done".into(),
            spending: vec![tributary::core::plan::SpendingLine { head: "labour".into(), amount_minor: 1 }],
            ..Saved::default()
        };
        reports::save(&self.edits().await, row.id, row.version, &told).await.unwrap();
        reports::hand_over(&self.edits().await, row.id).await.unwrap();
        reports::submit(&self.signs().await, row.id).await.unwrap();
        reports::accept(&self.officer().await, row.id).await.unwrap();
    }

    /// Committed, payable on all tranches, and available in the fund.
    pub async fn balances(&self) -> (i64, i64, i64) {
        let db = self.world.edges.db.read();
        let committed = balances::posted(db, Account::AwardCommitted(self.item), Currency::CNY).await.unwrap();
        let mut payable = 0;
        for ordinal in 1..=3 {
            let id = self.tranche(ordinal).await.id;
            payable += balances::posted(db, Account::AwardPayable(id), Currency::CNY).await.unwrap();
        }
        let fund = balances::available(db, Account::FundAvailable(self.fund), Currency::CNY).await.unwrap();
        (committed, payable, fund)
    }
}
