//! Rule 5: the same form's key answers the same; another body is refused; a repeated refusal stays a refusal.

use super::ground::{number, sum, system};
use super::sums;
use crate::support::both;
use entities::kinds::Role;
use tributary::grants::needs::service::{self, Told};
use tributary::ledger::recipes;
use tributary::people::permission::{Officer, Once};

const KEY: &str = "0123456789abcdef";

fn told(title: &str) -> Told {
    Told { title_en: title.into(), ..Told::default() }
}

both! {
async fn rule_5_a_form_posted_twice_is_done_once_and_another_body_is_refused(world: World) {
    let person = world.person("resident", &[]).await;
    let other = world.person("neighbour", &[]).await;
    let once = |body: &str| Some(Once::new(&world.edges, KEY, "/needs", body));
    let by = world.acting(person).await.signed_in().unwrap();
    let first = service::propose(&by.posting(once("a")), told("A wall")).await.unwrap();
    let again = service::propose(&by.posting(once("a")), told("A wall")).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(number(&world, "select count(*) from need").await, 1);
    let refused = service::propose(&by.posting(once("b")), told("A roof")).await.unwrap_err();
    assert_eq!(refused.code(), "refused-form-used");
    let stranger = world.acting(other).await.signed_in().unwrap().posting(once("a"));
    assert_eq!(service::propose(&stranger, told("A wall")).await.unwrap_err().code(), "refused-form-used");
    assert_eq!(number(&world, "select count(*) from need").await, 1);
}

async fn rule_5_a_repeated_refusal_stays_a_refusal(world: World) {
    let officer = world.person("officer", &[Role::ProgrammeOfficer]).await;
    let resident = world.person("resident", &[]).await;
    let need = service::propose(&world.acting(resident).await.signed_in().unwrap(), told("A wall")).await.unwrap();
    let officer = world.role::<Officer>(officer).await;
    service::decline(&officer, need, "not here").await.unwrap();
    let events = number(&world, "select count(*) from event").await;
    let form = officer.posting(Some(Once::new(&world.edges, KEY, "/needs/1/list", "")));
    for _ in 0..3 {
        assert_eq!(service::list(&form, need).await.unwrap_err().code(), "refused-stage");
    }
    assert_eq!(number(&world, "select count(*) from event").await, events);
    assert_eq!(number(&world, "select count(*) from posted_form").await, 0);
}

async fn rule_5_of_16_copies_of_a_form_at_once_all_answer_the_same(world: World) {
    let by = system(&world).posting(Some(Once::new(&world.edges, KEY, "/capital", "")));
    let tasks: Vec<_> = (0..16)
        .map(|n| {
            let by = by.clone();
            tokio::spawn(async move {
                let (by, line) = (&by, &format!("copy {n}"));
                by.write(|tx| async move { recipes::capital(&tx, by, sum(900), line).await }).await
            })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap().unwrap());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(number(&world, "select count(*) from transfer").await, 1);
    sums::hold(&world).await;
}
}
