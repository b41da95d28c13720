//! The fund agreement (基金设立协议): its text, its hash, and the two who sign it.

use super::initiators::{self, Initiator};
use super::{activate_if_ready, independent, load, own};
use crate::commons::events::{self, Note};
use crate::core::money::{Money, format_bps};
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result};
use crate::people::permission::{Administrator, As, Signatory};
use crate::people::roles;
use entities::kinds::{FundId, FundStage, Locale, SpendingType, Subject};
use entities::{foundation, fund, joint_initiator, organisation};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// The text that both sign, in both languages, made from the row alone. What may be amended after the signature (numbers of
/// the fundraising plan, mode) stands in the register and not in it.
///
/// # Errors
/// [`Error::NotFound`] when the foundation or the initiator is missing.
pub async fn agreement_text(db: &impl ConnectionTrait, row: &fund::Model) -> Result<String> {
    let house = foundation::Entity::find_by_id(1).one(db).await?.ok_or(Error::NotFound)?;
    let initiator = organisation::Entity::find_by_id(row.initiator_id).one(db).await?.ok_or(Error::NotFound)?;
    let together = initiators::of_fund(db, row.id).await?;
    Ok(written(row, &house, &initiator, &together))
}

fn written(
    row: &fund::Model,
    house: &foundation::Model,
    initiator: &organisation::Model,
    together: &[Initiator],
) -> String {
    let either = |first: &str, second: &str| if first.is_empty() { second.to_owned() } else { first.to_owned() };
    let opening = Money::new(row.opening_minimum_minor, row.currency.0);
    let capitals = opening.capitals().unwrap_or_default();
    let fee = format_bps(i64::from(row.fee_bps));
    let code = initiator.uscc.clone().unwrap_or_else(|| "—".to_owned());
    let zh = format!(
        "基金设立协议\n\n甲方：{}（{}）\n乙方（发起人）：{}（{}）\n\n一、基金名称：{}\n二、用途：{}\n三、社区与区域：{} {}\n\
四、启动金额：{} {}\n五、管理费：按实际拨付金额的 {} 计提。{}\n六、本基金为甲方的专项核算科目，不具法人资格，不另开户、不刻章、不再下设基金。\n\
七、管委会：{} 人（0 表示不设），成员不领报酬；监察人不少于一人。{}\n八、本金使用：{}。\n九、剩余财产：{}\n\
十、募捐方式与备案编号以甲方公开登记为准。\n",
        either(&house.name_zh, &house.name_en),
        house.uscc,
        either(&initiator.name_zh, &initiator.name_en),
        code,
        either(&row.name_zh, &row.name_en),
        either(&row.purpose_zh, &row.purpose_en),
        row.community,
        row.area,
        opening.format("zh-CN"),
        capitals,
        fee,
        processor_fee(row, Locale::ZhCn),
        row.committee_size,
        votes_zh(row),
        spending_zh(row),
        row.residue_rule,
    );
    let en = format!(
        "Fund agreement\n\nFoundation: {} ({})\nInitiator: {} ({})\n\n1. Name: {}\n2. Purpose: {}\n3. Community and area: {} {}\n\
4. Opening amount: {}\n5. Management fee: {} of amounts paid.{}\n6. The fund is a sub-ledger of the foundation: it has no \
account, no seal and no sub-fund.\n7. Committee: {} members (0 for none), unpaid; at least one supervisor.{}\n\
8. Capital: {}.\n9. Residue: {}\n10. The fundraising mode and the filing numbers stand in the foundation's public register.\n",
        either(&house.name_en, &house.name_zh),
        house.uscc,
        either(&initiator.name_en, &initiator.name_zh),
        code,
        either(&row.name_en, &row.name_zh),
        either(&row.purpose_en, &row.purpose_zh),
        row.community,
        row.area,
        opening.format("en"),
        fee,
        processor_fee(row, Locale::En),
        row.committee_size,
        votes_en(row),
        spending_en(row),
        row.residue_rule,
    );
    format!("{zh}{}\n{en}{}", shares(together, Locale::ZhCn), shares(together, Locale::En))
}

