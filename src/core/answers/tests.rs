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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_definition_exported_and_imported_is_the_same(definition in any_definition()) {
        let form = definition;
        prop_assert_eq!(validate_definition(&form), []);
        prop_assert_eq!(import(&export(&form)).unwrap(), form);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_mutated_definition_is_read_or_refused_at_a_place(
        definition in any_definition(),
        which in any::<prop::sample::Index>(),
        how in 0..4_u8,
        other in any_json(),
    ) {
        let mut value = serde_json::to_value(&definition).unwrap();
        mutate(&mut value, which, how, &other);
        match import(&value.to_string()) {
            Ok(read) => prop_assert_eq!(import(&export(&read)).unwrap(), read),
            Err(Unreadable::Wrong(faults)) => {
                prop_assert!(!faults.is_empty());
                for fault in faults {
                    // The place stands in the file, or what stands above it does and the key is missing there.
                    let above = fault.path.rsplit_once('/').map_or("", |(above, _)| above);
                    prop_assert!(value.pointer(&fault.path).or(value.pointer(above)).is_some(), "{}", fault.path);
                }
            }
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn steps_keep_a_definition_whole(definition in any_definition(), steps in prop::collection::vec((0..6_u8, any::<prop::sample::Index>(), any::<bool>()), 0..12)) {
        let mut form = definition;
        for (step, which, up) in steps {
            let sections: Vec<String> = form.sections.iter().map(|section| section.id.clone()).collect();
            let questions: Vec<String> = form.sections.iter().flat_map(|s| &s.questions).map(|q| q.id.clone()).collect();
            let id = |ids: &[String]| if ids.is_empty() { "none".to_owned() } else { ids[which.index(ids.len())].clone() };
            let edit = match step {
                0 => Edit::MoveSection { id: id(&sections), up },
                1 => Edit::MoveQuestion { id: id(&questions), up },
                2 => Edit::RemoveQuestion(id(&questions)),
                3 => Edit::RemoveSection(id(&sections)),
                4 => Edit::AddSection(Section { id: "added".into(), title: both(), help: None, questions: Vec::new() }),
                _ => Edit::AddQuestion { section: id(&sections), question: plain("added", Kind::Money {}) },
            };
            if let Ok(next) = edited(&form, &edit) {
                prop_assert_eq!(draft_faults(&next), []);
                form = next;
            }
        }
    }

    #[test]
    fn a_whole_number_reads_back_however_it_is_written(number in -MAX_NUMBER..=MAX_NUMBER, zeros in 0..4_usize) {
        prop_assert_eq!(whole_number(&number.to_string()), Some(number));
        prop_assert_eq!(whole_number(&format!("{number}.{}", "0".repeat(zeros + 1))), Some(number));
        prop_assert_eq!(whole_number(&format!("{number}{}e-{zeros}", "0".repeat(zeros))), Some(number));
    }
}

fn both() -> Bilingual {
    Bilingual { en: "Words".into(), zh: "文字".into() }
}

fn plain(id: &str, kind: Kind) -> Question {
    Question { id: id.into(), label: both(), hint: None, kind, required: false, show_if: None, identifying: false }
}

fn any_leaf() -> impl Strategy<Value = Kind> {
    prop_oneof![
        (1..=MAX_TEXT).prop_map(|max| Kind::Text { max }),
        (1..=MAX_LONG_TEXT).prop_map(|max| Kind::LongText { max }),
        (prop::option::of(-9_i64..0), prop::option::of(0..9_i64)).prop_map(|(min, max)| Kind::Number { min, max }),
        Just(Kind::Money {}),
        any::<bool>().prop_map(|from_today| Kind::Date { from_today }),
        (1..5_usize, any::<bool>()).prop_map(|(count, many)| Kind::Choice {
            options: (0..count).map(|n| ChoiceOption { id: format!("o{n}"), label: both() }).collect(),
            many,
        }),
    ]
}

fn any_kind() -> impl Strategy<Value = Kind> {
    let table =
        (prop::collection::vec((any_leaf(), any::<bool>()), 1..4), 1..=MAX_ROWS).prop_map(|(kinds, max_rows)| {
            let column = |(n, (kind, required)): (usize, (Kind, bool))| Column {
                id: format!("c{n}"),
                label: both(),
                kind,
                required,
            };
            Kind::Table { columns: kinds.into_iter().enumerate().map(column).collect(), max_rows }
        });
    prop_oneof![6 => any_leaf(), 1 => table, 1 => Just(Kind::File {})]
}

/// A valid definition of up to three sections; questions after a choice may depend on it.
fn any_definition() -> impl Strategy<Value = FormDefinition> {
    let question = (any_kind(), any::<bool>(), any::<bool>(), any::<bool>());
    (1..9_u32, prop::collection::vec(prop::collection::vec(question, 1..5), 1..4)).prop_map(|(version, told)| {
        let (mut number, mut choice) = (0, None);
        let mut sections = Vec::new();
        for (place, questions) in told.into_iter().enumerate() {
            let mut asked = Vec::new();
            for (kind, required, hinted, depends) in questions {
                number += 1;
                let id = format!("q{number}");
                let show_if = choice.clone().filter(|_| depends);
                if matches!(kind, Kind::Choice { .. }) {
                    choice = Some(Condition { question: id.clone(), equals: "o0".into() });
                }
                asked.push(Question {
                    required,
                    show_if,
                    hint: hinted.then(both),
                    identifying: hinted,
                    ..plain(&id, kind)
                });
            }
            sections.push(Section { id: format!("s{place}"), title: both(), help: None, questions: asked });
        }
        FormDefinition { version, sections }
    })
}

/// Replaces, removes, renames or adds something somewhere.
fn mutate(value: &mut Value, which: prop::sample::Index, how: u8, other: &Value) {
    let mut places = Vec::new();
    pointers(value, String::new(), &mut places);
    let path = &places[which.index(places.len())];
    let (above, key) = path.rsplit_once('/').map_or(("", ""), |(above, key)| (above, key));
    match (how, value.pointer_mut(above)) {
        (1, Some(Value::Object(map))) => drop(map.remove(key)),
        (1, Some(Value::Array(list))) => drop(key.parse::<usize>().map(|place| list.remove(place))),
        (2, Some(Value::Object(map))) => drop(map.insert("stranger".into(), other.clone())),
        (3, Some(Value::Array(list))) => list.extend(list.clone()),
        _ => *value.pointer_mut(path).unwrap() = other.clone(),
    }
}

fn pointers(value: &Value, path: String, places: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, inner)| pointers(inner, format!("{path}/{key}"), places)),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(n, inner)| pointers(inner, format!("{path}/{n}"), places))
        }
        _ => {}
    }
    places.push(path);
}

