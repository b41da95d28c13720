//! Two hundred hostile files, sent through the real form of the real program and fetched by its real address: each is refused in words
//! of both languages, or kept so that no browser runs it; and the program's memory stays where it was.

use super::grant::Grant;
use crate::support::served::Served;
use crate::support::{World, tools};
use entities::kinds::{DocumentPurpose, Locale, ReportId, ReportKind};
use entities::{document, report_receipt};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use tributary::commons::documents;
use tributary::core::uploads::{self, Refusal};
use tributary::grants::reports::service as reports;
use zip::write::SimpleFileOptions;

/// Fewest files that are tried.
const FILES: usize = 200;
/// Most that the program's memory may grow over them, in KiB: a few copies of the largest file that is taken.
const MOST_KIB: u64 = 160 * 1024;

fn segment(mark: u8, inside: &[u8]) -> Vec<u8> {
    let length = u16::try_from(inside.len() + 2).unwrap().to_be_bytes();
    [&[0xff, mark], length.as_slice(), inside].concat()
}

/// A photo whose points are `turn`, so that no two are the same file, with whatever stands before the picture.
pub fn photo(width: u16, height: u16, turn: u32, before: &[Vec<u8>]) -> Vec<u8> {
    let size = [&[8], &height.to_be_bytes()[..], &width.to_be_bytes(), &[1, 1, 0x11, 0]].concat();
    let points: Vec<u8> = turn.to_be_bytes().iter().map(|byte| byte & 0x7f).collect();
    let mut all = vec![0xff, 0xd8];
    all.extend(before.concat());
    all.extend(segment(0xc0, &size));
    all.extend(segment(0xda, &[1, 1, 0, 0, 63, 0]));
    all.extend([points, vec![0x12, 0xff, 0x00, 0xff, 0xd9]].concat());
    all
}

/// What a telephone writes about a photo: where it was taken.
pub fn whereabouts() -> Vec<u8> {
    let mut notes = b"Exif\0\0II*\0\x08\0\0\0\x01\0".to_vec();
    notes.extend_from_slice(&[0x25, 0x88, 4, 0, 1, 0, 0, 0, 0x1a, 0, 0, 0]);
    notes.extend_from_slice(b"\0\0\0\0GPSLatitude 30.6586N");
    segment(0xe1, &notes)
}

fn drawing(width: u32, height: u32, note: &[u8], behind: &[u8]) -> Vec<u8> {
    let part = |name: &[u8], inside: &[u8]| {
        let sum = name.iter().chain(inside).fold(!0_u32, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
        });
        [&u32::try_from(inside.len()).unwrap().to_be_bytes()[..], name, inside, &(!sum).to_be_bytes()].concat()
    };
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    // The points differ with the note and do not hold its words: a picture may show anything, its file may say nothing.
    let points: Vec<u8> = note.iter().map(|byte| byte ^ 0x80).collect();
    let parts = [part(b"IHDR", &head), part(b"tEXt", note), part(b"IDAT", &points), part(b"IEND", b"")].concat();
    [b"\x89PNG\r\n\x1a\n".as_slice(), &parts, behind].concat()
}

fn webp(width: u32, height: u32, note: &[u8]) -> Vec<u8> {
    let chunk = |name: &[u8], inside: &[u8]| {
        let mut all = [name, &u32::try_from(inside.len()).unwrap().to_le_bytes(), inside].concat();
        all.resize(all.len() + inside.len() % 2, 0);
        all
    };
    let mut head = vec![0x0c, 0, 0, 0];
    head.extend_from_slice(&(width - 1).to_le_bytes()[..3]);
    head.extend_from_slice(&(height - 1).to_le_bytes()[..3]);
    let frame = [b"\0\0\0\x9d\x01\x2a\x28\0\x1e\0".as_slice(), note].concat();
    let inside =
        [b"WEBP".to_vec(), chunk(b"VP8X", &head), chunk(b"VP8 ", &frame), chunk(b"XMP ", b"<x:xmpmeta GPS/>")].concat();
    [b"RIFF".as_slice(), &u32::try_from(inside.len()).unwrap().to_le_bytes(), &inside].concat()
}

fn packed(parts: &[(String, usize)]) -> Vec<u8> {
    let mut file = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let zeros = vec![0; 1024 * 1024];
    for (name, bytes) in parts {
        file.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        let mut left = *bytes;
        while left > 0 {
            let now = left.min(zeros.len());
            file.write_all(&zeros[..now]).unwrap();
            left -= now;
        }
    }
    file.finish().unwrap().into_inner()
}

/// A file as somebody sends it.
struct Sent {
    name: String,
    bytes: Vec<u8>,
}

