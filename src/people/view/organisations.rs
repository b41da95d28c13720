//! The pages of the registry.

use super::{older, payees as payee_pages};
use crate::commons::events;
use crate::core::lifecycle::Part;
use crate::error::{Error, Result};
use crate::people::organisations::Profile;
use crate::people::permission::Context;
use crate::people::{accounts, members, numbers, organisations, payees, records};
use crate::web::page::Answer;
use crate::web::parts::{ActLink, Fact};
use crate::web::sheet::{Block, Cell, Sheet, history, stage_text};
use entities::kinds::{AwardStage, LegalForm, MembershipStage, OrganisationId, RecordKind, Role, Subject};
use entities::{award, membership, organisation, organisation_record};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Organisations on one page of the list.
const PAGE: u64 = 30;
/// Events shown.
const HISTORY: u64 = 20;

/// The registry, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(context: &Context, before: Option<i64>) -> Answer {
    let mut rows = organisations::list(context.edges.db.read(), context.actor.is_staff(), before, PAGE + 1).await?;
    let older_href = older(&mut rows, PAGE, |row| format!("/organisations?before={}", row.id));
    let cells = |row: &organisation::Model| {
        vec![
            Cell::lead(context.pick(&row.name_zh, &row.name_en), format!("/organisations/{}", row.id)),
            Cell::text(context.t(&format!("registry-form-{}", row.legal_form))),
            Cell::text(row.area.clone()),
            Cell::text(row.uscc.clone().unwrap_or_default()),
        ]
    };
    let register =
        ActLink { href: "/organisations/new".into(), text: context.t("act-organisation-register-button"), tone: "" };
    let mut acts = if context.actor.has(Role::ProgrammeOfficer) { vec![register] } else { Vec::new() };
    if context.actor.is_staff() {
        acts.push(ActLink { href: "/experts".into(), text: context.t("experts-title"), tone: "quiet" });
    }
    if context.actor.has(Role::Administrator) {
        acts.push(ActLink { href: "/rolls".into(), text: context.t("rolls-title"), tone: "quiet" });
    }
    Sheet::new(context.t("organisations-title"))
        .sentence(context.t("organisations-sentence"))
        .now(context.t("now-title"), "", acts)
        .with(Block::Table {
            title: String::new(),
            heads: ["head-organisation", "people-head-registry-form", "people-head-area", "people-head-uscc"]
                .map(|key| context.t(key))
                .into(),
            rows: rows.iter().map(cells).collect(),
            empty: context.t("organisations-empty"),
        })
        .with(Block::Pager { older_href, newer_href: String::new() })
        .answer(context, "")
}

/// One organisation: public facts for everybody; members, accounts and history for its own people and staff.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn show(context: &Context, id: OrganisationId) -> Answer {
    let db = context.edges.db.read();
    let row = organisations::load(db, id).await?;
    let inside = payee_pages::seen_by(context, id);
    let own = context.actor.is_staff() || context.actor.belongs_to(id);
    if !(inside || own || organisations::is_disclosed(db, id).await?) {
        return Err(Error::NotFound);
    }
    let mut sheet = Sheet::new(context.pick(&row.name_zh, &row.name_en))
        .under(&[(context.t("organisations-title"), "/organisations")])
        .sentence(context.t(&format!("registry-form-{}", row.legal_form)))
        .now(context.t("now-title"), "", acts(context, &row))
        .with(Block::Facts { title: context.t("facts-title"), items: facts(context, &row).await? });
    if let Some(projects) = projects(context, id).await? {
        sheet = sheet.with(projects);
    }
    if inside {
        sheet.main.extend(profile(context, &row));
        sheet = sheet
            .with(dated(context, id).await?)
            .with(relations(context, id).await?)
            .with(people(context, id).await?)
            .with(accounts_block(context, id).await?)
            .beside(history(
                context,
                "organisation",
                &events::history(db, Subject::Organisation, id.0, HISTORY).await?,
            ));
    }
    sheet.answer(context, "")
}