/// The clause of a joint fund: who opens it together, with which shares.
fn shares(together: &[Initiator], locale: Locale) -> String {
    if together.is_empty() {
        return String::new();
    }
    let one = |one: &Initiator| format!("{} {}", one.name.pick(locale), format_bps(i64::from(one.row.share_bps)));
    let list: Vec<String> = together.iter().map(one).collect();
    match locale {
        Locale::ZhCn => format!(
            "十一、合作发起人及份额：{}。份额用于管委会表决与剩余财产的划分；资金由甲方统一管理。\n",
            list.join("、")
        ),
        Locale::En => format!(
            "11. Initiators and shares: {}. The shares govern the votes of the committee and the residue; the foundation holds the cash.\n",
            list.join(", ")
        ),
    }
}

/// Who bears what the processor keeps of a gift made online; the foundation unless the agreement says otherwise.
fn processor_fee(row: &fund::Model, locale: Locale) -> &'static str {
    match (row.bears_processor_fee, locale) {
        (false, _) => "",
        (true, Locale::ZhCn) => "线上捐赠的支付手续费按实际发生额由本基金承担。",
        (true, Locale::En) => " What the payment processor keeps of a gift made online is borne by the fund.",
    }
}

/// How the committee votes, and whether an award waits for it.
fn votes_zh(row: &fund::Model) -> String {
    if row.committee_size == 0 {
        return String::new();
    }
    let [quorum, majority] = [row.quorum_bps, row.majority_bps].map(|bps| format_bps(i64::from(bps)));
    let award = if row.needs_resolution { "立项须经管委会决议通过。" } else { "" };
    format!("表决票数不低于全部票数的 {quorum} 方为有效，赞成票超过所投票数的 {majority} 即为通过。{award}")
}

fn votes_en(row: &fund::Model) -> String {
    if row.committee_size == 0 {
        return String::new();
    }
    let [quorum, majority] = [row.quorum_bps, row.majority_bps].map(|bps| format_bps(i64::from(bps)));
    let award = if row.needs_resolution { " An award needs its resolution." } else { "" };
    format!(
        " A vote counts when at least {quorum} of all votes are given; a motion passes with more than {majority} of the votes given.{award}"
    )
}

fn spending_zh(row: &fund::Model) -> String {
    match row.spending {
        SpendingType::Expendable => "可支用".to_owned(),
        SpendingType::Endowed => {
            format!("留本，每年资助不超过累计收入的 {}", format_bps(i64::from(row.spend_cap_bps)))
        }
    }
}

fn spending_en(row: &fund::Model) -> String {
    match row.spending {
        SpendingType::Expendable => "may be spent".to_owned(),
        SpendingType::Endowed => {
            format!(
                "is kept; at most {} of what was received is granted in a year",
                format_bps(i64::from(row.spend_cap_bps))
            )
        }
    }
}

/// The initiator's signatory signs by typing the own name.
///
/// # Errors
/// [`Error::NotFound`] for another organisation's; a refusal when the name is not the signatory's, the fund is not approved
/// or was signed before.
pub async fn sign_as_initiator(by: &As<Signatory>, id: FundId, typed_name: &str) -> Result<()> {
    if typed_name.trim().is_empty() || typed_name.trim() != by.actor.name {
        return Err(Error::field("typed_name", "refused-fund-typed-name"));
    }
    by.decide(|tx| async move {
        let tx = &tx;
        let row = own(tx, by, id).await?;
        let hash = to_sign(tx, &row).await?;
        if row.initiator_signed_by.is_some() {
            return Err(Error::refused("refused-fund-signed"));
        }
        roles::apart(tx, by, &[row.foundation_signed_by]).await?;
        let set = fund::ActiveModel {
            id: Set(id),
            agreement_hash: Set(hash.clone()),
            initiator_signed_by: Set(by.actor.person),
            initiator_signed_at: Set(Some(tx.now())),
            ..Default::default()
        };
        fund::Entity::update(set).exec(tx).await?;
        events::record(tx, by, Subject::Fund, id.0, Note::act("sign-initiator").because(hash)).await?;
        activate_if_ready(tx, by, id).await
    })
    .await
}

