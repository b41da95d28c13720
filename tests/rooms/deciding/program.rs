//! `tributary decide` through the program: what it prints where, and how it ends.

use super::votes::{ANSWER, EXAMPLE};
use std::path::Path;
use std::process::{Command, Output};

fn decide(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tributary"))
        .arg("decide")
        .args(arguments)
        .current_dir(folder)
        // Nothing of the house is asked: neither settings nor database are there.
        .env("TRIBUTARY_DATABASE", "postgres://nobody@127.0.0.1:1/nowhere")
        .env("RUST_LOG", "trace")
        .output()
        .unwrap()
}

fn written(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    std::fs::write(folder.join(name), text).unwrap();
}

/// Exit 2, nothing on stdout and this line on stderr.
#[track_caller]
fn refused(out: &Output, line: &str) {
    let said = String::from_utf8(out.stderr.clone()).unwrap();
    assert_eq!((out.status.code(), out.stdout.len()), (Some(2), 0), "{said}");
    assert!(said.starts_with(line) && said.ends_with('\n') && said.lines().count() == 1, "{said}");
}

#[test]
fn an_answer_goes_to_stdout_and_nothing_else_happens() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    written(at, "votes.pb", EXAMPLE);
    written(
        at,
        "scores.json",
        r#"{"method":"mean","applications":["a"],"reviews":[{"application":"a","reviewer":"r","total":1}]}"#,
    );
    let well = |arguments: &[&str]| {
        let out = decide(at, arguments);
        assert_eq!((out.status.code(), out.stderr.len()), (Some(0), 0), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    };
    assert_eq!(well(&["vote", "votes.pb", "--json"]), format!("{ANSWER}\n"));
    assert!(
        well(&["vote", "votes.pb", "--json", "--rule", "greedy"])
            .starts_with(r#"{"rule":"greedy","completion":"none","#)
    );
    assert!(well(&["vote", "--completion", "none", "--json", "votes.pb"]).contains(r#""rounds":0,"#));
    let table = well(&["vote", "votes.pb"]);
    assert!(table.contains("p1        300        2  won   shares, rho 697/1050\n"), "{table}");
    assert!(table.contains("p2        500        3  lost  no money left, 400 missing\n"), "{table}");
    assert!(
        well(&["scores", "scores.json"])
            .starts_with(r#"{"method":"mean","used":"mean","fallback":null,"applications":"#)
    );
    assert_eq!(std::fs::read_dir(at).unwrap().count(), 2, "nothing is left behind");
}

#[test]
fn a_refusal_is_one_line_and_exits_2() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    written(at, "votes.pb", EXAMPLE.replace("p4;200", "p4;0"));
    refused(&decide(at, &["vote", "votes.pb", "--json"]), "line 10: the cost of `p4` must be above 0");
    refused(&decide(at, &["vote", "votes.pb"]), "line 10: the cost of `p4` must be above 0");
    written(at, "votes.pb", [EXAMPLE.as_bytes(), b"8;p\xff"].concat());
    refused(&decide(at, &["vote", "votes.pb", "--json"]), "line 20: not UTF-8");
    refused(&decide(at, &["vote", "nothing.pb"]), "nothing.pb: ");
    refused(&decide(at, &["vote", "."]), ".: ");
    written(
        at,
        "scores.json",
        r#"{"method":"mean","applications":["a"],"reviews":[{"application":"a","reviewer":"r","total":1,"x\ny":2}]}"#,
    );
    refused(&decide(at, &["scores", "scores.json"]), "reviews[0].x\\ny: unknown field `x\\ny`");
    written(at, "scores.json", "");
    refused(&decide(at, &["scores", "scores.json"]), "line 1: ");
    for arguments in [&["vote", "votes.pb", "--rule", "phragmen"][..], &["scores"], &["divine", "x"], &[]] {
        let out = decide(at, arguments);
        assert_eq!((out.status.code(), out.stdout.len()), (Some(2), 0));
    }
}
