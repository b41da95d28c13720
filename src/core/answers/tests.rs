//! The judges of forms and answers: examples, and laws tried on many inputs.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn words() -> Value {
    json!({"en": "Site", "zh": "地点"})
}

fn question(id: &str, kind: &Value) -> Value {
    json!({"id": id, "label": words(), "kind": kind})
}

fn form() -> FormDefinition {
    let options = json!([{"id": "yes", "label": words()}, {"id": "no", "label": words()}]);
    let columns = json!([
        {"id": "item", "label": words(), "kind": {"type": "text", "max": 5}, "required": true},
        {"id": "cost", "label": words(), "kind": {"type": "money"}},
    ]);
    let mut questions = vec![
        question("name", &json!({"type": "text", "max": 10})),
        question("hosted", &json!({"type": "choice", "options": options})),
        question("host", &json!({"type": "long-text", "max": 100})),
        question("people", &json!({"type": "number", "min": 1, "max": 9})),
        question("ask", &json!({"type": "money"})),
        question("start", &json!({"type": "date", "from_today": true})),
        question("goals", &json!({"type": "choice", "options": options, "many": true})),
        question("lines", &json!({"type": "table", "columns": columns, "max_rows": 2})),
        question("plan", &json!({"type": "file"})),
    ];
    questions[0]["required"] = json!(true);
    questions[2]["required"] = json!(true);
    questions[2]["show_if"] = json!({"question": "hosted", "equals": "yes"});
    let section = json!({"id": "about", "title": words(), "help": words(), "questions": questions});
    serde_json::from_value(json!({"version": 1, "sections": [section]})).unwrap()
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 1).unwrap()
}

fn codes(answers: Value) -> Vec<(String, &'static str)> {
    let answers: Answers = serde_json::from_value(answers).unwrap();
    let problems = check_answers(&form(), &answers, today());
    problems.into_iter().map(|problem| (problem.question, problem.code)).collect()
}

#[test]
fn full_answers_are_complete() {
    let answers = json!({"name": "航中街背街小巷微更新", "hosted": "no", "people": 9, "start": "2026-03-01",
        "ask": {"minor": 8_300_000, "currency": "CNY"}, "goals": ["no", "yes"], "plan": "17",
        "lines": [{"item": "paint", "cost": {"minor": 1, "currency": "CNY"}}, {"item": "wall", "cost": null}]});
    assert_eq!(codes(answers.clone()), []);
    assert!(is_complete(&form(), &serde_json::from_value(answers).unwrap(), today()));
    assert_eq!(validate_definition(&form()), []);
}

#[test]
fn a_question_counts_only_while_it_is_shown() {
    assert_eq!(codes(json!({"name": "x", "hosted": "yes"})), [("host".into(), "answer-required")]);
    assert_eq!(codes(json!({"name": "x", "hosted": "no", "host": 5})), []);
    assert_eq!(codes(json!({"name": "  "})), [("name".into(), "answer-required")]);
    assert_eq!(shown(&form(), &Answers::default()).len(), 8);
}

#[test]
fn each_kind_refuses_what_it_is_not() {
    let refused = [
        ("people", json!(0), "answer-too-small"),
        ("people", json!(10), "answer-too-large"),
        ("people", json!(1.5), "answer-kind"),
        ("people", json!("5"), "answer-kind"),
        ("ask", json!({"minor": -1, "currency": "CNY"}), "money-negative"),
        ("ask", json!({"minor": i64::MAX, "currency": "CNY"}), "money-too-large"),
        ("ask", json!({"minor": 1, "currency": "XYZ"}), "answer-kind"),
        ("start", json!("2026-02-28"), "answer-date-past"),
        ("start", json!("2026-02-30"), "answer-date"),
        ("hosted", json!(["no"]), "answer-kind"),
        ("hosted", json!("maybe"), "answer-option"),
        ("goals", json!("yes"), "answer-kind"),
        ("goals", json!(["yes", "yes"]), "answer-option"),
        ("plan", json!(17), "answer-kind"),
        ("lines", json!("x"), "answer-kind"),
        ("lines", json!([1]), "answer-kind"),
        ("lines", json!([{}, {}, {}]), "answer-too-many-rows"),
        ("stranger", json!(1), "answer-unknown"),
    ];
    for (id, answer, code) in refused {
        let mut answers = json!({"name": "x"});
        answers[id] = answer;
        assert_eq!(codes(answers), [(id.to_owned(), code)]);
    }
    assert_eq!(codes(json!({"name": "12345678901"})), [("name".into(), "answer-too-long")]);
}

