//! Who judges what, planned for a whole call: conflicts first, then expertise, load and balance, ties by a lot that anybody draws again.
//!
//! A plan is shown before it is carried out, and the same call with the same seed has the same plan. What was carried out is kept with
//! its question and answer, byte for byte, to be reckoned again with `decide assign`.

use super::reviewers;
use crate::commons::events::{self, Note};
use crate::commons::letters;
use crate::core::assignment;
use crate::edges::db::Tx;
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result};
use crate::grants::applications::rules::WAITING;
use crate::grants::reviews::{conflicts, panel};
use crate::people::permission::{As, Context, Officer};
use entities::kinds::{ApplicationId, CallId, CallStage, PersonId, ReviewStage, Subject};
use entities::{application, assignment_plan, call, expert, organisation, person, review};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Reviews that a reviewer takes at most who is in no pool: what fits into a fortnight's evenings.
const LOAD: i64 = 20;

/// A plan before it is carried out.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The file of the tool.
    pub question: String,
    /// Its answer.
    pub answer: String,
    /// The answer, read.
    pub told: Told,
    /// The applications by key.
    pub applications: BTreeMap<String, application::Model>,
    /// The reviewers' names by key.
    pub reviewers: BTreeMap<String, String>,
    /// Why a pair is used: expertise 0 to 3, by application and reviewer.
    pub expertise: BTreeMap<(String, String), i64>,
    /// Pairs that stand already.
    pub standing: BTreeSet<(String, String)>,
}

impl Plan {
    /// What the officer saw: another plan has another mark.
    pub fn mark(&self) -> String {
        fingerprint(format!("{}\n{}", self.question, self.answer))
    }

    /// The pairs that would be asked, by application and reviewer.
    pub fn new_pairs(&self) -> Vec<(String, String)> {
        let pairs = self.told.assignments.iter();
        let pairs =
            pairs.flat_map(|row| row.reviewers.iter().map(|reviewer| (row.application.clone(), reviewer.clone())));
        pairs.filter(|pair| !self.standing.contains(pair)).collect()
    }
}

/// The answer of the tool, as far as a page needs it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Told {
    /// `optimal` or `infeasible`.
    pub status: String,
    /// Reviewers by application.
    pub assignments: Vec<Assigned>,
    /// Loads by reviewer.
    pub loads: Vec<Load>,
    /// How many reviews are lacking.
    pub missing: i64,
    /// Applications that lack them.
    pub applications: Vec<Lacking>,
    /// Reviewers who can take no more.
    pub full_reviewers: Vec<String>,
}

/// The reviewers of one application.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Assigned {
    /// Which.
    pub application: String,
    /// Who.
    pub reviewers: Vec<String>,
}

/// What a reviewer bears.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Load {
    /// Who.
    pub reviewer: String,
    /// How many.
    pub load: i64,
    /// At most.
    pub max: i64,
}

/// An application that lacks reviewers, and why.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Lacking {
    /// Which.
    pub application: String,
    /// How many it needs.
    pub needs: i64,
    /// How many could be asked.
    pub usable: i64,
    /// How many are tied to it.
    pub conflicts: i64,
}

/// Whether a seed is one: short, and of signs that look the same wherever it is published.
pub fn is_seed(seed: &str) -> bool {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '.' | '_');
    (1..=60).contains(&seed.len()) && seed.chars().all(plain)
}

