//! How gifts and platform files live, and what may be taken.

use crate::core::lifecycle::{Lifecycle, Part, mv, mv2};
use crate::living;
use entities::kinds::GiftStage::{
    self, Accepted, Cancelled, Disputed, Expired, Failed, Lapsed, Lost, Offered, Pledged, Processing, Received,
    Refunded, Used,
};
use entities::kinds::ImportStage;

/// A gift: cash through the bank or online, goods in kind, a platform's row, a match.
pub const GIFT: Lifecycle<GiftStage> = Lifecycle {
    name: "gift",
    starts: &[Pledged, Processing, Received, Offered],
    moves: &[
        mv(Pledged, "issue-reference", Processing, &[Part::System, Part::Finance]),
        mv(Pledged, "pay-online", Processing, &[Part::Signatory, Part::Person]).when("through the processor"),
        mv(Pledged, "cancel", Cancelled, &[Part::Signatory, Part::Person]).when("by its donor"),
        mv(Pledged, "lapse", Lapsed, &[Part::System]).when("long past its day"),
        mv2(Processing, "receive", Received, Part::Finance, Part::Approver)
            .when("bank line recorded by another person"),
        mv2(Processing, "return", Failed, Part::Finance, Part::Approver).when("the money goes back to its sender"),
        mv(Processing, "pay", Received, &[Part::System]).when("paid online: amount and currency as ordered"),
        mv(Processing, "fail", Failed, &[Part::System]),
        mv(Processing, "expire", Expired, &[Part::System]).when("no bank line came"),
        mv2(Received, "refund", Refunded, Part::Finance, Part::Approver).when("wholly, and all of it is free"),
        mv(Received, "give-back", Refunded, &[Part::System]).when("the processor gave all of it back"),
        mv(Refunded, "take-back", Received, &[Part::System]).when("the refund came back to the processor"),
        mv(Received, "dispute", Disputed, &[Part::System]),
        mv(Disputed, "reinstate", Received, &[Part::System]),
        mv(Disputed, "lose", Lost, &[Part::System]),
        mv(Offered, "accept", Accepted, &[Part::Approver]).when("valuation basis; a different person"),
        mv(Accepted, "use", Used, &[Part::Officer]),
    ],
};

/// A platform's settlement file.
pub const IMPORT: Lifecycle<ImportStage> = Lifecycle {
    name: "import",
    starts: &[ImportStage::Proposed],
    moves: &[
        mv2(ImportStage::Proposed, "apply", ImportStage::Applied, Part::Finance, Part::Approver),
        mv(ImportStage::Proposed, "decline", ImportStage::Declined, &[Part::Finance, Part::Approver]),
    ],
};

living!(gift, GiftStage, Gift, GIFT);
living!(settlement_import, ImportStage, SettlementImport, IMPORT);

/// A pledge lapses, and a reference expires, so many days after the day it was due.
pub const GRACE_DAYS: i64 = 30;

/// Stages in which a gift counts as given.
pub const GIVEN: &[GiftStage] = &[Received, Accepted, Used];
