//! Files, kept by the hash of their bytes: written once, never changed, shared when equal.

use super::dice::fingerprint;
use crate::error::{Error, Result};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

/// Largest file taken: a scanned agreement of forty pages is about 8 MB.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;

/// Tells the halves that one process writes from each other.
static TURN: AtomicU64 = AtomicU64::new(0);

/// A folder of files named by their SHA-256.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// Opens or makes the folder.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(folder: PathBuf) -> Result<Self> {
        std::fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    /// Keeps the bytes and answers their hash. The file is complete and on disk before the answer.
    ///
    /// # Errors
    /// When it is too large or cannot be written.
    pub async fn keep(&self, bytes: &[u8]) -> Result<String> {
        use tokio::io::AsyncWriteExt;
        if bytes.len() > MAX_BYTES {
            return Err(Error::field("file", "refused-file-too-large"));
        }
        let hash = fingerprint(bytes);
        let path = self.folder.join(&hash);
        if tokio::fs::try_exists(&path).await? {
            return Ok(hash);
        }
        // The same bytes may come twice at once: each writes a half of its own, and the last rename changes nothing.
        let turn = TURN.fetch_add(1, Ordering::Relaxed);
        let half = self.folder.join(format!("{hash}.{}.{turn}.part", std::process::id()));
        let mut file = tokio::fs::File::create_new(&half).await?;
        file.write_all(bytes).await?;
        file.sync_all().await?;
        tokio::fs::rename(&half, &path).await?;
        // The name is on disk only with its folder.
        tokio::fs::File::open(&self.folder).await?.sync_all().await?;
        Ok(hash)
    }

    /// The bytes with this hash.
    ///
    /// # Errors
    /// [`Error::NotFound`] when they are not here.
    pub async fn read(&self, hash: &str) -> Result<Vec<u8>> {
        if hash.len() != 64 || !hash.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Error::NotFound);
        }
        tokio::fs::read(self.folder.join(hash)).await.map_err(|_| Error::NotFound)
    }
}
