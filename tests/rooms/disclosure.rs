//! What the public sees, the desk, holds and the doctor.

use crate::support::{World, day, rows};
use entities::kinds::{
    Anonymity, Currency, DocumentPurpose, FundId, GiftId, LegalForm, OrganisationId, PersonId, PostingId, Role,
};
use entities::{fund, gift};
use rocket::http::Status;
use rocket::local::asynchronous::Client;
use sea_orm::ActiveValue::Set;
use tributary::app;
use tributary::commons::documents;
use tributary::desk::check;
use tributary::desk::holds::{self, Held};
use tributary::disclosure::entries::{self, Filter};
use tributary::ledger::recipes::{self, Sum};
use tributary::people::permission::{Administrator, Context, Finance, Officer, Supervisor};

async fn active_fund(world: &World, initiator: OrganisationId, people: [PersonId; 2]) -> FundId {
    let row = fund::ActiveModel {
        name_zh: Set("航中街墙面微基金".into()),
        name_en: Set("Wall fund".into()),
        opening_minimum_minor: Set(0),
        ..rows::fund(initiator, people, world.edges.clock.now())
    };
    rows::put(world, row).await.id
}

async fn gift(world: &World, fund: FundId, donor: &str, anonymity: Anonymity, confirmed: PersonId) -> GiftId {
    let row = rows::gift(fund, donor, 1_000_000, confirmed, world.edges.clock.now());
    rows::put(world, gift::ActiveModel { anonymity: Set(anonymity), ..row }).await.id
}

/// Receives a gift with a private voucher and its public copy.
async fn receive(world: &World, finance: PersonId, fund: FundId, gift: GiftId) -> PostingId {
    let by = &world.role::<Finance>(finance).await;
    let sum = Sum { amount_minor: 1_000_000, currency: Currency::CNY, on: day(2026, 1, 5) };
    let original = &documents::keep(by, "voucher", "original.txt", b"account 6222 0000").await.unwrap();
    let redacted = &documents::keep(by, "redacted", "receipt.txt", b"account ****").await.unwrap();
    let subject = (entities::kinds::Subject::Gift, gift.0);
    by.write(|tx| async move {
        let tx = &tx;
        let voucher = documents::file(tx, by, original, DocumentPurpose::Voucher, None).await?;
        documents::publish(tx, by, redacted, voucher).await?;
        let line = format!("line-{gift}");
        let entry = recipes::bank_receipt(tx, by, subject, fund, sum, &line, Some(voucher)).await?;
        recipes::suspense_matched(tx, by, gift, fund, None, sum).await?;
        Ok(entry)
    })
    .await
    .unwrap()
}

