//! A second, slow reading of the page about scores: every figure from the reviews anew, the adjusted model by whole numbers.

#![allow(clippy::float_arithmetic, reason = "the model's figures are compared by size")]

use crate::support::tools::Throws;
use num_bigint::BigInt;
use serde_json::{Map, Value, json};

/// Who a review is of, who wrote it, and its total.
type Counted = (usize, String, i64);

/// A file, drawn so that ties, gaps and fall-backs are common.
pub fn drawn(throws: &mut Throws) -> Value {
    let method = ["mean", "trimmed-mean", "median", "reviewer-adjusted", "reviewer-adjusted"][pick(throws, 5)];
    let applications: Vec<String> = (0..throws.between(0, 7)).map(|place| format!("a{place}")).collect();
    let weights: &[i64] = [&[][..], &[10_000], &[2_500, 7_500], &[3_333, 3_333, 3_334]][pick(throws, 4)];
    let criteria: Vec<Value> = weights
        .iter()
        .enumerate()
        .map(|(place, weight)| json!({"id": format!("c{place}"), "weight": weight, "max": throws.between(1, 30)}))
        .collect();
    let reviewers = throws.between(1, 7);
    let mut reviews = Vec::new();
    for application in &applications {
        for reviewer in 0..reviewers {
            if throws.next().is_multiple_of(5) {
                continue;
            }
            let mut review = json!({"application": application, "reviewer": format!("r{reviewer}")});
            if criteria.is_empty() || throws.next().is_multiple_of(3) {
                let step = [1, 500, 2_500][pick(throws, 3)];
                review["total"] = json!(throws.between(0, 10_000 / step) * step);
            } else {
                let mut values = Map::new();
                for criterion in &criteria {
                    let value = match throws.next() % 6 {
                        0 => Value::Null,
                        1 => continue,
                        _ => json!(throws.between(0, criterion["max"].as_i64().unwrap())),
                    };
                    values.insert(criterion["id"].as_str().unwrap().into(), value);
                }
                review["values"] = values.into();
            }
            if throws.next().is_multiple_of(12) {
                review["recused"] = json!(true);
            }
            reviews.push(review);
        }
    }
    if throws.next().is_multiple_of(2) {
        reviews.reverse();
    }
    let mut file = json!({"method": method, "applications": applications, "reviews": reviews});
    if !criteria.is_empty() || throws.next().is_multiple_of(2) {
        file["criteria"] = criteria.into();
    }
    if throws.next().is_multiple_of(2) {
        let trim = throws.between(1, 2);
        file["trim"] = json!(trim);
        file["trim_from"] = json!(trim * 2 + throws.between(1, 2));
    }
    for (key, low, high) in [
        ("lambda", 1, 100),
        ("min_applications", 1, 6),
        ("min_reviewers", 1, 4),
        ("min_reviews", 1, 5),
        ("discuss_from", 1, 6_000),
    ] {
        if !throws.next().is_multiple_of(3) {
            file[key] = json!(throws.between(low, high));
        }
    }
    file
}

fn pick(throws: &mut Throws, count: usize) -> usize {
    usize::try_from(throws.next() >> 7).unwrap() % count
}

/// What the page says about a file. `adjusted` and `bias` are left to [`close`].
pub struct Judged {
    pub answer: Value,
    pub adjusted: Vec<Option<f64>>,
    pub biases: Vec<Option<f64>>,
}

struct Settings {
    method: String,
    trim: usize,
    trim_from: usize,
    lambda: i64,
    min_reviews: usize,
}

