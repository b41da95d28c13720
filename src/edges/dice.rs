//! Chance, injected: tokens, salts and form keys all come from here.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use sha2::{Digest, Sha256};
use std::sync::Mutex;

/// A source of randomness: the machine's, or a seeded one for plays and tests.
#[derive(Debug)]
pub struct Dice(Mutex<StdRng>);

impl Dice {
    /// Seeded by the machine.
    pub fn fair() -> Self {
        Self(Mutex::new(StdRng::from_os_rng()))
    }

    /// The same throws every time. Never for real secrets.
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }

    /// A token of 256 bits that cannot be guessed, safe in URLs and cookies.
    pub fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }
}

/// Tokens are stored only as this: SHA-256, hex.
pub fn fingerprint(text: impl AsRef<[u8]>) -> String {
    hex::encode(Sha256::digest(text.as_ref()))
}
