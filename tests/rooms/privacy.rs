//! Privacy: the notice, one's own copy, what is asked and answered, what erasure takes and leaves, and what time takes.

use super::grant::Grant;
use crate::books::ground::rows;
use crate::support::{PASSWORD, World, both, nine};
use entities::kinds::{PersonId, PrivacyKind, Role};
use entities::{expert, person, posted_form, session};
use rocket::http::{ContentType, Cookie, Status};
use rocket::local::asynchronous::Client;
use sea_orm::{ActiveValue::Set, DbBackend, EntityTrait, PaginatorTrait};
use tributary::app;
use tributary::desk::privacy::{copy, service};
use tributary::people::permission::Administrator;
use tributary::people::{passkeys, sessions};

async fn page(world: &World, who: Option<PersonId>, path: &str) -> (Status, String) {
    let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
    let mut request = client.get(path.to_owned());
    if let Some(who) = who {
        request = request.cookie(Cookie::new("tributary_session", world.session(who).await));
    }
    let answer = request.dispatch().await;
    (answer.status(), answer.into_string().await.unwrap_or_default())
}

async fn two_administrators(world: &World) -> [PersonId; 2] {
    [world.person("admin-one", &[Role::Administrator]).await, world.person("admin-two", &[Role::Administrator]).await]
}

