//! The file of scores, and everything that is refused in it.
//!
//! Owns shapes and refusals, no arithmetic. A refusal names the field by its path (`reviews[3].total`), on
//! one line. To add a key, add it with its default here and to the page; unknown keys are refused.

use crate::core::strict::{objects, word};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The largest total of a review, in hundredths.
pub(super) const FULL_TOTAL: i64 = 10_000;

/// How totals become a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Half up of the mean.
    Mean,
    /// The mean without the `trim` highest and lowest, from `trim_from` reviews on.
    TrimmedMean,
    /// The middle total.
    Median,
    /// The mean after taking shrunken reviewer leniency off.
    ReviewerAdjusted,
}

/// A call's reviews, as `tributary decide scores` reads them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoringFile {
    /// The method the call fixed.
    #[serde(deserialize_with = "word")]
    pub method: Method,
    /// The rubric; may be empty when every review has a total.
    #[serde(default, deserialize_with = "objects")]
    pub criteria: Vec<Criterion>,
    /// Application ids, non-empty and unique.
    pub applications: Vec<String>,
    /// At most one review per application and reviewer.
    #[serde(deserialize_with = "objects")]
    pub reviews: Vec<Review>,
    /// How many totals a trimmed mean drops at each end, ≥ 1.
    #[serde(default = "one")]
    pub trim: i64,
    /// From how many reviews on a trimmed mean trims, ≥ 2·trim + 1.
    #[serde(default = "five")]
    pub trim_from: i64,
    /// Shrinkage of a reviewer's leniency, 1..=100 reviews.
    #[serde(default = "three")]
    pub lambda: i64,
    /// Applications a reviewer-adjusted score needs, ≥ 1.
    #[serde(default = "five")]
    pub min_applications: i64,
    /// Reviewers with `min_reviews` reviews it needs, ≥ 1.
    #[serde(default = "three")]
    pub min_reviewers: i64,
    /// Reviews a reviewer needs to be adjusted, ≥ 1.
    #[serde(default = "three")]
    pub min_reviews: i64,
    /// Spread, in hundredths, from which an application is discussed, ≥ 1.
    #[serde(default = "twenty_points")]
    pub discuss_from: i64,
}

/// One criterion of the rubric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Non-empty, unique.
    pub id: String,
    /// Basis points, > 0; all weights sum to 10000.
    pub weight: i64,
    /// Largest value, ≥ 1.
    pub max: i64,
}

/// One reviewer's review of one application: `values` or `total`, not both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// Application id.
    pub application: String,
    /// Reviewer id, non-empty.
    pub reviewer: String,
    /// Criterion id → value 0..=max; null or left out is N/A.
    #[serde(default, deserialize_with = "values_named_once", skip_serializing_if = "Option::is_none")]
    pub values: Option<BTreeMap<String, Option<i64>>>,
    /// Hundredths, 0..=10000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
    /// A recused review counts nowhere.
    #[serde(default)]
    pub recused: bool,
}

const fn one() -> i64 {
    1
}
const fn three() -> i64 {
    3
}
const fn five() -> i64 {
    5
}
const fn twenty_points() -> i64 {
    2_000
}

/// A file that breaks a rule: which field, and which rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct ScoringError {
    /// Path of the field, such as `criteria[0].weight`.
    pub field: String,
    /// The rule, in words.
    pub problem: &'static str,
}

fn refuse<T>(field: impl Into<String>, problem: &'static str) -> Result<T, ScoringError> {
    Err(ScoringError { field: field.into(), problem })
}

impl ScoringFile {
    /// Checks every rule of the page that a shape cannot express.
    ///
    /// # Errors
    /// [`ScoringError`] for the first field at fault.
    pub fn validate(&self) -> Result<(), ScoringError> {
        self.validate_settings()?;
        self.validate_criteria()?;
        self.validate_applications()?;
        self.validate_reviews()
    }

