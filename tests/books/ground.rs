//! The ground under the books: people, an organisation, awards with their tranches, approved payments. Written as rows, because
//! here the books alone are on trial.

use crate::support::{World, tools::Throws};
use chrono::NaiveDate;
use entities::kinds::{AwardId, Currency, DecisionItemId, DocumentId, FundId, PaymentId, PersonId, TrancheId};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};
use tributary::ledger::recipes::{Sum, TranchePlace};
use tributary::people::permission::{As, Context, System};

/// The five whom a payment needs apart from each other.
pub struct Ground {
    pub requester: PersonId,
    pub enterer: PersonId,
    pub maker: PersonId,
    pub checker: PersonId,
    pub third: PersonId,
    awards: std::sync::atomic::AtomicI64,
    payments: std::sync::atomic::AtomicI64,
}

/// Tranches an award may have at most.
pub const TRANCHES: i64 = 24;

pub fn sum(amount_minor: i64) -> Sum {
    Sum { amount_minor, currency: Currency::CNY, on: NaiveDate::from_ymd_opt(2026, 1, 5).unwrap() }
}

pub fn system(world: &World) -> As<System> {
    Context::system(world.edges.clone())
}

/// Runs raw SQL past every service.
pub async fn raw(world: &World, sql: &str) -> Result<u64, DbErr> {
    world.edges.db.read().execute_unprepared(sql).await.map(|done| done.rows_affected())
}

pub async fn rows(world: &World, sql: &str) -> Vec<QueryResult> {
    world.edges.db.read().query_all_raw(Statement::from_string(world.edges.db.backend(), sql)).await.unwrap()
}

/// The one whole number that a query answers; 0 for nothing.
pub async fn number(world: &World, sql: &str) -> i64 {
    let rows = rows(world, sql).await;
    rows.first().and_then(|row| row.try_get_by_index::<Option<i64>>(0).unwrap()).unwrap_or(0)
}

