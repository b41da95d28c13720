//! Votes against a judge that reads the page another way, and files that go out and come in.

use super::judge_of_votes::Instance;
use crate::support::tools::{Throws, say};
use std::time::Instant;
use tributary::core::voting::{Completion, Pabulib, Rule, outcome};

/// The vote of the page's example.
pub const EXAMPLE: &str = "META\nkey;value\nbudget;1000\nvote_type;approval\nPROJECTS\nproject_id;cost\np1;300\np2;500\np3;400\np4;200\n\
    VOTES\nvoter_id;vote\n1;p3,p2\n2;p3,p2\n3;p3\n4;p3,p2\n5;p3,p4\n6;p1,p4\n7;p1\n";

/// Its answer, to the byte.
pub const ANSWER: &str = concat!(
    r#"{"rule":"equal-shares","completion":"add1u","vote_type":"approval","budget":"1000","voters":7,"#,
    r#""share":"1406/7","rounds":58,"cost":"900","left":"100","winners":["#,
    r#"{"project":"p3","cost":"400","support":"5","phase":"shares","rho":"1/5","payments":[{"amount":"80","voters":5}]},"#,
    r#"{"project":"p4","cost":"200","support":"2","phase":"shares","rho":"1/2","payments":[{"amount":"100","voters":2}]},"#,
    r#"{"project":"p1","cost":"300","support":"2","phase":"shares","rho":"697/1050","#,
    r#""payments":[{"amount":"1394/7","voters":1},{"amount":"706/7","voters":1}]}],"#,
    r#""losers":[{"project":"p2","cost":"500","support":"3","reason":"no-money-left","supporters_money":"2538/7","#,
    r#""money_left":"100","missing":"400"}],"warnings":[]}"#,
);

#[test]
fn the_example_of_the_page_to_the_byte() {
    let found = outcome(EXAMPLE, Rule::EqualShares, Completion::Add1u).unwrap();
    assert_eq!(serde_json::to_string(&found).unwrap(), ANSWER);
}

#[test]
fn two_thousand_votes_as_the_judge_counts_them() {
    let mut throws = Throws::seeded(20_26);
    let (mut compared, mut left_to_others, mut rounds) = (0_u64, 0, 0);
    for number in 0..2_000 {
        let instance = Instance::drawn(&mut throws);
        for (rule, completion) in [
            (Rule::EqualShares, Completion::Add1u),
            (Rule::EqualShares, Completion::None),
            (Rule::Greedy, Completion::Add1u),
        ] {
            let word = |value: serde_json::Value| value.as_str().unwrap().to_owned();
            let (rule_word, completion_word) =
                (word(serde_json::to_value(rule).unwrap()), word(serde_json::to_value(completion).unwrap()));
            let Some(judged) = instance.answer(&rule_word, &completion_word) else {
                left_to_others += 1;
                continue;
            };
            let found = outcome(&instance.file, rule, completion)
                .unwrap_or_else(|refusal| panic!("{refusal}\n{}", instance.file));
            let found = serde_json::to_value(found).unwrap();
            assert_eq!(found, judged, "instance {number}, {rule_word}, {completion_word}\n{}", instance.file);
            rounds += judged["rounds"].as_u64().unwrap();
            compared += 1;
        }
    }
    say(&format!(
        "{compared} votes as the judge counts them, {rounds} rounds in all; {left_to_others} with fractions too long"
    ));
    assert!(compared > 5_000);
}

#[test]
fn a_file_goes_out_and_comes_in_to_the_byte() {
    let mut throws = Throws::seeded(11);
    for _ in 0..300 {
        let mut text = Instance::drawn(&mut throws).file;
        if throws.next().is_multiple_of(2) {
            text = format!("\u{feff}{}", text.replace('\n', "\r\n\r\n").replace("x\r", "\" \"\"x;\n\"\"\"\r"));
        }
        let written = Pabulib::read(&text).unwrap().write();
        assert_eq!(Pabulib::read(&written).unwrap().write(), written);
        let count = |text: &str| outcome(text, Rule::EqualShares, Completion::None).map(|found| found.winners);
        assert_eq!(count(&text), count(&written));
    }
}

/// Half a million units for three voters: counted round by round this would take days.
#[test]
fn rounds_that_change_nothing_cost_nothing() {
    let started = Instant::now();
    let many = |nought: &str| {
        format!(
            "META\nkey;value\nbudget;1000{nought}\nvote_type;approval\nPROJECTS\nproject_id;cost\np1;300{nought}\np2;500{nought}\np3;400{nought}\np4;200{nought}\nVOTES\nvoter_id;vote\n1;p3,p2\n2;p3,p2\n3;p3\n4;p3,p2\n5;p3,p4\n6;p1,p4\n7;p1\n"
        )
    };
    let found = outcome(&many("000000000000000000"), Rule::EqualShares, Completion::Add1u).unwrap();
    // p1 is affordable to its two supporters from x = 200 on: 200·10^18 − 1000/7·10^18, rounded up.
    assert_eq!(found.rounds, 57_142_857_142_857_142_858);
    assert_eq!(found.winners.len(), 3);
    assert!(started.elapsed().as_secs() < 5);
}
