//! What waits for a line: gifts, payments, refunds, and entries that somebody recorded under another mark. Looked for by amount and
//! by the references on the lines, a page of lines at once.

use crate::bank::rules::{BY_HAND_DAYS, CONFIRMED_DAYS, Candidate, Meant, RETURN_DAYS, referred_keys};
use crate::error::Result;
use crate::grants::gifts::rules::GRACE_DAYS;
use crate::grants::gifts::service::pledges::reference;
use crate::grants::tranches::{bank, service as tranches};
use crate::ledger::movements;
use crate::people::permission::Context;
use chrono::{Days, NaiveDate};
use entities::kinds::{Currency, GiftId, GiftKind, GiftStage, OrganisationId, PaymentOutcome, PersonId, Phase};
use entities::{
    award, bank_statement_line, gift, instalment_gift, organisation, payee_account, payment, person, tranche, transfer,
};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, BTreeSet};

/// Candidates of one kind: when more wait for the same amounts, nothing is proposed by amount and name.
const MANY: u64 = 400;
/// A pledge without a day is waited for so many days.
const PATIENCE: u64 = 400;

/// What waits for some lines.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    rows: Vec<(Currency, Candidate)>,
    /// Whether some were left out: then whoever fits may not be the only one.
    pub(super) crowded: bool,
    /// Whether entries recorded by hand were left out: then even our reference is not sure.
    pub(super) entries_crowded: bool,
}

impl Waiting {
    /// Those in the currency of a line.
    pub(super) fn of(&self, currency: Currency) -> Vec<Candidate> {
        self.rows.iter().filter(|(own, _)| *own == currency).map(|(_, row)| row.clone()).collect()
    }
}

/// What the lines ask for.
struct Asked {
    came: BTreeSet<i64>,
    went: BTreeSet<i64>,
    gifts: BTreeSet<i64>,
    payments: BTreeSet<i64>,
}

/// Everything that one of the lines may be, other than suspense and fees.
pub(super) async fn waiting(
    context: &Context,
    db: &impl ConnectionTrait,
    lines: &[&bank_statement_line::Model],
) -> Result<Waiting> {
    let mut found = Waiting::default();
    if lines.is_empty() {
        return Ok(found);
    }
    let keys: Vec<_> = lines.iter().map(|line| referred_keys(&line.text)).collect();
    let asked = Asked {
        came: lines.iter().map(|line| line.amount_minor).filter(|minor| *minor > 0).collect(),
        went: lines.iter().map(|line| -line.amount_minor).filter(|minor| *minor > 0).collect(),
        gifts: keys.iter().flat_map(|(gifts, _)| gifts.iter().copied()).collect(),
        payments: keys.iter().flat_map(|(_, payments)| payments.iter().copied()).collect(),
    };
    gifts(context, db, &asked, &mut found).await?;
    payments(context, db, &asked, &mut found).await?;
    refunds(context, db, &asked, &mut found).await?;
    // An installation has a handful of currencies, not one a line.
    for currency in lines.iter().map(|line| line.currency.code()).collect::<BTreeSet<_>>() {
        let own: Vec<_> = lines.iter().filter(|line| line.currency.code() == currency).collect();
        recorded(db, &own, &mut found).await?;
    }
    Ok(found)
}

async fn gifts(context: &Context, db: &impl ConnectionTrait, asked: &Asked, found: &mut Waiting) -> Result<()> {
    let rows = gift::Entity::find()
        .filter(gift::Column::Kind.eq(GiftKind::Bank))
        .filter(gift::Column::Stage.is_in([GiftStage::Pledged, GiftStage::Processing]))
        .filter(gift::Column::RecordedBy.is_null())
        .filter(
            Condition::any()
                .add(gift::Column::AmountMinor.is_in(asked.came.iter().copied()))
                .add(gift::Column::Id.is_in(asked.gifts.iter().copied())),
        )
        .order_by_asc(gift::Column::Id)
        .limit(MANY)
        .all(db)
        .await?;
    found.crowded |= rows.len() as u64 == MANY;
    let names = Names::of_gifts(db, &rows).await?;
    let instalments: BTreeSet<GiftId> = instalment_gift::Entity::find()
        .filter(instalment_gift::Column::GiftId.is_in(rows.iter().map(|row| row.id)))
        .all(db)
        .await?
        .into_iter()
        .map(|row| row.gift_id)
        .collect();
    for row in rows {
        let from = context.day_of(row.created_at);
        let in_part = instalments.contains(&row.id);
        let to = match row.pledge_due_on {
            Some(due) if in_part => due.checked_add_days(Days::new(PATIENCE)),
            Some(due) => due.checked_add_days(Days::new(GRACE_DAYS.unsigned_abs())),
            None => from.checked_add_days(Days::new(PATIENCE)),
        };
        let candidate = Candidate {
            meant: Meant::Gift(row.id),
            amount_minor: row.amount_minor,
            in_part,
            reference: Some(reference(row.id)),
            names: names.of_gift(&row),
            from,
            to: to.unwrap_or(NaiveDate::MAX),
        };
        found.rows.push((row.currency, candidate));
    }
    Ok(())
}

