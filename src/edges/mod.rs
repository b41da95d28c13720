//! Where the house meets the world: database, clock, chance, files, mail, words, templates, the press, the outbox.
//!
//! Used by services and jobs; routes reach them only through services and [`crate::web`]. One adapter a file; to add
//! one, its file and its field in [`Edges`].

pub mod breached;
pub mod clock;
pub mod db;
pub mod dice;
pub mod i18n;
pub mod kept;
pub mod mail;
pub mod outbox;
pub mod press;
pub mod scanner;
pub mod store;
pub mod stripe;
pub mod templates;
pub mod vault;
pub mod wall;
pub mod workbook;

use crate::config::Config;
use crate::error::Result;
use chrono::NaiveDate;
use std::ops::Deref;
use std::sync::Arc;
use wall::Wall;

/// Everything a service may reach outside its own tables: [`Opened`] behind a wall.
#[derive(Debug)]
pub struct Edges(Wall<Opened>);

impl Deref for Edges {
    type Target = Opened;
    fn deref(&self) -> &Opened {
        &self.0
    }
}

/// What [`Edges::open`] opened.
#[derive(Debug)]
pub struct Opened {
    /// Settings, as read at the start.
    pub config: Config,
    /// The database.
    pub db: db::Db,
    /// What was read and has not changed since.
    pub kept: kept::Kept,
    /// The time.
    pub clock: Arc<clock::Clock>,
    /// Chance.
    pub dice: dice::Dice,
    /// Files.
    pub store: store::Store,
    /// Secrets at rest.
    pub vault: vault::Vault,
    /// Post.
    pub mail: mail::Post,
    /// The payment processor, where one is configured.
    pub stripe: Option<stripe::Processor>,
    /// Words in both languages.
    pub words: i18n::Words,
    /// Pages and mails.
    pub templates: templates::Templates,
    /// Documents as PDF.
    pub press: press::Press,
    /// The virus scanner, where one is configured.
    pub scanner: scanner::Scanner,
}

impl Edges {
    /// Opens everything that the configuration names.
    ///
    /// # Errors
    /// When the database, the file folder, the locales or the templates cannot be opened.
    pub async fn open(config: Config, clock: clock::Clock, dice: dice::Dice) -> Result<Arc<Self>> {
        let clock = Arc::new(clock);
        std::fs::create_dir_all(&config.data)?;
        let db = db::Db::open(&config.database_url(), clock.clone()).await?;
        config.breached_passwords.as_deref().map_or(Ok(()), breached::examine)?;
        let store = store::Store::open(config.data.join("files"))?;
        let vault = vault::Vault::open(&config, &dice)?;
        let mail = mail::Post::open(&config)?;
        let stripe = stripe::Processor::open(&config)?;
        let words = i18n::Words::load()?;
        let templates = templates::Templates::load(&words)?;
        let press = press::Press::new(config.pdf_font.clone());
        let scanner = scanner::Scanner::at(&config.clamd);
        Ok(Arc::new(Self(Wall::around(Opened {
            config,
            db,
            kept: kept::Kept::default(),
            clock,
            dice,
            store,
            vault,
            mail,
            stripe,
            words,
            templates,
            press,
            scanner,
        }))))
    }

    /// Today in the foundation's zone.
    pub fn today(&self) -> NaiveDate {
        self.clock.today(self.config.zone)
    }
}
