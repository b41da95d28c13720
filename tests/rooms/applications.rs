//! Applications: written, signed before the deadline, screened, appealed.

use super::calls::open;
use crate::support::{World, day, nine};
use chrono::Duration;
use entities::kinds::{
    AppealAgainst, ApplicationId, ApplicationStage, BudgetSource, CallId, LegalForm, MemberRole, OrganisationId,
    RecordKind, Role,
};
use entities::organisation_record;
use sea_orm::{ActiveValue::Set, EntityTrait};
use tributary::core::answers::Answers;
use tributary::error::Error;
use tributary::grants::applications::service::{self, Line, Measured, Saved};
use tributary::grants::applications::{edit, list, view};
use tributary::grants::calls;
use tributary::people::permission::Context;
use tributary::people::permission::{As, Editor, Officer, Signatory};
use tributary::web::page::{Answer, Page, Reply};

fn told() -> Saved {
    Saved {
        title: "The wall".into(),
        summary: "83 metres".into(),
        site: "Hangzhong Street".into(),
        team: "three masons".into(),
        answers: Answers([("upkeep".to_owned(), serde_json::json!("yearly"))].into()),
        lines: vec![Line {
            head: "material".into(),
            label: "wall, a metre".into(),
            quantity: 83,
            unit_minor: 100_000,
            source: BudgetSource::Grant,
        }],
        indicators: vec![Measured { name: "wall".into(), unit: "m".into(), baseline: 0, target: 83 }],
        ..Saved::default()
    }
}

async fn stage(world: &World, id: ApplicationId) -> ApplicationStage {
    service::load(world.edges.db.read(), id).await.unwrap().stage
}

pub struct Side {
    pub organisation: OrganisationId,
    pub editor: As<Editor>,
    pub signatory: As<Signatory>,
}

pub async fn side(world: &World, name: &str, form: LegalForm, uscc: &str) -> Side {
    let organisation = world.organisation(name, form, Some(uscc)).await;
    let editor = world.person(&format!("{name}-editor"), &[]).await;
    let signatory = world.person(&format!("{name}-signatory"), &[]).await;
    world.member(editor, organisation, MemberRole::Editor).await;
    world.member(signatory, organisation, MemberRole::Signatory).await;
    Side {
        organisation,
        editor: world.acting(editor).await.editor_of(organisation).unwrap(),
        signatory: world.acting(signatory).await.signatory_of(organisation).unwrap(),
    }
}

async fn record(world: &World, organisation: OrganisationId, kind: RecordKind, value: &str) {
    let row = organisation_record::ActiveModel {
        organisation_id: Set(organisation),
        kind: Set(kind),
        value: Set(value.into()),
        valid_from: Set(day(2025, 6, 1)),
        valid_until: Set(Some(day(2026, 12, 31))),
        evidence: Set("register".into()),
        recorded_at: Set(world.edges.clock.now()),
        ..Default::default()
    };
    let row = &row;
    world
        .edges
        .db
        .write(|tx| async move {
            organisation_record::Entity::insert(row.clone()).exec_without_returning(&tx).await?;
            Ok(())
        })
        .await
        .unwrap();
}

pub async fn written(side: &Side, call: CallId) -> ApplicationId {
    let id = service::start(&side.editor, call, "The wall").await.unwrap();
    service::save(&side.editor, id, 1, told()).await.unwrap();
    service::hand_over(&side.editor, id).await.unwrap();
    id
}

