//! The judge works another way: every assignment there is, and a flow by plain augmenting.

use crate::core::refusal::Refusal;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fn answer(text: &str) -> Result<String, Refusal> {
    super::outcome(text).map(|outcome| serde_json::to_string(&outcome).unwrap())
}

/// A generator of its own, so that every run of the judge tries the same files.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }
    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
    fn signed(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.below(u64::try_from(high - low + 1).unwrap())).unwrap()
    }
}

fn random_file(dice: &mut Dice) -> Value {
    let (rows, columns) = (dice.signed(1, 4), dice.signed(1, 5));
    let generous = dice.one_in(2);
    let applications: Vec<Value> = (0..rows)
        .map(|row| json!({"id": format!("a{row}"), "needs": dice.signed(0, if generous { 2 } else { 3 })}))
        .collect();
    let reviewers: Vec<Value> = (0..columns)
        .map(|column| json!({"id": format!("r{column}"), "max": dice.signed(i64::from(generous), 4)}))
        .collect();
    let (mut pairs, mut conflicts, mut fixed) = (Vec::new(), Vec::new(), Vec::new());
    let spread = dice.signed(0, 3);
    for row in 0..rows {
        for column in 0..columns {
            let pair = json!({"application": format!("a{row}"), "reviewer": format!("r{column}")});
            if !dice.one_in(4) {
                let mut listed = pair.clone();
                if !dice.one_in(4) {
                    listed["expertise"] = json!(dice.signed(3 - spread, 3));
                }
                if !dice.one_in(4) {
                    listed["bid"] = json!(dice.signed(-2, -2 + spread));
                }
                pairs.push(listed);
            }
            if dice.one_in(7) {
                let mut conflict = pair.clone();
                conflict["reason"] = json!("employer");
                conflicts.push(conflict.clone());
                if dice.one_in(3) {
                    conflicts.push(pair);
                }
            } else if dice.one_in(9) {
                fixed.push(pair);
            }
        }
    }
    let mut file = json!({"applications": applications, "reviewers": reviewers, "pairs": pairs,
        "conflicts": conflicts, "fixed": fixed, "seed": format!("s{}", dice.below(9))});
    if dice.one_in(3) {
        file["min_expertise"] = json!(dice.signed(0, 2));
    }
    if dice.one_in(2) {
        file["weights"] = json!({"expertise": dice.signed(0, 3), "bid": dice.signed(0, 2), "load": dice.signed(0, 2)});
    }
    file
}

/// The judge's own reading of the file.
struct Judge {
    needs: Vec<i64>,
    max: Vec<i64>,
    expertise: Vec<Vec<i64>>,
    bid: Vec<Vec<i64>>,
    conflict: Vec<Vec<bool>>,
    fixed: Vec<Vec<bool>>,
    min_expertise: i64,
    weights: [i64; 3],
    seed: String,
}

impl Judge {
    fn read(file: &Value) -> Self {
        let list = |key: &str, of: &str| -> Vec<i64> {
            file[key].as_array().unwrap().iter().map(|one| one[of].as_i64().unwrap()).collect()
        };
        let (needs, max) = (list("applications", "needs"), list("reviewers", "max"));
        let grid = || vec![vec![0_i64; max.len()]; needs.len()];
        let marks = |key: &str| {
            let mut marks = vec![vec![false; max.len()]; needs.len()];
            for one in file[key].as_array().unwrap() {
                marks[place(&one["application"])][place(&one["reviewer"])] = true;
            }
            marks
        };
        let (mut expertise, mut bid) = (grid(), grid());
        for pair in file["pairs"].as_array().unwrap() {
            let (row, column) = (place(&pair["application"]), place(&pair["reviewer"]));
            expertise[row][column] = pair["expertise"].as_i64().unwrap_or(0);
            bid[row][column] = pair["bid"].as_i64().unwrap_or(0);
        }
        let weight = |key: &str, default: i64| file["weights"][key].as_i64().unwrap_or(default);
        Self {
            conflict: marks("conflicts"),
            fixed: marks("fixed"),
            expertise,
            bid,
            min_expertise: file["min_expertise"].as_i64().unwrap_or(0),
            weights: [weight("expertise", 1000), weight("bid", 100), weight("load", 10)],
            seed: file["seed"].as_str().unwrap().to_owned(),
            needs,
            max,
        }
    }

