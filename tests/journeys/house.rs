//! A reader of pages and filler of forms without a browser: it finds the link on the page, fills in the form that the page
//! shows and follows where it is sent. It knows no address that no page showed it.

use crate::support::World;
use entities::kinds::Locale;
use entities::person;
use rocket::http::{ContentType, Cookie, Status};
use rocket::local::asynchronous::Client;
use sea_orm::EntityTrait;
use std::collections::{BTreeMap, BTreeSet};
use tributary::app;
use tributary::demo::Stage;
use tributary::web::guards::LOCALE_COOKIE;

/// A page with the address it stands at.
pub struct Page {
    pub path: String,
    pub html: String,
}

/// A form of a page as it would be posted untouched.
#[derive(Debug, Default)]
struct Form {
    action: String,
    files: bool,
    values: BTreeMap<String, Vec<String>>,
    asked: BTreeSet<String>,
}

/// The pages of a world, read by its cast.
pub struct House {
    pub stage: Stage,
    client: Client,
    world: World,
}

impl House {
    pub async fn of(world: World, stage: Stage) -> Self {
        let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
        Self { stage, client, world }
    }

    pub fn world(&self) -> &World {
        &self.world
    }

    /// Sets the clock to an hour of 2026.
    pub async fn at(&self, month: u32, day: u32, hour: u32) {
        self.stage.at(month, day, hour).await.unwrap();
    }

    /// The cookie of a session that begins now; a visitor has none.
    async fn cookie(&self, who: &str) -> Option<Cookie<'static>> {
        if who == "visitor" {
            return None;
        }
        let token = self.world.session(self.stage.person(who).unwrap()).await;
        Some(Cookie::new("tributary_session", token))
    }

    async fn get(&self, who: &str, path: &str) -> Page {
        self.get_in(who, None, path).await
    }

    async fn get_in(&self, who: &str, locale: Option<Locale>, path: &str) -> Page {
        let mut request = self.client.get(path.to_owned());
        if let Some(locale) = locale {
            request = request.cookie(Cookie::new(LOCALE_COOKIE, locale.to_string()));
        }
        if let Some(cookie) = self.cookie(who).await {
            request = request.cookie(cookie);
        }
        let answer = request.dispatch().await;
        let status = answer.status();
        let html = answer.into_string().await.unwrap_or_default();
        assert_eq!(status, Status::Ok, "{who} at {path}: {}", words(&html));
        Page { path: path.to_owned(), html }
    }

    /// How many letters somebody of the cast was sent.
    pub async fn letters_to(&self, who: &str) -> usize {
        let address = person::Entity::find_by_id(self.stage.person(who).unwrap());
        let address = address.one(self.world.edges.db.read()).await.unwrap().unwrap().email;
        let letters = self.world.edges.mail.newest(10_000).await.unwrap();
        letters.iter().filter(|(_, letter)| letter.to == address).count()
    }

    /// A page as somebody sees it.
    pub async fn sees(&self, who: &str, path: &str) -> Page {
        self.get(who, path).await
    }

    /// A page in a language that was chosen for it.
    pub async fn reads(&self, who: &str, locale: Locale, path: &str) -> Page {
        self.get_in(who, Some(locale), path).await
    }

    /// Follows the link of a page that ends so, fills in the form there, posts it and follows where it leads.
    pub async fn does(&self, who: &str, at: &str, link: &str, fill: &[(&str, &str)]) -> Page {
        let here = self.get(who, at).await;
        let there = here.link(link).unwrap_or_else(|| panic!("{who} sees no {link} at {at}: {:?}", here.links()));
        self.posts(who, &there, fill).await
    }

    /// Fills in the form of a page, posts it and follows where it leads.
    pub async fn posts(&self, who: &str, path: &str, fill: &[(&str, &str)]) -> Page {
        let (status, page) = self.sends(who, path, fill).await;
        assert_eq!(status, Status::SeeOther, "{who} at {path}: {}", words(&page.html));
        let place = page.path.split('?').next().unwrap_or_default().to_owned();
        self.get(who, &place).await
    }

    /// Fills in the form of a page and posts it, and is refused: answers what the page says then.
    pub async fn is_refused(&self, who: &str, path: &str, fill: &[(&str, &str)]) -> String {
        let (status, page) = self.sends(who, path, fill).await;
        assert_eq!(status, Status::UnprocessableEntity, "{who} at {path}: {}", words(&page.html));
        words(&page.html)
    }

    async fn sends(&self, who: &str, path: &str, fill: &[(&str, &str)]) -> (Status, Page) {
        let page = self.get(who, path).await;
        let mut form = page.form().unwrap_or_else(|| panic!("{path} has no form: {}", words(&page.html)));
        let mut files = Vec::new();
        for (name, value) in fill {
            assert!(form.asked.contains(*name), "{path} does not ask for {name}, but for {:?}", form.asked);
            match value.strip_prefix("file:").and_then(|file| file.split_once(':')) {
                Some(file) => files.push((*name, file)),
                None => {
                    form.values.insert((*name).to_owned(), vec![(*value).to_owned()]);
                }
            }
        }
        // Whoever pays proves who they are; the whole cast has one password.
        if form.asked.contains("proof_password") {
            form.values.insert("proof_password".to_owned(), vec![tributary::demo::PASSWORD.to_owned()]);
        }
        assert!(files.is_empty() || form.files, "{path} takes no files");
        let (kind, body) = if form.files { multipart(&form, &files) } else { (ContentType::Form, encoded(&form)) };
        let mut request = self.client.post(form.action.clone()).header(kind).body(body);
        if let Some(cookie) = self.cookie(who).await {
            request = request.cookie(cookie);
        }
        let answer = request.dispatch().await;
        let place = answer.headers().get_one("location").unwrap_or_default().to_owned();
        (answer.status(), Page { path: place, html: answer.into_string().await.unwrap_or_default() })
    }
}

