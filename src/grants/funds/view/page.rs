//! The page of one fund, the signature page of the house.

use super::tone;
use crate::commons::events;
use crate::error::Error;
use crate::grants::funds::rules::{FUND, takes_gifts};
use crate::ledger::balances::Flow;
use crate::people::permission::Context;
use crate::web::page::{Answer, Page};
use crate::web::parts::{ActLink, Chip, Crumb, EntryHeads, EntryRow, Fact, FlowBar, Step};
use crate::web::sheet::{Block, act_links, history, stage_text};
use entities::fund;
use entities::kinds::{FundId, FundKind, FundStage, FundraisingMode, ProposalKind, Role, Scope, Subject};
use serde::Serialize;
use snapshot::Snapshot;

mod entries;
mod reached;
mod snapshot;
mod story;
mod yearly;

/// Entries shown at once: a phone's screen or two. As many again and more are folded away, see [`entries`].
const AT_ONCE: usize = 12;
/// Events shown.
const HISTORY: u64 = 20;

/// What `funds/show.html` receives.
#[derive(Debug, Clone, Serialize)]
pub struct FundPage {
    /// Way back.
    pub crumbs: Vec<Crumb>,
    /// Name in the reader's language.
    pub title: String,
    /// Name in the other language, or `""`.
    pub other_name: String,
    /// Where it stands.
    pub chip: Chip,
    /// What it is for.
    pub sentence: String,
    /// Title of "what now", `""` for nothing.
    pub now_title: String,
    /// Its text.
    pub now_text: String,
    /// Acts offered.
    pub now_acts: Vec<ActLink>,
    /// Reasons of the holds that stand.
    pub held: Vec<String>,
    /// The flow bar.
    pub bar: FlowBar,
    /// What stands beside the cash.
    pub beside: Vec<String>,
    /// The last entries of the books.
    pub entries: Vec<EntryRow>,
    /// Those before them, folded away.
    pub earlier: Vec<EntryRow>,
    /// Their heads.
    pub heads: EntryHeads,
    /// Where all entries are.
    pub all_href: String,
    /// From need to tranche.
    pub steps: Vec<Step>,
    /// More in the work column.
    pub main: Vec<Block>,
    /// More in the side column.
    pub aside: Vec<Block>,
}

impl FundPage {
    /// Samples for the test that renders every view: full and empty.
    pub fn samples(context: &Context) -> Vec<Self> {
        let flow = Flow { received_minor: 2, paid_minor: 1, available_minor: 1, ..Flow::default() };
        let currency = entities::kinds::Currency::CNY;
        let empty = Self {
            crumbs: vec![Crumb { label: "c".into(), href: "/funds".into() }],
            title: "t".into(),
            other_name: String::new(),
            chip: Chip { text: "s".into(), tone: "ok" },
            sentence: "s".into(),
            now_title: String::new(),
            now_text: String::new(),
            now_acts: Vec::new(),
            held: Vec::new(),
            bar: FlowBar::new(context, Flow::default(), currency),
            beside: Vec::new(),
            entries: Vec::new(),
            earlier: Vec::new(),
            heads: EntryHeads::new(context),
            all_href: "/ledger?fund=1".into(),
            steps: Vec::new(),
            main: Vec::new(),
            aside: Vec::new(),
        };
        let entry = EntryRow {
            date: "d".into(),
            what: "w".into(),
            voucher: "V-000001".into(),
            href: "/ledger/V-000001".into(),
            amount_text: "+1".into(),
            incoming: true,
        };
        let step =
            Step { state: "now", title: "t".into(), detail: "d".into(), href: String::new(), date: String::new() };
        let full = Self {
            other_name: "o".into(),
            now_title: "n".into(),
            now_text: "t".into(),
            now_acts: vec![ActLink { href: "/x".into(), text: "x".into(), tone: "" }],
            held: vec!["h".into()],
            bar: FlowBar::new(context, flow, currency),
            beside: vec!["b".into()],
            entries: vec![entry.clone()],
            earlier: vec![entry],
            steps: vec![step],
            main: vec![Block::Prose { title: "t".into(), text: "p".into() }],
            aside: vec![Block::Facts { title: "t".into(), items: vec![Fact::new("a", "b")] }],
            ..empty.clone()
        };
        vec![full, empty]
    }
}

