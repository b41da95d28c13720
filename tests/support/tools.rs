//! What a test needs from the machine: left out with one line where it is missing, a failure where everything must be there.

use std::io::Write;

/// Whether everything must be there: the checks of the house set `CI=true`.
pub fn everything_is_needed() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

/// Whether the long rounds are asked for.
pub fn long() -> bool {
    std::env::var("TRIBUTARY_LONG").is_ok_and(|value| value == "1")
}

/// Says in one line what was not tested and why. Written past the harness, which would swallow it.
///
/// # Panics
/// Under `CI=true`, where nothing may be left out.
pub fn left_out(what: &str, why: &str) {
    assert!(!everything_is_needed(), "nothing may be left out here: {what}: {why}");
    let _ = writeln!(std::io::stderr(), "left out: {what} ({why})");
}

/// Says something past the harness.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// The program of this name, if it is on the path.
pub fn program(name: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// A throw of dice that can be thrown again: xorshift, enough for choosing events.
#[derive(Debug, Clone)]
pub struct Throws(u64);

impl Throws {
    pub fn seeded(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number of `low..=high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.next() % u64::try_from(high - low + 1).unwrap()).unwrap()
    }
}
