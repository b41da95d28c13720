//! Bids beside their text: two editors, what is kept while it is typed, files and the scanner, co-funding, partners, bids that look
//! alike; and what a bad connection, a back button and an impatient finger do. Over real HTTP where that is what fails.

use super::applications::{Side, side, written};
use super::calls::{drafted, open};
use crate::support::served::free_port;
use crate::support::{World, both, rows, tools};
use entities::kinds::*;
use entities::{application_document, application_scratch, event, organisation};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use std::collections::{BTreeMap, BTreeSet};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tributary::app;
use tributary::commons::documents;
use tributary::config::Config;
use tributary::edges::clock::Clock;
use tributary::edges::dice::Dice;
use tributary::grants::applications::service;
use tributary::grants::applications::{answering, attachments, funding, scratch, sides, similar, view};
use tributary::grants::calls;
use tributary::web::page::Reply;

/// Somebody's browser on the real port: one cookie, no redirects.
pub struct Web {
    client: reqwest::Client,
    pub url: String,
    token: String,
}

/// As a browser writes a field.
pub fn encoded(fields: &[(&str, &str)]) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let text = |text: &str| -> String {
        text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
    };
    fields.iter().map(|(name, value)| format!("{}={}", text(name), text(value))).collect::<Vec<_>>().join("&")
}

impl Web {
    pub async fn of(world: &World, person: PersonId) -> Self {
        let url = world.till.as_ref().unwrap().url.clone();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { client, url, token: world.session(person).await }
    }

    pub async fn get(&self, path: &str) -> (u16, String) {
        let request = self.client.get(format!("{}{path}", self.url)).header("cookie", self.cookie());
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
        self.body(path, "application/x-www-form-urlencoded", encoded(fields).into_bytes()).await
    }

    pub async fn body(&self, path: &str, kind: &str, body: Vec<u8>) -> (u16, String) {
        let request = self.client.post(format!("{}{path}", self.url)).header("cookie", self.cookie());
        let answer =
            request.header("content-type", kind).header("sec-fetch-site", "same-origin").body(body).send().await;
        let answer = answer.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap_or_default())
    }

    pub fn cookie(&self) -> String {
        format!("tributary_session={}; tributary_locale=en", self.token)
    }
}

/// The form of a draft, filled in.
fn form<'a>(key: &'a str, version: &'a str, summary: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("form_key", key),
        ("version", version),
        ("title", "The wall"),
        ("summary", summary),
        ("site", "Hangzhong Street"),
        ("team", "three masons"),
        ("answers.upkeep", "yearly"),
        ("lines.0.label", "wall, a metre"),
        ("lines.0.head", "material"),
        ("lines.0.quantity", "83"),
        ("lines.0.unit", "1000"),
        ("lines.0.source", "grant"),
        ("then", "save"),
    ]
}

const KEYS: [&str; 4] = ["key-0000-0000-0001", "key-0000-0000-0002", "key-0000-0000-0003", "key-0000-0000-0004"];

/// A draft of an organisation with two editors, and their browsers.
async fn drafting(world: &World) -> (CallId, Side, ApplicationId, Web, Web) {
    let (call, ..) = open(world).await;
    let so1 = side(world, "SO-1", LegalForm::SocialServiceBody, "52999999TE00000459").await;
    let id = service::start(&so1.editor, call, "The wall").await.unwrap();
    let other = world.person("second-editor", &[]).await;
    world.member(other, so1.organisation, MemberRole::Editor).await;
    let one = Web::of(world, so1.editor.actor.person.unwrap()).await;
    let two = Web::of(world, other).await;
    (call, so1, id, one, two)
}

async fn row(world: &World, id: ApplicationId) -> entities::application::Model {
    service::load(world.edges.db.read(), id).await.unwrap()
}

async fn done(world: &World, id: ApplicationId, act: &str) -> u64 {
    event::Entity::find()
        .filter(event::Column::Subject.eq(Subject::Application))
        .filter(event::Column::SubjectId.eq(id.0))
        .filter(event::Column::Act.eq(act))
        .count(world.edges.db.read())
        .await
        .unwrap()
}

