//! pain.001.001.09: one order of payment, booked payment by payment, so that each is found on the statement.

use super::{Batch, Instruction, Profile};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::io::Result;

const SPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";

type Out = Writer<Vec<u8>>;

/// The bytes of the message.
pub(super) fn bytes(profile: &Profile, batch: &Batch) -> std::result::Result<Vec<u8>, String> {
    let sum = batch.decimal(batch.sum_minor().ok_or("a sum beyond counting")?);
    let mut out = Writer::new_with_indent(Vec::new(), b' ', 1);
    message(&mut out, profile, batch, &sum).map_err(|error| error.to_string())?;
    Ok(out.into_inner())
}

fn message(out: &mut Out, profile: &Profile, batch: &Batch, sum: &str) -> Result<()> {
    out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let document = out.create_element("Document").with_attribute(("xmlns", SPACE));
    document.write_inner_content(|out| {
        nest(out, "CstmrCdtTrfInitn", |out| {
            nest(out, "GrpHdr", |out| {
                text(out, "MsgId", &batch.reference)?;
                text(out, "CreDtTm", &batch.at.format("%Y-%m-%dT%H:%M:%SZ").to_string())?;
                text(out, "NbOfTxs", &batch.all.len().to_string())?;
                text(out, "CtrlSum", sum)?;
                nest(out, "InitgPty", |out| text(out, "Nm", &profile.name(&batch.own.holder).text))
            })?;
            nest(out, "PmtInf", |out| order(out, profile, batch, sum))
        })
    })?;
    Ok(())
}

fn order(out: &mut Out, profile: &Profile, batch: &Batch, sum: &str) -> Result<()> {
    text(out, "PmtInfId", &format!("{}-1", batch.reference))?;
    text(out, "PmtMtd", "TRF")?;
    text(out, "BtchBookg", "false")?;
    text(out, "NbOfTxs", &batch.all.len().to_string())?;
    text(out, "CtrlSum", sum)?;
    nest(out, "ReqdExctnDt", |out| text(out, "Dt", &batch.on.to_string()))?;
    nest(out, "Dbtr", |out| text(out, "Nm", &profile.name(&batch.own.holder).text))?;
    nest(out, "DbtrAcct", |out| {
        number(out, &batch.own.number)?;
        text(out, "Ccy", batch.currency.code())
    })?;
    nest(out, "DbtrAgt", |out| {
        nest(out, "FinInstnId", |out| match batch.own.bic.as_str() {
            "" => nest(out, "Othr", |out| text(out, "Id", "NOTPROVIDED")),
            bic => text(out, "BICFI", bic),
        })
    })?;
    batch.all.iter().try_for_each(|one| nest(out, "CdtTrfTxInf", |out| transfer(out, profile, batch, one)))
}

fn transfer(out: &mut Out, profile: &Profile, batch: &Batch, one: &Instruction) -> Result<()> {
    nest(out, "PmtId", |out| {
        text(out, "InstrId", &one.reference)?;
        text(out, "EndToEndId", &one.reference)
    })?;
    nest(out, "Amt", |out| {
        let amount = out.create_element("InstdAmt").with_attribute(("Ccy", batch.currency.code()));
        amount.write_text_content(BytesText::new(&batch.decimal(one.amount_minor))).map(|_| ())
    })?;
    let bank = profile.name(&one.bank).text;
    if !bank.is_empty() {
        nest(out, "CdtrAgt", |out| nest(out, "FinInstnId", |out| text(out, "Nm", &bank)))?;
    }
    nest(out, "Cdtr", |out| text(out, "Nm", &profile.name(&one.holder).text))?;
    nest(out, "CdtrAcct", |out| number(out, &one.number))?;
    nest(out, "RmtInf", |out| text(out, "Ustrd", &profile.text(&one.text).text))
}

fn number(out: &mut Out, number: &str) -> Result<()> {
    nest(out, "Id", |out| {
        if is_iban(number) {
            return text(out, "IBAN", number);
        }
        nest(out, "Othr", |out| text(out, "Id", number))
    })
}

/// Whether a number is an IBAN by its form and its check digits (ISO 13616, mod 97).
fn is_iban(number: &str) -> bool {
    let form = (15..=34).contains(&number.len())
        && number.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        && number[..2].chars().all(|c| c.is_ascii_uppercase())
        && number[2..4].chars().all(|c| c.is_ascii_digit());
    if !form {
        return false;
    }
    let (head, rest) = number.split_at(4);
    let digit = |sum: u32, sign: char| match sign.to_digit(36) {
        Some(value) if value >= 10 => (sum * 100 + value) % 97,
        Some(value) => (sum * 10 + value) % 97,
        None => sum,
    };
    rest.chars().chain(head.chars()).fold(0, digit) == 1
}

fn nest(out: &mut Out, name: &str, inner: impl FnOnce(&mut Out) -> Result<()>) -> Result<()> {
    out.create_element(name).write_inner_content(inner).map(|_| ())
}

fn text(out: &mut Out, name: &str, text: &str) -> Result<()> {
    out.create_element(name).write_text_content(BytesText::new(text)).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::is_iban;

    #[test]
    fn an_iban_is_known_by_its_check_digits() {
        assert!(is_iban("DE89370400440532013000") && is_iban("GB82WEST12345698765432"));
        for none in ["DE88370400440532013000", "6222000000001234", "de89370400440532013000", "DE", "航8937040044053201"]
        {
            assert!(!is_iban(none), "{none}");
        }
    }
}