pub fn judged(file: &Value) -> Judged {
    let number = |key: &str, default: i64| file.get(key).map_or(default, |value| value.as_i64().unwrap());
    let size = |key: &str, default: i64| usize::try_from(number(key, default)).unwrap();
    let ids: Vec<&str> = file["applications"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    let mut counted: Vec<Counted> = Vec::new();
    for review in file["reviews"].as_array().unwrap() {
        let place = ids.iter().position(|id| *id == review["application"]).unwrap();
        if let Some(total) = total(review, file) {
            counted.push((place, review["reviewer"].as_str().unwrap().to_owned(), total));
        }
    }
    let mut reviewers: Vec<String> = Vec::new();
    for (_, reviewer, _) in &counted {
        if !reviewers.contains(reviewer) {
            reviewers.push(reviewer.clone());
        }
    }
    let reviews_by = |reviewer: &str| counted.iter().filter(|(_, other, _)| other == reviewer).count();
    let asked = file["method"].as_str().unwrap();
    let reviewed = (0..ids.len()).filter(|place| counted.iter().any(|(other, _, _)| other == place)).count();
    let busy = reviewers.iter().filter(|reviewer| reviews_by(reviewer) >= size("min_reviews", 3)).count();
    let fallback = match asked {
        "reviewer-adjusted" if reviewed < size("min_applications", 5) => Some("few-applications"),
        "reviewer-adjusted" if busy < size("min_reviewers", 3) => Some("few-reviewers"),
        _ => None,
    };
    let used = if fallback.is_some() { "mean" } else { asked };
    let settings = Settings {
        method: used.to_owned(),
        trim: size("trim", 1),
        trim_from: size("trim_from", 5),
        lambda: number("lambda", 3),
        min_reviews: size("min_reviews", 3),
    };
    let with_bias: Vec<String> =
        reviewers.iter().filter(|reviewer| reviews_by(reviewer) >= settings.min_reviews).cloned().collect();
    let trimmed: Vec<bool> = (0..ids.len())
        .map(|place| used == "trimmed-mean" && totals(&counted, place).len() >= settings.trim_from)
        .collect();
    let (full, thetas, biases) = scores(&counted, ids.len(), &settings, &trimmed, &with_bias);
    let mut seen: Vec<Vec<Option<usize>>> = vec![ranks(&full)];
    for reviewer in &reviewers {
        let rest: Vec<Counted> = counted.iter().filter(|(_, other, _)| other != reviewer).cloned().collect();
        let biased: Vec<String> = with_bias.iter().filter(|other| *other != reviewer).cloned().collect();
        let (mut without, _, _) = scores(&rest, ids.len(), &settings, &trimmed, &biased);
        for (score, full) in without.iter_mut().zip(&full) {
            *score = score.or(*full);
        }
        seen.push(ranks(&without));
    }
    let mut applications = Vec::new();
    for (place, id) in ids.iter().enumerate() {
        let own = totals(&counted, place);
        let spread = own.last().map(|last| last - own[0]);
        applications.push(json!({"application": id, "reviews": own.len(), "mean": mean(&own), "score": full[place],
            "trimmed": trimmed[place], "rank": seen[0][place], "rank_best": seen.iter().filter_map(|ranks| ranks[place]).min(),
            "rank_worst": seen.iter().filter_map(|ranks| ranks[place]).max(), "spread": spread,
            "discuss": spread.is_some_and(|spread| spread >= number("discuss_from", 2_000))}));
    }
    let told: Vec<Value> =
        reviewers.iter().map(|reviewer| json!({"reviewer": reviewer, "reviews": reviews_by(reviewer)})).collect();
    let totals: Vec<Value> = counted
        .iter()
        .map(|(place, reviewer, total)| json!({"application": ids[*place], "reviewer": reviewer, "total": total}))
        .collect();
    let answer = json!({"method": asked, "used": used, "fallback": fallback, "applications": applications, "reviewers": told,
        "totals": totals});
    let is_adjusted = used == "reviewer-adjusted";
    let bias_of = |reviewer: &String| {
        let place = with_bias.iter().position(|other| other == reviewer);
        is_adjusted.then(|| place.map_or(0.0, |place| biases[place]))
    };
    Judged { answer, adjusted: thetas, biases: reviewers.iter().map(bias_of).collect() }
}

fn total(review: &Value, file: &Value) -> Option<i64> {
    if review["recused"] == json!(true) {
        return None;
    }
    if let Some(total) = review["total"].as_i64() {
        return Some(total);
    }
    // Over a common denominator: Σ weight·value/max ÷ Σ weight.
    let criteria = file["criteria"].as_array().unwrap();
    let common: i128 = criteria.iter().map(|one| i128::from(one["max"].as_i64().unwrap())).product();
    let (mut sum, mut weights) = (0, 0);
    for criterion in criteria {
        let weight = i128::from(criterion["weight"].as_i64().unwrap());
        if let Some(value) = review["values"].get(criterion["id"].as_str().unwrap()).and_then(Value::as_i64) {
            sum += weight * i128::from(value) * (common / i128::from(criterion["max"].as_i64().unwrap()));
            weights += weight;
        }
    }
    // floor(x + 1/2) of x = 10000·sum / (common·weights).
    (weights > 0).then(|| i64::try_from((20_000 * sum + common * weights).div_euclid(2 * common * weights)).unwrap())
}

/// Ascending.
fn totals(counted: &[Counted], place: usize) -> Vec<i64> {
    let mut own: Vec<i64> =
        counted.iter().filter(|(other, _, _)| *other == place).map(|(_, _, total)| *total).collect();
    own.sort_unstable();
    own
}

fn mean(totals: &[i64]) -> Option<i64> {
    let count = i64::try_from(totals.len()).unwrap();
    (count > 0).then(|| (2 * totals.iter().sum::<i64>() + count).div_euclid(2 * count))
}

type Scores = (Vec<Option<i64>>, Vec<Option<f64>>, Vec<f64>);

fn scores(
    counted: &[Counted],
    applications: usize,
    settings: &Settings,
    trimmed: &[bool],
    with_bias: &[String],
) -> Scores {
    if settings.method == "reviewer-adjusted" {
        return adjusted(counted, applications, settings.lambda, with_bias);
    }
    let score = |place: usize| {
        let own = totals(counted, place);
        match settings.method.as_str() {
            "median" if !own.is_empty() && own.len().is_multiple_of(2) => mean(&own[own.len() / 2 - 1..=own.len() / 2]),
            "median" => own.get(own.len() / 2).copied(),
            _ if trimmed[place] && own.len() > 2 * settings.trim => {
                mean(&own[settings.trim..own.len() - settings.trim])
            }
            _ => mean(&own),
        }
    };
    ((0..applications).map(score).collect(), vec![None; applications], Vec::new())
}

/// All normal equations in θ and b at once, in whole numbers.
fn adjusted(counted: &[Counted], applications: usize, lambda: i64, with_bias: &[String]) -> Scores {
    let places: Vec<usize> = (0..applications).filter(|place| !totals(counted, *place).is_empty()).collect();
    let size = places.len() + with_bias.len();
    let mut table = vec![vec![BigInt::ZERO; size + 1]; size];
    for (seat, row) in table.iter_mut().enumerate().skip(places.len()) {
        row[seat] += lambda;
    }
    for (application, reviewer, total) in counted {
        let row = places.iter().position(|place| place == application).unwrap();
        let seat = with_bias.iter().position(|other| other == reviewer).map(|seat| seat + places.len());
        for one in [Some(row), seat].into_iter().flatten() {
            for other in [Some(row), seat].into_iter().flatten() {
                table[one][other] += 1;
            }
            table[one][size] += *total;
        }
    }
    let (solved, under) = eliminated(table);
    let float = |over: &BigInt| {
        // Twelve decimals of the quotient are far more than a float keeps of a hundredth.
        let scaled: BigInt = over * 1_000_000_000_000_i64 / &under;
        scaled.to_string().parse::<f64>().unwrap() / 1e12
    };
    let mut scores = vec![None; applications];
    let mut thetas = vec![None; applications];
    for (place, over) in places.iter().zip(&solved) {
        // floor(θ + 0.5 + 1e-6)
        let (over_scaled, under_scaled) = (over * 1_000_000 + &under * 500_001, &under * 1_000_000);
        let whole: BigInt = (&over_scaled - modulo(&over_scaled, &under_scaled)) / &under_scaled;
        scores[*place] = Some(whole.to_string().parse().unwrap());
        thetas[*place] = Some(float(over));
    }
    (scores, thetas, solved[places.len()..].iter().map(float).collect())
}

fn modulo(over: &BigInt, under: &BigInt) -> BigInt {
    let rest = over % under;
    if rest < BigInt::ZERO { rest + under } else { rest }
}

/// Elimination without fractions (Bareiss); answers numerators over one denominator above zero.
fn eliminated(mut table: Vec<Vec<BigInt>>) -> (Vec<BigInt>, BigInt) {
    let size = table.len();
    let mut before = BigInt::from(1);
    for place in 0..size {
        // The matrix is positive definite, so no pivot is zero.
        for other in (0..size).filter(|other| *other != place) {
            for column in (0..=size).filter(|column| *column != place) {
                let product =
                    &table[place][place] * &table[other][column] - &table[other][place] * &table[place][column];
                table[other][column] = product / &before;
            }
            table[other][place] = BigInt::ZERO;
        }
        before = table[place][place].clone();
        // Rows above keep the same pivot as this one.
        for (other, row) in table.iter_mut().enumerate().take(place) {
            row[other] = before.clone();
        }
    }
    (table.into_iter().map(|row| row[size].clone()).collect(), before)
}

fn ranks(scores: &[Option<i64>]) -> Vec<Option<usize>> {
    let larger = |score: i64| scores.iter().flatten().filter(|other| **other > score).count();
    scores.iter().map(|score| score.map(|score| 1 + larger(score))).collect()
}

/// Whether a figure of the answer is right to a millionth of a hundredth.
pub fn close(found: &Value, judge: Option<f64>) -> bool {
    match (found.as_f64(), judge) {
        (Some(found), Some(judge)) => (found - judge).abs() <= 1e-6,
        (None, None) => found.is_null(),
        _ => false,
    }
}
