//! The commands.
//!
//! They stand in the library and not in the program: what is asynchronous is compiled once more for every crate that waits for it,
//! and a program that only calls [`run`] links in seconds.

mod decide;

use crate::app;
use crate::config::Config;
use crate::core::sealed::verify::{compare, examine};
use crate::desk::{backup, jobs, restore, rotation};
use crate::edges::Edges;
use crate::edges::clock::Clock;
use crate::edges::dice::Dice;
use crate::error::{Error, Result};
use crate::ledger::seal;
use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A grant marketplace for community foundations, with books anyone can check.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    /// Settings file.
    #[arg(long, default_value = "tributary.toml", global = true)]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sets up the foundation and prints one-time invitations for two administrators.
    Init(Box<crate::people::setup::Founding>),
    /// Serves the pages, and runs the jobs unless `work = false`.
    Serve,
    /// Runs the jobs only.
    Work,
    /// Plays the worked example in a throw-away database and serves it.
    Demo(crate::demo::Options),
    /// Brings the tables up to date.
    Migrate,
    /// Looks for what is wrong: configuration, database, books.
    Check(Kept),
    /// Seals what was posted since the last seal.
    Seal {
        /// The key that sealed so far is lost: the one in its place, or a new one, takes over from here.
        #[arg(long)]
        new_key: bool,
    },
    /// Another key for the vault: seals every secret anew while others serve. Asked again it goes on, and in the end takes the old key out.
    RotateKey,
    /// Checks an exported ledger against its heads, without a database and without a network.
    Verify(Exported),
    /// Answers one question of a decision from one file, without a database and without a network.
    #[command(subcommand)]
    Decide(decide::Question),
    /// Copies the database, the files and the sealing key, while others serve.
    Backup {
        /// A new folder, or a new file ending in `.tar`.
        target: PathBuf,
    },
    /// Puts a backup back into an empty data folder.
    Restore {
        /// The folder or file of the backup.
        source: PathBuf,
        #[command(flatten)]
        kept: Kept,
    },
}

/// Heads that somebody outside kept.
#[derive(Debug, clap::Args)]
struct Kept {
    /// A `heads.json` that was kept: every head of it must still be there, byte for byte.
    #[arg(long)]
    kept: Option<PathBuf>,
}

impl Kept {
    fn read(&self) -> Result<Option<String>> {
        self.kept.as_deref().map(text_of).transpose()
    }
}

/// What `verify` reads.
#[derive(Debug, clap::Args)]
struct Exported {
    /// The ledger: `/data/ledger.jsonl`.
    ledger: PathBuf,
    /// The heads: `/data/heads.json`.
    #[arg(long)]
    heads: PathBuf,
    /// The public key that you expect; every head must be signed by it, or by one of several.
    #[arg(long)]
    key: Vec<String>,
    #[command(flatten)]
    kept: Kept,
}

/// Runs the command that was asked for.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    // Whoever asks a decision tool reads one line on each stream at most: nothing is set up that could say more.
    if let Command::Decide(question) = &arguments.command {
        return decide::answer(question);
    }
    log_to_stderr();
    match rocket::async_main(obeyed(arguments)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            tracing::error!(%error, "stopped");
            ExitCode::FAILURE
        }
    }
}

fn log_to_stderr() {
    // The house writes one line a request of its own; what the framework says besides would bury it.
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| "info,rocket=error,sqlx=warn,sea_orm_migration=warn".into());
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
}

async fn obeyed(arguments: Arguments) -> Result<bool> {
    if let Command::Demo(options) = arguments.command {
        return crate::demo::run(options).await;
    }
    if let Command::Verify(exported) = &arguments.command {
        return verify(exported);
    }
    let config = Config::read(&arguments.config)?;
    // A backup is taken before an upgrade too: it leaves the tables as they are.
    match &arguments.command {
        Command::Backup { target } => return take_backup(config, target).await,
        Command::Restore { source, kept } => return put_back(config, source, kept.read()?).await,
        _ => {}
    }
    let edges = app::open(config, Clock::system(), Dice::fair()).await?;
    match arguments.command {
        Command::Init(founding) => crate::people::setup::init(&edges, *founding).await.map(|()| true),
        Command::Serve => app::serve(edges, Vec::new()).await.map(|()| true),
        Command::Work => jobs::work(edges, until_asked_to_stop()).await.map(|()| true),
        Command::Check(kept) => crate::desk::check::run_with(&edges, kept.read()?.as_deref()).await,
        Command::Seal { new_key } => {
            let made = seal::seal(&edges, new_key).await?;
            say(&format!("{made} heads"));
            Ok(true)
        }
        Command::RotateKey => {
            let told = rotation::run(&edges).await?;
            say(&turned(&told));
            Ok(told.left.is_empty())
        }
        _ => Ok(true),
    }
}

