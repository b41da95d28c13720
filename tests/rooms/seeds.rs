//! The fund that an award becomes: drafted once, by its grantee alone, however often the button is pressed; anew when the board declined it.

use super::applications::side;
use super::grant::Grant;
use crate::support::both;
use crate::support::rows::change;
use entities::kinds::{AwardKind, FundStage, LegalForm};
use entities::{award, fund};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use tributary::grants::awards::service as awards;
use tributary::grants::awards::service::seeds::{Wanted, open_seed_fund};
use tributary::grants::funds::service as funds;
use tributary::people::permission::Administrator;

fn wanted() -> Wanted {
    Wanted {
        name_zh: "望江基金".into(),
        purpose_zh: "居民共治".into(),
        residue_rule: "用于同类项目".into(),
        ..Wanted::default()
    }
}

both! {
async fn the_fund_of_an_award_is_drafted_once_by_its_grantee_and_anew_when_it_was_declined(world: World) {
    let grant = Grant::offered_in(world).await;
    let world = &grant.world;
    let signs = grant.signs().await;
    let open = async || open_seed_fund(&signs, grant.award, &wanted()).await;
    assert_eq!(open().await.unwrap_err().code(), "refused-seed-fund-open", "a project becomes no fund");
    let seed = award::ActiveModel { id: Set(grant.award), kind: Set(AwardKind::SeedFund), ..Default::default() };
    change(world, seed).await;
    assert_eq!(open().await.unwrap_err().code(), "refused-seed-fund-open", "first the offer is accepted");
    awards::accept(&signs, grant.award).await.unwrap();
    let other = side(world, "SO-9", LegalForm::Association, "51999999TE00000610").await;
    let foreign = open_seed_fund(&other.signatory, grant.award, &wanted()).await.unwrap_err();
    assert_eq!(foreign.code(), "not-found");
    let nameless = Wanted { name_zh: " ".into(), ..wanted() };
    assert_eq!(open_seed_fund(&signs, grant.award, &nameless).await.unwrap_err().code(), "refused-empty");

    let clicks = tokio::join!(open(), open());
    assert_eq!(usize::from(clicks.0.is_ok()) + usize::from(clicks.1.is_ok()), 1, "{clicks:?}");
    let own = async || {
        let own = fund::Entity::find().filter(fund::Column::InitiatorId.eq(grant.organisation));
        own.all(world.edges.db.read()).await.unwrap()
    };
    let drafts = own().await;
    assert_eq!(drafts.len(), 1);
    let draft = &drafts[0];
    // It opens with what the first of the three tranches brings, and bears the fee of the fund that gives.
    assert_eq!((draft.stage, draft.opening_minimum_minor, draft.fee_bps), (FundStage::Draft, 4_150_000, 100));

    funds::submit(&signs, draft.id).await.unwrap();
    let administrator = grant.role::<Administrator>(grant.administrator).await;
    funds::decide(&administrator, draft.id, false, "2026-9", "no plan").await.unwrap();
    let again = open().await.unwrap();
    assert_ne!(again, draft.id);
    assert_eq!(open().await.unwrap_err().code(), "refused-seed-fund-open");
    let row = awards::load(world.edges.db.read(), grant.award).await.unwrap();
    assert_eq!((row.seed_fund_id, own().await.len()), (Some(again), 2));
    world.settle().await;
}
}
