//! The mark on a webhook: `Stripe-Signature: t=<unix time>,v1=<hex of HMAC-SHA256 over "<t>.<raw body>">`.
//!
//! The raw body is judged before a byte of it is read as JSON. During a change of secrets the header carries several `v1`, and
//! the settings name several secrets: one pair that fits is enough. Other schemes (`v0`) are never looked at.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// How far the sender's clock may be from ours, in seconds: what the processor's own libraries allow. An older body that
/// somebody kept is refused; the processor signs anew whatever it sends again.
pub const TOLERANCE: i64 = 300;
/// Marks looked at in one header: two secrets at once are usual.
const MARKS: usize = 8;

/// Why a webhook is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unbelieved {
    /// The header has no time or no mark.
    Unreadable,
    /// No mark fits any secret.
    Forged,
    /// The mark fits, and is too old or from the future.
    Late,
}

/// The mark of a body at a time.
pub fn mark(secret: &str, at: i64, body: &[u8]) -> String {
    hex::encode(hashed(secret, at, body).finalize().into_bytes())
}

/// The whole header, as the sandbox sends it.
pub fn header(secret: &str, at: i64, body: &[u8]) -> String {
    format!("t={at},v1={}", mark(secret, at, body))
}

fn hashed(secret: &str, at: i64, body: &[u8]) -> Hmac<Sha256> {
    // HMAC takes a key of any length; the empty one, which alone could be refused elsewhere, is never configured.
    let mut hashed = <Hmac<Sha256> as Mac>::new_from_slice(secret.as_bytes())
        .unwrap_or_else(|_| <Hmac<Sha256> as Mac>::new(&Default::default()));
    hashed.update(at.to_string().as_bytes());
    hashed.update(b".");
    hashed.update(body);
    hashed
}

/// Whether a body was sent by who knows a secret, about now.
///
/// # Errors
/// [`Unbelieved`].
pub fn verify(secrets: &[&str], header: &str, body: &[u8], now: i64) -> Result<(), Unbelieved> {
    let mut at = None;
    let mut marks = Vec::new();
    for (name, value) in header.split(',').filter_map(|part| part.trim().split_once('=')) {
        match name {
            "t" => at = value.parse::<i64>().ok(),
            "v1" if marks.len() < MARKS => marks.extend(hex::decode(value).ok()),
            _ => {}
        }
    }
    let at = at.filter(|_| !marks.is_empty()).ok_or(Unbelieved::Unreadable)?;
    // Compared in constant time, so that no mark can be guessed byte by byte.
    let fits = |secret: &&str, mark: &Vec<u8>| hashed(secret, at, body).verify_slice(mark).is_ok();
    let believed = secrets.iter().filter(|secret| !secret.is_empty());
    if !believed.into_iter().any(|secret| marks.iter().any(|mark| fits(secret, mark))) {
        return Err(Unbelieved::Forged);
    }
    if (now - at).abs() > TOLERANCE { Err(Unbelieved::Late) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A vector that the processor's own library takes. In Python:
    ///
    /// ```python
    /// import stripe
    /// payload = '{"id":"evt_1","object":"event"}'
    /// header = "t=1767578400,v1=" + MARK
    /// stripe.WebhookSignature.verify_header(payload, header, "whsec_test_vector", tolerance=None)   # True
    /// ```
    ///
    /// The same with a shell: `printf '1767578400.{"id":"evt_1","object":"event"}' | openssl dgst -sha256 -hmac whsec_test_vector`.
    const MARK: &str = "70ce79fd8ed7b49db4b200a952e96522e02cae995e5827cd88cc1b57227273f7";
    const BODY: &[u8] = br#"{"id":"evt_1","object":"event"}"#;
    const SECRET: &str = "whsec_test_vector";
    const AT: i64 = 1_767_578_400;

    #[test]
    fn the_mark_is_the_one_that_the_processors_library_takes() {
        assert_eq!(mark(SECRET, AT, BODY), MARK);
        assert_eq!(verify(&[SECRET], &format!("t={AT},v1={MARK}"), BODY, AT), Ok(()));
    }

    #[test]
    fn a_changed_body_an_old_mark_and_another_scheme_are_not_believed() {
        let header = header(SECRET, AT, BODY);
        let secrets = [SECRET];
        assert_eq!(verify(&secrets, &header, br#"{"id":"evt_2","object":"event"}"#, AT), Err(Unbelieved::Forged));
        assert_eq!(verify(&["whsec_other"], &header, BODY, AT), Err(Unbelieved::Forged));
        assert_eq!(verify(&[""], &header, BODY, AT), Err(Unbelieved::Forged));
        assert_eq!(verify(&[], &header, BODY, AT), Err(Unbelieved::Forged));
        assert_eq!(verify(&secrets, &header, BODY, AT + TOLERANCE), Ok(()));
        assert_eq!(verify(&secrets, &header, BODY, AT + TOLERANCE + 1), Err(Unbelieved::Late));
        assert_eq!(verify(&secrets, &header, BODY, AT - TOLERANCE - 1), Err(Unbelieved::Late));
        // Another time with the same mark is another text.
        let later = header.replace(&AT.to_string(), &(AT + 1).to_string());
        assert_eq!(verify(&secrets, &later, BODY, AT + 1), Err(Unbelieved::Forged));
        for broken in ["", "t=1", "v1=00", &format!("t={AT},v0={MARK}"), "t=x,v1=zz", "nonsense"] {
            assert!(verify(&secrets, broken, BODY, AT).is_err(), "{broken}");
        }
    }

    #[test]
    fn while_secrets_change_either_is_taken() {
        let (old, new) = ("whsec_old", "whsec_new");
        let both = format!("t={AT},v1={},v1={}", mark(old, AT, BODY), mark(new, AT, BODY));
        assert_eq!(verify(&[new], &both, BODY, AT), Ok(()));
        assert_eq!(verify(&[old, new], &header(new, AT, BODY), BODY, AT), Ok(()));
    }
}
