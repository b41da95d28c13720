//! The form in which a call is drafted: one page, with the usual figures filled in. Its rules stand in [`conditions`].

mod conditions;

use super::drafting::Drafted;
use super::rules::{reports_of, rubric_of, tranches_of, words as codes};
use super::view::local;
use crate::commons::texts::{PROSE, TITLE};
use crate::core::money::{Money, percent_bps};
use crate::core::plan::{Criterion, Gate, PlannedReport, PlannedTranche};
use crate::error::{Error, Result, Violation};
use crate::people::permission::Context;
use crate::web::forms::Posted;
use crate::web::page::Answer;
use crate::web::parts::Choice;
use crate::web::sheet::Act;
use entities::kinds::{
    AwardKind, CallId, CallKind, CallStage, FormPurpose, FormVersionId, FundId, FundStage, NeedStage, ProgrammeStage,
    ScoringMethod,
};
use entities::{call, form, form_version, fund, need, programme};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Rows of criteria offered.
const CRITERIA: usize = 8;
/// Rows of tranches offered.
const TRANCHES: usize = 5;
/// Things offered in one select.
const OFFERED: u64 = 200;
/// The page that drafts a call, or revises a draft.
///
/// # Errors
/// A refusal when it is no draft any more.
pub async fn page(context: &Context, id: Option<CallId>) -> Answer {
    let row = match id {
        Some(id) => {
            let row = super::service::load(context.edges.db.read(), id).await?;
            if row.stage != CallStage::Draft {
                return Err(Error::refused("refused-call-fixed"));
            }
            Some(row)
        }
        None => None,
    };
    let row = row.as_ref();
    let (name, action, back) = match row {
        Some(row) => ("call-revise", format!("/calls/{}/revise", row.id), format!("/calls/{}", row.id)),
        None => ("call-new", "/calls".to_owned(), "/calls".to_owned()),
    };
    let act = Act::new(context, name, action, back).under(&[(context.t("calls-title"), "/calls")]);
    let act = match row {
        Some(row) => act.hidden("version", row.version.to_string()),
        None => act,
    };
    let act = about(context, act, row).await?;
    let act = plans(context, conditions::fields(context, act, row), row);
    act.answer(context, "calls")
}

async fn about(context: &Context, act: Act, row: Option<&call::Model>) -> Result<Act> {
    let text = |pick: fn(&call::Model) -> &String| row.map(pick).cloned().unwrap_or_default();
    let chosen = |choices: Vec<Choice>, value: Option<String>| Choice::chosen(choices, &value.unwrap_or_default());
    let kinds = Choice::words(context, "call-kind", CallKind::ALL.iter().map(|kind| kind.as_str()));
    let kind = row.map_or(CallKind::Open, |row| row.kind).as_str().to_owned();
    let becomes = Choice::words(context, "award-becomes", AwardKind::ALL.iter().map(|kind| kind.as_str()));
    let award_kind = row.map_or(AwardKind::Project, |row| row.award_kind);
    let [funds, needs, programmes] = offered(context).await?;
    let [forms, reports, evaluations] = forms(context).await?;
    let concepts = concepts(context).await?;
    let money = |minor: i64, row: &call::Model| plain(minor, row);
    Ok(act
        .ask(context, "text", "title_zh")
        .value(text(|row| &row.title_zh))
        .ask(context, "text", "title_en")
        .value(text(|row| &row.title_en))
        .optional()
        .ask(context, "area", "summary_zh")
        .value(text(|row| &row.summary_zh))
        .ask(context, "area", "summary_en")
        .value(text(|row| &row.summary_en))
        .optional()
        .ask_choice(context, "kind", Choice::chosen(kinds, &kind))
        .ask_choice(
            context,
            "programme",
            chosen(programmes, row.and_then(|row| row.programme_id.map(|id| id.to_string()))),
        )
        .labelled(context.t("field-call-programme"))
        .optional()
        .ask(context, "text", "round")
        .value(text(|row| &row.round))
        .optional()
        .ask_choice(
            context,
            "concept",
            chosen(concepts, row.and_then(|row| row.concept_call_id.map(|id| id.to_string()))),
        )
        .optional()
        .ask(context, "text", "category")
        .labelled(context.t("field-call-category"))
        .value(text(|row| &row.category))
        .optional()
        .ask_choice(context, "award_kind", Choice::chosen(becomes, award_kind.as_str()))
        .ask_choice(context, "fund", chosen(funds, row.map(|row| row.fund_id.to_string())))
        .ask_choice(context, "need", chosen(needs, row.and_then(|row| row.need_id.map(|id| id.to_string()))))
        .optional()
        .ask(context, "text", "cap")
        .value(row.map(|row| money(row.cap_minor, row)).unwrap_or_default())
        .ask(context, "text", "envelope")
        .value(row.map(|row| money(row.envelope_minor, row)).unwrap_or_default())
        .ask(context, "text", "area")
        .value(text(|row| &row.area))
        .ask(context, "moment", "opens_at")
        .value(row.map(|row| local(context, row.opens_at)).unwrap_or_default())
        .ask(context, "moment", "closes_at")
        .value(row.map(|row| local(context, row.closes_at)).unwrap_or_default())
        .ask_choice(context, "form_version", chosen(forms, row.map(|row| row.form_version_id.to_string())))
        .ask_choice(
            context,
            "report_form",
            chosen(reports, row.and_then(|row| row.report_form_version_id.map(|id| id.to_string()))),
        )
        .optional()
        .ask_choice(
            context,
            "evaluation_form",
            chosen(evaluations, row.and_then(|row| row.evaluation_form_version_id.map(|id| id.to_string()))),
        )
        .optional())
}

