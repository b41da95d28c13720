//! Column types with a fixed set of words: stages of lifecycles, kinds, roles.
//!
//! Each word is the text in the database (a CHECK there holds the same list; a test compares them), in JSON and in
//! locale keys. To add a word, add it in the file of its room, in a migration and in both locales; the compiler shows
//! where it matters. The files below follow the rooms, and every word is handed on from here.

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, sea_orm::EnumIter, sea_orm::DeriveActiveEnum)]
        #[derive(serde::Serialize, serde::Deserialize)]
        #[sea_orm(rs_type = "String", db_type = "Text")]
        pub enum $name {
            $(
                #[doc = concat!("`", $text, "`")]
                #[sea_orm(string_value = $text)]
                #[serde(rename = $text)]
                $variant,
            )*
        }

        impl $name {
            /// Every word, in the order of the trade.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in the database, in JSON and in locale keys.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// The word with this text, if there is one.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}

// Below the macro, which they use.
mod bank;
mod bids;
mod calls;
mod committees;
mod commons;
mod giving;
mod grants;
mod judging;
mod money;
mod orders;
mod paying;
mod people;
mod polls;

pub use bank::*;
pub use bids::*;
pub use calls::*;
pub use committees::*;
pub use commons::*;
pub use giving::*;
pub use grants::*;
pub use judging::*;
pub use money::*;
pub use orders::*;
pub use paying::*;
pub use people::*;
pub use polls::*;
