//! The co-building list on the page of its need, and the pages that claim a part of it and take a claim back.

use super::super::service::parts::{claims_of, left_of, load_part, own_claim};
use super::visible;
use crate::error::{Error, Result};
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::page::Answer;
use crate::web::parts::{Choice, Fact};
use crate::web::sheet::{Act, Block, Cell};
use entities::kinds::{MemberRole, NeedClaimId, NeedId, NeedPartId, NeedStage, OrganisationId};
use entities::{need, need_claim, need_part};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Parts of one need that are shown.
const PARTS: u64 = 100;

/// The parts with what is open of each, and who carries how much.
pub(super) async fn blocks(context: &Context, need: &need::Model) -> Result<Vec<Block>> {
    let db = context.edges.db.read();
    let rows = need_part::Entity::find()
        .filter(need_part::Column::NeedId.eq(need.id))
        .order_by_asc(need_part::Column::Id)
        .limit(PARTS)
        .all(db)
        .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<NeedPartId> = rows.iter().map(|row| row.id).collect();
    let claims = claims_of(db, &ids).await?;
    let partners = rows.iter().filter_map(|row| row.claimed_by_id);
    let names = organisations::names(context, partners.chain(claims.iter().map(|claim| claim.organisation_id))).await?;
    let name = |id: OrganisationId| names.get(&id).cloned().unwrap_or_default();
    let open = matches!(need.stage, NeedStage::Listed | NeedStage::Adopted);
    let cells = |row: &need_part::Model| {
        let own: Vec<need_claim::Model> = claims.iter().filter(|claim| claim.part_id == row.id).cloned().collect();
        let left = row.wanted_minor.map(|wanted| left_of(wanted, &own));
        let taken = row.claimed_by_id.map(name);
        let free = open && taken.is_none() && left.is_none_or(|left| left > 0);
        let href = format!("/needs/{}/parts/{}/claim", need.id, row.id);
        let partner = match taken {
            Some(taken) => Cell::text(taken),
            None if free => Cell { text: context.t("need-part-free"), href, class: "" },
            None => Cell::text("—"),
        };
        let wanted = row.wanted_minor.zip(row.currency).zip(left);
        let figures = wanted.map(|((wanted, currency), left)| {
            let args = [("wanted", context.money(wanted, currency)), ("left", context.money(left, currency))];
            context.t_with("need-part-figures", &args.each_ref().map(|(name, text)| (*name, text.as_str())))
        });
        vec![
            Cell::lead(row.label.clone(), ""),
            Cell::text(context.t(&format!("part-kind-{}", row.kind))),
            Cell::text(figures.unwrap_or_default()),
            partner,
        ]
    };
    let mut blocks = vec![Block::Table {
        title: context.t("need-parts"),
        heads: ["head-part", "head-kind", "head-amount", "head-partner"].map(|head| context.t(head)).into(),
        rows: rows.iter().map(cells).collect(),
        empty: String::new(),
    }];
    if !claims.is_empty() {
        let line = |claim: &need_claim::Model| claimed(context, need, &rows, claim, name(claim.organisation_id));
        blocks.push(Block::Table {
            title: context.t("need-claims"),
            heads: ["head-partner", "head-part", "head-date", "head-amount", "head-act"]
                .map(|head| context.t(head))
                .into(),
            rows: claims.iter().map(line).collect(),
            empty: String::new(),
        });
    }
    Ok(blocks)
}

/// One claim; whoever signs for its partner may take it back.
fn claimed(
    context: &Context,
    need: &need::Model,
    parts: &[need_part::Model],
    claim: &need_claim::Model,
    partner: String,
) -> Vec<Cell> {
    let part = parts.iter().find(|part| part.id == claim.part_id);
    let amount = part.and_then(|part| part.currency).map(|currency| context.money(claim.amount_minor, currency));
    let back = if context.signatory_of(claim.organisation_id).is_ok() {
        let href = format!("/needs/{}/claims/{}/withdraw", need.id, claim.id);
        Cell { text: context.t("act-need-withdraw-claim-button"), href, class: "" }
    } else {
        Cell::text("")
    };
    vec![
        Cell::lead(partner, ""),
        Cell::text(part.map(|part| part.label.clone()).unwrap_or_default()),
        Cell::text(context.day(context.day_of(claim.claimed_at))),
        Cell::number(amount.unwrap_or_default()),
        back,
    ]
}

/// The page that claims a part, or so much of it.
///
/// # Errors
/// [`Error::NotFound`] for a need that is not the reader's to see, and a part of another.
pub async fn claim(context: &Context, id: NeedId, part: NeedPartId) -> Answer {
    visible(context, id).await?;
    let db = context.edges.db.read();
    let row = load_part(db, id, part).await?;
    let base = format!("/needs/{id}");
    let signs = context.actor.memberships.iter().filter(|one| one.role == MemberRole::Signatory);
    let mine = organisations::names(context, signs.map(|one| one.organisation_id)).await?;
    let mine = mine.into_iter().map(|(id, name)| Choice::new(id, name)).collect();
    let page = Act::new(context, "need-claim-part", format!("{base}/parts/{part}/claim"), base.clone())
        .fact(context.t("head-part"), row.label.clone())
        .ask_choice(context, "organisation", mine);
    let page = match row.wanted_minor.zip(row.currency) {
        Some((wanted, currency)) => {
            let left = left_of(wanted, &claims_of(db, &[part]).await?);
            let mut page = page;
            page.facts.push(Fact::new(context.t("need-part-left"), context.money(left, currency)));
            page.ask_money(context, "amount", currency)
        }
        None => page,
    };
    page.answer(context, "")
}

/// The page that takes a claim back.
///
/// # Errors
/// [`Error::NotFound`] for another's claim.
pub async fn withdraw(context: &Context, id: NeedId, claim: NeedClaimId) -> Answer {
    visible(context, id).await?;
    let base = format!("/needs/{id}");
    let signs = context.actor.memberships.iter().filter(|one| one.role == MemberRole::Signatory);
    for own in signs {
        if let Ok((row, part)) = own_claim(context.edges.db.read(), id, claim, own.organisation_id).await {
            let amount = part.currency.map(|currency| context.money(row.amount_minor, currency));
            return Act::new(context, "need-withdraw-claim", format!("{base}/claims/{claim}/withdraw"), base.clone())
                .fact(context.t("head-part"), part.label)
                .fact(context.t("head-amount"), amount.unwrap_or_default())
                .stop()
                .answer(context, "");
        }
    }
    Err(Error::NotFound)
}
