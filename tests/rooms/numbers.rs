//! Account numbers at rest: in no table, no backup, no letter and no page of those who need not compare them.

use crate::support::{World, both};
use entities::kinds::{LegalForm, MemberRole, OrganisationId, PayeeAccountId, PersonId, Role};
use entities::{payee_account, posted_form};
use rocket::http::{ContentType, Cookie, Status};
use rocket::local::asynchronous::Client;
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, Statement};
use tributary::app;
use tributary::config::Config;
use tributary::desk::backup;
use tributary::edges::clock::Clock;
use tributary::edges::dice::{Dice, fingerprint};
use tributary::people::permission::Finance;
use tributary::people::{numbers, payees};

const NUMBER: &str = "6222083456789012777";

/// Two organisations, the signatory of both, finance, and somebody who supervises.
struct Cast {
    world: World,
    one: OrganisationId,
    other: OrganisationId,
    signatory: PersonId,
    finance: PersonId,
    supervisor: PersonId,
}

impl Cast {
    async fn of(world: World) -> Self {
        let one = world.organisation("SO-1", LegalForm::SocialServiceBody, None).await;
        let other = world.organisation("SO-2", LegalForm::SocialServiceBody, None).await;
        let signatory = world.person("signatory", &[]).await;
        world.member(signatory, one, MemberRole::Signatory).await;
        world.member(signatory, other, MemberRole::Signatory).await;
        let finance = world.person("finance", &[Role::FinanceOfficer]).await;
        let supervisor = world.person("supervisor", &[Role::Supervisor]).await;
        Self { world, one, other, signatory, finance, supervisor }
    }

    /// Enters the number by the page, as people do.
    async fn entered(&self, client: &Client, of: OrganisationId) -> PayeeAccountId {
        let token = self.world.session(self.signatory).await;
        let body = format!(
            "form_key=0123456789abcdef{of}&holder=SO&bank_name=bank&account_number={}&currency=CNY",
            NUMBER[..4].to_owned() + "+" + &NUMBER[4..]
        );
        let answer = client
            .post(format!("/organisations/{of}/payees"))
            .header(ContentType::Form)
            .cookie(Cookie::new("tributary_session", token))
            .body(body)
            .dispatch()
            .await;
        assert_eq!(answer.status(), Status::SeeOther);
        payees::list(self.world.edges.db.read(), of).await.unwrap().remove(0).id
    }

    async fn page(&self, client: &Client, who: PersonId, path: &str) -> (Status, String) {
        let token = self.world.session(who).await;
        let answer = client.get(path.to_owned()).cookie(Cookie::new("tributary_session", token)).dispatch().await;
        (answer.status(), answer.into_string().await.unwrap_or_default())
    }
}

/// Everything that the database holds, as text.
async fn whole_database(world: &World) -> String {
    let db = world.edges.db.connections();
    if world.edges.db.backend() == DbBackend::Sqlite {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("backup");
        backup::run(&world.edges, &target).await.unwrap();
        let mut all = String::new();
        let mut waiting = vec![target];
        while let Some(place) = waiting.pop() {
            if place.is_dir() {
                waiting.extend(std::fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path()));
            } else {
                all.push_str(&String::from_utf8_lossy(&std::fs::read(place).unwrap()));
            }
        }
        return all;
    }
    let ask = |sql: String| Statement::from_string(DbBackend::Postgres, sql);
    let tables = ask("select table_name::text from information_schema.tables where table_schema = 'public'".into());
    let mut all = String::new();
    for row in db.query_all_raw(tables).await.unwrap() {
        let table: String = row.try_get_by_index(0).unwrap();
        for row in db.query_all_raw(ask(format!("select t::text from {table} t"))).await.unwrap() {
            all.push_str(&row.try_get_by_index::<String>(0).unwrap());
        }
    }
    all
}