/// Names that a file system, a header, a page or an eye could stumble over. As a browser quotes them: no line ends and no quotes.
fn names() -> Vec<String> {
    let mut names: Vec<String> = [
        "../../../../etc/passwd",
        "..\\..\\windows\\system32\\drivers.sys",
        "/absolute/path.jpg",
        "C:\\Users\\me\\photo.jpg",
        "photo.jpg%00.html",
        "photo%0d%0aSet-Cookie: a=b.jpg",
        "photo.html",
        "photo.svg",
        "photo.jpg.exe",
        "photo.php",
        ".htaccess",
        "...",
        "CON",
        "photo\u{202e}gpj.exe",
        "\u{2066}photo\u{2069}.hta",
        "ph\u{200b}oto.scr",
        "\u{feff}photo.bat",
        "<script>alert(1)</script>.jpg",
        "'; drop table document; --.jpg",
        "照片\u{2028}.js",
        "photo\t.lnk",
        "photo\u{7f}.url",
        "| rm -rf.jpg",
        "https:evil.example.jpg",
    ]
    .map(str::to_owned)
    .to_vec();
    names.push(format!("{}.jpg", "a".repeat(4_000)));
    names
}

fn pdfs(sent: &mut Vec<Sent>) {
    for n in 0..10 {
        let mut put =
            |name: &str, text: String| sent.push(Sent { name: format!("{n}-{name}"), bytes: text.into_bytes() });
        let page = format!("<html><body onload=alert({n})><script>alert({n})</script>");
        put("both.pdf", format!("%PDF-1.4\n{page}\n%%EOF\n"));
        put("both.html", format!("{page}\n%PDF-1.4\n%%EOF\n"));
        put("runs.pdf", format!("%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert({n}))>>>>\n%%EOF\n"));
        put("cut.pdf", format!("%PDF-1.7\n{n} 0 obj<</Type/Catal"));
        let mut behind = format!("%PDF-1.4\n{n}\n%%EOF\n").into_bytes();
        behind.extend(packed(&[(format!("evil-{n}.jar"), 10)]));
        sent.push(Sent { name: format!("{n}-jar.pdf"), bytes: behind });
    }
}

