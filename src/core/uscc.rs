//! The Unified Social Credit Code (统一社会信用代码) of an organisation, GB 32100-2015.
//!
//! Eighteen characters from thirty-one (no I O Z S V). The weight of place i is 3^(i−1) mod 31 and the last
//! character is 31 − (Σ mod 31), where 31 counts as 0. Because 31 is prime and no weight is a multiple of
//! it, every single wrong character is caught. Owns the form of the code only: whether such an
//! organisation exists is the registry's to say.
//!
//! To add a kind, add its first two characters to [`Uscc::kind`].

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const LENGTH: usize = 18;

/// A code whose check character is right; always eighteen upper-case characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Uscc(String);

/// What kind of body the first two characters name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsccKind {
    /// 51, 社会团体.
    Association,
    /// 52, 民办非企业单位 / 社会服务机构.
    SocialServiceBody,
    /// 53, 基金会.
    Foundation,
    /// 91, 企业.
    Company,
    /// Any other registering authority.
    Other,
}

/// Why a code was refused. [`UsccError::code`] is the locale key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsccError {
    /// Not eighteen characters; how many there were.
    #[error("{0} characters instead of 18")]
    Length(usize),
    /// A character outside the alphabet.
    #[error("'{found}' at place {place} is not used in a code")]
    Character {
        /// Place, counted from 1.
        place: usize,
        /// What stood there.
        found: char,
    },
    /// Everything is well formed, but the last character does not follow from the others: a typing slip.
    #[error("the check character does not fit: there is a slip in the code")]
    Check,
}

impl UsccError {
    /// The locale key of this refusal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Length(_) => "uscc-length",
            Self::Character { .. } => "uscc-character",
            Self::Check => "uscc-check",
        }
    }
}

impl Uscc {
    /// Reads a code as typed: blanks around it are dropped, lower case is read as upper case.
    ///
    /// # Errors
    /// [`UsccError`] by kind: length first, then the first odd character, then the check character.
    pub fn parse(text: &str) -> Result<Self, UsccError> {
        let code = text.trim().to_ascii_uppercase();
        let length = code.chars().count();
        if length != LENGTH {
            return Err(UsccError::Length(length));
        }
        let mut values = Vec::with_capacity(LENGTH);
        for (place, found) in code.chars().enumerate() {
            let value = value_of(found).ok_or(UsccError::Character { place: place + 1, found })?;
            values.push(value);
        }
        if values.last() != Some(&check_value(&values)) {
            return Err(UsccError::Check);
        }
        Ok(Self(code))
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first two characters: registering authority and kind of body.
    #[must_use]
    pub fn prefix(&self) -> &str {
        self.0.get(..2).unwrap_or_default()
    }

    /// The kind of body named by [`Uscc::prefix`].
    #[must_use]
    pub fn kind(&self) -> UsccKind {
        match self.prefix() {
            "51" => UsccKind::Association,
            "52" => UsccKind::SocialServiceBody,
            "53" => UsccKind::Foundation,
            "91" => UsccKind::Company,
            _ => UsccKind::Other,
        }
    }
}

fn value_of(character: char) -> Option<usize> {
    ALPHABET.iter().position(|known| char::from(*known) == character)
}

/// The value the last character must have, from the seventeen before it.
fn check_value(values: &[usize]) -> usize {
    let mut weight = 1;
    let mut sum = 0;
    for value in values.iter().take(LENGTH - 1) {
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    (31 - sum % 31) % 31
}

impl fmt::Display for Uscc {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Uscc {
    type Err = UsccError;

    fn from_str(text: &str) -> Result<Self, UsccError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Uscc {
    type Error = UsccError;

    fn try_from(text: String) -> Result<Self, UsccError> {
        Self::parse(&text)
    }
}

impl From<Uscc> for String {
    fn from(code: Uscc) -> Self {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const VALID: [&str; 16] = [
        "91350100M000100Y43",
        "53999999TE0000010K",
        "91999999TE0000037D",
        "52999999TE00000459",
        "52999999TE00000534",
        "52999999TE0000061Y",
        "91999999TE0000088M",
        "91999999TE0000096G",
        "91999999TE00001096",
        "91999999TE00001171",
        "91999999TE0000125U",
        "91999999TE0000133N",
        "91999999TE0000141H",
        "91999999TE000015X9",
        "91999999TE00001689",
        "91999999TE00001764",
    ];

    #[test]
    fn the_codes_of_the_worked_example_are_valid() {
        for text in VALID {
            assert_eq!(Uscc::parse(text).map(|code| code.to_string()), Ok(text.into()));
        }
        assert_eq!(Uscc::parse(" 91350100m000100y43\n").unwrap().as_str(), VALID[0]);
    }

    #[test]
    fn the_first_two_name_the_kind() {
        let kind = |text: &str| Uscc::parse(text).unwrap().kind();
        assert_eq!(kind(VALID[0]), UsccKind::Company);
        assert_eq!(kind(VALID[1]), UsccKind::Foundation);
        assert_eq!(kind(VALID[3]), UsccKind::SocialServiceBody);
        assert_eq!(kind("000000000000000000"), UsccKind::Other);
    }

    #[test]
    fn a_refusal_names_its_place() {
        assert_eq!(Uscc::parse(""), Err(UsccError::Length(0)));
        assert_eq!(Uscc::parse("52999999TE0000045"), Err(UsccError::Length(17)));
        let odd = UsccError::Character { place: 9, found: 'S' };
        assert_eq!(Uscc::parse("52999999SE00000459"), Err(odd));
        assert_eq!(Uscc::parse("52999999TE00000458"), Err(UsccError::Check));
        assert!(serde_json::from_str::<Uscc>("\"52999999TE00000458\"").is_err());
        assert!(serde_json::from_str::<Uscc>("\"52999999TE00000459\"").is_ok());
    }

    proptest! {
        #[test]
        fn every_single_slip_is_caught(
            body in prop::collection::vec(0..31_usize, 17),
            place in 0..18_usize,
            other in prop_oneof![(0..31_usize).prop_map(|value| char::from(ALPHABET[value])), any::<char>()],
        ) {
            let check = check_value(&body);
            let code: Vec<char> = body.iter().chain([&check]).map(|value| char::from(ALPHABET[*value])).collect();
            prop_assert!(Uscc::parse(&code.iter().collect::<String>()).is_ok());
            let mut slipped = code.clone();
            slipped[place] = other.to_ascii_uppercase();
            prop_assume!(slipped != code);
            prop_assert!(Uscc::parse(&slipped.iter().collect::<String>()).is_err());
        }
    }
}
