//! Merkle trees as RFC 6962 has them: leaves and nodes are hashed apart, a tree of any size has one root.
//!
//! A root stands for every byte of every leaf and for their order. [`proof`] shows that one leaf is under a root with as many
//! hashes as the tree is high; [`consistency`] shows that a tree only grew. Everything here is plain hashing.

use sha2::{Digest, Sha256};

/// A SHA-256.
pub type Hash = [u8; 32];

/// The hash of a leaf: a byte 0 before its bytes, so that no node can be passed off as a leaf.
pub fn leaf(bytes: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(bytes).finalize().into()
}

/// The hash of two subtrees: a byte 1 before them.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    // One block of 65 bytes: a single call costs half of three.
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    Sha256::digest(bytes).into()
}

/// A tree that is read leaf by leaf and keeps only the roots of its full subtrees.
#[derive(Debug, Clone, Default)]
pub struct Growing {
    size: u64,
    peaks: Vec<Hash>,
}

impl Growing {
    /// Adds the hash of the next leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // As many pairs are complete as the old size ends in ones.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                hash = node(&left, &hash);
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// Leaves so far.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root; of nothing it is the hash of nothing.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        match peaks.next() {
            None => Sha256::digest([]).into(),
            Some(last) => peaks.fold(*last, |right, left| node(left, &right)),
        }
    }

    /// Forgets everything and begins anew, in the same memory.
    pub fn clear(&mut self) {
        self.size = 0;
        self.peaks.clear();
    }
}

/// The root over the hashes of leaves.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut tree = Growing::default();
    for leaf in leaves {
        tree.push(*leaf);
    }
    tree.root()
}

/// The largest power of two below a size above one: where RFC 6962 splits a tree.
fn split(size: usize) -> usize {
    1 << (usize::BITS - 1 - (size - 1).leading_zeros())
}

/// What has to be hashed together with the leaf at `place`, from the bottom up; nothing when there is no such leaf.
pub fn proof(leaves: &[Hash], place: usize) -> Vec<Hash> {
    let mut path = Vec::new();
    let (mut leaves, mut place) = (leaves, place);
    if place >= leaves.len() {
        return path;
    }
    while leaves.len() > 1 {
        let (left, right) = leaves.split_at(split(leaves.len()));
        if place < left.len() {
            path.push(root(right));
            leaves = left;
        } else {
            path.push(root(left));
            place -= left.len();
            leaves = right;
        }
    }
    path.reverse();
    path
}

