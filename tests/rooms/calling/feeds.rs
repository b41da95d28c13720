//! Calls in calendars and feed readers: well formed, only what is announced, and no person.

use super::Desk;
use crate::rooms::giving::Reader;
use crate::support::{both, nine};
use rocket::http::Status;
use tributary::grants::calls::service::{self, Drafted};

both! {
async fn feeds_tell_of_announced_calls_and_of_nobody(world: World) {
    let desk = Desk::new(&world).await;
    let told = Drafted { title_zh: "Walls, drains & <cables>".into(), ..desk.plain.clone() };
    let call = desk.open(&world, told).await;
    service::draft(&desk.a, Drafted { title_zh: "Not announced".into(), ..desk.plain.clone() }).await.unwrap();
    let visitor = Reader::visitor(&world).await;
    let (status, atom) = visitor.get("/calls.atom").await;
    assert_eq!(status, Status::Ok);
    assert!(atom.contains("Walls, drains &amp; &lt;cables&gt;"), "{atom}");
    assert!(atom.contains(&format!("/calls/{call}</id>")) && !atom.contains("Not announced") && !atom.contains("officer"));
    let (_, calendar) = visitor.get("/calls.ics").await;
    assert!(calendar.starts_with("BEGIN:VCALENDAR\r\n") && calendar.ends_with("END:VCALENDAR\r\n"));
    assert!(calendar.contains("DTSTART:20260120T010000Z\r\n"), "{calendar}");
    assert!(calendar.replace("\r\n ", "").contains("Walls\\, drains & <cables>"), "{calendar}");
    assert!(calendar.lines().all(|line| line.len() <= 75) && !calendar.contains("Not announced"));

    // An amendment moves the deadline in the calendar too, and says so by its sequence.
    service::amend(&desk.a, call, "延期", "A day later", Some(nine(2026, 1, 21))).await.unwrap();
    let (_, later) = visitor.get("/calls.ics").await;
    assert!(later.contains("DTSTART:20260121T010000Z\r\n"));
    let sequence = |text: &str| text.split("SEQUENCE:").nth(1).unwrap().split("\r\n").next().unwrap().parse::<i32>().unwrap();
    assert!(sequence(&later) > sequence(&calendar));
    world.at(nine(2026, 1, 21)).await;
    assert!(!visitor.get("/calls.atom").await.1.contains("Walls"), "what is over leaves the feed");
}
}
