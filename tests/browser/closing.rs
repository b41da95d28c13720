//! An award from its offer to its case page: the grantee at a telephone, in Chinese; the foundation at a desk, in English. Every step is
//! a page that is opened and a button that is pressed.

use super::driver::{Browser, NARROW, WIDE, is_here, serve};
use crate::rooms::grant::Grant;
use crate::rooms::uploads::{photo, whereabouts};
use crate::support::{PASSWORD, World};
use base64::Engine;
use entities::kinds::{AwardStage, ChangeRequestId, EvaluationId, PersonId, ReportKind, TrancheStage};
use entities::{change_request, evaluation};
use sea_orm::{EntityTrait, QueryOrder};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tributary::grants::awards::service as awards;

/// A telephone, a desk, and what lies on them.
pub(super) struct Room {
    pub(super) grant: Grant,
    pub(super) base: String,
    pub(super) phone: Browser,
    pub(super) desk: Browser,
    /// By whom each browser is entered; made by a password and a passkey, or written for a test.
    pub(super) sessions: BTreeMap<PersonId, String>,
    pub(super) files: TempDir,
    /// Seconds that pass before each act.
    pub(super) pace: i64,
}

impl Room {
    async fn furnished() -> Self {
        let grant = Grant::offered_in(World::bare().await).await;
        let mut sessions = BTreeMap::new();
        let people =
            [grant.signatory, grant.editor, grant.administrator, grant.officer, grant.finance, grant.finance_b];
        for person in people.into_iter().chain([grant.approver, grant.approver_b, grant.evaluator]) {
            sessions.insert(person, grant.world.session(person).await);
        }
        let base = serve(&grant.world).await;
        let (phone, desk) = (Browser::at(NARROW).await.unwrap(), Browser::at(WIDE).await.unwrap());
        Self { grant, base, phone, desk, sessions, files: tempfile::tempdir().unwrap(), pace: 0 }
    }