async fn page(client: &Client, path: &str) -> String {
    let response = client.get(path.to_owned()).dispatch().await;
    assert_eq!(response.status(), Status::Ok, "{path}");
    response.into_string().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_follows_money_and_never_reads_a_withheld_name() {
    let world = World::bare().await;
    let finance = world.person("finance", &[Role::FinanceOfficer]).await;
    let other = world.person("approver", &[Role::Approver]).await;
    let owner = world.organisation("业主 1", LegalForm::Company, None).await;
    let fund = active_fund(&world, owner, [finance, other]).await;
    let named = gift(&world, fund, "owner 1", Anonymity::Named, other).await;
    let withheld = gift(&world, fund, "owner 9 of the corner", Anonymity::Withheld, other).await;
    receive(&world, finance, fund, named).await;
    receive(&world, finance, fund, withheld).await;
    let reader = world.acting(other).await;
    let rows = entries::rows(&reader, Filter { fund: Some(fund), award: None }, None, 10).await.unwrap();
    assert_eq!(rows.len(), 4);
    assert!(rows[3].what.contains("owner 1"), "{}", rows[3].what);
    assert!(rows[0].what.contains("Anonymous"), "{}", rows[0].what);
    assert!(rows[3].incoming && rows[3].amount_text.starts_with("+¥10,000.00"), "{}", rows[3].amount_text);
    let older = entries::rows(&reader, Filter::default(), Some(3), 10).await.unwrap();
    assert_eq!(older.len(), 2);

    let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
    let paths = ["/", "/ledger", "/ledger?fund=1", "/ledger?fund=&award=", "/ledger/V-000001", "/ledger/V-000003"];
    for path in paths.into_iter().chain(["/ledger/accounts", "/ledger/accounts/1", "/data/ledger.journal", "/projects"])
    {
        let html = page(&client, path).await;
        assert!(!html.contains("corner"), "{path} tells a withheld name");
    }
    let entry = page(&client, "/ledger/V-000001").await;
    assert!(
        entry.contains("/documents/2") && !entry.contains("/documents/1\""),
        "only the redacted copy can be opened"
    );
    assert!(entry.contains("壹万元整"), "capitals");
    assert_eq!(page(&client, "/documents/2").await, "account ****");
    for path in ["/documents/1", "/ledger/V-1", "/ledger/V-999999", "/ledger/accounts/99", "/projects/1"] {
        assert_eq!(client.get(path).dispatch().await.status(), Status::NotFound, "{path}");
    }
    let wrong: Vec<_> = check::books(&world.edges).await.unwrap().into_iter().filter(|finding| !finding.ok).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(check::run(&world.edges).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisors_hold_is_answered_and_lifted_by_two() {
    let world = World::bare().await;
    let supervisor = world.person("supervisor", &[Role::Supervisor]).await;
    let colleague = world.person("supervisor-b", &[Role::Supervisor]).await;
    let administrator = world.person("administrator", &[Role::Administrator]).await;
    let second = world.person("administrator-b", &[Role::Administrator]).await;
    let officer = world.person("officer", &[Role::ProgrammeOfficer]).await;
    let owner = world.organisation("业主 1", LegalForm::Company, None).await;
    let fund = active_fund(&world, owner, [officer, administrator]).await;
    let on = Held::Fund(fund);
    let by = world.role::<Supervisor>(supervisor).await;
    let hold = holds::put_as_supervisor(&by, on, "The quotation is missing.").await.unwrap();
    let officer = world.role::<Officer>(officer).await;
    assert_eq!(holds::put_as_officer(&officer, on, "x").await.unwrap_err().code(), "refused-hold-stands");
    assert_eq!(holds::lift(&officer, hold).await.unwrap_err().code(), "forbidden-part");
    let colleague = world.role::<Supervisor>(colleague).await;
    assert_eq!(holds::lift(&colleague, hold).await.unwrap_err().code(), "forbidden-supervisor-lifts");
    let administrator = world.role::<Administrator>(administrator).await;
    holds::answer(&administrator, hold, "It is attached now.").await.unwrap();
    assert!(!holds::lift(&administrator, hold).await.unwrap());
    assert_eq!(holds::lift(&administrator, hold).await.unwrap_err().code(), "forbidden-second-person");
    let second = world.role::<Administrator>(second).await;
    assert_eq!(holds::lift(&second, hold).await.unwrap_err().code(), "forbidden-supervisor-lifts");
    assert!(holds::lift(&by, hold).await.unwrap());
    assert_eq!(holds::lift(&by, hold).await.unwrap_err().code(), "not-found");
    world.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_shows_what_waits_and_what_stands() {
    let world = World::bare().await;
    let officer = world.person("officer", &[Role::ProgrammeOfficer]).await;
    let administrator = world.person("administrator", &[Role::Administrator]).await;
    let owner = world.organisation("业主 1", LegalForm::Company, None).await;
    let fund = active_fund(&world, owner, [officer, administrator]).await;
    let by = world.role::<Officer>(officer).await;
    holds::put_as_officer(&by, Held::Fund(fund), "The quotation is missing.").await.unwrap();
    let context: Context = world.acting(officer).await;
    let html = match tributary::desk::view::show(&context).await.unwrap() {
        tributary::web::page::Reply::Page(page) => page.render("/desk", String::new()).unwrap(),
        other => panic!("{other:?}"),
    };
    assert!(html.contains("The quotation is missing."));
    let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
    assert_ne!(client.get("/desk").dispatch().await.status(), Status::Ok);
    assert_ne!(client.get("/holds").dispatch().await.status(), Status::Ok);
    assert_ne!(client.get("/holds/1").dispatch().await.status(), Status::Ok);
}

/// An award signed by both with a paid and a planned tranche's plan, a report and an evaluation, and an open call.
const SIGNED: [&str; 11] = [
    "insert into need (id, title_zh, title_en, summary_zh, summary_en, community, area, stage, consents_required, proposed_at) values (1, '外墙', 'The wall', '', '', 'c', 'wuhou', 'adopted', false, '2026-01-05T01:00:00+00:00')",
    "insert into form (id, name, created_at) values (1, 'f', '2026-01-05T01:00:00+00:00')",
    "insert into form_version (id, form_id, version, definition, created_at) values (1, 1, 1, '{}', '2026-01-05T01:00:00+00:00')",
    "insert into call (id, fund_id, need_id, kind, title_zh, title_en, summary_zh, summary_en, currency, cap_minor, envelope_minor, area, eligibility, rubric, method, blind, reviews_required, budget_heads, negative_list, tranche_plan, reporting_plan, form_version_id, notice_days, appeal_days, host_allowed, opens_at, closes_at, stage, drafted_by, checked_by, created_at, version) values (1, 1, 1, 'open', '征集', 'Call for walls', '墙', 'Walls', 'CNY', 9000000, 9000000, 'wuhou', '[{\"rule\":\"uscc-prefix\",\"any_of\":[\"51\",\"52\"]},{\"rule\":\"legal-form\",\"any_of\":[\"association\"]}]', '[]', 'mean', false, 5, '[]', '[]', '[]', '[]', 1, 5, 5, true, '2026-01-05T01:00:00+00:00', '2026-02-05T01:00:00+00:00', 'open', 1, 2, '2026-01-05T01:00:00+00:00', 1)",
    "insert into application (id, call_id, organisation_id, title, summary, site, team, answers, ask_minor, currency, stage, findings, drafted_by, created_at, reasons, version) values (1, 1, 1, 'Mend the wall', 'We mend it.', '', '', '{}', 8300000, 'CNY', 'approved', '[]', 1, '2026-01-05T01:00:00+00:00', '[]', 1)",
    "insert into indicator (id, application_id, name, unit, baseline, target, position) values (1, 1, 'Wall mended', 'm', 0, 83, 1)",
    "insert into decision_batch (id, call_id, stage, scores, note, drafted_by, drafted_at, version) values (1, 1, 'decided', '{}', '', 1, '2026-01-05T01:00:00+00:00', 1)",
    "insert into decision_item (id, batch_id, application_id, outcome, award_kind, amount_minor, fee_minor, currency, stage, reason) values (1, 1, 1, 'approved', 'project', 8300000, 83000, 'CNY', 'final', '')",
    "insert into award (id, item_id, application_id, call_id, fund_id, organisation_id, kind, title, amount_minor, fee_bps, currency, stage, offered_at, offer_expires_on, grantee_signed_by, grantee_signed_at, foundation_signed_by, foundation_signed_at, version) values (1, 1, 1, 1, 1, 1, 'project', 'Mend the wall', 8300000, 100, 'CNY', 'active', '2026-01-05T01:00:00+00:00', '2026-02-05', 1, '2026-01-05T01:00:00+00:00', 2, '2026-01-05T01:00:00+00:00', 1)",
    "insert into report (id, award_id, kind, due_on, opens_on, narrative, actuals, spending, stage, version) values (1, 1, 'mid_term', '2026-03-01', '2026-02-01', 'Half of it is done.', '{\"1\":40}', '[]', 'accepted', 1)",
    "insert into tranche (id, award_id, ordinal, planned_minor, amount_minor, currency, gates, stage, version) values (1, 1, 1, 4150000, 4150000, 'CNY', '[]', 'planned', 1)",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_project_shows_its_stream_and_the_front_page_its_call() {
    use sea_orm::ConnectionTrait;
    let world = World::bare().await;
    let officer = world.person("officer", &[Role::ProgrammeOfficer]).await;
    let other = world.person("approver", &[Role::Approver]).await;
    let owner = world.organisation("SO-1", LegalForm::Association, None).await;
    active_fund(&world, owner, [officer, other]).await;
    let insert = |tx: tributary::edges::db::Tx| async move {
        for sql in SIGNED {
            tx.execute_unprepared(sql).await?;
        }
        Ok(())
    };
    world.edges.db.write(insert).await.unwrap();
    let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
    let english = rocket::http::Header::new("accept-language", "en");
    let page = async |path: &'static str| {
        let response = client.get(path).header(english.clone()).dispatch().await;
        assert_eq!(response.status(), Status::Ok, "{path}");
        response.into_string().await.unwrap()
    };
    let project = page("/projects/1").await;
    for text in
        ["The wall", "Wall fund", "Call for walls", "Tranche 1", "Half of it is done.", "40 / 83 m", "Open the award"]
    {
        assert_eq!(project.contains(text), text != "Open the award", "{text}");
    }
    assert!(page("/projects").await.contains("Mend the wall"));
    let home = page("/").await;
    for text in ["Call for walls", "31 days left", "¥90,000.00", "association", "residents&#x27; groups"] {
        assert!(
            home.contains(text)
                || home.contains(&text.replace("&#x27;", "'"))
                || home.contains(&text.replace("&#x27;", "&#39;")),
            "{text}"
        );
    }
    // A member's desk lists the award and the application of the organisation.
    let member = world.person("signatory", &[]).await;
    world.member(member, owner, entities::kinds::MemberRole::Signatory).await;
    let context = world.acting(member).await;
    match tributary::desk::view::show(&context).await.unwrap() {
        tributary::web::page::Reply::Page(page) => {
            let html = page.render("/desk", String::new()).unwrap();
            assert!(html.contains("/awards/1") && html.contains("/applications/1"));
        }
        other => panic!("{other:?}"),
    }
}
