//! The judges of money: examples, and laws tried on many inputs.

use super::*;
use proptest::prelude::*;

fn yuan(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}

#[test]
fn what_people_type_is_read() {
    for text in
        ["83,000", "83000", "83000.0", "¥83,000.00", "￥ 83000", "８３，０００．００", " CNY 83,000 ", "83,000元"]
    {
        assert_eq!(parse_minor(text, Currency::CNY), Ok(8_300_000), "{text}");
    }
    assert_eq!(parse_minor("83000.5", Currency::CNY), Ok(8_300_050));
    assert_eq!(parse_minor("0", Currency::CNY), Ok(0));
    assert_eq!(parse_minor("1,000", Currency::JPY), Ok(1_000));
    assert_eq!(parse_minor("1.25", Currency::KWD), Ok(1_250));
    assert_eq!(parse_minor("10,000,000,000,000.00", Currency::CNY), Ok(MAX_MINOR));
}

#[test]
fn what_nobody_can_mean_is_refused() {
    let refused = [
        ("", MoneyError::Empty),
        ("　¥ ", MoneyError::Empty),
        ("-5", MoneyError::Negative),
        ("−5", MoneyError::Negative),
        ("¥－5", MoneyError::Negative),
        ("(5)", MoneyError::Negative),
        ("1e5", MoneyError::Character('e')),
        ("1.2.3", MoneyError::Character('.')),
        ("1.", MoneyError::Character('.')),
        (".5", MoneyError::Character('.')),
        ("1.0,0", MoneyError::Character('.')),
        ("US$5", MoneyError::Character('U')),
        ("5 000", MoneyError::Character(' ')),
        ("1,5", MoneyError::GroupMark),
        ("1000,000", MoneyError::GroupMark),
        (",500", MoneyError::GroupMark),
        ("1.005", MoneyError::Decimals(2)),
        ("10000000000000.01", MoneyError::TooLarge),
        ("99999999999999999999", MoneyError::TooLarge),
    ];
    for (text, why) in refused {
        assert_eq!(parse_minor(text, Currency::CNY), Err(why), "{text}");
    }
    assert_eq!(parse_minor("1.5", Currency::JPY), Err(MoneyError::Decimals(0)));
}

#[test]
fn figures_for_people() {
    assert_eq!(yuan(8_300_000).format("en"), "¥83,000.00");
    assert_eq!(yuan(8_300_000).format("zh-CN"), "¥83,000.00");
    assert_eq!(yuan(-5).format("en"), "\u{2212}¥0.05");
    assert_eq!(Money::new(123_456, Currency::USD).format("en"), "US$1,234.56");
    assert_eq!(Money::new(1_234, Currency::JPY).format("en"), "JP¥1,234");
    assert_eq!(Money::new(1_250, Currency::KWD).format("en"), "KWD\u{a0}1.250");
    assert_eq!(Money::new(123_456, Currency::EUR).format("de-AT"), "€1.234,56");
    assert!(yuan(i64::MIN).format("en").starts_with('\u{2212}'));
}

#[test]
fn capitals_follow_the_rule() {
    let written = [
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角"),
        (1_000, "壹拾元整"),
        (8_300_000, "捌万叁仟元整"),
        (100_005, "壹仟元零伍分"),
        // The examples of the rule itself.
        (140_950, "壹仟肆佰零玖元伍角"),
        (600_714, "陆仟零柒元壹角肆分"),
        (168_032, "壹仟陆佰捌拾元叁角贰分"),
        (10_700_053, "壹拾万柒仟元伍角叁分"),
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
        (32_504, "叁佰贰拾伍元零肆分"),
        (10_000_000_100, "壹亿零壹元整"),
        (10_000_100_000, "壹亿零壹仟元整"),
        (10_010_000_000, "壹亿零壹拾万元整"),
        (1_001_000, "壹万零壹拾元整"),
        (MAX_MINOR, "壹拾万亿元整"),
        (100_000_000_000_100, "壹万亿零壹元整"),
    ];
    for (minor, text) in written {
        assert_eq!(yuan(minor).capitals().as_deref(), Some(text));
    }
    assert_eq!(yuan(-1).capitals(), None);
    assert_eq!(yuan(MAX_MINOR + 1).capitals(), None);
    assert_eq!(Money::new(1, Currency::USD).capitals(), None);
}

