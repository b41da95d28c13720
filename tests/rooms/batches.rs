//! Batches of payments: one file, frozen by one and sent by another, never before the books hold it and never twice.

use super::bank::Counter;
use super::grant::Grant;
use crate::books::ground::{number, raw};
use crate::support::{PASSWORD, both, day, nine, tools};
use entities::kinds::{
    BankAccountId, Currency, PayProfile, PaymentBatchId, PaymentBatchStage, TrancheId, TrancheStage,
};
use entities::{bank_statement_line, payee_account};
use rocket::http::{ContentType, Cookie, Header};
use rocket::local::asynchronous::Client;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use std::path::{Path, PathBuf};
use std::process::Command;
use tributary::app;
use tributary::bank::service::matches::{self, Papers};
use tributary::bank::service::statements as lines_of;
use tributary::commons::calendar;
use tributary::core::instructions::{Batch, Instruction, MOST, Own, PROFILES, Profile};
use tributary::grants::batches::service::{self as batches, Paying};
use tributary::grants::batches::view;
use tributary::grants::tranches::{approvals, bank, service as tranches};
use tributary::people::permission::{Approver, As, Finance};

const NUMBER: &str = "6222 0000 1111 2222 0001";

/// The page that a reader gets.
fn rendered(answer: tributary::web::page::Answer) -> String {
    match answer {
        Ok(tributary::web::page::Reply::Page(page)) => page.render("/x", String::new()).unwrap(),
        other => panic!("no page: {other:?}"),
    }
}

impl Grant {
    /// The foundation's account, which pays by files of this kind.
    pub async fn paying(&self, profile: PayProfile) -> BankAccountId {
        let account = Counter::open(&self.world, self.finance, self.approver).await.account;
        let told = Paying { number: NUMBER.into(), holder: "锦官基金会".into(), bic: "BKCHCNBJ".into(), profile };
        batches::set_paying(&self.role::<Finance>(self.finance).await, account, &told).await.unwrap();
        account
    }

    /// A tranche in a batch for the next working day.
    pub async fn to_drafted(&self, account: BankAccountId, id: TrancheId) -> PaymentBatchId {
        let finance = self.role::<Finance>(self.finance).await;
        let on = calendar::after(self.world.edges.db.read(), self.world.edges.today(), 1).await.unwrap();
        batches::put_together(&finance, account, on, &[id]).await.unwrap()
    }

    /// The same, frozen.
    pub async fn to_frozen(&self, account: BankAccountId, id: TrancheId) -> PaymentBatchId {
        let finance = self.role::<Finance>(self.finance).await;
        let batch = self.to_drafted(account, id).await;
        batches::freeze(&finance, batch).await.unwrap();
        batch
    }

    pub async fn batch(&self, id: PaymentBatchId) -> entities::payment_batch::Model {
        batches::load(self.world.edges.db.read(), id).await.unwrap()
    }
}

/// A statement of one day: direction, amount, mark, reference from end to end.
fn camt(on: &str, opening_minor: i64, rows: &[(&str, i64, &str, &str)]) -> String {
    let figure = |minor: i64| format!("{}.{:02}", minor / 100, minor % 100);
    let closing = rows.iter().fold(opening_minor, |sum, row| if row.0 == "CRDT" { sum + row.1 } else { sum - row.1 });
    let balance = |kind: &str, minor: i64| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy=\"CNY\">{}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{on}</Dt></Dt></Bal>",
            figure(minor)
        )
    };
    let entries: String = rows
        .iter()
        .map(|(side, minor, mark, reference)| format!(
            "<Ntry><Amt Ccy=\"CNY\">{}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{on}</Dt></BookgDt><AcctSvcrRef>{mark}</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>",
            figure(*minor)
        ))
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><GrpHdr><MsgId>STMT-1</MsgId><CreDtTm>{on}T23:00:00+08:00</CreDtTm></GrpHdr><Stmt><Id>STMT-1</Id><FrToDt><FrDtTm>{on}T00:00:00+08:00</FrDtTm><ToDtTm>{on}T23:59:59+08:00</ToDtTm></FrToDt><Acct><Id><Othr><Id>6222 0000 1111 2222 0001</Id></Othr></Id><Ccy>CNY</Ccy></Acct>{}{}{entries}</Stmt></BkToCstmrStmt></Document>",
        balance("OPBD", opening_minor),
        balance("CLBD", closing)
    )
}

