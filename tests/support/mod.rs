//! A small world for tests: a throw-away database with a foundation, people in their roles, and a clock that stands still.

pub mod log;
pub mod paying;
pub mod postgres;
pub mod rows;
pub mod served;
pub mod tools;

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use entities::kinds::{
    Currency, LegalForm, Locale, MemberRole, MembershipStage, OrganisationId, PersonId, Role, RoleGrantStage, Scope,
};
use entities::{foundation, job, membership, organisation, person, role_grant, session};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use std::sync::Arc;
use tempfile::TempDir;
use tributary::app;
use tributary::commons::{calendar, policies};
use tributary::config::Config;
use tributary::core::policy::Policy;
use tributary::core::time::mainland_2026;
use tributary::demo;
use tributary::desk::jobs;
use tributary::edges::Edges;
use tributary::edges::clock::Clock;
use tributary::edges::dice::{Dice, fingerprint};
use tributary::people::permission::{As, Context, RolePermission};

/// A house of its own for one test.
pub struct World {
    pub edges: Arc<Edges>,
    /// Where it is served beside a processor to play with.
    pub till: Option<paying::Till>,
    _folder: Option<TempDir>,
}

/// The databases that the house runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    #[allow(dead_code, reason = "`bare` is shorter")]
    Sqlite,
    Postgres,
}

/// Makes two tests of one: `name::sqlite` and `name::postgres`. After `unfounded:` the world has no
/// foundation yet; after `paying:` it is served, beside a processor to play with.
macro_rules! both {
    (unfounded: $($rest:tt)*) => { $crate::support::both!(@from unfounded, unfounded_on: $($rest)*); };
    (@from $maker:ident, $maker_on:ident: $($(#[$note:meta])* async fn $name:ident($world:ident: World) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $(#[$note])*
            async fn run($world: $crate::support::World) $body

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                run($crate::support::World::$maker().await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                let world = $crate::support::World::$maker_on($crate::support::Database::Postgres, module_path!()).await;
                if let Some(world) = world {
                    run(world).await;
                }
            }
        }
    )*};
    (paying: $($rest:tt)*) => { $crate::support::both!(@from paying, paying_on: $($rest)*); };
    ($($rest:tt)*) => { $crate::support::both!(@from bare, bare_on: $($rest)*); };
}
pub(crate) use both;

/// Password of everybody whom [`World::person`] makes.
pub const PASSWORD: &str = "the river runs low in winter";

/// Its hash, reckoned once for all tests of a process.
async fn hashed() -> String {
    static HASH: tokio::sync::OnceCell<String> = tokio::sync::OnceCell::const_new();
    HASH.get_or_init(|| async { tributary::people::accounts::hash(PASSWORD).await.unwrap() }).await.clone()
}

/// 9 o'clock in the foundation's zone.
pub fn nine(year: i32, month: u32, day: u32) -> DateTime<Utc> {
    chrono_tz::Asia::Shanghai.with_ymd_and_hms(year, month, day, 9, 0, 0).unwrap().with_timezone(&Utc)
}

pub fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

impl World {
    /// SQLite, the `cn` policy, the calendar of 2026, Monday 5 January 2026, 9 o'clock.
    pub async fn bare() -> Self {
        Self::bare_at(String::new()).await
    }

    /// The same on either database; `None`, with a line that says so, where there is no PostgreSQL.
    pub async fn bare_on(database: Database, what: &str) -> Option<Self> {
        Some(Self::bare_at(Self::address(database, what).await?).await)
    }

    /// An installation that nobody founded yet, at the hour when the play of the demo begins.
    pub async fn unfounded() -> Self {
        Self::unfounded_at(String::new()).await
    }

    /// The same on either database; `None`, with a line that says so, where there is no PostgreSQL.
    pub async fn unfounded_on(database: Database, what: &str) -> Option<Self> {
        Some(Self::unfounded_at(Self::address(database, what).await?).await)
    }

    /// What a database is reached by: nothing for the embedded one.
    async fn address(database: Database, what: &str) -> Option<String> {
        match database {
            Database::Sqlite => Some(String::new()),
            Database::Postgres => postgres::address_or_left_out(what).await,
        }
    }

