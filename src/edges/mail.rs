//! Post: lettre to an SMTP server, or a folder of `.eml` files with a small index beside them.

use crate::config::Config;
use crate::error::{Error, Result};
use lettre::message::{Mailbox, MultiPart};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A mail, rendered and ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Address.
    pub to: String,
    /// Subject line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// Where letters go.
#[derive(Debug)]
pub enum Post {
    /// A mail server.
    Smtp {
        /// Pooled connection.
        transport: AsyncSmtpTransport<Tokio1Executor>,
        /// Sender.
        from: Mailbox,
    },
    /// A folder: `NNNNNN.json` holds the letter as the demo's mail page shows it, `NNNNNN.eml` as a mail program would.
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Sender.
        from: Mailbox,
    },
}

impl Post {
    /// SMTP when an address is set, otherwise the folder `mail` in the data folder.
    ///
    /// # Errors
    /// When the address or the sender cannot be read.
    pub fn open(config: &Config) -> Result<Self> {
        let from: Mailbox = config.mail_from.parse().map_err(|error| Error::Internal(format!("mail_from: {error}")))?;
        if config.smtp.is_empty() {
            let folder = config.data.join("mail");
            std::fs::create_dir_all(&folder)?;
            return Ok(Self::Folder { folder, from });
        }
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&config.smtp)
            .map_err(|error| Error::Internal(format!("smtp: {error}")))?
            .timeout(Some(std::time::Duration::from_secs(20)))
            .build();
        Ok(Self::Smtp { transport, from })
    }

    /// Sends a letter. `mark` names the job it comes from, so that a repeat after a crash is seen as the same letter.
    ///
    /// # Errors
    /// When the address is no address or the server does not take it.
    pub async fn send(&self, letter: &Letter, mark: i64) -> Result<()> {
        let (Self::Smtp { from, .. } | Self::Folder { from, .. }) = self;
        let to: Mailbox = letter.to.parse().map_err(|error| Error::Internal(format!("address: {error}")))?;
        let message = Message::builder()
            .from(from.clone())
            .to(to)
            .message_id(Some(format!("<job-{mark}@tributary>")))
            .subject(letter.subject.clone())
            .multipart(MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone()))
            .map_err(|error| Error::Internal(format!("letter: {error}")))?;
        match self {
            Self::Smtp { transport, .. } => {
                transport.send(message).await.map_err(|error| Error::Internal(format!("smtp: {error}")))?;
            }
            Self::Folder { folder, .. } => {
                tokio::fs::write(folder.join(format!("{mark:08}.eml")), message.formatted()).await?;
                tokio::fs::write(folder.join(format!("{mark:08}.json")), serde_json::to_vec_pretty(letter)?).await?;
            }
        }
        Ok(())
    }

    /// Takes the letters of these jobs out of the folder; nothing for SMTP. What is gone already is gone.
    ///
    /// # Errors
    /// When the folder does not let them go.
    pub async fn forget(&self, marks: &[i64]) -> Result<()> {
        let Self::Folder { folder, .. } = self else { return Ok(()) };
        for mark in marks {
            for kind in ["json", "eml"] {
                match tokio::fs::remove_file(folder.join(format!("{mark:08}.{kind}"))).await {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// The letters in the folder, newest first, at most `limit`; none for SMTP.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn newest(&self, limit: usize) -> Result<Vec<(i64, Letter)>> {
        let Self::Folder { folder, .. } = self else { return Ok(Vec::new()) };
        let mut numbers = Vec::new();
        let mut entries = tokio::fs::read_dir(folder).await?;
        while let Some(entry) = entries.next_entry().await? {
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(number) = name.strip_suffix(".json").and_then(|n| n.parse::<i64>().ok()) {
                numbers.push(number);
            }
        }
        numbers.sort_unstable_by(|a, b| b.cmp(a));
        let mut letters = Vec::new();
        for number in numbers.into_iter().take(limit) {
            let bytes = tokio::fs::read(folder.join(format!("{number:08}.json"))).await?;
            letters.push((number, serde_json::from_slice(&bytes)?));
        }
        Ok(letters)
    }
}