async fn made(by: &As<Finance>, account: BankAccountId, on: (u32, u32), ids: &[TrancheId]) -> &'static str {
    match batches::put_together(by, account, day(2026, on.0, on.1), ids).await {
        Ok(_) => "made",
        Err(error) => error.code(),
    }
}

both! {
async fn a_batch_is_frozen_by_one_sent_by_another_and_its_file_stays_the_same(world: World) {
    let grant = Grant::active_in(world).await;
    let account = grant.paying(PayProfile::PainLatin).await;
    let id = grant.to_approved(1).await;
    let (finance, other) = (grant.role::<Finance>(grant.finance).await, grant.role::<Finance>(grant.finance_b).await);
    assert_eq!(made(&finance, account, (1, 10), &[id]).await, "refused-batch-day-off", "a Saturday");
    assert_eq!(made(&finance, account, (1, 2), &[id]).await, "refused-batch-day");
    assert_eq!(made(&finance, account, (3, 2), &[id]).await, "refused-batch-day");
    assert_eq!(made(&finance, account, (1, 6), &[]).await, "refused-batch-size");
    let batch = batches::put_together(&finance, account, day(2026, 1, 6), &[id]).await.unwrap();
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Batched);
    // Neither in a second batch, nor beside its batch.
    assert_eq!(made(&other, account, (1, 6), &[id]).await, "refused-payment-in-batch");
    assert_eq!(bank::send(&other, id).await.unwrap_err().code(), "refused-payment-in-batch");
    assert_eq!(batches::send(&other, batch).await.unwrap_err().code(), "refused-stage");
    assert_eq!(batches::file(&finance, batch).await.unwrap_err().code(), "not-found");

    batches::freeze(&finance, batch).await.unwrap();
    let row = grant.batch(batch).await;
    assert_eq!((row.stage, row.total_minor, row.line_count), (PaymentBatchStage::Frozen, Some(4_150_000), Some(1)));
    // Frozen is not sent: nothing leaves the house that the books do not hold.
    assert_eq!(batches::file(&finance, batch).await.unwrap_err().code(), "not-found");
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Batched);
    assert_eq!(bank::send(&other, id).await.unwrap_err().code(), "refused-payment-in-batch");
    assert_eq!(batches::send(&finance, batch).await.unwrap_err().code(), "forbidden-second-person");
    batches::send(&other, batch).await.unwrap();
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Sent);
    assert_eq!(batches::send(&other, batch).await.unwrap_err().code(), "refused-stage");
    let (name, _, bytes) = batches::file(&finance, batch).await.unwrap();
    assert_eq!(name, format!("B{:06}.xml", batch.0));
    assert_eq!(batches::file(&other, batch).await.unwrap().2, bytes);
    let row = grant.batch(batch).await;
    assert_eq!(row.sha256.as_deref(), Some(tributary::edges::dice::fingerprint(&bytes).as_str()));
    let text = String::from_utf8(bytes).unwrap();
    let payment = tranches::open_payment(grant.world.edges.db.read(), id).await.unwrap().unwrap();
    let reference = payment.instruction.unwrap();
    assert_eq!(text.matches(&format!("<EndToEndId>{reference}</EndToEndId>")).count(), 1);
    assert!(text.contains("<BICFI>BKCHCNBJ</BICFI>") && text.contains("<Id>62220000111122220001</Id>"), "{text}");
    // No number in full stands in a table.
    let kept = row.file_sealed.unwrap();
    assert!(!kept.contains("6222") || !kept.contains("EndToEnd"));
    // The statement does not know yet: it is told by nobody to pay again.
    for refused in [
        made(&finance, account, (1, 6), &[id]).await,
        bank::send(&other, id).await.unwrap_err().code(),
        batches::dissolve(&other, batch).await.unwrap_err().code(),
        batches::thaw(&other, batch).await.unwrap_err().code(),
        approvals::reject(&grant.officer().await, id, "late").await.unwrap_err().code(),
    ] {
        assert_eq!(refused, "refused-stage");
    }
    let page = rendered(view::show(&finance, batch).await);
    assert!(page.contains("outcome not known yet"), "{page}");
    grant.world.settle().await;
}

