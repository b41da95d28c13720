//! Passwords that thieves know already: looked up in a local file, so that no password and no part of one leaves the house.
//!
//! The file is one hash a line in hexadecimal, sorted, perhaps with `:count` behind it, as Have I Been Pwned's downloader writes it
//! ("ordered by hash"): whole SHA-1 (40 digits), beginnings of it (16 or more), or whole SHA-256 (64). It is searched by halves where it
//! lies, a few dozen reads of a file of any size; nothing of it is kept in memory.

use crate::error::{Error, Result};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::Path;

/// Longest line: a hash with its count.
const LINE: u64 = 100;
/// Fewest digits of a hash: with fewer, good passwords would be refused for what they share with a bad one.
const LEAST: usize = 16;

/// Whether the file is one that can be searched; asked at the start, so that a slip is seen by who made it.
///
/// # Errors
/// [`Error::Internal`] that names the file: not there, empty, or not of hashes.
pub fn examine(file: &Path) -> Result<()> {
    width(&mut open(file)?, file).map(|_| ())
}

/// Whether a password stands in the file.
///
/// # Errors
/// [`Error::Internal`] when the file cannot be read: nobody chooses a password unseen.
pub fn knows(file: &Path, password: &str) -> Result<bool> {
    let mut reader = open(file)?;
    let width = width(&mut reader, file)?;
    let whole = match width {
        64 => hex::encode_upper(Sha256::digest(password.as_bytes())),
        _ => hex::encode_upper(<sha1::Sha1 as sha1::Digest>::digest(password.as_bytes())),
    };
    let wanted = &whole[..width];
    let (mut low, mut high) = (0, reader.get_ref().metadata()?.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let line = line_after(&mut reader, middle)?;
        let Some((begins, text)) = line.filter(|(begins, _)| *begins < high) else {
            high = middle;
            continue;
        };
        match text.get(..width).map(str::to_ascii_uppercase).unwrap_or_default().as_str().cmp(wanted) {
            std::cmp::Ordering::Equal => return Ok(true),
            std::cmp::Ordering::Less => low = begins + text.len() as u64,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    Ok(false)
}

fn open(file: &Path) -> Result<BufReader<File>> {
    let told = |error: std::io::Error| Error::Internal(format!("breached_passwords: {}: {error}", file.display()));
    File::open(file).map(BufReader::new).map_err(told)
}

/// Digits of a hash, by the first line.
fn width(reader: &mut BufReader<File>, file: &Path) -> Result<usize> {
    let first = line_after(reader, 0)?.map(|(_, text)| text).unwrap_or_default();
    let digits = first.bytes().take_while(u8::is_ascii_hexdigit).count();
    let ends = first.as_bytes().get(digits).is_none_or(|byte| b":\r\n".contains(byte));
    if ends && ((LEAST..=40).contains(&digits) || digits == 64) {
        return Ok(digits);
    }
    Err(Error::Internal(format!("breached_passwords: {}: not a sorted list of hashes", file.display())))
}

/// The first line that begins at a place or after it, with where it begins and its line end.
fn line_after(reader: &mut BufReader<File>, place: u64) -> Result<Option<(u64, String)>> {
    let mut begins = place;
    if place > 0 {
        // From the byte before: a line that begins at the place itself is found whole.
        reader.seek(SeekFrom::Start(place - 1))?;
        begins = place - 1 + take_line(reader)?.len() as u64;
    } else {
        reader.seek(SeekFrom::Start(0))?;
    }
    let text = take_line(reader)?;
    Ok((!text.is_empty()).then_some((begins, text)))
}

fn take_line(reader: &mut BufReader<File>) -> Result<String> {
    let mut bytes = Vec::new();
    std::io::Read::take(&mut *reader, LINE).read_until(b'\n', &mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(words: &[&str], hash: impl Fn(&str) -> String, ending: &str) -> tempfile::NamedTempFile {
        let mut lines: Vec<String> = words.iter().map(|word| format!("{}{ending}", hash(word))).collect();
        lines.sort();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), lines.concat()).unwrap();
        file
    }

    #[test]
    fn every_line_is_found_and_no_other() {
        let words: Vec<String> = (0..500).map(|n| format!("password number {n}")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let sha1 = |word: &str| hex::encode_upper(<sha1::Sha1 as sha1::Digest>::digest(word.as_bytes()));
        let sha256 = |word: &str| hex::encode(Sha256::digest(word.as_bytes()));
        for file in [
            sorted(&words, sha1, ":37\r\n"),
            sorted(&words, |word| sha1(word)[..20].to_owned(), "\n"),
            sorted(&words, sha256, "\n"),
        ] {
            examine(file.path()).unwrap();
            for word in &words {
                assert!(knows(file.path(), word).unwrap(), "{word}");
                assert!(!knows(file.path(), &format!("{word}!")).unwrap());
            }
        }
        let one = sorted(&["only"], sha1, "");
        assert!(knows(one.path(), "only").unwrap() && !knows(one.path(), "other").unwrap());
    }

    #[test]
    fn a_file_of_something_else_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for odd in ["", "hunter2\n", "ABCDEF\n", &format!("{}\n", "A".repeat(63))] {
            std::fs::write(file.path(), odd).unwrap();
            assert!(examine(file.path()).is_err(), "{odd}");
        }
        assert!(examine(Path::new("/nowhere/at/all")).is_err());
    }
}
