//! The last entries of a fund's books, told from the fund's side: in, out, or moved inside it.

use crate::commons::texts::Name;
use crate::error::Result;
use crate::ledger::books;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::parts::EntryRow;
use entities::kinds::{
    AccountId, AccountKind, Anonymity, AwardId, GiftId, GiftKind, Phase, PostingId, Recipe, Subject, TrancheId,
};
use entities::{account, award, fund, gift, posting, tranche, transfer};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, BTreeSet};

/// Entries told, the earlier ones folded away; further back is the ledger.
const LAST: u64 = 50;

/// What happens beside a fund's money (suspense, memo, holds) is in the ledger and not here.
const SHOWN: [Recipe; 21] = [
    Recipe::SuspenseMatched,
    Recipe::CardPaid,
    Recipe::CardRefundPosted,
    Recipe::CardRefundReturned,
    Recipe::DisputeWithdrawn,
    Recipe::DisputeReinstated,
    Recipe::GiftRefundPosted,
    Recipe::Match,
    Recipe::MatchReversed,
    Recipe::Reserved,
    Recipe::Released,
    Recipe::TrancheDue,
    Recipe::TrancheReduced,
    Recipe::PaymentPosted,
    Recipe::PaymentReturned,
    Recipe::PaymentPartReturned,
    Recipe::ManagementFee,
    Recipe::AwardClosed,
    Recipe::GranteeReturned,
    Recipe::FundMoved,
    Recipe::SeedFund,
];

/// The last entries as rows.
#[derive(Debug)]
pub(super) struct Entries {
    postings: Vec<posting::Model>,
    sums: BTreeMap<PostingId, Sum>,
    /// Who gave; `None` where the public is not told.
    donors: BTreeMap<GiftId, Option<Name>>,
    grantees: BTreeMap<AwardId, Name>,
    turns: BTreeMap<TrancheId, i32>,
}

/// What an entry did to the fund, in minor units: in less out, and all that it moved.
#[derive(Debug, Default, Clone, Copy)]
struct Sum {
    net: i64,
    gross: i64,
}

impl Entries {
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn load(db: &impl ConnectionTrait, row: &fund::Model) -> Result<Self> {
        let postings = last(db, row).await?;
        Ok(Self {
            sums: sums(db, row, &postings).await?,
            donors: donors(db, &postings).await?,
            grantees: grantees(db, &postings).await?,
            turns: turns(db, &postings).await?,
            postings,
        })
    }

    /// The entries in words, newest first.
    pub(super) fn tell(&self, context: &Context, row: &fund::Model) -> Vec<EntryRow> {
        let line = |posting: &posting::Model| {
            let Sum { net, gross } = self.sums.get(&posting.id).copied().unwrap_or_default();
            let mut what = context.t(&format!("entry-{}", posting.recipe));
            for more in self.about(context, posting) {
                what.push_str(" · ");
                what.push_str(&more);
            }
            let voucher = books::number(posting.id);
            EntryRow {
                date: context.day(posting.occurred_on),
                what,
                href: format!("/ledger/{voucher}"),
                voucher,
                amount_text: signed(context, row, net, gross),
                incoming: net > 0,
            }
        };
        self.postings.iter().map(line).collect()
    }

    /// Who gave, who received, which tranche.
    fn about(&self, context: &Context, posting: &posting::Model) -> impl Iterator<Item = String> {
        let of = |subject| (posting.subject == subject).then_some(posting.subject_id);
        let donor = of(Subject::Gift).and_then(|id| self.donors.get(&GiftId(id)));
        let donor = donor
            .map(|name| name.as_ref().map_or_else(|| context.t("donor-anonymous"), |name| name.pick(context.locale)));
        let grantee = posting.award_id.and_then(|id| self.grantees.get(&id)).map(|name| name.pick(context.locale));
        let turn = of(Subject::Tranche).and_then(|id| self.turns.get(&TrancheId(id)));
        let turn = turn.map(|n| context.t_with("fund-step-tranche", &[("n", &n.to_string())]));
        [donor, grantee, turn].into_iter().flatten()
    }
}

