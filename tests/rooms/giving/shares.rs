//! Shares of profit: declared by the enterprise, rounded as stated, due by their day, public only if the agreement says so.

use super::Reader;
use super::promises::{come, known, terms};
use crate::rooms::funds::Cast;
use crate::support::{both, day, nine};
use entities::job;
use entities::kinds::{Anonymity, FundId, FundraisingMode, InstalmentStage, LegalForm, MemberRole, PledgePlanId, Role};
use rocket::http::Status;
use sea_orm::EntityTrait;
use tributary::desk::jobs;
use tributary::grants::pledges::service::profits::{self, Declared};
use tributary::grants::pledges::service::{self, Share, Terms};
use tributary::ledger::balances;

const SHARE: Share =
    Share { share_bps: 300, due_month: 6, due_day: 30, first_year: 2025, last_year: 2027, figures_public: false };

async fn promised(cast: &Cast, fund: FundId, share: Share) -> PledgePlanId {
    service::promise_share(&cast.signatory().await, terms(fund), share).await.unwrap()
}

fn of(year: i32, profit_minor: i64, note: &str) -> Declared {
    Declared { year, profit_minor, note: note.into() }
}

/// How many letters of a name the clock promises at nine on a day; then everything is sent.
async fn told(cast: &Cast, on: (i32, u32, u32), name: &str) -> usize {
    cast.world.edges.clock.set(nine(on.0, on.1, on.2));
    jobs::tick(&cast.world.edges).await.unwrap();
    jobs::tick(&cast.world.edges).await.unwrap();
    let jobs = job::Entity::find().all(cast.world.edges.db.read()).await.unwrap();
    let told = jobs.iter().filter(|row| row.done_at.is_none() && row.payload["name"] == name).count();
    cast.world.settle().await;
    told
}