/// Reads capitals back by their units; it knows nothing of how they are written.
fn read_capitals(text: &str) -> u64 {
    let (mut total, mut section, mut digit) = (0_u64, 0_u64, 0_u64);
    for sign in text.chars() {
        match sign {
            '仟' => section += std::mem::take(&mut digit) * 1_000,
            '佰' => section += std::mem::take(&mut digit) * 100,
            '拾' => section += std::mem::take(&mut digit) * 10,
            '万' => total += (std::mem::take(&mut section) + std::mem::take(&mut digit)) * 10_000,
            '亿' => {
                let below = std::mem::take(&mut section) + std::mem::take(&mut digit);
                total = (total + below) * 100_000_000;
            }
            '元' => {
                total += std::mem::take(&mut section) + std::mem::take(&mut digit);
                total *= 100;
            }
            '角' => total += std::mem::take(&mut digit) * 10,
            '分' => total += std::mem::take(&mut digit),
            '整' | '零' => {}
            _ => digit = "零壹贰叁肆伍陆柒捌玖".chars().position(|known| known == sign).unwrap() as u64,
        }
    }
    total
}

#[test]
fn currencies_do_not_mix_and_json_is_plain() {
    let dollars = Money::new(1, Currency::USD);
    assert_eq!(yuan(1).checked_add(dollars), Err(MoneyError::CurrencyMismatch));
    assert_eq!(yuan(i64::MAX).checked_add(yuan(1)), Err(MoneyError::TooLarge));
    assert_eq!(yuan(5).checked_sub(yuan(7)), Ok(yuan(-2)));
    let json = serde_json::to_string(&yuan(8_300_000)).unwrap();
    assert_eq!(json, r#"{"minor":8300000,"currency":"CNY"}"#);
    assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), yuan(8_300_000));
}

#[test]
fn percentages() {
    assert_eq!(half_up_bps(8_300_000, 100), Ok(83_000));
    assert_eq!(half_up_bps(50, 100), Ok(1));
    assert_eq!(half_up_bps(-50, 100), Ok(0));
    assert_eq!(half_up_bps(i64::MAX, 20_000), Err(MoneyError::TooLarge));
    assert_eq!(share_bps(1, 3), Some(3_333));
    assert_eq!(share_bps(1, 0), None);
    assert_eq!(percent_bps("1.5%"), Ok(150));
    assert_eq!(percent_bps("１０ ％"), Ok(1_000));
    assert_eq!(percent_bps("¥5"), Err(MoneyError::Character('¥')));
    assert_eq!(percent_bps("-5"), Err(MoneyError::Negative));
    assert_eq!((format_bps(150), format_bps(10_000)), ("1.5%".into(), "100%".into()));
    assert_eq!((format_bps(0), format_bps(-5)), ("0%".into(), "\u{2212}0.05%".into()));
}

#[test]
fn a_split_needs_a_weight_and_single_ids() {
    assert_eq!(split_by_largest_remainder(10, &[(1, 0)]), Err(MoneyError::Weights));
    assert_eq!(split_by_largest_remainder::<i64>(0, &[]), Err(MoneyError::Weights));
    assert_eq!(split_by_largest_remainder(10, &[(1, 1), (1, 1)]), Err(MoneyError::Weights));
    assert_eq!(split_by_largest_remainder(-1, &[(1, 1)]), Err(MoneyError::Negative));
    let thirds = split_by_largest_remainder(100, &[(3, 1), (1, 1), (2, 1)]);
    assert_eq!(thirds, Ok(vec![(3, 33), (1, 34), (2, 33)]));
}

proptest! {
    #[test]
    fn written_amounts_are_read_back(minor in 0..=MAX_MINOR) {
        for currency in [Currency::CNY, Currency::JPY, Currency::KWD] {
            let text = Money::new(minor, currency).format("en");
            prop_assert_eq!(parse_minor(&text, currency), Ok(minor), "{}", text);
        }
    }

    #[test]
    fn capitals_are_read_back(minor in prop_oneof![0..=MAX_MINOR, 0..1_000_000_i64, (0..100_000_i64).prop_map(|n| n * 1_000_000_001)]) {
        let text = yuan(minor).capitals().unwrap();
        prop_assert_eq!(read_capitals(&text), minor.unsigned_abs(), "{}", text);
        prop_assert!(!text.contains("零零"));
    }

    #[test]
    fn no_text_is_a_panic(text in "\\PC{0,70}") {
        let _ = parse_minor(&text, Currency::CNY);
        let _ = percent_bps(&text);
    }

    #[test]
    fn shares_always_sum(total in 0..i64::MAX, weights in prop::collection::vec(0..i64::MAX, 1..9)) {
        let weights: Vec<(usize, i64)> = weights.into_iter().enumerate().collect();
        let sum: i128 = weights.iter().map(|(_, weight)| i128::from(*weight)).sum();
        prop_assume!(sum > 0);
        let parts = split_by_largest_remainder(total, &weights).unwrap();
        prop_assert_eq!(parts.iter().map(|(_, part)| i128::from(*part)).sum::<i128>(), i128::from(total));
        for ((_, part), (_, weight)) in parts.iter().zip(&weights) {
            let gap = i128::from(*part) * sum - i128::from(total) * i128::from(*weight);
            prop_assert!(gap.abs() < sum);
        }
    }
}
