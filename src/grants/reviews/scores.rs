//! From reviews to a ranking: the file of scores as the decision tools read it, and its answer.

use crate::core::plan::Criterion;
use crate::core::scoring::{self, Method, Review, ScoringAnswer, ScoringFile};
use crate::error::{Error, Result};
use crate::grants::applications::rules::JUDGED;
use entities::kinds::{CallId, ReviewStage, ScoringMethod};
use entities::{application, call, review, review_score};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::BTreeMap;

/// The rubric of a call.
///
/// # Errors
/// When it cannot be read.
pub fn rubric(call: &call::Model) -> Result<Vec<Criterion>> {
    Ok(serde_json::from_value(call.rubric.clone())?)
}

/// The file of a call's scores: its method with the published defaults, and every review that was submitted.
///
/// # Errors
/// When the database cannot be read.
pub async fn file(db: &impl ConnectionTrait, call: &call::Model) -> Result<ScoringFile> {
    let applications = application::Entity::find()
        .filter(application::Column::CallId.eq(call.id))
        .filter(application::Column::Stage.is_in(JUDGED))
        .order_by_asc(application::Column::Id)
        .all(db)
        .await?;
    let reviews = review::Entity::find()
        .filter(review::Column::CallId.eq(call.id))
        .filter(review::Column::Stage.is_in([ReviewStage::Submitted, ReviewStage::Recused]))
        .filter(review::Column::SubmittedAt.is_not_null())
        .filter(review::Column::ApplicationId.is_in(applications.iter().map(|row| row.id)))
        .order_by_asc(review::Column::Id)
        .all(db)
        .await?;
    let scores = review_score::Entity::find()
        .filter(review_score::Column::ReviewId.is_in(reviews.iter().map(|row| row.id)))
        .all(db)
        .await?;
    let mut values: BTreeMap<_, BTreeMap<String, Option<i64>>> = BTreeMap::new();
    for score in scores {
        values.entry(score.review_id).or_default().insert(score.criterion, score.value.map(i64::from));
    }
    let told = |row: &review::Model| Review {
        application: row.application_id.to_string(),
        reviewer: row.reviewer_id.to_string(),
        values: Some(values.get(&row.id).cloned().unwrap_or_default()),
        total: None,
        recused: row.stage == ReviewStage::Recused,
    };
    let ids = applications.iter().map(|row| row.id.to_string()).collect();
    blank(call, ids, reviews.iter().map(told).collect())
}

/// Scores and ranks of a call's applications by the method it fixed before scoring.
///
/// # Errors
/// When the database cannot be read.
pub async fn aggregate(db: &impl ConnectionTrait, call: CallId) -> Result<ScoringAnswer> {
    let call = call::Entity::find_by_id(call).one(db).await?.ok_or(Error::NotFound)?;
    answer(&file(db, &call).await?)
}

/// The answer to a file.
///
/// # Errors
/// When a rule of the file is broken, which the forms prevent.
pub fn answer(file: &ScoringFile) -> Result<ScoringAnswer> {
    scoring::score(file).map_err(|error| Error::Internal(format!("scores: {error}")))
}

/// The total of one review in hundredths; nothing when every criterion is N/A.
///
/// # Errors
/// When the rubric cannot be read.
pub fn total(call: &call::Model, values: BTreeMap<String, Option<i64>>) -> Result<Option<i32>> {
    let review = Review {
        application: "a".to_owned(),
        reviewer: "r".to_owned(),
        values: Some(values),
        total: None,
        recused: false,
    };
    let answer = answer(&blank(call, vec!["a".to_owned()], vec![review])?)?;
    Ok(answer.totals.first().and_then(|row| i32::try_from(row.total).ok()))
}

fn blank(call: &call::Model, applications: Vec<String>, reviews: Vec<Review>) -> Result<ScoringFile> {
    let method = match call.method {
        ScoringMethod::Mean => Method::Mean,
        ScoringMethod::TrimmedMean => Method::TrimmedMean,
        ScoringMethod::Median => Method::Median,
        ScoringMethod::ReviewerAdjusted => Method::ReviewerAdjusted,
    };
    let criteria = rubric(call)?
        .into_iter()
        .map(|row| scoring::Criterion { id: row.id, weight: row.weight, max: row.max })
        .collect();
    Ok(ScoringFile {
        method,
        criteria,
        applications,
        reviews,
        trim: 1,
        trim_from: 5,
        lambda: 3,
        min_applications: 5,
        min_reviewers: 3,
        min_reviews: 3,
        discuss_from: 2_000,
    })
}