async fn what_the_bank_does_not_take_is_shown_before_it_is_frozen(world: World) {
    let grant = Grant::active_in(world).await;
    let account = grant.paying(PayProfile::CsvSemicolon).await;
    let named = payee_account::Entity::find().filter(payee_account::Column::OrganisationId.eq(grant.organisation));
    let named = named.one(grant.world.edges.db.read()).await.unwrap().unwrap();
    let name = "=cmd() 成都é";
    crate::support::rows::change(&grant.world, payee_account::ActiveModel { id: Set(named.id), holder: Set(name.into()), ..Default::default() }).await;
    let id = grant.to_approved(1).await;
    let finance = grant.role::<Finance>(grant.finance).await;
    let batch = batches::put_together(&finance, account, day(2026, 1, 6), &[id]).await.unwrap();
    let page = rendered(view::acts::act(&finance, batch, "freeze").await);
    assert!(page.contains("cmd() Cheng Du e"), "{page}");
    let lines = batches::lines(&finance, &grant.batch(batch).await).await.unwrap();
    let shown = batches::shown(&grant.batch(batch).await, lines.iter());
    // What is frozen is what was shown: another name meanwhile is another page.
    crate::support::rows::change(&grant.world, payee_account::ActiveModel { id: Set(named.id), holder: Set("@x".into()), ..Default::default() }).await;
    let old = batches::freeze(&finance.having_seen(&shown), batch).await.unwrap_err();
    assert_eq!(old.code(), "refused-stale");
    crate::support::rows::change(&grant.world, payee_account::ActiveModel { id: Set(named.id), holder: Set(name.into()), ..Default::default() }).await;
    batches::freeze(&finance.having_seen(&shown), batch).await.unwrap();
    let other = grant.role::<Finance>(grant.finance_b).await;
    batches::send(&other, batch).await.unwrap();
    let text = String::from_utf8(batches::file(&other, batch).await.unwrap().2).unwrap();
    let cells: Vec<&str> = text.lines().nth(1).unwrap().split(';').collect();
    assert_eq!(cells[1], "cmd() Cheng Du e");
    assert_eq!((cells[2], cells[4]), ("6222000000001234", "41500,00"));
    assert!(!cells.iter().any(|cell| cell.trim_matches('"').starts_with(['=', '+', '-', '@'])), "{text}");
}

