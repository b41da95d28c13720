//! The reserve list moves up by itself, as often as an award falls; a decision by hand has its reason.

use super::decisions::{available, give_role, item, rendered};
use super::reviews::{Panel, bid};
use crate::support::rows::change;
use crate::support::{World, both, nine};
use entities::kinds::{
    ApplicationId, ApplicationStage, AwardKind, AwardStage, BatchStage, CallStage, DecisionBatchId, DecisionItemId,
    ItemStage, LegalForm, MemberRole, OrganisationId, Outcome, PersonId, Role,
};
use entities::{award, call, decision_item};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use tributary::error::Result;
use tributary::grants::awards::service as awards;
use tributary::grants::decisions::service::{self as decisions, Setting};
use tributary::ledger::accounts::Account;
use tributary::ledger::balances;
use tributary::people::permission::{Approver, As, Officer, Signatory};

/// Four bids of which the envelope of ¥90,000.00 holds one.
struct Round {
    panel: Panel,
    /// By rank: the bid, its applicant, its signatory, its item.
    ranked: Vec<(ApplicationId, OrganisationId, PersonId, DecisionItemId)>,
    batch: DecisionBatchId,
}

impl Round {
    async fn noticed(world: World) -> Self {
        let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
        let world = &panel.world;
        let mut bids = vec![(panel.applications[0], panel.applicants[0]), (panel.applications[1], panel.applicants[1])];
        for (name, ask_minor) in [("SO-3", 7_900_000), ("SO-4", 7_800_000)] {
            let of = world.organisation(name, LegalForm::Association, None).await;
            bids.push((
                bid(world, panel.call, of, panel.signatory, ask_minor, ApplicationStage::UnderReview).await,
                of,
            ));
        }
        let mut signatories = vec![panel.signatory];
        for (place, (_, of)) in bids.iter().enumerate().skip(1) {
            let person = world.person(&format!("signatory-{}", place + 1), &[]).await;
            world.member(person, *of, MemberRole::Signatory).await;
            signatories.push(person);
        }
        for ((application, _), total) in bids.iter().zip([95, 90, 85, 80]) {
            panel.reviewed(*application, panel.reviewers[0], total).await;
        }
        let chair = panel.chairing().await;
        let batch = decisions::draft(&chair, panel.call, "").await.unwrap();
        decisions::submit_batch(&chair, batch, 1).await.unwrap();
        let approver = world.role::<Approver>(panel.approver).await;
        decisions::approve_batch(&approver, batch).await.unwrap();
        let items = decisions::items_of(world.edges.db.read(), batch).await.unwrap();
        let own = |application: ApplicationId| items.iter().find(|row| row.application_id == application).unwrap().id;
        let ranked = bids.iter().zip(signatories).map(|((bid, of), person)| (*bid, *of, person, own(*bid))).collect();
        Self { panel, ranked, batch }
    }

    async fn signs(&self, place: usize) -> As<Signatory> {
        let (_, of, person, _) = self.ranked[place];
        self.panel.world.acting(person).await.signatory_of(of).unwrap()
    }

    async fn outcomes(&self) -> Vec<(Outcome, ItemStage, bool)> {
        let mut all = Vec::new();
        for (.., id) in &self.ranked {
            let row = item(&self.panel, *id).await;
            all.push((row.outcome, row.stage, row.committed));
        }
        all
    }

    /// The award that was offered to one of them, if there is one.
    async fn award(&self, place: usize) -> Option<award::Model> {
        let of = award::Entity::find().filter(award::Column::ApplicationId.eq(self.ranked[place].0));
        of.one(self.panel.world.edges.db.read()).await.unwrap()
    }

    /// Whatever happens: no more is promised than the envelope holds, and the books say the same as the items.
    async fn sound(&self) {
        let db = self.panel.world.edges.db.read();
        let items = decision_item::Entity::find().all(db).await.unwrap();
        let standing: Vec<_> = items.iter().filter(|row| row.committed && row.outcome == Outcome::Approved).collect();
        let promised: i64 = standing.iter().map(|row| row.amount_minor).sum();
        let call = call::Entity::find_by_id(self.panel.call).one(db).await.unwrap().unwrap();
        assert!(promised <= call.envelope_minor, "{promised} of {}", call.envelope_minor);
        let mut committed = 0;
        for row in &items {
            let of = Account::AwardCommitted(row.id);
            committed += balances::available(db, of, row.currency).await.unwrap();
        }
        let with_fee: i64 = standing.iter().map(|row| row.amount_minor + row.fee_minor).sum();
        assert_eq!(committed, with_fee, "the books and the items");
        assert_eq!(available(&self.panel).await, 9_836_000 - with_fee, "and what is left in the fund");
    }
}

