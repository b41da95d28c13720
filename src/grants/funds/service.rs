//! What can be done with funds: draft, submit, decide, sign, activate; then freeze, rename, merge and close; and their pools.

pub mod agreement;
pub mod budgets;
pub mod closing;
pub mod endowment;
pub mod holding;
pub mod idle;
pub mod initiators;
pub mod papers;
pub mod pools;

use super::rules;
pub use super::rules::Terms;
use crate::commons::events::{self, Note};
use crate::commons::lives::advance;
use crate::commons::{letters, policies};
use crate::edges::Edges;
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::ledger::balances;
use crate::people::permission::{Administrator, As, Context, Permission, Signatory};
use crate::people::roles;
use entities::fund;
use entities::kinds::{Currency, FundId, FundKind, FundStage, FundraisingMode, Role, SpendingType, Subject};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::sync::Arc;

/// A fund as its initiator wants it.
#[derive(Debug, Clone)]
pub struct Drafted {
    /// Name in Chinese, or `""`.
    pub name_zh: String,
    /// Name in English, or `""`.
    pub name_en: String,
    /// What it is for, in Chinese.
    pub purpose_zh: String,
    /// The same in English.
    pub purpose_en: String,
    /// Kind.
    pub kind: FundKind,
    /// Community, or `""`.
    pub community: String,
    /// Area code.
    pub area: String,
    /// One fund, one currency.
    pub currency: Currency,
    /// Received before the fund is active, in minor units.
    pub opening_minimum_minor: i64,
    /// Management fee in basis points of amounts paid.
    pub fee_bps: i32,
    /// Whether the processor's fee of a gift is made good from the gift.
    pub bears_processor_fee: bool,
    /// Fundraising mode.
    pub mode: FundraisingMode,
    /// Public fundraising qualification, or `""`.
    pub qualification_number: String,
    /// Filed fundraising plan, or `""`.
    pub filing_number: String,
    /// May the capital be spent.
    pub spending: SpendingType,
    /// What happens with the rest.
    pub residue_rule: String,
    /// Members of the committee, 0 for none.
    pub committee_size: i32,
    /// Votes of the committee, and the cap of an endowment.
    pub terms: Terms,
}

impl Drafted {
    fn check(&self, committee_least: i64) -> Result<()> {
        let mut wrong = self.terms.wrong(self.spending, self.committee_size);
        if self.name_zh.trim().is_empty() && self.name_en.trim().is_empty() {
            wrong.push(Violation::at("name_zh", "refused-one-language"));
        }
        if !rules::committee_fits(self.committee_size, committee_least) {
            wrong.push(Violation::at("committee_size", "refused-fund-committee").with("least", committee_least));
        }
        if self.opening_minimum_minor < 0 {
            wrong.push(Violation::at("opening_minimum", "refused-negative"));
        }
        if !(0..=2000).contains(&self.fee_bps) {
            wrong.push(Violation::at("fee_bps", "refused-out-of-range").with("least", 0).with("most", 2000));
        }
        crate::commons::texts::all_well(wrong)
    }

    fn row(self) -> fund::ActiveModel {
        fund::ActiveModel {
            name_zh: Set(self.name_zh),
            name_en: Set(self.name_en),
            purpose_zh: Set(self.purpose_zh),
            purpose_en: Set(self.purpose_en),
            kind: Set(self.kind),
            community: Set(self.community),
            area: Set(self.area),
            currency: Set(self.currency),
            opening_minimum_minor: Set(self.opening_minimum_minor),
            fee_bps: Set(self.fee_bps),
            bears_processor_fee: Set(self.bears_processor_fee),
            mode: Set(self.mode),
            qualification_number: Set(self.qualification_number),
            filing_number: Set(self.filing_number),
            spending: Set(self.spending),
            residue_rule: Set(self.residue_rule),
            committee_size: Set(self.committee_size),
            quorum_bps: Set(self.terms.quorum_bps),
            majority_bps: Set(self.terms.majority_bps),
            needs_resolution: Set(self.terms.needs_resolution),
            spend_cap_bps: Set(self.terms.spend_cap_bps),
            ..Default::default()
        }
    }
}

