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
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use std::time::SystemTime;

/// Bytes of the key.
const KEY: usize = 32;
/// Bytes of a nonce, drawn anew for each sealing.
const NONCE: usize = 12;
/// What marks of the foundation's own accounts are marks of.
const OWN: &str = "bank account";
/// What is said of a key that is not the house's.
const OTHER_KEY: &str = "this is not the key that the secrets in the database were sealed with; put the file of the key back \
    (`vault_key_file`, or `vault.key` in the data folder; a backup holds it in `keys/`) and start again";

/// Most keys of a file: the one that seals, and those that are on their way out.
const MOST_KEYS: usize = 8;

/// Seals with the first key of its file and opens with any: while a key is changed, two lie there (`tributary rotate-key`).
pub struct Vault {
    file: PathBuf,
    ring: RwLock<Ring>,
}

/// The keys of the file as they were read, and by what a newer file is known.
#[derive(Clone)]
struct Ring {
    keys: Vec<[u8; KEY]>,
    seen: Option<Seen>,
}

/// A file that was put in the place of another is another one, however fast.
type Seen = (u64, u64, Option<SystemTime>);

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// Reads the keys, or makes one on the first start.
    ///
    /// # Errors
    /// When the file cannot be read or written, or holds no key.
    pub fn open(config: &Config, dice: &Dice) -> Result<Self> {
        let file = match &config.vault_key_file {
            Some(file) => file.clone(),
            None => {
                let file = config.data.join("vault.key");
                match create(&file, &dice.bytes::<KEY>()) {
                    Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(error.into()),
                    _ => file,
                }
            }
        };
        let ring = RwLock::new(read(&file)?);
        Ok(Self { file, ring })
    }

    /// The keys of the file as it is now: a key that was changed beside this process counts from the next secret on.
    fn ring(&self) -> Ring {
        let known = self.ring.read().unwrap_or_else(PoisonError::into_inner).clone();
        let seen = seen(&self.file);
        if seen.is_none() || seen == known.seen {
            return known;
        }
        match read(&self.file) {
            Ok(ring) => {
                *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring.clone();
                ring
            }
            // A file that is gone or spoiled while the house runs takes no secret with it.
            Err(_) => known,
        }
    }

    /// Seals a secret that belongs to `owner`, e.g. `second-factor 7`.
    ///
    /// # Errors
    /// When the cipher fails.
    pub fn seal(&self, dice: &Dice, owner: &str, secret: &[u8]) -> Result<String> {
        let nonce = dice.bytes::<NONCE>();
        let payload = Payload { msg: secret, aad: owner.as_bytes() };
        let cipher = Aes256Gcm::new(&self.ring().first().into());
        let sealed = cipher.encrypt(Nonce::from_slice(&nonce), payload).map_err(|_| broken("sealing failed"))?;
        Ok(STANDARD_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens what was sealed for `owner`.
    ///
    /// # Errors
    /// When the text was sealed with another key or for another owner, or was changed.
    pub fn reveal(&self, owner: &str, sealed: &str) -> Result<Vec<u8>> {
        self.opened(owner, sealed).map(|(secret, _)| secret)
    }

    /// What a text must become under the key that seals now: nothing when it is sealed with it.
    ///
    /// # Errors
    /// As [`Vault::reveal`].
    pub fn renewed(&self, dice: &Dice, owner: &str, sealed: &str) -> Result<Option<(Vec<u8>, String)>> {
        match self.opened(owner, sealed)? {
            (_, 0) => Ok(None),
            (secret, _) => {
                let renewed = self.seal(dice, owner, &secret)?;
                Ok(Some((secret, renewed)))
            }
        }
    }

    /// The secret, and which key of the file opened it.
    fn opened(&self, owner: &str, sealed: &str) -> Result<(Vec<u8>, usize)> {
        let bytes = STANDARD_NO_PAD.decode(sealed).map_err(|_| broken("not a sealed text"))?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE).ok_or_else(|| broken("not a sealed text"))?;
        for (place, key) in self.ring().keys.iter().enumerate() {
            let payload = Payload { msg: sealed, aad: owner.as_bytes() };
            if let Ok(secret) = Aes256Gcm::new(&(*key).into()).decrypt(Nonce::from_slice(nonce), payload) {
                return Ok((secret, place));
            }
        }
        Err(broken("sealed with another key"))
    }

    /// Puts a new key before the others, in one step: from here on everybody who reads the file seals with it. With more than one key a
    /// change is under way already and goes on with what there is. Answers whether a key was made.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn begin_change(&self, dice: &Dice) -> Result<bool> {
        let ring = self.ring();
        if ring.keys.len() > 1 {
            return Ok(false);
        }
        let mut keys = vec![dice.bytes::<KEY>()];
        keys.extend(ring.keys);
        replace(&self.file, &keys)?;
        Ok(true)
    }

    /// Takes every key but the first out of the file: what was sealed with them opens no more.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn end_change(&self) -> Result<()> {
        Ok(replace(&self.file, &[self.ring().first()])?)
    }

    /// Whether a key is being changed.
    pub fn is_changing(&self) -> bool {
        self.ring().keys.len() > 1
    }

    /// By what the key that seals now is told from others; tells nothing of it.
    pub fn key_name(&self) -> String {
        self.mark("vault", "the name of a key").get(..16).unwrap_or_default().to_owned()
    }

    /// 32 bytes that only this house can derive from `what`.
    pub fn derive(&self, what: &str) -> [u8; 32] {
        derived(&self.ring().first(), what)
    }

    /// What is kept of a text so that it is known again and can be told from others, but not read: HMAC-SHA-256 under this key.
    /// `of` keeps the marks of different things apart.
    pub fn mark(&self, of: &str, text: &str) -> String {
        marked(&self.ring().first(), of, text)
    }

    /// What is kept of an account of the foundation to know its number again.
    pub fn own_account(&self, plain_number: &str) -> String {
        self.mark(OWN, plain_number)
    }

    /// The same, made with each key of the file: by any of them an account that was entered before a change is known again.
    pub fn own_accounts(&self, plain_number: &str) -> Vec<String> {
        self.ring().keys.iter().map(|key| marked(key, OWN, plain_number)).collect()
    }

    /// Whether this is the key that the database's secrets were sealed with. A house that never sealed anything takes this one.
    ///
    /// # Errors
    /// [`Error::Internal`] that says what to do, when the key is another one: nothing new is sealed with it.
    pub async fn belongs_to(&self, db: &Db) -> Result<()> {
        let mine = &self.house();
        db.write(|tx| async move {
            let tx = &tx;
            let row = vault_key::ActiveModel { id: Set(1), mark: Set(mine.clone()), ..Default::default() };
            // Several copies may start at once on an empty house: the first one's key counts.
            vault_key::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(tx).await?;
            Ok(())
        })
        .await?;
        let row = vault_key::Entity::find_by_id(1).one(db.read()).await?;
        let mine = self.ring().keys.iter().any(|key| row.as_ref().is_some_and(|row| row.mark == house_of(key)));
        if mine { Ok(()) } else { Err(broken(OTHER_KEY)) }
    }

    /// By what the database knows the key that seals now.
    pub fn house(&self) -> String {
        house_of(&self.ring().first())
    }
}

