//! People: the first two administrators, roles given by two, the doors, organisations, payee accounts.

use crate::support::{World, day, nine};
use entities::kinds::{
    Currency, HoldKind, LegalForm, Locale, MemberRole, PayeeStage, PersonId, Role, RoleGrantStage, Scope, Subject,
};
use entities::{person, role_grant};
use rocket::http::{ContentType, Header, Status};
use rocket::local::asynchronous::{Client, LocalResponse};
use sea_orm::EntityTrait;
use std::sync::Arc;
use tributary::app;
use tributary::commons::holds;
use tributary::config::Config;
use tributary::desk::jobs;
use tributary::edges::Edges;
use tributary::edges::clock::Clock;
use tributary::edges::dice::Dice;
use tributary::people::organisations::Registered;
use tributary::people::payees::{self, Entered};
use tributary::people::permission::{Administrator, Approver, As, Context, Finance, Officer, RolePermission};
use tributary::people::records::{self, Record};
use tributary::people::setup::{self, Founding};
use tributary::people::{accounts, gate, invitations, members, organisations, roles, sessions, view};

const PASSWORD: &str = "a stream joins another";

fn founding() -> Founding {
    Founding {
        name_zh: "成都市武侯社区发展基金会".into(),
        uscc: "53999999TE0000010K".into(),
        locale: "en".into(),
        policy: "cn".into(),
        currency: "CNY".into(),
        contact: "office".into(),
        admin1_email: "Admin-1@example.org".into(),
        admin1_name: "administrator 1".into(),
        admin2_email: "admin-2@example.org".into(),
        admin2_name: "administrator 2".into(),
        ..Founding::default()
    }
}

async fn empty() -> (Arc<Edges>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let config = Config { data: folder.path().to_owned(), ..Config::default() };
    let edges = app::open(config, Clock::frozen_at(nine(2026, 1, 5)), Dice::seeded(9)).await.unwrap();
    (edges, folder)
}

async fn role_of<R: RolePermission>(edges: &Arc<Edges>, person: PersonId) -> As<R> {
    Context::of_person(edges, person).await.unwrap().role::<R>().unwrap()
}

