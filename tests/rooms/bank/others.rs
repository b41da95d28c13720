//! Lines that belong to a platform's file or to a payout: whichever comes first, the money is in the books once.

use super::*;
use tributary::grants::funds::service as funds;
use tributary::grants::gifts::service::imports;

impl Counter<'_> {
    /// Two people put a line into suspense.
    async fn suspends(&self, id: StatementLineId) {
        matches::choose(&self.finance().await, id, "suspense:0").await.unwrap();
        self.confirm(id).await.unwrap();
    }

    async fn became(&self, id: StatementLineId) -> Option<Became> {
        let db = self.world.edges.db.read();
        suspense::became(db, &load(db, id).await.unwrap()).await.unwrap()
    }
}

const FILE: &str = "donor,amount,date,note\nresident,60.00,2026-01-04,wall\nresident,40.00,2026-01-04,wall\n";

both! {
async fn a_platforms_file_and_its_line_are_one(world: World) {
    let cast = Cast::on(world).await;
    cast.world.edges.clock.set(nine(2026, 1, 7));
    let fund = cast.signed(FundraisingMode::Targeted, 0).await;
    funds::amend_filing(&cast.admin(0).await, fund, "Q-1", "F-1").await.unwrap();
    let counter = Counter::open(&cast.world, cast.finance, cast.approver).await;
    let propose = async |mark: &'static str, more: &str| {
        let (by, bytes) = (cast.finance().await, format!("{FILE}{more}"));
        imports::propose_import(&by, fund, "p.csv", bytes.as_bytes(), mark, day(2026, 1, 5), None).await
    };
    // The file is there before the line: it says whose the money is, and nobody takes it for nobody's.
    let first = propose("X", "").await.unwrap();
    let ids = counter.lines(&[(5, "100.00", "platform", "", "X"), (5, "101.00", "platform", "", "Y"), (5, "102.00", "platform", "", "Z")]).await;
    assert_eq!(counter.verdict(ids[0]).await, Verdict::Doubt("bank-doubt-import", vec![]));
    let chosen = matches::choose(&counter.finance().await, ids[0], "suspense:0").await.unwrap_err();
    assert_eq!(chosen.code(), "refused-bank-line-import");
    assert_eq!(counter.confirm(ids[0]).await.unwrap_err().code(), "refused-bank-undecided");
    imports::apply_import(&cast.approver().await, first).await.unwrap();
    assert!(matches!(counter.standing(ids[0]).await, Standing::Explained(_)));
    assert_eq!(counter.posted(Account::Bank).await, 10_000);
    // The line is there before the file, and was put into suspense: the money is in the books, and goes on from there.
    counter.confirm(ids[1]).await.unwrap();
    assert_eq!(propose("Y", "").await.unwrap_err().code(), "refused-gift-file-used");
    let less = propose("Y", "resident,0.99,2026-01-04,wall\n").await.unwrap_err();
    assert_eq!(less.code(), "refused-bank-line-used", "another sum");
    let second = propose("Y", "resident,1.00,2026-01-04,wall\n").await.unwrap();
    assert_eq!(propose("Y", "resident,1.00,2026-01-04,x\n").await.unwrap_err().code(), "refused-bank-line-used");
    imports::apply_import(&cast.approver().await, second).await.unwrap();
    assert_eq!((counter.posted(Account::Bank).await, counter.posted(Account::Suspense).await), (20_100, 0));
    assert_eq!(counter.became(ids[1]).await, Some(Became::Import(second)));
    let gone = suspense::propose_return(&counter.finance().await, ids[1], "again").await.unwrap_err();
    assert_eq!(gone.code(), "refused-bank-not-in-suspense");
    let told = gifts::receipt(fund, Some(cast.initiator), 1, "typed");
    let gone = suspense::assign(&counter.finance().await, ids[1], &told).await.unwrap_err();
    assert_eq!(gone.code(), "refused-bank-not-in-suspense");
    // Two at the same moment: the file is applied, or the money goes to somebody else, never both.
    counter.confirm(ids[2]).await.unwrap();
    let third = propose("Z", "resident,2.00,2026-01-04,wall\n").await.unwrap();
    let (approver, finance) = (cast.approver().await, counter.finance().await);
    let both = tokio::join!(imports::apply_import(&approver, third), suspense::assign(&finance, ids[2], &told));
    assert_eq!(usize::from(both.0.is_ok()) + usize::from(both.1.is_ok()), 1, "{both:?}");
    assert_eq!(counter.posted(Account::FundAvailable(fund)).await + counter.posted(Account::Suspense).await, 30_300);
    for reader in [cast.finance, cast.approver] {
        let reader = cast.world.acting(reader).await;
        for id in &ids {
            rendered(view::lines::show(&reader, *id).await);
        }
        rendered(view::lines::list(&reader, Which::Suspense, None).await);
    }
    assert_eq!(counter.figures().await.unexplained_minor(), 0);
    counter.books_hold().await;
}
}

