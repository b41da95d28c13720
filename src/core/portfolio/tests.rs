//! The judge works another way: every vector of amounts there is.

use super::outcome;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// A generator of its own, so that every run of the judge tries the same files.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from((self.0 >> 11) % u64::try_from(end).unwrap()).unwrap()
    }
    fn one_in(&mut self, n: i64) -> bool {
        self.below(n) == 0
    }
    fn within(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(high - low + 1)
    }
}

/// Small figures, so that ties abound.
fn random_file(dice: &mut Dice, most: i64) -> Value {
    let count = dice.within(1, most);
    let categories = dice.below(4);
    let (scale, scores) = (dice.within(1, 12), [3, 20, 10_000][usize::try_from(dice.below(3)).unwrap()]);
    let unit = [1, 1, 7, 100][usize::try_from(dice.below(4)).unwrap()];
    let step = unit * dice.within(1, 2);
    let mut together = 0;
    let partial = dice.below(4);
    let mut projects = Vec::new();
    for place in 0..count {
        let mut project = json!({"id": format!("p{place}"), "score": dice.within(0, scores).min(10_000)});
        let mut ask = unit * dice.within(1, scale);
        if partial > 0 && place < 7 && dice.one_in(4 - partial) {
            project["partial"] = json!(true);
            if !dice.one_in(8) {
                project["min"] = json!(ask);
                ask += step * dice.below(4);
            }
        }
        project["ask"] = json!(ask);
        together += ask;
        if categories > 0 && !dice.one_in(5) {
            project["category"] = json!(format!("c{}", dice.below(categories)));
        }
        if dice.one_in(9) {
            project["decision"] = json!(if dice.one_in(2) { "fund" } else { "reject" });
        }
        projects.push(project);
    }
    let mut listed = Vec::new();
    for place in 0..categories {
        let mut category = Map::from_iter([("id".into(), json!(format!("c{place}")))]);
        let share = together / categories + 1;
        if dice.one_in(2) {
            category.insert("max_amount".into(), json!(dice.below(share + 1)));
        }
        if dice.one_in(3) {
            category.insert("min_amount".into(), json!(dice.below(share / 2 + 1)));
        }
        if dice.one_in(3) {
            category.insert("max_count".into(), json!(dice.within(0, 4)));
        }
        if dice.one_in(3) {
            category.insert("min_count".into(), json!(dice.within(0, 2)));
        }
        listed.push(Value::Object(category));
    }
    let mut exclusive = Vec::new();
    for _ in 0..if dice.one_in(2) { dice.below(5) } else { 0 } {
        let members: Vec<String> = (0..count).filter(|_| dice.one_in(3)).map(|place| format!("p{place}")).collect();
        let mut group = json!({"projects": members});
        if dice.one_in(3) {
            group["at_most"] = json!(dice.within(1, 3));
        }
        exclusive.push(group);
    }
    let mut file = json!({"budget": dice.below(together + 2), "step": step, "projects": projects,
        "categories": listed, "exclusive": exclusive});
    if dice.one_in(2) {
        file["objective"] = json!(if dice.one_in(3) { "merit-money" } else { "merit-count" });
    }
    file
}

struct Judge {
    budget: i64,
    count_only: bool,
    scores: Vec<i64>,
    asks: Vec<i64>,
    mins: Vec<i64>,
    choices: Vec<Vec<i64>>,
    category: Vec<Option<usize>>,
    decision: Vec<Option<bool>>,
    categories: Vec<[Option<i64>; 4]>,
    groups: Vec<(Vec<usize>, i64)>,
    names: Vec<String>,
}

type Rank = (i64, i64, i64, Vec<i64>);

/// What trying everything brought.
struct Tried {
    best: Option<Rank>,
    /// Per project, the best V of the others for each own amount.
    others: Vec<Vec<Option<i64>>>,
    /// Which constraints each vector breaks.
    broken: BTreeSet<u64>,
}