/// Payments under way, and paid ones whose money may come back.
async fn payments(context: &Context, db: &impl ConnectionTrait, asked: &Asked, found: &mut Waiting) -> Result<()> {
    let (sent, paid) = (payment::Column::Outcome.is_null(), payment::Column::Outcome.eq(PaymentOutcome::Paid));
    let amount = payment::Column::AmountMinor;
    let which = Condition::any()
        .add(sent.and(amount.is_in(asked.went.iter().copied())))
        .add(paid.and(amount.is_in(asked.came.iter().copied())))
        .add(payment::Column::Id.is_in(asked.payments.iter().copied()));
    let rows = payment::Entity::find()
        .filter(which)
        .filter(payment::Column::PendingTransferId.is_not_null())
        .order_by_desc(payment::Column::Id)
        .limit(MANY)
        .all(db)
        .await?;
    found.crowded |= rows.len() as u64 == MANY;
    let parts = tranche::Entity::find()
        .filter(tranche::Column::Id.is_in(rows.iter().map(|row| row.tranche_id)))
        .all(db)
        .await?;
    let awards =
        award::Entity::find().filter(award::Column::Id.is_in(parts.iter().map(|row| row.award_id))).all(db).await?;
    let holders = payee_account::Entity::find()
        .filter(payee_account::Column::Id.is_in(rows.iter().map(|row| row.payee_account_id)))
        .all(db)
        .await?;
    let names = Names::load(db, awards.iter().map(|row| row.organisation_id), std::iter::empty()).await?;
    for row in rows {
        let Some(part) = parts.iter().find(|part| part.id == row.tranche_id) else { continue };
        let Some(award) = awards.iter().find(|award| award.id == part.award_id) else { continue };
        let mut known = names.organisation(award.organisation_id);
        known.extend(holders.iter().filter(|one| one.id == row.payee_account_id).map(|one| one.holder.clone()));
        let whole = tranches::Part { tranche: part.clone(), award: award.clone() };
        let reference = Some(row.instruction.clone().unwrap_or_else(|| bank::instruction(&whole, &row)));
        let day = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| context.day_of(at)).unwrap_or_default();
        let candidate = match row.outcome {
            None => Candidate {
                meant: Meant::Payment(part.id),
                amount_minor: -row.amount_minor,
                in_part: false,
                reference,
                names: known,
                from: day(row.sent_at),
                to: NaiveDate::MAX,
            },
            Some(PaymentOutcome::Paid) => Candidate {
                meant: Meant::Returned(part.id),
                amount_minor: part.amount_minor,
                in_part: true,
                reference,
                names: known,
                from: day(row.ended_at),
                to: day(row.ended_at).checked_add_days(Days::new(RETURN_DAYS.unsigned_abs())).unwrap_or(NaiveDate::MAX),
            },
            Some(_) => continue,
        };
        found.rows.push((row.currency, candidate));
    }
    Ok(())
}

/// Refunds that are held until the bank's line is there.
async fn refunds(context: &Context, db: &impl ConnectionTrait, asked: &Asked, found: &mut Waiting) -> Result<()> {
    let held = transfer::Entity::find()
        .filter(transfer::Column::Phase.eq(Phase::Pending))
        .filter(transfer::Column::IdempotencyKey.starts_with("refund:"))
        .filter(transfer::Column::AmountMinor.is_in(asked.went.iter().copied()))
        .filter(Expr::cust("not exists (select 1 from transfer e where e.resolves_id = transfer.id)"))
        .limit(MANY)
        .all(db)
        .await?;
    found.crowded |= held.len() as u64 == MANY;
    let gift_of = |row: &transfer::Model| {
        let rest = row.idempotency_key.strip_prefix("refund:").unwrap_or_default();
        rest.split(['/', ':']).next().and_then(|id| id.parse().ok()).map(GiftId)
    };
    let rows = gift::Entity::find().filter(gift::Column::Id.is_in(held.iter().filter_map(gift_of))).all(db).await?;
    let names = Names::of_gifts(db, &rows).await?;
    for hold in &held {
        let Some(row) = rows.iter().find(|row| Some(row.id) == gift_of(hold)) else { continue };
        let candidate = Candidate {
            meant: Meant::Refund(row.id),
            amount_minor: -row.amount_minor,
            in_part: false,
            reference: Some(reference(row.id)),
            names: names.of_gift(row),
            from: context.day_of(hold.at),
            to: NaiveDate::MAX,
        };
        found.rows.push((row.currency, candidate));
    }
    Ok(())
}

