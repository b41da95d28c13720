//! One entry of the books: what, how much, which accounts, with which voucher, and what corrected it.

use super::entries::{self, Told, event_text};
use super::names;
use super::projects::is_public;
use super::seals::Seal;
use crate::commons::proposals;
use crate::commons::texts::pick;
use crate::error::{Error, Result};
use crate::ledger::books::{from_number, number};
use crate::people::permission::Context;
use crate::web::page::{Answer, Page};
use crate::web::parts::{Crumb, Fact};
use entities::kinds::{
    Anonymity, DocumentId, GiftId, MatchPoolId, PaymentId, PostingId, ProposalKind, Role, Subject, TransferId,
};
use entities::{correction_note, document, event, gift, match_pool, payment, posting, posting_document, transfer};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use std::collections::BTreeMap;

/// An entry as a page.
#[derive(Debug, Clone, Serialize)]
pub struct EntryView {
    crumbs: Vec<Crumb>,
    number: String,
    what: String,
    date: String,
    amount_text: String,
    capitals: String,
    legs: Vec<Leg>,
    vouchers: Vec<Voucher>,
    notes: Vec<Note>,
    facts: Vec<Fact>,
    acted: Vec<Fact>,
    seal: Seal,
}

/// One debit with its credit.
#[derive(Debug, Clone, Serialize)]
struct Leg {
    debit: String,
    debit_href: String,
    credit: String,
    credit_href: String,
    amount_text: String,
}

/// A voucher that everybody may open, or the mark of one that is private.
#[derive(Debug, Clone, Serialize)]
struct Voucher {
    name: String,
    href: String,
    hash: String,
}

/// What reversed, corrected or preceded the entry.
#[derive(Debug, Clone, Serialize)]
struct Note {
    text: String,
    label: String,
    href: String,
}

/// The page of an entry.
///
/// # Errors
/// [`Error::NotFound`] for a number there is none of, or whose money has not moved.
pub async fn show(context: &Context, text: &str) -> Answer {
    let db = context.edges.db.read();
    let id = from_number(text).filter(|id| number(*id) == text).ok_or(Error::NotFound)?;
    let posting = posting::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)?;
    let moved = entries::moved(db, std::iter::once(id)).await?;
    let Some(first) = moved.first() else { return Err(Error::NotFound) };
    let told = Told::load(context, std::slice::from_ref(&posting)).await?;
    let amount: i64 = moved.iter().map(|row| row.amount_minor).sum();
    let crumb = Crumb { label: context.t("ledger-title"), href: "/ledger".into() };
    let view = EntryView {
        crumbs: vec![crumb, Crumb { label: number(id), href: String::new() }],
        number: number(id),
        what: event_text(context, posting.recipe),
        date: context.day(posting.occurred_on),
        amount_text: context.money(amount, first.currency),
        capitals: context.capitals(amount, first.currency),
        legs: legs(context, &moved).await?,
        vouchers: vouchers(context, id).await?,
        notes: notes(context, id, &moved).await?,
        facts: [facts(context, &posting, &told).await?, correction(context, id).await?.into_iter().collect()].concat(),
        acted: acted(context, &posting, &moved).await?,
        seal: Seal::of(context, id).await?,
    };
    Page::new(context, "disclosure/entry.html", "ledger", &view)?.answer()
}

async fn legs(context: &Context, moved: &[transfer::Model]) -> Result<Vec<Leg>> {
    let accounts = names::of_transfers(context, moved).await?;
    let name = |id| accounts.get(&id).map(|(_, name)| name.clone()).unwrap_or_default();
    let leg = |row: &transfer::Model| Leg {
        debit: name(row.debit_id),
        debit_href: format!("/ledger/accounts/{}", row.debit_id),
        credit: name(row.credit_id),
        credit_href: format!("/ledger/accounts/{}", row.credit_id),
        amount_text: context.money(row.amount_minor, row.currency),
    };
    Ok(moved.iter().map(leg).collect())
}

/// To correct the entry, for those who may: one of finance proposes, an approver publishes.
async fn correction(context: &Context, id: PostingId) -> Result<Option<Fact>> {
    let (finance, approver) = (context.actor.has(Role::FinanceOfficer), context.actor.has(Role::Approver));
    if !finance && !approver {
        return Ok(None);
    }
    let open = proposals::open(context.edges.db.read(), ProposalKind::Correction, Subject::Posting, id.0).await?;
    let link = |act: &str, key: &str| {
        let text = context.t(&format!("act-{key}-button"));
        Fact::linked(context.t("entry-correction-act"), text, format!("/ledger/{}/{act}", number(id)))
    };
    Ok(match open {
        Some(open) if approver && Some(open.proposed_by) != context.actor.person => {
            Some(link("confirm-correction", "entry-judge"))
        }
        None if finance => Some(link("correct", "entry-correct")),
        _ => None,
    })
}

