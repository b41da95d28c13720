//! Who sees what: a role for one fund or call opens nothing else, a donor's papers are for who handles gifts, and what was never
//! listed is never public.

use super::funds::Cast;
use super::gifts::receipt;
use crate::support::both;
use entities::kinds::{Anonymity, FundraisingMode, Role, RoleGrantStage, Scope};
use entities::{gift, posting_document, role_grant};
use sea_orm::{ActiveValue::Set, EntityTrait, QueryOrder};
use tributary::commons::documents;
use tributary::error::Error;
use tributary::grants::funds::view as funds;
use tributary::grants::gifts::service::receipts;
use tributary::grants::needs::service::{self as needs, Told};
use tributary::grants::needs::view as need_pages;
use tributary::people::permission::{Officer, Supervisor};
use tributary::web::page::Reply;

/// The page that a reader gets.
fn rendered(answer: tributary::web::page::Answer) -> String {
    match answer {
        Ok(Reply::Page(page)) => page.render("/x", String::new()).unwrap(),
        other => panic!("no page: {other:?}"),
    }
}

both! {
async fn a_role_for_one_fund_opens_nothing_else(world: World) {
    let cast = Cast::on(world).await;
    let world = &cast.world;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let person = world.person("approver of one fund", &[]).await;
    let row = &role_grant::ActiveModel {
        person_id: Set(person),
        role: Set(Role::Approver),
        scope: Set(Scope::Fund),
        scope_id: Set(Some(fund.0)),
        stage: Set(RoleGrantStage::Effective),
        proposed_at: Set(world.edges.clock.now()),
        effective_on: Set(Some(world.edges.today())),
        ..Default::default()
    };
    let write = world.edges.db.write(|tx| async move { Ok(role_grant::Entity::insert(row.clone()).exec(&tx).await?) });
    write.await.unwrap();
    let context = world.acting(person).await;
    assert!(!context.actor.has(Role::Approver) && context.actor.has_somewhere(Role::Approver));
    assert!(!context.actor.is_staff());
    assert!(!context.actor.parts(None).contains(&tributary::core::lifecycle::Part::Approver));
    world.settle().await;
}

async fn a_slip_names_its_donor_and_is_read_by_who_handles_gifts_alone(world: World) {
    let cast = Cast::on(world).await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let finance = cast.finance().await;
    let slip = documents::keep(&finance, "slip", "slip.txt", b"from owner 9").await.unwrap();
    let told = receipt(fund, Some(cast.initiator), 500_000, "line-9");
    let told = receipts::Receipt { anonymity: Anonymity::Withheld, slip: Some(slip), ..told };
    let id = receipts::record_receipt(&finance, told).await.unwrap();
    receipts::confirm_receipt(&cast.approver().await, id).await.unwrap();
    let db = cast.world.edges.db.read();
    assert!(gift::Entity::find_by_id(id).one(db).await.unwrap().is_some());
    let filed = posting_document::Entity::find().order_by_desc(posting_document::Column::Id).one(db).await;
    let paper = filed.unwrap().expect("the slip is a voucher").document_id;
    for (reader, reads) in
        [(cast.finance, true), (cast.approver, true), (cast.supervisor, false), (cast.admins[0], false), (cast.signatory, false)]
    {
        let read = documents::read(&cast.world.acting(reader).await, paper).await;
        assert_eq!(read.is_ok(), reads, "{reader}");
        assert!(reads || matches!(read, Err(Error::NotFound)));
    }
    cast.world.settle().await;
}

async fn what_was_never_listed_is_not_public_when_it_is_archived(world: World) {
    let resident = world.person("resident", &[]).await;
    let officer = world.person("officer-a", &[Role::ProgrammeOfficer]).await;
    let officer = world.role::<Officer>(officer).await;
    let proposed = world.acting(resident).await;
    let told = |title: &str| Told { title_zh: title.into(), community: "望平社区".into(), ..Told::default() };
    let secret = needs::propose(&proposed.signed_in().unwrap(), told("我家的事")).await.unwrap();
    needs::decline(&officer, secret, "private").await.unwrap();
    needs::archive(&officer, secret).await.unwrap();
    let open = needs::propose(&proposed.signed_in().unwrap(), told("路灯")).await.unwrap();
    needs::list(&officer, open).await.unwrap();
    let stranger = world.person("stranger", &[]).await;
    let stranger = world.acting(stranger).await;
    assert!(matches!(need_pages::visible(&stranger, secret).await, Err(Error::NotFound)));
    assert!(need_pages::visible(&proposed, secret).await.is_ok());
    assert!(need_pages::visible(&stranger, open).await.is_ok());
    let listed = rendered(need_pages::list(&stranger, None).await);
    assert!(listed.contains("路灯") && !listed.contains("我家的事"));
    world.settle().await;
}

async fn why_a_fund_is_held_is_for_those_concerned(world: World) {
    let cast = Cast::on(world).await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let supervisor = cast.world.role::<Supervisor>(cast.supervisor).await;
    tributary::grants::funds::service::holding::supervise(&supervisor, fund, "owner 9 has complained").await.unwrap();
    let stranger = cast.world.person("stranger", &[]).await;
    for (reader, reads) in [(cast.signatory, true), (cast.finance, true), (stranger, false)] {
        let page = rendered(funds::page::show(&cast.world.acting(reader).await, fund).await);
        assert_eq!(page.contains("owner 9 has complained"), reads);
    }
    cast.world.settle().await;
}
}