mod paying {
    use super::*;
    use crate::rooms::orders::{FEE, GIVEN, Shop};
    use entities::kinds::Subject;

    const PAID_OUT: i64 = GIVEN - FEE;

    /// The line that a payout brings.
    async fn line(shop: &Shop, counter: &Counter<'_>, mark: &str) -> StatementLineId {
        let today = shop.cast.world.edges.today();
        let amount = format!("{}.{:02}", PAID_OUT / 100, PAID_OUT % 100);
        let text = format!("date,amount,counterparty,reference\n{today},{amount},PROCESSOR,{mark}\n");
        counter.imported(text.as_bytes()).await;
        counter.line(mark).await.id
    }

    both! { paying:
    async fn a_payout_whose_line_came_first_is_counted_once(world: World) {
        let shop = Shop::open(world).await;
        shop.paid().await;
        let counter = Counter::open(&shop.cast.world, shop.cast.finance, shop.cast.approver).await;
        let id = line(&shop, &counter, "PO-1").await;
        // Nothing waits for it, and it may be a payout: nobody takes it for nobody's money without saying so.
        assert_eq!(counter.verdict(id).await, Verdict::Doubt("bank-doubt-payout", vec![Meant::Suspense]));
        counter.suspends(id).await;
        assert_eq!((counter.posted(Account::Bank).await, counter.posted(Account::Suspense).await), (PAID_OUT, PAID_OUT));
        let seen = shop.sandbox.happenings(0).len();
        let payout = shop.sandbox.pay_out("cny").unwrap();
        let seen = shop.send_copies(seen).await;
        assert_eq!((counter.posted(Account::Bank).await, counter.posted(Account::Suspense).await), (PAID_OUT, 0));
        assert_eq!(counter.became(id).await, Some(Became::Payout));
        let gone = suspense::propose_return(&counter.finance().await, id, "again").await.unwrap_err();
        assert_eq!(gone.code(), "refused-bank-not-in-suspense");
        assert_eq!(counter.figures().await.unexplained_minor(), 0);
        let reader = shop.cast.world.acting(shop.cast.finance).await;
        assert!(rendered(view::lines::show(&reader, id).await).contains("a payout of the payment processor"));
        // The bank rejects it after all: the money stands in suspense again until its line of the return is there.
        shop.sandbox.payout_fails(&payout);
        shop.send_copies(seen).await;
        assert_eq!((counter.posted(Account::Bank).await, counter.posted(Account::Suspense).await), (PAID_OUT, PAID_OUT));
        assert_eq!(counter.became(id).await, Some(Became::Open));
        counter.books_hold().await;
    }

    async fn a_payout_that_was_told_first_explains_its_line(world: World) {
        let shop = Shop::open(world).await;
        shop.paid().await;
        let counter = Counter::open(&shop.cast.world, shop.cast.finance, shop.cast.approver).await;
        let seen = shop.sandbox.happenings(0).len();
        shop.sandbox.pay_out("cny").unwrap();
        shop.send_copies(seen).await;
        let id = line(&shop, &counter, "PO-1").await;
        let Verdict::Doubt("bank-doubt-by-hand", options) = counter.verdict(id).await else { panic!() };
        assert!(matches!(options.as_slice(), [Meant::Recorded(_)]), "{options:?}");
        matches::choose(&counter.finance().await, id, &options[0].code()).await.unwrap();
        counter.confirm(id).await.unwrap();
        assert!(matches!(counter.standing(id).await, Standing::Explained(used) if used.subject == Subject::Payout));
        assert_eq!((counter.posted(Account::Bank).await, counter.posted(Account::Suspense).await), (PAID_OUT, 0));
        // Nor is the same line recorded as a receipt.
        let told = gifts::receipt(shop.fund, Some(shop.cast.initiator), PAID_OUT, "PO-1");
        let twice = receipts::record_receipt(&shop.cast.finance().await, told).await.unwrap_err();
        assert_eq!(twice.code(), "refused-bank-line-used");
        assert_eq!(counter.figures().await.unexplained_minor(), 0);
        counter.books_hold().await;
    }
    }

    impl Shop {
        /// Sends what happened after `seen`, each in copies at once. Answers how much happened by now.
        async fn send_copies(&self, seen: usize) -> usize {
            self.send(&self.sandbox.happenings(seen), 4).await;
            self.sandbox.happenings(0).len()
        }
    }
}
