//! Marks on webhooks, weighed by the processor's own library in Python: what we sign it believes, what it signs we believe, and
//! both refuse the same forgeries.

use crate::support::tools;
use std::path::PathBuf;
use std::process::Command;
use tributary::edges::stripe::signature::{self, Unbelieved};

/// Reads lines of `secret<TAB>header<TAB>hex of the body`, answers whether each is believed and what mark the library would make.
const JUDGE: &str = "
import sys, stripe
for line in sys.stdin.read().splitlines():
    secret, header, body = line.split('\\t')
    body = bytes.fromhex(body).decode('utf-8')
    try:
        stripe.WebhookSignature.verify_header(body, header, secret, tolerance=None)
        told = 'believed'
    except stripe.SignatureVerificationError:
        told = 'refused'
    print(told, stripe.WebhookSignature._compute_signature('1767578400.' + body, secret))
";
const AT: i64 = 1_767_578_400;

/// The library, if it is here: `TRIBUTARY_STRIPE_PYTHON`, or the environment under `target`.
fn library() -> Option<PathBuf> {
    let named = std::env::var_os("TRIBUTARY_STRIPE_PYTHON").map(PathBuf::from);
    let under = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/stripe/bin/python");
    named.or(Some(under)).filter(|python| python.is_file())
}

#[test]
fn marks_agree_with_the_processors_own_library() {
    let Some(python) = library() else {
        tools::left_out("webhooks weighed by the processor's own library", "its Python package is not installed");
        return;
    };
    let mut throws = tools::Throws::seeded(5);
    let mut cases = Vec::new();
    for n in 0..200_usize {
        let secret = format!("whsec_{}", throws.next());
        let body = match n % 4 {
            0 => String::new(),
            1 => format!("{{\"id\":\"evt_{n}\",\"object\":\"event\"}}"),
            2 => format!("{{\"name\":\"航中街外墙 {n}\"}}\n"),
            _ => "x".repeat(n * 40),
        };
        let mut header = signature::header(&secret, AT, body.as_bytes());
        match n % 5 {
            3 => header = header.replace("t=1767578400", "t=1767578401"),
            4 => header = signature::header("whsec_other", AT, body.as_bytes()),
            _ => {}
        }
        cases.push((secret, header, body));
    }
    let asked: Vec<String> =
        cases.iter().map(|(secret, header, body)| format!("{secret}\t{header}\t{}", hex::encode(body))).collect();
    let told = judged(&python, &asked.join("\n"));
    assert_eq!(told.len(), cases.len());
    let mut believed = 0;
    for ((secret, header, body), (theirs, mark)) in cases.iter().zip(&told) {
        let ours = signature::verify(&[secret], header, body.as_bytes(), AT);
        assert!(matches!(ours, Ok(()) | Err(Unbelieved::Forged)), "{ours:?}");
        assert_eq!(ours.is_ok(), theirs == "believed", "{header} over {body:?}");
        let signed = format!("t={AT},v1={mark}");
        signature::verify(&[secret], &signed, body.as_bytes(), AT).unwrap();
        believed += usize::from(ours.is_ok());
    }
    assert_eq!(believed, 120);
    tools::say(&format!("signatures: {} headers, the library and the house agree on each", cases.len()));
}

fn judged(python: &PathBuf, lines: &str) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let asked = folder.path().join("asked");
    std::fs::write(&asked, lines).unwrap();
    let done = Command::new(python).args(["-c", JUDGE]).stdin(std::fs::File::open(asked).unwrap()).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let text = String::from_utf8(done.stdout).unwrap();
    text.lines().map(|line| line.split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap()).collect()
}
