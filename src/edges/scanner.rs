//! The virus scanner (clamd), where one is configured: the bytes go there over TCP before they are kept anywhere. One that does not
//! answer lets nothing through: a file that nobody looked at is not taken.

use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longest that a file is looked at.
const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes sent at once, as clamd's manual advises.
const CHUNK: usize = 64 * 1024;
/// Longest answer: a name of what was found.
const MAX_ANSWER: u64 = 1_024;

/// What the scanner says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found, or no scanner is configured.
    Clean,
    /// Something was found.
    Infected,
    /// It did not answer, or not so that one could understand it.
    Silent,
}

/// The scanner.
#[derive(Debug)]
pub struct Scanner {
    address: String,
}

impl Scanner {
    /// A scanner at `host:port`, or none when the address is empty.
    pub fn at(address: &str) -> Self {
        Self { address: address.trim().to_owned() }
    }

    /// Whether one is configured.
    pub fn is_there(&self) -> bool {
        !self.address.is_empty()
    }

    /// Whether it answers now.
    pub async fn answers(&self) -> bool {
        self.look(b"").await == Verdict::Clean
    }

    /// Looks at the bytes of a file.
    pub async fn look(&self, bytes: &[u8]) -> Verdict {
        if !self.is_there() {
            return Verdict::Clean;
        }
        let asked = tokio::time::timeout(PATIENCE, self.ask(bytes)).await;
        let said = match asked {
            Ok(Ok(said)) => said,
            Ok(Err(error)) => {
                tracing::error!(address = %self.address, %error, "the virus scanner does not answer");
                return Verdict::Silent;
            }
            Err(_) => {
                tracing::error!(address = %self.address, "the virus scanner took too long");
                return Verdict::Silent;
            }
        };
        let said = said.trim_end_matches(['\0', '\n']).trim();
        if said.ends_with("FOUND") {
            tracing::warn!(said, "a file was refused");
            return Verdict::Infected;
        }
        if said == "stream: OK" {
            return Verdict::Clean;
        }
        tracing::error!(said, "the virus scanner said something else");
        Verdict::Silent
    }

    /// INSTREAM: each piece with its length before it, an empty piece at the end.
    async fn ask(&self, bytes: &[u8]) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(&self.address).await?;
        stream.write_all(b"zINSTREAM\0").await?;
        for piece in bytes.chunks(CHUNK) {
            let length = u32::try_from(piece.len()).unwrap_or(0);
            stream.write_all(&length.to_be_bytes()).await?;
            stream.write_all(piece).await?;
        }
        stream.write_all(&0_u32.to_be_bytes()).await?;
        stream.flush().await?;
        let mut said = Vec::new();
        stream.take(MAX_ANSWER).read_to_end(&mut said).await?;
        Ok(String::from_utf8_lossy(&said).into_owned())
    }
}
