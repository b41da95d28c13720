//! A backup, taken while the house serves: the database as of one moment, every file it names, the keys, and the newest head.
//!
//! The database is copied by its own means, so that what is committed is whole and what is under way is not there. Files are only
//! ever added and are written before the row that names them, so they are copied after it. The note that tells what the backup
//! holds ([`Manifest`]) is written last: a folder without it is not finished.

use crate::config::Config;
use crate::edges::Edges;
use crate::error::{Error, Result};
use crate::ledger::seal::sealer;
use sea_orm::{ConnectionTrait, Database, DbBackend};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Name of the format.
pub(super) const FORMAT: &str = "tributary-backup-1";
/// The note in the backup.
pub(super) const MANIFEST: &str = "backup.json";
/// The keys in the backup, apart from the database that they protect.
pub(super) const KEYS: &str = "keys";
/// The files in the backup.
pub(super) const FILES: &str = "files";

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Name of the format.
    pub format: String,
    /// When it was taken, in UTC.
    pub made_at: String,
    /// The copy of the database: `tributary.db`, or `tributary.pgdump` from PostgreSQL.
    pub database: String,
    /// SHA-256 of that copy.
    pub sha256: String,
    /// Files of the house in it.
    pub files: usize,
    /// Keys of the house in it, by name.
    pub keys: Vec<String>,
    /// The newest head, as it was signed; nothing before the first seal.
    pub head: Option<String>,
}

/// Takes a backup into a new folder, or into one file when the name ends in `.tar`.
///
/// # Errors
/// When something is there already, a tool is missing, or the disk refuses. Nothing is left behind that looks like a backup.
pub async fn run(edges: &Edges, target: &Path) -> Result<Manifest> {
    if edges.config.database.is_empty() && !holds_tables(edges).await? {
        return Err(Error::Internal(format!("{}: there is nothing to back up", edges.config.data.display())));
    }
    if target.extension().is_none_or(|kind| kind != "tar") {
        return into_folder(edges, target).await;
    }
    if target.exists() {
        return Err(Error::Internal(format!("{}: is there already", target.display())));
    }
    let (folder, half) = (beside(target, "folder.part"), beside(target, "tar.part"));
    let taken = into_folder(edges, &folder).await;
    let packed = taken.and_then(|manifest| pack(&folder, &half).map(|()| manifest));
    std::fs::remove_dir_all(&folder).ok();
    if packed.is_ok() {
        std::fs::rename(&half, target)?;
        sync_folder(target.parent())?;
    } else {
        std::fs::remove_file(&half).ok();
    }
    packed
}

/// The keys that lie in files, by the name they have in a backup: without the vault's no second factor opens, without the seal's
/// nobody seals on.
pub(super) fn keys(config: &Config) -> [(&'static str, PathBuf); 2] {
    let place = |named: &Option<PathBuf>, name: &str| named.clone().unwrap_or_else(|| config.data.join(name));
    [("seal.key", place(&config.seal_key, "seal.key")), ("vault.key", place(&config.vault_key_file, "vault.key"))]
}

fn copy_keys(config: &Config, into: &Path) -> Result<Vec<String>> {
    std::fs::DirBuilder::new().mode(0o700).create(into)?;
    let mut kept = Vec::new();
    for (name, path) in keys(config) {
        // The seal's key is made with the first seal.
        if path.exists() {
            copy(&path, &into.join(name))?;
            kept.push(name.to_owned());
        }
    }
    sync_folder(Some(into))?;
    Ok(kept)
}

/// Opening made an empty database where there was none.
async fn holds_tables(edges: &Edges) -> Result<bool> {
    let sql = "select name from sqlite_master where type = 'table' and name = 'transfer'";
    let statement = sea_orm::Statement::from_string(DbBackend::Sqlite, sql);
    Ok(edges.db.read().query_one_raw(statement).await?.is_some())
}

fn beside(target: &Path, ending: &str) -> PathBuf {
    target.with_extension(ending)
}

async fn into_folder(edges: &Edges, folder: &Path) -> Result<Manifest> {
    if folder.exists() && std::fs::read_dir(folder)?.next().is_some() {
        return Err(Error::Internal(format!("{}: is not empty", folder.display())));
    }
    // It holds what the database holds, and the key: nobody else's to read.
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let (database, head) = match edges.db.backend() {
        DbBackend::Postgres => ("tributary.pgdump", dump_postgres(edges, &folder.join("tributary.pgdump")).await?),
        _ => ("tributary.db", copy_sqlite(edges, &folder.join("tributary.db")).await?),
    };
    let files = copy_files(&edges.config.data.join("files"), &folder.join(FILES))?;
    let keys = copy_keys(&edges.config, &folder.join(KEYS))?;
    let manifest = Manifest {
        format: FORMAT.into(),
        made_at: edges.clock.now().to_rfc3339(),
        database: database.into(),
        sha256: hash_of(&folder.join(database))?,
        files,
        keys,
        head,
    };
    let mut note = create(&folder.join(MANIFEST))?;
    note.write_all(&serde_json::to_vec_pretty(&manifest)?)?;
    note.sync_all()?;
    sync_folder(Some(folder))?;
    sync_folder(folder.parent())?;
    Ok(manifest)
}

/// The embedded database as of one moment; whoever writes meanwhile goes on.
async fn copy_sqlite(edges: &Edges, target: &Path) -> Result<Option<String>> {
    let place = target.display().to_string();
    edges.db.read().execute_unprepared(&format!("vacuum into '{}'", place.replace('\'', "''"))).await?;
    std::fs::File::open(target)?.sync_all()?;
    // The head is read from the copy, so that it is the copy's.
    let copy = Database::connect(format!("sqlite:{place}?mode=ro&immutable=true")).await?;
    let head = sealer::newest(&copy).await?;
    copy.close().await?;
    head.map(|head| head.head().map(|head| head.text())).transpose()
}

/// PostgreSQL by its own tool, in the very snapshot in which the head is read.
async fn dump_postgres(edges: &Edges, target: &Path) -> Result<Option<String>> {
    let still = edges.db.still().await?;
    let head = sealer::newest(still.read()).await?;
    let snapshot = still.name().await?;
    let (address, password) = without_password(&edges.config.database);
    let mut tool = Command::new("pg_dump");
    tool.args(["--format=custom", "--no-owner", "--no-privileges"])
        .arg(format!("--snapshot={snapshot}"))
        .arg(format!("--file={}", target.display()))
        .arg(format!("--dbname={address}"));
    run_tool(tool, password).await?;
    still.end().await?;
    std::fs::File::open(target)?.sync_all()?;
    head.map(|head| head.head().map(|head| head.text())).transpose()
}

/// Runs a tool of PostgreSQL to its end.
pub(super) async fn run_tool(mut tool: Command, password: Option<String>) -> Result<()> {
    if let Some(password) = password {
        // Arguments can be read by everybody on the machine; the environment of a process cannot.
        tool.env("PGPASSWORD", password);
    }
    let name = tool.get_program().to_string_lossy().into_owned();
    let done = tokio::task::spawn_blocking(move || tool.output()).await;
    let done = done.map_err(|error| Error::Internal(format!("{name}: {error}")))?;
    let done = done.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Error::Internal(format!("{name} is not installed: it belongs to the client programs of PostgreSQL"))
        }
        _ => Error::Internal(format!("{name}: {error}")),
    })?;
    if done.status.success() {
        return Ok(());
    }
    Err(Error::Internal(format!("{name}: {}", String::from_utf8_lossy(&done.stderr).trim())))
}

