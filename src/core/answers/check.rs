//! Whether answers fit their questions: what is shown, what is missing, what is out of bounds.

use super::definition::number_range;
use super::*;
use chrono::Datelike;

/// Signs of a day, such as `2026-03-05`.
const LENGTH_OF_DAY: usize = 10;

/// The questions that are shown for these answers, in order.
#[must_use]
pub fn shown<'a>(definition: &'a FormDefinition, answers: &Answers) -> Vec<&'a Question> {
    let mut visible = BTreeSet::new();
    let mut questions = Vec::new();
    for question in definition.sections.iter().flat_map(|section| &section.questions) {
        let holds = |condition: &Condition| visible.contains(condition.question.as_str()) && chose(answers, condition);
        if question.show_if.as_ref().is_none_or(holds) {
            visible.insert(question.id.as_str());
            questions.push(question);
        }
    }
    questions
}

fn chose(answers: &Answers, condition: &Condition) -> bool {
    match answers.0.get(&condition.question) {
        Some(Value::String(option)) => *option == condition.equals,
        Some(Value::Array(options)) => options.iter().any(|option| option.as_str() == Some(&condition.equals)),
        _ => false,
    }
}

/// Everything that stands between these answers and submission, in order of appearance.
///
/// An answer to a question the form does not have comes last, as `answer-unknown`. `today` is the day in the
/// foundation's zone. A draft may be saved with any of these.
#[must_use]
pub fn check_answers(definition: &FormDefinition, answers: &Answers, today: NaiveDate) -> Vec<Problem> {
    let mut problems = Vec::new();
    for question in shown(definition, answers) {
        let answer = answers.0.get(&question.id).filter(|answer| !is_blank(answer));
        match answer {
            None if question.required => problems.push(problem(question, refusal("answer-required"))),
            None => {}
            Some(answer) => {
                let faults = check_value(&question.kind, answer, today);
                problems.extend(faults.into_iter().map(|fault| problem(question, fault)));
            }
        }
    }
    let questions = definition.sections.iter().flat_map(|section| &section.questions);
    let known: BTreeSet<&str> = questions.map(|question| question.id.as_str()).collect();
    let strangers = answers.0.keys().filter(|id| !known.contains(id.as_str()));
    problems.extend(strangers.map(|id| Problem { question: id.clone(), code: "answer-unknown", args: Vec::new() }));
    problems
}

/// Whether these answers may be submitted.
#[must_use]
pub fn is_complete(definition: &FormDefinition, answers: &Answers, today: NaiveDate) -> bool {
    check_answers(definition, answers, today).is_empty()
}

