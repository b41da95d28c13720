//! Gifts as lots: which gift pays for what.
//!
//! Every received gift, and every match, is a lot with its own restriction. A commitment allocates lots, fee
//! included: those whose restriction it satisfies, most restricted first, then oldest, then lowest id.
//! Payments and fees consume allocations in the order they were made; a release frees the last allocated
//! first, so what was consumed first stays; money that comes back reopens the last consumed first.
//! Always: Σ(lot − consumed) = available + committed.
//!
//! Everything here answers with [`Draw`]s and changes nothing: the service that asked writes the rows,
//! in the transaction of its posting. To add another event, say from which end of the allocations it draws
//! and which of their two figures it lowers.

/// A gift or a match as the books hold it now. Amounts are minor units of the fund's one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lot {
    /// Lot id; the last tie-breaker.
    pub id: i64,
    /// The need this gift is restricted to, or `None` if the fund's purpose is enough.
    pub restriction: Option<i64>,
    /// Order key of receipt: smaller is older. Posting order or a day number, but one kind only.
    pub received_on: i64,
    /// What was given.
    pub amount_minor: i64,
    /// What is neither allocated nor consumed; 0..=`amount_minor`.
    pub free_minor: i64,
}

/// What one commitment holds of one lot. Kept in the order of allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allocation {
    /// Lot id. One lot may appear once for a commitment, or again after it was raised.
    pub lot: i64,
    /// Held and not yet spent, in minor units.
    pub remaining_minor: i64,
    /// Spent, in minor units.
    pub consumed_minor: i64,
}

/// A figure taken from one lot or allocation, always above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw {
    /// Place in the slice that was passed in.
    pub place: usize,
    /// Lot id.
    pub lot: i64,
    /// Minor units, above zero.
    pub amount_minor: i64,
}

/// There was not enough; nothing is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{missing_minor} minor units are missing")]
pub struct Short {
    /// How much more would have been needed, in minor units.
    pub missing_minor: i64,
}

/// Chooses the lots a commitment of `amount_minor` (fee included) for `purpose` takes, in order.
///
/// A lot qualifies if it is unrestricted or restricted to exactly `purpose`. Nothing is drawn for an
/// amount of 0 or less.
///
/// # Errors
/// [`Short`] if the qualifying lots hold too little.
pub fn allocate(lots: &[Lot], purpose: Option<i64>, amount_minor: i64) -> Result<Vec<Draw>, Short> {
    let mut qualifying: Vec<(usize, &Lot)> =
        lots.iter().enumerate().filter(|(_, lot)| lot.restriction.is_none() || lot.restriction == purpose).collect();
    qualifying.sort_by_key(|(_, lot)| (lot.restriction.is_none(), lot.received_on, lot.id));
    let offers = qualifying.into_iter().map(|(place, lot)| (place, lot.id, lot.free_minor));
    draw(offers, amount_minor)
}

/// Spends `amount_minor` (a payment or a fee) from `allocations`, first allocated first.
///
/// Each draw moves from `remaining_minor` to `consumed_minor` of its allocation.
///
/// # Errors
/// [`Short`] if less is held.
pub fn consume(allocations: &[Allocation], amount_minor: i64) -> Result<Vec<Draw>, Short> {
    draw(offers(allocations, |held| held.remaining_minor), amount_minor)
}

/// Frees `amount_minor` of what `allocations` still hold, last allocated first.
///
/// Each draw moves from `remaining_minor` of its allocation back to the lot's `free_minor`.
///
/// # Errors
/// [`Short`] if less is held.
pub fn release(allocations: &[Allocation], amount_minor: i64) -> Result<Vec<Draw>, Short> {
    draw(offers(allocations, |held| held.remaining_minor).rev(), amount_minor)
}

/// Takes `amount_minor` that came back out of what was spent, last consumed first.
///
/// Each draw lowers `consumed_minor`. Where it goes is the posting's to say: to `remaining_minor` when a
/// payment was returned, to the lot's `free_minor` when a grantee sent money back to the fund.
///
/// # Errors
/// [`Short`] if less was spent.
pub fn reopen(allocations: &[Allocation], amount_minor: i64) -> Result<Vec<Draw>, Short> {
    draw(offers(allocations, |held| held.consumed_minor).rev(), amount_minor)
}

