//! What belongs to the reader: what they wait for and on whom, their organisations' things, what they did lately.

use crate::error::Result;
use crate::people::organisations;
use crate::people::permission::Context;
use crate::web::parts::{Happened, Task};
use entities::kinds::{ApplicationStage, AwardStage, GiftStage, OrganisationId, ProposalStage, Subject, TrancheStage};
use entities::{application, award, event, gift, proposal, tranche};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use std::collections::BTreeSet;

/// Rows of each kind.
const SHOWN: u64 = 20;
/// Acts remembered on the desk.
const DID: u64 = 5;

/// An organisation of the reader with what it has here.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Own {
    pub(super) name: String,
    pub(super) href: String,
    pub(super) things: Vec<Task>,
}

/// What the reader's organisations have here, read once for both parts of the desk.
#[derive(Debug, Default)]
pub(super) struct Things {
    organisations: BTreeSet<OrganisationId>,
    applications: Vec<application::Model>,
    awards: Vec<award::Model>,
    gifts: Vec<gift::Model>,
    tranches: Vec<tranche::Model>,
}

impl Things {
    /// Reads them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn load(context: &Context) -> Result<Self> {
        let organisations: BTreeSet<OrganisationId> =
            context.actor.memberships.iter().map(|row| row.organisation_id).collect();
        if organisations.is_empty() {
            return Ok(Self::default());
        }
        let db = context.edges.db.read();
        let of = || organisations.iter().copied();
        let applications = application::Entity::find()
            .filter(application::Column::OrganisationId.is_in(of()))
            .order_by_desc(application::Column::Id)
            .limit(SHOWN)
            .all(db)
            .await?;
        let awards = award::Entity::find()
            .filter(award::Column::OrganisationId.is_in(of()))
            .order_by_desc(award::Column::Id)
            .limit(SHOWN)
            .all(db)
            .await?;
        let gifts = gift::Entity::find()
            .filter(gift::Column::DonorOrganisationId.is_in(of()))
            .order_by_desc(gift::Column::Id)
            .limit(SHOWN)
            .all(db)
            .await?;
        let tranches = tranche::Entity::find()
            .filter(tranche::Column::AwardId.is_in(awards.iter().map(|row| row.id)))
            .order_by_asc(tranche::Column::Id)
            .all(db)
            .await?;
        Ok(Self { organisations, applications, awards, gifts, tranches })
    }

    /// Each organisation with its applications, awards and gifts.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn by_organisation(&self, context: &Context) -> Result<Vec<Own>> {
        let names = organisations::names(context, self.organisations.iter().copied()).await?;
        let own = |(id, name): (&OrganisationId, &String)| Own {
            name: name.clone(),
            href: format!("/organisations/{id}"),
            things: self.of(context, *id),
        };
        Ok(names.iter().map(own).collect())
    }

    fn of(&self, context: &Context, id: OrganisationId) -> Vec<Task> {
        let chip = |lifecycle: &str, stage: &str| context.t(&format!("stage-{lifecycle}-{stage}"));
        let applications = self.applications.iter().filter(|row| row.organisation_id == id).map(|row| Task {
            href: format!("/applications/{}", row.id),
            title: row.title.clone(),
            detail: context.t("subject-application"),
            chip: chip("application", row.stage.as_str()),
            tone: "quiet",
        });
        let awards = self.awards.iter().filter(|row| row.organisation_id == id).map(|row| Task {
            href: format!("/awards/{}", row.id),
            title: format!("{} · {}", row.title, context.money(row.amount_minor, row.currency)),
            detail: context.t("subject-award"),
            chip: chip("award", row.stage.as_str()),
            tone: "quiet",
        });
        let gifts = self.gifts.iter().filter(|row| row.donor_organisation_id == Some(id)).map(|row| Task {
            href: format!("/gifts/{}", row.id),
            title: context.money(row.amount_minor, row.currency),
            detail: context.t("subject-gift"),
            chip: chip("gift", row.stage.as_str()),
            tone: "quiet",
        });
        awards.chain(applications).chain(gifts).collect()
    }

    /// What these organisations wait for, and whose turn it is.
    fn turns(&self, context: &Context) -> Vec<Task> {
        let task = |href: String, title: String, detail: &str, whose: &str| Task {
            href,
            title,
            detail: context.t(detail),
            chip: context.t_with("desk-turn", &[("who", &context.t(whose))]),
            tone: "quiet",
        };
        let applications = self.applications.iter().filter_map(|row| {
            let whose = application_turn(row.stage)?;
            Some(task(format!("/applications/{}", row.id), row.title.clone(), "subject-application", whose))
        });
        let awards =
            self.awards.iter().filter(|row| row.stage == AwardStage::Accepted).map(|row| {
                task(format!("/awards/{}", row.id), row.title.clone(), "subject-award", "part-administrator")
            });
        let gifts = self.gifts.iter().filter(|row| row.stage == GiftStage::Processing).map(|row| {
            let title = context.money(row.amount_minor, row.currency);
            task(format!("/gifts/{}", row.id), title, "subject-gift", "part-finance")
        });
        let tranches = self.tranches.iter().filter_map(|row| {
            let whose = tranche_turn(row.stage)?;
            let title = context.money(row.amount_minor, row.currency);
            Some(task(format!("/tranches/{}", row.id), title, "subject-tranche", whose))
        });
        tranches.chain(awards).chain(applications).chain(gifts).collect()
    }
}

