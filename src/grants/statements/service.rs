//! Reads a donor's year from the gifts, the lots and the books.

use super::rules::{FIRST_YEAR, Kind, Movement, Sums};
use crate::error::{Error, Result};
use crate::grants::gifts::service::bills;
use crate::people::permission::Context;
use chrono::{Datelike, NaiveDate};
use entities::kinds::{
    AccountId, AccountKind, Anonymity, AwardId, Currency, FundId, GiftId, GiftKind, GiftStage, LotId, LotMoveKind,
    OrganisationId, PersonId, PostingId, Role, Subject, TrancheId, TransferId,
};
use entities::{account, gift, lot, lot_move, posting, transfer};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, BTreeSet};

/// Gifts of one donor that are told together: an enterprise that gives each week reaches it after forty years. Beyond it the
/// statement is refused, because one with gaps would not add up.
const MOST_GIFTS: u64 = 2_000;
/// Rows of what became of a gift's money that are read; as above.
const MOST_MOVES: u64 = 50_000;

/// Whose statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// An organisation's.
    Organisation(OrganisationId),
    /// A person's.
    Person(PersonId),
}

impl Who {
    /// Where its statements stand.
    pub fn path(self) -> String {
        match self {
            Self::Organisation(id) => format!("/statements/organisations/{id}"),
            Self::Person(id) => format!("/statements/people/{id}"),
        }
    }

    fn gifts(self) -> Condition {
        match self {
            Self::Organisation(id) => Condition::all().add(gift::Column::DonorOrganisationId.eq(id)),
            Self::Person(id) => {
                // A member's name on an organisation's gift does not make it theirs.
                let own = gift::Column::DonorPersonId.eq(id);
                Condition::all().add(own).add(gift::Column::DonorOrganisationId.is_null())
            }
        }
    }

    /// Whether this reader gives.
    pub fn is(self, context: &Context) -> bool {
        match self {
            Self::Organisation(id) => context.actor.belongs_to(id),
            Self::Person(id) => context.actor.person == Some(id),
        }
    }
}

/// A gift in the year.
#[derive(Debug, Clone)]
pub struct Gift {
    /// The gift; its number is that of its acknowledgement.
    pub id: GiftId,
    /// How it came.
    pub kind: GiftKind,
    /// To which fund.
    pub fund: FundId,
    /// Day it came in.
    pub received_on: Option<NaiveDate>,
    /// Its year.
    pub sums: Sums,
    /// What pools added in the year, in minor units.
    pub matched_minor: i64,
    /// Number of the fiscal e-bill, `""` for none.
    pub bill: String,
    /// Whether the donor waived the receipt.
    pub waived: bool,
}

/// Something a gift paid in the year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    /// Day.
    pub on: NaiveDate,
    /// From which gift.
    pub gift: GiftId,
    /// The entry of the books, with its voucher.
    pub posting: PostingId,
    /// For which award.
    pub award: Option<AwardId>,
    /// In which tranche.
    pub tranche: Option<TrancheId>,
    /// Whether it is the management fee.
    pub is_fee: bool,
    /// How much; below zero when it came back.
    pub amount_minor: i64,
}

/// Goods that were accepted in the year.
#[derive(Debug, Clone)]
pub struct Goods {
    /// The gift.
    pub id: GiftId,
    /// To which fund.
    pub fund: FundId,
    /// Day of the hand-over.
    pub on: NaiveDate,
    /// What.
    pub what: String,
    /// How it was valued.
    pub basis: String,
    /// Its value.
    pub amount_minor: i64,
    /// Whether they were used since.
    pub used: bool,
    /// Number of the fiscal e-bill, `""` for none.
    pub bill: String,
}

/// A donor's year in one currency.
#[derive(Debug, Clone)]
pub struct Part {
    /// Which currency.
    pub currency: Currency,
    /// Of all gifts.
    pub sums: Sums,
    /// Of what is not spent at the end: promised to awards.
    pub committed_minor: i64,
    /// What pools added, in minor units.
    pub matched_minor: i64,
    /// The gifts, oldest first.
    pub gifts: Vec<Gift>,
    /// What they paid, oldest first.
    pub spent: Vec<Spent>,
    /// Beside the cash.
    pub goods: Vec<Goods>,
}

