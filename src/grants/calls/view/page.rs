//! One call as everybody reads it: what it asks and by which rules, and the way in for the reader's organisations.

use super::{left, tone, visible};
use crate::commons::events;
use crate::core::eligibility::MENDS;
use crate::core::money::format_bps;
use crate::error::Result;
use crate::grants::applications::eligibility as examined;
use crate::grants::calls::rules::is_sealed;
use crate::grants::calls::rules::{CALL, eligibility_of, rubric_of, words as codes};
use crate::grants::calls::{reach, service, stages, words};
use crate::grants::forms;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::page::{Answer, Page};
use crate::web::parts::{ActLink, Checked, Chip, Crumb, Fact, Happened, Step};
use crate::web::sheet::{Block, act_links, history, stage_text};
use entities::kinds::{
    ApplicationStage, AwardKind, BatchStage, CallId, CallKind, CallStage, OrganisationId, Role, Subject,
};
use entities::{application, call, decision_batch, fund, need, organisation, programme};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;

/// Events shown.
const HISTORY: u64 = 20;
/// Organisations of one person whose eligibility is shown beside a call.
const MINE: usize = 5;

/// The call as everybody reads it.
#[derive(Debug, Clone, Serialize)]
pub struct CallPage {
    crumbs: Vec<Crumb>,
    title: String,
    chip: Chip,
    sentence: String,
    now_text: String,
    now_acts: Vec<ActLink>,
    mine: Vec<Examined>,
    figures: Vec<Fact>,
    summary: String,
    rules: Vec<String>,
    rubric: Vec<Weighted>,
    method: String,
    tranches: Vec<Step>,
    reports: Vec<String>,
    heads: String,
    negative: String,
    amendments: Vec<Happened>,
    facts: Vec<Fact>,
    history: Vec<Happened>,
    /// Whom the rules would leave, for officers before it opens.
    reach_text: String,
    reach: Vec<Fact>,
}

/// A criterion with its bar.
#[derive(Debug, Clone, Serialize)]
struct Weighted {
    label: String,
    amount_text: String,
    width: i64,
}

/// An organisation of the reader against the rules.
#[derive(Debug, Clone, Serialize)]
struct Examined {
    title: String,
    items: Vec<Checked>,
}

/// One call.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn show(context: &Context, id: CallId) -> Answer {
    let row = visible(context, id).await?;
    let db = context.edges.db.read();
    let base = format!("/calls/{id}");
    let mut acts = act_links(context, "call", &base, &CALL.offers(row.stage, &context.actor.parts(None)), &["cancel"]);
    if context.actor.has(Role::ProgrammeOfficer) {
        acts.extend(officer_acts(context, &row, &base));
    }
    let (mine, apply, now_text) = applying(context, &row).await?;
    acts.splice(0..0, apply);
    // A drafter sees why the button is missing.
    let drafter = row.stage == CallStage::Draft && context.actor.person == Some(row.drafted_by);
    if drafter {
        acts.retain(|act| !act.href.ends_with("/check"));
    }
    let history = match history(context, "call", &events::history(db, Subject::Call, id.0, HISTORY).await?) {
        Block::History { items, .. } => items,
        _ => Vec::new(),
    };
    let (reach_text, reach) = reached(context, &row).await?;
    acts.extend(reading_acts(context, &row, &base));
    let view = CallPage {
        crumbs: vec![Crumb { label: context.t("calls-title"), href: "/calls".into() }],
        title: context.pick(&row.title_zh, &row.title_en),
        chip: Chip { text: stage_text(context, "call", row.stage.as_str()), tone: tone(row.stage) },
        sentence: sentence(context, &row),
        now_text: if drafter { context.t("call-second-officer") } else { now_text },
        now_acts: acts,
        mine,
        figures: vec![
            Fact::new(context.t("call-cap"), context.money(row.cap_minor, row.currency)),
            Fact::new(context.t("call-envelope"), context.money(row.envelope_minor, row.currency)),
            Fact::new(context.t("call-closes"), left(context, &row)),
        ],
        summary: context.pick(&row.summary_zh, &row.summary_en),
        rules: eligibility_of(&row).iter().map(|rule| words::rule(context, rule, row.currency)).collect(),
        rubric: rubric(context, &row),
        method: format!("{} · {}", context.t(&format!("call-method-{}", row.method)), blindness(context, &row)),
        tranches: words::tranches(context, &row),
        reports: words::reports(context, &row),
        heads: words::list(context, codes(&row.budget_heads).iter().map(|code| words::head(context, code))),
        negative: words::list(context, codes(&row.negative_list).iter().map(|code| words::head(context, code))),
        amendments: amendments(context, &row).await?,
        facts: facts(context, &row).await?,
        history,
        reach_text,
        reach,
    };
    Page::new(context, "calls/show.html", "calls", &view)?.answer()
}

