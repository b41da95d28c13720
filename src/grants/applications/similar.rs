//! Which bids of a call look alike: the same account, the same contact, the same people, nearly the same text. A flag for staff to
//! look at; it decides nothing.

use crate::core::similarity::{bare, near_pairs, shingles};
use crate::error::{Error, Result};
use crate::people::organisations::Profile;
use entities::kinds::{CallId, MembershipStage, OrganisationId, PayeeStage};
use entities::{application, membership, organisation, payee_account};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;

/// Bids of one call that are compared.
const BIDS: u64 = 2_000;
/// Pairs that are told: more are a sign of the form, not of the bids.
const PAIRS: usize = 100;
/// A value that more bids share than this (the address of a house of associations) makes no pairs.
const SHARED: usize = 8;

/// Why two bids look alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ground {
    /// The same bank account.
    Account,
    /// The same telephone, address or website.
    Contact,
    /// Somebody writes or signs for both.
    Person,
    /// Nearly the same text, in hundredths.
    Text(u32),
}

/// Two bids of different organisations that look alike.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The earlier.
    pub one: application::Model,
    /// The later.
    pub other: application::Model,
    /// Why.
    pub grounds: Vec<Ground>,
}

/// The pairs of a call's submitted bids that look alike, those with most grounds first.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_call(db: &impl ConnectionTrait, call: CallId) -> Result<Vec<Pair>> {
    let bids = application::Entity::find()
        .filter(application::Column::CallId.eq(call))
        .filter(application::Column::SubmittedAt.is_not_null())
        .order_by_asc(application::Column::Id)
        .limit(BIDS)
        .all(db)
        .await?;
    let mut grounds: BTreeMap<(usize, usize), Vec<Ground>> = BTreeMap::new();
    for (ground, values) in known(db, &bids).await? {
        for (one, other) in pairs(&values) {
            grounds.entry((one, other)).or_default().push(ground);
        }
    }
    let texts: Vec<String> = bids.iter().map(text).collect();
    // Comparing is work for a processor: the house goes on meanwhile.
    let near = tokio::task::spawn_blocking(move || {
        let texts: Vec<_> = texts.iter().map(|text| shingles(text)).collect();
        near_pairs(&texts)
    });
    for (one, other, hundredths) in near.await.map_err(|broken| Error::Internal(broken.to_string()))? {
        grounds.entry((one, other)).or_default().push(Ground::Text(hundredths));
    }
    let mut found: Vec<Pair> = grounds
        .into_iter()
        .map(|((one, other), mut grounds)| {
            grounds.sort_unstable();
            grounds.dedup();
            Pair { one: bids[one].clone(), other: bids[other].clone(), grounds }
        })
        .filter(|pair| pair.one.organisation_id != pair.other.organisation_id)
        .collect();
    found.sort_by_key(|pair| std::cmp::Reverse(pair.grounds.len()));
    found.truncate(PAIRS);
    Ok(found)
}

/// What a bid says in its own words. Its answers count: that is where most is copied.
fn text(row: &application::Model) -> String {
    let mut said = vec![row.summary.clone(), row.team.clone(), row.child_summary.clone()];
    let answers = super::budget::answers_of(row);
    said.extend(answers.0.values().filter_map(|answer| answer.as_str().map(str::to_owned)));
    said.join("\n")
}

/// Places of the bids by what they share.
type Shared = BTreeMap<String, Vec<usize>>;

async fn known(db: &impl ConnectionTrait, bids: &[application::Model]) -> Result<Vec<(Ground, Shared)>> {
    let of: Vec<OrganisationId> = bids.iter().map(|row| row.organisation_id).collect();
    let places = |organisation: OrganisationId| {
        bids.iter().enumerate().filter(move |(_, row)| row.organisation_id == organisation).map(|(place, _)| place)
    };
    let (mut accounts, mut contacts, mut people) = (Shared::new(), Shared::new(), Shared::new());
    let rows = payee_account::Entity::find()
        .filter(payee_account::Column::OrganisationId.is_in(of.iter().copied()))
        .filter(payee_account::Column::Stage.ne(PayeeStage::Revoked))
        .all(db)
        .await?;
    for row in rows {
        accounts.entry(row.account_mark).or_default().extend(places(row.organisation_id));
    }
    let rows = organisation::Entity::find().filter(organisation::Column::Id.is_in(of.iter().copied())).all(db).await?;
    for row in rows {
        let told = Profile::of(&row);
        for value in [told.phone, told.address, told.website] {
            contacts.entry(bare(&value)).or_default().extend(places(row.id));
        }
    }
    let rows = membership::Entity::find()
        .filter(membership::Column::OrganisationId.is_in(of.iter().copied()))
        .filter(membership::Column::Stage.eq(MembershipStage::Active))
        .all(db)
        .await?;
    for row in rows {
        people.entry(format!("person {}", row.person_id)).or_default().extend(places(row.organisation_id));
    }
    Ok(vec![(Ground::Account, accounts), (Ground::Contact, contacts), (Ground::Person, people)])
}

fn pairs(shared: &Shared) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (value, places) in shared {
        if value.is_empty() || places.len() > SHARED {
            continue;
        }
        for (n, one) in places.iter().enumerate() {
            found.extend(
                places[n + 1..].iter().filter(|other| *other != one).map(|other| (*one.min(other), *one.max(other))),
            );
        }
    }
    found
}
