//! Scores against a judge that reads the page another way.

use super::judge_of_scores::{close, drawn, judged};
use crate::support::tools::{Throws, say};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tributary::core::scoring::outcome;

fn answer(file: &Value) -> Value {
    serde_json::to_value(outcome(&file.to_string()).unwrap_or_else(|refusal| panic!("{refusal}\n{file}"))).unwrap()
}

/// Takes the figures that are compared by size out of a list.
fn taken(list: &mut Value, key: &str) -> Vec<Value> {
    let rows = list.as_array_mut().unwrap().iter_mut();
    rows.map(|row| row.as_object_mut().unwrap().remove(key).unwrap()).collect()
}

#[test]
fn two_thousand_files_as_the_judge_scores_them() {
    let mut throws = Throws::seeded(4);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for number in 0..2_000 {
        let file = drawn(&mut throws);
        let (mut found, judge) = (answer(&file), judged(&file));
        let adjusted = taken(&mut found["applications"], "adjusted");
        let biases = taken(&mut found["reviewers"], "bias");
        assert_eq!(found, judge.answer, "file {number}\n{file}");
        for (found, judge) in adjusted.iter().zip(&judge.adjusted).chain(biases.iter().zip(&judge.biases)) {
            assert!(close(found, *judge), "file {number}: {found} instead of {judge:?}\n{file}");
        }
        let fallback = judge.answer["fallback"].as_str().unwrap_or("as asked");
        *seen.entry(format!("{} {fallback}", judge.answer["used"].as_str().unwrap())).or_default() += 1;
    }
    say(&format!("scores as the judge reads them: {seen:?}"));
    for kind in ["mean few-applications", "mean few-reviewers", "reviewer-adjusted as asked", "trimmed-mean as asked"] {
        assert!(seen.get(kind).is_some_and(|count| *count > 50), "{kind} is hardly tried");
    }
}

#[test]
fn the_scenario_of_the_page() {
    let reviews = |recused: bool| {
        let totals = [9_200, 8_800, 8_500, 8_400, 6_000];
        let review = |(place, total): (usize, &i64)| json!({"application": "a", "reviewer": format!("r{place}"), "total": total, "recused": recused && place == 4});
        totals.iter().enumerate().map(review).collect::<Vec<_>>()
    };
    let scored =
        |recused: bool| answer(&json!({"method": "trimmed-mean", "applications": ["a"], "reviews": reviews(recused)}));
    let figures =
        |answer: &Value| (answer["applications"][0]["mean"].clone(), answer["applications"][0]["score"].clone());
    assert_eq!(figures(&scored(false)), (json!(8_180), json!(8_567)));
    assert_eq!(figures(&scored(true)), (json!(8_725), json!(8_725)));
}

#[test]
fn keys_stand_in_the_order_of_the_page() {
    let file = json!({"method": "reviewer-adjusted", "applications": ["a"], "min_applications": 1, "min_reviewers": 1, "min_reviews": 1,
        "reviews": [{"application": "a", "reviewer": "r", "total": 5_000}]});
    let text = serde_json::to_string(&outcome(&file.to_string()).unwrap()).unwrap();
    let wanted = concat!(
        r#"{"method":"reviewer-adjusted","used":"reviewer-adjusted","fallback":null,"#,
        r#""applications":[{"application":"a","reviews":1,"mean":5000,"score":5000,"adjusted":5000.0,"trimmed":false,"#,
        r#""rank":1,"rank_best":1,"rank_worst":1,"spread":0,"discuss":false}],"#,
        r#""reviewers":[{"reviewer":"r","reviews":1,"bias":0.0}],"#,
        r#""totals":[{"application":"a","reviewer":"r","total":5000}]}"#
    );
    assert_eq!(text, wanted);
}
