//! Every step of a payment is posted four times at once from two open pages, and the server is killed in the middle of it, again
//! and again: what was acknowledged is done, and every tranche is paid once.

use super::{browser, rounds};
use crate::books::ground::number;
use crate::books::sums;
use crate::rooms::grant::Grant;
use crate::support::served::Served;
use crate::support::tools::{self, Throws};
use crate::support::{PASSWORD, World};
use entities::kinds::{AwardId, Currency, PersonId, TrancheStage};
use entities::tranche;
use reqwest::header::{CONTENT_TYPE, COOKIE};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tributary::desk::check;
use tributary::ledger::{Account, balances};

/// Tranches of the award, so that there is a step to take at every kill.
const TRANCHES: usize = 12;

/// The award in equal parts; the last takes what is left of the whole.
fn plan() -> serde_json::Value {
    let share = 10_000 / TRANCHES;
    let shares = (1..=TRANCHES).map(|n| if n == TRANCHES { 10_000 - share * (TRANCHES - 1) } else { share });
    shares.map(|bps| serde_json::json!({ "share_bps": bps, "gates": ["signature"] })).collect()
}

/// Who takes a step, by their session.
struct Cast {
    sessions: BTreeMap<PersonId, String>,
    signatory: PersonId,
    officer: PersonId,
    finance: PersonId,
    approver: PersonId,
    confirms: PersonId,
}

/// What is to be done now, by whom.
#[derive(Debug, Clone)]
struct Step {
    page: String,
    token: String,
    files: bool,
}

impl Cast {
    async fn of(grant: &Grant) -> Self {
        let (signatory, officer, finance) = (grant.signatory, grant.officer, grant.finance);
        let (approver, confirms) = (grant.approver, grant.finance_b);
        let mut sessions = BTreeMap::new();
        for person in [signatory, officer, finance, approver, confirms] {
            sessions.insert(person, grant.world.session(person).await);
        }
        Self { sessions, signatory, officer, finance, approver, confirms }
    }

    /// The next step on a tranche.
    fn step(&self, row: &tranche::Model) -> Step {
        let (who, act) = match row.stage {
            TrancheStage::Due => (self.signatory, "request"),
            TrancheStage::Requested => (self.officer, "approve-programme"),
            TrancheStage::ProgrammeApproved => (self.finance, "prepare"),
            TrancheStage::FinancePrepared => (self.approver, "approve"),
            TrancheStage::FinanceApproved => (self.finance, "batch"),
            TrancheStage::Batched => (self.finance, "send"),
            TrancheStage::Sent => (self.confirms, "confirm"),
            other => panic!("tranche {} stands at {other}", row.ordinal),
        };
        let page = format!("/tranches/{}/{act}", row.id);
        Step { page, token: self.sessions[&who].clone(), files: act == "confirm" }
    }
}

/// The tranche whose turn it is. The last one waits for the allowable cost and is not due.
async fn open_tranche(folder: &Path, award: AwardId) -> Option<tranche::Model> {
    let world = World::open_in(folder).await;
    tranche::Entity::find()
        .filter(tranche::Column::AwardId.eq(award))
        .filter(tranche::Column::Stage.is_not_in([TrancheStage::Paid, TrancheStage::Planned]))
        .order_by_asc(tranche::Column::Ordinal)
        .one(world.edges.db.read())
        .await
        .unwrap()
}

/// What a page keeps for its form, so that it is the very page that is posted.
async fn hidden(client: &reqwest::Client, url: &str, step: &Step) -> Vec<(String, String)> {
    let page = client.get(format!("{url}{}", step.page)).header(COOKIE, cookie(step)).send().await.unwrap();
    assert!(page.status().is_success(), "{} answers {}", step.page, page.status());
    let html = page.text().await.unwrap();
    let main = html.split_once("<main").unwrap().1;
    let value = |tag: &str, name: &str| {
        tag.split_once(&format!("{name}=\"")).map(|(_, rest)| rest.split('"').next().unwrap_or_default().to_owned())
    };
    let proof = ("proof_password".to_owned(), PASSWORD.to_owned());
    let proof = main.contains("name=\"proof_password\"").then_some(proof);
    let inputs = main.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap_or_default());
    inputs
        .filter(|tag| tag.contains("type=\"hidden\""))
        .filter_map(|tag| Some((value(tag, "name")?, value(tag, "value")?)))
        .chain(proof)
        .collect()
}

fn cookie(step: &Step) -> String {
    format!("tributary_session={}", step.token)
}