/// Drafts a fund for the signatory's organisation.
///
/// # Errors
/// Names the field: no name, a committee that is even or too small, a fee out of range.
pub async fn draft(by: &As<Signatory>, drafted: Drafted) -> Result<FundId> {
    let drafted = &drafted;
    by.write(|tx| async move {
        let tx = &tx;
        draft_in(tx, by, drafted).await
    })
    .await
}

/// The same in the transaction of another room: an award that becomes a fund drafts it so.
///
/// # Errors
/// As [`draft`].
pub async fn draft_in(tx: &Tx, by: &As<Signatory>, drafted: &Drafted) -> Result<FundId> {
    drafted.check(policies::on(tx, by.day_of(tx.now())).await?.committee_least)?;
    let row = fund::ActiveModel {
        stage: Set(FundStage::Draft),
        initiator_id: Set(by.permission().organisation()),
        board_minute: Set(String::new()),
        agreement_hash: Set(String::new()),
        created_by: Set(by.permission().person()),
        created_at: Set(tx.now()),
        version: Set(1),
        ..drafted.clone().row()
    };
    let row = fund::Entity::insert(row).exec_with_returning(tx).await?;
    events::record(tx, by, Subject::Fund, row.id.0, Note::act("draft")).await?;
    Ok(row.id)
}

/// Saves a draft again.
///
/// # Errors
/// [`Error::NotFound`] for another organisation's, [`Error::Stale`] when somebody saved meanwhile, a refusal once it was
/// submitted.
pub async fn revise(by: &As<Signatory>, id: FundId, version: i32, drafted: Drafted) -> Result<()> {
    let drafted = &drafted;
    by.write(|tx| async move {
        let tx = &tx;
        drafted.check(policies::on(tx, by.day_of(tx.now())).await?.committee_least)?;
        let row = own(tx, by, id).await?;
        if row.stage != FundStage::Draft {
            return Err(Error::refused("refused-stage"));
        }
        if row.version != version {
            return Err(Error::Stale);
        }
        initiators::keep_if_joint(tx, id, drafted.kind).await?;
        let row = fund::ActiveModel { id: Set(id), version: Set(version + 1), ..drafted.clone().row() };
        fund::Entity::update(row).exec(tx).await?;
        events::record(tx, by, Subject::Fund, id.0, Note::act("revise")).await
    })
    .await
}

/// Submits a draft to the board.
///
/// # Errors
/// [`Error::NotFound`] for another organisation's; a refusal when a public fund has no qualification or filing number.
pub async fn submit(by: &As<Signatory>, id: FundId) -> Result<()> {
    by.write(|tx| async move {
        let tx = &tx;
        let row = own(tx, by, id).await?;
        if row.mode == FundraisingMode::Public && !is_filed(&row) {
            return Err(Error::field("filing_number", "refused-fund-no-filing"));
        }
        initiators::complete(tx, &row).await?;
        advance(tx, by, &row, "submit", Note::act("")).await?;
        letters::to_role(tx, Role::Administrator, "fund-submitted", &letters::of_fund(&row), &page(id)).await
    })
    .await
}

/// The board's decision, with the number of its minute.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when there is no minute, or no reason for declining; forbidden for who drafted the fund or
/// belongs to its initiator.
pub async fn decide(by: &As<Administrator>, id: FundId, approve: bool, board_minute: &str, reason: &str) -> Result<()> {
    if board_minute.trim().is_empty() {
        return Err(Error::field("board_minute", "refused-empty"));
    }
    if !approve && reason.trim().is_empty() {
        return Err(Error::field("reason", "refused-empty"));
    }
    by.decide(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        independent(by, &row)?;
        roles::apart(tx, by, &[Some(row.created_by)]).await?;
        let act = if approve { "approve" } else { "decline" };
        advance(tx, by, &row, act, Note::act("").because(reason)).await?;
        let set = fund::ActiveModel { id: Set(id), board_minute: Set(board_minute.to_owned()), ..Default::default() };
        fund::Entity::update(set).exec(tx).await?;
        let letter = if approve { "fund-approved" } else { "fund-declined" };
        letters::to_organisation(tx, row.initiator_id, letter, &letters::of_fund(&row), &page(id)).await
    })
    .await
}

