//! Pictures: their parts one by one, those kept that make the picture. Whether it stands upright is said anew, in the fewest bytes.

use super::{Refusal, fits};

/// How a PNG begins.
pub const PNG_MARK: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Most runs over one photo: a camera makes one, a web page ten. Thousands would keep a browser busy for minutes.
const MAX_SCANS: usize = 100;
/// Number of the note in a photo that says which side is up.
const ORIENTATION: u16 = 0x0112;

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// Which side of a photo is up, where its notes (TIFF) say that it is another than the first.
fn orientation(notes: &[u8]) -> Option<u8> {
    let little = match notes.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let two = |at| if little { le16(notes, at) } else { be16(notes, at) };
    let four = |at| if little { le32(notes, at) } else { be32(notes, at) };
    let list = usize::try_from(four(4)?).ok()?;
    let count = usize::from(two(list)?);
    (0..count)
        .map(|place| list + 2 + place * 12)
        .find(|at| two(*at) == Some(ORIENTATION))
        .and_then(|at| u8::try_from(two(at + 8)?).ok())
        .filter(|side| (2..=8).contains(side))
}

/// Notes that say which side is up and nothing else.
fn upright(side: u8) -> Vec<u8> {
    let mut notes = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    notes.push(side);
    notes.extend_from_slice(&[0; 6]);
    notes
}

/// What a photo says of itself beside the picture.
#[derive(Default)]
struct Told<'a> {
    jfif: Option<&'a [u8]>,
    side: Option<u8>,
    frames: usize,
    scans: usize,
}

/// A photo (JPEG) without its notes and without what follows its end.
///
/// # Errors
/// [`Refusal::CutOff`], [`Refusal::Broken`], [`Refusal::TooManyPoints`].
pub fn jpeg(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut body = Vec::with_capacity(bytes.len());
    let mut told = Told::default();
    let mut at = 2;
    loop {
        if *bytes.get(at).ok_or(Refusal::CutOff)? != 0xff {
            return Err(Refusal::Broken);
        }
        let mark = *bytes.get(at + 1).ok_or(Refusal::CutOff)?;
        match mark {
            // A filling byte before a mark.
            0xff => {
                at += 1;
                continue;
            }
            0xd9 => break,
            0x00 | 0x01 | 0xd0..=0xd8 | 0xde | 0xdf => return Err(Refusal::Broken),
            _ => {}
        }
        let length = usize::from(be16(bytes, at + 2).ok_or(Refusal::CutOff)?);
        let inside = bytes.get(at + 4..at + 2 + length.max(2)).ok_or(Refusal::CutOff)?;
        if length < 2 {
            return Err(Refusal::Broken);
        }
        if told.keeps(mark, inside)? {
            body.extend_from_slice(&bytes[at..at + 2 + length]);
        }
        at += 2 + length;
        if mark == 0xda {
            let end = at + scan(&bytes[at..])?;
            body.extend_from_slice(&bytes[at..end]);
            at = end;
        }
    }
    if told.frames != 1 || told.scans == 0 {
        return Err(Refusal::Broken);
    }
    Ok(told.whole(body))
}

impl<'a> Told<'a> {
    /// Whether a part of the photo is kept as it stands.
    fn keeps(&mut self, mark: u8, inside: &'a [u8]) -> Result<bool, Refusal> {
        match mark {
            0xc4 | 0xcc | 0xdb | 0xdc | 0xdd => Ok(true),
            0xc0..=0xcf => {
                self.frames += 1;
                let size = be16(inside, 1).zip(be16(inside, 3)).ok_or(Refusal::Broken)?;
                fits(u32::from(size.1), u32::from(size.0))?;
                Ok(true)
            }
            0xda => {
                self.scans += 1;
                if self.scans > MAX_SCANS || self.frames == 0 { Err(Refusal::Broken) } else { Ok(true) }
            }
            0xe0 => {
                self.jfif = self.jfif.or_else(|| inside.starts_with(b"JFIF\0").then(|| inside.get(..12)).flatten());
                Ok(false)
            }
            0xe1 => {
                self.side = self.side.or_else(|| orientation(inside.strip_prefix(b"Exif\0\0")?));
                Ok(false)
            }
            // How its colours are meant; without it they are shown as others.
            0xe2 => Ok(inside.starts_with(b"ICC_PROFILE\0")),
            0xee => Ok(inside.len() == 12 && inside.starts_with(b"Adobe")),
            _ => Ok(false),
        }
    }