impl Judge {
    fn read(file: &Value) -> Self {
        let step = file["step"].as_i64().unwrap();
        let projects = file["projects"].as_array().unwrap();
        let place = |id: &Value| id.as_str().unwrap()[1..].parse::<usize>().unwrap();
        let asks: Vec<i64> = projects.iter().map(|one| one["ask"].as_i64().unwrap()).collect();
        let mins: Vec<i64> = projects.iter().zip(&asks).map(|(one, ask)| one["min"].as_i64().unwrap_or(*ask)).collect();
        let choices = asks.iter().zip(&mins).map(|(ask, min)| {
            let mut all = vec![0];
            let mut next = *min;
            while next <= *ask {
                all.push(next);
                next += step;
            }
            all
        });
        let categories = file["categories"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| ["max_amount", "max_count", "min_amount", "min_count"].map(|bound| one[bound].as_i64()));
        let groups = file["exclusive"].as_array().unwrap().iter().map(|one| {
            (one["projects"].as_array().unwrap().iter().map(place).collect(), one["at_most"].as_i64().unwrap_or(1))
        });
        let mut judge = Self {
            budget: file["budget"].as_i64().unwrap(),
            count_only: file["objective"] == "merit-count",
            scores: projects.iter().map(|one| one["score"].as_i64().unwrap()).collect(),
            category: projects.iter().map(|one| one["category"].as_str().map(|_| place(&one["category"]))).collect(),
            decision: projects.iter().map(|one| one["decision"].as_str().map(|word| word == "fund")).collect(),
            choices: choices.collect(),
            categories: categories.collect(),
            groups: groups.collect(),
            names: vec!["budget".into()],
            asks,
            mins,
        };
        judge.name();
        judge
    }

    fn name(&mut self) {
        for (place, bounds) in self.categories.iter().enumerate() {
            for (bound, name) in bounds.iter().zip(["max_amount", "max_count", "min_amount", "min_count"]) {
                if bound.is_some() {
                    self.names.push(format!("category:c{place}:{name}"));
                }
            }
        }
        self.names.extend((0..self.groups.len()).map(|number| format!("exclusive:{number}")));
        for (place, decision) in self.decision.iter().enumerate() {
            if let Some(fund) = decision {
                self.names.push(format!("project:p{place}:{}", if *fund { "fund" } else { "reject" }));
            }
        }
    }

    /// The constraints that are broken, a bit for each in the order of their names.
    fn broken(&self, x: &[i64]) -> u64 {
        let (mut mask, mut bit) = (0_u64, 0);
        let mut note = |broken: bool| {
            mask |= u64::from(broken) << bit;
            bit += 1;
        };
        note(x.iter().sum::<i64>() > self.budget);
        for (place, bounds) in self.categories.iter().enumerate() {
            let (mut money, mut count) = (0, 0);
            for (amount, _) in x.iter().zip(&self.category).filter(|(_, category)| **category == Some(place)) {
                money += amount;
                count += i64::from(*amount > 0);
            }
            let tests = [money, count, -money, -count].into_iter().zip(bounds).enumerate();
            for (number, (figure, bound)) in tests {
                if let Some(bound) = bound {
                    note(figure > if number < 2 { *bound } else { -bound });
                }
            }
        }
        for (members, at_most) in &self.groups {
            note(i64::try_from(members.iter().filter(|member| x[**member] > 0).count()).unwrap() > *at_most);
        }
        for (amount, decision) in x.iter().zip(&self.decision) {
            if let Some(fund) = decision {
                note((*amount > 0) != *fund);
            }
        }
        mask
    }

    fn value(&self, place: usize, amount: i64) -> i64 {
        if amount == 0 { 0 } else { self.scores[place] * if self.count_only { 1 } else { amount } }
    }

    fn try_all(&self) -> Tried {
        let others = self.choices.iter().map(|choices| vec![None; choices.len()]).collect();
        let mut tried = Tried { best: None, others, broken: BTreeSet::new() };
        let decisions = self.decision.iter().flatten().count();
        let first = self.names.len() - decisions;
        let mut at = vec![0; self.choices.len()];
        loop {
            let x: Vec<i64> = at.iter().zip(&self.choices).map(|(at, choices)| choices[*at]).collect();
            let broken = self.broken(&x);
            tried.broken.insert(broken);
            if broken & ((1 << first) - 1) == 0 && (broken >> first).count_ones() <= 1 {
                self.note(&x, &at, broken >> first, &mut tried);
            }
            let Some(place) = (0..at.len()).find(|place| at[*place] + 1 < self.choices[*place].len()) else { break };
            at[place] += 1;
            at[..place].fill(0);
        }
        tried
    }

