//! How a statement lives, and what a line of it may be: pure, and never a guess between two.

use crate::core::lifecycle::{Lifecycle, Part, mv};
use crate::living;
use chrono::NaiveDate;
use entities::kinds::StatementStage::{self, Checked, Discarded, Imported};
use entities::kinds::{GiftId, MatchKind, TrancheId, TransferId};
use serde::{Deserialize, Serialize};

/// A file of the bank.
pub const STATEMENT: Lifecycle<StatementStage> = Lifecycle {
    name: "statement",
    starts: &[Checked, Imported],
    moves: &[
        mv(Checked, "import", Imported, &[Part::Finance]).when("all its lines or none"),
        mv(Checked, "discard", Discarded, &[Part::Finance]),
    ],
};

living!(bank_statement, StatementStage, Statement, STATEMENT);

/// Largest fee of the bank that a word on the line is enough for, in minor units; a larger one is looked at by people.
pub const FEE_LIMIT: i64 = 100_000;
/// Money comes back from a payee within so many days, or somebody says by hand what it is.
pub const RETURN_DAYS: i64 = 90;
/// Somebody who recorded a line by hand wrote its day wrong by no more than this.
pub const BY_HAND_DAYS: i64 = 10;
/// Two people have recorded a line by hand within so many days of it: some acts are booked on the day of the second word.
pub const CONFIRMED_DAYS: i64 = 60;
/// Ages in which lines and suspense are summed, in days.
pub const AGES: [i64; 3] = [7, 30, 90];
/// Suspense older than this is late: its sender should have been asked by then.
pub const LATE_DAYS: i64 = 30;

/// What makes a line doubtful that a platform's file names: the file says whose its money is.
pub const DOUBT_IMPORT: &str = "bank-doubt-import";
/// What makes a line doubtful that may be a payout of the processor.
const DOUBT_PAYOUT: &str = "bank-doubt-payout";

/// What a bank writes on a line with which it pays itself.
const FEE_WORDS: [&str; 11] = [
    "手续费",
    "服务费",
    "账户管理费",
    "工本费",
    "汇款费",
    "bank charge",
    "bank fee",
    "service charge",
    "transfer fee",
    "entgelt",
    "kontoführung",
];

/// What a line may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meant {
    /// The money of a gift that waits.
    Gift(GiftId),
    /// Money of nobody yet.
    Suspense,
    /// A payment that was sent.
    Payment(TrancheId),
    /// Money of a payment that came back.
    Returned(TrancheId),
    /// A refund that left.
    Refund(GiftId),
    /// A fee of the bank.
    Fee,
    /// An entry that somebody recorded under another mark.
    Recorded(TransferId),
}

impl Meant {
    /// The word in the database and in locale keys.
    pub const fn kind(self) -> MatchKind {
        match self {
            Self::Gift(_) => MatchKind::Gift,
            Self::Suspense => MatchKind::Suspense,
            Self::Payment(_) => MatchKind::Payment,
            Self::Returned(_) => MatchKind::Returned,
            Self::Refund(_) => MatchKind::Refund,
            Self::Fee => MatchKind::BankFee,
            Self::Recorded(_) => MatchKind::Recorded,
        }
    }

    /// As a form sends it: `gift:7`.
    pub fn code(self) -> String {
        let id = match self {
            Self::Gift(id) | Self::Refund(id) => id.0,
            Self::Payment(id) | Self::Returned(id) => id.0,
            Self::Recorded(id) => id.0,
            Self::Suspense | Self::Fee => 0,
        };
        format!("{}:{id}", self.kind())
    }
}

/// The rule by which something is proposed: a locale key `bank-why-<word>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Our own reference stands on the line, with the right amount.
    Reference,
    /// Amount, name and time agree, and of nothing else.
    AmountAndName,
    /// The bank says that it is a fee.
    FeeWords,
    /// Nothing waits for such money.
    NothingWaits,
    /// Somebody chose it.
    Chosen,
}

impl Why {
    /// The word in the database and in locale keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::AmountAndName => "amount-and-name",
            Self::FeeWords => "fee-words",
            Self::NothingWaits => "nothing-waits",
            Self::Chosen => "chosen",
        }
    }
}

/// A line as the rules see it.
#[derive(Debug, Clone)]
pub struct Seen<'a> {
    /// Day it was booked.
    pub day: NaiveDate,
    /// Above zero came in, below zero went out.
    pub amount_minor: i64,
    /// Whom it came from or went to.
    pub name: &'a str,
    /// What was written on it.
    pub text: &'a str,
}

