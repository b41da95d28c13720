//! How an account of the foundation pays: its number, checked against what is known of it and sealed, and the file its bank takes.

use crate::commons::events::{self, Note};
use crate::commons::texts::{self, TITLE};
use crate::core::statement::plain_number;
use crate::edges::Edges;
use crate::error::{Error, Result, Violation};
use crate::grants::batches::rules;
use crate::people::permission::{As, Finance};
use entities::kinds::{BankAccountId, PayProfile, Subject};
use entities::{bank_account, paying_account};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Accounts of one foundation: beyond this a list to choose from would be no help.
const MANY: u64 = 50;

/// How an account pays, as finance enters it.
#[derive(Debug, Clone)]
pub struct Paying {
    /// Its number.
    pub number: String,
    /// Name on the account.
    pub holder: String,
    /// BIC of its bank, or `""`.
    pub bic: String,
    /// The file its bank takes.
    pub profile: PayProfile,
}

/// Enters or changes how an account pays. Its number must be the one whose mark is known, so that a slip of the pen pays nothing.
///
/// # Errors
/// [`Error::NotFound`]; refusals by the field.
pub async fn set_paying(by: &As<Finance>, id: BankAccountId, told: &Paying) -> Result<()> {
    let mut wrong = Vec::new();
    let holder = &texts::required(&mut wrong, "account_holder", &told.holder, TITLE);
    let Some(bic) = &rules::bic(&told.bic) else {
        wrong.push(Violation::at("bic", "refused-bic"));
        return texts::all_well(wrong);
    };
    texts::all_well(wrong)?;
    let number = &plain_number(&told.number);
    by.decide(|tx| async move {
        let tx = &tx;
        let account = bank_account::Entity::find_by_id(id).one(tx).await?.ok_or(Error::NotFound)?;
        if !by.edges.vault.own_accounts(number).contains(&account.number_hash) {
            return Err(Error::field("account_number", "refused-account-number-other"));
        }
        let before = paying(tx, id).await?;
        let mut row = paying_account::ActiveModel {
            account_id: Set(id),
            profile: Set(told.profile),
            holder: Set(holder.clone()),
            bic: Set(bic.clone()),
            number_sealed: Set(by.edges.vault.seal(&by.edges.dice, &owner(id), number.as_bytes())?),
            set_by: Set(by.person()?),
            set_at: Set(tx.now()),
            version: Set(1),
            ..Default::default()
        };
        match before {
            Some(before) => {
                by.saw(before.version)?;
                row.id = Set(before.id);
                row.version = Set(before.version + 1);
                paying_account::Entity::update(row).exec(tx).await?;
            }
            None => {
                paying_account::Entity::insert(row).exec_without_returning(tx).await?;
            }
        }
        let note = Note::act("set-paying").with(serde_json::json!({ "profile": told.profile }));
        events::record(tx, by, Subject::BankAccount, id.0, note).await
    })
    .await
}

pub(super) fn owner(id: BankAccountId) -> String {
    format!("paying-account {id}")
}

/// The number of an account of the foundation, for its bank's file.
pub(super) fn number(edges: &Edges, row: &paying_account::Model) -> Result<String> {
    let bytes = edges.vault.reveal(&owner(row.account_id), &row.number_sealed)?;
    String::from_utf8(bytes).map_err(|_| Error::Internal("paying account: no text".into()))
}

/// How an account pays, where it does.
///
/// # Errors
/// When the database cannot be read.
pub async fn paying(db: &impl ConnectionTrait, id: BankAccountId) -> Result<Option<paying_account::Model>> {
    let row = paying_account::Entity::find().filter(paying_account::Column::AccountId.eq(id));
    Ok(row.one(db).await?)
}

/// Every account, with how it pays where it does.
///
/// # Errors
/// When the database cannot be read.
pub async fn all_accounts(
    db: &impl ConnectionTrait,
) -> Result<Vec<(bank_account::Model, Option<paying_account::Model>)>> {
    let accounts = bank_account::Entity::find().order_by_asc(bank_account::Column::Name).limit(MANY).all(db).await?;
    let paying = paying_account::Entity::find().limit(MANY).all(db).await?;
    let of = |row: bank_account::Model| {
        let how = paying.iter().find(|how| how.account_id == row.id).cloned();
        (row, how)
    };
    Ok(accounts.into_iter().map(of).collect())
}
