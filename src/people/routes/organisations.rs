//! The registry, members, hosts and payee accounts.

use crate::commons::texts::{PROSE, TITLE};
use crate::error::{Error, Result, Violation};
use crate::people::organisations::{Profile, Registered};
use crate::people::payees::Entered;
use crate::people::permission::{Approver, As, Context, Finance, Officer, SignedIn};
use crate::people::records::{self, Record};
use crate::people::view::{organisations as pages, payees as payee_pages, registry as acts};
use crate::people::{invitations, members, organisations, payees};
use crate::web::forms::Posted;
use crate::web::guards::Id;
use crate::web::page::{Answer, Reply, again};
use entities::kinds::{
    Currency, LegalForm, Locale, MemberRole, MembershipId, OrganisationId, PayeeAccountId, RecordKind, RelationKind,
};
use rocket::{Route, get, post, routes};

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    routes![
        list,
        show,
        new,
        register,
        act,
        do_act,
        end_member_page,
        end_member,
        enter_payee,
        show_payee,
        payee_act,
        do_payee_act
    ]
}

#[get("/organisations?<before>")]
async fn list(context: Context, before: Option<i64>) -> Answer {
    pages::list(&context, before).await
}

#[get("/organisations/<id>")]
async fn show(context: Context, id: Id<OrganisationId>) -> Answer {
    pages::show(&context, id.0).await
}

#[get("/organisations/new")]
async fn new(by: As<Officer>) -> Answer {
    acts::register(&by)
}

#[post("/organisations", data = "<posted>")]
async fn register(by: As<Officer>, posted: Posted) -> Answer {
    let done = async {
        let told = Registered {
            legal_form: posted.word("legal_form", LegalForm::parse, LegalForm::Association),
            name_zh: posted.optional("name_zh", TITLE),
            name_en: posted.optional("name_en", TITLE),
            uscc: posted.optional("uscc", TITLE),
            register_code: posted.optional("register_code", TITLE),
            register_number: posted.optional("register_number", TITLE),
            registered_on: posted.optional_date("registered_on"),
            area: posted.text("area", TITLE),
            community: posted.optional("community", TITLE),
        };
        posted.well()?;
        organisations::register(&posted.by(&by), told).await
    };
    match done.await {
        Ok(id) => Reply::see(format!("/organisations/{id}"), "notice-saved"),
        Err(error) => again(&posted, error, async { acts::register(&by) }).await,
    }
}

#[get("/organisations/<id>/<act>", rank = 5)]
async fn act(by: As<SignedIn>, id: Id<OrganisationId>, act: &str) -> Answer {
    acts::act(&by, id.0, act).await
}