/// One fund.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn show(context: &Context, id: FundId) -> Answer {
    let db = context.edges.db.read();
    let fund =
        context.edges.kept.read(&context.edges.db, format!("fund {id}"), Snapshot::load(context, db, id)).await?;
    let row = &fund.row;
    let partner = fund.initiators.iter().any(|one| context.actor.belongs_to(one.row.organisation_id));
    if !super::seen_by(context, row) && !partner {
        return Err(Error::NotFound);
    }
    let title = context.pick(&row.name_zh, &row.name_en);
    let other = if title == row.name_zh { row.name_en.clone() } else { row.name_zh.clone() };
    let (now_text, now_acts) = now(context, row);
    let insider = partner || context.actor.is_staff() || context.actor.belongs_to(row.initiator_id);
    let mut aside = vec![facts(context, &fund)];
    aside.extend(fund.reached.tell(context));
    aside.extend(yearly::rates(context, &fund));
    if insider {
        if context.actor.is_staff() || context.actor.belongs_to(row.initiator_id) {
            aside.extend(super::leaving::decided(context, id).await?);
        }
        aside.push(history(context, "fund", &events::history(db, Subject::Fund, id.0, HISTORY).await?));
    }
    let mut entries = fund.entries.tell(context, row);
    let earlier = entries.split_off(entries.len().min(AT_ONCE));
    let view = FundPage {
        crumbs: vec![Crumb { label: context.t("funds-title"), href: "/funds".into() }],
        title,
        other_name: other,
        chip: Chip { text: stage_text(context, "fund", row.stage.as_str()), tone: tone(row.stage) },
        sentence: context.pick(&row.purpose_zh, &row.purpose_en),
        now_title: if now_acts.is_empty() && now_text.is_empty() { String::new() } else { context.t("fund-give") },
        now_text,
        now_acts,
        // The reason is for those concerned; everybody else reads that no money moves.
        held: fund
            .standing
            .iter()
            .map(|hold| if insider { hold.reason.clone() } else { context.t("fund-held-public") })
            .collect(),
        bar: FlowBar::new(context, fund.flow, row.currency),
        beside: beside(context, &fund),
        entries,
        earlier,
        heads: EntryHeads::new(context),
        all_href: format!("/ledger?fund={id}"),
        steps: fund.story.tell(context, row, fund.flow),
        main: yearly::shares(context, &fund)
            .into_iter()
            .chain(yearly::tables(context, &fund))
            .chain(work(context, &fund))
            .collect(),
        aside,
    };
    Page::new(context, "funds/show.html", "funds", &view)?.answer()
}

/// What may be given, and by whom.
fn now(context: &Context, row: &fund::Model) -> (String, Vec<ActLink>) {
    if !takes_gifts(row.stage) {
        return (String::new(), Vec::new());
    }
    let text = match row.mode {
        FundraisingMode::Public => context.t("fund-give-public"),
        FundraisingMode::Targeted => context.t("fund-give-targeted"),
        FundraisingMode::None => context.t("fund-give-none"),
    };
    let link = |act: &str, tone| ActLink {
        href: format!("/funds/{}/gifts/{act}", row.id),
        text: context.t(&format!("act-gift-{act}-button")),
        tone,
    };
    let gives = row.mode != FundraisingMode::None && super::signs(context);
    let online = ActLink {
        href: format!("/orders/new?fund={}", row.id),
        text: context.t("act-order-begin-button"),
        tone: "quiet",
    };
    // Public money comes by the designated platform; here only donors we know pay.
    let pays =
        context.actor.person.is_some() && context.edges.stripe.is_some() && row.mode == FundraisingMode::Targeted;
    let mut acts = if gives {
        let promise = |act: &str, text: &str| ActLink {
            href: format!("/funds/{}/promises/{act}", row.id),
            text: context.t(text),
            tone: "quiet",
        };
        let (sum, share) = (promise("sum", "act-plan-sum-button"), promise("share", "act-plan-share-button"));
        vec![link("pledge", ""), sum, share, link("offer", "quiet")]
    } else if context.actor.person.is_none() && row.mode != FundraisingMode::None {
        let href = format!("/sign-in?back=/funds/{}", row.id);
        vec![ActLink { href, text: context.t("fund-give-sign-in"), tone: "" }]
    } else {
        Vec::new()
    };
    acts.extend(pays.then_some(online));
    (text, acts)
}

/// What is given in kind and what is promised: beside the cash, never in it.
fn beside(context: &Context, fund: &Snapshot) -> Vec<String> {
    let lines = [("fund-beside-in-kind", fund.in_kind_minor), ("fund-beside-pledged", fund.pledged_minor)];
    let said = |(key, minor): (&str, i64)| context.t_with(key, &[("amount", &context.money(minor, fund.row.currency))]);
    lines.into_iter().filter(|(_, minor)| *minor > 0).map(said).collect()
}

