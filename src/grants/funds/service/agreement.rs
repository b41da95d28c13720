//! The fund agreement (基金设立协议): its text, its hash, and the two who sign it.

use super::{activate_if_ready, independent, load, own};
use crate::commons::events::{self, Note};
use crate::core::money::{Money, format_bps};
use crate::edges::dice::fingerprint;
use crate::error::{Error, Result};
use crate::people::permission::{Administrator, As, Signatory};
use crate::people::roles;
use entities::kinds::{FundId, FundStage, Subject};
use entities::{foundation, fund, organisation};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};

/// The text that both sign, in both languages, made from the row alone. What may be amended after the signature (numbers of
/// the fundraising plan, mode) stands in the register and not in it.
///
/// # Errors
/// [`Error::NotFound`] when the foundation or the initiator is missing.
pub async fn agreement_text(db: &impl ConnectionTrait, row: &fund::Model) -> Result<String> {
    let house = foundation::Entity::find_by_id(1).one(db).await?.ok_or(Error::NotFound)?;
    let initiator = organisation::Entity::find_by_id(row.initiator_id).one(db).await?.ok_or(Error::NotFound)?;
    Ok(written(row, &house, &initiator))
}

fn written(row: &fund::Model, house: &foundation::Model, initiator: &organisation::Model) -> String {
    let either = |first: &str, second: &str| if first.is_empty() { second.to_owned() } else { first.to_owned() };
    let opening = Money::new(row.opening_minimum_minor, row.currency.0);
    let capitals = opening.capitals().unwrap_or_default();
    let fee = format_bps(i64::from(row.fee_bps));
    let code = initiator.uscc.clone().unwrap_or_else(|| "—".to_owned());
    let zh = format!(
        "基金设立协议\n\n甲方：{}（{}）\n乙方（发起人）：{}（{}）\n\n一、基金名称：{}\n二、用途：{}\n三、社区与区域：{} {}\n\
四、启动金额：{} {}\n五、管理费：按实际拨付金额的 {} 计提。\n六、本基金为甲方的专项核算科目，不具法人资格，不另开户、不刻章、不再下设基金。\n\
七、管委会：{} 人（0 表示不设），成员不领报酬；监察人不少于一人。\n八、本金使用：{}。\n九、剩余财产：{}\n\
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
        row.committee_size,
        spending_zh(row),
        row.residue_rule,
    );
    let en = format!(
        "Fund agreement\n\nFoundation: {} ({})\nInitiator: {} ({})\n\n1. Name: {}\n2. Purpose: {}\n3. Community and area: {} {}\n\
4. Opening amount: {}\n5. Management fee: {} of amounts paid.\n6. The fund is a sub-ledger of the foundation: it has no \
account, no seal and no sub-fund.\n7. Committee: {} members (0 for none), unpaid; at least one supervisor.\n\
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
        row.committee_size,
        row.spending,
        row.residue_rule,
    );
    format!("{zh}\n{en}")
}

fn spending_zh(row: &fund::Model) -> &'static str {
    match row.spending {
        entities::kinds::SpendingType::Expendable => "可支用",
        entities::kinds::SpendingType::Endowed => "留本",
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
        roles::apart(tx, by, &[row.initiator_signed_by]).await?;
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