both! {
async fn an_account_number_lies_nowhere_but_in_the_vault(world: World) {
    let heard = crate::support::log::listen(&[NUMBER]);
    let cast = Cast::of(world).await;
    let world = &cast.world;
    let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
    let first = cast.entered(&client, cast.one).await;
    let second = cast.entered(&client, cast.other).await;
    let row = payees::of(world.edges.db.read(), cast.one, first).await.unwrap();
    assert_eq!(numbers::whole(&world.edges, &row).unwrap(), NUMBER);
    assert_eq!((numbers::masked(&row).as_str(), row.account_tail.as_str()), ("•••• 2777", "2777"));

    // Who compares sees all of it, and that somebody else gave the same; nobody else does, the signatory included.
    let base = format!("/organisations/{}/payees/{first}", cast.one);
    let (status, page) = cast.page(&client, cast.finance, &format!("{base}/verify")).await;
    assert!(status == Status::Ok && page.contains(NUMBER) && page.contains("SO-2"));
    for (who, path) in [(cast.signatory, base.clone()), (cast.supervisor, base.clone()), (cast.finance, base.clone()),
        (cast.supervisor, format!("{base}/verify")), (cast.signatory, format!("{base}/revoke"))] {
        let (_, page) = cast.page(&client, who, &path).await;
        assert!(!page.contains(NUMBER), "{path}");
    }
    world.settle().await;
    for (_, letter) in world.edges.mail.newest(200).await.unwrap() {
        assert!(!format!("{letter:?}").contains(NUMBER), "{}", letter.subject);
    }
    let all = whole_database(world).await;
    assert!(all.contains("2777") && !all.contains(NUMBER) && !all.contains(&NUMBER[..12]));
    assert_eq!(heard.text(), "");
    assert!(!serde_json::to_string(&row).unwrap().contains(&row.account_sealed), "not in what a template or an answer may be given");

    // The same number is known again; its sealed text is another each time, and opens in no other organisation's row.
    let other = payees::of(world.edges.db.read(), cast.other, second).await.unwrap();
    assert_eq!(row.account_mark, other.account_mark);
    assert_ne!(row.account_sealed, other.account_sealed);
    let moved = payee_account::Model { account_sealed: other.account_sealed.clone(), ..row.clone() };
    assert!(numbers::whole(&world.edges, &moved).is_err());
    payees::verify(&world.role::<Finance>(cast.finance).await, cast.one, first, "permit", 1).await.unwrap();
}

async fn without_its_key_the_house_says_so_and_seals_nothing_anew(world: World) {
    let cast = Cast::of(world).await;
    let world = &cast.world;
    let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
    cast.entered(&client, cast.one).await;
    let empty = tempfile::tempdir().unwrap();
    let config = Config { database: world.edges.config.database_url(), data: empty.path().to_owned(), ..Config::default() };
    let lost = app::open(config.clone(), Clock::system(), Dice::seeded(99)).await.unwrap_err();
    assert!(lost.to_string().contains("vault.key"), "{lost}");
    let key = world.edges.config.data.join("vault.key");
    app::open(Config { vault_key_file: Some(key), ..config }, Clock::system(), Dice::seeded(98)).await.unwrap();
}

async fn what_an_older_house_kept_open_is_sealed_at_the_start(world: World) {
    let cast = Cast::of(world).await;
    let world = &cast.world;
    let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
    let id = cast.entered(&client, cast.one).await;
    let open = format!("update payee_account set account_sealed = '{NUMBER}', account_mark = '', account_tail = ''");
    world.edges.db.connections().execute_unprepared(&open).await.unwrap();
    numbers::seal_plain(&world.edges).await.unwrap();
    let row = payee_account::Entity::find_by_id(id).one(world.edges.db.read()).await.unwrap().unwrap();
    assert_eq!((numbers::whole(&world.edges, &row).unwrap().as_str(), row.account_tail.as_str()), (NUMBER, "2777"));
    assert!(!row.account_sealed.contains(NUMBER) && row.account_mark.len() == 64);
}

async fn what_was_typed_cannot_be_found_out_by_trying(world: World) {
    let cast = Cast::of(world).await;
    let world = &cast.world;
    let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
    cast.entered(&client, cast.one).await;
    let row = posted_form::Entity::find().one(world.edges.db.read()).await.unwrap().unwrap();
    let path = format!("/organisations/{}/payees", cast.one);
    let typed = [("account_number", format!("{} {}", &NUMBER[..4], &NUMBER[4..])), ("bank_name", "bank".into()),
        ("currency", "CNY".into()), ("holder", "SO".into())];
    let typed: String = typed.iter().map(|(name, value)| format!("{name}={:?}\n", [value])).collect();
    // A hash that anybody can make would give the number away to whoever tries all of them.
    assert_ne!(row.fingerprint, fingerprint(format!("{path}\n{typed}")));
    assert_eq!(row.fingerprint, world.edges.vault.mark("form", &format!("{path}\n{typed}")));
}
}