both! { paying:
async fn two_editors_save_at_once_and_both_versions_stand_side_by_side(world: World) {
    let (_, _, id, one, two) = drafting(&world).await;
    let edit = format!("/applications/{id}/edit");
    let (status, page) = two.get(&edit).await;
    assert!(status == 200 && page.contains("name=\"version\" value=\"1\""));
    assert_eq!(one.post(&edit, &form(KEYS[0], "1", "eighty-three metres of plaster")).await.0, 303);
    let (status, page) = two.post(&edit, &form(KEYS[1], "1", "a mural by the residents")).await;
    assert_eq!(status, 409);
    for words in ["eighty-three metres of plaster", "a mural by the residents", "name=\"version\" value=\"2\"", "SO-1-editor"] {
        assert!(page.contains(words), "the page lacks {words}");
    }
    assert_eq!(row(&world, id).await.summary, "eighty-three metres of plaster", "nothing was overwritten");
    // Having seen both, the second editor decides.
    assert_eq!(two.post(&edit, &form(KEYS[2], "2", "plaster, then a mural")).await.0, 303);
    assert_eq!((row(&world, id).await.summary.as_str(), row(&world, id).await.version), ("plaster, then a mural", 3));
}

async fn a_lost_connection_sends_the_same_form_twice_and_it_counts_once(world: World) {
    let (_, _, id, one, _) = drafting(&world).await;
    let edit = format!("/applications/{id}/edit");
    for _ in 0..2 {
        assert_eq!(one.post(&edit, &form(KEYS[0], "1", "eighty-three metres")).await.0, 303);
    }
    assert_eq!((row(&world, id).await.version, done(&world, id, "save").await), (2, 1));
}

async fn a_back_button_posts_an_old_form_and_loses_nothing(world: World) {
    let (_, _, id, one, two) = drafting(&world).await;
    let edit = format!("/applications/{id}/edit");
    assert_eq!(one.post(&edit, &form(KEYS[0], "1", "first words")).await.0, 303);
    assert_eq!(two.post(&edit, &form(KEYS[1], "2", "words of the other")).await.0, 303);
    // The old form, its old key and all, with other words.
    let (status, page) = one.post(&edit, &form(KEYS[0], "1", "second thoughts")).await;
    assert_eq!(status, 409);
    assert!(page.contains("second thoughts") && page.contains("words of the other"));
    assert_eq!(row(&world, id).await.summary, "words of the other");
}

async fn sixty_four_clicks_on_submit_are_one_submission(world: World) {
    let (call, ..) = open(&world).await;
    let so1 = side(&world, "SO-1", LegalForm::SocialServiceBody, "52999999TE00000459").await;
    let id = written(&so1, call).await;
    let web = std::sync::Arc::new(Web::of(&world, so1.signatory.actor.person.unwrap()).await);
    let submit = format!("/applications/{id}/submit");
    let clicks: Vec<_> = (0..64)
        .map(|n| {
            let (web, submit) = (web.clone(), submit.clone());
            let key = if n % 2 == 0 { KEYS[0].to_owned() } else { format!("another-key-{n:06}") };
            tokio::spawn(async move { web.post(&submit, &[("form_key", &key)]).await.0 })
        })
        .collect();
    let mut answers = BTreeMap::new();
    for click in clicks {
        *answers.entry(click.await.unwrap()).or_insert(0) += 1;
    }
    assert!(answers.keys().all(|status| matches!(status, 303 | 409 | 422)), "{answers:?}");
    assert!(answers.get(&303).is_some_and(|n| *n >= 1), "{answers:?}");
    assert_eq!(done(&world, id, "submit").await, 1);
    let first = row(&world, id).await;
    assert_eq!((first.stage, first.content_hash.len()), (ApplicationStage::Submitted, 64));
    world.settle().await;
    let letters = world.edges.mail.newest(100).await.unwrap();
    let received = letters.iter().filter(|(_, letter)| letter.subject.starts_with("Received")).count();
    assert_eq!(received, 2, "the editor and the signatory are told once");
    assert!(letters.iter().any(|(_, letter)| letter.text.contains(&first.content_hash)));
}

async fn an_upload_that_is_cut_off_or_too_large_stores_nothing(world: World) {
    let (_, _, id, one, _) = drafting(&world).await;
    let edit = format!("/applications/{id}/edit");
    assert_eq!(one.post(&edit, &form(KEYS[0], "1", "kept words")).await.0, 303);
    let attach = format!("/applications/{id}/attach");
    let kind = "multipart/form-data; boundary=cut";
    let head = "--cut\r\nContent-Disposition: form-data; name=\"form_key\"\r\n\r\nkey-0000-0000-0009\r\n--cut\r\nContent-Disposition: form-data; name=\"label\"\r\n\r\nPlan\r\n--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"plan.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4\n";
    let files = || std::fs::read_dir(world.edges.config.data.join("files")).unwrap().count();
    let before = files();
    // Forty megabytes are promised, and the line goes dead after fifteen.
    let whole = 40 * 1024 * 1024;
    let address = one.url.trim_start_matches("http://").to_owned();
    let mut line = tokio::net::TcpStream::connect(&address).await.unwrap();
    let request = format!(
        "POST {attach} HTTP/1.1\r\nHost: {address}\r\nCookie: {}\r\nContent-Type: {kind}\r\nContent-Length: {whole}\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n\r\n{head}",
        one.cookie()
    );
    line.write_all(request.as_bytes()).await.unwrap();
    line.write_all(&vec![b'x'; 15 * 1024 * 1024]).await.ok();
    line.shutdown().await.ok();
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).await.ok();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    // Whoever still listens is told; nobody is told that it worked.
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{}", &answer[..answer.len().min(300)]);
    let said = answer.lines().next().unwrap_or("nothing: the line was dead").to_owned();
    tools::say(&format!("a 40 MB upload cut after 15 MB on {:?} is answered: {said}", world.edges.db.backend()));
    // The whole forty megabytes, and one byte above the limit.
    for size in [whole, 20 * 1024 * 1024 + 1] {
        let mut body = head.as_bytes().to_vec();
        body.resize(head.len() + size, b'x');
        body.extend_from_slice(b"\r\n--cut--\r\n");
        let (status, page) = one.body(&attach, kind, body).await;
        assert!(status == 422 && page.contains("larger than 20 MB"), "{status}");
    }
    assert_eq!(application_document::Entity::find().count(world.edges.db.read()).await.unwrap(), 0);
    assert_eq!(files(), before, "no half of a file is left");
    assert!(one.get(&edit).await.1.contains("kept words"));
    // A file that is whole is taken.
    let body = format!("{head}%%EOF\r\n--cut--\r\n").into_bytes();
    assert_eq!(one.body(&attach, kind, body).await.0, 303);
    let kept = attachments::of(world.edges.db.read(), id).await.unwrap();
    assert_eq!(kept[0].1.media_type, "application/pdf");
    // A draft is its organisation's own, and so are its files, whoever guesses their numbers.
    let file = format!("/documents/{}", kept[0].1.id);
    assert_eq!(one.get(&file).await.0, 200);
    for role in [Role::ProgrammeOfficer, Role::Supervisor, Role::Administrator] {
        let staff = world.person(role.as_str(), &[role]).await;
        assert_eq!(Web::of(&world, staff).await.get(&file).await.0, 404, "{role}");
    }
}

