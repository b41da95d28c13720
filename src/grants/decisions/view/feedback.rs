//! Feedback to an applicant, as a page that prints and as a document: the decision and its reason, the mean of each criterion, what
//! reviewers wrote for them.

use crate::edges::press::Form;
use crate::error::{Error, Result};
use crate::grants::applications;
use crate::grants::decisions::service::feedback::{self, Feedback, LEAST, Mean};
use crate::grants::reviews::view::points;
use crate::grants::reviews::{panel, scores};
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::papers::{self, Head, Paper, Table};
use crate::web::parts::Fact;
use crate::web::sheet::{Block, Cell, Sheet};
use entities::kinds::{ApplicationId, Outcome};
use entities::{application, call};
use sea_orm::EntityTrait;
use serde::Serialize;

/// What the template `feedback.typ` reads.
#[derive(Debug, Clone, Serialize)]
pub struct FeedbackPaper {
    head: Head,
    /// Labels with values.
    facts: Vec<(String, String)>,
    tables: Vec<Table>,
    note: String,
    /// Headings with texts: the reason, then what reviewers wrote.
    texts: Vec<(String, String)>,
}

impl Paper for FeedbackPaper {
    const FORM: Form = Form::Feedback;

    fn head(&self) -> &Head {
        &self.head
    }
}

/// The applicant's own, and who runs the panel.
async fn visible(context: &Context, id: ApplicationId) -> Result<(application::Model, call::Model, Feedback)> {
    let db = context.edges.db.read();
    let asked = applications::service::load(db, id).await?;
    if !applications::view::is_own(context, &asked) {
        panel::visible(context, asked.call_id).await?;
    }
    let call = call::Entity::find_by_id(asked.call_id).one(db).await?.ok_or(Error::NotFound)?;
    let found = feedback::of(db, &asked).await?;
    Ok((asked, call, found))
}

/// The page.
///
/// # Errors
/// [`Error::NotFound`] before the decision is final, and for everybody whose it is not.
pub async fn show(context: &Context, id: ApplicationId) -> Answer {
    let (asked, call, found) = visible(context, id).await?;
    let mut sheet = Sheet::new(context.t("feedback-title"))
        .under(&[(asked.title.clone(), &format!("/applications/{id}"))])
        .sentence(context.t("feedback-sentence"))
        .with(criteria(context, &call, &found)?)
        .with(Block::Prose { title: String::new(), text: note(context) });
    for (title, text) in texts(context, &found) {
        sheet = sheet.with(Block::Prose { title, text });
    }
    sheet
        .beside(Block::Facts { title: context.t("facts-title"), items: facts(context, &asked, &call, &found) })
        .beside(papers::offered(context, &format!("/applications/{id}/feedback.pdf")).await?)
        .answer(context, "desk")
}

/// The same as PDF.
///
/// # Errors
/// As [`show`].
pub async fn paper(context: &Context, id: ApplicationId, locale: Option<&str>) -> Answer {
    let context = &papers::reading_in(context, locale);
    let (asked, call, found) = visible(context, id).await?;
    let day = found.item.final_at.or(found.batch.approved_at).map(|at| context.day_of(at));
    let told = facts(context, &asked, &call, &found);
    let paper = FeedbackPaper {
        head: Head::new(context, context.t("feedback-title"), applications::service::number(id), day),
        facts: told.into_iter().map(|fact| (fact.label, fact.value)).collect(),
        tables: Table::of(criteria(context, &call, &found)?).into_iter().collect(),
        note: note(context),
        texts: texts(context, &found),
    };
    papers::answer(context, &paper, "feedback", format!("/applications/{id}/feedback")).await
}

fn facts(context: &Context, asked: &application::Model, call: &call::Model, found: &Feedback) -> Vec<Fact> {
    let item = &found.item;
    let mut facts = vec![
        Fact::linked(
            context.t("head-decision-call"),
            context.pick(&call.title_zh, &call.title_en),
            format!("/calls/{}", call.id),
        ),
        Fact::new(context.t("head-title"), asked.title.clone()),
        Fact::new(context.t("head-decision-outcome"), context.t(&format!("outcome-{}", item.outcome))),
    ];
    if item.outcome == Outcome::Approved {
        facts.push(Fact::new(context.t("head-amount"), context.money(item.amount_minor, item.currency)));
    }
    if let Some(score) = item.score {
        facts.push(Fact::new(context.t("head-score"), points(score.into())));
    }
    facts.push(Fact::new(context.t("decision-method"), context.t(&format!("decision-method-{}", call.method))));
    facts.push(Fact::new(context.t("feedback-reviews"), found.reviews.to_string()));
    facts.push(Fact::linked(
        context.t("feedback-notice"),
        context.t("decision-to-notice"),
        format!("/notices/{}", found.batch.id),
    ));
    facts
}

fn criteria(context: &Context, call: &call::Model, found: &Feedback) -> Result<Block> {
    let rubric = scores::rubric(call)?;
    let cells = |row: &Mean| {
        let known = rubric.iter().find(|criterion| criterion.id == row.criterion);
        let label = known.map(|of| context.pick(&of.label_zh, &of.label_en)).unwrap_or_default();
        let weight = known.map(|of| crate::edges::templates::percent(of.weight)).unwrap_or_default();
        let mean = row.hundredths.map_or_else(|| "—".to_owned(), points);
        vec![Cell::lead(label, ""), Cell::number(mean), Cell::number(row.most.to_string()), Cell::number(weight)]
    };
    let heads = ["feedback-criterion", "feedback-mean", "feedback-most", "feedback-weight"];
    Ok(Block::Table {
        title: context.t("feedback-criteria"),
        heads: heads.map(|key| context.t(key)).into(),
        rows: found.criteria.iter().map(cells).collect(),
        empty: context.t("feedback-no-criteria"),
    })
}

fn note(context: &Context) -> String {
    context.t_with("feedback-note", &[("least", &LEAST.to_string())])
}

/// The reason of the decision, then the comments, numbered and without a name.
fn texts(context: &Context, found: &Feedback) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    if !found.item.reason.is_empty() {
        texts.push((context.t("head-reason"), found.item.reason.clone()));
    }
    for (comment, n) in found.comments.iter().zip(1..) {
        let title = context.t_with("feedback-comment", &[("n", &i32::to_string(&n))]);
        texts.push((title, comment.clone()));
    }
    texts
}
