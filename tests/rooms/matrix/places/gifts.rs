//! Gifts, the bank, pools, the books.

use super::super::pairs::{CONFIRMED, FORGED, LAST, Pair};
use crate::books::ground::{number, raw};
use crate::rooms::gifts::receipt;
use crate::rooms::grant::Grant;
use crate::support::day;
use entities::kinds::{
    Anonymity, BankAccountId, Currency, FundId, GiftId, MatchPoolId, PersonId, PostingId, SettlementImportId,
    StatementLineId,
};
use tributary::bank::service::{accounts, matches, statements, suspense};
use tributary::grants::funds::service::pools::{self, Pool};
use tributary::grants::gifts::service::in_kind::{self, Offer};
use tributary::grants::gifts::service::{imports, receipts, refunds};
use tributary::ledger::{corrections, periods};
use tributary::people::permission::{Approver, Context, Finance};

fn pool(of: FundId) -> Pool {
    Pool {
        name_zh: "配捐".into(),
        name_en: String::new(),
        fund: of,
        ratio_bps: 10_000,
        cap_per_gift_minor: None,
        cap_total_minor: 1_000,
        opens_on: day(2026, 6, 1),
        closes_on: day(2026, 6, 2),
    }
}

fn paint(grant: &Grant) -> Offer {
    Offer {
        fund: grant.fund,
        donor_organisation: Some(grant.donor),
        donor_person: None,
        donor_name: "owner 1".into(),
        anonymity: Anonymity::Named,
        receipt_wanted: true,
        description: "paint".into(),
        amount_minor: 800_000,
        currency: Currency::CNY,
        valuation_basis: "invoice".into(),
        document: None,
        restriction: None,
    }
}

/// A receipt that the second finance officer recorded.
async fn recorded(grant: &Grant, line: &str) -> GiftId {
    let finance = grant.role::<Finance>(grant.finance_b).await;
    receipts::record_receipt(&finance, receipt(grant.fund, Some(grant.donor), 10_000, line)).await.unwrap()
}

/// A line that somebody imported: a fee of the bank, or money of nobody.
async fn imported(grant: &Grant, by: PersonId, (on, amount, words): (u32, &str, &str), mark: &str) -> i64 {
    let finance = grant.role::<Finance>(by).await;
    let known = number(&grant.world, "select coalesce(max(id), 0) from bank_account").await;
    let account = match known {
        0 => accounts::open(&finance, "基本户", "6222 0000 1111 2222 0001", Currency::CNY).await.unwrap(),
        id => BankAccountId(id),
    };
    let file =
        format!("date,amount,counterparty,description,reference\n2026-01-{on:02},{amount},银行,{words},{mark}\n");
    let id = statements::check(&finance, account, "s.csv", file.as_bytes()).await.unwrap();
    statements::import(&finance, id).await.unwrap();
    number(&grant.world, &format!("select id from bank_statement_line where mark = '{mark}'")).await
}

async fn places(context: &Context, id: i64) -> tributary::error::Result<()> {
    match context.role::<Approver>() {
        Ok(by) => matches::confirm(&by, StatementLineId(id), None).await,
        Err(_) => matches::confirm(as_role!(context, Finance), StatementLineId(id), None).await,
    }
}