/// A donor's year.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Whose.
    pub who: Who,
    /// Which year.
    pub year: i32,
    /// One for each currency.
    pub parts: Vec<Part>,
    /// Whether gifts that were given anonymously are left out: the reader is not their donor.
    pub without_anonymous: bool,
}

/// A statement, for the donor's own people, and for finance without what was given anonymously.
///
/// # Errors
/// [`Error::NotFound`] for everybody else, and for a year that has not begun; a refusal when there are too many gifts.
pub async fn of(context: &Context, who: Who, year: i32) -> Result<Statement> {
    let own = who.is(context);
    if !own && !context.actor.has(Role::FinanceOfficer) {
        return Err(Error::NotFound);
    }
    if !(FIRST_YEAR..=context.edges.today().year()).contains(&year) {
        return Err(Error::NotFound);
    }
    let mut gifts = who.gifts().add(gift::Column::Kind.ne(GiftKind::Match));
    if !own {
        gifts = gifts.add(gift::Column::Anonymity.ne(Anonymity::Anonymous));
    }
    let db = context.edges.db.read();
    let rows = gift::Entity::find().filter(gifts).order_by_asc(gift::Column::Id).limit(MOST_GIFTS + 1).all(db).await?;
    if rows.len() as u64 > MOST_GIFTS {
        return Err(Error::refused("refused-statement-large"));
    }
    // Whoever gave nothing that finance may know of is no donor to finance: a name alone would tell the rest.
    if !own && rows.is_empty() {
        return Err(Error::NotFound);
    }
    let parts = parts(db, rows, year).await?;
    Ok(Statement { who, year, parts, without_anonymous: !own })
}

/// The year of the first gift of some donors: a statement stands from there on.
///
/// # Errors
/// When the database cannot be read.
pub async fn first_years(context: &Context, organisations: &[OrganisationId]) -> Result<BTreeMap<Who, i32>> {
    let person = context.person()?;
    let own = Who::Person(person).gifts();
    let mine = gift::Column::DonorOrganisationId.is_in(organisations.iter().copied());
    let firsts: Vec<(Option<OrganisationId>, Option<NaiveDate>)> = gift::Entity::find()
        .select_only()
        .column(gift::Column::DonorOrganisationId)
        .column_as(gift::Column::ReceivedOn.min(), "first")
        .filter(gift::Column::ReceivedOn.is_not_null())
        .filter(Condition::any().add(mine).add(own))
        .group_by(gift::Column::DonorOrganisationId)
        .into_tuple()
        .all(context.edges.db.read())
        .await?;
    let last = context.edges.today().year();
    let year = |day: Option<NaiveDate>| day.map_or(last, |day| day.year().clamp(FIRST_YEAR, last));
    let who = |organisation: Option<OrganisationId>| organisation.map_or(Who::Person(person), Who::Organisation);
    Ok(firsts.into_iter().map(|(organisation, day)| (who(organisation), year(day))).collect())
}

