//! A statement as PDF: the figures and the tables of its page, on paper that lies on its side.

use super::{Names, figures, gifts, goods, left_out, name, spent};
use crate::edges::press::Form;
use crate::error::Result;
use crate::grants::statements::service::{self, Part, Statement, Who};
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::papers::{self, Head, Paper, Table};
use serde::Serialize;

/// What the template `statement.typ` reads.
#[derive(Debug, Clone, Serialize)]
pub struct YearlyStatement {
    head: Head,
    /// Labels with values.
    facts: Vec<(String, String)>,
    /// One currency each.
    parts: Vec<Told>,
    /// What stands instead, where nothing was given.
    empty: String,
    how_title: String,
    how: String,
}

impl Paper for YearlyStatement {
    const FORM: Form = Form::Statement;

    fn head(&self) -> &Head {
        &self.head
    }
}

#[derive(Debug, Clone, Serialize)]
struct Told {
    currency: String,
    /// Labels with amounts, in the order in which they add up.
    figures: Vec<(String, String)>,
    tables: Vec<Table>,
}

/// A statement as PDF, for whoever may read its page.
///
/// # Errors
/// As [`service::of`].
pub async fn statement_pdf(context: &Context, who: Who, year: i32, locale: Option<&str>) -> Answer {
    let context = &papers::reading_in(context, locale);
    let statement = service::of(context, who, year).await?;
    let paper = drawn_up(context, who, year, &statement).await?;
    papers::answer(context, &paper, "statement", format!("{}/{year}", who.path())).await
}

async fn drawn_up(context: &Context, who: Who, year: i32, statement: &Statement) -> Result<YearlyStatement> {
    let names = Names::load(context, statement).await?;
    let year_text = year.to_string();
    let number = match who {
        Who::Organisation(id) => format!("S{:06}-{year}", id.0),
        Who::Person(id) => format!("SP{:06}-{year}", id.0),
    };
    let title = context.t_with("statement-title", &[("year", &year_text)]);
    let mut facts = vec![
        (context.t("head-gift-donor"), name(context, who).await?),
        (context.t("statement-period"), context.t_with("statement-year", &[("year", &year_text)])),
    ];
    facts.extend(left_out(context, statement).map(|fact| (fact.label, fact.value)));
    let empty = if statement.parts.is_empty() { context.t("statement-empty") } else { String::new() };
    Ok(YearlyStatement {
        head: Head::new(context, title, number, Some(context.edges.today())),
        facts,
        parts: statement.parts.iter().map(|part| told(context, part, &names)).collect(),
        empty,
        how_title: context.t("statement-how"),
        how: context.t("statement-how-text"),
    })
}

fn told(context: &Context, part: &Part, names: &Names) -> Told {
    let mut blocks = vec![gifts(context, part, names), spent(context, part, names)];
    if !part.goods.is_empty() {
        blocks.push(goods(context, part, names));
    }
    Told {
        currency: part.currency.code().to_owned(),
        figures: figures(context, part).into_iter().map(|fact| (fact.label, fact.value)).collect(),
        tables: blocks.into_iter().filter_map(Table::of).collect(),
    }
}