async fn post<'c>(client: &'c Client, path: &str, body: &str, site: &'static str) -> LocalResponse<'c> {
    client
        .post(path.to_owned())
        .header(ContentType::Form)
        .header(Header::new("sec-fetch-site", site))
        .body(body)
        .dispatch()
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_administrators_found_the_house_and_give_the_first_role() {
    let (edges, _folder) = empty().await;
    let client = Client::tracked(app::server(edges.clone())).await.unwrap();
    assert_eq!(client.get("/needs").dispatch().await.status(), Status::ServiceUnavailable);
    assert_eq!(client.get("/up").dispatch().await.status(), Status::Ok);

    let same = Founding { admin2_email: "admin-1@example.org".into(), ..founding() };
    assert_eq!(setup::found(&edges, &same).await.unwrap_err().code(), "refused-setup-same-person");
    let [first, second] = setup::found(&edges, &founding()).await.unwrap();
    assert_eq!(setup::found(&edges, &founding()).await.unwrap_err().code(), "refused-setup-done");
    assert_eq!(client.get("/ready").dispatch().await.status(), Status::Ok);

    let path = format!("/invitations/{first}");
    assert_eq!(client.get(path.clone()).dispatch().await.status(), Status::Ok);
    let short = post(&client, &path, "name=administrator+1&password=short", "same-origin").await;
    assert_eq!(short.status(), Status::UnprocessableEntity);
    let one = invitations::accept(&edges, &first, "administrator 1", PASSWORD, None).await.unwrap();
    let again = invitations::accept(&edges, &first, "administrator 1", PASSWORD, None).await;
    assert_eq!(again.unwrap_err().code(), "refused-invitation-used");
    assert_eq!(invitations::accept(&edges, "nonsense", "x", PASSWORD, None).await.unwrap_err().code(), "not-found");
    let two = invitations::accept(&edges, &second, "administrator 2", PASSWORD, None).await.unwrap();

    let officer = accounts::create(&edges, "finance@example.org", "finance 1", Locale::En, PASSWORD).await.unwrap();
    let by = role_of::<Administrator>(&edges, one).await;
    let other = role_of::<Administrator>(&edges, two).await;
    let own = roles::propose(&by, one, Role::FinanceOfficer, Scope::Foundation, None, None).await;
    assert_eq!(own.unwrap_err().code(), "forbidden-own-role");
    let grant = roles::propose(&by, officer, Role::FinanceOfficer, Scope::Foundation, None, None).await.unwrap();
    let twice = roles::propose(&other, officer, Role::FinanceOfficer, Scope::Foundation, None, None).await;
    assert_eq!(twice.unwrap_err().code(), "refused-role-held");
    assert_eq!(roles::confirm(&by, grant).await.unwrap_err().code(), "forbidden-second-person");
    // Everybody's own second factor waits besides.
    assert_eq!(view::waiting(&other).await.unwrap().len(), 2);
    assert_eq!(view::waiting(&by).await.unwrap().len(), 1);
    roles::confirm(&other, grant).await.unwrap();
    assert_eq!(roles::confirm(&other, grant).await.unwrap_err().code(), "refused-stage");
    assert!(Context::of_person(&edges, officer).await.unwrap().role::<Finance>().is_err());
    edges.clock.set(nine(2026, 1, 6));
    assert!(Context::of_person(&edges, officer).await.unwrap().role::<Finance>().is_ok());

    let reviewer = roles::propose(&by, officer, Role::Reviewer, Scope::Foundation, None, None).await.unwrap();
    let row = role_grant::Entity::find_by_id(reviewer).one(edges.db.read()).await.unwrap().unwrap();
    assert_eq!((row.stage, row.effective_on), (RoleGrantStage::Effective, Some(day(2026, 1, 6))));
    jobs::drain(&edges).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deputy_and_the_principal_count_as_one() {
    let world = World::bare().await;
    let one = world.person("one", &[Role::Administrator]).await;
    let two = world.person("two", &[Role::Administrator]).await;
    let deputy = world.person("deputy", &[]).await;
    let person = world.person("person", &[]).await;
    let by = world.role::<Administrator>(one).await;
    let other = world.role::<Administrator>(two).await;
    let until = day(2026, 2, 1);
    let none = roles::deputise(&by, deputy, person, Role::Administrator, Scope::Foundation, None, until).await;
    assert_eq!(none.unwrap_err().code(), "refused-role-principal");
    let grant = roles::deputise(&by, deputy, one, Role::Administrator, Scope::Foundation, None, until).await.unwrap();
    roles::confirm(&other, grant).await.unwrap();
    world.at(nine(2026, 1, 6)).await;
    let wanted = roles::propose(&by, person, Role::Approver, Scope::Foundation, None, None).await.unwrap();
    let by_deputy = world.role::<Administrator>(deputy).await;
    assert_eq!(roles::confirm(&by_deputy, wanted).await.unwrap_err().code(), "forbidden-second-person");
    roles::confirm(&other, wanted).await.unwrap();
    roles::revoke(&by, wanted, "left").await.unwrap();
    world.at(nine(2026, 2, 2)).await;
    assert!(world.acting(deputy).await.role::<Administrator>().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doors_open_with_the_right_password_and_from_our_own_pages() {
    let world = World::bare().await;
    let edges = &world.edges;
    let me = accounts::create(edges, "me@example.org", "SO-1 editor", Locale::En, PASSWORD).await.unwrap();
    let client = Client::tracked(app::server(edges.clone())).await.unwrap();
    assert_eq!(client.get("/sign-in?back=/account").dispatch().await.status(), Status::Ok);
    assert_eq!(client.get("/account").dispatch().await.status(), Status::SeeOther);

    for wrong in ["email=me@example.org&password=wrong+password+here", "email=nobody@example.org&password=whatever"] {
        let answer = post(&client, "/sign-in", wrong, "same-origin").await;
        assert_eq!(answer.status(), Status::UnprocessableEntity);
        let html = answer.into_string().await.unwrap();
        assert!(html.contains("do not fit together") || html.contains("邮箱与密码不符"));
    }
    let form = "email=ME%40example.org&password=a+stream+joins+another&back=//evil.example";
    assert_eq!(post(&client, "/sign-in", form, "cross-site").await.status(), Status::Forbidden);
    let answer = post(&client, "/sign-in", form, "same-origin").await;
    assert_eq!(answer.status(), Status::SeeOther);
    assert_eq!(answer.headers().get_one("location"), Some("/"));
    for path in ["/account", "/account/change", "/account/sessions/end-others", "/organisations"] {
        assert_eq!(client.get(path).dispatch().await.status(), Status::Ok, "{path}");
    }

    let change = "name=another&locale=en";
    assert_eq!(post(&client, "/account/change", change, "cross-site").await.status(), Status::Forbidden);
    let row = person::Entity::find_by_id(me).one(edges.db.read()).await.unwrap().unwrap();
    assert_eq!(row.name, "SO-1 editor");
    assert_eq!(post(&client, "/account/change", change, "same-origin").await.status(), Status::SeeOther);
    assert_eq!(client.get("/admin").dispatch().await.status(), Status::Forbidden);

    sessions::start(edges, me, "another browser", sessions::By::Password).await.unwrap();
    let by = world.acting(me).await.signed_in().unwrap();
    assert_eq!(sessions::open(&by).await.unwrap().len(), 2);
    assert_eq!(
        post(&client, "/language", "locale=zh-CN&back=/account", "same-origin").await.status(),
        Status::SeeOther
    );
    assert_eq!(post(&client, "/account/sessions/end-others", "", "same-origin").await.status(), Status::SeeOther);
    assert_eq!(sessions::open(&by).await.unwrap().len(), 1);
    assert_eq!(post(&client, "/session/end", "", "same-origin").await.status(), Status::SeeOther);
    assert_eq!(client.get("/account").dispatch().await.status(), Status::SeeOther);

    for _ in 0..gate::FAILURES_PER_EMAIL {
        sessions::sign_in(edges, "me@example.org", "no", None, "").await.unwrap_err();
    }
    let often = sessions::sign_in(edges, "me@example.org", PASSWORD, None, "").await;
    assert_eq!(often.unwrap_err().code(), "refused-sign-in-often");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_administrators_pages_are_there() {
    let world = World::bare().await;
    let admin = world.person("admin", &[Role::Administrator]).await;
    let token = sessions::start(&world.edges, admin, "test", sessions::By::Demo).await.unwrap().token;
    let client = Client::tracked(app::server(world.edges.clone())).await.unwrap();
    for path in [
        "/admin",
        "/admin/people",
        "/admin/people/invite",
        "/admin/roles",
        "/admin/roles/new",
        "/admin/roles/1",
        "/admin/roles/1/revoke",
        "/admin/policy",
        "/admin/policy/new",
        "/admin/calendar",
        "/admin/calendar/import",
        "/admin/jobs",
    ] {
        let answer = client.get(path).cookie(("tributary_session", token.clone())).dispatch().await;
        assert_eq!(answer.status(), Status::Ok, "{path}");
        let html = answer.into_string().await.unwrap();
        for raw in [">head-", ">people-", ">act-", ">field-", ">role-", ">policy-"] {
            assert!(!html.contains(raw), "{path} shows a key {raw}");
        }
    }
}

fn registered(uscc: &str, legal_form: LegalForm) -> Registered {
    Registered {
        legal_form,
        name_zh: "社会组织一".into(),
        name_en: "SO-1".into(),
        uscc: uscc.into(),
        register_code: String::new(),
        register_number: String::new(),
        registered_on: Some(day(2020, 1, 1)),
        area: "wuhou".into(),
        community: String::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_is_registered_once_with_its_history_and_its_host() {
    let world = World::bare().await;
    let officer = world.person("officer", &[Role::ProgrammeOfficer]).await;
    let by = world.role::<Officer>(officer).await;
    let slip = organisations::register(&by, registered("52999999TE00000458", LegalForm::SocialServiceBody)).await;
    assert_eq!(slip.unwrap_err().code(), "uscc-check");
    let form = organisations::register(&by, registered("52999999TE00000459", LegalForm::Company)).await;
    assert_eq!(form.unwrap_err().code(), "refused-uscc-legal-form");
    let told = registered("52999999TE00000459", LegalForm::SocialServiceBody);
    let host = organisations::register(&by, told.clone()).await.unwrap();
    assert_eq!(organisations::register(&by, told).await.unwrap_err().code(), "refused-organisation-known");
    let group = organisations::register(&by, registered("", LegalForm::ResidentGroup)).await.unwrap();

    let record = Record {
        kind: entities::kinds::RecordKind::Grade,
        value: "4A".into(),
        certificate_number: String::new(),
        valid_from: day(2025, 1, 1),
        valid_until: Some(day(2029, 12, 31)),
        evidence: "register".into(),
    };
    records::record(&by, host, record.clone()).await.unwrap();
    let odd = records::record(&by, host, Record { value: "passed".into(), ..record }).await;
    assert_eq!(odd.unwrap_err().code(), "refused-choose");

    invitations::invite_first_signatory(&by, host, "so-1@example.org", "signatory 1", Locale::En).await.unwrap();
    let signs = world.person("host-signatory", &[]).await;
    world.member(signs, host, MemberRole::Signatory).await;
    let second = invitations::invite_first_signatory(&by, host, "x@example.org", "x", Locale::En).await;
    assert_eq!(second.unwrap_err().code(), "refused-signatory-exists");
    let resident = world.person("resident", &[]).await;
    world.member(resident, group, MemberRole::Signatory).await;
    let by_group = world.acting(resident).await.signatory_of(group).unwrap();
    members::name_host(&by_group, host).await.unwrap();
    let by_host = world.acting(signs).await.signatory_of(host).unwrap();
    assert_eq!(view::waiting(&by_host).await.unwrap().len(), 2, "the group, and their own second factor");
    members::answer_host(&by_host, group, true).await.unwrap();
    assert_eq!(members::answer_host(&by_host, group, true).await.unwrap_err().code(), "not-found");
    assert_eq!(members::end(&by_host, entities::kinds::MembershipId(2)).await.unwrap_err().code(), "not-found");
    assert_eq!(
        members::end(&by_host, entities::kinds::MembershipId(1)).await.unwrap_err().code(),
        "refused-last-signatory"
    );
    world.settle().await;
}

fn entered(number: &str) -> Entered {
    Entered { holder: "SO-1".into(), bank_name: "bank".into(), account_number: number.into(), currency: Currency::CNY }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_takes_three_people_and_cools() {
    let world = World::bare().await;
    let edges = &world.edges;
    let so = world.organisation("SO-1", LegalForm::SocialServiceBody, None).await;
    let other = world.organisation("SO-2", LegalForm::SocialServiceBody, None).await;
    let signs = world.person("signatory", &[Role::FinanceOfficer, Role::Approver]).await;
    world.member(signs, so, MemberRole::Signatory).await;
    let both = world.person("both", &[Role::FinanceOfficer, Role::Approver]).await;
    let third = world.person("third", &[Role::Approver]).await;
    let stranger = world.person("stranger", &[]).await;

    let signatory = world.acting(signs).await.signatory_of(so).unwrap();
    assert_eq!(world.acting(stranger).await.signatory_of(so).unwrap_err().code(), "not-found");
    let first = payees::enter(&signatory, entered("6222 0000 1111")).await.unwrap();
    assert_eq!(payees::enter(&signatory, entered("6222 0000 9")).await.unwrap_err().code(), "refused-payee-underway");

    let own = world.role::<Finance>(signs).await;
    let same = payees::verify(&own, so, first, "permit", 1).await;
    assert_eq!(same.unwrap_err().code(), "forbidden-payee-same-person");
    let finance = world.role::<Finance>(both).await;
    assert_eq!(payees::verify(&finance, other, first, "permit", 1).await.unwrap_err().code(), "not-found");
    let approver = world.role::<Approver>(third).await;
    assert_eq!(payees::approve(&approver, so, first, 1).await.unwrap_err().code(), "refused-stage");
    payees::verify(&finance, so, first, "permit", 1).await.unwrap();
    assert_eq!(payees::verify(&finance, so, first, "permit", 1).await.unwrap_err().code(), "refused-stale");
    let same = payees::approve(&world.role::<Approver>(both).await, so, first, 2).await;
    assert_eq!(same.unwrap_err().code(), "forbidden-payee-same-person");
    let member = world.person("member", &[Role::Approver]).await;
    world.member(member, so, MemberRole::Editor).await;
    let own = payees::approve(&world.role::<Approver>(member).await, so, first, 2).await;
    assert_eq!(own.unwrap_err().code(), "forbidden-payee-own-organisation");
    payees::approve(&approver, so, first, 2).await.unwrap();

    world.at(nine(2026, 1, 7)).await;
    assert!(payees::usable(edges.db.read(), so).await.unwrap().is_none());
    world.at(nine(2026, 1, 8)).await;
    assert_eq!(payees::usable(edges.db.read(), so).await.unwrap().unwrap().id, first);

    let held = || async { holds::standing(edges.db.read(), Subject::Organisation, so.0).await.unwrap() };
    let second = payees::enter(&signatory, entered("6222 0000 2222")).await.unwrap();
    assert_eq!(held().await.first().map(|hold| hold.kind), Some(HoldKind::PayeeChange));
    payees::revoke(&signatory, so, second, "a slip", 1).await.unwrap();
    assert!(held().await.is_empty());
    let second = payees::enter(&signatory, entered("6222 0000 3333")).await.unwrap();
    payees::verify(&finance, so, second, "call back", 1).await.unwrap();
    payees::approve(&approver, so, second, 2).await.unwrap();
    world.at(nine(2026, 1, 11)).await;
    assert_eq!(payees::usable(edges.db.read(), so).await.unwrap().unwrap().id, second);
    let before = payees::of(edges.db.read(), so, first).await.unwrap();
    assert_eq!(before.stage, PayeeStage::Replaced);
    assert!(held().await.is_empty());

    let client = Client::untracked(app::server(edges.clone())).await.unwrap();
    let path = format!("/organisations/{so}/payees/{second}");
    for (who, act, status, whole) in [
        (stranger, "", Status::NotFound, false),
        (stranger, "/revoke", Status::NotFound, false),
        (signs, "", Status::Ok, false),
        (both, "/approve", Status::Ok, true),
    ] {
        let token = sessions::start(edges, who, "test", sessions::By::Demo).await.unwrap().token;
        let answer = client.get(format!("{path}{act}")).cookie(("tributary_session", token)).dispatch().await;
        assert_eq!(answer.status(), status, "{act}");
        assert_eq!(answer.into_string().await.unwrap().contains("622200003333"), whole, "{act}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_past_its_time_is_swept_out_and_an_unanswered_hold_is_told_once() {
    use entities::posted_form;
    use sea_orm::{EntityTrait, PaginatorTrait};
    use tributary::desk::holds::{self, Held};
    use tributary::people::permission::{Administrator, Supervisor};
    let cast = super::funds::Cast::new().await;
    let world = &cast.world;
    let fund = cast.signed(entities::kinds::FundraisingMode::Targeted, 0).await;
    let supervisor = world.role::<Supervisor>(cast.supervisor).await;
    let hold = holds::put_as_supervisor(&supervisor, Held::Fund(fund), "why?").await.unwrap();
    let form = posted_form::ActiveModel {
        form_key: sea_orm::ActiveValue::Set("k".into()),
        person_id: sea_orm::ActiveValue::Set(None),
        fingerprint: sea_orm::ActiveValue::Set("f".into()),
        answer: sea_orm::ActiveValue::Set(serde_json::json!(1)),
        at: sea_orm::ActiveValue::Set(world.edges.clock.now()),
    };
    let form = &form;
    world
        .edges
        .db
        .write(|tx| async move {
            posted_form::Entity::insert(form.clone()).exec_without_returning(&tx).await?;
            Ok(())
        })
        .await
        .unwrap();
    world.session(cast.finance).await;
    let db = world.edges.db.read();
    let subject = world.edges.words.find(entities::kinds::Locale::En, "mail-hold-overdue-subject", &[]).unwrap();
    let subject = &subject[..subject.find('{').unwrap_or(subject.len())];
    let overdue = || async {
        let letters = world.edges.mail.newest(200).await.unwrap();
        letters.iter().filter(|(_, letter)| letter.subject.starts_with(subject)).count()
    };
    world.at(crate::support::nine(2026, 1, 30)).await;
    assert_eq!(posted_form::Entity::find().count(db).await.unwrap(), 1);
    assert_eq!(overdue().await, 2, "both administrators hear of it");
    world.at(crate::support::nine(2026, 2, 20)).await;
    assert_eq!(overdue().await, 2, "once");
    assert_eq!(posted_form::Entity::find().count(db).await.unwrap(), 0);
    assert_eq!(entities::session::Entity::find().count(db).await.unwrap(), 0);
    let administrator = world.role::<Administrator>(cast.admins[0]).await;
    holds::answer(&administrator, hold, "because").await.unwrap();
}