impl Ground {
    pub async fn lay(world: &World) -> Self {
        let requester = world.person("requester", &[]).await;
        let enterer = world.person("enterer", &[]).await;
        let maker = world.person("maker", &[]).await;
        let checker = world.person("checker", &[]).await;
        let third = world.person("third", &[]).await;
        let t = "'2026-01-05T01:00:00+00:00'";
        raw(world, &format!("
            insert into organisation (id, legal_form, name_zh, name_en, area, profile, created_at) values (1, 'association', '', 'SO-1', 'wuhou', '{{}}', {t});
            insert into fund (id, name_zh, name_en, purpose_zh, purpose_en, kind, community, area, currency, opening_minimum_minor, fee_bps, mode, qualification_number, filing_number, spending, residue_rule, committee_size, stage, initiator_id, board_minute, agreement_hash, created_by, created_at, version)
              values (1, '', 'Fund 1', '', '', 'micro', '', 'wuhou', 'CNY', 0, 100, 'none', '', '', 'expendable', '', 0, 'draft', 1, '', '', {requester}, {t}, 1);
            insert into form (id, name, created_at) values (1, 'form', {t});
            insert into form_version (id, form_id, version, definition, created_at) values (1, 1, 1, '{{}}', {t});
            insert into call (id, fund_id, kind, title_zh, title_en, summary_zh, summary_en, currency, cap_minor, envelope_minor, area, eligibility, rubric, method, blind, reviews_required, budget_heads, negative_list, tranche_plan, reporting_plan, form_version_id, notice_days, appeal_days, host_allowed, opens_at, closes_at, stage, drafted_by, created_at, version)
              values (1, 1, 'open', '', 'Call', '', '', 'CNY', 1000000, 1000000, 'wuhou', '[]', '[]', 'mean', false, 1, '[]', '[]', '[]', '[]', 1, 5, 5, false, {t}, '2026-02-05T01:00:00+00:00', 'draft', {requester}, {t}, 1);
            insert into decision_batch (id, call_id, stage, scores, note, drafted_by, drafted_at, version) values (1, 1, 'draft', '{{}}', '', {requester}, {t}, 1);
            insert into payee_account (id, organisation_id, holder, bank_name, account_sealed, account_mark, account_tail, currency, stage, entered_by, entered_at, evidence, version) values (1, 1, 'SO-1', 'Bank', 'sealed', 'mark', '0000', 'CNY', 'entered', {enterer}, {t}, '', 1);
            insert into document (id, sha256, name, media_type, bytes, purpose, public, uploaded_at) values (1, 'x', 'voucher', 'application/pdf', 1, 'voucher', false, {t});
        ")).await.unwrap();
        Self { requester, enterer, maker, checker, third, awards: 0.into(), payments: 0.into() }
    }

    /// An award with all its tranches; answers the first tranche's key.
    pub async fn award(&self, world: &World) -> i64 {
        let n = self.awards.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        let (t, p) = ("'2026-01-05T01:00:00+00:00'", self.requester);
        let first = (n - 1) * TRANCHES + 1;
        let tranches: Vec<String> = (0..TRANCHES)
            .map(|k| format!("({}, {n}, {}, 1000000000, 1000000000, 'CNY', '[]', 'planned', 1)", first + k, k + 1))
            .collect();
        raw(world, &format!("
            insert into application (id, call_id, organisation_id, title, summary, site, team, answers, ask_minor, currency, stage, findings, drafted_by, created_at, reasons, version)
              values ({n}, 1, 1, 'Project', '', '', '', '{{}}', 0, 'CNY', 'withdrawn', '[]', {p}, {t}, '[]', 1);
            insert into decision_item (id, batch_id, application_id, outcome, award_kind, amount_minor, fee_minor, currency, stage, reason) values ({n}, 1, {n}, 'approved', 'project', 1, 0, 'CNY', 'drafted', '');
            insert into award (id, item_id, application_id, call_id, fund_id, organisation_id, kind, title, amount_minor, fee_bps, currency, stage, offered_at, offer_expires_on, version)
              values ({n}, {n}, {n}, 1, 1, 1, 'project', 'Project', 1, 100, 'CNY', 'offered', {t}, '2026-02-05', 1);
            insert into tranche (id, award_id, ordinal, planned_minor, amount_minor, currency, gates, stage, version) values {};
        ", tranches.join(","))).await.unwrap();
        first
    }

    /// A payment of a tranche as requested, without an approval.
    pub async fn requested(&self, world: &World, tranche: i64, amount_minor: i64) -> PaymentId {
        let id = self.payments.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        raw(world, &format!("insert into payment (id, tranche_id, amount_minor, currency, payee_account_id, payee_entered_by, requested_by, requested_at, third_required)
            values ({id}, {tranche}, {amount_minor}, 'CNY', 1, {}, {}, '2026-01-05T01:00:00+00:00', false)", self.enterer, self.requester)).await.unwrap();
        PaymentId(id)
    }

    /// A payment prepared by one and approved by another.
    pub async fn approved(&self, world: &World, tranche: i64, amount_minor: i64) -> PaymentId {
        let id = self.requested(world, tranche, amount_minor).await;
        self.approve(world, id).await;
        id
    }

    pub async fn approve(&self, world: &World, id: PaymentId) {
        raw(
            world,
            &format!(
                "update payment set prepared_by = {}, approved_by = {}, instruction = 'P-{id}' where id = {id}",
                self.maker, self.checker
            ),
        )
        .await
        .unwrap();
    }

    /// Ends a payment, so that its tranche may be paid by another.
    pub async fn end(&self, world: &World, id: PaymentId, outcome: &str) {
        raw(
            world,
            &format!("update payment set outcome = '{outcome}', confirmed_by = {} where id = {id}", self.checker),
        )
        .await
        .unwrap();
    }
}

pub fn place(fund: i64, item: i64, tranche: i64) -> TranchePlace {
    TranchePlace {
        fund: FundId(fund),
        award: AwardId((tranche - 1) / TRANCHES + 1),
        item: DecisionItemId(item),
        tranche: TrancheId(tranche),
    }
}

pub const VOUCHER: DocumentId = DocumentId(1);

/// One of them, by a throw.
pub fn one_of<T: Copy>(throws: &mut Throws, from: &[T]) -> Option<T> {
    if from.is_empty() {
        return None;
    }
    let place = throws.between(0, i64::try_from(from.len()).unwrap() - 1);
    Some(from[usize::try_from(place).unwrap()])
}