/// Something that waits for a line.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// What the line would be.
    pub meant: Meant,
    /// The amount, with the sign that the line would have.
    pub amount_minor: i64,
    /// Whether a smaller amount fits too, where our reference stands on the line.
    pub in_part: bool,
    /// What we asked to be written on it.
    pub reference: Option<String>,
    /// Who would be named on it.
    pub names: Vec<String>,
    /// Not before this day.
    pub from: NaiveDate,
    /// Nor after this.
    pub to: NaiveDate,
}

impl Candidate {
    fn same_amount(&self, line: &Seen) -> bool {
        self.amount_minor == line.amount_minor
    }

    fn part_of(&self, line: &Seen) -> bool {
        self.in_part && line.amount_minor > 0 && line.amount_minor < self.amount_minor
    }

    fn in_time(&self, line: &Seen) -> bool {
        (self.from..=self.to).contains(&line.day)
    }

    fn named(&self, line: &Seen) -> bool {
        let name = plain(line.name);
        !name.is_empty() && self.names.iter().any(|known| plain(known) == name)
    }

    /// An entry of the books, not something that waits.
    const fn recorded(&self) -> bool {
        matches!(self.meant, Meant::Recorded(_))
    }

    /// Whether its money may be booked while it still waits: a gift typed without its pledge, a part that came back.
    const fn may_be_recorded(&self) -> bool {
        matches!(self.meant, Meant::Gift(_) | Meant::Returned(_))
    }

    fn referred(&self, line: &Seen) -> bool {
        self.reference.as_deref().is_some_and(|reference| stands_in(reference, line.text))
    }
}

/// What the rules say of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// This, and why.
    One(Meant, Why),
    /// It may be one of these, or something else: a person says which. With the key of what makes it doubtful.
    Doubt(&'static str, Vec<Meant>),
    /// Nothing is known of it.
    Unexplained,
}

/// What a line is. Our own reference with the right amount decides; else amount, name and time must agree, of one thing only.
/// Whatever might be two things is no proposal but a question.
pub fn judge(line: &Seen, candidates: &[Candidate]) -> Verdict {
    let all = |rows: &[&Candidate]| rows.iter().map(|row| row.meant).collect::<Vec<_>>();
    let referred: Vec<&Candidate> = candidates.iter().filter(|row| row.referred(line)).collect();
    let fitting: Vec<&Candidate> = candidates.iter().filter(|row| row.same_amount(line) && row.in_time(line)).collect();
    let recorded: Vec<&Candidate> = fitting.iter().copied().filter(|row| row.recorded()).collect();
    match referred.as_slice() {
        [] => {}
        // Even with our reference: what was typed under another mark left the pledge, or the payment, waiting for just this.
        [one] if one.may_be_recorded() && !recorded.is_empty() && (one.same_amount(line) || one.part_of(line)) => {
            return Verdict::Doubt("bank-doubt-by-hand", all(&[std::slice::from_ref(one), &recorded].concat()));
        }
        [one] if one.same_amount(line) || one.part_of(line) => return Verdict::One(one.meant, Why::Reference),
        [_] => return Verdict::Doubt("bank-doubt-amount", all(&referred)),
        _ => return Verdict::Doubt("bank-doubt-several", all(&referred)),
    }
    let named: Vec<&Candidate> = fitting.iter().copied().filter(|row| row.named(line)).collect();
    match (named.as_slice(), fitting.as_slice()) {
        // The same money may be in the books already, under a mark that somebody typed.
        (_, [_, ..]) if !recorded.is_empty() => Verdict::Doubt("bank-doubt-by-hand", all(&fitting)),
        ([one], _) => Verdict::One(one.meant, Why::AmountAndName),
        ([_, ..], _) => Verdict::Doubt("bank-doubt-several", all(&named)),
        (_, [_, ..]) => Verdict::Doubt("bank-doubt-name", all(&fitting)),
        _ if line.amount_minor > 0 => Verdict::One(Meant::Suspense, Why::NothingWaits),
        _ if is_fee(line) => Verdict::One(Meant::Fee, Why::FeeWords),
        _ => Verdict::Unexplained,
    }
}

/// The same, where the processor holds money of ours: what nothing waits for may be its payout, of which its word comes later.
pub fn or_a_payout(verdict: Verdict, line: &Seen, clearing_minor: i64) -> Verdict {
    match verdict {
        Verdict::One(Meant::Suspense, Why::NothingWaits) if clearing_minor >= line.amount_minor => {
            Verdict::Doubt(DOUBT_PAYOUT, vec![Meant::Suspense])
        }
        told => told,
    }
}

