//! Sealed bids: before two officers open them nobody sees one, nor how many there are, on any page.

use super::Desk;
use crate::rooms::applications::{Side, side, written};
use crate::rooms::giving::Reader;
use crate::support::{World, both, nine};
use entities::kinds::{ApplicationId, CallId, LegalForm, MemberRole, PersonId, Role};
use regex::Regex;
use rocket::http::Status;
use tributary::grants::applications::service as applications;
use tributary::grants::calls::service::{self, Drafted};
use tributary::grants::calls::{opening, rules};
use tributary::people::permission::Officer;

/// Everybody who might look: staff of every kind, and somebody who bids too.
async fn readers(world: &World, rival: PersonId) -> Vec<(String, Reader)> {
    let mut readers = vec![("visitor".to_owned(), Reader::visitor(world).await)];
    for role in [
        Role::Administrator,
        Role::ProgrammeOfficer,
        Role::FinanceOfficer,
        Role::Approver,
        Role::Supervisor,
        Role::PanelChair,
    ] {
        let person = world.person(&format!("reads-{role}"), &[role]).await;
        readers.push((role.to_string(), Reader::of(world, person).await));
    }
    readers.push(("rival".to_owned(), Reader::of(world, rival).await));
    readers
}

/// All that they read, without the keys that every page draws anew.
async fn everything(readers: &[(String, Reader)], call: CallId) -> Vec<(String, Status, String)> {
    let keys = Regex::new("name=\"form_key\" value=\"[^\"]*\"|<span class=\"code\">[^<]*</span>").unwrap();
    let mut seen = Vec::new();
    let paths = [
        format!("/calls/{call}"),
        "/calls".into(),
        "/calls?before=99".into(),
        "/applications".into(),
        format!("/applications?call={call}"),
        format!("/applications?call={call}&stage=submitted"),
        "/applications/1".into(),
        "/applications/2".into(),
        "/applications/1/screen".into(),
        "/desk".into(),
        "/calls.atom".into(),
        "/calls.ics".into(),
        format!("/calls/{call}/start-review"),
        format!("/calls/{call}/reviews"),
        format!("/calls/{call}/questions"),
        "/admin/jobs".into(),
        "/".into(),
    ];
    for (who, reader) in readers {
        for path in &paths {
            let (status, page) = reader.get(path).await;
            seen.push((format!("{who} {path}"), status, keys.replace_all(&page, "").into_owned()));
        }
    }
    seen
}

async fn bid(side: &Side, call: CallId) -> ApplicationId {
    let id = written(side, call).await;
    applications::submit(&side.signatory, id).await.unwrap();
    id
}

both! {
async fn nobody_sees_a_sealed_bid_or_how_many_there_are(world: World) {
    let desk = Desk::new(&world).await;
    let call = desk.open(&world, Drafted { sealed: true, ..desk.plain.clone() }).await;
    let one = side(&world, "SO-1", LegalForm::SocialServiceBody, "52999999TE00000459").await;
    let two = side(&world, "SO-2", LegalForm::SocialServiceBody, "52999999TE00000534").await;
    let rival = side(&world, "SO-3", LegalForm::Association, "51999999TE00000610").await;
    let readers = readers(&world, rival.editor.actor.person.unwrap()).await;
    everything(&readers, call).await;
    let without = everything(&readers, call).await;
    let first = bid(&one, call).await;
    world.settle().await;
    assert_eq!(everything(&readers, call).await, without, "one bid is seen");
    bid(&two, call).await;
    world.settle().await;
    assert_eq!(everything(&readers, call).await, without, "two bids are seen");
    // Who bids reads their own.
    let own = Reader::of(&world, one.editor.actor.person.unwrap()).await;
    assert_eq!(own.get(&format!("/applications/{first}")).await.0, Status::Ok);

    assert_eq!(applications::screen(&desk.a, first, true, Vec::new(), "").await.unwrap_err().code(), "not-found");
    assert_eq!(applications::ask_information(&desk.a, first, "Which?", 3).await.unwrap_err().code(), "not-found");
    assert_eq!(opening::ask_opening(&desk.a, call).await.unwrap_err().code(), "refused-call-not-closed");
    world.at(nine(2026, 1, 20)).await;
    assert_eq!(service::start_review(&desk.a, call).await.unwrap_err().code(), "refused-call-sealed");
    assert_eq!(opening::open_bids(&desk.b, call).await.unwrap_err().code(), "refused-call-opening-not-asked");
    opening::ask_opening(&desk.a, call).await.unwrap();
    assert_eq!(opening::ask_opening(&desk.b, call).await.unwrap_err().code(), "refused-call-opening-asked");
    assert_eq!(opening::open_bids(&desk.a, call).await.unwrap_err().code(), "forbidden-second-person");
    let partial = world.person("partial", &[Role::ProgrammeOfficer]).await;
    world.member(partial, one.organisation, MemberRole::Editor).await;
    let partial = world.role::<Officer>(partial).await;
    assert_eq!(opening::open_bids(&partial, call).await.unwrap_err().code(), "forbidden-application-own");
    let officer = Reader::of(&world, desk.a.actor.person.unwrap()).await;
    let list = format!("/applications?call={call}");
    assert!(!officer.get(&list).await.1.contains("The wall"), "one person opened them");

    opening::open_bids(&desk.b, call).await.unwrap();
    assert_eq!(opening::open_bids(&desk.b, call).await.unwrap_err().code(), "refused-call-not-sealed");
    assert_eq!(officer.get(&list).await.1.matches("The wall").count(), 2);
    let row = service::load(world.edges.db.read(), call).await.unwrap();
    assert!(!rules::is_sealed(&row) && row.opened_by != row.opening_by);
    applications::screen(&desk.a, first, true, Vec::new(), "").await.unwrap();
}
}
