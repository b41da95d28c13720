//! Ties between reviewers and bids: in a generated world with planted ones every pair is found, and nobody else is.

use super::reviews::{Panel, bid};
use crate::support::rows::{self, change, put};
use crate::support::tools::{self, Throws};
use crate::support::{both, day};
use entities::kinds::{
    ApplicationId, ApplicationStage, ConsentStage, LegalForm, MemberRole, OrganisationId, PersonId, RelationKind,
};
use entities::{application, call, gift, need_consent, organisation_relation, person};
use sea_orm::{ActiveValue::Set, EntityTrait};
use std::collections::BTreeSet;
use tributary::grants::reviews::conflicts;

/// People of the world, organisations beside those of the panel, bids beside its two.
const PEOPLE: usize = 40;
const ORGANISATIONS: usize = 14;
const BIDS: usize = 6;

/// What was planted.
#[derive(Default)]
struct Planted {
    /// Whom somebody works for or belongs to.
    of: Vec<(PersonId, OrganisationId)>,
    /// Ownership and relations that are in force.
    related: Vec<(OrganisationId, OrganisationId)>,
    owners: BTreeSet<OrganisationId>,
    donors: BTreeSet<OrganisationId>,
    givers: BTreeSet<PersonId>,
    bids: Vec<(ApplicationId, OrganisationId, Option<OrganisationId>)>,
}

impl Planted {
    /// Whether somebody is tied to a bid, said once more in other words: by oneself, through an organisation one is of, or because one
    /// gave.
    fn tied(
        &self,
        who: PersonId,
        (_, applicant, host): (ApplicationId, OrganisationId, Option<OrganisationId>),
    ) -> bool {
        let parties: Vec<OrganisationId> = [Some(applicant), host].into_iter().flatten().collect();
        let applicants: BTreeSet<OrganisationId> = self.bids.iter().map(|bid| bid.1).collect();
        self.givers.contains(&who)
            || self.of.iter().filter(|(person, _)| *person == who).any(|(_, own)| {
                parties.contains(own)
                    || self.owners.contains(own)
                    || self.donors.contains(own)
                    || applicants.contains(own)
                    || self.related.iter().any(|(one, other)| {
                        (one == own && parties.contains(other)) || (other == own && parties.contains(one))
                    })
            })
    }
}

async fn planted(panel: &Panel, throws: &mut Throws) -> (Planted, Vec<PersonId>) {
    let world = &panel.world;
    let mut organisations = Vec::new();
    for n in 0..ORGANISATIONS {
        organisations.push(world.organisation(&format!("organisation-{n}"), LegalForm::Association, None).await);
    }
    let pick = |throws: &mut Throws| organisations[usize::try_from(throws.next()).unwrap() % ORGANISATIONS];
    let mut all = Planted::default();
    all.owners.insert(panel.owner);
    all.donors.insert(panel.owner);
    for (id, of) in panel.applications.iter().zip(panel.applicants) {
        all.bids.push((*id, of, None));
    }
    for (n, of) in organisations.iter().copied().enumerate().take(BIDS) {
        let host = (n % 2 == 0).then(|| pick(throws)).filter(|host| n > 0 && *host != of);
        let id = bid(world, panel.call, of, panel.signatory, 1_000_000, ApplicationStage::UnderReview).await;
        change(world, application::ActiveModel { id: Set(id), host_id: Set(host), ..Default::default() }).await;
        all.bids.push((id, of, host));
    }
    owners_and_donors(panel, &mut all, (pick(throws), pick(throws))).await;
    for n in 0..10 {
        let (one, other) = (pick(throws), pick(throws));
        if one == other {
            continue;
        }
        // Some are over, and tie nobody any more.
        let until = (n % 3 == 0).then(|| day(2025, 12, 31));
        let row = organisation_relation::ActiveModel {
            organisation_id: Set(one),
            related_id: Set(other),
            kind: Set(RelationKind::Owns),
            valid_from: Set(day(2020, 1, 1)),
            valid_until: Set(until),
            evidence: Set("register".into()),
            recorded_at: Set(world.edges.clock.now()),
            ..Default::default()
        };
        put(world, row).await;
        if until.is_none() {
            all.related.push((one, other));
        }
    }
    let mut people = Vec::new();
    for n in 0..PEOPLE {
        let who = world.person(&format!("person-{n}"), &[]).await;
        people.push(who);
        match throws.next() % 4 {
            0 => {
                let employer = pick(throws);
                change(
                    world,
                    person::ActiveModel { id: Set(who), employer_id: Set(Some(employer)), ..Default::default() },
                )
                .await;
                all.of.push((who, employer));
            }
            1 => {
                let of = pick(throws);
                world.member(who, of, MemberRole::Editor).await;
                all.of.push((who, of));
            }
            2 if n % 5 == 0 => {
                let now = world.edges.clock.now();
                let row = gift::ActiveModel {
                    donor_person_id: Set(Some(who)),
                    ..rows::gift(panel.fund, "p", 100, panel.approver, now)
                };
                put(world, row).await;
                all.givers.insert(who);
            }
            _ => {}
        }
    }
    (all, people)
}

/// Another owner in the need, another donor to the fund.
async fn owners_and_donors(panel: &Panel, all: &mut Planted, (owner, donor): (OrganisationId, OrganisationId)) {
    let db = panel.world.edges.db.read();
    let need = call::Entity::find_by_id(panel.call).one(db).await.unwrap().unwrap().need_id.unwrap();
    let consent = need_consent::ActiveModel {
        need_id: Set(need),
        owner_label: Set("another owner".into()),
        organisation_id: Set(Some(owner)),
        stage: Set(ConsentStage::Given),
        evidence: Set("letter".into()),
        recorded_by: Set(panel.officer),
        recorded_at: Set(panel.world.edges.clock.now()),
        ..Default::default()
    };
    put(&panel.world, consent).await;
    all.owners.insert(owner);
    let now = panel.world.edges.clock.now();
    let row = gift::ActiveModel {
        donor_organisation_id: Set(Some(donor)),
        ..rows::gift(panel.fund, "d", 100, panel.approver, now)
    };
    put(&panel.world, row).await;
    all.donors.insert(donor);
}

both! {
async fn every_planted_tie_is_found_and_no_other(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    let mut throws = Throws::seeded(11);
    let (all, people) = planted(&panel, &mut throws).await;
    let db = panel.world.edges.db.read();
    let call = call::Entity::find_by_id(panel.call).one(db).await.unwrap().unwrap();
    let rows = application::Entity::find().all(db).await.unwrap();
    let found = conflicts::derive_all(db, &call, &rows, &people, panel.world.edges.today()).await.unwrap();
    let (mut pairs, mut tied) = (0, 0);
    for bid in &all.bids {
        for who in &people {
            let derived = found.get(&(bid.0, *who)).is_some_and(|found| !found.is_empty());
            assert_eq!(derived, all.tied(*who, *bid), "{who} and {bid:?}: {:?}", found.get(&(bid.0, *who)));
            pairs += 1;
            tied += usize::from(derived);
        }
    }
    assert!(tied > 20 && tied < pairs);
    tools::say(&format!("ties: {tied} of {pairs} pairs planted and found, no other"));
}
}
