//! How a poll lives, what a ballot may say, and the file that anybody counts again.

use crate::core::lifecycle::{Lifecycle, Part, mv};
use crate::core::money::{decimal, exponent_of};
use crate::error::Violation;
use crate::living;
use entities::kinds::PollStage::{self, Cancelled, Closed, Counted, Draft, Failed, Open};
use entities::kinds::{ApplicationId, Currency, PollKind};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A vote of a residents' council.
pub const POLL: Lifecycle<PollStage> = Lifecycle {
    name: "poll",
    starts: &[Draft],
    moves: &[
        mv(Draft, "open", Open, &[Part::Officer]).when("by another officer; the roll is written"),
        mv(Open, "close", Closed, &[Part::System]).when("at the hour"),
        mv(Closed, "count", Counted, &[Part::Officer])
            .when("every paper ballot was read alike by two, and the quorum is there"),
        mv(Closed, "fail", Failed, &[Part::Officer]).when("fewer voted than the quorum"),
        mv(Draft, "cancel", Cancelled, &[Part::Officer]).when("with a reason"),
        mv(Open, "cancel", Cancelled, &[Part::Officer]).when("with a reason that everybody reads"),
    ],
};

living!(poll, PollStage, Poll, POLL);

/// Most projects on a ballot paper: what a person can weigh against each other, and a page can show.
pub const PROJECTS_MOST: usize = 100;
/// Most seats of a council.
pub const SEATS_MOST: usize = 500;
/// Longest that a poll stays open, in days.
pub const OPEN_DAYS: i64 = 60;

/// What a ballot says: points by project, 1 for an approval. Projects without points are left out.
pub type Choices = BTreeMap<ApplicationId, i64>;

/// What is wrong with a ballot, by the field of the project.
pub fn wrong(choices: &Choices, offered: &[ApplicationId], most: i32, points: i32) -> Vec<Violation> {
    let mut wrong = Vec::new();
    if choices.is_empty() {
        wrong.push(Violation::whole("refused-poll-empty"));
    }
    if i64::try_from(choices.len()).unwrap_or(i64::MAX) > i64::from(most) {
        wrong.push(Violation::whole("refused-poll-most").with("most", most));
    }
    for (project, given) in choices {
        let field = format!("project.{project}");
        if !offered.contains(project) {
            wrong.push(Violation::at(&field, "refused-unknown"));
        } else if !(1..=i64::from(points)).contains(given) {
            wrong.push(Violation::at(&field, "refused-out-of-range").with("least", 0).with("most", points));
        }
    }
    wrong
}

/// An amount of the counting tool in minor units, rounded half up; `None` for one that no page could show.
///
/// The tool answers in units of the currency, as `"n"` or `"n/d"` in lowest terms.
pub fn minor_of(amount: &str, currency: Currency) -> Option<i64> {
    let (over, under) = amount.split_once('/').unwrap_or((amount, "1"));
    let (over, under) = (over.parse::<i128>().ok()?, under.parse::<i128>().ok()?);
    let scale = 10_i128.checked_pow(u32::from(exponent_of(currency.0)))?;
    let twice = over.checked_mul(scale)?.checked_mul(2)?.checked_add(under)?;
    i64::try_from(twice.checked_div_euclid(under.checked_mul(2)?)?).ok()
}

/// Whether enough of the roll voted: products of whole numbers, so that no rounding decides.
pub fn quorate(voted: i64, roll: i64, quorum_bps: i32) -> bool {
    voted > 0 && i128::from(voted) * 10_000 >= i128::from(quorum_bps) * i128::from(roll)
}

/// A poll as a Pabulib file: its meta lines, the projects in the order of the paper, the ballots in the order of their seals, which is
/// nobody's.
pub struct Paper<'a> {
    /// Name of the file's poll; public.
    pub title: &'a str,
    /// Whose council.
    pub community: &'a str,
    /// What a ballot says.
    pub kind: PollKind,
    /// Currency of the amounts.
    pub currency: Currency,
    /// What may be spent, in minor units.
    pub budget_minor: i64,
    /// Keys with cost in minor units and title.
    pub projects: &'a [(ApplicationId, i64, String)],
    /// Seals with choices.
    pub ballots: &'a [(String, Choices)],
}

