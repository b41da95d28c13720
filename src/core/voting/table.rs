//! The outcome of a vote as a table for people.

use super::answer::{Outcome, Phase, Reason};
use num_bigint::BigInt;
use std::fmt::Write;

/// How wide a fraction may get before it is shown by its size alone.
const WIDEST: usize = 18;

impl Outcome {
    /// The outcome in lines: what was counted, who won, who lost and why, and what in the file does not fit together.
    pub fn table(&self) -> String {
        let mut text = String::new();
        let share = self.share.as_deref().map(|share| format!(", share {} (round {})", short(share), self.rounds));
        let (voters, share) = (self.voters, share.unwrap_or_default());
        let _ =
            writeln!(text, "budget {}, cost {}, left {}, {voters} voters{share}\n", self.budget, self.cost, self.left);
        let mut rows = vec![["project", "cost", "support", "", "why"].map(str::to_owned)];
        for winner in &self.winners {
            let why = match (winner.phase, &winner.rho) {
                (Phase::Shares, Some(rho)) => format!("shares, rho {}", short(rho)),
                (Phase::Shares, None) => "shares".into(),
                (Phase::Completion, _) => "completion".into(),
                (Phase::Greedy, _) => "greedy".into(),
            };
            rows.push([winner.project.clone(), winner.cost.clone(), winner.support.clone(), "won".into(), why]);
        }
        for loser in &self.losers {
            let missing = loser.missing.as_deref().map(|missing| format!(", {} missing", short(missing)));
            let reason = match loser.reason {
                Reason::NoSupport => "no support",
                Reason::OverBudget => "over the budget",
                Reason::NotAffordable => "its supporters cannot pay it",
                Reason::NoMoneyLeft => "no money left",
            };
            let why = format!("{reason}{}", missing.unwrap_or_default());
            rows.push([loser.project.clone(), loser.cost.clone(), loser.support.clone(), "lost".into(), why]);
        }
        set(&mut text, &rows);
        for warning in &self.warnings {
            let _ = writeln!(text, "warning: {warning}");
        }
        text
    }
}

fn set(text: &mut String, rows: &[[String; 5]]) {
    let rows: Vec<[String; 5]> = rows.iter().map(|row| row.each_ref().map(|cell| printable(cell))).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let [project, cost, support] = [width(0), width(1), width(2)];
    for [id, amount, points, word, why] in &rows {
        let line = format!("{id:project$}  {amount:>cost$}  {points:>support$}  {word:4}  {why}");
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

/// A cell stays on its line whatever it holds.
fn printable(cell: &str) -> String {
    cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A long fraction as a number with four decimals.
fn short(fraction: &str) -> String {
    let long = |(over, under): (&str, &str)| {
        let over = over.parse::<BigInt>().ok()? * 10_000;
        let units: BigInt = over / under.parse::<BigInt>().ok()?;
        let digits = format!("{:0>5}", units.to_string());
        let (whole, decimals) = digits.split_at(digits.len() - 4);
        Some(format!("about {whole}.{decimals}"))
    };
    let shortened = if fraction.len() > WIDEST { fraction.split_once('/').and_then(long) } else { None };
    shortened.unwrap_or_else(|| fraction.to_owned())
}