impl Ring {
    /// The key that seals.
    fn first(&self) -> [u8; KEY] {
        self.keys.first().copied().unwrap_or_else(|| unreachable!("a file without a key is not read"))
    }
}

fn derived(key: &[u8; KEY], what: &str) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key).unwrap_or_else(|_| unreachable!());
    mac.update(what.as_bytes());
    mac.finalize().into_bytes().into()
}

fn marked(key: &[u8; KEY], of: &str, text: &str) -> String {
    hex::encode(derived(key, &format!("mark of {of}\n{text}")))
}

fn house_of(key: &[u8; KEY]) -> String {
    marked(key, "vault", "the key of this house")
}

fn broken(why: &str) -> Error {
    Error::Internal(format!("vault: {why}"))
}

/// One key a line, the one that seals first.
fn read(file: &Path) -> Result<Ring> {
    let seen = seen(file);
    let text = std::fs::read_to_string(file)?;
    let wrong = || Error::Internal(format!("{}: not a key of 64 hexadecimal digits", file.display()));
    let one = |line: &str| hex::decode(line.trim()).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(wrong);
    let keys = text.trim().lines().map(one).collect::<Result<Vec<[u8; KEY]>>>()?;
    if keys.is_empty() || keys.len() > MOST_KEYS { Err(wrong()) } else { Ok(Ring { keys, seen }) }
}

