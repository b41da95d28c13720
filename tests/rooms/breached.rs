//! A password that thieves know is chosen by nobody: not with an invitation, not as the next one.

use crate::support::{PASSWORD, both};
use entities::kinds::Locale;
use tributary::app;
use tributary::config::Config;
use tributary::edges::clock::Clock;
use tributary::edges::dice::Dice;
use tributary::people::{accounts, passwords};

/// SHA-1 of "correct horse battery staple" and of two more, sorted, as the downloader writes them.
const LIST: &str = "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:9545824\r\nABF7AAD6438836DBE526AA231ABDE2D0EEF74D42:12\r\nF7C3BC1D808E04732ADF679965CCC34CA7AE3441:3\r\n";

both! {
async fn a_known_password_is_refused_wherever_one_is_chosen(world: World) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), LIST).unwrap();
    let config = Config { breached_passwords: Some(file.path().to_owned()), ..world.edges.config.clone() };
    let edges = app::open(config, Clock::frozen_at(world.edges.clock.now()), Dice::seeded(5)).await.unwrap();
    let known = "correct horse battery staple";
    let refused = accounts::create(&edges, "a@example.org", "A", Locale::En, known).await.unwrap_err();
    assert_eq!(refused.code(), "refused-password-breached");
    accounts::create(&edges, "a@example.org", "A", Locale::En, "incorrect horse battery staple").await.unwrap();
    let person = world.person("person", &[]).await;
    let context = tributary::people::permission::Context { edges: edges.clone(), ..world.acting(person).await };
    let by = context.signed_in().unwrap();
    let refused = passwords::change(&by, PASSWORD, known, None).await.unwrap_err();
    assert_eq!(refused.code(), "refused-password-breached");
    passwords::change(&by, PASSWORD, "another river runs low", None).await.unwrap();
    let odd = Config { breached_passwords: Some("/nowhere/list".into()), ..world.edges.config.clone() };
    let told = app::open(odd, Clock::system(), Dice::seeded(6)).await.unwrap_err();
    assert!(told.to_string().contains("/nowhere/list"), "a list that is named and not there is told at the start");
}
}