/// Puts qualification and filing numbers on record. From then on the fund is in mode public: the designated platform's file
/// may come in.
///
/// # Errors
/// [`Error::NotFound`]; a refusal when a number is missing or the fund is over.
pub async fn amend_filing(by: &As<Administrator>, id: FundId, qualification: &str, filing: &str) -> Result<()> {
    let mut wrong = Vec::new();
    for (field, text) in [("qualification_number", qualification), ("filing_number", filing)] {
        if text.trim().is_empty() {
            wrong.push(Violation::at(field, "refused-empty"));
        }
    }
    crate::commons::texts::all_well(wrong)?;
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        if !rules::takes_gifts(row.stage) {
            return Err(Error::refused("refused-stage"));
        }
        let set = fund::ActiveModel {
            id: Set(id),
            mode: Set(FundraisingMode::Public),
            qualification_number: Set(qualification.trim().to_owned()),
            filing_number: Set(filing.trim().to_owned()),
            version: Set(row.version + 1),
            ..Default::default()
        };
        fund::Entity::update(set).exec(tx).await?;
        events::record(tx, by, Subject::Fund, id.0, Note::act("amend-filing").because(filing.trim())).await
    })
    .await
}

/// Makes an approved and signed fund active once its opening amount is there. Called after each receipt and signature.
///
/// # Errors
/// When the database refuses.
pub async fn activate_if_ready<P: Permission>(tx: &Tx, by: &As<P>, fund: FundId) -> Result<()> {
    ready(tx, by, load(tx, fund).await?).await
}

/// The same of a fund that was read in this transaction.
///
/// # Errors
/// When the database refuses.
pub async fn ready<P: Permission>(tx: &Tx, by: &As<P>, row: fund::Model) -> Result<()> {
    let fund = row.id;
    let signed = row.initiator_signed_by.is_some() && row.foundation_signed_by.is_some();
    if row.stage != FundStage::Approved || !signed || !initiators::all_signed(tx, &row).await? {
        return Ok(());
    }
    if balances::flow(tx, fund).await?.received_minor < row.opening_minimum_minor {
        return Ok(());
    }
    let system = Context::system(by.edges.clone());
    advance(tx, &system, &row, "activate", Note::act("")).await?;
    letters::to_organisation(tx, row.initiator_id, "fund-active", &letters::of_fund(&row), &page(fund)).await
}

/// What the clock brings: an approved fund that lacks nothing becomes active; of an idle one those concerned hear.
///
/// # Errors
/// When the database refuses.
pub async fn tick(edges: &Arc<Edges>) -> Result<()> {
    let ready: Vec<FundId> = fund::Entity::find()
        .select_only()
        .column(fund::Column::Id)
        .filter(fund::Column::Stage.eq(FundStage::Approved))
        .filter(fund::Column::InitiatorSignedBy.is_not_null())
        .filter(fund::Column::FoundationSignedBy.is_not_null())
        .limit(200)
        .into_tuple()
        .all(edges.db.read())
        .await?;
    let flows = balances::flows(edges.db.read(), &ready).await?;
    let system = &Context::system(edges.clone());
    for (id, _) in flows.into_iter().filter(|(_, flow)| flow.received_minor > 0) {
        let done = system.write(|tx| async move { activate_if_ready(&tx, system, id).await }).await;
        if let Err(error) = done {
            tracing::warn!(fund = id.0, %error, "the fund did not become active");
        }
    }
    idle::tick(edges).await
}

/// Whether qualification and filing numbers are on record.
pub fn is_filed(row: &fund::Model) -> bool {
    !row.qualification_number.is_empty() && !row.filing_number.is_empty()
}

/// Whether nothing can happen to a fund any more.
pub const fn is_over(stage: FundStage) -> bool {
    matches!(stage, FundStage::Declined | FundStage::Closed | FundStage::Merged)
}

/// A fund by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: FundId) -> Result<fund::Model> {
    fund::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// A fund of the signatory's organisation.
async fn own(tx: &Tx, by: &As<Signatory>, id: FundId) -> Result<fund::Model> {
    Some(load(tx, id).await?).filter(|row| row.initiator_id == by.permission().organisation()).ok_or(Error::NotFound)
}

/// Whoever drafted the fund or belongs to its initiator does not decide for the foundation.
fn independent(by: &As<Administrator>, row: &fund::Model) -> Result<()> {
    if by.actor.person == Some(row.created_by) || by.actor.belongs_to(row.initiator_id) {
        return Err(Error::Forbidden("forbidden-fund-initiator"));
    }
    Ok(())
}

fn page(id: FundId) -> String {
    format!("/funds/{id}")
}
