//! A question that a file answers: uploaded by itself behind what was typed, cut in the middle without a loss, replaced, signed, and
//! read by whoever reads the bid.

use super::applications::{Side, side};
use super::bids::Web;
use super::calls::{drafted, fund};
use crate::support::{World, both, nine};
use entities::kinds::{ApplicationId, CallId, LegalForm, Role};
use entities::{application_document, document};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tributary::core::answers::FormDefinition;
use tributary::grants::applications::service;
use tributary::grants::calls::service as calls;
use tributary::people::permission::Officer;

/// One question asks for words, one for a file.
fn questions() -> FormDefinition {
    let section = json!({ "id": "plan", "title": { "en": "The plan", "zh": "方案" }, "questions": [
        { "id": "why", "label": { "en": "Why?", "zh": "为什么？" }, "kind": { "type": "text", "max": 200 } },
        { "id": "drawing", "label": { "en": "The drawing", "zh": "图纸" }, "kind": { "type": "file" }, "required": true }
    ] });
    serde_json::from_value(json!({ "version": 1, "sections": [section] })).unwrap()
}

/// An open call that asks for a drawing, a bid for it, and the browser of its editor.
async fn drafting(world: &World) -> (CallId, Side, ApplicationId, Web) {
    let a = world.person("officer-a", &[Role::ProgrammeOfficer]).await;
    let b = world.person("officer-b", &[Role::ProgrammeOfficer]).await;
    let (a, b) = (world.role::<Officer>(a).await, world.role::<Officer>(b).await);
    let form = calls::form_version(&a, "with a drawing", questions()).await.unwrap();
    let call = calls::draft(&a, drafted(fund(world).await, form)).await.unwrap();
    calls::check(&b, call).await.unwrap();
    world.at(nine(2026, 1, 7)).await;
    let so1 = side(world, "SO-1", LegalForm::SocialServiceBody, "52999999TE00000459").await;
    let id = service::start(&so1.editor, call, "The wall").await.unwrap();
    let web = Web::of(world, so1.editor.actor.person.unwrap()).await;
    (call, so1, id, web)
}

/// The form of the draft, filled in, as one of its buttons sends it.
fn form<'a>(key: &'a str, version: &'a str, then: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("form_key", key),
        ("version", version),
        ("title", "The wall"),
        ("summary", "kept words"),
        ("site", "Hangzhong Street"),
        ("team", "three masons"),
        ("answers.why", "it leaks"),
        ("answers.drawing", "77"),
        ("lines.0.label", "wall, a metre"),
        ("lines.0.head", "material"),
        ("lines.0.quantity", "83"),
        ("lines.0.unit", "1000"),
        ("lines.0.source", "grant"),
        ("then", then),
    ]
}

const KIND: &str = "multipart/form-data; boundary=cut";

/// The start of an upload's body, and all of a small one.
fn head(key: &str, name: &str) -> String {
    format!(
        "--cut\r\nContent-Disposition: form-data; name=\"form_key\"\r\n\r\n{key}\r\n--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4\n"
    )
}

fn small(key: &str, name: &str) -> Vec<u8> {
    format!("{}%%EOF\r\n--cut--\r\n", head(key, name)).into_bytes()
}

/// Forty megabytes are promised, and the line goes dead after fifteen.
async fn cut(web: &Web, path: &str, key: &str) {
    let address = web.url.trim_start_matches("http://").to_owned();
    let mut line = tokio::net::TcpStream::connect(&address).await.unwrap();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nCookie: {}\r\nContent-Type: {KIND}\r\nContent-Length: {}\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n\r\n{}",
        web.cookie(),
        40 * 1024 * 1024,
        head(key, "drawing.pdf")
    );
    line.write_all(request.as_bytes()).await.unwrap();
    line.write_all(&vec![b'x'; 15 * 1024 * 1024]).await.ok();
    line.shutdown().await.ok();
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).await.ok();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{}", &answer[..answer.len().min(200)]);
}

async fn answer(world: &World, id: ApplicationId) -> Option<String> {
    let row = service::load(world.edges.db.read(), id).await.unwrap();
    row.answers.get("drawing").and_then(|answer| answer.as_str()).map(str::to_owned)
}

