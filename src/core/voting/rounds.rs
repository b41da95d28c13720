//! Rounds of equal shares until the budget is used up (Add1U), and the utilitarian part that fills what is left.
//!
//! Round k is the run with x = B/n + k. Rounds that certainly buy what the round before bought are skipped: neither of the two
//! reasons to stop can come up in them, for both hang on what was bought alone.

use super::contest::Contest;
use super::purses::Support;
use super::run::Run;

/// No more rounds than this are tried at once, so that their number never overflows.
const LONGEST_STRIDE: u128 = 1 << 100;

/// The run that counts, and its round.
pub(super) struct Kept<'a> {
    pub run: Run<'a>,
    pub round: u128,
    /// Runs that were made to find it.
    pub runs: u64,
}

/// The run with x = B/n, and no other. There is a voter.
pub(super) fn single<'a>(contest: &'a Contest, support: &'a Support) -> Kept<'a> {
    Kept { run: Run::alone(contest, support), round: 0, runs: 1 }
}

/// The run that Add1U keeps. There is a voter.
pub(super) fn add_one_until_used<'a>(contest: &'a Contest, support: &'a Support) -> Kept<'a> {
    let mut kept = Kept { run: Run::of(contest, support, 0), round: 0, runs: 1 };
    // How many rounds are tried at once: more where that went well, fewer where it did not.
    let mut stride = 1_u128;
    loop {
        let left = contest.budget - kept.run.cost();
        if left < 0 {
            // Round 0 spends no more than the budget, so there is a round before.
            let before = kept.round.saturating_sub(1);
            return Kept { run: Run::of(contest, support, before), round: before, runs: kept.runs + 1 };
        }
        if !fits_another(contest, &kept.run, left) {
            return kept;
        }
        let next = kept.round + kept.run.steady() + 1;
        let farther = if stride > 1 { Run::following(&kept.run, next + stride - 1) } else { None };
        kept = match farther {
            Some(run) => {
                let round = next + stride - 1;
                stride = stride.saturating_mul(2).min(LONGEST_STRIDE);
                Kept { run, round, runs: kept.runs + 1 }
            }
            None => {
                let tried = u64::from(stride > 1);
                let run = Run::of(contest, support, next);
                let same = run.bought.iter().map(|one| one.project).eq(kept.run.bought.iter().map(|one| one.project));
                stride = if same && stride == 1 { 2 } else { (stride / 4).max(1) };
                Kept { run, round: next, runs: kept.runs + 1 + tried }
            }
        };
    }
}

/// Whether a project with a supporter that was not bought costs at most what is left.
fn fits_another(contest: &Contest, run: &Run, left: i128) -> bool {
    let mut bought = vec![false; contest.projects.len()];
    for purchase in &run.bought {
        bought[purchase.project] = true;
    }
    let others = contest.projects.iter().zip(&bought).filter(|(_, bought)| !**bought);
    others.into_iter().any(|(project, _)| project.support > 0 && project.cost <= left)
}

/// The utilitarian part: what each project that is not `taken` finds left at its turn, and whether it is chosen.
pub(super) struct Filled {
    /// In the order of choice.
    pub chosen: Vec<usize>,
    /// Per project that had its turn and was not chosen: what was left.
    pub left_at: Vec<Option<i128>>,
}

pub(super) fn fill(contest: &Contest, taken: &[bool], mut left: i128) -> Filled {
    let mut filled = Filled { chosen: Vec::new(), left_at: vec![None; contest.projects.len()] };
    for place in contest.in_tie_order() {
        let project = &contest.projects[place];
        if taken[place] || project.support == 0 {
            continue;
        }
        if project.cost <= left {
            left -= project.cost;
            filled.chosen.push(place);
        } else {
            filled.left_at[place] = Some(left);
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::super::pabulib::Pabulib;
    use super::*;

    /// A vote of many, drawn from a seed; equal costs and equal lists of supporters are common.
    fn drawn(seed: u64) -> Contest {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut throw = |most: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) % most
        };
        let (projects, voters, unit) = (throw(12) + 2, throw(80) + 1, [1, 7, 40][usize::try_from(throw(3)).unwrap()]);
        let scoring = throw(3) == 0;
        let mut text = format!("META\nkey;value\nbudget;{}\n", (throw(400) + 20) * unit);
        text += if scoring { "vote_type;scoring\n" } else { "vote_type;approval\n" };
        text += "PROJECTS\nproject_id;cost\n";
        for project in 0..projects {
            text += &format!("p{project};{}\n", (throw(100) + 1) * unit);
        }
        text += "VOTES\nvoter_id;vote;points\n";
        for voter in 0..voters {
            let named: Vec<u64> = (0..projects).filter(|_| throw(3) == 0).collect();
            let list = |part: &mut dyn FnMut(&u64) -> String| named.iter().map(part).collect::<Vec<_>>().join(",");
            let (ids, points) = (list(&mut |project| format!("p{project}")), list(&mut |_| (throw(4) + 1).to_string()));
            text += &format!("{voter};{ids};{points}\n");
        }
        Contest::of(&Pabulib::read(&text).unwrap()).unwrap()
    }

    fn one_by_one<'a>(contest: &'a Contest, support: &'a Support) -> Kept<'a> {
        let mut kept = single(contest, support);
        loop {
            if !fits_another(contest, &kept.run, contest.budget - kept.run.cost()) {
                return kept;
            }
            let run = Run::of(contest, support, kept.round + 1);
            if run.cost() > contest.budget {
                return kept;
            }
            kept = Kept { run, round: kept.round + 1, runs: kept.runs + 1 };
        }
    }

    #[test]
    fn skipping_rounds_changes_nothing() {
        let (mut skipped, mut made) = (0, 0);
        for seed in 0..400 {
            let contest = drawn(seed);
            let support = Support::of(&contest);
            let (plain, found) = (one_by_one(&contest, &support), add_one_until_used(&contest, &support));
            let told = |kept: &Kept| {
                let projects: Vec<usize> = kept.run.bought.iter().map(|purchase| purchase.project).collect();
                (kept.round, projects)
            };
            assert_eq!(told(&plain), told(&found), "seed {seed}");
            made += found.runs;
            skipped += plain.runs;
        }
        assert!(made * 2 < skipped, "{made} runs for {skipped} rounds");
    }
}
