//! Calls: drafted by one officer, checked by another, opened and closed by the clock, amended only later.

use crate::support::{World, nine, rows};
use chrono::Duration;
use entities::fund;
use entities::kinds::{
    AwardKind, CallId, CallKind, CallStage, FormVersionId, FundId, FundraisingMode, LegalForm, Role, ScoringMethod,
};
use sea_orm::ActiveValue::Set;
use tributary::core::answers::FormDefinition;
use tributary::core::eligibility::{self, CreditList, Rule};
use tributary::core::plan::{Criterion, Gate, PlannedReport, PlannedTranche};
use tributary::grants::calls::service::{self, Drafted};
use tributary::people::permission::{As, Officer};

/// An active fund, written directly: its room has its own journey.
pub async fn fund(world: &World) -> FundId {
    let initiator = world.organisation("initiator", LegalForm::Company, None).await;
    let one = world.person("fund-signatory", &[]).await;
    let two = world.person("fund-administrator", &[Role::Administrator]).await;
    let row = rows::fund(initiator, [one, two], world.edges.clock.now());
    rows::put(world, fund::ActiveModel { mode: Set(FundraisingMode::None), ..row }).await.id
}

pub fn questions() -> FormDefinition {
    let words = serde_json::json!({"en": "How will it last?", "zh": "如何维护？"});
    let question = serde_json::json!({
        "id": "upkeep", "label": words, "kind": {"type": "text", "max": 200}, "required": true
    });
    let section = serde_json::json!({"id": "last", "title": words, "questions": [question]});
    serde_json::from_value(serde_json::json!({"version": 1, "sections": [section]})).unwrap()
}

pub fn drafted(fund: FundId, form_version: FormVersionId) -> Drafted {
    let criterion = |id: &str, weight: i64| Criterion {
        id: id.into(),
        label_zh: id.into(),
        label_en: id.into(),
        weight,
        max: 100,
        comment_required: false,
    };
    let tranche = |share_bps, gate| PlannedTranche { share_bps, gates: vec![gate] };
    Drafted {
        programme: None,
        fund,
        need: None,
        kind: CallKind::Open,
        category: String::new(),
        award_kind: AwardKind::Project,
        round: String::new(),
        concept: None,
        sealed: false,
        title_zh: "航中街背街小巷微更新".into(),
        title_en: "Hangzhong Street".into(),
        summary_zh: "外墙整治".into(),
        summary_en: "The wall".into(),
        cap_minor: 9_000_000,
        envelope_minor: 9_000_000,
        area: "wuhou".into(),
        eligibility: vec![
            Rule::LegalForm {
                any_of: vec![
                    eligibility::LegalForm::Association,
                    eligibility::LegalForm::Foundation,
                    eligibility::LegalForm::SocialServiceBody,
                ],
            },
            Rule::NotOnList { list: CreditList::Abnormal, look_back_months: 12 },
            Rule::Area { any_of: vec!["wuhou".into()] },
        ],
        rubric: vec![criterion("need", 4_000), criterion("design", 6_000)],
        method: ScoringMethod::TrimmedMean,
        blind: false,
        named_after_review: false,
        reviews_required: 3,
        budget_heads: vec!["material".into(), "labour".into()],
        negative_list: vec!["cash".into()],
        tranche_plan: vec![
            tranche(5_000, Gate::Signature),
            tranche(4_000, Gate::MidTermEvaluation),
            tranche(1_000, Gate::FinalReport),
        ],
        reporting_plan: vec![PlannedReport { kind: "final".into(), due_after_days: 180 }],
        form_version,
        report_form: None,
        evaluation_form: None,
        notice_days: 5,
        appeal_days: 5,
        host_allowed: true,
        opens_at: nine(2026, 1, 7),
        closes_at: nine(2026, 1, 20),
    }
}

/// A call that is open on 7 January 2026, 9 o'clock; with its two officers.
pub async fn open(world: &World) -> (CallId, As<Officer>, As<Officer>) {
    let a = world.person("officer-a", &[Role::ProgrammeOfficer]).await;
    let b = world.person("officer-b", &[Role::ProgrammeOfficer]).await;
    let (a, b) = (world.role::<Officer>(a).await, world.role::<Officer>(b).await);
    let form = service::form_version(&a, "plain", questions()).await.unwrap();
    let call = service::draft(&a, drafted(fund(world).await, form)).await.unwrap();
    service::check(&b, call).await.unwrap();
    world.at(nine(2026, 1, 7)).await;
    (call, a, b)
}

async fn stage(world: &World, call: CallId) -> CallStage {
    service::load(world.edges.db.read(), call).await.unwrap().stage
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_scheduled_by_two_and_turned_by_the_clock() {
    let world = World::bare().await;
    let a = world.person("officer-a", &[Role::ProgrammeOfficer]).await;
    let b = world.person("officer-b", &[Role::ProgrammeOfficer]).await;
    let (a, b) = (world.role::<Officer>(a).await, world.role::<Officer>(b).await);
    let form = service::form_version(&a, "plain", questions()).await.unwrap();
    let good = drafted(fund(&world).await, form);

    let mut uneven = good.clone();
    uneven.rubric[0].weight = 1;
    uneven.tranche_plan[0].gates.clear();
    uneven.cap_minor = 9_000_001;
    assert_eq!(service::draft(&a, uneven).await.unwrap_err().code(), "refused-call-cap-above-envelope");

    let call = service::draft(&a, good.clone()).await.unwrap();
    assert_eq!(service::revise(&a, call, 7, good.clone()).await.unwrap_err().code(), "refused-stale");
    assert_eq!(service::revise(&a, call, 1, good.clone()).await.unwrap(), 2);
    assert_eq!(service::check(&a, call).await.unwrap_err().code(), "forbidden-second-person");
    service::check(&b, call).await.unwrap();
    assert_eq!(service::check(&b, call).await.unwrap_err().code(), "refused-stage");
    assert_eq!(service::revise(&a, call, 3, good).await.unwrap_err().code(), "refused-call-fixed");

    world.settle().await;
    assert_eq!(stage(&world, call).await, CallStage::Scheduled);
    world.at(nine(2026, 1, 7)).await;
    assert_eq!(stage(&world, call).await, CallStage::Open);

    let earlier = Some(nine(2026, 1, 19));
    assert_eq!(service::amend(&a, call, "改", "", earlier).await.unwrap_err().code(), "refused-call-only-later");
    service::amend(&a, call, "延期一天", "A day later", Some(nine(2026, 1, 21))).await.unwrap();
    world.at(nine(2026, 1, 20)).await;
    assert_eq!(stage(&world, call).await, CallStage::Open);
    world.at(nine(2026, 1, 21) - Duration::milliseconds(1)).await;
    assert_eq!(stage(&world, call).await, CallStage::Open);
    world.at(nine(2026, 1, 21)).await;
    assert_eq!(stage(&world, call).await, CallStage::Closed);
    service::start_review(&a, call).await.unwrap();
    assert_eq!(service::archive(&a, call).await.unwrap_err().code(), "refused-stage");
    service::cancel(&a, call, "no bids").await.unwrap();
    assert_eq!(stage(&world, call).await, CallStage::Cancelled);
    world.settle().await;
}