    /// Time goes on.
    pub(super) fn later(&self, seconds: i64) {
        let clock = &self.grant.world.edges.clock;
        clock.set(clock.now() + chrono::Duration::seconds(seconds));
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.files.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// The grantee, at the telephone.
    pub(super) async fn there(&self, who: PersonId, path: &str, fields: &[(&str, &str)], files: &[(&str, &Path)]) {
        self.later(self.pace);
        self.phone.be(&self.base, Some(&self.sessions[&who]), "zh-CN").await;
        acts(&self.phone, &self.base, path, fields, files).await;
    }

    /// The foundation, at the desk.
    pub(super) async fn here(&self, who: PersonId, path: &str, fields: &[(&str, &str)]) {
        self.later(self.pace);
        self.desk.be(&self.base, Some(&self.sessions[&who]), "en").await;
        acts(&self.desk, &self.base, path, fields, &[]).await;
    }

    /// A tranche from the request to the bank's word, each step by whom it takes.
    pub(super) async fn pays(&self, ordinal: i32) {
        let grant = &self.grant;
        let row = grant.tranche(ordinal).await;
        assert_eq!(row.stage, TrancheStage::Due, "tranche {ordinal}");
        let at = |act: &str| format!("/tranches/{}/{act}", row.id);
        self.there(grant.signatory, &at("request"), &[], &[]).await;
        self.here(grant.officer, &at("approve-programme"), &[]).await;
        self.here(grant.finance, &at("prepare"), &[]).await;
        self.here(grant.approver, &at("approve"), &[]).await;
        if row.amount_minor >= 4_000_000 {
            self.here(grant.approver_b, &at("approve-third"), &[]).await;
        }
        self.here(grant.finance, &at("batch"), &[]).await;
        self.here(grant.finance, &at("send"), &[]).await;
        let slip = self.file(&format!("slip-{ordinal}.txt"), format!("account 1234, {ordinal}").as_bytes());
        let black = self.file(&format!("black-{ordinal}.txt"), format!("account ████, {ordinal}").as_bytes());
        let today = grant.world.edges.today().to_string();
        let line = format!("bank-line-{ordinal}");
        self.later(self.pace);
        self.desk.be(&self.base, Some(&self.sessions[&grant.finance_b]), "en").await;
        let fields = [("bank_line", line.as_str()), ("paid_on", today.as_str())];
        let files = [("voucher", slip.as_path()), ("redacted", black.as_path())];
        acts(&self.desk, &self.base, &at("confirm"), &fields, &files).await;
        assert_eq!(grant.tranche(ordinal).await.stage, TrancheStage::Paid, "tranche {ordinal}");
    }

    /// A photo that a browser draws, 64 by 32, with what a telephone adds: where it was taken, and that it lies on its side.
    async fn painted(&self) -> Vec<u8> {
        let draw = "const c = document.createElement('canvas'); c.width = 64; c.height = 32; const g = c.getContext('2d'); \
            g.fillStyle = '#0d6b63'; g.fillRect(0, 0, 32, 32); return c.toDataURL('image/jpeg')";
        let url = self.phone.ask(draw).await;
        let plain = url.as_str().unwrap().split_once("base64,").unwrap().1;
        let drawn = base64::engine::general_purpose::STANDARD.decode(plain).unwrap();
        let side = b"\xff\xe1\0\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        [&drawn[..2], side, &whereabouts(), &drawn[2..]].concat()
    }

    /// A report from the first word to its acceptance.
    async fn reports(&self, kind: ReportKind, narrative: &str) {
        let grant = &self.grant;
        let id = grant.report(kind).await.id;
        let at = |act: &str| format!("/reports/{id}/{act}");
        self.here(grant.officer, &at("open"), &[]).await;
        let today = grant.world.edges.today().to_string();
        let turn = if kind == ReportKind::Final { 2 } else { 1 };
        let shot = self.file(&format!("IMG_{turn}.jpg"), &photo(4_000, 3_000, turn, &[whereabouts()]));
        let fields = [
            ("narrative", narrative),
            ("volunteer_hours", "120"),
            ("beneficiaries", "830"),
            ("spending.0.head", "labour"),
            ("spending.0.amount", "37000"),
        ];
        self.there(grant.editor, &at("write"), &fields, &[]).await;
        let number = format!("发票 {turn}");
        let fields =
            [("head", "labour"), ("amount", "37000"), ("issued_on", today.as_str()), ("number", number.as_str())];
        self.there(grant.editor, &at("add-receipt"), &fields, &[("file", &shot)]).await;
        if kind == ReportKind::Final {
            let shot = self.file("wall.jpg", &self.painted().await);
            self.there(grant.editor, &at("add-photo"), &[("caption", "画好的外墙")], &[("file", &shot)]).await;
        }
        self.phone.open_page(&self.base, &format!("/reports/{id}")).await;
        looks(&self.phone, &format!("report-{kind}-zh")).await;
        self.there(grant.editor, &at("hand-over"), &[], &[]).await;
        self.there(grant.signatory, &at("submit"), &[], &[]).await;
        self.desk.be(&self.base, Some(&self.sessions[&grant.officer]), "en").await;
        self.desk.open_page(&self.base, &format!("/reports/{id}")).await;
        looks(&self.desk, &format!("report-{kind}-en")).await;
        self.here(grant.officer, &at("accept"), &[]).await;
    }
}

/// Opens the page of an act, fills it in and presses its button; a notice says that it was done.
pub(super) async fn acts(browser: &Browser, base: &str, path: &str, fields: &[(&str, &str)], files: &[(&str, &Path)]) {
    browser.open_page(base, path).await;
    for (name, value) in fields {
        let told = serde_json::json!(value).to_string();
        let set =
            format!("const f = document.querySelector('main [name=\"{name}\"]'); f.value = {told}; return f.value");
        assert_eq!(browser.ask(&set).await, *value, "{path}: {name}");
    }
    for (name, file) in files {
        browser.fill(name, file.to_str().unwrap()).await;
    }
    // What pays asks for the password where it is done.
    if browser.is_there("main [name='proof_password']").await {
        browser.fill("proof_password", PASSWORD).await;
    }
    looks(browser, &path.trim_start_matches('/').replace('/', "-")).await;
    // Whoever has a passkey is asked for it where a code is asked for: on the page, or after the first press.
    if !keyed(browser).await {
        browser.press("main form button[type=submit], main form button:not([type])").await;
    }
    let until = Instant::now() + Duration::from_secs(20);
    while browser.driver.current_url().await.unwrap().path() == path || !browser.is_there(".notice").await {
        keyed(browser).await;
        if Instant::now() > until {
            let said = browser.ask("return location.pathname + ' ' + document.querySelector('main').innerText").await;
            panic!("{path} was not done: {said}");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Presses the button of the passkey, if this page asks for one and it was not pressed there before.
async fn keyed(browser: &Browser) -> bool {
    let asked = "const p = document.querySelector('main [data-passkey-for]'); \
        if (p === null || p.hidden || p.dataset.pressed) return false; p.dataset.pressed = 'yes'; return true";
    if browser.ask(asked).await.as_bool() != Some(true) {
        return false;
    }
    browser.press("main [data-passkey-for] button").await;
    true
}

/// The page fits its width.
pub(super) async fn looks(browser: &Browser, name: &str) {
    let over = "const e = document.documentElement; return e.scrollWidth - e.clientWidth";
    assert_eq!(browser.ask(over).await.as_i64(), Some(0), "{name} is wider than {}", browser.width);
    browser.looked_at(name).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_award_is_signed_paid_evaluated_changed_reported_and_closed_at_a_telephone_and_a_desk() {
    if is_here() {
        let room = Room::furnished().await;
        let begun = begins(&room).await;
        ends(&room, begun).await;
    }
}

/// The agreement signed by both, and the first tranche paid. Answers where the award is.
async fn begins(room: &Room) -> impl Fn(&str) -> String {
    let grant = &room.grant;
    let award = grant.award;
    let at = move |act: &str| format!("/awards/{award}/{act}");
    room.there(grant.signatory, &at("accept"), &[], &[]).await;
    room.there(grant.signatory, &at("sign"), &[("typed_name", "signatory-so-1")], &[]).await;
    room.here(grant.administrator, &at("countersign"), &[]).await;
    room.pays(1).await;
    at
}

/// From the mid-term to the case page.
pub(super) async fn ends(room: &Room, at: impl Fn(&str) -> String) {
    let grant = &room.grant;
    let db = grant.world.edges.db.read();
    // The mid-term: 58 stops the second tranche, 74 lets it go.
    room.reports(ReportKind::MidTerm, "外墙已粉刷一半，居民参与二十次。").await;
    let evaluator = grant.evaluator.to_string();
    room.here(grant.officer, &at("assign-evaluation"), &[("kind", "mid_term"), ("evaluator", &evaluator)]).await;
    let last = || async {
        let rows = evaluation::Entity::find().order_by_desc(evaluation::Column::Id);
        rows.one(grant.world.edges.db.read()).await.unwrap().unwrap().id
    };
    let judge = |id: EvaluationId, act: &str| format!("/evaluations/{id}/{act}");
    let first = last().await;
    let said = [("score", "58"), ("findings", "The plaster is loose at the corner.")];
    room.here(grant.evaluator, &judge(first, "submit"), &said).await;
    room.here(grant.officer, &judge(first, "publish"), &[]).await;
    assert_eq!(grant.tranche(2).await.stage, TrancheStage::Planned, "58 opens nothing");
    room.there(grant.signatory, &judge(first, "rectify"), &[("rectification", "转角已重新粉刷。")], &[]).await;
    let second = last().await;
    assert_ne!(first, second);
    room.here(grant.evaluator, &judge(second, "submit"), &[("score", "74"), ("findings", "Mended.")]).await;
    room.here(grant.officer, &judge(second, "publish"), &[]).await;
    room.pays(2).await;
    // ¥4,000 from material to labour.
    let fields = [
        ("kind", "budget_shift"),
        ("from_head", "material"),
        ("to_head", "labour"),
        ("amount", "4000"),
        ("explanation", "人工涨价"),
    ];
    room.there(grant.signatory, &at("request-change"), &fields, &[]).await;
    let change = change_request::Entity::find().one(db).await.unwrap().unwrap().id;
    let changed = |id: ChangeRequestId, act: &str| format!("/awards/{}/changes/{id}/{act}", grant.award);
    for act in ["review", "approve", "apply"] {
        room.here(grant.officer, &changed(change, act), &[]).await;
    }
    // The end: ¥80,500 allowable, the last tranche ¥5,800.
    room.here(grant.finance, &at("propose-allowable"), &[("amount", "80500")]).await;
    room.here(grant.approver, &at("confirm-allowable"), &[]).await;
    room.reports(ReportKind::Final, "外墙已加固并彩绘，居民常来拍照。").await;
    assert_eq!(grant.tranche(3).await.amount_minor, 580_000);
    room.pays(3).await;
    room.here(grant.officer, &at("propose-close"), &[]).await;
    room.here(grant.finance, &at("confirm-close"), &[]).await;
    room.here(grant.officer, &at("propose-residue"), &[("residue", "Kept for the next back street.")]).await;
    room.here(grant.approver, &at("confirm-residue"), &[]).await;
    let fields = [("title", "人人喜爱的墙"), ("story", "从前灰暗的外墙，如今人人来拍照。"), ("photo", "1")];
    room.here(grant.officer, &at("publish-case"), &fields).await;
    let row = awards::load(db, grant.award).await.unwrap();
    assert_eq!(row.stage, AwardStage::Closed);
    assert_eq!(grant.balances().await, (0, 0, 1_705_500), "the fund keeps ¥17,055.00");
    // What everybody reads, at both widths and in both languages.
    for (browser, locale) in [(&room.phone, "zh-CN"), (&room.desk, "en"), (&room.phone, "en"), (&room.desk, "zh-CN")] {
        browser.be(&room.base, None, locale).await;
        for (path, name) in
            [(format!("/projects/{}", grant.award), "project"), (format!("/funds/{}", grant.fund), "fund")]
        {
            browser.open_page(&room.base, &path).await;
            looks(browser, &format!("{name}-{locale}")).await;
        }
        browser.open_page(&room.base, &format!("/projects/{}", grant.award)).await;
        // The picture came through the cleaning whole, and stands upright.
        let size = "const i = document.querySelector('.case-photo img'); i.scrollIntoView(); return [i.complete, i.naturalWidth, i.naturalHeight]";
        let until = Instant::now() + Duration::from_secs(20);
        while browser.ask(size).await[0] == false && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(browser.ask(size).await, serde_json::json!([true, 32, 64]), "{locale} at {}", browser.width);
        let text = browser.ask("return document.querySelector('main').innerText").await;
        let text = text.as_str().unwrap_or_default().to_owned();
        for words in ["人人喜爱的墙", "画好的外墙", "80,500.00", "830"] {
            assert!(text.contains(words), "{locale} at {}: the case lacks {words}", browser.width);
        }
    }
}
