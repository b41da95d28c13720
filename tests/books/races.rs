//! Rule 3: many at once, and money for fewer.

use super::ground::{sum, system};
use super::sums;
use crate::support::{both, tools};
use entities::kinds::{DecisionItemId, FundId, GiftId, Subject};
use tributary::ledger::recipes;

both! {
async fn rule_3_of_64_reservations_at_once_the_33_that_fit_are_made(world: World) {
    let by = system(&world);
    let one = &by;
    one.write(|tx| async move {
        recipes::bank_receipt(&tx, one, (Subject::Gift, 1), FundId(1), sum(33 * 500), "line 1", None).await?;
        recipes::suspense_matched(&tx, one, GiftId(1), FundId(1), None, sum(33 * 500)).await
    })
    .await
    .unwrap();
    let tasks: Vec<_> = (1..=64)
        .map(|item| {
            let by = by.clone();
            tokio::spawn(async move {
                let by = &by;
                by.write(|tx| async move {
                    recipes::reserved(&tx, by, DecisionItemId(item), FundId(1), None, sum(500), "1").await
                })
                .await
            })
        })
        .collect();
    let (mut made, mut refused) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => made += 1,
            Err(error) => {
                assert_eq!(error.code(), "refused-insufficient", "{error}");
                refused += 1;
            }
        }
    }
    assert_eq!((made, refused), (33, 31));
    tools::say(&format!("rule 3: 64 at once against money for 33: {made} made, {refused} refused"));
    sums::hold(&world).await;
}

async fn of_16_copies_of_a_receipt_at_once_one_is_recorded(world: World) {
    let by = system(&world);
    let tasks: Vec<_> = (1..=16)
        .map(|gift| {
            let by = by.clone();
            tokio::spawn(async move {
                let by = &by;
                by.write(|tx| async move {
                    recipes::bank_receipt(&tx, by, (Subject::Gift, gift), FundId(1), sum(700), "line 1", None).await
                })
                .await
            })
        })
        .collect();
    let mut made = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => made += 1,
            Err(error) => assert_eq!(error.code(), "refused-bank-line-used", "{error}"),
        }
    }
    assert_eq!(made, 1);
    sums::hold(&world).await;
}
}
