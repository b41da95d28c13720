//! Separation of duties, pair by pair: two acts on one object by one person, whichever roles they hold, in both orders, by the
//! service, by the form and by raw SQL. None passes. And their deputy is the same person.

use super::grant::Grant;
use crate::books::ground::{number, raw};
use crate::support::{PASSWORD, World, both, tools};
use entities::kinds::{MemberRole, PayProfile, PaymentBatchId, PersonId, Role, TrancheId, TrancheStage};
use rocket::http::{ContentType, Cookie, Header, Status};
use rocket::local::asynchronous::Client;
use tributary::app;
use tributary::error::{Error, Result};
use tributary::grants::awards::service::Termination;
use tributary::grants::awards::{closing, repayments, service as awards};
use tributary::grants::batches::service as batches;
use tributary::grants::tranches::statements::{self, Fate};
use tributary::grants::tranches::{approvals, bank};
use tributary::people::payees;
use tributary::people::permission::{Approver, Context, Finance, Officer};

/// The roles that touch money; every set of them is tried.
const ROLES: [Role; 4] = [Role::ProgrammeOfficer, Role::FinanceOfficer, Role::Approver, Role::Administrator];
/// The steps of a payment in their order.
const PATH: [&str; 6] = ["request", "approve-programme", "prepare", "approve", "approve-third", "confirm"];
/// Pairs of steps that one person may take: who approved the work or the payment may find it on the statement, because who
/// prepared it may not.
const ALLOWED: [(&str, &str); 3] =
    [("approve-programme", "confirm"), ("approve", "confirm"), ("approve-third", "confirm")];

/// One person under trial, their deputy, and a browser each.
struct Trial<'a> {
    grant: &'a Grant,
    client: Client,
    suspect: PersonId,
    deputy: PersonId,
    sessions: [String; 2],
    tried: usize,
}

impl<'a> Trial<'a> {
    async fn of(grant: &'a Grant, name: &str) -> Self {
        let world = &grant.world;
        let suspect = world.person(name, &ROLES).await;
        let deputy = world.person(&format!("{name}-deputy"), &ROLES).await;
        let tie = format!(
            "insert into role_grant (person_id, role, scope, stage, proposed_at, effective_on, ends_on, principal_id) values ({deputy}, 'reviewer', 'foundation', 'effective', '2026-01-05T01:00:00+00:00', '2026-01-05', '2026-12-31', {suspect})"
        );
        raw(world, &tie).await.unwrap();
        let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
        let sessions = [world.session(suspect).await, world.session(deputy).await];
        Self { grant, client, suspect, deputy, sessions, tried: 0 }
    }

    /// Gives the suspect exactly these roles.
    async fn with_roles(&self, set: usize) {
        for (place, role) in ROLES.iter().enumerate() {
            let stage = if set & (1 << place) == 0 { "revoked" } else { "effective" };
            let sql = format!(
                "update role_grant set stage = '{stage}' where person_id = {} and role = '{role}'",
                self.suspect
            );
            raw(&self.grant.world, &sql).await.unwrap();
        }
    }

