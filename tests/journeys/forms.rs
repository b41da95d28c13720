//! The whole example through the forms that the pages show, by everybody who has a part in it, to the same figures.

use super::house::House;
use crate::support::{World, both};
use entities::kinds::{AwardId, Currency, FundId, Locale, NeedId};
use tributary::core::answers::FormDefinition;
use tributary::demo::{self, Wall};
use tributary::desk::check;
use tributary::grants::calls::drafting;
use tributary::ledger::{Account, balances};
use tributary::people::permission::Officer;

/// Criteria of the rubric with what each weighs and counts at most.
const RUBRIC: [(&str, i64); 6] =
    [("need", 20), ("design", 25), ("participation", 15), ("team", 15), ("budget", 15), ("sustainability", 10)];

/// Points of the reviewers: for SO-1, for SO-2.
const POINTS: [(&str, i64, i64); 5] = [
    ("reviewer-1", 92, 86),
    ("reviewer-2", 88, 86),
    ("reviewer-3", 85, 85),
    ("reviewer-4", 84, 84),
    ("reviewer-5", 60, 84),
];

/// Everything from the first act to the public notice of the award, and the house it was done in.
pub async fn up_to_the_notice(world: World) -> (House, String) {
    let mut stage = demo::found(world.edges.clone(), Locale::ZhCn).await.unwrap();
    let wall = demo::open(&mut stage).await.unwrap();
    let house = House::of(world, stage).await;
    give(&house, wall).await;
    stands(&house, wall, [2_068_360, 98_360]).await;
    let call = invite(&house, wall).await;
    let bids = bid(&house, &call).await;
    score(&house, &call, &bids).await;
    let notice = decide(&house, wall, &call).await;
    stands(&house, wall, [2_068_360, 14_530]).await;
    (house, notice)
}

