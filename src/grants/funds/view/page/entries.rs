//! The last entries of a fund's books, told from the fund's side: in, out, or moved inside it.

use crate::error::Result;
use crate::ledger::books;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::parts::EntryRow;
use entities::kinds::{
    AccountId, AccountKind, Anonymity, AwardId, GiftId, GiftKind, Phase, Recipe, Subject, TrancheId,
};
use entities::{account, award, fund, gift, posting, tranche, transfer};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, BTreeSet};

/// Entries shown.
const LAST: u64 = 12;

/// What happens beside a fund's money (suspense, memo, holds) is in the ledger and not here.
const SHOWN: [Recipe; 16] = [
    Recipe::SuspenseMatched,
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

/// The last entries, newest first.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn of_fund(context: &Context, row: &fund::Model) -> Result<Vec<EntryRow>> {
    let db = context.edges.db.read();
    let moved_here = Condition::all()
        .add(posting::Column::Recipe.eq(Recipe::FundMoved))
        .add(posting::Column::Subject.eq(Subject::Fund))
        .add(posting::Column::SubjectId.eq(row.id.0));
    let postings = posting::Entity::find()
        .filter(Condition::any().add(posting::Column::FundId.eq(row.id)).add(moved_here))
        .filter(posting::Column::Recipe.is_in(SHOWN))
        .order_by_desc(posting::Column::Id)
        .limit(LAST)
        .all(db)
        .await?;
    let transfers = transfer::Entity::find()
        .filter(transfer::Column::PostingId.is_in(postings.iter().map(|posting| posting.id)))
        .filter(transfer::Column::Phase.is_in([Phase::Single, Phase::Post]))
        .all(db)
        .await?;
    let ids = transfers.iter().flat_map(|transfer| [transfer.debit_id, transfer.credit_id]);
    let accounts: BTreeMap<AccountId, account::Model> = account::Entity::find()
        .filter(account::Column::Id.is_in(ids))
        .all(db)
        .await?
        .into_iter()
        .map(|account| (account.id, account))
        .collect();
    let names = donors(context, &postings).await?;
    let grantees = grantees(context, &postings).await?;
    let turns = turns(context, &postings).await?;
    let line = |posting: &posting::Model| {
        let own = |id: AccountId| accounts.get(&id).is_some_and(|account| inside(account, row));
        let (mut net, mut gross) = (0, 0);
        for transfer in transfers.iter().filter(|transfer| transfer.posting_id == posting.id) {
            gross += transfer.amount_minor;
            net += if own(transfer.credit_id) { transfer.amount_minor } else { 0 };
            net -= if own(transfer.debit_id) { transfer.amount_minor } else { 0 };
        }
        let mut what = vec![context.t(&format!("entry-{}", posting.recipe))];
        what.extend(names.get(&GiftId(posting.subject_id)).filter(|_| posting.subject == Subject::Gift).cloned());
        what.extend(posting.award_id.and_then(|id| grantees.get(&id).cloned()));
        let turn = turns.get(&TrancheId(posting.subject_id)).filter(|_| posting.subject == Subject::Tranche);
        what.extend(turn.map(|n| context.t_with("fund-step-tranche", &[("n", &n.to_string())])));
        EntryRow {
            date: context.day(posting.occurred_on),
            what: what.join(" · "),
            voucher: books::number(posting.id),
            href: format!("/ledger/{}", books::number(posting.id)),
            amount_text: signed(context, row, net, gross),
            incoming: net > 0,
        }
    };
    Ok(postings.iter().map(line).collect())
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
async fn grantees(context: &Context, postings: &[posting::Model]) -> Result<BTreeMap<AwardId, String>> {
    let ids: BTreeSet<AwardId> = postings.iter().filter_map(|posting| posting.award_id).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let awards = award::Entity::find().filter(award::Column::Id.is_in(ids)).all(context.edges.db.read()).await?;
    let names = organisations::names(context, awards.iter().map(|row| row.organisation_id)).await?;
    Ok(awards.iter().filter_map(|row| names.get(&row.organisation_id).map(|name| (row.id, name.clone()))).collect())
}

/// Which tranche an entry is about.
async fn turns(context: &Context, postings: &[posting::Model]) -> Result<BTreeMap<TrancheId, i32>> {
    let ids: BTreeSet<i64> = postings
        .iter()
        .filter(|posting| posting.subject == Subject::Tranche)
        .map(|posting| posting.subject_id)
        .collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = tranche::Entity::find().filter(tranche::Column::Id.is_in(ids)).all(context.edges.db.read()).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.ordinal)).collect())
}

/// Who gave, where the public may know it: only organisations that want to be named.
async fn donors(context: &Context, postings: &[posting::Model]) -> Result<BTreeMap<GiftId, String>> {
    let ids = postings.iter().filter(|posting| posting.subject == Subject::Gift).map(|posting| posting.subject_id);
    let gifts = gift::Entity::find().filter(gift::Column::Id.is_in(ids)).all(context.edges.db.read()).await?;
    let named = |row: &gift::Model| row.donor_organisation_id.filter(|_| row.anonymity == Anonymity::Named);
    let names = organisations::names(context, gifts.iter().filter_map(named)).await?;
    let name = |row: &gift::Model| named(row).and_then(|id| names.get(&id).cloned());
    Ok(gifts
        .iter()
        .filter(|row| row.kind != GiftKind::Match)
        .map(|row| (row.id, name(row).unwrap_or_else(|| context.t("donor-anonymous"))))
        .collect())
}