/// The signatory of another initiator of a joint fund signs by typing the own name; the fund is active once all have.
///
/// # Errors
/// [`Error::NotFound`] for who opens it not, and for the first initiator, who signs as such; a refusal when the name is not the
/// signatory's, the fund is not approved or it signed before.
pub async fn sign_as_partner(by: &As<Signatory>, id: FundId, typed_name: &str) -> Result<()> {
    if typed_name.trim().is_empty() || typed_name.trim() != by.actor.name {
        return Err(Error::field("typed_name", "refused-fund-typed-name"));
    }
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        let organisation = by.permission().organisation();
        let own = joint_initiator::Entity::find()
            .filter(joint_initiator::Column::FundId.eq(id))
            .filter(joint_initiator::Column::OrganisationId.eq(organisation))
            .one(tx)
            .await?
            .filter(|own| own.organisation_id != row.initiator_id)
            .ok_or(Error::NotFound)?;
        let hash = to_sign(tx, &row).await?;
        if own.signed_by.is_some() {
            return Err(Error::refused("refused-fund-signed"));
        }
        roles::apart(tx, by, &[row.foundation_signed_by]).await?;
        let signed = joint_initiator::ActiveModel {
            id: Set(own.id),
            signed_by: Set(by.actor.person),
            signed_at: Set(Some(tx.now())),
            ..Default::default()
        };
        joint_initiator::Entity::update(signed).exec(tx).await?;
        let kept = fund::ActiveModel { id: Set(id), agreement_hash: Set(hash.clone()), ..Default::default() };
        fund::Entity::update(kept).exec(tx).await?;
        events::record(tx, by, Subject::Fund, id.0, Note::act("sign-partner").because(hash)).await?;
        activate_if_ready(tx, by, id).await
    })
    .await
}

/// An administrator signs for the foundation: not who drafted the fund, not who signed for the initiator.
///
/// # Errors
/// [`Error::NotFound`]; forbidden for the initiator's people; a refusal when it is not approved or was signed before.
pub async fn sign_for_foundation(by: &As<Administrator>, id: FundId) -> Result<()> {
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        independent(by, &row)?;
        let hash = to_sign(tx, &row).await?;
        if row.foundation_signed_by.is_some() {
            return Err(Error::refused("refused-fund-signed"));
        }
        let mut others: Vec<_> = initiators::of_fund(tx, id).await?.into_iter().map(|one| one.row.signed_by).collect();
        others.extend([row.initiator_signed_by, Some(row.created_by)]);
        roles::apart(tx, by, &others).await?;
        let set = fund::ActiveModel {
            id: Set(id),
            agreement_hash: Set(hash.clone()),
            foundation_signed_by: Set(by.actor.person),
            foundation_signed_at: Set(Some(tx.now())),
            ..Default::default()
        };
        fund::Entity::update(set).exec(tx).await?;
        events::record(tx, by, Subject::Fund, id.0, Note::act("sign-foundation").because(hash)).await?;
        activate_if_ready(tx, by, id).await
    })
    .await
}

/// The hash of the text to sign; both sign the same one.
async fn to_sign(db: &impl ConnectionTrait, row: &fund::Model) -> Result<String> {
    if row.stage != FundStage::Approved {
        return Err(Error::refused("refused-stage"));
    }
    let hash = fingerprint(agreement_text(db, row).await?);
    if !row.agreement_hash.is_empty() && row.agreement_hash != hash {
        return Err(Error::refused("refused-fund-agreement-changed"));
    }
    Ok(hash)
}