both! { unfounded:
async fn everybody_does_their_part_through_the_forms(world: World) {
    let (house, notice) = up_to_the_notice(world).await;
    let wall = Wall { need: NeedId(1), fund: FundId(1) };
    object(&house, &notice).await;
    let (award, parts) = sign(&house).await;
    pay(&house, &parts[0], 5, 18, true).await;
    stands(&house, wall, [2_026_860, 14_530]).await;
    half_way(&house, &award).await;
    pay(&house, &parts[1], 8, 10, false).await;
    stands(&house, wall, [1_993_660, 14_530]).await;
    finish(&house, &award).await;
    pay(&house, &parts[2], 9, 14, false).await;
    stands(&house, wall, [1_987_860, 14_530]).await;
    close(&house, &award).await;
    stands(&house, wall, [1_987_860, 17_055]).await;
    let db = house.world().edges.db.read();
    let paid = balances::paid_on_awards(db, &[AwardId(1)]).await.unwrap();
    assert_eq!(paid, [(AwardId(1), 80_500_00, 805_00)]);
    house.world().settle().await;
    let wrong: Vec<_> = check::books(&house.world().edges).await.unwrap().into_iter().filter(|one| !one.ok).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
}

/// What the bank and the fund have, in yuan: in the books, and on the fund's public page.
async fn stands(house: &House, wall: Wall, [bank, fund]: [i64; 2]) {
    let db = house.world().edges.db.read();
    assert_eq!(balances::posted(db, Account::Bank, Currency::CNY).await.unwrap(), bank * 100);
    assert_eq!(balances::flow(db, wall.fund).await.unwrap().available_minor, fund * 100);
    let written = format!("{},{:03}.00", fund / 1_000, fund % 1_000);
    let page = house.sees("visitor", &format!("/funds/{}", wall.fund)).await;
    assert!(page.shows(&written), "the fund's page does not say {written}");
}

/// Six gifts with their match, one withheld, one in kind, one pledged; the platform's file once the filing number is on record.
async fn give(house: &House, wall: Wall) {
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

/// The call is drafted by one officer and checked by another.
async fn invite(house: &House, wall: Wall) -> String {
    house.at(2, 23, 9).await;
    let officer = house.stage.role::<Officer>("officer-a").await.unwrap();
    let questions: FormDefinition = serde_json::from_value(serde_json::json!({
        "version": 1,
        "sections": [{ "id": "project", "title": { "en": "The project", "zh": "项目" }, "questions": [
            { "id": "why", "label": { "en": "Why is it needed?", "zh": "为什么需要？" },
              "kind": { "type": "long-text", "max": 2000 }, "required": true }
        ] }]
    }))
    .unwrap();
    let form = drafting::form_version(&officer, "背街小巷微更新申报书", questions).await.unwrap();
    let mut fill = vec![
        ("title_zh".to_owned(), "航中街背街小巷微更新".to_owned()),
        ("summary_zh".to_owned(), "修缮 83 米外墙。".to_owned()),
        ("title_en".to_owned(), "Back-street micro-renewal".to_owned()),
        ("summary_en".to_owned(), "Mend 83 metres of wall.".to_owned()),
        ("fund".to_owned(), wall.fund.to_string()),
        ("need".to_owned(), wall.need.to_string()),
        ("cap".to_owned(), "90,000".to_owned()),
        ("envelope".to_owned(), "100,000".to_owned()),
        ("area".to_owned(), "武侯区 Wuhou".to_owned()),
        ("areas".to_owned(), "武侯区 Wuhou".to_owned()),
        ("opens_at".to_owned(), "2026-03-02T09:00".to_owned()),
        ("closes_at".to_owned(), "2026-03-31T18:00".to_owned()),
        ("form_version".to_owned(), form.to_string()),
        ("reviews_required".to_owned(), "5".to_owned()),
        ("blind".to_owned(), "true".to_owned()),
        ("mid_days".to_owned(), "60".to_owned()),
        ("final_days".to_owned(), "150".to_owned()),
    ];
    for (place, (id, points)) in RUBRIC.iter().enumerate() {
        for (column, value) in [
            ("id", (*id).to_owned()),
            ("label_zh", (*id).to_owned()),
            ("label_en", (*id).to_owned()),
            ("weight", points.to_string()),
            ("max", points.to_string()),
        ] {
            fill.push((format!("rubric.{place}.{column}"), value));
        }
    }
    let fill: Vec<(&str, &str)> = fill.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let call = house.does("officer-a", "/calls", "/calls/new", &fill).await;
    house.does("officer-b", &call.path, "/check", &[]).await;
    call.path
}

/// Both bids are written by an editor and submitted by a signatory; the bid of SO-3 is refused by its record.
async fn bid(house: &House, call: &str) -> [String; 2] {
    house.at(3, 2, 10).await;
    let mut bids = Vec::new();
    for (of, metres, editor) in [("so1", 83, "so1-editor"), ("so2", 80, "so2-editor"), ("so3", 50, "so3-signatory")] {
        let title = format!("航中街外墙 {of}");
        let bid = house.does(editor, call, "/apply", &[("title", title.as_str())]).await;
        let place = bid.path.trim_end_matches("/edit").to_owned();
        let (material, labour) = ((metres * 2 / 5).to_string(), (metres - metres * 2 / 5).to_string());
        let target = metres.to_string();
        let fill = [
            ("summary", "加固外墙、沿墙脚做排水。"),
            ("site", "航中街"),
            ("team", "三人"),
            ("answers.why", "墙面不平、雨季积水。"),
            ("lines.0.label", "材料"),
            ("lines.0.head", "material"),
            ("lines.0.quantity", material.as_str()),
            ("lines.0.unit", "1,000.00"),
            ("lines.1.label", "人工"),
            ("lines.1.head", "labour"),
            ("lines.1.quantity", labour.as_str()),
            ("lines.1.unit", "1,000.00"),
            ("indicators.0.name", "修缮外墙长度"),
            ("indicators.0.unit", "米"),
            ("indicators.0.baseline", "0"),
            ("indicators.0.target", target.as_str()),
            ("then", "save"),
        ];
        house.posts(editor, &format!("{place}/edit"), &fill).await;
        house.does(editor, &place, "/hand-over", &[]).await;
        bids.push(place);
    }
    house.does("so1-signatory", &bids[0], "/submit", &[]).await;
    house.does("so2-signatory", &bids[1], "/submit", &[]).await;
    house.is_refused("so3-signatory", &format!("{}/submit", bids[2]), &[]).await;
    house.at(4, 1, 9).await;
    for bid in &bids[..2] {
        house.posts("officer-a", &format!("{bid}/screen"), &[("screening", "eligible")]).await;
    }
    house.does("officer-a", call, "/start-review", &[]).await;
    [bids.remove(0), bids.remove(0)]
}

/// Five reviewers score both bids; the fifth is then found to be employed by a donor and is recused.
async fn score(house: &House, call: &str, bids: &[String; 2]) {
    house.at(4, 2, 9).await;
    let numbers = bids.each_ref().map(|bid| bid.rsplit('/').next().unwrap_or_default().to_owned());
    let sheet = format!("{call}/reviews");
    for (reviewer, ..) in POINTS {
        let person = house.stage.person(reviewer).unwrap().to_string();
        for number in &numbers {
            let fill = [("reviewer", person.as_str())];
            house.does("officer-a", &sheet, &format!("/reviews/{number}/assign"), &fill).await;
        }
    }
    house.at(4, 13, 9).await;
    let mut last = String::new();
    for (reviewer, first, second) in POINTS {
        let mut mine: Vec<String> = house.sees(reviewer, "/reviews").await.links();
        mine.retain(|href| href.strip_prefix("/reviews/").is_some_and(|number| number.parse::<i64>().is_ok()));
        mine.sort_by_key(|href| href.rsplit('/').next().and_then(|number| number.parse::<i64>().ok()));
        mine.dedup();
        assert_eq!(mine.len(), 2, "{reviewer} has {mine:?}");
        for (review, points) in mine.iter().zip([first, second]) {
            house.does(reviewer, review, "/accept", &[("no_interest", "true")]).await;
            let mut fill = values(points);
            fill.push(("comment".to_owned(), "理由见各项评分。".to_owned()));
            let fill: Vec<(&str, &str)> = fill.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            house.posts(reviewer, review, &fill).await;
            last.clone_from(review);
        }
    }
    house.at(4, 20, 9).await;
    let employer = house.stage.organisation("owner2").unwrap().to_string();
    house.does("reviewer-5", "/account", "/account/change", &[("employer", employer.as_str())]).await;
    let found = [("ground", "donor"), ("evidence", "受雇于向本基金捐赠的业主单位")];
    house.posts("officer-a", &format!("{last}/remove"), &found).await;
}

/// Values that add up to so many points: what is missing is taken from the criteria by turns.
fn values(points: i64) -> Vec<(String, String)> {
    let mut left = RUBRIC.map(|(_, most)| most);
    let mut missing = 100 - points;
    while missing > 0 {
        for value in &mut left {
            if missing > 0 && *value > 0 {
                *value -= 1;
                missing -= 1;
            }
        }
    }
    RUBRIC.iter().zip(left).map(|((id, _), value)| (format!("score.{id}"), value.to_string())).collect()
}

/// The chair drafts and submits, an approver returns a batch above what is available and approves the mended one.
async fn decide(house: &House, wall: Wall, call: &str) -> String {
    house.at(4, 21, 9).await;
    let place = format!("{call}/decision");
    let minutes = [("minutes", "评审组会议纪要：按征集时确定的方法计分。")];
    let batch = house.does("chair", &place, "/decision/draft", &minutes).await;
    assert!(batch.shows("87.25") && batch.shows("85.25"), "the batch does not show the scores");
    let mut items = batch.links();
    items.retain(|href| href.contains("/items/"));
    items.dedup();
    assert_eq!(items.len(), 2, "{items:?}");
    let set = async |item: &str, outcome: &str, amount: &str| {
        let fill = [("outcome", outcome), ("amount", amount), ("award_kind", "project"), ("reason", "按得分。")];
        house.posts("chair", item, &fill).await;
    };
    set(&items[0], "approved", "83,000").await;
    set(&items[1], "approved", "14,531").await;
    house.does("chair", &place, "/submit", &[]).await;
    let page = house.sees("approver-a", &place).await;
    let approve = page.link("/approve").unwrap();
    let told = house.is_refused("approver-a", &approve, &[]).await;
    let why = house.world().edges.words.text(Locale::ZhCn, "refused-insufficient", &[]);
    assert!(told.contains(&why), "refused otherwise: {told}");
    house.does("approver-a", &place, "/return", &[("reason", "超出可用金额，请列入备选。")]).await;
    set(&items[1], "reserved", "14,000").await;
    house.does("chair", &place, "/submit", &[]).await;
    house.does("approver-a", &place, "/approve", &[]).await;
    assert_eq!(wall.fund.to_string(), "1");
    house.sees("visitor", "/notices").await.link("/notices/*").unwrap()
}

/// Somebody who is not signed in objects on the third day; it is upheld in part and noticed again.
async fn object(house: &House, notice: &str) {
    house.at(4, 24, 10).await;
    let fill = [("ground", "施工期间应保证行人通道，请写入方案。"), ("contact", "resident@tributary.example")];
    house.does("visitor", notice, "/object", &fill).await;
    house.at(4, 27, 10).await;
    let desk = house.sees("officer-b", "/desk").await;
    let objection = desk.link("/objections/*").expect("the desk tells of the objection");
    let answer =
        [("finding", "uphold-in-part"), ("amount", "83,000"), ("answer", "部分成立：须在开工前提交行人通道方案。")];
    house.posts("officer-b", &objection, &answer).await;
    house.at(5, 15, 9).await;
}

/// The offer is accepted and the agreement signed by both; answers the award and its tranches.
async fn sign(house: &House) -> (String, Vec<String>) {
    let desk = house.sees("so1-signatory", "/desk").await;
    let award = desk.link("/awards/*").expect("the desk tells of the award");
    let award = award.split('/').take(3).collect::<Vec<_>>().join("/");
    house.does("so1-signatory", &award, "/accept", &[]).await;
    let name = house.stage.acting("so1-signatory").await.unwrap().actor.name.clone();
    house.does("so1-signatory", &award, "/sign", &[("typed_name", name.as_str())]).await;
    house.does("administrator-a", &award, "/countersign", &[]).await;
    house.stage.settle().await.unwrap();
    let mut parts = house.sees("so1-signatory", &award).await.links();
    parts.retain(|href| href.starts_with("/tranches/"));
    parts.dedup();
    assert_eq!(parts.len(), 3, "{parts:?}");
    (award, parts)
}

/// Requested, approved by the programme, prepared, checked, above the threshold checked again, sent, confirmed with its vouchers.
async fn pay(house: &House, part: &str, month: u32, day: u32, third: bool) {
    house.at(month, day, 9).await;
    house.does("so1-signatory", part, "/request", &[("payment_request", "file:request.txt:请款函")]).await;
    house.does("officer-a", part, "/approve-programme", &[]).await;
    house.does("finance", part, "/prepare", &[]).await;
    house.does("approver-a", part, "/approve", &[]).await;
    let second = house.sees("approver-b", part).await.link("/approve-third");
    assert_eq!(second.is_some(), third, "the third approval of {part}");
    if third {
        house.does("approver-b", part, "/approve-third", &[]).await;
    }
    house.does("finance", part, "/batch", &[]).await;
    house.does("finance", part, "/send", &[]).await;
    house.at(month, day + 1, 9).await;
    let (line, on) = (format!("B-P{}", part.replace('/', "-")), format!("2026-{month:02}-{:02}", day + 1));
    let fill = [
        ("bank_line", line.as_str()),
        ("paid_on", on.as_str()),
        ("voucher", "file:voucher.txt:付款回单：收款账号 6200 0000 0000 0451"),
        ("redacted", "file:voucher-public.txt:付款回单：收款账号 ████"),
    ];
    house.does("approver-b", part, "/confirm", &fill).await;
}

/// The mid-term report; 58 blocks, mended, 74 opens the second tranche.
async fn half_way(house: &House, award: &str) {
    house.at(7, 10, 9).await;
    report(house, award, 0, "墙体加固完成四十米。", ["16,400", "24,600"]).await;
    let evaluator = house.stage.person("evaluator").unwrap().to_string();
    let fill = [("kind", "mid_term"), ("evaluator", evaluator.as_str())];
    house.does("officer-a", award, "/assign-evaluation", &fill).await;
    let evaluation = house.sees("evaluator", "/desk").await.link("/evaluations/*").expect("the evaluator's desk");
    let evaluation = evaluation.split('/').take(3).collect::<Vec<_>>().join("/");
    let below = [("score", "58"), ("findings", "居民参与不足，进度落后。")];
    house.does("evaluator", &evaluation, "/submit", &below).await;
    house.does("officer-a", &evaluation, "/publish", &[]).await;
    house.at(7, 20, 9).await;
    let mended = [("rectification", "增加两次居民工作坊，补齐进度。")];
    house.does("so1-signatory", &evaluation, "/rectify", &mended).await;
    house.at(8, 3, 9).await;
    let again = house.sees("evaluator", "/desk").await.link("/evaluations/*").expect("asked again");
    let again = again.split('/').take(3).collect::<Vec<_>>().join("/");
    assert_ne!(again, evaluation);
    house.does("evaluator", &again, "/submit", &[("score", "74"), ("findings", "整改到位。")]).await;
    house.does("officer-a", &again, "/publish", &[]).await;
}

/// A report: opened if it is not yet, written, handed over, submitted, accepted.
async fn report(house: &House, award: &str, place: usize, narrative: &str, spent: [&str; 2]) {
    let mut reports = house.sees("so1-editor", award).await.links();
    reports.retain(|href| href.starts_with("/reports/"));
    reports.dedup();
    let report = &reports[place];
    if house.sees("officer-a", report).await.link("/open").is_some() {
        house.does("officer-a", report, "/open", &[]).await;
    }
    let fill = [
        ("narrative", narrative),
        ("volunteer_hours", "320"),
        ("beneficiaries", "1200"),
        ("spending.0.head", "material"),
        ("spending.0.amount", spent[0]),
        ("spending.1.head", "labour"),
        ("spending.1.amount", spent[1]),
    ];
    house.does("so1-editor", report, "/write", &fill).await;
    house.does("so1-editor", report, "/hand-over", &[]).await;
    house.does("so1-signatory", report, "/submit", &[]).await;
    house.does("officer-a", report, "/accept", &[]).await;
}

/// The allowable cost reduces the last tranche; the final report opens it.
async fn finish(house: &House, award: &str) {
    house.at(9, 7, 9).await;
    house.does("finance", award, "/propose-allowable", &[("amount", "80,500")]).await;
    house.does("approver-a", award, "/confirm-allowable", &[]).await;
    report(house, award, 1, "八十三米外墙完成加固与彩绘。", ["32,200", "48,300"]).await;
}

async fn close(house: &House, award: &str) {
    house.at(9, 21, 9).await;
    house.does("officer-a", award, "/propose-close", &[]).await;
    house.does("finance", award, "/confirm-close", &[]).await;
    house.at(10, 12, 9).await;
    let residue = [("residue", "结余转入本基金，用于本社区同类公益项目。")];
    house.does("officer-a", award, "/propose-residue", &residue).await;
    house.does("approver-b", award, "/confirm-residue", &[]).await;
}
