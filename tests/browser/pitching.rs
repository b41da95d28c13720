//! A pitch session at telephones: the chair lets one speak after the other, two reviewers score while they listen, one in English and
//! one in Chinese; the clock of each turn is there to be read; and the chair closes.

use super::driver::{Browser, NARROW, is_here, serve};
use crate::rooms::reviews::Panel;
use crate::support::World;
use crate::support::rows::change;
use chrono::Duration;
use entities::kinds::{ApplicationStage, PersonId, PitchStage, ReviewId, ReviewStage};
use entities::{call, pitch, review};
use sea_orm::{ActiveValue::Set, EntityTrait};
use std::path::PathBuf;
use tributary::grants::reviews::service::pitches::{self, Planned};
use tributary::grants::reviews::service::{self};
use tributary::people::permission::Officer;

/// Values out of the maxima of the rubric, in its order: they sum to the total.
const MARKS: [(&str, &str); 6] = [
    ("need", "18"),
    ("design", "20"),
    ("participation", "12"),
    ("team", "11"),
    ("budget", "10"),
    ("sustainability", "8"),
];

/// Three telephones in a hall.
struct Hall {
    panel: Panel,
    base: String,
    /// The chair's, and a reviewer's each.
    phones: [Browser; 3],
    /// By reviewer, then by application.
    reviews: [[ReviewId; 2]; 2],
}

impl Hall {
    async fn open() -> Self {
        let panel = Panel::in_world(World::bare().await, ApplicationStage::UnderReview).await;
        let open = call::ActiveModel { id: Set(panel.call), blind: Set(false), ..Default::default() };
        change(&panel.world, open).await;
        let officer = panel.world.role::<Officer>(panel.officer).await;
        let mut reviews = [[ReviewId(0); 2]; 2];
        for (reviewer, own) in reviews.iter_mut().enumerate() {
            for (place, id) in own.iter_mut().enumerate() {
                let person = panel.reviewers[reviewer];
                *id = service::assign(&officer, panel.applications[place], person).await.unwrap();
                let mine = service::load_mine(&panel.world.acting(person).await, *id).await.unwrap();
                service::accept(&mine, true).await.unwrap();
            }
        }
        let starts_at = panel.world.edges.clock.now() + Duration::days(1);
        let planned =
            Planned {
                place: "锦官新城社区活动中心".into(), starts_at, minutes: 8, seed: "2026-01-06".into()
            };
        pitches::plan(&panel.chairing().await, panel.call, planned).await.unwrap();
        panel.world.edges.clock.set(starts_at);
        let base = serve(&panel.world).await;
        let phones = [
            Browser::at(NARROW).await.unwrap(),
            Browser::at(NARROW).await.unwrap(),
            Browser::at(NARROW).await.unwrap(),
        ];
        let people = [(panel.chair, "zh-CN"), (panel.reviewers[0], "en"), (panel.reviewers[1], "zh-CN")];
        for (phone, (person, locale)) in phones.iter().zip(people) {
            phone.be(&base, Some(&panel.world.session(person).await), locale).await;
        }
        Self { panel, base, phones, reviews }
    }

    fn page(&self) -> String {
        format!("/calls/{}/pitch", self.panel.call)
    }

    /// Opens the session at a telephone; answers what stands there.
    async fn reads(&self, phone: usize, name: &str) -> String {
        self.phones[phone].open_page(&self.base, &self.page()).await;
        looks(&self.phones[phone], name).await;
        text(&self.phones[phone]).await
    }

    /// The chair lets the next speak.
    async fn next(&self) {
        let chair = &self.phones[0];
        chair.open_page(&self.base, &self.page()).await;
        chair.press("main a[href='/pitches/1/next']").await;
        chair.arrives(|path| path == "/pitches/1/next").await;
        looks(chair, "pitch-next").await;
        chair.press("main form button[type=submit], main form button:not([type])").await;
        let page = self.page();
        chair.arrives(|path| path == page).await;
        chair.sees(".notice").await;
    }

