//! Setting itself: the world that typst sees is one font, our templates and the data of one document; no clock, no folder, no net.

use super::fonts::Found;
use super::{Form, Unset};
use std::path::PathBuf;
use typst::diag::{FileError, FileResult, SourceDiagnostic, Warned};
use typst::foundations::{Bytes, Datetime, Dict, Duration, IntoValue, Smart};
use typst::layout::{Frame, FrameItem};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

/// What all documents share: letterhead, facts, signed text, signatures, foot.
const HOUSE: (&str, &str) = ("/house.typ", include_str!("../../../templates/press/house.typ"));
/// Where a template reads what it is to say.
const DATA: &str = "/data.json";
/// Written into the file as its maker.
const CREATOR: &str = "Tributary";
/// Pages of one document at most.
const MOST_PAGES: usize = 60;

/// Type, templates and library: read once, shared by all documents.
#[derive(Debug)]
pub struct Case {
    /// Where the font was found.
    pub file: PathBuf,
    font: Font,
    book: LazyHash<FontBook>,
    library: LazyHash<Library>,
    sources: Vec<Source>,
}

impl Case {
    /// A case with this font; none when its file is gone.
    pub fn open(found: &Found) -> Option<Self> {
        let font = found.read()?;
        let forms = Form::ALL.iter().map(|(_, name, text)| (*name, *text));
        let source = |(name, text): (&str, &str)| Some(Source::new(id(name)?, text.to_owned()));
        let inputs = Dict::from_iter([("font".into(), font.info().family.as_str().into_value())]);
        Some(Self {
            file: found.file.clone(),
            book: LazyHash::new(FontBook::from_fonts([&font])),
            font,
            library: LazyHash::new(Library::builder().with_inputs(inputs).build()),
            sources: std::iter::once(HOUSE).chain(forms).filter_map(source).collect(),
        })
    }
}

fn id(name: &str) -> Option<FileId> {
    VirtualPath::new(name).ok().map(|path| RootedPath::new(VirtualRoot::Project, path).intern())
}

/// The world of one document.
struct Desk<'a> {
    case: &'a Case,
    main: FileId,
    data: (FileId, Bytes),
}

impl World for Desk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.case.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.case.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.case.sources.iter().find(|source| source.id() == id).cloned().ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data.0 { Ok(self.data.1.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        (index == 0).then(|| self.case.font.clone())
    }

    /// A document says the days of its data; today is none of them.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// Sets one document.
///
/// # Errors
/// [`Unset::Blank`] when the font lacks a character, [`Unset::Spoilt`] for anything typst says, be it only a warning: without
/// its font it would answer with empty pages and call that well.
pub fn set(case: &Case, form: Form, mark: String, data: String) -> Result<Vec<u8>, Unset> {
    let set = try_set(case, form, mark, data);
    // What typst remembers of one document helps no other, and would stay in memory.
    typst::comemo::evict(0);
    set
}

fn try_set(case: &Case, form: Form, mark: String, data: String) -> Result<Vec<u8>, Unset> {
    let name = Form::ALL.iter().find(|(other, ..)| *other == form).map(|(_, name, _)| *name);
    let main = name.and_then(id).ok_or(Unset::Spoilt)?;
    let data = (id(DATA).ok_or(Unset::Spoilt)?, Bytes::from_string(data));
    let desk = Desk { case, main, data };
    let Warned { output, warnings } = typst::compile::<PagedDocument>(&desk);
    let document = output.map_err(|errors| spoilt(form, &errors))?;
    if !warnings.is_empty() {
        return Err(spoilt(form, &warnings));
    }
    if document.pages().len() > MOST_PAGES {
        tracing::warn!(?form, mark, pages = document.pages().len(), "too long for a document");
        return Err(Unset::Spoilt);
    }
    if document.pages().iter().any(|page| blank(&page.frame)) {
        tracing::warn!(?form, mark, font = %case.file.display(), "the font lacks a character of this document");
        return Err(Unset::Blank);
    }
    let options = PdfOptions {
        ident: Smart::Custom(mark),
        creator: Smart::Custom(Some(CREATOR.to_owned())),
        ..Default::default()
    };
    typst_pdf::pdf(&document, &options).map_err(|errors| spoilt(form, &errors))
}

/// Whether a character has no glyph: it would be a box, or nothing.
fn blank(frame: &Frame) -> bool {
    frame.items().any(|(_, item)| match item {
        FrameItem::Group(group) => blank(&group.frame),
        FrameItem::Text(text) => text.glyphs.iter().any(|glyph| glyph.id == 0),
        _ => false,
    })
}

fn spoilt(form: Form, said: &[SourceDiagnostic]) -> Unset {
    for one in said {
        let hints: Vec<&str> = one.hints.iter().map(|hint| hint.v.as_str()).collect();
        tracing::error!(?form, message = %one.message, ?hints, "the press says");
    }
    Unset::Spoilt
}
