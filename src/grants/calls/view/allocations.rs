//! What a formula gives: the rule with its figures, then each community with its people and its amount.

use super::visible;
use crate::commons::policies;
use crate::error::Error;
use crate::grants::calls::allocations::{self, formula};
use crate::people::permission::{As, Context, Officer};
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Choice, Fact};
use crate::web::sheet::{Act, Block, Cell, Sheet};
use entities::allocation;
use entities::kinds::{CallId, CallKind, CallStage, Role, Setting};

/// The communities of a formula's call.
///
/// # Errors
/// [`Error::NotFound`] for a call of another kind, or one that is not the reader's to see.
pub async fn list(context: &Context, id: CallId) -> Answer {
    let row = visible(context, id).await?;
    if row.kind != CallKind::Formula {
        return Err(Error::NotFound);
    }
    let db = context.edges.db.read();
    let rows = allocations::list(db, id).await?;
    let by = formula(&policies::on(db, context.edges.today()).await?);
    let given: i64 = rows.iter().map(|one| one.amount_minor).sum();
    let money = |minor: i64| context.money(minor, row.currency);
    let rate = |setting: Setting| {
        let rate = by.rate(setting);
        let words = [("base", money(rate.base_minor)), ("hundred", money(rate.hundred_minor))];
        let text = context.t_with("formula-rate", &[("base", &words[0].1), ("hundred", &words[1].1)]);
        Fact::new(context.t(&format!("setting-{setting}")), text)
    };
    let cells = |one: &allocation::Model| {
        vec![
            Cell::lead(one.community.clone(), String::new()),
            Cell::text(context.t(&format!("setting-{}", one.setting))),
            Cell::number(one.population.to_string()),
            Cell::text(context.day(one.counted_on)),
            Cell::number(money(one.amount_minor)),
        ]
    };
    let open = matches!(row.stage, CallStage::Draft | CallStage::Scheduled | CallStage::Open);
    let acts = if open && context.actor.has(Role::ProgrammeOfficer) {
        let href = format!("/calls/{id}/allocations/new");
        vec![ActLink { href, text: context.t("act-call-allocate-button"), tone: "" }]
    } else {
        Vec::new()
    };
    let heads = ["formula-community", "formula-setting", "formula-people", "formula-counted-on", "head-amount"];
    let base = format!("/calls/{id}");
    Sheet::new(context.t("call-allocations"))
        .under(&[(context.t("calls-title"), "/calls"), (context.pick(&row.title_zh, &row.title_en), &base)])
        .sentence(context.t(&format!("formula-rounding-{}", by.rounding.as_str())))
        .now(context.t("now-title"), "", acts)
        .with(Block::Figures {
            title: String::new(),
            items: vec![
                Fact::new(context.t("formula-given"), money(given)),
                Fact::new(context.t("call-envelope"), money(row.envelope_minor)),
                Fact::new(context.t("formula-left"), money(row.envelope_minor - given)),
            ],
        })
        .with(Block::Table {
            title: String::new(),
            heads: heads.map(|key| context.t(key)).into(),
            rows: rows.iter().map(cells).collect(),
            empty: context.t("formula-empty"),
        })
        .beside(Block::Facts {
            title: context.t("formula-title"),
            items: vec![rate(Setting::Urban), rate(Setting::Rural)],
        })
        .answer(context, "calls")
}

/// The page that records a community.
///
/// # Errors
/// [`Error::NotFound`] for a call of another kind.
pub async fn new(by: &As<Officer>, id: CallId) -> Answer {
    let row = visible(by, id).await?;
    if row.kind != CallKind::Formula {
        return Err(Error::NotFound);
    }
    let base = format!("/calls/{id}");
    let back = format!("{base}/allocations");
    Act::new(by, "call-allocate", back.clone(), back)
        .under(&[(by.t("calls-title"), "/calls"), (by.pick(&row.title_zh, &row.title_en), &base)])
        .ask(by, "text", "community")
        .ask_choice(by, "setting", Choice::words(by, "setting", Setting::ALL.iter().map(|setting| setting.as_str())))
        .labelled(by.t("formula-setting"))
        .ask(by, "number", "people")
        .labelled(by.t("formula-people"))
        .ask(by, "date", "counted_on")
        .labelled(by.t("formula-counted-on"))
        .answer(by, "calls")
}
