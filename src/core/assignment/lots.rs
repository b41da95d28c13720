//! The lot of a pair: chance that anybody can repeat.

use sha2::{Digest, Sha256};

/// The first four bytes of SHA-256 over seed, application and reviewer, a line each.
pub(super) fn lot(seed: &str, application: &str, reviewer: &str) -> u32 {
    let mut hash = Sha256::new();
    for part in [seed, "\n", application, "\n", reviewer] {
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}
