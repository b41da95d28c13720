//! How many organisations a call's rules would leave, before it opens: the register once, then the same examination as for one.

use super::rules::eligibility_of;
use crate::core::eligibility::{BARRED, Rule, is_eligible};
use crate::error::Result;
use crate::grants::applications::eligibility::{of_organisation, register};
use crate::people::permission::Context;
use chrono::NaiveDate;
use entities::call;

/// What the rules would leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Organisations on record.
    pub all: usize,
    /// Those who meet every rule about organisations and are not barred.
    pub eligible: usize,
    /// How many each rule leaves out by itself, in the order of the rules.
    pub left_out: Vec<(Rule, usize)>,
    /// How many are barred after a breach, whatever the rules say.
    pub barred: usize,
}

/// Holds every organisation against the rules of a call, as on a day.
///
/// # Errors
/// When the database cannot be read.
pub async fn reach(by: &Context, row: &call::Model, today: NaiveDate) -> Result<Reach> {
    let rules: Vec<Rule> = eligibility_of(row).into_iter().filter(of_organisation).collect();
    let register = register(by.edges.db.read(), None, today).await?;
    let mut left_out: Vec<(Rule, usize)> = rules.iter().map(|rule| (rule.clone(), 0)).collect();
    let (mut all, mut eligible, mut barred) = (0, 0, 0);
    for one in register.organisations() {
        all += 1;
        let host = register.host_of(one);
        let Some(facts) = register.facts(one, host) else { continue };
        let found = register.examined(&rules, &facts, one, host);
        eligible += usize::from(is_eligible(&found));
        barred += usize::from(found.iter().any(|finding| finding.code == BARRED));
        for (finding, (_, count)) in found.iter().zip(&mut left_out) {
            *count += usize::from(!finding.ok);
        }
    }
    Ok(Reach { all, eligible, left_out, barred })
}
