//! One movement under two marks, two movements under one, files of another account: nothing comes twice, and nothing is lost.

use super::*;
use entities::kinds::{BankAccountId, KnownBy};

const HEAD: &str = "date,amount,counterparty\n";

/// A line as a hand writes it.
fn by_hand(of: u32, amount_minor: i64, mark: &str) -> Line {
    Line {
        at: 1,
        day: day(2026, 1, of),
        amount_minor,
        reference: mark.into(),
        name: "a stranger".into(),
        tail: String::new(),
        text: String::new(),
        balance_minor: None,
    }
}

/// The statement of the samples without the bank's numbers.
fn without_marks() -> String {
    let whole = String::from_utf8_lossy(COMMA);
    whole.lines().map(|line| format!("{}\n", line.rsplit_once(',').unwrap().0)).collect()
}

impl Counter<'_> {
    async fn writes(&self, line: &Line) -> Result<StatementId> {
        statements::by_hand(&self.finance().await, self.account, line).await
    }

    async fn fates(&self, id: StatementId) -> Vec<Fate> {
        let db = self.world.edges.db.read();
        let row = statements::load(db, id).await.unwrap();
        let lines: Vec<Line> = serde_json::from_value(row.rows).unwrap();
        statements::fates(db, self.account, &lines).await.unwrap()
    }

    async fn import(&self, id: StatementId) -> Result<()> {
        statements::import(&self.finance().await, id).await
    }

    /// The lines, oldest first.
    async fn all(&self) -> Vec<bank_statement_line::Model> {
        let rows = bank_statement_line::Entity::find().order_by_asc(bank_statement_line::Column::Id);
        rows.all(self.world.edges.db.read()).await.unwrap()
    }

    /// Finance says that a line is an entry of the books, and another confirms it.
    async fn is_recorded(&self, id: StatementLineId) {
        let Verdict::Doubt("bank-doubt-by-hand", options) = self.verdict(id).await else {
            panic!("{:?}", self.verdict(id).await)
        };
        let recorded = options.iter().find(|meant| matches!(meant, Meant::Recorded(_))).unwrap().code();
        matches::choose(&self.finance().await, id, &recorded).await.unwrap();
        self.confirm(id).await.unwrap();
    }
}

