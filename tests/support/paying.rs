//! A world that is served on a port of its own, beside a processor to play with on the same one: what passes between the two
//! goes over HTTP, as it does between a house and Stripe.

use super::{Database, World, demo, served};
use std::sync::Arc;
use std::time::Duration;
use tributary::app;
use tributary::config::{Config, Secret};
use tributary::edges::clock::Clock;
use tributary::edges::dice::Dice;
use tributary::sandbox::{self, Sandbox, Setup};

pub const KEY: &str = "sk_test_sandbox";
pub const WEBHOOK_SECRET: &str = "whsec_sandbox";

/// The processor, and the server that ends with it.
pub struct Till {
    pub sandbox: Arc<Sandbox>,
    pub url: String,
    stop: rocket::Shutdown,
}

impl Drop for Till {
    fn drop(&mut self) {
        self.stop.clone().notify();
    }
}

impl World {
    pub async fn paying() -> Self {
        Self::paying_at(String::new()).await
    }

    pub async fn paying_on(database: Database, what: &str) -> Option<Self> {
        Some(Self::paying_at(Self::address(database, what).await?).await)
    }

    async fn paying_at(database: String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listen: std::net::SocketAddr = ([127, 0, 0, 1], served::free_port()).into();
        let base_url = format!("http://{listen}");
        let config = Config {
            data: folder.path().to_owned(),
            database,
            listen,
            base_url: base_url.clone(),
            stripe_key: Secret::new(KEY),
            // The first is an old one: while secrets change both are taken.
            stripe_webhook_secret: Secret::new(format!("whsec_old,{WEBHOOK_SECRET}")),
            stripe_url: format!("{base_url}/sandbox/"),
            ..Config::default()
        };
        let edges = app::open(config, Clock::frozen_at(demo::curtain()), Dice::seeded(7)).await.unwrap();
        let setup = Setup {
            key: KEY.into(),
            webhook_secret: WEBHOOK_SECRET.into(),
            base_url: base_url.clone(),
            deliver_to: listen.to_string(),
            deliver: false,
        };
        let sandbox = Sandbox::new(setup, edges.clock.clone());
        let rocket = app::server(edges.clone()).mount("/", sandbox::routes(&sandbox)).ignite().await.unwrap();
        let stop = rocket.shutdown();
        tokio::spawn(rocket.launch());
        while tokio::net::TcpStream::connect(listen).await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let world = Self { edges, till: Some(Till { sandbox, url: base_url, stop }), _folder: Some(folder) };
        world.found().await;
        world
    }
}
