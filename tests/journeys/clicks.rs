//! Three clicks from the first page: a fund, an entry of the books with its voucher, and everybody's own desk.

use super::house::House;
use crate::support::World;
use entities::kinds::Locale;
use std::collections::BTreeMap;
use tributary::demo;

/// How many clicks each page is away from the first one, up to three.
async fn clicks(house: &House, who: &str) -> BTreeMap<String, usize> {
    let mut away = BTreeMap::from([("/".to_owned(), 0)]);
    for step in 1..=3 {
        let last: Vec<String> = away.iter().filter(|(_, at)| **at == step - 1).map(|(path, _)| path.clone()).collect();
        for path in last {
            for href in house.sees(who, &path).await.links() {
                let page = href.split(['?', '#']).next().unwrap_or_default().to_owned();
                if page.starts_with('/') && !page.starts_with("/data/") && !page.starts_with("/static/") {
                    away.entry(page).or_insert(step);
                }
            }
        }
        // What lies behind a file is not a page.
        away.retain(|path, at| *at == step || !path.starts_with("/documents/"));
        if step == 2 {
            away.retain(|path, at| *at < 2 || path.starts_with("/ledger/") || path.starts_with("/funds/"));
        }
    }
    away
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fund_a_voucher_and_the_desk_are_three_clicks_away() {
    let world = World::unfounded().await;
    let (stage, _) = demo::play(demo::found(world.edges.clone(), Locale::ZhCn).await.unwrap()).await.unwrap();
    let cast = stage.cast();
    let house = House::of(world, stage).await;
    let away = clicks(&house, "visitor").await;
    let least = |start: &str| away.iter().filter(|(path, _)| path.starts_with(start)).map(|(_, at)| *at).min();
    assert!(least("/funds/1").is_some_and(|at| at <= 3), "a fund");
    assert!(least("/ledger/V-").is_some_and(|at| at <= 2), "an entry of the books");
    assert!(least("/documents/").is_some_and(|at| at <= 3), "its voucher");
    for member in cast {
        assert!(house.sees(&member.role, "/").await.link("/desk").is_some(), "{} finds no desk", member.role);
        house.sees(&member.role, "/desk").await;
    }
    house.world().settle().await;
}
