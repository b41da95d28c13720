//! One person under trial, whichever roles they hold, and their deputy: by the service and by the form.

use crate::books::ground::raw;
use crate::support::{PASSWORD, World};
use entities::kinds::{PersonId, Role};
use rocket::http::{ContentType, Cookie, Header, Status};
use rocket::local::asynchronous::Client;
use tributary::app;
use tributary::error::{Error, Result};
use tributary::people::permission::Context;

/// The roles that touch money; every set of them is tried.
pub const ROLES: [Role; 4] = [Role::ProgrammeOfficer, Role::FinanceOfficer, Role::Approver, Role::Administrator];

/// One person under trial, their deputy, and a browser each.
pub struct Trial<'a> {
    world: &'a World,
    client: Client,
    pub suspect: PersonId,
    deputy: PersonId,
    sessions: [String; 2],
    pub tried: usize,
}

impl<'a> Trial<'a> {
    pub async fn of(world: &'a World, name: &str) -> Self {
        let suspect = world.person(name, &ROLES).await;
        let deputy = world.person(&format!("{name}-deputy"), &ROLES).await;
        let tie = format!(
            "insert into role_grant (person_id, role, scope, stage, proposed_at, effective_on, ends_on, principal_id) values ({deputy}, 'reviewer', 'foundation', 'effective', '2026-01-05T01:00:00+00:00', '2026-01-05', '2026-12-31', {suspect})"
        );
        raw(world, &tie).await.unwrap();
        let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
        let sessions = [world.session(suspect).await, world.session(deputy).await];
        Self { world, client, suspect, deputy, sessions, tried: 0 }
    }

    /// Gives the suspect exactly these roles.
    pub async fn with_roles(&self, set: usize) {
        for (place, role) in ROLES.iter().enumerate() {
            let stage = if set & (1 << place) == 0 { "revoked" } else { "effective" };
            let sql = format!(
                "update role_grant set stage = '{stage}' where person_id = {} and role = '{role}'",
                self.suspect
            );
            raw(self.world, &sql).await.unwrap();
        }
    }

    /// By the service: with every set of roles, and by the deputy with all of them.
    pub async fn never(&mut self, what: &str, act: impl AsyncFn(Context) -> Result<()>) {
        let world = self.world;
        for set in 0..1 << ROLES.len() {
            self.with_roles(set).await;
            let answer = act(world.acting(self.suspect).await).await;
            self.refused(&format!("{what} with roles {set:04b}"), answer);
        }
        let answer = act(world.acting(self.deputy).await).await;
        self.refused(&format!("{what} by the deputy"), answer);
    }

    fn refused(&mut self, what: &str, answer: Result<()>) {
        match answer {
            Ok(()) => panic!("{what} passed"),
            Err(Error::Internal(text)) => panic!("{what}: {text}"),
            Err(_) => self.tried += 1,
        }
    }

    /// By the form, with all roles and whatever the page would have carried.
    pub async fn never_by_form(&mut self, what: &str, path: &str, fields: &str) {
        self.with_roles((1 << ROLES.len()) - 1).await;
        for session in self.sessions.clone() {
            let status = self.posts(&session, path, fields).await;
            assert!(matches!(status.code, 403 | 404 | 409 | 422), "{what} by form: {status}");
            self.tried += 1;
        }
    }

    /// There is no door that takes JSON: what a form would say is refused when it comes as a document, whoever sends it.
    pub async fn never_by_json(&mut self, what: &str, path: &str, fields: &str) {
        let told: serde_json::Map<String, serde_json::Value> = fields
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        for session in self.sessions.clone() {
            let request =
                self.client.post(path.to_owned()).header(ContentType::JSON).body(serde_json::json!(told).to_string());
            let request = request.header(Header::new("sec-fetch-site", "same-origin"));
            let status = request.cookie(Cookie::new("tributary_session", session.clone())).dispatch().await.status();
            assert!((400..500).contains(&status.code), "{what} by JSON: {status}");
            self.tried += 1;
        }
    }

    pub async fn posts(&self, session: &str, path: &str, fields: &str) -> Status {
        let body = format!("proof_password={}&reason=x&{fields}", PASSWORD.replace(' ', "+"));
        let request = self.client.post(path.to_owned()).header(ContentType::Form).body(body);
        let request = request.header(Header::new("sec-fetch-site", "same-origin"));
        request.cookie(Cookie::new("tributary_session", session.to_owned())).dispatch().await.status()
    }
}