impl Page {
    /// Where the links of the page lead.
    pub fn links(&self) -> Vec<String> {
        tags(&self.html).into_iter().filter(|tag| tag.name == "a").filter_map(|tag| tag.get("href")).collect()
    }

    /// The first link that ends so, or that begins so where the wanted part ends in `*`.
    pub fn link(&self, wanted: &str) -> Option<String> {
        self.links().into_iter().find(|href| match wanted.strip_suffix('*') {
            Some(start) => href.starts_with(start) && href.len() > start.len(),
            None => href.split('?').next().unwrap_or_default().ends_with(wanted),
        })
    }

    /// Whether the page shows a text.
    pub fn shows(&self, text: &str) -> bool {
        words(&self.html).contains(text)
    }

    /// The form of the page's own, not those of its frame.
    fn form(&self) -> Option<Form> {
        let main = self.html.split_once("<main")?.1.split_once("</main>")?.0;
        let mut form: Option<Form> = None;
        let (mut select, mut first, mut chosen) = (String::new(), None, false);
        for tag in tags(main) {
            let name = tag.get("name").unwrap_or_default();
            let value = tag.get("value").unwrap_or_default();
            match (tag.name.as_str(), form.as_mut()) {
                ("form", None) if tag.get("method").as_deref() == Some("post") => {
                    let files = tag.get("enctype").as_deref() == Some("multipart/form-data");
                    form = Some(Form { action: tag.get("action").unwrap_or_default(), files, ..Form::default() });
                }
                ("/form", Some(_)) => return form,
                ("select", Some(form)) => {
                    (select, first, chosen) = (name.clone(), None, false);
                    form.asked.insert(name);
                }
                ("option", Some(form)) => {
                    if tag.has("selected") {
                        form.values.insert(select.clone(), vec![value]);
                        chosen = true;
                    } else if first.is_none() {
                        first = Some(value);
                    }
                }
                ("/select", Some(form)) if !chosen => {
                    form.values.insert(select.clone(), first.take().into_iter().collect());
                }
                ("textarea", Some(form)) => {
                    form.asked.insert(name.clone());
                    form.values.insert(name, vec![tag.text.trim_start_matches('\n').to_owned()]);
                }
                ("input", Some(form)) => {
                    form.asked.insert(name.clone());
                    match tag.get("type").as_deref() {
                        Some("radio" | "checkbox") if !tag.has("checked") => {}
                        Some("file") => {}
                        _ => form.values.entry(name).or_default().push(value),
                    }
                }
                ("button", Some(form)) if !name.is_empty() => {
                    let fresh = form.asked.insert(name.clone());
                    if fresh {
                        form.values.insert(name, vec![value]);
                    }
                }
                _ => {}
            }
        }
        None
    }
}