#[post("/organisations/<id>/<act>", data = "<posted>", rank = 5)]
async fn do_act(by: As<SignedIn>, id: Id<OrganisationId>, act: &str, posted: Posted) -> Answer {
    let done = match act {
        "record" => record(&by, id.0, &posted).await,
        "relate" => relate(&by, id.0, &posted).await,
        "invite" | "invite-first" => invite(&by, id.0, act, &posted).await,
        "profile" => profile(&by, id.0, &posted).await,
        "name-host" | "answer-host" => host(&by, id.0, act, &posted).await,
        _ => return Err(Error::NotFound),
    };
    match done {
        Ok(()) => Reply::see(format!("/organisations/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, acts::act(&by, id.0, act)).await,
    }
}

async fn record(by: &Context, id: OrganisationId, posted: &Posted) -> Result<()> {
    let by = by.role::<Officer>()?;
    let (kind, value) = posted.raw("value").split_once(':').unwrap_or_default();
    let kind = RecordKind::parse(kind).unwrap_or_else(|| {
        posted.wrong(Violation::at("value", "refused-choose"));
        RecordKind::Grade
    });
    let told = Record {
        kind,
        value: value.to_owned(),
        certificate_number: posted.optional("certificate_number", TITLE),
        valid_from: posted.date("valid_from"),
        valid_until: posted.optional_date("valid_until"),
        evidence: posted.text("evidence", TITLE),
    };
    posted.well()?;
    records::record(&posted.by(&by), id, told).await.map(|_| ())
}

async fn relate(by: &Context, id: OrganisationId, posted: &Posted) -> Result<()> {
    let by = by.role::<Officer>()?;
    let related = posted.id::<OrganisationId>("related");
    let kind = posted.word("kind", RelationKind::parse, RelationKind::Related);
    let (from, until) = (posted.date("valid_from"), posted.optional_date("valid_until"));
    let evidence = posted.text("evidence", TITLE);
    posted.well()?;
    records::relate(&posted.by(&by), id, related, kind, from, until, &evidence).await.map(|_| ())
}

async fn invite(by: &Context, id: OrganisationId, act: &str, posted: &Posted) -> Result<()> {
    let (email, name) = (posted.text("email", TITLE), posted.text("name", TITLE));
    let locale = posted.word("locale", Locale::parse, Locale::ZhCn);
    if act == "invite-first" {
        let by = by.role::<Officer>()?;
        posted.well()?;
        invitations::invite_first_signatory(&posted.by(&by), id, &email, &name, locale).await?;
    } else {
        let by = by.signatory_of(id)?;
        let role = posted.word("member_role", MemberRole::parse, MemberRole::Editor);
        posted.well()?;
        invitations::invite_member(&posted.by(&by), id, &email, &name, locale, role).await?;
    }
    Ok(())
}

async fn profile(by: &Context, id: OrganisationId, posted: &Posted) -> Result<()> {
    let by = by.editor_of(id)?;
    let told = Profile {
        contact: posted.optional("contact", TITLE),
        phone: posted.optional("phone", TITLE),
        address: posted.optional("address", TITLE),
        team: posted.optional("team", PROSE),
        website: posted.optional("website", TITLE),
    };
    posted.well()?;
    organisations::save_profile(&posted.by(&by), told).await
}

async fn host(by: &Context, id: OrganisationId, act: &str, posted: &Posted) -> Result<()> {
    if act == "name-host" {
        let by = by.signatory_of(id)?;
        let host = posted.id::<OrganisationId>("host");
        posted.well()?;
        return members::name_host(&posted.by(&by), host).await;
    }
    let group = organisations::load(by.edges.db.read(), id).await?;
    let by = by.signatory_of(group.fiscal_host_id.ok_or(Error::NotFound)?)?;
    let accept = match posted.raw("answer") {
        "accept" => true,
        "decline" => false,
        _ => return Err(Error::field("answer", "refused-choose")),
    };
    members::answer_host(&posted.by(&by), id, accept).await
}

#[get("/organisations/<id>/members/<member>/end")]
async fn end_member_page(by: As<SignedIn>, id: Id<OrganisationId>, member: Id<MembershipId>) -> Answer {
    acts::end_member(&by, id.0, member.0).await
}

#[post("/organisations/<id>/members/<member>/end", data = "<posted>")]
async fn end_member(by: As<SignedIn>, id: Id<OrganisationId>, member: Id<MembershipId>, posted: Posted) -> Answer {
    let done = async { members::end(&posted.by(&by.signatory_of(id.0)?), member.0).await };
    match done.await {
        Ok(()) => Reply::see(format!("/organisations/{}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, acts::end_member(&by, id.0, member.0)).await,
    }
}

#[post("/organisations/<id>/payees", data = "<posted>")]
async fn enter_payee(by: As<SignedIn>, id: Id<OrganisationId>, posted: Posted) -> Answer {
    let done = async {
        let signatory = by.signatory_of(id.0)?;
        let currency = posted.raw("currency").trim().to_uppercase().parse::<Currency>().unwrap_or_else(|_| {
            posted.wrong(Violation::at("currency", "refused-unknown"));
            Currency::CNY
        });
        let entered = Entered {
            holder: posted.text("holder", TITLE),
            bank_name: posted.text("bank_name", TITLE),
            account_number: posted.text("account_number", TITLE),
            currency,
        };
        posted.well()?;
        payees::enter(&posted.by(&signatory), entered).await
    };
    match done.await {
        Ok(payee) => Reply::see(format!("/organisations/{}/payees/{payee}", id.0), "notice-saved"),
        Err(error) => again(&posted, error, payee_pages::enter(&by, id.0)).await,
    }
}

#[get("/organisations/<id>/payees/<payee>")]
async fn show_payee(by: As<SignedIn>, id: Id<OrganisationId>, payee: Id<PayeeAccountId>) -> Answer {
    payee_pages::show(&by, id.0, payee.0).await
}

#[get("/organisations/<id>/payees/<payee>/<act>")]
async fn payee_act(by: As<SignedIn>, id: Id<OrganisationId>, payee: Id<PayeeAccountId>, act: &str) -> Answer {
    payee_pages::act(&by, id.0, payee.0, act).await
}

#[post("/organisations/<id>/payees/<payee>/<act>", data = "<posted>")]
async fn do_payee_act(
    by: As<SignedIn>,
    id: Id<OrganisationId>,
    payee: Id<PayeeAccountId>,
    act: &str,
    posted: Posted,
) -> Answer {
    let done = async {
        if !payee_pages::seen_by(&by, id.0) {
            return Err(Error::NotFound);
        }
        let version = i32::try_from(posted.number("version", 1, i64::from(i32::MAX))).unwrap_or(1);
        match act {
            "verify" => {
                let by = by.role::<Finance>()?;
                let evidence = posted.text("evidence", TITLE);
                posted.well()?;
                payees::verify(&posted.by(&by), id.0, payee.0, &evidence, version).await
            }
            "approve" => {
                posted.well()?;
                payees::approve(&posted.by(&by.role::<Approver>()?), id.0, payee.0, version).await
            }
            "revoke" => {
                let reason = posted.text("reason", TITLE);
                posted.well()?;
                match by.signatory_of(id.0) {
                    Ok(by) => payees::revoke(&posted.by(&by), id.0, payee.0, &reason, version).await,
                    Err(_) => {
                        let by = by.role::<Finance>()?;
                        payees::revoke(&posted.by(&by), id.0, payee.0, &reason, version).await
                    }
                }
            }
            _ => Err(Error::NotFound),
        }
    };
    match done.await {
        Ok(()) => Reply::see(format!("/organisations/{}/payees/{}", id.0, payee.0), "notice-saved"),
        Err(error) => again(&posted, error, payee_pages::act(&by, id.0, payee.0, act)).await,
    }
}
