//! April and May: five reviewers score blind, one is found to have a conflict, the batch is decided by two, put up for notice,
//! objected to on the third day, upheld in part, noticed again, and final.

use super::bids::{Round, values};
use super::figures::Figures;
use super::money::{COMMITTEE, Wall};
use super::stage::Stage;
use crate::core::scoring::ScoringAnswer;
use crate::error::{Error, Result};
use crate::grants::committees::service::motions::{self, About, Moved};
use crate::grants::committees::service::votes;
use crate::grants::decisions::approvals;
use crate::grants::decisions::objections::{self, Finding};
use crate::grants::decisions::service::{self as decisions, Setting};
use crate::grants::reviews::service as reviews;
use crate::grants::reviews::{recusals, scores};
use crate::ledger::balances;
use crate::people::accounts;
use crate::people::permission::{Approver, Chair, Committee, Officer};
use entities::kinds::{
    ApplicationId, AwardKind, Ballot, ConflictGround, DecisionBatchId, DecisionItemId, Outcome, ReviewId,
};

/// Points of the five reviewers: for SO-1, for SO-2.
const POINTS: [(&str, i64, i64); 5] = [
    ("reviewer-1", 92, 86),
    ("reviewer-2", 88, 86),
    ("reviewer-3", 85, 85),
    ("reviewer-4", 84, 84),
    ("reviewer-5", 60, 84),
];

/// Scores, decides and notices.
///
/// # Errors
/// When a service refuses what it should do, or does what it should refuse.
pub async fn decide(stage: &Stage, wall: Wall, round: Round, figures: &mut Figures) -> Result<()> {
    let fifth = score(stage, round).await?;
    let db = stage.edges.db.read();
    let five = scores::aggregate(db, round.call).await?;
    figures.scores.mean = of(&five, round, |row| row.mean);
    figures.scores.trimmed = of(&five, round, |row| row.score);
    recuse_the_fifth(stage, fifth).await?;
    the_committee_resolves(stage, wall, round).await?;
    figures.scores.after_recusal = of(&scores::aggregate(db, round.call).await?, round, |row| row.score);
    let batch = two_people_decide(stage, round).await?;
    figures.available_after_award = balances::flow(db, wall.fund).await?.available_minor;
    notice(stage, round, batch).await
}

async fn score(stage: &Stage, round: Round) -> Result<ReviewId> {
    stage.at(4, 2, 9).await?;
    let officer = stage.role::<Officer>("officer-a").await?;
    let mut fifth = ReviewId(0);
    for (reviewer, _, _) in POINTS {
        for application in [round.first, round.second] {
            let review = reviews::assign(&officer, application, stage.person(reviewer)?).await?;
            let mine = reviews::load_mine(&stage.acting(reviewer).await?, review).await?;
            reviews::accept(&mine, true).await?;
        }
    }
    stage.at(4, 13, 9).await?;
    for (reviewer, first, second) in POINTS {
        for (application, points) in [(round.first, first), (round.second, second)] {
            let context = stage.acting(reviewer).await?;
            let review = review_of(stage, application, reviewer).await?;
            let mine = reviews::load_mine(&context, review.id).await?;
            reviews::save_and_submit(&mine, review.version, values(points), "理由见各项评分。").await?;
            fifth = review.id;
        }
    }
    Ok(fifth)
}

async fn review_of(stage: &Stage, application: ApplicationId, reviewer: &str) -> Result<entities::review::Model> {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    let found = entities::review::Entity::find()
        .filter(entities::review::Column::ApplicationId.eq(application))
        .filter(entities::review::Column::ReviewerId.eq(stage.person(reviewer)?))
        .one(stage.edges.db.read())
        .await?;
    found.ok_or(Error::NotFound)
}

/// Reviewer 5 is found to be employed by an owner unit, a donor to the fund: recused from both.
async fn recuse_the_fifth(stage: &Stage, review: ReviewId) -> Result<()> {
    stage.at(4, 20, 9).await?;
    let person = stage.acting("reviewer-5").await?.signed_in()?;
    accounts::change(&person, "评审专家五 · Reviewer 5", stage.locale, Some(stage.organisation("owner2")?)).await?;
    let officer = stage.role::<Officer>("officer-a").await?;
    recusals::recuse_found(&officer, review, ConflictGround::Donor, "受雇于向本基金捐赠的业主单位").await
}