/// An amount as it is typed.
fn plain(minor: i64, row: &call::Model) -> String {
    let text = Money::new(minor, row.currency.0).format("en");
    text.chars().filter(|sign| sign.is_ascii_digit() || *sign == '.').collect()
}

/// Versions of forms by what they are for: of bids, of reports, of evaluations.
async fn forms(context: &Context) -> Result<[Vec<Choice>; 3]> {
    let db = context.edges.db.read();
    let versions = form_version::Entity::find().order_by_desc(form_version::Column::Id).limit(OFFERED).all(db).await?;
    let forms =
        form::Entity::find().filter(form::Column::Id.is_in(versions.iter().map(|row| row.form_id))).all(db).await?;
    let none = || vec![Choice::new("", context.t("call-none"))];
    let mut lists = [Vec::new(), none(), none()];
    for version in &versions {
        let Some(form) = forms.iter().find(|form| form.id == version.form_id) else { continue };
        let place = match form.purpose {
            FormPurpose::Application | FormPurpose::Concept => 0,
            FormPurpose::Report => 1,
            FormPurpose::Evaluation => 2,
        };
        lists[place].push(Choice::new(version.id, format!("{} {}", form.name, version.version)));
    }
    Ok(lists)
}

/// What may be chosen: funds, needs, programmes.
async fn offered(context: &Context) -> Result<[Vec<Choice>; 3]> {
    let db = context.edges.db.read();
    let funds = fund::Entity::find()
        .filter(fund::Column::Stage.is_in([FundStage::Approved, FundStage::Active]))
        .order_by_desc(fund::Column::Id)
        .limit(OFFERED)
        .all(db)
        .await?;
    let needs = need::Entity::find()
        .filter(need::Column::Stage.eq(NeedStage::Listed))
        .order_by_desc(need::Column::Id)
        .limit(OFFERED)
        .all(db)
        .await?;
    let programmes = programme::Entity::find()
        .filter(programme::Column::Stage.eq(ProgrammeStage::Running))
        .order_by_desc(programme::Column::Id)
        .limit(OFFERED)
        .all(db)
        .await?;
    let none = || vec![Choice::new("", context.t("call-none"))];
    let mut lists = [Vec::new(), none(), none()];
    let [fund_list, need_list, programme_list] = &mut lists;
    fund_list.extend(funds.iter().map(|row| Choice::new(row.id, context.pick(&row.name_zh, &row.name_en))));
    need_list.extend(needs.iter().map(|row| Choice::new(row.id, context.pick(&row.title_zh, &row.title_en))));
    programme_list.extend(programmes.iter().map(|row| Choice::new(row.id, context.pick(&row.name_zh, &row.name_en))));
    Ok(lists)
}