async fn a_stopped_payment_stops_its_batch_and_is_told_to_no_bank(world: World) {
    let grant = Grant::active_in(world).await;
    let account = grant.paying(PayProfile::CsvUtf8).await;
    let id = grant.to_approved(1).await;
    let (finance, other) = (grant.role::<Finance>(grant.finance).await, grant.role::<Finance>(grant.finance_b).await);
    let batch = grant.to_frozen(account, id).await;
    approvals::reject(&grant.officer().await, id, "wrong paper").await.unwrap();
    assert_eq!(batches::send(&other, batch).await.unwrap_err().code(), "refused-batch-stopped");
    assert!(rendered(view::show(&other, batch).await).contains("was stopped since"));
    batches::thaw(&finance, batch).await.unwrap();
    assert_eq!(batches::freeze(&finance, batch).await.unwrap_err().code(), "refused-batch-empty");
    batches::dissolve(&finance, batch).await.unwrap();
    // Asked for anew it is another payment with another reference, and taken apart it keeps its approvals.
    let again = grant.to_approved(1).await;
    let batch = grant.to_frozen(account, again).await;
    let reference = async || {
        let open = tranches::open_payment(grant.world.edges.db.read(), id).await.unwrap().unwrap();
        open.instruction.unwrap()
    };
    let first = reference().await;
    batches::dissolve(&finance, batch).await.unwrap();
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Batched);
    let batch = grant.to_frozen(account, id).await;
    assert_eq!(reference().await, first, "one reference for one payment");
    // Put on a credit list between the freezing and the sending.
    let listed = entities::organisation_record::ActiveModel {
        organisation_id: Set(grant.organisation),
        kind: Set(entities::kinds::RecordKind::Credit),
        value: Set("serious".into()),
        valid_from: Set(day(2026, 1, 1)),
        evidence: Set(String::new()),
        recorded_at: Set(grant.world.edges.clock.now()),
        ..Default::default()
    };
    crate::support::rows::put(&grant.world, listed).await;
    assert_eq!(batches::send(&other, batch).await.unwrap_err().code(), "refused-payment-credit-list");
    assert_eq!(number(&grant.world, "select count(*) from transfer where phase = 'pending'").await, 0);
}

async fn the_database_itself_keeps_a_batch(world: World) {
    let grant = Grant::active_in(world).await;
    let account = grant.paying(PayProfile::CsvUtf8).await;
    let id = grant.to_approved(1).await;
    let finance = grant.role::<Finance>(grant.finance).await;
    let batch = batches::put_together(&finance, account, day(2026, 1, 6), &[id]).await.unwrap();
    let world = &grant.world;
    let refused = async |what: &str, sql: String| {
        let tried = raw(world, &sql).await;
        let told = tried.expect_err(what).to_string().to_lowercase();
        assert!(told.contains("payment") || told.contains("check") || told.contains("unique"), "{what}: {told}");
    };
    let (first, second) = (grant.finance, grant.finance_b);
    let set = |what: String| format!("update payment_batch set {what} where id = {batch}");
    refused("frozen without a file", set("stage = 'frozen'".into())).await;
    refused("sent by nobody", set("stage = 'sent'".into())).await;
    refused("born frozen", format!("insert into payment_batch (account_id, currency, execute_on, stage, made_by, made_at, version, frozen_by, frozen_at, profile, sha256, file_sealed, total_minor, line_count) values ({account}, 'CNY', '2026-01-06', 'frozen', {first}, '2026-01-05T01:00:00+00:00', 1, {first}, '2026-01-05T01:00:00+00:00', 'csv_utf8', 'x', 'x', 1, 1)")).await;
    refused("a payment twice", format!("insert into payment_batch_line (batch_id, payment_id) select {batch}, id from payment")).await;
    refused("a line gone", "delete from payment_batch_line".into()).await;
    refused("a batch gone", "delete from payment_batch".into()).await;
    batches::freeze(&finance, batch).await.unwrap();
    refused("another file", set("file_sealed = 'x'".into())).await;
    refused("another hash", set("sha256 = 'x'".into())).await;
    refused("another day", set("execute_on = '2026-01-07'".into())).await;
    refused("another who froze it", set(format!("frozen_by = {second}"))).await;
    refused("sent by who froze it", set(format!("sent_by = {first}, sent_at = '2026-01-05T01:00:00+00:00', stage = 'sent'"))).await;
    batches::send(&grant.role::<Finance>(second).await, batch).await.unwrap();
    refused("a sent batch opened", set("stage = 'drafted'".into())).await;
    refused("a sent batch changed", set(format!("sent_by = {}", grant.approver))).await;
    refused("a line taken out", "update payment_batch_line set left_at = '2026-01-05T01:00:00+00:00'".into()).await;
}

