//! Giving through the processor: orders, refunds, disputes, what it told us.

words! {
    /// Stages of an online order.
    OrderStage {
        Opening = "opening",
        Open = "open",
        Processing = "processing",
        Paid = "paid",
        Failed = "failed",
        Expired = "expired",
    }
    /// Stages of a refund through the processor.
    CardRefundStage {
        Held = "held",
        Sent = "sent",
        Posted = "posted",
        Void = "void",
        Returned = "returned",
    }
    /// Stages of a dispute.
    DisputeStage {
        Inquiry = "inquiry",
        Open = "open",
        Won = "won",
        Lost = "lost",
        Closed = "closed",
    }
    /// Stages of what the processor told us.
    ProcessorEventStage {
        New = "new",
        Applied = "applied",
        Ignored = "ignored",
        Parked = "parked",
        Settled = "settled",
    }
}