impl Paper<'_> {
    /// The file.
    pub fn pabulib(&self) -> String {
        let amount = |minor: i64| decimal(minor, u32::from(exponent_of(self.currency.0)));
        let vote_type = match self.kind {
            PollKind::Approval => "approval",
            PollKind::Scoring => "scoring",
        };
        let mut text = String::from("META\nkey;value\n");
        let meta = [
            ("description", cell(self.title)),
            ("unit", cell(self.community)),
            ("currency", self.currency.code().to_owned()),
            ("num_projects", self.projects.len().to_string()),
            ("num_votes", self.ballots.len().to_string()),
            ("budget", amount(self.budget_minor)),
            ("vote_type", vote_type.to_owned()),
            ("rule", "equalshares/add1u".to_owned()),
        ];
        for (key, value) in meta {
            let _ = writeln!(text, "{key};{value}");
        }
        text.push_str("PROJECTS\nproject_id;cost;name\n");
        for (project, cost_minor, title) in self.projects {
            let _ = writeln!(text, "{project};{};{}", amount(*cost_minor), cell(title));
        }
        let scoring = self.kind == PollKind::Scoring;
        text.push_str(if scoring { "VOTES\nvoter_id;vote;points\n" } else { "VOTES\nvoter_id;vote\n" });
        for (seal, choices) in self.ballots {
            let list = |each: &dyn Fn((&ApplicationId, &i64)) -> String| {
                choices.iter().map(each).collect::<Vec<_>>().join(",")
            };
            let _ = write!(text, "{seal};{}", list(&|(project, _)| project.to_string()));
            if scoring {
                let _ = write!(text, ";{}", list(&|(_, points)| points.to_string()));
            }
            text.push('\n');
        }
        text
    }
}

/// A cell of the file: quoted where it must be, on one line.
fn cell(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.contains([';', '"', ',']) { format!("\"{}\"", line.replace('"', "\"\"")) } else { line.trim().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::voting::{self, Completion, Rule};

    fn choices(pairs: &[(i64, i64)]) -> Choices {
        pairs.iter().map(|(project, points)| (ApplicationId(*project), *points)).collect()
    }

    #[test]
    fn a_ballot_is_weighed_by_its_field() {
        let offered = [ApplicationId(1), ApplicationId(2), ApplicationId(3)];
        let codes = |pairs: &[(i64, i64)], most, points| {
            let wrong = wrong(&choices(pairs), &offered, most, points);
            wrong.into_iter().map(|violation| violation.code).collect::<Vec<_>>()
        };
        assert!(codes(&[(1, 1), (3, 1)], 2, 1).is_empty());
        assert_eq!(codes(&[], 2, 1), ["refused-poll-empty"]);
        assert_eq!(codes(&[(1, 1), (2, 1), (3, 1)], 2, 1), ["refused-poll-most"]);
        assert_eq!(codes(&[(1, 2), (9, 1)], 2, 1), ["refused-out-of-range", "refused-unknown"]);
        assert_eq!(codes(&[(1, 0)], 2, 5), ["refused-out-of-range"]);
    }

    #[test]
    fn amounts_of_the_tool_are_rounded_half_up() {
        let of = |amount| minor_of(amount, Currency::CNY);
        assert_eq!(
            [of("400"), of("1394/7"), of("1/200"), of("1/201"), of("-1/3")],
            [Some(40_000), Some(19_914), Some(1), Some(0), Some(-33)]
        );
        assert_eq!([of(""), of("1/0"), of("x"), of(&"9".repeat(40))], [None; 4]);
    }

    #[test]
    fn no_rounding_decides_a_quorum() {
        assert!(quorate(2, 3, 6_666));
        assert!(!quorate(2, 3, 6_667));
        assert!(!quorate(0, 3, 0), "nobody voted, so nothing was decided");
        assert!(quorate(1, 3, 0));
    }

    #[test]
    fn the_file_is_read_by_the_tool_that_counts() {
        let projects = [
            (ApplicationId(1), 3_000_000, "外墙; \"航中街\"".to_owned()),
            (ApplicationId(2), 2_500_050, "Line\nbreak, comma".to_owned()),
        ];
        let ballots = [("a".repeat(64), choices(&[(1, 3), (2, 1)])), ("b".repeat(64), choices(&[(2, 5)]))];
        let mut paper = Paper {
            title: "锦官新城社区",
            community: "META",
            kind: PollKind::Scoring,
            currency: Currency::CNY,
            budget_minor: 5_000_000,
            projects: &projects,
            ballots: &ballots,
        };
        for kind in [PollKind::Scoring, PollKind::Approval] {
            paper.kind = kind;
            let outcome = voting::outcome(&paper.pabulib(), Rule::EqualShares, Completion::Add1u).unwrap();
            assert_eq!((outcome.voters, outcome.budget.as_str(), outcome.warnings.len()), (2, "50000", 0));
            let supports: Vec<&str> = outcome.winners.iter().map(|winner| winner.support.as_str()).collect();
            assert_eq!(supports, [if kind == PollKind::Scoring { "6" } else { "2" }]);
        }
    }
}
