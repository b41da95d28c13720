//! The best set under the envelope: what it is asked for, and why each project is in or out.

use crate::core::money::{decimal, exponent_of, format_bps};
use crate::error::Result;
use crate::grants::decisions::service::portfolio::{self, Objective, Told};
use crate::grants::decisions::{approvals, service};
use crate::grants::reviews::view::points;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::parts::Choice;
use crate::web::sheet::{Act, Block, Cell};
use entities::kinds::Currency;
use entities::{call, decision_batch, decision_item};

/// The page that asks for it: what to be best at, how much, and which projects are decided beforehand.
pub(super) async fn asked(
    context: &Context,
    batch: &decision_batch::Model,
    call: &call::Model,
    page: Act,
) -> Result<Act> {
    let db = context.edges.db.read();
    let rows = service::items_of(db, batch.id).await?;
    let applications = approvals::applications_of(db, &rows).await?;
    let names = organisations::names(context, applications.values().map(|row| row.organisation_id)).await?;
    let kept = |key: &str| batch.scores.pointer(&format!("/portfolio/input/{key}")).cloned().unwrap_or_default();
    let budget = kept("budget").as_i64().unwrap_or(call.envelope_minor);
    let objectives = [Objective::MeritMoney, Objective::MeritCount].map(Objective::as_str);
    let objectives = Choice::words(context, "portfolio-objective", objectives);
    let objective = kept("objective").as_str().unwrap_or("merit-money").to_owned();
    let mut page = page
        .hidden("version", batch.version.to_string())
        .ask_choice(context, "objective", Choice::chosen(objectives, &objective))
        .labelled(context.t("portfolio-objective"))
        .ask_money(context, "budget", call.currency)
        .labelled(context.t("portfolio-budget"))
        .value(decimal(budget, u32::from(exponent_of(call.currency.0))))
        .ask(context, "text", "least_share")
        .labelled(context.t("portfolio-least"))
        .value(format_bps(10_000))
        .hint(context.t("portfolio-least-hint"));
    for row in &rows {
        let Some(asked) = applications.get(&row.application_id) else { continue };
        let name = names.get(&asked.organisation_id).cloned().unwrap_or_default();
        let score = row.score.map(|score| points(score.into())).unwrap_or_default();
        let label = format!("{name} · {score} · {}", context.money(asked.ask_minor.min(call.cap_minor), row.currency));
        let open = Choice::words(context, "portfolio-decision", ["open", "fund", "reject"]);
        page = page.ask_for("select", &format!("project.{}", row.application_id), label).options(open);
    }
    Ok(page)
}

/// Why each project is in or out of the set the items come from; nothing where they come from the ranking.
pub(super) async fn table(
    context: &Context,
    batch: &decision_batch::Model,
    rows: &[decision_item::Model],
) -> Result<Option<Block>> {
    let told = portfolio::fixed(batch);
    if told.is_empty() {
        return Ok(None);
    }
    let applications = approvals::applications_of(context.edges.db.read(), rows).await?;
    let names = organisations::names(context, applications.values().map(|row| row.organisation_id)).await?;
    let cells = |row: &decision_item::Model| {
        let told = told.get(&row.application_id.to_string())?;
        let name = applications.get(&row.application_id).and_then(|row| names.get(&row.organisation_id).cloned());
        Some(vec![
            Cell::lead(name.unwrap_or_default(), ""),
            Cell::number(row.score.map(|score| points(score.into())).unwrap_or_default()),
            Cell::number(told.threshold_score.map(points).unwrap_or_default()),
            Cell::number(context.money(told.amount, row.currency)),
            Cell { text: why(context, told, row.currency), href: String::new(), class: "wide" },
        ])
    };
    let heads = ["head-organisation", "head-score", "head-threshold", "head-amount", "head-why"];
    Ok(Some(Block::Table {
        title: context.t(if proven(batch) { "portfolio-title" } else { "portfolio-title-found" }),
        heads: heads.map(|key| context.t(key)).into(),
        rows: rows.iter().filter_map(cells).collect(),
        empty: String::new(),
    }))
}

fn proven(batch: &decision_batch::Model) -> bool {
    batch.scores.pointer("/portfolio/answer/status").and_then(|status| status.as_str()) == Some("optimal")
}

/// What keeps a project out, and how much money it lacks.
fn why(context: &Context, told: &Told, currency: Currency) -> String {
    if told.amount > 0 {
        return context.t("portfolio-in");
    }
    let mut words: Vec<String> =
        told.blocked_by.iter().map(|word| context.t(&format!("portfolio-blocked-{word}"))).collect();
    if let Some(lacking) = told.extra_money.filter(|lacking| *lacking > 0) {
        words.push(context.t_with("portfolio-lacking", &[("amount", &context.money(lacking, currency))]));
    }
    words.join(" · ")
}