#[test]
fn a_fault_in_a_table_is_located() {
    let answers =
        json!({"name": "x", "lines": [{"item": "wall"}, {"cost": {"minor": 1, "currency": "CNY"}, "note": 1}]});
    let problems = check_answers(&form(), &serde_json::from_value(answers).unwrap(), today());
    let places: Vec<(&str, &str, &str)> =
        problems.iter().map(|problem| (problem.code, problem.args[0].1.as_str(), problem.args[1].1.as_str())).collect();
    assert_eq!(places, [("answer-required", "2", "item"), ("answer-unknown", "2", "note")]);
}

#[test]
fn a_definition_is_refused_at_its_place() {
    let refused = |change: fn(&mut FormDefinition)| {
        let mut form = form();
        change(&mut form);
        let errors = validate_definition(&form);
        errors.into_iter().map(|error| error.to_string()).collect::<Vec<_>>()
    };
    let asked = "/sections/0/questions";
    assert_eq!(refused(|form| form.version = 0), ["/version: form-version"]);
    assert_eq!(refused(|form| form.sections.clear()), ["/sections: form-count", "/sections: form-count"]);
    assert_eq!(refused(|form| form.sections[0].title.zh = " ".into()), ["/sections/0/title/zh: form-words-empty"]);
    assert_eq!(refused(|form| form.sections[0].questions[4].id = "Ask".into()), [format!("{asked}/4/id: form-id")]);
    assert_eq!(
        refused(|form| form.sections[0].questions[4].id = "name".into()),
        [format!("{asked}/4/id: form-id-twice")]
    );
    assert_eq!(
        refused(|form| form.sections[0].questions[0].kind = Kind::Text { max: 501 }),
        [format!("{asked}/0/kind/max: form-limit")]
    );
    assert_eq!(
        refused(|form| form.sections[0].questions[3].kind = Kind::Number { min: Some(2), max: Some(1) }),
        [format!("{asked}/3/kind: form-number-range")]
    );
    let itself = Some(Condition { question: "hosted".into(), equals: "yes".into() });
    let mut form = form();
    form.sections[0].questions[1].show_if = itself;
    assert_eq!(validate_definition(&form)[0].path, format!("{asked}/1/show_if/question"));
    form.sections[0].questions[1].show_if = None;
    form.sections[0].questions[2].show_if = Some(Condition { question: "hosted".into(), equals: "perhaps".into() });
    assert_eq!(validate_definition(&form)[0].path, format!("{asked}/2/show_if/equals"));
    if let Kind::Table { columns, .. } = &mut form.sections[0].questions[7].kind {
        columns[0].kind = Kind::File {};
    }
    assert_eq!(validate_definition(&form)[1].path, format!("{asked}/7/kind/columns/0/kind"));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "(yes|no|2026-03-0[1-9]|\\PC{0,12})".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from);
        let keys = prop::sample::select(vec!["item", "cost", "minor", "currency", "x"]);
        let map = prop::collection::btree_map(keys.prop_map(str::to_owned), inner, 0..4);
        prop_oneof![list, map.prop_map(|map| Value::from(Map::from_iter(map)))]
    })
}

proptest! {
    #[test]
    fn no_answer_is_a_panic(answers in prop::collection::vec(any_json(), 9)) {
        let ids = ["name", "hosted", "host", "people", "ask", "start", "goals", "lines", "plan"];
        let answers = Answers(ids.iter().map(|id| (*id).to_owned()).zip(answers).collect());
        let problems = check_answers(&form(), &answers, today());
        prop_assert_eq!(problems.is_empty(), is_complete(&form(), &answers, today()));
    }
}
