//! The gifts: money with its match, goods, a pledge, the platform's file.

use crate::journeys::house::House;
use tributary::demo::Wall;

/// Six gifts with their match, one withheld, one in kind, one pledged; the platform's file once the filing number is on record.
pub(super) async fn give(house: &House, wall: Wall) {
    let fund = format!("/funds/{}", wall.fund);
    let need = wall.need.to_string();
    for owner in [1, 2, 3, 4, 5, 6, 9] {
        house.at(1, 13 + owner, 10).await;
        let donor = house.stage.organisation(&format!("owner{owner}")).unwrap().to_string();
        let (amount, anonymity, restriction) =
            if owner == 9 { ("5,000", "withheld", need.as_str()) } else { ("10,000.00", "named", "") };
        let (name, line) = (format!("业主单位 {owner}"), format!("B-2026-01{owner:02}"));
        let on = format!("2026-01-{:02}", 13 + owner);
        let fill = [
            ("organisation", donor.as_str()),
            ("donor_name", name.as_str()),
            ("amount", amount),
            ("received_on", on.as_str()),
            ("bank_line", line.as_str()),
            ("slip", "file:slip.txt:银行回单"),
            ("anonymity", anonymity),
            ("restriction", restriction),
        ];
        let gift = house.does("finance", &fund, "/gifts/record", &fill).await;
        house.does("approver-a", &gift.path, "/receive", &[]).await;
    }
    let paint = [
        ("organisation", house.stage.organisation("owner7").unwrap().to_string()),
        ("donor_name", "业主单位 7".to_owned()),
        ("goods", "外墙涂料".to_owned()),
        ("amount", "8000".to_owned()),
        ("valuation_basis", "发票".to_owned()),
        ("valuation_document", "file:invoice.txt:发票：外墙涂料".to_owned()),
        ("anonymity", "named".to_owned()),
    ];
    let paint: Vec<(&str, &str)> = paint.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let gift = house.posts("finance", &format!("{fund}/gifts/offer"), &paint).await;
    house.does("approver-a", &gift.path, "/accept", &[]).await;
    let pledge = [("amount", "10000"), ("due_on", "2026-12-15"), ("anonymity", "named")];
    house.does("owner8-signatory", &fund, "/gifts/pledge", &pledge).await;
    platform_file(house, &fund, &need).await;
}

/// A gift of the first owner that waits to be confirmed; answers its address.
pub async fn one_more_gift(house: &House) -> String {
    let donor = house.stage.organisation("owner1").unwrap().to_string();
    let fill = [
        ("organisation", donor.as_str()),
        ("donor_name", "业主单位 1"),
        ("amount", "1,234.50"),
        ("received_on", "2026-04-22"),
        ("bank_line", "B-2026-0422"),
        ("anonymity", "named"),
    ];
    house.does("finance", "/funds/1", "/gifts/record", &fill).await.path
}

async fn platform_file(house: &House, fund: &str, need: &str) {
    house.at(2, 2, 10).await;
    let mut file = String::from("file:settlement.csv:捐赠人,金额,日期,备注\n");
    for row in 1..=28 {
        file.push_str(&format!("居民 {row},120.00,2026-01-{:02},航中街外墙\n", 1 + row));
    }
    let fill =
        [("file", file.as_str()), ("bank_line", "B-2026-0201"), ("received_on", "2026-02-02"), ("restriction", need)];
    let place = format!("{fund}/gifts/import");
    house.is_refused("finance", &place, &fill).await;
    let numbers = [("qualification_number", "GM-2026-001"), ("filing_number", "BA-2026-0117")];
    house.does("administrator-b", fund, "/amend-filing", &numbers).await;
    let import = house.does("finance", fund, "/gifts/import", &fill).await;
    house.does("approver-b", &import.path, "/apply", &[]).await;
}