async fn facts(context: &Context, posting: &posting::Model, told: &Told) -> Result<Vec<Fact>> {
    let mut facts = vec![
        Fact::new(context.t("entry-occurred-on"), context.day(posting.occurred_on)),
        Fact::new(context.t("entry-posted-at"), context.moment(posting.at)),
    ];
    if let Some(donor) = told.donor(posting) {
        facts.push(Fact::new(context.t("entry-donor"), donor));
    }
    if let Some((id, name)) = posting.fund_id.and_then(|id| told.funds.get(&id).map(|name| (id, name))) {
        facts.push(Fact::linked(context.t("head-fund"), name.clone(), format!("/funds/{id}")));
    }
    if let Some(award) = posting.award_id.and_then(|id| told.awards.get(&id)) {
        let href = if is_public(award.stage) { format!("/projects/{}", award.id) } else { String::new() };
        facts.push(Fact::linked(context.t("head-project"), award.title.clone(), href));
    }
    if posting.subject == Subject::MatchPool {
        let pool = match_pool::Entity::find_by_id(MatchPoolId(posting.subject_id));
        if let Some(pool) = pool.one(context.edges.db.read()).await? {
            let name = pick(context.locale, &pool.name_zh, &pool.name_en);
            facts.push(Fact::new(context.t("account-match_pool"), name));
        }
    }
    Ok(facts)
}

