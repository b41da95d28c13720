use super::*;

/// Notes as a telephone writes them: which side is up, and where it was.
fn notes(side: u8) -> Vec<u8> {
    let mut notes = b"II*\0\x08\0\0\0\x02\0".to_vec();
    notes.extend_from_slice(&[0x12, 0x01, 3, 0, 1, 0, 0, 0, side, 0, 0, 0]);
    notes.extend_from_slice(&[0x25, 0x88, 4, 0, 1, 0, 0, 0, 0x26, 0, 0, 0]);
    notes.extend_from_slice(b"\0\0\0\0GPS 30.6586N 104.0648E");
    notes
}

fn segment(mark: u8, inside: &[u8]) -> Vec<u8> {
    let mut part = vec![0xff, mark];
    part.extend_from_slice(&u16::try_from(inside.len() + 2).unwrap().to_be_bytes());
    part.extend_from_slice(inside);
    part
}

/// A photo of some size, with whatever stands before the picture.
fn photo(width: u16, height: u16, before: &[Vec<u8>]) -> Vec<u8> {
    let mut size = vec![8];
    size.extend_from_slice(&height.to_be_bytes());
    size.extend_from_slice(&width.to_be_bytes());
    size.extend_from_slice(&[1, 1, 0x11, 0]);
    let mut all = vec![0xff, 0xd8];
    all.extend(before.concat());
    all.extend(segment(0xc0, &size));
    all.extend(segment(0xda, &[1, 1, 0, 0, 63, 0]));
    all.extend_from_slice(&[0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56, 0xff, 0xd9]);
    all
}

fn has(bytes: &[u8], what: &[u8]) -> bool {
    memchr::memmem::find(bytes, what).is_some()
}

#[test]
fn a_photo_keeps_its_picture_and_its_upper_side_and_says_nothing_more() {
    let exif = segment(0xe1, &[b"Exif\0\0".to_vec(), notes(6)].concat());
    let jfif = segment(0xe0, b"JFIF\0\x01\x01\x01\0\x48\0\x48\0\0");
    let remark = segment(0xfe, b"taken by Aunt Li");
    let mut dirty = photo(400, 300, &[jfif, exif, remark]);
    dirty.extend_from_slice(b"<script>PK\x05\x06");
    let taken = examine(&dirty).unwrap();
    assert_eq!(taken.kind, JPEG);
    assert!(!has(&taken.bytes, b"GPS") && !has(&taken.bytes, b"Aunt") && !has(&taken.bytes, b"<script>"));
    assert!(has(&taken.bytes, b"JFIF") && has(&taken.bytes, &[0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56]));
    let exif = memchr::memmem::find(&taken.bytes, b"Exif\0\0").unwrap();
    assert_eq!(taken.bytes[exif + 6 + 19], 6, "the upper side is kept");
    // What was cleaned is clean: cleaning it again changes nothing, and it may be shown.
    assert_eq!(examine(&taken.bytes).unwrap().bytes, taken.bytes);
    assert_eq!(may_be_shown(JPEG.media_type, &taken.bytes), Some(JPEG));
    assert_eq!(may_be_shown(JPEG.media_type, &dirty), None, "what was not cleaned is not shown");
}

#[test]
fn pictures_of_too_many_points_and_broken_ones_are_refused_by_their_head() {
    assert_eq!(examine(&photo(50_000, 50_000, &[])).unwrap_err(), Refusal::TooManyPoints);
    assert_eq!(examine(&photo(0, 10, &[])).unwrap_err(), Refusal::Broken);
    let whole = photo(40, 30, &[]);
    for length in 3..whole.len() {
        assert!(examine(&whole[..length]).is_err(), "cut after {length}");
    }
}

fn part(name: &[u8; 4], inside: &[u8]) -> Vec<u8> {
    let named = [name.as_slice(), inside].concat();
    let length = u32::try_from(inside.len()).unwrap().to_be_bytes();
    [length.as_slice(), &named, &pictures::checksum(&named).to_be_bytes()].concat()
}

fn drawing(width: u32, height: u32, between: &[Vec<u8>]) -> Vec<u8> {
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let mut all = pictures::PNG_MARK.to_vec();
    all.extend(part(b"IHDR", &head));
    all.extend(between.concat());
    all.extend(part(b"IDAT", b"points"));
    all.extend(part(b"IEND", b""));
    all
}

