//! What banks write over their columns, and before their table.

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Head {
    /// Day it was booked.
    Day,
    /// What went out.
    Debit,
    /// What came in.
    Credit,
    /// Both, with a sign.
    Amount,
    /// What stood there after it.
    Balance,
    /// Whom it came from or went to.
    Name,
    /// Their account.
    Account,
    /// What was written on it; several of them are read as one.
    Text,
    /// The bank's mark.
    Reference,
    /// Currency.
    Currency,
    /// Our own account.
    Own,
    /// Before the table: what stood there before its first line.
    Opening,
    /// Before or after the table: what stood there after its last.
    Closing,
}

/// Heads in the languages of the dialects.
const HEADS: &[(Head, &[&str])] = &[
    (
        Head::Day,
        &[
            "date",
            "booking date",
            "transaction date",
            "交易时间",
            "交易日期",
            "记账日期",
            "日期",
            "buchungstag",
            "buchungsdatum",
        ],
    ),
    (
        Head::Debit,
        &["debit", "debit amount", "withdrawal", "paid out", "借方发生额", "借方金额", "支出", "支出金额", "soll"],
    ),
    (
        Head::Credit,
        &["credit", "credit amount", "deposit", "paid in", "贷方发生额", "贷方金额", "收入", "收入金额", "haben"],
    ),
    (Head::Amount, &["amount", "交易金额", "发生额", "betrag"]),
    (Head::Balance, &["balance", "余额", "账户余额", "saldo", "saldo nach buchung"]),
    (
        Head::Name,
        &[
            "counterparty",
            "counterparty name",
            "对方户名",
            "对方名称",
            "对方单位",
            "name zahlungsbeteiligter",
            "beguenstigter/zahlungspflichtiger",
        ],
    ),
    (Head::Account, &["counterparty account", "对方账号", "对方账户", "kontonummer/iban", "iban zahlungsbeteiligter"]),
    (
        Head::Text,
        &["description", "details", "text", "摘要", "附言", "用途", "备注", "verwendungszweck", "buchungstext"],
    ),
    (Head::Reference, &["reference", "transaction id", "bank reference", "流水号", "交易流水号", "referenz"]),
    (Head::Currency, &["currency", "币种", "waehrung", "währung"]),
    (Head::Own, &["account", "account number", "账号", "本方账号", "auftragskonto", "konto"]),
    (Head::Opening, &["opening balance", "期初余额", "anfangssaldo"]),
    (Head::Closing, &["closing balance", "期末余额", "endsaldo"]),
];

/// What a head stands for; a unit in brackets behind it does not count.
pub(super) fn head_of(text: &str) -> Option<Head> {
    let bare = text.trim().trim_end_matches([':', '：']);
    let bare = bare.split(['(', '（']).next().unwrap_or_default().trim().to_lowercase();
    HEADS.iter().find(|(_, names)| names.contains(&bare.as_str())).map(|(head, _)| *head)
}