async fn what_is_typed_is_kept_for_its_writer_alone_until_it_is_saved(world: World) {
    let (_, _, id, one, two) = drafting(&world).await;
    let (edit, keep) = (format!("/applications/{id}/edit"), format!("/applications/{id}/scratch"));
    // Half a row, which no save would take: it is kept as it is.
    let half = [("version", "1"), ("summary", "words nobody saved"), ("lines.0.quantity", "8x")];
    for _ in 0..2 {
        assert_eq!(one.post(&keep, &half).await.0, 200);
    }
    let (_, page) = one.get(&edit).await;
    assert!(page.contains("words nobody saved") && page.contains("8x"));
    assert!(!two.get(&edit).await.1.contains("words nobody saved"), "another editor sees what is saved");
    assert_eq!(row(&world, id).await.summary, "", "typing saves nothing");
    // The other saves meanwhile: whoever comes back sees both.
    assert_eq!(two.post(&edit, &form(KEYS[1], "1", "saved by the other")).await.0, 303);
    let (_, page) = one.get(&edit).await;
    assert!(page.contains("words nobody saved") && page.contains("saved by the other"));
    assert_eq!(one.post(&edit, &form(KEYS[2], "2", "saved by both")).await.0, 303);
    assert_eq!(application_scratch::Entity::find().count(world.edges.db.read()).await.unwrap(), 0);
    // A stranger keeps nothing here.
    let stranger = Web::of(&world, world.person("stranger", &[]).await).await;
    assert_eq!(stranger.post(&keep, &half).await.0, 404);
}
}

