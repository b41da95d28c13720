//! Pledges in instalments: never money, reminded of once each, paid in part, cancelled, lapsed.

use super::Reader;
use crate::rooms::funds::Cast;
use crate::rooms::gifts::receipt;
use crate::support::{both, day, nine};
use entities::kinds::{
    Anonymity, Currency, FundId, FundraisingMode, GiftId, GiftStage, InstalmentStage, LegalForm, MemberRole, PlanStage,
    PledgePlanId, StatementLineId,
};
use entities::{gift, job, pledge_instalment, pledge_reminder};
use rocket::http::Status;
use sea_orm::{EntityTrait, PaginatorTrait};
use tributary::bank::service::{accounts, matches, statements};
use tributary::desk::jobs;
use tributary::grants::gifts::service::pledges;
use tributary::grants::gifts::service::receipts::{self, Receipt};
use tributary::grants::pledges::rules::Due;
use tributary::grants::pledges::service::{self, Progress, Terms};
use tributary::ledger::{Account, balances};

pub fn terms(fund: FundId) -> Terms {
    Terms {
        fund,
        currency: Currency::CNY,
        anonymity: Anonymity::Named,
        receipt_wanted: true,
        restriction: None,
        agreement: "A-1".into(),
    }
}

/// Three parts of a hundred thousand: March, June, September.
fn parts() -> Vec<Due> {
    [(3, 4_000_000), (6, 3_000_000), (9, 3_000_000)]
        .map(|(month, amount_minor)| Due { due_on: day(2026, month, 30), amount_minor })
        .into()
}

async fn promised(cast: &Cast, fund: FundId) -> PledgePlanId {
    service::promise_sum(&cast.signatory().await, terms(fund), 10_000_000, parts()).await.unwrap()
}

pub async fn known(cast: &Cast, plan: PledgePlanId) -> Vec<(pledge_instalment::Model, Progress)> {
    let db = cast.world.edges.db.read();
    let rows = service::instalments(db, plan).await.unwrap();
    let mut known = service::progress(db, rows.iter().map(|row| row.id)).await.unwrap();
    rows.into_iter().map(|row| (row.clone(), known.remove(&row.id).unwrap_or_default())).collect()
}

async fn waiting(cast: &Cast, plan: PledgePlanId, place: usize) -> GiftId {
    known(cast, plan).await[place].1.waiting.as_ref().unwrap().id
}

/// What is noted beside the books as promised, and what is money.
async fn figures(cast: &Cast, fund: FundId) -> (i64, i64) {
    let db = cast.world.edges.db.read();
    let noted = balances::all(db).await.unwrap();
    let noted = noted.iter().find(|row| row.account.code == "pledge_receivable:CNY").map_or(0, |row| row.balance_minor);
    (noted, balances::flow(db, fund).await.unwrap().received_minor)
}

/// Money comes for a gift that waits: recorded by one, confirmed by another.
pub async fn come(cast: &Cast, fund: FundId, gift: GiftId, amount_minor: i64, line: &str) {
    let told = Receipt {
        pledge: Some(gift),
        received_on: cast.world.edges.today(),
        ..receipt(fund, None, amount_minor, line)
    };
    receipts::record_receipt(&cast.finance().await, told).await.unwrap();
    receipts::confirm_receipt(&cast.approver().await, gift).await.unwrap();
}

async fn letters(cast: &Cast, name: &str) -> u64 {
    // A letter that was sent is emptied; so the clock is looked at before the outbox is drained.
    let jobs = job::Entity::find().all(cast.world.edges.db.read()).await.unwrap();
    jobs.iter().filter(|row| row.done_at.is_none() && row.payload["name"] == name).count() as u64
}

/// What the clock promises at nine on a day, by the name of a letter; then everything is sent.
async fn told(cast: &Cast, month: u32, on: u32, name: &str) -> u64 {
    cast.world.edges.clock.set(nine(2026, month, on));
    jobs::tick(&cast.world.edges).await.unwrap();
    jobs::tick(&cast.world.edges).await.unwrap();
    let told = letters(cast, name).await;
    cast.world.settle().await;
    told
}