    fn whole(&self, body: Vec<u8>) -> Vec<u8> {
        let mut photo = vec![0xff, 0xd8];
        if let Some(jfif) = self.jfif {
            photo.extend_from_slice(&[0xff, 0xe0, 0, 16]);
            photo.extend_from_slice(jfif);
            // No small picture inside the picture.
            photo.extend_from_slice(&[0, 0]);
        }
        if let Some(side) = self.side {
            let notes = upright(side);
            photo.extend_from_slice(&[0xff, 0xe1, 0, u8::try_from(2 + 6 + notes.len()).unwrap_or(0)]);
            photo.extend_from_slice(b"Exif\0\0");
            photo.extend_from_slice(&notes);
        }
        photo.extend_from_slice(&body);
        photo.extend_from_slice(&[0xff, 0xd9]);
        photo
    }
}

/// How far the points of one run reach: to the next mark that is neither a filling nor a place to begin again.
fn scan(bytes: &[u8]) -> Result<usize, Refusal> {
    let mut at = 0;
    loop {
        at += memchr::memchr(0xff, &bytes[at..]).ok_or(Refusal::CutOff)?;
        match *bytes.get(at + 1).ok_or(Refusal::CutOff)? {
            0x00 | 0xd0..=0xd7 => at += 2,
            0xff => at += 1,
            _ => return Ok(at),
        }
    }
}

/// Parts of a PNG that make the picture. A profile of colours is packed, and what is packed unpacks to anything.
const PNG_PARTS: [&[u8; 4]; 10] =
    [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs"];

/// A PNG without its notes, without its moving pictures and without what follows its end.
///
/// # Errors
/// As [`jpeg`].
pub fn png(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut picture = PNG_MARK.to_vec();
    let mut at = PNG_MARK.len();
    let (mut first, mut points) = (true, false);
    loop {
        let length = usize::try_from(be32(bytes, at).ok_or(Refusal::CutOff)?).map_err(|_| Refusal::Broken)?;
        let name = bytes.get(at + 4..at + 8).ok_or(Refusal::CutOff)?;
        if !name.iter().all(u8::is_ascii_alphabetic) {
            return Err(Refusal::Broken);
        }
        let end = at.checked_add(12).and_then(|sum| sum.checked_add(length)).ok_or(Refusal::Broken)?;
        let part = bytes.get(at..end).ok_or(Refusal::CutOff)?;
        if first != (name == b"IHDR") || (first && length != 13) {
            return Err(Refusal::Broken);
        }
        if first {
            let size = be32(part, 8).zip(be32(part, 12)).ok_or(Refusal::Broken)?;
            fits(size.0, size.1)?;
        }
        first = false;
        points |= name == b"IDAT";
        if PNG_PARTS.iter().any(|kept| *kept == name) {
            picture.extend_from_slice(part);
        }
        if name == b"eXIf"
            && let Some(side) = orientation(&part[8..end - at - 4])
        {
            put(&mut picture, b"eXIf", &upright(side));
        }
        if name == b"IEND" {
            return if points { Ok(picture) } else { Err(Refusal::Broken) };
        }
        at = end;
    }
}

fn put(picture: &mut Vec<u8>, name: &[u8; 4], inside: &[u8]) {
    let mut part = name.to_vec();
    part.extend_from_slice(inside);
    picture.extend_from_slice(&u32::try_from(inside.len()).unwrap_or(0).to_be_bytes());
    picture.extend_from_slice(&part);
    picture.extend_from_slice(&checksum(&part).to_be_bytes());
}

/// The checksum of a part of a PNG (CRC-32).
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    })
}

