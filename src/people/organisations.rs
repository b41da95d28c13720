//! The registry of organisations: entered by an officer with a checked code, told once, never asked again.

use super::rules;
use crate::commons::events::{self, Note};
use crate::commons::texts::{self, Name, TITLE};
use crate::core::uscc::Uscc;
use crate::edges::db::Tx;
use crate::error::{Error, Result, Violation};
use crate::people::permission::{As, Context, Editor, Officer};
use chrono::NaiveDate;
use entities::kinds::{Anonymity, FundStage, GiftStage, LegalForm, OrganisationId, Subject};
use entities::{fund, gift, organisation};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Names of some organisations in the reader's language.
///
/// # Errors
/// When the database cannot be read.
pub async fn names(
    context: &Context,
    ids: impl Iterator<Item = OrganisationId>,
) -> Result<BTreeMap<OrganisationId, String>> {
    let names = both_names(context.edges.db.read(), ids).await?;
    Ok(names.into_iter().map(|(id, name)| (id, name.pick(context.locale))).collect())
}

/// Names of some organisations in both languages, in one query.
///
/// # Errors
/// When the database cannot be read.
pub async fn both_names(
    db: &impl ConnectionTrait,
    ids: impl Iterator<Item = OrganisationId>,
) -> Result<BTreeMap<OrganisationId, Name>> {
    let rows = organisation::Entity::find().filter(organisation::Column::Id.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, Name { zh: row.name_zh, en: row.name_en })).collect())
}

/// An organisation as an officer enters it.
#[derive(Debug, Clone)]
pub struct Registered {
    /// Legal form.
    pub legal_form: LegalForm,
    /// Name in Chinese, or `""`.
    pub name_zh: String,
    /// Name in English, or `""`.
    pub name_en: String,
    /// Unified Social Credit Code, or `""`.
    pub uscc: String,
    /// org-id.guide list code of another register, or `""`.
    pub register_code: String,
    /// Number in that register, or `""`.
    pub register_number: String,
    /// Day of registration.
    pub registered_on: Option<NaiveDate>,
    /// Area code.
    pub area: String,
    /// Community, or `""`.
    pub community: String,
}

impl Registered {
    /// What was told, trimmed and checked.
    ///
    /// # Errors
    /// By the field.
    pub(super) fn checked(mut self, today: NaiveDate) -> Result<Self> {
        let wrong = &mut Vec::new();
        self.name_zh = texts::optional(wrong, "name_zh", &self.name_zh, TITLE);
        self.name_en = texts::optional(wrong, "name_en", &self.name_en, TITLE);
        self.area = texts::required(wrong, "area", &self.area, TITLE);
        self.community = texts::optional(wrong, "community", &self.community, TITLE);
        self.register_code = texts::optional(wrong, "register_code", &self.register_code, TITLE);
        self.register_number = texts::optional(wrong, "register_number", &self.register_number, TITLE);
        if self.name_zh.is_empty() && self.name_en.is_empty() {
            wrong.push(Violation::at("name_zh", "refused-one-language"));
        }
        if self.registered_on.is_some_and(|day| day > today) {
            wrong.push(Violation::at("registered_on", "refused-organisation-future"));
        }
        if self.register_code.is_empty() != self.register_number.is_empty() {
            wrong.push(Violation::at("register_number", "refused-organisation-register"));
        }
        if self.uscc.trim().is_empty() {
            self.uscc = String::new();
            if self.register_number.is_empty() && self.legal_form != LegalForm::ResidentGroup {
                wrong.push(Violation::at("uscc", "refused-organisation-unregistered"));
            }
        } else {
            match Uscc::parse(&self.uscc) {
                Err(error) => wrong.push(Violation::at("uscc", error.code())),
                Ok(code) if !rules::code_fits(self.legal_form, &code) => {
                    wrong.push(Violation::at("uscc", "refused-uscc-legal-form"));
                }
                Ok(code) => self.uscc = code.to_string(),
            }
        }
        texts::all_well(std::mem::take(wrong)).map(|()| self)
    }
}

/// Registers an organisation.
///
/// # Errors
/// By the field: names, area, a code that is wrong, of another legal form, or known already.
pub async fn register(by: &As<Officer>, registered: Registered) -> Result<OrganisationId> {
    let told = &registered.checked(by.edges.today())?;
    by.write(|tx| async move {
        let tx = &tx;
        unknown(tx, told).await?;
        let filled = |text: &String| (!text.is_empty()).then(|| text.clone());
        let row = organisation::ActiveModel {
            legal_form: Set(told.legal_form),
            name_zh: Set(told.name_zh.clone()),
            name_en: Set(told.name_en.clone()),
            uscc: Set(filled(&told.uscc)),
            register_code: Set(filled(&told.register_code)),
            register_number: Set(filled(&told.register_number)),
            registered_on: Set(told.registered_on),
            area: Set(told.area.clone()),
            community: Set(told.community.clone()),
            profile: Set(serde_json::to_value(Profile::default())?),
            created_by: Set(by.actor.person),
            created_at: Set(tx.now()),
            ..Default::default()
        };
        let row = organisation::Entity::insert(row).exec_with_returning(tx).await?;
        events::record(tx, by, Subject::Organisation, row.id.0, Note::act("register")).await?;
        Ok(row.id)
    })
    .await
}

