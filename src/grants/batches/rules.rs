//! How a batch of payments lives, and on which days a bank is asked to pay.

use crate::core::lifecycle::{Lifecycle, Part, mv, mv2};
use crate::living;
use chrono::{Days, NaiveDate};
use entities::kinds::PaymentBatchStage::{self, Dissolved, Drafted, Frozen, Sent};

/// Days ahead that a bank takes an order for: beyond them approvals would be old when the money leaves.
pub const AHEAD: u64 = 30;

/// A batch of payments.
pub const PAYMENT_BATCH: Lifecycle<PaymentBatchStage> = Lifecycle {
    name: "payment-batch",
    starts: &[Drafted],
    moves: &[
        mv(Drafted, "freeze", Frozen, &[Part::Finance])
            .when("its file is made; what was changed for the bank was shown"),
        mv(Frozen, "thaw", Drafted, &[Part::Finance]).when("nothing left the house; its file is thrown away"),
        mv2(Frozen, "send", Sent, Part::Finance, Part::Finance)
            .when("by who neither made nor froze it; every payment is held in the books before the file can be taken"),
        mv(Drafted, "dissolve", Dissolved, &[Part::Finance]).when("its payments keep their approvals and references"),
        mv(Frozen, "dissolve", Dissolved, &[Part::Finance]).when("its payments keep their approvals and references"),
    ],
};

living!(payment_batch, PaymentBatchStage, PaymentBatch, PAYMENT_BATCH);

/// Whether a bank may be asked today to pay on a day.
pub fn day_is_near(today: NaiveDate, day: NaiveDate) -> bool {
    day >= today && today.checked_add_days(Days::new(AHEAD)).is_some_and(|last| day <= last)
}

/// A BIC (ISO 9362), or none.
pub fn bic(text: &str) -> Option<String> {
    let bic = text.trim().to_ascii_uppercase();
    let form = matches!(bic.len(), 8 | 11)
        && bic.chars().all(|c| c.is_ascii_alphanumeric())
        && bic.chars().take(6).all(|c| c.is_ascii_alphabetic());
    (bic.is_empty() || form).then_some(bic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_today_or_near() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 1, d).unwrap();
        assert!(day_is_near(day(5), day(5)) && day_is_near(day(1), day(31)));
        assert!(!day_is_near(day(5), day(4)));
        assert!(!day_is_near(day(1), NaiveDate::from_ymd_opt(2026, 2, 1).unwrap()));
    }

    #[test]
    fn a_bic_is_known_by_its_form() {
        assert_eq!(bic(" bkchcnbj ").as_deref(), Some("BKCHCNBJ"));
        assert_eq!(bic("").as_deref(), Some(""));
        assert_eq!((bic("BKCHCNBJ1"), bic("1KCHCNBJ"), bic("BKCH NBJ")), (None, None, None));
    }
}