#[test]
fn a_drawing_loses_its_remarks_and_keeps_its_points() {
    assert_eq!(pictures::checksum(b"IEND"), 0xae42_6082, "the standard's own example");
    let mut dirty = drawing(4, 4, &[part(b"tEXt", b"Author\0Aunt Li"), part(b"eXIf", &notes(8))]);
    dirty.extend_from_slice(b"PK\x03\x04trailer");
    let taken = examine(&dirty).unwrap();
    assert!(!has(&taken.bytes, b"Aunt") && !has(&taken.bytes, b"GPS") && !has(&taken.bytes, b"trailer"));
    assert!(has(&taken.bytes, b"points") && has(&taken.bytes, b"eXIf"));
    assert_eq!(examine(&taken.bytes).unwrap().bytes, taken.bytes);
    assert_eq!(examine(&drawing(50_000, 50_000, &[])).unwrap_err(), Refusal::TooManyPoints);
    let whole = drawing(4, 4, &[]);
    for length in 8..whole.len() {
        assert!(examine(&whole[..length]).is_err(), "cut after {length}");
    }
}

fn riff(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut inside = b"WEBP".to_vec();
    for (name, bytes) in chunks {
        inside.extend_from_slice(*name);
        inside.extend_from_slice(&u32::try_from(bytes.len()).unwrap().to_le_bytes());
        inside.extend_from_slice(bytes);
        if bytes.len() % 2 == 1 {
            inside.push(0);
        }
    }
    [b"RIFF".as_slice(), &u32::try_from(inside.len()).unwrap().to_le_bytes(), &inside].concat()
}

#[test]
fn a_newer_photo_is_cleaned_alike() {
    let frame = [b"\0\0\0\x9d\x01\x2a".as_slice(), &40_u16.to_le_bytes(), &30_u16.to_le_bytes(), b"points"].concat();
    let head = [0x0c, 0, 0, 0, 39, 0, 0, 29, 0, 0];
    let dirty = riff(&[(b"VP8X", &head), (b"VP8 ", &frame), (b"EXIF", &notes(3)), (b"XMP ", b"Aunt Li!")]);
    let taken = examine(&dirty).unwrap();
    assert_eq!(taken.kind, WEBP);
    assert!(!has(&taken.bytes, b"GPS") && !has(&taken.bytes, b"Aunt") && has(&taken.bytes, b"points"));
    assert_eq!(examine(&taken.bytes).unwrap().bytes, taken.bytes);
    let bomb = [0x0c, 0, 0, 0, 0x4f, 0xc3, 0, 0x4f, 0xc3, 0];
    assert_eq!(examine(&riff(&[(b"VP8X", &bomb), (b"VP8 ", &frame)])).unwrap_err(), Refusal::TooManyPoints);
    for length in 12..dirty.len() - 1 {
        assert!(examine(&dirty[..length]).is_err(), "cut after {length}");
    }
}

#[test]
fn two_files_in_one_a_web_page_and_a_drawing_that_runs_are_refused() {
    let said = |bytes: &[u8]| examine(bytes).map(|taken| taken.kind.media_type).map_err(Refusal::code);
    assert_eq!(said(b"%PDF-1.4 x %%EOF\n"), Ok("application/pdf"));
    assert_eq!(said(b"%PDF-1.4 and then the line went dead"), Err("refused-file-cut-off"));
    let packed = [b"%PDF-1.4 x %%EOF\nPK\x05\x06".as_slice(), &[0; 18]].concat();
    assert_eq!(said(&packed), Err("refused-file-two-faced"));
    assert_eq!(said(b"\xef\xbb\xbf <svg onload=alert(1)>"), Err("refused-file-markup"));
    assert_eq!(said(b"<?xml version='1.0'?><!-- x --><SVG><script>"), Err("refused-file-markup"));
    assert_eq!(said(b"\0\0\0\x18ftypheic...."), Err("refused-file-heic"));
    assert_eq!(said(b"MZ\x90\0"), Err("refused-file-type"));
    assert_eq!(said("数量 < 5\n".as_bytes()), Ok("text/plain"));
    assert_eq!(may_be_shown("application/pdf", b"%PDF-1.4 /OpenAction <</S/JavaScript>> %%EOF"), None);
    assert_eq!(may_be_shown("text/html", b"%PDF-1.4 %%EOF"), None);
    assert_eq!(may_be_shown("text/plain", b"words"), None);
}

#[test]
fn names_lose_their_paths_and_tricks_and_end_as_what_they_are() {
    assert_eq!(safe_name("../../etc/passwd", TEXT), "passwd.txt");
    assert_eq!(safe_name("C:\\发票\u{0}.pdf", PDF), "发票.pdf");
    assert_eq!(safe_name("...", PDF), "document.pdf");
    assert_eq!(safe_name("photo.html", JPEG), "photo.html.jpg");
    assert_eq!(safe_name("发票\u{202e}fdp.exe", PDF), "发票fdp.exe.pdf");
    assert_eq!(safe_name("a\r\nSet-Cookie: x=1.PDF", PDF), "aSet-Cookie x=1.PDF");
    let long = safe_name(&"长".repeat(500), PDF);
    assert!(long.chars().count() == MAX_NAME && long.ends_with(".pdf"));
}
