//! The figures of a round: what came, what was eligible, judged and awarded, and the sums, call by call. Small numbers are not told: by
//! elimination they would name who was refused.

use crate::error::Result;
use crate::grants::applications::rules::JUDGED;
use entities::kinds::{BatchStage, CallId, CallStage, Currency, Outcome, ReviewStage};
use entities::{application, call, decision_batch, decision_item, review};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, BTreeSet};

/// Bids not awarded that may be told by number: fewer could be named by whoever knows some of them.
pub const FEW: u64 = 5;
/// Calls of one round.
const CALLS: u64 = 100;

/// One call's figures as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Bids handed in.
    pub received: u64,
    /// Of those, let through by the screening.
    pub eligible: u64,
    /// Of those, with a review that counts.
    pub reviewed: u64,
    /// Awarded.
    pub awarded: u64,
    /// What all who handed in asked for.
    pub asked_minor: i64,
    /// What was awarded.
    pub awarded_minor: i64,
}

/// The same as the public reads them: what is not told is `None`. Awards are public one by one, so their number and sum always are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Bids handed in.
    pub received: Option<u64>,
    /// Let through by the screening.
    pub eligible: Option<u64>,
    /// Judged.
    pub reviewed: Option<u64>,
    /// Awarded.
    pub awarded: u64,
    /// Asked for.
    pub asked_minor: Option<i64>,
    /// Awarded.
    pub awarded_minor: i64,
}

impl Figures {
    fn plus(self, other: Self) -> Self {
        Self {
            received: self.received + other.received,
            eligible: self.eligible + other.eligible,
            reviewed: self.reviewed + other.reviewed,
            awarded: self.awarded + other.awarded,
            asked_minor: self.asked_minor + other.asked_minor,
            awarded_minor: self.awarded_minor + other.awarded_minor,
        }
    }

    /// Without what would tell of fewer than [`FEW`] that they were not awarded, or fell out on the way. A figure goes with the ones
    /// before it: the difference of two that stand side by side is a figure too.
    pub fn told(self) -> Told {
        let few = |more: u64, fewer: u64| (1..FEW).contains(&more.saturating_sub(fewer));
        let reviewed = (!few(self.reviewed, self.awarded)).then_some(self.reviewed);
        let last = reviewed.unwrap_or(self.awarded);
        let eligible = (!few(self.eligible, last)).then_some(self.eligible);
        let last = eligible.unwrap_or(last);
        let received = (!few(self.received, last)).then_some(self.received);
        let asked_minor = received.filter(|_| !few(self.received, self.awarded)).map(|_| self.asked_minor);
        let (awarded, awarded_minor) = (self.awarded, self.awarded_minor);
        Told { received, eligible, reviewed, awarded, asked_minor, awarded_minor }
    }
}

/// The figures of several calls, and all of them together. A total over one hidden figure would tell it: it is hidden too.
pub fn together(figures: &[Figures]) -> (Vec<Told>, Told) {
    let rows: Vec<Told> = figures.iter().map(|row| row.told()).collect();
    let whole = figures.iter().copied().fold(Figures::default(), Figures::plus).told();
    let one = |hidden: fn(&Told) -> bool| rows.iter().filter(|row| hidden(row)).count() == 1;
    let whole = Told {
        received: whole.received.filter(|_| !one(|row| row.received.is_none())),
        eligible: whole.eligible.filter(|_| !one(|row| row.eligible.is_none())),
        reviewed: whole.reviewed.filter(|_| !one(|row| row.reviewed.is_none())),
        asked_minor: whole.asked_minor.filter(|_| !one(|row| row.asked_minor.is_none())),
        ..whole
    };
    (rows, whole)
}

/// The decided calls of the round to which a call belongs, by category: those of the same round of its programme in the same currency.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_round(db: &impl ConnectionTrait, row: &call::Model) -> Result<Vec<(call::Model, Figures)>> {
    let over = [CallStage::Decided, CallStage::Archived];
    let calls = match row.programme_id {
        None => vec![row.clone()],
        Some(programme) => {
            call::Entity::find()
                .filter(call::Column::ProgrammeId.eq(programme))
                .filter(call::Column::Round.eq(row.round.clone()))
                .filter(call::Column::Currency.eq(row.currency))
                .filter(call::Column::Stage.is_in(over))
                .order_by_asc(call::Column::Category)
                .order_by_asc(call::Column::Id)
                .limit(CALLS)
                .all(db)
                .await?
        }
    };
    let ids: Vec<CallId> = calls.iter().map(|row| row.id).collect();
    let mut figures = came(db, &ids).await?;
    for (id, count) in reviewed(db, &ids).await? {
        figures.entry(id).or_default().reviewed = count;
    }
    awarded(db, &ids, row.currency, &mut figures).await?;
    Ok(calls
        .into_iter()
        .map(|row| (figures.get(&row.id).copied().unwrap_or_default(), row))
        .map(|(of, row)| (row, of))
        .collect())
}

type ByCall = BTreeMap<CallId, Figures>;