/// Whose turn an application is, while its applicant waits.
fn application_turn(stage: ApplicationStage) -> Option<&'static str> {
    match stage {
        ApplicationStage::Submitted | ApplicationStage::Eligible => Some("part-officer"),
        ApplicationStage::UnderReview => Some("part-reviewer"),
        ApplicationStage::Recommended | ApplicationStage::Reserve | ApplicationStage::NotRecommended => {
            Some("part-approver")
        }
        _ => None,
    }
}

/// Whose turn a tranche is, while its payee waits.
fn tranche_turn(stage: TrancheStage) -> Option<&'static str> {
    match stage {
        TrancheStage::Requested => Some("part-officer"),
        TrancheStage::ProgrammeApproved | TrancheStage::FinanceApproved | TrancheStage::Batched => Some("part-finance"),
        TrancheStage::FinancePrepared => Some("part-approver"),
        TrancheStage::Sent => Some("desk-the-bank"),
        _ => None,
    }
}

/// What the reader waits for: second steps of their own proposals, and their organisations' things that are with others.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn waits_for(context: &Context, things: &Things) -> Result<Vec<Task>> {
    let rows = proposal::Entity::find()
        .filter(proposal::Column::ProposedBy.eq(context.actor.person))
        .filter(proposal::Column::Stage.eq(ProposalStage::Open))
        .order_by_desc(proposal::Column::Id)
        .limit(SHOWN)
        .all(context.edges.db.read())
        .await?;
    let task = |row: &proposal::Model| Task {
        href: page_of(row.subject, row.subject_id),
        title: context.t(&format!("proposal-{}", row.kind)),
        detail: format!("{} · {}", context.t(&format!("subject-{}", row.subject)), context.moment(row.proposed_at)),
        chip: context.t_with("desk-turn", &[("who", &context.t("desk-second-person"))]),
        tone: "quiet",
    };
    let mut tasks: Vec<Task> = rows.iter().map(task).collect();
    tasks.extend(things.turns(context));
    tasks.truncate(SHOWN as usize);
    Ok(tasks)
}

/// The page of a thing, `""` for what has none of its own.
fn page_of(subject: Subject, id: i64) -> String {
    let place = match subject {
        Subject::Fund => "funds",
        Subject::Gift => "gifts",
        Subject::SettlementImport => "imports",
        Subject::Call => "calls",
        Subject::Application => "applications",
        Subject::Award => "awards",
        Subject::Tranche => "tranches",
        Subject::PaymentBatch => "payments/batches",
        Subject::RoleGrant => "admin/roles",
        Subject::Hold => "holds",
        Subject::Statement => "bank/statements",
        Subject::StatementLine => "bank/lines",
        _ => return String::new(),
    };
    format!("/{place}/{id}")
}

/// What the reader did lately.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn did(context: &Context) -> Result<Vec<Happened>> {
    let rows = event::Entity::find()
        .filter(event::Column::ActorId.eq(context.actor.person))
        .order_by_desc(event::Column::Id)
        .limit(DID)
        .all(context.edges.db.read())
        .await?;
    let words = |key: &str| context.edges.words.find(context.locale, key, &[]);
    let happened = |row: &event::Model| {
        let what = words(&format!("did-{}-{}", row.subject, row.act)).or_else(|| words(&format!("did-{}", row.act)))?;
        Some(Happened {
            when: context.moment(row.at),
            who: context.t(&format!("subject-{}", row.subject)),
            what,
            note: String::new(),
        })
    };
    Ok(rows.iter().filter_map(happened).collect())
}
