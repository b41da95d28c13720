//! Files from outside: what they are, by their bytes and never by their name; what is cut out before they are kept; what a browser may
//! be shown.
//!
//! A photo from a telephone says where and when it was taken, with which machine, sometimes by whom. None of that is asked for, so
//! only what makes the picture is kept ([`pictures`]); what follows its end (a second file inside the first) goes with the rest.
//! Nothing is decoded or unpacked into memory: dimensions stand in the head, and a packed file is measured into nothing ([`packed`]).
//! To take one more kind, give it a row in [`KINDS`] and a reader in [`examine`].

pub mod packed;
pub mod pictures;

use std::borrow::Cow;

/// Longest side of a picture, in points: three times what a scanner makes of an A3 page.
pub const MAX_SIDE: u32 = 20_000;
/// Most points of a picture: an A3 page at 600 to the inch has seventy million; whoever looks at it needs four bytes for each.
pub const MAX_POINTS: u64 = 80_000_000;
/// Most parts (pages, styles, pictures) of a packed document.
pub const MAX_PARTS: usize = 2_000;
/// Most that a packed document may unpack to: ten times the largest file that is taken.
pub const MAX_UNPACKED: u64 = 200 * 1024 * 1024;
/// Longest file name kept, in characters.
pub const MAX_NAME: usize = 120;
/// A PDF ends within so many bytes of its end, as its readers look for it.
const PDF_TAIL: usize = 1_024;

/// A kind of file that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// What it is called in the answer that hands it out.
    pub media_type: &'static str,
    /// Endings its name may have; the first is given to a name that has another.
    pub endings: &'static [&'static str],
    /// Whether a browser may be shown it; every other file is saved.
    pub shown: bool,
}

/// A document set for reading and printing.
pub const PDF: Kind = Kind { media_type: "application/pdf", endings: &["pdf"], shown: true };
/// A picture without loss.
pub const PNG: Kind = Kind { media_type: "image/png", endings: &["png"], shown: true };
/// A photo.
pub const JPEG: Kind = Kind { media_type: "image/jpeg", endings: &["jpg", "jpeg"], shown: true };
/// A photo, as newer telephones and web pages have it.
pub const WEBP: Kind = Kind { media_type: "image/webp", endings: &["webp"], shown: true };
/// Anything packed: documents of office programs are.
pub const PACKED: Kind = Kind {
    media_type: "application/zip",
    endings: &["zip", "docx", "xlsx", "pptx", "odt", "ods", "odp"],
    shown: false,
};
/// Words without any layout.
pub const TEXT: Kind = Kind { media_type: "text/plain", endings: &["txt", "csv", "md"], shown: false };

/// Every kind that is taken.
pub const KINDS: [Kind; 6] = [PDF, PNG, JPEG, WEBP, PACKED, TEXT];

/// A file that may be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken<'a> {
    /// What it is.
    pub kind: Kind,
    /// What is kept of it: borrowed where that is all of it.
    pub bytes: Cow<'a, [u8]>,
}

/// Why a file is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Of no kind that is taken.
    Unknown,
    /// A photo of a kind that few programs read.
    Heic,
    /// A web page or a drawing that can run something.
    Markup,
    /// It ends before its end.
    CutOff,
    /// It contradicts itself, or it is locked.
    Broken,
    /// A picture of too many points.
    TooManyPoints,
    /// It unpacks to too much.
    Unpacks,
    /// One file inside another.
    TwoFaced,
}

impl Refusal {
    /// The word of it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "refused-file-type",
            Self::Heic => "refused-file-heic",
            Self::Markup => "refused-file-markup",
            Self::CutOff => "refused-file-cut-off",
            Self::Broken => "refused-file-broken",
            Self::TooManyPoints => "refused-file-points",
            Self::Unpacks => "refused-file-unpacks",
            Self::TwoFaced => "refused-file-two-faced",
        }
    }
}

/// What a file is and what is kept of it.
///
/// # Errors
/// Why it is not taken.
pub fn examine(bytes: &[u8]) -> Result<Taken<'_>, Refusal> {
    if bytes.starts_with(b"%PDF-") {
        whole_pdf(bytes)?;
        return Ok(Taken { kind: PDF, bytes: Cow::Borrowed(bytes) });
    }
    if bytes.starts_with(pictures::PNG_MARK) {
        return Ok(Taken { kind: PNG, bytes: Cow::Owned(pictures::png(bytes)?) });
    }
    if bytes.starts_with(b"\xff\xd8\xff") {
        return Ok(Taken { kind: JPEG, bytes: Cow::Owned(pictures::jpeg(bytes)?) });
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Ok(Taken { kind: WEBP, bytes: Cow::Owned(pictures::webp(bytes)?) });
    }
    if bytes.starts_with(b"PK\x03\x04") {
        packed::measure(bytes, MAX_PARTS, MAX_UNPACKED)?;
        return Ok(Taken { kind: PACKED, bytes: Cow::Borrowed(bytes) });
    }
    if is_heic(bytes) {
        return Err(Refusal::Heic);
    }
    plain_text(bytes)?;
    Ok(Taken { kind: TEXT, bytes: Cow::Borrowed(bytes) })
}

