//! Online orders (线上支付): what a donor pays through the processor, its refunds and disputes, and what the processor tells us.
//!
//! Owns `online_order`, `card_refund`, `dispute` and `processor_event`. A webhook is a hint and never the truth: whatever comes,
//! late, twice or out of order, the order is looked up at the processor and the books follow what stands there
//! (`service::truth`). So every order of the same events ends in the same state. What we do not understand is not ignored:
//! the order is marked odd, or the event parked, and finance is told.

pub mod routes;
pub mod rules;
pub mod service;
pub mod view;
