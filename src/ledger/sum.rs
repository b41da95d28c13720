//! An amount on a day: what recipes post, what lines of the bank move.

use chrono::NaiveDate;
use entities::kinds::Currency;

/// An amount on a day: what every recipe needs.
#[derive(Debug, Clone, Copy)]
pub struct Sum {
    /// Minor units, above zero.
    pub amount_minor: i64,
    /// Currency.
    pub currency: Currency,
    /// Day of the event.
    pub on: NaiveDate,
}