/// The last entries of the fund, newest first: its own, and those by which another fund's rest came here. Asked one after the
/// other, each is read from the end of its index; asked together, the fund's whole history would be sorted.
async fn last(db: &impl ConnectionTrait, row: &fund::Model) -> Result<Vec<posting::Model>> {
    let moved_here = Condition::all()
        .add(posting::Column::Subject.eq(Subject::Fund))
        .add(posting::Column::SubjectId.eq(row.id.0))
        .add(posting::Column::Recipe.eq(Recipe::FundMoved));
    let own = Condition::all().add(posting::Column::FundId.eq(row.id)).add(posting::Column::Recipe.is_in(SHOWN));
    let mut found: BTreeMap<PostingId, posting::Model> = BTreeMap::new();
    for such in [own, moved_here] {
        let rows = posting::Entity::find().filter(such).order_by_desc(posting::Column::Id).limit(LAST).all(db).await?;
        found.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    Ok(found.into_values().rev().take(usize::try_from(LAST).unwrap_or(usize::MAX)).collect())
}

/// What each entry did to the fund.
async fn sums(
    db: &impl ConnectionTrait,
    row: &fund::Model,
    postings: &[posting::Model],
) -> Result<BTreeMap<PostingId, Sum>> {
    let transfers = transfer::Entity::find()
        .filter(transfer::Column::PostingId.is_in(postings.iter().map(|posting| posting.id)))
        .filter(transfer::Column::Phase.is_in([Phase::Single, Phase::Post]))
        .all(db)
        .await?;
    let ids: BTreeSet<AccountId> =
        transfers.iter().flat_map(|transfer| [transfer.debit_id, transfer.credit_id]).collect();
    let accounts = account::Entity::find().filter(account::Column::Id.is_in(ids)).all(db).await?;
    let own: BTreeSet<AccountId> =
        accounts.iter().filter(|account| inside(account, row)).map(|account| account.id).collect();
    let mut sums: BTreeMap<PostingId, Sum> = BTreeMap::new();
    for transfer in &transfers {
        let sum = sums.entry(transfer.posting_id).or_default();
        sum.gross += transfer.amount_minor;
        sum.net += if own.contains(&transfer.credit_id) { transfer.amount_minor } else { 0 };
        sum.net -= if own.contains(&transfer.debit_id) { transfer.amount_minor } else { 0 };
    }
    Ok(sums)
}

/// Whether an account holds this fund's money. The page's postings are the fund's own, so every reserve in them is its.
fn inside(account: &account::Model, row: &fund::Model) -> bool {
    match account.kind {
        AccountKind::FundAvailable => account.subject_id == Some(row.id.0),
        AccountKind::AwardCommitted | AccountKind::AwardPayable => true,
        _ => false,
    }
}

fn signed(context: &Context, row: &fund::Model, net: i64, gross: i64) -> String {
    match net {
        0 => context.money(gross, row.currency),
        net if net > 0 => format!("+{}", context.money(net, row.currency)),
        net => format!("−{}", context.money(-net, row.currency)),
    }
}

/// Who the money of an award is for.
async fn grantees(db: &impl ConnectionTrait, postings: &[posting::Model]) -> Result<BTreeMap<AwardId, Name>> {
    let ids: BTreeSet<AwardId> = postings.iter().filter_map(|posting| posting.award_id).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let awards = award::Entity::find().filter(award::Column::Id.is_in(ids)).all(db).await?;
    let names = organisations::both_names(db, awards.iter().map(|row| row.organisation_id)).await?;
    Ok(awards.iter().filter_map(|row| names.get(&row.organisation_id).map(|name| (row.id, name.clone()))).collect())
}

/// Which tranche an entry is about.
async fn turns(db: &impl ConnectionTrait, postings: &[posting::Model]) -> Result<BTreeMap<TrancheId, i32>> {
    let ids: BTreeSet<i64> = postings
        .iter()
        .filter(|posting| posting.subject == Subject::Tranche)
        .map(|posting| posting.subject_id)
        .collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = tranche::Entity::find().filter(tranche::Column::Id.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.ordinal)).collect())
}

/// Who gave, where the public may know it: only organisations that want to be named.
async fn donors(db: &impl ConnectionTrait, postings: &[posting::Model]) -> Result<BTreeMap<GiftId, Option<Name>>> {
    let ids = postings.iter().filter(|posting| posting.subject == Subject::Gift).map(|posting| posting.subject_id);
    let gifts = gift::Entity::find().filter(gift::Column::Id.is_in(ids)).all(db).await?;
    let named = |row: &gift::Model| row.donor_organisation_id.filter(|_| row.anonymity == Anonymity::Named);
    let names = organisations::both_names(db, gifts.iter().filter_map(named)).await?;
    let name = |row: &gift::Model| named(row).and_then(|id| names.get(&id).cloned());
    Ok(gifts.iter().filter(|row| row.kind != GiftKind::Match).map(|row| (row.id, name(row))).collect())
}