fn codes(error: Error) -> Vec<&'static str> {
    match error {
        Error::Refused(wrong) => wrong.into_iter().map(|violation| violation.code).collect(),
        other => vec![other.code()],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_is_written_signed_screened_and_appealed() {
    let world = World::bare().await;
    let (call, a, b) = open(&world).await;
    let so1 = side(&world, "SO-1", LegalForm::SocialServiceBody, "52999999TE00000459").await;
    let so2 = side(&world, "SO-2", LegalForm::SocialServiceBody, "52999999TE00000534").await;

    let id = service::start(&so1.editor, call, "The wall").await.unwrap();
    assert_eq!(service::start(&so1.editor, call, "Again").await.unwrap_err().code(), "refused-second-application");
    assert!(codes(service::hand_over(&so1.editor, id).await.unwrap_err()).contains(&"answer-required"));
    assert_eq!(service::save(&so2.editor, id, 1, told()).await.unwrap_err().code(), "not-found");
    assert_eq!(service::save(&so1.editor, id, 1, told()).await.unwrap(), 2);
    assert_eq!(service::save(&so1.editor, id, 1, told()).await.unwrap_err().code(), "refused-stale");
    let mut cash = told();
    cash.lines[0].head = "cash".into();
    assert_eq!(service::save(&so1.editor, id, 2, cash).await.unwrap_err().code(), "refused-application-negative-head");
    assert_eq!(service::load(world.edges.db.read(), id).await.unwrap().ask_minor, 8_300_000);
    service::hand_over(&so1.editor, id).await.unwrap();
    service::take_back(&so1.editor, id).await.unwrap();
    service::hand_over(&so1.editor, id).await.unwrap();
    service::submit(&so1.signatory, id).await.unwrap();
    assert_eq!(service::load(world.edges.db.read(), id).await.unwrap().content_hash.len(), 64);
    assert_eq!(service::submit(&so1.signatory, id).await.unwrap_err().code(), "refused-stage");

    let late = written(&so2, call).await;
    let unfinished = side(&world, "SO-4", LegalForm::Association, "51999999TE00000610").await;
    let unfinished = service::start(&unfinished.editor, call, "Unfinished").await.unwrap();
    service::ask_information(&a, id, "Which paint?", 3).await.unwrap();
    world.edges.clock.set(nine(2026, 1, 20) + Duration::seconds(1));
    assert_eq!(service::submit(&so2.signatory, late).await.unwrap_err().code(), "refused-after-deadline");
    world.settle().await;
    assert_eq!(stage(&world, late).await, ApplicationStage::Lapsed);
    assert_eq!(stage(&world, unfinished).await, ApplicationStage::Lapsed);

    // The question was asked on the 7th; nobody answered in three working days.
    assert_eq!(stage(&world, id).await, ApplicationStage::Submitted);
    service::ask_information(&a, id, "Which paint, please?", 3).await.unwrap();
    assert_eq!(calls::service::start_review(&a, call).await.unwrap_err().code(), "refused-call-not-screened");
    service::answer_information(&so1.signatory, id, "Mineral paint").await.unwrap();
    let own = world.acting(so1.editor.actor.person.unwrap()).await;
    assert!(view::visible(&own, id).await.is_ok());
    let stranger = world.acting(so2.editor.actor.person.unwrap()).await;
    assert!(matches!(view::visible(&stranger, id).await, Err(Error::NotFound)));

    service::screen(&a, id, false, vec!["eligibility-area".into()], "").await.unwrap();
    let appeal = service::appeal(&so1.signatory, id, AppealAgainst::Screening, "We work in Wuhou").await.unwrap();
    let took_part = service::decide_appeal(&a, appeal, true, "yes").await.unwrap_err();
    assert_eq!(took_part.code(), "forbidden-appeal-took-part");
    service::decide_appeal(&b, appeal, true, "The area fits").await.unwrap();
    assert_eq!(stage(&world, id).await, ApplicationStage::Eligible);
    calls::service::start_review(&a, call).await.unwrap();
    service::withdraw(&so1.signatory, id, "no capacity").await.unwrap();
    world.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_apply_is_told_why_and_what_would_mend_it() {
    let world = World::bare().await;
    let (call, a, _) = open(&world).await;
    let listed = side(&world, "SO-3", LegalForm::SocialServiceBody, "52999999TE0000061Y").await;
    record(&world, listed.organisation, RecordKind::Credit, "abnormal").await;
    let id = written(&listed, call).await;
    let wrong = codes(service::submit(&listed.signatory, id).await.unwrap_err());
    assert_eq!(wrong, ["eligibility-not-on-abnormal-list", "eligibility-mend-removal"]);

    let enterprise = side(&world, "SE-1", LegalForm::SocialEnterprise, "91999999TE0000088M").await;
    record(&world, enterprise.organisation, RecordKind::EnterpriseStage, "seed").await;
    let id = written(&enterprise, call).await;
    let wrong = codes(service::submit(&enterprise.signatory, id).await.unwrap_err());
    assert_eq!(wrong, ["eligibility-legal-form", "eligibility-mend-enterprise-track"]);

    let group = side(&world, "group", LegalForm::ResidentGroup, "52999999TE00000888").await;
    let refused = service::start(&group.editor, call, "Child").await.unwrap_err();
    assert_eq!(refused.code(), "refused-application-host-missing");

    let so1 = side(&world, "SO-1", LegalForm::SocialServiceBody, "52999999TE00000459").await;
    let id = written(&so1, call).await;
    service::submit(&so1.signatory, id).await.unwrap();
    world.member(a.actor.person.unwrap(), so1.organisation, MemberRole::Editor).await;
    let own = service::screen(&a, id, true, vec![], "").await.unwrap_err();
    assert_eq!(own.code(), "forbidden-application-own");
    let c = world.person("officer-c", &[Role::ProgrammeOfficer]).await;
    let c = world.role::<Officer>(c).await;
    service::screen(&c, id, true, vec![], "").await.unwrap();
    assert_eq!(stage(&world, id).await, ApplicationStage::Eligible);
    world.settle().await;
}

/// The page in HTML, without a key that has no words.
fn drawn(answer: Answer) -> String {
    let Ok(Reply::Page(page)) = answer else { panic!("no page: {answer:?}") };
    page.render("/x", String::new()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_drawn_for_everybody_in_both_languages() {
    let world = World::bare().await;
    let (call, a, _) = open(&world).await;
    // No two routes lead to the same address.
    assert!(tributary::app::server(world.edges.clone()).ignite().await.is_ok());
    let so1 = side(&world, "SO-1", LegalForm::SocialServiceBody, "52999999TE00000459").await;
    let id = service::start(&so1.editor, call, "The wall").await.unwrap();
    for locale in [entities::kinds::Locale::En, entities::kinds::Locale::ZhCn] {
        let speaking = |context: &Context| Context { locale, ..context.clone() };
        let (editor, officer) = (speaking(&so1.editor), speaking(&a));
        let visitor = speaking(&a.anyone());
        let visitor =
            Context { actor: std::sync::Arc::new(tributary::people::permission::Actor::visitor()), ..visitor };
        let mut pages = vec![
            drawn(calls::view::list(&visitor, None).await),
            drawn(calls::view::list(&officer, None).await),
            drawn(calls::view::show(&visitor, call).await),
            drawn(calls::view::show(&editor, call).await),
            drawn(calls::view::show(&officer, call).await),
            drawn(calls::view::apply(&editor, call, None).await),
            drawn(calls::view::programme(&officer)),
            drawn(view::show(&editor, id).await),
            drawn(edit::page(&editor, id).await),
            drawn(list::list(&editor, &list::Wanted::read(None, None, None, None)).await),
            drawn(list::list(&officer, &list::Wanted::read(Some(call), Some("submitted"), None, None)).await),
        ];
        for act in ["check", "start-review", "archive", "amend", "cancel"] {
            pages.push(drawn(calls::view::act(&officer, call, act).await));
        }
        for act in [
            "hand-over",
            "submit",
            "withdraw",
            "answer-information",
            "appeal",
            "ask-information",
            "take-back",
            "attach",
            "promise",
            "ask-partner",
            "needs",
        ] {
            pages.push(drawn(view::act(&editor, id, act).await));
        }
        let form = drawn(calls::form::page(&officer, None).await);
        assert!(form.contains("tranches.4.gate"));
        for sample in calls::view::CallPage::samples(&editor) {
            pages.push(drawn(Page::new(&editor, "calls/show.html", "calls", &sample).unwrap().answer()));
        }
        for sample in view::ApplicationPage::samples() {
            pages.push(drawn(Page::new(&editor, "applications/show.html", "", &sample).unwrap().answer()));
        }
        for sample in edit::EditPage::samples(&editor) {
            pages.push(drawn(Page::new(&editor, "applications/edit.html", "", &sample).unwrap().answer()));
        }
        for page in pages.iter().chain([&form]) {
            for family in
                ["call-", "act-", "stage-", "head-", "application-", "rule-", "eligibility-", "did-", "field-"]
            {
                let bare = format!(">{family}");
                assert!(!page.contains(&bare), "a key without words: {}", &page[page.find(&bare).unwrap()..][..80]);
            }
        }
        assert_eq!(list::waiting(&editor).await.unwrap().len(), 1);
        assert!(calls::view::waiting(&officer).await.unwrap().is_empty());
        assert!(matches!(view::show(&officer, id).await, Err(Error::NotFound)));
    }
}
