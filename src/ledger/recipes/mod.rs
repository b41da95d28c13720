//! The table of postings: one function an event, called inside the transaction of its change. To add one, write its word in
//! `kinds::Recipe`, its function in the file of what moves, its row here and in `docs/ARCHITECTURE.md`, its label `entry-<recipe>`.
//!
//! | event | debit → credit |
//! |---|---|
//! | capital | bank → operating reserve |
//! | pool funded / returned | operating reserve ↔ match pool |
//! | pledge / ended | memo pair |
//! | bank receipt | bank → suspense; when matched suspense → fund available |
//! | a line nobody can place | bank → suspense; returned suspense → bank |
//! | bank fee | bank fees → bank |
//! | suspense returned | suspense → bank |
//! | refund | pending fund available → bank, then post or void |
//! | card paid | processor clearing → fund available, gross |
//! | processor fee | processor fees → processor clearing; fund available → fee recovery where the fund bears it |
//! | processor payout | bank, or suspense where its line came first → processor clearing; reversed when the bank rejects it |
//! | card refund | pending fund available → processor clearing, then post or void; when it fails after all back to the fund, its successor, or suspense |
//! | dispute | fund available (what is there) and dispute loss → processor clearing, with its fees; a refund freed meanwhile covers the loss: fund available → dispute loss; reinstated: the same legs back |
//! | match / reversed | match pool ↔ fund available |
//! | item reserved / released | fund available ↔ award committed, fee included |
//! | tranche due / reduced | award committed ↔ award payable |
//! | payment sent | pending award payable → bank, then post (with the fee) or void |
//! | fee | award committed → fee recovery, with the post |
//! | payment returned | reverses post and fee; in part bank → award payable |
//! | award closed | award committed → fund available |
//! | grantee returned | bank → fund available |
//! | seed fund | award payable → the new fund's available |
//! | fund moved | fund available → the other fund's |
//! | in kind | memo pair |

mod awards;
mod bank;
mod cards;
mod disputes;
mod funds;
mod gifts;
mod payments;

pub use super::sum::Sum;
pub use awards::{grantee_returned, released, reserved, tranche_due, tranche_reduced};
pub use bank::{bank_fee, suspense_received, suspense_sent_back};
pub use cards::{
    card_paid, card_refund_fund, card_refund_held, card_refund_posted, card_refund_returned, card_refund_void,
    payout_failed, processor_fee, processor_payout,
};
pub use disputes::{
    Disputed, dispute_cover_undone, dispute_fee, dispute_loss_covered, dispute_reinstated, dispute_withdrawn,
};
pub use funds::{capital, fund_moved, match_reversed, match_reversed_so_far, matched, pool_funded, pool_returned};
pub use gifts::{
    bank_receipt, in_kind, in_kind_used, pledge, pledge_ended, refund_held, refund_posted, refund_void,
    suspense_matched, suspense_returned,
};
pub use payments::{payment_posted, payment_returned, payment_sent, payment_void, seed_fund};

use super::books::Entry;
use entities::kinds::{AwardId, DecisionItemId, FundId, Recipe, Subject, TrancheId};

impl Sum {
    fn entry(self, recipe: Recipe, subject: Subject, id: i64) -> Entry {
        Entry { recipe, subject: (subject, id), occurred_on: self.on, fund: None, award: None, currency: self.currency }
    }

    fn of_fund(self, fund: FundId, recipe: Recipe, subject: Subject, id: i64) -> Entry {
        Entry { fund: Some(fund), ..self.entry(recipe, subject, id) }
    }
}

/// Where a tranche's money is: fund, award, decision and tranche.
#[derive(Debug, Clone, Copy)]
pub struct TranchePlace {
    /// Fund that pays.
    pub fund: FundId,
    /// Award.
    pub award: AwardId,
    /// Decision that committed it.
    pub item: DecisionItemId,
    /// Tranche.
    pub tranche: TrancheId,
}

impl TranchePlace {
    fn entry(self, recipe: Recipe, sum: Sum) -> Entry {
        Entry { award: Some(self.award), ..sum.of_fund(self.fund, recipe, Subject::Tranche, self.tranche.0) }
    }
}