/// What a movement of the books must be to wait for its line: no file has its mark, nor was a line found to be it. A line that a
/// hand wrote shows nothing: the file may bring the same money under another mark.
pub(super) const UNSEEN: &str = "not exists (select 1 from bank_statement_line l join bank_statement s on s.id = l.statement_id where l.mark = m.mark and s.format <> 'by_hand')
    and not exists (select 1 from line_match k where k.transfer_id = m.id)";

/// Entries recorded by hand that no statement has shown yet.
async fn recorded(
    db: &impl ConnectionTrait,
    lines: &[&&bank_statement_line::Model],
    found: &mut Waiting,
) -> Result<()> {
    let days = || lines.iter().map(|line| line.day);
    let (Some(first), Some(from), Some(to)) = (lines.first(), days().min(), days().max()) else { return Ok(()) };
    let (before, after) = (Days::new(BY_HAND_DAYS.unsigned_abs()), Days::new(CONFIRMED_DAYS.unsigned_abs()));
    // Farther off than the rules propose: somebody may know that a day was typed wrong.
    let around = Days::new(PATIENCE);
    let from = from.checked_sub_days(around).unwrap_or(from);
    let to = to.checked_add_days(around).unwrap_or(to);
    let amounts: BTreeSet<String> = lines.iter().map(|line| line.amount_minor.to_string()).collect();
    // Whole numbers: there is nothing to escape.
    let amounts = amounts.into_iter().collect::<Vec<_>>().join(",");
    let condition = format!("m.amount_minor in ({amounts}) and m.occurred_on between $2 and $3 and {UNSEEN}");
    let rows = movements::such(db, first.currency, &condition, vec![from.into(), to.into()], MANY).await?;
    found.entries_crowded |= rows.len() as u64 == MANY;
    for row in rows {
        let candidate = Candidate {
            meant: Meant::Recorded(row.id),
            amount_minor: row.amount_minor,
            in_part: false,
            reference: None,
            names: Vec::new(),
            from: row.occurred_on.checked_sub_days(after).unwrap_or(row.occurred_on),
            to: row.occurred_on.checked_add_days(before).unwrap_or(row.occurred_on),
        };
        found.rows.push((first.currency, candidate));
    }
    Ok(())
}

/// Names that a bank may write for a donor or a payee.
#[derive(Debug, Default)]
struct Names {
    organisations: BTreeMap<OrganisationId, Vec<String>>,
    people: BTreeMap<PersonId, String>,
}

impl Names {
    async fn of_gifts(db: &impl ConnectionTrait, rows: &[gift::Model]) -> Result<Self> {
        let organisations = rows.iter().filter_map(|row| row.donor_organisation_id);
        Self::load(db, organisations, rows.iter().filter_map(|row| row.donor_person_id)).await
    }

    async fn load(
        db: &impl ConnectionTrait,
        organisations: impl Iterator<Item = OrganisationId>,
        people: impl Iterator<Item = PersonId>,
    ) -> Result<Self> {
        let organisations =
            organisation::Entity::find().filter(organisation::Column::Id.is_in(organisations)).all(db).await?;
        let people = person::Entity::find().filter(person::Column::Id.is_in(people)).all(db).await?;
        Ok(Self {
            organisations: organisations.into_iter().map(|row| (row.id, vec![row.name_zh, row.name_en])).collect(),
            people: people.into_iter().map(|row| (row.id, row.name)).collect(),
        })
    }

    fn organisation(&self, id: OrganisationId) -> Vec<String> {
        self.organisations.get(&id).cloned().unwrap_or_default()
    }

    fn of_gift(&self, row: &gift::Model) -> Vec<String> {
        let mut names = row.donor_organisation_id.map(|id| self.organisation(id)).unwrap_or_default();
        names.extend(row.donor_person_id.and_then(|id| self.people.get(&id).cloned()));
        names.push(row.donor_name.clone());
        names
    }
}