async fn two_batches_at_once_take_a_payment_once(world: World) {
    let grant = Grant::active_in(world).await;
    let account = grant.paying(PayProfile::CsvUtf8).await;
    let id = grant.to_batched(1).await;
    let (one, two) = (grant.role::<Finance>(grant.finance).await, grant.role::<Finance>(grant.finance_b).await);
    let on = day(2026, 1, 6);
    let both = [id];
    let (first, second) = tokio::join!(
        batches::put_together(&one, account, on, &both),
        batches::put_together(&two, account, on, &both)
    );
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    let lost = first.as_ref().err().or(second.as_ref().err()).unwrap().code();
    assert_eq!(lost, "refused-payment-in-batch");
    let batch = *first.as_ref().ok().or(second.as_ref().ok()).unwrap();
    let maker = grant.batch(batch).await.made_by;
    let (maker, sender) = if maker == grant.finance { (one, two) } else { (two, one) };
    batches::freeze(&maker, batch).await.unwrap();
    let (a, b) = tokio::join!(batches::send(&sender, batch), batches::send(&sender, batch));
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    assert_eq!(number(&grant.world, "select count(*) from transfer where phase = 'pending'").await, 1);
}

async fn the_statement_says_what_became_of_a_batch_by_the_reference_from_end_to_end(world: World) {
    let grant = Grant::active_in(world).await;
    let account = grant.paying(PayProfile::PainLatin).await;
    let world = &grant.world;
    let id = grant.to_approved(1).await;
    let batch = grant.to_frozen(account, id).await;
    batches::send(&grant.role::<Finance>(grant.finance_b).await, batch).await.unwrap();
    let db = world.edges.db.read();
    let reference = tranches::open_payment(db, id).await.unwrap().unwrap().instruction.unwrap();
    world.at(nine(2026, 1, 7)).await;
    let finance = grant.role::<Finance>(grant.finance).await;
    let import = async |bytes: &str| {
        let id = lines_of::check(&finance, account, "s.xml", bytes.as_bytes()).await?;
        lines_of::import(&finance, id).await
    };
    let left = camt("2026-01-06", 20_000_000, &[("DBIT", 4_150_000, "L-1", &reference)]);
    import(&left).await.unwrap();
    assert_eq!(import(&left).await.unwrap_err().code(), "refused-statement-used");
    // The same line in another file is no second line.
    import(&camt("2026-01-06", 20_000_000, &[("DBIT", 4_150_000, "L-1", &reference)]).replace("STMT-1", "STMT-1b")).await.unwrap();
    let line = async |mark: &str| {
        let row = bank_statement_line::Entity::find().filter(bank_statement_line::Column::Mark.eq(mark));
        let rows = row.all(db).await.unwrap();
        assert_eq!(rows.len(), 1, "{mark}");
        rows[0].id
    };
    let papers = Papers { voucher: grant.kept("original").await, redacted: grant.kept("redacted").await };
    let first = line("L-1").await;
    let own = matches::confirm(&finance, first, Some(&papers)).await.unwrap_err();
    assert_eq!(own.code(), "forbidden-second-person", "who imported it, and prepared the payment");
    matches::confirm(&grant.role::<Approver>(grant.approver).await, first, Some(&papers)).await.unwrap();
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Paid);
    let twice = matches::confirm(&grant.role::<Approver>(grant.approver_b).await, first, Some(&papers)).await;
    assert!(twice.is_err());
    // A part of it comes back, said by the same reference: that part is due again, and is another instruction.
    import(&camt("2026-01-07", 15_850_000, &[("CRDT", 50_000, "L-2", &reference)])).await.unwrap();
    matches::confirm(&grant.role::<Approver>(grant.approver).await, line("L-2").await, None).await.unwrap();
    assert_eq!(grant.tranche(1).await.amount_minor, 4_100_000);
    let again = grant.tranche(4).await;
    assert_eq!((again.stage, again.amount_minor), (TrancheStage::Due, 50_000));
    let posted = number(world, "select count(*) from transfer where phase = 'post'").await;
    let paid = number(world, "select count(*) from payment where outcome = 'paid'").await;
    assert_eq!((posted, paid), (1, 1));
    crate::books::sums::hold(world).await;
    world.settle().await;
}