/// The committee of five resolves that the call may grant what the fund holds; four are for it, and one abstains.
async fn the_committee_resolves(stage: &Stage, wall: Wall, round: Round) -> Result<()> {
    let moved = Moved {
        title: "航中街背街小巷微更新：本期资助总额".into(),
        text: "评审已结束，提请管委会同意：本次征集的资助总额不超过基金现有资金，由评审组按得分提出名单。".into(),
        amount_minor: Some(9_836_000),
        about: About::Call(round.call),
        closes_at: super::moment(4, 24, 18),
    };
    let motion = motions::open(&stage.role::<Officer>("officer-a").await?, wall.fund, moved).await?;
    stage.at(4, 20, 15).await?;
    for (place, member) in COMMITTEE.into_iter().enumerate() {
        let ballot = if place == 3 { Ballot::Abstain } else { Ballot::For };
        let member = stage.acting(member).await?.role_for_fund::<Committee>(wall.fund)?;
        votes::vote(&member, motion, ballot).await?;
    }
    let chair = stage.acting(COMMITTEE[0]).await?.role_for_fund::<Committee>(wall.fund)?;
    votes::close(&chair, motion).await
}

/// The chair drafts, an approver approves. A further item above what is available is refused first.
async fn two_people_decide(stage: &Stage, round: Round) -> Result<DecisionBatchId> {
    stage.at(4, 21, 9).await?;
    let chair = stage.role::<Chair>("chair").await?;
    let batch = decisions::draft(&chair, round.call, "评审组会议纪要：按征集时确定的方法计分。").await?;
    let approver = stage.role::<Approver>("approver-a").await?;
    let set = async |application, outcome, amount_minor, reason: &str| -> Result<()> {
        let item = item_of(stage, batch, application).await?;
        let version = decisions::load(stage.edges.db.read(), batch).await?.version;
        let setting = Setting { outcome, amount_minor, award_kind: AwardKind::Project, reason: reason.into() };
        decisions::set_item(&chair, item, version, &setting).await
    };
    set(round.first, Outcome::Approved, 8_300_000, "得分最高，方案可行。").await?;
    set(round.second, Outcome::Approved, 1_453_100, "部分资助。").await?;
    submit(stage, &chair, batch).await?;
    match approvals::approve_batch(&approver, batch).await {
        Err(error) if error.code().starts_with("refused-insufficient") => {}
        other => return Err(Error::Internal(format!("a second award above what is available: {other:?}"))),
    }
    approvals::return_batch(&approver, batch, "超出可用金额，请列入备选。").await?;
    stage.at(4, 21, 14).await?;
    set(round.second, Outcome::Reserved, 1_400_000, "列入备选。").await?;
    submit(stage, &chair, batch).await?;
    approvals::approve_batch(&approver, batch).await?;
    Ok(batch)
}

async fn submit(stage: &Stage, chair: &crate::people::permission::As<Chair>, batch: DecisionBatchId) -> Result<()> {
    let version = decisions::load(stage.edges.db.read(), batch).await?.version;
    decisions::submit_batch(chair, batch, version).await
}

/// Five working days of notice; an objection on the third, upheld in part; noticed again; final.
async fn notice(stage: &Stage, round: Round, batch: DecisionBatchId) -> Result<()> {
    stage.at(4, 24, 10).await?;
    let item = item_of(stage, batch, round.first).await?;
    let resident = stage.acting("resident").await?.anyone();
    let ground = "施工期间应保证行人通道，请写入方案。";
    let objection = objections::object(&resident, item, ground, "居民").await?;
    stage.at(4, 27, 10).await?;
    let officer = stage.role::<Officer>("officer-b").await?;
    let part = Finding::UpheldInPart { amount_minor: 8_300_000 };
    objections::answer(&officer, objection, part, "部分成立：立项金额不变，须在开工前提交行人通道方案。").await?;
    stage.at(5, 15, 9).await
}

async fn item_of(stage: &Stage, batch: DecisionBatchId, application: ApplicationId) -> Result<DecisionItemId> {
    let items = decisions::items_of(stage.edges.db.read(), batch).await?;
    items.iter().find(|item| item.application_id == application).map(|item| item.id).ok_or(Error::NotFound)
}

fn of(
    answer: &ScoringAnswer,
    round: Round,
    figure: fn(&crate::core::scoring::ApplicationScore) -> Option<i64>,
) -> Vec<i64> {
    [round.first, round.second]
        .iter()
        .filter_map(|id| answer.applications.iter().find(|row| row.application == id.to_string()).and_then(figure))
        .collect()
}
