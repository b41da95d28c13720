//! The giving room made whole: statements, platform workbooks, pledges for a time, names, matching; and the canary that nobody sees.

mod bills;
mod canary;
mod matching;
mod promises;
mod shares;
mod sheets;
mod statements;

use crate::support::World;
use entities::kinds::PersonId;
use rocket::http::{ContentType, Cookie, Header, Status};
use rocket::local::asynchronous::Client;
use tributary::app;

/// Somebody at a browser, or a visitor.
pub struct Reader {
    client: Client,
    token: Option<String>,
}

impl Reader {
    pub async fn visitor(world: &World) -> Self {
        Self { client: Client::untracked(app::server(world.edges.clone())).await.unwrap(), token: None }
    }

    pub async fn of(world: &World, person: PersonId) -> Self {
        Self { token: Some(world.session(person).await), ..Self::visitor(world).await }
    }

    pub async fn bytes(&self, path: &str) -> (Status, Vec<u8>) {
        let mut request = self.client.get(path.to_owned());
        if let Some(token) = &self.token {
            request = request.cookie(Cookie::new("tributary_session", token.clone()));
        }
        let answer = request.dispatch().await;
        (answer.status(), answer.into_bytes().await.unwrap_or_default())
    }

    pub async fn get(&self, path: &str) -> (Status, String) {
        let (status, bytes) = self.bytes(path).await;
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Posts fields as they are written in an address.
    pub async fn post(&self, path: &str, body: &str) -> (Status, String) {
        let mut request = self.client.post(path.to_owned()).header(ContentType::Form).body(body);
        request = request.header(Header::new("sec-fetch-site", "same-origin"));
        if let Some(token) = &self.token {
            request = request.cookie(Cookie::new("tributary_session", token.clone()));
        }
        let answer = request.dispatch().await;
        (answer.status(), answer.into_string().await.unwrap_or_default())
    }
}