fn code<T: std::fmt::Debug>(done: Result<T>) -> String {
    done.unwrap_err().code().to_owned()
}

const NOTICED: (Outcome, ItemStage, bool) = (Outcome::Approved, ItemStage::Noticed, true);
const WAITS: (Outcome, ItemStage, bool) = (Outcome::Reserved, ItemStage::Final, false);

both! {
async fn the_reserve_moves_up_twice_once_declined_and_once_lapsed(world: World) {
    let round = Round::noticed(world).await;
    let world = &round.panel.world;
    round.sound().await;
    world.at(nine(2026, 1, 13)).await;
    let first = round.award(0).await.unwrap();
    assert_eq!(first.stage, AwardStage::Offered);
    assert_eq!(round.outcomes().await[1..], [WAITS, WAITS, WAITS]);
    // Declined by two clicks at once: the list moves up by one place, once.
    let (one, other) = (round.signs(0).await, round.signs(0).await);
    let both = tokio::join!(awards::decline(&one, first.id, "no staff"), awards::decline(&other, first.id, "no staff"));
    let done = [both.0, both.1];
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1, "{done:?}");
    assert!(code(awards::decline(&round.signs(0).await, first.id, "again").await).starts_with("refused-"));
    assert_eq!(round.outcomes().await[1..], [NOTICED, WAITS, WAITS]);
    round.sound().await;
    world.settle().await;
    let told = |to: &str, letters: &[(i64, tributary::edges::mail::Letter)]| {
        letters.iter().filter(|(_, letter)| letter.to == format!("{to}@example.org")).count()
    };
    let letters = world.edges.mail.newest(500).await.unwrap();
    let (second, third) = (told("signatory-2", &letters), told("signatory-3", &letters));
    let fourth = told("signatory-4", &letters);
    // Its own public notice first, then its own offer.
    assert!(round.award(1).await.is_none());
    world.at(nine(2026, 1, 21)).await;
    let offered = round.award(1).await.unwrap();
    assert_eq!(offered.stage, AwardStage::Offered);
    // Nobody answers: the offer lapses by the clock, and the third moves up. The clock that ticks again moves nobody.
    let over = offered.offer_expires_on + chrono::Duration::days(1);
    let morning = over.and_hms_opt(1, 0, 0).unwrap().and_utc();
    world.at(morning).await;
    assert_eq!(round.award(1).await.unwrap().stage, AwardStage::OfferExpired);
    let now = round.outcomes().await;
    assert_eq!((now[2], now[3]), (NOTICED, WAITS));
    round.sound().await;
    world.settle().await;
    awards::tick(&world.edges).await.unwrap();
    assert_eq!(round.outcomes().await, now);
    // Whoever lapsed signs nothing any more.
    assert!(code(awards::accept(&round.signs(1).await, offered.id).await).starts_with("refused-"));
    let letters = world.edges.mail.newest(500).await.unwrap();
    assert!(told("signatory-2", &letters) > second && told("signatory-3", &letters) > third);
    assert_eq!(told("signatory-4", &letters), fourth, "who did not move up heard of the decision alone");
    // The third takes it, and there it ends.
    world.at((over + chrono::Duration::days(14)).and_hms_opt(1, 0, 0).unwrap().and_utc()).await;
    let third = round.award(2).await.unwrap();
    awards::accept(&round.signs(2).await, third.id).await.unwrap();
    assert_eq!(round.outcomes().await[3], WAITS);
    round.sound().await;
    let batch = decisions::load(world.edges.db.read(), round.batch).await.unwrap();
    assert_eq!(batch.stage, BatchStage::Decided);
    let call = call::Entity::find_by_id(round.panel.call).one(world.edges.db.read()).await.unwrap().unwrap();
    assert_eq!(call.stage, CallStage::Decided);
}