    fn validate_settings(&self) -> Result<(), ScoringError> {
        let at_least_one = [
            ("trim", self.trim),
            ("min_applications", self.min_applications),
            ("min_reviewers", self.min_reviewers),
            ("min_reviews", self.min_reviews),
            ("discuss_from", self.discuss_from),
        ];
        for (field, value) in at_least_one {
            if value < 1 {
                return refuse(field, "must be at least 1");
            }
        }
        if i128::from(self.trim_from) < i128::from(self.trim) * 2 + 1 {
            return refuse("trim_from", "must be at least 2 * trim + 1");
        }
        if !(1..=100).contains(&self.lambda) {
            return refuse("lambda", "must be 1 to 100");
        }
        Ok(())
    }

    fn validate_criteria(&self) -> Result<(), ScoringError> {
        let mut known = BTreeSet::new();
        let mut sum = 0_i128;
        for (place, criterion) in self.criteria.iter().enumerate() {
            let field = |name: &str| format!("criteria[{place}].{name}");
            check_id(&criterion.id, &mut known, || field("id"))?;
            if criterion.weight < 1 {
                return refuse(field("weight"), "must be above 0");
            }
            if criterion.max < 1 {
                return refuse(field("max"), "must be at least 1");
            }
            sum += i128::from(criterion.weight);
        }
        if !self.criteria.is_empty() && sum != 10_000 {
            return refuse("criteria", "the weights must sum to 10000");
        }
        Ok(())
    }

    fn validate_applications(&self) -> Result<(), ScoringError> {
        let mut known = BTreeSet::new();
        for (place, id) in self.applications.iter().enumerate() {
            check_id(id, &mut known, || format!("applications[{place}]"))?;
        }
        Ok(())
    }

    fn validate_reviews(&self) -> Result<(), ScoringError> {
        let applications: BTreeSet<&str> = self.applications.iter().map(String::as_str).collect();
        let largest: BTreeMap<&str, i64> =
            self.criteria.iter().map(|criterion| (criterion.id.as_str(), criterion.max)).collect();
        let mut pairs = BTreeSet::new();
        for (place, review) in self.reviews.iter().enumerate() {
            let field = |name: &str| format!("reviews[{place}].{name}");
            if !applications.contains(review.application.as_str()) {
                return refuse(field("application"), "is not among the applications");
            }
            if review.reviewer.is_empty() {
                return refuse(field("reviewer"), "must not be empty");
            }
            if !pairs.insert((review.application.as_str(), review.reviewer.as_str())) {
                return refuse(field("reviewer"), "has already reviewed this application");
            }
            match (&review.values, review.total) {
                (Some(_), Some(_)) => return refuse(field("total"), "values or total, not both"),
                (None, None) => return refuse(field("total"), "values or total is needed"),
                (None, Some(total)) if !(0..=FULL_TOTAL).contains(&total) => {
                    return refuse(field("total"), "must be 0 to 10000");
                }
                (None, Some(_)) => {}
                (Some(values), None) => check_values(values, &largest, &field("values"))?,
            }
        }
        Ok(())
    }
}

fn check_id<'a>(id: &'a str, known: &mut BTreeSet<&'a str>, field: impl Fn() -> String) -> Result<(), ScoringError> {
    if id.is_empty() {
        return refuse(field(), "must not be empty");
    }
    if !known.insert(id) {
        return refuse(field(), "must be unique");
    }
    Ok(())
}

fn check_values(
    values: &BTreeMap<String, Option<i64>>,
    largest: &BTreeMap<&str, i64>,
    field: &str,
) -> Result<(), ScoringError> {
    for (id, value) in values {
        // Escaped, so that a refusal stays on one line whatever the key.
        let path = || format!("{field}.{}", id.escape_debug());
        let Some(max) = largest.get(id.as_str()) else {
            return refuse(path(), "is not a criterion");
        };
        if value.is_some_and(|value| !(0..=*max).contains(&value)) {
            return refuse(path(), "must be 0 to the criterion's max");
        }
    }
    Ok(())
}