/// Place, lot, and the figure that may be drawn on.
type Offer = (usize, i64, i64);

fn offers(allocations: &[Allocation], figure: fn(&Allocation) -> i64) -> impl DoubleEndedIterator<Item = Offer> {
    let numbered = allocations.iter().enumerate().map(move |(place, held)| (place, held.lot, figure(held)));
    numbered.collect::<Vec<_>>().into_iter()
}

fn draw(offers: impl Iterator<Item = Offer>, amount_minor: i64) -> Result<Vec<Draw>, Short> {
    let mut missing_minor = amount_minor.max(0);
    let mut draws = Vec::new();
    for (place, lot, offered) in offers {
        if missing_minor == 0 {
            break;
        }
        let taken = offered.min(missing_minor);
        if taken > 0 {
            missing_minor -= taken;
            draws.push(Draw { place, lot, amount_minor: taken });
        }
    }
    if missing_minor > 0 {
        return Err(Short { missing_minor });
    }
    Ok(draws)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WALL: i64 = 83;

    /// The smallest book of lots: it writes what the draws say, as the service does.
    #[derive(Default)]
    struct Book {
        lots: Vec<Lot>,
        held: Vec<Allocation>,
    }

    impl Book {
        fn receive(&mut self, restriction: Option<i64>, amount_minor: i64) -> i64 {
            let id = i64::try_from(self.lots.len()).unwrap() + 1;
            self.lots.push(Lot { id, restriction, received_on: id, amount_minor, free_minor: amount_minor });
            id
        }

        fn lot(&mut self, id: i64) -> &mut Lot {
            self.lots.iter_mut().find(|lot| lot.id == id).unwrap()
        }

        fn commit(&mut self, purpose: Option<i64>, amount: i64) -> Result<(), Short> {
            for draw in allocate(&self.lots, purpose, amount)? {
                self.lots[draw.place].free_minor -= draw.amount_minor;
                self.held.push(Allocation { lot: draw.lot, remaining_minor: draw.amount_minor, consumed_minor: 0 });
            }
            Ok(())
        }

        fn spend(&mut self, amount: i64) -> Result<(), Short> {
            for draw in consume(&self.held, amount)? {
                self.held[draw.place].remaining_minor -= draw.amount_minor;
                self.held[draw.place].consumed_minor += draw.amount_minor;
            }
            Ok(())
        }

        fn free(&mut self, amount: i64) -> Result<(), Short> {
            for draw in release(&self.held, amount)? {
                self.held[draw.place].remaining_minor -= draw.amount_minor;
                self.lot(draw.lot).free_minor += draw.amount_minor;
            }
            Ok(())
        }

        fn take_back(&mut self, amount: i64, to_fund: bool) -> Result<(), Short> {
            for draw in reopen(&self.held, amount)? {
                self.held[draw.place].consumed_minor -= draw.amount_minor;
                if to_fund {
                    self.lot(draw.lot).free_minor += draw.amount_minor;
                } else {
                    self.held[draw.place].remaining_minor += draw.amount_minor;
                }
            }
            Ok(())
        }

        fn consumed_of(&self, lot: i64) -> i64 {
            self.held.iter().filter(|held| held.lot == lot).map(|held| held.consumed_minor).sum()
        }

        /// Σ(lot − consumed), and available + committed: always equal.
        fn both_sides(&self) -> (i64, i64) {
            let unspent = self.lots.iter().map(|lot| lot.amount_minor - self.consumed_of(lot.id)).sum();
            let available: i64 = self.lots.iter().map(|lot| lot.free_minor).sum();
            let committed: i64 = self.held.iter().map(|held| held.remaining_minor).sum();
            (unspent, available + committed)
        }
    }

    #[test]
    fn the_wall_of_hangzhong_street() {
        let mut book = Book::default();
        let mut owners = Vec::new();
        for owner in 1..=6 {
            owners.push(book.receive(None, 1_000_000));
            if owner <= 3 {
                book.receive(None, 1_000_000);
            }
        }
        book.receive(Some(WALL), 500_000);
        for _ in 0..28 {
            book.receive(Some(WALL), 12_000);
        }
        assert_eq!(book.both_sides(), (9_836_000, 9_836_000));

        book.commit(Some(WALL), 8_383_000).unwrap();
        assert_eq!(book.commit(Some(WALL), 1_453_100), Err(Short { missing_minor: 100 }));
        for payment in [4_191_500, 3_353_200, 585_800] {
            book.spend(payment).unwrap();
        }
        book.free(252_500).unwrap();

        assert_eq!(book.both_sides(), (1_705_500, 1_705_500));
        let (owner_five, owner_six) = (owners[4], owners[5]);
        assert_eq!(book.lot(owner_five).free_minor, 705_500);
        assert_eq!(book.consumed_of(owner_five), 294_500);
        assert_eq!(book.lot(owner_six).free_minor, 1_000_000);
        let spent_elsewhere = book.lots.iter().all(|lot| lot.id >= owner_five || lot.free_minor == 0);
        assert!(spent_elsewhere);
    }

    #[test]
    fn a_restricted_lot_pays_for_nothing_else() {
        let mut book = Book::default();
        book.receive(Some(WALL), 100);
        book.receive(None, 10);
        assert_eq!(book.commit(None, 11), Err(Short { missing_minor: 1 }));
        assert_eq!(book.commit(Some(WALL + 1), 11), Err(Short { missing_minor: 1 }));
        assert_eq!(book.commit(Some(WALL), 110), Ok(()));
    }

    #[test]
    fn most_restricted_then_oldest_then_lowest_id() {
        let lot = |id, restriction, received_on| Lot { id, restriction, received_on, amount_minor: 5, free_minor: 5 };
        let lots = [lot(9, None, 1), lot(4, None, 2), lot(3, None, 2), lot(8, Some(WALL), 7), lot(2, Some(1), 0)];
        let order: Vec<i64> = allocate(&lots, Some(WALL), 20).unwrap().iter().map(|draw| draw.lot).collect();
        assert_eq!(order, [8, 9, 3, 4]);
        assert_eq!(allocate(&lots, Some(WALL), 0), Ok(vec![]));
        assert_eq!(allocate(&lots, Some(WALL), -5), Ok(vec![]));
    }

    #[test]
    fn what_comes_back_reopens_the_last_consumed() {
        let held = [
            Allocation { lot: 1, remaining_minor: 0, consumed_minor: 50 },
            Allocation { lot: 2, remaining_minor: 10, consumed_minor: 20 },
        ];
        let drawn: Vec<(i64, i64)> =
            reopen(&held, 30).unwrap().iter().map(|draw| (draw.lot, draw.amount_minor)).collect();
        assert_eq!(drawn, [(2, 20), (1, 10)]);
        assert_eq!(reopen(&held, 71), Err(Short { missing_minor: 1 }));
    }

    proptest! {
        #[test]
        fn unspent_gifts_are_available_or_committed(
            events in prop::collection::vec((0..6_u8, 1..500_i64, prop::option::of(1..3_i64)), 1..60),
        ) {
            let mut book = Book::default();
            for (event, amount, need) in events {
                let before = book.both_sides();
                let outcome = match event {
                    0 => { book.receive(need, amount); Ok(()) }
                    1 => book.commit(need, amount),
                    2 => book.spend(amount),
                    3 => book.free(amount),
                    4 => book.take_back(amount, true),
                    _ => book.take_back(amount, false),
                };
                let (unspent, on_hand) = book.both_sides();
                prop_assert_eq!(unspent, on_hand);
                if outcome.is_err() {
                    prop_assert_eq!((unspent, on_hand), before);
                }
                prop_assert!(book.lots.iter().all(|lot| (0..=lot.amount_minor).contains(&lot.free_minor)));
                prop_assert!(book.held.iter().all(|held| held.remaining_minor >= 0 && held.consumed_minor >= 0));
            }
        }
    }
}
