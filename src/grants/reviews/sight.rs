//! What a reviewer may see of a bid: decided here, phase by phase, and nowhere else. Whatever shows a bid to a reviewer takes a
//! [`Sight`], which nobody can make but this file.

use super::reading::still_judging;
use crate::core::answers::{FormDefinition, Question, identifying};
use crate::error::Result;
use crate::people::permission::Context;
use entities::kinds::{CallId, CallStage, ReviewStage};
use entities::{call, review};
use std::collections::BTreeSet;

/// What one reviewer may see of one bid at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sight {
    text: bool,
    identity: bool,
}

/// How blind a call is, and whether it is decided: then there is nothing left to be blind for.
#[derive(Debug, Clone, Copy)]
pub struct Blindness {
    blind: bool,
    named_after_review: bool,
    over: bool,
}

impl From<&call::Model> for Blindness {
    fn from(row: &call::Model) -> Self {
        let over = matches!(row.stage, CallStage::Decided | CallStage::Archived);
        Self { blind: row.blind, named_after_review: row.named_after_review, over }
    }
}

impl Sight {
    /// By the call's rule, where the own review stands, and whether the reviewer has one in the call that is not in yet.
    ///
    /// Before one accepts, only what is needed to find a conflict is shown. Of a blind call who applies is hidden in each phase up to
    /// the one that the call names: as long as the reviewer writes, or until the decision.
    pub fn of(call: Blindness, stage: ReviewStage, writing: bool) -> Self {
        let text = !matches!(stage, ReviewStage::Invited | ReviewStage::Declined | ReviewStage::Recused);
        let own_is_in = stage == ReviewStage::Submitted && !writing;
        let identity = !call.blind || call.over || (call.named_after_review && own_is_in);
        // Who left or was taken out learns no more than they knew.
        let left = matches!(stage, ReviewStage::Declined | ReviewStage::Recused);
        Self { text, identity: identity && !(call.blind && left) }
    }

    /// Whether the whole text is shown, not only what a conflict is found by.
    pub const fn text(self) -> bool {
        self.text
    }

    /// Whether who applies is shown, by name or by what tells it.
    pub const fn identity(self) -> bool {
        self.identity
    }

    /// The questions of a form whose answers are shown.
    pub fn questions(self, form: &FormDefinition) -> BTreeSet<&str> {
        if !self.text {
            return BTreeSet::new();
        }
        let hidden = if self.identity { BTreeSet::new() } else { identifying(form) };
        let all = form.sections.iter().flat_map(|section| &section.questions);
        all.map(|question: &Question| question.id.as_str()).filter(|id| !hidden.contains(id)).collect()
    }
}

/// The calls in which the reader has a review that is not in yet.
///
/// # Errors
/// When the database cannot be read.
pub async fn writing_in(context: &Context) -> Result<Vec<CallId>> {
    match context.actor.person {
        Some(person) => still_judging(context.edges.db.read(), person).await,
        None => Ok(Vec::new()),
    }
}

/// What the reviewer may see of the bid of one own review.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_review(context: &Context, call: &call::Model, row: &review::Model) -> Result<Sight> {
    let writing = writing_in(context).await?.contains(&call.id);
    Ok(Sight::of(call.into(), row.stage, writing))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ReviewStage::{Accepted, Declined, InProgress, Invited, Recused, Reopened, Submitted};

    #[test]
    fn each_phase_hides_what_it_hides() {
        for stage in [Invited, Accepted, InProgress, Reopened, Submitted, Declined, Recused] {
            let text = !matches!(stage, Invited | Declined | Recused);
            for writing in [false, true] {
                let sight = |blind, named_after_review, over| {
                    Sight::of(Blindness { blind, named_after_review, over }, stage, writing)
                };
                let open = sight(false, false, false);
                assert_eq!((open.text(), open.identity()), (text, true), "{stage:?}");
                let strict = sight(true, false, false);
                assert_eq!((strict.text(), strict.identity()), (text, false), "{stage:?}");
                let phased = sight(true, true, false);
                assert_eq!(phased.identity(), stage == Submitted && !writing, "{stage:?} {writing}");
                let decided = sight(true, false, true);
                assert_eq!(decided.identity(), !matches!(stage, Declined | Recused), "{stage:?}");
            }
        }
    }
}