    async fn unfounded_at(database: String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data: folder.path().to_owned(), database, ..Config::default() };
        let edges = app::open(config, Clock::frozen_at(demo::curtain()), Dice::seeded(7)).await.unwrap();
        Self { edges, till: None, _folder: Some(folder) }
    }

    async fn bare_at(database: String) -> Self {
        let world = Self::unfounded_at(database).await;
        world.found().await;
        world
    }

    /// The house in a folder that outlives this handle, on the machine's own clock.
    pub async fn open_in(folder: &std::path::Path) -> Self {
        let config = Config { data: folder.to_owned(), ..Config::default() };
        let edges = app::open(config, Clock::system(), Dice::fair()).await.unwrap();
        Self { edges, till: None, _folder: None }
    }

    /// A world around a house that is open already.
    pub fn around(edges: Arc<Edges>) -> Self {
        Self { edges, till: None, _folder: None }
    }

    /// Sets up the foundation with its policy and calendar.
    pub async fn found(&self) {
        let edges = &self.edges;
        let row = foundation::ActiveModel {
            id: Set(1),
            name_zh: Set("成都市武侯社区发展基金会".into()),
            name_en: Set("Wuhou Community Development Foundation".into()),
            uscc: Set("53999999TE0000010K".into()),
            time_zone: Set("Asia/Shanghai".into()),
            default_locale: Set(Locale::ZhCn),
            policy_profile: Set("cn".into()),
            currency: Set(Currency::CNY),
            contact: Set("—".into()),
            founded_on: Set(None),
            created_at: Set(edges.clock.now()),
        };
        edges
            .db
            .write(|tx| {
                let row = row.clone();
                async move {
                    foundation::Entity::insert(row).exec_without_returning(&tx).await?;
                    policies::seed(&tx, Policy::profile("cn"), day(2018, 1, 1)).await?;
                    calendar::write_year(&tx, mainland_2026(), "test", None).await.map(|_| ())
                }
            })
            .await
            .unwrap();
        tributary::web::page::remember_foundation(edges).await.unwrap();
    }

    /// A session of a person; answers the cookie's token.
    pub async fn session(&self, person: PersonId) -> String {
        let (token, now) = (self.edges.dice.token(), self.edges.clock.now());
        let row = session::ActiveModel {
            person_id: Set(person),
            token_hash: Set(fingerprint(&token)),
            device: Set("test".into()),
            created_at: Set(now),
            seen_at: Set(now),
            expires_at: Set(now + chrono::Duration::days(30)),
            halfway: Set(false),
            // Long ahead: clocks of tests stand still or jump, and no test but those of the second factor waits for a code.
            proved_at: Set(Some(now + chrono::Duration::days(3650))),
            ..Default::default()
        };
        let row = &row;
        self.edges
            .db
            .write(|tx| async move {
                session::Entity::insert(row.clone()).exec_without_returning(&tx).await?;
                Ok(())
            })
            .await
            .unwrap();
        token
    }

    /// A person with roles at the foundation, in force today.
    pub async fn person(&self, name: &str, roles: &[Role]) -> PersonId {
        let now = self.edges.clock.now();
        let row = person::ActiveModel {
            email: Set(format!("{name}@example.org")),
            name: Set(name.into()),
            locale: Set(Locale::En),
            password_hash: Set(hashed().await),
            created_at: Set(now),
            ..Default::default()
        };
        let (row, today) = (&row, self.edges.today());
        self.edges
            .db
            .write(|tx| async move {
                let person = person::Entity::insert(row.clone()).exec_with_returning(&tx).await?;
                for role in roles {
                    let grant = role_grant::ActiveModel {
                        person_id: Set(person.id),
                        role: Set(*role),
                        scope: Set(Scope::Foundation),
                        stage: Set(RoleGrantStage::Effective),
                        proposed_at: Set(now),
                        effective_on: Set(Some(today)),
                        ..Default::default()
                    };
                    role_grant::Entity::insert(grant).exec_without_returning(&tx).await?;
                }
                Ok(person.id)
            })
            .await
            .unwrap()
    }

    /// An organisation.
    pub async fn organisation(&self, name: &str, legal_form: LegalForm, uscc: Option<&str>) -> OrganisationId {
        let row = organisation::ActiveModel {
            legal_form: Set(legal_form),
            name_zh: Set(name.into()),
            name_en: Set(name.into()),
            uscc: Set(uscc.map(str::to_owned)),
            area: Set("wuhou".into()),
            community: Set(String::new()),
            profile: Set(serde_json::json!({})),
            created_at: Set(self.edges.clock.now()),
            ..Default::default()
        };
        let row = &row;
        self.edges
            .db
            .write(|tx| async move { Ok(organisation::Entity::insert(row.clone()).exec_with_returning(&tx).await?.id) })
            .await
            .unwrap()
    }

    /// Puts a person into an organisation.
    pub async fn member(&self, person: PersonId, organisation: OrganisationId, role: MemberRole) {
        let row = membership::ActiveModel {
            organisation_id: Set(organisation),
            person_id: Set(person),
            role: Set(role),
            stage: Set(MembershipStage::Active),
            created_at: Set(self.edges.clock.now()),
            ..Default::default()
        };
        let row = &row;
        self.edges
            .db
            .write(|tx| async move {
                membership::Entity::insert(row.clone())
                    .exec_without_returning(&tx)
                    .await
                    .map(|_| ())
                    .map_err(Into::into)
            })
            .await
            .unwrap();
    }

    /// A person about to act.
    pub async fn acting(&self, person: PersonId) -> Context {
        Context::of_person(&self.edges, person).await.unwrap()
    }

    /// A person about to act in a role of the foundation.
    pub async fn role<R: RolePermission>(&self, person: PersonId) -> As<R> {
        self.acting(person).await.role::<R>().unwrap()
    }

    #[allow(dead_code, reason = "for rooms whose clock moves")]
    /// Sets the clock, then does what the clock brings and what waits in the outbox.
    pub async fn at(&self, at: DateTime<Utc>) {
        self.edges.clock.set(at);
        self.settle().await;
    }

    /// Does what is ready; nothing may be left or have failed.
    pub async fn settle(&self) {
        jobs::tick(&self.edges).await.unwrap();
        jobs::drain(&self.edges).await.unwrap();
        let left = job::Entity::find()
            .filter(job::Column::DoneAt.is_null())
            .filter(job::Column::RunAt.lte(self.edges.clock.now()))
            .all(self.edges.db.read())
            .await
            .unwrap();
        assert!(left.is_empty(), "left in the outbox: {left:?}");
    }
}