/// Calls for concept notes from which a call for proposals may invite, the newest.
async fn concepts(context: &Context) -> Result<Vec<Choice>> {
    let db = context.edges.db.read();
    let forms =
        form::Entity::find().filter(form::Column::Purpose.eq(FormPurpose::Concept)).limit(OFFERED).all(db).await?;
    let versions: Vec<FormVersionId> = form_version::Entity::find()
        .filter(form_version::Column::FormId.is_in(forms.iter().map(|row| row.id)))
        .order_by_desc(form_version::Column::Id)
        .limit(OFFERED)
        .select_only()
        .column(form_version::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    let calls = call::Entity::find()
        .filter(call::Column::FormVersionId.is_in(versions))
        .filter(call::Column::CheckedBy.is_not_null())
        .order_by_desc(call::Column::Id)
        .limit(OFFERED)
        .all(db)
        .await?;
    let mut list = vec![Choice::new("", context.t("call-none"))];
    list.extend(calls.iter().map(|row| Choice::new(row.id, context.pick(&row.title_zh, &row.title_en))));
    Ok(list)
}

fn percent(bps: i64) -> String {
    crate::core::money::format_bps(bps).trim_end_matches('%').to_owned()
}

fn plans(context: &Context, act: Act, row: Option<&call::Model>) -> Act {
    let number = |n: usize| n.to_string();
    let label = |key: &str, n: usize| context.t_with(key, &[("n", &number(n + 1))]);
    let heads = row.map_or_else(|| "material, labour".to_owned(), |row| codes(&row.budget_heads).join(", "));
    let negative = row.map_or_else(|| "cash".to_owned(), |row| codes(&row.negative_list).join(", "));
    let methods = Choice::words(context, "call-method", ScoringMethod::ALL.iter().map(|method| method.as_str()));
    let method = row.map_or(ScoringMethod::TrimmedMean, |row| row.method);
    let days = |pick: fn(&call::Model) -> i32, usual: i32| row.map_or(usual, pick).to_string();
    let mut act = act
        .ask(context, "text", "budget_heads")
        .value(heads)
        .ask(context, "text", "negative_list")
        .value(negative)
        .optional()
        .ask_choice(context, "method", Choice::chosen(methods, method.as_str()))
        .ask(context, "number", "reviews_required")
        .value(days(|row| row.reviews_required, 3))
        .ask(context, "number", "notice_days")
        .value(days(|row| row.notice_days, 5))
        .ask(context, "number", "appeal_days")
        .value(days(|row| row.appeal_days, 5));
    let rubric = row.map(rubric_of).unwrap_or_default();
    for place in 0..CRITERIA {
        let kept = rubric.get(place);
        let text = |pick: fn(&Criterion) -> String| kept.map(pick).unwrap_or_default();
        for (column, key, value) in [
            ("id", "field-call-criterion-id", text(|c| c.id.clone())),
            ("label_zh", "field-call-criterion-zh", text(|c| c.label_zh.clone())),
            ("label_en", "field-call-criterion-en", text(|c| c.label_en.clone())),
            ("weight", "field-call-criterion-weight", text(|c| percent(c.weight))),
            ("max", "field-call-criterion-max", text(|c| c.max.to_string())),
        ] {
            act = act.ask(context, "text", &format!("rubric.{place}.{column}")).labelled(label(key, place));
            act = act.value(value).optional();
        }
    }
    let usual = || {
        let one = |share_bps, gate| PlannedTranche { share_bps, gates: vec![gate] };
        vec![one(5_000, Gate::Signature), one(4_000, Gate::MidTermEvaluation), one(1_000, Gate::FinalReport)]
    };
    let tranches = row.map_or_else(usual, tranches_of);
    for place in 0..TRANCHES {
        let kept = tranches.get(place);
        let share = kept.map(|tranche| percent(tranche.share_bps)).unwrap_or_default();
        let gate = kept.and_then(|tranche| tranche.gates.first()).map_or("", |gate| gate.as_str());
        let gates = Choice::words(context, "call-gate", Gate::ALL.iter().map(|gate| gate.as_str()));
        act = act
            .ask(context, "text", &format!("tranches.{place}.share"))
            .labelled(label("field-call-tranche-share", place))
            .value(share)
            .optional()
            .ask_choice(context, &format!("tranches.{place}.gate"), Choice::chosen(gates, gate))
            .labelled(label("field-call-tranche-gate", place))
            .optional();
    }
    let due = |kind: &str, usual: &str| {
        let kept = |row| {
            reports_of(row).iter().find(|report| report.kind == kind).map(|report| report.due_after_days.to_string())
        };
        row.map_or_else(|| usual.to_owned(), |row| kept(row).unwrap_or_default())
    };
    act.ask(context, "number", "mid_days")
        .value(due("mid_term", "120"))
        .optional()
        .ask(context, "number", "final_days")
        .value(due("final", "240"))
}

/// Reads the form of a new call, or of a draft.
///
/// # Errors
/// By the field, everything that cannot be read.
pub async fn read(context: &Context, posted: &Posted, id: Option<CallId>) -> Result<Drafted> {
    let before = match id {
        Some(id) => Some(super::service::load(context.edges.db.read(), id).await?),
        None => None,
    };
    let before = before.as_ref();
    let fund = posted.id::<FundId>("fund");
    let currency = fund::Entity::find_by_id(fund).one(context.edges.db.read()).await?.map(|fund| fund.currency);
    let currency = currency.unwrap_or(entities::kinds::Currency::CNY);
    let zone = context.edges.config.zone;
    let number = |field: &str, least: i64, most: i64| i32::try_from(posted.number(field, least, most)).unwrap_or(0);
    let drafted = Drafted {
        programme: posted.optional_id("programme"),
        fund,
        need: posted.optional_id("need"),
        kind: posted.word("kind", CallKind::parse, CallKind::Open),
        round: posted.optional("round", TITLE),
        concept: posted.optional_id("concept"),
        sealed: posted.ticked("sealed"),
        category: posted.optional("category", TITLE),
        award_kind: posted.word("award_kind", AwardKind::parse, AwardKind::Project),
        title_zh: posted.optional("title_zh", TITLE),
        title_en: posted.optional("title_en", TITLE),
        summary_zh: posted.optional("summary_zh", PROSE),
        summary_en: posted.optional("summary_en", PROSE),
        cap_minor: posted.money("cap", currency),
        envelope_minor: posted.money("envelope", currency),
        area: posted.text("area", TITLE),
        eligibility: conditions::read(posted, before),
        rubric: read_rubric(posted),
        method: posted.word("method", ScoringMethod::parse, ScoringMethod::Mean),
        blind: posted.ticked("blind"),
        named_after_review: posted.ticked("named_after_review"),
        reviews_required: number("reviews_required", 1, 50),
        budget_heads: split(posted, "budget_heads"),
        negative_list: split(posted, "negative_list"),
        tranche_plan: read_tranches(posted),
        reporting_plan: read_reports(posted),
        form_version: posted.id::<FormVersionId>("form_version"),
        report_form: posted.optional_id("report_form"),
        evaluation_form: posted.optional_id("evaluation_form"),
        notice_days: number("notice_days", 1, 60),
        appeal_days: number("appeal_days", 1, 60),
        host_allowed: posted.ticked("host_allowed"),
        opens_at: posted.moment("opens_at", zone),
        closes_at: posted.moment("closes_at", zone),
    };
    posted.well()?;
    Ok(drafted)
}

/// Codes separated by commas, Chinese or not.
fn split(posted: &Posted, field: &str) -> Vec<String> {
    let text = posted.optional(field, PROSE);
    let parts = text.split([',', '，', '、']).map(|part| part.trim().to_owned());
    let mut codes: Vec<String> = Vec::new();
    for part in parts.filter(|part| !part.is_empty()) {
        if !codes.contains(&part) {
            codes.push(part);
        }
    }
    codes
}

fn share(posted: &Posted, field: &str) -> i64 {
    percent_bps(posted.raw(field)).unwrap_or_else(|error| {
        posted.wrong(Violation::at(field, error.code()));
        0
    })
}

fn read_rubric(posted: &Posted) -> Vec<Criterion> {
    let rows = posted.rows("rubric");
    let criterion = |n: &usize| Criterion {
        id: posted.text(&format!("rubric.{n}.id"), 40),
        label_zh: posted.optional(&format!("rubric.{n}.label_zh"), TITLE),
        label_en: posted.optional(&format!("rubric.{n}.label_en"), TITLE),
        weight: share(posted, &format!("rubric.{n}.weight")),
        max: posted.number(&format!("rubric.{n}.max"), 1, 1_000),
        comment_required: false,
    };
    rows.iter().map(criterion).collect()
}

/// A row without a share is left out: its gate always has some choice.
fn read_tranches(posted: &Posted) -> Vec<PlannedTranche> {
    let gate = |word: &str| Gate::ALL.iter().copied().find(|gate| gate.as_str() == word);
    let rows = posted.rows("tranches");
    rows.iter()
        .filter(|n| !posted.raw(&format!("tranches.{n}.share")).trim().is_empty())
        .map(|n| PlannedTranche {
            share_bps: share(posted, &format!("tranches.{n}.share")),
            gates: gate(posted.raw(&format!("tranches.{n}.gate"))).into_iter().collect(),
        })
        .collect()
}

fn read_reports(posted: &Posted) -> Vec<PlannedReport> {
    let mut plan = Vec::new();
    if !posted.raw("mid_days").trim().is_empty() {
        plan.push(PlannedReport { kind: "mid_term".into(), due_after_days: posted.number("mid_days", 1, 3_650) });
    }
    plan.push(PlannedReport { kind: "final".into(), due_after_days: posted.number("final_days", 1, 3_650) });
    plan
}
