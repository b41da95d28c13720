//! Formula allocation: the figures by name, and what an envelope holds.

use super::Desk;
use crate::rooms::giving::Reader;
use crate::support::{both, day};
use entities::kinds::{CallKind, Setting};
use tributary::grants::calls::allocations::{self, Counted};
use tributary::grants::calls::service::{self, Drafted};

fn counted(community: &str, setting: Setting, people: i64) -> Counted {
    Counted { community: community.into(), setting, people, counted_on: day(2026, 1, 1) }
}

both! {
async fn a_formula_gives_its_figures_and_no_more_than_the_envelope(world: World) {
    let desk = Desk::new(&world).await;
    let whole = Drafted {
        kind: CallKind::Formula,
        cap_minor: 150_000_000,
        envelope_minor: 183_225_000,
        ..desk.plain.clone()
    };
    let call = service::draft(&desk.a, whole).await.unwrap();
    let plain = service::draft(&desk.a, desk.plain.clone()).await.unwrap();
    let one = counted("锦官新城", Setting::Urban, 8_150);
    assert_eq!(allocations::allocate(&desk.a, plain, one.clone()).await.unwrap_err().code(), "refused-call-no-formula");
    allocations::allocate(&desk.a, call, one.clone()).await.unwrap();
    assert_eq!(allocations::allocate(&desk.a, call, one).await.unwrap_err().code(), "refused-call-community-twice");
    allocations::allocate(&desk.a, call, counted("大社区", Setting::Urban, 80_000)).await.unwrap();
    allocations::allocate(&desk.a, call, counted("火车南站", Setting::Urban, 14_000)).await.unwrap();
    let more = counted("村", Setting::Rural, 100);
    assert_eq!(allocations::allocate(&desk.a, call, more).await.unwrap_err().code(), "refused-call-above-envelope");
    let rows = allocations::list(world.edges.db.read(), call).await.unwrap();
    let mut given: Vec<i64> = rows.iter().map(|row| row.amount_minor).collect();
    given.sort_unstable();
    assert_eq!(given, [22_225_000, 31_000_000, 130_000_000]);

    service::check(&desk.b, call).await.unwrap();
    let (_, page) = Reader::visitor(&world).await.get(&format!("/calls/{call}/allocations")).await;
    for figure in ["¥222,250.00", "¥1,300,000.00", "¥310,000.00", "8150", "¥0.00"] {
        assert!(page.contains(figure), "{figure}: {page}");
    }
}
}
