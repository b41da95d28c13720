//! Rows of the public ledger: what happened, when, how much, without a name that is not to be told.

use crate::commons::texts::pick;
use crate::error::Result;
use crate::ledger::books::number;
use crate::people::permission::Context;
use crate::web::parts::EntryRow;
use entities::kinds::{
    AccountId, AccountKind, Anonymity, AwardId, FundId, GiftId, GiftKind, OrganisationId, Phase, PostingId, Recipe,
    Subject,
};
use entities::{account, award, fund, gift, organisation, posting, transfer};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, BTreeSet};

/// Phases in which money has moved; a hold has not moved anything yet.
pub(super) const MOVED: [Phase; 2] = [Phase::Single, Phase::Post];

/// Which entries are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Of one fund.
    pub fund: Option<FundId>,
    /// Of one award.
    pub award: Option<AwardId>,
}

/// The entries that moved money, newest first, from before a key.
///
/// # Errors
/// When the database cannot be read.
pub async fn rows(context: &Context, filter: Filter, before: Option<i64>, limit: u64) -> Result<Vec<EntryRow>> {
    let db = context.edges.db.read();
    let postings = postings(db, filter, before, limit).await?;
    let told = Told::load(context, &postings).await?;
    let moved = moved(db, postings.iter().map(|row| row.id)).await?;
    let kinds: BTreeMap<AccountId, AccountKind> = account::Entity::find()
        .filter(account::Column::Id.is_in(moved.iter().flat_map(|row| [row.debit_id, row.credit_id])))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.id, row.kind))
        .collect();
    let row = |posting: &posting::Model| {
        let own: Vec<&transfer::Model> = moved.iter().filter(|row| row.posting_id == posting.id).collect();
        let amount: i64 = own.iter().map(|row| row.amount_minor).sum();
        let text = own.first().map(|row| context.money(amount, row.currency)).unwrap_or_default();
        let direction = Direction::of(&own, &kinds);
        EntryRow {
            date: context.day(posting.occurred_on),
            what: told.what(context, posting, filter),
            voucher: number(posting.id),
            href: format!("/ledger/{}", number(posting.id)),
            amount_text: format!("{}{text}", direction.sign()),
            incoming: direction == Direction::In,
        }
    };
    Ok(postings.iter().map(row).collect())
}

/// Whether an entry's money came in, went out or only changed its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    In,
    Out,
    Within,
}

impl Direction {
    pub(super) fn of(moved: &[&transfer::Model], kinds: &BTreeMap<AccountId, AccountKind>) -> Self {
        let at_bank = |id: &AccountId| {
            kinds.get(id).is_some_and(|kind| matches!(kind, AccountKind::Bank | AccountKind::StripeClearing))
        };
        // From the processor to the bank it only changes its place.
        let moved = moved.iter().filter(|row| !(at_bank(&row.debit_id) && at_bank(&row.credit_id))).collect::<Vec<_>>();
        if moved.iter().any(|row| at_bank(&row.debit_id)) {
            Self::In
        } else if moved.iter().any(|row| at_bank(&row.credit_id)) {
            Self::Out
        } else {
            Self::Within
        }
    }

    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::In => "+",
            Self::Out => "−",
            Self::Within => "",
        }
    }
}

async fn postings(
    db: &impl ConnectionTrait,
    filter: Filter,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<posting::Model>> {
    // Asked of each entry as it is reached: a list of all that moved would be made anew for every page.
    let with_money = Query::select()
        .expr(Expr::val(1))
        .from(transfer::Entity)
        .and_where(
            Expr::col((transfer::Entity, transfer::Column::PostingId)).equals((posting::Entity, posting::Column::Id)),
        )
        .and_where(transfer::Column::Phase.is_in(MOVED))
        .to_owned();
    let mut query =
        posting::Entity::find().filter(Expr::exists(with_money)).order_by_desc(posting::Column::Id).limit(limit);
    if let Some(before) = before {
        query = query.filter(posting::Column::Id.lt(before));
    }
    if let Some(fund) = filter.fund {
        query = query.filter(posting::Column::FundId.eq(fund));
    }
    if let Some(award) = filter.award {
        query = query.filter(posting::Column::AwardId.eq(award));
    }
    Ok(query.all(db).await?)
}

/// The transfers of some postings that moved money, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn moved(
    db: &impl ConnectionTrait,
    postings: impl Iterator<Item = PostingId>,
) -> Result<Vec<transfer::Model>> {
    Ok(transfer::Entity::find()
        .filter(transfer::Column::PostingId.is_in(postings))
        .filter(transfer::Column::Phase.is_in(MOVED))
        .order_by_asc(transfer::Column::Id)
        .all(db)
        .await?)
}

