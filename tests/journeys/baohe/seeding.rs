//! The award of the sixth category: agreed to, and turned into a fund under the same approvals as every payment.

use crate::journeys::house::House;
use entities::kinds::Locale;

/// The offer for the fund is accepted and the agreement signed by both; answers the award and its first tranche.
pub(super) async fn agree(house: &House) -> (String, String) {
    let mut awards = house.sees("so1-signatory", "/awards").await.links();
    awards.retain(|href| href.strip_prefix("/awards/").is_some_and(|last| last.parse::<i64>().is_ok()));
    awards.dedup();
    assert_eq!(awards.len(), 2, "a project and a fund are offered to SO-1: {awards:?}");
    let mut seed = None;
    for award in awards {
        let page = house.sees("so1-signatory", &award).await;
        assert!(page.shows("第 1 版"), "the award says under which policy it was offered");
        if page.shows("望江社区协同治理基金") {
            seed = Some(award);
        }
    }
    let award = seed.unwrap();
    assert!(house.sees("so1-signatory", &award).await.link("/open-seed-fund").is_none(), "first it is agreed to");
    house.does("so1-signatory", &award, "/accept", &[]).await;
    let name = house.stage.acting("so1-signatory").await.unwrap().actor.name.clone();
    house.does("so1-signatory", &award, "/sign", &[("typed_name", name.as_str())]).await;
    house.does("administrator-a", &award, "/countersign", &[]).await;
    house.stage.settle().await.unwrap();
    let tranche = house.sees("so1-signatory", &award).await.link("/tranches/*").unwrap();
    (award, tranche)
}

/// The first tranche takes every step of a payment, and waits at the last one until the fund is there and the board approved it.
pub(super) async fn become_a_fund(house: &House, award: &str, tranche: &str) -> String {
    house.at(5, 7, 9).await;
    house.does("so1-signatory", tranche, "/request", &[("payment_request", "file:request.txt:请款函")]).await;
    house.does("officer-a", tranche, "/approve-programme", &[]).await;
    house.does("finance", tranche, "/prepare", &[]).await;
    house.does("approver-a", tranche, "/approve", &[]).await;
    house.does("finance", tranche, "/batch", &[]).await;
    assert!(house.sees("finance", tranche).await.link("/send").is_none(), "a fund is opened in the books, not sent");
    let open = format!("{tranche}/open-fund");
    refused(house, &open, "refused-seed-fund-unnamed").await;

    // The desk tells the grantee; a stranger finds no such form.
    let desk = house.sees("so1-signatory", "/desk").await;
    assert!(desk.link("/open-seed-fund").is_some(), "the desk tells of the fund to draft");
    let wanted = [
        ("name_zh", "望江社区协同治理基金"),
        ("name_en", "Wangjiang co-governance fund"),
        ("purpose_zh", "支持居民议事与社区共治的小项目。"),
        ("residue_rule", "用于本社区同类公益项目。"),
    ];
    let fund = house.does("so1-signatory", award, "/open-seed-fund", &wanted).await.path;
    assert!(house.sees("so1-signatory", award).await.link("/open-seed-fund").is_none(), "it is drafted once");
    refused(house, &open, "refused-seed-fund-undecided").await;
    house.does("so1-signatory", &fund, "/submit", &[]).await;
    house.does("administrator-b", &fund, "/approve", &[("board_minute", "理事会纪要 2026-05 号")]).await;
    let name = house.stage.acting("so1-signatory").await.unwrap().actor.name.clone();
    house.does("so1-signatory", &fund, "/sign-initiator", &[("typed_name", name.as_str())]).await;
    house.does("administrator-b", &fund, "/sign-foundation", &[]).await;

    let told = house.letters_to("so1-signatory").await;
    house.does("resident", tranche, "/open-fund", &[]).await;
    house.stage.settle().await.unwrap();
    assert!(house.letters_to("so1-signatory").await > told, "the grantee hears of the money and of the fund");
    assert!(house.sees("so1-signatory", award).await.link(&fund).is_some(), "the award leads to its fund");
    fund
}

async fn refused(house: &House, open: &str, code: &str) {
    let told = house.is_refused("resident", open, &[]).await;
    let why = house.world().edges.words.text(Locale::ZhCn, code, &[]);
    assert!(told.contains(&why), "refused otherwise: {told}");
}
