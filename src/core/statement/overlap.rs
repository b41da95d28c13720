//! What a file says of days of which something is known already: which of its lines came before, under whatever mark.
//!
//! A line is told by the bank's own mark on its day. Where a hand wrote it, or the mark was made up because the file gives none,
//! the same movement may come under two marks: then day and amount tell it, and names and texts between several. Whatever is left
//! over on a day that the file speaks of contradicts it, unless both are pieces of one day whose every line has the bank's own mark.

use super::{Format, Line, is_made_up};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// A line that is there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Day it was booked.
    pub day: NaiveDate,
    /// Minor units with their sign.
    pub amount_minor: i64,
    /// Its mark within the account.
    pub reference: String,
    /// Whom it came from or went to.
    pub name: String,
    /// What was written on it.
    pub text: String,
    /// How it came.
    pub format: Format,
    /// Whether the books took it.
    pub in_books: bool,
}

impl Known {
    fn by_hand(&self) -> bool {
        self.format == Format::ByHand
    }

    /// Whether another file may have the same movement under another mark.
    fn weak(&self) -> bool {
        self.by_hand() || is_made_up(&self.reference)
    }
}

/// What a line of the file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// It is new, under this mark.
    New(String),
    /// It is that one, by its mark.
    Before(usize),
    /// It is that one, which has another mark.
    Otherwise(usize),
    /// The bank's mark is that one's, and day or amount are not: the bank never changes a line.
    Changed(usize),
}

impl Came {
    /// The line that it is, where it came before.
    pub const fn known(&self) -> Option<usize> {
        match self {
            Self::Before(place) | Self::Otherwise(place) => Some(*place),
            Self::New(_) | Self::Changed(_) => None,
        }
    }
}

/// A file beside what is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// Line by line of the file.
    pub came: Vec<Came>,
    /// The first day of which a line is known that the file does not show though it should.
    pub missing: Option<NaiveDate>,
}

/// A mark as the bank wrote it, without the day that tells two lines of one mark apart.
fn bare(reference: &str, day: NaiveDate) -> String {
    reference.replacen(&of_day(day), "", 1)
}

/// What is put behind a mark that another day has already.
pub(super) fn of_day(day: NaiveDate) -> String {
    format!("#{}", day.format("%Y%m%d"))
}

/// Every mark under which a line may be known: its own, and the bank's where ours is longer.
pub fn marks(line: &Line) -> [String; 2] {
    [line.reference.clone(), bare(&line.reference, line.day)]
}

/// Says of every line of a file whether it came before. The file speaks of the days of `days`, first and last; `known` holds every
/// line of these days, and every line of whatever day that has a mark of [`marks`].
pub fn overlap(lines: &[Line], format: Format, days: (NaiveDate, NaiveDate), known: &[Known]) -> Overlap {
    let mut pairing = Pairing { lines, known, came: vec![None; lines.len()], used: vec![false; known.len()] };
    pairing.by_mark();
    pairing.by_what_a_hand_wrote();
    // The narrower first: of two lines of one amount each finds its own.
    pairing.by_amount(|line, one| same(&line.name, &one.name) && same(&line.text, &one.text));
    pairing.by_amount(|line, one| same(&line.name, &one.name));
    pairing.by_amount(|_, _| true);
    let within = |day: NaiveDate| days.0 <= day && day <= days.1;
    pairing.name_the_rest(within);
    let unmarked: BTreeSet<NaiveDate> =
        lines.iter().filter(|line| is_made_up(&line.reference)).map(|line| line.day).collect();
    let piece = |one: &Known| one.format == format && !one.weak() && !unmarked.contains(&one.day);
    let unseen = known.iter().zip(&pairing.used).filter(|(one, used)| !**used && within(one.day));
    let missing = unseen.filter(|(one, _)| !one.by_hand() && !piece(one)).map(|(one, _)| one.day).min();
    Overlap { came: pairing.came.into_iter().flatten().collect(), missing }
}

/// Whether two people or banks wrote the same words; nothing is like nothing else.
fn same(one: &str, other: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let one = plain(one);
    !one.is_empty() && one == plain(other)
}

struct Pairing<'a> {
    lines: &'a [Line],
    known: &'a [Known],
    came: Vec<Option<Came>>,
    used: Vec<bool>,
}