/// The address of a database without its password, and the password.
pub(super) fn without_password(address: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = address.split_once("://") else { return (address.to_owned(), None) };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let Some((user, host)) = authority.rsplit_once('@') else { return (address.to_owned(), None) };
    match user.split_once(':') {
        Some((name, password)) => (format!("{scheme}://{name}@{host}{path}"), Some(percent_decoded(password))),
        None => (address.to_owned(), None),
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let pair = after.get(..2).and_then(|pair| hex::decode(pair).ok());
        match pair.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.extend(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Copies every whole file of the house; halves that are being written are left out.
pub(super) fn copy_files(from: &Path, into: &Path) -> Result<usize> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(into)?;
    let mut count = 0;
    for file in std::fs::read_dir(from)? {
        let file = file?;
        let name = file.file_name();
        if name.to_str().is_some_and(is_hash) {
            copy(&file.path(), &into.join(&name))?;
            count += 1;
        }
    }
    sync_folder(Some(into))?;
    Ok(count)
}

/// Whether a name is that of a file of the house: its SHA-256.
pub(super) fn is_hash(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Copies a file to a new one that only its owner reads, and has it on disk.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    let mut source = std::fs::File::open(from)?;
    let mut target = create(to)?;
    std::io::copy(&mut source, &mut target)?;
    target.sync_all()?;
    Ok(())
}

fn create(path: &Path) -> Result<std::fs::File> {
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.map_err(|error| Error::Internal(format!("{}: {error}", path.display())))
}

/// Names are on disk only with their folder.
pub(super) fn sync_folder(folder: Option<&Path>) -> Result<()> {
    match folder {
        Some(folder) if !folder.as_os_str().is_empty() => Ok(std::fs::File::open(folder)?.sync_all()?),
        _ => Ok(()),
    }
}

/// SHA-256 of a file, hex, read in pieces.
pub(super) fn hash_of(path: &Path) -> Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 256 * 1024];
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok(hex::encode(hash.finalize()));
        }
        hash.update(&piece[..read]);
    }
}

fn pack(folder: &Path, target: &Path) -> Result<()> {
    let mut archive = tar::Builder::new(create(target)?);
    archive.append_dir_all("", folder)?;
    archive.into_inner()?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_no_argument() {
        assert_eq!(
            without_password("postgres://me:p%40ss:w@db:5432/books?sslmode=require"),
            ("postgres://me@db:5432/books?sslmode=require".into(), Some("p@ss:w".into()))
        );
        for plain in ["postgres://me@%2Frun%2Fpg/books", "postgres://db/books", "sqlite:data/x.db"] {
            assert_eq!(without_password(plain), (plain.to_owned(), None));
        }
    }
}