both! {
async fn a_partner_gives_its_own_word_and_without_it_nothing_is_signed(world: World) {
    let (call, ..) = open(&world).await;
    let so1 = side(&world, "SO-1", LegalForm::SocialServiceBody, "52999999TE00000459").await;
    let so2 = side(&world, "SO-2", LegalForm::SocialServiceBody, "52999999TE00000534").await;
    let id = written(&so1, call).await;
    service::take_back(&so1.editor, id).await.unwrap();
    let child = |partner, amount_minor| sides::Child {
        partner,
        title: "Garden".into(),
        summary: "a bed of herbs".into(),
        amount_minor,
    };
    let own = sides::ask_partner(&so1.editor, id, child(so1.organisation, 1)).await.unwrap_err();
    assert_eq!(own.code(), "refused-choose");
    let part = sides::ask_partner(&so1.editor, id, child(so2.organisation, 9_000_000)).await.unwrap();
    let twice = sides::ask_partner(&so1.editor, id, child(so2.organisation, 1)).await.unwrap_err();
    assert_eq!(twice.code(), "refused-application-side-twice");
    service::hand_over(&so1.editor, id).await.unwrap();
    let open = service::submit(&so1.signatory, id).await.unwrap_err();
    assert_eq!(open.code(), "refused-application-side-open");
    assert_eq!(sides::answer(&so1.signatory, part, true, "").await.unwrap_err().code(), "not-found");
    assert_eq!(sides::answer(&so2.signatory, part, false, " ").await.unwrap_err().code(), "refused-empty");
    sides::answer(&so2.signatory, part, false, "too much for us").await.unwrap();
    assert_eq!(service::submit(&so1.signatory, id).await.unwrap_err().code(), "refused-application-side-open");
    service::take_back(&so1.editor, id).await.unwrap();
    sides::ask_again(&so1.editor, part).await.unwrap();
    sides::answer(&so2.signatory, part, true, "").await.unwrap();
    service::hand_over(&so1.editor, id).await.unwrap();
    let sum = service::submit(&so1.signatory, id).await.unwrap_err();
    assert_eq!(sum.code(), "refused-application-sides-sum", "a child asks for more than the whole");
    service::take_back(&so1.editor, id).await.unwrap();
    sides::drop_side(&so1.editor, part).await.unwrap();
    let part = sides::ask_partner(&so1.editor, id, child(so2.organisation, 100_000)).await.unwrap();
    sides::answer(&so2.signatory, part, true, "").await.unwrap();
    service::hand_over(&so1.editor, id).await.unwrap();
    service::submit(&so1.signatory, id).await.unwrap();
    let late = sides::answer(&so2.signatory, part, false, "no").await.unwrap_err();
    assert_eq!(late.code(), "refused-application-signed");
    // The partner reads its part, a stranger does not.
    assert!(view::parts::side(&so2.signatory, id, part).await.is_ok());
    let so3 = side(&world, "SO-5", LegalForm::Association, "51999999TE00000610").await;
    assert!(view::parts::side(&so3.signatory, id, part).await.is_err());
    world.settle().await;
}

async fn a_group_bids_once_its_host_has_given_its_word_for_this_bid(world: World) {
    let (call, ..) = open(&world).await;
    let host = side(&world, "SO-1", LegalForm::SocialServiceBody, "52999999TE00000459").await;
    let group = side(&world, "group", LegalForm::ResidentGroup, "52999999TE00000888").await;
    tributary::people::members::name_host(&group.signatory, host.organisation).await.unwrap();
    tributary::people::members::answer_host(&host.signatory, group.organisation, true).await.unwrap();
    let id = written(&group, call).await;
    assert_eq!(service::submit(&group.signatory, id).await.unwrap_err().code(), "refused-application-side-open");
    let asked = sides::of(world.edges.db.read(), id).await.unwrap();
    assert_eq!((asked.len(), asked[0].role), (1, SideRole::Host));
    service::take_back(&group.editor, id).await.unwrap();
    assert_eq!(sides::drop_side(&group.editor, asked[0].id).await.unwrap_err().code(), "refused-application-host-stays");
    sides::answer(&host.signatory, asked[0].id, true, "").await.unwrap();
    service::hand_over(&group.editor, id).await.unwrap();
    service::submit(&group.signatory, id).await.unwrap();
    world.settle().await;
}

async fn co_funding_is_promised_and_received_with_evidence(world: World) {
    let (call, ..) = open(&world).await;
    let so1 = side(&world, "SO-1", LegalForm::SocialServiceBody, "52999999TE00000459").await;
    let so2 = side(&world, "SO-2", LegalForm::SocialServiceBody, "52999999TE00000534").await;
    let id = written(&so1, call).await;
    let told = |source| funding::Promise { source, giver: "Street office".into(), promised_minor: 500_000 };
    let signed = funding::promise(&so1.editor, id, told(BudgetSource::Fiscal), None).await.unwrap_err();
    assert_eq!(signed.code(), "refused-application-signed");
    service::take_back(&so1.editor, id).await.unwrap();
    let grant = funding::promise(&so1.editor, id, told(BudgetSource::Grant), None).await.unwrap_err();
    assert_eq!(grant.code(), "refused-choose", "the grant itself is no co-funding");
    let line = funding::promise(&so1.editor, id, told(BudgetSource::Fiscal), None).await.unwrap();
    let slip = documents::keep(&so1.editor, "file", "slip.txt", b"came on Monday").await.unwrap();
    let theirs = funding::receive(&so2.editor, id, line, 1, &slip).await.unwrap_err();
    assert_eq!(theirs.code(), "not-found");
    funding::receive(&so1.editor, id, line, 300_000, &slip).await.unwrap();
    let less = funding::receive(&so1.editor, id, line, 299_999, &slip).await.unwrap_err();
    assert_eq!(less.code(), "refused-application-funding-less");
    assert_eq!(funding::drop_line(&so1.editor, id, line).await.unwrap_err().code(), "refused-application-funding-came");
    service::hand_over(&so1.editor, id).await.unwrap();
    service::submit(&so1.signatory, id).await.unwrap();
    // What comes later is recorded later, and changes nothing that was signed.
    let hash = row(&world, id).await.content_hash;
    funding::receive(&so1.editor, id, line, 500_000, &slip).await.unwrap();
    let kept = &funding::of(world.edges.db.read(), id).await.unwrap()[0];
    assert_eq!((kept.received_minor, kept.received_document_id.is_some()), (500_000, true));
    assert_eq!(row(&world, id).await.content_hash, hash);
    world.settle().await;
}

async fn what_was_told_once_is_not_asked_again(world: World) {
    let (call, a, b) = open(&world).await;
    let so1 = side(&world, "SO-1", LegalForm::SocialServiceBody, "52999999TE00000459").await;
    let profile = tributary::people::organisations::Profile { team: "three masons".into(), ..Default::default() };
    tributary::people::organisations::save_profile(&so1.editor, profile).await.unwrap();
    let id = written(&so1, call).await;
    service::submit(&so1.signatory, id).await.unwrap();
    let first = calls::service::load(world.edges.db.read(), call).await.unwrap();
    let mut again = drafted(FundId(first.fund_id.0), first.form_version_id);
    again.opens_at = world.edges.clock.now() + chrono::Duration::hours(1);
    let next = calls::service::draft(&a, again).await.unwrap();
    calls::service::check(&b, next).await.unwrap();
    world.at(world.edges.clock.now() + chrono::Duration::hours(2)).await;
    let id = service::start(&so1.editor, next, "The other wall").await.unwrap();
    let row = row(&world, id).await;
    assert_eq!(row.team, "three masons");
    assert_eq!(row.answers, serde_json::json!({"upkeep": "yearly"}));
    // What a stranger told is nobody's to reuse.
    let so2 = side(&world, "SO-2", LegalForm::SocialServiceBody, "52999999TE00000534").await;
    let id = service::start(&so2.editor, next, "Ours").await.unwrap();
    assert_eq!(service::load(world.edges.db.read(), id).await.unwrap().answers, serde_json::json!({}));
    world.settle().await;
}

async fn bids_that_look_alike_are_shown_to_officers_only(world: World) {
    let (call, a, _) = open(&world).await;
    let so1 = side(&world, "SO-1", LegalForm::SocialServiceBody, "52999999TE00000459").await;
    let so2 = side(&world, "SO-2", LegalForm::SocialServiceBody, "52999999TE00000534").await;
    let so3 = side(&world, "SO-5", LegalForm::Association, "51999999TE00000610").await;
    for (of, phone) in [(&so1, "028-8888 1234"), (&so2, "(028) 88881234"), (&so3, "028-7777 0000")] {
        let profile = serde_json::json!({ "phone": phone });
        rows::change(&world, organisation::ActiveModel { id: Set(of.organisation), profile: Set(profile), ..Default::default() }).await;
        let id = written(of, call).await;
        service::submit(&of.signatory, id).await.unwrap();
    }
    let pairs = similar::of_call(world.edges.db.read(), call).await.unwrap();
    assert_eq!(pairs.len(), 1);
    assert_eq!(pairs[0].grounds, [similar::Ground::Contact]);
    let two: BTreeSet<OrganisationId> = [pairs[0].one.organisation_id, pairs[0].other.organisation_id].into();
    assert_eq!(two, [so1.organisation, so2.organisation].into());
    let Ok(Reply::Page(page)) = view::similar::page(&a, call).await else { panic!("no page") };
    assert!(page.render("/", String::new()).unwrap().contains("the same contact"));
    assert!(view::similar::page(&so1.editor, call).await.is_err());
    world.settle().await;
}

async fn a_bid_names_the_needs_it_answers_and_is_set_whole(world: World) {
    let (call, ..) = open(&world).await;
    let so1 = side(&world, "SO-1", LegalForm::SocialServiceBody, "52999999TE00000459").await;
    let id = service::start(&so1.editor, call, "The wall").await.unwrap();
    let need = rows::put(&world, rows::need(world.edges.clock.now())).await.id;
    let hidden = entities::need::ActiveModel { stage: Set(NeedStage::Proposed), ..rows::need(world.edges.clock.now()) };
    let hidden = rows::put(&world, hidden).await.id;
    let refused = answering::answer_needs(&so1.editor, id, &[need, hidden].into()).await.unwrap_err();
    assert_eq!(refused.code(), "refused-need-not-listed");
    answering::answer_needs(&so1.editor, id, &[need].into()).await.unwrap();
    for locale in [Locale::En, Locale::ZhCn] {
        let reader = tributary::people::permission::Context { locale, ..(*so1.editor).clone() };
        let Ok(Reply::Page(page)) = view::show(&reader, id).await else { panic!("no page") };
        assert!(page.render("/", String::new()).unwrap().contains("航中街外墙"));
    }
    match view::papers::pdf(&so1.editor, id, Some("zh-CN")).await.unwrap() {
        Reply::File { bytes, .. } => assert!(bytes.starts_with(b"%PDF")),
        Reply::See(page, notice) => {
            assert_eq!(page, format!("/applications/{id}"));
            tools::left_out("the bid as PDF", notice);
        }
        Reply::Page(_) => panic!("a page"),
    }
    scratch::discard(&so1.editor, id).await.unwrap();
}
}

