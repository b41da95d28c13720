//! How orders, their refunds and disputes and the processor's events live, and how its words are read.

use crate::core::lifecycle::{Lifecycle, Part, mv, mv2};
use crate::living;
use entities::kinds::{CardRefundStage, DisputeStage, OrderStage, ProcessorEventStage};

const SYSTEM: &[Part] = &[Part::System];

/// An order: one checkout session.
pub const ORDER: Lifecycle<OrderStage> = Lifecycle {
    name: "order",
    starts: &[OrderStage::Opening],
    moves: &[
        mv(OrderStage::Opening, "open", OrderStage::Open, SYSTEM).when("the processor has the session"),
        mv(OrderStage::Opening, "fail", OrderStage::Failed, SYSTEM).when("the processor refused it"),
        mv(OrderStage::Open, "wait", OrderStage::Processing, SYSTEM).when("a delayed method: completed, not paid yet"),
        mv(OrderStage::Open, "pay", OrderStage::Paid, SYSTEM).when("amount and currency as ordered; posted"),
        mv(OrderStage::Open, "fail", OrderStage::Failed, SYSTEM),
        mv(OrderStage::Open, "expire", OrderStage::Expired, SYSTEM),
        mv(OrderStage::Processing, "pay", OrderStage::Paid, SYSTEM).when("amount and currency as ordered; posted"),
        mv(OrderStage::Processing, "fail", OrderStage::Failed, SYSTEM),
        mv2(OrderStage::Open, "end", OrderStage::Failed, Part::Finance, Part::Approver)
            .when("odd, nothing booked, and sent back at the processor"),
        mv2(OrderStage::Processing, "end", OrderStage::Failed, Part::Finance, Part::Approver)
            .when("odd, nothing booked, and sent back at the processor"),
    ],
};

/// A refund through the processor.
pub const REFUND: Lifecycle<CardRefundStage> = Lifecycle {
    name: "card-refund",
    starts: &[CardRefundStage::Held],
    moves: &[
        mv(CardRefundStage::Held, "send", CardRefundStage::Sent, SYSTEM).when("the processor has it"),
        mv(CardRefundStage::Held, "free", CardRefundStage::Void, &[Part::System, Part::Finance])
            .when("the processor refused it, or never had it"),
        mv(CardRefundStage::Sent, "post", CardRefundStage::Posted, SYSTEM),
        mv(CardRefundStage::Sent, "free", CardRefundStage::Void, SYSTEM).when("it failed"),
        mv(CardRefundStage::Posted, "return", CardRefundStage::Returned, SYSTEM).when("it failed after all"),
    ],
};

/// A dispute.
pub const DISPUTE: Lifecycle<DisputeStage> = Lifecycle {
    name: "dispute",
    starts: &[DisputeStage::Inquiry, DisputeStage::Open],
    moves: &[
        mv(DisputeStage::Inquiry, "escalate", DisputeStage::Open, SYSTEM),
        mv(DisputeStage::Inquiry, "close", DisputeStage::Closed, SYSTEM).when("nothing was withdrawn"),
        mv(DisputeStage::Inquiry, "win", DisputeStage::Won, SYSTEM),
        mv(DisputeStage::Inquiry, "lose", DisputeStage::Lost, SYSTEM),
        mv(DisputeStage::Open, "close", DisputeStage::Closed, SYSTEM).when("nothing stays withdrawn"),
        mv(DisputeStage::Open, "win", DisputeStage::Won, SYSTEM).when("the money is back"),
        mv(DisputeStage::Open, "lose", DisputeStage::Lost, SYSTEM),
    ],
};

/// What the processor told us.
pub const EVENT: Lifecycle<ProcessorEventStage> = Lifecycle {
    name: "processor-event",
    starts: &[ProcessorEventStage::New],
    moves: &[
        mv(ProcessorEventStage::New, "apply", ProcessorEventStage::Applied, SYSTEM),
        mv(ProcessorEventStage::New, "ignore", ProcessorEventStage::Ignored, SYSTEM).when("it moves no money of ours"),
        mv(ProcessorEventStage::New, "park", ProcessorEventStage::Parked, SYSTEM)
            .when("nobody understands it; finance is told"),
        mv(ProcessorEventStage::Parked, "settle", ProcessorEventStage::Settled, &[Part::Finance]).when("with a note"),
    ],
};

living!(online_order, OrderStage, Order, ORDER);
living!(card_refund, CardRefundStage, CardRefund, REFUND);
living!(dispute, DisputeStage, Dispute, DISPUTE);
living!(processor_event, ProcessorEventStage, ProcessorEvent, EVENT);

/// Largest amount of one order, in minor units: eight digits is what the processor takes.
pub const MOST_MINOR: i64 = 99_999_999;

/// How long a donor may take to pay, in minutes. The processor allows half an hour to a day; a fund may begin to close meanwhile,
/// and is closed only once the gift is received or over.
pub const OPEN_MINUTES: i64 = 60;

