//! The head of a sealed batch: what is signed, by whom, and how one head names the one before.

use crate::core::merkle::Hash;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// What the first head names as the one before it.
pub const NONE_BEFORE: Hash = [0; 32];

/// What a head says. Its written form ([`Self::text`]) is signed, and its hash stands in the next head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Number of the batch; the first is 1 and none is left out.
    pub batch: i64,
    /// First transfer of the batch.
    pub first: i64,
    /// Last transfer of the batch.
    pub last: i64,
    /// Transfers in the batch.
    pub transfers: i64,
    /// Transfers in all batches up to this one.
    pub total: i64,
    /// Root of the tree over the lines of the batch.
    pub root: Hash,
    /// Hash of the head before; zeros for the first.
    pub previous: Hash,
    /// When it was sealed, in UTC.
    pub at: String,
    /// The public key that signs it.
    pub key: Hash,
}

impl Head {
    /// The written form: one fact a line, in this order, nothing else.
    pub fn text(&self) -> String {
        let mut text = String::from("tributary head 1\n");
        for (name, number) in [
            ("batch", self.batch),
            ("first", self.first),
            ("last", self.last),
            ("transfers", self.transfers),
            ("total", self.total),
        ] {
            let _ = writeln!(text, "{name} {number}");
        }
        let (root, previous, key) = (hex::encode(self.root), hex::encode(self.previous), hex::encode(self.key));
        let _ = writeln!(text, "root {root}\nprevious {previous}\nat {}\nkey {key}", self.at);
        text
    }

    /// The hash by which the next head names this one.
    pub fn hash(&self) -> Hash {
        Sha256::digest(self.text()).into()
    }

    /// Signs it; the head then names this key.
    pub fn sign(mut self, key: &SigningKey) -> Signed {
        self.key = key.verifying_key().to_bytes();
        let signature = key.sign(self.text().as_bytes()).to_bytes();
        Signed { head: self, signature }
    }
}

/// A head with its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// What it says.
    pub head: Head,
    /// Ed25519 over its written form.
    pub signature: [u8; 64],
}

impl Signed {
    /// Whether the key that the head names has signed it.
    pub fn holds(&self) -> bool {
        VerifyingKey::from_bytes(&self.head.key).is_ok_and(|key| {
            key.verify_strict(self.head.text().as_bytes(), &Signature::from_bytes(&self.signature)).is_ok()
        })
    }

    /// Whether it may follow `before`: the next number, later rows, the sum of both, the hash of the one before.
    pub fn follows(&self, before: Option<&Head>) -> bool {
        let (number, last, total, hash) =
            before.map_or((0, 0, 0, NONE_BEFORE), |head| (head.batch, head.last, head.total, head.hash()));
        let head = &self.head;
        head.batch == number + 1
            && head.first > last
            && head.last >= head.first
            && head.transfers > 0
            && Some(head.total) == head.transfers.checked_add(total)
            && head.previous == hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head {
        Head {
            batch: 1,
            first: 1,
            last: 3,
            transfers: 2,
            total: 2,
            root: [1; 32],
            previous: NONE_BEFORE,
            at: "2026-01-05T01:00:00Z".into(),
            key: [0; 32],
        }
    }

    #[test]
    fn a_head_holds_until_one_fact_of_it_changes() {
        let signed = head().sign(&SigningKey::from_bytes(&[3; 32]));
        assert!(signed.holds() && signed.follows(None));
        let changes: [fn(&mut Head); 9] = [
            |head| head.batch += 1,
            |head| head.first += 1,
            |head| head.last += 1,
            |head| head.transfers += 1,
            |head| head.total += 1,
            |head| head.root[31] ^= 1,
            |head| head.previous[0] ^= 1,
            |head| head.at.push('0'),
            |head| head.key = SigningKey::from_bytes(&[4; 32]).verifying_key().to_bytes(),
        ];
        for (place, change) in changes.into_iter().enumerate() {
            let mut other = signed.clone();
            change(&mut other.head);
            assert!(!other.holds(), "fact {place} is not signed");
            assert_ne!(other.head.hash(), signed.head.hash(), "fact {place} is not in the chain");
        }
        let mut bent = signed;
        bent.signature[0] ^= 1;
        assert!(!bent.holds());
    }

    #[test]
    fn heads_follow_each_other_without_a_gap() {
        let key = SigningKey::from_bytes(&[3; 32]);
        let first = head().sign(&key);
        let second =
            Head { batch: 2, first: 4, last: 9, transfers: 5, total: 7, previous: first.head.hash(), ..head() };
        assert!(second.clone().sign(&key).follows(Some(&first.head)));
        assert!(!Head { first: 3, ..second.clone() }.sign(&key).follows(Some(&first.head)), "a row twice");
        assert!(!Head { total: 8, ..second.clone() }.sign(&key).follows(Some(&first.head)));
        assert!(!second.sign(&key).follows(None), "the first is missing");
    }
}
