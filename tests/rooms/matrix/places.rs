//! The tables of pairs, place by place: gifts and the bank, funds, people and policy, awards and decisions.

/// The role of the second act, or nothing passes.
macro_rules! as_role {
    ($context:ident, $role:ty) => {
        &$context.role::<$role>()?
    };
}

mod awards;
mod decisions;
mod funds;
mod gifts;
mod people;

use super::pairs::try_all;
use crate::books::ground::raw;
use crate::rooms::grant::Grant;
use crate::rooms::reviews::Panel;
use crate::support::{World, both};
use entities::kinds::{ApplicationStage, MemberRole, OrganisationId, PersonId};
use tributary::grants::awards::service::accept;
use tributary::people::permission::{As, Signatory};

pub async fn signs(world: &World, me: PersonId, of: OrganisationId) -> As<Signatory> {
    world.member(me, of, MemberRole::Signatory).await;
    world.acting(me).await.signatory_of(of).unwrap()
}

pub async fn left(world: &World, me: PersonId) {
    raw(world, &format!("update membership set stage = 'ended' where person_id = {me}")).await.unwrap();
}

pub async fn holds_role(world: &World, me: PersonId, role: &str) {
    raw(world, &format!("insert into role_grant (person_id, role, scope, stage, proposed_at, effective_on) values ({me}, '{role}', 'foundation', 'effective', '2026-01-05T01:00:00+00:00', '2026-01-05')")).await.unwrap();
}

both! {
async fn nobody_receives_or_places_money_alone(world: World) {
    assert!(try_all(&Grant::active_in(world).await, gifts::GIFTS).await > 12 * 19);
}

async fn nobody_opens_ends_or_frees_a_fund_alone(world: World) {
    let grant = Grant::active_in(world).await;
    assert!(try_all(&grant, funds::FUNDS).await > 10 * 19);
}

async fn nobody_gives_power_alone(world: World) {
    let grant = Grant::active_in(world).await;
    holds_role(&grant.world, grant.editor, "administrator").await;
    assert!(try_all(&grant, people::PEOPLE).await > 6 * 19);
}

async fn nobody_judges_their_own_work(world: World) {
    assert!(try_all(&Grant::active_in(world).await, awards::AWARDS).await > 4 * 19);
}

async fn nobody_signs_for_both(world: World) {
    let grant = Grant::offered_in(world).await;
    accept(&grant.signs().await, grant.award).await.unwrap();
    assert!(try_all(&grant, awards::AGREEMENTS).await > 19);
}

async fn nor_in_the_other_order(world: World) {
    let grant = Grant::offered_in(world).await;
    accept(&grant.signs().await, grant.award).await.unwrap();
    assert!(try_all(&grant, awards::OFFERS).await > 19);
}

async fn nobody_decides_alone(world: World) {
    let panel = Panel::in_world(world, ApplicationStage::UnderReview).await;
    assert!(try_all(&panel, decisions::DECISIONS).await > 3 * 19);
}
}