fn pictures(sent: &mut Vec<Sent>) {
    let script = segment(0xfe, b"<script>alert(1)</script>");
    for n in 0..10_u32 {
        let mut put = |name: &str, bytes: Vec<u8>| sent.push(Sent { name: format!("{n}-{name}"), bytes });
        let zip = packed(&[(format!("in-{n}.jar"), 10)]);
        put("zip.jpg", [photo(40, 30, 100 + n, &[]), zip.clone()].concat());
        put("page.jpg", [photo(40, 30, 200 + n, std::slice::from_ref(&script)), b"<html><script>".to_vec()].concat());
        put("where.jpg", photo(4_000, 3_000, 300 + n, &[whereabouts(), script.clone()]));
        put("bomb.jpg", photo(50_000, 50_000, n, &[]));
        let whole = photo(40, 30, 400 + n, &[]);
        put("cut.jpg", whole[..whole.len() - 2 - n as usize].to_vec());
        put("bomb.png", drawing(50_000, 50_000, &n.to_be_bytes(), b""));
        put("page.png", drawing(4, 4, format!("Comment\0<script>{n}").as_bytes(), &zip));
        let whole = drawing(4, 4, &n.to_be_bytes(), b"");
        put("cut.png", whole[..whole.len() - 5 - n as usize].to_vec());
        put("bomb.webp", webp(50_000, 50_000, &n.to_be_bytes()));
        put("where.webp", webp(40, 30, &n.to_be_bytes()));
    }
    // A part that says it is four thousand million bytes long.
    sent.push(Sent { name: "huge.png".into(), bytes: b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR".to_vec() });
    sent.push(Sent { name: "huge.webp".into(), bytes: b"RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\xff".to_vec() });
}

fn others(sent: &mut Vec<Sent>) {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>";
    for text in [svg.to_owned(), format!("\u{feff}{svg}"), format!("<?xml version='1.0'?>\n{svg}"), svg.to_uppercase()]
    {
        for name in ["drawing.svg", "drawing.jpg", "drawing.pdf"] {
            sent.push(Sent { name: name.into(), bytes: text.clone().into_bytes() });
        }
    }
    let many: Vec<(String, usize)> = (0..2_001).map(|n| (format!("{n}"), 0)).collect();
    let bomb = packed(&[("a".into(), 90 << 20), ("b".into(), 90 << 20), ("c".into(), 30 << 20)]);
    for (name, bytes) in [("bomb.docx", bomb.clone()), ("bomb.jpg", bomb), ("many.zip", packed(&many))] {
        sent.push(Sent { name: name.into(), bytes });
    }
    let mut liar = packed(&[("a".into(), 1 << 20)]);
    let length = liar.len();
    liar.truncate(length - 30);
    sent.push(Sent { name: "cut.xlsx".into(), bytes: liar });
    for (name, bytes) in [
        ("program.pdf", b"MZ\x90\0\x03\0\0\0".as_slice()),
        ("program.jpg", b"\x7fELF\x02\x01\x01\0"),
        ("film.jpg", b"\0\0\0\x20ftypmp42\0\0\0\0"),
        ("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0"),
        ("moving.gif", b"GIF89a\x01\0\x01\0\0\0\0;"),
        ("class.pdf", b"\xca\xfe\xba\xbe\0\0\0\x34"),
        ("page.txt", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("words.txt", "数量 < 5 <script>".as_bytes()),
        ("empty.jpg", b""),
        ("nothing.jpg", b"\xff\xd8\xff"),
    ] {
        sent.push(Sent { name: name.into(), bytes: bytes.to_vec() });
    }
    for (turn, name) in (0..).zip(names()) {
        sent.push(Sent { name, bytes: photo(40, 30, 1_000 + turn, &[]) });
    }
}

/// Somebody's browser before the running program.
struct Phone {
    client: reqwest::Client,
    url: String,
    token: String,
}

impl Phone {
    async fn post(&self, path: &str, locale: &str, fields: &[(&str, &str)], file: Option<&Sent>) -> (u16, String) {
        let mut body = Vec::new();
        for (name, value) in fields {
            write!(body, "--cut-here\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").unwrap();
        }
        if let Some(file) = file {
            let name = file.name.replace(['\r', '\n', '"'], "");
            let head = "Content-Disposition: form-data; name=\"file\"; filename";
            write!(body, "--cut-here\r\n{head}=\"{name}\"\r\nContent-Type: image/jpeg\r\n\r\n").unwrap();
            body.extend_from_slice(&file.bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--cut-here--\r\n");
        let request = self.client.post(format!("{}{path}", self.url)).body(body);
        let request = request.header("content-type", "multipart/form-data; boundary=cut-here");
        let request = request.header("sec-fetch-site", "same-origin");
        let answer = request.header("cookie", self.cookie(locale)).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn get(&self, path: &str) -> (u16, BTreeMap<String, String>, Vec<u8>) {
        let answer = self.client.get(format!("{}{path}", self.url)).header("cookie", self.cookie("en")).send().await;
        let answer = answer.unwrap();
        let status = answer.status().as_u16();
        let headers = answer.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()));
        let headers = headers.collect();
        (status, headers, answer.bytes().await.unwrap().to_vec())
    }

    fn cookie(&self, locale: &str) -> String {
        format!("tributary_session={}; tributary_locale={locale}", self.token)
    }
}

/// Every way in which a file may be refused, in the words of a language.
fn words(world: &World, locale: Locale) -> Vec<String> {
    let codes = [
        Refusal::Unknown,
        Refusal::Heic,
        Refusal::Markup,
        Refusal::CutOff,
        Refusal::Broken,
        Refusal::TooManyPoints,
        Refusal::Unpacks,
        Refusal::TwoFaced,
    ];
    // A name that may stand in no header names no file.
    let others = ["refused-file-empty", "refused-receipt-kind", "refused-file-missing"];
    let codes = codes.iter().map(|refusal| refusal.code()).chain(others);
    codes.map(|code| world.edges.words.text(locale, code, &[])).collect()
}

/// What is handed out runs nowhere: what is shown is a picture or a PDF that was looked at again, all else is saved.
fn is_harmless(headers: &BTreeMap<String, String>, bytes: &[u8], what: &str) {
    let of = |name: &str| headers.get(name).map(String::as_str).unwrap_or_default();
    assert_eq!(of("x-content-type-options"), "nosniff", "{what}");
    let policy = of("content-security-policy");
    assert!(policy.contains("sandbox;") && !policy.contains("allow-"), "{what}: {policy}");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{what}: {policy}");
    let kind = of("content-type");
    if of("content-disposition") == "inline" {
        assert!(uploads::may_be_shown(kind, bytes).is_some(), "{what} is shown as {kind}");
        assert!(!(kind.starts_with("image/") && memchr::memmem::find(bytes, b"<script").is_some()), "{what}");
        return;
    }
    let disposition = of("content-disposition");
    assert!(disposition.starts_with("attachment; filename*=UTF-8''"), "{what}: {disposition}");
    assert!(["application/octet-stream", "text/plain; charset=utf-8"].contains(&kind), "{what}: {kind}");
    let ending = disposition.rsplit('.').next().unwrap();
    assert!(uploads::KINDS.iter().any(|kind| kind.endings.contains(&ending)), "{what}: {disposition}");
}

/// A report that is being written, in a folder of its own.
async fn writing(folder: &Path) -> (ReportId, String) {
    let world = World::open_in(folder).await;
    world.found().await;
    let grant = Grant::active_in(world).await;
    let row = grant.report(ReportKind::MidTerm).await;
    reports::open(&grant.officer().await, row.id).await.unwrap();
    (row.id, grant.world.session(grant.editor).await)
}

/// The largest that the program has been, in KiB.
fn peak(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_hostile_files_are_refused_in_words_or_kept_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let (report, token) = writing(folder.path()).await;
    let served = Served::start(folder.path()).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let phone = Phone { client, url: served.url.clone(), token };
    let world = World::open_in(folder.path()).await;
    let known = [("en", words(&world, Locale::En)), ("zh-CN", words(&world, Locale::ZhCn))];
    let mut sent = Vec::new();
    pdfs(&mut sent);
    pictures(&mut sent);
    others(&mut sent);
    assert!(sent.len() >= FILES, "{} files", sent.len());
    let today = world.edges.today().to_string();
    let add = format!("/reports/{report}/add-receipt");
    // The largest honest file comes first: what it takes is no growth.
    let mut large = photo(4_000, 3_000, 7, &[]);
    large.splice(large.len() - 2..large.len() - 2, std::iter::repeat_n(0x11, 19 << 20));
    sent.insert(0, Sent { name: "large.jpg".into(), bytes: large });
    let (mut refused, mut kept, mut before) = (0, 0, 0);
    for (turn, file) in sent.iter().enumerate() {
        let what = format!("{turn}: {:?}", file.name.chars().take(60).collect::<String>());
        let (locale, known) = &known[turn % 2];
        let key = format!("upload-key-{turn:012}");
        let fields =
            [("form_key", key.as_str()), ("head", "labour"), ("amount", "1.00"), ("issued_on", today.as_str())];
        let (status, page) = phone.post(&add, locale, &fields, Some(file)).await;
        if status == 422 {
            assert!(known.iter().any(|words| page.contains(words.as_str())), "{what} is refused without words");
            refused += 1;
        } else {
            assert_eq!(status, 303, "{what}");
            let row = report_receipt::Entity::find().order_by_desc(report_receipt::Column::Id);
            let row = row.one(world.edges.db.read()).await.unwrap().unwrap();
            let document =
                document::Entity::find_by_id(row.document_id).one(world.edges.db.read()).await.unwrap().unwrap();
            assert!(
                !document.name.chars().any(|c| c.is_control() || "/\\<>\"%:\u{202e}\u{2066}".contains(c)),
                "{what}"
            );
            let (status, headers, bytes) = phone.get(&format!("/documents/{}", row.document_id)).await;
            assert_eq!(status, 200, "{what}");
            is_harmless(&headers, &bytes, &what);
            assert!(memchr::memmem::find(&bytes, b"GPS").is_none(), "{what} still says where it was taken");
            let out = format!("/reports/{report}/receipts/{}/take-out", row.id);
            let key = format!("remove-key-{turn:012}");
            assert_eq!(phone.post(&out, locale, &[("form_key", &key)], None).await.0, 303, "{what}");
            kept += 1;
        }
        if turn == 0 {
            assert_eq!(kept, 1, "the honest file is taken");
            before = peak(served.pid());
        }
    }
    let grown = peak(served.pid()).saturating_sub(before);
    tools::say(&format!(
        "{} hostile files: {refused} refused, {kept} kept harmless; peak memory {before} KiB, grown by {grown} KiB",
        sent.len() - 1
    ));
    assert!(refused > 100 && kept > 50, "{refused} refused, {kept} kept");
    assert!(grown < MOST_KIB, "memory grew by {grown} KiB");
    let left = report_receipt::Entity::find().filter(report_receipt::Column::ReportId.eq(report));
    assert!(left.all(world.edges.db.read()).await.unwrap().is_empty());
    // Words and packed files are no receipts; where they are taken, they are saved and never shown.
    let by = world.acting(entities::kinds::PersonId(1)).await.signed_in().unwrap();
    for (name, bytes) in [("page.html", b"words <script>".to_vec()), ("a.exe", packed(&[("a".into(), 9)]))] {
        let file = &documents::keep(&by, "file", name, &bytes).await.unwrap();
        let id = by.write(|tx| async { documents::file(&{ tx }, &by, file, DocumentPurpose::Evidence, None).await });
        let id = id.await.unwrap();
        let change = document::ActiveModel {
            id: sea_orm::ActiveValue::Set(id),
            public: sea_orm::ActiveValue::Set(true),
            ..Default::default()
        };
        let change = &change;
        let open = |tx| async move {
            document::Entity::update(change.clone()).exec(&{ tx }).await.map(|_| ()).map_err(Into::into)
        };
        world.edges.db.write(open).await.unwrap();
        let (status, headers, bytes) = phone.get(&format!("/documents/{id}")).await;
        assert_eq!(status, 200, "{name}");
        assert!(headers["content-disposition"].starts_with("attachment"), "{name}");
        is_harmless(&headers, &bytes, name);
    }
}
