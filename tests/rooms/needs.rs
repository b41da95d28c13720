//! Needs: proposed by anybody signed in, listed by an officer, consented to by owners.

use super::applications::side;
use crate::support::both;
use entities::kinds::{LegalForm, Role};
use tributary::grants::needs::service::{self, Told};
use tributary::grants::needs::view;
use tributary::people::permission::Officer;
use tributary::web::page::Reply;

both! {
async fn a_need_is_listed_by_an_officer_and_its_owners_are_counted(world: World) {
    let resident = world.person("resident", &[]).await;
    let officer = world.person("officer-a", &[Role::ProgrammeOfficer]).await;
    let told = Told {
        title_zh: "航中街外墙".into(),
        community: "锦官新城社区".into(),
        area: "wuhou".into(),
        ..Told::default()
    };
    let need = service::propose(&world.acting(resident).await.signed_in().unwrap(), told).await.unwrap();
    let officer = world.role::<Officer>(officer).await;
    service::list(&officer, need).await.unwrap();
    assert_eq!(service::list(&officer, need).await.unwrap_err().code(), "refused-stage");
    let consent = service::ask_owner(&officer, need, "owner 1", None).await.unwrap();
    service::record_consent(&officer, need, consent, "give", "signed letter").await.unwrap();
    assert_eq!(service::consent_count(world.edges.db.read(), need).await.unwrap(), (1, 1));
    world.settle().await;
}

async fn an_owner_answers_for_itself_and_the_proposer_hears_of_each_step(world: World) {
    let resident = world.person("resident", &[]).await;
    let officer = world.person("officer-a", &[Role::ProgrammeOfficer]).await;
    let officer = world.role::<Officer>(officer).await;
    let told = Told { title_zh: "航中街外墙".into(), title_en: "The wall".into(), area: "wuhou".into(), ..Told::default() };
    let need = service::propose(&world.acting(resident).await.signed_in().unwrap(), told).await.unwrap();
    service::list(&officer, need).await.unwrap();
    let owner = side(&world, "Owner", LegalForm::Company, "91999999TE0000037D").await;
    let other = side(&world, "Other", LegalForm::Company, "91999999TE0000096G").await;
    let asked = service::ask_owner(&officer, need, "unit 1", Some(owner.organisation)).await.unwrap();
    let theirs = service::answer_as_owner(&other.signatory, need, asked, "give", "").await.unwrap_err();
    assert_eq!(theirs.code(), "not-found");
    assert!(view::owner(&other.signatory, need, asked).await.is_err());
    assert!(view::owner(&owner.signatory, need, asked).await.is_ok());
    assert_eq!(view::waiting(&owner.signatory).await.unwrap().len(), 1);
    service::answer_as_owner(&owner.signatory, need, asked, "refuse", "the cables are ours").await.unwrap();
    assert_eq!(service::consent_count(world.edges.db.read(), need).await.unwrap(), (0, 1));
    service::answer_as_owner(&owner.signatory, need, asked, "give", "board minute").await.unwrap();
    assert_eq!(service::consent_count(world.edges.db.read(), need).await.unwrap(), (1, 1));
    assert!(view::waiting(&owner.signatory).await.unwrap().is_empty());
    world.settle().await;
    let letters = world.edges.mail.newest(20).await.unwrap();
    let told = letters.iter().filter(|(_, letter)| letter.to == "resident@example.org").count();
    assert_eq!(told, 1, "it was listed");
    // Everybody reads how many, nobody who.
    let visitor = world.acting(resident).await;
    let Ok(Reply::Page(page)) = view::show(&visitor, need).await else { panic!("no page") };
    let html = page.render("/", String::new()).unwrap();
    assert!(html.contains("1/1") && html.contains("Step by step") && !html.contains("unit 1") && !html.contains(">Owner<"));
}
}