    fn refused(&self) -> bool {
        let rows = 0..self.needs.len();
        let columns = 0..self.max.len();
        let each = |row: usize, column: usize| i64::from(self.fixed[row][column]);
        rows.clone().any(|row| columns.clone().map(|column| each(row, column)).sum::<i64>() > self.needs[row])
            || columns.clone().any(|column| rows.clone().map(|row| each(row, column)).sum::<i64>() > self.max[column])
    }

    fn usable(&self, row: usize, column: usize) -> bool {
        !self.fixed[row][column] && !self.conflict[row][column] && self.expertise[row][column] >= self.min_expertise
    }

    fn lot(&self, row: usize, column: usize) -> i64 {
        let digest = Sha256::digest(format!("{}\na{row}\nr{column}", self.seed).as_bytes());
        digest[..4].iter().fold(0, |sum, byte| sum * 256 + i64::from(*byte))
    }

    /// Every assignment: (cost, lot, mask of pairs); the least, if there is one.
    fn best(&self) -> Option<(i64, i64, Vec<u32>)> {
        let mut best = None;
        self.go(0, &mut vec![0; self.needs.len()], &mut best);
        best
    }

    fn go(&self, row: usize, masks: &mut Vec<u32>, best: &mut Option<(i64, i64, Vec<u32>)>) {
        if row == self.needs.len() {
            let loads: Vec<i64> = (0..self.max.len())
                .map(|column| masks.iter().map(|mask| i64::from(mask >> column & 1)).sum())
                .collect();
            if loads.iter().zip(&self.max).any(|(load, max)| load > max) {
                return;
            }
            let mut cost = loads.iter().map(|load| self.weights[2] * load * load).sum::<i64>();
            let mut lot = 0;
            for (row, mask) in masks.iter().enumerate() {
                for column in (0..self.max.len()).filter(|column| mask >> column & 1 == 1) {
                    cost += self.weights[0] * (3 - self.expertise[row][column]);
                    cost += self.weights[1] * (2 - self.bid[row][column]);
                    lot += self.lot(row, column);
                }
            }
            if best.as_ref().is_none_or(|(c, l, _)| (cost, lot) < (*c, *l)) {
                *best = Some((cost, lot, masks.clone()));
            }
            return;
        }
        for mask in 0..1_u32 << self.max.len() {
            let fits = (0..self.max.len()).all(|column| match mask >> column & 1 {
                1 => self.fixed[row][column] || self.usable(row, column),
                _ => !self.fixed[row][column],
            });
            if fits && i64::from(mask.count_ones()) == self.needs[row] {
                masks[row] = mask;
                self.go(row + 1, masks, best);
            }
        }
    }

    /// The whole answer, by brute force.
    fn answer(&self) -> Value {
        let id = |letter: char, place: usize| format!("{letter}{place}");
        let Some((cost, lot, masks)) = self.best() else { return self.explain() };
        let chosen = |row: usize, column: usize| masks[row] >> column & 1 == 1;
        let (mut sums, mut loads) = ([0, 0], Vec::new());
        for column in 0..self.max.len() {
            let load = (0..self.needs.len()).filter(|row| chosen(*row, column)).count();
            loads.push(json!({"reviewer": id('r', column), "load": load, "max": self.max[column]}));
            for row in (0..self.needs.len()).filter(|row| chosen(*row, column)) {
                sums[0] += self.weights[0] * (3 - self.expertise[row][column]);
                sums[1] += self.weights[1] * (2 - self.bid[row][column]);
            }
        }
        let assignments: Vec<Value> = (0..self.needs.len())
            .map(|row| {
                let reviewers: Vec<String> =
                    (0..self.max.len()).filter(|column| chosen(row, *column)).map(|column| id('r', column)).collect();
                json!({"application": id('a', row), "reviewers": reviewers})
            })
            .collect();
        json!({"status": "optimal", "lot": lot, "assignments": assignments, "loads": loads,
            "cost": {"total": cost, "expertise": sums[0], "bid": sums[1], "load": cost - sums[0] - sums[1]}})
    }