both! {
async fn a_schedule_adds_up_and_is_never_money(world: World) {
    let cast = Cast::on(world).await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let by = cast.signatory().await;
    for (amount, schedule, code) in [
        (10_000_001, parts(), "refused-schedule-sum"),
        (10_000_000, Vec::new(), "refused-schedule-length"),
        (10_000_000, parts().into_iter().rev().collect(), "refused-schedule-order"),
        (4_000_000, vec![Due { due_on: day(2026, 1, 4), amount_minor: 4_000_000 }], "refused-schedule-day"),
    ] {
        assert_eq!(service::promise_sum(&by, terms(fund), amount, schedule).await.unwrap_err().code(), code);
    }
    assert_eq!(figures(&cast, fund).await, (0, 0), "a refused schedule left something behind");
    let plan = promised(&cast, fund).await;
    assert_eq!(figures(&cast, fund).await, (10_000_000, 0));
    assert_eq!(known(&cast, plan).await.iter().map(|(row, p)| p.open_minor(row)).sum::<i64>(), 10_000_000);
    let none = cast.signed(FundraisingMode::None, 0).await;
    let closed = service::promise_sum(&by, terms(none), 10_000_000, parts()).await;
    assert_eq!(closed.unwrap_err().code(), "refused-gift-mode-none");
    cast.world.settle().await;
}

async fn what_comes_in_part_leaves_the_rest_waiting(world: World) {
    let cast = Cast::on(world).await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let plan = promised(&cast, fund).await;
    let first = waiting(&cast, plan, 0).await;
    // More than is open is no part of it.
    let much = Receipt { pledge: Some(first), ..receipt(fund, None, 4_000_001, "line-1") };
    let refused = receipts::record_receipt(&cast.finance().await, much).await;
    assert_eq!(refused.unwrap_err().code(), "refused-gift-pledge-amount");
    come(&cast, fund, first, 1_000_000, "line-1").await;
    assert_eq!(figures(&cast, fund).await, (9_000_000, 1_000_000));
    let (row, progress) = known(&cast, plan).await.remove(0);
    assert_eq!((progress.received_minor, progress.open_minor(&row)), (1_000_000, 3_000_000));
    // At the bank and not confirmed yet: neither open nor received.
    let second = waiting(&cast, plan, 0).await;
    assert_ne!(second, first);
    let some = Receipt { pledge: Some(second), ..receipt(fund, None, 2_000_000, "line-2") };
    receipts::record_receipt(&cast.finance().await, some).await.unwrap();
    let (row, progress) = known(&cast, plan).await.remove(0);
    assert_eq!((progress.on_its_way_minor, progress.open_minor(&row)), (2_000_000, 1_000_000));
    // It goes back to its sender: the whole of what is open waits again.
    receipts::reject_receipt(&cast.finance().await, second, "not ours").await.unwrap();
    receipts::confirm_return(&cast.approver().await, second, "out-1").await.unwrap();
    let (row, progress) = known(&cast, plan).await.remove(0);
    assert_eq!((progress.on_its_way_minor, progress.open_minor(&row)), (0, 3_000_000));
    let (noted, received) = figures(&cast, fund).await;
    assert_eq!((noted, received), (9_000_000, 1_000_000), "promised and received is what was promised");
    // The rest comes, in as many gifts as wait for it.
    let db = cast.world.edges.db.read();
    for (place, row) in gift::Entity::find().all(db).await.unwrap().into_iter().enumerate() {
        let of_first = tributary::grants::pledges::service::parts::of_gift(db, row.id).await.unwrap();
        if row.stage == GiftStage::Pledged && of_first.is_some_and(|part| part.ordinal == 1) {
            come(&cast, fund, row.id, row.amount_minor, &format!("rest-{place}")).await;
        }
    }
    let (row, progress) = known(&cast, plan).await.remove(0);
    assert_eq!((progress.received_minor, progress.open_minor(&row)), (4_000_000, 0));
    assert_eq!(figures(&cast, fund).await, (6_000_000, 4_000_000));
    crate::books::sums::hold(&cast.world).await;
    cast.world.settle().await;
}

async fn a_line_of_the_bank_pays_an_instalment_in_part(world: World) {
    let cast = Cast::on(world).await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let plan = promised(&cast, fund).await;
    let first = waiting(&cast, plan, 0).await;
    pledges::issue_reference(&cast.finance().await, first).await.unwrap();
    let finance = cast.finance().await;
    let account = accounts::open(&finance, "account", "6222000011112222", Currency::CNY).await.unwrap();
    let (today, reference) = (cast.world.edges.today(), pledges::reference(first));
    let file = format!("date,amount,counterparty,description,reference\n{today},15000.00,initiator,{reference},c-1\n");
    let statement = statements::check(&finance, account, "s.csv", file.as_bytes()).await.unwrap();
    statements::import(&finance, statement).await.unwrap();
    Box::pin(matches::confirm(&cast.approver().await, StatementLineId(1), None)).await.unwrap();
    let (row, progress) = known(&cast, plan).await.remove(0);
    assert_eq!((progress.received_minor, progress.open_minor(&row)), (1_500_000, 2_500_000));
    assert_eq!(figures(&cast, fund).await, (8_500_000, 1_500_000));
    crate::books::sums::hold(&cast.world).await;
}

async fn it_is_reminded_of_once_before_and_once_after_and_lapses_at_last(world: World) {
    let cast = Cast::on(world).await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let plan = promised(&cast, fund).await;
    assert_eq!(told(&cast, 3, 15, "pledge-before").await, 0, "fifteen days before is early");
    assert_eq!(told(&cast, 3, 16, "pledge-before").await, 1);
    assert_eq!(told(&cast, 3, 17, "pledge-before").await, 0);
    assert_eq!(told(&cast, 4, 5, "pledge-after").await, 0);
    // A part comes: the rest is of the same instalment, and was reminded of already.
    come(&cast, fund, waiting(&cast, plan, 0).await, 1_000_000, "line-1").await;
    assert_eq!(told(&cast, 4, 6, "pledge-after").await, 1);
    assert_eq!(told(&cast, 4, 7, "pledge-before").await, 0);
    assert_eq!(told(&cast, 4, 20, "pledge-after").await, 0);
    // A single pledge would have lapsed by now; an instalment has ninety days.
    assert_eq!(told(&cast, 6, 28, "instalment-lapsed").await, 0);
    assert_eq!(told(&cast, 6, 29, "instalment-lapsed").await, 1);
    let rows = known(&cast, plan).await;
    assert_eq!(rows[0].0.stage, InstalmentStage::Lapsed);
    assert_eq!((rows[0].1.received_minor, rows[0].1.open_minor(&rows[0].0)), (1_000_000, 0));
    assert_eq!(rows[1].0.stage, InstalmentStage::Promised);
    assert_eq!(figures(&cast, fund).await, (6_000_000, 1_000_000));
    let marks = pledge_reminder::Entity::find().count(cast.world.edges.db.read()).await.unwrap();
    assert!(marks >= 3);
}

async fn whoever_promised_yesterday_is_not_reminded_today(world: World) {
    let cast = Cast::on(world).await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let soon = vec![Due { due_on: day(2026, 1, 12), amount_minor: 500 }];
    service::promise_sum(&cast.signatory().await, terms(fund), 500, soon).await.unwrap();
    assert_eq!(told(&cast, 1, 6, "pledge-before").await, 0);
    assert_eq!(told(&cast, 1, 19, "pledge-after").await, 1);
}

async fn a_single_pledge_is_reminded_of_too_and_lapses_as_ever(world: World) {
    let cast = Cast::on(world).await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let promise = pledges::Promise {
        fund,
        amount_minor: 500,
        currency: Currency::CNY,
        due_on: day(2026, 3, 1),
        anonymity: Anonymity::Named,
        receipt_wanted: false,
        restriction: None,
    };
    pledges::pledge(&cast.signatory().await, promise).await.unwrap();
    assert_eq!(told(&cast, 2, 20, "pledge-before").await, 1);
    assert_eq!(told(&cast, 3, 10, "pledge-after").await, 1);
    assert_eq!(told(&cast, 4, 5, "gift-lapsed").await, 1);
    assert_eq!(figures(&cast, fund).await, (0, 0));
}

async fn the_donor_cancels_what_is_open_and_nobody_elses(world: World) {
    let cast = Cast::on(world).await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let plan = promised(&cast, fund).await;
    come(&cast, fund, waiting(&cast, plan, 0).await, 4_000_000, "line-1").await;
    // A reference is out for the second: nobody waits for its money any longer.
    pledges::issue_reference(&cast.finance().await, waiting(&cast, plan, 1).await).await.unwrap();
    let house = cast.world.organisation("other", LegalForm::Company, None).await;
    let other = cast.world.person("other", &[]).await;
    cast.world.member(other, house, MemberRole::Signatory).await;
    let stranger = cast.world.acting(other).await.signatory_of(house).unwrap();
    assert_eq!(service::cancel(&stranger, plan, "x").await.unwrap_err().code(), "not-found");
    let page = format!("/promises/{plan}");
    assert_eq!(Reader::of(&cast.world, other).await.get(&page).await.0, Status::NotFound);
    assert_ne!(Reader::visitor(&cast.world).await.get(&page).await.0, Status::Ok);
    let (status, text) = Reader::of(&cast.world, cast.signatory).await.get(&page).await;
    assert_eq!(status, Status::Ok);
    assert!(text.contains("40,000.00") && text.contains("60,000.00"), "{text}");
    let by = cast.signatory().await;
    assert_eq!(service::cancel(&by, plan, " ").await.unwrap_err().code(), "refused-empty");
    service::cancel(&by, plan, "the year was bad").await.unwrap();
    assert_eq!(service::cancel(&by, plan, "again").await.unwrap_err().code(), "refused-stage");
    let db = cast.world.edges.db.read();
    assert_eq!(service::load(db, plan).await.unwrap().stage, PlanStage::Cancelled);
    let rows = known(&cast, plan).await;
    let stages: Vec<InstalmentStage> = rows.iter().map(|(row, _)| row.stage).collect();
    // What was received whole stays as it was promised.
    assert_eq!(stages, [InstalmentStage::Promised, InstalmentStage::Cancelled, InstalmentStage::Cancelled]);
    assert_eq!(figures(&cast, fund).await, (0, 4_000_000));
    assert_eq!(balances::posted(db, Account::FundAvailable(fund), Currency::CNY).await.unwrap(), 4_000_000);
    assert_eq!(told(&cast, 6, 20, "pledge-before").await, 0, "what was cancelled is not reminded of");
}

async fn one_instalment_taken_back_is_cancelled_alone(world: World) {
    let cast = Cast::on(world).await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let plan = promised(&cast, fund).await;
    pledges::cancel_pledge(&cast.signatory().await, waiting(&cast, plan, 1).await).await.unwrap();
    let stages: Vec<InstalmentStage> = known(&cast, plan).await.iter().map(|(row, _)| row.stage).collect();
    assert_eq!(stages, [InstalmentStage::Promised, InstalmentStage::Cancelled, InstalmentStage::Promised]);
    assert_eq!(figures(&cast, fund).await, (7_000_000, 0));
}

async fn the_form_makes_equal_parts_or_takes_ones_own(world: World) {
    let cast = Cast::on(world).await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let reader = Reader::of(&cast.world, cast.signatory).await;
    let path = format!("/funds/{fund}/promises/sum");
    assert_eq!(reader.get(&path).await.0, Status::Ok);
    let common = format!("currency=CNY&organisation={}&amount=1000.00&anonymity=named", cast.initiator);
    let even = format!("{common}&times=3&first_due=2026-01-31&every=1");
    assert_eq!(reader.post(&path, &even).await.0, Status::SeeOther);
    let own = format!("{common}&times=&schedule=2026-03-01+400%0A2026-05-01+600");
    assert_eq!(reader.post(&path, &own).await.0, Status::SeeOther);
    let (status, text) = reader.post(&path, &format!("{common}&schedule=2026-03-01+400%0A2026-02-30+600")).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(text.contains("Line 2"), "{text}");
    let amounts: Vec<i64> = pledge_instalment::Entity::find().all(cast.world.edges.db.read()).await.unwrap().iter().map(|row| row.amount_minor).collect();
    assert_eq!(amounts, [33_334, 33_333, 33_333, 40_000, 60_000]);
}
}