pub const GIFTS: &[Pair<Grant>] = &[
    Pair {
        what: "a receipt recorded, then confirmed",
        first: |grant, me| {
            Box::pin(async move {
                let by = grant.role::<Finance>(me).await;
                let told = receipt(grant.fund, Some(grant.donor), 10_000, "pair-1");
                receipts::record_receipt(&by, told).await.unwrap().0
            })
        },
        second: |_, context, id| {
            Box::pin(async move {
                match context.role::<Finance>() {
                    Ok(by) => receipts::confirm_receipt(&by, GiftId(id)).await,
                    Err(_) => receipts::confirm_receipt(as_role!(context, Approver), GiftId(id)).await,
                }
            })
        },
        form: ("/gifts/{id}/receive", ""),
        shown: LAST,
        sql: &[
            "update gift set stage = 'received', confirmed_by = {me} where id = {id}",
            "update gift set recorded_by = (select min(id) from person), stage = 'received', confirmed_by = {me} where id = {id}",
            "update gift set recorded_by = null, stage = 'received', confirmed_by = {me} where id = {id}",
        ],
        other: |grant| grant.approver,
    },
    Pair {
        what: "sending a receipt back proposed, then confirmed",
        first: |grant, me| {
            Box::pin(async move {
                let id = recorded(grant, "pair-2").await;
                receipts::reject_receipt(&grant.role::<Finance>(me).await, id, "of nobody").await.unwrap();
                id.0
            })
        },
        second: |_, context, id| {
            Box::pin(async move { receipts::confirm_return(as_role!(context, Approver), GiftId(id), "back-2").await })
        },
        form: ("/gifts/{id}/confirm-return", "act=confirm&bank_line=back-2&seen={seen}"),
        shown: LAST,
        sql: &[CONFIRMED, FORGED],
        other: |grant| grant.approver,
    },
    Pair {
        what: "a refund proposed, then confirmed",
        first: |grant, me| {
            Box::pin(async move {
                let id = recorded(grant, "pair-3").await;
                receipts::confirm_receipt(&grant.role::<Approver>(grant.approver_b).await, id).await.unwrap();
                refunds::propose_refund(&grant.role::<Finance>(me).await, id, "by mistake").await.unwrap();
                id.0
            })
        },
        second: |_, context, id| {
            Box::pin(async move { refunds::confirm_refund(as_role!(context, Approver), GiftId(id)).await })
        },
        form: ("/gifts/{id}/confirm-refund", "act=confirm&seen={seen}"),
        shown: LAST,
        sql: &[CONFIRMED, FORGED, "update gift set stage = 'refunded' where id = {id}"],
        other: |grant| grant.approver,
    },
    Pair {
        what: "goods recorded, then accepted",
        first: |grant, me| {
            Box::pin(
                async move { in_kind::offer_in_kind(&grant.role::<Finance>(me).await, paint(grant)).await.unwrap().0 },
            )
        },
        second: |_, context, id| {
            Box::pin(async move { in_kind::accept_in_kind(as_role!(context, Approver), GiftId(id)).await })
        },
        form: ("/gifts/{id}/accept", ""),
        shown: LAST,
        sql: &["update gift set stage = 'accepted', confirmed_by = {me} where id = {id}"],
        other: |grant| grant.approver,
    },
    Pair {
        what: "capital recorded, then confirmed",
        first: |grant, me| {
            Box::pin(async move {
                let by = grant.role::<Finance>(me).await;
                pools::record_capital(&by, 100, Currency::CNY, day(2026, 1, 5), "capital-2").await.unwrap();
                0
            })
        },
        second: |_, context, _| Box::pin(async move { pools::confirm_capital(as_role!(context, Approver)).await }),
        form: ("/funds/capital/confirm", "act=confirm&seen={seen}"),
        shown: LAST,
        sql: &[CONFIRMED, FORGED],
        other: |grant| grant.approver,
    },
    Pair {
        what: "a matching pool proposed, then confirmed",
        first: |grant, me| {
            Box::pin(
                async move { pools::propose_pool(&grant.role::<Finance>(me).await, pool(grant.fund)).await.unwrap().0 },
            )
        },
        second: |_, context, id| {
            Box::pin(async move { pools::confirm_pool(as_role!(context, Approver), MatchPoolId(id)).await })
        },
        form: ("/funds/{fund}/pools/{id}/confirm", ""),
        shown: LAST,
        sql: &[
            "update match_pool set stage = 'open', confirmed_by = {me} where id = {id}",
            "update match_pool set stage = 'open' where id = {id}",
            "update match_pool set proposed_by = (select min(id) from person), stage = 'open', confirmed_by = {me} where id = {id}",
        ],
        other: |grant| grant.approver,
    },
    Pair {
        what: "a line imported, then placed",
        first: |grant, me| Box::pin(async move { imported(grant, me, (3, "-3.00", "手续费"), "fee-1").await }),
        second: |_, context, id| Box::pin(async move { places(&context, id).await }),
        form: ("/bank/lines/{id}/place", "seen=bank_fee:0+fee-words"),
        shown: LAST,
        sql: &[
            "insert into line_match (line_id, kind, subject, subject_id, why, proposed_by, confirmed_by, at) values ({id}, 'bank_fee', 'statement_line', {id}, 'fee-words', {me}, {me}, '2026-01-05T02:00:00+00:00')",
        ],
        other: |grant| grant.approver,
    },
    Pair {
        what: "what a line is chosen, then placed",
        first: |grant, me| {
            Box::pin(async move {
                let id = imported(grant, grant.finance_b, (4, "12.34", "转账"), "unknown-1").await;
                let by = grant.role::<Finance>(me).await;
                matches::choose(&by, StatementLineId(id), "suspense:0").await.unwrap();
                id
            })
        },
        second: |_, context, id| Box::pin(async move { places(&context, id).await }),
        form: ("/bank/lines/{id}/place", "seen={seen}"),
        shown: LAST,
        sql: &[CONFIRMED, FORGED],
        other: |grant| grant.approver,
    },
    Pair {
        what: "sending money of nobody back proposed, then confirmed",
        first: |grant, me| {
            Box::pin(async move {
                let id = StatementLineId(imported(grant, grant.finance_b, (5, "56.78", "转账"), "unknown-2").await);
                matches::choose(&grant.role::<Finance>(grant.finance).await, id, "suspense:0").await.unwrap();
                matches::confirm(&grant.role::<Approver>(grant.approver).await, id, None).await.unwrap();
                suspense::propose_return(&grant.role::<Finance>(me).await, id, "of nobody").await.unwrap();
                id.0
            })
        },
        second: |_, context, id| {
            Box::pin(async move {
                suspense::confirm_return(as_role!(context, Approver), StatementLineId(id), "back-3").await
            })
        },
        form: ("/bank/lines/{id}/confirm-send-back", "act=confirm&bank_line=back-3&seen={seen}"),
        shown: LAST,
        sql: &[CONFIRMED, FORGED],
        other: |grant| grant.approver,
    },
    Pair {
        what: "a correction proposed, then published",
        first: |grant, me| {
            Box::pin(async move {
                let entry = number(&grant.world, "select min(id) from posting").await;
                let told = corrections::Proposed { reason: "the day was wrong".into(), reverse: false };
                let by = grant.role::<Finance>(me).await;
                corrections::propose(&by, PostingId(entry), &told).await.unwrap();
                entry
            })
        },
        second: |_, context, id| {
            Box::pin(async move { corrections::confirm(as_role!(context, Approver), PostingId(id)).await })
        },
        form: ("/ledger/{entry}/confirm-correction", "act=confirm&seen={seen}"),
        shown: LAST,
        sql: &[CONFIRMED, FORGED],
        other: |grant| grant.approver,
    },
    Pair {
        what: "a period proposed, then closed",
        first: |grant, me| {
            Box::pin(async move {
                periods::propose(&grant.role::<Finance>(me).await, day(2026, 1, 4)).await.unwrap();
                0
            })
        },
        second: |_, context, _| Box::pin(async move { periods::confirm(as_role!(context, Approver)).await }),
        form: ("/ledger/periods/decide", "act=confirm&seen={seen}"),
        shown: LAST,
        sql: &[
            CONFIRMED,
            FORGED,
            "insert into book_period (until, entries, proposed_by, closed_by, closed_at) values ('2026-01-04', 0, {me}, {me}, '2026-01-05T02:00:00+00:00')",
        ],
        other: |grant| grant.approver,
    },
    Pair {
        what: "a platform's file proposed, then applied",
        first: |grant, me| {
            Box::pin(async move {
                let sql = "update fund set mode = 'public', qualification_number = 'Q-1', filing_number = 'F-1'";
                raw(&grant.world, sql).await.unwrap();
                let file = b"donor,amount,date,note\nresident,60.00,2026-01-04,wall\n";
                let by = grant.role::<Finance>(me).await;
                let on = day(2026, 1, 5);
                imports::propose_import(&by, grant.fund, "p.csv", file, "pair-9", on, None).await.unwrap().0
            })
        },
        second: |_, context, id| {
            Box::pin(async move { imports::apply_import(as_role!(context, Approver), SettlementImportId(id)).await })
        },
        form: ("/imports/{id}/apply", ""),
        shown: LAST,
        sql: &[
            "update settlement_import set stage = 'applied', confirmed_by = {me} where id = {id}",
            "update settlement_import set stage = 'applied' where id = {id}",
            "update settlement_import set recorded_by = (select min(id) from person), confirmed_by = {me} where id = {id}",
        ],
        other: |grant| grant.approver,
    },
];