/// Plans a call under a seed; nothing is written.
///
/// # Errors
/// [`Error::NotFound`]; a refusal while the call takes applications, or once it is decided.
pub async fn plan(db: &impl ConnectionTrait, by: &Context, id: CallId, seed: &str) -> Result<Plan> {
    if !is_seed(seed) {
        return Err(Error::field("seed", "refused-plan-seed"));
    }
    let call = call::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    if !matches!(call.stage, CallStage::Closed | CallStage::InReview) {
        return Err(Error::refused("refused-review-not-open"));
    }
    let today = by.day_of(by.edges.clock.now());
    let rows = application::Entity::find()
        .filter(application::Column::CallId.eq(id))
        .filter(application::Column::Stage.is_in(WAITING))
        .order_by_asc(application::Column::Id)
        .all(db)
        .await?;
    let chairs = panel::chairs_of(db, id, today).await?;
    let able = reviewers(db, id, today).await?.into_iter();
    let able: Vec<PersonId> =
        able.filter(|who| !chairs.contains(&Some(*who)) && by.actor.person != Some(*who)).collect();
    let pool = Pool::of(db, &able, id).await?;
    let conflicts = conflicting(db, &call, &rows, &able, today).await?;
    let standing = standing(db, id, &rows, &able).await?;
    let expertise = expertise(db, &call, &rows, &pool).await?;
    let question = question(&call, &rows, &able, &pool, (&conflicts, &standing, &expertise), seed).to_string();
    let answer = answered(&question)?;
    let keyed = |(application, who): &(ApplicationId, PersonId)| (application.to_string(), who.to_string());
    Ok(Plan {
        told: serde_json::from_str(&answer)?,
        question,
        answer,
        reviewers: pool.people.values().map(|row| (row.id.to_string(), row.name.clone())).collect(),
        expertise: expertise.iter().map(|(pair, level)| (keyed(pair), *level)).collect(),
        standing: standing.iter().map(keyed).collect(),
        applications: rows.into_iter().map(|row| (row.id.to_string(), row)).collect(),
    })
}

/// What the tool answers to a question.
///
/// # Errors
/// When a rule of its file is broken.
pub fn answered(question: &str) -> Result<String> {
    let outcome = assignment::outcome(question);
    let outcome = outcome.map_err(|refusal| Error::Internal(format!("assignment: {refusal}")))?;
    Ok(serde_json::to_string(&outcome)?)
}

/// The reviewers with what the pool knows of them.
struct Pool {
    people: BTreeMap<PersonId, person::Model>,
    experts: BTreeMap<PersonId, expert::Model>,
    /// Reviews that are open in other calls.
    elsewhere: BTreeMap<PersonId, i64>,
}

impl Pool {
    async fn of(db: &impl ConnectionTrait, able: &[PersonId], call: CallId) -> Result<Self> {
        let people = person::Entity::find().filter(person::Column::Id.is_in(able.iter().copied())).all(db).await?;
        let known = expert::Entity::find()
            .filter(expert::Column::Email.is_in(people.iter().map(|row| row.email.clone())))
            .all(db)
            .await?;
        let by_email: BTreeMap<String, expert::Model> = known.into_iter().map(|row| (row.email.clone(), row)).collect();
        let open = review::Entity::find()
            .filter(review::Column::ReviewerId.is_in(able.iter().copied()))
            .filter(review::Column::CallId.ne(call))
            .filter(review::Column::Stage.is_in([
                ReviewStage::Invited,
                ReviewStage::Accepted,
                ReviewStage::InProgress,
                ReviewStage::Reopened,
            ]))
            .all(db)
            .await?;
        let mut elsewhere: BTreeMap<PersonId, i64> = BTreeMap::new();
        for row in open {
            *elsewhere.entry(row.reviewer_id).or_default() += 1;
        }
        let experts = people.iter().filter_map(|row| by_email.get(&row.email).map(|of| (row.id, of.clone()))).collect();
        Ok(Self { people: people.into_iter().map(|row| (row.id, row)).collect(), experts, elsewhere })
    }

    /// What somebody takes in this call at most: the own limit less what is open elsewhere, and never less than what stands here.
    fn most(&self, who: PersonId, standing: i64) -> i64 {
        let limit = self.experts.get(&who).map_or(LOAD, |row| i64::from(row.load_limit));
        (limit - self.elsewhere.get(&who).copied().unwrap_or(0)).max(standing)
    }
}

type Pairs = BTreeSet<(ApplicationId, PersonId)>;