impl Pairing<'_> {
    fn pair(&mut self, line: usize, place: usize, came: Came) {
        self.used[place] = true;
        self.came[line] = Some(came);
    }

    /// The lines that are still nothing.
    fn rest(&self) -> Vec<usize> {
        (0..self.lines.len()).filter(|line| self.came[*line].is_none()).collect()
    }

    fn by_mark(&mut self) {
        let key = |reference: &str, day: NaiveDate| (bare(reference, day), day);
        let places: BTreeMap<_, _> =
            self.known.iter().enumerate().map(|(place, one)| (key(&one.reference, one.day), place)).collect();
        for at in self.rest() {
            let line = &self.lines[at];
            let Some(place) = places.get(&key(&line.reference, line.day)).copied() else { continue };
            if !self.used[place] && self.known[place].amount_minor == line.amount_minor {
                self.pair(at, place, Came::Before(place));
            }
        }
    }

    /// A hand may have written another day, or another amount as long as the books did not take it.
    fn by_what_a_hand_wrote(&mut self) {
        let hands = self.known.iter().enumerate().filter(|(_, one)| one.by_hand());
        let places: BTreeMap<&str, usize> = hands.map(|(place, one)| (one.reference.as_str(), place)).collect();
        for at in self.rest() {
            let line = &self.lines[at];
            let Some(place) = places.get(bare(&line.reference, line.day).as_str()).copied() else { continue };
            let one = &self.known[place];
            if !self.used[place] && (one.amount_minor == line.amount_minor || !one.in_books) {
                self.pair(at, place, Came::Before(place));
            }
        }
    }

    fn by_amount(&mut self, alike: impl Fn(&Line, &Known) -> bool) {
        let mut places: BTreeMap<(NaiveDate, i64), Vec<usize>> = BTreeMap::new();
        for (place, one) in self.known.iter().enumerate().filter(|(place, _)| !self.used[*place]) {
            places.entry((one.day, one.amount_minor)).or_default().push(place);
        }
        for at in self.rest() {
            let line = &self.lines[at];
            let made_up = is_made_up(&line.reference);
            let mut there = places.get(&(line.day, line.amount_minor)).into_iter().flatten().copied();
            let found = there.find(|place| {
                let one = &self.known[*place];
                !self.used[*place] && (made_up || one.weak()) && alike(line, one)
            });
            if let Some(place) = found {
                self.pair(at, place, Came::Otherwise(place));
            }
        }
    }

    /// What is left is new. A mark that another day has already gets the day behind it: some banks give a payment and its fee one
    /// number, and book them on two days.
    fn name_the_rest(&mut self, within: impl Fn(NaiveDate) -> bool) {
        let mut taken: BTreeMap<String, Option<usize>> =
            self.known.iter().enumerate().map(|(place, one)| (one.reference.clone(), Some(place))).collect();
        for at in self.rest() {
            let line = &self.lines[at];
            let dated = format!("{}{}", bare(&line.reference, line.day), of_day(line.day));
            let changed = |place: usize| !self.used[place] && within(self.known[place].day);
            let came = match (taken.get(&line.reference).copied(), taken.get(&dated).copied()) {
                (Some(Some(place)), _) | (_, Some(Some(place))) if changed(place) => Came::Changed(place),
                (None, _) => Came::New(line.reference.clone()),
                (Some(_), None) => Came::New(dated),
                (Some(place), Some(other)) => Came::Changed(place.or(other).unwrap_or_default()),
            };
            if let Came::New(reference) = &came {
                taken.insert(reference.clone(), None);
            }
            self.came[at] = Some(came);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(of: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, of).unwrap()
    }

    fn line(of: u32, amount_minor: i64, reference: &str, name: &str) -> Line {
        Line {
            at: 1,
            day: day(of),
            amount_minor,
            reference: reference.into(),
            name: name.into(),
            tail: String::new(),
            text: String::new(),
            balance_minor: None,
        }
    }

    fn made_up(of: u32, amount_minor: i64, name: &str) -> Line {
        let letter = name.as_bytes().first().copied().unwrap_or(b'0');
        line(of, amount_minor, &format!("202601{of:02}:{amount_minor}:0123456789{letter:x}"), name)
    }

    fn known(line: &Line, format: Format) -> Known {
        Known {
            day: line.day,
            amount_minor: line.amount_minor,
            reference: line.reference.clone(),
            name: line.name.clone(),
            text: String::new(),
            format,
            in_books: true,
        }
    }

    fn file(lines: &[Line], known: &[Known]) -> Overlap {
        let days = lines.iter().map(|line| line.day);
        overlap(lines, Format::Comma, (days.clone().min().unwrap(), days.max().unwrap()), known)
    }

    #[test]
    fn a_movement_under_two_marks_is_one() {
        let by_hand = known(&line(5, 100, "S-1", "a stranger"), Format::ByHand);
        let of_file = made_up(5, 100, "x");
        let told = file(std::slice::from_ref(&of_file), std::slice::from_ref(&by_hand));
        assert_eq!((told.came, told.missing), (vec![Came::Otherwise(0)], None));
        let marked = line(5, 100, "AB-1", "x");
        let told = file(std::slice::from_ref(&marked), &[known(&of_file, Format::Comma)]);
        assert_eq!((told.came, told.missing), (vec![Came::Otherwise(0)], None));
        // Each by the bank's own mark: two gifts of one day.
        let told = file(&[marked], &[known(&line(5, 100, "AB-2", "x"), Format::Comma)]);
        assert_eq!((told.came, told.missing), (vec![Came::New("AB-1".into())], None));
    }

    #[test]
    fn of_two_lines_of_one_amount_each_finds_its_own() {
        let before = [known(&made_up(5, 100, "a"), Format::Comma)];
        let again = [line(5, 100, "AB-1", "b"), line(5, 100, "AB-2", "a")];
        assert_eq!(file(&again, &before).came, [Came::New("AB-1".into()), Came::Otherwise(0)]);
    }

    #[test]
    fn what_a_file_of_that_day_does_not_show_contradicts_it() {
        let before = [known(&made_up(5, 100, "a"), Format::Comma)];
        assert_eq!(file(&[made_up(5, 70, "b")], &before).missing, Some(day(5)));
        let marked = [known(&line(5, 100, "AB-1", "a"), Format::Comma)];
        assert_eq!(file(&[line(5, 70, "AB-2", "b")], &marked).missing, None, "pieces of one day");
        assert_eq!(file(&[made_up(5, 70, "b")], &marked).missing, Some(day(5)));
        let elsewhere = [known(&line(5, 100, "1", "a"), Format::Camt)];
        assert_eq!(file(&[line(5, 100, "AB-1", "a")], &elsewhere).missing, Some(day(5)), "numbered otherwise");
        // What a hand wrote contradicts nothing: the file's word counts.
        let by_hand = [known(&line(5, 100, "S-1", "a"), Format::ByHand)];
        assert_eq!(file(&[line(5, 70, "AB-2", "b")], &by_hand).missing, None);
    }

    #[test]
    fn one_mark_on_two_days_is_two_lines_in_whatever_file() {
        let (fifth, eighth) = (line(5, -100, "X", ""), line(8, -2, "X", ""));
        let first = [known(&fifth, Format::Comma)];
        let told = file(std::slice::from_ref(&eighth), &first);
        assert_eq!((told.came, told.missing), (vec![Came::New("X#20260108".into())], None));
        let both = [first[0].clone(), known(&line(8, -2, "X#20260108", ""), Format::Comma)];
        assert_eq!(file(std::slice::from_ref(&eighth), &both).came, [Came::Before(1)]);
        assert_eq!(
            file(&[fifth.clone(), line(8, -2, "X#20260108", "")], &both).came,
            [Came::Before(0), Came::Before(1)]
        );
        // The later one was there first.
        let late = [known(&eighth, Format::Comma)];
        assert_eq!(file(std::slice::from_ref(&fifth), &late).came, [Came::New("X#20260105".into())]);
        let both = [late[0].clone(), known(&line(5, -100, "X#20260105", ""), Format::Comma)];
        let whole = [fifth, line(8, -2, "X#20260108", "")];
        assert_eq!(file(&whole, &both).came, [Came::Before(1), Came::Before(0)]);
        // On its own day the bank changes nothing.
        assert_eq!(file(&[line(8, -3, "X", "")], &late).came, [Came::Changed(0)]);
        assert_eq!(file(&[line(5, -3, "X", "")], &both).came, [Came::Changed(1)]);
    }

    #[test]
    fn a_hand_may_have_written_another_day_or_an_amount_that_nobody_took() {
        let took = known(&line(5, 100, "S-1", ""), Format::ByHand);
        let open = Known { in_books: false, ..took.clone() };
        assert_eq!(file(&[line(6, 100, "S-1", "")], std::slice::from_ref(&took)).came, [Came::Before(0)]);
        assert_eq!(file(&[line(5, 90, "S-1", "")], &[open]).came, [Came::Before(0)]);
        assert_eq!(file(&[line(5, 90, "S-1", "")], &[took]).came, [Came::Changed(0)]);
    }
}
