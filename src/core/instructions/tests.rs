use super::*;

fn batch(holder: &str) -> Batch {
    Batch {
        reference: "B000001".into(),
        currency: Currency::CNY,
        on: NaiveDate::from_ymd_opt(2026, 1, 6).unwrap(),
        at: DateTime::from_timestamp(1_767_578_400, 0).unwrap(),
        own: Own { holder: "锦官基金会".into(), number: "6222000011112222".into(), bic: String::new() },
        all: vec![
            Instruction {
                reference: "T1-1-1".into(),
                amount_minor: 4_150_000,
                holder: holder.into(),
                bank: "Bank & Söhne".into(),
                number: "6222000000001234".into(),
                text: "T1-1-1 航中街".into(),
            },
            Instruction {
                reference: "T2-1-2".into(),
                amount_minor: 5,
                holder: "SO-2".into(),
                bank: "bank".into(),
                number: "DE89370400440532013000".into(),
                text: "T2-1-2".into(),
            },
        ],
    }
}

fn text(code: PayProfile, holder: &str) -> String {
    String::from_utf8(Profile::of(code).bytes(&batch(holder)).unwrap()).unwrap()
}

#[test]
fn every_profile_is_found_by_its_word() {
    for code in PayProfile::ALL {
        assert_eq!(Profile::of(*code).code, *code);
    }
}

#[test]
fn letters_that_a_bank_does_not_take_are_replaced_and_said_so() {
    let latin = |text: &str| Letters::Latin.written(text, 140);
    assert_eq!(latin("SO-1"), Written { text: "SO-1".into(), changed: false });
    assert_eq!(latin("Café Zürich"), Written { text: "Cafe Zurich".into(), changed: true });
    assert_eq!(latin("成都").text, "Cheng Du");
    assert_eq!(latin("a//b/").text, "a/b");
    assert_eq!(latin("a\u{202e}b\nc").text, "ab c");
    assert_eq!(latin("\u{0007}").text, "");
    let chinese = |text: &str| Letters::Chinese.written(text, 140);
    assert_eq!(chinese("成都市武侯区（航中）"), Written { text: "成都市武侯区（航中）".into(), changed: false });
    assert!(chinese("成都😀").changed);
    assert_eq!(Letters::Latin.written(&"x".repeat(141), 140).text.len(), 140);
}

#[test]
fn nothing_in_a_table_is_a_formula() {
    for evil in ["=cmd()", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "＝1", " =1"] {
        for profile in &PROFILES {
            let written = profile.name(evil);
            if matches!(profile.file, File::Table { .. }) {
                assert!(!written.text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝']), "{evil}: {written:?}");
                assert!(written.changed, "{evil}: {written:?}");
            }
        }
    }
    let table = text(PayProfile::CsvUtf8, "=cmd(),\"x\"");
    assert!(!table.contains(",=") && !table.contains("\"="), "{table}");
}

#[test]
fn a_table_is_written_as_its_bank_reads_it() {
    let table = text(PayProfile::CsvSemicolon, "Zürich; GmbH");
    let lines: Vec<&str> = table.split("\r\n").collect();
    assert_eq!(lines[0], "\u{feff}reference;name;account;bank;amount;currency;date;description");
    assert_eq!(
        lines[1],
        "T1-1-1;Zurich GmbH;6222000000001234;Bank Sohne;41500,00;CNY;2026-01-06;T1-1-1 Hang Zhong Jie"
    );
    assert!(lines[2].contains(";0,05;"));
    let gb = Profile::of(PayProfile::CsvGb18030).bytes(&batch("航中街居民小组")).unwrap();
    let (gb, _, bad) = encoding_rs::GB18030.decode(&gb);
    assert!(
        !bad && gb
            .contains("1,6222000000001234,航中街居民小组,Bank Sohne,41500.00,CNY,2026-01-06,T1-1-1 航中街,T1-1-1"),
        "{gb}"
    );
}

#[test]
fn a_message_counts_and_sums_what_stands_in_it() {
    let message = text(PayProfile::PainLatin, "A <b> & \"c\"");
    assert_eq!(message.matches("<CtrlSum>41500.05</CtrlSum>").count(), 2);
    assert_eq!(message.matches("<NbOfTxs>2</NbOfTxs>").count(), 2);
    assert!(message.contains("<InstdAmt Ccy=\"CNY\">0.05</InstdAmt>"));
    assert!(message.contains("<IBAN>DE89370400440532013000</IBAN>") && message.contains("<Id>6222000000001234</Id>"));
    assert!(!message.contains("<b>"), "{message}");
    assert_eq!(message, text(PayProfile::PainLatin, "A <b> & \"c\""), "the same bytes again");
    let mut much = batch("x");
    much.all[1].amount_minor = i64::MAX;
    assert!(Profile::of(PayProfile::PainLatin).bytes(&much).is_err());
    assert!(text(PayProfile::PainChinese, "成都").contains("<Nm>成都</Nm>"));
}