    fn note(&self, x: &[i64], at: &[usize], broken: u64, tried: &mut Tried) {
        let value: i64 = x.iter().enumerate().map(|(place, amount)| self.value(place, *amount)).sum();
        let mut bit = 0;
        for place in 0..x.len() {
            let own = if self.decision[place].is_some() { 1 << bit } else { 0 };
            bit += u64::from(self.decision[place].is_some());
            if broken & !own == 0 {
                let others = &mut tried.others[place][at[place]];
                *others = (*others).max(Some(value - self.value(place, x[place])));
            }
        }
        if broken == 0 {
            let asks: i64 = x.iter().zip(&self.asks).filter(|(amount, _)| **amount > 0).map(|(_, ask)| ask).sum();
            let rank = (value, -asks, x.iter().sum(), x.to_vec());
            tried.best = tried.best.take().max(Some(rank));
        }
    }

    fn answer(&self) -> Value {
        let tried = self.try_all();
        let Some((value, _, spent, x)) = tried.best.clone() else {
            let mut kept: u64 = (1 << self.names.len()) - 1;
            for bit in 0..self.names.len() {
                let without = kept & !(1 << bit);
                if tried.broken.iter().all(|broken| broken & without != 0) {
                    kept = without;
                }
            }
            let conflict: Vec<&String> =
                self.names.iter().enumerate().filter(|(bit, _)| kept >> bit & 1 == 1).map(|(_, name)| name).collect();
            return json!({"status": "infeasible", "conflict": conflict});
        };
        let projects: Vec<Value> = (0..x.len()).map(|place| self.told(place, &x, &tried)).collect();
        let chosen: Vec<Value> = (0..x.len())
            .filter(|place| x[*place] > 0)
            .map(|place| json!({"project": format!("p{place}"), "amount": x[place]}))
            .collect();
        json!({"status": "optimal", "objective": value, "spent": spent, "left": self.budget - spent,
            "chosen": chosen, "projects": projects})
    }

    fn told(&self, place: usize, x: &[i64], tried: &Tried) -> Value {
        let others = &tried.others[place];
        let with = |choice: usize, score: i64| {
            let own = score * if self.count_only { 1 } else { self.choices[place][choice] };
            others[choice].map(|others| others + own)
        };
        let funded = |score: i64| (1..others.len()).filter_map(|choice| with(choice, score)).max();
        let (if_funded, if_not) = (funded(self.scores[place]), others[0]);
        let threshold = match (if_funded, if_not) {
            (None, _) => None,
            (_, None) => Some(0),
            // Grows with the score, so halving finds the first that is enough.
            (_, Some(not)) => {
                let enough = |score: &i64| funded(*score).is_some_and(|value| value >= not);
                let (mut low, mut high) = (0, 10_001);
                while low < high {
                    let middle = (low + high) / 2;
                    if enough(&middle) { high = middle } else { low = middle + 1 }
                }
                (low <= 10_000).then_some(low)
            }
        };
        let (blocked, extra) = self.blocked(place, x);
        json!({"project": format!("p{place}"), "amount": x[place], "objective_if_funded": if_funded,
            "objective_if_not": if_not, "threshold_score": threshold, "blocked_by": blocked, "extra_money": extra})
    }

    fn blocked(&self, place: usize, x: &[i64]) -> (Vec<&'static str>, Option<i64>) {
        if x[place] > 0 {
            return (Vec::new(), Some(0));
        }
        let mut with = x.to_vec();
        with[place] = self.mins[place];
        let mut blocked = Vec::new();
        let mut lacks = vec![0];
        if self.decision[place] == Some(false) {
            blocked.push("decision");
        }
        let over = with.iter().sum::<i64>() - self.budget;
        if over > 0 {
            blocked.push("budget");
            lacks.push(over);
        }
        if let Some(category) = self.category[place] {
            let inside = |other: &usize| self.category[*other] == Some(category) && with[*other] > 0;
            let all: Vec<usize> = (0..x.len()).filter(inside).collect();
            let over =
                all.iter().map(|other| with[*other]).sum::<i64>() - self.categories[category][0].unwrap_or(i64::MAX);
            if over > 0 {
                blocked.push("category-max-amount");
                lacks.push(over);
            }
            if self.categories[category][1].is_some_and(|most| i64::try_from(all.len()).unwrap() > most) {
                blocked.push("category-max-count");
            }
        }
        let full = |(members, at_most): &(Vec<usize>, i64)| {
            members.contains(&place)
                && i64::try_from(members.iter().filter(|member| with[**member] > 0).count()).unwrap() > *at_most
        };
        if self.groups.iter().any(full) {
            blocked.push("exclusive");
        }
        let money_only = blocked.iter().all(|word| ["budget", "category-max-amount"].contains(word));
        if blocked.is_empty() {
            blocked.push("no-value");
        }
        (blocked, money_only.then(|| lacks.into_iter().max().unwrap()))
    }
}

