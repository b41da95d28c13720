//! Fiscal e-bills: their numbers, each change beside the one before; receipts wanted and waived; and who gave anonymously.

use super::Reader;
use crate::rooms::funds::Cast;
use crate::rooms::gifts::{give, receipt};
use crate::support::both;
use entities::event;
use entities::kinds::{Anonymity, FundraisingMode, Role, Subject};
use rocket::http::Status;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tributary::grants::gifts::service::receipts::{self, Receipt};
use tributary::grants::gifts::service::{bills, naming};

both! {
async fn a_number_is_kept_beside_the_one_before_and_stands_for_one_gift(world: World) {
    let cast = Cast::on(world).await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let (one, two) = (give(&cast, fund, 1_000, "line-1").await, give(&cast, fund, 2_000, "line-2").await);
    let finance = cast.finance().await;
    bills::record(&finance, one, " 0100012345 ", "").await.unwrap();
    assert_eq!(bills::record(&finance, one, "0100012345", "").await.unwrap_err().code(), "refused-bill-same");
    assert_eq!(bills::record(&finance, one, "0100012346", " ").await.unwrap_err().code(), "refused-bill-reason");
    assert_eq!(bills::record(&finance, two, "0100012345", "").await.unwrap_err().code(), "refused-bill-used");
    bills::record(&finance, one, "0100012346", "misprint").await.unwrap();
    // The old number is free again; a cancelled one stays in the history.
    bills::record(&finance, two, "0100012345", "").await.unwrap();
    bills::record(&finance, one, "", "cancelled").await.unwrap();
    let db = cast.world.edges.db.read();
    let numbers: Vec<String> = bills::history(db, one).await.unwrap().into_iter().map(|row| row.number).collect();
    assert_eq!(numbers, ["", "0100012346", "0100012345"]);
    assert_eq!(bills::of(db, [one, two].into_iter()).await.unwrap()[&one], "");
    // A receipt that is waived gets no bill, and none is waived while a bill is out.
    let donor = cast.signatory().await;
    assert_eq!(bills::wish(&donor, two, false).await.unwrap_err().code(), "refused-bill-out");
    bills::wish(&donor, one, false).await.unwrap();
    assert_eq!(bills::record(&finance, one, "7", "x").await.unwrap_err().code(), "refused-bill-waived");
    bills::wish(&donor, one, true).await.unwrap();
    bills::record(&finance, one, "7", "").await.unwrap();
    // A gift that did not come has none; the donor's own people record none.
    let waiting = receipts::record_receipt(&finance, receipt(fund, Some(cast.initiator), 5, "line-3")).await.unwrap();
    assert_eq!(bills::record(&finance, waiting, "8", "").await.unwrap_err().code(), "refused-bill-not-received");
    let own = cast.world.person("own", &[Role::FinanceOfficer]).await;
    cast.world.member(own, cast.initiator, entities::kinds::MemberRole::Editor).await;
    assert_eq!(bills::record(&cast.world.role(own).await, one, "9", "x").await.unwrap_err().code(), "forbidden-gift-own");
    cast.world.settle().await;
}

async fn who_gave_anonymously_is_shown_once_to_who_wrote_down_why(world: World) {
    let cast = Cast::on(world).await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let hidden = Receipt {
        donor_name: "NIGHTINGALE".into(),
        anonymity: Anonymity::Anonymous,
        ..receipt(fund, Some(cast.initiator), 1_000, "line-1")
    };
    let id = receipts::record_receipt(&cast.finance().await, hidden).await.unwrap();
    receipts::confirm_receipt(&cast.approver().await, id).await.unwrap();
    let page = format!("/gifts/{id}");
    for staff in [cast.finance, cast.approver, cast.supervisor, cast.admins[0]] {
        let reader = Reader::of(&cast.world, staff).await;
        for path in [page.as_str(), "/gifts", &format!("/funds/{fund}/gifts"), &format!("{page}/acknowledgement"), &format!("{page}/name")] {
            let (_, text) = reader.get(path).await;
            assert!(!text.contains("NIGHTINGALE"), "{path}");
        }
    }
    assert!(Reader::of(&cast.world, cast.signatory).await.get(&page).await.1.contains("NIGHTINGALE"));
    let finance = Reader::of(&cast.world, cast.finance).await;
    let reveal = format!("{page}/reveal");
    let (status, text) = finance.post(&reveal, "reason=").await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(!text.contains("NIGHTINGALE"));
    let (status, text) = finance.post(&reveal, "reason=court+order+7").await;
    assert_eq!(status, Status::Ok);
    assert!(text.contains("NIGHTINGALE"));
    let asked = event::Entity::find()
        .filter(event::Column::Subject.eq(Subject::Gift))
        .filter(event::Column::Act.eq("reveal"))
        .all(cast.world.edges.db.read())
        .await
        .unwrap();
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].actor_id, asked[0].reason.as_str()), (Some(cast.finance), "court order 7"));
    // Shown once: the page of the gift hides it as before, and who did not ask sees nothing.
    assert!(!finance.get(&page).await.1.contains("NIGHTINGALE"));
    for other in [cast.admins[0], cast.signatory] {
        let (status, text) = Reader::of(&cast.world, other).await.post(&reveal, "reason=x").await;
        assert_eq!(status, Status::Forbidden);
        assert!(!text.contains("NIGHTINGALE"));
    }
    assert_eq!(naming::name_of(&cast.world.acting(cast.approver).await, id).await.unwrap_err().code(), "not-found");
    // Staff never make a donor known better than the donor wished.
    let more = naming::name_donor(&cast.finance().await, id, Anonymity::Withheld).await;
    assert_eq!(more.unwrap_err().code(), "refused-gift-name-withheld");
    naming::choose_name(&cast.signatory().await, id, Anonymity::Withheld).await.unwrap();
    assert!(finance.get(&page).await.1.contains("NIGHTINGALE"), "withheld from the public, known to finance");
}
}
