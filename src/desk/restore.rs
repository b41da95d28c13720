//! A backup put back, into an empty data folder only: what is there is never overwritten.

use super::backup::{FILES, FORMAT, KEYS, MANIFEST, Manifest};
use super::backup::{copy, hash_of, is_hash, keys, run_tool, sync_folder, without_password};
use crate::config::Config;
use crate::edges::Edges;
use crate::edges::clock::Clock;
use crate::edges::dice::Dice;
use crate::error::{Error, Result};
use crate::ledger::seal::sealer;
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where a packed backup is opened: inside the data folder, so that it needs no other disk.
const UNPACKED: &str = "restoring";

/// Puts a backup back and answers what it holds.
///
/// # Errors
/// Before anything is written: when the data folder or the database is not empty, or the backup is not whole.
pub async fn run(config: Config, source: &Path) -> Result<Manifest> {
    if config.data.exists() && std::fs::read_dir(&config.data)?.next().is_some() {
        return Err(wrong(&config.data, "is not empty: a backup is put back into an empty data folder only"));
    }
    if !config.database.is_empty() {
        empty_postgres(&config.database).await?;
    }
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&config.data)?;
    let opened = open(source, &config.data.join(UNPACKED))?;
    let put = put_back(&config, &opened).await;
    std::fs::remove_dir_all(config.data.join(UNPACKED)).ok();
    let manifest = put?;
    sync_folder(Some(&config.data))?;
    same_head(config, &manifest).await?;
    Ok(manifest)
}

fn wrong(path: &Path, what: &str) -> Error {
    Error::Internal(format!("{}: {what}", path.display()))
}

async fn empty_postgres(address: &str) -> Result<()> {
    let db = Database::connect(address.to_owned()).await?;
    let sql = "select count(*) from information_schema.tables where table_schema = 'public'";
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    let tables: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0);
    db.close().await?;
    if tables == 0 {
        return Ok(());
    }
    Err(Error::Internal("the database is not empty: a backup is put back into an empty database only".into()))
}

/// The backup as a folder: itself, or what is packed in the file.
fn open(source: &Path, unpacked: &Path) -> Result<PathBuf> {
    if source.is_dir() {
        return Ok(source.to_owned());
    }
    let file = std::fs::File::open(source).map_err(|error| wrong(source, &error.to_string()))?;
    std::fs::DirBuilder::new().mode(0o700).create(unpacked)?;
    let mut archive = tar::Archive::new(file);
    for entry in archive.entries()? {
        // Nothing leads out of the folder: such an entry is left out, and the backup is then not whole.
        entry?.unpack_in(unpacked)?;
    }
    Ok(unpacked.to_owned())
}

/// Reads the note and looks at every byte before anything is put in its place.
fn examined(config: &Config, folder: &Path) -> Result<Manifest> {
    let note = folder.join(MANIFEST);
    let text = std::fs::read_to_string(&note)
        .map_err(|_| wrong(&note, "is missing: this is no backup, or one that was not finished"))?;
    let manifest: Manifest = serde_json::from_str(&text)?;
    let wanted = if config.database.is_empty() { "tributary.db" } else { "tributary.pgdump" };
    if manifest.format != FORMAT {
        return Err(wrong(&note, "is of another version"));
    }
    if manifest.database != wanted {
        return Err(wrong(&note, "is of the other kind of database than the settings name"));
    }
    if hash_of(&folder.join(wanted))? != manifest.sha256 {
        return Err(wrong(&folder.join(wanted), "is not what was backed up"));
    }
    let mut files = 0;
    for file in std::fs::read_dir(folder.join(FILES))? {
        let path = file?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !is_hash(name) || hash_of(&path)? != name {
            return Err(wrong(&path, "is not what was backed up"));
        }
        files += 1;
    }
    if files != manifest.files || manifest.keys.iter().any(|name| !folder.join(KEYS).join(name).exists()) {
        return Err(wrong(folder, "is not whole"));
    }
    Ok(manifest)
}

async fn put_back(config: &Config, folder: &Path) -> Result<Manifest> {
    let manifest = examined(config, folder)?;
    for (name, path) in keys(config) {
        // A key that the settings name elsewhere is there already, and stays.
        if manifest.keys.iter().any(|kept| kept == name) && !path.exists() {
            copy(&folder.join(KEYS).join(name), &path)?;
        }
    }
    super::backup::copy_files(&folder.join(FILES), &config.data.join("files"))?;
    let database = folder.join(&manifest.database);
    if config.database.is_empty() {
        // Under its name only when it is whole.
        let half = config.data.join("tributary.db.part");
        copy(&database, &half)?;
        std::fs::rename(&half, config.data.join("tributary.db"))?;
        return Ok(manifest);
    }
    let (address, password) = without_password(&config.database);
    let mut tool = Command::new("pg_restore");
    tool.args(["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"])
        .arg(format!("--dbname={address}"))
        .arg(&database);
    run_tool(tool, password).await?;
    Ok(manifest)
}

/// What was restored ends in the head that was backed up.
async fn same_head(config: Config, manifest: &Manifest) -> Result<()> {
    let edges = Edges::open(config, Clock::system(), Dice::fair()).await?;
    let head = sealer::newest(edges.db.read()).await?;
    let head = head.map(|head| head.head().map(|head| head.text())).transpose()?;
    if head == manifest.head {
        return Ok(());
    }
    Err(Error::Internal("the newest head of the restored books is not the one that was backed up".into()))
}