/// The acts that this reader is offered.
fn acts(context: &Context, row: &organisation::Model) -> Vec<ActLink> {
    let parts = context.actor.parts(Some(row.id));
    let has = |part: Part| parts.contains(&part);
    let mut offered: Vec<&'static str> = Vec::new();
    let asked = row.fiscal_host_id.filter(|_| row.host_accepted_by.is_none());
    if asked.is_some_and(|host| context.signatory_of(host).is_ok()) {
        offered.push("answer-host");
    }
    if has(Part::Editor) || has(Part::Signatory) {
        offered.push("profile");
    }
    if has(Part::Signatory) {
        offered.extend(["invite", "payee"]);
        if row.legal_form == LegalForm::ResidentGroup {
            offered.push("name-host");
        }
    }
    if has(Part::Officer) {
        offered.extend(["record", "relate", "invite-first"]);
    }
    let link = |act: &str| ActLink {
        href: format!("/organisations/{}/{act}", row.id),
        text: context.t(&format!("act-organisation-{act}-button")),
        tone: "quiet",
    };
    offered.into_iter().map(link).collect()
}

/// What it was paid for: the awards that both have signed, newest first.
async fn projects(context: &Context, id: OrganisationId) -> Result<Option<Block>> {
    let signed =
        [AwardStage::Active, AwardStage::Suspended, AwardStage::Closing, AwardStage::Closed, AwardStage::Terminated];
    let rows = award::Entity::find()
        .filter(award::Column::OrganisationId.eq(id))
        .filter(award::Column::Stage.is_in(signed))
        .order_by_desc(award::Column::Id)
        .limit(PAGE)
        .all(context.edges.db.read())
        .await?;
    let cells = |row: &award::Model| {
        vec![
            Cell::lead(row.title.clone(), format!("/projects/{}", row.id)),
            Cell::text(stage_text(context, "award", row.stage.as_str())),
            Cell::number(context.money(row.amount_minor, row.currency)),
        ]
    };
    Ok((!rows.is_empty()).then(|| Block::Table {
        title: context.t("projects-title"),
        heads: ["head-project", "head-stage", "head-amount"].map(|key| context.t(key)).into(),
        rows: rows.iter().map(cells).collect(),
        empty: String::new(),
    }))
}

async fn facts(context: &Context, row: &organisation::Model) -> Result<Vec<Fact>> {
    let mut facts = Vec::new();
    let mut add = |key: &str, value: String| {
        if !value.is_empty() {
            facts.push(Fact::new(context.t(key), value));
        }
    };
    add("people-head-uscc", row.uscc.clone().unwrap_or_default());
    if let (Some(code), Some(number)) = (&row.register_code, &row.register_number) {
        add("people-field-register-number", format!("{code}-{number}"));
    }
    add("people-field-registered-on", row.registered_on.map(|day| context.day(day)).unwrap_or_default());
    add("people-head-area", row.area.clone());
    add("head-community", row.community.clone());
    add("people-field-website", Profile::of(row).website);
    if let Some(host) =
        row.fiscal_host_id.filter(|host| row.host_accepted_by.is_some() || asked_seen(context, row, *host))
    {
        let names = organisations::names(context, std::iter::once(host)).await?;
        let key = if row.host_accepted_by.is_some() { "host-is" } else { "host-asked" };
        let name = names.into_values().next().unwrap_or_default();
        facts.push(Fact::linked(context.t(key), name, format!("/organisations/{host}")));
    }
    Ok(facts)
}

/// Whether the reader may see which host was asked: nobody is named to the public by a group alone.
fn asked_seen(context: &Context, row: &organisation::Model, host: OrganisationId) -> bool {
    context.actor.is_staff() || context.actor.belongs_to(row.id) || context.actor.belongs_to(host)
}

/// The profile, once something of it was told.
fn profile(context: &Context, row: &organisation::Model) -> Option<Block> {
    let told = Profile::of(row);
    let items = [
        ("field-contact", told.contact),
        ("people-field-phone", told.phone),
        ("people-field-address", told.address),
        ("people-field-team", told.team),
    ];
    let items =
        items.into_iter().filter(|(_, text)| !text.is_empty()).map(|(key, text)| Fact::new(context.t(key), text));
    let items: Vec<Fact> = items.collect();
    (!items.is_empty()).then(|| Block::Facts { title: context.t("profile-title"), items })
}

