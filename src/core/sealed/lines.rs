//! The lines of a file, read through one small buffer: memory stays the same however long the file is.

use std::io::{Read, Result};
use std::ops::Range;

/// Bytes read at once.
const CHUNK: usize = 256 * 1024;
/// Longest line taken: twenty times a transfer's. What is longer is no transfer.
const LONGEST: usize = 8 * 1024;

/// A line without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// Where it stands in the buffer, until the next is asked for.
    Whole(Range<usize>),
    /// Longer than any transfer; it was skipped.
    TooLong,
}

/// A file, line by line.
pub(super) struct Lines<'a, R> {
    file: &'a mut R,
    buffer: Vec<u8>,
    from: usize,
    to: usize,
    /// Number of the line that was answered last; the first is 1.
    pub(super) number: u64,
}

impl<'a, R: Read> Lines<'a, R> {
    /// From where the file stands.
    pub(super) fn of(file: &'a mut R) -> Self {
        Self { file, buffer: vec![0; CHUNK + LONGEST], from: 0, to: 0, number: 0 }
    }

    /// The bytes of a line.
    pub(super) fn bytes(&self, at: &Range<usize>) -> &[u8] {
        &self.buffer[at.clone()]
    }

    /// The next line; the last may be without its end.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn next(&mut self) -> Result<Option<Line>> {
        let mut skipped = false;
        loop {
            if let Some(length) = memchr::memchr(b'\n', &self.buffer[self.from..self.to]) {
                let at = self.from..self.from + length;
                self.from = at.end + 1;
                self.number += 1;
                let long = skipped || at.len() > LONGEST;
                return Ok(Some(if long { Line::TooLong } else { Line::Whole(at) }));
            }
            if self.to - self.from > LONGEST {
                (self.from, self.to, skipped) = (0, 0, true);
            }
            if self.more()? == 0 {
                let at = self.from..self.to;
                self.from = self.to;
                if at.is_empty() && !skipped {
                    return Ok(None);
                }
                self.number += 1;
                return Ok(Some(if skipped { Line::TooLong } else { Line::Whole(at) }));
            }
        }
    }

    /// Moves what is left to the front and reads on.
    fn more(&mut self) -> Result<usize> {
        self.buffer.copy_within(self.from..self.to, 0);
        (self.from, self.to) = (0, self.to - self.from);
        loop {
            match self.file.read(&mut self.buffer[self.to..]) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Ok(read) => {
                    self.to += read;
                    return Ok(read);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<Option<String>> {
        let mut file = std::io::Cursor::new(text);
        let mut lines = Lines::of(&mut file);
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            found.push(match line {
                Line::Whole(at) => Some(String::from_utf8(lines.bytes(&at).to_vec()).unwrap()),
                Line::TooLong => None,
            });
        }
        assert_eq!(lines.number as usize, found.len());
        found
    }

    #[test]
    fn lines_are_whole_wherever_the_buffer_ends() {
        let text: String = (0..90_000).map(|n| format!("{n}\n")).collect();
        let found = all(&text);
        assert_eq!(found.len(), 90_000);
        assert!(found.iter().enumerate().all(|(n, line)| line.as_deref() == Some(&n.to_string())));
        assert_eq!(all("a\n\nb"), [Some("a".into()), Some(String::new()), Some("b".into())]);
        assert_eq!(all(""), [None; 0]);
    }

    #[test]
    fn a_line_longer_than_any_transfer_is_skipped_and_the_next_is_read() {
        for length in [LONGEST + 1, CHUNK * 3] {
            let long = "x".repeat(length);
            assert_eq!(all(&format!("a\n{long}\nb\n")), [Some("a".into()), None, Some("b".into())]);
            assert_eq!(all(&long), [None]);
        }
        assert_eq!(all(&"x".repeat(LONGEST)), [Some("x".repeat(LONGEST))]);
    }
}
