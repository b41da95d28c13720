//! First run: the foundation, its policy and calendar, and one-time invitations for two administrators.

use super::{invitations, rules};
use crate::commons::events::{self, Note};
use crate::commons::foundation::remember_foundation;
use crate::commons::{calendar, policies};
use crate::core::policy::Policy;
use crate::core::time::mainland_2026;
use crate::core::uscc::{Uscc, UsccKind};
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result};
use crate::people::permission::Context;
use chrono::{Datelike, NaiveDate};
use entities::foundation;
use entities::kinds::{Currency, Locale, Role, Subject};
use sea_orm::{ActiveValue::Set, EntityTrait};
use std::io::{IsTerminal, Write};
use std::sync::Arc;

/// Years whose plain weekdays are known from the start where no holidays are imported: this one and five more.
const PLAIN_YEARS: i32 = 5;

/// What `tributary init` asks for. What is missing is asked at a terminal.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Founding {
    /// Registered name in Chinese.
    #[arg(long, default_value = "")]
    pub name_zh: String,
    /// Name in English.
    #[arg(long, default_value = "")]
    pub name_en: String,
    /// Unified Social Credit Code; may be empty where the register is another.
    #[arg(long, default_value = "")]
    pub uscc: String,
    /// Day of inauguration, YYYY-MM-DD.
    #[arg(long)]
    pub founded_on: Option<NaiveDate>,
    /// Language of a visitor who has chosen none: `zh-CN` or `en`.
    #[arg(long, default_value = "zh-CN")]
    pub locale: String,
    /// Seed of the policy: `cn` or `generic`.
    #[arg(long, default_value = "cn")]
    pub policy: String,
    /// Public contact.
    #[arg(long, default_value = "")]
    pub contact: String,
    /// Currency of the operating account.
    #[arg(long, default_value = "CNY")]
    pub currency: String,
    /// Zone in which days are reckoned; must be the one of the settings. Empty takes it from there.
    #[arg(long, default_value = "")]
    pub time_zone: String,
    /// E-mail address of the first administrator.
    #[arg(long, default_value = "")]
    pub admin1_email: String,
    /// Name of the first administrator.
    #[arg(long, default_value = "")]
    pub admin1_name: String,
    /// E-mail address of the second administrator.
    #[arg(long, default_value = "")]
    pub admin2_email: String,
    /// Name of the second administrator.
    #[arg(long, default_value = "")]
    pub admin2_name: String,
}

impl Founding {
    /// Asks a terminal for what is missing; elsewhere names the option.
    fn complete(mut self) -> Result<Self> {
        if self.name_zh.is_empty() && self.name_en.is_empty() {
            ask("name-zh", &mut self.name_zh)?;
        }
        if self.uscc.is_empty() && self.policy == "cn" {
            ask("uscc", &mut self.uscc)?;
        }
        for (option, slot) in [
            ("contact", &mut self.contact),
            ("admin1-email", &mut self.admin1_email),
            ("admin1-name", &mut self.admin1_name),
            ("admin2-email", &mut self.admin2_email),
            ("admin2-name", &mut self.admin2_name),
        ] {
            if slot.trim().is_empty() {
                ask(option, slot)?;
            }
        }
        Ok(self)
    }
}

fn ask(option: &str, slot: &mut String) -> Result<()> {
    if std::io::stdin().is_terminal() {
        let mut out = std::io::stderr();
        write!(out, "{option}: ")?;
        out.flush()?;
        slot.clear();
        std::io::stdin().read_line(slot)?;
        *slot = slot.trim().to_owned();
    }
    if slot.is_empty() { Err(Error::Internal(format!("option --{option} is missing"))) } else { Ok(()) }
}

/// Everything checked, ready to be written.
struct Charter {
    row: foundation::ActiveModel,
    policy: &'static str,
    guests: [invitations::Guest; 2],
}

/// Sets up the foundation and prints the two links.
///
/// # Errors
/// Names the option that is missing or wrong; refused when the foundation is set up already.
pub async fn init(edges: &Arc<Edges>, founding: Founding) -> Result<()> {
    if foundation::Entity::find_by_id(1).one(edges.db.read()).await?.is_some() {
        return Err(Error::refused("refused-setup-done"));
    }
    let tokens = found(edges, &founding.complete()?).await?;
    for token in tokens {
        say(&format!("{}{}", edges.config.base_url, invitations::path(&token)));
    }
    Ok(())
}

#[allow(clippy::print_stdout, reason = "the links are the answer of the command, for the one who runs it")]
fn say(line: &str) {
    println!("{line}");
}

