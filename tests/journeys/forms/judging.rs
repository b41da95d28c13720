//! The judgement: the call, the bids, their reviews, the decision and an objection to it.

use crate::journeys::house::House;
use entities::kinds::Locale;
use tributary::core::answers::FormDefinition;
use tributary::demo::Wall;
use tributary::grants::calls::drafting;
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

/// The call is drafted by one officer and checked by another.
pub(super) async fn invite(house: &House, wall: Wall) -> String {
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
pub(super) async fn bid(house: &House, call: &str) -> [String; 2] {
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
pub(super) async fn score(house: &House, call: &str, bids: &[String; 2]) {
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

/// The five of the fund's committee resolve, each on the page of the motion, that the call may grant what the fund holds.
async fn resolve(house: &House, wall: Wall, call: &str) {
    let committee = format!("/funds/{}/committee", wall.fund);
    let about = format!("call:{}", call.rsplit('/').next().unwrap_or_default());
    let fill = [
        ("title", "航中街背街小巷微更新：本期资助总额"),
        ("text", "资助总额不超过基金现有资金。"),
        ("about", about.as_str()),
        ("amount", "98,360"),
        ("closes_at", "2026-04-24T18:00"),
    ];
    let motion = house.does("officer-a", &committee, "/committee/open", &fill).await.path;
    let motion = motion.split('?').next().unwrap_or_default();
    for (member, ballot) in [(1, "for"), (2, "for"), (3, "against"), (4, "abstain"), (5, "for")] {
        house.does(&format!("committee-{member}"), motion, "/vote", &[("ballot", ballot)]).await;
    }
    house.does("committee-1", motion, "/close", &[]).await;
    let page = house.sees("visitor", motion).await;
    assert!(page.shows("通过") && !page.shows("管委会成员"), "the public reads the result and no names");
}

/// The chair drafts and submits, an approver returns a batch above what is available and approves the mended one.
pub(super) async fn decide(house: &House, wall: Wall, call: &str) -> String {
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
    assert!(told.contains("须经基金管委会决议"), "refused otherwise: {told}");
    resolve(house, wall, call).await;
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
pub(super) async fn object(house: &House, notice: &str) {
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
