//! The books as finance keeps them: an entry is corrected beside itself by two, a closed period takes nothing any more.

use super::funds::Cast;
use super::gifts::receipt;
use super::grant::Grant;
use crate::books::ground::{raw, rows};
use crate::support::{World, both, day};
use entities::kinds::{Currency, FundraisingMode, GiftStage, Phase, PostingId, Recipe, Side};
use entities::{correction_note, gift, posting, transfer};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use tributary::grants::gifts::service::receipts::{self, Receipt};
use tributary::ledger::recipes::{self, Sum};
use tributary::ledger::{corrections, journal, periods, trial};
use tributary::people::permission::{Approver, Context, Finance};

async fn newest(world: &World) -> posting::Model {
    posting::Entity::find().order_by_desc(posting::Column::Id).one(world.edges.db.read()).await.unwrap().unwrap()
}

/// The founder pays in on a day.
async fn pays_in(world: &World, on: chrono::NaiveDate, line: &str) -> tributary::error::Result<PostingId> {
    let by = &Context::system(world.edges.clone());
    let sum = Sum { amount_minor: 1_000_00, currency: Currency::CNY, on };
    by.write(|tx| async move { recipes::capital(&tx, by, sum, line).await }).await
}

both! {
    async fn a_correction_is_published_beside_the_entry_by_two(world: World) {
        let grant = Grant::active_in(world).await;
        let world = &grant.world;
        let (finance, approver) = (grant.role::<Finance>(grant.finance).await, grant.role::<Approver>(grant.approver).await);
        let entry = newest(world).await;
        let said = corrections::Proposed { reason: "the day was written wrong".into(), reverse: false };
        corrections::propose(&finance, entry.id, &said).await.unwrap();
        let again = corrections::propose(&finance, entry.id, &said).await.unwrap_err();
        assert_eq!(again.code(), "refused-already-proposed");
        let whole = corrections::Proposed { reverse: true, ..said };
        let other = posting::Entity::find().filter(posting::Column::Recipe.eq(Recipe::Reserved));
        let other = other.one(world.edges.db.read()).await.unwrap().unwrap();
        let undone = corrections::propose(&finance, other.id, &whole).await.unwrap_err();
        assert_eq!(undone.code(), "refused-not-reversible", "a commitment is released by its own act");
        corrections::confirm(&approver, entry.id).await.unwrap();
        assert_eq!(corrections::confirm(&approver, entry.id).await.unwrap_err().code(), "not-found");
        let notes = correction_note::Entity::find().all(world.edges.db.read()).await.unwrap();
        assert_eq!((notes.len(), notes[0].posting_id, notes[0].written_by), (1, entry.id, grant.finance));
        raw(world, "update correction_note set reason = 'nothing happened'").await.unwrap_err();
        world.settle().await;
    }

    async fn nothing_is_posted_into_a_closed_period(world: World) {
        let grant = Grant::active_in(world).await;
        let world = &grant.world;
        let (finance, approver) = (grant.role::<Finance>(grant.finance).await, grant.role::<Approver>(grant.approver).await);
        let today = world.edges.today();
        let until = today.pred_opt().unwrap();
        assert_eq!(periods::propose(&finance, today).await.unwrap_err().code(), "refused-period-not-over");
        periods::propose(&finance, until).await.unwrap();
        // Something is posted between the two: whoever confirms saw other books.
        pays_in(world, until, "late").await.unwrap();
        assert_eq!(periods::confirm(&approver).await.unwrap_err().code(), "refused-stale");
        periods::decline(&approver, "counted anew").await.unwrap();
        periods::propose(&finance, until).await.unwrap();
        periods::confirm(&approver).await.unwrap();
        let later = pays_in(world, until, "later").await.unwrap();
        let later = posting::Entity::find_by_id(later).one(world.edges.db.read()).await.unwrap().unwrap();
        assert_eq!(later.occurred_on, today, "what turns up later is posted on the first open day");
        assert_eq!(periods::propose(&finance, until).await.unwrap_err().code(), "refused-period-order");
        pays_in(world, today, "today").await.unwrap();
        for sql in [
            format!("update book_period set until = '{}'", day(2020, 1, 1)),
            "delete from book_period".to_owned(),
            format!("insert into posting (recipe, at, occurred_on, subject, subject_id) values ('capital', '2026-01-05T01:00:00+00:00', '{until}', 'foundation', 1)"),
            format!("insert into book_period (until, entries, proposed_by, closed_by, closed_at) select '{until}', 0, proposed_by, closed_by, closed_at from book_period"),
            "insert into book_period (until, entries, proposed_by, closed_by, closed_at) select '2030-01-01', 0, proposed_by, proposed_by, closed_at from book_period".to_owned(),
        ] {
            raw(world, &sql).await.expect_err(&sql);
        }
        assert_eq!(rows(world, "select 1 from book_period").await.len(), 1);
        world.settle().await;
    }

    async fn a_gift_recorded_before_a_month_was_closed_is_confirmed_after_it(world: World) {
        let cast = Cast::on(world).await;
        let fund = cast.signed(FundraisingMode::Targeted, 0).await;
        let (world, day) = (&cast.world, cast.world.edges.today());
        let given = receipt(fund, Some(cast.initiator), 3_000_00, "before-the-end");
        let id = receipts::record_receipt(&cast.finance().await, Receipt { received_on: day, ..given }).await.unwrap();
        world.edges.clock.set(world.edges.clock.now() + chrono::Duration::days(2));
        periods::propose(&cast.finance().await, day).await.unwrap();
        periods::confirm(&cast.approver().await).await.unwrap();
        receipts::confirm_receipt(&cast.approver().await, id).await.unwrap();
        let row = gift::Entity::find_by_id(id).one(world.edges.db.read()).await.unwrap().unwrap();
        assert_eq!((row.stage, row.received_on), (GiftStage::Received, Some(day)), "the gift keeps its own day");
        assert_eq!(newest(world).await.occurred_on, day.succ_opt().unwrap());
        world.settle().await;
    }

    async fn the_trial_balance_adds_up_and_ends_where_the_journal_does(world: World) {
        let grant = Grant::active_in(world).await;
        grant.pay(1).await;
        let world = &grant.world;
        let db = world.edges.db.read();
        let (first, last) = (day(2000, 1, 1), day(2100, 1, 1));
        let lines = trial::of_period(db, first, last).await.unwrap();
        for (currency, total) in trial::totals(&lines) {
            assert_eq!(total.debit_minor, total.credit_minor, "{currency}");
        }
        for (name, balance, _) in journal::balances(db).await.unwrap() {
            let line = lines.iter().find(|line| journal::name(&line.account) == name);
            let closing = line.map_or(0, |line| match line.account.side {
                Side::Debit => line.closing_minor,
                Side::Credit => -line.closing_minor,
            });
            assert_eq!(closing, balance, "{name}");
        }
        // Cut anywhere, the end of one period is the beginning of the next.
        let cut = world.edges.today();
        let (before, after) = (
            trial::of_period(db, first, cut.pred_opt().unwrap()).await.unwrap(),
            trial::of_period(db, cut, last).await.unwrap(),
        );
        for line in &after {
            let earlier = before.iter().find(|row| row.account.id == line.account.id);
            assert_eq!(line.opening_minor, earlier.map_or(0, |row| row.closing_minor));
            let whole = lines.iter().find(|row| row.account.id == line.account.id).unwrap();
            assert_eq!(line.closing_minor, whole.closing_minor);
        }
        let moved = transfer::Entity::find().filter(transfer::Column::Phase.ne(Phase::Pending)).all(db).await.unwrap();
        assert!(!moved.is_empty());
        world.settle().await;
    }
}
