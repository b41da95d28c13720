//! Payments, batches, what the bank says, and the two-person acts on an award; the people behind an account.

use super::trial::{ROLES, Trial};
use crate::books::ground::{number, raw};
use crate::rooms::grant::Grant;
use crate::support::{both, tools};
use entities::kinds::{MemberRole, PayProfile, PaymentBatchId, PersonId, Role, TrancheId, TrancheStage};
use rocket::http::Status;
use tributary::error::Result;
use tributary::grants::awards::service::Termination;
use tributary::grants::awards::{closing, repayments, service as awards};
use tributary::grants::batches::service as batches;
use tributary::grants::tranches::statements::{self, Fate};
use tributary::grants::tranches::{approvals, bank};
use tributary::people::payees;
use tributary::people::permission::{Approver, Context, Finance, Officer};

/// The steps of a payment in their order.
const PATH: [&str; 6] = ["request", "approve-programme", "prepare", "approve", "approve-third", "confirm"];
/// Pairs of steps that one person may take: who approved the work or the payment may find it on the statement, because who
/// prepared it may not.
const ALLOWED: [(&str, &str); 3] =
    [("approve-programme", "confirm"), ("approve", "confirm"), ("approve-third", "confirm")];

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
        let mut trial = Trial::of(&grant.world, &format!("suspect-{round}")).await;
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
    let mut trial = Trial::of(&grant.world, "both").await;
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
    let mut trial = Trial::of(&grant.world, "near").await;
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
    let mut other = Trial::of(&grant.world, "checks").await;
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
