//! A micro-round (公益微创投) for groups of residents: the group names a fiscal host (承接单位), the host accepts the group and then this
//! very bid, the signed bid is acknowledged; granted, the host is the payee and the group hears that it may carry it out.

use super::baohe::raising::fund_with_money;
use super::house::House;
use crate::rooms::giving::Reader;
use crate::support::both;
use entities::kinds::{AwardStage, LegalForm, Locale, MemberRole, OrganisationId};
use entities::{application, award};
use rocket::http::Status;
use sea_orm::EntityTrait;
use tributary::core::answers::FormDefinition;
use tributary::demo;
use tributary::grants::calls::drafting;
use tributary::people::permission::Officer;

/// What the group asks for and what the sub-district adds, in yuan.
const ASKS: &str = "15,000.00";
const ADDED: &str = "5,000.00";

both! { unfounded:
async fn a_group_bids_through_its_host_from_the_call_page_to_the_acknowledgement(world: World) {
    let mut stage = demo::found(world.edges.clone(), Locale::ZhCn).await.unwrap();
    demo::open(&mut stage).await.unwrap();
    let house = House::of(world, stage).await;
    let (fund, _) = fund_with_money(&house).await;
    let group = register(&house).await;
    let call = announce(&house, &fund).await;
    let bid = write(&house, &call, group).await;
    sign(&house, &bid).await;
    acknowledged(&house, &bid).await;
    grant(&house, &call, &bid).await;
    the_host_is_the_payee(&house).await;
    house.world().settle().await;
}
}

/// The group is on record; a resident signs and writes for it.
async fn register(house: &House) -> OrganisationId {
    house.at(2, 2, 9).await;
    let told = [
        ("legal_form", LegalForm::ResidentGroup.as_str()),
        ("name_zh", "万年埠河岸邻里队"),
        ("name_en", "Riverside neighbours of Wannianbu"),
        ("area", "武侯区 Wuhou"),
        ("community", "万年埠街道"),
    ];
    let page = house.posts("officer-a", "/organisations/new", &told).await.path;
    let group = OrganisationId(page.rsplit('/').next().unwrap().parse().unwrap());
    let resident = house.stage.person("resident").unwrap();
    house.world().member(resident, group, MemberRole::Signatory).await;
    group
}

/// The micro-round: at most ¥15,000 a project, residents' groups through a host.
async fn announce(house: &House, fund: &str) -> String {
    house.at(2, 23, 9).await;
    let officer = house.stage.role::<Officer>("officer-a").await.unwrap();
    let questions: FormDefinition = serde_json::from_value(serde_json::json!({
        "version": 1,
        "sections": [{ "id": "project", "title": { "en": "The project", "zh": "项目" }, "questions": [
            { "id": "why", "label": { "en": "Why is it needed?", "zh": "为什么需要？" },
              "kind": { "type": "long-text", "max": 500 }, "required": true }
        ] }]
    }))
    .unwrap();
    let form = drafting::form_version(&officer, "微创投简表", questions).await.unwrap().to_string();
    let fill = [
        ("kind", "micro"),
        ("title_zh", "万年埠街道公益微创投"),
        ("title_en", "Micro-round of Wannianbu sub-district"),
        ("summary_zh", "小而快的邻里项目。"),
        ("fund", fund.rsplit('/').next().unwrap()),
        ("cap", "15,000"),
        ("envelope", "150,000"),
        ("area", "武侯区 Wuhou"),
        ("areas", "武侯区 Wuhou"),
        ("opens_at", "2026-03-02T09:00"),
        ("closes_at", "2026-03-31T18:00"),
        ("form_version", form.as_str()),
        ("reviews_required", "1"),
        ("method", "mean"),
        ("rubric.0.id", "need"),
        ("rubric.0.label_zh", "需求"),
        ("rubric.0.weight", "100"),
        ("rubric.0.max", "100"),
    ];
    let call = house.does("officer-a", "/calls", "/calls/new", &fill).await.path;
    house.does("officer-b", &call, "/check", &[]).await;
    house.at(3, 2, 10).await;
    call.split('?').next().unwrap().to_owned()
}

