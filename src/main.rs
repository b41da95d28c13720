//! The commands.

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use tributary::app;
use tributary::config::Config;
use tributary::desk::jobs;
use tributary::edges::clock::Clock;
use tributary::edges::dice::Dice;
use tributary::error::Result;

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
    Init(Box<tributary::people::setup::Founding>),
    /// Serves the pages, and runs the jobs unless `work = false`.
    Serve,
    /// Runs the jobs only.
    Work,
    /// Plays the worked example in a throw-away database and serves it.
    Demo(tributary::demo::Options),
    /// Brings the tables up to date.
    Migrate,
    /// Looks for what is wrong: configuration, database, books.
    Check,
}

#[rocket::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log_to_stderr();
    match run(arguments).await {
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

async fn run(arguments: Arguments) -> Result<bool> {
    if let Command::Demo(options) = arguments.command {
        return tributary::demo::run(options).await;
    }
    let config = Config::read(&arguments.config)?;
    let edges = app::open(config, Clock::system(), Dice::fair()).await?;
    match arguments.command {
        Command::Init(founding) => tributary::people::setup::init(&edges, *founding).await.map(|()| true),
        Command::Serve => app::serve(edges, Vec::new()).await.map(|()| true),
        Command::Work => jobs::work(edges, until_asked_to_stop()).await.map(|()| true),
        Command::Migrate | Command::Demo(_) => Ok(true),
        Command::Check => tributary::desk::check::run(&edges).await,
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
