//! Questions about a call: answered in public, and who asked is on no page.

use super::Desk;
use crate::rooms::giving::Reader;
use crate::support::{both, nine};
use rocket::http::Status;
use tributary::grants::calls::questions;

both! {
async fn a_question_is_public_once_answered_and_its_asker_never(world: World) {
    let desk = Desk::new(&world).await;
    let call = desk.open(&world, desk.plain.clone()).await;
    let other = desk.announced(desk.plain.clone()).await;
    let curious = world.person("curious-cat", &[]).await;
    let asker = world.acting(curious).await.signed_in().unwrap();
    let question = questions::ask(&asker, call, "May a wall be painted?").await.unwrap();
    let aside = questions::ask(&asker, call, "Who is Mr Li?").await.unwrap();
    for _ in 0..8 {
        questions::ask(&asker, call, "And the cables?").await.unwrap();
    }
    let again = questions::ask(&asker, call, "And the drains?").await;
    assert_eq!(again.unwrap_err().code(), "refused-call-questions-waiting");

    let visitor = Reader::visitor(&world).await;
    let officer = Reader::of(&world, desk.a.actor.person.unwrap()).await;
    let path = format!("/calls/{call}/questions");
    assert!(!visitor.get(&path).await.1.contains("May a wall"), "what waits is not public");
    let (_, waiting) = officer.get(&path).await;
    assert!(waiting.contains("May a wall be painted?") && !waiting.contains("curious"));
    let answer = questions::answer(&desk.a, other, question, "可以", "Yes").await;
    assert_eq!(answer.unwrap_err().code(), "not-found", "a question belongs to its call");
    assert_eq!(questions::answer(&desk.a, call, question, "", " ").await.unwrap_err().code(), "refused-one-language");
    questions::answer(&desk.a, call, question, "可以", "Yes, it may").await.unwrap();
    assert_eq!(questions::answer(&desk.b, call, question, "不", "No").await.unwrap_err().code(), "refused-stage");
    questions::decline(&desk.a, call, aside).await.unwrap();
    world.settle().await;
    let (status, page) = visitor.get(&path).await;
    assert_eq!(status, Status::Ok);
    assert!(page.contains("May a wall be painted?") && page.contains("可以"));
    assert!(!page.contains("curious") && !page.contains("Mr Li"));
    for path in [format!("{path}/{question}"), format!("/calls/{call}"), "/desk".into()] {
        assert!(!officer.get(&path).await.1.contains("curious"), "{path}");
    }
    world.at(nine(2026, 1, 20)).await;
    assert_eq!(questions::ask(&asker, call, "Too late?").await.unwrap_err().code(), "refused-call-not-open");
}
}
