//! Before a call opens its officers see whom its rules would leave.

use super::Desk;
use crate::rooms::giving::Reader;
use crate::support::{both, day};
use entities::kinds::{LegalForm, RecordKind};
use entities::{organisation, organisation_record};
use sea_orm::{ActiveValue::Set, EntityTrait};
use tributary::core::eligibility::{CreditList, Rule};
use tributary::grants::calls::reach::reach;
use tributary::grants::calls::service;

/// Organisations on record beside the initiator of the fund, one of whom every thirtieth is eligible.
const ALL: i32 = 559;

both! {
async fn the_rules_would_leave_nineteen_of_five_hundred_and_sixty(world: World) {
    let desk = Desk::new(&world).await;
    let id = service::draft(&desk.a, desk.plain.clone()).await.unwrap();
    let now = world.edges.clock.now();
    let row = |n: i32| organisation::ActiveModel {
        legal_form: Set(if n % 2 == 0 { LegalForm::Association } else { LegalForm::Company }),
        name_zh: Set(format!("机构{n}")),
        name_en: Set(String::new()),
        area: Set(if n % 3 == 0 { "wuhou".into() } else { "elsewhere".into() }),
        community: Set(String::new()),
        profile: Set(serde_json::json!({})),
        created_at: Set(now),
        ..Default::default()
    };
    let rows: Vec<_> = (0..ALL).map(row).collect();
    let first = world
        .edges
        .db
        .write(|tx| {
            let rows = rows.clone();
            async move {
                let mut last = None;
                for part in rows.chunks(100) {
                    for row in part {
                        let row = organisation::Entity::insert(row.clone()).exec_with_returning(&tx).await?;
                        last.get_or_insert(row.id.0);
                    }
                }
                Ok(last.unwrap())
            }
        })
        .await
        .unwrap();
    // 94 are associations in the area (every sixth); 75 of them are, or were within the year, on the abnormal list.
    let listed = |n: i64| organisation_record::ActiveModel {
        organisation_id: Set((first + n * 6).into()),
        kind: Set(RecordKind::Credit),
        value: Set("abnormal".into()),
        valid_from: Set(day(2024, 6, 1)),
        valid_until: Set(if n % 2 == 0 { None } else { Some(day(2025, 3, 1)) }),
        evidence: Set("register".into()),
        recorded_at: Set(now),
        ..Default::default()
    };
    let records: Vec<_> = (0..75).map(listed).collect();
    let records = &records;
    let done = world.edges.db.write(|tx| async move {
        organisation_record::Entity::insert_many(records.clone()).exec_without_returning(&tx).await?;
        Ok(())
    });
    done.await.unwrap();

    let draft = service::load(world.edges.db.read(), id).await.unwrap();
    let found = reach(&desk.a, &draft, day(2026, 1, 5)).await.unwrap();
    assert_eq!((found.eligible, found.all), (19, 560));
    let count = |wanted: &Rule| found.left_out.iter().find(|(rule, _)| rule == wanted).unwrap().1;
    assert_eq!(count(&Rule::NotOnList { list: CreditList::Abnormal, look_back_months: 12 }), 75);
    assert_eq!(count(&Rule::Area { any_of: vec!["wuhou".into()] }), 372);
    let officer = Reader::of(&world, desk.a.actor.person.unwrap()).await;
    let (_, page) = officer.get(&format!("/calls/{id}")).await;
    assert!(page.contains("Would leave 19 of 560 organisations eligible."), "{page}");
}
}