async fn dated(context: &Context, id: OrganisationId) -> Result<Block> {
    let rows = records::history(context.edges.db.read(), id).await?;
    let cells = |row: &organisation_record::Model| {
        let until = row.valid_until.map_or_else(|| context.t("record-open"), |day| context.day(day));
        let value = context.t(&value_key(row.kind, &row.value));
        let value =
            row.certificate_number.as_ref().map_or_else(|| value.clone(), |number| format!("{value} · {number}"));
        vec![
            Cell::lead(context.t(&format!("record-{}", row.kind.as_str().replace('_', "-"))), ""),
            Cell::text(value),
            Cell::text(format!("{} – {until}", context.day(row.valid_from))),
            Cell::text(row.evidence.clone()),
        ]
    };
    Ok(Block::Table {
        title: context.t("records-title"),
        heads: ["head-kind", "people-head-value", "people-head-valid", "head-evidence"]
            .map(|key| context.t(key))
            .into(),
        rows: rows.iter().map(cells).collect(),
        empty: context.t("records-empty"),
    })
}

/// Key of the words for a recorded value.
pub(super) fn value_key(kind: RecordKind, value: &str) -> String {
    format!("record-{}-{}", kind.as_str().replace('_', "-"), value.replace('_', "-").to_lowercase())
}

async fn relations(context: &Context, id: OrganisationId) -> Result<Block> {
    let rows = records::relations(context.edges.db.read(), id).await?;
    let ids = rows.iter().flat_map(|row| [row.organisation_id, row.related_id]);
    let names = organisations::names(context, ids).await?;
    let cells = rows
        .iter()
        .map(|row| {
            let name = |id| names.get(&id).cloned().unwrap_or_default();
            let until = row.valid_until.map_or_else(|| context.t("record-open"), |day| context.day(day));
            vec![
                Cell::lead(name(row.organisation_id), ""),
                Cell::text(context.t(&format!("relation-{}", row.kind))),
                Cell::text(name(row.related_id)),
                Cell::text(format!("{} – {until}", context.day(row.valid_from))),
            ]
        })
        .collect();
    Ok(Block::Table {
        title: context.t("relations-title"),
        heads: ["head-organisation", "head-kind", "people-field-related", "people-head-valid"]
            .map(|key| context.t(key))
            .into(),
        rows: cells,
        empty: context.t("relations-empty"),
    })
}

async fn people(context: &Context, id: OrganisationId) -> Result<Block> {
    let db = context.edges.db.read();
    let rows = members::list(db, id).await?;
    let names = accounts::names(db, rows.iter().map(|row| row.person_id)).await?;
    let signs = context.signatory_of(id).is_ok();
    let cells = |row: &membership::Model| {
        let active = row.stage == MembershipStage::Active;
        let end = if signs && active {
            Cell {
                text: context.t("act-member-end-button"),
                href: format!("/organisations/{id}/members/{}/end", row.id),
                class: "",
            }
        } else {
            Cell::text("")
        };
        vec![
            Cell::lead(names.get(&row.person_id).cloned().unwrap_or_default(), ""),
            Cell::text(context.t(&format!("member-{}", row.role))),
            Cell::text(context.t(&format!("stage-membership-{}", row.stage))),
            end,
        ]
    };
    Ok(Block::Table {
        title: context.t("members-title"),
        heads: ["head-name", "people-head-member-role", "head-stage", "people-head-end"]
            .map(|key| context.t(key))
            .into(),
        rows: rows.iter().map(cells).collect(),
        empty: context.t("members-empty"),
    })
}

async fn accounts_block(context: &Context, id: OrganisationId) -> Result<Block> {
    let rows = payees::list(context.edges.db.read(), id).await?;
    let cells = rows
        .iter()
        .map(|row| {
            let href = format!("/organisations/{id}/payees/{}", row.id);
            vec![
                Cell::lead(numbers::masked(row), href),
                Cell::text(row.bank_name.clone()),
                Cell::text(context.t(&format!("stage-payee-{}", row.stage))),
            ]
        })
        .collect();
    Ok(Block::Table {
        title: context.t("payees-title"),
        heads: ["people-field-account-number", "people-field-bank-name", "head-stage"].map(|key| context.t(key)).into(),
        rows: cells,
        empty: context.t("payees-empty"),
    })
}