async fn the_pages_lead_from_the_account_to_the_file(world: World) {
    let grant = Grant::active_in(world).await;
    let world = &grant.world;
    let account = Counter::open(world, grant.finance, grant.approver).await.account;
    let id = grant.to_approved(1).await;
    let client = Client::untracked(app::server(world.edges.clone())).await.unwrap();
    let (finance, other) = (world.session(grant.finance).await, world.session(grant.finance_b).await);
    let get = async |session: &str, path: &str| {
        let request = client.get(path.to_owned()).cookie(Cookie::new("tributary_session", session.to_owned()));
        let answer = request.dispatch().await;
        (answer.status().code, answer.into_bytes().await.unwrap_or_default())
    };
    let post = async |session: &str, path: &str, fields: &str| {
        let body = format!("proof_password={}&{fields}", PASSWORD.replace(' ', "+"));
        let request = client.post(path.to_owned()).header(ContentType::Form).body(body);
        let request = request.header(Header::new("sec-fetch-site", "same-origin"));
        let answer = request.cookie(Cookie::new("tributary_session", session.to_owned())).dispatch().await;
        let place = answer.headers().get_one("location").unwrap_or_default().split('?').next().unwrap_or_default().to_owned();
        (answer.status().code, place)
    };
    let shown = async |session: &str, path: &str| {
        let (status, page) = get(session, path).await;
        let page = String::from_utf8(page).unwrap();
        assert_eq!(status, 200, "{path}: {page}");
        let seen = regex::Regex::new("name=\"?seen\"? value=\"?([0-9a-f]+)").unwrap();
        seen.captures(&page).unwrap_or_else(|| panic!("{path}: {page}"))[1].to_owned()
    };
    let how = "account_number=6222+0000+1111+2222+0001&account_holder=Foundation&profile=pain_latin";
    assert_eq!(post(&finance, &format!("/payments/accounts/{account}"), how).await.0, 303);
    let (_, page) = get(&finance, "/payments/batches/new").await;
    assert!(String::from_utf8(page).unwrap().contains("41,500.00"));
    let chosen = format!("bank_account={account}&execute_on=2026-01-06&tranches={id}&tranches={id}");
    assert_eq!(post(&finance, "/payments/batches", &chosen.replace("01-06", "01-10")).await.0, 422);
    let (status, base) = post(&finance, "/payments/batches", &chosen).await;
    assert_eq!(status, 303);
    assert_eq!(post(&other, "/payments/batches", &chosen).await.0, 422);
    let seen = shown(&finance, &format!("{base}/freeze")).await;
    assert_eq!(post(&finance, &format!("{base}/freeze"), "seen=old").await.0, 409);
    assert_eq!(post(&finance, &format!("{base}/freeze"), &format!("seen={seen}")).await.0, 303);
    assert_eq!(get(&finance, &format!("{base}/file")).await.0, 404);
    assert_eq!(get(&finance, &format!("{base}/send")).await.0, 404, "who froze it is offered nothing");
    let seen = shown(&other, &format!("{base}/send")).await;
    assert_eq!(post(&finance, &format!("{base}/send"), &format!("seen={seen}")).await.0, 403);
    assert_eq!(post(&other, &format!("{base}/send"), &format!("seen={seen}")).await.0, 303);
    let (status, bytes) = get(&finance, &format!("{base}/file")).await;
    let batch = batches::list(world.edges.db.read(), None, 1).await.unwrap().remove(0);
    assert_eq!((status, Some(tributary::edges::dice::fingerprint(&bytes))), (200, batch.sha256));
    let approver = world.session(grant.approver).await;
    assert_eq!((get(&approver, &base).await.0, get(&approver, &format!("{base}/file")).await.0), (200, 403));
    let officer = world.session(grant.officer).await;
    assert_eq!((get(&officer, &base).await.0, get(&officer, &format!("{base}/file")).await.0), (403, 403));
    assert_eq!(get("", &format!("{base}/file")).await.0, 303, "a visitor is asked to sign in");
}