/// Whether a browser may be shown what is kept: the kind allows it, and the bytes are still of that kind. A PDF that carries a
/// program is saved, never shown.
#[must_use]
pub fn may_be_shown(media_type: &str, bytes: &[u8]) -> Option<Kind> {
    let kind = KINDS.into_iter().find(|kind| kind.media_type == media_type && kind.shown)?;
    let still = match kind.media_type {
        "application/pdf" => bytes.starts_with(b"%PDF-") && !carries_a_program(bytes),
        _ => examine(bytes).is_ok_and(|taken| taken.kind == kind && *taken.bytes == *bytes),
    };
    still.then_some(kind)
}

/// A PDF is taken when it has its end, and when no packed file hangs behind that end.
fn whole_pdf(bytes: &[u8]) -> Result<(), Refusal> {
    let tail = &bytes[bytes.len().saturating_sub(PDF_TAIL)..];
    let end = memchr::memmem::rfind(tail, b"%%EOF").ok_or(Refusal::CutOff)?;
    if memchr::memmem::find(&tail[end..], packed::END).is_some() || packed::ends_with_a_directory(bytes) {
        return Err(Refusal::TwoFaced);
    }
    Ok(())
}

/// Whether a PDF says that something is to be run. What stands in its packed parts nobody sees from here; the answer that hands
/// it out lets nothing run either way.
fn carries_a_program(bytes: &[u8]) -> bool {
    [b"/JavaScript".as_slice(), b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/OpenAction"]
        .iter()
        .any(|word| memchr::memmem::find(bytes, word).is_some())
}

/// The photo of a telephone that was not asked for JPEG: `ftyp` and one of its brands.
fn is_heic(bytes: &[u8]) -> bool {
    const BRANDS: [&[u8]; 7] = [b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"avif"];
    bytes.get(4..8) == Some(b"ftyp") && bytes.get(8..12).is_some_and(|brand| BRANDS.contains(&brand))
}

/// Plain text: UTF-8 without control characters but line ends and tabs, and no web page or drawing in disguise.
fn plain_text(bytes: &[u8]) -> Result<(), Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::Unknown)?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.is_empty() || text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(Refusal::Unknown);
    }
    const MARKS: [&str; 9] =
        ["<html", "<!doctype html", "<svg", "<script", "<body", "<iframe", "<!entity", "<head", "<?php"];
    if text.starts_with('<') {
        let low = text.to_ascii_lowercase();
        if MARKS.iter().any(|mark| low.contains(mark)) {
            return Err(Refusal::Markup);
        }
    }
    Ok(())
}

/// Whether a picture of this size is taken.
fn fits(width: u32, height: u32) -> Result<(), Refusal> {
    if width == 0 || height == 0 {
        return Err(Refusal::Broken);
    }
    let points = u64::from(width) * u64::from(height);
    if width > MAX_SIDE || height > MAX_SIDE || points > MAX_POINTS { Err(Refusal::TooManyPoints) } else { Ok(()) }
}

/// Characters that turn the reading direction or are not seen at all: with them `exe.pdf` is written `fdp.exe`.
const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{206f}'
        | '\u{061c}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{180e}')
}

/// The last part of a name, without what a file system, a header or an eye could stumble over.
#[must_use]
pub fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last
        .chars()
        .filter(|c| !c.is_control() && !is_unseen(*c) && !matches!(c, '"' | '<' | '>' | ':' | '|' | '?' | '*' | '%'))
        .take(MAX_NAME)
        .collect();
    let clean = clean.trim_matches(['.', ' ']);
    if clean.is_empty() { "document".to_owned() } else { clean.to_owned() }
}

/// The same with an ending that says what the file is: a program must not be saved under a name by which it would be started.
#[must_use]
pub fn safe_name(name: &str, kind: Kind) -> String {
    let clean = plain_name(name);
    let ending = clean.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    if kind.endings.contains(&ending.as_str()) {
        return clean;
    }
    let first = kind.endings.first().copied().unwrap_or("bin");
    let stem: String = clean.chars().take(MAX_NAME - first.len() - 1).collect();
    format!("{stem}.{first}")
}

#[cfg(test)]
mod tests;
