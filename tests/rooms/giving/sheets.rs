//! A platform's workbook: read as its CSV would be, named cell by cell where it is wrong, bounded, and never half imported.

use crate::rooms::funds::Cast;
use crate::support::{World, both, day};
use entities::kinds::{Currency, FundId, FundraisingMode, GiftKind, ImportStage};
use entities::{gift, posting, settlement_import};
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use std::io::Write;
use tributary::core::spreadsheet::{self, MAX_BYTES, Unreadable};
use tributary::grants::funds::service as funds;
use tributary::grants::gifts::service::imports;
use tributary::grants::gifts::settlement::dry_run;
use tributary::ledger::balances;

/// A platform's workbook: its own title above, numbers as numbers, days as days, one amount as text.
pub fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    page.write_string(0, 0, "某平台结算").unwrap();
    for (column, head) in (0_u16..).zip(["备注", "捐赠人", "金额", "日期"]) {
        page.write_string(2, column, head).unwrap();
    }
    let date = Format::new().set_num_format("yyyy-mm-dd");
    for row in 0..28_u32 {
        page.write_string(3 + row, 0, "外墙").unwrap();
        page.write_string(3 + row, 1, format!("居民{row}")).unwrap();
        if row == 5 {
            page.write_string(3 + row, 2, "120.10").unwrap();
        } else {
            page.write_number(3 + row, 2, 120.1).unwrap();
        }
        page.write_datetime_with_format(3 + row, 3, ExcelDateTime::from_ymd(2026, 1, 4).unwrap(), &date).unwrap();
    }
    book.save_to_buffer().unwrap()
}

/// A workbook with one gift of this donor.
pub fn of_one_donor(name: &str) -> Vec<u8> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (column, (head, text)) in (0_u16..).zip([("donor", name), ("amount", "20.00")]) {
        page.write_string(0, column, head).unwrap();
        page.write_string(1, column, text).unwrap();
    }
    book.save_to_buffer().unwrap()
}

/// One cell of a workbook that is otherwise right.
fn with_amount(write: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    page.write_string(0, 0, "donor").unwrap();
    page.write_string(0, 1, "amount").unwrap();
    page.write_string(1, 0, "a").unwrap();
    write(page);
    book.save_to_buffer().unwrap()
}

fn code(bytes: &[u8]) -> (String, &'static str) {
    let fault = dry_run(bytes, Currency::CNY).unwrap_err().remove(0);
    (fault.place().to_owned(), fault.code)
}

/// Entries, gifts and files: whatever an import could have left behind.
async fn kept(world: &World) -> (u64, u64, u64) {
    let db = world.edges.db.read();
    (
        posting::Entity::find().count(db).await.unwrap(),
        gift::Entity::find().count(db).await.unwrap(),
        settlement_import::Entity::find().count(db).await.unwrap(),
    )
}

async fn filed(cast: &Cast) -> FundId {
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    funds::amend_filing(&cast.admin(0).await, fund, "Q-1", "F-1").await.unwrap();
    fund
}

both! {
async fn a_workbook_is_imported_as_its_text_would_be(world: World) {
    let cast = Cast::on(world).await;
    let fund = filed(&cast).await;
    let finance = cast.finance().await;
    let bytes = workbook();
    let rows = dry_run(&bytes, Currency::CNY).unwrap();
    assert_eq!((rows.len(), rows[0].line, rows[0].donor.as_str()), (28, 4, "居民0"));
    assert!(rows.iter().all(|row| row.amount_minor == 12_010 && row.date == Some(day(2026, 1, 4))));
    let import = imports::propose_import(&finance, fund, "p.xlsx", &bytes, "line-1", day(2026, 1, 5), None).await.unwrap();
    // Proposed is not posted; the same file is not proposed a second time.
    let db = cast.world.edges.db.read();
    assert_eq!(balances::flow(db, fund).await.unwrap().received_minor, 0);
    let twice = imports::propose_import(&finance, fund, "p.xlsx", &bytes, "line-2", day(2026, 1, 5), None).await;
    assert_eq!(twice.unwrap_err().code(), "refused-gift-file-used");
    imports::apply_import(&cast.approver().await, import).await.unwrap();
    assert_eq!(balances::flow(db, fund).await.unwrap().received_minor, 28 * 12_010);
    let gifts = gift::Entity::find().filter(gift::Column::Kind.eq(GiftKind::Platform)).count(db).await.unwrap();
    assert_eq!(gifts, 28);
    assert_eq!(imports::load_import(db, import).await.unwrap().stage, ImportStage::Applied);
    cast.world.settle().await;
}

async fn a_wrong_cell_is_named_and_nothing_is_left_behind(world: World) {
    let cast = Cast::on(world).await;
    let fund = filed(&cast).await;
    let finance = cast.finance().await;
    let before = kept(&cast.world).await;
    let wrong = with_amount(|page| {
        page.write_number(1, 1, 1.005).unwrap();
    });
    let refused = imports::propose_import(&finance, fund, "p.xlsx", &wrong, "line-1", day(2026, 1, 5), None).await;
    let tributary::error::Error::Refused(violations) = refused.unwrap_err() else { panic!("not refused") };
    assert_eq!(violations[0].code, "refused-gift-file-amount");
    assert!(violations[0].args.contains(&("column", "B2".into())) && violations[0].args.contains(&("line", "2".into())));
    for odd in [b"PK\x03\x04 no workbook".to_vec(), vec![b'P'; 10], b"PK".repeat(MAX_BYTES)] {
        let refused = imports::propose_import(&finance, fund, "p.xlsx", &odd, "line-1", day(2026, 1, 5), None).await;
        assert!(refused.unwrap_err().code().starts_with("refused-"));
    }
    assert_eq!(kept(&cast.world).await, before);
}
}

