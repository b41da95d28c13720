//! ISO 4217 currencies as a column.

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// An ISO 4217 currency. Its exponent gives the minor unit of every `_minor` column beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, DeriveValueType)]
#[serde(transparent)]
#[sea_orm(value_type = "String")]
pub struct Currency(pub iso_currency::Currency);

impl Currency {
    /// Renminbi, the currency of the worked example and of the `cn` profile.
    pub const CNY: Self = Self(iso_currency::Currency::CNY);

    /// Three capital letters.
    pub fn code(self) -> &'static str {
        self.0.code()
    }
}

/// Not three letters of ISO 4217.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownCurrency;

impl std::fmt::Display for UnknownCurrency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not an ISO 4217 currency")
    }
}

impl std::error::Error for UnknownCurrency {}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(code: &str) -> Result<Self, UnknownCurrency> {
        iso_currency::Currency::from_code(code).map(Self).ok_or(UnknownCurrency)
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.code())
    }
}
