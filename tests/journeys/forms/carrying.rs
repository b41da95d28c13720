//! The award carried out: the agreement, three tranches, two reports, the close.

use crate::journeys::house::House;

/// The offer is accepted and the agreement signed by both; answers the award and its tranches.
pub(super) async fn sign(house: &House) -> (String, Vec<String>) {
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
pub(super) async fn pay(house: &House, part: &str, month: u32, day: u32, third: bool) {
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
pub(super) async fn half_way(house: &House, award: &str) {
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
pub(super) async fn finish(house: &House, award: &str) {
    house.at(9, 7, 9).await;
    house.does("finance", award, "/propose-allowable", &[("amount", "80,500")]).await;
    house.does("approver-a", award, "/confirm-allowable", &[]).await;
    report(house, award, 1, "八十三米外墙完成加固与彩绘。", ["32,200", "48,300"]).await;
}

pub(super) async fn close(house: &House, award: &str) {
    house.at(9, 21, 9).await;
    house.does("officer-a", award, "/propose-close", &[]).await;
    house.does("finance", award, "/confirm-close", &[]).await;
    house.at(10, 12, 9).await;
    let residue = [("residue", "结余转入本基金，用于本社区同类公益项目。")];
    house.does("officer-a", award, "/propose-residue", &residue).await;
    house.does("approver-b", award, "/confirm-residue", &[]).await;
}
