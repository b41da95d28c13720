//! The pages of what can be done in the registry.

use super::account::locales;
use super::choices;
use super::organisations::value_key;
use super::payees as payee_pages;
use crate::error::Error;
use crate::people::organisations::Profile;
use crate::people::permission::{As, Context, Officer};
use crate::people::{accounts, members, organisations, rules};
use crate::web::page::Answer;
use crate::web::parts::Choice;
use crate::web::sheet::Act;
use entities::kinds::{LegalForm, MemberRole, MembershipId, OrganisationId, RecordKind, RelationKind};

/// The page that registers an organisation.
///
/// # Errors
/// When the page cannot be written.
pub fn register(by: &As<Officer>) -> Answer {
    let forms = Choice::words(by, "registry-form", LegalForm::ALL.iter().map(|form| form.as_str()));
    Act::new(by, "organisation-register", "/organisations", "/organisations")
        .ask_choice(by, "legal_form", forms)
        .labelled(by.t("people-field-legal-form"))
        .ask(by, "text", "name_zh")
        .optional()
        .ask(by, "text", "name_en")
        .optional()
        .ask(by, "text", "uscc")
        .labelled(by.t("people-field-uscc"))
        .hint(by.t("uscc-hint"))
        .optional()
        .ask(by, "text", "register_code")
        .labelled(by.t("people-field-register-code"))
        .hint(by.t("register-hint"))
        .optional()
        .ask(by, "text", "register_number")
        .labelled(by.t("people-field-register-number"))
        .optional()
        .ask(by, "date", "registered_on")
        .labelled(by.t("people-field-registered-on"))
        .optional()
        .ask(by, "text", "area")
        .ask(by, "text", "community")
        .optional()
        .answer(by, "")
}

/// The page of an act on an organisation.
///
/// # Errors
/// [`Error::NotFound`] for an act there is none of and for strangers; [`Error::Forbidden`] for whose it is not.
pub async fn act(context: &Context, id: OrganisationId, act: &str) -> Answer {
    let row = organisations::load(context.edges.db.read(), id).await?;
    let base = format!("/organisations/{id}");
    let name = context.pick(&row.name_zh, &row.name_en);
    if act == "payee" {
        return payee_pages::enter(context, id).await;
    }
    let page = Act::new(context, &format!("organisation-{act}"), format!("{base}/{act}"), base.clone())
        .under(&[(context.t("organisations-title"), "/organisations"), (name.clone(), &base)])
        .fact(context.t("field-organisation"), name);
    let page = match act {
        "record" => {
            context.role::<Officer>()?;
            ask_record(context, page)
        }
        "relate" => {
            context.role::<Officer>()?;
            page.ask_choice(context, "related", choices::organisations(context).await?)
                .labelled(context.t("people-field-related"))
                .ask_choice(
                    context,
                    "kind",
                    Choice::words(context, "relation", RelationKind::ALL.iter().map(|k| k.as_str())),
                )
                .ask(context, "date", "valid_from")
                .labelled(context.t("people-field-valid-from"))
                .ask(context, "date", "valid_until")
                .labelled(context.t("people-field-valid-until"))
                .optional()
                .ask(context, "text", "evidence")
        }
        "invite-first" => {
            context.role::<Officer>()?;
            ask_guest(context, page)
        }
        "invite" => {
            context.signatory_of(id)?;
            let roles = Choice::words(context, "member", MemberRole::ALL.iter().map(|role| role.as_str()));
            ask_guest(context, page)
                .ask_choice(context, "member_role", roles)
                .labelled(context.t("people-field-member-role"))
        }
        "profile" => {
            context.editor_of(id)?;
            ask_profile(context, page, Profile::of(&row))
        }
        "name-host" => {
            context.signatory_of(id)?;
            page.ask_choice(context, "host", choices::organisations_and(context, row.fiscal_host_id).await?)
                .labelled(context.t("people-field-host"))
        }
        "answer-host" => {
            context.signatory_of(row.fiscal_host_id.ok_or(Error::NotFound)?)?;
            page.ask_choice(context, "answer", Choice::words(context, "host-answer", ["accept", "decline"]))
        }
        _ => return Err(Error::NotFound),
    };
    page.answer(context, "")
}

fn ask_guest(context: &Context, page: Act) -> Act {
    page.ask(context, "email", "email")
        .ask(context, "text", "name")
        .ask_choice(context, "locale", locales(context))
        .labelled(context.t("people-field-locale"))
}

fn ask_profile(context: &Context, page: Act, told: Profile) -> Act {
    page.ask(context, "text", "contact")
        .hint(context.t("contact-hint"))
        .value(told.contact)
        .optional()
        .ask(context, "text", "phone")
        .labelled(context.t("people-field-phone"))
        .value(told.phone)
        .optional()
        .ask(context, "text", "address")
        .labelled(context.t("people-field-address"))
        .value(told.address)
        .optional()
        .ask(context, "area", "team")
        .labelled(context.t("people-field-team"))
        .value(told.team)
        .optional()
        .ask(context, "text", "website")
        .labelled(context.t("people-field-website"))
        .value(told.website)
        .optional()
}

/// One select for kind and value together, so that no impossible pair can be chosen.
fn ask_record(context: &Context, page: Act) -> Act {
    let pairs = RecordKind::ALL.iter().flat_map(|kind| {
        let named = context.t(&format!("record-{}", kind.as_str().replace('_', "-")));
        rules::record_values(*kind).iter().map(move |value| {
            let text = format!("{named} · {}", context.t(&value_key(*kind, value)));
            Choice::new(format!("{kind}:{value}"), text)
        })
    });
    page.ask_choice(context, "value", pairs.collect())
        .labelled(context.t("record-what"))
        .ask(context, "text", "certificate_number")
        .labelled(context.t("people-field-certificate-number"))
        .optional()
        .ask(context, "date", "valid_from")
        .labelled(context.t("people-field-valid-from"))
        .ask(context, "date", "valid_until")
        .labelled(context.t("people-field-valid-until"))
        .optional()
        .ask(context, "text", "evidence")
}

/// The page that ends a membership.
///
/// # Errors
/// [`Error::NotFound`] for strangers.
pub async fn end_member(context: &Context, id: OrganisationId, member: MembershipId) -> Answer {
    context.signatory_of(id)?;
    let db = context.edges.db.read();
    let row = members::list(db, id).await?.into_iter().find(|row| row.id == member).ok_or(Error::NotFound)?;
    let who = accounts::load(db, row.person_id).await?.name;
    let base = format!("/organisations/{id}");
    Act::new(context, "member-end", format!("{base}/members/{member}/end"), base)
        .fact(context.t("head-name"), who)
        .fact(context.t("people-head-member-role"), context.t(&format!("member-{}", row.role)))
        .stop()
        .answer(context, "")
}