/// A plain map would silently keep the last of two values for one criterion.
fn values_named_once<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<BTreeMap<String, Option<i64>>>, D::Error> {
    struct Once;
    impl<'de> Visitor<'de> for Once {
        type Value = Option<BTreeMap<String, Option<i64>>>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object of whole numbers or nulls")
        }

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut values = BTreeMap::new();
            while let Some((id, value)) = map.next_entry::<String, Option<i64>>()? {
                if values.insert(id, value).is_some() {
                    return Err(A::Error::custom("values names a criterion twice"));
                }
            }
            Ok(Some(values))
        }
    }
    deserializer.deserialize_any(Once)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn valid() -> Value {
        json!({"method": "mean", "criteria": [{"id": "need", "weight": 4000, "max": 20}, {"id": "team", "weight": 6000, "max": 5}],
            "applications": ["a"], "reviews": [{"application": "a", "reviewer": "r", "values": {"need": 3, "team": null}}]})
    }

    /// Sets the value at a JSON pointer (making the key if it is new) and returns the refusal.
    fn refusal(pointer: &str, value: Value) -> String {
        let mut file = valid();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        match file.pointer_mut(parent).unwrap() {
            Value::Object(map) => {
                map.insert(key.to_owned(), value);
            }
            Value::Array(list) => list.push(value),
            _ => panic!("no place for {pointer}"),
        }
        match serde_json::from_value::<ScoringFile>(file) {
            Err(error) => error.to_string(),
            Ok(file) => file.validate().map_or_else(|error| error.to_string(), |()| "accepted".into()),
        }
    }

    #[test]
    fn defaults_are_those_of_the_page() {
        let file: ScoringFile = serde_json::from_value(valid()).unwrap();
        assert_eq!(file.validate(), Ok(()));
        assert_eq!((file.trim, file.trim_from, file.lambda, file.min_applications), (1, 5, 3, 5));
        assert_eq!((file.min_reviewers, file.min_reviews, file.discuss_from), (3, 3, 2_000));
    }

    #[test]
    fn every_refusal_names_its_field() {
        let refused = [
            ("/trim", json!(0), "trim: "),
            ("/trim", json!(i64::MAX), "trim_from: "),
            ("/trim_from", json!(2), "trim_from: "),
            ("/lambda", json!(101), "lambda: "),
            ("/discuss_from", json!(0), "discuss_from: "),
            ("/criteria/0/weight", json!(0), "criteria[0].weight: "),
            ("/criteria/0/weight", json!(3999), "criteria: "),
            ("/criteria/0/max", json!(0), "criteria[0].max: "),
            ("/criteria/1/id", json!("need"), "criteria[1].id: "),
            ("/applications/-", json!("a"), "applications[1]: "),
            ("/applications/-", json!(""), "applications[1]: "),
            ("/reviews/0/values/need", json!(21), "reviews[0].values.need: "),
            ("/reviews/0/values/need", json!(-1), "reviews[0].values.need: "),
            ("/reviews/0/values/x\ny", json!(1), "reviews[0].values.x\\ny: "),
            ("/reviews/0/values/need", json!(1.5), "invalid type"),
            ("/colour", json!("red"), "unknown field `colour`"),
            ("/reviews/0/note", json!("x"), "unknown field `note`"),
        ];
        for (pointer, value, start) in refused {
            let answer = refusal(pointer, value);
            assert!(answer.starts_with(start), "{pointer}: {answer}");
        }
    }

    #[test]
    fn a_review_is_refused_by_its_place() {
        let review = |change: (&str, Value)| {
            let mut review = json!({"application": "a", "reviewer": "s", "total": 5});
            review[change.0] = change.1;
            review
        };
        let refused = [
            ("/reviews/-", review(("reviewer", json!("r"))), "reviews[1].reviewer: has"),
            ("/reviews/-", review(("reviewer", json!(""))), "reviews[1].reviewer: must"),
            ("/reviews/-", review(("application", json!("z"))), "reviews[1].application: "),
            ("/reviews/-", review(("total", json!(10001))), "reviews[1].total: "),
            ("/reviews/-", review(("total", json!(null))), "reviews[1].total: values or total is"),
            ("/reviews/-", review(("values", json!({}))), "reviews[1].total: values or total, not"),
        ];
        for (pointer, value, start) in refused {
            let answer = refusal(pointer, value);
            assert!(answer.starts_with(start), "{pointer}: {answer}");
        }
        assert_eq!(refusal("/reviews/-", review(("values", json!(null)))), "accepted");
    }

    #[test]
    fn a_criterion_scored_twice_is_refused() {
        let text = r#"{"application":"a","reviewer":"r","values":{"need":3,"need":4}}"#;
        assert!(serde_json::from_str::<Review>(text).unwrap_err().to_string().contains("twice"));
    }
}