    /// By the service: with every set of roles, and by the deputy with all of them.
    async fn never(&mut self, what: &str, act: impl AsyncFn(Context) -> Result<()>) {
        let world = &self.grant.world;
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
    async fn never_by_form(&mut self, what: &str, path: &str, fields: &str) {
        self.with_roles((1 << ROLES.len()) - 1).await;
        for session in self.sessions.clone() {
            let status = self.posts(&session, path, fields).await;
            assert!(matches!(status.code, 403 | 404 | 409 | 422), "{what} by form: {status}");
            self.tried += 1;
        }
    }

    async fn posts(&self, session: &str, path: &str, fields: &str) -> Status {
        let body = format!("proof_password={}&reason=x&{fields}", PASSWORD.replace(' ', "+"));
        let request = self.client.post(path.to_owned()).header(ContentType::Form).body(body);
        let request = request.header(Header::new("sec-fetch-site", "same-origin"));
        request.cookie(Cookie::new("tributary_session", session.to_owned())).dispatch().await.status()
    }
}

/// A step of a payment by whoever asks.
async fn step(grant: &Grant, context: &Context, act: &str, id: TrancheId) -> Result<()> {
    match act {
        "request" => approvals::request(&context.signatory_of(grant.organisation)?, id, None).await,
        "approve-programme" => approvals::approve_programme(&context.role()?, id).await,
        "prepare" => approvals::prepare(&context.role()?, id).await,
        "approve" => approvals::approve(&context.role()?, id).await,
        "approve-third" => approvals::approve_third(&context.role()?, id).await,
        _ => {
            let seen = grant.seen(&format!("line-{}", tools_now())).await;
            match context.role::<Finance>() {
                Ok(finance) => bank::confirm_paid(&finance, id, &seen).await,
                Err(_) => bank::confirm_paid(&context.role::<Approver>()?, id, &seen).await,
            }
        }
    }
}

/// A line of the statement is named once.
fn tools_now() -> u64 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

/// Who else takes a step.
fn others(grant: &Grant, act: &str) -> PersonId {
    match act {
        "request" => grant.signatory,
        "approve-programme" => grant.officer,
        "prepare" => grant.finance,
        "approve" => grant.approver,
        "approve-third" => grant.approver_b,
        _ => grant.finance_b,
    }
}

both! {
async fn no_two_steps_of_one_payment_by_one_person(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    let id = grant.tranche(1).await.id;
    let mut tried = 0;
    for (round, first) in ["enter", "request", "approve-programme", "prepare", "approve", "approve-third"].into_iter().enumerate() {
        let mut trial = Trial::of(&grant, &format!("suspect-{round}")).await;
        let suspect = trial.suspect;
        if first == "enter" {
            raw(world, &format!("update payee_account set entered_by = {suspect}")).await.unwrap();
        }
        if first == "request" {
            world.member(suspect, grant.organisation, MemberRole::Signatory).await;
        }
        let mut taken = first == "enter";
        for act in PATH {
            if act == "confirm" {
                let finance = grant.role::<Finance>(grant.finance).await;
                bank::batch(&finance, id).await.unwrap();
                bank::send(&grant.role::<Finance>(grant.finance_b).await, id).await.unwrap();
            }
            if act == first {
                trial.with_roles((1 << ROLES.len()) - 1).await;
                step(&grant, &world.acting(suspect).await, act, id).await.unwrap();
                taken = true;
                // Who left the organisation asked all the same.
                raw(world, &format!("update membership set stage = 'ended' where person_id = {suspect}")).await.unwrap();
                continue;
            }
            // Entering an account and asking for money is one side of the table.
            if taken && !ALLOWED.contains(&(first, act)) && (first, act) != ("enter", "request") {
                let before = format!("{:?}", grant.tranche(1).await);
                trial.never(&format!("{first}, then {act}"), async |context| step(&grant, &context, act, id).await).await;
                let version = grant.tranche(1).await.version;
                trial.never_by_form(&format!("{first}, then {act}"), &format!("/tranches/{id}/{act}"), &format!("seen={version}")).await;
                // The other order: what was done is not done again, by whomever.
                for earlier in PATH.iter().take_while(|earlier| **earlier != act).filter(|earlier| **earlier != first) {
                    trial.never(&format!("{first}, then {earlier} again"), async |context| step(&grant, &context, earlier, id).await).await;
                }
                assert_eq!(before, format!("{:?}", grant.tranche(1).await), "{first}, then {act}");
            }
            if act == "confirm" {
                break;
            }
            let other = others(&grant, act);
            // Positive control by the same form: what the suspect is refused is open to somebody else.
            if matches!(act, "approve-programme" | "prepare" | "approve" | "approve-third") {
                let version = grant.tranche(1).await.version;
                let session = world.session(other).await;
                let status = trial.posts(&session, &format!("/tranches/{id}/{act}"), &format!("seen={version}")).await;
                assert_eq!(status, Status::SeeOther, "{act} by somebody else, {first} being under trial");
            } else {
                step(&grant, &world.acting(other).await, act, id).await.unwrap();
            }
        }
        // The bank did not pay, so the next round begins where this one did.
        grant.bank_says(id, Fate::Failed("try again".into()), &format!("failed-{round}")).await.unwrap();
        assert_eq!(grant.tranche(1).await.stage, TrancheStage::Due);
        raw(world, &format!("update payee_account set entered_by = {}", grant.signatory)).await.unwrap();
        tried += trial.tried;
    }
    assert_eq!(number(world, "select count(*) from transfer where phase = 'post'").await, 0);
    tools::say(&format!("separation: {tried} second steps of a payment by one person, none passes"));
    assert!(tried > 400, "{tried}");
}

async fn what_one_says_the_same_person_does_not_confirm(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    let account = grant.paying(PayProfile::CsvUtf8).await;
    let mut trial = Trial::of(&grant, "both").await;
    let me = trial.suspect;
    let finance = async || world.role::<Finance>(me).await;
    let id = grant.to_approved(1).await;
    // A batch: who made or froze it does not send it.
    let on = tributary::commons::calendar::after(world.edges.db.read(), world.edges.today(), 1).await.unwrap();
    let batch: PaymentBatchId = batches::put_together(&finance().await, account, on, &[id]).await.unwrap();
    batches::freeze(&grant.role::<Finance>(grant.finance).await, batch).await.unwrap();
    let send = async |context: Context| batches::send(&context.role::<Finance>()?, batch).await;
    trial.never("made, then sent", send).await;
    trial.never_by_form("made, then sent", &format!("/payments/batches/{batch}/send"), "seen=2").await;
    trial.with_roles(15).await;
    batches::thaw(&grant.role::<Finance>(grant.finance_b).await, batch).await.unwrap();
    batches::freeze(&finance().await, batch).await.unwrap();
    trial.never("froze, then sent", send).await;
    // The other order: it was made by one of finance, who does not send what this one froze either.
    batches::send(&grant.role::<Finance>(grant.finance_b).await, batch).await.unwrap();
    // What the bank says.
    trial.with_roles(15).await;
    statements::say(&finance().await, id, &Fate::Failed("x".into()), "f-1", None).await.unwrap();
    trial.never("said, then confirmed", async |context| statements::confirm(&context.role::<Approver>()?, id).await).await;
    let shown = number(world, "select max(id) from proposal").await;
    trial.never_by_form("said, then confirmed", &format!("/tranches/{id}/confirm-said"), &format!("seen={shown}")).await;
    statements::confirm(&grant.role::<Approver>(grant.approver_b).await, id).await.unwrap();
    // What the award may cost.
    trial.with_roles(15).await;
    grant.pay(1).await;
    awards_of_two(&grant, &mut trial).await;
    tools::say(&format!("separation: {} confirmations by who proposed, none passes", trial.tried));
    assert!(trial.tried > 80, "{}", trial.tried);
}

async fn three_people_stand_behind_an_account(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    let organisation = grant.organisation;
    let entered = async |by: PersonId, number: &str| {
        let entered = payees::Entered { holder: "x".into(), bank_name: "b".into(), account_number: number.into(), currency: entities::kinds::Currency::CNY };
        let signs = world.acting(by).await.signatory_of(organisation).unwrap();
        payees::enter(&signs, entered).await.unwrap()
    };
    let mut trial = Trial::of(&grant, "near").await;
    let me = trial.suspect;
    world.member(me, organisation, MemberRole::Signatory).await;
    let account = entered(me, "6222000000007701").await;
    raw(world, &format!("update membership set stage = 'ended' where person_id = {me}")).await.unwrap();
    let verify = async |context: Context, version| payees::verify(&context.role::<Finance>()?, organisation, account, "call", version).await;
    let approve = async |context: Context, version| payees::approve(&context.role::<Approver>()?, organisation, account, version).await;
    trial.never("entered, then verified", async |context| verify(context, 1).await).await;
    trial.never_by_form("entered, then verified", &format!("/organisations/{organisation}/payees/{account}/verify"), "evidence=x&version=1").await;
    verify(world.acting(grant.finance).await, 1).await.unwrap();
    trial.never("entered, then approved", async |context| approve(context, 2).await).await;
    trial.never_by_form("entered, then approved", &format!("/organisations/{organisation}/payees/{account}/approve"), "version=2").await;
    let signs = world.acting(grant.signatory).await.signatory_of(organisation).unwrap();
    payees::revoke(&signs, organisation, account, "again", 2).await.unwrap();
    let account = entered(grant.signatory, "6222000000007702").await;
    let mut other = Trial::of(&grant, "checks").await;
    let checks = other.suspect;
    payees::verify(&world.role::<Finance>(checks).await, organisation, account, "call", 1).await.unwrap();
    let approve = async |context: Context| payees::approve(&context.role::<Approver>()?, organisation, account, 2).await;
    other.never("verified, then approved", approve).await;
    other.never_by_form("verified, then approved", &format!("/organisations/{organisation}/payees/{account}/approve"), "version=2").await;
    let verify = async |context: Context| payees::verify(&context.role::<Finance>()?, organisation, account, "call", 2).await;
    other.never("verified, then verified again", verify).await;
    approve(world.acting(grant.approver).await).await.unwrap();
    tools::say(&format!("separation: {} steps about an account by one person, none passes", trial.tried + other.tried));
}

async fn nor_does_raw_sql_join_two_hands(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    grant.pay(1).await;
    let tranche = grant.tranche(2).await.id;
    let person = async |name: &str| world.person(name, &[]).await.0;
    let me = person("one").await;
    let all = [person("a").await, person("b").await, person("c").await, person("d").await, person("e").await, person("f").await, person("g").await];
    const COLUMNS: [&str; 7] =
        ["requested_by", "payee_entered_by", "programme_by", "prepared_by", "approved_by", "third_by", "confirmed_by"];
    let account = number(world, "select max(id) from payee_account").await;
    let mut tried = 0;
    for (one, first) in COLUMNS.iter().enumerate() {
        for (other, second) in COLUMNS.iter().enumerate() {
            let may = matches!((*first, *second), ("requested_by", "payee_entered_by") | ("payee_entered_by", "requested_by"))
                || (*first == "confirmed_by" && matches!(*second, "programme_by" | "approved_by" | "third_by"))
                || (*second == "confirmed_by" && matches!(*first, "programme_by" | "approved_by" | "third_by"));
            if one == other || may {
                continue;
            }
            // Everybody is somebody else, but for the one under trial, who took the first step; then the second.
            let people: Vec<String> = (0..7).map(|place| if place == one { me } else { all[place] }).map(|id| id.to_string()).collect();
            let insert = format!(
                "insert into payment (tranche_id, amount_minor, currency, payee_account_id, requested_at, third_required, {}) values ({tranche}, 1, 'CNY', {account}, '2026-01-05T01:00:00+00:00', true, {})",
                COLUMNS.join(", "), people.join(", ")
            );
            raw(world, &insert).await.unwrap();
            let id = number(world, "select max(id) from payment").await;
            let told = raw(world, &format!("update payment set {second} = {me} where id = {id}")).await;
            assert!(told.is_err(), "{first}, then {second}: {told:?}");
            raw(world, &format!("update payment set outcome = 'rejected' where id = {id}")).await.unwrap();
            tried += 1;
        }
    }
    tried += joined(world, me).await;
    tried += judges(&grant, me).await;
    tools::say(&format!("separation: {tried} pairs by raw SQL, none passes"));
}
}

/// Two columns of one row that name two people, wherever there is one: joined in either direction, the database refuses.
async fn joined(world: &World, me: i64) -> usize {
    const PAIRS: [(&str, &str, &str); 14] = [
        ("payee_account", "entered_by", "verified_by"),
        ("payee_account", "entered_by", "approved_by"),
        ("payee_account", "verified_by", "approved_by"),
        ("payment_batch", "made_by", "sent_by"),
        ("payment_batch", "frozen_by", "sent_by"),
        ("proposal", "proposed_by", "decided_by"),
        ("decision_batch", "drafted_by", "approved_by"),
        ("award", "grantee_signed_by", "foundation_signed_by"),
        ("award", "closed_by", "closed_finance_by"),
        ("fund", "initiator_signed_by", "foundation_signed_by"),
        ("gift", "recorded_by", "confirmed_by"),
        ("role_grant", "proposed_by", "confirmed_by"),
        ("policy_version", "proposed_by", "confirmed_by"),
        ("call", "drafted_by", "checked_by"),
    ];
    let mut tried = 0;
    for (table, first, second) in PAIRS {
        let id = number(world, &format!("select coalesce(min(id), 0) from {table}")).await;
        if id == 0 {
            continue;
        }
        let told = raw(world, &format!("update {table} set {first} = {me}, {second} = {me} where id = {id}")).await;
        assert!(told.is_err(), "{table}: {first} and {second} are one");
        tried += 1;
    }
    tried
}

/// The two-person acts on an award.
async fn awards_of_two(grant: &Grant, trial: &mut Trial<'_>) {
    let world = &grant.world;
    let (me, award) = (trial.suspect, grant.award);
    closing::propose_allowable(&world.role::<Finance>(me).await, award, 5_000_000).await.unwrap();
    trial
        .never("allowable said, then confirmed", async |context| {
            closing::confirm_allowable(&context.role::<Approver>()?, award).await
        })
        .await;
    trial.with_roles(15).await;
    closing::decline_proposal(
        &grant.role::<Approver>(grant.approver).await,
        award,
        tributary::grants::awards::rules::pair_of("decline-allowable").unwrap(),
        "no",
    )
    .await
    .unwrap();
    let told = Termination { reason: "work stopped".into(), clawback_minor: 1_000 };
    awards::propose_termination(&world.role::<Officer>(me).await, award, &told).await.unwrap();
    trial
        .never("termination proposed, then confirmed", async |context| {
            awards::confirm_termination(&context.role::<Approver>()?, award).await
        })
        .await;
    awards::confirm_termination(&grant.role::<Approver>(grant.approver).await, award).await.unwrap();
    trial.with_roles(15).await;
    repayments::propose_repayment(&world.role::<Finance>(me).await, award, 1_000, "back-1", None).await.unwrap();
    trial
        .never("repayment said, then confirmed", async |context| {
            repayments::confirm_repayment(&context.role::<Approver>()?, award).await
        })
        .await;
    let other = world.person("finds", &[Role::Approver]).await;
    repayments::confirm_repayment(&world.role::<Approver>(other).await, award).await.unwrap();
    trial.with_roles(15).await;
    closing::propose_close(&world.role::<Officer>(me).await, award).await.unwrap();
    trial
        .never("close proposed, then confirmed", async |context| {
            closing::confirm_close(&context.role::<Finance>()?, award).await
        })
        .await;
}

/// Whoever judged, or belongs to the payee, in every place of a payment that is theirs to leave alone.
async fn judges(grant: &Grant, me: i64) -> usize {
    let world = &grant.world;
    let (application, award) = (grant.application, grant.award);
    let tranche = grant.tranche(2).await.id;
    let account = number(world, "select max(id) from payee_account").await;
    let insert = format!(
        "insert into payment (tranche_id, amount_minor, currency, payee_account_id, payee_entered_by, requested_by, requested_at, third_required) values ({tranche}, 1, 'CNY', {account}, {0}, {0}, '2026-01-05T01:00:00+00:00', true)",
        grant.signatory
    );
    raw(world, &insert).await.unwrap();
    let payment = number(world, "select max(id) from payment").await;
    let at = "'2026-01-05T01:00:00+00:00'";
    let judged = [
        (
            format!(
                "insert into review (application_id, call_id, reviewer_id, stage, assigned_by, assigned_at, version) select {application}, call_id, {me}, 'submitted', {}, {at}, 1 from application where id = {application}",
                grant.officer
            ),
            "delete from review",
            &["programme_by", "approved_by", "third_by"][..],
        ),
        (
            format!(
                "insert into evaluation (award_id, kind, evaluator_id, assigned_by, stage, pass_mark) values ({award}, 'mid_term', {me}, {}, 'assigned', 6000)",
                grant.officer
            ),
            "delete from evaluation",
            &["programme_by", "approved_by", "third_by"],
        ),
        (
            format!(
                "insert into membership (organisation_id, person_id, role, stage, created_at) values ({}, {me}, 'editor', 'active', {at})",
                grant.organisation
            ),
            "update membership set stage = 'ended'",
            &["programme_by", "prepared_by", "approved_by", "third_by"],
        ),
    ];
    let mut tried = 0;
    for (tie, untie, columns) in judged {
        raw(world, &tie).await.unwrap();
        for column in columns {
            let prepared = if matches!(*column, "approved_by" | "third_by") {
                format!("prepared_by = {}, ", grant.finance)
            } else {
                String::new()
            };
            let approved =
                if *column == "third_by" { format!("approved_by = {}, ", grant.approver) } else { String::new() };
            let told =
                raw(world, &format!("update payment set {prepared}{approved}{column} = {me} where id = {payment}"))
                    .await;
            let why = told.expect_err(column).to_string();
            assert!(why.contains("judge") || why.contains("payee takes"), "{column}: {why}");
            tried += 1;
        }
        raw(world, untie).await.unwrap();
    }
    tried
}
