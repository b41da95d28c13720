//! The bank: a line is imported once, placed by two people once, and what is left unexplained is one number.

mod others;
mod overlaps;

use super::funds::Cast;
use super::gifts;
use super::grant::Grant;
use crate::support::{World, both, day, nine};
use entities::kinds::{
    Anonymity, BankAccountId, Currency, FundId, FundraisingMode, GiftId, GiftStage, Locale, MatchKind, PaymentOutcome,
    PersonId, Role, StatementId, StatementLineId, TrancheStage,
};
use entities::{bank_statement, bank_statement_line, gift, line_match};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use tributary::bank::rules::{Meant, Verdict, Why};
use tributary::bank::service::figures::{self, Figures, Which};
use tributary::bank::service::matches::{self, Papers, Standing};
use tributary::bank::service::statements::{self, Fate};
use tributary::bank::service::suspense::{self, Became};
use tributary::bank::service::{accounts, load};
use tributary::bank::view;
use tributary::core::statement::Line;
use tributary::error::Result;
use tributary::grants::gifts::service::pledges::{self, Promise};
use tributary::grants::gifts::service::{receipts, refunds};
use tributary::grants::tranches::{bank, statements as statements_of};
use tributary::ledger::{Account, balances};
use tributary::people::permission::{Approver, As, Context, Finance};

const COMMA: &[u8] = include_bytes!("../samples/statement.comma.csv");
const CAMT: &[u8] = include_bytes!("../samples/statement.camt053.xml");
const GB: &[u8] = include_bytes!("../samples/statement.gb18030.csv");

/// The page that a reader gets.
fn rendered(answer: tributary::web::page::Answer) -> String {
    match answer {
        Ok(tributary::web::page::Reply::Page(page)) => page.render("/x", String::new()).unwrap(),
        other => panic!("no page: {other:?}"),
    }
}

/// A world with an account at the bank and a second finance officer.
pub struct Counter<'a> {
    world: &'a World,
    finance: PersonId,
    approver: PersonId,
    pub account: BankAccountId,
}

impl<'a> Counter<'a> {
    pub async fn open(world: &'a World, finance: PersonId, approver: PersonId) -> Self {
        let by = world.role::<Finance>(finance).await;
        let number = "6222 0000 1111 2222 0001";
        let account = accounts::open(&by, "基本户", number, Currency::CNY).await.unwrap();
        Self { world, finance, approver, account }
    }

    pub async fn finance(&self) -> As<Finance> {
        self.world.role(self.finance).await
    }

    async fn approver(&self) -> As<Approver> {
        self.world.role(self.approver).await
    }

    async fn checked(&self, bytes: &[u8]) -> Result<StatementId> {
        statements::check(&self.finance().await, self.account, "s.csv", bytes).await
    }

    pub async fn imported(&self, bytes: &[u8]) -> bank_statement::Model {
        let id = self.checked(bytes).await.unwrap();
        statements::import(&self.finance().await, id).await.unwrap();
        statements::load(self.world.edges.db.read(), id).await.unwrap()
    }

    /// A file of lines: day of January, amount, name, text, mark.
    async fn lines(&self, rows: &[(u32, &str, &str, &str, &str)]) -> Vec<StatementLineId> {
        let mut text = "date,amount,counterparty,description,reference\n".to_owned();
        for (day, amount, name, note, mark) in rows {
            text.push_str(&format!("2026-01-{day:02},{amount},{name},{note},{mark}\n"));
        }
        self.imported(text.as_bytes()).await;
        let mut ids = Vec::new();
        for (.., mark) in rows {
            ids.push(self.line(mark).await.id);
        }
        ids
    }

    async fn line(&self, mark: &str) -> bank_statement_line::Model {
        let of = bank_statement_line::Entity::find().filter(bank_statement_line::Column::Mark.eq(mark));
        of.one(self.world.edges.db.read()).await.unwrap().unwrap()
    }

    async fn standing(&self, id: StatementLineId) -> Standing {
        let db = self.world.edges.db.read();
        let row = load(db, id).await.unwrap();
        matches::standing(&self.world.acting(self.finance).await, db, &row).await.unwrap()
    }

    async fn verdict(&self, id: StatementLineId) -> Verdict {
        match self.standing(id).await {
            Standing::Judged(verdict) => verdict,
            other => panic!("{other:?}"),
        }
    }

