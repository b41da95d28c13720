//! Papers: a document as PDF, beside the page that prints and never without it.
//!
//! To add one: a template with its row ([`crate::edges::press`]), a struct that is a [`Paper`] in its room's `view/papers.rs`, and
//! the two routes side by side. What a reader may see of it is decided by the page's own question, asked again for the PDF.

use super::page::{Answer, Reply};
use super::parts::ActLink;
use super::sheet::{Block, Cell};
use crate::commons::foundation::known_foundation;
use crate::edges::dice::fingerprint;
use crate::edges::press::{Form, Unset};
use crate::edges::templates::written_in;
use crate::error::{Error, Result};
use crate::people::permission::Context;
use chrono::{Datelike, NaiveDate};
use entities::kinds::{Currency, Locale};
use serde::Serialize;
use std::collections::BTreeMap;

/// A document: what its template reads.
pub trait Paper: Serialize {
    /// Its form.
    const FORM: Form;

    /// The frame around it.
    fn head(&self) -> &Head;
}

/// Labels of the templates; each is a key of `locales/<language>/papers.ftl`.
const WORDS: [&str; 12] = [
    "paper-number",
    "paper-date",
    "paper-registration",
    "paper-opening",
    "paper-grant",
    "paper-gift",
    "paper-glance",
    "paper-text",
    "paper-signatures",
    "paper-unsigned",
    "paper-signed-at",
    "paper-no-bill",
];

/// What stands around every document.
#[derive(Debug, Clone, Serialize)]
pub struct Head {
    /// Language, as typst names it.
    pub lang: &'static str,
    /// Region, as typst names it.
    pub region: &'static str,
    /// The foundation in the reader's language.
    pub foundation: String,
    /// Its name in the other language, or `""`.
    pub other: String,
    /// Its registration.
    pub registration: String,
    /// Its contact.
    pub contact: String,
    /// What the document is.
    pub title: String,
    /// The same in the other language where both bind, or `""`.
    pub subtitle: String,
    /// Its number, `F000012`.
    pub number: String,
    /// Its day in words.
    pub date: String,
    /// The same as year, month, day, for the file.
    pub day: Option<(i32, u32, u32)>,
    /// What is lacking before it holds, or `""`.
    pub draft: String,
    /// Labels.
    #[serde(skip)]
    words: BTreeMap<&'static str, String>,
}

impl Head {
    /// The frame in the reader's language. A document has the day of its data, never today's.
    pub fn new(context: &Context, title: String, number: String, day: Option<NaiveDate>) -> Self {
        let house = known_foundation(&context.edges);
        let (zh, en) = house.as_deref().map(|row| (row.name_zh.clone(), row.name_en.clone())).unwrap_or_default();
        let foundation = context.pick(&zh, &en);
        let other = [zh, en].into_iter().find(|name| *name != foundation).unwrap_or_default();
        let (lang, region) = language(context.locale);
        Self {
            lang,
            region,
            foundation,
            other,
            registration: house.as_deref().map(|row| row.uscc.clone()).unwrap_or_default(),
            contact: house.as_deref().map(|row| row.contact.clone()).filter(|text| text != "—").unwrap_or_default(),
            title,
            subtitle: String::new(),
            number,
            date: day.map_or_else(|| context.t("paper-not-dated"), |day| context.day(day)),
            day: day.map(|day| (day.year(), day.month(), day.day())),
            draft: String::new(),
            words: words(context),
        }
    }

    /// With its title in the other language and, as long as somebody has not signed, a word that says so.
    pub fn binding(mut self, context: &Context, key: &str, signed: bool) -> Self {
        let other = if context.locale == Locale::En { Locale::ZhCn } else { Locale::En };
        self.subtitle = context.edges.words.text(other, key, &[]);
        self.draft = if signed { String::new() } else { context.t("paper-draft") };
        self
    }
}

const fn language(locale: Locale) -> (&'static str, &'static str) {
    match locale {
        Locale::ZhCn => ("zh", "cn"),
        Locale::En => ("en", "gb"),
    }
}

fn words(context: &Context) -> BTreeMap<&'static str, String> {
    let mut words: BTreeMap<_, _> = WORDS.iter().map(|key| (*key, context.t(key))).collect();
    // The template knows the page, we know the words.
    words.insert("paper-page", context.t_with("paper-page", &[("n", "%n%"), ("m", "%m%")]));
    words.insert("paper-attached", context.t("paper-attached"));
    words
}