async fn only_finance_and_its_checkers_read_batches_and_a_wrong_number_pays_nothing(world: World) {
    let grant = Grant::active_in(world).await;
    let account = Counter::open(&grant.world, grant.finance, grant.approver).await.account;
    let finance = grant.role::<Finance>(grant.finance).await;
    let id = grant.to_approved(1).await;
    assert_eq!(made(&finance, account, (1, 6), &[id]).await, "refused-batch-account");
    let told = |number: &str, bic: &str| Paying { number: number.into(), holder: "x".into(), bic: bic.into(), profile: PayProfile::PainLatin };
    let wrong = batches::set_paying(&finance, account, &told("6222000011112222", "")).await.unwrap_err();
    assert_eq!(wrong.code(), "refused-account-number-other");
    let wrong = batches::set_paying(&finance, account, &told(NUMBER, "no bic")).await.unwrap_err();
    assert_eq!(wrong.code(), "refused-bic");
    batches::set_paying(&finance, account, &told(NUMBER, "")).await.unwrap();
    let row = batches::paying(finance.edges.db.read(), account).await.unwrap().unwrap();
    assert!(!row.number_sealed.contains("6222") && row.version == 1);
    let batch = batches::put_together(&finance, account, day(2026, 1, 6), &[id]).await.unwrap();
    for person in [grant.officer, grant.signatory, grant.administrator, grant.evaluator] {
        let reader = grant.world.acting(person).await;
        assert_eq!(view::show(&reader, batch).await.unwrap_err().code(), "forbidden-finance");
        assert_eq!(view::list(&reader, None).await.unwrap_err().code(), "forbidden-finance");
    }
    let approver = grant.world.acting(grant.approver).await;
    assert!(!rendered(view::show(&approver, batch).await).contains("6222000000001234"));
    assert_eq!(view::acts::new(&approver).await.unwrap_err().code(), "forbidden-finance");
    rendered(view::list(&finance, None).await);
    rendered(view::acts::new(&finance).await);
    rendered(view::acts::account(&finance, account).await);
    let waiting = view::waiting(&finance).await.unwrap();
    assert!(waiting.iter().any(|task| task.href == format!("/payments/batches/{batch}/freeze")));
}
}

/// Reads files that bear the name of what they should be, against the schema, and answers counts and sums as it reads them.
const JUDGE: &str = "
import sys, xmlschema, decimal, glob, os
import sepaxml
import xml.etree.ElementTree as tree
schema = xmlschema.XMLSchema(os.path.join(os.path.dirname(sepaxml.__file__), 'schemas', 'pain.001.001.09.xsd'))
at = '{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}'
for path in sorted(glob.glob(sys.argv[1] + '/*.xml')):
    schema.validate(path)
    root = tree.parse(path).getroot()
    all = [decimal.Decimal(one.text) for one in root.iter(at + 'InstdAmt')]
    sums = [decimal.Decimal(one.text) for one in root.iter(at + 'CtrlSum')]
    counts = [int(one.text) for one in root.iter(at + 'NbOfTxs')]
    ends = [one.text for one in root.iter(at + 'EndToEndId')]
    assert len(sums) == 2 and all and set(sums) == {sum(all)}, (path, sums, sum(all))
    assert len(counts) == 2 and set(counts) == {len(all)}, (path, counts)
    assert len(set(ends)) == len(all), path
    print(os.path.basename(path), len(all), sum(all))