    async fn confirm(&self, id: StatementLineId) -> Result<()> {
        matches::confirm(&self.approver().await, id, None).await
    }

    async fn placed(&self) -> Vec<(MatchKind, String)> {
        let rows = line_match::Entity::find().order_by_asc(line_match::Column::Id);
        let rows = rows.all(self.world.edges.db.read()).await.unwrap();
        rows.into_iter().map(|row| (row.kind, row.why)).collect()
    }

    async fn figures(&self) -> Figures {
        figures::all(self.world.edges.db.read(), self.world.edges.today()).await.unwrap()[0]
    }

    async fn posted(&self, of: Account) -> i64 {
        balances::posted(self.world.edges.db.read(), of, Currency::CNY).await.unwrap()
    }

    async fn books_hold(&self) {
        self.world.settle().await;
        let found = tributary::desk::check::books(&self.world.edges).await.unwrap();
        let wrong: Vec<_> = found.into_iter().filter(|found| !found.ok).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        crate::books::sums::hold(self.world).await;
    }
}

async fn pledged(cast: &Cast, fund: FundId, amount_minor: i64) -> GiftId {
    let promise = Promise {
        fund,
        amount_minor,
        currency: Currency::CNY,
        due_on: day(2026, 1, 20),
        anonymity: Anonymity::Named,
        receipt_wanted: true,
        restriction: None,
    };
    pledges::pledge(&cast.signatory().await, promise).await.unwrap()
}

async fn gift_of(world: &World, id: GiftId) -> gift::Model {
    gift::Entity::find_by_id(id).one(world.edges.db.read()).await.unwrap().unwrap()
}

async fn count(world: &World) -> u64 {
    bank_statement_line::Entity::find().count(world.edges.db.read()).await.unwrap()
}