/// Posts a page; whether it was done, or nothing when nobody answered.
async fn post(client: &reqwest::Client, url: &str, step: &Step, kept: &[(String, String)]) -> Option<bool> {
    let request = client.post(format!("{url}{}", step.page)).header(COOKIE, cookie(step));
    let (kind, body) = if step.files { with_vouchers(step, kept) } else { plain(kept) };
    let status = request.header(CONTENT_TYPE, kind).body(body).send().await.ok()?.status().as_u16();
    // Done, done before, not its turn any more, or the server is on its way down.
    assert!(matches!(status, 303 | 404 | 409 | 422 | 503), "{} answered {status}", step.page);
    Some(status == 303)
}

fn plain(kept: &[(String, String)]) -> (String, String) {
    let coded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let pairs = kept.iter().map(|(name, value)| format!("{}={}", coded(name), coded(value)));
    ("application/x-www-form-urlencoded".to_owned(), pairs.collect::<Vec<_>>().join("&"))
}

/// The confirmation with its line of the statement and its two papers.
fn with_vouchers(step: &Step, kept: &[(String, String)]) -> (String, String) {
    let today = chrono::Utc::now().with_timezone(&chrono_tz::Asia::Shanghai).format("%Y-%m-%d").to_string();
    let typed = [("bank_line".to_owned(), step.page.replace('/', "-")), ("paid_on".to_owned(), today)];
    let mut body = String::new();
    for (name, value) in kept.iter().chain(&typed) {
        body.push_str(&format!("--line\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    }
    for (name, text) in [("voucher", "account 0451"), ("redacted", "account ████")] {
        body.push_str(&format!(
            "--line\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}.txt\"\r\nContent-Type: text/plain\r\n\r\n{text}\r\n"
        ));
    }
    body.push_str("--line--\r\n");
    ("multipart/form-data; boundary=line".to_owned(), body)
}

/// The step from two pages opened before, each posted twice at once. Whether any was acknowledged.
async fn all_at_once(client: &reqwest::Client, url: &str, step: &Step) -> tokio::task::JoinSet<Option<bool>> {
    let pages = [hidden(client, url, step).await, hidden(client, url, step).await];
    let mut posts = tokio::task::JoinSet::new();
    for kept in pages.iter().chain(&pages) {
        let (client, url, step, kept) = (client.clone(), url.to_owned(), step.clone(), kept.clone());
        posts.spawn(async move { post(&client, &url, &step, &kept).await });
    }
    posts
}

async fn acknowledged(posts: tokio::task::JoinSet<Option<bool>>) -> bool {
    posts.join_all().await.contains(&Some(true))
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_8_nothing_is_paid_twice_however_often_the_server_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let (award, cast, before) = {
        let world = World::open_in(folder.path()).await;
        world.found().await;
        let grant = Grant::planned_in(world, plan()).await.signed().await;
        let bank = balances::posted(grant.world.edges.db.read(), Account::Bank, Currency::CNY).await.unwrap();
        (grant.award, Cast::of(&grant).await, bank)
    };
    let (client, mut throws, mut kept, mut kills) = (browser(), Throws::seeded(11), 0, 0);
    while let Some(row) = open_tranche(folder.path(), award).await {
        let step = cast.step(&row);
        let mut served = Served::start(folder.path()).await;
        let posts = all_at_once(&client, &served.url, &step).await;
        if kills < rounds() {
            tokio::time::sleep(Duration::from_millis(u64::try_from(throws.between(0, 60)).unwrap())).await;
            served.kill();
            kills += 1;
        }
        if acknowledged(posts).await {
            kept += 1;
            drop(served);
            let now = open_tranche(folder.path(), award).await;
            let done = now.is_none_or(|now| (now.id, now.stage) != (row.id, row.stage));
            assert!(done, "{} was acknowledged and is not done", step.page);
        }
    }
    assert_eq!(kills, rounds(), "there was nothing left to pay");
    paid_once(folder.path(), before).await;
    tools::say(&format!(
        "kill -9: {kills} times between the steps of payments, {kept} acknowledged and kept, each paid once"
    ));
}

/// Every tranche has one payment that was paid, posted once, with a line of its own.
async fn paid_once(folder: &Path, before: i64) {
    let world = &World::open_in(folder).await;
    let tranches = i64::try_from(TRANCHES - 1).unwrap();
    assert_eq!(number(world, "select count(*) from payment where outcome = 'paid'").await, tranches);
    assert_eq!(number(world, "select count(*) from payment").await, tranches, "a payment was made twice");
    assert_eq!(number(world, "select count(distinct tranche_id) from payment").await, tranches);
    let posted = "select count(*) from posting where recipe = 'payment_posted'";
    assert_eq!(number(world, posted).await, tranches);
    let paid = number(world, "select sum(amount_minor) from payment").await;
    let bank = balances::posted(world.edges.db.read(), Account::Bank, Currency::CNY).await.unwrap();
    assert_eq!(bank, before - paid);
    sums::hold(world).await;
    let wrong: Vec<_> = check::books(&world.edges).await.unwrap().into_iter().filter(|one| !one.ok).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