fn encoded(form: &Form) -> Vec<u8> {
    let one = |text: &str| -> String {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        text.bytes()
            .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
            .collect()
    };
    let pairs = form.values.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
    pairs.map(|(name, value)| format!("{}={}", one(name), one(value))).collect::<Vec<_>>().join("&").into_bytes()
}

fn multipart(form: &Form, files: &[(&str, (&str, &str))]) -> (ContentType, Vec<u8>) {
    const LINE: &str = "a-line-between-the-parts-of-a-form";
    let mut body = String::new();
    for (name, values) in &form.values {
        for value in values {
            body.push_str(&format!("--{LINE}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
        }
    }
    for (name, (file, text)) in files {
        body.push_str(&format!(
            "--{LINE}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: text/plain\r\n\r\n{text}\r\n"
        ));
    }
    body.push_str(&format!("--{LINE}--\r\n"));
    (ContentType::new("multipart", "form-data").with_params(("boundary", LINE)), body.into_bytes())
}

/// A tag with its attributes and the text up to the next tag.
struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
}

impl Tag {
    fn get(&self, name: &str) -> Option<String> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone())
    }

    fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|(own, _)| own == name)
    }
}

/// The tags of a page, in order. Our own pages quote every attribute and escape every `<`.
fn tags(html: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    for piece in html.split('<').skip(1) {
        let Some((inside, text)) = piece.split_once('>') else { continue };
        let (name, mut rest) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start();
            let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
            if end == 0 {
                break;
            }
            let own = rest[..end].to_owned();
            rest = &rest[end..];
            let value = rest.strip_prefix("=\"").and_then(|quoted| quoted.split_once('"'));
            let (value, after) = value.unwrap_or(("", rest));
            attributes.push((own, unescaped(value)));
            rest = after;
        }
        found.push(Tag { name: name.to_owned(), attributes, text: unescaped(text) });
    }
    found
}

fn unescaped(text: &str) -> String {
    let pairs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&#x2F;", "/"),
        ("&amp;", "&"),
    ];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// What a page says, without its tags.
pub fn words(html: &str) -> String {
    let main = html.split_once("<main").map_or(html, |(_, main)| main);
    let texts = tags(main).into_iter().map(|tag| tag.text.trim().to_owned()).filter(|text| !text.is_empty());
    texts.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_form_is_read_as_a_browser_would() {
    let html = "<main id=\"content\"><form method=\"post\" action=\"/x\" novalidate><input type=\"hidden\" name=\"form_key\" value=\"k\">\
        <select name=\"s\"><option value=\"\"></option><option value=\"2\" selected>b</option></select><textarea name=\"t\">\na &amp; b</textarea>\
        <input type=\"checkbox\" name=\"c\" value=\"true\"><button type=\"submit\" name=\"do\" value=\"save\">x</button></form></main>";
    let page = Page { path: String::new(), html: html.to_owned() };
    let form = page.form().unwrap();
    assert_eq!(form.action, "/x");
    assert_eq!(String::from_utf8(encoded(&form)).unwrap(), "do=save&form_key=k&s=2&t=a%20%26%20b");
    assert!(form.asked.contains("c"));
}