/// A scanner to play with: it finds what is called EICAR.
async fn scanner() -> String {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut line, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut command = [0; 10];
                line.read_exact(&mut command).await.unwrap();
                assert_eq!(&command, b"zINSTREAM\0");
                let mut all = Vec::new();
                loop {
                    let length = line.read_u32().await.unwrap() as usize;
                    if length == 0 {
                        break;
                    }
                    let mut piece = vec![0; length];
                    line.read_exact(&mut piece).await.unwrap();
                    all.extend(piece);
                }
                let found = String::from_utf8_lossy(&all).contains("EICAR");
                let said: &[u8] = if found { b"stream: Eicar-Test FOUND\0" } else { b"stream: OK\0" };
                line.write_all(said).await.unwrap();
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scanner_is_asked_before_a_file_is_kept_and_a_silent_one_lets_nothing_through() {
    for (clamd, sound, foul) in [
        (scanner().await, "", "refused-file-infected"),
        (format!("127.0.0.1:{}", free_port()), "refused-file-not-looked-at", "refused-file-not-looked-at"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data: folder.path().to_owned(), clamd, ..Config::default() };
        let edges = app::open(config, Clock::frozen_at(tributary::demo::curtain()), Dice::seeded(7)).await.unwrap();
        let world = World::around(edges);
        world.found().await;
        let person = world.person("somebody", &[]).await;
        let by = world.acting(person).await;
        let long = "plain words ".repeat(20_000);
        let code = |answer: tributary::error::Result<documents::Kept>| answer.err().map_or("", |error| error.code());
        assert_eq!(code(documents::keep(&by, "file", "plan.txt", long.as_bytes()).await), sound);
        assert_eq!(code(documents::keep(&by, "file", "bad.txt", format!("{long} EICAR").as_bytes()).await), foul);
        let kept = std::fs::read_dir(folder.path().join("files")).unwrap().count();
        assert_eq!(kept, usize::from(sound.is_empty()));
    }
}