fn officer_acts(context: &Context, row: &call::Model, base: &str) -> Vec<ActLink> {
    let link = |href: String, key: &str| ActLink { href, text: context.t(key), tone: "quiet" };
    let mut acts = Vec::new();
    match row.stage {
        CallStage::Draft => acts.push(link(format!("{base}/revise"), "act-call-revise-title")),
        CallStage::Open => acts.push(link(format!("{base}/amend"), "act-call-amend-title")),
        _ => {}
    }
    if row.checked_by.is_some() && !is_sealed(row) {
        acts.push(link(format!("/applications?call={}", row.id), "call-screening"));
    }
    if is_sealed(row) && row.stage == CallStage::Closed {
        let act = if row.opening_by.is_some() { "open-bids" } else { "ask-opening" };
        acts.push(link(format!("{base}/{act}"), &format!("act-call-{act}-button")));
    }
    if row.concept_call_id.is_some() {
        acts.push(link(format!("{base}/notes"), "call-notes"));
    }
    acts.push(link(format!("{base}/copy"), "act-call-copy-button"));
    acts
}

/// What everybody may read about this call elsewhere.
fn reading_acts(context: &Context, row: &call::Model, base: &str) -> Vec<ActLink> {
    let link = |href: String, key: &str| ActLink { href, text: context.t(key), tone: "quiet" };
    let mut acts = vec![link(format!("{base}/questions"), "call-questions")];
    if row.kind == CallKind::Formula {
        acts.push(link(format!("{base}/allocations"), "call-allocations"));
    }
    if matches!(row.stage, CallStage::Decided | CallStage::Archived) {
        acts.push(link(format!("{base}/statistics"), "statistics-title"));
    }
    acts
}

/// "Would leave 19 of 560 organisations", with how many each rule leaves out: for officers, before the call opens.
async fn reached(context: &Context, row: &call::Model) -> Result<(String, Vec<Fact>)> {
    let before = matches!(row.stage, CallStage::Draft | CallStage::Scheduled);
    if !before || !context.actor.has(Role::ProgrammeOfficer) {
        return Ok((String::new(), Vec::new()));
    }
    let found = reach::reach(context, row, context.edges.today()).await?;
    let (eligible, all) = (found.eligible.to_string(), found.all.to_string());
    let left_out = |(rule, count): &(crate::core::eligibility::Rule, usize)| {
        Fact::new(words::rule(context, rule, row.currency), count.to_string())
    };
    let text = context.t_with("call-reach", &[("eligible", &eligible), ("all", &all)]);
    let mut facts: Vec<Fact> = found.left_out.iter().map(left_out).collect();
    if found.barred > 0 {
        facts.push(Fact::new(context.t("eligibility-not-barred"), found.barred.to_string()));
    }
    Ok((text, facts))
}

/// What the reader's organisations may do here: what the rules say before they write, and the way in.
async fn applying(context: &Context, row: &call::Model) -> Result<(Vec<Examined>, Vec<ActLink>, String)> {
    if row.stage != CallStage::Open {
        return Ok((Vec::new(), Vec::new(), String::new()));
    }
    if context.actor.person.is_none() {
        let sign_in =
            ActLink { href: format!("/sign-in?back=/calls/{}", row.id), text: context.t("call-sign-in"), tone: "" };
        return Ok((Vec::new(), vec![sign_in], context.t("call-apply-sign-in")));
    }
    let mut mine: Vec<OrganisationId> = context.actor.memberships.iter().map(|m| m.organisation_id).collect();
    mine.sort_unstable();
    mine.dedup();
    mine.truncate(MINE);
    if mine.is_empty() {
        let text = if context.actor.is_staff() { String::new() } else { context.t("call-apply-no-organisation") };
        return Ok((Vec::new(), Vec::new(), text));
    }
    let db = context.edges.db.read();
    let names = organisations::names(context, mine.iter().copied()).await?;
    let gone = [ApplicationStage::Withdrawn, ApplicationStage::Lapsed];
    let begun = application::Entity::find()
        .filter(application::Column::CallId.eq(row.id))
        .filter(application::Column::OrganisationId.is_in(mine.clone()))
        .filter(application::Column::Stage.is_not_in(gone))
        .all(db)
        .await?;
    let rows = organisation::Entity::find().filter(organisation::Column::Id.is_in(mine.clone())).all(db).await?;
    let (mut cards, mut links) = (Vec::new(), Vec::new());
    for one in &rows {
        let name = names.get(&one.id).map_or("", String::as_str);
        let args = [("organisation", name)];
        if let Some(application) = begun.iter().find(|application| application.organisation_id == one.id) {
            let href = format!("/applications/{}", application.id);
            links.push(ActLink { href, text: context.t_with("call-apply-see", &args), tone: "" });
            continue;
        }
        // At most a handful of organisations, so each is examined on its own.
        let found = examined::findings(db, row, one.id, one.fiscal_host_id, 0, &[], context.edges.today()).await?;
        let items = found
            .iter()
            .map(|finding| checked(context, finding.code, &finding.evidence, finding.ok, finding.mend))
            .collect();
        cards.push(Examined { title: context.t_with("call-may", &args), items });
        if stages::invited(db, row, one.id).await.is_err() {
            continue;
        }
        let href = format!("/calls/{}/apply?organisation={}", row.id, one.id);
        links.push(ActLink { href, text: context.t_with("call-apply-for", &args), tone: "" });
    }
    Ok((cards, links, context.t("call-apply-text")))
}

