//! Column types: typed keys, words of fixed lists, currency. They import nothing of ours, so everything may import them.

mod currency;
mod ids;
mod words;

pub use currency::{Currency, UnknownCurrency};
pub use ids::*;
pub use words::*;