fn facts(context: &Context, fund: &Snapshot) -> Block {
    let row = &fund.row;
    let fee = crate::core::money::format_bps(i64::from(row.fee_bps));
    let mut items = vec![
        Fact::new(context.t("fund-kind"), context.t(&format!("fund-kind-{}", row.kind))),
        Fact::linked(
            context.t("fund-initiator"),
            fund.initiator.pick(context.locale),
            format!("/organisations/{}", row.initiator_id),
        ),
        Fact::new(context.t("head-community"), row.community.clone()),
        Fact::new(context.t("fund-opening"), context.money(row.opening_minimum_minor, row.currency)),
        Fact::new(context.t("fund-fee"), context.t_with("fund-fee-of-paid", &[("rate", &fee)])),
        Fact::new(context.t("field-processor-fee"), super::acts::bearer(context, row)),
        Fact::new(context.t("fund-mode"), context.t(&format!("fund-mode-{}", row.mode))),
        Fact::new(context.t("fund-residue"), row.residue_rule.clone()),
    ];
    if row.committee_size > 0 {
        let size = row.committee_size.to_string();
        items.push(Fact::linked(context.t("fund-committee"), size, format!("/funds/{}/committee", row.id)));
    }
    if !row.qualification_number.is_empty() {
        items.push(Fact::new(context.t("field-qualification-number"), row.qualification_number.clone()));
    }
    if !row.filing_number.is_empty() {
        items.push(Fact::new(context.t("field-filing-number"), row.filing_number.clone()));
    }
    if let Some(into) = row.merged_into_id {
        items.push(Fact::linked(context.t("fund-merged-into"), context.t("fund-see"), format!("/funds/{into}")));
    }
    items.push(Fact::linked(
        context.t("fund-agreement"),
        context.t("fund-see"),
        format!("/funds/{}/agreement", row.id),
    ));
    items.push(Fact::linked(context.t("fund-promises"), context.t("fund-see"), format!("/funds/{}/promises", row.id)));
    items.push(Fact::linked(context.t("fund-pools"), context.t("fund-see"), format!("/funds/{}/pools", row.id)));
    Block::Facts { title: context.t("facts-title"), items }
}

/// What is done with the fund's gifts: recorded by finance, read by staff.
fn gift_links(context: &Context, row: &fund::Model, base: &str) -> Vec<ActLink> {
    let mut items = Vec::new();
    if context.actor.has(Role::FinanceOfficer) && takes_gifts(row.stage) {
        for act in ["record", "offer", "import"] {
            let text = context.t(&format!("act-gift-{act}-button"));
            items.push(ActLink { href: format!("{base}/gifts/{act}"), text, tone: "quiet" });
        }
    }
    if context.actor.is_staff() {
        items.push(ActLink { href: format!("{base}/gifts"), text: context.t("gifts-of-fund"), tone: "quiet" });
    }
    items
}

/// What staff and the initiator can do with the fund now.
fn work(context: &Context, fund: &Snapshot) -> Vec<Block> {
    let (row, standing) = (&fund.row, &fund.standing);
    let base = format!("/funds/{}", row.id);
    let parts = context.actor.parts(Some(row.initiator_id));
    let mut acts = FUND.offers(row.stage, &parts);
    let admin = context.actor.has(Role::Administrator);
    let own = parts.contains(&crate::core::lifecycle::Part::Signatory);
    if row.stage == FundStage::Draft && own {
        acts.push("revise");
        if row.kind == FundKind::Joint {
            acts.push("shares");
        }
    }
    if own && !super::super::service::is_over(row.stage) {
        acts.push("budget");
    }
    if row.stage == FundStage::Approved {
        if own && row.initiator_signed_by.is_none() {
            acts.push("sign-initiator");
        }
        if admin && row.foundation_signed_by.is_none() {
            acts.push("sign-foundation");
        }
        if fund.initiators.iter().any(|one| super::joint::signs_as_partner(context, row, &one.row)) {
            acts.push("sign-partner");
        }
    }
    if admin && takes_gifts(row.stage) {
        acts.extend(["amend-filing", "rename", "freeze"]);
    }
    let watches = context.actor.grant(Role::Supervisor, Scope::Fund, Some(row.id.0)).is_some();
    if watches && !super::super::service::is_over(row.stage) {
        acts.push("supervise");
    }
    if !standing.is_empty() && (admin || watches) {
        acts.push("lift-hold");
    }
    if admin && standing.iter().any(|hold| hold.answer_due_on.is_some() && hold.answer.is_empty()) {
        acts.push("answer-hold");
    }
    // A proposed act is confirmed or declined, not proposed again.
    for (kind, act, confirm) in [
        (ProposalKind::Merge, "merge", "confirm-merge"),
        (ProposalKind::Closing, "close", "confirm-close"),
        (ProposalKind::Rename, "rename", "confirm-rename"),
        (ProposalKind::FundBudget, "budget", "confirm-budget"),
    ] {
        let Some(open) = fund.open.iter().find(|open| open.kind == kind) else { continue };
        let offered = acts.contains(&act)
            || (act == "close" && context.actor.has(Role::Approver))
            || (act == "budget" && context.actor.has(Role::ProgrammeOfficer));
        acts.retain(|name| *name != act);
        let theirs = act != "budget" || context.actor.has(Role::ProgrammeOfficer);
        if offered && theirs && Some(open.proposed_by) != context.actor.person {
            acts.push(confirm);
        }
    }
    if !context.actor.has(Role::FinanceOfficer) {
        acts.retain(|act| *act != "close");
    }
    let mut items = act_links(context, "fund", &base, &acts, &["decline", "freeze", "supervise"]);
    items.extend(gift_links(context, row, &base));
    if items.is_empty() { Vec::new() } else { vec![Block::Acts { title: context.t("work-title"), items }] }
}
