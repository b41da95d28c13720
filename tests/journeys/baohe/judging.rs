//! The round: six calls of one programme, three bids, two reviewers, two decisions.

use super::{CAP, CATEGORIES, ENVELOPE, number};
use crate::journeys::house::House;
use entities::kinds::Locale;
use tributary::core::answers::FormDefinition;
use tributary::grants::calls::drafting;
use tributary::people::permission::Officer;

/// The two categories in which something is decided: their places among the six.
const GOVERNANCE: usize = 2;
const FUNDS: usize = 5;
/// Titles of the bids, in the order in which they are written.
const TITLES: [&str; 3] = ["社区治理学堂", "楼栋议事会", "望江社区协同治理基金"];
/// Points of both reviewers for each bid.
const POINTS: [i64; 3] = [90, 80, 85];

/// A running programme and its six calls, each drafted by one officer and checked by another.
pub(super) async fn announce(house: &House, fund: &str) -> Vec<String> {
    house.at(2, 23, 9).await;
    let named = [("name_zh", "包河公益创投"), ("name_en", "Baohe venture philanthropy")];
    let programmes = house.does("officer-a", "/calls/programmes", "/calls/programme", &named).await;
    let programme = programmes.link("/calls/programmes/*").expect("the programme is listed");
    let programme = programme.split('/').nth(3).unwrap().to_owned();
    let officer = house.stage.role::<Officer>("officer-a").await.unwrap();
    let questions: FormDefinition = serde_json::from_value(serde_json::json!({
        "version": 1,
        "sections": [{ "id": "project", "title": { "en": "The project", "zh": "项目" }, "questions": [
            { "id": "why", "label": { "en": "Why is it needed?", "zh": "为什么需要？" },
              "kind": { "type": "long-text", "max": 2000 }, "required": true }
        ] }]
    }))
    .unwrap();
    let form = drafting::form_version(&officer, "包河公益创投申报书", questions).await.unwrap().to_string();
    let mut calls = Vec::new();
    for (place, category) in CATEGORIES.iter().enumerate() {
        let fill = call_of(category, (programme.as_str(), fund, form.as_str()), place == FUNDS);
        let fill: Vec<(&str, &str)> = fill.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let call = house.does("officer-a", "/calls", "/calls/new", &fill).await.path;
        house.does("officer-b", &call, "/check", &[]).await;
        calls.push(call.split('?').next().unwrap().to_owned());
    }
    let whole = house.sees("visitor", &format!("/calls/programmes/{programme}")).await;
    assert!(CATEGORIES.iter().all(|category| whole.shows(category)), "the programme shows its six calls");
    let becomes = house.sees("visitor", &calls[FUNDS]).await;
    assert!(becomes.shows("设立基金"), "whoever reads the call knows what an award becomes");
    calls
}

