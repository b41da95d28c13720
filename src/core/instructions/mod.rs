//! What a bank is told to pay: the same payments as an ISO 20022 message or as the table that one bank reads.
//!
//! Pure: the rows come frozen, the bytes are always the same. How a bank wants its file is a row of [`PROFILES`]: to add a
//! bank, add its row and its name in both languages (`pay-profile-<code>`).

mod letters;
mod message;
mod table;

pub use letters::{Letters, Written};
pub use table::Column;

use super::money::{decimal, exponent_of};
use chrono::{DateTime, NaiveDate, Utc};
use entities::kinds::{Currency, PayProfile};

/// Payments of one file: a file that people can still read through before they send it.
pub const MOST: usize = 50;
/// Signs of a name, as ISO 20022 has it.
const NAME: usize = 140;
/// Signs of the text to the payee, as ISO 20022 has it.
const TEXT: usize = 140;
/// Signs of a reference, as ISO 20022 has it.
pub const REFERENCE: usize = 35;

/// The file itself.
#[derive(Debug, Clone, Copy)]
pub enum File {
    /// pain.001.001.09.
    Message,
    /// A table with a head.
    Table {
        /// How it is written.
        encoding: Encoding,
        /// Between two cells.
        separator: u8,
        /// Between whole and part of an amount.
        point: char,
        /// Its columns, each with its head.
        columns: &'static [(Column, &'static str)],
    },
}

/// How letters become bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 with its mark, so that a spreadsheet knows it.
    Utf8,
    /// GB18030, as banks in China write.
    Gb18030,
}

/// How one bank, or many alike, want to be told.
#[derive(Debug, Clone, Copy)]
pub struct Profile {
    /// Its word in the database.
    pub code: PayProfile,
    /// The file.
    pub file: File,
    /// Which letters pass.
    pub letters: Letters,
    /// Ending of the file's name.
    pub ending: &'static str,
    /// Media type.
    pub media_type: &'static str,
}

const PLAIN: &[(Column, &str)] = &[
    (Column::Reference, "reference"),
    (Column::Holder, "name"),
    (Column::Number, "account"),
    (Column::Bank, "bank"),
    (Column::Amount, "amount"),
    (Column::Currency, "currency"),
    (Column::Day, "date"),
    (Column::Text, "description"),
];

const CHINESE: &[(Column, &str)] = &[
    (Column::Place, "序号"),
    (Column::Number, "收款账号"),
    (Column::Holder, "收款户名"),
    (Column::Bank, "收款银行"),
    (Column::Amount, "金额"),
    (Column::Currency, "币种"),
    (Column::Day, "付款日期"),
    (Column::Text, "用途"),
    (Column::Reference, "业务参考号"),
];

const fn message(code: PayProfile, letters: Letters) -> Profile {
    Profile { code, file: File::Message, letters, ending: "xml", media_type: "application/xml" }
}

const fn table(code: PayProfile, letters: Letters, file: File) -> Profile {
    Profile { code, file, letters, ending: "csv", media_type: "text/csv" }
}

/// Every bank that is known.
pub const PROFILES: [Profile; 5] = [
    message(PayProfile::PainLatin, Letters::Latin),
    message(PayProfile::PainChinese, Letters::Chinese),
    table(
        PayProfile::CsvUtf8,
        Letters::Chinese,
        File::Table { encoding: Encoding::Utf8, separator: b',', point: '.', columns: PLAIN },
    ),
    table(
        PayProfile::CsvGb18030,
        Letters::Chinese,
        File::Table { encoding: Encoding::Gb18030, separator: b',', point: '.', columns: CHINESE },
    ),
    table(
        PayProfile::CsvSemicolon,
        Letters::Latin,
        File::Table { encoding: Encoding::Utf8, separator: b';', point: ',', columns: PLAIN },
    ),
];

impl Profile {
    /// The profile with this word.
    pub fn of(code: PayProfile) -> &'static Self {
        PROFILES.iter().find(|profile| profile.code == code).unwrap_or(&PROFILES[0])
    }

    /// A name as this bank reads it.
    pub fn name(&self, text: &str) -> Written {
        self.written(text, NAME)
    }

    /// A text to the payee as this bank reads it.
    pub fn text(&self, text: &str) -> Written {
        self.written(text, TEXT)
    }

    fn written(&self, text: &str, most: usize) -> Written {
        let written = self.letters.written(text, most);
        match self.file {
            File::Message => written,
            File::Table { .. } => written.harmless(),
        }
    }

    /// The bytes of the file: for the same batch always the same.
    ///
    /// # Errors
    /// In English, when something of it cannot be written: a sum beyond counting.
    pub fn bytes(&self, batch: &Batch) -> Result<Vec<u8>, String> {
        match self.file {
            File::Message => message::bytes(self, batch),
            File::Table { .. } => table::bytes(self, batch),
        }
    }
}

/// Who pays.
#[derive(Debug, Clone)]
pub struct Own {
    /// Name on the account.
    pub holder: String,
    /// Its number.
    pub number: String,
    /// BIC of its bank, or `""`.
    pub bic: String,
}

/// One payment.
#[derive(Debug, Clone)]
pub struct Instruction {
    /// Its reference from end to end: the same however often the file is made.
    pub reference: String,
    /// How much.
    pub amount_minor: i64,
    /// Name on the payee's account, as people write it.
    pub holder: String,
    /// The payee's bank, as people write it.
    pub bank: String,
    /// Number of the payee's account.
    pub number: String,
    /// What the payee reads.
    pub text: String,
}

/// Everything that stands in a file.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Its reference.
    pub reference: String,
    /// In what all of it is paid.
    pub currency: Currency,
    /// Day on which the bank is to pay.
    pub on: NaiveDate,
    /// When it was made, which is not when it is read.
    pub at: DateTime<Utc>,
    /// Who pays.
    pub own: Own,
    /// The payments, in the order of the file.
    pub all: Vec<Instruction>,
}

impl Batch {
    /// The sum of all payments; nothing where it is beyond counting.
    pub fn sum_minor(&self) -> Option<i64> {
        self.all.iter().try_fold(0_i64, |sum, one| sum.checked_add(one.amount_minor))
    }

    fn decimal(&self, minor: i64) -> String {
        decimal(minor, u32::from(exponent_of(self.currency.0)))
    }
}

#[cfg(test)]
mod tests;
