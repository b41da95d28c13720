//! The co-building list: money that several partners carry together is never claimed twice, a claim is taken back by its own partner
//! alone, and a part without an amount has one partner.

use super::applications::{Side, side};
use super::giving::Reader;
use crate::support::{World, both};
use entities::kinds::{LegalForm, NeedId, NeedPartId, PartKind, Role};
use rocket::http::Status;
use tributary::grants::needs::service::parts::{claims_of, left_of};
use tributary::grants::needs::service::{self, Told};
use tributary::people::permission::{As, Officer};

/// A listed need, its officer, and a part that asks for ¥30,000.
async fn listed(world: &World) -> (NeedId, As<Officer>, NeedPartId) {
    let resident = world.person("resident", &[]).await;
    let officer = world.person("officer-a", &[Role::ProgrammeOfficer]).await;
    let officer = world.role::<Officer>(officer).await;
    let told =
        Told {
            title_zh: "航中街外墙".into(), title_en: "The wall".into(), area: "wuhou".into(), ..Told::default()
        };
    let need = service::propose(&world.acting(resident).await.signed_in().unwrap(), told).await.unwrap();
    let early = service::add_part(&officer, need, PartKind::Money, "works", Some(3_000_000)).await.unwrap();
    (need, officer, early)
}

async fn partners(world: &World) -> [Side; 3] {
    [
        side(world, "Owner 1", LegalForm::SocialServiceBody, "52999999TE00000459").await,
        side(world, "Owner 2", LegalForm::SocialServiceBody, "52999999TE00000534").await,
        side(world, "Owner 3", LegalForm::Association, "51999999TE00000610").await,
    ]
}

async fn open(world: &World, part: NeedPartId) -> i64 {
    left_of(3_000_000, &claims_of(world.edges.db.read(), &[part]).await.unwrap())
}

both! {
async fn money_is_carried_by_several_and_never_claimed_twice(world: World) {
    let (need, officer, part) = listed(&world).await;
    let [one, two, three] = partners(&world).await;
    let claim = async |of: &Side, minor| service::claim_part(&of.signatory, need, part, minor).await;
    assert_eq!(claim(&one, Some(1)).await.unwrap_err().code(), "refused-need-not-listed");
    service::list(&officer, need).await.unwrap();
    for (kind, wanted, code) in
        [(PartKind::Labour, 1, "refused-part-no-money"), (PartKind::Money, 0, "refused-zero")]
    {
        let wrong = service::add_part(&officer, need, kind, "x", Some(wanted)).await.unwrap_err();
        assert_eq!(wrong.code(), code);
    }
    assert_eq!(claim(&one, None).await.unwrap_err().code(), "refused-zero");
    claim(&one, Some(1_000_000)).await.unwrap();
    assert_eq!(claim(&one, Some(1)).await.unwrap_err().code(), "refused-part-claimed-own");
    assert_eq!(claim(&two, Some(2_000_001)).await.unwrap_err().code(), "refused-part-above");
    // Two partners at the same moment for what only one of them can have.
    let at_once = tokio::join!(claim(&two, Some(1_500_000)), claim(&three, Some(1_500_000)));
    assert_eq!(usize::from(at_once.0.is_ok()) + usize::from(at_once.1.is_ok()), 1, "{at_once:?}");
    assert_eq!(open(&world, part).await, 500_000);

    // A stranger takes nothing back; its own partner does, once, and it is open again.
    let rows = claims_of(world.edges.db.read(), &[part]).await.unwrap();
    let first = rows.iter().find(|row| row.organisation_id == one.organisation).unwrap().id;
    for side in [&two, &three] {
        assert_eq!(service::withdraw_claim(&side.signatory, need, first).await.unwrap_err().code(), "not-found");
    }
    service::withdraw_claim(&one.signatory, need, first).await.unwrap();
    assert_eq!(service::withdraw_claim(&one.signatory, need, first).await.unwrap_err().code(), "not-found");
    assert_eq!(open(&world, part).await, 1_500_000);
    claim(&one, Some(1_500_000)).await.unwrap();
    assert_eq!(open(&world, part).await, 0);
    world.settle().await;
}

async fn the_page_says_what_is_open_and_takes_a_claim_by_its_form(world: World) {
    let (need, officer, part) = listed(&world).await;
    service::list(&officer, need).await.unwrap();
    let [one, two, _] = partners(&world).await;
    let paint = service::add_part(&officer, need, PartKind::Material, "paint", None).await.unwrap();
    let signs = Reader::of(&world, one.signatory.actor.person.unwrap()).await;
    let (page, form) = (format!("/needs/{need}"), format!("/needs/{need}/parts/{part}/claim"));
    assert!(signs.get(&page).await.1.contains("¥30,000.00 wanted, ¥30,000.00 open"));
    assert!(signs.get(&form).await.1.contains("name=\"amount\""));
    let body = |key: &str, amount: &str| {
        format!("form_key=key-0000-0000-{key}&organisation={}&amount={amount}", one.organisation)
    };
    assert_eq!(signs.post(&form, &body("0001", "30%2C000.01")).await.0, Status::UnprocessableEntity);
    for _ in 0..2 {
        assert_eq!(signs.post(&form, &body("0002", "10%2C000")).await.0, Status::SeeOther);
    }
    let (_, text) = signs.get(&page).await;
    assert!(text.contains("¥30,000.00 wanted, ¥20,000.00 open") && text.contains("/claims/1/withdraw"), "{text}");
    // Everybody reads who carries how much; only its own people take it back.
    let visitor = Reader::visitor(&world).await;
    let (_, text) = visitor.get(&page).await;
    assert!(text.contains("Owner 1") && !text.contains("/claims/1/withdraw"));
    let other = Reader::of(&world, two.signatory.actor.person.unwrap()).await;
    let withdraw = format!("/needs/{need}/claims/1/withdraw");
    assert_eq!(other.get(&withdraw).await.0, Status::NotFound);
    assert_eq!(other.post(&withdraw, "form_key=key-0000-0000-0003").await.0, Status::NotFound);
    assert_eq!(signs.get(&withdraw).await.0, Status::Ok);
    assert_eq!(signs.post(&withdraw, "form_key=key-0000-0000-0004").await.0, Status::SeeOther);
    assert_eq!(open(&world, part).await, 3_000_000);
    // Paint has one partner, whoever comes first.
    let whole = format!("/needs/{need}/parts/{paint}/claim");
    let own = format!("form_key=key-0000-0000-0005&organisation={}", one.organisation);
    assert_eq!(signs.post(&whole, &own).await.0, Status::SeeOther);
    let late = service::claim_part(&two.signatory, need, paint, None).await.unwrap_err();
    assert_eq!(late.code(), "refused-part-claimed");
    world.settle().await;
}
}
