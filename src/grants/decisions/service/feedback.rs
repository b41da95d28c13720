//! What an applicant is told once the decision is final: the mean of each criterion and what reviewers wrote for them. Never who wrote it,
//! and never the marks of one reviewer alone.

use crate::core::scoring::ScoringFile;
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result};
use entities::kinds::{ApplicationId, ApplicationStage, BatchStage, ItemStage, ReviewStage};
use entities::{application, decision_batch, decision_item, review};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Reviews that a mean needs: below it, it would be one reviewer's mark.
pub const LEAST: usize = 2;
/// Items of one application that are looked at: an application is decided a few times at most.
const ITEMS: u64 = 20;

/// What was decided about one application, and what its reviews said.
#[derive(Debug, Clone)]
pub struct Feedback {
    /// The decision.
    pub item: decision_item::Model,
    /// Its batch.
    pub batch: decision_batch::Model,
    /// By criterion of the rubric.
    pub criteria: Vec<Mean>,
    /// Reviews that counted.
    pub reviews: usize,
    /// What reviewers wrote for the applicant, in an order that tells nothing about who wrote it.
    pub comments: Vec<String>,
}

/// A criterion with what the reviews gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mean {
    /// Its id in the rubric.
    pub criterion: String,
    /// Largest value.
    pub most: i64,
    /// Reviews that gave a value; N/A is none.
    pub count: usize,
    /// The mean in hundredths of a point, half up; none below [`LEAST`].
    pub hundredths: Option<i64>,
}

/// The feedback of an application whose decision is final.
///
/// # Errors
/// [`Error::NotFound`] before it is.
pub async fn of(db: &impl ConnectionTrait, asked: &application::Model) -> Result<Feedback> {
    let (item, batch) = decided(db, asked).await?.ok_or(Error::NotFound)?;
    let (criteria, reviews) = match batch.scores.get("input") {
        Some(file) => means(&serde_json::from_value(file.clone())?, asked.id),
        None => (Vec::new(), 0),
    };
    let written = review::Entity::find()
        .filter(review::Column::ApplicationId.eq(asked.id))
        .filter(review::Column::Stage.eq(ReviewStage::Submitted))
        .all(db)
        .await?;
    let mut comments: Vec<String> =
        written.into_iter().map(|row| row.comment.trim().to_owned()).filter(|text| !text.is_empty()).collect();
    // The order in which reviewers were asked is the same from bid to bid: by it two applicants could match comments.
    comments.sort_by_key(|text| fingerprint(format!("{}\n{text}", asked.id)));
    Ok(Feedback { item, batch, criteria, reviews, comments })
}

/// The newest public decision about an application, once it is final. While a reserve that moved up is noticed again, what was said
/// before still holds.
async fn decided(
    db: &impl ConnectionTrait,
    asked: &application::Model,
) -> Result<Option<(decision_item::Model, decision_batch::Model)>> {
    let settled =
        matches!(asked.stage, ApplicationStage::Approved | ApplicationStage::Reserved | ApplicationStage::Declined);
    let items = decision_item::Entity::find()
        .filter(decision_item::Column::ApplicationId.eq(asked.id))
        .order_by_desc(decision_item::Column::Id)
        .limit(ITEMS)
        .all(db)
        .await?;
    let batches = decision_batch::Entity::find()
        .filter(decision_batch::Column::Id.is_in(items.iter().map(|row| row.batch_id)))
        .filter(decision_batch::Column::Stage.is_in([BatchStage::Approved, BatchStage::Decided]))
        .all(db)
        .await?;
    let public = |row: decision_item::Model| {
        let batch = batches.iter().find(|batch| batch.id == row.batch_id)?.clone();
        Some((row, batch))
    };
    let newest = items.into_iter().find_map(public);
    Ok(newest.filter(|(row, _)| settled || row.stage == ItemStage::Final))
}

/// Means by criterion over the reviews that the decision counted, and how many those are.
fn means(file: &ScoringFile, of: ApplicationId) -> (Vec<Mean>, usize) {
    let key = of.to_string();
    let counted: Vec<_> = file.reviews.iter().filter(|review| review.application == key && !review.recused).collect();
    let mean = |criterion: &crate::core::scoring::Criterion| {
        let given = counted.iter().filter_map(|review| review.values.as_ref()?.get(&criterion.id).copied().flatten());
        let values: Vec<i64> = given.collect();
        let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
        let sum: i64 = values.iter().sum();
        let hundredths = (values.len() >= LEAST).then(|| (200 * sum + count).div_euclid(2 * count));
        Mean { criterion: criterion.id.clone(), most: criterion.max, count: values.len(), hundredths }
    };
    (file.criteria.iter().map(mean).collect(), counted.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(reviews: serde_json::Value) -> ScoringFile {
        let criteria = serde_json::json!([
            { "id": "need", "weight": 6000, "max": 20 },
            { "id": "team", "weight": 4000, "max": 5 },
        ]);
        let file = serde_json::json!({ "method": "mean", "criteria": criteria, "applications": ["1", "2"], "reviews": reviews });
        serde_json::from_value(file).unwrap()
    }

    #[test]
    fn a_mean_is_never_one_reviewers_mark() {
        let reviews = serde_json::json!([
            { "application": "1", "reviewer": "7", "values": { "need": 18, "team": 4 } },
            { "application": "1", "reviewer": "8", "values": { "need": 17, "team": null } },
            { "application": "1", "reviewer": "9", "values": { "need": 1, "team": 1 }, "recused": true },
            { "application": "2", "reviewer": "7", "values": { "need": 3, "team": 3 } },
        ]);
        let (means, reviews) = means(&file(reviews), ApplicationId(1));
        assert_eq!(reviews, 2, "who was recused does not count");
        let told: Vec<_> = means.iter().map(|row| (row.criterion.as_str(), row.count, row.hundredths)).collect();
        assert_eq!(told, [("need", 2, Some(1_750)), ("team", 1, None)]);
    }

    #[test]
    fn halves_go_up() {
        let reviews: Vec<_> = [1, 1, 2]
            .iter()
            .enumerate()
            .map(|(n, value)| serde_json::json!({ "application": "1", "reviewer": n.to_string(), "values": { "need": value } }))
            .collect();
        let (found, _) = means(&file(serde_json::json!(reviews)), ApplicationId(1));
        assert_eq!(found[0].hundredths, Some(133));
        let (none, reviews) = means(&file(serde_json::json!([])), ApplicationId(1));
        assert_eq!((none[0].hundredths, reviews), (None, 0));
    }
}
