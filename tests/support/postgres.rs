//! A PostgreSQL of this test process: made once in a folder of its own, gone with the process; every world gets a copy of a
//! database whose tables are made once.

use super::tools;
use sea_orm::{ConnectionTrait, Database};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tributary::app;
use tributary::config::Config;
use tributary::edges::clock::Clock;
use tributary::edges::dice::Dice;

static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
static COUNT: AtomicU32 = AtomicU32::new(0);
/// Copies of one template are made one after the other.
static COPYING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[derive(Debug, Clone)]
struct Server {
    folder: PathBuf,
}

impl Server {
    fn address(&self, database: &str) -> String {
        let host = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{host}/{database}")
    }
}

/// The address of a fresh database with all tables; an explanation where there is no PostgreSQL.
pub async fn fresh() -> Result<String, String> {
    let server = tokio::task::spawn_blocking(|| SERVER.get_or_init(start).clone()).await.unwrap()?;
    let name = format!("world_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let _one = COPYING.lock().await;
    let door = Database::connect(server.address("postgres")).await.map_err(|error| error.to_string())?;
    door.execute_unprepared(&format!("create database {name} template tributary"))
        .await
        .map_err(|error| error.to_string())?;
    door.close().await.map_err(|error| error.to_string())?;
    Ok(server.address(&name))
}

/// The address of a database without a table.
pub async fn empty() -> Result<String, String> {
    let server = tokio::task::spawn_blocking(|| SERVER.get_or_init(start).clone()).await.unwrap()?;
    let name = format!("empty_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let door = Database::connect(server.address("postgres")).await.map_err(|error| error.to_string())?;
    let made = door.execute_unprepared(&format!("create database {name} template template0")).await;
    made.map_err(|error| error.to_string())?;
    door.close().await.map_err(|error| error.to_string())?;
    Ok(server.address(&name))
}

/// Where Debian keeps the server's programs, newest first.
fn binaries() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.join("initdb").is_file() && bin.join("postgres").is_file())
        .collect();
    found.sort();
    found.pop()
}

fn start() -> Result<Server, String> {
    let bin = binaries().ok_or("PostgreSQL is not installed")?;
    let (ready, told) = std::sync::mpsc::channel();
    // The server dies with the thread that started it, so that thread lives for ever.
    std::thread::spawn(move || {
        let answer = run(&bin);
        let stays = answer.is_ok();
        ready.send(answer.map(|(server, _)| server)).ok();
        if stays {
            loop {
                std::thread::park();
            }
        }
    });
    told.recv().map_err(|error| error.to_string())?
}

fn run(bin: &Path) -> Result<(Server, std::process::Child), String> {
    let folder = std::env::temp_dir().join(format!("tributary-postgres-{}", std::process::id()));
    forget_the_dead();
    let root = is_root();
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    if root {
        let owned = Command::new("chown").arg("postgres:").arg(&folder).status();
        if !owned.is_ok_and(|status| status.success()) {
            return Err("there is no user postgres".into());
        }
    }
    let data = folder.join("data");
    let made = as_postgres(root, &bin.join("initdb"))
        .args(["--no-sync", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-D"])
        .arg(&data)
        .stdout(Stdio::null())
        .output()
        .map_err(|error| format!("initdb: {error}"))?;
    if !made.status.success() {
        return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr)));
    }
    // Without fsync because nothing here outlives the process; durability is tried on the other database by killing.
    let child = as_postgres(root, &bin.join("postgres"))
        .arg("-D")
        .arg(&data)
        .arg("-k")
        .arg(&folder)
        .args(["-c", "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off"])
        .args(["-c", "max_connections=400", "-c", "shared_buffers=64MB", "-c", "log_min_messages=panic"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("postgres: {error}"))?;
    let server = Server { folder };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.block_on(prepare(&server))?;
    Ok((server, child))
}

/// Waits for the server and makes the database that every world is copied from.
async fn prepare(server: &Server) -> Result<(), String> {
    let until = Instant::now() + Duration::from_secs(60);
    let door = loop {
        match Database::connect(server.address("postgres")).await {
            Ok(door) => break door,
            Err(error) if Instant::now() > until => return Err(format!("PostgreSQL does not answer: {error}")),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    };
    door.execute_unprepared("create database tributary").await.map_err(|error| error.to_string())?;
    door.close().await.map_err(|error| error.to_string())?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let config = Config { data: folder.path().to_owned(), database: server.address("tributary"), ..Config::default() };
    let edges = app::open(config, Clock::system(), Dice::fair()).await.map_err(|error| error.to_string())?;
    // Each house that is made of it has a key of its own.
    edges.db.connections().execute_unprepared("delete from vault_key").await.map_err(|error| error.to_string())?;
    edges.db.connections().clone().close().await.map_err(|error| error.to_string())?;
    Ok(())
}

fn as_postgres(root: bool, program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if root {
        command.args(["--reuid", "postgres", "--regid", "postgres", "--init-groups"]);
    }
    command.args(["--pdeathsig", "KILL"]).arg(program).current_dir("/");
    command
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.starts_with(b"0\n"))
}

/// Removes what earlier processes left behind.
fn forget_the_dead() {
    let Ok(entries) = std::fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(pid) = name.strip_prefix("tributary-postgres-") else { continue };
        if !Path::new("/proc").join(pid).exists() {
            std::fs::remove_dir_all(entry.path()).ok();
        }
    }
}

/// Runs a test's world on PostgreSQL, or says in one line that it was left out.
pub async fn address_or_left_out(what: &str) -> Option<String> {
    match fresh().await {
        Ok(address) => Some(address),
        Err(why) => {
            tools::left_out(what, &why);
            None
        }
    }
}