both! { paying:
async fn a_file_answers_a_question_and_nothing_is_lost_when_its_upload_is_cut(world: World) {
    let (_, so1, id, web) = drafting(&world).await;
    let (edit, upload) = (format!("/applications/{id}/edit"), format!("/applications/{id}/answers/drawing"));
    assert!(web.get(&edit).await.1.contains("value=\"file.drawing\""), "the question offers its upload");
    // The button saves what was typed first; what the form says of the file itself counts for nothing.
    assert_eq!(web.post(&edit, &form("key-0000-0000-0001", "1", "file.drawing")).await.0, 303);
    let (status, page) = web.get(&upload).await;
    assert!(status == 200 && page.contains("type=\"file\"") && page.contains("The drawing"));
    assert_eq!(answer(&world, id).await, None);
    assert_eq!(service::hand_over(&so1.editor, id).await.unwrap_err().code(), "answer-required");

    cut(&web, &upload, "key-0000-0000-0002").await;
    let mut large = head("key-0000-0000-0003", "drawing.pdf").into_bytes();
    large.resize(large.len() + 20 * 1024 * 1024 + 1, b'x');
    large.extend_from_slice(b"\r\n--cut--\r\n");
    let (status, page) = web.body(&upload, KIND, large).await;
    assert!(status == 422 && page.contains("larger than 20 MB"), "{status}");
    assert_eq!(application_document::Entity::find().count(world.edges.db.read()).await.unwrap(), 0);
    assert!(web.get(&edit).await.1.contains("kept words"), "what was typed stands");

    // Whole, and sent twice by a lost answer: one file. Another takes its place.
    for _ in 0..2 {
        assert_eq!(web.body(&upload, KIND, small("key-0000-0000-0004", "drawing.pdf")).await.0, 303);
    }
    assert_eq!(web.body(&upload, KIND, small("key-0000-0000-0005", "better.pdf")).await.0, 303);
    let files = application_document::Entity::find().all(world.edges.db.read()).await.unwrap();
    assert_eq!((files.len(), files[0].question.as_str()), (1, "drawing"));
    assert_eq!(answer(&world, id).await, Some(files[0].id.to_string()));
    let (_, page) = web.get(&edit).await;
    assert!(page.contains("better.pdf") && !page.contains("drawing.pdf"));
    // A save of the text leaves the file as it is.
    let version = service::load(world.edges.db.read(), id).await.unwrap().version.to_string();
    assert_eq!(web.post(&edit, &form("key-0000-0000-0006", &version, "save")).await.0, 303);
    assert_eq!(answer(&world, id).await, Some(files[0].id.to_string()));

    service::hand_over(&so1.editor, id).await.unwrap();
    service::submit(&so1.signatory, id).await.unwrap();
    let (status, _) = web.body(&upload, KIND, small("key-0000-0000-0007", "late.pdf")).await;
    assert_eq!(status, 422, "what is signed is signed");
    let document = document::Entity::find_by_id(files[0].document_id).one(world.edges.db.read()).await.unwrap().unwrap();
    let officer = world.person("reads", &[Role::ProgrammeOfficer]).await;
    let officer = Web::of(&world, officer).await;
    let (_, page) = officer.get(&format!("/applications/{id}")).await;
    assert!(page.contains(&format!("/documents/{}", document.id)) && page.contains("better.pdf"));
    assert_eq!(officer.get(&format!("/documents/{}", document.id)).await.0, 200);
    world.settle().await;
}

async fn a_file_is_asked_for_where_the_form_asks_and_taken_from_its_editors_alone(world: World) {
    let (_, _, id, web) = drafting(&world).await;
    let path = |question: &str| format!("/applications/{id}/answers/{question}");
    for question in ["why", "nothing"] {
        assert_eq!(web.get(&path(question)).await.0, 404);
        assert_eq!(web.body(&path(question), KIND, small("key-0000-0000-0001", "a.pdf")).await.0, 404);
    }
    let stranger = side(&world, "SO-2", LegalForm::SocialServiceBody, "52999999TE00000534").await;
    let theirs = Web::of(&world, stranger.editor.actor.person.unwrap()).await;
    assert_eq!(theirs.get(&path("drawing")).await.0, 404);
    assert_eq!(theirs.body(&path("drawing"), KIND, small("key-0000-0000-0002", "a.pdf")).await.0, 404);
    // No file, and one that is none of the kinds that are taken: said by the field.
    let none = "--cut\r\nContent-Disposition: form-data; name=\"form_key\"\r\n\r\nkey-0000-0000-0003\r\n--cut--\r\n";
    assert_eq!(web.body(&path("drawing"), KIND, none.as_bytes().to_vec()).await.0, 422);
    assert_eq!(web.body(&path("drawing"), KIND, small("key-0000-0000-0004", "a.pdf")).await.0, 303);
    // Taken out, the question is open again.
    let file = application_document::Entity::find().one(world.edges.db.read()).await.unwrap().unwrap();
    let detach = format!("/applications/{id}/files/{}/detach", file.id);
    assert_eq!(web.post(&detach, &[("form_key", "key-0000-0000-0005")]).await.0, 303);
    assert_eq!(answer(&world, id).await, None);
    world.settle().await;
}
}