    /// Minimum cut by trying every set of applications: the smallest of those of least slack.
    fn explain(&self) -> Value {
        let columns = 0..self.max.len();
        let fixed = |row: usize| i64::try_from(self.fixed[row].iter().filter(|fixed| **fixed).count()).unwrap();
        let left = |column: usize| {
            self.max[column] - i64::try_from(self.fixed.iter().filter(|row| row[column]).count()).unwrap()
        };
        let mut best: Option<(i64, u32, u32, i64, i64)> = None;
        for apps in 0..1_u32 << self.needs.len() {
            let inside = |row: &usize| apps >> row & 1 == 1;
            let demand: i64 = (0..self.needs.len()).filter(inside).map(|row| self.needs[row] - fixed(row)).sum();
            for full in 0..1_u32 << self.max.len() {
                let supply: i64 = columns
                    .clone()
                    .map(|column| match full >> column & 1 {
                        1 => left(column),
                        _ => {
                            (0..self.needs.len()).filter(inside).filter(|row| self.usable(*row, column)).count() as i64
                        }
                    })
                    .sum();
                let slack = supply - demand;
                let size = apps.count_ones() + full.count_ones();
                if best.is_none_or(|(s, a, f, _, _)| (slack, size) < (s, a.count_ones() + f.count_ones())) {
                    best = Some((slack, apps, full, demand, supply));
                }
            }
        }
        let (slack, apps, full, demand, supply) = best.unwrap();
        let applications: Vec<Value> = (0..self.needs.len())
            .filter(|row| apps >> row & 1 == 1)
            .map(|row| {
                let count = |test: &dyn Fn(usize) -> bool| columns.clone().filter(|column| test(*column)).count();
                json!({"application": format!("a{row}"), "needs": self.needs[row], "fixed": fixed(row),
                    "usable": count(&|column| self.usable(row, column)),
                    "conflicts": count(&|column| self.conflict[row][column]),
                    "below_min_expertise": count(&|column| !self.usable(row, column)
                        && !self.conflict[row][column] && !self.fixed[row][column])})
            })
            .collect();
        let full: Vec<String> = columns.filter(|c| full >> c & 1 == 1).map(|c| format!("r{c}")).collect();
        json!({"status": "infeasible", "missing": -slack, "applications": applications, "full_reviewers": full,
            "demand": demand, "supply": supply})
    }
}

fn place(id: &Value) -> usize {
    id.as_str().unwrap()[1..].parse().unwrap()
}

#[test]
fn two_thousand_files_are_answered_as_brute_force_answers_them() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut solved, mut explained, mut refused) = (0, 0, 0);
    while solved + explained < 2_000 {
        let file = random_file(&mut dice);
        let judge = Judge::read(&file);
        let given = answer(&file.to_string());
        if judge.refused() {
            assert!(given.is_err(), "{file}");
            refused += 1;
            continue;
        }
        let given: Value = serde_json::from_str(&given.unwrap()).unwrap();
        assert_eq!(given, judge.answer(), "{file}");
        if given["status"] == "optimal" { solved += 1 } else { explained += 1 }
    }
    assert!(solved > 500 && explained > 300 && refused > 50, "{solved} {explained} {refused}");
}

