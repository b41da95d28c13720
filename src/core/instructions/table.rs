//! The tables that banks read: one row a payment, in the bank's own order of columns.

use super::{Batch, Encoding, File, Instruction, Profile};

/// What may stand in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// 1, 2, 3…
    Place,
    /// Reference from end to end.
    Reference,
    /// Name on the payee's account.
    Holder,
    /// Number of the payee's account.
    Number,
    /// The payee's bank.
    Bank,
    /// Amount in whole and parts.
    Amount,
    /// Currency.
    Currency,
    /// Day of payment.
    Day,
    /// What the payee reads.
    Text,
}

/// The bytes of the table.
pub(super) fn bytes(profile: &Profile, batch: &Batch) -> Result<Vec<u8>, String> {
    let File::Table { encoding, separator, point, columns } = profile.file else {
        return Err("no table".into());
    };
    batch.sum_minor().ok_or("a sum beyond counting")?;
    let mut out =
        csv::WriterBuilder::new().delimiter(separator).terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let said = |error: csv::Error| error.to_string();
    out.write_record(columns.iter().map(|(_, head)| *head)).map_err(said)?;
    for (place, one) in batch.all.iter().enumerate() {
        let cells = columns.iter().map(|(column, _)| cell(*column, profile, batch, (place + 1, one), point));
        out.write_record(cells).map_err(said)?;
    }
    let text = out.into_inner().map_err(|error| error.to_string())?;
    match encoding {
        Encoding::Utf8 => Ok([b"\xef\xbb\xbf".as_slice(), &text].concat()),
        Encoding::Gb18030 => {
            let text = String::from_utf8(text).map_err(|error| error.to_string())?;
            let (bytes, _, lost) = encoding_rs::GB18030.encode(&text);
            if lost { Err("a letter that GB18030 does not have".into()) } else { Ok(bytes.into_owned()) }
        }
    }
}

fn cell(column: Column, profile: &Profile, batch: &Batch, (place, one): (usize, &Instruction), point: char) -> String {
    match column {
        Column::Place => place.to_string(),
        Column::Reference => one.reference.clone(),
        Column::Holder => profile.name(&one.holder).text,
        Column::Number => one.number.clone(),
        Column::Bank => profile.name(&one.bank).text,
        Column::Amount => batch.decimal(one.amount_minor).replace('.', &point.to_string()),
        Column::Currency => batch.currency.code().to_owned(),
        Column::Day => batch.on.to_string(),
        Column::Text => profile.text(&one.text).text,
    }
}