/// What reviewers know of who applies, and from when on.
fn blindness(context: &Context, row: &call::Model) -> String {
    context.t(match (row.blind, row.named_after_review) {
        (false, _) => "call-blindness-none",
        (true, false) => "call-blindness-decision",
        (true, true) => "call-blindness-review",
    })
}

/// A finding in words: where the rule is broken with what was seen, and with what would mend it.
pub fn checked(context: &Context, code: &str, evidence: &[(String, String)], ok: bool, mend: Option<&str>) -> Checked {
    let mut text = context.t(code);
    if !ok {
        let seen: Vec<String> = evidence.iter().filter_map(|(name, value)| words::seen(context, name, value)).collect();
        if !seen.is_empty() {
            let seen = words::list(context, seen.into_iter());
            text = context.t_with("eligibility-seen", &[("rule", &text), ("seen", &seen)]);
        }
    }
    if let Some(mend) = mend.filter(|mend| MENDS.contains(mend)) {
        text = format!("{text} {}", context.t(mend));
    }
    Checked { text, ok, word: context.t(if ok { "application-met" } else { "application-not-met" }) }
}

fn sentence(context: &Context, row: &call::Model) -> String {
    let (opens, closes) = (context.moment(row.opens_at), context.moment(row.closes_at));
    match row.stage {
        CallStage::Open => context.t_with("call-sentence-open", &[("closes", &closes), ("left", &left(context, row))]),
        CallStage::Draft | CallStage::Scheduled => {
            context.t_with("call-sentence-scheduled", &[("opens", &opens), ("closes", &closes)])
        }
        CallStage::Cancelled => context.t_with("call-cancelled-because", &[("reason", &row.cancel_reason)]),
        _ => context.t_with("call-sentence-closed", &[("closes", &closes)]),
    }
}

fn rubric(context: &Context, row: &call::Model) -> Vec<Weighted> {
    let bar = |criterion: &crate::core::plan::Criterion| Weighted {
        label: context.pick(&criterion.label_zh, &criterion.label_en),
        amount_text: format_bps(criterion.weight),
        width: criterion.weight / 10,
    };
    rubric_of(row).iter().map(bar).collect()
}

async fn amendments(context: &Context, row: &call::Model) -> Result<Vec<Happened>> {
    let rows = service::amendments(context.edges.db.read(), row.id).await?;
    let told = |row: &entities::call_amendment::Model| Happened {
        when: context.moment(row.published_at),
        who: context.t("part-officer"),
        what: context.pick(&row.text_zh, &row.text_en),
        note: if row.closes_after == row.closes_before {
            String::new()
        } else {
            let (before, after) = (context.moment(row.closes_before), context.moment(row.closes_after));
            context.t_with("call-amended-deadline", &[("before", &before), ("after", &after)])
        },
    };
    Ok(rows.iter().map(told).collect())
}