both! {
async fn a_line_is_imported_once_whatever_file_brings_it(world: World) {
    let cast = Cast::on(world).await;
    cast.world.edges.clock.set(nine(2026, 1, 7));
    let counter = Counter::open(&cast.world, cast.finance, cast.approver).await;
    let first = counter.imported(COMMA).await;
    assert_eq!((first.line_count, first.new_count), (3, 3));
    assert_eq!(counter.checked(COMMA).await.unwrap_err().code(), "refused-statement-used");
    // The same days in two other formats, and a longer export by the bank: nothing comes twice.
    for again in [CAMT, GB] {
        let id = counter.checked(again).await.unwrap();
        let row = statements::load(cast.world.edges.db.read(), id).await.unwrap();
        let lines: Vec<Line> = serde_json::from_value(row.rows).unwrap();
        let fates = statements::fates(cast.world.edges.db.read(), counter.account, &lines).await.unwrap();
        assert_eq!(fates, [Fate::Known; 3]);
        statements::import(&counter.finance().await, id).await.unwrap();
        assert_eq!(statements::load(cast.world.edges.db.read(), id).await.unwrap().new_count, 0);
        // Done is done.
        assert_eq!(statements::import(&counter.finance().await, id).await.unwrap_err().code(), "refused-stage");
    }
    let longer = format!("{}2026-01-07,late,,1.00,x,,\"2,016,986.00\",AB20260107001\n", String::from_utf8_lossy(COMMA));
    assert_eq!(counter.imported(longer.as_bytes()).await.new_count, 1);
    assert_eq!(count(&cast.world).await, 4);
    cast.world.settle().await;
}

async fn a_file_is_taken_whole_or_not_at_all(world: World) {
    let cast = Cast::on(world).await;
    cast.world.edges.clock.set(nine(2026, 1, 7));
    let counter = Counter::open(&cast.world, cast.finance, cast.approver).await;
    counter.lines(&[(5, "10.00", "a", "", "M-1")]).await;
    // The bank never changes a line: one of the two files is not what it seems.
    let changed = b"date,amount,counterparty,reference\n2026-01-05,5.00,b,M-0\n2026-01-05,11.00,a,M-1\n";
    let id = counter.checked(changed).await.unwrap();
    let refused = statements::import(&counter.finance().await, id).await.unwrap_err();
    assert_eq!(refused.code(), "refused-statement-changed");
    assert_eq!(count(&cast.world).await, 1);
    statements::discard(&counter.finance().await, id).await.unwrap();
    // Discarded, it may come again; wrong in one place, nothing of it is kept.
    statements::discard(&counter.finance().await, counter.checked(changed).await.unwrap()).await.unwrap();
    let files = bank_statement::Entity::find().count(cast.world.edges.db.read()).await.unwrap();
    let wrong = counter.checked(b"date,amount,reference\n2026-01-05,5.00,M-7\n2026-01-05,x,M-8\n").await.unwrap_err();
    assert_eq!(wrong.code(), "refused-statement-amount");
    assert_eq!(bank_statement::Entity::find().count(cast.world.edges.db.read()).await.unwrap(), files);
    let other = String::from_utf8_lossy(CAMT).replace("6222 0000 1111 2222 0001", "6222 0000 1111 2222 0002");
    assert_eq!(counter.checked(other.as_bytes()).await.unwrap_err().code(), "refused-statement-other-account");
    let ahead = counter.checked(b"date,amount,reference\n2026-01-08,5.00,M-9\n").await.unwrap_err();
    assert_eq!(ahead.code(), "refused-statement-future");
    cast.world.settle().await;
}

async fn a_gift_that_waits_is_received_by_two_people_once(world: World) {
    let cast = Cast::on(world).await;
    cast.world.edges.clock.set(nine(2026, 1, 7));
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let (first, second) = (pledged(&cast, fund, 1_000_000).await, pledged(&cast, fund, 700_000).await);
    let counter = Counter::open(&cast.world, cast.finance, cast.approver).await;
    let text = format!("gift G{:06}", first.0);
    let ids = counter
        .lines(&[(7, "10000.00", "somebody", &text, "A-1"), (7, "7000.00", "INITIATOR", "", "A-2"), (7, "7000.00", "x", "", "A-3")])
        .await;
    assert_eq!(counter.verdict(ids[0]).await, Verdict::One(Meant::Gift(first), Why::Reference));
    assert_eq!(counter.verdict(ids[1]).await, Verdict::One(Meant::Gift(second), Why::AmountAndName));
    assert!(matches!(counter.verdict(ids[2]).await, Verdict::Doubt("bank-doubt-name", _)));
    assert_eq!(counter.confirm(ids[2]).await.unwrap_err().code(), "refused-bank-undecided");
    // Who imported it is not the second person, with whatever role.
    let own = matches::confirm(&counter.finance().await, ids[0], None).await.unwrap_err();
    assert_eq!(own.code(), "forbidden-second-person");
    // Two others at the same moment: one of them does it.
    let others = [cast.world.person("b", &[Role::Approver]).await, cast.world.person("c", &[Role::FinanceOfficer]).await];
    let (b, c) = (cast.world.role::<Approver>(others[0]).await, cast.world.role::<Finance>(others[1]).await);
    let both = tokio::join!(matches::confirm(&b, ids[0], None), matches::confirm(&c, ids[0], None));
    assert_eq!(usize::from(both.0.is_ok()) + usize::from(both.1.is_ok()), 1, "{both:?}");
    counter.confirm(ids[1]).await.unwrap();
    assert_eq!(counter.confirm(ids[1]).await.unwrap_err().code(), "refused-bank-line-used");
    for (id, mark) in [(first, "A-1"), (second, "A-2")] {
        let row = gift_of(&cast.world, id).await;
        assert_eq!((row.stage, row.bank_line.as_deref()), (GiftStage::Received, Some(mark)));
        assert_eq!(row.recorded_by, Some(cast.finance));
    }
    assert_eq!(counter.placed().await, [(MatchKind::Gift, "reference".into()), (MatchKind::Gift, "amount-and-name".into())]);
    assert_eq!(counter.posted(Account::FundAvailable(fund)).await, 1_700_000);
    // The gift is there: the other 7,000 is of nobody.
    assert_eq!(counter.verdict(ids[2]).await, Verdict::One(Meant::Suspense, Why::NothingWaits));
    counter.books_hold().await;
}

async fn a_page_that_showed_something_else_confirms_nothing(world: World) {
    let cast = Cast::on(world).await;
    cast.world.edges.clock.set(nine(2026, 1, 7));
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let counter = Counter::open(&cast.world, cast.finance, cast.approver).await;
    let ids = counter.lines(&[(7, "7000.00", "initiator", "", "A-1")]).await;
    let shown = counter.standing(ids[0]).await.shown();
    pledged(&cast, fund, 700_000).await;
    let old = matches::confirm(&counter.approver().await.having_seen(&shown), ids[0], None).await.unwrap_err();
    assert_eq!(old.code(), "refused-stale");
    // Somebody chooses otherwise than the rules: that is what waits, and the rules' page is old too.
    let shown = counter.standing(ids[0]).await.shown();
    matches::choose(&counter.finance().await, ids[0], "suspense:0").await.unwrap();
    let again = matches::choose(&counter.finance().await, ids[0], "suspense:0").await.unwrap_err();
    assert_eq!(again.code(), "refused-already-proposed");
    let old = matches::confirm(&counter.approver().await.having_seen(&shown), ids[0], None).await.unwrap_err();
    assert_eq!(old.code(), "refused-stale");
    matches::decline(&counter.approver().await, ids[0], "it is the pledge").await.unwrap();
    assert!(matches!(counter.verdict(ids[0]).await, Verdict::One(Meant::Gift(_), _)));
    let never = matches::choose(&counter.finance().await, ids[0], "payment:1").await.unwrap_err();
    assert_eq!(never.code(), "refused-choose");
    counter.confirm(ids[0]).await.unwrap();
    counter.books_hold().await;
}

async fn what_was_recorded_by_hand_is_not_taken_twice(world: World) {
    let cast = Cast::on(world).await;
    cast.world.edges.clock.set(nine(2026, 1, 7));
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    gifts::give(&cast, fund, 500_000, "H-1").await;
    gifts::give(&cast, fund, 300_000, "typed otherwise").await;
    let counter = Counter::open(&cast.world, cast.finance, cast.approver).await;
    let ids = counter.lines(&[(5, "5000.00", "donor", "", "H-1"), (5, "3000.00", "donor", "", "H-2")]).await;
    // The same mark: nothing is left to do.
    assert!(matches!(counter.standing(ids[0]).await, Standing::Explained(_)));
    assert_eq!(counter.confirm(ids[0]).await.unwrap_err().code(), "refused-bank-line-used");
    // Another mark: it may be the same money, and nobody guesses.
    let Verdict::Doubt("bank-doubt-by-hand", options) = counter.verdict(ids[1]).await else { panic!() };
    let recorded = options.iter().find(|meant| matches!(meant, Meant::Recorded(_))).unwrap().code();
    let before = counter.posted(Account::Bank).await;
    matches::choose(&counter.finance().await, ids[1], &recorded).await.unwrap();
    counter.confirm(ids[1]).await.unwrap();
    assert_eq!(counter.posted(Account::Bank).await, before);
    // Now its mark is used as well, by hand too; and no other line can be the same entry.
    let told = gifts::receipt(fund, Some(cast.initiator), 300_000, "H-2");
    let twice = receipts::record_receipt(&cast.finance().await, told).await.unwrap_err();
    assert_eq!(twice.code(), "refused-bank-line-used");
    let more = counter.lines(&[(6, "3000.00", "donor", "", "H-3")]).await;
    assert_eq!(counter.verdict(more[0]).await, Verdict::One(Meant::Suspense, Why::NothingWaits));
    let figures = counter.figures().await;
    assert_eq!((figures.unplaced_minor, figures.unseen_minor, figures.unexplained_minor()), (300_000, 0, 0));
    counter.books_hold().await;
}

async fn what_no_fund_may_take_stands_in_suspense_until_two_people_move_it(world: World) {
    let cast = Cast::on(world).await;
    cast.world.edges.clock.set(nine(2026, 1, 7));
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let counter = Counter::open(&cast.world, cast.finance, cast.approver).await;
    let rows = [(5, "100.00", "a stranger", "", "S-1"), (5, "200.00", "a stranger", "", "S-2"), (6, "-200.00", "a stranger", "", "S-3")];
    let ids = counter.lines(&rows).await;
    for id in &ids[..2] {
        counter.confirm(*id).await.unwrap();
    }
    assert_eq!((counter.posted(Account::Suspense).await, counter.posted(Account::Bank).await), (30_000, 30_000));
    // The fund takes from known donors only: recorded for a stranger it is refused, and stays where it is.
    let stranger = gifts::receipt(fund, None, 1, "typed");
    let refused = suspense::assign(&counter.finance().await, ids[0], &stranger).await.unwrap_err();
    assert_eq!(refused.code(), "refused-gift-targeted");
    let known = gifts::receipt(fund, Some(cast.initiator), 1, "typed");
    let given = suspense::assign(&counter.finance().await, ids[0], &known).await.unwrap();
    let row = gift_of(&cast.world, given).await;
    assert_eq!((row.amount_minor, row.bank_line.as_deref(), row.received_on), (10_000, Some("S-1"), Some(day(2026, 1, 5))));
    let again = suspense::assign(&counter.finance().await, ids[0], &known).await.unwrap_err();
    assert_eq!(again.code(), "refused-bank-not-in-suspense");
    receipts::confirm_receipt(&counter.approver().await, given).await.unwrap();
    // The other goes back: said by one, confirmed by another, with the very line.
    suspense::propose_return(&counter.finance().await, ids[1], "nobody knows them").await.unwrap();
    let meanwhile = suspense::assign(&counter.finance().await, ids[1], &known).await.unwrap_err();
    assert_eq!(meanwhile.code(), "refused-gift-going-back");
    let other = suspense::confirm_return(&counter.approver().await, ids[1], "S-1").await.unwrap_err();
    assert_eq!(other.code(), "refused-bank-line-used");
    suspense::confirm_return(&counter.approver().await, ids[1], "S-3").await.unwrap();
    let db = cast.world.edges.db.read();
    let became = |id: StatementLineId| async move { suspense::became(db, &load(db, id).await.unwrap()).await.unwrap() };
    assert_eq!(became(ids[0]).await, Some(Became::Gift(given)));
    assert_eq!(became(ids[1]).await, Some(Became::Returned("S-3".into())));
    assert_eq!(counter.posted(Account::Suspense).await, 0);
    assert!(matches!(counter.standing(ids[2]).await, Standing::Explained(_)));
    let figures = counter.figures().await;
    assert_eq!((figures.difference_minor(), figures.unexplained_minor()), (0, 0));
    counter.books_hold().await;
}

async fn a_line_written_by_hand_is_found_by_the_file(world: World) {
    let cast = Cast::on(world).await;
    cast.world.edges.clock.set(nine(2026, 1, 7));
    let counter = Counter::open(&cast.world, cast.finance, cast.approver).await;
    let line = Line {
        at: 1,
        day: day(2026, 1, 5),
        amount_minor: 10_000,
        reference: "S-1".into(),
        name: "a stranger".into(),
        tail: String::new(),
        text: String::new(),
        balance_minor: None,
    };
    statements::by_hand(&counter.finance().await, counter.account, &line).await.unwrap();
    let twice = statements::by_hand(&counter.finance().await, counter.account, &line).await.unwrap_err();
    assert_eq!(twice.code(), "refused-bank-line-used");
    let id = counter.line("S-1").await.id;
    counter.confirm(id).await.unwrap();
    let file = counter.imported(b"date,amount,counterparty,reference\n2026-01-05,100.00,a stranger,S-1\n").await;
    assert_eq!(file.new_count, 0);
    assert_eq!((counter.posted(Account::Suspense).await, counter.figures().await.unexplained_minor()), (10_000, 0));
    counter.books_hold().await;
}

async fn what_left_is_a_payment_a_fee_or_unexplained(world: World) {
    let grant = Grant::active_in(world).await;
    let id = grant.to_batched(1).await;
    bank::send(&grant.role::<Finance>(grant.finance).await, id).await.unwrap();
    let today = grant.world.edges.today();
    let counter = Counter::open(&grant.world, grant.finance_b, grant.approver).await;
    let of = grant.tranche(1).await;
    let number = tributary::grants::tranches::service::payments_of(grant.world.edges.db.read(), id).await.unwrap();
    let instruction = number[0].instruction.clone().unwrap();
    let csv = format!(
        "date,amount,counterparty,description,reference\n{today},-{}.00,SO-1,{instruction},P-1\n{today},-15.00,,手续费,P-2\n{today},-99.00,x,y,P-3\n",
        of.amount_minor / 100
    );
    counter.imported(csv.as_bytes()).await;
    let ids = [counter.line("P-1").await.id, counter.line("P-2").await.id, counter.line("P-3").await.id];
    assert_eq!(counter.verdict(ids[0]).await, Verdict::One(Meant::Payment(id), Why::Reference));
    assert_eq!(counter.verdict(ids[1]).await, Verdict::One(Meant::Fee, Why::FeeWords));
    assert_eq!(counter.verdict(ids[2]).await, Verdict::Unexplained);
    // As by hand: with its voucher, and not by who prepared it; and not by who imported the line.
    assert_eq!(counter.confirm(ids[0]).await.unwrap_err().code(), "refused-file-missing");
    let papers = Papers { voucher: grant.kept("slip").await, redacted: grant.kept("slip, blacked out").await };
    let prepared = grant.role::<Finance>(grant.finance).await;
    let own = matches::confirm(&prepared, ids[0], Some(&papers)).await.unwrap_err();
    assert_eq!(own.code(), "forbidden-second-person");
    let imported = grant.role::<Finance>(grant.finance_b).await;
    let own = matches::confirm(&imported, ids[0], Some(&papers)).await.unwrap_err();
    assert_eq!(own.code(), "forbidden-second-person");
    let approver = grant.role::<Approver>(grant.approver).await;
    matches::confirm(&approver, ids[0], Some(&papers)).await.unwrap();
    assert_eq!(grant.tranche(1).await.stage, TrancheStage::Paid);
    let before = counter.posted(Account::Bank).await;
    matches::confirm(&approver, ids[1], None).await.unwrap();
    assert_eq!(counter.posted(Account::Bank).await, before - 1_500);
    assert_eq!(counter.confirm(ids[2]).await.unwrap_err().code(), "refused-bank-undecided");
    assert_eq!(counter.figures().await.unplaced_minor, -9_900);

    // Part of it comes back: found by the reference, confirmed by an approver who had no hand in it.
    let back = format!("date,amount,counterparty,description,reference\n{today},500.00,SO-1,退汇 {instruction},P-4\n");
    counter.imported(back.as_bytes()).await;
    let line = counter.line("P-4").await.id;
    assert_eq!(counter.verdict(line).await, Verdict::One(Meant::Returned(id), Why::Reference));
    let third = grant.role::<Finance>(grant.world.person("third", &[Role::FinanceOfficer]).await).await;
    assert_eq!(matches::confirm(&third, line, None).await.unwrap_err().code(), "forbidden-approver");
    matches::confirm(&approver, line, None).await.unwrap();
    let paid = tributary::grants::tranches::service::payments_of(grant.world.edges.db.read(), id).await.unwrap();
    assert_eq!(paid[0].outcome, Some(PaymentOutcome::Paid));
    assert_eq!(grant.tranche(1).await.amount_minor, of.amount_minor - 50_000);
    counter.books_hold().await;
}

async fn a_refund_that_left_is_found(world: World) {
    let cast = Cast::on(world).await;
    cast.world.edges.clock.set(nine(2026, 1, 7));
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let given = gifts::give(&cast, fund, 500_000, "H-1").await;
    refunds::propose_refund(&cast.finance().await, given, "asked for").await.unwrap();
    refunds::confirm_refund(&cast.approver().await, given).await.unwrap();
    let counter = Counter::open(&cast.world, cast.finance, cast.approver).await;
    let ids = counter.lines(&[(5, "5000.00", "donor", "", "H-1"), (7, "-5000.00", "initiator", "", "H-2")]).await;
    assert_eq!(counter.verdict(ids[1]).await, Verdict::One(Meant::Refund(given), Why::AmountAndName));
    counter.confirm(ids[1]).await.unwrap();
    assert_eq!(gift_of(&cast.world, given).await.stage, GiftStage::Refunded);
    let figures = counter.figures().await;
    assert_eq!((figures.statement_minor, figures.unseen_minor, figures.unexplained_minor()), (0, 0, 0));
    counter.books_hold().await;
}

async fn the_difference_is_explained_or_named(world: World) {
    let cast = Cast::on(world).await;
    cast.world.edges.clock.set(nine(2026, 1, 7));
    cast.capital().await;
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let counter = Counter::open(&cast.world, cast.finance, cast.approver).await;
    assert_eq!(counter.figures().await.as_of, None);
    // The statement begins with the capital in it; one line waits, and one entry is not on it.
    gifts::give(&cast, fund, 300_000, "in-transit").await;
    counter.imported(COMMA).await;
    let figures = counter.figures().await;
    assert_eq!((figures.statement_minor, figures.books_minor), (201_698_500, 200_300_000));
    assert_eq!((figures.unplaced_minor, figures.as_of), (1_698_500, Some(day(2026, 1, 6))));
    // Capital was recorded on the first day of the statement under another mark: an entry that no statement has shown.
    let db = cast.world.edges.db.read();
    let unseen = figures::unseen(db, Currency::CNY).await.unwrap();
    assert_eq!(unseen.iter().map(|row| row.amount_minor).collect::<Vec<_>>(), [200_000_000, 300_000]);
    // The one number names what is amiss: the opening balance holds the capital, and the books have it a second time as to come.
    assert_eq!(figures.unexplained_minor(), 200_000_000);
    // A line recorded by hand with another amount is named. Once the line is there, nobody records it with another.
    let after = gifts::receipt(fund, Some(cast.initiator), 1, "AB20260105002");
    let refused = receipts::record_receipt(&cast.finance().await, after).await.unwrap_err();
    assert_eq!(refused.code(), "refused-bank-line-amount");
    gifts::give(&cast, fund, 1_000_001, "AB20260107001").await;
    let more = "2026-01-07,late,,\"10,000.00\",x,,\"2,026,985.00\",AB20260107001\n";
    counter.imported(format!("{}{more}", String::from_utf8_lossy(COMMA)).as_bytes()).await;
    let askew = figures::askew(db, Currency::CNY).await.unwrap();
    assert_eq!(askew.len(), 1);
    assert_eq!((askew[0].amount_minor, askew[0].booked_minor), (1_000_000, 1_000_001));
    assert_eq!(counter.figures().await.unexplained_minor(), 200_000_000 - 1);
    counter.books_hold().await;
}

async fn its_pages_speak_both_languages_and_open_to_nobody_else(world: World) {
    let cast = Cast::on(world).await;
    cast.world.edges.clock.set(nine(2026, 1, 7));
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    gifts::give(&cast, fund, 300_000, "in-transit").await;
    let counter = Counter::open(&cast.world, cast.finance, cast.approver).await;
    let rows = [(5, "100.00", "MARKED NAME", "", "S-1"), (5, "200.00", "MARKED NAME", "", "S-2"), (6, "-15.00", "", "手续费", "S-3"), (6, "-9.00", "", "", "S-4")];
    let ids = counter.lines(&rows).await;
    counter.confirm(ids[0]).await.unwrap();
    matches::choose(&counter.finance().await, ids[1], "suspense:0").await.unwrap();
    suspense::propose_return(&counter.finance().await, ids[0], "nobody knows them").await.unwrap();
    let waiting = counter.checked(COMMA).await.unwrap();
    let mut opened = 0;
    for locale in [Locale::En, Locale::ZhCn] {
        for reader in [cast.finance, cast.approver] {
            let reader = Context { locale, ..cast.world.acting(reader).await };
            let mut pages = vec![rendered(view::overview(&reader).await)];
            for which in [Which::Unplaced, Which::Suspense, Which::All] {
                pages.push(rendered(view::lines::list(&reader, which, None).await));
            }
            pages.push(rendered(view::papers::show(&reader, waiting).await));
            for id in &ids {
                let page = rendered(view::lines::show(&reader, *id).await);
                for act in ["place", "choose", "decline-choice", "assign", "send-back", "confirm-send-back", "decline-send-back"] {
                    let offered = page.contains(&format!("/bank/lines/{id}/{act}\""));
                    let answer = view::acts::act(&reader, *id, act).await;
                    assert_eq!(answer.is_ok(), offered, "{act} on {id}");
                    if offered {
                        pages.push(rendered(answer));
                        opened += 1;
                    }
                }
                pages.push(page);
            }
            assert!(pages.iter().any(|page| page.contains("MARKED NAME")));
            let tasks = view::waiting(&reader).await.unwrap();
            assert!(tasks.iter().any(|task| task.href == "/bank/suspense"), "{tasks:?}");
        }
        let finance = Context { locale, ..cast.world.acting(cast.finance).await };
        for page in [
            view::papers::upload(&finance).await,
            view::papers::account(&finance).await,
            view::papers::by_hand(&finance).await,
            view::papers::act(&finance, waiting, "import").await,
            view::papers::act(&finance, waiting, "discard").await,
        ] {
            rendered(page);
        }
    }
    // Finance: choose three, take back one's choice, take back one's return. Approver: place two, decline, confirm the return.
    assert!(opened >= 10, "{opened} acts");
    let supervisor = cast.world.acting(cast.supervisor).await;
    for page in [view::overview(&supervisor).await, view::lines::show(&supervisor, ids[0]).await, view::papers::upload(&supervisor).await] {
        assert_eq!(page.unwrap_err().code(), "forbidden-finance");
    }
    assert!(view::waiting(&supervisor).await.unwrap().is_empty());
    counter.books_hold().await;
}
}