#[test]
fn two_thousand_files_are_answered_as_brute_force_answers_them() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut solved, mut explained) = (0, 0);
    while solved + explained < 2_000 {
        // Unoptimised, trying everything takes its time.
        let most = if cfg!(debug_assertions) { 7 } else { 11 + 7 * i64::from(explained % 10 == 0) };
        let file = random_file(&mut dice, most);
        let given: Value = serde_json::to_value(outcome(&file.to_string()).unwrap()).unwrap();
        assert_eq!(given, Judge::read(&file).answer(), "{file}");
        if given["status"] == "optimal" { solved += 1 } else { explained += 1 }
    }
    assert!(solved > 800 && explained > 200, "{solved} {explained}");
}

#[test]
fn every_refusal_names_its_field() {
    let refused = [
        ("budget", json!(-1), "budget: must be at least 0"),
        ("budget", json!(null), "budget: is needed"),
        ("budget", json!(1.5), "budget: "),
        ("step", json!(0), "step: "),
        ("objective", json!("merit"), "objective: "),
        ("categories", json!([{"id": ""}]), "categories[0].id: must not be empty"),
        ("categories", json!([{"id": "c", "min_count": -1}]), "categories[0].min_count: "),
        ("projects", json!([["p"]]), "projects[0]: "),
        ("projects", json!([{"id": "p", "score": 10_001, "ask": 1}]), "projects[0].score: must be 0 to 10000"),
        ("projects", json!([{"id": "p", "score": 1, "ask": 0}]), "projects[0].ask: "),
        ("projects", json!([{"id": "p", "score": 1, "ask": 4, "min": 2}]), "projects[0].min: is only for"),
        (
            "projects",
            json!([{"id": "p", "score": 1, "ask": 4, "min": 5, "partial": true}]),
            "projects[0].min: must be 1",
        ),
        ("projects", json!([{"id": "p", "score": 1, "ask": 4, "category": "x"}]), "projects[0].category: is not"),
        ("projects", json!([{"id": "p", "score": 1, "ask": 4, "decision": "defer"}]), "projects[0].decision: "),
        ("exclusive", json!([{"projects": ["q", "x"]}]), "exclusive[0].projects[1]: is not"),
        ("exclusive", json!([{"projects": ["q", "q"]}]), "exclusive[0].projects[1]: must be unique"),
        ("exclusive", json!([{"projects": ["q"], "at_most": 0}]), "exclusive[0].at_most: "),
        ("colour", json!(1), "colour: unknown field"),
    ];
    for (key, value, start) in refused {
        let mut file = json!({"budget": 9, "projects": [{"id": "q", "score": 1, "ask": 1, "category": null}]});
        file[key] = value;
        let said = outcome(&file.to_string()).unwrap_err().to_string();
        assert!(said.starts_with(start) && said.lines().count() == 1, "{key}: {said}");
    }
}

#[test]
fn a_damaged_file_is_answered_or_refused_on_one_line() {
    let mut dice = Dice(42);
    for _ in 0..1_000 {
        let mut bytes = random_file(&mut dice, 7).to_string().into_bytes();
        for _ in 0..=dice.below(3) {
            let at = usize::try_from(dice.below(i64::try_from(bytes.len()).unwrap())).unwrap();
            match dice.below(4) {
                0 => bytes[at] = b"{}[]\",:019-.eEn\n\\ "[usize::try_from(dice.below(18)).unwrap()],
                1 => drop(bytes.drain(at..(at + 5).min(bytes.len()))),
                2 => drop(bytes.splice(at..at, b"999999999999".iter().copied())),
                _ => drop(bytes.splice(at..at, [b'['; 300])),
            }
        }
        match outcome(&String::from_utf8_lossy(&bytes)) {
            Ok(outcome) => drop(serde_json::to_string(&outcome).unwrap()),
            Err(refusal) => {
                let said = refusal.to_string();
                assert!(said.lines().count() == 1 && said.contains(": "), "{said}");
            }
        }
    }
}
