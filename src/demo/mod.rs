//! `tributary demo`: the worked example of Hangzhong Street (航中街), played through the house's own services.
//!
//! A throw-away installation is founded, its people are invited and given roles by two, and the play runs from January to
//! October 2026 on the injected clock; no row is put behind the services' backs. Then it is served: `/demo` signs in as anybody of
//! the cast with one click, `/demo/mail` shows the letters, and `/sandbox` plays the payment processor. Nothing under `/demo` or
//! `/sandbox` exists outside this command.

mod award;
mod beside;
mod bids;
mod cast;
mod decision;
mod figures;
mod money;
mod neighbours;
mod pages;
mod stage;

pub use cast::found;
pub use figures::Figures;
pub use money::Wall;
pub use pages::{CastView, MailView, PASSWORD};
pub use stage::Stage;

use crate::app;
use crate::config::{Config, Secret};
use crate::edges::clock::Clock;
use crate::edges::dice::Dice;
use crate::error::{Error, Result};
use crate::sandbox::{self, Sandbox, Setup};
use chrono::{DateTime, TimeZone, Utc};
use entities::kinds::Locale;

use std::net::SocketAddr;
use std::path::PathBuf;

/// How to play.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Language of the foundation: en or zh-CN.
    #[arg(long, default_value = "zh-CN", value_parser = locale)]
    pub locale: Locale,
    /// Where to serve.
    #[arg(long, default_value = "127.0.0.1:8000")]
    pub listen: SocketAddr,
    /// Folder to play in, empty or not there yet; a temporary one when left out.
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// Database address; an embedded one in the folder when left out.
    #[arg(long, default_value = "")]
    pub database: String,
    /// Play, print the figures and stop; fails when one differs.
    #[arg(long)]
    pub once: bool,
    /// Print the figures as JSON.
    #[arg(long)]
    pub json: bool,
}

fn locale(text: &str) -> std::result::Result<Locale, String> {
    Locale::parse(text).ok_or_else(|| "en or zh-CN".to_owned())
}

/// Plays, then serves unless `--once`. Answers whether every figure was as it must be.
///
/// # Errors
/// When a service refuses what the play expects it to do.
pub async fn run(options: Options) -> Result<bool> {
    let folder = match &options.data {
        Some(folder) => folder.clone(),
        None => temporary_folder()?,
    };
    if folder.join("tributary.db").exists() {
        return Err(Error::Internal(format!(
            "{}: there is an installation already; choose an empty folder",
            folder.display()
        )));
    }
    let config = Config {
        data: folder,
        database: options.database.clone(),
        listen: options.listen,
        base_url: format!("http://{}", options.listen),
        demo: true,
        ..Config::default()
    };
    let edges = app::open(config, Clock::frozen_at(curtain()), Dice::fair()).await?;
    let (stage, figures) = play(found(edges.clone(), options.locale).await?).await?;
    let right = figures == Figures::expected();
    if options.json {
        say(&serde_json::to_string_pretty(&figures)?);
    }
    if !right {
        say(&format!("{:#?}", Figures::expected()));
    }
    if options.once {
        return Ok(right);
    }
    // The sandbox opens with the house; until then nobody asks a processor that is not there.
    let config = Config {
        stripe_key: Secret::new(format!("sk_test_sandbox_{}", Dice::fair().token())),
        stripe_webhook_secret: Secret::new(Dice::fair().token()),
        stripe_url: format!("http://{}/sandbox/", near(options.listen)),
        ..edges.config.clone()
    };
    let edges = app::open(config, Clock::frozen_at(edges.clock.now()), Dice::fair()).await?;
    edges.clock.run_on();
    pages::remember(&edges, stage.cast());
    say(&format!("Tributary · 涓流: http://{}/demo", options.listen));
    let setup = Setup {
        key: edges.config.stripe_key.reveal().to_owned(),
        webhook_secret: edges.config.stripe_webhook_secret.reveal().to_owned(),
        base_url: edges.config.base_url.clone(),
        deliver_to: near(options.listen).to_string(),
        deliver: true,
    };
    let sandbox = Sandbox::new(setup, edges.clock.clone());
    app::serve(edges, [pages::routes(), sandbox::routes(&sandbox)].concat()).await?;
    Ok(right)
}

/// The same port on this very machine: the house and its sandbox reach each other wherever people reach them from.
fn near(listen: SocketAddr) -> SocketAddr {
    let ip = if listen.ip().is_unspecified() { std::net::Ipv4Addr::LOCALHOST.into() } else { listen.ip() };
    SocketAddr::new(ip, listen.port())
}

/// The first act: the cast comes, the wall is told of, its fund is open and the match set aside; no gift yet.
///
/// # Errors
/// When a service refuses what the play expects it to do.
pub async fn open(stage: &mut Stage) -> Result<Wall> {
    stage.enter_cast().await?;
    money::open(stage).await
}

/// The whole play on a founded stage; also what the journey tests run.
///
/// # Errors
/// When a service refuses what the play expects it to do.
pub async fn play(mut stage: Stage) -> Result<(Stage, Figures)> {
    let wall = Box::pin(open(&mut stage)).await?;
    let mut figures = Figures::default();
    // Each act on the heap: together they would be too much for the stack of a test.
    Box::pin(money::raise(&stage, wall, &mut figures)).await?;
    let round = Box::pin(bids::invite(&stage, wall)).await?;
    Box::pin(decision::decide(&stage, wall, round, &mut figures)).await?;
    Box::pin(award::live(&stage, wall, round, &mut figures)).await?;
    Box::pin(beside::stand(&mut stage)).await?;
    stage.at(10, 30, 10).await?;
    Ok((stage, figures))
}

/// The play begins: Monday 5 January 2026, nine o'clock.
pub fn curtain() -> DateTime<Utc> {
    moment(1, 5, 9)
}

/// An hour of 2026 in the foundation's zone.
pub(crate) fn moment(month: u32, day: u32, hour: u32) -> DateTime<Utc> {
    chrono_tz::Asia::Shanghai
        .with_ymd_and_hms(2026, month, day, hour, 0, 0)
        .earliest()
        .map_or_else(DateTime::<Utc>::default, |at| at.with_timezone(&Utc))
}

fn temporary_folder() -> Result<PathBuf> {
    let mark = hex::encode(Dice::fair().bytes::<6>());
    let folder = std::env::temp_dir().join(format!("tributary-demo-{mark}"));
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

#[allow(clippy::print_stdout, reason = "the command's answer")]
fn say(text: &str) {
    println!("{text}");
}
