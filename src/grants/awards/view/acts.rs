//! Which acts on an award its reader is offered: the lifecycle's, with the halves of two-person acts kept apart.

use super::super::closing;
use super::super::repayments;
use super::super::rules::{AWARD, PAIRS, Pair, breached, finished, payable, takes_back};
use super::super::service::{bans, cases, evaluates, seeds};
use crate::core::lifecycle::Part;
use crate::error::Result;
use crate::people::permission::Context;
use crate::web::parts::ActLink;
use entities::kinds::{AwardKind, AwardStage, ProposalStage, Subject};
use entities::{award, proposal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// The acts as buttons, the first of them the strongest.
pub(super) fn links(context: &Context, row: &award::Model, acts: &[&'static str]) -> Vec<ActLink> {
    let mut links: Vec<ActLink> = acts
        .iter()
        .enumerate()
        .map(|(place, act)| ActLink {
            href: format!("/awards/{}/{act}", row.id),
            text: context.t(&format!("act-award-{act}-button")),
            tone: match *act {
                "decline" | "terminate" | "confirm-termination" | "suspend" | "confirm-ban" => "stop",
                _ if place == 0 => "",
                _ => "quiet",
            },
        })
        .collect();
    links.push(ActLink {
        href: format!("/awards/{}/agreement", row.id),
        text: context.t("award-agreement-see"),
        tone: "quiet",
    });
    links
}

/// The acts the reader is offered: what the lifecycle allows their parts, the halves of two-person acts kept apart.
///
/// # Errors
/// When the database cannot be read.
pub async fn acts(context: &Context, row: &award::Model) -> Result<Vec<&'static str>> {
    let parts = context.actor.parts(Some(row.organisation_id));
    let has = |part: Part| parts.contains(&part);
    let db = context.edges.db.read();
    // The two-person acts of the table have their own names below.
    let mut acts = AWARD.offers(row.stage, &parts);
    acts.retain(|act| !matches!(*act, "terminate" | "close"));
    acts.extend(of_two(context, row, &parts).await?);
    let live = payable(row.stage);
    let evaluator = match context.actor.person {
        Some(person) => evaluates(db, person, row.id).await?,
        None => false,
    };
    let accepted = row.stage == AwardStage::Accepted;
    let opens = seeds::may_open(db, row).await?;
    let more = [
        ("sign", accepted && has(Part::Signatory) && row.grantee_signed_by.is_none()),
        ("countersign", accepted && has(Part::Administrator) && row.foundation_signed_by.is_none()),
        ("request-change", row.stage == AwardStage::Active && has(Part::Signatory)),
        ("assign-evaluation", live && has(Part::Officer)),
        ("ask-report", live && has(Part::Officer)),
        ("mentor", live && (has(Part::Officer) || evaluator)),
        ("publish-case", has(Part::Officer) && case_due(context, row).await?),
        ("open-seed-fund", opens && has(Part::Signatory)),
        ("name-seed-fund", row.kind == AwardKind::SeedFund && row.seed_fund_id.is_none() && has(Part::Administrator)),
    ];
    acts.extend(more.into_iter().filter(|(_, offered)| *offered).map(|(act, _)| act));
    Ok(acts)
}

/// Whether the case may be told and is not told yet.
async fn case_due(context: &Context, row: &award::Model) -> Result<bool> {
    let db = context.edges.db.read();
    Ok(finished(row.stage)
        && cases::final_report(db, row.id).await?.is_some()
        && cases::of(db, row.id).await?.is_none())
}

/// The halves of two-person acts that are the reader's now.
async fn of_two(context: &Context, row: &award::Model, parts: &[Part]) -> Result<Vec<&'static str>> {
    let db = context.edges.db.read();
    let open = proposal::Entity::find()
        .filter(proposal::Column::Subject.eq(Subject::Award))
        .filter(proposal::Column::SubjectId.eq(row.id.0))
        .filter(proposal::Column::Stage.eq(ProposalStage::Open))
        .all(db)
        .await?;
    let residue = closing::residue(db, row.id).await?.is_some_and(|row| row.published_at.is_none());
    let owes = takes_back(row.stage) && repayments::owed(db, row).await? > 0;
    let barrable = breached(row.stage, row.grade.as_deref()) && bans::of_award(db, row.id).await?.is_empty();
    let starts = |act: &str| AWARD.moves.iter().any(|m| m.from == row.stage && m.act == act);
    let in_time = |pair: &Pair| match pair.propose {
        "terminate" => starts("terminate"),
        "propose-close" => starts("close"),
        "propose-residue" => residue,
        "propose-repayment" => owes,
        "propose-ban" => barrable,
        _ => payable(row.stage),
    };
    let mut acts = Vec::new();
    for pair in PAIRS.iter().filter(|pair| in_time(pair)) {
        match open.iter().find(|row| row.kind == pair.kind) {
            None if parts.contains(&pair.first) => acts.push(pair.propose),
            None => {}
            Some(row) if Some(row.proposed_by) == context.actor.person => acts.push(pair.decline),
            Some(_) if parts.contains(&pair.second) => acts.extend([pair.confirm, pair.decline]),
            Some(_) => {}
        }
    }
    Ok(acts)
}