/// A code and its arguments.
type Fault = (&'static str, Vec<(String, String)>);

fn refusal(code: &'static str) -> Fault {
    (code, Vec::new())
}

fn bounded(code: &'static str, name: &str, bound: impl ToString) -> Fault {
    (code, vec![(name.to_owned(), bound.to_string())])
}

fn problem(question: &Question, (code, args): Fault) -> Problem {
    Problem { question: question.id.clone(), code, args }
}

fn is_blank(answer: &Value) -> bool {
    match answer {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

fn check_value(kind: &Kind, answer: &Value, today: NaiveDate) -> Vec<Fault> {
    if let Kind::Table { columns, max_rows } = kind {
        return check_rows(columns, *max_rows, answer, today);
    }
    let outcome = match kind {
        Kind::Text { max } | Kind::LongText { max } => check_text(answer, *max),
        Kind::Number { min, max } => check_number(answer, number_range(*min, *max)),
        Kind::Money {} => check_money(answer),
        Kind::Date { from_today } => check_date(answer, from_today.then_some(today)),
        Kind::Choice { options, many } => check_choice(answer, options, *many),
        Kind::Table { .. } => Ok(()),
        Kind::File {} => check_text(answer, u32::try_from(MAX_ID).unwrap_or(u32::MAX)),
    };
    outcome.err().into_iter().collect()
}

fn check_text(answer: &Value, max: u32) -> Result<(), Fault> {
    let text = answer.as_str().ok_or(refusal("answer-kind"))?;
    // As browsers count: a sign beyond the common ones is two.
    let length = u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
    if length > max {
        return Err(bounded("answer-too-long", "max", max));
    }
    Ok(())
}

fn check_number(answer: &Value, (min, max): (i64, i64)) -> Result<(), Fault> {
    let number = answer.as_i64().ok_or(refusal("answer-kind"))?;
    if number < min {
        return Err(bounded("answer-too-small", "min", min));
    }
    if number > max {
        return Err(bounded("answer-too-large", "max", max));
    }
    Ok(())
}

fn check_money(answer: &Value) -> Result<(), Fault> {
    let money = Money::deserialize(answer).map_err(|_| refusal("answer-kind"))?;
    if money.minor < 0 {
        return Err(refusal("money-negative"));
    }
    if money.minor > MAX_MINOR {
        return Err(refusal("money-too-large"));
    }
    Ok(())
}

fn check_date(answer: &Value, earliest: Option<NaiveDate>) -> Result<(), Fault> {
    let text = answer.as_str().ok_or(refusal("answer-kind"))?;
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| refusal("answer-date"))?;
    // Four digits of a year, as the control of a day sends it and every file holds it.
    if text.len() != LENGTH_OF_DAY || date.year() < 1 {
        return Err(refusal("answer-date"));
    }
    match earliest {
        Some(today) if date < today => Err(bounded("answer-date-past", "today", today)),
        _ => Ok(()),
    }
}

fn check_choice(answer: &Value, options: &[ChoiceOption], many: bool) -> Result<(), Fault> {
    let chosen: Vec<&Value> = match answer {
        Value::Array(list) if many => list.iter().collect(),
        Value::String(_) if !many => vec![answer],
        _ => return Err(refusal("answer-kind")),
    };
    let mut known: BTreeSet<&str> = options.iter().map(|option| option.id.as_str()).collect();
    for option in chosen {
        // Taken out when met, so an option chosen twice is refused like an unknown one.
        if !option.as_str().is_some_and(|option| known.remove(option)) {
            return Err(refusal("answer-option"));
        }
    }
    Ok(())
}

fn check_rows(columns: &[Column], max_rows: u32, answer: &Value, today: NaiveDate) -> Vec<Fault> {
    let Some(rows) = answer.as_array() else {
        return vec![refusal("answer-kind")];
    };
    if u32::try_from(rows.len()).unwrap_or(u32::MAX) > max_rows {
        return vec![bounded("answer-too-many-rows", "max", max_rows)];
    }
    let mut faults = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let located = |(code, mut args): Fault, column: &str| -> Fault {
            args.push(("row".to_owned(), (place + 1).to_string()));
            args.push(("column".to_owned(), column.to_owned()));
            (code, args)
        };
        let Some(cells) = row.as_object() else {
            faults.push(located(refusal("answer-kind"), ""));
            continue;
        };
        for (column, fault) in check_cells(columns, cells, today) {
            faults.push(located(fault, column));
        }
    }
    faults
}

fn check_cells<'a>(columns: &'a [Column], cells: &'a Map<String, Value>, today: NaiveDate) -> Vec<(&'a str, Fault)> {
    let mut faults = Vec::new();
    for column in columns {
        match cells.get(&column.id).filter(|cell| !is_blank(cell)) {
            None if column.required => faults.push((column.id.as_str(), refusal("answer-required"))),
            None => {}
            Some(cell) => {
                let found = check_value(&column.kind, cell, today);
                faults.extend(found.into_iter().map(|fault| (column.id.as_str(), fault)));
            }
        }
    }
    let known: BTreeSet<&str> = columns.iter().map(|column| column.id.as_str()).collect();
    let strangers = cells.keys().filter(|id| !known.contains(id.as_str()));
    faults.extend(strangers.map(|id| (id.as_str(), refusal("answer-unknown"))));
    faults
}