both! {
async fn a_part_that_a_hand_recorded_is_not_booked_again_by_its_line(world: World) {
    let grant = Grant::active_in(world).await;
    let id = grant.to_batched(1).await;
    bank::send(&grant.role::<Finance>(grant.finance).await, id).await.unwrap();
    let today = grant.world.edges.today();
    let counter = Counter::open(&grant.world, grant.finance_b, grant.approver).await;
    let whole = grant.tranche(1).await.amount_minor;
    let number = tributary::grants::tranches::service::payments_of(grant.world.edges.db.read(), id).await.unwrap();
    let instruction = number[0].instruction.clone().unwrap();
    let head = "date,amount,counterparty,description,reference\n";
    let paid = format!("{head}{today},-{}.00,SO-1,{instruction},P-1\n", whole / 100);
    counter.imported(paid.as_bytes()).await;
    let papers = Papers { voucher: grant.kept("slip").await, redacted: grant.kept("slip, blacked out").await };
    let approver = grant.role::<Approver>(grant.approver).await;
    matches::confirm(&approver, counter.line("P-1").await.id, Some(&papers)).await.unwrap();
    // Finance reads of it in a letter of the bank, and types another number.
    grant.bank_says(id, statements_of::Fate::ReturnedInPart(50_000), "ABC").await.unwrap();
    let before = counter.posted(Account::Bank).await;
    let tranches = entities::tranche::Entity::find().count(grant.world.edges.db.read()).await.unwrap();
    let back = format!("{head}{today},500.00,SO-1,退汇 {instruction},P-4\n");
    counter.imported(back.as_bytes()).await;
    let line = counter.line("P-4").await.id;
    let Verdict::Doubt("bank-doubt-by-hand", options) = counter.verdict(line).await else { panic!() };
    assert!(options.contains(&Meant::Returned(id)), "{options:?}");
    assert_eq!(counter.confirm(line).await.unwrap_err().code(), "refused-bank-undecided");
    counter.is_recorded(line).await;
    assert_eq!(counter.posted(Account::Bank).await, before);
    assert_eq!(grant.tranche(1).await.amount_minor, whole - 50_000);
    assert_eq!(entities::tranche::Entity::find().count(grant.world.edges.db.read()).await.unwrap(), tranches);
    counter.books_hold().await;
}

async fn a_gift_typed_without_its_pledge_is_not_received_again_by_its_reference(world: World) {
    let cast = Cast::on(world).await;
    cast.world.edges.clock.set(nine(2026, 1, 7));
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let pledge = pledged(&cast, fund, 500_000).await;
    gifts::give(&cast, fund, 500_000, "typed").await;
    let counter = Counter::open(&cast.world, cast.finance, cast.approver).await;
    let text = format!("G{:06}", pledge.0);
    let ids = counter.lines(&[(5, "5000.00", "initiator", &text, "A-1")]).await;
    assert!(matches!(counter.verdict(ids[0]).await, Verdict::Doubt("bank-doubt-by-hand", _)));
    counter.is_recorded(ids[0]).await;
    assert_eq!(counter.posted(Account::FundAvailable(fund)).await, 500_000);
    assert_eq!(gift_of(&cast.world, pledge).await.stage, GiftStage::Pledged);
    counter.books_hold().await;
}

async fn a_line_of_a_hand_and_a_file_without_numbers_are_one(world: World) {
    let cast = Cast::on(world).await;
    cast.world.edges.clock.set(nine(2026, 1, 8));
    let counter = Counter::open(&cast.world, cast.finance, cast.approver).await;
    counter.writes(&by_hand(5, 10_000, "S-1")).await.unwrap();
    counter.writes(&by_hand(5, 20_000, "S-2")).await.unwrap();
    let first = counter.line("S-1").await.id;
    counter.confirm(first).await.unwrap();
    counter.confirm(counter.line("S-2").await.id).await.unwrap();
    assert_eq!(counter.figures().await.unexplained_minor(), 0);
    // The bank's day of the second is another than the hand's.
    let file = counter.checked(format!("{HEAD}2026-01-05,100.00,A STRANGER\n").as_bytes()).await.unwrap();
    assert_eq!(counter.fates(file).await, [Fate::Written]);
    counter.import(file).await.unwrap();
    let taken = counter.line("S-1").await;
    assert_eq!((taken.id, taken.statement_id, taken.name.as_str()), (first, file, "A STRANGER"));
    assert!(matches!(counter.standing(first).await, Standing::Explained(_)));
    counter.imported(format!("{HEAD}2026-01-06,200.00,A STRANGER\n").as_bytes()).await;
    let second = counter.all().await.pop().unwrap().id;
    counter.is_recorded(second).await;
    assert_eq!((counter.posted(Account::Suspense).await, counter.posted(Account::Bank).await), (30_000, 30_000));
    let figures = counter.figures().await;
    assert_eq!((figures.statement_minor, figures.unplaced_minor, figures.unexplained_minor()), (30_000, 0, 0));
    assert!(figures::askew(cast.world.edges.db.read(), Currency::CNY).await.unwrap().is_empty());
    // The days are told: what a hand has to add is in the file or nowhere.
    let late = counter.writes(&by_hand(6, 100, "S-3")).await.unwrap_err();
    assert_eq!(late.code(), "refused-bank-day-known");
    counter.books_hold().await;
}

async fn a_line_that_its_days_file_does_not_show_stands_for_nothing(world: World) {
    let cast = Cast::on(world).await;
    cast.world.edges.clock.set(nine(2026, 1, 8));
    let counter = Counter::open(&cast.world, cast.finance, cast.approver).await;
    counter.writes(&by_hand(5, 10_000, "S-1")).await.unwrap();
    let id = counter.line("S-1").await.id;
    assert_eq!(counter.verdict(id).await, Verdict::One(Meant::Suspense, Why::NothingWaits));
    counter.imported(format!("{HEAD}2026-01-05,90.00,a stranger\n").as_bytes()).await;
    assert!(matches!(counter.standing(id).await, Standing::Overtaken));
    assert_eq!(counter.confirm(id).await.unwrap_err().code(), "refused-bank-undecided");
    let chosen = matches::choose(&counter.finance().await, id, "suspense:0").await.unwrap_err();
    assert_eq!(chosen.code(), "refused-bank-overtaken");
    let waiting = figures::lines(cast.world.edges.db.read(), Which::Unplaced, None, 9).await.unwrap();
    assert_eq!(waiting.iter().map(|row| row.amount_minor).collect::<Vec<_>>(), [9_000]);
    let figures = counter.figures().await;
    assert_eq!((figures.statement_minor, figures.unplaced_minor, figures.unexplained_minor()), (9_000, 9_000, 0));
    for reader in [cast.finance, cast.approver] {
        let reader = cast.world.acting(reader).await;
        assert!(rendered(view::lines::show(&reader, id).await).contains("the file of its day does not show it"));
    }
    // By its own number the file finds it, whatever day and amount the hand wrote.
    counter.writes(&by_hand(7, 5_000, "S-9")).await.unwrap();
    let file = counter.imported(b"date,amount,counterparty,reference\n2026-01-08,51.00,x,S-9\n").await;
    let found = counter.line("S-9").await;
    assert_eq!((file.new_count, found.day, found.amount_minor), (0, day(2026, 1, 8), 5_100));
    cast.world.settle().await;
}

async fn a_file_without_numbers_and_one_with_them_are_one(world: World) {
    let cast = Cast::on(world).await;
    cast.world.edges.clock.set(nine(2026, 1, 7));
    let counter = Counter::open(&cast.world, cast.finance, cast.approver).await;
    assert_eq!(counter.imported(without_marks().as_bytes()).await.new_count, 3);
    let first = counter.all().await[0].id;
    counter.confirm(first).await.unwrap();
    let camt = counter.checked(CAMT).await.unwrap();
    assert_eq!(counter.fates(camt).await, [Fate::Otherwise; 3]);
    counter.import(camt).await.unwrap();
    // One more column, or one less, makes other marks of the same lines.
    let fewer = "date,debit,credit,counterparty\n2026-01-05,,10000.00,owner 1 & sons\n2026-01-05,,7000.00,x\n2026-01-06,15.00,,\n";
    assert_eq!(counter.imported(fewer.as_bytes()).await.new_count, 0);
    assert_eq!((count(&cast.world).await, counter.posted(Account::Suspense).await), (3, 1_000_000));
    counter.books_hold().await;
}

async fn a_file_that_does_not_show_what_is_known_of_its_days_is_refused(world: World) {
    let cast = Cast::on(world).await;
    cast.world.edges.clock.set(nine(2026, 1, 8));
    let counter = Counter::open(&cast.world, cast.finance, cast.approver).await;
    counter.imported(format!("{HEAD}2026-01-05,10.00,a\n2026-01-05,20.00,b\n").as_bytes()).await;
    // The rest of a day that was cut in two: an equal gift in it would be taken for the first.
    let rest = counter.checked(format!("{HEAD}2026-01-05,10.00,a\n2026-01-05,30.00,c\n").as_bytes()).await.unwrap();
    let refused = counter.import(rest).await.unwrap_err();
    assert_eq!(refused.code(), "refused-statement-days");
    assert_eq!(count(&cast.world).await, 2);
    statements::discard(&counter.finance().await, rest).await.unwrap();
    let day = format!("{HEAD}2026-01-05,10.00,a\n2026-01-05,10.00,a\n2026-01-05,20.00,b\n2026-01-05,30.00,c\n");
    assert_eq!(counter.imported(day.as_bytes()).await.new_count, 2);
    // With the bank's numbers a piece of a day is what it says.
    counter.lines(&[(6, "10.00", "a", "", "M-1")]).await;
    counter.lines(&[(6, "10.00", "a", "", "M-2")]).await;
    assert_eq!(count(&cast.world).await, 6);
    cast.world.settle().await;
}

async fn one_number_on_two_days_is_two_lines(world: World) {
    let cast = Cast::on(world).await;
    cast.world.edges.clock.set(nine(2026, 1, 12));
    let counter = Counter::open(&cast.world, cast.finance, cast.approver).await;
    counter.lines(&[(5, "-100.00", "a", "", "X")]).await;
    let monday = "date,amount,counterparty,reference\n2026-01-08,-2.00,a,X\n";
    assert_eq!(counter.imported(monday.as_bytes()).await.new_count, 1);
    let marks: Vec<String> = counter.all().await.into_iter().map(|row| row.mark).collect();
    assert_eq!(marks, ["X", "X#20260108"]);
    // Both days at once, and the second alone again: nothing is new.
    let both = "date,amount,counterparty,reference\n2026-01-05,-100.00,a,X\n2026-01-08,-2.00,a,X\n";
    assert_eq!(counter.imported(both.as_bytes()).await.new_count, 0);
    assert_eq!(counter.imported(format!("{monday}\n").as_bytes()).await.new_count, 0);
    let changed = counter.checked(b"date,amount,counterparty,reference\n2026-01-08,-3.00,a,X\n").await.unwrap();
    assert_eq!(counter.fates(changed).await, [Fate::Changed]);
    assert_eq!(counter.import(changed).await.unwrap_err().code(), "refused-statement-changed");
    cast.world.settle().await;
}

async fn a_file_of_another_account_is_known_by_its_balance(world: World) {
    let cast = Cast::on(world).await;
    cast.world.edges.clock.set(nine(2026, 1, 12));
    let counter = Counter::open(&cast.world, cast.finance, cast.approver).await;
    let second = accounts::open(&counter.finance().await, "二", "6222 0000 1111 2222 0002", Currency::CNY).await.unwrap();
    let finance = counter.finance().await;
    let check = async |account: BankAccountId, text: &str| statements::check(&finance, account, "s.csv", text.as_bytes()).await;
    let known_by = async |id| statements::load(cast.world.edges.db.read(), id).await.unwrap().known_by;
    let first = counter.checked(COMMA).await.unwrap();
    assert_eq!(known_by(first).await, KnownBy::Choice, "the first says nothing that could be compared");
    let page = rendered(view::papers::show(&cast.world.acting(cast.finance).await, first).await);
    assert!(page.contains("only whoever uploaded it says so"));
    counter.import(first).await.unwrap();
    let other = "date,amount,balance\n2026-01-07,10.00,510.00\n";
    assert_eq!(check(counter.account, other).await.unwrap_err().code(), "refused-statement-other-balance");
    let theirs = check(second, other).await.unwrap();
    counter.import(theirs).await.unwrap();
    let on = "date,amount,balance\n2026-01-07,10.00,\"2,016,995.00\"\n";
    assert_eq!(check(second, on).await.unwrap_err().code(), "refused-statement-other-balance");
    let own = check(counter.account, on).await.unwrap();
    assert_eq!(known_by(own).await, KnownBy::Balance);
    // Checked before the day between was there, it is judged again when it is imported.
    let ninth = check(counter.account, "date,amount,balance\n2026-01-09,1.00,\"2,016,986.00\"\n").await.unwrap();
    counter.import(own).await.unwrap();
    assert_eq!(counter.import(ninth).await.unwrap_err().code(), "refused-statement-other-balance");
    // A day before those that are known must end in their opening balance.
    let before = "date,amount,balance\n2026-01-02,1.00,\"1,999,999.00\"\n";
    assert_eq!(check(counter.account, before).await.unwrap_err().code(), "refused-statement-other-balance");
    let before = check(counter.account, "date,amount,balance\n2026-01-02,1.00,\"2,000,000.00\"\n").await.unwrap();
    assert_eq!(known_by(before).await, KnownBy::Balance);
    // One that names its account needs no balance.
    assert_eq!(known_by(counter.checked(CAMT).await.unwrap()).await, KnownBy::Number);
    cast.world.settle().await;
}

async fn a_line_of_somebody_else_is_not_used_up_by_hand(world: World) {
    let cast = Cast::on(world).await;
    cast.world.edges.clock.set(nine(2026, 1, 7));
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    let given = gifts::give(&cast, fund, 50_000, "H-1").await;
    refunds::propose_refund(&cast.finance().await, given, "asked for").await.unwrap();
    refunds::confirm_refund(&cast.approver().await, given).await.unwrap();
    let counter = Counter::open(&cast.world, cast.finance, cast.approver).await;
    let ids = counter.lines(&[(6, "1000.00", "a donor", "", "A-9"), (7, "-500.00", "x", "", "A-10")]).await;
    let wrong = refunds::settle_refund(&cast.finance().await, given, "A-9").await.unwrap_err();
    assert_eq!(wrong.code(), "refused-bank-line-amount");
    let told = gifts::receipt(fund, Some(cast.initiator), 99_999, "A-9");
    let wrong = receipts::record_receipt(&cast.finance().await, told).await.unwrap_err();
    assert_eq!(wrong.code(), "refused-bank-line-amount");
    let told = gifts::receipt(fund, Some(cast.initiator), 50_000, "A-10");
    let wrong = receipts::record_receipt(&cast.finance().await, told).await.unwrap_err();
    assert_eq!(wrong.code(), "refused-bank-line-amount", "it went out");
    assert_eq!(counter.verdict(ids[0]).await, Verdict::One(Meant::Suspense, Why::NothingWaits), "it waits for its own");
    refunds::settle_refund(&cast.finance().await, given, "A-10").await.unwrap();
    let told = gifts::receipt(fund, Some(cast.initiator), 100_000, "A-9");
    receipts::record_receipt(&cast.finance().await, told).await.unwrap();
    assert!(matches!(counter.standing(ids[0]).await, Standing::Explained(_)));
    counter.books_hold().await;
}
}
