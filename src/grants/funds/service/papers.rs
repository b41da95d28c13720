//! The four documents of a merger or another name: files, filed with the proposal that they are to carry.
//!
//! Source: the foundation's rules of funds, after the model rules of community foundations: termination application, work report, finance
//! report and payment request come before the vote, not after it.

use crate::commons::documents::{self, Kept};
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::people::permission::{As, Permission};
use entities::fund;
use entities::kinds::{DocumentId, DocumentPurpose};
use serde::{Deserialize, Serialize};

/// One of each of the documents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Four<T> {
    /// Termination application.
    pub termination: T,
    /// Work report.
    pub work_report: T,
    /// Finance report.
    pub finance_report: T,
    /// Payment request.
    pub payment_request: T,
}

/// The documents as they came in, each or not.
pub type Papers = Four<Option<Kept>>;
/// The documents as they are filed.
pub type Filed = Four<DocumentId>;

impl<T> Four<T> {
    /// Each with the field that asks for it.
    pub fn each(&self) -> [(&'static str, &T); 4] {
        [
            ("paper_termination", &self.termination),
            ("paper_work", &self.work_report),
            ("paper_finance", &self.finance_report),
            ("paper_payment", &self.payment_request),
        ]
    }
}

/// All four are there, and they are four: one file sent four times proves nothing.
///
/// # Errors
/// Names each field that has no document, or another one's.
pub(super) fn check(papers: &Papers) -> Result<()> {
    let mut wrong = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for (field, paper) in papers.each() {
        match paper {
            None => wrong.push(Violation::at(field, "refused-fund-paper")),
            Some(kept) if seen.contains(&kept.sha256.as_str()) => {
                wrong.push(Violation::at(field, "refused-fund-paper-twice"));
            }
            Some(kept) => seen.push(&kept.sha256),
        }
    }
    crate::commons::texts::all_well(wrong)
}

/// Files them for staff and the initiator.
///
/// # Errors
/// When the database refuses; what [`check`] refuses.
pub(super) async fn file<P: Permission>(tx: &Tx, by: &As<P>, row: &fund::Model, papers: &Papers) -> Result<Filed> {
    let mut filed = Vec::with_capacity(4);
    for (field, paper) in papers.each() {
        let kept = paper.as_ref().ok_or_else(|| Error::field(field, "refused-fund-paper"))?;
        filed.push(documents::file(tx, by, kept, DocumentPurpose::FundPaper, Some(row.initiator_id)).await?);
    }
    let [termination, work_report, finance_report, payment_request] =
        filed.try_into().map_err(|_| Error::Internal("four documents".into()))?;
    Ok(Four { termination, work_report, finance_report, payment_request })
}
