//! The signing key: a file outside the database, so that whoever can write to the database still cannot sign.

use crate::edges::Edges;
use crate::error::{Error, Result};
use ed25519_dalek::SigningKey;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Where the key is: named in the settings, or `seal.key` in the data folder.
pub fn path(edges: &Edges) -> PathBuf {
    edges.config.seal_key.clone().unwrap_or_else(|| edges.config.data.join("seal.key"))
}

/// The key, if there is one.
///
/// # Errors
/// When the file cannot be read, is open to others, or holds no key.
pub fn load(path: &Path) -> Result<Option<SigningKey>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::Internal(format!("{}: {error}", path.display()))),
    };
    let mode = std::fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(Error::Internal(format!("{}: others may read the sealing key: chmod 600", path.display())));
    }
    let mut seed = [0; 32];
    hex::decode_to_slice(text.trim(), &mut seed)
        .map_err(|_| Error::Internal(format!("{}: not a sealing key (64 hexadecimal digits)", path.display())))?;
    Ok(Some(SigningKey::from_bytes(&seed)))
}

/// The key, made where there is none yet. Two that make one at once get the same: the file is put in its place whole and never
/// over another.
///
/// # Errors
/// When the file cannot be read or written.
pub fn load_or_make(edges: &Edges) -> Result<SigningKey> {
    let path = path(edges);
    if let Some(key) = load(&path)? {
        return Ok(key);
    }
    let half = path.with_extension(format!("{}.part", hex::encode(edges.dice.bytes::<8>())));
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&half)?;
    writeln!(file, "{}", hex::encode(edges.dice.bytes::<32>()))?;
    file.sync_all()?;
    let placed = std::fs::hard_link(&half, &path);
    std::fs::remove_file(&half)?;
    match placed {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error.into()),
        _ => {}
    }
    load(&path)?.ok_or_else(|| Error::Internal(format!("{}: vanished", path.display())))
}

/// The public half in hexadecimal digits.
pub fn public(key: &SigningKey) -> String {
    hex::encode(key.verifying_key().to_bytes())
}
