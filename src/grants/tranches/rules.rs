//! How tranches live, and when their gates are met.

use crate::core::lifecycle::{Lifecycle, Part, mv, mv2};
use crate::core::plan::Gate;
use crate::living;
use entities::kinds::TrancheStage::{
    self, Batched, Cancelled, Due, Failed, FinanceApproved, FinancePrepared, Paid, Planned, ProgrammeApproved,
    Requested, Returned, Sent,
};

/// Whoever works on a payment may send it back before it is sent.
const STAFF: &[Part] = &[Part::Officer, Part::Finance, Part::Approver];
/// Who takes a tranche out of an award's plan.
const ENDS: &[Part] = &[Part::System];

/// A tranche.
pub const TRANCHE: Lifecycle<TrancheStage> = Lifecycle {
    name: "tranche",
    starts: &[Planned],
    moves: &[
        mv(Planned, "fall-due", Due, &[Part::System]).when("its gates are met and the one before is paid"),
        mv(Due, "request", Requested, &[Part::Signatory]).when("to a usable payee account"),
        mv(Requested, "approve-programme", ProgrammeApproved, &[Part::Officer]),
        mv(ProgrammeApproved, "prepare", FinancePrepared, &[Part::Finance]),
        mv(FinancePrepared, "approve", FinanceApproved, &[Part::Approver]).when("by a different person"),
        mv(FinancePrepared, "approve-third", FinanceApproved, &[Part::Approver]).when("above the threshold"),
        mv(FinanceApproved, "batch", Batched, &[Part::Finance]).when("gets its reference"),
        mv(Batched, "send", Sent, &[Part::Finance]).when("held in the books first"),
        mv(Batched, "open-fund", Paid, &[Part::Finance]).when("a seed fund, without the bank"),
        mv(Sent, "confirm", Paid, &[Part::Finance, Part::Approver]).when("not by who prepared it; with its voucher"),
        mv2(Sent, "fail", Failed, Part::Finance, Part::Approver)
            .when("the bank did not pay; confirmed by who neither prepared nor sent it"),
        mv(Failed, "due-again", Due, &[Part::System]),
        mv2(Paid, "return", Returned, Part::Finance, Part::Approver)
            .when("the money came back whole; confirmed by who neither prepared nor sent it"),
        mv(Returned, "due-again", Due, &[Part::System]),
        mv(Requested, "reject", Due, STAFF).when("with its reason"),
        mv(ProgrammeApproved, "reject", Due, STAFF).when("with its reason"),
        mv(FinancePrepared, "reject", Due, STAFF).when("with its reason"),
        mv(FinanceApproved, "reject", Due, STAFF).when("with its reason"),
        mv(Batched, "reject", Due, STAFF).when("with its reason"),
        mv(Requested, "void", Due, ENDS).when("account or amount changed"),
        mv(ProgrammeApproved, "void", Due, ENDS).when("account or amount changed"),
        mv(FinancePrepared, "void", Due, ENDS).when("account or amount changed"),
        mv(FinanceApproved, "void", Due, ENDS).when("account or amount changed"),
        mv(Batched, "void", Due, ENDS).when("account or amount changed"),
        mv(Planned, "cancel", Cancelled, ENDS).when("the award changed"),
        mv(Due, "cancel", Cancelled, ENDS).when("the award changed or is over"),
    ],
};

living!(tranche, TrancheStage, Tranche, TRANCHE);

/// What holds for an award's gates now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// Both have signed.
    pub signed: bool,
    /// Every owner asked has consented, or nobody had to be asked.
    pub consents: bool,
    /// The mid-term report is accepted or waived.
    pub mid_term_report: bool,
    /// A published mid-term evaluation reached the pass mark.
    pub mid_term_evaluation: bool,
    /// The final report is accepted or waived.
    pub final_report: bool,
}

impl Facts {
    /// Whether this gate is met.
    pub fn met(self, gate: Gate) -> bool {
        match gate {
            Gate::Signature => self.signed,
            Gate::Consents => self.consents,
            Gate::MidTermReport => self.mid_term_report,
            Gate::MidTermEvaluation => self.mid_term_evaluation,
            Gate::FinalReport => self.final_report,
        }
    }
}

