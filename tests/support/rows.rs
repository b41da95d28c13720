//! Rows that stand in a world before its play begins: a fund that gives, its call, a bid, a gift. A test says with
//! `..rows::fund(…)` only what is its own.

use super::World;
use chrono::{DateTime, Duration, Utc};
use entities::kinds::{
    Anonymity, ApplicationStage, CallId, CallKind, CallStage, Currency, FormVersionId, FundId, FundKind, FundStage,
    FundraisingMode, GiftKind, GiftStage, NeedStage, OrganisationId, PersonId, ScoringMethod, SpendingType,
};
use entities::{application, call, form, form_version, fund, gift, need};
use sea_orm::{ActiveModelBehavior, ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::json;
use tributary::edges::db::Tx;

/// Writes a row, as nobody in the house does: without an act, without an event.
pub async fn put<A>(world: &World, row: A) -> <A::Entity as EntityTrait>::Model
where
    A: ActiveModelTrait + ActiveModelBehavior + Clone + Send + Sync,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A> + Send,
{
    let row = &row;
    world.edges.db.write(|tx| async move { Ok(row.clone().insert(&tx).await?) }).await.unwrap()
}

/// Changes a row in the same way.
pub async fn change<A>(world: &World, row: A)
where
    A: ActiveModelTrait + ActiveModelBehavior + Clone + Send + Sync,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A> + Send,
{
    let row = &row;
    world.edges.db.write(|tx| async move { Ok(row.clone().update(&tx).await.map(|_| ())?) }).await.unwrap();
}

/// The wall of Hangzhong Street (航中街), listed.
pub fn need(now: DateTime<Utc>) -> need::ActiveModel {
    need::ActiveModel {
        title_zh: Set("航中街外墙".into()),
        title_en: Set(String::new()),
        summary_zh: Set(String::new()),
        summary_en: Set(String::new()),
        community: Set("锦官新城社区".into()),
        area: Set("wuhou".into()),
        stage: Set(NeedStage::Listed),
        consents_required: Set(true),
        proposed_at: Set(now),
        ..Default::default()
    }
}

/// An active micro-fund, signed for its initiator by one and for the foundation by the other.
pub fn fund(initiator: OrganisationId, [one, other]: [PersonId; 2], now: DateTime<Utc>) -> fund::ActiveModel {
    fund::ActiveModel {
        name_zh: Set("锦官新城社区微基金".into()),
        name_en: Set(String::new()),
        purpose_zh: Set("背街小巷微更新".into()),
        purpose_en: Set(String::new()),
        kind: Set(FundKind::Micro),
        community: Set("锦官新城社区".into()),
        area: Set("wuhou".into()),
        currency: Set(Currency::CNY),
        opening_minimum_minor: Set(4_500_000),
        fee_bps: Set(100),
        mode: Set(FundraisingMode::Targeted),
        qualification_number: Set(String::new()),
        filing_number: Set(String::new()),
        spending: Set(SpendingType::Expendable),
        residue_rule: Set(String::new()),
        committee_size: Set(0),
        stage: Set(FundStage::Active),
        initiator_id: Set(initiator),
        board_minute: Set("1".into()),
        agreement_hash: Set(String::new()),
        initiator_signed_by: Set(Some(one)),
        initiator_signed_at: Set(Some(now)),
        foundation_signed_by: Set(Some(other)),
        foundation_signed_at: Set(Some(now)),
        created_by: Set(one),
        created_at: Set(now),
        version: Set(1),
        ..Default::default()
    }
}

/// A form without questions.
pub async fn form(tx: &Tx) -> FormVersionId {
    let form = form::ActiveModel { name: Set("f".into()), created_at: Set(tx.now()), ..Default::default() };
    let form = form::Entity::insert(form).exec_with_returning(tx).await.unwrap().id;
    let version = form_version::ActiveModel {
        form_id: Set(form),
        version: Set(1),
        definition: Set(json!({"version": 1, "sections": []})),
        created_at: Set(tx.now()),
        ..Default::default()
    };
    form_version::Entity::insert(version).exec_with_returning(tx).await.unwrap().id
}

/// A call that is over, drafted by one and checked by the other.
pub fn call(fund: FundId, form: FormVersionId, [one, other]: [PersonId; 2], now: DateTime<Utc>) -> call::ActiveModel {
    call::ActiveModel {
        fund_id: Set(fund),
        kind: Set(CallKind::Micro),
        category: Set(String::new()),
        title_zh: Set("航中街背街小巷微更新".into()),
        title_en: Set("Back-street micro-renewal".into()),
        summary_zh: Set(String::new()),
        summary_en: Set(String::new()),
        currency: Set(Currency::CNY),
        cap_minor: Set(9_000_000),
        envelope_minor: Set(9_000_000),
        area: Set("wuhou".into()),
        eligibility: Set(json!([])),
        rubric: Set(json!([])),
        method: Set(ScoringMethod::TrimmedMean),
        blind: Set(false),
        reviews_required: Set(1),
        budget_heads: Set(json!([])),
        negative_list: Set(json!([])),
        tranche_plan: Set(json!([{ "share_bps": 10_000, "gates": ["signature"] }])),
        reporting_plan: Set(json!([])),
        form_version_id: Set(form),
        notice_days: Set(5),
        appeal_days: Set(5),
        host_allowed: Set(true),
        opens_at: Set(now - Duration::days(30)),
        closes_at: Set(now - Duration::days(1)),
        stage: Set(CallStage::InReview),
        drafted_by: Set(one),
        checked_by: Set(Some(other)),
        created_at: Set(now),
        version: Set(1),
        ..Default::default()
    }
}

/// What an organisation asks a call for.
pub fn bid(
    call: CallId,
    organisation: OrganisationId,
    by: PersonId,
    ask_minor: i64,
    now: DateTime<Utc>,
) -> application::ActiveModel {
    application::ActiveModel {
        call_id: Set(call),
        organisation_id: Set(organisation),
        title: Set("the wall".into()),
        summary: Set("83 m of wall".into()),
        site: Set("航中街".into()),
        team: Set("t".into()),
        answers: Set(json!({})),
        ask_minor: Set(ask_minor),
        currency: Set(Currency::CNY),
        stage: Set(ApplicationStage::UnderReview),
        findings: Set(json!([])),
        drafted_by: Set(by),
        created_at: Set(now),
        reasons: Set(json!([])),
        version: Set(1),
        ..Default::default()
    }
}

/// A gift through the bank whose receipt somebody confirmed.
pub fn gift(
    fund: FundId,
    donor: &str,
    amount_minor: i64,
    confirmed_by: PersonId,
    now: DateTime<Utc>,
) -> gift::ActiveModel {
    gift::ActiveModel {
        fund_id: Set(fund),
        kind: Set(GiftKind::Bank),
        stage: Set(GiftStage::Received),
        donor_name: Set(donor.into()),
        anonymity: Set(Anonymity::Named),
        receipt_wanted: Set(false),
        amount_minor: Set(amount_minor),
        currency: Set(Currency::CNY),
        description: Set(String::new()),
        valuation_basis: Set(String::new()),
        confirmed_by: Set(Some(confirmed_by)),
        created_at: Set(now),
        ..Default::default()
    }
}