/// A side of an agreement.
#[derive(Debug, Clone, Serialize)]
pub struct Side {
    /// As what.
    pub role: String,
    /// Who.
    pub party: String,
    /// The person who signed, where the reader may know, or `""`.
    pub name: String,
    /// When, or `""` as long as nobody has.
    pub at: String,
}

/// The text that a hash is of: as it is, and cut into lines for the eye.
#[derive(Debug, Clone, Serialize)]
pub struct Signed {
    /// Every byte of it; goes into the file beside the pages.
    pub text: String,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Its SHA-256, or that of the text as it was signed.
    pub hash: String,
    /// What the hash is of and how to check it.
    pub says: String,
    /// Where the page stands.
    pub url: String,
}

impl Signed {
    /// A text and what its hash says. `signed` is the hash under the signatures, `""` before the first.
    pub fn new(context: &Context, text: String, signed: &str, titles: &[&str], page: &str) -> Self {
        let now = fingerprint(&text);
        let key = match signed {
            "" => "paper-proof-unsigned",
            hash if hash == now => "paper-proof",
            _ => "paper-proof-changed",
        };
        let url = format!("{}{page}", context.edges.config.base_url);
        let hash = if signed.is_empty() { now } else { signed.to_owned() };
        Self { lines: lines(&text, titles), text, hash, says: context.t(key), url }
    }

    /// Figures without a signature: the hash says that none of them was changed.
    pub fn told(context: &Context, text: String, page: &str) -> Self {
        let url = format!("{}{page}", context.edges.config.base_url);
        Self { lines: Vec::new(), hash: fingerprint(&text), text, says: context.t("paper-proof-told"), url }
    }
}

/// A line of a signed text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// `title`, `head`, `item` or `line`.
    pub kind: &'static str,
    /// Number or dash of an item.
    pub mark: String,
    /// The rest.
    pub text: String,
    /// Language it is written in, which decides where it may break.
    pub lang: &'static str,
    /// Its region.
    pub region: &'static str,
}

/// A text cut into lines: nothing but blank lines is left out. The first line is a title, and whichever is named.
fn lines(text: &str, titles: &[&str]) -> Vec<Line> {
    let all: Vec<&str> = text.lines().map(str::trim).collect();
    let is_item = |place: usize| all.get(place).is_some_and(|line| item(line).is_some());
    let line = |(place, line): (usize, &&str)| {
        let (lang, region) = language(written_in(line).unwrap_or(Locale::En));
        let (mark, rest) = item(line).unwrap_or(("", line));
        let kind = match mark {
            "" if place == 0 || titles.contains(line) => "title",
            "" if is_item(place + 1) => "head",
            "" => "line",
            _ => "item",
        };
        Line { kind, mark: mark.to_owned(), text: rest.to_owned(), lang, region }
    };
    all.iter().enumerate().filter(|(_, line)| !line.is_empty()).map(line).collect()
}

/// A clause or a point: `一、…`, `3. …`, `- …`.
fn item(line: &str) -> Option<(&str, &str)> {
    let (mark, rest) = line.split_at(line.find([' ', '、'])?);
    let chinese = !mark.is_empty() && mark.chars().all(|c| "一二三四五六七八九十".contains(c));
    if chinese && let Some(rest) = rest.strip_prefix('、') {
        let end = mark.len() + '、'.len_utf8();
        return Some((&line[..end], rest));
    }
    let digits = mark.strip_suffix('.').is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()));
    (mark == "-" || digits).then(|| (mark, rest.trim_start()))
}

/// A table of a page, on paper.
#[derive(Debug, Clone, Serialize)]
pub struct Table {
    /// Heading.
    pub title: String,
    /// Heads of the columns.
    pub heads: Vec<String>,
    /// Rows.
    pub rows: Vec<Vec<Written>>,
    /// Said when there is none.
    pub empty: String,
}

/// A cell on paper.
#[derive(Debug, Clone, Serialize)]
pub struct Written {
    /// Text.
    pub text: String,
    /// Whether it stands at the right edge.
    pub number: bool,
}

impl Table {
    /// The table of a page; nothing for another piece of it.
    pub fn of(block: Block) -> Option<Self> {
        let Block::Table { title, heads, rows, empty } = block else { return None };
        let written = |cell: Cell| Written { number: cell.class.starts_with("n "), text: cell.text };
        let rows = rows.into_iter().map(|row| row.into_iter().map(written).collect()).collect();
        Some(Self { title, heads, rows, empty })
    }
}