#[test]
fn a_file_that_is_no_definition_is_refused_where_it_stops() {
    assert_eq!(import("{\n  \"version\": }"), Err(Unreadable::Syntax { line: 2, column: 14 }));
    assert!(import(&"[".repeat(5_000)).is_err());
    assert_eq!(import(&" ".repeat(MAX_FILE + 1)), Err(Unreadable::TooLarge));
    let faults = |value: Value| match read(&value) {
        Err(Unreadable::Wrong(faults)) => faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(faults(json!([])), [": form-json-object"]);
    assert_eq!(faults(json!({"version": "1"})), ["/version: form-json-number", "/sections: form-json-missing"]);
    let mut value = serde_json::to_value(form()).unwrap();
    value["sections"][0]["questions"][3]["kind"]["max"] = json!("nine");
    value["sections"][0]["questions"][4]["kind"]["type"] = json!("shells");
    value["sections"][0]["questions"][5]["a/b"] = json!(1);
    let asked = "/sections/0/questions";
    let expected = [
        format!("{asked}/3/kind/max: form-json-number"),
        format!("{asked}/4/kind/type: form-json-type"),
        format!("{asked}/5/a~1b: form-json-unknown"),
    ];
    assert_eq!(faults(value), expected);
}

#[test]
fn what_a_condition_needs_is_neither_removed_nor_moved_behind_it() {
    let refused = |edit: Edit| edited(&form(), &edit).unwrap_err().code;
    assert_eq!(refused(Edit::RemoveQuestion("hosted".into())), "form-condition-question");
    assert_eq!(refused(Edit::MoveQuestion { id: "hosted".into(), up: false }), "form-condition-question");
    assert_eq!(refused(Edit::RemoveQuestion("nowhere".into())), "form-gone");
    let moved = edited(&form(), &Edit::MoveQuestion { id: "host".into(), up: false }).unwrap();
    assert_eq!(moved.sections[0].questions[3].id, "host");
    let taken = BTreeSet::from(["how-many", "question"]);
    assert_eq!(fresh_id("How many?", "question", &taken), "how-many-2");
    assert_eq!(fresh_id("多少人？", "question", &taken), "question-2");
}