/// Who may not judge what: derived today, or declared; and whoever declined is not asked again by a plan.
async fn conflicting(
    db: &impl ConnectionTrait,
    call: &call::Model,
    rows: &[application::Model],
    able: &[PersonId],
    on: chrono::NaiveDate,
) -> Result<BTreeMap<(ApplicationId, PersonId), String>> {
    let mut found = BTreeMap::new();
    for (pair, grounds) in conflicts::derive_all(db, call, rows, able, on).await? {
        if let Some((ground, _)) = grounds.first() {
            found.insert(pair, ground.as_str().to_owned());
        }
    }
    let ids: Vec<ApplicationId> = rows.iter().map(|row| row.id).collect();
    for row in conflicts::recorded(db, &ids, able).await?.into_iter().filter(|row| row.recorded_by.is_some()) {
        found.insert((row.application_id, row.person_id), row.ground.as_str().to_owned());
    }
    let left = review::Entity::find()
        .filter(review::Column::CallId.eq(call.id))
        .filter(review::Column::Stage.is_in([ReviewStage::Declined, ReviewStage::Recused]))
        .all(db)
        .await?;
    for row in left.into_iter().filter(|row| ids.contains(&row.application_id) && able.contains(&row.reviewer_id)) {
        found.insert((row.application_id, row.reviewer_id), row.stage.as_str().to_owned());
    }
    Ok(found)
}

/// Pairs that stand already, as far as both are still in the plan.
async fn standing(
    db: &impl ConnectionTrait,
    call: CallId,
    rows: &[application::Model],
    able: &[PersonId],
) -> Result<Pairs> {
    let reviews = review::Entity::find()
        .filter(review::Column::CallId.eq(call))
        .filter(review::Column::Stage.is_not_in([ReviewStage::Declined, ReviewStage::Recused]))
        .all(db)
        .await?;
    let ids: BTreeSet<ApplicationId> = rows.iter().map(|row| row.id).collect();
    let here = reviews.into_iter().filter(|row| ids.contains(&row.application_id) && able.contains(&row.reviewer_id));
    Ok(here.map(|row| (row.application_id, row.reviewer_id)).collect())
}

/// How near an expert is to an application: 3 works in the call's category, 2 in a field that the bid names, 1 in its area.
async fn expertise(
    db: &impl ConnectionTrait,
    call: &call::Model,
    rows: &[application::Model],
    pool: &Pool,
) -> Result<BTreeMap<(ApplicationId, PersonId), i64>> {
    let applicants: BTreeMap<_, organisation::Model> = organisation::Entity::find()
        .filter(organisation::Column::Id.is_in(rows.iter().map(|row| row.organisation_id)))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let mut levels = BTreeMap::new();
    for row in rows {
        let Some(applicant) = applicants.get(&row.organisation_id) else { continue };
        for (who, known) in &pool.experts {
            let level = level(known, &call.category, row, applicant);
            if level > 0 {
                levels.insert((row.id, *who), level);
            }
        }
    }
    Ok(levels)
}

fn level(known: &expert::Model, category: &str, row: &application::Model, applicant: &organisation::Model) -> i64 {
    let words = |list: &str| -> Vec<String> {
        list.split([',', '，', '、'])
            .map(|word| word.trim().to_lowercase())
            .filter(|word| word.chars().count() > 1)
            .collect()
    };
    let (fields, areas) = (words(&known.fields), words(&known.areas));
    let bid = format!("{}\n{}", row.title, row.summary).to_lowercase();
    if fields.contains(&category.trim().to_lowercase()) {
        3
    } else if fields.iter().any(|field| bid.contains(field.as_str())) {
        2
    } else {
        let here = [&applicant.area, &applicant.community].map(|place| place.trim().to_lowercase());
        i64::from(areas.iter().any(|area| here.contains(area)))
    }
}