/// An amount in capitals as documents say it, `""` for other currencies than renminbi.
pub fn capitals(context: &Context, minor: i64, currency: Currency) -> String {
    let text = context.capitals(minor, currency);
    if text.is_empty() { text } else { format!("人民币{text}") }
}

/// The reader, reading in another language where the address asks for one.
pub fn reading_in(context: &Context, locale: Option<&str>) -> Context {
    let locale = locale.and_then(Locale::parse).unwrap_or(context.locale);
    Context { locale, ..context.clone() }
}

/// The document as PDF. Where there is none, the page that prints, with the reason: never an error for want of a font.
///
/// # Errors
/// When the data cannot be written.
pub async fn answer<P: Paper + Sync>(context: &Context, paper: &P, name: &str, page: String) -> Answer {
    let head = paper.head();
    let mut data = serde_json::to_value(paper)?;
    let fields = data.as_object_mut().ok_or_else(|| Error::Internal("a paper is a struct".into()))?;
    fields.insert("words".into(), serde_json::to_value(&head.words)?);
    let mark = format!("{}-{}", head.number, context.locale);
    match context.edges.press.set(P::FORM, &mark, &data).await {
        Ok(bytes) => Ok(Reply::File {
            bytes,
            media_type: "application/pdf".into(),
            name: format!("{name}-{}.{}.pdf", head.number, context.locale),
            // It may name people, and who may read it can change.
            public: false,
        }),
        Err(Unset::NoFont) => Reply::see(page, "notice-paper-no-font"),
        Err(Unset::Blank) => Reply::see(page, "notice-paper-blank"),
        Err(Unset::Busy) => Reply::see(page, "notice-paper-busy"),
        Err(Unset::Spoilt) => Reply::see(page, "notice-paper-spoilt"),
    }
}

/// The links to a document in both languages; where there is no press, what to do instead.
///
/// # Errors
/// Never.
pub async fn offered(context: &Context, href: &str) -> Result<Block> {
    let title = context.t("paper-title");
    if !context.edges.press.ready().await {
        return Ok(Block::Prose { title, text: context.t("paper-none") });
    }
    let link = |locale: Locale, text: String| ActLink { href: format!("{href}?locale={locale}"), text, tone: "quiet" };
    let (zh, en) = (link(Locale::ZhCn, context.t("paper-in-chinese")), link(Locale::En, context.t("paper-in-english")));
    let items = if context.locale == Locale::En { vec![en, zh] } else { vec![zh, en] };
    Ok(Block::Acts { title, items })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str, titles: &[&str]) -> Vec<(&'static str, String, String)> {
        lines(text, titles).into_iter().map(|line| (line.kind, line.mark, line.text)).collect()
    }

    #[test]
    fn clauses_points_and_heads_are_told_apart() {
        let found = kinds(
            "标题\n\n甲方：某\n一、名称：某\n十一、用途\n\nFund agreement\n\n1. Name: x\nReports\n- a - b\n10. z",
            &["Fund agreement"],
        );
        let wanted = [
            ("title", "", "标题"),
            ("head", "", "甲方：某"),
            ("item", "一、", "名称：某"),
            ("item", "十一、", "用途"),
            ("title", "", "Fund agreement"),
            ("item", "1.", "Name: x"),
            ("head", "", "Reports"),
            ("item", "-", "a - b"),
            ("item", "10.", "z"),
        ];
        assert_eq!(found, wanted.map(|(kind, mark, text)| (kind, mark.to_owned(), text.to_owned())));
    }

    #[test]
    fn no_word_of_a_text_is_lost() {
        for text in
            ["1.", "- ", "、", "一", "3.14 is no clause", "-1 is none", "#let x = 1\n*b* _i_ $a$ \\ \"", "。 。"]
        {
            let kept: String = lines(text, &[]).iter().map(|line| format!("{}{}", line.mark, line.text)).collect();
            let without = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            assert_eq!(without(&kept), without(text));
        }
        assert_eq!(item("3.14 is no clause"), None);
        assert_eq!(item("-1 is none"), None);
    }

    #[test]
    fn a_line_breaks_as_its_language_does() {
        let found = lines("资助协议 · Grant agreement · 1\nThe foundation pays the lesser.\n2026", &[]);
        assert_eq!(found.iter().map(|line| line.lang).collect::<Vec<_>>(), ["zh", "en", "en"]);
    }
}