#[test]
fn amounts_are_exact_or_refused() {
    let number = |value: f64| {
        with_amount(|page| {
            page.write_number(1, 1, value).unwrap();
        })
    };
    for (value, minor) in [(120.1, 12_010), (0.01, 1), (1e9, 100_000_000_000), (999_999_999.99, 99_999_999_999)] {
        assert_eq!(dry_run(&number(value), Currency::CNY).unwrap()[0].amount_minor, minor, "{value}");
    }
    // What a spreadsheet reckons is not what it shows; what it cannot hold exactly nobody may guess.
    for value in [0.300_000_000_000_000_04, 1.005, 0.0, -5.0, 9_007_199_254_740_993.0, 1e300] {
        assert_eq!(code(&number(value)), ("B2".into(), "refused-gift-file-amount"), "{value}");
    }
    let formula = with_amount(|page| {
        page.write_formula(1, 1, "=1+1").unwrap();
    });
    assert_eq!(code(&formula).1, "refused-gift-file-amount");
    let truth = with_amount(|page| {
        page.write_boolean(1, 1, true).unwrap();
    });
    assert_eq!(code(&truth).1, "refused-gift-file-amount");
    let long = with_amount(|page| {
        page.write_number(1, 1, 1).unwrap();
        page.write_string(1, 0, "x".repeat(300)).unwrap();
    });
    assert_eq!(code(&long), ("A2".into(), "refused-gift-file-text"));
}

/// A packed file with these parts.
fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        file.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        file.write_all(bytes).unwrap();
    }
    file.finish().unwrap().into_inner()
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    let many = vec![b'0'; 60 * 1024 * 1024];
    let bomb = packed(&[("xl/sharedStrings.xml", &many)]);
    assert!(bomb.len() < MAX_BYTES, "{}", bomb.len());
    assert_eq!(spreadsheet::rows(&bomb), Err(Unreadable::TooLarge));
    // The same bomb that says of itself that it is small, in its own head and in the list at the end.
    let size = u32::try_from(many.len()).unwrap().to_le_bytes();
    let mut lies = bomb;
    for place in 0..lies.len() - 4 {
        if lies[place..place + 4] == size {
            lies[place..place + 4].copy_from_slice(&100_u32.to_le_bytes());
        }
    }
    assert!(spreadsheet::rows(&lies).is_err());
    let parts: Vec<(String, Vec<u8>)> = (0..600).map(|n| (format!("p{n}"), vec![b'x'])).collect();
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    assert_eq!(spreadsheet::rows(&packed(&parts)), Err(Unreadable::TooLarge));
    // One cell in the last corner is no table of billions.
    let corner = with_amount(|page| {
        page.write_number(1, 1, 1).unwrap();
        page.write_string(1_048_575, 16_383, "x").unwrap();
    });
    assert_eq!(code(&corner).1, "refused-gift-file-workbook-large");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    /// A file that was changed on its way is refused in clear words, or says exactly what it said before.
    #[test]
    fn a_mutated_workbook_is_refused_or_says_the_same(
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        static WHOLE: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
        let whole = WHOLE.get_or_init(workbook);
        let mut bytes = whole.clone();
        for (place, byte) in &places {
            let place = place.index(bytes.len());
            bytes[place] = *byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(whole.len()));
        }
        match dry_run(&bytes, Currency::CNY) {
            Ok(rows) => prop_assert_eq!(rows, dry_run(whole, Currency::CNY).unwrap()),
            Err(faults) => prop_assert!(!faults.is_empty() && faults.iter().all(|fault| fault.code.starts_with("refused-"))),
        }
    }
}
