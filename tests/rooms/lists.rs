//! Long lists: walked to their end each row comes once, and a page asks the database no more often for more rows.

use super::calls::open;
use super::reviews::{Panel, bid};
use crate::support::{World, both, rows, tools};
use entities::kinds::{ApplicationStage, CallId, LegalForm, OrganisationId, PersonId};
use entities::{application, organisation};
use rocket::http::Cookie;
use rocket::local::asynchronous::Client;
use sea_orm::{ActiveValue::Set, EntityTrait};
use std::collections::BTreeSet;
use tributary::app;
use tributary::grants::applications::view;
use tributary::grants::calls;
use tributary::web::page::Reply;

/// Submitted bids of one call, written directly, each of an organisation of its own.
async fn bids(world: &World, call: CallId, by: PersonId, numbers: std::ops::Range<i64>) {
    let now = world.edges.clock.now();
    let currency = calls::service::load(world.edges.db.read(), call).await.unwrap().currency;
    let firms: Vec<_> = numbers
        .clone()
        .map(|n| organisation::ActiveModel {
            legal_form: Set(LegalForm::Association),
            name_zh: Set(format!("第{n}号社区社会组织服务中心")),
            name_en: Set(String::new()),
            area: Set("wuhou".into()),
            community: Set(String::new()),
            profile: Set(serde_json::json!({})),
            created_at: Set(now),
            ..Default::default()
        })
        .collect();
    let bid = |n: i64, firm: OrganisationId| application::ActiveModel {
        title: Set(format!("第{n}段背街小巷外墙微更新与居民共创行动")),
        stage: Set(if n % 3 == 0 { ApplicationStage::Eligible } else { ApplicationStage::Submitted }),
        submitted_by: Set(Some(by)),
        submitted_at: Set(Some(now + chrono::Duration::seconds(n % 60))),
        currency: Set(currency),
        ..rows::bid(call, firm, by, 100_000 + (n % 37) * 1_000, now)
    };
    let (firms, numbers, bid) = (&firms, &numbers.collect::<Vec<_>>(), &bid);
    world
        .edges
        .db
        .write(|tx| async move {
            for (some, numbers) in firms.chunks(200).zip(numbers.chunks(200)) {
                let rows = organisation::Entity::insert_many(some.iter().cloned()).exec_with_returning(&tx).await?;
                let bids = numbers.iter().zip(&rows).map(|(n, firm)| bid(*n, firm.id));
                application::Entity::insert_many(bids).exec_without_returning(&tx).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
}

/// The pages of a world as somebody reads them, counted.
struct Reader {
    client: Client,
    token: String,
}

impl Reader {
    async fn of(world: &World, person: PersonId) -> Self {
        let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
        Self { client, token: world.session(person).await }
    }

    /// How many statements a page sends once it was read before, and how many bytes it has.
    async fn asks(&self, world: &World, path: &str) -> (u64, usize) {
        let mut counted = (0, 0);
        for _ in 0..2 {
            let before = world.edges.db.asked();
            let cookie = Cookie::new("tributary_session", self.token.clone());
            let answer = self.client.get(path.to_owned()).cookie(cookie).dispatch().await;
            assert_eq!(answer.status().code, 200, "{path}");
            let bytes = answer.into_string().await.unwrap().len();
            counted = (world.edges.db.asked() - before, bytes);
        }
        counted
    }
}

/// What any page may ask of the database. The longest are a fund with its story and an application with its reviews.
const MOST: u64 = 60;

both! {
async fn a_page_of_many_bids_asks_no_more_than_one_of_a_few(world: World) {
    let (call, officer, _) = open(&world).await;
    let by = officer.actor.person.unwrap();
    let reader = Reader::of(&world, by).await;
    bids(&world, call, by, 0..50).await;
    let pages = [
        format!("/applications?call={call}"),
        format!("/applications?call={call}&sort=asked&stage=eligible"),
        "/applications".to_owned(),
        format!("/calls/{call}"),
        format!("/calls/{call}/reviews"),
        "/desk".to_owned(),
    ];
    let mut few = Vec::new();
    for page in &pages {
        few.push(reader.asks(&world, page).await);
    }
    bids(&world, call, by, 50..1_000).await;
    for (page, few) in pages.iter().zip(few) {
        let many = reader.asks(&world, page).await;
        tools::say(&format!("{page}: {} statements for 50 bids, {} for 1,000, {} bytes", few.0, many.0, many.1));
        // A full page may ask what a short one need not: whether there is a next one.
        assert!(many.0 <= few.0 + 1 && many.0 <= MOST, "{page}: {} statements, then {}", few.0, many.0);
        if page.starts_with("/applications") {
            assert!(many.1 <= 60 * 1024, "{page}: {} bytes", many.1);
        }
    }
}

async fn a_panel_of_many_bids_asks_no_more_than_one_of_two(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let reviews = panel.scored().await;
    let world = &panel.world;
    let (officer, chair) = (Reader::of(world, panel.officer).await, Reader::of(world, panel.chair).await);
    let own = Reader::of(world, panel.reviewers[0]).await;
    let call = panel.call;
    let pages = [
        (&own, format!("/reviews/{}", reviews[0])),
        (&officer, format!("/calls/{call}/reviews")),
        (&officer, format!("/calls/{call}/reviews/matrix")),
        (&officer, "/desk".to_owned()),
        (&chair, format!("/calls/{call}/reviews")),
        (&chair, format!("/calls/{call}/reviews/matrix")),
        (&chair, format!("/calls/{call}/decision")),
        (&chair, "/desk".to_owned()),
    ];
    let mut few = Vec::new();
    for (reader, page) in &pages {
        few.push(reader.asks(world, page).await);
    }
    let queue = own.asks(world, "/reviews").await;
    for n in 0..12 {
        let firm = world.organisation(&format!("SO-{n}-more"), LegalForm::Association, None).await;
        let one = bid(world, call, firm, panel.signatory, 500_000 + n, ApplicationStage::UnderReview).await;
        for (place, reviewer) in panel.reviewers.iter().enumerate() {
            panel.reviewed(one, *reviewer, 60 + n + i64::try_from(place).unwrap()).await;
        }
    }
    for ((reader, page), few) in pages.iter().zip(few) {
        let many = reader.asks(world, page).await;
        tools::say(&format!("{page}: {} statements for 10 reviews, {} for 70", few.0, many.0));
        assert!(many.0 <= few.0 && many.0 <= MOST, "{page}: {} statements, then {}", few.0, many.0);
    }
    let longer = own.asks(world, "/reviews").await;
    assert!(longer.0 <= queue.0, "a reviewer's queue: {} statements, then {}", queue.0, longer.0);
}

async fn a_list_of_a_thousand_bids_is_walked_in_every_order_and_each_comes_once(world: World) {
    let (call, officer, _) = open(&world).await;
    bids(&world, call, officer.actor.person.unwrap(), 0..1_000).await;
    for (filter, count) in [("", 1_000), ("&stage=eligible", 334), ("&sort=asked", 1_000), ("&sort=submitted", 1_000)] {
        let mut path = format!("/applications?call={call}{filter}");
        let mut seen = BTreeSet::new();
        let mut pages = 0;
        loop {
            let part = |name: &str| {
                let query = path.split_once('?').map_or("", |(_, query)| query);
                query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))).map(str::to_owned)
            };
            let wanted = view::Wanted::read(
                Some(call),
                part("stage").as_deref(),
                part("sort").as_deref(),
                part("before").as_deref(),
            );
            let Ok(Reply::Page(page)) = view::list(&officer, &wanted).await else { panic!("no page") };
            let html = page.render("/applications", String::new()).unwrap();
            assert!(html.len() <= 60 * 1024, "{} bytes", html.len());
            for link in html.split("href=\"/applications/").skip(1) {
                let id: String = link.chars().take_while(char::is_ascii_digit).collect();
                assert!(id.is_empty() || seen.insert(id.clone()), "{id} comes twice with {filter}");
            }
            pages += 1;
            let mut links = html.split("href=\"").filter_map(|link| link.split('"').next());
            let next = links.find(|link| link.starts_with("/applications?") && link.contains("before="));
            match next {
                Some(link) => path = link.replace("&amp;", "&").replace("&#38;", "&"),
                None => break,
            }
            assert!(pages < 60, "the pages never end");
        }
        assert_eq!(seen.len(), count, "{filter}");
    }
}
}