async fn parts(db: &impl ConnectionTrait, rows: Vec<gift::Model>, year: i32) -> Result<Vec<Part>> {
    let matches = gift::Entity::find()
        .filter(gift::Column::MatchedGiftId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(gift::Column::Id)
        .all(db)
        .await?;
    let moves = Moves::load(db, rows.iter().chain(&matches).map(|row| row.id)).await?;
    let bills = bills::of(db, rows.iter().map(|row| row.id)).await?;
    let currencies: BTreeSet<&str> = rows.iter().map(|row| row.currency.code()).collect();
    let mut parts = Vec::new();
    for code in currencies {
        let own: Vec<&gift::Model> = rows.iter().filter(|row| row.currency.code() == code).collect();
        let Some(currency) = own.first().map(|row| row.currency) else { continue };
        let bill = |id: GiftId| bills.get(&id).cloned().unwrap_or_default();
        let mut part = Part {
            currency,
            sums: Sums::default(),
            committed_minor: 0,
            matched_minor: 0,
            gifts: Vec::new(),
            spent: Vec::new(),
            goods: own.iter().filter_map(|row| goods(row, year, bill(row.id))).collect(),
        };
        for row in own.iter().filter(|row| row.kind != GiftKind::InKind) {
            let sums = moves.sums(row.id, year);
            let added = matches.iter().filter(|matching| matching.matched_gift_id == Some(row.id));
            let matched_minor =
                added.map(|matching| moves.sums(matching.id, year)).map(|m| m.received_minor - m.refunded_minor).sum();
            part.committed_minor += moves.committed(row.id, year);
            if sums.is_empty() && matched_minor == 0 {
                continue;
            }
            part.sums.add(&sums);
            part.matched_minor += matched_minor;
            part.spent.extend(moves.spent(row.id, year));
            part.gifts.push(Gift {
                id: row.id,
                kind: row.kind,
                fund: row.fund_id,
                received_on: row.received_on,
                sums,
                matched_minor,
                bill: bill(row.id),
                waived: !row.receipt_wanted,
            });
        }
        part.spent.sort_by_key(|line| (line.on, line.posting, line.gift));
        if !part.gifts.is_empty() || !part.goods.is_empty() {
            parts.push(part);
        }
    }
    Ok(parts)
}

fn goods(row: &gift::Model, year: i32, bill: String) -> Option<Goods> {
    let taken = matches!(row.stage, GiftStage::Accepted | GiftStage::Used) && row.kind == GiftKind::InKind;
    let on = row.received_on.filter(|day| taken && day.year() == year)?;
    Some(Goods {
        id: row.id,
        fund: row.fund_id,
        on,
        what: row.description.clone(),
        basis: row.valuation_basis.clone(),
        amount_minor: row.amount_minor,
        used: row.stage == GiftStage::Used,
        bill,
    })
}

/// Everything that happened to the lots of some gifts.
struct Moves {
    lots: Vec<lot::Model>,
    moves: BTreeMap<LotId, Vec<lot_move::Model>>,
    transfers: BTreeMap<TransferId, transfer::Model>,
    postings: BTreeMap<PostingId, posting::Model>,
    fees: BTreeSet<AccountId>,
    /// Transfers by which a lot left its fund and is a new lot of the same gift elsewhere.
    moved_on: BTreeSet<TransferId>,
}

impl Moves {
    async fn load(db: &impl ConnectionTrait, gifts: impl Iterator<Item = GiftId>) -> Result<Self> {
        let lots =
            lot::Entity::find().filter(lot::Column::GiftId.is_in(gifts)).order_by_asc(lot::Column::Id).all(db).await?;
        let moves = lot_move::Entity::find()
            .filter(lot_move::Column::LotId.is_in(lots.iter().map(|row| row.id)))
            .order_by_asc(lot_move::Column::Id)
            .limit(MOST_MOVES + 1)
            .all(db)
            .await?;
        if moves.len() as u64 > MOST_MOVES {
            return Err(Error::refused("refused-statement-large"));
        }
        let of = |ids: BTreeSet<TransferId>| async move {
            transfer::Entity::find().filter(transfer::Column::Id.is_in(ids)).all(db).await
        };
        let ids = lots.iter().map(|row| row.transfer_id).chain(moves.iter().map(|row| row.transfer_id)).collect();
        let transfers: BTreeMap<_, _> = of(ids).await?.into_iter().map(|row| (row.id, row)).collect();
        let postings = posting::Entity::find()
            .filter(posting::Column::Id.is_in(transfers.values().map(|row| row.posting_id).collect::<BTreeSet<_>>()))
            .all(db)
            .await?;
        let fees = account::Entity::find()
            .select_only()
            .column(account::Column::Id)
            .filter(account::Column::Kind.eq(AccountKind::FeeRecovery))
            .into_tuple::<AccountId>()
            .all(db)
            .await?;
        let left: BTreeSet<TransferId> =
            moves.iter().filter(|row| row.kind == LotMoveKind::Refund).map(|row| row.transfer_id).collect();
        let moved_on = lots.iter().map(|row| row.transfer_id).filter(|id| left.contains(id)).collect();
        let mut by_lot: BTreeMap<LotId, Vec<lot_move::Model>> = BTreeMap::new();
        for row in moves {
            by_lot.entry(row.lot_id).or_default().push(row);
        }
        let postings = postings.into_iter().map(|row| (row.id, row)).collect();
        Ok(Self { lots, moves: by_lot, transfers, postings, fees: fees.into_iter().collect(), moved_on })
    }

    fn posting(&self, transfer: TransferId) -> Option<&posting::Model> {
        self.postings.get(&self.transfers.get(&transfer)?.posting_id)
    }

    fn is_fee(&self, transfer: TransferId) -> bool {
        let row = self.transfers.get(&transfer);
        row.is_some_and(|row| self.fees.contains(&row.credit_id) || self.fees.contains(&row.debit_id))
    }

    fn of_gift(&self, gift: GiftId) -> impl Iterator<Item = &lot_move::Model> {
        let lots = self.lots.iter().filter(move |row| row.gift_id == gift);
        lots.filter_map(|row| self.moves.get(&row.id)).flatten()
    }

    /// A year of a gift. What only moved from one fund to another neither came in nor went out.
    fn sums(&self, gift: GiftId, year: i32) -> Sums {
        let mut sums = Sums::default();
        let came = self.lots.iter().filter(|row| row.gift_id == gift);
        let came = came.map(|row| (Kind::Received, row.amount_minor, row.transfer_id));
        let went = self.of_gift(gift).filter_map(|row| {
            let spent = if self.is_fee(row.transfer_id) { Kind::Fee } else { Kind::Paid };
            let (kind, minor) = match row.kind {
                LotMoveKind::Refund => (Kind::Refunded, row.amount_minor),
                LotMoveKind::RefundVoid => (Kind::Refunded, -row.amount_minor),
                LotMoveKind::Consume | LotMoveKind::Fee => (spent, row.amount_minor),
                LotMoveKind::Reopen => (spent, -row.amount_minor),
                LotMoveKind::Allocate | LotMoveKind::Release => return None,
            };
            Some((kind, minor, row.transfer_id))
        });
        for (kind, amount_minor, transfer) in came.chain(went).filter(|(.., id)| !self.moved_on.contains(id)) {
            if let Some(posting) = self.posting(transfer) {
                sums.take(year, Movement { on: posting.occurred_on, kind, amount_minor });
            }
        }
        sums
    }

    /// What of a gift was promised to awards when the year ended.
    fn committed(&self, gift: GiftId, year: i32) -> i64 {
        let by_then = |row: &&lot_move::Model| {
            self.posting(row.transfer_id).is_some_and(|posting| posting.occurred_on.year() <= year)
        };
        let held = |row: &lot_move::Model| match row.kind {
            LotMoveKind::Allocate => row.amount_minor,
            LotMoveKind::Release | LotMoveKind::Consume => -row.amount_minor,
            LotMoveKind::Reopen | LotMoveKind::Refund | LotMoveKind::RefundVoid | LotMoveKind::Fee => 0,
        };
        self.of_gift(gift).filter(by_then).map(held).sum()
    }

    fn spent(&self, gift: GiftId, year: i32) -> Vec<Spent> {
        let line = |row: &lot_move::Model| {
            let amount_minor = match row.kind {
                LotMoveKind::Consume | LotMoveKind::Fee => row.amount_minor,
                LotMoveKind::Reopen => -row.amount_minor,
                _ => return None,
            };
            let posting = self.posting(row.transfer_id).filter(|posting| posting.occurred_on.year() == year)?;
            Some(Spent {
                on: posting.occurred_on,
                gift,
                posting: posting.id,
                award: posting.award_id,
                tranche: (posting.subject == Subject::Tranche).then_some(TrancheId(posting.subject_id)),
                is_fee: self.is_fee(row.transfer_id),
                amount_minor,
            })
        };
        self.of_gift(gift).filter_map(line).collect()
    }
}