fn is_fee(line: &Seen) -> bool {
    let text = line.text.to_lowercase();
    line.amount_minor >= -FEE_LIMIT && FEE_WORDS.iter().any(|word| text.contains(word))
}

/// A name without what people and banks write differently: blanks, strokes, brackets, width and case.
fn plain(name: &str) -> String {
    let narrow = |sign: char| match sign {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(sign) - 0xfee0).unwrap_or(sign),
        _ => sign,
    };
    name.chars().map(narrow).filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a reference stands in a text by itself: not as a part of a longer number.
fn stands_in(reference: &str, text: &str) -> bool {
    let (reference, text) = (reference.to_ascii_uppercase(), text.to_ascii_uppercase());
    let of_a_number = |sign: Option<char>| sign.is_some_and(|sign| sign.is_ascii_alphanumeric());
    !reference.is_empty()
        && text.match_indices(&reference).any(|(at, found)| {
            let before = text[..at].chars().next_back();
            let after = text[at + found.len()..].chars().next();
            !of_a_number(before) && !of_a_number(after)
        })
}

/// Keys of gifts (`G000012`) and payments (`T3-1-7`) that a text may name, so that they are looked for at all.
pub fn referred_keys(text: &str) -> (Vec<i64>, Vec<i64>) {
    let (mut gifts, mut payments) = (Vec::new(), Vec::new());
    for word in text.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '-') {
        let word = word.to_ascii_uppercase();
        if let Some(id) = word.strip_prefix('G').filter(|rest| rest.len() >= 6).and_then(|rest| rest.parse().ok()) {
            gifts.push(id);
        }
        let parts: Vec<&str> = word.strip_prefix('T').unwrap_or_default().split('-').collect();
        if let [_, _, payment] = parts.as_slice()
            && let Ok(id) = payment.parse()
        {
            payments.push(id);
        }
    }
    (gifts, payments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(of: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, of).unwrap()
    }

    fn line<'a>(amount_minor: i64, name: &'a str, text: &'a str) -> Seen<'a> {
        Seen { day: day(10), amount_minor, name, text }
    }

    fn gift(id: i64, amount_minor: i64, name: &str) -> Candidate {
        Candidate {
            meant: Meant::Gift(GiftId(id)),
            amount_minor,
            in_part: false,
            reference: Some(format!("G{id:06}")),
            names: vec![name.into()],
            from: day(1),
            to: day(31),
        }
    }

    #[test]
    fn our_own_reference_decides_where_the_amount_agrees() {
        let waiting = [gift(1, 1_000, "甲"), gift(2, 1_000, "乙")];
        let one = judge(&line(1_000, "丙", "捐赠G000002款"), &waiting);
        assert_eq!(one, Verdict::One(Meant::Gift(GiftId(2)), Why::Reference));
        let less = judge(&line(999, "乙", "g000002"), &waiting);
        assert_eq!(less, Verdict::Doubt("bank-doubt-amount", vec![Meant::Gift(GiftId(2))]));
        let both = judge(&line(1_000, "乙", "G000001 G000002"), &waiting);
        assert_eq!(both, Verdict::Doubt("bank-doubt-several", vec![Meant::Gift(GiftId(1)), Meant::Gift(GiftId(2))]));
        // A longer number is another reference.
        assert_eq!(judge(&line(7, "", "XG0000021"), &waiting), Verdict::One(Meant::Suspense, Why::NothingWaits));
    }

    #[test]
    fn amount_name_and_time_agree_of_one_thing_or_it_is_a_question() {
        let named = |rows: &[Candidate]| judge(&line(1_000, "航中 物业（成都）", ""), rows);
        let one = [gift(1, 1_000, "航中物业(成都)"), gift(2, 1_000, "乙"), gift(3, 999, "航中物业(成都)")];
        assert_eq!(named(&one), Verdict::One(Meant::Gift(GiftId(1)), Why::AmountAndName));
        let two = [gift(1, 1_000, "航中物业（成都）"), gift(4, 1_000, "航中物业成都")];
        assert!(matches!(named(&two), Verdict::Doubt("bank-doubt-several", both) if both.len() == 2));
        let stranger = [gift(2, 1_000, "乙")];
        assert!(matches!(named(&stranger), Verdict::Doubt("bank-doubt-name", _)));
        let late = [Candidate { to: day(9), ..gift(1, 1_000, "航中物业成都") }];
        assert_eq!(named(&late), Verdict::One(Meant::Suspense, Why::NothingWaits));
        // A line without a name is nobody's, and a name of nothing is no name.
        assert!(matches!(judge(&line(1_000, "—", ""), &[gift(1, 1_000, "--")]), Verdict::Doubt("bank-doubt-name", _)));
    }

    #[test]
    fn what_may_be_in_the_books_already_is_asked() {
        let typed =
            Candidate { meant: Meant::Recorded(TransferId(9)), reference: None, names: vec![], ..gift(9, 1_000, "") };
        let verdict = judge(&line(1_000, "甲", ""), &[gift(1, 1_000, "甲"), typed]);
        assert!(matches!(verdict, Verdict::Doubt("bank-doubt-by-hand", both) if both.len() == 2));
    }

    #[test]
    fn our_reference_does_not_hide_what_was_typed_under_another_mark() {
        let typed = Candidate { reference: None, meant: Meant::Recorded(TransferId(9)), ..gift(9, 2_000, "") };
        let paid = Candidate {
            meant: Meant::Returned(TrancheId(3)),
            in_part: true,
            reference: Some("T1-1-7".into()),
            ..gift(7, 3_000, "SO-1")
        };
        let back = line(2_000, "SO-1", "退汇 T1-1-7");
        let both = vec![paid.meant, typed.meant];
        assert_eq!(judge(&back, &[paid.clone(), typed.clone()]), Verdict::Doubt("bank-doubt-by-hand", both));
        let given = line(2_000, "甲", "G000001");
        let both = vec![Meant::Gift(GiftId(1)), typed.meant];
        assert_eq!(judge(&given, &[gift(1, 2_000, "甲"), typed.clone()]), Verdict::Doubt("bank-doubt-by-hand", both));
        // Another amount, or long ago: nothing stands in the way.
        let other = Candidate { amount_minor: 1_999, ..typed.clone() };
        assert_eq!(judge(&back, &[paid.clone(), other]), Verdict::One(paid.meant, Why::Reference));
        let old = Candidate { to: day(9), ..typed };
        assert_eq!(judge(&back, &[paid.clone(), old]), Verdict::One(paid.meant, Why::Reference));
    }

    #[test]
    fn what_nothing_waits_for_may_be_a_payout() {
        let told = |minor, text, clearing| {
            let line = line(minor, "", text);
            or_a_payout(judge(&line, &[gift(1, 7, "甲")]), &line, clearing)
        };
        assert_eq!(told(1_000, "", 1_000), Verdict::Doubt("bank-doubt-payout", vec![Meant::Suspense]));
        assert_eq!(told(1_000, "", 999), Verdict::One(Meant::Suspense, Why::NothingWaits));
        assert_eq!(told(7, "G000001", 1_000), Verdict::One(Meant::Gift(GiftId(1)), Why::Reference));
        assert_eq!(told(-1_500, "手续费", 1_000), Verdict::One(Meant::Fee, Why::FeeWords));
    }

    #[test]
    fn a_fee_says_so_and_is_small() {
        let fee = |minor, text| judge(&line(minor, "", text), &[]);
        assert_eq!(fee(-1_500, "转账手续费"), Verdict::One(Meant::Fee, Why::FeeWords));
        assert_eq!(fee(-FEE_LIMIT - 1, "手续费"), Verdict::Unexplained);
        assert_eq!(fee(-1_500, "rent"), Verdict::Unexplained);
        assert_eq!(fee(1_500, "手续费"), Verdict::One(Meant::Suspense, Why::NothingWaits));
    }

    #[test]
    fn part_of_a_payment_comes_back_by_its_reference_alone() {
        let paid = Candidate {
            meant: Meant::Returned(TrancheId(3)),
            in_part: true,
            reference: Some("T1-1-7".into()),
            ..gift(7, 5_000, "SO-1")
        };
        let whole = judge(&line(5_000, "SO-1", "退汇 T1-1-7"), std::slice::from_ref(&paid));
        assert_eq!(whole, Verdict::One(Meant::Returned(TrancheId(3)), Why::Reference));
        let part = judge(&line(2_000, "SO-1", "T1-1-7"), std::slice::from_ref(&paid));
        assert_eq!(part, Verdict::One(Meant::Returned(TrancheId(3)), Why::Reference));
        let silent = judge(&line(2_000, "SO-1", ""), std::slice::from_ref(&paid));
        assert_eq!(silent, Verdict::One(Meant::Suspense, Why::NothingWaits));
        assert!(matches!(judge(&line(6_000, "SO-1", "T1-1-7"), &[paid]), Verdict::Doubt("bank-doubt-amount", _)));
    }

    #[test]
    fn keys_are_found_in_what_people_write() {
        assert_eq!(referred_keys("捐赠G000012，T3-1-7/x"), (vec![12], vec![7]));
        assert_eq!(referred_keys("G12 T1-2 TT-1-2-x"), (vec![], vec![]));
    }
}