/// Public copies can be opened; of a private original only the hash is told, so that nobody can change it unseen.
async fn vouchers(context: &Context, id: PostingId) -> Result<Vec<Voucher>> {
    let db = context.edges.db.read();
    let links = posting_document::Entity::find().filter(posting_document::Column::PostingId.eq(id)).all(db).await?;
    let ids: Vec<DocumentId> = links.iter().map(|row| row.document_id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = document::Entity::find()
        .filter(
            Condition::any()
                .add(document::Column::Id.is_in(ids.iter().copied()))
                .add(document::Column::RedactsId.is_in(ids).and(document::Column::Public.eq(true))),
        )
        .order_by_asc(document::Column::Id)
        .all(db)
        .await?;
    let voucher = |row: &document::Model| Voucher {
        name: if row.public {
            context.t_with("entry-voucher-public", &[("name", &row.name)])
        } else {
            context.t("entry-original")
        },
        href: if row.public { format!("/documents/{}", row.id) } else { String::new() },
        hash: row.sha256.clone(),
    };
    Ok(rows.iter().map(voucher).collect())
}

async fn notes(context: &Context, id: PostingId, moved: &[transfer::Model]) -> Result<Vec<Note>> {
    let db = context.edges.db.read();
    let written = correction_note::Entity::find()
        .filter(
            Condition::any()
                .add(correction_note::Column::PostingId.eq(id))
                .add(correction_note::Column::ReversalId.eq(id)),
        )
        .order_by_asc(correction_note::Column::Id)
        .all(db)
        .await?;
    let mut notes: Vec<Note> = written
        .iter()
        .map(|row| {
            let other = if row.posting_id == id { row.reversal_id } else { Some(row.posting_id) };
            note(context, "entry-corrected", &row.reason, other)
        })
        .collect();
    let own: Vec<TransferId> = moved.iter().map(|row| row.id).collect();
    let before: Vec<TransferId> = moved.iter().filter_map(|row| row.reverses_id.or(row.relates_id)).collect();
    let mut wanted = Condition::any()
        .add(transfer::Column::ReversesId.is_in(own.clone()))
        .add(transfer::Column::RelatesId.is_in(own.clone()));
    if !before.is_empty() {
        // A list of nothing beside the others would be no search in an index, and all transfers would be read.
        wanted = wanted.add(transfer::Column::Id.is_in(before));
    }
    let linked = transfer::Entity::find().filter(wanted).order_by_asc(transfer::Column::Id).all(db).await?;
    for row in linked {
        let undone = row.reverses_id.or(row.relates_id).is_some_and(|id| own.contains(&id));
        let key = if undone { "entry-reversed-by" } else { "entry-reverses" };
        let line = note(context, key, "", Some(row.posting_id));
        if notes.iter().all(|known| known.href != line.href || known.text != line.text) {
            notes.push(line);
        }
    }
    Ok(notes)
}

fn note(context: &Context, key: &str, reason: &str, other: Option<PostingId>) -> Note {
    let text = context.t(key);
    Note {
        text: if reason.is_empty() { text } else { format!("{text} {reason}") },
        label: other.map(number).unwrap_or_default(),
        href: other.map(|id| format!("/ledger/{}", number(id))).unwrap_or_default(),
    }
}

/// Who acted, by the part they played, never by name. An event and its posting have the same moment.
async fn acted(context: &Context, posting: &posting::Model, moved: &[transfer::Model]) -> Result<Vec<Fact>> {
    let db = context.edges.db.read();
    if posting.subject == Subject::Gift {
        // Who pledged or offered says what kind of donor it was; a withheld gift shows no class of donor.
        let gift = gift::Entity::find_by_id(GiftId(posting.subject_id)).one(db).await?;
        if gift.is_none_or(|row| row.anonymity != Anonymity::Named) {
            return Ok(Vec::new());
        }
    }
    let events = event::Entity::find()
        .filter(event::Column::Subject.eq(posting.subject))
        .filter(event::Column::SubjectId.eq(posting.subject_id))
        .filter(event::Column::At.eq(posting.at))
        .order_by_asc(event::Column::Id)
        .limit(5)
        .all(db)
        .await?;
    let mut parts: Vec<String> = events.iter().map(|row| context.t(&format!("part-{}", row.actor_part))).collect();
    parts.dedup();
    if parts.is_empty() && posting.created_by.is_none() {
        parts.push(context.t("part-system"));
    }
    let mut facts: Vec<Fact> =
        parts.first().map(|_| Fact::new(context.t("entry-posted-by"), parts.join(" · "))).into_iter().collect();
    if let Some(row) = payment_of(context, moved).await? {
        let steps: [(&str, &str, bool); 4] = [
            ("entry-requested", "part-signatory", true),
            ("entry-prepared", "part-finance", row.prepared_by.is_some()),
            ("entry-approved", "part-approver", row.approved_by.is_some()),
            ("entry-third", "part-approver", row.third_by.is_some()),
        ];
        let done = steps.iter().filter(|(_, _, done)| *done);
        facts.extend(done.map(|(step, part, _)| Fact::new(context.t(step), context.t(part))));
    }
    Ok(facts)
}

async fn payment_of(context: &Context, moved: &[transfer::Model]) -> Result<Option<payment::Model>> {
    let db = context.edges.db.read();
    let direct: BTreeMap<PaymentId, ()> = moved.iter().filter_map(|row| row.payment_id).map(|id| (id, ())).collect();
    let held: Vec<TransferId> = moved.iter().filter_map(|row| row.resolves_id).collect();
    if direct.is_empty() && held.is_empty() {
        return Ok(None);
    }
    let of = Condition::any()
        .add(payment::Column::Id.is_in(direct.into_keys()))
        .add(payment::Column::PendingTransferId.is_in(held));
    Ok(payment::Entity::find().filter(of).one(db).await?)
}

impl EntryView {
    /// Samples for the test that renders every view: everything, and as little as can be.
    pub fn samples() -> Vec<Self> {
        let leg = Leg {
            debit: "d".into(),
            debit_href: "/ledger/accounts/1".into(),
            credit: "c".into(),
            credit_href: "/ledger/accounts/2".into(),
            amount_text: "¥1.00".into(),
        };
        let full = Self {
            crumbs: vec![Crumb { label: "l".into(), href: "/ledger".into() }],
            number: "V-000001".into(),
            what: "w".into(),
            date: "d".into(),
            amount_text: "¥1.00".into(),
            capitals: "壹元整".into(),
            legs: vec![leg],
            vouchers: vec![
                Voucher { name: "n".into(), href: "/documents/1".into(), hash: "h".into() },
                Voucher { name: "o".into(), href: String::new(), hash: "h".into() },
            ],
            notes: vec![Note { text: "t".into(), label: "V-000002".into(), href: "/ledger/V-000002".into() }],
            facts: vec![Fact::new("a", "b"), Fact::linked("c", "d", "/e")],
            acted: vec![Fact::new("a", "b")],
            seal: Seal::sample(),
        };
        let bare = Self {
            capitals: String::new(),
            vouchers: Vec::new(),
            notes: Vec::new(),
            acted: Vec::new(),
            seal: Seal::default(),
            ..full.clone()
        };
        vec![full, bare]
    }
}