/// The form of one category, filled in.
fn call_of(category: &str, (programme, fund, form): (&str, &str, &str), funds: bool) -> Vec<(String, String)> {
    let fund = number(fund).to_string();
    let envelope = ENVELOPE.to_string();
    let title = format!("包河公益创投·{category}");
    let mut fill: Vec<(String, String)> = [
        ("kind", "venture"),
        ("programme", programme),
        ("round", "第一届"),
        ("category", category),
        ("award_kind", if funds { "seed_fund" } else { "project" }),
        ("title_zh", title.as_str()),
        ("summary_zh", "支持社会组织参与社区治理。"),
        ("fund", fund.as_str()),
        ("cap", CAP),
        ("envelope", envelope.as_str()),
        ("area", "武侯区 Wuhou"),
        ("areas", "武侯区 Wuhou"),
        ("one_per_category", "true"),
        ("opens_at", "2026-03-02T09:00"),
        ("closes_at", "2026-03-31T18:00"),
        ("form_version", form),
        ("reviews_required", "2"),
        ("method", "mean"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    for (place, id) in ["need", "design"].into_iter().enumerate() {
        for (column, value) in [("id", id), ("label_zh", id), ("label_en", id), ("weight", "50"), ("max", "50")] {
            fill.push((format!("rubric.{place}.{column}"), value.to_owned()));
        }
    }
    fill
}

/// Two bids for projects of community governance, one for a fund: SO-1 bids in both categories, once in each.
pub(super) async fn bid(house: &House, calls: &[String]) -> Vec<String> {
    house.at(3, 2, 10).await;
    let mut bids = Vec::new();
    for (title, (of, call, thousands)) in TITLES.iter().zip([
        ("so1", &calls[GOVERNANCE], "60"),
        ("so2", &calls[GOVERNANCE], "60"),
        ("so1", &calls[FUNDS], "50"),
    ]) {
        let (editor, signatory) = (format!("{of}-editor"), format!("{of}-signatory"));
        let begun = house.does(&editor, call, "/apply", &[("title", *title)]).await;
        let place = begun.path.trim_end_matches("/edit").to_owned();
        let fill = [
            ("summary", "居民议事、共治与陪伴。"),
            ("site", "望江社区"),
            ("team", "三人"),
            ("answers.why", "议事无场地、无规则。"),
            ("lines.0.label", "活动"),
            ("lines.0.head", "labour"),
            ("lines.0.quantity", thousands),
            ("lines.0.unit", "1,000.00"),
            ("indicators.0.name", "议事会"),
            ("indicators.0.unit", "次"),
            ("indicators.0.baseline", "0"),
            ("indicators.0.target", "24"),
            ("then", "save"),
        ];
        house.posts(&editor, &format!("{place}/edit"), &fill).await;
        house.does(&editor, &place, "/hand-over", &[]).await;
        house.does(&signatory, &place, "/submit", &[]).await;
        let received = house.sees(&signatory, &place).await;
        assert!(received.shows("第 1 版"), "the bid says under which policy it was signed");
        bids.push(place);
    }
    bids
}

/// Screened by an officer, scored by two reviewers.
pub(super) async fn screen_and_score(house: &House, calls: &[String], bids: &[String]) {
    house.at(4, 1, 9).await;
    for bid in bids {
        house.posts("officer-a", &format!("{bid}/screen"), &[("screening", "eligible")]).await;
    }
    for place in [GOVERNANCE, FUNDS] {
        house.does("officer-a", &calls[place], "/start-review", &[]).await;
    }
    house.at(4, 2, 9).await;
    for reviewer in ["reviewer-1", "reviewer-2"] {
        let person = house.stage.person(reviewer).unwrap().to_string();
        for (bid, place) in bids.iter().zip([GOVERNANCE, GOVERNANCE, FUNDS]) {
            let assign = format!("/reviews/{}/assign", number(bid));
            house
                .does("officer-a", &format!("{}/reviews", calls[place]), &assign, &[("reviewer", person.as_str())])
                .await;
        }
    }
    house.at(4, 13, 9).await;
    for reviewer in ["reviewer-1", "reviewer-2"] {
        let mut mine: Vec<String> = house.sees(reviewer, "/reviews").await.links();
        mine.retain(|href| href.strip_prefix("/reviews/").is_some_and(|last| last.parse::<i64>().is_ok()));
        mine.sort_by_key(|href| number(href));
        mine.dedup();
        assert_eq!(mine.len(), bids.len(), "{reviewer} has {mine:?}");
        for (review, points) in mine.iter().zip(POINTS) {
            house.does(reviewer, review, "/accept", &[("no_interest", "true")]).await;
            let (need, design) = ((points / 2).to_string(), (points - points / 2).to_string());
            let fill = [("score.need", need.as_str()), ("score.design", design.as_str()), ("comment", "理由见各项。")];
            house.posts(reviewer, review, &fill).await;
        }
    }
}

/// Drafted by the chair, approved by somebody else; a second project of ¥60,000 does not fit into an envelope of ¥100,000.
pub(super) async fn decide(house: &House, calls: &[String]) {
    house.at(4, 21, 9).await;
    let governance = format!("{}/decision", calls[GOVERNANCE]);
    let batch = draft(house, &governance).await;
    assert_eq!(batch.len(), 2, "{batch:?}");
    let set = async |outcome: &str, amount: &str| {
        let fill = [("outcome", outcome), ("amount", amount), ("reason", "按得分。")];
        house.posts("chair", &batch[1], &fill).await;
    };
    set("approved", "60,000").await;
    let submit = house.sees("chair", &governance).await.link("/submit").unwrap();
    let told = house.is_refused("chair", &submit, &[]).await;
    let why = house.world().edges.words.text(Locale::ZhCn, "refused-batch-envelope", &[]);
    assert!(told.contains(&why), "refused otherwise: {told}");
    set("reserved", "60,000").await;
    house.does("chair", &governance, "/submit", &[]).await;
    house.does("approver-a", &governance, "/approve", &[]).await;

    let funds = format!("{}/decision", calls[FUNDS]);
    let item = draft(house, &funds).await;
    let page = house.sees("chair", &item[0]).await;
    assert!(page.html.contains("value=\"seed_fund\" selected"), "the call fixed what its award becomes");
    house.does("chair", &funds, "/submit", &[]).await;
    house.does("approver-a", &funds, "/approve", &[]).await;
    // Five working days of public notice, with the holidays of May behind them.
    house.at(5, 6, 9).await;
}

/// A batch as the scores propose it; answers the pages of its items by rank.
async fn draft(house: &House, place: &str) -> Vec<String> {
    let drafted = house.does("chair", place, "/decision/draft", &[("minutes", "评审组会议纪要。")]).await;
    let mut items = drafted.links();
    items.retain(|href| href.contains("/items/"));
    items.dedup();
    items
}
