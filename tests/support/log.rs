//! What the program logs while tests run: it has one log, and every test of this binary writes into it; so each listens for its
//! own marks.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What one test hears: pieces of the log in which one of its marks stands.
#[derive(Clone, Default)]
pub struct Heard(Arc<Mutex<Vec<u8>>>);

impl Heard {
    /// So far.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

type Listener = (&'static [&'static str], Heard);

static LISTENERS: Mutex<Vec<Listener>> = Mutex::new(Vec::new());

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let piece = String::from_utf8_lossy(bytes);
        for (marks, heard) in LISTENERS.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            if marks.iter().any(|mark| piece.contains(mark)) {
                heard.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Listens to the log, from now on, for these marks.
pub fn listen(marks: &'static [&'static str]) -> Heard {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        let keeper = tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).with_writer(|| Log);
        tracing::subscriber::set_global_default(keeper.with_ansi(false).finish()).unwrap();
    });
    let heard = Heard::default();
    LISTENERS.lock().unwrap_or_else(PoisonError::into_inner).push((marks, heard.clone()));
    heard
}