/// From the page of the call: refused without a host, begun once the host has accepted the group; co-funding stands beside it.
async fn write(house: &House, call: &str, group: OrganisationId) -> String {
    let page = house.sees("resident", call).await;
    let apply = page.link("/apply").expect("the page of the call leads to the bid");
    let titled = [("title", "河岸清洁日")];
    let told = house.is_refused("resident", &apply, &titled).await;
    let why = house.world().edges.words.text(Locale::ZhCn, "refused-application-host-missing", &[]);
    assert!(told.contains(&why), "refused otherwise: {told}");

    let host = house.stage.organisation("so1").unwrap().to_string();
    house.does("resident", &format!("/organisations/{group}"), "/name-host", &[("host", host.as_str())]).await;
    assert!(house.is_refused("resident", &apply, &titled).await.contains(&why), "a host that was only asked is none");
    let asked = house.sees("so1-signatory", "/desk").await.link("/answer-host").expect("the host's desk");
    house.posts("so1-signatory", &asked, &[("answer", "accept")]).await;

    let begun = house.does("resident", call, "/apply", &titled).await;
    let bid = begun.path.trim_end_matches("/edit").to_owned();
    let fill = [
        ("summary", "居民每月清洁河岸一次。"),
        ("site", "万年埠河岸"),
        ("team", "邻里十二人"),
        ("answers.why", "河岸垃圾多。"),
        ("lines.0.label", "工具与活动"),
        ("lines.0.head", "labour"),
        ("lines.0.quantity", "1"),
        ("lines.0.unit", ASKS),
        ("indicators.0.name", "清洁日"),
        ("indicators.0.unit", "次"),
        ("indicators.0.baseline", "0"),
        ("indicators.0.target", "10"),
        ("then", "save"),
    ];
    house.posts("resident", &format!("{bid}/edit"), &fill).await;
    let promised = [("source", "fiscal"), ("giver", "万年埠街道办事处"), ("amount", ADDED)];
    house.does("resident", &bid, "/promise", &promised).await;
    assert!(house.sees("resident", &bid).await.shows("万年埠街道办事处"), "the co-funding line");
    bid
}

/// Nothing is signed before the host gave its word for this bid.
async fn sign(house: &House, bid: &str) {
    house.does("resident", bid, "/hand-over", &[]).await;
    let told = house.is_refused("resident", &format!("{bid}/submit"), &[]).await;
    let why = house.world().edges.words.text(Locale::ZhCn, "refused-application-side-open", &[]);
    assert!(told.contains(&why), "refused otherwise: {told}");
    let side = house.sees("so1-signatory", bid).await;
    let side = side.link(&format!("{bid}/sides/*")).expect("the host finds its part of the bid");
    house.does("so1-signatory", &side, "/accept", &[]).await;
    house.does("resident", bid, "/submit", &[]).await;
}

/// Received, with its number, the hour and the hash of what was signed, by page and by letter; nobody else reads it.
async fn acknowledged(house: &House, bid: &str) {
    house.stage.settle().await.unwrap();
    let rows = application::Entity::find().all(house.world().edges.db.read()).await.unwrap();
    let row = rows.iter().find(|row| bid.ends_with(&format!("/{}", row.id))).unwrap();
    assert_eq!(row.host_id, Some(house.stage.organisation("so1").unwrap()));
    for who in ["resident", "so1-signatory"] {
        assert!(house.sees(who, bid).await.shows(&row.content_hash), "{who} reads the acknowledgement");
    }
    let letters = house.world().edges.mail.newest(50).await.unwrap();
    let received = letters.iter().filter(|(_, letter)| letter.text.contains(&row.content_hash)).count();
    assert!(received >= 1, "no letter acknowledges the bid");
    let stranger = Reader::of(house.world(), house.stage.person("so2-signatory").unwrap()).await;
    assert_eq!(stranger.get(bid).await.0, Status::NotFound);
    let english = house.reads("resident", Locale::En, bid).await;
    assert!(english.shows("Social organisation SO-1") && english.shows("15,000.00"));
}

/// The lighter road of a micro-round: one reviewer, one decision.
async fn grant(house: &House, call: &str, bid: &str) {
    house.at(4, 1, 9).await;
    house.posts("officer-a", &format!("{bid}/screen"), &[("screening", "eligible")]).await;
    house.does("officer-a", call, "/start-review", &[]).await;
    let reviewer = house.stage.person("reviewer-1").unwrap().to_string();
    let assign = format!("/reviews/{}/assign", bid.rsplit('/').next().unwrap());
    house.does("officer-a", &format!("{call}/reviews"), &assign, &[("reviewer", reviewer.as_str())]).await;
    let mut mine = house.sees("reviewer-1", "/reviews").await.links();
    mine.retain(|href| href.strip_prefix("/reviews/").is_some_and(|last| last.parse::<i64>().is_ok()));
    house.does("reviewer-1", &mine[0], "/accept", &[("no_interest", "true")]).await;
    house.posts("reviewer-1", &mine[0], &[("score.need", "88"), ("comment", "邻里自发。")]).await;
    house.at(4, 7, 9).await;
    let place = format!("{call}/decision");
    house.does("chair", &place, "/decision/draft", &[("minutes", "简评纪要。")]).await;
    house.does("chair", &place, "/submit", &[]).await;
    house.does("approver-a", &place, "/approve", &[]).await;
    house.at(4, 16, 9).await;
}

/// The offer goes to the host, who signs for the money; the group, whose work it is, hears that it is granted.
async fn the_host_is_the_payee(house: &House) {
    let awards = award::Entity::find().all(house.world().edges.db.read()).await.unwrap();
    assert_eq!(awards.len(), 1);
    let host = house.stage.organisation("so1").unwrap();
    assert_eq!((awards[0].organisation_id, awards[0].stage), (host, AwardStage::Offered));
    let page = format!("/awards/{}", awards[0].id);
    house.does("so1-signatory", &page, "/accept", &[]).await;
    let letters = house.world().edges.mail.newest(50).await.unwrap();
    let to = "resident@tributary.example";
    assert!(letters.iter().any(|(_, letter)| letter.to == to && letter.subject.contains("河岸清洁日")));
}