async fn who_does_not_fit_is_passed_over_and_nobody_moves_up_beyond_the_money(world: World) {
    let round = Round::noticed(world).await;
    let world = &round.panel.world;
    world.at(nine(2026, 1, 13)).await;
    // The second asks for more than the envelope holds by now: the third moves up in its place.
    let smaller = call::ActiveModel { id: Set(round.panel.call), envelope_minor: Set(7_950_000), ..Default::default() };
    let first = round.award(0).await.unwrap();
    change(world, smaller).await;
    awards::decline(&round.signs(0).await, first.id, "no staff").await.unwrap();
    assert_eq!(round.outcomes().await[1..], [WAITS, NOTICED, WAITS]);
    // An envelope that holds none of them: nobody moves up, and the money is the fund's.
    world.at(nine(2026, 1, 21)).await;
    let third = round.award(2).await.unwrap();
    let nothing = call::ActiveModel { id: Set(round.panel.call), envelope_minor: Set(1), ..Default::default() };
    change(world, nothing).await;
    awards::decline(&round.signs(2).await, third.id, "no staff").await.unwrap();
    assert_eq!(available(&round.panel).await, 9_836_000);
    let now = round.outcomes().await;
    assert_eq!((now[1], now[3]), (WAITS, WAITS));
}

async fn an_override_has_its_reason_and_everybody_reads_it(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let (chair, batch, items) = panel.drafted().await;
    let world = &panel.world;
    let db = world.edges.db.read();
    let of = |application: ApplicationId| items.iter().find(|row| row.application_id == application).unwrap();
    let (higher, lower) = (of(panel.applications[0]), of(panel.applications[1]));
    assert!(higher.rank < lower.rank);
    let by_hand = |outcome, amount_minor, reason: &str| Setting {
        outcome,
        amount_minor,
        award_kind: AwardKind::Project,
        reason: reason.into(),
    };
    for nothing in ["", "  \n"] {
        let refused = decisions::set_item(&chair, higher.id, 1, &by_hand(Outcome::Declined, 0, nothing)).await.unwrap_err();
        assert_eq!(refused.code(), "refused-empty");
    }
    let (why, instead) = ("The wall is private: CANARYWHY", "Second by rank, first that may be built: CANARYINSTEAD");
    decisions::set_item(&chair, higher.id, 1, &by_hand(Outcome::Declined, 0, why)).await.unwrap();
    // Somebody else's older page changes nothing.
    let stale = decisions::set_item(&chair, lower.id, 1, &by_hand(Outcome::Approved, 8_000_000, instead)).await;
    assert_eq!(stale.unwrap_err().code(), "refused-stale");
    decisions::set_item(&chair, lower.id, 2, &by_hand(Outcome::Approved, 8_000_000, instead)).await.unwrap();
    decisions::submit_batch(&chair, batch, 3).await.unwrap();
    // Whoever overrode does not approve it.
    give_role(world, panel.chair, Role::Approver).await;
    let own = world.role::<Approver>(panel.chair).await;
    assert_eq!(decisions::approve_batch(&own, batch).await.unwrap_err().code(), "forbidden-batch-drafter");
    decisions::approve_batch(&world.role::<Approver>(panel.approver).await, batch).await.unwrap();
    let now = decisions::items_of(db, batch).await.unwrap();
    let told: Vec<(&str, Outcome)> = now.iter().map(|row| (row.reason.as_str(), row.outcome)).collect();
    assert!(told.contains(&(why, Outcome::Declined)) && told.contains(&(instead, Outcome::Approved)), "{told:?}");
    // It stands in the minutes beside the rank it overrides, in the history with its author, and in the applicant's letter.
    let officer = world.role::<Officer>(panel.other_officer).await;
    let page = rendered(tributary::grants::decisions::view::minutes::show(&officer, batch).await);
    assert!(page.contains("CANARYWHY") && page.contains("CANARYINSTEAD"), "{page}");
    let events = entities::event::Entity::find().all(db).await.unwrap();
    let set = events.iter().filter(|row| row.act == "set" && row.actor_id == Some(panel.chair)).count();
    assert_eq!(set, 2);
    world.settle().await;
    let letters = world.edges.mail.newest(500).await.unwrap();
    let own = letters.iter().find(|(_, letter)| letter.to == "signatory@example.org" && letter.text.contains("CANARYWHY"));
    assert!(own.is_some(), "the applicant reads why");
}
}
