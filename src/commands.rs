//! The commands.
//!
//! They stand in the library and not in the program: what is asynchronous is compiled once more for every crate that waits for it,
//! and a program that only calls [`run`] links in seconds.

use crate::app;
use crate::config::Config;
use crate::desk::jobs;
use crate::edges::clock::Clock;
use crate::edges::dice::Dice;
use crate::error::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
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
    Check,
}

/// Runs the command that was asked for.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
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
    let config = Config::read(&arguments.config)?;
    let edges = app::open(config, Clock::system(), Dice::fair()).await?;
    match arguments.command {
        Command::Init(founding) => crate::people::setup::init(&edges, *founding).await.map(|()| true),
        Command::Serve => app::serve(edges, Vec::new()).await.map(|()| true),
        Command::Work => jobs::work(edges, until_asked_to_stop()).await.map(|()| true),
        Command::Migrate | Command::Demo(_) => Ok(true),
        Command::Check => crate::desk::check::run(&edges).await,
    }
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