async fn facts(context: &Context, row: &call::Model) -> Result<Vec<Fact>> {
    let db = context.edges.db.read();
    let fund = fund::Entity::find_by_id(row.fund_id).one(db).await?;
    let fund = fund.map(|fund| context.pick(&fund.name_zh, &fund.name_en));
    let days = |n: i32| context.t_count("call-working-days", i64::from(n));
    let mut items = vec![
        Fact::new(context.t("call-kind"), context.t(&format!("call-kind-{}", row.kind))),
        Fact::new(context.t("call-area"), row.area.clone()),
        Fact::linked(context.t("call-fund"), fund.unwrap_or_default(), format!("/funds/{}", row.fund_id)),
        Fact::new(context.t("call-opens"), context.moment(row.opens_at)),
        Fact::new(context.t("call-closes"), context.moment(row.closes_at)),
        Fact::new(context.t("call-reviews"), row.reviews_required.to_string()),
        Fact::new(context.t("call-notice-days"), days(row.notice_days)),
        Fact::new(context.t("call-appeal-days"), days(row.appeal_days)),
    ];
    if !row.round.is_empty() {
        items.push(Fact::new(context.t("call-round"), row.round.clone()));
    }
    if let Some(programme) = row.programme_id {
        let found = programme::Entity::find_by_id(programme).one(db).await?;
        let name = found.map(|found| context.pick(&found.name_zh, &found.name_en)).unwrap_or_default();
        items.push(Fact::linked(context.t("call-programme"), name, format!("/calls/programmes/{programme}")));
    }
    if row.sealed {
        let opened = row.opened_at.map_or_else(|| context.t("call-sealed-until"), |at| context.moment(at));
        items.push(Fact::new(context.t("call-sealed"), opened));
    }
    for (key, version) in
        [("call-report-form", row.report_form_version_id), ("call-evaluation-form", row.evaluation_form_version_id)]
    {
        if let Some(version) = version {
            items.push(Fact::new(context.t(key), forms::service::title(db, version).await?));
        }
    }
    if let Some(concept) = row.concept_call_id {
        items.push(Fact::linked(
            context.t("call-two-stage"),
            context.t("call-two-stage-text"),
            format!("/calls/{concept}"),
        ));
    }
    if !row.category.is_empty() {
        items.push(Fact::new(context.t("call-category"), row.category.clone()));
    }
    if row.award_kind == AwardKind::SeedFund {
        items.push(Fact::new(context.t("field-award-kind"), context.t(&format!("award-becomes-{}", row.award_kind))));
    }
    if let Some(id) = row.need_id
        && let Some(need) = need::Entity::find_by_id(id).one(db).await?
    {
        let title = context.pick(&need.title_zh, &need.title_en);
        items.push(Fact::linked(context.t("call-need"), title, format!("/needs/{id}")));
    }
    let batch = decision_batch::Entity::find()
        .filter(decision_batch::Column::CallId.eq(row.id))
        .filter(decision_batch::Column::Stage.is_in([BatchStage::Approved, BatchStage::Decided]))
        .order_by_desc(decision_batch::Column::Id)
        .one(db)
        .await?;
    if let Some((id, at)) = batch.and_then(|batch| batch.approved_at.map(|at| (batch.id, at))) {
        items.push(Fact::linked(context.t("call-result"), context.day(context.day_of(at)), format!("/notices/{id}")));
    }
    Ok(items)
}

impl CallPage {
    /// Samples for the test that renders every view.
    pub fn samples(context: &Context) -> Vec<Self> {
        let empty = Self {
            crumbs: vec![Crumb { label: "c".into(), href: "/calls".into() }],
            title: "t".into(),
            chip: Chip { text: "s".into(), tone: "ok" },
            sentence: "s".into(),
            now_text: String::new(),
            now_acts: Vec::new(),
            mine: Vec::new(),
            figures: vec![Fact::new("a", "b")],
            summary: "a\nb".into(),
            rules: vec!["r".into()],
            rubric: vec![Weighted { label: "l".into(), amount_text: "20%".into(), width: 200 }],
            method: "m".into(),
            tranches: Vec::new(),
            reports: Vec::new(),
            heads: "h".into(),
            negative: String::new(),
            amendments: Vec::new(),
            facts: vec![Fact::new("a", "b")],
            history: Vec::new(),
            reach_text: String::new(),
            reach: Vec::new(),
        };
        let happened = Happened { when: "w".into(), who: "p".into(), what: "a".into(), note: "n".into() };
        let full = Self {
            now_text: "t".into(),
            now_acts: vec![ActLink { href: "/x".into(), text: "x".into(), tone: "" }],
            mine: vec![Examined {
                title: "t".into(),
                items: vec![checked(context, "eligibility-area", &[], false, Some("eligibility-mend-ask"))],
            }],
            tranches: vec![Step {
                state: "later",
                title: "t".into(),
                detail: "d".into(),
                href: String::new(),
                date: String::new(),
            }],
            reports: vec!["r".into()],
            negative: "n".into(),
            reach_text: "r".into(),
            reach: vec![Fact::new("a", "b")],
            amendments: vec![happened.clone()],
            history: vec![happened],
            ..empty.clone()
        };
        vec![empty, full]
    }
}
