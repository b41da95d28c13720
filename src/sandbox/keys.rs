//! Idempotency keys: the same key with the same body has the same answer, errors included; with another body it is refused.

use super::MANY;
use serde_json::Value;
use std::collections::BTreeMap;

/// An answer: status and body.
pub type Given = (u16, Value);

/// Keys that were used.
#[derive(Debug, Default)]
pub struct Keys(BTreeMap<String, (String, Given)>);

/// What a key says to a call.
#[derive(Debug)]
pub enum Key {
    /// Never seen.
    New,
    /// The same call: the same answer.
    Answered(Given),
    /// Another call.
    Misused,
}

impl Keys {
    /// What a key says to a call whose path and body are `call`.
    pub fn ask(&self, key: &str, call: &str) -> Key {
        match self.0.get(key) {
            None => Key::New,
            Some((first, given)) if first == call => Key::Answered(given.clone()),
            Some(_) => Key::Misused,
        }
    }

    /// Keeps the answer to a call.
    pub fn keep(&mut self, key: &str, call: &str, given: &Given) {
        if self.0.len() >= MANY {
            self.0.pop_first();
        }
        self.0.insert(key.to_owned(), (call.to_owned(), given.clone()));
    }

    /// Forgets everything, as the processor may after a day.
    pub fn forget(&mut self) {
        self.0.clear();
    }
}
