//! Where a font that writes Chinese is found. None is kept in the house: those that are free are large, and most machines have one.

use std::path::{Path, PathBuf};
use typst::foundations::Bytes;
use typst::text::{Font, FontInfo};

/// Folders where systems keep their fonts.
const FOLDERS: [&str; 5] =
    ["/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts", "C:\\Windows\\Fonts"];
/// Beginnings of file names, small letters and no marks, the one liked most first: those that are small and write both scripts.
const LIKED: [&str; 10] = [
    "wqymicrohei",
    "notosanssc",
    "notosanscjksc",
    "sourcehansanssc",
    "sourcehansanscn",
    "notosanscjkregular",
    "sourcehansans",
    "notoserifcjkregular",
    "droidsansfallback",
    "wqyzenhei",
];
/// Written by a font that will do: both scripts, capitals of amounts, the marks of the templates.
const PROBE: &str = "基金设立协议资助确认捐赠壹贰叁肆伍陆柒捌玖拾佰仟万亿元整角分（）《》：；，。、·—¥ABCabc0123";
/// Largest file that is read: it stays in memory for as long as the house runs.
const MOST_BYTES: u64 = 40 * 1024 * 1024;
/// Files listed, and files opened, at most: a machine for designers has thousands.
const MOST_LISTED: usize = 4_000;
const MOST_OPENED: usize = 40;
/// Depth of folders.
const DEPTH: u8 = 4;

/// A font that will do: where it is. It is read when the first document is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its file.
    pub file: PathBuf,
    /// Its place in the file.
    pub face: u32,
}

impl Found {
    /// Reads it.
    pub fn read(&self) -> Option<Font> {
        Font::new(Bytes::new(std::fs::read(&self.file).ok()?), self.face)
    }
}

/// The font that is named, or the best that this machine has. A name that does not hold is not replaced by another: whoever
/// wrote it wants to know.
pub fn find(named: Option<&Path>) -> Option<Found> {
    if let Some(file) = named {
        return examine(file);
    }
    let mut files = Vec::new();
    for folder in FOLDERS {
        list(Path::new(folder), DEPTH, &mut files);
    }
    files.sort_by_key(|file| (rank(file), file.clone()));
    files.iter().take(MOST_OPENED).find_map(|file| examine(file))
}

fn rank(file: &Path) -> usize {
    let name: String = file
        .file_stem()
        .map(|name| name.to_string_lossy().to_lowercase())
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    LIKED.iter().position(|liked| name.starts_with(liked)).unwrap_or(LIKED.len())
}

fn list(folder: &Path, depth: u8, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
        if kind.is_dir() && depth > 0 {
            list(&path, depth - 1, files);
        } else if files.len() < MOST_LISTED && is_font(&path) {
            files.push(path);
        }
    }
}

fn is_font(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    matches!(ending.as_str(), "ttf" | "ttc" | "otf" | "otc")
}

/// The face of a file that writes what we print: of a collection the one for the mainland, never the one of equal widths.
fn examine(file: &Path) -> Option<Found> {
    let size = std::fs::metadata(file).ok()?.len();
    if size > MOST_BYTES {
        return None;
    }
    let bytes = std::fs::read(file).ok()?;
    let faces = FontInfo::iter(&bytes).zip(0_u32..).filter(|(face, _)| writes(face));
    let (_, face) = faces.min_by_key(|(face, index)| (unfit(face), *index))?;
    Some(Found { file: file.to_owned(), face })
}

fn writes(face: &FontInfo) -> bool {
    PROBE.chars().all(|c| face.coverage.contains(u32::from(c)))
}

/// How little a face of a collection is wanted.
fn unfit(face: &FontInfo) -> u8 {
    let name = face.family.to_lowercase();
    let other_widths = u8::from(name.contains("mono"));
    let elsewhere = ["jp", "kr", "tc", "hk"].iter().any(|place| name.split_whitespace().any(|word| word == *place));
    other_widths * 2 + u8::from(elsewhere)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_named_is_not_replaced_by_another() {
        assert!(find(Some(Path::new("/nowhere/at-all.ttf"))).is_none());
    }

    #[test]
    fn a_file_that_is_no_font_or_writes_no_chinese_will_not_do() {
        let folder = std::env::temp_dir();
        let file = folder.join(format!("no-font-{}.ttf", std::process::id()));
        std::fs::write(&file, b"\x00\x01\x00\x00 this is no font").unwrap();
        assert!(examine(&file).is_none());
        std::fs::remove_file(file).unwrap();
    }

    #[test]
    fn the_small_ones_are_liked_best() {
        assert!(rank(Path::new("/f/wqy-microhei.ttc")) < rank(Path::new("/f/NotoSansCJK-Regular.ttc")));
        assert!(rank(Path::new("/f/NotoSansSC-Regular.otf")) < rank(Path::new("/f/DejaVuSans.ttf")));
    }
}
