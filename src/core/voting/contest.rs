//! What the cells of a ballot file mean: budget, projects and ballots, in whole numbers.
//!
//! With `meta` (budget and projects) and `votes` (ballots) it owns every refusal and warning about their meaning. Amounts become
//! whole numbers of the smallest unit that the file's budget and costs use, points likewise; equal ballots are kept once with
//! their number.

use super::meta::{Meta, projects};
use super::pabulib::Pabulib;
pub(super) use super::records::{Ballot, Project, at};
use super::votes::Votes;
use crate::core::refusal::Refusal;
use std::cmp::Ordering;

/// A vote, ready to be counted.
#[derive(Debug)]
pub(super) struct Contest {
    /// As the file says it.
    pub vote_type: String,
    pub budget: i128,
    /// An amount is in units of 10^-`money_decimals`.
    pub money_decimals: u32,
    /// A score is in units of 10^-`score_decimals`.
    pub score_decimals: u32,
    pub projects: Vec<Project>,
    /// Rows in VOTES, empty ballots too.
    pub voters: u64,
    /// Ballots with a score above zero, equal ones once.
    pub ballots: Vec<Ballot>,
    pub warnings: Vec<String>,
}

impl Contest {
    pub fn of(file: &Pabulib) -> Result<Self, Refusal> {
        let meta = Meta::of(file)?;
        let mut warnings = Vec::new();
        let (budget, projects, money_decimals) = projects(file, &meta, &mut warnings)?;
        let votes = Votes::of(file, &meta, &projects, &mut warnings)?;
        meta.compare("num_projects", file.projects.rows.len(), &mut warnings);
        meta.compare("num_votes", file.votes.rows.len(), &mut warnings);
        // By the line they are about.
        warnings.sort_by_key(|(line, _)| *line);
        let mut contest = Self {
            vote_type: meta.vote_type.to_owned(),
            budget,
            money_decimals,
            score_decimals: votes.decimals,
            projects,
            voters: u64::try_from(file.votes.rows.len()).unwrap_or(u64::MAX),
            ballots: votes.grouped(),
            warnings: warnings.into_iter().map(|(line, text)| format!("line {line}: {text}")).collect(),
        };
        for ballot in &contest.ballots {
            for (project, score) in &ballot.scores {
                contest.projects[at(*project)].support += i128::from(*score) * i128::from(ballot.voters);
            }
        }
        Ok(contest)
    }

    /// Larger support, then smaller cost, then smaller id.
    pub fn tie_order(&self, one: usize, other: usize) -> Ordering {
        let (one, other) = (&self.projects[one], &self.projects[other]);
        let by_support = other.support.cmp(&one.support);
        by_support.then(one.cost.cmp(&other.cost)).then_with(|| one.id.as_bytes().cmp(other.id.as_bytes()))
    }