/// A WebP without its notes and without what follows its end. Moving pictures are not taken.
///
/// # Errors
/// As [`jpeg`]; [`Refusal::Unknown`] for a moving picture.
pub fn webp(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let said = usize::try_from(le32(bytes, 4).ok_or(Refusal::CutOff)?).map_err(|_| Refusal::Broken)?;
    let whole = bytes.get(..said.checked_add(8).ok_or(Refusal::Broken)?).ok_or(Refusal::CutOff)?;
    let (mut head, mut body, mut side, mut drawn) = (None, Vec::new(), None, false);
    let mut at = 12;
    while at < whole.len() {
        let length = usize::try_from(le32(whole, at + 4).ok_or(Refusal::CutOff)?).map_err(|_| Refusal::Broken)?;
        let inside = at.checked_add(8).and_then(|from| whole.get(from..from.checked_add(length)?));
        let inside = inside.ok_or(Refusal::CutOff)?;
        let name = &whole[at..at + 4];
        match name {
            b"VP8X" if head.is_none() && !drawn => head = Some(inside.get(..10).ok_or(Refusal::Broken)?.to_vec()),
            b"VP8 " | b"VP8L" if !drawn => {
                drawn = true;
                let size = if name == b"VP8 " { lossy(inside) } else { lossless(inside) }.ok_or(Refusal::Broken)?;
                fits(size.0, size.1)?;
                chunk(&mut body, name, inside);
            }
            b"ALPH" | b"ICCP" => chunk(&mut body, name, inside),
            b"ANIM" | b"ANMF" => return Err(Refusal::Unknown),
            b"EXIF" => side = side.or_else(|| orientation(inside.strip_prefix(b"Exif\0\0").unwrap_or(inside))),
            _ => {}
        }
        at += 8 + length + length % 2;
    }
    if !drawn {
        return Err(Refusal::Broken);
    }
    assembled(head, body, side)
}

fn assembled(head: Option<Vec<u8>>, body: Vec<u8>, side: Option<u8>) -> Result<Vec<u8>, Refusal> {
    let mut inside = b"WEBP".to_vec();
    if let Some(mut head) = head {
        let wide = le32(&[&head[4..7], &[0]].concat(), 0).ok_or(Refusal::Broken)? + 1;
        let high = le32(&[&head[7..10], &[0]].concat(), 0).ok_or(Refusal::Broken)? + 1;
        fits(wide, high)?;
        // Of what it announces only colours, transparency and which side is up are left.
        head[0] = (head[0] & 0x30) | if side.is_some() { 0x08 } else { 0 };
        chunk(&mut inside, b"VP8X", &head);
        inside.extend_from_slice(&body);
        if let Some(side) = side {
            chunk(&mut inside, b"EXIF", &upright(side));
        }
    } else {
        inside.extend_from_slice(&body);
    }
    let mut picture = b"RIFF".to_vec();
    picture.extend_from_slice(&u32::try_from(inside.len()).map_err(|_| Refusal::Broken)?.to_le_bytes());
    picture.extend_from_slice(&inside);
    Ok(picture)
}

fn chunk(into: &mut Vec<u8>, name: &[u8], inside: &[u8]) {
    into.extend_from_slice(name);
    into.extend_from_slice(&u32::try_from(inside.len()).unwrap_or(0).to_le_bytes());
    into.extend_from_slice(inside);
    if inside.len() % 2 == 1 {
        into.push(0);
    }
}

/// The size that a frame with loss says in its head.
fn lossy(frame: &[u8]) -> Option<(u32, u32)> {
    (frame.get(3..6)? == b"\x9d\x01\x2a").then_some(())?;
    Some((u32::from(le16(frame, 6)? & 0x3fff), u32::from(le16(frame, 8)? & 0x3fff)))
}

/// The size that a frame without loss says in its head.
fn lossless(frame: &[u8]) -> Option<(u32, u32)> {
    (*frame.first()? == 0x2f).then_some(())?;
    let bits = le32(frame, 1)?;
    Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
}
