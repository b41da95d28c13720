//! The pages of acts on a fund, and the agreement as a page to print.

use super::joint::{self, percent};
use super::visible;
use crate::commons::{holds, proposals};
use crate::core::money::decimal;
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result};
use crate::grants::funds::rules::Terms;
use crate::grants::funds::service::agreement;
use crate::people::organisations;
use crate::people::permission::{Administrator, Approver, Context, Finance, Officer, Supervisor};
use crate::web::page::Answer;
use crate::web::papers;
use crate::web::parts::{Choice, Fact};
use crate::web::sheet::{Act, Block, Sheet};
use entities::fund;
use entities::kinds::{
    Currency, FundId, FundKind, FundStage, FundraisingMode, MemberRole, ProposalKind, SpendingType, Subject,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// The page that drafts a fund.
///
/// # Errors
/// When the database cannot be read.
pub async fn draft(context: &Context) -> Answer {
    let mine = context.actor.memberships.iter().filter(|m| m.role == MemberRole::Signatory);
    let mine = organisations::names(context, mine.map(|m| m.organisation_id)).await?;
    let mine = mine.into_iter().map(|(id, name)| Choice::new(id, name)).collect();
    let act = Act::new(context, "fund-draft", "/funds", "/funds").ask_choice(context, "organisation", mine);
    drafted(context, act, None).answer(context, "funds")
}

/// The fields of a draft, filled from a row.
fn drafted(context: &Context, act: Act, row: Option<&fund::Model>) -> Act {
    let of = |pick: fn(&fund::Model) -> String| row.map(pick).unwrap_or_default();
    let currency = row.map_or(Currency::CNY, |row| row.currency);
    let exponent = u32::from(crate::core::money::exponent_of(currency.0));
    let opening = row.map_or_else(String::new, |row| decimal(row.opening_minimum_minor, exponent));
    let kinds = Choice::words(context, "fund-kind", FundKind::ALL.iter().map(|kind| kind.as_str()));
    let modes = Choice::words(context, "fund-mode", FundraisingMode::ALL.iter().map(|mode| mode.as_str()));
    let spendings = Choice::words(context, "fund-spending", SpendingType::ALL.iter().map(|kind| kind.as_str()));
    let resolutions = Choice::words(context, "fund-resolution", ["free", "needed"]);
    let bearers = Choice::words(context, "fund-processor-fee", ["foundation", "fund"]);
    let bearer = if row.is_some_and(|row| row.bears_processor_fee) { "fund" } else { "foundation" };
    let needed = if row.is_some_and(|row| row.needs_resolution) { "needed" } else { "free" };
    act.ask(context, "text", "name_zh")
        .value(of(|row| row.name_zh.clone()))
        .ask(context, "text", "name_en")
        .value(of(|row| row.name_en.clone()))
        .optional()
        .ask(context, "area", "purpose_zh")
        .value(of(|row| row.purpose_zh.clone()))
        .ask(context, "area", "purpose_en")
        .value(of(|row| row.purpose_en.clone()))
        .optional()
        .ask_choice(context, "kind", Choice::chosen(kinds, &of(|row| row.kind.to_string())))
        .ask(context, "text", "community")
        .value(of(|row| row.community.clone()))
        .optional()
        .ask(context, "text", "area")
        .value(of(|row| row.area.clone()))
        .hidden("currency", currency.code())
        .ask_money(context, "opening_minimum", currency)
        .value(opening)
        .ask(context, "number", "fee_bps")
        .value(row.map_or_else(|| "100".to_owned(), |row| row.fee_bps.to_string()))
        .hint(context.t("fund-fee-hint"))
        .ask_choice(context, "processor_fee", Choice::chosen(bearers, bearer))
        .hint(context.t("fund-processor-fee-hint"))
        .ask_choice(context, "mode", Choice::chosen(modes, &of(|row| row.mode.to_string())))
        .hint(context.t("fund-mode-hint"))
        .ask(context, "text", "qualification_number")
        .value(of(|row| row.qualification_number.clone()))
        .optional()
        .ask(context, "text", "filing_number")
        .value(of(|row| row.filing_number.clone()))
        .optional()
        .ask_choice(context, "spending", Choice::chosen(spendings, &of(|row| row.spending.to_string())))
        .ask(context, "area", "residue_rule")
        .value(of(|row| row.residue_rule.clone()))
        .ask(context, "number", "committee_size")
        .value(row.map_or_else(|| "5".to_owned(), |row| row.committee_size.to_string()))
        .hint(context.t("fund-committee-hint"))
        .ask(context, "text", "quorum_bps")
        .value(percent(row.map_or(Terms::default().quorum_bps, |row| row.quorum_bps)))
        .hint(context.t("fund-quorum-hint"))
        .ask(context, "text", "majority_bps")
        .value(percent(row.map_or(Terms::default().majority_bps, |row| row.majority_bps)))
        .hint(context.t("fund-majority-hint"))
        .ask_choice(context, "needs_resolution", Choice::chosen(resolutions, needed))
        .ask(context, "text", "spend_cap_bps")
        .value(percent(row.map_or(0, |row| row.spend_cap_bps)))
        .hint(context.t("fund-cap-hint"))
}

/// Who bears the processor's fee, in words.
pub(super) fn bearer(context: &Context, row: &fund::Model) -> String {
    context.t(if row.bears_processor_fee { "fund-processor-fee-fund" } else { "fund-processor-fee-foundation" })
}

/// What the board judges: who asks, for what, with which minimum and fee.
async fn judged(context: &Context, row: &fund::Model, page: Act) -> Result<Act> {
    let names = organisations::names(context, [row.initiator_id].into_iter()).await?;
    let initiator = names.get(&row.initiator_id).cloned().unwrap_or_default();
    Ok(page
        .fact(context.t("fund-initiator"), initiator)
        .fact(context.t("fund-title-purpose"), context.pick(&row.purpose_zh, &row.purpose_en))
        .fact(context.t("field-opening-minimum"), context.money(row.opening_minimum_minor, row.currency))
        .fact(context.t("field-mode"), context.t(&format!("fund-mode-{}", row.mode))))
}

/// The page of an act on a fund.
///
/// # Errors
/// [`Error::NotFound`] for an act there is none of.
pub async fn act(context: &Context, id: FundId, act: &str) -> Answer {
    let row = visible(context, id).await?;
    theirs(context, &row, act)?;
    let base = format!("/funds/{id}");
    let name = context.pick(&row.name_zh, &row.name_en);
    let page = Act::new(context, &format!("fund-{act}"), format!("{base}/{act}"), base.clone())
        .under(&[(context.t("funds-title"), "/funds"), (name.clone(), &base)])
        .fact(context.t("head-fund"), name);
    let page = match act {
        "submit" | "sign-foundation" => agreed(context, &row, page).await?,
        "revise" => drafted(context, page.hidden("version", row.version.to_string()), Some(&row)),
        "approve" => judged(context, &row, page).await?.ask(context, "text", "board_minute"),
        "decline" => judged(context, &row, page)
            .await?
            .ask(context, "text", "board_minute")
            .ask(context, "area", "reason")
            .stop(),
        "sign-initiator" => agreed(context, &row, page).await?.ask(context, "text", "typed_name"),
        "amend-filing" => page
            .ask(context, "text", "qualification_number")
            .value(row.qualification_number)
            .ask(context, "text", "filing_number")
            .value(row.filing_number),
        "start-closing" => page.ask(context, "area", "reason"),
        "freeze" | "supervise" => page.ask(context, "area", "reason").stop(),
        "close" => page
            .ask(context, "area", "closing_decision")
            .ask_choice(context, "into", active(context, id).await?)
            .labelled(context.t("fund-into"))
            .optional(),
        "merge" => papers(
            context,
            page.ask_choice(context, "into", active(context, id).await?).labelled(context.t("fund-into")),
        ),
        "rename" => papers(
            context,
            page.ask(context, "text", "name_zh")
                .value(row.name_zh)
                .optional()
                .ask(context, "text", "name_en")
                .value(row.name_en)
                .optional(),
        ),
        "shares" => joint::shares(context, &row, page).await?,
        "sign-partner" => agreed(context, &row, page).await?.ask(context, "text", "typed_name"),
        "budget" => joint::budget(context, &row, page).await?,
        "confirm-budget" => joint::planned(context, &row, page).await?,
        "confirm-merge" => proposed(context, id, ProposalKind::Merge, page).await?,
        "confirm-close" => proposed(context, id, ProposalKind::Closing, page).await?,
        "confirm-rename" => proposed(context, id, ProposalKind::Rename, page).await?,
        "lift-hold" => page.ask_choice(context, "hold", standing(context, id).await?),
        "answer-hold" => page.ask_choice(context, "hold", standing(context, id).await?).ask(context, "area", "answer"),
        _ => return Err(Error::NotFound),
    };
    page.answer(context, "funds")
}

/// The documents of a merger or another name.
fn papers(context: &Context, page: Act) -> Act {
    ["paper_termination", "paper_work", "paper_finance", "paper_payment"]
        .iter()
        .fold(page, |page, paper| page.ask(context, "file", paper))
}

/// Whether the act is of the reader's part: what another is asked to confirm is not for every account to read.
fn theirs(context: &Context, row: &fund::Model, act: &str) -> Result<()> {
    match act {
        "submit" | "revise" | "sign-initiator" | "shares" | "budget" => {
            context.signatory_of(row.initiator_id).map(|_| ())
        }
        "sign-partner" => context.signed_in().map(|_| ()),
        "confirm-budget" => context.role::<Officer>().map(|_| ()),
        "close" => context.role::<Finance>().map(|_| ()),
        "confirm-close" => context.role::<Approver>().map(|_| ()),
        "supervise" => context.role_for_fund::<Supervisor>(row.id).map(|_| ()),
        "lift-hold" if context.role_for_fund::<Supervisor>(row.id).is_ok() => Ok(()),
        _ => context.role::<Administrator>().map(|_| ()),
    }
}

/// Says what is signed: amounts in figures and capitals, and the hash of the text.
async fn agreed(context: &Context, row: &fund::Model, page: Act) -> Result<Act> {
    let text = agreement::agreement_text(context.edges.db.read(), row).await?;
    let opening = context.money(row.opening_minimum_minor, row.currency);
    let capitals = context.capitals(row.opening_minimum_minor, row.currency);
    Ok(page
        .fact(context.t("fund-opening"), format!("{opening} {capitals}"))
        .fact(context.t("fund-hash"), fingerprint(text)))
}

/// Says what the other person proposed, and lets it be confirmed or declined.
async fn proposed(context: &Context, id: FundId, kind: ProposalKind, page: Act) -> Result<Act> {
    let db = context.edges.db.read();
    let open = proposals::open(db, kind, Subject::Fund, id.0).await?.ok_or(Error::NotFound)?;
    let answers = Choice::words(context, "fund-answer", ["confirm", "decline"]);
    let said = |key: &str| open.payload[key].as_str().unwrap_or_default().to_owned();
    let mut page = page.shows(open.id);
    let fields: Vec<(String, String)> = match kind {
        ProposalKind::Merge => Vec::new(),
        ProposalKind::Closing => {
            let mut facts = vec![(context.t("field-closing-decision"), said("decision"))];
            facts.extend(joint::residue(context, id).await?);
            facts
        }
        _ => vec![(context.t("field-name-zh"), said("zh")), (context.t("field-name-en"), said("en"))],
    };
    if let Some(into) = open.payload["into"].as_i64() {
        let other = crate::grants::funds::service::load(db, FundId(into)).await?;
        page = page.fact(context.t("fund-into"), context.pick(&other.name_zh, &other.name_en));
    }
    for (label, value) in fields {
        page = page.fact(label, value);
    }
    page.facts.extend(super::leaving::of_proposal(context, &open)?);
    Ok(page.ask_choice(context, "act", answers).ask(context, "area", "reason").optional())
}

/// Active funds other than this one.
async fn active(context: &Context, but: FundId) -> Result<Vec<Choice>> {
    let rows = fund::Entity::find()
        .filter(fund::Column::Stage.eq(FundStage::Active))
        .filter(fund::Column::Id.ne(but))
        .order_by_desc(fund::Column::Id)
        .limit(200)
        .all(context.edges.db.read())
        .await?;
    let mut choices = vec![Choice::new("", "")];
    choices.extend(rows.iter().map(|row| Choice::new(row.id, context.pick(&row.name_zh, &row.name_en))));
    Ok(choices)
}

async fn standing(context: &Context, id: FundId) -> Result<Vec<Choice>> {
    let rows = holds::standing(context.edges.db.read(), Subject::Fund, id.0).await?;
    Ok(rows.into_iter().map(|row| Choice::new(row.id, row.reason)).collect())
}

/// The agreement as a page to print: the text, the opening amount in capitals, both signatures.
///
/// # Errors
/// [`Error::NotFound`] for what is not the reader's to see.
pub async fn agreement(context: &Context, id: FundId) -> Answer {
    let db = context.edges.db.read();
    let row = visible(context, id).await?;
    let text = agreement::agreement_text(db, &row).await?;
    let base = format!("/funds/{id}");
    let name = context.pick(&row.name_zh, &row.name_en);
    let opening = context.money(row.opening_minimum_minor, row.currency);
    let signed = |at: Option<chrono::DateTime<chrono::Utc>>| {
        at.map_or_else(|| context.t("fund-not-signed"), |at| context.moment(at))
    };
    let hash = if row.agreement_hash.is_empty() { fingerprint(&text) } else { row.agreement_hash.clone() };
    let changed = !row.agreement_hash.is_empty() && row.agreement_hash != fingerprint(&text);
    let items = vec![
        Fact::new(context.t("fund-opening"), opening),
        Fact::new(context.t("fund-capitals"), context.capitals(row.opening_minimum_minor, row.currency)),
        Fact::new(context.t("fund-signed-initiator"), signed(row.initiator_signed_at)),
        Fact::new(context.t("fund-signed-foundation"), signed(row.foundation_signed_at)),
        Fact::new(context.t("field-board-minute"), row.board_minute.clone()),
        Fact::new(context.t("fund-hash"), hash),
    ];
    Sheet::new(context.t("fund-agreement"))
        .under(&[(context.t("funds-title"), "/funds"), (name.clone(), &base)])
        .sentence(if changed { context.t("fund-agreement-renamed") } else { name })
        .with(Block::Prose { title: context.t("fund-agreement-text"), text })
        .beside(papers::offered(context, &format!("{base}/agreement.pdf")).await?)
        .beside(Block::Facts { title: context.t("fund-signatures"), items })
        .answer(context, "funds")
}