    /// All projects in tie order.
    pub fn in_tie_order(&self) -> Vec<usize> {
        let mut places: Vec<usize> = (0..self.projects.len()).collect();
        places.sort_unstable_by(|one, other| self.tie_order(*one, *other));
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contest(text: &str) -> Result<Contest, String> {
        let file = Pabulib::read(text).map_err(|refusal| refusal.to_string())?;
        Contest::of(&file).map_err(|refusal| refusal.to_string())
    }

    fn file(meta: &str, projects: &str, votes: &str) -> String {
        format!("META\nkey;value\n{meta}PROJECTS\nproject_id;name;cost\n{projects}VOTES\nvoter_id;vote;points\n{votes}")
    }

    const APPROVAL: &str = "budget;100\nvote_type;approval\n";
    const SCORING: &str = "budget;100\nvote_type;scoring\n";

    #[test]
    fn amounts_and_points_share_a_unit() {
        let text = file(
            "budget;100,5\nvote_type;cumulative\ndefault_score;0.0\n",
            "a;;1.25\nb;;3\n",
            "1;a,b;0.5,2\n2;none\n3;b , a;2,.50\n",
        );
        let contest = contest(&text).unwrap();
        assert_eq!((contest.budget, contest.money_decimals, contest.score_decimals, contest.voters), (10_050, 2, 1, 3));
        assert_eq!((contest.projects[0].cost, contest.projects[0].support, contest.projects[1].support), (125, 10, 40));
        assert_eq!((contest.ballots.len(), contest.ballots[0].voters), (1, 2));
        assert!(contest.warnings.is_empty());
    }

    #[test]
    fn what_does_not_fit_is_a_warning() {
        let text = file(
            "num_votes;3\nnum_projects;x\nbudget;1\nvote_type;scoring\n",
            "a;;1\nb;;1;2;3\n",
            "1;a,b,a,a;1,2,3,4\n2;b;0\n",
        );
        let contest = contest(&text).unwrap();
        assert_eq!(
            contest.warnings,
            [
                "line 3: num_votes says `3`, the file has 2",
                "line 4: num_projects says `x`, the file has 2",
                "line 10: more cells than the header; the rest is not used",
                "line 13: the vote names `a` more than once; it counts once",
            ]
        );
        assert_eq!(contest.ballots[0].scores, [(0, 4), (1, 2)]);
        assert_eq!((contest.ballots.len(), contest.voters), (1, 2));
    }

    #[test]
    fn every_refusal_names_its_line() {
        let refused = [
            (file("vote_type;approval\n", "", ""), "META: `budget` is needed"),
            (file("budget;None\nvote_type;approval\n", "", ""), "META: `budget` is needed"),
            (file("budget;1\nbudget;1\nvote_type;approval\n", "", ""), "line 4: `budget` stands in META twice"),
            (file("budget;-1\nvote_type;approval\n", "", ""), "line 3: budget `-1` must be digits"),
            (file("budget;1\nvote_type;ordinal\n", "", ""), "line 4: vote_type `ordinal` is not one of"),
            (file("budget;1\nvote_type;scoring\ndefault_score;1\n", "", ""), "line 5: default_score must be 0"),
            (file(APPROVAL, "a;;0.00\n", ""), "line 7: the cost of `a` must be above 0"),
            (file(APPROVAL, "a;;\n", ""), "line 7: cost `` must be digits"),
            (file(APPROVAL, "a;;1\nnone;;2\n", ""), "line 8: project_id must not be empty"),
            (file(APPROVAL, "a;;1\na;;2\n", ""), "line 8: project_id `a` is there twice"),
            (file(APPROVAL, "a;;1\n", "1;a,b\n"), "line 10: the vote names `b`, which is not in PROJECTS"),
            (file(APPROVAL, "a;;1\n", "1;a,\n"), "line 10: the vote names ``, which"),
            (file(APPROVAL, "a;;1\n", "1;a\n1;\n"), "line 11: voter_id `1` is there twice"),
            (file(APPROVAL, "a;;1\n", ";a\n"), "line 10: voter_id must not be empty"),
            (file(SCORING, "a;;1\n", "1;a\n"), "line 10: points must be one number per project: 0 for 1"),
            (file(SCORING, "a;;1\n", "1;a;-1\n"), "line 10: points `-1` must be digits"),
            (file(SCORING, "a;;1\n", "1;a;1000000000000000000\n"), "line 10: points have more than 18 digits"),
            (file(APPROVAL, &format!("a;;0.1\nb;;{}\n", "9".repeat(30)), ""), "line 8: cost has more than 30 digits"),
            (file(APPROVAL, "", "").replace("cost", "price"), "PROJECTS: the column `cost` is missing"),
            (file(APPROVAL, "", "").replace("project_id", "id"), "PROJECTS: the first column must be `project_id`"),
            (file(APPROVAL, "", "").replace("vote;", "ballot;"), "VOTES: the column `vote` is missing"),
        ];
        for (text, start) in refused {
            let said = contest(&text).unwrap_err();
            assert!(said.starts_with(start), "{said} instead of {start}");
        }
    }

    #[test]
    fn ties_are_in_order_of_support_cost_and_id() {
        let text = file(APPROVAL, "c;;2\nb;;2\nd;;1\na;;9\nB;;2\n", "1;a\n2;a,b,B,c,d\n");
        let contest = contest(&text).unwrap();
        let order: Vec<&str> =
            contest.in_tie_order().into_iter().map(|place| contest.projects[place].id.as_str()).collect();
        assert_eq!(order, ["a", "d", "B", "b", "c"]);
    }
}
