//! Everything meets here once: routes, guards, headers, worker.

use crate::config::Config;
use crate::desk;
use crate::edges::Edges;
use crate::edges::clock::Clock;
use crate::edges::dice::Dice;
use crate::error::{Error, Result};
use crate::web::{errors, headers, health, page, statics};
use crate::{bank, books, disclosure, grants, people};
use migrations::Migrator;
use rocket::data::{Limits, ToByteUnit};
use rocket::{Build, Rocket, Route};
use sea_orm_migration::MigratorTrait;
use std::sync::Arc;

/// Largest form with its files: a request with four scans.
const FORM_LIMIT_MIB: u64 = 64;

/// Opens an installation, bringing its tables up to date.
///
/// # Errors
/// When something the configuration names cannot be opened.
pub async fn open(config: Config, clock: Clock, dice: Dice) -> Result<Arc<Edges>> {
    let edges = Edges::open(config, clock, dice).await?;
    migrate(&edges).await?;
    edges.vault.belongs_to(&edges.db).await?;
    people::numbers::seal_plain(&edges).await?;
    page::remember_foundation(&edges).await?;
    Ok(edges)
}

/// Brings the tables up to date.
///
/// # Errors
/// When a migration fails; on both databases it then left nothing behind.
pub async fn migrate(edges: &Edges) -> Result<()> {
    Migrator::up(edges.db.connections(), None).await.map_err(|error| Error::Internal(format!("migration: {error}")))
}

/// Every route of the house.
pub fn routes() -> Vec<Route> {
    [
        health::routes(),
        statics::routes(),
        people::routes(),
        grants::routes(),
        books::routes(),
        bank::routes::routes(),
        disclosure::routes(),
        desk::routes(),
    ]
    .concat()
}

/// Every lifecycle of the house as a section of `docs/lifecycle.md`: those of a grant's life, then the bank's.
pub fn lifecycles() -> Vec<String> {
    let mut all = grants::lifecycles();
    all.push(bank::rules::STATEMENT.document());
    all.push(desk::privacy::rules::PRIVACY.document());
    all
}

/// The server, ready to launch or to be driven by a test.
pub fn server(edges: Arc<Edges>) -> Rocket<Build> {
    let limits = Limits::default()
        .limit("form", 2.mebibytes())
        .limit("data-form", FORM_LIMIT_MIB.mebibytes())
        .limit("file", FORM_LIMIT_MIB.mebibytes());
    let figment = rocket::Config::figment()
        .merge(("address", edges.config.listen.ip()))
        .merge(("port", edges.config.listen.port()))
        .merge(("log_level", "off"))
        .merge(("cli_colors", false))
        .merge(("limits", limits))
        .merge(("secret_key", edges.dice.bytes::<32>().to_vec()));
    // Only a proxy that the operator set up may say who asks; by default nobody.
    let figment = match &edges.config.client_ip_header {
        Some(header) => figment.merge(("ip_header", header)),
        None => figment.merge(("ip_header", false)),
    };
    rocket::custom(figment)
        .manage(edges)
        .attach(headers::Headers)
        .attach(health::NotSetUp)
        .mount("/", routes())
        .register("/", errors::catchers())
}

/// Serves until asked to stop, with the pages that a command has `beside` the house's own; requests and jobs in hand are
/// finished first.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn serve(edges: Arc<Edges>, beside: Vec<Route>) -> Result<()> {
    if page::known_foundation(&edges).is_none() {
        tracing::warn!("not set up: run `tributary init`; until then every page says so");
    }
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    // Whoever runs the house reads in the log at once whether documents can be set.
    edges.press.ready().await;
    let worker = edges.config.work.then(|| {
        tokio::spawn(desk::jobs::work(edges.clone(), async {
            stopped.await.ok();
        }))
    });
    let launched = server(edges).mount("/", beside).launch().await;
    stop.send(()).ok();
    if let Some(worker) = worker {
        worker.await.ok();
    }
    launched.map(|_| ()).map_err(|error| Error::Internal(format!("server: {error}")))
}