/// What the rows of a page mention besides their amounts, loaded at once.
#[derive(Debug, Default)]
pub(super) struct Told {
    donors: BTreeMap<GiftId, String>,
    pub(super) funds: BTreeMap<FundId, String>,
    pub(super) awards: BTreeMap<AwardId, award::Model>,
}

impl Told {
    /// Loads donors as they may be told, funds and awards.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn load(context: &Context, postings: &[posting::Model]) -> Result<Self> {
        let db = context.edges.db.read();
        let gifts: BTreeSet<GiftId> =
            postings.iter().filter(|row| row.subject == Subject::Gift).map(|row| GiftId(row.subject_id)).collect();
        let funds: BTreeSet<FundId> = postings.iter().filter_map(|row| row.fund_id).collect();
        let awards: BTreeSet<AwardId> = postings.iter().filter_map(|row| row.award_id).collect();
        let mut told = Self { donors: donors(context, gifts).await?, ..Self::default() };
        if !funds.is_empty() {
            let rows = fund::Entity::find().filter(fund::Column::Id.is_in(funds)).all(db).await?;
            told.funds =
                rows.into_iter().map(|row| (row.id, pick(context.locale, &row.name_zh, &row.name_en))).collect();
        }
        if !awards.is_empty() {
            let rows = award::Entity::find().filter(award::Column::Id.is_in(awards)).all(db).await?;
            told.awards = rows.into_iter().map(|row| (row.id, row)).collect();
        }
        Ok(told)
    }

    /// The donor of an entry, as it may be told.
    pub(super) fn donor(&self, posting: &posting::Model) -> Option<&str> {
        (posting.subject == Subject::Gift).then(|| self.donors.get(&GiftId(posting.subject_id)))?.map(String::as_str)
    }

    /// An entry in one line. What the filter already says is left out.
    fn what(&self, context: &Context, posting: &posting::Model, filter: Filter) -> String {
        let mut line = vec![event_text(context, posting.recipe)];
        line.extend(self.donor(posting).map(str::to_owned));
        if filter.award.is_none() {
            line.extend(posting.award_id.and_then(|id| self.awards.get(&id)).map(|row| row.title.clone()));
        }
        if filter.fund.is_none() {
            line.extend(posting.fund_id.and_then(|id| self.funds.get(&id)).cloned());
        }
        line.join(" · ")
    }
}

/// The event of an entry in words.
pub(super) fn event_text(context: &Context, recipe: Recipe) -> String {
    context.t(&format!("entry-{recipe}"))
}

/// Donors as the public may read them. Whoever is not named is the same word for everybody, so that nobody is told
/// by being left over; matches have no donor.
async fn donors(context: &Context, gifts: BTreeSet<GiftId>) -> Result<BTreeMap<GiftId, String>> {
    if gifts.is_empty() {
        return Ok(BTreeMap::new());
    }
    let db = context.edges.db.read();
    let rows = gift::Entity::find().filter(gift::Column::Id.is_in(gifts)).all(db).await?;
    let named = |row: &gift::Model| row.anonymity == Anonymity::Named && row.kind != GiftKind::Platform;
    let organisations: BTreeSet<OrganisationId> =
        rows.iter().filter(|row| named(row)).filter_map(|row| row.donor_organisation_id).collect();
    let names: BTreeMap<OrganisationId, String> = if organisations.is_empty() {
        BTreeMap::new()
    } else {
        organisation::Entity::find()
            .filter(organisation::Column::Id.is_in(organisations))
            .all(db)
            .await?
            .into_iter()
            .map(|row| (row.id, pick(context.locale, &row.name_zh, &row.name_en)))
            .collect()
    };
    let donor = |row: &gift::Model| {
        let organisation = row.donor_organisation_id.and_then(|id| names.get(&id).cloned());
        let name = organisation.or_else(|| Some(row.donor_name.clone()).filter(|name| !name.is_empty()));
        name.filter(|_| named(row)).unwrap_or_else(|| context.t("entry-donor-anonymous"))
    };
    Ok(rows.iter().filter(|row| row.kind != GiftKind::Match).map(|row| (row.id, donor(row))).collect())
}