type Found<'a> =
    (&'a BTreeMap<(ApplicationId, PersonId), String>, &'a Pairs, &'a BTreeMap<(ApplicationId, PersonId), i64>);

/// The file of the tool. What stands and is in conflict by now is the officer's to end: it is neither fixed nor counted on.
fn question(
    call: &call::Model,
    rows: &[application::Model],
    able: &[PersonId],
    pool: &Pool,
    (conflicts, standing, expertise): Found<'_>,
    seed: &str,
) -> Value {
    let kept: Vec<_> = standing.iter().filter(|pair| !conflicts.contains_key(*pair)).collect();
    let of = |row: &application::Model| {
        let fixed = kept.iter().filter(|(application, _)| *application == row.id).count() as i64;
        json!({ "id": row.id.to_string(), "needs": i64::from(call.reviews_required).max(fixed) })
    };
    let who = |person: &PersonId| {
        let fixed = kept.iter().filter(|(_, reviewer)| reviewer == person).count() as i64;
        json!({ "id": person.to_string(), "max": pool.most(*person, fixed).max(0) })
    };
    let pair = |(application, person): &(ApplicationId, PersonId)| json!({ "application": application.to_string(), "reviewer": person.to_string() });
    let with = |pairs: &(ApplicationId, PersonId), key: &str, value: Value| {
        let mut row = pair(pairs);
        row[key] = value;
        row
    };
    json!({
        "applications": rows.iter().map(of).collect::<Vec<_>>(),
        "reviewers": able.iter().map(who).collect::<Vec<_>>(),
        "pairs": expertise.iter().map(|(pairs, level)| with(pairs, "expertise", json!(level))).collect::<Vec<_>>(),
        "conflicts": conflicts.iter().map(|(pairs, why)| with(pairs, "reason", json!(why))).collect::<Vec<_>>(),
        "fixed": kept.iter().map(|pairs| pair(pairs)).collect::<Vec<_>>(),
        "seed": seed,
    })
}

/// Asks every reviewer of the plan that the officer saw. Conflicts derived by then are written down with the plan.
///
/// # Errors
/// A refusal where the plan has changed since it was shown, or nobody can judge something.
pub async fn carry_out(by: &As<Officer>, id: CallId, seed: &str) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        crate::grants::calls::service::take(tx, id).await?;
        let plan = plan(tx, by, id, seed).await?;
        by.saw(plan.mark())?;
        if plan.told.status != "optimal" {
            return Err(Error::refused("refused-plan-infeasible"));
        }
        let pairs = plan.new_pairs();
        if pairs.is_empty() {
            return Err(Error::refused("refused-plan-nothing"));
        }
        ask(tx, by, &plan, &pairs).await?;
        let row = assignment_plan::ActiveModel {
            call_id: Set(id),
            seed: Set(seed.to_owned()),
            question: Set(plan.question.clone()),
            answer: Set(plan.answer.clone()),
            made_by: Set(by.person()?),
            made_at: Set(tx.now()),
            ..Default::default()
        };
        assignment_plan::Entity::insert(row).exec_without_returning(tx).await?;
        events::record(tx, by, Subject::Call, id.0, Note::act("assign").because(seed)).await
    })
    .await
}

async fn ask(tx: &Tx, by: &As<Officer>, plan: &Plan, pairs: &[(String, String)]) -> Result<()> {
    let mut asked: BTreeSet<PersonId> = BTreeSet::new();
    for (application, reviewer) in pairs {
        let Some(row) = plan.applications.get(application) else { continue };
        let reviewer = PersonId(reviewer.parse().map_err(|_| Error::NotFound)?);
        super::invitations::invite(tx, by, row, reviewer).await?;
        asked.insert(reviewer);
    }
    // One letter for each, however many applications: a reviewer's list has them all.
    letters::to_people(tx, asked.into_iter().collect(), "review-invited", &[], "/reviews").await
}

/// The plans of a call that were carried out, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_call(db: &impl ConnectionTrait, id: CallId) -> Result<Vec<assignment_plan::Model>> {
    let rows = assignment_plan::Entity::find().filter(assignment_plan::Column::CallId.eq(id));
    Ok(rows.order_by_asc(assignment_plan::Column::Id).all(db).await?)
}
