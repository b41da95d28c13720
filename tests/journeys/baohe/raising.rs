//! Before the round: a second hand in finance, and a fund with money in it.

use crate::journeys::house::House;
use entities::kinds::{Role, Scope};
use tributary::people::permission::Administrator;
use tributary::people::roles;

/// What one of finance prepares another of finance carries out: both administrators make the resident one, from the next day on.
pub(super) async fn second_finance_officer(house: &House) {
    house.at(1, 15, 9).await;
    let one = house.stage.role::<Administrator>("administrator-a").await.unwrap();
    let other = house.stage.role::<Administrator>("administrator-b").await.unwrap();
    let person = house.stage.person("resident").unwrap();
    let grant = roles::propose(&one, person, Role::FinanceOfficer, Scope::Foundation, None, None).await.unwrap();
    roles::confirm(&other, grant).await.unwrap();
}

/// A fund opened by an enterprise, signed by both, active with its gift; answers the pages of fund and gift.
pub(in crate::journeys) async fn fund_with_money(house: &House) -> (String, String) {
    house.at(1, 19, 10).await;
    let owner = house.stage.organisation("owner1").unwrap().to_string();
    let drafted = [
        ("organisation", owner.as_str()),
        ("name_zh", "包河公益创投基金"),
        ("name_en", "Baohe venture fund"),
        ("purpose_zh", "资助社区社会组织的公益创投项目。"),
        ("area", "武侯区 Wuhou"),
        ("opening_minimum", "200,000"),
        ("mode", "targeted"),
        ("residue_rule", "用于同类公益项目。"),
    ];
    let fund = house.posts("donor-signatory", "/funds/new", &drafted).await.path;
    house.does("donor-signatory", &fund, "/submit", &[]).await;
    house.does("administrator-b", &fund, "/approve", &[("board_minute", "理事会纪要 2026-03 号")]).await;
    let name = house.stage.acting("donor-signatory").await.unwrap().actor.name.clone();
    house.does("donor-signatory", &fund, "/sign-initiator", &[("typed_name", name.as_str())]).await;
    house.does("administrator-b", &fund, "/sign-foundation", &[]).await;
    let given = [
        ("organisation", owner.as_str()),
        ("donor_name", "业主单位 1"),
        ("amount", "300,000"),
        ("received_on", "2026-01-19"),
        ("bank_line", "B-2026-0119"),
        ("slip", "file:slip.txt:银行回单"),
        ("anonymity", "named"),
    ];
    let gift = house.does("finance", &fund, "/gifts/record", &given).await.path;
    house.does("approver-a", &gift, "/receive", &[]).await;
    (fund, gift)
}