/// Whether a leaf stands at `place` of `size` under a root, by its proof (RFC 9162, 2.1.3.2).
pub fn proves(leaf: &Hash, place: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    if place >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (place, size - 1, *leaf);
    for other in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(other, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, other);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// What shows that the first `size` leaves are the beginning of all of them; nothing when there is nothing to show.
pub fn consistency(leaves: &[Hash], size: usize) -> Vec<Hash> {
    let mut path = Vec::new();
    let (mut leaves, mut size, mut whole) = (leaves, size, true);
    if size == 0 || size >= leaves.len() {
        return path;
    }
    while size != leaves.len() {
        let (left, right) = leaves.split_at(split(leaves.len()));
        if size <= left.len() {
            path.push(root(right));
            leaves = left;
        } else {
            path.push(root(left));
            size -= left.len();
            leaves = right;
            whole = false;
        }
    }
    if !whole {
        path.push(root(leaves));
    }
    path.reverse();
    path
}

/// Whether a tree of `size` with root `old` is the beginning of one of `grown` with root `new` (RFC 9162, 2.1.4.2).
pub fn only_grew(old: (u64, &Hash), new: (u64, &Hash), path: &[Hash]) -> bool {
    let (size, grown) = (old.0, new.0);
    if size == 0 || size > grown {
        return false;
    }
    if size == grown {
        return path.is_empty() && old.1 == new.1;
    }
    // A whole tree of a power of two is its own first hash, and is not told again.
    let told: Vec<Hash> = if size.is_power_of_two() { [&[*old.1], path].concat() } else { path.to_vec() };
    let Some((first, rest)) = told.split_first() else { return false };
    let (mut at, mut last) = (size - 1, grown - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let (mut before, mut after) = (*first, *first);
    for other in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            before = node(other, &before);
            after = node(other, &after);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            after = node(&after, other);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && before == *old.1 && after == *new.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The inputs and roots that the reference implementation of RFC 6962 is tested with.
    const LEAVES: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn known() -> Vec<Hash> {
        LEAVES.iter().map(|text| leaf(&hex::decode(text).unwrap())).collect()
    }

    fn leaves(count: usize) -> Vec<Hash> {
        (0..count).map(|n| leaf(&n.to_be_bytes())).collect()
    }

    /// The tree hash as the RFC defines it, by halves.
    fn by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [one] => *one,
            more => {
                let (left, right) = more.split_at(split(more.len()));
                node(&by_definition(left), &by_definition(right))
            }
        }
    }

    #[test]
    fn the_roots_are_those_of_the_rfc() {
        for (size, wanted) in ROOTS.iter().enumerate() {
            assert_eq!(hex::encode(root(&known()[..size])), *wanted, "{size} leaves");
        }
    }

    #[test]
    fn the_proofs_are_those_of_the_rfc() {
        // The audit paths of the reference implementation for leaves 1 and 6 of 8, and the first of 5.
        let told = |size: usize, place: usize| -> Vec<String> {
            proof(&known()[..size], place).iter().map(|hash| hex::encode(&hash[..4])).collect()
        };
        assert_eq!(told(8, 0), ["96a296d2", "5f083f0a", "6b47aaf2"]);
        assert_eq!(told(8, 5), ["bc1a0643", "ca854ea1", "d37ee418"]);
        assert_eq!(told(3, 2), ["fac54203"]);
        assert_eq!(told(1, 0), [""; 0]);
    }

    proptest! {
        #[test]
        fn a_growing_tree_is_the_tree_of_the_definition(count in 0usize..200) {
            let leaves = leaves(count);
            prop_assert_eq!(root(&leaves), by_definition(&leaves));
        }

        #[test]
        fn every_leaf_is_proved_and_nothing_else(count in 1usize..130, at in 0usize..130, other in 0usize..130, bit in 0usize..256) {
            let leaves = leaves(count);
            let (at, other) = (at % count, other % count);
            let (path, root) = (proof(&leaves, at), root(&leaves));
            let proved = |leaf: &Hash, place: usize, size: usize, path: &[Hash]| {
                proves(leaf, place as u64, size as u64, path, &root)
            };
            prop_assert!(proved(&leaves[at], at, count, &path));
            prop_assert!(path.len() <= 8);
            prop_assert_eq!(proved(&leaves[other], at, count, &path), at == other);
            prop_assert_eq!(proved(&leaves[at], other, count, &path), at == other);
            let mut flipped = leaves[at];
            flipped[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!proved(&flipped, at, count, &path));
            if let Some(first) = path.first() {
                prop_assert!(!proved(&leaves[at], at, count, &path[1..]));
                let mut bent = path.clone();
                bent[0] = *first;
                bent[0][bit / 8] ^= 1 << (bit % 8);
                prop_assert!(!proved(&leaves[at], at, count, &bent));
            }
        }

        #[test]
        fn a_tree_that_grew_is_shown_and_one_that_was_rewritten_is_not(count in 2usize..130, size in 1usize..130, touched in 0usize..130) {
            let leaves = leaves(count);
            let size = size % count + 1;
            let (old, new) = (root(&leaves[..size]), root(&leaves));
            let path = consistency(&leaves, size);
            prop_assert!(only_grew((size as u64, &old), (count as u64, &new), &path));
            let mut other = leaves.clone();
            other[touched % size] = leaf(b"rewritten");
            let path = consistency(&other, size);
            prop_assert!(!only_grew((size as u64, &old), (count as u64, &root(&other)), &path));
        }
    }
}