both! {
async fn what_is_declared_becomes_an_instalment_of_its_share(world: World) {
    let cast = Cast::on(world).await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let plan = promised(&cast, fund, SHARE).await;
    let by = cast.signatory().await;
    for (declared, code) in [
        (of(2024, 1, ""), "refused-plan-year"),
        (of(2026, 1, ""), "refused-plan-year-runs"),
        (of(2028, 1, ""), "refused-plan-year"),
    ] {
        assert_eq!(profits::declare(&by, plan, declared).await.unwrap_err().code(), code);
    }
    profits::declare(&by, plan, of(2025, 123_456_789, "")).await.unwrap();
    let rows = known(&cast, plan).await;
    assert_eq!((rows[0].0.amount_minor, rows[0].0.due_on), (3_703_704, day(2026, 6, 30)));
    // Said anew with a reason, it takes the first one's place; both stand in the history.
    assert_eq!(profits::declare(&by, plan, of(2025, 5, "")).await.unwrap_err().code(), "refused-declared-note");
    profits::declare(&by, plan, of(2025, 100_000_000, "audited")).await.unwrap();
    let rows = known(&cast, plan).await;
    assert_eq!((rows[0].0.stage, rows[1].0.amount_minor), (InstalmentStage::Cancelled, 3_000_000));
    let db = cast.world.edges.db.read();
    let said: Vec<i64> = profits::history(db, plan).await.unwrap().iter().map(|row| row.profit_minor).collect();
    assert_eq!(said, [100_000_000, 123_456_789]);
    assert_eq!(balances::flow(db, fund).await.unwrap().received_minor, 0);
    // Once money came, the figure stands.
    let gift = rows[1].1.waiting.as_ref().unwrap().id;
    come(&cast, fund, gift, 1_000_000, "line-1").await;
    let late = profits::declare(&by, plan, of(2025, 1, "changed my mind")).await;
    assert_eq!(late.unwrap_err().code(), "refused-declared-paid");
    cast.world.settle().await;
}

async fn of_a_loss_nothing_is_due_and_it_is_told_all_the_same(world: World) {
    let cast = Cast::on(world).await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let plan = promised(&cast, fund, SHARE).await;
    let by = cast.signatory().await;
    profits::declare(&by, plan, of(2025, -1_000_000, "")).await.unwrap();
    assert!(known(&cast, plan).await.is_empty());
    profits::declare(&by, plan, of(2025, 50, "a little after all")).await.unwrap();
    assert_eq!(known(&cast, plan).await[0].0.amount_minor, 2, "half up to the fen");
    let (_, page) = Reader::of(&cast.world, cast.signatory).await.get(&format!("/promises/{plan}")).await;
    assert!(page.contains("a little after all") && page.contains("10,000.00"), "{page}");
}

async fn it_is_asked_for_once_before_its_day_and_once_after(world: World) {
    let cast = Cast::on(world).await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let plan = promised(&cast, fund, SHARE).await;
    assert_eq!(told(&cast, (2026, 6, 15), "profit-before").await, 0);
    assert_eq!(told(&cast, (2026, 6, 16), "profit-before").await, 1);
    assert_eq!(told(&cast, (2026, 6, 20), "profit-before").await, 0);
    assert_eq!(told(&cast, (2026, 7, 7), "profit-after").await, 1);
    assert_eq!(told(&cast, (2026, 7, 30), "profit-after").await, 0);
    // Declared late it is due at once; then the instalment is reminded of as any other.
    profits::declare(&cast.signatory().await, plan, of(2025, 100_000_000, "")).await.unwrap();
    assert_eq!(known(&cast, plan).await[0].0.due_on, day(2026, 7, 30));
    assert_eq!(told(&cast, (2026, 8, 6), "pledge-after").await, 1);
    // The next year is asked for in its turn, and not a cancelled promise.
    assert_eq!(told(&cast, (2027, 6, 20), "profit-before").await, 1);
    service::cancel(&cast.signatory().await, plan, "sold").await.unwrap();
    assert_eq!(told(&cast, (2027, 7, 20), "profit-after").await, 0);
}

async fn figures_are_public_only_if_the_agreement_says_so(world: World) {
    let cast = Cast::on(world).await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let by = cast.signatory().await;
    let closed = promised(&cast, fund, SHARE).await;
    let open = promised(&cast, fund, Share { figures_public: true, ..SHARE }).await;
    let hidden = Terms { anonymity: Anonymity::Withheld, ..terms(fund) };
    let hidden = service::promise_share(&by, hidden, Share { figures_public: true, ..SHARE }).await.unwrap();
    for plan in [closed, open, hidden] {
        profits::declare(&by, plan, of(2025, 777_700, "")).await.unwrap();
    }
    let visitor = Reader::visitor(&cast.world).await;
    let (status, page) = visitor.get(&format!("/promises/{open}")).await;
    assert_eq!(status, Status::Ok);
    assert!(page.contains("7,777.00") && page.contains("233.31") && page.contains("initiator"), "{page}");
    assert!(!page.contains("/gifts/"), "a visitor reads what was declared, not how it is paid");
    let (_, list) = visitor.get(&format!("/funds/{fund}/promises")).await;
    assert!(list.contains(&format!("/promises/{open}")));
    for plan in [closed, hidden] {
        assert_ne!(visitor.get(&format!("/promises/{plan}")).await.0, Status::Ok);
        assert!(!list.contains(&format!("/promises/{plan}\"")), "{list}");
    }
    let officer = cast.world.person("officer", &[Role::ProgrammeOfficer]).await;
    assert_eq!(Reader::of(&cast.world, officer).await.get(&format!("/promises/{closed}")).await.0, Status::NotFound);
}

async fn only_its_signatory_declares(world: World) {
    let cast = Cast::on(world).await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let plan = promised(&cast, fund, Share { figures_public: true, ..SHARE }).await;
    let editor = cast.world.person("editor", &[]).await;
    cast.world.member(editor, cast.initiator, MemberRole::Editor).await;
    let house = cast.world.organisation("other", LegalForm::Company, None).await;
    let other = cast.world.person("other", &[]).await;
    cast.world.member(other, house, MemberRole::Signatory).await;
    let path = format!("/promises/{plan}/declare");
    let body = "currency=CNY&year=2025&profit=1000";
    assert_eq!(Reader::of(&cast.world, editor).await.post(&path, body).await.0, Status::Forbidden);
    assert_eq!(Reader::of(&cast.world, other).await.post(&path, body).await.0, Status::NotFound);
    assert_eq!(Reader::of(&cast.world, cast.finance).await.post(&path, body).await.0, Status::Forbidden);
    let signatory = Reader::of(&cast.world, cast.signatory).await;
    assert_eq!(signatory.get(&path).await.0, Status::Ok);
    assert_eq!(signatory.post(&path, &format!("{body}&loss=on")).await.0, Status::SeeOther);
    let said = profits::history(cast.world.edges.db.read(), plan).await.unwrap();
    assert_eq!((said.len(), said[0].profit_minor), (1, -100_000));
}
}
