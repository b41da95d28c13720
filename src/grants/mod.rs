//! The life of a grant, in order. Every room has the same five files: `mod` (what it owns), `rules` (its lifecycle and pure
//! decisions), `service` (one function a verb, one transaction each), `routes` (guard, form, service, redirect) and
//! `view` (what its templates receive, with samples). To add a room, copy `needs`, mount its routes
//! here and name its lifecycle in [`lifecycles`].

pub mod applications;
pub mod awards;
pub mod batches;
pub mod calls;
pub mod committees;
pub mod decisions;
pub mod forms;
pub mod funds;
pub mod gifts;
pub mod needs;
pub mod orders;
pub mod pledges;
pub mod polls;
pub mod reports;
pub mod reviews;
pub mod statements;
pub mod tranches;

use rocket::Route;

/// The routes of all rooms.
pub fn routes() -> Vec<Route> {
    [
        needs::routes::routes(),
        funds::routes::routes(),
        committees::routes::routes(),
        gifts::routes::routes(),
        orders::routes::routes(),
        pledges::routes::routes(),
        statements::routes::routes(),
        forms::routes::routes(),
        calls::routes::routes(),
        applications::routes::routes(),
        reviews::routes::routes(),
        polls::routes::routes(),
        decisions::routes::routes(),
        awards::routes::routes(),
        tranches::routes::routes(),
        batches::routes::routes(),
        reports::routes::routes(),
    ]
    .concat()
}

/// Every lifecycle of the house as a section of `docs/lifecycle.md`, in the order of a grant's life: the rules, who may act and
/// to which account money may go, then from the need to the report. To add one, add its line; a test rewrites the page when
/// `TRIBUTARY_BLESS=1` is set.
pub fn lifecycles() -> Vec<String> {
    vec![
        crate::core::policy::POLICY.document(),
        crate::people::rules::ROLE_GRANT.document(),
        crate::people::rules::MEMBERSHIP.document(),
        crate::people::rules::PAYEE.document(),
        needs::rules::NEED.document(),
        needs::rules::CONSENT.document(),
        funds::rules::FUND.document(),
        funds::rules::POOL.document(),
        committees::rules::MOTION.document(),
        gifts::rules::GIFT.document(),
        gifts::rules::IMPORT.document(),
        pledges::rules::PLAN.document(),
        pledges::rules::INSTALMENT.document(),
        orders::rules::ORDER.document(),
        orders::rules::REFUND.document(),
        orders::rules::DISPUTE.document(),
        orders::rules::EVENT.document(),
        calls::rules::PROGRAMME.document(),
        calls::rules::CALL.document(),
        calls::rules::QUESTION.document(),
        applications::rules::APPLICATION.document(),
        applications::rules::APPEAL.document(),
        applications::rules::SIDE.document(),
        reviews::rules::REVIEW.document(),
        reviews::rules::PITCH.document(),
        polls::rules::POLL.document(),
        decisions::rules::BATCH.document(),
        decisions::rules::ITEM.document(),
        decisions::rules::OBJECTION.document(),
        awards::rules::AWARD.document(),
        awards::rules::CHANGE_REQUEST.document(),
        tranches::rules::TRANCHE.document(),
        batches::rules::PAYMENT_BATCH.document(),
        reports::rules::REPORT.document(),
        reports::rules::EVALUATION.document(),
    ]
}