#[test]
fn a_file_without_anybody_is_answered() {
    let nobody =
        r#"{"status":"optimal","cost":{"total":0,"expertise":0,"bid":0,"load":0},"lot":0,"assignments":[],"loads":[]}"#;
    assert_eq!(answer("{}").unwrap(), nobody);
    let given = answer(r#"{"applications":[{"id":"a","needs":9223372036854775807}],"reviewers":[{"id":"r","max":2}]}"#);
    assert_eq!(
        given.unwrap(),
        r#"{"status":"infeasible","missing":9223372036854775806,"applications":[{"application":"a","needs":9223372036854775807,"usable":1,"conflicts":0,"below_min_expertise":0,"fixed":0}],"full_reviewers":[],"demand":9223372036854775807,"supply":1}"#
    );
}

#[test]
fn every_refusal_names_its_field() {
    let refused = [
        ("applications", json!([{"id": "", "needs": 1}]), "applications[0].id: must not be empty"),
        (
            "applications",
            json!([{"id": "a", "needs": 1}, {"id": "a", "needs": 1}]),
            "applications[1].id: must be unique",
        ),
        ("applications", json!([{"id": "a", "needs": -1}]), "applications[0].needs: "),
        ("reviewers", json!([{"id": "r", "max": -1}]), "reviewers[0].max: "),
        ("pairs", json!([{"application": "a", "reviewer": "x"}]), "pairs[0].reviewer: is not"),
        ("pairs", json!([{"application": "x", "reviewer": "r"}]), "pairs[0].application: is not"),
        ("pairs", json!([{"application": "a", "reviewer": "r", "expertise": 4}]), "pairs[0].expertise: "),
        ("pairs", json!([{"application": "a", "reviewer": "r", "bid": -3}]), "pairs[0].bid: "),
        ("pairs", json!([{"application": "a", "reviewer": "r"}, {"application": "a", "reviewer": "r"}]), "pairs[1]: "),
        ("fixed", json!([{"application": "a", "reviewer": "c"}]), "fixed[0]: this pair is in conflict"),
        (
            "fixed",
            json!([{"application": "a", "reviewer": "r"}, {"application": "a", "reviewer": "r"}]),
            "fixed[1]: this",
        ),
        ("fixed", json!([{"application": "b", "reviewer": "r"}]), "fixed[0].application: more"),
        (
            "fixed",
            json!([{"application": "a", "reviewer": "r"}, {"application": "d", "reviewer": "r"}]),
            "fixed[1].reviewer: more",
        ),
        ("min_expertise", json!(4), "min_expertise: "),
        ("weights", json!({"load": 100_001}), "weights.load: must be 0 to 100000"),
        ("weights", json!({"lead": 1}), "weights.lead: "),
        ("colour\nand more", json!(1), "colour\\nand more: "),
        ("seed", json!(7), "seed: "),
        ("pairs", json!(null), "pairs: "),
    ];
    for (key, value, start) in refused {
        let mut file = json!({"applications": [{"id": "a", "needs": 2}, {"id": "b", "needs": 0}, {"id": "d", "needs": 1}],
            "reviewers": [{"id": "r", "max": 1}, {"id": "c", "max": 9}],
            "conflicts": [{"application": "a", "reviewer": "c", "reason": "employer"}]});
        file[key] = value;
        let said = answer(&file.to_string()).unwrap_err().to_string();
        assert!(said.starts_with(start) && !said.contains('\n'), "{key}: {said}");
    }
}

#[test]
fn a_damaged_file_is_answered_or_refused_on_one_line() {
    let mut dice = Dice(42);
    for _ in 0..1_000 {
        let mut bytes = random_file(&mut dice).to_string().into_bytes();
        for _ in 0..=dice.below(3) {
            let at = usize::try_from(dice.below(bytes.len() as u64)).unwrap();
            match dice.below(4) {
                0 => bytes[at] = b"{}[]\",:019-.eEn\n\\ "[usize::try_from(dice.below(18)).unwrap()],
                1 => drop(bytes.drain(at..(at + 5).min(bytes.len()))),
                2 => drop(bytes.splice(at..at, b"99999999999999999999".iter().copied())),
                _ => drop(bytes.splice(at..at, [b'['; 300])),
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        if let Err(error) = answer(&text) {
            let said = error.to_string();
            assert!(!said.contains('\n') && said.contains(": ") && said.len() < 2_000, "{said}");
        }
    }
}
