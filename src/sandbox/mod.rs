//! A payment processor to play with (沙盒): it speaks as much of Stripe's interface as the house uses, moves no money, and says so on
//! every page.
//!
//! Only the demo and the tests mount it, each with a key of its own; with real keys set nothing of it is reachable. It keeps
//! its state in memory, bounded by [`MANY`], and forgets it when the program ends. Besides the interface (`/sandbox/v1/…`)
//! it has the page on which a payer chooses what happens (`/sandbox/pay/…`), and for tests the ways in which a processor is
//! difficult: answers that are lost, keys that are forgotten, webhooks that come late, twice, at once and out of order.
//!
//! To speak more of the interface: an arm in `api.rs`, its object in `state.rs`, its page in `json.rs`.

mod api;
mod door;
mod form;
mod hooks;
mod json;
mod keys;
mod pages;
mod state;

pub use state::{DisputeEnd, Fault, Happening, Method, Outcome};

use crate::edges::clock::Clock;
use rocket::Route;
use state::State;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where it is mounted.
pub const BASE: &str = "/sandbox";
/// Objects kept of a kind: a demo makes dozens, a test hundreds. Beyond it the sandbox refuses rather than grows.
pub const MANY: usize = 20_000;

/// How a sandbox is set up.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The key that the house must show.
    pub key: String,
    /// The secret that webhooks are signed with.
    pub webhook_secret: String,
    /// Where people reach it, without a slash at the end: `http://127.0.0.1:8000`.
    pub base_url: String,
    /// Where webhooks go, `host:port`; nowhere when empty.
    pub deliver_to: String,
    /// Whether every event is sent at once. Tests send by themselves.
    pub deliver: bool,
}

/// The sandbox.
#[derive(Debug)]
pub struct Sandbox {
    setup: Setup,
    clock: Arc<Clock>,
    state: Mutex<State>,
}

impl Sandbox {
    /// An empty sandbox that goes by the house's clock.
    pub fn new(setup: Setup, clock: Arc<Clock>) -> Arc<Self> {
        Arc::new(Self { setup, clock, state: Mutex::default() })
    }

    fn now(&self) -> i64 {
        self.clock.now().timestamp()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Its routes, to be mounted at `/`.
pub fn routes(sandbox: &Arc<Sandbox>) -> Vec<Route> {
    door::routes(sandbox)
}
