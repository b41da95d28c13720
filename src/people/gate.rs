//! The gate before every password: it counts the attempts that failed, by account and by the address they come from.
//!
//! Whoever asks for a password goes through it, or the gate is walked around: signing in, joining by an invitation, changing the
//! password. An attempt counts from its beginning, so that many at once do not slip through while they are being checked.

use crate::edges::Edges;
use crate::error::{Error, Result};
use chrono::{DateTime, Duration, Utc};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Failures for one e-mail address within [`WINDOW`] before it must rest.
pub const FAILURES_PER_EMAIL: u32 = 10;
/// Failures from one network address within [`WINDOW`]; an office shares one.
pub const FAILURES_PER_ADDRESS: u32 = 100;
/// How long a failure counts.
const WINDOW: Duration = Duration::minutes(15);
/// Addresses remembered before the old ones are swept out.
const REMEMBERED: usize = 10_000;
/// Most that are remembered at all: some fifteen mebibytes.
const MOST_REMEMBERED: usize = 50_000;

/// Failures and when their window began.
type Failures = HashMap<String, (u32, DateTime<Utc>)>;

static FAILED: OnceLock<Mutex<Failures>> = OnceLock::new();

/// An attempt under way, counted as a failure until [`Gate::opened`].
#[derive(Debug)]
pub struct Gate {
    account: String,
    address: Option<String>,
}

impl Gate {
    /// Lets an attempt in and counts it.
    ///
    /// # Errors
    /// `refused-sign-in-often` after too many failures.
    pub fn enter(edges: &Edges, email: &str, from: Option<IpAddr>) -> Result<Self> {
        // Counters belong to one installation: tests run many in one process.
        let house = edges.config.database_url();
        let gate =
            Self { account: format!("{house} mail {email}"), address: from.map(|from| format!("{house} from {from}")) };
        let now = edges.clock.now();
        with_failures(|failures| {
            let limits = [(Some(&gate.account), FAILURES_PER_EMAIL), (gate.address.as_ref(), FAILURES_PER_ADDRESS)];
            let full = |(key, limit): &(Option<&String>, u32)| {
                let counted = key.and_then(|key| failures.get(key));
                counted.is_some_and(|(count, since)| count >= limit && now - *since < WINDOW)
            };
            if limits.iter().any(full) {
                return Err(Error::refused("refused-sign-in-often"));
            }
            if failures.len() > REMEMBERED {
                failures.retain(|_, (_, since)| now - *since < WINDOW);
            }
            // Whoever tries each address once fills no memory: those counted once go first, all of them when that is not enough.
            for least in [2, u32::MAX] {
                if failures.len() > MOST_REMEMBERED {
                    failures.retain(|_, (count, _)| *count >= least);
                }
            }
            for key in limits.iter().filter_map(|(key, _)| *key) {
                let entry = failures.entry(key.clone()).or_insert((0, now));
                if now - entry.1 >= WINDOW {
                    *entry = (0, now);
                }
                entry.0 = entry.0.saturating_add(1);
            }
            Ok(())
        })?;
        Ok(gate)
    }

    /// Lets somebody try a link that is a key in itself (an invitation, a trace); it counts by the network address alone.
    ///
    /// # Errors
    /// `refused-sign-in-often` after too many that led nowhere.
    pub fn knock(edges: &Edges, from: IpAddr) -> Result<Self> {
        // A name of each address's own: one who guesses shuts the door before nobody else.
        Self::enter(edges, &format!("link {from}"), Some(from))
    }

    /// The password was right: the account's failures are forgotten; the network address keeps all but this one.
    pub fn opened(self) {
        with_failures(|failures| {
            failures.remove(&self.account);
            if let Some(entry) = self.address.and_then(|key| failures.get_mut(&key)) {
                entry.0 = entry.0.saturating_sub(1);
            }
        });
    }
}

fn with_failures<T>(act: impl FnOnce(&mut Failures) -> T) -> T {
    let failures = FAILED.get_or_init(Mutex::default);
    act(&mut failures.lock().unwrap_or_else(PoisonError::into_inner))
}
