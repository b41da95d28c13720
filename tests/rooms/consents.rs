//! Another purpose needs the donors whose money it is, and nobody speaks for a donor and approves.

use super::grant::Grant;
use crate::support::both;
use entities::gift;
use entities::kinds::*;
use sea_orm::{ActiveValue::Set, EntityTrait};
use tributary::grants::awards::changes::{self, Detail};
use tributary::grants::awards::{consents, view};
use tributary::grants::needs::service as needs;
use tributary::ledger::recipes::{self, Sum};
use tributary::people::permission::{As, Context, Officer, Signatory};

impl Grant {
    /// A change of purpose that an officer took up.
    async fn wishes(&self) -> ChangeRequestId {
        let detail = Detail { words: "a playground".into(), ..Detail::default() };
        let signs = self.signs().await;
        let change = changes::request_change(&signs, self.award, ChangeKind::Purpose, &detail, "why").await.unwrap();
        changes::review_change(&self.officer().await, self.award, change).await.unwrap();
        change
    }

    /// A need that gifts are bound to.
    async fn need(&self) -> NeedId {
        let told = needs::Told { title_en: "Wall".into(), area: "wuhou".into(), ..Default::default() };
        needs::propose(&self.world.acting(self.editor).await.signed_in().unwrap(), told).await.unwrap()
    }

    /// A donor with its signatory.
    async fn donor(&self, name: &str) -> (OrganisationId, PersonId) {
        let donor = self.world.organisation(name, LegalForm::Company, None).await;
        let signs = self.world.person(&format!("signs-{name}"), &[]).await;
        self.world.member(signs, donor, MemberRole::Signatory).await;
        (donor, signs)
    }

    /// A gift of a donor to the fund, bound to a need or not; everything free is promised to the award where `promised`.
    async fn gives(&self, donor: OrganisationId, minor: i64, need: Option<NeedId>, promised: bool) {
        let by = &Context::system(self.world.edges.clone());
        let (fund, item, hands) = (self.fund, self.item, (self.finance, self.approver));
        by.write(|tx| async move {
            let tx = &tx;
            let row = gift::ActiveModel {
                fund_id: Set(fund),
                kind: Set(GiftKind::Bank),
                stage: Set(GiftStage::Received),
                donor_organisation_id: Set(Some(donor)),
                donor_name: Set("d".into()),
                anonymity: Set(Anonymity::Named),
                receipt_wanted: Set(false),
                recorded_by: Set(Some(hands.0)),
                confirmed_by: Set(Some(hands.1)),
                amount_minor: Set(minor),
                currency: Set(Currency::CNY),
                description: Set(String::new()),
                valuation_basis: Set(String::new()),
                created_at: Set(tx.now()),
                ..Default::default()
            };
            let gift = gift::Entity::insert(row).exec_with_returning(tx).await?.id;
            let sum = Sum { amount_minor: minor, currency: Currency::CNY, on: by.day_of(tx.now()) };
            recipes::bank_receipt(tx, by, (Subject::Gift, gift.0), fund, sum, &format!("g-{gift}"), None).await?;
            recipes::suspense_matched(tx, by, gift, fund, need, sum).await?;
            if promised {
                let all = tributary::ledger::balances::available(
                    tx,
                    tributary::ledger::Account::FundAvailable(fund),
                    Currency::CNY,
                )
                .await?;
                recipes::reserved(tx, by, item, fund, need, Sum { amount_minor: all, ..sum }, "2").await?;
            }
            Ok(())
        })
        .await
        .unwrap();
    }

    async fn for_donor(&self, donor: OrganisationId, person: PersonId) -> As<Signatory> {
        self.world.acting(person).await.signatory_of(donor).unwrap()
    }
}

both! {
async fn only_donors_whose_money_it_is_are_asked_and_one_is_enough_where_nothing_was_bound(world: World) {
    let grant = Grant::active_in(world).await;
    let (other, other_signs) = grant.donor("another").await;
    grant.gives(other, 10_000, None, false).await;
    let change = grant.wishes().await;
    // It gave to the fund, but nothing of it was promised to the award.
    let stranger = consents::give(&grant.for_donor(other, other_signs).await, grant.award, change, "x").await;
    assert_eq!(stranger.unwrap_err().code(), "not-found");
    let officer = grant.officer().await;
    let early = changes::approve_change(&officer, grant.award, change).await.unwrap_err();
    assert_eq!(early.code(), "refused-change-no-consent");
    let donor = grant.for_donor(grant.donor, grant.donor_signatory).await;
    consents::give(&donor, grant.award, change, "letter of 6 January").await.unwrap();
    let twice = consents::give(&donor, grant.award, change, "again").await.unwrap_err();
    assert_eq!(twice.code(), "refused-change-consented");
    let tributary::web::page::Reply::Page(page) = view::change(&officer, grant.award, change).await.unwrap() else {
        panic!("no page")
    };
    assert!(page.render("/", String::new()).unwrap().contains("1 of 1 given"));
    changes::approve_change(&officer, grant.award, change).await.unwrap();
}

async fn every_donor_whose_gift_was_bound_agrees(world: World) {
    let grant = Grant::active_in(world).await;
    let (second, second_signs) = grant.donor("second").await;
    let (third, third_signs) = grant.donor("third").await;
    let need = grant.need().await;
    grant.gives(second, 10_000, Some(need), false).await;
    let (db, row) = (grant.world.edges.db.read(), grant.row().await);
    let before = consents::donors(db, &row).await.unwrap();
    assert_eq!((before.asked, before.bound), (vec![grant.donor], vec![]));
    grant.gives(third, 10_000, Some(need), true).await;
    let asked = consents::donors(db, &row).await.unwrap();
    assert_eq!((asked.asked, asked.bound), (vec![second, third], vec![second, third]));
    let change = grant.wishes().await;
    let officer = grant.officer().await;
    // Whose gift was free is not asked any more.
    let free = consents::give(&grant.for_donor(grant.donor, grant.donor_signatory).await, grant.award, change, "x").await;
    assert_eq!(free.unwrap_err().code(), "not-found");
    consents::give(&grant.for_donor(second, second_signs).await, grant.award, change, "letter").await.unwrap();
    let one = changes::approve_change(&officer, grant.award, change).await.unwrap_err();
    assert_eq!(one.code(), "refused-change-no-consent");
    consents::give(&grant.for_donor(third, third_signs).await, grant.award, change, "letter").await.unwrap();
    changes::approve_change(&officer, grant.award, change).await.unwrap();
    changes::apply_change(&officer, grant.award, change).await.unwrap();
}

async fn who_speaks_for_a_donor_does_not_approve(world: World) {
    let grant = Grant::active_in(world).await;
    let both = grant.world.person("both", &[Role::ProgrammeOfficer]).await;
    grant.world.member(both, grant.donor, MemberRole::Signatory).await;
    let change = grant.wishes().await;
    consents::give(&grant.for_donor(grant.donor, both).await, grant.award, change, "letter").await.unwrap();
    let own = changes::approve_change(&grant.role::<Officer>(both).await, grant.award, change).await.unwrap_err();
    assert_eq!(own.code(), "forbidden-second-person");
    changes::approve_change(&grant.officer().await, grant.award, change).await.unwrap();
}
}
