//! The program itself as a child process, on a data folder.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// `tributary serve`, gone when this is.
pub struct Served {
    child: Child,
    pub url: String,
    /// From the start of the process to the first `/ready`.
    #[allow(dead_code, reason = "for the measurement of the start")]
    pub took: Duration,
}

/// A port nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Served {
    /// Starts it and waits until it is ready.
    pub async fn start(folder: &Path) -> Self {
        let port = free_port();
        let begun = Instant::now();
        let child = Command::new(env!("CARGO_BIN_EXE_tributary"))
            .arg("--config")
            .arg(folder.join("tributary.toml"))
            .arg("serve")
            .env("TRIBUTARY_DATA", folder)
            .env("TRIBUTARY_LISTEN", format!("127.0.0.1:{port}"))
            .env("RUST_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut served = Self { child, url: format!("http://127.0.0.1:{port}"), took: Duration::ZERO };
        let client = reqwest::Client::new();
        loop {
            let answer = client.get(format!("{}/ready", served.url)).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                served.took = begun.elapsed();
                return served;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "the server did not become ready");
            assert!(served.child.try_wait().unwrap().is_none(), "the server ended");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    #[allow(dead_code, reason = "for the measurement of memory")]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills it with no chance to tidy up.
    pub fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.kill();
    }
}