/// What came of a change of the vault's key, and what is to be done next.
fn turned(told: &rotation::Told) -> String {
    let begun = if told.begun { "a new key seals from now on; " } else { "" };
    let next = match (told.left.as_slice(), told.ended) {
        (_, true) => "the old key is out of the file".to_owned(),
        ([], false) => format!("run it again after {} to take the old key out of the file", told.from.to_rfc3339()),
        (left, false) => format!(
            "the old key stays: enter how these accounts pay, then run it again after {}: {}",
            told.from.to_rfc3339(),
            left.join(", ")
        ),
    };
    format!("{begun}{} secrets sealed anew; {next}", told.renewed)
}

#[allow(clippy::print_stdout, reason = "the answer of a command is what it prints")]
fn say(line: &str) {
    println!("{line}");
}

async fn take_backup(config: Config, target: &Path) -> Result<bool> {
    let edges = Edges::open(config, Clock::system(), Dice::fair()).await?;
    let manifest = backup::run(&edges, target).await?;
    say(&format!("{}: {}", target.display(), told(&manifest)));
    Ok(true)
}

async fn put_back(config: Config, source: &Path, kept: Option<String>) -> Result<bool> {
    let data = config.data.clone();
    let manifest = restore::run(config.clone(), source).await?;
    say(&format!("{}: {}", data.display(), told(&manifest)));
    let mut well = true;
    if let Some(file) = kept {
        let edges = Edges::open(config, Clock::system(), Dice::fair()).await?;
        for finding in seal::inspect::not_as_kept(&edges, &file).await? {
            say(&format!("WRONG {finding}"));
            well = false;
        }
    }
    if !well {
        say("heads that are out are not in this backup: look for a newer one before anything is sealed here");
    }
    say("now run `tributary check`");
    Ok(well)
}

fn text_of(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| Error::Internal(format!("{}: {error}", path.display())))
}

fn told(manifest: &backup::Manifest) -> String {
    let head = manifest.head.as_deref().unwrap_or("no head");
    format!("{}, {} files, of {}\n{head}", manifest.database, manifest.files, manifest.made_at)
}

/// Prints what does not fit, row by row, and answers whether everything does.
fn verify(exported: &Exported) -> Result<bool> {
    let named = |path: &Path, error: std::io::Error| Error::Internal(format!("{}: {error}", path.display()));
    let heads = text_of(&exported.heads)?;
    let mut ledger = std::fs::File::open(&exported.ledger).map_err(|error| named(&exported.ledger, error))?;
    let mut keys = Vec::new();
    for text in &exported.key {
        let mut key = [0; 32];
        hex::decode_to_slice(text.trim(), &mut key)
            .map_err(|_| Error::Internal(format!("--key {text}: not a public key (64 hexadecimal digits)")))?;
        keys.push(key);
    }
    let mut report = examine(&heads, &mut ledger, &keys).map_err(|error| named(&exported.ledger, error))?;
    if let Some(kept) = exported.kept.read()? {
        report.findings.extend(compare(&kept, &heads));
    }
    for finding in &report.findings {
        say(&format!("WRONG {finding}"));
    }
    for key in &report.keys {
        let known =
            if keys.is_empty() { ": compare it with the one you wrote down, or name it with --key" } else { "" };
        say(&format!("key   {key}{known}"));
    }
    for account in report.accounts.iter().filter(|account| account.debit_minor != account.credit_minor) {
        let (code, currency, minor) = (&account.code, &account.currency, account.balance_minor());
        say(&format!("      {code} {minor} minor units {currency}"));
    }
    let newest = report.newest.map(|(batch, hash)| format!(", up to head {batch} {}", hex::encode(hash)));
    let (word, newest) = (if report.well() { "ok   " } else { "WRONG" }, newest.unwrap_or_default());
    say(&format!("{word} {} transfers, {} heads{newest}", report.transfers, report.heads));
    Ok(report.well())
}

async fn until_asked_to_stop() {
    let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    match terminate {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => {
            tokio::signal::ctrl_c().await.ok();
        }
    }
}
