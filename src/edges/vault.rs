//! Secrets at rest: what a stolen copy of the database must not tell is sealed with a key that is not in it.
//!
//! AES-256-GCM with a random nonce; a sealed text says whose it is, so that it cannot be moved to another row. The key lies in a
//! file beside the data folder's database, readable by the house alone; several copies of the house share one file.

use super::db::Db;
use super::dice::Dice;
use crate::config::Config;
use crate::error::{Error, Result};
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use entities::vault_key;
use hmac::{Hmac, Mac};
use sea_orm::{ActiveValue::Set, EntityTrait};
use sha2::Sha256;
use std::io::Write;
use std::path::Path;

/// Bytes of the key.
const KEY: usize = 32;
/// Bytes of a nonce, drawn anew for each sealing.
const NONCE: usize = 12;
/// What is said of a key that is not the house's.
const OTHER_KEY: &str = "this is not the key that the secrets in the database were sealed with; put the file of the key back \
    (`vault_key_file`, or `vault.key` in the data folder; a backup holds it in `keys/`) and start again";

/// Seals and opens.
pub struct Vault {
    key: [u8; KEY],
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// Reads the key, or makes one on the first start.
    ///
    /// # Errors
    /// When the file cannot be read or written, or holds no key.
    pub fn open(config: &Config, dice: &Dice) -> Result<Self> {
        if let Some(file) = &config.vault_key_file {
            return read(file);
        }
        let file = config.data.join("vault.key");
        match create(&file, &dice.bytes::<KEY>()) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error.into()),
            _ => read(&file),
        }
    }

    /// Seals a secret that belongs to `owner`, e.g. `second-factor 7`.
    ///
    /// # Errors
    /// When the cipher fails.
    pub fn seal(&self, dice: &Dice, owner: &str, secret: &[u8]) -> Result<String> {
        let nonce = dice.bytes::<NONCE>();
        let payload = Payload { msg: secret, aad: owner.as_bytes() };
        let sealed = self.cipher().encrypt(Nonce::from_slice(&nonce), payload).map_err(|_| broken("sealing failed"))?;
        Ok(STANDARD_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens what was sealed for `owner`.
    ///
    /// # Errors
    /// When the text was sealed with another key or for another owner, or was changed.
    pub fn reveal(&self, owner: &str, sealed: &str) -> Result<Vec<u8>> {
        let bytes = STANDARD_NO_PAD.decode(sealed).map_err(|_| broken("not a sealed text"))?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE).ok_or_else(|| broken("not a sealed text"))?;
        let payload = Payload { msg: sealed, aad: owner.as_bytes() };
        self.cipher().decrypt(Nonce::from_slice(nonce), payload).map_err(|_| broken("sealed with another key"))
    }

    /// 32 bytes that only this house can derive from `what`.
    pub fn derive(&self, what: &str) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&self.key).unwrap_or_else(|_| unreachable!());
        mac.update(what.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// What is kept of a text so that it is known again and can be told from others, but not read: HMAC-SHA-256 under this key.
    /// `of` keeps the marks of different things apart.
    pub fn mark(&self, of: &str, text: &str) -> String {
        hex::encode(self.derive(&format!("mark of {of}\n{text}")))
    }

    /// What is kept of an account of the foundation to know its number again.
    pub fn own_account(&self, plain_number: &str) -> String {
        self.mark("bank account", plain_number)
    }

    /// Whether this is the key that the database's secrets were sealed with. A house that never sealed anything takes this one.
    ///
    /// # Errors
    /// [`Error::Internal`] that says what to do, when the key is another one: nothing new is sealed with it.
    pub async fn belongs_to(&self, db: &Db) -> Result<()> {
        let mine = &self.mark("vault", "the key of this house");
        db.write(|tx| async move {
            let tx = &tx;
            let row = vault_key::ActiveModel { id: Set(1), mark: Set(mine.clone()) };
            // Several copies may start at once on an empty house: the first one's key counts.
            vault_key::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(tx).await?;
            Ok(())
        })
        .await?;
        let row = vault_key::Entity::find_by_id(1).one(db.read()).await?;
        if row.is_some_and(|row| row.mark == *mine) { Ok(()) } else { Err(broken(OTHER_KEY)) }
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&self.key.into())
    }
}

fn broken(why: &str) -> Error {
    Error::Internal(format!("vault: {why}"))
}

fn read(file: &Path) -> Result<Vault> {
    let text = std::fs::read_to_string(file)?;
    let key = hex::decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
    let wrong = || Error::Internal(format!("{}: not a key of 64 hexadecimal digits", file.display()));
    Ok(Vault { key: key.ok_or_else(wrong)? })
}

/// Writes a new key where there is none; only the owner of the process may read it.
fn create(file: &Path, key: &[u8; KEY]) -> std::io::Result<()> {
    if file.exists() {
        return Err(std::io::ErrorKind::AlreadyExists.into());
    }
    // Whole or not at all: a crash must not leave half a key, and of two that start at once one file wins.
    let part = file.with_extension(format!("{}.part", &super::dice::fingerprint(key)[..16]));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut open = options.open(&part)?;
    open.write_all(hex::encode(key).as_bytes())?;
    open.sync_all()?;
    let linked = std::fs::hard_link(&part, file);
    std::fs::remove_file(&part)?;
    linked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_text_opens_for_its_owner_and_with_its_key_only() {
        let dice = Dice::seeded(1);
        let (vault, other) = (Vault { key: [7; KEY] }, Vault { key: [8; KEY] });
        let sealed = vault.seal(&dice, "second-factor 1", b"secret").unwrap();
        assert_eq!(vault.reveal("second-factor 1", &sealed).unwrap(), b"secret");
        assert!(vault.reveal("second-factor 2", &sealed).is_err());
        assert!(other.reveal("second-factor 1", &sealed).is_err());
        assert!(vault.reveal("second-factor 1", "").is_err());
        assert_ne!(sealed, vault.seal(&dice, "second-factor 1", b"secret").unwrap(), "no nonce twice");
    }

    #[test]
    fn a_key_is_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data: folder.path().to_owned(), ..Config::default() };
        let first = Vault::open(&config, &Dice::seeded(1)).unwrap().key;
        assert_eq!(Vault::open(&config, &Dice::seeded(2)).unwrap().key, first);
        std::fs::write(folder.path().join("vault.key"), "short").unwrap();
        assert!(Vault::open(&config, &Dice::seeded(3)).is_err());
    }
}