both! {
async fn every_column_that_names_a_person_is_in_the_copy(world: World) {
    let sql = match world.edges.db.backend() {
        DbBackend::Postgres => "select c.conrelid::regclass::text, a.attname::text from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1] where c.contype = 'f' and c.confrelid = 'person'::regclass",
        _ => "select m.name, f.\"from\" from sqlite_master m join pragma_foreign_key_list(m.name) f where m.type = 'table' and f.\"table\" = 'person'",
    };
    for row in rows(&world, sql).await {
        let (table, column): (String, String) = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
        let whole = copy::ABOUT.iter().any(|(_, of, _, whose)| *of == table && *whose == column);
        let named = copy::NAMED.iter().any(|(of, by)| *of == table && *by == column);
        assert!(whole || named, "{table}.{column} names a person and is in no copy");
    }
}

async fn a_person_reads_everything_about_themselves_and_nobody_elses(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    let path = "/account/privacy/copy";
    assert_ne!(page(world, None, path).await.0, Status::Ok);
    let (status, text) = page(world, Some(grant.approver), path).await;
    assert_eq!(status, Status::Ok);
    let told: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(told["account"].as_array().unwrap().len(), 1);
    assert_eq!(told["account"][0]["id"], grant.approver.0);
    assert_eq!(told["roles"][0]["role"], "approver");
    let named = told["named_in"].as_array().unwrap();
    assert!(named.iter().any(|row| row["record"] == "payee_account" && row["named_as"] == "approved_by"), "{text}");
    for secret in ["argon2", "password_hash", "token_hash", "account_sealed", "finance@example.org"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

async fn erasure_takes_the_person_and_leaves_the_books(world: World) {
    let [one, _] = two_administrators(&world).await;
    let asker = world.person("zhang-wei", &[Role::ProgrammeOfficer, Role::Reviewer]).await;
    let stranger = world.person("stranger", &[]).await;
    let token = world.session(asker).await;
    let row = expert::ActiveModel {
        email: Set("zhang-wei@example.org".into()),
        name: Set("zhang-wei".into()),
        employer_id: Set(None),
        fields: Set("a".into()),
        areas: Set("b".into()),
        languages: Set("c".into()),
        load_limit: Set(3),
        recorded_by: Set(one),
        recorded_at: Set(world.edges.clock.now()),
        ..Default::default()
    };
    let row = &row;
    world.edges.db.write(|tx| async move {
        expert::Entity::insert(row.clone()).exec_without_returning(&tx).await?;
        Ok(())
    }).await.unwrap();
    let by = world.acting(asker).await.signed_in().unwrap();
    let asked = service::ask(&by, PrivacyKind::Erasure, "I, zhang-wei, leave").await.unwrap();
    assert_eq!(service::ask(&by, PrivacyKind::Erasure, "again").await.unwrap_err().code(), "refused-privacy-open");
    let by_stranger = world.acting(stranger).await.signed_in().unwrap();
    assert_eq!(service::withdraw(&by_stranger, asked).await.unwrap_err().code(), "not-found");
    assert_eq!(page(&world, Some(stranger), &format!("/account/privacy/{asked}")).await.0, Status::NotFound);
    assert_eq!(page(&world, Some(stranger), &format!("/admin/privacy/{asked}")).await.0, Status::Forbidden);
    assert_eq!(page(&world, Some(one), &format!("/admin/privacy/{asked}")).await.0, Status::Ok);
    let admin = world.role::<Administrator>(one).await;
    assert_eq!(service::answer(&admin, asked, true, " ").await.unwrap_err().code(), "refused-empty");
    service::answer(&admin, asked, true, "nothing stands against it").await.unwrap();
    assert_eq!(service::answer(&admin, asked, false, "twice").await.unwrap_err().code(), "refused-stage");
    world.settle().await;

    let db = world.edges.db.read();
    let left = person::Entity::find_by_id(asker).one(db).await.unwrap().unwrap();
    assert_eq!((left.name.as_str(), left.password_hash.as_str(), left.ended_at.is_some()), ("—", "", true));
    assert!(left.email.ends_with("@erased.invalid"));
    assert_eq!(expert::Entity::find().count(db).await.unwrap(), 0);
    assert!(passkeys::of(db, asker).await.unwrap().is_empty());
    let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
    let desk = client.get("/desk").cookie(Cookie::new("tributary_session", token)).dispatch().await;
    assert_ne!(desk.status(), Status::Ok);
    for (email, password) in [("zhang-wei@example.org", PASSWORD), (left.email.as_str(), ""), (left.email.as_str(), PASSWORD)] {
        assert!(sessions::sign_in(&world.edges, email, password, None, "x").await.is_err());
    }
    // Nowhere but in letters that are on their way, which time takes.
    for table in ["person", "invitation", "expert", "privacy_request", "event", "role_grant", "session"] {
        for row in rows(&world, &format!("select count(*) from {table} where {} like '%zhang-wei%'", match table {
            "person" | "invitation" | "expert" => "name || email",
            "privacy_request" => "told || answer",
            "event" => "reason",
            "role_grant" => "role",
            _ => "device",
        })).await {
            assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 0, "{table}");
        }
    }
}

async fn nobody_answers_their_own_and_two_administrators_remain(world: World) {
    let [one, two] = two_administrators(&world).await;
    let by = world.acting(one).await.signed_in().unwrap();
    let asked = service::ask(&by, PrivacyKind::Erasure, "tired").await.unwrap();
    let own = service::answer(&world.role::<Administrator>(one).await, asked, true, "yes").await.unwrap_err();
    assert_eq!(own.code(), "forbidden-own-account");
    let other = world.role::<Administrator>(two).await;
    let needed = service::answer(&other, asked, true, "yes").await.unwrap_err();
    assert_eq!(needed.code(), "refused-role-last-administrator");
    service::answer(&other, asked, false, "first somebody else takes over").await.unwrap();
    assert!(person::Entity::find_by_id(one).one(world.edges.db.read()).await.unwrap().unwrap().ended_at.is_none());
    world.settle().await;
}

async fn the_notice_says_how_long_and_time_keeps_its_word(world: World) {
    let (status, text) = page(&world, None, "/privacy").await;
    assert!(status == Status::Ok && text.contains("180"));
    let somebody = world.person("somebody", &[]).await;
    sessions::start(&world.edges, somebody, "Firefox of somebody", sessions::By::Password).await.unwrap();
    let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
    let token = world.session(somebody).await;
    let posted = client.post("/account/privacy").header(ContentType::Form).cookie(Cookie::new("tributary_session", token))
        .body("form_key=0123456789abcdef&kind=correction&told=my+name").dispatch().await;
    assert_eq!(posted.status(), Status::SeeOther);
    world.at(nine(2026, 1, 20)).await;
    assert_eq!(posted_form::Entity::find().count(world.edges.db.read()).await.unwrap(), 1);
    world.at(nine(2026, 3, 20)).await;
    let db = world.edges.db.read();
    assert_eq!((posted_form::Entity::find().count(db).await.unwrap(), session::Entity::find().count(db).await.unwrap()), (0, 0));
}
}