";

/// Python with the library that others check their messages by: `TRIBUTARY_PAIN_PYTHON`, or the environment under `target`.
fn judge() -> Option<PathBuf> {
    let named = std::env::var_os("TRIBUTARY_PAIN_PYTHON").map(PathBuf::from);
    let under = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/pain/bin/python");
    named.or(Some(under)).filter(|python| python.is_file())
}

fn generated(n: usize, currency: Currency) -> Batch {
    const NAMES: [&str; 8] = [
        "航中街居民小组（成都）",
        "=cmd()|' /C calc'!A0",
        "Müller & Söhne <GmbH>",
        "a\u{0000}b\u{202e}c",
        "//x//",
        "😀 ok",
        "Ærø ]]> &amp;",
        "plain",
    ];
    let mut throws = tools::Throws::seeded(n as u64 + 1);
    let long = "长".repeat(200);
    let all = (0..=n % MOST).map(|place| Instruction {
        reference: format!("T{n}-{place}-{}", throws.between(1, 999_999)),
        amount_minor: throws.between(1, 99_999_999_999),
        holder: NAMES[(n + place) % NAMES.len()].into(),
        bank: if place % 3 == 0 { long.clone() } else { NAMES[place % NAMES.len()].into() },
        number: if place % 2 == 0 {
            "DE89370400440532013000".into()
        } else {
            format!("6222{:012}", throws.between(0, 999_999))
        },
        text: format!("T{n}-{place} {long}"),
    });
    Batch {
        reference: format!("B{n:06}-1"),
        currency,
        on: day(2026, 1, 6),
        at: chrono::DateTime::from_timestamp(1_767_578_400, 0).unwrap(),
        own: Own {
            holder: "锦官基金会".into(),
            number: "62220000111122220001".into(),
            bic: if n.is_multiple_of(2) { String::new() } else { "BKCHCNBJ".into() },
        },
        all: all.collect(),
    }
}

fn judged(python: &Path, folder: &Path) -> Vec<String> {
    let done = Command::new(python).args(["-c", JUDGE]).arg(folder).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn messages_are_accepted_by_an_outside_parser_and_count_and_sum_what_they_hold() {
    let Some(python) = judge() else {
        tools::left_out("pain.001 judged by an outside library", "its Python packages are not installed");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut wanted = Vec::new();
    for n in 0..100 {
        let currency = [Currency::CNY, "JPY".parse().unwrap(), "KWD".parse().unwrap(), "EUR".parse().unwrap()][n % 4];
        let batch = generated(n, currency);
        let profile = Profile::of([PayProfile::PainLatin, PayProfile::PainChinese][n % 2]);
        std::fs::write(folder.path().join(format!("{n:03}.xml")), profile.bytes(&batch).unwrap()).unwrap();
        wanted.push((batch.all.len(), batch.sum_minor().unwrap(), currency));
    }
    let told = judged(&python, folder.path());
    assert_eq!(told.len(), wanted.len());
    for (line, (count, sum, currency)) in told.iter().zip(wanted) {
        let places = tributary::core::money::exponent_of(currency.0);
        let sum = tributary::core::money::decimal(sum, u32::from(places));
        let read: Vec<&str> = line.split(' ').collect();
        assert_eq!((read[1], read[2]), (count.to_string().as_str(), sum.as_str()), "{line}");
    }
    tools::say(&format!("pain.001.001.09: {} messages valid by the schema, counts and sums agree", told.len()));
    let evil = PROFILES.iter().filter(|profile| profile.ending == "csv").all(|profile| {
        let bytes = profile.bytes(&generated(49, Currency::CNY)).unwrap();
        !String::from_utf8_lossy(&bytes).split([',', ';', '\n']).any(|cell| cell.trim_matches('"').starts_with('='))
    });
    assert!(evil, "a cell is a formula");
}