fn seen(file: &Path) -> Option<Seen> {
    let told = std::fs::metadata(file).ok()?;
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(&told);
    #[cfg(not(unix))]
    let number = 0;
    Some((number, told.len(), told.modified().ok()))
}

/// Puts other keys in the place of those of the file, whole or not at all, and sees that they are on the disk.
fn replace(file: &Path, keys: &[[u8; KEY]]) -> std::io::Result<()> {
    let part = file.with_extension("key.part");
    std::fs::remove_file(&part).or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut open = options.open(&part)?;
    let lines: Vec<String> = keys.iter().map(hex::encode).collect();
    open.write_all(lines.join("\n").as_bytes())?;
    open.sync_all()?;
    std::fs::rename(&part, file)?;
    match file.parent() {
        // The new name must outlive a cut of the power, or secrets would be sealed with a key that nobody has.
        Some(folder) if !folder.as_os_str().is_empty() => std::fs::File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
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

    fn with(folder: &Path, name: &str, keys: &[[u8; KEY]]) -> Vault {
        let file = folder.join(name);
        replace(&file, keys).unwrap();
        let ring = RwLock::new(read(&file).unwrap());
        Vault { file, ring }
    }

    #[test]
    fn a_key_is_changed_beside_whoever_reads_it() {
        let (folder, dice) = (tempfile::tempdir().unwrap(), Dice::seeded(1));
        let vault = with(folder.path(), "key", &[[7; KEY]]);
        let copy = Vault { file: vault.file.clone(), ring: RwLock::new(read(&vault.file).unwrap()) };
        let old = copy.seal(&dice, "a", b"secret").unwrap();
        let name = vault.key_name();
        assert!(vault.begin_change(&dice).unwrap() && vault.is_changing());
        // The copy was told nothing: it reads the file when it seals or opens next.
        let new = copy.seal(&dice, "a", b"secret").unwrap();
        assert_ne!(copy.key_name(), name);
        assert_eq!(copy.renewed(&dice, "a", &new).unwrap(), None);
        let (secret, renewed) = copy.renewed(&dice, "a", &old).unwrap().unwrap();
        assert_eq!(secret, b"secret");
        // Asked again it goes on, and makes no third key.
        assert!(!vault.begin_change(&dice).unwrap());
        vault.end_change().unwrap();
        assert!(copy.reveal("a", &old).is_err() && !copy.is_changing());
        assert_eq!(copy.reveal("a", &renewed).unwrap(), b"secret");
        assert_eq!(copy.reveal("a", &new).unwrap(), b"secret");
        // A file that is spoiled or gone while the house runs takes no secret with it.
        std::fs::write(&vault.file, "short").unwrap();
        assert_eq!(copy.reveal("a", &new).unwrap(), b"secret");
        std::fs::remove_file(&vault.file).unwrap();
        assert_eq!(copy.reveal("a", &new).unwrap(), b"secret");
    }

    #[test]
    fn a_sealed_text_opens_for_its_owner_and_with_its_key_only() {
        let dice = Dice::seeded(1);
        let folder = tempfile::tempdir().unwrap();
        let (vault, other) = (with(folder.path(), "one", &[[7; KEY]]), with(folder.path(), "other", &[[8; KEY]]));
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
        let first = Vault::open(&config, &Dice::seeded(1)).unwrap().ring().keys;
        assert_eq!(Vault::open(&config, &Dice::seeded(2)).unwrap().ring().keys, first);
        std::fs::write(folder.path().join("vault.key"), "short").unwrap();
        assert!(Vault::open(&config, &Dice::seeded(3)).is_err());
    }
}
