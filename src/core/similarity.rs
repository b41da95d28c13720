//! How much two texts are alike: the share of their shingles (runs of characters) that both have. Copied with a few words
//! changed, a text keeps nearly all of them; two honest texts about the same street share few.

use std::collections::{BTreeMap, BTreeSet};

/// Characters in a shingle: long enough that common words do not count, short enough for Chinese.
const SHINGLE: usize = 5;
/// From how many shingles on a text says enough to be compared.
const ENOUGH: usize = 40;
/// From how many hundredths on two texts are nearly equal.
pub const NEARLY: u32 = 60;

/// The shingles of a text, hashed, its spaces, signs and capitals left out.
#[must_use]
pub fn shingles(text: &str) -> BTreeSet<u64> {
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    letters.windows(SHINGLE).map(hashed).collect()
}

/// FNV-1a: the same on every machine and every day.
fn hashed(run: &[char]) -> u64 {
    run.iter().fold(0xcbf2_9ce4_8422_2325, |hash, c| (hash ^ u64::from(*c)).wrapping_mul(0x0100_0000_01b3))
}

/// How much two texts share, in hundredths; zero when one says too little to be compared.
#[must_use]
pub fn alike(one: &BTreeSet<u64>, other: &BTreeSet<u64>) -> u32 {
    if one.len() < ENOUGH || other.len() < ENOUGH {
        return 0;
    }
    let both = one.intersection(other).count();
    let all = one.len() + other.len() - both;
    u32::try_from(both * 100 / all.max(1)).unwrap_or(0)
}

/// Most texts that may share a shingle before it is a turn of phrase that says nothing.
const COMMON: usize = 40;

/// The pairs of texts that are nearly equal, by their places, with how much they share. Only texts that share a rare run of characters
/// are compared, so that a thousand texts are a second's work and not half a million comparisons.
#[must_use]
pub fn near_pairs(texts: &[BTreeSet<u64>]) -> Vec<(usize, usize, u32)> {
    let mut holders: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (place, text) in texts.iter().enumerate() {
        for shingle in text {
            holders.entry(*shingle).or_default().push(place);
        }
    }
    let mut shared: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for places in holders.values().filter(|places| (2..=COMMON).contains(&places.len())) {
        for (n, one) in places.iter().enumerate() {
            for other in &places[n + 1..] {
                *shared.entry((*one, *other)).or_default() += 1;
            }
        }
    }
    let worth = shared.into_iter().filter(|(_, count)| *count >= ENOUGH / 4).map(|(pair, _)| pair);
    let judged = worth.map(|(one, other)| (one, other, alike(&texts[one], &texts[other])));
    judged.filter(|(.., near)| *near >= NEARLY).collect()
}

/// A text as two sides of an equal sign: digits and letters only, `""` when it says too little to mean anything.
#[must_use]
pub fn bare(text: &str) -> String {
    let bare: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if bare.chars().count() < SHINGLE { String::new() } else { bare }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WALL: &str = "航中街外墙长八十三米，墙面凹凸不平，雨后积水，线缆松脱。我们与九个产权单位商定，先修墙面，再请居民画上社区的故事，\
                        最后由志愿者每月巡查一次，三年内免费修补。";

    #[test]
    fn a_copy_with_a_few_words_changed_is_found() {
        let copy = WALL.replace("航中街", "光华街").replace("八十三", "九十二").replace('。', ". ");
        let near = alike(&shingles(WALL), &shingles(&copy));
        assert!(near >= NEARLY, "{near}");
        assert_eq!(alike(&shingles(WALL), &shingles(WALL)), 100);
    }

    #[test]
    fn two_honest_texts_on_the_same_street_are_not() {
        let other = "航中街缺少一处可以坐下的地方。我们打算在转角铺设木座椅，种两排桂花，请街上的老人说说从前的样子，录成十段声音，\
                     扫码即可收听，并在重阳节办一次街头茶会。";
        let near = alike(&shingles(WALL), &shingles(other));
        assert!(near < 20, "{near}");
    }

    #[test]
    fn of_many_texts_only_the_copies_are_paired() {
        let mut texts: Vec<BTreeSet<u64>> = (0..60_u32)
            .map(|n| {
                shingles(
                    &(0..120)
                        .map(|k| char::from_u32(0x4e00 + (n * 131 + k * 7) % 9_000).unwrap_or('一'))
                        .collect::<String>(),
                )
            })
            .collect();
        texts.push(shingles(WALL));
        texts.push(shingles(&WALL.replace("航中街", "光华街")));
        let found: Vec<(usize, usize)> = near_pairs(&texts).into_iter().map(|(one, other, _)| (one, other)).collect();
        assert_eq!(found, [(60, 61)]);
    }

    #[test]
    fn what_says_too_little_is_never_alike() {
        assert_eq!(alike(&shingles("外墙整治"), &shingles("外墙整治")), 0);
        assert_eq!(alike(&shingles(""), &shingles("")), 0);
        assert_eq!(bare("028-8888 1234"), "02888881234");
        assert_eq!(bare("110"), "");
    }
}
