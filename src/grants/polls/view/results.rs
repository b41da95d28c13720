//! What was counted: both rules side by side, and why each project won or lost.

use super::Seen;
use crate::core::voting::{self, Completion, Loser, Outcome, Phase, Reason, Rule, Winner};
use crate::error::{Error, Result, Violation};
use crate::grants::polls::rules::minor_of;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::Fact;
use crate::web::sheet::{Block, Cell, Sheet};
use entities::kinds::Currency;
use entities::poll_result;
use std::collections::BTreeMap;

/// Projects of a file that are shown; the file itself has them all.
const SHOWN: usize = 300;
/// Warnings shown.
const WARNINGS: usize = 20;

/// Both answers to one box.
struct Counted {
    shares: Outcome,
    greedy: Outcome,
    /// Of the amounts, where it is known.
    currency: Option<Currency>,
}

impl Counted {
    /// Every project's end under both rules, by its key.
    fn ends(&self, context: &Context) -> [BTreeMap<&str, String>; 2] {
        [&self.shares, &self.greedy].map(|outcome| {
            let won = outcome
                .winners
                .iter()
                .zip(1..)
                .map(|(one, place)| (one.project.as_str(), self.won(context, one, place)));
            won.chain(outcome.losers.iter().map(|one| (one.project.as_str(), self.lost(context, one)))).collect()
        })
    }

    fn won(&self, context: &Context, winner: &Winner, place: usize) -> String {
        let place = place.to_string();
        match winner.phase {
            Phase::Shares => {
                let payers: u64 = winner.payments.iter().map(|group| group.voters).sum();
                let most = winner.payments.first().map(|group| self.money(context, &group.amount)).unwrap_or_default();
                let args = [("place", place.as_str()), ("voters", &payers.to_string()), ("most", &most)];
                context.t_with("poll-won-shares", &args)
            }
            Phase::Completion => context.t_with("poll-won-completion", &[("place", &place)]),
            Phase::Greedy => context.t_with("poll-won", &[("place", &place)]),
        }
    }

    fn lost(&self, context: &Context, loser: &Loser) -> String {
        let said = |amount: &Option<String>| self.money(context, amount.as_deref().unwrap_or_default());
        match loser.reason {
            Reason::NoSupport => context.t("poll-lost-no-support"),
            Reason::OverBudget => context.t("poll-lost-over-budget"),
            Reason::NotAffordable => {
                let (held, missing) = (said(&loser.supporters_money), said(&loser.missing));
                context.t_with("poll-lost-not-affordable", &[("held", &held), ("missing", &missing)])
            }
            Reason::NoMoneyLeft => context.t_with("poll-lost-no-money", &[("missing", &said(&loser.missing))]),
        }
    }

    /// Cost and support by project.
    fn projects(&self) -> BTreeMap<&str, (&str, &str)> {
        let won =
            self.shares.winners.iter().map(|one| (one.project.as_str(), (one.cost.as_str(), one.support.as_str())));
        let lost =
            self.shares.losers.iter().map(|one| (one.project.as_str(), (one.cost.as_str(), one.support.as_str())));
        won.chain(lost).collect()
    }

    /// An amount of the tool for people: money where the currency is known.
    fn money(&self, context: &Context, amount: &str) -> String {
        let money = self.currency.and_then(|currency| Some(context.money(minor_of(amount, currency)?, currency)));
        money.unwrap_or_else(|| amount.to_owned())
    }

    fn figures(&self, context: &Context) -> Vec<Fact> {
        [("poll-spent-shares", &self.shares.cost), ("poll-spent-greedy", &self.greedy.cost)]
            .map(|(key, cost)| Fact::new(context.t(key), self.money(context, cost)))
            .into()
    }
}

/// The result of a poll, on its page: the table of the projects, and the figures of the count.
pub(super) fn blocks(context: &Context, seen: &Seen, result: &poll_result::Model) -> Result<[Block; 2]> {
    let counted = Counted {
        shares: serde_json::from_value(result.shares.clone())?,
        greedy: serde_json::from_value(result.greedy.clone())?,
        currency: Some(seen.row.currency),
    };
    let (ends, projects) = (counted.ends(context), counted.projects());
    let cells = |(of, application): &super::Project| {
        let key = of.application_id.to_string();
        let support = projects.get(key.as_str()).map(|(_, support)| (*support).to_owned()).unwrap_or_default();
        line(&ends, application.title.clone(), context.money(of.cost_minor, seen.row.currency), support, &key)
    };
    let table = table(context, seen.projects.iter().map(cells).collect());
    let mut items = counted.figures(context);
    items.push(Fact::new(context.t("poll-counted-at"), context.moment(result.at)));
    items.push(Fact::new(context.t("poll-again"), context.t("poll-again-text")));
    Ok([table, Block::Facts { title: context.t("poll-how"), items }])
}

fn line(ends: &[BTreeMap<&str, String>; 2], title: String, cost: String, support: String, key: &str) -> Vec<Cell> {
    let wide = |of: &BTreeMap<&str, String>| Cell {
        text: of.get(key).cloned().unwrap_or_default(),
        href: String::new(),
        class: "wide",
    };
    vec![Cell::lead(title, ""), Cell::number(cost), Cell::number(support), wide(&ends[0]), wide(&ends[1])]
}

fn table(context: &Context, rows: Vec<Vec<Cell>>) -> Block {
    let heads = ["head-project", "head-asked", "head-support", "head-shares", "head-greedy"];
    let heads = heads.map(|key| context.t(key)).into();
    Block::Table { title: context.t("poll-result"), heads, rows, empty: String::new() }
}

/// A file of somebody's, counted by both rules; nothing of it is kept.
///
/// # Errors
/// A refusal of the file that names its line.
pub fn tried(context: &Context, text: &str) -> Answer {
    let count = |rule: Rule| -> Result<Outcome> {
        let outcome = voting::outcome(text, rule, Completion::Add1u);
        outcome
            .map_err(|refusal| Error::from(Violation::at("file", "refused-poll-file").with("why", refusal.to_string())))
    };
    let counted = Counted { shares: count(Rule::EqualShares)?, greedy: count(Rule::Greedy)?, currency: None };
    let ends = counted.ends(context);
    let cells = |(key, (cost, support)): (&str, (&str, &str))| {
        line(&ends, key.to_owned(), cost.to_owned(), support.to_owned(), key)
    };
    let rows = counted.projects().into_iter().take(SHOWN).map(cells).collect();
    let mut items = vec![
        Fact::new(context.t("poll-budget"), counted.shares.budget.clone()),
        Fact::new(context.t("poll-voted"), counted.shares.voters.to_string()),
    ];
    items.extend(counted.figures(context));
    let warnings = counted.shares.warnings.iter().take(WARNINGS);
    items.extend(warnings.map(|warning| Fact::new(context.t("poll-warning"), warning.clone())));
    Sheet::new(context.t("act-poll-try-title"))
        .sentence(context.t("poll-tried-sentence"))
        .with(table(context, rows))
        .beside(Block::Facts { title: context.t("facts-title"), items })
        .answer(context, "calls")
}
