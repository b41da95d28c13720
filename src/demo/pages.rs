//! The demo's own pages: one-click sign-in for each of the cast, and the letters that were sent.

use crate::edges::Edges;
use crate::edges::mail::Letter;
use crate::error::{Error, Result};
use crate::people::permission::Context;
use crate::people::routes::session_cookie;
use crate::people::{codes, sessions};
use crate::web::forms::Posted;
use crate::web::page::{Answer, Page, Reply};
use entities::kinds::PersonId;
use rocket::http::CookieJar;
use rocket::{Route, get, post, routes};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{OnceLock, RwLock};

/// Password of the whole cast: the demo is a throw-away and signs in by one click.
pub const PASSWORD: &str = "hangzhong-street-2026";
/// Letters shown: the newest of the play.
const LETTERS: usize = 40;

/// Who may be signed in as, by the name of the part. Filled by the `demo` command alone.
static CAST: OnceLock<RwLock<BTreeMap<String, Vec<Member>>>> = OnceLock::new();

/// One of the cast.
#[derive(Debug, Clone, Serialize)]
pub struct Member {
    /// Name of the part, posted as `role`.
    pub role: String,
    /// As shown on the pages.
    pub name: String,
    /// Who.
    pub person: PersonId,
    /// What their authenticator shows now; nobody here holds a telephone.
    pub code: String,
}

/// The page that chooses a person.
#[derive(Debug, Clone, Serialize)]
pub struct CastView {
    /// Everybody, in the order of the play.
    pub members: Vec<Member>,
    /// Password of everybody.
    pub password: &'static str,
}

/// One letter as shown.
#[derive(Debug, Clone, Serialize)]
pub struct LetterRow {
    /// Number.
    pub number: i64,
    /// The letter.
    pub letter: Letter,
    /// Path it links to.
    pub link: String,
}

/// The page of letters.
#[derive(Debug, Clone, Serialize)]
pub struct MailView {
    /// Newest first.
    pub letters: Vec<LetterRow>,
}

impl CastView {
    /// Samples for the test that renders every view.
    pub fn samples() -> Vec<Self> {
        vec![Self {
            members: vec![Member {
                role: "finance".into(),
                name: "财务经办 · Finance officer".into(),
                person: PersonId(1),
                code: "123456".into(),
            }],
            password: "p",
        }]
    }
}

impl MailView {
    /// Samples for the test that renders every view.
    pub fn samples() -> Vec<Self> {
        let letter = Letter {
            to: "finance@example.org".into(),
            subject: "s".into(),
            text: "t\nhttp://127.0.0.1:8000/desk".into(),
            html: String::new(),
        };
        vec![Self { letters: vec![] }, Self { letters: vec![LetterRow { number: 1, letter, link: "/desk".into() }] }]
    }
}

/// Lets the pages know the cast of this installation.
pub fn remember(edges: &Edges, members: Vec<Member>) {
    let cast = CAST.get_or_init(RwLock::default);
    cast.write().unwrap_or_else(std::sync::PoisonError::into_inner).insert(edges.config.database_url(), members);
}

fn cast(edges: &Edges) -> Vec<Member> {
    let known = CAST.get_or_init(RwLock::default).read().unwrap_or_else(std::sync::PoisonError::into_inner);
    known.get(&edges.config.database_url()).cloned().unwrap_or_default()
}

/// The routes that exist only in the demo.
pub fn routes() -> Vec<Route> {
    routes![people, sign_in, mail]
}

#[get("/demo")]
async fn people(context: Context) -> Answer {
    let mut members = named(&context);
    for member in &mut members {
        member.code = codes::shown_now(&context.edges, member.person).await.unwrap_or_default();
    }
    Page::new(&context, "demo/cast.html", "", &CastView { members, password: PASSWORD })?.answer()
}

/// The cast with their names in the reader's language: they are written as `中文 · English`.
fn named(context: &Context) -> Vec<Member> {
    let own = |member: Member| match member.name.split_once(" · ") {
        Some((zh, en)) => Member { name: context.pick(zh, en), ..member },
        None => member,
    };
    cast(&context.edges).into_iter().map(own).collect()
}

#[post("/demo/sign-in", data = "<posted>")]
async fn sign_in(context: Context, cookies: &CookieJar<'_>, posted: Posted) -> Answer {
    let member =
        cast(&context.edges).into_iter().find(|member| member.role == posted.raw("role")).ok_or(Error::NotFound)?;
    let token = sessions::start(&context.edges, member.person, "demo", sessions::By::Demo).await?.token;
    cookies.add(session_cookie(&context.edges, token));
    Reply::see("/desk", "")
}

#[get("/demo/mail")]
async fn mail(context: Context) -> Answer {
    Page::new(&context, "demo/mail.html", "", &MailView { letters: letters(&context.edges).await? })?.answer()
}

async fn letters(edges: &Edges) -> Result<Vec<LetterRow>> {
    let base = &edges.config.base_url;
    let link = |letter: &Letter| {
        letter.text.lines().find_map(|line| line.strip_prefix(base.as_str())).unwrap_or("/").to_owned()
    };
    let newest = edges.mail.newest(LETTERS).await?;
    Ok(newest.into_iter().map(|(number, letter)| LetterRow { number, link: link(&letter), letter }).collect())
}