/// A tranche as the decision about the next one sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Where it stands.
    pub stage: TrancheStage,
    /// What it waits for.
    pub gates: Vec<Gate>,
}

/// Which tranche falls due now, by its place: the first that is planned, once all before it are paid or cancelled and its gates
/// are met. The last one also waits for the allowable cost, because it is what the award is cut by; a single tranche that is
/// paid before the work has nothing to be cut by.
pub fn next_due(tranches: &[Seen], facts: Facts, allowable_confirmed: bool) -> Option<usize> {
    let open: Vec<usize> = (0..tranches.len()).filter(|i| tranches[*i].stage != Cancelled).collect();
    let next = open.iter().copied().find(|i| tranches[*i].stage != Paid)?;
    let tranche = &tranches[next];
    // A part that came back is appended and due; it is never the one an award is cut by.
    let last = open.iter().rev().find(|i| tranches[**i].stage == Planned) == Some(&next);
    let cut_by_cost = last && (open.len() > 1 || tranche.gates.contains(&Gate::FinalReport));
    let ready = tranche.stage == Planned
        && tranche.gates.iter().all(|gate| facts.met(*gate))
        && (allowable_confirmed || !cut_by_cost);
    ready.then_some(next)
}

/// Takes `excess` off tranches, last first: what each unsent one keeps, and what could not be taken.
pub fn cut(amounts: &[(i64, bool)], mut excess: i64) -> (Vec<i64>, i64) {
    let mut kept: Vec<i64> = amounts.iter().map(|(amount, _)| *amount).collect();
    for (place, (amount, unsent)) in amounts.iter().enumerate().rev() {
        if *unsent {
            let taken = excess.clamp(0, *amount);
            kept[place] = amount - taken;
            excess -= taken;
        }
    }
    (kept, excess.max(0))
}

/// Whether a payment is under way and not yet sent.
pub const fn unsent(stage: TrancheStage) -> bool {
    matches!(stage, Requested | ProgrammeApproved | FinancePrepared | FinanceApproved | Batched)
}

/// Whether its money is in the payable account.
pub const fn payable(stage: TrancheStage) -> bool {
    !matches!(stage, Planned | Cancelled | Paid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(stage: TrancheStage, gates: &[Gate]) -> Seen {
        Seen { stage, gates: gates.to_vec() }
    }

    #[test]
    fn a_tranche_waits_for_its_gates_and_for_the_one_before() {
        let signed = Facts { signed: true, consents: true, ..Facts::default() };
        let plan =
            |first| [seen(first, &[Gate::Signature]), seen(Planned, &[Gate::MidTermEvaluation]), seen(Planned, &[])];
        assert_eq!(next_due(&plan(Planned), Facts::default(), false), None);
        assert_eq!(next_due(&plan(Planned), signed, false), Some(0));
        assert_eq!(next_due(&plan(Sent), Facts { mid_term_evaluation: true, ..signed }, false), None);
        assert_eq!(next_due(&plan(Paid), signed, false), None);
        assert_eq!(next_due(&plan(Paid), Facts { mid_term_evaluation: true, ..signed }, false), Some(1));
    }

    #[test]
    fn the_last_waits_for_the_allowable_cost_unless_it_is_the_only_one_paid_before_the_work() {
        let last = [seen(Paid, &[]), seen(Planned, &[])];
        assert_eq!(next_due(&last, Facts::default(), false), None);
        assert_eq!(next_due(&last, Facts::default(), true), Some(1));
        assert_eq!(next_due(&[seen(Planned, &[])], Facts::default(), false), Some(0));
    }

    #[test]
    fn the_worked_example_cuts_the_last_to_5800() {
        let amounts = [(4_150_000, false), (3_320_000, false), (830_000, true)];
        assert_eq!(cut(&amounts, 250_000), (vec![4_150_000, 3_320_000, 580_000], 0));
        assert_eq!(cut(&amounts, 900_000), (vec![4_150_000, 3_320_000, 0], 70_000));
        assert_eq!(cut(&amounts, -5).0[2], 830_000);
    }
}