async fn unknown(tx: &Tx, told: &Registered) -> Result<()> {
    let with = organisation::Entity::find();
    if !told.uscc.is_empty() && with.clone().filter(organisation::Column::Uscc.eq(&told.uscc)).one(tx).await?.is_some()
    {
        return Err(Error::field("uscc", "refused-organisation-known"));
    }
    let same = with
        .filter(organisation::Column::RegisterCode.eq(&told.register_code))
        .filter(organisation::Column::RegisterNumber.eq(&told.register_number));
    if !told.register_number.is_empty() && same.one(tx).await?.is_some() {
        return Err(Error::field("register_number", "refused-organisation-known"));
    }
    Ok(())
}

/// What an organisation told once. Only the website is public.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// Role of the contact person there; never a name.
    pub contact: String,
    /// Telephone of the office.
    pub phone: String,
    /// Address.
    pub address: String,
    /// Who works there, in numbers and trades.
    pub team: String,
    /// Website, public.
    pub website: String,
}

impl Profile {
    /// The profile of an organisation; what is missing is empty.
    pub fn of(row: &organisation::Model) -> Self {
        serde_json::from_value(row.profile.clone()).unwrap_or_default()
    }
}

/// Saves the profile.
///
/// # Errors
/// By the field: too long, a website that is no `https://` or `http://` address.
pub async fn save_profile(by: &As<Editor>, profile: Profile) -> Result<()> {
    let wrong = &mut Vec::new();
    let profile = &Profile {
        contact: texts::optional(wrong, "contact", &profile.contact, TITLE),
        phone: texts::optional(wrong, "phone", &profile.phone, TITLE),
        address: texts::optional(wrong, "address", &profile.address, TITLE),
        team: texts::optional(wrong, "team", &profile.team, texts::PROSE),
        website: texts::optional(wrong, "website", &profile.website, TITLE),
    };
    let web = &profile.website;
    if !web.is_empty() && !web.starts_with("https://") && !web.starts_with("http://") {
        wrong.push(Violation::at("website", "refused-website"));
    }
    texts::all_well(std::mem::take(wrong))?;
    let id = by.permission().organisation();
    by.write(|tx| async move {
        let tx = &tx;
        let row = load(tx, id).await?;
        // What other rooms keep in the profile stays.
        let mut merged = row.profile;
        if let (Some(kept), serde_json::Value::Object(new)) = (merged.as_object_mut(), serde_json::to_value(profile)?) {
            kept.extend(new);
        } else {
            merged = serde_json::to_value(profile)?;
        }
        let row = organisation::ActiveModel { id: Set(id), profile: Set(merged), ..Default::default() };
        organisation::Entity::update(row).exec(tx).await?;
        events::record(tx, by, Subject::Organisation, id.0, Note::act("save-profile")).await
    })
    .await
}

/// An organisation by its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn load(db: &impl ConnectionTrait, id: OrganisationId) -> Result<organisation::Model> {
    organisation::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// What the public may read of the registry: everybody who works for communities; an enterprise only once it opened a fund or gave by
/// name. A donor who withheld the name is not given away by standing in a list.
pub fn disclosed() -> Condition {
    let initiators = fund::Entity::find()
        .select_only()
        .column(fund::Column::InitiatorId)
        .filter(fund::Column::Stage.is_not_in([FundStage::Draft, FundStage::Submitted, FundStage::Declined]))
        .into_query();
    let named = gift::Entity::find()
        .select_only()
        .column(gift::Column::DonorOrganisationId)
        .filter(gift::Column::Anonymity.eq(Anonymity::Named))
        .filter(gift::Column::DonorOrganisationId.is_not_null())
        .filter(gift::Column::Stage.is_in([GiftStage::Received, GiftStage::Accepted, GiftStage::Used]))
        .into_query();
    Condition::any()
        .add(organisation::Column::LegalForm.ne(LegalForm::Company))
        .add(organisation::Column::Id.in_subquery(initiators))
        .add(organisation::Column::Id.in_subquery(named))
}

/// Whether the public may read of this organisation.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_disclosed(db: &impl ConnectionTrait, id: OrganisationId) -> Result<bool> {
    let found = organisation::Entity::find_by_id(id).filter(disclosed()).one(db).await?;
    Ok(found.is_some())
}

/// What a person may choose on a form: staff anything, everybody else what the public may read and their own. Otherwise the name
/// that a page prints afterwards would tell who stands behind a number.
pub fn choosable(context: &Context) -> Condition {
    if context.actor.is_staff() {
        return Condition::all();
    }
    let mine = context.actor.memberships.iter().map(|membership| membership.organisation_id);
    Condition::any().add(disclosed()).add(organisation::Column::Id.is_in(mine))
}

/// Whether a person may choose this organisation. One that is not theirs to choose is as if there were none.
///
/// # Errors
/// When the database cannot be read.
pub async fn may_choose(db: &impl ConnectionTrait, context: &Context, id: OrganisationId) -> Result<bool> {
    Ok(organisation::Entity::find_by_id(id).filter(choosable(context)).one(db).await?.is_some())
}

/// The registry, newest first; all of it for staff, what is disclosed for everybody else.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    db: &impl ConnectionTrait,
    all: bool,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<organisation::Model>> {
    let mut query = organisation::Entity::find().order_by_desc(organisation::Column::Id).limit(limit);
    if !all {
        query = query.filter(disclosed());
    }
    if let Some(before) = before {
        query = query.filter(organisation::Column::Id.lt(before));
    }
    Ok(query.all(db).await?)
}