async fn came(db: &impl ConnectionTrait, ids: &[CallId]) -> Result<ByCall> {
    let rows = application::Entity::find()
        .filter(application::Column::CallId.is_in(ids.iter().copied()))
        .filter(application::Column::SubmittedAt.is_not_null())
        .all(db)
        .await?;
    let mut figures = ByCall::new();
    for row in rows {
        let own = figures.entry(row.call_id).or_default();
        own.received += 1;
        own.asked_minor += row.ask_minor;
        own.eligible += u64::from(JUDGED.contains(&row.stage));
    }
    Ok(figures)
}

async fn reviewed(db: &impl ConnectionTrait, ids: &[CallId]) -> Result<BTreeMap<CallId, u64>> {
    let rows: Vec<(CallId, entities::kinds::ApplicationId)> = review::Entity::find()
        .select_only()
        .column(review::Column::CallId)
        .column(review::Column::ApplicationId)
        .distinct()
        .filter(review::Column::CallId.is_in(ids.iter().copied()))
        .filter(review::Column::Stage.eq(ReviewStage::Submitted))
        .into_tuple()
        .all(db)
        .await?;
    // Who withdrew after a review is no longer among the eligible.
    let standing: BTreeSet<_> = application::Entity::find()
        .select_only()
        .column(application::Column::Id)
        .filter(application::Column::CallId.is_in(ids.iter().copied()))
        .filter(application::Column::Stage.is_in(JUDGED))
        .into_tuple::<entities::kinds::ApplicationId>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let mut counts = BTreeMap::new();
    for (call, _) in rows.into_iter().filter(|(_, application)| standing.contains(application)) {
        *counts.entry(call).or_default() += 1;
    }
    Ok(counts)
}

async fn awarded(db: &impl ConnectionTrait, ids: &[CallId], currency: Currency, figures: &mut ByCall) -> Result<()> {
    let batches = decision_batch::Entity::find()
        .filter(decision_batch::Column::CallId.is_in(ids.iter().copied()))
        .filter(decision_batch::Column::Stage.is_in([BatchStage::Approved, BatchStage::Decided]))
        .all(db)
        .await?;
    let of: BTreeMap<_, _> = batches.iter().map(|batch| (batch.id, batch.call_id)).collect();
    let items = decision_item::Entity::find()
        .filter(decision_item::Column::BatchId.is_in(of.keys().copied()))
        .filter(decision_item::Column::Outcome.eq(Outcome::Approved))
        .filter(decision_item::Column::Committed.eq(true))
        .filter(decision_item::Column::Currency.eq(currency))
        .all(db)
        .await?;
    for item in items {
        let Some(call) = of.get(&item.batch_id) else { continue };
        let own = figures.entry(*call).or_default();
        own.awarded += 1;
        own.awarded_minor += item.amount_minor;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(received: u64, eligible: u64, reviewed: u64, awarded: u64) -> Figures {
        Figures { received, eligible, reviewed, awarded, asked_minor: 900, awarded_minor: 100 }
    }

    fn seen(row: Figures) -> (Option<u64>, Option<u64>, Option<u64>, u64, bool) {
        let told = row.told();
        (told.received, told.eligible, told.reviewed, told.awarded, told.asked_minor.is_some())
    }

    #[test]
    fn small_differences_are_not_told() {
        assert_eq!(seen(figures(30, 20, 20, 10)), (Some(30), Some(20), Some(20), 10, true));
        assert_eq!(seen(figures(30, 20, 18, 10)), (Some(30), None, Some(18), 10, true), "two that nobody judged");
        assert_eq!(seen(figures(2, 2, 2, 1)), (None, None, None, 1, false), "the one who was refused");
        assert_eq!(seen(figures(10, 10, 10, 10)), (Some(10), Some(10), Some(10), 10, true), "nobody was refused");
        assert_eq!(seen(figures(0, 0, 0, 0)), (Some(0), Some(0), Some(0), 0, true));
        assert_eq!(seen(figures(16, 14, 14, 10)), (Some(16), None, None, 10, true));
    }

    #[test]
    fn whatever_is_told_no_two_figures_differ_by_a_few() {
        for received in 0..14 {
            for eligible in 0..=received {
                for reviewed in 0..=eligible {
                    for awarded in 0..=reviewed {
                        let told = figures(received, eligible, reviewed, awarded).told();
                        let all = [told.received, told.eligible, told.reviewed, Some(awarded)];
                        let shown: Vec<u64> = all.into_iter().flatten().collect();
                        for pair in shown.windows(2) {
                            assert!(
                                !(1..FEW).contains(&(pair[0] - pair[1])),
                                "{received} {eligible} {reviewed} {awarded}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_total_does_not_tell_the_one_that_is_hidden() {
        let (rows, whole) = together(&[figures(30, 20, 20, 10), figures(12, 12, 12, 10)]);
        assert_eq!((rows[0].received, rows[1].received, whole.received), (Some(30), None, None));
        assert_eq!((whole.awarded, whole.awarded_minor), (20, 200));
        let (rows, whole) = together(&[figures(12, 12, 12, 10), figures(13, 13, 13, 10)]);
        assert_eq!((rows[0].received, rows[1].received, whole.received), (None, None, Some(25)));
        let (_, whole) = together(&[figures(30, 20, 20, 10), figures(40, 30, 30, 10)]);
        assert_eq!((whole.received, whole.asked_minor), (Some(70), Some(1_800)));
    }
}
