//! The press (排版): sets a document as PDF from a template of `templates/press` and the data it is to say.
//!
//! Data travels beside the template, never inside it: a `#` in a name is a `#` on paper. Nothing here asks the clock, so the
//! same data gives the same bytes. To add a document: its template, a variant of [`Form`] with its row in [`Form::ALL`], and a
//! struct of data in its room (`web::papers::Paper`).
//!
//! A house without a font for Chinese, or built without the feature `pdf`, has no press; its pages print, and say so.

#[cfg(feature = "pdf")]
mod fonts;
#[cfg(feature = "pdf")]
mod setting;

use std::path::PathBuf;
#[cfg(feature = "pdf")]
use std::sync::Arc;
#[cfg(feature = "pdf")]
use std::time::Duration;
#[cfg(feature = "pdf")]
use tokio::sync::{OnceCell, Semaphore};

/// Documents set at once. Setting is work for a processor: more at once would only slow the pages.
#[cfg(feature = "pdf")]
const AT_ONCE: usize = 2;
/// Documents that wait for their turn. Who comes after them is asked to come again: waiting longer than this helps nobody.
#[cfg(feature = "pdf")]
const WAITING: usize = 30;
/// Longest that somebody waits for a document, its turn included.
#[cfg(feature = "pdf")]
const PATIENCE: Duration = Duration::from_secs(30);
/// Most data of one document: an agreement of forty pages, a statement of some hundred lines in each of two currencies.
#[cfg(feature = "pdf")]
const MOST_DATA: usize = 1024 * 1024;

/// A document that can be set: one row here, one template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The fund agreement (基金设立协议).
    FundAgreement,
    /// The grant agreement (资助协议).
    GrantAgreement,
    /// The acknowledgement of a gift (捐赠确认函).
    Acknowledgement,
    /// The yearly statement of a donor.
    Statement,
    /// The minutes of a panel (评审会议纪要).
    Minutes,
    /// A whole bid (申报书).
    Application,
    /// What an applicant is told after the decision (评审意见反馈).
    Feedback,
}

impl Form {
    /// Every form with its template's name and text.
    pub const ALL: [(Self, &'static str, &'static str); 7] = [
        (Self::FundAgreement, "/fund-agreement.typ", include_str!("../../../templates/press/fund-agreement.typ")),
        (Self::GrantAgreement, "/grant-agreement.typ", include_str!("../../../templates/press/grant-agreement.typ")),
        (Self::Acknowledgement, "/acknowledgement.typ", include_str!("../../../templates/press/acknowledgement.typ")),
        (Self::Statement, "/statement.typ", include_str!("../../../templates/press/statement.typ")),
        (Self::Minutes, "/minutes.typ", include_str!("../../../templates/press/minutes.typ")),
        (Self::Application, "/application.typ", include_str!("../../../templates/press/application.typ")),
        (Self::Feedback, "/feedback.typ", include_str!("../../../templates/press/feedback.typ")),
    ];
}

/// Why there is no document. The reader is shown the page that prints instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unset {
    /// There is no font that can write Chinese, or no press in this binary.
    NoFont,
    /// The font lacks a character of this document; a blank or a box in an agreement would be worse than none.
    Blank,
    /// Too many at once, or it took too long.
    Busy,
    /// Our own fault; the log says what.
    Spoilt,
}

/// Sets documents.
#[derive(Debug)]
pub struct Press {
    #[cfg_attr(not(feature = "pdf"), allow(dead_code, reason = "the setting stays, its use does not"))]
    font: Option<PathBuf>,
    #[cfg(feature = "pdf")]
    found: OnceCell<Option<fonts::Found>>,
    #[cfg(feature = "pdf")]
    case: OnceCell<Option<Arc<setting::Case>>>,
    #[cfg(feature = "pdf")]
    turns: Arc<Semaphore>,
    #[cfg(feature = "pdf")]
    queue: Semaphore,
}

#[cfg(feature = "pdf")]
impl Press {
    /// A press with the font that is named, or one that is found when the first document is asked for.
    pub fn new(font: Option<PathBuf>) -> Self {
        Self {
            font,
            found: OnceCell::new(),
            case: OnceCell::new(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            queue: Semaphore::new(AT_ONCE + WAITING),
        }
    }

    /// Whether documents can be set. The first who asks looks for the font; it is read with the first document.
    pub async fn ready(&self) -> bool {
        self.found().await.is_some()
    }

    /// The font's file, where there is one.
    pub async fn font(&self) -> Option<PathBuf> {
        self.found().await.map(|found| found.file.clone())
    }

    async fn found(&self) -> Option<&fonts::Found> {
        let named = self.font.clone();
        let look = || async move {
            let found = tokio::task::spawn_blocking(move || fonts::find(named.as_deref())).await.ok().flatten();
            match &found {
                Some(font) => tracing::info!(font = %font.file.display(), "documents can be set as PDF"),
                None => tracing::warn!("no font with Chinese characters: documents are offered as pages that print"),
            }
            found
        };
        self.found.get_or_init(look).await.as_ref()
    }

    async fn case(&self) -> Option<&Arc<setting::Case>> {
        let found = self.found().await?.clone();
        let open = || async move {
            let case = tokio::task::spawn_blocking(move || setting::Case::open(&found)).await.ok().flatten();
            case.map(Arc::new)
        };
        self.case.get_or_init(open).await.as_ref()
    }

    /// A document as PDF. `mark` names it in the file, `data` is what the template reads.
    ///
    /// # Errors
    /// [`Unset`] says why there is none.
    pub async fn set(&self, form: Form, mark: &str, data: &serde_json::Value) -> Result<Vec<u8>, Unset> {
        let Some(case) = self.case().await.cloned() else { return Err(Unset::NoFont) };
        let data = data.to_string();
        if data.len() > MOST_DATA {
            tracing::warn!(?form, mark, bytes = data.len(), "too much for a document");
            return Err(Unset::Spoilt);
        }
        let Ok(_queued) = self.queue.try_acquire() else { return Err(Unset::Busy) };
        let mark = mark.to_owned();
        let done = async {
            let turn = self.turns.clone().acquire_owned().await.map_err(|_| Unset::Busy)?;
            // The turn goes along: whoever loses patience leaves, the work keeps its place until it is done.
            let work = tokio::task::spawn_blocking(move || {
                let set = setting::set(&case, form, mark, data);
                drop(turn);
                set
            });
            work.await.unwrap_or_else(|error| {
                tracing::error!(?form, %error, "the press broke");
                Err(Unset::Spoilt)
            })
        };
        tokio::time::timeout(PATIENCE, done).await.unwrap_or(Err(Unset::Busy))
    }
}

#[cfg(not(feature = "pdf"))]
impl Press {
    /// A house without a press keeps the setting and says that it has none.
    pub fn new(font: Option<PathBuf>) -> Self {
        Self { font }
    }

    /// Never: this binary was built without the feature `pdf`.
    pub async fn ready(&self) -> bool {
        false
    }

    /// None.
    pub async fn font(&self) -> Option<PathBuf> {
        None
    }

    /// Never a document.
    ///
    /// # Errors
    /// Always [`Unset::NoFont`].
    pub async fn set(&self, _: Form, _: &str, _: &serde_json::Value) -> Result<Vec<u8>, Unset> {
        Err(Unset::NoFont)
    }
}
