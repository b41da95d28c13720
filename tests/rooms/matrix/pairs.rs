//! The pairs as data: what one person did first, and what they never do second. A new pair is one entry of a table in `places`.

use super::trial::{ROLES, Trial};
use crate::books::ground::{number, raw};
use crate::rooms::grant::Grant;
use crate::rooms::reviews::Panel;
use crate::support::{World, tools};
use entities::kinds::{PersonId, PostingId};
use rocket::http::Status;
use std::pin::Pin;
use tributary::error::Result;
use tributary::ledger::books;
use tributary::people::permission::Context;

/// What an act answers, once it is done.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Where acts happen.
pub trait Stand {
    fn world(&self) -> &World;
    /// What stands for a word in an address, a form or a statement.
    fn words(&self) -> Vec<(&'static str, i64)>;
}

impl Stand for Grant {
    fn world(&self) -> &World {
        &self.world
    }

    fn words(&self) -> Vec<(&'static str, i64)> {
        vec![("fund", self.fund.0), ("award", self.award.0), ("organisation", self.organisation.0)]
    }
}

impl Stand for Panel {
    fn world(&self) -> &World {
        &self.world
    }

    fn words(&self) -> Vec<(&'static str, i64)> {
        vec![("fund", self.fund.0), ("call", self.call.0)]
    }
}

/// Two acts that one person does not both take.
pub struct Pair<S> {
    pub what: &'static str,
    /// The first act, by the person under trial; answers the key of what it made.
    pub first: for<'a> fn(&'a S, PersonId) -> Pending<'a, i64>,
    /// The second act, by whoever asks.
    pub second: for<'a> fn(&'a S, Context, i64) -> Pending<'a, Result<()>>,
    /// The same by a form: its address and its fields. `{id}` is what the first act made, `{seen}` what the page showed.
    pub form: (&'static str, &'static str),
    /// What the page shows, if not the last proposal.
    pub shown: &'static str,
    /// The same by raw SQL; `{me}` is the person under trial.
    pub sql: &'static [&'static str],
    /// Who takes the second act with the very same form.
    pub other: fn(&S) -> PersonId,
}

/// The proposal that the page of the second person shows.
pub const LAST: &str = "select max(id) from proposal";
/// Confirming what was proposed, past the service.
pub const CONFIRMED: &str = "update proposal set stage = 'confirmed', decided_by = {me}, decided_at = '2026-01-05T02:00:00+00:00' where id = {seen}";
/// The same, with somebody else's name put in the place of who proposed.
pub const FORGED: &str = "update proposal set proposed_by = (select min(id) from person), stage = 'confirmed', decided_by = {me} where id = {seen}";

/// Tries every pair; answers how many attempts were refused.
pub async fn try_all<S: Stand>(stand: &S, pairs: &[Pair<S>]) -> usize {
    let mut tried = 0;
    for (number, pair) in pairs.iter().enumerate() {
        tried += one(stand, pair, number).await;
    }
    tools::say(&format!("separation: {} pairs, {tried} second acts by one person, none passes", pairs.len()));
    tried
}

async fn one<S: Stand>(stand: &S, pair: &Pair<S>, place: usize) -> usize {
    let (what, world) = (pair.what, stand.world());
    let mut trial = Trial::of(world, &format!("suspect-{place}")).await;
    trial.with_roles((1 << ROLES.len()) - 1).await;
    // The other order: nothing was begun that could be finished.
    let early = (pair.second)(stand, world.acting(trial.suspect).await, 0).await;
    assert!(early.is_err(), "{what}: the second act before the first");
    let id = (pair.first)(stand, trial.suspect).await;
    let seen = number_of(world, stand, pair.shown, id, trial.suspect).await;
    let written = |text: &str, by: PersonId, name: &str| {
        let text = filled(stand, text, id, by).replace("{seen}", &seen.to_string());
        text.replace("{name}", name)
    };
    let before = standing(world).await;
    trial.never(what, async |context| (pair.second)(stand, context, id).await).await;
    let name = format!("suspect-{place}");
    let (path, fields) = (written(pair.form.0, trial.suspect, &name), written(pair.form.1, trial.suspect, &name));
    trial.never_by_form(what, &path, &fields).await;
    trial.never_by_json(what, &path, &fields).await;
    for sql in pair.sql {
        let sql = written(sql, trial.suspect, &name);
        let told = raw(world, &sql).await;
        assert!(told.is_err(), "{what} by raw SQL: {sql}: {told:?}");
    }
    assert_eq!(standing(world).await, before, "{what}: something moved");
    // Positive control: what the person under trial is refused is open to somebody else, by the same form.
    let other = (pair.other)(stand);
    let name = crate::books::ground::rows(world, &format!("select name from person where id = {other}")).await;
    let name: String = name[0].try_get_by_index(0).unwrap();
    let (path, fields) = (written(pair.form.0, other, &name), written(pair.form.1, other, &name));
    let status = trial.posts(&world.session(other).await, &path, &fields).await;
    assert_eq!(status, Status::SeeOther, "{what}: by somebody else at {path} with {fields}");
    trial.tried + pair.sql.len() + 1
}

async fn number_of<S: Stand>(world: &World, stand: &S, sql: &str, id: i64, me: PersonId) -> i64 {
    number(world, &filled(stand, sql, id, me)).await
}

fn filled<S: Stand>(stand: &S, text: &str, id: i64, me: PersonId) -> String {
    let text = text.replace("{id}", &id.to_string()).replace("{me}", &me.to_string());
    let mut text = text.replace("{entry}", &books::number(PostingId(id)));
    for (word, value) in stand.words() {
        text = text.replace(&format!("{{{word}}}"), &value.to_string());
    }
    text
}

/// What no refused act changes: the books, what is decided, what is promised to be done.
async fn standing(world: &World) -> Vec<i64> {
    let mut all = Vec::new();
    for count in [
        "select count(*) from transfer",
        "select count(*) from event",
        "select count(*) from job",
        "select count(*) from proposal where stage = 'confirmed'",
    ] {
        all.push(number(world, count).await);
    }
    all
}
