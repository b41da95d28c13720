//! Needs: proposed by anybody signed in, listed by an officer, consented to by owners.

use crate::support::both;
use entities::kinds::Role;
use tributary::grants::needs::service::{self, Told};
use tributary::people::permission::Officer;

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
}