/// The processor keeps the answer to a key for a day and may forget it then: after this many hours nothing is sent again.
pub const KEY_HOURS: i64 = 23;

/// What a session and its payment say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Still to be paid.
    Open,
    /// Completed, and the money is on its way.
    Processing,
    /// The money is there.
    Paid,
    /// It will not come.
    Failed,
    /// Nobody paid in time.
    Expired,
    /// Words we do not know.
    Unknown,
}

/// Reads a session's status with its payment's. "complete" is not "paid": delayed methods take days.
pub fn read(session: Option<&str>, payment: Option<&str>) -> Said {
    match (session, payment) {
        // Whatever the session says, money that is there is there.
        (_, Some("succeeded")) => Said::Paid,
        (Some("complete"), Some("processing")) | (Some("open"), Some("processing")) => Said::Processing,
        (Some("open"), None | Some("requires_payment_method" | "requires_action" | "requires_confirmation")) => {
            Said::Open
        }
        (Some("complete"), Some("requires_payment_method" | "canceled")) => Said::Failed,
        // A code is shown or the bank is asked: the donor must still do something, or somebody must still confirm.
        (Some("complete"), Some("requires_action" | "requires_confirmation") | None) => Said::Processing,
        (Some("expired"), None | Some("requires_payment_method" | "canceled" | "requires_action")) => Said::Expired,
        _ => Said::Unknown,
    }
}

/// Where a dispute stands by the processor's word.
pub fn read_dispute(status: &str) -> Option<DisputeStage> {
    Some(match status {
        "warning_needs_response" | "warning_under_review" => DisputeStage::Inquiry,
        "needs_response" | "under_review" => DisputeStage::Open,
        "warning_closed" | "prevented" => DisputeStage::Closed,
        "won" => DisputeStage::Won,
        "lost" => DisputeStage::Lost,
        _ => return None,
    })
}

/// What a refund's word means for the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundSaid {
    /// On its way.
    Sent,
    /// Made.
    Posted,
    /// Not made, or undone.
    Failed,
}

/// Where a refund stands by the processor's word.
pub fn read_refund(status: Option<&str>) -> Option<RefundSaid> {
    Some(match status {
        Some("pending" | "requires_action") => RefundSaid::Sent,
        Some("succeeded") => RefundSaid::Posted,
        Some("failed" | "canceled") => RefundSaid::Failed,
        _ => return None,
    })
}

/// What to do when an event of a type comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concern {
    /// A payment of an order: look the order up.
    Order,
    /// A payout: look it up.
    Payout,
    /// Nothing that moves money of ours.
    Nothing,
    /// Nobody thought of it: park it.
    Unknown,
}

/// Events that only say what the processor keeps beside the payments.
const HARMLESS: [&str; 14] = [
    "account.",
    "balance.available",
    "billing_portal.",
    "capability.",
    "coupon.",
    "customer.",
    "file.",
    "payment_link.",
    "payment_method.",
    "person.",
    "price.",
    "product.",
    "promotion_code.",
    "setup_intent.",
];

/// Which concern an event's type is.
pub fn concern(kind: &str) -> Concern {
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| kind.starts_with(prefix));
    if begins(&["checkout.session.", "payment_intent.", "charge.", "refund."]) {
        Concern::Order
    } else if kind.starts_with("payout.") {
        Concern::Payout
    } else if begins(&HARMLESS) {
        Concern::Nothing
    } else {
        Concern::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_is_not_paid_and_unknown_words_are_never_money() {
        assert_eq!(read(Some("complete"), Some("processing")), Said::Processing);
        assert_eq!(read(Some("complete"), Some("succeeded")), Said::Paid);
        assert_eq!(read(Some("complete"), Some("requires_payment_method")), Said::Failed);
        assert_eq!(read(Some("open"), Some("requires_payment_method")), Said::Open);
        assert_eq!(read(Some("expired"), Some("succeeded")), Said::Paid);
        assert_eq!(read(Some("expired"), None), Said::Expired);
        for (session, payment) in [(Some("frozen"), None), (None, None), (Some("open"), Some("requires_capture"))] {
            assert_eq!(read(session, payment), Said::Unknown);
        }
        assert_eq!(read_dispute("warning_odd"), None);
        assert_eq!(read_refund(Some("odd")), None);
        assert_eq!(read_refund(None), None);
    }

    #[test]
    fn an_event_nobody_thought_of_is_parked() {
        assert_eq!(concern("charge.dispute.funds_withdrawn"), Concern::Order);
        assert_eq!(concern("payout.paid"), Concern::Payout);
        assert_eq!(concern("customer.updated"), Concern::Nothing);
        for kind in ["radar.early_fraud_warning.created", "review.opened", "transfer.created", "x"] {
            assert_eq!(concern(kind), Concern::Unknown, "{kind}");
        }
    }
}
