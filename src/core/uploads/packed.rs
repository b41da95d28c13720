//! Packed files (ZIP, and the documents of office programs): measured, never unpacked into memory.

use super::Refusal;
use std::io::{Cursor, Read};

/// The mark of the list at the end of a packed file.
pub const END: &[u8] = b"PK\x05\x06";
/// Length of that list's own end, without its remark.
const END_LENGTH: usize = 22;
/// Longest remark behind it.
const REMARK: usize = 65_535;

/// Unpacks every part into nothing, to learn how much it is: what a file says of its own size may be a lie.
///
/// # Errors
/// [`Refusal::Unpacks`] above a limit; [`Refusal::CutOff`] without its list; [`Refusal::Broken`] for what is locked or contradicts itself.
pub fn measure(bytes: &[u8], parts: usize, unpacked: u64) -> Result<(), Refusal> {
    let tail = &bytes[bytes.len().saturating_sub(END_LENGTH + REMARK)..];
    memchr::memmem::rfind(tail, END).ok_or(Refusal::CutOff)?;
    let mut packed = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refusal::Broken)?;
    if packed.len() > parts {
        return Err(Refusal::Unpacks);
    }
    let mut said = 0_u64;
    for place in 0..packed.len() {
        said = said.saturating_add(packed.by_index_raw(place).map_err(|_| Refusal::Broken)?.size());
    }
    if said > unpacked {
        return Err(Refusal::Unpacks);
    }
    let mut left = unpacked;
    for place in 0..packed.len() {
        let part = packed.by_index(place).map_err(|_| Refusal::Broken)?;
        let taken = std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(|_| Refusal::Broken)?;
        left = left.checked_sub(taken).ok_or(Refusal::Unpacks)?;
    }
    Ok(())
}

/// Whether the bytes end as a packed file does, whatever they begin as.
#[must_use]
pub fn ends_with_a_directory(bytes: &[u8]) -> bool {
    let from = bytes.len().saturating_sub(END_LENGTH + REMARK);
    let tail = &bytes[from..];
    memchr::memmem::find_iter(tail, END).any(|at| {
        let remark =
            tail.get(at + 20..at + 22).map_or(usize::MAX, |two| usize::from(u16::from_le_bytes([two[0], two[1]])));
        remark != usize::MAX && at + END_LENGTH + remark == tail.len()
    })
}