    /// A reviewer scores who speaks now, from the one button there is.
    async fn scores(&self, phone: usize, submit: bool, name: &str) -> ReviewId {
        let browser = &self.phones[phone];
        browser.open_page(&self.base, &self.page()).await;
        browser.press("main .now a[href^='/reviews/'], main a.button[href^='/reviews/']").await;
        let path = browser.arrives(|path| path.starts_with("/reviews/")).await;
        for (criterion, value) in MARKS {
            // A long scale is typed, a short one is chosen.
            let set = format!(
                "const f = [...document.querySelectorAll('[name=\"score.{criterion}\"]')]; \
                 const one = f.find(e => e.type !== 'radio' || e.value === '{value}'); \
                 if (one.type === 'radio') one.checked = true; else one.value = '{value}'; return true"
            );
            browser.ask(&set).await;
        }
        let why = "document.querySelector('[name=\"comment.need\"]').value = '居民提了三年。'; return true";
        browser.ask(why).await;
        looks(browser, name).await;
        browser
            .press(if submit { "button[name='do'][value='submit']" } else { "button[name='do'][value='save']" })
            .await;
        browser.sees(".notice").await;
        ReviewId(path.trim_start_matches("/reviews/").parse().unwrap())
    }

    async fn stage(&self, id: ReviewId) -> (ReviewStage, Option<i32>) {
        let row = review::Entity::find_by_id(id).one(self.panel.world.edges.db.read()).await.unwrap().unwrap();
        (row.stage, row.total)
    }

    fn owner(&self, id: ReviewId) -> PersonId {
        self.panel.reviewers[usize::from(self.reviews[1].contains(&id))]
    }
}

async fn text(browser: &Browser) -> String {
    browser.ask("return document.querySelector('main').innerText").await.as_str().unwrap_or_default().to_owned()
}

/// The page fits the telephone. With `TRIBUTARY_LOOK`, a picture of it in that folder.
async fn looks(browser: &Browser, name: &str) {
    let over = "const e = document.documentElement; return e.scrollWidth - e.clientWidth";
    assert_eq!(browser.ask(over).await.as_i64(), Some(0), "{name} is wider than {}", browser.width);
    let Some(folder) = std::env::var_os("TRIBUTARY_LOOK").map(PathBuf::from) else { return };
    browser.driver.screenshot(&folder.join(format!("{name}.png"))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_reviewers_score_live_at_telephones_while_the_chair_keeps_the_time() {
    if !is_here() {
        return;
    }
    let hall = Hall::open().await;
    let clock = &hall.panel.world.edges.clock;
    // Before it begins nobody has anything to score.
    let before = hall.reads(1, "pitch-waits-en").await;
    assert!(before.contains("SO-1") && before.contains("SO-2"), "{before}");
    assert!(!hall.phones[1].is_there("main .now a[href^='/reviews/']").await);
    hall.next().await;
    // Three minutes into the first turn: five are left, at every telephone alike.
    clock.set(clock.now() + Duration::minutes(3));
    for (phone, name) in [(0, "pitch-chair-zh"), (1, "pitch-reviewer-en"), (2, "pitch-reviewer-zh")] {
        let page = hall.reads(phone, name).await;
        assert!(page.contains("5:00"), "{name}: {page}");
    }
    let one = hall.scores(1, true, "pitch-score-en").await;
    let other = hall.scores(2, false, "pitch-score-zh").await;
    assert_eq!((hall.owner(one), hall.owner(other)), (hall.panel.reviewers[0], hall.panel.reviewers[1]));
    assert_eq!(hall.stage(one).await, (ReviewStage::Submitted, Some(7_900)));
    assert_eq!(hall.stage(other).await, (ReviewStage::InProgress, None), "kept, and not final");
    // A turn that runs over says by how much.
    clock.set(clock.now() + Duration::minutes(6));
    let late = hall.reads(0, "pitch-late-zh").await;
    assert!(late.contains("1:00"), "{late}");
    hall.next().await;
    let second = hall.scores(1, true, "pitch-second-en").await;
    assert_ne!(second, one, "the one button leads to who speaks now");
    // The chair closes after the last; what is not handed in yet can still be.
    hall.next().await;
    let row = pitch::Entity::find().one(hall.panel.world.edges.db.read()).await.unwrap().unwrap();
    assert_eq!(row.stage, PitchStage::Over);
    let over = hall.reads(2, "pitch-over-zh").await;
    assert!(!over.contains("5:00"), "{over}");
    assert!(!hall.phones[0].is_there("main a[href='/pitches/1/next']").await);
    let browser = &hall.phones[2];
    browser.open_page(&hall.base, &format!("/reviews/{other}")).await;
    browser.press("button[name='do'][value='submit']").await;
    browser.sees(".notice").await;
    assert_eq!(hall.stage(other).await, (ReviewStage::Submitted, Some(7_900)));
}