/// Sets up the foundation and answers the tokens of the two invitations.
///
/// # Errors
/// By the option that is wrong; `refused-setup-done` when it is set up already.
pub async fn found(edges: &Arc<Edges>, founding: &Founding) -> Result<[String; 2]> {
    let charter = &charter(edges, founding)?;
    let tokens = [edges.dice.token(), edges.dice.token()];
    let of_guests = &tokens;
    let by = &Context::system(edges.clone());
    by.write(|tx| async move {
        let tx = &tx;
        if foundation::Entity::find_by_id(1).one(tx).await?.is_some() {
            return Err(Error::refused("refused-setup-done"));
        }
        let mut row = charter.row.clone();
        row.created_at = Set(tx.now());
        foundation::Entity::insert(row).exec_without_returning(tx).await?;
        let today = by.edges.today();
        let first = NaiveDate::from_ymd_opt(today.year(), 1, 1).unwrap_or(today);
        policies::seed(tx, Policy::profile(charter.policy), first).await?;
        years(tx, charter.policy, today.year()).await?;
        for (guest, token) in charter.guests.iter().zip(of_guests) {
            invitations::write(tx, by, guest, token).await?;
        }
        events::record(tx, by, Subject::Foundation, 1, Note::act("found")).await
    })
    .await?;
    remember_foundation(edges).await?;
    Ok(tokens)
}

async fn years(tx: &Tx, policy: &str, this: i32) -> Result<()> {
    if policy == "cn" {
        return calendar::write_year(tx, mainland_2026(), "announced holidays of 2026", None).await.map(|_| ());
    }
    for year in this..=this + PLAIN_YEARS {
        calendar::write_year(tx, &format!("year {year}\n"), "Monday to Friday", None).await?;
    }
    Ok(())
}

fn charter(edges: &Edges, founding: &Founding) -> Result<Charter> {
    let filled = |option: &str, text: &str| {
        let text = text.trim().to_owned();
        if text.is_empty() { Err(Error::field(option, "refused-empty")) } else { Ok(text) }
    };
    let (name_zh, name_en) = (founding.name_zh.trim().to_owned(), founding.name_en.trim().to_owned());
    if name_zh.is_empty() && name_en.is_empty() {
        return Err(Error::field("name-zh", "refused-one-language"));
    }
    let locale = Locale::parse(&founding.locale).ok_or_else(|| Error::field("locale", "refused-choose"))?;
    let policy = match founding.policy.as_str() {
        "cn" => "cn",
        "generic" => "generic",
        _ => return Err(Error::field("policy", "refused-choose")),
    };
    let uscc = code(policy, &founding.uscc)?;
    let currency: Currency = founding.currency.parse().map_err(|_| Error::field("currency", "refused-choose"))?;
    let zone = edges.config.zone.name();
    if !founding.time_zone.is_empty() && founding.time_zone != zone {
        return Err(Error::field("time-zone", "refused-setup-time-zone"));
    }
    let administrator = |option: &str, email: &str, name: &str| {
        let email = rules::email(email).ok_or_else(|| Error::field(option, "refused-email"))?;
        let name = filled(option, name)?;
        let role = Some(Role::Administrator);
        Ok::<_, Error>(invitations::Guest { email, name, locale, role, membership: None })
    };
    let guests = [
        administrator("admin1-email", &founding.admin1_email, &founding.admin1_name)?,
        administrator("admin2-email", &founding.admin2_email, &founding.admin2_name)?,
    ];
    if let [first, second] = &guests
        && first.email == second.email
    {
        return Err(Error::field("admin2-email", "refused-setup-same-person"));
    }
    let row = foundation::ActiveModel {
        id: Set(1),
        name_zh: Set(name_zh),
        name_en: Set(name_en),
        uscc: Set(uscc),
        time_zone: Set(zone.to_owned()),
        default_locale: Set(locale),
        policy_profile: Set(policy.to_owned()),
        currency: Set(currency),
        contact: Set(filled("contact", &founding.contact)?),
        founded_on: Set(founding.founded_on),
        ..Default::default()
    };
    Ok(Charter { row, policy, guests })
}

fn code(policy: &str, text: &str) -> Result<String> {
    if text.trim().is_empty() && policy != "cn" {
        return Ok(String::new());
    }
    let code = Uscc::parse(text).map_err(|error| Error::field("uscc", error.code()))?;
    if policy == "cn" && code.kind() != UsccKind::Foundation {
        return Err(Error::field("uscc", "refused-uscc-legal-form"));
    }
    Ok(code.to_string())
}
